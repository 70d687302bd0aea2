/* SPDX-License-Identifier: ISC */
#include "services/dns/walk.h"

#include <gyl/dns.h>

#include "services/dns/nsec3.h"
#include "services/dns/walk_own.h"

enum stage {
	SOA,
	NS, /* of a zone that is here because of leases only */
	NODES,
	CUTS, /* of zones below that are in the same image */
	HASHED,
	LEASES,
	DONE
};

/* --- what the zone had at the serial that is told --- */

static bool is_same(const struct gyl_dns_change *a, const struct gyl_dns_change *b)
{
	return a->type == b->type && a->ttl == b->ttl && a->name_len == b->name_len &&
	       memcmp(a->name, b->name, a->name_len) == 0 && gyl_view_eq(a->rdata, b->rdata);
}

/* The first word about a record since the walk began. False: there is none. */
static bool first_word(const struct gyl_dns_walk *w, const struct gyl_dns_change *about,
	struct gyl_dns_change *ret_first)
{
	uint64_t at = w->since;

	if (w->book == NULL || w->since == w->d->ledger->head)
		return false;
	while (gyl_dns_ledger_walk(w->d->ledger, w->book, &at, ret_first))
		if (is_same(ret_first, about))
			return true;
	return false;
}

/* Has the record stood there all the while? What was removed first, and may be there again, comes
 * by next_removed(). */
static bool stood(const struct gyl_dns_walk *w, const struct gyl_dns_walked *rr)
{
	struct gyl_dns_change about = {.name = rr->name,
		.name_len = (uint8_t)gyl_dns_name_len(rr->name),
		.type = rr->type,
		.ttl = rr->ttl,
		.rdata = rr->rdata};
	struct gyl_dns_change first;

	return !first_word(w, &about, &first);
}

/* What a name had and has no more, or again: the next of these. */
static bool next_removed(struct gyl_dns_walk *w, struct gyl_dns_walked *ret_rr)
{
	struct gyl_dns_change c, first;

	if (w->book == NULL)
		return false;
	while (gyl_dns_ledger_walk(w->d->ledger, w->book, &w->removed, &c)) {
		if (c.added || c.ip != 0 || c.type == GYL_DNS_TYPE_SOA ||
			!gyl_dns_name_eq(c.name, w->name))
			continue;
		/* told when the first word is met, and only then */
		if (!first_word(w, &c, &first) || first.name != c.name)
			continue;
		*ret_rr = (struct gyl_dns_walked){w->name, c.type, c.ttl, c.rdata};
		return true;
	}
	return false;
}

/* --- names --- */

/* The first name after this one (NULL: of all) that the ring says something about. */
static const uint8_t *changed_after(const struct gyl_dns_walk *w, const uint8_t *name)
{
	const uint8_t *best = NULL;
	struct gyl_dns_change c;
	uint64_t at = w->since;

	while (w->book != NULL && gyl_dns_ledger_walk(w->d->ledger, w->book, &at, &c))
		if (c.ip == 0 && (name == NULL || gyl_dns_name_cmp(c.name, name) > 0) &&
			(best == NULL || gyl_dns_name_cmp(c.name, best) < 0))
			best = c.name;
	return best;
}

static bool next_live_name(struct gyl_dns_walk *w)
{
	const uint8_t *last = w->node_off == 0 ? NULL : w->name;
	const struct gyl_dns_node *n = gyl_dns_live_next(w->live, last, &w->here);
	const uint8_t *changed = changed_after(w, last), *name = n == NULL ? NULL : n->name;

	if (name == NULL || (changed != NULL && gyl_dns_name_cmp(changed, name) < 0))
		name = changed;
	if (name == NULL)
		return false;
	memmove(w->name, name, gyl_dns_name_len(name));
	w->node_off = 1; /* there is a last name */
	return true;
}

static bool next_fixed_name(struct gyl_dns_walk *w)
{
	const struct gyl_dns_node *n;
	uint32_t off = w->node_off;

	while ((n = gyl_dns_image_walk(w->image, &off)) != NULL && n->zone != w->zone)
		;
	w->node_off = off;
	if (n == NULL)
		return false;
	w->here = (uint32_t)((const uint8_t *)n - (const uint8_t *)w->image);
	memcpy(w->name, n->name, n->name_len);
	return true;
}

