/* SPDX-License-Identifier: ISC */

/* How long a loop rests: the rule alone, and the runner that follows it, in virtual time. */

#include <gyl/time.h>
#include <stdlib.h>

#include "services/base/run.h"
#include "tests/support/simhost.h"

#define US       1000u
#define PATIENCE (500 * US)

/* cnt inputs in each of n looks, gap_ns between looks. What the last says of a nap. */
static uint64_t looks(struct gyl_nap *nap, unsigned n, uint64_t gap_ns, uint64_t cnt)
{
	static uint64_t now_ns = GYL_NS_PER_S;

	for (unsigned i = 0; i < n; i++) {
		now_ns += gap_ns;
		gyl_nap_note(nap, now_ns, cnt);
	}
	return gyl_nap_ns(nap, PATIENCE);
}

static void a_nap_is_as_long_as_the_rate_is_worth_it(void **state)
{
	static const struct {
		uint64_t gap_ns, cnt, low_ns, high_ns;
	} row[] = {
		{GYL_NS_PER_S, 1, 0, 0}, /* seldom */
		{400 * US, 1, 0, 0},     /* less than two are to come */
		{200 * US, 1, PATIENCE, PATIENCE},
		{100 * US, 1, PATIENCE, PATIENCE},
		{400 * US, 4, PATIENCE, PATIENCE}, /* the same rate in fours */
		{5 * US, 1, 310 * US, 320 * US},   /* no more than a batch is waited for */
		{320 * US, 64, 310 * US, 320 * US},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(row); i++) {
		struct gyl_nap nap = {0};
		uint64_t ns = looks(&nap, 2000, row[i].gap_ns, row[i].cnt);

		if (ns < row[i].low_ns || ns > row[i].high_ns)
			fail_msg("row %zu: %llu ns", i, (unsigned long long)ns);
	}
}

static void the_first_input_after_silence_is_served_at_once(void **state)
{
	struct gyl_nap nap = {0};

	(void)state;
	assert_int_equal(looks(&nap, 1, 0, 1), 0); /* nothing is known yet */
	assert_int_equal(looks(&nap, 1000, 50 * US, 1), PATIENCE);
	assert_int_equal(looks(&nap, 1, 500 * US, 0), 0); /* the load is over */
	assert_int_equal(looks(&nap, 1, GYL_NS_PER_S, 1), 0);
	assert_int_equal(looks(&nap, 1000, 50 * US, 1), PATIENCE);
}

static void who_has_no_patience_does_not_nap(void **state)
{
	struct gyl_nap nap = {0};

	(void)state;
	(void)looks(&nap, 1000, 10 * US, 1);
	assert_int_equal(gyl_nap_ns(&nap, 0), 0);
	assert_int_equal(gyl_nap_ns(&nap, 10 * US), 0);
	assert_int_equal(gyl_nap_ns(&nap, 100 * US), 100 * US);
}

/* ---- the runner ---- */

struct counter {
	uint64_t due_ns; /* of its tick */
	uint64_t late_ns;
	unsigned dgram_cnt, tick_cnt;
};

static size_t input(
	void *core, struct gyl_now now, struct gyl_in *in, size_t cnt, struct gyl_out *o)
{
	struct counter *c = core;

	(void)now;
	(void)o;
	(void)in;
	c->dgram_cnt += (unsigned)cnt;
	return cnt;
}

/* Every 1.3 ms: never when a nap ends by itself. */
static void tick(void *core, struct gyl_now now, struct gyl_out *o)
{
	struct counter *c = core;

	o->used = true;
	c->tick_cnt++;
	if (c->due_ns != 0 && now.mono_ns - c->due_ns > c->late_ns)
		c->late_ns = now.mono_ns - c->due_ns;
	c->due_ns = now.mono_ns + 1300 * US;
}

static uint64_t deadline(const void *core)
{
	return ((const struct counter *)core)->due_ns;
}

struct world {
	struct simhost sim;
	struct gyl_host_ops ops;
	struct gyl_run run;
	struct counter core;
	uint64_t gap_ns, next_ns; /* of the load */
	unsigned put_cnt, nap_cnt;
	uint64_t longest_ns; /* nap */
	uint64_t mem[2][(64 << 10) / 8];
};

