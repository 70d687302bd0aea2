/* SPDX-License-Identifier: ISC */

/* Which reservations there are: a file may have tens of thousands. */

#include "services/guyline/import_own.h"

enum {
	BUCKET_CNT = 1 << 14
};

struct gyl_import_host {
	struct gyl_import_host *next;
	const struct gyl_conf_node *owner, *host;
};

/* What a reservation is found by; NULL ends. */
static const char *const keys[GYL_IMPORT_BY_CNT][4] = {
	{"address", NULL},
	{"mac", "client_id", "circuit_id", NULL},
};

/* FNV-1a. Whoever writes the file waits for it, so nobody gains by collisions. */
static uint32_t mix(uint32_t h, const void *p, size_t len)
{
	for (size_t n = 0; n < len; n++)
		h = (h ^ ((const uint8_t *)p)[n]) * 16777619U;
	return h;
}

static uint32_t bucket_of(
	const struct gyl_conf_node *owner, const struct gyl_conf_node *host, enum gyl_import_by by)
{
	uint32_t h = mix(2166136261U, &owner, sizeof owner);

	for (unsigned k = 0; keys[by][k] != NULL; k++) {
		const struct gyl_conf_node *n = gyl__import_get(host, keys[by][k]);

		h = mix(h, &k, sizeof k);
		if (n != NULL)
			h = mix(h, n->text.p, n->text.len);
	}
	return h % BUCKET_CNT;
}

static bool same(
	const struct gyl_conf_node *a, const struct gyl_conf_node *b, enum gyl_import_by by)
{
	for (unsigned k = 0; keys[by][k] != NULL; k++) {
		const struct gyl_conf_node *x = gyl__import_get(a, keys[by][k]),
					   *y = gyl__import_get(b, keys[by][k]);

		if (x == NULL || y == NULL ? x != y : !gyl_view_eq(x->text, y->text))
			return false;
	}
	return true;
}

bool gyl__import_host_find(const struct gyl_import *i, const struct gyl_conf_node *owner,
	const struct gyl_conf_node *host, enum gyl_import_by by)
{
	const struct gyl_import_host *h;

	if (i->host_bucket[by] == NULL ||
		(by == GYL_IMPORT_BY_ADDRESS && gyl__import_get(host, "address") == NULL))
		return false;
	h = i->host_bucket[by][bucket_of(owner, host, by)];
	while (h != NULL && (h->owner != owner || !same(h->host, host, by)))
		h = h->next;
	return h != NULL;
}

void gyl__import_host_add(
	struct gyl_import *i, const struct gyl_conf_node *owner, const struct gyl_conf_node *host)
{
	for (unsigned by = 0; by < GYL_IMPORT_BY_CNT; by++) {
		struct gyl_import_host *h = gyl_conf_alloc(i->c, sizeof *h), **bucket;

		if (i->host_bucket[by] == NULL)
			i->host_bucket[by] =
				gyl_conf_alloc(i->c, BUCKET_CNT * sizeof *i->host_bucket[by]);
		bucket = &i->host_bucket[by][bucket_of(owner, host, (enum gyl_import_by)by)];
		*h = (struct gyl_import_host){*bucket, owner, host};
		*bucket = h;
	}
}
