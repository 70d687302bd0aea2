/* SPDX-License-Identifier: ISC */

/* Rules in the core: which messages are records, which outputs get them, and what is counted of
 * those that are held back or folded. */

#include <stdio.h>

#include "services/syslogd/core_own.h"
#include "services/syslogd/entry.h"
#include "tests/support/syslogd_rules.h"
#include "tests/unit/syslogd/collector.h"

/* A collector with rules, and what its outputs have got: "a=text\nb=text\n". */
struct ruled {
	struct world w;
	struct rules_block b;
	struct gyl_log out;
	uint8_t out_text[GYL_SYSLOGD_OUT_CAP];
	char got[1 << 20];
	struct gyl_syslogd_helper helper;
	unsigned changed_cnt;
};

static void take_entries(struct ruled *r)
{
	size_t len = strlen(r->got);
	struct gyl_syslogd_entry e;

	for (uint32_t at = 0; at < r->out.len; at += (uint32_t)sizeof e + e.path_len + e.text_len) {
		const char *p = (const char *)r->out.p + at + sizeof e;

		memcpy(&e, r->out.p + at, sizeof e);
		assert_true(e.output < r->w.core.rules.output_cnt);
		len += (size_t)snprintf(r->got + len, sizeof r->got - len, "%s=%.*s%s%.*s\n",
			r->w.core.rules.output[e.output].name, (int)e.path_len, p,
			e.path_len != 0 ? "<" : "", (int)e.text_len, p + e.path_len);
	}
	r->out.len = 0;
}

static void changed(void *arg, const struct gyl_flat *f, const struct gyl_syslogd_conf *cf)
{
	struct ruled *r = arg;

	(void)f;
	(void)cf;
	take_entries(r); /* they are for the old outputs */
	r->changed_cnt++;
}

/* The expression of every rule is "boo". */
static int match(void *arg, unsigned rule, struct gyl_view text)
{
	(void)arg;
	(void)rule;
	for (size_t i = 0; i + 3 <= text.len; i++)
		if (memcmp(text.p + i, "boo", 3) == 0)
			return 1;
	return text.len == 0 ? -1 : 0;
}

static void drain(void *arg)
{
	take_entries(arg);
}

static int open_ruled(void **state)
{
	struct ruled *r = calloc(1, sizeof *r);

	assert_non_null(r);
	outbox_open(&r->w.b);
	r->w.b.now.wall_ns = UINT64_C(1795266000000000000); /* 2026-11-21T13:00:00Z */
	r->w.b.now.mono_ns = 1000 * GYL_NS_PER_S;
	r->w.log = (struct gyl_log){.p = r->w.text, .cap = sizeof r->w.text};
	r->out = (struct gyl_log){.p = r->out_text, .cap = sizeof r->out_text};
	r->w.b.out.log[0] = &r->w.log;
	r->w.b.out.log[GYL_SYSLOGD_OUT_LOG] = &r->out;
	r->w.conf.port = 514;
	r->w.conf.tcp_max = 16;
	r->w.conf.tcp_idle_ns = GYL_TIME_INFINITE;
	r->w.conf.events = GYL_SEV_INFO;
	r->helper = (struct gyl_syslogd_helper){r, changed, match, drain};
	rules_begin(&r->b);
	*state = r;
	return 0;
}

static int close_ruled(void **state)
{
	struct ruled *r = *state;

	outbox_close(&r->w.b);
	free(r);
	return 0;
}

static void begin(struct ruled *r)
{
	static const uint64_t key[2] = {1, 2};
	const struct gyl_flat *f = rules_end(&r->b, &r->w.conf);

	gyl_syslogd_init(&r->w.core, &r->w.conf, f, gyl_view_str("box"));
	gyl_syslogd_rules(&r->w.core, key, &r->helper);
}

static void say(struct ruled *r, uint32_t ip, const char *text)
{
	struct gyl_in in = {.kind = GYL_IN_DGRAM,
		.role = ip == 0 ? GYL_SYSLOGD_UNIX : GYL_SYSLOGD_UDP,
		.peer.ip = ip,
		.data = gyl_view_str(text)};

	assert_int_equal(give(&r->w, &in), 1);
	take_entries(r);
}

static void say_times(struct ruled *r, uint32_t ip, const char *text, unsigned cnt)
{
	for (unsigned i = 0; i < cnt; i++)
		say(r, ip, text);
}

static void expect_got(struct ruled *r, const char *text)
{
	assert_string_equal(r->got, text);
	r->got[0] = '\0';
}

