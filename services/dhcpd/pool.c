/* SPDX-License-Identifier: ISC */
#include <gyl/time.h>

#include "services/dhcpd/standby.h"
#include "services/dhcpd/state.h"

enum {
	SECOND_CHANCES = 8, /* offers to clients of before that are passed over in a row */
	HEAP = 8            /* more offers than one in so many addresses are a heap */
};

/* With nothing else left, an offer that was not taken up for so long is given to somebody else:
 * clients answer within milliseconds. */
static const uint64_t offer_firm_ns = 2 * GYL_NS_PER_S;

/* ---- slots ---- */

uint32_t gyl__dhcpd_slot(const struct gyl_dhcpd *d, uint32_t ip)
{
	const struct gyl_dhcpd_range *g = gyl__dhcpd_layout_range(d->layout, ip);

	return g == NULL ? 0 : *gyl__dhcpd_layout_slot(d->layout, g, ip);
}

static uint32_t slot_new(struct gyl_dhcpd *d)
{
	uint32_t i = d->slot_free;

	if (i != 0) {
		d->slot_free = d->lease[i].list_next;
		memset(&d->lease[i], 0, sizeof d->lease[i]);
		return i;
	}
	return d->slot_cnt == d->slot_cap ? 0 : ++d->slot_cnt;
}

uint32_t gyl__dhcpd_slot_make(struct gyl_dhcpd *d, uint32_t ip)
{
	const struct gyl_dhcpd_range *g = gyl__dhcpd_layout_range(d->layout, ip);
	struct gyl_dhcpd_lease *l;
	uint32_t *at, i;

	if (g == NULL)
		return 0;
	at = gyl__dhcpd_layout_slot(d->layout, g, ip);
	if (*at != 0)
		return *at;
	i = slot_new(d);
	if (i == 0)
		return 0;
	l = &d->lease[i];
	l->ip = ip;
	l->subnet = (uint16_t)g->subnet;
	l->pooled = g->pool;
	*at = i;
	return i;
}

/* ---- of no pool ---- */

static uint32_t beside_hash(uint32_t ip)
{
	return ip * UINT32_C(2654435761) >> 16 & (GYL_DHCPD_BESIDE_MAX - 1);
}

static uint32_t *beside_of(struct gyl_dhcpd *d, uint32_t ip)
{
	return &d->beside[beside_hash(ip)];
}

static void beside_add(struct gyl_dhcpd *d, uint32_t slot)
{
	uint32_t *bucket = beside_of(d, d->lease[slot].ip);

	d->lease[slot].beside_chain = *bucket;
	*bucket = slot;
	d->beside_cnt++;
}

static void beside_drop(struct gyl_dhcpd *d, uint32_t slot)
{
	uint32_t *at = beside_of(d, d->lease[slot].ip);

	while (*at != slot)
		at = &d->lease[*at].beside_chain;
	*at = d->lease[slot].beside_chain;
	d->beside_cnt--;
}

uint32_t gyl__dhcpd_slot_beside(const struct gyl_dhcpd *d, uint32_t ip)
{
	uint32_t i = d->beside[beside_hash(ip)];

	while (i != 0 && d->lease[i].ip != ip)
		i = d->lease[i].beside_chain;
	return i;
}

void gyl__dhcpd_slot_none_aside(struct gyl_dhcpd *d)
{
	memset(d->beside, 0, sizeof d->beside);
	d->beside_cnt = 0;
}

void gyl__dhcpd_slot_put_aside(struct gyl_dhcpd *d, uint32_t slot)
{
	beside_add(d, slot);
}

void gyl__dhcpd_slot_take_back(struct gyl_dhcpd *d, uint32_t slot)
{
	beside_drop(d, slot);
}

uint32_t gyl__dhcpd_slot_aside(struct gyl_dhcpd *d, uint32_t ip)
{
	uint32_t i = gyl__dhcpd_slot_beside(d, ip);

	if (i != 0)
		return i;
	/* Every address of the pools has to find a slot. */
	if (d->beside_cnt >= d->slot_cap - d->layout->cnt.address_cnt)
		return 0;
	i = slot_new(d);
	if (i == 0)
		return 0;
	d->lease[i].ip = ip;
	d->lease[i].dropped = true;
	beside_add(d, i);
	return i;
}

void gyl__dhcpd_slot_forget(struct gyl_dhcpd *d, uint32_t slot)
{
	struct gyl_dhcpd_lease *l = &d->lease[slot];

	gyl__dhcpd_client_bind(d, slot, NULL);
	if (l->dropped)
		beside_drop(d, slot);
	l->ip = 0;
	gyl__dhcpd_standby_end(d, slot);
	l->list_next = d->slot_free;
	d->slot_free = slot;
}

