/* SPDX-License-Identifier: ISC */

/* Who may use an address: leases of dhcpd. What it is called: leases, and names of dns. */

#include "services/arpd/state.h"

/* An address that is used wrongly all the time is told this often. */
static const uint64_t again_ns = 10 * GYL_NS_PER_MIN;

/* ---- events of others ---- */

/* A lease without a MAC (a client behind a relay that is known by an identifier) is anybody's. */
static void lease(struct gyl_arpd *d, struct gyl_now now, const struct gyl_event *e)
{
	struct gyl_view state = gyl_view_str(""), name = gyl_view_str("");
	uint8_t mac[6] = {0};
	uint64_t ip;

	if (!gyl_event_get_u64(e, "ip", &ip) || !gyl_event_get_str(e, "state", &state))
		return;
	(void)gyl_event_get_mac(e, "mac", mac);
	(void)gyl_event_get_str(e, "name", &name);
	if (gyl_view_eq(state, gyl_view_str("leased")) ||
		gyl_view_eq(state, gyl_view_str("renewed")))
		gyl_arpd_book_lease(&d->book, now.mono_ns, gyl__arpd_old_ns(d, now.mono_ns),
			(uint32_t)ip, mac, name);
	else if (!gyl_view_eq(state, gyl_view_str("offered")))
		gyl_arpd_book_end(&d->book, now.mono_ns, (uint32_t)ip);
}

static void name(struct gyl_arpd *d, struct gyl_now now, const struct gyl_event *e)
{
	struct gyl_view text = gyl_view_str(""), state = gyl_view_str("");
	uint64_t ip;

	if (!gyl_event_get_u64(e, "ip", &ip) || !gyl_event_get_str(e, "name", &text))
		return;
	(void)gyl_event_get_str(e, "state", &state);
	/* Only the end of a name that it still has takes it away. */
	if (gyl_view_eq(state, gyl_view_str("gone")) ||
		gyl_view_eq(state, gyl_view_str("expired")) ||
		gyl_view_eq(state, gyl_view_str("released"))) {
		if (!gyl_view_eq(gyl__arpd_name(d, (uint32_t)ip), text))
			return;
		text = gyl_view_str("");
	}
	gyl_arpd_book_name(
		&d->book, now.mono_ns, gyl__arpd_old_ns(d, now.mono_ns), (uint32_t)ip, text);
}

void gyl__arpd_lease_event(struct gyl_arpd *d, struct gyl_now now, const struct gyl_event *e)
{
	struct gyl_view source;

	if (e->kind == GYL_EV_DHCPD_LEASE)
		lease(d, now, e);
	else if (e->kind == GYL_EV_DNS_NAME)
		name(d, now, e);
	else if (!gyl_event_get_str(e, "source", &source) ||
		 !gyl_view_eq(source, gyl_view_str("dhcpd")))
		return;
	else if (e->kind == GYL_EV_BASE_BEGIN)
		gyl_arpd_book_begin(&d->book);
	else if (e->kind == GYL_EV_BASE_END)
		gyl_arpd_book_whole(&d->book, now.mono_ns);
}

/* ---- what follows ---- */

static bool is_for(const struct gyl_arpd_entry *e, const uint8_t mac[6])
{
	return e->lease && (gyl_eth_mac_eq(e->mac, mac) || gyl_eth_is_zero(e->mac));
}

bool gyl__arpd_lease_is(const struct gyl_arpd *d, uint32_t ip, const uint8_t mac[6])
{
	const struct gyl_arpd_entry *e = gyl_arpd_book_find(&d->book, ip);

	return e != NULL && is_for(e, mac);
}

struct gyl_view gyl__arpd_name(const struct gyl_arpd *d, uint32_t ip)
{
	const struct gyl_arpd_entry *e = gyl_arpd_book_find(&d->book, ip);

	return e == NULL ? gyl_view(NULL, 0) : gyl_view(e->name, e->name_len);
}

static void say(struct gyl_arpd *d, const struct gyl_arpd_frame *f, struct gyl_arpd_host *h,
	const uint8_t *holder)
{
	enum gyl_event_kind kind = holder == NULL ? GYL_EV_ARPD_LEASELESS : GYL_EV_ARPD_SPOOF;
	struct gyl_arpd_past *p = gyl_arpd_table_past(&d->table, h);
	struct gyl_event e;

	if (f->now.mono_ns < p->lease_ns)
		return;
	p->lease_ns = f->now.mono_ns + again_ns;
	d->count[holder == NULL ? GYL_ARPD_LEASELESS : GYL_ARPD_SPOOF]++;
	if (!gyl__arpd_may_say(d, f->now.mono_ns, kind))
		return;
	gyl__arpd_event(&e, kind, h->vlan, h->ip, h->mac);
	if (holder != NULL)
		gyl_event_mac(&e, "holder", holder);
	gyl_out_event(f->o, &e, 0);
}

/* Good until the next change of any lease. */
static void acquit(struct gyl_arpd *d, struct gyl_arpd_host *h)
{
	h->judged = d->book.turn;
	gyl_arpd_table_past(&d->table, h)->lease_ns = 0;
}

/*
 * Against a lease: another MAC has it. Without one: the address is of those that need one, and all
 * leases there are were told to us. Shortly after a change the former holder may speak still.
 */
void gyl__arpd_lease_judge(
	struct gyl_arpd *d, const struct gyl_arpd_frame *f, struct gyl_arpd_host *h)
{
	const struct gyl_arpd_entry *e = gyl_arpd_book_find(&d->book, h->ip);
	bool lease = e != NULL && e->lease;

	if (lease && is_for(e, h->mac)) {
		acquit(d, h);
	} else if (!lease && !gyl_arpd_ranges_have(&d->rules.leased, h->ip)) {
		acquit(d, h);
	} else if (e != NULL && f->now.mono_ns - e->since_ns < d->cf.lease_grace_ns) {
		return;
	} else if (lease) {
		say(d, f, h, e->mac);
	} else if (d->book.whole && !d->book.lost &&
		   f->now.mono_ns - d->start_ns >= d->cf.lease_grace_ns) {
		say(d, f, h, NULL);
	}
}
