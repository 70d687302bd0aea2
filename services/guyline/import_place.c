/* SPDX-License-Identifier: ISC */

/* From what was read to what we have: hosts find their subnets, pools their owners; then our own
 * check looks at it. */

#include <gyl/text.h>
#include <stdlib.h>

#include "conf/top.h"
#include "services/dhcpd/conf.h"
#include "services/dhcpd/service.h"
#include "services/guyline/import_own.h"

struct gyl_conf_node *gyl__import_class(const struct gyl_import *i, struct gyl_view name)
{
	struct gyl_conf_node *n = i->classes->first;

	while (n != NULL && !gyl_view_eq(gyl__import_get(n, "name")->text, name))
		n = n->next;
	return n;
}

void gyl__import_pool_add(struct gyl_import *i, const struct gyl_import_pool *p)
{
	struct gyl_import_pool *own;

	if (i->pool_cnt++ >= GYL_DHCPD_RANGE_MAX) {
		gyl__import_left(i, p->at, gyl_view_str("pool"), "more than %d of them",
			GYL_DHCPD_RANGE_MAX);
		return;
	}
	own = gyl_conf_alloc(i->c, sizeof *own);
	*own = *p;
	own->next = NULL;
	*i->pool_end = own;
	i->pool_end = &own->next;
}

/* ---- texts with addresses ---- */

static bool two(struct gyl_view text, char between, struct gyl_view *ret_a, struct gyl_view *ret_b)
{
	const uint8_t *p = text.len == 0 ? NULL : memchr(text.p, between, text.len);
	size_t at = p == NULL ? text.len : (size_t)(p - text.p);

	*ret_a = gyl_view_sub(text, 0, at);
	*ret_b = gyl_view_sub(text, at + 1, text.len);
	while (ret_a->len != 0 && ret_a->p[ret_a->len - 1] == ' ')
		ret_a->len--;
	while (ret_b->len != 0 && ret_b->p[0] == ' ')
		*ret_b = gyl_view_sub(*ret_b, 1, ret_b->len);
	return p != NULL;
}

bool gyl__import_prefix(struct gyl_view text, uint32_t *ret_ip, uint32_t *ret_len)
{
	struct gyl_view a, b;
	uint64_t len = 32;

	if (!two(text, '/', &a, &b) || gyl_failed(gyl_parse_u64(b, 32, &len)) ||
		gyl_failed(gyl_parse_ipv4(a, ret_ip)))
		return false;
	*ret_len = (uint32_t)len;
	*ret_ip &= gyl_conf_mask(*ret_len);
	return true;
}

bool gyl__import_range(struct gyl_view text, uint32_t *ret_first, uint32_t *ret_last)
{
	struct gyl_view a, b;

	if (!two(text, '-', &a, &b))
		b = a;
	return !gyl_failed(gyl_parse_ipv4(a, ret_first)) &&
	       !gyl_failed(gyl_parse_ipv4(b, ret_last));
}

void gyl__import_range_add(struct gyl_import *i, struct gyl_conf_node *list,
	struct gyl_import_place at, uint32_t first, uint32_t last)
{
	char buf[2 * GYL_TEXT_IPV4_MAX];
	struct gyl_writer w;

	gyl_writer_init(&w, buf, sizeof buf);
	gyl_text_ipv4(&w, first);
	if (last != first) {
		gyl_text_char(&w, '-');
		gyl_text_ipv4(&w, last);
	}
	gyl_conf_node_add(list, gyl__import_text(i, at, gyl_writer_view(&w)));
}

struct gyl_conf_node *gyl__import_subnet_of(const struct gyl_import *i, uint32_t ip)
{
	for (struct gyl_conf_node *n = i->subnets->first; n != NULL; n = n->next) {
		uint32_t net = 0, len = 0;

		if (gyl__import_prefix(gyl__import_get(n, "subnet")->text, &net, &len) &&
			(ip & gyl_conf_mask(len)) == net)
			return n;
	}
	return NULL;
}

/* ---- pools ---- */

static void move_ranges(
	struct gyl_import *i, struct gyl_conf_node *owner, const struct gyl_import_pool *p)
{
	struct gyl_conf_node *list = gyl__import_child(i, owner, "pool", GYL_CONF_IS_LIST, p->at);

	for (const struct gyl_conf_node *n = p->ranges->first; n != NULL; n = n->next)
		gyl_conf_node_add(list, gyl__import_copy(i, n));
}

/* Of a link that several subnets share, a pool may have addresses of each. */
static void spread_ranges(struct gyl_import *i, const struct gyl_import_pool *p)
{
	for (const struct gyl_conf_node *n = p->ranges->first; n != NULL; n = n->next) {
		uint32_t first = 0, last = 0;
		struct gyl_conf_node *subnet = NULL;

		if (gyl__import_range(n->text, &first, &last))
			subnet = gyl__import_subnet_of(i, first);
		if (subnet == NULL)
			gyl__import_left(i, gyl__import_at(n), n->text, "lies in no subnet");
		else
			gyl_conf_node_add(
				gyl__import_child(i, subnet, "pool", GYL_CONF_IS_LIST, p->at),
				gyl__import_copy(i, n));
	}
}

