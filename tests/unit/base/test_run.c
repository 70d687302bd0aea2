/* SPDX-License-Identifier: ISC */

/* The runner over a simulated host: what is promised about order, durability and room. */

#include <errno.h>
#include <gyl/time.h>
#include <stdio.h>
#include <stdlib.h>

#include "services/base/run.h"
#include "tests/support/simhost.h"

/*
 * A core to test with. A datagram "s..." is stored under its text and answered when durable;
 * anything else is answered at once. It ticks every second and says a note for every datagram.
 */
struct echo {
	unsigned dgram_cnt, record_cnt, lost_cnt, tick_cnt, event_cnt, data_cnt;
	uint64_t next_ns;
	uint32_t flow;        /* of the last datagram */
	struct gyl_now asked; /* when */
};

static void answer(struct gyl_out *o, const struct gyl_in *in, uint64_t after)
{
	size_t cap;
	uint8_t *p = gyl_out_send(o, in->port, &in->peer, 0, after, &cap);

	assert_true(cap >= GYL_SEND_CAP_MIN);
	memcpy(p, in->data.p, in->data.len);
	gyl_out_sent(o, in->data.len);
}

static void dgram(struct echo *c, const struct gyl_in *in, struct gyl_out *o)
{
	uint8_t key[64] = "echo/";
	struct gyl_record rec = {.key = gyl_view(key, 5 + in->data.len), .val = in->data};
	struct gyl_event e;
	uint64_t after = 0;

	c->dgram_cnt++;
	c->flow = in->flow;
	if (in->data.p[0] == 'o')
		gyl_out_flow(o, 5, GYL_FLOW_OPEN_UDP, &in->peer);
	memcpy(key + 5, in->data.p, in->data.len);
	if (in->data.p[0] == 's')
		after = gyl_out_store(o, &rec, 1);
	answer(o, in, after);
	gyl_event_init(&e, GYL_EV_BASE_NOTE);
	gyl_event_str(&e, "text", in->data);
	gyl_out_event(o, &e, after);
}

static size_t input(
	void *core, struct gyl_now now, struct gyl_in *in, size_t cnt, struct gyl_out *o)
{
	static const struct gyl_cost cost = {
		.send_cnt = 1, .op_cnt = 1, .event_cnt = 1, .store_len = 128};
	struct echo *c = core;
	size_t i;

	for (i = 0; i < cnt; i++) {
		if (in[i].kind == GYL_IN_ASK)
			c->asked = now;
		if (in[i].kind == GYL_IN_DGRAM && !gyl_out_room(o, &cost))
			break;
		if (in[i].kind == GYL_IN_DGRAM)
			dgram(c, &in[i], o);
		c->record_cnt += in[i].kind == GYL_IN_RECORD;
		c->lost_cnt += in[i].kind == GYL_IN_LOST;
		c->event_cnt += in[i].kind == GYL_IN_EVENT;
		c->data_cnt += in[i].kind == GYL_IN_DATA;
	}
	return i;
}

static void tick(void *core, struct gyl_now now, struct gyl_out *o)
{
	struct echo *c = core;

	(void)o;
	c->tick_cnt++;
	c->next_ns = now.mono_ns + GYL_NS_PER_S;
}

static uint64_t deadline(const void *core)
{
	return ((const struct echo *)core)->next_ns;
}

static const struct gyl_core_ops echo_ops = {.name = "echo",
	.wants = 1u << GYL_SRC_BASE,
	.input = input,
	.tick = tick,
	.deadline_ns = deadline};

/* The same core, which wants to hear of the network. */
static const struct gyl_core_ops net_ops = {.name = "echo",
	.wants = 1u << GYL_SRC_NET,
	.input = input,
	.tick = tick,
	.deadline_ns = deadline};

static const struct gyl_host_ops *sim_ops; /* behind one of the test's own */

struct world {
	struct simhost sim;
	struct gyl_run run;
	struct gyl_store *store;
	struct echo core;
	int port;
	char said[64][GYL_EVENT_TEXT_MAX + 1]; /* texts of notes, in the order they were told */
	unsigned said_cnt;
	uint64_t store_mem[(4 << 20) / 8];
	uint64_t hold_mem[(256 << 10) / 8], event_mem[(256 << 10) / 8];
};

