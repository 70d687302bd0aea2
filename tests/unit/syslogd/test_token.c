/* SPDX-License-Identifier: ISC */

/* Members of a record and its words: what the index of a segment and a search go by. */

#include <gyl/text.h>
#include <stdio.h>

#include "services/syslogd/token.h"
#include "tests/support/support.h"

#define LINE                                                                              \
	"{\"seq\":7,\"recv\":\"2026-11-21T13:00:00.000125Z\",\"from\":\"10.0.1.7\","      \
	"\"peer\":{\"pid\":1,\"uid\":0},\"fmt\":\"3164\",\"pri\":13,\"fac\":1,\"sev\":5," \
	"\"ts\":null,\"host\":\"sw\\\\\",\"app\":\"a}\",\"pid\":\"9\",\"msgid\":null,"    \
	"\"sd\":{\"x@1\":[[\"k\",\"]}\\\"\"]]},\"msg\":\"say \\\"hi\\\"\",\"flags\":[],"  \
	"\"x\":{\"unifi\":{\"mac\":\"001122334455\"}},\"repeat_of\":6}\n"

static struct gyl_view field(const struct gyl_syslogd_fields *f, enum gyl_syslogd_field i)
{
	return f->v[i];
}

static void members_of_a_record(void **state)
{
	struct gyl_syslogd_fields f;
	uint8_t buf[64];

	(void)state;
	assert_true(gyl_syslogd_fields(gyl_view_str(LINE), &f));
	assert_int_equal(gyl_syslogd_number(&f, GYL_SYSLOGD_SEQ, 0), 7);
	assert_int_equal(gyl_syslogd_number(&f, GYL_SYSLOGD_SEV, 9), 5);
	assert_int_equal(gyl_syslogd_number(&f, GYL_SYSLOGD_REPEAT_OF, 0), 6);
	assert_int_equal(gyl_syslogd_time(&f, GYL_SYSLOGD_RECV) % 1000000000, 125000);
	assert_int_equal(gyl_syslogd_time(&f, GYL_SYSLOGD_TS), 0);
	assert_null(field(&f, GYL_SYSLOGD_TS).p);
	assert_null(field(&f, GYL_SYSLOGD_RAW).p);
	assert_true(gyl_view_eq(field(&f, GYL_SYSLOGD_HOST), gyl_view_str("sw\\\\")));
	assert_true(gyl_view_eq(field(&f, GYL_SYSLOGD_APP), gyl_view_str("a}")));
	assert_true(gyl_view_eq(
		field(&f, GYL_SYSLOGD_SD), gyl_view_str("{\"x@1\":[[\"k\",\"]}\\\"\"]]}")));
	assert_true(
		gyl_view_eq(gyl_syslogd_message(&f, buf, sizeof buf), gyl_view_str("say \"hi\"")));
}

static void what_is_no_record(void **state)
{
	static const char *const bad[] = {"", "{", "{}", "x", "{\"recv\":\"x\"}", "{\"seq\":7",
		"{\"seq\":}", "{\"seq\":7,}", "{\"seq\":7,\"sd\":{", "{\"seq\":7,\"msg\":\"\\\"}",
		"{\"seq\" 7}", "[7]"};
	struct gyl_syslogd_fields f;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(bad); i++)
		assert_false(gyl_syslogd_fields(gyl_view_str(bad[i]), &f));
	for (size_t len = 0; len < sizeof LINE - 2; len++)
		assert_false(gyl_syslogd_fields(gyl_view(LINE, len), &f));
}

static void escapes_are_undone(void **state)
{
	static const struct {
		const char *in, *want;
	} row[] = {
		{"plain", "plain"},
		{"\\n\\r\\t\\b\\f\\\"\\\\\\/", "\n\r\t\b\f\"\\/"},
		{"a\\u001bb\\u00e9\\u202ec", "a\033b\xc3\xa9\xe2\x80\xae"
					     "c"},
		{"\\u12", "u12"},
		{"end\\", "end"},
	};
	uint8_t buf[64];

	(void)state;
	for (size_t i = 0; i < TEST_CNT(row); i++) {
		struct gyl_view in = gyl_view_str(row[i].in), want = gyl_view_str(row[i].want);

		assert_true(gyl_view_eq(gyl_syslogd_octets(in, buf, sizeof buf), want));
		for (size_t cap = 0; cap < want.len; cap++)
			assert_true(gyl_syslogd_octets(in, buf, cap).len <=
				    (in.len == want.len ? in.len : cap));
	}
}

static void hex_is_read(void **state)
{
	struct gyl_syslogd_fields f;
	uint8_t buf[8];

	(void)state;
	assert_true(gyl_syslogd_fields(
		gyl_view_str("{\"seq\":1,\"msg\":null,\"msg_hex\":\"61ff62\"}"), &f));
	assert_true(gyl_view_eq(gyl_syslogd_message(&f, buf, sizeof buf), gyl_view("a\xff"
										   "b",
										  3)));
}

