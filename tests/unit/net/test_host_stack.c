/* SPDX-License-Identifier: ISC */
/*
 * The stack host over a cable in memory: the face of libnet/host/host.h, as a runner uses it.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <gyl/time.h>

#include "libnet/host/stack.h"
#include "tests/unit/net/rng.h"
#include "tests/unit/net/station.h"

struct box {
	struct gyl_loop *loop;
	struct gyl_mem_hub *hub;
	struct gyl_netdev *far;
	struct gyl_host host;
	struct gyl_now now;
	uint64_t ready;
	struct gyl_in in[GYL_NETDEV_BATCH];
};

static const struct gyl_net_iface good = {.device = "mem",
	.vlan = GYL_NET_VLAN_ANY,
	.addr_cnt = 1,
	.addr = {{OUR_IP, 24}},
	.gateway = GATEWAY_IP,
	.mac = {2, 0, 0, 0, 0, 1}};

static void look(struct box *x)
{
	x->ready = x->host.ops->wait(x->host.h, 0, &x->now);
}

static struct gyl_view arrived(struct box *x)
{
	struct gyl_netframe f;

	if (gyl_netdev_recv(x->far, &f, 1) == 0)
		return gyl_view(NULL, 0);
	return gyl_view(f.p, f.len);
}

static void box_open(struct box *x)
{
	struct gyl_net_conf cf = {.iface = &good, .iface_cnt = 1, .rng = test_rng(42)};
	struct gyl_netdev *dev;
	char err[200];

	memset(x, 0, sizeof(*x));
	x->loop = gyl_loop_open();
	assert_non_null(x->loop);
	x->hub = gyl_mem_hub_open(2, 1024, 1500);
	x->far = gyl_mem_port(x->hub, 1);
	dev = gyl_mem_port(x->hub, 0);
	assert_int_equal(gyl_host_stack_on(x->loop, &cf, &dev, 1, &x->host, err), 0);
	look(x);
	assert_int_equal(arrived(x).len, 60); /* the announcement */
}

static void box_close(struct box *x)
{
	x->host.ops->close(x->host.h);
	gyl_mem_hub_close(x->hub);
	gyl_loop_close(x->loop);
}

static int listen_on(struct box *x, uint8_t type, uint16_t port, const char *path)
{
	struct gyl_bind b = {.type = type, .role = 7, .port = port, .path = path, .mode = 0600};

	return x->host.ops->listen(x->host.h, &b);
}

static void put(struct box *x, const void *p, size_t len)
{
	struct gyl_netbuf b;

	assert_int_equal(gyl_netdev_lend(x->far, &b, 1), 1);
	memcpy(b.p, p, len);
	b.len = (uint32_t)len;
	gyl_netdev_send(x->far, &b, 1);
}

static void put_udp(struct box *x, uint16_t dst_port, uint16_t src_port, const char *text)
{
	struct gyl_frame_udp f = peer_udp(dst_port);
	uint8_t buf[2000];
	struct gyl_view v;

	f.src_port = src_port;
	v = make_udp(&f, text, buf);
	put(x, v.p, v.len);
}

static size_t take(struct box *x, int port)
{
	return x->host.ops->recv(x->host.h, port, x->in, GYL_NETDEV_BATCH);
}

static void expect_text(const struct gyl_in *in, const char *text)
{
	assert_int_equal(in->data.len, strlen(text));
	assert_memory_equal(in->data.p, text, strlen(text));
}

