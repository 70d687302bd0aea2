/* SPDX-License-Identifier: ISC */
#include "services/base/ask_own.h"

#include <errno.h>
#include <gyl/json.h>
#include <gyl/text.h>
#include <jansson.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

enum {
	COLUMN_MAX = 16,
	CELL_MAX = 512
};

/* Rows of cells, kept until all widths are known. */
struct table {
	char *(*row)[COLUMN_MAX];
	size_t row_cnt;
};

bool gyl_ask_quote(char *buf, size_t cap, const char *s)
{
	size_t len = strlen(buf);
	struct gyl_writer w;
	struct gyl_json j;

	gyl_writer_init(&w, buf + len, cap - len);
	gyl_json_init(&j, &w);
	gyl_json_cstr(&j, NULL, s);
	return gyl_writer_ok(&w) && gyl_text_cstr(&w)[0] != '\0';
}

static int try_connect(const char *path)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof sa.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(sa.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&sa, sizeof sa) != 0) {
		int err = errno;

		close(fd);
		errno = err;
		return -1;
	}
	return fd;
}

static int open_any(const char *const *path)
{
	for (size_t i = 0; path[i] != NULL; i++) {
		int fd = try_connect(path[i]);

		if (fd >= 0)
			return fd;
		if (errno == EACCES) {
			fprintf(stderr,
				"guyline: %s: permission denied; be root or in the group guyline\n",
				path[i]);
			return -1;
		}
	}
	fprintf(stderr, "guyline: no daemon answers at");
	for (size_t i = 0; path[i] != NULL; i++)
		fprintf(stderr, "%s %s", i == 0 ? "" : " or", path[i]);
	fprintf(stderr, "; is it running? (--at SOCKET names another one)\n");
	return -1;
}

static const json_t *member(const json_t *data, const char *name)
{
	const char *dot = strchr(name, '.');
	char head[64];

	if (dot == NULL)
		return json_object_get(data, name);
	snprintf(head, sizeof head, "%.*s", (int)(dot - name), name);
	return json_object_get(json_object_get(data, head), dot + 1);
}

/* One value as text that is safe on a terminal. */
static void cell_text(const json_t *v, char text[CELL_MAX])
{
	struct gyl_writer w;

	gyl_writer_init(&w, text, CELL_MAX);
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
static void column_text(const struct gyl_ask_column *col, const json_t *data, char text[CELL_MAX])
{
	const json_t *v = member(data, col->member);
	json_int_t n = json_integer_value(v);

	for (json_int_t i = 0; json_is_integer(v) && col->word != NULL && col->word[i] != NULL; i++)
		if (i == n) {
			snprintf(text, CELL_MAX, "%s", col->word[i]);
			return;
		}
	cell_text(v, text);
}

static void print_members(const json_t *data, int depth, bool item, FILE *out);

/* What is inside of a member: one step further in, the things of a list with a dash each. */
static void print_inside(const json_t *v, int depth, FILE *out)
{
	char text[CELL_MAX];
	json_t *item;
	size_t i;

	if (json_is_object(v))
		print_members(v, depth, false, out);
	json_array_foreach(v, i, item)
	{
		cell_text(item, text);
		if (json_is_object(item))
			print_members(item, depth, true, out);
		else
			fprintf(out, "%*s- %s\n", 2 * depth, "", text);
	}
}

static void print_members(const json_t *data, int depth, bool item, FILE *out)
{
	const char *key, *dash = item ? "- " : "";
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)data, key, v)
	{
		char text[CELL_MAX];

		cell_text(v, text);
		fprintf(out, "%*s%s%s:%s%s\n", 2 * depth, "", dash, key, text[0] == '\0' ? "" : " ",
			text);
		print_inside(v, depth + 1 + item, out);
		dash = item ? "  " : "";
	}
}