struct gyl_dhcpd_list *gyl__dhcpd_list_of(struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l)
{
	struct gyl_dhcpd_subnet *s = &d->layout->subnet[l->subnet];

	/* Reserved addresses are in no list: nobody else is to find them there, and where one is
	 * declined or on offer those behind it are to be found. */
	if (l->dropped || l->host != 0 || !gyl__dhcpd_is_open(d, (uint32_t)(l - d->lease)))
		return NULL;
	switch (l->state) {
	case GYL_DHCPD_FREE:
		gyl__dhcpd_way_note(
			d, l->subnet, l->checked ? GYL_DHCPD_WAY_READY : GYL_DHCPD_WAY_FREE);
		return l->checked ? &s->ready : &s->free;
	case GYL_DHCPD_OFFERED:
		gyl__dhcpd_way_note(d, l->subnet, GYL_DHCPD_WAY_SQUEEZE);
		return &s->offered;
	case GYL_DHCPD_DECLINED:
		gyl__dhcpd_way_note(d, l->subnet, GYL_DHCPD_WAY_SQUEEZE);
		return &s->declined;
	default:
		return NULL;
	}
}

static void count(struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l, uint32_t by)
{
	if (l->state == GYL_DHCPD_LEASED)
		d->lease_cnt += by;
	gyl__dhcpd_fill_count(d, l, by);
}

void gyl__dhcpd_slot_set(
	struct gyl_dhcpd *d, uint32_t slot, enum gyl_dhcpd_state state, uint64_t expiry_ns)
{
	struct gyl_dhcpd_lease *l = &d->lease[slot];
	bool only_offered = l->state == GYL_DHCPD_OFFERED;
	struct gyl_dhcpd_list *q;

	if (l->listed)
		gyl__dhcpd_list_remove(gyl__dhcpd_list_of(d, l), d->lease, slot);
	gyl__dhcpd_wheel_clear(&d->wheel, d->lease, slot);
	count(d, l, UINT32_MAX); /* less one */
	l->checked = l->seen = false;
	l->state = (uint8_t)state;
	l->expiry_ns = expiry_ns;
	count(d, l, 1);
	if (d->layout->subnet[l->subnet].probe_iface != 0 &&
		d->layout->subnet[l->subnet].ready.cnt < GYL_DHCPD_READY_MAX)
		gyl__dhcpd_probe_want(d, l->subnet);
	if (state != GYL_DHCPD_LEASED)
		gyl__dhcpd_standby_end(d, slot);
	if (state == GYL_DHCPD_FREE || state == GYL_DHCPD_OURS)
		gyl__dhcpd_budget_free(d, slot);
	else
		gyl__dhcpd_budget_charge(d, slot);
	q = gyl__dhcpd_list_of(d, l);
	if (q != NULL && only_offered && state == GYL_DHCPD_FREE)
		gyl__dhcpd_list_push_front(q, d->lease, slot);
	else if (q != NULL)
		gyl__dhcpd_list_push(q, d->lease, slot);
	if (state != GYL_DHCPD_FREE && state != GYL_DHCPD_OURS)
		gyl__dhcpd_wheel_set(&d->wheel, d->lease, slot);
}

void gyl__dhcpd_put_aside(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, uint32_t slot)
{
	struct gyl_dhcpd_subnet *s = &d->layout->subnet[d->lease[slot].subnet];

	gyl__dhcpd_slot_set(
		d, slot, GYL_DHCPD_DECLINED, gyl_time_add(now.mono_ns, d->layout->cf->decline_ns));
	gyl__dhcpd_say_lease(d, now, o, slot, "declined", GYL_SEV_INFO, 0);
	gyl__dhcpd_client_bind(d, slot, NULL);
	gyl__dhcpd_store(d, now, o, slot);
	if (s->declined.cnt > 1 && s->declined.cnt > s->size / 2)
		gyl__dhcpd_slot_set(d, s->declined.head, GYL_DHCPD_FREE, now.mono_ns);
}

/* ---- choosing, RFC 2131 4.3.1 ---- */

static bool is_for_another(
	const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, const struct gyl_dhcpd_lease *l)
{
	return l->host != 0 &&
	       (r->host == NULL ||
		       r->host->cf->address != d->layout->host[l->host - 1].cf->address);
}

/* A boot ROM, an installer and the system that it leaves call themselves differently: what is
 * reserved for the machine each of them gets. */
