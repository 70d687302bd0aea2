/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_DHCPD_RECOUNT_H
#define GYL_TESTS_DHCPD_RECOUNT_H

/*
 * What holds in the core at any time, looked up in the slots themselves: whatever is counted is
 * what a recount of the slots gives, and every list, chain and index has those that belong there,
 * each once. O(slots squared), for pools of some dozens.
 */

#include <gyl/time.h>

#include "services/dhcpd/standby.h"
#include "services/dhcpd/state.h"
#include "tests/unit/dhcpd/world.h"

#ifdef __clang__ /* what it looks at is nothing for a fuzzer to find ways through */
#	pragma clang attribute push(__attribute__((no_sanitize("coverage"))), apply_to = function)
#endif

/* ---- budgets ---- */

static inline bool recount_is_charged(const struct gyl_dhcpd_lease *l)
{
	return l->ip != 0 && l->state != GYL_DHCPD_FREE && l->state != GYL_DHCPD_OURS &&
	       !l->dropped;
}

static inline void recount_groups(const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l)
{
	uint32_t circuit = 0, relay = 0;

	for (uint32_t n = 1; n <= d->slot_cnt; n++) {
		const struct gyl_dhcpd_lease *m = &d->lease[n];

		if (!m->charged || !m->pooled || !gyl__dhcpd_same_link(d, m->subnet, l->subnet))
			continue;
		relay += m->giaddr == l->giaddr;
		circuit += m->circuit == l->circuit && l->circuit != 0;
	}
	assert_int_equal(gyl__dhcpd_budget_relay(d, l->subnet, l->giaddr), relay);
	if (l->circuit != 0)
		assert_int_equal(gyl__dhcpd_budget_circuit(d, l->subnet, l->circuit), circuit);
}

/* How often it finds a slot by its hash. */
static inline uint32_t recount_index(const struct gyl_dhcpd_index *ix, uint32_t slot)
{
	struct gyl_dhcpd_walk w = gyl__dhcpd_index_walk(ix, gyl__dhcpd_index_hash(ix, slot));
	uint32_t cnt = 0, i;

	while ((i = gyl__dhcpd_index_next(&w)) != 0)
		cnt += i == slot;
	return cnt;
}

/* Who is charged, and to whom. */
static inline void recount_budgets(const struct gyl_dhcpd *d)
{
	uint32_t grouped = 0, linked = 0;

	for (uint32_t i = 1; i <= d->slot_cnt; i++) {
		const struct gyl_dhcpd_lease *l = &d->lease[i];

		assert_int_equal(l->charged, recount_is_charged(l));
		if (!l->charged)
			continue;
		assert_int_equal(recount_index(&d->budget.links, i), l->link != 0);
		linked += l->link != 0;
		if (!l->pooled)
			continue;
		recount_groups(d, l);
		grouped += 1u + (l->circuit != 0);
	}
	for (uint32_t i = 0; i <= d->budget.group_mask && grouped != 0; i++) {
		assert_true(d->budget.group[i].cnt <= grouped);
		grouped -= d->budget.group[i].cnt;
	}
	assert_int_equal(grouped, 0);
	assert_int_equal(d->budget.links.cnt, linked);
}

/* ---- counts of a subnet ---- */

static inline void recount_add(struct gyl_dhcpd_fill *f, const struct gyl_dhcpd_lease *l)
{
	f->offered += l->state == GYL_DHCPD_OFFERED;
	f->leased += l->state == GYL_DHCPD_LEASED;
	f->declined += l->state == GYL_DHCPD_DECLINED;
	f->reserved += l->state == GYL_DHCPD_OURS || (l->state == GYL_DHCPD_FREE && l->host != 0);
}

/* What a link's pools hold together. */
static inline void recount_sum(const struct gyl_dhcpd *d, uint32_t link)
{
	struct gyl_dhcpd_sum sum = {0};

	for (uint32_t i = 0; i < d->layout->cnt.subnet_cnt; i++) {
		const struct gyl_dhcpd_subnet *s = &d->layout->subnet[i];

		if (s->link != link)
			continue;
		sum.used += gyl__dhcpd_fill_used(&s->fill);
		if (s->class_no != 0)
			continue;
		sum.size += s->size;
		sum.taken += s->fill.leased + s->fill.declined + s->fill.reserved;
		/* Who has something to give is found. */
		assert_true(s->on_way[GYL_DHCPD_WAY_READY] || s->ready.cnt == 0 || s->drain);
		assert_true(s->on_way[GYL_DHCPD_WAY_FREE] || s->free.cnt == 0 || s->drain);
		assert_true(s->on_way[GYL_DHCPD_WAY_SQUEEZE] || s->offered.cnt == 0 || s->drain);
	}
	assert_memory_equal(&sum, &d->layout->subnet[link].sum, sizeof sum);
}

