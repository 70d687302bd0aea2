/* SPDX-License-Identifier: ISC */
#include "libnet/src/tcp_own.h"

/* Doubly linked, by indexes, so that a connection that ends can leave from the middle. */

static uint16_t *next_of(struct gyl_streams *t, uint16_t i, int which)
{
	return i == GYL__END_OF_LIST ? &t->list[which].head : &gyl__tcb(t, i)->link[which].next;
}

static uint16_t *prev_of(struct gyl_streams *t, uint16_t i, int which)
{
	return i == GYL__END_OF_LIST ? &t->list[which].tail : &gyl__tcb(t, i)->link[which].prev;
}

void gyl__list_put(struct gyl_streams *t, struct gyl__tcb *c, int which)
{
	uint16_t i = (uint16_t)gyl__tcb_index(t, c), last = t->list[which].tail;

	if (gyl__list_has(c, which))
		return;
	c->link[which].next = GYL__END_OF_LIST;
	c->link[which].prev = last;
	*next_of(t, last, which) = i;
	t->list[which].tail = i;
}

void gyl__list_del(struct gyl_streams *t, struct gyl__tcb *c, int which)
{
	struct gyl__link *l = &c->link[which];

	if (!gyl__list_has(c, which))
		return;
	*next_of(t, l->prev, which) = l->next;
	*prev_of(t, l->next, which) = l->prev;
	l->prev = GYL__OUT_OF_LIST;
}

struct gyl__tcb *gyl__list_first(const struct gyl_streams *t, int which)
{
	uint16_t i = t->list[which].head;

	return i == GYL__END_OF_LIST ? NULL : gyl__tcb(t, i);
}
