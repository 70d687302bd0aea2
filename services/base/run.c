/* SPDX-License-Identifier: ISC */
#include "services/base/run.h"

#include <gyl/time.h>

/* A parked send, followed by its payload. */
struct parked {
	uint64_t after;
	struct gyl_peer to;
	uint32_t flow, len;
	uint8_t port;
};

/*
 * Entries of the event ring that only answers to events may use. Without it a ring full of events
 * that a core has no room to answer would wait for that core for ever.
 */
enum {
	EVENT_RESERVE = 64
};

enum {
	/* A core wants no more until a flush is done: look again soon. */
	STUCK_NS = 1000000
};

/* A station that fights for our address must not fill the log (RFC 5227 2.4: nor the network). */
#define CONFLICT_PAUSE_NS (10 * GYL_NS_PER_S)

void gyl_run_init(struct gyl_run *r, struct gyl_host host, struct gyl_store *store,
	const struct gyl_run_conf *cf)
{
	memset(r, 0, sizeof *r);
	r->host = host;
	r->store = store;
	gyl_ring_init(&r->hold, cf->hold_mem, cf->hold_len);
	gyl_ring_init(&r->event, cf->event_mem, cf->event_len);
	host.ops->wait(host.h, 0, &r->now);
}

int gyl_run_add(struct gyl_run *r, const struct gyl_core_ops *ops, void *core)
{
	r->core[r->core_cnt].ops = ops;
	r->core[r->core_cnt].core = core;
	return (int)r->core_cnt++;
}

void gyl_run_log(struct gyl_run *r, int core, unsigned log, struct gyl_log *l)
{
	r->core[core].log[log] = l;
}

int gyl_run_listen(struct gyl_run *r, int core, const struct gyl_bind *b)
{
	int port = r->host.ops->listen(r->host.h, b);

	if (port >= 0)
		r->port_core[port] = (uint8_t)core;
	return port;
}

bool gyl_run_sink(struct gyl_run *r, gyl_run_sink_fn *fn, void *arg)
{
	if (r->sink_cnt == GYL_RUN_SINK_MAX)
		return false;
	r->sink[r->sink_cnt].fn = fn;
	r->sink[r->sink_cnt++].arg = arg;
	return true;
}

static uint64_t durable(const struct gyl_run *r)
{
	return r->store == NULL ? UINT64_MAX : gyl_store_durable(r->store);
}

/* What gyl_out_store() of every core ends in. */
static uint64_t store_batch(void *arg, const struct gyl_record *rec, size_t cnt)
{
	struct gyl_run *r = arg;
	uint64_t seq = 0;

	if (r->store == NULL ||
		gyl_store_batch(r->store, r->now.wall_ns, rec, cnt, &seq) != GYL_STORE_OK)
		return 0;
	return seq;
}

static void out_begin(struct gyl_run *r, unsigned core, bool reserve)
{
	struct gyl_out *o = &r->out;

	o->send = r->send;
	o->send_cnt = 0;
	o->send_cap = (uint32_t)r->host.ops->lend(r->host.h, r->send, GYL_RUN_BATCH);
	o->event = &r->event;
	o->event_reserve = reserve ? EVENT_RESERVE : 0;
	memcpy(o->log, r->core[core].log, sizeof o->log);
	o->op_cnt = 0;
	o->used = false;
	o->durable = durable(r);
	o->hold_room = gyl_ring_room(&r->hold, GYL_OUT_PARK_LEN, GYL_RUN_BATCH)
			       ? (uint64_t)GYL_OUT_PARK_LEN * GYL_RUN_BATCH
			       : 0;
	o->store_room = r->store == NULL ? UINT64_MAX : gyl_store_room(r->store);
	o->event_lost_cnt = 0;
	o->now = r->now;
	o->store = store_batch;
	o->store_arg = r;
}

