/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <sodium.h>

#include <gyl/hkdf.h>

#include "tests/support/kernels.h"
#include "tests/unit/crypto/hashes.h"

/* Hashes, HMAC and HKDF beside OpenSSL and libsodium, on random octets. */

enum {
	RUN_CNT = 2000,
	MSG_LEN_MAX = 5000
};

static const EVP_MD *evp(enum gyl_hash hash)
{
	switch (hash) {
	case GYL_HASH_SHA1:
		return EVP_sha1();
	case GYL_HASH_SHA256:
		return EVP_sha256();
	case GYL_HASH_SHA224:
		return EVP_sha224();
	case GYL_HASH_SHA384:
		return EVP_sha384();
	default:
		return EVP_sha512();
	}
}

/* The same course every time, so that what fails fails again (splitmix64). */
static uint64_t course;

static uint64_t random_u64(void)
{
	uint64_t z = course += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static size_t random_below(size_t bound)
{
	return (size_t)(random_u64() % bound);
}

/* A length that is short more often than long. */
static size_t random_len(size_t max)
{
	return random_below(max >> random_below(6)) + 1;
}

/* Random octets, from any place of the buffer: no alignment is a good one. */
static struct gyl_view random_view(uint8_t *buf, size_t cap)
{
	size_t len = random_len(cap - 16), off = random_below(16);

	for (size_t i = 0; i < len; i++)
		buf[off + i] = (uint8_t)random_u64();
	return gyl_view(buf + off, len);
}

/* A kernel that runs here, another one each time. */
static uint32_t random_cpu(void)
{
	for (;;) {
		const struct kernels *k = &kernels[random_below(KERNELS_CNT)];

		if (kernels_here(k))
			return k->cpu;
	}
}

static void digests(void **state)
{
	static uint8_t buf[MSG_LEN_MAX + 16];

	(void)state;
	for (unsigned n = 0; n < RUN_CNT; n++) {
		enum gyl_hash hash = (enum gyl_hash)random_below(5);
		struct gyl_view msg = random_view(buf, sizeof buf);
		uint8_t got[GYL_HASH_LEN_MAX], want[GYL_HASH_LEN_MAX];
		struct any_hash s;

		any_init(&s, hash, random_cpu());
		for (size_t off = 0, take; off < msg.len; off += take) {
			take = random_len(300);
			take = take < msg.len - off ? take : msg.len - off;
			any_update(&s, msg.p + off, take);
		}
		any_final(&s, got);
		assert_int_equal(EVP_Digest(msg.p, msg.len, want, NULL, evp(hash), NULL), 1);
		assert_memory_equal(got, want, gyl_hash_len(hash));
		if (hash == GYL_HASH_SHA256)
			crypto_hash_sha256(want, msg.p, msg.len);
		else if (hash == GYL_HASH_SHA512)
			crypto_hash_sha512(want, msg.p, msg.len);
		assert_memory_equal(got, want, gyl_hash_len(hash));
	}
}

static void sodium_hmac(
	enum gyl_hash hash, struct gyl_view key, struct gyl_view msg, uint8_t *ret_mac)
{
	crypto_auth_hmacsha256_state s256;
	crypto_auth_hmacsha512_state s512;

	if (hash == GYL_HASH_SHA256) {
		crypto_auth_hmacsha256_init(&s256, key.p, key.len);
		crypto_auth_hmacsha256_update(&s256, msg.p, msg.len);
		crypto_auth_hmacsha256_final(&s256, ret_mac);
	} else if (hash == GYL_HASH_SHA512) {
		crypto_auth_hmacsha512_init(&s512, key.p, key.len);
		crypto_auth_hmacsha512_update(&s512, msg.p, msg.len);
		crypto_auth_hmacsha512_final(&s512, ret_mac);
	}
}

static void codes(void **state)
{
	static uint8_t key_buf[400], buf[MSG_LEN_MAX + 16];

	(void)state;
	for (unsigned n = 0; n < RUN_CNT; n++) {
		enum gyl_hash hash = (enum gyl_hash)random_below(5);
		struct gyl_view key = random_view(key_buf, sizeof key_buf);
		struct gyl_view msg = random_view(buf, sizeof buf);
		uint8_t got[GYL_HASH_LEN_MAX], want[GYL_HASH_LEN_MAX];
		size_t cut = random_below(msg.len + 1);
		struct gyl_hmac_key k;
		struct gyl_hmac m;

		assert_int_equal(gyl_hmac_key_init(&k, hash, random_cpu(), key.p, key.len), 0);
		gyl_hmac_init(&m, &k);
		gyl_hmac_update(&m, msg.p, cut);
		gyl_hmac_update(&m, msg.p + cut, msg.len - cut);
		gyl_hmac_final(&m, got);
		assert_non_null(HMAC(evp(hash), key.p, (int)key.len, msg.p, msg.len, want, NULL));
		assert_memory_equal(got, want, gyl_hash_len(hash));
		sodium_hmac(hash, key, msg, want);
		assert_memory_equal(got, want, gyl_hash_len(hash));
	}
}

static void evp_hkdf(enum gyl_hash hash, struct gyl_view secret, struct gyl_view salt,
	struct gyl_view info, uint8_t *ret_key, size_t key_len)
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, NULL);

	assert_non_null(c);
	assert_int_equal(EVP_PKEY_derive_init(c), 1);
	assert_int_equal(EVP_PKEY_CTX_set_hkdf_md(c, evp(hash)), 1);
	assert_int_equal(EVP_PKEY_CTX_set1_hkdf_salt(c, salt.p, (int)salt.len), 1);
	assert_int_equal(EVP_PKEY_CTX_set1_hkdf_key(c, secret.p, (int)secret.len), 1);
	assert_int_equal(EVP_PKEY_CTX_add1_hkdf_info(c, info.p, (int)info.len), 1);
	assert_int_equal(EVP_PKEY_derive(c, ret_key, &key_len), 1);
	EVP_PKEY_CTX_free(c);
}

static void keys(void **state)
{
	static uint8_t buf[3][200], got[1000], want[1000];

	(void)state;
	for (unsigned n = 0; n < 500; n++) {
		enum gyl_hash hash = (enum gyl_hash)random_below(5);
		struct gyl_view secret = random_view(buf[0], sizeof buf[0]);
		struct gyl_view salt = random_view(buf[1], sizeof buf[1]);
		struct gyl_view info = random_view(buf[2], sizeof buf[2]);
		size_t len = random_len(sizeof got);

		assert_int_equal(gyl_hkdf(hash, random_cpu(), secret.p, secret.len, salt.p,
					 salt.len, info.p, info.len, got, len),
			0);
		evp_hkdf(hash, secret, salt, info, want, len);
		assert_memory_equal(got, want, len);
	}
}

static int start(void **state)
{
	(void)state;
	return sodium_init() < 0 ? -1 : 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests),
		cmocka_unit_test(codes),
		cmocka_unit_test(keys),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
