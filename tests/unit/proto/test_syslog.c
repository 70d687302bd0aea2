/* SPDX-License-Identifier: ISC */

/* Decoding: what depends on the receiver's clock, on the transport, and the properties. */

#include "tests/support/support.h"

#include <gyl/syslog.h>
#include <gyl/text.h>
#include <gyl/time.h>

static struct gyl_syslog decode_at(const char *text, const char *recv, int32_t zone_s)
{
	struct gyl_syslog_ctx ctx = {.zone_s = zone_s};
	struct gyl_syslog m;

	assert_int_equal(gyl_time_parse_rfc3339(gyl_view_str(recv), &ctx.recv_ns).err, GYL_OK);
	gyl_syslog_decode(gyl_view_str(text), &ctx, &m);
	return m;
}

/* Rules 24, 26, 28: the year, the zone and the skew. */
static const struct {
	const char *text, *recv, *ts;
	int32_t zone_s;
	uint32_t flags;
} times[] = {
	/* New Year, both ways */
	{"<13>Dec 31 23:59:59 h p: m", "2027-01-01T00:00:02Z", "2026-12-31T23:59:59Z", 0, 0},
	{"<13>Jan  1 00:00:03 h p: m", "2026-12-31T23:59:58Z", "2027-01-01T00:00:03Z", 0, 0},
	{"<13>Dec 31 23:30:00 h p: m", "2027-01-01T04:29:00Z", "2027-01-01T04:30:00Z", -18000, 0},
	{"<13>Jan  1 00:30:00 h p: m", "2026-12-31T23:29:00Z", "2026-12-31T23:30:00Z", 3600, 0},
	/* the 29th of February: in a leap year, the day after, from the years beside it, and never
	 */
	{"<13>Feb 29 13:00:00 h p: m", "2028-02-29T14:00:00Z", "2028-02-29T13:00:00Z", 0, 0},
	{"<13>Feb 29 13:00:00 h p: m", "2028-03-01T01:00:00Z", "2028-02-29T13:00:00Z", 0, 0},
	{"<13>Feb 29 13:00:00 h p: m", "2029-02-01T00:00:00Z", "2028-02-29T13:00:00Z", 0, 0},
	{"<13>Feb 29 13:00:00 h p: m", "2027-12-31T00:00:00Z", "2028-02-29T13:00:00Z", 0,
		GYL_SYSLOG_TS_SKEW},
	{"<13>Feb 29 13:00:00 h p: m", "2026-02-28T00:00:00Z", "-", 0, GYL_SYSLOG_BAD_TS},
	/* centuries: 2100 is no leap year, 2000 was */
	{"<13>Feb 29 13:00:00 h p: m", "2100-03-01T00:00:00Z", "-", 0, GYL_SYSLOG_BAD_TS},
	{"<13>Feb 29 13:00:00 h p: m", "2000-03-01T00:00:00Z", "2000-02-29T13:00:00Z", 0, 0},
	/* the sender's zone counts only when the line has none */
	{"<13>Nov 21 13:00:00 h p: m", "2026-11-21T12:00:01Z", "2026-11-21T12:00:00Z", 3600, 0},
	{"<13>Nov 21 13:00:00 UTC h p: m", "2026-11-21T12:00:01Z", "2026-11-21T13:00:00Z", 3600, 0},
	{"<13>2026-11-21T13:00:00Z h p: m", "2026-11-21T12:00:01Z", "2026-11-21T13:00:00Z", 3600,
		0},
	{"<14>1 2026-11-21T13:00:00 h a - - - m", "2026-11-21T12:00:01Z", "2026-11-21T12:00:00Z",
		3600, GYL_SYSLOG_LAX_TS},
	/* 25 hours are a zone mistake, more is a wrong clock */
	{"<13>Nov 22 15:00:00 h p: m", "2026-11-21T14:00:00Z", "2026-11-22T15:00:00Z", 0, 0},
	{"<13>Nov 22 15:00:01 h p: m", "2026-11-21T14:00:00Z", "2026-11-22T15:00:01Z", 0,
		GYL_SYSLOG_TS_SKEW},
	{"<13>2026-11-20T13:00:00Z h p: m", "2026-11-21T14:00:00Z", "2026-11-20T13:00:00Z", 0, 0},
	{"<13>2026-11-20T12:59:59Z h p: m", "2026-11-21T14:00:00Z", "2026-11-20T12:59:59Z", 0,
		GYL_SYSLOG_TS_SKEW},
	/* far years */
	{"<14>1 9999-12-31T23:59:59.999999Z h a - - - m", "2026-11-21T14:00:00Z",
		"9999-12-31T23:59:59.999999Z", 0, GYL_SYSLOG_TS_SKEW},
	{"<14>1 0000-01-01T00:00:00Z h a - - - m", "2026-11-21T14:00:00Z", "0000-01-01T00:00:00Z",
		0, GYL_SYSLOG_TS_SKEW},
	/* in UTC these have years that no timestamp can hold */
	{"<14>1 0000-01-01T00:00:00+00:01 h a - - - m", "2026-11-21T14:00:00Z", "-", 0,
		GYL_SYSLOG_TS_SKEW},
	{"<14>1 9999-12-31T23:59:59-00:01 h a - - - m", "2026-11-21T14:00:00Z", "-", 0,
		GYL_SYSLOG_TS_SKEW},
};