static void hear(void *arg, const struct gyl_event *e)
{
	struct world *w = arg;
	struct gyl_view text;

	if (e->kind != GYL_EV_BASE_NOTE || w->said_cnt == 64 ||
		!gyl_event_get_str(e, "text", &text))
		return;
	memcpy(w->said[w->said_cnt], text.p, text.len);
	w->said[w->said_cnt++][text.len] = '\0';
}

static void start(struct world *w, struct gyl_host host)
{
	struct gyl_store_conf scf = {
		.key_cnt = 1000, .data_len = 1 << 18, .unit_cnt = 1024, .hash_key = {1, 2}};
	struct gyl_run_conf cf = {
		w->hold_mem, sizeof w->hold_mem, w->event_mem, sizeof w->event_mem};
	struct gyl_bind b = {.type = GYL_BIND_UDP, .port = 7};
	struct gyl_store_replayed info;
	int core;

	assert_true(gyl_store_need(&scf) <= sizeof w->store_mem);
	w->store = gyl_store_init(w->store_mem, &scf);
	gyl_run_init(&w->run, host, w->store, &cf);
	gyl_run_replay(&w->run, &info);
	memset(&w->core, 0, sizeof w->core);
	w->core.next_ns = UINT64_MAX;
	core = gyl_run_add(&w->run, &echo_ops, &w->core);
	w->port = gyl_run_listen(&w->run, core, &b);
	assert_true(gyl_run_sink(&w->run, hear, NULL, w));
	gyl_run_restore(&w->run);
}

static int open_world(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	assert_non_null(w);
	start(w, sim_open(&w->sim));
	*state = w;
	return 0;
}

static int close_world(void **state)
{
	struct world *w = *state;

	sim_close(&w->sim);
	free(w);
	return 0;
}

static void put(struct world *w, const char *text)
{
	struct gyl_peer peer = {.ip = 0x0a4d0002, .port = 1000};

	sim_put(&w->sim, (unsigned)w->port, &peer, text, strlen(text));
}

static void step(struct world *w, unsigned n)
{
	while (n-- > 0)
		gyl_run_step(&w->run, 0);
}

static bool sent_is(const struct world *w, unsigned i, const char *text)
{
	return i < w->sim.sent_cnt && w->sim.sent[i].len == strlen(text) &&
	       memcmp(w->sim.sent[i].data, text, strlen(text)) == 0;
}

static void answers_leave_in_the_order_of_the_questions(void **state)
{
	struct world *w = *state;
	char text[8];

	for (int i = 0; i < 200; i++) {
		snprintf(text, sizeof text, "q%d", i);
		put(w, text);
	}
	step(w, 4);
	assert_int_equal(w->sim.sent_cnt, 200);
	for (unsigned i = 0; i < 200; i++) {
		snprintf(text, sizeof text, "q%u", i);
		assert_true(sent_is(w, i, text));
		assert_true(w->sim.sent[i].peer.port == 1000);
	}
}

static void what_is_stored_is_said_only_when_it_is_durable(void **state)
{
	struct world *w = *state;

	w->sim.flush_held = true;
	put(w, "s1");
	put(w, "q");
	put(w, "s2");
	step(w, 5);
	assert_int_equal(w->sim.sent_cnt, 1); /* what needs no record does not wait */
	assert_true(sent_is(w, 0, "q"));
	assert_true(w->sim.in_flight);
	assert_int_equal(w->said_cnt, 0); /* events wait like answers */
	w->sim.flush_held = false;
	step(w, 2);
	assert_int_equal(w->sim.sent_cnt, 3);
	assert_true(sent_is(w, 1, "s1") && sent_is(w, 2, "s2"));
	assert_int_equal(w->said_cnt, 3);
	assert_string_equal(w->said[0], "s1");
	assert_int_equal(w->run.stat.parked_cnt, 2);
}

static void one_flush_covers_all_that_waits(void **state)
{
	struct world *w = *state;
	char text[8];

	w->sim.flush_held = true;
	put(w, "s0");
	step(w, 1);
	for (int i = 1; i <= 50; i++) {
		snprintf(text, sizeof text, "s%d", i);
		put(w, text);
	}
	step(w, 3);
	w->sim.flush_held = false;
	w->sim.step_ns = 2 * GYL_NS_PER_MS;
	step(w, 4);
	assert_int_equal(w->sim.sent_cnt, 51);
	assert_int_equal(w->sim.flush_cnt, 2);
}

