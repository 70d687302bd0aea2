/* SPDX-License-Identifier: ISC */

/* What the watch does, when it is told to: answers for others, scans. Otherwise it sends nothing.
 */

#include "tests/unit/arpd/world.h"

#define PROXY (NET + 40)

static void with_proxy(struct world *w)
{
	w->rules.proxy.range[0] = (struct gyl_conf_range){PROXY, PROXY + 9};
	w->rules.proxy.cnt = 1;
	make_core(w);
}

static void with_unknown(struct world *w, enum gyl_arpd_unknown policy)
{
	w->cf.unknown = (uint8_t)policy;
	w->rules.unknown.range[0] = (struct gyl_conf_range){PROXY, PROXY + 9};
	w->rules.unknown.cnt = 1;
	make_core(w);
}

static void with_scan(struct world *w)
{
	w->rules.scan.net[0] = (struct gyl_conf_prefix){NET, 28};
	w->rules.scan.cnt = 1;
	make_core(w);
}

static void by_default_nothing_is_sent(void **state)
{
	struct world *w = *state;

	for (uint32_t i = 0; i < 100; i++) {
		asks(w, mac_a, NET + 1, NET + 2 + i % 50);
		assert_int_equal(w->b.out.send_cnt, 0);
		probes(w, mac_b, NET + i);
		assert_int_equal(w->b.out.send_cnt, 0);
		after(w, 10 * GYL_NS_PER_MIN);
		assert_int_equal(w->b.out.send_cnt, 0);
	}
	assert_null(ask(w, "arpd.scan", "network", "10.0.0.0/24"));
}

static void rfc1027_addresses_of_a_range_are_answered_for(void **state)
{
	struct world *w = *state;
	struct gyl_eth e;
	struct gyl_arp a;

	with_proxy(w);
	asks(w, mac_a, NET + 1, PROXY + 3);
	assert_int_equal(w->b.out.send_cnt, 1);
	a = sent(w, 0, &e);
	assert_int_equal(a.op, GYL_ARP_REPLY);
	assert_true(a.spa == PROXY + 3 && a.tpa == NET + 1);
	assert_memory_equal(a.sha, our_mac, 6);
	assert_memory_equal(a.tha, mac_a, 6);
	assert_memory_equal(e.dst, mac_a, 6);
	asks(w, mac_a, NET + 1, PROXY + 10);
	assert_int_equal(w->b.out.send_cnt, 0);
}

static void rfc5227_2_1_1_who_probes_is_not_answered(void **state)
{
	struct world *w = *state;

	with_proxy(w);
	probes(w, mac_a, PROXY);
	assert_int_equal(w->b.out.send_cnt, 0);
	announces(w, PROXY, mac_a);
	assert_int_equal(w->b.out.send_cnt, 0);
}

/* The real one is there: it answers itself. When it was silent for a minute, we do. */
static void who_is_there_is_not_answered_for(void **state)
{
	struct world *w = *state;

	with_proxy(w);
	seen(w, PROXY, mac_b);
	asks(w, mac_a, NET + 1, PROXY);
	assert_int_equal(w->b.out.send_cnt, 0);
	after(w, 61 * GYL_NS_PER_S);
	asks(w, mac_a, NET + 1, PROXY);
	assert_int_equal(w->b.out.send_cnt, 1);
}

static void our_own_address_is_not_ours_to_answer_for(void **state)
{
	struct world *w = *state;

	w->rules.proxy.range[0] = (struct gyl_conf_range){NET, NET + 255};
	w->rules.proxy.cnt = 1;
	make_core(w);
	asks(w, mac_a, NET + 1, OUR_IP);
	assert_int_equal(w->b.out.send_cnt, 0);
}

static void answers_for_others_are_limited(void **state)
{
	struct world *w = *state;
	unsigned sent_cnt = 0;

	with_proxy(w);
	for (uint32_t i = 0; i < 1000; i++) {
		asks(w, mac_a, NET + 1, PROXY + i % 10);
		sent_cnt += w->b.out.send_cnt;
	}
	assert_int_equal(sent_cnt, 100);
	after(w, GYL_NS_PER_S);
	asks(w, mac_a, NET + 1, PROXY);
	assert_int_equal(w->b.out.send_cnt, 1);
}

static void what_is_asked_for_in_vain_is_told(void **state)
{
	struct world *w = *state;
	uint64_t v;

	with_unknown(w, GYL_ARPD_UNKNOWN_TELL);
	for (int i = 0; i < 2; i++) {
		asks(w, mac_a, NET + 1, PROXY);
		assert_true(silent(w, GYL_EV_ARPD_UNANSWERED));
		after(w, GYL_NS_PER_S);
	}
	asks(w, mac_a, NET + 1, PROXY);
	said(w, GYL_EV_ARPD_UNANSWERED, PROXY, mac_a);
	assert_true(gyl_event_get_u64(outbox_event(&w->b, GYL_EV_ARPD_UNANSWERED), "count", &v));
	assert_true(v == 3);
	assert_int_equal(w->b.out.send_cnt, 0);
	asks(w, mac_a, NET + 1, PROXY);
	assert_true(silent(w, GYL_EV_ARPD_UNANSWERED));
}

