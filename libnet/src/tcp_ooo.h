/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_SRC_TCP_OOO_H
#define GYL_LIBNET_SRC_TCP_OOO_H

/*
 * What of a receive buffer came out of order: ranges of sequence numbers, apart from each other,
 * the last changed first, which is the order in which SACK blocks tell of them (RFC 2018 4);
 * duplicates in front of all (RFC 2883).
 */

#include <gyl/tcp.h>

enum {
	GYL__OOO_MAX = 16
};

struct gyl__ooo {
	uint8_t cnt;
	bool has_dup;
	struct gyl_tcp_sack dup; /* told once */
	struct gyl_tcp_sack range[GYL__OOO_MAX];
};

void gyl__ooo_init(struct gyl__ooo *o);
/* [left, right), not empty, was kept. False: a seventeenth range, nothing is noted and the octets
 * are not kept. Overlaps and neighbours are joined; what of it had been kept before is noted as a
 * duplicate. */
bool gyl__ooo_add(struct gyl__ooo *o, uint32_t left, uint32_t right);
/* rcv_nxt advanced: where the run of octets that begins there ends (rcv_nxt when there is none).
 * Ranges up to it go. */
uint32_t gyl__ooo_advance(struct gyl__ooo *o, uint32_t rcv_nxt);
/* [left, right) had come before: the next blocks tell it. */
void gyl__ooo_dup(struct gyl__ooo *o, uint32_t left, uint32_t right);
/* Up to max blocks for the next segment. Returns how many; a duplicate that was told is forgotten.
 */
uint8_t gyl__ooo_blocks(struct gyl__ooo *o, struct gyl_tcp_sack *ret, uint8_t max);

#endif
