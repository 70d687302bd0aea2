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
	y->mac_bucket = piece(at, (size_t)y->host_mask + 1, sizeof *y->mac_bucket);
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
	       ((size_t)cap->address_cnt + 2 * hosts) * sizeof(uint32_t) + cap->block_len + 8 * 16;
}

void gyl__dhcpd_layout_init(struct gyl_dhcpd_layout *y, void *mem, const struct gyl_dhcpd_size *cap)
{
	uint8_t *at = mem;

	share(y, &at, cap);
}

uint16_t gyl__dhcpd_layout_subnet(const struct gyl_dhcpd_layout *y, uint32_t ip)
{
	uint32_t low = 0, high = y->cnt.subnet_cnt;

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

/* The operator's own numbers: no stranger chooses what is hashed here. */
static uint32_t mac_hash(const uint8_t mac[6])
{
	return (gyl_get_u32(mac + 2) ^ (uint32_t)gyl_get_u16(mac) << 7) * UINT32_C(2654435761) >> 8;
}

static uint32_t name_hash(struct gyl_view name)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < name.len; i++)
		h = (h ^ name.p[i]) * 16777619u;
	return h;
}

/* The name that a reservation gives, as clients' names are kept. */
static struct gyl_view name_of(const struct gyl_dhcpd_layout *y, const struct gyl_dhcpd_host *h,
	char buf[GYL_DHCPD_NAME_MAX])
{
	return gyl_view(buf, gyl__dhcpd_name_clean(gyl_flat_view(y->flat, h->cf->hostname), buf));
}

const struct gyl_dhcpd_host *gyl__dhcpd_layout_host(
	const struct gyl_dhcpd_layout *y, const uint8_t mac[6], uint32_t subnet)
{
	const struct gyl_dhcpd_host *any = NULL;

	for (uint32_t i = y->mac_bucket[mac_hash(mac) & y->host_mask]; i != 0;) {
		const struct gyl_dhcpd_host *h = &y->host[i - 1];

		i = h->mac_chain;
		if (memcmp(h->cf->mac, mac, 6) != 0)
			continue;
		if (h->subnet == subnet && h->cf->address != 0)
			return h;
		if (h->subnet == subnet || (h->subnet == GYL_DHCPD_NO_SUBNET && any == NULL))
			any = h;
	}
	return any;
}

static struct gyl_view domain_of(const struct gyl_dhcpd_layout *y, const struct gyl_dhcpd_host *h)
{
	return h->subnet == GYL_DHCPD_NO_SUBNET ? gyl_flat_view(y->flat, y->cf->domain)
						: y->subnet[h->subnet].domain;
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
		if (host != NULL && memcmp(h->cf->mac, host->cf->mac, 6) == 0)
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
	uint32_t *bucket = &y->mac_bucket[mac_hash(h->cf->mac) & y->host_mask];

	if (h->cf->has_mac) {
		h->mac_chain = *bucket;
		*bucket = i + 1;
	}
	if (name.len == 0)
		return;
	bucket = &y->name_bucket[name_hash(name) & y->host_mask];
	h->name_chain = *bucket;
	*bucket = i + 1;
}
