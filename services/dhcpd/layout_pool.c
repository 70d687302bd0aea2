/* SPDX-License-Identifier: ISC */

/* Ranges of addresses, and whom the reserved ones are for. */

#include "services/dhcpd/layout_own.h"

enum {
	RANGE_COST = 8, /* sorting a few of them, each */
	HOST_COST = 3,
	HASH_COST = 8,
	CHUNK_CNT = 1 << 14, /* slots that are cleared at once */
	CHUNK_COST = 400
};

/* One step of a Shell sort. */
static void sift(struct gyl_dhcpd_range *a, uint32_t i, uint32_t gap)
{
	struct gyl_dhcpd_range r = a[i];

	for (; i >= gap && a[i - gap].first > r.first; i -= gap)
		a[i] = a[i - gap];
	a[i] = r;
}

static void sort_ranges(struct gyl_dhcpd_range *a, uint32_t cnt)
{
	for (uint32_t gap = cnt / 2; gap != 0; gap /= 2)
		for (uint32_t i = gap; i < cnt; i++)
			sift(a, i, gap);
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

static bool pools(struct gyl__dhcpd_build *b)
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
	gyl__dhcpd_slice_take(b->slice, RANGE_COST * y->cnt.range_cnt);
	return true;
}

enum gyl_dhcpd_progress gyl__dhcpd_build_pools(struct gyl__dhcpd_build *b)
{
	return pools(b) ? GYL_DHCPD_DONE : GYL_DHCPD_WRONG;
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

static bool class_pools(struct gyl__dhcpd_build *b)
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

enum gyl_dhcpd_progress gyl__dhcpd_build_class_pools(struct gyl__dhcpd_build *b)
{
	return class_pools(b) ? GYL_DHCPD_DONE : GYL_DHCPD_WRONG;
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

/* On from b->at. */
static enum gyl_dhcpd_progress add_hosts(
	struct gyl__dhcpd_build *b, struct gyl_ref hosts, uint32_t subnet)
{
	const struct gyl_dhcpd_host_conf *h = gyl_flat_at(b->y->flat, hosts);

	for (; b->at < hosts.cnt; b->at++) {
		if (!gyl__dhcpd_slice_take(b->slice, HOST_COST))
			return GYL_DHCPD_MORE;
		if (!add_host(b, &h[b->at], subnet))
			return GYL_DHCPD_WRONG;
	}
	b->at = 0;
	return GYL_DHCPD_DONE;
}

/* b->sub: 0 for those at the top, then subnet after subnet. */
enum gyl_dhcpd_progress gyl__dhcpd_build_hosts(struct gyl__dhcpd_build *b)
{
	const struct gyl_dhcpd_layout *y = b->y;
	const struct gyl_dhcpd_subnet_conf *c = gyl_flat_at(y->flat, y->cf->subnets);
	enum gyl_dhcpd_progress p = GYL_DHCPD_DONE;

	for (; b->sub <= y->cf->subnets.cnt; b->sub++) {
		p = b->sub == 0 ? add_hosts(b, y->cf->hosts, GYL_DHCPD_NO_SUBNET)
				: add_hosts(b, c[b->sub - 1].hosts,
					  gyl__dhcpd_layout_subnet(y, c[b->sub - 1].subnet.ip));
		if (p != GYL_DHCPD_DONE)
			break;
	}
	return p;
}

enum gyl_dhcpd_progress gyl__dhcpd_build_hashes(struct gyl__dhcpd_build *b)
{
	struct gyl_dhcpd_layout *y = b->y;

