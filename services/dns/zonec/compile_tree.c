/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "services/dns/zonec/compile_own.h"

/* Nodes by number of labels: parents before children. */
static bool sort_nodes(struct gyl_dns_compile *c)
{
	size_t start[GYL_DNS_LABEL_CNT_MAX + 2] = {0};

	c->order = malloc((c->node_cnt + 1) * sizeof *c->order);
	if (c->order == NULL)
		return false;
	for (size_t i = 0; i < c->node_cnt; i++)
		start[c->node[i].label_cnt + 1]++;
	for (size_t i = 1; i < GYL_DNS_LABEL_CNT_MAX + 2; i++)
		start[i] += start[i - 1];
	for (size_t i = 0; i < c->node_cnt; i++)
		c->order[start[c->node[i].label_cnt]++] = (uint32_t)i;
	return true;
}

/*
 * Where a zone hangs in another one, the names of the other from there on are not its own any more.
 * What it says about the cut (DS) is asked for all the same, in the lowest zone above.
 */
static void mark_shadow(struct gyl_dns_compile *c, struct gyl_zc_zone *zone)
{
	const struct gyl_zc_node *apex = &c->node[zone->apex];
	const uint8_t *name = gyl__zc_name(c, apex);
	uint32_t above = gyl__zc_zone_above(c, name);

	while (above != GYL_ZC_NONE) {
		uint32_t at = gyl__zc_find(c, (uint16_t)above, name, apex->name_len);

		if (at != GYL_ZC_NONE)
			c->node[at].flags |= GYL_ZC_SHADOW;
		if (zone->parent_cut == GYL_ZC_NONE)
			zone->parent_cut = at;
		above = gyl__zc_zone_above(c, gyl__zc_name(c, &c->node[c->zone[above].apex]));
	}
}

static void link_node(struct gyl_dns_compile *c, uint32_t at)
{
	struct gyl_zc_node *n = &c->node[at], *up;
	bool cut = (n->flags & (GYL_ZC_NS | GYL_ZC_APEX)) == GYL_ZC_NS ||
		   (n->flags & GYL_ZC_HOLE) != 0;

	if (n->flags & GYL_ZC_HASHED)
		return;
	if (n->parent != GYL_ZC_NONE) {
		up = &c->node[n->parent];
		n->flags |= up->flags & GYL_ZC_SHADOW;
		/* RFC 1034 4.3.2 step 3: going down, the first cut or DNAME decides */
		n->over = up->over;
		if (n->over == GYL_ZC_NONE && (up->flags & GYL_ZC_DNAME) != 0)
			n->over = n->parent;
		if (gyl_dns_name_is_wildcard(gyl__zc_name(c, n)))
			up->wild = at;
	}
	if (n->over == GYL_ZC_NONE && cut)
		n->over = at;
}

/*
 * A name above a hole is there for the hole's sake: it does not hide the wildcard above (what is
 * cut out of a wildcard is the hole and nothing else), and yet is no name that does not exist.
 */
static void find_thin(struct gyl_dns_compile *c)
{
	for (size_t i = 0; i < c->node_cnt; i++) {
		struct gyl_zc_node *n = &c->node[i];

		if ((n->flags & (GYL_ZC_HOLE | GYL_ZC_APEX)) == 0 && n->first == GYL_ZC_NONE)
			n->flags |= GYL_ZC_THIN;
	}
	for (size_t i = c->node_cnt; i-- != 0;) {
		struct gyl_zc_node *n = &c->node[c->order[i]];

		if ((n->flags & GYL_ZC_THIN) == 0 && !gyl__zc_is_bare(n) &&
			n->parent != GYL_ZC_NONE)
			c->node[n->parent].flags &= (uint16_t)~GYL_ZC_THIN;
	}
}

/* What depends on wildcards, parents first. */
static void link_wild(struct gyl_dns_compile *c, uint32_t at)
{
	struct gyl_zc_node *n = &c->node[at];
	const struct gyl_zc_node *up = n->parent == GYL_ZC_NONE ? NULL : &c->node[n->parent];

	if ((n->flags & GYL_ZC_THIN) != 0 && up != NULL)
		n->wild = up->wild;
	if (!c->zone[n->zone].is_hosts)
		return;
	if (up != NULL && up->over != GYL_ZC_NONE)
		n->over = up->over;
	else if (n->wild != GYL_ZC_NONE)
		n->over = at;
}

bool gyl__zc_tree(struct gyl_dns_compile *c)
{
	if (!sort_nodes(c))
		return false;
	for (size_t i = 0; i < c->zone_cnt; i++)
		mark_shadow(c, &c->zone[i]);
	for (size_t i = 0; i < c->zone_cnt; i++)
		if (c->zone[i].parent_cut != GYL_ZC_NONE)
			c->node[c->zone[i].parent_cut].flags |= GYL_ZC_ABOVE;
	for (size_t i = 0; i < c->node_cnt; i++)
		link_node(c, c->order[i]);
	find_thin(c);
	for (size_t i = 0; i < c->node_cnt; i++)
		link_wild(c, c->order[i]);
	for (size_t i = 0; i < c->node_cnt; i++)
		if (c->node[i].flags & GYL_ZC_HASHED)
			c->zone[c->node[i].zone].hashed_cnt++;
		else if ((c->node[i].flags & GYL_ZC_THIN) == 0 && !gyl__zc_is_bare(&c->node[i]))
			c->zone[c->node[i].zone].name_cnt++;
	return true;
}
