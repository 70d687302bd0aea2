/* SPDX-License-Identifier: ISC */

/*
 * ChaCha20 and AES-256 beside libsodium and OpenSSL, and their kernels side by side.
 *
 * "SSE2" is what a guest has whose monitor saves no wide registers (solo5-hvt); 1 KiB is one refill
 * of a generator. What is longer is told as nanoseconds a KiB: 1,000 are 1.02 GB/s.
 */

#include <gyl/aes256.h>
#include <gyl/chacha20.h>
#include <gyl/cpu.h>
#include <stdlib.h>
#include <string.h>
#ifdef HAVE_SODIUM
#	include <sodium.h>
#endif
#ifdef HAVE_LIBCRYPTO
#	include <openssl/evp.h>
#endif

#include "tests/bench/bench.h"

enum {
	LONG = 65536
};

static uint8_t buf[LONG], zeros[LONG];
static uint8_t key[32] = {1, 2, 3};
static uint32_t have;

/* --- ours --- */

/* chacha20_<name>_<len>: key stream, as a generator asks for it. */
#define CHACHA20(name, cpu, len)                                                      \
	static uint64_t chacha20_##name##_##len(uint64_t n)                           \
	{                                                                             \
		uint64_t counter[2] = {0, 0};                                         \
		while (n-- > 0)                                                       \
			gyl_chacha20_blocks((cpu)&have, key, counter, buf, len / 64); \
		return buf[0];                                                        \
	}

CHACHA20(all, GYL_CPU_ALL, 64)
CHACHA20(portable, 0, 64)
CHACHA20(all, GYL_CPU_ALL, 1024)
CHACHA20(avx512, GYL_CPU_AVX512VL, 1024)
CHACHA20(avx2, GYL_CPU_AVX2, 1024)
CHACHA20(sse2, GYL_CPU_SSE2, 1024)
CHACHA20(portable, 0, 1024)
CHACHA20(all, GYL_CPU_ALL, 65536)
CHACHA20(avx512, GYL_CPU_AVX512VL, 65536)
CHACHA20(avx2, GYL_CPU_AVX2, 65536)
CHACHA20(sse2, GYL_CPU_SSE2, 65536)
CHACHA20(portable, 0, 65536)

static uint64_t aes256(uint32_t cpu, uint64_t n, size_t block_cnt)
{
	uint64_t counter[2] = {0, 0};
	struct gyl_aes256 a;

	gyl_aes256_init(&a, cpu, key);
	while (n-- > 0)
		gyl_aes256_blocks(&a, counter, buf, block_cnt);
	return buf[0];
}

static uint64_t aes256_all_65536(uint64_t n)
{
	return aes256(have, n, LONG / 16);
}

static uint64_t aes256_portable_65536(uint64_t n)
{
	return aes256(0, n, LONG / 16);
}

/* What Fortuna does for a request of 16 octets: a block, and two for the next key. */
static uint64_t request(uint32_t cpu, uint64_t n)
{
	uint64_t counter[2] = {0, 0};
	struct gyl_aes256 a;

	while (n-- > 0) {
		gyl_aes256_init(&a, cpu, buf + 16);
		gyl_aes256_blocks(&a, counter, buf, 3);
	}
	return buf[0];
}

static uint64_t request_all(uint64_t n)
{
	return request(have, n);
}

static uint64_t request_portable(uint64_t n)
{
	return request(0, n);
}

/* --- libsodium --- */

#ifdef HAVE_SODIUM
static uint64_t sodium(uint64_t n, size_t len)
{
	uint8_t nonce[8] = {0};

	while (n-- > 0) {
		crypto_stream_chacha20(buf, len, nonce, key);
		nonce[0]++;
	}
	return buf[0];
}

static uint64_t sodium_64(uint64_t n)
{
	return sodium(n, 64);
}

static uint64_t sodium_1024(uint64_t n)
{
	return sodium(n, 1024);
}

static uint64_t sodium_65536(uint64_t n)
{
	return sodium(n, LONG);
}
#else
#	define sodium_64    NULL
#	define sodium_1024  NULL
#	define sodium_65536 NULL
#endif

/* --- OpenSSL --- */

#ifdef HAVE_LIBCRYPTO
static EVP_CIPHER_CTX *evp;

/* A new stream each turn, as ours and libsodium's are. */
static uint64_t openssl_chacha20(uint64_t n, int len)
{
	uint8_t iv[16] = {0};
	int done;

	EVP_EncryptInit_ex(evp, EVP_chacha20(), NULL, key, iv);
	while (n-- > 0) {
		EVP_EncryptInit_ex(evp, NULL, NULL, NULL, iv);
		EVP_EncryptUpdate(evp, buf, &done, zeros, len);
		iv[8]++;
	}
	return buf[0];
}

