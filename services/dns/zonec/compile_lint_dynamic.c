/* SPDX-License-Identifier: ISC */

/* Names that come and go have no signatures: a signed zone cannot have them, but delegate them. */

#include <gyl/dns.h>

#include "services/dns/zonec/compile_own.h"

void gyl_dns_compile_dynamic(struct gyl_dns_compile *c, const uint8_t *name, const char *what)
{
	struct gyl_zc_dynamic *d;

	if (!gyl__zc_grow(c, &c->dynamic, &c->dynamic_cap, c->dynamic_cnt, 1, sizeof *d))
		return;
	d = &c->dynamic[c->dynamic_cnt++];
	gyl_dns_name_fold(d->name, name, gyl_dns_name_len(name));
	d->what = what;
}

/* The lowest zone that the name lies in, NULL: none. */
static const struct gyl_zc_zone *zone_of(const struct gyl_dns_compile *c, const uint8_t *name)
{
	const struct gyl_zc_zone *best = NULL;
	size_t best_len = 0;

	for (size_t i = 0; i < c->zone_cnt; i++) {
		const struct gyl_zc_node *apex = &c->node[c->zone[i].apex];

		if (apex->name_len > best_len &&
			gyl_dns_name_is_under(name, gyl__zc_name(c, apex))) {
			best = &c->zone[i];
			best_len = apex->name_len;
		}
	}
	return best;
}

/* The cut at or above the name, NULL: the zone does not delegate it. */
static const struct gyl_zc_node *cut_above(
	const struct gyl_dns_compile *c, const struct gyl_zc_zone *z, const uint8_t *name)
{
	uint16_t number = (uint16_t)(z - c->zone);
	uint32_t at = gyl__zc_find(c, number, name, gyl_dns_name_len(name));
	const struct gyl_zc_node *over;

	for (; at == GYL_ZC_NONE; at = gyl__zc_find(c, number, name, gyl_dns_name_len(name)))
		name = gyl_dns_name_parent(name);
	if (c->node[at].over == GYL_ZC_NONE)
		return NULL;
	over = &c->node[c->node[at].over];
	return (over->flags & (GYL_ZC_NS | GYL_ZC_APEX)) == GYL_ZC_NS ? over : NULL;
}

static void lint_one(struct gyl_dns_compile *c, const struct gyl_zc_dynamic *d)
{
	const struct gyl_zc_zone *z = zone_of(c, d->name);
	const struct gyl_zc_node *cut;
	const struct gyl_zc_rec *r;

	if (z == NULL || !z->is_signed)
		return;
	cut = cut_above(c, z, d->name);
	r = gyl__zc_first_of(c, cut == NULL ? &c->node[z->apex] : cut,
		cut == NULL ? GYL_DNS_TYPE_DNSKEY : GYL_DNS_TYPE_DS);
	if (r == NULL)
		return;
	c->failed = true;
	gyl_build_error(c->build, c->file[r->file], r->line, r->col,
		cut == NULL
			? "the zone %s is signed, and nobody signs what %s puts into %s: delegate a "
			  "domain to this server for it (NS, no DS)"
			: "the DS of %s says that it is signed, and nobody signs what %s puts into "
			  "%s: delegate it without DS",
		gyl__zc_show(gyl__zc_name(c, cut == NULL ? &c->node[z->apex] : cut)).s, d->what,
		gyl__zc_show(d->name).s);
}

void gyl__zc_lint_dynamic(struct gyl_dns_compile *c)
{
	for (size_t i = 0; i < c->dynamic_cnt; i++)
		lint_one(c, &c->dynamic[i]);
}
