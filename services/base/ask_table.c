/* SPDX-License-Identifier: ISC */

/* Rows of an answer, kept until all widths are known, sorted when that is wanted. */

#include <gyl/text.h>
#include <jansson.h>
#include <stdlib.h>

#include "services/base/ask_own.h"

static const json_t *member(const json_t *data, const char *name)
{
	const char *dot = strchr(name, '.');
	char head[64];

	if (dot == NULL)
		return json_object_get(data, name);
	snprintf(head, sizeof head, "%.*s", (int)(dot - name), name);
	return json_object_get(json_object_get(data, head), dot + 1);
}

void gyl__ask_cell(const json_t *v, char text[GYL_ASK_CELL_MAX])
{
	struct gyl_writer w;

	gyl_writer_init(&w, text, GYL_ASK_CELL_MAX);
	if (json_is_string(v))
		gyl_text_safe(&w, gyl_view(json_string_value(v), json_string_length(v)));
	else if (json_is_integer(v))
		gyl_text_i64(&w, json_integer_value(v));
	else if (json_is_boolean(v))
		gyl_text_str(&w, json_is_true(v) ? "yes" : "no");
	if (!gyl_writer_ok(&w))
		w.len = 0;
	if (w.len == 0 && !json_is_object(v) && !json_is_array(v))
		gyl_text_char(&w, '-');
	gyl_text_cstr(&w);
}

/* The cell of a column: a number with names is shown by its name. */
static void column_text(
	const struct gyl_ask_column *col, const json_t *data, char text[GYL_ASK_CELL_MAX])
{
	const json_t *v = member(data, col->member);
	json_int_t n = json_integer_value(v);

	for (json_int_t i = 0; json_is_integer(v) && col->word != NULL && col->word[i] != NULL; i++)
		if (i == n) {
			snprintf(text, GYL_ASK_CELL_MAX, "%s", col->word[i]);
			return;
		}
	gyl__ask_cell(v, text);
}

const char *gyl_ask_text(const struct gyl_ask_row *row, const char *name)
{
	return json_string_value(member((const json_t *)(const void *)row, name));
}

long long gyl_ask_number(const struct gyl_ask_row *row, const char *name, long long otherwise)
{
	const json_t *v = member((const json_t *)(const void *)row, name);

	return json_is_integer(v) ? json_integer_value(v) : otherwise;
}

/* ---- rows ---- */

static struct gyl__ask_line *new_line(struct gyl__ask_table *t)
{
	if (t->cnt == t->cap) {
		size_t cap = t->cap == 0 ? 64 : 2 * t->cap;
		struct gyl__ask_line *grown = realloc(t->line, cap * sizeof *grown);

		if (grown == NULL)
			return NULL;
		t->line = grown;
		t->cap = cap;
	}
	memset(&t->line[t->cnt], 0, sizeof t->line[0]);
	return &t->line[t->cnt++];
}

/* Addresses and numbers in their order, and before text. */
static void set_key(struct gyl__ask_line *l, const json_t *v)
{
	const char *s = json_string_value(v);
	uint32_t ip;

	l->key = strdup(s == NULL ? "" : s);
	l->number = json_is_integer(v) ? json_integer_value(v) : -1;
	if (s != NULL && !gyl_failed(gyl_parse_ipv4(gyl_view_str(s), &ip)))
		l->number = ip;
}

void gyl__ask_titles(struct gyl__ask_table *t, const struct gyl_ask *a)
{
	struct gyl__ask_line *l = new_line(t);

	for (size_t i = 0; l != NULL && i < a->column_cnt; i++)
		l->cell[i] = strdup(a->column[i].title);
	if (l != NULL)
		l->key = strdup("");
	t->titles = true;
}

void gyl__ask_add(struct gyl__ask_table *t, const struct gyl_ask *a, const json_t *data)
{
	struct gyl__ask_line *l = new_line(t);
	char text[GYL_ASK_CELL_MAX];

	if (l == NULL)
		return;
	set_key(l, a->sort == NULL ? NULL : member(data, a->sort));
	if (a->json) {
		l->cell[0] = json_dumps(data, JSON_COMPACT);
		return;
	}
	for (size_t i = 0; i < a->column_cnt; i++) {
		column_text(&a->column[i], data, text);
		l->cell[i] = strdup(text);
	}
}

static int compare(const void *a, const void *b)
{
	const struct gyl__ask_line *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return strcmp(x->key == NULL ? "" : x->key, y->key == NULL ? "" : y->key);
}

static void print_line(const struct gyl__ask_line *l, const size_t *width, size_t cnt, FILE *out)
{
	for (size_t i = 0; i < cnt; i++) {
		const char *cell = l->cell[i] == NULL ? "" : l->cell[i];

		if (i + 1 == cnt)
			fprintf(out, "%s\n", cell);
		else
			fprintf(out, "%-*s  ", (int)width[i], cell);
	}
}

void gyl__ask_print(struct gyl__ask_table *t, const struct gyl_ask *a, FILE *out)
{
	size_t width[GYL_ASK_COLUMN_MAX] = {0}, cnt = a->json ? 1 : a->column_cnt;

	if (a->sort != NULL && t->cnt > t->titles)
		qsort(t->line + t->titles, t->cnt - t->titles, sizeof t->line[0], compare);
	for (size_t r = 0; r < t->cnt; r++)
		for (size_t i = 0; i < cnt; i++)
			if (t->line[r].cell[i] != NULL && strlen(t->line[r].cell[i]) > width[i])
				width[i] = strlen(t->line[r].cell[i]);
	for (size_t r = 0; r < t->cnt; r++)
		print_line(&t->line[r], width, cnt, out);
}

void gyl__ask_free(struct gyl__ask_table *t)
{
	for (size_t r = 0; r < t->cnt; r++) {
		for (size_t i = 0; i < GYL_ASK_COLUMN_MAX; i++)
			free(t->line[r].cell[i]);
		free(t->line[r].key);
	}
	free(t->line);
}

/* What follows comes one by one, in columns that are as wide as most need. */
void gyl__ask_follow(const struct gyl_ask *a, const json_t *data, FILE *out)
{
	char text[GYL_ASK_CELL_MAX];

	for (size_t i = 0; i < a->column_cnt; i++) {
		if (data == NULL)
			snprintf(text, sizeof text, "%s", a->column[i].title);
		else
			column_text(&a->column[i], data, text);
		if (i + 1 == a->column_cnt)
			fprintf(out, "%s\n", text);
		else
			fprintf(out, "%-*s  ", a->column[i].width, text);
	}
}