	if (b->at == 0) {
		gyl__dhcpd_slice_take(b->slice, y->host_mask / 16);
		memset(y->who_bucket, 0, ((size_t)y->host_mask + 1) * sizeof *y->who_bucket);
		memset(y->name_bucket, 0, ((size_t)y->host_mask + 1) * sizeof *y->name_bucket);
	}
	for (; b->at < y->cnt.host_cnt; b->at++) {
		if (!gyl__dhcpd_slice_take(b->slice, HASH_COST))
			return GYL_DHCPD_MORE;
		gyl__dhcpd_layout_hash_host(y, b->at);
	}
	return GYL_DHCPD_DONE;
}

/* A reserved address outside the pools gets a range of its own, behind those, which are sorted. */
static void reserve(struct gyl__dhcpd_build *b, const struct gyl_dhcpd_host *h)
{
	struct gyl_dhcpd_layout *y = b->y;

	y->cnt.range_cnt = b->pools;
	if (h->cf->address == 0 || gyl__dhcpd_layout_range(y, h->cf->address) != NULL)
		return;
	y->cnt.range_cnt = b->extra;
	add_range(b, h->cf->address, h->cf->address, h->subnet, false);
	b->extra = y->cnt.range_cnt;
}

enum gyl_dhcpd_progress gyl__dhcpd_build_reserved(struct gyl__dhcpd_build *b)
{
	struct gyl_dhcpd_layout *y = b->y;

	if (b->at == 0)
		b->pools = b->extra = y->cnt.range_cnt;
	for (; b->at < y->cnt.host_cnt; b->at++) {
		if (!gyl__dhcpd_slice_take(b->slice, HOST_COST))
			return GYL_DHCPD_MORE;
		reserve(b, &y->host[b->at]);
	}
	y->cnt.range_cnt = b->extra;
	return GYL_DHCPD_DONE;
}

/* Is nothing behind the pools, or all in order, as most files are? */
static bool is_sorted(const struct gyl_dhcpd_layout *y)
{
	for (uint32_t i = 1; i < y->cnt.range_cnt; i++)
		if (y->range[i].first < y->range[i - 1].first)
			return false;
	return true;
}

/* As sort_ranges(), in slices: b->sub is the gap, 0 at first. */
enum gyl_dhcpd_progress gyl__dhcpd_build_sorted(struct gyl__dhcpd_build *b)
{
	struct gyl_dhcpd_range *a = b->y->range;
	uint32_t cnt = b->y->cnt.range_cnt;

	if (b->at == 0) {
		gyl__dhcpd_slice_take(b->slice, cnt / 16);
		b->sub = is_sorted(b->y) ? 0 : cnt / 2;
		b->at = b->sub;
	}
	for (; b->sub != 0; b->sub /= 2, b->at = b->sub) {
		for (; b->at < cnt; b->at++) {
			if (!gyl__dhcpd_slice_take(b->slice, 1))
				return GYL_DHCPD_MORE;
			sift(a, b->at, b->sub);
		}
	}
	return GYL_DHCPD_DONE;
}

enum gyl_dhcpd_progress gyl__dhcpd_build_ranges(struct gyl__dhcpd_build *b)
{
	struct gyl_dhcpd_layout *y = b->y;

	for (; b->at < y->cnt.range_cnt; b->at++) {
		uint32_t i = b->at;
		struct gyl_dhcpd_range *r = &y->range[i];
		struct gyl_dhcpd_subnet *s = &y->subnet[r->subnet];

		if (!gyl__dhcpd_slice_take(b->slice, 1))
			return GYL_DHCPD_MORE;
		if (i != 0 && r[-1].last >= r->first) {
			gyl__dhcpd_build_wrong(b, "given out twice:", r->first);
			return GYL_DHCPD_WRONG;
		}
		r->base = y->cnt.address_cnt;
		y->cnt.address_cnt += r->last - r->first + 1;
		if (s->range_cnt == 0)
			s->range_first = s->fresh_range = i;
		s->range_cnt = i - s->range_first + 1;
	}
	return GYL_DHCPD_DONE;
}

/* What is zero already need not become real memory. */
static void clear(uint32_t *slot, uint32_t cnt)
{
	for (uint32_t i = 0; i < cnt; i++)
		if (slot[i] != 0)
			slot[i] = 0;
}

enum gyl_dhcpd_progress gyl__dhcpd_build_slots(struct gyl__dhcpd_build *b)
{
	const struct gyl_dhcpd_layout *y = b->y;

	for (; b->at < y->cnt.address_cnt; b->at += CHUNK_CNT) {
		uint32_t left = y->cnt.address_cnt - b->at;

		if (!gyl__dhcpd_slice_take(b->slice, CHUNK_COST))
			return GYL_DHCPD_MORE;
		clear(y->slot_of + b->at, left < CHUNK_CNT ? left : CHUNK_CNT);
	}
	return GYL_DHCPD_DONE;
}
