/* SPDX-License-Identifier: ISC */

/* Regular expressions: what they match, where they break, and that none takes long. */

#include <gyl/base.h>
#include <time.h>

#include "services/syslogd/regex.h"
#include "tests/support/support.h"

static void they_match_octets_of_any_kind(void **state)
{
	static const struct {
		const char *pattern;
		bool caseless;
		const char *text;
		size_t len;
		int expect;
	} cases[] = {
		{"fail", false, "Login failed", 12, 1},
		{"FAIL", false, "Login failed", 12, 0},
		{"FAIL", true, "Login failed", 12, 1},
		{"(?i)FAIL", false, "Login failed", 12, 1},
		{"^$", false, NULL, 0, 1},
		{"a.c", false, "a\0c", 3, 1},
		{"x", false, "\xff\xfe x", 4, 1},
		{"^.$", false, "\xc3\xa4", 2, 1}, /* one character, not two octets */
		{"\xc3\x84", true, "\xc3\xa4", 2, 1},
		{"^.$", false, "\xff", 1, 0},
		{"\\d+ port \\d+", false, "from 10.0.0.1 port 22", 21, 1},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		char err[120];
		size_t off;
		struct gyl_regex *r = gyl_regex_open(
			gyl_view_str(cases[i].pattern), cases[i].caseless, err, &off);

		assert_non_null(r);
		assert_int_equal(
			gyl_regex_match(r, gyl_view(cases[i].text, cases[i].len)), cases[i].expect);
		gyl_regex_close(r);
	}
}

static void the_place_of_a_match_is_told(void **state)
{
	char err[120];
	size_t off, len;
	struct gyl_regex *r = gyl_regex_open(gyl_view_str("b+"), false, err, &off);

	(void)state;
	assert_int_equal(gyl_regex_match(r, gyl_view_str("aabbbc")), 1);
	gyl_regex_found(r, &off, &len);
	assert_int_equal(off, 2);
	assert_int_equal(len, 3);
	gyl_regex_close(r);
}

static void what_is_no_expression_is_refused_at_its_octet(void **state)
{
	static const struct {
		const char *pattern;
		size_t off;
	} cases[] = {{"a(b", 3}, {"[a", 2}, {"ab\\", 3}, {"\\C", 2}, {"(?<n", 4}, {"\xff", 0}};
	char longest[GYL_REGEX_PATTERN_MAX + 2], err[120];
	size_t off;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		assert_null(gyl_regex_open(gyl_view_str(cases[i].pattern), false, err, &off));
		assert_true(strlen(err) > 5);
		if (off != cases[i].off)
			fail_msg("%s: %u, %s", cases[i].pattern, (unsigned)off, err);
	}
	memset(longest, 'a', sizeof longest);
	assert_null(gyl_regex_open(gyl_view(longest, sizeof longest), false, err, &off));
}

/* Expressions that go back for ever end by their bounds; so does one that needs much memory. */
static void none_takes_long(void **state)
{
	static const char *const patterns[] = {"(a+)+$", "(a|aa)+$", "^(([a-z])+.)+[A-Z]([a-z])+$",
		"(.*)*(.*)*(.*)*b", "(a?){60}a{60}c"};
	char text[4096], err[120];
	struct timespec from, to;
	size_t off;

	(void)state;
	memset(text, 'a', sizeof text);
	text[sizeof text - 1] = '!';
	for (size_t i = 0; i < TEST_CNT(patterns); i++) {
		struct gyl_regex *r = gyl_regex_open(gyl_view_str(patterns[i]), false, err, &off);

		assert_non_null(r);
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
		assert_true(gyl_regex_match(r, gyl_view(text, sizeof text)) <= 0);
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
		assert_true(
			(to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000 <
			1000);
		gyl_regex_close(r);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_match_octets_of_any_kind),
		cmocka_unit_test(the_place_of_a_match_is_told),
		cmocka_unit_test(what_is_no_expression_is_refused_at_its_octet),
		cmocka_unit_test(none_takes_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
