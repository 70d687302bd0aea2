/* SPDX-License-Identifier: ISC */
/*
 * How addresses become ours and stay it: RFC 5227. Names carry the numbers of libnet/docs/stack.md.
 */
#include "tests/unit/net/arp_world.h"

/* Nothing of ours yet; the claim is made, its first tick is to come. */
static void world_claim(struct world *w, const struct gyl_arp_cache_conf *cf)
{
	bool asked;

	world_bare(w, cf);
	assert_true(gyl_arp_cache_claim(w->c, OWN, &asked));
	assert_false(asked);
	assert_int_equal(gyl_arp_cache_deadline_ns(w->c), 0);
}

static void claim(struct world *w, uint64_t seed)
{
	struct gyl_arp_cache_conf cf = gyl_arp_cache_defaults(own_mac, seed);

	world_claim(w, &cf);
}

static struct gyl_arp_action next_is(struct world *w, enum gyl_arp_due what)
{
	struct gyl_arp_action a;

	if (gyl_arp_cache_deadline_ns(w->c) == 0) /* draws the time of the first probe */
		assert_true(nothing_due(w));
	a = next(w);
	assert_int_equal(a.due, what);
	return a;
}

static void is_announcement(const struct gyl_arp_send *s, uint32_t ip)
{
	assert_memory_equal(s->dst, all, 6);
	assert_int_equal(s->msg.op, GYL_ARP_REQUEST);
	assert_int_equal(s->msg.spa, ip);
	assert_int_equal(s->msg.tpa, ip);
	assert_memory_equal(s->msg.sha, own_mac, 6);
	assert_memory_equal(s->msg.tha, zero, 6);
}

static void item_15_own_address_is_announced_twice(void **state)
{
	struct gyl_arp_cache_conf cf = gyl_arp_cache_defaults(own_mac, 7);
	struct gyl_arp_action a;
	struct world w;
	bool asked;

	(void)state;
	world_bare(&w, &cf);
	assert_true(nothing_due(&w)); /* without an address none */
	assert_int_equal(gyl_arp_cache_deadline_ns(w.c), UINT64_MAX);
	assert_true(gyl_arp_cache_own(w.c, OWN, &asked));
	assert_int_equal(state_of(&w, OWN), GYL_ARP_ANNOUNCING);
	a = due(&w); /* RFC 5227 2.3 */
	is_announcement(&a.send, OWN);
	w.now_ns += 2 * GYL_NS_PER_S - 1;
	assert_true(nothing_due(&w));
	w.now_ns++;
	assert_int_equal(gyl_arp_cache_deadline_ns(w.c), w.now_ns);
	a = due(&w);
	is_announcement(&a.send, OWN);
	assert_int_equal(state_of(&w, OWN), GYL_ARP_OWN);
	assert_int_equal(gyl_arp_cache_deadline_ns(w.c), UINT64_MAX);
	assert_int_equal(gyl_arp_cache_stat(w.c).announce_cnt, 2);
	world_close(&w);
}

static void item_28_addresses_are_added_twice_counted_once_and_emptied(void **state)
{
	struct world w;

	(void)state;
	world_default(&w);
	own(&w, ALIAS); /* each add announces, also one of what is there: own() looks */
	own(&w, ALIAS);
	assert_int_equal(count_state(&w, GYL_ARP_OWN), 2);
	assert_int_equal(gyl_arp_cache_stat(w.c).announce_cnt, 6);
	assert_false(gyl_arp_cache_remove(w.c, 0, OWN));
	assert_false(gyl_arp_cache_remove(w.c, 0, ALIAS));
	assert_int_equal(count_state(&w, GYL_ARP_OWN), 0);
	assert_false(input(&w, gyl_arp_request(mac_a, PEER, OWN)).has_send);
	assert_false(input(&w, gyl_arp_request(mac_a, PEER, ALIAS)).has_send);
	world_close(&w);
}

