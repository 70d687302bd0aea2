/* SPDX-License-Identifier: ISC */
/*
 * Devices: the discipline that all keep, the hub in memory, the capture file, faults. Names carry
 * the numbers of libnet/docs/stack.md.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <gyl/eth.h>
#include <gyl/time.h>

#include "libnet/dev/fault.h"
#include "libnet/dev/mem.h"
#include "libnet/dev/pcap.h"
#include "tests/support/support.h"

static const uint8_t header[14] = {
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x88, 0xb5};

/* A cable with one of the devices under test at its near end. */
struct bench {
	struct gyl_mem_hub *hub;
	struct gyl_netdev *near, *far;
	char path[64];
};

typedef void (*open_fn)(struct bench *b);

static void open_mem(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	b->hub = gyl_mem_hub_open(2, 64, 1500);
	assert_non_null(b->hub);
	b->near = gyl_mem_port(b->hub, 0);
	b->far = gyl_mem_port(b->hub, 1);
}

static void open_pcap(struct bench *b)
{
	char err[200];
	int fd;

	open_mem(b);
	snprintf(b->path, sizeof(b->path), "/tmp/gyl-test-XXXXXX");
	fd = mkstemp(b->path);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(gyl_pcap_open(b->path, b->near, &b->near, err), 0);
}

static void open_fault_with(struct bench *b, struct gyl_fault_conf cf)
{
	char err[200];

	open_mem(b);
	assert_int_equal(gyl_fault_open(&cf, b->near, &b->near, err), 0);
}

static void open_fault(struct bench *b)
{
	open_fault_with(b, (struct gyl_fault_conf){.seed = 1});
}

static void bench_close(struct bench *b)
{
	gyl_netdev_close(b->near);
	gyl_mem_hub_close(b->hub);
	if (b->path[0] != '\0')
		unlink(b->path);
}

static void open_switch(struct bench *b)
{
	open_mem(b);
	gyl_mem_hub_learn(b->hub, true);
}

static const struct {
	const char *name;
	open_fn open;
} devices[] = {
	{"mem", open_mem}, {"switch", open_switch}, {"pcap", open_pcap}, {"fault", open_fault}};

static void send_frame(struct gyl_netdev *d, size_t len, uint8_t fill)
{
	struct gyl_netbuf b;

	assert_int_equal(gyl_netdev_lend(d, &b, 1), 1);
	memset(b.p, fill, len);
	memcpy(b.p, header, len < sizeof(header) ? len : sizeof(header));
	b.len = (uint32_t)len;
	gyl_netdev_send(d, &b, 1);
}

static struct gyl_view recv_frame(struct gyl_netdev *d)
{
	struct gyl_netframe f;

	if (gyl_netdev_recv(d, &f, 1) == 0)
		return gyl_view(NULL, 0);
	return gyl_view(f.p, f.len);
}

/* All buffers of a device, dirty from front to back. */
static void poison(struct gyl_netdev *d)
{
	struct gyl_netbuf b[256];
	size_t cnt = gyl_netdev_lend(d, b, 256);

	assert_true(cnt >= GYL_NETDEV_BATCH);
	for (size_t i = 0; i < cnt; i++) {
		memset(b[i].p, 0xa5, b[i].cap);
		b[i].len = 0;
	}
	gyl_netdev_send(d, b, cnt);
}

static void item1_no_octet_leaves_that_nobody_wrote(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(devices); i++) {
		struct bench b;

		devices[i].open(&b);
		for (size_t len = 14; len < 100; len++) {
			struct gyl_view v;

			poison(b.near);
			send_frame(b.near, len, 0x11);
			v = recv_frame(b.far);
			assert_int_equal(v.len, len < 60 ? 60 : len);
			assert_memory_equal(v.p, header, 14);
			for (size_t k = 14; k < v.len; k++)
				assert_int_equal(v.p[k], k < len ? 0x11 : 0);
		}
		bench_close(&b);
	}
}

