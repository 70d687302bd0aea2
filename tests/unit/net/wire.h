/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_WIRE_H
#define GYL_TESTS_WIRE_H

/*
 * A stack with bare ends: the test hands frames in and takes frames out by the number of a device,
 * with no device between.
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

#include "tests/support/support.h"

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))

enum {
	WIRE_DEV_CNT = 2,
	WIRE_BUF_CNT = 64,
	WIRE_BUF_LEN = 2048
};

static const uint8_t peer_mac[6] = {2, 0, 0, 0, 0, 5};
static const uint8_t all_mac[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

struct wire {
	struct gyl_stack_iface_conf iface[GYL_STACK_IFACE_MAX];
	struct gyl_stack_conf cf;
	struct gyl_stack *s;
	void *mem;
	uint64_t now_ns;
	struct gyl_stack_in in[64];
	struct gyl_stack_batch b;
	size_t read_cnt[WIRE_DEV_CNT]; /* frames that the test has looked at */
	struct gyl_netbuf out[WIRE_DEV_CNT][WIRE_BUF_CNT];
	uint8_t buf[WIRE_DEV_CNT][WIRE_BUF_CNT][WIRE_BUF_LEN];
};

/* Empty room for what comes out. */
static inline void wire_clear(struct wire *w)
{
	memset(&w->b, 0, sizeof(w->b));
	w->b.in = w->in;
	w->b.in_cap = 64;
	for (unsigned d = 0; d < WIRE_DEV_CNT; d++) {
		for (unsigned i = 0; i < WIRE_BUF_CNT; i++)
			w->out[d][i] = (struct gyl_netbuf){.p = w->buf[d][i], .cap = WIRE_BUF_LEN};
		w->b.out[d] = (struct gyl_stack_out){.buf = w->out[d], .cap = WIRE_BUF_CNT};
		w->read_cnt[d] = 0;
	}
}

/* One interface, 10.0.0.1/24 on device 0; the test may change and add before wire_open(). */
static inline void wire_conf(struct wire *w)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 1}, tcp_key[16] = "a test's own key";

	memset(w, 0, sizeof(*w));
	w->iface[0] = gyl_stack_iface_defaults(mac, IP(10, 0, 0, 1), 24, IP(10, 0, 0, 254), 42);
	w->cf = gyl_stack_defaults(w->iface, 1, 42, tcp_key);
	w->cf.tcp.conn_max = 0;
	w->now_ns = 1000 * GYL_NS_PER_S;
}

static inline void wire_close(struct wire *w)
{
	free(w->mem);
}

/* A frame comes on a device. What it caused before is gone. */
static inline void wire_input(struct wire *w, uint8_t dev, struct gyl_view frame)
{
	struct gyl_netframe f = {.p = frame.p, .len = (uint32_t)frame.len};

	wire_clear(w);
	assert_int_equal(gyl_stack_input(w->s, w->now_ns, dev, &f, 1, &w->b), 1);
}

/* Time passes; what was due before the end of it is done. */
static inline void wire_wait(struct wire *w, uint64_t ns)
{
	uint64_t end_ns = w->now_ns + ns;

	wire_clear(w);
	while (gyl_stack_deadline_ns(w->s) <= end_ns) {
		uint64_t at_ns = gyl_stack_deadline_ns(w->s);

		w->now_ns = at_ns > w->now_ns ? at_ns : w->now_ns;
		gyl_stack_tick(w->s, w->now_ns, &w->b);
	}
	w->now_ns = end_ns;
}

/* It has announced its addresses. */
static inline void wire_open(struct wire *w)
{
	w->cf.iface = w->iface;
	w->mem = aligned_alloc(64, gyl_stack_need(&w->cf));
	assert_non_null(w->mem);
	w->s = gyl_stack_init(w->mem, &w->cf);
	assert_non_null(w->s);
	wire_wait(w, 10 * GYL_NS_PER_S);
	wire_clear(w);
}

/* The next frame on a device, empty when there is none. */
static inline struct gyl_view wire_next(struct wire *w, unsigned dev)
{
	const struct gyl_netbuf *b = &w->out[dev][w->read_cnt[dev]];

	if (w->read_cnt[dev] == w->b.out[dev].cnt)
		return gyl_view(NULL, 0);
	w->read_cnt[dev]++;
	return gyl_view(b->p + b->off, b->len);
}

static inline bool wire_silent(const struct wire *w)
{
	return w->b.out[0].cnt + w->b.out[1].cnt == 0;
}

/* The next frame on a device is IPv4. */
static inline struct gyl_ipv4 wire_next_ipv4(struct wire *w, unsigned dev, struct gyl_eth *ret_eth)
{
	struct gyl_ipv4 ip;

	assert_int_equal(gyl_eth_decode(wire_next(w, dev), ret_eth).err, GYL_OK);
	assert_int_equal(ret_eth->type, GYL_ETH_IPV4);
	assert_int_equal(gyl_ipv4_decode(ret_eth->payload, 0, &ip).err, GYL_OK);
	return ip;
}

