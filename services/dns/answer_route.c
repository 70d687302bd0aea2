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

/* What a list says instead. True when it is another name, which is to be looked for. */
static bool put_blocked(struct gyl_dns_reply *r, const struct gyl_dns_route *route,
	struct gyl_dns_key *k, struct gyl_dns_at *name)
{
	const struct gyl_dns_image *im = gyl__dns_names(r->data);
	const struct gyl_dns_block_answer *a = gyl_dns_block_answer(im, route->value);
	const uint8_t *at = (const uint8_t *)im + a->rr_off;
	bool any = false, all = r->q.qtype == GYL_DNS_TYPE_ANY;

	r->rule = "blocked";
	r->flags &= (uint16_t)~GYL_DNS_AD;
	r->ede = GYL_DNS_EDE_BLOCKED + 1;
	r->verdict->blocked = true;
	r->rcode = a->rcode;
	for (unsigned i = 0; i < a->rr_cnt; i++) {
		const struct gyl_dns_block_rr *rr =
			(const struct gyl_dns_block_rr *)(const void *)at;
		bool cname = rr->type == GYL_DNS_TYPE_CNAME;
		uint8_t *p;

		at += gyl_dns_block_rr_len(rr);
		if (rr->type != r->q.qtype && !all && !cname)
			continue;
		any = true;
		p = gyl__dns_put_rr(r, GYL_DNS_ANSWER, name->pos, rr->type, rr->ttl, rr->len);
		if (p == NULL)
			return false;
		memcpy(p, rr->rdata, rr->len);
		if (cname && !all && r->q.qtype != GYL_DNS_TYPE_CNAME) {
			gyl__dns_go_on(r, (size_t)(p - r->p), k, name);
			return true;
		}
	}
	if (!any)
		gyl__dns_put_local_soa(r, GYL_DNS_AUTHORITY, *name, route->top_len);
	return false;
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
