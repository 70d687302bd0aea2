/* SPDX-License-Identifier: ISC */

/*
 * LEASEQUERY, RFC 4388: a relay that has forgotten who is behind it asks who has an address, or
 * which addresses a client has. It is named by giaddr, where the answer goes: that has to be on a
 * network of ours and no address that a client could have.
 */

#include <gyl/time.h>

#include "services/dhcpd/reply.h"

enum {
	FOUND_MAX = 16 /* addresses of one client that are told */
};

/* Live leases of whom is asked for, the one that was heard last first. */
struct found {
	uint32_t slot[FOUND_MAX];
	unsigned cnt;
};

static void found_put(const struct gyl_dhcpd *d, struct found *f, uint32_t slot)
{
	const struct gyl_dhcpd_lease *l = &d->lease[slot];

	if (f->cnt == FOUND_MAX || l->state != GYL_DHCPD_LEASED || l->dropped)
		return;
	f->slot[f->cnt] = slot;
	if ((int32_t)(d->lease[slot].heard_s - d->lease[f->slot[0]].heard_s) > 0) {
		f->slot[f->cnt] = f->slot[0];
		f->slot[0] = slot;
	}
	f->cnt++;
}

static void find_by_key(const struct gyl_dhcpd *d, const struct gyl_dhcpd_key *key, struct found *f)
{
	struct gyl_dhcpd_walk w = gyl__dhcpd_index_walk(&d->clients, key->hash);
	uint32_t i;

	while ((i = gyl__dhcpd_index_next(&w)) != 0)
		if (gyl__dhcpd_client_is(d, &d->lease[i], key))
			found_put(d, f, i);
}

/* Clients with an identifier are in no index by MAC: all slots are looked at, which takes some 10
 * ns each, and so for a tenth of the time at most, several at once at times. False: not now. */
static bool find_by_mac(struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, struct found *f)
{
	/* pause_ns for each slot */
	static const uint64_t pause_ns = 100, ahead_ns = GYL_NS_PER_S / 100;
	uint64_t now_ns = r->now.mono_ns;

	if (d->query_at_ns > now_ns + ahead_ns)
		return false;
	d->query_at_ns =
		(d->query_at_ns > now_ns ? d->query_at_ns : now_ns) + pause_ns * d->slot_cnt;
	for (uint32_t i = 1; i <= d->slot_cnt; i++) {
		const struct gyl_dhcpd_lease *l = &d->lease[i];

		if (l->ip != 0 && l->has_mac && l->form != GYL_DHCPD_BY_HW &&
			memcmp(l->mac, r->key.mac, 6) == 0)
			found_put(d, f, i);
	}
	return true;
}

static bool find_client(struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, struct found *f)
{
	find_by_key(d, &r->key, f);
	if (r->client_id.len != 0 || !r->key.has_mac)
		return true;
	return find_by_mac(d, r, f);
}

/* ---- the answer ---- */

/* What may be asked for, in a set of codes. */
struct wish {
	uint64_t code[4];
	bool any; /* there is no list */
};

static void wish_read(const struct gyl_dhcpd_req *r, struct wish *w)
{
	uint8_t join[512];
	struct gyl_view list;

	memset(w, 0, sizeof *w);
	w->any = !gyl__dhcpd_join(r, GYL_DHCP_OPT_REQUEST_LIST, join, sizeof join, &list);
	for (size_t i = 0; !w->any && i < list.len; i++)
		w->code[list.p[i] >> 6] |= UINT64_C(1) << (list.p[i] & 63);
}

static bool wished(const struct wish *w, uint8_t code)
{
	return w->any || (w->code[code >> 6] >> (code & 63) & 1) != 0;
}

