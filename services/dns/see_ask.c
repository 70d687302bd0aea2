/* SPDX-License-Identifier: ISC */

/* Asked over the control socket: what is asked most, how the zones do, and to be told of queries.
 */

#include <gyl/json.h>
#include <gyl/text.h>
#include <gyl/time.h>

#include "services/base/question.h"
#include "services/dns/core_own.h"
#include "services/dns/explain.h"

enum {
	ROWS = 20, /* of "dns.top", unless told otherwise */
	LINE_MAX = 4096,
	WATCH_S = 600,
	WATCH_S_MAX = 3600
};

static void end_line(struct gyl_question *q, struct gyl_json *j)
{
	gyl_json_end(j);
	gyl_put_u8(q->answer, '\n');
}

/* A number of the request, otherwise when it is not there. False: it is refused. */
static bool number_of(
	struct gyl_question *q, const char *name, uint64_t max, uint64_t otherwise, uint64_t *ret)
{
	struct gyl_view text = gyl_question_arg(q, name);

	*ret = otherwise;
	if (text.len == 0)
		return true;
	if (!gyl_failed(gyl_parse_u64(text, max, ret)) && *ret != 0)
		return true;
	gyl_question_refuse(q, "\"%\" is no number that is possible here", text);
	return false;
}

/* ---- dns.top ---- */

static const char *const lists[GYL_DNS_TOP_LISTS] = {"names", "clients", "missing", "blocked"};

static int list_of(struct gyl_question *q)
{
	struct gyl_view text = gyl_question_arg(q, "list");

	if (text.len == 0)
		return GYL_DNS_TOP_NAMES;
	for (int i = 0; i < GYL_DNS_TOP_LISTS; i++)
		if (gyl_view_eq(text, gyl_view_str(lists[i])))
			return i;
	gyl_question_refuse(
		q, "\"%\" is no list: names, clients, missing and blocked are there", text);
	return -1;
}

static void tell_top(struct gyl_question *q, int list, const struct gyl_dns_top *t,
	const struct gyl_dns_top_entry *e)
{
	struct gyl_json j;

	gyl_json_init(&j, q->answer);
	gyl_json_obj(&j, NULL);
	if (list == GYL_DNS_TOP_CLIENTS)
		gyl_json_ipv4(&j, "client", gyl_get_u32(e->key));
	else
		gyl__dns_json_name(&j, "name", e->key);
	gyl_json_u64(&j, "count", e->cnt);
	gyl_json_u64(&j, "over", e->over);
	gyl_json_u64(&j, "permille", e->cnt * 1000 / (t->total == 0 ? 1 : t->total));
	end_line(q, &j);
}

static void tell_reset(struct gyl_dns *d, struct gyl_question *q)
{
	struct gyl_json j;

	gyl_dns_tops_clear(&d->see.tops);
	d->see.since_ns = 0;
	gyl_json_init(&j, q->answer);
	gyl_json_obj(&j, NULL);
	gyl_json_cstr(&j, "sentence", "counting begins anew");
	end_line(q, &j);
}

static void top(struct gyl_dns *d, struct gyl_question *q)
{
	const struct gyl_dns_top_entry *e[GYL_DNS_TOP_CNT];
	int list = list_of(q);
	uint64_t rows;
	unsigned cnt;

	if (list < 0 || !number_of(q, "count", GYL_DNS_TOP_CNT, ROWS, &rows))
		return;
	if (gyl_question_has(q, "reset")) {
		tell_reset(d, q);
		return;
	}
	cnt = gyl_dns_top_sorted(&d->see.tops.list[list], e);
	for (unsigned i = 0; i < cnt && i < rows; i++)
		if (q->answer->cap - q->answer->len >= LINE_MAX / 2)
			tell_top(q, list, &d->see.tops.list[list], e[i]);
}

/* ---- dns.zones ---- */

