/* SPDX-License-Identifier: ISC */

/* The published answers of Fortuna (tests/data/kdf-vectors.json): PyCrypto's and seehuhn's, from
 * the AES kind; a model of the ChaCha20 kind that follows FreeBSD; a big-endian counter that is not
 * ours. Each with portable C and with what this processor has. */

#include "tests/support/support.h"

#include <gyl/cpu.h>
#include <gyl/fortuna.h>
#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>

#include "crypto/src/rng_own.h"

static json_t *root;

static json_t *member(json_t *object, const char *name)
{
	json_t *m = json_object_get(object, name);

	if (m == NULL)
		fail_msg("no %s in the vectors", name);
	return m;
}

static json_t *section(const char *name)
{
	return member(member(root, "fortuna"), name);
}

/* A string of hexadecimal digits, to be freed. */
static uint8_t *octets(json_t *hex, size_t *ret_len)
{
	size_t len = json_string_length(hex) / 2;
	uint8_t *buf = malloc(len + 1);

	assert_true(json_is_string(hex) && buf != NULL);
	assert_int_equal(hex_bytes(json_string_value(hex), buf, len + 1), len);
	*ret_len = len;
	return buf;
}

static void equals(const void *got, size_t len, json_t *hex)
{
	size_t want_len;
	uint8_t *want = octets(hex, &want_len);

	assert_int_equal(len, want_len);
	assert_memory_equal(got, want, len);
	free(want);
}

static void reseed_hex(struct gyl_rng *g, json_t *hex)
{
	size_t len;
	uint8_t *seed = octets(hex, &len);

	gyl_rng_reseed(g, seed, len);
	free(seed);
}

static void seeded(struct gyl_rng *g, enum gyl_rng_kind kind, uint32_t cpu, json_t *rows)
{
	gyl_rng_init(g, kind, cpu, kind == GYL_RNG_AES256 ? GYL_RNG_PLAIN_RESEED : 0);
	reseed_hex(g, member(rows, "seed"));
}

static void counter_is(const struct gyl_rng *g, json_t *want)
{
	assert_true(g->counter[0] == (uint64_t)json_integer_value(want) && g->counter[1] == 0);
}

static void shad256(uint32_t cpu)
{
	json_t *rows = section("shad256_double"), *row;
	uint8_t got[GYL_SHA256_LEN];
	struct gyl_sha256 s;
	size_t i, len;

	assert_int_equal(json_array_size(member(rows, "cases")), 3);
	json_array_foreach(member(rows, "cases"), i, row)
	{
		uint8_t *msg = octets(json_array_get(row, 0), &len);

		gyl_sha256_init(&s, cpu);
		gyl_sha256_update(&s, msg, len);
		gyl__sha256_twice(&s, got);
		equals(got, sizeof got, json_array_get(row, 1));
		free(msg);
	}
	gyl_sha256_init(&s, cpu);
	for (i = 0; i < 1000000; i += 10)
		gyl_sha256_update(&s, "aaaaaaaaaa", 10);
	gyl__sha256_twice(&s, got);
	equals(got, sizeof got, member(rows, "million_a"));
}

static void generator_pycrypto(uint32_t cpu)
{
	json_t *rows = section("generator_pycrypto");
	struct gyl_rng g;
	uint8_t out[32];

	seeded(&g, GYL_RNG_AES256, cpu, rows);
	equals(g.key, sizeof g.key, member(rows, "key_after_reseed"));
	counter_is(&g, member(rows, "counter_after_reseed"));
	assert_int_equal(gyl_rng_read(&g, out, sizeof out), GYL_CRYPTO_OK);
	equals(out, sizeof out, member(rows, "out32_first"));
	equals(g.key, sizeof g.key, member(rows, "key_after_first"));
	counter_is(&g, member(rows, "counter_after_first"));
	gyl_rng_read(&g, out, sizeof out);
	equals(out, sizeof out, member(rows, "out32_second"));
}

static void generator_seehuhn(uint32_t cpu)
{
	json_t *step;
	struct gyl_rng g;
	size_t i, reads = 0;

	gyl_rng_init(&g, GYL_RNG_AES256, cpu, GYL_RNG_PLAIN_RESEED);
	json_array_foreach(member(section("generator_seehuhn"), "steps"), i, step)
	{
		json_t *seed = json_object_get(step, "reseed"), *want;
		size_t len;
		uint8_t *out;

		if (seed != NULL) {
			reseed_hex(&g, seed);
			continue;
		}
		len = (size_t)json_integer_value(member(step, "read"));
		out = malloc(len);
		assert_non_null(out);
		assert_int_equal(gyl_rng_read(&g, out, len), GYL_CRYPTO_OK);
		want = json_object_get(step, "out");
		if (want == NULL)
			want = member(step, "out_last100");
		equals(out + len - 100, 100, want);
		free(out);
		reads++;
	}
	assert_int_equal(reads, 3);
}

