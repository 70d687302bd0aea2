/* SPDX-License-Identifier: ISC */
/*
 * The ARP cache alone, under a clock of the test. Names carry the numbers of libnet/docs/stack.md;
 * what concerns addresses of our own is in test_arp_claim.c.
 */
#include "tests/unit/net/arp_world.h"

static void item_15_limits_out_of_range_are_refused(void **state)
{
	struct gyl_arp_cache_conf good = gyl_arp_cache_defaults(own_mac, 7), cf;

	(void)state;
	assert_int_not_equal(gyl_arp_cache_need(&good), 0);
#define REFUSED(change)                                       \
	do {                                                  \
		cf = good;                                    \
		change;                                       \
		assert_int_equal(gyl_arp_cache_need(&cf), 0); \
	} while (0)
	REFUSED(cf.tick_ns = 0);
	REFUSED(cf.life_ns = cf.tick_ns);
	REFUSED(cf.entry_max = 0);
	REFUSED(cf.pending_max = 0);
	REFUSED(cf.fixed_max = 16385);
	REFUSED(cf.question_rate = 0);
	REFUSED(cf.question_burst = 0);
	REFUSED(cf.conflict_rate = 0);
	REFUSED(cf.conflict_burst = 0);
	REFUSED(cf.claim.probe_num = 17);
	REFUSED(cf.claim.announce_num = 0);
	REFUSED(cf.claim.announce_num = 17);
	REFUSED(cf.claim.probe_min_ns = cf.claim.probe_max_ns + 1);
	REFUSED(memcpy(cf.mac, all, 6));
	REFUSED(memcpy(cf.mac, zero, 6));
}

static void item_16_own_and_pinned_overwrite_each_other(void **state)
{
	struct world w;
	bool asked;

	(void)state;
	world_default(&w);
	assert_true(gyl_arp_cache_own(w.c, ALIAS, &asked));
	assert_true(gyl_arp_cache_pin(w.c, 0, ALIAS, mac_a, &asked));
	assert_int_equal(query(&w, ALIAS), GYL_ARP_KNOWN);
	assert_memory_equal(w.mac, mac_a, 6);
	assert_true(gyl_arp_cache_own(w.c, ALIAS, &asked));
	assert_int_equal(query(&w, ALIAS), GYL_ARP_KNOWN);
	assert_memory_equal(w.mac, own_mac, 6);
	assert_false(gyl_arp_cache_remove(w.c, 0, ALIAS));
	assert_false(gyl_arp_cache_remove(w.c, 0, ALIAS));
	assert_int_equal(query(&w, ALIAS), GYL_ARP_ASK);
	assert_int_equal(w.send.msg.spa, OWN);
	world_close(&w);
}

static void item_16_a_hundred_mixed_entries_survive_and_go(void **state)
{
	struct gyl_arp_cache_conf cf = gyl_arp_cache_defaults(own_mac, 7);
	struct gyl_arp_action act;
	struct world w;
	bool asked;

	(void)state;
	cf.fixed_max = 101;
	world_open(&w, &cf);
	for (uint32_t i = 0; i < 100; i++) {
		if (i % 2 == 0)
			assert_true(gyl_arp_cache_own(w.c, PEER + i, &asked));
		else
			assert_true(gyl_arp_cache_pin(w.c, 0, PEER + i, mac_a, &asked));
	}
	assert_false(gyl_arp_cache_pin(w.c, 0, PEER + 100, mac_a, &asked));
	assert_true(gyl_arp_cache_pin(w.c, 0, PEER, mac_b, &asked)); /* no new entry */
	for (size_t i = 0; i < 2 * 49; i++) /* 49: PEER itself is pinned now */
		assert_int_equal(gyl_arp_cache_tick(w.c, w.now_ns += GYL_NS_PER_S, &act), true);
	w.now_ns += 10 * cf.life_ns;
	assert_true(nothing_due(&w));
	for (uint32_t i = 0; i < 100; i++)
		assert_int_equal(query(&w, PEER + i), GYL_ARP_KNOWN);
	for (uint32_t i = 0; i < 100; i++)
		gyl_arp_cache_remove(w.c, 0, PEER + i);
	assert_int_equal(count_state(&w, GYL_ARP_OWN), 1);
	assert_int_equal(count_state(&w, GYL_ARP_PINNED), 0);
	world_close(&w);
}

