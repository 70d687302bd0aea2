/* SPDX-License-Identifier: ISC */

/*
 * What may be given without the other. services/dhcpd/docs/standby.md, "Parting": an address is
 * free as of the cut when its last record ended before the earlier of the two times between which
 * the other may have stopped hearing us (or we it), leased when that ended after the later one.
 */

#include <gyl/time.h>

#include "services/dhcpd/standby.h"
#include "services/dhcpd/state.h"

/* A record's end is printed in whole seconds, rounded up. */
static const uint64_t round_ns = GYL_NS_PER_S;

bool gyl__dhcpd_is_half(const struct gyl_dhcpd *d, uint32_t ip)
{
	/* Every other address: of every range, both have as many. */
	return (ip & 1) == (d->standby->cf.first ? 0u : 1u);
}

/* Do the parts count? */
static bool is_parted(const struct gyl_dhcpd *d)
{
	return d->standby != NULL && d->standby->parted;
}

bool gyl__dhcpd_may_begin(const struct gyl_dhcpd *d, uint32_t ip)
{
	return !is_parted(d) || gyl__dhcpd_is_half(d, ip);
}

bool gyl__dhcpd_is_open(const struct gyl_dhcpd *d, uint32_t slot)
{
	return !is_parted(d) || (d->standby->mark[slot].part == GYL_DHCPD_MAY_ALL &&
					gyl__dhcpd_is_half(d, d->lease[slot].ip));
}

/* A reservation of the file is its client's on both sides; of one that was made at run time the
 * other may not have heard. */
static bool is_reserved(const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, uint32_t slot)
{
	return d->lease[slot].host != 0 && r->host != NULL && !r->host->live &&
	       r->host->cf->address == d->lease[slot].ip;
}

bool gyl__dhcpd_may_give(const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, uint32_t ip)
{
	uint32_t slot;

	if (!is_parted(d))
		return true;
	slot = gyl__dhcpd_slot(d, ip);
	if (slot == 0)
		return gyl__dhcpd_is_half(d, ip);
	switch (d->standby->mark[slot].part) {
	case GYL_DHCPD_MAY_ALL: /* a slot that was made since may be of the other's half */
		return gyl__dhcpd_is_half(d, ip) || is_reserved(d, r, slot);
	case GYL_DHCPD_MAY_HOLDER:
		return d->lease[slot].form != GYL_DHCPD_NOBODY &&
		       gyl__dhcpd_client_is(d, &d->lease[slot], &r->key);
	case GYL_DHCPD_MAY_OTHER:
		return is_reserved(d, r, slot);
	default:
		return false;
	}
}

bool gyl__dhcpd_is_left(const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, uint32_t ip)
{
	return is_parted(d) && gyl__dhcpd_layout_range(d->layout, ip) != NULL &&
	       !gyl__dhcpd_may_give(d, r, ip);
}

bool gyl__dhcpd_is_strict(const struct gyl_dhcpd *d, uint32_t slot)
{
	const struct gyl_dhcpd_standby *s = d->standby;

	/* What is said in GO may still wait when both serve, and would be undone by a cut then. */
	return s != NULL && (s->role == GYL_DHCPD_ROLE_BOTH || s->phase == GYL_DHCPD_LINK_GO) &&
	       s->mark[slot].both != d->lease[slot].hash;
}

void gyl__dhcpd_standby_end(struct gyl_dhcpd *d, uint32_t slot)
{
	if (d->standby == NULL)
		return;
	d->standby->mark[slot].both = 0;
	d->standby->mark[slot].binding++;
	if (d->lease[slot].ip == 0) {
		d->standby->mark[slot].part = GYL_DHCPD_MAY_ALL;
		d->standby->mark[slot].doubted = false;
	}
}

/* ---- parting ---- */

static bool before(uint64_t a, uint64_t b)
{
	return (int64_t)(a - b) < 0; /* either may lie before the clock's zero */
}

static bool has_record(const struct gyl_dhcpd_lease *l)
{
	return l->written_ns != 0;
}

static uint8_t part_of(
	const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l, uint64_t lo_ns, uint64_t hi_ns)
{
	bool infinite = l->written_ns == GYL_TIME_INFINITE;

	if (!has_record(l) || (!infinite && before(l->written_ns + round_ns, lo_ns)))
		return gyl__dhcpd_is_half(d, l->ip) ? GYL_DHCPD_MAY_ALL : GYL_DHCPD_MAY_OTHER;
	/* Who it was offered to since is not who has it by the record. */
	if ((infinite || before(hi_ns, l->written_ns)) &&
		(l->state == GYL_DHCPD_LEASED || l->state == GYL_DHCPD_DECLINED || l->kept))
		return GYL_DHCPD_MAY_HOLDER;
	return GYL_DHCPD_MAY_NOBODY;
}

