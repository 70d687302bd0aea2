/* SPDX-License-Identifier: ISC */

/*
 * The order of denial of a signed copy (image.h): owners of NSEC by name, or NSEC3 by hash. Both
 * stand in the zone's order already, for base32hex keeps the order of hashes (RFC 5155 1.3); what
 * belongs to the chain is picked out of it when the zone is whole.
 */

#include <gyl/dns.h>

#include "services/dns/live_own.h"
#include "services/dns/nsec3.h"

enum {
	SHA1 = 1 /* RFC 5155 11 */
};

/* What a chain is made with, out of NSEC3PARAM or NSEC3. */
struct param {
	uint8_t algorithm, flags;
	uint16_t iterations;
	struct gyl_view salt;
};

static struct param param_of(const uint8_t *rdata)
{
	return (struct param){.algorithm = rdata[0],
		.flags = rdata[1],
		.iterations = gyl_get_u16(rdata + 2),
		.salt = gyl_view(rdata + 5, rdata[4])};
}

/* RFC 5155 4: a chain that is complete has NSEC3PARAM without flags. */
static bool find_param(const struct gyl_dns_live *z, struct param *ret)
{
	const struct gyl_dns_node *apex = gyl_dns_live_node(z, z->apex, z->apex_len);
	const struct gyl_dns_rrset *s = gyl_dns_node_rrset(apex, GYL_DNS_TYPE_NSEC3PARAM);
	uint8_t buf[GYL_DNS_UNPACK_LEN];
	struct gyl_dns_unpacked u;
	size_t at = 0;

	while (s != NULL && gyl_dns_unpack(apex, s, &at, buf, &u)) {
		*ret = param_of(u.rdata.p);
		if (u.type == GYL_DNS_TYPE_NSEC3PARAM && ret->algorithm == SHA1 &&
			ret->flags == 0 && ret->iterations <= GYL_DNS_ITERATIONS_MAX)
			return true;
	}
	return false;
}

static bool is_signed(const struct gyl_dns_live *z)
{
	const struct gyl_dns_node *apex = gyl_dns_live_node(z, z->apex, z->apex_len);
	const struct gyl_dns_rrset *soa = gyl_dns_node_rrset(apex, GYL_DNS_TYPE_SOA);

	return soa != NULL && soa->sig_len != 0 &&
	       gyl_dns_node_rrset(apex, GYL_DNS_TYPE_DNSKEY) != NULL;
}

size_t gyl__dns_live_deny_len(struct gyl_dns_live *z)
{
	struct gyl_dns_zone *zone = gyl__dns_live_zone(z);
	struct param param;

	if (!is_signed(z))
		return 0;
	zone->flags = GYL_DNS_ZONE_SIGNED | GYL_DNS_ZONE_LIVE;
	if (!find_param(z, &param))
		return (z->order_cnt - z->hashed_cnt) * sizeof(uint32_t);
	zone->flags |= GYL_DNS_ZONE_NSEC3;
	return z->hashed_cnt * sizeof(struct gyl_dns_hashed) + param.salt.len;
}

void gyl__dns_live_deny_begin(struct gyl_dns_live *z, void *block)
{
	struct gyl_dns_zone *zone = gyl__dns_live_zone(z);

	zone->denial_off = gyl__dns_live_off(z, block);
	zone->denial_cnt = 0;
}

static uint32_t *nsec_list(const struct gyl_dns_live *z)
{
	return (uint32_t *)(void *)((uint8_t *)z->im + gyl__dns_live_zone_of(z)->denial_off);
}

static struct gyl_dns_hashed *hashed_list(const struct gyl_dns_live *z)
{
	return (struct gyl_dns_hashed *)(void *)nsec_list(z);
}

static uint32_t rrset_off(const struct gyl_dns_live *z, const struct gyl_dns_node *n)
{
	const struct gyl_dns_rrset *s = gyl_dns_node_rrset(n, GYL_DNS_TYPE_NSEC3);

	return s == NULL ? 0 : gyl__dns_live_off(z, s);
}

