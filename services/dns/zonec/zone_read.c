/* SPDX-License-Identifier: ISC */
#include "services/dns/zonec/zone_read.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include <gyl/dns.h>
#include <gyl/dns_rdata.h>
#include <gyl/dns_text.h>

#include "services/dns/zonec/file.h"

enum {
	SHOW_MAX = 40, /* octets of a word that a message shows */
	CHAIN_MAX = 600
};

/* RFC 2181 8: the top bit is not for use. */
static const uint32_t ttl_max = INT32_MAX;

static bool read_file(const struct gyl_zone_reader *rd, struct gyl_zone_state *all,
	const struct gyl_zone_file *from, const struct gyl_zone_word *at, const uint8_t *origin,
	const char *path);

/* " (included from a.zone:3, b.zone:7)", so that the reader of a message finds the way. */
static void put_chain(const struct gyl_zone_file *f, char text[CHAIN_MAX])
{
	size_t len = 0;

	text[0] = '\0';
	for (const struct gyl_zone_file *up = f->from; up != NULL && len < CHAIN_MAX - 1;
		up = up->from)
		len += (size_t)snprintf(text + len, CHAIN_MAX - len, "%s%s:%u",
			len == 0 ? " (included from " : ", ", up->path, up->scan.first_line);
	if (len != 0 && len < CHAIN_MAX - 1)
		snprintf(text + len, CHAIN_MAX - len, ")");
}

static void say(struct gyl_zone_file *f, bool error, unsigned line, unsigned col, const char *fmt,
	va_list ap)
{
	char text[400], chain[CHAIN_MAX];

	vsnprintf(text, sizeof text, fmt, ap);
	put_chain(f, chain);
	if (error) {
		f->all->failed = true;
		gyl_build_error(f->rd->build, f->path, line, col, "%s%s", text, chain);
	} else {
		gyl_build_warn(f->rd->build, f->path, line, col, "%s%s", text, chain);
	}
}

void gyl_zone_fail(
	struct gyl_zone_file *f, const struct gyl_zone_word *w, size_t off, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(f, true, w->line, w->col + (unsigned)off + w->tok.quoted, fmt, ap);
	va_end(ap);
}

void gyl_zone_warn(struct gyl_zone_file *f, const struct gyl_zone_word *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(f, false, w->line, w->col, fmt, ap);
	va_end(ap);
}

/* Where a missing word would have stood: behind the last one. */
static struct gyl_zone_word after_last(const struct gyl_zone_file *f)
{
	struct gyl_zone_word w = f->scan.word[f->scan.word_cnt - 1];

	w.col += (uint32_t)w.tok.text.len + 2u * w.tok.quoted;
	w.tok = (struct gyl_dns_token){.quoted = false};
	return w;
}

static int shown(const struct gyl_zone_word *w)
{
	return w->tok.text.len > SHOW_MAX ? SHOW_MAX : (int)w->tok.text.len;
}

static const char *shown_p(const struct gyl_zone_word *w)
{
	return (const char *)w->tok.text.p;
}

static bool word_is(const struct gyl_zone_word *w, const char *text)
{
	return !w->tok.quoted && w->tok.text.len == strlen(text) &&
	       strncasecmp(shown_p(w), text, w->tok.text.len) == 0;
}

static bool name_word(struct gyl_zone_file *f, const struct gyl_zone_word *w,
	uint8_t name[GYL_DNS_NAME_MAX], size_t *ret_len)
{
	struct gyl_fault why = gyl_dns_name_parse(w->tok.text, f->origin, name, ret_len);

	if (!gyl_failed(why))
		return true;
	gyl_zone_fail(f, w, why.off, "\"%.*s\" is no name: %s", shown(w), shown_p(w),
		gyl_err_text(why.err));
	return false;
}

static bool ttl_word(struct gyl_zone_file *f, const struct gyl_zone_word *w, uint32_t *ret_ttl)
{
	struct gyl_fault why = gyl_dns_period_parse(w->tok.text, ret_ttl);

	if (!gyl_failed(why) && *ret_ttl > ttl_max)
		why = gyl_fault(GYL_E_RANGE, 0);
	if (!gyl_failed(why))
		return true;
	gyl_zone_fail(f, w, why.off, "\"%.*s\" is no TTL: %s", shown(w), shown_p(w),
		gyl_err_text(why.err));
	return false;
}

