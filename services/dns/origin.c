/* SPDX-License-Identifier: ISC */
#include "services/dns/origin.h"

#include "services/dns/names.h"

static const struct gyl_dns_origin *list_of(const struct gyl_dns_image *im)
{
	const uint8_t *p = (const uint8_t *)im + gyl_dns_names_head(im)->origin_off;

	return (const struct gyl_dns_origin *)(const void *)p;
}

/* The last entry at or before off, NULL: there is none. */
static const struct gyl_dns_origin *find(const struct gyl_dns_image *im, uint32_t off)
{
	const struct gyl_dns_names_head *head = gyl_dns_names_head(im);
	uint32_t low = 0, high = head == NULL ? 0 : head->origin_cnt;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (list_of(im)[mid].off <= off)
			low = mid + 1;
		else
			high = mid;
	}
	return low == 0 ? NULL : &list_of(im)[low - 1];
}

static void set_place(const struct gyl_dns_image *im, const struct gyl_dns_origin *o, uint32_t at,
	struct gyl_dns_place *ret_place)
{
	const uint8_t *p = (const uint8_t *)im + gyl_dns_names_head(im)->path_off;
	const uint8_t *end = (const uint8_t *)im + im->len, *nul = p;

	for (unsigned i = 0; i <= o->file; i++) {
		p = i == 0 ? p : nul + 1;
		nul = memchr(p, 0, (size_t)(end - p));
	}
	ret_place->path = gyl_view(p, (size_t)(nul - p));
	ret_place->line = o->line + at;
}

bool gyl_dns_origin_node(
	const struct gyl_dns_image *im, uint32_t off, struct gyl_dns_place *ret_place)
{
	const struct gyl_dns_origin *o = find(im, off);

	if (o == NULL || o->off != off)
		return false;
	set_place(im, o, 0, ret_place);
	return true;
}

/* The one that the entry at off was made by: which of a run, the entries tell. */
static bool in_run(const struct gyl_dns_image *im, uint32_t off, struct gyl_dns_place *ret_place)
{
	const struct gyl_dns_origin *o = find(im, off);
	uint32_t at = 0, pos;

	while (o != NULL && o->off % 4 != 0)
		o = o == list_of(im) ? NULL : o - 1;
	if (o == NULL || o->off < gyl_dns_names_head(im)->table[GYL_DNS_TABLE_BLOCK].entry_off)
		return false;
	for (pos = o->off; pos < off && at < o->run; at++)
		pos += (uint32_t)gyl_dns_named_len(
			(const struct gyl_dns_named *)(const void *)((const uint8_t *)im + pos));
	if (pos != off || at >= o->run)
		return false;
	set_place(im, o, at, ret_place);
	return true;
}

bool gyl_dns_origin_block(const struct gyl_dns_image *im, const struct gyl_dns_key *k, size_t len,
	struct gyl_dns_place *ret_place)
{
	const struct gyl_dns_named *e =
		gyl_dns_names_entry(im, GYL_DNS_TABLE_BLOCK, k->name + (k->len - len), len);
	const struct gyl_dns_origin *own;
	uint32_t off, said;

	if (e == NULL)
		return false;
	off = (uint32_t)((const uint8_t *)e - (const uint8_t *)im);
	said = len == k->len && e->self != 0 ? GYL_DNS_ORIGIN_SELF : GYL_DNS_ORIGIN_BELOW;
	own = find(im, off + said);
	if (own != NULL && own->off == off + said) {
		set_place(im, own, 0, ret_place);
		return true;
	}
	return in_run(im, off, ret_place);
}

bool gyl__dns_origin_check(const struct gyl_dns_image *im, uint64_t off)
{
	const struct gyl_dns_names_head *head = gyl_dns_names_head(im);
	uint64_t left = im->len - off, end = off;
	uint32_t last = 0;

	if (head->origin_off != off || head->origin_cnt > left / sizeof(struct gyl_dns_origin))
		return false;
	end += head->origin_cnt * sizeof(struct gyl_dns_origin);
	for (uint32_t i = 0; i < head->origin_cnt; i++) {
		const struct gyl_dns_origin *o = &list_of(im)[i];

		if (o->off <= last || o->off % 4 == 3 || o->file >= head->path_cnt || o->run == 0 ||
			o->run > GYL_DNS_ORIGIN_RUN_MAX || o->line > INT32_MAX)
			return false;
		last = o->off;
	}
	if (head->path_off != end)
		return false;
	for (uint32_t i = 0; i < head->path_cnt; i++) {
		const uint8_t *p = (const uint8_t *)im + end;
		const uint8_t *nul = end == im->len ? NULL : memchr(p, 0, im->len - end);

		if (nul == NULL)
			return false;
		end += (uint64_t)(nul - p) + 1;
	}
	return im->len - end < 4;
}
