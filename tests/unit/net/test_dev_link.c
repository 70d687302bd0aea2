/* SPDX-License-Identifier: ISC */
/*
 * The devices of Linux in a network namespace of their own, which has the cable gylv0-gylv1: tap,
 * macvtap over gylv0, packet sockets on gylv0. The test sits at the other end with a packet socket
 * of its own. Names carry the numbers of libnet/docs/stack.md. Skipped where such a namespace
 * cannot be made.
 */
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <netinet/in.h>

#include <gyl/eth.h>
#include <gyl/net/device.h>
#include <gyl/time.h>

#include "libnet/dev/packet.h"
#include "tests/support/support.h"

#define ETHERTYPE 0x88b5 /* IEEE 802 local experimental */

static const uint8_t our_mac[6] = {2, 0, 0, 0, 0, 1}, other_mac[6] = {2, 0, 0, 0, 0, 2};
static const uint8_t all_mac[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
static const uint8_t group_mac[6] = {1, 0, 0x5e, 0, 0, 0xfb};

static const struct {
	const char *name, *text, *far;
} devices[] = {
	{"tap", "tap:gylt0", "gylt0"},
	{"macvtap", "macvtap:gylv0", "gylv1"},
	{"packet", "packet:gylv0", "gylv1"},
};

static bool ready;

static void run(const char *command)
{
	if (system(command) != 0)
		fail_msg("%s", command);
}

/*
 * Which end of a cable is up is told to the other by a work queue of the kernel; until that is
 * done, frames into it are dropped.
 */
static bool goes_up(const char *name)
{
	char command[160];

	snprintf(command, sizeof command,
		"for i in $(seq 1000); do ip link show %s | grep -q 'state UP' && exit 0; "
		"sleep 0.01; done; exit 1",
		name);
	return system(command) == 0;
}

static int in_namespace(void **state)
{
	(void)state;
	if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) {
		print_message("no network namespace here: %s\n", strerror(errno));
		return 0;
	}
	/* no frames but ours: IPv6 says things of its own on a new interface */
	ready = if_nametoindex("eth0") == 0 &&
		system("echo 1 2>/dev/null >/proc/sys/net/ipv6/conf/default/disable_ipv6; "
		       "ip link add gylv0 type veth peer name gylv1 2>/dev/null && "
		       "ip link set gylv0 up && ip link set gylv1 up") == 0 &&
		goes_up("gylv0") && goes_up("gylv1");
	return 0;
}

static int far_open(const char *name)
{
	struct sockaddr_ll sll = {.sll_family = AF_PACKET, .sll_protocol = htons(ETHERTYPE)};
	int fd = socket(AF_PACKET, SOCK_RAW, htons(ETHERTYPE));

	assert_true(fd >= 0);
	sll.sll_ifindex = (int)if_nametoindex(name);
	assert_int_equal(bind(fd, (struct sockaddr *)&sll, sizeof(sll)), 0);
	return fd;
}

/* A device, receiving for our_mac, and the socket at its other end. Skips. */
static struct gyl_netdev *dev_open(const char *text, const char *far, int *ret_far)
{
	struct gyl_netdev *d = NULL;
	char err[200] = "";
	int r;

	if (!ready)
		skip();
	r = gyl_dev_open(text, &d, err);
	if (r == -EPERM || r == -EACCES || r == -ENOENT || r == -EOPNOTSUPP) {
		print_message("%s\n", err);
		skip();
	}
	if (r != 0)
		fail_msg("%s", err);
	assert_int_equal(gyl_netdev_set_mac(d, our_mac), 0);
	*ret_far = far_open(far);
	return d;
}

static struct gyl_netdev *open_nth(size_t i, int *ret_far)
{
	print_message("%s\n", devices[i].name);
	return dev_open(devices[i].text, devices[i].far, ret_far);
}

static void dev_close(struct gyl_netdev *d, int far)
{
	close(far);
	gyl_netdev_close(d);
}

static void open_close(const char *text)
{
	int far;
	struct gyl_netdev *d = dev_open(text, "gylv1", &far);

	dev_close(d, far);
}

/* ---- frames ---- */

static void make(uint8_t *p, const uint8_t dst[6], const uint8_t src[6], size_t len, uint8_t fill)
{
	memset(p, fill, len);
	memcpy(p, dst, 6);
	memcpy(p + 6, src, 6);
	gyl_set_u16(p + 12, ETHERTYPE);
}

