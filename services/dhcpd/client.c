/* SPDX-License-Identifier: ISC */
#include <gyl/eth.h>
#include <gyl/sha256.h>
#include <gyl/siphash.h>

#include "services/dhcpd/state.h"

enum {
	HTYPE_ETHERNET = 1
};

uint32_t gyl__dhcpd_client_hash(const struct gyl_dhcpd *d, uint8_t form, struct gyl_view id)
{
	uint8_t octet[1 + GYL_DHCPD_ID_MAX];

	octet[0] = form;
	memcpy(octet + 1, id.p, id.len);
	return (uint32_t)gyl_siphash(d->seed, octet, 1 + id.len);
}

static void by_hw(struct gyl_dhcpd_key *k, const struct gyl_dhcp_hdr *h)
{
	k->form = GYL_DHCPD_BY_HW;
	k->len = (uint8_t)(1 + h->hlen);
	k->octet[0] = h->htype;
	memcpy(k->octet + 1, h->chaddr, h->hlen);
}

static void by_id(struct gyl_dhcpd_key *k, struct gyl_view id)
{
	struct gyl_sha256 s;

	if (id.len <= GYL_DHCPD_ID_MAX) {
		k->form = GYL_DHCPD_BY_ID;
		k->len = (uint8_t)id.len;
		memcpy(k->octet, id.p, id.len);
		return;
	}
	k->form = GYL_DHCPD_BY_DIGEST;
	k->len = GYL_DHCPD_ID_MAX;
	gyl_sha256_init(&s, 0);
	gyl_sha256_update(&s, id.p, id.len);
	gyl_sha256_final(&s, k->octet);
}

/* An identifier that only repeats htype and chaddr names the same client as they do alone: boot
 * ROMs leave it out, the system after them sends it (RFC 2132 9.14). */
static bool says_hw(struct gyl_view id, const struct gyl_dhcp_hdr *h)
{
	return id.len == (size_t)1 + h->hlen && id.p[0] == h->htype &&
	       memcmp(id.p + 1, h->chaddr, h->hlen) == 0;
}

static bool read_id(struct gyl_dhcpd_req *r)
{
	return gyl__dhcpd_join(
		r, GYL_DHCP_OPT_CLIENT_ID, r->join_id, sizeof r->join_id, &r->client_id);
}

bool gyl__dhcpd_client_read(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r)
{
	const struct gyl_dhcp_hdr *h = &r->msg.hdr;
	struct gyl_dhcpd_key *k = &r->key;
	bool ethernet = h->htype == HTYPE_ETHERNET && h->hlen == 6;
	bool has_hw = h->hlen != 0;

	/* A group or zero address belongs to nobody and must not be answered as a frame. */
	if (ethernet && (gyl_eth_is_group(h->chaddr) || gyl_eth_is_zero(h->chaddr))) {
		ethernet = false;
		has_hw = false;
	}
	k->has_mac = ethernet;
	memset(k->mac, 0, sizeof k->mac);
	if (ethernet)
		memcpy(k->mac, h->chaddr, 6);
	if (!read_id(r))
		r->client_id = gyl_view(NULL, 0);
	/* RFC 2131 4.2; RFC 6842 3 for clients without a hardware address. */
	if (r->client_id.len != 0 && !(has_hw && says_hw(r->client_id, h)))
		by_id(k, r->client_id);
	else if (has_hw)
		by_hw(k, h);
	else
		return false;
	k->hash = gyl__dhcpd_client_hash(d, k->form, gyl_view(k->octet, k->len));
	return true;
}

void gyl__dhcpd_client_by_mac(const struct gyl_dhcpd *d, struct gyl_dhcpd_req *r)
{
	struct gyl_dhcpd_key *k = &r->key;

	if (!k->has_mac || k->form == GYL_DHCPD_BY_HW)
		return;
	by_hw(k, &r->msg.hdr);
	k->hash = gyl__dhcpd_client_hash(d, k->form, gyl_view(k->octet, k->len));
}

bool gyl__dhcpd_client_is(
	const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l, const struct gyl_dhcpd_key *key)
{
	return l->hash == key->hash && l->form == key->form &&
	       gyl_view_eq(gyl__dhcpd_lease_id(d, l), gyl_view(key->octet, key->len));
}

static uint32_t link_of(const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l)
{
	return d->layout->subnet[l->subnet].link;
}

static unsigned liveliness(const struct gyl_dhcpd_lease *l)
{
	return l->state == GYL_DHCPD_LEASED ? 3 : l->state == GYL_DHCPD_OFFERED ? 2 : 1;
}