static void bad_configurations_are_told_why(void **state)
{
#define ADDR(ip, prefix) .addr_cnt = 1, .addr = { {ip, prefix} }
	static const struct {
		const char *err;
		struct gyl_net_iface iface;
	} cases[] = {
		{"it needs an address of its own, and has 0", {.device = "x:"}},
		{"it needs an address of its own", {ADDR(0, 24)}},
		{"its address must be one that a host can have", {ADDR(0x7f000001, 24)}},
		{"its address must be one that a host can have", {ADDR(0xe0000001, 24)}},
		{"the prefix length must be 1 to 32", {ADDR(OUR_IP, 0)}},
		{"the prefix length must be 1 to 32", {ADDR(OUR_IP, 33)}},
		{"its address is that of the network or its broadcast address",
			{ADDR(IP(10, 0, 0, 255), 24)}},
		{"its address is that of the network or its broadcast address",
			{.addr_cnt = 2, .addr = {{OUR_IP, 24}, {IP(10, 1, 0, 0), 24}}}},
		{"the gateway must be another address of its network",
			{ADDR(OUR_IP, 24), .gateway = IP(10, 0, 1, 1)}},
		{"the gateway must be another address of its network",
			{ADDR(OUR_IP, 24), .gateway = OUR_IP}},
		{"the VLAN must be 1 to 4094", {ADDR(OUR_IP, 24), .vlan = 4095}},
		{"its hardware address must not be a group address",
			{ADDR(OUR_IP, 24), .mac = {1}}},
	};
#undef ADDR

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		struct gyl_net_conf cf = {.iface = &cases[i].iface, .iface_cnt = 1};
		struct gyl_host host;
		char err[200] = "", want[200];

		snprintf(want, sizeof(want), "interface %s: %s",
			cases[i].iface.device == NULL ? "?" : cases[i].iface.device, cases[i].err);
		assert_int_equal(gyl_host_stack_open(NULL, &cf, &host, err), -EINVAL);
		assert_string_equal(err, want);
	}
}

/* The words of the device's own parser. */
static void bad_devices_are_told_why(void **state)
{
	static const char *const devices[] = {"nothing:x", "", "tap:"};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(devices); i++) {
		struct gyl_net_iface iface = good;
		struct gyl_net_conf cf = {.iface = &iface, .iface_cnt = 1};
		struct gyl_host host;
		char err[200] = "";

		iface.device = devices[i];
		assert_int_equal(gyl_host_stack_open(NULL, &cf, &host, err), -EINVAL);
		assert_memory_equal(err, "device: ", 8);
	}
}

static void listeners_and_their_errors(void **state)
{
	struct gyl_bind b = {.type = GYL_BIND_UDP, .port = 53, .ip = PEER_IP};
	uint8_t prefix, mac[6];
	uint32_t ip;
	struct box x;

	(void)state;
	box_open(&x);
	assert_int_equal(x.host.ops->listen(x.host.h, &b), -EADDRNOTAVAIL);
	b.type = GYL_BIND_TCP;
	assert_int_equal(x.host.ops->listen(x.host.h, &b), -EADDRNOTAVAIL);
	assert_int_equal(listen_on(&x, GYL_BIND_TCP, 0, NULL), -EINVAL);
	assert_int_equal(listen_on(&x, GYL_BIND_UDP, 0, NULL), -EINVAL);
	assert_int_equal(listen_on(&x, 99, 53, NULL), -EINVAL);
	assert_int_equal(listen_on(&x, GYL_BIND_UDP, 53, NULL), 0);
	assert_int_equal(listen_on(&x, GYL_BIND_UDP, 53, NULL), -EADDRINUSE);
	assert_int_equal(listen_on(&x, GYL_BIND_FRAME, GYL_ETH_ARP, NULL), 1);
	assert_int_equal(listen_on(&x, GYL_BIND_FRAME, GYL_ETH_ARP, NULL), 2);
	assert_int_equal(listen_on(&x, GYL_BIND_FRAME, GYL_ETH_ARP, NULL), -EADDRINUSE);
	assert_int_equal(listen_on(&x, GYL_BIND_TCP, 53, NULL), 3);
	assert_int_equal(listen_on(&x, GYL_BIND_TCP, 53, NULL), -EADDRINUSE);
	b.ip = OUR_IP;
	for (uint16_t i = 4; i < 63; i++) {
		b.type = i % 2 == 0 ? GYL_BIND_UDP : GYL_BIND_TCP;
		b.port = (uint16_t)(1000 + i);
		assert_int_equal(x.host.ops->listen(x.host.h, &b), i);
	}
	assert_int_equal(listen_on(&x, GYL_BIND_UDP, 54, NULL), -ENOSPC);
	assert_true(x.host.ops->addr(x.host.h, 0, 0, &ip, &prefix, mac));
	assert_int_equal(ip, OUR_IP);
	assert_int_equal(prefix, 24);
	assert_memory_equal(mac, our_mac, 6);
	assert_false(x.host.ops->addr(x.host.h, 1, 0, &ip, &prefix, mac));
	box_close(&x);
}

