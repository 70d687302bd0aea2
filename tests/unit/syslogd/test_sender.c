/* SPDX-License-Identifier: ISC */

/* What the collector learns from messages about who sends them. */

#include <gyl/text.h>
#include <stdio.h>

#include "tests/unit/syslogd/collector.h"

#define SENDER IP(10, 0, 1, 7)

/* A message that came now, whose time is that of now and off_s seconds, written with this format of
 * strftime's kind: %b %e %T or RFC 3339 with a Z. */
static void send_off(struct world *w, uint32_t ip, int64_t off_s, bool with_zone)
{
	struct gyl_peer peer = {.ip = ip};
	uint64_t ns = w->b.now.wall_ns + (uint64_t)off_s * GYL_NS_PER_S;
	struct gyl_writer t;
	char text[100], time[40];

	gyl_writer_init(&t, time, sizeof time);
	gyl_time_print_rfc3339(&t, ns, 0);
	gyl_text_cstr(&t);
	if (!with_zone)
		time[19] = '\0';
	snprintf(text, sizeof text, "<13>%s h p: m", time);
	w->log.len = 0;
	outbox_dgram(
		&w->b, &gyl_syslogd_core, &w->core, GYL_SYSLOGD_UDP, &peer, text, strlen(text));
}

static void send_raw(struct world *w, uint32_t ip, const char *text)
{
	struct gyl_peer peer = {.ip = ip};

	w->log.len = 0;
	outbox_dgram(
		&w->b, &gyl_syslogd_core, &w->core, GYL_SYSLOGD_UDP, &peer, text, strlen(text));
}

static bool says(struct world *w, const char *text)
{
	w->text[w->log.len] = '\0';
	return strstr((const char *)w->text, text) != NULL;
}

/* cnt messages, step_s apart; returns how many events of that kind there were. */
static unsigned send_many(struct world *w, unsigned cnt, uint64_t step_s, int64_t off_s,
	int64_t off_step_s, bool with_zone, enum gyl_event_kind kind)
{
	unsigned seen = 0;

	for (unsigned i = 0; i < cnt; i++) {
		w->b.now.wall_ns += step_s * GYL_NS_PER_S;
		w->b.now.mono_ns += step_s * GYL_NS_PER_S;
		send_off(w, SENDER, off_s + (int64_t)i * off_step_s, with_zone);
		seen += outbox_event(&w->b, kind) != NULL;
	}
	return seen;
}

static void reset(struct world *w, bool learn)
{
	w->conf.learn = learn;
	make_core(w);
}

static void zones_are_learned_from_what_stays_the_same(void **state)
{
	static const struct {
		const char *name;
		unsigned cnt;
		uint64_t step_s;
		int64_t off_s, off_step_s;
		bool with_zone, learn;
		const char *zone; /* NULL: none is learned */
	} cases[] = {
		{"an hour ahead", 8, 10, 3600, 0, false, true, "+01:00"},
		{"behind, and 20 s on the way", 8, 10, -9 * 3600 - 20, 0, false, true, "-09:00"},
		{"Nepal", 8, 10, 20700, 0, false, true, "+05:45"},
		{"the furthest", 8, 10, 14 * 3600, 0, false, true, "+14:00"},
		{"no such zone", 8, 10, 15 * 3600, 0, false, true, NULL},
		{"not yet", 7, 10, 3600, 0, false, true, NULL},
		{"a burst, which a spool may be", 100, 0, -3600, 0, false, true, NULL},
		{"a spool that is emptied twice as fast", 100, 10, -36000, 10, false, true, NULL},
		{"no quarter of an hour", 100, 10, 1200, 0, false, true, NULL},
		{"UTC", 100, 10, 0, 0, false, true, NULL},
		{"with a zone of its own", 100, 10, 3600, 0, true, true, NULL},
		{"not wanted", 100, 10, 3600, 0, false, false, NULL},
	};
	struct world *w = *state;

	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		unsigned seen;

		reset(w, cases[i].learn);
		seen = send_many(w, cases[i].cnt, cases[i].step_s, cases[i].off_s,
			cases[i].off_step_s, cases[i].with_zone, GYL_EV_SYSLOGD_ZONE);
		if (seen != (cases[i].zone != NULL))
			fail_msg("%s: %u events", cases[i].name, seen);
		if (cases[i].zone != NULL) {
			struct gyl_view v;

			assert_true(gyl_event_get_str(
				outbox_event(&w->b, GYL_EV_SYSLOGD_ZONE), "zone", &v));
			assert_true(gyl_view_eq(v, gyl_view_str(cases[i].zone)));
		}
	}
}

