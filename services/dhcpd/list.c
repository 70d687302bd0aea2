/* SPDX-License-Identifier: ISC */
#include "services/dhcpd/lease.h"

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
void gyl__dhcpd_list_sort(struct gyl_dhcpd_list *q, struct gyl_dhcpd_lease *lease)
{
	uint32_t run[32] = {0}, next, all = 0, before = 0;

	for (uint32_t i = q->head; i != 0; i = next) {
		unsigned n = 0;

		next = lease[i].list_next;
		lease[i].list_next = 0;
		for (; run[n] != 0; n++) {
			i = merge(lease, run[n], i);
			run[n] = 0;
		}
		run[n] = i;
	}
	for (unsigned n = 0; n < 32; n++)
		all = merge(lease, run[n], all);
	q->head = all;
	for (uint32_t i = all; i != 0; i = lease[i].list_next) {
		lease[i].list_prev = before;
		before = i;
	}
	q->tail = before;
}
