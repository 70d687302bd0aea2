/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_HEAP_H
#define GYL_SERVICES_DNS_HEAP_H

/*
 * Memory for what comes and goes, in one area of a fixed size that never gets holes for good:
 * blocks are taken from the end, and what was given back is closed by sliding the blocks behind it
 * down, a slice at a time. Whoever refers to a block is told where it went. Pure.
 *
 * What is given back counts as room at once: a reserve that needs it slides all there is, O(area).
 */

#include <gyl/base.h>

/* In front of what a block holds, which is aligned to 8. */
struct gyl_dns_block {
	uint32_t len; /* with this, a multiple of 8 */
	uint16_t owner;
	uint16_t kind; /* 0: it is free */
};

struct gyl_dns_heap {
	uint8_t *base;
	uint32_t cap, end;
	uint32_t free_len;     /* octets of free blocks before the end */
	uint32_t tidy_min;     /* fewer free octets are not worth the work */
	uint32_t gap, gap_end; /* between slices: all before gap is in place */
	/* A block is somewhere else now; was: where it was, octets from base. What it held there
	 * may be overwritten already. */
	void (*moved)(void *arg, struct gyl_dns_block *b, uint32_t was);
	void *arg;
};

/* mem: aligned to 8. */
void gyl__dns_heap_init(struct gyl_dns_heap *h, void *mem, size_t cap);

/* Octets that a block for len octets takes. */
static inline size_t gyl__dns_heap_cost(size_t len)
{
	return (sizeof(struct gyl_dns_block) + len + 7) & ~(size_t)7;
}

/* What the block of p holds at most. */
static inline size_t gyl__dns_heap_len(const void *p)
{
	return ((const struct gyl_dns_block *)p - 1)->len - sizeof(struct gyl_dns_block);
}

/* Octets that are left, all in all. */
static inline size_t gyl__dns_heap_room(const struct gyl_dns_heap *h)
{
	return h->cap - h->end + h->free_len;
}

/* Make sure that blocks that cost so much can be taken. Blocks may move. False: there is no room.
 */
bool gyl__dns_heap_reserve(struct gyl_dns_heap *h, size_t cost);

/* Take a block. Nothing moves. There MUST be room: reserve first. */
void *gyl__dns_heap_take(struct gyl_dns_heap *h, uint16_t owner, uint16_t kind, size_t len);
void gyl__dns_heap_give(struct gyl_dns_heap *h, void *p);

/* Slide blocks down, about so many octets of them, when a quarter is free. True: there is more to
 * do. */
bool gyl__dns_heap_tidy(struct gyl_dns_heap *h, size_t budget);

#endif
