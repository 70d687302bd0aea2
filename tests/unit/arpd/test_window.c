/* SPDX-License-Identifier: ISC */

/* What is too often, and what nobody asked for. */

#include "tests/unit/arpd/world.h"

static void make_strict(struct world *w)
{
	w->cf.flood_cnt = 50;
	w->cf.announce_cnt = 5;
	w->cf.sweep_cnt = 10;
	make_core(w);
}

static void flood_is(struct world *w, const char *what, uint64_t cnt)
{
	const struct gyl_event *e = outbox_event(&w->b, GYL_EV_ARPD_FLOOD);
	struct gyl_view text;
	uint64_t v;

	assert_non_null(e);
	assert_true(gyl_event_get_str(e, "what", &text));
	assert_true(gyl_view_eq(text, gyl_view_str(what)));
	assert_true(gyl_event_get_u64(e, "count", &v) && v == cnt);
}

static void many_announcements_of_a_station_are_a_flood_once(void **state)
{
	struct world *w = *state;

	make_strict(w);
	for (int i = 0; i < 4; i++)
		announces(w, NET + 1, mac_a);
	assert_int_equal(w->event_cnt[GYL_EV_ARPD_FLOOD], 0);
	announces(w, NET + 1, mac_a);
	flood_is(w, "announcements", 5);
	for (int i = 0; i < 20; i++)
		announces(w, NET + 1, mac_a);
	assert_int_equal(w->event_cnt[GYL_EV_ARPD_FLOOD], 1);
	after(w, 11 * GYL_NS_PER_S);
	for (int i = 0; i < 5; i++)
		announces(w, NET + 1, mac_a);
	assert_int_equal(w->event_cnt[GYL_EV_ARPD_FLOOD], 2);
}

static void a_slow_station_floods_never(void **state)
{
	struct world *w = *state;

	make_strict(w);
	for (int i = 0; i < 200; i++) {
		announces(w, NET + 1, mac_a);
		after(w, 3 * GYL_NS_PER_S);
	}
	assert_int_equal(w->event_cnt[GYL_EV_ARPD_FLOOD], 0);
}

static void many_frames_of_a_station_are_a_flood(void **state)
{
	struct world *w = *state;

	make_strict(w);
	for (int i = 0; i < 50; i++)
		seen(w, NET + 1, mac_a);
	flood_is(w, "frames", 50);
}

static void questions_for_unknown_addresses_are_a_sweep(void **state)
{
	struct world *w = *state;

	make_strict(w);
	for (uint32_t i = 0; i < 30; i++) /* of one that is known: no matter how many */
		asks(w, mac_b, NET + 2, NET + 2 + (i == 0));
	assert_int_equal(w->event_cnt[GYL_EV_ARPD_FLOOD], 1); /* its announcements */
	for (uint32_t i = 0; i < 10; i++)
		asks(w, mac_a, NET + 1, NET + 20 + i);
	flood_is(w, "questions for unknown addresses", 10);
}

static void zero_switches_a_limit_off(void **state)
{
	struct world *w = *state;

	for (uint32_t i = 0; i < 3000; i++)
		announces(w, NET + 1, mac_a);
	assert_int_equal(w->event_cnt[GYL_EV_ARPD_FLOOD], 0);
}

static void an_answer_that_nobody_asked_for_is_told(void **state)
{
	struct world *w = *state;

	after(w, 6 * GYL_NS_PER_S);
	asks(w, mac_b, NET + 2, NET + 1);
	replies(w, NET + 1, mac_a, NET + 2, mac_b);
	assert_int_equal(w->event_cnt[GYL_EV_ARPD_UNASKED], 0);
	after(w, 4 * GYL_NS_PER_S); /* a second one, of a second host, to the same question */
	replies(w, NET + 1, mac_c, NET + 2, mac_b);
	assert_int_equal(w->event_cnt[GYL_EV_ARPD_UNASKED], 0);
	after(w, 6 * GYL_NS_PER_S);
	replies(w, NET + 1, mac_a, NET + 2, mac_b);
	said(w, GYL_EV_ARPD_UNASKED, NET + 1, mac_a);
	replies(w, NET + 9, mac_c, NET + 2, mac_b);
	said(w, GYL_EV_ARPD_UNASKED, NET + 9, mac_c);
}

