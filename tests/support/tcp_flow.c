/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdio.h>

#include "libnet/src/ident.h"
#include "tests/support/support.h"
#include "tests/support/tcp_flow.h"

enum {
	PERIOD = 65521, /* prime, so that no shift by a power of two looks right */
	PIECE = 16384
};

#define LISTENER UINT32_MAX

/* ---- what is written at which place ---- */

static const uint8_t *pattern(void)
{
	static uint8_t octets[PERIOD + PIECE];
	uint64_t seed = 793;

	if (octets[0] == 0) {
		for (unsigned i = 0; i < PERIOD; i++)
			octets[i] = (uint8_t)(gyl__ident_mix(&seed) >> 40);
		memcpy(octets + PERIOD, octets, PIECE);
		octets[0] = octets[PERIOD] = 1;
	}
	return octets;
}

/* Up to PIECE octets of what side i writes into the flow. */
static const uint8_t *octets_at(const struct flow *w, int i, uint64_t pos)
{
	return pattern() + (pos + 7919u * w->port + 104729u * (unsigned)i) % PERIOD;
}

static uint32_t draw(struct flows *f, uint32_t n)
{
	return (uint32_t)((gyl__ident_mix(&f->seed) >> 32) % n);
}

static struct gyl_streams *machine(const struct flows *f, int i)
{
	return f->sim->side[i].t;
}

static void tell(const struct flows *f, const struct flow *w, int i, const char *what)
{
	const struct flow_end *e = &w->end[i];

	if (f->sim->trace)
		printf("%12.6f %c  port %u %s (written %" PRIu64 ", got %" PRIu64 ")\n",
			(double)f->sim->now_ns / 1e9, 'A' + i, w->port, what, e->written, e->got);
}

/* Does a clock run? Then its end rests, whatever the machine says, and will look by itself. */
static bool is_set(const struct flows *f, uint64_t clock_ns)
{
	return clock_ns != UINT64_MAX && f->sim->now_ns < clock_ns;
}

/* ---- one end ---- */

static void end_if_done(struct flows *f, struct flow *w, int i)
{
	struct flow_end *e = &w->end[i];
	bool wrote = e->written == e->plan.len, read = e->eof;

	if (!e->opened || e->closed || e->closing)
		return;
	if (wrote && !e->shut && e->plan.how == FLOW_SHUTDOWN) {
		e->shut = true;
		tell(f, w, i, "shuts down");
		gyl_stream_shutdown(machine(f, i), f->sim->now_ns, e->id);
	}
	if (wrote && (e->plan.how == FLOW_CLOSE || (read && e->plan.how != FLOW_RESET))) {
		e->closing = true;
		tell(f, w, i, "closes");
		gyl_stream_close(machine(f, i), f->sim->now_ns, e->id);
	}
}

static void write_more(struct flows *f, struct flow *w, int i)
{
	struct flow_end *e = &w->end[i];

	if (!e->opened || e->closed || e->closing || e->shut || is_set(f, e->write_ns))
		return;
	while (e->written < e->plan.len) {
		uint64_t rest = e->plan.len - e->written;
		uint32_t most = e->plan.write_max < PIECE ? e->plan.write_max : PIECE;
		uint32_t want = 1 + draw(f, most);
		size_t took;

		want = want < rest ? want : (uint32_t)rest;
		took = gyl_stream_write(machine(f, i), f->sim->now_ns, e->id,
			gyl_view(octets_at(w, i, e->written), want));
		if (took > want)
			tcp_sim_fail(f->sim, "a write took more than there was");
		e->written += took;
		e->blocked = took < want;
		if (e->blocked)
			break;
		if (e->plan.write_gap_ns != 0) {
			e->write_ns = f->sim->now_ns + e->plan.write_gap_ns;
			break;
		}
	}
	end_if_done(f, w, i);
}