static void add_row(struct table *t, const struct gyl_ask *a, const json_t *data)
{
	char *(*grown)[COLUMN_MAX] = realloc(t->row, (t->row_cnt + 1) * sizeof *grown);

	if (grown == NULL)
		return;
	t->row = grown;
	for (size_t i = 0; i < a->column_cnt; i++) {
		char text[CELL_MAX] = "";

		if (data == NULL)
			snprintf(text, sizeof text, "%s", a->column[i].title);
		else
			column_text(&a->column[i], data, text);
		t->row[t->row_cnt][i] = strdup(text);
	}
	t->row_cnt++;
}

static void print_table(struct table *t, size_t cnt, FILE *out)
{
	size_t width[COLUMN_MAX] = {0};

	for (size_t r = 0; r < t->row_cnt; r++)
		for (size_t i = 0; i < cnt; i++)
			if (strlen(t->row[r][i]) > width[i])
				width[i] = strlen(t->row[r][i]);
	for (size_t r = 0; r < t->row_cnt; r++)
		for (size_t i = 0; i < cnt; i++)
			if (i + 1 == cnt)
				fprintf(out, "%s\n", t->row[r][i]);
			else
				fprintf(out, "%-*s  ", (int)width[i], t->row[r][i]);
}

static void table_free(struct table *t, size_t cnt)
{
	for (size_t r = 0; r < t->row_cnt; r++)
		for (size_t i = 0; i < cnt; i++)
			free(t->row[r][i]);
	free(t->row);
}

static void show(const struct gyl_ask *a, struct table *t, const json_t *data, FILE *out)
{
	if (a->json) {
		json_dumpf(data, out, JSON_COMPACT);
		fputc('\n', out);
	} else if (a->column == NULL) {
		print_members(data, 0, false, out);
	} else if (a->follow) {
		char text[CELL_MAX];

		for (size_t i = 0; i < a->column_cnt; i++) {
			column_text(&a->column[i], data, text);
			fprintf(out, i + 1 == a->column_cnt ? "%s\n" : "%s  ", text);
		}
	} else {
		add_row(t, a, data);
	}
	if (a->follow)
		fflush(out);
}

/* Reads answer lines to the end. */
static int read_answer(const struct gyl_ask *a, FILE *in, struct table *t, FILE *out)
{
	char *line = NULL;
	size_t cap = 0;
	int status = EX_UNAVAILABLE;

	while (status == EX_UNAVAILABLE && getline(&line, &cap, in) >= 0) {
		json_t *answer = json_loads(line, 0, NULL);
		const json_t *data = json_object_get(answer, "data");
		const char *error = json_string_value(json_object_get(answer, "error"));

		if (data != NULL)
			show(a, t, data, out);
		if (error != NULL) {
			fprintf(stderr, "guyline: %s\n", error);
			status = 1;
		} else if (json_is_true(json_object_get(answer, "end"))) {
			status = 0;
		}
		json_decref(answer);
	}
	free(line);
	if (status == EX_UNAVAILABLE)
		fprintf(stderr,
			"guyline: the daemon closed the connection before it had answered\n");
	return status;
}

int gyl_ask(const struct gyl_ask *a, FILE *out)
{
	struct table t = {NULL, 0};
	int status = EX_UNAVAILABLE;
	bool tcp = gyl__ask_is_tcp(a->path[0]);
	int fd = tcp ? gyl__ask_tcp(a, a->path[0], &status) : open_any(a->path);
	FILE *stream = fd < 0 ? NULL : fdopen(fd, "r+");

	if (stream == NULL)
		return status;
	fprintf(stream, "{\"v\":1,\"id\":1,%s}\n", a->request);
	fflush(stream);
	if (a->column != NULL && !a->json && !a->follow)
		add_row(&t, a, NULL);
	status = read_answer(a, stream, &t, out);
	if (status == 0)
		print_table(&t, a->column_cnt, out);
	table_free(&t, a->column_cnt);
	fclose(stream);
	return status;
}
