/* SPDX-License-Identifier: ISC */

/*
 * What the stack itself costs: from a frame to a datagram and back, without a system call. The
 * request is the shortest there is, 18 octets in a frame of 60, from a neighbour that is known.
 */

#include <gyl/arp.h>
#include <gyl/eth.h>
#include <gyl/frame.h>
#include <gyl/net/stack.h>
#include <gyl/time.h>
#include <stdlib.h>

#include "libnet/dev/mem.h"
#include "tests/bench/bench.h"

enum {
	OUR_IP = 0x0a000001,
	PEER_IP = 0x0a000005,
	PORT = 53,
	PAYLOAD_LEN = 18,
	BATCH = 16,
	IN_CAP = BATCH + GYL_STACK_IN_MAX,
	OUT_CAP = GYL_STACK_OUT_MAX, /* of the stack's own frames, and it makes none here */
	NEIGHBOUR_CNT = 250
};

static const uint8_t our_mac[6] = {2, 0, 0, 0, 0, 1};
static const uint8_t peer_mac[6] = {2, 0, 0, 0, 0, 5};
static const uint64_t now_ns = 1000 * GYL_NS_PER_S;

static uint8_t frame[GYL_FRAME_UDP_ROOM + PAYLOAD_LEN];
static struct gyl_view request; /* in it */
static struct gyl_stack *stack;
static struct gyl_mem_hub *hub;

static void make_request(void)
{
	struct gyl_frame_udp f = {
		.src_ip = PEER_IP, .dst_ip = OUR_IP, .src_port = 40000, .dst_port = PORT};

	memcpy(f.dst_mac, our_mac, 6);
	memcpy(f.src_mac, peer_mac, 6);
	if (gyl_failed(gyl_frame_udp_encode(
		    &f, frame, sizeof frame, GYL_FRAME_UDP_ROOM, PAYLOAD_LEN, &request)) ||
		request.len != 60)
		abort();
}

static struct gyl_arp reply_of(uint32_t ip)
{
	uint8_t mac[6] = {2, 0, 0, 0, 0, (uint8_t)ip};
	struct gyl_arp question = gyl_arp_request(our_mac, OUR_IP, ip);

	return gyl_arp_reply(&question, mac);
}

/* It has answered once, so the reply's way is known. */
static void meet(struct gyl_arp_cache *c, uint32_t ip)
{
	struct gyl_arp a = reply_of(ip);
	struct gyl_arp_result res;
	struct gyl_arp_send send;
	uint8_t mac[6];

	gyl_arp_cache_query(c, now_ns, 0, ip, mac, &send);
	gyl_arp_cache_input(c, now_ns, 0, &a, &res);
	if (res.verdict != GYL_ARP_LEARNED)
		abort();
}

static void make_stack(void)
{
	static const uint8_t tcp_key[16];
	struct gyl_stack_iface_conf f = gyl_stack_iface_defaults(our_mac, OUR_IP, 24, 0, 42);
	struct gyl_stack_conf cf = gyl_stack_defaults(&f, 1, 42, tcp_key);
	struct gyl_stack_sock sock = {.local_port = PORT};
	void *mem = aligned_alloc(64, gyl_stack_need(&cf));

	stack = mem == NULL ? NULL : gyl_stack_init(mem, &cf);
	hub = gyl_mem_hub_open(2, 256, 1500);
	if (stack == NULL || hub == NULL || gyl_stack_bind(stack, &sock) != GYL_STACK_BOUND)
		abort();
	for (uint32_t i = 0; i < NEIGHBOUR_CNT; i++)
		meet(gyl_stack_arp(stack, 0), OUR_IP + 1 + i);
}

static uint64_t frame_decode(uint64_t n)
{
	struct gyl_frame_udp f;
	uint64_t sum = 0;

	while (n-- > 0) {
		if (gyl_failed(gyl_frame_udp_decode(request, 0, &f)))
			abort();
		sum += f.payload.len;
	}
	return sum;
}

static uint64_t frame_encode(uint64_t n)
{
	struct gyl_frame_udp f = {
		.src_ip = OUR_IP, .dst_ip = PEER_IP, .src_port = PORT, .dst_port = 40000};
	uint8_t buf[GYL_FRAME_UDP_ROOM + PAYLOAD_LEN] = {0};
	struct gyl_view out;
	uint64_t sum = 0;

	while (n-- > 0) {
		if (gyl_failed(gyl_frame_udp_encode(
			    &f, buf, sizeof buf, GYL_FRAME_UDP_ROOM, PAYLOAD_LEN, &out)))
			abort();
		sum += out.p[out.len - 1];
	}
	return sum;
}

static uint64_t arp_query(uint64_t n)
{
	struct gyl_arp_cache *c = gyl_stack_arp(stack, 0);
	struct gyl_arp_send send;
	uint8_t mac[6];
	uint64_t sum = 0;

	while (n-- > 0) {
		uint32_t ip = OUR_IP + 1 + (uint32_t)(n % NEIGHBOUR_CNT);

		if (gyl_arp_cache_query(c, now_ns, 0, ip, mac, &send) != GYL_ARP_KNOWN)
			abort();
		sum += mac[5];
	}
	return sum;
}

