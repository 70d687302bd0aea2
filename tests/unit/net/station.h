/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_STATION_H
#define GYL_TESTS_STATION_H

/*
 * A stack on one end of a cable in memory, and the test on the other end, under a clock that stands
 * still unless the test moves it. The test writes whole frames and reads whole frames.
 */

#include <stdlib.h>

#include <gyl/arp.h>
#include <gyl/eth.h>
#include <gyl/frame.h>
#include <gyl/icmp.h>
#include <gyl/ipv4.h>
#include <gyl/net/stack.h>
#include <gyl/time.h>
#include <gyl/udp.h>

#include "libnet/dev/mem.h"
#include "tests/support/support.h"

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))
#define OUR_IP         IP(10, 0, 0, 1)
#define PEER_IP        IP(10, 0, 0, 5)
#define GATEWAY_IP     IP(10, 0, 0, 254)

static const uint8_t our_mac[6] = {2, 0, 0, 0, 0, 1};
static const uint8_t peer_mac[6] = {2, 0, 0, 0, 0, 5};
static const uint8_t other_mac[6] = {2, 0, 0, 0, 0, 6};
static const uint8_t all_mac[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

struct station {
	struct gyl_mem_hub *hub;
	struct gyl_netdev *dev, *far; /* the stack's end, the test's end */
	struct gyl_stack *s;
	void *mem;
	uint64_t now_ns;
	struct gyl_stack_in in[128];
	size_t in_cnt;
};

/* An interface, more to be added by the test. */
struct station_conf {
	struct gyl_stack_conf stack; /* its `iface` is set by station_open() */
	struct gyl_stack_iface_conf iface[GYL_STACK_IFACE_MAX];
};

static inline struct station_conf station_conf(void)
{
	static const uint8_t tcp_key[16] = "a test's own key";
	struct station_conf sc = {.stack = gyl_stack_defaults(NULL, 1, 42, tcp_key)};

	sc.stack.tcp.conn_max = 0;
	sc.iface[0] = gyl_stack_iface_defaults(our_mac, OUR_IP, 24, GATEWAY_IP, 42);
	return sc;
}

/* Wired; its announcements are still to come. */
static inline void station_open(struct station *st, const struct station_conf *sc)
{
	struct gyl_stack_conf conf = sc->stack;
	const struct gyl_stack_conf *cf = &conf;

	conf.iface = sc->iface;
	memset(st, 0, sizeof(*st));
	st->now_ns = 1000 * GYL_NS_PER_S;
	st->hub = gyl_mem_hub_open(2, 256, 1500);
	assert_non_null(st->hub);
	st->dev = gyl_mem_port(st->hub, 0);
	st->far = gyl_mem_port(st->hub, 1);
	st->mem = aligned_alloc(64, gyl_stack_need(cf));
	assert_non_null(st->mem);
	st->s = gyl_stack_init(st->mem, cf);
	assert_non_null(st->s);
}

static inline void station_close(struct station *st)
{
	free(st->mem);
	gyl_mem_hub_close(st->hub);
}

/* Let the stack read and do what is due, once. Inputs are in st->in until the next call. */
static inline void station_run(struct station *st)
{
	struct gyl_netframe f[GYL_NETDEV_BATCH];
	struct gyl_netbuf out[GYL_NETDEV_BATCH];
	struct gyl_stack_batch b = {.in = st->in, .in_cap = 128, .out = {{.buf = out}}};
	size_t cnt = gyl_netdev_recv(st->dev, f, 16);

	b.out[0].cap = gyl_netdev_lend(st->dev, out, GYL_NETDEV_BATCH);
	assert_int_equal(gyl_stack_input(st->s, st->now_ns, 0, f, cnt, &b), cnt);
	gyl_stack_tick(st->s, st->now_ns, &b);
	gyl_netdev_send(st->dev, out, b.out[0].cap);
	st->in_cnt = b.in_cnt;
}

/* The test sends a frame, as it is. */
static inline void far_send(struct station *st, const void *p, size_t len)
{
	struct gyl_netbuf b;

	assert_int_equal(gyl_netdev_lend(st->far, &b, 1), 1);
	memcpy(b.p, p, len);
	b.len = (uint32_t)len;
	gyl_netdev_send(st->far, &b, 1);
	station_run(st);
}

/* The next frame that the stack sent, empty when there is none. Valid until the next call. */
static inline struct gyl_view far_recv(struct station *st)
{
	struct gyl_netframe f;

	if (gyl_netdev_recv(st->far, &f, 1) == 0)
		return gyl_view(NULL, 0);
	return gyl_view(f.p, f.len);
}

static inline void far_send_arp(struct station *st, const uint8_t dst[6], const struct gyl_arp *a)
{
	uint8_t buf[64];
	struct gyl_writer w;
	struct gyl_eth e = {.type = GYL_ETH_ARP};

	memcpy(e.dst, dst, 6);
	memcpy(e.src, a->sha, 6);
	gyl_writer_init(&w, buf, sizeof(buf));
	gyl_arp_encode_frame(&w, &e, a);
	assert_true(gyl_writer_ok(&w));
	far_send(st, buf, w.len);
}

/* The next frame is ARP: its message. */
static inline struct gyl_arp far_recv_arp(struct station *st, struct gyl_eth *ret_eth)
{
	struct gyl_view v = far_recv(st);
	struct gyl_arp a;

	assert_int_equal(gyl_eth_decode(v, ret_eth).err, GYL_OK);
	assert_int_equal(ret_eth->type, GYL_ETH_ARP);
	assert_int_equal(gyl_arp_decode(ret_eth->payload, &a).err, GYL_OK);
	assert_int_equal(v.len, 60);
	return a;
}

/* A UDP frame from the peer to us, to be changed and then sent. */
static inline struct gyl_frame_udp peer_udp(uint16_t dst_port)
{
	struct gyl_frame_udp f = {
		.src_ip = PEER_IP, .dst_ip = OUR_IP, .src_port = 4000, .dst_port = dst_port};

	memcpy(f.dst_mac, our_mac, 6);
	memcpy(f.src_mac, peer_mac, 6);
	return f;
}

/* The frame of f with text as payload, in buf of 2000 octets. */
static inline struct gyl_view make_udp(
	const struct gyl_frame_udp *f, const char *text, uint8_t *buf)
{
	struct gyl_view v;

	memcpy(buf + GYL_FRAME_UDP_ROOM, text, strlen(text));
	assert_int_equal(
		gyl_frame_udp_encode(f, buf, 2000, GYL_FRAME_UDP_ROOM, strlen(text), &v).err,
		GYL_OK);
	return v;
}

static inline void far_send_udp(struct station *st, const struct gyl_frame_udp *f, const char *text)
{
	uint8_t buf[2000];
	struct gyl_view v = make_udp(f, text, buf);

	far_send(st, v.p, v.len);
}

/* The stack sends a datagram with this text. */
static inline enum gyl_stack_sent station_send(
	struct station *st, const struct gyl_net_peer *to, const char *text)
{
	struct gyl_netbuf buf, out[4];
	struct gyl_stack_batch b = {.out = {{.buf = out}}};
	enum gyl_stack_sent sent;
	uint8_t dev = 9;

	assert_int_equal(gyl_netdev_lend(st->dev, &buf, 1), 1);
	b.out[0].cap = gyl_netdev_lend(st->dev, out, 4);
	memset(buf.p, 0xa5, buf.cap);
	memcpy(buf.p + GYL_STACK_ROOM, text, strlen(text));
	sent = gyl_stack_udp_output(
		st->s, st->now_ns, to, NULL, &buf, GYL_STACK_ROOM, strlen(text), &dev, &b);
	assert_int_equal(dev, sent == GYL_STACK_READY ? 0 : 9);
	gyl_netdev_send(st->dev, &buf, 1);
	gyl_netdev_send(st->dev, out, b.out[0].cap);
	return sent;
}

/* Move the clock, stopping at each deadline. */
static inline void station_advance(struct station *st, uint64_t ns)
{
	uint64_t end_ns = st->now_ns + ns;

	for (;;) {
		uint64_t at_ns = gyl_stack_deadline_ns(st->s);

		if (at_ns > end_ns)
			break;
		st->now_ns = at_ns > st->now_ns ? at_ns : st->now_ns;
		station_run(st);
	}
	st->now_ns = end_ns;
}

/* The usual station, its two announcements sent and read. */
static inline void setup(struct station *st)
{
	struct station_conf cf = station_conf();
	struct gyl_eth e;

	station_open(st, &cf);
	station_run(st);
	station_advance(st, 2 * GYL_NS_PER_S);
	far_recv_arp(st, &e);
	far_recv_arp(st, &e);
}

static inline bool silent(struct station *st)
{
	return far_recv(st).len == 0;
}

static inline struct gyl_net_peer to_peer(uint32_t ip)
{
	struct gyl_net_peer to = {.ip = ip, .port = 514, .local_port = 67};

	return to;
}

#endif
