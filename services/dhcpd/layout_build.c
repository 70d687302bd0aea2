/* SPDX-License-Identifier: ISC */
#include <gyl/dhcp.h>
#include <gyl/text.h>
#include <gyl/time.h>

#include "services/dhcpd/layout_own.h"

enum {
	SUBNETS_COST = 8, /* sorting them, each */
	OPTIONS_COST = 16,
	CHUNK_LEN = 1 << 16, /* of the block, copied at once */
	CHUNK_COST = 400
};

static void too_many(struct gyl__dhcpd_build *b)
{
	gyl_text_str(b->why,
		"more addresses, subnets or reservations than there was room made for at start: restart to use it");
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
	const struct gyl_dhcpd_class_conf *k;

	if (cf == NULL)
		return n;
	s = gyl_flat_at(flat, cf->subnets);
	k = gyl_flat_at(flat, cf->classes);
	n.block_len = flat->len;
	n.subnet_cnt = cf->subnets.cnt + (cf->pool.cnt != 0 ? cf->pool.cnt : 1);
	count_pool(&n, flat, cf->pool);
	count_hosts(&n, cf->hosts);
	for (uint32_t i = 0; i < cf->subnets.cnt; i++) {
		count_pool(&n, flat, s[i].pool);
		count_hosts(&n, s[i].hosts);
	}
	for (uint32_t i = 0; i < cf->classes.cnt; i++) {
		count_pool(&n, flat, k[i].pool);
		n.subnet_cnt += k[i].pool.cnt;
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

static uint32_t shorter(uint64_t own_ns, uint64_t ns)
{
	if (own_ns != 0)
		ns = own_ns;
	return ns == 0 ? 0 : seconds(ns);
}

static void set_short_times(struct gyl_dhcpd_subnet *s, const struct gyl_dhcpd_conf *cf,
	uint64_t random_ns, uint64_t full_ns)
{
	s->random_s = shorter(random_ns, cf->random_ns);
	s->full_s = shorter(full_ns, cf->full_ns);
}

static struct gyl_dhcpd_subnet *add_subnet(struct gyl__dhcpd_build *b, uint32_t ip, uint32_t prefix)
{
	struct gyl_dhcpd_layout *y = b->y;
	struct gyl_dhcpd_subnet *s = &y->subnet[y->cnt.subnet_cnt++];

	memset(s, 0, sizeof *s);
	s->mask = gyl_conf_mask(prefix);
	s->ip = ip & s->mask;
	return s;
}

static void set_pool(struct gyl__dhcpd_build *b, struct gyl_dhcpd_subnet *s, struct gyl_ref pool)
{
	s->pool = gyl_flat_at(b->y->flat, pool);
	s->pool_cnt = pool.cnt;
}

static const struct gyl_dhcpd_subnet *find_subnet(const struct gyl__dhcpd_build *b, uint32_t ip)
{
	for (uint32_t i = 0; i < b->y->cnt.subnet_cnt; i++)
		if (gyl__dhcpd_in_subnet(&b->y->subnet[i], ip))
			return &b->y->subnet[i];
	return NULL;
}

static const struct gyl_dhcpd_iface *first_iface(const struct gyl__dhcpd_build *b)
{
	for (uint32_t i = 0; i < b->iface_cnt; i++)
		if (b->iface[i].ip != 0)
			return &b->iface[i];
	return &b->iface[0];
}

/* What a subnet takes from its own configuration. */
static void configure_subnet(struct gyl__dhcpd_build *b, struct gyl_dhcpd_subnet *s,
	const struct gyl_dhcpd_subnet_conf *c)
{
	const struct gyl_dhcpd_conf *cf = b->y->cf;

	s->cf = c;
	set_pool(b, s, c->pool);
	set_times(s, cf, c->lease_ns, c->max_ns);
	set_short_times(s, cf, c->random_ns, c->full_ns);
	s->ignore_id = cf->ignore_client_id || c->ignore_client_id;
	s->drain = c->drain;
	s->shared = c->shared;
	s->options = c->options;
}

static void add_own(struct gyl__dhcpd_build *b, const struct gyl_dhcpd_iface *iface)
{
	const struct gyl_dhcpd_conf *cf = b->y->cf;
	struct gyl_dhcpd_subnet *s = add_subnet(b, iface->ip, iface->prefix);

	s->implied = true;
	set_pool(b, s, cf->pool);
	set_times(s, cf, 0, 0);
	set_short_times(s, cf, 0, 0);
	s->ignore_id = cf->ignore_client_id;
}

/* The network of ours that holds this address, unless it is there already. */
static void add_own_of(struct gyl__dhcpd_build *b, uint32_t ip)
{
	for (uint32_t i = 0; i < b->iface_cnt && find_subnet(b, ip) == NULL; i++)
		if (b->iface[i].ip != 0 &&
			((b->iface[i].ip ^ ip) & gyl_conf_mask(b->iface[i].prefix)) == 0)
			add_own(b, &b->iface[i]);
}

/* The networks of our own addresses that the pools at the top speak of. */
static bool add_implied(struct gyl__dhcpd_build *b)
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
		if (s == NULL || !gyl__dhcpd_in_subnet(s, pool[i].last))
			return gyl__dhcpd_build_wrong(b,
				"the pool leaves the subnet of our own address at",
				s == NULL ? pool[i].first : pool[i].last);
	}
	return true;
}