static void item_17_own_is_known_at_once_and_no_host_addresses_never(void **state)
{
	static const uint32_t never[] = {0, 0xffffffff, 0xe0000001, 0x7f000001};
	struct world w;
	bool asked;

	(void)state;
	world_default(&w);
	assert_int_equal(query(&w, OWN), GYL_ARP_KNOWN);
	assert_memory_equal(w.mac, own_mac, 6);
	for (size_t i = 0; i < TEST_CNT(never); i++) {
		assert_int_equal(query(&w, never[i]), GYL_ARP_REFUSED);
		assert_false(gyl_arp_cache_pin(w.c, 0, never[i], mac_a, &asked));
		assert_false(gyl_arp_cache_own(w.c, never[i], &asked));
	}
	world_close(&w);
}

static void item_18_one_request_for_many_questions(void **state)
{
	struct world w;

	(void)state;
	world_default(&w);
	assert_int_equal(query(&w, PEER), GYL_ARP_ASK);
	assert_memory_equal(w.send.dst, all, 6);
	assert_int_equal(w.send.msg.op, GYL_ARP_REQUEST);
	assert_int_equal(w.send.msg.spa, OWN);
	assert_int_equal(w.send.msg.tpa, PEER);
	assert_memory_equal(w.send.msg.tha, zero, 6); /* RFC 826 leaves it open */
	assert_int_equal(query(&w, PEER), GYL_ARP_WAIT);
	assert_int_equal(gyl_arp_cache_stat(w.c).request_cnt, 1);
	world_close(&w);
}

static void item_19_fixing_a_pending_address_tells_so(void **state)
{
	struct world w;
	bool asked = false;

	(void)state;
	world_default(&w);
	assert_int_equal(query(&w, PEER), GYL_ARP_ASK);
	assert_true(gyl_arp_cache_pin(w.c, 0, PEER, mac_a, &asked));
	assert_true(asked);
	assert_int_equal(query(&w, PEER), GYL_ARP_KNOWN);
	assert_int_equal(query(&w, ALIAS), GYL_ARP_ASK);
	assert_true(gyl_arp_cache_own(w.c, ALIAS, &asked));
	assert_true(asked);
	world_close(&w);
}

/* retries = n: n + 1 requests, and the end on tick n + 1 */
static void item_20_retries(uint8_t retry_cnt)
{
	struct gyl_arp_cache_conf cf = gyl_arp_cache_defaults(own_mac, 7);
	struct gyl_arp_action a;
	struct world w;

	cf.retry_cnt = retry_cnt;
	world_open(&w, &cf);
	assert_int_equal(query(&w, PEER), GYL_ARP_ASK);
	for (unsigned i = 0; i < retry_cnt; i++) {
		w.now_ns += cf.tick_ns - 1;
		assert_true(nothing_due(&w));
		w.now_ns++;
		assert_int_equal(gyl_arp_cache_deadline_ns(w.c), w.now_ns);
		a = due(&w);
		assert_int_equal(a.due, GYL_ARP_SEND);
		assert_memory_equal(a.send.dst, all, 6);
		assert_int_equal(a.send.msg.tpa, PEER);
	}
	w.now_ns += cf.tick_ns;
	a = due(&w);
	assert_int_equal(a.due, GYL_ARP_FAILED);
	assert_int_equal(a.ip, PEER);
	assert_int_equal(gyl_arp_cache_stat(w.c).request_cnt, retry_cnt + 1u);
	assert_int_equal(gyl_arp_cache_deadline_ns(w.c), UINT64_MAX);
	assert_int_equal(query(&w, PEER), GYL_ARP_ASK);
	world_close(&w);
}

static void item_20_retries_then_failure(void **state)
{
	(void)state;
	item_20_retries(0);
	item_20_retries(1);
	item_20_retries(4);
	item_20_retries(5);
}

static void item_20_a_scan_that_nobody_answers_ends(void **state)
{
	struct world w;
	unsigned sent = 0, failed = 0;

	(void)state;
	world_default(&w);
	for (uint32_t i = 0; i < 200; i++)
		assert_int_equal(query(&w, PEER + i), GYL_ARP_ASK);
	for (unsigned ms = 0; ms <= 9000; ms += 100) {
		struct gyl_arp_action a;

		while (gyl_arp_cache_tick(w.c, w.now_ns, &a)) {
			sent += a.due == GYL_ARP_SEND;
			failed += a.due == GYL_ARP_FAILED;
		}
		w.now_ns += 100 * GYL_NS_PER_MS;
	}
	assert_int_equal(sent, 200 * 5);
	assert_int_equal(failed, 200);
	assert_int_equal(gyl_arp_cache_deadline_ns(w.c), UINT64_MAX);
	world_close(&w);
}