static void generator_chacha20(uint32_t cpu)
{
	json_t *rows = section("generator_chacha20_model"), *row;
	struct gyl_rng g;
	size_t i;

	seeded(&g, GYL_RNG_CHACHA20_STRICT, cpu, rows);
	equals(g.key, sizeof g.key, member(rows, "key_after_reseed"));
	counter_is(&g, member(rows, "counter_after_reseed"));
	assert_int_equal(json_array_size(member(rows, "reads")), 6);
	json_array_foreach(member(rows, "reads"), i, row)
	{
		uint8_t out[1000];
		size_t len = (size_t)json_integer_value(json_array_get(row, 0));

		assert_true(len <= sizeof out);
		assert_int_equal(gyl_rng_read(&g, out, len), GYL_CRYPTO_OK);
		equals(out, len, json_array_get(row, 1));
	}
	equals(g.key, sizeof g.key, member(rows, "key_after"));
	counter_is(&g, member(rows, "counter_after"));
}

/* mirage-crypto counts big-endian, so it has none of the published answers. The same seed gives its
 * octets only to who counts as it does: this shows that the difference is that, and ours. */
static void generator_mirage(uint32_t cpu)
{
	json_t *rows = section("generator_mirage");
	struct gyl_rng g;
	uint8_t out[32], *want;
	size_t len;

	seeded(&g, GYL_RNG_AES256, cpu, rows);
	/* its counters 1 and 2 as big-endian octets are these of ours */
	for (uint64_t i = 0; i < 2; i++) {
		struct gyl_rng at = g;

		at.counter[0] = 0;
		at.counter[1] = (i + 1) << 56;
		gyl_rng_read(&at, out + 16 * i, 16);
	}
	equals(out, sizeof out, member(rows, "out32"));
	gyl_rng_read(&g, out, sizeof out);
	want = octets(member(rows, "out32"), &len);
	assert_memory_not_equal(out, want, sizeof out);
	free(want);
}

static void accumulator_pycrypto(uint32_t cpu)
{
	json_t *rows = section("accumulator_pycrypto");
	struct gyl_fortuna f;
	struct gyl_sha256 pool;
	uint8_t x[32], out[32];

	memset(x, 'X', sizeof x);
	gyl_fortuna_init(&f, cpu, GYL_FORTUNA_PUBLISHED);
	assert_int_equal(gyl_fortuna_read(&f, 0, out, 1), GYL_CRYPTO_E_UNSEEDED);
	for (unsigned i = 0; i < 64; i++) {
		if (i == 32)
			assert_int_equal(gyl_fortuna_read(&f, 0, out, 1), GYL_CRYPTO_E_UNSEEDED);
		assert_int_equal(
			gyl_fortuna_event_to(&f, 42, i % 32, x, sizeof x, 0), GYL_CRYPTO_OK);
		assert_true(f.pool_len[i % 32] == 34 * (1 + i / 32));
	}
	pool = f.pool[0];
	gyl__sha256_twice(&pool, out);
	equals(out, sizeof out, member(rows, "pool0_digest"));
	assert_true(gyl_fortuna_poll(&f, 0));
	equals(f.rng.key, sizeof f.rng.key, member(rows, "key_after_reseed"));
	assert_int_equal(gyl_fortuna_read(&f, 0, out, sizeof out), GYL_CRYPTO_OK);
	equals(out, sizeof out, member(rows, "out32"));
	equals(f.rng.key, sizeof f.rng.key, member(rows, "key_after"));
	counter_is(&f.rng, member(rows, "counter_after"));
}

static void accumulator_seehuhn(uint32_t cpu)
{
	json_t *rows = section("accumulator_seehuhn");
	static const uint8_t zeros[32], two[] = {1, 2};
	struct gyl_fortuna f;
	uint8_t out[100];

	gyl_fortuna_init(&f, cpu, GYL_FORTUNA_PUBLISHED);
	gyl_fortuna_event_to(&f, 0, 0, zeros, sizeof zeros, 0);
	gyl_fortuna_event_to(&f, 0, 0, zeros, sizeof zeros, 0);
	for (unsigned i = 0; i < 1000; i++) /* round the pools in order, from 0 */
		assert_int_equal(gyl_fortuna_event(&f, 1, two, sizeof two, 0), GYL_CRYPTO_OK);
	assert_int_equal(gyl_fortuna_read(&f, 5, out, sizeof out), GYL_CRYPTO_OK);
	equals(out, sizeof out, member(rows, "out1"));
	gyl_fortuna_event_to(&f, 0, 0, zeros, sizeof zeros, 0);
	gyl_fortuna_event_to(&f, 0, 0, zeros, sizeof zeros, 0);
	gyl_fortuna_read(&f, 5 + GYL_FORTUNA_PACE_NS - 1, out, sizeof out);
	equals(out, sizeof out, member(rows, "out2"));
	gyl_fortuna_read(&f, 5 + GYL_FORTUNA_PACE_NS, out, sizeof out);
	equals(out, sizeof out, member(rows, "out3"));
	assert_true(f.reseed_cnt == 2);
}

