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

static int open_any(const char *const *path, bool quiet)
{
	for (size_t i = 0; path[i] != NULL; i++) {
		int fd = try_connect(path[i]);

		if (fd >= 0)
			return fd;
		if (errno == EACCES && !quiet) {
			fprintf(stderr,
				"guyline: %s: permission denied; be root or in the group guyline\n",
				path[i]);
			return -1;
		}
	}
	if (quiet)
		return -1;
	fprintf(stderr, "guyline: no daemon answers at");
	for (size_t i = 0; path[i] != NULL; i++)
		fprintf(stderr, "%s %s", i == 0 ? "" : " or", path[i]);
	fprintf(stderr, "; is it running? (--at SOCKET names another one)\n");
	return -1;
}

static void print_members(const json_t *data, int depth, bool item, FILE *out);

/* What is inside of a member: one step further in, the things of a list with a dash each. */
static void print_inside(const json_t *v, int depth, FILE *out)
{
	char text[GYL_ASK_CELL_MAX];
	json_t *item;
	size_t i;

	if (json_is_object(v))
		print_members(v, depth, false, out);
	json_array_foreach(v, i, item)
	{
		gyl__ask_cell(item, text);
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
		char text[GYL_ASK_CELL_MAX];

		gyl__ask_cell(v, text);
		fprintf(out, "%*s%s%s:%s%s\n", 2 * depth, "", dash, key, text[0] == '\0' ? "" : " ",
			text);
		print_inside(v, depth + 1 + item, out);
		dash = item ? "  " : "";
	}
}

static void show(const struct gyl_ask *a, struct gyl__ask_table *t, const json_t *data, FILE *out)
{
	if (a->row != NULL && a->row(a->arg, (const struct gyl_ask_row *)(const void *)data, out))
		return;
	if (a->json && a->sort == NULL) {
		json_dumpf(data, out, JSON_COMPACT);
		fputc('\n', out);
	} else if (a->column == NULL && !a->json) {
		print_members(data, 0, false, out);
	} else if (a->follow) {
		gyl__ask_follow(a, data, out);
	} else {
		gyl__ask_add(t, a, data);
	}
	if (a->follow)
		fflush(out);
}

/* Who answers over TCP may be anybody: nothing of it steers a terminal. What the daemon made safe
 * itself stays as it is. */
static void print_error(const char *text)
{
	char safe[4 * GYL_ASK_CELL_MAX];
	struct gyl_writer w;

	gyl_writer_init(&w, safe, sizeof safe - 1);
	for (size_t i = 0; text[i] != '\0' && i < GYL_ASK_CELL_MAX - 1; i++) {
		if (text[i] >= ' ' && text[i] <= '~')
			gyl_text_char(&w, text[i]);
		else
			gyl_text_safe(&w, gyl_view(text + i, 1));
	}
	fprintf(stderr, "guyline: %s\n", gyl_text_cstr(&w));
}

/* Reads answer lines to the end. */
static int read_answer(const struct gyl_ask *a, FILE *in, struct gyl__ask_table *t, FILE *out)
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
			if (!a->quiet)
				print_error(error);
			status = 1;
		} else if (json_is_true(json_object_get(answer, "end"))) {
			status = 0;
		}
		json_decref(answer);
	}
	free(line);
	if (status == EX_UNAVAILABLE && !a->quiet)
		fprintf(stderr,
			"guyline: the daemon closed the connection before it had answered\n");
	return status;
}

int gyl_ask(const struct gyl_ask *a, FILE *out)
{
	struct gyl__ask_table t = {.line = NULL};
	int status = EX_UNAVAILABLE;
	bool tcp = gyl__ask_is_tcp(a->path[0]);
	int fd = tcp ? gyl__ask_tcp(a, a->path[0], &status) : open_any(a->path, a->quiet);
	FILE *stream = fd < 0 ? NULL : fdopen(fd, "r+");

	if (stream == NULL)
		return status;
	fprintf(stream, "{\"v\":1,\"id\":1,%s}\n", a->request);
	fflush(stream);
	if (a->column != NULL && !a->json && a->follow)
		gyl__ask_follow(a, NULL, out);
	else if (a->column != NULL && !a->json)
		gyl__ask_titles(&t, a);
	status = read_answer(a, stream, &t, out);
	if (status == 0)
		gyl__ask_print(&t, a, out);
	gyl__ask_free(&t);
	fclose(stream);
	if (fflush(out) == 0 && !ferror(out))
		return status;
	fprintf(stderr, "guyline: standard output cannot be written\n");
	return EX_IOERR;
}
