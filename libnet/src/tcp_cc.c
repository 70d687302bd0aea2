/* SPDX-License-Identifier: ISC */
#include "libnet/src/tcp_cc.h"

#include <gyl/time.h>

/* Bounds that keep every product within 64 bits; the buffers of a connection end at 1 MiB. */
enum {
	WINDOW_MAX = 1 << 26,
	ACKED_MAX = 1 << 21,
	T_MAX_MS = (1 << 18) - 1,
	FRAC_BITS = 12
};

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint32_t larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* RFC 6928 2 */
static uint32_t initial_window(uint32_t mss)
{
	return smaller(10 * mss, larger(2 * mss, 14600));
}

void gyl__cc_init(struct gyl__cc *c, uint32_t mss)
{
	memset(c, 0, sizeof *c);
	c->cwnd = initial_window(mss);
	c->ssthresh = UINT32_MAX;
}

/* ---- the curve ---- */

/* The largest root whose cube is not above v. */
static uint32_t cube_root(uint64_t v)
{
	uint64_t root = 0;

	for (uint64_t bit = UINT64_C(1) << 20; bit != 0; bit >>= 1) {
		uint64_t more = root | bit;

		if (more * more * more <= v)
			root = more;
	}
	return (uint32_t)root;
}

/* RFC 9438 4.2: K is the cube root of (W_max - cwnd_epoch) / C, here with octets and milliseconds;
 * C is 0.4 segments a second cubed. */
static uint32_t k_ms(uint32_t w_max, uint32_t cwnd, uint32_t mss)
{
	return cube_root((uint64_t)(w_max - cwnd) * UINT64_C(2500000000) / mss);
}

/* W_cubic(t) = C (t - K)^3 + W_max */
static uint32_t cubic(const struct gyl__cc *c, uint64_t t_ms, uint32_t mss)
{
	bool is_before = t_ms < c->k_ms;
	uint64_t d = is_before ? c->k_ms - t_ms : t_ms - c->k_ms;
	uint64_t octets;

	if (d > T_MAX_MS)
		d = T_MAX_MS;
	octets = d * d * d / 1000 * (4 * (uint64_t)mss) / 10000000;
	if (is_before)
		return octets < c->w_max ? c->w_max - (uint32_t)octets : 0;
	return octets < WINDOW_MAX - c->w_max ? c->w_max + (uint32_t)octets : WINDOW_MAX;
}

static void begin_epoch(struct gyl__cc *c, uint64_t now_ns, uint32_t mss)
{
	c->epoch_ns = now_ns != 0 ? now_ns : 1;
	c->seen_ns = c->epoch_ns;
	c->w_est = c->cwnd;
	c->cwnd_frac = c->est_frac = 0;
	if (c->w_max < c->cwnd)
		c->w_max = c->cwnd;
	c->k_ms = k_ms(c->w_max, c->cwnd, mss);
}

/* num / den octets more; what is less than an octet waits in *frac. */
static void grow(uint32_t *window, uint16_t *frac, uint64_t num, uint64_t den)
{
	uint64_t more = (num << FRAC_BITS) / den + *frac;

	*frac = (uint16_t)(more & ((1u << FRAC_BITS) - 1));
	more = *window + (more >> FRAC_BITS);
	*window = more < WINDOW_MAX ? (uint32_t)more : WINDOW_MAX;
}

/* 4.3: as Reno would grow with our factor of 0.7: alpha is 3 (1 - 0.7) / (1 + 0.7) = 9/17, and 1
 * once it is where the loss was. */
static void grow_estimate(struct gyl__cc *c, uint32_t mss, uint32_t acked)
{
	uint64_t alpha = c->w_est < c->prior ? 9 : 17;

	grow(&c->w_est, &c->est_frac, alpha * acked * mss, 17 * (uint64_t)c->cwnd);
}

/* 4.4, 4.5: towards where the curve is a round trip from now, half a window at most. */
static void grow_cubic(struct gyl__cc *c, uint32_t target, uint32_t acked)
{
	uint32_t most = c->cwnd + c->cwnd / 2;

	target = smaller(target, most);
	if (target > c->cwnd)
		grow(&c->cwnd, &c->cwnd_frac, (uint64_t)(target - c->cwnd) * acked, c->cwnd);
}