/* The device sends, from a buffer that was dirty all over. */
static void dev_send(struct gyl_netdev *d, size_t off, size_t len)
{
	struct gyl_netbuf b;

	assert_int_equal(gyl_netdev_lend(d, &b, 1), 1);
	memset(b.p, 0xa5, b.cap);
	make(b.p + off, all_mac, our_mac, len, 0x11);
	b.off = (uint32_t)off;
	b.len = (uint32_t)len;
	gyl_netdev_send(d, &b, 1);
}

static void far_send(int far, const uint8_t dst[6], size_t len, uint8_t fill)
{
	uint8_t p[1518];

	make(p, dst, other_mac, len, fill);
	assert_int_equal(send(far, p, len, 0), len);
}

static bool is_readable(const struct gyl_netdev *d, int ms)
{
	return poll(&(struct pollfd){.fd = d->fd, .events = POLLIN}, 1, ms) == 1;
}

/* The next batch of our type, others left out (the kernel says things of its own on a new
 * interface). */
static size_t dev_recv(struct gyl_netdev *d, struct gyl_netframe *f, size_t cap, int ms)
{
	while (is_readable(d, ms)) {
		size_t n = gyl_netdev_recv(d, f, cap), cnt = 0;

		for (size_t i = 0; i < n; i++) {
			uint16_t type = gyl_get_u16(f[i].p + 12);

			if (type == ETHERTYPE || type == GYL_ETH_VLAN)
				f[cnt++] = f[i];
		}
		if (cnt > 0)
			return cnt;
	}
	return 0;
}

/* ---- sending ---- */

static void item1_no_octet_leaves_that_nobody_wrote(void **state)
{
	uint8_t got[2048];

	(void)state;
	for (size_t i = 0; i < TEST_CNT(devices); i++) {
		int far;
		struct gyl_netdev *d = open_nth(i, &far);

		for (size_t len = 14; len < 101; len++) {
			dev_send(d, len % 50, len);
			assert_int_equal(recv(far, got, sizeof(got), 0), len < 60 ? 60 : len);
			for (size_t k = 14; k < 60 || k < len; k++)
				assert_int_equal(got[k], k < len ? 0x11 : 0);
		}
		assert_int_equal(gyl_netdev_stat(d).tx_cnt, 87);
		dev_close(d, far);
	}
}

static void item1_item7_frames_over_the_mtu_are_refused(void **state)
{
	uint8_t got[2048];

	(void)state;
	for (size_t i = 0; i < TEST_CNT(devices); i++) {
		int far;
		struct gyl_netdev *d = open_nth(i, &far);

		dev_send(d, 0, 1515);
		dev_send(d, 0, 13);
		assert_int_equal(gyl_netdev_stat(d).tx_bad_cnt, 2);
		dev_send(d, 0, 1514);
		assert_int_equal(recv(far, got, sizeof(got), 0), 1514);
		dev_close(d, far);
	}
}

static void a_batch_leaves_in_order_and_its_buffers_come_back(void **state)
{
	struct gyl_netbuf b[2 * GYL_NETDEV_BATCH];
	uint8_t got[2048];

	(void)state;
	for (size_t i = 0; i < TEST_CNT(devices); i++) {
		int far;
		struct gyl_netdev *d = open_nth(i, &far);

		for (uint8_t round = 0; round < 3; round++) {
			size_t cnt = gyl_netdev_lend(d, b, TEST_CNT(b));

			assert_int_equal(cnt, TEST_CNT(b));
			for (size_t k = 0; k < cnt; k++) {
				make(b[k].p, all_mac, our_mac, 60, (uint8_t)k);
				b[k].len = k % 3 == 2 ? 0 : 60;
			}
			gyl_netdev_send(d, b, cnt);
			for (size_t k = 0; k < cnt; k++) {
				if (k % 3 == 2)
					continue;
				assert_int_equal(recv(far, got, sizeof(got), 0), 60);
				assert_int_equal(got[20], k);
			}
		}
		dev_close(d, far);
	}
}

/* ---- receiving ---- */

/* What was received is dirtied by the one who had it on loan: nobody sees that later. */
static void poison_taken(const struct gyl_netframe *f, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++)
		memset((void *)(uintptr_t)f[i].p, 0xa5, f[i].len);
}

