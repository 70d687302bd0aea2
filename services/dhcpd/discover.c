/* SPDX-License-Identifier: ISC */
#include <gyl/time.h>

#include "services/dhcpd/state.h"

/* Keep the address for the client for a while. What is leased an OFFER leaves as it is, also on
 * record: which card its client has, where that is and for how long it was told to have it. */
static void keep(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, uint32_t slot)
{
	struct gyl_dhcpd_lease *l = &d->lease[slot];
	bool own = gyl__dhcpd_client_is(d, l, &r->key);

	gyl__dhcpd_settle(d, r, l->ip);
	if (l->state == GYL_DHCPD_LEASED) {
		if (own)
			l->heard_s = (uint32_t)(r->now.mono_ns / GYL_NS_PER_S);
		l->offered_s = gyl__dhcpd_lease_time(d, r, gyl__dhcpd_usual_s(d, r));
		return;
	}
	l->known = own;
	gyl__dhcpd_client_bind(d, slot, &r->key);
	gyl__dhcpd_link_note(d, r, slot);
	l->offered_s = l->granted_s = gyl__dhcpd_lease_time(d, r, gyl__dhcpd_usual_s(d, r));
	l->since_ns = r->now.mono_ns;
	gyl__dhcpd_slot_set(
		d, slot, GYL_DHCPD_OFFERED, gyl_time_add(r->now.mono_ns, d->layout->cf->offer_ns));
}

/* RFC 2563 2.3: who would make up an address of 169.254.0.0/16 is told not to, unless the
 * configuration of option 116 says that it may. */
static void full(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r)
{
	struct gyl_view v;
	uint8_t says = 0;

	gyl__dhcpd_say_full(d, r);
	if (!gyl__dhcpd_find(r, GYL_DHCP_OPT_AUTO_CONFIG, &v) || v.p[0] != 1)
		return;
	if (gyl__dhcpd_option_of(d, r, GYL_DHCP_OPT_AUTO_CONFIG, &v))
		says = v.p[0];
	gyl__dhcpd_reply_none(d, r, says);
}

/*
 * RFC 8925 3.3: a client that can do without IPv4, on a network that says so, hears of that and
 * will hardly take an address. It is named one that is free now; none is kept, and what it says of
 * rapid commit is passed over, so that none is spent.
 */
static bool is_v6_only(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r)
{
	struct gyl_view v;
	uint32_t own, ip;

	if (!gyl__dhcpd_option_of(d, r, GYL_DHCP_OPT_IPV6_ONLY, &v) ||
		!gyl__dhcpd_is_asked(r, GYL_DHCP_OPT_IPV6_ONLY))
		return false;
	own = gyl__dhcpd_client_find(d, &r->key, r->subnet->link);
	if (own != 0 && d->lease[own].state == GYL_DHCPD_LEASED)
		return false; /* it has one already */
	ip = gyl__dhcpd_could_have(d, r);
	if (ip != 0)
		gyl__dhcpd_settle(d, r, ip);
	d->count[GYL_DHCPD_V6_ONLY]++;
	gyl__dhcpd_reply_loose(d, r, ip, "it can do without IPv4");
	return true;
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
	if (is_v6_only(d, r))
		return;
	slot = gyl__dhcpd_choose(d, r);
	if (r->waits)
		return;
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
		gyl__dhcpd_grant(d, r, slot, gyl__dhcpd_usual_s(d, r), "committed at once");
		return;
	}
	keep(d, r, slot);
	gyl__dhcpd_reply_lease(d, r, GYL_DHCP_OFFER, slot, 0, "offered");
}

/* RFC 1534 2: BOOTP has no lease, so only addresses that are the client's own for good. */
void gyl__dhcpd_bootp(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r)
{
	if (r->subnet == NULL || r->host == NULL || r->host->cf->address == 0 ||
		!gyl__dhcpd_fits(d, r, r->host->cf->address)) {
		gyl__dhcpd_say_silent(d, r, "BOOTP is answered for reserved addresses alone", true);
		return;
	}
	gyl__dhcpd_boot_read(d, r);
	/* RFC 951 7.3: it may name a server. */
	if (r->msg.sname.len != 0 && !gyl_view_eq(r->msg.sname, r->boot.server)) {
		gyl__dhcpd_say_silent(d, r, "it wants another server", true);
		return;
	}
	gyl__dhcpd_reply_bootp(d, r, r->host->cf->address);
}
