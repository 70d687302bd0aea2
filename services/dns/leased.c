/* SPDX-License-Identifier: ISC */
#include "services/dns/leased.h"

#include <gyl/dns.h>

#include "services/dns/find.h"

static size_t name_of(const struct gyl_dns_lease *lease, bool ptr, uint8_t name[GYL_DNS_NAME_MAX])
{
	if (ptr) {
		gyl_dns_name_reverse_ipv4(lease->ip, name);
		return gyl_dns_name_len(name);
	}
	memcpy(name, lease->name, lease->name_len);
	return lease->name_len;
}

/* Octets of the zone's name, 0: the name is in none that has a book. */
static uint8_t zone_len(const struct gyl_dns_ledger *l, const struct gyl_dns_lease *lease, bool ptr,
	struct gyl_dns_found *f)
{
	uint8_t name[GYL_DNS_NAME_MAX];
	struct gyl_dns_key k;

	gyl_dns_key_init(&k, name, name_of(lease, ptr, name));
	gyl_dns_find(l->data, &k, f);
	if (f->kind != GYL_DNS_LEASE || f->lease != lease || f->ptr != ptr || f->zone == NULL)
		return 0;
	return (uint8_t)f->apex_len;
}

static void note(struct gyl_dns_ledger *l, struct gyl_dns_book *b,
	const struct gyl_dns_lease *lease, bool ptr, bool added)
{
	uint8_t name[GYL_DNS_NAME_MAX], ip[4];
	struct gyl_dns_change c = {.added = added,
		.type = ptr ? GYL_DNS_TYPE_PTR : GYL_DNS_TYPE_A,
		.ttl = l->lease_ttl_s,
		.ip = lease->ip,
		.name = name,
		.name_len = (uint8_t)name_of(lease, ptr, name)};

	gyl_set_u32(ip, lease->ip);
	c.rdata = ptr ? gyl_view(lease->name, lease->name_len) : gyl_view(ip, sizeof ip);
	gyl_dns_book_note(l, b, &c, false);
}

struct gyl_dns_book *gyl_dns_leased_note(
	struct gyl_dns_ledger *l, const struct gyl_dns_lease *lease, bool ptr, bool added)
{
	const unsigned closed = GYL_DNS_ZONE_SIGNED | GYL_DNS_ZONE_COPY;
	uint8_t name[GYL_DNS_NAME_MAX];
	size_t len = name_of(lease, ptr, name);
	bool there;
	struct gyl_dns_book *b;
	struct gyl_dns_found f;

	there = zone_len(l, lease, ptr, &f) != 0;
	if (f.zone == NULL) /* a zone of leases alone; or none at all, behind a relay */
		there = f.kind == GYL_DNS_LEASE && f.lease == lease && f.ptr == ptr &&
			f.apex_len < len;
	if (f.zone == NULL ? !there : (f.zone->flags & closed) != 0)
		return NULL;
	/* that is hidden, too: one day it is not */
	b = gyl_dns_book_begin(
		l, name + len - f.apex_len, f.apex_len, f.zone == NULL ? 1 : f.zone->serial);
	if (b != NULL && there)
		note(l, b, lease, ptr, added);
	return b;
}

static void add(struct gyl_dns_leased *s, const struct gyl_dns_ledger *l,
	const struct gyl_dns_lease *lease, bool ptr)
{
	struct gyl_dns_found f;

	s->many = s->many || s->cnt == GYL_DNS_LEASED_MAX;
	if (s->many)
		return;
	s->name[s->cnt].ip = lease->ip;
	s->name[s->cnt].ptr = ptr;
	s->name[s->cnt++].apex_len = zone_len(l, lease, ptr, &f);
}

static void add_below(struct gyl_dns_leased *s, const struct gyl_dns_ledger *l, const uint8_t *name)
{
	const struct gyl_dns_overlay *ov = l->data->overlay;

	for (uint32_t i = 0; i < ov->cnt && !s->many; i++) {
		const struct gyl_dns_lease *lease = &ov->lease[ov->by_ip[i]];
		uint8_t reverse[GYL_DNS_NAME_MAX];

		if (gyl_dns_name_is_under(lease->name, name))
			add(s, l, lease, false);
		gyl_dns_name_reverse_ipv4(lease->ip, reverse);
		if (gyl_dns_name_is_under(reverse, name))
			add(s, l, lease, true);
	}
}

/* A name that exists because of a lease, and which one made it. */
static const struct gyl_dns_lease *lease_at(
	const struct gyl_dns_ledger *l, const uint8_t *name, bool *ret_ptr)
{
	size_t len = gyl_dns_name_len(name);
	const struct gyl_dns_lease *lease;

	return gyl_dns_overlay_find(l->data->overlay, name, len, &lease, ret_ptr) == len ? lease
											 : NULL;
}

static bool none(struct gyl_dns_leased *s, const struct gyl_dns_ledger *l)
{
	s->cnt = 0;
	s->many = false;
	return l->data == NULL || l->data->overlay->cnt == 0;
}

void gyl_dns_leased_before(
	struct gyl_dns_leased *s, const struct gyl_dns_ledger *l, const uint8_t *name, bool below)
{
	const struct gyl_dns_lease *lease;
	bool ptr;

	if (none(s, l))
		return;
	lease = lease_at(l, name, &ptr);
	if (below)
		add_below(s, l, name);
	else if (lease != NULL)
		add(s, l, lease, ptr);
}

void gyl_dns_leased_lump(
	struct gyl_dns_leased *s, const struct gyl_dns_ledger *l, const uint8_t *name, bool below)
{
	const struct gyl_dns_overlay *ov = l->data == NULL ? NULL : l->data->overlay;
	static const uint8_t arpa[] = "\007in-addr\004arpa";
	bool ptr;

	if (none(s, l))
		return;
	s->many =
		lease_at(l, name, &ptr) != NULL ||
		(below && (gyl_dns_name_is_under(name, arpa) || gyl_dns_name_is_under(arpa, name)));
	for (uint32_t i = 0; i < ov->domain_cnt && below; i++)
		s->many = s->many || gyl_dns_name_is_under(ov->domain[i].name, name);
}

void gyl_dns_leased_after(
	const struct gyl_dns_leased *s, struct gyl_dns_ledger *l, struct gyl_dns_book *b)
{
	for (uint32_t i = 0; i < s->cnt && !s->many; i++) {
		const struct gyl_dns_lease *lease =
			gyl_dns_overlay_ip(l->data->overlay, s->name[i].ip);
		struct gyl_dns_found f;
		uint8_t is = zone_len(l, lease, s->name[i].ptr, &f);

		/* to or from nowhere: no other zone has changed */
		if (is != s->name[i].apex_len)
			note(l, b, lease, s->name[i].ptr, is != 0);
	}
	if (s->many)
		gyl_dns_book_lose(l, b, true);
}