/* What the records of the name are, as a number. */
static uint64_t print_of(const struct gyl_dns_walk *w)
{
	const struct gyl_dns_node *n = gyl_dns_live_node_near(w->live, w->name, w->here);
	const uint8_t *p, *end;
	uint64_t print = 0;

	if (n == NULL)
		return 0;
	p = (const uint8_t *)gyl_dns_node_first(n);
	end = (const uint8_t *)n + gyl_dns_node_len(n);
	for (; p < end; p += 4) {
		uint32_t word;

		memcpy(&word, p, sizeof word);
		print = gyl__dns_mix(print, word);
	}
	return print;
}

static bool next_name(struct gyl_dns_walk *w)
{
	w->set = 0;
	w->at = 0;
	w->removed = w->since;
	w->in_name =
		w->live != NULL && w->live->im != NULL ? next_live_name(w) : next_fixed_name(w);
	if (w->in_name && w->live != NULL) {
		w->name_writes = w->live->write_cnt;
		w->name_print = print_of(w);
		w->name_since = w->d->ledger == NULL ? 0 : w->d->ledger->head;
	}
	return w->in_name;
}

static const struct gyl_dns_node *node_of(const struct gyl_dns_walk *w)
{
	struct gyl_dns_key k;

	if (w->live != NULL && w->live->im != NULL)
		return gyl_dns_live_node_near(w->live, w->name, w->here);
	if (w->here != 0)
		return gyl_dns_image_node(w->image, w->here);
	gyl_dns_key_init(&k, w->name, gyl_dns_name_len(w->name));
	return gyl_dns_image_find(w->image, k.name, k.len, k.hash);
}

/* The next record of the name, whose node is n, as it is now. */
bool gyl__dns_walk_present(
	struct gyl_dns_walk *w, const struct gyl_dns_node *n, struct gyl_dns_walked *ret_rr)
{
	const struct gyl_dns_rrset *s = n == NULL ? NULL : gyl_dns_node_first(n);

	for (uint32_t i = 0; n != NULL && i < w->set && i < n->rrset_cnt; i++)
		s = gyl_dns_rrset_next(s);
	for (; n != NULL && w->set < n->rrset_cnt; w->set++, w->at = 0, s = gyl_dns_rrset_next(s)) {
		struct gyl_dns_unpacked u;

		for (w->was_at = w->at; gyl_dns_unpack(n, s, &w->at, w->buf, &u);
			w->was_at = w->at) {
			*ret_rr = (struct gyl_dns_walked){w->name, u.type, u.ttl, u.rdata};
			w->can_back = u.type != GYL_DNS_TYPE_SOA && stood(w, ret_rr);
			if (w->can_back)
				return true;
		}
	}
	return false;
}

/* Has the name that is being told changed since it was begun? The ring does not tell all: what was
 * removed and came back in one step stands elsewhere among its like. Nor do the records: what went
 * and came back in two was told already, and the ring would tell it again. */
static bool disturbed(struct gyl_dns_walk *w)
{
	uint64_t at = w->name_since;
	struct gyl_dns_change c;

	if (w->live == NULL || w->name_writes == w->live->write_cnt)
		return false;
	w->name_writes = w->live->write_cnt;
	while (w->book != NULL && gyl_dns_ledger_walk(w->d->ledger, w->book, &at, &c))
		if (c.ip == 0 && gyl_dns_name_eq(c.name, w->name))
			return true;
	return print_of(w) != w->name_print;
}

static enum gyl_dns_next next_of_nodes(struct gyl_dns_walk *w, struct gyl_dns_walked *ret_rr)
{
	while (w->in_name || next_name(w)) {
		if (disturbed(w))
			return GYL_DNS_GONE;
		if (gyl__dns_walk_present(w, node_of(w), ret_rr) || next_removed(w, ret_rr))
			return GYL_DNS_NEXT;
		w->in_name = false;
	}
	return GYL_DNS_END;
}

