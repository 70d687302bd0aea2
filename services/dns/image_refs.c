/* SPDX-License-Identifier: ISC */
#include "services/dns/image_own.h"

#include <gyl/dns.h>

#include "services/dns/names.h"

/* Is there the frame of a node with a name? Then *ret_key is it. */
static bool name_at(
	const struct gyl_dns_image *im, uint32_t off, uint32_t end, struct gyl_dns_key *ret_key)
{
	const struct gyl_dns_node *n = gyl_dns_image_node(im, off);

	if (off % 4 != 0 || off >= end || end - off < gyl_dns_node_head(1, false) ||
		n->name_len == 0 || end - off < gyl_dns_node_head(n->name_len, false) ||
		gyl__dns_check_name(n->name, n->name_len) < 0)
		return false;
	gyl_dns_key_init(ret_key, n->name, n->name_len);
	return true;
}

/* The node that a reference means, NULL when it means none. The frames are sound already. */
static const struct gyl_dns_node *refer(const struct gyl_dns_image *im, uint32_t off)
{
	struct gyl_dns_key key;

	if (off < im->node_off || !name_at(im, off, im->node_end, &key) ||
		!gyl__dns_leads_to(im, key.hash, off))
		return NULL;
	return gyl_dns_image_node(im, off);
}

static bool is_under(const struct gyl_dns_node *n, const uint8_t *name, size_t len)
{
	size_t at = 0;

	while ((size_t)n->name_len - at > len)
		at += (size_t)n->name[at] + 1;
	return (size_t)n->name_len - at == len && memcmp(n->name + at, name, len) == 0;
}

static bool is_suffix(const struct gyl_dns_node *n, const struct gyl_dns_node *of)
{
	return is_under(n, of->name, of->name_len);
}

static bool check_over(const struct gyl_dns_image *im, const struct gyl_dns_node *n)
{
	uint32_t off = gyl_dns_node_over(n);
	const struct gyl_dns_node *over;

	if (off == 0)
		return true;
	over = refer(im, off);
	if (over == NULL || !is_suffix(n, over) || over->zone != n->zone)
		return false;
	if (gyl_dns_image_zone(im, n->zone)->flags & GYL_DNS_ZONE_HOSTS)
		return (over->flags & GYL_DNS_NODE_TOP) != 0;
	if (over->flags & GYL_DNS_NODE_HOLE)
		return true;
	if (over->flags & GYL_DNS_NODE_CUT)
		return gyl_dns_node_rrset(over, GYL_DNS_TYPE_NS) != NULL;
	return (over->flags & GYL_DNS_NODE_DNAME) != 0 && over->name_len < n->name_len;
}

static bool check_wild(const struct gyl_dns_image *im, const struct gyl_dns_node *n)
{
	uint32_t off = gyl_dns_node_wild(n);
	const struct gyl_dns_node *wild;
	size_t base_len;

	if (off == 0)
		return true;
	wild = refer(im, off);
	if (wild == NULL || !gyl_dns_name_is_wildcard(wild->name) || wild->zone != n->zone)
		return false;
	base_len = wild->name_len - 2u;
	if (n->flags & GYL_DNS_NODE_THIN)
		return base_len < n->name_len && is_under(n, wild->name + 2, base_len);
	return base_len == n->name_len && memcmp(wild->name + 2, n->name, base_len) == 0;
}

/* One of the zone's own NSEC3. */
static bool check_proof(const struct gyl_dns_image *im, const struct gyl_dns_node *n)
{
	const struct gyl_dns_zone *zone = gyl_dns_image_zone(im, n->zone);
	const struct gyl_dns_more *more = gyl_dns_node_more(n);
	uint32_t at;

	if (more == NULL || more->proof_off == 0)
		return true;
	if ((zone->flags & GYL_DNS_ZONE_NSEC3) == 0 || more->proof_off < zone->denial_off)
		return false;
	at = more->proof_off - zone->denial_off;
	return at % sizeof(struct gyl_dns_hashed) == 0 &&
	       at / sizeof(struct gyl_dns_hashed) < zone->denial_cnt;
}

static bool check_extras(const struct gyl_dns_image *im, const struct gyl_dns_node *n)
{
	const struct gyl_dns_rrset *s = gyl_dns_node_first(n);
	uint8_t name[GYL_DNS_NAME_MAX];

	for (unsigned i = 0; i < n->rrset_cnt; i++, s = gyl_dns_rrset_next(s))
		for (unsigned j = 0; j < s->extra_cnt; j++) {
			const struct gyl_dns_extra *e = &gyl_dns_rrset_extra(s)[j];
			const struct gyl_dns_node *to = refer(im, e->node_off);
			size_t len = gyl__dns_check_name_at(gyl__dns_node_name(n), s, e->at, name);

			gyl_dns_name_fold(name, name, len);
			if (to == NULL || len != to->name_len || memcmp(name, to->name, len) != 0 ||
				e->glue > 1)
				return false;
		}
	return true;
}