/* What was received is dirtied by the one who had it on loan: nobody sees that later. */
static void frames_are_borrowed_until_the_next_batch(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(devices); i++) {
		struct gyl_netframe f[GYL_NETDEV_BATCH];
		struct bench b;

		devices[i].open(&b);
		for (unsigned round = 0; round < 200; round++) {
			size_t wanted = 1 + round % 30, len = 60 + round * 7 % 900, got = 0;

			for (size_t k = 0; k < wanted; k++)
				send_frame(b.far, len, (uint8_t)k);
			while (got < wanted) {
				size_t cnt = gyl_netdev_recv(b.near, f, 1 + round % 64);

				if (cnt == 0 || cnt > wanted - got)
					fail_msg("%s: %zu of %zu", devices[i].name, cnt,
						wanted - got);
				for (size_t k = 0; k < cnt; k++, got++) {
					assert_int_equal(f[k].len, len);
					for (size_t m = 14; m < len; m++)
						assert_int_equal(f[k].p[m], got);
					memset((void *)(uintptr_t)f[k].p, 0xa5, len);
				}
			}
		}
		bench_close(&b);
	}
}

static void item1_item7_frames_over_the_mtu_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(devices); i++) {
		struct bench b;
		struct gyl_netbuf buf;

		devices[i].open(&b);
		send_frame(b.near, 1514, 1);
		assert_int_equal(recv_frame(b.far).len, 1514);
		send_frame(b.near, 1515, 1);
		send_frame(b.near, 13, 1);
		assert_int_equal(recv_frame(b.far).len, 0);
		assert_int_equal(gyl_netdev_stat(b.near).tx_bad_cnt, 2);
		/* a tag belongs to the header */
		assert_int_equal(gyl_netdev_lend(b.near, &buf, 1), 1);
		memset(buf.p, 0xff, 1518);
		gyl_set_u16(buf.p + 12, GYL_ETH_VLAN);
		buf.len = 1518;
		gyl_netdev_send(b.near, &buf, 1);
		assert_int_equal(recv_frame(b.far).len, 1518);
		/* outside its buffer */
		assert_int_equal(gyl_netdev_lend(b.near, &buf, 1), 1);
		buf.off = buf.cap - 30;
		buf.len = 31;
		gyl_netdev_send(b.near, &buf, 1);
		assert_int_equal(recv_frame(b.far).len, 0);
		assert_int_equal(gyl_netdev_stat(b.near).tx_bad_cnt, 3);
		bench_close(&b);
	}
}

static void lent_buffers_are_bounded_and_come_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(devices); i++) {
		struct bench b;
		struct gyl_netbuf buf[512];
		size_t cnt;

		devices[i].open(&b);
		for (int round = 0; round < 3; round++) {
			cnt = gyl_netdev_lend(b.near, buf, 512);
			assert_int_equal(cnt, 2 * GYL_NETDEV_BATCH);
			assert_int_equal(gyl_netdev_lend(b.near, buf, 1), 0);
			assert_true(buf[0].cap >= 1500 + GYL_NETDEV_ROOM);
			gyl_netdev_send(b.near, buf, cnt);
		}
		assert_int_equal(gyl_netdev_stat(b.near).tx_cnt, 0);
		bench_close(&b);
	}
}

static void item4_a_copy_for_every_other_port(void **state)
{
	struct gyl_mem_hub *h = gyl_mem_hub_open(4, 8, 1500);
	struct gyl_view v;

	(void)state;
	assert_non_null(h);
	send_frame(gyl_mem_port(h, 1), 60, 7);
	poison(gyl_mem_port(h, 1)); /* the sender's buffers have another life already */
	for (unsigned i = 0; i < 4; i++) {
		v = recv_frame(gyl_mem_port(h, i));
		assert_int_equal(v.len, i == 1 ? 0 : 60);
		if (i != 1)
			assert_int_equal(v.p[59], 7);
	}
	gyl_mem_hub_close(h);
	assert_null(gyl_mem_hub_open(1, 8, 1500));
	assert_null(gyl_mem_hub_open(33, 8, 1500));
	assert_null(gyl_mem_hub_open(2, 0, 1500));
	assert_null(gyl_mem_hub_open(2, 8, 1985));
}

