/* SPDX-License-Identifier: ISC */

/* The collector's core: what becomes a record, what it is numbered, what waits and what is counted.
 */

#include <gyl/text.h>
#include <gyl/time.h>
#include <stdio.h>
#include <stdlib.h>

#include "services/syslogd/record.h"
#include "tests/unit/syslogd/collector.h"

static void send_len(struct world *w, uint8_t role, uint32_t ip, const void *data, size_t len)
{
	struct gyl_peer peer = {.ip = ip, .port = 40000};

	outbox_dgram(&w->b, &gyl_syslogd_core, &w->core, role, &peer, data, len);
}

static void send_text(struct world *w, uint32_t ip, const char *text)
{
	send_len(w, GYL_SYSLOGD_UDP, ip, text, strlen(text));
}

static size_t give_event(struct world *w, const struct gyl_event *e)
{
	struct gyl_in in = {.kind = GYL_IN_EVENT, .event = e};

	return give(w, &in);
}

static void a_message_becomes_one_line(void **state)
{
	struct world *w = *state;

	send_text(w, IP(10, 0, 1, 7),
		"<34>1 2026-11-21T13:00:00.003Z sw1 sshd 411 ID47 [a@1 k=\"v\"] \"hi\"\n");
	expect(w,
		"{\"seq\":1,\"recv\":\"2026-11-21T13:00:00.000125Z\",\"from\":\"10.0.1.7\","
		"\"fmt\":\"5424\",\"pri\":34,\"fac\":4,\"sev\":2,\"ts\":\"2026-11-21T13:00:00.003Z\","
		"\"host\":\"sw1\",\"app\":\"sshd\",\"pid\":\"411\",\"msgid\":\"ID47\","
		"\"sd\":{\"a@1\":[[\"k\",\"v\"]]},\"msg\":\"\\\"hi\\\"\",\"flags\":[]}\n");
}

static void what_is_odd_keeps_its_raw_text(void **state)
{
	struct world *w = *state;

	send_text(w, IP(10, 0, 1, 7), "oops");
	expect(w, "{\"seq\":1,\"recv\":\"2026-11-21T13:00:00.000125Z\",\"from\":\"10.0.1.7\","
		  "\"fmt\":\"3164\",\"pri\":13,\"fac\":1,\"sev\":5,\"ts\":null,"
		  "\"host\":null,\"app\":null,\"pid\":null,\"msgid\":null,"
		  "\"sd\":{},\"msg\":\"oops\",\"flags\":[\"no_pri\",\"no_ts\"],"
		  "\"raw\":\"oops\"}\n");
	send_len(w, GYL_SYSLOGD_UNIX, 0, "<13>1 - - - - - - \xff", 19);
	expect(w, "{\"seq\":2,\"recv\":\"2026-11-21T13:00:00.000125Z\",\"from\":\"unix\","
		  "\"fmt\":\"5424\",\"pri\":13,\"fac\":1,\"sev\":5,\"ts\":null,"
		  "\"host\":null,\"app\":null,\"pid\":null,\"msgid\":null,"
		  "\"sd\":{},\"msg\":null,\"msg_hex\":\"ff\",\"flags\":[\"bad_utf8\"],"
		  "\"raw_hex\":\"3c31333e31202d202d202d202d202d202d20ff\"}\n");
}

static void nothing_at_all_is_a_record_too(void **state)
{
	struct world *w = *state;

	send_text(w, IP(10, 0, 1, 7), "");
	assert_true(gyl_syslogd_record_seq(gyl_view(w->text, w->log.len)) == 1);
	assert_int_equal(w->text[w->log.len - 1], '\n');
}

static void a_datagram_that_was_cut_says_so(void **state)
{
	struct world *w = *state;
	struct gyl_in in = {.kind = GYL_IN_DGRAM,
		.role = GYL_SYSLOGD_UNIX,
		.seq = 100,
		.data = gyl_view_str("<13>1 - - - - - - abc")};

	assert_int_equal(give(w, &in), 1);
	w->text[w->log.len] = '\0';
	assert_non_null(strstr((const char *)w->text, "\"flags\":[\"cut\"],\"x\":{\"len\":121}"));
}

