/* SPDX-License-Identifier: ISC */

/*
 * PBKDF2 against every row of tests/data/kdf-vectors.json (RFC 6070, RFC 7914, Wycheproof, edge
 * lengths) and against OpenSSL on random parameters, on each kernel that this processor has.
 */

#include "tests/support/support.h"

#include <gyl/cpu.h>
#include <gyl/pbkdf2.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <stdlib.h>

enum {
	DK_MAX = 1200,
	SLOW_ITER = 1000000 /* rows from here on run in optimised builds only */
};

#if defined(__has_feature)
#	if __has_feature(address_sanitizer) || __has_feature(undefined_behavior_sanitizer)
#		define SANITIZED
#	endif
#endif
#if defined(__OPTIMIZE__) && !defined(SANITIZED) && !defined(__SANITIZE_ADDRESS__)
static const bool slow_rows = true;
#else
static const bool slow_rows = false;
#endif

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

struct row {
	uint8_t *password, *salt, *dk;
	size_t password_len, salt_len, dk_len;
	enum gyl_hash hash;
	uint64_t iter_cnt;
};

static json_t *root;

static int open_vectors(void **state)
{
	json_error_t err;

	(void)state;
	root = json_load_file(GYL_TEST_DIR "/data/kdf-vectors.json", 0, &err);
	if (root == NULL)
		fail_msg("%s:%d: %s", err.source, err.line, err.text);
	return sodium_init() < 0;
}

static int close_vectors(void **state)
{
	(void)state;
	json_decref(root);
	return 0;
}

/* A string of hexadecimal digits; to be freed. */
static uint8_t *octets(const json_t *hex, size_t *ret_len)
{
	size_t len = json_string_length(hex) / 2;
	uint8_t *buf = malloc(len + 1);

	assert_true(json_is_string(hex) && buf != NULL);
	assert_int_equal(hex_bytes(json_string_value(hex), buf, len + 1), len);
	*ret_len = len;
	return buf;
}

/* "sha256" or "hmac-sha256"; one past the last when there is none. */
static enum gyl_hash hash_of(const json_t *name)
{
	const char *text = json_string_value(name);
	unsigned hash = 0;

	assert_non_null(text);
	text += strncmp(text, "hmac-", 5) == 0 ? 5 : 0;
	while (hash <= GYL_HASH_SHA512 && strcmp(gyl_hash_name((enum gyl_hash)hash), text) != 0)
		hash++;
	return (enum gyl_hash)hash;
}

static void run_kernel(const struct row *r, uint32_t cpu)
{
	uint8_t *dk = malloc(r->dk_len);

	assert_non_null(dk);
	assert_int_equal(gyl_pbkdf2(r->hash, cpu, r->password, r->password_len, r->salt,
				 r->salt_len, r->iter_cnt, dk, r->dk_len),
		GYL_CRYPTO_OK);
	assert_memory_equal(dk, r->dk, r->dk_len);
	free(dk);
}

/* Every kernel of the row's hash; then its octets are freed. */
static void run_row(struct row *r)
{
	uint32_t have = gyl_cpu_detect();

	for (size_t i = 0; i < TEST_CNT(kernels); i++) {
		if (kernels[i].hash == r->hash && (kernels[i].cpu & ~have) == 0 &&
			(slow_rows || r->iter_cnt < SLOW_ITER))
			run_kernel(r, kernels[i].cpu);
	}
	free(r->password);
	free(r->salt);
	free(r->dk);
}

static void published(void **state)
{
	const json_t *rows = json_object_get(root, "pbkdf2");

	(void)state;
	assert_int_equal(json_array_size(rows), 103);
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *v = json_array_get(rows, i);
		struct row r = {.hash = hash_of(json_object_get(v, "prf")),
			.iter_cnt = (uint64_t)json_integer_value(json_object_get(v, "c"))};

		r.password = octets(json_object_get(v, "password"), &r.password_len);
		r.salt = octets(json_object_get(v, "salt"), &r.salt_len);
		r.dk = octets(json_object_get(v, "dk"), &r.dk_len);
		assert_int_equal(
			json_integer_value(json_object_get(v, "dkLen")), (json_int_t)r.dk_len);
		run_row(&r);
	}
}

