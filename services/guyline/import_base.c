/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <gyl/text.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "services/guyline/import_own.h"

enum {
	LINE_MASK = (1 << GYL_IMPORT_FILE_SHIFT) - 1,
	WHAT_MAX = 60 /* octets that are quoted of what is left out */
};

struct gyl_import *gyl_import_new(void)
{
	struct gyl_import *i = gyl_conf_must(calloc(1, sizeof *i));
	struct gyl_import_place none = {0, 0};

	i->c = gyl_conf_new();
	i->file[0] = "result"; /* what has no place in a file */
	i->message_end = &i->message;
	i->pool_end = &i->pool;
	i->dhcpd = gyl__import_node(i, GYL_CONF_IS_OBJECT, none);
	i->subnets = gyl__import_node(i, GYL_CONF_IS_LIST, none);
	i->classes = gyl__import_node(i, GYL_CONF_IS_LIST, none);
	i->hosts = gyl__import_node(i, GYL_CONF_IS_LIST, none);
	return i;
}

void gyl_import_free(struct gyl_import *i)
{
	if (i == NULL)
		return;
	gyl_conf_free(i->c);
	free(i);
}

/* ---- messages ---- */

static void note(struct gyl_import *i, struct gyl_import_place at, const char *text)
{
	struct gyl_import_message *m = gyl_conf_alloc(i->c, sizeof *m);

	m->at = at;
	m->text = gyl__import_cstr(i, gyl_view_str(text));
	*i->message_end = m;
	i->message_end = &m->next;
	i->message_cnt++;
}

static void tell(struct gyl_import *i, struct gyl_import_place at, struct gyl_view what,
	const char *how, const char *why, va_list ap)
{
	char text[4 * WHAT_MAX + 400];
	struct gyl_writer w;

	gyl_writer_init(&w, text, 4 * WHAT_MAX + 40);
	gyl_text_safe(&w, gyl_view_sub(what, 0, WHAT_MAX));
	gyl_text_str(&w, what.len > WHAT_MAX ? "...: " : ": ");
	gyl_text_str(&w, how);
	vsnprintf(text + w.len, sizeof text - w.len, why, ap);
	note(i, at, text);
}

void gyl__import_left(struct gyl_import *i, struct gyl_import_place at, struct gyl_view what,
	const char *why, ...)
{
	va_list ap;

	va_start(ap, why);
	tell(i, at, what, "", why, ap);
	va_end(ap);
}

void gyl__import_but(struct gyl_import *i, struct gyl_import_place at, struct gyl_view what,
	const char *why, ...)
{
	va_list ap;

	va_start(ap, why);
	tell(i, at, what, "translated, but: ", why, ap);
	va_end(ap);
}

void gyl__import_moot(struct gyl_import *i, struct gyl_import_place at, struct gyl_view key)
{
	struct gyl_import_moot **link = &i->moot;
	uint32_t file = at.line >> GYL_IMPORT_FILE_SHIFT;

	while (*link != NULL &&
		((*link)->file != file || !gyl_view_eq(gyl_view_str((*link)->key), key)))
		link = &(*link)->next;
	if (*link != NULL)
		return;
	*link = gyl_conf_alloc(i->c, sizeof **link);
	(*link)->file = file;
	(*link)->key = gyl__import_cstr(i, key);
}

bool gyl__import_bad(struct gyl_import *i, struct gyl_import_place at, const char *why, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, why);
	vsnprintf(text, sizeof text, why, ap);
	va_end(ap);
	if (!i->bad) /* what follows the first one is its consequence */
		note(i, at, text);
	i->bad = true;
	return false;
}

static int by_place(const void *a, const void *b)
{
	const struct gyl_import_message *x = *(struct gyl_import_message *const *)a,
					*y = *(struct gyl_import_message *const *)b;

	if (x->at.line != y->at.line)
		return x->at.line < y->at.line ? -1 : 1;
	if (x->at.col != y->at.col)
		return x->at.col < y->at.col ? -1 : 1;
	return strcmp(x->text, y->text);
}

