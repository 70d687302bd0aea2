/* SPDX-License-Identifier: ISC */

/* Templates: lines that cannot be forged, and paths that stay where they are. */

#include <gyl/text.h>

#include "services/syslogd/template.h"
#include "tests/support/support.h"

static const struct gyl_syslogd_head head = {.seq = 7,
	.recv = {(const uint8_t *)"2026-11-21T13:00:00.000125Z", 27},
	.from = {(const uint8_t *)"10.0.1.7", 8}};

/* The text that a template makes of a message; "" when there is no such template. */
static const char *made(const char *text, enum gyl_syslogd_use use, const char *raw, size_t raw_len)
{
	static char out[70000];
	struct gyl_syslog_ctx ctx = {.recv_ns = UINT64_C(1795266000000125999)};
	struct gyl_syslogd_template t;
	struct gyl_syslog m;
	struct gyl_syslogd_item it = {&m, &head, ctx.recv_ns, head.from};
	struct gyl_writer w;
	size_t max;

	gyl_syslog_decode(gyl_view(raw, raw_len), &ctx, &m);
	if (gyl_failed(gyl_syslogd_template_parse(gyl_view_str(text), use, &t)))
		return "";
	max = gyl_syslogd_template_max(&t, &it);
	assert_true(max < sizeof out);
	gyl_writer_init(&w, out, max);
	gyl_syslogd_template_put(&t, &it, &w);
	assert_true(gyl_writer_ok(&w));
	out[w.len] = '\0';
	return out;
}

#define MSG "<36>Nov 21 13:00:01 sw-3 sshd[42]: Failed \033[2J login"
#define NEW "<165>1 2026-11-21T14:00:01.5+01:00 ap.example app 17 ID [x@1 a=\"b\"] text"

static void lines_have_their_fields(void **state)
{
	static const struct {
		const char *text, *raw, *expect;
	} cases[] = {
		{"%time% %host% %app%[%pid%]: %msg%", MSG,
			"2026-11-21T13:00:01Z sw-3 sshd[42]: Failed \\x1b[2J login"},
		{"%recv% %from% %seq%", MSG, "2026-11-21T13:00:00.000125Z 10.0.1.7 7"},
		{"%facility%.%severity% %pri%", MSG, "auth.warning 36"},
		{"%msgid% %sd%", MSG, "- -"},
		{"%msgid% %sd% %msg%", NEW, "ID [x@1 a=\"b\"] text"},
		{"%time%", NEW, "2026-11-21T13:00:01.5Z"},
		{"100%% %year%-%month%-%day% %hour%:%minute%", NEW, "100% 2026-11-21 13:00"},
		{"%host% %time%", "<13>x: y", "10.0.1.7 2026-11-21T13:00:00.000125Z"},
		{"%raw%", "<13>a\\b\nc", "<13>a\\\\b\\x0ac"},
		{"%rfc5424%", NEW, NEW},
		{"%rfc5424%", "<13>x: y", "<13>1 2026-11-21T13:00:00.000125Z 10.0.1.7 x - - - y"},
		{"%rfc3164%", NEW, "<165>Nov 21 13:00:01 ap.example app[17]: text"},
		{"", MSG, ""},
		{"plain", MSG, "plain"},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++)
		assert_string_equal(made(cases[i].text, GYL_SYSLOGD_FOR_LINE, cases[i].raw,
					    strlen(cases[i].raw)),
			cases[i].expect);
}

static void json_is_the_record_without_its_line_end(void **state)
{
	static const char start[] =
		"<{\"seq\":7,\"recv\":\"2026-11-21T13:00:00.000125Z\",\"from\":\"10.0.1.7\"";
	const char *text = made("<%json%>", GYL_SYSLOGD_FOR_LINE, MSG, strlen(MSG));

	(void)state;
	assert_memory_equal(text, start, strlen(start));
	assert_string_equal(text + strlen(text) - 2, "}>");
	assert_null(strchr(text, '\n'));
}

static void another_collector_gets_octets_as_they_came(void **state)
{
	(void)state;
	assert_string_equal(made("%raw%", GYL_SYSLOGD_FOR_OCTETS, "<13>a\\b\nc", 9), "<13>a\\b\nc");
	assert_string_equal(
		made("%msg%", GYL_SYSLOGD_FOR_OCTETS, "<13>x: \xff\x1b", 9), "\xff\x1b");
}

