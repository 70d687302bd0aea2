/* SPDX-License-Identifier: ISC */
#ifndef GYL_CRYPTO_SHA1_ROUNDS_H
#define GYL_CRYPTO_SHA1_ROUNDS_H

/*
 * FIPS 180-4 6.1.2 in C. A round's number t is a constant wherever it is inlined, so the choice of
 * its function and the turning of v[], which is a..e, are done by the compiler.
 */

#include "crypto/src/bits.h"

/* 4.1.1 and 4.2.1: f and K. Ch and Maj in the forms that take the fewest operations. */
static GYL__INLINE uint32_t gyl__sha1_f_k(uint32_t b, uint32_t c, uint32_t d, unsigned t)
{
	if (t < 20)
		return (d ^ (b & (c ^ d))) + 0x5a827999u;
	if (t < 40)
		return (b ^ c ^ d) + 0x6ed9eba1u;
	if (t < 60)
		return (b & c) + (d & (b ^ c)) + 0x8f1bbcdcu;
	return (b ^ c ^ d) + 0xca62c1d6u;
}

static GYL__INLINE void gyl__sha1_round(uint32_t v[5], uint32_t w[16], unsigned t)
{
	uint32_t a = v[(80 - t) % 5], *b = &v[(81 - t) % 5];
	uint32_t c = v[(82 - t) % 5], d = v[(83 - t) % 5], *e = &v[(84 - t) % 5];

	if (t >= 16)
		w[t & 15] = gyl__rotl32(
			w[(t - 3) & 15] ^ w[(t - 8) & 15] ^ w[(t - 14) & 15] ^ w[t & 15], 1);
	*e += gyl__rotl32(a, 5) + gyl__sha1_f_k(*b, c, d, t) + w[t & 15];
	*b = gyl__rotl32(*b, 30);
}

static GYL__INLINE void gyl__sha1_10_rounds(uint32_t v[5], uint32_t w[16], unsigned t)
{
	gyl__sha1_round(v, w, t);
	gyl__sha1_round(v, w, t + 1);
	gyl__sha1_round(v, w, t + 2);
	gyl__sha1_round(v, w, t + 3);
	gyl__sha1_round(v, w, t + 4);
	gyl__sha1_round(v, w, t + 5);
	gyl__sha1_round(v, w, t + 6);
	gyl__sha1_round(v, w, t + 7);
	gyl__sha1_round(v, w, t + 8);
	gyl__sha1_round(v, w, t + 9);
}

/* One block, whose words are w[]; they are overwritten by the schedule. */
static GYL__INLINE void gyl__sha1_compress(uint32_t h[5], uint32_t w[16])
{
	uint32_t v[5] = {h[0], h[1], h[2], h[3], h[4]};

	gyl__sha1_10_rounds(v, w, 0);
	gyl__sha1_10_rounds(v, w, 10);
	gyl__sha1_10_rounds(v, w, 20);
	gyl__sha1_10_rounds(v, w, 30);
	gyl__sha1_10_rounds(v, w, 40);
	gyl__sha1_10_rounds(v, w, 50);
	gyl__sha1_10_rounds(v, w, 60);
	gyl__sha1_10_rounds(v, w, 70);
	for (unsigned i = 0; i < 5; i++)
		h[i] += v[i];
}

#endif