static void a_learned_zone_is_used_and_follows_summer_time(void **state)
{
	struct world *w = *state;

	reset(w, true);
	send_many(w, 8, 10, 3600, 0, false, GYL_EV_SYSLOGD_ZONE);
	w->b.now.wall_ns = UINT64_C(1795266000000000000); /* 2026-11-21T13:00:00Z */
	send_off(w, SENDER, 3600, false);
	assert_true(says(w, "\"ts\":\"2026-11-21T13:00:00Z\""));
	send_off(w, SENDER + 1, 3600, false); /* somebody else */
	assert_true(says(w, "\"ts\":\"2026-11-21T14:00:00Z\""));
	assert_int_equal(send_many(w, 8, 10, 7200, 0, false, GYL_EV_SYSLOGD_ZONE), 1);
	w->b.now.wall_ns = UINT64_C(1795266000000000000);
	send_off(w, SENDER, 7200, false);
	assert_true(says(w, "\"ts\":\"2026-11-21T13:00:00Z\""));
	/* and back to none */
	assert_int_equal(send_many(w, 8, 10, 0, 0, false, GYL_EV_SYSLOGD_ZONE), 1);
	assert_int_equal(send_many(w, 20, 10, 0, 0, false, GYL_EV_SYSLOGD_ZONE), 0);
}

static void clocks_are_told_once_and_when_they_are_right_again(void **state)
{
	struct world *w = *state;
	const struct gyl_event *e;
	uint64_t off_ns = 0;

	reset(w, true);
	assert_int_equal(send_many(w, 8, 10, -20, 0, true, GYL_EV_SYSLOGD_CLOCK), 0);
	assert_int_equal(send_many(w, 8, 10, 3600, 0, true, GYL_EV_SYSLOGD_CLOCK), 1);
	e = outbox_event(&w->b, GYL_EV_SYSLOGD_CLOCK);
	assert_true(gyl_event_get_u64(e, "off", &off_ns));
	assert_true(off_ns == 3600 * GYL_NS_PER_S);
	assert_int_equal(send_many(w, 100, 10, 3600, 0, true, GYL_EV_SYSLOGD_CLOCK), 0);
	/* not twice within an hour */
	assert_int_equal(send_many(w, 100, 10, -400, 0, true, GYL_EV_SYSLOGD_CLOCK), 0);
	assert_int_equal(send_many(w, 160, 10, -400, 0, true, GYL_EV_SYSLOGD_CLOCK), 1);
	w->b.now.wall_ns += 2 * GYL_NS_PER_HOUR;
	assert_int_equal(send_many(w, 20, 10, 0, 0, true, GYL_EV_SYSLOGD_RIGHT), 1);
	/* without a zone it is the clock when the zone is set, and none while it is learned */
	reset(w, true);
	assert_int_equal(send_many(w, 8, 10, 3600, 0, false, GYL_EV_SYSLOGD_CLOCK), 0);
	reset(w, false);
	assert_int_equal(send_many(w, 8, 10, 3600, 0, false, GYL_EV_SYSLOGD_CLOCK), 1);
}

static void send_number(struct world *w, const char *format, uint32_t n)
{
	char text[200];

	snprintf(text, sizeof text, format, n);
	send_raw(w, SENDER, text);
}

