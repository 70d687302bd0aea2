/* SPDX-License-Identifier: ISC */

/* The core that forwards, with queues and peers of memory: what leaves, when, what is sent again.
 */

#include <gyl/syslog_frame.h>
#include <gyl/text.h>
#include <gyl/time.h>
#include <stdio.h>
#include <stdlib.h>

#include "services/syslogd/forward.h"
#include "tests/support/outbox.h"

enum {
	NET_CAP = 1 << 20,
	TEXT_CAP = 70000
};

/* A queue, and what has come of it over the network. */
struct side {
	struct gyl_syslogd_link link;
	uint64_t next, at, done; /* numbers: those below next are there */
	size_t len;              /* octets of a message; 0: by its number */
	uint32_t room, flight;   /* of the flow that is open; flight: not acknowledged */
	uint64_t silent_ns;
	uint8_t net[NET_CAP]; /* octets that left, of this flow */
	size_t net_len;
};

struct world {
	struct outbox b;
	struct gyl_syslogd_forward f;
	struct gyl_rng rng;
	struct side s;
	struct side other;
	uint32_t flow; /* that was opened last; 0: none */
	uint8_t op;    /* of it */
	uint32_t to_ip;
	unsigned reset_cnt;
	unsigned event_cnt[GYL_EV_CNT];
	struct gyl_event last[GYL_EV_CNT];
};

static uint8_t text[TEXT_CAP];

/* "number xxx...": any octets, LF too. */
static struct gyl_view text_of(const struct side *s, uint64_t nr)
{
	struct gyl_writer w;
	size_t len = s->len != 0 ? s->len : 20 + nr * 37 % 3000;

	memset(text, 'x', len);
	gyl_writer_init(&w, text, sizeof text);
	gyl_text_u64(&w, nr);
	text[w.len] = '\n';
	return gyl_view(text, len);
}

static bool ready(const void *arg)
{
	const struct side *s = arg;

	return s->at < s->next;
}

static bool peek(void *arg, struct gyl_view *ret_text, uint64_t *ret_nr)
{
	struct side *s = arg;

	if (!ready(s))
		return false;
	*ret_nr = s->at;
	*ret_text = text_of(s, s->at);
	return true;
}

static void step(void *arg)
{
	((struct side *)arg)->at++;
}

static void rewind_queue(void *arg)
{
	struct side *s = arg;

	s->at = s->done;
}

static void done(void *arg, uint64_t nr)
{
	struct side *s = arg;

	assert_true(nr > s->done && nr <= s->at);
	s->done = nr;
}

static uint64_t waiting(const void *arg)
{
	const struct side *s = arg;

	return s->next - s->done;
}

static uint32_t room(void *arg, uint32_t flow)
{
	(void)flow;
	return ((struct side *)arg)->room;
}

static uint32_t unacked(void *arg, uint32_t flow, uint64_t *ret_silent_ns)
{
	struct side *s = arg;

	(void)flow;
	*ret_silent_ns = s->silent_ns;
	return s->flight;
}

static const struct gyl_syslogd_link_ops ops = {
	ready, peek, step, rewind_queue, done, waiting, room, unacked};

static void side_init(struct side *s)
{
	s->next = s->at = s->done = 1;
	s->room = 69632;
}

static struct gyl_syslogd_link_conf conf(uint8_t way)
{
	struct gyl_syslogd_link_conf cf = {.name = "far",
		.way = way,
		.place_cnt = 1,
		.place = {{0x0a000001, 514}, {0x0a000002, 514}, {0x0a000003, 6514}},
		.pace = 10000};

	return cf;
}

static int open_world(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	assert_non_null(w);
	outbox_open(&w->b);
	gyl_rng_init(&w->rng, GYL_RNG_CHACHA20, 0, 0);
	gyl_rng_reseed(&w->rng, "seed", 4);
	w->f.rng = &w->rng;
	side_init(&w->s);
	side_init(&w->other);
	*state = w;
	return 0;
}