static void compare(struct flows *f, struct flow *w, int i, struct gyl_view got)
{
	struct flow_end *e = &w->end[i];

	if (e->got + got.len > w->end[1 - i].written)
		tcp_sim_fail(f->sim, "more came than was written");
	while (got.len > 0) {
		size_t len = got.len < PIECE ? got.len : PIECE;

		if (memcmp(got.p, octets_at(w, 1 - i, e->got), len) != 0) {
			tell(f, w, i, "got other octets");
			tcp_sim_fail(f->sim, "other octets came than were written");
		}
		e->got += len;
		got = gyl_view_sub(got, len, SIZE_MAX);
	}
}

static void rest_or_not(struct flows *f, struct flow_end *e)
{
	if (e->plan.pause_at != 0 && e->got >= e->plan.pause_at && !e->rested) {
		e->rested = true;
		e->read_ns = f->sim->now_ns + e->plan.pause_ns;
	} else if (e->plan.read_gap_ns != 0) {
		e->read_ns = f->sim->now_ns + e->plan.read_gap_ns;
	}
}

static void read_more(struct flows *f, struct flow *w, int i)
{
	struct flow_end *e = &w->end[i];

	while (e->opened && !e->closed && !e->closing && !is_set(f, e->read_ns)) {
		struct gyl_view got = gyl_stream_peek(machine(f, i), e->id);

		if (got.len == 0)
			break;
		if (e->plan.read_max != 0 && got.len > e->plan.read_max)
			got.len = e->plan.read_max;
		compare(f, w, i, got);
		gyl_stream_take(machine(f, i), f->sim->now_ns, e->id, got.len);
		rest_or_not(f, e);
	}
}

/* The end is seen when all before it was read. */
static void see_eof(struct flows *f, struct flow *w, int i)
{
	struct flow_end *e = &w->end[i];
	struct gyl_stream_info info;

	if (!e->eof_came || e->closed || e->closing || e->eof)
		return;
	/* When both sides have ended and all is read the stream is gone; CLOSED is on its way. */
	e->eof = !gyl_stream_info(machine(f, i), e->id, &info) || info.unread_len == 0;
}

static void opened(struct flows *f, struct flow *w, int i)
{
	struct flow_end *e = &w->end[i];
	struct gyl_stream_opts opts = gyl_stream_opts(machine(f, i), e->id);

	if (e->opened)
		tcp_sim_fail(f->sim, "a stream opens twice");
	e->opened = true;
	if (e->plan.how == FLOW_RESET)
		e->reset_at_ns = f->sim->now_ns + e->plan.reset_ns;
	opts.nodelay = e->plan.nodelay;
	opts.keepalive = e->plan.keepalive;
	opts.keep_idle_ns = 20 * GYL_NS_PER_S;
	opts.keep_gap_ns = 5 * GYL_NS_PER_S;
	opts.keep_cnt = 9;
	gyl_stream_set_opts(machine(f, i), f->sim->now_ns, e->id, &opts);
	tell(f, w, i, "opened");
}

/* ---- events ---- */

static struct flow *flow_of(struct flows *f, int i, const struct gyl_stream_event *ev)
{
	struct gyl_stream_info info;

	if (ev->user != LISTENER)
		return ev->user < f->cnt ? &f->flow[ev->user] : NULL;
	for (unsigned k = 0; k < f->cnt; k++)
		if (f->flow[k].end[i].id == ev->id && !f->flow[k].end[i].closed)
			return &f->flow[k];
	if ((ev->what & GYL_STREAM_EV_OPENED) == 0 ||
		!gyl_stream_info(machine(f, i), ev->id, &info))
		return NULL;
	for (unsigned k = 0; k < f->cnt; k++)
		if (f->flow[k].port == info.peer.port && f->flow[k].from != i &&
			f->flow[k].end[i].id == 0)
			return &f->flow[k];
	return NULL;
}

static void closed(struct flows *f, struct flow *w, int i, uint8_t err)
{
	struct flow_end *e = &w->end[i];

	if (e->closed)
		tcp_sim_fail(f->sim, "a stream closes twice");
	e->closed = true;
	e->err = err;
	e->write_ns = e->read_ns = e->reset_at_ns = UINT64_MAX;
	if (w->end[1 - i].closed || w->end[1 - i].id == 0)
		w->done_ns = f->sim->now_ns;
	tell(f, w, i, err == GYL_STREAM_OK ? "closed" : "closed with an error");
}

