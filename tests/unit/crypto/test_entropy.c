/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/cpu.h>
#include <gyl/entropy.h>
#include <gyl/source.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND UINT64_C(1000000000)

/* Fixed sequences, so that a run can be repeated: splitmix64. */
static uint8_t noise_octet(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (uint8_t)(z >> 56);
}

/* A made-up source and what is wrong with it. */
enum fault {
	GOOD,
	STUCK,
	BIASED,
	ALTERNATING,
	NEVER,
	ALL_ONES,
	SLOW,
	GREEDY
};

struct made {
	enum fault fault;
	uint64_t seed;
	unsigned call_cnt, sample_cnt;
	unsigned good_cnt; /* samples that are good before the fault shows */
};

static uint8_t made_octet(struct made *m)
{
	bool good = m->sample_cnt++ < m->good_cnt;

	switch (good ? GOOD : m->fault) {
	case STUCK:
		return 0x42;
	case ALL_ONES:
		return 0xff;
	case ALTERNATING:
		return m->sample_cnt & 1;
	case BIASED: /* nine of ten are 0 */
		return noise_octet(&m->seed) < 230 ? 0 : noise_octet(&m->seed);
	default:
		return noise_octet(&m->seed);
	}
}

static size_t made_sample(void *arg, uint8_t *out, size_t cap)
{
	struct made *m = arg;
	size_t len = m->fault == NEVER ? 0 : m->fault == SLOW && cap > 3 ? 3 : cap;

	m->call_cnt++;
	if (m->fault == SLOW && m->call_cnt % 2 == 0)
		return 0;
	for (size_t i = 0; i < len; i++)
		out[i] = made_octet(m);
	return m->fault == GREEDY ? len + 1000 : len; /* says more than it wrote */
}

#define MADE(mbits, cnt, ms)                                                                \
	{                                                                                   \
		.name = "made", .claim_mbits = (mbits), .poll_cnt = (cnt), .poll_ms = (ms), \
		.sample = made_sample                                                       \
	}

static const struct gyl_source claims_half = MADE(500, 64, 1000), claims_one = MADE(1000, 64, 1000),
			       claims_two = MADE(2000, 64, 1000), claims_six = MADE(6000, 64, 1000),
			       claims_eight = MADE(8000, 64, 1000),
			       claims_nine = MADE(9000, 64, 1000), claims_none = MADE(0, 64, 1000),
			       seed_only = MADE(8000, 64, 0);

struct world {
	struct gyl_fortuna f;
	struct gyl_entropy e;
};

static void world_init(struct world *w)
{
	gyl_fortuna_init(&w->f, 0, GYL_FORTUNA_NO_HEDGE);
	gyl_entropy_init(&w->e, &w->f);
}

static bool readable(struct world *w, uint64_t now_ns)
{
	uint8_t out[16];

	return gyl_fortuna_read(&w->f, now_ns, out, sizeof out) == GYL_CRYPTO_OK;
}

