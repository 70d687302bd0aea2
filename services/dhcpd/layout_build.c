/* SPDX-License-Identifier: ISC */
#include <gyl/dhcp.h>
#include <gyl/text.h>
#include <gyl/time.h>

#include "services/dhcpd/layout_own.h"

struct build {
	struct gyl_dhcpd_layout *y;
	const struct gyl_dhcpd_iface *iface;
	uint32_t iface_cnt;
	struct gyl_writer *why;
};

static bool wrong(struct build *b, const char *what, uint32_t ip)
{
	gyl_text_str(b->why, what);
	gyl_text_char(b->why, ' ');
	gyl_text_ipv4(b->why, ip);
	return false;
}

static bool too_many(struct build *b)
{
	gyl_text_str(b->why,
		"more addresses, subnets or reservations than there was room made for at start: restart to use it");
	return false;
}

/* ---- size ---- */

static void count_pool(struct gyl_dhcpd_size *n, const struct gyl_flat *f, struct gyl_ref pool)
{
	const struct gyl_conf_range *r = gyl_flat_at(f, pool);

	n->range_cnt += pool.cnt;
	for (uint32_t i = 0; i < pool.cnt; i++)
		n->address_cnt += r[i].last - r[i].first + 1;
}

/* A reserved address may need a range of its own. */
static void count_hosts(struct gyl_dhcpd_size *n, struct gyl_ref hosts)
{
	n->host_cnt += hosts.cnt;
	n->range_cnt += hosts.cnt;
	n->address_cnt += hosts.cnt;
}

struct gyl_dhcpd_size gyl__dhcpd_layout_size(const struct gyl_flat *flat)
{
	const struct gyl_dhcpd_conf *cf = gyl_flat_section(flat, "dhcpd");
	struct gyl_dhcpd_size n = {0};
	const struct gyl_dhcpd_subnet_conf *s;

	if (cf == NULL)
		return n;
	s = gyl_flat_at(flat, cf->subnets);
	n.block_len = flat->len;
	n.subnet_cnt = cf->subnets.cnt + (cf->pool.cnt != 0 ? cf->pool.cnt : 1);
	count_pool(&n, flat, cf->pool);
	count_hosts(&n, cf->hosts);
	for (uint32_t i = 0; i < cf->subnets.cnt; i++) {
		count_pool(&n, flat, s[i].pool);
		count_hosts(&n, s[i].hosts);
	}
	return n;
}

static bool fits(const struct gyl_dhcpd_size *n, const struct gyl_dhcpd_size *cap)
{
	return n->address_cnt <= cap->address_cnt && n->subnet_cnt <= cap->subnet_cnt &&
	       n->range_cnt <= cap->range_cnt && n->host_cnt <= cap->host_cnt &&
	       n->block_len <= cap->block_len;
}

/* ---- subnets ---- */

static uint32_t seconds(uint64_t ns)
{
	uint64_t s = ns / GYL_NS_PER_S;

	if (ns == GYL_TIME_INFINITE)
		return GYL_DHCP_INFINITE;
	if (s == 0)
		return 1;
	return s < GYL_DHCP_INFINITE ? (uint32_t)s : GYL_DHCP_INFINITE - 1;
}

static void set_times(struct gyl_dhcpd_subnet *s, const struct gyl_dhcpd_conf *cf,
	uint64_t lease_ns, uint64_t max_ns)
{
	s->lease_s = seconds(lease_ns != 0 ? lease_ns : cf->lease_ns);
	if (max_ns == 0)
		max_ns = cf->max_ns != 0 ? cf->max_ns : GYL_NS_PER_DAY;
	s->max_s = seconds(max_ns);
	if (s->max_s < s->lease_s)
		s->max_s = s->lease_s;
	s->min_s = seconds(cf->min_ns);
	if (s->min_s > s->lease_s)
		s->min_s = s->lease_s;
}

static struct gyl_dhcpd_subnet *add_subnet(struct build *b, uint32_t ip, uint32_t prefix)
{
	struct gyl_dhcpd_layout *y = b->y;
	struct gyl_dhcpd_subnet *s = &y->subnet[y->cnt.subnet_cnt++];

	memset(s, 0, sizeof *s);
	s->mask = gyl_conf_mask(prefix);
	s->ip = ip & s->mask;
	return s;
}

static void set_pool(struct build *b, struct gyl_dhcpd_subnet *s, struct gyl_ref pool)
{
	s->pool = gyl_flat_at(b->y->flat, pool);
	s->pool_cnt = pool.cnt;
}

