/* SPDX-License-Identifier: ISC */

/* "arpd.hosts", "arpd.scan", "arpd.protected", "arpd.servers". A host is told as the event
 * arpd.host would tell it, so that a list and what follows it are of one form. */

#include "services/arpd/state.h"

#include <gyl/json.h>
#include <gyl/text.h>

#include "services/base/match.h"
#include "services/base/question.h"

enum {
	LINE_MAX_LEN = 1600,
	LOOK_MAX = 4096 /* hosts that a slice looks at */
};

static bool has_room(const struct gyl_question *q)
{
	return q->answer->cap - q->answer->len >= LINE_MAX_LEN;
}

static void hosts(struct gyl_arpd *d, struct gyl_now now, struct gyl_question *q)
{
	bool scanned = gyl_question_has(q, "scan");
	uint32_t at = (uint32_t)q->at;
	struct gyl_arpd_host *h = NULL;

	for (int i = 0; i < LOOK_MAX && has_room(q); i++) {
		struct gyl_event e;

		h = gyl_arpd_table_walk(&d->table, &at);
		if (h == NULL)
			break;
		if (scanned && (h->scan != d->scan.no || h->scan == 0))
			continue;
		gyl__arpd_host_event(d, h, "seen", &e);
		e.wall_ns = now.wall_ns;
		if (!gyl_match(q->match, &e))
			continue;
		gyl_event_json(&e, q->answer);
		gyl_text_char(q->answer, '\n');
	}
	q->at = at;
	q->more = at < d->table.cap;
}

/* "10.0.0.0/24", or one address. */
static bool parse_network(struct gyl_view text, struct gyl_conf_prefix *ret)
{
	size_t n = 0;
	uint64_t len = 32;

	while (n < text.len && text.p[n] != '/')
		n++;
	if (gyl_failed(gyl_parse_ipv4(gyl_view_sub(text, 0, n), &ret->ip)))
		return false;
	if (n < text.len &&
		gyl_failed(gyl_parse_u64(gyl_view_sub(text, n + 1, text.len), 32, &len)))
		return false;
	ret->len = (uint32_t)len;
	return len >= 16;
}

static void scan(struct gyl_arpd *d, struct gyl_now now, struct gyl_question *q)
{
	struct gyl_view text = gyl_question_arg(q, "network");
	struct gyl_conf_prefix net;
	const char *wrong;
	struct gyl_json j;
	uint64_t cnt;

	if (text.len == 0 && d->rules.scan.cnt != 0) {
		net = d->rules.scan.net[0];
	} else if (!parse_network(text, &net)) {
		gyl_question_refuse(q,
			text.len == 0
				? "\"scan\" of the configuration allows no network"
				: "expected a network such as 10.77.0.0/24, at most a /16, got \"%\"",
			text);
		return;
	}
	wrong = gyl__arpd_scan_begin(d, now, &net, q->by);
	if (wrong != NULL) {
		gyl_question_refuse(q, wrong, text);
		return;
	}
	cnt = (uint64_t)d->scan.last - d->scan.first + 1;
	gyl_json_init(&j, q->answer);
	gyl_json_obj(&j, NULL);
	gyl_json_ipv4(&j, "first", d->scan.first);
	gyl_json_ipv4(&j, "last", d->scan.last);
	gyl_json_u64(&j, "addresses", cnt);
	gyl_json_u64(&j, "rate", d->cf.scan_rate);
	gyl_json_u64(&j, "milliseconds", cnt * 1000 / d->cf.scan_rate + 2000);
	gyl_json_end(&j);
	gyl_text_char(q->answer, '\n');
}

static void put_mac(struct gyl_json *j, const char *key, const uint8_t mac[6])
{
	uint8_t text[18];
	struct gyl_writer w;

	gyl_writer_init(&w, text, sizeof text);
	gyl_text_mac(&w, mac);
	gyl_json_str(j, key, gyl_writer_view(&w));
}

static void put_time(struct gyl_json *j, const char *key, uint64_t wall_ns)
{
	uint8_t text[GYL_TIME_RFC3339_MAX];
	struct gyl_writer w;

	if (wall_ns == 0)
		return;
	gyl_writer_init(&w, text, sizeof text);
	gyl_time_print_rfc3339(&w, wall_ns, 0);
	gyl_json_str(j, key, gyl_writer_view(&w));
}

static void begin(struct gyl_json *j, struct gyl_question *q, uint32_t ip, uint16_t vlan)
{
	gyl_json_init(j, q->answer);
	gyl_json_obj(j, NULL);
	gyl_json_ipv4(j, "ip", ip);
	if (vlan != 0)
		gyl_json_u64(j, "vlan", vlan);
}

static void end(struct gyl_json *j, struct gyl_question *q)
{
	gyl_json_end(j);
	gyl_text_char(q->answer, '\n');
}

static void guards(const struct gyl_arpd *d, struct gyl_question *q)
{
	for (uint32_t i = 0; i < d->guard_cnt; i++) {
		const struct gyl_arpd_guard *g = &d->guard[i];
		struct gyl_json j;

		begin(&j, q, g->cf.ip, g->cf.vlan);
		if (g->cf.has_mac)
			put_mac(&j, "mac", g->cf.mac);
		gyl_json_bool(&j, "learned", g->learned);
		gyl_json_bool(&j, "defend", g->cf.defend);
		gyl_json_u64(&j, "alarms", g->total);
		if (g->total != 0)
			put_mac(&j, "by", g->last);
		put_time(&j, "last", g->last_ns);
		end(&j, q);
	}
}

static void servers(const struct gyl_arpd *d, struct gyl_question *q)
{
	for (uint32_t i = 0; i < GYL_ARPD_SERVER_MAX; i++) {
		const struct gyl_arpd_server *s = &d->server[i];
		struct gyl_json j;

		if (!s->used)
			continue;
		begin(&j, q, s->ip, s->vlan);
		put_mac(&j, "mac", s->mac);
		gyl_json_bool(&j, "rogue", s->rogue);
		gyl_json_u64(&j, "count", s->count);
		put_time(&j, "last", s->last_ns);
		end(&j, q);
	}
}

void gyl__arpd_ask(struct gyl_arpd *d, struct gyl_now now, struct gyl_question *q)
{
	if (gyl_view_eq(q->verb, gyl_view_str("arpd.hosts")))
		hosts(d, now, q);
	else if (gyl_view_eq(q->verb, gyl_view_str("arpd.scan")))
		scan(d, now, q);
	else if (gyl_view_eq(q->verb, gyl_view_str("arpd.protected")))
		guards(d, q);
	else if (gyl_view_eq(q->verb, gyl_view_str("arpd.servers")))
		servers(d, q);
}