static void questions_and_answers_in_order(void **state)
{
	struct gyl_send s[GYL_NETDEV_BATCH];
	struct gyl_host_stat st;
	struct box x;
	size_t cnt;

	(void)state;
	box_open(&x);
	assert_int_equal(listen_on(&x, GYL_BIND_UDP, 53, NULL), 0);
	assert_int_equal(listen_on(&x, GYL_BIND_UDP, 67, NULL), 1);
	for (unsigned i = 0; i < 10; i++) {
		char text[16];

		snprintf(text, sizeof(text), "q%u", i);
		put_udp(&x, i % 2 == 0 ? 53 : 67, 4000, text);
	}
	look(&x);
	assert_int_equal(x.ready, 3);
	assert_int_equal(take(&x, 1), 5);
	expect_text(&x.in[4], "q9");
	assert_int_equal(take(&x, 1), 0);
	cnt = take(&x, 0);
	assert_int_equal(cnt, 5);
	assert_int_equal(x.host.ops->lend(x.host.h, s, GYL_NETDEV_BATCH), GYL_NETDEV_BATCH);
	for (size_t i = 0; i < cnt; i++) {
		assert_int_equal(x.in[i].kind, GYL_IN_DGRAM);
		assert_int_equal(x.in[i].port, 0);
		assert_int_equal(x.in[i].role, 7);
		assert_int_equal(x.in[i].peer.ip, PEER_IP);
		assert_int_equal(x.in[i].peer.has_mac, 1);
		assert_true(s[i].cap >= GYL_SEND_CAP_MIN);
		memcpy(s[i].p, x.in[i].data.p, x.in[i].data.len);
		s[i].p[0] = 'a';
		s[i].len = i == 3 ? 0 : (uint32_t)x.in[i].data.len; /* one is taken back */
		s[i].to = x.in[i].peer;
	}
	x.host.ops->send(x.host.h, s, cnt);
	for (unsigned i = 0; i < 10; i += 2) {
		struct gyl_frame_udp f;

		if (i == 6)
			continue;
		assert_int_equal(gyl_frame_udp_decode(arrived(&x), 0, &f).err, GYL_OK);
		assert_memory_equal(f.dst_mac, peer_mac, 6);
		assert_int_equal(f.src_port, 53);
		assert_int_equal(f.payload.p[0], 'a');
		assert_int_equal(f.payload.p[1], '0' + i);
	}
	assert_int_equal(arrived(&x).len, 0);
	x.host.ops->stat(x.host.h, &st);
	assert_int_equal(st.in_cnt, 10);
	assert_int_equal(st.in_octets, 20);
	assert_int_equal(st.out_cnt, 4);
	assert_int_equal(st.out_octets, 8);
	assert_int_equal(st.out_lost_cnt, 0);
	assert_int_equal(take(&x, 0), 0);
	look(&x);
	assert_int_equal(x.ready, 0);
	box_close(&x);
}

/* No octet of a slot's earlier life leaves with its next one. */
static void slots_are_safe_to_use_again(void **state)
{
	struct gyl_send s[GYL_NETDEV_BATCH];
	struct box x;

	(void)state;
	box_open(&x);
	listen_on(&x, GYL_BIND_UDP, 53, NULL);
	for (int round = 0; round < 5; round++) {
		struct gyl_view v;

		assert_int_equal(x.host.ops->lend(x.host.h, s, GYL_NETDEV_BATCH), GYL_NETDEV_BATCH);
		for (size_t i = 0; i < GYL_NETDEV_BATCH; i++)
			memset(s[i].p, 0xa5, s[i].cap);
		s[1].len = 1;
		s[1].p[0] = 0x11;
		s[1].to = (struct gyl_peer){.ip = UINT32_MAX, .port = 9};
		x.host.ops->send(x.host.h, s, 2);
		v = arrived(&x);
		assert_int_equal(v.len, 60);
		assert_int_equal(v.p[42], 0x11);
		for (size_t i = 43; i < 60; i++)
			assert_int_equal(v.p[i], 0);
		assert_int_equal(arrived(&x).len, 0);
	}
	assert_int_equal(x.host.ops->lend(x.host.h, s, 10), 10);
	assert_int_equal(x.host.ops->lend(x.host.h, s + 10, 60), 54); /* no more than there are */
	assert_ptr_not_equal(s[0].p, s[10].p);
	box_close(&x);
}

