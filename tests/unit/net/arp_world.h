/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_ARP_WORLD_H
#define GYL_TESTS_ARP_WORLD_H

/* An ARP cache with one address of its own, alone, under a clock of the test. */

#include <stdlib.h>

#include <gyl/net/arp_cache.h>
#include <gyl/time.h>

#include "tests/support/support.h"

#define OWN   0x0a000001u
#define ALIAS 0x0a000002u
#define PEER  0x0a000005u

static const uint8_t own_mac[6] = {2, 0, 0, 0, 0, 1};
static const uint8_t mac_a[6] = {2, 0, 0, 0, 0, 5};
static const uint8_t mac_b[6] = {2, 0, 0, 0, 0, 6};
static const uint8_t all[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
static const uint8_t zero[6];

struct world {
	struct gyl_arp_cache *c;
	struct gyl_arp_cache_conf cf;
	uint64_t now_ns;
	struct gyl_arp_send send;
	uint8_t mac[6];
};

/* Without an address. */
static inline void world_bare(struct world *w, const struct gyl_arp_cache_conf *cf)
{
	memset(w, 0, sizeof(*w));
	w->cf = *cf;
	w->now_ns = 5 * GYL_NS_PER_S;
	w->c = gyl_arp_cache_init(malloc(gyl_arp_cache_need(cf)), cf);
	assert_non_null(w->c);
}

static inline void world_close(struct world *w)
{
	free(w->c);
}

/* The one action due now. */
static inline struct gyl_arp_action due(struct world *w)
{
	struct gyl_arp_action a, more;

	assert_true(gyl_arp_cache_tick(w->c, w->now_ns, &a));
	assert_false(gyl_arp_cache_tick(w->c, w->now_ns, &more));
	return a;
}

static inline bool nothing_due(struct world *w)
{
	struct gyl_arp_action a;

	return !gyl_arp_cache_tick(w->c, w->now_ns, &a);
}

/* To the deadline, and the one action due then. */
static inline struct gyl_arp_action next(struct world *w)
{
	uint64_t at_ns = gyl_arp_cache_deadline_ns(w->c);

	assert_true(at_ns != UINT64_MAX);
	if (at_ns > w->now_ns)
		w->now_ns = at_ns;
	return due(w);
}

/* Make an address ours, with all its announcements. */
static inline void own(struct world *w, uint32_t ip)
{
	bool asked;

	assert_true(gyl_arp_cache_own(w->c, ip, &asked));
	assert_false(asked);
	for (unsigned i = 0; i < w->cf.claim.announce_num; i++)
		assert_int_equal(next(w).due, GYL_ARP_SEND);
	assert_int_equal(gyl_arp_cache_deadline_ns(w->c), UINT64_MAX);
}

/* With OWN, and its announcements over. */
static inline void world_open(struct world *w, const struct gyl_arp_cache_conf *cf)
{
	world_bare(w, cf);
	own(w, OWN);
}

static inline void world_default(struct world *w)
{
	struct gyl_arp_cache_conf cf = gyl_arp_cache_defaults(own_mac, 7);

	world_open(w, &cf);
}

static inline enum gyl_arp_answer query(struct world *w, uint32_t ip)
{
	return gyl_arp_cache_query(w->c, w->now_ns, 0, ip, w->mac, &w->send);
}

static inline struct gyl_arp message(
	uint16_t op, const uint8_t sha[6], uint32_t spa, const uint8_t tha[6], uint32_t tpa)
{
	struct gyl_arp a = {.op = op, .spa = spa, .tpa = tpa};

	memcpy(a.sha, sha, 6);
	memcpy(a.tha, tha, 6);
	return a;
}

static inline struct gyl_arp_result input(struct world *w, struct gyl_arp a)
{
	struct gyl_arp_result res;

	gyl_arp_cache_input(w->c, w->now_ns, 0, &a, &res);
	return res;
}

static inline struct gyl_arp_result reply_from(struct world *w, uint32_t ip, const uint8_t mac[6])
{
	return input(w, message(GYL_ARP_REPLY, mac, ip, own_mac, OWN));
}

static inline void know(struct world *w, uint32_t ip, const uint8_t mac[6])
{
	assert_int_equal(query(w, ip), GYL_ARP_ASK);
	assert_int_equal(reply_from(w, ip, mac).verdict, GYL_ARP_LEARNED);
}

static inline enum gyl_arp_state state_of(struct world *w, uint32_t ip)
{
	struct gyl_arp_entry e;

	return gyl_arp_cache_find(w->c, 0, ip, &e) ? e.state : GYL_ARP_FREE;
}

static inline size_t count_state(struct world *w, enum gyl_arp_state state)
{
	struct gyl_arp_entry e;
	size_t cnt = 0;

	for (size_t i = 0; gyl_arp_cache_entry(w->c, i, &e); i++)
		cnt += e.state == state;
	return cnt;
}

#endif