static void act(struct flows *f, int i, const struct gyl_stream_event *ev)
{
	struct flow *w = flow_of(f, i, ev);
	struct flow_end *e;

	if (w == NULL)
		tcp_sim_fail(f->sim, "an event of no stream");
	e = &w->end[i];
	if (e->id == 0)
		e->id = ev->id;
	if (e->id != ev->id || ev->id == 0 || ev->what == 0)
		tcp_sim_fail(f->sim, "an event of another stream");
	if ((ev->what & GYL_STREAM_EV_OPENED) != 0)
		opened(f, w, i);
	if (!e->opened && ev->what != GYL_STREAM_EV_CLOSED)
		tcp_sim_fail(f->sim, "an event before the stream opened");
	if ((ev->what & GYL_STREAM_EV_EOF) != 0)
		e->eof_came = true;
	if ((ev->what & GYL_STREAM_EV_CLOSED) != 0) {
		closed(f, w, i, ev->err);
		return;
	}
	if ((ev->what & GYL_STREAM_EV_BYTES) != 0)
		read_more(f, w, i);
	if ((ev->what & (GYL_STREAM_EV_ROOM | GYL_STREAM_EV_OPENED)) != 0)
		write_more(f, w, i);
	see_eof(f, w, i);
	end_if_done(f, w, i);
}

static void begin(struct flows *f, unsigned k, int i)
{
	struct flow *w = &f->flow[k];
	struct gyl_net_peer to = tcp_sim_peer(i, w->is_both ? w->port : FLOW_LISTEN_PORT, w->port);
	enum gyl_stream_err err = gyl_stream_connect(machine(f, i), f->sim->now_ns, &to,
		f->sim->side[i].mtu, (uint32_t)k, &w->end[i].id);

	if (err != GYL_STREAM_OK || w->end[i].id == 0)
		tcp_sim_fail(f->sim, "a stream could not begin");
	w->is_begun = true;
}

static void clocks(struct flows *f, struct flow *w, int i)
{
	struct flow_end *e = &w->end[i];

	if (e->closed)
		return;
	if (e->reset_at_ns <= f->sim->now_ns) {
		e->reset_at_ns = UINT64_MAX;
		e->closing = true;
		tell(f, w, i, "resets");
		gyl_stream_reset(machine(f, i), f->sim->now_ns, e->id);
		return;
	}
	if (e->write_ns <= f->sim->now_ns) {
		e->write_ns = UINT64_MAX;
		write_more(f, w, i);
	}
	if (e->read_ns <= f->sim->now_ns) {
		e->read_ns = UINT64_MAX;
		read_more(f, w, i);
		see_eof(f, w, i);
		end_if_done(f, w, i);
	}
}

