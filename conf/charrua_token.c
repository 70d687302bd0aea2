/* SPDX-License-Identifier: ISC */
#include "conf/charrua_token.h"

#include <gyl/json.h>
#include <gyl/text.h>

enum {
	FOUND_MAX = 40
};

void gyl__dhcpd_wrong(
	struct gyl__dhcpd_reader *r, const struct gyl__dhcpd_token *t, const char *text)
{
	gyl__conf_error_at(r->c, t->line, t->col, "%s", text);
	r->wrong = true;
}

static void fail_at(struct gyl__dhcpd_reader *r, uint32_t line, uint32_t col, const char *text)
{
	gyl__conf_error_at(r->c, line, col, "%s", text);
	r->failed = r->wrong = true;
}

bool gyl__dhcpd_is(const struct gyl__dhcpd_token *t, const char *text)
{
	return t->kind != GYL__DHCPD_STRING && gyl_view_eq(t->text, gyl_view_str(text));
}

bool gyl__dhcpd_expected(struct gyl__dhcpd_reader *r, const char *what)
{
	char buf[4 * FOUND_MAX + 8];
	struct gyl_writer w;
	char quote = r->tok.kind == GYL__DHCPD_STRING ? '"' : '\'';

	if (r->failed)
		return false;
	gyl_writer_init(&w, buf, sizeof buf);
	gyl_text_char(&w, quote);
	gyl_text_safe(&w, gyl_view_sub(r->tok.text, 0, FOUND_MAX));
	gyl_text_char(&w, quote);
	gyl__conf_error_at(r->c, r->tok.line, r->tok.col, "expected %s, got %s", what,
		r->tok.kind == GYL__DHCPD_END ? "the end of the file" : gyl_text_cstr(&w));
	r->failed = r->wrong = true;
	return false;
}

static void skip_space(struct gyl_conf_cursor *at)
{
	int c;

	while ((c = gyl_conf_cursor_peek(at, 0)) == ' ' || c == '\t' || c == '\n' || c == '\r' ||
		c == '#') {
		if (c != '#') {
			gyl_conf_cursor_step(at);
			continue;
		}
		while ((c = gyl_conf_cursor_peek(at, 0)) >= 0 && c != '\n' && c != '\r')
			gyl_conf_cursor_step(at);
	}
}

static bool is_word_char(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c > 0 && strchr("_-.:", c) != NULL);
}

/* The octet that an escape stands for; -1: none. */
static int escaped(int c)
{
	static const char from[] = "/\\\"bfnrt", to[] = "/\\\"\b\f\n\r\t";
	const char *p = c <= 0 ? NULL : strchr(from, c);

	return p == NULL ? -1 : to[p - from];
}

/* Octets up to the closing quote, from the one after the opening; SIZE_MAX: there is none. */
static size_t raw_len(const struct gyl_conf_cursor *at)
{
	size_t len = 0;
	int c;

	while ((c = gyl_conf_cursor_peek(at, len)) != '"') {
		if (c < 0)
			return SIZE_MAX;
		len += c == '\\' ? 2 : 1;
	}
	return len;
}

static bool put_octet(struct gyl__dhcpd_reader *r, struct gyl_writer *w)
{
	struct gyl_conf_cursor *at = &r->at;
	int c = gyl_conf_cursor_peek(at, 0);

	if (c == '\\') {
		c = escaped(gyl_conf_cursor_peek(at, 1));
		if (c < 0) {
			fail_at(r, at->line, at->col,
				"an escape that is not one of \\/ \\\\ \\\" \\b \\f \\n \\r \\t");
			return false;
		}
		gyl_conf_cursor_step(at);
	}
	gyl_put_u8(w, (uint8_t)c);
	gyl_conf_cursor_step(at);
	return true;
}

/* The cursor is at the opening quote. A string may go over lines, as in Charrua. */
static void read_string(struct gyl__dhcpd_reader *r)
{
	struct gyl_writer w;
	size_t len;

	gyl_conf_cursor_step(&r->at);
	len = raw_len(&r->at);
	if (len == SIZE_MAX) {
		fail_at(r, r->tok.line, r->tok.col, "a string that is not ended");
		return;
	}
	gyl_writer_init(&w, gyl_conf_alloc(r->c, len + 1), len);
	while (gyl_conf_cursor_peek(&r->at, 0) != '"') {
		if (!put_octet(r, &w))
			return;
	}
	gyl_conf_cursor_step(&r->at);
	r->tok.kind = GYL__DHCPD_STRING;
	r->tok.text = gyl_writer_view(&w);
	if (memchr(w.p, '\0', w.len + 1) != w.p + w.len || gyl_utf8_prefix(r->tok.text) != w.len)
		gyl__dhcpd_wrong(r, &r->tok, "a string that is not text in UTF-8");
}

void gyl__dhcpd_advance(struct gyl__dhcpd_reader *r)
{
	size_t len = 0;
	int c;

	skip_space(&r->at);
	c = gyl_conf_cursor_peek(&r->at, 0);
	r->tok.kind = c < 0 ? GYL__DHCPD_END : GYL__DHCPD_BAD;
	r->tok.line = r->at.line;
	r->tok.col = r->at.col;
	r->tok.text = gyl_view(r->at.p, c < 0 ? 0 : 1);
	if (c == '"') {
		read_string(r);
		return;
	}
	while (is_word_char(gyl_conf_cursor_peek(&r->at, len)))
		len++;
	if (len != 0) {
		r->tok.kind = GYL__DHCPD_WORD;
		r->tok.text = gyl_view(r->at.p, len);
		gyl_conf_cursor_steps(&r->at, len);
	} else if (c > 0 && strchr(",;{}", c) != NULL) {
		r->tok.kind = GYL__DHCPD_MARK;
		gyl_conf_cursor_step(&r->at);
	}
}