/* How many records the log has since it was asked last. */
static unsigned records(struct ruled *r)
{
	unsigned cnt = 0;

	for (uint32_t i = 0; i < r->w.log.len; i++)
		cnt += r->w.text[i] == '\n';
	r->w.log.len = 0;
	return cnt;
}

static bool in_log(struct ruled *r, const char *what)
{
	r->w.text[r->w.log.len] = '\0';
	return strstr((const char *)r->w.text, what) != NULL;
}

static void wait_s(struct ruled *r, unsigned s)
{
	outbox_advance(&r->w.b, &gyl_syslogd_core, &r->w.core, s * GYL_NS_PER_S);
	take_entries(r);
}

static void stop(struct ruled *r)
{
	struct gyl_event e;
	struct gyl_in in = {.kind = GYL_IN_EVENT, .event = &e};

	gyl_event_init(&e, GYL_EV_BASE_STOP);
	gyl_event_str(&e, "program", gyl_view_str("x"));
	give(&r->w, &in);
	take_entries(r);
}

#define A IP(10, 0, 0, 1)
#define B IP(10, 0, 1, 2)

static void every_condition_must_fit(void **state)
{
	static const char yes[] = "<36>1 - ap-7 sshd 1 ID - a boo b";
	static const struct {
		uint32_t ip;
		const char *text;
		bool fits;
	} cases[] = {
		{A, yes, true}, {A, "<36>1 - AP-7 SSHD 1 id - a boo b", true},
		{B, yes, false},                                 /* another network */
		{0, yes, false},                                 /* a program of this machine */
		{A, "<38>1 - ap-7 sshd 1 ID - a boo b", false},  /* info is less than warning */
		{A, "<32>1 - ap-7 sshd 1 ID - a boo b", true},   /* emerg is more */
		{A, "<44>1 - ap-7 sshd 1 ID - a boo b", false},  /* facility syslog */
		{A, "<36>1 - sw-7 sshd 1 ID - a boo b", false},  /* host */
		{A, "<36>1 - - sshd 1 ID - a boo b", false},     /* its address is no ap-* */
		{A, "<36>1 - ap-7 ssh 1 ID - a boo b", false},   /* application */
		{A, "<36>1 - ap-7 - 1 ID - a boo b", false},     /* which it must have */
		{A, "<36>1 - ap-7 sshd 1 XID - a boo b", false}, /* message id */
		{A, "<36>1 - ap-7 sshd 1 ID - a bo b", false},   /* text */
	};
	struct ruled *r = *state;
	struct gyl_syslogd_rule_conf *c;

	rules_output(&r->b, "o", NULL, "%msg%");
	c = rules_rule(&r->b, "all", "o");
	c->facility = rules_octets(&r->b, "\x04\x0a", 2);
	c->severity = rules_list(&r->b, "<=warning");
	c->host = rules_list(&r->b, "x ap-*");
	c->app = rules_list(&r->b, "sshd?*x sshd");
	c->msgid = rules_list(&r->b, "I?");
	c->from = rules_list(&r->b, "10.0.0.0/24 192.0.2.1");
	c->message = rules_str(&r->b, "boo");
	begin(r);
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		say(r, cases[i].ip, cases[i].text);
		if ((r->got[0] != '\0') != cases[i].fits)
			fail_msg("%s", cases[i].text);
		r->got[0] = '\0';
	}
	assert_int_equal(r->w.core.rules.rule[0].stat.match_cnt, 3);
	assert_int_equal(records(r), TEST_CNT(cases));
}

/* A program of this machine that names no host is on this one; another sender is its address. */
static void who_names_no_host_has_one(void **state)
{
	struct ruled *r = *state;

	rules_output(&r->b, "here", NULL, "%host%");
	rules_output(&r->b, "there", "/l/%host%", "%from%");
	rules_rule(&r->b, "one", "here")->host = rules_list(&r->b, "box");
	rules_rule(&r->b, "two", "there")->host = rules_list(&r->b, "10.*");
	begin(r);
	say(r, 0, "<13>x: y");
	expect_got(r, "here=box\n");
	say(r, A, "<13>x: y");
	expect_got(r, "there=/l/10.0.0.1<10.0.0.1\n");
}

static void an_expression_that_takes_too_long_fits_nothing(void **state)
{
	struct ruled *r = *state;

	rules_rule(&r->b, "all", "")->message = rules_str(&r->b, "boo");
	begin(r);
	say(r, A, "<13>1 - h a - - -");
	assert_int_equal(r->w.core.rules.rule[0].stat.match_cnt, 0);
	assert_int_equal(r->w.core.rules.rule[0].stat.limit_cnt, 1);
	assert_int_equal(records(r), 1);
}

