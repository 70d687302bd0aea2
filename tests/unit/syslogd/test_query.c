/* SPDX-License-Identifier: ISC */

/* Which records a search finds, how it is said, and how they are shown. */

#include <gyl/json.h>
#include <gyl/text.h>
#include <stdio.h>

#include "services/syslogd/collect.h"
#include "services/syslogd/query.h"
#include "services/syslogd/query_text.h"
#include "tests/support/support.h"

static uint8_t scratch[GYL_SYSLOGD_QUERY_SCRATCH];

/* 2026-11-21T13:00:00Z */
#define NOW (UINT64_C(1795266000) * GYL_NS_PER_S)

#define REC(seq, sec, from, fac, sev, host, app, msg)                                      \
	"{\"seq\":" #seq ",\"recv\":\"2026-11-21T13:00:" sec ".000000Z\",\"from\":\"" from \
	"\",\"fmt\":\"3164\",\"pri\":0,\"fac\":" #fac ",\"sev\":" #sev                     \
	",\"ts\":null,\"host\":" host ",\"app\":" app                                      \
	",\"pid\":null,\"msgid\":null,\"sd\":{},\"msg\":" msg ",\"flags\":[]}"

static const char *const record[] = {
	REC(1, "01", "10.0.1.7", 4, 6, "\"sw-1\"", "\"sshd\"",
		"\"Failed password for root from 10.77.0.5 port 22\""),
	REC(2, "02", "10.0.1.8", 16, 3, "null", "\"kernel\"", "\"eth0: link down\""),
	REC(3, "03", "10.0.2.9", 3, 4, "\"AP-2\"", "null",
		"\"assoc 0011.2233.445A on wifi0/ap-2, \\\"guest\\\"\""),
	REC(4, "04", "guyline", 3, 7, "\"box\"", "\"guyline-dhcpd\"", "\"a\\tb 2001:DB8:0::1\""),
	REC(5, "05", "10.0.2.9", 3, 4, "\"AP-2\"", "null",
		"null,\"msg_hex\":\"6a7573742068657820ff20776f726473\""),
};

/* Bit n: record n + 1 fits. */
static unsigned found(const struct gyl_syslogd_query *q)
{
	unsigned set = 0;

	for (unsigned i = 0; i < TEST_CNT(record); i++) {
		struct gyl_syslogd_fields f;

		assert_true(gyl_syslogd_fields(gyl_view_str(record[i]), &f));
		if (gyl_syslogd_query_match(q, &f, NULL, scratch))
			set |= 1u << i;
	}
	return set;
}

static void words_fit_as_words(void **state)
{
	static const struct {
		const char *word;
		unsigned set;
	} row[] = {
		{"failed", 1},
		{"FAILED", 1},
		{"fail", 0},
		{"fail*", 1},
		{"password for", 1},
		{"password  for", 0},
		{"for password", 0},
		{"root", 1},
		{"sshd", 1},
		{"10.77.0.5", 1},
		{"10.77.0", 0},
		{"10.77.0.*", 1},
		{"10.0.1.8", 2},
		{"eth0", 2},
		{"eth?", 2},
		{"eth0:", 2},
		{"link", 2},
		{"00:11:22:33:44:5a", 4},
		{"00-11-22-33-44-5A", 4},
		{"00112233445a", 4},
		{"00:11:22:*", 4},
		{"wifi0/ap-2", 4},
		{"wifi0-ap-2", 0},
		{"\"guest\"", 4},
		{"ap-2, \"guest", 4},
		{"a\tb", 8},
		{"a b", 0},
		{"2001:db8::1", 8},
		{"words", 16},
		{"just hex", 16},
		{"msg_hex", 0},
		{"*", 31},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(row); i++) {
		struct gyl_syslogd_query q;

		gyl_syslogd_query_init(&q);
		assert_int_equal(gyl_syslogd_query_word(&q, gyl_view_str(row[i].word)).err, GYL_OK);
		gyl_syslogd_query_ready(&q);
		if (found(&q) != row[i].set)
			fail_msg("\"%s\" finds %#x", row[i].word, found(&q));
	}
}