/* The times of one claim, all of them in the RFC's bounds. */
static void probes_in_time(uint64_t seed, uint64_t ret_gap_ns[3])
{
	struct gyl_arp_action a;
	struct world w;
	uint64_t at_ns;

	claim(&w, seed);
	at_ns = w.now_ns;
	for (unsigned i = 0; i < 3; i++) {
		a = next_is(&w, GYL_ARP_SEND);
		assert_memory_equal(a.send.dst, all, 6);
		assert_int_equal(gyl_arp_kind(&a.send.msg), GYL_ARP_KIND_PROBE);
		assert_memory_equal(a.send.msg.sha, own_mac, 6);
		assert_memory_equal(a.send.msg.tha, zero, 6);
		assert_int_equal(a.send.msg.tpa, OWN);
		assert_int_equal(state_of(&w, OWN), GYL_ARP_PROBING);
		ret_gap_ns[i] = w.now_ns - at_ns;
		assert_in_range(ret_gap_ns[i], i == 0 ? 0 : GYL_NS_PER_S,
			i == 0 ? GYL_NS_PER_S : 2 * GYL_NS_PER_S);
		at_ns = w.now_ns;
	}
	a = next_is(&w, GYL_ARP_CLAIMED);
	assert_int_equal(w.now_ns - at_ns, 2 * GYL_NS_PER_S);
	assert_int_equal(a.ip, OWN);
	is_announcement(&a.send, OWN);
	a = next_is(&w, GYL_ARP_SEND);
	assert_int_equal(w.now_ns - at_ns, 4 * GYL_NS_PER_S);
	is_announcement(&a.send, OWN);
	assert_int_equal(state_of(&w, OWN), GYL_ARP_OWN);
	assert_int_equal(gyl_arp_cache_deadline_ns(w.c), UINT64_MAX);
	assert_int_equal(gyl_arp_cache_stat(w.c).probe_cnt, 3);
	assert_int_equal(gyl_arp_cache_stat(w.c).announce_cnt, 2);
	assert_int_equal(gyl_arp_cache_stat(w.c).claimed_cnt, 1);
	world_close(&w);
}

/* RFC 5227 2.1.1: three probes at random times; 1001 stations spread evenly over them. */
static void item_32_a_claim_probes_waits_and_announces(void **state)
{
	uint64_t gap_ns[3], sum_ns[3] = {0};

	(void)state;
	for (uint64_t seed = 0; seed <= 1000; seed++) {
		probes_in_time(seed, gap_ns);
		for (size_t i = 0; i < 3; i++)
			sum_ns[i] += gap_ns[i];
	}
	assert_in_range(sum_ns[0] / 1001, 460 * GYL_NS_PER_MS, 540 * GYL_NS_PER_MS);
	assert_in_range(sum_ns[1] / 1001, 1460 * GYL_NS_PER_MS, 1540 * GYL_NS_PER_MS);
	assert_in_range(sum_ns[2] / 1001, 1460 * GYL_NS_PER_MS, 1540 * GYL_NS_PER_MS);
}

static void item_32_what_is_claimed_is_not_ours_yet(void **state)
{
	struct world w;

	(void)state;
	claim(&w, 7);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(
			input(&w, gyl_arp_request(mac_a, PEER, OWN)).verdict, GYL_ARP_IGNORED);
		assert_int_equal(query(&w, OWN), GYL_ARP_REFUSED);
		assert_int_equal(gyl_arp_cache_query(w.c, w.now_ns, 20, OWN, w.mac, &w.send),
			GYL_ARP_REFUSED);
		assert_int_equal(query(&w, PEER + i), GYL_ARP_ASK);
		assert_int_equal(w.send.msg.spa, 0);
		assert_true(gyl_arp_cache_remove(w.c, 0, PEER + i));
		next_is(&w, i < 3 ? GYL_ARP_SEND : GYL_ARP_CLAIMED);
	}
	assert_int_equal(input(&w, gyl_arp_request(mac_a, PEER, OWN)).verdict, GYL_ARP_ANSWERED);
	assert_int_equal(query(&w, OWN), GYL_ARP_KNOWN);
	assert_int_equal(query(&w, PEER), GYL_ARP_ASK);
	assert_int_equal(w.send.msg.spa, OWN);
	world_close(&w);
}

/* What ends a claim, in each of its phases: before the first probe, between probes, after the last.
 */
