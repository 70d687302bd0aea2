/* SPDX-License-Identifier: ISC */

/*
 * Hashes and HMAC beside OpenSSL (EVP), nettle and libsodium. Each does what its manual says is
 * fast: contexts are made once, algorithms are fetched once, an HMAC's key is set once. The last
 * tasks force our portable C; libsodium's is the fair peer there, for the others keep their
 * kernels.
 */

#include <gyl/cpu.h>
#include <gyl/hmac.h>
#ifdef HAVE_LIBCRYPTO
#	include <openssl/core_names.h>
#	include <openssl/evp.h>
#endif
#ifdef HAVE_NETTLE
#	include <nettle/hmac.h>
#	include <nettle/sha.h>
#endif
#ifdef HAVE_SODIUM
#	include <sodium.h>
#endif
#include <stdlib.h>
#include <string.h>

#include "tests/bench/bench.h"

enum {
	HMAC_MSG_LEN = 32
};

static uint8_t msg[16384], key[32] = "thirty-two octets of key to use";
static uint32_t cpu;
static struct gyl_hmac_key hmac_keys[3];

/* The first octets of each digest go into the next message, so that no turn can be left out. */
#define TURNS(call)                                \
	do {                                       \
		uint8_t out[64];                   \
		for (uint64_t i = 0; i < n; i++) { \
			call;                      \
			memcpy(msg, out, 8);       \
		}                                  \
		return msg[0];                     \
	} while (0)

/* OURS(sha256, 64, features, name) and so on: a function of that name for a task's table. */
#define OURS(hash, len, features, name)                                                   \
	static uint64_t name(uint64_t n)                                                  \
	{                                                                                 \
		struct gyl_##hash s;                                                      \
		TURNS(gyl_##hash##_init(&s, features); gyl_##hash##_update(&s, msg, len); \
			gyl_##hash##_final(&s, out));                                     \
	}
OURS(sha256, 64, cpu, ours_sha256_64)
OURS(sha256, 1024, cpu, ours_sha256_1k)
OURS(sha256, 16384, cpu, ours_sha256_16k)
OURS(sha1, 64, cpu, ours_sha1_64)
OURS(sha1, 16384, cpu, ours_sha1_16k)
OURS(sha512, 64, cpu, ours_sha512_64)
OURS(sha512, 16384, cpu, ours_sha512_16k)
OURS(sha256, 16384, 0, portable_sha256)
OURS(sha512, 16384, 0, portable_sha512)

static void ours_hmac_once(enum gyl_hash hash, uint8_t *ret_mac)
{
	struct gyl_hmac m;

	gyl_hmac_init(&m, &hmac_keys[hash]);
	gyl_hmac_update(&m, msg, HMAC_MSG_LEN);
	gyl_hmac_final(&m, ret_mac);
}

static uint64_t ours_hmac_sha1(uint64_t n)
{
	TURNS(ours_hmac_once(GYL_HASH_SHA1, out));
}

static uint64_t ours_hmac_sha256(uint64_t n)
{
	TURNS(ours_hmac_once(GYL_HASH_SHA256, out));
}

static uint64_t ours_hmac_sha512(uint64_t n)
{
	TURNS(ours_hmac_once(GYL_HASH_SHA512, out));
}

static void ours_setup(void)
{
	cpu = gyl_cpu_detect();
	for (int i = 0; i < 3; i++)
		if (gyl_hmac_key_init(&hmac_keys[i], (enum gyl_hash)i, cpu, key, sizeof key) != 0)
			abort();
}

#ifdef HAVE_LIBCRYPTO
static EVP_MD *evp_sha1, *evp_sha256, *evp_sha512;
static EVP_MAC_CTX *evp_hmac[3];

#	define EVP(md, len, name)                                                            \
		static uint64_t name(uint64_t n)                                              \
		{                                                                             \
			static EVP_MD_CTX *c;                                                 \
			c = c == NULL ? EVP_MD_CTX_new() : c;                                 \
			TURNS(EVP_DigestInit_ex2(c, md, NULL); EVP_DigestUpdate(c, msg, len); \
				EVP_DigestFinal_ex(c, out, NULL));                            \
		}
EVP(evp_sha256, 64, evp_sha256_64)
EVP(evp_sha256, 1024, evp_sha256_1k)
EVP(evp_sha256, 16384, evp_sha256_16k)
EVP(evp_sha1, 64, evp_sha1_64)
EVP(evp_sha1, 16384, evp_sha1_16k)
EVP(evp_sha512, 64, evp_sha512_64)
EVP(evp_sha512, 16384, evp_sha512_16k)

static void evp_hmac_once(EVP_MAC_CTX *c, uint8_t ret_mac[64])
{
	size_t len;

	if (EVP_MAC_init(c, NULL, 0, NULL) != 1 || EVP_MAC_update(c, msg, HMAC_MSG_LEN) != 1 ||
		EVP_MAC_final(c, ret_mac, &len, 64) != 1)
		abort();
}

static uint64_t evp_hmac_sha1(uint64_t n)
{
	TURNS(evp_hmac_once(evp_hmac[0], out));
}

static uint64_t evp_hmac_sha256(uint64_t n)
{
	TURNS(evp_hmac_once(evp_hmac[1], out));
}

static uint64_t evp_hmac_sha512(uint64_t n)
{
	TURNS(evp_hmac_once(evp_hmac[2], out));
}

static void evp_setup(void)
{
	static char names[3][7] = {"SHA1", "SHA256", "SHA512"};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);

	evp_sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
	evp_sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	evp_sha512 = EVP_MD_fetch(NULL, "SHA512", NULL);
	for (int i = 0; i < 3; i++) {
		OSSL_PARAM params[] = {
			OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, names[i], 0),
			OSSL_PARAM_construct_end()};

		evp_hmac[i] = EVP_MAC_CTX_new(mac);
		if (EVP_MAC_init(evp_hmac[i], key, sizeof key, params) != 1)
			abort();
	}
}
#else
#	define evp_sha256_64   NULL
#	define evp_sha256_1k   NULL
#	define evp_sha256_16k  NULL
#	define evp_sha1_64     NULL
#	define evp_sha1_16k    NULL
#	define evp_sha512_64   NULL
#	define evp_sha512_16k  NULL
#	define evp_hmac_sha1   NULL
#	define evp_hmac_sha256 NULL
#	define evp_hmac_sha512 NULL
static void evp_setup(void)
{
}
#endif

