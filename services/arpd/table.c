/* SPDX-License-Identifier: ISC */
#include "services/arpd/table.h"

#include <gyl/siphash.h>

static uint32_t buckets_for(uint32_t cap)
{
	uint32_t n = 16;

	while (n < cap && n < UINT32_C(1) << 30)
		n *= 2;
	return n;
}

size_t gyl_arpd_table_need(uint32_t cap)
{
	return (size_t)cap * sizeof(struct gyl_arpd_host) +
	       (size_t)buckets_for(cap) * sizeof(uint32_t);
}

void gyl_arpd_table_init(struct gyl_arpd_table *t, void *mem, uint32_t cap, const uint64_t seed[2])
{
	t->host = mem;
	t->bucket = (uint32_t *)(void *)(t->host + cap);
	t->cap = cap;
	t->cnt = 0;
	t->bucket_mask = buckets_for(cap) - 1;
	t->oldest = GYL_ARPD_NONE;
	t->newest = GYL_ARPD_NONE;
	t->seed[0] = seed[0];
	t->seed[1] = seed[1];
	for (uint32_t i = 0; i <= t->bucket_mask; i++)
		t->bucket[i] = GYL_ARPD_NONE;
	for (uint32_t i = 0; i < cap; i++) {
		t->host[i].used = false;
		t->host[i].chain = i + 1 < cap ? i + 1 : GYL_ARPD_NONE;
	}
	t->free = cap == 0 ? GYL_ARPD_NONE : 0;
}

static uint32_t *bucket_of(const struct gyl_arpd_table *t, uint32_t ip, uint16_t vlan)
{
	uint8_t key[6];

	gyl_set_u32(key, ip);
	gyl_set_u16(key + 4, vlan);
	return &t->bucket[gyl_siphash(t->seed, key, sizeof key) & t->bucket_mask];
}

struct gyl_arpd_host *gyl_arpd_table_find(
	const struct gyl_arpd_table *t, uint32_t ip, uint16_t vlan)
{
	uint32_t i = *bucket_of(t, ip, vlan);

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
		t->oldest = h->newer;
	if (h->newer != GYL_ARPD_NONE)
		t->host[h->newer].older = h->older;
	else
		t->newest = h->older;
}

static void link_newest(struct gyl_arpd_table *t, struct gyl_arpd_host *h)
{
	uint32_t i = index_of(t, h);

	h->older = t->newest;
	h->newer = GYL_ARPD_NONE;
	if (t->newest != GYL_ARPD_NONE)
		t->host[t->newest].newer = i;
	else
		t->oldest = i;
	t->newest = i;
}

struct gyl_arpd_host *gyl_arpd_table_add(struct gyl_arpd_table *t, uint32_t ip, uint16_t vlan)
{
	uint32_t i = t->free, *bucket = bucket_of(t, ip, vlan);
	struct gyl_arpd_host *h;

	if (i == GYL_ARPD_NONE)
		return NULL;
	h = &t->host[i];
	t->free = h->chain;
	memset(h, 0, sizeof *h);
	h->ip = ip;
	h->vlan = vlan;
	h->used = true;
	h->chain = *bucket;
	*bucket = i;
	link_newest(t, h);
	t->cnt++;
	return h;
}

void gyl_arpd_table_remove(struct gyl_arpd_table *t, struct gyl_arpd_host *h)
{
	uint32_t i = index_of(t, h), *at = bucket_of(t, h->ip, h->vlan);

	while (*at != i)
		at = &t->host[*at].chain;
	*at = h->chain;
	unlink_host(t, h);
	h->used = false;
	h->chain = t->free;
	t->free = i;
	t->cnt--;
}

void gyl_arpd_table_touch(struct gyl_arpd_table *t, struct gyl_arpd_host *h)
{
	if (h->newer == GYL_ARPD_NONE)
		return;
	unlink_host(t, h);
	link_newest(t, h);
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
void gyl_arpd_table_sort(struct gyl_arpd_table *t)
{
	uint32_t run[33], next, before = GYL_ARPD_NONE, all = GYL_ARPD_NONE;

	for (int i = 0; i < 33; i++)
		run[i] = GYL_ARPD_NONE;
	for (uint32_t h = t->oldest; h != GYL_ARPD_NONE; h = next) {
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
	t->oldest = all;
	for (uint32_t h = all; h != GYL_ARPD_NONE; h = t->host[h].newer) {
		t->host[h].older = before;
		before = h;
	}
	t->newest = before;
}

struct gyl_arpd_host *gyl_arpd_table_oldest(const struct gyl_arpd_table *t)
{
	return t->oldest == GYL_ARPD_NONE ? NULL : &t->host[t->oldest];
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