static void item_21_unasked_answers_are_ignored(void **state)
{
	struct world w;

	(void)state;
	world_default(&w);
	assert_int_equal(reply_from(&w, PEER, mac_a).verdict, GYL_ARP_IGNORED);
	assert_int_equal(input(&w, gyl_arp_announcement(mac_a, PEER)).verdict, GYL_ARP_IGNORED);
	assert_int_equal(input(&w, gyl_arp_gratuitous_reply(mac_a, PEER)).verdict, GYL_ARP_IGNORED);
	assert_int_equal(query(&w, PEER), GYL_ARP_ASK);
	world_close(&w);
}

static void item_22_answers_and_announcements_teach_what_was_asked(void **state)
{
	struct gyl_arp_result res;
	struct world w;

	(void)state;
	world_default(&w);
	assert_int_equal(query(&w, PEER), GYL_ARP_ASK);
	res = reply_from(&w, PEER, mac_a);
	assert_int_equal(res.verdict, GYL_ARP_LEARNED);
	assert_int_equal(res.ip, PEER);
	assert_memory_equal(res.mac, mac_a, 6);
	assert_int_equal(query(&w, PEER), GYL_ARP_KNOWN);
	assert_memory_equal(w.mac, mac_a, 6);
	assert_int_equal(query(&w, PEER + 1), GYL_ARP_ASK);
	res = input(&w, gyl_arp_announcement(mac_b, PEER + 1));
	assert_int_equal(res.verdict, GYL_ARP_LEARNED);
	assert_int_equal(query(&w, PEER + 2), GYL_ARP_ASK);
	res = input(&w, gyl_arp_gratuitous_reply(mac_b, PEER + 2));
	assert_int_equal(res.verdict, GYL_ARP_LEARNED);
	world_close(&w);
}

static void item_23_a_known_address_may_move(void **state)
{
	struct gyl_arp_result res;
	struct world w;

	(void)state;
	world_default(&w);
	know(&w, PEER, mac_a);
	assert_int_equal(reply_from(&w, PEER, mac_a).verdict, GYL_ARP_RENEWED);
	res = reply_from(&w, PEER, mac_b);
	assert_int_equal(res.verdict, GYL_ARP_MOVED);
	assert_memory_equal(res.mac, mac_b, 6);
	assert_memory_equal(res.old_mac, mac_a, 6);
	assert_int_equal(query(&w, PEER), GYL_ARP_KNOWN);
	assert_memory_equal(w.mac, mac_b, 6);
	world_close(&w);
}

static void item_24_fixed_addresses_do_not_move(void **state)
{
	struct world w;
	bool asked;

	(void)state;
	world_default(&w);
	assert_true(gyl_arp_cache_pin(w.c, 0, PEER, mac_a, &asked));
	assert_int_equal(reply_from(&w, PEER, mac_b).verdict, GYL_ARP_IGNORED);
	query(&w, PEER);
	assert_memory_equal(w.mac, mac_a, 6);
	assert_int_equal(reply_from(&w, OWN, mac_b).verdict, GYL_ARP_CONFLICT);
	query(&w, OWN);
	assert_memory_equal(w.mac, own_mac, 6);
	world_close(&w);
}

static void item_25_item_33_life_and_unicast_refresh(void **state)
{
	struct gyl_arp_action a;
	struct world w;
	uint64_t start_ns;

	(void)state;
	world_default(&w);
	know(&w, PEER, mac_a);
	start_ns = w.now_ns;
	w.now_ns = start_ns + w.cf.life_ns - w.cf.tick_ns - 1;
	assert_true(nothing_due(&w));
	w.now_ns++;
	assert_int_equal(gyl_arp_cache_deadline_ns(w.c), w.now_ns);
	a = due(&w);
	assert_int_equal(a.due, GYL_ARP_SEND);
	assert_memory_equal(a.send.dst, mac_a, 6); /* its owner alone is asked */
	w.now_ns = start_ns + w.cf.life_ns - 1;
	assert_int_equal(query(&w, PEER), GYL_ARP_KNOWN);
	w.now_ns++;
	assert_true(nothing_due(&w)); /* it goes without a word */
	assert_int_equal(gyl_arp_cache_stat(w.c).expired_cnt, 1);
	assert_int_equal(query(&w, PEER), GYL_ARP_ASK);
	world_close(&w);
}