/* Copies a send that must wait; its slot is then free for the host to lend again. */
static void park(struct gyl_run *r, struct gyl_send *s)
{
	struct parked *p = gyl_ring_put(&r->hold, sizeof *p + s->len);

	if (p == NULL) {
		r->stat.dropped_cnt++;
	} else {
		p->after = s->after;
		p->to = s->to;
		p->flow = s->flow;
		p->port = s->port;
		p->len = s->len;
		memcpy(p + 1, s->p, s->len);
		r->stat.parked_cnt++;
	}
	s->len = 0;
}

/*
 * A core numbers the sockets that it opens from 1 to FLOW_OWN; the host sees them with the core's
 * number in front, so that two cores may use the same ones. Streams that the host accepted have the
 * top bit set and stay as they are.
 */
enum {
	FLOW_OWN = 0xffffff,
	FLOW_SHIFT = 24
};

static bool flow_is_own(uint32_t flow)
{
	return flow != 0 && flow >> 31 == 0;
}

static uint32_t flow_for_host(uint32_t flow, unsigned core)
{
	return flow_is_own(flow) ? (flow & FLOW_OWN) | (uint32_t)core << FLOW_SHIFT : flow;
}

static void out_end(struct gyl_run *r, unsigned core)
{
	struct gyl_out *o = &r->out;

	for (uint32_t i = 0; i < o->send_cnt; i++)
		o->send[i].flow = flow_for_host(o->send[i].flow, core);

	for (uint32_t i = 0; i < o->send_cnt; i++)
		if (o->send[i].after > o->durable)
			park(r, &o->send[i]);
	r->host.ops->send(r->host.h, o->send, o->send_cnt);
	for (uint32_t i = 0; i < o->op_cnt; i++)
		r->host.ops->flow(
			r->host.h, flow_for_host(o->op[i].flow, core), o->op[i].op, &o->op[i].to);
	r->stat.event_lost_cnt += o->event_lost_cnt;
}

/* Offers inputs to a core as long as it takes any. Returns how many it took. */
static size_t offer(struct gyl_run *r, unsigned core, struct gyl_in *in, size_t cnt)
{
	size_t done = 0, taken;

	do {
		out_begin(r, core, in[done].kind != GYL_IN_EVENT);
		taken = r->core[core].ops->input(
			r->core[core].core, r->now, in + done, cnt - done, &r->out);
		out_end(r, core);
		done += taken;
	} while (taken != 0 && done < cnt);
	return done;
}

static bool stream_rest(const struct gyl_in *in, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++)
		if ((in[i].kind == GYL_IN_BYTES || in[i].kind == GYL_IN_EOF) &&
			in[i].used < in[i].data.len)
			return true;
	return false;
}

static unsigned owner(const struct gyl_in *in)
{
	return (in->flow >> FLOW_SHIFT) % GYL_RUN_CORE_MAX;
}

/* Inputs of core-opened sockets come mixed, by one port: runs of the same owner go to it. Returns
 * how many were taken. */
static size_t offer_opened(struct gyl_run *r, struct gyl_in *in, size_t cnt)
{
	size_t done = 0;

	while (done < cnt) {
		unsigned core = owner(&in[done]);
		size_t run = 0, taken;

		while (done + run < cnt && owner(&in[done + run]) == core)
			in[done + run++].flow &= FLOW_OWN;
		taken = core < r->core_cnt ? offer(r, core, in + done, run) : run;
		for (size_t i = 0; i < run; i++)
			in[done + i].flow = flow_for_host(in[done + i].flow, core);
		done += taken;
		if (taken < run)
			break;
	}
	return done;
}