static uint64_t last_seq(const struct world *w)
{
	uint32_t at = w->log.len - 1;

	while (at > 0 && w->text[at - 1] != '\n')
		at--;
	return gyl_syslogd_record_seq(gyl_view(w->text + at, w->log.len - at));
}

static void numbers_go_on_where_the_log_ends(void **state)
{
	struct world *w = *state;

	for (uint64_t i = 1; i <= 3; i++) {
		send_text(w, 1, "<13>x: y");
		assert_true(last_seq(w) == i);
	}
	assert_int_equal(w->b.record_cnt, 1); /* stored ahead once for many */
	make_core(w);
	gyl_syslogd_seq_last(&w->core, 2); /* the third was not written before the crash */
	outbox_restore(&w->b, &gyl_syslogd_core, &w->core);
	send_text(w, 1, "<13>x: y");
	assert_true(last_seq(w) == 3);
}

static void without_a_log_numbers_go_on_above_what_was_stored(void **state)
{
	struct world *w = *state;
	uint64_t seq;

	send_text(w, 1, "<13>x: y");
	make_core(w);
	outbox_restore(&w->b, &gyl_syslogd_core, &w->core);
	send_text(w, 1, "<13>x: y");
	seq = last_seq(w);
	assert_true(seq > 1);
	assert_int_equal(w->b.record_cnt, 2); /* the next block */
	make_core(w);
	outbox_restore(&w->b, &gyl_syslogd_core, &w->core);
	send_text(w, 1, "<13>x: y");
	assert_true(last_seq(w) > seq);
}

static void a_full_store_does_not_stop_the_log(void **state)
{
	struct world *w = *state;

	w->b.out.store_room = 0; /* until the next flush */
	send_text(w, 1, "<13>x: y");
	assert_int_equal(w->b.record_cnt, 0);
	w->b.out.store_room = 1000;
	send_text(w, 1, "<13>x: y");
	assert_int_equal(w->b.record_cnt, 1);
	assert_true(last_seq(w) == 2);
}

static void drops_of_the_kernel_are_told_and_recorded(void **state)
{
	struct world *w = *state;
	struct gyl_in in = {.kind = GYL_IN_DROPPED, .role = GYL_SYSLOGD_UDP, .seq = 812};
	struct gyl_event e;
	uint64_t v;

	send_text(w, 1, "<13>x: y");
	w->log.len = 0;
	w->b.now.wall_ns += GYL_NS_PER_MIN;
	assert_int_equal(give(w, &in), 1);
	assert_int_equal(w->b.event_cnt, 1);
	e = w->b.event[0].e;
	e.wall_ns = w->b.now.wall_ns;
	assert_int_equal(e.kind, GYL_EV_SYSLOGD_DROPPED);
	assert_true(gyl_event_get_u64(&e, "since", &v) && v == UINT64_C(1795266000000125999));
	assert_int_equal(w->log.len, 0);
	assert_int_equal(give_event(w, &e), 1);
	assert_int_equal(w->b.event_cnt, 0); /* a record of an event causes none */
	w->text[w->log.len] = '\0';
	assert_non_null(strstr((const char *)w->text,
		"\"from\":\"guyline\",\"fmt\":\"5424\",\"pri\":28,\"fac\":3,\"sev\":4,"
		"\"ts\":\"2026-11-21T13:01:00.000125Z\",\"host\":\"box\",\"app\":\"guyline-syslogd\","
		"\"pid\":null,\"msgid\":\"syslogd.dropped\",\"sd\":{\"gyl@32473\":[[\"count\",\"812\"],"
		"[\"port\",\"udp/514\"],"));
	w->b.now.mono_ns += GYL_NS_PER_S;
	assert_int_equal(give(w, &in), 1); /* and from here on the next ones count */
	assert_true(gyl_event_get_u64(&w->b.event[0].e, "since", &v) && v == w->b.now.wall_ns);
	assert_true(w->core.stat.dropped_cnt == 2 * 812);
}