static bool is_same_machine(const struct gyl_dhcpd_req *r, const struct gyl_dhcpd_lease *l)
{
	return l->host != 0 && l->has_mac && r->key.has_mac &&
	       memcmp(l->mac, r->key.mac, sizeof l->mac) == 0;
}

/* May new clients like this one come in? */
static bool is_open_to(const struct gyl_dhcpd_req *r, const struct gyl_dhcpd_subnet *s)
{
	return !s->drain && gyl__dhcpd_is_member(r, s->class_no);
}

/* Is there a free address for the client in another subnet of its link, or pool of its class? */
static bool has_room_beside(const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r)
{
	uint32_t i = r->subnet_no;

	do {
		const struct gyl_dhcpd_subnet *s = &d->layout->subnet[i];

		if (is_open_to(r, s) && gyl__dhcpd_fill_free(s) != 0)
			return true;
		i = s->link_next;
	} while (i != r->subnet_no);
	return false;
}

/* A subnet is drained: nobody comes in, and who is there leaves as soon as there is a place. */
static bool may_stay(
	const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, const struct gyl_dhcpd_lease *l)
{
	return l->state != GYL_DHCPD_FREE && gyl__dhcpd_client_is(d, l, &r->key) &&
	       !has_room_beside(d, r);
}

bool gyl__dhcpd_fits(const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, uint32_t ip)
{
	const struct gyl_dhcpd_range *g = gyl__dhcpd_layout_range(d->layout, ip);
	const struct gyl_dhcpd_lease *l;
	uint32_t slot;

	if (g == NULL || d->layout->subnet[g->subnet].link != r->subnet->link ||
		!gyl__dhcpd_may_give(d, r, ip))
		return false;
	if (!gyl__dhcpd_is_member(r, d->layout->subnet[g->subnet].class_no) &&
		(r->host == NULL || r->host->cf->address != ip))
		return false;
	slot = *gyl__dhcpd_layout_slot(d->layout, g, ip);
	l = &d->lease[slot];
	/* Who has a reservation there was told to go there. */
	if (d->layout->subnet[g->subnet].drain && l->host == 0 && (slot == 0 || !may_stay(d, r, l)))
		return false;
	if (slot == 0)
		return true;
	if (is_for_another(d, r, l))
		return false;
	if (l->state == GYL_DHCPD_FREE)
		return true;
	/* Who was seen to use it, after our memory was lost, may be a client of ours. */
	if (l->state == GYL_DHCPD_DECLINED)
		return l->seen && r->msg.hdr.giaddr == 0 && l->link == r->link;
	return (l->state == GYL_DHCPD_OFFERED || l->state == GYL_DHCPD_LEASED) &&
	       (gyl__dhcpd_client_is(d, l, &r->key) || is_same_machine(r, l));
}

uint32_t gyl__dhcpd_never_used(struct gyl_dhcpd *d, struct gyl_dhcpd_subnet *s)
{
	while (s->fresh_range < s->range_first + s->range_cnt) {
		const struct gyl_dhcpd_range *g = &d->layout->range[s->fresh_range];
		const uint32_t *slot = &d->layout->slot_of[g->base];
		bool own = g->pool && g->subnet == (uint32_t)(s - d->layout->subnet);
		uint32_t size = own ? g->last - g->first + 1 : 0;

		while (s->fresh_off < size &&
			(slot[s->fresh_off] != 0 ||
				!gyl__dhcpd_may_begin(d, g->first + s->fresh_off)))
			s->fresh_off++;
		if (s->fresh_off < size)
			return g->first + s->fresh_off++;
		s->fresh_range++;
		s->fresh_off = 0;
	}
	return 0;
}

/* The offer that waits longest. Who had the address before is passed over once. */
static uint32_t oldest_offer(struct gyl_dhcpd *d, struct gyl_dhcpd_subnet *s)
{
	for (unsigned n = 0; n < SECOND_CHANCES; n++) {
		uint32_t i = s->offered.head;

		if (i == 0 || !d->lease[i].known)
			return i;
		d->lease[i].known = false;
		gyl__dhcpd_list_remove(&s->offered, d->lease, i);
		gyl__dhcpd_list_push(&s->offered, d->lease, i);
	}
	return s->offered.head;
}

/*
 * Nothing is free. What is given up, in this order: an offer that was not taken up for a while; any
 * offer, when there is such a heap of them that somebody heaps them up; the address that was
 * declined longest ago; any offer.
 */
