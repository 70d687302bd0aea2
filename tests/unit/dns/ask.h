/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_DNS_ASK_H
#define GYL_TESTS_DNS_ASK_H

/*
 * Zones from text into an image, questions as text, answers as one line of text:
 *
 *   NOERROR AA; an host1.example. 3600 A 192.0.2.1; ns ...; ar ...
 *
 * A negative answer's SOA is shortened to "ns SOA example. 300", its owner and TTL.
 */

#include <gyl/dns.h>
#include <gyl/dns_rdata.h>
#include <gyl/dns_text.h>
#include <gyl/text.h>
#include <stdio.h>
#include <stdlib.h>

#include "services/base/build_own.h"
#include "services/dns/answer.h"
#include "services/dns/zonec/compile.h"
#include "tests/support/support.h"

struct zone_text {
	const char *name, *text;
};

struct world {
	struct gyl_view image;
	void *overlay_mem;
	struct gyl_dns_overlay overlay;
	struct gyl_dns_data data;
	struct gyl_dns_policy policy;
	struct gyl_dns_from from; /* but for tcp, which is below */
	struct gyl_now now;
	uint16_t udp_size; /* of the next questions' OPT, 0: none */
	bool dnssec_ok, tcp;
	uint8_t msg[65536], query[1024];
	size_t len;
	struct gyl_dns_verdict verdict;
	char text[8192];
};

static inline size_t name_of(const char *text, uint8_t name[GYL_DNS_NAME_MAX])
{
	uint8_t root = 0;
	size_t len = 0;

	assert_int_equal(gyl_dns_name_parse(gyl_view_str(text), &root, name, &len).err, GYL_OK);
	return len;
}

/* All notes of a build, one a line. */
static inline void notes_of(const struct gyl_build *b, char *buf, size_t cap)
{
	size_t len = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < b->note_cnt && len < cap; i++)
		len += (size_t)snprintf(buf + len, cap - len, "%s%s:%u:%u: %s", i == 0 ? "" : "\n",
			b->note[i].file, b->note[i].line, b->note[i].col, b->note[i].text);
}

/* Something is said of a name: names.h. */
static inline void name_is(
	struct gyl_dns_compile *c, enum gyl_dns_table table, const char *text, uint16_t value)
{
	uint8_t name[GYL_DNS_NAME_MAX];

	name_of(text, name);
	gyl_dns_compile_name(c, table, name, value);
}

/* What a test adds to the next images beside zones; NULL: nothing. */
static void (*image_more)(struct gyl_dns_compile *c) __attribute__((unused));

/* The image of zones: mapped memory. Empty when there were errors; notes (may be NULL) tells them.
 */
static inline struct gyl_view image_of(
	const struct zone_text *zone, size_t cnt, char *notes, size_t notes_cap)
{
	struct gyl_build b;
	struct gyl_dns_compile *c;
	struct gyl_view image = {NULL, 0};
	uint8_t name[GYL_DNS_NAME_MAX] = {0};
	char why[4096];

	assert_int_equal(gyl_build_open(&b), 0);
	c = gyl_dns_compile_open(&b);
	assert_non_null(c);
	for (size_t i = 0; i < cnt; i++) {
		char path[80];

		name_of(zone[i].name, name);
		(void)snprintf(path, sizeof path, "%szone", zone[i].name);
		gyl_dns_compile_text(c, name, path, gyl_view_str(zone[i].text));
	}
	if (image_more != NULL)
		image_more(c);
	if (gyl_dns_compile_end(c))
		image = gyl_build_map(b.fd);
	notes_of(&b, why, sizeof why);
	if (notes != NULL)
		(void)snprintf(notes, notes_cap, "%s", why);
	else if (image.len == 0)
		fail_msg("%s", why);
	gyl_dns_compile_close(c);
	gyl_build_close(&b);
	return image;
}

static inline struct world *world_open(const struct zone_text *zone, size_t cnt)
{
	static const uint64_t seed[2] = {1, 2};
	struct world *w = calloc(1, sizeof *w);

	assert_non_null(w);
	w->image = image_of(zone, cnt, NULL, 0);
	w->overlay_mem = aligned_alloc(16, (gyl_dns_overlay_need(64) + 15) & ~(size_t)15);
	assert_non_null(w->overlay_mem);
	gyl_dns_overlay_init(&w->overlay, w->overlay_mem, 64, seed);
	w->data.image = gyl_dns_image_open(w->image);
	assert_non_null(w->data.image);
	w->data.overlay = &w->overlay;
	w->policy.udp_size = GYL_DNS_EDNS_UDP;
	w->policy.lease_ttl_s = 60;
	w->now.mono_ns = 1000000000000;
	return w;
}

static inline void world_close(struct world *w)
{
	gyl_build_unmap(w->image);
	free(w->overlay_mem);
	free(w);
}

static inline void tabs_to_spaces(struct gyl_writer *w, size_t from)
{
	for (size_t i = from; i < w->len; i++)
		if (w->p[i] == '\t')
			w->p[i] = ' ';
}

