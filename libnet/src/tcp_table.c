/* SPDX-License-Identifier: ISC */
#include "libnet/src/tcp_table.h"

static uint32_t bucket_cnt(uint32_t max)
{
	uint32_t cnt = 1;

	while (cnt < max)
		cnt *= 2;
	return cnt;
}

size_t gyl__table_need(uint32_t max, size_t size)
{
	size_t len = max * size + bucket_cnt(max) * sizeof(uint32_t);

	return (len + 63) & ~(size_t)63;
}

void gyl__table_init(struct gyl__table *t, void *mem, uint32_t max, size_t size)
{
	t->mem = mem;
	t->head = (uint32_t *)(void *)(t->mem + max * size);
	t->mask = bucket_cnt(max) - 1;
	t->max = max;
	t->cnt = 0;
	t->size = (uint32_t)size;
	memset(t->head, 0xff, ((size_t)t->mask + 1) * sizeof *t->head);
	memset(mem, 0, max * size);
	t->free = GYL__NONE;
	for (uint32_t i = max; i-- > 0;) {
		gyl__table_at(t, i)->next = t->free;
		t->free = i;
	}
}

static bool is_same(const struct gyl_net_peer *a, const struct gyl_net_peer *b)
{
	return a->ip == b->ip && a->port == b->port && a->local_port == b->local_port &&
	       a->local_ip == b->local_ip;
}

uint32_t gyl__table_find(const struct gyl__table *t, uint64_t hash, const struct gyl_net_peer *p)
{
	uint32_t i = t->head[hash & t->mask];

	while (i != GYL__NONE && !is_same(&gyl__table_at(t, i)->peer, p))
		i = gyl__table_at(t, i)->next;
	return i;
}

uint32_t gyl__table_take(struct gyl__table *t)
{
	uint32_t i = t->free;

	if (i == GYL__NONE)
		return i;
	t->free = gyl__table_at(t, i)->next;
	t->cnt++;
	gyl__table_at(t, i)->pos = GYL__NONE;
	return i;
}

void gyl__table_link(struct gyl__table *t, uint32_t i, uint64_t hash)
{
	gyl__table_at(t, i)->next = t->head[hash & t->mask];
	t->head[hash & t->mask] = i;
}

void gyl__table_unlink(struct gyl__table *t, uint32_t i, uint64_t hash)
{
	uint32_t *at = &t->head[hash & t->mask];

	while (*at != i)
		at = &gyl__table_at(t, *at)->next;
	*at = gyl__table_at(t, i)->next;
}

void gyl__table_give(struct gyl__table *t, uint32_t i)
{
	gyl__table_at(t, i)->next = t->free;
	t->free = i;
	t->cnt--;
}
