/* SPDX-License-Identifier: ISC */
#include <immintrin.h>

#include "crypto/src/aes256_own.h"
#include "crypto/src/bits.h"

/* An AES instruction has an answer a few cycles after it began, and one begins in each: eight
 * blocks side by side fill the gaps. */
enum {
	BATCH = 8
};

/* A loop over x[] that is not unrolled leaves x[] in memory: slow, and there after the call. */
#if defined(__clang__)
#	define UNROLL _Pragma("clang loop unroll(full)")
#else
#	define UNROLL _Pragma("GCC unroll 8")
#endif

#define KERNEL GYL__TARGET("aes")
#define INLINE static inline __attribute__((always_inline)) KERNEL

INLINE __m128i load(const uint8_t *p)
{
	return _mm_loadu_si128((const __m128i *)(const void *)p);
}

INLINE void store(uint8_t *p, __m128i v)
{
	_mm_storeu_si128((__m128i *)(void *)p, v);
}

/* FIPS 197 5.2: word k of the new four is the xor of the old words 0 to k, and of temp. */
INLINE __m128i next_words(__m128i old, __m128i temp)
{
	old = _mm_xor_si128(old, _mm_slli_si128(old, 4));
	old = _mm_xor_si128(old, _mm_slli_si128(old, 8));
	return _mm_xor_si128(old, temp);
}

/*
 * Words 8 n to 8 n + 7 from the eight before, as n is RCON's power. The instruction gives the last
 * word through RotWord, SubWord and Rcon in lane 3, and through SubWord alone in lane 2.
 */
#define EXPAND(n, rcon)                                                                       \
	do {                                                                                  \
		low = next_words(                                                             \
			low, _mm_shuffle_epi32(_mm_aeskeygenassist_si128(high, rcon), 0xff)); \
		store(round_key + 32 * (n), low);                                             \
		if ((n) == 7) /* the last round key is word 59 */                             \
			break;                                                                \
		high = next_words(                                                            \
			high, _mm_shuffle_epi32(_mm_aeskeygenassist_si128(low, 0), 0xaa));    \
		store(round_key + 32 * (n) + 16, high);                                       \
	} while (0)

KERNEL void gyl__aes256_ni_init(uint8_t *round_key, const uint8_t *key)
{
	__m128i low = load(key), high = load(key + 16);

	store(round_key, low);
	store(round_key + 16, high);
	EXPAND(1, 0x01);
	EXPAND(2, 0x02);
	EXPAND(3, 0x04);
	EXPAND(4, 0x08);
	EXPAND(5, 0x10);
	EXPAND(6, 0x20);
	EXPAND(7, 0x40);
}

KERNEL void gyl__aes256_ni_encrypt(const uint8_t *round_key, const uint8_t *in, uint8_t *out)
{
	__m128i x = _mm_xor_si128(load(in), load(round_key));

	for (size_t r = 1; r < GYL__AES256_ROUND_CNT; r++)
		x = _mm_aesenc_si128(x, load(round_key + 16 * r));
	x = _mm_aesenclast_si128(x, load(round_key + 16 * GYL__AES256_ROUND_CNT));
	store(out, x);
}

INLINE __m128i count(uint64_t *counter)
{
	__m128i c = _mm_set_epi64x((int64_t)counter[1], (int64_t)counter[0]);

	counter[1] += ++counter[0] == 0;
	return c;
}

/* n is a constant wherever this is inlined, and then x[] are registers. */
INLINE void batch(const uint8_t *round_key, uint64_t *counter, uint8_t *out, size_t n)
{
	__m128i x[BATCH], key = load(round_key);

	UNROLL
	for (size_t i = 0; i < n; i++)
		x[i] = _mm_xor_si128(count(counter), key);
	for (size_t r = 1; r < GYL__AES256_ROUND_CNT; r++) {
		key = load(round_key + 16 * r);
		UNROLL
		for (size_t i = 0; i < n; i++)
			x[i] = _mm_aesenc_si128(x[i], key);
	}
	key = load(round_key + 16 * GYL__AES256_ROUND_CNT);
	UNROLL
	for (size_t i = 0; i < n; i++)
		store(out + 16 * i, _mm_aesenclast_si128(x[i], key));
}

KERNEL void gyl__aes256_ni_blocks(
	const uint8_t *round_key, uint64_t *counter, uint8_t *out, size_t block_cnt)
{
	for (; block_cnt >= BATCH; block_cnt -= BATCH, out += 16 * BATCH)
		batch(round_key, counter, out, BATCH);
	/* A generator asks for three: one for the caller, two for its next key. */
	for (; block_cnt >= 3; block_cnt -= 3, out += 16 * 3)
		batch(round_key, counter, out, 3);
	for (; block_cnt > 0; block_cnt--, out += 16)
		batch(round_key, counter, out, 1);
}
