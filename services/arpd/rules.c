/* SPDX-License-Identifier: ISC */
#include "services/arpd/rules.h"

/* At most cap items of a list go to `to`. How many. */
static uint32_t copy(
	const struct gyl_flat *f, struct gyl_ref list, void *to, uint32_t cap, size_t each)
{
	uint32_t cnt = list.cnt < cap ? list.cnt : cap;

	if (cnt != 0)
		memcpy(to, gyl_flat_at(f, list), cnt * each);
	return cnt;
}

static void copy_ranges(const struct gyl_flat *f, struct gyl_ref list, struct gyl_arpd_ranges *ret)
{
	ret->cnt = copy(f, list, ret->range, GYL_ARPD_RANGE_MAX, sizeof ret->range[0]);
}

static void copy_networks(
	const struct gyl_flat *f, struct gyl_ref list, struct gyl_arpd_networks *ret)
{
	ret->cnt = copy(f, list, ret->net, GYL_ARPD_NETWORK_MAX, sizeof ret->net[0]);
}

void gyl_arpd_rules_read(
	const struct gyl_flat *f, const struct gyl_arpd_conf *cf, struct gyl_arpd_rules *ret_rules)
{
	struct gyl_arpd_rules *r = ret_rules;

	memset(r, 0, sizeof *r);
	copy_ranges(f, cf->leased, &r->leased);
	copy_ranges(f, cf->proxy, &r->proxy);
	copy_ranges(f, cf->unknown_answer, &r->unknown);
	copy_networks(f, cf->networks, &r->network);
	copy_networks(f, cf->scan, &r->scan);
	r->protect_cnt =
		copy(f, cf->protect, r->protect, GYL_ARPD_PROTECT_MAX, sizeof r->protect[0]);
	r->server_cnt = copy(f, cf->servers, r->server, GYL_ARPD_SERVER_MAX, sizeof r->server[0]);
}

bool gyl_arpd_ranges_have(const struct gyl_arpd_ranges *r, uint32_t ip)
{
	for (uint32_t i = 0; i < r->cnt; i++)
		if (ip >= r->range[i].first && ip <= r->range[i].last)
			return true;
	return false;
}

bool gyl_arpd_networks_have(const struct gyl_arpd_networks *n, uint32_t ip)
{
	for (uint32_t i = 0; i < n->cnt; i++)
		if ((ip & gyl_conf_mask(n->net[i].len)) == n->net[i].ip)
			return true;
	return false;
}