static void frames_are_borrowed_until_the_next_batch(void **state)
{
	struct gyl_netframe f[GYL_NETDEV_BATCH];

	(void)state;
	for (size_t i = 0; i < TEST_CNT(devices); i++) {
		int far;
		struct gyl_netdev *d = open_nth(i, &far);
		uint8_t next = 0;

		for (unsigned round = 0; round < 40; round++) {
			size_t wanted = 1 + round % 50, len = 60 + round * 7 % 900;

			for (size_t k = 0; k < wanted; k++)
				far_send(far, our_mac, len, (uint8_t)(next + k));
			while (wanted > 0) {
				size_t cnt = dev_recv(d, f, 1 + round % 64, 1000);

				assert_in_range(cnt, 1, wanted);
				for (size_t k = 0; k < cnt; k++, next++) {
					assert_int_equal(f[k].len, len);
					for (size_t m = 14; m < len; m++)
						assert_int_equal(f[k].p[m], next);
				}
				poison_taken(f, cnt);
				wanted -= cnt;
			}
		}
		dev_close(d, far);
	}
}

/* A level-triggered wait must not end for what was taken already. */
static void nothing_is_readable_after_the_last_frame(void **state)
{
	struct gyl_netframe f[GYL_NETDEV_BATCH];

	(void)state;
	for (size_t i = 0; i < TEST_CNT(devices); i++) {
		int far;
		struct gyl_netdev *d = open_nth(i, &far);

		for (size_t wanted = 1; wanted <= GYL_NETDEV_BATCH; wanted += 21) {
			size_t cnt = 0;

			for (size_t k = 0; k < wanted; k++)
				far_send(far, our_mac, 60, 1);
			while (cnt < wanted)
				cnt += dev_recv(d, f, GYL_NETDEV_BATCH, 1000);
			assert_false(is_readable(d, 0));
			assert_int_equal(f[0].p[20], 1);
		}
		dev_close(d, far);
	}
}

static void item3_only_what_is_for_us_comes_up(void **state)
{
	struct gyl_netframe f[4];

	(void)state;
	for (size_t i = 1; i < TEST_CNT(devices); i++) { /* a tap has nobody else on its link */
		int far;
		struct gyl_netdev *d = open_nth(i, &far);

		far_send(far, other_mac, 60, 1);
		far_send(far, our_mac, 60, 2);
		assert_int_equal(dev_recv(d, f, 4, 1000), 1);
		assert_int_equal(f[0].p[20], 2);
		far_send(far, all_mac, 60, 3);
		assert_int_equal(dev_recv(d, f, 4, 1000), 1);
		assert_int_equal(f[0].p[20], 3);
		far_send(far, group_mac, 60, 4);
		assert_int_equal(dev_recv(d, f, 4, 1000), 1);
		assert_int_equal(f[0].p[20], 4);
		/* another address later */
		assert_int_equal(gyl_netdev_set_mac(d, other_mac), 0);
		far_send(far, our_mac, 60, 5);
		far_send(far, other_mac, 60, 6);
		assert_int_equal(dev_recv(d, f, 4, 1000), 1);
		assert_int_equal(f[0].p[20], 6);
		dev_close(d, far);
	}
}

static void our_own_frames_do_not_come_up(void **state)
{
	struct gyl_netframe f[4];

	(void)state;
	for (size_t i = 0; i < TEST_CNT(devices); i++) {
		int far;
		struct gyl_netdev *d = open_nth(i, &far);

		dev_send(d, 0, 60);
		far_send(far, all_mac, 60, 7);
		assert_int_equal(dev_recv(d, f, 4, 1000), 1);
		assert_int_equal(f[0].p[20], 7);
		dev_close(d, far);
	}
}

static void a_vlan_tag_is_in_its_place_both_ways(void **state)
{
	struct gyl_netframe f[4];
	uint8_t p[100], got[200];

	(void)state;
	for (size_t i = 0; i < TEST_CNT(devices); i++) {
		struct gyl_netbuf b;
		int far;
		struct gyl_netdev *d = open_nth(i, &far);

		make(p, our_mac, other_mac, sizeof(p), 9);
		gyl_set_u16(p + 12, GYL_ETH_VLAN);
		gyl_set_u16(p + 14, 0x6123); /* priority 3, VLAN 0x123 */
		gyl_set_u16(p + 16, ETHERTYPE);
		assert_int_equal(send(far, p, sizeof(p), 0), sizeof(p));
		assert_int_equal(dev_recv(d, f, 4, 1000), 1);
		assert_int_equal(f[0].len, sizeof(p));
		assert_memory_equal(f[0].p, p, sizeof(p));
		/* the other way the far kernel takes the tag off before it looks at the type */
		assert_int_equal(gyl_netdev_lend(d, &b, 1), 1);
		memcpy(b.p, p, sizeof(p));
		memcpy(b.p, other_mac, 6);
		b.len = sizeof(p);
		gyl_netdev_send(d, &b, 1);
		assert_int_equal(recv(far, got, sizeof(got), 0), sizeof(p) - 4);
		assert_int_equal(gyl_get_u16(got + 12), ETHERTYPE);
		dev_close(d, far);
	}
}