static int close_world(void **state)
{
	struct world *w = *state;

	outbox_close(&w->b);
	free(w);
	return 0;
}

static void add(struct world *w, const struct gyl_syslogd_link_conf *cf)
{
	assert_true(gyl_syslogd_forward_add(&w->f, &w->s.link, cf, &ops, &w->s));
}

/* What the core did in its last call. */
static void collect(struct world *w)
{
	for (uint32_t i = 0; i < w->b.out.op_cnt; i++) {
		const struct gyl_out_op *op = &w->b.out.op[i];

		if (op->op == GYL_FLOW_RESET) {
			assert_int_equal(op->flow, w->flow);
			w->reset_cnt++;
			w->flow = 0;
			continue;
		}
		assert_int_equal(w->flow, 0);
		w->flow = op->flow;
		w->op = op->op;
		w->to_ip = op->to.ip;
		w->s.net_len = 0;
		w->s.flight = 0;
	}
	for (uint32_t i = 0; i < w->b.out.send_cnt; i++) {
		struct gyl_view v = outbox_sent(&w->b, i);

		assert_int_equal(w->b.send[i].flow, w->flow);
		assert_true(w->s.net_len + v.len <= NET_CAP);
		memcpy(w->s.net + w->s.net_len, v.p, v.len);
		w->s.net_len += v.len;
		w->s.flight += (uint32_t)v.len;
	}
	for (unsigned i = 0; i < w->b.event_cnt; i++) {
		w->event_cnt[w->b.event[i].e.kind]++;
		w->last[w->b.event[i].e.kind] = w->b.event[i].e;
	}
}

static void tick(struct world *w)
{
	outbox_tick(&w->b, &gyl_syslogd_forward_core, &w->f);
	collect(w);
}

static uint64_t due(const struct world *w)
{
	return gyl_syslogd_forward_core.deadline_ns(&w->f);
}

/* Ticks as the runner does, until nothing is due before ns have gone by. Returns how often. */
static unsigned pass(struct world *w, uint64_t ns)
{
	uint64_t end = w->b.now.mono_ns + ns;
	unsigned cnt = 0;

	for (; due(w) <= end; cnt++) {
		if (due(w) > w->b.now.mono_ns)
			w->b.now.mono_ns = due(w);
		tick(w);
		assert_true(cnt < 10000);
	}
	w->b.now.mono_ns = end;
	return cnt;
}

static void give(struct world *w, uint8_t kind, uint32_t flow, const char *data)
{
	struct gyl_in in = {
		.kind = kind, .port = GYL_PORT_OPENED, .flow = flow, .data = gyl_view_str(data)};

	assert_int_equal(outbox_input(&w->b, &gyl_syslogd_forward_core, &w->f, &in, 1), 1);
	assert_int_equal(in.used, in.data.len);
	if (kind == GYL_IN_CLOSED && flow == w->flow)
		w->flow = 0;
	collect(w);
}

static void open_flow(struct world *w)
{
	pass(w, 0);
	assert_int_not_equal(w->flow, 0);
	give(w, GYL_IN_OPENED, w->flow, "");
}

/* All that left are whole messages, from this number up to below that. */
static void expect(struct world *w, uint64_t from, uint64_t to)
{
	struct gyl_syslog_splitter split;
	struct gyl_syslog_frame frame;
	size_t at = 0, used;

	gyl_syslog_splitter_init(&split, 100000);
	for (; gyl_syslog_split(&split, gyl_view(w->s.net + at, w->s.net_len - at), &frame, &used);
		at += used) {
		struct gyl_view want = text_of(&w->s, from++);

		if (w->s.link.cf.framing == GYL_SYSLOG_FRAME_LF)
			*(uint8_t *)memchr(text, '\n', want.len) = ' ';
		assert_true(gyl_view_eq(frame.msg, want));
	}
	assert_int_equal(from, to);
	assert_int_equal(at, w->s.net_len);
}

