/* SPDX-License-Identifier: ISC */

/*
 * From one layout to the next: no lease is lost, and the order of who waits longest is kept.
 *
 * It is done in slices, so that no turn of the loop is long. The new layout is made beside the old
 * one, which serves meanwhile. Then each lease takes its place in the new one, some milliseconds in
 * all; until they are through nothing else of the core goes on, and messages wait to be taken.
 */

#include <gyl/text.h>

#include "services/dhcpd/standby.h"
#include "services/dhcpd/state.h"

enum {
	SLOT_COST = 1,
	HOST_COST = 4,
	TURN_COST = 1000
};

/* Where the lease stands in the new layout. */
static void place(struct gyl_dhcpd *d, uint32_t slot)
{
	struct gyl_dhcpd_lease *l = &d->lease[slot];
	const struct gyl_dhcpd_range *g = gyl__dhcpd_layout_range(d->layout, l->ip);

	l->host = 0;
	l->checked = l->probing = false;
	l->dropped = g == NULL;
	l->pooled = g != NULL && g->pool;
	if (g == NULL) {
		gyl__dhcpd_budget_again(d, slot);
		return;
	}
	*gyl__dhcpd_layout_slot(d->layout, g, l->ip) = slot;
	l->subnet = (uint16_t)g->subnet;
	gyl__dhcpd_fill_count(d, l, 1);
	gyl__dhcpd_budget_again(d, slot);
}

/* The steps of a change, once its layout is made; each goes on where change.at says. */
typedef enum gyl_dhcpd_progress step(struct gyl_dhcpd *d, struct gyl_dhcpd_slice *s);

static enum gyl_dhcpd_progress place_all(struct gyl_dhcpd *d, struct gyl_dhcpd_slice *s)
{
	for (; d->change.at < d->slot_cnt; d->change.at++) {
		uint32_t slot = d->change.at + 1;

		if (!gyl__dhcpd_slice_take(s, SLOT_COST))
			return GYL_DHCPD_MORE;
		if (d->lease[slot].ip != 0)
			place(d, slot);
	}
	return GYL_DHCPD_DONE;
}

/* Addresses with an owner: reserved ones, and our own. */
static void mark_owned(struct gyl_dhcpd *d, uint32_t host)
{
	uint32_t ip = d->layout->host[host].cf->address;
	uint32_t slot = ip == 0 ? 0 : gyl__dhcpd_slot_make(d, ip);

	if (slot == 0)
		return;
	gyl__dhcpd_fill_count(d, &d->lease[slot], UINT32_MAX); /* less one */
	d->lease[slot].host = host + 1;
	gyl__dhcpd_fill_count(d, &d->lease[slot], 1);
}

static enum gyl_dhcpd_progress mark_all_owned(struct gyl_dhcpd *d, struct gyl_dhcpd_slice *s)
{
	for (; d->change.at < d->layout->cnt.host_cnt; d->change.at++) {
		if (!gyl__dhcpd_slice_take(s, HOST_COST))
			return GYL_DHCPD_MORE;
		mark_owned(d, d->change.at);
	}
	return GYL_DHCPD_DONE;
}

static void enlist(struct gyl_dhcpd *d, uint32_t slot)
{
	struct gyl_dhcpd_list *q = gyl__dhcpd_list_of(d, &d->lease[slot]);

	if (q != NULL)
		gyl__dhcpd_list_push(q, d->lease, slot);
}

enum {
	LIST_CNT = 4
};

static uint32_t old_list(const struct gyl_dhcpd *d, uint32_t i)
{
	const struct gyl_dhcpd_subnet *s = &d->change.old->subnet[i / LIST_CNT];
	const struct gyl_dhcpd_list *const list[LIST_CNT] = {
		&s->ready, &s->free, &s->offered, &s->declined};

	return list[i % LIST_CNT]->head;
}

/* List after list of the old layout; change.slot is next of the one that was begun. */
static enum gyl_dhcpd_progress carry_lists(struct gyl_dhcpd *d, struct gyl_dhcpd_slice *s)
{
	struct gyl_dhcpd_change *c = &d->change;

	for (; c->at < LIST_CNT * c->old->cnt.subnet_cnt; c->at++) {
		if (!c->begun)
			c->slot = old_list(d, c->at);
		c->begun = true;
		while (c->slot != 0) {
			uint32_t slot = c->slot;

			if (!gyl__dhcpd_slice_take(s, SLOT_COST))
				return GYL_DHCPD_MORE;
			c->slot = d->lease[slot].list_next;
			d->lease[slot].listed = false;
			enlist(d, slot);
		}
		c->begun = false;
	}
	return GYL_DHCPD_DONE;
}

static void tidy(struct gyl_dhcpd *d, uint32_t slot)
{
	struct gyl_dhcpd_lease *l = &d->lease[slot];

	if (l->ip == 0 || l->listed)
		return;
	if (l->dropped && l->state == GYL_DHCPD_FREE) {
		l->dropped = false; /* it is not among those yet */
		gyl__dhcpd_slot_forget(d, slot);
	} else if (l->dropped) {
		gyl__dhcpd_slot_put_aside(d, slot);
	} else {
		enlist(d, slot);
	}
}

/* What no list of the old layout had: reserved then, free now. And what nobody needs any more. */
static enum gyl_dhcpd_progress tidy_all(struct gyl_dhcpd *d, struct gyl_dhcpd_slice *s)
{
	if (d->change.at == 0)
		gyl__dhcpd_slot_none_aside(d);
	for (; d->change.at < d->slot_cnt; d->change.at++) {
		if (!gyl__dhcpd_slice_take(s, SLOT_COST))
			return GYL_DHCPD_MORE;
		tidy(d, d->change.at + 1);
	}
	return GYL_DHCPD_DONE;
}

