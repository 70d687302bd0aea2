/* SPDX-License-Identifier: ISC */
#include "services/dns/find.h"

#include "services/dns/conf.h"
#include "services/dns/live.h"
#include "services/dns/route.h"

static void set_zone(
	const struct gyl_dns_image *im, const struct gyl_dns_node *n, struct gyl_dns_found *f)
{
	f->image = im;
	f->zone = gyl_dns_image_zone(im, n->zone);
	f->apex_len = gyl_dns_image_node(im, f->zone->apex_off)->name_len;
}

/* The longest proper suffix of the name that is a node, NULL when no zone is above the name. */
static const struct gyl_dns_node *closest(
	const struct gyl_dns_image *im, const struct gyl_dns_key *k)
{
	const uint8_t *name = k->name;
	unsigned labels = gyl_dns_name_label_cnt(name);

	while (*name != 0) {
		const struct gyl_dns_node *n;
		size_t len;

		name += *name + 1;
		labels--;
		if (labels > im->label_max)
			continue;
		len = k->len - (size_t)(name - k->name);
		n = gyl_dns_image_find(im, name, len, gyl_dns_hash(name, len));
		if (n != NULL)
			return n;
	}
	return NULL;
}

/* The cut or DNAME that decides about the name at or below node n. */
static const struct gyl_dns_node *ruler(
	const struct gyl_dns_image *im, const struct gyl_dns_node *n, bool exact)
{
	uint32_t over_off = gyl_dns_node_over(n);

	if (over_off != 0)
		return gyl_dns_image_node(im, over_off);
	return !exact && (n->flags & GYL_DNS_NODE_DNAME) != 0 ? n : NULL;
}

static void rule_by(const struct gyl_dns_node *rule, struct gyl_dns_found *f)
{
	f->node = rule;
	if (rule->flags & GYL_DNS_NODE_HOLE)
		f->kind = GYL_DNS_HOLE;
	else
		f->kind = (rule->flags & GYL_DNS_NODE_CUT) != 0 ? GYL_DNS_CUT : GYL_DNS_REDIRECT;
}

/* A name that is there for the sake of a hole below encloses nothing. */
static const struct gyl_dns_node *encloser(
	const struct gyl_dns_image *im, const struct gyl_dns_node *n)
{
	while (n->flags & GYL_DNS_NODE_THIN) {
		struct gyl_dns_key k;

		gyl_dns_key_init(&k, gyl_dns_name_parent(n->name), n->name_len - n->name[0] - 1u);
		n = gyl_dns_image_find(im, k.name, k.len, k.hash);
	}
	return n;
}

/*
 * The name has no records in the zone. A lease may make it, or some name of a lease may be its
 * closest encloser, which hides the wildcards above. False: leases have no say.
 */
static bool find_lease(
	const struct gyl_dns_data *d, const struct gyl_dns_key *k, struct gyl_dns_found *f)
{
	const uint8_t closed = GYL_DNS_ZONE_SIGNED | GYL_DNS_ZONE_COPY;
	const struct gyl_dns_lease *lease;
	size_t len;
	bool ptr;

	/* nobody can sign for a name that came today, nor add to what a primary says */
	if (d->overlay->cnt == 0 || (f->zone != NULL && (f->zone->flags & closed) != 0))
		return false;
	if (d->part && gyl_dns_overlay_may(d->overlay, k->name, k->len)) {
		f->kind = GYL_DNS_ELSEWHERE;
		return true;
	}
	len = gyl_dns_overlay_find(d->overlay, k->name, k->len, &lease, &ptr);
	if (lease != NULL && len == k->len) {
		f->kind = GYL_DNS_LEASE;
		f->lease = lease;
		f->ptr = ptr;
	} else if (len > f->encloser_len) {
		f->kind = len == k->len ? GYL_DNS_EMPTY : GYL_DNS_MISSING;
	} else {
		return false;
	}
	f->encloser_len = len;
	return true;
}

/* The name has no records: its wildcard has, or nobody. */
static void find_wild(const struct gyl_dns_image *im, const struct gyl_dns_node *n, bool exact,
	struct gyl_dns_found *f)
{
	uint32_t wild_off = gyl_dns_node_wild(n);

	if (exact && (wild_off == 0 || (n->flags & GYL_DNS_NODE_THIN) == 0)) {
		f->kind = GYL_DNS_EMPTY;
	} else if (wild_off != 0) {
		f->node = gyl_dns_image_node(im, wild_off);
		f->kind = GYL_DNS_WILDCARD;
	} else {
		f->kind = GYL_DNS_MISSING;
	}
}

