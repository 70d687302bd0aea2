/* SPDX-License-Identifier: ISC */
#include "services/guyline/import_lease.h"

#include <gyl/text.h>
#include <stdlib.h>
#include <sysexits.h>

#include "services/guyline/import_own.h"

enum {
	LEASE_MAX = 1 << 20 /* more than a configuration can have addresses */
};

static const struct {
	const char *name;
	enum gyl_lease_form form;
} forms[] = {
	{"isc", GYL_LEASE_ISC},
	{"kea", GYL_LEASE_KEA},
	{"dnsmasq", GYL_LEASE_DNSMASQ},
	{"json", GYL_LEASE_JSON},
	{"guyline", GYL_LEASE_JSON},
	{"csv", GYL_LEASE_CSV},
};

bool gyl_lease_form(const char *name, enum gyl_lease_form *ret_form)
{
	for (size_t n = 0; n < sizeof forms / sizeof forms[0]; n++) {
		if (strcmp(forms[n].name, name) != 0)
			continue;
		*ret_form = forms[n].form;
		return true;
	}
	return false;
}

/* ---- a list by address ---- */

void gyl_leases_init(struct gyl_leases *l, struct gyl_import *i)
{
	*l = (struct gyl_leases){.i = i, .cap = 1024};
	l->slot = gyl_conf_must(calloc(l->cap, sizeof *l->slot));
}

void gyl_leases_free(struct gyl_leases *l)
{
	free(l->slot);
	free(l->sorted);
}

/* Addresses of a pool follow each other: they spread by themselves. */
static size_t place(struct gyl_lease *const *slot, size_t cap, uint32_t ip)
{
	size_t at = (ip * UINT32_C(2654435761)) & (cap - 1);

	while (slot[at] != NULL && slot[at]->ip != ip)
		at = (at + 1) & (cap - 1);
	return at;
}

static void grow(struct gyl_leases *l)
{
	size_t cap = 2 * l->cap;
	struct gyl_lease **slot = gyl_conf_must(calloc(cap, sizeof *slot));

	for (size_t n = 0; n < l->cap; n++)
		if (l->slot[n] != NULL)
			slot[place(slot, cap, l->slot[n]->ip)] = l->slot[n];
	free(l->slot);
	l->slot = slot;
	l->cap = cap;
}

void gyl_leases_put(struct gyl_leases *l, const struct gyl_lease *lease)
{
	struct gyl_conf *c = l->i->c;
	size_t at = place(l->slot, l->cap, lease->ip);
	struct gyl_lease *own = l->slot[at];

	if (own == NULL) {
		if (l->cnt == LEASE_MAX) {
			gyl__import_bad(l->i, (struct gyl_import_place){0, 0}, "too many leases");
			return;
		}
		own = l->slot[at] = gyl_conf_alloc(c, sizeof *own);
		own->ip = lease->ip; /* it is found by that from now on */
		if (2 * ++l->cnt > l->cap)
			grow(l);
	}
	*own = *lease;
	if (own->end_s > GYL_LEASE_FAR_S)
		own->end_s = UINT64_MAX;
	if (own->start_s > GYL_LEASE_FAR_S)
		own->start_s = 0;
	if (own->end_s == 0) { /* ISC's dhcpd, too, takes a lease without an end as over */
		own->released = true;
		own->declined = false;
	}
	own->id = gyl_conf_copy(c, lease->id);
	own->name = gyl_conf_copy(c, lease->name);
	own->subnet = gyl_conf_copy(c, lease->subnet);
	own->option82 = gyl_conf_copy(c, lease->option82);
}

static int by_ip(const void *a, const void *b)
{
	const struct gyl_lease *x = *(struct gyl_lease *const *)a,
			       *y = *(struct gyl_lease *const *)b;

	return x->ip < y->ip ? -1 : x->ip > y->ip;
}

void gyl_leases_sort(struct gyl_leases *l)
{
	size_t cnt = 0;

	free(l->sorted);
	l->sorted = gyl_conf_must(calloc(l->cnt + 1, sizeof *l->sorted));
	for (size_t n = 0; n < l->cap; n++)
		if (l->slot[n] != NULL)
			l->sorted[cnt++] = l->slot[n];
	qsort(l->sorted, cnt, sizeof *l->sorted, by_ip);
}

/* ---- files ---- */

