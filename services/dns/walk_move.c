/* SPDX-License-Identifier: ISC */

/* A walk goes on in another image, when that has the very same zone. */

#include "services/dns/walk.h"

static bool same_set(const struct gyl_dns_rrset *a, const struct gyl_dns_rrset *b)
{
	size_t len = (size_t)a->wire_len + a->sig_len;

	return a->type == b->type && a->cnt == b->cnt && a->wire_len == b->wire_len &&
	       a->sig_len == b->sig_len && a->patch_cnt == b->patch_cnt &&
	       memcmp(gyl_dns_rrset_patch(a), gyl_dns_rrset_patch(b),
		       a->patch_cnt * sizeof(struct gyl_dns_patch)) == 0 &&
	       memcmp(gyl_dns_rrset_wire(a), gyl_dns_rrset_wire(b), len) == 0;
}

/* The same records. What else a node knows is of its image. */
static bool same_node(const struct gyl_dns_node *a, const struct gyl_dns_node *b)
{
	const struct gyl_dns_rrset *x, *y;

	if (a->name_len != b->name_len || a->rrset_cnt != b->rrset_cnt ||
		memcmp(a->name, b->name, a->name_len) != 0)
		return false;
	x = gyl_dns_node_first(a);
	y = gyl_dns_node_first(b);
	for (unsigned i = 0; i < a->rrset_cnt; i++) {
		if (!same_set(x, y))
			return false;
		x = gyl_dns_rrset_next(x);
		y = gyl_dns_rrset_next(y);
	}
	return true;
}

static const struct gyl_dns_node *next_of(
	const struct gyl_dns_image *im, uint32_t zone, uint32_t *off)
{
	const struct gyl_dns_node *n;

	while ((n = gyl_dns_image_walk(im, off)) != NULL && n->zone != zone)
		;
	return n;
}

/* All names of both, in step. *ret_off: where the walk goes on in the other. */
static bool same_names(const struct gyl_dns_walk *w, const struct gyl_dns_image *to, uint32_t zone,
	uint32_t *ret_off)
{
	uint32_t at = w->image->node_off, at_to = to->node_off;

	*ret_off = to->node_off;
	for (;;) {
		const struct gyl_dns_node *n = next_of(w->image, w->zone, &at);
		const struct gyl_dns_node *n_to = next_of(to, zone, &at_to);

		if (n == NULL || n_to == NULL)
			return n == n_to;
		if (!same_node(n, n_to))
			return false;
		if (at <= w->node_off)
			*ret_off = at_to;
	}
}

static bool same_hashed(const struct gyl_dns_walk *w, const struct gyl_dns_image *to, uint32_t zone)
{
	const struct gyl_dns_zone *z = gyl_dns_image_zone(w->image, w->zone);
	const struct gyl_dns_zone *z_to = gyl_dns_image_zone(to, zone);
	const struct gyl_dns_hashed *h = gyl_dns_zone_hashed(w->image, z);
	const struct gyl_dns_hashed *h_to = gyl_dns_zone_hashed(to, z_to);

	if (z->flags != z_to->flags || z->denial_cnt != z_to->denial_cnt)
		return false;
	if ((z->flags & GYL_DNS_ZONE_NSEC3) == 0)
		return true;
	for (uint32_t i = 0; i < z->denial_cnt; i++)
		if (memcmp(h[i].hash, h_to[i].hash, sizeof h->hash) != 0 ||
			!same_set(gyl_dns_image_rrset(w->image, h[i].rrset_off),
				gyl_dns_image_rrset(to, h_to[i].rrset_off)))
			return false;
	return true;
}

/* The zone of that name in an image; zone_cnt: there is none. */
static uint32_t zone_in(const struct gyl_dns_walk *w, const struct gyl_dns_image *im)
{
	uint32_t i;

	for (i = 0; i < im->zone_cnt; i++) {
		const struct gyl_dns_zone *z = gyl_dns_image_zone(im, i);
		const struct gyl_dns_node *apex = gyl_dns_image_node(im, z->apex_off);

		if ((z->flags & GYL_DNS_ZONE_HOSTS) == 0 && apex->name_len == w->apex_len &&
			memcmp(apex->name, w->apex, w->apex_len) == 0)
			break;
	}
	return i;
}

bool gyl_dns_walk_move(struct gyl_dns_walk *w, const struct gyl_dns_image *to)
{
	const struct gyl_dns_zone *z, *z_to;
	uint32_t zone = zone_in(w, to), off = 0;

	if (zone == to->zone_cnt)
		return false;
	z = gyl_dns_image_zone(w->image, w->zone);
	z_to = gyl_dns_image_zone(to, zone);
	if (z->serial != z_to->serial || z->rr_cnt != z_to->rr_cnt ||
		z->name_cnt != z_to->name_cnt || !same_names(w, to, zone, &off) ||
		!same_hashed(w, to, zone))
		return false;
	w->image = to;
	w->zone = zone;
	w->node_off = off;
	w->here = 0;
	return true;
}