/* The next frame on a device is ARP. */
static inline struct gyl_arp wire_next_arp(struct wire *w, unsigned dev, struct gyl_eth *ret_eth)
{
	struct gyl_arp a;

	assert_int_equal(gyl_eth_decode(wire_next(w, dev), ret_eth).err, GYL_OK);
	assert_int_equal(ret_eth->type, GYL_ETH_ARP);
	assert_int_equal(gyl_arp_decode(ret_eth->payload, &a).err, GYL_OK);
	return a;
}

/* From the peer's station, to be changed: the interface's first address on its VLAN. */
static inline struct gyl_eth wire_eth(const struct wire *w, unsigned iface, uint16_t type)
{
	uint16_t vlan = w->iface[iface].vlan;
	struct gyl_eth e = {.type = type};

	memcpy(e.dst, w->iface[iface].arp.mac, 6);
	memcpy(e.src, peer_mac, 6);
	if (vlan != 0 && vlan != GYL_STACK_VLAN_ANY) {
		e.tag_cnt = 1;
		e.tag[0] = (struct gyl_eth_tag){.tpid = GYL_ETH_VLAN, .vid = vlan};
	}
	return e;
}

/* A datagram in a frame comes by an interface. ip: all but payload. */
static inline void wire_ipv4(
	struct wire *w, unsigned iface, struct gyl_ipv4 ip, struct gyl_view payload)
{
	static uint8_t frame[2048];
	struct gyl_eth e = wire_eth(w, iface, GYL_ETH_IPV4);
	struct gyl_writer wr;

	if (ip.dst == UINT32_MAX || (ip.dst & 0xff) == 0xff)
		memset(e.dst, 0xff, 6);
	if (gyl_ipv4_is_multicast(ip.dst))
		gyl_eth_from_ipv4_group(ip.dst, e.dst);
	ip.ttl = ip.ttl == 0 ? 64 : ip.ttl;
	ip.payload = payload;
	gyl_writer_init(&wr, frame, sizeof(frame));
	gyl_eth_put_header(&wr, &e);
	gyl_ipv4_encode(&wr, &ip);
	assert_true(gyl_writer_ok(&wr));
	wire_input(w, w->iface[iface].dev, gyl_writer_view(&wr));
}

/* UDP with this text from port 4000. */
static inline void wire_udp(
	struct wire *w, unsigned iface, uint32_t src, uint32_t dst, uint16_t port, const char *text)
{
	uint8_t buf[2000];
	struct gyl_udp u = {.src_port = 4000, .dst_port = port, .payload = gyl_view_str(text)};
	struct gyl_writer wr;

	gyl_writer_init(&wr, buf, sizeof(buf));
	gyl_udp_encode(&wr, &u, src, dst);
	wire_ipv4(w, iface, (struct gyl_ipv4){.proto = GYL_IPV4_UDP, .src = src, .dst = dst},
		gyl_writer_view(&wr));
}

static inline void wire_icmp(
	struct wire *w, unsigned iface, uint32_t src, uint32_t dst, const struct gyl_icmp *m)
{
	uint8_t buf[2000];
	struct gyl_writer wr;

	gyl_writer_init(&wr, buf, sizeof(buf));
	gyl_icmp_encode(&wr, m);
	assert_true(gyl_writer_ok(&wr));
	wire_ipv4(w, iface, (struct gyl_ipv4){.proto = GYL_IPV4_ICMP, .src = src, .dst = dst},
		gyl_writer_view(&wr));
}

static inline void wire_ping(struct wire *w, unsigned iface, uint32_t src, uint32_t dst)
{
	struct gyl_icmp m = gyl_icmp_echo(7, 9, gyl_view_str("ping"));

	wire_icmp(w, iface, src, dst, &m);
}

static inline void wire_arp(struct wire *w, unsigned iface, const struct gyl_arp *a)
{
	uint8_t buf[64];
	struct gyl_writer wr;
	struct gyl_eth e = wire_eth(w, iface, GYL_ETH_ARP);

	memset(e.dst, 0xff, 6);
	gyl_writer_init(&wr, buf, sizeof(buf));
	gyl_arp_encode_frame(&wr, &e, a);
	wire_input(w, w->iface[iface].dev, gyl_writer_view(&wr));
}

/* The stack sends UDP with len octets 'x'; the frame is returned when it is ready. */
static inline enum gyl_stack_sent wire_send(struct wire *w, const struct gyl_net_peer *to,
	const struct gyl_stack_how *how, size_t len, struct gyl_view *ret_frame, uint8_t *ret_dev)
{
	static uint8_t mem[70000];
	struct gyl_netbuf buf = {.p = mem, .cap = sizeof(mem)};
	enum gyl_stack_sent sent;

	wire_clear(w);
	memset(mem, 0xa5, sizeof(mem));
	memset(mem + GYL_STACK_ROOM, 'x', len);
	sent = gyl_stack_udp_output(
		w->s, w->now_ns, to, how, &buf, GYL_STACK_ROOM, len, ret_dev, &w->b);
	*ret_frame = gyl_view(buf.p + buf.off, buf.len);
	return sent;
}

#endif
