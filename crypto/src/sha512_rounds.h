/* SPDX-License-Identifier: ISC */
#ifndef GYL_CRYPTO_SHA512_ROUNDS_H
#define GYL_CRYPTO_SHA512_ROUNDS_H

/*
 * FIPS 180-4 6.4.2 in C. The place i of a round among 16 is a constant wherever it is inlined, so
 * the turning of v[], which is a..h, is done by the compiler. v[8] is b xor c.
 */

#include "crypto/src/bits.h"
#include "crypto/src/hash_own.h"

/*
 * 4.1.3: Ch and Maj in the forms that take the fewest operations: a xor b is b xor c of the next
 * round. What is waited for longest, the sum of the rotated e, is added last.
 */
static GYL__INLINE void gyl__sha512_round(uint64_t v[9], unsigned i, uint64_t k_w)
{
	uint64_t a = v[(16 - i) & 7], b = v[(17 - i) & 7], a_b = a ^ b;
	uint64_t e = v[(20 - i) & 7], f = v[(21 - i) & 7], g = v[(22 - i) & 7];
	uint64_t s1 = gyl__rotr64(e, 14) ^ gyl__rotr64(e, 18) ^ gyl__rotr64(e, 41);
	uint64_t s0 = gyl__rotr64(a, 28) ^ gyl__rotr64(a, 34) ^ gyl__rotr64(a, 39);
	uint64_t t1 = v[(23 - i) & 7] + k_w + (g ^ (e & (f ^ g))) + s1;

	v[(19 - i) & 7] += t1;
	v[(23 - i) & 7] = t1 + s0 + (b ^ (a_b & v[8]));
	v[8] = a_b;
}

/* The schedule needs the last 16 words only: each takes the place of the one it needs no more. */
static GYL__INLINE uint64_t gyl__sha512_next(uint64_t w[16], unsigned i)
{
	uint64_t w1 = w[(i + 1) & 15], w14 = w[(i + 14) & 15];
	uint64_t s0 = gyl__rotr64(w1, 1) ^ gyl__rotr64(w1, 8) ^ w1 >> 7;
	uint64_t s1 = gyl__rotr64(w14, 19) ^ gyl__rotr64(w14, 61) ^ w14 >> 6;

	return w[i] += s0 + w[(i + 9) & 15] + s1;
}

static GYL__INLINE void gyl__sha512_first(
	uint64_t v[9], const uint64_t w[16], unsigned i, const uint64_t *k)
{
	gyl__sha512_round(v, i, k[i] + w[i]);
	gyl__sha512_round(v, i + 1, k[i + 1] + w[i + 1]);
	gyl__sha512_round(v, i + 2, k[i + 2] + w[i + 2]);
	gyl__sha512_round(v, i + 3, k[i + 3] + w[i + 3]);
}

static GYL__INLINE void gyl__sha512_later(
	uint64_t v[9], uint64_t w[16], unsigned i, const uint64_t *k)
{
	gyl__sha512_round(v, i, k[i] + gyl__sha512_next(w, i));
	gyl__sha512_round(v, i + 1, k[i + 1] + gyl__sha512_next(w, i + 1));
	gyl__sha512_round(v, i + 2, k[i + 2] + gyl__sha512_next(w, i + 2));
	gyl__sha512_round(v, i + 3, k[i + 3] + gyl__sha512_next(w, i + 3));
}

/* Rounds 0 to 15, ... */
static GYL__INLINE void gyl__sha512_16_first(uint64_t v[9], const uint64_t w[16])
{
	gyl__sha512_first(v, w, 0, gyl__sha512_k);
	gyl__sha512_first(v, w, 4, gyl__sha512_k);
	gyl__sha512_first(v, w, 8, gyl__sha512_k);
	gyl__sha512_first(v, w, 12, gyl__sha512_k);
}

/* ... and 16 later ones. */
static GYL__INLINE void gyl__sha512_16_later(uint64_t v[9], uint64_t w[16], const uint64_t *k)
{
	gyl__sha512_later(v, w, 0, k);
	gyl__sha512_later(v, w, 4, k);
	gyl__sha512_later(v, w, 8, k);
	gyl__sha512_later(v, w, 12, k);
}

/* One block, whose words are w[]; they are overwritten by the schedule. */
static GYL__INLINE void gyl__sha512_compress(uint64_t h[8], uint64_t w[16])
{
	uint64_t v[9] = {h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7], h[1] ^ h[2]};

	gyl__sha512_16_first(v, w);
	for (const uint64_t *k = gyl__sha512_k + 16; k != gyl__sha512_k + 80; k += 16)
		gyl__sha512_16_later(v, w, k);
	for (unsigned i = 0; i < 8; i++)
		h[i] += v[i];
}

#endif
