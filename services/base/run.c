/* SPDX-License-Identifier: ISC */
#include "services/base/run_own.h"

#include <gyl/time.h>

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

/* What is asked to end ends soon: a receive buffer of 32 MiB is empty long before, streams never.
 */
#define DRAIN_NS        (10 * GYL_NS_PER_S)
#define DRAIN_STREAM_NS GYL_NS_PER_S

void gyl_run_init(struct gyl_run *r, struct gyl_host host, struct gyl_store *store,
	const struct gyl_run_conf *cf)
{
	memset(r, 0, sizeof *r);
	r->host = host;
	r->store = store;
	gyl_ring_init(&r->hold, cf->hold_mem, cf->hold_len);
	gyl_ring_init(&r->event, cf->event_mem, cf->event_len);
	r->gate = UINT64_MAX;
	r->patience_ns = UINT64_MAX;
	host.ops->wait(host.h, 0, &r->now);
}

int gyl_run_add(struct gyl_run *r, const struct gyl_core_ops *ops, void *core)
{
	r->core[r->core_cnt].ops = ops;
	r->core[r->core_cnt].core = core;
	r->patience_ns = gyl_time_min(r->patience_ns, ops->patience_ns);
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

bool gyl_run_sink(struct gyl_run *r, gyl_run_sink_fn *fn, gyl_run_unheard_fn *unheard, void *arg)
{
	if (r->sink_cnt == GYL_RUN_SINK_MAX)
		return false;
	r->sink[r->sink_cnt].fn = fn;
	r->sink[r->sink_cnt].unheard = unheard;
	r->sink[r->sink_cnt++].arg = arg;
	return true;
}

bool gyl_run_pass(struct gyl_run *r, int core, struct gyl_pass *p)
{
	if (r->pass_cnt == GYL_RUN_PASS_MAX)
		return false;
	r->pass[r->pass_cnt].p = p;
	r->pass[r->pass_cnt++].core = (uint8_t)core;
	return true;
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
	o->op_cap = GYL_OUT_OP_MAX - r->refused_cnt;
	o->used = false;
	o->durable = gyl__run_durable(r);
	o->stored = gyl__run_stored(r);
	o->gate = r->gate;
	o->gate_broken = false;
	o->strict = false;
	o->unheard = r->unheard;
	o->hold_room = gyl_ring_room(&r->hold, GYL_OUT_PARK_LEN, GYL_RUN_BATCH)
			       ? (uint64_t)GYL_OUT_PARK_LEN * GYL_RUN_BATCH
			       : 0;
	o->store_room = r->store == NULL ? UINT64_MAX : gyl_store_room(r->store);
	o->event_lost_cnt = 0;
	o->now = r->now;
	o->store = store_batch;
	o->store_arg = r;
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

uint32_t gyl_run_flow_room(const struct gyl_run *r, int core, uint32_t flow)
{
	const struct gyl_host_ops *ops = r->host.ops;

	return ops->room == NULL ? UINT32_MAX
				 : ops->room(r->host.h, flow_for_host(flow, (unsigned)core));
}

uint32_t gyl_run_flow_unacked(
	const struct gyl_run *r, int core, uint32_t flow, uint64_t *ret_silent_ns)
{
	const struct gyl_host_ops *ops = r->host.ops;

	*ret_silent_ns = 0;
	return ops->unacked == NULL ? 0
				    : ops->unacked(r->host.h, flow_for_host(flow, (unsigned)core),
					      ret_silent_ns);
}

/* Does an input come from somebody who waits for the answer? */
static bool is_asked(const struct gyl_in *in)
{
	return in->kind == GYL_IN_DGRAM || in->kind == GYL_IN_BYTES || in->kind == GYL_IN_EOF;
}

/* Parks what has to wait. How many others there are. */
static uint64_t park(struct gyl_run *r, unsigned core, uint64_t since_ns)
{
	struct gyl_out *o = &r->out;
	uint64_t cnt = 0;

	for (uint32_t i = 0; i < o->send_cnt; i++) {
		if (o->send[i].after > o->durable)
			gyl__run_park(r, core, &o->send[i], since_ns);
		cnt += o->send[i].len != 0;
	}
	return cnt;
}

static bool is_open(uint8_t op)
{
	return op == GYL_FLOW_OPEN_TCP || op == GYL_FLOW_OPEN_UDP || op == GYL_FLOW_OPEN_TLS;
}

/* A flow that cannot even begin is told as closed, like one that nobody answered. */
static void do_ops(struct gyl_run *r, unsigned core)
{
	const struct gyl_out *o = &r->out;

	for (uint32_t i = 0; i < o->op_cnt; i++) {
		uint32_t flow = flow_for_host(o->op[i].flow, core);

		if (r->host.ops->flow(r->host.h, flow, o->op[i].op, &o->op[i].to) < 0 &&
			is_open(o->op[i].op))
			r->refused[r->refused_cnt++] = flow;
	}
}

static void turn_gate(struct gyl_run *r)
{
	r->gate = r->out.gate;
	if (r->out.gate_broken)
		gyl__run_drop_strict(r, r->out.gate_was);
}

/* since_ns: when what it answers came; 0: it answers nothing. */
static void out_end(struct gyl_run *r, unsigned core, uint64_t since_ns)
{
	struct gyl_out *o = &r->out;
	uint64_t sent;

	for (uint32_t i = 0; i < o->send_cnt; i++)
		o->send[i].flow = flow_for_host(o->send[i].flow, core);
	sent = park(r, core, since_ns);
	r->host.ops->send(r->host.h, o->send, o->send_cnt);
	if (sent != 0 && since_ns != 0)
		gyl_histogram_add(
			&r->core[core].answer, gyl_time_sub(gyl__run_clock_ns(r), since_ns), sent);
	do_ops(r, core);
	turn_gate(r);
	r->stat.event_lost_cnt += o->event_lost_cnt;
}

/* Offers inputs to a core as long as it takes any. Returns how many it took. */
size_t gyl__run_offer(struct gyl_run *r, unsigned core, struct gyl_in *in, size_t cnt)
{
	size_t done = 0, taken;

	do {
		out_begin(r, core, in[done].kind != GYL_IN_EVENT);
		taken = r->core[core].ops->input(
			r->core[core].core, r->now, in + done, cnt - done, &r->out);
		out_end(r, core, is_asked(&in[done]) ? r->now.mono_ns : 0);
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
		taken = core < r->core_cnt ? gyl__run_offer(r, core, in + done, run) : run;
		for (size_t i = 0; i < run; i++)
			in[done + i].flow = flow_for_host(in[done + i].flow, core);
		done += taken;
		if (taken < run)
			break;
	}
	return done;
}

/* Tells of flows that could not be opened. */
static void tell_refused(struct gyl_run *r)
{
	struct gyl_in in = {.kind = GYL_IN_CLOSED, .port = GYL_PORT_OPENED};

	for (uint32_t cnt = r->refused_cnt; cnt != 0; cnt--) {
		in.flow = r->refused[0];
		if (offer_opened(r, &in, 1) == 0)
			return;
		r->refused_cnt--;
		memmove(r->refused, r->refused + 1, r->refused_cnt * sizeof r->refused[0]);
	}
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
		r->in_cnt += cnt;
		r->dgram |= r->in[0].kind == GYL_IN_DGRAM;
		if (port == GYL_PORT_OPENED)
			taken = offer_opened(r, r->in, cnt);
		else
			taken = gyl__run_offer(r, r->port_core[port], r->in, cnt);
		if (taken < cnt || stream_rest(r->in, cnt))
			ops->unread(r->host.h, port, r->in, cnt, taken);
		if (taken < cnt)
			return;
	}
}

/* The first of what a thread has handed over. Returns how many were there, all taken or not. */
static size_t take_passed(struct gyl_run *r, unsigned i)
{
	struct gyl_pass *p = r->pass[i].p;
	size_t cnt = gyl_pass_look(p, r->in, GYL_RUN_BATCH), taken = 0;

	if (cnt == 0)
		return 0;
	if (r->in[0].kind == GYL_IN_DGRAM) {
		r->in_cnt += cnt;
		taken = gyl__run_offer(r, r->pass[i].core, r->in, cnt);
	} else if (gyl_run_event_room(r)) {
		gyl_run_event(r, r->in[0].event);
		taken = 1;
	}
	gyl_pass_drop(p, taken);
	r->pass_stuck = r->pass_stuck || taken < cnt;
	return cnt;
}

/* As much from each thread as from a port. */
static void serve_passed(struct gyl_run *r)
{
	enum {
		MOST = 4 * GYL_RUN_BATCH
	};

	r->pass_stuck = false;
	for (unsigned i = 0; i < r->pass_cnt; i++)
		for (size_t sum = 0, cnt = 1; cnt != 0 && sum < MOST && !r->pass_stuck; sum += cnt)
			cnt = take_passed(r, i);
}

/* Until when the loop may sleep, as far as other threads are concerned. */
static uint64_t passed_at(struct gyl_run *r)
{
	bool empty = true;

	for (unsigned i = 0; i < r->pass_cnt; i++)
		empty = gyl_pass_sleep(r->pass[i].p) && empty;
	if (empty)
		return UINT64_MAX;
	return r->pass_stuck ? r->now.mono_ns + STUCK_NS : 0;
}

/* Gives an event to every core that wants it and was not told yet, then to the sinks. */
static bool deliver(struct gyl_run *r, const struct gyl_event *e)
{
	uint32_t source = 1u << gyl_event_desc(e->kind)->source;
	struct gyl_in in = {.kind = GYL_IN_EVENT, .event = e};

	for (unsigned i = 0; i < r->core_cnt; i++) {
		if (!(r->core[i].ops->wants & source) || (r->told >> i & 1))
			continue;
		if (gyl__run_offer(r, i, &in, 1) == 0)
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
	if (entry->after > gyl__run_durable(r))
		return false;
	gyl_event_copy(&r->telling, &entry->e);
	r->told = 0;
	r->stuck = true;
	gyl_ring_drop(&r->event);
	return true;
}

/* Events become inputs after the batch that caused them; what a core says about them comes after.
 */
void gyl__run_pump_events(struct gyl_run *r)
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
		/* A step of the wall clock is news for all: they may be asked to print records. */
		if (tick_at(r, i) > r->now.mono_ns && !r->clock_stepped)
			continue;
		out_begin(r, i, true);
		r->core[i].ops->tick(r->core[i].core, r->now, &r->out);
		out_end(r, i, 0);
		r->core[i].rest_ns = r->out.used ? 0 : r->now.mono_ns + STUCK_NS;
	}
}

