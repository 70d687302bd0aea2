/* SPDX-License-Identifier: ISC */
#include <gyl/text.h>
#include <stdlib.h>

#include "conf/node.h"

enum {
	TEXT_MAX = 512, /* octets of an error's text, and of its path */
	GOT_MAX = 40,   /* octets that are quoted from a value */
	WORD_MAX = 48   /* longer words get no suggestion */
};

static void put_dot(struct gyl_writer *w)
{
	if (w->len != 0)
		gyl_text_char(w, '.');
}

/* Append a path's segment; control characters of a key must not reach a terminal. */
static void put_segment(struct gyl_writer *w, const struct gyl_conf_node *n)
{
	put_dot(w);
	if (n->parent->kind == GYL_CONF_IS_LIST)
		gyl_text_u64(w, n->index);
	else
		gyl_text_safe(w, n->key);
}

/* A list in the tree may be deep, but no deeper than GYL_CONF_DEPTH_MAX: readers see to it. */
static void put_path(struct gyl_writer *w, const struct gyl_conf_node *n)
{
	if (n->parent == NULL)
		return;
	put_path(w, n->parent);
	put_segment(w, n);
}

static const char *keep(struct gyl_conf *c, const char *text)
{
	return (const char *)gyl_conf_copy(c, gyl_view_str(text)).p;
}

static void note(struct gyl_conf *c, struct gyl_conf_error e)
{
	if (c->error_cnt >= GYL_CONF_ERROR_MAX) {
		c->error_lost++;
		return;
	}
	if (c->error == NULL)
		c->error = gyl_conf_must(calloc(GYL_CONF_ERROR_MAX, sizeof e));
	e.path = keep(c, e.path);
	e.text = keep(c, e.text);
	c->error[c->error_cnt++] = e;
}

void gyl__conf_error(struct gyl_conf *c, const struct gyl_conf_node *n, enum gyl__conf_at at,
	const char *sub, const char *fmt, ...)
{
	bool option = n->option || c->file == NULL,
	     key = at == GYL__CONF_AT_KEY && n->key_line != 0;
	char text[TEXT_MAX], path[TEXT_MAX] = "--";
	size_t lead = option ? 2 : 0;
	struct gyl_conf_error e = {
		c->file, key ? n->key_line : n->line, key ? n->key_col : n->col, path, text};
	struct gyl_writer w;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	gyl_writer_init(&w, path + lead, sizeof path - 1 - lead);
	put_path(&w, n);
	if (sub != NULL && sub[0] != '\0') {
		put_dot(&w);
		gyl_text_safe(&w, gyl_view_str(sub));
	}
	path[lead + w.len] = '\0';
	if (option) {
		e.file = NULL;
		e.line = e.col = 0;
	}
	note(c, e);
}

void gyl__conf_error_at(struct gyl_conf *c, uint32_t line, uint32_t col, const char *fmt, ...)
{
	char text[TEXT_MAX];
	struct gyl_conf_error e = {c->file, line, col, "", text};
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	note(c, e);
}

void gyl__conf_error_option(struct gyl_conf *c, const char *path, const char *fmt, ...)
{
	char text[TEXT_MAX], option[TEXT_MAX];
	struct gyl_conf_error e = {NULL, 0, 0, option, text};
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	snprintf(option, sizeof option, "--%s", path);
	note(c, e);
}

static int by_place(const void *a, const void *b)
{
	const struct gyl_conf_error *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->col != y->col)
		return x->col < y->col ? -1 : 1;
	return strcmp(x->path, y->path);
}

size_t gyl_conf_error_cnt(struct gyl_conf *c)
{
	if (c->error_cnt != 0)
		qsort(c->error, c->error_cnt, sizeof c->error[0], by_place);
	return c->error_cnt;
}

const struct gyl_conf_error *gyl_conf_error(const struct gyl_conf *c, size_t i)
{
	return &c->error[i];
}

static void print_one(const struct gyl_conf_error *e, FILE *f)
{
	if (e->file != NULL)
		fprintf(f, "%s:", e->file);
	if (e->line != 0)
		fprintf(f, "%u:%u:", (unsigned)e->line, (unsigned)e->col);
	if (e->file != NULL)
		fputc(' ', f);
	fprintf(f, "%s%s%s\n", e->path, e->path[0] != '\0' ? ": " : "", e->text);
}

void gyl_conf_errors_print(struct gyl_conf *c, FILE *f)
{
	size_t cnt = gyl_conf_error_cnt(c);

	for (size_t i = 0; i < cnt; i++)
		print_one(&c->error[i], f);
	if (c->error_lost != 0)
		fprintf(f, "%zu more errors\n", c->error_lost);
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/*
 * Optimal string alignment distance. Three rows of the usual matrix are kept: the swap of two
 * neighbours looks two rows back.
 */
static unsigned distance(struct gyl_view a, struct gyl_view b)
{
	unsigned rows[3][WORD_MAX + 1];
	unsigned *old = rows[0], *prev = rows[1], *cur = rows[2];

	for (size_t j = 0; j <= b.len; j++)
		prev[j] = (unsigned)j;
	for (size_t i = 1; i <= a.len; i++) {
		unsigned *spare = old;

		cur[0] = (unsigned)i;
		for (size_t j = 1; j <= b.len; j++) {
			unsigned same = a.p[i - 1] == b.p[j - 1] ? 0 : 1;

			cur[j] = least(least(prev[j], cur[j - 1]) + 1, prev[j - 1] + same);
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
				cur[j] = least(cur[j], old[j - 2] + 1);
		}
		old = prev;
		prev = cur;
		cur = spare;
	}
	return prev[b.len];
}

const char *gyl__conf_suggest(
	struct gyl_view word, const char *(*name)(const void *arg, size_t i), const void *arg)
{
	/* A third of a word may be wrong: beyond that a suggestion is a guess. */
	unsigned best = (unsigned)(word.len < 3 ? 1 : word.len / 3) + 1;
	const char *ret = NULL, *at;

	if (word.len > WORD_MAX)
		return NULL;
	for (size_t i = 0; (at = name(arg, i)) != NULL; i++) {
		struct gyl_view v = gyl_view_str(at);
		unsigned d = v.len > WORD_MAX ? UINT32_MAX : distance(word, v);

		if (d < best) {
			best = d;
			ret = at;
		}
	}
	return ret;
}

static void put_excerpt(struct gyl_writer *w, struct gyl_view v)
{
	/* Cut between characters: a half of one would print as escapes. */
	struct gyl_view cut = gyl_view_sub(v, 0, GOT_MAX);

	while (cut.len < v.len && cut.len > 0 && (v.p[cut.len] & 0xc0) == 0x80)
		cut.len--;
	gyl_text_safe(w, cut);
	if (cut.len < v.len)
		gyl_text_str(w, "...");
}

void gyl__conf_got(struct gyl_writer *w, const struct gyl_conf_node *n)
{
	switch ((enum gyl_conf_kind)n->kind) {
	case GYL_CONF_IS_NULL:
		gyl_text_str(w, "null");
		return;
	case GYL_CONF_IS_LIST:
		gyl_text_str(w, n->cnt == 0 ? "an empty list" : "a list");
		return;
	case GYL_CONF_IS_OBJECT:
		gyl_text_str(w, "an object");
		return;
	case GYL_CONF_IS_STRING:
		gyl_text_char(w, '"');
		put_excerpt(w, n->text);
		gyl_text_char(w, '"');
		return;
	case GYL_CONF_IS_BOOL:
	case GYL_CONF_IS_INT:
	case GYL_CONF_IS_REAL:
		put_excerpt(w, n->text);
		return;
	}
}
