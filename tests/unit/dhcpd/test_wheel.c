/* SPDX-License-Identifier: ISC */

/* The timer wheel beside a plain search: everything is due when it is due, never sooner, at most a
 * second later, however far away and in whatever slices. */

#include <gyl/time.h>

#include "services/dhcpd/wheel.h"
#include "tests/support/support.h"

enum {
	CNT = 200
};

static struct gyl_dhcpd_wheel wheel;
static struct gyl_dhcpd_lease lease[CNT + 1];
static uint64_t rng = 88172645463325252u;

static uint64_t any(uint64_t below)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return (rng >> 11) % below;
}

static void set(uint32_t i, uint64_t now_ns)
{
	lease[i].expiry_ns = now_ns + any(UINT64_C(1) << any(58));
	gyl__dhcpd_wheel_set(&wheel, lease, i);
}

static uint64_t earliest(void)
{
	uint64_t at = UINT64_MAX;

	for (uint32_t i = 1; i <= CNT; i++)
		if (lease[i].timed)
			at = gyl_time_min(at, lease[i].expiry_ns);
	return at;
}

/* The next one out, by the deadlines alone. */
static uint32_t next_due(uint64_t *now_ns)
{
	for (unsigned n = 0; n < 100000; n++) {
		uint64_t deadline_ns = gyl__dhcpd_wheel_deadline_ns(&wheel);
		unsigned budget = 1 + (unsigned)any(3);
		uint32_t i;

		if (deadline_ns > *now_ns)
			*now_ns = deadline_ns;
		i = gyl__dhcpd_wheel_next(&wheel, lease, *now_ns, &budget);
		if (i != 0)
			return i;
	}
	fail_msg("nothing comes due");
	return 0;
}

static void everything_is_due_in_time(void **state)
{
	uint64_t now_ns = 1000 * GYL_NS_PER_S;

	(void)state;
	for (uint32_t i = 1; i <= CNT; i++)
		set(i, now_ns);
	for (unsigned n = 0; n < 20000; n++) {
		uint64_t at = earliest();
		uint32_t i = next_due(&now_ns);

		assert_true(lease[i].expiry_ns <= now_ns);
		assert_true(now_ns <= gyl_time_add(at, GYL_NS_PER_S) || at < now_ns);
		assert_true(lease[i].expiry_ns / GYL_NS_PER_S <= at / GYL_NS_PER_S + 1);
		assert_false(lease[i].timed);
		set(i, now_ns);
		if (any(3) == 0) /* moved, or cleared and set */
			set(1 + (uint32_t)any(CNT), now_ns);
		if (any(50) == 0)
			now_ns += any(100 * GYL_NS_PER_S);
	}
}

static void nothing_set_is_never_due(void **state)
{
	struct gyl_dhcpd_wheel w;
	unsigned budget = 100;

	(void)state;
	memset(&w, 0, sizeof w);
	memset(lease, 0, sizeof lease);
	assert_true(gyl__dhcpd_wheel_deadline_ns(&w) == UINT64_MAX);
	lease[1].expiry_ns = GYL_TIME_INFINITE;
	gyl__dhcpd_wheel_set(&w, lease, 1);
	assert_true(gyl__dhcpd_wheel_deadline_ns(&w) == UINT64_MAX);
	assert_int_equal(gyl__dhcpd_wheel_next(&w, lease, UINT64_C(1) << 60, &budget), 0);
	lease[1].expiry_ns = 5;
	gyl__dhcpd_wheel_set(&w, lease, 1);
	gyl__dhcpd_wheel_clear(&w, lease, 1);
	gyl__dhcpd_wheel_clear(&w, lease, 1);
	assert_true(gyl__dhcpd_wheel_deadline_ns(&w) == UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_due_in_time),
		cmocka_unit_test(nothing_set_is_never_due),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