static void a_failed_flush_drops_what_waited_for_it(void **state)
{
	struct world *w = *state;

	w->sim.flush_held = true;
	put(w, "s1");
	step(w, 2);
	w->sim.flush_err = EIO;
	w->sim.flush_held = false;
	step(w, 2);
	assert_int_equal(w->core.lost_cnt, 1);
	assert_true(w->run.stat.dropped_cnt == 2); /* the answer, and the word about it */
	for (unsigned i = 0; i < w->sim.sent_cnt; i++)
		assert_false(sent_is(w, i, "s1"));
	w->sim.step_ns = 2 * GYL_NS_PER_MS;
	put(w, "s1");                /* the client asks again: now it is stored and said */
	for (int i = 0; i < 10; i++) /* the store tries again after a pause */
		gyl_run_step(&w->run, w->sim.now.mono_ns + GYL_NS_PER_S);
	assert_true(sent_is(w, w->sim.sent_cnt - 1, "s1"));
}

static void input_waits_when_there_is_no_room_and_none_is_lost(void **state)
{
	struct world *w = *state;
	unsigned put_cnt = 0;

	w->sim.flush_held = true; /* nothing that is stored can leave: the rings fill */
	for (int round = 0; round < 40; round++) {
		for (int i = 0; i < 20 && w->sim.queue_head[0] - w->sim.queue_tail[0] < SIM_QUEUE;
			i++, put_cnt++)
			put(w, "s");
		step(w, 1);
	}
	assert_true(w->core.dgram_cnt < put_cnt);
	assert_true(w->run.stat.dropped_cnt == 0);
	w->sim.flush_held = false;
	w->sim.step_ns = 2 * GYL_NS_PER_MS;
	step(w, 100);
	assert_int_equal(w->core.dgram_cnt, put_cnt);
	assert_int_equal(w->sim.sent_cnt, put_cnt);
	assert_true(w->run.stat.event_lost_cnt == 0);
}

static void records_come_back_after_a_crash(void **state)
{
	struct world *w = *state;
	struct gyl_host host = w->run.host;

	w->sim.step_ns = 2 * GYL_NS_PER_MS;
	put(w, "s1");
	put(w, "s2");
	step(w, 4);
	assert_int_equal(w->sim.sent_cnt, 2);
	w->sim.flush_held = true;
	put(w, "s3"); /* in flight when the power goes */
	step(w, 2);
	w->sim.in_flight = false;
	w->sim.flush_held = false;
	w->sim.port_cnt = 0;
	start(w, host);
	assert_int_equal(w->core.record_cnt, 2);
}

static void time_passes_by_deadlines(void **state)
{
	struct world *w = *state;

	w->core.next_ns = 0;
	for (int i = 0; i < 10; i++)
		gyl_run_step(&w->run, UINT64_MAX);
	assert_in_range(w->core.tick_cnt, 9, 10);
	assert_true(w->sim.now.mono_ns >= UINT64_C(1000000000000) + 8 * GYL_NS_PER_S);
}

static void events_reach_cores_and_sinks_after_the_batch(void **state)
{
	struct world *w = *state;
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_BASE_NOTE);
	gyl_event_str(&e, "text", gyl_view_str("from outside"));
	gyl_run_event(&w->run, &e);
	assert_int_equal(w->said_cnt, 0);
	step(w, 1);
	assert_int_equal(w->said_cnt, 1);
	assert_string_equal(w->said[0], "from outside");
	assert_int_equal(w->core.event_cnt, 1);
	gyl_run_data(&w->run, 0, gyl_view_str("conf"), gyl_view("x", 1));
	assert_int_equal(w->core.data_cnt, 1);
}

static void two_cores_may_number_their_sockets_alike(void **state)
{
	struct world *w = *state;
	struct echo second = {.next_ns = UINT64_MAX};
	struct gyl_bind b = {.type = GYL_BIND_UDP, .port = 8};
	struct gyl_peer peer = {.ip = 0x0a4d0002};
	int core = gyl_run_add(&w->run, &echo_ops, &second);
	int port = gyl_run_listen(&w->run, core, &b);

	put(w, "open");
	sim_put(&w->sim, (unsigned)port, &peer, "open", 4);
	step(w, 1);
	assert_int_equal(w->sim.opened_cnt, 2);
	assert_true(w->sim.opened[0] != w->sim.opened[1]);
	for (int i = 0; i < 3; i++)
		sim_put_opened(&w->sim, w->sim.opened[1], "reply", 5);
	sim_put_opened(&w->sim, w->sim.opened[0], "reply", 5);
	step(w, 1);
	assert_int_equal(second.dgram_cnt, 4);
	assert_int_equal(w->core.dgram_cnt, 2);
	assert_true(second.flow == 5 && w->core.flow == 5); /* each by its own number */
}