/* A splitter takes a count only in front of a PRI. */
static void expect_counts(struct world *w, uint64_t from, uint64_t to)
{
	size_t at = 0;

	for (; at < w->s.net_len; from++) {
		struct gyl_view want = text_of(&w->s, from);
		char count[10];
		int n = snprintf(count, sizeof count, "%zu ", want.len);

		assert_memory_equal(w->s.net + at, count, (size_t)n);
		assert_memory_equal(w->s.net + at + n, want.p, want.len);
		at += (size_t)n + want.len;
	}
	assert_int_equal(from, to);
	assert_int_equal(at, w->s.net_len);
}

static void rfc6587_3_4_1_octet_counting(void **state)
{
	struct world *w = *state;
	struct gyl_syslogd_link_conf cf = conf(GYL_SYSLOGD_BY_TCP);

	add(w, &cf);
	open_flow(w);
	assert_int_equal(w->op, GYL_FLOW_OPEN_TCP);
	assert_int_equal(w->to_ip, 0x0a000001);
	assert_int_equal(w->event_cnt[GYL_EV_SYSLOGD_UP], 1);
	w->s.next = 41; /* some are longer than a slot */
	pass(w, 0);
	expect_counts(w, 1, 41);
	assert_int_equal(due(w), w->b.now.mono_ns + 20 * GYL_NS_PER_MS); /* to look what arrived */
	assert_int_equal(w->s.done, 1);
	w->s.flight = 0;
	pass(w, GYL_NS_PER_S);
	assert_int_equal(w->s.done, 41);
	assert_int_equal(due(w), UINT64_MAX);
}

static void rfc6587_3_4_2_a_trailer_inside_becomes_a_space(void **state)
{
	struct world *w = *state;
	struct gyl_syslogd_link_conf cf = conf(GYL_SYSLOGD_BY_TCP);

	cf.framing = GYL_SYSLOG_FRAME_LF;
	add(w, &cf);
	open_flow(w);
	w->s.next = 21;
	pass(w, 0);
	expect(w, 1, 21);
}

static void a_message_may_need_many_rounds(void **state)
{
	struct world *w = *state;
	struct gyl_syslogd_link_conf cf = conf(GYL_SYSLOGD_BY_TCP);

	w->s.len = 60000;
	w->s.room = 7;
	add(w, &cf);
	open_flow(w);
	w->s.next = 2;
	tick(w);
	assert_int_equal(w->s.net_len, 7);
	assert_int_equal(due(w), 0); /* the host may have passed it on already */
	w->s.room = 0;
	tick(w);
	/* it waits for room, or to look */
	assert_int_equal(due(w), w->b.now.mono_ns + 20 * GYL_NS_PER_MS);
	w->s.room = 100000;
	give(w, GYL_IN_BYTES, w->flow, "");
	assert_int_equal(due(w), 0);
	pass(w, 0);
	expect_counts(w, 1, 2);
}

static void what_is_not_acknowledged_is_sent_again(void **state)
{
	struct world *w = *state;
	struct gyl_syslogd_link_conf cf = conf(GYL_SYSLOGD_BY_TCP);
	uint32_t old;

	w->s.len = 1000; /* 1005 with their count */
	add(w, &cf);
	open_flow(w);
	w->s.next = 11;
	pass(w, 0);
	w->s.flight = 7 * 1005 + 1; /* two are there whole */
	pass(w, 20 * GYL_NS_PER_MS);
	assert_int_equal(w->s.done, 3);
	w->s.flight = 7 * 1005;
	old = w->flow;
	give(w, GYL_IN_EOF, w->flow, ""); /* asked once more */
	assert_int_equal(w->reset_cnt, 1);
	assert_int_equal(w->s.done, 4);
	assert_int_equal(w->s.link.stat.again_cnt, 7);
	assert_int_equal(w->event_cnt[GYL_EV_SYSLOGD_DOWN], 1);
	pass(w, GYL_NS_PER_S);
	assert_int_not_equal(w->flow, old);
	give(w, GYL_IN_CLOSED, old, ""); /* comes late, and means nothing */
	give(w, GYL_IN_OPENED, w->flow, "");
	pass(w, 0);
	expect_counts(w, 4, 11);
	give(w, GYL_IN_CLOSED, w->flow, "");
	assert_int_equal(w->s.at, 4);
	assert_int_equal(w->reset_cnt, 1); /* it was gone */
}