static void send_from_to(struct gyl_mem_hub *h, unsigned from, unsigned to)
{
	struct gyl_netdev *d = gyl_mem_port(h, from);
	struct gyl_netbuf b;

	assert_int_equal(gyl_netdev_lend(d, &b, 1), 1);
	memset(b.p, 0, 60);
	gyl_mem_port_mac(to, b.p);
	gyl_mem_port_mac(from, b.p + 6);
	b.len = 60;
	gyl_netdev_send(d, &b, 1);
}

/* Which of four ports have a frame, as bits. Takes it. */
static unsigned who_has_one(struct gyl_mem_hub *h)
{
	unsigned who = 0;

	for (unsigned i = 0; i < 4; i++)
		who |= (unsigned)(recv_frame(gyl_mem_port(h, i)).len > 0) << i;
	return who;
}

static void item4_a_switch_learns_where_stations_are(void **state)
{
	struct gyl_mem_hub *h = gyl_mem_hub_open(4, 8, 1500);

	(void)state;
	gyl_mem_hub_learn(h, true);
	send_from_to(h, 0, 2);
	assert_int_equal(who_has_one(h), 14); /* not known yet */
	send_from_to(h, 2, 0);
	assert_int_equal(who_has_one(h), 1);
	send_from_to(h, 0, 2);
	assert_int_equal(who_has_one(h), 4);
	send_from_to(h, 2, 2); /* back where it came from: nowhere */
	assert_int_equal(who_has_one(h), 0);
	send_frame(gyl_mem_port(h, 3), 60, 1); /* to all */
	assert_int_equal(who_has_one(h), 7);
	gyl_mem_port_plug(h, 2, false); /* forgotten with its cable */
	send_from_to(h, 0, 2);
	assert_int_equal(who_has_one(h), 10);
	gyl_mem_hub_learn(h, false);
	gyl_mem_port_plug(h, 2, true);
	send_from_to(h, 2, 0);
	assert_int_equal(who_has_one(h), 11);
	gyl_mem_hub_close(h);
}

static void item4_addresses_are_local_and_unique(void **state)
{
	(void)state;
	for (unsigned i = 0; i < GYL_MEM_PORT_MAX; i++) {
		uint8_t mac[6], other[6];

		gyl_mem_port_mac(i, mac);
		assert_int_equal(mac[0] & 3, 2); /* locally administered, no group */
		for (unsigned k = 0; k < i; k++) {
			gyl_mem_port_mac(k, other);
			assert_memory_not_equal(mac, other, 6);
		}
	}
}

static void item6_octets_of_chance_follow_a_frame(void **state)
{
	unsigned seen = 0;
	struct bench b;

	(void)state;
	open_mem(&b);
	gyl_mem_hub_trailing(b.hub, 3);
	for (int i = 0; i < 300; i++) {
		struct gyl_view v;

		send_frame(b.near, 100, 7);
		v = recv_frame(b.far);
		assert_in_range(v.len, 100, 109);
		assert_int_equal(v.p[99], 7);
		seen |= 1u << (v.len - 100);
	}
	assert_int_equal(seen, 0x3ff);
	bench_close(&b);
}

static void item7_a_port_of_another_mtu(void **state)
{
	struct bench b;

	(void)state;
	open_mem(&b);
	gyl_mem_port_mtu(b.hub, 1, 576);
	send_frame(b.far, 591, 1);
	assert_int_equal(gyl_netdev_stat(b.far).tx_bad_cnt, 1);
	send_frame(b.far, 590, 1);
	assert_int_equal(recv_frame(b.near).len, 590);
	send_frame(b.near, 595, 1); /* with a tag 594 would do */
	assert_int_equal(recv_frame(b.far).len, 0);
	assert_int_equal(gyl_netdev_stat(b.far).rx_lost_cnt, 1);
	send_frame(b.near, 590, 1);
	assert_int_equal(recv_frame(b.far).len, 590);
	bench_close(&b);
}

