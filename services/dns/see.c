/* SPDX-License-Identifier: ISC */
#include "services/dns/see.h"

#include <gyl/time.h>

#include "services/base/metrics.h"
#include "services/dns/core_own.h"

enum {
	WATCH_MAX = 1000 /* queries that are told in a second, to people */
};

void gyl__dns_see_init(struct gyl_dns *d, const uint64_t key[2])
{
	gyl_dns_tops_init(&d->see.tops, key);
}

/* Whose names these are; NULL: nobody's here. */
static struct gyl_dns_zone_count *count_of(struct gyl_dns *d, const struct gyl_dns_verdict *v)
{
	if (v->zone != NULL)
		return gyl_dns_zone_count(&d->see.zones, v->zone, v->zone_len);
	switch (v->kind) {
	case GYL_DNS_DATA:
	case GYL_DNS_WILDCARD:
		return &d->see.zones.hosts;
	case GYL_DNS_LEASE:
	case GYL_DNS_LOCAL:
	case GYL_DNS_MISSING:
	case GYL_DNS_EMPTY:
		return &d->see.zones.leases;
	default:
		return NULL;
	}
}

static void count(struct gyl_dns *d, const struct gyl_dns_verdict *v)
{
	struct gyl_dns_zone_count *c = count_of(d, v);

	if (c == NULL)
		return;
	c->query_cnt++;
	c->missing_cnt += v->rcode == GYL_DNS_NXDOMAIN;
	c->empty_cnt += v->rcode == GYL_DNS_NOERROR && v->answer_cnt == 0 && !v->truncated &&
			v->kind != GYL_DNS_CUT;
	c->wildcard_cnt += v->kind == GYL_DNS_WILDCARD;
}

void gyl__dns_see(
	struct gyl_dns *d, struct gyl_now now, uint32_t ip, const struct gyl_dns_verdict *v)
{
	uint32_t weight;

	if (!v->readable)
		return;
	count(d, v);
	weight = d->cf.top ? gyl_dns_tops_weight(&d->see.tops, now.mono_ns) : 0;
	if (weight == 0)
		return;
	if (d->see.since_ns == 0)
		d->see.since_ns = now.wall_ns;
	gyl_dns_tops_note(
		&d->see.tops, weight, ip, v->qname, v->rcode == GYL_DNS_NXDOMAIN, v->blocked);
}

bool gyl__dns_see_tells(struct gyl_dns *d, struct gyl_now now, uint64_t *ret_untold)
{
	struct gyl__dns_see *s = &d->see;
	bool logs = d->cf.log_queries;
	uint32_t most = logs ? d->cf.log_rate : WATCH_MAX;

	*ret_untold = 0;
	if (!logs && now.mono_ns >= s->watch_end_ns)
		return false;
	if (gyl_time_sub(now.mono_ns, s->watch_second_ns) >= GYL_NS_PER_S) {
		s->watch_second_ns = now.mono_ns;
		s->watch_cnt = 0;
	}
	if (most != 0 && s->watch_cnt >= most) {
		s->untold_cnt += logs;
		return false;
	}
	s->watch_cnt++;
	*ret_untold = s->untold_cnt;
	s->untold_cnt = 0;
	return true;
}

struct gyl_dns_trace *gyl__dns_see_why(struct gyl_dns *d, uint32_t ip)
{
	return gyl__dns_in_nets(&d->debug_answers, ip) ? &d->see.trace : NULL;
}

/* ---- Prometheus ---- */

static void put_zone(
	struct gyl_metrics *m, struct gyl_view name, const struct gyl_dns_zone_count *c, size_t off)
{
	struct gyl_metrics_label label = {"zone", name};
	uint64_t v;

	memcpy(&v, (const uint8_t *)c + off, sizeof v);
	gyl_metrics_u64(m, &label, 1, v);
}

void gyl_dns_zone_metrics(const struct gyl_dns *d, struct gyl_metrics *m)
{
	static const struct {
		const char *name, *help;
		size_t off;
	} rows[] = {
		{"guyline_dns_zone_queries_total", "Queries for names of a zone.",
			offsetof(struct gyl_dns_zone_count, query_cnt)},
		{"guyline_dns_zone_nxdomain_total", "Of those, for names that do not exist.",
			offsetof(struct gyl_dns_zone_count, missing_cnt)},
		{"guyline_dns_zone_nodata_total", "Of those, for types that the name has not.",
			offsetof(struct gyl_dns_zone_count, empty_cnt)},
		{"guyline_dns_zone_wildcard_total", "Of those, that a wildcard stood for.",
			offsetof(struct gyl_dns_zone_count, wildcard_cnt)},
	};
	const struct gyl_dns_zone_stats *s = &d->see.zones;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		gyl_metrics_family(m, rows[i].name, GYL_METRICS_COUNTER, rows[i].help);
		put_zone(m, gyl_view_str("leases"), &s->leases, rows[i].off);
		put_zone(m, gyl_view_str("hosts"), &s->hosts, rows[i].off);
		put_zone(m, gyl_view_str("others"), &s->others, rows[i].off);
		for (uint32_t z = 0; z < s->cnt; z++) {
			char text[GYL_DNS_NAME_TEXT_MAX];
			struct gyl_writer w;

			gyl_writer_init(&w, text, sizeof text);
			gyl_dns_name_print(&w, s->zone[z].name);
			put_zone(m, gyl_writer_view(&w), &s->zone[z].count, rows[i].off);
		}
	}
}