static void item_32_a_claim_is_lost_to_who_has_the_address(void **state)
{
	const struct {
		const char *name;
		struct gyl_arp msg;
		enum gyl_arp_verdict verdict;
	} cases[] = {
		{"its answer to our probe", message(2, mac_a, OWN, own_mac, 0), GYL_ARP_TAKEN},
		{"its answer to another", message(2, mac_a, OWN, mac_b, PEER), GYL_ARP_TAKEN},
		{"its question", gyl_arp_request(mac_a, OWN, PEER), GYL_ARP_TAKEN},
		{"its announcement", gyl_arp_announcement(mac_a, OWN), GYL_ARP_TAKEN},
		{"its gratuitous reply", gyl_arp_gratuitous_reply(mac_a, OWN), GYL_ARP_TAKEN},
		{"another claim", gyl_arp_probe(mac_a, OWN), GYL_ARP_TAKEN},
		{"our own probe, come back", gyl_arp_probe(own_mac, OWN), GYL_ARP_IGNORED},
		{"our announcement, come back", gyl_arp_announcement(own_mac, OWN),
			GYL_ARP_IGNORED},
		{"a question for it", gyl_arp_request(mac_a, PEER, OWN), GYL_ARP_IGNORED},
		{"a claim of something else", gyl_arp_probe(mac_a, ALIAS), GYL_ARP_IGNORED},
		{"an answer about something else", message(2, mac_a, PEER, own_mac, OWN),
			GYL_ARP_IGNORED},
		{"an impossible station", message(2, all, OWN, own_mac, OWN), GYL_ARP_BAD},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases) * 5; i++) {
		size_t k = i / 5, phase = i % 5;
		struct gyl_arp_result res;
		struct world w;

		claim(&w, 7 + i);
		for (size_t n = 0; n < phase; n++) {
			if (n == 0)
				assert_true(nothing_due(&w));
			else
				next_is(&w, GYL_ARP_SEND);
		}
		res = input(&w, cases[k].msg);
		if (res.verdict != cases[k].verdict || res.has_send)
			fail_msg("%s, phase %zu: verdict %d", cases[k].name, phase,
				(int)res.verdict);
		if (res.verdict != GYL_ARP_TAKEN) {
			assert_int_equal(state_of(&w, OWN), GYL_ARP_PROBING);
			world_close(&w);
			continue;
		}
		assert_int_equal(res.ip, OWN);
		assert_memory_equal(res.mac, mac_a, 6);
		assert_int_equal(state_of(&w, OWN), GYL_ARP_FREE);
		assert_int_equal(gyl_arp_cache_deadline_ns(w.c), UINT64_MAX);
		assert_int_equal(gyl_arp_cache_stat(w.c).taken_cnt, 1);
		assert_int_equal(query(&w, OWN), GYL_ARP_ASK); /* a neighbour's, like any */
		world_close(&w);
	}
}

/* Claims until n are lost; how long that took from the first to the last. */
static uint64_t lose(struct world *w, unsigned n)
{
	uint64_t start_ns = w->now_ns;
	bool asked;

	for (unsigned i = 0; i < n; i++) {
		assert_true(gyl_arp_cache_claim(w->c, OWN, &asked));
		next_is(w, GYL_ARP_SEND);
		assert_int_equal(reply_from(w, OWN, mac_a).verdict, GYL_ARP_TAKEN);
	}
	return w->now_ns - start_ns;
}

/* RFC 5227 2.1.1: MAX_CONFLICTS, RATE_LIMIT_INTERVAL */
static void item_32_after_ten_lost_claims_one_a_minute(void **state)
{
	struct gyl_arp_cache_conf cf = gyl_arp_cache_defaults(own_mac, 7);
	struct world w;
	bool asked;

	(void)state;
	world_bare(&w, &cf);
	assert_in_range(lose(&w, 10), 0, 10 * GYL_NS_PER_S);
	assert_in_range(lose(&w, 1), 58 * GYL_NS_PER_S, 61 * GYL_NS_PER_S);
	assert_in_range(lose(&w, 5), 5 * 59 * GYL_NS_PER_S, 5 * 61 * GYL_NS_PER_S);
	w.now_ns += GYL_NS_PER_HOUR; /* long ago: no waiting, but no burst either */
	assert_in_range(lose(&w, 1), 0, GYL_NS_PER_S);
	assert_in_range(lose(&w, 1), 58 * GYL_NS_PER_S, 61 * GYL_NS_PER_S);
	/* a claim that is won starts the count anew */
	assert_true(gyl_arp_cache_claim(w.c, ALIAS, &asked));
	for (unsigned i = 0; i < 3; i++)
		next_is(&w, GYL_ARP_SEND);
	next_is(&w, GYL_ARP_CLAIMED);
	next_is(&w, GYL_ARP_SEND);
	assert_in_range(lose(&w, 10), 0, 10 * GYL_NS_PER_S);
	assert_int_equal(gyl_arp_cache_stat(w.c).taken_cnt, 28);
	world_close(&w);
}

