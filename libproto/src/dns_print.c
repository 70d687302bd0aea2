/* SPDX-License-Identifier: ISC */
#include <gyl/dns_rdata.h>
#include <gyl/dns_text.h>
#include <gyl/text.h>

static const struct {
	uint16_t bit;
	char name[3];
} flag_names[] = {
	{GYL_DNS_QR, "qr"},
	{GYL_DNS_AA, "aa"},
	{GYL_DNS_TC, "tc"},
	{GYL_DNS_RD, "rd"},
	{GYL_DNS_RA, "ra"},
	{GYL_DNS_Z, "z"},
	{GYL_DNS_AD, "ad"},
	{GYL_DNS_CD, "cd"},
};

enum {
	FLAG_CNT = sizeof flag_names / sizeof flag_names[0]
};

static const char *const section_word[GYL_DNS_SECTION_CNT] = {
	"QUESTION", "ANSWER", "AUTHORITY", "ADDITIONAL"};
static const char *const section_key[GYL_DNS_SECTION_CNT] = {
	"question", "answer", "authority", "additional"};

static void name_at(struct gyl_writer *w, struct gyl_view msg, size_t off)
{
	uint8_t name[GYL_DNS_NAME_MAX];

	gyl_dns_name_get(msg, off, name);
	gyl_dns_name_print(w, name);
}

void gyl_dns_rr_print(struct gyl_writer *w, struct gyl_view msg, const struct gyl_dns_rr *rr)
{
	size_t start = w->len;

	name_at(w, msg, rr->name_off);
	gyl_text_char(w, '\t');
	gyl_text_u64(w, rr->ttl);
	gyl_text_char(w, '\t');
	gyl_dns_class_print(w, rr->rrclass);
	gyl_text_char(w, '\t');
	gyl_dns_type_print(w, rr->type);
	gyl_text_char(w, '\t');
	gyl_dns_rdata_print(w, msg, rr);
	if (!gyl_writer_ok(w))
		w->len = start;
}

static void header_print(struct gyl_writer *w, const struct gyl_dns_msg *msg)
{
	const struct gyl_dns_header *h = &msg->header;

	gyl_text_str(w, ";; opcode: ");
	gyl_dns_opcode_print(w, gyl_dns_opcode(h->flags));
	gyl_text_str(w, ", status: ");
	gyl_dns_rcode_print(w, gyl_dns_rcode(h->flags, &msg->edns));
	gyl_text_str(w, ", id: ");
	gyl_text_u64(w, h->id);
	gyl_text_str(w, "\n;; flags:");
	for (unsigned i = 0; i < FLAG_CNT; i++) {
		if (!(h->flags & flag_names[i].bit))
			continue;
		gyl_text_char(w, ' ');
		gyl_text_str(w, flag_names[i].name);
	}
	for (unsigned i = 0; i < GYL_DNS_SECTION_CNT; i++) {
		gyl_text_str(w, i == 0 ? "; " : ", ");
		gyl_text_str(w, section_word[i]);
		gyl_text_str(w, ": ");
		gyl_text_u64(w, h->cnt[i]);
	}
	gyl_text_char(w, '\n');
}

static void edns_print(struct gyl_writer *w, const struct gyl_dns_edns *edns)
{
	struct gyl_dns_option opt;
	size_t off = 0;

	if (!edns->present)
		return;
	gyl_text_str(w, ";; EDNS: version ");
	gyl_text_u64(w, edns->version);
	gyl_text_str(w, edns->dnssec_ok ? ", flags: do; udp: " : ", flags:; udp: ");
	gyl_text_u64(w, edns->udp_size);
	gyl_text_char(w, '\n');
	while (gyl_dns_option_next(edns->options, &off, &opt)) {
		gyl_text_str(w, ";; ");
		gyl_dns_option_print(w, &opt);
		gyl_text_char(w, '\n');
	}
}

