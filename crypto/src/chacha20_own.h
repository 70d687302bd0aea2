/* SPDX-License-Identifier: ISC */
#ifndef GYL_CRYPTO_CHACHA20_OWN_H
#define GYL_CRYPTO_CHACHA20_OWN_H

/* What chacha20.c and its kernels share. */

#include <stddef.h>
#include <stdint.h>

/* The state of RFC 8439 2.3: constants, key, and words 12 to 15, which count as one number. */
enum {
	GYL__CHACHA20_WORD_CNT = 16
};

/*
 * RFC 8439 2.3: ten times columns and diagonals. quarter takes four pointers, to words here and to
 * vectors of them in the kernels, which is why this is a macro.
 */
#define GYL__CHACHA20_ROUNDS(quarter, x)                               \
	do {                                                           \
		for (int round = 0; round < 10; round++) {             \
			quarter(&(x)[0], &(x)[4], &(x)[8], &(x)[12]);  \
			quarter(&(x)[1], &(x)[5], &(x)[9], &(x)[13]);  \
			quarter(&(x)[2], &(x)[6], &(x)[10], &(x)[14]); \
			quarter(&(x)[3], &(x)[7], &(x)[11], &(x)[15]); \
			quarter(&(x)[0], &(x)[5], &(x)[10], &(x)[15]); \
			quarter(&(x)[1], &(x)[6], &(x)[11], &(x)[12]); \
			quarter(&(x)[2], &(x)[7], &(x)[8], &(x)[13]);  \
			quarter(&(x)[3], &(x)[4], &(x)[9], &(x)[14]);  \
		}                                                      \
	} while (0)

/* Words 12 to 15, the lowest first, plus block_cnt. */
static inline void gyl__chacha20_count(uint32_t *state, size_t block_cnt)
{
	uint64_t low = (uint64_t)state[13] << 32 | state[12];
	uint64_t high = (uint64_t)state[15] << 32 | state[14];

	low += block_cnt;
	high += low < block_cnt;
	state[12] = (uint32_t)low;
	state[13] = (uint32_t)(low >> 32);
	state[14] = (uint32_t)high;
	state[15] = (uint32_t)(high >> 32);
}

/*
 * Kernels: as many whole batches as block_cnt has, the state counted on; they return the number of
 * blocks made. With in, which may be out, the key stream is added to it; with NULL it comes out as
 * it is.
 */
size_t gyl__chacha20_sse2(uint32_t *state, const uint8_t *in, uint8_t *out, size_t block_cnt);
size_t gyl__chacha20_avx2(uint32_t *state, const uint8_t *in, uint8_t *out, size_t block_cnt);
size_t gyl__chacha20_avx512(uint32_t *state, const uint8_t *in, uint8_t *out, size_t block_cnt);

#endif