static void item_32_without_probes_a_claim_announces_only(void **state)
{
	struct gyl_arp_cache_conf cf = gyl_arp_cache_defaults(own_mac, 7);
	struct gyl_arp_action a;
	struct world w;

	(void)state;
	cf.claim.probe_num = 0;
	world_claim(&w, &cf);
	a = due(&w);
	assert_int_equal(a.due, GYL_ARP_CLAIMED);
	is_announcement(&a.send, OWN);
	a = next(&w);
	assert_int_equal(a.due, GYL_ARP_SEND);
	is_announcement(&a.send, OWN);
	assert_int_equal(gyl_arp_cache_deadline_ns(w.c), UINT64_MAX);
	world_close(&w);
}

static void item_32_claims_replace_are_bounded_and_can_be_given_up(void **state)
{
	struct gyl_arp_cache_conf cf = gyl_arp_cache_defaults(own_mac, 7);
	struct world w;
	bool asked;

	(void)state;
	cf.fixed_max = 2;
	world_open(&w, &cf);
	assert_int_equal(query(&w, ALIAS), GYL_ARP_ASK);
	assert_true(gyl_arp_cache_claim(w.c, ALIAS, &asked));
	assert_true(asked);
	assert_false(gyl_arp_cache_claim(w.c, PEER, &asked));
	assert_false(gyl_arp_cache_claim(w.c, 0xffffffff, &asked));
	assert_true(gyl_arp_cache_own(w.c, ALIAS, &asked)); /* we know better */
	assert_false(asked);
	assert_int_equal(due(&w).due, GYL_ARP_SEND);
	assert_true(gyl_arp_cache_claim(w.c, ALIAS, &asked)); /* and do no longer */
	assert_int_equal(input(&w, gyl_arp_request(mac_a, PEER, ALIAS)).verdict, GYL_ARP_IGNORED);
	assert_false(gyl_arp_cache_remove(w.c, 0, ALIAS));
	assert_int_equal(gyl_arp_cache_deadline_ns(w.c), UINT64_MAX);
	assert_true(gyl_arp_cache_claim(w.c, PEER, &asked));
	world_close(&w);
}

/* Two stations on one wire start together: who probes first gets it, never both. */
static void item_32_of_two_claims_one_wins(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed <= 1000; seed++) {
		struct gyl_arp_cache_conf cf[2] = {gyl_arp_cache_defaults(own_mac, 2 * seed),
			gyl_arp_cache_defaults(mac_b, 2 * seed + 1)};
		struct world w[2];
		unsigned won = 0, lost = 0;

		world_claim(&w[0], &cf[0]);
		world_claim(&w[1], &cf[1]);
		for (uint64_t ms = 0; ms < 10000; ms++) {
			for (size_t i = 0; i < 2; i++) {
				struct gyl_arp_action a;
				struct world *other = &w[1 - i];

				w[0].now_ns = w[1].now_ns = (5000 + ms) * GYL_NS_PER_MS;
				if (!gyl_arp_cache_tick(w[i].c, w[i].now_ns, &a))
					continue;
				won += a.due == GYL_ARP_CLAIMED;
				lost += input(other, a.send.msg).verdict == GYL_ARP_TAKEN;
			}
		}
		assert_int_equal(won, 1);
		assert_int_equal(lost, 1);
		world_close(&w[0]);
		world_close(&w[1]);
	}
}