static void item10_counters(void **state)
{
	struct gyl_netframe f[4];

	(void)state;
	for (size_t i = 0; i < TEST_CNT(devices); i++) {
		static const struct gyl_netdev_stat none;
		struct gyl_netdev_stat st;
		int far;
		struct gyl_netdev *d = open_nth(i, &far);

		while (gyl_netdev_recv(d, f, 4) > 0) /* what the kernel had to say */
			;
		gyl_netdev_stat_reset(d);
		dev_send(d, 0, 20);
		dev_send(d, 0, 100);
		far_send(far, our_mac, 80, 1);
		assert_int_equal(dev_recv(d, f, 4, 1000), 1);
		st = gyl_netdev_stat(d);
		assert_int_equal(st.tx_cnt, 2);
		assert_int_equal(st.tx_octets, 160);
		assert_int_equal(st.rx_cnt, 1);
		assert_int_equal(st.rx_octets, 80);
		gyl_netdev_stat_reset(d);
		st = gyl_netdev_stat(d);
		assert_memory_equal(&st, &none, sizeof(st));
		dev_close(d, far);
	}
}

/* ---- packet ---- */

/* A frame that a second socket at the device has seen, too. */
static void far_send_seen(int far, int witness, uint8_t fill)
{
	uint8_t p[60];

	far_send(far, our_mac, sizeof p, fill);
	assert_int_equal(recv(witness, p, sizeof p, 0), sizeof p);
	assert_int_equal(p[20], fill);
}

static void packet_counts_what_its_ring_had_no_room_for(void **state)
{
	struct gyl_netframe f[GYL_NETDEV_BATCH];
	int far;
	struct gyl_netdev *d = dev_open("packet:gylv0", "gylv1", &far);
	int witness = far_open("gylv0");
	size_t cnt = 0, n;

	(void)state;
	gyl_netdev_stat_reset(d);
	/* One after the other, or a busy kernel drops some before they are at the device. */
	for (int i = 0; i < 6000; i++)
		far_send_seen(far, witness, (uint8_t)i);
	for (int round = 0; round < 3; round++) {
		while ((n = dev_recv(d, f, GYL_NETDEV_BATCH, 20)) > 0)
			cnt += n;
		far_send_seen(far, witness, 1); /* carries the news */
	}
	while ((n = dev_recv(d, f, GYL_NETDEV_BATCH, 20)) > 0)
		cnt += n;
	close(witness);
	assert_in_range(cnt, 4000, 5500);
	assert_true(cnt + gyl_netdev_stat(d).rx_lost_cnt >= 6003);
	dev_close(d, far);
}

/* The peer's kernel leaves the checksum to hardware that is not there. */
static void packet_tells_of_unfinished_checksums(void **state)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(7), .sin_addr.s_addr = htonl(0x0a4d0105)};
	struct gyl_netframe f[4];
	int far, udp, found = 0;
	struct gyl_netdev *d = dev_open("packet:gylv0", "gylv1", &far);

	(void)state;
	run("ip addr add 10.77.1.2/24 dev gylv1 && "
	    "ip neigh replace 10.77.1.5 lladdr 02:00:00:00:00:01 dev gylv1");
	udp = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(sendto(udp, "hello", 5, 0, (struct sockaddr *)&to, sizeof(to)), 5);
	while (found == 0 && is_readable(d, 1000)) {
		size_t n = gyl_netdev_recv(d, f, 4);

		for (size_t i = 0; i < n; i++) {
			if (gyl_get_u16(f[i].p + 12) != GYL_ETH_IPV4 || f[i].p[23] != 17)
				continue;
			assert_int_equal(f[i].flags, GYL_NETFRAME_CSUM_NOT_READY);
			found++;
		}
	}
	assert_int_equal(found, 1);
	far_send(far, our_mac, 60, 1);
	assert_int_equal(dev_recv(d, f, 4, 1000), 1);
	assert_int_equal(f[0].flags, 0);
	close(udp);
	run("ip addr flush dev gylv1");
	dev_close(d, far);
}