static uint64_t dropped_cnt(struct world *w)
{
	const struct gyl_event *e = outbox_event(&w->b, GYL_EV_SYSLOGD_DROPPED);
	uint64_t v = 0;

	assert_true(e == NULL || gyl_event_get_u64(e, "count", &v));
	return v;
}

/* A flood brings a notice with every batch: they are told once a second, and none is left at the
 * end. */
static void drops_are_told_once_a_second(void **state)
{
	struct world *w = *state;
	struct gyl_in in = {.kind = GYL_IN_DROPPED, .role = GYL_SYSLOGD_UDP, .seq = 10};
	struct gyl_event stop;

	assert_int_equal(give(w, &in), 1);
	assert_int_equal(dropped_cnt(w), 10);
	for (int i = 0; i < 100; i++) {
		w->b.now.mono_ns += GYL_NS_PER_MS;
		assert_int_equal(give(w, &in), 1);
		assert_int_equal(dropped_cnt(w), 0);
	}
	assert_true(
		gyl_syslogd_core.deadline_ns(&w->core) == w->b.now.mono_ns + 900 * GYL_NS_PER_MS);
	outbox_advance(&w->b, &gyl_syslogd_core, &w->core, 900 * GYL_NS_PER_MS);
	assert_int_equal(dropped_cnt(w), 1000);
	assert_int_equal(give(w, &in), 1);
	assert_int_equal(dropped_cnt(w), 0);
	gyl_event_init(&stop, GYL_EV_BASE_STOP);
	assert_int_equal(give_event(w, &stop), 1);
	assert_int_equal(dropped_cnt(w), 10);
	assert_true(w->core.stat.dropped_cnt == 1020);
}

static void events_of_services_are_records_unless_too_small(void **state)
{
	struct world *w = *state;
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_DHCPD_LEASE);
	gyl_event_ip(&e, "ip", IP(10, 0, 0, 17));
	gyl_event_str(&e, "name", gyl_view_str("a\"]\\\n\xff"));
	e.wall_ns = w->b.now.wall_ns;
	assert_int_equal(give_event(w, &e), 1);
	assert_true(last_seq(w) == 1);
	w->text[w->log.len] = '\0';
	assert_non_null(strstr((const char *)w->text, "\"app\":\"guyline-dhcpd\""));
	assert_non_null(strstr((const char *)w->text, "\"msgid\":\"dhcpd.lease\""));
	assert_non_null(strstr((const char *)w->text, "[\"ip\",\"10.0.0.17\"]"));
	w->log.len = 0;
	gyl_event_init(&e, GYL_EV_DNS_QUERY); /* debug */
	assert_int_equal(give_event(w, &e), 1);
	assert_int_equal(w->log.len, 0);
	w->core.cf.events = GYL_SEV_DEBUG;
	assert_int_equal(give_event(w, &e), 1);
	assert_true(last_seq(w) == 2);
}

static void datagrams_wait_for_room_and_events_do_not(void **state)
{
	struct world *w = *state;
	struct gyl_in in = {.kind = GYL_IN_DGRAM, .data = gyl_view_str("<13>x: y")};
	struct gyl_event e;
	uint64_t seq;
	unsigned events = 0;

	while (give(w, &in) == 1)
		continue;
	seq = last_seq(w);
	assert_true(w->log.len > GYL_SYSLOGD_LOG_CAP / 2);
	gyl_event_init(&e, GYL_EV_BASE_NOTE);
	gyl_event_str(&e, "text", gyl_view_str("still there"));
	while (w->core.stat.event_lost_cnt == 0) {
		assert_int_equal(give_event(w, &e), 1);
		events++;
	}
	assert_true(events > 50);
	assert_true(last_seq(w) == seq + events - 1);
	assert_int_equal(give(w, &in), 0);
	w->log.len = 0; /* the owner wrote it */
	assert_int_equal(give(w, &in), 1);
	assert_true(last_seq(w) == seq + events);
}

