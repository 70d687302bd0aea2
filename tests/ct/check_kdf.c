/* SPDX-License-Identifier: ISC */

/* Constant time of what works with keys and passwords: see check.c. */

#include "tests/ct/check.h"

#include <gyl/ct.h>
#include <gyl/hkdf.h>
#include <gyl/hmac.h>
#include <gyl/password.h>
#include <gyl/pbkdf2.h>
#include <gyl/rng.h>
#include <gyl/scrypt.h>
#include <stdio.h>
#include <string.h>

static const uint8_t salt[16] = "no secret at all";

void check_hmac(uint32_t cpu)
{
	for (int hash = GYL_HASH_SHA1; hash <= GYL_HASH_SHA512; hash++) {
		struct gyl_hmac_key key;
		struct gyl_hmac m;

		/* A short key, and one that is hashed first. */
		for (size_t len = 20; len <= 150; len += 130) {
			gyl_hmac_key_init(&key, (enum gyl_hash)hash, cpu, check_secret, len);
			gyl_hmac_init(&m, &key);
			gyl_hmac_update(&m, check_secret + 150, 100);
			gyl_hmac_final(&m, check_out);
			gyl_wipe(&key, sizeof key);
		}
	}
}

void check_hkdf(uint32_t cpu)
{
	for (int hash = GYL_HASH_SHA1; hash <= GYL_HASH_SHA512; hash++)
		gyl_hkdf((enum gyl_hash)hash, cpu, check_secret, 40, salt, sizeof salt, "use", 3,
			check_out, 150);
}

void check_pbkdf2(uint32_t cpu)
{
	for (int hash = GYL_HASH_SHA1; hash <= GYL_HASH_SHA512; hash++)
		gyl_pbkdf2((enum gyl_hash)hash, cpu, check_secret, 24, salt, sizeof salt, 5,
			check_out, 150);
}

/* All but one address: which block of V is read is chosen by the password (GYL__PUBLIC). */
void check_scrypt(uint32_t cpu)
{
	static uint8_t scratch[4 * 64 * 1024] __attribute__((aligned(GYL_SCRYPT_ALIGN)));
	static const struct gyl_scrypt_cost costs[] = {{16, 1, 1}, {16, 8, 1}, {8, 2, 4}};

	for (size_t i = 0; i < sizeof costs / sizeof costs[0]; i++)
		if (gyl_scrypt(cpu, check_secret, 24, salt, sizeof salt, &costs[i], check_out, 64,
			    scratch, sizeof scratch, 0) != GYL_CRYPTO_OK)
			puts("gyl_scrypt failed");
}

/* The seed is secret, and what comes out is. */
void check_rng(uint32_t cpu)
{
	static const enum gyl_rng_kind kinds[] = {
		GYL_RNG_CHACHA20, GYL_RNG_CHACHA20_STRICT, GYL_RNG_AES256};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct gyl_rng g;
		uint64_t n;

		gyl_rng_init(&g, kinds[i], cpu, 0);
		gyl_rng_reseed(&g, check_secret, 64);
		for (size_t len = 1; len < sizeof check_out; len = 3 * len + 1)
			gyl_rng_read(&g, check_out, len);
		gyl_rng_u64(&g, &n);
		gyl_rng_reseed(&g, check_secret + 64, 32);
		gyl_rng_read(&g, check_out, 16);
		gyl_rng_wipe(&g);
	}
}

static void verify(uint32_t cpu, struct gyl_password *pw)
{
	static uint8_t scratch[64 * 1024] __attribute__((aligned(GYL_SCRYPT_ALIGN)));
	int verdict;

	memcpy(pw->salt, salt, sizeof salt);
	pw->salt_len = sizeof salt;
	memcpy(pw->hash, check_secret + 64, 32);
	pw->hash_len = 32;
	verdict = gyl_password_verify(pw, cpu, check_secret, 12, scratch, sizeof scratch);
	unpoison(&verdict, sizeof verdict);
	if (verdict != GYL_CRYPTO_E_MISMATCH)
		printf("verdict: %s\n", gyl_crypto_err_text(verdict));
}

/* Password and stored hash are secret, the verdict is not. */
void check_verify(uint32_t cpu)
{
	struct gyl_password scrypt = {.kind = GYL_PASSWORD_SCRYPT, .cost = {16, 8, 1}};
	struct gyl_password pbkdf2 = {.kind = GYL_PASSWORD_PBKDF2_SHA256, .iter_cnt = 1000};

	verify(cpu, &scrypt);
	verify(cpu, &pbkdf2);
}
