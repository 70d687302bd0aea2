/* SPDX-License-Identifier: ISC */
#include <immintrin.h>

#include "crypto/src/bits.h"
#include "crypto/src/chacha20_own.h"

/*
 * Sixteen blocks at once, which is one refill of a generator (gyl/rng.h): vector i holds word i of
 * each. There are registers enough for all of it, and a rotation is one instruction.
 */
enum {
	LANE_CNT = 16
};

#define KERNEL GYL__TARGET("avx512f")
#define INLINE static inline __attribute__((always_inline)) KERNEL

/* RFC 8439 2.1, in every lane. */
INLINE void quarter(__m512i *a, __m512i *b, __m512i *c, __m512i *d)
{
	*a = _mm512_add_epi32(*a, *b);
	*d = _mm512_rol_epi32(_mm512_xor_si512(*d, *a), 16);
	*c = _mm512_add_epi32(*c, *d);
	*b = _mm512_rol_epi32(_mm512_xor_si512(*b, *c), 12);
	*a = _mm512_add_epi32(*a, *b);
	*d = _mm512_rol_epi32(_mm512_xor_si512(*d, *a), 8);
	*c = _mm512_add_epi32(*c, *d);
	*b = _mm512_rol_epi32(_mm512_xor_si512(*b, *c), 7);
}

INLINE void rounds(__m512i *x)
{
	GYL__CHACHA20_ROUNDS(quarter, x);
}

/*
 * The state in every lane, each lane's counter one higher than that of the lane before. A word that
 * wrapped is below what was added to it.
 */
INLINE void spread(__m512i *x, const uint32_t *state)
{
	const __m512i lanes =
		_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
	const __m512i one = _mm512_set1_epi32(1), zero = _mm512_setzero_si512();
	__mmask16 carry;

#pragma GCC unroll 16
	for (size_t i = 0; i < GYL__CHACHA20_WORD_CNT; i++)
		x[i] = _mm512_set1_epi32((int)state[i]);
	x[12] = _mm512_add_epi32(x[12], lanes);
	carry = _mm512_cmplt_epu32_mask(x[12], lanes);
#pragma GCC unroll 16
	for (size_t i = 13; i < GYL__CHACHA20_WORD_CNT; i++) {
		x[i] = _mm512_mask_add_epi32(x[i], carry, x[i], one);
		carry = _mm512_mask_cmpeq_epi32_mask(carry, x[i], zero);
	}
}

/* In each quarter q of a vector, rows to columns: v[i] holds four words of block 4 q + i. */
INLINE void transpose(__m512i *v)
{
	__m512i ab_low = _mm512_unpacklo_epi32(v[0], v[1]);
	__m512i cd_low = _mm512_unpacklo_epi32(v[2], v[3]);
	__m512i ab_high = _mm512_unpackhi_epi32(v[0], v[1]);
	__m512i cd_high = _mm512_unpackhi_epi32(v[2], v[3]);

	v[0] = _mm512_unpacklo_epi64(ab_low, cd_low);
	v[1] = _mm512_unpackhi_epi64(ab_low, cd_low);
	v[2] = _mm512_unpacklo_epi64(ab_high, cd_high);
	v[3] = _mm512_unpackhi_epi64(ab_high, cd_high);
}

INLINE void put(uint8_t *out, const uint8_t *in, size_t block, __m512i v)
{
	if (in != NULL)
		v = _mm512_xor_si512(v, _mm512_loadu_si512(in + 64 * block));
	_mm512_storeu_si512(out + 64 * block, v);
}

/* Blocks i, 4 + i, 8 + i and 12 + i, whose words lie in v[i], v[4 + i], v[8 + i] and v[12 + i]. */
INLINE void put_four(uint8_t *out, const uint8_t *in, size_t i, const __m512i *v)
{
	__m512i ab_low = _mm512_shuffle_i32x4(v[i], v[4 + i], 0x44);
	__m512i cd_low = _mm512_shuffle_i32x4(v[8 + i], v[12 + i], 0x44);
	__m512i ab_high = _mm512_shuffle_i32x4(v[i], v[4 + i], 0xee);
	__m512i cd_high = _mm512_shuffle_i32x4(v[8 + i], v[12 + i], 0xee);

	put(out, in, i, _mm512_shuffle_i32x4(ab_low, cd_low, 0x88));
	put(out, in, 4 + i, _mm512_shuffle_i32x4(ab_low, cd_low, 0xdd));
	put(out, in, 8 + i, _mm512_shuffle_i32x4(ab_high, cd_high, 0x88));
	put(out, in, 12 + i, _mm512_shuffle_i32x4(ab_high, cd_high, 0xdd));
}

KERNEL size_t gyl__chacha20_avx512(
	uint32_t *state, const uint8_t *in, uint8_t *out, size_t block_cnt)
{
	size_t done = 0;

	for (; block_cnt - done >= LANE_CNT; done += LANE_CNT) {
		__m512i first[GYL__CHACHA20_WORD_CNT], x[GYL__CHACHA20_WORD_CNT];
		const uint8_t *batch_in = in == NULL ? NULL : in + 64 * done;

		spread(first, state);
#pragma GCC unroll 16
		for (size_t i = 0; i < GYL__CHACHA20_WORD_CNT; i++)
			x[i] = first[i];
		rounds(x);
#pragma GCC unroll 16
		for (size_t i = 0; i < GYL__CHACHA20_WORD_CNT; i++)
			x[i] = _mm512_add_epi32(x[i], first[i]);
#pragma GCC unroll 4
		for (size_t i = 0; i < 4; i++)
			transpose(&x[4 * i]);
#pragma GCC unroll 4
		for (size_t i = 0; i < 4; i++)
			put_four(out + 64 * done, batch_in, i, x);
		gyl__chacha20_count(state, LANE_CNT);
	}
	return done;
}
