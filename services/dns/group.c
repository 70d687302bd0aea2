/* SPDX-License-Identifier: ISC */
#include "services/dns/group.h"

/* Holes with servers, in order, until one is at the place that is looked for. */
struct walk {
	uint32_t group; /* of the hole that is looked at, when it has servers */
	uint32_t zone, hole;
	const struct gyl_dns_conf_hole *at; /* NULL: all have been seen */
};

static bool walk_next(
	struct walk *w, const struct gyl_flat *f, const struct gyl_dns_conf *cf, bool begin)
{
	const struct gyl_dns_conf_zone *zone = gyl_flat_at(f, cf->zones);

	if (begin) {
		*w = (struct walk){.group = cf->forward.domains.cnt};
	} else {
		w->hole++;
	}
	for (; w->zone < cf->zones.cnt; w->zone++, w->hole = 0)
		for (; w->hole < zone[w->zone].holes.cnt; w->hole++) {
			const struct gyl_dns_conf_hole *hole = gyl_flat_at(f, zone[w->zone].holes);

			if (hole[w->hole].to.cnt == 0)
				continue;
			w->at = &hole[w->hole];
			w->group++;
			return true;
		}
	w->at = NULL;
	return false;
}

uint32_t gyl__dns_group_cnt(const struct gyl_flat *f, const struct gyl_dns_conf *cf)
{
	uint32_t cnt = 1 + cf->forward.domains.cnt;
	struct walk w;

	for (bool more = walk_next(&w, f, cf, true); more; more = walk_next(&w, f, cf, false))
		cnt++;
	return cnt;
}

struct gyl_ref gyl__dns_group(
	const struct gyl_flat *f, const struct gyl_dns_conf *cf, uint32_t group)
{
	const struct gyl_dns_conf_domain *domain = gyl_flat_at(f, cf->forward.domains);
	struct gyl_ref none = {0, 0};
	struct walk w;

	if (group == 0)
		return cf->forward.to;
	if (group <= cf->forward.domains.cnt)
		return domain[group - 1].to;
	for (bool more = walk_next(&w, f, cf, true); more; more = walk_next(&w, f, cf, false))
		if (w.group == group)
			return w.at->to;
	return none;
}

uint32_t gyl__dns_group_hole(
	const struct gyl_flat *f, const struct gyl_dns_conf *cf, uint32_t zone, uint32_t hole)
{
	struct walk w;

	for (bool more = walk_next(&w, f, cf, true); more; more = walk_next(&w, f, cf, false))
		if (w.zone == zone && w.hole == hole)
			return w.group;
	return GYL_DNS_GROUP_NONE;
}