static void item5_a_pulled_cable_carries_nothing(void **state)
{
	struct gyl_mem_hub *h = gyl_mem_hub_open(2, 8, 1500);

	(void)state;
	send_frame(gyl_mem_port(h, 0), 60, 7);
	gyl_mem_port_plug(h, 1, false);
	assert_int_equal(recv_frame(gyl_mem_port(h, 1)).len, 0);
	send_frame(gyl_mem_port(h, 0), 60, 7);
	send_frame(gyl_mem_port(h, 1), 60, 7);
	gyl_mem_port_plug(h, 1, true);
	assert_int_equal(recv_frame(gyl_mem_port(h, 1)).len, 0);
	assert_int_equal(recv_frame(gyl_mem_port(h, 0)).len, 0);
	assert_int_equal(gyl_netdev_stat(gyl_mem_port(h, 1)).tx_lost_cnt, 1);
	send_frame(gyl_mem_port(h, 0), 60, 7);
	assert_int_equal(recv_frame(gyl_mem_port(h, 1)).len, 60);
	gyl_mem_hub_close(h);
}

static void a_full_queue_loses_the_newest_and_counts(void **state)
{
	struct gyl_mem_hub *h = gyl_mem_hub_open(2, 3, 1500);
	struct gyl_netframe f[8];

	(void)state;
	for (uint8_t i = 0; i < 5; i++)
		send_frame(gyl_mem_port(h, 0), 60, i);
	assert_int_equal(gyl_netdev_deadline_ns(gyl_mem_port(h, 1)), 0);
	assert_int_equal(gyl_netdev_recv(gyl_mem_port(h, 1), f, 2), 2);
	assert_int_equal(f[1].p[20], 1);
	assert_int_equal(gyl_netdev_recv(gyl_mem_port(h, 1), f, 8), 1);
	assert_int_equal(f[0].p[20], 2);
	assert_int_equal(gyl_netdev_deadline_ns(gyl_mem_port(h, 1)), UINT64_MAX);
	assert_int_equal(gyl_netdev_stat(gyl_mem_port(h, 1)).rx_lost_cnt, 2);
	gyl_mem_hub_close(h);
}

static void item10_counters_and_reset(void **state)
{
	static const struct gyl_netdev_stat none;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(devices); i++) {
		struct gyl_netdev_stat st;
		struct bench b;

		devices[i].open(&b);
		send_frame(b.near, 20, 1);
		send_frame(b.near, 100, 1);
		send_frame(b.far, 80, 1);
		assert_int_equal(recv_frame(b.near).len, 80);
		st = gyl_netdev_stat(b.near);
		assert_int_equal(st.tx_cnt, 2);
		assert_int_equal(st.tx_octets, 160);
		assert_int_equal(st.rx_cnt, 1);
		assert_int_equal(st.rx_octets, 80);
		gyl_netdev_stat_reset(b.near);
		st = gyl_netdev_stat(b.near);
		assert_memory_equal(&st, &none, sizeof(st));
		bench_close(&b);
	}
}

static void flags_of_a_port_reach_the_receiver(void **state)
{
	struct gyl_netframe f;
	struct bench b;

	(void)state;
	open_fault(&b);
	gyl_mem_port_flags(b.hub, 0, GYL_NETFRAME_CSUM_NOT_READY);
	send_frame(b.far, 60, 1);
	assert_int_equal(gyl_netdev_recv(b.near, &f, 1), 1);
	assert_int_equal(f.flags, GYL_NETFRAME_CSUM_NOT_READY);
	bench_close(&b);
}

