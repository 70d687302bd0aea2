/* SPDX-License-Identifier: ISC */

/*
 * The DNS core alone: octets of a query in, octets of the answer out, for each kind of answer,
 * beside the copying of an answer that is ready: the least that any server does. The names of the
 * last tasks are spread over a million, so that each answer comes from cold memory.
 */

#include <stdio.h>
#include <stdlib.h>

#include <gyl/time.h>

#include "services/base/build_own.h"
#include "services/dns/ahead.h"
#include "services/dns/answer.h"
#include "services/dns/top.h"
#include "services/dns/zonec/compile.h"
#include "tests/bench/bench.h"

enum {
	NAMES = 1000000,
	QUERIES = 65536,
	QUERY_MAX = 64,
	BATCH = 32
};

struct query {
	uint8_t octet[QUERY_MAX];
	size_t len;
};

static struct gyl_dns_overlay overlay;
static struct gyl_dns_data data = {.overlay = &overlay};
static const struct gyl_dns_policy policy = {.lease_ttl_s = 60, .udp_size = 1232};
static struct query hit, wildcard, missing, chain, refused, *spread;

static void make(struct query *q, const char *name)
{
	static const uint8_t opt[] = {0, 0, 41, 4, 0xd0, 0, 0, 0, 0, 0, 0};
	uint8_t wire[GYL_DNS_NAME_MAX], root = 0;
	struct gyl_writer w;
	size_t len = 0;

	gyl_dns_name_parse(gyl_view_str(name), &root, wire, &len);
	gyl_writer_init(&w, q->octet, sizeof q->octet);
	gyl_put_bytes(&w, "\0\7\1\0\0\1\0\0\0\0\0\1", 12);
	gyl_put_bytes(&w, wire, len);
	gyl_put_bytes(&w, "\0\1\0\1", 4);
	gyl_put_bytes(&w, opt, sizeof opt);
	q->len = w.len;
}

static uint64_t answer_one(const struct query *q, struct gyl_dns_key *key)
{
	const struct gyl_dns_from from = {.ip = 0x0a000001, .key = key};
	static uint8_t out[1472];
	struct gyl_dns_verdict v;
	struct gyl_now now = {1, 1};

	return gyl_dns_answer(
		&data, &policy, now, &from, gyl_view(q->octet, q->len), out, sizeof out, &v);
}

static uint64_t answer(const struct query *q, uint64_t n)
{
	uint64_t sum = 0;

	for (uint64_t i = 0; i < n; i++)
		sum += answer_one(q, NULL);
	return sum;
}

static uint64_t bench_hit(uint64_t n)
{
	return answer(&hit, n);
}

static uint64_t bench_wildcard(uint64_t n)
{
	return answer(&wildcard, n);
}

static uint64_t bench_missing(uint64_t n)
{
	return answer(&missing, n);
}

static uint64_t bench_chain(uint64_t n)
{
	return answer(&chain, n);
}

static uint64_t bench_refused(uint64_t n)
{
	return answer(&refused, n);
}

/* As the core does it, so many at a time: looking ahead. */
static uint64_t spread_by(uint64_t n, size_t batch)
{
	static struct gyl_in in[BATCH];
	struct gyl_dns_ahead ahead;
	uint64_t sum = 0;

	for (uint64_t done = 0; done < n; done += batch) {
		const struct query *q = &spread[done & (QUERIES - 1)];

		for (size_t i = 0; i < batch; i++)
			in[i].data = gyl_view(q[i].octet, q[i].len);
		gyl_dns_ahead_begin(&ahead, data.image, in, batch);
		for (size_t i = 0; i < batch; i++)
			sum += answer_one(&q[i], gyl_dns_ahead_step(&ahead, i));
	}
	return sum;
}

static uint64_t bench_spread(uint64_t n)
{
	return spread_by(n, 1);
}

static uint64_t bench_batch(uint64_t n)
{
	return spread_by(n, BATCH);
}

