/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/cpu.h>
#include <gyl/source.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/source/word_own.h"

enum {
	MEMORY_LEN = 1 << 20
};

/* Generators of words gone wrong, in the place of RDSEED and RDRAND. */

static unsigned asked;

static bool never(uint64_t *ret_word)
{
	asked++;
	*ret_word = 0; /* as the instruction does */
	return false;
}

static bool third_time(uint64_t *ret_word)
{
	uint64_t z = 0x9e3779b97f4a7c15u * ++asked;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	*ret_word = z ^ z >> 27;
	return asked % 3 == 0;
}

static bool all_ones(uint64_t *ret_word)
{
	asked++;
	*ret_word = UINT64_MAX;
	return true;
}

static bool all_zeros(uint64_t *ret_word)
{
	asked++;
	*ret_word = 0;
	return true;
}

static bool stuck(uint64_t *ret_word)
{
	asked++;
	*ret_word = 0x0123456789abcdefu;
	return true;
}

static bool counting(uint64_t *ret_word)
{
	*ret_word = ++asked;
	return true;
}

static void words(void **state)
{
	static const struct {
		bool (*step)(uint64_t *);
		unsigned tries;
		size_t cap, len; /* asked for, given */
		unsigned asked;  /* steps that took */
		bool passes;     /* the health test of a claim of 6 bits, over 64 calls */
	} cases[] = {
		{never, 100, 32, 0, 100, true},
		{third_time, 2, 32, 0, 2, true},
		{third_time, 3, 24, 24, 9, true},
		{all_ones, 10, 64, 16, 2, false},
		{all_zeros, 10, 64, 16, 2, false},
		{stuck, 10, 64, 16, 2, false},
		{counting, 10, 64, 64, 8, false},
		{counting, 10, 13, 13, 2, false}, /* half a word */
		{counting, 10, 0, 0, 0, true},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		struct gyl_health h;
		uint8_t out[64 + 1];

		asked = 0;
		memset(out, 0xa5, sizeof out);
		assert_int_equal(
			gyl__source_words(cases[i].step, cases[i].tries, out, cases[i].cap),
			cases[i].len);
		assert_int_equal(asked, cases[i].asked);
		assert_int_equal(out[cases[i].len], 0xa5);
		gyl_health_init(&h, gyl_source_rdrand.claim_mbits);
		for (unsigned n = 0; n < 64; n++) {
			size_t len =
				gyl__source_words(cases[i].step, cases[i].tries, out, cases[i].cap);

			gyl_health_test(&h, out, len);
		}
		assert_int_equal(!h.failed, cases[i].passes);
	}
}

static uint8_t *memory_new(void)
{
	uint8_t *memory = calloc(1, MEMORY_LEN);

	assert_non_null(memory);
	return memory;
}

/* A real source: passes its own test, gives what is asked for, and never the same twice. */
static void lively(const struct gyl_source *source, struct gyl_source_env *env)
{
	static uint8_t first[GYL_HEALTH_STARTUP], second[GYL_HEALTH_STARTUP];
	struct gyl_health h;

	gyl_health_init(&h, source->claim_mbits);
	for (size_t at = 0, len; at < sizeof first; at += len) {
		len = source->sample(env, first + at, sizeof first - at);
		assert_true(len > 0 && len <= sizeof first - at);
	}
	for (size_t at = 0, len; at < sizeof second; at += len) {
		len = source->sample(env, second + at, sizeof second - at < 7 ? 1 : 7);
		assert_true(len > 0 && len <= 7);
	}
	assert_true(gyl_health_test(&h, first, sizeof first));
	assert_true(gyl_health_test(&h, second, sizeof second));
	assert_memory_not_equal(first, second, sizeof first);
}

static void processor(void **state)
{
	static const struct {
		const struct gyl_source *source;
		uint32_t feature;
	} cases[] = {{&gyl_source_rdseed, GYL_CPU_RDSEED}, {&gyl_source_rdrand, GYL_CPU_RDRAND}};
	uint32_t cpu = gyl_cpu_detect();

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		struct gyl_source_env env = {.cpu = cpu & ~cases[i].feature};
		uint8_t out[32];

		/* What may not be used is not: elsewhere it would be an illegal instruction. */
		assert_int_equal(cases[i].source->sample(&env, out, sizeof out), 0);
		env.cpu = cpu;
		if ((cpu & cases[i].feature) != 0)
			lively(cases[i].source, &env);
	}
}

