/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_SRC_TCP_SEQ_H
#define GYL_LIBNET_SRC_TCP_SEQ_H

/* Sequence numbers and timestamps go round; of two less than 2^31 apart one is before the other
 * (RFC 9293 3.4). */

#include <stdbool.h>
#include <stdint.h>

static inline bool gyl__seq_lt(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static inline bool gyl__seq_le(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) <= 0;
}

static inline uint32_t gyl__seq_max(uint32_t a, uint32_t b)
{
	return gyl__seq_lt(a, b) ? b : a;
}

static inline uint32_t gyl__seq_min(uint32_t a, uint32_t b)
{
	return gyl__seq_lt(a, b) ? a : b;
}

#endif
