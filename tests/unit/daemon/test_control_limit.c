/* SPDX-License-Identifier: ISC */

/* Who guesses passwords has to wait. */

#include <gyl/time.h>

#include "services/base/control_limit.h"
#include "tests/support/support.h"

#define S GYL_NS_PER_S

static void waits_double_up_to_a_quarter_of_an_hour(void **state)
{
	static const unsigned wait_s[] = {
		0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900};
	static struct gyl_limit l;
	uint64_t now = 5 * S;

	(void)state;
	assert_int_equal(gyl_limit_wait_ns(&l, 1, now), 0);
	for (uint32_t i = 0; i < TEST_CNT(wait_s); i++) {
		assert_int_equal(gyl_limit_failed(&l, 1, now), i + 1);
		assert_int_equal(gyl_limit_wait_ns(&l, 1, now), wait_s[i] * S);
		if (wait_s[i] != 0)
			assert_int_equal(gyl_limit_wait_ns(&l, 1, now + wait_s[i] * S - 1), 1);
		assert_int_equal(gyl_limit_wait_ns(&l, 1, now + wait_s[i] * S), 0);
		assert_int_equal(gyl_limit_wait_ns(&l, 2, now), 0); /* others do not */
		now += wait_s[i] * S;
	}
}

static void a_success_and_an_hour_are_forgiven(void **state)
{
	static struct gyl_limit l;

	(void)state;
	for (int i = 0; i < 4; i++)
		gyl_limit_failed(&l, 1, 0);
	assert_int_equal(gyl_limit_wait_ns(&l, 1, 0), 2 * S);
	assert_int_equal(gyl_limit_failed(&l, 1, (2 + 3600) * S - 1), 5); /* not yet an hour */
	assert_int_equal(gyl_limit_failed(&l, 1, (2 + 3600 + 4 + 3600) * S), 1);
	gyl_limit_failed(&l, 1, 0);
	gyl_limit_forget(&l, 1);
	gyl_limit_forget(&l, 7);
	assert_int_equal(gyl_limit_failed(&l, 1, 0), 1);
}

static void a_full_table_forgets_what_is_longest_ago(void **state)
{
	static struct gyl_limit l;

	(void)state;
	for (uint32_t ip = 0; ip < GYL_LIMIT_SOURCE_MAX; ip++)
		for (int i = 0; i < 3; i++)
			gyl_limit_failed(&l, ip, 10 + ip);
	gyl_limit_failed(&l, 0, 200); /* it comes again: 1 is the oldest now */
	assert_int_equal(gyl_limit_failed(&l, 1000, 201), 1);
	assert_int_equal(gyl_limit_wait_ns(&l, 1, 201), 0);
	assert_true(gyl_limit_wait_ns(&l, 0, 201) != 0);
	assert_true(gyl_limit_wait_ns(&l, 2, 201) != 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits_double_up_to_a_quarter_of_an_hour),
		cmocka_unit_test(a_success_and_an_hour_are_forgiven),
		cmocka_unit_test(a_full_table_forgets_what_is_longest_ago),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
