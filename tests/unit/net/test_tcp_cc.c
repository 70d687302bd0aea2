/* SPDX-License-Identifier: ISC */
#include "libnet/src/tcp_cc.h"
#include "tests/support/support.h"

#include <gyl/time.h>

enum {
	MSS = 1460
};

#define MS GYL_NS_PER_MS

static void initial_window(void **state)
{
	static const struct {
		uint32_t mss, cwnd;
	} rows[] = {
		{1460, 14600},
		{536, 5360},
		{88, 880},
		{1461, 14600},
		{8960, 17920},
		{65000, 130000},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(rows); i++) {
		struct gyl__cc c;

		gyl__cc_init(&c, rows[i].mss); /* RFC 6928 2 */
		assert_int_equal(c.cwnd, rows[i].cwnd);
		assert_int_equal(c.ssthresh, UINT32_MAX);
	}
}

static void slow_start_doubles(void **state)
{
	struct gyl__cc c;

	(void)state;
	gyl__cc_init(&c, MSS);
	for (uint32_t want = 14600; want < 1 << 24; want *= 2) {
		uint32_t sent = c.cwnd;

		assert_int_equal(c.cwnd, want);
		for (; sent > 0; sent -= sent < 2 * MSS ? sent : 2 * MSS)
			gyl__cc_acked(&c, MS, MSS, sent < 2 * MSS ? sent : 2 * MSS, MS, true);
	}
	for (int i = 0; i < 1000; i++)
		gyl__cc_acked(&c, MS, MSS, 1 << 20, MS, true);
	assert_in_range(c.cwnd, 1 << 24, 1 << 26); /* and ends somewhere */
}

/* RFC 7661: a window that nobody tries does not grow. */
static void unused_window_does_not_grow(void **state)
{
	struct gyl__cc c;

	(void)state;
	gyl__cc_init(&c, MSS);
	gyl__cc_acked(&c, MS, MSS, 14600, MS, false);
	assert_int_equal(c.cwnd, 14600);
}

/* 4.6: times 0.7 of what was in flight; not under two segments. */
static void reduction(void **state)
{
	static const struct {
		uint32_t cwnd, flight, after;
	} rows[] = {
		{100000, 100000, 70000},
		{100000, 50000, 35000},
		{100000, 200000, 70000},
		{4000, 4000, 2920},
		{1460, 1460, 2920},
		{100000, 0, 2920},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(rows); i++) {
		struct gyl__cc c;

		gyl__cc_init(&c, MSS);
		c.cwnd = rows[i].cwnd;
		gyl__cc_lost(&c, MSS, rows[i].flight);
		assert_int_equal(c.cwnd, rows[i].after);
		assert_int_equal(c.ssthresh, rows[i].after);
	}
}

/* 4.7: W_max is lower when the last one was not reached. */
static void fast_convergence(void **state)
{
	struct gyl__cc c;

	(void)state;
	gyl__cc_init(&c, MSS);
	c.cwnd = 100000;
	gyl__cc_lost(&c, MSS, 100000);
	assert_int_equal(c.w_max, 100000);
	gyl__cc_lost(&c, MSS, 70000);
	assert_int_equal(c.w_max, 70000 * 17 / 20);
}

/* ---- the curve, against RFC 9438 in floating point ---- */

struct ref {
	double cwnd, w_max, w_est, prior, k; /* segments, seconds */
	double t0;
	bool began;
};

static double cube_root(double v)
{
	double x = v > 1 ? v : 1;

	for (int i = 0; i < 200; i++)
		x -= (x * x * x - v) / (3 * x * x);
	return v > 0 ? x : 0;
}

static double curve(const struct ref *r, double t)
{
	return 0.4 * (t - r->k) * (t - r->k) * (t - r->k) + r->w_max;
}

