/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_ARPD_RULES_H
#define GYL_SERVICES_ARPD_RULES_H

/* The lists of the configuration, in places of the core's own. Pure. */

#include "services/arpd/conf.h"

struct gyl_arpd_ranges {
	uint32_t cnt;
	struct gyl_conf_range range[GYL_ARPD_RANGE_MAX];
};

struct gyl_arpd_networks {
	uint32_t cnt;
	struct gyl_conf_prefix net[GYL_ARPD_NETWORK_MAX];
};

struct gyl_arpd_rules {
	struct gyl_arpd_ranges leased, proxy, unknown;
	struct gyl_arpd_networks network, scan;
	uint32_t protect_cnt, server_cnt;
	struct gyl_arpd_protect_conf protect[GYL_ARPD_PROTECT_MAX];
	uint32_t server[GYL_ARPD_SERVER_MAX];
};

/* What the section says. The check of the configuration has seen to the bounds. */
void gyl_arpd_rules_read(
	const struct gyl_flat *f, const struct gyl_arpd_conf *cf, struct gyl_arpd_rules *ret_rules);

bool gyl_arpd_ranges_have(const struct gyl_arpd_ranges *r, uint32_t ip);
bool gyl_arpd_networks_have(const struct gyl_arpd_networks *n, uint32_t ip);

#endif
