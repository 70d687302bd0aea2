/* SPDX-License-Identifier: ISC */
/*
 * Frames, pieces, time steps and datagrams to send, from octets, through the whole stack with two
 * devices and three interfaces. Whatever comes: the inputs are views into the frame or into the
 * stack's memory, every frame that leaves is one that our own decoders take, from the right
 * station, with the right tag and not over the mtu, and the deadline is never in the past.
 *
 * A step is one octet. 0-127: a frame follows (two octets of length, then its octets); below 64 its
 * destination is made ours; odd ones come on the second device. 128-159: time passes. 160-191: a
 * piece of a datagram, two octets say which one. 192-223: send a datagram, two octets say to whom.
 * 224-255: a segment, three octets say which one, beside what TCP said last; a listener reads and
 * echoes.
 */
#include <stdlib.h>

#include <gyl/eth.h>
#include <gyl/frame.h>
#include <gyl/icmp.h>
#include <gyl/ipv4.h>
#include <gyl/net/stack.h>
#include <gyl/tcp.h>
#include <gyl/time.h>
#include <gyl/udp.h>

#include "tests/support/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	DEV_CNT = 2,
	BUF_CNT = GYL_STACK_OUT_MAX + 2,
	BUF_LEN = 2048,
	MEM_LEN = 1 << 19,
	MTU = 1500
};

static const uint8_t mac_of[DEV_CNT][6] = {{2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 2}};

