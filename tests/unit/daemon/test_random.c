/* SPDX-License-Identifier: ISC */

/* The randomness of a process: seeded at once, seeds for the next run, sources that fail. */

#include <gyl/time.h>
#include <jansson.h>

#include "services/base/random.h"
#include "tests/support/support.h"

static struct gyl_random *opened(void)
{
	char err[200] = "";
	struct gyl_random *r = gyl_random_open(err);

	if (r == NULL)
		print_error("%s\n", err);
	assert_non_null(r);
	return r;
}

static void two_runs_differ(void **state)
{
	struct gyl_random *a = opened(), *b = opened();
	uint8_t x[32], y[32];

	(void)state;
	assert_int_equal(gyl_rng_read(gyl_random_rng(a), x, sizeof x), GYL_CRYPTO_OK);
	assert_int_equal(gyl_rng_read(gyl_random_rng(b), y, sizeof y), GYL_CRYPTO_OK);
	assert_memory_not_equal(x, y, sizeof x);
	gyl_random_close(a);
	gyl_random_close(b);
}

/* The seed for the next run is another one every time, and none of what is drawn. */
static void seeds_for_the_next_run(void **state)
{
	struct gyl_random *r = opened();
	uint8_t seed[3][GYL_FORTUNA_SEED_LEN], drawn[GYL_FORTUNA_SEED_LEN];
	uint64_t now_ns = 1000 * GYL_NS_PER_S;

	(void)state;
	gyl_random_restart(r, gyl_view(NULL, 0), seed[0]);
	gyl_random_restart(r, gyl_view(seed[0], sizeof seed[0]), seed[1]);
	assert_memory_not_equal(seed[0], seed[1], sizeof seed[0]);
	assert_int_equal(gyl_rng_read(gyl_random_rng(r), drawn, sizeof drawn), GYL_CRYPTO_OK);
	assert_memory_not_equal(seed[1], drawn, sizeof drawn);
	gyl_random_turn(r, now_ns, seed[1]); /* whenever the last one was made */
	gyl_random_restart(r, gyl_view(seed[1], sizeof seed[1]), seed[1]);
	assert_false(gyl_random_turn(r, now_ns + 599 * GYL_NS_PER_S, seed[2]));
	assert_true(gyl_random_turn(r, now_ns + 600 * GYL_NS_PER_S, seed[2]));
	assert_memory_not_equal(seed[1], seed[2], sizeof seed[1]);
	assert_false(gyl_random_turn(r, now_ns + 601 * GYL_NS_PER_S, seed[2]));
	gyl_random_close(r);
}

/* Turns bring samples, samples bring reseeds, and reseeds bring the thread's generator new keys. */
static void the_generator_follows(void **state)
{
	struct gyl_random *r = opened();
	uint64_t reseed_cnt = gyl_random_rng(r)->reseed_cnt, now_ns = 1000 * GYL_NS_PER_S;
	uint8_t seed[GYL_FORTUNA_SEED_LEN];

	(void)state;
	for (int i = 0; i < 200000; i++) {
		now_ns += GYL_NS_PER_MS;
		gyl_random_turn(r, now_ns, seed);
	}
	/* 200 s, a reseed at most every 0.1 s */
	assert_in_range(gyl_random_rng(r)->reseed_cnt - reseed_cnt, 2, 2100);
	gyl_random_close(r);
}

static size_t stuck_sample(void *arg, uint8_t *out, size_t cap)
{
	unsigned *asked_cnt = arg;

	++*asked_cnt;
	memset(out, 7, cap);
	return cap;
}

static const struct gyl_source stuck = {.name = "stuck",
	.claim_mbits = 8000,
	.poll_cnt = 32,
	.poll_ms = 10,
	.sample = stuck_sample};

/* A source that sticks is told once, counts no more, and the generator goes on. */
static void a_source_that_sticks_is_told(void **state)
{
	struct gyl_random *r = opened();
	const struct gyl_entropy_source *s;
	uint64_t now_ns = 1000 * GYL_NS_PER_S;
	unsigned asked_cnt = 0, told_cnt = 0;
	uint8_t seed[GYL_FORTUNA_SEED_LEN];

	(void)state;
	assert_true(gyl_random_add(r, &stuck, &asked_cnt) >= 0);
	for (int i = 0; i < 1000; i++) {
		gyl_random_turn(r, now_ns += 20 * GYL_NS_PER_MS, seed);
		while ((s = gyl_random_failed(r)) != NULL) {
			assert_string_equal(s->source->name, "stuck");
			assert_true(s->muted);
			assert_int_equal(s->credit, 0);
			told_cnt++;
		}
	}
	assert_true(asked_cnt > 0);
	assert_int_equal(told_cnt, 1);
	assert_false(gyl_random_degraded(r));
	assert_int_equal(gyl_rng_read(gyl_random_rng(r), seed, sizeof seed), GYL_CRYPTO_OK);
	gyl_random_close(r);
}

static void status_tells_it(void **state)
{
	struct gyl_random *r = opened();
	static char text[8192];
	struct gyl_writer w;
	struct gyl_json j;
	json_t *all, *random, *sources, *first;

	(void)state;
	gyl_writer_init(&w, text, sizeof text);
	gyl_json_init(&j, &w);
	gyl_json_obj(&j, NULL);
	gyl_random_json(r, &j);
	gyl_json_end(&j);
	assert_true(gyl_writer_ok(&w));
	all = json_loadb(text, w.len, 0, NULL);
	random = json_object_get(all, "random");
	assert_true(json_is_true(json_object_get(random, "seeded")));
	assert_true(json_is_false(json_object_get(random, "degraded")));
	sources = json_object_get(random, "sources");
	assert_int_equal(json_array_size(sources), 7);
	first = json_array_get(sources, 0);
	assert_string_equal(json_string_value(json_object_get(first, "name")), "getrandom");
	assert_string_equal(json_string_value(json_object_get(first, "health")), "good");
	assert_true(json_integer_value(json_object_get(first, "credited_bits")) >= 256);
	json_decref(all);
	gyl_random_close(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_runs_differ),
		cmocka_unit_test(seeds_for_the_next_run),
		cmocka_unit_test(the_generator_follows),
		cmocka_unit_test(a_source_that_sticks_is_told),
		cmocka_unit_test(status_tells_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
