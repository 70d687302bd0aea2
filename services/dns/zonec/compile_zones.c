/* SPDX-License-Identifier: ISC */

/* Zones by name. There may be tens of thousands, and each is to find those above it. */

#include <stdlib.h>

#include "services/dns/zonec/compile_own.h"

enum {
	ZONE_MAX = UINT16_MAX
};

/* The place of the zone with that name, or the free one where it would be. */
static uint32_t *place_of(
	const struct gyl_dns_compile *c, const uint8_t *name, size_t len, uint64_t hash)
{
	size_t at = hash & (c->zone_index_cap - 1);

	for (; c->zone_index[at] != 0; at = (at + 1) & (c->zone_index_cap - 1)) {
		const struct gyl_zc_node *apex = &c->node[c->zone[c->zone_index[at] - 1].apex];

		if (apex->hash == hash && apex->name_len == len &&
			memcmp(gyl__zc_name(c, apex), name, len) == 0)
			break;
	}
	return &c->zone_index[at];
}

/* Room for one zone more, half of the places free. */
static bool grow_index(struct gyl_dns_compile *c)
{
	size_t cap = c->zone_index_cap == 0 ? 64 : 2 * c->zone_index_cap;

	if (2 * (c->zone_cnt + 1) <= c->zone_index_cap)
		return true;
	free(c->zone_index);
	c->zone_index = calloc(cap, sizeof *c->zone_index);
	c->zone_index_cap = c->zone_index == NULL ? 0 : cap;
	if (c->zone_index == NULL) {
		c->no_memory = true;
		return false;
	}
	for (uint32_t i = 0; i < c->zone_cnt; i++) {
		const struct gyl_zc_node *apex = &c->node[c->zone[i].apex];

		*place_of(c, gyl__zc_name(c, apex), apex->name_len, apex->hash) = i + 1;
	}
	return true;
}

uint32_t gyl__zc_zone(const struct gyl_dns_compile *c, const uint8_t *name)
{
	struct gyl_dns_key k;

	if (c->zone_index_cap == 0)
		return GYL_ZC_NONE;
	gyl_dns_key_init(&k, name, gyl_dns_name_len(name));
	return *place_of(c, k.name, k.len, k.hash) - 1;
}

uint32_t gyl__zc_zone_above(const struct gyl_dns_compile *c, const uint8_t *name)
{
	while (*name != 0) {
		uint32_t zone;

		name += *name + 1;
		zone = gyl__zc_zone(c, name);
		if (zone != GYL_ZC_NONE && !c->zone[zone].is_hosts)
			return zone;
	}
	return GYL_ZC_NONE;
}

static bool is_there(struct gyl_dns_compile *c, const uint8_t *origin, const char *path)
{
	uint32_t zone = gyl__zc_zone(c, origin);

	if (zone == GYL_ZC_NONE)
		return false;
	gyl_build_error(
		c->build, path, 0, 0, "the zone is there already, from %s", c->zone[zone].path);
	return true;
}

bool gyl__zc_begin_zone(struct gyl_dns_compile *c, const uint8_t *origin, const char *path)
{
	struct gyl_zc_zone *zone;
	const struct gyl_zc_node *apex;

	if (c->zone_cnt == ZONE_MAX) {
		gyl_build_error(c->build, path, 0, 0, "more than %d zones", ZONE_MAX);
		return false;
	}
	if (is_there(c, origin, path) || !grow_index(c) ||
		!gyl__zc_grow(c, &c->zone, &c->zone_cap, c->zone_cnt, 1, sizeof *c->zone))
		return false;
	zone = &c->zone[c->zone_cnt];
	*zone = (struct gyl_zc_zone){
		.soa = GYL_ZC_NONE, .parent_cut = GYL_ZC_NONE, .param = GYL_ZC_NONE};
	zone->apex = gyl__zc_intern(c, (uint16_t)c->zone_cnt, 0, origin, gyl_dns_name_len(origin));
	zone->path = gyl__zc_keep_file(c, path);
	if (zone->apex == GYL_ZC_NONE || zone->path == NULL)
		return false;
	c->node[zone->apex].flags |= GYL_ZC_APEX;
	apex = &c->node[zone->apex];
	*place_of(c, gyl__zc_name(c, apex), apex->name_len, apex->hash) = (uint32_t)++c->zone_cnt;
	return true;
}
