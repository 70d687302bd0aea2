/* SPDX-License-Identifier: ISC */
#include <gyl/ct.h>
#include <gyl/rng.h>

#include "crypto/src/bits.h"
#include "crypto/src/rng_own.h"

/*
 * Numbers are returned, and errors written: so the secret of the two stays in a register.
 */

/* A number of len octets when the batch has fewer; 0 on an error. */
static uint64_t more(struct gyl_rng *g, size_t len, int *ret_err)
{
	uint8_t raw[8] = {0};
	uint64_t v;

	*ret_err = gyl__rng_more(g, raw, len);
	v = gyl__load64_le(raw);
	gyl_wipe(raw, sizeof raw);
	return v;
}

static GYL__INLINE uint64_t number(struct gyl_rng *g, size_t len, int *ret_err)
{
	uint8_t *at = gyl__rng_take(g, len);
	uint64_t v;

	if (at == NULL)
		return more(g, len, ret_err);
	if (len == 8)
		v = gyl__load64_le(at);
	else
		v = len == 4 ? gyl__load32_le(at) : (uint32_t)at[0] | (uint32_t)at[1] << 8;
	memset(at, 0, len);
	*ret_err = GYL_CRYPTO_OK;
	return v;
}

int gyl_rng_u16(struct gyl_rng *g, uint16_t *ret)
{
	int err;

	*ret = (uint16_t)number(g, sizeof *ret, &err);
	return err;
}

int gyl_rng_u32(struct gyl_rng *g, uint32_t *ret)
{
	int err;

	*ret = (uint32_t)number(g, sizeof *ret, &err);
	return err;
}

int gyl_rng_u64(struct gyl_rng *g, uint64_t *ret)
{
	int err;

	*ret = number(g, sizeof *ret, &err);
	return err;
}

/* a b as 128 bits, from four products of halves. Returns the high half. */
static GYL__INLINE uint64_t mul(uint64_t a, uint64_t b, uint64_t *ret_low)
{
	uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
	uint64_t low = a0 * b0, mid = a1 * b0 + (low >> 32), mid2 = a0 * b1 + (uint32_t)mid;

	*ret_low = mid2 << 32 | (uint32_t)low;
	return a1 * b1 + (mid >> 32) + (mid2 >> 32);
}

/*
 * Lemire, "Fast Random Integer Generation in an Interval" (2019). The high half of x bound is the
 * number; each number has floor(2^64 / bound) values of x or one more. Which of them to leave out
 * shows in the low half: below 2^64 mod bound. A division is made only when that may be.
 */
int gyl_rng_below(struct gyl_rng *g, uint64_t bound, uint64_t *ret)
{
	int err = GYL_CRYPTO_E_BOUND;
	uint64_t low, high;

	*ret = 0;
	if (bound == 0)
		return err;
	high = mul(number(g, sizeof high, &err), bound, &low);
	if (err != GYL_CRYPTO_OK)
		return err;
	if (low < bound) {
		uint64_t floor = (0 - bound) % bound;

		while (low < floor) /* no error: there just was none */
			high = mul(number(g, sizeof high, &err), bound, &low);
	}
	*ret = high;
	return GYL_CRYPTO_OK;
}
