/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/cpu.h>
#include <gyl/scrypt.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static const struct kernel {
	const char *name;
	uint32_t cpu; /* what it needs */
	unsigned lanes;
} kernels[] = {
	{"portable", 0, 1},
	{"portable, SHA", GYL_CPU_SHA | GYL_CPU_SSE41, 1},
	{"sse2", GYL_CPU_SSE2, 1},
	{"avx512vl", GYL_CPU_AVX512VL, 1},
	{"avx512vl, 2 lanes", GYL_CPU_AVX512VL, 2},
	{"avx512vl, 4 lanes", GYL_CPU_AVX512VL, 4},
};

static bool has(const struct kernel *k)
{
	return (gyl_cpu_detect() & k->cpu) == k->cpu;
}

enum {
	PASSWORD_MAX = 200,
	DK_MAX = 200
};

/* One derivation with all that goes in. */
struct row {
	uint8_t password[PASSWORD_MAX], salt[PASSWORD_MAX], dk[DK_MAX];
	size_t password_len, salt_len, dk_len;
	struct gyl_scrypt_cost cost;
};

static void row_say(const struct kernel *k, const struct row *row)
{
	print_message("%s: N %llu, r %u, p %u, %zu octets\n", k->name,
		(unsigned long long)row->cost.n, row->cost.r, row->cost.p, row->dk_len);
}

/* In memory of just the size it takes, which is all zeros afterwards. */
static void check(const struct kernel *k, const struct row *row)
{
	size_t len = gyl_scrypt_need(&row->cost, k->lanes);
	uint8_t *scratch =
		mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint8_t got[DK_MAX];

	assert_ptr_not_equal(scratch, MAP_FAILED);
	memset(got, 0xa5, sizeof got);
	assert_int_equal(gyl_scrypt(k->cpu, row->password, row->password_len, row->salt,
				 row->salt_len, &row->cost, got, row->dk_len, scratch, len, 0),
		GYL_CRYPTO_OK);
	if (memcmp(got, row->dk, row->dk_len) != 0) {
		row_say(k, row);
		fail_msg("the key is another one");
	}
	if (scratch[0] != 0 || memcmp(scratch, scratch + 1, len - 1) != 0) {
		row_say(k, row);
		fail_msg("scratch memory is not wiped");
	}
	munmap(scratch, len);
}

/* --- the known answers --- */

static json_t *vectors;

static uint64_t number_of(const json_t *row, const char *name)
{
	return (uint64_t)json_integer_value(json_object_get(row, name));
}

static size_t octets_of(const json_t *row, const char *name, uint8_t *buf, size_t cap)
{
	return hex_bytes(json_string_value(json_object_get(row, name)), buf, cap);
}

static struct gyl_scrypt_cost cost_of(const json_t *row)
{
	return (struct gyl_scrypt_cost){.n = number_of(row, "N"),
		.r = (uint32_t)number_of(row, "r"),
		.p = (uint32_t)number_of(row, "p")};
}

static struct row row_of(const json_t *json)
{
	struct row row = {.cost = cost_of(json)};

	row.password_len = octets_of(json, "password", row.password, sizeof row.password);
	row.salt_len = octets_of(json, "salt", row.salt, sizeof row.salt);
	row.dk_len = octets_of(json, "dk", row.dk, sizeof row.dk);
	assert_int_equal(row.dk_len, number_of(json, "dkLen"));
	return row;
}

enum {
	BIG = 256 << 20 /* rows that take more memory have a test of their own */
};

static void known(void **state)
{
	json_t *rows = json_object_get(vectors, "scrypt"), *json;
	size_t at, small_cnt = 0;

	(void)state;
	json_array_foreach(rows, at, json)
	{
		struct row row = row_of(json);

		if (gyl_scrypt_need(&row.cost, 1) > BIG)
			continue;
		small_cnt++;
		for (size_t i = 0; i < TEST_CNT(kernels); i++)
			if (has(&kernels[i]))
				check(&kernels[i], &row);
	}
	assert_int_equal(small_cnt, 19);
}

/* Why the rows of a gigabyte are not tried; NULL: they are. */
static const char *big_excuse(size_t len)
{
	size_t free_len = (size_t)sysconf(_SC_AVPHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE);

#if !defined(__OPTIMIZE__)
	return "not optimised";
#elif defined(__SANITIZE_ADDRESS__)
	return "sanitizers";
#elif defined(__has_feature)
#	if __has_feature(address_sanitizer)
	return "sanitizers";
#	endif
#endif
	if (getenv("GYL_QUICK") != NULL)
		return "GYL_QUICK is set";
	return free_len < len + len / 4 ? "not enough free memory" : NULL;
}

/* One lane, and no second time for SHA instructions, which do not matter here. */
static bool is_plain(const struct kernel *k)
{
	return k->lanes == 1 && !(k->cpu & GYL_CPU_SHA);
}

static void known_big(void **state)
{
	json_t *rows = json_object_get(vectors, "scrypt"), *json;
	size_t at, big_cnt = 0;

	(void)state;
	json_array_foreach(rows, at, json)
	{
		struct row row = row_of(json);
		size_t len = gyl_scrypt_need(&row.cost, 1);

		if (len <= BIG)
			continue;
		big_cnt++;
		if (big_excuse(len) != NULL) {
			print_message("N %llu is not tried: %s\n", (unsigned long long)row.cost.n,
				big_excuse(len));
			skip();
		}
		for (size_t i = 0; i < TEST_CNT(kernels); i++)
			if (is_plain(&kernels[i]) && has(&kernels[i]))
				check(&kernels[i], &row);
	}
	assert_int_equal(big_cnt, 1);
}

