/* SPDX-License-Identifier: ISC */

/* From one layout to the next: no lease is lost, and the order of who waits longest is kept. */

#include <gyl/text.h>

#include "services/dhcpd/standby.h"
#include "services/dhcpd/state.h"

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

static void place_all(struct gyl_dhcpd *d)
{
	gyl__dhcpd_budget_clear(d);
	for (uint32_t i = 1; i <= d->slot_cnt; i++)
		if (d->lease[i].ip != 0)
			place(d, i);
}

/* Addresses with an owner: reserved ones, and our own. */
static void mark_owned(struct gyl_dhcpd *d)
{
	for (uint32_t i = 0; i < d->layout->cnt.host_cnt; i++) {
		uint32_t ip = d->layout->host[i].cf->address;
		uint32_t slot = ip == 0 ? 0 : gyl__dhcpd_slot_make(d, ip);

		if (slot == 0)
			continue;
		gyl__dhcpd_fill_count(d, &d->lease[slot], UINT32_MAX); /* less one */
		d->lease[slot].host = i + 1;
		gyl__dhcpd_fill_count(d, &d->lease[slot], 1);
	}
}

static void enlist(struct gyl_dhcpd *d, uint32_t slot)
{
	struct gyl_dhcpd_list *q = gyl__dhcpd_list_of(d, &d->lease[slot]);

	if (q != NULL)
		gyl__dhcpd_list_push(q, d->lease, slot);
}

static void carry(struct gyl_dhcpd *d, uint32_t head)
{
	for (uint32_t i = head, next; i != 0; i = next) {
		next = d->lease[i].list_next;
		d->lease[i].listed = false;
		enlist(d, i);
	}
}

static void carry_lists(struct gyl_dhcpd *d, const struct gyl_dhcpd_layout *old)
{
	for (uint32_t i = 0; i < old->cnt.subnet_cnt; i++) {
		carry(d, old->subnet[i].ready.head);
		carry(d, old->subnet[i].free.head);
		carry(d, old->subnet[i].offered.head);
		carry(d, old->subnet[i].declined.head);
	}
}

/* What no list of the old layout had: reserved then, free now. And what nobody needs any more. */
static void tidy(struct gyl_dhcpd *d)
{
	gyl__dhcpd_slot_none_aside(d);
	for (uint32_t i = 1; i <= d->slot_cnt; i++) {
		struct gyl_dhcpd_lease *l = &d->lease[i];

		if (l->ip == 0 || l->listed)
			continue;
		if (l->dropped && l->state == GYL_DHCPD_FREE) {
			l->dropped = false; /* it is not among those yet */
			gyl__dhcpd_slot_forget(d, i);
		} else if (l->dropped) {
			gyl__dhcpd_slot_put_aside(d, i);
		} else {
			enlist(d, i);
		}
	}
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

/* Where there is no room for a slot an address could not even be kept from others. */
static bool has_slots(
	const struct gyl_dhcpd *d, const struct gyl_dhcpd_layout *y, struct gyl_writer *why)
{
	uint32_t aside = 0;

	if (d->slot_cnt <= d->slot_cap - y->cnt.address_cnt)
		return true;
	for (uint32_t i = 1; i <= d->slot_cnt; i++)
		aside += d->lease[i].ip != 0 && d->lease[i].state != GYL_DHCPD_FREE &&
			 gyl__dhcpd_layout_range(y, d->lease[i].ip) == NULL;
	if (aside <= d->slot_cap - y->cnt.address_cnt)
		return true;
	gyl_text_u64(why, aside);
	gyl_text_str(why,
		" leases of former pools leave no room for so many addresses: wait until they end");
	return false;
}

/* What of the reservations that were set while the server runs does not count. */
static void hide_live(struct gyl_dhcpd *d)
{
	for (uint32_t i = 0; i < d->live.host_cnt; i++)
		d->live.host[i].hidden = d->layout->live_hidden[i];
}

bool gyl__dhcpd_configure(struct gyl_dhcpd *d, const struct gyl_flat *flat, struct gyl_writer *why)
{
	struct gyl_dhcpd_layout *old = d->layout;
	struct gyl_dhcpd_layout *y = old == &d->side[0] ? &d->side[1] : &d->side[0];

	if (!gyl__dhcpd_layout_build(y, flat, d->iface, d->iface_cnt, why) || !has_slots(d, y, why))
		return false;
	d->layout = y;
	hide_live(d);
	place_all(d);
	mark_owned(d);
	carry_lists(d, old);
	tidy(d);
	mark_all_ours(d);
	gyl__dhcpd_fill_begin(d);
	gyl__dhcpd_probe_begin(d);
	return true;
}
