/* SPDX-License-Identifier: ISC */

/*
 * The rules of RFC 826 and RFC 5227, each by its section. The times and orders of claims, and the
 * cache's own rules, are in test_arp_claim and test_arp_cache in all their phases.
 */

#include "tests/unit/net/arp_world.h"

static void merging(struct world *w)
{
	struct gyl_arp_cache_conf cf = gyl_arp_cache_defaults(own_mac, 7);

	cf.merge = true;
	world_open(w, &cf);
}

static void is_at(struct world *w, uint32_t ip, const uint8_t mac[6])
{
	struct gyl_arp_entry e;

	assert_true(gyl_arp_cache_find(w->c, 0, ip, &e));
	assert_memory_equal(e.mac, mac, 6);
}

/* "Merge_flag: if the pair is already in my translation table, update the sender hardware address",
 * whoever the message is for. */
static void rfc826_packet_reception_a_known_sender_is_updated(void **state)
{
	struct world w;

	(void)state;
	merging(&w);
	know(&w, PEER, mac_a);
	assert_int_equal(input(&w, gyl_arp_request(mac_b, PEER, ALIAS)).verdict, GYL_ARP_MOVED);
	is_at(&w, PEER, mac_b);
	assert_int_equal(input(&w, gyl_arp_request(mac_b, PEER, ALIAS)).verdict, GYL_ARP_RENEWED);
	world_close(&w);
}

/* "Am I the target protocol address? If Merge_flag is false, add the triplet; is the opcode a
 * request? Swap and reply." */
static void rfc826_packet_reception_who_asks_us_is_added_and_answered(void **state)
{
	struct gyl_arp_result res;
	struct world w;

	(void)state;
	merging(&w);
	res = input(&w, gyl_arp_request(mac_a, PEER, OWN));
	assert_int_equal(res.verdict, GYL_ARP_ANSWERED);
	assert_true(res.has_send);
	assert_int_equal(res.send.msg.op, GYL_ARP_REPLY);
	assert_memory_equal(res.send.msg.sha, own_mac, 6);
	assert_memory_equal(res.send.msg.tha, mac_a, 6);
	assert_true(res.send.msg.spa == OWN && res.send.msg.tpa == PEER);
	is_at(&w, PEER, mac_a);
	assert_int_equal(query(&w, PEER), GYL_ARP_KNOWN);
	world_close(&w);
}

/* Who is not the target adds nobody. */
static void rfc826_packet_reception_others_are_not_added(void **state)
{
	struct world w;

	(void)state;
	merging(&w);
	assert_int_equal(input(&w, gyl_arp_request(mac_a, PEER, ALIAS)).verdict, GYL_ARP_IGNORED);
	assert_int_equal(input(&w, message(2, mac_a, PEER, mac_b, ALIAS)).verdict, GYL_ARP_IGNORED);
	assert_int_equal(state_of(&w, PEER), GYL_ARP_FREE);
	world_close(&w);
}

/* A request of the one we ask is as good as its answer: what waits goes, and it is answered. */
static void rfc826_packet_reception_two_who_ask_each_other(void **state)
{
	struct gyl_arp_result res;
	struct world w;

	(void)state;
	merging(&w);
	assert_int_equal(query(&w, PEER), GYL_ARP_ASK);
	res = input(&w, gyl_arp_request(mac_a, PEER, OWN));
	assert_int_equal(res.verdict, GYL_ARP_LEARNED);
	assert_true(res.ip == PEER && res.has_send && res.send.msg.tpa == PEER);
	assert_memory_equal(res.mac, mac_a, 6);
	assert_int_equal(query(&w, PEER), GYL_ARP_KNOWN);
	world_close(&w);
}

static void rfc826_merging_touches_neither_pins_nor_what_is_ours(void **state)
{
	struct world w;
	bool asked;

	(void)state;
	merging(&w);
	assert_true(gyl_arp_cache_pin(w.c, 0, PEER, mac_a, &asked));
	assert_int_equal(input(&w, gyl_arp_request(mac_b, PEER, OWN)).verdict, GYL_ARP_ANSWERED);
	is_at(&w, PEER, mac_a);
	assert_int_equal(input(&w, gyl_arp_probe(mac_b, OWN)).verdict, GYL_ARP_ANSWERED);
	assert_int_equal(state_of(&w, 0), GYL_ARP_FREE);
	world_close(&w);
}

/* A hundred thousand strangers who ask for us: the cache has its bound, pins and our own stay. */
static void rfc826_merging_under_a_flood_is_bounded(void **state)
{
	struct gyl_arp_entry e;
	struct world w;
	size_t known = 0;
	bool asked;

	(void)state;
	merging(&w);
	assert_true(gyl_arp_cache_pin(w.c, 0, PEER, mac_a, &asked));
	for (uint32_t i = 0; i < 100000; i++) {
		uint8_t mac[6] = {2, 9, 0, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};

		w.now_ns += GYL_NS_PER_US;
		assert_int_equal(input(&w, gyl_arp_request(mac, 0x0b000000 + i, OWN)).verdict,
			GYL_ARP_ANSWERED);
	}
	for (size_t i = 0; gyl_arp_cache_entry(w.c, i, &e); i++)
		known += e.state == GYL_ARP_FRESH;
	assert_int_equal(known, w.cf.entry_max);
	is_at(&w, PEER, mac_a);
	assert_int_equal(query(&w, OWN), GYL_ARP_KNOWN);
	assert_true(gyl_arp_cache_stat(w.c).evicted_cnt == 100000u - w.cf.entry_max);
	world_close(&w);
}