static bool add_subnets(struct gyl__dhcpd_build *b)
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

static bool subnets_apart(struct gyl__dhcpd_build *b)
{
	struct gyl_dhcpd_layout *y = b->y;

	gyl__dhcpd_slice_take(b->slice, SUBNETS_COST * y->cnt.subnet_cnt);
	sort_subnets(y->subnet, y->cnt.subnet_cnt);
	y->real_cnt = y->cnt.subnet_cnt;
	for (uint32_t i = 1; i < y->cnt.subnet_cnt; i++)
		if ((y->subnet[i].ip & y->subnet[i - 1].mask) == y->subnet[i - 1].ip)
			return gyl__dhcpd_build_wrong(b, "two subnets overlap at", y->subnet[i].ip);
	return true;
}

static enum gyl_dhcpd_progress subnets(struct gyl__dhcpd_build *b)
{
	return add_subnets(b) && subnets_apart(b) ? GYL_DHCPD_DONE : GYL_DHCPD_WRONG;
}

/* ---- options and names ---- */

static void set_options(
	struct gyl__dhcpd_build *b, struct gyl_dhcpd_opts *opt, struct gyl_ref options)
{
	const struct gyl_conf_entry *e = gyl_flat_at(b->y->flat, options);

	for (uint32_t i = 0; i < options.cnt; i++)
		opt->by_code[e[i].code & 0xff] = &e[i];
}

static enum gyl_dhcpd_progress classes(struct gyl__dhcpd_build *b)
{
	struct gyl_dhcpd_layout *y = b->y;
	const struct gyl_dhcpd_class_conf *cf = gyl_flat_at(y->flat, y->cf->classes);

	y->class_cnt = y->cf->classes.cnt;
	if (y->class_cnt > GYL_DHCPD_CLASS_MAX)
		y->class_cnt = GYL_DHCPD_CLASS_MAX;
	gyl__dhcpd_slice_take(b->slice, OPTIONS_COST * y->class_cnt);
	for (uint32_t i = 0; i < y->class_cnt; i++) {
		struct gyl_dhcpd_class *k = &y->class[i];

		memset(k, 0, sizeof *k);
		k->cf = &cf[i];
		k->lease_s = cf[i].lease_ns == 0 ? 0 : seconds(cf[i].lease_ns);
		set_options(b, &k->opt, cf[i].options);
	}
	return GYL_DHCPD_DONE;
}

static void set_subnet_options(struct gyl__dhcpd_build *b, uint32_t i)
{
	struct gyl_dhcpd_layout *y = b->y;
	struct gyl_dhcpd_subnet *s = &y->subnet[i];

	s->opt = &y->opt[i];
	s->base = i;
	memset(s->opt, 0, sizeof *s->opt);
	set_options(b, s->opt, y->cf->options);
	set_options(b, s->opt, s->options);
	s->domain = gyl_flat_view(y->flat, y->cf->domain);
	if (s->opt->by_code[GYL_DHCP_OPT_DOMAIN_NAME] != NULL)
		s->domain =
			gyl_flat_view(y->flat, s->opt->by_code[GYL_DHCP_OPT_DOMAIN_NAME]->octet);
}

static enum gyl_dhcpd_progress options(struct gyl__dhcpd_build *b)
{
	for (; b->at < b->y->cnt.subnet_cnt; b->at++) {
		if (!gyl__dhcpd_slice_take(b->slice, OPTIONS_COST))
			return GYL_DHCPD_MORE;
		set_subnet_options(b, b->at);
	}
	return GYL_DHCPD_DONE;
}

static bool says_boot(const struct gyl_dhcpd_boot_conf *c)
{
	return c->next_server != 0 || c->boot_file.cnt != 0 || c->server_name.cnt != 0;
}