void gyl__dhcpd_slot_moved(struct gyl_dhcpd *d, uint32_t slot)
{
	struct gyl_dhcpd_lease *l = &d->lease[slot];

	if (l->listed)
		gyl__dhcpd_list_remove(gyl__dhcpd_list_of(d, l), d->lease, slot);
	if (l->dropped)
		gyl__dhcpd_slot_take_back(d, slot);
	place(d, slot);
	tidy(d, slot);
}

void gyl__dhcpd_mark_ours(struct gyl_dhcpd *d, uint32_t ip)
{
	uint32_t slot = gyl__dhcpd_slot_make(d, ip);

	if (slot == 0 || d->lease[slot].state == GYL_DHCPD_OURS)
		return;
	gyl__dhcpd_client_bind(d, slot, NULL);
	gyl__dhcpd_slot_set(d, slot, GYL_DHCPD_OURS, 0);
}

static void mark_all_ours(struct gyl_dhcpd *d)
{
	for (uint32_t i = 0; i < d->iface_cnt; i++)
		gyl__dhcpd_mark_ours(d, d->iface[i].ip);
	for (uint32_t i = 0; d->standby != NULL && i < d->standby->service_cnt; i++)
		gyl__dhcpd_mark_ours(d, d->standby->service[i].ip);
}

/* What of the reservations that were set while the server runs does not count. */
static void hide_live(struct gyl_dhcpd *d)
{
	for (uint32_t i = 0; i < d->live.host_cnt; i++)
		d->live.host[i].hidden = d->layout->live_hidden[i];
}

static enum gyl_dhcpd_progress make(struct gyl_dhcpd *d, struct gyl_dhcpd_slice *s)
{
	return gyl__dhcpd_layout_go_on(&d->change.build, s, d->change.why);
}

/* Where there is no room for a slot an address could not even be kept from others. From here on
 * nothing else goes on. */
static enum gyl_dhcpd_progress count_aside(struct gyl_dhcpd *d, struct gyl_dhcpd_slice *s)
{
	struct gyl_dhcpd_change *c = &d->change;
	const struct gyl_dhcpd_layout *y = c->build.y;

	c->switching = true;
	for (; d->slot_cnt > d->slot_cap - y->cnt.address_cnt && c->at < d->slot_cnt; c->at++) {
		const struct gyl_dhcpd_lease *l = &d->lease[c->at + 1];

		if (!gyl__dhcpd_slice_take(s, SLOT_COST))
			return GYL_DHCPD_MORE;
		c->aside += l->ip != 0 && l->state != GYL_DHCPD_FREE &&
			    gyl__dhcpd_layout_range(y, l->ip) == NULL;
	}
	if (c->aside <= d->slot_cap - y->cnt.address_cnt)
		return GYL_DHCPD_DONE;
	gyl_text_u64(c->why, c->aside);
	gyl_text_str(c->why,
		" leases of former pools leave no room for so many addresses: wait until they end");
	return GYL_DHCPD_WRONG;
}

static enum gyl_dhcpd_progress turn(struct gyl_dhcpd *d, struct gyl_dhcpd_slice *s)
{
	gyl__dhcpd_slice_take(s, TURN_COST);
	d->change.old = d->layout;
	d->layout = d->change.build.y;
	hide_live(d);
	gyl__dhcpd_budget_clear(d);
	return GYL_DHCPD_DONE;
}

static enum gyl_dhcpd_progress finish(struct gyl_dhcpd *d, struct gyl_dhcpd_slice *s)
{
	gyl__dhcpd_slice_take(s, TURN_COST);
	mark_all_ours(d);
	gyl__dhcpd_fill_begin(d);
	gyl__dhcpd_way_begin(d);
	gyl__dhcpd_probe_begin(d);
	return GYL_DHCPD_DONE;
}

static step *const steps[] = {
	make, count_aside, turn, place_all, mark_all_owned, carry_lists, tidy_all, finish};

void gyl__dhcpd_change_begin(struct gyl_dhcpd *d, const struct gyl_flat *flat)
{
	struct gyl_dhcpd_layout *y = d->layout == &d->side[0] ? &d->side[1] : &d->side[0];

	memset(&d->change, 0, sizeof d->change);
	d->change.on = true;
	gyl__dhcpd_layout_begin(&d->change.build, y, flat, d->iface, d->iface_cnt);
}

enum gyl_dhcpd_progress gyl__dhcpd_change_go_on(
	struct gyl_dhcpd *d, uint32_t cost, struct gyl_writer *why)
{
	struct gyl_dhcpd_change *c = &d->change;
	struct gyl_dhcpd_slice s = {cost};
	enum gyl_dhcpd_progress p = GYL_DHCPD_DONE;

	c->why = why;
	for (; p == GYL_DHCPD_DONE && c->step < sizeof steps / sizeof steps[0];) {
		p = steps[c->step](d, &s);
		if (p == GYL_DHCPD_DONE) {
			c->step++;
			c->at = 0;
		}
	}
	if (p != GYL_DHCPD_MORE)
		memset(c, 0, sizeof *c);
	return p;
}

bool gyl__dhcpd_configure(struct gyl_dhcpd *d, const struct gyl_flat *flat, struct gyl_writer *why)
{
	enum gyl_dhcpd_progress p;

	gyl__dhcpd_change_begin(d, flat);
	do {
		p = gyl__dhcpd_change_go_on(d, UINT32_MAX, why);
	} while (p == GYL_DHCPD_MORE);
	return p == GYL_DHCPD_DONE;
}