static void what_is_asked_for_in_vain_is_answered_where_that_is_allowed(void **state)
{
	struct world *w = *state;
	struct gyl_eth e;
	struct gyl_arp a;

	with_unknown(w, GYL_ARPD_UNKNOWN_ANSWER);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(w->b.out.send_cnt, 0);
		asks(w, mac_a, NET + 1, PROXY + 1);
	}
	assert_int_equal(w->b.out.send_cnt, 1);
	a = sent(w, 0, &e);
	assert_true(a.spa == PROXY + 1);
	for (int i = 0; i < 5; i++) {
		asks(w, mac_a, NET + 1, PROXY + 20);
		assert_int_equal(w->b.out.send_cnt, 0);
	}
	seen(w, PROXY + 1, mac_b); /* it is there after all */
	asks(w, mac_a, NET + 1, PROXY + 1);
	assert_int_equal(w->b.out.send_cnt, 0);
}

/* Questions come at the rate of the configuration, to each address but the network's own, its
 * broadcast and ours; who answers is in the list. */
static void a_scan_asks_for_each_address_at_its_rate(void **state)
{
	struct world *w = *state;
	bool asked[16] = {false};
	struct gyl_eth e;
	const struct gyl_event *ev;
	uint64_t v;

	with_scan(w);
	assert_non_null(ask(w, "arpd.scan", "network", "10.0.0.0/28"));
	for (int i = 0; i < 14; i++) {
		after(w, i == 0 ? 0 : 10 * GYL_NS_PER_MS);
		for (unsigned n = 0; n < w->b.out.send_cnt; n++) {
			struct gyl_arp a = sent(w, n, &e);

			assert_true(a.op == GYL_ARP_REQUEST && a.spa == OUR_IP);
			asked[a.tpa & 15] = true;
		}
		assert_int_equal(w->b.out.send_cnt, 1);
	}
	for (int i = 1; i < 15; i++)
		assert_true(asked[i]);
	assert_false(asked[0] || asked[15]);
	replies(w, NET + 3, mac_a, OUR_IP, our_mac);
	seen(w, NET + 100, mac_b);
	assert_true(silent(w, GYL_EV_ARPD_SCANNED));
	after(w, 3 * GYL_NS_PER_S);
	ev = outbox_event(&w->b, GYL_EV_ARPD_SCANNED);
	assert_non_null(ev);
	assert_true(gyl_event_get_u64(ev, "asked", &v) && v == 14);
	assert_true(gyl_event_get_u64(ev, "answers", &v) && v == 1);
	assert_non_null(strstr(ask(w, "arpd.hosts", "scan", "true"), "10.0.0.3"));
	assert_null(strstr(ask(w, "arpd.hosts", "scan", "true"), "10.0.0.100"));
	assert_non_null(strstr(ask(w, "arpd.hosts", "", ""), "10.0.0.100"));
}

static void what_is_no_network_of_ours_is_not_scanned(void **state)
{
	static const char *const wrong[] = {"10.0.1.0/28", "10.0.0.0/27", "10.0.0.0/8",
		"10.0.0.0/33", "10.0.0", "x", "10.0.0.0/"};
	struct world *w = *state;

	with_scan(w);
	for (size_t i = 0; i < TEST_CNT(wrong); i++) {
		if (ask(w, "arpd.scan", "network", wrong[i]) != NULL)
			fail_msg("%s was scanned", wrong[i]);
	}
	assert_non_null(ask(w, "arpd.scan", "network", "10.0.0.8/30"));
	assert_null(ask(w, "arpd.scan", "network", "10.0.0.0/28")); /* one at a time */
}

static void scans_come_by_themselves_when_that_is_wanted(void **state)
{
	struct world *w = *state;
	unsigned sent_cnt = 0;

	w->cf.scan_every_ns = GYL_NS_PER_HOUR;
	with_scan(w);
	for (int i = 0; i < 4 * 3600; i++) {
		after(w, GYL_NS_PER_S);
		sent_cnt += w->b.out.send_cnt;
	}
	assert_in_range(w->event_cnt[GYL_EV_ARPD_SCANNED], 4, 5);
	assert_in_range(sent_cnt, 0, 5 * 14);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(by_default_nothing_is_sent),
		T(rfc1027_addresses_of_a_range_are_answered_for),
		T(rfc5227_2_1_1_who_probes_is_not_answered),
		T(who_is_there_is_not_answered_for),
		T(our_own_address_is_not_ours_to_answer_for),
		T(answers_for_others_are_limited),
		T(what_is_asked_for_in_vain_is_told),
		T(what_is_asked_for_in_vain_is_answered_where_that_is_allowed),
		T(a_scan_asks_for_each_address_at_its_rate),
		T(what_is_no_network_of_ours_is_not_scanned),
		T(scans_come_by_themselves_when_that_is_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
