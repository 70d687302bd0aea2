/* SPDX-License-Identifier: ISC */

/*
 * The body of a ROMix kernel: romix.c in vector registers. Each kernel is a file that includes this
 * one after it said what a register is:
 *
 *   ROMIX_STEPS      the name of its gyl__romix_steps function
 *   ROMIX_TARGET     the instructions that its functions may use
 *   ROMIX_LANES      how many lanes of 128 bits a register has
 *   vec              the type of a register
 *   vec_read(p), vec_write(p, v)
 *                    memory, aligned to a register
 *   vec_add(a, b), vec_xor(a, b)
 *   vec_xor_rotl(v, a, n)  v ^ (a <<< n) in each word
 *   vec_turn1(v), vec_turn2(v), vec_turn3(v)
 *                    words 1 2 3 0, 2 3 0 1, 3 0 1 2 of each lane
 *   vec_transpose(v) between four registers as memory has them, which have the octets of one lane
 *                    after the other, and four rows of all lanes; its own inverse
 *
 * The chain of additions, rotations and exclusive ors cannot be made shorter, so all else has to
 * stand beside it: X and Y are not copied, V is written and read where BlockMix reads X, and the
 * turns of a row wait for nothing that the next quarter-round begins with.
 */

#include <stdbool.h>

#include "crypto/src/bits.h"
#include "crypto/src/romix_own.h"

#define ROMIX_INLINE static inline __attribute__((always_inline)) GYL__TARGET(ROMIX_TARGET)

/* Salsa20 blocks of V that are asked for before the first is needed; what reads on is sequential.
 */
enum {
	ROMIX_AHEAD = 32
};

ROMIX_INLINE void quarter(vec *a, vec *b, vec *c, vec *d)
{
	*b = vec_xor_rotl(*b, vec_add(*a, *d), 7);
	*c = vec_xor_rotl(*c, vec_add(*b, *a), 9);
	*d = vec_xor_rotl(*d, vec_add(*c, *b), 13);
	*a = vec_xor_rotl(*a, vec_add(*d, *c), 18);
}

/* RFC 7914 section 3: all columns, all rows. In between b and d change places. */
ROMIX_INLINE void double_round(vec t[4])
{
	vec b, d;

	quarter(&t[0], &t[1], &t[2], &t[3]);
	b = vec_turn1(t[3]);
	t[2] = vec_turn2(t[2]);
	d = vec_turn3(t[1]);
	quarter(&t[0], &b, &t[2], &d);
	t[1] = vec_turn1(d);
	t[2] = vec_turn2(t[2]);
	t[3] = vec_turn3(b);
}

ROMIX_INLINE void salsa20_8(vec t[4])
{
	vec in[4] = {t[0], t[1], t[2], t[3]};

	double_round(t);
	double_round(t);
	double_round(t);
	double_round(t);
	t[0] = vec_add(t[0], in[0]);
	t[1] = vec_add(t[1], in[1]);
	t[2] = vec_add(t[2], in[2]);
	t[3] = vec_add(t[3], in[3]);
}

/* Where the k-th of four registers of a Salsa20 block is in V. */
ROMIX_INLINE uint8_t *in_v(uint8_t *const v[ROMIX_LANES], size_t off, size_t k)
{
	return v[k % ROMIX_LANES] + off + k / ROMIX_LANES * 16 * ROMIX_LANES;
}

ROMIX_INLINE void v_read(vec t[4], uint8_t *const v[ROMIX_LANES], size_t off)
{
	t[0] = vec_read(in_v(v, off, 0));
	t[1] = vec_read(in_v(v, off, 1));
	t[2] = vec_read(in_v(v, off, 2));
	t[3] = vec_read(in_v(v, off, 3));
	vec_transpose(t);
}

