/* SPDX-License-Identifier: ISC */

/* What waits for a second copy, and flows that cannot be opened: the runner over a simulated host.
 */

#include <errno.h>
#include <gyl/time.h>
#include <stdlib.h>

#include "services/base/run.h"
#include "tests/support/simhost.h"

/*
 * A core that a datagram tells what to do. "s..." and "t...": store it and answer when both copies
 * have it, the second one strictly; "a": the other copy has all; "b": the other copy is given up,
 * and "c": that is noted down; "o": open flow 5. What is stored shuts the gate behind the first of
 * it.
 */
struct twin {
	uint64_t oldest; /* that the other copy does not have; 0: none */
	bool alone;
	unsigned closed_cnt;
	uint32_t closed_flow;
};

static void store(struct twin *t, const struct gyl_in *in, struct gyl_out *o)
{
	uint8_t key[64] = "twin/";
	struct gyl_record rec = {.key = gyl_view(key, 5 + in->data.len), .val = in->data};
	struct gyl_event e;
	uint64_t after;
	size_t cap;
	uint8_t *p;

	memcpy(key + 5, in->data.p, in->data.len);
	after = gyl_out_store(o, &rec, 1);
	if (!t->alone && t->oldest == 0) {
		t->oldest = after;
		gyl_out_gate(o, after - 1);
	}
	o->strict = in->data.p[0] == 't';
	p = gyl_out_send(o, in->port, &in->peer, 0, after, &cap);
	memcpy(p, in->data.p, in->data.len);
	gyl_out_sent(o, in->data.len);
	gyl_event_init(&e, GYL_EV_BASE_NOTE);
	gyl_event_str(&e, "text", in->data);
	gyl_out_event(o, &e, after);
	o->strict = false;
}

static void command(struct twin *t, const struct gyl_in *in, struct gyl_out *o)
{
	switch (in->data.p[0]) {
	case 's':
	case 't':
		store(t, in, o);
		break;
	case 'a':
		t->oldest = 0;
		gyl_out_gate(o, UINT64_MAX);
		break;
	case 'b':
		t->alone = true;
		gyl_out_gate_break(o);
		break;
	case 'c':
		gyl_out_gate(o, UINT64_MAX);
		break;
	default:
		gyl_out_flow(o, 5, GYL_FLOW_OPEN_TCP, &in->peer);
	}
}

static size_t input(
	void *core, struct gyl_now now, struct gyl_in *in, size_t cnt, struct gyl_out *o)
{
	struct twin *t = core;

	(void)now;
	for (size_t i = 0; i < cnt; i++) {
		if (in[i].kind == GYL_IN_DGRAM)
			command(t, &in[i], o);
		if (in[i].kind != GYL_IN_CLOSED)
			continue;
		assert_int_equal(in[i].port, GYL_PORT_OPENED);
		t->closed_cnt++;
		t->closed_flow = in[i].flow;
	}
	return cnt;
}

static void tick(void *core, struct gyl_now now, struct gyl_out *o)
{
	(void)core;
	(void)now;
	(void)o;
}

static uint64_t never(const void *core)
{
	(void)core;
	return UINT64_MAX;
}

static const struct gyl_core_ops twin_ops = {
	.name = "twin", .input = input, .tick = tick, .deadline_ns = never};

struct world {
	struct simhost sim;
	struct gyl_host_ops ops;
	struct gyl_run run;
	struct twin core;
	int port;
	unsigned said_cnt;
	uint64_t store_mem[(4 << 20) / 8];
	uint64_t hold_mem[(256 << 10) / 8], event_mem[(256 << 10) / 8];
};

static void hear(void *arg, const struct gyl_event *e)
{
	struct world *w = arg;

	w->said_cnt += e->kind == GYL_EV_BASE_NOTE;
}

static int refuse(void *h, uint32_t flow, int op, const struct gyl_peer *to)
{
	(void)h;
	(void)flow;
	(void)to;
	return op == GYL_FLOW_OPEN_TCP ? -ENETUNREACH : 0;
}