static bool has_writer(const struct gyl_log *l)
{
	return l != NULL && l->write != NULL;
}

/* After all that the step did, so that a block holds as much as possible. The first log comes last:
 * what is also to go elsewhere is not in the log alone when we are killed between the two. */
static void write_logs(struct gyl_run *r)
{
	for (unsigned i = 0; i < r->core_cnt; i++)
		for (unsigned k = GYL_OUT_LOG_MAX; k-- > 0;) {
			struct gyl_log *l = r->core[i].log[k];

			if (has_writer(l) && (l->len != 0 || l->due_ns <= r->now.mono_ns))
				l->due_ns = l->write(l->arg, l, r->now);
		}
}

static uint64_t core_deadline(const struct gyl_run *r, unsigned core)
{
	uint64_t at = tick_at(r, core);

	for (unsigned k = 0; k < GYL_OUT_LOG_MAX; k++)
		if (has_writer(r->core[core].log[k]))
			at = gyl_time_min(at, r->core[core].log[k]->due_ns);
	return at;
}

static uint64_t next_deadline(const struct gyl_run *r, uint64_t until_ns)
{
	const struct gyl_out_event *e;
	size_t len;
	void *p;

	for (unsigned i = 0; i < r->core_cnt; i++)
		until_ns = gyl_time_min(until_ns, core_deadline(r, i));
	if (r->store != NULL)
		until_ns = gyl_time_min(until_ns, gyl_store_deadline_ns(r->store));
	if (r->lost_at_ns > r->now.mono_ns)
		until_ns = gyl_time_min(until_ns, r->lost_at_ns);
	if (r->refused_cnt != 0)
		until_ns = 0;
	if (r->stuck)
		return gyl_time_min(until_ns, r->now.mono_ns + STUCK_NS);
	if (gyl_ring_peek(&r->event, &p, &len)) {
		e = p;
		if (e->after <= gyl__run_durable(r))
			until_ns = 0;
	}
	return until_ns;
}