static void item_25_an_answer_renews(void **state)
{
	struct world w;

	(void)state;
	world_default(&w);
	know(&w, PEER, mac_a);
	for (int i = 0; i < 3; i++) {
		w.now_ns += w.cf.life_ns - w.cf.tick_ns;
		assert_int_equal(due(&w).due, GYL_ARP_SEND);
		assert_int_equal(reply_from(&w, PEER, mac_a).verdict, GYL_ARP_RENEWED);
	}
	w.now_ns += w.cf.tick_ns;
	assert_true(nothing_due(&w));
	assert_int_equal(query(&w, PEER), GYL_ARP_KNOWN);
	world_close(&w);
}

static void item_26_only_own_addresses_are_told(void **state)
{
	struct gyl_arp_result res;
	struct world w;
	bool asked;

	(void)state;
	world_default(&w);
	res = input(&w, gyl_arp_request(mac_a, PEER, OWN));
	assert_int_equal(res.verdict, GYL_ARP_ANSWERED);
	assert_true(res.has_send);
	assert_memory_equal(res.send.dst, mac_a, 6);
	assert_int_equal(res.send.msg.op, GYL_ARP_REPLY);
	assert_memory_equal(res.send.msg.sha, own_mac, 6);
	assert_int_equal(res.send.msg.spa, OWN);
	assert_memory_equal(res.send.msg.tha, mac_a, 6);
	assert_int_equal(res.send.msg.tpa, PEER);
	assert_true(gyl_arp_cache_pin(w.c, 0, ALIAS, mac_b, &asked));
	know(&w, PEER + 1, mac_b);
	assert_false(input(&w, gyl_arp_request(mac_a, PEER, ALIAS)).has_send);
	assert_false(input(&w, gyl_arp_request(mac_a, PEER, PEER + 1)).has_send);
	assert_false(input(&w, gyl_arp_request(mac_a, PEER, PEER + 9)).has_send);
	/* someone who wants our address is told that it is taken: RFC 5227 2.1.1 */
	res = input(&w, gyl_arp_probe(mac_a, OWN));
	assert_int_equal(res.verdict, GYL_ARP_ANSWERED);
	assert_int_equal(res.send.msg.tpa, 0);
	world_close(&w);
}

static void item_26_broadcast_and_unicast_requests_are_answered(void **state)
{
	struct world w;

	(void)state;
	world_default(&w);
	for (uint32_t i = 0; i < 1001; i++) {
		uint8_t sha[6] = {2, 1, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i, 9};
		uint32_t spa = PEER + i * 7;
		/* tha as in a broadcast, as in a refresh by unicast */
		struct gyl_arp_result res = input(
			&w, message(GYL_ARP_REQUEST, sha, spa, i % 2 == 0 ? zero : own_mac, OWN));

		assert_int_equal(res.verdict, GYL_ARP_ANSWERED);
		assert_memory_equal(res.send.dst, sha, 6);
		assert_int_equal(res.send.msg.op, GYL_ARP_REPLY);
		assert_int_equal(res.send.msg.spa, OWN);
		assert_memory_equal(res.send.msg.tha, sha, 6);
		assert_int_equal(res.send.msg.tpa, spa);
		assert_int_equal(state_of(&w, spa), GYL_ARP_FREE);
	}
	assert_int_equal(gyl_arp_cache_stat(w.c).reply_cnt, 1001);
	world_close(&w);
}

static void item_27_requests_do_not_teach_and_other_operations_do_nothing(void **state)
{
	static const uint16_t ops[] = {0, 3, 255, 256, 257};
	struct world w;

	(void)state;
	world_default(&w);
	assert_int_equal(query(&w, PEER), GYL_ARP_ASK);
	assert_int_equal(
		input(&w, gyl_arp_request(mac_a, PEER, PEER + 1)).verdict, GYL_ARP_IGNORED);
	assert_int_equal(input(&w, gyl_arp_request(mac_a, PEER, OWN)).verdict, GYL_ARP_ANSWERED);
	for (size_t i = 0; i < TEST_CNT(ops); i++) {
		struct gyl_arp_result res = input(&w, message(ops[i], mac_a, PEER, own_mac, OWN));

		assert_int_equal(res.verdict, GYL_ARP_IGNORED);
		assert_false(res.has_send);
	}
	assert_int_equal(query(&w, PEER), GYL_ARP_WAIT);
	world_close(&w);
}