/* The rest of a message that was cut does not begin the next connection. */
static void a_cut_message_begins_anew(void **state)
{
	struct world *w = *state;
	struct gyl_syslogd_link_conf cf = conf(GYL_SYSLOGD_BY_TCP);

	w->s.len = 1000;
	w->s.room = 1500;
	add(w, &cf);
	open_flow(w);
	w->s.next = 3;
	tick(w);
	w->s.flight = 100;
	pass(w, 20 * GYL_NS_PER_MS);
	give(w, GYL_IN_CLOSED, w->flow, "");
	assert_int_equal(w->s.done, 2);
	w->s.room = 10000;
	pass(w, GYL_NS_PER_S);
	give(w, GYL_IN_OPENED, w->flow, "");
	pass(w, 0);
	expect_counts(w, 2, 3);
}

static void pauses_grow_from_a_second_to_a_minute(void **state)
{
	struct world *w = *state;
	struct gyl_syslogd_link_conf cf = conf(GYL_SYSLOGD_BY_TCP);
	uint64_t least = 0;
	unsigned differ = 0;

	add(w, &cf);
	pass(w, 0);
	for (uint64_t s = 1, last = 0; s < 4000; s *= 2) {
		uint64_t full = gyl_time_min(s, 60) * GYL_NS_PER_S, wait;

		give(w, GYL_IN_CLOSED, w->flow, "");
		assert_int_equal(w->flow, 0);
		wait = due(w) - w->b.now.mono_ns;
		assert_true(wait <= full && wait > full - full / 4 - 1);
		differ += wait != last;
		last = wait;
		least = wait;
		pass(w, wait - 1);
		assert_int_equal(w->flow, 0);
		pass(w, 1);
		assert_int_not_equal(w->flow, 0);
	}
	assert_true(differ > 10 && least > 40 * GYL_NS_PER_S);
	assert_int_equal(w->event_cnt[GYL_EV_SYSLOGD_DOWN], 1); /* told once */
	/* What worked begins with a second again. */
	give(w, GYL_IN_OPENED, w->flow, "");
	assert_int_equal(w->event_cnt[GYL_EV_SYSLOGD_UP], 1);
	pass(w, 10 * GYL_NS_PER_S);
	give(w, GYL_IN_EOF, w->flow, "");
	assert_true(due(w) - w->b.now.mono_ns <= GYL_NS_PER_S);
	assert_int_equal(w->event_cnt[GYL_EV_SYSLOGD_DOWN], 2);
}

static void no_answer_in_ten_seconds(void **state)
{
	struct world *w = *state;
	struct gyl_syslogd_link_conf cf = conf(GYL_SYSLOGD_BY_TCP);
	struct gyl_view reason;

	add(w, &cf);
	pass(w, 10 * GYL_NS_PER_S - 1);
	assert_int_equal(w->reset_cnt, 0);
	pass(w, 1);
	assert_int_equal(w->reset_cnt, 1);
	assert_true(gyl_event_get_str(&w->last[GYL_EV_SYSLOGD_DOWN], "reason", &reason));
	assert_true(gyl_view_eq(reason, gyl_view_str("no answer")));
}

/* A peer that reads nothing is waited for; one of which nothing comes at all is gone. */
static void silence_ends_a_connection(void **state)
{
	struct world *w = *state;
	struct gyl_syslogd_link_conf cf = conf(GYL_SYSLOGD_BY_TCP);

	add(w, &cf);
	open_flow(w);
	pass(w, 100 * GYL_NS_PER_S);
	w->s.silent_ns = 100 * GYL_NS_PER_S; /* nothing was sent, nothing was heard */
	w->s.next = 2;
	pass(w, 29 * GYL_NS_PER_S);
	assert_int_equal(w->reset_cnt, 0);
	w->s.silent_ns = 0; /* it says that it has no room */
	pass(w, 100 * GYL_NS_PER_S);
	assert_int_equal(w->reset_cnt, 0);
	w->s.silent_ns = 30 * GYL_NS_PER_S;
	pass(w, 20 * GYL_NS_PER_MS);
	assert_int_equal(w->reset_cnt, 1);
}

