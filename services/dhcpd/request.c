/* SPDX-License-Identifier: ISC */

/* DHCPREQUEST, RFC 2131 4.3.2: one message, four states of the client, told apart by what it
 * carries. */

#include "services/dhcpd/standby.h"
#include "services/dhcpd/state.h"

/* On a wrong network: who is authoritative tells the client at once, who is not leaves it to the
 * others on the wire. */
static void refuse_network(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r)
{
	if (d->layout->cf->authoritative)
		gyl__dhcpd_reply_nak(d, r, "the address is not of this network");
	else
		gyl__dhcpd_say_silent(d, r, "the address is not of this network", false);
}

/* A reservation waits elsewhere: the client is to come and fetch it. */
static bool is_reserved_elsewhere(
	const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, uint32_t ip)
{
	return r->host != NULL && r->host->cf->address != 0 && r->host->cf->address != ip &&
	       gyl__dhcpd_fits(d, r, r->host->cf->address);
}

/* Another server was chosen: the offer is free again. */
static void not_chosen(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r)
{
	uint32_t slot = 0;

	if (r->subnet != NULL)
		slot = gyl__dhcpd_client_find(d, &r->key, r->subnet->link);
	if (slot != 0 && d->lease[slot].state == GYL_DHCPD_OFFERED)
		gyl__dhcpd_slot_set(d, slot, GYL_DHCPD_FREE, r->now.mono_ns);
	gyl__dhcpd_say_silent(d, r, "it chose another server", true);
}

static void give(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, uint32_t ip, const char *reason)
{
	uint32_t slot = gyl__dhcpd_slot_make(d, ip);

	if (slot == 0) {
		gyl__dhcpd_reply_nak(d, r, "the address is not available");
		return;
	}
	gyl__dhcpd_settle(d, r, ip);
	gyl__dhcpd_grant(d, r, slot, gyl__dhcpd_usual_s(d, r), reason);
}

/* What was offered, or was the client's before, is given at once. What it says was offered we may
 * have forgotten by a restart, or never said: that is looked for first. */
static enum gyl_dhcpd_look look(struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, uint32_t slot)
{
	if (gyl__dhcpd_client_is(d, &d->lease[slot], &r->key) || d->lease[slot].host != 0)
		return GYL_DHCPD_LOOK_CLEAR;
	return gyl__dhcpd_look(d, r, slot);
}

static void selecting(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r)
{
	uint32_t slot = 0;

	/* An offer that a restart forgot is honoured as long as the address is free. */
	if (gyl__dhcpd_fits(d, r, r->want_ip))
		slot = gyl__dhcpd_slot_make(d, r->want_ip);
	if (slot == 0) {
		gyl__dhcpd_reply_nak(d, r, "the address is not available");
		return;
	}
	switch (look(d, r, slot)) {
	case GYL_DHCPD_LOOK_WAITS:
		return;
	case GYL_DHCPD_LOOK_LATER:
		gyl__dhcpd_say_silent(d, r, "nobody has looked for the address yet", true);
		return;
	case GYL_DHCPD_LOOK_CLEAR:
		break;
	}
	gyl__dhcpd_settle(d, r, r->want_ip);
	gyl__dhcpd_grant(d, r, slot,
		gyl__dhcpd_client_is(d, &d->lease[slot], &r->key) && d->lease[slot].granted_s != 0
			? d->lease[slot].granted_s
			: gyl__dhcpd_usual_s(d, r),
		"selected");
}

static void init_reboot(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r)
{
	uint32_t own = gyl__dhcpd_client_find(d, &r->key, r->subnet->link);
	uint32_t slot = gyl__dhcpd_slot(d, r->want_ip);
	bool reserved = r->host != NULL && r->host->cf->address == r->want_ip;

	if (!gyl__dhcpd_on_link(d, r, r->want_ip)) {
		refuse_network(d, r);
		return;
	}
	/* Without a record the server MUST remain silent: another may know the client. */
	if (own == 0 && (r->host == NULL || r->host->cf->address == 0)) {
		gyl__dhcpd_say_silent(d, r, "the client is not known here", false);
		return;
	}
	if ((reserved || (slot != 0 && gyl__dhcpd_client_is(d, &d->lease[slot], &r->key))) &&
		!is_reserved_elsewhere(d, r, r->want_ip) && gyl__dhcpd_fits(d, r, r->want_ip))
		give(d, r, r->want_ip, "confirmed after a reboot");
	else
		gyl__dhcpd_reply_nak(d, r, "the address is not the client's");
}

/* A client that we know nothing of renews. By unicast it means us, so our memory is what is wrong:
 * it may stay where it is. By broadcast another server may know better, unless we know that the
 * address is somebody else's. */
static void renew_unknown(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, uint32_t ip)
{
	uint32_t slot = gyl__dhcpd_slot(d, ip);
	bool anothers = slot != 0 && d->lease[slot].state == GYL_DHCPD_LEASED;

	if (!d->layout->cf->authoritative || !(r->unicast || anothers))
		gyl__dhcpd_say_silent(d, r, "the client is not known here", false);
	else if (gyl__dhcpd_fits(d, r, ip))
		give(d, r, ip, "renewed, though not known");
	else
		gyl__dhcpd_reply_nak(d, r, "the address is not available");
}

static void renew(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r)
{
	uint32_t ip = r->msg.hdr.ciaddr, slot = gyl__dhcpd_slot(d, ip);

	if (!gyl__dhcpd_on_link(d, r, ip)) {
		refuse_network(d, r);
		return;
	}
	if (is_reserved_elsewhere(d, r, ip))
		gyl__dhcpd_reply_nak(d, r, "another address is reserved for the client");
	else if (slot != 0 && gyl__dhcpd_client_is(d, &d->lease[slot], &r->key) &&
		 gyl__dhcpd_fits(d, r, ip))
		give(d, r, ip, "renewed");
	else if (gyl__dhcpd_client_find(d, &r->key, r->subnet->link) == 0)
		renew_unknown(d, r, ip);
	else
		gyl__dhcpd_reply_nak(d, r, "the address is not the client's");
}

void gyl__dhcpd_request(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r)
{
	if (r->server_id != 0 && !gyl__dhcpd_is_ours(d, r, r->server_id))
		not_chosen(d, r);
	else if (r->subnet == NULL)
		gyl__dhcpd_say_silent(
			d, r, "no subnet is configured for where it comes from", false);
	else if (gyl__dhcpd_is_left(d, r, r->want_ip != 0 ? r->want_ip : r->msg.hdr.ciaddr))
		gyl__dhcpd_say_silent(d, r, "the other server may know more of the address", false);
	else if (r->server_id != 0 && r->want_ip != 0)
		selecting(d, r);
	else if (r->msg.hdr.ciaddr != 0)
		renew(d, r);
	else if (r->server_id == 0 && r->want_ip != 0)
		init_reboot(d, r);
	else
		gyl__dhcpd_say_silent(d, r, "it asks for no address", false);
}
