/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_RING_H
#define GYL_SERVICES_BASE_RING_H

/*
 * A bounded first-in first-out queue of octet strings in caller memory, kept in order and
 * contiguous. Used for parked sends and for events. One writer, one reader, one thread. Pure.
 */

#include <gyl/base.h>

struct gyl_ring {
	uint8_t *p;
	size_t cap;
	size_t head, tail; /* @private tail: next entry to read, head: next free octet */
	size_t wrap;       /* @private end of the entries before the wrap; cap when not wrapped */
	size_t entry_cnt;
};

void gyl_ring_init(struct gyl_ring *r, void *mem, size_t cap);

/* Could an entry of len octets be put cnt times? */
bool gyl_ring_room(const struct gyl_ring *r, size_t len, size_t cnt);

/* Address of a new entry of len octets, aligned to 8, to be filled by the caller; NULL when full.
 */
void *gyl_ring_put(struct gyl_ring *r, size_t len);

/* The oldest entry, false when empty. It stays until gyl_ring_drop(). */
bool gyl_ring_peek(const struct gyl_ring *r, void **ret_p, size_t *ret_len);
void gyl_ring_drop(struct gyl_ring *r);

/*
 * Nobody counts on room now: if what waits is little, go on from the start of the memory. A ring
 * that is never empty, and never full, then uses a third of its memory, not all of it by turns.
 */
void gyl_ring_rewind(struct gyl_ring *r);

/* All entries, the oldest first, as they are. */
struct gyl_ring_cursor {
	size_t at, left; /* @private */
};
void gyl_ring_walk(const struct gyl_ring *r, struct gyl_ring_cursor *ret_cur);
bool gyl_ring_next(const struct gyl_ring *r, struct gyl_ring_cursor *c, void **ret_p);

#endif