static void ref_acked(struct ref *r, double t, double rtt, double segs)
{
	double alpha, target;

	if (!r->began) {
		r->began = true;
		r->t0 = t;
		r->w_est = r->cwnd;
		if (r->w_max < r->cwnd)
			r->w_max = r->cwnd;
		r->k = cube_root((r->w_max - r->cwnd) / 0.4);
	}
	t -= r->t0;
	alpha = r->w_est < r->prior ? 3 * (1 - 0.7) / (1 + 0.7) : 1;
	r->w_est += alpha * segs / r->cwnd;
	if (curve(r, t) < r->w_est) {
		r->cwnd = r->cwnd > r->w_est ? r->cwnd : r->w_est;
		return;
	}
	target = curve(r, t + rtt);
	target = target > 1.5 * r->cwnd ? 1.5 * r->cwnd : target;
	if (target > r->cwnd)
		r->cwnd += (target - r->cwnd) / r->cwnd * segs;
}

/* The reference does not stop at the largest window; we compare below it. Tolerance: one part in
 * two hundred and a segment; milliseconds and whole octets cost far less. */
static void assert_near(double segs, uint32_t octets)
{
	double off = segs * MSS - octets, most = segs * MSS / 200 + MSS;

	if (off > most || off < -most)
		fail_msg("window of %u octets, by the reference %u", (unsigned)octets,
			(unsigned)(segs * MSS));
}

/* One loss at w segments, then seconds of acknowledgements of two segments each. */
static void follow(uint32_t w, uint64_t rtt_ns, unsigned seconds)
{
	struct ref r = {w * 0.7, w, 0, w, 0, 0, false};
	uint64_t now_ns = 5 * GYL_NS_PER_S, end_ns = now_ns + seconds * GYL_NS_PER_S;
	struct gyl__cc c;

	gyl__cc_init(&c, MSS);
	c.cwnd = w * MSS;
	gyl__cc_lost(&c, MSS, w * MSS);
	while (now_ns < end_ns && r.cwnd * MSS < 1 << 25) {
		gyl__cc_acked(&c, now_ns, MSS, 2 * MSS, rtt_ns, true);
		ref_acked(&r, (double)now_ns / 1e9, (double)rtt_ns / 1e9, 2);
		assert_near(r.cwnd, c.cwnd);
		now_ns += 2 * rtt_ns * MSS / c.cwnd; /* a window a round trip */
	}
}

static void curve_of_rfc_9438(void **state)
{
	(void)state;
	follow(1000, 100 * MS, 30); /* concave, plateau, convex */
	follow(50, 200 * MS, 30);
	follow(4000, 20 * MS, 20);
	follow(10, 10 * GYL_NS_PER_S, 100); /* half a window at most */
}

/* Short round trips: the cube has hardly begun, and Reno leads. */
static void reno_friendly_region(void **state)
{
	struct gyl__cc c;
	uint64_t now_ns = GYL_NS_PER_S;

	(void)state;
	follow(40, MS, 2);
	follow(100, 20 * GYL_NS_PER_US, 1);
	gyl__cc_init(&c, MSS);
	c.cwnd = 100 * MSS;
	gyl__cc_lost(&c, MSS, c.cwnd);
	for (int rtt = 0; rtt < 20; rtt++) /* 9/17 of a segment each round trip */
		for (int i = 0; i < 70; i++, now_ns += 10 * GYL_NS_PER_US)
			gyl__cc_acked(&c, now_ns, MSS, MSS, MS, true);
	assert_in_range(c.cwnd, 70 * MSS + 9 * MSS, 70 * MSS + 11 * MSS);
}

/* Whatever comes, within bounds: a window that is wrong by overflow would be huge or none. */
static void bounds(void **state)
{
	static const uint64_t step_ns[] = {1, MS, GYL_NS_PER_S, GYL_NS_PER_HOUR, GYL_NS_PER_DAY};
	struct gyl__cc c;

	(void)state;
	for (size_t k = 0; k < TEST_CNT(step_ns); k++) {
		uint64_t now_ns = 0;

		gyl__cc_init(&c, 65495);
		gyl__cc_lost(&c, 65495, UINT32_MAX);
		for (int i = 0; i < 20000; i++, now_ns += step_ns[k]) {
			gyl__cc_acked(&c, now_ns, 65495, UINT32_MAX, 60 * GYL_NS_PER_S, true);
			assert_in_range(c.cwnd, 65495, 1 << 26);
		}
	}
}

/* 4.8: one segment, slow start to 0.7 of before, then a flat beginning. A repeated timeout does
 * not lower it again (RFC 5681 3.1). */
