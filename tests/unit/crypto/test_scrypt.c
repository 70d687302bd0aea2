/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/cpu.h>
#include <gyl/scrypt.h>

static const struct kernel {
	const char *name;
	uint32_t cpu; /* what it needs */
	unsigned lanes;
} kernels[] = {
	{"portable", 0, 1},
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
	SCRATCH_LEN = 5 << 20,
	DK_MAX = 100
};
static _Alignas(GYL_SCRYPT_ALIGN) uint8_t scratch[SCRATCH_LEN];

static bool is_filled(const void *p, uint8_t with, size_t len)
{
	const uint8_t *at = p;

	for (size_t i = 0; i < len; i++)
		if (at[i] != with)
			return false;
	return true;
}

static size_t need_of(const struct gyl_scrypt_cost *cost, unsigned lanes)
{
	size_t need = gyl_scrypt_need(cost, lanes);

	assert_in_range(need, 1, sizeof scratch);
	return need;
}

/* "password" and "NaCl" */
static int derive(const struct kernel *k, const struct gyl_scrypt_cost *cost, size_t scratch_len,
	uint8_t *dk, size_t dk_len)
{
	return gyl_scrypt(
		k->cpu, "password", 8, "NaCl", 4, cost, dk, dk_len, scratch, scratch_len, 0);
}

static int begin(struct gyl_scrypt *s, const struct kernel *k, const struct gyl_scrypt_cost *cost,
	uint8_t *dk, size_t dk_len, unsigned flags)
{
	return gyl_scrypt_begin(s, k->cpu, "password", 8, "NaCl", 4, cost, dk, dk_len, scratch,
		need_of(cost, k->lanes), flags);
}

/* RFC 7914 section 12, and rows with odd r and several parts that OpenSSL and hashlib agree on. */
static void published(void **state)
{
	static const struct {
		const char *password, *salt;
		struct gyl_scrypt_cost cost;
		const char *dk;
	} cases[] = {
		{"", "", {16, 1, 1},
			"77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
			"fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"},
		{"password", "NaCl", {1024, 8, 16},
			"fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
			"2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"},
		{"password", "NaCl", {2, 1, 1},
			"a2f63b8c062d326091944189baeb665b072c901775e8e81b1376ebc572a17849"},
		{"password", "NaCl", {16, 5, 2},
			"91ab16a355c7c2202de05e92bca2eb8b75560fa08ddabf719938cf817a29ccf1"},
		{"password", "NaCl", {16, 7, 3},
			"163a94e3ec591e48b7ce91e24de1d1215c33aa961e84ad0730643d3c44faf9aa"},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(kernels) * TEST_CNT(cases); i++) {
		const struct kernel *k = &kernels[i % TEST_CNT(kernels)];
		const struct gyl_scrypt_cost *cost = &cases[i / TEST_CNT(kernels)].cost;
		const char *password = cases[i / TEST_CNT(kernels)].password;
		const char *salt = cases[i / TEST_CNT(kernels)].salt;
		uint8_t want[64], got[64];
		size_t len = hex_bytes(cases[i / TEST_CNT(kernels)].dk, want, sizeof want);

		if (!has(k))
			continue;
		assert_int_equal(gyl_scrypt(k->cpu, password, strlen(password), salt, strlen(salt),
					 cost, got, len, scratch, need_of(cost, k->lanes), 0),
			GYL_CRYPTO_OK);
		assert_memory_equal(got, want, len);
	}
}