/* Exactly min to max words after a directive. */
static bool directive_words(struct gyl_zone_file *f, size_t min, size_t max, const char *what)
{
	struct gyl_zone_word end = after_last(f);

	if (f->scan.word_cnt - 1 < min) {
		gyl_zone_fail(f, &end, 0, "%s is missing", what);
		return false;
	}
	if (f->scan.word_cnt - 1 > max) {
		gyl_zone_fail(f, &f->scan.word[max + 1], 0, "nothing may follow %s", what);
		return false;
	}
	return true;
}

static void directive_origin(struct gyl_zone_file *f)
{
	uint8_t name[GYL_DNS_NAME_MAX];

	if (directive_words(f, 1, 1, "the name of $ORIGIN") &&
		name_word(f, &f->scan.word[1], name, NULL))
		memcpy(f->origin, name, gyl_dns_name_len(name));
}

static void directive_ttl(struct gyl_zone_file *f)
{
	uint32_t ttl;

	if (!directive_words(f, 1, 1, "the period of $TTL") || !ttl_word(f, &f->scan.word[1], &ttl))
		return;
	f->all->ttl = ttl;
	f->all->has_ttl = true;
}

/* The text of a file's name: escapes as in any other character-string. */
static bool path_word(struct gyl_zone_file *f, const struct gyl_zone_word *w, char path[4096])
{
	const char *slash = strrchr(f->path, '/');
	size_t len = 0;

	if (w->tok.text.len == 0 || memchr(w->tok.text.p, 0, w->tok.text.len) != NULL)
		return false;
	if (w->tok.text.p[0] != '/' && slash != NULL)
		len = (size_t)(slash - f->path) + 1;
	if (len + w->tok.text.len >= 4096)
		return false;
	memcpy(path, f->path, len);
	memcpy(path + len, w->tok.text.p, w->tok.text.len);
	path[len + w->tok.text.len] = '\0';
	return true;
}

static void directive_include(struct gyl_zone_file *f)
{
	uint8_t origin[GYL_DNS_NAME_MAX];
	const struct gyl_zone_word *w = &f->scan.word[1];
	char path[4096];
	unsigned depth = 0;

	if (!directive_words(f, 1, 2, "the file of $INCLUDE"))
		return;
	memcpy(origin, f->origin, gyl_dns_name_len(f->origin));
	if (f->scan.word_cnt == 3 && !name_word(f, &f->scan.word[2], origin, NULL))
		return;
	if (!path_word(f, w, path)) {
		gyl_zone_fail(f, w, 0, "this is no name of a file");
		return;
	}
	for (const struct gyl_zone_file *up = f; up != NULL; up = up->from)
		depth++;
	if (depth > GYL_ZONE_INCLUDE_MAX)
		gyl_zone_fail(
			f, w, 0, "more than %d files include each other", GYL_ZONE_INCLUDE_MAX);
	else
		read_file(f->rd, f->all, f, w, origin, path);
}

static void directive(struct gyl_zone_file *f)
{
	static const struct {
		const char *name;
		void (*run)(struct gyl_zone_file *f);
	} table[] = {
		{"$ORIGIN", directive_origin},
		{"$TTL", directive_ttl},
		{"$INCLUDE", directive_include},
		{"$GENERATE", gyl_zone_directive_generate},
	};
	const struct gyl_zone_word *w = &f->scan.word[0];

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (word_is(w, table[i].name)) {
			table[i].run(f);
			return;
		}
	gyl_zone_fail(f, w, 0, "\"%.*s\" is none of $ORIGIN, $TTL, $INCLUDE, $GENERATE", shown(w),
		shown_p(w));
}

/* The words of a record between owner and rdata. */
struct head {
	uint32_t ttl;
	bool has_ttl, has_class;
	uint16_t type;
	size_t type_at; /* index of its word */
};

static bool class_word(
	struct gyl_zone_file *f, const struct gyl_zone_word *w, struct head *h, bool *ret_good)
{
	uint16_t rrclass;

	if (h->has_class || gyl_failed(gyl_dns_class_parse(w->tok.text, &rrclass)))
		return false;
	/* ANY is a type of questions, and a class: here it can only be wrong as either */
	h->has_class = true;
	*ret_good = rrclass == GYL_DNS_CLASS_IN;
	if (!*ret_good)
		gyl_zone_fail(f, w, 0, "class \"%.*s\" is not IN", shown(w), shown_p(w));
	return true;
}

/* Types of questions and of messages are no data (RFC 6895 3.1). */
static bool is_data(uint16_t type)
{
	return type != 0 && type != GYL_DNS_TYPE_OPT && (type < 128 || type > 255);
}