static bool in_subnet(const struct gyl_dhcpd_subnet *s, uint32_t ip)
{
	return (ip & s->mask) == s->ip;
}

static const struct gyl_dhcpd_subnet *find_subnet(const struct build *b, uint32_t ip)
{
	for (uint32_t i = 0; i < b->y->cnt.subnet_cnt; i++)
		if (in_subnet(&b->y->subnet[i], ip))
			return &b->y->subnet[i];
	return NULL;
}

static const struct gyl_dhcpd_iface *first_iface(const struct build *b)
{
	for (uint32_t i = 0; i < b->iface_cnt; i++)
		if (b->iface[i].ip != 0)
			return &b->iface[i];
	return &b->iface[0];
}

/* What a subnet takes from its own configuration. */
static void configure_subnet(
	struct build *b, struct gyl_dhcpd_subnet *s, const struct gyl_dhcpd_subnet_conf *c)
{
	const struct gyl_dhcpd_conf *cf = b->y->cf;

	set_pool(b, s, c->pool);
	set_times(s, cf, c->lease_ns, c->max_ns);
	s->ignore_id = cf->ignore_client_id || c->ignore_client_id;
	s->drain = c->drain;
	s->shared = c->shared;
	s->options = c->options;
}

static void add_own(struct build *b, const struct gyl_dhcpd_iface *iface)
{
	const struct gyl_dhcpd_conf *cf = b->y->cf;
	struct gyl_dhcpd_subnet *s = add_subnet(b, iface->ip, iface->prefix);

	s->implied = true;
	set_pool(b, s, cf->pool);
	set_times(s, cf, 0, 0);
	s->ignore_id = cf->ignore_client_id;
}

/* The network of ours that holds this address, unless it is there already. */
static void add_own_of(struct build *b, uint32_t ip)
{
	for (uint32_t i = 0; i < b->iface_cnt && find_subnet(b, ip) == NULL; i++)
		if (b->iface[i].ip != 0 &&
			((b->iface[i].ip ^ ip) & gyl_conf_mask(b->iface[i].prefix)) == 0)
			add_own(b, &b->iface[i]);
}

/* The networks of our own addresses that the pools at the top speak of. */
static bool add_implied(struct build *b)
{
	const struct gyl_dhcpd_conf *cf = b->y->cf;
	const struct gyl_conf_range *pool = gyl_flat_at(b->y->flat, cf->pool);
	const struct gyl_dhcpd_subnet *s;

	if (cf->pool.cnt == 0 && cf->subnets.cnt != 0)
		return true;
	if (b->iface_cnt == 0) {
		gyl_text_str(b->why,
			"the pool belongs to the network of our own address, which is not known: use subnets");
		return false;
	}
	for (uint32_t i = 0; i < cf->pool.cnt; i++)
		add_own_of(b, pool[i].first);
	if (b->y->cnt.subnet_cnt == 0)
		add_own(b, first_iface(b));
	for (uint32_t i = 0; i < cf->pool.cnt; i++) {
		s = find_subnet(b, pool[i].first);
		if (s == NULL || !in_subnet(s, pool[i].last))
			return wrong(b, "the pool leaves the subnet of our own address at",
				s == NULL ? pool[i].first : pool[i].last);
	}
	return true;
}

static bool add_subnets(struct build *b)
{
	const struct gyl_dhcpd_conf *cf = b->y->cf;
	const struct gyl_dhcpd_subnet_conf *c = gyl_flat_at(b->y->flat, cf->subnets);

	if (!add_implied(b))
		return false;
	for (uint32_t i = 0; i < cf->subnets.cnt; i++)
		configure_subnet(b, add_subnet(b, c[i].subnet.ip, c[i].subnet.len), &c[i]);
	return true;
}

/* Shell sort: short, in place, and quick enough for some thousands. */
static void sort_subnets(struct gyl_dhcpd_subnet *a, uint32_t cnt)
{
	for (uint32_t gap = cnt / 2; gap != 0; gap /= 2) {
		for (uint32_t i = gap; i < cnt; i++) {
			struct gyl_dhcpd_subnet s = a[i];
			uint32_t j = i;

			for (; j >= gap && a[j - gap].ip > s.ip; j -= gap)
				a[j] = a[j - gap];
			a[j] = s;
		}
	}
}

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