/* Anything that decodes, at an empty cache: nothing is learnt, and only our address is spoken for.
 */
static void item_27_random_messages_do_nothing(void **state)
{
	uint32_t rnd = 27;
	struct world w;

	(void)state;
	world_default(&w);
	for (int i = 0; i < 1001; i++) {
		struct gyl_arp a;
		struct gyl_arp_result res;
		uint8_t *p = (uint8_t *)&a;

		for (size_t k = 0; k < sizeof(a); k++) {
			rnd = rnd * 1664525 + 1013904223;
			p[k] = (uint8_t)(rnd >> 24);
		}
		a.op = i % 4 == 3 ? a.op : (uint16_t)(1 + i % 2);
		if (a.spa == OWN || a.tpa == OWN)
			continue;
		res = input(&w, a);
		assert_true(res.verdict == GYL_ARP_IGNORED || res.verdict == GYL_ARP_BAD);
		assert_false(res.has_send);
	}
	assert_int_equal(count_state(&w, GYL_ARP_FRESH), 0);
	assert_int_equal(count_state(&w, GYL_ARP_PENDING), 0);
	assert_int_equal(count_state(&w, GYL_ARP_OWN), 1);
	world_close(&w);
}

static void item_28_another_claimant_replaces_what_is_known(void **state)
{
	struct gyl_arp_result res;
	struct world w;

	(void)state;
	world_default(&w);
	know(&w, PEER, mac_a);
	res = input(&w, gyl_arp_announcement(mac_b, PEER));
	assert_int_equal(res.verdict, GYL_ARP_MOVED);
	assert_memory_equal(res.old_mac, mac_a, 6);
	assert_int_equal(query(&w, PEER), GYL_ARP_KNOWN);
	assert_memory_equal(w.mac, mac_b, 6);
	res = input(&w, gyl_arp_gratuitous_reply(mac_a, PEER));
	assert_int_equal(res.verdict, GYL_ARP_MOVED);
	assert_memory_equal(res.old_mac, mac_b, 6);
	world_close(&w);
}

static void item_29_ten_thousand_entries_of_at_most_64_octets(void **state)
{
	struct gyl_arp_cache_conf cf = gyl_arp_cache_defaults(own_mac, 7);
	struct world w;

	(void)state;
	cf.entry_max = 10000;
	cf.question_rate = 1000000;
	assert_in_range(gyl_arp_cache_need(&cf), 1, 10000 * 64);
	cf.entry_max = 1024; /* with what is not an entry, at the usual limits */
	assert_in_range(gyl_arp_cache_need(&cf), 1, (1024 + 256 + 64) * 64);
	cf.entry_max = 10000;
	world_open(&w, &cf);
	for (uint32_t i = 0; i < 10001; i++) {
		know(&w, 0x0a010000 + i, mac_a);
		w.now_ns += GYL_NS_PER_MS;
	}
	assert_int_equal(count_state(&w, GYL_ARP_FRESH), 10000);
	assert_int_equal(state_of(&w, 0x0a010000), GYL_ARP_FREE); /* the least recently used */
	for (uint32_t i = 1; i < 10001; i++)
		assert_int_equal(query(&w, 0x0a010000 + i), GYL_ARP_KNOWN);
	world_close(&w);
}

static void item_29_known_and_pending_are_bounded(void **state)
{
	struct gyl_arp_cache_conf cf = gyl_arp_cache_defaults(own_mac, 7);
	struct world w;

	(void)state;
	cf.entry_max = 4;
	cf.pending_max = 2;
	world_open(&w, &cf);
	for (uint32_t i = 0; i < 4; i++)
		know(&w, PEER + i, mac_a);
	assert_int_equal(query(&w, PEER), GYL_ARP_KNOWN); /* now PEER + 1 was used least recently */
	know(&w, PEER + 4, mac_b);
	assert_int_equal(gyl_arp_cache_stat(w.c).evicted_cnt, 1);
	assert_int_equal(query(&w, PEER), GYL_ARP_KNOWN);
	assert_int_equal(query(&w, PEER + 1), GYL_ARP_ASK);
	assert_int_equal(query(&w, PEER + 20), GYL_ARP_ASK);
	assert_int_equal(query(&w, PEER + 21), GYL_ARP_REFUSED);
	assert_int_equal(count_state(&w, GYL_ARP_PENDING), 2);
	world_close(&w);
}