static void all_that_is_asked_for_has_to_be_so(void **state)
{
	struct gyl_syslogd_query q;

	(void)state;
	gyl_syslogd_query_init(&q);
	assert_int_equal(found(&q), 31);
	gyl_syslogd_query_word(&q, gyl_view_str("root"));
	gyl_syslogd_query_word(&q, gyl_view_str("link"));
	assert_int_equal(found(&q), 0);
	gyl_syslogd_query_init(&q);
	q.severities = 1 << 4 | 1 << 3;
	assert_int_equal(found(&q), 2 | 4 | 16);
	q.facilities = 1 << 16;
	assert_int_equal(found(&q), 2);
	gyl_syslogd_query_init(&q);
	q.after_seq = 3;
	assert_int_equal(found(&q), 8 | 16);
	gyl_syslogd_query_init(&q);
	assert_int_equal(
		gyl_time_parse_rfc3339(gyl_view_str("2026-11-21T13:00:02Z"), &q.since_ns).err,
		GYL_OK);
	q.until_ns = q.since_ns + 2 * GYL_NS_PER_S;
	assert_int_equal(found(&q), 2 | 4);
}

static void fields_fit_patterns(void **state)
{
	static const struct {
		const char *host, *app, *from;
		unsigned set;
	} row[] = {
		{"sw-1", NULL, NULL, 1},
		{"SW-*,box", NULL, NULL, 1 | 8},
		{"10.0.1.8", NULL, NULL, 2},
		{"ap-?", NULL, NULL, 4 | 16},
		{"ap", NULL, NULL, 0},
		{NULL, "sshd,kern*", NULL, 3},
		{NULL, "*", NULL, 11},
		{NULL, NULL, "10.0.1.0/24", 3},
		{NULL, NULL, "10.0.2.9", 4 | 16},
		{NULL, NULL, "0.0.0.0/0", 1 | 2 | 4 | 16},
		{NULL, NULL, "guyline,10.0.1.7", 9},
		{"sw-1", "kernel", NULL, 0},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(row); i++) {
		struct gyl_syslogd_query q;

		gyl_syslogd_query_init(&q);
		q.host = row[i].host == NULL ? q.host : gyl_view_str(row[i].host);
		q.app = row[i].app == NULL ? q.app : gyl_view_str(row[i].app);
		q.from = row[i].from == NULL ? q.from : gyl_view_str(row[i].from);
		if (found(&q) != row[i].set)
			fail_msg("row %zu finds %#x", i, found(&q));
	}
}

static bool has_two_blanks(void *arg, struct gyl_view m)
{
	(void)arg;
	return memchr(m.p, '\t', m.len) != NULL || memchr(m.p, 0xff, m.len) != NULL;
}

static void an_expression_sees_the_octets(void **state)
{
	struct gyl_syslogd_query q;

	(void)state;
	gyl_syslogd_query_init(&q);
	q.grep = has_two_blanks;
	assert_int_equal(found(&q), 8 | 16);
}

static void words_that_are_none(void **state)
{
	struct gyl_syslogd_query q;

	(void)state;
	gyl_syslogd_query_init(&q);
	assert_int_equal(gyl_syslogd_query_word(&q, gyl_view_str("")).err, GYL_E_SYNTAX);
	assert_int_equal(gyl_syslogd_query_word(&q, gyl_view_str("->")).err, GYL_E_SYNTAX);
	for (int i = 0; i < GYL_SYSLOGD_QUERY_WORD_MAX; i++)
		assert_int_equal(gyl_syslogd_query_word(&q, gyl_view_str("a")).err, GYL_OK);
	assert_int_equal(gyl_syslogd_query_word(&q, gyl_view_str("a")).err, GYL_E_COUNT);
	gyl_syslogd_query_init(&q);
	assert_int_equal(gyl_syslogd_query_word(&q, gyl_view_str("a a a a a a a a a a a a a a a a "
								 "a a a a a a a a a a a a a a a a "
								 "a a a a a a a a a a a a a a a a "
								 "a a a a a a a a a a a a a a a a "
								 "a"))
				 .err,
		GYL_E_COUNT);
}

