/* SPDX-License-Identifier: ISC */

/*
 * scrypt beside libsodium, Tarsnap's library and OpenSSL, each kernel forced: bench_scrypt prints
 * the table of docs/PERFORMANCE.md, and then how long the longest slice was.
 *
 * Ours works in memory that was mapped once, as a server would have it, and wipes it each time. The
 * others map theirs for each derivation, and do not wipe it: "not wiped" is ours without that.
 */

#include <gyl/cpu.h>
#include <gyl/scrypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#ifdef HAVE_SODIUM
#	include <sodium.h>
#endif
#ifdef HAVE_LIBCRYPTO
#	include <openssl/evp.h>
#endif
#ifdef HAVE_SCRYPT_KDF
#	include <scrypt-kdf.h>
#endif

#include "tests/bench/bench.h"

enum {
	SCRATCH_LEN = 160 << 20,
	SLICE_LEN = 256 << 10,
	HUGE_PAGE_LEN = 2 << 20
};

static const uint8_t password[8] = "password", salt[16] = "sixteen octets..";
static uint8_t *scratch, *scratch_huge;

static const struct gyl_scrypt_cost cost_2_10_4 = {1 << 10, 8, 4};
static const struct gyl_scrypt_cost cost_2_14 = {1 << 14, 8, 1};
static const struct gyl_scrypt_cost cost_2_14_4 = {1 << 14, 8, 4};
static const struct gyl_scrypt_cost cost_2_17 = {1 << 17, 8, 1};

static uint8_t *map(size_t len)
{
	uint8_t *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		abort();
	return p;
}

static void setup(void)
{
	uint8_t *p = map(SCRATCH_LEN + HUGE_PAGE_LEN);

	p += HUGE_PAGE_LEN - (uintptr_t)p % HUGE_PAGE_LEN;
	if (madvise(p, SCRATCH_LEN, MADV_HUGEPAGE) != 0)
		fprintf(stderr, "no huge pages: their rows are like the others\n");
	scratch_huge = p;
	scratch = map(SCRATCH_LEN);
#ifdef HAVE_SODIUM
	if (sodium_init() < 0)
		abort();
#endif
}

/* --- ours --- */

static uint64_t our(uint64_t n, const struct gyl_scrypt_cost *cost, uint32_t cpu, unsigned lanes,
	uint8_t *memory, unsigned flags)
{
	uint64_t sum = 0;

	while (n-- > 0) {
		uint8_t dk[32];

		if (gyl_scrypt(cpu, password, sizeof password, salt, sizeof salt, cost, dk,
			    sizeof dk, memory, gyl_scrypt_need(cost, lanes),
			    flags) != GYL_CRYPTO_OK)
			abort();
		sum += dk[0];
	}
	return sum;
}

static uint64_t our_sliced(uint64_t n, const struct gyl_scrypt_cost *cost, uint32_t cpu)
{
	uint64_t sum = 0;

	while (n-- > 0) {
		struct gyl_scrypt s;
		uint8_t dk[32];

		if (gyl_scrypt_begin(&s, cpu, password, sizeof password, salt, sizeof salt, cost,
			    dk, sizeof dk, scratch, SCRATCH_LEN, 0) != GYL_CRYPTO_OK)
			abort();
		while (gyl_scrypt_step(&s, SLICE_LEN) == GYL_CRYPTO_MORE)
			;
		sum += dk[0];
	}
	return sum;
}

enum {
	PORTABLE = 0,
	SSE2 = GYL_CPU_SSE2 | GYL_CPU_SSE41 | GYL_CPU_SHA,
	AVX512VL = GYL_CPU_ALL
};

/* A contender: name, cost, processor, lanes, memory, flags. */
#define OURS(name, cost, cpu, lanes, memory, flags)                                   \
	static uint64_t name(uint64_t n)                                              \
	{                                                                             \
		return our(n, &(cost), (cpu)&gyl_cpu_detect(), lanes, memory, flags); \
	}

