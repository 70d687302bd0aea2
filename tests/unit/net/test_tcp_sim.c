/* SPDX-License-Identifier: ISC */
/*
 * Two TCP machines, a path that does whatever a seed says, programs of all kinds over it: all
 * octets arrive where and as they were written, nobody waits for ever, nothing is left behind.
 *
 *   GYL_SIM_SEEDS=5000 net_test_tcp_sim      so many seeds instead of 200
 *   net_test_tcp_sim SEED                    this one, with all segments
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "libnet/src/ident.h"
#include "tests/support/support.h"
#include "tests/support/tcp_flow.h"

enum {
	SEEDS = 200
};

static uint64_t first_seed = 1, seed_cnt = SEEDS;

struct dice {
	uint64_t seed;
};

static uint32_t draw(struct dice *d, uint32_t n)
{
	return (uint32_t)((gyl__ident_mix(&d->seed) >> 32) % n);
}

static bool one_in(struct dice *d, uint32_t n)
{
	return draw(d, n) == 0;
}

#define PICK(d, list) (list)[draw(d, TEST_CNT(list))]

/* ---- a random world ---- */

static struct link_conf random_link(struct dice *d)
{
	static const uint64_t delay_us[] = {0, 10, 100, 1000, 10000, 100000};
	static const uint64_t rate_m[] = {0, 0, 1, 10, 100, 1000};
	static const uint32_t loss[] = {0, 0, 1000, 10000, 30000, 100000};
	static const uint32_t rare[] = {0, 0, 0, 1000, 10000, 50000};
	struct link_conf c;

	memset(&c, 0, sizeof c);
	c.mtu = 1500;
	c.delay_ns = PICK(d, delay_us) * GYL_NS_PER_US;
	c.jitter_ns = one_in(d, 2) ? 0 : c.delay_ns / (1 + draw(d, 8));
	c.may_overtake = one_in(d, 3);
	c.rate = PICK(d, rate_m) * 1000000;
	c.queue_len = one_in(d, 2) ? 0 : 5000 + draw(d, 60000);
	c.loss_ppm = PICK(d, loss);
	c.dup_ppm = PICK(d, rare);
	c.corrupt_ppm = PICK(d, rare);
	c.late_ppm = PICK(d, rare);
	c.late_ns = c.delay_ns / 2 + draw(d, 2000000);
	if (one_in(d, 8))
		c.small_loss_ppm = 100000;
	if (one_in(d, 8)) {
		c.silence_at = 20000 + draw(d, 100000);
		c.silence_ns = GYL_NS_PER_S;
	}
	return c;
}

static struct gyl_streams_conf random_conf(struct dice *d)
{
	static const uint32_t buf_len[] = {4096, 4096, 8192, 16384, 65536, 262144};
	static const uint64_t delack_ms[] = {0, 40, 40, 200};
	uint8_t key[16];
	struct gyl_streams_conf cf;

	for (size_t i = 0; i < sizeof key; i++)
		key[i] = (uint8_t)draw(d, 256);
	cf = gyl_streams_defaults(key);
	cf.conn_max = 32;
	cf.half_max = 16;
	cf.wait_max = 32;
	cf.listen_max = 4;
	cf.buf_len = PICK(d, buf_len);
	cf.buf_max = one_in(d, 4) ? 2 + draw(d, 8) : 2 * cf.conn_max;
	cf.delack_ns = PICK(d, delack_ms) * GYL_NS_PER_MS;
	cf.syn_ns = cf.retry_ns = 300 * GYL_NS_PER_S;
	cf.fin_wait_ns = 300 * GYL_NS_PER_S;
	cf.time_wait_ns = (400 + draw(d, 60)) * GYL_NS_PER_S; /* longer than any outage */
	return cf;
}

static struct flow_plan random_plan(struct dice *d, uint32_t buf_len)
{
	static const uint32_t len[] = {0, 1, 100, 1460, 5000, 20000, 100000};
	static const uint32_t write_max[] = {1, 7, 100, 1460, 4000, 16384};
	static const uint32_t read_max[] = {0, 0, 0, 1, 100, 1460, 5000};
	struct flow_plan p = flow_plan(PICK(d, len));

	if (p.len > 0)
		p.len += draw(d, (uint32_t)p.len);
	p.write_max = PICK(d, write_max);
	if (p.write_max < 100 && p.len > 2000)
		p.len = 2000; /* a segment an octet takes its time */
	if (one_in(d, 4))
		p.write_gap_ns = draw(d, 20) * GYL_NS_PER_MS;
	p.read_max = PICK(d, read_max);
	if (p.read_max != 0 && one_in(d, 2))
		p.read_gap_ns = (uint64_t)(1 + draw(d, 20)) * p.read_max * 1000;
	if (one_in(d, 4)) {
		p.pause_at = 1 + draw(d, 2 * buf_len);
		p.pause_ns = draw(d, 10000) * GYL_NS_PER_MS;
	}
	p.nodelay = one_in(d, 2);
	p.keepalive = true;
	return p;
}

/* How both ends finish: in most flows so that all must arrive. @return whether it must. */
static bool random_ends(struct dice *d, struct flow_plan p[2])
{
	unsigned how = draw(d, 10);

	p[0].how = p[1].how = FLOW_SHUTDOWN;
	if (how < 3)
		p[draw(d, 2)].how = FLOW_WAIT;
	if (how == 8)
		p[draw(d, 2)].how = FLOW_CLOSE;
	if (how == 9) {
		unsigned i = draw(d, 2);

		p[i].how = FLOW_RESET;
		p[i].reset_ns = draw(d, 1000) * GYL_NS_PER_MS;
	}
	return how < 8;
}

