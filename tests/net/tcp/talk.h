/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_NET_TCP_TALK_H
#define GYL_TESTS_NET_TCP_TALK_H

/*
 * What the two programs of the scenario tcp-linux say to each other: the client sends octets that
 * both can work out, the server sends them back, the client compares. Octet i of connection n is
 * talk_octet(n, i).
 */

#include <stddef.h>
#include <stdint.h>

static inline uint8_t talk_octet(uint32_t conn, uint64_t i)
{
	uint64_t z = ((uint64_t)conn << 40 ^ i >> 3) * UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
	return (uint8_t)(z >> (32 + (i & 7)));
}

static inline void talk_fill(uint8_t *p, size_t len, uint32_t conn, uint64_t off)
{
	for (size_t i = 0; i < len; i++)
		p[i] = talk_octet(conn, off + i);
}

/* The first octet that is another one; len: none is. */
static inline size_t talk_differs(const uint8_t *p, size_t len, uint32_t conn, uint64_t off)
{
	size_t i = 0;

	while (i < len && p[i] == talk_octet(conn, off + i))
		i++;
	return i;
}

#endif
