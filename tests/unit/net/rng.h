/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_NET_RNG_H
#define GYL_TESTS_NET_RNG_H

/* A generator that takes the same course every time. */

#include <gyl/rng.h>

static inline struct gyl_rng *test_rng(uint64_t seed)
{
	static struct gyl_rng rng;

	gyl_rng_init(&rng, GYL_RNG_CHACHA20, 0, 0);
	gyl_rng_reseed(&rng, &seed, sizeof seed);
	return &rng;
}

#endif