static void item_29_a_scan_through_us_is_slowed_down(void **state)
{
	struct gyl_arp_cache_conf cf = gyl_arp_cache_defaults(own_mac, 7);
	struct world w;
	size_t asked = 0;

	(void)state;
	cf.question_rate = 10;
	cf.question_burst = 5;
	world_open(&w, &cf);
	for (uint32_t i = 0; i < 1000; i++) { /* 2 s of scanning, one address every 2 ms */
		asked += query(&w, 0x0a010000 + i) == GYL_ARP_ASK;
		w.now_ns += 2 * GYL_NS_PER_MS;
	}
	assert_in_range(asked, 5 + 19, 5 + 20);
	world_close(&w);
}

static void item_31_a_removed_question_is_told(void **state)
{
	struct world w;

	(void)state;
	world_default(&w);
	assert_int_equal(query(&w, PEER), GYL_ARP_ASK);
	assert_true(gyl_arp_cache_remove(w.c, 0, PEER));
	assert_false(gyl_arp_cache_remove(w.c, 0, PEER));
	assert_int_equal(gyl_arp_cache_deadline_ns(w.c), UINT64_MAX);
	world_close(&w);
}

static void item_35_impossible_senders_are_dropped_and_counted(void **state)
{
	static const struct {
		const char *name;
		uint16_t op;
		uint8_t sha[6];
		uint32_t spa;
	} cases[] = {
		{"zero MAC", 2, {0}, PEER},
		{"broadcast MAC", 2, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, PEER},
		{"multicast MAC", 2, {1, 0, 0x5e, 0, 0, 1}, PEER},
		{"broadcast address", 2, {2, 0, 0, 0, 0, 5}, 0xffffffff},
		{"multicast address", 1, {2, 0, 0, 0, 0, 5}, 0xe0000005},
		{"loopback address", 2, {2, 0, 0, 0, 0, 5}, 0x7f000001},
		{"this network, not zero", 1, {2, 0, 0, 0, 0, 5}, 0x00000005},
		{"a reply for 0.0.0.0", 2, {2, 0, 0, 0, 0, 5}, 0},
	};
	struct world w;

	(void)state;
	world_default(&w);
	assert_int_equal(query(&w, PEER), GYL_ARP_ASK);
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		struct gyl_arp_result res =
			input(&w, message(cases[i].op, cases[i].sha, cases[i].spa, own_mac, OWN));

		if (res.verdict != GYL_ARP_BAD)
			fail_msg("%s: verdict %d", cases[i].name, (int)res.verdict);
		assert_false(res.has_send);
		assert_int_equal(gyl_arp_cache_stat(w.c).bad_cnt, i + 1);
	}
	world_close(&w);
}

static void vlans_are_kept_apart(void **state)
{
	struct gyl_arp a = message(GYL_ARP_REPLY, mac_a, PEER, own_mac, OWN);
	struct gyl_arp_result res;
	struct world w;

	(void)state;
	world_default(&w);
	assert_int_equal(query(&w, PEER), GYL_ARP_ASK);
	gyl_arp_cache_input(w.c, w.now_ns, 20, &a, &res);
	assert_int_equal(res.verdict, GYL_ARP_IGNORED);
	assert_int_equal(gyl_arp_cache_query(w.c, w.now_ns, 20, PEER, w.mac, &w.send), GYL_ARP_ASK);
	assert_int_equal(w.send.vlan, 20);
	gyl_arp_cache_input(w.c, w.now_ns, 20, &a, &res);
	assert_int_equal(res.verdict, GYL_ARP_LEARNED);
	assert_int_equal(query(&w, PEER), GYL_ARP_WAIT);
	a = gyl_arp_request(mac_a, PEER, OWN); /* our address is ours on all of them */
	gyl_arp_cache_input(w.c, w.now_ns, 20, &a, &res);
	assert_int_equal(res.verdict, GYL_ARP_ANSWERED);
	assert_int_equal(res.send.vlan, 20);
	assert_int_equal(
		gyl_arp_cache_query(w.c, w.now_ns, 20, OWN, w.mac, &w.send), GYL_ARP_KNOWN);
	world_close(&w);
}