/* ---- what an index may hide, and what the search for lines passes over ---- */

static uint32_t below(uint64_t *rng, uint32_t n)
{
	*rng = *rng * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)(*rng >> 33) % n;
}

static const char *const piece[] = {"a", "B", "ab", "10.0.0.1", "10.0.0.12", "1", ":", ".", "-",
	" ", " ", "\"", "\\", "\n", "00:11:22:33:44:55", "0011.2233.4455", "001122334455",
	"00-11-22-33-44-55", "01:", "2001:db8::1", "::", "f", "/", "\xc3\xbc", "\x1b", "=", "root",
	"ROOT", "x0", "_"};

static size_t random_text(uint64_t *rng, char *buf, size_t cap, uint32_t max)
{
	size_t len = 0;

	for (uint32_t n = 1 + below(rng, max); n > 0; n--) {
		const char *s = piece[below(rng, TEST_CNT(piece))];

		if (len + strlen(s) > cap)
			break;
		memcpy(buf + len, s, strlen(s));
		len += strlen(s);
	}
	return len;
}

static const char *const host[] = {"sw-1", "AP-2", "core", "10.0.0.7"};
static const char *const from[] = {"10.0.0.9", "10.0.0.7", "unix"};

static void random_record(uint64_t *rng, unsigned seq, struct gyl_writer *w)
{
	char msg[200];
	struct gyl_view m = gyl_view(msg, random_text(rng, msg, sizeof msg, 12));
	struct gyl_json j;

	gyl_json_init(&j, w);
	gyl_json_obj(&j, NULL);
	gyl_json_u64(&j, "seq", seq);
	gyl_json_str_begin(&j, "recv");
	gyl_time_print_rfc3339(w, NOW + below(rng, 100) * GYL_NS_PER_S, 6);
	gyl_json_str_end(&j);
	gyl_json_cstr(&j, "from", from[below(rng, TEST_CNT(from))]);
	gyl_json_u64(&j, "fac", below(rng, 24));
	gyl_json_u64(&j, "sev", below(rng, 8));
	if (below(rng, 4) == 0)
		gyl_json_null(&j, "host");
	else
		gyl_json_cstr(&j, "host", host[below(rng, TEST_CNT(host))]);
	gyl_json_cstr(&j, "app", below(rng, 30) == 0 ? "rare\"app" : "usual");
	if (below(rng, 8) == 0) {
		gyl_json_null(&j, "msg");
		gyl_json_hex(&j, "msg_hex", m);
	} else {
		gyl_json_str(&j, "msg", m);
	}
	gyl_json_end(&j);
	gyl_text_char(w, '\n');
}

/* Words, and sometimes more; word is where they are. */
static void random_query(uint64_t *rng, struct gyl_syslogd_query *q, char word[2][40])
{
	gyl_syslogd_query_init(q);
	for (unsigned i = 0; i < 2; i++) {
		size_t len = random_text(rng, word[i], sizeof word[i], 3);

		if (below(rng, 2) == 0)
			gyl_syslogd_query_word(q, gyl_view(word[i], len));
	}
	if (below(rng, 4) == 0)
		q->host = gyl_view_str(below(rng, 2) == 0 ? "SW-1,x" : "10.0.0.7");
	if (below(rng, 4) == 0)
		q->app = gyl_view_str(below(rng, 2) == 0 ? "Rare\"app" : "r*");
	if (below(rng, 4) == 0)
		q->from = gyl_view_str(below(rng, 2) == 0 ? "10.0.0.7" : "10.0.0.8/30,nobody");
	if (below(rng, 4) == 0)
		q->severities = (uint8_t)(1u << below(rng, 8));
	if (below(rng, 4) == 0)
		q->since_ns = NOW + below(rng, 110) * GYL_NS_PER_S;
	gyl_syslogd_query_ready(q);
}

