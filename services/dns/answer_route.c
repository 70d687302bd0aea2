/* SPDX-License-Identifier: ISC */

/* Answers about names that no zone has, and about holes in zones. */

#include "services/dns/answer_own.h"
#include "services/dns/conf.h"
#include "services/dns/live.h"
#include "services/dns/names.h"
#include "services/dns/route.h"

static void put_address(
	struct gyl_dns_reply *r, struct gyl_dns_at name, uint16_t type, const uint8_t *addr)
{
	size_t len = type == GYL_DNS_TYPE_A ? 4 : 16;
	uint8_t *p;

	if (r->q.qtype != type && r->q.qtype != GYL_DNS_TYPE_ANY)
		return;
	p = gyl__dns_put_rr(r, GYL_DNS_ANSWER, name.pos, type, r->policy->lease_ttl_s, len);
	if (p != NULL)
		memcpy(p, addr, len);
}

static bool is_address(uint16_t qtype)
{
	return qtype == GYL_DNS_TYPE_A || qtype == GYL_DNS_TYPE_AAAA || qtype == GYL_DNS_TYPE_ANY;
}

/* A zone with nothing in it, but for localhost, which has an address at every name. exists: there
 * is a name below, from a hosts file. */
static void put_special(struct gyl_dns_reply *r, const struct gyl_dns_route *route,
	struct gyl_dns_at name, bool exists)
{
	static const uint8_t loopback[4] = {127, 0, 0, 1}, loopback6[16] = {[15] = 1};

	r->rule = "special zone";
	if (route->value == GYL_DNS_ROUTE_LOCALHOST && is_address(r->q.qtype)) {
		put_address(r, name, GYL_DNS_TYPE_A, loopback);
		put_address(r, name, GYL_DNS_TYPE_AAAA, loopback6);
	} else if (route->top_len == name.len) {
		gyl__dns_put_local(r, name);
	} else {
		if (route->value == GYL_DNS_ROUTE_EMPTY && !exists)
			r->rcode = GYL_DNS_NXDOMAIN;
		gyl__dns_put_local_soa(r, GYL_DNS_AUTHORITY, name, route->top_len);
	}
}

/* The chain goes on with the CNAME whose rdata is at p. One to "*.garden" leads to the name below
 * "garden". False: that is too long to be a name. */
static bool put_garden(struct gyl_dns_reply *r, const struct gyl_dns_block_rr *rr,
	struct gyl_dns_at name, size_t *ret_pos)
{
	uint8_t own[GYL_DNS_NAME_MAX], target[GYL_DNS_NAME_MAX], *p;
	const uint8_t *to = rr->rdata;
	size_t len = rr->len;

	if (rr->type == GYL_DNS_TYPE_CNAME && gyl_dns_name_is_wildcard(rr->rdata)) {
		gyl_dns_name_get(gyl_view(r->p, r->len), name.pos, own);
		if (gyl_failed(gyl_dns_name_concat(own, name.len - 1, to + 2, target, &len))) {
			r->rcode = GYL_DNS_YXDOMAIN;
			return false;
		}
		to = target;
	}
	p = gyl__dns_put_rr(r, GYL_DNS_ANSWER, name.pos, rr->type, rr->ttl, len);
	if (p == NULL)
		return false;
	memcpy(p, to, len);
	*ret_pos = (size_t)(p - r->p);
	return true;
}

/* The records that a list has of the name. True when one of them is another name, which is to be
 * looked for. */
static bool put_instead(struct gyl_dns_reply *r, const struct gyl_dns_block_answer *a,
	size_t top_len, struct gyl_dns_key *k, struct gyl_dns_at *name)
{
	const uint8_t *at = (const uint8_t *)gyl__dns_names(r->data) + a->rr_off;
	bool any = false, all = r->q.qtype == GYL_DNS_TYPE_ANY;

	for (unsigned i = 0; i < a->rr_cnt; i++) {
		const struct gyl_dns_block_rr *rr =
			(const struct gyl_dns_block_rr *)(const void *)at;
		bool cname = rr->type == GYL_DNS_TYPE_CNAME;
		size_t pos;

		at += gyl_dns_block_rr_len(rr);
		if (rr->type != r->q.qtype && !all && !cname)
			continue;
		any = true;
		if (!put_garden(r, rr, *name, &pos))
			return false;
		if (cname && !all && r->q.qtype != GYL_DNS_TYPE_CNAME) {
			gyl__dns_go_on(r, pos, k, name);
			return true;
		}
	}
	if (!any)
		gyl__dns_put_local_soa(r, GYL_DNS_AUTHORITY, *name, top_len);
	return false;
}

