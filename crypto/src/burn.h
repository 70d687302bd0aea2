/* SPDX-License-Identifier: ISC */
#ifndef GYL_CRYPTO_BURN_H
#define GYL_CRYPTO_BURN_H

/*
 * gyl_wipe() clears what has a name. Copies that have none stay: registers that a compiler spilled,
 * vectors that it took apart, in frames of calls that are over. C has no word for them, but it is
 * known where they are: below the frame of the function that made those calls. So a function that
 * works on secrets leaves the work to others that are not inlined into it, and burns what they
 *left:
 *
 *	static GYL__OWN_FRAME int work(...);
 *
 *	int gyl_thing(...)
 *	{
 *		int err = work(...);
 *
 *		gyl__burn();
 *		return err;
 *	}
 *
 * tests/unit/crypto/test_wipe.c looks at the stack afterwards, and at how deep the work went.
 * Registers themselves are not cleared: whatever runs next does that.
 */

#include <stddef.h>

#define GYL__OWN_FRAME __attribute__((noinline))

enum {
	GYL__BURN_LEN = 4096,      /* deeper than any of ours goes, which the test measures */
	GYL__BURN_HMAC_LEN = 1536, /* one HMAC on the deepest kernel: less than 900 octets */
	GYL__BURN_SOME_LEN = 512   /* a kernel that works in registers and calls nobody */
};

/* Zero the stack below the caller's frame, #GYL__BURN_LEN octets of it: 30 ns. */
void gyl__burn(void);

/* #GYL__BURN_HMAC_LEN octets, for every message again. */
void gyl__burn_hmac(void);

/* #GYL__BURN_SOME_LEN octets: 12 ns. */
void gyl__burn_some(void);

#endif
