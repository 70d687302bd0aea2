/* SPDX-License-Identifier: ISC */
#include "services/dhcpd/budget.h"

#include "services/dhcpd/state.h"

enum {
	OF_CIRCUIT = 'c', /* what is hashed says of which kind it is */
	OF_RELAY = 'r'
};

/* ---- memory ---- */

enum {
	GROUPS_MIN = 1024
};

/* A slot has a circuit and a relay at most: half of the entries stay free. */
static size_t groups_max(const struct gyl_dhcpd_size *cap)
{
	size_t n = GROUPS_MIN;

	while (n < 4 * (size_t)cap->address_cnt)
		n *= 2;
	return n;
}

static size_t aligned(size_t len)
{
	return (len + 15) & ~(size_t)15;
}

/* Half as much again for the table that becomes a larger one. */
static size_t groups_len(const struct gyl_dhcpd_size *cap)
{
	return aligned(groups_max(cap) * 3 / 2 * sizeof(struct gyl_dhcpd_group));
}

size_t gyl__dhcpd_budget_need(const struct gyl_dhcpd_size *cap)
{
	return groups_len(cap) + aligned(GYL_DHCPD_ASKED_MAX * sizeof(struct gyl_dhcpd_asked));
}

void gyl__dhcpd_budget_init(
	struct gyl_dhcpd_budget *b, uint8_t *mem, const struct gyl_dhcpd_size *cap)
{
	b->group = (struct gyl_dhcpd_group *)(void *)mem;
	b->group_mask = GROUPS_MIN - 1;
	b->group_aside = b->group + groups_max(cap);
	b->asked = (struct gyl_dhcpd_asked *)(void *)(mem + groups_len(cap));
}

/* ---- groups ---- */

/* A keyed mix: circuits are keyed hashes already, and whoever could invent giaddr gets no further
 * than to a subnet's worth of them. */
static uint32_t group_key(const struct gyl_dhcpd *d, uint8_t kind, uint32_t place, uint32_t id)
{
	uint64_t x = (uint64_t)id << 32 | (place << 8 | kind);

	x = (x ^ d->seed[0]) * UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 32 ^ d->seed[1]) * UINT64_C(0xbf58476d1ce4e5b9);
	return (uint32_t)(x >> 32);
}

static struct gyl_dhcpd_group *find_group(const struct gyl_dhcpd_budget *b, uint32_t key)
{
	uint32_t i = key & b->group_mask;

	while (b->group[i].cnt != 0 && b->group[i].key != key)
		i = (i + 1) & b->group_mask;
	return &b->group[i];
}

/* Twice the size: only as much memory is touched as there are circuits and relays. */
static void groups_grow(struct gyl_dhcpd_budget *b)
{
	uint32_t old = b->group_mask + 1;

	memcpy(b->group_aside, b->group, old * sizeof *b->group);
	memset(b->group, 0, old * sizeof *b->group);
	b->group_mask = 2 * old - 1;
	for (uint32_t i = 0; i < old; i++)
		if (b->group_aside[i].cnt != 0)
			*find_group(b, b->group_aside[i].key) = b->group_aside[i];
}

static void group_add(struct gyl_dhcpd_budget *b, uint32_t key)
{
	struct gyl_dhcpd_group *g = find_group(b, key);

	if (g->cnt == 0 && b->group_cnt > b->group_mask / 2) {
		groups_grow(b);
		g = find_group(b, key);
	}
	b->group_cnt += g->cnt == 0;
	g->key = key;
	g->cnt++;
}

/* Entry i is free: whoever stands behind it, because its place was taken, moves up. */
static void close_gap(struct gyl_dhcpd_budget *b, uint32_t i)
{
	for (uint32_t n = (i + 1) & b->group_mask; b->group[n].cnt != 0;
		n = (n + 1) & b->group_mask) {
		uint32_t home = b->group[n].key & b->group_mask;

		if (((n - home) & b->group_mask) < ((n - i) & b->group_mask))
			continue;
		b->group[i] = b->group[n];
		b->group[n].cnt = 0;
		i = n;
	}
}

