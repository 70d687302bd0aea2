/* SPDX-License-Identifier: ISC */

/* The rules for reservations. */

#include <stdio.h>
#include <stdlib.h>

#include "services/dhcpd/conf_check_own.h"
#include "services/dhcpd/lease.h"
#include "services/dhcpd/name.h"

static bool in_subnets(const struct gyl__dhcpd_checker *c, uint32_t ip)
{
	for (uint32_t i = 0; i < c->cf->subnets.cnt; i++)
		if (gyl__dhcpd_inside(c->subnet[i].subnet, ip))
			return true;
	return false;
}

static bool in_any(const struct gyl__dhcpd_checker *c, uint32_t ip)
{
	/* The network of our own address may be known to the running system alone. */
	return in_subnets(c, ip) || c->cf->pool.cnt != 0 || c->cf->subnets.cnt == 0;
}

static void check_address(struct gyl__dhcpd_checker *c, const struct gyl_dhcpd_host_conf *h,
	uint32_t owner, uint32_t index)
{
	bool top = owner == GYL__DHCPD_OF_TOP;
	char path[GYL__DHCPD_PATH_MAX];

	gyl__dhcpd_item_add(&c->addresses, h->address, h->address, owner, index);
	c->address_cnt++;
	gyl__dhcpd_path(path, &c->addresses, owner, index);
	if (top ? !in_any(c, h->address) : !gyl__dhcpd_inside(c->subnet[owner].subnet, h->address))
		gyl_conf_fail(c->ck, path, "expected an address of %s",
			top ? "one of the subnets" : "the subnet");
	else if (!top && gyl__dhcpd_is_edge(c->subnet[owner].subnet, h->address))
		gyl_conf_fail(c->ck, path,
			"the first and the last address of a subnet cannot be given out");
	else if (top && !in_subnets(c, h->address))
		gyl__dhcpd_check_own_edge(c, h->address, path);
}

/* The path of something inside a reservation. */
static const char *path_in(
	char buf[GYL__DHCPD_PATH_MAX], uint32_t owner, uint32_t index, const char *tail)
{
	struct gyl__dhcpd_items list = {.key = "reservations", .tail = tail};

	return gyl__dhcpd_path(buf, &list, owner, index);
}

/* Charrua takes any word, and so do we: it is made fit for DNS as a client's own would be. */
static void check_hostname(
	struct gyl__dhcpd_checker *c, struct gyl_view name, uint32_t owner, uint32_t index)
{
	char clean[GYL_DHCPD_NAME_MAX], path[GYL__DHCPD_PATH_MAX];

	if (name.len == 0 ||
		(gyl__dhcpd_name_clean(name, clean) != 0 && memchr(name.p, '.', name.len) == NULL))
		return;
	gyl_conf_fail(c->ck, path_in(path, owner, index, ".hostname"),
		"expected a name without a domain, such as \"printer-1\"");
}

static bool has_identity(const struct gyl_dhcpd_host_conf *h)
{
	return h->has_mac || h->client_id.cnt != 0 || h->circuit_id.cnt != 0;
}

void gyl__dhcpd_check_hosts(struct gyl__dhcpd_checker *c, struct gyl_ref hosts, uint32_t owner)
{
	const struct gyl_dhcpd_host_conf *h = gyl_flat_at(c->f, hosts);
	char path[GYL__DHCPD_PATH_MAX];

	for (uint32_t i = 0; i < hosts.cnt; i++) {
		gyl__dhcpd_item_add(&c->hosts, 0, 0, owner, i);
		c->hosts.item[c->hosts.cnt - 1].host = &h[i];
		if (h[i].address != 0)
			check_address(c, &h[i], owner, i);
		check_hostname(c, gyl_flat_view(c->f, h[i].hostname), owner, i);
		if (!has_identity(&h[i]))
			gyl_conf_fail(c->ck, path_in(path, owner, i, ""),
				"whose it is is missing: \"mac\", \"client_id\" or \"circuit_id\"");
	}
}

/* ---- whose they are ---- */

/* Before two octets at equal offsets decide, the length does: any order will do. */
static int compare(const struct gyl_flat *f, struct gyl_ref a, struct gyl_ref b)
{
	if (a.cnt != b.cnt)
		return a.cnt < b.cnt ? -1 : 1;
	return a.cnt == 0 ? 0 : memcmp(gyl_flat_at(f, a), gyl_flat_at(f, b), a.cnt);
}

static int compare_identity(const struct gyl_flat *f, const struct gyl_dhcpd_host_conf *a,
	const struct gyl_dhcpd_host_conf *b)
{
	int d = (int)a->has_mac - (int)b->has_mac;

	if (d == 0)
		d = memcmp(a->mac, b->mac, sizeof a->mac);
	if (d == 0)
		d = compare(f, a->client_id, b->client_id);
	return d != 0 ? d : compare(f, a->circuit_id, b->circuit_id);
}

/* Which block the octets are in: qsort() tells its callback nothing. All of them are in one. */
struct ident {
	const struct gyl_flat *f;
	struct gyl__dhcpd_item it;
};

static int by_identity(const void *a, const void *b)
{
	const struct ident *x = a, *y = b;
	int d;

	if (x->it.owner != y->it.owner)
		return x->it.owner < y->it.owner ? -1 : 1;
	d = compare_identity(x->f, x->it.host, y->it.host);
	if (d != 0)
		return d;
	return x->it.index < y->it.index ? -1 : x->it.index > y->it.index;
}

/* The key that the error is told at, and what it calls it. */
static void say_same(
	struct gyl__dhcpd_checker *c, const struct gyl__dhcpd_item *it, uint32_t before)
{
	const struct gyl_dhcpd_host_conf *h = it->host;
	const char *tail = h->has_mac              ? ".mac"
			   : h->client_id.cnt != 0 ? ".client_id"
						   : ".circuit_id";
	char path[GYL__DHCPD_PATH_MAX], other[GYL__DHCPD_PATH_MAX];
	bool alone = (h->has_mac ? 1 : 0) + (h->client_id.cnt != 0) + (h->circuit_id.cnt != 0) == 1;

	gyl_conf_fail(c->ck, path_in(path, it->owner, it->index, tail), "the same %s as in %s",
		!alone       ? "client"
		: h->has_mac ? "MAC"
			     : "identifier",
		path_in(other, it->owner, before, tail));
}

void gyl__dhcpd_check_identities(struct gyl__dhcpd_checker *c)
{
	size_t cnt = c->hosts.cnt;
	struct ident *all = calloc(cnt + 1, sizeof *all);
	uint32_t first = 0;

	if (all == NULL) {
		gyl_conf_fail(c->ck, "", "no memory to check it");
		return;
	}
	for (size_t i = 0; i < cnt; i++)
		all[i] = (struct ident){c->f, c->hosts.item[i]};
	qsort(all, cnt, sizeof *all, by_identity);
	for (size_t i = 0; i < cnt; i++) {
		bool same = i != 0 && all[i].it.owner == all[i - 1].it.owner &&
			    has_identity(all[i].it.host) &&
			    compare_identity(c->f, all[i].it.host, all[i - 1].it.host) == 0;

		if (same)
			say_same(c, &all[i].it, first);
		else
			first = all[i].it.index;
	}
	free(all);
}