/* The owner's loop: poll, read, and the clock moves. */
static void turn(struct gyl_netdev *d, int ms)
{
	struct gyl_netframe f[4];

	for (int i = 0; i < ms && d->gone == 0; i++) {
		is_readable(d, 1);
		d->mono_ns += GYL_NS_PER_MS;
		gyl_netdev_recv(d, f, 4);
	}
}

static void packet_lives_through_down_and_tells_of_gone(void **state)
{
	struct gyl_netframe f[4];
	int far;
	struct gyl_netdev *d;

	(void)state;
	if (!ready)
		skip();
	run("ip link add gylw0 type veth peer name gylw1 && ip link set gylw0 up && "
	    "ip link set gylw1 up");
	d = dev_open("packet:gylw0", "gylw1", &far);
	run("ip link set gylw0 down");
	turn(d, 500);
	assert_int_equal(d->gone, 0);
	assert_false(is_readable(d, 0)); /* an error that stays would end every wait */
	dev_send(d, 0, 60);
	assert_int_equal(gyl_netdev_stat(d).tx_lost_cnt, 1);
	run("ip link set gylw0 up");
	assert_true(goes_up("gylw0") && goes_up("gylw1"));
	far_send(far, our_mac, 60, 3);
	assert_int_equal(dev_recv(d, f, 4, 1000), 1);
	assert_int_equal(gyl_netdev_deadline_ns(d), UINT64_MAX);
	run("ip link del gylw0");
	turn(d, 3000);
	assert_int_equal(d->gone, ENODEV);
	dev_close(d, far);
}

static void packet_needs_an_interface_that_is_up_and_ethernet(void **state)
{
	struct gyl_netdev *d;
	char err[200];

	(void)state;
	if (!ready)
		skip();
	assert_int_equal(gyl_dev_open("packet:gyl-none", &d, err), -ENODEV);
	assert_string_equal(err, "packet gyl-none: no such interface: No such device");
	assert_int_equal(gyl_dev_open("packet:lo", &d, err), -EINVAL);
	assert_string_equal(err, "packet lo: it has no Ethernet frames");
	run("ip link add gylx0 type veth peer name gylx1");
	assert_int_equal(gyl_dev_open("packet:gylx0", &d, err), -ENETDOWN);
	assert_string_equal(err, "packet gylx0: it is down (`ip link set gylx0 up`)");
	run("ip link set gylx0 up mtu 2500");
	assert_int_equal(gyl_dev_open("packet:gylx0", &d, err), -ERANGE);
	assert_string_equal(err, "packet gylx0: its mtu is 2500; 576 to 1984 can be used");
	run("ip link del gylx0");
}

static void listening_hears_all_and_says_nothing(void **state)
{
	struct gyl_netframe f[GYL_NETDEV_BATCH];
	struct gyl_netbuf b;
	int far, near;
	uint8_t next = 0;
	struct gyl_netdev *d = dev_open("packet:gylv0,listen", "gylv1", &far);

	(void)state;
	near = far_open("gylv0");
	for (unsigned i = 0; i < 100; i++)
		far_send(i % 2 == 0 ? far : near, i % 3 == 0 ? our_mac : other_mac, 60 + i,
			(uint8_t)i);
	while (next < 100) {
		size_t cnt = dev_recv(d, f, GYL_NETDEV_BATCH, 1000);

		assert_true(cnt > 0);
		for (size_t k = 0; k < cnt; k++, next++) {
			assert_int_equal(f[k].len, 60 + next);
			assert_int_equal(f[k].p[59 + next], next);
		}
		poison_taken(f, cnt);
	}
	assert_int_equal(gyl_netdev_lend(d, &b, 1), 1);
	b.len = 60;
	gyl_netdev_send(d, &b, 1);
	assert_int_equal(gyl_netdev_stat(d).tx_lost_cnt, 1);
	assert_int_equal(gyl_netdev_recv(d, f, 1), 0); /* the last block goes back */
	assert_false(is_readable(d, 3 * GYL_PACKET_BLOCK_MS));
	close(near);
	dev_close(d, far);
}