/* Whatever a message says, it is one name, begins with no dot and has no '/'. */
static void paths_are_names_that_stay_in_their_directory(void **state)
{
	static const struct {
		const char *text, *raw;
		size_t len; /* of raw; 0: a string */
		const char *expect;
	} cases[] = {
		{"/l/%host%/%app%.log", MSG, 0, "/l/sw-3/sshd.log"},
		{"/l/%from%/%year%/%month%%day%", MSG, 0, "/l/10.0.1.7/2026/1121"},
		{"/l/%app%", "<13>1 - h ../../etc/passwd - - - x", 0, "/l/_._.._etc_passwd"},
		{"/l/%app%", "<13>1 - h .. - - - x", 0, "/l/_."},
		{"/l/%app%", "<13>1 - h . - - - x", 0, "/l/_"},
		{"/l/%app%", "<13>1 - h - - - - x", 0, "/l/-"},
		{"/l/%host%", "<13>1 - .hidden a - - - x", 0, "/l/_hidden"},
		{"/l/.%app%", "<13>1 - h . - - - x", 0, "/l/._"},
		{"/l/%host%.%app%", "<13>1 - UPPER a\\b - - - x", 0, "/l/upper.a_b"},
		{"/l/%msgid%", "<13>1 - h a - \xc3\xa4\x01 - x", 0, "/l/___"},
		{"/l/%app%", "<13>1 - h \x00zero - - - x", 23, "/l/_zero"},
		{"/l/%app%",
			"<13>1 - h 0123456789012345678901234567890123456789012345678901234567 - - - x",
			0, "/l/012345678901234567890123456789012345678901234567"},
		{"/l/%severity%/%facility%", MSG, 0, "/l/warning/auth"},
		{"/l/100%%", MSG, 0, "/l/100%"},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++)
		assert_string_equal(
			made(cases[i].text, GYL_SYSLOGD_FOR_PATH, cases[i].raw,
				cases[i].len != 0 ? cases[i].len : strlen(cases[i].raw)),
			cases[i].expect);
}

static void templates_that_are_none_are_refused_at_their_octet(void **state)
{
	static const char many[] =
		"%pid%%pid%%pid%%pid%%pid%%pid%%pid%%pid%%pid%%pid%%pid%%pid%%pid%%pid%%pid%%pid%"
		"%pid%%pid%%pid%%pid%%pid%%pid%%pid%%pid%%pid%%pid%%pid%%pid%%pid%%pid%%pid%%pid%%pid%";
	static const struct {
		const char *text;
		enum gyl_syslogd_use use;
		enum gyl_err err;
		size_t off;
	} cases[] = {
		{"%tim%", GYL_SYSLOGD_FOR_LINE, GYL_E_NAME, 1},
		{"a %Time%", GYL_SYSLOGD_FOR_LINE, GYL_E_NAME, 3},
		{"100%", GYL_SYSLOGD_FOR_LINE, GYL_E_SYNTAX, 3},
		{"%%%", GYL_SYSLOGD_FOR_LINE, GYL_E_SYNTAX, 2},
		{many, GYL_SYSLOGD_FOR_LINE, GYL_E_COUNT, 160},
		{"%msg%\n", GYL_SYSLOGD_FOR_LINE, GYL_OK, 0},
		{"%app%\n%msg%\n", GYL_SYSLOGD_FOR_LINE, GYL_E_RANGE, 5},
		{"/l/%msg%", GYL_SYSLOGD_FOR_PATH, GYL_E_NAME, 4},
		{"/l/%raw%", GYL_SYSLOGD_FOR_PATH, GYL_E_NAME, 4},
		{"/l/%pid%", GYL_SYSLOGD_FOR_PATH, GYL_E_NAME, 4},
		{"/l/../%host%", GYL_SYSLOGD_FOR_PATH, GYL_E_SYNTAX, 3},
		{"/l/./x", GYL_SYSLOGD_FOR_PATH, GYL_E_SYNTAX, 3},
		{"/l/..", GYL_SYSLOGD_FOR_PATH, GYL_E_SYNTAX, 3},
		{"/l/x/", GYL_SYSLOGD_FOR_PATH, GYL_E_SYNTAX, 5},
		{"", GYL_SYSLOGD_FOR_PATH, GYL_E_SYNTAX, 0},
		{"/l/...", GYL_SYSLOGD_FOR_PATH, GYL_OK, 0},
		{"/l/%host%%host%%host%%host%%host%", GYL_SYSLOGD_FOR_PATH, GYL_OK, 0},
		{"/l/%host%%host%%host%%host%%host%%app%", GYL_SYSLOGD_FOR_PATH, GYL_E_SPACE, 37},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		struct gyl_syslogd_template t;
		struct gyl_fault f =
			gyl_syslogd_template_parse(gyl_view_str(cases[i].text), cases[i].use, &t);

		if (f.err != cases[i].err || f.off != cases[i].off)
			fail_msg("%s: %s at %u", cases[i].text, gyl_err_text(f.err),
				(unsigned)f.off);
	}
}

static void the_directory_is_what_stands_before_the_first_field(void **state)
{
	static const struct {
		const char *path, *dir;
	} cases[] = {{"/var/log/%host%/x", "/var/log"}, {"/var/log/x", "/var/log"},
		{"/var/log/h-%host%", "/var/log"}, {"/%host%", "/"}, {"%host%", ""},
		{"/a/b%%/c", "/a"}};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++)
		assert_int_equal(gyl_syslogd_template_dir(gyl_view_str(cases[i].path)),
			strlen(cases[i].dir));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_have_their_fields),
		cmocka_unit_test(json_is_the_record_without_its_line_end),
		cmocka_unit_test(another_collector_gets_octets_as_they_came),
		cmocka_unit_test(paths_are_names_that_stay_in_their_directory),
		cmocka_unit_test(templates_that_are_none_are_refused_at_their_octet),
		cmocka_unit_test(the_directory_is_what_stands_before_the_first_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