static void questions_print(struct gyl_writer *w, const struct gyl_dns_msg *msg)
{
	struct gyl_dns_cursor cur;
	struct gyl_dns_question q;

	if (msg->header.cnt[GYL_DNS_QUESTION] != 0)
		gyl_text_str(w, ";; QUESTION\n");
	for (gyl_dns_question_init(&cur, msg); gyl_dns_question_next(&cur, &q);) {
		gyl_text_char(w, ';');
		name_at(w, msg->raw, q.name_off);
		gyl_text_char(w, '\t');
		gyl_dns_class_print(w, q.qclass);
		gyl_text_char(w, '\t');
		gyl_dns_type_print(w, q.qtype);
		gyl_text_char(w, '\n');
	}
}

static void section_print(
	struct gyl_writer *w, const struct gyl_dns_msg *msg, enum gyl_dns_section section)
{
	bool any = false;
	struct gyl_dns_cursor cur;
	struct gyl_dns_rr rr;

	for (gyl_dns_rr_init(&cur, msg, section); gyl_dns_rr_next(&cur, &rr);) {
		/* OPT is told above */
		if (rr.type == GYL_DNS_TYPE_OPT)
			continue;
		if (!any) {
			gyl_text_str(w, ";; ");
			gyl_text_str(w, section_word[section]);
			gyl_text_char(w, '\n');
		}
		any = true;
		gyl_dns_rr_print(w, msg->raw, &rr);
		gyl_text_char(w, '\n');
	}
}

void gyl_dns_print(struct gyl_writer *w, const struct gyl_dns_msg *msg)
{
	header_print(w, msg);
	edns_print(w, &msg->edns);
	questions_print(w, msg);
	section_print(w, msg, GYL_DNS_ANSWER);
	section_print(w, msg, GYL_DNS_AUTHORITY);
	section_print(w, msg, GYL_DNS_ADDITIONAL);
}

/* --- JSON --- */

enum {
	WORD_MAX = 32
};

static void json_name(struct gyl_json *j, struct gyl_view msg, size_t off)
{
	uint8_t buf[GYL_DNS_NAME_TEXT_MAX];
	struct gyl_writer w;

	gyl_writer_init(&w, buf, sizeof buf);
	name_at(&w, msg, off);
	gyl_json_str(j, "name", gyl_writer_view(&w));
}

static void json_word(struct gyl_json *j, const char *key,
	void (*print)(struct gyl_writer *w, uint16_t v), uint16_t v)
{
	uint8_t buf[WORD_MAX];
	struct gyl_writer w;

	gyl_writer_init(&w, buf, sizeof buf);
	print(&w, v);
	gyl_json_str(j, key, gyl_writer_view(&w));
}

static void opcode_word(struct gyl_writer *w, uint16_t flags)
{
	gyl_dns_opcode_print(w, gyl_dns_opcode(flags));
}

static void rcode_word(struct gyl_writer *w, uint16_t rcode)
{
	gyl_dns_rcode_print(w, rcode);
}

/*
 * Text of any length into a string that the caller has opened: it is printed in place, then spread
 * from the end to make room for the backslashes. Our text is ASCII; of what JSON escapes only these
 * three occur.
 */
static void spread_escapes(struct gyl_writer *w, size_t start)
{
	size_t from = w->len, extra = 0;
	uint8_t *p = w->p;

	for (size_t i = start; i < from; i++)
		extra += p[i] == '"' || p[i] == '\\' || p[i] == '\t';
	if (extra == 0 || gyl_put_room(w, extra) == NULL)
		return;
	for (size_t to = w->len; from > start;) {
		uint8_t c = p[--from];

		p[--to] = c == '\t' ? 't' : c;
		if (c == '"' || c == '\\' || c == '\t')
			p[--to] = '\\';
	}
}