static void on_its_way_is_bounded(void **state)
{
	struct world *w = *state;
	struct gyl_syslogd_link_conf cf = conf(GYL_SYSLOGD_BY_TCP);

	w->s.len = 10;
	w->s.room = UINT32_MAX;
	add(w, &cf);
	open_flow(w);
	w->s.next = 100000;
	pass(w, 0);
	assert_int_equal(w->s.at, 1 + GYL_SYSLOGD_MARK_MAX);
	w->s.flight = 0;
	pass(w, 20 * GYL_NS_PER_MS);
	assert_int_equal(w->s.done, 1 + GYL_SYSLOGD_MARK_MAX);
	w->s.len = 60000;
	w->s.net_len = 0;
	w->s.flight = 0;
	pass(w, 20 * GYL_NS_PER_MS);
	give(w, GYL_IN_EOF, w->flow, "");
	pass(w, GYL_NS_PER_S);
	give(w, GYL_IN_OPENED, w->flow, "");
	pass(w, 0);
	assert_int_equal(w->s.net_len, GYL_SYSLOGD_FLIGHT_MAX);
}

static void the_next_place_is_tried_at_once(void **state)
{
	struct world *w = *state;
	struct gyl_syslogd_link_conf cf = conf(GYL_SYSLOGD_BY_TCP);

	cf.place_cnt = 3;
	add(w, &cf);
	pass(w, 0);
	assert_int_equal(w->to_ip, 0x0a000001);
	give(w, GYL_IN_CLOSED, w->flow, "");
	pass(w, 0);
	assert_int_equal(w->to_ip, 0x0a000002);
	give(w, GYL_IN_CLOSED, w->flow, "");
	pass(w, 0);
	assert_int_equal(w->to_ip, 0x0a000003);
	give(w, GYL_IN_CLOSED, w->flow, "");
	pass(w, 0);
	assert_int_equal(w->flow, 0);
	pass(w, GYL_NS_PER_S);
	assert_int_equal(w->to_ip, 0x0a000001);
	/* One that worked is tried first. */
	give(w, GYL_IN_OPENED, w->flow, "");
	pass(w, 20 * GYL_NS_PER_S);
	give(w, GYL_IN_EOF, w->flow, "");
	pass(w, GYL_NS_PER_S);
	assert_int_equal(w->to_ip, 0x0a000001);
}

static void another_address_is_another_connection(void **state)
{
	struct world *w = *state;
	struct gyl_syslogd_link_conf cf = conf(GYL_SYSLOGD_BY_TCP);

	add(w, &cf);
	open_flow(w);
	gyl_syslogd_forward_change(&w->s.link, &cf);
	pass(w, 0);
	assert_int_equal(w->reset_cnt, 0);
	cf.place[0].port = 1514;
	gyl_syslogd_forward_change(&w->s.link, &cf);
	pass(w, GYL_NS_PER_S);
	assert_int_equal(w->reset_cnt, 1);
	assert_int_not_equal(w->flow, 0);
	gyl_syslogd_forward_remove(&w->f, &w->s.link);
	pass(w, 0);
	assert_int_equal(w->reset_cnt, 2);
	assert_int_equal(due(w), UINT64_MAX);
}

/* ---- UDP ---- */

