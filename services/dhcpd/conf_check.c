/* SPDX-License-Identifier: ISC */

/* The rules between the keys of the section "dhcpd". */

#include <gyl/dhcp_opt.h>
#include <gyl/text.h>
#include <gyl/time.h>
#include <stdio.h>
#include <stdlib.h>

#include "conf/top.h"
#include "services/dhcpd/conf_check_own.h"

const char *gyl__dhcpd_path(char buf[GYL__DHCPD_PATH_MAX], const struct gyl__dhcpd_items *list,
	uint32_t owner, uint32_t index)
{
	bool is_class = (owner & GYL__DHCPD_OF_CLASS) != 0;

	if (owner == GYL__DHCPD_OF_TOP)
		snprintf(buf, GYL__DHCPD_PATH_MAX, "%s.%u%s", list->key, (unsigned)index,
			list->tail);
	else
		snprintf(buf, GYL__DHCPD_PATH_MAX, "%s.%u.%s.%u%s",
			is_class ? "classes" : "subnets", (unsigned)(owner & ~GYL__DHCPD_OF_CLASS),
			list->key, (unsigned)index, list->tail);
	return buf;
}

void gyl__dhcpd_item_add(struct gyl__dhcpd_items *list, uint64_t first, uint64_t last,
	uint32_t owner, uint32_t index)
{
	list->item[list->cnt++] = (struct gyl__dhcpd_item){first, last, owner, index, NULL};
}