struct tokens {
	uint64_t hash[512];
	unsigned cnt;
};

static void keep(void *arg, uint64_t hash)
{
	struct tokens *t = arg;

	if (t->cnt < TEST_CNT(t->hash))
		t->hash[t->cnt++] = hash;
}

static bool keeps(const struct tokens *t, uint64_t hash)
{
	for (unsigned i = 0; i < t->cnt; i++)
		if (t->hash[i] == hash)
			return true;
	return false;
}

/* Number of lines that fit; each has all tokens that an index would be asked for. */
static unsigned scan(const struct gyl_syslogd_query *q, struct gyl_view text, uint64_t *ret_seqs)
{
	unsigned cnt = 0;

	while (text.len != 0) {
		size_t len = (size_t)((const uint8_t *)memchr(text.p, '\n', text.len) - text.p);
		struct tokens t = {.cnt = 0};
		struct gyl_syslogd_fields f;

		assert_true(gyl_syslogd_fields(gyl_view(text.p, len), &f));
		if (gyl_syslogd_query_match(q, &f, NULL, scratch)) {
			gyl_syslogd_record_tokens(&f, scratch, sizeof scratch, keep, &t);
			for (unsigned i = 0; i < q->token_cnt; i++)
				assert_true(keeps(&t, q->token[i].hash));
			*ret_seqs ^= UINT64_C(1) << gyl_syslogd_number(&f, GYL_SYSLOGD_SEQ, 0);
			cnt++;
		}
		text = gyl_view_sub(text, len + 1, text.len);
	}
	return cnt;
}

static unsigned search(const struct gyl_syslogd_query *q, struct gyl_view text, uint64_t *ret_seqs)
{
	struct gyl_syslogd_query_cursor cur;
	struct gyl_view line;
	unsigned cnt = 0;

	gyl_syslogd_query_begin(&cur, q, text);
	while (gyl_syslogd_query_next(&cur, &line)) {
		struct gyl_syslogd_fields f;

		assert_true(gyl_syslogd_fields(line, &f));
		if (gyl_syslogd_query_match(q, &f, NULL, scratch)) {
			*ret_seqs ^= UINT64_C(1) << gyl_syslogd_number(&f, GYL_SYSLOGD_SEQ, 0);
			cnt++;
		}
	}
	return cnt;
}

static void a_search_finds_what_a_scan_finds(void **state)
{
	static struct gyl_syslogd_collect c;
	static uint8_t buf[64 * 4096];
	uint64_t rng = 1;
	unsigned hits = 0, passed_over = 0;

	(void)state;
	gyl_syslogd_collect_init(&c);
	for (unsigned round = 0; round < 1000; round++) {
		struct gyl_syslogd_frame frame;
		struct gyl_syslogd_query q;
		struct gyl_writer w;
		char word[2][40];
		uint64_t a = 0, b = 0;
		unsigned cnt;

		gyl_writer_init(&w, buf, sizeof buf);
		for (unsigned i = 1; i < 16; i++)
			random_record(&rng, i, &w);
		gyl_syslogd_collect_frame(&c, gyl_writer_view(&w), &frame);
		random_query(&rng, &q, word);
		cnt = scan(&q, gyl_writer_view(&w), &a);
		assert_int_equal(search(&q, gyl_writer_view(&w), &b), cnt);
		assert_true(a == b);
		assert_true(cnt == 0 || gyl_syslogd_query_frame(&q, &frame));
		hits += cnt;
		passed_over += !gyl_syslogd_query_frame(&q, &frame);
	}
	assert_true(hits > 500);
	assert_true(passed_over > 200); /* or an index would be good for nothing */
}

