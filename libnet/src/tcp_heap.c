/* SPDX-License-Identifier: ISC */
#include "libnet/src/tcp_heap.h"

void gyl__heap_init(struct gyl__heap *h, struct gyl__table *of, struct gyl__due *due)
{
	h->of = of;
	h->due = due;
	h->cnt = 0;
}

static void place(struct gyl__heap *h, uint32_t pos, struct gyl__due d)
{
	h->due[pos] = d;
	gyl__table_at(h->of, d.i)->pos = pos;
}

static void sift_up(struct gyl__heap *h, uint32_t pos, struct gyl__due d)
{
	while (pos > 0 && d.at_ns < h->due[(pos - 1) / 2].at_ns) {
		place(h, pos, h->due[(pos - 1) / 2]);
		pos = (pos - 1) / 2;
	}
	place(h, pos, d);
}

static void sift_down(struct gyl__heap *h, uint32_t pos, struct gyl__due d)
{
	for (;;) {
		uint32_t child = 2 * pos + 1;

		if (child + 1 < h->cnt && h->due[child + 1].at_ns < h->due[child].at_ns)
			child++;
		if (child >= h->cnt || h->due[child].at_ns >= d.at_ns)
			break;
		place(h, pos, h->due[child]);
		pos = child;
	}
	place(h, pos, d);
}

/* Put d where it belongs, beginning at a place that is free. */
static void settle(struct gyl__heap *h, uint32_t pos, struct gyl__due d)
{
	if (pos > 0 && d.at_ns < h->due[(pos - 1) / 2].at_ns)
		sift_up(h, pos, d);
	else
		sift_down(h, pos, d);
}

static void take_out(struct gyl__heap *h, uint32_t i)
{
	struct gyl__node *n = gyl__table_at(h->of, i);
	uint32_t pos = n->pos;

	if (pos == GYL__NONE)
		return;
	n->pos = GYL__NONE;
	h->cnt--;
	if (pos != h->cnt)
		settle(h, pos, h->due[h->cnt]);
}

void gyl__heap_set(struct gyl__heap *h, uint32_t i, uint64_t at_ns)
{
	uint32_t pos = gyl__table_at(h->of, i)->pos;

	if (at_ns == UINT64_MAX)
		take_out(h, i);
	else
		settle(h, pos == GYL__NONE ? h->cnt++ : pos, (struct gyl__due){at_ns, i});
}
