/* SPDX-License-Identifier: ISC */

/* The first loop's side of its workers: what they are told, and what they have counted. */

#include <gyl/time.h>

#include "services/dns/worker_own.h"

static size_t aligned(size_t len)
{
	return (len + GYL_PASS_LINE - 1) & ~(size_t)(GYL_PASS_LINE - 1);
}

static size_t members_len(unsigned cnt)
{
	return aligned(cnt * sizeof(struct gyl__dns_member));
}

size_t gyl_dns_team_need(unsigned cnt)
{
	return aligned(sizeof(struct gyl_dns_team)) + members_len(cnt) +
	       cnt * (aligned(gyl_dns_limit_need()) + GYL_PASS_LEN);
}

struct gyl_dns_team *gyl_dns_team_init(void *mem, struct gyl_dns *d, unsigned cnt)
{
	struct gyl_dns_team *t = mem;

	memset(mem, 0, aligned(sizeof *t) + members_len(cnt));
	t->d = d;
	t->cnt = cnt;
	t->member = (struct gyl__dns_member *)(void *)((uint8_t *)mem + aligned(sizeof *t));
	d->team = t;
	d->loop_cnt = cnt + 1;
	gyl__dns_desk_conf(d, d->flat, d->conf);
	return t;
}

struct gyl_dns *gyl_dns_team_worker(struct gyl_dns_team *t, unsigned i, struct gyl_dns_waker worker,
	struct gyl_dns_waker first, uint8_t port, uint8_t role)
{
	uint8_t *mem = (uint8_t *)t->member + members_len(t->cnt) +
		       i * (aligned(gyl_dns_limit_need()) + GYL_PASS_LEN);
	struct gyl__dns_member *m = &t->member[i];
	struct gyl_dns *w = &m->core;

	m->team = t;
	m->waker = worker;
	m->first = first;
	m->port = port;
	m->role = role;
	gyl_pass_init(&m->pass, mem, first.wake, first.arg);
	gyl_dns_limit_init(&w->limit, mem + GYL_PASS_LEN, t->d->limit.seed);
	w->member = m;
	w->loop_cnt = t->cnt + 1;
	memcpy(w->own_secret, t->d->own_secret, sizeof w->own_secret);
	gyl__dns_see_init(w, t->d->see.tops.key);
	w->data.part = true;
	w->data.overlay = &w->overlay;
	w->data.lives = &w->lives;
	w->data.ledger = &w->ledger;
	w->data.net_cnt = t->d->data.net_cnt;
	memcpy(w->data.net, t->d->data.net, sizeof w->data.net);
	return w;
}

struct gyl_pass *gyl_dns_team_pass(struct gyl_dns_team *t, unsigned i)
{
	return &t->member[i].pass;
}

/* ---- what they see ---- */

static void set_apex(struct gyl__dns_apex *a, const uint8_t *name, uint8_t len, uint32_t serial)
{
	a->serial = serial;
	a->len = len;
	memcpy(a->name, name, len);
}

static void see(const struct gyl_dns *d, struct gyl_now now, struct gyl__dns_sight *s)
{
	memset(s, 0, sizeof *s);
	s->image = d->data.image;
	s->names = d->data.names;
	s->flat = d->flat;
	s->conf = d->conf;
	s->cache = d->data.cache;
	s->watch_end_ns = d->see.watch_end_ns;
	s->waits = gyl__dns_lease_waits(d, now);
	for (uint32_t i = 0; i < d->lives.cnt; i++) {
		const struct gyl_dns_live *z = &d->lives.zone[i];

		if (z->view != NULL && !z->hidden)
			set_apex(&s->live[s->live_cnt++], z->apex, z->apex_len, 0);
	}
	for (uint32_t i = 0; i < GYL_DNS_BOOK_MAX; i++) {
		const struct gyl_dns_book *b = &d->ledger.book[i];

		if (b->used)
			set_apex(&s->book[s->book_cnt++], b->apex, b->apex_len, b->serial);
	}
	s->domain_cnt = d->overlay.domain_cnt;
	for (uint32_t i = 0; i < s->domain_cnt; i++) {
		const struct gyl_dns_domain *o = &d->overlay.domain[i];

		set_apex(&s->domain[i], o->name, o->name_len, 0);
		s->lease_cnt[i] = o->lease_cnt != 0;
	}
}

