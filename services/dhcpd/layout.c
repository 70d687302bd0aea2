/* SPDX-License-Identifier: ISC */
#include "services/dhcpd/layout.h"

#include <gyl/dhcp.h>

#include "services/dhcpd/layout_own.h"
#include "services/dhcpd/name.h"

static uint32_t buckets_for(uint32_t cnt)
{
	uint32_t n = 16;

	while (n < cnt)
		n *= 2;
	return n;
}

/* Memory is given out in pieces of 16 octets, in the same order for measuring and for real. */
static void *piece(uint8_t **at, size_t cnt, size_t len)
{
	uint8_t *p = *at;

	*at = p + ((cnt * len + 15) & ~(size_t)15);
	return p;
}

static void share(struct gyl_dhcpd_layout *y, uint8_t **at, const struct gyl_dhcpd_size *cap)
{
	y->cap = *cap;
	y->host_mask = buckets_for(cap->host_cnt) - 1;
	y->subnet = piece(at, cap->subnet_cnt, sizeof *y->subnet);
	y->range = piece(at, cap->range_cnt, sizeof *y->range);
	y->host = piece(at, cap->host_cnt, sizeof *y->host);
	y->slot_of = piece(at, cap->address_cnt, sizeof *y->slot_of);
	y->class = piece(at, GYL_DHCPD_CLASS_MAX, sizeof *y->class);
	y->who_bucket = piece(at, (size_t)y->host_mask + 1, sizeof *y->who_bucket);
	y->name_bucket = piece(at, (size_t)y->host_mask + 1, sizeof *y->name_bucket);
	y->opt = piece(at, cap->subnet_cnt, sizeof *y->opt);
	y->block = piece(at, cap->block_len, 1);
}

size_t gyl__dhcpd_layout_need(const struct gyl_dhcpd_size *cap)
{
	size_t hosts = buckets_for(cap->host_cnt);

	return (size_t)cap->subnet_cnt *
		       (sizeof(struct gyl_dhcpd_subnet) + sizeof(struct gyl_dhcpd_opts)) +
	       (size_t)cap->range_cnt * sizeof(struct gyl_dhcpd_range) +
	       (size_t)cap->host_cnt * sizeof(struct gyl_dhcpd_host) +
	       GYL_DHCPD_CLASS_MAX * sizeof(struct gyl_dhcpd_class) +
	       ((size_t)cap->address_cnt + 2 * hosts) * sizeof(uint32_t) + cap->block_len + 9 * 16;
}

void gyl__dhcpd_layout_init(struct gyl_dhcpd_layout *y, void *mem, const struct gyl_dhcpd_size *cap)
{
	uint8_t *at = mem;

	share(y, &at, cap);
}

uint16_t gyl__dhcpd_layout_subnet(const struct gyl_dhcpd_layout *y, uint32_t ip)
{
	uint32_t low = 0, high = y->real_cnt;

	while (low < high) {
		uint32_t mid = (low + high) / 2;

		if (y->subnet[mid].ip <= ip)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == 0 || (ip & y->subnet[low - 1].mask) != y->subnet[low - 1].ip)
		return GYL_DHCPD_NO_SUBNET;
	return (uint16_t)(low - 1);
}

const struct gyl_dhcpd_range *gyl__dhcpd_layout_range(const struct gyl_dhcpd_layout *y, uint32_t ip)
{
	uint32_t low = 0, high = y->cnt.range_cnt;

	while (low < high) {
		uint32_t mid = (low + high) / 2;

		if (y->range[mid].first <= ip)
			low = mid + 1;
		else
			high = mid;
	}
	return low == 0 || y->range[low - 1].last < ip ? NULL : &y->range[low - 1];
}

/* The operator's own words: no stranger chooses what is hashed here. */
static uint32_t hash_octets(uint32_t h, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 16777619u;
	return h ^ h >> 15;
}

static uint32_t name_hash(struct gyl_view name)
{
	return hash_octets(2166136261u, name.p, name.len);
}

/* Of the first that a reservation is found by, in this order. */
static uint32_t who_hash(const struct gyl_dhcpd_who *w)
{
	if (w->has_mac)
		return hash_octets('m', w->mac, sizeof w->mac);
	if (w->client_id.len != 0)
		return hash_octets('i', w->client_id.p, w->client_id.len);
	return hash_octets('c', w->circuit_id.p, w->circuit_id.len);
}

static struct gyl_dhcpd_who who_of(
	const struct gyl_dhcpd_layout *y, const struct gyl_dhcpd_host_conf *cf)
{
	struct gyl_dhcpd_who w = {cf->has_mac, {0}, gyl_flat_view(y->flat, cf->client_id),
		gyl_flat_view(y->flat, cf->circuit_id)};

	memcpy(w.mac, cf->mac, sizeof w.mac);
	return w;
}

/* All that the reservation says of whom it is for is right. */
static bool is_for(const struct gyl_dhcpd_layout *y, const struct gyl_dhcpd_host_conf *cf,
	const struct gyl_dhcpd_who *w)
{
	struct gyl_dhcpd_who c = who_of(y, cf);

	return (!c.has_mac || (w->has_mac && memcmp(c.mac, w->mac, sizeof c.mac) == 0)) &&
	       (c.client_id.len == 0 || gyl_view_eq(c.client_id, w->client_id)) &&
	       (c.circuit_id.len == 0 || gyl_view_eq(c.circuit_id, w->circuit_id));
}

/* The name that a reservation gives, as clients' names are kept. */
static struct gyl_view name_of(const struct gyl_dhcpd_layout *y, const struct gyl_dhcpd_host *h,
	char buf[GYL_DHCPD_NAME_MAX])
{
	return gyl_view(buf, gyl__dhcpd_name_clean(gyl_flat_view(y->flat, h->cf->hostname), buf));
}