static void item2_the_capture_shows_what_the_wire_carries(void **state)
{
	uint8_t file[24 + 2 * (16 + 60) + 1];
	struct bench b;
	int fd;

	(void)state;
	open_pcap(&b);
	b.near->wall_ns = 1700000000 * GYL_NS_PER_S + 123456789;
	poison(b.near);
	send_frame(b.near, 20, 0x11);
	send_frame(b.far, 60, 0x22);
	b.near->wall_ns += GYL_NS_PER_S;
	assert_int_equal(recv_frame(b.near).len, 60);
	fd = open(b.path, O_RDONLY);
	assert_int_equal(read(fd, file, sizeof(file)), sizeof(file) - 1);
	close(fd);
	assert_int_equal(gyl_get_u32(file), 0xa1b23c4d);
	assert_int_equal(gyl_get_u32(file + 4), 2 << 16 | 4);
	assert_int_equal(gyl_get_u32(file + 20), 1); /* Ethernet */
	assert_int_equal(gyl_get_u32(file + 24), 1700000000);
	assert_int_equal(gyl_get_u32(file + 28), 123456789);
	assert_int_equal(gyl_get_u32(file + 32), 60);
	assert_int_equal(gyl_get_u32(file + 36), 60);
	assert_memory_equal(file + 40, header, 14);
	assert_int_equal(file[40 + 19], 0x11);
	for (size_t i = 20; i < 60; i++)
		assert_int_equal(file[40 + i], 0);
	assert_memory_equal(recv_frame(b.far).p, file + 40, 60);
	assert_int_equal(gyl_get_u32(file + 100), 1700000001);
	assert_int_equal(file[116 + 59], 0x22);
	bench_close(&b);
}

static void a_capture_that_cannot_be_written_is_told(void **state)
{
	char err[200] = "";
	struct bench b;

	(void)state;
	open_mem(&b);
	assert_true(gyl_pcap_open("/nonexistent/x.pcap", b.near, &b.near, err) < 0);
	assert_string_equal(
		err, "pcap: cannot write /nonexistent/x.pcap: No such file or directory");
	gyl_mem_hub_close(b.hub);
}

/* Send cnt numbered frames one way or the other; gives what arrived, in order. */
static size_t through(struct bench *b, bool up, size_t cnt, uint8_t got[1024])
{
	struct gyl_netdev *from = up ? b->far : b->near, *to = up ? b->near : b->far;
	size_t got_cnt = 0;

	for (size_t i = 0; i < cnt + 50; i++) {
		struct gyl_netframe f[GYL_NETDEV_BATCH];
		size_t n;

		if (i < cnt)
			send_frame(from, 60, (uint8_t)i);
		n = gyl_netdev_recv(to, f, GYL_NETDEV_BATCH);
		for (size_t k = 0; k < n; k++)
			got[got_cnt++] = f[k].p[30];
		b->near->mono_ns += GYL_NS_PER_MS;
		gyl_netdev_recv(b->near, f, up ? 0 : GYL_NETDEV_BATCH);
	}
	return got_cnt;
}

static void item9_without_faults_all_pass_in_order(void **state)
{
	uint8_t got[1024];
	struct bench b;

	(void)state;
	for (int up = 0; up < 2; up++) {
		open_fault(&b);
		assert_int_equal(through(&b, up, 200, got), 200);
		for (size_t i = 0; i < 200; i++)
			assert_int_equal(got[i], i);
		bench_close(&b);
	}
}

static void item9_loss_and_duplication(void **state)
{
	struct gyl_fault_conf cf = {.seed = 5, .loss = 100000, .dup = 50000};
	uint8_t got[1024];

	(void)state;
	for (int up = 0; up < 2; up++) {
		struct gyl_fault_stat st;
		struct bench b;
		size_t cnt;

		open_fault_with(&b, cf);
		cnt = through(&b, up, 500, got);
		st = gyl_fault_stat(b.near);
		assert_in_range(st.lost_cnt, 25, 80);
		assert_in_range(st.dup_cnt, 8, 45);
		assert_int_equal(cnt, 500 - st.lost_cnt + st.dup_cnt);
		bench_close(&b);
	}
}

static void item9_corruption_flips_one_bit(void **state)
{
	struct bench b;

	(void)state;
	open_fault_with(&b, (struct gyl_fault_conf){.seed = 5, .corrupt = GYL_FAULT_ONE});
	for (int i = 0; i < 100; i++) {
		unsigned bits = 0;
		struct gyl_view v;

		send_frame(b.near, 60, 0);
		v = recv_frame(b.far);
		assert_int_equal(v.len, 60);
		for (size_t k = 0; k < 60; k++)
			bits += (unsigned)__builtin_popcount(
				(unsigned)v.p[k] ^ (k < 14 ? header[k] : 0));
		assert_int_equal(bits, 1);
	}
	bench_close(&b);
}