/* RFC 7914 section 2, and what of it a machine can do. */
static void refused(void **state)
{
	static const struct {
		uint64_t n;
		uint32_t r, p;
		size_t dk_len;
		int err;
	} cases[] = {
		{0, 8, 1, 32, GYL_CRYPTO_E_N_SMALL},
		{1, 8, 1, 32, GYL_CRYPTO_E_N_SMALL},
		{2, 8, 1, 32, GYL_CRYPTO_OK},
		{3, 8, 1, 32, GYL_CRYPTO_E_N_POWER},
		{16383, 8, 1, 32, GYL_CRYPTO_E_N_POWER},
		{UINT64_MAX, 8, 1, 32, GYL_CRYPTO_E_N_POWER},
		{16, 0, 1, 32, GYL_CRYPTO_E_R_ZERO},
		{16, 8, 0, 32, GYL_CRYPTO_E_P_ZERO},
		{16, 8, 1, 0, GYL_CRYPTO_E_LEN_ZERO},
		{16, 8, 1, 1, GYL_CRYPTO_OK},
		{32768, 1, 1, 32, GYL_CRYPTO_OK},
		{65536, 1, 1, 32, GYL_CRYPTO_E_N_BIG},
		{UINT64_C(1) << 31, 2, 1, 32, GYL_CRYPTO_OK},
		{UINT64_C(1) << 32, 2, 1, 32, GYL_CRYPTO_E_N_BIG},
		{UINT64_C(1) << 47, 3, 1, 32, GYL_CRYPTO_OK},
		{UINT64_C(1) << 48, 3, 1, 32, GYL_CRYPTO_E_N_BIG},
		{UINT64_C(1) << 63, 4, 1, 32, GYL_CRYPTO_OK},
		{16, 32768, 32768, 32, GYL_CRYPTO_E_RP_BIG},
		{16, 1, (UINT32_C(1) << 30) - 1, 32, GYL_CRYPTO_OK},
		{16, UINT32_C(1) << 30, 1, 32, GYL_CRYPTO_E_RP_BIG},
		{16, UINT32_MAX, UINT32_MAX, 32, GYL_CRYPTO_E_RP_BIG},
#if SIZE_MAX > 0xffffffff
		{16, 8, 1, (size_t)0xffffffff * 32, GYL_CRYPTO_OK},
		{16, 8, 1, (size_t)0xffffffff * 32 + 1, GYL_CRYPTO_E_LEN_BIG},
		{0, 0, 0, SIZE_MAX, GYL_CRYPTO_E_LEN_BIG},
#endif
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		struct gyl_scrypt_cost cost = {cases[i].n, cases[i].r, cases[i].p};
		uint8_t dk[32];

		assert_int_equal(gyl_scrypt_check(&cost, cases[i].dk_len), cases[i].err);
		if (cases[i].err == GYL_CRYPTO_OK)
			continue;
		memset(dk, 0xa5, sizeof dk);
		assert_int_equal(derive(&kernels[0], &cost, sizeof scratch, dk, cases[i].dk_len),
			cases[i].err);
		assert_true(is_filled(dk, cases[i].dk_len == sizeof dk ? 0 : 0xa5, sizeof dk));
	}
}

static void refused_memory(void **state)
{
	static const struct {
		struct gyl_scrypt_cost cost;
		size_t short_by, off;
		int err;
	} cases[] = {
		{{16, 8, 1}, 0, 0, GYL_CRYPTO_OK},
		{{16, 8, 1}, 1, 0, GYL_CRYPTO_E_SCRATCH_SMALL},
		{{16, 8, 5}, 1, 0, GYL_CRYPTO_E_SCRATCH_SMALL},
		{{16, 8, 1}, 0, 1, GYL_CRYPTO_E_SCRATCH_ALIGN},
		{{16, 8, 1}, 0, 32, GYL_CRYPTO_E_SCRATCH_ALIGN},
		{{16, 8, 1}, 0, 64, GYL_CRYPTO_OK},
		{{UINT64_C(1) << 62, 8, 1}, 0, 0, GYL_CRYPTO_E_SIZE},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		size_t len = gyl_scrypt_need(&cases[i].cost, 1) - cases[i].short_by;
		struct gyl_scrypt s;
		uint8_t dk[32];

		memset(&s, 0xa5, sizeof s);
		memset(dk, 0xa5, sizeof dk);
		assert_int_equal(gyl_scrypt_begin(&s, 0, "x", 1, NULL, 0, &cases[i].cost, dk,
					 sizeof dk, scratch + cases[i].off, len, 0),
			cases[i].err);
		assert_true(is_filled(dk, 0, sizeof dk));
		assert_int_equal(is_filled(&s, 0, sizeof s), cases[i].err != GYL_CRYPTO_OK);
		gyl_scrypt_end(&s);
	}
}

