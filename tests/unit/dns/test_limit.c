/* SPDX-License-Identifier: ISC */

/* Response rate limiting: who is counted together, how fast it fills and empties, a full table. */

#include "services/dns/limit.h"

#include <gyl/time.h>

#include "tests/support/support.h"

enum {
	RATE = 10,
	NET_A = 0x0a000201,
	NET_B = 0x0a000301
};

static uint64_t mem[GYL_DNS_LIMIT_CNT * sizeof(struct gyl_dns_limit_pair) / 8];
static const uint64_t seed[2] = {1, 2};
static const uint64_t start_ns = 5 * GYL_NS_PER_S;

static void limit_open(struct gyl_dns_limit *l)
{
	assert_int_equal(gyl_dns_limit_need(), sizeof mem);
	gyl_dns_limit_init(l, mem, seed);
}

/* How many of cnt answers, step_ns apart, are too many. */
static unsigned over(struct gyl_dns_limit *l, uint64_t now_ns, uint64_t step_ns, unsigned cnt,
	uint32_t ip, uint32_t kind, uint32_t subject)
{
	unsigned n = 0;

	for (unsigned i = 0; i < cnt; i++, now_ns += step_ns)
		n += gyl_dns_limit_over(l, now_ns, RATE, ip, kind, subject);
	return n;
}

static void a_second_of_answers_at_once_then_the_rate(void **state)
{
	struct gyl_dns_limit l;

	(void)state;
	limit_open(&l);
	assert_int_equal(over(&l, start_ns, 0, RATE, NET_A, 0, 1), 0);
	assert_int_equal(over(&l, start_ns, 0, 5, NET_A, 0, 1), 5);
	/* a tenth of a second is one answer of ten */
	assert_int_equal(over(&l, start_ns + GYL_NS_PER_S / RATE, 0, 2, NET_A, 0, 1), 1);
	assert_int_equal(
		over(&l, start_ns + 2 * GYL_NS_PER_S, GYL_NS_PER_S / RATE, 100, NET_A, 0, 1), 0);
	/* over the limit nothing is added: who is limited for long recovers as fast */
	assert_int_equal(over(&l, start_ns + 60 * GYL_NS_PER_S, 0, 1000, NET_A, 0, 1), 990);
	assert_int_equal(over(&l, start_ns + 61 * GYL_NS_PER_S, 0, RATE, NET_A, 0, 1), 0);
}

static void pairs_of_network_and_answer(void **state)
{
	struct gyl_dns_limit l;

	(void)state;
	limit_open(&l);
	assert_int_equal(over(&l, start_ns, 0, RATE, NET_A, 0, 1), 0);
	assert_int_equal(over(&l, start_ns, 0, 1, NET_A + 77, 0, 1), 1); /* the same /24 */
	assert_int_equal(over(&l, start_ns, 0, RATE, NET_B, 0, 1), 0);
	assert_int_equal(over(&l, start_ns, 0, RATE, NET_A, 3, 1), 0);
	assert_int_equal(over(&l, start_ns, 0, RATE, NET_A, 0, 2), 0);
	for (unsigned i = 100; i < 1100; i++)
		assert_int_equal(over(&l, start_ns, 0, 1, NET_A, 0, i), 0);
}

/* Whoever sends by thousands of networks does not make the table forget a flood that goes on. */
static void a_full_table_forgets_who_had_the_least(void **state)
{
	struct gyl_dns_limit l;

	(void)state;
	limit_open(&l);
	assert_int_equal(over(&l, start_ns, 0, RATE, NET_A, 0, 1), 0);
	for (uint32_t i = 0; i < 4 * GYL_DNS_LIMIT_CNT; i++)
		assert_int_equal(over(&l, start_ns, 0, 1, 0x14000000 + (i << 8), 0, 1), 0);
	assert_int_equal(over(&l, start_ns, 0, 1, NET_A, 0, 1), 1);
}

static void one_in_slip_is_let_through(void **state)
{
	struct gyl_dns_limit l;
	unsigned n = 0;

	(void)state;
	limit_open(&l);
	for (int i = 0; i < 30; i++)
		n += gyl_dns_limit_slip(&l, 3);
	assert_int_equal(n, 10);
	assert_false(gyl_dns_limit_slip(&l, 0));
	assert_true(gyl_dns_limit_slip(&l, 1));
	assert_true(gyl_dns_limit_slip(&l, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_second_of_answers_at_once_then_the_rate),
		cmocka_unit_test(pairs_of_network_and_answer),
		cmocka_unit_test(a_full_table_forgets_who_had_the_least),
		cmocka_unit_test(one_in_slip_is_let_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