static void times_depend_on_the_receiver(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(times); i++) {
		struct gyl_syslog m = decode_at(times[i].text, times[i].recv, times[i].zone_s);
		struct gyl_writer w;
		char text[64];

		gyl_writer_init(&w, text, sizeof text);
		gyl_syslog_print_time(&w, &m);
		if (strcmp(gyl_text_cstr(&w), times[i].ts) != 0 || m.flags != times[i].flags)
			fail_msg("%s at %s: %s, flags %x", times[i].text, times[i].recv,
				gyl_text_cstr(&w), (unsigned)m.flags);
	}
}

/* Rule 19: cut between characters, with the length it had. */
static void a_cut_message_ends_with_a_whole_character(void **state)
{
	static const struct {
		const char *text;
		size_t len, msg_len;
	} cases[] = {
		{"<13>a: \xc3\xa9", 9, 2},
		{"<13>a: \xc3\xa9", 8, 0},
		{"<13>a: x\xe2\x82\xac", 10, 1},
		{"<13>a: x\xf0\x9f\x98\x80", 11, 1},
		{"<13>a: x\xf0\x9f\x98\x80", 12, 5},
		/* what is no UTF-8 is not mended by cutting more of it */
		{"<13>a: x\x80\x80\x80\x80", 12, 5},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		struct gyl_syslog_ctx ctx = {.flags = GYL_SYSLOG_CUT, .orig_len = 100000};
		struct gyl_syslog m;

		gyl_syslog_decode(gyl_view(cases[i].text, cases[i].len), &ctx, &m);
		assert_int_equal(m.msg.len, cases[i].msg_len);
		assert_true(m.flags & GYL_SYSLOG_CUT);
		assert_int_equal(m.orig_len, 100000);
	}
}

/* Rule 21: absent, NILVALUE and empty are three things, of which the first two mean the same. */
static void absent_is_not_empty(void **state)
{
	static const char recv[] = "2026-11-21T14:00:00Z";
	struct gyl_syslog m;

	(void)state;
	m = decode_at("<34>1 - - - - - -", recv, 0);
	assert_null(m.host.p);
	assert_null(m.msg.p);
	m = decode_at("<34>1 - - - - - - ", recv, 0);
	assert_non_null(m.msg.p);
	assert_int_equal(m.msg.len, 0);
	m = decode_at("<13>Nov 21 13:00:00 h p[]: m", recv, 0);
	assert_non_null(m.pid.p);
	assert_int_equal(m.pid.len, 0);
	m = decode_at("<13>Nov 21 13:00:00 h p: m", recv, 0);
	assert_null(m.pid.p);
}

