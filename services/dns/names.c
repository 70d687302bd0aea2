/* SPDX-License-Identifier: ISC */
#include "services/dns/names.h"

const struct gyl_dns_names_head *gyl_dns_names_head(const struct gyl_dns_image *im)
{
	const uint8_t *p = (const uint8_t *)im;

	if (im == NULL || im->names_off == 0)
		return NULL;
	return (const struct gyl_dns_names_head *)(const void *)(p + im->names_off);
}

static const struct gyl_dns_named *find(const struct gyl_dns_image *im,
	const struct gyl_dns_names *t, const uint8_t *name, size_t len, uint64_t hash)
{
	const uint8_t *base = (const uint8_t *)im;
	const struct gyl_dns_slot *slot =
		(const struct gyl_dns_slot *)(const void *)(base + t->slot_off);
	uint32_t at = (uint32_t)((hash >> 32) * t->slot_cnt >> 32);

	for (; slot[at].off != 0; at = at + 1 == t->slot_cnt ? 0 : at + 1) {
		const struct gyl_dns_named *e =
			(const struct gyl_dns_named *)(const void *)(base + slot[at].off);

		if (slot[at].tag == (uint32_t)hash && e->name_len == len &&
			memcmp(e->name, name, len) == 0)
			return e;
	}
	return NULL;
}

/* The longest proper suffix that says something of names below it. */
static uint16_t find_above(const struct gyl_dns_image *im, const struct gyl_dns_names *t,
	const struct gyl_dns_key *k, size_t *ret_len)
{
	const uint8_t *name = k->name;
	unsigned labels = gyl_dns_name_label_cnt(name);

	while (*name != 0) {
		const struct gyl_dns_named *e;
		size_t len;

		name += *name + 1;
		labels--;
		if (labels > t->label_max)
			continue;
		len = k->len - (size_t)(name - k->name);
		e = find(im, t, name, len, gyl_dns_hash(name, len));
		if (e != NULL && e->below != 0) {
			*ret_len = len;
			return e->below;
		}
	}
	return 0;
}

uint16_t gyl_dns_names_find(const struct gyl_dns_image *im, enum gyl_dns_table table,
	const struct gyl_dns_key *k, size_t *ret_len)
{
	const struct gyl_dns_names_head *head = gyl_dns_names_head(im);
	const struct gyl_dns_named *e;
	size_t len = 0;
	uint16_t said;

	if (head == NULL || head->table[table].cnt == 0)
		return 0;
	e = find(im, &head->table[table], k->name, k->len, k->hash);
	if (e != NULL && e->self != 0) {
		said = e->self;
		len = k->len;
	} else {
		said = find_above(im, &head->table[table], k, &len);
	}
	if (ret_len != NULL)
		*ret_len = len;
	return said;
}

const struct gyl_dns_named *gyl_dns_names_entry(
	const struct gyl_dns_image *im, enum gyl_dns_table table, const uint8_t *name, size_t len)
{
	const struct gyl_dns_names_head *head = gyl_dns_names_head(im);
	struct gyl_dns_key k;

	if (head == NULL)
		return NULL;
	gyl_dns_key_init(&k, name, len);
	return find(im, &head->table[table], k.name, len, k.hash);
}
