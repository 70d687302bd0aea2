/* SPDX-License-Identifier: ISC */
#include <gyl/ct.h>

#include "crypto/src/hash_own.h"
#include "crypto/src/sha512_rounds.h"

/* The rounds of the portable file, whose rotations are RORX here: no move, no flags. */
GYL__TARGET("bmi2")
void gyl__sha512_blocks_bmi2(uint64_t h[8], const uint8_t *p, size_t block_cnt)
{
	uint64_t w[16];

	for (; block_cnt != 0; block_cnt--, p += GYL_SHA512_BLOCK_LEN) {
		for (unsigned i = 0; i < 16; i++)
			w[i] = gyl__load64_be(p + 8 * i);
		gyl__sha512_compress(h, w);
	}
	gyl_wipe(w, sizeof w);
}
