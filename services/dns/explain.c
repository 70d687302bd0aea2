/* SPDX-License-Identifier: ISC */
#include "services/dns/explain.h"

#include <gyl/dns_rdata.h>
#include <gyl/dns_text.h>

enum {
	LOOPBACK = 0x7f000001,
	RECORDS_MAX = 32, /* that are told one by one */
	LINE_ROOM = 2048
};

void gyl__dns_line_begin(struct gyl__dns_line *l, struct gyl__dns_explain *x, const char *what)
{
	l->x = x;
	gyl_writer_init(&l->say, l->buf, sizeof l->buf);
	gyl_json_init(&l->j, x->q->answer);
	gyl_json_obj(&l->j, NULL);
	gyl_json_cstr(&l->j, "what", what);
}

void gyl__dns_line_end(struct gyl__dns_line *l)
{
	gyl_json_str(&l->j, "sentence", gyl_writer_view(&l->say));
	gyl_json_end(&l->j);
	gyl_put_u8(l->x->q->answer, '\n');
}

void gyl__dns_say(struct gyl__dns_line *l, const char *text)
{
	gyl_text_str(&l->say, text);
}

void gyl__dns_say_name(struct gyl__dns_line *l, const uint8_t *name)
{
	gyl_dns_name_print(&l->say, name);
}

void gyl__dns_line_name(struct gyl__dns_line *l, const char *key, const uint8_t *name)
{
	char text[GYL_DNS_NAME_TEXT_MAX];
	struct gyl_writer t;

	gyl_writer_init(&t, text, sizeof text);
	gyl_dns_name_print(&t, name);
	gyl_json_str(&l->j, key, gyl_writer_view(&t));
}

void gyl__dns_say_place(struct gyl__dns_line *l, const struct gyl_dns_place *place)
{
	gyl_json_str(&l->j, "source", place->path);
	gyl_json_u64(&l->j, "line", place->line);
	gyl__dns_say(l, " ");
	gyl_put_view(&l->say, place->path);
	gyl__dns_say(l, ":");
	gyl_text_u64(&l->say, place->line);
}

bool gyl__dns_is_alias(const struct gyl__dns_explain *x, const struct gyl_dns_step *s)
{
	const struct gyl_dns_found *f = &s->found;

	if (f->kind == GYL_DNS_REDIRECT)
		return true;
	return (f->kind == GYL_DNS_DATA || f->kind == GYL_DNS_WILDCARD) &&
	       x->qtype != GYL_DNS_TYPE_ANY && gyl_dns_node_rrset(f->node, x->qtype) == NULL &&
	       gyl_dns_node_rrset(f->node, GYL_DNS_TYPE_CNAME) != NULL;
}

/* ---- what is asked ---- */

static bool read_name(struct gyl__dns_explain *x)
{
	static const uint8_t root = 0;
	struct gyl_view text = gyl_question_arg(x->q, "name");
	uint32_t ip;

	if (!gyl_failed(gyl_parse_ipv4(text, &ip))) {
		x->name_len = gyl_dns_name_reverse_ipv4(ip, x->name);
		x->qtype = GYL_DNS_TYPE_PTR;
		return true;
	}
	x->qtype = GYL_DNS_TYPE_A;
	if (text.len != 0 && !gyl_failed(gyl_dns_name_parse(text, &root, x->name, &x->name_len)))
		return true;
	gyl_question_refuse(x->q, "\"%\" is no name, such as www.example.com", text);
	return false;
}

static bool read_args(struct gyl__dns_explain *x)
{
	struct gyl_view type = gyl_question_arg(x->q, "type");
	struct gyl_view from = gyl_question_arg(x->q, "from");

	if (!read_name(x))
		return false;
	if (type.len != 0 && gyl_failed(gyl_dns_type_parse(type, &x->qtype))) {
		gyl_question_refuse(x->q, "\"%\" is no type, such as A, AAAA or MX", type);
		return false;
	}
	x->ip = LOOPBACK;
	if (from.len != 0 && gyl_failed(gyl_parse_ipv4(from, &x->ip))) {
		gyl_question_refuse(x->q, "\"%\" is no address, such as 192.0.2.1", from);
		return false;
	}
	x->allowed = gyl__dns_forward_allows(x->d, x->ip);
	return true;
}

static void answer(struct gyl__dns_explain *x)
{
	const struct gyl_dns_from from = {
		.ip = x->ip, .tcp = true, .recursion = x->allowed, .trace = &x->trace};
	uint8_t query[GYL_DNS_HEADER_LEN + GYL_DNS_NAME_MAX + 4], *p = x->d->forward.msg;
	struct gyl_dns_writer w;
	size_t len = 0;

	gyl_dns_begin(&w, query, sizeof query, 0, GYL_DNS_RD, 0);
	gyl_dns_put_question(&w, x->name, x->qtype, GYL_DNS_CLASS_IN);
	(void)gyl_dns_end(&w, &len);
	x->trace.cnt = 0;
	len = gyl_dns_answer(&x->d->data, &x->d->policy, x->now, &from, gyl_view(query, len), p,
		sizeof x->d->forward.msg, &x->verdict);
	if (len == 0 || gyl_failed(gyl_dns_decode(gyl_view(p, len), &x->msg)))
		memset(&x->msg, 0, sizeof x->msg);
}

/* ---- what is told ---- */