/* The owner of a log: writes what it is given, but not twice within a second, and wants to be
 * called every minute. */
struct log_owner {
	struct gyl_log log;
	uint8_t mem[256], written[256];
	uint32_t written_len;
	unsigned call_cnt;
	uint64_t next_ns;
};

static uint64_t log_write(void *arg, struct gyl_log *l, struct gyl_now now)
{
	struct log_owner *o = arg;

	o->call_cnt++;
	if (l->len != 0 && now.mono_ns < o->next_ns)
		return o->next_ns;
	memcpy(o->written + o->written_len, l->p, l->len);
	o->written_len += l->len;
	l->len = 0;
	o->next_ns = now.mono_ns + GYL_NS_PER_S;
	return now.mono_ns + GYL_NS_PER_MIN;
}

static size_t log_input(
	void *core, struct gyl_now now, struct gyl_in *in, size_t cnt, struct gyl_out *o)
{
	size_t cap;

	(void)core;
	(void)now;
	for (size_t i = 0; i < cnt; i++) {
		uint8_t *p = gyl_out_append(o, 0, &cap);

		memcpy(p, in[i].data.p, in[i].data.len);
		gyl_out_appended(o, 0, in[i].data.len);
	}
	return cnt;
}

static uint64_t never(const void *core)
{
	(void)core;
	return UINT64_MAX;
}

static void a_log_is_written_at_the_end_of_a_step_and_when_it_is_due(void **state)
{
	static const struct gyl_core_ops ops = {
		.name = "log", .wants = 0, .input = log_input, .tick = tick, .deadline_ns = never};
	struct gyl_bind b = {.type = GYL_BIND_UDP, .port = 8};
	struct world *w = *state;
	struct log_owner o = {.log = {.cap = sizeof o.mem, .write = log_write}};
	uint64_t start_ns;
	int core;

	o.log.p = o.mem;
	o.log.arg = &o;
	core = gyl_run_add(&w->run, &ops, &w->core);
	w->port = gyl_run_listen(&w->run, core, &b);
	gyl_run_log(&w->run, core, 0, &o.log);
	step(w, 1);
	assert_int_equal(o.call_cnt, 1); /* once for the owner to say when it wants to be called */
	step(w, 1);
	assert_int_equal(o.call_cnt, 1);
	o.next_ns = 0;
	put(w, "ab");
	put(w, "c");
	step(w, 1);
	assert_int_equal(o.written_len, 3); /* one block a step */
	put(w, "d");
	step(w, 1);
	assert_int_equal(o.written_len, 3);
	start_ns = w->sim.now.mono_ns;
	gyl_run_step(&w->run, UINT64_MAX); /* nothing else to wait for */
	assert_true(w->sim.now.mono_ns >= start_ns + GYL_NS_PER_S / 2 &&
		    w->sim.now.mono_ns <= start_ns + GYL_NS_PER_S);
	assert_int_equal(o.written_len, 4);
	assert_memory_equal(o.written, "abcd", 4);
	start_ns = w->sim.now.mono_ns;
	gyl_run_step(&w->run, UINT64_MAX);
	assert_true(w->sim.now.mono_ns == start_ns + GYL_NS_PER_MIN);
}

/* The disk has gone for good: what it has to do with waits and is dropped, everything else is said.
 */
static void a_dead_disk_silences_nothing_else(void **state)
{
	struct world *w = *state;
	struct gyl_event e;

	w->sim.flush_held = true;
	put(w, "s1");
	step(w, 1);
	gyl_event_init(&e, GYL_EV_BASE_NOTE);
	gyl_event_str(&e, "text", gyl_view_str("something else"));
	gyl_run_event(&w->run, &e);
	put(w, "s2");
	step(w, 2);
	assert_int_equal(w->said_cnt, 0); /* in order: behind "s1" */
	w->sim.flush_err = EIO;
	w->sim.flush_held = false;
	step(w, 1);
	w->sim.flush_held = true; /* the next try hangs */
	step(w, 2);
	assert_int_equal(w->said_cnt, 1);
	assert_string_equal(w->said[0], "something else");
	assert_int_equal(w->core.lost_cnt, 1);
}