/* --- NSEC3, whose owners are no names of the zone (RFC 5155 7.2.8) --- */

static bool next_hashed(struct gyl_dns_walk *w, struct gyl_dns_walked *ret_rr)
{
	const struct gyl_dns_zone *zone = gyl_dns_image_zone(w->image, w->zone);
	const struct gyl_dns_node *apex = gyl_dns_image_node(w->image, zone->apex_off);

	/* in a live zone they are in the order of names */
	if ((zone->flags & (GYL_DNS_ZONE_NSEC3 | GYL_DNS_ZONE_LIVE)) != GYL_DNS_ZONE_NSEC3)
		return false;
	for (; w->hashed < zone->denial_cnt; w->hashed++, w->at = 0) {
		const struct gyl_dns_hashed *h = &gyl_dns_zone_hashed(w->image, zone)[w->hashed];
		struct gyl_dns_unpacked u;

		if (!gyl_dns_unpack(
			    apex, gyl_dns_image_rrset(w->image, h->rrset_off), &w->at, w->buf, &u))
			continue;
		w->name[0] = GYL_DNS_HASH_TEXT_LEN;
		gyl_dns_nsec3_label(h->hash, w->name + 1);
		memcpy(w->name + 1 + GYL_DNS_HASH_TEXT_LEN, w->apex, w->apex_len);
		*ret_rr = (struct gyl_dns_walked){w->name, u.type, u.ttl, u.rdata};
		return true;
	}
	return false;
}

/* --- all of it --- */

/* RFC 6303 3: zones that nobody administers name themselves. */
static bool tell_ns(struct gyl_dns_walk *w, struct gyl_dns_walked *ret_rr)
{
	if (w->image != NULL)
		return false;
	*ret_rr = (struct gyl_dns_walked){
		w->apex, GYL_DNS_TYPE_NS, w->policy->lease_ttl_s, gyl_view(w->apex, w->apex_len)};
	return true;
}

void gyl_dns_walk_soa(const struct gyl_dns_walk *w, struct gyl_dns_walked *ret_rr)
{
	*ret_rr = (struct gyl_dns_walked){
		w->apex, GYL_DNS_TYPE_SOA, w->soa_ttl, gyl_view(w->soa, w->soa_len)};
}

static bool is_known(const struct gyl_dns_walk *w)
{
	struct gyl_dns_ledger *l = w->d->ledger;

	if (w->book != NULL)
		return gyl_dns_book_knows(l, w->book, w->since);
	/* it may have got one meanwhile */
	return l == NULL || l->book_cnt == w->book_cnt ||
	       gyl_dns_book_find(l, w->apex, w->apex_len) == NULL;
}

/* Is all that the walk stands on still there? */
bool gyl_dns_walk_stands(const struct gyl_dns_walk *w)
{
	if (w->live != NULL)
		return w->live->view == w->image && w->live->apex_len == w->apex_len &&
		       memcmp(w->live->apex, w->apex, w->apex_len) == 0 && is_known(w);
	return (w->image == NULL || w->image == w->d->image) && is_known(w);
}

enum gyl_dns_next gyl_dns_walk_next(struct gyl_dns_walk *w, struct gyl_dns_walked *ret_rr)
{
	enum gyl_dns_next got;

	if (!gyl_dns_walk_stands(w))
		return GYL_DNS_GONE;
	w->can_back = false;
	switch ((enum stage)w->stage) {
	case SOA:
		w->stage = NS;
		gyl_dns_walk_soa(w, ret_rr);
		return GYL_DNS_NEXT;
	case NS:
		w->stage = w->image == NULL ? LEASES : NODES;
		if (tell_ns(w, ret_rr))
			return GYL_DNS_NEXT;
		/* fall through */
	case NODES:
		got = w->image == NULL ? GYL_DNS_END : next_of_nodes(w, ret_rr);
		if (got != GYL_DNS_END)
			return got;
		w->stage = CUTS;
		/* fall through */
	case CUTS:
		if (w->image != NULL && w->live == NULL && gyl__dns_walk_cut(w, ret_rr))
			return GYL_DNS_NEXT;
		w->at = 0;
		w->stage = HASHED;
		/* fall through */
	case HASHED:
		if (w->image != NULL && next_hashed(w, ret_rr))
			return GYL_DNS_NEXT;
		w->stage = LEASES;
		/* fall through */
	case LEASES:
		if (gyl__dns_walk_lease(w, ret_rr))
			return GYL_DNS_NEXT;
		w->stage = DONE;
		/* fall through */
	default:
		return GYL_DNS_END;
	}
}

