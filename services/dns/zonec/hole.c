/* SPDX-License-Identifier: ISC */
#include "services/dns/group.h"
#include "services/dns/zonec/compile_own.h"

void gyl_dns_compile_hole(struct gyl_dns_compile *c, const uint8_t *origin, const uint8_t *name,
	unsigned action, uint32_t group)
{
	size_t len = gyl_dns_name_len(name);
	uint32_t zone = gyl__zc_zone(c, origin), at;
	struct gyl_dns_named *e;

	if (zone == GYL_ZC_NONE)
		return;
	at = gyl__zc_intern(c, (uint16_t)zone, 0, name, len);
	e = gyl__zc_named(c, &c->names[GYL_DNS_TABLE_HOLE], name, len);
	if (at == GYL_ZC_NONE || e == NULL)
		return;
	c->node[at].flags |= GYL_ZC_HOLE;
	if (group != GYL_DNS_GROUP_NONE)
		action += GYL_DNS_HOLE_GROUP * (group + 1);
	e->self = (uint16_t)action;
}