ROMIX_INLINE void v_write(const vec x[4], uint8_t *const v[ROMIX_LANES], size_t off)
{
	vec t[4] = {x[0], x[1], x[2], x[3]};

	vec_transpose(t);
	vec_write(in_v(v, off, 0), t[0]);
	vec_write(in_v(v, off, 1), t[1]);
	vec_write(in_v(v, off, 2), t[2]);
	vec_write(in_v(v, off, 3), t[3]);
}

ROMIX_INLINE void x_read(vec t[4], const uint8_t *x)
{
	t[0] = vec_read(x);
	t[1] = vec_read(x + sizeof(vec));
	t[2] = vec_read(x + 2 * sizeof(vec));
	t[3] = vec_read(x + 3 * sizeof(vec));
}

ROMIX_INLINE void x_write(const vec t[4], uint8_t *x)
{
	vec_write(x, t[0]);
	vec_write(x + sizeof(vec), t[1]);
	vec_write(x + 2 * sizeof(vec), t[2]);
	vec_write(x + 3 * sizeof(vec), t[3]);
}

ROMIX_INLINE void xor_in(vec t[4], const vec x[4])
{
	t[0] = vec_xor(t[0], x[0]);
	t[1] = vec_xor(t[1], x[1]);
	t[2] = vec_xor(t[2], x[2]);
	t[3] = vec_xor(t[3], x[3]);
}

ROMIX_INLINE void xor_v(vec t[4], uint8_t *const v[ROMIX_LANES], size_t off)
{
	vec in[4];

	v_read(in, v, off);
	xor_in(t, in);
}

/* One Salsa20 block of BlockMix: X goes to V, or V is added to it; then t takes it in. */
ROMIX_INLINE void turn(vec t[4], const uint8_t *x, uint8_t *const v[ROMIX_LANES], size_t off,
	uint8_t *y, bool write)
{
	vec in[4];

	x_read(in, x + off * ROMIX_LANES);
	if (write)
		v_write(in, v, off);
	else
		xor_v(in, v, off);
	xor_in(t, in);
	salsa20_8(t);
	x_write(t, y);
}

/* RFC 7914 section 4. Even blocks go to the first half, odd ones to the second. */
ROMIX_INLINE void block_mix(
	const uint8_t *x, uint8_t *const v[ROMIX_LANES], uint8_t *y, size_t r, bool write)
{
	size_t last = (2 * r - 1) * 64;
	vec t[4];

	x_read(t, x + last * ROMIX_LANES);
	if (!write)
		xor_v(t, v, last);
	for (size_t k = 0; k < r; k++, y += sizeof t) {
		turn(t, x, v, k * 128, y, write);
		turn(t, x, v, k * 128 + 64, y + r * sizeof t, write);
	}
}

/* BlockMix begins with the last Salsa20 block. */
ROMIX_INLINE void ahead(uint8_t *const v[ROMIX_LANES], size_t r)
{
	size_t cnt = 2 * r < ROMIX_AHEAD ? 2 * r : ROMIX_AHEAD;

	for (size_t lane = 0; lane < ROMIX_LANES; lane++)
		_mm_prefetch(v[lane] + (2 * r - 1) * 64, _MM_HINT_T0);
	for (size_t k = 0; k < cnt; k++)
		for (size_t lane = 0; lane < ROMIX_LANES; lane++)
			_mm_prefetch(v[lane] + k * 64, _MM_HINT_T0);
}

GYL__TARGET(ROMIX_TARGET)
void ROMIX_STEPS(const struct gyl__romix *m, uint64_t from, uint64_t cnt)
{
	uint8_t *v[ROMIX_LANES];

	for (uint64_t i = from; i < from + cnt; i++) {
		const uint8_t *x = gyl__romix_x(m, i);
		uint8_t *y = gyl__romix_x(m, i + 1);

		for (uint32_t lane = 0; lane < ROMIX_LANES; lane++)
			v[lane] = gyl__romix_v(m, x, i, lane);
		if (i < m->n) {
			block_mix(x, v, y, m->r, true);
		} else {
			ahead(v, m->r);
			block_mix(x, v, y, m->r, false);
		}
	}
}