static void what_we_cannot_have_seen_asked_is_not_told(void **state)
{
	struct world *w = *state;

	replies(w, NET + 1, mac_a, NET + 2, mac_b); /* asked before the start, maybe */
	after(w, 6 * GYL_NS_PER_S);
	replies(w, NET + 1, mac_a, OUR_IP, our_mac); /* asked by this machine */
	announces(w, NET + 1, mac_a);                /* an announcement answers nobody */
	assert_int_equal(w->event_cnt[GYL_EV_ARPD_UNASKED], 0);
}

/* More questions at once than are remembered: no answer is called unasked for then. */
static void a_flood_of_questions_makes_blind_not_wrong(void **state)
{
	struct world *w = *state;

	after(w, 6 * GYL_NS_PER_S);
	for (uint32_t i = 0; i < 40000; i++)
		asks(w, mac_b, NET + 2, 0x0b000000 + i);
	for (uint32_t i = 0; i < 40000; i += 100)
		replies(w, 0x0b000000 + i, mac_a, NET + 2, mac_b);
	assert_int_equal(w->event_cnt[GYL_EV_ARPD_UNASKED], 0);
}

static void a_probe_is_told_once_in_a_window(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 3; i++) {
		probes(w, mac_a, NET + 5);
		after(w, GYL_NS_PER_S);
	}
	assert_int_equal(w->event_cnt[GYL_EV_ARPD_PROBE], 1);
	assert_int_equal(w->event_cnt[GYL_EV_ARPD_NEW], 0);
}

/* A thousand invented MACs a second do not hide the one that floods. */
static void an_inventor_does_not_hide_a_flood(void **state)
{
	struct world *w = *state;
	unsigned told = 0;

	make_strict(w);
	for (uint32_t i = 0; i < 40000; i++) {
		uint8_t mac[6] = {2, 9, (uint8_t)(i >> 24), (uint8_t)(i >> 16), (uint8_t)(i >> 8),
			(uint8_t)i};

		seen(w, 0x0b000000 + i, mac);
		if (i % 1000 != 0)
			continue;
		announces(w, NET + 1, mac_a);
		told += !silent(w, GYL_EV_ARPD_FLOOD);
		after(w, 100 * GYL_NS_PER_MS);
	}
	assert_int_equal(told, 1);
}

static void events_of_a_kind_are_limited_and_the_rest_is_counted(void **state)
{
	struct world *w = *state;
	const struct gyl_event *e;
	struct gyl_view name;
	uint64_t v;

	for (uint32_t i = 0; i < 500; i++) {
		struct gyl_arp a = gyl_arp_request(mac_a, NET + 1 + i, GATEWAY);

		put_frame(w, mac_b, to_all, &a);
	}
	assert_int_equal(w->event_cnt[GYL_EV_ARPD_MISMATCH], 100);
	after(w, 10 * GYL_NS_PER_S);
	e = outbox_event(&w->b, GYL_EV_ARPD_MORE);
	assert_non_null(e);
	assert_true(gyl_event_get_str(e, "event", &name));
	assert_true(gyl_view_eq(name, gyl_view_str("arpd.mismatch")));
	assert_true(gyl_event_get_u64(e, "count", &v) && v == 400);
	assert_true(count(w, GYL_ARPD_UNSAID) == 400);
}

static void who_is_of_no_network_of_ours_is_a_stranger(void **state)
{
	struct world *w = *state;

	w->rules.network.net[0] = (struct gyl_conf_prefix){NET, 24};
	w->rules.network.cnt = 1;
	make_core(w);
	seen(w, NET + 1, mac_a);
	assert_true(silent(w, GYL_EV_ARPD_STRANGER));
	seen(w, 0xc0a80001, mac_b);
	said(w, GYL_EV_ARPD_STRANGER, 0xc0a80001, mac_b);
	seen(w, 0xc0a80001, mac_b);
	assert_true(silent(w, GYL_EV_ARPD_STRANGER));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(many_announcements_of_a_station_are_a_flood_once),
		T(a_slow_station_floods_never),
		T(many_frames_of_a_station_are_a_flood),
		T(questions_for_unknown_addresses_are_a_sweep),
		T(zero_switches_a_limit_off),
		T(an_answer_that_nobody_asked_for_is_told),
		T(what_we_cannot_have_seen_asked_is_not_told),
		T(a_flood_of_questions_makes_blind_not_wrong),
		T(a_probe_is_told_once_in_a_window),
		T(an_inventor_does_not_hide_a_flood),
		T(events_of_a_kind_are_limited_and_the_rest_is_counted),
		T(who_is_of_no_network_of_ours_is_a_stranger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
