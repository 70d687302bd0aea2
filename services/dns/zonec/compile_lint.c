/* SPDX-License-Identifier: ISC */

/* What is wrong with a zone as a whole (errors), and what is right but surprises people (warnings).
 */

#include <stdio.h>

#include <gyl/dns.h>
#include <gyl/dns_text.h>

#include "services/dns/pack.h"
#include "services/dns/zonec/compile_own.h"

struct gyl_zc_text gyl__zc_show(const uint8_t *name)
{
	char buf[GYL_DNS_NAME_TEXT_MAX];
	struct gyl_writer w;
	struct gyl_zc_text t;

	gyl_writer_init(&w, buf, sizeof buf);
	gyl_dns_name_print(&w, name);
	snprintf(t.s, sizeof t.s, "%.*s", (int)w.len, buf);
	return t;
}

static struct gyl_zc_text show_node(const struct gyl_dns_compile *c, const struct gyl_zc_node *n)
{
	return gyl__zc_show(gyl__zc_name(c, n));
}

const struct gyl_zc_rec *gyl__zc_first_of(
	const struct gyl_dns_compile *c, const struct gyl_zc_node *n, uint16_t type)
{
	for (uint32_t i = n->first; i != GYL_ZC_NONE; i = c->rec[i].next)
		if (c->rec[i].type == type)
			return &c->rec[i];
	return NULL;
}

void gyl__zc_warn(struct gyl_dns_compile *c, const struct gyl_zc_rec *at, const char *text,
	const struct gyl_zc_node *n)
{
	gyl_build_warn(
		c->build, c->file[at->file], at->line, at->col, "%s: %s", show_node(c, n).s, text);
}

void gyl__zc_fail(struct gyl_dns_compile *c, const struct gyl_zc_rec *at, const char *text,
	const struct gyl_zc_node *n)
{
	c->failed = true;
	gyl_build_error(
		c->build, c->file[at->file], at->line, at->col, "%s: %s", show_node(c, n).s, text);
}

/* More than one record of a type that has one, differing ones at that. */
static bool differ(const struct gyl_dns_compile *c, const struct gyl_zc_rec *first)
{
	for (uint32_t i = first->next; i != GYL_ZC_NONE; i = c->rec[i].next)
		if (c->rec[i].type == first->type &&
			!gyl_view_eq(gyl__zc_rdata(c, &c->rec[i]), gyl__zc_rdata(c, first)))
			return true;
	return false;
}

static void lint_apex(struct gyl_dns_compile *c, const struct gyl_zc_zone *z)
{
	const struct gyl_zc_node *n = &c->node[z->apex];

	if (z->is_hosts)
		return;
	if (z->soa == GYL_ZC_NONE) {
		c->failed = true;
		gyl_build_error(
			c->build, z->path, 0, 0, "zone %s has no SOA record", show_node(c, n).s);
		return;
	}
	if (differ(c, &c->rec[z->soa]))
		gyl__zc_fail(c, &c->rec[z->soa], "more than one SOA record", n);
	if ((n->flags & GYL_ZC_NS) == 0)
		gyl__zc_warn(c, &c->rec[z->soa], "the zone has no NS record", n);
}

static bool goes_with_cname(uint16_t type)
{
	/* RFC 4035 2.5, RFC 3007 3.1.1 */
	return type == GYL_DNS_TYPE_CNAME || type == GYL_DNS_TYPE_RRSIG ||
	       type == GYL_DNS_TYPE_NSEC || type == GYL_DNS_TYPE_KEY;
}

static void lint_cname(struct gyl_dns_compile *c, const struct gyl_zc_node *n)
{
	const struct gyl_zc_rec *cname = gyl__zc_first_of(c, n, GYL_DNS_TYPE_CNAME);

	if (differ(c, cname))
		gyl__zc_fail(c, cname, "more than one CNAME record (RFC 2181 10.1)", n);
	for (uint32_t i = n->first; i != GYL_ZC_NONE; i = c->rec[i].next)
		if (!goes_with_cname(c->rec[i].type)) {
			gyl__zc_fail(c, &c->rec[i], "CNAME and other data (RFC 1034 3.6.2)", n);
			return;
		}
}

static void lint_wildcard(struct gyl_dns_compile *c, const struct gyl_zc_node *n)
{
	static const struct {
		uint16_t type;
		const char *text;
	} odd[] = {
		{GYL_DNS_TYPE_NS, "NS at a wildcard makes no delegations (RFC 4592 4.2)"},
		{GYL_DNS_TYPE_DNAME, "DNAME at a wildcard redirects nothing (RFC 6672 3.3)"},
		{GYL_DNS_TYPE_DS, "DS at a wildcard means nothing (RFC 4592 4.6)"},
		{GYL_DNS_TYPE_SOA, "SOA at a wildcard means nothing (RFC 4592 4.1)"},
	};

	for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
		if (gyl__zc_first_of(c, n, odd[i].type) != NULL)
			gyl__zc_warn(c, gyl__zc_first_of(c, n, odd[i].type), odd[i].text, n);
}

