/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/text.h>
#include <gyl/time.h>

static void arithmetic_saturates(void **state)
{
	(void)state;
	assert_true(gyl_time_add(1, 2) == 3);
	assert_true(gyl_time_add(UINT64_MAX - 1, 1) == GYL_TIME_INFINITE);
	assert_true(gyl_time_add(UINT64_MAX - 1, 2) == GYL_TIME_INFINITE);
	assert_true(gyl_time_add(GYL_TIME_INFINITE, GYL_TIME_INFINITE) == GYL_TIME_INFINITE);
	assert_true(gyl_time_sub(5, 3) == 2);
	assert_true(gyl_time_sub(3, 5) == 0);
	assert_true(gyl_time_sub(GYL_TIME_INFINITE, 5) == GYL_TIME_INFINITE);
	assert_true(gyl_time_mul(7, 6) == 42);
	assert_true(gyl_time_mul(UINT64_MAX / 2, 2) == UINT64_MAX - 1);
	assert_true(gyl_time_mul(UINT64_MAX / 2 + 1, 2) == GYL_TIME_INFINITE);
	assert_true(gyl_time_mul(GYL_TIME_INFINITE, 0) == 0);
	assert_true(gyl_time_from_s(UINT64_MAX) == GYL_TIME_INFINITE);
	assert_true(gyl_time_from_s(2) == 2 * GYL_NS_PER_S);
	assert_true(gyl_time_from_ms(2) == 2 * GYL_NS_PER_MS);
	assert_true(gyl_time_min(2, GYL_TIME_INFINITE) == 2);
}

/* Any text that is read as ns is at least as long as the one that is printed. */
static void printed_durations_are_exact_and_shortest(void **state)
{
	static const struct {
		uint64_t ns;
		const char *text, *about;
	} cases[] = {
		{1, "1ns", "1ns"},
		{90 * GYL_NS_PER_S, "90s", "1m30s"},
		{90 * GYL_NS_PER_MIN, "90m", "1h30m"},
		{48 * GYL_NS_PER_HOUR, "2d", "2d"},
		{GYL_NS_PER_DAY + 5 * GYL_NS_PER_S, "1d5s", "1d"},
		{GYL_NS_PER_S + 5 * GYL_NS_PER_MS, "1s5ms", "1s5ms"},
		{1500 * GYL_NS_PER_MS, "1500ms", "1s500ms"},
		/* equally short: the larger unit wins over 1563m */
		{26 * GYL_NS_PER_HOUR + 3 * GYL_NS_PER_MIN, "26h3m", "1d2h"},
		{UINT64_MAX - 1, "18446744073709551614ns", "213503d23h"},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		uint64_t back = 0;
		struct gyl_writer w;
		char buf[2 * GYL_TIME_TEXT_MAX];

		gyl_writer_init(&w, buf, sizeof buf);
		gyl_time_print(&w, cases[i].ns);
		assert_true(w.len < GYL_TIME_TEXT_MAX);
		assert_int_equal(gyl_time_parse(gyl_writer_view(&w), &back).err, GYL_OK);
		assert_true(back == cases[i].ns);
		assert_string_equal(gyl_text_cstr(&w), cases[i].text);
		gyl_writer_init(&w, buf, sizeof buf);
		gyl_time_print_about(&w, cases[i].ns);
		assert_string_equal(gyl_text_cstr(&w), cases[i].about);
	}
}

/* A calendar that counts day by day, against which the formulas are held. */
struct walk {
	int64_t year;
	unsigned month, day, yday;
};

static void walk_on(struct walk *k)
{
	k->yday++;
	if (++k->day <= gyl_time_month_days(k->year, k->month))
		return;
	k->day = 1;
	if (++k->month <= 12)
		return;
	k->month = 1;
	k->year++;
	k->yday = 0;
}

static void dates_follow_each_other(void **state)
{
	/* 1 January of year -400 is a Saturday, 865625 days before 1970. */
	struct walk k = {-400, 1, 1, 0};
	unsigned wday = 6;

	(void)state;
	for (int64_t day = -865625; day < 400000; day++, walk_on(&k), wday = (wday + 1) % 7) {
		struct gyl_civil c;
		int64_t back = 0;

		gyl_time_civil(day * 86400 + 86399, &c);
		if (c.year != k.year || c.month != k.month || c.day != k.day || c.yday != k.yday ||
			c.wday != wday)
			fail_msg("day %lld: %lld-%u-%u", (long long)day, (long long)c.year, c.month,
				c.day);
		assert_true(c.hour == 23 && c.minute == 59 && c.second == 59);
		assert_int_equal(gyl_time_unix(&c, &back).err, GYL_OK);
		assert_true(back == day * 86400 + 86399);
	}
	assert_true(k.year == 3065);
}