static void tick_in_vain(void *core, struct gyl_now now, struct gyl_out *o)
{
	static const struct gyl_cost too_much = {.op_cnt = GYL_OUT_OP_MAX + 1};

	(void)now;
	assert_false(gyl_out_room(o, &too_much));
	((struct echo *)core)->tick_cnt++;
}

static void a_core_without_room_does_not_spin(void **state)
{
	static const struct gyl_core_ops ops = {.name = "vain",
		.wants = 0,
		.input = input,
		.tick = tick_in_vain,
		.deadline_ns = deadline};
	struct world *w = *state;
	struct echo vain = {.next_ns = 0};
	uint64_t end_ns = w->sim.now.mono_ns + 20 * GYL_NS_PER_MS;

	gyl_run_add(&w->run, &ops, &vain);
	while (w->sim.now.mono_ns < end_ns)
		gyl_run_step(&w->run, end_ns);
	assert_in_range(vain.tick_cnt, 15, 25);
}

static void a_conflict_is_told_but_not_all_the_time(void **state)
{
	struct world *w = *state;
	unsigned told = w->core.event_cnt;

	w->run.core[0].ops = &net_ops;
	for (int i = 0; i < 100; i++) {
		w->sim.conflict = true;
		w->sim.step_ns = GYL_NS_PER_S / 4;
		step(w, 1);
	}
	assert_in_range(w->core.event_cnt - told, 2, 4);
}

/* At once, then added up: the last of them with nothing else to wake for. */
static void frames_that_a_device_lost_are_told(void **state)
{
	struct world *w = *state;
	uint64_t end_ns = w->sim.now.mono_ns + 3 * GYL_NS_PER_S, before = w->run.lost_cnt;
	unsigned told = w->core.event_cnt;

	w->run.core[0].ops = &net_ops;
	w->sim.lost += 7;
	step(w, 3);
	assert_int_equal(w->core.event_cnt - told, 1);
	w->sim.lost += 5;
	step(w, 3);
	assert_int_equal(w->core.event_cnt - told, 1);
	while (w->sim.now.mono_ns < end_ns)
		gyl_run_step(&w->run, end_ns);
	assert_int_equal(w->core.event_cnt - told, 2);
	assert_int_equal(w->run.lost_cnt - before, 12);
}

static void a_device_that_is_gone_ends_the_loop(void **state)
{
	struct world *w = *state;
	unsigned told;

	w->run.core[0].ops = &net_ops;
	step(w, 3);
	assert_false(w->run.stop);
	told = w->core.event_cnt;
	w->sim.gone = ENODEV;
	step(w, 3);
	assert_true(w->run.stop);
	assert_int_equal(w->run.gone, ENODEV);
	assert_int_equal(w->core.event_cnt - told, 1);
}

/* A flush takes five milliseconds, and the network does not stop for it. */
static uint64_t busy_wait(void *h, uint64_t until_ns, struct gyl_now *ret_now)
{
	struct simhost *s = h;
	struct gyl_peer peer = {0};

	if (s->queue_head[0] - s->queue_tail[0] < SIM_QUEUE)
		sim_put(s, 0, &peer, "q", 1);
	if (s->now.mono_ns >= UINT64_C(1000000000000) + 5 * GYL_NS_PER_MS)
		s->flush_held = false;
	return sim_ops->wait(h, until_ns, ret_now);
}

static void the_end_waits_under_load(void **state)
{
	struct world *w = *state;
	struct gyl_host_ops ops = *w->run.host.ops;

	sim_ops = w->run.host.ops;
	ops.wait = busy_wait;
	w->run.host.ops = &ops;
	w->sim.flush_held = true;
	put(w, "s1");
	step(w, 1);
	gyl_run_finish(&w->run);
	assert_false(gyl_store_busy(w->store));
	assert_true(sent_is(w, w->sim.sent_cnt - 1, "s1"));
}