uint32_t gyl__dhcpd_client_find(
	const struct gyl_dhcpd *d, const struct gyl_dhcpd_key *key, uint32_t link)
{
	struct gyl_dhcpd_walk w = gyl__dhcpd_index_walk(&d->clients, key->hash);
	unsigned best = 0;
	uint32_t found = 0, i;

	while ((i = gyl__dhcpd_index_next(&w)) != 0) {
		const struct gyl_dhcpd_lease *l = &d->lease[i];

		if (!gyl__dhcpd_client_is(d, l, key) || l->dropped || link_of(d, l) != link ||
			liveliness(l) <= best)
			continue;
		best = liveliness(l);
		found = i;
	}
	return found;
}

static bool same_client(
	const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *a, const struct gyl_dhcpd_lease *b)
{
	return a->hash == b->hash && a->form == b->form &&
	       gyl_view_eq(gyl__dhcpd_lease_id(d, a), gyl__dhcpd_lease_id(d, b));
}

uint32_t gyl__dhcpd_client_other(const struct gyl_dhcpd *d, uint32_t slot)
{
	const struct gyl_dhcpd_lease *l = &d->lease[slot];
	struct gyl_dhcpd_walk w = gyl__dhcpd_index_walk(&d->clients, l->hash);
	uint32_t i;

	while ((i = gyl__dhcpd_index_next(&w)) != 0) {
		const struct gyl_dhcpd_lease *m = &d->lease[i];

		if (i != slot && same_client(d, m, l) && !m->dropped &&
			link_of(d, m) == link_of(d, l) && m->state != GYL_DHCPD_FREE)
			return i;
	}
	return 0;
}

static void unbind(struct gyl_dhcpd *d, uint32_t slot)
{
	struct gyl_dhcpd_lease *l = &d->lease[slot];

	if (l->form == GYL_DHCPD_NOBODY)
		return;
	gyl__dhcpd_index_drop(&d->clients, slot);
	l->form = GYL_DHCPD_NOBODY;
	l->has_mac = false;
	gyl__dhcpd_tail_clear(d, slot);
}

/* Of addresses that it had, and that are free, a client keeps the last one of each link: whoever
 * asks for address after address would have them all else. */
static void forget_earlier(struct gyl_dhcpd *d, uint32_t slot)
{
	const struct gyl_dhcpd_lease *l = &d->lease[slot];
	struct gyl_dhcpd_walk w = gyl__dhcpd_index_walk(&d->clients, l->hash);
	uint32_t i;

	while ((i = gyl__dhcpd_index_next(&w)) != 0) {
		const struct gyl_dhcpd_lease *m = &d->lease[i];

		if (i != slot && m->state == GYL_DHCPD_FREE && same_client(d, m, l) &&
			!m->dropped && link_of(d, m) == link_of(d, l)) {
			gyl__dhcpd_client_bind(d, i, NULL);
			return; /* there is no other: it was the same then */
		}
	}
}

static void note_mac(struct gyl_dhcpd_lease *l, const struct gyl_dhcpd_key *key)
{
	l->stale |= l->has_mac != key->has_mac || memcmp(l->mac, key->mac, sizeof l->mac) != 0;
	l->has_mac = key->has_mac;
	l->htype = HTYPE_ETHERNET;
	memcpy(l->mac, key->mac, sizeof l->mac);
}

void gyl__dhcpd_client_bind(struct gyl_dhcpd *d, uint32_t slot, const struct gyl_dhcpd_key *key)
{
	struct gyl_dhcpd_lease *l = &d->lease[slot];

	if (key != NULL && l->form != GYL_DHCPD_NOBODY && gyl__dhcpd_client_is(d, l, key)) {
		note_mac(l, key); /* the same client may come with another card */
		return;
	}
	gyl__dhcpd_name_drop(d, slot);
	unbind(d, slot);
	l->kept = false;
	if (key == NULL) /* what is declined stays charged to who declined it */
		return;
	gyl__dhcpd_budget_bind(d, slot, 0, 0, 0);
	l->hash = key->hash;
	l->form = key->form;
	note_mac(l, key);
	if (key->form != GYL_DHCPD_BY_HW || !key->has_mac)
		gyl__dhcpd_tail_set(d, slot, GYL_DHCPD_PART_ID, gyl_view(key->octet, key->len));
	l->xid = 0;
	l->granted_s = l->offered_s = 0;
	gyl__dhcpd_index_add(&d->clients, slot);
	forget_earlier(d, slot);
}
