/* SPDX-License-Identifier: ISC */

/* Ranges of addresses, and whom the reserved ones are for. */

#include "services/dhcpd/layout_own.h"

static void sort_ranges(struct gyl_dhcpd_range *a, uint32_t cnt)
{
	for (uint32_t gap = cnt / 2; gap != 0; gap /= 2) {
		for (uint32_t i = gap; i < cnt; i++) {
			struct gyl_dhcpd_range r = a[i];
			uint32_t j = i;

			for (; j >= gap && a[j - gap].first > r.first; j -= gap)
				a[j] = a[j - gap];
			a[j] = r;
		}
	}
}

static bool is_edge(struct gyl__dhcpd_build *b, const struct gyl_dhcpd_subnet *s, uint32_t ip)
{
	return !gyl__dhcpd_is_host(s, ip) &&
	       !gyl__dhcpd_build_wrong(
		       b, "the first and the last address of a subnet cannot be given out:", ip);
}

static void add_range(
	struct gyl__dhcpd_build *b, uint32_t first, uint32_t last, uint32_t subnet, bool pool)
{
	struct gyl_dhcpd_layout *y = b->y;

	y->range[y->cnt.range_cnt++] = (struct gyl_dhcpd_range){
		.first = first, .last = last, .subnet = subnet, .pool = pool};
}

static bool add_pools(struct gyl__dhcpd_build *b)
{
	struct gyl_dhcpd_layout *y = b->y;

	for (uint32_t i = 0; i < y->cnt.subnet_cnt; i++) {
		struct gyl_dhcpd_subnet *s = &y->subnet[i];

		for (uint32_t n = 0; n < s->pool_cnt; n++) {
			uint32_t first = s->pool[n].first, last = s->pool[n].last;

			if (s->implied && !gyl__dhcpd_in_subnet(s, first))
				continue;
			if (!gyl__dhcpd_in_subnet(s, first) || !gyl__dhcpd_in_subnet(s, last))
				return gyl__dhcpd_build_wrong(b, "a pool leaves its subnet at",
					(first & s->mask) != s->ip ? first : last);
			if (is_edge(b, s, first) || is_edge(b, s, last))
				return false;
			add_range(b, first, last, i, true);
			s->size += last - first + 1;
		}
	}
	sort_ranges(y->range, y->cnt.range_cnt);
	return true;
}

/* The pool of a class inside a subnet, made when there is none yet. */
static void class_pool(struct gyl__dhcpd_build *b, uint32_t class_no, uint32_t base)
{
	struct gyl_dhcpd_layout *y = b->y;
	const struct gyl_ref *pool = &y->class[class_no - 1].cf->pool;
	uint32_t n = y->cnt.subnet_cnt;
	struct gyl_dhcpd_subnet *s = &y->subnet[n];

	for (uint32_t i = y->real_cnt; i < n; i++)
		if (y->subnet[i].class_no == class_no && y->subnet[i].base == base)
			return;
	*s = y->subnet[base];
	s->link = s->link_next = n;
	s->class_no = class_no;
	s->pool = gyl_flat_at(y->flat, *pool);
	s->pool_cnt = pool->cnt;
	s->implied = true;
	y->cnt.subnet_cnt++;
	gyl__dhcpd_build_join(y, base, n);
}

static bool add_class_pools(struct gyl__dhcpd_build *b)
{
	struct gyl_dhcpd_layout *y = b->y;

	for (uint32_t i = 0; i < y->class_cnt; i++) {
		const struct gyl_dhcpd_class_conf *cf = y->class[i].cf;
		const struct gyl_conf_range *r = gyl_flat_at(y->flat, cf->pool);

		for (uint32_t n = 0; n < cf->pool.cnt; n++) {
			uint16_t base = gyl__dhcpd_layout_subnet(y, r[n].first);

			if (base == GYL_DHCPD_NO_SUBNET)
				return gyl__dhcpd_build_wrong(b,
					"the pool of a class lies in none of the subnets:",
					r[n].first);
			class_pool(b, i + 1, base);
		}
	}
	return true;
}