static void json_rdata(struct gyl_json *j, struct gyl_view msg, const struct gyl_dns_rr *rr)
{
	struct gyl_writer *w = j->w;
	size_t start;

	gyl_json_cstr(j, "rdata", "");
	if (!gyl_writer_ok(w))
		return;
	/* the closing quote comes off and on again */
	start = --w->len;
	gyl_dns_rdata_print(w, msg, rr);
	spread_escapes(w, start);
	gyl_text_char(w, '"');
}

static void json_flags(struct gyl_json *j, uint16_t flags)
{
	gyl_json_arr(j, "flags");
	for (unsigned i = 0; i < FLAG_CNT; i++)
		if (flags & flag_names[i].bit)
			gyl_json_cstr(j, NULL, flag_names[i].name);
	gyl_json_end(j);
}

static void json_edns(struct gyl_json *j, const struct gyl_dns_edns *edns)
{
	struct gyl_dns_option opt;
	size_t off = 0;

	if (!edns->present)
		return;
	gyl_json_obj(j, "edns");
	gyl_json_u64(j, "version", edns->version);
	gyl_json_u64(j, "udp", edns->udp_size);
	gyl_json_bool(j, "do", edns->dnssec_ok);
	gyl_json_arr(j, "options");
	while (gyl_dns_option_next(edns->options, &off, &opt)) {
		gyl_json_obj(j, NULL);
		gyl_json_u64(j, "code", opt.code);
		json_word(j, "name", gyl_dns_option_code_print, opt.code);
		gyl_json_hex(j, "value", opt.val);
		gyl_json_end(j);
	}
	gyl_json_end(j);
	gyl_json_end(j);
}

static void json_questions(struct gyl_json *j, const struct gyl_dns_msg *msg)
{
	struct gyl_dns_cursor cur;
	struct gyl_dns_question q;

	gyl_json_arr(j, section_key[GYL_DNS_QUESTION]);
	for (gyl_dns_question_init(&cur, msg); gyl_dns_question_next(&cur, &q);) {
		gyl_json_obj(j, NULL);
		json_name(j, msg->raw, q.name_off);
		json_word(j, "class", gyl_dns_class_print, q.qclass);
		json_word(j, "type", gyl_dns_type_print, q.qtype);
		gyl_json_end(j);
	}
	gyl_json_end(j);
}

static void json_section(
	struct gyl_json *j, const struct gyl_dns_msg *msg, enum gyl_dns_section section)
{
	struct gyl_dns_cursor cur;
	struct gyl_dns_rr rr;

	gyl_json_arr(j, section_key[section]);
	for (gyl_dns_rr_init(&cur, msg, section); gyl_dns_rr_next(&cur, &rr);) {
		if (rr.type == GYL_DNS_TYPE_OPT)
			continue;
		gyl_json_obj(j, NULL);
		json_name(j, msg->raw, rr.name_off);
		gyl_json_u64(j, "ttl", rr.ttl);
		json_word(j, "class", gyl_dns_class_print, rr.rrclass);
		json_word(j, "type", gyl_dns_type_print, rr.type);
		json_rdata(j, msg->raw, &rr);
		gyl_json_end(j);
	}
	gyl_json_end(j);
}

void gyl_dns_json(struct gyl_json *j, const char *key, const struct gyl_dns_msg *msg)
{
	uint16_t flags = msg->header.flags;

	gyl_json_obj(j, key);
	gyl_json_u64(j, "id", msg->header.id);
	json_word(j, "opcode", opcode_word, flags);
	json_word(j, "rcode", rcode_word, (uint16_t)gyl_dns_rcode(flags, &msg->edns));
	json_flags(j, flags);
	json_edns(j, &msg->edns);
	json_questions(j, msg);
	json_section(j, msg, GYL_DNS_ANSWER);
	json_section(j, msg, GYL_DNS_AUTHORITY);
	json_section(j, msg, GYL_DNS_ADDITIONAL);
	gyl_json_end(j);
}