static void timeout(void **state)
{
	struct gyl__cc c;

	(void)state;
	gyl__cc_init(&c, MSS);
	c.cwnd = 100 * MSS;
	gyl__cc_timeout(&c, MSS, 100 * MSS, true);
	assert_int_equal(c.cwnd, MSS);
	assert_int_equal(c.ssthresh, 70 * MSS);
	gyl__cc_timeout(&c, MSS, MSS, false);
	assert_int_equal(c.ssthresh, 70 * MSS);
	while (c.cwnd < c.ssthresh)
		gyl__cc_acked(&c, MS, MSS, MSS, MS, true);
	assert_int_equal(c.cwnd, 70 * MSS);
	gyl__cc_acked(&c, MS, MSS, MSS, MS, true);
	assert_int_equal(c.k_ms, 0);
	assert_int_equal(c.w_max, 70 * MSS);
}

/* 4.9 */
static void undo(void **state)
{
	struct gyl__cc c;

	(void)state;
	gyl__cc_init(&c, MSS);
	gyl__cc_undo(&c); /* nothing to undo */
	assert_int_equal(c.cwnd, 14600);
	c.cwnd = 100 * MSS;
	gyl__cc_lost(&c, MSS, c.cwnd);
	gyl__cc_undo(&c);
	assert_int_equal(c.cwnd, 100 * MSS);
	assert_int_equal(c.ssthresh, UINT32_MAX);
	assert_int_equal(c.w_max, 0);
	gyl__cc_timeout(&c, MSS, c.cwnd, true);
	gyl__cc_timeout(&c, MSS, c.cwnd, false);
	gyl__cc_undo(&c);
	assert_int_equal(c.cwnd, 100 * MSS);
	assert_int_equal(c.ssthresh, UINT32_MAX);
	gyl__cc_lost(&c, MSS, c.cwnd);
	gyl__cc_undo(&c);
	gyl__cc_undo(&c); /* once */
	assert_int_equal(c.cwnd, 100 * MSS);
}

/* RFC 5681 4.1, RFC 7661 4.3; and the pause is no part of the curve (RFC 9438 5.8). */
static void idle(void **state)
{
	struct gyl__cc c;
	uint32_t before;

	(void)state;
	gyl__cc_init(&c, MSS);
	c.cwnd = 100 * MSS;
	gyl__cc_idle(&c, MSS);
	assert_int_equal(c.cwnd, 10 * MSS);
	assert_int_equal(c.ssthresh, UINT32_MAX);
	gyl__cc_idle(&c, MSS);
	assert_int_equal(c.cwnd, 10 * MSS);
	c.cwnd = 1000 * MSS;
	gyl__cc_lost(&c, MSS, 1000 * MSS);
	gyl__cc_acked(&c, GYL_NS_PER_S, MSS, MSS, 100 * MS, true);
	before = c.cwnd;
	gyl__cc_acked(&c, 1000 * GYL_NS_PER_S, MSS, MSS, 100 * MS, false);
	gyl__cc_acked(&c, 1000 * GYL_NS_PER_S, MSS, MSS, 100 * MS, true);
	assert_in_range(c.cwnd, before, before + MSS);
	gyl__cc_idle(&c, MSS);
	assert_int_equal(c.cwnd, 10 * MSS);
	assert_in_range(c.ssthresh, 700 * MSS, 701 * MSS);
}

static void smaller_segments(void **state)
{
	struct gyl__cc c;

	(void)state;
	gyl__cc_init(&c, MSS);
	gyl__cc_mss(&c, 536);
	assert_int_equal(c.cwnd, 14600);
	gyl__cc_timeout(&c, 536, 14600, true);
	gyl__cc_mss(&c, 500);
	assert_int_equal(c.cwnd, 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(initial_window),
		cmocka_unit_test(slow_start_doubles),
		cmocka_unit_test(unused_window_does_not_grow),
		cmocka_unit_test(reduction),
		cmocka_unit_test(fast_convergence),
		cmocka_unit_test(curve_of_rfc_9438),
		cmocka_unit_test(reno_friendly_region),
		cmocka_unit_test(bounds),
		cmocka_unit_test(timeout),
		cmocka_unit_test(undo),
		cmocka_unit_test(idle),
		cmocka_unit_test(smaller_segments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