static int by_place(const void *a, const void *b)
{
	const struct gyl__dhcpd_item *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	if (x->owner != y->owner) /* the top comes first in the file's own sense */
		return x->owner + 1 < y->owner + 1 ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

void gyl__dhcpd_check_apart(struct gyl__dhcpd_checker *c, struct gyl__dhcpd_items *list)
{
	char path[GYL__DHCPD_PATH_MAX], other[GYL__DHCPD_PATH_MAX];
	const struct gyl__dhcpd_item *before;

	if (list->cnt == 0)
		return;
	qsort(list->item, list->cnt, sizeof *list->item, by_place);
	before = &list->item[0];
	for (size_t i = 1; i < list->cnt; i++) {
		const struct gyl__dhcpd_item *it = &list->item[i];

		if (it->first <= before->last)
			gyl_conf_fail(c->ck, gyl__dhcpd_path(path, list, it->owner, it->index),
				"%s %s", list->what,
				gyl__dhcpd_path(other, list, before->owner, before->index));
		if (it->last > before->last)
			before = it;
	}
}

/* ---- pools ---- */

/* A pool of no subnet lies in a network of ours that is served: nobody else could be given it. */
static bool is_ours(const struct gyl__dhcpd_checker *c, struct gyl_conf_range r)
{
	const struct gyl_top_conf *top = gyl_conf_check_top(c->ck);
	uint64_t mask;

	if (top == NULL)
		return true;
	mask = gyl_top_iface_mask(c->f, top, c->cf->interfaces);
	return gyl_top_iface_has(c->f, top, mask, r.first) &&
	       gyl_top_iface_has(c->f, top, mask, r.last);
}

static void print_ip(char text[16], uint32_t ip)
{
	struct gyl_writer w;

	gyl_writer_init(&w, (uint8_t *)text, 15);
	gyl_text_ipv4(&w, ip);
	text[w.len] = '\0';
}

void gyl__dhcpd_check_own_edge(struct gyl__dhcpd_checker *c, uint32_t ip, const char *path)
{
	const struct gyl_top_conf *top = gyl_conf_check_top(c->ck);
	const struct gyl_conf_prefix *net;
	char from[16], to[16];
	uint32_t low;

	if (top == NULL)
		return;
	net = gyl_top_iface_net(c->f, top, gyl_top_iface_mask(c->f, top, c->cf->interfaces), ip);
	if (net == NULL || !gyl__dhcpd_is_edge(*net, ip))
		return;
	low = net->ip & gyl_conf_mask(net->len);
	print_ip(from, low + 1);
	print_ip(to, (low | ~gyl_conf_mask(net->len)) - 1);
	gyl_conf_fail(c->ck, path,
		"the %s address of our own network cannot be given out: those from %s to %s can",
		ip == low ? "first" : "last", from, to);
}

static void check_in_subnet(struct gyl__dhcpd_checker *c, struct gyl_conf_prefix net,
	struct gyl_conf_range r, const char *path)
{
	if (!gyl__dhcpd_inside(net, r.first) || !gyl__dhcpd_inside(net, r.last))
		gyl_conf_fail(c->ck, path, "expected addresses of the subnet");
	else if (gyl__dhcpd_is_edge(net, r.first) || gyl__dhcpd_is_edge(net, r.last))
		gyl_conf_fail(c->ck, path,
			"the first and the last address of a subnet cannot be given out");
}

/* The subnet that a class's pool lies in, NULL: none of the configured ones. */
static const struct gyl_dhcpd_subnet_conf *subnet_at(
	const struct gyl__dhcpd_checker *c, uint32_t ip)
{
	for (uint32_t i = 0; i < c->cf->subnets.cnt; i++)
		if (gyl__dhcpd_inside(c->subnet[i].subnet, ip))
			return &c->subnet[i];
	return NULL;
}

static void check_own_edges(struct gyl__dhcpd_checker *c, struct gyl_conf_range r, const char *path)
{
	gyl__dhcpd_check_own_edge(c, r.first, path);
	if (r.last != r.first)
		gyl__dhcpd_check_own_edge(c, r.last, path);
}

static void check_range(
	struct gyl__dhcpd_checker *c, struct gyl_conf_range r, uint32_t owner, uint32_t index)
{
	const struct gyl_dhcpd_subnet_conf *s = NULL;
	char path[GYL__DHCPD_PATH_MAX];

	c->address_cnt += (uint64_t)r.last - r.first + 1;
	gyl__dhcpd_item_add(&c->pools, r.first, r.last, owner, index);
	gyl__dhcpd_path(path, &c->pools, owner, index);
	if ((owner & GYL__DHCPD_OF_CLASS) == 0)
		s = &c->subnet[owner];
	else if (owner != GYL__DHCPD_OF_TOP)
		s = subnet_at(c, r.first);
	if (s != NULL)
		check_in_subnet(c, s->subnet, r, path);
	else if (owner != GYL__DHCPD_OF_TOP && c->cf->pool.cnt == 0 && c->cf->subnets.cnt != 0)
		gyl_conf_fail(c->ck, path, "expected addresses of one of the subnets");
	else if (!is_ours(c, r))
		gyl_conf_fail(c->ck, path,
			"expected addresses of a network that we have an address in; for others "
			"use \"subnets\"");
	else
		check_own_edges(c, r, path);
}

static void check_pool(struct gyl__dhcpd_checker *c, struct gyl_ref pool, uint32_t owner)
{
	const struct gyl_conf_range *r = gyl_flat_at(c->f, pool);

	for (uint32_t i = 0; i < pool.cnt; i++)
		check_range(c, r[i], owner, i);
}

/* ---- classes ---- */

static bool has_condition(const struct gyl_dhcpd_class_conf *k)
{
	return k->vendor_class.cnt != 0 || k->user_class.cnt != 0 || k->circuit_id.cnt != 0 ||
	       k->remote_id.cnt != 0 || k->mac.cnt != 0 || k->arch.cnt != 0 || k->match.cnt != 0 ||
	       k->subnet.len != 0;
}

static void check_class(struct gyl__dhcpd_checker *c, uint32_t i)
{
	struct gyl_view name = gyl_flat_view(c->f, c->class[i].name);
	char path[GYL__DHCPD_PATH_MAX];

	snprintf(path, sizeof path, "classes.%u", (unsigned)i);
	if (!has_condition(&c->class[i]))
		gyl_conf_fail(c->ck, path,
			"who is in it is missing, such as \"vendor_class\": \"PXEClient\"");
	snprintf(path, sizeof path, "classes.%u.name", (unsigned)i);
	for (uint32_t j = 0; j < i && j < GYL_DHCPD_CLASS_MAX; j++)
		if (gyl_view_eq(name, gyl_flat_view(c->f, c->class[j].name)))
			gyl_conf_fail(
				c->ck, path, "the same name as in classes.%u.name", (unsigned)j);
	check_pool(c, c->class[i].pool, GYL__DHCPD_OF_CLASS | i);
}

static void check_classes(struct gyl__dhcpd_checker *c)
{
	if (c->cf->classes.cnt > GYL_DHCPD_CLASS_MAX)
		gyl_conf_fail(
			c->ck, "classes", "expected at most %u", (unsigned)GYL_DHCPD_CLASS_MAX);
	for (uint32_t i = 0; i < c->cf->classes.cnt; i++)
		check_class(c, i);
}

/* ---- the rest ---- */

static void check_times(struct gyl__dhcpd_checker *c)
{
	const struct gyl_dhcpd_conf *cf = c->cf;

	if (cf->max_ns != 0 && cf->max_ns < cf->lease_ns)
		gyl_conf_fail(c->ck, "max_lease_time", "expected no less than lease_time");
	for (uint32_t i = 0; i < cf->subnets.cnt; i++) {
		uint64_t lease_ns = c->subnet[i].lease_ns, max_ns = c->subnet[i].max_ns;
		char path[GYL__DHCPD_PATH_MAX];

		snprintf(path, sizeof path, "subnets.%u.max_lease_time", (unsigned)i);
		if (max_ns != 0 && max_ns < (lease_ns != 0 ? lease_ns : cf->lease_ns))
			gyl_conf_fail(c->ck, path, "expected no less than lease_time");
	}
}

static void check_subnets(struct gyl__dhcpd_checker *c)
{
	for (uint32_t i = 0; i < c->cf->subnets.cnt; i++) {
		for (uint32_t j = 0; j < i; j++) {
			struct gyl_conf_prefix a = c->subnet[i].subnet, b = c->subnet[j].subnet;
			char path[GYL__DHCPD_PATH_MAX];

			if (!gyl__dhcpd_inside(a.len < b.len ? a : b, a.len < b.len ? b.ip : a.ip))
				continue;
			snprintf(path, sizeof path, "subnets.%u.subnet", (unsigned)i);
			gyl_conf_fail(c->ck, path, "overlaps subnets.%u.subnet", (unsigned)j);
		}
	}
}

static void check_domain(struct gyl__dhcpd_checker *c)
{
	struct gyl_view domain = gyl_flat_view(c->f, c->cf->domain);
	struct gyl_dhcp_name name;

	if (domain.len != 0 &&
		(domain.p[domain.len - 1] == '.' || gyl_failed(gyl_dhcp_name_parse(domain, &name))))
		gyl_conf_fail(c->ck, "domain", "expected a domain name such as \"event.example\"");
}

static void check_bounds(struct gyl__dhcpd_checker *c)
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
	if (c->hosts.cnt > GYL_DHCPD_HOST_MAX)
		gyl_conf_fail(c->ck, "", "expected at most %u reservations",
			(unsigned)GYL_DHCPD_HOST_MAX);
}

