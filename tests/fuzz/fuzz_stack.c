/* SPDX-License-Identifier: ISC */
/*
 * Frames, time steps and datagrams to send, from octets, through the whole stack. Whatever comes:
 * the inputs are views into the frame, every frame that leaves is one that our own decoders take,
 * and the deadline is never in the past.
 *
 * A step is one octet. 0-127: a frame follows (two octets of length, then its octets; its
 * destination is made ours when the step is below 64). 128-191: time passes. 192-255: send a
 * datagram, two octets say to whom.
 */
#include <stdlib.h>

#include <gyl/eth.h>
#include <gyl/frame.h>
#include <gyl/icmp.h>
#include <gyl/ipv4.h>
#include <gyl/net/stack.h>
#include <gyl/time.h>
#include <gyl/udp.h>

#include "tests/support/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	BUF_CNT = GYL_STACK_OUT_MAX + 2,
	BUF_LEN = 2048
};

static const uint8_t our_mac[6] = {2, 0, 0, 0, 0, 1};

struct world {
	struct gyl_stack *s;
	uint64_t now_ns;
	struct gyl_stack_in in[8];
	struct gyl_netbuf out[BUF_CNT];
	struct gyl_stack_batch b;
	uint8_t buf[BUF_CNT][BUF_LEN];
	const uint8_t *p;
	size_t left;
};

static uint8_t next(struct world *w)
{
	if (w->left == 0)
		return 0;
	w->left--;
	return *w->p++;
}

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void check_ip(struct gyl_view payload)
{
	struct gyl_ipv4 ip;
	struct gyl_icmp icmp;
	struct gyl_udp udp;

	must(!gyl_failed(gyl_ipv4_decode(payload, 0, &ip)));
	if (ip.proto == GYL_IPV4_ICMP)
		must(!gyl_failed(gyl_icmp_decode(ip.payload, 0, &icmp)));
	else
		must(gyl_udp_decode(ip.payload, ip.src, ip.dst, 0, &udp).err == GYL_OK);
}

static void check_frame(const struct gyl_netbuf *b)
{
	struct gyl_arp arp;
	struct gyl_eth eth;

	if (b->len == 0)
		return;
	must(b->off + b->len <= b->cap);
	must(gyl_eth_decode(gyl_view(b->p + b->off, b->len), &eth).err == GYL_OK);
	must(b->len <= 1500 + gyl_eth_header_len(&eth));
	must(gyl_eth_mac_eq(eth.src, our_mac));
	if (eth.type == GYL_ETH_ARP)
		must(gyl_arp_decode(eth.payload, &arp).err == GYL_OK);
	else
		check_ip(eth.payload);
}

static void fresh_batch(struct world *w)
{
	for (size_t i = 0; i < BUF_CNT; i++)
		w->out[i] = (struct gyl_netbuf){.p = w->buf[i], .cap = BUF_LEN};
	w->b = (struct gyl_stack_batch){
		.in = w->in, .in_cap = 8, .out = {{.buf = w->out, .cap = BUF_CNT - 1}}};
}

static void check_batch(struct world *w)
{
	for (size_t i = 0; i < w->b.out[0].cnt; i++)
		check_frame(&w->out[i]);
	fresh_batch(w);
}

static void send_to(struct world *w, const struct gyl_net_peer *to, size_t len)
{
	struct gyl_netbuf *buf = &w->out[BUF_CNT - 1];
	uint8_t dev = 9;

	memset(buf->p + GYL_STACK_ROOM, 0x11, len);
	if (gyl_stack_udp_output(w->s, w->now_ns, to, NULL, buf, GYL_STACK_ROOM, len, &dev,
		    &w->b) != GYL_STACK_READY)
		must(buf->len == 0);
	else
		must(dev == 0);
	check_frame(buf);
	check_batch(w);
}

static void take_frame(struct world *w, bool ours)
{
	size_t len = (size_t)next(w) << 8 | next(w);
	uint8_t frame[1600];
	struct guard g;

	if (len > w->left)
		len = w->left;
	if (len > sizeof(frame))
		len = sizeof(frame);
	memcpy(frame, w->p, len);
	w->p += len;
	w->left -= len;
	if (ours && len >= 6)
		memcpy(frame, our_mac, 6);
	guard_open(&g, gyl_view(frame, len));
	must(gyl_stack_input(w->s, w->now_ns, 0,
		     &(struct gyl_netframe){
			     g.view.p, (uint32_t)len, ours ? GYL_NETFRAME_CSUM_NOT_READY : 0},
		     1, &w->b) == 1);
	for (size_t i = 0; i < w->b.in_cnt; i++)
		must(view_inside(g.view, w->in[i].data));
	if (w->b.in_cnt > 0 && w->in[0].kind == GYL_STACK_DGRAM)
		send_to(w, &w->in[0].peer, w->in[0].data.len);
	guard_close(&g);
	check_batch(w);
}

static void pass_time(struct world *w, uint8_t step)
{
	w->now_ns += (uint64_t)1 << (step & 63) % 42;
	do {
		fresh_batch(w);
		gyl_stack_tick(w->s, w->now_ns, &w->b);
		for (size_t i = 0; i < w->b.out[0].cnt; i++)
			check_frame(&w->out[i]);
	} while (w->b.out[0].cnt == w->b.out[0].cap);
	must(gyl_stack_deadline_ns(w->s) > w->now_ns);
	fresh_batch(w);
}

static void send_somewhere(struct world *w)
{
	uint8_t who = next(w), how = next(w);
	struct gyl_net_peer to = {.ip = 0x0a000000u | who, .port = 9, .local_port = 53};

	to.vlan = how & 1;
	if ((how & 2) != 0)
		to.ip = 0xc0000200u | who;
	if ((how & 4) != 0)
		to.ip = UINT32_MAX;
	send_to(w, &to, (size_t)(how >> 3) * 48);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world w;
	static _Alignas(64) uint8_t mem[1 << 18];
	static const uint8_t tcp_key[16];
	struct gyl_stack_iface_conf f =
		gyl_stack_iface_defaults(our_mac, 0x0a000001, 24, 0x0a0000fe, 99);
	struct gyl_stack_conf cf = gyl_stack_defaults(&f, 1, 99, tcp_key);
	struct gyl_stack_sock any = {.local_port = 53}, flow = {.local_port = 40000,
								.flow = 1,
								.remote_ip = 0x0a000005,
								.remote_port = 53};

	cf.sock_max = 8;
	cf.park_max = 8;
	f.arp.entry_max = 6;
	f.arp.pending_max = 4;
	f.arp.fixed_max = 2;
	must(gyl_stack_need(&cf) <= sizeof(mem));
	w.s = gyl_stack_init(mem, &cf);
	w.now_ns = GYL_NS_PER_S;
	w.p = data;
	w.left = size;
	must(gyl_stack_bind(w.s, &any) == GYL_STACK_BOUND);
	must(gyl_stack_bind(w.s, &flow) == GYL_STACK_BOUND);
	must(gyl_stack_bind_frame(w.s, GYL_ETH_ARP, 1) == GYL_STACK_BOUND);
	fresh_batch(&w);
	while (w.left > 0) {
		uint8_t step = next(&w);

		if (step < 128)
			take_frame(&w, step < 64);
		else if (step < 192)
			pass_time(&w, step);
		else
			send_somewhere(&w);
	}
	return 0;
}