static bool subnets_apart(struct build *b)
{
	struct gyl_dhcpd_layout *y = b->y;

	sort_subnets(y->subnet, y->cnt.subnet_cnt);
	for (uint32_t i = 1; i < y->cnt.subnet_cnt; i++)
		if ((y->subnet[i].ip & y->subnet[i - 1].mask) == y->subnet[i - 1].ip)
			return wrong(b, "two subnets overlap at", y->subnet[i].ip);
	return true;
}

/* ---- links ---- */

/* Two subnets, and all that are on a link with either, are on one link. Rings of different links
 * become one by crossing over once. */
static void join_links(struct gyl_dhcpd_layout *y, uint32_t i, uint32_t j)
{
	uint32_t next = y->subnet[i].link_next, at = i;
	uint32_t first =
		y->subnet[i].link < y->subnet[j].link ? y->subnet[i].link : y->subnet[j].link;

	if (y->subnet[i].link == y->subnet[j].link)
		return;
	y->subnet[i].link_next = y->subnet[j].link_next;
	y->subnet[j].link_next = next;
	do {
		y->subnet[at].link = first;
		at = y->subnet[at].link_next;
	} while (at != i);
}

static bool same_name(const struct gyl_dhcpd_layout *y, struct gyl_ref a, struct gyl_ref b)
{
	return a.cnt != 0 && a.cnt == b.cnt &&
	       gyl_view_eq(gyl_flat_view(y->flat, a), gyl_flat_view(y->flat, b));
}

/* The first address of an interface that has a subnet says which link it is. */
static void join_iface(struct build *b, uint32_t further)
{
	struct gyl_dhcpd_layout *y = b->y;
	uint32_t of = b->iface[further].of - 1;
	uint16_t subnet = gyl__dhcpd_layout_subnet(y, b->iface[further].ip);

	if (subnet == GYL_DHCPD_NO_SUBNET || of >= further)
		return;
	if (y->iface_subnet[of] == GYL_DHCPD_NO_SUBNET)
		y->iface_subnet[of] = subnet;
	else
		join_links(y, y->iface_subnet[of], subnet);
}

static void make_links(struct build *b)
{
	struct gyl_dhcpd_layout *y = b->y;

	for (uint32_t i = 0; i < y->cnt.subnet_cnt; i++)
		y->subnet[i].link = y->subnet[i].link_next = i;
	for (uint32_t i = 0; i < y->cnt.subnet_cnt; i++)
		for (uint32_t j = 0; j < i; j++)
			if (same_name(y, y->subnet[i].shared, y->subnet[j].shared)) {
				join_links(y, i, j);
				break;
			}
	for (uint32_t i = 0; i < b->iface_cnt; i++)
		y->iface_subnet[i] = gyl__dhcpd_layout_subnet(y, b->iface[i].ip);
	for (uint32_t i = 0; i < b->iface_cnt; i++)
		if (b->iface[i].of != 0)
			join_iface(b, i);
}

/* ---- options and names ---- */

static void set_options(struct build *b, struct gyl_dhcpd_subnet *s, struct gyl_ref options)
{
	const struct gyl_conf_entry *e = gyl_flat_at(b->y->flat, options);

	for (uint32_t i = 0; i < options.cnt; i++)
		s->opt->by_code[e[i].code & 0xff] = &e[i];
}

static void finish_subnets(struct build *b)
{
	struct gyl_dhcpd_layout *y = b->y;

	memset(y->opt, 0, y->cnt.subnet_cnt * sizeof *y->opt);
	for (uint32_t i = 0; i < y->cnt.subnet_cnt; i++) {
		struct gyl_dhcpd_subnet *s = &y->subnet[i];

		s->opt = &y->opt[i];
		set_options(b, s, y->cf->options);
		set_options(b, s, s->options);
		s->domain = gyl_flat_view(y->flat, y->cf->domain);
		if (s->opt->by_code[GYL_DHCP_OPT_DOMAIN_NAME] != NULL)
			s->domain = gyl_flat_view(
				y->flat, s->opt->by_code[GYL_DHCP_OPT_DOMAIN_NAME]->octet);
	}
}

/* ---- ranges ---- */

static void add_range(struct build *b, uint32_t first, uint32_t last, uint32_t subnet, bool pool)
{
	struct gyl_dhcpd_layout *y = b->y;

	y->range[y->cnt.range_cnt++] = (struct gyl_dhcpd_range){
		.first = first, .last = last, .subnet = subnet, .pool = pool};
}