static void rules_go_on_until_one_says_stop(void **state)
{
	struct ruled *r = *state;

	rules_output(&r->b, "a", NULL, "%msg%");
	rules_output(&r->b, "b", "/l/%from%", "%app%: %msg%");
	rules_output(&r->b, "c", NULL, "%seq%");
	rules_rule(&r->b, "one", "a b");
	rules_rule(&r->b, "two", "a c")->app = rules_list(&r->b, "x");
	r->b.rule[1].stop = true;
	rules_rule(&r->b, "three", "c")->store = false;
	begin(r);
	say(r, A, "<13>x: one");
	expect_got(r, "a=one\nb=/l/10.0.0.1<x: one\nc=1\n");
	assert_int_equal(records(r), 1);
	say(r, A, "<13>y: two");
	expect_got(r, "a=two\nb=/l/10.0.0.1<y: two\nc=0\n"); /* it is no record */
	assert_int_equal(records(r), 0);
}

static void what_was_not_stored_is_not_repeated_either(void **state)
{
	struct ruled *r = *state;
	struct gyl_syslogd_rule_conf *c = rules_rule(&r->b, "no", "");

	c->app = rules_list(&r->b, "x");
	c->store = false;
	begin(r);
	say(r, A, "<13>y: one");
	say(r, A, "<13>last message repeated 2 times");
	assert_true(in_log(r, "\"repeat_of\":1"));
	records(r);
	say(r, A, "<13>x: one");
	say(r, A, "<13>last message repeated 2 times");
	assert_false(in_log(r, "repeat_of"));
}

/* Of each sender so many, and the sum is what was sent. */
static void a_rate_holds_back_and_tells(void **state)
{
	struct ruled *r = *state;
	struct gyl_syslogd_rule_conf *c;
	const struct gyl_event *e;
	uint64_t cnt;

	rules_output(&r->b, "o", NULL, "%msg%");
	c = rules_rule(&r->b, "few", "o");
	c->has_rate = true;
	c->rate.burst = 2;
	c->rate.interval_ns = 10 * GYL_NS_PER_S;
	begin(r);
	say_times(r, A, "<13>x: y", 5);
	say_times(r, B, "<13>x: z", 2);
	expect_got(r, "o=y\no=y\no=z\no=z\n");
	assert_int_equal(records(r), 4);
	wait_s(r, 10);
	e = outbox_event(&r->w.b, GYL_EV_SYSLOGD_HELD);
	assert_non_null(e);
	assert_true(gyl_event_get_u64(e, "count", &cnt));
	assert_int_equal(cnt, 3);
	wait_s(r, 30);
	assert_null(outbox_event(&r->w.b, GYL_EV_SYSLOGD_HELD)); /* once */
	say_times(r, A, "<13>x: y", 2);
	assert_int_equal(records(r), 2); /* a new time has begun */
	assert_int_equal(r->w.core.rules.rule[0].stat.match_cnt, 9);
	assert_int_equal(r->w.core.rules.rule[0].stat.held_cnt, 3);
}

/* More senders than places: what is forgotten of one is told with others. */
static void a_flood_of_senders_loses_no_count(void **state)
{
	enum {
		SENDERS = 3 * GYL_SYSLOGD_RATE_MAX
	};
	struct ruled *r = *state;
	struct gyl_syslogd_rule_conf *c = rules_rule(&r->b, "none", "");
	uint64_t told = 0, cnt;

	c->has_rate = true;
	c->rate.interval_ns = 10 * GYL_NS_PER_S;
	begin(r);
	for (uint32_t i = 1; i <= SENDERS; i++)
		say_times(r, i, "<13>x: y", 2);
	assert_int_equal(records(r), 0);
	for (unsigned i = 0; i < SENDERS && told < 2 * SENDERS; i++) {
		r->w.b.now.mono_ns += GYL_NS_PER_S;
		outbox_tick(&r->w.b, &gyl_syslogd_core, &r->w.core);
		for (unsigned k = 0; k < r->w.b.event_cnt; k++)
			told += gyl_event_get_u64(&r->w.b.event[k].e, "count", &cnt) ? cnt : 0;
	}
	assert_int_equal(told, 2 * SENDERS);
}

