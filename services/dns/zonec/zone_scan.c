/* SPDX-License-Identifier: ISC */
#include "services/dns/zonec/zone_scan.h"

#include <stdlib.h>

/* What ends a run of plain octets inside a word, and outside of one. */
enum octet_class {
	PLAIN,
	BLANK,
	NEWLINE,
	COMMENT,
	OPEN,
	CLOSE,
	QUOTE,
	ESCAPE
};

static const uint8_t class_of[256] = {
	[' '] = BLANK,
	['\t'] = BLANK,
	['\r'] = BLANK,
	['\n'] = NEWLINE,
	[';'] = COMMENT,
	['('] = OPEN,
	[')'] = CLOSE,
	['"'] = QUOTE,
	['\\'] = ESCAPE,
};

void gyl_zone_scan_init(struct gyl_zone_scan *s, struct gyl_view text)
{
	memset(s, 0, sizeof *s);
	s->p = text.p;
	s->end = text.p + text.len;
	s->line_start = text.p;
	s->line = 1;
}

void gyl_zone_scan_free(struct gyl_zone_scan *s)
{
	free(s->word);
	free(s->tok);
}

static uint32_t column(const struct gyl_zone_scan *s, const uint8_t *at)
{
	return (uint32_t)(at - s->line_start) + 1;
}

static void fail(struct gyl_zone_scan *s, const uint8_t *at, const char *err)
{
	if (s->err != NULL)
		return;
	s->err = err;
	s->err_line = s->line;
	s->err_col = column(s, at);
}

static void newline(struct gyl_zone_scan *s)
{
	s->p++;
	s->line++;
	s->line_start = s->p;
}

static bool grow(struct gyl_zone_scan *s)
{
	size_t cap = s->word_cap == 0 ? 32 : 2 * s->word_cap;
	struct gyl_zone_word *word = realloc(s->word, cap * sizeof *word);
	struct gyl_dns_token *tok;

	if (word == NULL)
		return false;
	s->word = word;
	tok = realloc(s->tok, cap * sizeof *tok);
	if (tok == NULL)
		return false;
	s->tok = tok;
	s->word_cap = cap;
	return true;
}

static void add_word(struct gyl_zone_scan *s, const uint8_t *start, const uint8_t *from,
	const uint8_t *to, bool quoted)
{
	struct gyl_zone_word *w;

	if (s->word_cnt == s->word_cap && !grow(s)) {
		s->no_memory = true;
		fail(s, start, "no memory");
		return;
	}
	w = &s->word[s->word_cnt];
	w->tok.text = gyl_view(from, (size_t)(to - from));
	w->tok.quoted = quoted;
	w->line = s->line;
	w->col = column(s, start);
	s->tok[s->word_cnt++] = w->tok;
}

/* From an opening quote to behind the closing one. False when the line ends first. */
static bool skip_quoted(struct gyl_zone_scan *s)
{
	const uint8_t *start = s->p++;

	while (s->p < s->end && *s->p != '"' && *s->p != '\n')
		s->p += *s->p == '\\' && s->end - s->p > 1 && s->p[1] != '\n' ? 2 : 1;
	if (s->p == s->end || *s->p != '"') {
		fail(s, start, "quoted string without an end");
		return false;
	}
	s->p++;
	return true;
}

static void scan_quoted(struct gyl_zone_scan *s)
{
	const uint8_t *start = s->p;

	if (skip_quoted(s))
		add_word(s, start, start + 1, s->p - 1, true);
}

/* A word without quotes around it; those inside (alpn="h2,h3") belong to it. */
static void scan_plain(struct gyl_zone_scan *s)
{
	const uint8_t *start = s->p;

	while (s->p < s->end) {
		uint8_t c = class_of[*s->p];

		if (c == PLAIN)
			s->p++;
		else if (c == ESCAPE)
			s->p += s->end - s->p > 1 && s->p[1] != '\n' ? 2 : 1;
		else if (c != QUOTE || s->p[-1] != '=')
			break;
		else if (!skip_quoted(s))
			return;
	}
	add_word(s, start, start, s->p, false);
}

/* Behind an error: to the end of the entry, parentheses heeded. */
static void skip_entry(struct gyl_zone_scan *s, unsigned depth)
{
	for (; s->p < s->end; s->p++) {
		if (*s->p == ';')
			while (s->end - s->p > 1 && s->p[1] != '\n')
				s->p++;
		else if (*s->p == '(')
			depth++;
		else if (*s->p == ')' && depth != 0)
			depth--;
		else if (*s->p == '\n') {
			newline(s);
			if (depth == 0)
				return;
			s->p--;
		}
	}
}

/* Reads up to the newline that ends the entry. */
static void scan_entry(struct gyl_zone_scan *s)
{
	const uint8_t *open = NULL;
	uint32_t open_line = 0, open_col = 0;

	while (s->p < s->end && s->err == NULL) {
		switch (class_of[*s->p]) {
		case BLANK:
			s->p++;
			break;
		case NEWLINE:
			newline(s);
			if (open == NULL)
				return;
			break;
		case COMMENT:
			while (s->p < s->end && *s->p != '\n')
				s->p++;
			break;
		case OPEN:
			if (open != NULL)
				fail(s, s->p, "parenthesis inside parentheses");
			open = s->p;
			open_line = s->line;
			open_col = column(s, s->p);
			s->p++;
			break;
		case CLOSE:
			if (open == NULL)
				fail(s, s->p, "closing parenthesis without an opening one");
			open = NULL;
			s->p++;
			break;
		case QUOTE:
			scan_quoted(s);
			break;
		default:
			scan_plain(s);
			break;
		}
	}
	if (s->err != NULL) {
		skip_entry(s, open != NULL);
	} else if (open != NULL) {
		s->err = "parenthesis is never closed";
		s->err_line = open_line;
		s->err_col = open_col;
	}
}

bool gyl_zone_scan_next(struct gyl_zone_scan *s)
{
	while (s->p < s->end) {
		s->word_cnt = 0;
		s->err = NULL;
		s->first_line = s->line;
		s->blank = class_of[*s->p] == BLANK;
		scan_entry(s);
		if (s->word_cnt != 0 || s->err != NULL)
			return true;
	}
	return false;
}
