/* SPDX-License-Identifier: ISC */
#include "services/arpd/book.h"

#include <gyl/eth.h>

enum {
	SWEEP = 32 /* entries that are looked at for room */
};

#define NONE UINT32_MAX

static unsigned bits_for(uint32_t cap)
{
	unsigned bits = 4;

	while (bits < 30 && UINT32_C(1) << bits < cap)
		bits++;
	return bits;
}

size_t gyl_arpd_book_need(uint32_t cap)
{
	return cap * sizeof(struct gyl_arpd_entry) +
	       ((size_t)1 << bits_for(cap)) * sizeof(uint32_t);
}

void gyl_arpd_book_init(struct gyl_arpd_book *b, void *mem, uint32_t cap, const uint64_t seed[2])
{
	unsigned bits = bits_for(cap);

	memset(b, 0, sizeof *b);
	b->entry = mem;
	b->bucket = (uint32_t *)(void *)(b->entry + cap);
	b->cap = cap;
	b->turn = 1;
	b->shift = 64 - bits;
	b->mul = seed[1] * UINT64_C(0x9e3779b97f4a7c15) | 1;
	b->add = seed[0];
	memset(b->bucket, 0xff, ((size_t)1 << bits) * sizeof b->bucket[0]);
	for (uint32_t i = 0; i < cap; i++) {
		b->entry[i].used = false;
		b->entry[i].chain = i + 1 < cap ? i + 1 : NONE;
	}
}

static uint32_t *bucket_of(const struct gyl_arpd_book *b, uint32_t ip)
{
	return &b->bucket[(ip * b->mul + b->add) >> b->shift];
}

struct gyl_arpd_entry *gyl_arpd_book_find(const struct gyl_arpd_book *b, uint32_t ip)
{
	uint32_t i = *bucket_of(b, ip);

	while (i != NONE && b->entry[i].ip != ip)
		i = b->entry[i].chain;
	return i == NONE ? NULL : &b->entry[i];
}

static void drop(struct gyl_arpd_book *b, uint32_t i)
{
	uint32_t *at = bucket_of(b, b->entry[i].ip);

	while (*at != i)
		at = &b->entry[*at].chain;
	*at = b->entry[i].chain;
	b->entry[i].used = false;
	b->entry[i].chain = b->free;
	b->free = i;
	b->cnt--;
}

/* Room for one more: of the next few entries the first that says nothing any more goes. */
static bool make_room(struct gyl_arpd_book *b, uint64_t old_ns)
{
	for (int n = 0; n < SWEEP && b->cnt == b->cap; n++) {
		const struct gyl_arpd_entry *e = &b->entry[b->sweep];

		if (e->used && !e->lease && e->since_ns < old_ns)
			drop(b, b->sweep);
		b->sweep = b->sweep + 1 < b->cap ? b->sweep + 1 : 0;
	}
	if (b->cnt < b->cap)
		return true;
	b->lost = true;
	return false;
}

static struct gyl_arpd_entry *get(
	struct gyl_arpd_book *b, uint64_t now_ns, uint64_t old_ns, uint32_t ip)
{
	struct gyl_arpd_entry *e = gyl_arpd_book_find(b, ip);
	uint32_t i, *bucket = bucket_of(b, ip);

	if (e != NULL)
		return e;
	if (!make_room(b, old_ns))
		return NULL;
	i = b->free;
	e = &b->entry[i];
	b->free = e->chain;
	memset(e, 0, sizeof *e);
	e->ip = ip;
	e->used = true;
	e->since_ns = now_ns;
	e->chain = *bucket;
	*bucket = i;
	b->cnt++;
	return e;
}

static void set_name(struct gyl_arpd_entry *e, struct gyl_view name)
{
	e->name_len = (uint8_t)(name.len < GYL_ARPD_NAME_MAX ? name.len : GYL_ARPD_NAME_MAX);
	if (e->name_len != 0)
		memcpy(e->name, name.p, e->name_len);
}

void gyl_arpd_book_lease(struct gyl_arpd_book *b, uint64_t now_ns, uint64_t old_ns, uint32_t ip,
	const uint8_t mac[6], struct gyl_view name)
{
	struct gyl_arpd_entry *e = get(b, now_ns, old_ns, ip);
	bool same;

	if (e == NULL)
		return;
	e->epoch = b->epoch;
	same = e->lease && gyl_eth_mac_eq(e->mac, mac);
	if (name.len != 0 || !same)
		set_name(e, name);
	if (same)
		return;
	b->lease_cnt += !e->lease;
	e->lease = true;
	memcpy(e->mac, mac, sizeof e->mac);
	e->since_ns = now_ns;
	b->turn++;
}

static void end(struct gyl_arpd_book *b, uint64_t now_ns, struct gyl_arpd_entry *e)
{
	if (!e->lease)
		return;
	e->lease = false;
	e->name_len = 0;
	e->since_ns = now_ns;
	b->lease_cnt--;
	b->turn++;
}

void gyl_arpd_book_end(struct gyl_arpd_book *b, uint64_t now_ns, uint32_t ip)
{
	struct gyl_arpd_entry *e = gyl_arpd_book_find(b, ip);

	if (e != NULL)
		end(b, now_ns, e);
}

void gyl_arpd_book_name(struct gyl_arpd_book *b, uint64_t now_ns, uint64_t old_ns, uint32_t ip,
	struct gyl_view name)
{
	struct gyl_arpd_entry *e;

	/* What has no lease and no name need not be there. */
	e = name.len == 0 ? gyl_arpd_book_find(b, ip) : get(b, now_ns, old_ns, ip);
	if (e != NULL)
		set_name(e, name);
}

void gyl_arpd_book_begin(struct gyl_arpd_book *b)
{
	b->epoch++;
	b->lost = false;
}

void gyl_arpd_book_whole(struct gyl_arpd_book *b, uint64_t now_ns)
{
	for (uint32_t i = 0; i < b->cap; i++)
		if (b->entry[i].used && b->entry[i].epoch != b->epoch)
			end(b, now_ns, &b->entry[i]);
	b->whole = true;
}