/* [TTL] [class] type, the first two in any order (RFC 1035 5.1). */
static bool read_head(struct gyl_zone_file *f, size_t at, struct head *h)
{
	bool good = true;
	const struct gyl_zone_word *w = &f->scan.word[at];
	struct gyl_fault why;

	memset(h, 0, sizeof *h);
	for (; at < f->scan.word_cnt; at++, w++) {
		if (!h->has_ttl && w->tok.text.len != 0 && isdigit(w->tok.text.p[0]) != 0) {
			if (!ttl_word(f, w, &h->ttl))
				return false;
			h->has_ttl = true;
		} else if (!class_word(f, w, h, &good)) {
			break;
		}
		if (!good)
			return false;
	}
	if (at == f->scan.word_cnt) {
		struct gyl_zone_word end = after_last(f);

		gyl_zone_fail(f, &end, 0, "the type of the record is missing");
		return false;
	}
	h->type_at = at;
	why = w->tok.quoted ? gyl_fault(GYL_E_SYNTAX, 0)
			    : gyl_dns_type_parse(w->tok.text, &h->type);
	if (!gyl_failed(why) && is_data(h->type))
		return true;
	gyl_zone_fail(f, w, 0, "\"%.*s\" is no type of record", shown(w), shown_p(w));
	return false;
}

static void rdata_fail(
	struct gyl_zone_file *f, const struct head *h, struct gyl_fault why, size_t bad)
{
	const struct gyl_zone_word *type = &f->scan.word[h->type_at], *w = type + 1 + bad;
	struct gyl_zone_word end = after_last(f);

	if (w >= f->scan.word + f->scan.word_cnt)
		gyl_zone_fail(
			f, &end, 0, "the %.*s record ends too early", shown(type), shown_p(type));
	else if (why.err == GYL_E_COUNT)
		gyl_zone_fail(f, w, 0, "too many words for type %.*s", shown(type), shown_p(type));
	else
		gyl_zone_fail(f, w, why.off, "\"%.*s\" does not fit type %.*s: %s", shown(w),
			shown_p(w), shown(type), shown_p(type), gyl_err_text(why.err));
}

static bool read_rdata(struct gyl_zone_file *f, const struct head *h, struct gyl_writer *w)
{
	const struct gyl_zone_word *type = &f->scan.word[h->type_at];
	const struct gyl_dns_token *tok = f->scan.tok + h->type_at + 1;
	size_t tok_cnt = f->scan.word_cnt - h->type_at - 1, bad = 0;
	struct gyl_fault why = gyl_dns_rdata_parse(h->type, tok, tok_cnt, f->origin, w, &bad);
	char text[120];

	/* RFC 3597 5 writes "\\# 0" for empty rdata, which only UPDATE has for types with fields */
	if (!gyl_failed(why) && w->len == 0 &&
		gyl_failed(gyl_dns_rdata_check(h->type, GYL_DNS_CLASS_IN, gyl_writer_view(w))))
		why = gyl_fault(GYL_E_FIELD, 0);
	if (why.err != GYL_E_VERSION) {
		if (gyl_failed(why))
			rdata_fail(f, h, why, bad);
		return !gyl_failed(why);
	}
	w->len = 0;
	w->fault = gyl_ok();
	if (gyl_zone_ldns(h->type, tok, tok_cnt, f->origin, w, text))
		return true;
	gyl_zone_fail(f, type, 0, "bad %.*s record: %s", shown(type), shown_p(type), text);
	return false;
}

static bool choose_ttl(struct gyl_zone_file *f, struct head *h, struct gyl_view rdata)
{
	struct gyl_zone_state *all = f->all;

	if (!h->has_ttl && all->has_ttl)
		h->ttl = all->ttl;
	else if (!h->has_ttl && all->has_last_ttl)
		h->ttl = all->last_ttl;
	else if (!h->has_ttl && h->type == GYL_DNS_TYPE_SOA)
		h->ttl = gyl_get_u32(rdata.p + rdata.len - 4);
	else if (!h->has_ttl) {
		gyl_zone_fail(f, &f->scan.word[h->type_at], 0, "no TTL here, and no $TTL before");
		return false;
	}
	all->last_ttl = h->ttl;
	all->has_last_ttl = true;
	return true;
}

