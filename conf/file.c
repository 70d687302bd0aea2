/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "conf/node.h"

static void set_dir(struct gyl_conf *c, const char *dir)
{
	c->dir = dir == NULL ? NULL : (const char *)gyl_conf_copy(c, gyl_view_str(dir)).p;
}

/* The directory of a file, absolute: the daemon may change its own before a path is opened. */
static void set_dir_of(struct gyl_conf *c, const char *file)
{
	const char *slash = strrchr(file, '/');
	char *cwd = file[0] == '/' ? NULL : getcwd(NULL, 0);
	size_t len = slash == NULL ? 0 : (size_t)(slash - file), cap;
	char *dir;

	cap = (cwd == NULL ? 0 : strlen(cwd)) + len + 2;
	dir = gyl_conf_must(malloc(cap));
	snprintf(dir, cap, "%s%s%.*s", cwd == NULL ? "" : cwd, cwd != NULL && len != 0 ? "/" : "",
		(int)len, file);
	set_dir(c, dir);
	free(dir);
	free(cwd);
}

/* What decides is the first character that is neither white space nor part of a comment line. */
static bool looks_like_json(struct gyl_view text)
{
	size_t i = 0;

	while (i < text.len && strchr(" \t\r\n\xef\xbb\xbf", text.p[i]) != NULL &&
		text.p[i] != '\0')
		i++;
	return i == text.len || strchr("{[\"/", text.p[i]) != NULL;
}

bool gyl_conf_load_text(struct gyl_conf *c, const char *file, const char *dir, struct gyl_view text,
	enum gyl_conf_form form)
{
	c->file = (const char *)gyl_conf_copy(c, gyl_view_str(file)).p;
	set_dir(c, dir);
	if (text.len > GYL_CONF_TEXT_MAX) {
		gyl__conf_error_at(c, 0, 0, "larger than %d MiB", GYL_CONF_TEXT_MAX >> 20);
		return false;
	}
	text = gyl_conf_copy(c, text);
	if (form == GYL_CONF_GUESS)
		form = looks_like_json(text) ? GYL_CONF_JSON : GYL_CONF_DHCPD;
	return form == GYL_CONF_JSON ? gyl__conf_read_json(c, text) : gyl__conf_read_dhcpd(c, text);
}

/* All of a stream, at most one octet more than a text may have. NULL: reading failed. */
static char *read_all(FILE *f, size_t *ret_len)
{
	size_t cap = 1 << 16, len = 0, got;
	char *buf = gyl_conf_must(malloc(cap));

	while ((got = fread(buf + len, 1, cap - len, f)) > 0) {
		len += got;
		if (len > GYL_CONF_TEXT_MAX)
			break;
		if (len == cap) {
			cap *= 2;
			buf = gyl_conf_must(realloc(buf, cap));
		}
	}
	if (ferror(f)) {
		free(buf);
		return NULL;
	}
	*ret_len = len;
	return buf;
}

bool gyl_conf_load_file(struct gyl_conf *c, const char *file, enum gyl_conf_form form)
{
	FILE *f = fopen(file, "re");
	size_t len = 0;
	char *buf = f == NULL ? NULL : read_all(f, &len);
	int why = errno;
	bool ok;

	if (f != NULL)
		fclose(f);
	if (buf == NULL) {
		c->file = (const char *)gyl_conf_copy(c, gyl_view_str(file)).p;
		gyl__conf_error_at(c, 0, 0, "cannot be read: %s", strerror(why));
		return false;
	}
	ok = gyl_conf_load_text(c, file, NULL, gyl_view(buf, len), form);
	set_dir_of(c, file);
	free(buf);
	return ok;
}
