/* SPDX-License-Identifier: ISC */
#include "conf/block.h"

#include <stdlib.h>

void gyl__conf_block_init(struct gyl__conf_block *b)
{
	b->cap = 4096;
	b->len = 0;
	b->full = false;
	b->p = gyl_conf_must(malloc(b->cap));
}

/* False: over the limit. */
static bool grow(struct gyl__conf_block *b, size_t len)
{
	if (len > GYL_CONF_BLOCK_MAX - b->len) {
		b->full = true;
		return false;
	}
	if (b->cap - b->len >= len)
		return true;
	while (b->cap - b->len < len)
		b->cap *= 2;
	b->p = gyl_conf_must(realloc(b->p, b->cap));
	return true;
}

struct gyl_ref gyl__conf_block_room(struct gyl__conf_block *b, size_t len, size_t cnt)
{
	struct gyl_ref none = {0, 0}, ref = {(uint32_t)b->len, (uint32_t)cnt};
	size_t all;

	if (len == 0 || cnt == 0)
		return none;
	all = cnt > GYL_CONF_BLOCK_MAX / len ? SIZE_MAX : (cnt * len + 7) & ~(size_t)7;
	if (!grow(b, all))
		return none;
	memset(b->p + b->len, 0, all);
	b->len += all;
	return ref;
}

struct gyl_ref gyl__conf_block_put(struct gyl__conf_block *b, struct gyl_view v)
{
	struct gyl_ref ref = gyl__conf_block_room(b, 1, v.len + 1);

	if (ref.cnt == 0)
		return ref;
	if (v.len != 0)
		memcpy(b->p + ref.off, v.p, v.len);
	ref.cnt = (uint32_t)v.len;
	return ref;
}
