/* SPDX-License-Identifier: ISC */
#include <gyl/time.h>

#include "services/dhcpd/state.h"

/* Keep the address for the client for a while. What it has leased already stays leased. */
static void keep(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, uint32_t slot)
{
	struct gyl_dhcpd_lease *l = &d->lease[slot];

	gyl__dhcpd_settle(d, r, l->ip);
	l->known = gyl__dhcpd_client_is(d, l, &r->key);
	gyl__dhcpd_client_bind(d, slot, &r->key);
	gyl__dhcpd_link_note(d, r, slot);
	l->granted_s = gyl__dhcpd_lease_time(r, gyl__dhcpd_usual_s(d, r));
	if (l->state == GYL_DHCPD_LEASED)
		return;
	l->since_ns = r->now.mono_ns;
	gyl__dhcpd_slot_set(
		d, slot, GYL_DHCPD_OFFERED, gyl_time_add(r->now.mono_ns, d->layout->cf->offer_ns));
}

static void full(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r)
{
	struct gyl_view v;

	gyl__dhcpd_say_full(d, r);
	if (gyl__dhcpd_find(r, GYL_DHCP_OPT_AUTO_CONFIG, &v))
		gyl__dhcpd_reply_none(d, r);
}

void gyl__dhcpd_discover(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r)
{
	struct gyl_view v;
	uint32_t slot;

	if (r->subnet == NULL) {
		gyl__dhcpd_say_silent(
			d, r, "no subnet is configured for where it comes from", false);
		return;
	}
	slot = gyl__dhcpd_choose(d, r);
	if (slot == 0 && r->limit != GYL_DHCPD_LIMIT_NONE) {
		gyl__dhcpd_say_silent(d, r, gyl__dhcpd_limit_text(r->limit), true);
		return;
	}
	if (slot == 0) {
		full(d, r);
		return;
	}
	if (d->layout->cf->rapid_commit && gyl__dhcpd_find(r, GYL_DHCP_OPT_RAPID_COMMIT, &v)) {
		gyl__dhcpd_settle(d, r, d->lease[slot].ip);
		gyl__dhcpd_grant(d, r, slot, r->subnet->lease_s, "committed at once");
		return;
	}
	keep(d, r, slot);
	gyl__dhcpd_reply_lease(d, r, GYL_DHCP_OFFER, slot, 0, "offered");
}

/* RFC 1534 2: BOOTP has no lease, so only addresses that are the client's own for good. */
void gyl__dhcpd_bootp(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r)
{
	struct gyl_view our_name = gyl_flat_view(d->layout->flat, d->layout->cf->boot.server_name);

	/* RFC 951 7.3: it names a server. */
	if (r->msg.sname.len != 0 && !gyl_view_eq(r->msg.sname, our_name)) {
		gyl__dhcpd_say_silent(d, r, "it wants another server", true);
		return;
	}
	if (r->subnet == NULL || r->host == NULL || r->host->cf->address == 0 ||
		!gyl__dhcpd_fits(d, r, r->host->cf->address)) {
		gyl__dhcpd_say_silent(d, r, "BOOTP is answered for reserved addresses alone", true);
		return;
	}
	gyl__dhcpd_reply_bootp(d, r, r->host->cf->address);
}