static void udp_one_tries_then_others_follow(void **state)
{
	struct world *w = *state;
	struct gyl_syslogd_link_conf cf = conf(GYL_SYSLOGD_BY_UDP);

	w->s.len = 100;
	add(w, &cf);
	open_flow(w);
	assert_int_equal(w->op, GYL_FLOW_OPEN_UDP);
	w->s.next = 1001;
	pass(w, 249 * GYL_NS_PER_MS);
	assert_int_equal(w->s.net_len, 100);
	assert_int_equal(w->event_cnt[GYL_EV_SYSLOGD_UP], 0);
	pass(w, GYL_NS_PER_MS);
	assert_int_equal(w->event_cnt[GYL_EV_SYSLOGD_UP], 1);
	pass(w, 500 * GYL_NS_PER_MS);
	assert_int_equal(w->s.net_len, 1000 * 100);
	assert_int_equal(w->s.done, w->s.next);
	assert_int_equal(due(w), UINT64_MAX);
}

static void udp_keeps_its_pace(void **state)
{
	struct world *w = *state;
	struct gyl_syslogd_link_conf cf = conf(GYL_SYSLOGD_BY_UDP);
	unsigned ticks;
	uint64_t was;

	w->s.len = 10;
	cf.pace = 5000;
	add(w, &cf);
	open_flow(w);
	w->s.next = 100000;
	pass(w, 250 * GYL_NS_PER_MS);
	was = w->s.at;
	ticks = pass(w, 2 * GYL_NS_PER_S);
	assert_in_range(w->s.at - was, 9980, 10020);
	assert_true(ticks < 2200); /* it wakes once a millisecond, not for each */
}

static void udp_what_was_refused_is_sent_again(void **state)
{
	struct world *w = *state;
	struct gyl_syslogd_link_conf cf = conf(GYL_SYSLOGD_BY_UDP);

	w->s.len = 10;
	cf.pace = 1000;
	add(w, &cf);
	open_flow(w);
	w->s.next = 100000;
	pass(w, 2 * GYL_NS_PER_S);
	/* Of the last half second it is not known. */
	assert_in_range(w->s.at - w->s.done, 250, 501);
	give(w, GYL_IN_CLOSED, w->flow, "");
	assert_int_equal(w->s.at, w->s.done);
	w->s.link.stat.sent_cnt = 0;
	for (int i = 0; i < 5; i++) { /* it is down: one datagram a try */
		pass(w, due(w) - w->b.now.mono_ns);
		give(w, GYL_IN_OPENED, w->flow, "");
		pass(w, GYL_NS_PER_MS);
		give(w, GYL_IN_CLOSED, w->flow, "");
	}
	assert_int_equal(w->s.link.stat.sent_cnt, 5);
	assert_int_equal(w->s.at, w->s.done);
	assert_int_equal(w->event_cnt[GYL_EV_SYSLOGD_DOWN], 1);
}

static void udp_too_long_is_cut(void **state)
{
	struct world *w = *state;
	struct gyl_syslogd_link_conf cf = conf(GYL_SYSLOGD_BY_UDP);

	w->s.len = 60000;
	add(w, &cf);
	open_flow(w);
	w->s.next = 2;
	pass(w, 0);
	assert_int_equal(w->s.net_len, OUTBOX_SLOT);
	assert_int_equal(w->s.link.stat.cut_cnt, 1);
}

/* ---- several ---- */

static void links_take_turns(void **state)
{
	struct world *w = *state;
	struct gyl_syslogd_link_conf cf = conf(GYL_SYSLOGD_BY_TCP);
	uint32_t flow[2], first = 0, cnt[2] = {0, 0};

	add(w, &cf);
	assert_true(gyl_syslogd_forward_add(&w->f, &w->other.link, &cf, &ops, &w->other));
	outbox_tick(&w->b, &gyl_syslogd_forward_core, &w->f);
	assert_int_equal(w->b.out.op_cnt, 2);
	flow[0] = w->b.out.op[0].flow;
	flow[1] = w->b.out.op[1].flow;
	for (int i = 0; i < 2; i++) {
		struct gyl_in in = {.kind = GYL_IN_OPENED, .flow = flow[i]};

		outbox_input(&w->b, &gyl_syslogd_forward_core, &w->f, &in, 1);
	}
	w->s.room = w->other.room = UINT32_MAX;
	w->s.next = w->other.next = 10000;
	for (int i = 0; i < 4; i++) {
		outbox_tick(&w->b, &gyl_syslogd_forward_core, &w->f);
		assert_int_equal(w->b.out.send_cnt, OUTBOX_SEND);
		assert_int_not_equal(w->b.send[0].flow, first); /* the other one */
		first = w->b.send[0].flow;
		cnt[first == flow[0]]++;
		w->s.flight = w->other.flight = 0;
	}
	assert_int_equal(cnt[0], cnt[1]);
}