/* Rule 20 */
static void sequence_ids_are_numbers_of_the_rfc(void **state)
{
	static const struct {
		const char *text;
		bool has;
		uint32_t id;
	} cases[] = {
		{"<14>1 - - - - - [meta sequenceId=\"1\"]", true, 1},
		{"<14>1 - - - - - [meta sequenceId=\"2147483647\"]", true, 2147483647},
		{"<14>1 - - - - - [meta sequenceId=\"2147483648\"]", false, 0},
		{"<14>1 - - - - - [meta sequenceId=\"99999999999\"]", false, 0},
		{"<14>1 - - - - - [meta sequenceId=\"0\"]", false, 0},
		{"<14>1 - - - - - [meta sequenceId=\"\"]", false, 0},
		{"<14>1 - - - - - [meta sequenceId=\"-1\"]", false, 0},
		{"<14>1 - - - - - [other sequenceId=\"1\"]", false, 0},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		struct gyl_syslog m = decode_at(cases[i].text, "2026-11-21T14:00:00Z", 0);

		assert_int_equal(m.has_seq_id, cases[i].has);
		assert_int_equal(m.seq_id, cases[i].id);
	}
}

static void structured_data_has_a_bound(void **state)
{
	struct gyl_syslog_ctx ctx = {0};
	struct gyl_syslog m;
	struct gyl_writer w;
	char text[2000];

	(void)state;
	for (unsigned cnt = GYL_SYSLOG_SD_CNT_MAX; cnt <= GYL_SYSLOG_SD_CNT_MAX + 1; cnt++) {
		gyl_writer_init(&w, text, sizeof text);
		gyl_text_str(&w, "<14>1 - - - - - ");
		for (unsigned i = 0; i < cnt; i++) {
			gyl_text_str(&w, "[a");
			gyl_text_u64(&w, i);
			gyl_text_str(&w, "]");
		}
		gyl_syslog_decode(gyl_writer_view(&w), &ctx, &m);
		assert_int_equal(m.flags & GYL_SYSLOG_BAD_SD,
			cnt > GYL_SYSLOG_SD_CNT_MAX ? GYL_SYSLOG_BAD_SD : 0);
	}
}

static void parameters_are_found_and_unescaped(void **state)
{
	struct gyl_syslog m =
		decode_at("<14>1 - - - - - [a x=\"1\"][b x=\"q\\\"\\\\\\]\\n\" y=\"\"] m",
			"2026-11-21T14:00:00Z", 0);
	struct gyl_view v;
	struct gyl_writer w;
	char text[20];

	(void)state;
	assert_true(gyl_syslog_sd_find(&m, gyl_view_str("b"), gyl_view_str("x"), &v));
	gyl_writer_init(&w, text, sizeof text);
	gyl_syslog_unescape(&w, v);
	assert_string_equal(gyl_text_cstr(&w), "q\"\\]\\n");
	assert_true(gyl_syslog_sd_find(&m, gyl_view_str("b"), gyl_view_str("y"), &v));
	assert_int_equal(v.len, 0);
	assert_false(gyl_syslog_sd_find(&m, gyl_view_str("a"), gyl_view_str("y"), &v));
	gyl_writer_init(&w, text, 3);
	gyl_syslog_unescape(&w, gyl_view_str("abcd"));
	assert_int_equal(w.fault.err, GYL_E_SPACE);
	assert_int_equal(w.len, 0);
}

/* Rule 51: nothing acts on a terminal, and it can be turned back. */
static void escaping_is_safe_and_reversible(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"plain", "plain"},
		{"a\\b", "a\\\\b"},
		{"\x1b[2J\r\n\t\x7f", "\\x1b[2J\\x0d\\x0a\\x09\\x7f"},
		{"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
		{"\xc2\x9b", "\\xc2\\x9b"},
		{"\xe2\x80\xae\xe2\x81\xa6\xd8\x9c\xe2\x80\xa8",
			"\\xe2\\x80\\xae\\xe2\\x81\\xa6\\xd8\\x9c\\xe2\\x80\\xa8"},
		{"\xef\xbb\xbf\xff\xc3", "\\xef\\xbb\\xbf\\xff\\xc3"},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		struct gyl_writer w;
		char text[200];

		gyl_writer_init(&w, text, sizeof text);
		gyl_syslog_escape(&w, gyl_view_str(cases[i].in));
		assert_string_equal(gyl_text_cstr(&w), cases[i].out);
	}
}

