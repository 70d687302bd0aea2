/* SPDX-License-Identifier: ISC */

/*
 * Is a signed zone one that validators take? Signatures are not verified: that is what
 * ldns-verify-zone(1) and its like are for. A chain of NSEC or NSEC3 that does not fit the zone is
 * an error, because every name that is asked for in vain would look like a forgery.
 */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <gyl/dns.h>
#include <gyl/dns_rdata.h>

#include "services/dns/nsec3.h"
#include "services/dns/zonec/compile_own.h"

enum {
	OPT_OUT = 1, /* RFC 5155 3.1.2.1 */
	NSEC3_NEXT_LEN = 1 + GYL_DNS_HASH_LEN,
	RRSIG_TIMES = 8 /* of expiration and inception in the rdata (RFC 4034 3.1) */
};

static bool has_sig(const struct gyl_dns_compile *c, const struct gyl_zc_node *n, uint16_t type)
{
	for (uint32_t i = n->first; i != GYL_ZC_NONE; i = c->rec[i].next)
		if (c->rec[i].type == GYL_DNS_TYPE_RRSIG && gyl__zc_covered(c, &c->rec[i]) == type)
			return true;
	return false;
}

static bool is_cut(const struct gyl_dns_compile *c, const struct gyl_zc_node *n)
{
	return n->over != GYL_ZC_NONE && n == &c->node[n->over];
}

/* Does the zone sign records of that type there? At a cut only what is its own (RFC 4035 2.2). */
static bool wants_sig(const struct gyl_dns_compile *c, const struct gyl_zc_node *n, uint16_t type)
{
	if (type == GYL_DNS_TYPE_RRSIG)
		return false;
	return !is_cut(c, n) || type == GYL_DNS_TYPE_DS || type == GYL_DNS_TYPE_NSEC;
}

static void lint_sigs(struct gyl_dns_compile *c, const struct gyl_zc_node *n)
{
	for (uint32_t i = n->first; i != GYL_ZC_NONE; i = c->rec[i].next) {
		const struct gyl_zc_rec *r = &c->rec[i];

		if (r->type == GYL_DNS_TYPE_RRSIG &&
			gyl__zc_first_of(c, n, gyl__zc_covered(c, r)) == NULL)
			gyl__zc_warn(c, r, "signs nothing that is there", n);
		if (wants_sig(c, n, r->type) && r == gyl__zc_first_of(c, n, r->type) &&
			!has_sig(c, n, r->type)) {
			gyl__zc_warn(c, r, "not signed, in a zone that is", n);
			return;
		}
	}
}

/* The bitmap that RFC 4034 4.1.2 and RFC 5155 7.1 want: all types but what lies below a cut. */
static bool bitmap_fits(const struct gyl_dns_compile *c, const struct gyl_zc_node *n,
	struct gyl_view types, bool nsec3)
{
	bool cut = is_cut(c, n), sig = false;
	unsigned cnt = 0, said = 0;
	uint16_t type = 0;

	for (uint32_t i = n->first; i != GYL_ZC_NONE; i = c->rec[i].next) {
		const struct gyl_zc_rec *r = &c->rec[i];

		if (r->type == GYL_DNS_TYPE_RRSIG || r != gyl__zc_first_of(c, n, r->type) ||
			(cut && r->type != GYL_DNS_TYPE_NS && wants_sig(c, n, r->type) == false))
			continue;
		if (!gyl_dns_bitmap_has(types, r->type))
			return false;
		sig |= wants_sig(c, n, r->type);
		cnt++;
	}
	for (; gyl_dns_bitmap_next(types, type, &type); type++)
		said++;
	/* NSEC is signed itself, so it always comes with RRSIG */
	cnt += nsec3 ? sig : 1;
	return said == cnt && gyl_dns_bitmap_has(types, GYL_DNS_TYPE_RRSIG) == (nsec3 ? sig : true);
}

static const char broken[] = "the chain of NSEC does not fit the zone: sign it again";
static const char broken3[] = "the chain of NSEC3 does not fit the zone: sign it again";

static void lint_nsec_node(struct gyl_dns_compile *c, const struct gyl_zc_node *n)
{
	const struct gyl_zc_rec *r = gyl__zc_first_of(c, n, GYL_DNS_TYPE_NSEC);
	struct gyl_view rdata;
	size_t len;

	if (r == NULL) {
		gyl__zc_fail(c, &c->rec[n->first], broken, n);
		return;
	}
	rdata = gyl__zc_rdata(c, r);
	len = gyl_dns_name_len(rdata.p);
	if (!bitmap_fits(c, n, gyl_view_sub(rdata, len, rdata.len), false))
		gyl__zc_fail(
			c, r, "the types of the NSEC are not those of the name: sign it again", n);
}