static void what_cannot_be_sent_is_counted(void **state)
{
	struct gyl_send s[5];
	struct gyl_host_stat st;
	struct box x;

	(void)state;
	box_open(&x);
	listen_on(&x, GYL_BIND_UDP, 53, NULL);
	assert_int_equal(x.host.ops->lend(x.host.h, s, 5), 5);
	for (size_t i = 0; i < 5; i++) {
		s[i].len = 1;
		s[i].p[0] = 'x';
		s[i].to = (struct gyl_peer){.ip = UINT32_MAX, .port = 9};
	}
	s[0].port = 9;           /* nobody listens there */
	s[1].to.ip = 0;          /* no way */
	s[2].flow = 5;           /* no such flow */
	s[3].len = s[3].cap + 1; /* not true */
	x.host.ops->send(x.host.h, s, 5);
	assert_int_equal(arrived(&x).len, 60);
	assert_int_equal(arrived(&x).len, 0);
	x.host.ops->stat(x.host.h, &st);
	assert_int_equal(st.out_lost_cnt, 4);
	assert_int_equal(st.out_cnt, 1);
	box_close(&x);
}

static void what_a_core_left_is_offered_again(void **state)
{
	struct box x;

	(void)state;
	box_open(&x);
	listen_on(&x, GYL_BIND_UDP, 53, NULL);
	put_udp(&x, 53, 1, "one");
	put_udp(&x, 53, 2, "two");
	put_udp(&x, 53, 3, "three");
	look(&x);
	assert_int_equal(take(&x, 0), 3);
	x.host.ops->unread(x.host.h, 0, x.in, 3, 1);
	put_udp(&x, 53, 4, "four");
	look(&x); /* the device is read again: what was left must not change */
	assert_int_equal(x.ready, 1);
	assert_int_equal(take(&x, 0), 3);
	expect_text(&x.in[0], "two");
	expect_text(&x.in[1], "three");
	expect_text(&x.in[2], "four");
	assert_int_equal(x.in[0].peer.port, 2);
	x.host.ops->unread(x.host.h, 0, x.in, 3, 0);
	for (int i = 0; i < 5; i++) {
		look(&x);
		assert_int_equal(take(&x, 0), 3);
		expect_text(&x.in[0], "two");
		x.host.ops->unread(x.host.h, 0, x.in, 3, 0);
	}
	assert_int_equal(take(&x, 0), 3);
	assert_int_equal(take(&x, 0), 0);
	box_close(&x);
}

static void a_stuck_core_costs_bounded_memory_and_no_others(void **state)
{
	struct gyl_host_stat st;
	struct gyl_now before;
	struct box x;

	(void)state;
	box_open(&x);
	listen_on(&x, GYL_BIND_UDP, 53, NULL);
	listen_on(&x, GYL_BIND_UDP, 67, NULL);
	for (int round = 0; round < 10; round++) {
		size_t cnt;

		for (int i = 0; i < 40; i++)
			put_udp(&x, 53, 1, "never taken");
		put_udp(&x, 67, 1, "taken");
		look(&x);
		cnt = take(&x, 0);
		x.host.ops->unread(x.host.h, 0, x.in, cnt, 0);
		assert_int_equal(take(&x, 1), 1);
		expect_text(&x.in[0], "taken");
	}
	put_udp(&x, 53, 1, "never taken");
	look(&x);
	x.host.ops->stat(x.host.h, &st);
	assert_int_equal(st.in_lost_cnt, 400 - GYL__IN_STASH);
	x.host.ops->unread(x.host.h, 0, x.in, take(&x, 0), 0);
	gyl_loop_now(&before); /* a wait is a nap then, not a spin and not for ever */
	x.host.ops->wait(x.host.h, UINT64_MAX, &x.now);
	assert_in_range(x.now.mono_ns - before.mono_ns, 900000, 200000000);
	box_close(&x);
}

static void copies_of_frames_and_whole_frames_out(void **state)
{
	struct gyl_arp a = gyl_arp_request(peer_mac, PEER_IP, PEER_IP + 1);
	struct gyl_eth e = {.type = GYL_ETH_ARP};
	uint8_t buf[64];
	struct gyl_writer w;
	struct gyl_send s;
	struct box x;

	(void)state;
	box_open(&x);
	assert_int_equal(listen_on(&x, GYL_BIND_FRAME, GYL_ETH_ARP, NULL), 0);
	memcpy(e.dst, all_mac, 6);
	memcpy(e.src, peer_mac, 6);
	gyl_writer_init(&w, buf, sizeof(buf));
	gyl_arp_encode_frame(&w, &e, &a);
	put(&x, buf, w.len);
	look(&x);
	assert_int_equal(take(&x, 0), 1);
	assert_int_equal(x.in[0].kind, GYL_IN_FRAME);
	assert_int_equal(x.in[0].data.len, 60);
	assert_memory_equal(x.in[0].data.p, buf, 60);
	assert_int_equal(x.host.ops->lend(x.host.h, &s, 1), 1);
	memset(s.p, 0xa5, s.cap);
	memcpy(s.p, buf, 42);
	s.len = 42;
	x.host.ops->send(x.host.h, &s, 1);
	assert_memory_equal(arrived(&x).p, buf, 60); /* padded with zeros again */
	box_close(&x);
}