static uint32_t pools_of(const struct gyl_import *i, const struct gyl_conf_node *subnet)
{
	uint32_t cnt = 0;

	for (const struct gyl_import_pool *p = i->pool; p != NULL; p = p->next)
		cnt += p->subnet == subnet && p->ranges->cnt != 0;
	return cnt;
}

/* What a pool says counts before its subnet; one pool alone may say it for the subnet. */
static void pool_settings(struct gyl_import *i, const struct gyl_import_pool *p)
{
	struct gyl_conf_node *own;

	if (p->obj == NULL || p->obj->cnt == 0)
		return;
	if (p->subnet == NULL || p->class_name.len != 0 || pools_of(i, p->subnet) != 1) {
		gyl__import_left(i, p->at, gyl_view_str("pool"),
			"settings of one pool among several; here subnets and classes have settings");
		return;
	}
	own = gyl__import_node(i, GYL_CONF_IS_OBJECT, p->at);
	gyl__import_inherit(i, own, p->obj);
	gyl__import_inherit(i, own, p->subnet);
	for (const struct gyl_conf_node *n = own->first, *next; n != NULL; n = next) {
		next = n->next;
		gyl__import_set(i, p->subnet, gyl__import_cstr(i, n->key), gyl__import_copy(i, n));
	}
}

static void place_pool(struct gyl_import *i, const struct gyl_import_pool *p)
{
	struct gyl_conf_node *cl =
		p->class_name.len == 0 ? NULL : gyl__import_class(i, p->class_name);

	if (p->class_name.len != 0 && cl == NULL) {
		gyl__import_left(i, p->at, p->class_name,
			"its addresses are for a class that is not in the result");
		return;
	}
	pool_settings(i, p);
	if (p->ranges->cnt == 0)
		return;
	if (cl != NULL)
		move_ranges(i, cl, p);
	else if (p->subnet != NULL)
		move_ranges(i, p->subnet, p);
	else
		spread_ranges(i, p);
}

/* ---- hosts ---- */

/* Keys in the order in which people read them; pools and lists of many last. */
static void put_ordered(struct gyl_import *i, struct gyl_conf_node *to, struct gyl_conf_node *from)
{
	static const char *const order[] = {"name", "subnet", "shared", "vendor_class",
		"user_class", "circuit_id", "remote_id", "mac", "client_id", "arch", "option",
		"address", "hostname", "pool", "authoritative", "ignore_client_id", "probe",
		"lease_time", "min_lease_time", "max_lease_time", "offer_time", "decline_time",
		"domain", "next_server", "server_name", "boot_file", "options", "reservations"};

	for (size_t k = 0; k < sizeof order / sizeof order[0]; k++) {
		const struct gyl_conf_node *n = gyl__import_get(from, order[k]);

		if (n != NULL)
			gyl__import_set(i, to, order[k], gyl__import_copy(i, n));
	}
}

static struct gyl_conf_node *ordered(struct gyl_import *i, struct gyl_conf_node *from)
{
	struct gyl_conf_node *to = gyl__import_node(i, GYL_CONF_IS_OBJECT, gyl__import_at(from));

	put_ordered(i, to, from);
	return to;
}

/* Add it to the owner's reservations, unless there is one with its address or its client. */
static void add_host(struct gyl_import *i, struct gyl_conf_node *owner, struct gyl_conf_node *host)
{
	struct gyl_import_place at = gyl__import_at(host);
	struct gyl_conf_node *list =
		gyl__import_child(i, owner, "reservations", GYL_CONF_IS_LIST, at);
	const struct gyl_conf_node *name = gyl__import_get(host, "hostname"),
				   *mac = gyl__import_get(host, "mac");
	struct gyl_view what = mac != NULL    ? mac->text
			       : name != NULL ? name->text
					      : gyl_view_str("reservation");

	if (gyl__import_host_find(i, owner, host, GYL_IMPORT_BY_ADDRESS))
		gyl__import_left(i, at, what, "another client has its address; an address has one");
	else if (gyl__import_host_find(i, owner, host, GYL_IMPORT_BY_CLIENT))
		gyl__import_left(
			i, at, what, "the same client again; it has one reservation in a subnet");
	else {
		gyl_conf_node_add(list, ordered(i, host));
		gyl__import_host_add(i, owner, host);
	}
}