/* Kea begins with titles, dnsmasq with a time, JSON with a brace, ISC with words. */
static enum gyl_lease_form guess(struct gyl_view text)
{
	static const char kea[] = "address,hwaddr,";
	size_t at = 0;

	if (gyl_view_eq(gyl_view_sub(text, 0, sizeof kea - 1), gyl_view_str(kea)))
		return GYL_LEASE_KEA;
	while (at < text.len && strchr(" \t\r\n", text.p[at]) != NULL && text.p[at] != '\0')
		at++;
	if (at < text.len && text.p[at] == '{')
		return GYL_LEASE_JSON;
	return at < text.len && text.p[at] >= '0' && text.p[at] <= '9' ? GYL_LEASE_DNSMASQ
								       : GYL_LEASE_ISC;
}

static bool read_as(
	struct gyl_leases *l, uint32_t file, struct gyl_view text, enum gyl_lease_form form)
{
	bool good;

	if (form == GYL_LEASE_GUESS)
		form = guess(text);
	if (form == GYL_LEASE_KEA)
		good = gyl__leases_kea(l, file, text);
	else if (form == GYL_LEASE_DNSMASQ)
		good = gyl__leases_dnsmasq(l, file, text);
	else if (form == GYL_LEASE_JSON)
		good = gyl__leases_json(l, file, text);
	else if (form == GYL_LEASE_ISC)
		good = gyl__leases_isc(l, file, text);
	else
		good = gyl__import_bad(l->i,
			(struct gyl_import_place){file << GYL_IMPORT_FILE_SHIFT, 0},
			"csv is for people: json is read back");
	return good && !l->i->bad;
}

bool gyl_leases_text(
	struct gyl_leases *l, const char *file, struct gyl_view text, enum gyl_lease_form form)
{
	uint32_t no = gyl__import_file_add(l->i, file, 0);

	if (no == 0)
		return gyl__import_bad(l->i, (struct gyl_import_place){0, 0}, "too many files");
	return read_as(l, no, gyl_conf_copy(l->i->c, text), form);
}

bool gyl_leases_file(struct gyl_leases *l, const char *file, enum gyl_lease_form form)
{
	uint32_t no = gyl__import_file_add(l->i, file, 0);
	const char *why = "too many files";
	struct gyl_view text;

	if (no == 0 || !gyl__import_read(l->i, file, &text, &why))
		return gyl__import_bad(l->i,
			(struct gyl_import_place){no << GYL_IMPORT_FILE_SHIFT, 0},
			"cannot be read: %s", why);
	return read_as(l, no, text, form);
}

/* ---- the command ---- */

static int usage(void)
{
	fputs("usage: guyline import --leases [--from isc|kea|dnsmasq|json] FILE ... -o STATE-DIR\n",
		stderr);
	return EX_USAGE;
}

static int store(struct gyl_leases *l, const char *dir, bool good)
{
	size_t left = gyl_import_messages(l->i, stderr);
	int status;

	if (!good)
		return EX_DATAERR;
	status = gyl_leases_store(l, dir);
	if (status != 0)
		return status;
	fprintf(stderr, "%zu leases imported", l->cnt);
	if (left != 0)
		fprintf(stderr, ", %zu lines not", left);
	fputc('\n', stderr);
	return left != 0;
}

static int read_args(struct gyl_leases *l, int argc, char **argv)
{
	enum gyl_lease_form form = GYL_LEASE_GUESS;
	const char *dir = NULL;
	bool good = true;
	int files = 0;

	for (int n = 1; n < argc && good; n++) {
		if (strcmp(argv[n], "--leases") == 0)
			continue;
		if (strcmp(argv[n], "-o") == 0 && n + 1 < argc) {
			dir = argv[++n];
		} else if (strcmp(argv[n], "--from") == 0 && n + 1 < argc) {
			if (!gyl_lease_form(argv[++n], &form))
				return usage();
		} else if (argv[n][0] == '-') {
			return usage();
		} else {
			files++;
			good = gyl_leases_file(l, argv[n], form);
		}
	}
	return files == 0 || dir == NULL ? usage() : store(l, dir, good);
}

int gyl_import_leases(int argc, char **argv)
{
	struct gyl_import *i = gyl_import_new();
	struct gyl_leases l;
	int status;

	gyl_leases_init(&l, i);
	status = read_args(&l, argc, argv);
	gyl_leases_free(&l);
	gyl_import_free(i);
	return status;
}
