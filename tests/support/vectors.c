/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <dirent.h>
#include <gyl/text.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	INPUT_MAX = 70000,
	OUTPUT_MAX = 400000
};

struct vcase {
	uint8_t *in;
	size_t in_len;
	char *expect;
	size_t expect_len;
	bool any;
};

static uint8_t escape_value(const char **at)
{
	char c = *(*at)++;

	switch (c) {
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	case '0':
		return '\0';
	case 'x': {
		char digits[3] = {(*at)[0], (*at)[0] != '\0' ? (*at)[1] : '\0', '\0'};

		*at += strlen(digits);
		return (uint8_t)strtoul(digits, NULL, 16);
	}
	default:
		return (uint8_t)c;
	}
}

static void add_text(struct vcase *c, const char *line)
{
	while (*line != '\0' && *line != '\n') {
		uint8_t octet = (uint8_t)*line++;

		if (octet == '\\' && *line != '\0' && *line != '\n')
			octet = escape_value(&line);
		assert_true(c->in_len < INPUT_MAX);
		c->in[c->in_len++] = octet;
	}
}

static void add_line(struct vcase *c, const char *line)
{
	if (strncmp(line, "input", 5) == 0) {
		c->in_len += hex_bytes(line + 5, c->in + c->in_len, INPUT_MAX - c->in_len);
		c->any = true;
	} else if (strncmp(line, "text ", 5) == 0) {
		add_text(c, line + 5);
		c->any = true;
	} else if (strncmp(line, "expect", 6) == 0) {
		const char *rest = line[6] == ' ' ? line + 7 : line + 6;

		assert_true(c->expect_len + strlen(rest) < OUTPUT_MAX);
		memcpy(c->expect + c->expect_len, rest, strlen(rest));
		c->expect_len += strlen(rest);
	} else if (line[0] != '#' && line[0] != '\n') {
		fail_msg("vector line is neither #, input, text nor expect: %s", line);
	}
}

static void case_reset(struct vcase *c)
{
	c->in_len = 0;
	c->expect_len = 0;
	c->any = false;
}

static void case_open(struct vcase *c)
{
	c->in = malloc(INPUT_MAX);
	c->expect = malloc(OUTPUT_MAX);
	assert_non_null(c->in);
	assert_non_null(c->expect);
	case_reset(c);
}

static void case_close(struct vcase *c)
{
	free(c->in);
	free(c->expect);
}

void vectors_each(
	const char *path, void (*fn)(struct gyl_view in, unsigned n, void *arg), void *arg)
{
	FILE *f = fopen(path, "r");
	struct vcase c;
	char *line = NULL;
	size_t cap = 0;
	unsigned n = 0;

	assert_non_null(f);
	case_open(&c);
	while (getline(&line, &cap, f) >= 0) {
		add_line(&c, line);
		if (line[0] != '\n' || !c.any)
			continue;
		fn(gyl_view(c.in, c.in_len), n++, arg);
		case_reset(&c);
	}
	if (c.any)
		fn(gyl_view(c.in, c.in_len), n, arg);
	free(line);
	fclose(f);
	case_close(&c);
}

/* Runs one case; in update mode writes the fresh expect lines to out. */
static void case_run(const struct vcase *c, const char *path, FILE *out,
	void (*show)(struct gyl_view in, struct gyl_writer *out))
{
	static uint8_t text[OUTPUT_MAX];
	struct gyl_writer w;
	struct guard g;

	gyl_writer_init(&w, text, sizeof text - 1);
	guard_open(&g, gyl_view(c->in, c->in_len));
	show(g.view, &w);
	guard_close(&g);
	assert_true(gyl_writer_ok(&w));
	if (out != NULL) {
		char *line = (char *)text, *end;

		text[w.len] = '\0';
		for (; *line != '\0'; line = end + 1) {
			end = strchr(line, '\n');
			if (end == NULL)
				fail_msg("%s: output does not end with a newline", path);
			fprintf(out, "expect %.*s\n", (int)(end - line), line);
		}
		return;
	}
	if (!gyl_view_eq(gyl_writer_view(&w), gyl_view(c->expect, c->expect_len)))
		fail_msg("%s:\nexpected\n%.*s\ngot\n%.*s\n(GYL_UPDATE=1 rewrites the file)", path,
			(int)c->expect_len, c->expect, (int)w.len, text);
}

static unsigned file_run(const char *path, void (*show)(struct gyl_view in, struct gyl_writer *out))
{
	bool update = getenv("GYL_UPDATE") != NULL;
	char *fresh = NULL, *line = NULL;
	size_t fresh_len = 0, cap = 0;
	FILE *in = fopen(path, "r");
	FILE *out = update ? open_memstream(&fresh, &fresh_len) : NULL;
	struct vcase c;
	unsigned n = 0;
	ssize_t len;

	assert_non_null(in);
	case_open(&c);
	do {
		len = getline(&line, &cap, in);
		if (len < 0 || line[0] == '\n') {
			if (c.any) {
				case_run(&c, path, out, show);
				n++;
			}
			case_reset(&c);
		}
		if (len < 0)
			break;
		add_line(&c, line);
		if (out != NULL && strncmp(line, "expect", 6) != 0)
			fputs(line, out);
	} while (true);
	fclose(in);
	free(line);
	case_close(&c);
	if (out != NULL) {
		fclose(out);
		out = fopen(path, "w");
		assert_non_null(out);
		fwrite(fresh, 1, fresh_len, out);
		fclose(out);
		free(fresh);
	}
	return n;
}

static int is_txt(const struct dirent *d)
{
	size_t len = strlen(d->d_name);

	return len > 4 && strcmp(d->d_name + len - 4, ".txt") == 0;
}

unsigned vectors_run(const char *dir, void (*show)(struct gyl_view in, struct gyl_writer *out))
{
	char path[512];
	struct dirent **names;
	unsigned n = 0;
	int cnt;

	snprintf(path, sizeof path, "%s/vectors/%s", GYL_TEST_DIR, dir);
	cnt = scandir(path, &names, is_txt, alphasort);
	if (cnt <= 0)
		fail_msg("no vectors in %s", path);
	for (int i = 0; i < cnt; i++) {
		snprintf(
			path, sizeof path, "%s/vectors/%s/%s", GYL_TEST_DIR, dir, names[i]->d_name);
		n += file_run(path, show);
		free(names[i]);
	}
	free(names);
	return n;
}
