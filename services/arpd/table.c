/* SPDX-License-Identifier: ISC */
#include "services/arpd/table.h"

_Static_assert(sizeof(struct gyl_arpd_host) == 64, "a line of the cache");

static unsigned bits_for(uint32_t cap)
{
	unsigned bits = 4;

	while (bits < 30 && UINT32_C(1) << bits < cap)
		bits++;
	return bits;
}

size_t gyl_arpd_table_need(uint32_t cap)
{
	size_t each = sizeof(struct gyl_arpd_host) + sizeof(struct gyl_arpd_past);

	return cap * each + ((size_t)1 << bits_for(cap)) * sizeof(uint32_t);
}

void gyl_arpd_table_init(struct gyl_arpd_table *t, void *mem, uint32_t cap, const uint64_t seed[2])
{
	unsigned bits = bits_for(cap);

	t->host = mem;
	t->past = (struct gyl_arpd_past *)(void *)(t->host + cap);
	t->bucket = (uint32_t *)(void *)(t->past + cap);
	t->cap = cap;
	t->cnt = 0;
	t->shift = 64 - bits;
	t->mul = seed[0] * UINT64_C(0x9e3779b97f4a7c15) | 1;
	t->add = seed[1];
	memset(t->oldest, 0xff, sizeof t->oldest);
	memset(t->newest, 0xff, sizeof t->newest);
	memset(t->bucket, 0xff, ((size_t)1 << bits) * sizeof t->bucket[0]);
	for (uint32_t i = 0; i < cap; i++) {
		t->host[i].used = false;
		t->host[i].chain = i + 1 < cap ? i + 1 : GYL_ARPD_NONE;
	}
	t->free = cap == 0 ? GYL_ARPD_NONE : 0;
}

struct gyl_arpd_host *gyl_arpd_table_find(
	const struct gyl_arpd_table *t, uint32_t ip, uint16_t vlan)
{
	uint32_t i = *gyl_arpd_table_bucket(t, ip, vlan);

	while (i != GYL_ARPD_NONE && (t->host[i].ip != ip || t->host[i].vlan != vlan))
		i = t->host[i].chain;
	return i == GYL_ARPD_NONE ? NULL : &t->host[i];
}

static uint32_t index_of(const struct gyl_arpd_table *t, const struct gyl_arpd_host *h)
{
	return (uint32_t)(h - t->host);
}

static void unlink_host(struct gyl_arpd_table *t, struct gyl_arpd_host *h)
{
	if (h->older != GYL_ARPD_NONE)
		t->host[h->older].newer = h->newer;
	else
		t->oldest[h->order] = h->newer;
	if (h->newer != GYL_ARPD_NONE)
		t->host[h->newer].older = h->older;
	else
		t->newest[h->order] = h->older;
}

static void link_newest(
	struct gyl_arpd_table *t, struct gyl_arpd_host *h, enum gyl_arpd_order order)
{
	uint32_t i = index_of(t, h);

	h->order = (uint8_t)order;
	h->older = t->newest[order];
	h->newer = GYL_ARPD_NONE;
	if (h->older != GYL_ARPD_NONE)
		t->host[h->older].newer = i;
	else
		t->oldest[order] = i;
	t->newest[order] = i;
}

struct gyl_arpd_host *gyl_arpd_table_add(struct gyl_arpd_table *t, uint32_t ip, uint16_t vlan)
{
	uint32_t i = t->free, *bucket = gyl_arpd_table_bucket(t, ip, vlan);
	struct gyl_arpd_host *h;

	if (i == GYL_ARPD_NONE)
		return NULL;
	h = &t->host[i];
	t->free = h->chain;
	memset(h, 0, sizeof *h);
	memset(&t->past[i], 0, sizeof t->past[i]);
	h->ip = ip;
	h->vlan = vlan;
	h->used = true;
	h->chain = *bucket;
	*bucket = i;
	link_newest(t, h, GYL_ARPD_ONCE);
	t->cnt++;
	return h;
}

void gyl_arpd_table_remove(struct gyl_arpd_table *t, struct gyl_arpd_host *h)
{
	uint32_t i = index_of(t, h), *at = gyl_arpd_table_bucket(t, h->ip, h->vlan);

	while (*at != i)
		at = &t->host[*at].chain;
	*at = h->chain;
	unlink_host(t, h);
	h->used = false;
	h->chain = t->free;
	t->free = i;
	t->cnt--;
}

void gyl_arpd_table_move(
	struct gyl_arpd_table *t, struct gyl_arpd_host *h, enum gyl_arpd_order order)
{
	unlink_host(t, h);
	link_newest(t, h, order);
}

/* Merges two lists that are linked by `newer` and sorted, oldest first. */
static uint32_t merge(struct gyl_arpd_table *t, uint32_t a, uint32_t b)
{
	uint32_t head = GYL_ARPD_NONE, *at = &head;

	while (a != GYL_ARPD_NONE && b != GYL_ARPD_NONE) {
		uint32_t *least = t->host[b].last_ns < t->host[a].last_ns ? &b : &a;

		*at = *least;
		at = &t->host[*least].newer;
		*least = *at;
	}
	*at = a != GYL_ARPD_NONE ? a : b;
	return head;
}

/* Merge sort from the bottom: run[i] is a sorted list of 2^i entries, or empty. */
void gyl_arpd_table_sort(struct gyl_arpd_table *t, enum gyl_arpd_order order)
{
	uint32_t run[33], next, before = GYL_ARPD_NONE, all = GYL_ARPD_NONE;

	for (int i = 0; i < 33; i++)
		run[i] = GYL_ARPD_NONE;
	for (uint32_t h = t->oldest[order]; h != GYL_ARPD_NONE; h = next) {
		int i = 0;

		next = t->host[h].newer;
		t->host[h].newer = GYL_ARPD_NONE;
		for (; run[i] != GYL_ARPD_NONE; i++) {
			h = merge(t, run[i], h);
			run[i] = GYL_ARPD_NONE;
		}
		run[i] = h;
	}
	for (int i = 0; i < 33; i++)
		all = merge(t, run[i], all);
	t->oldest[order] = all;
	for (uint32_t h = all; h != GYL_ARPD_NONE; h = t->host[h].newer) {
		t->host[h].older = before;
		before = h;
	}
	t->newest[order] = before;
}

struct gyl_arpd_host *gyl_arpd_table_oldest(
	const struct gyl_arpd_table *t, enum gyl_arpd_order order)
{
	return t->oldest[order] == GYL_ARPD_NONE ? NULL : &t->host[t->oldest[order]];
}

struct gyl_arpd_host *gyl_arpd_table_walk(const struct gyl_arpd_table *t, uint32_t *at)
{
	while (*at < t->cap) {
		struct gyl_arpd_host *h = &t->host[(*at)++];

		if (h->used)
			return h;
	}
	return NULL;
}
