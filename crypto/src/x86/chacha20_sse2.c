/* SPDX-License-Identifier: ISC */
#include <immintrin.h>

#include "crypto/src/bits.h"
#include "crypto/src/chacha20_own.h"

/* Four blocks at once: vector i holds word i of each. */
enum {
	LANE_CNT = 4
};

#define KERNEL GYL__TARGET("sse2")
#define INLINE static inline __attribute__((always_inline)) KERNEL

/* SSE2 has no byte shuffle: 16 is two shuffles of halves, everything else two shifts. */
INLINE __m128i rotl16(__m128i v)
{
	return _mm_shufflehi_epi16(_mm_shufflelo_epi16(v, 0xb1), 0xb1);
}

INLINE __m128i rotl(__m128i v, int n)
{
	return _mm_or_si128(_mm_slli_epi32(v, n), _mm_srli_epi32(v, 32 - n));
}

/* RFC 8439 2.1, in every lane. */
INLINE void quarter(__m128i *a, __m128i *b, __m128i *c, __m128i *d)
{
	*a = _mm_add_epi32(*a, *b);
	*d = rotl16(_mm_xor_si128(*d, *a));
	*c = _mm_add_epi32(*c, *d);
	*b = rotl(_mm_xor_si128(*b, *c), 12);
	*a = _mm_add_epi32(*a, *b);
	*d = rotl(_mm_xor_si128(*d, *a), 8);
	*c = _mm_add_epi32(*c, *d);
	*b = rotl(_mm_xor_si128(*b, *c), 7);
}

INLINE void rounds(__m128i *x)
{
	GYL__CHACHA20_ROUNDS(quarter, x);
}

/*
 * The state in every lane, each lane's counter one higher than that of the lane before. A word that
 * wrapped is below what it was in the first lane; a comparison that holds is -1, so subtracting it
 * carries one. Vectors compare as signed numbers: the highest bits are turned round.
 */
INLINE void spread(__m128i *x, const uint32_t *state)
{
	const __m128i lanes = _mm_setr_epi32(0, 1, 2, 3), top = _mm_set1_epi32(INT32_MIN);
	__m128i carry, zero = _mm_setzero_si128();

#pragma GCC unroll 16
	for (size_t i = 0; i < GYL__CHACHA20_WORD_CNT; i++)
		x[i] = _mm_set1_epi32((int)state[i]);
	carry = _mm_xor_si128(x[12], top);
	x[12] = _mm_add_epi32(x[12], lanes);
	carry = _mm_cmpgt_epi32(carry, _mm_xor_si128(x[12], top));
#pragma GCC unroll 16
	for (size_t i = 13; i < GYL__CHACHA20_WORD_CNT; i++) {
		x[i] = _mm_sub_epi32(x[i], carry);
		carry = _mm_and_si128(carry, _mm_cmpeq_epi32(x[i], zero));
	}
}

/* Rows to columns: afterwards vector i holds four words of block i. */
INLINE void transpose(__m128i *v)
{
	__m128i ab_low = _mm_unpacklo_epi32(v[0], v[1]), cd_low = _mm_unpacklo_epi32(v[2], v[3]);
	__m128i ab_high = _mm_unpackhi_epi32(v[0], v[1]), cd_high = _mm_unpackhi_epi32(v[2], v[3]);

	v[0] = _mm_unpacklo_epi64(ab_low, cd_low);
	v[1] = _mm_unpackhi_epi64(ab_low, cd_low);
	v[2] = _mm_unpacklo_epi64(ab_high, cd_high);
	v[3] = _mm_unpackhi_epi64(ab_high, cd_high);
}

INLINE void put(uint8_t *out, const uint8_t *in, size_t off, __m128i v)
{
	if (in != NULL)
		v = _mm_xor_si128(v, _mm_loadu_si128((const __m128i *)(const void *)(in + off)));
	_mm_storeu_si128((__m128i *)(void *)(out + off), v);
}

KERNEL size_t gyl__chacha20_sse2(uint32_t *state, const uint8_t *in, uint8_t *out, size_t block_cnt)
{
	size_t done = 0;

	for (; block_cnt - done >= LANE_CNT; done += LANE_CNT) {
		__m128i first[GYL__CHACHA20_WORD_CNT], x[GYL__CHACHA20_WORD_CNT];

		spread(first, state);
#pragma GCC unroll 16
		for (size_t i = 0; i < GYL__CHACHA20_WORD_CNT; i++)
			x[i] = first[i];
		rounds(x);
#pragma GCC unroll 16
		for (size_t i = 0; i < GYL__CHACHA20_WORD_CNT; i++)
			x[i] = _mm_add_epi32(x[i], first[i]);
#pragma GCC unroll 4
		for (size_t q = 0; q < 4; q++) {
			transpose(&x[4 * q]);
#pragma GCC unroll 4
			for (size_t lane = 0; lane < LANE_CNT; lane++)
				put(out, in, 64 * (done + lane) + 16 * q, x[4 * q + lane]);
		}
		gyl__chacha20_count(state, LANE_CNT);
	}
	return done;
}
