/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_LIVE_OWN_H
#define GYL_SERVICES_DNS_LIVE_OWN_H

/* What the files of live zones share. */

#include "services/dns/leased.h"
#include "services/dns/live.h"
#include "services/dns/pack.h"

enum gyl__dns_live_kind {
	GYL__DNS_BLOCK_NODE = 1,
	GYL__DNS_BLOCK_SLOTS,
	GYL__DNS_BLOCK_ORDER,
	GYL__DNS_BLOCK_SOA,
	GYL__DNS_BLOCK_DENIAL
};

struct gyl_dns_live_scratch {
	struct gyl_dns_patch patch[GYL_DNS_PACK_NAMES * GYL_DNS_LIVE_REC_MAX];
	struct gyl_dns_extra extra[GYL_DNS_LIVE_REC_MAX];
	uint8_t wire[GYL_DNS_LIVE_NODE_MAX];
	uint32_t node[GYL_DNS_LIVE_NODE_MAX / 4]; /* a node before it has a place */
	uint32_t soa[16384 / 4];                  /* the RRset for negative answers */
	uint8_t rdata[65536];                     /* of update.c's record at hand */
	struct gyl_dns_content content, was;      /* of gyl_dns_live_add(), and edit.h's */
	struct gyl_dns_leased leased;             /* of an edit */
	uint8_t noted[GYL_DNS_LIVE_NOTED][GYL_DNS_NAME_MAX]; /* of reload.h */
};

static inline struct gyl_dns_zone *gyl__dns_live_zone(struct gyl_dns_live *z)
{
	return (struct gyl_dns_zone *)(void *)(z->im + 1);
}

static inline const struct gyl_dns_zone *gyl__dns_live_zone_of(const struct gyl_dns_live *z)
{
	return (const struct gyl_dns_zone *)(const void *)(z->im + 1);
}

static inline struct gyl_dns_slot *gyl__dns_live_slot(const struct gyl_dns_live *z)
{
	return (struct gyl_dns_slot *)(void *)((uint8_t *)z->im + z->im->slot_off);
}

static inline uint32_t *gyl__dns_live_order(const struct gyl_dns_live *z)
{
	return (uint32_t *)(void *)((uint8_t *)z->im + z->order_off);
}

static inline uint32_t gyl__dns_live_off(const struct gyl_dns_live *z, const void *p)
{
	return (uint32_t)((const uint8_t *)p - (const uint8_t *)z->im);
}

static inline struct gyl_dns_node *gyl__dns_live_at(const struct gyl_dns_live *z, uint32_t off)
{
	return (struct gyl_dns_node *)(void *)((uint8_t *)z->im + off);
}

static inline struct gyl_dns_more *gyl__dns_live_more(struct gyl_dns_node *n)
{
	uint8_t *p = (uint8_t *)n + gyl_dns_node_head(n->name_len, false);

	return (struct gyl_dns_more *)(void *)p;
}

/* live_index.c: the index and the order. */

/* A node that moved from `was` to off: whoever refers to it is told. */
void gyl__dns_live_moved(struct gyl_dns_live *z, uint32_t was, uint32_t off);
/* A node that is new, and one that goes. The order and the index MUST have room. */
void gyl__dns_live_insert(struct gyl_dns_live *z, uint32_t off);
void gyl__dns_live_remove(struct gyl_dns_live *z, uint32_t off);
/* Where in the order the first name stands that is not before this one. */
uint32_t gyl__dns_live_lower(const struct gyl_dns_live *z, const uint8_t *name, uint32_t known);
/* Do names of the zone lie below this node? */
bool gyl__dns_live_has_below(const struct gyl_dns_live *z, const struct gyl_dns_node *n);
/* What is above a node, or what it is, has changed: it and all below know their ruler again. */
void gyl__dns_live_rule(struct gyl_dns_live *z, uint32_t off);
/* Octets in blocks that so many more names need in the index and the order, 0: they have room. */
size_t gyl__dns_live_grow_cost(const struct gyl_dns_live *z, uint32_t more);
/* Make that room: it is reserved. */
void gyl__dns_live_grow(struct gyl_dns_lives *all, struct gyl_dns_live *z, uint32_t more);

/* Its place in the order, and in the index when it belongs there. */
void gyl__dns_live_index(struct gyl_dns_live *z, uint32_t at);
/* Whether it is an owner of NSEC3 has changed: it was one. */
void gyl__dns_live_rehash(struct gyl_dns_live *z, uint32_t off, bool was);
/* Octets of an empty index for all names that there is room for. */
size_t gyl__dns_live_slots_cnt(const struct gyl_dns_live *z);

/* live_deny.c: the order of denial. Octets that it will take, 0: there is none. */
size_t gyl__dns_live_deny_len(struct gyl_dns_live *z);
/* A block of that many is there; then each name at its place of the order is told, in order. */
void gyl__dns_live_deny_begin(struct gyl_dns_live *z, void *block);
void gyl__dns_live_deny_add(struct gyl_dns_live *z, uint32_t at);
/* A node that moved. */
void gyl__dns_live_deny_moved(struct gyl_dns_live *z, uint32_t was, uint32_t off);

/* live_node.c: a node out of a list of records, in scratch->node. Its length; 0: it is too long.
 * soa_len: octets of the RRset in scratch->soa, 0 when there is no SOA. */
size_t gyl__dns_live_make(struct gyl_dns_live_scratch *s, const struct gyl_dns_live *z,
	const uint8_t *name, const struct gyl_dns_content *c, size_t *ret_soa_len);

#endif