static void need(void **state)
{
	static const struct {
		struct gyl_scrypt_cost cost;
		unsigned lanes;
		uint64_t blocks; /* of 128 r octets */
	} cases[] = {
		{{16, 8, 1}, 0, 16 + 2 + 1},
		{{16, 8, 1}, 1, 16 + 2 + 1},
		{{16, 8, 1}, 4, 16 + 2 + 1},
		{{16, 8, 2}, 4, 2 * (16 + 2) + 2},
		{{16, 8, 3}, 4, 2 * (16 + 2) + 3},
		{{16, 8, 4}, 3, 2 * (16 + 2) + 4},
		{{16, 8, 4}, 4, 4 * (16 + 2) + 4},
		{{16, 8, 9}, 100, 4 * (16 + 2) + 9},
		{{1 << 17, 8, 1}, 1, (1 << 17) + 2 + 1},
		{{15, 8, 1}, 1, 0},
		{{16, 0, 1}, 1, 0},
		{{16, 8, 0}, 1, 0},
		{{UINT64_C(1) << 62, 8, 1}, 1, 0},
		{{UINT64_C(1) << 63, 1 << 29, 1}, 4, 0},
#if SIZE_MAX > 0xffffffff
		/* one lane is within 2^54 blocks of 2^10 octets, four are not */
		{{UINT64_C(1) << 52, 8, 4}, 1, (UINT64_C(1) << 52) + 2 + 4},
		{{UINT64_C(1) << 52, 8, 4}, 4, 0},
		/* N + 2 blocks are there, and none for B */
		{{1 << 29, (1 << 28) - 1, 1}, 1, 0},
#endif
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++)
		assert_true(gyl_scrypt_need(&cases[i].cost, cases[i].lanes) ==
			    cases[i].blocks * 128 * cases[i].cost.r);
}

static void n_max(void **state)
{
	static const struct {
		size_t mem_max;
		uint32_t r;
		uint64_t n;
	} cases[] = {
		{0, 8, 0},
		{5 * 1024 - 1, 8, 0},
		{5 * 1024, 8, 2},
		{(16 + 3) * 1024 - 1, 8, 8},
		{(16 + 3) * 1024, 8, 16},
		{64 << 20, 8, 32768},
		{64 << 20, 1, 32768}, /* 2^16 is not below 2^(16 r) */
		{64 << 20, 0, 0},
		{SIZE_MAX, UINT32_C(1) << 30, 0},
		{SIZE_MAX, 8, (UINT64_C(1) << (sizeof(size_t) * 8 - 1)) / 1024},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++)
		assert_true(gyl_scrypt_n_max(cases[i].mem_max, cases[i].r) == cases[i].n);
}

/* Slices of any size give the same, and every one of them ends. */
static void slices(void **state)
{
	static const size_t octets[] = {0, 1, 128, 1000, 5000, 100000, SIZE_MAX};
	static const struct gyl_scrypt_cost costs[] = {
		{2, 1, 1}, {16, 1, 7}, {64, 3, 5}, {8, 20, 2}};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(kernels) * TEST_CNT(costs) * TEST_CNT(octets); i++) {
		const struct kernel *k = &kernels[i % TEST_CNT(kernels)];
		const struct gyl_scrypt_cost *cost =
			&costs[i / TEST_CNT(kernels) % TEST_CNT(costs)];
		size_t octet_max = octets[i / TEST_CNT(kernels) / TEST_CNT(costs)];
		uint8_t want[DK_MAX], got[DK_MAX];
		struct gyl_scrypt s;
		int err;

		if (!has(k))
			continue;
		assert_int_equal(derive(&kernels[0], cost, need_of(cost, 1), want, sizeof want), 0);
		assert_int_equal(begin(&s, k, cost, got, sizeof got, 0), GYL_CRYPTO_OK);
		assert_int_equal(s.lane_cnt, k->lanes < cost->p ? k->lanes : cost->p >= 2 ? 2 : 1);
		while ((err = gyl_scrypt_step(&s, octet_max)) == GYL_CRYPTO_MORE)
			;
		assert_int_equal(err, GYL_CRYPTO_OK);
		assert_memory_equal(got, want, sizeof want);
		s.phase = 0; /* the one thing that stays */
		assert_true(is_filled(&s, 0, sizeof s));
		assert_true(is_filled(scratch, 0, need_of(cost, k->lanes)));
	}
}

/* Whenever a derivation is given up, nothing of it stays, and memory that is not ours is let be. */
static void given_up(void **state)
{
	const struct gyl_scrypt_cost cost = {8, 1, 7};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(kernels); i++) {
		const struct kernel *k = &kernels[i];
		size_t len = need_of(&cost, k->lanes);
		uint8_t dk[DK_MAX];
		struct gyl_scrypt s;
		bool done = false;

		for (int steps = 0; has(k) && !done; steps++) {
			memset(scratch, 0, len);
			memset(scratch + len, 0xa5, 4096);
			memset(dk, 0xa5, sizeof dk);
			assert_int_equal(begin(&s, k, &cost, dk, sizeof dk, 0), GYL_CRYPTO_OK);
			for (int step = 0; step < steps; step++)
				done = gyl_scrypt_step(&s, 0) == GYL_CRYPTO_OK;
			gyl_scrypt_end(&s);
			assert_true(is_filled(scratch, 0, len));
			assert_true(is_filled(scratch + len, 0xa5, 4096));
			assert_true(is_filled(&s, 0, sizeof s));
			assert_int_equal(is_filled(dk, 0, sizeof dk), !done);
			gyl_scrypt_end(&s);
		}
	}
}

