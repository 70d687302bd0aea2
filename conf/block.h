/* SPDX-License-Identifier: ISC */
#ifndef GYL_CONF_BLOCK_H
#define GYL_CONF_BLOCK_H

/* Inside conf/: a flat block while it grows. Growing moves it, so places in it are offsets. */

#include "conf/node.h"

struct gyl__conf_block {
	uint8_t *p;
	size_t cap, len;
	bool full; /* GYL_CONF_BLOCK_MAX was reached; what is appended since is lost */
};

void gyl__conf_block_init(struct gyl__conf_block *b);

/*
 * Zeroed room for cnt items of len octets, aligned to 8. For no items, and when the block is full,
 * the reference is all zeros.
 */
struct gyl_ref gyl__conf_block_room(struct gyl__conf_block *b, size_t len, size_t cnt);

/* The same, filled, with a NUL after it. */
struct gyl_ref gyl__conf_block_put(struct gyl__conf_block *b, struct gyl_view v);

/* The address of an offset, until the block grows again. */
static inline void *gyl__conf_block_at(const struct gyl__conf_block *b, size_t off)
{
	return b->p + off;
}

#endif