static void client_hw(
	const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l, struct gyl_dhcp_hdr *h)
{
	struct gyl_view id = gyl__dhcpd_lease_id(d, l);

	h->htype = h->hlen = 0;
	memset(h->chaddr, 0, sizeof h->chaddr);
	if (l->has_mac) {
		h->htype = l->htype;
		h->hlen = sizeof l->mac;
		memcpy(h->chaddr, l->mac, sizeof l->mac);
	} else if (l->form == GYL_DHCPD_BY_HW && id.len <= 1 + sizeof h->chaddr) {
		h->htype = id.p[0];
		h->hlen = (uint8_t)(id.len - 1);
		memcpy(h->chaddr, id.p + 1, id.len - 1);
	}
}

/* 6.4.2: what is left of the times; what has passed is left out. */
static void put_times(const struct gyl_dhcpd_req *r, const struct gyl_dhcpd_lease *l,
	const struct wish *wish, struct gyl_dhcp_writer *w)
{
	uint32_t left, t1 = l->granted_s / 2, t2 = (uint32_t)((uint64_t)l->granted_s * 7 / 8), gone;

	if (l->expiry_ns == GYL_TIME_INFINITE) {
		if (wished(wish, GYL_DHCP_OPT_LEASE_TIME))
			gyl_dhcp_put_u32(w, GYL_DHCP_OPT_LEASE_TIME, GYL_DHCP_INFINITE);
		return;
	}
	left = (uint32_t)(gyl_time_sub(l->expiry_ns, r->now.mono_ns) / GYL_NS_PER_S);
	gone = left < l->granted_s ? l->granted_s - left : 0;
	if (wished(wish, GYL_DHCP_OPT_LEASE_TIME))
		gyl_dhcp_put_u32(w, GYL_DHCP_OPT_LEASE_TIME, left);
	if (wished(wish, GYL_DHCP_OPT_RENEWAL_TIME) && gone < t1)
		gyl_dhcp_put_u32(w, GYL_DHCP_OPT_RENEWAL_TIME, t1 - gone);
	if (wished(wish, GYL_DHCP_OPT_REBINDING_TIME) && gone < t2)
		gyl_dhcp_put_u32(w, GYL_DHCP_OPT_REBINDING_TIME, t2 - gone);
}

static void put_client(const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r,
	const struct gyl_dhcpd_lease *l, const struct wish *wish, struct gyl_dhcp_writer *w)
{
	if (l->form == GYL_DHCPD_BY_ID && wished(wish, GYL_DHCP_OPT_CLIENT_ID))
		gyl_dhcp_try(w, GYL_DHCP_OPT_CLIENT_ID, gyl__dhcpd_lease_id(d, l));
	else if (r->client_id.len != 0) /* of a long one the lease has a digest alone */
		gyl_dhcp_try(w, GYL_DHCP_OPT_CLIENT_ID, r->client_id);
	if (wished(wish, GYL_DHCP_OPT_LAST_TRANSACTION))
		gyl_dhcp_put_u32(w, GYL_DHCP_OPT_LAST_TRANSACTION,
			(uint32_t)(r->now.mono_ns / GYL_NS_PER_S) - l->heard_s);
}

static void put_addresses(
	const struct gyl_dhcpd *d, const struct found *f, struct gyl_dhcp_writer *w)
{
	uint8_t val[4 * FOUND_MAX];

	for (unsigned i = 0; i < f->cnt; i++)
		gyl_set_u32(val + 4 * i, d->lease[f->slot[i]].ip);
	gyl_dhcp_try(w, GYL_DHCP_OPT_ASSOCIATED_IP, gyl_view(val, 4 * f->cnt));
}

static void finish(struct gyl_dhcpd *d, struct gyl_dhcpd_reply *a, uint8_t type, uint32_t ip)
{
	gyl__dhcpd_reply_end(a);
	d->count[GYL_DHCPD_OUT_QUERY]++;
	gyl__dhcpd_say_reply(d, a->r, type, ip, "asked by LEASEQUERY");
}

/* 6.4.1: nothing but that. */
static void answer_none(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, uint8_t type)
{
	struct gyl_dhcpd_reply a = {.r = r};

	r->relay_val = gyl_view(NULL, 0);
	gyl__dhcpd_reply_hdr(&a, type, 0);
	gyl__dhcpd_reply_begin(d, &a, type, 0);
	finish(d, &a, type, r->msg.hdr.ciaddr);
}