static void wycheproof(void **state)
{
	enum {
		PRF,
		ID,
		PASSWORD,
		SALT,
		ITER,
		DK
	};
	const json_t *rows = json_object_get(json_object_get(root, "pbkdf2_wycheproof"), "rows");

	(void)state;
	assert_int_equal(json_array_size(rows), 181);
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *v = json_array_get(rows, i);
		struct row r = {.hash = hash_of(json_array_get(v, PRF)),
			.iter_cnt = (uint64_t)json_integer_value(json_array_get(v, ITER))};

		r.password = octets(json_array_get(v, PASSWORD), &r.password_len);
		r.salt = octets(json_array_get(v, SALT), &r.salt_len);
		r.dk = octets(json_array_get(v, DK), &r.dk_len);
		run_row(&r);
	}
}

static void must_fail(void **state)
{
	static const int errs[] = {GYL_CRYPTO_E_ITER_ZERO, GYL_CRYPTO_E_LEN_ZERO,
		GYL_CRYPTO_E_LEN_BIG, GYL_CRYPTO_E_HASH};
	const json_t *rows = json_object_get(root, "pbkdf2_must_fail");

	(void)state;
	assert_int_equal(json_array_size(rows), TEST_CNT(errs));
	for (size_t i = 0; i < TEST_CNT(errs); i++) {
		const json_t *v = json_array_get(rows, i);
		size_t len = (size_t)json_integer_value(json_object_get(v, "dkLen"));
		uint64_t iter_cnt = (uint64_t)json_integer_value(json_object_get(v, "c"));
		bool written = errs[i] != GYL_CRYPTO_E_LEN_BIG;
		uint8_t dk[64];

		memset(dk, 0xa5, sizeof dk);
		assert_int_equal(gyl_pbkdf2(hash_of(json_object_get(v, "prf")), 0, "p", 1, "s", 1,
					 iter_cnt, dk, len),
			errs[i]);
		for (size_t at = 0; at < sizeof dk; at++)
			assert_int_equal(dk[at], written && at < len ? 0 : 0xa5);
	}
}

static const EVP_MD *evp_of(enum gyl_hash hash)
{
	if (hash == GYL_HASH_SHA1)
		return EVP_sha1();
	return hash == GYL_HASH_SHA256 ? EVP_sha256() : EVP_sha512();
}

static void as_openssl(void **state)
{
	uint32_t have = gyl_cpu_detect();

	(void)state;
	for (unsigned turn = 0; turn < 3000; turn++) {
		size_t i = turn % TEST_CNT(kernels);
		uint8_t password[300], salt[300], want[DK_MAX], got[DK_MAX];
		uint32_t password_len = randombytes_uniform(sizeof password);
		uint32_t salt_len = randombytes_uniform(sizeof salt);
		uint32_t dk_len =
			1 + randombytes_uniform(turn % 10 == 0 ? DK_MAX : GYL_PBKDF2_HELD + 10);
		uint32_t iter_cnt = 1 + randombytes_uniform(20);

		if ((kernels[i].cpu & ~have) != 0)
			continue;
		randombytes_buf(password, sizeof password);
		randombytes_buf(salt, sizeof salt);
		assert_int_equal(PKCS5_PBKDF2_HMAC((const char *)password, (int)password_len, salt,
					 (int)salt_len, (int)iter_cnt, evp_of(kernels[i].hash),
					 (int)dk_len, want),
			1);
		assert_int_equal(gyl_pbkdf2(kernels[i].hash, kernels[i].cpu, password, password_len,
					 salt, salt_len, iter_cnt, got, dk_len),
			GYL_CRYPTO_OK);
		assert_memory_equal(got, want, dk_len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published),
		cmocka_unit_test(wycheproof),
		cmocka_unit_test(must_fail),
		cmocka_unit_test(as_openssl),
	};

	return cmocka_run_group_tests(tests, open_vectors, close_vectors);
}