static void item9_delay_and_its_deadline(void **state)
{
	struct bench b;

	(void)state;
	open_fault_with(&b, (struct gyl_fault_conf){.delay_ns = 20 * GYL_NS_PER_MS});
	b.near->mono_ns = GYL_NS_PER_S;
	send_frame(b.far, 60, 9);
	assert_int_equal(gyl_netdev_deadline_ns(b.near), 0);
	assert_int_equal(recv_frame(b.near).len, 0);
	assert_int_equal(gyl_netdev_deadline_ns(b.near), GYL_NS_PER_S + 20 * GYL_NS_PER_MS);
	b.near->mono_ns += 20 * GYL_NS_PER_MS - 1;
	assert_int_equal(recv_frame(b.near).len, 0);
	b.near->mono_ns++;
	assert_int_equal(recv_frame(b.near).len, 60);
	assert_int_equal(gyl_netdev_deadline_ns(b.near), UINT64_MAX);
	send_frame(b.near, 60, 9);
	assert_int_equal(recv_frame(b.far).len, 0);
	b.near->mono_ns += 20 * GYL_NS_PER_MS;
	assert_int_equal(recv_frame(b.near).len, 0);
	assert_int_equal(recv_frame(b.far).len, 60);
	bench_close(&b);
}

static void item9_reordering(void **state)
{
	uint8_t got[1024];
	size_t swaps = 0;
	struct bench b;

	(void)state;
	open_fault_with(&b, (struct gyl_fault_conf){.seed = 3, .reorder = 200000});
	assert_int_equal(through(&b, true, 200, got), 200);
	for (size_t i = 1; i < 200; i++)
		swaps += got[i] < got[i - 1];
	assert_in_range(swaps, 10, 100);
	bench_close(&b);
}

static void item9_one_seed_one_fate(void **state)
{
	struct gyl_fault_conf cf = {
		.seed = 11, .loss = 50000, .dup = 50000, .corrupt = 50000, .reorder = 50000};
	uint8_t one[1024], two[1024];
	size_t cnt;
	struct bench b;

	(void)state;
	open_fault_with(&b, cf);
	cnt = through(&b, true, 250, one);
	bench_close(&b);
	open_fault_with(&b, cf);
	assert_int_equal(through(&b, true, 250, two), cnt);
	assert_memory_equal(one, two, cnt);
	bench_close(&b);
	cf.seed = 12;
	open_fault_with(&b, cf);
	assert_true(through(&b, true, 250, two) != cnt || memcmp(one, two, cnt) != 0);
	bench_close(&b);
}

static void item8_a_switch_turns_faults_on_and_off(void **state)
{
	struct gyl_fault_conf off = {.loss = 0}, on = {.loss = GYL_FAULT_ONE};
	struct bench b;

	(void)state;
	open_fault(&b);
	gyl_fault_set(b.near, &on);
	send_frame(b.near, 60, 1);
	assert_int_equal(recv_frame(b.far).len, 0);
	gyl_fault_set(b.near, &off);
	send_frame(b.near, 60, 1);
	assert_int_equal(recv_frame(b.far).len, 60);
	bench_close(&b);
}

static void item9_a_slow_link(void **state)
{
	struct bench b;

	(void)state;
	/* 1,000 octets a millisecond */
	open_fault_with(&b, (struct gyl_fault_conf){.rate = 8000000});
	b.near->mono_ns = GYL_NS_PER_S;
	for (int i = 0; i < 3; i++)
		send_frame(b.near, 500, (uint8_t)i);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(recv_frame(b.far).len, 0);
		b.near->mono_ns += GYL_NS_PER_MS / 2 - 1;
		recv_frame(b.near);
		assert_int_equal(recv_frame(b.far).len, 0);
		b.near->mono_ns += 1;
		recv_frame(b.near);
		assert_int_equal(recv_frame(b.far).p[20], i);
	}
	/* an idle link is not ahead: it does not save up */
	b.near->mono_ns += GYL_NS_PER_S;
	send_frame(b.near, 500, 9);
	assert_int_equal(recv_frame(b.far).len, 0);
	/* a queue that grows over is cut */
	for (int i = 0; i < 300; i++)
		send_frame(b.near, 500, 9);
	assert_int_equal(gyl_fault_stat(b.near).full_cnt, 300 + 1 - 256);
	bench_close(&b);
}