static void must_fail(void **state)
{
	static const int errs[] = {GYL_CRYPTO_E_N_SMALL, GYL_CRYPTO_E_N_SMALL, GYL_CRYPTO_E_N_POWER,
		GYL_CRYPTO_E_N_POWER, GYL_CRYPTO_E_R_ZERO, GYL_CRYPTO_E_P_ZERO,
		GYL_CRYPTO_E_LEN_ZERO, GYL_CRYPTO_E_N_BIG, GYL_CRYPTO_E_RP_BIG, GYL_CRYPTO_E_SIZE,
		GYL_CRYPTO_E_SCRATCH_SMALL};
	static _Alignas(GYL_SCRYPT_ALIGN) uint8_t scratch[4096];
	json_t *rows = json_object_get(vectors, "scrypt_must_fail"), *json;
	size_t at;

	(void)state;
	assert_int_equal(json_array_size(rows), TEST_CNT(errs));
	json_array_foreach(rows, at, json)
	{
		struct gyl_scrypt_cost cost = cost_of(json);
		uint8_t dk[32], zeros[32] = {0};
		size_t dk_len = number_of(json, "dkLen");

		memset(dk, 0xa5, sizeof dk);
		assert_int_equal(gyl_scrypt(0, "x", 1, "y", 1, &cost, dk, dk_len, scratch,
					 sizeof scratch, 0),
			errs[at]);
		assert_memory_equal(dk, zeros, dk_len);
	}
}

/* --- the judges --- */

static uint32_t below(uint32_t bound)
{
	static uint64_t s = 42;

	s = s * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)((s >> 32) * bound >> 32);
}

static void row_judge(struct row *row)
{
	uint8_t openssl[DK_MAX];

	assert_int_equal(
		crypto_pwhash_scryptsalsa208sha256_ll(row->password, row->password_len, row->salt,
			row->salt_len, row->cost.n, row->cost.r, row->cost.p, row->dk, row->dk_len),
		0);
	assert_int_equal(EVP_PBE_scrypt((const char *)row->password, row->password_len, row->salt,
				 row->salt_len, row->cost.n, row->cost.r, row->cost.p, 0, openssl,
				 row->dk_len),
		1);
	assert_memory_equal(row->dk, openssl, row->dk_len);
	for (size_t i = 0; i < TEST_CNT(kernels); i++)
		if (has(&kernels[i]))
			check(&kernels[i], row);
}

static void row_fill(struct row *row)
{
	row->password_len = below(sizeof row->password + 1);
	row->salt_len = below(sizeof row->salt + 1);
	row->dk_len = 1 + below(sizeof row->dk);
	for (size_t i = 0; i < sizeof row->password; i++) {
		row->password[i] = (uint8_t)below(256);
		row->salt[i] = (uint8_t)below(256);
	}
}

static void as_others(void **state)
{
	(void)state;
	for (int i = 0; i < 300; i++) {
		struct row row = {.cost = {.n = UINT64_C(2) << below(9),
					  .r = 1 + below(9),
					  .p = 1 + below(9)}};

		row_fill(&row);
		row_judge(&row);
	}
}

/* Much of one thing: parts, a block, the round number of both. */
static void as_others_far_out(void **state)
{
	static const struct gyl_scrypt_cost costs[] = {{2, 1, 5000}, {4, 999, 1}, {2, 300, 7},
		{32768, 1, 1}, {UINT64_C(1) << 16, 2, 2}, {2, 8, 301}};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(costs); i++) {
		struct row row = {.cost = costs[i]};

		row_fill(&row);
		row_judge(&row);
	}
}

/* --- what stays behind --- */

/* Pages of scratch memory that a derivation given up early had not come to are not touched. */
static void pages_let_be(void **state)
{
	const struct gyl_scrypt_cost cost = {1 << 16, 8, 4};
	size_t page = (size_t)sysconf(_SC_PAGESIZE), len = gyl_scrypt_need(&cost, 4);
	size_t page_cnt = (len + page - 1) / page, touched = 0;
	uint8_t *scratch =
		mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned char *resident = malloc(page_cnt);
	struct gyl_scrypt s;
	uint8_t dk[32];

	(void)state;
	assert_non_null(resident);
	assert_ptr_not_equal(scratch, MAP_FAILED);
	assert_int_equal(gyl_scrypt_begin(&s, gyl_cpu_detect(), "x", 1, "y", 1, &cost, dk,
				 sizeof dk, scratch, len, 0),
		GYL_CRYPTO_OK);
	for (int i = 0; i < 8; i++)
		assert_int_equal(gyl_scrypt_step(&s, 65536), GYL_CRYPTO_MORE);
	gyl_scrypt_end(&s);
	assert_int_equal(mincore(scratch, len, resident), 0);
	for (size_t i = 0; i < page_cnt; i++)
		touched += resident[i] & 1;
	/* 512 KiB; with huge pages one of 2 MiB for each lane, and one more */
	assert_in_range(touched * page, 4096, 16 << 20);
	munmap(scratch, len);
	free(resident);
}

static int setup(void **state)
{
	json_error_t why;

	(void)state;
	vectors = json_load_file(GYL_TEST_DIR "/data/kdf-vectors.json", 0, &why);
	return vectors != NULL && sodium_init() >= 0 ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	json_decref(vectors);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known),
		cmocka_unit_test(known_big),
		cmocka_unit_test(must_fail),
		cmocka_unit_test(as_others),
		cmocka_unit_test(as_others_far_out),
		cmocka_unit_test(pages_let_be),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
