/* SPDX-License-Identifier: ISC */

/* Encoding, and that decoding and encoding undo each other. */

#include "tests/support/support.h"

#include <gyl/syslog.h>
#include <gyl/text.h>

static const struct gyl_syslog_ctx ctx = {.recv_ns = UINT64_C(1795269600000000000)};

static struct gyl_syslog decode(const char *text)
{
	struct gyl_syslog m;

	gyl_syslog_decode(gyl_view_str(text), &ctx, &m);
	return m;
}

/* Rule 21 */
static const char *const valid[] = {
	"<34>1 - - - - - -",
	"<0>1 - - - - - - ",
	"<191>1 2026-11-21T13:00:00Z h a p i - m",
	"<14>1 2026-11-21T13:00:00.5Z h a - - - m",
	"<14>1 2026-11-21T13:00:00.500000Z h a - - - m",
	"<14>1 2026-11-21T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% text",
	"<14>1 2026-11-21T13:00:00-00:00 2001:db8::5 a - - -  two spaces",
	"<14>1 0000-01-01T00:00:00+23:59 h a - - -",
	"<14>1 9999-12-31T23:59:59.999999-23:59 h a - - -",
	"<14>1 - ../../x a=b c]d \"e - m",
	"<14>1 - h a - - [e@1] m",
	"<14>1 - h a - - [e@1 q=\"\"][e@1 q=\"a \\\"b\\\" \\] \\\\ \\n \xc3\xa9\" q=\"2\"] m",
	"<14>1 - h a - - [timeQuality isSynced=\"0\"][meta sequenceId=\"7\"]",
	"<14>1 - h a - - - \xef\xbb\xbf",
	"<14>1 - h a - - - \xef\xbb\xbf\xc3\xa9",
	"<14>1 - h a - - - \xef\xbb\xbf\xef\xbb\xbftwice",
	"<14>1 - h a - - - \xff\x01 any octets",
	"<14>1 - h a - - - - [not=\"sd\"]",
};

static void valid_messages_come_back_octet_for_octet(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(valid); i++) {
		struct gyl_syslog m = decode(valid[i]);
		struct gyl_writer w;
		char buf[300];

		assert_int_equal(m.fmt, GYL_SYSLOG_5424);
		gyl_writer_init(&w, buf, sizeof buf);
		assert_int_equal(gyl_syslog_encode_5424(&w, &m).err, GYL_OK);
		assert_string_equal(gyl_text_cstr(&w), valid[i]);
	}
}

/* What was odd is written as the RFC wants it; RFC 3164 becomes RFC 5424. */
static const struct {
	const char *in, *out;
} mended[] = {
	{"<14>1 2026-11-21t13:00:00.1234567z h a - - - m",
		"<14>1 2026-11-21T13:00:00.123456Z h a - - - m"},
	{"<14>1 2026-02-30T13:00:00Z h a - - - m", "<14>1 - h a - - - m"},
	{"<14>1 - h\xc3\xa4lla a - - - m", "<14>1 - h??lla a - - - m"},
	{"<14>1 - h a - iiiiiiiiiijjjjjjjjjjkkkkkkkkkklll - m",
		"<14>1 - h a - iiiiiiiiiijjjjjjjjjjkkkkkkkkkkll - m"},
	{"<14>1 - h a - - [e@1 p=\"x]y\"][f]m", "<14>1 - h a - - [e@1 p=\"x\\]y\"][f] m"},
	{"<14>1 - h a - - [bad m", "<14>1 - h a - - - [bad m"},
	{"<13>Nov 21 13:00:00.25 h prog[12]: m", "<13>1 2026-11-21T13:00:00.25Z h prog 12 - - m"},
	{"<13>Nov 21 13:00:00 h words", "<13>1 2026-11-21T13:00:00Z h - - - - words"},
	{"words", "<13>1 - - - - - - words"},
};