/* syslog(3) of a program blocks when nobody reads: what has no room is dropped, and told later. */
static void programs_of_this_machine_never_wait(void **state)
{
	struct world *w = *state;
	struct gyl_in far = {.kind = GYL_IN_DGRAM, .data = gyl_view_str("<13>x: y")};
	struct gyl_in near = {
		.kind = GYL_IN_DGRAM, .role = GYL_SYSLOGD_UNIX, .data = gyl_view_str("<13>x: y")};
	const struct gyl_event *e;
	uint64_t cnt = 0;

	while (give(w, &far) == 1)
		continue;
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(give(w, &near), 1);
	assert_null(outbox_event(&w->b, GYL_EV_SYSLOGD_DROPPED));
	assert_int_equal(gyl_syslogd_core.deadline_ns(&w->core), 0);
	w->log.len = 0; /* the owner wrote it */
	outbox_tick(&w->b, &gyl_syslogd_core, &w->core);
	e = outbox_event(&w->b, GYL_EV_SYSLOGD_DROPPED);
	assert_non_null(e);
	assert_true(gyl_event_get_u64(e, "count", &cnt) && cnt == 5);
	assert_int_equal(w->core.stat.dropped_cnt, 5);
	outbox_tick(&w->b, &gyl_syslogd_core, &w->core);
	assert_null(outbox_event(&w->b, GYL_EV_SYSLOGD_DROPPED));
	assert_true(gyl_syslogd_core.deadline_ns(&w->core) != 0);
}

static void the_kernel_knows_who_sent_it(void **state)
{
	struct world *w = *state;
	struct gyl_in in = {.kind = GYL_IN_DGRAM,
		.role = GYL_SYSLOGD_UNIX,
		.peer = {.pid = 4711, .uid = 1000},
		.data = gyl_view_str("<13>x[1]: y")};

	assert_int_equal(give(w, &in), 1);
	w->text[w->log.len] = '\0';
	assert_non_null(strstr((const char *)w->text,
		"\"from\":\"unix\",\"peer\":{\"pid\":4711,\"uid\":1000},\"fmt\":"));
}

static void the_longest_datagram_fits_whatever_it_holds(void **state)
{
	static const struct {
		const char *name, *head;
		uint8_t fill;
	} cases[] = {
		{"controls", "", 1},
		{"controls in a field", "<13>1 - ", 2},
		{"quotes", "<13>", '"'},
		{"no UTF-8 in a field", "<13>1 - - ", 0xff},
		{"backslashes in a value", "<13>1 - - - - - [a b=\"", '\\'},
		{"empty elements", "<13>1 - - - - - [a]", '['},
		{"a mnemonic", "<13>45: Nov 21 13:00:00.000: %", 'A'},
	};
	static const char end[6] = {'-', '5', '-', 'X', ':', ' '};
	static uint8_t text[GYL_SYSLOGD_DGRAM_MAX];
	struct world *w = *state;

	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		memset(text, cases[i].fill, sizeof text);
		for (size_t k = 0; cases[i].head[k] != '\0'; k++)
			text[k] = (uint8_t)cases[i].head[k];
		if (cases[i].fill == 'A')
			memcpy(text + sizeof text - sizeof end, end, sizeof end);
		w->log.len = 0;
		send_len(w, GYL_SYSLOGD_UDP, 1, text, sizeof text);
		if (w->log.len < sizeof text || w->text[w->log.len - 2] != '}')
			fail_msg("%s: %u octets", cases[i].name, w->log.len);
	}
}

static void times_without_zone_are_read_in_the_senders(void **state)
{
	static const struct {
		uint32_t ip;
		const char *ts;
	} cases[] = {
		{IP(10, 0, 1, 7), "\"ts\":\"2026-11-21T11:00:00Z\""}, /* +02:00 */
		{IP(10, 0, 1, 9),
			"\"ts\":\"2026-11-21T22:30:00Z\""}, /* -09:30, the longer prefix */
		{IP(10, 0, 2, 7), "\"ts\":\"2026-11-21T12:00:00Z\""}, /* +01:00 for all others */
	};
	struct world *w = *state;

	w->core.zone_s = 3600;
	w->core.zone_cnt = 2;
	w->core.zone[0] = (struct gyl_syslogd_zone){IP(10, 0, 1, 0), 24, 7200};
	w->core.zone[1] = (struct gyl_syslogd_zone){IP(10, 0, 1, 9), 32, -34200};
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		w->log.len = 0;
		send_text(w, cases[i].ip, "<13>Nov 21 13:00:00 sw1 x: y");
		w->text[w->log.len] = '\0';
		assert_non_null(strstr((const char *)w->text, cases[i].ts));
	}
}