/* What start makes of one source: which are credited, which are muted, and when. */
static void start(void **state)
{
	static const struct {
		const char *name;
		const struct gyl_source *source;
		enum fault fault;
		unsigned good_cnt, rounds;
		int err;
		bool muted;
		uint64_t credit; /* thousandths of a bit */
	} cases[] = {
		{"good, 0.5 bits", &claims_half, GOOD, 0, 64, GYL_CRYPTO_OK, false, 1024 * 500},
		{"good, 6 bits", &claims_six, GOOD, 0, 64, GYL_CRYPTO_OK, false, 1024 * 6000},
		/* An octet has no more than 8 bits, whatever it claims. */
		{"nine", &claims_nine, GOOD, 0, 64, GYL_CRYPTO_OK, false, 1024 * 8000},
		/* The credit of seven rounds is there, and withheld. */
		{"short", &claims_eight, GOOD, 0, 7, GYL_CRYPTO_E_UNSEEDED, false, 0},
		{"no rounds", &claims_eight, GOOD, 0, 0, GYL_CRYPTO_E_UNSEEDED, false, 0},
		{"slow", &claims_six, SLOW, 0, 600, GYL_CRYPTO_OK, false, 1024 * 6000},
		{"greedy", &claims_half, GREEDY, 0, 64, GYL_CRYPTO_OK, false, 1024 * 500},
		{"none", &claims_none, GOOD, 0, 64, GYL_CRYPTO_E_UNSEEDED, false, 0},
		{"stuck, 0.5", &claims_half, STUCK, 0, 64, GYL_CRYPTO_E_UNSEEDED, true, 0},
		{"stuck, 8", &claims_eight, STUCK, 0, 64, GYL_CRYPTO_E_UNSEEDED, true, 0},
		/* Good samples do not count when the start-up fails after them. */
		{"stuck at last", &claims_six, STUCK, 1000, 64, GYL_CRYPTO_E_UNSEEDED, true, 0},
		{"all ones", &claims_six, ALL_ONES, 0, 64, GYL_CRYPTO_E_UNSEEDED, true, 0},
		{"biased, 0.5", &claims_half, BIASED, 0, 64, GYL_CRYPTO_E_UNSEEDED, true, 0},
		{"biased, 6", &claims_six, BIASED, 0, 64, GYL_CRYPTO_E_UNSEEDED, true, 0},
		{"alternating, 2", &claims_two, ALTERNATING, 0, 64, GYL_CRYPTO_E_UNSEEDED, true, 0},
		{"never", &claims_eight, NEVER, 0, 64, GYL_CRYPTO_E_UNSEEDED, false, 0},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		struct made m = {
			.fault = cases[i].fault, .seed = 11, .good_cnt = cases[i].good_cnt};
		struct world w;
		const struct gyl_entropy_source *s = &w.e.source[0];
		int err;

		world_init(&w);
		assert_int_equal(gyl_entropy_add(&w.e, cases[i].source, &m), 0);
		err = gyl_entropy_start(&w.e, SECOND, cases[i].rounds);
		if (err != cases[i].err || s->muted != cases[i].muted ||
			(s->credit != cases[i].credit && m.fault != SLOW))
			fprintf(stderr, "%s: %d, %d, %lu\n", cases[i].name, err, s->muted,
				(unsigned long)s->credit);
		assert_int_equal(err, cases[i].err);
		assert_int_equal(s->muted, cases[i].muted);
		if (m.fault == SLOW) /* three at a time: events are of 32 all the same */
			assert_true(s->credit >= cases[i].credit && s->credit % 32000 == 0);
		else
			assert_true(s->credit == cases[i].credit);
		assert_true(w.f.source[0].credit == s->credit);
		assert_true(!s->muted || s->withheld == 0);
		assert_true(s->sample_cnt == m.sample_cnt);
		assert_int_equal(readable(&w, SECOND), err == GYL_CRYPTO_OK);
		assert_int_equal(gyl_entropy_degraded(&w.e), err != GYL_CRYPTO_OK);
		/* All but what is held back for the next event went into the pools. */
		assert_true(w.f.source[0].octet_cnt == s->sample_cnt - s->held_cnt);
		assert_int_equal(gyl_entropy_failed(&w.e), s->muted ? 0 : -1);
		assert_int_equal(gyl_entropy_failed(&w.e), -1);
	}
}

/* The timing loop alone is enough: what a unikernel without RDSEED has. */
static void whirlwind_alone(void **state)
{
	struct gyl_source_env env = {.cpu = 0};
	struct world w;

	(void)state;
	if (gyl_source_ticks(&env) == 0)
		skip(); /* no counter here */
	world_init(&w);
	gyl_entropy_add(&w.e, &gyl_source_whirlwind, &env);
	assert_int_equal(gyl_entropy_start(&w.e, 0, 8), GYL_CRYPTO_OK);
	assert_true(w.e.source[0].credit >= 1000 * GYL_FORTUNA_FIRST_BITS);
	assert_true(w.e.source[0].sample_cnt >= 512);
	assert_true(readable(&w, 0));
}

/* Real sources together. Those that this machine has not are asked, and nothing waits for them. */
static void everything(void **state)
{
	struct gyl_source_env env = {.cpu = gyl_cpu_detect(), .memory_len = 1 << 20};
	struct world w;
	uint8_t boot[40] = "quiet root=/dev/vda1";
	int number;

	(void)state;
	env.memory = calloc(1, env.memory_len);
	world_init(&w);
	number = gyl_entropy_add(&w.e, &gyl_source_boot, NULL);
	gyl_entropy_push(&w.e, number, boot, sizeof boot);
	gyl_entropy_add(&w.e, &gyl_source_getrandom, NULL);
	gyl_entropy_add(&w.e, &gyl_source_rdseed, &env);
	gyl_entropy_add(&w.e, &gyl_source_rdrand, &env);
	gyl_entropy_add(&w.e, &gyl_source_whirlwind, &env);
	gyl_entropy_add(&w.e, &gyl_source_memory, &env);
	assert_int_equal(gyl_entropy_start(&w.e, 0, 1000), GYL_CRYPTO_OK);
	assert_true(w.f.source[number].octet_cnt == sizeof boot); /* 32 and 8: it all went in */
	assert_true(w.f.source[number].credit == 0);
	assert_false(w.e.source[number].muted);
	assert_false(gyl_entropy_degraded(&w.e));
	free(env.memory);
}

