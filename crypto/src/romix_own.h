/* SPDX-License-Identifier: ISC */
#ifndef GYL_CRYPTO_ROMIX_OWN_H
#define GYL_CRYPTO_ROMIX_OWN_H

/*
 * ROMix of scrypt (RFC 7914 section 5), cut into steps, over one or several parts at once.
 *
 * A block, X or one of the V_i, is 128 r octets: 2 r blocks of Salsa20, each of sixteen words. We
 * keep words in the byte order of the machine, and by diagonals: the four rows are x0 x5 x10 x15,
 * x4 x9 x14 x3, x8 x13 x2 x7, x12 x1 x6 x11. So a quarter-round of all columns is a quarter-round
 * of four rows, and that of all rows is the same after three rows were turned. V has this form
 * also, and only gyl__romix_load() and gyl__romix_store() know the other one.
 *
 * Parts that are worked on at once are lanes. In X each row of a block stands beside the same row
 * of the other lanes, so that it is one wide register; in V every lane has its own blocks, one
 * after the other, for each reads another one.
 */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What is derived from a secret and may be known all the same; tests/ct/ tells memcheck so. */
#ifndef GYL__PUBLIC
#	define GYL__PUBLIC(p, len) ((void)0)
#endif

struct gyl__romix {
	uint64_t n;     /* N */
	uint32_t r;     /* block size in 128 octets */
	uint32_t lanes; /* 1, 2 or 4 */
	uint8_t *v;     /* lanes times N blocks */
	uint8_t *x;     /* twice lanes blocks: X before and after a step, in turn */
};

/*
 * Make steps: from <= i < from + cnt, with i below 2 N. The first N of them write V (RFC 7914
 * section 5 step 2), the others read it (step 3).
 */
typedef void gyl__romix_steps(const struct gyl__romix *m, uint64_t from, uint64_t cnt);

gyl__romix_steps gyl__romix_portable;    /* one lane */
gyl__romix_steps gyl__romix_sse2;        /* one lane */
gyl__romix_steps gyl__romix_avx512vl;    /* one lane */
gyl__romix_steps gyl__romix_avx512vl_x2; /* two lanes */
gyl__romix_steps gyl__romix_avx512vl_x4; /* four lanes */

/* X of all lanes before step 0: b has a block of 128 r octets for each lane, as RFC 7914 has it. */
void gyl__romix_load(const struct gyl__romix *m, const uint8_t *b);

/* X of all lanes after so many steps. */
void gyl__romix_store(const struct gyl__romix *m, uint64_t steps, uint8_t *b);

static inline size_t gyl__romix_block_len(const struct gyl__romix *m)
{
	return (size_t)128 * m->r;
}

/* X before this step. */
static inline uint8_t *gyl__romix_x(const struct gyl__romix *m, uint64_t step)
{
	return m->x + (size_t)(step & 1) * m->lanes * gyl__romix_block_len(m);
}

/*
 * Integerify: the first 64 bits of the last Salsa20 block, which are words 0 and 1. It becomes an
 * address, the only one that depends on the password (RFC 7914 section 13).
 */
static inline uint64_t gyl__romix_j(const struct gyl__romix *m, const uint8_t *x, uint32_t lane)
{
	const uint8_t *last = x + (size_t)(2 * (size_t)m->r - 1) * 64 * m->lanes + 16 * lane;
	uint32_t low, high;

	memcpy(&low, last, 4);
	memcpy(&high, last + (size_t)3 * 16 * m->lanes + 4, 4);
	GYL__PUBLIC(&low, sizeof low);
	GYL__PUBLIC(&high, sizeof high);
	return ((uint64_t)high << 32 | low) & (m->n - 1);
}

/* The block of V that a step writes or reads. */
static inline uint8_t *gyl__romix_v(
	const struct gyl__romix *m, const uint8_t *x, uint64_t step, uint32_t lane)
{
	uint64_t i = step < m->n ? step : gyl__romix_j(m, x, lane);

	return m->v + (size_t)(lane * m->n + i) * gyl__romix_block_len(m);
}

#endif