struct world {
	struct gyl_stack *s;
	uint64_t now_ns;
	struct gyl_stack_in in[8];
	struct gyl_netbuf out[DEV_CNT][BUF_CNT];
	struct gyl_stack_batch b;
	const uint8_t *p;
	size_t left;
	uint32_t tcp_seq, tcp_ack; /* what fits what TCP sent last */
	uint8_t buf[DEV_CNT][BUF_CNT][BUF_LEN];
	_Alignas(64) uint8_t mem[MEM_LEN];
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

static void check_ip(struct world *w, struct gyl_view payload)
{
	struct gyl_tcp tcp;
	struct gyl_ipv4 ip;
	struct gyl_icmp icmp;
	struct gyl_udp udp;

	must(!gyl_failed(gyl_ipv4_decode(payload, 0, &ip)));
	must(ip.ttl > 0);
	if (gyl_ipv4_is_fragment(&ip))
		must((ip.flags & GYL_IPV4_DF) == 0 &&
			((ip.flags & GYL_IPV4_MF) == 0 || ip.payload.len % 8 == 0));
	else if (ip.proto == GYL_IPV4_ICMP)
		must(!gyl_failed(gyl_icmp_decode(ip.payload, 0, &icmp)));
	else if (ip.proto == GYL_IPV4_UDP)
		must(gyl_udp_decode(ip.payload, ip.src, ip.dst, 0, &udp).err == GYL_OK);
	else if (ip.proto == GYL_IPV4_TCP) {
		must(!gyl_failed(gyl_tcp_decode(ip.payload, ip.src, ip.dst, 0, &tcp)));
		w->tcp_ack = tcp.seq + gyl_tcp_seq_len(&tcp);
		w->tcp_seq = tcp.ack;
	}
}

static void check_frame(struct world *w, const struct gyl_netbuf *b, unsigned dev)
{
	struct gyl_arp arp;
	struct gyl_eth eth;

	if (b->len == 0)
		return;
	must(b->off + b->len <= b->cap);
	must(gyl_eth_decode(gyl_view(b->p + b->off, b->len), &eth).err == GYL_OK);
	must(b->len <= MTU + gyl_eth_header_len(&eth));
	must(gyl_eth_mac_eq(eth.src, mac_of[dev]));
	must(dev == 0 || gyl_eth_vid(&eth) == 0 || gyl_eth_vid(&eth) == 7);
	if (eth.type == GYL_ETH_ARP)
		must(gyl_arp_decode(eth.payload, &arp).err == GYL_OK);
	else
		check_ip(w, eth.payload);
}

/* Room for frames, one buffer kept back for what is sent in place. */
static void fresh_batch(struct world *w)
{
	w->b.in = w->in;
	w->b.in_cnt = 0;
	w->b.in_cap = 8;
	for (unsigned d = 0; d < DEV_CNT; d++) {
		for (size_t i = 0; i < BUF_CNT; i++)
			w->out[d][i] = (struct gyl_netbuf){.p = w->buf[d][i], .cap = BUF_LEN};
		w->b.out[d] = (struct gyl_stack_out){.buf = w->out[d], .cap = BUF_CNT - 1};
	}
}

static void check_batch(struct world *w)
{
	for (unsigned d = 0; d < DEV_CNT; d++) {
		must(w->b.out[d].cnt <= w->b.out[d].cap);
		for (size_t i = 0; i < w->b.out[d].cnt; i++)
			check_frame(w, &w->out[d][i], d);
	}
	fresh_batch(w);
}

static void send_to(struct world *w, const struct gyl_net_peer *to, size_t len, bool may_fragment)
{
	struct gyl_netbuf *buf = &w->out[0][BUF_CNT - 1];
	struct gyl_stack_how how = {.may_fragment = may_fragment};
	uint8_t dev = DEV_CNT;

	memset(buf->p + GYL_STACK_ROOM, 0x11, len);
	if (gyl_stack_udp_output(w->s, w->now_ns, to, &how, buf, GYL_STACK_ROOM, len, &dev,
		    &w->b) == GYL_STACK_READY) {
		must(dev < DEV_CNT);
		check_frame(w, buf, dev);
	} else {
		must(buf->len == 0);
	}
}

/* In the network of its interface: see open_stack(). */
static bool is_near(const struct gyl_net_peer *p)
{
	static const uint32_t net[] = {0x0a000000, 0x0a010000, 0x0a020000};
	static const uint32_t mask[] = {0xffffff00, 0xffffff00, 0xffff0000};

	return (p->ip & mask[p->iface]) == net[p->iface];
}

/* What came is answered, at most once a frame; neighbours without asking where they are. */
static void check_inputs(struct world *w, struct gyl_view frame)
{
	struct gyl_view mem = gyl_view(w->mem, sizeof(w->mem));

	for (size_t i = 0; i < w->b.in_cnt; i++) {
		must(view_inside(frame, w->in[i].data) || view_inside(mem, w->in[i].data));
		must(w->in[i].peer.iface < 3);
		must(w->in[i].peer.has_mac || !is_near(&w->in[i].peer));
		if (w->in[i].kind == GYL_STACK_DGRAM && w->in[i].data.len < 1600)
			send_to(w, &w->in[i].peer, w->in[i].data.len, true);
	}
}

static void input(struct world *w, const uint8_t *p, size_t len, uint8_t dev, uint32_t flags)
{
	struct gyl_netframe f;
	struct guard g;

	guard_open(&g, gyl_view(p, len));
	f = (struct gyl_netframe){g.view.p, (uint32_t)len, flags};
	must(gyl_stack_input(w->s, w->now_ns, dev, &f, 1, &w->b) == 1);
	check_inputs(w, g.view);
	guard_close(&g);
	check_batch(w);
}

static void take_frame(struct world *w, uint8_t step)
{
	size_t len = (size_t)next(w) << 8 | next(w);
	uint8_t frame[1600], dev = step & 1;

	if (len > w->left)
		len = w->left;
	if (len > sizeof(frame))
		len = sizeof(frame);
	memcpy(frame, w->p, len);
	w->p += len;
	w->left -= len;
	if (step < 64 && len >= 6)
		memcpy(frame, mac_of[dev], 6);
	input(w, frame, len, dev, step < 64 ? GYL_NETFRAME_CSUM_NOT_READY : 0);
}

/* One of four echo requests or UDP datagrams of 4 sources, in pieces of 8 to 1472 octets. */
static void take_piece(struct world *w, uint8_t step)
{
	uint8_t which = next(w), where = next(w), frame[1600], payload[1480];
	struct gyl_eth e = {.src = {2, 0, 0, 0, 0, 9}, .type = GYL_ETH_IPV4};
	struct gyl_ipv4 ip = {.id = which & 3,
		.flags = (which & 4) != 0 ? GYL_IPV4_MF : 0,
		.ttl = 9,
		.proto = (which & 8) != 0 ? GYL_IPV4_ICMP : GYL_IPV4_UDP,
		.src = 0x0a000005u + (which >> 4 & 3),
		.dst = 0x0a000001};
	struct gyl_writer wr;

	ip.frag_off = (uint16_t)((where & 15) * 8u * (1u + (step & 15u) * 4u));
	ip.payload.len = 8u * (1u + (step & 15u) * 4u) + (where >> 4 & 1) * 3u;
	memset(payload, 0, sizeof(payload));
	payload[0] = (which & 8) != 0 ? GYL_ICMP_ECHO : 0;
	payload[3] = (which & 8) != 0 ? 0 : 53;
	ip.payload.p = payload;
	memcpy(e.dst, mac_of[0], 6);
	gyl_writer_init(&wr, frame, sizeof(frame));
	gyl_eth_put_header(&wr, &e);
	gyl_ipv4_encode(&wr, &ip);
	must(gyl_writer_ok(&wr));
	input(w, frame, wr.len, 0, GYL_NETFRAME_CSUM_NOT_READY);
}

/* A segment of 4 ports to the listener, a little beside what is expected. */
static void take_segment(struct world *w)
{
	uint8_t which = next(w), flags = next(w), beside = next(w), frame[200], text[64] = {0};
	struct gyl_eth e = {.src = {2, 0, 0, 0, 0, 9}, .type = GYL_ETH_IPV4};
	struct gyl_ipv4 ip = {
		.ttl = 9, .proto = GYL_IPV4_TCP, .src = 0x0a000005, .dst = 0x0a000001};
	struct gyl_tcp tcp = {.src_port = 1024u + (which & 3u),
		.dst_port = 80,
		.seq = w->tcp_seq + (beside & 15u) - 4 * (beside >> 7),
		.ack = w->tcp_ack - (beside >> 4 & 7u),
		.flags = flags & 63,
		.window = (uint16_t)(flags >> 6 << 12),
		.payload = gyl_view(text, which >> 2)};
	struct gyl_writer wr;

	ip.payload.len = gyl_tcp_header_len(&tcp) + tcp.payload.len;
	memcpy(e.dst, mac_of[0], 6);
	gyl_writer_init(&wr, frame, sizeof(frame));
	gyl_eth_put_header(&wr, &e);
	gyl_ipv4_put_header(&wr, &ip);
	gyl_tcp_encode(&wr, &tcp, ip.src, ip.dst);
	must(gyl_writer_ok(&wr));
	input(w, frame, wr.len, 0, 0);
}

/* Whoever connects gets back what it sends. */
static void serve(struct world *w)
{
	struct gyl_streams *t = gyl_stack_streams(w->s);
	struct gyl_stream_event ev;

	while (gyl_streams_event(t, &ev)) {
		struct gyl_view v = gyl_stream_peek(t, ev.id);

		gyl_stream_take(t, w->now_ns, ev.id, gyl_stream_write(t, w->now_ns, ev.id, v));
		if ((ev.what & GYL_STREAM_EV_EOF) != 0)
			gyl_stream_close(t, w->now_ns, ev.id);
	}
}

static bool is_full(const struct world *w)
{
	return w->b.out[0].cnt == w->b.out[0].cap || w->b.out[1].cnt == w->b.out[1].cap;
}

static void pass_time(struct world *w, uint8_t step)
{
	bool again;

	w->now_ns += (uint64_t)1 << (step & 31) * 42 / 31;
	do {
		serve(w);
		gyl_stack_tick(w->s, w->now_ns, &w->b);
		again = is_full(w);
		check_batch(w);
	} while (again);
	must(gyl_stack_deadline_ns(w->s) > w->now_ns);
}

static void send_somewhere(struct world *w)
{
	static uint8_t data[24000];
	uint8_t who = next(w), how = next(w);
	struct gyl_net_peer to = {.ip = 0x0a000000u | who, .port = 9, .local_port = 53};
	struct gyl_stack_how opts = {.may_fragment = true};

	to.vlan = how & 1;
	to.iface = how >> 5;
	if ((how & 2) != 0)
		to.ip = 0xc0000200u | who;
	if ((how & 4) != 0)
		to.ip = (who & 1) != 0 ? UINT32_MAX : 0x0a020000u | who;
	if ((how & 16) == 0)
		send_to(w, &to, (size_t)(how >> 3) * 48, (how & 8) != 0);
	else
		gyl_stack_ipv4_output(
			w->s, w->now_ns, &to, 253, &opts, gyl_view(data, (size_t)who * 90), &w->b);
	check_batch(w);
}

static void open_stack(struct world *w)
{
	static const uint8_t tcp_key[16];
	struct gyl_stack_iface_conf f[3] = {0};
	struct gyl_stack_conf cf = gyl_stack_defaults(f, 3, 99, tcp_key);
	struct gyl_stack_sock any = {.local_port = 53}, flow = {.local_port = 40000,
								.flow = 1,
								.ifaces = 1,
								.remote_ip = 0x0a000005,
								.remote_port = 53};
	struct gyl_stream_listener web = {.local_port = 80};

	f[0] = gyl_stack_iface_defaults(mac_of[0], 0x0a000001, 24, 0x0a0000fe, 99);
	f[1] = gyl_stack_iface_defaults(mac_of[1], 0x0a010001, 24, 0, 98);
	f[2] = gyl_stack_iface_defaults(mac_of[1], 0x0a020001, 16, 0, 97);
	f[1].dev = f[2].dev = 1;
	f[1].vlan = 0;
	f[2].vlan = 7;
	for (int i = 0; i < 3; i++) {
		f[i].arp.entry_max = 6;
		f[i].arp.pending_max = 4;
		f[i].arp.fixed_max = 2;
	}
	cf.sock_max = 8;
	cf.park_max = 8;
	cf.path_max = 4;
	cf.reass_len = 128 * 1024;
	cf.tcp.conn_max = 8;
	cf.tcp.half_max = 4;
	cf.tcp.wait_max = 4;
	cf.tcp.listen_max = 2;
	cf.tcp.buf_len = 4096;
	cf.tcp.buf_max = 6;
	must(gyl_stack_need(&cf) <= sizeof(w->mem));
	w->s = gyl_stack_init(w->mem, &cf);
	must(gyl_stack_bind(w->s, &any) == GYL_STACK_BOUND);
	must(gyl_stack_bind(w->s, &flow) == GYL_STACK_BOUND);
	must(gyl_stack_bind_frame(w->s, GYL_ETH_ARP, 1) == GYL_STACK_BOUND);
	must(gyl_stack_bind_icmp(w->s, 7, 2) == GYL_STACK_BOUND);
	must(gyl_stack_join(w->s, 1, 0xe0000001));
	must(gyl_stream_listen(gyl_stack_streams(w->s), &web) == GYL_STREAM_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world w;

	w.now_ns = GYL_NS_PER_S;
	w.p = data;
	w.left = size;
	open_stack(&w);
	fresh_batch(&w);
	while (w.left > 0) {
		uint8_t step = next(&w);

		if (step < 128)
			take_frame(&w, step);
		else if (step < 160)
			pass_time(&w, step);
		else if (step < 192)
			take_piece(&w, step);
		else if (step < 224)
			send_somewhere(&w);
		else
			take_segment(&w);
	}
	return 0;
}
