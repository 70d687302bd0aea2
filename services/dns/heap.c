/* SPDX-License-Identifier: ISC */
#include "services/dns/heap.h"

enum {
	TIDY_MIN = 64 * 1024
};

void gyl__dns_heap_init(struct gyl_dns_heap *h, void *mem, size_t cap)
{
	memset(h, 0, sizeof *h);
	h->base = mem;
	h->cap = (uint32_t)(cap & ~(size_t)7);
	h->tidy_min = TIDY_MIN;
}

static struct gyl_dns_block *block_at(const struct gyl_dns_heap *h, uint32_t at)
{
	return (struct gyl_dns_block *)(void *)(h->base + at);
}

/* The gap between what is in place and what is not is a free block, so that all can be walked. */
static void close_slice(struct gyl_dns_heap *h)
{
	struct gyl_dns_block *b = block_at(h, h->gap);

	if (h->gap_end != h->end) {
		*b = (struct gyl_dns_block){.len = h->gap_end - h->gap};
		return;
	}
	/* all that was free when this began is behind the end; what was given back since then in
	 * front of the gap is not */
	h->free_len -= h->gap_end - h->gap;
	h->end = h->gap;
	h->gap = h->gap_end = 0;
}

static void slide(struct gyl_dns_heap *h, size_t budget)
{
	size_t done = 0;

	while (h->gap_end != h->end && done < budget) {
		struct gyl_dns_block *b = block_at(h, h->gap_end), *to = block_at(h, h->gap);
		uint32_t len = b->len, was = h->gap_end;

		h->gap_end += len;
		done += sizeof *b;
		if (b->kind == 0)
			continue;
		h->gap += len;
		if (to == b)
			continue;
		memmove(to, b, len);
		h->moved(h->arg, to, was);
		done += len;
	}
	if (h->gap != h->gap_end)
		close_slice(h);
	else if (h->gap_end == h->end)
		h->gap = h->gap_end = 0;
}

bool gyl__dns_heap_tidy(struct gyl_dns_heap *h, size_t budget)
{
	if (h->gap_end == 0 && (h->free_len < h->tidy_min || h->free_len < h->end / 4))
		return false;
	slide(h, budget);
	return h->gap_end != 0;
}

bool gyl__dns_heap_reserve(struct gyl_dns_heap *h, size_t cost)
{
	if (cost <= h->cap - h->end)
		return true;
	if (cost > gyl__dns_heap_room(h))
		return false;
	/* the one that is under way, and another for what was given back behind its back */
	for (int i = 0; i < 2 && cost > h->cap - h->end; i++)
		slide(h, SIZE_MAX);
	return cost <= h->cap - h->end;
}

void *gyl__dns_heap_take(struct gyl_dns_heap *h, uint16_t owner, uint16_t kind, size_t len)
{
	struct gyl_dns_block *b = block_at(h, h->end);

	b->len = (uint32_t)gyl__dns_heap_cost(len);
	b->owner = owner;
	b->kind = kind;
	h->end += b->len;
	return b + 1;
}

void gyl__dns_heap_give(struct gyl_dns_heap *h, void *p)
{
	struct gyl_dns_block *b = (struct gyl_dns_block *)p - 1;

	b->kind = 0;
	h->free_len += b->len;
}