/* A hole where names exist without data is a place for leases. */
static void find_lease_in_hole(
	const struct gyl_dns_data *d, const struct gyl_dns_key *k, struct gyl_dns_found *f)
{
	struct gyl_dns_found leased = *f;
	uint16_t group;

	if (f->kind != GYL_DNS_HOLE || gyl__dns_hole(d, f->node, k, &group) != GYL_DNS_HOLE_NODATA)
		return;
	if (find_lease(d, k, &leased) &&
		(leased.kind == GYL_DNS_LEASE || leased.kind == GYL_DNS_ELSEWHERE)) {
		leased.node = NULL;
		*f = leased;
	}
}

/* Octets of the longest domain of leases that the name lies in, 0 for none. */
static size_t domain_of(const struct gyl_dns_overlay *ov, const struct gyl_dns_key *k)
{
	size_t best = 0;

	for (uint32_t i = 0; i < ov->domain_cnt; i++)
		if (ov->domain[i].name_len > best &&
			gyl_dns_name_is_under(k->name, ov->domain[i].name))
			best = ov->domain[i].name_len;
	return best;
}

/*
 * A domain of leases that the zone delegates is a zone here, not somebody else's: so a signed zone
 * can have one below it. True when the name lies in such.
 */
static bool find_delegated(const struct gyl_dns_data *d, const struct gyl_dns_key *k,
	const struct gyl_dns_node *rule, struct gyl_dns_found *f)
{
	size_t len = f->kind == GYL_DNS_CUT ? domain_of(d->overlay, k) : 0;

	if (len < rule->name_len)
		return false;
	memset(f, 0, sizeof *f);
	f->apex_len = f->encloser_len = len;
	f->kind = GYL_DNS_LOCAL;
	if (len != k->len && !find_lease(d, k, f))
		f->kind = GYL_DNS_MISSING;
	return true;
}

static void find_in_zone(const struct gyl_dns_data *d, const struct gyl_dns_image *im,
	const struct gyl_dns_key *k, const struct gyl_dns_node *n, struct gyl_dns_found *f)
{
	bool exact = n->name_len == k->len;
	const struct gyl_dns_node *rule = ruler(im, n, exact);

	set_zone(im, n, f);
	f->encloser = rule == NULL ? encloser(im, n) : n;
	f->encloser_len = f->encloser->name_len;
	if (rule != NULL) {
		rule_by(rule, f);
		if (!find_delegated(d, k, rule, f))
			find_lease_in_hole(d, k, f);
	} else if (exact && n->rrset_cnt != 0) {
		f->node = n;
		f->kind = GYL_DNS_DATA;
	} else if (find_lease(d, k, f)) {
		f->node = NULL;
		/* a hole lies below */
		if (exact && f->kind == GYL_DNS_MISSING)
			f->kind = GYL_DNS_EMPTY;
	} else {
		find_wild(im, n, exact, f);
	}
}

/*
 * The reverse zones of a network are cut at octets, none larger than the network needs: a /22 has
 * four zones of one /24 each. Returns the octets of the zone's name that holds the reverse name, or
 * 0.
 */
static size_t reverse_apex(const struct gyl_dns_net *net, const struct gyl_dns_key *k)
{
	uint8_t zone[GYL_DNS_NAME_MAX];
	uint32_t bits = net->prefix_len > 16 ? 24 : net->prefix_len > 8 ? 16 : 8;
	uint32_t first = net->ip & UINT32_MAX << (32 - bits);
	uint32_t zone_cnt = net->prefix_len < bits ? 1u << (bits - net->prefix_len) : 1;

	for (uint32_t i = 0; i < zone_cnt; i++) {
		uint32_t ip = first + (i << (32 - bits));
		const uint8_t *name = zone;

		gyl_dns_name_reverse_ipv4(ip, zone);
		for (uint32_t skip = 32 - bits; skip != 0; skip -= 8)
			name += *name + 1;
		if (gyl_dns_name_is_under(k->name, name))
			return gyl_dns_name_len(name);
	}
	return 0;
}

/* Most names are not: it spares the walk over all networks. */
static bool is_reverse(const struct gyl_dns_key *k)
{
	static const uint8_t top[] = "\007in-addr\004arpa";

	return k->len >= sizeof top && memcmp(k->name + k->len - sizeof top, top, sizeof top) == 0;
}

