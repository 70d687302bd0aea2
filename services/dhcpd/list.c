/* SPDX-License-Identifier: ISC */
#include "services/dhcpd/lease.h"

enum {
	HEAP_CNT = 4096,
	WARM_CNT = 8
};

void gyl__dhcpd_list_push(struct gyl_dhcpd_list *q, struct gyl_dhcpd_lease *lease, uint32_t i)
{
	lease[i].list_prev = q->tail;
	lease[i].list_next = 0;
	if (q->tail != 0)
		lease[q->tail].list_next = i;
	else
		q->head = i;
	q->tail = i;
	q->cnt++;
	lease[i].listed = true;
}

void gyl__dhcpd_list_push_front(struct gyl_dhcpd_list *q, struct gyl_dhcpd_lease *lease, uint32_t i)
{
	lease[i].list_prev = 0;
	lease[i].list_next = q->head;
	if (q->head != 0)
		lease[q->head].list_prev = i;
	else
		q->tail = i;
	q->head = i;
	q->cnt++;
	lease[i].listed = true;
}

void gyl__dhcpd_list_remove(struct gyl_dhcpd_list *q, struct gyl_dhcpd_lease *lease, uint32_t i)
{
	struct gyl_dhcpd_lease *l = &lease[i];

	if (l->list_prev != 0)
		lease[l->list_prev].list_next = l->list_next;
	else
		q->head = l->list_next;
	if (l->list_next != 0)
		lease[l->list_next].list_prev = l->list_prev;
	else
		q->tail = l->list_prev;
	q->cnt--;
	l->listed = false;
}

static bool earlier(const struct gyl_dhcpd_lease *a, const struct gyl_dhcpd_lease *b)
{
	return (int64_t)(a->expiry_ns - b->expiry_ns) < 0;
}

/* Merges two sorted lists that are linked by list_next. */
static uint32_t merge(struct gyl_dhcpd_lease *lease, uint32_t a, uint32_t b)
{
	uint32_t head = 0, *at = &head;

	while (a != 0 && b != 0) {
		uint32_t *least = earlier(&lease[b], &lease[a]) ? &b : &a;

		*at = *least;
		at = &lease[*least].list_next;
		*least = *at;
	}
	*at = a != 0 ? a : b;
	return head;
}

/* Merge sort from the bottom: run[n] is a sorted list of 2^n leases, or empty. */
static uint32_t sort(struct gyl_dhcpd_lease *lease, uint32_t head)
{
	uint32_t run[32] = {0}, next, all = 0;
	unsigned top = 0, n;

	for (uint32_t i = head; i != 0; i = next) {
		next = lease[i].list_next;
		lease[i].list_next = 0;
		for (n = 0; run[n] != 0; n++) {
			i = merge(lease, run[n], i);
			run[n] = 0;
		}
		run[n] = i;
		top = n > top ? n : top;
	}
	for (n = 0; n <= top; n++)
		all = merge(lease, run[n], all);
	return all;
}

/*
 * A hall full of leases is more than a cache holds, and a merge sort goes through all of it again
 * and again. So they are put into heaps by time first, each of which does fit.
 */
struct heaps {
	uint32_t head[HEAP_CNT]; /* the last of the list comes first */
	uint64_t first_ns;
	unsigned shift;
};

static void spread(const struct gyl_dhcpd_list *q, struct gyl_dhcpd_lease *lease, struct heaps *h)
{
	uint32_t first = q->head, last = q->head, next;

	for (uint32_t i = q->head; i != 0; i = lease[i].list_next) {
		first = earlier(&lease[i], &lease[first]) ? i : first;
		last = earlier(&lease[last], &lease[i]) ? i : last;
	}
	memset(h->head, 0, sizeof h->head);
	h->first_ns = lease[first].expiry_ns;
	h->shift = 0;
	while ((lease[last].expiry_ns - h->first_ns) >> h->shift >= HEAP_CNT)
		h->shift++;
	for (uint32_t i = q->head; i != 0; i = next) {
		uint32_t *heap = &h->head[(lease[i].expiry_ns - h->first_ns) >> h->shift];

		next = lease[i].list_next;
		lease[i].list_next = *heap;
		*heap = i;
	}
}

static uint32_t reversed(struct gyl_dhcpd_lease *lease, uint32_t head)
{
	uint32_t before = 0, next;

	for (uint32_t i = head; i != 0; i = next) {
		next = lease[i].list_next;
		lease[i].list_next = before;
		before = i;
	}
	return before;
}

/* Several chains at once into the cache: each alone is a wait after a wait. */
static void warm(const struct gyl_dhcpd_lease *lease, const uint32_t head[WARM_CNT])
{
	uint32_t at[WARM_CNT], any;

	memcpy(at, head, sizeof at);
	do {
		any = 0;
		for (unsigned i = 0; i < WARM_CNT; i++) {
			__builtin_prefetch(&lease[at[i]].expiry_ns);
			at[i] = lease[at[i]].list_next;
			any |= at[i];
		}
	} while (any != 0);
}

void gyl__dhcpd_list_sort(struct gyl_dhcpd_list *q, struct gyl_dhcpd_lease *lease)
{
	uint32_t before = 0, *at = &q->head;
	struct heaps h;

	if (q->head == 0)
		return;
	spread(q, lease, &h);
	for (unsigned n = 0; n < HEAP_CNT; n++) {
		if (n % WARM_CNT == 0)
			warm(lease, &h.head[n]);
		*at = sort(lease, reversed(lease, h.head[n]));
		for (; *at != 0; at = &lease[*at].list_next) {
			lease[*at].list_prev = before;
			before = *at;
		}
	}
	q->tail = before;
}