static void timing(void **state)
{
	struct gyl_source_env env = {.memory = memory_new(), .memory_len = MEMORY_LEN};

	(void)state;
	if (gyl_source_ticks(&env) != 0) { /* this machine has a counter */
		lively(&gyl_source_whirlwind, &env);
		lively(&gyl_source_memory, &env);
	}
	free(env.memory);
}

static void system_source(void **state)
{
	(void)state;
	lively(&gyl_source_getrandom, NULL);
}

/* Counters of an emulator: one that stands still, and one that runs without any jitter. */
static uint64_t frozen(void *arg)
{
	(void)arg;
	return 77;
}

static uint64_t even(void *arg)
{
	return *(uint64_t *)arg += 1000003;
}

/* Without jitter each turn takes as long as the last one, and that is what the test sees. */
static void no_jitter(void **state)
{
	static const struct gyl_source *const sources[] = {
		&gyl_source_whirlwind, &gyl_source_memory};
	static uint64_t (*const counters[])(void *) = {frozen, even};
	uint64_t count = 5;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(sources); i++)
		for (size_t j = 0; j < TEST_CNT(counters); j++) {
			struct gyl_source_env env = {.memory = memory_new(),
				.memory_len = MEMORY_LEN,
				.ticks = counters[j],
				.ticks_arg = &count};
			struct gyl_health h;
			uint8_t out[64];

			gyl_health_init(&h, sources[i]->claim_mbits);
			assert_int_equal(sources[i]->sample(&env, out, sizeof out), sizeof out);
			assert_false(gyl_health_test(&h, out, sizeof out));
			free(env.memory);
		}
}

/* The walk of the memory source goes everywhere: all lines are written sooner or later. */
static void memory_walked(void **state)
{
	uint64_t count = 0;
	struct gyl_source_env env = {.memory = memory_new(),
		.memory_len = MEMORY_LEN,
		.ticks = even,
		.ticks_arg = &count};
	size_t touched = 0;
	uint8_t out[128];

	(void)state;
	/* 64 reads a sample, 16384 lines: each line once as long as all are equal. */
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(gyl_source_memory.sample(&env, out, sizeof out), sizeof out);
	for (size_t line = 0; line < MEMORY_LEN; line += 64)
		touched += env.memory[line] == 2;
	assert_int_equal(touched, MEMORY_LEN / 64);
	free(env.memory);
}

static void memory_refused(void **state)
{
	struct gyl_source_env env = {.memory = memory_new()};
	static const size_t lens[] = {0, 64, MEMORY_LEN / 2, MEMORY_LEN - 64, MEMORY_LEN + 64};
	uint8_t out[8];

	(void)state;
	for (size_t i = 0; i < TEST_CNT(lens); i++) {
		env.memory_len = lens[i];
		assert_int_equal(gyl_source_memory.sample(&env, out, sizeof out), 0);
	}
	free(env.memory);
	env = (struct gyl_source_env){.memory_len = MEMORY_LEN};
	assert_int_equal(gyl_source_memory.sample(&env, out, sizeof out), 0);
}

static void pushed(void **state)
{
	(void)state;
	assert_null(gyl_source_wakeup.sample);
	assert_null(gyl_source_boot.sample);
	assert_int_equal(gyl_source_boot.claim_mbits, 0);
	assert_true(gyl_source_boot.once);
}

/* A claim is one that the health tests know, and what is polled has a pace. */
static void tables(void **state)
{
	static const struct gyl_source *const sources[] = {&gyl_source_getrandom,
		&gyl_source_rdseed, &gyl_source_rdrand, &gyl_source_whirlwind, &gyl_source_memory,
		&gyl_source_wakeup, &gyl_source_boot};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(sources); i++) {
		const struct gyl_source *s = sources[i];

		assert_true(s->claim_mbits <= 8000);
		assert_true(s->claim_mbits == 0 || s->claim_mbits >= 125);
		assert_int_equal(s->sample != NULL, s->poll_cnt > 0 && s->poll_ms > 0);
		for (size_t j = 0; j < i; j++)
			assert_true(strcmp(s->name, sources[j]->name) != 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(processor),
		cmocka_unit_test(timing),
		cmocka_unit_test(system_source),
		cmocka_unit_test(no_jitter),
		cmocka_unit_test(memory_walked),
		cmocka_unit_test(memory_refused),
		cmocka_unit_test(pushed),
		cmocka_unit_test(tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
