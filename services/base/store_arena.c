/* SPDX-License-Identifier: ISC */

/*
 * Octets of keys and values. New blocks go on top; freed ones leave holes, which a sweep closes by
 * moving the blocks above them down, a few with every block that is taken. So no size of block can
 * ever be wanting while there are enough free octets in all, and nothing stalls: slack is there
 * for the blocks that come while a sweep is under way.
 *
 * A block begins with a head of 4 octets: the entry it belongs to, or DEAD and its size.
 */

#include "services/base/store_int.h"

enum {
	ALIGN = 4,
	HEAD_LEN = 4,
	SLACK_PART = 32, /* slack is this part of the whole */
	/* A sweep starts when half of the slack is left and has to be through with the rest of the
	 * arena, 2 * SLACK_PART times that, before it is used up; twice as fast, to be sure. */
	SWEEP_RATE = 4 * SLACK_PART
};

#define DEAD 0x80000000u

uint64_t gyl__store_block_len(size_t key_len, size_t val_len)
{
	return HEAD_LEN + (key_len + val_len + ALIGN - 1) / ALIGN * ALIGN;
}

/* What data_len octets in key_cnt blocks take at most. */
static uint64_t net_len(const struct gyl_store_conf *cf)
{
	return (cf->data_len + ALIGN - 1) / ALIGN * ALIGN +
	       (uint64_t)cf->key_cnt * (HEAD_LEN + ALIGN - 1);
}

static uint64_t slack_len(const struct gyl_store_conf *cf)
{
	/* At least room for the largest block while one is moved away. */
	return (net_len(cf) / SLACK_PART + 4096) / ALIGN * ALIGN;
}

uint64_t gyl__store_arena_need(const struct gyl_store_conf *cf)
{
	return (net_len(cf) + ALIGN) / ALIGN * ALIGN + slack_len(cf);
}

void gyl__store_arena_init(struct gyl_store *s, uint8_t *mem)
{
	s->arena = (struct gyl_store_arena){
		.p = mem, .cap = gyl__store_arena_need(&s->cf), .slack = slack_len(&s->cf)};
}

uint64_t gyl__store_arena_left(const struct gyl_store *s)
{
	return s->arena.cap - s->arena.slack - s->arena.live;
}

static uint32_t head_get(const struct gyl_store_arena *a, uint64_t off)
{
	uint32_t head;

	memcpy(&head, a->p + off, sizeof head);
	return head;
}

static void head_set(struct gyl_store_arena *a, uint64_t off, uint32_t head)
{
	memcpy(a->p + off, &head, sizeof head);
}

static uint64_t entry_block_len(const struct gyl_store_entry *e)
{
	return gyl__store_block_len(e->key_len, e->val_len);
}

static void sweep(struct gyl_store *s, uint64_t budget)
{
	struct gyl_store_arena *a = &s->arena;
	uint64_t end = a->scan + budget;

	while (a->scan < a->top && a->scan < end) {
		uint32_t head = head_get(a, a->scan);
		uint64_t len;

		if ((head & DEAD) != 0) {
			a->scan += (uint64_t)(head & ~DEAD);
			continue;
		}
		len = entry_block_len(&s->entry[head]);
		if (a->dst != a->scan) {
			memmove(a->p + a->dst, a->p + a->scan, (size_t)len);
			s->entry[head].data = (uint32_t)((a->dst + HEAD_LEN) / ALIGN);
		}
		a->dst += len;
		a->scan += len;
	}
	if (a->scan == a->top) {
		a->top = a->dst;
		a->sweeping = false;
	}
}

static void sweep_start(struct gyl_store_arena *a)
{
	a->sweeping = true;
	a->dst = a->scan = 0;
}

void gyl__store_arena_take(struct gyl_store *s, uint32_t i)
{
	struct gyl_store_arena *a = &s->arena;
	uint64_t len = entry_block_len(&s->entry[i]);

	if (!a->sweeping && a->cap - a->top < a->slack / 2 && a->live < a->top)
		sweep_start(a);
	if (a->sweeping)
		sweep(s, len * SWEEP_RATE);
	while (a->cap - a->top < len) {
		if (!a->sweeping)
			sweep_start(a);
		sweep(s, a->cap);
	}
	head_set(a, a->top, i);
	s->entry[i].data = (uint32_t)((a->top + HEAD_LEN) / ALIGN);
	a->top += len;
	a->live += len;
}

void gyl__store_arena_give(struct gyl_store *s, uint32_t i)
{
	uint64_t len = entry_block_len(&s->entry[i]);

	head_set(&s->arena, (uint64_t)s->entry[i].data * ALIGN - HEAD_LEN, DEAD | (uint32_t)len);
	s->arena.live -= len;
}
