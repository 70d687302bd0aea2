/* SPDX-License-Identifier: ISC */

/* A capture as a host: frames for who watches, and only for who says so. */

#include <gyl/arp.h>
#include <gyl/eth.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "libnet/dev/pcap_file.h"
#include "libnet/host/replay.h"
#include "tests/support/support.h"

static const uint8_t mac[6] = {2, 0, 0, 0, 0, 9};

struct world {
	char in[40], out[40];
	struct gyl_host h;
	struct gyl_now now;
};

static void put_frame(struct gyl_pcap_out *out, uint64_t at_ns, uint16_t vlan)
{
	struct gyl_arp a = gyl_arp_announcement(mac, 0x0a000009);
	struct gyl_eth e = {.tag_cnt = vlan != 0, .tag = {{.tpid = GYL_ETH_VLAN, .vid = vlan}}};
	uint8_t frame[80];
	struct gyl_writer w;

	memset(e.dst, 0xff, 6);
	memcpy(e.src, mac, 6);
	gyl_writer_init(&w, frame, sizeof frame);
	gyl_arp_encode_frame(&w, &e, &a);
	gyl_pcap_out_put(out, at_ns, gyl_writer_view(&w));
}

static int open_world(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	struct gyl_net_iface iface = {.device = "x", .addr_cnt = 1, .addr = {{0x0a000001, 24}}};
	struct gyl_host_replay_conf cf = {
		.in = w->in, .out = w->out, .iface = &iface, .iface_cnt = 1};
	struct gyl_pcap_out out;
	char err[200];

	assert_non_null(w);
	snprintf(w->in, sizeof w->in, "/tmp/gyl-replay-%d.in", (int)getpid());
	snprintf(w->out, sizeof w->out, "/tmp/gyl-replay-%d.out", (int)getpid());
	assert_int_equal(gyl_pcap_out_open(&out, w->in), 0);
	put_frame(&out, UINT64_C(1795000000000000000), 0);
	put_frame(&out, UINT64_C(1795000001000000000), 7);
	assert_int_equal(gyl_pcap_out_close(&out), 0);
	assert_int_equal(gyl_host_replay_open(&cf, &w->h, err), 0);
	*state = w;
	return 0;
}

static int close_world(void **state)
{
	struct world *w = *state;

	w->h.ops->close(w->h.h);
	(void)unlink(w->in);
	(void)unlink(w->out);
	free(w);
	return 0;
}

static int watch(struct world *w, uint8_t flags)
{
	struct gyl_bind b = {
		.type = GYL_BIND_FRAME, .flags = flags, .port = GYL_ETH_ARP, .role = 5};

	return w->h.ops->listen(w->h.h, &b);
}

static void who_asks_by_frames_gets_none_of_a_capture(void **state)
{
	assert_true(watch(*state, 0) < 0);
}

static void who_watches_gets_each_frame_in_its_time(void **state)
{
	static const uint16_t vlan[] = {0, 7};
	struct world *w = *state;
	int port = watch(w, GYL_BIND_WATCH);
	struct gyl_eth e;

	assert_true(port >= 0);
	for (unsigned i = 0; i < 2; i++) {
		struct gyl_in in;

		assert_true(w->h.ops->wait(w->h.h, UINT64_MAX, &w->now) == UINT64_C(1) << port);
		assert_int_equal(w->h.ops->recv(w->h.h, port, &in, 1), 1);
		assert_true(w->now.wall_ns == UINT64_C(1795000000000000000) + i * 1000000000);
		assert_int_equal(in.kind, GYL_IN_FRAME);
		assert_int_equal(in.role, 5);
		assert_int_equal(in.peer.vlan, vlan[i]);
		assert_memory_equal(in.peer.mac, mac, 6);
		assert_false(gyl_failed(gyl_eth_decode(in.data, &e)));
		assert_int_equal(e.type, GYL_ETH_ARP);
	}
}

/* What is sent is in the other file, with the tag of its VLAN. */
static void what_is_sent_is_written_whole(void **state)
{
	struct world *w = *state;
	int port = watch(w, GYL_BIND_WATCH);
	struct gyl_send s;
	struct gyl_pcap_record r;
	struct gyl_pcap_in in;
	const char *what = "";
	struct gyl_eth e;
	char err[200];

	assert_int_equal(w->h.ops->lend(w->h.h, &s, 1), 1);
	memset(s.p, 0, 60);
	memset(s.p, 0xff, 6);
	gyl_set_u16(s.p + 12, GYL_ETH_ARP);
	s.len = 60;
	s.port = (uint8_t)port;
	s.to.vlan = 9;
	w->h.ops->send(w->h.h, &s, 1);
	assert_int_equal(gyl_host_replay_finish(&w->h, err), 0);
	assert_int_equal(gyl_pcap_in_open(&in, w->out, err), 0);
	assert_true(gyl_pcap_in_peek(&in, &r, &what) > 0);
	assert_int_equal(r.data.len, 64);
	assert_false(gyl_failed(gyl_eth_decode(r.data, &e)));
	assert_int_equal(gyl_eth_vid(&e), 9);
	assert_int_equal(e.type, GYL_ETH_ARP);
	gyl_pcap_in_close(&in);
}

#define W(fn) cmocka_unit_test_setup_teardown(fn, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		W(who_asks_by_frames_gets_none_of_a_capture),
		W(who_watches_gets_each_frame_in_its_time),
		W(what_is_sent_is_written_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