/* A long random run against a plain list that keeps the same rules. */
static void many_addresses_come_and_go(void **state)
{
	struct gyl_arp_cache_conf cf = gyl_arp_cache_defaults(own_mac, 7);
	struct gyl_arp_action a;
	struct world w;
	uint32_t rnd = 1;
	bool pending[64] = {false};

	(void)state;
	cf.entry_max = 16;
	cf.pending_max = 8;
	cf.question_rate = 1000000;
	world_open(&w, &cf);
	for (int round = 0; round < 50000; round++) {
		uint32_t k, open = 0;

		rnd = rnd * 1664525 + 1013904223;
		k = (rnd >> 16) % 64;
		for (size_t i = 0; i < 64; i++)
			open += pending[i];
		if ((rnd >> 30) < 2) {
			enum gyl_arp_answer ans = query(&w, PEER + k);

			if (pending[k])
				assert_int_equal(ans, GYL_ARP_WAIT);
			if (ans == GYL_ARP_REFUSED)
				assert_int_equal(open, 8);
			pending[k] |= ans == GYL_ARP_ASK;
		} else {
			enum gyl_arp_verdict v = reply_from(&w, PEER + k, mac_a).verdict;

			assert_int_equal(v == GYL_ARP_LEARNED, pending[k]);
			pending[k] = false;
		}
		w.now_ns += (rnd >> 10 & 0xff) * GYL_NS_PER_MS;
		while (gyl_arp_cache_tick(w.c, w.now_ns, &a)) {
			if (a.due == GYL_ARP_FAILED)
				pending[a.ip - PEER] = false;
		}
		assert_true(gyl_arp_cache_deadline_ns(w.c) > w.now_ns);
	}
	assert_in_range(count_state(&w, GYL_ARP_FRESH) + count_state(&w, GYL_ARP_STALE), 1, 16);
	assert_true(gyl_arp_cache_stat(w.c).evicted_cnt > 100);
	assert_true(gyl_arp_cache_stat(w.c).failed_cnt > 10);
	world_close(&w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(item_15_limits_out_of_range_are_refused),
		cmocka_unit_test(item_16_own_and_pinned_overwrite_each_other),
		cmocka_unit_test(item_16_a_hundred_mixed_entries_survive_and_go),
		cmocka_unit_test(item_17_own_is_known_at_once_and_no_host_addresses_never),
		cmocka_unit_test(item_18_one_request_for_many_questions),
		cmocka_unit_test(item_19_fixing_a_pending_address_tells_so),
		cmocka_unit_test(item_20_retries_then_failure),
		cmocka_unit_test(item_20_a_scan_that_nobody_answers_ends),
		cmocka_unit_test(item_21_unasked_answers_are_ignored),
		cmocka_unit_test(item_22_answers_and_announcements_teach_what_was_asked),
		cmocka_unit_test(item_23_a_known_address_may_move),
		cmocka_unit_test(item_24_fixed_addresses_do_not_move),
		cmocka_unit_test(item_25_item_33_life_and_unicast_refresh),
		cmocka_unit_test(item_25_an_answer_renews),
		cmocka_unit_test(item_26_only_own_addresses_are_told),
		cmocka_unit_test(item_26_broadcast_and_unicast_requests_are_answered),
		cmocka_unit_test(item_27_requests_do_not_teach_and_other_operations_do_nothing),
		cmocka_unit_test(item_27_random_messages_do_nothing),
		cmocka_unit_test(item_28_another_claimant_replaces_what_is_known),
		cmocka_unit_test(item_29_ten_thousand_entries_of_at_most_64_octets),
		cmocka_unit_test(item_29_known_and_pending_are_bounded),
		cmocka_unit_test(item_29_a_scan_through_us_is_slowed_down),
		cmocka_unit_test(item_31_a_removed_question_is_told),
		cmocka_unit_test(item_35_impossible_senders_are_dropped_and_counted),
		cmocka_unit_test(vlans_are_kept_apart),
		cmocka_unit_test(many_addresses_come_and_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