static void months_have_their_days(void **state)
{
	(void)state;
	assert_int_equal(gyl_time_month_days(1900, 2), 28);
	assert_int_equal(gyl_time_month_days(2000, 2), 29);
	assert_int_equal(gyl_time_month_days(-4, 2), 29);
	assert_int_equal(gyl_time_month_days(2026, 12), 31);
	assert_int_equal(gyl_time_month_days(2026, 0), 0);
	assert_int_equal(gyl_time_month_days(2026, 13), 0);
}

static void far_times_stay_defined(void **state)
{
	static const int64_t far[] = {INT64_MIN, INT64_MAX, -1};
	static const int64_t year[] = {-292277022657, 292277026596, 1969};
	struct gyl_civil c;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(far); i++) {
		gyl_time_civil(far[i], &c);
		assert_true(c.year == year[i]);
	}
}

static void parts_out_of_range_are_named(void **state)
{
	static const struct {
		struct gyl_civil c;
		size_t off;
	} cases[] = {
		{{INT64_C(10000000000), 1, 1, 0, 0, 0, 0, 0}, 0},
		{{2026, 0, 1, 0, 0, 0, 0, 0}, 1},
		{{2026, 13, 1, 0, 0, 0, 0, 0}, 1},
		{{2026, 2, 29, 0, 0, 0, 0, 0}, 2},
		{{2026, 2, 0, 0, 0, 0, 0, 0}, 2},
		{{2026, 2, 1, 24, 0, 0, 0, 0}, 3},
		{{2026, 2, 1, 0, 60, 0, 0, 0}, 4},
		{{2026, 2, 1, 0, 0, 61, 0, 0}, 5},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		int64_t s = 7;
		struct gyl_fault f = gyl_time_unix(&cases[i].c, &s);

		assert_int_equal(f.err, GYL_E_RANGE);
		assert_int_equal(f.off, cases[i].off);
		assert_true(s == 7);
	}
}

static void fractions_are_cut(void **state)
{
	static const char *const want[] = {"2026-08-23T09:30:00Z", "2026-08-23T09:30:00.1Z",
		"2026-08-23T09:30:00.12Z", "2026-08-23T09:30:00.129Z", "2026-08-23T09:30:00.1299Z",
		"2026-08-23T09:30:00.12999Z", "2026-08-23T09:30:00.129999Z",
		"2026-08-23T09:30:00.1299999Z", "2026-08-23T09:30:00.12999999Z",
		"2026-08-23T09:30:00.129999999Z", "2026-08-23T09:30:00.129999999Z"};

	(void)state;
	for (unsigned digits = 0; digits < TEST_CNT(want); digits++) {
		char buf[GYL_TIME_RFC3339_MAX];
		struct gyl_writer w;

		gyl_writer_init(&w, buf, sizeof buf);
		gyl_time_print_rfc3339(&w, UINT64_C(1787477400129999999), digits);
		assert_string_equal(gyl_text_cstr(&w), want[digits]);
	}
}

static struct gyl_fault print_all(uint8_t *buf, size_t cap, size_t *ret_len, void *arg)
{
	struct gyl_writer w;

	(void)arg;
	gyl_writer_init(&w, buf, cap);
	gyl_time_print_rfc3339(&w, UINT64_MAX, 9);
	gyl_time_print(&w, UINT64_MAX - 1);
	gyl_time_print_about(&w, UINT64_MAX - 1);
	gyl_time_print(&w, 0);
	gyl_time_print(&w, GYL_TIME_INFINITE);
	if (gyl_writer_ok(&w))
		*ret_len = w.len;
	return w.fault;
}

static void every_capacity_gives_all_or_space(void **state)
{
	(void)state;
	prop_capacities(120, print_all, NULL);
}

static void take_prefix(struct gyl_view prefix, void *arg)
{
	uint64_t ns = 7;
	bool date = *(bool *)arg;
	struct gyl_fault f =
		date ? gyl_time_parse_rfc3339(prefix, &ns) : gyl_time_parse(prefix, &ns);

	assert_true(!gyl_failed(f) || ns == 7);
	assert_true(f.off <= prefix.len);
}

static void every_prefix_gives_an_answer(void **state)
{
	bool date = true;

	(void)state;
	prop_prefixes(gyl_view_str("2026-08-23 09:30:60.123456789012+02:00"), take_prefix, &date);
	date = false;
	prop_prefixes(gyl_view_str("1d2h3m4s5ms6us7ns"), take_prefix, &date);
	prop_prefixes(gyl_view_str("infinite"), take_prefix, &date);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arithmetic_saturates),
		cmocka_unit_test(printed_durations_are_exact_and_shortest),
		cmocka_unit_test(dates_follow_each_other),
		cmocka_unit_test(months_have_their_days),
		cmocka_unit_test(far_times_stay_defined),
		cmocka_unit_test(parts_out_of_range_are_named),
		cmocka_unit_test(fractions_are_cut),
		cmocka_unit_test(every_capacity_gives_all_or_space),
		cmocka_unit_test(every_prefix_gives_an_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
