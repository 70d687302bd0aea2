/* SPDX-License-Identifier: ISC */
/*
 * What gets through, in virtual time, so that it is the same on every machine: one transfer over a
 * path of 1 Gbit/s, with losses both ways. Floors are a twentieth to a fifth below what was
 * measured; a timeout of 200 ms for every loss, or for every lost retransmission, is far below
 * them.
 *
 * What there is to get: 941 Mbit/s of the rate; of a buffer of 1 MiB 419 Mbit/s a round trip of 20
 * ms; and of a window that random losses hold down, sqrt(3/2 / loss) segments a round trip (RFC
 * 5348 3.1), which is 22, 7 and 4 Mbit/s at 0.1, 1 and 3 %.
 */
#include <stdio.h>

#include "tests/support/support.h"
#include "tests/support/tcp_flow.h"

enum {
	RATE_M = 1000
};

struct row {
	uint64_t rtt_us;
	uint32_t loss_ppm;
	uint32_t megabytes;
	uint32_t floor_k; /* kbit/s */
};

static struct link_conf path(const struct row *r)
{
	struct link_conf c;

	memset(&c, 0, sizeof c);
	c.mtu = 1500;
	c.rate = RATE_M * UINT64_C(1000000);
	c.delay_ns = r->rtt_us * GYL_NS_PER_US / 2;
	c.loss_ppm = r->loss_ppm;
	return c;
}

/* kbit/s of what the reader got. */
static uint32_t goodput(const struct row *r, uint64_t seed)
{
	static struct tcp_sim s;
	static struct flows f;
	struct link_conf link[2] = {path(r), path(r)};
	struct gyl_streams_conf cf[2];
	uint8_t key[16] = {(uint8_t)seed};
	struct flow_plan to = flow_plan((uint64_t)r->megabytes << 20), back = flow_plan(0);
	uint64_t begin_ns, len = to.len;

	cf[0] = cf[1] = gyl_streams_defaults(key);
	cf[0].buf_len = cf[1].buf_len = 1 << 20;
	cf[0].buf_max = cf[1].buf_max = 4;
	tcp_sim_open(&s, cf, link, seed);
	s.side[0].ring_ns = s.side[1].ring_ns = 500 * GYL_NS_PER_US;
	flows_open(&f, &s, seed);
	begin_ns = s.now_ns;
	flows_add(&f, 0, begin_ns, &to, &back);
	while (f.flow[0].end[1].got < len)
		if (!flows_step(&f, begin_ns + GYL_NS_PER_HOUR))
			break;
	assert_true(f.flow[0].end[1].got == len);
	/* It took its time. NOLINTNEXTLINE(*-core.DivideZero) */
	len = len * 8 * 1000000 / (s.now_ns - begin_ns);
	flows_run(&f, s.now_ns + GYL_NS_PER_HOUR);
	flow_assert_whole(&f, &f.flow[0]);
	tcp_sim_close(&s);
	return (uint32_t)len;
}

/* The middle of three seeds. */
static uint32_t median(const struct row *r)
{
	uint32_t a = goodput(r, 1), b = goodput(r, 2), c = goodput(r, 3);
	uint32_t low = a < b ? a : b, high = a < b ? b : a;

	return c < low ? low : c > high ? high : c;
}

static void goodput_under_loss(void **state)
{
	static const struct row rows[] = {
		{20, 0, 16, 900000},
		{20, 1000, 16, 900000},
		{20, 10000, 16, 850000},
		{20, 30000, 16, 550000},
		{20000, 0, 64, 250000},
		{20000, 1000, 16, 34000},
		{20000, 10000, 4, 7000},
		{20000, 30000, 2, 3500},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(rows); i++) {
		uint32_t got_k = median(&rows[i]);

		print_message("RTT %5u us, loss %4.1f %%: %7.1f Mbit/s\n", (unsigned)rows[i].rtt_us,
			rows[i].loss_ppm / 10000.0, got_k / 1000.0);
		assert_in_range(got_k, rows[i].floor_k, RATE_M * 1000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goodput_under_loss),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