/* A signed zone delegates its holes without DS, so that validators expect nothing signed there:
 * that and addresses of servers may stand in one. */
static bool is_of_hole(const struct gyl_dns_compile *c, const struct gyl_zc_node *n, bool below,
	const struct gyl_zc_rec *r)
{
	const struct gyl_zc_node *over = &c->node[n->over];

	if (!c->zone[n->zone].is_signed || gyl__zc_is_bare(over))
		return false;
	if (below)
		return r->type == GYL_DNS_TYPE_A || r->type == GYL_DNS_TYPE_AAAA;
	return r->type == GYL_DNS_TYPE_NS || r->type == GYL_DNS_TYPE_NSEC ||
	       r->type == GYL_DNS_TYPE_RRSIG;
}

static void lint_in_hole(struct gyl_dns_compile *c, const struct gyl_zc_node *n, bool below)
{
	for (uint32_t i = n->first; i != GYL_ZC_NONE; i = c->rec[i].next) {
		if (is_of_hole(c, n, below, &c->rec[i]))
			continue;
		gyl__zc_fail(c, &c->rec[i],
			below ? "hidden by a hole of the zone above"
			      : "hidden by a hole of the zone",
			n);
		return;
	}
}

/* Below a cut only addresses make sense, below a DNAME nothing does. */
static void lint_hidden(struct gyl_dns_compile *c, const struct gyl_zc_node *n)
{
	const struct gyl_zc_node *over = &c->node[n->over];
	const struct gyl_zc_rec *r = &c->rec[n->first];
	bool below = over != n;

	if (c->zone[n->zone].is_hosts)
		return;
	if (over->flags & GYL_ZC_HOLE) {
		lint_in_hole(c, n, below);
		return;
	}
	if (below && (over->flags & GYL_ZC_NS) == 0) {
		gyl__zc_warn(c, r, "hidden by the DNAME above (RFC 6672 2.4)", n);
		return;
	}
	if ((over->flags & GYL_ZC_APEX) != 0) {
		gyl__zc_warn(c, r, "hidden by the DNAME above (RFC 6672 2.4)", n);
		return;
	}
	for (; below; r = &c->rec[r->next]) {
		if (r->type != GYL_DNS_TYPE_A && r->type != GYL_DNS_TYPE_AAAA) {
			gyl__zc_warn(c, r, "data below a delegation is never answered", n);
			return;
		}
		if (r->next == GYL_ZC_NONE)
			return;
	}
}

/* www is there because of _443._tcp.www only, and yet it hides *. */
static void lint_empty(struct gyl_dns_compile *c, uint32_t at)
{
	const struct gyl_zc_node *n = &c->node[at], *up;

	if ((n->flags & (GYL_ZC_THIN | GYL_ZC_HOLE)) != 0 || n->parent == GYL_ZC_NONE ||
		n->over != GYL_ZC_NONE)
		return;
	up = &c->node[n->parent];
	if (up->wild == GYL_ZC_NONE || up->wild == at)
		return;
	gyl_build_warn(c->build, c->zone[n->zone].path, 0, 0,
		"%s: has no records itself, but names below it, and so hides the wildcard %s (RFC 4592 "
		"2.2.2)",
		show_node(c, n).s, show_node(c, &c->node[up->wild]).s);
}

static void lint_soa(struct gyl_dns_compile *c, const struct gyl_zc_node *n)
{
	const struct gyl_zc_rec *soa = gyl__zc_first_of(c, n, GYL_DNS_TYPE_SOA);

	if (soa != NULL && (n->flags & GYL_ZC_APEX) == 0 &&
		!gyl_dns_name_is_wildcard(gyl__zc_name(c, n)))
		gyl__zc_fail(c, soa, "SOA below the top of the zone (RFC 1035 5.2)", n);
}

static void lint_ttl(struct gyl_dns_compile *c, const struct gyl_zc_node *n)
{
	for (uint32_t i = n->first; i != GYL_ZC_NONE; i = c->rec[i].next) {
		const struct gyl_zc_rec *r = &c->rec[i], *first = gyl__zc_first_of(c, n, r->type);

		/* gyl__zc_first_of() is short: it stops at the first record of a type */
		if (first->ttl != r->ttl && r->type != GYL_DNS_TYPE_RRSIG) {
			gyl__zc_warn(c, r,
				"TTLs of one type differ, the lowest is taken (RFC 2181 5.2)", n);
			return;
		}
	}
}

