/* SPDX-License-Identifier: ISC */

/*
 * Asked over the control socket: how full the cache is, what it has about a name, and to forget it;
 * how the upstreams do. A walk over the cache goes by its buckets, a slice a turn: `at` is the
 * next.
 */

#include <gyl/dns_rdata.h>
#include <gyl/dns_text.h>
#include <gyl/json.h>
#include <gyl/text.h>
#include <gyl/time.h>

#include "services/base/question.h"
#include "services/dns/core_own.h"
#include "services/dns/forward.h"

enum {
	BUCKETS = 16384, /* looked at in a turn */
	LINE_MAX = 16384 /* room that one entry's line takes: what does not fit is left out */
};

struct walk {
	struct gyl_dns *d;
	struct gyl_now now;
	struct gyl_question *q;
	bool all, below; /* below: names below it, too */
	uint8_t name[GYL_DNS_NAME_MAX];
	size_t len;
};

static bool read_name(struct walk *w)
{
	static const uint8_t root = 0;
	struct gyl_view text = gyl_question_arg(w->q, "name");
	uint8_t name[GYL_DNS_NAME_MAX];

	if (text.len == 0 || gyl_failed(gyl_dns_name_parse(text, &root, name, &w->len))) {
		gyl_question_refuse(w->q, "\"%\" is no name, such as www.example.com", text);
		return false;
	}
	gyl_dns_name_fold(w->name, name, w->len);
	return true;
}

static void end_line(struct gyl_question *q, struct gyl_json *j)
{
	gyl_json_end(j);
	gyl_put_u8(q->answer, '\n');
}

/* ---- dns.cache ---- */

static void tell_cache(struct walk *w)
{
	const struct gyl__dns_forward *fw = &w->d->forward;
	const struct gyl_dns_forward_stat *st = &fw->stat;
	struct gyl_dns_cache_stat cache = {0};
	struct gyl_json j;

	if (fw->ready)
		gyl_dns_cache_stat(&fw->cache, &cache);
	gyl_json_init(&j, w->q->answer);
	gyl_json_obj(&j, NULL);
	gyl_json_u64(&j, "entries", cache.entry_cnt);
	gyl_json_u64(&j, "octets", cache.used);
	gyl_json_u64(&j, "size", fw->cache_len);
	gyl_json_u64(&j, "hits", st->source_cnt[GYL_DNS_FROM_CACHE]);
	gyl_json_u64(&j, "stale", st->source_cnt[GYL_DNS_FROM_STALE]);
	gyl_json_u64(&j, "asked", st->miss_cnt);
	gyl_json_u64(&j, "joined", st->joined_cnt);
	gyl_json_u64(&j, "refreshed", st->refresh_cnt);
	gyl_json_u64(&j, "failed", st->fail_cnt);
	gyl_json_u64(&j, "full", st->full_cnt);
	gyl_json_u64(&j, "evicted", cache.evict_cnt);
	gyl_json_u64(&j, "pending", fw->asks.used);
	gyl_json_u64(&j, "waiting", fw->waiters.used);
	end_line(w->q, &j);
}

/* ---- dns.upstreams ---- */

static void tell_upstream(struct gyl_question *q, const struct gyl_dns_upstream *up)
{
	struct gyl_json j;

	gyl_json_init(&j, q->answer);
	gyl_json_obj(&j, NULL);
	gyl_json_ipv4(&j, "ip", up->ip);
	gyl_json_u64(&j, "port", up->port);
	gyl_json_cstr(&j, "state", up->dead ? "dead" : up->stat.answer_cnt == 0 ? "new" : "good");
	gyl_json_u64(&j, "rtt_us", up->srtt_ns / GYL_NS_PER_US);
	gyl_json_u64(&j, "asked", up->stat.ask_cnt);
	gyl_json_u64(&j, "answered", up->stat.answer_cnt);
	gyl_json_u64(&j, "timeouts", up->stat.timeout_cnt);
	gyl_json_u64(&j, "failed", up->stat.fail_cnt);
	gyl_json_u64(&j, "tcp", up->stat.tcp_cnt);
	gyl_json_u64(&j, "strange", up->stat.strange_cnt);
	end_line(q, &j);
}

static void tell_upstreams(struct walk *w)
{
	for (unsigned i = 0; i < GYL_DNS_UPSTREAM_MAX; i++)
		if (w->d->forward.up.one[i].ip != 0)
			tell_upstream(w->q, &w->d->forward.up.one[i]);
}

/* ---- walks ---- */

static bool is_meant(const struct walk *w, const struct gyl_dns_entry *e)
{
	if (w->all)
		return true;
	return w->below ? gyl_dns_name_is_under(gyl_dns_entry_name(e), w->name)
			: gyl_dns_name_eq(gyl_dns_entry_name(e), w->name);
}

/* fn on each entry that is meant, for a slice of the buckets; it may remove the entry. */
static void walk(struct walk *w, void (*fn)(struct walk *w, struct gyl_dns_entry *e))
{
	struct gyl_question *q = w->q;
	struct gyl_dns_cache *c = &w->d->forward.cache;
	uint32_t end = w->d->forward.ready ? gyl_dns_cache_bucket_cnt(c) : 0;
	uint64_t until = q->at + BUCKETS;

	for (; q->at < end && q->at < until; q->at++) {
		struct gyl_dns_entry *e = gyl_dns_cache_first(c, (uint32_t)q->at), *next;

		if (q->answer->cap - q->answer->len < LINE_MAX)
			break;
		for (; e != NULL; e = next) {
			next = gyl_dns_cache_next(c, e);
			if (is_meant(w, e))
				fn(w, e);
		}
	}
	q->more = q->at < end;
}

