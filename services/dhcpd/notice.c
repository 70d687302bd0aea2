/* SPDX-License-Identifier: ISC */

/* What a client only tells, and INFORM: RFC 2131 4.3.3 to 4.3.5. */

#include <gyl/time.h>

#include "services/dhcpd/state.h"

/* The slot of an address that this client has of us; 0 when it speaks of another's or to another.
 */
static uint32_t holding(const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, uint32_t ip)
{
	uint32_t slot = gyl__dhcpd_slot(d, ip);
	uint8_t state = d->lease[slot].state;

	if (r->server_id != 0 && !gyl__dhcpd_is_ours(d, r, r->server_id))
		return 0;
	if (slot == 0 || (state != GYL_DHCPD_LEASED && state != GYL_DHCPD_OFFERED))
		return 0;
	return gyl__dhcpd_client_is(d, &d->lease[slot], &r->key) ? slot : 0;
}

/* chaddr and option 61 are no secrets: what would take somebody's address away has to come from
 * where the lease was given. */
static bool is_its_own(struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, uint32_t slot)
{
	if (gyl__dhcpd_link_is(d, r, &d->lease[slot]))
		return true;
	gyl__dhcpd_say_silent(d, r, "it does not come from where the client is", false);
	return false;
}

void gyl__dhcpd_release(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r)
{
	uint32_t slot = holding(d, r, r->msg.hdr.ciaddr);
	uint64_t after = 0;
	bool leased;

	if (slot == 0) {
		gyl__dhcpd_say_silent(d, r, "it releases what it does not have of us", true);
		return;
	}
	if (!is_its_own(d, r, slot))
		return;
	leased = d->lease[slot].state == GYL_DHCPD_LEASED;
	gyl__dhcpd_slot_set(d, slot, GYL_DHCPD_FREE, r->now.mono_ns);
	if (!leased)
		return;
	if (gyl__dhcpd_store(d, r->now, r->o, slot))
		after = d->lease[slot].seq;
	gyl__dhcpd_say_lease(d, r->now, r->o, slot, "released", GYL_SEV_INFO, after);
	gyl__dhcpd_name_drop(d, slot);
}

/* Who declines whatever it gets is wrong rather than the addresses: this one is free again, for
 * whoever comes last. */
static void disbelieve(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, uint32_t slot)
{
	bool leased = d->lease[slot].state == GYL_DHCPD_LEASED;

	gyl__dhcpd_say_limit(d, r, GYL_DHCPD_LIMIT_DECLINES);
	gyl__dhcpd_slot_set(d, slot, GYL_DHCPD_FREE, r->now.mono_ns);
	if (leased)
		gyl__dhcpd_say_lease(d, r->now, r->o, slot, "released", GYL_SEV_INFO, 0);
	gyl__dhcpd_client_bind(d, slot, NULL);
	gyl__dhcpd_store(d, r->now, r->o, slot);
}

/* Somebody else answers at the address: nobody gets it for a while, after a restart neither. */
void gyl__dhcpd_decline(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r)
{
	uint64_t hold_ns = d->layout->cf->decline_ns;
	uint32_t slot = holding(d, r, r->want_ip);

	if (slot == 0) {
		gyl__dhcpd_say_silent(d, r, "it declines what it does not have of us", true);
		return;
	}
	if (!is_its_own(d, r, slot))
		return;
	if (gyl__dhcpd_budget_decline(d, slot) != GYL_DHCPD_LIMIT_NONE) {
		disbelieve(d, r, slot);
		return;
	}
	gyl__dhcpd_say_decline(r, r->want_ip, hold_ns, d->lease[slot].host != 0);
	gyl__dhcpd_put_aside(d, r->now, r->o, slot);
}

void gyl__dhcpd_inform(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r)
{
	if (r->subnet == NULL) {
		gyl__dhcpd_say_silent(
			d, r, "no subnet is configured for where it comes from", false);
		return;
	}
	/* 4.3.5: ciaddr SHOULD be checked. An answer elsewhere would be for who asked nothing. */
	if (r->msg.hdr.ciaddr != 0 && !gyl__dhcpd_on_link(d, r, r->msg.hdr.ciaddr)) {
		gyl__dhcpd_say_silent(d, r, "its address is not of this network", false);
		return;
	}
	/* What it is told is of the subnet that it is in, of those on the link. */
	if (r->msg.hdr.ciaddr != 0)
		gyl__dhcpd_settle(d, r, r->msg.hdr.ciaddr);
	gyl__dhcpd_reply_inform(d, r);
}