static inline void recount_pool(const struct gyl_dhcpd *d, uint32_t subnet)
{
	const struct gyl_dhcpd_subnet *s = &d->layout->subnet[subnet];
	struct gyl_dhcpd_fill f = {0};
	struct gyl_dhcpd_pool_stat st;
	uint32_t used = 0;

	for (uint32_t i = 1; i <= d->slot_cnt; i++) {
		const struct gyl_dhcpd_lease *l = &d->lease[i];

		if (l->ip == 0 || l->dropped || !l->pooled || l->subnet != subnet)
			continue;
		used++;
		recount_add(&f, l);
	}
	assert_int_equal(s->fill.offered, f.offered);
	assert_int_equal(s->fill.leased, f.leased);
	assert_int_equal(s->fill.declined, f.declined);
	assert_int_equal(s->fill.reserved, f.reserved);
	assert_true(used <= s->size);
	recount_sum(d, s->link);
	assert_true(gyl_dhcpd_pool_stat(d, d->mono_ns, subnet, &st));
	assert_int_equal(st.free, s->size - f.offered - f.leased - f.declined - f.reserved);
}

/* ---- lists by state ---- */

static inline uint32_t recount_list(const struct gyl_dhcpd *d, const struct gyl_dhcpd_list *q,
	uint32_t subnet, uint8_t state, bool checked)
{
	uint32_t cnt = 0, before = 0;

	for (uint32_t i = q->head; i != 0; i = d->lease[i].list_next, cnt++) {
		const struct gyl_dhcpd_lease *l = &d->lease[i];

		assert_true(cnt < q->cnt && l->listed && l->ip != 0 && !l->dropped);
		assert_int_equal(l->list_prev, before);
		assert_int_equal(l->subnet, subnet);
		assert_int_equal(l->state, state);
		assert_int_equal(l->checked, checked);
		assert_int_equal(l->host, 0);
		before = i;
	}
	assert_int_equal(q->tail, before);
	assert_int_equal(q->cnt, cnt);
	return cnt;
}

/* Everybody who is to be found in a list is in it. */
static inline void recount_lists(const struct gyl_dhcpd *d)
{
	uint32_t in_lists = 0, listed = 0;

	for (uint32_t i = 0; i < d->layout->cnt.subnet_cnt; i++) {
		const struct gyl_dhcpd_subnet *s = &d->layout->subnet[i];

		in_lists += recount_list(d, &s->free, i, GYL_DHCPD_FREE, false) +
			    recount_list(d, &s->ready, i, GYL_DHCPD_FREE, true) +
			    recount_list(d, &s->offered, i, GYL_DHCPD_OFFERED, false) +
			    recount_list(d, &s->declined, i, GYL_DHCPD_DECLINED, false);
	}
	for (uint32_t i = 1; i <= d->slot_cnt; i++) {
		const struct gyl_dhcpd_lease *l = &d->lease[i];
		bool is = l->ip != 0 && !l->dropped && l->host == 0 &&
			  (l->state == GYL_DHCPD_OFFERED || l->state == GYL_DHCPD_DECLINED ||
				  l->state == GYL_DHCPD_FREE);

		/* One that was made to be checked comes into the list when that is done. */
		if (is && l->state == GYL_DHCPD_FREE && l->probing)
			is = l->listed;
		assert_int_equal(l->ip != 0 && l->listed, is && gyl__dhcpd_is_open(d, i));
		listed += l->ip != 0 && l->listed;
	}
	assert_int_equal(in_lists, listed);
}

/* ---- where a slot is found ---- */

/* A reservation's address is its own, and a slot is of no reservation else. */
static inline void recount_reserved(const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l)
{
	if (l->host != 0)
		assert_int_equal(d->layout->host[l->host - 1].cf->address, l->ip);
}