/* Is the NSEC3 of the zone's chain? While it is made anew there are two (RFC 5155 10.4). */
static bool in_chain(const struct gyl_dns_live *z, const struct gyl_dns_node *n)
{
	const struct gyl_dns_rrset *s = gyl_dns_node_rrset(n, GYL_DNS_TYPE_NSEC3);
	struct param own, zone;

	if (s == NULL || !find_param(z, &zone))
		return false;
	own = param_of(gyl_dns_rrset_wire(s) + GYL_DNS_PACK_HEAD);
	return own.algorithm == zone.algorithm && own.iterations == zone.iterations &&
	       gyl_view_eq(own.salt, zone.salt);
}

/* Behind the list, whose length is known at the end. */
static void put_salt(struct gyl_dns_live *z)
{
	struct gyl_dns_zone *zone = gyl__dns_live_zone(z);
	struct param param;

	if (!find_param(z, &param))
		return;
	zone->iterations = param.iterations;
	zone->salt_len = (uint8_t)param.salt.len;
	if (param.salt.len != 0)
		memcpy(hashed_list(z) + zone->denial_cnt, param.salt.p, param.salt.len);
}

void gyl__dns_live_deny_add(struct gyl_dns_live *z, uint32_t at)
{
	struct gyl_dns_zone *zone = gyl__dns_live_zone(z);
	uint32_t off = gyl__dns_live_order(z)[at];
	const struct gyl_dns_node *n = gyl__dns_live_at(z, off);
	struct gyl_dns_hashed h;

	if ((zone->flags & GYL_DNS_ZONE_NSEC3) == 0) {
		if (gyl_dns_node_rrset(n, GYL_DNS_TYPE_NSEC) != NULL)
			nsec_list(z)[zone->denial_cnt++] = off;
		return;
	}
	if ((n->flags & GYL_DNS_NODE_HASHED) != 0 && in_chain(z, n) &&
		gyl_dns_nsec3_unlabel(n->name, h.hash)) {
		h.rrset_off = rrset_off(z, n);
		hashed_list(z)[zone->denial_cnt++] = h;
	}
	if (at + 1 == z->order_cnt)
		put_salt(z);
}

/* The entry of a name; was: an offset that is not to be looked at, it is the name's. */
static void move_nsec(struct gyl_dns_live *z, const uint8_t *name, uint32_t was, uint32_t off)
{
	uint32_t *list = nsec_list(z), low = 0, high = gyl__dns_live_zone(z)->denial_cnt;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (list[mid] == was) {
			list[mid] = off;
			return;
		}
		if (gyl_dns_name_cmp(gyl__dns_live_at(z, list[mid])->name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
}

static struct gyl_dns_hashed *hashed_find(
	const struct gyl_dns_live *z, const uint8_t hash[GYL_DNS_HASH_LEN])
{
	struct gyl_dns_hashed *list = hashed_list(z);
	uint32_t low = 0, high = gyl__dns_live_zone_of(z)->denial_cnt;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		int cmp = memcmp(list[mid].hash, hash, GYL_DNS_HASH_LEN);

		if (cmp == 0)
			return &list[mid];
		if (cmp < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

void gyl__dns_live_deny_moved(struct gyl_dns_live *z, uint32_t was, uint32_t off)
{
	const struct gyl_dns_zone *zone = gyl__dns_live_zone(z);
	const struct gyl_dns_node *n = gyl__dns_live_at(z, off);
	uint8_t hash[GYL_DNS_HASH_LEN];
	struct gyl_dns_hashed *h;

	if (zone->denial_off == 0)
		return;
	if ((zone->flags & GYL_DNS_ZONE_NSEC3) == 0) {
		move_nsec(z, n->name, was, off);
		return;
	}
	if ((n->flags & GYL_DNS_NODE_HASHED) == 0 || !gyl_dns_nsec3_unlabel(n->name, hash))
		return;
	h = hashed_find(z, hash);
	if (h != NULL)
		h->rrset_off = rrset_off(z, n);
}
