/* SPDX-License-Identifier: ISC */
#include "libnet/src/tcp_rtt.h"
#include "tests/support/support.h"

#include <gyl/time.h>

#define MS GYL_NS_PER_MS

/* RFC 6298 2.1 to 2.4, worked out by hand: SRTT, RTTVAR in microseconds and RTO in milliseconds
 * (no least) after each sample. */
static void numbers_of_rfc_6298(void **state)
{
	static const struct {
		uint64_t rtt_ns;
		uint32_t srtt_us, rttvar_us;
		uint64_t rto_us;
	} rows[] = {
		{100 * MS, 100000, 50000, 300000},
		{100 * MS, 100000, 37500, 250000},
		{180 * MS, 110000, 48125, 302500}, /* 7/8 100 + 1/8 180; 3/4 37.5 + 1/4 80 */
		{110 * MS, 110000, 36094, 254376},
		{30 * MS, 100000, 47071, 288284},
	};
	struct gyl__rtt r;

	(void)state;
	gyl__rtt_init(&r);
	assert_int_equal(gyl__rtt_rto_ns(&r, 0), GYL_NS_PER_S); /* 2.1 */
	for (size_t i = 0; i < TEST_CNT(rows); i++) {
		gyl__rtt_sample(&r, i * GYL_NS_PER_S, rows[i].rtt_ns);
		assert_int_equal(r.srtt_us, rows[i].srtt_us);
		assert_int_equal(r.rttvar_us, rows[i].rttvar_us);
		assert_int_equal(gyl__rtt_rto_ns(&r, 0), rows[i].rto_us * GYL_NS_PER_US);
	}
}

/* G is 1 ms: on a quiet LAN the timer does not fall to the round trip itself; and min_ns. */
static void least_timer(void **state)
{
	struct gyl__rtt r;

	(void)state;
	gyl__rtt_init(&r);
	for (int i = 0; i < 100; i++)
		gyl__rtt_sample(&r, 0, 20 * GYL_NS_PER_US);
	assert_int_equal(r.srtt_us, 20);
	assert_int_equal(gyl__rtt_rto_ns(&r, 0), 1020 * GYL_NS_PER_US);
	assert_int_equal(gyl__rtt_rto_ns(&r, 200 * MS), 200 * MS + 20 * GYL_NS_PER_US);
	gyl__rtt_init(&r);
	assert_int_equal(gyl__rtt_rto_ns(&r, 3 * GYL_NS_PER_S), 3 * GYL_NS_PER_S);
}

/* 5.5 and 5.7: doubled each time, up to 60 s; a sample ends it. */
static void back_off(void **state)
{
	uint64_t want_ns = 201 * MS;
	struct gyl__rtt r;

	(void)state;
	gyl__rtt_init(&r);
	gyl__rtt_sample(&r, 0, MS);
	for (int i = 0; i < 300; i++) {
		assert_int_equal(gyl__rtt_rto_ns(&r, 200 * MS),
			want_ns < 60 * GYL_NS_PER_S ? want_ns : 60 * GYL_NS_PER_S);
		gyl__rtt_backoff(&r);
		if (want_ns < 60 * GYL_NS_PER_S)
			want_ns *= 2;
	}
	assert_int_equal(gyl__rtt_rto_ns(&r, 0), 60 * GYL_NS_PER_S); /* from 3 ms as well */
	gyl__rtt_sample(&r, 0, MS);
	assert_int_equal(gyl__rtt_rto_ns(&r, 200 * MS), 201 * MS);
}

/* A peer that delays its acknowledgement by 40 ms is no reason to repeat, on a long path either. */
static void delayed_acknowledgement_on_a_long_path(void **state)
{
	struct gyl__rtt r;

	(void)state;
	gyl__rtt_init(&r);
	for (int i = 0; i < 100; i++)
		gyl__rtt_sample(&r, 0, 180 * MS);
	assert_in_range(gyl__rtt_rto_ns(&r, 200 * MS), 380 * MS, 382 * MS);
}

/* Nothing overflows, and nothing that was measured reads as "not measured". */
static void odd_samples(void **state)
{
	static const uint64_t rtt_ns[] = {0, 1, 999, UINT64_MAX, 0, UINT64_MAX, 61 * GYL_NS_PER_S};
	struct gyl__rtt r;

	(void)state;
	gyl__rtt_init(&r);
	for (size_t i = 0; i < TEST_CNT(rtt_ns); i++) {
		gyl__rtt_sample(&r, i, rtt_ns[i]);
		assert_int_not_equal(r.srtt_us, 0);
		assert_int_not_equal(r.min_us, 0);
		assert_in_range(gyl__rtt_rto_ns(&r, 0), MS, 60 * GYL_NS_PER_S);
	}
}

/* The least of this minute and of the one before: a longer path is believed after two minutes. */
static void least_of_two_minutes(void **state)
{
	static const struct {
		uint32_t at_s, rtt_us, min_us;
	} rows[] = {
		{1000, 500, 500},
		{1010, 300, 300},
		{1020, 900, 300},
		{1059, 900, 300},
		{1060, 800, 300}, /* the second minute */
		{1100, 700, 300},
		{1119, 750, 300},
		{1120, 900, 700}, /* the third: 300 is too old, 700 is not */
		{1179, 950, 700},
		{1180, 950, 900},
		{1181, 100, 100},   /* a shorter one at once */
		{5000, 2000, 2000}, /* after an hour of silence */
		{5061, 3000, 2000},
		{5125, 3000, 3000},
	};
	struct gyl__rtt r;

	(void)state;
	gyl__rtt_init(&r);
	assert_int_equal(r.min_us, 0);
	for (size_t i = 0; i < TEST_CNT(rows); i++) {
		gyl__rtt_sample(&r, rows[i].at_s * GYL_NS_PER_S, rows[i].rtt_us * GYL_NS_PER_US);
		assert_int_equal(r.min_us, rows[i].min_us);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_of_rfc_6298),
		cmocka_unit_test(least_timer),
		cmocka_unit_test(back_off),
		cmocka_unit_test(delayed_acknowledgement_on_a_long_path),
		cmocka_unit_test(odd_samples),
		cmocka_unit_test(least_of_two_minutes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