static void serve(struct flows *f)
{
	struct gyl_stream_event ev;

	for (unsigned k = 0; k < f->cnt; k++) {
		struct flow *w = &f->flow[k];

		if (!w->is_begun && w->open_ns <= f->sim->now_ns) {
			begin(f, k, w->from);
			if (w->is_both)
				begin(f, k, 1 - w->from);
		}
	}
	for (int i = 0; i < 2; i++)
		while (gyl_streams_event(machine(f, i), &ev))
			act(f, i, &ev);
	for (unsigned k = 0; k < f->cnt; k++)
		for (int i = 0; i < 2; i++)
			clocks(f, &f->flow[k], i);
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t deadline_ns(const struct flows *f)
{
	uint64_t at_ns = UINT64_MAX;

	for (unsigned k = 0; k < f->cnt; k++) {
		const struct flow *w = &f->flow[k];

		if (!w->is_begun)
			at_ns = least(at_ns, w->open_ns);
		for (int i = 0; i < 2; i++) {
			const struct flow_end *e = &w->end[i];

			if (!e->closed)
				at_ns = least(at_ns,
					least(e->reset_at_ns, least(e->write_ns, e->read_ns)));
		}
	}
	return at_ns;
}

static bool is_over(const struct flow *w)
{
	return w->is_begun && (w->end[0].closed || w->end[0].id == 0) &&
	       (w->end[1].closed || w->end[1].id == 0);
}

bool flows_step(struct flows *f, uint64_t until_ns)
{
	bool all = true;

	serve(f);
	tcp_sim_flush(f->sim);
	serve(f); /* what the calls above brought, such as room */
	for (unsigned k = 0; k < f->cnt; k++)
		all = all && is_over(&f->flow[k]);
	if (all)
		return false;
	if (!tcp_sim_step(f->sim, least(until_ns, deadline_ns(f))))
		tcp_sim_fail(f->sim, "stuck: no timer runs, and a stream is not over");
	return true;
}

static void tell_stuck(const struct flows *f)
{
	for (unsigned k = 0; k < f->cnt; k++)
		for (int i = 0; i < 2 && !is_over(&f->flow[k]); i++)
			print_message("port %u side %c: written %" PRIu64 " of %" PRIu64
				      ", got %" PRIu64 "%s%s%s%s%s\n",
				f->flow[k].port, 'A' + i, f->flow[k].end[i].written,
				f->flow[k].end[i].plan.len, f->flow[k].end[i].got,
				f->flow[k].end[i].opened ? " opened" : "",
				f->flow[k].end[i].blocked ? " blocked" : "",
				f->flow[k].end[i].eof ? " eof" : "",
				f->flow[k].end[i].closing ? " closing" : "",
				f->flow[k].end[i].closed ? " closed" : "");
}

void flows_run(struct flows *f, uint64_t until_ns)
{
	while (flows_step(f, until_ns))
		if (f->sim->now_ns >= until_ns) {
			tell_stuck(f);
			tcp_sim_fail(f->sim, "a stream is not over in time");
		}
}

void flows_settle(struct flows *f, uint64_t until_ns)
{
	do {
		serve(f);
		tcp_sim_flush(f->sim);
		serve(f);
	} while (
		f->sim->now_ns < until_ns && tcp_sim_step(f->sim, least(until_ns, deadline_ns(f))));
}

/* ---- plans ---- */

void flows_open(struct flows *f, struct tcp_sim *sim, uint64_t seed)
{
	struct gyl_stream_listener l = {FLOW_LISTEN_PORT, 0, 0, LISTENER};

	memset(f, 0, sizeof *f);
	f->sim = sim;
	f->seed = seed ^ UINT64_C(0x5a5a5a5a5a5a5a5a);
	for (int i = 0; i < 2; i++)
		if (gyl_stream_listen(machine(f, i), &l) != GYL_STREAM_OK)
			tcp_sim_fail(sim, "a port could not listen");
}

struct flow_plan flow_plan(uint64_t len)
{
	struct flow_plan p;

	memset(&p, 0, sizeof p);
	p.len = len;
	p.write_max = PIECE;
	return p;
}

struct flow *flows_add(struct flows *f, uint8_t from, uint64_t open_ns,
	const struct flow_plan *begins, const struct flow_plan *other)
{
	struct flow *w = &f->flow[f->cnt];

	assert_true(f->cnt < FLOW_MAX);
	memset(w, 0, sizeof *w);
	w->from = from;
	w->open_ns = open_ns;
	w->port = (uint16_t)(FLOW_FIRST_PORT + f->cnt++);
	w->end[from].plan = *begins;
	w->end[1 - from].plan = *other;
	for (int i = 0; i < 2; i++) {
		struct flow_end *e = &w->end[i];

		e->write_ns = e->read_ns = e->reset_at_ns = UINT64_MAX;
	}
	return w;
}

void flow_assert_whole(const struct flows *f, const struct flow *w)
{
	for (int i = 0; i < 2; i++) {
		const struct flow_end *e = &w->end[i];

		if (e->err != GYL_STREAM_OK || !e->closed)
			tcp_sim_fail(f->sim, "a stream ended with an error");
		if (e->got != w->end[1 - i].plan.len)
			tcp_sim_fail(f->sim, "a stream ended before all was read");
	}
}