/* A network that takes, acknowledges and breaks as it likes. Every message arrives, in order, and
 * twice at most what was not acknowledged when it broke. */
static void a_network_that_breaks(void **state)
{
	struct world *w = *state;
	struct gyl_syslogd_link_conf cf = conf(GYL_SYSLOGD_BY_TCP);
	uint64_t arrived = 0, twice = 0, rnd = 0;

	cf.framing = GYL_SYSLOG_FRAME_LF;
	add(w, &cf);
	for (int round = 0; round < 300; round++) {
		struct gyl_syslog_splitter split;
		struct gyl_syslog_frame frame;
		size_t at = 0, used, some;
		uint64_t nr, done_before;

		pass(w, w->flow == 0 ? due(w) - w->b.now.mono_ns : 0);
		give(w, GYL_IN_OPENED, w->flow, "");
		for (int i = 0; i < 5; i++) {
			gyl_rng_below(&w->rng, 20, &rnd);
			w->s.next += rnd;
			gyl_rng_below(&w->rng, 9000, &rnd);
			w->s.room = (uint32_t)rnd;
			tick(w);
			gyl_rng_below(&w->rng, w->s.flight + 1, &rnd);
			w->s.flight -= (uint32_t)rnd;
			pass(w, 0);
		}
		/* The peer got what is acknowledged, and some more. */
		done_before = w->s.done;
		some = w->s.net_len - w->s.flight;
		gyl_rng_below(&w->rng, w->s.flight + 1, &rnd);
		some += rnd;
		give(w, GYL_IN_EOF, w->flow, "");
		assert_true(w->s.done >= done_before);
		gyl_syslog_splitter_init(&split, 100000);
		for (; gyl_syslog_split(&split, gyl_view(w->s.net + at, some - at), &frame, &used);
			at += used) {
			assert_false(gyl_failed(
				gyl_parse_u64(gyl_view_sub(frame.msg, 0,
						      (size_t)((const uint8_t *)memchr(frame.msg.p,
								       ' ', frame.msg.len) -
							       frame.msg.p)),
					UINT64_MAX, &nr)));
			assert_true(nr <= arrived + 1);
			if (nr <= arrived)
				twice++;
			else
				arrived = nr;
		}
		assert_true(w->s.done <= arrived + 1);
		w->b.now.mono_ns += GYL_NS_PER_S;
	}
	assert_true(arrived > 2000 && twice > 100);
	assert_true(twice <= w->s.link.stat.again_cnt);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, open_world, close_world)
	const struct CMUnitTest tests[] = {
		T(rfc6587_3_4_1_octet_counting),
		T(rfc6587_3_4_2_a_trailer_inside_becomes_a_space),
		T(a_message_may_need_many_rounds),
		T(what_is_not_acknowledged_is_sent_again),
		T(a_cut_message_begins_anew),
		T(pauses_grow_from_a_second_to_a_minute),
		T(no_answer_in_ten_seconds),
		T(silence_ends_a_connection),
		T(on_its_way_is_bounded),
		T(the_next_place_is_tried_at_once),
		T(another_address_is_another_connection),
		T(udp_one_tries_then_others_follow),
		T(udp_keeps_its_pace),
		T(udp_what_was_refused_is_sent_again),
		T(udp_too_long_is_cut),
		T(links_take_turns),
		T(a_network_that_breaks),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