static struct link_conf clean_link(struct dice *d)
{
	struct link_conf c = random_link(d), clean;

	memset(&clean, 0, sizeof clean);
	clean.mtu = c.mtu;
	clean.delay_ns = c.delay_ns;
	return clean;
}

/* ---- what happens to the path meanwhile ---- */

struct world {
	struct dice dice;
	struct tcp_sim sim;
	struct flows flows;
	bool must_arrive[FLOW_MAX];
	uint64_t change_ns; /* when the path changes next */
	unsigned change_cnt;
	struct link_conf usual[2];
	bool is_clean; /* nothing happens to a segment on its way */
};

static void change(struct world *w)
{
	static const uint16_t mtu[] = {576, 1006, 1280, 1400, 1492};
	struct dice *d = &w->dice;
	struct link *l = &w->sim.link[draw(d, 2)];

	switch (draw(d, 4)) {
	case 0: /* off, and on again below */
		w->sim.link[0].cf.is_off = w->sim.link[1].cf.is_off = true;
		break;
	case 1:
		l->cf.mtu = PICK(d, mtu);
		break;
	case 2:
		l->cf.delay_ns = l->cf.delay_ns / 2 + draw(d, 50000000);
		break;
	default:
		l->cf.is_off = true;
	}
}

static void maybe_change(struct world *w)
{
	if (w->sim.now_ns < w->change_ns)
		return;
	if (w->sim.link[0].cf.is_off || w->sim.link[1].cf.is_off) {
		w->sim.link[0].cf.is_off = w->sim.link[1].cf.is_off = false;
	} else if (w->change_cnt > 0) {
		w->change_cnt--;
		change(w);
	} else {
		w->change_ns = UINT64_MAX;
		return;
	}
	w->change_ns = w->sim.now_ns + draw(&w->dice, 3000) * GYL_NS_PER_MS;
}

/* No acknowledgement comes later than the sender's timers allow, and none for want of a buffer. */
static bool is_prompt(const struct gyl_streams_conf *cf)
{
	return cf->delack_ns < cf->rto_min_ns && cf->buf_max == 2 * cf->conn_max;
}

static void make(struct world *w, uint64_t seed)
{
	struct gyl_streams_conf cf[2];
	unsigned flow_cnt;

	memset(w, 0, sizeof *w);
	w->dice.seed = seed;
	w->is_clean = one_in(&w->dice, 5);
	for (int i = 0; i < 2; i++) {
		w->usual[i] = w->is_clean ? clean_link(&w->dice) : random_link(&w->dice);
		cf[i] = random_conf(&w->dice);
	}
	w->is_clean = w->is_clean && is_prompt(&cf[0]) && is_prompt(&cf[1]);
	if (one_in(&w->dice, 2))
		w->usual[1] = w->usual[0];
	tcp_sim_open(&w->sim, cf, w->usual, seed);
	flows_open(&w->flows, &w->sim, seed);
	w->change_cnt = !w->is_clean && one_in(&w->dice, 3) ? 1 + draw(&w->dice, 4) : 0;
	w->change_ns = w->sim.now_ns + draw(&w->dice, 1000) * GYL_NS_PER_MS;
	flow_cnt = 1 + draw(&w->dice, 6);
	for (unsigned k = 0; k < flow_cnt; k++) {
		struct flow_plan p[2] = {
			random_plan(&w->dice, cf[0].buf_len), random_plan(&w->dice, cf[1].buf_len)};
		struct flow *f;

		w->must_arrive[k] = random_ends(&w->dice, p);
		f = flows_add(&w->flows, (uint8_t)draw(&w->dice, 2),
			w->sim.now_ns + draw(&w->dice, 500) * GYL_NS_PER_MS, &p[0], &p[1]);
		f->is_both = w->usual[0].delay_ns > 0 && w->usual[1].delay_ns > 0 &&
			     one_in(&w->dice, 10);
	}
}

/* A flow that is reset or closed early ends somehow; so does the other side of it. */
static void judge(const struct world *w)
{
	for (unsigned k = 0; k < w->flows.cnt; k++)
		if (w->must_arrive[k])
			flow_assert_whole(&w->flows, &w->flows.flow[k]);
	for (int i = 0; i < 2 && w->is_clean; i++) {
		struct gyl_streams_stat stat = gyl_streams_stat(w->sim.side[i].t);

		if (stat.rto_cnt + stat.fast_cnt + stat.bad_cnt != 0)
			tcp_sim_fail(&w->sim, "a recovery, and nothing was lost");
	}
}

static void run(uint64_t seed)
{
	static struct world w;
	uint64_t end_ns;

	make(&w, seed);
	end_ns = w.sim.now_ns + GYL_NS_PER_HOUR;
	do
		maybe_change(&w);
	while (flows_step(&w.flows, w.change_ns < end_ns ? w.change_ns : end_ns) &&
		w.sim.now_ns < end_ns);
	flows_run(&w.flows, end_ns);
	flows_settle(&w.flows, w.sim.now_ns + 20 * GYL_NS_PER_MIN);
	judge(&w);
	tcp_sim_assert_empty(&w.sim);
	tcp_sim_close(&w.sim);
}

static void all_seeds(void **state)
{
	(void)state;
	for (uint64_t seed = first_seed; seed < first_seed + seed_cnt; seed++)
		run(seed);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_seeds),
	};
	const char *cnt = getenv("GYL_SIM_SEEDS");

	if (cnt != NULL && *cnt != '\0')
		seed_cnt = strtoull(cnt, NULL, 10);
	if (argc > 1) {
		first_seed = strtoull(argv[1], NULL, 10);
		seed_cnt = 1;
		setenv("GYL_SIM_TRACE", "1", 1);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