static void item_32_conflicts_are_defended_every_ten_seconds(void **state)
{
	struct gyl_arp_result res;
	struct world w;

	(void)state;
	world_default(&w);
	res = input(&w, gyl_arp_announcement(mac_b, OWN));
	assert_int_equal(res.verdict, GYL_ARP_CONFLICT);
	assert_int_equal(res.ip, OWN);
	assert_memory_equal(res.mac, mac_b, 6);
	assert_true(res.has_send);
	is_announcement(&res.send, OWN);
	w.now_ns += 10 * GYL_NS_PER_S - 1;
	res = reply_from(&w, OWN, mac_b);
	assert_int_equal(res.verdict, GYL_ARP_CONFLICT);
	assert_false(res.has_send);
	w.now_ns++;
	assert_true(reply_from(&w, OWN, mac_b).has_send);
	/* our own frames come back behind some bridges: they are no conflict */
	assert_int_equal(input(&w, gyl_arp_announcement(own_mac, OWN)).verdict, GYL_ARP_IGNORED);
	assert_int_equal(gyl_arp_cache_stat(w.c).conflict_cnt, 3);
	assert_int_equal(gyl_arp_cache_stat(w.c).defend_cnt, 2);
	assert_int_equal(query(&w, OWN), GYL_ARP_KNOWN); /* we keep it: RFC 5227 2.4 (c) */
	assert_memory_equal(w.mac, own_mac, 6);
	world_close(&w);
}

static void item_32_each_address_has_its_own_defence(void **state)
{
	struct gyl_arp_result res;
	struct world w;

	(void)state;
	world_default(&w);
	own(&w, ALIAS);
	assert_true(reply_from(&w, OWN, mac_b).has_send);
	assert_false(reply_from(&w, OWN, mac_b).has_send);
	res = reply_from(&w, ALIAS, mac_b);
	assert_true(res.has_send);
	is_announcement(&res.send, ALIAS);
	assert_false(reply_from(&w, ALIAS, mac_b).has_send);
	world_close(&w);
}

/* The second announcement is sent early, as the defence. */
static void item_32_a_defence_while_announcing(void **state)
{
	struct gyl_arp_cache_conf cf = gyl_arp_cache_defaults(own_mac, 7);
	struct world w;
	bool asked;

	(void)state;
	world_bare(&w, &cf);
	assert_true(gyl_arp_cache_own(w.c, OWN, &asked));
	assert_int_equal(due(&w).due, GYL_ARP_SEND);
	assert_true(reply_from(&w, OWN, mac_b).has_send);
	assert_int_equal(gyl_arp_cache_deadline_ns(w.c), UINT64_MAX);
	w.now_ns += 10 * GYL_NS_PER_S - 1;
	assert_false(reply_from(&w, OWN, mac_b).has_send);
	world_close(&w);
}

/* A station that repeats itself 100 times a second for 100 s: told 8 times and once a second, and
 * whenever we defend. */
static void item_32_conflicts_are_told_with_a_limit(void **state)
{
	struct world w;
	unsigned told = 0, defended = 0;

	(void)state;
	world_default(&w);
	for (unsigned i = 0; i < 10000; i++) {
		struct gyl_arp_result res = input(&w, gyl_arp_announcement(mac_b, OWN));

		assert_true(res.verdict == GYL_ARP_CONFLICT || res.verdict == GYL_ARP_IGNORED);
		assert_true(!res.has_send || res.verdict == GYL_ARP_CONFLICT);
		told += res.verdict == GYL_ARP_CONFLICT;
		defended += res.has_send;
		w.now_ns += 10 * GYL_NS_PER_MS;
	}
	assert_int_equal(defended, 10);
	assert_in_range(told, 100, 8 + 100 + 10);
	assert_int_equal(gyl_arp_cache_stat(w.c).conflict_cnt, 10000);
	world_close(&w);
}

