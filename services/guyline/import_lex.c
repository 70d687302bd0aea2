/* SPDX-License-Identifier: ISC */
#include "services/guyline/import_lex.h"

#include <gyl/text.h>

enum {
	FOUND_MAX = 40
};

static int peek(const struct gyl_import_lexer *l, size_t ahead)
{
	return gyl_conf_cursor_peek(&l->cur, ahead);
}

static void skip_space(struct gyl_import_lexer *l)
{
	int c;

	while ((c = peek(l, 0)) == ' ' || (c >= '\t' && c <= '\r') || c == '#') {
		if (c != '#') {
			gyl_conf_cursor_step(&l->cur);
			continue;
		}
		while ((c = peek(l, 0)) >= 0 && c != '\n')
			gyl_conf_cursor_step(&l->cur);
	}
}

static bool is_word_char(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c >= 0x80 || (c > 0 && strchr("_-.:/+*%@$", c) != NULL);
}

static int digit(int c, int base)
{
	int v = c >= '0' && c <= '9'   ? c - '0'
		: c >= 'a' && c <= 'f' ? c - 'a' + 10
		: c >= 'A' && c <= 'F' ? c - 'A' + 10
				       : base;

	return v < base ? v : -1;
}

/* What follows a backslash: up to three octal digits, x and up to two others, or a letter. */
static uint8_t escaped(struct gyl_import_lexer *l)
{
	static const char from[] = "tnrb", to[] = "\t\n\r\b";
	int c = peek(l, 0), base = c == 'x' ? 16 : 8, most = c == 'x' ? 2 : 3, v = 0;
	const char *named = c <= 0 ? NULL : strchr(from, c);

	if (c != 'x' && digit(c, 8) < 0) {
		gyl_conf_cursor_step(&l->cur);
		return (uint8_t)(named != NULL ? to[named - from] : c);
	}
	if (c == 'x')
		gyl_conf_cursor_step(&l->cur);
	for (int n = 0; n < most && digit(peek(l, 0), base) >= 0; n++) {
		v = v * base + digit(peek(l, 0), base);
		gyl_conf_cursor_step(&l->cur);
	}
	return (uint8_t)v;
}

/* The cursor is at the opening quote; a string ends on its line. */
static void read_string(struct gyl_import_lexer *l, int quote)
{
	struct gyl_conf_cursor at = l->cur;
	struct gyl_writer w;
	size_t cap = 0;
	int c;

	while ((c = peek(l, cap + 1)) >= 0 && c != '\n' && c != quote)
		cap += c == '\\' && peek(l, cap + 2) >= 0 ? 2 : 1;
	if (c != quote)
		return; /* stays GYL_IMPORT_BAD */
	gyl_writer_init(&w, gyl_conf_alloc(l->i->c, cap + 1), cap);
	gyl_conf_cursor_step(&l->cur);
	while ((c = peek(l, 0)) != quote) {
		gyl_conf_cursor_step(&l->cur);
		gyl_put_u8(&w, c == '\\' ? escaped(l) : (uint8_t)c);
		if (peek(l, 0) < 0) { /* an escape ate the quote */
			l->cur = at;
			return;
		}
	}
	gyl_conf_cursor_step(&l->cur);
	l->tok.kind = GYL_IMPORT_STRING;
	l->tok.text = gyl_writer_view(&w);
}

void gyl__import_lex_next(struct gyl_import_lexer *l)
{
	size_t len = 0;
	int c;

	skip_space(l);
	c = peek(l, 0);
	l->tok.kind = c < 0 ? GYL_IMPORT_END : GYL_IMPORT_BAD;
	l->tok.at = (struct gyl_import_place){
		l->file << GYL_IMPORT_FILE_SHIFT | l->cur.line, l->cur.col};
	l->tok.text = gyl_view(l->cur.p, c < 0 ? 0 : 1);
	if (c == '"' || c == '\'') {
		read_string(l, c);
		return;
	}
	while (is_word_char(peek(l, len)))
		len++;
	if (len != 0) {
		l->tok.kind = GYL_IMPORT_WORD;
		l->tok.text = gyl_view(l->cur.p, len);
		gyl_conf_cursor_steps(&l->cur, len);
	} else if (c > ' ' && c < 0x7f) {
		l->tok.kind = GYL_IMPORT_MARK;
		gyl_conf_cursor_step(&l->cur);
	}
}

void gyl__import_lex_init(
	struct gyl_import_lexer *l, struct gyl_import *i, uint32_t file, struct gyl_view text)
{
	l->i = i;
	l->file = file;
	gyl_conf_cursor_init(&l->cur, text);
	gyl__import_lex_next(l);
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

bool gyl__import_lex_is(const struct gyl_import_lexer *l, const char *text)
{
	struct gyl_view v = l->tok.text;
	size_t n = 0;

	if (l->tok.kind == GYL_IMPORT_STRING || l->tok.kind == GYL_IMPORT_END)
		return false;
	while (n < v.len && text[n] != '\0' && lower(v.p[n]) == (uint8_t)text[n])
		n++;
	return n == v.len && text[n] == '\0';
}

bool gyl__import_lex_take(struct gyl_import_lexer *l, const char *text)
{
	bool is = gyl__import_lex_is(l, text);

	if (is)
		gyl__import_lex_next(l);
	return is;
}

bool gyl__import_lex_skip(struct gyl_import_lexer *l)
{
	uint32_t depth = 0;

	for (;; gyl__import_lex_next(l)) {
		if (l->tok.kind == GYL_IMPORT_END || l->tok.kind == GYL_IMPORT_BAD)
			return gyl__import_lex_expected(l, "';'");
		if (gyl__import_lex_is(l, "{"))
			depth++;
		if (depth == 0 && gyl__import_lex_is(l, "}"))
			return gyl__import_lex_expected(l, "';'");
		if (gyl__import_lex_is(l, "}"))
			depth--;
		else if (!gyl__import_lex_is(l, ";"))
			continue;
		if (depth == 0)
			break;
	}
	gyl__import_lex_next(l);
	return true;
}

bool gyl__import_lex_expected(struct gyl_import_lexer *l, const char *what)
{
	char found[4 * FOUND_MAX + 1];
	struct gyl_writer w;

	if (l->tok.kind == GYL_IMPORT_END)
		return gyl__import_bad(
			l->i, l->tok.at, "expected %s, got the end of the file", what);
	gyl_writer_init(&w, found, sizeof found - 1);
	gyl_text_safe(&w, gyl_view_sub(l->tok.text, 0, FOUND_MAX));
	return gyl__import_bad(l->i, l->tok.at, "expected %s, got '%s'", what, gyl_text_cstr(&w));
}
