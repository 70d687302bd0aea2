/* SPDX-License-Identifier: ISC */

/* Lists of names that are not resolved, in the forms in which people publish them. */

#include <errno.h>
#include <gyl/dns.h>
#include <stdlib.h>

#include "services/dns/conf.h"
#include "services/dns/zonec/address.h"
#include "services/dns/zonec/block_own.h"
#include "services/dns/zonec/file.h"

struct gyl_dns_named *gyl__zc_block_entry(struct gyl_zc_block *b, const uint8_t *name, size_t len,
	bool self, bool below, uint32_t line)
{
	struct gyl_zc_names *t = &b->c->names[GYL_DNS_TABLE_BLOCK];
	uint32_t cnt = t->cnt;
	struct gyl_dns_named *e = gyl__zc_named(b->c, t, name, len);
	size_t at = e == NULL ? 0 : (size_t)((uint8_t *)e - t->entry);

	if (e == NULL)
		return NULL;
	if (t->cnt != cnt) {
		gyl__zc_origin_entry(b->c, at, b->path, line);
		return e;
	}
	if (self && e->self == 0)
		gyl__zc_origin_more(b->c, at, GYL_DNS_ORIGIN_SELF, b->path, line);
	if (below && e->below == 0)
		gyl__zc_origin_more(b->c, at, GYL_DNS_ORIGIN_BELOW, b->path, line);
	return e;
}

void gyl__zc_block(struct gyl_zc_block *b, const uint8_t *name, size_t len, uint16_t self,
	uint16_t below, uint32_t line)
{
	struct gyl_zc_names *t = &b->c->names[GYL_DNS_TABLE_BLOCK];
	struct gyl_dns_named *e;

	if (t->cnt == GYL_DNS_BLOCK_NAME_MAX) {
		if (!b->failed)
			gyl_build_error(b->c->build, b->line.path, line, 0,
				"more than %d blocked names", GYL_DNS_BLOCK_NAME_MAX);
		b->failed = true;
		return;
	}
	e = gyl__zc_block_entry(b, name, len, self != 0, below != 0, line);
	if (e == NULL)
		return;
	if (e->self == 0)
		e->self = self;
	if (e->below == 0)
		e->below = below;
}

void gyl__zc_block_skip(
	struct gyl_zc_block *b, unsigned line, unsigned col, struct gyl_view what, const char *why)
{
	struct gyl_zc_skip *s = b->skip;

	while (s->why != NULL && s->why != why)
		s++;
	s->why = why;
	s->cnt++;
	if (b->told == GYL_ZC_SKIP_MAX)
		return;
	b->told++;
	s->told++;
	gyl_build_warn(b->c->build, b->line.path, line, col, "\"%.*s\" is left out: %s",
		gyl__zc_shown(what), (const char *)what.p, why);
}

static void tell_skipped(const struct gyl_zc_block *b)
{
	for (const struct gyl_zc_skip *s = b->skip; s->why != NULL; s++)
		if (s->cnt != s->told)
			gyl_build_warn(b->c->build, b->line.path, 0, 0, "%u more left out: %s",
				(unsigned)(s->cnt - s->told), s->why);
}

/* A name of letters, digits and what else names of hosts have in practice. */
static bool parse_name(struct gyl_view text, uint8_t name[GYL_DNS_NAME_MAX], size_t *ret_len)
{
	static const uint8_t root = 0;

	for (size_t i = 0; i < text.len; i++) {
		uint8_t ch = gyl_dns_fold(text.p[i]);

		if ((ch < 'a' || ch > 'z') && (ch < '0' || ch > '9') && ch != '-' && ch != '_' &&
			ch != '.' && ch < 0x80)
			return false;
	}
	return !gyl_failed(gyl_dns_name_parse(text, &root, name, ret_len)) && name[0] != 0;
}

static bool cut_front(struct gyl_view *v, const char *front)
{
	size_t len = strlen(front);

	if (v->len < len || memcmp(v->p, front, len) != 0)
		return false;
	*v = gyl_view_sub(*v, len, v->len - len);
	return true;
}

/* "ads.example^$important": what a browser would do with it is not ours; *v is the name. */
static bool cut_rule(struct gyl_view *v)
{
	const uint8_t *end = v->len == 0 ? NULL : memchr(v->p, '^', v->len);
	struct gyl_view rest;

	if (end == NULL)
		return memchr(v->p, '$', v->len) == NULL;
	rest = gyl_view_sub(*v, (size_t)(end - v->p) + 1, v->len);
	v->len = (size_t)(end - v->p);
	cut_front(&rest, "|");
	return rest.len == 0 || gyl_view_eq(rest, gyl_view_str("$important")) ||
	       gyl_view_eq(rest, gyl_view_str("$all"));
}

/* "ads.example", "*.ads.example", ".ads.example", "||ads.example^", "@@||good.example^" */
static void domain_word(struct gyl_zc_block *b, struct gyl_view word)
{
	struct gyl_view v = word;
	uint8_t name[GYL_DNS_NAME_MAX];
	uint16_t value = cut_front(&v, "@@") ? GYL_DNS_BLOCK_PASS : b->value;
	bool rule = cut_front(&v, "||"), below_only = cut_front(&v, "*.");
	size_t len;

	cut_front(&v, ".");
	if ((!rule && v.len + (below_only ? 2u : 0) + 1 < word.len) || (rule && !cut_rule(&v)) ||
		!parse_name(v, name, &len))
		gyl__zc_block_skip(b, b->line.number, gyl__zc_col(&b->line, word), word,
			"no name of a domain");
	else
		gyl__zc_block(b, name, len, below_only ? 0 : value, value, b->line.number);
}

