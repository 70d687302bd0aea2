/* SPDX-License-Identifier: ISC */
#include <gyl/chacha20.h>
#include <gyl/cpu.h>
#include <gyl/ct.h>
#include <string.h>

#include "crypto/src/bits.h"
#include "crypto/src/burn.h"
#include "crypto/src/chacha20_own.h"

/* RFC 8439 2.1. */
static inline void quarter(uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d)
{
	*a += *b;
	*d = gyl__rotl32(*d ^ *a, 16);
	*c += *d;
	*b = gyl__rotl32(*b ^ *c, 12);
	*a += *b;
	*d = gyl__rotl32(*d ^ *a, 8);
	*c += *d;
	*b = gyl__rotl32(*b ^ *c, 7);
}

static void rounds(uint32_t *x)
{
	GYL__CHACHA20_ROUNDS(quarter, x);
}

static void portable(uint32_t *state, const uint8_t *in, uint8_t *out, size_t block_cnt)
{
	uint32_t x[GYL__CHACHA20_WORD_CNT];

	for (; block_cnt > 0; block_cnt--) {
		memcpy(x, state, sizeof x);
		rounds(x);
		for (size_t i = 0; i < GYL__CHACHA20_WORD_CNT; i++) {
			uint32_t mask = in == NULL ? 0 : gyl__load32_le(in + 4 * i);

			gyl__store32_le(out + 4 * i, (x[i] + state[i]) ^ mask);
		}
		gyl__chacha20_count(state, 1);
		in = in == NULL ? NULL : in + GYL_CHACHA20_BLOCK_LEN;
		out += GYL_CHACHA20_BLOCK_LEN;
	}
	gyl_wipe(x, sizeof x);
}

#if defined(__x86_64__)
/* A guest whose monitor saves no wide registers leaves their kernels out. */
static const struct {
	uint32_t cpu;
	size_t (*fn)(uint32_t *state, const uint8_t *in, uint8_t *out, size_t block_cnt);
} kernels[] = {
#	if !defined(GYL_NO_AVX)
	{GYL_CPU_AVX512VL, gyl__chacha20_avx512},
	{GYL_CPU_AVX2, gyl__chacha20_avx2},
#	endif
	{GYL_CPU_SSE2, gyl__chacha20_sse2},
};
#endif

/* Each kernel takes what it can of the blocks and leaves the rest to the next narrower one. */
static GYL__OWN_FRAME void whole_blocks(
	uint32_t cpu, uint32_t *state, const uint8_t *in, uint8_t *out, size_t block_cnt)
{
#if defined(__x86_64__)
	for (size_t i = 0; i < sizeof kernels / sizeof kernels[0]; i++) {
		size_t done, len;

		if ((cpu & kernels[i].cpu) == 0)
			continue;
		done = kernels[i].fn(state, in, out, block_cnt);
		len = GYL_CHACHA20_BLOCK_LEN * done;
		in = in == NULL ? NULL : in + len;
		out += len;
		block_cnt -= done;
	}
#else
	(void)cpu;
#endif
	portable(state, in, out, block_cnt);
}

/* The constants spell "expand 32-byte k". */
static GYL__OWN_FRAME void state_init(uint32_t *state, const uint8_t *key)
{
	state[0] = 0x61707865u;
	state[1] = 0x3320646eu;
	state[2] = 0x79622d32u;
	state[3] = 0x6b206574u;
	for (size_t i = 0; i < 8; i++)
		state[4 + i] = gyl__load32_le(key + 4 * i);
}

void gyl_chacha20_blocks(
	uint32_t cpu, const uint8_t *key, uint64_t counter[2], uint8_t *out, size_t block_cnt)
{
	uint32_t state[GYL__CHACHA20_WORD_CNT];

	state_init(state, key);
	for (size_t i = 0; i < 2; i++) {
		state[12 + 2 * i] = (uint32_t)counter[i];
		state[13 + 2 * i] = (uint32_t)(counter[i] >> 32);
	}
	whole_blocks(cpu, state, NULL, out, block_cnt);
	for (size_t i = 0; i < 2; i++)
		counter[i] = (uint64_t)state[13 + 2 * i] << 32 | state[12 + 2 * i];
	gyl_wipe(state, sizeof state);
	gyl__burn();
}

/* What is left of a message that does not end with a block. */
static GYL__OWN_FRAME void tail(uint32_t *state, const uint8_t *in, uint8_t *out, size_t len)
{
	uint8_t stream[GYL_CHACHA20_BLOCK_LEN];

	portable(state, NULL, stream, 1);
	for (size_t i = 0; i < len; i++)
		out[i] = in == NULL ? stream[i] : (uint8_t)(in[i] ^ stream[i]);
	gyl_wipe(stream, sizeof stream);
}

void gyl_chacha20_xor(uint32_t cpu, const uint8_t *key, const uint8_t *nonce, uint32_t counter,
	const void *in, uint8_t *out, size_t len)
{
	size_t rest = len % GYL_CHACHA20_BLOCK_LEN, whole = len - rest;
	uint32_t state[GYL__CHACHA20_WORD_CNT];
	const uint8_t *at = in;

	state_init(state, key);
	state[12] = counter;
	for (size_t i = 0; i < 3; i++)
		state[13 + i] = gyl__load32_le(nonce + 4 * i);
	whole_blocks(cpu, state, at, out, whole / GYL_CHACHA20_BLOCK_LEN);
	if (rest != 0)
		tail(state, at == NULL ? NULL : at + whole, out + whole, rest);
	gyl_wipe(state, sizeof state);
	gyl__burn();
}
