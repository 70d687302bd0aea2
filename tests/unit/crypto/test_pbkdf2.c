/* SPDX-License-Identifier: ISC */

/*
 * PBKDF2 as a machine of slices, on each kernel that this processor has. Known answers by the
 * hundred are in crypto_oracle; those of RFC 6070 are here, for machines that have no other
 * library.
 */

#include "tests/support/support.h"
#include "tests/support/wipe.h"

#include <gyl/cpu.h>
#include <gyl/pbkdf2.h>
#include <limits.h>

static const struct {
	enum gyl_hash hash;
	uint32_t cpu;
} kernels[] = {
	{GYL_HASH_SHA1, 0},
	{GYL_HASH_SHA256, 0},
	{GYL_HASH_SHA512, 0},
	{GYL_HASH_SHA1, GYL_CPU_SHA | GYL_CPU_SSE41},
	{GYL_HASH_SHA256, GYL_CPU_SHA | GYL_CPU_SSE41},
	{GYL_HASH_SHA512, GYL_CPU_BMI2},
};

static bool kernel_there(size_t i)
{
	return (kernels[i].cpu & ~gyl_cpu_detect()) == 0;
}

static bool all_are(const void *p, size_t len, uint8_t octet)
{
	const uint8_t *at = p;

	for (size_t i = 0; i < len; i++) {
		if (at[i] != octet)
			return false;
	}
	return true;
}

/* RFC 6070, and the SHA-256 and SHA-512 answers that everybody has for the same inputs. */
static void published(void **state)
{
	static const struct {
		enum gyl_hash hash;
		uint64_t iter_cnt;
		const char *dk;
	} cases[] = {
		{GYL_HASH_SHA1, 1, "0c60c80f961f0e71f3a9b524af6012062fe037a6"},
		{GYL_HASH_SHA1, 2, "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957"},
		{GYL_HASH_SHA1, 4096, "4b007901b765489abead49d926f721d065a429c1"},
		{GYL_HASH_SHA256, 1,
			"120fb6cffcf8b32c43e7225256c4f837a86548c92ccc35480805987cb70be17b"},
		{GYL_HASH_SHA256, 4096,
			"c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a"},
		{GYL_HASH_SHA512, 1,
			"867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252"
			"c02d470a285a0501bad999bfe943c08f050235d7d68b1da55e63f73b60a57fce"},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		uint8_t want[64], got[64];
		size_t len = hex_bytes(cases[i].dk, want, sizeof want);

		for (size_t k = 0; k < TEST_CNT(kernels); k++) {
			if (kernels[k].hash != cases[i].hash || !kernel_there(k))
				continue;
			assert_int_equal(gyl_pbkdf2(cases[i].hash, kernels[k].cpu, "password", 8,
						 "salt", 4, cases[i].iter_cnt, got, len),
				GYL_CRYPTO_OK);
			assert_memory_equal(got, want, len);
		}
	}
}

/* Steps of 1, 2, 3, ... or always the same: the key is that of one go. Zero until then. */
static void sliced(size_t kernel, size_t dk_len, uint64_t step, bool growing)
{
	enum {
		ITER_CNT = 23
	};
	struct gyl_pbkdf2 k;
	uint8_t want[300], got[300];
	int err;

	memset(got, 0xa5, sizeof got);
	gyl_pbkdf2(kernels[kernel].hash, kernels[kernel].cpu, "secret", 6, "salty", 5, ITER_CNT,
		want, dk_len);
	assert_int_equal(gyl_pbkdf2_begin(&k, kernels[kernel].hash, kernels[kernel].cpu, "secret",
				 6, "salty", 5, ITER_CNT, got, dk_len),
		GYL_CRYPTO_OK);
	for (unsigned turn = 0; (err = gyl_pbkdf2_step(&k, step)) == GYL_CRYPTO_MORE; turn++) {
		assert_true(turn < ITER_CNT * sizeof got);
		assert_true(dk_len > GYL_PBKDF2_HELD || all_are(got, dk_len, 0));
		step += growing;
	}
	assert_int_equal(err, GYL_CRYPTO_OK);
	assert_memory_equal(got, want, dk_len);
	assert_true(all_are(got + dk_len, sizeof got - dk_len, 0xa5));
	assert_int_equal(gyl_pbkdf2_step(&k, 1), GYL_CRYPTO_OK);
	gyl_pbkdf2_end(&k);
	assert_memory_equal(got, want, dk_len);
}

static void slices(void **state)
{
	static const size_t lens[] = {1, 19, 20, 32, 33, 63, 64, 65, 96, 97, 128, 129, 300};

	(void)state;
	for (size_t kernel = 0; kernel < TEST_CNT(kernels); kernel++) {
		for (size_t i = 0; i < TEST_CNT(lens) && kernel_there(kernel); i++) {
			for (uint64_t step = 0; step < 50; step++) {
				sliced(kernel, lens[i], step, false);
				sliced(kernel, lens[i], step, true);
			}
			sliced(kernel, lens[i], UINT64_MAX, false);
		}
	}
}