static bool all_taken(const struct gyl_dns_team *t)
{
	uint32_t number = atomic_load_explicit(&t->number, memory_order_relaxed);

	for (unsigned i = 0; i < t->cnt; i++)
		if (atomic_load_explicit(&t->member[i].taken, memory_order_acquire) != number)
			return false;
	return true;
}

/* Only the first loop writes it; 0 is never a number. */
static void publish(struct gyl_dns_team *t)
{
	uint32_t number = atomic_load_explicit(&t->number, memory_order_relaxed) + 1;

	memcpy(&t->sight, &t->next, sizeof t->sight);
	atomic_store_explicit(&t->number, number == 0 ? 1 : number, memory_order_release);
	for (unsigned i = 0; i < t->cnt; i++)
		t->member[i].waker.wake(t->member[i].waker.arg);
}

/* True: what they see, or will see next, is what there is. False: they have not taken the last one
 * yet. */
static bool show(struct gyl_dns_team *t, struct gyl_now now)
{
	struct gyl_dns *d = t->d;

	atomic_store_explicit(&t->serial, d->overlay.serial, memory_order_relaxed);
	see(d, now, &t->next);
	if (memcmp(&t->next, &t->sight, sizeof t->next) == 0)
		return true;
	if (!all_taken(t))
		return false;
	publish(t);
	return true;
}

bool gyl_dns_team_settled(struct gyl_dns_team *t)
{
	return show(t, t->now) && all_taken(t);
}

/* ---- what they have counted ---- */

static void take_post(struct gyl_dns *d, struct gyl__dns_member *m)
{
	struct gyl__dns_post *p = &m->post;

	if (!atomic_load_explicit(&p->full, memory_order_acquire))
		return;
	if (d->see.since_ns == 0)
		d->see.since_ns = p->since_ns;
	gyl_dns_tops_merge(&d->see.tops, &p->tops);
	gyl_dns_zone_stats_merge(&d->see.zones, &p->zones);
	m->stat = p->stat;
	m->worker = p->worker;
	atomic_store_explicit(&p->full, false, memory_order_release);
}

const struct gyl_dns_worker_stat *gyl_dns_team_stat(const struct gyl_dns_team *t, unsigned i)
{
	return i < t->cnt ? &t->member[i].worker : NULL;
}

/* Those that a query by UDP may count. */
void gyl__dns_team_sum(const struct gyl_dns_team *t, struct gyl_dns_stat *sum)
{
	for (unsigned i = 0; i < t->cnt; i++) {
		const struct gyl_dns_stat *st = &t->member[i].stat;

		sum->query_cnt += st->query_cnt;
		sum->dropped_cnt += st->dropped_cnt;
		for (unsigned k = 0; k < sizeof st->rcode_cnt / sizeof st->rcode_cnt[0]; k++)
			sum->rcode_cnt[k] += st->rcode_cnt[k];
		sum->truncated_cnt += st->truncated_cnt;
		sum->blocked_cnt += st->blocked_cnt;
		sum->special_cnt += st->special_cnt;
		sum->limited_cnt += st->limited_cnt;
		sum->slipped_cnt += st->slipped_cnt;
		for (unsigned k = 0; k < GYL_DNS_COOKIE_CNT; k++)
			sum->cookie_cnt[k] += st->cookie_cnt[k];
	}
}

uint64_t gyl__dns_team_answers(const struct gyl_dns_team *t)
{
	uint64_t cnt = 0;

	for (unsigned i = 0; i < t->cnt; i++)
		cnt += t->member[i].worker.answer_cnt;
	return cnt;
}

/* ---- in the first loop ---- */

void gyl__dns_team_heard(struct gyl_dns_team *t)
{
	t->look = true;
	t->again_ns = 0;
}

void gyl__dns_team_tick(struct gyl_dns_team *t, struct gyl_now now)
{
	t->now = now;
	for (unsigned i = 0; i < t->cnt; i++)
		take_post(t->d, &t->member[i]);
	t->look = !show(t, now);
	t->again_ns = now.mono_ns + GYL_NS_PER_MS;
}

uint64_t gyl__dns_team_at_ns(const struct gyl_dns_team *t)
{
	for (unsigned i = 0; i < t->cnt; i++)
		if (atomic_load_explicit(&t->member[i].post.full, memory_order_relaxed))
			return 0;
	if (t->look)
		return t->again_ns;
	return t->sight.waits ? t->d->lease_wait_ns : UINT64_MAX;
}