OURS(portable_2_14, cost_2_14, PORTABLE, 1, scratch, 0)
OURS(sse2_2_14, cost_2_14, SSE2, 1, scratch, 0)
OURS(avx512vl_2_14, cost_2_14, AVX512VL, 1, scratch, 0)
OURS(kept_2_14, cost_2_14, AVX512VL, 1, scratch, GYL_SCRYPT_KEEP)
OURS(sse2_2_17, cost_2_17, SSE2, 1, scratch, 0)
OURS(avx512vl_2_17, cost_2_17, AVX512VL, 1, scratch, 0)
OURS(huge_2_17, cost_2_17, AVX512VL, 1, scratch_huge, 0)
OURS(sse2_2_14_4, cost_2_14_4, SSE2, 1, scratch, 0)
OURS(lane_2_14_4, cost_2_14_4, AVX512VL, 1, scratch, 0)
OURS(lanes2_2_14_4, cost_2_14_4, AVX512VL, 2, scratch, 0)
OURS(lanes4_2_14_4, cost_2_14_4, AVX512VL, 4, scratch, 0)
OURS(kept_2_14_4, cost_2_14_4, AVX512VL, 4, scratch, GYL_SCRYPT_KEEP)
OURS(sse2_2_10_4, cost_2_10_4, SSE2, 1, scratch, 0)
OURS(lane_2_10_4, cost_2_10_4, AVX512VL, 1, scratch, 0)
OURS(lanes4_2_10_4, cost_2_10_4, AVX512VL, 4, scratch, 0)

static uint64_t sliced_2_17(uint64_t n)
{
	return our_sliced(n, &cost_2_17, gyl_cpu_detect());
}

/* --- the others --- */

typedef void derive_fn(const struct gyl_scrypt_cost *cost, uint8_t dk[32]);

static uint64_t their(uint64_t n, const struct gyl_scrypt_cost *cost, derive_fn *derive)
{
	uint64_t sum = 0;

	while (n-- > 0) {
		uint8_t dk[32];

		derive(cost, dk);
		sum += dk[0];
	}
	return sum;
}