static uint32_t squeeze(
	struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, struct gyl_dhcpd_subnet *s)
{
	uint32_t offer = oldest_offer(d, s), declined = s->declined.head;
	bool heap = s->offered.cnt > s->size / HEAP;

	if (offer == 0 && declined == 0)
		return 0;
	d->count[GYL_DHCPD_SQUEEZED]++;
	if (offer == 0)
		return declined;
	if (declined == 0 || heap ||
		gyl_time_sub(r->now.mono_ns, d->lease[offer].since_ns) >= offer_firm_ns)
		return offer;
	return declined;
}

static uint32_t checked(
	struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, struct gyl_dhcpd_subnet *s)
{
	(void)d;
	(void)r;
	s->offered_since = true;
	return s->ready.head;
}

static uint32_t never_used(
	struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, struct gyl_dhcpd_subnet *s)
{
	uint32_t ip = gyl__dhcpd_never_used(d, s);

	(void)r;
	return ip == 0 ? 0 : gyl__dhcpd_slot_make(d, ip);
}

static uint32_t longest_free(
	struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, struct gyl_dhcpd_subnet *s)
{
	(void)d;
	(void)r;
	return s->free.head;
}

typedef uint32_t way_of(
	struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, struct gyl_dhcpd_subnet *s);

static way_of *const ways[GYL_DHCPD_WAY_CNT] = {checked, never_used, longest_free, squeeze};

/* In the pools for classes that the client is in. */
static uint32_t over_classes(struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, way_of *at)
{
	uint32_t slot = 0, i = r->subnet_no;

	if (r->class_bits == 0 || !d->layout->subnet[r->subnet->link].has_class_pools)
		return 0;
	do {
		struct gyl_dhcpd_subnet *s = &d->layout->subnet[i];

		if (s->class_no != 0 && is_open_to(r, s))
			slot = at(d, r, s);
		i = s->link_next;
	} while (slot == 0 && i != r->subnet_no);
	return slot;
}

/* In those for everybody: the one that was named, and then whichever has something. */
static uint32_t over_subnets(
	struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, enum gyl_dhcpd_way way, way_of *at)
{
	uint32_t link = r->subnet->link, slot = 0;
	struct gyl_dhcpd_subnet *s = r->subnet;

	if (s->class_no == 0 && is_open_to(r, s))
		slot = at(d, r, s);
	while (slot == 0 && (s = gyl__dhcpd_way_top(d, link, way)) != NULL) {
		if (is_open_to(r, s))
			slot = at(d, r, s);
		if (slot == 0)
			gyl__dhcpd_way_off(d, link, way);
	}
	return slot;
}

static uint32_t over_link(
	struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, bool of_class, enum gyl_dhcpd_way way)
{
	return of_class ? over_classes(d, r, ways[way]) : over_subnets(d, r, way, ways[way]);
}

static bool is_for_client(const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r,
	const struct gyl_dhcpd_lease *l, bool of_class)
{
	const struct gyl_dhcpd_subnet *s = &d->layout->subnet[l->subnet];

	return s->link == r->subnet->link && (s->class_no != 0) == of_class && is_open_to(r, s);
}

/* One that is being checked; quiet: and nobody answered as yet. */
static uint32_t being_checked(
	const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, bool of_class, bool quiet)
{
	for (uint32_t i = 0; i < d->probe.flight_cnt; i++) {
		uint32_t slot = gyl__dhcpd_probe_under_way(d, i, quiet);

		if (slot != 0 && is_for_client(d, r, &d->lease[slot], of_class))
			return slot;
	}
	return 0;
}

/* Each way is tried everywhere before the next, less good one is. */
static uint32_t choose_of(struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, bool of_class)
{
	uint32_t slot = over_link(d, r, of_class, GYL_DHCPD_WAY_READY);

	if (slot == 0)
		slot = being_checked(d, r, of_class, true);
	if (slot == 0) /* those were the next to be given out */
		slot = being_checked(d, r, of_class, false);
	if (slot == 0)
		slot = over_link(d, r, of_class, GYL_DHCPD_WAY_FRESH);
	return slot != 0 ? slot : over_link(d, r, of_class, GYL_DHCPD_WAY_FREE);
}

/* Pools of the client's classes first. */
static uint32_t choose_any(struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r)
{
	uint32_t slot = choose_of(d, r, true);

	if (slot == 0)
		slot = choose_of(d, r, false);
	if (slot == 0)
		slot = over_link(d, r, true, GYL_DHCPD_WAY_SQUEEZE);
	return slot != 0 ? slot : over_link(d, r, false, GYL_DHCPD_WAY_SQUEEZE);
}

/* A circuit or relay with its share used up: its clients may have what others of them were offered
 * and did not take up. */