static void avoid(
	struct gyl__cc *c, uint64_t now_ns, uint32_t mss, uint32_t acked, uint64_t srtt_ns)
{
	uint64_t t_ns;

	if (c->epoch_ns == 0)
		begin_epoch(c, now_ns, mss);
	c->seen_ns = now_ns;
	t_ns = now_ns - c->epoch_ns;
	grow_estimate(c, mss, acked);
	if (cubic(c, t_ns / GYL_NS_PER_MS, mss) < c->w_est)
		c->cwnd = larger(c->cwnd, c->w_est);
	else
		grow_cubic(c, cubic(c, (t_ns + srtt_ns) / GYL_NS_PER_MS, mss), acked);
}

/* RFC 5681 3.1, by octets as RFC 3465. Returns what is left for congestion avoidance. */
static uint32_t slow_start(struct gyl__cc *c, uint32_t acked)
{
	uint32_t most = smaller(c->ssthresh, WINDOW_MAX) - c->cwnd;
	uint32_t more = smaller(acked, most);

	c->cwnd += more;
	return acked - more;
}

void gyl__cc_acked(struct gyl__cc *c, uint64_t now_ns, uint32_t mss, uint32_t acked,
	uint64_t srtt_ns, bool is_limited)
{
	acked = smaller(acked, ACKED_MAX);
	if (!is_limited) {
		/* 5.8: time in which nobody tried the window does not count. */
		if (c->epoch_ns != 0) {
			c->epoch_ns += now_ns - c->seen_ns;
			c->seen_ns = now_ns;
		}
		return;
	}
	if (c->cwnd < c->ssthresh && c->cwnd < WINDOW_MAX)
		acked = slow_start(c, acked);
	if (acked > 0 && c->cwnd >= c->ssthresh)
		avoid(c, now_ns, mss, acked, srtt_ns);
}

/* ---- reductions ---- */

static void remember(struct gyl__cc *c)
{
	c->undo_cwnd = c->cwnd;
	c->undo_ssthresh = c->ssthresh;
	c->undo_w_max = c->w_max;
}

/* 4.6 */
static void reduce(struct gyl__cc *c, uint32_t mss, uint32_t flight)
{
	uint32_t used = smaller(c->cwnd, flight);

	c->prior = used;
	c->ssthresh = larger((uint32_t)((uint64_t)used * 7 / 10), 2 * mss);
	c->epoch_ns = 0;
}

void gyl__cc_lost(struct gyl__cc *c, uint32_t mss, uint32_t flight)
{
	remember(c);
	reduce(c, mss, flight);
	/* 4.7, fast convergence: lower than last time, so somebody else came and wants a share. */
	c->w_max = c->prior < c->w_max ? (uint32_t)((uint64_t)c->prior * 17 / 20) : c->prior;
	c->cwnd = c->ssthresh;
}

void gyl__cc_timeout(struct gyl__cc *c, uint32_t mss, uint32_t flight, bool first)
{
	if (first) {
		remember(c);
		reduce(c, mss, flight);
	}
	c->w_max = 0; /* 4.8: the curve begins flat where slow start ends */
	c->epoch_ns = 0;
	c->cwnd = mss;
}

void gyl__cc_undo(struct gyl__cc *c)
{
	if (c->undo_cwnd == 0)
		return;
	if (c->cwnd < c->undo_cwnd) {
		c->cwnd = c->undo_cwnd;
		c->w_max = c->undo_w_max;
		c->epoch_ns = 0; /* a new epoch goes on from there */
	}
	c->ssthresh = c->undo_ssthresh;
	c->undo_cwnd = 0;
}

void gyl__cc_idle(struct gyl__cc *c, uint32_t mss)
{
	if (c->ssthresh != UINT32_MAX)
		c->ssthresh = larger(c->ssthresh, c->cwnd / 4 * 3);
	c->cwnd = smaller(c->cwnd, initial_window(mss));
	c->epoch_ns = 0;
}

void gyl__cc_mss(struct gyl__cc *c, uint32_t mss)
{
	c->cwnd = larger(c->cwnd, 2 * mss);
	c->epoch_ns = 0; /* K counts segments */
}
