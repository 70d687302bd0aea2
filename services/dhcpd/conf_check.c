/* SPDX-License-Identifier: ISC */

/* The rules between the keys of the section "dhcpd". */

#include <gyl/dhcp_opt.h>
#include <gyl/text.h>
#include <gyl/time.h>
#include <stdio.h>
#include <stdlib.h>

#include "conf/top.h"
#include "services/dhcpd/conf_own.h"
#include "services/dhcpd/lease.h"
#include "services/dhcpd/name.h"

enum {
	PATH_MAX_LEN = 64
};

/* Something that must not meet another of its sort, and where it is written. */
struct item {
	uint64_t first, last; /* addresses; of a MAC, its number */
	uint32_t group;       /* only within a group they must not meet */
	uint32_t subnet;      /* of subnets[], or TOP */
	uint32_t index;
};

#define TOP UINT32_MAX

struct items {
	struct item *item;
	size_t cnt;
	const char *key; /* "pool", "reservations": the path's middle */
	const char *tail;
	const char *what;
};

struct checker {
	const struct gyl_flat *f;
	const struct gyl_dhcpd_conf *cf;
	const struct gyl_dhcpd_subnet_conf *subnet;
	struct gyl_conf_check *ck;
	struct items pools, addresses, macs;
	uint64_t address_cnt;
};

static const char *path_of(
	char buf[PATH_MAX_LEN], const struct items *list, uint32_t subnet, uint32_t index)
{
	if (subnet == TOP)
		snprintf(buf, PATH_MAX_LEN, "%s.%u%s", list->key, (unsigned)index, list->tail);
	else
		snprintf(buf, PATH_MAX_LEN, "subnets.%u.%s.%u%s", (unsigned)subnet, list->key,
			(unsigned)index, list->tail);
	return buf;
}

static void add(struct items *list, uint64_t first, uint64_t last, uint32_t group, uint32_t subnet,
	uint32_t index)
{
	list->item[list->cnt++] = (struct item){first, last, group, subnet, index};
}

