/* SPDX-License-Identifier: ISC */
#ifndef GYL_TRICKY_H
#define GYL_TRICKY_H

/* Text of strangers that is shown to people. */

#include <gyl/base.h>

/* Would this character, no ASCII, act on a terminal, or move, hide or reorder text? C1 controls,
 * line and paragraph separators, marks of direction, and the one of byte order. */
static inline bool gyl__is_tricky(uint32_t c)
{
	return (c >= 0x80 && c < 0xa0) || c == 0x061c || c == 0x200e || c == 0x200f ||
	       c == 0x2028 || c == 0x2029 || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

/* The code of the valid character of 2 to 4 octets at p. */
static inline uint32_t gyl__code_point(const uint8_t *p, size_t len)
{
	uint32_t c = p[0] & (0xffu >> (len + 1));

	for (size_t i = 1; i < len; i++)
		c = c << 6 | (p[i] & 0x3f);
	return c;
}

#endif