/* What a list says instead. True when it is another name, which is to be looked for. */
static bool put_blocked(struct gyl_dns_reply *r, const struct gyl_dns_route *route,
	struct gyl_dns_key *k, struct gyl_dns_at *name)
{
	const struct gyl_dns_block_answer *a =
		gyl_dns_block_answer(gyl__dns_names(r->data), route->value);

	if (a->rcode == GYL_DNS_BLOCK_TCP && r->from->tcp)
		return gyl__dns_put_foreign(r, route->group, k, name);
	r->rule = "blocked";
	r->flags &= (uint16_t)~GYL_DNS_AD;
	r->ede = GYL_DNS_EDE_BLOCKED + 1;
	r->verdict->blocked = true;
	r->drop = a->rcode == GYL_DNS_BLOCK_DROP;
	if (a->rcode == GYL_DNS_BLOCK_TCP) {
		r->flags |= GYL_DNS_TC;
		return false;
	}
	r->rcode = a->rcode == GYL_DNS_BLOCK_DROP ? GYL_DNS_NOERROR : a->rcode;
	return put_instead(r, a, route->top_len, k, name);
}

/* We do not answer for the name: behind an alias of ours that is no reason to refuse. */
static void refuse(struct gyl_dns_reply *r, bool first, const char *rule)
{
	if (!first)
		return;
	r->rcode = GYL_DNS_REFUSED;
	r->ede = GYL_DNS_EDE_NOT_AUTHORITATIVE + 1;
	r->rule = rule;
}

/* A zone of ours that is not there: it was not read, did not come (yet), or is too old (RFC 8914
 * 4.15, 4.25). */
static void not_loaded(struct gyl_dns_reply *r, const struct gyl_dns_key *k)
{
	bool expired =
		r->data->lives != NULL && gyl_dns_live_expired(r->data->lives, k->name, k->len);

	r->rcode = GYL_DNS_SERVFAIL;
	r->ede = (uint16_t)((expired ? GYL_DNS_EDE_INVALID_DATA : GYL_DNS_EDE_NOT_READY) + 1);
	r->rule = expired ? "zone expired" : "zone not loaded";
}

bool gyl__dns_put_outside(struct gyl_dns_reply *r, const struct gyl_dns_found *f, bool first,
	struct gyl_dns_key *k, struct gyl_dns_at *name)
{
	struct gyl_dns_route route;

	gyl__dns_route_led(r->data, r->q.qname, k, r->q.qtype, &route);
	switch (route.way) {
	case GYL_DNS_WAY_LOCAL:
		gyl__dns_set_aa(r, first);
		r->verdict->special = true;
		put_special(r, &route, *name, f->encloser_len == k->len);
		return false;
	case GYL_DNS_WAY_BLOCKED:
		return put_blocked(r, &route, k, name);
	case GYL_DNS_WAY_FORWARD:
		return gyl__dns_put_foreign(r, route.group, k, name);
	case GYL_DNS_WAY_PLAIN:
		r->rule = "single label";
		r->verdict->special = true;
		return false;
	case GYL_DNS_WAY_BROKEN:
		not_loaded(r, k);
		return false;
	default:
		refuse(r, first, "outside");
		return false;
	}
}

bool gyl__dns_put_hole(struct gyl_dns_reply *r, const struct gyl_dns_found *f, bool first,
	struct gyl_dns_key *k, struct gyl_dns_at *name)
{
	uint16_t group = 0;

	r->rule = "hole";
	switch (gyl__dns_hole(r->data, f->node, k, &group)) {
	case GYL_DNS_HOLE_FORWARD:
		return gyl__dns_put_foreign(r, group, k, name);
	case GYL_DNS_HOLE_NODATA:
		gyl__dns_set_aa(r, first);
		gyl__dns_put_negative(r, f, k, *name);
		return false;
	default:
		refuse(r, first, "hole");
		return false;
	}
}