/* All that a port has, batch by batch, until it is drained or the core wants no more for now. */
static void serve_port(struct gyl_run *r, int port)
{
	enum {
		BATCHES = 4
	}; /* other ports want their turn */
	const struct gyl_host_ops *ops = r->host.ops;
	size_t cnt, taken;

	for (int n = 0; n < BATCHES; n++) {
		cnt = ops->recv(r->host.h, port, r->in, GYL_RUN_BATCH);
		if (cnt == 0) {
			r->ready &= ~(UINT64_C(1) << port);
			return;
		}
		if (port == GYL_PORT_OPENED)
			taken = offer_opened(r, r->in, cnt);
		else
			taken = offer(r, r->port_core[port], r->in, cnt);
		if (taken < cnt || stream_rest(r->in, cnt))
			ops->unread(r->host.h, port, r->in, cnt, taken);
		if (taken < cnt)
			return;
	}
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
static void drop_events(struct gyl_run *r)
{
	uint64_t safe = durable(r);
	struct gyl_out_event entry;
	size_t len;
	void *p;

	for (size_t cnt = r->event.entry_cnt; cnt != 0 && gyl_ring_peek(&r->event, &p, &len);
		cnt--) {
		entry = *(struct gyl_out_event *)p;
		gyl_ring_drop(&r->event);
		if (entry.after > safe)
			r->stat.dropped_cnt++;
		else /* all entries are of one size: there is room where one was dropped */
			*(struct gyl_out_event *)gyl_ring_put(&r->event, sizeof entry) = entry;
	}
}

static void lose(struct gyl_run *r, uint64_t seq, int err)
{
	struct gyl_in in = {.kind = GYL_IN_LOST, .seq = seq};
	struct gyl_event e;

	drop_sends(r);
	drop_events(r);
	for (unsigned i = 0; i < r->core_cnt; i++)
		offer(r, i, &in, 1);
	gyl_event_init(&e, GYL_EV_BASE_STORE);
	gyl_event_u64(&e, "error", (uint64_t)err);
	gyl_event_u64(&e, "lost", seq);
	gyl_run_event(r, &e);
}

/* Hears of finished writes, then starts the next one: group commit, one in flight. */
static void pump_store(struct gyl_run *r)
{
	struct gyl_store_write w;
	uint64_t token, lost;
	int err;

	if (r->store == NULL)
		return;
	do {
		while (r->host.ops->blk_done(r->host.h, &token, &err))
			if (gyl_store_written(r->store, token, err, &lost))
				lose(r, lost, err);
		if (!gyl_store_write_next(r->store, r->now.mono_ns, &w))
			return;
		r->stat.flush_cnt++;
		err = r->host.ops->blk_write(r->host.h, w.dev, w.unit, w.buf, w.cnt, w.token);
		if (err != 0 && gyl_store_written(r->store, w.token, -err, &lost))
			lose(r, lost, -err);
	} while (err == 0); /* a host whose writes are done on return has one to report at once */
}

/* Sends what the journal has become durable for, in the order it was said. */
static void release(struct gyl_run *r)
{
	uint64_t safe = durable(r);
	struct parked *p;
	size_t len, cnt = 0, cap = 0;
	void *entry;

	while (gyl_ring_peek(&r->hold, &entry, &len)) {
		p = entry;
		if (p->after > safe)
			break;
		if (cnt == cap) {
			r->host.ops->send(r->host.h, r->send, cnt);
			cap = r->host.ops->lend(r->host.h, r->send, GYL_RUN_BATCH);
			cnt = 0;
			if (cap == 0)
				return;
		}
		memcpy(r->send[cnt].p, p + 1, p->len);
		r->send[cnt].len = p->len;
		r->send[cnt].flow = p->flow;
		r->send[cnt].port = p->port;
		r->send[cnt].to = p->to;
		cnt++;
		gyl_ring_drop(&r->hold);
	}
	if (cap != 0)
		r->host.ops->send(r->host.h, r->send, cnt);
}

/* Gives an event to every core that wants it and was not told yet, then to the sinks. */
static bool deliver(struct gyl_run *r, const struct gyl_event *e)
{
	uint32_t source = 1u << gyl_event_desc(e->kind)->source;
	struct gyl_in in = {.kind = GYL_IN_EVENT, .event = e};

	for (unsigned i = 0; i < r->core_cnt; i++) {
		if (!(r->core[i].ops->wants & source) || (r->told >> i & 1))
			continue;
		if (offer(r, i, &in, 1) == 0)
			return false;
		r->told |= 1u << i;
	}
	for (unsigned i = 0; i < r->sink_cnt; i++)
		r->sink[i].fn(r->sink[i].arg, e);
	return true;
}

/* Takes the oldest event that may be told out of the ring, so that what it causes has room there.
 */
static bool take_event(struct gyl_run *r)
{
	struct gyl_out_event *entry;
	size_t len;
	void *p;

	if (!gyl_ring_peek(&r->event, &p, &len))
		return false;
	entry = p;
	if (entry->after > durable(r))
		return false;
	r->telling = entry->e;
	r->told = 0;
	r->stuck = true;
	gyl_ring_drop(&r->event);
	return true;
}

/* Events become inputs after the batch that caused them; what a core says about them comes after.
 */
static void pump_events(struct gyl_run *r)
{
	for (int n = 0; n < 4 * GYL_RUN_BATCH && (r->stuck || take_event(r)); n++) {
		if (!deliver(r, &r->telling))
			return;
		r->stuck = false;
	}
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* A core that is due at once and yet says nothing waits for room: it is not asked all the time. */
static uint64_t tick_at(const struct gyl_run *r, unsigned core)
{
	return later(r->core[core].ops->deadline_ns(r->core[core].core), r->core[core].rest_ns);
}

static void tick_cores(struct gyl_run *r)
{
	for (unsigned i = 0; i < r->core_cnt; i++) {
		if (tick_at(r, i) > r->now.mono_ns)
			continue;
		out_begin(r, i, true);
		r->core[i].ops->tick(r->core[i].core, r->now, &r->out);
		out_end(r, i);
		r->core[i].rest_ns = r->out.used ? 0 : r->now.mono_ns + STUCK_NS;
	}
}

static bool has_writer(const struct gyl_log *l)
{
	return l != NULL && l->write != NULL;
}

/* After all that the step did, so that a block holds as much as possible. */
static void write_logs(struct gyl_run *r)
{
	for (unsigned i = 0; i < r->core_cnt; i++)
		for (unsigned k = 0; k < GYL_OUT_LOG_MAX; k++) {
			struct gyl_log *l = r->core[i].log[k];

			if (has_writer(l) && (l->len != 0 || l->due_ns <= r->now.mono_ns))
				l->due_ns = l->write(l->arg, l, r->now);
		}
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t core_deadline(const struct gyl_run *r, unsigned core)
{
	uint64_t at = tick_at(r, core);

	for (unsigned k = 0; k < GYL_OUT_LOG_MAX; k++)
		if (has_writer(r->core[core].log[k]))
			at = sooner(at, r->core[core].log[k]->due_ns);
	return at;
}

static uint64_t next_deadline(const struct gyl_run *r, uint64_t until_ns)
{
	const struct gyl_out_event *e;
	size_t len;
	void *p;

	for (unsigned i = 0; i < r->core_cnt; i++)
		until_ns = sooner(until_ns, core_deadline(r, i));
	if (r->store != NULL)
		until_ns = sooner(until_ns, gyl_store_deadline_ns(r->store));
	if (r->stuck)
		return sooner(until_ns, r->now.mono_ns + STUCK_NS);
	if (gyl_ring_peek(&r->event, &p, &len)) {
		e = p;
		if (e->after <= durable(r))
			until_ns = 0;
	}
	return until_ns;
}

/* The host is asked once a step; it answers from what it has seen meanwhile. */
static void tell_conflict(struct gyl_run *r)
{
	uint8_t mac[6];
	struct gyl_event e;
	uint32_t ip;

	if (r->host.ops->conflict == NULL || r->now.mono_ns < r->conflict_ns ||
		!r->host.ops->conflict(r->host.h, &ip, mac))
		return;
	r->conflict_ns = r->now.mono_ns + CONFLICT_PAUSE_NS;
	gyl_event_init(&e, GYL_EV_NET_CONFLICT);
	gyl_event_ip(&e, "ip", ip);
	gyl_event_mac(&e, "mac", mac);
	gyl_run_event(r, &e);
}

/* Without its network a daemon is of no use; who watches over it starts it again. */
static void look_for_device(struct gyl_run *r)
{
	struct gyl_event e;

	if (r->gone != 0 || r->host.ops->gone == NULL)
		return;
	r->gone = r->host.ops->gone(r->host.h);
	if (r->gone == 0)
		return;
	gyl_event_init(&e, GYL_EV_NET_GONE);
	gyl_event_u64(&e, "error", (uint64_t)r->gone);
	gyl_run_event(r, &e);
	r->stop = true;
}

void gyl_run_step(struct gyl_run *r, uint64_t until_ns)
{
	r->ready |= r->host.ops->wait(r->host.h, next_deadline(r, until_ns), &r->now);
	for (int port = 0; port < GYL_RUN_PORT_MAX && r->ready >> port != 0; port++)
		if (r->ready >> port & 1)
			serve_port(r, port);
	tick_cores(r);
	pump_store(r);
	release(r);
	tell_conflict(r);
	look_for_device(r);
	pump_events(r);
	write_logs(r);
}

bool gyl_run_event_room(const struct gyl_run *r)
{
	return gyl_ring_room(&r->event, sizeof(struct gyl_out_event), EVENT_RESERVE);
}

void gyl_run_event(struct gyl_run *r, const struct gyl_event *e)
{
	struct gyl_out_event *slot = gyl_ring_put(&r->event, sizeof *slot);

	if (slot == NULL) {
		r->stat.event_lost_cnt++;
		return;
	}
	slot->after = 0;
	slot->e = *e;
	slot->e.mono_ns = r->now.mono_ns;
	if (!e->remote)
		slot->e.wall_ns = r->now.wall_ns;
}

void gyl_run_data(struct gyl_run *r, int core, struct gyl_view key, struct gyl_view data)
{
	struct gyl_in in = {.kind = GYL_IN_DATA, .key = key, .data = data};

	offer(r, (unsigned)core, &in, 1);
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
			offer(r, core, r->in, cnt);
	} while (cnt == GYL_RUN_BATCH);
}

void gyl_run_replay(struct gyl_run *r, struct gyl_store_replayed *ret_info)
{
	struct gyl_store_read rd;

	while (gyl_store_replay_next(r->store, &rd))
		gyl_store_replay_done(r->store,
			-r->host.ops->blk_read(r->host.h, rd.dev, rd.unit, rd.buf, rd.cnt));
	gyl_store_replayed(r->store, ret_info);
}

void gyl_run_restore(struct gyl_run *r)
{
	for (unsigned i = 0; i < r->core_cnt && r->store != NULL; i++)
		restore_core(r, i);
}

static void settle(struct gyl_run *r)
{
	pump_store(r);
	release(r);
	pump_events(r);
}

/* What comes while it ends is for nobody any more; left where it is, it would end every wait. */
static void discard(struct gyl_run *r, uint64_t ready)
{
	for (int port = 0; port < GYL_RUN_PORT_MAX && ready >> port != 0; port++)
		if (ready >> port & 1)
			r->host.ops->recv(r->host.h, port, r->in, GYL_RUN_BATCH);
}

void gyl_run_finish(struct gyl_run *r)
{
	uint64_t end_ns = r->now.mono_ns + 10 * GYL_NS_PER_S; /* for a slow disk */

	settle(r);
	if (r->store == NULL)
		return;
	gyl_store_close(r->store, r->now.wall_ns);
	settle(r);
	while (gyl_store_busy(r->store) && r->now.mono_ns < end_ns) {
		uint64_t until_ns = sooner(end_ns, gyl_store_deadline_ns(r->store));

		discard(r, r->host.ops->wait(r->host.h, until_ns, &r->now));
		settle(r);
	}
}
