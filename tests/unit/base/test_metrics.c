/* SPDX-License-Identifier: ISC */

/* Prometheus' text format, and the histogram behind it. */

#include "services/base/metrics.h"
#include "tests/support/support.h"

static char text[8192];
static struct gyl_writer w;

static struct gyl_metrics begin(size_t cap)
{
	struct gyl_metrics m;

	gyl_writer_init(&w, text, cap);
	gyl_metrics_init(&m, &w);
	return m;
}

static void is(const char *want)
{
	assert_true(gyl_writer_ok(&w));
	gyl_text_cstr(&w);
	assert_string_equal(text, want);
}

/* The bucket as its definition has it, bound by bound. */
static unsigned slow_index(uint64_t ns)
{
	unsigned i = 0;

	while (i < GYL_HISTOGRAM_BOUNDS && ns > gyl_histogram_bound_ns(i))
		i++;
	return i;
}

static void times_go_into_the_least_bound_not_below_them(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 64; n++) {
		uint64_t at = UINT64_C(1) << n;

		assert_int_equal(gyl_histogram_index(at - 1), slow_index(at - 1));
		assert_int_equal(gyl_histogram_index(at), slow_index(at));
		assert_int_equal(gyl_histogram_index(at + 1), slow_index(at + 1));
	}
	for (unsigned i = 0; i < GYL_HISTOGRAM_BOUNDS; i++) {
		uint64_t at = gyl_histogram_bound_ns(i);

		assert_int_equal(gyl_histogram_index(at - 1), i);
		assert_int_equal(gyl_histogram_index(at), i);
		assert_int_equal(gyl_histogram_index(at + 1), i + 1);
	}
	assert_int_equal(gyl_histogram_index(UINT64_MAX), GYL_HISTOGRAM_BOUNDS);
}

static void bounds_are_one_two_five(void **state)
{
	(void)state;
	assert_int_equal(gyl_histogram_bound_ns(0), 1000);
	for (unsigned i = 1; i < GYL_HISTOGRAM_BOUNDS; i++) {
		uint64_t a = gyl_histogram_bound_ns(i - 1), b = gyl_histogram_bound_ns(i);

		assert_true(i % 3 == 2 ? 2 * b == 5 * a : b == 2 * a);
	}
}

static void families_and_samples(void **state)
{
	struct gyl_metrics m = begin(sizeof text);
	const struct gyl_metrics_label label[] = {
		{"subnet", gyl_view_str("10.77.0.0/24")}, {"state", gyl_view_str("free")}};

	(void)state;
	gyl_metrics_counter(&m, "a_total", "Things.", 18446744073709551615u);
	gyl_metrics_family(&m, "b_seconds", GYL_METRICS_GAUGE, "Time.");
	gyl_metrics_ns(&m, NULL, 0, 1500000000);
	gyl_metrics_ns(&m, label, 1, 0);
	gyl_metrics_ns(&m, label, 1, 1);
	gyl_metrics_ns(&m, label, 2, 3000000000);
	gyl_metrics_u64(&m, label, 2, 7);
	is("# HELP a_total Things.\n# TYPE a_total counter\na_total 18446744073709551615\n"
	   "# HELP b_seconds Time.\n# TYPE b_seconds gauge\nb_seconds 1.5\n"
	   "b_seconds{subnet=\"10.77.0.0/24\"} 0\n"
	   "b_seconds{subnet=\"10.77.0.0/24\"} 0.000000001\n"
	   "b_seconds{subnet=\"10.77.0.0/24\",state=\"free\"} 3\n"
	   "b_seconds{subnet=\"10.77.0.0/24\",state=\"free\"} 7\n");
}

/* Help: backslash and line feed; labels: these and the quotation mark. */
static void what_would_end_a_text_is_escaped(void **state)
{
	struct gyl_metrics m = begin(sizeof text);
	const struct gyl_metrics_label label = {"l", gyl_view_str("a\"b\\c\nd")};

	(void)state;
	gyl_metrics_family(&m, "x", GYL_METRICS_GAUGE, "a\"b\\c\nd");
	gyl_metrics_u64(&m, &label, 1, 1);
	is("# HELP x a\"b\\\\c\\nd\n# TYPE x gauge\nx{l=\"a\\\"b\\\\c\\nd\"} 1\n");
}

static void histogram_lines_are_cumulative(void **state)
{
	struct gyl_metrics m = begin(sizeof text);
	const struct gyl_metrics_label label = {"service", gyl_view_str("dns")};
	struct gyl_histogram h = {0};

	(void)state;
	gyl_histogram_add(&h, 900, 2);
	gyl_histogram_add(&h, 2500000, 1);
	gyl_histogram_add(&h, 10000000001, 1);
	gyl_metrics_family(&m, "t_seconds", GYL_METRICS_HISTOGRAM, "Times.");
	gyl_metrics_histogram(&m, &label, 1, &h);
	gyl_text_cstr(&w);
	assert_non_null(strstr(text, "t_seconds_bucket{service=\"dns\",le=\"0.000001\"} 2\n"));
	assert_non_null(strstr(text, "t_seconds_bucket{service=\"dns\",le=\"0.002\"} 2\n"));
	assert_non_null(strstr(text, "t_seconds_bucket{service=\"dns\",le=\"0.005\"} 3\n"));
	assert_non_null(strstr(text, "t_seconds_bucket{service=\"dns\",le=\"10\"} 3\n"));
	assert_non_null(strstr(text, "t_seconds_bucket{service=\"dns\",le=\"+Inf\"} 4\n"));
	assert_non_null(strstr(text, "t_seconds_sum{service=\"dns\"} 10.002501801\n"));
	assert_non_null(strstr(text, "t_seconds_count{service=\"dns\"} 4\n"));
	assert_int_equal(gyl_histogram_cnt(&h), 4);
}

static void a_full_buffer_is_told(void **state)
{
	(void)state;
	for (size_t cap = 0; cap < 30; cap++) {
		struct gyl_metrics m = begin(cap);

		gyl_metrics_counter(&m, "a_total", "Things.", 1);
		assert_int_equal(w.fault.err, GYL_E_SPACE);
		assert_true(w.len <= cap);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_go_into_the_least_bound_not_below_them),
		cmocka_unit_test(bounds_are_one_two_five),
		cmocka_unit_test(families_and_samples),
		cmocka_unit_test(what_would_end_a_text_is_escaped),
		cmocka_unit_test(histogram_lines_are_cumulative),
		cmocka_unit_test(a_full_buffer_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