static void group_drop(struct gyl_dhcpd_budget *b, uint32_t key)
{
	struct gyl_dhcpd_group *g = find_group(b, key);

	if (g->cnt == 0 || --g->cnt != 0)
		return;
	b->group_cnt--;
	close_gap(b, (uint32_t)(g - b->group));
}

static uint32_t group_cnt(const struct gyl_dhcpd *d, uint8_t kind, uint32_t place, uint32_t id)
{
	return find_group(&d->budget, group_key(d, kind, place, id))->cnt;
}

uint32_t gyl__dhcpd_budget_circuit(const struct gyl_dhcpd *d, uint32_t subnet, uint32_t circuit)
{
	return group_cnt(d, OF_CIRCUIT, d->layout->subnet[subnet].link, circuit);
}

uint32_t gyl__dhcpd_budget_relay(const struct gyl_dhcpd *d, uint32_t subnet, uint32_t giaddr)
{
	return group_cnt(d, OF_RELAY, d->layout->subnet[subnet].link, giaddr);
}

/* ---- charging ---- */

static bool is_in_use(const struct gyl_dhcpd_lease *l)
{
	return l->ip != 0 && !l->dropped && l->state != GYL_DHCPD_FREE &&
	       l->state != GYL_DHCPD_OURS;
}

static uint32_t link_of(const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l)
{
	return d->layout->subnet[l->subnet].link;
}

static void groups(struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l,
	void (*change)(struct gyl_dhcpd_budget *b, uint32_t key))
{
	if (!l->pooled)
		return;
	change(&d->budget, group_key(d, OF_RELAY, link_of(d, l), l->giaddr));
	if (l->circuit != 0)
		change(&d->budget, group_key(d, OF_CIRCUIT, link_of(d, l), l->circuit));
}

void gyl__dhcpd_budget_charge(struct gyl_dhcpd *d, uint32_t slot)
{
	struct gyl_dhcpd_lease *l = &d->lease[slot];

	if (l->charged || !is_in_use(l))
		return;
	l->charged = true;
	if (l->link != 0) /* 0: a record does not say */
		gyl__dhcpd_index_add(&d->budget.links, slot);
	groups(d, l, group_add);
}

void gyl__dhcpd_budget_free(struct gyl_dhcpd *d, uint32_t slot)
{
	struct gyl_dhcpd_lease *l = &d->lease[slot];

	if (!l->charged)
		return;
	if (l->link != 0)
		gyl__dhcpd_index_drop(&d->budget.links, slot);
	l->charged = false;
	groups(d, l, group_drop);
}

void gyl__dhcpd_budget_bind(
	struct gyl_dhcpd *d, uint32_t slot, uint32_t link, uint32_t circuit, uint32_t giaddr)
{
	struct gyl_dhcpd_lease *l = &d->lease[slot];

	if (l->link == link && l->circuit == circuit && l->giaddr == giaddr)
		return;
	gyl__dhcpd_budget_free(d, slot);
	l->link = link;
	l->circuit = circuit;
	l->giaddr = giaddr;
	gyl__dhcpd_budget_charge(d, slot);
}

void gyl__dhcpd_budget_clear(struct gyl_dhcpd *d)
{
	struct gyl_dhcpd_budget *b = &d->budget;

	memset(b->group, 0, ((size_t)b->group_mask + 1) * sizeof *b->group);
	b->group_cnt = 0;
}

void gyl__dhcpd_budget_again(struct gyl_dhcpd *d, uint32_t slot)
{
	struct gyl_dhcpd_lease *l = &d->lease[slot];

	if (!l->charged) {
		gyl__dhcpd_budget_charge(d, slot);
	} else if (is_in_use(l)) {
		groups(d, l, group_add);
	} else { /* of no pool any more */
		if (l->link != 0)
			gyl__dhcpd_index_drop(&d->budget.links, slot);
		l->charged = false;
	}
}

/* ---- the budget of a link identity ---- */

struct held {
	uint32_t leases, offers, declines;
	uint32_t oldest; /* of the offers */
};

