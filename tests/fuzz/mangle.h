/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_FUZZ_MANGLE_H
#define GYL_TESTS_FUZZ_MANGLE_H

/* What happens to files: fuzzers of formats that have checksums change good ones with this. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Change the file of *len octets at an octet; cap: what it may become. False: `what` says that the
 * caller shall do something of its own, at octet *at, to *cnt octets at most. */
static inline bool mangle(uint8_t *octets, size_t *len, size_t cap, uint8_t what, size_t *at,
	uint8_t value, size_t *cnt)
{
	size_t rest;

	*at %= *len + 1;
	rest = *len - *at;
	*cnt = value < rest ? value : rest;
	switch (what % 5) {
	case 0: /* an octet */
		if (rest != 0)
			octets[*at] ^= value;
		return true;
	case 1: /* the end comes early */
		*len = *at;
		return true;
	case 2: /* octets are lost */
		memmove(octets + *at, octets + *at + *cnt, rest - *cnt);
		*len -= *cnt;
		return true;
	case 3: /* octets come twice */
		if (*len + *cnt > cap)
			return true;
		memmove(octets + *at + *cnt, octets + *at, rest);
		*len += *cnt;
		return true;
	default:
		return false;
	}
}

#endif
