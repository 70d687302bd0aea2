/* SPDX-License-Identifier: ISC */
#include <immintrin.h>

#include "crypto/src/bits.h"
#include "crypto/src/chacha20_own.h"

/* Eight blocks at once: vector i holds word i of each. chacha20_sse2.c says the rest. */
enum {
	LANE_CNT = 8
};

#define KERNEL GYL__TARGET("avx2")
#define INLINE static inline __attribute__((always_inline)) KERNEL

INLINE __m256i rotl16(__m256i v)
{
	const __m256i turn = _mm256_setr_epi8(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13,
		2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);

	return _mm256_shuffle_epi8(v, turn);
}

INLINE __m256i rotl8(__m256i v)
{
	const __m256i turn = _mm256_setr_epi8(3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14,
		3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14);

	return _mm256_shuffle_epi8(v, turn);
}

INLINE __m256i rotl(__m256i v, int n)
{
	return _mm256_or_si256(_mm256_slli_epi32(v, n), _mm256_srli_epi32(v, 32 - n));
}

/* RFC 8439 2.1, in every lane. */
INLINE void quarter(__m256i *a, __m256i *b, __m256i *c, __m256i *d)
{
	*a = _mm256_add_epi32(*a, *b);
	*d = rotl16(_mm256_xor_si256(*d, *a));
	*c = _mm256_add_epi32(*c, *d);
	*b = rotl(_mm256_xor_si256(*b, *c), 12);
	*a = _mm256_add_epi32(*a, *b);
	*d = rotl8(_mm256_xor_si256(*d, *a));
	*c = _mm256_add_epi32(*c, *d);
	*b = rotl(_mm256_xor_si256(*b, *c), 7);
}

INLINE void rounds(__m256i *x)
{
	GYL__CHACHA20_ROUNDS(quarter, x);
}

/* The state in every lane, each lane's counter one higher than that of the lane before. */
INLINE void spread(__m256i *x, const uint32_t *state)
{
	const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
	const __m256i top = _mm256_set1_epi32(INT32_MIN), zero = _mm256_setzero_si256();
	__m256i carry;

#pragma GCC unroll 16
	for (size_t i = 0; i < GYL__CHACHA20_WORD_CNT; i++)
		x[i] = _mm256_set1_epi32((int)state[i]);
	carry = _mm256_xor_si256(x[12], top);
	x[12] = _mm256_add_epi32(x[12], lanes);
	carry = _mm256_cmpgt_epi32(carry, _mm256_xor_si256(x[12], top));
#pragma GCC unroll 16
	for (size_t i = 13; i < GYL__CHACHA20_WORD_CNT; i++) {
		x[i] = _mm256_sub_epi32(x[i], carry);
		carry = _mm256_and_si256(carry, _mm256_cmpeq_epi32(x[i], zero));
	}
}

/* Rows to columns in each half: vector i holds four words of block i, and of block 4 + i. */
INLINE void transpose(__m256i *v)
{
	__m256i ab_low = _mm256_unpacklo_epi32(v[0], v[1]);
	__m256i cd_low = _mm256_unpacklo_epi32(v[2], v[3]);
	__m256i ab_high = _mm256_unpackhi_epi32(v[0], v[1]);
	__m256i cd_high = _mm256_unpackhi_epi32(v[2], v[3]);

	v[0] = _mm256_unpacklo_epi64(ab_low, cd_low);
	v[1] = _mm256_unpackhi_epi64(ab_low, cd_low);
	v[2] = _mm256_unpacklo_epi64(ab_high, cd_high);
	v[3] = _mm256_unpackhi_epi64(ab_high, cd_high);
}

INLINE void put(uint8_t *out, const uint8_t *in, size_t off, __m256i v)
{
	if (in != NULL)
		v = _mm256_xor_si256(
			v, _mm256_loadu_si256((const __m256i *)(const void *)(in + off)));
	_mm256_storeu_si256((__m256i *)(void *)(out + off), v);
}

/* Words 8 half to 8 half + 7 of all blocks, v[0] to v[7], to where they belong. */
INLINE void put_half(uint8_t *out, const uint8_t *in, size_t half, __m256i *v)
{
	transpose(v);
	transpose(v + 4);
#pragma GCC unroll 4
	for (size_t i = 0; i < 4; i++) {
		put(out, in, 64 * i + 32 * half, _mm256_permute2x128_si256(v[i], v[4 + i], 0x20));
		put(out, in, 64 * (4 + i) + 32 * half,
			_mm256_permute2x128_si256(v[i], v[4 + i], 0x31));
	}
}

KERNEL size_t gyl__chacha20_avx2(uint32_t *state, const uint8_t *in, uint8_t *out, size_t block_cnt)
{
	size_t done = 0;

	for (; block_cnt - done >= LANE_CNT; done += LANE_CNT) {
		__m256i first[GYL__CHACHA20_WORD_CNT], x[GYL__CHACHA20_WORD_CNT];
		const uint8_t *batch_in = in == NULL ? NULL : in + 64 * done;

		spread(first, state);
#pragma GCC unroll 16
		for (size_t i = 0; i < GYL__CHACHA20_WORD_CNT; i++)
			x[i] = first[i];
		rounds(x);
#pragma GCC unroll 16
		for (size_t i = 0; i < GYL__CHACHA20_WORD_CNT; i++)
			x[i] = _mm256_add_epi32(x[i], first[i]);
		put_half(out + 64 * done, batch_in, 0, &x[0]);
		put_half(out + 64 * done, batch_in, 1, &x[8]);
		gyl__chacha20_count(state, LANE_CNT);
	}
	return done;
}
