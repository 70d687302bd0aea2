/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/cpu.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "crypto/src/romix_own.h"

static const struct kernel {
	const char *name;
	uint32_t cpu; /* what it needs */
	uint32_t lanes;
	gyl__romix_steps *steps;
} kernels[] = {
	{"portable", 0, 1, gyl__romix_portable},
#if defined(__x86_64__)
	{"sse2", GYL_CPU_SSE2, 1, gyl__romix_sse2},
	{"avx512vl", GYL_CPU_AVX512VL, 1, gyl__romix_avx512vl},
	{"avx512vl, 2 lanes", GYL_CPU_AVX512VL, 2, gyl__romix_avx512vl_x2},
	{"avx512vl, 4 lanes", GYL_CPU_AVX512VL, 4, gyl__romix_avx512vl_x4},
#endif
};

enum {
	LANES = 4,
	N_MAX = 64,
	R_MAX = 20,
	BLOCK_MAX = 128 * R_MAX
};

static _Alignas(64) uint8_t v[LANES * N_MAX * BLOCK_MAX], x[2 * LANES * BLOCK_MAX];

static bool has(const struct kernel *k)
{
	return (gyl_cpu_detect() & k->cpu) == k->cpu;
}

static struct gyl__romix romix(uint64_t n, uint32_t r, uint32_t lanes)
{
	return (struct gyl__romix){.n = n, .r = r, .lanes = lanes, .v = v, .x = x};
}

/* Octets that look like nothing, the same on every run. */
static uint32_t noise(uint8_t *p, size_t len, uint32_t seed)
{
	for (size_t i = 0; i < len; i++) {
		seed = seed * 1664525 + 1013904223;
		p[i] = (uint8_t)(seed >> 24);
	}
	return seed;
}

/* X after so many steps, all lanes beginning with b; each has to have come to the same. */
static void run(const struct kernel *k, uint64_t n, uint64_t steps, const uint8_t b[128],
	uint8_t ret_b[128])
{
	struct gyl__romix m = romix(n, 1, k->lanes);
	uint8_t all[LANES * 128];

	for (uint32_t lane = 0; lane < k->lanes; lane++)
		memcpy(all + lane * 128, b, 128);
	gyl__romix_load(&m, all);
	k->steps(&m, 0, steps);
	gyl__romix_store(&m, steps, all);
	for (uint32_t lane = 1; lane < k->lanes; lane++)
		assert_memory_equal(all + lane * 128, all, 128);
	memcpy(ret_b, all, 128);
}

/* RFC 7914 sections 8, 9 and 10. */
static const char salsa_in[] = "7e879a214f3ec9867ca940e641718f26baee555b8c61c1b50df846116dcd3b1d"
			       "ee24f319df9b3d8514121e4b5ac5aa3276021d2909c74829edebc68db8b8c25e";
static const char salsa_out[] = "a41f859c6608cc993b81cacb020cef05044b2181a2fd337dfd7b1c6396682f29"
				"b4393168e3c9e6bcfe6bc5b7a06d96bae424cc102c91745c24ad673dc7618f81";
static const char mix_in[] = "f7ce0b653d2d72a4108cf5abe912ffdd777616dbbb27a70e8204f3ae2d0f6fad"
			     "89f68f4811d1e87bcc3bd7400a9ffd29094f0184639574f39ae5a1315217bcd7"
			     "894991447213bb226c25b54da86370fbcd984380374666bb8ffcb5bf40c254b0"
			     "67d27c51ce4ad5fed829c90b505a571b7f4d1cad6a523cda770e67bceaaf7e89";
static const char mix_out[] = "a41f859c6608cc993b81cacb020cef05044b2181a2fd337dfd7b1c6396682f29"
			      "b4393168e3c9e6bcfe6bc5b7a06d96bae424cc102c91745c24ad673dc7618f81"
			      "20edc975323881a80540f64c162dcd3c21077cfe5f8d5fe2b1a4168f953678b7"
			      "7d3b3d803b60e4ab920996e59b4d53b65d2a225877d5edf5842cb9f14eefe425";
static const char romix_out[] = "79ccc193629debca047f0b70604bf6b62ce3dd4a9626e355fafc6198e6ea2b46"
				"d58413673b99b029d665c357601fb426a0b2f4bba200ee9f0a43d19b571a9c71"
				"ef1142e65d5a266fddca832ce59faa7cac0b9cf1be2bffca300d01ee387619c4"
				"ae12fd4438f203a0e4e1c47ec314861f4e9087cb33396a6873e8f9d2539a4b8e";