static void item8_loss_of_small_frames_only(void **state)
{
	struct gyl_fault_conf cf = {.seed = 4, .loss = 100000, .small = 100};
	unsigned small = 0, large = 0;
	struct bench b;

	(void)state;
	open_fault_with(&b, cf);
	for (int i = 0; i < 500; i++) {
		send_frame(b.near, 100, 1);
		small += recv_frame(b.far).len > 0;
		send_frame(b.near, 101, 1);
		large += recv_frame(b.far).len > 0;
	}
	if (small < 420 || small > 475)
		fail_msg("seed %u: %u of 500 small frames came", (unsigned)cf.seed, small);
	assert_int_equal(large, 500);
	bench_close(&b);
}

static void item8_silence_of_a_second_after_a_megabyte(void **state)
{
	struct gyl_fault_conf cf = {.silence_ns = GYL_NS_PER_S, .silence_after = 1000000};
	struct bench b;

	(void)state;
	open_fault_with(&b, cf);
	for (int round = 0; round < 2; round++) {
		b.near->mono_ns += GYL_NS_PER_S;
		for (int i = 0; i < 1000; i++) {
			send_frame(i % 2 == 0 ? b.near : b.far, 1000, 1);
			assert_int_equal(recv_frame(i % 2 == 0 ? b.far : b.near).len, 1000);
		}
		send_frame(b.near, 1000, 1);
		send_frame(b.far, 1000, 1);
		assert_int_equal(recv_frame(b.far).len + recv_frame(b.near).len, 0);
		b.near->mono_ns += GYL_NS_PER_S - 1;
		send_frame(b.near, 1000, 1);
		assert_int_equal(recv_frame(b.far).len, 0);
		b.near->mono_ns += 1;
		send_frame(b.near, 1000, 1);
		assert_int_equal(recv_frame(b.far).len, 1000);
		gyl_fault_set(b.near, &cf); /* once more */
	}
	bench_close(&b);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(item1_no_octet_leaves_that_nobody_wrote),
		cmocka_unit_test(frames_are_borrowed_until_the_next_batch),
		cmocka_unit_test(item1_item7_frames_over_the_mtu_are_refused),
		cmocka_unit_test(lent_buffers_are_bounded_and_come_back),
		cmocka_unit_test(item4_a_copy_for_every_other_port),
		cmocka_unit_test(item4_a_switch_learns_where_stations_are),
		cmocka_unit_test(item4_addresses_are_local_and_unique),
		cmocka_unit_test(item6_octets_of_chance_follow_a_frame),
		cmocka_unit_test(item7_a_port_of_another_mtu),
		cmocka_unit_test(item5_a_pulled_cable_carries_nothing),
		cmocka_unit_test(a_full_queue_loses_the_newest_and_counts),
		cmocka_unit_test(item10_counters_and_reset),
		cmocka_unit_test(flags_of_a_port_reach_the_receiver),
		cmocka_unit_test(item2_the_capture_shows_what_the_wire_carries),
		cmocka_unit_test(a_capture_that_cannot_be_written_is_told),
		cmocka_unit_test(item9_without_faults_all_pass_in_order),
		cmocka_unit_test(item9_loss_and_duplication),
		cmocka_unit_test(item9_corruption_flips_one_bit),
		cmocka_unit_test(item9_delay_and_its_deadline),
		cmocka_unit_test(item9_reordering),
		cmocka_unit_test(item9_one_seed_one_fate),
		cmocka_unit_test(item9_a_slow_link),
		cmocka_unit_test(item8_loss_of_small_frames_only),
		cmocka_unit_test(item8_silence_of_a_second_after_a_megabyte),
		cmocka_unit_test(item8_a_switch_turns_faults_on_and_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