/* ---- what people write ---- */

static void severities(void **state)
{
	static const struct {
		const char *text;
		int mask; /* -1 - offset of what is wrong */
	} row[] = {
		{"warning", 0x10},
		{"<=warning", 0x1f},
		{">=notice", 0xe0},
		{"err,Debug", 0x88},
		{"<=7", 0xff},
		{"error,warn,panic,critical", 0x1d},
		{"0", 1},
		{"", -1},
		{"8", -1},
		{"<=", -3},
		{"<=err,info", -7},
		{"err,,info", -5},
		{"wars", -1},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(row); i++) {
		uint8_t mask = 0;
		struct gyl_fault f = gyl_syslogd_severities(gyl_view_str(row[i].text), &mask);

		assert_int_equal(gyl_failed(f) ? -1 - (int)f.off : mask, row[i].mask);
	}
}

static void facilities(void **state)
{
	uint32_t mask = 0;

	(void)state;
	assert_int_equal(gyl_syslogd_facilities(gyl_view_str("kern,local7,4"), &mask).err, GYL_OK);
	assert_int_equal(mask, 1u | 1u << 23 | 1u << 4);
	assert_int_equal(gyl_syslogd_facilities(gyl_view_str("kern,local8"), &mask).off, 5);
	assert_int_equal(gyl_syslogd_facilities(gyl_view_str("24"), &mask).err, GYL_E_SYNTAX);
}

static void senders(void **state)
{
	(void)state;
	assert_int_equal(gyl_syslogd_senders(gyl_view_str("10.0.0.0/8,unix,10.*")).err, GYL_OK);
	assert_int_equal(gyl_syslogd_senders(gyl_view_str("10.0.0.0/33")).err, GYL_E_SYNTAX);
	assert_int_equal(gyl_syslogd_senders(gyl_view_str("10.0.0.1,")).err, GYL_OK);
	assert_int_equal(gyl_syslogd_senders(gyl_view_str("10.0.0.1,,a")).off, 9);
	assert_int_equal(gyl_syslogd_senders(gyl_view_str("")).err, GYL_E_SYNTAX);
}

static void points_in_time(void **state)
{
	static const struct {
		const char *text, *want; /* with a Z: absolute; NULL: refused */
	} row[] = {
		{"now", "2026-11-21T13:00:00Z"},
		{"2h", "2026-11-21T11:00:00Z"},
		{"1d90m", "2026-11-20T11:30:00Z"},
		{"1d2h", "2026-11-20T11:00:00Z"},
		{"90s", "2026-11-21T12:58:30Z"},
		{"infinite", NULL},
		{"2026-11-20T13:00:00.5Z", "2026-11-20T13:00:00Z"},
		{"2026-11-20T13:00:00+01:00", "2026-11-20T12:00:00Z"},
		{"2026-11-20", "2026-11-20T00:00:00"},
		{"2026-11-20 13:00", "2026-11-20T13:00:00"},
		{"2026-11-20T13:00:05", "2026-11-20T13:00:05"},
		{"13:00", "2026-11-21T13:00:00"},
		{"23:59:59", "2026-11-21T23:59:59"},
		{"today", "2026-11-21T00:00:00"},
		{"Yesterday", "2026-11-20T00:00:00"},
		{"yesterday 06:30", "2026-11-20T06:30:00"},
		{"today 06:30", "2026-11-21T06:30:00"},
		{"2026-02-29", NULL},
		{"2026-13-01", NULL},
		{"24:00", NULL},
		{"13:60", NULL},
		{"1:00", NULL},
		{"13:00x", NULL},
		{"yesterdayx", NULL},
		{"2026-11-20 ", NULL},
		{"tomorrow", NULL},
		{"5", NULL},
		{"", NULL},
	};
	const struct gyl_civil today = {.year = 2026, .month = 11, .day = 21, .hour = 14};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(row); i++) {
		struct gyl_syslogd_when t;
		struct gyl_fault f = gyl_syslogd_when(gyl_view_str(row[i].text), NOW, &today, &t);
		char text[40];

		if (row[i].want == NULL) {
			assert_true(gyl_failed(f));
			continue;
		}
		if (gyl_failed(f))
			fail_msg("\"%s\" is refused", row[i].text);
		if (!t.local)
			gyl_time_civil((int64_t)(t.wall_ns / GYL_NS_PER_S), &t.c);
		snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d%s", (int)t.c.year,
			t.c.month, t.c.day, t.c.hour, t.c.minute, t.c.second, t.local ? "" : "Z");
		assert_string_equal(text, row[i].want);
	}
}