static void what_is_missing_by_its_number_is_counted(void **state)
{
	static const char meta[] = "<14>1 - h a p - [meta sequenceId=\"%u\"] m",
			  cisco[] = "<189>%u: 000007: Nov 21 13:00:00: %%SYS-5-X: m";
	static const struct {
		const char *name, *format;
		uint32_t n[8];
		uint64_t lost;
	} cases[] = {
		{"none", meta, {1, 2, 3}, 0},
		{"two", meta, {5, 6, 9}, 2},
		{"late ones fill the gap", meta, {5, 7, 6, 8}, 0},
		{"but not all", meta, {5, 8, 7}, 1},
		{"one came twice", meta, {5, 8, 8}, 2},
		{"begun anew", meta, {1000, 1, 2, 3}, 0},
		{"another sequence", meta, {1, 1000000000}, 0},
		{"the first number of two", cisco, {45, 46, 49}, 2},
	};
	struct world *w = *state;

	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		reset(w, true);
		for (unsigned k = 0; k < TEST_CNT(cases[i].n) && cases[i].n[k] != 0; k++)
			send_number(w, cases[i].format, cases[i].n[k]);
		assert_null(outbox_event(&w->b, GYL_EV_SYSLOGD_GAP));
		outbox_advance(&w->b, &gyl_syslogd_core, &w->core, 20 * GYL_NS_PER_S);
		if (w->core.stat.gap_cnt != cases[i].lost ||
			(outbox_event(&w->b, GYL_EV_SYSLOGD_GAP) != NULL) != (cases[i].lost != 0))
			fail_msg("%s: %u", cases[i].name, (unsigned)w->core.stat.gap_cnt);
	}
	/* processes count for themselves */
	reset(w, true);
	send_raw(w, SENDER, "<14>1 - h a 1 - [meta sequenceId=\"1\"] m");
	send_raw(w, SENDER, "<14>1 - h a 2 - [meta sequenceId=\"7\"] m");
	send_raw(w, SENDER, "<14>1 - h a 1 - [meta sequenceId=\"2\"] m");
	outbox_advance(&w->b, &gyl_syslogd_core, &w->core, 20 * GYL_NS_PER_S);
	assert_int_equal(w->core.stat.gap_cnt, 0);
}

static void a_repetition_names_the_record_of_its_sender(void **state)
{
	struct world *w = *state;

	send_raw(w, SENDER, "<13>Nov 21 13:00:00 last message repeated 2 times");
	assert_false(says(w, "repeat_of"));
	send_raw(w, SENDER, "<13>Nov 21 13:00:00 h p: m");
	send_raw(w, SENDER + 1, "<13>Nov 21 13:00:00 h p: m");
	send_raw(w, SENDER, "<13>Nov 21 13:00:00 last message repeated 2 times");
	assert_true(says(w, "\"x\":{\"repeat\":2},\"repeat_of\":2,\"raw\":"));
}

static void of_too_many_senders_the_oldest_is_forgotten(void **state)
{
	struct world *w = *state;

	reset(w, true);
	send_many(w, 8, 10, 3600, 0, false, GYL_EV_SYSLOGD_ZONE);
	for (uint32_t i = 0; i < 20 * GYL_SYSLOGD_SENDER_MAX; i++) {
		w->b.now.mono_ns += 1000;
		send_raw(w, IP(172, 16, 0, 0) + i, "<13>m");
		if (i % 1000 == 0) /* one that goes on stays */
			send_off(w, SENDER + 1, 0, false);
	}
	assert_false(gyl_syslogd_sender_get(&w->core.senders, SENDER, 1)->has_zone);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(zones_are_learned_from_what_stays_the_same),
		T(a_learned_zone_is_used_and_follows_summer_time),
		T(clocks_are_told_once_and_when_they_are_right_again),
		T(what_is_missing_by_its_number_is_counted),
		T(a_repetition_names_the_record_of_its_sender),
		T(of_too_many_senders_the_oldest_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
