/* SPDX-License-Identifier: ISC */

/*
 * The ARP cache with 10,000 neighbours, which is more than a cache line a neighbour of the first
 * level of any processor: what a message and a look-up cost when the neighbour is another one each
 * time, in no order.
 */

#include <gyl/net/arp_cache.h>
#include <gyl/time.h>
#include <stdlib.h>

#include "tests/bench/bench.h"

enum {
	OUR_IP = 0x0a000001,
	FIRST_IP = 0x0a010000,
	CNT = 10000,
	STRIDE = 7919, /* has no divisor in common with CNT: each once, far from the last one */
	FEW = 16,
	PENDING_MAX = 256
};

static const uint8_t our_mac[6] = {2, 0, 0, 0, 0, 1};
static struct gyl_arp_cache *cache, *scanned;
static struct gyl_arp reply[CNT], request[CNT];
static uint64_t now_ns = 1000 * GYL_NS_PER_S;

static void mac_of(uint32_t i, uint8_t ret[6])
{
	ret[0] = 2;
	ret[1] = 0;
	gyl_set_u32(ret + 2, i + 2);
}

static struct gyl_arp_cache *make_cache(void)
{
	struct gyl_arp_cache_conf cf = gyl_arp_cache_defaults(our_mac, 42);
	struct gyl_arp_cache *c;
	struct gyl_arp_action a;
	bool asked;
	void *mem;

	cf.entry_max = CNT;
	cf.pending_max = PENDING_MAX;
	cf.question_rate = 1000000000;
	cf.question_burst = 1000000;
	mem = aligned_alloc(64, (gyl_arp_cache_need(&cf) + 63) & ~(size_t)63);
	c = mem == NULL ? NULL : gyl_arp_cache_init(mem, &cf);
	if (c == NULL || !gyl_arp_cache_own(c, OUR_IP, &asked))
		abort();
	while (gyl_arp_cache_tick(c, now_ns, &a) || gyl_arp_cache_tick(c, now_ns + 1, &a))
		now_ns += 2 * GYL_NS_PER_S;
	return c;
}

static void take(struct gyl_arp_cache *c, const struct gyl_arp *msg, enum gyl_arp_verdict want)
{
	struct gyl_arp_result res;

	gyl_arp_cache_input(c, now_ns, 0, msg, &res);
	if (res.verdict != want)
		abort();
}

static void setup(void)
{
	cache = make_cache();
	scanned = make_cache();
	for (uint32_t i = 0; i < CNT; i++) {
		uint32_t k = (uint32_t)((uint64_t)i * STRIDE % CNT);
		struct gyl_arp question = gyl_arp_request(our_mac, OUR_IP, FIRST_IP + k);
		struct gyl_arp_send send;
		uint8_t mac[6];

		mac_of(k, mac);
		reply[i] = gyl_arp_reply(&question, mac);
		request[i] = gyl_arp_request(mac, FIRST_IP + k, OUR_IP);
		if (gyl_arp_cache_query(cache, now_ns, 0, FIRST_IP + k, mac, &send) != GYL_ARP_ASK)
			abort();
		take(cache, &reply[i], GYL_ARP_LEARNED);
	}
}

/* A reply or an announcement of a neighbour that is known: its life begins anew. */
static uint64_t refresh(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		take(cache, &reply[i % CNT], GYL_ARP_RENEWED);
	return gyl_arp_cache_deadline_ns(cache);
}

/* A reply that nobody asked for. */
static uint64_t miss(uint64_t n)
{
	struct gyl_arp a = reply[0];

	for (uint64_t i = 0; i < n; i++) {
		a.spa = 0x0b000000 + (uint32_t)(i * STRIDE % CNT);
		take(cache, &a, GYL_ARP_IGNORED);
	}
	return a.spa;
}

/* A request of a neighbour for our address: the answer is made. */
static uint64_t answer(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		take(cache, &request[i % CNT], GYL_ARP_ANSWERED);
	return gyl_arp_cache_stat(cache).reply_cnt;
}

/* What a broadcast domain is full of: requests for others. */
static uint64_t others(uint64_t n)
{
	struct gyl_arp a = request[0];

	for (uint64_t i = 0; i < n; i++) {
		a = request[i % CNT];
		a.tpa = FIRST_IP + (uint32_t)(i % CNT);
		if (a.tpa == a.spa)
			continue; /* it would announce itself */
		take(cache, &a, GYL_ARP_IGNORED);
	}
	return a.tpa;
}

/* All of it: of eight messages five are requests for others, one is for us, one renews, one misses.
 */
static uint64_t mix(uint64_t n)
{
	uint64_t sum = others(n * 5 / 8) + answer(n / 8) + refresh(n / 8);

	return sum + miss(n - n * 5 / 8 - n / 8 - n / 8);
}

static uint64_t lookup(struct gyl_arp_cache *c, uint64_t n, uint32_t cnt)
{
	struct gyl_arp_send send;
	uint8_t mac[6];
	uint64_t sum = 0;

	for (uint64_t i = 0; i < n; i++) {
		uint32_t ip = FIRST_IP + (uint32_t)(i * STRIDE % cnt);

		if (gyl_arp_cache_query(c, now_ns, 0, ip, mac, &send) != GYL_ARP_KNOWN)
			abort();
		sum += mac[5];
	}
	return sum;
}

static uint64_t query_all(uint64_t n)
{
	return lookup(cache, n, CNT);
}

static uint64_t query_few(uint64_t n)
{
	return lookup(cache, n, FEW);
}

/* A question is opened and answered; the least recently used neighbour makes room. */
static uint64_t learn(uint64_t n)
{
	static uint32_t k;
	struct gyl_arp_send send;
	struct gyl_arp a = reply[0];
	uint8_t mac[6];

	for (uint64_t i = 0; i < n; i++) {
		a.spa = 0x0c000000 + k++ % (1u << 24);
		now_ns += GYL_NS_PER_US;
		if (gyl_arp_cache_query(scanned, now_ns, 0, a.spa, mac, &send) != GYL_ARP_ASK)
			abort();
		take(scanned, &a, GYL_ARP_LEARNED);
	}
	return k;
}

static const struct bench_task task[] = {
	{"ARP cache of 10,000, a reply of one of them", 1, {{"guyline", refresh}}},
	{"ARP cache of 10,000, a reply of a stranger", 1, {{"guyline", miss}}},
	{"ARP cache of 10,000, a request for us and its answer", 1, {{"guyline", answer}}},
	{"ARP cache of 10,000, a request for another", 1, {{"guyline", others}}},
	{"ARP cache of 10,000, input as a LAN brings it", 1, {{"guyline", mix}}},
	{"ARP cache of 10,000, look any of them up", 1, {{"guyline", query_all}}},
	{"ARP cache of 10,000, look one of 16 up", 1, {{"guyline", query_few}}},
	{"ARP cache of 10,000, ask and learn, one makes room", 1, {{"guyline", learn}}},
};

int main(int argc, char **argv)
{
	setup();
	return bench_main(argc, argv, task, sizeof task / sizeof task[0]);
}
