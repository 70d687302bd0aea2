/* SPDX-License-Identifier: ISC */

/* The ARP watch's core: one frame of a host that it knows, out of ten thousand in no order, asking
 * for another one; and of a new one. From the octets of the frame to the changed table. */

#include <gyl/arp.h>
#include <gyl/eth.h>
#include <gyl/time.h>
#include <stdlib.h>

#include "services/arpd/core.h"
#include "services/base/ring.h"
#include "tests/bench/bench.h"

enum {
	HOST_CNT = 10000,
	STEP = 7919, /* a prime: hosts in no order */
	FIRST_IP = 0x0a000000,
	FRAME_LEN = 60,
	SRC_OFF = 6,
	SHA_OFF = 22,
	SPA_OFF = 28,
	TPA_OFF = 38
};

static struct gyl_arpd *watch;
static struct gyl_ring ring;
static _Alignas(16) uint8_t ring_mem[1 << 14];
static struct gyl_out out;
static uint8_t frame[FRAME_LEN];
static uint64_t seq;

static uint64_t keep(void *arg, const struct gyl_record *rec, size_t cnt)
{
	(void)arg;
	(void)rec;
	(void)cnt;
	return ++seq;
}

static void put(struct gyl_arpd *d, uint32_t host)
{
	struct gyl_in in = {.kind = GYL_IN_FRAME, .data = gyl_view(frame, FRAME_LEN)};

	gyl_set_u32(frame + SRC_OFF + 2, host);
	gyl_set_u32(frame + SHA_OFF + 2, host);
	gyl_set_u32(frame + SPA_OFF, FIRST_IP + 1 + host);
	gyl_set_u32(frame + TPA_OFF, FIRST_IP + 1 + host / 2 % HOST_CNT);
	gyl_ring_init(&ring, ring_mem, sizeof ring_mem);
	out.store_room = out.hold_room = UINT32_MAX;
	out.now.mono_ns += 1000;
	out.now.wall_ns += 1000;
	if (gyl_arpd_core.input(d, out.now, &in, 1, &out) != 1)
		abort();
}

static struct gyl_arpd *make_watch(void *mem)
{
	static const struct gyl_arpd_conf cf = {.forget_ns = 24 * GYL_NS_PER_HOUR,
		.flipflop_ns = GYL_NS_PER_HOUR,
		.duplicate_ns = 2 * GYL_NS_PER_S,
		.lease_grace_ns = 30 * GYL_NS_PER_S,
		.flood_cnt = 0, /* ten thousand hosts in a row, for ever: each floods */
		.announce_cnt = 20,
		.sweep_cnt = 100,
		.scan_rate = 100,
		.host_cnt = HOST_CNT,
		.lease_cnt = HOST_CNT};
	static const struct gyl_arpd_rules rules;
	struct gyl_arpd_init init = {.cf = &cf, .rules = &rules, .seed = {1, 2}};

	if (mem == NULL)
		mem = aligned_alloc(64, (gyl_arpd_need(&cf) + 63) & ~(size_t)63);
	if (mem == NULL)
		abort();
	return gyl_arpd_init(mem, &init);
}

static uint64_t known_host(uint64_t n)
{
	static uint32_t host;

	while (n-- > 0) {
		host = (host + STEP) % HOST_CNT;
		put(watch, host);
	}
	return seq;
}

/* Each pushes the longest unseen one out. */
static uint64_t new_host(uint64_t n)
{
	static uint32_t host = HOST_CNT;

	while (n-- > 0)
		put(watch, host++ & 0x7fffff);
	return seq;
}

static const struct bench_task task[] = {
	{"ARP watch, a frame of a known host", 1, {{"guyline", known_host}}},
	{"ARP watch, a frame of a new host, table full", 1, {{"guyline", new_host}}},
};

int main(int argc, char **argv)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 9};
	struct gyl_arp a = gyl_arp_request(mac, FIRST_IP + 1, FIRST_IP);
	struct gyl_eth eth = {.dst = {255, 255, 255, 255, 255, 255}, .src = {2, 0, 0, 0, 0, 9}};
	struct gyl_writer w;

	gyl_writer_init(&w, frame, sizeof frame);
	gyl_arp_encode_frame(&w, &eth, &a);
	if (w.len != FRAME_LEN)
		abort();
	out.event = &ring;
	out.store = keep;
	out.now = (struct gyl_now){1000 * GYL_NS_PER_S, UINT64_C(1795000000000000000)};
	watch = make_watch(NULL);
	for (uint32_t i = 0; i < HOST_CNT; i++) {
		put(watch, i);
		out.now.mono_ns += 100 * GYL_NS_PER_MS; /* each is told: they are no flood */
		out.now.wall_ns += 100 * GYL_NS_PER_MS;
	}
	return bench_main(argc, argv, task, sizeof task / sizeof task[0]);
}