/* Who listens changes between steps only, by the control socket. */
static void look_who_hears(struct gyl_run *r)
{
	r->unheard = UINT32_MAX;
	for (unsigned i = 0; i < r->sink_cnt; i++)
		r->unheard &= r->sink[i].unheard == NULL ? 0 : r->sink[i].unheard(r->sink[i].arg);
}

/* Rests, when it is worth it, until at most at_ns. False: it did not. */
static bool nap(struct gyl_run *r, uint64_t at_ns)
{
	uint64_t nap_ns = r->ready != 0 ? 0 : gyl_nap_ns(&r->nap, r->patience_ns);

	if (nap_ns == 0 || at_ns <= r->now.mono_ns || r->host.ops->nap == NULL)
		return false;
	r->host.ops->nap(r->host.h, gyl_time_min(at_ns, r->now.mono_ns + nap_ns));
	return true;
}

/* After a nap it only looks: the deadline is not so near that a timer is needed for it. */
static void await(struct gyl_run *r, uint64_t at_ns)
{
	gyl_ring_rewind(&r->hold);
	gyl_ring_rewind(&r->event);
	gyl_nap_note(&r->nap, r->now.mono_ns, r->in_cnt);
	r->in_cnt = 0;
	if (nap(r, at_ns))
		at_ns = 0;
	at_ns = gyl_time_min(at_ns, passed_at(r));
	r->ready |= r->host.ops->wait(r->host.h, at_ns, &r->now);
	for (unsigned i = 0; i < r->pass_cnt; i++)
		gyl_pass_awake(r->pass[i].p);
}