/* "FILE: of no meaning here: KEY, KEY", a line a file. */
static void print_moot(const struct gyl_import *i, FILE *err)
{
	for (uint32_t file = 1; file <= i->file_cnt; file++) {
		const char *before = NULL;

		for (const struct gyl_import_moot *m = i->moot; m != NULL; m = m->next) {
			if (m->file != file)
				continue;
			if (before == NULL)
				fprintf(err, "%s: of no meaning here", i->file[file]);
			fprintf(err, "%s%s", before == NULL ? ": " : ", ", m->key);
			before = m->key;
		}
		if (before != NULL)
			fputc('\n', err);
	}
}

size_t gyl_import_messages(struct gyl_import *i, FILE *err)
{
	struct gyl_import_message **all = gyl_conf_must(calloc(i->message_cnt + 1, sizeof *all));
	size_t cnt = 0, told = 0;

	for (struct gyl_import_message *m = i->message; m != NULL; m = m->next)
		all[cnt++] = m;
	qsort(all, cnt, sizeof *all, by_place);
	for (size_t n = 0; n < cnt; n++) {
		uint32_t line = all[n]->at.line & LINE_MASK;

		if (n > 0 && by_place(&all[n - 1], &all[n]) == 0)
			continue; /* a line that several inherit */
		told++;
		fprintf(err, "%s:", i->file[all[n]->at.line >> GYL_IMPORT_FILE_SHIFT]);
		if (line != 0)
			fprintf(err, "%u:%u:", (unsigned)line, (unsigned)all[n]->at.col);
		fprintf(err, " %s\n", all[n]->text);
	}
	free(all);
	print_moot(i, err);
	return told;
}

/* ---- files ---- */

const char *gyl__import_cstr(struct gyl_import *i, struct gyl_view v)
{
	return (const char *)gyl_conf_copy(i->c, v).p;
}

struct gyl_view gyl__import_printf(struct gyl_import *i, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return gyl_conf_copy(i->c, gyl_view_str(text));
}

static bool read_fd(struct gyl_import *i, int fd, size_t size, struct gyl_view *ret_text)
{
	uint8_t *buf = gyl_conf_alloc(i->c, size + 1);
	size_t len = 0;
	ssize_t got = 1;

	while (len < size && (got = read(fd, buf + len, size - len)) > 0)
		len += (size_t)got;
	*ret_text = gyl_view(buf, len);
	return got >= 0;
}

bool gyl__import_read(
	struct gyl_import *i, const char *path, struct gyl_view *ret_text, const char **ret_why)
{
	/* An included fifo or terminal must not hold us up. */
	int fd = i->text_only ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	bool ok = fd >= 0 && fstat(fd, &st) == 0;

	*ret_why = i->text_only ? "there are no files beside a text" : strerror(errno);
	if (ok && !S_ISREG(st.st_mode)) {
		ok = false;
		*ret_why = "not a regular file";
	} else if (ok && st.st_size > GYL_CONF_TEXT_MAX) {
		ok = false;
		*ret_why = "larger than 16 MiB";
	} else if (ok) {
		ok = read_fd(i, fd, (size_t)st.st_size, ret_text);
		*ret_why = strerror(errno);
	}
	if (fd >= 0)
		close(fd);
	return ok;
}

uint32_t gyl__import_file_add(struct gyl_import *i, const char *path, uint32_t including)
{
	if (i->file_cnt == GYL_IMPORT_FILE_MAX)
		return 0;
	i->file[++i->file_cnt] = gyl__import_cstr(i, gyl_view_str(path));
	i->including[i->file_cnt] = (uint8_t)including;
	return i->file_cnt;
}