/* A dead source costs a call a round, and the good one is asked beside it. */
static void beside_a_dead_one(void **state)
{
	struct made dead = {.fault = NEVER}, bad = {.fault = STUCK},
		    good = {.fault = GOOD, .seed = 3};
	struct world w;

	(void)state;
	world_init(&w);
	gyl_entropy_add(&w.e, &claims_eight, &dead);
	gyl_entropy_add(&w.e, &claims_eight, &bad);
	gyl_entropy_add(&w.e, &claims_half, &good);
	assert_int_equal(gyl_entropy_start(&w.e, 0, 64), GYL_CRYPTO_OK);
	assert_int_equal(dead.call_cnt, 8);
	assert_true(w.e.source[0].empty_cnt == 8);
	assert_int_equal(gyl_entropy_failed(&w.e), 1);
	assert_int_equal(gyl_entropy_failed(&w.e), -1);
	assert_false(gyl_entropy_degraded(&w.e));
	/* What the muted one gave is in the pools, for nothing. */
	assert_true(w.f.source[1].octet_cnt == 1024);
	assert_true(w.f.source[1].credit == 0);
}

/* A seed file makes the generator ready; the sources have to show what they are nevertheless. */
static void after_a_seed_file(void **state)
{
	struct made good = {.fault = GOOD, .seed = 3};
	uint8_t seed[GYL_FORTUNA_SEED_LEN] = {1};
	struct world w;

	(void)state;
	world_init(&w);
	gyl_entropy_add(&w.e, &claims_half, &good);
	gyl_fortuna_seed(&w.f, seed, sizeof seed, 256);
	assert_true(readable(&w, 0));
	assert_int_equal(gyl_entropy_start(&w.e, 0, 64), GYL_CRYPTO_OK);
	assert_true(gyl_health_good(&w.e.source[0].health));
	assert_true(w.e.source[0].credit == 1024 * 500);
}

/* Good until long after the first seed, then stuck: muted, told once, credit ends, output does not.
 */
static void drifts(void **state)
{
	struct made m = {.fault = STUCK, .seed = 9, .good_cnt = 4096};
	struct world w;
	uint64_t now_ns = SECOND, credit, octets;

	(void)state;
	world_init(&w);
	gyl_entropy_add(&w.e, &claims_six, &m);
	assert_int_equal(gyl_entropy_start(&w.e, now_ns, 8), GYL_CRYPTO_OK);
	while (m.sample_cnt < 4096) {
		assert_int_equal(gyl_entropy_failed(&w.e), -1);
		assert_false(gyl_entropy_degraded(&w.e));
		now_ns += SECOND;
		gyl_entropy_poll(&w.e, now_ns);
	}
	credit = w.e.source[0].credit;
	octets = w.f.source[0].octet_cnt;
	assert_true(credit == 4096 * 6000);
	for (unsigned i = 0; i < 10; i++) {
		now_ns += SECOND;
		gyl_entropy_poll(&w.e, now_ns);
		assert_true(w.e.source[0].muted);
		assert_int_equal(gyl_entropy_failed(&w.e), i == 0 ? 0 : -1);
		assert_true(gyl_entropy_degraded(&w.e));
		assert_true(readable(&w, now_ns));
	}
	assert_true(w.e.source[0].credit == credit);
	assert_true(w.f.source[0].octet_cnt == octets + 640); /* fed all the same */
}

/* Good, and then it is not there any more: no failure to tell, but nothing to count upon. */
static void runs_dry(void **state)
{
	struct made m = {.fault = GOOD, .seed = 9};
	struct world w;
	uint64_t now_ns = 0;

	(void)state;
	world_init(&w);
	gyl_entropy_add(&w.e, &claims_six, &m);
	assert_int_equal(gyl_entropy_start(&w.e, now_ns, 8), GYL_CRYPTO_OK);
	m.fault = NEVER;
	for (unsigned i = 1; i <= 8; i++) {
		assert_false(gyl_entropy_degraded(&w.e));
		gyl_entropy_poll(&w.e, now_ns += SECOND);
		assert_true(w.e.source[0].empty_cnt == i);
	}
	assert_true(gyl_entropy_degraded(&w.e));
	assert_int_equal(gyl_entropy_failed(&w.e), -1);
	m.fault = GOOD;
	gyl_entropy_poll(&w.e, now_ns + SECOND);
	assert_false(gyl_entropy_degraded(&w.e));
}

