/* SPDX-License-Identifier: ISC */

/* Which records deny names in a signed zone: owners of NSEC by name, or of NSEC3 by hash. */

#include <stdlib.h>

#include <gyl/dns.h>

#include "services/dns/nsec3.h"
#include "services/dns/zonec/compile_own.h"

enum {
	SHA1 = 1 /* RFC 5155 11 */
};

static bool is_signed(const struct gyl_dns_compile *c, const struct gyl_zc_node *apex)
{
	if (gyl__zc_first_of(c, apex, GYL_DNS_TYPE_DNSKEY) == NULL)
		return false;
	for (uint32_t i = apex->first; i != GYL_ZC_NONE; i = c->rec[i].next)
		if (c->rec[i].type == GYL_DNS_TYPE_RRSIG &&
			gyl__zc_covered(c, &c->rec[i]) == GYL_DNS_TYPE_SOA)
			return true;
	return false;
}

/* RFC 5155 4: a chain that is complete has NSEC3PARAM without flags. */
static uint32_t find_param(const struct gyl_dns_compile *c, const struct gyl_zc_node *apex)
{
	for (uint32_t i = apex->first; i != GYL_ZC_NONE; i = c->rec[i].next) {
		struct gyl_zc_param param;

		if (c->rec[i].type != GYL_DNS_TYPE_NSEC3PARAM)
			continue;
		param = gyl__zc_param(c, &c->rec[i]);
		if (param.algorithm == SHA1 && param.flags == 0 &&
			param.iterations <= GYL_DNS_ITERATIONS_MAX)
			return i;
	}
	return GYL_ZC_NONE;
}

/* Has the node an NSEC3 of the zone's chain? Then *ret_hash is what its owner says. */
static bool in_chain(const struct gyl_dns_compile *c, const struct gyl_zc_node *n,
	uint8_t ret_hash[GYL_DNS_HASH_LEN])
{
	const struct gyl_zc_zone *z = &c->zone[n->zone];
	const struct gyl_zc_rec *r = gyl__zc_first_of(c, n, GYL_DNS_TYPE_NSEC3);
	const uint8_t *name = gyl__zc_name(c, n);
	struct gyl_zc_param own, zone;

	if (r == NULL || !gyl_dns_nsec3_unlabel(name, ret_hash) ||
		!gyl_dns_name_eq(gyl_dns_name_parent(name), gyl__zc_name(c, &c->node[z->apex])))
		return false;
	own = gyl__zc_param(c, r);
	zone = gyl__zc_param(c, &c->rec[z->param]);
	return own.algorithm == zone.algorithm && own.iterations == zone.iterations &&
	       gyl_view_eq(own.salt, zone.salt);
}

/* Does the node deny names? Then *ret is its entry. */
static bool denies(
	const struct gyl_dns_compile *c, const struct gyl_zc_node *n, struct gyl_zc_denial *ret)
{
	const struct gyl_zc_zone *z = &c->zone[n->zone];

	if (!z->is_signed)
		return false;
	ret->name = gyl__zc_name(c, n);
	ret->node = (uint32_t)(n - c->node);
	if (z->param != GYL_ZC_NONE)
		return (n->flags & GYL_ZC_HASHED) != 0 && in_chain(c, n, ret->hash);
	return (n->flags & GYL_ZC_NSEC) != 0 && gyl__zc_is_own(c, n);
}

static int by_name(const void *a, const void *b)
{
	const struct gyl_zc_denial *x = a, *y = b;

	return gyl_dns_name_cmp(x->name, y->name);
}

static int by_hash(const void *a, const void *b)
{
	const struct gyl_zc_denial *x = a, *y = b;

	return memcmp(x->hash, y->hash, sizeof x->hash);
}

/* The entries of all zones, those of a zone side by side. */
static bool collect(struct gyl_dns_compile *c)
{
	struct gyl_zc_denial one;
	uint32_t first = 0;

	for (size_t i = 0; i < c->node_cnt; i++)
		c->zone[c->node[i].zone].denial_cnt += denies(c, &c->node[i], &one);
	for (size_t i = 0; i < c->zone_cnt; i++) {
		c->zone[i].denial_first = first;
		first += c->zone[i].denial_cnt;
		c->zone[i].denial_cnt = 0;
	}
	if (!gyl__zc_grow(c, &c->denial, &c->denial_cap, 0, first, sizeof *c->denial))
		return false;
	c->denial_cnt = first;
	for (size_t i = 0; i < c->node_cnt; i++) {
		struct gyl_zc_zone *z = &c->zone[c->node[i].zone];

		if (denies(c, &c->node[i], &one))
			c->denial[z->denial_first + z->denial_cnt++] = one;
	}
	return true;
}

/* The NSEC3 of a name that exists is known here, so that no answer has to hash it. */
static void set_proof(struct gyl_dns_compile *c, struct gyl_zc_node *n)
{
	const struct gyl_zc_zone *z = &c->zone[n->zone];
	struct gyl_zc_param param;
	struct gyl_zc_denial key, *found;

	if (z->denial_cnt == 0 || z->param == GYL_ZC_NONE || !gyl__zc_is_own(c, n))
		return;
	param = gyl__zc_param(c, &c->rec[z->param]);
	gyl_dns_nsec3_hash(
		gyl_view(gyl__zc_name(c, n), n->name_len), param.salt, param.iterations, key.hash);
	found = bsearch(&key, c->denial + z->denial_first, z->denial_cnt, sizeof key, by_hash);
	if (found != NULL)
		n->proof = (uint32_t)(found - c->denial);
}

bool gyl__zc_denial(struct gyl_dns_compile *c)
{
	bool any = false;

	for (size_t i = 0; i < c->zone_cnt; i++) {
		struct gyl_zc_zone *z = &c->zone[i];

		z->is_signed = is_signed(c, &c->node[z->apex]);
		if (z->is_signed && z->hashed_cnt != 0)
			z->param = find_param(c, &c->node[z->apex]);
		any |= z->is_signed;
	}
	if (!any)
		return true;
	if (!collect(c))
		return false;
	for (size_t i = 0; i < c->zone_cnt; i++) {
		const struct gyl_zc_zone *z = &c->zone[i];

		if (z->denial_cnt != 0)
			qsort(c->denial + z->denial_first, z->denial_cnt, sizeof *c->denial,
				z->param == GYL_ZC_NONE ? by_name : by_hash);
	}
	for (size_t i = 0; i < c->node_cnt; i++)
		set_proof(c, &c->node[i]);
	return true;
}
