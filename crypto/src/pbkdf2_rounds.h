/* SPDX-License-Identifier: ISC */
#ifndef GYL_CRYPTO_PBKDF2_ROUNDS_H
#define GYL_CRYPTO_PBKDF2_ROUNDS_H

/*
 * The loops of PBKDF2 in C, for whatever their callers are compiled for. Both halves of HMAC go
 * through one copy of the rounds: what a call would cost, at half of the code.
 */

#include <gyl/ct.h>
#include <string.h>

#include "crypto/src/pbkdf2_own.h"
#include "crypto/src/sha1_rounds.h"
#include "crypto/src/sha256_rounds.h"
#include "crypto/src/sha512_rounds.h"

/* u: the words of a digest become those of its hash after pad. w: room for a block. */
static GYL__INLINE void gyl__pbkdf2_sha1_hash(uint32_t u[5], const uint32_t pad[5], uint32_t w[16])
{
	memcpy(w, u, 5 * sizeof u[0]);
	memset(w + 5, 0, (16 - 5) * sizeof w[0]);
	w[5] = 0x80000000u;
	w[15] = GYL__PBKDF2_SHA1_BITS;
	memcpy(u, pad, 5 * sizeof u[0]);
	gyl__sha1_compress(u, w);
}

static GYL__INLINE void gyl__pbkdf2_sha1_loop(
	const struct gyl_hmac_key *key, union gyl_hash_mid *u, union gyl_hash_mid *t, uint64_t cnt)
{
	uint32_t w[16];

	while (cnt-- > 0) {
		for (int i = 0; i < 2; i++)
			gyl__pbkdf2_sha1_hash(u->w32, (i == 0 ? &key->inner : &key->outer)->w32, w);
		for (unsigned i = 0; i < 5; i++)
			t->w32[i] ^= u->w32[i];
	}
	gyl_wipe(w, sizeof w);
}

/* u: the words of a digest become those of its hash after pad. w: room for a block. */
static GYL__INLINE void gyl__pbkdf2_sha256_hash(
	uint32_t u[8], const uint32_t pad[8], uint32_t w[16])
{
	memcpy(w, u, 8 * sizeof u[0]);
	memset(w + 8, 0, (16 - 8) * sizeof w[0]);
	w[8] = 0x80000000u;
	w[15] = GYL__PBKDF2_SHA256_BITS;
	memcpy(u, pad, 8 * sizeof u[0]);
	gyl__sha256_compress(u, w);
}

static GYL__INLINE void gyl__pbkdf2_sha256_loop(
	const struct gyl_hmac_key *key, union gyl_hash_mid *u, union gyl_hash_mid *t, uint64_t cnt)
{
	uint32_t w[16];

	while (cnt-- > 0) {
		for (int i = 0; i < 2; i++)
			gyl__pbkdf2_sha256_hash(
				u->w32, (i == 0 ? &key->inner : &key->outer)->w32, w);
		for (unsigned i = 0; i < 8; i++)
			t->w32[i] ^= u->w32[i];
	}
	gyl_wipe(w, sizeof w);
}

/* The block that ends with the digest u. */
static GYL__INLINE void gyl__pbkdf2_sha512_block(uint64_t w[16], const uint64_t u[8])
{
	memcpy(w, u, 8 * sizeof u[0]);
	memset(w + 8, 0, (16 - 8) * sizeof w[0]);
	w[8] = 0x8000000000000000u;
	w[15] = GYL__PBKDF2_SHA512_BITS;
}

/* u: the words of a digest become those of its hash after pad. w: room for a block. */
static GYL__INLINE void gyl__pbkdf2_sha512_hash(
	uint64_t u[8], const uint64_t pad[8], uint64_t w[16])
{
	gyl__pbkdf2_sha512_block(w, u);
	memcpy(u, pad, 8 * sizeof u[0]);
	gyl__sha512_compress(u, w);
}

static GYL__INLINE void gyl__pbkdf2_sha512_loop(
	const struct gyl_hmac_key *key, union gyl_hash_mid *u, union gyl_hash_mid *t, uint64_t cnt)
{
	uint64_t w[16];

	while (cnt-- > 0) {
		for (int i = 0; i < 2; i++)
			gyl__pbkdf2_sha512_hash(
				u->w64, (i == 0 ? &key->inner : &key->outer)->w64, w);
		for (unsigned i = 0; i < 8; i++)
			t->w64[i] ^= u->w64[i];
	}
	gyl_wipe(w, sizeof w);
}

#endif