static void lint_nsec(struct gyl_dns_compile *c, const struct gyl_zc_zone *z)
{
	const struct gyl_zc_denial *d = c->denial + z->denial_first;

	for (uint32_t i = 0; i < z->denial_cnt; i++) {
		const struct gyl_zc_node *n = &c->node[d[i].node];
		const struct gyl_zc_rec *r = gyl__zc_first_of(c, n, GYL_DNS_TYPE_NSEC);

		if (!gyl_dns_name_eq(
			    c->octet + r->rdata_at, d[i + 1 == z->denial_cnt ? 0 : i + 1].name))
			gyl__zc_fail(c, r, broken, n);
	}
}

/* The NSEC3 whose stretch the hash falls into. */
static const struct gyl_zc_rec *covering(
	const struct gyl_dns_compile *c, const struct gyl_zc_node *n)
{
	const struct gyl_zc_zone *z = &c->zone[n->zone];
	const struct gyl_zc_denial *d = c->denial + z->denial_first;
	struct gyl_zc_param param = gyl__zc_param(c, &c->rec[z->param]);
	uint8_t hash[GYL_DNS_HASH_LEN];
	uint32_t low = 0, high = z->denial_cnt;

	gyl_dns_nsec3_hash(
		gyl_view(gyl__zc_name(c, n), n->name_len), param.salt, param.iterations, hash);
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (memcmp(d[mid].hash, hash, sizeof hash) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	d += low == 0 ? z->denial_cnt - 1 : low - 1;
	return gyl__zc_first_of(c, &c->node[d->node], GYL_DNS_TYPE_NSEC3);
}

/* RFC 5155 7.1: names without NSEC3 are delegations without DS, or above such, and lie in a stretch
 * that says so. */
static bool may_be_out(const struct gyl_dns_compile *c, const struct gyl_zc_node *n)
{
	const struct gyl_zc_rec *cover = covering(c, n);
	bool insecure = n->first == GYL_ZC_NONE ||
			(is_cut(c, n) && gyl__zc_first_of(c, n, GYL_DNS_TYPE_DS) == NULL);

	return insecure && (gyl__zc_param(c, cover).flags & OPT_OUT) != 0;
}

static struct gyl_view nsec3_rest(const struct gyl_dns_compile *c, const struct gyl_zc_rec *r)
{
	struct gyl_view rdata = gyl__zc_rdata(c, r);

	return gyl_view_sub(rdata, 5 + gyl__zc_param(c, r).salt.len, rdata.len);
}

static void lint_nsec3_node(struct gyl_dns_compile *c, const struct gyl_zc_node *n)
{
	const struct gyl_zc_node *hashed;
	const struct gyl_zc_rec *r;
	struct gyl_view rest;

	if (n->proof == GYL_ZC_NONE) {
		if (may_be_out(c, n))
			return;
		r = n->first == GYL_ZC_NONE ? &c->rec[c->zone[n->zone].soa] : &c->rec[n->first];
		gyl__zc_fail(c, r, broken3, n);
		return;
	}
	hashed = &c->node[c->denial[n->proof].node];
	r = gyl__zc_first_of(c, hashed, GYL_DNS_TYPE_NSEC3);
	rest = nsec3_rest(c, r);
	if (!bitmap_fits(c, n, gyl_view_sub(rest, NSEC3_NEXT_LEN, rest.len), true))
		gyl__zc_fail(
			c, r, "the types of its NSEC3 are not those of the name: sign it again", n);
}

static void lint_nsec3(struct gyl_dns_compile *c, const struct gyl_zc_zone *z)
{
	const struct gyl_zc_denial *d = c->denial + z->denial_first;

	for (uint32_t i = 0; i < z->denial_cnt; i++) {
		const struct gyl_zc_node *n = &c->node[d[i].node];
		const struct gyl_zc_rec *r = gyl__zc_first_of(c, n, GYL_DNS_TYPE_NSEC3);
		struct gyl_view rest = nsec3_rest(c, r);

		if (rest.len < NSEC3_NEXT_LEN || rest.p[0] != GYL_DNS_HASH_LEN ||
			memcmp(rest.p + 1, d[i + 1 == z->denial_cnt ? 0 : i + 1].hash,
				GYL_DNS_HASH_LEN) != 0)
			gyl__zc_fail(c, r, broken3, n);
		else if (!has_sig(c, n, GYL_DNS_TYPE_NSEC3))
			gyl__zc_warn(c, r, "not signed, in a zone that is", n);
	}
}

static void lint_iterations(struct gyl_dns_compile *c, const struct gyl_zc_node *apex)
{
	const struct gyl_zc_rec *r = gyl__zc_first_of(c, apex, GYL_DNS_TYPE_NSEC3PARAM);
	unsigned iterations = r == NULL ? 0 : gyl__zc_param(c, r).iterations;
	char text[120];

	if (iterations == 0)
		return;
	if (iterations > GYL_DNS_ITERATIONS_MAX) {
		snprintf(text, sizeof text,
			"%u iterations of NSEC3 cost more than they are worth, at most %d are "
			"served (RFC 9276 3.2)",
			iterations, GYL_DNS_ITERATIONS_MAX);
		gyl__zc_fail(c, r, text, apex);
	} else {
		gyl__zc_warn(c, r, "iterations of NSEC3 should be 0 (RFC 9276 3.1)", apex);
	}
}

/* RFC 4034 3.1.5: serial number arithmetic. */
static void lint_times(struct gyl_dns_compile *c, const struct gyl_zc_node *apex)
{
	uint32_t now = (uint32_t)time(NULL);

	for (uint32_t i = apex->first; i != GYL_ZC_NONE; i = c->rec[i].next) {
		const struct gyl_zc_rec *r = &c->rec[i];
		const uint8_t *times = c->octet + r->rdata_at + RRSIG_TIMES;

		if (r->type != GYL_DNS_TYPE_RRSIG || gyl__zc_covered(c, r) != GYL_DNS_TYPE_SOA)
			continue;
		if ((int32_t)(gyl_get_u32(times) - now) < 0)
			gyl__zc_warn(c, r, "the signature has expired: sign the zone again", apex);
		else if ((int32_t)(now - gyl_get_u32(times + 4)) < 0)
			gyl__zc_warn(c, r, "the signature is not valid yet", apex);
	}
}

static void lint_zone(struct gyl_dns_compile *c, const struct gyl_zc_zone *z)
{
	const struct gyl_zc_node *apex = &c->node[z->apex];
	const struct gyl_zc_rec *key = gyl__zc_first_of(c, apex, GYL_DNS_TYPE_DNSKEY);

	lint_iterations(c, apex);
	if (key != NULL && !z->is_signed)
		gyl__zc_warn(c, key, "the zone has keys, but its SOA has no signature", apex);
	if (!z->is_signed)
		return;
	lint_times(c, apex);
	if (z->denial_cnt == 0)
		gyl__zc_fail(c, key, "the zone is signed, but has neither NSEC nor NSEC3", apex);
	else if (z->param == GYL_ZC_NONE)
		lint_nsec(c, z);
	else
		lint_nsec3(c, z);
}

static void lint_node(struct gyl_dns_compile *c, const struct gyl_zc_node *n)
{
	const struct gyl_zc_zone *z = &c->zone[n->zone];

	if (z->is_signed && (n->flags & GYL_ZC_HOLE) != 0 && gyl__zc_is_bare(n)) {
		c->failed = true;
		gyl_build_error(c->build, z->path, 0, 0,
			"%s: a hole in a signed zone: validators would refuse what comes from it; "
			"delegate the name without DS (NS), then it is unsigned for all",
			gyl__zc_show(gyl__zc_name(c, n)).s);
	}
	if (!z->is_signed || z->denial_cnt == 0 || !gyl__zc_is_own(c, n))
		return;
	lint_sigs(c, n);
	if (z->param != GYL_ZC_NONE)
		lint_nsec3_node(c, n);
	else if (n->first != GYL_ZC_NONE)
		lint_nsec_node(c, n);
}

void gyl__zc_lint_signed(struct gyl_dns_compile *c)
{
	bool any = false;

	for (size_t i = 0; i < c->zone_cnt; i++) {
		lint_zone(c, &c->zone[i]);
		any |= c->zone[i].is_signed;
	}
	for (size_t i = 0; i < c->node_cnt && any; i++)
		lint_node(c, &c->node[i]);
}
