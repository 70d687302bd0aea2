/* SPDX-License-Identifier: ISC */

/*
 * What the store has to do with a loop: sends that wait for it, writes that are done or lost,
 * records at the start, and the end.
 */

#include <gyl/time.h>

#include "services/base/run_own.h"

/* A parked send, followed by its payload. */
struct parked {
	uint64_t after;
	uint64_t since_ns; /* when what it answers came; 0: it answers nothing */
	struct gyl_peer to;
	uint32_t flow, len;
	uint8_t port, core;
	bool strict, dropped;
};

/* Slots that are filled with parked sends. */
struct filled {
	size_t cnt, cap;
	uint64_t since_ns[GYL_RUN_BATCH];
	uint8_t core[GYL_RUN_BATCH];
};

uint64_t gyl__run_stored(const struct gyl_run *r)
{
	return r->store == NULL ? UINT64_MAX : gyl_store_durable(r->store);
}

uint64_t gyl__run_durable(const struct gyl_run *r)
{
	return gyl_time_min(gyl__run_stored(r), r->gate);
}

/* Copies a send that must wait; its slot is then free for the host to lend again. */
void gyl__run_park(struct gyl_run *r, unsigned core, struct gyl_send *s, uint64_t since_ns)
{
	struct parked *p = gyl_ring_put(&r->hold, sizeof *p + s->len);

	if (p == NULL) {
		r->stat.dropped_cnt++;
	} else {
		p->after = s->after;
		p->since_ns = since_ns;
		p->core = (uint8_t)core;
		p->strict = s->strict;
		p->dropped = false;
		p->to = s->to;
		p->flow = s->flow;
		p->port = s->port;
		p->len = s->len;
		memcpy(p + 1, s->p, s->len);
		r->stat.parked_cnt++;
	}
	s->len = 0;
}

/* Whatever waits was said after something that is not stored: none of it may leave. */
static void drop_sends(struct gyl_run *r)
{
	void *p;
	size_t len;

	while (gyl_ring_peek(&r->hold, &p, &len)) {
		gyl_ring_drop(&r->hold);
		r->stat.dropped_cnt++;
	}
}

/* Events too; and those that wait for nothing must not wait behind them until the disk is well. */
static void drop_events(struct gyl_run *r, uint64_t safe, bool strict)
{
	struct gyl_out_event entry;
	size_t len;
	void *p;

	for (size_t cnt = r->event.entry_cnt; cnt != 0 && gyl_ring_peek(&r->event, &p, &len);
		cnt--) {
		entry = *(struct gyl_out_event *)p;
		gyl_ring_drop(&r->event);
		if (entry.after > safe && (entry.strict || !strict))
			r->stat.dropped_cnt++;
		else /* all entries are of one size: there is room where one was dropped */
			*(struct gyl_out_event *)gyl_ring_put(&r->event, sizeof entry) = entry;
	}
}

void gyl__run_drop_strict(struct gyl_run *r, uint64_t upto)
{
	struct gyl_ring_cursor c;
	struct parked *p;
	void *entry;

	for (gyl_ring_walk(&r->hold, &c); gyl_ring_next(&r->hold, &c, &entry);) {
		p = entry;
		if (!p->strict || p->after <= upto || p->dropped)
			continue;
		p->dropped = true;
		r->stat.dropped_cnt++;
	}
	drop_events(r, upto, true);
}

static void lose(struct gyl_run *r, uint64_t seq, int err)
{
	struct gyl_in in = {.kind = GYL_IN_LOST, .seq = seq};
	struct gyl_event e;

	drop_sends(r);
	drop_events(r, gyl__run_stored(r), false);
	for (unsigned i = 0; i < r->core_cnt; i++)
		gyl__run_offer(r, i, &in, 1);
	gyl_event_init(&e, GYL_EV_BASE_STORE);
	gyl_event_u64(&e, "error", (uint64_t)err);
	gyl_event_u64(&e, "lost", seq);
	gyl_run_event(r, &e);
}

/* A write has ended, well or not. */
static void flushed(struct gyl_run *r, uint64_t token, int err)
{
	uint64_t lost;

	gyl_histogram_add(&r->stat.flush, gyl_time_sub(gyl__run_clock_ns(r), r->flush_at_ns), 1);
	r->flush_at_ns = 0;
	r->stat.flush_err = err;
	r->stat.flush_failed_cnt += err != 0;
	if (gyl_store_written(r->store, token, err, &lost))
		lose(r, lost, err);
}

/* Hears of finished writes, then starts the next one: group commit, one in flight. */
void gyl__run_pump_store(struct gyl_run *r)
{
	struct gyl_store_write w;
	uint64_t token;
	int err;

	if (r->store == NULL)
		return;
	do {
		while (r->host.ops->blk_done(r->host.h, &token, &err))
			flushed(r, token, err);
		if (!gyl_store_write_next(r->store, r->now.mono_ns, &w))
			return;
		r->stat.flush_cnt++;
		r->flush_at_ns = gyl__run_clock_ns(r);
		err = r->host.ops->blk_write(r->host.h, w.dev, w.unit, w.buf, w.cnt, w.token);
		if (err != 0)
			flushed(r, w.token, -err);
	} while (err == 0); /* a host whose writes are done on return has one to report at once */
}