void gyl_zone_record(struct gyl_zone_file *f)
{
	const struct gyl_zone_word *first = &f->scan.word[0];
	struct gyl_zone_rr rr = {.file = f->path, .line = first->line, .col = first->col};
	struct gyl_writer w;
	struct head h;

	if (f->scan.blank && f->owner_len == 0) {
		gyl_zone_fail(
			f, first, 0, "no owner: the line is indented and no record is before it");
		return;
	}
	if (!f->scan.blank && !name_word(f, first, f->owner, &f->owner_len)) {
		f->owner_len = 0;
		return;
	}
	gyl_writer_init(&w, f->all->rdata, sizeof f->all->rdata);
	if (!read_head(f, f->scan.blank ? 0 : 1, &h) || !read_rdata(f, &h, &w) ||
		!choose_ttl(f, &h, gyl_writer_view(&w)))
		return;
	if (!gyl_dns_name_is_under(f->owner, f->all->apex)) {
		gyl_zone_warn(f, first, "\"%.*s\" is outside the zone and left out", shown(first),
			shown_p(first));
		return;
	}
	rr.owner = f->owner;
	rr.owner_len = f->owner_len;
	rr.type = h.type;
	rr.ttl = h.ttl;
	rr.rdata = gyl_writer_view(&w);
	f->rd->rr(f->rd->arg, &rr);
}

static void read_entries(struct gyl_zone_file *f)
{
	while (gyl_zone_scan_next(&f->scan)) {
		const struct gyl_zone_word *first = f->scan.word;

		if (f->scan.err != NULL) {
			struct gyl_zone_word at = {
				.line = f->scan.err_line, .col = f->scan.err_col};

			gyl_zone_fail(f, &at, 0, "%s", f->scan.err);
		} else if (!f->scan.blank && !first->tok.quoted && first->tok.text.len > 1 &&
			   first->tok.text.p[0] == '$') {
			directive(f);
		} else {
			gyl_zone_record(f);
		}
	}
}

static void read_text(const struct gyl_zone_reader *rd, struct gyl_zone_state *all,
	const struct gyl_zone_file *from, const uint8_t *origin, const char *path,
	struct gyl_view text)
{
	struct gyl_zone_file f = {.rd = rd, .from = from, .all = all};

	f.path = rd->keep(rd->arg, path);
	if (f.path == NULL) {
		gyl_build_error(rd->build, path, 0, 0, "no memory");
		all->failed = true;
		return;
	}
	memcpy(f.origin, origin, gyl_dns_name_len(origin));
	gyl_zone_scan_init(&f.scan, text);
	read_entries(&f);
	gyl_zone_scan_free(&f.scan);
}

static bool read_file(const struct gyl_zone_reader *rd, struct gyl_zone_state *all,
	const struct gyl_zone_file *from, const struct gyl_zone_word *at, const uint8_t *origin,
	const char *path)
{
	size_t len;
	uint8_t *p;

	gyl_build_file(rd->build, path);
	p = gyl__zc_slurp(path, &len);
	if (p == NULL) {
		all->failed = true;
		if (from == NULL)
			gyl_build_error(rd->build, path, 0, 0, "cannot read: %s", strerror(errno));
		else
			gyl_build_error(rd->build, from->path, at->line, at->col,
				"cannot read \"%s\": %s", path, strerror(errno));
		return false;
	}
	read_text(rd, all, from, origin, path, gyl_view(p, len));
	free(p);
	return true;
}

static struct gyl_zone_state *new_state(
	const struct gyl_zone_reader *rd, const uint8_t *origin, const char *path)
{
	struct gyl_zone_state *all = calloc(1, sizeof *all);

	if (all == NULL)
		gyl_build_error(rd->build, path, 0, 0, "no memory");
	else
		memcpy(all->apex, origin, gyl_dns_name_len(origin));
	return all;
}

bool gyl_zone_read(const struct gyl_zone_reader *rd, const uint8_t *origin, const char *path)
{
	struct gyl_zone_state *all = new_state(rd, origin, path);
	bool ok;

	if (all == NULL)
		return false;
	ok = read_file(rd, all, NULL, NULL, origin, path) && !all->failed;
	free(all);
	return ok;
}

bool gyl_zone_read_text(const struct gyl_zone_reader *rd, const uint8_t *origin, const char *path,
	struct gyl_view text)
{
	struct gyl_zone_state *all = new_state(rd, origin, path);
	bool ok;

	if (all == NULL)
		return false;
	read_text(rd, all, NULL, origin, path, text);
	ok = !all->failed;
	free(all);
	return ok;
}