static inline void recount_slot(const struct gyl_dhcpd *d, uint32_t i)
{
	const struct gyl_dhcpd_lease *l = &d->lease[i];

	assert_int_equal(
		l->dropped ? gyl__dhcpd_slot_beside(d, l->ip) : gyl__dhcpd_slot(d, l->ip), i);
	assert_true(!l->dropped || l->state == GYL_DHCPD_LEASED || l->state == GYL_DHCPD_DECLINED ||
		    l->state == GYL_DHCPD_OFFERED);
	assert_true(l->form == GYL_DHCPD_NOBODY || recount_index(&d->clients, i) == 1);
	assert_true(!l->named || recount_index(&d->names, i) == 1);
	assert_true(l->form != GYL_DHCPD_NOBODY || l->state != GYL_DHCPD_LEASED);
	assert_true(l->form != GYL_DHCPD_NOBODY || l->state != GYL_DHCPD_OFFERED);
	assert_int_equal(l->timed, l->state != GYL_DHCPD_FREE && l->state != GYL_DHCPD_OURS &&
					   l->expiry_ns != GYL_TIME_INFINITE);
	recount_reserved(d, l);
}

static inline void recount_slots(const struct gyl_dhcpd *d)
{
	uint32_t used = 0, leased = 0, beside = 0, unused = 0, bound = 0, named = 0;

	for (uint32_t i = 1; i <= d->slot_cnt; i++) {
		const struct gyl_dhcpd_lease *l = &d->lease[i];

		if (l->ip == 0)
			continue;
		recount_slot(d, i);
		used++;
		leased += l->state == GYL_DHCPD_LEASED;
		beside += l->dropped;
		bound += l->form != GYL_DHCPD_NOBODY;
		named += l->named;
	}
	for (uint32_t i = d->slot_free; i != 0; i = d->lease[i].list_next)
		assert_true(++unused <= d->slot_cnt && d->lease[i].ip == 0);
	assert_int_equal(used + unused, d->slot_cnt);
	assert_int_equal(d->lease_cnt, leased);
	assert_int_equal(d->beside_cnt, beside);
	assert_int_equal(d->clients.cnt, bound);
	assert_int_equal(d->names.cnt, named);
	assert_true(d->slot_cnt <= d->slot_cap);
}

/* ---- time and memory ---- */

static inline void recount_wheel(const struct gyl_dhcpd *d)
{
	uint32_t timed = 0, hung = 0;

	for (uint32_t i = 1; i <= d->slot_cnt; i++)
		timed += d->lease[i].ip != 0 && d->lease[i].timed;
	for (unsigned level = 0; level < GYL_DHCPD_WHEEL_LEVELS; level++) {
		for (unsigned at = 0; at < GYL_DHCPD_WHEEL_SLOTS; at++) {
			uint32_t before = 0, i = d->wheel.head[level][at];

			assert_int_equal(d->wheel.used[level] >> at & 1, i != 0);
			for (; i != 0; i = d->lease[i].timer_next, hung++) {
				assert_true(hung < timed && d->lease[i].timed);
				assert_int_equal(d->lease[i].timer_prev, before);
				before = i;
			}
		}
	}
	assert_int_equal(hung, timed);
}

static inline void recount_tails(const struct gyl_dhcpd *d)
{
	const struct gyl_dhcpd_tails *t = &d->tails;
	uint32_t relay = 0;

	for (uint32_t i = 1; i <= d->slot_cnt; i++) {
		const struct gyl_dhcpd_lease *l = &d->lease[i];
		uint32_t head;

		if (l->ip == 0 || l->tail == 0)
			continue;
		memcpy(&head, t->p + (size_t)l->tail * 4, sizeof head);
		assert_int_equal(head, i);
		relay += (uint32_t)gyl__dhcpd_lease_relay(d, l).len;
	}
	assert_int_equal(t->relay_live, relay);
	assert_true(t->relay_live <= t->relay_cap && t->live <= t->top && t->top <= t->cap);
}

/* Of what is being checked every one is in flight, once. */
static inline void recount_probes(const struct gyl_dhcpd *d)
{
	uint32_t flying = 0, probing = 0;

	assert_true(d->probe.flight_cnt <= GYL_DHCPD_FLIGHT_MAX);
	for (uint32_t i = 0; i < d->probe.flight_cnt; i++)
		flying += d->lease[d->probe.flight[i].slot].probing;
	for (uint32_t i = 1; i <= d->slot_cnt; i++) {
		const struct gyl_dhcpd_lease *l = &d->lease[i];

		probing += l->probing;
		if (l->checked)
			assert_true(l->state == GYL_DHCPD_FREE && l->host == 0 && l->listed);
	}
	assert_true(flying >= probing);
}

static inline void recount(const struct gyl_dhcpd *d)
{
	recount_budgets(d);
	for (uint32_t i = 0; i < d->layout->cnt.subnet_cnt; i++)
		recount_pool(d, i);
	recount_lists(d);
	recount_slots(d);
	recount_wheel(d);
	recount_tails(d);
	recount_probes(d);
}

#ifdef __clang__
#	pragma clang attribute pop
#endif

#endif