bool gyl_dns_walk_back(struct gyl_dns_walk *w)
{
	if (!w->can_back)
		return false;
	w->at = w->was_at;
	w->can_back = false;
	return true;
}

/* The SOA that the zone had when the walk's place in the ring was written. False: it has it still.
 */
static bool soa_before(struct gyl_dns_walk *w)
{
	struct gyl_dns_change c;
	uint64_t at = w->since;

	while (w->book != NULL && gyl_dns_ledger_walk(w->d->ledger, w->book, &at, &c))
		if (c.type == GYL_DNS_TYPE_SOA && !c.added && c.rdata.len <= sizeof w->soa) {
			memcpy(w->soa, c.rdata.p, c.rdata.len);
			w->soa_len = c.rdata.len;
			w->soa_ttl = c.ttl;
			return true;
		}
	return false;
}

/* The SOA; a book knows the serial that a fixed zone has by its leases. */
static void keep_soa(struct gyl_dns_walk *w)
{
	const struct gyl_dns_zone *zone = gyl_dns_image_zone(w->image, w->zone);
	const struct gyl_dns_node *apex = gyl_dns_image_node(w->image, zone->apex_off);
	const struct gyl_dns_rrset *s = gyl_dns_node_rrset(apex, GYL_DNS_TYPE_SOA);
	struct gyl_dns_unpacked u;
	size_t at = 0;

	if (!soa_before(w)) {
		gyl_dns_unpack(apex, s, &at, w->soa, &u);
		w->soa_ttl = u.ttl;
		w->soa_len = u.rdata.len;
	}
	w->serial = w->book != NULL ? gyl_dns_book_told_serial(w->book) : zone->serial;
	gyl_set_u32(w->soa + w->soa_len - 20, w->serial);
}

bool gyl_dns_walk_begin(const struct gyl_dns_data *d, const struct gyl_dns_policy *policy,
	const uint8_t *apex, size_t len, struct gyl_dns_walk *ret_walk)
{
	struct gyl_dns_walk *w = ret_walk;
	struct gyl_dns_found f;
	struct gyl_dns_key k;

	gyl_dns_key_init(&k, apex, len);
	gyl_dns_find(d, &k, &f);
	if (f.kind == GYL_DNS_OUTSIDE || f.apex_len != len)
		return false;
	memset(w, 0, sizeof *w);
	w->d = d;
	w->policy = policy;
	w->apex_len = (uint8_t)len;
	memcpy(w->apex, k.name, len);
	w->book = d->ledger == NULL ? NULL : gyl_dns_book_find(d->ledger, k.name, len);
	w->book_cnt = d->ledger == NULL ? 0 : d->ledger->book_cnt;
	w->since = w->book == NULL ? 0 : gyl_dns_book_told_at(d->ledger, w->book);
	if (f.zone == NULL) { /* it is here for leases, whatever hosts files have in it */
		w->soa_len = gyl__dns_local_soa(d, w->apex, w->soa, &w->soa_ttl);
		w->serial = gyl_get_u32(w->soa + w->soa_len - 20);
		if (w->book != NULL)
			w->serial = gyl_dns_book_told_serial(w->book);
		gyl_set_u32(w->soa + w->soa_len - 20, w->serial);
		return true;
	}
	w->image = f.image;
	w->live = d->lives == NULL ? NULL : gyl_dns_live_of(d->lives, k.name, len);
	if (w->live != NULL && w->live->view != f.image)
		w->live = NULL;
	w->zone = (uint32_t)(f.zone - gyl_dns_image_zone(f.image, 0));
	w->node_off = w->live != NULL && w->live->im != NULL ? 0 : f.image->node_off;
	keep_soa(w);
	return true;
}
