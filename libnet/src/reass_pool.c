/* SPDX-License-Identifier: ISC */
#include "libnet/src/reass_pool.h"

enum {
	MEM_MIN = 16 * 1024,
	MEM_MAX = 16 * 1024 * 1024,
	MEM_PER_ENTRY = 1024,
	PIECE_MIN = 2,
	PIECE_MAX = 64,
	/* The completing piece is not kept, so a datagram may be longer than a share. */
	OUT_EXTRA = 2048,
	OUT_MAX = 65536
};

/* ---- the block ---- */

static size_t align8(size_t len)
{
	return (len + 7) & ~(size_t)7;
}

static unsigned hash_bits(size_t cnt)
{
	unsigned bits = 4;

	while (((size_t)1 << bits) < cnt)
		bits++;
	return bits;
}

static size_t out_len(size_t page_cnt)
{
	size_t len = page_cnt / GYL__REASS_SHARE * GYL__REASS_PAGE_LEN + OUT_EXTRA;

	return len < OUT_MAX ? len : OUT_MAX;
}

/* Octets that do not depend on the number of pages. */
static size_t fixed_len(const struct gyl__reass *r)
{
	return align8(sizeof(*r)) + r->entry_cnt * (r->stride + sizeof(struct gyl__reass_source)) +
	       2 * ((size_t)1 << hash_bits(r->entry_cnt)) * sizeof(uint16_t) + GYL_IPV4_HEADER_MAX;
}

static size_t whole_len(const struct gyl__reass *r)
{
	return align8(fixed_len(r) + r->page_cnt * sizeof(uint16_t) + out_len(r->page_cnt) +
		      (size_t)r->page_cnt * GYL__REASS_PAGE_LEN);
}

/* How many of everything. Pages get what is left, the largest number of them that fits. */
static bool plan(struct gyl__reass *r, const struct gyl__reass_conf *cf)
{
	if (cf->mem_len < MEM_MIN || cf->mem_len > MEM_MAX || cf->piece_max < PIECE_MIN ||
		cf->piece_max > PIECE_MAX)
		return false;
	memset(r, 0, sizeof(*r));
	r->cf = *cf;
	r->stride = align8(
		sizeof(struct gyl__reass_entry) + cf->piece_max * sizeof(struct gyl__reass_piece));
	r->entry_cnt = (uint16_t)(cf->mem_len / MEM_PER_ENTRY);
	r->entry_share = r->entry_cnt / GYL__REASS_SHARE;
	r->page_cnt = (uint16_t)(cf->mem_len / GYL__REASS_PAGE_LEN);
	while (whole_len(r) > cf->mem_len)
		r->page_cnt--;
	r->page_share = r->page_cnt / GYL__REASS_SHARE;
	r->out_len = out_len(r->page_cnt);
	return true;
}

struct gyl__reass_conf gyl__reass_defaults(uint64_t seed)
{
	struct gyl__reass_conf cf = {GYL__REASS_MEM_LEN, GYL__REASS_PIECE_MAX, seed};

	return cf;
}

size_t gyl__reass_need(const struct gyl__reass_conf *cf)
{
	struct gyl__reass r;

	return plan(&r, cf) ? whole_len(&r) : 0;
}

/* Wide things first, so that all are aligned. */
static void carve(struct gyl__reass *r)
{
	size_t slot_cnt = (size_t)1 << hash_bits(r->entry_cnt);

	r->entry = (uint8_t *)r + align8(sizeof(*r));
	r->source = (struct gyl__reass_source *)(void *)(r->entry + r->entry_cnt * r->stride);
	r->hash = (uint16_t *)(void *)(r->source + r->entry_cnt);
	r->source_hash = r->hash + slot_cnt;
	r->page_next = r->source_hash + slot_cnt;
	r->out = (uint8_t *)(r->page_next + r->page_cnt);
	r->page = r->out + GYL_IPV4_HEADER_MAX + r->out_len;
	memset(r->hash, 0xff, 2 * slot_cnt * sizeof(uint16_t));
}

static void free_all(struct gyl__reass *r)
{
	r->entry_free = r->source_free = r->page_free = GYL__REASS_NONE;
	for (size_t i = r->entry_cnt; i-- > 0;) {
		struct gyl__reass_entry *e = gyl__reass_at(r, (uint16_t)i);

		e->index = (uint16_t)i;
		e->chain = r->entry_free;
		r->entry_free = (uint16_t)i;
		r->source[i].chain = r->source_free;
		r->source_free = (uint16_t)i;
	}
	for (size_t i = r->page_cnt; i-- > 0;) {
		r->page_next[i] = r->page_free;
		r->page_free = (uint16_t)i;
	}
}