static void send_filled(struct gyl_run *r, struct filled *f)
{
	uint64_t now_ns;

	if (f->cap == 0)
		return;
	r->host.ops->send(r->host.h, r->send, f->cnt);
	now_ns = gyl__run_clock_ns(r);
	for (size_t i = 0; i < f->cnt; i++)
		if (f->since_ns[i] != 0)
			gyl_histogram_add(&r->core[f->core[i]].answer,
				gyl_time_sub(now_ns, f->since_ns[i]), 1);
	f->cnt = 0;
	f->cap = 0;
}

static void fill(struct gyl_run *r, struct filled *f, const struct parked *p)
{
	struct gyl_send *s = &r->send[f->cnt];

	memcpy(s->p, p + 1, p->len);
	s->len = p->len;
	s->flow = p->flow;
	s->port = p->port;
	s->to = p->to;
	f->since_ns[f->cnt] = p->since_ns;
	f->core[f->cnt++] = p->core;
}

/* Sends what the journal has become durable for, in the order it was said. */
void gyl__run_release(struct gyl_run *r)
{
	uint64_t safe = gyl__run_durable(r);
	struct filled f = {.cnt = 0, .cap = 0};
	const struct parked *p;
	void *entry;
	size_t len;

	while (gyl_ring_peek(&r->hold, &entry, &len)) {
		p = entry;
		if (p->dropped) {
			gyl_ring_drop(&r->hold);
			continue;
		}
		if (p->after > safe)
			break;
		if (f.cnt == f.cap) {
			send_filled(r, &f);
			f.cap = r->host.ops->lend(r->host.h, r->send, GYL_RUN_BATCH);
			if (f.cap == 0)
				return;
		}
		fill(r, &f, p);
		gyl_ring_drop(&r->hold);
	}
	send_filled(r, &f);
}

/* Every record below "<core>/" becomes an input of that core. */
static void restore_core(struct gyl_run *r, unsigned core)
{
	struct gyl_view prefix = gyl_view_str(r->core[core].ops->name);
	uint32_t at = 0;
	size_t cnt;

	do {
		for (cnt = 0; cnt < GYL_RUN_BATCH; cnt++) {
			struct gyl_in *in = &r->in[cnt];

			memset(in, 0, sizeof *in);
			in->kind = GYL_IN_RECORD;
			if (!gyl_store_walk(r->store, prefix, &at, &in->key, &in->data, &in->seq))
				break;
		}
		if (cnt != 0)
			gyl__run_offer(r, core, r->in, cnt);
	} while (cnt == GYL_RUN_BATCH);
}

static void read_units(struct gyl_run *r)
{
	struct gyl_store_read rd;

	while (gyl_store_replay_next(r->store, &rd))
		gyl_store_replay_done(r->store,
			-r->host.ops->blk_read(r->host.h, rd.dev, rd.unit, rd.buf, rd.cnt));
}

void gyl_run_replay(struct gyl_run *r, struct gyl_store_replayed *ret_info)
{
	read_units(r);
	gyl_store_replayed(r->store, ret_info);
	gyl__run_clock_begin(r, ret_info->last_wall_ns);
}

void gyl_run_load(struct gyl_run *r, void *mem, struct gyl_store_replayed *ret_info)
{
	for (unsigned i = 0; i < r->core_cnt && r->store != NULL; i++) {
		const struct gyl_core_ops *ops = r->core[i].ops;
		uint32_t cnt;
		void *places;

		if (ops->owns == NULL)
			continue;
		places = ops->places(r->core[i].core, &cnt);
		gyl_store_owner(r->store, gyl_view_str(ops->owns), ops->owner, r->core[i].core,
			places, cnt);
	}
	if (r->store == NULL)
		return;
	gyl_store_load(r->store, r->now, mem);
	read_units(r);
	gyl_store_replayed(r->store, ret_info);
}

void gyl_run_restore(struct gyl_run *r)
{
	for (unsigned i = 0; i < r->core_cnt && r->store != NULL; i++)
		restore_core(r, i);
}

static void settle(struct gyl_run *r)
{
	gyl__run_pump_store(r);
	gyl__run_release(r);
	gyl__run_pump_events(r);
}

/* What comes while it ends is for nobody any more; left where it is, it would end every wait. */
static void discard(struct gyl_run *r, uint64_t ready)
{
	for (int port = 0; port < GYL_RUN_PORT_MAX && ready >> port != 0; port++)
		if (ready >> port & 1)
			r->host.ops->recv(r->host.h, port, r->in, GYL_RUN_BATCH);
}

/* Wait for the store's last write, 10 s for a slow disk. What comes meanwhile is served later, or
 * never at the end. */
static void await_store(struct gyl_run *r, bool at_end)
{
	uint64_t end_ns = r->now.mono_ns + 10 * GYL_NS_PER_S;

	settle(r);
	while (gyl_store_busy(r->store) && r->now.mono_ns < end_ns) {
		uint64_t until_ns = gyl_time_min(end_ns, gyl_store_deadline_ns(r->store));
		uint64_t ready = r->host.ops->wait(r->host.h, until_ns, &r->now);

		gyl__run_clock(r);

		if (at_end)
			discard(r, ready);
		else
			r->ready |= ready;
		settle(r);
	}
}

bool gyl_run_sync(struct gyl_run *r)
{
	if (r->store == NULL)
		return true;
	await_store(r, false);
	return !gyl_store_busy(r->store);
}

void gyl_run_finish(struct gyl_run *r)
{
	settle(r);
	if (r->store == NULL)
		return;
	gyl_store_close(r->store, r->now.wall_ns);
	await_store(r, true);
}