static uint32_t from_own_group(struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r)
{
	uint32_t i = oldest_offer(d, r->subnet);
	const struct gyl_dhcpd_lease *l = &d->lease[i];
	bool own = r->limit == GYL_DHCPD_LIMIT_CIRCUIT
			   ? l->circuit == r->circuit
			   : r->limit == GYL_DHCPD_LIMIT_RELAY && l->giaddr == r->msg.hdr.giaddr;

	if (i == 0 || !own || !is_open_to(r, r->subnet) ||
		r->subnet->offered.cnt <= r->subnet->size / HEAP)
		return 0;
	d->count[GYL_DHCPD_SQUEEZED]++;
	return i;
}

/* What the client asks for, if it may have that and nobody else uses it. */
static uint32_t requested(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r)
{
	enum gyl_dhcpd_look look;
	uint32_t slot = 0;

	if (r->want_ip != 0 && gyl__dhcpd_fits(d, r, r->want_ip))
		slot = gyl__dhcpd_slot_make(d, r->want_ip);
	if (slot == 0)
		return 0;
	look = gyl__dhcpd_look(d, r, slot);
	r->waits = look == GYL_DHCPD_LOOK_WAITS;
	return look == GYL_DHCPD_LOOK_CLEAR ? slot : 0;
}

/* One address more than the client has. */
static uint32_t choose_new(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, uint32_t own)
{
	uint32_t oldest = 0;

	r->limit = gyl__dhcpd_budget_offer(d, r, &oldest);
	if (r->limit != GYL_DHCPD_LIMIT_NONE) {
		gyl__dhcpd_say_limit(d, r, r->limit);
		if (oldest == 0)
			return from_own_group(d, r);
		if (is_open_to(r, &d->layout->subnet[d->lease[oldest].subnet]))
			return oldest;
		/* What it was offered as a member of a class is not for what it is now. */
		gyl__dhcpd_slot_set(d, oldest, GYL_DHCPD_FREE, r->now.mono_ns);
		r->limit = GYL_DHCPD_LIMIT_NONE;
	}
	if (own != 0 && gyl__dhcpd_fits(d, r, d->lease[own].ip))
		return own;
	oldest = requested(d, r);
	return oldest != 0 || r->waits ? oldest : choose_any(d, r);
}

static uint32_t choose(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r)
{
	uint32_t own = gyl__dhcpd_client_find(d, &r->key, r->subnet->link);

	if (r->host != NULL && r->host->cf->address != 0 &&
		gyl__dhcpd_fits(d, r, r->host->cf->address))
		return gyl__dhcpd_slot_make(d, r->host->cf->address);
	if (own != 0 && d->lease[own].state != GYL_DHCPD_FREE &&
		gyl__dhcpd_fits(d, r, d->lease[own].ip))
		return own;
	return choose_new(d, r, own);
}

/* An address, not a slot. */
static uint32_t next_fresh(
	struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, struct gyl_dhcpd_subnet *s)
{
	uint32_t ip = gyl__dhcpd_never_used(d, s);

	(void)r;
	if (ip != 0)
		s->fresh_off--; /* it stays the next one */
	return ip;
}

static uint32_t next_of(struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, bool of_class)
{
	uint32_t slot = over_link(d, r, of_class, GYL_DHCPD_WAY_READY);

	if (slot == 0)
		slot = being_checked(d, r, of_class, false);
	if (slot == 0)
		slot = over_link(d, r, of_class, GYL_DHCPD_WAY_FREE);
	if (slot != 0)
		return d->lease[slot].ip;
	return of_class ? over_classes(d, r, next_fresh)
			: over_subnets(d, r, GYL_DHCPD_WAY_FRESH, next_fresh);
}

uint32_t gyl__dhcpd_could_have(struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r)
{
	uint32_t own = gyl__dhcpd_client_find(d, &r->key, r->subnet->link), ip;

	if (r->host != NULL && r->host->cf->address != 0 &&
		gyl__dhcpd_fits(d, r, r->host->cf->address))
		return r->host->cf->address;
	if (own != 0 && gyl__dhcpd_fits(d, r, d->lease[own].ip))
		return d->lease[own].ip;
	if (r->want_ip != 0 && gyl__dhcpd_fits(d, r, r->want_ip))
		return r->want_ip;
	ip = next_of(d, r, true);
	return ip != 0 ? ip : next_of(d, r, false);
}

uint32_t gyl__dhcpd_choose(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r)
{
	uint32_t slot = choose(d, r);

	return slot != 0 && gyl__dhcpd_may_give(d, r, d->lease[slot].ip) ? slot : 0;
}