struct gyl__reass *gyl__reass_init(void *mem, const struct gyl__reass_conf *cf)
{
	struct gyl__reass *r = mem;

	if (gyl__reass_need(cf) == 0)
		return NULL;
	plan(r, cf);
	/* splitmix64's increment; two factors, since a key is two words. */
	r->hash_mul[0] = cf->seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
	r->hash_mul[1] = (cf->seed ^ cf->seed >> 32) * UINT64_C(0xbf58476d1ce4e5b9) | 1;
	r->hash_add = cf->seed;
	r->hash_shift = 64 - hash_bits(r->entry_cnt);
	memset(&r->time, 0xff, sizeof(r->time));
	memset(r->use, 0xff, sizeof(r->use));
	carve(r);
	free_all(r);
	return r;
}

/* ---- pages ---- */

void gyl__reass_free_pages(struct gyl__reass *r, struct gyl__reass_entry *e)
{
	if (e->page_cnt == 0)
		return;
	r->page_next[e->page_tail] = r->page_free;
	r->page_free = e->page_head;
	r->stat.page_cnt -= e->page_cnt;
	r->source[e->source].page_cnt = (uint16_t)(r->source[e->source].page_cnt - e->page_cnt);
	e->page_cnt = 0;
}

/* Pages from the least recently used of these, whose key stays: its other pieces would only begin
 * another half. False: e is the only one. */
static bool evict_pages(
	struct gyl__reass *r, const struct gyl__reass_list *use, const struct gyl__reass_entry *e)
{
	struct gyl__reass_entry *old = gyl__reass_at(r, use[GYL__REASS_IS_HELD].head);

	if (old == e)
		return false;
	r->stat.evict_cnt++;
	gyl__reass_poison(r, old);
	return true;
}

static void page_take(struct gyl__reass *r, struct gyl__reass_entry *e)
{
	uint16_t page = r->page_free;

	r->page_free = r->page_next[page];
	if (e->page_cnt == 0)
		e->page_head = page;
	else
		r->page_next[e->page_tail] = page;
	e->page_tail = page;
	e->page_cnt++;
	e->fill = 0;
	r->source[e->source].page_cnt++;
	r->stat.page_cnt++;
}

bool gyl__reass_reserve(struct gyl__reass *r, struct gyl__reass_entry *e, size_t len)
{
	size_t room = e->page_cnt == 0 ? 0 : (size_t)(GYL__REASS_PAGE_LEN - e->fill);
	size_t cnt = len <= room ? 0 : (len - room + GYL__REASS_PAGE_LEN - 1) / GYL__REASS_PAGE_LEN;
	const struct gyl__reass_source *s = &r->source[e->source];

	gyl__reass_touch(r, e);
	while (s->page_cnt + cnt > r->page_share)
		if (!evict_pages(r, s->use, e))
			return false;
	while (r->stat.page_cnt + cnt > r->page_cnt)
		if (!evict_pages(r, r->use, e))
			return false;
	return true;
}

void gyl__reass_append(struct gyl__reass *r, struct gyl__reass_entry *e, struct gyl_view v)
{
	while (v.len != 0) {
		size_t len;

		if (e->page_cnt == 0 || e->fill == GYL__REASS_PAGE_LEN)
			page_take(r, e);
		len = (size_t)(GYL__REASS_PAGE_LEN - e->fill);
		len = v.len < len ? v.len : len;
		memcpy(r->page + (size_t)e->page_tail * GYL__REASS_PAGE_LEN + e->fill, v.p, len);
		e->fill = (uint16_t)(e->fill + len);
		v = gyl_view(v.p + len, v.len - len);
	}
}

struct gyl__reass_reader gyl__reass_reader(const struct gyl__reass_entry *e)
{
	struct gyl__reass_reader rd = {e->page_head, 0};

	return rd;
}

void gyl__reass_read(
	const struct gyl__reass *r, struct gyl__reass_reader *rd, uint8_t *dst, size_t len)
{
	while (len != 0) {
		size_t part;

		if (rd->at == GYL__REASS_PAGE_LEN) {
			rd->page = r->page_next[rd->page];
			rd->at = 0;
		}
		part = (size_t)(GYL__REASS_PAGE_LEN - rd->at);
		part = len < part ? len : part;
		if (dst != NULL) {
			memcpy(dst, r->page + (size_t)rd->page * GYL__REASS_PAGE_LEN + rd->at,
				part);
			dst += part;
		}
		rd->at = (uint16_t)(rd->at + part);
		len -= part;
	}
}
