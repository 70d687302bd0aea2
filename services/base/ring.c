/* SPDX-License-Identifier: ISC */
#include "services/base/ring.h"

/*
 * Each entry is preceded by its length, so that entries need no common size. 64 bits of it: what
 * follows is aligned to 8 on machines of 32 bits, too.
 */
struct entry_head {
	uint64_t len;
};

static size_t entry_len(size_t len)
{
	return (sizeof(struct entry_head) + len + 7) & ~(size_t)7;
}

void gyl_ring_init(struct gyl_ring *r, void *mem, size_t cap)
{
	r->p = mem;
	r->cap = cap & ~(size_t)7;
	r->head = 0;
	r->tail = 0;
	r->wrap = r->cap;
	r->entry_cnt = 0;
}

/* Where an entry of total octets would go: at head, or at the start when it does not fit before the
 * end. */
static bool place(const struct gyl_ring *r, size_t total, size_t *ret_at)
{
	if (r->entry_cnt != 0 &&
		r->head <= r->tail) { /* wrapped: free space is between head and tail */
		*ret_at = r->head;
		return total <= r->tail - r->head;
	}
	if (total <= r->cap - r->head) {
		*ret_at = r->head;
		return true;
	}
	*ret_at = 0;
	return total <= (r->entry_cnt == 0 ? r->cap : r->tail);
}

bool gyl_ring_room(const struct gyl_ring *r, size_t len, size_t cnt)
{
	size_t total = entry_len(len), before, after;

	if (cnt == 0)
		return true;
	if (r->entry_cnt == 0) {
		before = r->cap;
		after = 0;
	} else if (r->head <= r->tail) {
		before = r->tail - r->head;
		after = 0;
	} else {
		before = r->cap - r->head;
		after = r->tail;
	}
	return before / total + after / total >= cnt;
}

void *gyl_ring_put(struct gyl_ring *r, size_t len)
{
	size_t total = entry_len(len), at;
	struct entry_head *e;

	if (r->entry_cnt == 0) {
		r->head = 0;
		r->tail = 0;
		r->wrap = r->cap;
	}
	if (!place(r, total, &at))
		return NULL;
	if (at == 0 && r->head != 0)
		r->wrap = r->head;
	e = (struct entry_head *)(void *)(r->p + at);
	e->len = len;
	r->head = at + total;
	r->entry_cnt++;
	return e + 1;
}

bool gyl_ring_peek(const struct gyl_ring *r, void **ret_p, size_t *ret_len)
{
	struct entry_head *e;

	if (r->entry_cnt == 0)
		return false;
	e = (struct entry_head *)(void *)(r->p + r->tail);
	*ret_p = e + 1;
	*ret_len = (size_t)e->len;
	return true;
}

void gyl_ring_drop(struct gyl_ring *r)
{
	const struct entry_head *e;

	if (r->entry_cnt == 0)
		return;
	e = (const struct entry_head *)(const void *)(r->p + r->tail);
	r->tail += entry_len((size_t)e->len);
	r->entry_cnt--;
	if (r->tail >= r->wrap && r->entry_cnt != 0) {
		r->tail = 0;
		r->wrap = r->cap;
	}
}

void gyl_ring_rewind(struct gyl_ring *r)
{
	if (r->head <= r->tail || r->tail < r->cap / 4 || r->head - r->tail > r->cap / 16)
		return;
	r->wrap = r->head;
	r->head = 0;
}

void gyl_ring_walk(const struct gyl_ring *r, struct gyl_ring_cursor *ret_cur)
{
	ret_cur->at = r->tail;
	ret_cur->left = r->entry_cnt;
}

bool gyl_ring_next(const struct gyl_ring *r, struct gyl_ring_cursor *c, void **ret_p)
{
	struct entry_head *e;

	if (c->left == 0)
		return false;
	e = (struct entry_head *)(void *)(r->p + c->at);
	c->at += entry_len((size_t)e->len);
	c->left--;
	if (c->at >= r->wrap)
		c->at = 0;
	*ret_p = e + 1;
	return true;
}
