/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/health.h>
#include <stdio.h>

/* Fixed sequences, so that a run can be repeated: splitmix64. */
static uint8_t noise_octet(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (uint8_t)(z >> 56);
}

static const unsigned claims[] = {125, 250, 500, 1000, 2000, 3000, 4000, 6000, 8000};

/* 2^(-mbits / 1000), for whole bits and eighths of one: Newton's method for x^8 = 2^-e. */
static long double guess_chance(unsigned mbits)
{
	unsigned eighths = mbits / 125;
	long double want = 1, x = 1;

	while (eighths-- > 0)
		want /= 2;
	for (int i = 0; i < 2000; i++) {
		long double x7 = x * x * x * x * x * x * x;

		x -= (x7 * x - want) / (8 * x7);
	}
	return x;
}

/*
 * The smallest C with P(X >= C - 1) <= 2^-30, X binomial of 511 trials and chance p: terms are
 * summed from the upper end, each from the one above.
 */
static unsigned window_cutoff(unsigned mbits)
{
	const unsigned trials = GYL_HEALTH_WINDOW - 1;
	long double p = guess_chance(mbits), limit = 1.0L / (1 << 30), term = 1, tail = 0;
	unsigned k = trials;

	for (unsigned i = 0; i < trials; i++)
		term *= p;
	while (tail + term <= limit) {
		tail += term;
		term *= (long double)k / (trials - k + 1) * ((1 - p) / p);
		k--;
	}
	return k + 2; /* P(X >= k) is over the limit, P(X >= k + 1) is not */
}

static void cutoffs(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(claims); i++) {
		struct gyl_health h;

		gyl_health_init(&h, claims[i]);
		assert_int_equal(h.repeat_cutoff, 1 + (30000 + claims[i] - 1) / claims[i]);
		assert_int_equal(h.window_cutoff, window_cutoff(claims[i]));
	}
}

/* Claims in between are tested as the next lower one; what is out of range as the nearest. */
static void rounded(void **state)
{
	static const struct {
		unsigned claim, as;
	} cases[] = {{0, 125}, {124, 125}, {249, 125}, {499, 250}, {999, 500}, {1999, 1000},
		{2999, 2000}, {3999, 3000}, {5999, 4000}, {7999, 6000}, {8001, 8000}};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		struct gyl_health a, b;

		gyl_health_init(&a, cases[i].claim);
		gyl_health_init(&b, cases[i].as);
		assert_int_equal(a.repeat_cutoff, b.repeat_cutoff);
		assert_int_equal(a.window_cutoff, b.window_cutoff);
	}
}

/* The alarm comes with the very sample that makes a run as long as the cut-off, not before. */
static void run_of_one_value(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(claims); i++) {
		struct gyl_health h;
		uint8_t before = 0x54, stuck = 0x55;

		gyl_health_init(&h, claims[i]);
		assert_true(gyl_health_test(&h, &before, 1));
		for (unsigned n = 1; n < h.repeat_cutoff; n++)
			assert_true(gyl_health_test(&h, &stuck, 1));
		assert_false(gyl_health_test(&h, &stuck, 1));
		assert_true(h.failed);
		/* Good samples do not heal it. */
		assert_false(gyl_health_test(&h, &before, 1));
		assert_false(gyl_health_good(&h));
	}
}

/*
 * The window's first value comes back as often as the cut-off says, never twice in a row more often
 * than the other test allows: only the proportion can be the reason.
 */
static void share_of_one_value(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(claims); i++) {
		struct gyl_health h;
		unsigned left = 0, gap = 0;
		uint8_t other = 1;

		gyl_health_init(&h, claims[i]);
		left = h.window_cutoff;
		for (unsigned at = 0; left > 0; at++) {
			bool first = gap < h.repeat_cutoff - 1u;
			uint8_t sample = first ? 0 : other++ | 1;

			assert_true(at < GYL_HEALTH_WINDOW);
			gap = first ? gap + 1 : 0;
			left -= first;
			assert_true(gyl_health_test(&h, &sample, 1) == (left > 0));
		}
		assert_true(h.repeat_cnt < h.repeat_cutoff);
		assert_int_equal(h.window_cnt, h.window_cutoff);
	}
}

/* One less in each window, over many windows: no alarm, for every window counts anew. */
static void windows_are_apart(void **state)
{
	struct gyl_health h;

	(void)state;
	gyl_health_init(&h, 8000);
	for (unsigned at = 0; at < 64 * GYL_HEALTH_WINDOW; at++) {
		unsigned in = at % GYL_HEALTH_WINDOW;
		bool first = in % 2 == 0 && in < 2 * (h.window_cutoff - 1u);
		uint8_t sample = first ? 0 : (uint8_t)(1 + in % 255);

		assert_true(gyl_health_test(&h, &sample, 1));
	}
	assert_true(gyl_health_good(&h));
}