static void zones_and_networks_are_read_exactly(void **state)
{
	static const struct {
		const char *text;
		bool good;
		int32_t zone_s;
	} zones[] = {
		{"UTC", true, 0},
		{"Z", true, 0},
		{"+02:00", true, 7200},
		{"-09:30", true, -34200},
		{"+23:59", true, 86340},
		{"", false, 0},
		{"utc", false, 0},
		{"+2:00", false, 0},
		{"+0200", false, 0},
		{"+24:00", false, 0},
		{"+02:60", false, 0},
		{"+02:00 ", false, 0},
		{"+0a:00", false, 0},
	};
	static const struct {
		const char *text;
		bool good;
		uint32_t ip, len;
	} nets[] = {
		{"10.0.1.0/24", true, IP(10, 0, 1, 0), 24},
		{"10.0.1.7", true, IP(10, 0, 1, 7), 32},
		{"0.0.0.0/0", true, 0, 0},
		{"10.0.1.7/24", false, 0, 0},
		{"10.0.1.0/33", false, 0, 0},
		{"10.0.1.0/", false, 0, 0},
		{"10.0.1/24", false, 0, 0},
		{"", false, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(zones); i++) {
		int32_t zone_s = 0;
		bool good =
			!gyl_failed(gyl_syslogd_zone_parse(gyl_view_str(zones[i].text), &zone_s));

		if (good != zones[i].good || zone_s != zones[i].zone_s)
			fail_msg("%s: %d %d", zones[i].text, good, (int)zone_s);
	}
	for (size_t i = 0; i < TEST_CNT(nets); i++) {
		struct gyl_syslogd_zone z = {0};
		bool good = !gyl_failed(gyl_syslogd_network_parse(gyl_view_str(nets[i].text), &z));

		if (good != nets[i].good || z.ip != nets[i].ip || z.len != nets[i].len)
			fail_msg("%s: %d", nets[i].text, good);
	}
}

static void the_head_of_a_line_is_read_back(void **state)
{
	static const struct {
		const char *line;
		uint64_t seq, recv_ns;
	} cases[] = {
		{"{\"seq\":7,\"recv\":\"1970-01-01T00:00:01.000002Z\",\"from\"", 7, 1000002000},
		{"{\"seq\":18446744073709551615,\"recv\":\"x\"", UINT64_MAX, 0},
		{"{\"seq\":18446744073709551616,", 0, 0},
		{"{\"seq\":", 0, 0},
		{"{\"seq\":7", 7, 0},
		{"", 0, 0},
		{"seq", 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		struct guard g;

		guard_open(&g, gyl_view_str(cases[i].line));
		assert_true(gyl_syslogd_record_seq(g.view) == cases[i].seq);
		assert_true(gyl_syslogd_record_recv(g.view) == cases[i].recv_ns);
		guard_close(&g);
	}
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_message_becomes_one_line),
		T(what_is_odd_keeps_its_raw_text),
		T(nothing_at_all_is_a_record_too),
		T(a_datagram_that_was_cut_says_so),
		T(numbers_go_on_where_the_log_ends),
		T(without_a_log_numbers_go_on_above_what_was_stored),
		T(a_full_store_does_not_stop_the_log),
		T(drops_of_the_kernel_are_told_and_recorded),
		T(drops_are_told_once_a_second),
		T(events_of_services_are_records_unless_too_small),
		T(datagrams_wait_for_room_and_events_do_not),
		T(programs_of_this_machine_never_wait),
		T(the_kernel_knows_who_sent_it),
		T(the_longest_datagram_fits_whatever_it_holds),
		T(times_without_zone_are_read_in_the_senders),
		cmocka_unit_test(zones_and_networks_are_read_exactly),
		cmocka_unit_test(the_head_of_a_line_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