#ifdef HAVE_NETTLE
static struct hmac_sha1_ctx nettle_key1;
static struct hmac_sha256_ctx nettle_key256;
static struct hmac_sha512_ctx nettle_key512;

#	define NETTLE(hash, len, digest_len, name)                         \
		static uint64_t name(uint64_t n)                            \
		{                                                           \
			struct hash##_ctx s;                                \
			TURNS(hash##_init(&s); hash##_update(&s, len, msg); \
				hash##_digest(&s, digest_len, out));        \
		}
NETTLE(sha256, 64, 32, by_nettle_sha256_64)
NETTLE(sha256, 1024, 32, by_nettle_sha256_1k)
NETTLE(sha256, 16384, 32, by_nettle_sha256_16k)
NETTLE(sha1, 64, 20, by_nettle_sha1_64)
NETTLE(sha1, 16384, 20, by_nettle_sha1_16k)
NETTLE(sha512, 64, 64, by_nettle_sha512_64)
NETTLE(sha512, 16384, 64, by_nettle_sha512_16k)

static uint64_t by_nettle_hmac_sha1(uint64_t n)
{
	TURNS(hmac_sha1_update(&nettle_key1, HMAC_MSG_LEN, msg);
		hmac_sha1_digest(&nettle_key1, 20, out));
}

static uint64_t by_nettle_hmac_sha256(uint64_t n)
{
	TURNS(hmac_sha256_update(&nettle_key256, HMAC_MSG_LEN, msg);
		hmac_sha256_digest(&nettle_key256, 32, out));
}

static uint64_t by_nettle_hmac_sha512(uint64_t n)
{
	TURNS(hmac_sha512_update(&nettle_key512, HMAC_MSG_LEN, msg);
		hmac_sha512_digest(&nettle_key512, 64, out));
}

static void nettle_setup(void)
{
	hmac_sha1_set_key(&nettle_key1, sizeof key, key);
	hmac_sha256_set_key(&nettle_key256, sizeof key, key);
	hmac_sha512_set_key(&nettle_key512, sizeof key, key);
}
#else
#	define by_nettle_sha256_64   NULL
#	define by_nettle_sha256_1k   NULL
#	define by_nettle_sha256_16k  NULL
#	define by_nettle_sha1_64     NULL
#	define by_nettle_sha1_16k    NULL
#	define by_nettle_sha512_64   NULL
#	define by_nettle_sha512_16k  NULL
#	define by_nettle_hmac_sha1   NULL
#	define by_nettle_hmac_sha256 NULL
#	define by_nettle_hmac_sha512 NULL
static void nettle_setup(void)
{
}
#endif

#ifdef HAVE_SODIUM
static crypto_auth_hmacsha256_state sodium_key256;
static crypto_auth_hmacsha512_state sodium_key512;

#	define SODIUM(hash, len, name)                           \
		static uint64_t name(uint64_t n)                  \
		{                                                 \
			TURNS(crypto_hash_##hash(out, msg, len)); \
		}
SODIUM(sha256, 64, sodium_sha256_64)
SODIUM(sha256, 1024, sodium_sha256_1k)
SODIUM(sha256, 16384, sodium_sha256_16k)
SODIUM(sha512, 64, sodium_sha512_64)
SODIUM(sha512, 16384, sodium_sha512_16k)

static uint64_t sodium_hmac_sha256(uint64_t n)
{
	crypto_auth_hmacsha256_state s;

	TURNS(s = sodium_key256; crypto_auth_hmacsha256_update(&s, msg, HMAC_MSG_LEN);
		crypto_auth_hmacsha256_final(&s, out));
}

static uint64_t sodium_hmac_sha512(uint64_t n)
{
	crypto_auth_hmacsha512_state s;

	TURNS(s = sodium_key512; crypto_auth_hmacsha512_update(&s, msg, HMAC_MSG_LEN);
		crypto_auth_hmacsha512_final(&s, out));
}

static void sodium_setup(void)
{
	if (sodium_init() < 0)
		abort();
	crypto_auth_hmacsha256_init(&sodium_key256, key, sizeof key);
	crypto_auth_hmacsha512_init(&sodium_key512, key, sizeof key);
}
#else
#	define sodium_sha256_64   NULL
#	define sodium_sha256_1k   NULL
#	define sodium_sha256_16k  NULL
#	define sodium_sha512_64   NULL
#	define sodium_sha512_16k  NULL
#	define sodium_hmac_sha256 NULL
#	define sodium_hmac_sha512 NULL
static void sodium_setup(void)
{
}
#endif

/* All four; and all but libsodium, which has no SHA-1. */
#define ALL(what)                                                                                \
	{                                                                                        \
		{"guyline", ours_##what}, {"OpenSSL", evp_##what}, {"nettle", by_nettle_##what}, \
		{                                                                                \
			"libsodium", sodium_##what                                               \
		}                                                                                \
	}
#define NO_SODIUM(what)                                            \
	{                                                          \
		{"guyline", ours_##what}, {"OpenSSL", evp_##what}, \
		{                                                  \
			"nettle", by_nettle_##what                 \
		}                                                  \
	}

static const struct bench_task tasks[] = {
	{"SHA-256, 64 octets", 0, ALL(sha256_64)},
	{"SHA-256, 1 KiB", 0, ALL(sha256_1k)},
	{"SHA-256, 16 KiB", 0, ALL(sha256_16k)},
	{"SHA-1, 64 octets", 0, NO_SODIUM(sha1_64)},
	{"SHA-1, 16 KiB", 0, NO_SODIUM(sha1_16k)},
	{"SHA-512, 64 octets", 0, ALL(sha512_64)},
	{"SHA-512, 16 KiB", 0, ALL(sha512_16k)},
	{"HMAC-SHA-1, 32 octets, key ready", 0, NO_SODIUM(hmac_sha1)},
	{"HMAC-SHA-256, 32 octets, key ready", 0, ALL(hmac_sha256)},
	{"HMAC-SHA-512, 32 octets, key ready", 0, ALL(hmac_sha512)},
	{"SHA-256, 16 KiB, portable C", 0,
		{{"guyline", portable_sha256}, {"libsodium", sodium_sha256_16k}}},
	{"SHA-512, 16 KiB, portable C", 0,
		{{"guyline", portable_sha512}, {"libsodium", sodium_sha512_16k}}},
};

int main(int argc, char **argv)
{
	ours_setup();
	evp_setup();
	nettle_setup();
	sodium_setup();
	return bench_main(argc, argv, tasks, sizeof tasks / sizeof tasks[0]);
}
