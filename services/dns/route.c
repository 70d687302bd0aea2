/* SPDX-License-Identifier: ISC */
#include "services/dns/route.h"

#include <gyl/dns.h>

#include "services/dns/conf.h"
#include "services/dns/names.h"

/* Types that a validator asks about a top-level domain; all others are somebody's printer. */
static bool is_of_delegation(uint16_t qtype)
{
	return qtype == GYL_DNS_TYPE_NS || qtype == GYL_DNS_TYPE_SOA || qtype == GYL_DNS_TYPE_DS ||
	       qtype == GYL_DNS_TYPE_DNSKEY;
}

int gyl__dns_block(const struct gyl_dns_data *d, const struct gyl_dns_key *k, size_t *ret_len)
{
	uint16_t value = gyl_dns_names_find(gyl__dns_names(d), GYL_DNS_TABLE_BLOCK, k, ret_len);

	if (value < GYL_DNS_BLOCK_ANSWER ||
		gyl_dns_names_find(gyl__dns_names(d), GYL_DNS_TABLE_ALLOW, k, NULL) != 0)
		return -1;
	return value - GYL_DNS_BLOCK_ANSWER;
}

/* Is it allowed by name, by us or by a list? */
static bool is_let_through(const struct gyl_dns_data *d, const struct gyl_dns_key *k)
{
	return gyl_dns_names_find(gyl__dns_names(d), GYL_DNS_TABLE_ALLOW, k, NULL) != 0 ||
	       gyl_dns_names_find(gyl__dns_names(d), GYL_DNS_TABLE_BLOCK, k, NULL) ==
		       GYL_DNS_BLOCK_PASS;
}

/* The name belongs to a group of servers, unless something speaks against it. */
static void forward(const struct gyl_dns_data *d, const struct gyl_dns_key *k, uint16_t qtype,
	struct gyl_dns_route *r)
{
	bool plain = k->name[0] != 0 && k->name[k->name[0] + 1] == 0;
	size_t len;
	int answer;

	if (plain && r->top_len == 1 && gyl_dns_names_head(gyl__dns_names(d))->plain != 0 &&
		!is_of_delegation(qtype)) {
		r->way = GYL_DNS_WAY_PLAIN;
		return;
	}
	r->way = GYL_DNS_WAY_FORWARD;
	answer = gyl__dns_block(d, k, &len);
	if (answer >= 0) {
		r->top_len = len;
		r->way = GYL_DNS_WAY_BLOCKED;
		r->value = (uint16_t)answer;
	}
}

void gyl__dns_route(const struct gyl_dns_data *d, const struct gyl_dns_key *k, uint16_t qtype,
	struct gyl_dns_route *ret_route)
{
	struct gyl_dns_route *r = ret_route;

	memset(r, 0, sizeof *r);
	if (gyl_dns_names_head(gyl__dns_names(d)) == NULL) {
		/* zones alone: all others' names are for those who know all others' names */
		r->way = d->cache == NULL ? GYL_DNS_WAY_REFUSE : GYL_DNS_WAY_FORWARD;
		return;
	}
	r->value = gyl_dns_names_find(gyl__dns_names(d), GYL_DNS_TABLE_ROUTE, k, &r->top_len);
	if (r->value >= GYL_DNS_ROUTE_GROUP) {
		r->group = (uint16_t)(r->value - GYL_DNS_ROUTE_GROUP);
		forward(d, k, qtype, r);
	} else if (r->value == GYL_DNS_ROUTE_ZONE) {
		r->way = GYL_DNS_WAY_BROKEN;
	} else if (r->value != 0) {
		r->way = GYL_DNS_WAY_LOCAL;
	}
}

void gyl__dns_route_led(const struct gyl_dns_data *d, struct gyl_view first,
	const struct gyl_dns_key *k, uint16_t qtype, struct gyl_dns_route *ret_route)
{
	struct gyl_dns_key key;

	gyl__dns_route(d, k, qtype, ret_route);
	if (ret_route->way != GYL_DNS_WAY_BLOCKED)
		return;
	gyl_dns_key_init(&key, first.p, first.len);
	if (is_let_through(d, &key))
		ret_route->way = GYL_DNS_WAY_FORWARD;
}

/* Without servers of its own a hole has those of the domain that the name lies in: of all routes,
 * only groups are heeded. */
static bool group_of(const struct gyl_dns_data *d, const struct gyl_dns_key *k, uint16_t *ret_group)
{
	struct gyl_dns_key up;
	size_t len = k->len;
	uint16_t value = gyl_dns_names_find(gyl__dns_names(d), GYL_DNS_TABLE_ROUTE, k, &len);

	while (value < GYL_DNS_ROUTE_GROUP && value != 0 && len > 1) {
		const uint8_t *name = k->name + (k->len - len);

		name += *name + 1;
		gyl_dns_key_init(&up, name, k->len - (size_t)(name - k->name));
		value = gyl_dns_names_find(gyl__dns_names(d), GYL_DNS_TABLE_ROUTE, &up, &len);
	}
	*ret_group = value < GYL_DNS_ROUTE_GROUP ? 0 : (uint16_t)(value - GYL_DNS_ROUTE_GROUP);
	return value >= GYL_DNS_ROUTE_GROUP;
}

unsigned gyl__dns_hole(const struct gyl_dns_data *d, const struct gyl_dns_node *node,
	const struct gyl_dns_key *k, uint16_t *ret_group)
{
	struct gyl_dns_key hole;
	uint16_t value;
	unsigned group;

	gyl_dns_key_init(&hole, node->name, node->name_len);
	value = gyl_dns_names_find(gyl__dns_names(d), GYL_DNS_TABLE_HOLE, &hole, NULL);
	group = value / GYL_DNS_HOLE_GROUP;
	if (group != 0)
		*ret_group = (uint16_t)(group - 1);
	else if (value == GYL_DNS_HOLE_FORWARD && !group_of(d, k, ret_group))
		return GYL_DNS_HOLE_REFUSE;
	return value % GYL_DNS_HOLE_GROUP;
}