/* At the start: durable when it returns, and what came meanwhile is there for the first step. */
static void a_sync_waits_and_loses_nothing(void **state)
{
	struct world *w = *state;
	struct gyl_host_ops ops = *w->run.host.ops;
	uint64_t seq;

	sim_ops = w->run.host.ops;
	ops.wait = busy_wait;
	w->run.host.ops = &ops;
	w->sim.flush_held = true;
	assert_int_equal(
		gyl_store_set(w->store, 0, gyl_view_str("base/x"), gyl_view_str("1"), &seq),
		GYL_STORE_OK);
	assert_true(gyl_store_durable(w->store) < seq);
	assert_true(gyl_run_sync(&w->run));
	assert_true(gyl_store_durable(w->store) >= seq);
	assert_int_equal(w->sim.sent_cnt, 0);
	step(w, 1);
	assert_true(sent_is(w, 0, "q"));
}

static void the_end_waits_for_the_last_record(void **state)
{
	struct world *w = *state;
	struct gyl_host host = w->run.host;

	put(w, "s1");
	step(w, 1);
	gyl_run_finish(&w->run);
	assert_true(sent_is(w, 0, "s1"));
	assert_false(gyl_store_busy(w->store));
	w->sim.port_cnt = 0;
	start(w, host);
	assert_int_equal(w->core.record_cnt, 1);
}

static uint64_t in_bucket(const struct gyl_histogram *h, uint64_t ns)
{
	return h->bucket[gyl_histogram_index(ns)];
}

/* From the wait that brought the question to the answer, also when that waited for the journal. */
static void how_long_answers_took_is_counted(void **state)
{
	struct world *w = *state;
	const struct gyl_histogram *h = &w->run.core[0].answer;

	w->sim.busy_ns = 30000;
	w->sim.flush_held = true;
	put(w, "q1");
	put(w, "q2");
	put(w, "s");
	step(w, 1);
	assert_int_equal(gyl_histogram_cnt(h), 2);
	assert_int_equal(in_bucket(h, 30000), 2);
	assert_int_equal(h->sum_ns, 2 * 30000);
	w->sim.now.mono_ns += 40 * GYL_NS_PER_MS;
	w->sim.flush_held = false;
	step(w, 1);
	assert_int_equal(gyl_histogram_cnt(h), 3);
	assert_int_equal(in_bucket(h, 41 * GYL_NS_PER_MS), 1);
	assert_int_equal(in_bucket(&w->run.stat.flush, 41 * GYL_NS_PER_MS), 1);
	assert_int_equal(gyl_histogram_cnt(&w->run.stat.flush), w->sim.flush_cnt);
}

/* What a core says by itself answers nobody. */
static void events_and_ticks_are_no_answers(void **state)
{
	struct world *w = *state;
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_BASE_NOTE);
	gyl_run_event(&w->run, &e);
	w->core.next_ns = w->sim.now.mono_ns;
	step(w, 3);
	assert_true(w->core.tick_cnt > 0 && w->core.event_cnt > 0);
	assert_int_equal(gyl_histogram_cnt(&w->run.core[0].answer), 0);
}

static void a_failed_flush_is_known_until_one_goes_well(void **state)
{
	struct world *w = *state;

	w->sim.step_ns = 2 * GYL_NS_PER_MS;
	w->sim.flush_held = true;
	put(w, "s1");
	step(w, 2);
	assert_true(w->run.flush_at_ns != 0);
	w->sim.flush_err = EIO;
	w->sim.flush_held = false;
	step(w, 1);
	assert_int_equal(w->run.stat.flush_err, EIO);
	assert_int_equal(w->run.stat.flush_failed_cnt, 1);
	put(w, "s1");
	for (int i = 0; i < 10; i++)
		gyl_run_step(&w->run, w->sim.now.mono_ns + GYL_NS_PER_S);
	assert_int_equal(w->run.stat.flush_err, 0);
	assert_int_equal(w->run.flush_at_ns, 0);
	assert_int_equal(w->run.stat.flush_failed_cnt, 1);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, open_world, close_world)

/* ---- clocks ---- */

static void restart_at(struct world *w, uint64_t wall_ns)
{
	struct gyl_host host = w->run.host;

	gyl_run_finish(&w->run);
	w->sim.now.wall_ns = wall_ns;
	w->sim.port_cnt = 0;
	start(w, host);
}