static uint64_t arp_input(uint64_t n)
{
	struct gyl_arp_cache *c = gyl_stack_arp(stack, 0);
	struct gyl_arp_result res;
	static struct gyl_arp reply[NEIGHBOUR_CNT];
	uint64_t sum = 0;

	for (uint32_t i = 0; i < NEIGHBOUR_CNT; i++)
		reply[i] = reply_of(OUR_IP + 1 + i);
	while (n-- > 0) {
		gyl_arp_cache_input(c, now_ns, 0, &reply[n % NEIGHBOUR_CNT], &res);
		if (res.verdict != GYL_ARP_RENEWED)
			abort();
		sum += res.mac[5];
	}
	return sum;
}

/* The way back as a server on a stack goes it: to the address, through routes and the cache. */
static void answer(const struct gyl_stack_in *in, struct gyl_netbuf *buf, struct gyl_stack_batch *b)
{
	struct gyl_net_peer to = in->peer;

	uint8_t dev;

	to.has_mac = false;
	memcpy(buf->p + GYL_STACK_ROOM, in->data.p, in->data.len);
	if (gyl_stack_udp_output(stack, now_ns, &to, NULL, buf, GYL_STACK_ROOM, in->data.len, &dev,
		    b) != GYL_STACK_READY)
		abort();
}

/* The stack alone: frames are there, replies go nowhere. */
static uint64_t stack_turn(uint64_t n)
{
	static uint8_t room[BATCH + OUT_CAP][256];
	struct gyl_netframe f[BATCH];
	struct gyl_netbuf out[BATCH + OUT_CAP];
	struct gyl_stack_in in[IN_CAP];
	uint64_t sum = 0;

	for (size_t i = 0; i < BATCH + OUT_CAP; i++)
		out[i] = (struct gyl_netbuf){.p = room[i], .cap = sizeof room[i]};
	for (size_t i = 0; i < BATCH; i++)
		f[i] = (struct gyl_netframe){.p = request.p, .len = 60};
	while (n-- > 0) {
		struct gyl_stack_batch b = {
			.in = in, .in_cap = IN_CAP, .out = {{.buf = out + BATCH, .cap = OUT_CAP}}};

		if (gyl_stack_input(stack, now_ns, 0, f, BATCH, &b) != BATCH || b.in_cnt != BATCH)
			abort();
		for (size_t i = 0; i < BATCH; i++)
			answer(&in[i], &out[i], &b);
		sum += out[BATCH - 1].len;
	}
	return sum;
}

static void client_send(struct gyl_netdev *d)
{
	struct gyl_netbuf buf[BATCH];

	if (gyl_netdev_lend(d, buf, BATCH) != BATCH)
		abort();
	for (size_t i = 0; i < BATCH; i++) {
		memcpy(buf[i].p, request.p, 60);
		buf[i].len = 60;
	}
	gyl_netdev_send(d, buf, BATCH);
}

static void server_turn(struct gyl_netdev *d)
{
	struct gyl_netframe f[BATCH];
	struct gyl_netbuf out[BATCH + OUT_CAP];
	struct gyl_stack_in in[IN_CAP];
	struct gyl_stack_batch b = {
		.in = in, .in_cap = IN_CAP, .out = {{.buf = out + BATCH, .cap = OUT_CAP}}};
	size_t cnt = gyl_netdev_recv(d, f, BATCH);

	if (gyl_netdev_lend(d, out, BATCH + OUT_CAP) != BATCH + OUT_CAP ||
		gyl_stack_input(stack, now_ns, 0, f, cnt, &b) != BATCH)
		abort();
	for (size_t i = 0; i < b.in_cnt; i++)
		answer(&in[i], &out[i], &b);
	gyl_netdev_send(d, out, BATCH + OUT_CAP);
}

/* A client at the other end of a cable in memory: both devices and all copies count. */
static uint64_t cable_turn(uint64_t n)
{
	struct gyl_netdev *server = gyl_mem_port(hub, 0), *client = gyl_mem_port(hub, 1);
	struct gyl_netframe f[BATCH];
	uint64_t sum = 0;

	while (n-- > 0) {
		client_send(client);
		server_turn(server);
		if (gyl_netdev_recv(client, f, BATCH) != BATCH)
			abort();
		sum += f[0].len;
	}
	return sum;
}

static const struct bench_task task[] = {
	{"frame of 60 octets to UDP payload, both checksums proven", 1,
		{{"guyline", frame_decode}}},
	{"UDP payload of 18 octets to frame, both checksums made", 1, {{"guyline", frame_encode}}},
	{"ARP cache, look one of 250 known neighbours up", 1, {{"guyline", arp_query}}},
	{"ARP cache, take a reply of one of 250 neighbours", 1, {{"guyline", arp_input}}},
	{"stack, a request in and its reply out, batches of 16", BATCH, {{"guyline", stack_turn}}},
	{"the same with two devices in memory, all copies counted", BATCH,
		{{"guyline", cable_turn}}},
};

int main(int argc, char **argv)
{
	make_request();
	make_stack();
	return bench_main(argc, argv, task, sizeof task / sizeof task[0]);
}