static void no_false_alarm(void **state)
{
	struct made m = {.fault = GOOD, .seed = 77};
	struct world w;
	uint64_t now_ns = 0;

	(void)state;
	world_init(&w);
	gyl_entropy_add(&w.e, &claims_eight, &m);
	assert_int_equal(gyl_entropy_start(&w.e, now_ns, 8), GYL_CRYPTO_OK);
	while (m.sample_cnt < 1000000)
		gyl_entropy_poll(&w.e, now_ns += SECOND);
	assert_int_equal(gyl_entropy_failed(&w.e), -1);
	assert_true(w.e.source[0].credit == m.sample_cnt / 32 * 32 * UINT64_C(8000));
}

/* What is pushed octet by octet is gathered, and credited after the start-up as what is polled. */
static void pushed(void **state)
{
	static const uint8_t junk[4] = {1, 2, 3, 4};
	struct world w;
	uint64_t seed = 21;
	int number;

	(void)state;
	world_init(&w);
	number = gyl_entropy_add(&w.e, &gyl_source_wakeup, NULL);
	assert_true(gyl_entropy_deadline_ns(&w.e) == UINT64_MAX);
	for (unsigned n = 1; n <= GYL_HEALTH_STARTUP; n++) {
		uint8_t sample = noise_octet(&seed);

		assert_true(w.e.source[number].credit == 0);
		gyl_entropy_push(&w.e, number, &sample, 1);
		assert_true(w.f.source[number].event_cnt == n / 32);
		gyl_entropy_poll(&w.e, n);
	}
	assert_true(w.e.source[number].credit == 1024 * 1000);
	assert_true(w.e.source[number].withheld == 0);
	assert_true(readable(&w, 2000));
	assert_true(w.e.source[number].empty_cnt == 0); /* it was never asked */
	/* Numbers that are none. */
	gyl_entropy_push(&w.e, -1, junk, sizeof junk);
	gyl_entropy_push(&w.e, number + 1, junk, sizeof junk);
	assert_true(w.e.source[number].sample_cnt == GYL_HEALTH_STARTUP);
}

/* A boot seed of one value over and over: not tested, not muted, never worth anything. */
static void boot_seed(void **state)
{
	struct world w;
	uint8_t zeros[2000] = {0};
	int number;

	(void)state;
	world_init(&w);
	number = gyl_entropy_add(&w.e, &gyl_source_boot, NULL);
	gyl_entropy_push(&w.e, number, zeros, 7);
	assert_true(w.f.source[number].octet_cnt == 7);
	gyl_entropy_push(&w.e, number, zeros, sizeof zeros);
	assert_true(w.f.source[number].octet_cnt == 2007);
	assert_true(w.f.credit == 0);
	assert_int_equal(gyl_entropy_failed(&w.e), -1);
	assert_false(readable(&w, 0));
}

/* Polled once, when it has something to give, and not again. */
static void once(void **state)
{
	struct gyl_source source = MADE(8000, 16, 1000);
	struct made m = {.fault = NEVER};
	struct world w;

	(void)state;
	source.once = true;
	world_init(&w);
	gyl_entropy_add(&w.e, &source, &m);
	assert_int_equal(gyl_entropy_start(&w.e, 0, 3), GYL_CRYPTO_E_UNSEEDED);
	assert_int_equal(m.call_cnt, 3);
	m.fault = GOOD;
	assert_int_equal(gyl_entropy_start(&w.e, 0, 20), GYL_CRYPTO_E_UNSEEDED);
	assert_int_equal(m.call_cnt, 4);
	assert_true(gyl_entropy_deadline_ns(&w.e) == UINT64_MAX);
	assert_true(w.f.credit == 0);
}