static bool subnets_or_classes_boot(const struct gyl_dhcpd_layout *y)
{
	const struct gyl_dhcpd_subnet_conf *s = gyl_flat_at(y->flat, y->cf->subnets);
	bool has = says_boot(&y->cf->boot);

	for (uint32_t i = 0; i < y->cf->subnets.cnt; i++)
		has = has || says_boot(&s[i].boot);
	for (uint32_t i = 0; i < y->class_cnt; i++)
		has = has || says_boot(&y->class[i].cf->boot);
	return has;
}

static enum gyl_dhcpd_progress boots(struct gyl__dhcpd_build *b)
{
	struct gyl_dhcpd_layout *y = b->y;

	if (b->at == 0)
		y->has_boot = subnets_or_classes_boot(y);
	for (; b->at < y->cnt.host_cnt && !y->has_boot; b->at++) {
		if (!gyl__dhcpd_slice_take(b->slice, 1))
			return GYL_DHCPD_MORE;
		y->has_boot = says_boot(&y->host[b->at].cf->boot);
	}
	return GYL_DHCPD_DONE;
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Each may need a range and an address of its own. */
static uint32_t live_room(const struct gyl_dhcpd_size *n, const struct gyl_dhcpd_size *cap)
{
	return least(cap->host_cnt - n->host_cnt,
		least(cap->range_cnt - n->range_cnt, cap->address_cnt - n->address_cnt));
}

/* ---- the steps ---- */

static enum gyl_dhcpd_progress measure(struct gyl__dhcpd_build *b)
{
	struct gyl_dhcpd_layout *y = b->y;
	struct gyl_dhcpd_size size = gyl__dhcpd_layout_size(b->flat);

	if (!fits(&size, &y->cap) || size.block_len == 0) {
		too_many(b);
		return GYL_DHCPD_WRONG;
	}
	y->live_room = live_room(&size, &y->cap);
	y->live_at = (b->flat->len + 7) & ~7u;
	return GYL_DHCPD_DONE;
}

static enum gyl_dhcpd_progress copy(struct gyl__dhcpd_build *b)
{
	struct gyl_dhcpd_layout *y = b->y;

	for (; b->at < b->flat->len; b->at += CHUNK_LEN) {
		if (!gyl__dhcpd_slice_take(b->slice, CHUNK_COST))
			return GYL_DHCPD_MORE;
		memcpy(y->block + b->at, (const uint8_t *)b->flat + b->at,
			least(CHUNK_LEN, b->flat->len - b->at));
	}
	y->flat = (const struct gyl_flat *)(const void *)y->block;
	y->cf = gyl_flat_section(y->flat, "dhcpd");
	y->has_dns = gyl_flat_section(y->flat, "dns") != NULL;
	memset(&y->cnt, 0, sizeof y->cnt);
	return GYL_DHCPD_DONE;
}

/* Subnets are drained by live.h before those of classes are made from them; what is reserved stands
 * last, and is looked for among the pools. */
static gyl__dhcpd_build_step *const steps[] = {measure, copy, subnets, gyl__dhcpd_build_links,
	options, classes, gyl__dhcpd_build_drain, gyl__dhcpd_build_class_pools,
	gyl__dhcpd_build_pools, gyl__dhcpd_build_hosts, gyl__dhcpd_build_live,
	gyl__dhcpd_build_hashes, gyl__dhcpd_build_reserved, gyl__dhcpd_build_sorted,
	gyl__dhcpd_build_ranges, gyl__dhcpd_build_slots, boots};

void gyl__dhcpd_layout_begin(struct gyl__dhcpd_build *b, struct gyl_dhcpd_layout *y,
	const struct gyl_flat *flat, const struct gyl_dhcpd_iface *iface, uint32_t iface_cnt)
{
	*b = (struct gyl__dhcpd_build){
		.y = y, .flat = flat, .iface = iface, .iface_cnt = iface_cnt};
}

enum gyl_dhcpd_progress gyl__dhcpd_layout_go_on(
	struct gyl__dhcpd_build *b, struct gyl_dhcpd_slice *slice, struct gyl_writer *why)
{
	b->slice = slice;
	b->why = why;
	while (b->step < sizeof steps / sizeof steps[0]) {
		enum gyl_dhcpd_progress p = steps[b->step](b);

		if (p != GYL_DHCPD_DONE)
			return p;
		b->step++;
		b->at = 0;
	}
	return GYL_DHCPD_DONE;
}