/* Octets of the longest zone made from leases that the name lies in, 0 for none. */
static size_t local_apex(const struct gyl_dns_data *d, const struct gyl_dns_key *k)
{
	size_t best = domain_of(d->overlay, k), len;

	for (unsigned i = 0; i < d->net_cnt && is_reverse(k); i++) {
		len = reverse_apex(&d->net[i], k);
		if (len > best)
			best = len;
	}
	return best;
}

/* A host behind a relay has a reverse name as any other, though its network is none of ours. */
static void find_far(
	const struct gyl_dns_data *d, const struct gyl_dns_key *k, struct gyl_dns_found *f)
{
	if (find_lease(d, k, f) && (f->kind == GYL_DNS_LEASE || f->kind == GYL_DNS_ELSEWHERE)) {
		f->apex_len = k->len;
		return;
	}
	if (f->encloser_len < k->len)
		f->encloser_len = 0;
	f->kind = GYL_DNS_OUTSIDE;
}

static void find_local(
	const struct gyl_dns_data *d, const struct gyl_dns_key *k, struct gyl_dns_found *f)
{
	f->apex_len = local_apex(d, k);
	f->encloser_len = f->apex_len;
	if (f->apex_len == 0)
		find_far(d, k, f);
	else if (f->apex_len == k->len)
		f->kind = GYL_DNS_LOCAL;
	else if (!find_lease(d, k, f))
		f->kind = GYL_DNS_MISSING;
}

static bool is_hosts(const struct gyl_dns_image *im, const struct gyl_dns_node *n)
{
	return (gyl_dns_image_zone(im, n->zone)->flags & GYL_DNS_ZONE_HOSTS) != 0;
}

/*
 * n is a name of a hosts file, or leads to one. A wildcard there makes a zone of all below it;
 * other names stand alone: what lies above and below them is not ours because of them.
 */
static void find_in_hosts(const struct gyl_dns_data *d, const struct gyl_dns_key *k,
	const struct gyl_dns_node *n, struct gyl_dns_found *f)
{
	bool exact = n->name_len == k->len;
	uint32_t top_off = gyl_dns_node_over(n);
	size_t top_len = top_off == 0 ? 0 : gyl_dns_image_node(d->image, top_off)->name_len;
	size_t local_len = local_apex(d, k);

	f->image = d->image;
	f->apex_len = top_len > local_len ? top_len : local_len;
	f->encloser_len = n->name_len;
	if (exact && n->rrset_cnt != 0) {
		f->node = n;
		f->kind = GYL_DNS_DATA;
		if (f->apex_len == 0)
			f->apex_len = k->len;
	} else if (top_len > local_len || (top_len != 0 && top_len == local_len)) {
		if (find_lease(d, k, f))
			return;
		if (exact && top_len == k->len)
			f->kind = GYL_DNS_LOCAL;
		else
			find_wild(d->image, n, exact, f);
	} else {
		find_local(d, k, f);
		if (exact && f->kind == GYL_DNS_MISSING)
			f->kind = GYL_DNS_EMPTY;
		if (exact && f->encloser_len < k->len)
			f->encloser_len = k->len;
	}
}

/* The name itself, or the longest suffix of it that is a node of the image. */
static const struct gyl_dns_node *nearest(
	const struct gyl_dns_image *im, const struct gyl_dns_key *k)
{
	const struct gyl_dns_node *n = gyl_dns_image_find(im, k->name, k->len, k->hash);

	return n == NULL ? closest(im, k) : n;
}

static size_t apex_len(const struct gyl_dns_image *im, const struct gyl_dns_node *n)
{
	const struct gyl_dns_zone *zone = gyl_dns_image_zone(im, n->zone);

	return gyl_dns_image_node(im, zone->apex_off)->name_len;
}

/*
 * The node nearest to the name in the lowest zone that it lies in, of those that stand as they are
 * and those that change. NULL: no zone of either kind, or, in a part with *ret_image NULL too, one
 * that changes elsewhere.
 */
static const struct gyl_dns_node *find_zone(const struct gyl_dns_data *d,
	const struct gyl_dns_key *k, const struct gyl_dns_image **ret_image)
{
	const struct gyl_dns_node *n = d->image == NULL ? NULL : nearest(d->image, k);
	const struct gyl_dns_live *live =
		d->lives == NULL ? NULL : gyl_dns_live_of(d->lives, k->name, k->len);

	*ret_image = d->image;
	if (live == NULL || (n != NULL && apex_len(d->image, n) > live->apex_len))
		return n;
	*ret_image = d->part ? NULL : live->view;
	return d->part ? NULL : nearest(live->view, k);
}