static void check_views(struct gyl_view in, const struct gyl_syslog *m)
{
	const struct gyl_view views[] = {
		m->raw, m->ts, m->host, m->app, m->pid, m->msgid, m->sd, m->msg};
	struct gyl_syslog_sd cur;
	struct gyl_syslog_param p;

	for (size_t i = 0; i < TEST_CNT(views); i++)
		assert_true(view_inside(in, views[i]));
	for (gyl_syslog_sd_init(&cur, m); gyl_syslog_sd_next(&cur, &p);)
		assert_true(view_inside(m->sd, p.id) && view_inside(m->sd, p.name) &&
			    view_inside(m->sd, p.value));
	if (m->vendor == GYL_SYSLOG_X_CISCO)
		assert_true(view_inside(in, m->x.cisco.fac) &&
			    view_inside(in, m->x.cisco.mnemonic) &&
			    view_inside(in, m->x.cisco.seq) && view_inside(in, m->x.cisco.sub));
	if (m->vendor == GYL_SYSLOG_X_UNIFI)
		assert_true(view_inside(in, m->x.unifi.mac) && view_inside(in, m->x.unifi.fw));
	if (m->vendor == GYL_SYSLOG_X_ARUBA)
		assert_true(view_inside(in, m->x.aruba.ip) && view_inside(in, m->x.aruba.mac));
}

static void decode_prefix(struct gyl_view prefix, void *arg)
{
	struct gyl_syslog_ctx ctx = {.recv_ns = UINT64_C(1795269600000000000)};
	struct gyl_syslog m;

	(void)arg;
	gyl_syslog_decode(prefix, &ctx, &m);
	check_views(prefix, &m);
	assert_true(m.pri <= 191);
}

static void every_prefix_is_a_record(void **state)
{
	static const char *const texts[] = {
		"<165>1 2026-11-21T13:14:15.003Z h evntslog 7 ID47 [a@1 b=\"3\\\"\" c=\"\"][d] \xef\xbb\xbfx",
		"<13>Nov 21 13:00:00.5 2026 CET host prog[12]: m",
		"<189>45: core1: 000046: *Nov 21 13:00:00.123 CET: %PM-SP-4-ERR: x",
		"<189>51: RP/0/RSP0/CPU0:Nov 21 13:00:00.123 UTC: ifmgr[210]: %A-B-3-C : x",
		"<189>47: 1d02h: %SYS-5-RESTART: x",
		"<134>1 1795266000.250000000 MX84 flows allow",
		"<30>Nov 21 13:00:00 (\"U7LT,0418d6aabbcc,v4.3.28.11361\") kernel: x",
		"<15>HallB 0418d6aabbdd,USW_FLEX_MINI-2.0.0.704: INFORM: x",
		"<141>Nov 21 13:00:00 2026 10.0.0.5 <10.0.0.5 00:0b:86:aa:bb:cc> stm[3521]: x",
		"<30>dhcp,info event-pool",
		"<46>Nov 21 13:00:00 10.0.0.2 00076 ports:  x",
		"<38>Nov 21 13:00:00 Message forwarded from aix7: sshd[4]: [ID 7 auth.info] x",
		"<13>Nov 21 13:00:00 last message repeated 7 times",
		"83 <13>2026-11-21 13:00:00,250 +0100 ../../x prog: m",
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(texts); i++)
		prop_prefixes(gyl_view_str(texts[i]), decode_prefix, NULL);
}

static void names_exist(void **state)
{
	(void)state;
	assert_string_equal(gyl_syslog_flag_name(0), "bad_host");
	assert_string_equal(gyl_syslog_flag_name(GYL_SYSLOG_FLAG_CNT - 1), "ts_skew");
	assert_string_equal(gyl_syslog_flag_name(GYL_SYSLOG_FLAG_CNT), "?");
	assert_string_equal(gyl_syslog_fac_name(23), "local7");
	assert_string_equal(gyl_syslog_fac_name(24), "?");
	assert_string_equal(gyl_syslog_sev_name(7), "debug");
	assert_string_equal(gyl_syslog_sev_name(8), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_depend_on_the_receiver),
		cmocka_unit_test(a_cut_message_ends_with_a_whole_character),
		cmocka_unit_test(absent_is_not_empty),
		cmocka_unit_test(sequence_ids_are_numbers_of_the_rfc),
		cmocka_unit_test(structured_data_has_a_bound),
		cmocka_unit_test(parameters_are_found_and_unescaped),
		cmocka_unit_test(escaping_is_safe_and_reversible),
		cmocka_unit_test(every_prefix_is_a_record),
		cmocka_unit_test(names_exist),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