static void pace(void **state)
{
	struct made often = {.fault = GOOD, .seed = 1}, first = {.fault = GOOD, .seed = 2};
	struct world w;
	uint64_t now_ns = 5 * SECOND;

	(void)state;
	world_init(&w);
	gyl_entropy_add(&w.e, &claims_one, &often);
	gyl_entropy_add(&w.e, &seed_only, &first);
	assert_true(gyl_entropy_deadline_ns(&w.e) == 0); /* never asked: now */
	/* Unseeded: a round of everything, every 0.1 s and not oftener. */
	gyl_entropy_poll(&w.e, now_ns);
	assert_int_equal(often.sample_cnt, 128);
	assert_int_equal(first.sample_cnt, 128);
	gyl_entropy_poll(&w.e, now_ns + 1);
	assert_int_equal(often.sample_cnt, 128);
	assert_true(gyl_entropy_deadline_ns(&w.e) == now_ns + SECOND / 10);
	for (unsigned i = 0; i < 7; i++) {
		assert_false(w.f.seeded);
		gyl_entropy_poll(&w.e, now_ns += SECOND / 10);
	}
	assert_true(w.f.seeded);
	/* Seeded: the one at its own pace, the other never again. */
	assert_true(gyl_entropy_deadline_ns(&w.e) == now_ns + SECOND);
	gyl_entropy_poll(&w.e, now_ns + SECOND - 1);
	assert_int_equal(often.sample_cnt, 1024);
	gyl_entropy_poll(&w.e, now_ns + SECOND);
	assert_int_equal(often.sample_cnt, 1024 + 64);
	assert_int_equal(first.sample_cnt, 1024);
	/* A long sleep is one poll, not many. */
	gyl_entropy_poll(&w.e, now_ns + 100 * SECOND);
	assert_int_equal(often.sample_cnt, 1024 + 128);
	assert_true(gyl_entropy_deadline_ns(&w.e) == now_ns + 101 * SECOND);
}

/* Polls feed all pools and reseed: what was known of the state is worth nothing then. */
static void reseeds(void **state)
{
	struct made m = {.fault = GOOD, .seed = 1};
	struct world w;
	uint64_t now_ns = 0, before;

	(void)state;
	world_init(&w);
	gyl_entropy_add(&w.e, &claims_one, &m);
	assert_int_equal(gyl_entropy_start(&w.e, now_ns, 8), GYL_CRYPTO_OK);
	before = w.f.reseed_cnt;
	for (unsigned i = 0; i < 64; i++)
		gyl_entropy_poll(&w.e, now_ns += SECOND);
	/* 64 times two events are four a pool; pool 0 is full with two. */
	assert_true(w.f.reseed_cnt - before == 2);
}

static void full(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	for (int i = 0; i < GYL_FORTUNA_SOURCE_MAX; i++)
		assert_int_equal(gyl_entropy_add(&w.e, &gyl_source_boot, NULL), i);
	assert_int_equal(gyl_entropy_add(&w.e, &gyl_source_boot, NULL), GYL_CRYPTO_E_SOURCE);
}

/* What a forked child has in pages that were wiped: nothing, and every call is safe. */
static void wiped(void **state)
{
	struct gyl_entropy e;
	uint8_t sample[40] = {1};

	(void)state;
	memset(&e, 0, sizeof e);
	assert_int_equal(gyl_entropy_add(&e, &gyl_source_boot, NULL), GYL_CRYPTO_E_STATE);
	gyl_entropy_push(&e, 0, sample, sizeof sample);
	gyl_entropy_poll(&e, SECOND);
	assert_int_equal(gyl_entropy_start(&e, SECOND, 8), GYL_CRYPTO_E_UNSEEDED);
	assert_true(gyl_entropy_deadline_ns(&e) == UINT64_MAX);
	assert_int_equal(gyl_entropy_failed(&e), -1);
	assert_true(gyl_entropy_degraded(&e));
}

/* Only the generator was wiped, the sources were not: nothing is credited that went nowhere. */
static void generator_wiped(void **state)
{
	struct made m = {.fault = GOOD, .seed = 1};
	struct world w;
	uint64_t credit;

	(void)state;
	world_init(&w);
	gyl_entropy_add(&w.e, &claims_eight, &m);
	assert_int_equal(gyl_entropy_start(&w.e, 0, 8), GYL_CRYPTO_OK);
	credit = w.e.source[0].credit;
	gyl_fortuna_wipe(&w.f);
	gyl_entropy_poll(&w.e, SECOND);
	assert_true(w.e.source[0].credit == credit);
	assert_false(readable(&w, SECOND));
	/* Anew: the source has shown what it is, so two polls are enough. */
	gyl_fortuna_init(&w.f, 0, GYL_FORTUNA_NO_HEDGE);
	gyl_entropy_poll(&w.e, 2 * SECOND);
	assert_true(readable(&w, 2 * SECOND));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(start),
		cmocka_unit_test(whirlwind_alone),
		cmocka_unit_test(everything),
		cmocka_unit_test(beside_a_dead_one),
		cmocka_unit_test(after_a_seed_file),
		cmocka_unit_test(drifts),
		cmocka_unit_test(runs_dry),
		cmocka_unit_test(no_false_alarm),
		cmocka_unit_test(pushed),
		cmocka_unit_test(boot_seed),
		cmocka_unit_test(once),
		cmocka_unit_test(pace),
		cmocka_unit_test(reseeds),
		cmocka_unit_test(full),
		cmocka_unit_test(wiped),
		cmocka_unit_test(generator_wiped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