static void flows_of_a_core(void **state)
{
	struct gyl_peer to = {.ip = PEER_IP, .port = 53, .has_mac = 1, .mac = {2, 0, 0, 0, 0, 5}};
	struct gyl_frame_udp f;
	struct gyl_send s;
	struct box x;
	uint16_t port;

	(void)state;
	box_open(&x);
	assert_int_equal(x.host.ops->flow(x.host.h, 0, GYL_FLOW_OPEN_UDP, &to), -EINVAL);
	assert_int_equal(x.host.ops->flow(x.host.h, 9, GYL_FLOW_CLOSE, &to), -ENOENT);
	assert_int_equal(x.host.ops->flow(x.host.h, 9, GYL_FLOW_OPEN_UDP, &to), 0);
	assert_int_equal(x.host.ops->flow(x.host.h, 9, GYL_FLOW_OPEN_UDP, &to), -EEXIST);
	look(&x);
	assert_int_equal(x.ready, UINT64_C(1) << GYL_PORT_OPENED);
	assert_int_equal(take(&x, GYL_PORT_OPENED), 1);
	assert_int_equal(x.in[0].kind, GYL_IN_OPENED);
	assert_int_equal(x.in[0].flow, 9);
	port = x.in[0].peer.local_port;
	assert_in_range(port, 32768, 60999);
	assert_int_equal(x.host.ops->lend(x.host.h, &s, 1), 1);
	s.flow = 9;
	s.p[0] = '?';
	s.len = 1;
	x.host.ops->send(x.host.h, &s, 1);
	assert_int_equal(gyl_frame_udp_decode(arrived(&x), 0, &f).err, GYL_OK);
	assert_int_equal(f.src_port, port);
	assert_int_equal(f.dst_port, 53);
	assert_int_equal(f.dst_ip, PEER_IP);
	put_udp(&x, port, 53, "!");
	put_udp(&x, port, 54, "forged");
	look(&x);
	assert_int_equal(take(&x, GYL_PORT_OPENED), 1);
	assert_int_equal(x.in[0].kind, GYL_IN_DGRAM);
	assert_int_equal(x.in[0].flow, 9);
	expect_text(&x.in[0], "!");
	box_close(&x);
}

static void a_closed_flow_is_silent_and_its_number_comes_free(void **state)
{
	struct gyl_peer to = {.ip = PEER_IP, .port = 53};
	struct box x;
	uint16_t port;

	(void)state;
	box_open(&x);
	assert_int_equal(x.host.ops->flow(x.host.h, 9, GYL_FLOW_OPEN_UDP, &to), 0);
	assert_int_equal(take(&x, GYL_PORT_OPENED), 1);
	port = x.in[0].peer.local_port;
	put_udp(&x, port, 53, "late");
	put_udp(&x, port, 53, "later");
	look(&x);
	assert_int_equal(take(&x, GYL_PORT_OPENED), 2);
	x.host.ops->unread(x.host.h, GYL_PORT_OPENED, x.in, 2, 1);
	assert_int_equal(x.host.ops->flow(x.host.h, 9, GYL_FLOW_CLOSE, NULL), 0);
	assert_int_equal(x.host.ops->flow(x.host.h, 9, GYL_FLOW_CLOSE, NULL), -ENOENT);
	assert_int_equal(x.host.ops->flow(x.host.h, 9, GYL_FLOW_OPEN_UDP, &to), -EEXIST);
	assert_int_equal(take(&x, GYL_PORT_OPENED), 1);
	assert_int_equal(x.in[0].kind, GYL_IN_CLOSED);
	assert_int_equal(x.in[0].flow, 9);
	x.host.ops->unread(x.host.h, GYL_PORT_OPENED, x.in, 1, 0);
	look(&x);
	assert_int_equal(take(&x, GYL_PORT_OPENED), 1);
	assert_int_equal(x.in[0].kind, GYL_IN_CLOSED);
	assert_int_equal(take(&x, GYL_PORT_OPENED), 0);
	assert_int_equal(x.host.ops->flow(x.host.h, 9, GYL_FLOW_OPEN_UDP, &to), 0);
	put_udp(&x, port, 53, "for nobody");
	look(&x);
	assert_int_equal(take(&x, GYL_PORT_OPENED), 1);
	assert_int_equal(x.in[0].kind, GYL_IN_OPENED);
	assert_int_equal(x.host.ops->flow(x.host.h, 9, GYL_FLOW_RESET, NULL), 0);
	assert_int_equal(take(&x, GYL_PORT_OPENED), 1);
	assert_int_equal(x.in[0].kind, GYL_IN_CLOSED);
	assert_int_equal(take(&x, GYL_PORT_OPENED), 0);
	/* opened and closed before anybody looked: only the end is told */
	assert_int_equal(x.host.ops->flow(x.host.h, 9, GYL_FLOW_OPEN_UDP, &to), 0);
	assert_int_equal(x.host.ops->flow(x.host.h, 9, GYL_FLOW_RESET, NULL), 0);
	assert_int_equal(take(&x, GYL_PORT_OPENED), 1);
	assert_int_equal(x.in[0].kind, GYL_IN_CLOSED);
	box_close(&x);
}

