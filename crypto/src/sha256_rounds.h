/* SPDX-License-Identifier: ISC */
#ifndef GYL_CRYPTO_SHA256_ROUNDS_H
#define GYL_CRYPTO_SHA256_ROUNDS_H

/*
 * FIPS 180-4 6.2.2 in C. The place i of a round among 16 is a constant wherever it is inlined, so
 * the turning of v[], which is a..h, is done by the compiler. v[8] is b xor c.
 */

#include "crypto/src/bits.h"
#include "crypto/src/hash_own.h"

/*
 * 4.1.2: Ch and Maj in the forms that take the fewest operations: a xor b is b xor c of the next
 * round. What is waited for longest, the sum of the rotated e, is added last.
 */
static GYL__INLINE void gyl__sha256_round(uint32_t v[9], unsigned i, uint32_t k_w)
{
	uint32_t a = v[(16 - i) & 7], b = v[(17 - i) & 7], a_b = a ^ b;
	uint32_t e = v[(20 - i) & 7], f = v[(21 - i) & 7], g = v[(22 - i) & 7];
	uint32_t s1 = gyl__rotr32(e, 6) ^ gyl__rotr32(e, 11) ^ gyl__rotr32(e, 25);
	uint32_t s0 = gyl__rotr32(a, 2) ^ gyl__rotr32(a, 13) ^ gyl__rotr32(a, 22);
	uint32_t t1 = v[(23 - i) & 7] + k_w + (g ^ (e & (f ^ g))) + s1;

	v[(19 - i) & 7] += t1;
	v[(23 - i) & 7] = t1 + s0 + (b ^ (a_b & v[8]));
	v[8] = a_b;
}

/* The schedule needs the last 16 words only: each takes the place of the one it needs no more. */
static GYL__INLINE uint32_t gyl__sha256_next(uint32_t w[16], unsigned i)
{
	uint32_t w1 = w[(i + 1) & 15], w14 = w[(i + 14) & 15];
	uint32_t s0 = gyl__rotr32(w1, 7) ^ gyl__rotr32(w1, 18) ^ w1 >> 3;
	uint32_t s1 = gyl__rotr32(w14, 17) ^ gyl__rotr32(w14, 19) ^ w14 >> 10;

	return w[i] += s0 + w[(i + 9) & 15] + s1;
}

static GYL__INLINE void gyl__sha256_first(
	uint32_t v[9], const uint32_t w[16], unsigned i, const uint32_t *k)
{
	gyl__sha256_round(v, i, k[i] + w[i]);
	gyl__sha256_round(v, i + 1, k[i + 1] + w[i + 1]);
	gyl__sha256_round(v, i + 2, k[i + 2] + w[i + 2]);
	gyl__sha256_round(v, i + 3, k[i + 3] + w[i + 3]);
}

static GYL__INLINE void gyl__sha256_later(
	uint32_t v[9], uint32_t w[16], unsigned i, const uint32_t *k)
{
	gyl__sha256_round(v, i, k[i] + gyl__sha256_next(w, i));
	gyl__sha256_round(v, i + 1, k[i + 1] + gyl__sha256_next(w, i + 1));
	gyl__sha256_round(v, i + 2, k[i + 2] + gyl__sha256_next(w, i + 2));
	gyl__sha256_round(v, i + 3, k[i + 3] + gyl__sha256_next(w, i + 3));
}

/* One block, whose words are w[]; they are overwritten by the schedule. */
static GYL__INLINE void gyl__sha256_compress(uint32_t h[8], uint32_t w[16])
{
	uint32_t v[9] = {h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7], h[1] ^ h[2]};

	gyl__sha256_first(v, w, 0, gyl__sha256_k);
	gyl__sha256_first(v, w, 4, gyl__sha256_k);
	gyl__sha256_first(v, w, 8, gyl__sha256_k);
	gyl__sha256_first(v, w, 12, gyl__sha256_k);
	for (const uint32_t *k = gyl__sha256_k + 16; k != gyl__sha256_k + 64; k += 16) {
		gyl__sha256_later(v, w, 0, k);
		gyl__sha256_later(v, w, 4, k);
		gyl__sha256_later(v, w, 8, k);
		gyl__sha256_later(v, w, 12, k);
	}
	for (unsigned i = 0; i < 8; i++)
		h[i] += v[i];
}

#endif