/* Of a zone: holes, but for those that it delegates, and what leads to them have no records, and a
 * hole decides for itself. Of hosts files: a top has a wildcard. */
static bool check_marks(
	const struct gyl_dns_image *im, const struct gyl_dns_node *n, unsigned marks, uint32_t off)
{
	bool hosts = (gyl_dns_image_zone(im, n->zone)->flags & GYL_DNS_ZONE_HOSTS) != 0;

	switch (marks) {
	case 0:
		return true;
	case GYL_DNS_NODE_TOP:
		return hosts && gyl_dns_node_over(n) == off && gyl_dns_node_wild(n) != 0;
	case GYL_DNS_NODE_HOLE:
		return !hosts && (n->rrset_cnt == 0 || (n->flags & GYL_DNS_NODE_CUT) != 0) &&
		       gyl_dns_node_over(n) == off;
	case GYL_DNS_NODE_THIN:
		return !hosts && n->rrset_cnt == 0;
	default:
		return false;
	}
}

/* What the flags say is what the RRsets say. */
static bool check_flags(
	const struct gyl_dns_image *im, const struct gyl_dns_node *n, uint32_t off, bool apex)
{
	unsigned marks = n->flags & (GYL_DNS_NODE_HOLE | GYL_DNS_NODE_THIN | GYL_DNS_NODE_TOP);
	bool ns = gyl_dns_node_rrset(n, GYL_DNS_TYPE_NS) != NULL;
	bool dname = gyl_dns_node_rrset(n, GYL_DNS_TYPE_DNAME) != NULL;
	unsigned want = apex ? GYL_DNS_NODE_APEX : ns ? GYL_DNS_NODE_CUT : 0;

	if (dname && want != GYL_DNS_NODE_CUT)
		want |= GYL_DNS_NODE_DNAME;
	return (n->flags & ~(unsigned)GYL_DNS_NODE_MORE) == (want | marks) &&
	       check_marks(im, n, marks, off);
}

/* The SOA for negative answers: one record, owned by the apex. Returns its length, 0 for no. */
static size_t check_soa(const struct gyl_dns_image *im, const struct gyl_dns_zone *zone, size_t off)
{
	const struct gyl_dns_rrset *s = gyl_dns_image_rrset(im, (uint32_t)off);
	const struct gyl_dns_node *apex = gyl_dns_image_node(im, zone->apex_off);

	if (zone->soa_off != off ||
		!gyl__dns_check_rrset(gyl__dns_node_name(apex), s, im->len - off))
		return 0;
	return s->type == GYL_DNS_TYPE_SOA && s->cnt == 1 && s->extra_cnt == 0
		       ? gyl_dns_rrset_len(s)
		       : 0;
}

/* The cut of the zone above: a node outside the index, without wildcard and additional addresses.
 */
static size_t check_parent(
	const struct gyl_dns_image *im, const struct gyl_dns_zone *zone, size_t off)
{
	const struct gyl_dns_node *apex = gyl_dns_image_node(im, zone->apex_off), *cut, *above;
	const struct gyl_dns_rrset *s;
	struct gyl_dns_key key;
	size_t len = zone->parent_off == off ? gyl__dns_check_node(im, off, im->len, &key) : 0;

	if (len == 0)
		return 0;
	cut = gyl_dns_image_node(im, (uint32_t)off);
	above = gyl_dns_image_node(im, gyl_dns_image_zone(im, cut->zone)->apex_off);
	if (cut->name_len != apex->name_len || memcmp(cut->name, apex->name, cut->name_len) != 0 ||
		above->name_len >= cut->name_len || !is_suffix(cut, above) ||
		gyl_dns_node_wild(cut) != 0 || !check_over(im, cut) || !check_proof(im, cut))
		return 0;
	s = gyl_dns_node_first(cut);
	for (unsigned i = 0; i < cut->rrset_cnt; i++, s = gyl_dns_rrset_next(s))
		if (s->extra_cnt != 0)
			return 0;
	return len;
}

/* A node of the index, or the cut above a zone. */
static const struct gyl_dns_node *refer_denial(const struct gyl_dns_image *im, uint32_t off)
{
	const struct gyl_dns_node *apex;
	struct gyl_dns_key key;

	if (off < im->tail_off)
		return refer(im, off);
	if (!name_at(im, off, im->len, &key))
		return NULL;
	apex = gyl_dns_image_find(im, key.name, key.len, key.hash);
	if (apex == NULL || gyl_dns_image_zone(im, apex->zone)->parent_off != off)
		return NULL;
	return gyl_dns_image_node(im, off);
}

