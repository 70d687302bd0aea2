/* SPDX-License-Identifier: ISC */

/* Names of leases in a walk: as they were at the serial that is told. */

#include <gyl/dns.h>

#include "services/dns/walk_own.h"

/* Does the lease's name, or its reverse name, answer in this zone? */
static bool is_ours(
	const struct gyl_dns_walk *w, const struct gyl_dns_lease *l, bool ptr, const uint8_t *name)
{
	struct gyl_dns_found f;
	struct gyl_dns_key k;

	gyl_dns_key_init(&k, name, gyl_dns_name_len(name));
	gyl_dns_find(w->d, &k, &f);
	return f.kind == GYL_DNS_LEASE && f.lease == l && f.ptr == ptr &&
	       f.apex_len == w->apex_len && gyl_dns_name_is_under(name, w->apex);
}

static bool tell_lease(
	struct gyl_dns_walk *w, const struct gyl_dns_lease *l, struct gyl_dns_walked *ret_rr)
{
	ret_rr->name = w->name;
	ret_rr->ttl = w->policy->lease_ttl_s;
	if (w->reverse) {
		gyl_dns_name_reverse_ipv4(l->ip, w->name);
		memcpy(w->buf, l->name, l->name_len);
		ret_rr->type = GYL_DNS_TYPE_PTR;
		ret_rr->rdata = gyl_view(w->buf, l->name_len);
	} else {
		memcpy(w->name, l->name, l->name_len);
		gyl_set_u32(w->buf, l->ip);
		ret_rr->type = GYL_DNS_TYPE_A;
		ret_rr->rdata = gyl_view(w->buf, 4);
	}
	return is_ours(w, l, w->reverse, w->name);
}

/* A change of a lease's name, of those that are told now? */
static bool is_of_lease(const struct gyl_dns_walk *w, const struct gyl_dns_change *c)
{
	return c->ip != 0 && (c->type == GYL_DNS_TYPE_PTR) == w->reverse;
}

/* The first word about a lease's address since the walk began. */
static bool first_of_ip(const struct gyl_dns_walk *w, uint32_t ip, struct gyl_dns_change *ret_first)
{
	uint64_t at = w->since;

	while (w->book != NULL && gyl_dns_ledger_walk(w->d->ledger, w->book, &at, ret_first))
		if (is_of_lease(w, ret_first) && ret_first->ip == ip)
			return true;
	return false;
}

/* The lowest address, not below w->ip, that has a lease or had one. UINT64_MAX: none. */
static uint64_t next_ip(const struct gyl_dns_walk *w)
{
	const struct gyl_dns_lease *l = gyl_dns_overlay_from(w->d->overlay, (uint32_t)w->ip);
	uint64_t best = l == NULL ? UINT64_MAX : l->ip, at = w->since;
	struct gyl_dns_change c;

	while (w->book != NULL && gyl_dns_ledger_walk(w->d->ledger, w->book, &at, &c))
		if (is_of_lease(w, &c) && c.ip >= w->ip && c.ip < best)
			best = c.ip;
	return best;
}

static bool next_of_leases(struct gyl_dns_walk *w, struct gyl_dns_walked *ret_rr)
{
	/* a copy is what its primary says, and no more */
	while (w->ip <= UINT32_MAX && (w->live == NULL || !w->live->copy)) {
		uint64_t ip = next_ip(w);
		struct gyl_dns_change first;
		const struct gyl_dns_lease *l;

		w->ip = ip == UINT64_MAX ? ip : ip + 1;
		if (ip == UINT64_MAX)
			return false;
		l = gyl_dns_overlay_ip(w->d->overlay, (uint32_t)ip);
		if (first_of_ip(w, (uint32_t)ip, &first)) {
			if (first.added)
				continue;
			*ret_rr = (struct gyl_dns_walked){
				first.name, first.type, first.ttl, first.rdata};
			return true;
		}
		if (l != NULL && tell_lease(w, l, ret_rr))
			return true;
	}
	return false;
}

/* Addresses, then names of addresses: a zone may have both (the root). */
bool gyl__dns_walk_lease(struct gyl_dns_walk *w, struct gyl_dns_walked *ret_rr)
{
	if (next_of_leases(w, ret_rr))
		return true;
	if (w->reverse)
		return false;
	w->reverse = true;
	w->ip = 0;
	return next_of_leases(w, ret_rr);
}