static struct world *world;
static const struct gyl_host_ops *sim_ops;

static void put_what_came(struct world *w)
{
	struct gyl_peer peer = {.ip = 1};

	for (; w->next_ns <= w->sim.now.mono_ns; w->next_ns += w->gap_ns, w->put_cnt++)
		sim_put(&w->sim, 0, &peer, "x", 1);
}

static uint64_t load_wait(void *h, uint64_t until_ns, struct gyl_now *ret_now)
{
	put_what_came(world);
	if (sim_ops->wait(h, gyl_time_min(until_ns, world->next_ns), ret_now) != 0)
		return 1;
	put_what_came(world);
	return sim_ops->wait(h, 0, ret_now);
}

static void load_nap(void *h, uint64_t until_ns)
{
	struct simhost *s = h;
	uint64_t ns = until_ns - s->now.mono_ns;

	assert_true(until_ns > s->now.mono_ns);
	world->nap_cnt++;
	world->longest_ns = ns > world->longest_ns ? ns : world->longest_ns;
	s->now.mono_ns = until_ns;
}

/* A tenth of a second with a datagram each gap_ns. Returns how many steps it took. */
static unsigned serve(struct world *w, uint64_t gap_ns, uint64_t patience_ns)
{
	struct gyl_core_ops core_ops = {.name = "count",
		.input = input,
		.tick = tick,
		.deadline_ns = deadline,
		.patience_ns = patience_ns};
	struct gyl_run_conf cf = {w->mem[0], sizeof w->mem[0], w->mem[1], sizeof w->mem[1]};
	struct gyl_bind b = {.type = GYL_BIND_UDP, .port = 7};
	unsigned steps = 0;
	uint64_t end_ns;
	int core;

	world = w;
	w->gap_ns = gap_ns;
	w->next_ns = w->sim.now.mono_ns + gap_ns;
	gyl_run_init(&w->run, (struct gyl_host){&w->ops, &w->sim}, NULL, &cf);
	core = gyl_run_add(&w->run, &core_ops, &w->core);
	gyl_run_listen(&w->run, core, &b);
	end_ns = w->sim.now.mono_ns + GYL_NS_PER_S / 10;
	for (; w->sim.now.mono_ns < end_ns; steps++)
		gyl_run_step(&w->run, UINT64_MAX);
	return steps;
}

static int open_world(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	assert_non_null(w);
	sim_ops = sim_open(&w->sim).ops;
	w->ops = *sim_ops;
	w->ops.wait = load_wait;
	w->ops.nap = load_nap;
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

static void under_load_a_step_serves_several(void **state)
{
	struct world *w = *state;
	unsigned steps = serve(w, 100 * US, PATIENCE);

	assert_true(w->core.dgram_cnt >= w->put_cnt - 5);
	assert_in_range(w->put_cnt, 950, 1050);
	assert_true(steps < 400);
	assert_true(w->nap_cnt > 150);
	assert_true(w->longest_ns <= PATIENCE);
}

static void a_nap_ends_when_a_core_is_due(void **state)
{
	struct world *w = *state;

	(void)serve(w, 100 * US, PATIENCE);
	assert_in_range(w->core.tick_cnt, 70, 78);
	assert_true(w->core.late_ns <= 10 * US);
}

static void few_inputs_are_served_as_they_come(void **state)
{
	struct world *w = *state;

	(void)serve(w, 2 * GYL_NS_PER_MS, PATIENCE);
	assert_int_equal(w->nap_cnt, 0);
	assert_true(w->core.dgram_cnt >= 48);
}

static void an_impatient_core_keeps_the_loop_awake(void **state)
{
	struct world *w = *state;

	assert_true(serve(w, 100 * US, 0) >= 990);
	assert_int_equal(w->nap_cnt, 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_nap_is_as_long_as_the_rate_is_worth_it),
		cmocka_unit_test(the_first_input_after_silence_is_served_at_once),
		cmocka_unit_test(who_has_no_patience_does_not_nap),
		T(under_load_a_step_serves_several),
		T(a_nap_ends_when_a_core_is_due),
		T(few_inputs_are_served_as_they_come),
		T(an_impatient_core_keeps_the_loop_awake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