/* Which pools a reseed took shows in those that are empty after it. */
static void which_pools(uint32_t cpu)
{
	json_t *row;
	size_t i;

	assert_int_equal(json_array_size(member(section("which_pools"), "cases")), 11);
	json_array_foreach(member(section("which_pools"), "cases"), i, row)
	{
		unsigned want = (unsigned)json_integer_value(json_array_get(row, 1)), pool;
		struct gyl_fortuna f;
		uint8_t x[32] = {0};

		gyl_fortuna_init(&f, cpu, GYL_FORTUNA_PUBLISHED);
		for (pool = 0; pool < 64; pool++)
			gyl_fortuna_event_to(&f, 0, pool % 32, x, sizeof x, 0);
		f.reseed_cnt = (uint64_t)json_integer_value(json_array_get(row, 0)) - 1;
		assert_true(gyl_fortuna_poll(&f, GYL_FORTUNA_PACE_NS));
		for (pool = 0; pool < 32; pool++)
			assert_true((f.pool_len[pool] == 0) == (pool < want));
	}
}

static void published(void **state)
{
	static void (*const checks[])(uint32_t) = {shad256, generator_pycrypto, generator_seehuhn,
		generator_chacha20, generator_mirage, accumulator_pycrypto, accumulator_seehuhn,
		which_pools};
	const uint32_t masks[] = {0, GYL_CPU_SSE2, gyl_cpu_detect()};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(checks); i++)
		for (size_t k = 0; k < TEST_CNT(masks); k++)
			checks[i](masks[k] & gyl_cpu_detect());
}

/* Every section of the file has its check above; a new one makes this fail. */
static void all_sections(void **state)
{
	static const char *const names[] = {"shad256_double", "generator_pycrypto",
		"accumulator_pycrypto", "which_pools", "generator_seehuhn", "accumulator_seehuhn",
		"generator_mirage", "generator_chacha20_model"};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(names); i++)
		section(names[i]);
	assert_int_equal(json_object_size(member(root, "fortuna")), TEST_CNT(names));
}

/* The strict ChaCha20 kind beside libsodium, whose block counter and nonce are our two halves. */
static void as_libsodium(void **state)
{
	(void)state;
	for (unsigned turn = 0; turn < 300; turn++) {
		size_t len = randombytes_uniform(turn < 290 ? 700 : 70000);
		size_t made = (len + 63) / 64 * 64;
		uint8_t *want = malloc(made + 64), *got = malloc(len + 1), nonce[8], seed[40];
		struct gyl_rng g;

		assert_true(want != NULL && got != NULL);
		randombytes_buf(seed, sizeof seed);
		gyl_rng_init(&g, GYL_RNG_CHACHA20_STRICT, turn % 2 == 0 ? 0 : gyl_cpu_detect(), 0);
		gyl_rng_reseed(&g, seed, sizeof seed);
		randombytes_buf(g.counter, sizeof g.counter);
		for (unsigned i = 0; i < 8; i++)
			nonce[i] = (uint8_t)(g.counter[1] >> (8 * i));
		memset(want, 0, made + 64);
		crypto_stream_chacha20_xor_ic(want, want, made + 64, nonce, g.counter[0], g.key);
		assert_int_equal(gyl_rng_read(&g, got, len), GYL_CRYPTO_OK);
		assert_memory_equal(got, want, len);
		if (len != 0)
			assert_memory_equal(g.key, want + made, sizeof g.key);
		free(want);
		free(got);
	}
}

static int load(void **state)
{
	json_error_t err;

	(void)state;
	root = json_load_file(GYL_TEST_DIR "/data/kdf-vectors.json", 0, &err);
	return root == NULL || sodium_init() < 0 ? -1 : 0;
}

static int unload(void **state)
{
	(void)state;
	json_decref(root);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published),
		cmocka_unit_test(all_sections),
		cmocka_unit_test(as_libsodium),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