static inline void show_rr(struct gyl_writer *w, struct gyl_view raw, const struct gyl_dns_rr *rr)
{
	static const char *const section[] = {"", "; an ", "; ns ", "; ar "};
	uint8_t name[GYL_DNS_NAME_MAX];

	if (rr->type == GYL_DNS_TYPE_OPT)
		return;
	gyl_dns_name_get(raw, rr->name_off, name);
	gyl_text_str(w, section[rr->section]);
	if (rr->type == GYL_DNS_TYPE_SOA && rr->section == GYL_DNS_AUTHORITY)
		gyl_text_str(w, "SOA ");
	gyl_dns_name_print(w, name);
	gyl_text_char(w, ' ');
	gyl_text_u64(w, rr->ttl);
	if (rr->type == GYL_DNS_TYPE_SOA && rr->section == GYL_DNS_AUTHORITY)
		return;
	gyl_text_char(w, ' ');
	gyl_dns_type_print(w, rr->type);
	gyl_text_char(w, ' ');
	gyl_dns_rdata_print(w, raw, rr);
}

static inline void show_answer(struct world *w)
{
	struct gyl_dns_msg m;
	struct gyl_dns_cursor cur;
	struct gyl_dns_rr rr;
	struct gyl_writer t;

	gyl_writer_init(&t, w->text, sizeof w->text - 1);
	assert_int_equal(gyl_dns_decode(gyl_view(w->msg, w->len), &m).err, GYL_OK);
	gyl_dns_rcode_print(&t, gyl_dns_rcode(m.header.flags, &m.edns));
	if (m.header.flags & GYL_DNS_AA)
		gyl_text_str(&t, " AA");
	if (m.header.flags & GYL_DNS_TC)
		gyl_text_str(&t, " TC");
	for (gyl_dns_rr_init(&cur, &m, GYL_DNS_QUESTION); gyl_dns_rr_next(&cur, &rr);)
		show_rr(&t, m.raw, &rr);
	tabs_to_spaces(&t, 0);
	w->text[t.len] = '\0';
}

/* The query as octets in w->query. Returns its length. */
static inline size_t make_query(struct world *w, const char *qname, const char *qtype)
{
	struct gyl_dns_writer d;
	struct gyl_dns_edns edns = {.udp_size = w->udp_size, .dnssec_ok = w->dnssec_ok};
	uint8_t name[GYL_DNS_NAME_MAX];
	uint16_t type = 0;
	size_t len = 0;

	name_of(qname, name);
	assert_int_equal(gyl_dns_type_parse(gyl_view_str(qtype), &type).err, GYL_OK);
	gyl_dns_begin(&d, w->query, sizeof w->query, 4711, GYL_DNS_RD, 0);
	gyl_dns_put_question(&d, name, type, GYL_DNS_CLASS_IN);
	if (w->udp_size != 0)
		gyl_dns_put_opt(&d, &edns);
	assert_int_equal(gyl_dns_end(&d, &len).err, GYL_OK);
	return len;
}

static inline void give(struct world *w, struct gyl_view query)
{
	struct gyl_dns_from from = w->from;

	from.tcp = w->tcp;
	w->len = gyl_dns_answer(&w->data, &w->policy, w->now, &from, query, w->msg,
		w->tcp ? sizeof w->msg - 1 : 1472, &w->verdict);
}

/* Ask; the answer as text. */
static inline const char *ask(struct world *w, const char *qname, const char *qtype)
{
	give(w, gyl_view(w->query, make_query(w, qname, qtype)));
	assert_int_not_equal(w->len, 0);
	show_answer(w);
	return w->text;
}

struct row {
	const char *qname, *qtype, *want;
};

static inline void ask_all(struct world *w, const struct row *row, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++) {
		const char *got = ask(w, row[i].qname, row[i].qtype);

		if (strcmp(got, row[i].want) != 0)
			fail_msg("%s %s\n  got  %s\n  want %s", row[i].qname, row[i].qtype, got,
				row[i].want);
	}
}

/* A record of an answer from text, "OWNER TYPE RDATA...", names absolute; text is cut up. */
static inline void put_record_text(struct gyl_dns_writer *w, char *text, uint16_t rrclass)
{
	struct gyl_dns_token tok[16];
	uint8_t owner[GYL_DNS_NAME_MAX], rdata[4096], root = 0;
	char *save = NULL, *word = strtok_r(text, " ", &save);
	struct gyl_writer out;
	uint16_t type = 0;
	size_t cnt = 0, bad;

	name_of(word, owner);
	word = strtok_r(NULL, " ", &save);
	assert_int_equal(gyl_dns_type_parse(gyl_view_str(word), &type).err, GYL_OK);
	while ((word = strtok_r(NULL, " ", &save)) != NULL)
		tok[cnt++] = (struct gyl_dns_token){.text = gyl_view_str(word)};
	gyl_writer_init(&out, rdata, sizeof rdata);
	assert_int_equal(gyl_dns_rdata_parse(type, tok, cnt, &root, &out, &bad).err, GYL_OK);
	gyl_dns_put_rr(w, GYL_DNS_ANSWER, owner, type, rrclass, 60, gyl_writer_view(&out));
}

#endif