static void without_merge_requests_teach_nothing(void **state)
{
	struct world w;

	(void)state;
	world_default(&w);
	assert_int_equal(input(&w, gyl_arp_request(mac_a, PEER, OWN)).verdict, GYL_ARP_ANSWERED);
	assert_int_equal(state_of(&w, PEER), GYL_ARP_FREE);
	world_close(&w);
}

/* 1.1: PROBE_NUM 3, first within PROBE_WAIT 1 s, 1 to 2 s apart, ANNOUNCE_WAIT 2 s, ANNOUNCE_NUM 2,
 * ANNOUNCE_INTERVAL 2 s. */
static void rfc5227_2_1_1_and_2_3_probes_then_announcements(void **state)
{
	struct gyl_arp_cache_conf cf = gyl_arp_cache_defaults(own_mac, 11);
	uint64_t at[5], begin_ns;
	struct gyl_arp_action a;
	struct world w;
	bool asked;

	(void)state;
	world_bare(&w, &cf);
	begin_ns = w.now_ns;
	assert_true(gyl_arp_cache_claim(w.c, OWN, &asked));
	assert_true(nothing_due(&w)); /* draws the time of the first probe */
	for (int i = 0; i < 5; i++) {
		a = next(&w);
		at[i] = w.now_ns;
		assert_memory_equal(a.send.dst, all, 6);
		assert_int_equal(gyl_arp_kind(&a.send.msg),
			i < 3 ? GYL_ARP_KIND_PROBE : GYL_ARP_KIND_ANNOUNCEMENT);
		assert_int_equal(a.due, i == 3 ? GYL_ARP_CLAIMED : GYL_ARP_SEND);
	}
	assert_in_range(at[0] - begin_ns, 0, GYL_NS_PER_S);
	assert_in_range(at[1] - at[0], GYL_NS_PER_S, 2 * GYL_NS_PER_S);
	assert_in_range(at[2] - at[1], GYL_NS_PER_S, 2 * GYL_NS_PER_S);
	assert_true(at[3] - at[2] == 2 * GYL_NS_PER_S);
	assert_true(at[4] - at[3] == 2 * GYL_NS_PER_S);
	world_close(&w);
}

/* 2.1.1: MAX_CONFLICTS 10, then one claim in RATE_LIMIT_INTERVAL 60 s. */
static void rfc5227_2_1_1_rate_limit_after_max_conflicts(void **state)
{
	struct gyl_arp_cache_conf cf = gyl_arp_cache_defaults(own_mac, 11);
	struct world w;
	uint64_t begun_ns = 0;
	bool asked;

	(void)state;
	world_bare(&w, &cf);
	for (int i = 0; i < 12; i++) {
		uint64_t from_ns = w.now_ns;

		assert_true(gyl_arp_cache_claim(w.c, OWN, &asked));
		(void)nothing_due(&w); /* draws the time of the first probe */
		w.now_ns = gyl_arp_cache_deadline_ns(w.c);
		assert_int_equal(due(&w).due, GYL_ARP_SEND);
		if (i < 10)
			assert_in_range(w.now_ns - from_ns, 0, GYL_NS_PER_S);
		else
			assert_true(w.now_ns - begun_ns >= 59 * GYL_NS_PER_S);
		begun_ns = w.now_ns;
		assert_int_equal(
			input(&w, gyl_arp_announcement(mac_a, OWN)).verdict, GYL_ARP_TAKEN);
	}
	world_close(&w);
}

/* 2.4 (c): one announcement in DEFEND_INTERVAL 10 s. */
static void rfc5227_2_4_one_defence_in_defend_interval(void **state)
{
	struct gyl_arp_result res;
	unsigned sent = 0;
	struct world w;

	(void)state;
	world_default(&w);
	for (int i = 0; i < 300; i++) {
		res = input(&w, gyl_arp_announcement(mac_a, OWN));
		if (res.has_send)
			assert_int_equal(gyl_arp_kind(&res.send.msg), GYL_ARP_KIND_ANNOUNCEMENT);
		sent += res.has_send;
		w.now_ns += 100 * GYL_NS_PER_MS;
	}
	assert_int_equal(sent, 3);
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc826_packet_reception_a_known_sender_is_updated),
		cmocka_unit_test(rfc826_packet_reception_who_asks_us_is_added_and_answered),
		cmocka_unit_test(rfc826_packet_reception_others_are_not_added),
		cmocka_unit_test(rfc826_packet_reception_two_who_ask_each_other),
		cmocka_unit_test(rfc826_merging_touches_neither_pins_nor_what_is_ours),
		cmocka_unit_test(rfc826_merging_under_a_flood_is_bounded),
		cmocka_unit_test(without_merge_requests_teach_nothing),
		cmocka_unit_test(rfc5227_2_1_1_and_2_3_probes_then_announcements),
		cmocka_unit_test(rfc5227_2_1_1_rate_limit_after_max_conflicts),
		cmocka_unit_test(rfc5227_2_4_one_defence_in_defend_interval),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
