/* SPDX-License-Identifier: ISC */
#include "services/dhcpd/wheel.h"

#include <gyl/time.h>

enum {
	BITS = 6
};

static uint64_t due_s(const struct gyl_dhcpd_lease *l)
{
	return l->expiry_ns / GYL_NS_PER_S + (l->expiry_ns % GYL_NS_PER_S != 0);
}

/* The level whose slots tell a from b: where they differ first. */
static unsigned level_of(uint64_t a, uint64_t b)
{
	unsigned level = 0;

	while (level + 1 < GYL_DHCPD_WHEEL_LEVELS && (a ^ b) >> (BITS * (level + 1)) != 0)
		level++;
	return level;
}

void gyl__dhcpd_wheel_clear(struct gyl_dhcpd_wheel *w, struct gyl_dhcpd_lease *lease, uint32_t i)
{
	struct gyl_dhcpd_lease *l = &lease[i];
	unsigned level = l->timer_slot / GYL_DHCPD_WHEEL_SLOTS;
	unsigned slot = l->timer_slot % GYL_DHCPD_WHEEL_SLOTS;

	if (!l->timed)
		return;
	if (l->timer_prev != 0)
		lease[l->timer_prev].timer_next = l->timer_next;
	else
		w->head[level][slot] = l->timer_next;
	if (l->timer_next != 0)
		lease[l->timer_next].timer_prev = l->timer_prev;
	if (w->head[level][slot] == 0)
		w->used[level] &= ~(UINT64_C(1) << slot);
	l->timed = false;
}

void gyl__dhcpd_wheel_set(struct gyl_dhcpd_wheel *w, struct gyl_dhcpd_lease *lease, uint32_t i)
{
	struct gyl_dhcpd_lease *l = &lease[i];
	uint64_t at = due_s(l);
	unsigned level, slot;
	uint32_t *head;

	gyl__dhcpd_wheel_clear(w, lease, i);
	if (l->expiry_ns == GYL_TIME_INFINITE)
		return;
	if (at < w->at_s)
		at = w->at_s;
	level = level_of(at, w->at_s);
	slot = at >> (BITS * level) & (GYL_DHCPD_WHEEL_SLOTS - 1);
	head = &w->head[level][slot];
	l->timer_slot = (uint16_t)(level * GYL_DHCPD_WHEEL_SLOTS + slot);
	l->timer_prev = 0;
	l->timer_next = *head;
	if (*head != 0)
		lease[*head].timer_prev = i;
	*head = i;
	w->used[level] |= UINT64_C(1) << slot;
	l->timed = true;
}

/* When the first slot in use from now on begins at this level, UINT64_MAX for none. */
static uint64_t next_at(const struct gyl_dhcpd_wheel *w, unsigned level)
{
	unsigned shift = BITS * level, slot = w->at_s >> shift & (GYL_DHCPD_WHEEL_SLOTS - 1);
	uint64_t left = w->used[level] >> slot, base = w->at_s >> shift;

	if (left == 0)
		return UINT64_MAX;
	for (; (left & 1) == 0; left >>= 1)
		base++;
	return base << shift;
}

/* The level that has work first; of two that begin together the higher one, whose timers may go
 * before those of the lower. */
static unsigned first_level(const struct gyl_dhcpd_wheel *w, uint64_t *ret_at)
{
	unsigned first = 0;

	*ret_at = UINT64_MAX;
	for (unsigned level = 0; level < GYL_DHCPD_WHEEL_LEVELS; level++) {
		uint64_t at = next_at(w, level);

		if (at == UINT64_MAX || at > *ret_at)
			continue;
		*ret_at = at;
		first = level;
	}
	return first;
}

uint32_t gyl__dhcpd_wheel_next(
	struct gyl_dhcpd_wheel *w, struct gyl_dhcpd_lease *lease, uint64_t now_ns, unsigned *budget)
{
	uint64_t now_s = now_ns / GYL_NS_PER_S, at;

	for (; *budget != 0; --*budget) {
		unsigned level = first_level(w, &at);
		uint32_t i;

		if (at > now_s) {
			if (now_s > w->at_s)
				w->at_s = now_s;
			return 0;
		}
		if (at > w->at_s)
			w->at_s = at;
		i = w->head[level][at >> (BITS * level) & (GYL_DHCPD_WHEEL_SLOTS - 1)];
		gyl__dhcpd_wheel_clear(w, lease, i);
		if (level == 0) {
			--*budget;
			return i;
		}
		gyl__dhcpd_wheel_set(w, lease, i);
	}
	return 0;
}

uint64_t gyl__dhcpd_wheel_deadline_ns(const struct gyl_dhcpd_wheel *w)
{
	uint64_t at;

	first_level(w, &at);
	return gyl_time_from_s(at);
}