static int by_place(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	if (x->subnet != y->subnet) /* the top comes first in the file's own sense */
		return x->subnet + 1 < y->subnet + 1 ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

/* Each that meets the one before it is told, with the place of that one. */
static void check_apart(struct checker *c, struct items *list)
{
	char path[PATH_MAX_LEN], other[PATH_MAX_LEN];
	const struct item *before;

	if (list->cnt == 0)
		return;
	qsort(list->item, list->cnt, sizeof *list->item, by_place);
	before = &list->item[0];
	for (size_t i = 1; i < list->cnt; i++) {
		const struct item *it = &list->item[i];

		if (it->group == before->group && it->first <= before->last)
			gyl_conf_fail(c->ck, path_of(path, list, it->subnet, it->index), "%s %s",
				list->what, path_of(other, list, before->subnet, before->index));
		if (it->group != before->group || it->last > before->last)
			before = it;
	}
}

/* ---- pools ---- */

static bool inside(struct gyl_conf_prefix net, uint32_t ip)
{
	return (ip & gyl_conf_mask(net.len)) == net.ip;
}

/* The first and last address of a network are no host's (RFC 1122 3.2.1.3), but of a link with two
 * addresses or one (RFC 3021). */
static bool is_edge(struct gyl_conf_prefix net, uint32_t ip)
{
	return net.len < 31 && (ip == net.ip || ip == (net.ip | ~gyl_conf_mask(net.len)));
}

/* A pool at the top lies in a network of ours that is served: nobody else could be given it. */
static void check_ours(struct checker *c, struct gyl_conf_range r, uint32_t index)
{
	const struct gyl_top_conf *top = gyl_conf_check_top(c->ck);
	char path[PATH_MAX_LEN];
	uint64_t mask;

	if (top == NULL)
		return;
	mask = gyl_top_iface_mask(c->f, top, c->cf->interfaces);
	if (!gyl_top_iface_has(c->f, top, mask, r.first) ||
		!gyl_top_iface_has(c->f, top, mask, r.last))
		gyl_conf_fail(c->ck, path_of(path, &c->pools, TOP, index),
			"expected addresses of a network that we have an address in; for others "
			"use \"subnets\"");
}

static void check_range(struct checker *c, struct gyl_conf_range r, uint32_t subnet, uint32_t index)
{
	struct gyl_conf_prefix net;
	char path[PATH_MAX_LEN];

	c->address_cnt += (uint64_t)r.last - r.first + 1;
	add(&c->pools, r.first, r.last, 0, subnet, index);
	if (subnet == TOP) {
		check_ours(c, r, index);
		return;
	}
	net = c->subnet[subnet].subnet;
	path_of(path, &c->pools, subnet, index);
	if (!inside(net, r.first) || !inside(net, r.last))
		gyl_conf_fail(c->ck, path, "expected addresses of the subnet");
	else if (is_edge(net, r.first) || is_edge(net, r.last))
		gyl_conf_fail(c->ck, path,
			"the first and the last address of a subnet cannot be given out");
}

static void check_pool(struct checker *c, struct gyl_ref pool, uint32_t subnet)
{
	const struct gyl_conf_range *r = gyl_flat_at(c->f, pool);

	for (uint32_t i = 0; i < pool.cnt; i++)
		check_range(c, r[i], subnet, i);
}

/* ---- reservations ---- */

static bool in_any(const struct checker *c, uint32_t ip)
{
	for (uint32_t i = 0; i < c->cf->subnets.cnt; i++)
		if (inside(c->subnet[i].subnet, ip))
			return true;
	/* The network of our own address is not known here. */
	return c->cf->pool.cnt != 0 || c->cf->subnets.cnt == 0;
}

static void check_address(
	struct checker *c, const struct gyl_dhcpd_host_conf *h, uint32_t subnet, uint32_t index)
{
	char path[PATH_MAX_LEN];

	add(&c->addresses, h->address, h->address, 0, subnet, index);
	c->address_cnt++;
	path_of(path, &c->addresses, subnet, index);
	if (subnet == TOP ? !in_any(c, h->address) : !inside(c->subnet[subnet].subnet, h->address))
		gyl_conf_fail(c->ck, path, "expected an address of %s",
			subnet == TOP ? "one of the subnets" : "the subnet");
	else if (subnet != TOP && is_edge(c->subnet[subnet].subnet, h->address))
		gyl_conf_fail(c->ck, path,
			"the first and the last address of a subnet cannot be given out");
}

static void check_hostname(
	struct checker *c, struct gyl_view name, const char *prefix, uint32_t index)
{
	char clean[GYL_DHCPD_NAME_MAX], path[PATH_MAX_LEN];

	/* Charrua takes any word, and so do we: it is made fit for DNS as a client's own would be.
	 */
	if (name.len == 0 ||
		(gyl__dhcpd_name_clean(name, clean) != 0 && memchr(name.p, '.', name.len) == NULL))
		return;
	snprintf(path, sizeof path, "%sreservations.%u.hostname", prefix, (unsigned)index);
	gyl_conf_fail(c->ck, path, "expected a name without a domain, such as \"printer-1\"");
}

static uint64_t mac_number(const uint8_t mac[6])
{
	return (uint64_t)gyl_get_u16(mac) << 32 | gyl_get_u32(mac + 2);
}

static void check_hosts(struct checker *c, struct gyl_ref hosts, uint32_t subnet)
{
	const struct gyl_dhcpd_host_conf *h = gyl_flat_at(c->f, hosts);
	char prefix[24] = "";

	if (subnet != TOP)
		snprintf(prefix, sizeof prefix, "subnets.%u.", (unsigned)subnet);
	for (uint32_t i = 0; i < hosts.cnt; i++) {
		uint64_t mac = mac_number(h[i].mac);

		add(&c->macs, mac, mac, subnet, subnet, i);
		if (h[i].address != 0)
			check_address(c, &h[i], subnet, i);
		check_hostname(c, gyl_flat_view(c->f, h[i].hostname), prefix, i);
	}
}

/* ---- the rest ---- */

static void check_times(struct checker *c)
{
	const struct gyl_dhcpd_conf *cf = c->cf;

	if (cf->max_ns != 0 && cf->max_ns < cf->lease_ns)
		gyl_conf_fail(c->ck, "max_lease_time", "expected no less than lease_time");
	for (uint32_t i = 0; i < cf->subnets.cnt; i++) {
		uint64_t lease_ns = c->subnet[i].lease_ns, max_ns = c->subnet[i].max_ns;
		char path[PATH_MAX_LEN];

		snprintf(path, sizeof path, "subnets.%u.max_lease_time", (unsigned)i);
		if (max_ns != 0 && max_ns < (lease_ns != 0 ? lease_ns : cf->lease_ns))
			gyl_conf_fail(c->ck, path, "expected no less than lease_time");
	}
}

static void check_subnets(struct checker *c)
{
	for (uint32_t i = 0; i < c->cf->subnets.cnt; i++) {
		for (uint32_t j = 0; j < i; j++) {
			struct gyl_conf_prefix a = c->subnet[i].subnet, b = c->subnet[j].subnet;
			char path[PATH_MAX_LEN];

			if (!inside(a.len < b.len ? a : b, a.len < b.len ? b.ip : a.ip))
				continue;
			snprintf(path, sizeof path, "subnets.%u.subnet", (unsigned)i);
			gyl_conf_fail(c->ck, path, "overlaps subnets.%u.subnet", (unsigned)j);
		}
	}
}

static void check_domain(struct checker *c)
{
	struct gyl_view domain = gyl_flat_view(c->f, c->cf->domain);
	struct gyl_dhcp_name name;

	if (domain.len != 0 &&
		(domain.p[domain.len - 1] == '.' || gyl_failed(gyl_dhcp_name_parse(domain, &name))))
		gyl_conf_fail(c->ck, "domain", "expected a domain name such as \"event.example\"");
}

static void check_bounds(struct checker *c)
{
	if (c->cf->pool.cnt == 0 && c->cf->subnets.cnt == 0 && c->cf->hosts.cnt == 0)
		gyl_conf_fail(c->ck, "",
			"expected \"pool\" or \"subnets\": there is nothing to give out");
	if (c->address_cnt > GYL_DHCPD_ADDRESS_MAX)
		gyl_conf_fail(c->ck, "", "expected at most %u addresses in all pools together",
			(unsigned)GYL_DHCPD_ADDRESS_MAX);
	if (c->cf->subnets.cnt > GYL_DHCPD_SUBNET_MAX)
		gyl_conf_fail(
			c->ck, "subnets", "expected at most %u", (unsigned)GYL_DHCPD_SUBNET_MAX);
	if (c->pools.cnt > GYL_DHCPD_RANGE_MAX)
		gyl_conf_fail(c->ck, "", "expected at most %u ranges in all pools together",
			(unsigned)GYL_DHCPD_RANGE_MAX);
	if (c->macs.cnt > GYL_DHCPD_HOST_MAX)
		gyl_conf_fail(c->ck, "", "expected at most %u reservations",
			(unsigned)GYL_DHCPD_HOST_MAX);
}

static void walk(struct checker *c)
{
	gyl_top_iface_check(c->f, c->cf->interfaces, c->ck);
	check_pool(c, c->cf->pool, TOP);
	check_hosts(c, c->cf->hosts, TOP);
	for (uint32_t i = 0; i < c->cf->subnets.cnt; i++) {
		check_pool(c, c->subnet[i].pool, i);
		check_hosts(c, c->subnet[i].hosts, i);
	}
	check_bounds(c);
	check_times(c);
	check_domain(c);
	check_subnets(c);
	check_apart(c, &c->pools);
	check_apart(c, &c->addresses);
	check_apart(c, &c->macs);
}

static void count(const struct checker *c, size_t *ret_ranges, size_t *ret_hosts)
{
	*ret_ranges = c->cf->pool.cnt;
	*ret_hosts = c->cf->hosts.cnt;
	for (uint32_t i = 0; i < c->cf->subnets.cnt; i++) {
		*ret_ranges += c->subnet[i].pool.cnt;
		*ret_hosts += c->subnet[i].hosts.cnt;
	}
}

void gyl__dhcpd_conf_check(const struct gyl_flat *f, const void *root, struct gyl_conf_check *ck)
{
	const struct gyl_dhcpd_conf *cf = root;
	struct checker c = {.f = f, .cf = cf, .subnet = gyl_flat_at(f, cf->subnets), .ck = ck};
	size_t ranges, hosts;
	struct item *item;

	count(&c, &ranges, &hosts);
	item = calloc(ranges + 2 * hosts + 1, sizeof *item);
	if (item == NULL) {
		gyl_conf_fail(ck, "", "no memory to check it");
		return;
	}
	c.pools = (struct items){item, 0, "pool", "", "overlaps"};
	c.addresses = (struct items){
		item + ranges, 0, "reservations", ".address", "the same address as in"};
	c.macs = (struct items){
		item + ranges + hosts, 0, "reservations", ".mac", "the same MAC as in"};
	walk(&c);
	free(item);
}