static void equal_messages_become_one_and_a_count(void **state)
{
	struct ruled *r = *state;

	rules_output(&r->b, "o", NULL, "%app%: %msg%");
	rules_rule(&r->b, "fold", "o")->fold_ns = 10 * GYL_NS_PER_S;
	begin(r);
	say_times(r, A, "<13>1 - h a 1 - - link down", 4);
	say_times(r, A, "<13>1 - h a 1 - - link up", 1);
	say_times(r, A, "<14>1 - h a 1 - - link down", 1); /* another severity */
	say_times(r, A, "<13>1 - h a 2 - - link down", 1); /* another process */
	say_times(r, B, "<13>1 - h a 1 - - link down", 2); /* another sender */
	expect_got(r, "o=a: link down\no=a: link up\no=a: link down\no=a: link down\n"
		      "o=a: link down\n");
	assert_int_equal(records(r), 5);
	wait_s(r, 10);
	assert_true(in_log(r, "\"from\":\"10.0.0.1\",\"fmt\":\"5424\",\"pri\":13"));
	assert_true(in_log(r, "\"app\":\"a\",\"pid\":\"1\""));
	assert_true(in_log(r,
		"\"msg\":\"message repeated 3 times: [link down]\",\"flags\":[\"repeat\"],"
		"\"x\":{\"repeat\":3},\"repeat_of\":1"));
	assert_int_equal(records(r), 2);
	assert_non_null(strstr(r->got, "o=a: message repeated 3 times: [link down]\n"));
	assert_non_null(strstr(r->got, "o=a: message repeated 1 times: [link down]\n"));
	r->got[0] = '\0';
	say(r, A, "<13>1 - h a 1 - - link down"); /* begins anew */
	expect_got(r, "o=a: link down\n");
	assert_int_equal(records(r), 1);
}

/* Numbered messages are equal when all but their numbers are. */
static void a_sequence_number_makes_no_difference(void **state)
{
	struct ruled *r = *state;

	rules_rule(&r->b, "fold", "")->fold_ns = 10 * GYL_NS_PER_S;
	begin(r);
	say(r, A, "<13>1 - h a 1 - [meta sequenceId=\"1\"] x");
	say(r, A, "<13>1 - h a 1 - [meta sequenceId=\"2\"] x");
	assert_int_equal(records(r), 1);
	say(r, A, "<13>1 - h a 1 - [x@1 a=\"1\"] x");
	say(r, A, "<13>1 - h a 1 - [x@1 a=\"2\"] x");
	assert_int_equal(records(r), 2);
}

/* Each output gets each message or its count, and the log, too. */
static void an_earlier_rule_has_them_all(void **state)
{
	struct ruled *r = *state;

	rules_output(&r->b, "all", NULL, "%msg%");
	rules_output(&r->b, "few", NULL, "%msg%");
	rules_rule(&r->b, "one", "all");
	rules_rule(&r->b, "two", "few")->fold_ns = 10 * GYL_NS_PER_S;
	begin(r);
	say_times(r, A, "<13>x: y", 3);
	expect_got(r, "all=y\nfew=y\nall=y\nall=y\n");
	wait_s(r, 10);
	expect_got(r, "few=message repeated 2 times: [y]\n");
	assert_int_equal(records(r), 2);
}

/* More different messages than places: those that lose theirs are told at once. */
static void a_flood_of_messages_loses_no_count(void **state)
{
	enum {
		CNT = 4 * GYL_SYSLOGD_FOLD_MAX
	};
	struct ruled *r = *state;
	uint64_t sum = 0, stored = 0;
	char text[40];
	const char *p;

	rules_output(&r->b, "o", NULL, "%msg%");
	rules_rule(&r->b, "fold", "o")->fold_ns = 10 * GYL_NS_PER_S;
	begin(r);
	for (unsigned i = 0; i < CNT; i++) {
		snprintf(text, sizeof text, "<13>x: %u", i);
		say_times(r, A, text, 3);
		stored += records(r);
	}
	wait_s(r, 10);
	stored += records(r);
	for (p = r->got; (p = strstr(p, "o=message repeated ")) != NULL; p++)
		sum += strtoul(p + 19, NULL, 10);
	assert_int_equal(sum, 2 * CNT);
	assert_int_equal(stored, 2 * CNT);
}

static void the_services_own_words_are_never_held_back(void **state)
{
	struct ruled *r = *state;
	struct gyl_syslogd_rule_conf *c = rules_rule(&r->b, "none", "");
	struct gyl_event e;
	struct gyl_in in = {.kind = GYL_IN_EVENT, .event = &e};

	c->has_rate = true;
	c->rate.interval_ns = 10 * GYL_NS_PER_S;
	c->fold_ns = 10 * GYL_NS_PER_S;
	begin(r);
	gyl_event_init(&e, GYL_EV_SYSLOGD_TORN);
	give(&r->w, &in);
	give(&r->w, &in);
	assert_int_equal(records(r), 2);
}

