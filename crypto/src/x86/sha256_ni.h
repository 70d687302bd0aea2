/* SPDX-License-Identifier: ISC */
#ifndef GYL_CRYPTO_SHA256_NI_H
#define GYL_CRYPTO_SHA256_NI_H

/*
 * SHA-256's rounds with the SHA extensions (Intel 64 manual, volume 2, SHA256RNDS2 and its kin).
 * The state stays in registers between blocks, and a digest becomes the words of a next block by
 * two shuffles: an HMAC of a digest needs no memory.
 *
 * Registers are written lowest word first. Words w0..w15 of a block are in w[0]..w[3], in order.
 */

#include <immintrin.h>

#include "crypto/src/bits.h"
#include "crypto/src/hash_own.h"

#define GYL__SHA256_NI static GYL__INLINE GYL__TARGET("sha,sse4.1")

/* A chaining value as the instructions want it. */
struct gyl__sha256_ni {
	__m128i abef; /* f e b a */
	__m128i cdgh; /* h g d c */
};

/* Words 0..3 and 4..7 of a chaining value make a state, ... */
GYL__SHA256_NI struct gyl__sha256_ni gyl__sha256_ni_state(__m128i abcd, __m128i efgh)
{
	__m128 lo = _mm_castsi128_ps(efgh), hi = _mm_castsi128_ps(abcd);

	return (struct gyl__sha256_ni){
		_mm_castps_si128(_mm_shuffle_ps(lo, hi, _MM_SHUFFLE(0, 1, 0, 1))),
		_mm_castps_si128(_mm_shuffle_ps(lo, hi, _MM_SHUFFLE(2, 3, 2, 3)))};
}

/* ... and a state makes words: those of a chaining value, or w[0] and w[1] of a block. */
GYL__SHA256_NI void gyl__sha256_ni_words(struct gyl__sha256_ni s, __m128i *abcd, __m128i *efgh)
{
	__m128 lo = _mm_castsi128_ps(s.abef), hi = _mm_castsi128_ps(s.cdgh);

	*abcd = _mm_castps_si128(_mm_shuffle_ps(lo, hi, _MM_SHUFFLE(2, 3, 2, 3)));
	*efgh = _mm_castps_si128(_mm_shuffle_ps(lo, hi, _MM_SHUFFLE(0, 1, 0, 1)));
}

GYL__SHA256_NI struct gyl__sha256_ni gyl__sha256_ni_load(const uint32_t h[8])
{
	return gyl__sha256_ni_state(_mm_loadu_si128((const __m128i *)(const void *)h),
		_mm_loadu_si128((const __m128i *)(const void *)(h + 4)));
}

GYL__SHA256_NI void gyl__sha256_ni_store(uint32_t h[8], struct gyl__sha256_ni s)
{
	__m128i abcd, efgh;

	gyl__sha256_ni_words(s, &abcd, &efgh);
	_mm_storeu_si128((__m128i *)(void *)h, abcd);
	_mm_storeu_si128((__m128i *)(void *)(h + 4), efgh);
}

/* Rounds t to t + 3. */
GYL__SHA256_NI void gyl__sha256_ni_4_rounds(struct gyl__sha256_ni *s, __m128i w, unsigned t)
{
	__m128i w_k = _mm_add_epi32(
		w, _mm_load_si128((const __m128i *)(const void *)(gyl__sha256_k + t)));

	s->cdgh = _mm_sha256rnds2_epu32(s->cdgh, s->abef, w_k);
	s->abef = _mm_sha256rnds2_epu32(s->abef, s->cdgh, _mm_shuffle_epi32(w_k, 0x0e));
}

/* The four words that follow on the 16 of a, b, c, d. */
GYL__SHA256_NI __m128i gyl__sha256_ni_next(__m128i a, __m128i b, __m128i c, __m128i d)
{
	__m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(a, b), _mm_alignr_epi8(d, c, 4));

	return _mm_sha256msg2_epu32(sum, d);
}

/* Rounds t to t + 15, and the words for the 16 after them. */
GYL__SHA256_NI void gyl__sha256_ni_16_rounds(struct gyl__sha256_ni *s, __m128i w[4], unsigned t)
{
	gyl__sha256_ni_4_rounds(s, w[0], t);
	w[0] = gyl__sha256_ni_next(w[0], w[1], w[2], w[3]);
	gyl__sha256_ni_4_rounds(s, w[1], t + 4);
	w[1] = gyl__sha256_ni_next(w[1], w[2], w[3], w[0]);
	gyl__sha256_ni_4_rounds(s, w[2], t + 8);
	w[2] = gyl__sha256_ni_next(w[2], w[3], w[0], w[1]);
	gyl__sha256_ni_4_rounds(s, w[3], t + 12);
	w[3] = gyl__sha256_ni_next(w[3], w[0], w[1], w[2]);
}

/* One block: the chaining value after w[] when it was h before. */
GYL__SHA256_NI struct gyl__sha256_ni gyl__sha256_ni_compress(
	struct gyl__sha256_ni h, __m128i w0, __m128i w1, __m128i w2, __m128i w3)
{
	struct gyl__sha256_ni s = h;
	__m128i w[4] = {w0, w1, w2, w3};

	gyl__sha256_ni_16_rounds(&s, w, 0);
	gyl__sha256_ni_16_rounds(&s, w, 16);
	gyl__sha256_ni_16_rounds(&s, w, 32);
	gyl__sha256_ni_4_rounds(&s, w[0], 48);
	gyl__sha256_ni_4_rounds(&s, w[1], 52);
	gyl__sha256_ni_4_rounds(&s, w[2], 56);
	gyl__sha256_ni_4_rounds(&s, w[3], 60);
	s.abef = _mm_add_epi32(s.abef, h.abef);
	s.cdgh = _mm_add_epi32(s.cdgh, h.cdgh);
	return s;
}

#endif
