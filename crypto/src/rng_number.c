/* SPDX-License-Identifier: ISC */
#include <gyl/ct.h>
#include <gyl/rng.h>

#include "crypto/src/bits.h"
#include "crypto/src/rng_own.h"

/* A number of len octets when the batch has fewer; 0 on an error. */
static int number_more(struct gyl_rng *g, size_t len, uint64_t *ret)
{
	uint8_t raw[8] = {0};
	int err = gyl__rng_more(g, raw, len);

	*ret = gyl__load64_le(raw);
	gyl_wipe(raw, sizeof raw);
	return err;
}

int gyl_rng_u16(struct gyl_rng *g, uint16_t *ret)
{
	uint8_t *at = gyl__rng_take(g, sizeof *ret);
	uint64_t v;
	int err;

	if (at == NULL) {
		err = number_more(g, sizeof *ret, &v);
		*ret = (uint16_t)v;
		gyl_wipe(&v, sizeof v);
		return err;
	}
	*ret = (uint16_t)(at[0] | at[1] << 8);
	memset(at, 0, sizeof *ret);
	return GYL_CRYPTO_OK;
}

int gyl_rng_u32(struct gyl_rng *g, uint32_t *ret)
{
	uint8_t *at = gyl__rng_take(g, sizeof *ret);
	uint64_t v;
	int err;

	if (at == NULL) {
		err = number_more(g, sizeof *ret, &v);
		*ret = (uint32_t)v;
		gyl_wipe(&v, sizeof v);
		return err;
	}
	*ret = gyl__load32_le(at);
	memset(at, 0, sizeof *ret);
	return GYL_CRYPTO_OK;
}

int gyl_rng_u64(struct gyl_rng *g, uint64_t *ret)
{
	uint8_t *at = gyl__rng_take(g, sizeof *ret);

	if (at == NULL)
		return number_more(g, sizeof *ret, ret);
	*ret = gyl__load64_le(at);
	memset(at, 0, sizeof *ret);
	return GYL_CRYPTO_OK;
}

/* a b as 128 bits, from four products of halves. Returns the high half. */
static uint64_t mul(uint64_t a, uint64_t b, uint64_t *ret_low)
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
	uint64_t x, low, high;
	int err = bound == 0 ? GYL_CRYPTO_E_BOUND : gyl_rng_u64(g, &x);

	if (err != GYL_CRYPTO_OK) {
		*ret = 0;
		return err;
	}
	high = mul(x, bound, &low);
	if (low < bound) {
		uint64_t floor = (0 - bound) % bound;

		while (low < floor) {
			gyl_rng_u64(g, &x); /* cannot fail: it just did not */
			high = mul(x, bound, &low);
		}
	}
	*ret = high;
	gyl_wipe(&x, sizeof x);
	return GYL_CRYPTO_OK;
}
