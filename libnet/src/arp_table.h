/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_SRC_ARP_TABLE_H
#define GYL_LIBNET_SRC_ARP_TABLE_H

/*
 * The memory of the ARP cache: entries by (vlan, address), in a list for each state and by use.
 * What is due at a time is sorted by it. Most states have one delay for all their entries, so a new
 * one goes to the end without a search; only those of claims differ.
 */

#include <gyl/net/arp_cache.h>

#include "libnet/src/rate.h"

#define GYL_ARP_NONE UINT16_MAX

enum gyl_arp_link {
	GYL_ARP_BY_STATE,
	GYL_ARP_BY_USE,
	GYL_ARP_LINK_CNT
};

struct gyl_arp_node {
	uint32_t ip;
	uint16_t vlan;
	uint8_t mac[6];
	uint8_t state;  /* enum gyl_arp_state */
	uint8_t tries;  /* repetitions, announcements or steps of a claim so far */
	uint16_t chain; /* next of the same hash, or next free one */
	struct {
		uint16_t prev, next;
	} link[GYL_ARP_LINK_CNT];
	uint64_t due_ns; /* OWN: no defence before this time */
};

_Static_assert(sizeof(struct gyl_arp_node) == 32, "two entries fill a cache line");

struct gyl_arp_list {
	uint16_t head, tail;
};

struct gyl_arp_cache {
	struct gyl_arp_cache_conf cf;
	struct gyl_arp_cache_stat stat;
	struct gyl_rate question, conflict;
	uint64_t random;   /* state of a generator, for the times of probes */
	uint64_t claim_ns; /* when the last claim began */
	uint8_t lost_cnt;  /* claims lost in a row, up to max_conflicts */
	uint64_t hash_mul, hash_add;
	unsigned hash_shift;
	size_t node_cnt;
	uint16_t free;                               /* first free node */
	uint16_t cnt[GYL_ARP_STALE + 1];             /* nodes of each state */
	struct gyl_arp_list list[GYL_ARP_STALE + 1]; /* OWN, and by due_ns those above */
	struct gyl_arp_list use; /* FRESH and STALE, least recently used first */
	uint16_t *hash;
	struct gyl_arp_node node[];
};

size_t gyl__arp_table_need(const struct gyl_arp_cache_conf *cf);
void gyl__arp_table_init(struct gyl_arp_cache *c);

/* Where (vlan, ip) is, GYL_ARP_NONE or NULL when it is not there. */
uint16_t gyl__arp_index(const struct gyl_arp_cache *c, uint16_t vlan, uint32_t ip);
struct gyl_arp_node *gyl__arp_find(struct gyl_arp_cache *c, uint16_t vlan, uint32_t ip);

/* A free node for (vlan, ip), which MUST NOT be there yet. There is always one: the sum of the
 * limits that callers keep. */
struct gyl_arp_node *gyl__arp_add(struct gyl_arp_cache *c, uint16_t vlan, uint32_t ip);
void gyl__arp_del(struct gyl_arp_cache *c, struct gyl_arp_node *n);

/* Change the state, and with it the lists; due_ns matters from OWN on. */
void gyl__arp_set(
	struct gyl_arp_cache *c, struct gyl_arp_node *n, enum gyl_arp_state state, uint64_t due_ns);

/* Mark as just used. */
void gyl__arp_used(struct gyl_arp_cache *c, struct gyl_arp_node *n);

/* The first of a state (the soonest, where there are times), the least recently used one; NULL when
 * there is none. */
struct gyl_arp_node *gyl__arp_first(struct gyl_arp_cache *c, enum gyl_arp_state state);
struct gyl_arp_node *gyl__arp_oldest(struct gyl_arp_cache *c);

/* arp_claim.c: addresses of ours. They are kept on VLAN 0. */
static inline bool gyl__arp_is_own(const struct gyl_arp_node *n)
{
	return n != NULL && (n->state == GYL_ARP_OWN || n->state == GYL_ARP_ANNOUNCING);
}

static inline bool gyl__arp_is_claimed(const struct gyl_arp_node *n)
{
	return n != NULL && n->state == GYL_ARP_PROBING;
}

static inline bool gyl__arp_is_due(const struct gyl_arp_node *n, uint64_t now_ns)
{
	return n != NULL && n->due_ns <= now_ns;
}

bool gyl__arp_claim_is_good(const struct gyl_arp_claim_conf *cf);

/* Our address that questions for ip are asked with; 0: we have none, they are probes. */
uint32_t gyl__arp_source(const struct gyl_arp_cache *c, uint32_t ip);

/* Somebody else uses our address n, or the one that is being claimed; *res has who. */
void gyl__arp_conflict(struct gyl_arp_cache *c, uint64_t now_ns, uint16_t vlan,
	struct gyl_arp_node *n, struct gyl_arp_result *res);
void gyl__arp_taken(struct gyl_arp_cache *c, struct gyl_arp_node *n, struct gyl_arp_result *res);

/* What is due of announcements and claims, as gyl_arp_cache_tick(). */
bool gyl__arp_claim_tick(struct gyl_arp_cache *c, uint64_t now_ns, struct gyl_arp_action *ret);

/* arp_cache.c */
bool gyl__arp_is_host(uint32_t ip);

#endif
