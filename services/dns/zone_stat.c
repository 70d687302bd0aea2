/* SPDX-License-Identifier: ISC */
#include "services/dns/zone_stat.h"

static bool is(const struct gyl_dns_zone_stat *z, const uint8_t *name, size_t len)
{
	return z->name_len == len && memcmp(z->name, name, len) == 0;
}

/* Its place, cnt when it has none. */
static uint32_t find(const struct gyl_dns_zone_stats *s, const uint8_t *name, size_t len)
{
	uint32_t i = 0;

	while (i < s->cnt && !is(&s->zone[i], name, len))
		i++;
	return i;
}

struct gyl_dns_zone_count *gyl_dns_zone_count(
	struct gyl_dns_zone_stats *s, const uint8_t *name, size_t len)
{
	uint8_t *hint = &s->hint[((uintptr_t)name >> 6) % GYL_DNS_ZONE_HINTS];
	uint32_t i;

	if (*hint != 0 && is(&s->zone[*hint - 1], name, len))
		return &s->zone[*hint - 1].count;
	i = find(s, name, len);
	if (i == GYL_DNS_ZONE_STAT_MAX)
		return &s->others;
	if (i == s->cnt) {
		s->cnt++;
		s->zone[i].name_len = (uint8_t)len;
		memcpy(s->zone[i].name, name, len);
	}
	*hint = (uint8_t)(i + 1);
	return &s->zone[i].count;
}

const struct gyl_dns_zone_count *gyl_dns_zone_count_of(
	const struct gyl_dns_zone_stats *s, const uint8_t *name, size_t len)
{
	uint32_t i = find(s, name, len);

	return i == s->cnt ? NULL : &s->zone[i].count;
}

static void add(struct gyl_dns_zone_count *c, const struct gyl_dns_zone_count *other)
{
	c->query_cnt += other->query_cnt;
	c->missing_cnt += other->missing_cnt;
	c->empty_cnt += other->empty_cnt;
	c->wildcard_cnt += other->wildcard_cnt;
}

void gyl_dns_zone_stats_merge(struct gyl_dns_zone_stats *s, const struct gyl_dns_zone_stats *other)
{
	for (uint32_t i = 0; i < other->cnt; i++) {
		const struct gyl_dns_zone_stat *z = &other->zone[i];

		add(gyl_dns_zone_count(s, z->name, z->name_len), &z->count);
	}
	add(&s->others, &other->others);
	add(&s->leases, &other->leases);
	add(&s->hosts, &other->hosts);
}