static void flows_are_bounded(void **state)
{
	struct gyl_peer to = {.ip = PEER_IP, .port = 53};
	struct box x;
	size_t cnt = 0, n;

	(void)state;
	box_open(&x);
	for (uint32_t i = 1; i <= GYL__FLOW_MAX; i++)
		assert_int_equal(x.host.ops->flow(x.host.h, i * 3, GYL_FLOW_OPEN_UDP, &to), 0);
	assert_int_equal(x.host.ops->flow(x.host.h, 1, GYL_FLOW_OPEN_UDP, &to), -EMFILE);
	for (uint32_t i = 1; i <= GYL__FLOW_MAX; i++)
		assert_int_equal(x.host.ops->flow(x.host.h, i * 3, GYL_FLOW_CLOSE, NULL), 0);
	while ((n = take(&x, GYL_PORT_OPENED)) > 0) {
		assert_int_equal(x.in[0].kind, GYL_IN_CLOSED);
		cnt += n;
	}
	assert_int_equal(cnt, GYL__FLOW_MAX);
	assert_int_equal(x.host.ops->flow(x.host.h, 1, GYL_FLOW_OPEN_UDP, &to), 0);
	box_close(&x);
}

static void unix_sockets_beside_the_stack(void **state)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	struct box x;

	(void)state;
	snprintf(sun.sun_path, sizeof(sun.sun_path), "/tmp/gyl-test-%d", (int)getpid());
	box_open(&x);
	assert_int_equal(listen_on(&x, GYL_BIND_UDP, 53, NULL), 0);
	assert_int_equal(listen_on(&x, GYL_BIND_UNIX_DGRAM, 0, sun.sun_path), 1);
	assert_int_equal(sendto(fd, "log", 3, 0, (const struct sockaddr *)&sun, sizeof(sun)), 3);
	put_udp(&x, 53, 1, "dns");
	look(&x);
	assert_int_equal(x.ready, 3);
	assert_int_equal(take(&x, 1), 1);
	assert_int_equal(x.in[0].port, 1);
	assert_int_equal(x.in[0].role, 7);
	expect_text(&x.in[0], "log");
	assert_int_equal(take(&x, 0), 1);
	expect_text(&x.in[0], "dns");
	close(fd);
	unlink(sun.sun_path);
	box_close(&x);
}

static void questions_of_the_stack_leave_by_themselves(void **state)
{
	struct gyl_send s;
	struct gyl_eth e;
	struct box x;
	uint64_t start_ns;

	(void)state;
	box_open(&x);
	listen_on(&x, GYL_BIND_UDP, 53, NULL);
	assert_int_equal(x.host.ops->lend(x.host.h, &s, 1), 1);
	s.len = 1;
	s.p[0] = 'x';
	s.to = (struct gyl_peer){.ip = PEER_IP, .port = 9};
	x.host.ops->send(x.host.h, &s, 1);
	assert_int_equal(gyl_eth_decode(arrived(&x), &e).err, GYL_OK);
	assert_int_equal(e.type, GYL_ETH_ARP);
	start_ns = x.now.mono_ns;
	x.host.ops->wait(x.host.h, UINT64_MAX, &x.now); /* until the question is repeated */
	assert_in_range(x.now.mono_ns - start_ns, GYL_NS_PER_S, 3 * GYL_NS_PER_S);
	assert_int_equal(gyl_eth_decode(arrived(&x), &e).err, GYL_OK);
	assert_int_equal(e.type, GYL_ETH_ARP);
	box_close(&x);
}

