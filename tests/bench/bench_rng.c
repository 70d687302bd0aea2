/* SPDX-License-Identifier: ISC */

/*
 * The generator beside getrandom(2), libsodium's randombytes_buf() and OpenSSL's RAND_bytes(); its
 * kinds and kernels side by side; what events and reseeds cost.
 *
 * "SSE2" and "portable" are what a guest has whose monitor saves no wide registers, and a processor
 * that we know nothing of.
 */

#include <gyl/cpu.h>
#include <gyl/fortuna.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#ifdef HAVE_SODIUM
#	include <sodium.h>
#endif
#ifdef HAVE_LIBCRYPTO
#	include <openssl/rand.h>
#endif

#include "tests/bench/bench.h"

static struct gyl_rng hedged, unhedged, sse2, portable, strict, strict_sse2, aes, aes_portable;
static struct gyl_fortuna fortuna;
static uint8_t buf[65536];

static void make(struct gyl_rng *g, enum gyl_rng_kind kind, uint32_t cpu, unsigned flags)
{
	uint8_t seed[32];

	if (getrandom(seed, sizeof seed, 0) != (ssize_t)sizeof seed)
		abort();
	gyl_rng_init(g, kind, cpu & gyl_cpu_detect(), flags);
	gyl_rng_reseed(g, seed, sizeof seed);
}

static void make_all(void)
{
	make(&hedged, GYL_RNG_CHACHA20, GYL_CPU_ALL, GYL_RNG_HEDGE);
	make(&unhedged, GYL_RNG_CHACHA20, GYL_CPU_ALL, 0);
	make(&sse2, GYL_RNG_CHACHA20, GYL_CPU_SSE2 | GYL_CPU_RDRAND, GYL_RNG_HEDGE);
	make(&portable, GYL_RNG_CHACHA20, 0, 0);
	make(&strict, GYL_RNG_CHACHA20_STRICT, GYL_CPU_ALL, 0);
	make(&strict_sse2, GYL_RNG_CHACHA20_STRICT, GYL_CPU_SSE2, 0);
	make(&aes, GYL_RNG_AES256, GYL_CPU_ALL, 0);
	make(&aes_portable, GYL_RNG_AES256, 0, 0);
	gyl_fortuna_init(&fortuna, gyl_cpu_detect(), 0);
	gyl_fortuna_seed(&fortuna, "a benchmark", 11, 256);
}

/* reads_<name>_<len>: requests of a length from one of the generators above. */
#define READS(name, len)                                 \
	static uint64_t reads_##name##_##len(uint64_t n) \
	{                                                \
		while (n-- > 0)                          \
			gyl_rng_read(&name, buf, len);   \
		return buf[0];                           \
	}
/* The same of those that we compare with. */
#define PEERS(len)                                         \
	static uint64_t kernel_##len(uint64_t n)           \
	{                                                  \
		while (n-- > 0)                            \
			if (getrandom(buf, len, 0) != len) \
				abort();                   \
		return buf[0];                             \
	}                                                  \
	SODIUM(len)                                        \
	OPENSSL(len)
#ifdef HAVE_SODIUM
#	define SODIUM(len)                                \
		static uint64_t sodium_##len(uint64_t n)   \
		{                                          \
			while (n-- > 0)                    \
				randombytes_buf(buf, len); \
			return buf[0];                     \
		}
#else
#	define SODIUM(len) static bench_fn *const sodium_##len = NULL;
#endif
#ifdef HAVE_LIBCRYPTO
#	define OPENSSL(len)                                   \
		static uint64_t openssl_##len(uint64_t n)      \
		{                                              \
			while (n-- > 0)                        \
				if (RAND_bytes(buf, len) != 1) \
					abort();               \
			return buf[0];                         \
		}
#else
#	define OPENSSL(len)              \
		enum {                    \
			openssl_##len = 0 \
		};
#endif
#define LENGTH(len) READS(hedged, len) PEERS(len)

LENGTH(8)
LENGTH(16)
LENGTH(32)
LENGTH(64)
LENGTH(1024)
LENGTH(65536)
READS(unhedged, 8)
READS(sse2, 8)
READS(sse2, 16)
READS(sse2, 65536)
READS(portable, 8)
READS(portable, 65536)
READS(strict, 16)
READS(strict_sse2, 16)
READS(aes, 16)
READS(aes, 65536)
READS(aes_portable, 16)

