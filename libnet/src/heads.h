/* SPDX-License-Identifier: ISC */
#ifndef GYL_NET_SRC_HEADS_H
#define GYL_NET_SRC_HEADS_H

/* How many chains a small hash table has. */

#include <stddef.h>
#include <stdint.h>

/* The power of two from `least`, which is one, that is not below cnt: a mask finds the chain, and a
 * chain has one entry on average at most. */
static inline size_t gyl__head_cnt(uint16_t cnt, size_t least)
{
	size_t n = least;

	while (n < cnt)
		n *= 2;
	return n;
}

#endif