static void tell_counts(struct gyl_json *j, const struct gyl_dns_zone_count *c)
{
	static const struct gyl_dns_zone_count none = {.query_cnt = 0};

	c = c == NULL ? &none : c;
	gyl_json_u64(j, "queries", c->query_cnt);
	gyl_json_u64(j, "nxdomain", c->missing_cnt);
	gyl_json_u64(j, "nodata", c->empty_cnt);
	gyl_json_u64(j, "wildcard", c->wildcard_cnt);
}

static void tell_zone(const struct gyl_dns *d, struct gyl_question *q,
	const struct gyl_dns_image *im, const struct gyl_dns_zone *zone, const char *kind)
{
	const struct gyl_dns_node *apex = gyl_dns_image_node(im, zone->apex_off);
	struct gyl_json j;

	if ((zone->flags & GYL_DNS_ZONE_HOSTS) != 0)
		return;
	gyl_json_init(&j, q->answer);
	gyl_json_obj(&j, NULL);
	gyl__dns_json_name(&j, "zone", apex->name);
	gyl_json_cstr(&j, "kind", kind);
	gyl_json_u64(&j, "serial", zone->serial);
	gyl_json_u64(&j, "names", zone->name_cnt);
	gyl_json_u64(&j, "records", zone->rr_cnt);
	gyl_json_bool(&j, "signed", (zone->flags & GYL_DNS_ZONE_SIGNED) != 0);
	tell_counts(&j, gyl_dns_zone_count_of(&d->see.zones, apex->name, apex->name_len));
	end_line(q, &j);
}

/* What is not one zone. */
static void tell_rest(struct gyl_question *q, const char *kind, const struct gyl_dns_zone_count *c)
{
	struct gyl_json j;

	if (c->query_cnt == 0)
		return;
	gyl_json_init(&j, q->answer);
	gyl_json_obj(&j, NULL);
	gyl_json_cstr(&j, "kind", kind);
	tell_counts(&j, c);
	end_line(q, &j);
}

/* Zones of files, those that change, and the rest: one after the other. */
static void tell_at(struct gyl_dns *d, struct gyl_question *q, uint32_t file_cnt)
{
	uint64_t live = q->at - file_cnt;
	const struct gyl_dns_image *im;

	if (q->at < file_cnt) {
		im = d->data.image;
		tell_zone(d, q, im, gyl_dns_image_zone(im, (uint32_t)q->at), "file");
	} else if (live < d->lives.cnt) {
		im = d->lives.zone[live].view;
		if (im != NULL)
			tell_zone(d, q, im, gyl_dns_image_zone(im, 0), "dynamic");
	} else {
		tell_rest(q, "leases", &d->see.zones.leases);
		tell_rest(q, "hosts", &d->see.zones.hosts);
		tell_rest(q, "others", &d->see.zones.others);
	}
}

static void zones(struct gyl_dns *d, struct gyl_question *q)
{
	uint32_t cnt = d->data.image == NULL ? 0 : d->data.image->zone_cnt;
	uint64_t last = (uint64_t)cnt + d->lives.cnt;

	for (; q->at <= last && q->answer->cap - q->answer->len >= LINE_MAX; q->at++)
		tell_at(d, q, cnt);
	q->more = q->at <= last;
}

/* ---- dns.queries ---- */

static void queries(struct gyl_dns *d, struct gyl_now now, struct gyl_question *q)
{
	uint64_t s;

	if (!number_of(q, "seconds", WATCH_S_MAX, WATCH_S, &s))
		return;
	d->see.watch_end_ns = gyl_time_add(now.mono_ns, s * GYL_NS_PER_S);
}

bool gyl__dns_see_ask(struct gyl_dns *d, struct gyl_now now, struct gyl_question *q)
{
	if (gyl_view_eq(q->verb, gyl_view_str("dns.explain")))
		gyl__dns_explain(d, now, q);
	else if (gyl_view_eq(q->verb, gyl_view_str("dns.top")))
		top(d, q);
	else if (gyl_view_eq(q->verb, gyl_view_str("dns.zones")))
		zones(d, q);
	else if (gyl_view_eq(q->verb, gyl_view_str("dns.queries")))
		queries(d, now, q);
	else
		return false;
	return true;
}