static void a_conflict_is_told_once(void **state)
{
	struct gyl_arp a = gyl_arp_announcement(other_mac, OUR_IP);
	struct gyl_eth e = {.dst = {255, 255, 255, 255, 255, 255}, .type = GYL_ETH_ARP};
	uint8_t frame[64], mac[6];
	struct gyl_writer w;
	struct box x;
	uint32_t ip;

	(void)state;
	box_open(&x);
	assert_false(x.host.ops->conflict(x.host.h, &ip, mac));
	memcpy(e.src, other_mac, 6);
	gyl_writer_init(&w, frame, sizeof frame);
	gyl_eth_put_header(&w, &e);
	gyl_arp_encode(&w, &a);
	put(&x, frame, w.len);
	look(&x);
	assert_true(x.host.ops->conflict(x.host.h, &ip, mac));
	assert_int_equal(ip, OUR_IP);
	assert_memory_equal(mac, other_mac, 6);
	assert_false(x.host.ops->conflict(x.host.h, &ip, mac));
	box_close(&x);
}

static void a_random_hardware_address(void **state)
{
	uint8_t mac[2][6], prefix;
	uint32_t ip;

	(void)state;
	for (uint64_t i = 0; i < 2; i++) {
		struct gyl_net_iface iface = good;
		struct gyl_net_conf cf = {.iface = &iface, .iface_cnt = 1, .rng = test_rng(i)};
		struct box x = {.loop = gyl_loop_open(), .hub = gyl_mem_hub_open(2, 8, 1500)};
		struct gyl_netdev *dev = gyl_mem_port(x.hub, 0);
		char err[200];

		memset(iface.mac, 0, 6);
		assert_int_equal(gyl_host_stack_on(x.loop, &cf, &dev, 1, &x.host, err), 0);
		assert_true(x.host.ops->addr(x.host.h, 0, 0, &ip, &prefix, mac[i]));
		assert_int_equal(mac[i][0], 2);
		box_close(&x);
	}
	assert_memory_not_equal(mac[0], mac[1], 6);
}

/* Without randomness there would be a stack that everybody can foresee: there is none instead. */
static void unseeded_is_refused(void **state)
{
	struct gyl_rng rng = {0};
	struct gyl_net_conf cf = {.iface = &good, .iface_cnt = 1, .rng = &rng};
	struct gyl_loop *loop = gyl_loop_open();
	struct gyl_mem_hub *hub = gyl_mem_hub_open(2, 8, 1500);
	struct gyl_netdev *dev = gyl_mem_port(hub, 0);
	struct gyl_host host;
	char err[200];

	(void)state;
	assert_true(gyl_host_stack_on(loop, &cf, &dev, 1, &host, err) < 0);
	assert_non_null(strstr(err, "randomness"));
	gyl_mem_hub_close(hub);
	gyl_loop_close(loop);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_configurations_are_told_why),
		cmocka_unit_test(bad_devices_are_told_why),
		cmocka_unit_test(listeners_and_their_errors),
		cmocka_unit_test(questions_and_answers_in_order),
		cmocka_unit_test(slots_are_safe_to_use_again),
		cmocka_unit_test(what_cannot_be_sent_is_counted),
		cmocka_unit_test(what_a_core_left_is_offered_again),
		cmocka_unit_test(a_stuck_core_costs_bounded_memory_and_no_others),
		cmocka_unit_test(copies_of_frames_and_whole_frames_out),
		cmocka_unit_test(flows_of_a_core),
		cmocka_unit_test(a_closed_flow_is_silent_and_its_number_comes_free),
		cmocka_unit_test(flows_are_bounded),
		cmocka_unit_test(unix_sockets_beside_the_stack),
		cmocka_unit_test(questions_of_the_stack_leave_by_themselves),
		cmocka_unit_test(a_conflict_is_told_once),
		cmocka_unit_test(a_random_hardware_address),
		cmocka_unit_test(unseeded_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
