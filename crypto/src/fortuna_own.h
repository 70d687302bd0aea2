/* SPDX-License-Identifier: ISC */
#ifndef GYL_CRYPTO_FORTUNA_OWN_H
#define GYL_CRYPTO_FORTUNA_OWN_H

/* What the files of Fortuna share: fortuna.c (the callers' side), fortuna_pool.c, fortuna_reseed.c.
 */

#include <gyl/fortuna.h>

enum {
	/* A source number is an octet of the pool's input; those beyond the table are not counted.
	 */
	GYL__FORTUNA_SOURCE_LIMIT = 256,
	GYL__FORTUNA_FIRST_MBITS = 1000 * GYL_FORTUNA_FIRST_BITS
};

/* Was it initialised, and not wiped by a fork since? */
static inline bool gyl__fortuna_ready(const struct gyl_fortuna *f)
{
	return f->rng.kind != 0;
}

void gyl__fortuna_pools_init(struct gyl_fortuna *f);

/* The pool of the next event of a source below GYL_FORTUNA_SOURCE_MAX. */
unsigned gyl__fortuna_pool_next(struct gyl_fortuna *f, unsigned source);

/* An event into a pool: source octet, length octet, data. */
void gyl__fortuna_pool_add(
	struct gyl_fortuna *f, unsigned source, unsigned pool, const void *data, size_t len);

/* What is in a pool, as 32 octets, and the pool is empty then. */
void gyl__fortuna_pool_drain(struct gyl_fortuna *f, unsigned pool, uint8_t *ret_digest);

/* A seed into the generator that does not come from the pools: what it is, and octets. */
void gyl__fortuna_mix(struct gyl_fortuna *f, char what, const void *data, size_t len);

#endif
