/* SPDX-License-Identifier: ISC */

/*
 * An image holds numbers and names from the configuration: groups of servers, holes, what is routed
 * where. Served with another configuration it would ask the wrong servers, so it carries a sum of
 * that. Paths do not count: an image may be made on another machine.
 */

#include "services/dns/build_sum.h"
#include "services/base/crc32c.h"
#include "services/dns/group.h"

struct sum {
	const struct gyl_flat *flat;
	uint32_t crc;
};

static void add_u32(struct sum *s, uint32_t v)
{
	uint8_t octet[4] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};

	s->crc = gyl_crc32c_more(s->crc, octet, sizeof octet);
}

static void add_text(struct sum *s, struct gyl_ref ref)
{
	struct gyl_view v = gyl_flat_view(s->flat, ref);

	add_u32(s, (uint32_t)v.len);
	s->crc = gyl_crc32c_more(s->crc, v.p, v.len);
}

static void add_texts(struct sum *s, struct gyl_ref list)
{
	const struct gyl_ref *text = gyl_flat_at(s->flat, list);

	add_u32(s, list.cnt);
	for (uint32_t i = 0; i < list.cnt; i++)
		add_text(s, text[i]);
}

static void add_zone(struct sum *s, const struct gyl_dns_conf *cf, uint32_t at)
{
	const struct gyl_dns_conf_zone *zone =
		(const struct gyl_dns_conf_zone *)gyl_flat_at(s->flat, cf->zones) + at;
	const struct gyl_dns_conf_hole *hole = gyl_flat_at(s->flat, zone->holes);

	add_text(s, zone->name);
	add_u32(s, gyl__dns_is_live(zone));
	add_u32(s, zone->holes.cnt);
	for (uint32_t i = 0; i < zone->holes.cnt; i++) {
		add_text(s, hole[i].name);
		add_u32(s, hole[i].action);
		add_u32(s, hole[i].to.cnt != 0);
	}
}

uint32_t gyl__dns_build_sum(const struct gyl_flat *flat, const struct gyl_dns_conf *cf)
{
	const struct gyl_dns_conf_domain *domain = gyl_flat_at(flat, cf->forward.domains);
	const struct gyl_dns_conf_block *block = gyl_flat_at(flat, cf->block);
	struct sum s = {flat, 0};

	add_u32(&s, cf->zones.cnt);
	for (uint32_t i = 0; i < cf->zones.cnt; i++)
		add_zone(&s, cf, i);
	add_u32(&s, cf->forward.to.cnt != 0);
	add_u32(&s, cf->forward.domains.cnt);
	for (uint32_t i = 0; i < cf->forward.domains.cnt; i++)
		add_text(&s, domain[i].name);
	add_u32(&s, cf->hosts.cnt);
	add_u32(&s, cf->block.cnt);
	for (uint32_t i = 0; i < cf->block.cnt; i++) {
		add_u32(&s, block[i].format);
		add_texts(&s, block[i].answer);
	}
	add_texts(&s, cf->allow);
	add_texts(&s, cf->private_answers);
	add_text(&s, cf->lease_domain);
	add_u32(&s, cf->special_zones);
	return s.crc == 0 ? 1 : s.crc;
}