static void walk(struct gyl__dhcpd_checker *c)
{
	gyl_top_iface_check(c->f, c->cf->interfaces, c->ck);
	check_pool(c, c->cf->pool, GYL__DHCPD_OF_TOP);
	gyl__dhcpd_check_hosts(c, c->cf->hosts, GYL__DHCPD_OF_TOP);
	for (uint32_t i = 0; i < c->cf->subnets.cnt; i++) {
		check_pool(c, c->subnet[i].pool, i);
		gyl__dhcpd_check_hosts(c, c->subnet[i].hosts, i);
	}
	check_classes(c);
	check_bounds(c);
	check_times(c);
	check_domain(c);
	check_subnets(c);
	gyl__dhcpd_check_apart(c, &c->pools);
	gyl__dhcpd_check_apart(c, &c->addresses);
	gyl__dhcpd_check_identities(c);
}

static void count(const struct gyl__dhcpd_checker *c, size_t *ret_ranges, size_t *ret_hosts)
{
	*ret_ranges = c->cf->pool.cnt;
	*ret_hosts = c->cf->hosts.cnt;
	for (uint32_t i = 0; i < c->cf->subnets.cnt; i++) {
		*ret_ranges += c->subnet[i].pool.cnt;
		*ret_hosts += c->subnet[i].hosts.cnt;
	}
	for (uint32_t i = 0; i < c->cf->classes.cnt; i++)
		*ret_ranges += c->class[i].pool.cnt;
}

static void check_standby(const struct gyl_dhcpd_conf *cf, struct gyl_conf_check *ck)
{
	if (cf->standby != 0 && cf->secret.cnt == 0)
		gyl_conf_fail(
			ck, "standby", "it needs standby_secret, a file that both servers have");
	if (cf->standby == 0 && cf->secret.cnt != 0)
		gyl_conf_fail(ck, "standby_secret", "it is of no use without standby");
}

void gyl__dhcpd_conf_check(const struct gyl_flat *f, const void *root, struct gyl_conf_check *ck)
{
	const struct gyl_dhcpd_conf *cf = root;
	struct gyl__dhcpd_checker c = {.f = f,
		.cf = cf,
		.subnet = gyl_flat_at(f, cf->subnets),
		.class = gyl_flat_at(f, cf->classes),
		.ck = ck};
	struct gyl__dhcpd_item *item;
	size_t ranges, hosts;

	check_standby(cf, ck);
	count(&c, &ranges, &hosts);
	item = calloc(ranges + 2 * hosts + 1, sizeof *item);
	if (item == NULL) {
		gyl_conf_fail(ck, "", "no memory to check it");
		return;
	}
	c.pools = (struct gyl__dhcpd_items){item, 0, "pool", "", "overlaps"};
	c.addresses = (struct gyl__dhcpd_items){
		item + ranges, 0, "reservations", ".address", "the same address as in"};
	c.hosts = (struct gyl__dhcpd_items){item + ranges + hosts, 0, "reservations", "", ""};
	walk(&c);
	free(item);
}