static void odd_messages_are_mended(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(mended); i++) {
		struct gyl_syslog m = decode(mended[i].in);
		struct gyl_writer w;
		char buf[300];

		gyl_writer_init(&w, buf, sizeof buf);
		assert_int_equal(gyl_syslog_encode_5424(&w, &m).err, GYL_OK);
		assert_string_equal(gyl_text_cstr(&w), mended[i].out);
	}
}

static const struct {
	const char *in, *out;
	int32_t zone_s;
} bsd[] = {
	{"<14>1 2026-11-01T13:00:00.5Z h a p i [e@1] m", "<14>Nov  1 13:00:00 h a[p]: m", 0},
	{"<14>1 2026-11-30T23:30:00Z h a - - - m", "<14>Dec  1 00:30:00 h a: m", 3600},
	{"<14>1 2026-11-21T13:00:00Z - - - - - m", "<14>Nov 21 13:00:00 m", 0},
	{"<14>1 2026-11-21T13:00:00Z [h] a:b p] - - one\ntwo",
		"<14>Nov 21 13:00:00 ?h? a?b[p?]: one two", 0},
	{"<14>1 - h a - - - m", "<14>a: m", 0},
	{"<13>Nov 21 13:00:00 h prog[]: m", "<13>Nov 21 13:00:00 h prog[]: m", 0},
};

static void rfc3164_is_written_as_its_own_receivers_read_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(bsd); i++) {
		struct gyl_syslog m = decode(bsd[i].in);
		struct gyl_writer w;
		char buf[300];

		gyl_writer_init(&w, buf, sizeof buf);
		assert_int_equal(gyl_syslog_encode_3164(&w, &m, bsd[i].zone_s).err, GYL_OK);
		assert_string_equal(gyl_text_cstr(&w), bsd[i].out);
	}
}

/* Decode after encode gives the same values, in both formats. */
static void values_survive_rfc3164(void **state)
{
	struct gyl_syslog_ctx there = ctx;
	struct gyl_syslog m = decode("<165>1 2026-11-21T13:14:15Z h evntslog 7 - - text: more"),
			  again;
	struct gyl_writer w;
	char buf[300];

	(void)state;
	there.zone_s = -18000;
	gyl_writer_init(&w, buf, sizeof buf);
	assert_int_equal(gyl_syslog_encode_3164(&w, &m, there.zone_s).err, GYL_OK);
	gyl_syslog_decode(gyl_writer_view(&w), &there, &again);
	assert_int_equal(again.flags, 0);
	assert_int_equal(again.pri, m.pri);
	assert_true(again.ts_s == m.ts_s);
	assert_true(gyl_view_eq(again.host, m.host) && gyl_view_eq(again.app, m.app) &&
		    gyl_view_eq(again.pid, m.pid) && gyl_view_eq(again.msg, m.msg));
}

/* Every capacity: the header whole and MSG as far as it fits, never inside a character, or
 * GYL_E_SPACE. */
static void every_capacity_is_answered(void **state)
{
	static const char text[] =
		"<14>1 2026-11-21T13:00:00Z h a p i [e@1 q=\"2\"] a\xc3\xa9\xe2\x82\xac"
		"b";
	const size_t msg_off = 47;

	(void)state;
	for (size_t cap = 0; cap <= sizeof text; cap++) {
		struct gyl_syslog m = decode(text);
		struct gyl_writer w;
		struct gyl_fault f;
		uint8_t buf[sizeof text + 1];

		memset(buf, 0xa5, sizeof buf);
		gyl_writer_init(&w, buf, cap);
		f = gyl_syslog_encode_5424(&w, &m);
		assert_int_equal(buf[cap], 0xa5);
		if (cap < msg_off) {
			assert_int_equal(f.err, GYL_E_SPACE);
			assert_int_equal(w.len, 0);
			continue;
		}
		assert_int_equal(f.err, cap < sizeof text - 1 ? GYL_LENIENT : GYL_OK);
		assert_memory_equal(buf, text, w.len);
		assert_int_equal(gyl_utf8_prefix(gyl_writer_view(&w)), w.len);
		if (f.err == GYL_LENIENT)
			assert_int_equal(f.off, w.len - msg_off);
	}
}