/* How good a reservation is on a subnet, 0: it is for another one. */
static unsigned rank(const struct gyl_dhcpd_host *h, uint32_t subnet)
{
	if (h->subnet == subnet)
		return h->cf->address != 0 ? 3 : 2;
	return h->subnet == GYL_DHCPD_NO_SUBNET ? 1 : 0;
}

static void look(const struct gyl_dhcpd_layout *y, const struct gyl_dhcpd_who *key,
	const struct gyl_dhcpd_who *who, uint32_t subnet, const struct gyl_dhcpd_host **ret_best)
{
	for (uint32_t i = y->who_bucket[who_hash(key) & y->host_mask]; i != 0;) {
		const struct gyl_dhcpd_host *h = &y->host[i - 1];

		i = h->who_chain;
		if (rank(h, subnet) > (*ret_best == NULL ? 0 : rank(*ret_best, subnet)) &&
			is_for(y, h->cf, who))
			*ret_best = h;
	}
}

const struct gyl_dhcpd_host *gyl__dhcpd_layout_host(
	const struct gyl_dhcpd_layout *y, const struct gyl_dhcpd_who *who, uint32_t subnet)
{
	struct gyl_dhcpd_who key = *who;
	const struct gyl_dhcpd_host *best = NULL;

	if (y->cnt.host_cnt == 0)
		return NULL;
	if (key.has_mac)
		look(y, &key, who, subnet, &best);
	key.has_mac = false;
	if (key.client_id.len != 0)
		look(y, &key, who, subnet, &best);
	key.client_id.len = 0;
	if (key.circuit_id.len != 0)
		look(y, &key, who, subnet, &best);
	return best;
}

static bool has_address(const struct gyl_dhcpd_layout *y, const struct gyl_dhcpd_who *key,
	const struct gyl_dhcpd_who *who)
{
	for (uint32_t i = y->who_bucket[who_hash(key) & y->host_mask]; i != 0;
		i = y->host[i - 1].who_chain)
		if (y->host[i - 1].cf->address != 0 && is_for(y, y->host[i - 1].cf, who))
			return true;
	return false;
}

bool gyl__dhcpd_layout_has_address(
	const struct gyl_dhcpd_layout *y, const struct gyl_dhcpd_who *who)
{
	struct gyl_dhcpd_who key = *who;

	if (y->cnt.host_cnt == 0)
		return false;
	if (key.has_mac && has_address(y, &key, who))
		return true;
	key.has_mac = false;
	if (key.client_id.len != 0 && has_address(y, &key, who))
		return true;
	key.client_id.len = 0;
	return key.circuit_id.len != 0 && has_address(y, &key, who);
}

static struct gyl_view domain_of(const struct gyl_dhcpd_layout *y, const struct gyl_dhcpd_host *h)
{
	return h->subnet == GYL_DHCPD_NO_SUBNET ? gyl_flat_view(y->flat, y->cf->domain)
						: y->subnet[h->subnet].domain;
}

static bool is_same(const struct gyl_dhcpd_layout *y, const struct gyl_dhcpd_host_conf *a,
	const struct gyl_dhcpd_host_conf *b)
{
	struct gyl_dhcpd_who v = who_of(y, a), w = who_of(y, b);

	return a == b || (is_for(y, a, &w) && is_for(y, b, &v));
}

bool gyl__dhcpd_layout_name_taken(const struct gyl_dhcpd_layout *y, struct gyl_view name,
	struct gyl_view domain, const struct gyl_dhcpd_host *host)
{
	char buf[GYL_DHCPD_NAME_MAX];

	if (y->cnt.host_cnt == 0)
		return false;
	for (uint32_t i = y->name_bucket[name_hash(name) & y->host_mask]; i != 0;) {
		const struct gyl_dhcpd_host *h = &y->host[i - 1];

		i = h->name_chain;
		/* The same machine may have a reservation, and its name, on several subnets. */
		if (host != NULL && is_same(y, h->cf, host->cf))
			continue;
		if (gyl_view_eq(name_of(y, h, buf), name) &&
			gyl__dhcpd_name_eq(domain_of(y, h), domain))
			return true;
	}
	return false;
}

void gyl__dhcpd_layout_hash_host(struct gyl_dhcpd_layout *y, uint32_t i)
{
	struct gyl_dhcpd_host *h = &y->host[i];
	char buf[GYL_DHCPD_NAME_MAX];
	struct gyl_view name = name_of(y, h, buf);
	struct gyl_dhcpd_who who = who_of(y, h->cf);
	uint32_t *bucket = &y->who_bucket[who_hash(&who) & y->host_mask];

	h->who_chain = *bucket;
	*bucket = i + 1;
	if (name.len == 0)
		return;
	bucket = &y->name_bucket[name_hash(name) & y->host_mask];
	h->name_chain = *bucket;
	*bucket = i + 1;
}

void gyl__dhcpd_layout_unhash_host(struct gyl_dhcpd_layout *y, uint32_t i)
{
	struct gyl_dhcpd_host *h = &y->host[i];
	char buf[GYL_DHCPD_NAME_MAX];
	struct gyl_view name = name_of(y, h, buf);
	struct gyl_dhcpd_who who = who_of(y, h->cf);
	uint32_t *at = &y->who_bucket[who_hash(&who) & y->host_mask];

	while (*at != i + 1)
		at = &y->host[*at - 1].who_chain;
	*at = h->who_chain;
	if (name.len == 0)
		return;
	at = &y->name_bucket[name_hash(name) & y->host_mask];
	while (*at != i + 1)
		at = &y->host[*at - 1].name_chain;
	*at = h->name_chain;
}