void gyl_run_step(struct gyl_run *r, uint64_t until_ns)
{
	await(r, next_deadline(r, until_ns));
	gyl__run_clock(r);
	look_who_hears(r);
	for (int port = 0; port < GYL_RUN_PORT_MAX && r->ready >> port != 0; port++)
		if (r->ready >> port & 1)
			serve_port(r, port);
	serve_passed(r);
	tell_refused(r);
	tick_cores(r);
	gyl__run_pump_store(r);
	gyl__run_release(r);
	gyl__run_device(r);
	gyl__run_pump_events(r);
	write_logs(r);
}

void gyl_run_drain(struct gyl_run *r)
{
	uint64_t start_ns = r->now.mono_ns;

	if (r->host.ops->hush != NULL)
		r->host.ops->hush(r->host.h);
	do {
		r->dgram = false;
		gyl_run_step(r, 0);
	} while (r->in_cnt != 0 &&
		 r->now.mono_ns - start_ns < (r->dgram ? DRAIN_NS : DRAIN_STREAM_NS));
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
	gyl_event_copy(&slot->e, e);
	slot->e.mono_ns = r->now.mono_ns;
	if (!e->remote)
		slot->e.wall_ns = r->now.wall_ns;
}

void gyl_run_data(struct gyl_run *r, int core, struct gyl_view key, struct gyl_view data)
{
	struct gyl_in in = {.kind = GYL_IN_DATA, .key = key, .data = data};

	gyl__run_offer(r, (unsigned)core, &in, 1);
}

bool gyl_run_ask(struct gyl_run *r, int core, struct gyl_now now, struct gyl_question *q)
{
	struct gyl_in in = {.kind = GYL_IN_ASK, .question = q};

	now.wall_ns += r->wall_ahead_ns;
	r->now = now;
	return gyl__run_offer(r, (unsigned)core, &in, 1) == 1;
}

bool gyl_run_is_durable(const struct gyl_run *r, uint64_t after)
{
	return after <= gyl__run_durable(r);
}