/* RFC 5227 2.1.1: the answer to a probe is the defence, nothing else happens. */
static void item_32_one_who_probes_for_ours_is_answered(void **state)
{
	struct gyl_arp_result res;
	struct world w;

	(void)state;
	world_default(&w);
	for (unsigned i = 0; i < 3; i++) {
		res = input(&w, gyl_arp_probe(mac_a, OWN));
		assert_int_equal(res.verdict, GYL_ARP_ANSWERED);
		assert_memory_equal(res.send.dst, mac_a, 6);
		assert_int_equal(res.send.msg.op, GYL_ARP_REPLY);
		assert_int_equal(res.send.msg.spa, OWN);
		assert_int_equal(res.send.msg.tpa, 0);
		assert_int_equal(state_of(&w, OWN), GYL_ARP_OWN);
	}
	assert_int_equal(gyl_arp_cache_stat(w.c).conflict_cnt, 0);
	world_close(&w);
}

static void own_addresses_hold_on_every_vlan(void **state)
{
	struct gyl_arp q = gyl_arp_request(mac_a, PEER, OWN), c = gyl_arp_announcement(mac_b, OWN);
	struct gyl_arp p = gyl_arp_probe(mac_b, ALIAS);
	struct gyl_arp_result res;
	struct world w;
	bool asked;

	(void)state;
	world_default(&w);
	gyl_arp_cache_input(w.c, w.now_ns, 20, &q, &res);
	assert_int_equal(res.verdict, GYL_ARP_ANSWERED);
	assert_int_equal(res.send.vlan, 20);
	gyl_arp_cache_input(w.c, w.now_ns, 20, &c, &res);
	assert_int_equal(res.verdict, GYL_ARP_CONFLICT);
	assert_true(res.has_send);
	assert_int_equal(res.send.vlan, 20);
	assert_int_equal(
		gyl_arp_cache_query(w.c, w.now_ns, 20, OWN, w.mac, &w.send), GYL_ARP_KNOWN);
	assert_true(gyl_arp_cache_claim(w.c, ALIAS, &asked));
	gyl_arp_cache_input(w.c, w.now_ns, 20, &p, &res);
	assert_int_equal(res.verdict, GYL_ARP_TAKEN);
	world_close(&w);
}

static void questions_are_asked_with_the_nearest_address(void **state)
{
	static const struct {
		uint32_t ip, spa;
	} cases[] = {
		{0x0a000063, OWN},
		{0xc0a80163, 0xc0a80101},
		{0xc0a80263, 0xc0a80201},
		{0x0b000001, OWN},
	};
	struct world w;
	bool asked;

	(void)state;
	world_default(&w);
	own(&w, 0xc0a80101);
	assert_true(gyl_arp_cache_own(w.c, 0xc0a80201, &asked)); /* still announcing */
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		assert_int_equal(query(&w, cases[i].ip), GYL_ARP_ASK);
		assert_int_equal(w.send.msg.spa, cases[i].spa);
	}
	assert_false(gyl_arp_cache_remove(w.c, 0, OWN));
	assert_int_equal(query(&w, 0x0a000064), GYL_ARP_ASK);
	assert_int_not_equal(w.send.msg.spa, OWN);
	assert_int_not_equal(w.send.msg.spa, 0);
	world_close(&w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(item_15_own_address_is_announced_twice),
		cmocka_unit_test(item_28_addresses_are_added_twice_counted_once_and_emptied),
		cmocka_unit_test(item_32_a_claim_probes_waits_and_announces),
		cmocka_unit_test(item_32_what_is_claimed_is_not_ours_yet),
		cmocka_unit_test(item_32_a_claim_is_lost_to_who_has_the_address),
		cmocka_unit_test(item_32_after_ten_lost_claims_one_a_minute),
		cmocka_unit_test(item_32_without_probes_a_claim_announces_only),
		cmocka_unit_test(item_32_claims_replace_are_bounded_and_can_be_given_up),
		cmocka_unit_test(item_32_of_two_claims_one_wins),
		cmocka_unit_test(item_32_conflicts_are_defended_every_ten_seconds),
		cmocka_unit_test(item_32_each_address_has_its_own_defence),
		cmocka_unit_test(item_32_a_defence_while_announcing),
		cmocka_unit_test(item_32_conflicts_are_told_with_a_limit),
		cmocka_unit_test(item_32_one_who_probes_for_ours_is_answered),
		cmocka_unit_test(own_addresses_hold_on_every_vlan),
		cmocka_unit_test(questions_are_asked_with_the_nearest_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