static void an_output_does_not_get_what_is_said_of_it(void **state)
{
	struct ruled *r = *state;
	struct gyl_event e;
	struct gyl_in in = {.kind = GYL_IN_EVENT, .event = &e};

	rules_output(&r->b, "a", NULL, "%msgid%");
	rules_output(&r->b, "b", NULL, "%msgid%");
	rules_rule(&r->b, "all", "a b")->from = rules_list(&r->b, "guyline");
	begin(r);
	gyl_event_init(&e, GYL_EV_SYSLOGD_LOST);
	gyl_event_str(&e, "output", gyl_view_str("a"));
	give(&r->w, &in);
	take_entries(r);
	expect_got(r, "b=syslogd.lost\n");
	assert_int_equal(records(r), 1);
}

/* At the end, and before another configuration, all counts are told. */
static void counts_survive_the_end(void **state)
{
	struct ruled *r = *state;
	struct gyl_syslogd_rule_conf *c;

	rules_output(&r->b, "o", NULL, "%msg%");
	c = rules_rule(&r->b, "few", "o");
	c->fold_ns = GYL_NS_PER_HOUR;
	c->has_rate = true;
	c->rate.burst = 1;
	c->rate.interval_ns = GYL_NS_PER_HOUR;
	begin(r);
	say_times(r, A, "<13>x: y", 5);
	say_times(r, A, "<13>x: z", 1);
	expect_got(r, "o=y\n");
	stop(r);
	assert_non_null(outbox_event(&r->w.b, GYL_EV_SYSLOGD_HELD));
	assert_non_null(strstr(r->got, "o=message repeated 4 times: [y]\n"));
	assert_int_equal(records(r), 3); /* y, its count, the stop */
}

static void a_log_without_room_gets_the_counts_later(void **state)
{
	struct ruled *r = *state;
	struct gyl_now now = r->w.b.now;

	rules_output(&r->b, "o", NULL, "%msg%");
	rules_rule(&r->b, "few", "o")->fold_ns = GYL_NS_PER_HOUR;
	begin(r);
	say_times(r, A, "<13>x: y", 5);
	r->got[0] = '\0';
	r->w.log.len = r->w.log.cap; /* a full disk */
	rules_begin(&r->b);
	rules_rule(&r->b, "other", "");
	gyl__syslogd_rules_changed(
		&r->w.core, now, &r->w.conf, rules_end(&r->b, &r->w.conf), &r->w.b.out);
	take_entries(r);
	assert_int_equal(r->changed_cnt, 1);
	r->w.log.len = 0;
	assert_true(gyl_syslogd_core.deadline_ns(&r->w.core) <= now.mono_ns);
	outbox_tick(&r->w.b, &gyl_syslogd_core, &r->w.core);
	assert_true(in_log(r, "message repeated 4 times: [y]"));
	assert_int_equal(records(r), 1);
	outbox_tick(&r->w.b, &gyl_syslogd_core, &r->w.core);
	assert_int_equal(records(r), 0);
	assert_true(gyl_syslogd_core.deadline_ns(&r->w.core) > now.mono_ns);
}

static void counters_of_named_rules_go_on(void **state)
{
	struct ruled *r = *state;

	rules_rule(&r->b, "kept", "");
	rules_rule(&r->b, "", "");
	begin(r);
	say(r, A, "<13>x: y");
	rules_begin(&r->b);
	rules_rule(&r->b, "new", "");
	rules_rule(&r->b, "", "");
	rules_rule(&r->b, "kept", "");
	gyl__syslogd_rules_changed(
		&r->w.core, r->w.b.now, &r->w.conf, rules_end(&r->b, &r->w.conf), &r->w.b.out);
	assert_int_equal(r->w.core.rules.rule[0].stat.match_cnt, 0);
	assert_int_equal(r->w.core.rules.rule[1].stat.match_cnt, 0);
	assert_int_equal(r->w.core.rules.rule[2].stat.match_cnt, 1);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, open_ruled, close_ruled)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(every_condition_must_fit),
		T(who_names_no_host_has_one),
		T(an_expression_that_takes_too_long_fits_nothing),
		T(rules_go_on_until_one_says_stop),
		T(what_was_not_stored_is_not_repeated_either),
		T(a_rate_holds_back_and_tells),
		T(a_flood_of_senders_loses_no_count),
		T(equal_messages_become_one_and_a_count),
		T(a_sequence_number_makes_no_difference),
		T(an_earlier_rule_has_them_all),
		T(a_flood_of_messages_loses_no_count),
		T(the_services_own_words_are_never_held_back),
		T(an_output_does_not_get_what_is_said_of_it),
		T(counts_survive_the_end),
		T(a_log_without_room_gets_the_counts_later),
		T(counters_of_named_rules_go_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