static uint64_t fortuna_8(uint64_t n)
{
	while (n-- > 0)
		gyl_fortuna_read(&fortuna, 0, buf, 8);
	return buf[0];
}

static uint64_t numbers_u64(uint64_t n)
{
	uint64_t v, sum = 0;

	while (n-- > 0) {
		gyl_rng_u64(&hedged, &v);
		sum += v;
	}
	return sum;
}

static uint64_t numbers_u16(uint64_t n)
{
	uint64_t sum = 0;
	uint16_t v;

	while (n-- > 0) {
		gyl_rng_u16(&hedged, &v);
		sum += v;
	}
	return sum;
}

static uint64_t numbers_below(uint64_t n)
{
	uint64_t v, sum = 0;

	while (n-- > 0) {
		gyl_rng_below(&hedged, 28232, &v); /* ports above 37303 */
		sum += v;
	}
	return sum;
}

static uint64_t events(uint64_t n)
{
	static const uint8_t data[16] = "sixteen octets.";

	while (n-- > 0)
		gyl_fortuna_event(&fortuna, 1, data, sizeof data, 0);
	return fortuna.pool_len[0];
}

/* 2^31 divides the number of this reseed, so that all pools take part. */
static uint64_t reseeds(uint64_t n)
{
	while (n-- > 0) {
		for (unsigned pool = 0; pool < GYL_FORTUNA_POOL_CNT; pool++)
			gyl_fortuna_event_to(&fortuna, 0, pool, buf, 32, 0);
		gyl_fortuna_event_to(&fortuna, 0, 0, buf, 32, 0);
		fortuna.reseed_cnt = (UINT64_C(1) << 32) - 1;
		if (!gyl_fortuna_poll(&fortuna, fortuna.reseed_ns + GYL_FORTUNA_PACE_NS))
			abort();
	}
	return fortuna.reseed_cnt;
}

#define AGAINST(len)                                                             \
	{                                                                        \
		{"guyline", reads_hedged_##len}, {"getrandom(2)", kernel_##len}, \
			{"libsodium", sodium_##len}, {"OpenSSL", openssl_##len}, \
	}

static const struct bench_task task[] = {
	{"random, 8 octets", 1, AGAINST(8)},
	{"random, 16 octets", 1, AGAINST(16)},
	{"random, 32 octets", 1, AGAINST(32)},
	{"random, 64 octets", 1, AGAINST(64)},
	{"random, 1,024 octets", 1, AGAINST(1024)},
	{"random, 64 KiB, a KiB", 64, AGAINST(65536)},
	{"random number", 1,
		{{"u64", numbers_u64}, {"u16", numbers_u16}, {"below(28232)", numbers_below}}},
	{"random, 8 octets, batches", 1,
		{{"hedged", reads_hedged_8}, {"not hedged", reads_unhedged_8},
			{"SSE2", reads_sse2_8}, {"portable", reads_portable_8}}},
	{"random, 64 KiB, kernels, a KiB", 64,
		{{"all", reads_hedged_65536}, {"SSE2", reads_sse2_65536},
			{"portable", reads_portable_65536}, {"AES", reads_aes_65536}}},
	{"random, 16 octets, a key each", 1,
		{{"ChaCha20", reads_strict_16}, {"ChaCha20, SSE2", reads_strict_sse2_16},
			{"AES-256", reads_aes_16}, {"AES-256, portable", reads_aes_portable_16}}},
	{"random, 16 octets, SSE2 only", 1,
		{{"guyline", reads_sse2_16}, {"getrandom(2)", kernel_16}}},
	{"Fortuna", 1,
		{{"8 octets", fortuna_8}, {"event of 16 octets", events},
			{"reseed of 32 pools, 33 events", reseeds}}},
};

int main(int argc, char **argv)
{
#ifdef HAVE_SODIUM
	if (sodium_init() < 0)
		abort();
#endif
	make_all();
	return bench_main(argc, argv, task, sizeof task / sizeof task[0]);
}