static void place_host(struct gyl_import *i, struct gyl_conf_node *host)
{
	const struct gyl_conf_node *address = gyl__import_get(host, "address");
	struct gyl_conf_node *subnet;
	uint32_t ip;

	if (gyl__import_get(host, "mac") == NULL && gyl__import_get(host, "client_id") == NULL &&
		gyl__import_get(host, "circuit_id") == NULL) {
		const struct gyl_conf_node *name = gyl__import_get(host, "hostname");

		gyl__import_left(i, gyl__import_at(host),
			name == NULL ? gyl_view_str("host") : name->text,
			"nothing that tells this client from others: MAC, client identifier or circuit");
		return;
	}
	if (address == NULL || i->subnets->cnt == 0) {
		add_host(i, i->dhcpd, host);
		return;
	}
	if (gyl_failed(gyl_parse_ipv4(address->text, &ip)))
		return;
	subnet = gyl__import_subnet_of(i, ip);
	if (subnet == NULL)
		gyl__import_left(i, gyl__import_at(address), address->text,
			"an address of no subnet in this configuration");
	else
		add_host(i, subnet, host);
}

/* ---- the end ---- */

static void put_list(struct gyl_import *i, struct gyl_conf_node *to, const char *key,
	const struct gyl_conf_node *from)
{
	struct gyl_conf_node *list;

	if (from->cnt == 0)
		return;
	list = gyl__import_node(i, GYL_CONF_IS_LIST, gyl__import_at(from->first));
	for (struct gyl_conf_node *n = from->first; n != NULL; n = n->next)
		gyl_conf_node_add(list, ordered(i, n));
	gyl__import_set(i, to, key, list);
}

/* The server that is left had kernel sockets, and so has this one until its owner wants it else. */
static void put_root(struct gyl_import *i)
{
	struct gyl_conf_node *dhcpd = ordered(i, i->dhcpd), *reservations;
	struct gyl_import_place none = {0, 0};

	gyl__import_set(
		i, gyl_conf_root(i->c), "host", gyl__import_text(i, none, gyl_view_str("kernel")));
	reservations = gyl__import_get(dhcpd, "reservations");
	put_list(i, dhcpd, "classes", i->classes);
	put_list(i, dhcpd, "subnets", i->subnets);
	if (reservations != NULL) { /* behind the few large things */
		gyl__import_drop(dhcpd, reservations);
		gyl_conf_node_add(dhcpd, reservations);
	}
	gyl__import_set(i, gyl_conf_root(i->c), "dhcpd", dhcpd);
}

/* Copies share what is below them: for the paths of errors every node learns where it is now. */
static void adopt(struct gyl_conf_node *parent)
{
	uint32_t index = 0;

	for (struct gyl_conf_node *n = parent->first; n != NULL; n = n->next) {
		n->parent = parent;
		n->index = index++;
		adopt(n);
	}
}

static void check(struct gyl_import *i)
{
	static const struct gyl_conf_section *const sections[] = {&gyl_dhcpd_conf_section};
	static const struct gyl_conf_set set = {.top = &gyl_top_conf_section,
		.section = sections,
		.section_cnt = 1,
		.skip = gyl_top_skip};
	struct gyl_view block;
	size_t cnt;

	gyl_conf_name(i->c, i->file[0]);
	adopt(gyl_conf_root(i->c));
	if (gyl_conf_compile(i->c, &set, &block)) {
		free((void *)(uintptr_t)block.p);
		return;
	}
	cnt = gyl_conf_error_cnt(i->c);
	for (size_t n = 0; n < cnt; n++) {
		const struct gyl_conf_error *e = gyl_conf_error(i->c, n);

		gyl__import_left(i, (struct gyl_import_place){e->line, e->col},
			gyl_view_str(e->path), "this is in the result, but refused: %s", e->text);
	}
}

/* Cut a list that is longer than a configuration may have it. */
static void cut(struct gyl_import *i, struct gyl_conf_node *list, const char *key, uint32_t max)
{
	struct gyl_conf_node *n = list->first;

	for (uint32_t k = 1; k < max && n != NULL; k++)
		n = n->next;
	if (n == NULL || n->next == NULL)
		return;
	gyl__import_left(i, gyl__import_at(n->next), gyl__import_get(n->next, key)->text,
		"and %u more: there are at most %u", (unsigned)(list->cnt - max - 1),
		(unsigned)max);
	n->next = NULL;
	list->last = n;
	list->cnt = max;
}

bool gyl_import_finish(struct gyl_import *i)
{
	struct gyl_conf_node *next;

	cut(i, i->classes, "name", GYL_IMPORT_CLASS_MAX);
	cut(i, i->subnets, "subnet", GYL_DHCPD_SUBNET_MAX);
	for (const struct gyl_import_pool *p = i->pool; p != NULL; p = p->next)
		place_pool(i, p);
	for (struct gyl_conf_node *n = i->hosts->first; n != NULL && !i->bad; n = next) {
		next = n->next;
		n->next = NULL;
		place_host(i, n);
	}
	put_root(i);
	if (!i->bad)
		check(i);
	return !i->bad;
}