/* A lease that the other may not have: nobody was told of it, so nobody has it. */
static void undo(struct gyl_dhcpd *d, uint32_t slot, uint64_t now_ns)
{
	struct gyl_dhcpd_mark *m = &d->standby->mark[slot];

	m->part = GYL_DHCPD_MAY_NOBODY;
	m->dirty = true;
	gyl__dhcpd_name_drop(d, slot);
	gyl__dhcpd_slot_set(d, slot, GYL_DHCPD_FREE, now_ns);
	d->lease[slot].written_ns = now_ns;
}

static void part_slot(struct gyl_dhcpd *d, uint32_t slot, uint64_t now_ns, bool known)
{
	struct gyl_dhcpd_standby *s = d->standby;
	struct gyl_dhcpd_lease *l = &d->lease[slot];
	struct gyl_dhcpd_mark *m = &s->mark[slot];

	if (known && l->state == GYL_DHCPD_LEASED && m->both != l->hash) {
		undo(d, slot, now_ns);
		return;
	}
	m->part = part_of(d, l, s->lo_ns, s->hi_ns) & 3u;
	m->doubted = false;
	if (l->state == GYL_DHCPD_OFFERED && m->part != GYL_DHCPD_MAY_ALL &&
		!(m->part == GYL_DHCPD_MAY_HOLDER && l->kept))
		gyl__dhcpd_slot_set(d, slot, GYL_DHCPD_FREE, l->written_ns);
}

/* Nobody is in a list by the old parts any more, once `listed` is taken back from each. All at
 * once: whom each stands between in a list lies anywhere in memory. */
static void clear_lists(struct gyl_dhcpd *d)
{
	for (uint32_t i = 0; i < d->layout->cnt.subnet_cnt; i++) {
		struct gyl_dhcpd_subnet *s = &d->layout->subnet[i];

		s->free = s->ready = s->offered = s->declined = (struct gyl_dhcpd_list){0, 0, 0};
	}
}

static void enlist(struct gyl_dhcpd *d, uint32_t slot)
{
	struct gyl_dhcpd_list *q = gyl__dhcpd_list_of(d, &d->lease[slot]);

	if (q != NULL && !d->lease[slot].listed)
		gyl__dhcpd_list_push(q, d->lease, slot);
}

static bool is_used(const struct gyl_dhcpd *d, uint32_t slot)
{
	return d->lease[slot].ip != 0;
}

static void look_again(struct gyl_dhcpd *d)
{
	for (uint32_t i = 0; i < d->layout->cnt.subnet_cnt; i++) {
		struct gyl_dhcpd_subnet *s = &d->layout->subnet[i];

		s->fresh_range = s->range_first; /* what was passed over may be given now */
		s->fresh_off = 0;
	}
	gyl__dhcpd_way_note_all(d);
	d->unsorted = true;
}

void gyl__dhcpd_part_all(struct gyl_dhcpd *d, uint64_t now_ns, bool known)
{
	d->standby->parted = true;
	clear_lists(d);
	for (uint32_t i = 1; i <= d->slot_cnt; i++) {
		if (!is_used(d, i))
			continue;
		d->lease[i].listed = false;
		if (!d->lease[i].dropped && d->lease[i].state != GYL_DHCPD_OURS)
			part_slot(d, i, now_ns, known);
		enlist(d, i);
	}
	look_again(d);
}

void gyl__dhcpd_unpart_all(struct gyl_dhcpd *d)
{
	d->standby->parted = false;
	clear_lists(d);
	for (uint32_t i = 1; i <= d->slot_cnt; i++) {
		d->standby->mark[i].part = GYL_DHCPD_MAY_ALL;
		d->standby->mark[i].doubted = false;
		if (!is_used(d, i))
			continue;
		d->lease[i].listed = false;
		enlist(d, i);
	}
	look_again(d);
}

void gyl__dhcpd_part_doubt(struct gyl_dhcpd *d)
{
	for (uint32_t i = 1; i <= d->slot_cnt; i++) {
		struct gyl_dhcpd_mark *m = &d->standby->mark[i];

		if (!is_used(d, i) || m->part != GYL_DHCPD_MAY_HOLDER ||
			gyl__dhcpd_is_half(d, d->lease[i].ip))
			continue;
		m->part = GYL_DHCPD_MAY_NOBODY;
		m->doubted = true;
	}
}

void gyl__dhcpd_part_trust(struct gyl_dhcpd *d)
{
	for (uint32_t i = 1; i <= d->slot_cnt; i++) {
		struct gyl_dhcpd_mark *m = &d->standby->mark[i];

		if (m->doubted)
			m->part = GYL_DHCPD_MAY_HOLDER;
		m->doubted = false;
	}
}

void gyl__dhcpd_part_known(struct gyl_dhcpd *d)
{
	for (uint32_t i = 1; i <= d->slot_cnt; i++)
		if (is_used(d, i) && d->lease[i].state == GYL_DHCPD_LEASED)
			d->standby->mark[i].both = d->lease[i].hash;
}
