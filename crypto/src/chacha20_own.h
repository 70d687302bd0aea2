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