/* The key comes last, after the memory is wiped: until it is said to be there, there is none. */
static void no_key_before_the_end(void **state)
{
	const struct gyl_scrypt_cost cost = {1024, 8, 1};
	struct gyl_scrypt s;
	uint8_t dk[GYL_SHA256_LEN];

	(void)state;
	begin(&s, &kernels[0], &cost, dk, sizeof dk, 0);
	while (gyl_scrypt_step(&s, 1 << 16) == GYL_CRYPTO_MORE)
		assert_true(is_filled(dk, 0, sizeof dk));
	assert_false(is_filled(dk, 0, sizeof dk));
}

static void kept(void **state)
{
	const struct gyl_scrypt_cost cost = {8, 1, 1};
	struct gyl_scrypt s;
	uint8_t dk[DK_MAX];

	(void)state;
	memset(scratch, 0, need_of(&cost, 1));
	begin(&s, &kernels[0], &cost, dk, sizeof dk, GYL_SCRYPT_KEEP);
	assert_int_equal(gyl_scrypt_step(&s, SIZE_MAX), GYL_CRYPTO_OK);
	assert_false(is_filled(scratch, 0, 128));
	s.phase = 0;
	assert_true(is_filled(&s, 0, sizeof s));

	memset(scratch, 0, need_of(&cost, 1));
	begin(&s, &kernels[0], &cost, dk, sizeof dk, GYL_SCRYPT_KEEP);
	while (s.i == 0 || is_filled(scratch, 0, 128))
		assert_int_equal(gyl_scrypt_step(&s, 1), GYL_CRYPTO_MORE);
	gyl_scrypt_end(&s);
	assert_false(is_filled(scratch, 0, 128));
	assert_true(is_filled(dk, 0, sizeof dk));
}

static void out_of_order(void **state)
{
	const struct gyl_scrypt_cost cost = {2, 1, 1};
	struct gyl_scrypt s = {.phase = 0};
	uint8_t dk[DK_MAX];

	(void)state;
	assert_int_equal(gyl_scrypt_step(&s, 1), GYL_CRYPTO_E_STATE);
	begin(&s, &kernels[0], &cost, dk, sizeof dk, 0);
	assert_int_equal(gyl_scrypt_step(&s, SIZE_MAX), GYL_CRYPTO_OK);
	assert_int_equal(gyl_scrypt_step(&s, SIZE_MAX), GYL_CRYPTO_OK);
	gyl_scrypt_end(&s);
	assert_int_equal(gyl_scrypt_step(&s, SIZE_MAX), GYL_CRYPTO_E_STATE);
	begin(&s, &kernels[0], &cost, dk, sizeof dk, 0);
	gyl_scrypt_end(&s);
	assert_int_equal(gyl_scrypt_step(&s, SIZE_MAX), GYL_CRYPTO_E_STATE);
}

/* Nothing is written or read past what gyl_scrypt_need() says. */
static void no_octet_more(void **state)
{
	static const struct gyl_scrypt_cost costs[] = {
		{2, 1, 1}, {4, 3, 4}, {16, 2, 7}, {2, 40, 2}};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(kernels) * TEST_CNT(costs); i++) {
		const struct kernel *k = &kernels[i % TEST_CNT(kernels)];
		const struct gyl_scrypt_cost *cost = &costs[i / TEST_CNT(kernels)];
		size_t len = need_of(cost, k->lanes);
		uint8_t want[DK_MAX], got[DK_MAX];
		struct guard g;

		if (!has(k))
			continue;
		assert_int_equal(derive(&kernels[0], cost, need_of(cost, 1), want, sizeof want), 0);
		guard_open(&g, gyl_view(scratch, len));
		assert_int_equal(gyl_scrypt(k->cpu, "password", 8, "NaCl", 4, cost, got, sizeof got,
					 g.map + (g.view.p - g.map), len, 0),
			GYL_CRYPTO_OK);
		guard_close(&g);
		assert_memory_equal(got, want, sizeof want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published),
		cmocka_unit_test(refused),
		cmocka_unit_test(refused_memory),
		cmocka_unit_test(need),
		cmocka_unit_test(n_max),
		cmocka_unit_test(slices),
		cmocka_unit_test(given_up),
		cmocka_unit_test(no_key_before_the_end),
		cmocka_unit_test(kept),
		cmocka_unit_test(out_of_order),
		cmocka_unit_test(no_octet_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
