/* SPDX-License-Identifier: ISC */
#ifndef GYL_CRYPTO_SHA1_NI_H
#define GYL_CRYPTO_SHA1_NI_H

/*
 * SHA-1's rounds with the SHA extensions (Intel 64 manual, volume 2, SHA1RNDS4 and its kin). These
 * instructions want the FIRST word in the highest place: words w0..w15 of a block are in w[0]..w[3]
 * with w0, w4, w8 and w12 highest, and a state is a highest and e highest of its own register. A
 * digest therefore is w[0] and the first word of w[1] of a next block as it stands.
 */

#include <immintrin.h>

#include "crypto/src/bits.h"

#define GYL__SHA1_NI static GYL__INLINE GYL__TARGET("sha,sse4.1")

struct gyl__sha1_ni {
	__m128i abcd; /* d c b a */
	__m128i e;    /* 0 0 0 e */
};

GYL__SHA1_NI struct gyl__sha1_ni gyl__sha1_ni_load(const uint32_t h[5])
{
	__m128i dcba = _mm_loadu_si128((const __m128i *)(const void *)h);

	return (struct gyl__sha1_ni){
		_mm_shuffle_epi32(dcba, 0x1b), _mm_set_epi32((int)h[4], 0, 0, 0)};
}

GYL__SHA1_NI void gyl__sha1_ni_store(uint32_t h[5], struct gyl__sha1_ni s)
{
	_mm_storeu_si128((__m128i *)(void *)h, _mm_shuffle_epi32(s.abcd, 0x1b));
	h[4] = (uint32_t)_mm_extract_epi32(s.e, 3);
}

/* The four words that follow on the 16 of a, b, c, d. */
GYL__SHA1_NI __m128i gyl__sha1_ni_next(__m128i a, __m128i b, __m128i c, __m128i d)
{
	return _mm_sha1msg2_epu32(_mm_xor_si128(_mm_sha1msg1_epu32(a, b), c), d);
}

/*
 * Four rounds with w[i], and the words that take its place; those of the last rounds, which nobody
 * uses, are left out by the compiler. f, the number of function and constant (FIPS 180-4 4.1.1 and
 * 4.2.1), is part of the instruction: hence a macro. s.e holds the a of four rounds ago, of which
 * SHA1NEXTE makes the e of now.
 */
#define GYL__SHA1_NI_4_ROUNDS(s, w, i, f)                                                    \
	do {                                                                                 \
		__m128i e_w = _mm_sha1nexte_epu32((s).e, (w)[i]);                            \
		(s).e = (s).abcd;                                                            \
		(s).abcd = _mm_sha1rnds4_epu32((s).abcd, e_w, f);                            \
		(w)[i] = gyl__sha1_ni_next(                                                  \
			(w)[i], (w)[((i) + 1) & 3], (w)[((i) + 2) & 3], (w)[((i) + 3) & 3]); \
	} while (0)

/* One block: the chaining value after w0..w3 when it was h before. */
GYL__SHA1_NI struct gyl__sha1_ni gyl__sha1_ni_compress(
	struct gyl__sha1_ni h, __m128i w0, __m128i w1, __m128i w2, __m128i w3)
{
	__m128i w[4] = {gyl__sha1_ni_next(w0, w1, w2, w3), w1, w2, w3};
	struct gyl__sha1_ni s = {_mm_sha1rnds4_epu32(h.abcd, _mm_add_epi32(h.e, w0), 0), h.abcd};

	GYL__SHA1_NI_4_ROUNDS(s, w, 1, 0);
	GYL__SHA1_NI_4_ROUNDS(s, w, 2, 0);
	GYL__SHA1_NI_4_ROUNDS(s, w, 3, 0);
	GYL__SHA1_NI_4_ROUNDS(s, w, 0, 0);
	GYL__SHA1_NI_4_ROUNDS(s, w, 1, 1);
	GYL__SHA1_NI_4_ROUNDS(s, w, 2, 1);
	GYL__SHA1_NI_4_ROUNDS(s, w, 3, 1);
	GYL__SHA1_NI_4_ROUNDS(s, w, 0, 1);
	GYL__SHA1_NI_4_ROUNDS(s, w, 1, 1);
	GYL__SHA1_NI_4_ROUNDS(s, w, 2, 2);
	GYL__SHA1_NI_4_ROUNDS(s, w, 3, 2);
	GYL__SHA1_NI_4_ROUNDS(s, w, 0, 2);
	GYL__SHA1_NI_4_ROUNDS(s, w, 1, 2);
	GYL__SHA1_NI_4_ROUNDS(s, w, 2, 2);
	GYL__SHA1_NI_4_ROUNDS(s, w, 3, 3);
	GYL__SHA1_NI_4_ROUNDS(s, w, 0, 3);
	GYL__SHA1_NI_4_ROUNDS(s, w, 1, 3);
	GYL__SHA1_NI_4_ROUNDS(s, w, 2, 3);
	GYL__SHA1_NI_4_ROUNDS(s, w, 3, 3);
	s.abcd = _mm_add_epi32(s.abcd, h.abcd);
	s.e = _mm_sha1nexte_epu32(s.e, h.e);
	return s;
}

#endif
