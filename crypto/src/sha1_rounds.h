/* SPDX-License-Identifier: ISC */
#ifndef GYL_CRYPTO_SHA1_ROUNDS_H
#define GYL_CRYPTO_SHA1_ROUNDS_H

/*
 * FIPS 180-4 6.1.2 in C. The place i of a round among 5 and its quarter of the 80 are constants
 * wherever it is inlined, so the choice of its function and the turning of v[], which is a..e, are
 * done by the compiler. Laid out whole it is a third faster and takes twice the code, which
 * unikernels pay for HMAC; nobody waits for SHA-1.
 */

#include "crypto/src/bits.h"

/* 4.1.1 and 4.2.1: f and K. Ch and Maj in the forms that take the fewest operations. */
static GYL__INLINE uint32_t gyl__sha1_f_k(uint32_t b, uint32_t c, uint32_t d, unsigned quarter)
{
	switch (quarter) {
	case 0:
		return (d ^ (b & (c ^ d))) + 0x5a827999u;
	case 1:
		return (b ^ c ^ d) + 0x6ed9eba1u;
	case 2:
		return (b & c) + (d & (b ^ c)) + 0x8f1bbcdcu;
	default:
		return (b ^ c ^ d) + 0xca62c1d6u;
	}
}

/* The schedule needs the last 16 words only: each takes the place of the one it needs no more. */
static GYL__INLINE uint32_t gyl__sha1_word(uint32_t w[16], unsigned t)
{
	if (t >= 16)
		w[t & 15] = gyl__rotl32(
			w[(t - 3) & 15] ^ w[(t - 8) & 15] ^ w[(t - 14) & 15] ^ w[t & 15], 1);
	return w[t & 15];
}

static GYL__INLINE void gyl__sha1_round(uint32_t v[5], unsigned i, unsigned quarter, uint32_t word)
{
	uint32_t a = v[(5 - i) % 5], *b = &v[(6 - i) % 5];
	uint32_t c = v[(7 - i) % 5], d = v[(8 - i) % 5], *e = &v[(9 - i) % 5];

	*e += gyl__rotl32(a, 5) + gyl__sha1_f_k(*b, c, d, quarter) + word;
	*b = gyl__rotl32(*b, 30);
}

static GYL__INLINE void gyl__sha1_quarter(uint32_t v[5], uint32_t w[16], unsigned quarter)
{
	for (unsigned t = 20 * quarter; t != 20 * quarter + 20; t += 5) {
		gyl__sha1_round(v, 0, quarter, gyl__sha1_word(w, t));
		gyl__sha1_round(v, 1, quarter, gyl__sha1_word(w, t + 1));
		gyl__sha1_round(v, 2, quarter, gyl__sha1_word(w, t + 2));
		gyl__sha1_round(v, 3, quarter, gyl__sha1_word(w, t + 3));
		gyl__sha1_round(v, 4, quarter, gyl__sha1_word(w, t + 4));
	}
}

/* One block, whose words are w[]; they are overwritten by the schedule. */
static GYL__INLINE void gyl__sha1_compress(uint32_t h[5], uint32_t w[16])
{
	uint32_t v[5] = {h[0], h[1], h[2], h[3], h[4]};

	gyl__sha1_quarter(v, w, 0);
	gyl__sha1_quarter(v, w, 1);
	gyl__sha1_quarter(v, w, 2);
	gyl__sha1_quarter(v, w, 3);
	for (unsigned i = 0; i < 5; i++)
		h[i] += v[i];
}

#endif