static bool add_host(
	struct gyl__dhcpd_build *b, const struct gyl_dhcpd_host_conf *cf, uint32_t subnet)
{
	struct gyl_dhcpd_layout *y = b->y;
	struct gyl_dhcpd_host *h = &y->host[y->cnt.host_cnt++];

	*h = (struct gyl_dhcpd_host){.cf = cf, .subnet = subnet};
	if (cf->address == 0)
		return true;
	h->subnet = gyl__dhcpd_layout_subnet(y, cf->address);
	if (h->subnet == GYL_DHCPD_NO_SUBNET ||
		(subnet != GYL_DHCPD_NO_SUBNET && h->subnet != subnet))
		return gyl__dhcpd_build_wrong(
			b, "a reservation lies in none of the subnets:", cf->address);
	return !is_edge(b, &y->subnet[h->subnet], cf->address);
}

static bool add_hosts(struct gyl__dhcpd_build *b, struct gyl_ref hosts, uint32_t subnet)
{
	const struct gyl_dhcpd_host_conf *h = gyl_flat_at(b->y->flat, hosts);

	for (uint32_t i = 0; i < hosts.cnt; i++)
		if (!add_host(b, &h[i], subnet))
			return false;
	return true;
}

/* Reserved addresses outside the pools get ranges of one address. */
static void add_reserved(struct gyl__dhcpd_build *b)
{
	struct gyl_dhcpd_layout *y = b->y;
	uint32_t pools = y->cnt.range_cnt, extra = pools;

	for (uint32_t i = 0; i < y->cnt.host_cnt; i++) {
		const struct gyl_dhcpd_host *h = &y->host[i];

		y->cnt.range_cnt = pools; /* look among the sorted ones */
		if (h->cf->address == 0 || gyl__dhcpd_layout_range(y, h->cf->address) != NULL)
			continue;
		y->cnt.range_cnt = extra;
		add_range(b, h->cf->address, h->cf->address, h->subnet, false);
		extra = y->cnt.range_cnt;
	}
	y->cnt.range_cnt = extra;
	sort_ranges(y->range, extra);
}

static bool all_hosts(struct gyl__dhcpd_build *b)
{
	struct gyl_dhcpd_layout *y = b->y;
	const struct gyl_dhcpd_subnet_conf *c = gyl_flat_at(y->flat, y->cf->subnets);

	if (!add_hosts(b, y->cf->hosts, GYL_DHCPD_NO_SUBNET))
		return false;
	for (uint32_t i = 0; i < y->cf->subnets.cnt; i++)
		if (!add_hosts(b, c[i].hosts, gyl__dhcpd_layout_subnet(y, c[i].subnet.ip)))
			return false;
	gyl__dhcpd_build_live(b);
	memset(y->who_bucket, 0, ((size_t)y->host_mask + 1) * sizeof *y->who_bucket);
	memset(y->name_bucket, 0, ((size_t)y->host_mask + 1) * sizeof *y->name_bucket);
	for (uint32_t i = 0; i < y->cnt.host_cnt; i++)
		gyl__dhcpd_layout_hash_host(y, i);
	add_reserved(b);
	return true;
}

static bool finish_ranges(struct gyl__dhcpd_build *b)
{
	struct gyl_dhcpd_layout *y = b->y;

	for (uint32_t i = 0; i < y->cnt.range_cnt; i++) {
		struct gyl_dhcpd_range *r = &y->range[i];
		struct gyl_dhcpd_subnet *s = &y->subnet[r->subnet];

		if (i != 0 && r[-1].last >= r->first)
			return gyl__dhcpd_build_wrong(b, "given out twice:", r->first);
		r->base = y->cnt.address_cnt;
		y->cnt.address_cnt += r->last - r->first + 1;
		if (s->range_cnt == 0)
			s->range_first = s->fresh_range = i;
		s->range_cnt = i - s->range_first + 1;
	}
	memset(y->slot_of, 0, (size_t)y->cnt.address_cnt * sizeof *y->slot_of);
	return true;
}

bool gyl__dhcpd_build_pools(struct gyl__dhcpd_build *b)
{
	return add_class_pools(b) && add_pools(b) && all_hosts(b) && finish_ranges(b);
}
