/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_SRC_TCP_TABLE_H
#define GYL_LIBNET_SRC_TCP_TABLE_H

/*
 * Records found by the addresses and ports of both sides: connections, half open ones, those in
 * TIME-WAIT. Chains under a keyed hash, so nobody outside can make one long.
 */

#include <gyl/net/peer.h>

#define GYL__NONE UINT32_MAX

/* How a record begins. */
struct gyl__node {
	struct gyl_net_peer peer;
	uint32_t next; /* of the chain, or of the free ones */
	uint32_t pos;  /* in the heap of timers, GYL__NONE: not there */
};

struct gyl__table {
	uint8_t *mem;
	uint32_t *head;
	uint32_t mask, free, cnt, max, size;
};

/* Octets, aligned to 64, for max records of size octets each. max may be 0. */
size_t gyl__table_need(uint32_t max, size_t size);
void gyl__table_init(struct gyl__table *t, void *mem, uint32_t max, size_t size);

static inline struct gyl__node *gyl__table_at(const struct gyl__table *t, uint32_t i)
{
	return (struct gyl__node *)(void *)(t->mem + (size_t)i * t->size);
}

/* GYL__NONE: it is not there. */
uint32_t gyl__table_find(const struct gyl__table *t, uint64_t hash, const struct gyl_net_peer *p);
/* A free record, in no chain yet; GYL__NONE: all are in use. */
uint32_t gyl__table_take(struct gyl__table *t);
/* Can be found from now on. Its peer is set. */
void gyl__table_link(struct gyl__table *t, uint32_t i, uint64_t hash);
/* Cannot be found any more. */
void gyl__table_unlink(struct gyl__table *t, uint32_t i, uint64_t hash);
/* Free again. It is in no chain. */
void gyl__table_give(struct gyl__table *t, uint32_t i);

#endif