/* Targets inside the zone that are not there, or are aliases (RFC 2181 10.3). */
static void lint_target(
	struct gyl_dns_compile *c, const struct gyl_zc_node *n, const struct gyl_zc_rec *r)
{
	const uint8_t *name = c->octet + r->rdata_at;
	const struct gyl_zc_node *apex = &c->node[c->zone[n->zone].apex], *to, *up;
	bool leads_on = r->type == GYL_DNS_TYPE_CNAME || r->type == GYL_DNS_TYPE_DNAME;
	size_t at = leads_on ? 0 : gyl_dns_pack_target(r->type);
	uint32_t found;

	if (at == SIZE_MAX)
		return;
	name += at;
	if (name[0] == 0 || !gyl_dns_name_is_under(name, gyl__zc_name(c, apex)))
		return;
	found = gyl__zc_find(c, n->zone, name, r->rdata_len - at);
	if (found == GYL_ZC_NONE) {
		/* the closest encloser says whether something else answers for it */
		for (; found == GYL_ZC_NONE; name = gyl_dns_name_parent(name))
			found = gyl__zc_find(c, n->zone, name, gyl_dns_name_len(name));
		up = &c->node[found];
		if (up->wild == GYL_ZC_NONE && up->over == GYL_ZC_NONE &&
			(up->flags & (GYL_ZC_DNAME | GYL_ZC_SHADOW)) == 0)
			gyl__zc_warn(c, r,
				"the name this record points to does not exist in the zone", n);
		return;
	}
	to = &c->node[found];
	if (leads_on)
		return;
	if (to->flags & GYL_ZC_CNAME)
		gyl__zc_warn(c, r, "the name this record points to is an alias (RFC 2181 10.3)", n);
	else if ((to->flags & (GYL_ZC_ADDRESS | GYL_ZC_SHADOW)) == 0 && to->over == GYL_ZC_NONE)
		gyl__zc_warn(c, r, "the name this record points to has no address", n);
}

/* A hole that something else decides about. */
static void lint_hole(struct gyl_dns_compile *c, uint32_t at)
{
	const struct gyl_zc_node *n = &c->node[at];
	const char *why = NULL;

	if (n->flags & GYL_ZC_SHADOW)
		why = "the hole lies in another zone that is served here";
	else if (n->over != at)
		why = (c->node[n->over].flags & GYL_ZC_HOLE) != 0
			      ? "the hole lies in another hole"
			      : "the hole lies below a delegation or a DNAME";
	if (why == NULL)
		return;
	c->failed = true;
	gyl_build_error(c->build, c->zone[n->zone].path, 0, 0, "%s: %s", show_node(c, n).s, why);
}

static void lint_node(struct gyl_dns_compile *c, uint32_t at)
{
	const struct gyl_zc_node *n = &c->node[at];

	if (n->flags & GYL_ZC_HOLE)
		lint_hole(c, at);
	if (n->flags & (GYL_ZC_SHADOW | GYL_ZC_HASHED))
		return;
	if ((n->flags & GYL_ZC_HOSTS) != 0 && c->zone[n->zone].is_signed)
		gyl__zc_fail(
			c, &c->rec[n->first], "the zone is signed: no hosts file can add to it", n);
	if (n->first == GYL_ZC_NONE) {
		lint_empty(c, at);
		return;
	}
	lint_soa(c, n);
	lint_ttl(c, n);
	if (n->flags & GYL_ZC_CNAME)
		lint_cname(c, n);
	if ((n->flags & GYL_ZC_DNAME) != 0 && differ(c, gyl__zc_first_of(c, n, GYL_DNS_TYPE_DNAME)))
		gyl__zc_fail(c, gyl__zc_first_of(c, n, GYL_DNS_TYPE_DNAME),
			"more than one DNAME record (RFC 6672 2.4)", n);
	if (gyl_dns_name_is_wildcard(gyl__zc_name(c, n)))
		lint_wildcard(c, n);
	if (n->over != GYL_ZC_NONE)
		lint_hidden(c, n);
	for (uint32_t i = n->first; i != GYL_ZC_NONE; i = c->rec[i].next)
		lint_target(c, n, &c->rec[i]);
}

void gyl__zc_lint(struct gyl_dns_compile *c)
{
	for (size_t i = 0; i < c->zone_cnt; i++)
		lint_apex(c, &c->zone[i]);
	for (uint32_t i = 0; i < c->node_cnt; i++)
		lint_node(c, i);
}