/* Owners of one NSEC each, in order. Returns the octets of the list, 0 for no. */
static size_t check_nsec(const struct gyl_dns_image *im, uint16_t number, size_t room)
{
	const struct gyl_dns_zone *zone = gyl_dns_image_zone(im, number);
	const uint32_t *list = gyl_dns_zone_nsec(im, zone);
	const uint8_t *last = NULL;

	if (zone->denial_cnt > room / sizeof *list || zone->salt_len != 0)
		return 0;
	for (uint32_t i = 0; i < zone->denial_cnt; i++) {
		const struct gyl_dns_node *n = refer_denial(im, list[i]);
		const struct gyl_dns_rrset *s =
			n == NULL ? NULL : gyl_dns_node_rrset(n, GYL_DNS_TYPE_NSEC);

		if (s == NULL || s->cnt != 1 || n->zone != number ||
			(last != NULL && gyl_dns_name_cmp(last, n->name) >= 0))
			return 0;
		last = n->name;
	}
	return zone->denial_cnt * sizeof *list;
}

/* Hashes in order, the salt, and the records one after the other. */
static size_t check_hashed(const struct gyl_dns_image *im, uint16_t number, size_t room)
{
	const struct gyl_dns_zone *zone = gyl_dns_image_zone(im, number);
	const struct gyl_dns_hashed *list = gyl_dns_zone_hashed(im, zone);
	struct gyl_view none = gyl_view(NULL, 0);
	size_t len = zone->denial_cnt * sizeof *list + ((zone->salt_len + 3u) & ~3u);

	if (zone->denial_cnt > room / sizeof *list || len > room ||
		zone->iterations > GYL_DNS_ITERATIONS_MAX)
		return 0;
	for (uint32_t i = 0; i < zone->denial_cnt; i++) {
		const struct gyl_dns_rrset *s;

		if (i != 0 && memcmp(list[i - 1].hash, list[i].hash, GYL_DNS_HASH_LEN) >= 0)
			return 0;
		if (list[i].rrset_off != zone->denial_off + len)
			return 0;
		s = gyl_dns_image_rrset(im, list[i].rrset_off);
		if (!gyl__dns_check_rrset(none, s, room - len) || s->type != GYL_DNS_TYPE_NSEC3 ||
			s->cnt != 1 || s->extra_cnt != 0)
			return 0;
		len += gyl_dns_rrset_len(s);
	}
	return len;
}

/* Behind the zones' SOAs: what each can deny by. */
static bool check_denial(const struct gyl_dns_image *im, size_t off)
{
	for (uint32_t i = 0; i < im->zone_cnt; i++) {
		const struct gyl_dns_zone *zone = gyl_dns_image_zone(im, i);
		bool nsec3 = (zone->flags & GYL_DNS_ZONE_NSEC3) != 0;
		size_t len;

		if (zone->denial_cnt == 0) {
			if (zone->denial_off != 0 || nsec3)
				return false;
			continue;
		}
		if (zone->denial_off != off)
			return false;
		len = nsec3 ? check_hashed(im, (uint16_t)i, im->len - off)
			    : check_nsec(im, (uint16_t)i, im->len - off);
		if (len == 0)
			return false;
		off += len;
	}
	return im->names_off == 0 ? off == im->len
				  : off == im->names_off && gyl__dns_names_check(im);
}

/* No zone at all: the root above names of hosts files. */
static bool check_hosts(const struct gyl_dns_image *im, const struct gyl_dns_zone *zone)
{
	return gyl_dns_image_node(im, zone->apex_off)->name_len == 1 && zone->soa_off == 0 &&
	       zone->parent_off == 0 && zone->denial_cnt == 0;
}

bool gyl__dns_check_zones(const struct gyl_dns_image *im)
{
	size_t off = im->tail_off;

	for (uint32_t i = 0; i < im->zone_cnt; i++)
		if (refer(im, gyl_dns_image_zone(im, i)->apex_off) == NULL ||
			gyl_dns_image_node(im, gyl_dns_image_zone(im, i)->apex_off)->zone != i)
			return false;
	for (uint32_t i = 0; i < im->zone_cnt; i++) {
		const struct gyl_dns_zone *zone = gyl_dns_image_zone(im, i);
		size_t len = zone->parent_off == 0 ? 0 : check_parent(im, zone, off);

		if (zone->parent_off != 0 && len == 0)
			return false;
		off += len;
		if (zone->flags & GYL_DNS_ZONE_HOSTS) {
			if (!check_hosts(im, zone))
				return false;
			continue;
		}
		len = check_soa(im, zone, off);
		if (len == 0)
			return false;
		off += len;
	}
	return check_denial(im, off);
}

bool gyl__dns_check_refs(const struct gyl_dns_image *im, const struct gyl_dns_node *n)
{
	const struct gyl_dns_zone *zone = gyl_dns_image_zone(im, n->zone);
	uint32_t off = (uint32_t)((const uint8_t *)n - (const uint8_t *)im);

	return is_suffix(n, gyl_dns_image_node(im, zone->apex_off)) &&
	       check_flags(im, n, off, zone->apex_off == off) && check_over(im, n) &&
	       check_wild(im, n) && check_proof(im, n) && check_extras(im, n);
}