/* The lists of `guyline dns top`, when queries come so fast: names are spread, clients are few. */
static uint64_t seen_at(uint64_t n, uint64_t per_s)
{
	static struct gyl_dns_tops tops;
	static const uint64_t key[2] = {3, 4};
	uint64_t gap_ns = GYL_NS_PER_S / per_s, sum = 0;

	gyl_dns_tops_init(&tops, key);
	for (uint64_t i = 0; i < n; i++) {
		const struct query *q = &spread[i & (QUERIES - 1)];
		uint32_t weight = gyl_dns_tops_weight(&tops, i * gap_ns);

		if (weight != 0)
			gyl_dns_tops_note(&tops, weight, (uint32_t)i % 50,
				gyl_view(q->octet + 12, q->len - 27), false, false);
		sum += weight;
	}
	return sum;
}

static uint64_t bench_seen_busy(uint64_t n)
{
	return seen_at(n, 100000);
}

static uint64_t bench_seen_quiet(uint64_t n)
{
	return seen_at(n, 500);
}

static uint64_t bench_copy(uint64_t n)
{
	static uint8_t out[1472];
	uint64_t sum = 0;

	for (uint64_t i = 0; i < n; i++) {
		memcpy(out, hit.octet, hit.len);
		__asm__ volatile("" : : "r"(out) : "memory");
		sum += out[i & 7];
	}
	return sum;
}

static const struct bench_task tasks[] = {
	{"a name of the zone", 0, {{"answer", bench_hit}, {"copy", bench_copy}}},
	{"below a wildcard", 0, {{"answer", bench_wildcard}, {"copy", bench_copy}}},
	{"no such name", 0, {{"answer", bench_missing}, {"copy", bench_copy}}},
	{"CNAME and address", 0, {{"answer", bench_chain}, {"copy", bench_copy}}},
	{"refused", 0, {{"answer", bench_refused}, {"copy", bench_copy}}},
	{"counted for the top lists", 0,
		{{"100,000 a second", bench_seen_busy}, {"500 a second", bench_seen_quiet}}},
	{"any of 1,000,000 names", 0,
		{{"answer", bench_spread}, {"in batches", bench_batch}, {"copy", bench_copy}}},
};

static const char head[] =
	"$TTL 60\n@ SOA . . 1 0 0 0 60\n@ NS ns.\n*.w A 192.0.2.1\nc CNAME host000001\n";

/* A million names with an address each. */
static struct gyl_view make_image(void)
{
	static const uint8_t origin[] = "\003lab\007example";
	size_t cap = sizeof head + (size_t)NAMES * 32, len = sizeof head - 1;
	char *text = malloc(cap);
	struct gyl_build b;
	struct gyl_dns_compile *c;
	struct gyl_view image = {NULL, 0};

	if (text == NULL || gyl_build_open(&b) != 0) {
		free(text);
		return image;
	}
	memcpy(text, head, len);
	for (unsigned i = 0; i < NAMES; i++)
		len += (size_t)snprintf(text + len, cap - len, "host%06u A 10.%u.%u.%u\n", i,
			i >> 16, i >> 8 & 255, i & 255);
	c = gyl_dns_compile_open(&b);
	if (c != NULL && gyl_dns_compile_text(c, origin, "bench", gyl_view(text, len)) &&
		gyl_dns_compile_end(c))
		(void)gyl_build_take(&b, &image);
	free(text);
	return image;
}

int main(int argc, char **argv)
{
	static const uint64_t seed[2] = {1, 2};
	static uint64_t overlay_mem[1024];
	uint32_t at = 1;
	char name[40];

	data.image = gyl_dns_image_open(make_image());
	spread = malloc(QUERIES * sizeof *spread);
	if (data.image == NULL || spread == NULL)
		return 1;
	gyl_dns_overlay_init(&overlay, overlay_mem, 4, seed);
	make(&hit, "host000005.lab.example");
	make(&wildcard, "foo.w.lab.example");
	make(&missing, "nix.lab.example");
	make(&chain, "c.lab.example");
	make(&refused, "www.elsewhere");
	for (unsigned i = 0; i < QUERIES; i++) {
		at = at * 1664525u + 1013904223u;
		(void)snprintf(name, sizeof name, "host%06u.lab.example", at % NAMES);
		make(&spread[i], name);
	}
	return bench_main(argc, argv, tasks, sizeof tasks / sizeof tasks[0]);
}
