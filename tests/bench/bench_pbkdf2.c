/* SPDX-License-Identifier: ISC */

/*
 * PBKDF2 beside OpenSSL and nettle: bench_pbkdf2 prints the table of docs/PERFORMANCE.md. What is
 * timed is one iteration of one digest. "sliced" goes in steps of 2000 iterations, which are below
 * 1 ms on each kernel.
 */

#include <gyl/cpu.h>
#include <gyl/pbkdf2.h>
#include <stdlib.h>
#include <string.h>
#ifdef HAVE_LIBCRYPTO
#	include <openssl/core_names.h>
#	include <openssl/kdf.h>
#	include <openssl/params.h>
#endif
#ifdef HAVE_NETTLE
#	include <nettle/pbkdf2.h>
#endif

#include "tests/bench/bench.h"

enum {
	SLICE_ITER = 2000,
	DK_MAX = 64
};

static const uint8_t password[8] = "password", salt[16] = "sixteen octets..";

/* n iterations of one digest are fewer iterations of a key that has several. */
static uint64_t iter_cnt(uint64_t n, size_t digest_cnt)
{
	return n < digest_cnt ? 1 : n / digest_cnt;
}

static uint64_t our(uint64_t n, enum gyl_hash hash, uint32_t cpu, size_t digest_cnt, uint64_t slice)
{
	uint8_t dk[DK_MAX];
	struct gyl_pbkdf2 k;

	if (gyl_pbkdf2_begin(&k, hash, cpu & gyl_cpu_detect(), password, sizeof password, salt,
		    sizeof salt, iter_cnt(n, digest_cnt), dk,
		    digest_cnt * gyl_hash_len(hash)) != GYL_CRYPTO_OK)
		abort();
	while (gyl_pbkdf2_step(&k, slice) == GYL_CRYPTO_MORE)
		continue;
	gyl_pbkdf2_end(&k);
	return dk[0];
}

/* A contender: name, hash, processor, digests of the key, iterations a slice. */
#define OURS(name, hash, cpu, digest_cnt, slice)             \
	static uint64_t name(uint64_t n)                     \
	{                                                    \
		return our(n, hash, cpu, digest_cnt, slice); \
	}

OURS(sha1_best, GYL_HASH_SHA1, GYL_CPU_ALL, 1, UINT64_MAX)
OURS(sha1_portable, GYL_HASH_SHA1, 0, 1, UINT64_MAX)
OURS(sha1_sliced, GYL_HASH_SHA1, GYL_CPU_ALL, 1, SLICE_ITER)
OURS(sha256_best, GYL_HASH_SHA256, GYL_CPU_ALL, 1, UINT64_MAX)
OURS(sha256_portable, GYL_HASH_SHA256, 0, 1, UINT64_MAX)
OURS(sha256_sliced, GYL_HASH_SHA256, GYL_CPU_ALL, 1, SLICE_ITER)
OURS(sha256_2_best, GYL_HASH_SHA256, GYL_CPU_ALL, 2, UINT64_MAX)
OURS(sha256_2_portable, GYL_HASH_SHA256, 0, 2, UINT64_MAX)
OURS(sha256_2_sliced, GYL_HASH_SHA256, GYL_CPU_ALL, 2, SLICE_ITER)
OURS(sha512_best, GYL_HASH_SHA512, GYL_CPU_ALL, 1, UINT64_MAX)
OURS(sha512_bmi2, GYL_HASH_SHA512, GYL_CPU_BMI2, 1, UINT64_MAX)
OURS(sha512_portable, GYL_HASH_SHA512, 0, 1, UINT64_MAX)
OURS(sha512_sliced, GYL_HASH_SHA512, GYL_CPU_ALL, 1, SLICE_ITER)

/* --- the others: derive() with a hash of theirs --- */

#ifdef HAVE_LIBCRYPTO
static void openssl_derive(const char *hash, uint64_t iter, uint8_t *dk, size_t dk_len)
{
	char name[16];
	uint8_t pass[sizeof password], s[sizeof salt];
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "PBKDF2", NULL);
	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
	OSSL_PARAM params[5];

	memcpy(name, hash, strlen(hash) + 1);
	memcpy(pass, password, sizeof pass);
	memcpy(s, salt, sizeof s);
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, name, 0);
	params[1] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, pass, sizeof pass);
	params[2] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, s, sizeof s);
	params[3] = OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_ITER, &iter);
	params[4] = OSSL_PARAM_construct_end();
	if (EVP_KDF_derive(ctx, dk, dk_len, params) != 1)
		abort();
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
}

#	define OPENSSL(name, hash, digest_cnt, dk_len)                               \
		static uint64_t with_openssl_##name(uint64_t n)                       \
		{                                                                     \
			uint8_t dk[dk_len];                                           \
                                                                                      \
			openssl_derive(hash, iter_cnt(n, digest_cnt), dk, sizeof dk); \
			return dk[0];                                                 \
		}

OPENSSL(sha1, "SHA1", 1, 20)
OPENSSL(sha256, "SHA256", 1, 32)
OPENSSL(sha256_2, "SHA256", 2, 64)
OPENSSL(sha512, "SHA512", 1, 64)
#else
#	define with_openssl_sha1     NULL
#	define with_openssl_sha256   NULL
#	define with_openssl_sha256_2 NULL
#	define with_openssl_sha512   NULL
#endif

#ifdef HAVE_NETTLE
#	define NETTLE(name, hash, digest_cnt, dk_len)                                             \
		static uint64_t with_nettle_##name(uint64_t n)                                     \
		{                                                                                  \
			uint8_t dk[dk_len];                                                        \
                                                                                                   \
			pbkdf2_hmac_##hash(sizeof password, password,                              \
				(unsigned)iter_cnt(n, digest_cnt), sizeof salt, salt, dk_len, dk); \
			return dk[0];                                                              \
		}

NETTLE(sha1, sha1, 1, 20)
NETTLE(sha256, sha256, 1, 32)
NETTLE(sha256_2, sha256, 2, 64)
NETTLE(sha512, sha512, 1, 64)
#else
#	define with_nettle_sha1     NULL
#	define with_nettle_sha256   NULL
#	define with_nettle_sha256_2 NULL
#	define with_nettle_sha512   NULL
#endif

int main(int argc, char **argv)
{
	static const struct bench_task tasks[] = {
		{.name = "PBKDF2-HMAC-SHA1, an iteration",
			.who = {{"guyline", sha1_best}, {"portable", sha1_portable},
				{"sliced", sha1_sliced}, {"OpenSSL", with_openssl_sha1},
				{"nettle", with_nettle_sha1}}},
		{.name = "PBKDF2-HMAC-SHA256, an iteration",
			.who = {{"guyline", sha256_best}, {"portable", sha256_portable},
				{"sliced", sha256_sliced}, {"OpenSSL", with_openssl_sha256},
				{"nettle", with_nettle_sha256}}},
		{.name = "the same, key of 64 octets",
			.who = {{"guyline", sha256_2_best}, {"portable", sha256_2_portable},
				{"sliced", sha256_2_sliced}, {"OpenSSL", with_openssl_sha256_2},
				{"nettle", with_nettle_sha256_2}}},
		{.name = "PBKDF2-HMAC-SHA512, an iteration",
			.who = {{"guyline", sha512_best}, {"BMI2", sha512_bmi2},
				{"portable", sha512_portable}, {"sliced", sha512_sliced},
				{"OpenSSL", with_openssl_sha512}, {"nettle", with_nettle_sha512}}},
	};

	return bench_main(argc, argv, tasks, sizeof tasks / sizeof tasks[0]);
}