/* A step makes as many iterations as it is told to: 10 and 2 digests one after the other are 20. */
static void steps_are_bounded(void **state)
{
	struct gyl_pbkdf2 k;
	uint8_t dk[40];
	unsigned step_cnt = 0;

	(void)state;
	assert_int_equal(gyl_pbkdf2_begin(&k, GYL_HASH_SHA1, 0, "p", 1, "s", 1, 10, dk, sizeof dk),
		GYL_CRYPTO_OK);
	do
		step_cnt++;
	while (gyl_pbkdf2_step(&k, 3) == GYL_CRYPTO_MORE);
	assert_int_equal(step_cnt, 7);
	gyl_pbkdf2_end(&k);
}

/* Ended before it was done: no octet of the key, and nothing in the object. */
static void given_up(void **state)
{
	static const size_t lens[] = {20, 64, 65, 300};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(lens); i++) {
		struct gyl_pbkdf2 k;
		uint8_t dk[300];

		memset(dk, 0xa5, sizeof dk);
		assert_int_equal(
			gyl_pbkdf2_begin(&k, GYL_HASH_SHA1, 0, "p", 1, "s", 1, 10, dk, lens[i]),
			GYL_CRYPTO_OK);
		assert_int_equal(gyl_pbkdf2_step(&k, lens[i] / 20 * 10 - 1), GYL_CRYPTO_MORE);
		gyl_pbkdf2_end(&k);
		assert_true(all_are(dk, lens[i], 0));
		assert_true(all_are(&k, sizeof k, 0));
		assert_int_equal(gyl_pbkdf2_step(&k, 1), GYL_CRYPTO_E_STATE);
		gyl_pbkdf2_end(&k);
		assert_true(all_are(dk, lens[i], 0));
	}
}

static void refused(void **state)
{
	static const struct {
		unsigned hash;
		uint64_t iter_cnt;
		size_t dk_len;
		int err;
	} cases[] = {
		{GYL_HASH_SHA256, 0, 32, GYL_CRYPTO_E_ITER_ZERO},
		{GYL_HASH_SHA256, 1, 0, GYL_CRYPTO_E_LEN_ZERO},
		{GYL_HASH_SHA512 + 1, 1, 32, GYL_CRYPTO_E_HASH},
		{UINT_MAX, 1, 32, GYL_CRYPTO_E_HASH},
		/* several at once: zeroing comes after the length is known to be right */
		{GYL_HASH_SHA512 + 1, 0, 32, GYL_CRYPTO_E_HASH},
		{GYL_HASH_SHA256, 0, 0, GYL_CRYPTO_E_ITER_ZERO},
#if SIZE_MAX > UINT32_MAX
		{GYL_HASH_SHA1, 1, UINT32_MAX * (size_t)20 + 1, GYL_CRYPTO_E_LEN_BIG},
		{GYL_HASH_SHA512, 0, UINT32_MAX * (size_t)64 + 1, GYL_CRYPTO_E_LEN_BIG},
		{GYL_HASH_SHA512 + 1, 1, UINT32_MAX * (size_t)64 + 1, GYL_CRYPTO_E_LEN_BIG},
#endif
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		size_t zero_len = cases[i].err == GYL_CRYPTO_E_LEN_BIG ? 0 : cases[i].dk_len;
		struct gyl_pbkdf2 k;
		uint8_t dk[64];

		memset(dk, 0xa5, sizeof dk);
		memset(&k, 0xa5, sizeof k);
		assert_int_equal(gyl_pbkdf2_begin(&k, (enum gyl_hash)cases[i].hash, 0, "p", 1, "s",
					 1, cases[i].iter_cnt, dk, cases[i].dk_len),
			cases[i].err);
		assert_true(all_are(dk, zero_len, 0));
		assert_true(all_are(dk + zero_len, sizeof dk - zero_len, 0xa5));
		assert_int_equal(gyl_pbkdf2_step(&k, 1), GYL_CRYPTO_E_STATE);
		gyl_pbkdf2_end(&k);
		assert_true(all_are(dk + zero_len, sizeof dk - zero_len, 0xa5));
	}
}

/* --- what is left of the password and the key on the stack --- */

static uint8_t secret[64];

static void derive(void *arg)
{
	static struct gyl_pbkdf2 k;
	static uint8_t dk[100];
	const size_t *kernel = arg;

	gyl_pbkdf2(kernels[*kernel].hash, kernels[*kernel].cpu, secret, sizeof secret, "salt", 4, 5,
		dk, sizeof dk);
	gyl_pbkdf2_begin(&k, kernels[*kernel].hash, kernels[*kernel].cpu, secret, sizeof secret,
		"salt", 4, 5, dk, 40);
	while (gyl_pbkdf2_step(&k, 2) == GYL_CRYPTO_MORE)
		continue;
	gyl_pbkdf2_end(&k);
	memset(dk, 0, sizeof dk);
}

static void stacks_are_clean(void **state)
{
	(void)state;
	if (!wipe_possible())
		skip();
	for (size_t kernel = 0; kernel < TEST_CNT(kernels); kernel++) {
		struct wipe_left left;

		if (!kernel_there(kernel))
			continue;
		left = wipe_stack(derive, &kernel, secret, sizeof secret);
		assert_false(left.literal);
		assert_int_equal(left.differing_cnt, 0);
		assert_true(left.used_len < 6144);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published),
		cmocka_unit_test(slices),
		cmocka_unit_test(steps_are_bounded),
		cmocka_unit_test(given_up),
		cmocka_unit_test(refused),
		cmocka_unit_test(stacks_are_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