static void good_after_startup(void **state)
{
	struct gyl_health h;
	uint64_t seed = 3;

	(void)state;
	gyl_health_init(&h, 8000);
	for (unsigned n = 0; n < GYL_HEALTH_STARTUP; n++) {
		uint8_t sample = noise_octet(&seed);

		assert_false(gyl_health_good(&h));
		assert_true(gyl_health_test(&h, &sample, 1));
	}
	assert_true(gyl_health_good(&h));
	assert_true(h.sample_cnt == GYL_HEALTH_STARTUP);
}

/* Ten thousand good samples are as many calls of one, or one call. */
static void in_pieces(void **state)
{
	struct gyl_health whole, pieces;
	uint8_t sample[10000];
	uint64_t seed = 4;

	(void)state;
	for (size_t i = 0; i < sizeof sample; i++)
		sample[i] = noise_octet(&seed) % 7;
	gyl_health_init(&whole, 2000);
	gyl_health_init(&pieces, 2000);
	assert_true(gyl_health_test(&whole, sample, sizeof sample));
	for (size_t at = 0, len = 0; at < sizeof sample; at += len, len = len % 37 + 1) {
		if (len > sizeof sample - at)
			len = sizeof sample - at;
		assert_true(gyl_health_test(&pieces, sample + at, len));
	}
	assert_true(whole.sample_cnt == pieces.sample_cnt);
	assert_int_equal(whole.window_cnt, pieces.window_cnt);
	assert_int_equal(whole.repeat_cnt, pieces.repeat_cnt);
}

/* A million samples with exactly the entropy that is claimed: 2^k values, all as likely. */
static void no_false_alarm(void **state)
{
	static const struct {
		unsigned claim;
		uint8_t mask;
	} cases[] = {
		{1000, 0x01}, {2000, 0x03}, {3000, 0x07}, {4000, 0x0f}, {6000, 0x3f}, {8000, 0xff}};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		struct gyl_health h;
		uint64_t seed = 5 + i;

		gyl_health_init(&h, cases[i].claim);
		for (unsigned n = 0; n < 1000000; n++) {
			uint8_t sample = noise_octet(&seed) & cases[i].mask;

			gyl_health_test(&h, &sample, 1);
		}
		assert_false(h.failed);
	}
}

/* What is seen before the window's end, for each way to go bad and each claim that it breaks. */
static void faults(void **state)
{
	static const struct {
		const char *name;
		unsigned claim, within; /* samples until the alarm */
		unsigned period;        /* of a cycle of values; 0: biased */
		unsigned percent;       /* of the one value, when biased */
	} cases[] = {
		{"stuck, 0.5 bits", 500, 61, 1, 0},
		{"stuck, 8 bits", 8000, 5, 1, 0},
		{"alternating, 2 bits", 2000, 512, 2, 0},
		{"alternating, 8 bits", 8000, 64, 2, 0},
		{"a word of eight octets over and over, 6 bits", 6000, 512, 8, 0},
		{"biased to 0.9, 0.5 bits", 500, 1024, 0, 90},
		{"biased to 0.9, 1 bit", 1000, 512, 0, 90},
		{"biased to 0.9, 6 bits", 6000, 64, 0, 90},
		{"biased to 0.5, 4 bits", 4000, 1024, 0, 50},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		struct gyl_health h;
		uint64_t seed = 17;

		gyl_health_init(&h, cases[i].claim);
		for (unsigned n = 0; n < cases[i].within; n++) {
			bool common = noise_octet(&seed) * 100u / 256 < cases[i].percent;
			uint8_t sample = cases[i].period > 0
						 ? (uint8_t)(n % cases[i].period)
						 : (uint8_t)(common ? 0 : noise_octet(&seed) | 1);

			gyl_health_test(&h, &sample, 1);
		}
		if (!h.failed)
			fprintf(stderr, "%s: not seen in %u samples\n", cases[i].name,
				cases[i].within);
		assert_true(h.failed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cutoffs),
		cmocka_unit_test(rounded),
		cmocka_unit_test(run_of_one_value),
		cmocka_unit_test(share_of_one_value),
		cmocka_unit_test(windows_are_apart),
		cmocka_unit_test(good_after_startup),
		cmocka_unit_test(in_pieces),
		cmocka_unit_test(no_false_alarm),
		cmocka_unit_test(faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
