/* SPDX-License-Identifier: ISC */
#include <gyl/ct.h>

#include "crypto/src/bits.h"
#include "crypto/src/romix_own.h"

/* Which word of RFC 7914 stands where: the diagonals. */
static const uint8_t word_at[16] = {0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11};

/* Where word w of Salsa20 block k of a lane is in X. */
static size_t word_off(const struct gyl__romix *m, size_t k, uint32_t lane, size_t w)
{
	return ((k * 4 + w / 4) * m->lanes + lane) * 16 + w % 4 * 4;
}

void gyl__romix_load(const struct gyl__romix *m, const uint8_t *b)
{
	for (uint32_t lane = 0; lane < m->lanes; lane++)
		for (size_t k = 0; k < 2 * (size_t)m->r; k++, b += 64)
			for (size_t w = 0; w < 16; w++) {
				uint32_t word = gyl__load32_le(b + 4 * (size_t)word_at[w]);

				memcpy(m->x + word_off(m, k, lane, w), &word, 4);
			}
}

void gyl__romix_store(const struct gyl__romix *m, uint64_t steps, uint8_t *b)
{
	const uint8_t *x = gyl__romix_x(m, steps);

	for (uint32_t lane = 0; lane < m->lanes; lane++)
		for (size_t k = 0; k < 2 * (size_t)m->r; k++, b += 64)
			for (size_t w = 0; w < 16; w++) {
				uint32_t word;

				memcpy(&word, x + word_off(m, k, lane, w), 4);
				gyl__store32_le(b + 4 * (size_t)word_at[w], word);
			}
}

/* Salsa20's quarter-round, on words of four rows. */
static inline void quarter(uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d)
{
	*b ^= gyl__rotl32(*a + *d, 7);
	*c ^= gyl__rotl32(*b + *a, 9);
	*d ^= gyl__rotl32(*c + *b, 13);
	*a ^= gyl__rotl32(*d + *c, 18);
}

/* RFC 7914 section 3: columns, then rows, four times. */
static inline void salsa20_8(uint32_t x[16])
{
	uint32_t in[16];

	memcpy(in, x, sizeof in);
	for (int i = 0; i < 4; i++) {
		quarter(&x[0], &x[4], &x[8], &x[12]);
		quarter(&x[1], &x[5], &x[9], &x[13]);
		quarter(&x[2], &x[6], &x[10], &x[14]);
		quarter(&x[3], &x[7], &x[11], &x[15]);
		quarter(&x[0], &x[13], &x[10], &x[7]);
		quarter(&x[1], &x[14], &x[11], &x[4]);
		quarter(&x[2], &x[15], &x[8], &x[5]);
		quarter(&x[3], &x[12], &x[9], &x[6]);
	}
	for (size_t i = 0; i < 16; i++)
		x[i] += in[i];
}

static inline void xor_in(uint32_t x[16], const uint8_t *p)
{
	for (size_t i = 0; i < 16; i++) {
		uint32_t word;

		memcpy(&word, p + 4 * i, 4);
		x[i] ^= word;
	}
}

/* One Salsa20 block of BlockMix: t becomes Salsa20/8(t ^ x), or (t ^ x ^ v). */
static inline void turn(uint32_t t[16], const uint8_t *x, uint8_t *v, uint8_t *y, bool write)
{
	xor_in(t, x);
	if (write)
		memcpy(v, x, 64);
	else
		xor_in(t, v);
	salsa20_8(t);
	memcpy(y, t, 64);
}

/*
 * RFC 7914 section 4, and what ROMix does with V before: V_i = X, or X ^= V_j. Even blocks go to
 * the first half, odd ones to the second.
 */
static void block_mix(
	uint32_t t[16], const uint8_t *x, uint8_t *v, uint8_t *y, size_t r, bool write)
{
	size_t last = (2 * r - 1) * 64;

	memset(t, 0, 64);
	xor_in(t, x + last);
	if (!write)
		xor_in(t, v + last);
	for (size_t k = 0; k < r; k++, x += 128, v += 128, y += 64) {
		turn(t, x, v, y, write);
		turn(t, x + 64, v + 64, y + r * 64, write);
	}
}

void gyl__romix_portable(const struct gyl__romix *m, uint64_t from, uint64_t cnt)
{
	uint32_t t[16];

	for (uint64_t i = from; i < from + cnt; i++) {
		const uint8_t *x = gyl__romix_x(m, i);

		block_mix(t, x, gyl__romix_v(m, x, i, 0), gyl__romix_x(m, i + 1), m->r, i < m->n);
	}
	gyl_wipe(t, sizeof t);
}