/* ---- macvtap ---- */

static void macvtap_makes_its_interface_and_removes_it(void **state)
{
	struct gyl_dev_about a;
	struct gyl_netdev *d, *more;
	char err[200];
	int far;

	(void)state;
	d = dev_open("macvtap:gylv0", "gylv1", &far);
	assert_true(if_nametoindex("gyl-gylv0") != 0);
	assert_int_equal(gyl_dev_open("macvtap:gylv0", &more, err), -EBUSY);
	assert_string_equal(
		err, "macvtap gyl-gylv0: in use by another program: Device or resource busy");
	assert_true(if_nametoindex("gyl-gylv0") != 0);
	dev_close(d, far);
	assert_int_equal(if_nametoindex("gyl-gylv0"), 0);
	/* one that was left behind */
	run("ip link add link gylv0 name gyl-gylv0 type macvtap mode bridge");
	open_close("macvtap:gylv0");
	assert_int_equal(if_nametoindex("gyl-gylv0"), 0);
	/* one that somebody made is used and left */
	run("ip link add link gylv0 name gylm0 type macvtap mode bridge");
	open_close("macvtap:gylm0");
	open_close("macvtap:gylm0,parent=gylv0");
	assert_int_equal(gyl_dev_about("macvtap:gylm0", &a, err), 0);
	assert_string_equal(a.iface, "gylv0");
	assert_int_equal(a.ifindex, if_nametoindex("gylv0"));
	run("ip link del gylm0");
	open_close("macvtap:gylm0,parent=gylv0");
	assert_int_equal(if_nametoindex("gylm0"), 0);
}

static void macvtap_says_what_it_misses(void **state)
{
	static const struct {
		const char *text, *err;
		int r;
	} cases[] = {
		{"macvtap:gyl-none",
			"macvtap gyl-gyl-none: no interface gyl-none to stand on: No such device",
			-ENODEV},
		{"macvtap:gylm1,parent=gyl-none",
			"macvtap gylm1: no interface gyl-none to stand on: No such device",
			-ENODEV},
		{"macvtap:gylv1,parent=gylv0",
			"macvtap gylv1: is there and no macvtap interface: File exists", -EEXIST},
		{"macvtap:gylx0", "macvtap gyl-gylx0: gylx0 is down (`ip link set gylx0 up`)",
			-ENETDOWN},
		{"macvtap:gylb1",
			"macvtap gyl-gylb1: its parent cannot carry one (a port of a bridge or "
			"bond, or not Ethernet; name the bridge): Device or resource busy",
			-EBUSY},
	};
	struct gyl_netdev *d;
	char err[200];

	(void)state;
	open_close("macvtap:gylv0"); /* or skipped */
	run("ip link add gylx0 type veth peer name gylb1 && ip link add gylb0 type bridge && "
	    "ip link set gylb1 master gylb0");
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		assert_int_equal(gyl_dev_open(cases[i].text, &d, err), cases[i].r);
		assert_string_equal(err, cases[i].err);
	}
	assert_int_equal(if_nametoindex("gyl-gylx0"), 0);
	run("ip link del gylx0 && ip link del gylb0");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(item1_no_octet_leaves_that_nobody_wrote),
		cmocka_unit_test(item1_item7_frames_over_the_mtu_are_refused),
		cmocka_unit_test(a_batch_leaves_in_order_and_its_buffers_come_back),
		cmocka_unit_test(frames_are_borrowed_until_the_next_batch),
		cmocka_unit_test(nothing_is_readable_after_the_last_frame),
		cmocka_unit_test(item3_only_what_is_for_us_comes_up),
		cmocka_unit_test(our_own_frames_do_not_come_up),
		cmocka_unit_test(a_vlan_tag_is_in_its_place_both_ways),
		cmocka_unit_test(item10_counters),
		cmocka_unit_test(packet_counts_what_its_ring_had_no_room_for),
		cmocka_unit_test(packet_tells_of_unfinished_checksums),
		cmocka_unit_test(packet_lives_through_down_and_tells_of_gone),
		cmocka_unit_test(packet_needs_an_interface_that_is_up_and_ethernet),
		cmocka_unit_test(listening_hears_all_and_says_nothing),
		cmocka_unit_test(macvtap_makes_its_interface_and_removes_it),
		cmocka_unit_test(macvtap_says_what_it_misses),
	};

	return cmocka_run_group_tests(tests, in_namespace, NULL);
}
