/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DHCPD_BUDGET_H
#define GYL_SERVICES_DHCPD_BUDGET_H

/*
 * Budgets: what one device, one port of a relay, one relay may hold, so that nobody empties a pool.
 *
 * A device is what it cannot invent freely: on the link the Ethernet source of its frames, behind a
 * relay giaddr and chaddr (link identity). Never option 61. Each slot in use is charged to the link
 * identity, the circuit (giaddr and circuit-id of option 82) and the relay that it was given to.
 * Slots of one link identity are found by an index and counted when that is asked for, a handful;
 * those of a circuit or relay have a counter per link in a table with room for every slot, so
 * nothing is ever evicted and every count is what a recount of the slots gives.
 *
 * Behind a relay all of a link identity can be invented, too. What bounds that is the share of a
 * pool that a circuit and a relay may hold (share.c).
 */

#include "services/dhcpd/index.h"

struct gyl_dhcpd;
struct gyl_dhcpd_req;
struct gyl_dhcpd_lease;
struct gyl_dhcpd_size;

enum {
	GYL_DHCPD_ASKED_MAX =
		8192, /* link identities that asked for more than their group's share */
	GYL_DHCPD_LIMIT_TOLD_MAX = 16 /* link identities that were told of lately */
};

/* Why an address is refused. */
enum gyl_dhcpd_limit {
	GYL_DHCPD_LIMIT_NONE,
	GYL_DHCPD_LIMIT_LEASES,   /* client_leases */
	GYL_DHCPD_LIMIT_OFFERS,   /* client_offers: the oldest one was given up */
	GYL_DHCPD_LIMIT_DECLINES, /* client_declines: the address was not kept aside */
	GYL_DHCPD_LIMIT_CIRCUIT,  /* circuit_share */
	GYL_DHCPD_LIMIT_RELAY     /* relay_share */
};

/* Slots in use of one circuit or relay on one link. */
struct gyl_dhcpd_group {
	uint32_t key, cnt; /* cnt 0: the entry is free */
};

struct gyl_dhcpd_asked {
	uint32_t link, at_ms;
};

struct gyl_dhcpd_told {
	uint32_t link;
	uint8_t what;   /* enum gyl_dhcpd_limit */
	uint64_t at_ns; /* 0: free */
	uint64_t more;  /* refused since then without a word */
};

struct gyl_dhcpd_budget {
	struct gyl_dhcpd_index links;        /* slots by link identity */
	struct gyl_dhcpd_group *group;       /* open addressing */
	struct gyl_dhcpd_group *group_aside; /* where it steps aside to grow */
	uint32_t group_mask, group_cnt;
	struct gyl_dhcpd_asked *asked; /* GYL_DHCPD_ASKED_MAX */
	struct gyl_dhcpd_told told[GYL_DHCPD_LIMIT_TOLD_MAX];
	uint64_t told_from_ns; /* events since then are counted in told_cnt */
	uint32_t told_cnt;
};

/* Octets of memory for all of it, a multiple of 16; mem MUST be zeros. */
size_t gyl__dhcpd_budget_need(const struct gyl_dhcpd_size *cap);
void gyl__dhcpd_budget_init(
	struct gyl_dhcpd_budget *b, uint8_t *mem, const struct gyl_dhcpd_size *cap);

/* A slot came into use, or out of it: charge it to whom it says. Twice is once. */
void gyl__dhcpd_budget_charge(struct gyl_dhcpd *d, uint32_t slot);
void gyl__dhcpd_budget_free(struct gyl_dhcpd *d, uint32_t slot);
/* Write whom a slot is charged to; nothing else may. */
void gyl__dhcpd_budget_bind(
	struct gyl_dhcpd *d, uint32_t slot, uint32_t link, uint32_t circuit, uint32_t giaddr);
/* A change of subnets: nothing is known of circuits and relays any more, until each slot, which
 * stands in the new layout, is charged again. */
void gyl__dhcpd_budget_clear(struct gyl_dhcpd *d);
void gyl__dhcpd_budget_again(struct gyl_dhcpd *d, uint32_t slot);

/* Slots in use that are charged to a circuit or relay, in all subnets of the link of this one. */
uint32_t gyl__dhcpd_budget_circuit(const struct gyl_dhcpd *d, uint32_t subnet, uint32_t circuit);
uint32_t gyl__dhcpd_budget_relay(const struct gyl_dhcpd *d, uint32_t subnet, uint32_t giaddr);

/*
 * May the sender be given one more address? A limit says no; with GYL_DHCPD_LIMIT_OFFERS
 * *ret_slot is its oldest pending offer, which it may have instead. O(what it holds).
 */
enum gyl_dhcpd_limit gyl__dhcpd_budget_offer(
	struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, uint32_t *ret_slot);
/* May the slot, free or offered to the sender, become its lease? */
enum gyl_dhcpd_limit gyl__dhcpd_budget_lease(
	struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, uint32_t slot);
/* May the sender have one more address kept aside? */
enum gyl_dhcpd_limit gyl__dhcpd_budget_decline(const struct gyl_dhcpd *d, uint32_t slot);

/* Leases of a link identity on the link of that subnet, reserved addresses aside. */
uint32_t gyl__dhcpd_budget_leases(const struct gyl_dhcpd *d, uint32_t link, uint32_t subnet);

/* The same for one that uses an address without having got it from us. */
bool gyl__dhcpd_budget_squat(const struct gyl_dhcpd *d, uint32_t link, uint32_t subnet);

/* ---- share.c ---- */

/* Is the share of the sender's circuit or relay used up, for one address more? */
enum gyl_dhcpd_limit gyl__dhcpd_share(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r);

/* ---- limit.c ---- */

/* A sentence for people. */
const char *gyl__dhcpd_limit_text(enum gyl_dhcpd_limit limit);
/* Count a refusal and tell of it, each link identity once a minute and few a second. */
void gyl__dhcpd_say_limit(
	struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, enum gyl_dhcpd_limit limit);

#endif