static bool add_pools(struct build *b)
{
	struct gyl_dhcpd_layout *y = b->y;

	for (uint32_t i = 0; i < y->cnt.subnet_cnt; i++) {
		struct gyl_dhcpd_subnet *s = &y->subnet[i];

		for (uint32_t n = 0; n < s->pool_cnt; n++) {
			uint32_t first = s->pool[n].first, last = s->pool[n].last;

			if (s->implied && !in_subnet(s, first))
				continue;
			if (!in_subnet(s, first) || !in_subnet(s, last))
				return wrong(b, "a pool leaves its subnet at",
					(first & s->mask) != s->ip ? first : last);
			add_range(b, first, last, i, true);
			s->size += last - first + 1;
		}
	}
	sort_ranges(y->range, y->cnt.range_cnt);
	return true;
}

static bool add_host(struct build *b, const struct gyl_dhcpd_host_conf *cf, uint32_t subnet)
{
	struct gyl_dhcpd_layout *y = b->y;
	struct gyl_dhcpd_host *h = &y->host[y->cnt.host_cnt++];

	*h = (struct gyl_dhcpd_host){.cf = cf, .subnet = subnet};
	if (cf->address == 0)
		return true;
	h->subnet = gyl__dhcpd_layout_subnet(y, cf->address);
	if (h->subnet == GYL_DHCPD_NO_SUBNET ||
		(subnet != GYL_DHCPD_NO_SUBNET && h->subnet != subnet))
		return wrong(b, "a reservation lies in none of the subnets:", cf->address);
	return true;
}

static bool add_hosts(struct build *b, struct gyl_ref hosts, uint32_t subnet)
{
	const struct gyl_dhcpd_host_conf *h = gyl_flat_at(b->y->flat, hosts);

	for (uint32_t i = 0; i < hosts.cnt; i++)
		if (!add_host(b, &h[i], subnet))
			return false;
	return true;
}

/* Reserved addresses outside the pools get ranges of one address. */
static void add_reserved(struct build *b)
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

static bool all_hosts(struct build *b)
{
	struct gyl_dhcpd_layout *y = b->y;
	const struct gyl_dhcpd_subnet_conf *c = gyl_flat_at(y->flat, y->cf->subnets);

	if (!add_hosts(b, y->cf->hosts, GYL_DHCPD_NO_SUBNET))
		return false;
	for (uint32_t i = 0; i < y->cf->subnets.cnt; i++)
		if (!add_hosts(b, c[i].hosts, gyl__dhcpd_layout_subnet(y, c[i].subnet.ip)))
			return false;
	memset(y->mac_bucket, 0, ((size_t)y->host_mask + 1) * sizeof *y->mac_bucket);
	memset(y->name_bucket, 0, ((size_t)y->host_mask + 1) * sizeof *y->name_bucket);
	for (uint32_t i = 0; i < y->cnt.host_cnt; i++)
		gyl__dhcpd_layout_hash_host(y, i);
	add_reserved(b);
	return true;
}

static bool finish_ranges(struct build *b)
{
	struct gyl_dhcpd_layout *y = b->y;

	for (uint32_t i = 0; i < y->cnt.range_cnt; i++) {
		struct gyl_dhcpd_range *r = &y->range[i];
		struct gyl_dhcpd_subnet *s = &y->subnet[r->subnet];

		if (i != 0 && r[-1].last >= r->first)
			return wrong(b, "given out twice:", r->first);
		r->base = y->cnt.address_cnt;
		y->cnt.address_cnt += r->last - r->first + 1;
		if (s->range_cnt++ == 0)
			s->range_first = s->fresh_range = i;
	}
	memset(y->slot_of, 0, (size_t)y->cnt.address_cnt * sizeof *y->slot_of);
	return true;
}

bool gyl__dhcpd_layout_build(struct gyl_dhcpd_layout *y, const struct gyl_flat *flat,
	const struct gyl_dhcpd_iface *iface, uint32_t iface_cnt, struct gyl_writer *why)
{
	struct build b = {y, iface, iface_cnt, why};
	struct gyl_dhcpd_size size = gyl__dhcpd_layout_size(flat);

	if (!fits(&size, &y->cap) || size.block_len == 0)
		return too_many(&b);
	memcpy(y->block, flat, flat->len);
	y->flat = (const struct gyl_flat *)(const void *)y->block;
	y->cf = gyl_flat_section(y->flat, "dhcpd");
	y->has_dns = gyl_flat_section(y->flat, "dns") != NULL;
	memset(&y->cnt, 0, sizeof y->cnt);
	if (!add_subnets(&b) || !subnets_apart(&b))
		return false;
	make_links(&b);
	finish_subnets(&b);
	return add_pools(&b) && all_hosts(&b) && finish_ranges(&b);
}