static size_t room(const struct walk *w)
{
	return w->q->answer->cap - w->q->answer->len;
}

/* The records, as a message has them: header and question in front of what is kept. */
static void put_records(struct walk *w, struct gyl_json *j, const struct gyl_dns_entry *e)
{
	uint8_t *p = w->d->forward.msg;
	size_t at = (size_t)GYL_DNS_HEADER_LEN + e->name_len + 4;
	uint8_t owner[GYL_DNS_NAME_MAX];
	bool first = true;
	char line[1200];
	struct gyl_dns_cursor cur;
	struct gyl_dns_msg m;
	struct gyl_dns_rr rr;

	memset(p, 0, GYL_DNS_HEADER_LEN);
	gyl_set_u16(p + 4, 1);
	gyl_set_u16(p + 6, e->answer_cnt);
	gyl_set_u16(p + 8, e->authority_cnt);
	memcpy(p + GYL_DNS_HEADER_LEN, gyl_dns_entry_name(e), e->name_len);
	gyl_set_u16(p + at - 4, e->qtype);
	gyl_set_u16(p + at - 2, GYL_DNS_CLASS_IN);
	memcpy(p + at, gyl_dns_entry_wire(e), e->wire_len);
	if (gyl_failed(gyl_dns_decode(gyl_view(p, at + e->wire_len), &m)))
		return;
	gyl_json_str_begin(j, "records");
	gyl_dns_rr_init(&cur, &m, GYL_DNS_QUESTION);
	while (gyl_dns_rr_next(&cur, &rr) && room(w) > LINE_MAX / 4) {
		struct gyl_writer t;

		gyl_writer_init(&t, line, sizeof line);
		gyl_text_str(&t, first ? "" : "; ");
		gyl_dns_name_get(m.raw, rr.name_off, owner);
		gyl_dns_name_print(&t, owner);
		gyl_text_char(&t, ' ');
		gyl_text_u64(&t, rr.ttl);
		gyl_text_char(&t, ' ');
		gyl_dns_type_print(&t, rr.type);
		gyl_text_char(&t, ' ');
		gyl_dns_rdata_print(&t, m.raw, &rr);
		gyl_json_str_put(j, gyl_writer_view(&t));
		first = false;
	}
	gyl_json_str_end(j);
}

static void put_type(struct gyl_json *j, uint16_t qtype)
{
	char text[16];
	struct gyl_writer t;

	gyl_writer_init(&t, text, sizeof text);
	if (qtype == 0)
		gyl_text_str(&t, "any"); /* there is no such name */
	else
		gyl_dns_type_print(&t, qtype);
	gyl_json_str(j, "type", gyl_writer_view(&t));
}

static void dump(struct walk *w, struct gyl_dns_entry *e)
{
	uint32_t age_s = gyl_dns_entry_age_s(e, w->now.mono_ns);
	char rcode[16];
	struct gyl_writer t;
	struct gyl_json j;

	if (room(w) < LINE_MAX / 4)
		return;
	gyl_writer_init(&t, rcode, sizeof rcode);
	gyl_dns_rcode_print(&t, e->rcode);
	gyl_json_init(&j, w->q->answer);
	gyl_json_obj(&j, NULL);
	gyl__dns_json_name(&j, "name", gyl_dns_entry_name(e));
	put_type(&j, e->qtype);
	gyl_json_str(&j, "rcode", gyl_writer_view(&t));
	gyl_json_bool(&j, "dnssec", (e->variant & GYL_DNS_VARIANT_DO) != 0);
	gyl_json_bool(&j, "unchecked", (e->variant & GYL_DNS_VARIANT_CD) != 0);
	gyl_json_u64(&j, "age_s", age_s);
	gyl_json_i64(&j, "left_s", (int64_t)e->ttl_s - age_s);
	put_records(w, &j, e);
	end_line(w->q, &j);
}

static void forget(struct walk *w, struct gyl_dns_entry *e)
{
	gyl_dns_cache_remove(&w->d->forward.cache, e);
	w->q->cnt++;
}

static void tell_forgotten(struct walk *w)
{
	struct gyl_json j;

	if (w->q->more)
		return;
	gyl_json_init(&j, w->q->answer);
	gyl_json_obj(&j, NULL);
	gyl_json_str_begin(&j, "sentence");
	gyl_text_u64(w->q->answer, w->q->cnt);
	gyl_json_str_put(
		&j, gyl_view_str(w->q->cnt == 1 ? " answer forgotten" : " answers forgotten"));
	gyl_json_str_end(&j);
	end_line(w->q, &j);
}

static void flush(struct walk *w)
{
	w->all = gyl_question_has(w->q, "all");
	w->below = true;
	if (!w->all && !read_name(w))
		return;
	walk(w, forget);
	tell_forgotten(w);
}

void gyl__dns_forward_ask(struct gyl_dns *d, struct gyl_now now, struct gyl_question *q)
{
	struct walk w = {.d = d, .now = now, .q = q};

	if (gyl_view_eq(q->verb, gyl_view_str("dns.cache"))) {
		tell_cache(&w);
	} else if (gyl_view_eq(q->verb, gyl_view_str("dns.upstreams"))) {
		tell_upstreams(&w);
	} else if (gyl_view_eq(q->verb, gyl_view_str("dns.cache.flush"))) {
		flush(&w);
	} else if (gyl_view_eq(q->verb, gyl_view_str("dns.cache.dump"))) {
		w.below = gyl_question_has(q, "below");
		if (read_name(&w))
			walk(&w, dump);
	}
}