static uint64_t openssl_64(uint64_t n)
{
	return openssl_chacha20(n, 64);
}

static uint64_t openssl_1024(uint64_t n)
{
	return openssl_chacha20(n, 1024);
}

static uint64_t openssl_65536(uint64_t n)
{
	return openssl_chacha20(n, LONG);
}

/* Counter mode, which counts big-endian but otherwise does the same. */
static uint64_t openssl_aes_65536(uint64_t n)
{
	uint8_t iv[16] = {0};
	int done;

	EVP_EncryptInit_ex(evp, EVP_aes_256_ctr(), NULL, key, iv);
	while (n-- > 0)
		EVP_EncryptUpdate(evp, buf, &done, zeros, LONG);
	return buf[0];
}

static uint64_t openssl_request(uint64_t n)
{
	uint8_t iv[16] = {0};
	int done;

	EVP_EncryptInit_ex(evp, EVP_aes_256_ctr(), NULL, key, iv);
	while (n-- > 0) {
		EVP_EncryptInit_ex(evp, NULL, NULL, buf + 16, iv);
		EVP_EncryptUpdate(evp, buf, &done, zeros, 48);
		iv[15]++;
	}
	return buf[0];
}
#else
#	define openssl_64        NULL
#	define openssl_1024      NULL
#	define openssl_65536     NULL
#	define openssl_aes_65536 NULL
#	define openssl_request   NULL
#endif

static struct bench_task task[] = {
	{"ChaCha20, 64 octets", 1,
		{{"guyline", chacha20_all_64}, {"portable", chacha20_portable_64},
			{"libsodium", sodium_64}, {"OpenSSL", openssl_64}}},
	{"ChaCha20, a refill of 1 KiB", 1,
		{{"guyline", chacha20_all_1024}, {"libsodium", sodium_1024},
			{"OpenSSL", openssl_1024}}},
	{"ChaCha20, a refill of 1 KiB, by kernel", 1,
		{{"AVX-512", chacha20_avx512_1024}, {"AVX2", chacha20_avx2_1024},
			{"SSE2", chacha20_sse2_1024}, {"portable", chacha20_portable_1024}}},
	{"ChaCha20, 64 KiB, a KiB", 64,
		{{"guyline", chacha20_all_65536}, {"libsodium", sodium_65536},
			{"OpenSSL", openssl_65536}}},
	{"ChaCha20, 64 KiB, a KiB, by kernel", 64,
		{{"AVX-512", chacha20_avx512_65536}, {"AVX2", chacha20_avx2_65536},
			{"SSE2", chacha20_sse2_65536}, {"portable", chacha20_portable_65536}}},
	{"AES-256 counters, 64 KiB, a KiB", 64,
		{{"guyline", aes256_all_65536}, {"OpenSSL", openssl_aes_65536},
			{"portable", aes256_portable_65536}}},
	{"AES-256, a new key and three blocks", 1,
		{{"guyline", request_all}, {"OpenSSL", openssl_request},
			{"portable", request_portable}}},
};

/* A kernel that this machine has not is no contender. */
static void leave_out(uint32_t cpu, bench_fn *fn)
{
	if ((have & cpu) != 0)
		return;
	for (size_t i = 0; i < sizeof task / sizeof task[0]; i++)
		for (size_t k = 0; k < BENCH_CONTENDER_MAX; k++)
			if (task[i].who[k].fn == fn)
				task[i].who[k].fn = NULL;
}

int main(int argc, char **argv)
{
	have = gyl_cpu_detect();
	leave_out(GYL_CPU_AVX512VL, chacha20_avx512_1024);
	leave_out(GYL_CPU_AVX512VL, chacha20_avx512_65536);
	leave_out(GYL_CPU_AVX2, chacha20_avx2_1024);
	leave_out(GYL_CPU_AVX2, chacha20_avx2_65536);
	leave_out(GYL_CPU_SSE2, chacha20_sse2_1024);
	leave_out(GYL_CPU_SSE2, chacha20_sse2_65536);
#ifdef HAVE_SODIUM
	if (sodium_init() < 0)
		abort();
#endif
#ifdef HAVE_LIBCRYPTO
	evp = EVP_CIPHER_CTX_new();
	if (evp == NULL)
		abort();
#endif
	return bench_main(argc, argv, task, sizeof task / sizeof task[0]);
}