static int open_world(void **state)
{
	struct gyl_store_conf scf = {
		.key_cnt = 1000, .data_len = 1 << 18, .unit_cnt = 1024, .hash_key = {1, 2}};
	struct gyl_bind b = {.type = GYL_BIND_UDP, .port = 7};
	struct world *w = calloc(1, sizeof *w);
	struct gyl_store_replayed info;
	struct gyl_run_conf cf;
	struct gyl_host host;

	assert_non_null(w);
	cf = (struct gyl_run_conf){
		w->hold_mem, sizeof w->hold_mem, w->event_mem, sizeof w->event_mem};
	host = sim_open(&w->sim);
	w->ops = *host.ops;
	w->ops.flow = refuse;
	host.ops = &w->ops;
	assert_true(gyl_store_need(&scf) <= sizeof w->store_mem);
	gyl_run_init(&w->run, host, gyl_store_init(w->store_mem, &scf), &cf);
	gyl_run_replay(&w->run, &info);
	assert_int_equal(gyl_run_add(&w->run, &twin_ops, &w->core), 0);
	w->port = gyl_run_listen(&w->run, 0, &b);
	assert_true(gyl_run_sink(&w->run, hear, NULL, w));
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

static void say(struct world *w, const char *text)
{
	struct gyl_peer peer = {.ip = 0x0a4d0002, .port = 1000};

	sim_put(&w->sim, (unsigned)w->port, &peer, text, strlen(text));
	w->sim.step_ns = 2 * GYL_NS_PER_MS;
	for (int i = 0; i < 6; i++)
		gyl_run_step(&w->run, 0);
}

static bool sent_is(const struct world *w, unsigned i, const char *text)
{
	return i < w->sim.sent_cnt && w->sim.sent[i].len == strlen(text) &&
	       memcmp(w->sim.sent[i].data, text, strlen(text)) == 0;
}

static void what_is_durable_waits_for_the_other_copy(void **state)
{
	struct world *w = *state;

	say(w, "s1");
	say(w, "t2");
	assert_int_equal(w->sim.sent_cnt, 0);
	assert_int_equal(w->said_cnt, 0);
	say(w, "a");
	assert_int_equal(w->sim.sent_cnt, 2);
	assert_true(sent_is(w, 0, "s1") && sent_is(w, 1, "t2"));
	assert_int_equal(w->said_cnt, 2);
	assert_true(w->run.stat.dropped_cnt == 0);
}

static void the_other_copy_is_not_enough(void **state)
{
	struct world *w = *state;

	w->sim.flush_held = true;
	say(w, "s1");
	say(w, "a");
	assert_int_equal(w->sim.sent_cnt, 0);
	w->sim.flush_held = false;
	say(w, "a");
	assert_int_equal(w->sim.sent_cnt, 1);
}

static void without_the_other_copy_the_rest_leaves_but_for_the_strict(void **state)
{
	struct world *w = *state;

	say(w, "s1");
	say(w, "t2");
	say(w, "s3");
	say(w, "b");
	assert_int_equal(w->sim.sent_cnt, 0);
	assert_true(w->run.stat.dropped_cnt == 2); /* the answer, and the word about it */
	say(w, "c");
	assert_int_equal(w->sim.sent_cnt, 2);
	assert_true(sent_is(w, 0, "s1") && sent_is(w, 1, "s3"));
	assert_int_equal(w->said_cnt, 2);
	say(w, "t4");
	assert_true(sent_is(w, 2, "t4"));
}

static void what_waits_for_the_disk_alone_is_kept_when_the_gate_breaks(void **state)
{
	struct world *w = *state;

	say(w, "s1");
	say(w, "a");
	w->core.alone = true; /* the gate stays open */
	w->sim.flush_held = true;
	say(w, "s2");
	say(w, "b");
	w->sim.flush_held = false;
	say(w, "a");
	assert_int_equal(w->sim.sent_cnt, 2);
	assert_true(sent_is(w, 1, "s2"));
}

static void a_flow_that_cannot_be_opened_is_told_as_closed(void **state)
{
	struct world *w = *state;

	say(w, "o");
	assert_int_equal(w->core.closed_cnt, 1);
	assert_int_equal(w->core.closed_flow, 5);
	say(w, "o");
	assert_int_equal(w->core.closed_cnt, 2);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_is_durable_waits_for_the_other_copy),
		T(the_other_copy_is_not_enough),
		T(without_the_other_copy_the_rest_leaves_but_for_the_strict),
		T(what_waits_for_the_disk_alone_is_kept_when_the_gate_breaks),
		T(a_flow_that_cannot_be_opened_is_told_as_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
