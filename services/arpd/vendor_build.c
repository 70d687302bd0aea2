/* SPDX-License-Identifier: ISC */

/* The block of vendors, out of the IEEE's lists as Debian's ieee-data has them. */

#include "services/arpd/vendor_build.h"

#include <stdlib.h>
#include <string.h>

#include "services/arpd/vendor.h"

enum {
	FILE_MAX = 64 << 20, /* octets of a list that is read */
	ENTRY_MAX = 1000000,
	NAMES_MAX = 64 << 20
};

/* What was read so far. */
struct lists {
	struct gyl_arpd_vendor_entry *entry;
	uint32_t cnt, cap;
	FILE *names; /* in memory */
	char *name;
	size_t name_len, name_at;
	bool failed;
};

/* All of a file; NULL: it is not there, or cannot be read. */
static char *read_file(const char *path, size_t *ret_len)
{
	FILE *in = fopen(path, "re");
	char *text = NULL;
	long len;

	if (in == NULL)
		return NULL;
	if (fseek(in, 0, SEEK_END) == 0 && (len = ftell(in)) >= 0 && len <= FILE_MAX &&
		fseek(in, 0, SEEK_SET) == 0) {
		text = malloc((size_t)len + 1);
		if (text != NULL)
			*ret_len = fread(text, 1, (size_t)len, in);
	}
	(void)fclose(in);
	return text;
}

static bool grow(struct lists *l)
{
	uint32_t cap = l->cap == 0 ? 4096 : 2 * l->cap;
	struct gyl_arpd_vendor_entry *grown;

	if (l->cnt < l->cap)
		return true;
	grown = l->cnt < ENTRY_MAX ? realloc(l->entry, cap * sizeof *grown) : NULL;
	if (grown == NULL)
		return false;
	l->entry = grown;
	l->cap = cap;
	return true;
}

static void add(struct lists *l, const struct gyl_arpd_oui_line *line)
{
	struct gyl_arpd_vendor_entry *e;

	if (l->failed || !grow(l) || l->name_at + line->name.len > NAMES_MAX ||
		(line->name.len != 0 && fwrite(line->name.p, line->name.len, 1, l->names) != 1)) {
		l->failed = true;
		return;
	}
	e = &l->entry[l->cnt++];
	e->key = gyl_arpd_vendor_key(line->prefix, line->bits);
	e->off = (uint32_t)l->name_at;
	e->len = (uint32_t)line->name.len;
	l->name_at += line->name.len;
}

static bool add_file(struct lists *l, struct gyl_build *b, const char *path)
{
	struct gyl_arpd_oui_line line;
	struct gyl_arpd_oui p;
	size_t len = 0;
	char *text;

	gyl_build_file(b, path);
	text = read_file(path, &len);
	if (text == NULL)
		return false;
	gyl_arpd_oui_init(&p, gyl_view(text, len));
	while (gyl_arpd_oui_next(&p, &line))
		add(l, &line);
	free(text);
	return true;
}

/* "…/oui.txt" has "…/mam.txt" and "…/oui36.txt" beside it: the smaller blocks of addresses. */
static void add_beside(struct lists *l, struct gyl_build *b, const char *path)
{
	static const char *const stem[] = {"mam", "oui36"};
	const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
	char beside[4096];

	if (strncmp(name, "oui.", 4) != 0)
		return;
	for (size_t i = 0; i < sizeof stem / sizeof stem[0]; i++) {
		snprintf(beside, sizeof beside, "%.*s%s%s", (int)(name - path), path, stem[i],
			name + 3);
		(void)add_file(l, b, beside);
	}
}

static int by_key(const void *a, const void *b)
{
	const struct gyl_arpd_vendor_entry *x = a, *y = b;

	return x->key < y->key ? -1 : x->key > y->key;
}

/* Some are sold twice: one of them will do. */
static void sort(struct lists *l)
{
	uint32_t kept = 0;

	if (l->cnt == 0)
		return;
	qsort(l->entry, l->cnt, sizeof l->entry[0], by_key);
	for (uint32_t i = 0; i < l->cnt; i++)
		if (kept == 0 || l->entry[kept - 1].key != l->entry[i].key)
			l->entry[kept++] = l->entry[i];
	l->cnt = kept;
}

static bool write_block(const struct lists *l, FILE *out)
{
	struct gyl_arpd_vendors head = {.magic = GYL_ARPD_VENDORS_MAGIC, .cnt = l->cnt};
	size_t at = sizeof head + l->cnt * sizeof l->entry[0];

	head.len = at + l->name_at;
	for (uint32_t i = 0; i < l->cnt; i++)
		l->entry[i].off += (uint32_t)at;
	return fwrite(&head, sizeof head, 1, out) == 1 &&
	       fwrite(l->entry, sizeof l->entry[0], l->cnt, out) == l->cnt &&
	       fwrite(l->name, 1, l->name_at, out) == l->name_at;
}

bool gyl_arpd_vendors_build(const char *path, struct gyl_build *b)
{
	struct lists l = {.cnt = 0};
	bool ok = true;

	if (path[0] == '\0')
		return true;
	l.names = open_memstream(&l.name, &l.name_len);
	if (l.names == NULL) {
		gyl_build_error(b, path, 0, 0, "no memory for the names of vendors");
		return false;
	}
	if (add_file(&l, b, path))
		add_beside(&l, b, path);
	if (fclose(l.names) != 0 || l.failed) {
		gyl_build_warn(b, path, 0, 0, "too large for a list of vendors: not used");
	} else if (l.cnt != 0) {
		sort(&l);
		ok = write_block(&l, gyl_build_out(b));
		if (!ok)
			gyl_build_error(b, path, 0, 0, "the block of vendors cannot be written");
	}
	free(l.entry);
	free(l.name);
	return ok;
}