/* A board without a battery: time goes on from the last record, until the clock is set. */
static void a_clock_behind_the_last_record_is_led(void **state)
{
	struct world *w = *state;
	uint64_t seq, ahead_ns, lead_ns, flush_cnt,
		last_ns = w->sim.now.wall_ns + 1000 * GYL_NS_PER_S;

	assert_int_equal(
		gyl_store_set(w->store, last_ns, gyl_view_str("k"), gyl_view_str("v"), &seq),
		GYL_STORE_OK);
	assert_true(gyl_run_sync(&w->run));
	restart_at(w, 5 * GYL_NS_PER_S);
	assert_true(w->run.now.wall_ns == last_ns);
	ahead_ns = w->run.wall_ahead_ns;
	assert_true(ahead_ns == last_ns - w->sim.now.wall_ns);
	gyl_run_step(&w->run, w->sim.now.mono_ns + 7 * GYL_NS_PER_S);
	assert_true(w->run.now.wall_ns == last_ns + 7 * GYL_NS_PER_S);
	flush_cnt = w->run.stat.flush_cnt;
	lead_ns = last_ns + 7 * GYL_NS_PER_S - w->sim.now.mono_ns;
	/* Set, and still before it: time goes on as it did. */
	w->sim.now.wall_ns += 100 * GYL_NS_PER_S;
	gyl_run_step(&w->run, w->sim.now.mono_ns);
	assert_true(w->run.wall_ahead_ns == ahead_ns - 100 * GYL_NS_PER_S);
	assert_true(w->run.now.wall_ns == w->sim.now.mono_ns + lead_ns);
	w->sim.now.wall_ns = last_ns - GYL_NS_PER_S;
	gyl_run_step(&w->run, w->sim.now.mono_ns);
	assert_true(w->run.now.wall_ns == w->sim.now.mono_ns + lead_ns);
	/* Who asks is told the same time. */
	assert_true(gyl_run_ask(&w->run, 0, w->sim.now, NULL));
	assert_true(w->core.asked.wall_ns == w->sim.now.mono_ns + lead_ns);
	assert_true(w->run.now.wall_ns == w->sim.now.mono_ns + lead_ns);
	assert_int_equal(w->run.stat.flush_cnt, flush_cnt); /* nothing to write again */
	/* Set to the true time: that is taken, and records are written once more. */
	w->sim.now.wall_ns = last_ns + GYL_NS_PER_DAY;
	gyl_run_step(&w->run, w->sim.now.mono_ns);
	assert_true(w->run.now.wall_ns == w->sim.now.wall_ns);
	assert_int_equal(w->run.wall_ahead_ns, 0);
	assert_true(w->run.stat.flush_cnt > flush_cnt);
}

static void a_clock_after_the_last_record_is_taken(void **state)
{
	struct world *w = *state;
	uint64_t wall_ns = w->sim.now.wall_ns + GYL_NS_PER_DAY, seq;

	assert_int_equal(gyl_store_set(w->store, 1, gyl_view_str("k"), gyl_view_str("v"), &seq),
		GYL_STORE_OK);
	restart_at(w, wall_ns);
	assert_true(w->run.now.wall_ns == w->sim.now.wall_ns);
	gyl_run_step(&w->run, w->sim.now.mono_ns + GYL_NS_PER_S);
	assert_int_equal(w->run.wall_ahead_ns, 0);
	/* A clock that is set back a day is somebody's doing. */
	w->sim.now.wall_ns -= GYL_NS_PER_DAY;
	gyl_run_step(&w->run, w->sim.now.mono_ns);
	assert_true(w->run.now.wall_ns == w->sim.now.wall_ns);
}

static uint32_t unheard_of(const void *arg)
{
	return *(const uint32_t *)arg;
}

static void no_event(void *arg, const struct gyl_event *e)
{
	(void)arg;
	(void)e;
}

/* What no sink has a use for need not be made; one that does not say wants all. */
static void cores_know_whose_debug_events_nobody_hears(void **state)
{
	struct world *w = *state;
	uint32_t a = 1u << GYL_SRC_DHCPD | 1u << GYL_SRC_DNS, b = 1u << GYL_SRC_DHCPD;

	put(w, "1");
	step(w, 1);
	assert_false(gyl_out_unheard(&w->run.out, GYL_SRC_DHCPD));
	w->run.sink_cnt = 0;
	assert_true(gyl_run_sink(&w->run, no_event, unheard_of, &a));
	assert_true(gyl_run_sink(&w->run, no_event, unheard_of, &b));
	put(w, "2");
	step(w, 1);
	assert_true(gyl_out_unheard(&w->run.out, GYL_SRC_DHCPD));
	assert_false(gyl_out_unheard(&w->run.out, GYL_SRC_DNS));
}