/* ---- text ---- */

static const char *shown(const char *line, const struct gyl_syslogd_style *style, char out[300])
{
	struct gyl_syslogd_fields f;
	struct gyl_writer w;

	assert_true(gyl_syslogd_fields(gyl_view_str(line), &f));
	gyl_writer_init(&w, out, 300);
	gyl_syslogd_print_record(&w, &f, style, gyl_view_str(""), scratch);
	return gyl_text_cstr(&w);
}

static void records_as_text(void **state)
{
	const struct gyl_syslogd_style utc = {.utc = true}, east = {.zone_s = 3600},
				       colour = {.utc = true, .colour = true};
	char out[300];

	(void)state;
	assert_string_equal(shown(record[0], &utc, out),
		"2026-11-21 13:00:01.000Z sw-1 sshd: Failed password for root from 10.77.0.5 port 22\n");
	assert_string_equal(shown(record[1], &east, out),
		"2026-11-21 14:00:02.000 10.0.1.8 kernel: eth0: link down\n");
	assert_string_equal(shown(record[1], &colour, out),
		"2026-11-21 13:00:02.000Z\033[31m 10.0.1.8 kernel: eth0: link down\033[0m\n");
	assert_string_equal(shown(record[3], &utc, out),
		"2026-11-21 13:00:04.000Z box guyline-dhcpd: a\\x09b 2001:DB8:0::1\n");
	assert_string_equal(shown(record[4], &utc, out),
		"2026-11-21 13:00:05.000Z AP-2: just hex \\xff words\n");
	assert_string_equal(shown("{\"seq\":1,\"recv\":\"2026-11-21T13:00:00Z\",\"host\":\"h\","
				  "\"sd\":{\"a@1\":[[\"k\",\"v\"]]},\"msg\":\"\"}",
				    &utc, out),
		"2026-11-21 13:00:00.000Z h: {\"a@1\":[[\"k\",\"v\"]]}\n");
}

/* What could trick a terminal is undone in none of its forms. */
static void tricks_stay_visible(void **state)
{
	const struct gyl_syslogd_style utc = {.utc = true};
	char out[300];

	(void)state;
	assert_string_equal(
		shown("{\"seq\":1,\"recv\":\"2026-11-21T13:00:00Z\",\"host\":\"h\\u001b[2J\","
		      "\"app\":\"a\\\\b\",\"pid\":\"\\u202e1\",\"msg\":\"x\\ny\\u009b\"}",
			&utc, out),
		"2026-11-21 13:00:00.000Z h\\x1b[2J a\\\\b[\\xe2\\x80\\xae"
		"1]: x\\x0ay\\xc2\\x9b\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_fit_as_words),
		cmocka_unit_test(all_that_is_asked_for_has_to_be_so),
		cmocka_unit_test(fields_fit_patterns),
		cmocka_unit_test(an_expression_sees_the_octets),
		cmocka_unit_test(words_that_are_none),
		cmocka_unit_test(a_search_finds_what_a_scan_finds),
		cmocka_unit_test(severities),
		cmocka_unit_test(facilities),
		cmocka_unit_test(senders),
		cmocka_unit_test(points_in_time),
		cmocka_unit_test(records_as_text),
		cmocka_unit_test(tricks_stay_visible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
