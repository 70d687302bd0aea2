/* SPDX-License-Identifier: ISC */

/* A worker: what it sees, answers, hands over and counts. */

#include <gyl/time.h>

#include "services/dns/ahead.h"
#include "services/dns/worker_own.h"

/* ---- its sight ---- */

/* Where zones change. Their views are never looked at, but tell that a place is taken. */
static void take_lives(struct gyl_dns *d, const struct gyl__dns_sight *s)
{
	static const struct gyl_dns_image somewhere;

	d->lives.cnt = s->live_cnt;
	for (uint32_t i = 0; i < s->live_cnt; i++) {
		struct gyl_dns_live *z = &d->lives.zone[i];

		z->view = &somewhere;
		z->apex_len = s->live[i].len;
		memcpy(z->apex, s->live[i].name, s->live[i].len);
	}
}

static void take_books(struct gyl_dns *d, const struct gyl__dns_sight *s)
{
	d->ledger.book_cnt = s->book_cnt;
	for (uint32_t i = 0; i < GYL_DNS_BOOK_MAX; i++) {
		struct gyl_dns_book *b = &d->ledger.book[i];

		b->used = i < s->book_cnt;
		if (!b->used)
			continue;
		b->serial = s->book[i].serial;
		b->apex_len = s->book[i].len;
		memcpy(b->apex, s->book[i].name, s->book[i].len);
	}
}

static void take_domains(struct gyl_dns *d, const struct gyl__dns_sight *s)
{
	struct gyl_dns_overlay *ov = &d->overlay;

	ov->domain_cnt = s->domain_cnt;
	ov->cnt = 0;
	for (uint32_t i = 0; i < s->domain_cnt; i++) {
		ov->domain[i].name_len = s->domain[i].len;
		ov->domain[i].lease_cnt = s->lease_cnt[i];
		memcpy(ov->domain[i].name, s->domain[i].name, s->domain[i].len);
		ov->cnt += s->lease_cnt[i];
	}
}

void gyl_dns_worker_look(struct gyl_dns *w)
{
	struct gyl__dns_member *m = w->member;
	const struct gyl__dns_sight *s = &m->team->sight;
	uint32_t number = atomic_load_explicit(&m->team->number, memory_order_acquire);

	if (number == m->seen)
		return;
	w->data.image = s->image;
	w->data.names = s->names;
	w->data.cache = s->cache;
	w->see.watch_end_ns = s->watch_end_ns;
	m->waits = s->waits != 0;
	if (w->conf != s->conf)
		gyl__dns_desk_conf(w, s->flat, s->conf);
	take_lives(w, s);
	take_books(w, s);
	take_domains(w, s);
	m->seen = number;
	atomic_store_explicit(&m->taken, number, memory_order_release);
}

/* ---- queries ---- */

void gyl__dns_hand_over(struct gyl_dns *w, const struct gyl_in *in)
{
	(void)gyl_pass_dgram(&w->member->pass, in, w->member->port, w->member->role);
}

static bool one(struct gyl_dns *w, struct gyl_now now, struct gyl_in *in, struct gyl_dns_key *key,
	struct gyl_out *o)
{
	static const struct gyl_cost cost = {.send_cnt = 1, .event_cnt = 3};

	if (in->kind != GYL_IN_DGRAM)
		return true;
	if (!w->member->waits)
		return gyl_out_room(o, &cost) && gyl__dns_dgram(w, now, in, key, o);
	gyl__dns_hand_over(w, in);
	return true;
}

static size_t input(
	void *core, struct gyl_now now, struct gyl_in *in, size_t in_cnt, struct gyl_out *o)
{
	struct gyl_dns *w = core;
	struct gyl_dns_ahead ahead;
	size_t i = 0;

	if (w->member->seen == 0)
		return 0;
	w->overlay.serial = atomic_load_explicit(&w->member->team->serial, memory_order_relaxed);
	gyl_dns_ahead_begin(&ahead, gyl__dns_large(&w->data), in, in_cnt);
	for (; i < in_cnt; i++) {
		if (!one(w, now, &in[i], gyl_dns_ahead_step(&ahead, i), o))
			break;
	}
	return i;
}

static void tick(void *core, struct gyl_now now, struct gyl_out *o)
{
	(void)core;
	(void)now;
	(void)o;
}

static uint64_t deadline_ns(const void *core)
{
	(void)core;
	return UINT64_MAX;
}

const struct gyl_core_ops gyl_dns_worker_core = {
	.name = "dns", .input = input, .tick = tick, .deadline_ns = deadline_ns};

/* ---- counters ---- */

static uint64_t message_cnt(const struct gyl_dns *w)
{
	return w->stat.query_cnt + w->member->pass.cnt + w->member->pass.lost_cnt;
}

uint64_t gyl_dns_worker_at_ns(const struct gyl_dns *w)
{
	const struct gyl__dns_member *m = w->member;

	return message_cnt(w) == m->post_cnt ? UINT64_MAX
					     : gyl_time_add(m->post_ns, GYL_DNS_POST_NS);
}

void gyl_dns_worker_post(
	struct gyl_dns *w, struct gyl_now now, const struct gyl_dns_worker_stat *st)
{
	struct gyl__dns_member *m = w->member;
	struct gyl__dns_post *p = &m->post;

	if (gyl_dns_worker_at_ns(w) > now.mono_ns)
		return;
	m->post_ns = now.mono_ns;
	if (atomic_load_explicit(&p->full, memory_order_acquire))
		return; /* the first loop is busy: with the next one */
	m->post_cnt = message_cnt(w);
	p->since_ns = w->see.since_ns;
	memcpy(p->tops.list, w->see.tops.list, sizeof p->tops.list);
	p->zones = w->see.zones;
	p->stat = w->stat;
	p->worker = *st;
	p->worker.answer_cnt = w->forward.stat.source_cnt[GYL_DNS_FROM_US];
	p->worker.passed_cnt = m->pass.cnt;
	p->worker.lost_cnt = m->pass.lost_cnt;
	p->worker.event_lost_cnt += m->pass.event_lost_cnt;
	gyl_dns_tops_clear(&w->see.tops);
	w->see.since_ns = 0;
	memset(&w->see.zones, 0, sizeof w->see.zones);
	atomic_store_explicit(&p->full, true, memory_order_release);
	m->first.wake(m->first.arg);
}