/* A library's contenders, one for each cost. */
#define THEIRS(library)                                          \
	static uint64_t library##_2_14(uint64_t n)               \
	{                                                        \
		return their(n, &cost_2_14, library##_derive);   \
	}                                                        \
	static uint64_t library##_2_17(uint64_t n)               \
	{                                                        \
		return their(n, &cost_2_17, library##_derive);   \
	}                                                        \
	static uint64_t library##_2_14_4(uint64_t n)             \
	{                                                        \
		return their(n, &cost_2_14_4, library##_derive); \
	}                                                        \
	static uint64_t library##_2_10_4(uint64_t n)             \
	{                                                        \
		return their(n, &cost_2_10_4, library##_derive); \
	}

#ifdef HAVE_SODIUM
static void sodium_derive(const struct gyl_scrypt_cost *cost, uint8_t dk[32])
{
	if (crypto_pwhash_scryptsalsa208sha256_ll(password, sizeof password, salt, sizeof salt,
		    cost->n, cost->r, cost->p, dk, 32) != 0)
		abort();
}
THEIRS(sodium)
#else
#	define sodium_2_14   NULL
#	define sodium_2_17   NULL
#	define sodium_2_14_4 NULL
#	define sodium_2_10_4 NULL
#endif

#ifdef HAVE_SCRYPT_KDF
static void tarsnap_derive(const struct gyl_scrypt_cost *cost, uint8_t dk[32])
{
	if (scrypt_kdf(password, sizeof password, salt, sizeof salt, cost->n, cost->r, cost->p, dk,
		    32) != 0)
		abort();
}
THEIRS(tarsnap)
#else
#	define tarsnap_2_14   NULL
#	define tarsnap_2_17   NULL
#	define tarsnap_2_14_4 NULL
#	define tarsnap_2_10_4 NULL
#endif

#ifdef HAVE_LIBCRYPTO
static void openssl_derive(const struct gyl_scrypt_cost *cost, uint8_t dk[32])
{
	if (EVP_PBE_scrypt((const char *)password, sizeof password, salt, sizeof salt, cost->n,
		    cost->r, cost->p, UINT64_C(1) << 30, dk, 32) != 1)
		abort();
}
THEIRS(openssl)
#else
#	define openssl_2_14   NULL
#	define openssl_2_17   NULL
#	define openssl_2_14_4 NULL
#	define openssl_2_10_4 NULL
#endif

/* --- the longest slice --- */

static double cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

struct slices {
	size_t cnt;
	double longest, all; /* nanoseconds of processor time */
};

static struct slices slices_time(uint32_t cpu, uint8_t *memory)
{
	struct slices all = {0, 0, 0};
	struct gyl_scrypt s;
	uint8_t dk[32];
	int err = gyl_scrypt_begin(&s, cpu, password, sizeof password, salt, sizeof salt,
		&cost_2_17, dk, sizeof dk, memory, SCRATCH_LEN, 0);

	if (err != GYL_CRYPTO_OK)
		abort();
	do {
		double start = cpu_ns(), took;

		err = gyl_scrypt_step(&s, SLICE_LEN);
		took = cpu_ns() - start;
		all.longest = took > all.longest ? took : all.longest;
		all.all += took;
		all.cnt++;
	} while (err == GYL_CRYPTO_MORE);
	return all;
}

/* The best of five: what the slice takes, and not what interrupted it. */
static void slices_print(const char *name, uint32_t cpu, bool fresh)
{
	struct slices best = {0, 1e18, 1e18};

	for (int i = 0; i < BENCH_ROUNDS; i++) {
		uint8_t *memory = fresh ? map(SCRATCH_LEN) : scratch;
		struct slices one = slices_time(cpu & gyl_cpu_detect(), memory);

		if (one.longest < best.longest)
			best = one;
		if (fresh)
			munmap(memory, SCRATCH_LEN);
	}
	printf("| %s | %s | %zu | %.1f | %.1f |\n", name, fresh ? "fresh" : "used", best.cnt,
		best.longest / 1e3, best.all / (double)best.cnt / 1e3);
}

static void slices_table(void)
{
	printf("\nSlices of %d KiB, N=2^17 r=8 p=1, the calmest of %d runs:\n\n"
	       "| kernel | pages | slices | longest us | mean us |\n| --- | --- | --- | --- | --- |\n",
		SLICE_LEN >> 10, BENCH_ROUNDS);
	for (int fresh = 0; fresh < 2; fresh++) {
		slices_print("AVX-512VL", AVX512VL, fresh);
		slices_print("SSE2", SSE2, fresh);
		slices_print("portable", PORTABLE, fresh);
	}
}

static const struct bench_task task[] = {
	{"scrypt N=2^14 r=8 p=1, 16 MiB", 1,
		{{"guyline, AVX-512VL", avx512vl_2_14}, {"not wiped", kept_2_14},
			{"guyline, SSE2", sse2_2_14}, {"guyline, portable", portable_2_14},
			{"libsodium", sodium_2_14}, {"libscrypt-kdf", tarsnap_2_14},
			{"OpenSSL", openssl_2_14}}},
	{"scrypt N=2^17 r=8 p=1, 128 MiB", 1,
		{{"guyline, AVX-512VL", avx512vl_2_17}, {"in slices of 256 KiB", sliced_2_17},
			{"in huge pages", huge_2_17}, {"guyline, SSE2", sse2_2_17},
			{"libsodium", sodium_2_17}, {"libscrypt-kdf", tarsnap_2_17},
			{"OpenSSL", openssl_2_17}}},
	{"scrypt N=2^14 r=8 p=4", 1,
		{{"guyline, four lanes, 64 MiB", lanes4_2_14_4}, {"not wiped", kept_2_14_4},
			{"guyline, two lanes, 32 MiB", lanes2_2_14_4},
			{"guyline, AVX-512VL, 16 MiB", lane_2_14_4}, {"guyline, SSE2", sse2_2_14_4},
			{"libsodium", sodium_2_14_4}, {"libscrypt-kdf", tarsnap_2_14_4},
			{"OpenSSL", openssl_2_14_4}}},
	{"scrypt N=2^10 r=8 p=4", 1,
		{{"guyline, four lanes, 4 MiB", lanes4_2_10_4},
			{"guyline, AVX-512VL, 1 MiB", lane_2_10_4}, {"guyline, SSE2", sse2_2_10_4},
			{"libsodium", sodium_2_10_4}, {"libscrypt-kdf", tarsnap_2_10_4},
			{"OpenSSL", openssl_2_10_4}}},
};

int main(int argc, char **argv)
{
	int err;

	setup();
	err = bench_main(argc, argv, task, sizeof task / sizeof task[0]);
	if (argc == 1)
		slices_table();
	return err;
}