/* One that went wrong by years is set back: what was written before that is not "the last record"
 * of the next start, or all leases would be over then. */
static void a_clock_that_was_set_back_is_believed(void **state)
{
	struct world *w = *state;
	uint64_t wall_ns = w->sim.now.wall_ns;

	w->sim.now.wall_ns += 5000 * GYL_NS_PER_DAY;
	put(w, "s1");
	gyl_run_step(&w->run, w->sim.now.mono_ns);
	w->sim.now.wall_ns = wall_ns;
	for (int i = 0; i < 20; i++)
		gyl_run_step(&w->run, w->sim.now.mono_ns + GYL_NS_PER_S / 10);
	assert_int_equal(gyl_store_deadline_ns(w->store), UINT64_MAX);
	w->sim.port_cnt = 0;
	start(w, w->run.host); /* after a crash */
	assert_int_equal(w->core.record_cnt, 1);
	assert_int_equal(w->run.wall_ahead_ns, 0);
	assert_true(w->run.now.wall_ns == w->sim.now.wall_ns);
	restart_at(w, w->sim.now.wall_ns);
	assert_int_equal(w->run.wall_ahead_ns, 0);
}

/* The clock has caught up with the last record: that is a step, too, for the time that was told. */
static void a_led_clock_that_catches_up_is_a_step(void **state)
{
	struct world *w = *state;
	uint64_t last_ns = w->sim.now.wall_ns + GYL_NS_PER_DAY, seq;

	assert_int_equal(
		gyl_store_set(w->store, last_ns, gyl_view_str("k"), gyl_view_str("v"), &seq),
		GYL_STORE_OK);
	restart_at(w, last_ns - GYL_NS_PER_HOUR);
	gyl_run_step(&w->run, w->sim.now.mono_ns + 60 * GYL_NS_PER_S);
	assert_false(w->run.clock_stepped);
	gyl_run_step(&w->run, w->sim.now.mono_ns + GYL_NS_PER_HOUR);
	assert_int_equal(w->run.wall_ahead_ns, 0);
	assert_true(w->run.clock_stepped);
}

/* Many small steps are one that is not. */
static void small_steps_of_the_clock_add_up(void **state)
{
	struct world *w = *state;
	unsigned steps = 0;

	gyl_run_step(&w->run, w->sim.now.mono_ns);
	for (int i = 0; i < 12; i++) {
		w->sim.now.wall_ns += GYL_NS_PER_S;
		gyl_run_step(&w->run, w->sim.now.mono_ns + GYL_NS_PER_S);
		steps += w->run.clock_stepped;
	}
	assert_int_equal(steps, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(answers_leave_in_the_order_of_the_questions),
		T(what_is_stored_is_said_only_when_it_is_durable),
		T(one_flush_covers_all_that_waits),
		T(a_failed_flush_drops_what_waited_for_it),
		T(input_waits_when_there_is_no_room_and_none_is_lost),
		T(records_come_back_after_a_crash),
		T(time_passes_by_deadlines),
		T(events_reach_cores_and_sinks_after_the_batch),
		T(two_cores_may_number_their_sockets_alike),
		T(a_log_is_written_at_the_end_of_a_step_and_when_it_is_due),
		T(a_dead_disk_silences_nothing_else),
		T(a_core_without_room_does_not_spin),
		T(a_conflict_is_told_but_not_all_the_time),
		T(frames_that_a_device_lost_are_told),
		T(a_device_that_is_gone_ends_the_loop),
		T(the_end_waits_under_load),
		T(the_end_waits_for_the_last_record),
		T(a_sync_waits_and_loses_nothing),
		T(how_long_answers_took_is_counted),
		T(events_and_ticks_are_no_answers),
		T(a_failed_flush_is_known_until_one_goes_well),
		T(a_clock_behind_the_last_record_is_led),
		T(a_clock_after_the_last_record_is_taken),
		T(cores_know_whose_debug_events_nobody_hears),
		T(a_clock_that_was_set_back_is_believed),
		T(a_led_clock_that_catches_up_is_a_step),
		T(small_steps_of_the_clock_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