/* What options are looked up by is of the lease from here on, not of who asks. Its reservation and
 * classes are known when its client speaks alone. */
static void speak_of(
	const struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, const struct gyl_dhcpd_lease *l)
{
	r->subnet_no = l->subnet;
	r->subnet = &d->layout->subnet[l->subnet];
	r->host = NULL;
	r->class_bits = 0;
	r->name = gyl__dhcpd_lease_name(d, l);
	r->said_fqdn = false;
	gyl__dhcpd_boot_read(d, r);
}

static void answer_active(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, const struct found *f)
{
	const struct gyl_dhcpd_lease *l = &d->lease[f->slot[0]];
	struct gyl_dhcpd_reply a = {.r = r};
	struct wish wish;

	wish_read(r, &wish);
	/* The option 82 that counts is the one that the client's own message had. */
	r->relay_val = gyl_view(NULL, 0);
	if (wished(&wish, GYL_DHCP_OPT_RELAY))
		r->relay_val = gyl__dhcpd_lease_relay(d, l);
	gyl__dhcpd_reply_hdr(&a, GYL_DHCP_LEASEACTIVE, 0);
	a.hdr.ciaddr = l->ip;
	client_hw(d, l, &a.hdr);
	gyl__dhcpd_reply_begin(d, &a, GYL_DHCP_LEASEACTIVE, l->seq);
	put_times(r, l, &wish, &a.w);
	put_client(d, r, l, &wish, &a.w);
	if (wished(&wish, GYL_DHCP_OPT_ASSOCIATED_IP))
		put_addresses(d, f, &a.w);
	speak_of(d, r, l);
	gyl__dhcpd_options_put(d, r, l, &a.w);
	finish(d, &a, GYL_DHCP_LEASEACTIVE, l->ip);
}

/* ---- the query ---- */

static void by_address(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r)
{
	uint32_t ip = r->msg.hdr.ciaddr, slot = gyl__dhcpd_slot(d, ip);
	struct found f = {.cnt = 0};

	if (gyl__dhcpd_layout_range(d->layout, ip) == NULL) {
		answer_none(d, r, GYL_DHCP_LEASEUNKNOWN);
		return;
	}
	if (slot == 0 || d->lease[slot].state != GYL_DHCPD_LEASED) {
		answer_none(d, r, GYL_DHCP_LEASEUNASSIGNED);
		return;
	}
	f.slot[f.cnt++] = slot;
	answer_active(d, r, &f);
}

static void by_client(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r)
{
	struct found f = {.cnt = 0};

	if (!find_client(d, r, &f))
		gyl__dhcpd_say_silent(d, r, "LEASEQUERY by MAC comes too often", true);
	else if (f.cnt == 0)
		answer_none(d, r, GYL_DHCP_LEASEUNKNOWN);
	else
		answer_active(d, r, &f);
}

/* Why it is not answered; NULL: it is. */
static const char *objection(const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r)
{
	uint32_t giaddr = r->msg.hdr.giaddr;

	if (!d->layout->cf->leasequery)
		return "LEASEQUERY is not configured";
	if (giaddr == 0)
		return "LEASEQUERY needs giaddr";
	if (gyl__dhcpd_layout_subnet(d->layout, giaddr) == GYL_DHCPD_NO_SUBNET)
		return "LEASEQUERY comes from no network of ours";
	if (gyl__dhcpd_layout_range(d->layout, giaddr) != NULL)
		return "LEASEQUERY comes from an address for clients";
	return NULL;
}

void gyl__dhcpd_leasequery(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, bool client)
{
	const char *why = objection(d, r);

	gyl__dhcpd_select(d, r);
	if (why == NULL && r->msg.hdr.ciaddr == 0 && !client)
		why = "LEASEQUERY asks for nobody";
	if (why != NULL)
		gyl__dhcpd_say_silent(d, r, why, false);
	else if (r->msg.hdr.ciaddr != 0)
		by_address(d, r);
	else
		by_client(d, r);
}