const char *gyl__import_beside(struct gyl_import *i, uint32_t file, struct gyl_view name)
{
	const char *path = i->file[file], *slash = strrchr(path, '/');
	int dir_len = name.len != 0 && name.p[0] == '/' ? 0
		      : slash == NULL                   ? 0
							: (int)(slash - path) + 1;
	size_t cap = (size_t)dir_len + name.len + 1;
	char *ret = gyl_conf_alloc(i->c, cap);

	memcpy(ret, path, (size_t)dir_len);
	if (name.len != 0)
		memcpy(ret + dir_len, name.p, name.len);
	return ret;
}

bool gyl__import_loops(const struct gyl_import *i, uint32_t file, const char *path)
{
	struct stat a, b;

	if (i->text_only || stat(path, &a) != 0)
		return false;
	for (; file != 0; file = i->including[file])
		if (stat(i->file[file], &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino)
			return true;
	return false;
}

/* ---- which form, and the way through it ---- */

static struct gyl_view first_word(struct gyl_view text)
{
	size_t at = 0, end;

	while (at < text.len && (strchr(" \t\r\n", text.p[at]) != NULL || text.p[at] == '#')) {
		bool comment = text.p[at] == '#';

		while (comment && at < text.len && text.p[at] != '\n')
			at++;
		at += at < text.len;
	}
	for (end = at; end < text.len && strchr(" \t\r\n;={", text.p[end]) == NULL;)
		end++;
	return gyl_view_sub(text, at, end - at);
}

/* JSON begins with a brace or a comment of two slashes; lines of `ethers` with a MAC. The language
 * of dnsmasq has neither semicolons nor braces, ISC's cannot do without. */
static enum gyl_import_form guess(struct gyl_view text)
{
	struct gyl_view word = first_word(text);
	const uint8_t *start = word.p;
	uint8_t mac[6];
	uint32_t semicolons = 0, equals = 0;

	if (start < text.p + text.len && (*start == '{' || *start == '/'))
		return GYL_IMPORT_KEA;
	if (!gyl_failed(gyl_parse_mac(word, mac)))
		return GYL_IMPORT_ETHERS;
	for (size_t n = 0; n < text.len; n++) {
		while (n < text.len && text.p[n] == '#')
			while (n < text.len && text.p[n] != '\n')
				n++;
		semicolons += n < text.len && (text.p[n] == ';' || text.p[n] == '{');
		equals += n < text.len && text.p[n] == '=';
	}
	return semicolons >= equals && semicolons != 0 ? GYL_IMPORT_ISC : GYL_IMPORT_DNSMASQ;
}

static bool read_as(
	struct gyl_import *i, uint32_t file, struct gyl_view text, enum gyl_import_form form)
{
	switch (form == GYL_IMPORT_GUESS ? guess(text) : form) {
	case GYL_IMPORT_KEA:
		return gyl__import_kea(i, file, text);
	case GYL_IMPORT_DNSMASQ:
		return gyl__import_dnsmasq(i, file, text);
	case GYL_IMPORT_ETHERS:
		return gyl__import_ethers(i, file, text);
	default:
		return gyl__import_isc(i, file, text);
	}
}

bool gyl_import_text(
	struct gyl_import *i, const char *file, struct gyl_view text, enum gyl_import_form form)
{
	uint32_t no = gyl__import_file_add(i, file, 0);

	i->text_only = true;
	if (no == 0)
		return gyl__import_bad(i, (struct gyl_import_place){0, 0}, "too many files");
	return read_as(i, no, gyl_conf_copy(i->c, text), form);
}

bool gyl_import_file(struct gyl_import *i, const char *file, enum gyl_import_form form)
{
	uint32_t no = gyl__import_file_add(i, file, 0);
	struct gyl_import_place at = {no << GYL_IMPORT_FILE_SHIFT, 0};
	struct gyl_view text;
	const char *why = "too many files";

	if (no == 0 || !gyl__import_read(i, file, &text, &why))
		return gyl__import_bad(i, at, "cannot be read: %s", why);
	return read_as(i, no, text, form);
}

bool gyl_import_print(struct gyl_import *i, FILE *out)
{
	gyl__import_print_node(gyl_conf_root(i->c), out);
	return !ferror(out) && fflush(out) == 0;
}