static void domain_line(struct gyl_zc_block *b)
{
	struct gyl_view word, more;

	if (!gyl__zc_word_next(&b->line, &word) || word.p[0] == '!' || word.p[0] == '[')
		return;
	if (gyl__zc_word_next(&b->line, &more))
		gyl__zc_block_skip(b, b->line.number, gyl__zc_col(&b->line, more), more,
			"a line has one domain");
	else
		domain_word(b, word);
}

/* "0.0.0.0 ads.example": just these names. Those of one label are this machine's own. */
static void hosts_line(struct gyl_zc_block *b)
{
	struct gyl_view word;
	struct gyl_zc_address a;

	if (!gyl__zc_word_next(&b->line, &word))
		return;
	if (!gyl__zc_address_parse(word, &a)) {
		gyl__zc_block_skip(
			b, b->line.number, gyl__zc_col(&b->line, word), word, "no address");
		return;
	}
	while (gyl__zc_word_next(&b->line, &word)) {
		uint8_t name[GYL_DNS_NAME_MAX];
		size_t len;

		if (gyl__zc_address_parse(word, &a))
			continue;
		if (!parse_name(word, name, &len))
			gyl__zc_block_skip(b, b->line.number, gyl__zc_col(&b->line, word), word,
				"no name of a host");
		else if (name[name[0] + 1] != 0)
			gyl__zc_block(b, name, len, b->value, 0, b->line.number);
	}
}

bool gyl__zc_block_rr(struct gyl_writer *w, uint16_t type, uint32_t ttl, struct gyl_view rdata)
{
	struct gyl_dns_block_rr head = {.ttl = ttl, .type = type, .len = (uint16_t)rdata.len};

	gyl_put_bytes(w, &head, offsetof(struct gyl_dns_block_rr, rdata));
	gyl_put_view(w, rdata);
	while (w->len % 4 != 0 && gyl_writer_ok(w))
		gyl_put_u8(w, 0);
	return gyl_writer_ok(w);
}

/* The answer of a list's names as the configuration has it. False: no memory. */
static bool set_answer(struct gyl_zc_block *b, const struct gyl_view *text, size_t cnt)
{
	_Alignas(4) uint8_t rr[GYL_DNS_BLOCK_ADDRESS_MAX * 24];
	uint16_t rcode = GYL_DNS_NXDOMAIN, rr_cnt = 0;
	struct gyl_writer w;
	int answer;

	gyl_writer_init(&w, rr, sizeof rr);
	for (size_t i = 0; i < cnt; i++) {
		struct gyl_zc_address a;

		if (gyl_view_eq(text[i], gyl_view_str("nxdomain")))
			break;
		rcode = GYL_DNS_NOERROR;
		if (gyl__zc_address_parse(text[i], &a) &&
			gyl__zc_block_rr(&w, a.type, GYL_ZC_BLOCK_TTL_S, gyl_view(a.octet, a.len)))
			rr_cnt++;
	}
	answer = gyl__zc_answer(b->c, rcode, rr_cnt, gyl_writer_view(&w));
	b->value = (uint16_t)(GYL_DNS_BLOCK_ANSWER + answer);
	return answer >= 0;
}

static void read_lines(struct gyl_zc_block *b, unsigned format, struct gyl_view text)
{
	gyl__zc_line_init(&b->line, b->line.path, text);
	/* "example.com##.ad" is a rule for browsers, and not about example.com */
	b->line.hash_apart = format == GYL_DNS_BLOCK_DOMAINS;
	while (gyl__zc_line_next(&b->line))
		if (format == GYL_DNS_BLOCK_HOSTS)
			hosts_line(b);
		else
			domain_line(b);
}

bool gyl_dns_compile_block_text(struct gyl_dns_compile *c, const char *path, unsigned format,
	const struct gyl_view *answer, size_t answer_cnt, struct gyl_view text)
{
	struct gyl_zc_block b = {.c = c, .line.path = path, .path = gyl__zc_keep_file(c, path)};

	if (b.path == NULL || !set_answer(&b, answer, answer_cnt))
		c->no_memory = true;
	else if (format == GYL_DNS_BLOCK_RPZ)
		gyl__zc_block_rpz(&b, path, text);
	else
		read_lines(&b, format, text);
	tell_skipped(&b);
	if (c->no_memory)
		gyl_build_error(c->build, path, 0, 0, "no memory");
	if (b.failed || c->no_memory)
		c->failed = true;
	return !c->failed;
}

bool gyl_dns_compile_block(struct gyl_dns_compile *c, const char *path, unsigned format,
	const struct gyl_view *answer, size_t answer_cnt)
{
	size_t len;
	uint8_t *p;
	bool ok;

	gyl_build_file(c->build, path);
	p = gyl__zc_slurp(path, &len);
	if (p == NULL) {
		c->failed = true;
		gyl_build_error(c->build, path, 0, 0, "cannot read: %s", strerror(errno));
		return false;
	}
	ok = gyl_dns_compile_block_text(c, path, format, answer, answer_cnt, gyl_view(p, len));
	free(p);
	return ok;
}
