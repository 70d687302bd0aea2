/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_ZONE_STAT_H
#define GYL_SERVICES_DNS_ZONE_STAT_H

/*
 * How often the names of each zone are asked for, and with what success. The first
 * GYL_DNS_ZONE_STAT_MAX zones that are asked have counters of their own, the rest share one set; so
 * Prometheus sees a bounded number of labels. Counters stay over a reload. Pure.
 */

#include <gyl/dns_name.h>

enum {
	GYL_DNS_ZONE_STAT_MAX = 128,
	GYL_DNS_ZONE_HINTS = 64
};

struct gyl_dns_zone_count {
	uint64_t query_cnt;
	uint64_t missing_cnt;  /* NXDOMAIN */
	uint64_t empty_cnt;    /* the name exists, and has nothing of the type */
	uint64_t wildcard_cnt; /* a wildcard stood for the name */
};

struct gyl_dns_zone_stat {
	struct gyl_dns_zone_count count;
	uint8_t name_len;
	uint8_t name[GYL_DNS_NAME_MAX];
};

struct gyl_dns_zone_stats {
	struct gyl_dns_zone_stat zone[GYL_DNS_ZONE_STAT_MAX];
	uint32_t cnt;
	struct gyl_dns_zone_count others; /* zones that found no place */
	struct gyl_dns_zone_count leases; /* names that leases made, and their zones */
	struct gyl_dns_zone_count hosts;  /* names of hosts files */
	uint8_t hint[GYL_DNS_ZONE_HINTS]; /* @private by where the name stands: place + 1 */
};

/* The counters of a zone, its own or those of all others; name: folded, best always the same
 * octets. */
struct gyl_dns_zone_count *gyl_dns_zone_count(
	struct gyl_dns_zone_stats *s, const uint8_t *name, size_t len);

/* The same without giving it a place; NULL: it was never asked, or has none. */
const struct gyl_dns_zone_count *gyl_dns_zone_count_of(
	const struct gyl_dns_zone_stats *s, const uint8_t *name, size_t len);

/* What was counted elsewhere, too. */
void gyl_dns_zone_stats_merge(struct gyl_dns_zone_stats *s, const struct gyl_dns_zone_stats *other);

#endif