void gyl_dns_find(
	const struct gyl_dns_data *d, const struct gyl_dns_key *k, struct gyl_dns_found *ret_found)
{
	const struct gyl_dns_image *im;
	const struct gyl_dns_node *n = find_zone(d, k, &im);

	memset(ret_found, 0, sizeof *ret_found);
	if (d->part && im == NULL)
		ret_found->kind = GYL_DNS_ELSEWHERE;
	else if (n != NULL && is_hosts(im, n))
		find_in_hosts(d, k, n, ret_found);
	else if (n != NULL)
		find_in_zone(d, im, k, n, ret_found);
	else
		find_local(d, k, ret_found);
}

/* What the zone above has for the name of a zone. */
static void find_above(const struct gyl_dns_data *d, const struct gyl_dns_key *k,
	const struct gyl_dns_node *apex, struct gyl_dns_found *f)
{
	const uint8_t *parent = gyl_dns_name_parent(apex->name);
	const struct gyl_dns_image *im;
	const struct gyl_dns_node *above;
	struct gyl_dns_key up;

	if (k->len == 1)
		return;
	gyl_dns_key_init(&up, parent, k->len - (size_t)(parent - apex->name));
	above = find_zone(d, &up, &im);
	if (d->part && im == NULL)
		f->kind = GYL_DNS_ELSEWHERE;
	if (above == NULL || is_hosts(im, above))
		return;
	/* a zone above in the other kind of image has a node of its own for the name */
	if (im != f->image)
		above = nearest(im, k);
	find_in_zone(d, im, k, above, f);
	if (f->kind == GYL_DNS_CUT && f->node != NULL && f->node->name_len == k->len)
		f->kind = GYL_DNS_DATA;
}

/* The top of a domain of leases: the zone that delegates it is asked, when it is here. */
static void find_above_local(
	const struct gyl_dns_data *d, const struct gyl_dns_key *k, struct gyl_dns_found *f)
{
	const struct gyl_dns_image *im;
	const struct gyl_dns_node *n = find_zone(d, k, &im);

	if (n == NULL || is_hosts(im, n) || (n->flags & GYL_DNS_NODE_CUT) == 0 ||
		n->name_len != k->len || ruler(im, n, true) != n)
		return;
	set_zone(im, n, f);
	f->node = f->encloser = n;
	f->encloser_len = n->name_len;
	f->kind = GYL_DNS_DATA;
}

/* Does a zone that changes lie between a zone of the image and the one above it there? */
static bool live_between(
	const struct gyl_dns_data *d, const struct gyl_dns_key *k, const struct gyl_dns_found *f)
{
	const uint8_t *up = gyl_dns_name_parent(k->name);
	const struct gyl_dns_live *live;

	if (d->lives == NULL)
		return false;
	live = gyl_dns_live_of(d->lives, up, k->len - (size_t)(up - k->name));
	return live != NULL && live->apex_len > apex_len(f->image, gyl_dns_image_node(f->image,
									   f->zone->parent_off));
}

void gyl_dns_find_ds(
	const struct gyl_dns_data *d, const struct gyl_dns_key *k, struct gyl_dns_found *f)
{
	const struct gyl_dns_node *above;

	if ((f->kind == GYL_DNS_CUT || f->kind == GYL_DNS_HOLE) && f->node->name_len == k->len &&
		(f->node->flags & GYL_DNS_NODE_CUT) != 0) {
		f->kind = GYL_DNS_DATA;
	} else if (f->kind == GYL_DNS_DATA && (f->node->flags & GYL_DNS_NODE_APEX) != 0 &&
		   f->zone->parent_off != 0 && !live_between(d, k, f)) {
		above = gyl_dns_image_node(f->image, f->zone->parent_off);
		set_zone(f->image, above, f);
		f->node = above;
		f->encloser = above;
		if (gyl_dns_node_over(above) != 0)
			rule_by(gyl_dns_image_node(f->image, gyl_dns_node_over(above)), f);
	} else if (f->kind == GYL_DNS_DATA && (f->node->flags & GYL_DNS_NODE_APEX) != 0) {
		/* a zone above that delegates nothing here says what it has for the name */
		find_above(d, k, f->node, f);
	} else if (f->kind == GYL_DNS_LOCAL) {
		find_above_local(d, k, f);
	}
}
