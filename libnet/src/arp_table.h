/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_SRC_ARP_TABLE_H
#define GYL_LIBNET_SRC_ARP_TABLE_H

/*
 * The memory of the ARP cache: entries by (vlan, address), in lists by the time they are due and by
 * use. Every due list has one delay for all its entries, so it is sorted by itself: new ones go to
 * the end, the first is the next.
 */

#include <gyl/net/arp_cache.h>

#include "libnet/src/rate.h"

#define GYL_ARP_NONE UINT16_MAX

enum gyl_arp_link {
	GYL_ARP_BY_DUE,
	GYL_ARP_BY_USE,
	GYL_ARP_LINK_CNT
};

struct gyl_arp_node {
	uint32_t ip;
	uint16_t vlan;
	uint8_t mac[6];
	uint8_t state;  /* enum gyl_arp_state */
	uint8_t tries;  /* repetitions so far */
	uint16_t chain; /* next of the same hash, or next free one */
	struct {
		uint16_t prev, next;
	} link[GYL_ARP_LINK_CNT];
	uint64_t due_ns;
};

struct gyl_arp_list {
	uint16_t head, tail;
};

struct gyl_arp_cache {
	struct gyl_arp_cache_conf cf;
	struct gyl_arp_cache_stat stat;
	struct gyl_rate question;
	uint32_t own_ip;    /* what questions are asked with; 0: they are probes */
	uint64_t defend_ns; /* no defence before this time */
	uint64_t hash_mul, hash_add;
	unsigned hash_shift;
	size_t node_cnt;
	uint16_t free;                              /* first free node */
	uint16_t cnt[GYL_ARP_STALE + 1];            /* nodes of each state */
	struct gyl_arp_list due[GYL_ARP_STALE + 1]; /* PENDING, FRESH and STALE */
	struct gyl_arp_list use;                    /* FRESH and STALE, least recently used first */
	uint16_t *hash;
	struct gyl_arp_node node[];
};

size_t gyl__arp_table_need(const struct gyl_arp_cache_conf *cf);
void gyl__arp_table_init(struct gyl_arp_cache *c);

struct gyl_arp_node *gyl__arp_find(struct gyl_arp_cache *c, uint16_t vlan, uint32_t ip);

/* A free node for (vlan, ip), which MUST NOT be there yet. There is always one: the sum of the
 * limits that callers keep. */
struct gyl_arp_node *gyl__arp_add(struct gyl_arp_cache *c, uint16_t vlan, uint32_t ip);
void gyl__arp_del(struct gyl_arp_cache *c, struct gyl_arp_node *n);

/* Change the state, and with it the lists; due_ns matters for PENDING, FRESH and STALE. */
void gyl__arp_set(
	struct gyl_arp_cache *c, struct gyl_arp_node *n, enum gyl_arp_state state, uint64_t due_ns);

/* Mark as just used. */
void gyl__arp_used(struct gyl_arp_cache *c, struct gyl_arp_node *n);

/* The soonest of a state, the least recently used one; NULL when there is none. */
struct gyl_arp_node *gyl__arp_next(struct gyl_arp_cache *c, enum gyl_arp_state state);
struct gyl_arp_node *gyl__arp_oldest(struct gyl_arp_cache *c);

#endif