static void what_has_no_form_is_refused(void **state)
{
	struct gyl_syslog m = decode("<14>1 9999-12-31T23:59:59-23:59 h a - - - m");
	struct gyl_writer w;
	char buf[300];

	(void)state;
	m.fmt = GYL_SYSLOG_3164;
	gyl_writer_init(&w, buf, sizeof buf);
	assert_int_equal(gyl_syslog_encode_5424(&w, &m).err, GYL_E_RANGE);
	assert_int_equal(w.len, 0);
	m = decode("x");
	m.pri = 192;
	gyl_writer_init(&w, buf, sizeof buf);
	assert_int_equal(gyl_syslog_encode_3164(&w, &m, 0).err, GYL_E_RANGE);
}

static struct gyl_fault write_sd(uint8_t *buf, size_t cap, size_t *ret_len, void *arg)
{
	struct gyl_syslog_sd_writer s;
	struct gyl_fault f;
	struct gyl_view sd;

	(void)arg;
	gyl_syslog_sd_begin(&s, buf, cap);
	gyl_syslog_sd_put_id(&s, "lease@32473");
	gyl_syslog_sd_put(&s, "host", gyl_view_str("a\"b]c\\d"));
	gyl_syslog_sd_put_u64(&s, "n", UINT64_MAX);
	gyl_syslog_sd_put(&s, "bad", gyl_view_str("\xff\xc3\xa9\xc3"));
	gyl_syslog_sd_put_id(&s, "empty");
	f = gyl_syslog_sd_end(&s, &sd);
	if (!gyl_failed(f))
		*ret_len = sd.len;
	return f;
}

static void structured_data_is_written_escaped(void **state)
{
	static const char want[] =
		"[lease@32473 host=\"a\\\"b\\]c\\\\d\" n=\"18446744073709551615\" "
		"bad=\"?\xc3\xa9?\"][empty]";
	uint8_t buf[200];
	size_t len = 0;

	(void)state;
	prop_capacities(150, write_sd, NULL);
	assert_int_equal(write_sd(buf, sizeof buf, &len, NULL).err, GYL_OK);
	assert_int_equal(len, sizeof want - 1);
	assert_memory_equal(buf, want, len);
}

static void bad_names_are_refused(void **state)
{
	static const char *const bad[] = {
		"", "a b", "a=b", "a]b", "a\"b", "\xc3\xa9", "aaaaaaaaaabbbbbbbbbbccccccccccddd"};
	struct gyl_syslog_sd_writer s;
	struct gyl_view sd;
	char buf[100];

	(void)state;
	for (size_t i = 0; i < TEST_CNT(bad); i++) {
		gyl_syslog_sd_begin(&s, buf, sizeof buf);
		gyl_syslog_sd_put_id(&s, bad[i]);
		assert_int_equal(gyl_syslog_sd_end(&s, &sd).err, GYL_E_NAME);
		gyl_syslog_sd_begin(&s, buf, sizeof buf);
		gyl_syslog_sd_put_id(&s, "ok");
		gyl_syslog_sd_put(&s, bad[i], gyl_view_str("x"));
		assert_int_equal(gyl_syslog_sd_end(&s, &sd).err, GYL_E_NAME);
	}
	gyl_syslog_sd_begin(&s, buf, sizeof buf);
	gyl_syslog_sd_put(&s, "x", gyl_view_str("y"));
	assert_int_equal(gyl_syslog_sd_end(&s, &sd).err, GYL_E_MISSING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(valid_messages_come_back_octet_for_octet),
		cmocka_unit_test(odd_messages_are_mended),
		cmocka_unit_test(rfc3164_is_written_as_its_own_receivers_read_it),
		cmocka_unit_test(values_survive_rfc3164),
		cmocka_unit_test(every_capacity_is_answered),
		cmocka_unit_test(what_has_no_form_is_refused),
		cmocka_unit_test(structured_data_is_written_escaped),
		cmocka_unit_test(bad_names_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