/* The words of a text, a bar between them. */
static const char *words(const char *text, bool json, char out[200])
{
	struct gyl_syslogd_tokens t;
	struct gyl_syslogd_token tok;
	struct gyl_writer w;

	gyl_writer_init(&w, out, 200);
	gyl_syslogd_tokens_init(&t, gyl_view_str(text), json);
	while (gyl_syslogd_tokens_next(&t, &tok)) {
		if (w.len != 0)
			gyl_text_char(&w, '|');
		gyl_put_view(&w, tok.norm);
	}
	return gyl_text_cstr(&w);
}

static void words_of_a_text(void **state)
{
	static const struct {
		const char *in, *want;
	} row[] = {
		{"", ""},
		{" ,;- ", ""},
		{"Failed password for root", "Failed|password|for|root"},
		{"eth0: link_up (1 Gb/s)", "eth0|link_up|1|Gb|s"},
		{"z\xc3\xbcrich.example", "z\xc3\xbcrich|example"},
		{"from 10.77.0.5:53, 10.77.0.6.", "from|10.77.0.5|53|10.77.0.6"},
		{"v1.2.3.4 1.2.3 1.2.3.4.5 1.2.3.400", "v1|2|3|4|1|2|3|1.2.3.4|5|1|2|3|400"},
		{"010.1.1.1 10.1.1.1x", "010|1|1|1|10|1|1|1x"},
		{"AA:BB:CC:DD:EE:FF", "aa:bb:cc:dd:ee:ff"},
		{"00-11-22-33-44-5a.", "00:11:22:33:44:5a"},
		{"0011.2233.445A up", "00:11:22:33:44:5a|up"},
		{"00112233445a 00112233445a6", "00:11:22:33:44:5a|00112233445a6"},
		{"ff:00:11:22:33:44:55 was 01:00:11:22:33:44:55",
			"ff|00:11:22:33:44:55|was|01|00:11:22:33:44:55"},
		{"aa:bb:cc:dd:ee", "aa|bb|cc|dd|ee"},
		{"2001:DB8:0::1 fe80::1%eth0 ::1", "2001:db8::1|fe80::1|eth0|::1"},
		{"fe80::1: timeout [2001:db8::ffff:1]", "fe80::1|timeout|2001:db8::ffff:1"},
		{"a::b at std::string :: ::zz", "a::b|at|std|string|zz"},
		{"13:00:00", "13|00|00"},
		{"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
	};
	char out[200];

	(void)state;
	for (size_t i = 0; i < TEST_CNT(row); i++)
		assert_string_equal(words(row[i].in, false, out), row[i].want);
}

static void escapes_stand_between_words(void **state)
{
	char out[200];

	(void)state;
	assert_string_equal(words("a\\nb\\u001bc\\\"d\\\\e\\", true, out), "a|b|c|d|e");
	assert_string_equal(words("\\u00", true, out), "");
	assert_string_equal(words("\\ufffd10.0.0.1", true, out), "10.0.0.1");
}

struct seen {
	uint64_t hash[64];
	unsigned cnt;
};

static void put(void *arg, uint64_t hash)
{
	struct seen *s = arg;

	assert_true(s->cnt < TEST_CNT(s->hash));
	s->hash[s->cnt++] = hash;
}

static bool has(const struct seen *s, uint64_t hash)
{
	for (unsigned i = 0; i < s->cnt; i++)
		if (s->hash[i] == hash)
			return true;
	return false;
}

static uint64_t word_hash(const char *text)
{
	struct gyl_syslogd_tokens t;
	struct gyl_syslogd_token tok;

	gyl_syslogd_tokens_init(&t, gyl_view_str(text), false);
	assert_true(gyl_syslogd_tokens_next(&t, &tok));
	return tok.hash;
}

static void words_of_a_record(void **state)
{
	struct gyl_syslogd_fields f;
	struct seen s = {.cnt = 0};
	uint8_t buf[64];

	(void)state;
	assert_true(gyl_syslogd_fields(gyl_view_str(LINE), &f));
	gyl_syslogd_record_tokens(&f, buf, sizeof buf, put, &s);
	assert_true(has(&s, word_hash("SAY")));
	assert_true(has(&s, word_hash("hi")));
	assert_true(has(&s, word_hash("10.0.1.7")));
	assert_true(has(&s, word_hash("00-11-22-33-44-55")));
	assert_true(
		has(&s, gyl_syslogd_token_field(GYL_SYSLOGD_TAG_FROM, gyl_view_str("10.0.1.7"))));
	assert_true(has(&s, gyl_syslogd_token_field(GYL_SYSLOGD_TAG_APP, gyl_view_str("A}"))));
	assert_false(has(&s, gyl_syslogd_token_field(GYL_SYSLOGD_TAG_HOST, gyl_view_str("A}"))));
	assert_false(has(&s, word_hash("k")));
}

/* What is on the disk goes by these numbers. */
static void hashes_stay_as_they_are(void **state)
{
	(void)state;
	assert_true(word_hash("Laptop") == word_hash("lAPTOP"));
	assert_true(word_hash("laptop") == UINT64_C(0x3d48668e34a1f767));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_of_a_record),
		cmocka_unit_test(what_is_no_record),
		cmocka_unit_test(escapes_are_undone),
		cmocka_unit_test(hex_is_read),
		cmocka_unit_test(words_of_a_text),
		cmocka_unit_test(escapes_stand_between_words),
		cmocka_unit_test(words_of_a_record),
		cmocka_unit_test(hashes_stay_as_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
