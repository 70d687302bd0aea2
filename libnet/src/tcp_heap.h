/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_SRC_TCP_HEAP_H
#define GYL_LIBNET_SRC_TCP_HEAP_H

/*
 * Timers of the records of a table: one deadline each, the earliest on top. An acknowledgement that
 * moves a deadline away costs nothing: the record stays at its earlier place, and is put right when
 * that comes up.
 */

#include "libnet/src/tcp_table.h"

struct gyl__due {
	uint64_t at_ns;
	uint32_t i;
};

struct gyl__heap {
	struct gyl__table *of;
	struct gyl__due *due; /* room for as many as the table has */
	uint32_t cnt;
};

void gyl__heap_init(struct gyl__heap *h, struct gyl__table *of, struct gyl__due *due);
/* The deadline of record i is at_ns; UINT64_MAX: it has none. @cost O(log n) */
void gyl__heap_set(struct gyl__heap *h, uint32_t i, uint64_t at_ns);

/* The same, but a later deadline may leave the record where it is. */
static inline void gyl__heap_set_lazy(struct gyl__heap *h, uint32_t i, uint64_t at_ns)
{
	uint32_t pos = gyl__table_at(h->of, i)->pos;

	if (at_ns == UINT64_MAX || pos == GYL__NONE || at_ns < h->due[pos].at_ns)
		gyl__heap_set(h, i, at_ns);
}

static inline uint64_t gyl__heap_first_ns(const struct gyl__heap *h)
{
	return h->cnt == 0 ? UINT64_MAX : h->due[0].at_ns;
}

#endif