static void published(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(kernels); i++) {
		const struct kernel *k = &kernels[i];
		uint8_t b[128] = {0}, want[128];

		if (!has(k))
			continue;
		/* With zeros in the second half, the first one comes through Salsa20/8 alone. */
		hex_bytes(salsa_in, b, sizeof b);
		hex_bytes(salsa_out, want, sizeof want);
		run(k, 2, 1, b, b);
		assert_memory_equal(b, want, 64);

		hex_bytes(mix_in, b, sizeof b);
		hex_bytes(mix_out, want, sizeof want);
		run(k, 2, 1, b, b);
		assert_memory_equal(b, want, sizeof want);

		hex_bytes(mix_in, b, sizeof b);
		hex_bytes(romix_out, want, sizeof want);
		run(k, 16, 32, b, b);
		assert_memory_equal(b, want, sizeof want);
	}
}

/* Lanes with their own blocks, in slices of any length: each as portable C has it at once. */
static void as_portable(void **state)
{
	static uint8_t b[LANES * BLOCK_MAX], got[LANES * BLOCK_MAX], want[BLOCK_MAX];
	uint32_t seed = 1;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(kernels); i++)
		for (uint32_t r = 1; has(&kernels[i]) && r <= R_MAX; r++) {
			uint64_t n = UINT64_C(2) << r % 6, cut = 0, lanes = kernels[i].lanes;
			struct gyl__romix m = romix(n, r, kernels[i].lanes), one = romix(n, r, 1);

			seed = noise(b, sizeof b, seed);
			gyl__romix_load(&m, b);
			for (uint64_t at = 0; at < 2 * n; at += cut) {
				cut = 1 + (at * 7 + r) % 11;
				cut = cut < 2 * n - at ? cut : 2 * n - at;
				kernels[i].steps(&m, at, cut);
			}
			gyl__romix_store(&m, 2 * n, got);
			for (size_t lane = 0; lane < lanes; lane++) {
				gyl__romix_load(&one, b + lane * 128 * r);
				gyl__romix_portable(&one, 0, 2 * n);
				gyl__romix_store(&one, 2 * n, want);
				assert_memory_equal(got + lane * 128 * r, want, (size_t)128 * r);
			}
		}
}

/* Not on other machines, where emulators need minutes to map so much, and N has no room in 32 bits.
 */
#if defined(__x86_64__)
/* BlockMix(b ^ c). */
static void mixed(const uint8_t *b, const uint8_t *c, uint32_t r, uint8_t *ret)
{
	struct gyl__romix m = romix(2, r, 1);

	for (size_t i = 0; i < (size_t)128 * r; i++)
		ret[i] = b[i] ^ c[i];
	gyl__romix_load(&m, ret);
	gyl__romix_portable(&m, 0, 1);
	gyl__romix_store(&m, 1, ret);
}

/*
 * N = 2^33, r = 3: j has more than 32 bits. Nobody has the memory, but for one step addresses
 * suffice, and one block behind them for each lane.
 */
static void far(const struct kernel *k)
{
	enum {
		R = 3,
		LEN = 128 * R
	};
	const uint64_t n = UINT64_C(1) << 33;
	struct gyl__romix m = romix(n, R, k->lanes);
	uint8_t b[LANES * LEN], there[LANES * LEN], got[LANES * LEN], want[LEN];
	size_t map_len = (size_t)n * LEN * k->lanes;

	m.v = mmap(NULL, map_len, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (m.v == MAP_FAILED) {
		print_message("%s: no %zu octets of addresses here\n", k->name, map_len);
		return;
	}
	noise(there, sizeof there, noise(b, sizeof b, 7));
	for (uint32_t lane = 0; lane < k->lanes; lane++) {
		uint8_t *last = b + lane * LEN + LEN - 64;
		uint64_t j = UINT64_C(0x123456789) + lane;
		struct gyl__romix block = {
			.n = 2, .r = R, .lanes = 1, .x = m.v + (size_t)(lane * n + j) * LEN};

		for (size_t i = 0; i < 5; i++)
			last[i] = (uint8_t)(j >> 8 * i);
		last[4] |= 0xf0; /* bits that N takes away */
		gyl__romix_load(&block, there + lane * LEN);
	}
	gyl__romix_load(&m, b);
	k->steps(&m, n, 1);
	gyl__romix_store(&m, n + 1, got);
	munmap(m.v, map_len);
	for (uint32_t lane = 0; lane < k->lanes; lane++) {
		mixed(b + lane * LEN, there + lane * LEN, R, want);
		assert_memory_equal(got + lane * LEN, want, LEN);
	}
}

static void n_above_32_bits(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(kernels); i++)
		if (has(&kernels[i]))
			far(&kernels[i]);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published),
		cmocka_unit_test(as_portable),
#if defined(__x86_64__)
		cmocka_unit_test(n_above_32_bits),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