/* What is counted of what a link identity holds. */
struct scope {
	uint32_t link, subnet;
	bool all; /* on all links, else on the one of the subnet: a device may be on several */
	const struct gyl_dhcpd_key *key; /* of the client whose own there does not count, or NULL */
};

/* Reserved addresses aside. */
static bool counts(
	const struct gyl_dhcpd *d, const struct scope *c, const struct gyl_dhcpd_lease *l)
{
	bool here = gyl__dhcpd_same_link(d, l->subnet, c->subnet);

	return l->host == 0 && (here || c->all) &&
	       !(here && c->key != NULL && gyl__dhcpd_client_is(d, l, c->key));
}

static struct held count_held(const struct gyl_dhcpd *d, const struct scope *c)
{
	struct gyl_dhcpd_walk w = gyl__dhcpd_index_walk(&d->budget.links, c->link);
	struct held n = {0};
	uint32_t i;

	while ((i = gyl__dhcpd_index_next(&w)) != 0) {
		const struct gyl_dhcpd_lease *l = &d->lease[i];

		if (!counts(d, c, l))
			continue;
		n.leases += l->state == GYL_DHCPD_LEASED;
		n.declines += l->state == GYL_DHCPD_DECLINED;
		if (l->state != GYL_DHCPD_OFFERED)
			continue;
		n.offers++;
		if (n.oldest == 0 || l->since_ns <= d->lease[n.oldest].since_ns)
			n.oldest = i;
	}
	return n;
}

/* Who says itself on which link it is (RFC 3011) has one budget for all that it may name. */
static struct held held_by(const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r)
{
	struct scope c = {
		.link = r->link, .subnet = r->subnet_no, .all = r->chosen, .key = &r->key};

	return count_held(d, &c);
}

enum gyl_dhcpd_limit gyl__dhcpd_budget_offer(
	struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, uint32_t *ret_slot)
{
	const struct gyl_dhcpd_conf *cf = d->layout->cf;
	struct held n = held_by(d, r);

	if (n.leases >= cf->client_leases)
		return GYL_DHCPD_LIMIT_LEASES;
	if (n.offers < cf->client_offers)
		return gyl__dhcpd_share(d, r);
	*ret_slot = n.oldest;
	return GYL_DHCPD_LIMIT_OFFERS;
}

enum gyl_dhcpd_limit gyl__dhcpd_budget_lease(
	struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, uint32_t slot)
{
	const struct gyl_dhcpd_lease *l = &d->lease[slot];

	if (l->host != 0)
		return GYL_DHCPD_LIMIT_NONE;
	if (held_by(d, r).leases >= d->layout->cf->client_leases)
		return GYL_DHCPD_LIMIT_LEASES;
	/* An offer has been charged to its circuit and relay already. */
	if (l->state == GYL_DHCPD_OFFERED && gyl__dhcpd_client_is(d, l, &r->key))
		return GYL_DHCPD_LIMIT_NONE;
	return gyl__dhcpd_share(d, r);
}

bool gyl__dhcpd_budget_squat(const struct gyl_dhcpd *d, uint32_t link, uint32_t subnet)
{
	struct scope c = {.link = link, .subnet = subnet};

	return count_held(d, &c).declines < d->layout->cf->client_declines;
}

uint32_t gyl__dhcpd_budget_leases(const struct gyl_dhcpd *d, uint32_t link, uint32_t subnet)
{
	struct scope c = {.link = link, .subnet = subnet};

	return count_held(d, &c).leases;
}

/* On all links: where it was when it got them may have been its own word. */
enum gyl_dhcpd_limit gyl__dhcpd_budget_decline(const struct gyl_dhcpd *d, uint32_t slot)
{
	const struct gyl_dhcpd_lease *l = &d->lease[slot];
	struct scope c = {.link = l->link, .subnet = l->subnet, .all = true};

	return count_held(d, &c).declines < d->layout->cf->client_declines
		       ? GYL_DHCPD_LIMIT_NONE
		       : GYL_DHCPD_LIMIT_DECLINES;
}