/* How long the answer counts; false: nothing in it says so. */
static bool ttl_of(const struct gyl_dns_msg *m, uint32_t *ret_ttl)
{
	enum gyl_dns_section section =
		m->header.cnt[GYL_DNS_ANSWER] != 0 ? GYL_DNS_ANSWER : GYL_DNS_AUTHORITY;
	struct gyl_dns_cursor cur;
	struct gyl_dns_rr rr;
	bool any = false;

	gyl_dns_rr_init(&cur, m, GYL_DNS_QUESTION);
	while (gyl_dns_rr_next(&cur, &rr)) {
		if (rr.section != section || (any && rr.ttl >= *ret_ttl))
			continue;
		*ret_ttl = rr.ttl;
		any = true;
	}
	return any;
}

static void tell_result(struct gyl__dns_line *l)
{
	static const char *const source[] = {"local", "cache", "stale", "upstream", "nobody"};
	struct gyl__dns_explain *x = l->x;
	unsigned cnt = x->msg.header.cnt[GYL_DNS_ANSWER];
	char text[16];
	struct gyl_writer w;
	uint32_t ttl;

	gyl_writer_init(&w, text, sizeof text);
	gyl_dns_rcode_print(&w, x->verdict.rcode);
	gyl_json_str(&l->j, "rcode", gyl_writer_view(&w));
	gyl_json_cstr(&l->j, "rule", x->verdict.rule);
	gyl_json_cstr(&l->j, "source", source[x->verdict.source]);
	gyl_json_u64(&l->j, "records", cnt);
	gyl_put_view(&l->say, gyl_writer_view(&w));
	gyl__dns_say(l, ", ");
	gyl_text_u64(&l->say, cnt);
	gyl__dns_say(l, cnt == 1 ? " record" : " records");
	if (ttl_of(&x->msg, &ttl)) {
		gyl_json_u64(&l->j, "ttl", ttl);
		gyl__dns_say(l, ", for ");
		gyl_text_u64(&l->say, ttl);
		gyl__dns_say(l, " s");
	}
	gyl__dns_say(l, ".");
}

static void tell_answer(struct gyl__dns_explain *x)
{
	struct gyl__dns_line l;
	char type[16];
	struct gyl_writer w;

	gyl_writer_init(&w, type, sizeof type);
	gyl_dns_type_print(&w, x->qtype);
	gyl__dns_line_begin(&l, x, "answer");
	gyl__dns_line_name(&l, "name", x->name);
	gyl_json_str(&l.j, "type", gyl_writer_view(&w));
	gyl_json_ipv4(&l.j, "from", x->ip);
	gyl__dns_say_name(&l, x->name);
	gyl__dns_say(&l, " ");
	gyl_put_view(&l.say, gyl_writer_view(&w));
	gyl__dns_say(&l, " for ");
	gyl_text_ipv4(&l.say, x->ip);
	gyl__dns_say(&l, ": ");
	if (x->verdict.forward) {
		gyl_json_bool(&l.j, "forward", true);
		gyl__dns_say(&l, "other servers are asked.");
	} else {
		tell_result(&l);
	}
	gyl__dns_line_end(&l);
}

/* Why no other name follows one that leads to another. */
static void tell_end(struct gyl__dns_explain *x)
{
	struct gyl__dns_line l;

	if (x->trace.cnt == 0 || !gyl__dns_is_alias(x, &x->trace.step[x->trace.cnt - 1]))
		return;
	gyl__dns_line_begin(&l, x, "end");
	if (x->verdict.rcode == GYL_DNS_YXDOMAIN)
		gyl__dns_say(
			&l, "The name that this makes is longer than 255 octets (RFC 6672 2.2).");
	else if (x->trace.cnt == GYL_DNS_CHAIN_MAX)
		gyl__dns_say(&l, "The chain is too long: it is given up to here.");
	else if (x->qtype == GYL_DNS_TYPE_CNAME)
		gyl__dns_say(&l, "The alias itself was asked for.");
	else
		gyl__dns_say(&l, "The chain leads back to a name that it has been at.");
	gyl__dns_line_end(&l);
}

static void tell_record(struct gyl__dns_explain *x, const struct gyl_dns_rr *rr)
{
	uint8_t owner[GYL_DNS_NAME_MAX];
	struct gyl__dns_line l;

	gyl__dns_line_begin(&l, x, "record");
	gyl_dns_name_get(x->msg.raw, rr->name_off, owner);
	gyl__dns_say(&l, "  ");
	gyl__dns_say_name(&l, owner);
	gyl__dns_say(&l, " ");
	gyl_text_u64(&l.say, rr->ttl);
	gyl__dns_say(&l, " ");
	gyl_dns_type_print(&l.say, rr->type);
	gyl__dns_say(&l, " ");
	gyl_dns_rdata_print(&l.say, x->msg.raw, rr);
	gyl__dns_line_end(&l);
}

static void tell_records(struct gyl__dns_explain *x)
{
	const struct gyl_writer *w = x->q->answer;
	struct gyl_dns_cursor cur;
	struct gyl_dns_rr rr;

	gyl_dns_rr_init(&cur, &x->msg, GYL_DNS_QUESTION);
	for (int left = RECORDS_MAX; left != 0 && gyl_dns_rr_next(&cur, &rr);) {
		if (rr.section != GYL_DNS_ANSWER || w->cap - w->len < 4 * (size_t)LINE_ROOM)
			break;
		tell_record(x, &rr);
		left--;
	}
}

void gyl__dns_explain(struct gyl_dns *d, struct gyl_now now, struct gyl_question *q)
{
	struct gyl__dns_explain x = {.d = d, .now = now, .q = q};

	if (!read_args(&x))
		return;
	gyl__dns_zones_ready(d);
	answer(&x);
	tell_answer(&x);
	for (unsigned i = 0; i < x.trace.cnt; i++)
		gyl__dns_explain_step(&x, &x.trace.step[i]);
	tell_end(&x);
	if (x.msg.raw.len != 0)
		tell_records(&x);
}
