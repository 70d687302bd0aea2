/* SPDX-License-Identifier: ISC */
/*
 * The ARP cache alone, under a clock of the test. Names carry the numbers of libnet/docs/stack.md.
 */
#include "tests/support/support.h"

#include <stdlib.h>

#include <gyl/net/arp_cache.h>
#include <gyl/time.h>

#define OWN   0x0a000001u
#define PEER  0x0a000005u
#define ALIAS 0x0a000002u

static const uint8_t own_mac[6] = {2, 0, 0, 0, 0, 1};
static const uint8_t mac_a[6] = {2, 0, 0, 0, 0, 5};
static const uint8_t mac_b[6] = {2, 0, 0, 0, 0, 6};
static const uint8_t all[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
static const uint8_t zero[6];

struct world {
	struct gyl_arp_cache *c;
	struct gyl_arp_cache_conf cf;
	uint64_t now_ns;
	struct gyl_arp_send send;
	uint8_t mac[6];
};

static void world_open(struct world *w, const struct gyl_arp_cache_conf *cf)
{
	bool asked;

	memset(w, 0, sizeof(*w));
	w->cf = *cf;
	w->now_ns = 5 * GYL_NS_PER_S;
	w->c = gyl_arp_cache_init(malloc(gyl_arp_cache_need(cf)), cf);
	assert_non_null(w->c);
	assert_true(gyl_arp_cache_own(w->c, OWN, &w->send, &asked));
	assert_false(asked);
}

static void world_default(struct world *w)
{
	struct gyl_arp_cache_conf cf = gyl_arp_cache_defaults(own_mac, 7);

	world_open(w, &cf);
}

static void world_close(struct world *w)
{
	free(w->c);
}

static enum gyl_arp_answer query(struct world *w, uint32_t ip)
{
	return gyl_arp_cache_query(w->c, w->now_ns, 0, ip, w->mac, &w->send);
}

static struct gyl_arp message(
	uint16_t op, const uint8_t sha[6], uint32_t spa, const uint8_t tha[6], uint32_t tpa)
{
	struct gyl_arp a = {.op = op, .spa = spa, .tpa = tpa};

	memcpy(a.sha, sha, 6);
	memcpy(a.tha, tha, 6);
	return a;
}

static struct gyl_arp_result input(struct world *w, struct gyl_arp a)
{
	struct gyl_arp_result res;

	gyl_arp_cache_input(w->c, w->now_ns, 0, &a, &res);
	return res;
}

static struct gyl_arp_result reply_from(struct world *w, uint32_t ip, const uint8_t mac[6])
{
	return input(w, message(GYL_ARP_REPLY, mac, ip, own_mac, OWN));
}

static void know(struct world *w, uint32_t ip, const uint8_t mac[6])
{
	assert_int_equal(query(w, ip), GYL_ARP_ASK);
	assert_int_equal(reply_from(w, ip, mac).verdict, GYL_ARP_LEARNED);
}

/* The one action due now. */
static struct gyl_arp_action due(struct world *w)
{
	struct gyl_arp_action a, more;

	assert_true(gyl_arp_cache_tick(w->c, w->now_ns, &a));
	assert_false(gyl_arp_cache_tick(w->c, w->now_ns, &more));
	return a;
}

static bool nothing_due(struct world *w)
{
	struct gyl_arp_action a;

	return !gyl_arp_cache_tick(w->c, w->now_ns, &a);
}

static size_t count_state(struct world *w, enum gyl_arp_state state)
{
	struct gyl_arp_entry e;
	size_t cnt = 0;

	for (size_t i = 0; gyl_arp_cache_entry(w->c, i, &e); i++)
		cnt += e.state == state;
	return cnt;
}

static void item15_announces_itself_and_refuses_bad_limits(void **state)
{
	struct gyl_arp_cache_conf good = gyl_arp_cache_defaults(own_mac, 7), cf;
	struct world w;

	(void)state;
	world_open(&w, &good);
	assert_memory_equal(w.send.dst, all, 6);
	assert_int_equal(w.send.msg.op, GYL_ARP_REQUEST);
	assert_int_equal(w.send.msg.spa, OWN);
	assert_int_equal(w.send.msg.tpa, OWN);
	assert_memory_equal(w.send.msg.sha, own_mac, 6);
	assert_memory_equal(w.send.msg.tha, zero, 6);
	world_close(&w);
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
	REFUSED(memcpy(cf.mac, all, 6));
	REFUSED(memcpy(cf.mac, zero, 6));
}

static void item16_own_and_pinned_overwrite_each_other(void **state)
{
	struct world w;
	bool asked;

	(void)state;
	world_default(&w);
	assert_true(gyl_arp_cache_own(w.c, ALIAS, &w.send, &asked));
	assert_true(gyl_arp_cache_pin(w.c, 0, ALIAS, mac_a, &asked));
	assert_int_equal(query(&w, ALIAS), GYL_ARP_KNOWN);
	assert_memory_equal(w.mac, mac_a, 6);
	assert_true(gyl_arp_cache_own(w.c, ALIAS, &w.send, &asked));
	assert_int_equal(query(&w, ALIAS), GYL_ARP_KNOWN);
	assert_memory_equal(w.mac, own_mac, 6);
	assert_false(gyl_arp_cache_remove(w.c, 0, ALIAS));
	assert_false(gyl_arp_cache_remove(w.c, 0, ALIAS));
	assert_int_equal(query(&w, ALIAS), GYL_ARP_ASK);
	assert_int_equal(w.send.msg.spa, OWN);
	world_close(&w);
}

static void item16_a_hundred_mixed_entries_survive_and_go(void **state)
{
	struct gyl_arp_cache_conf cf = gyl_arp_cache_defaults(own_mac, 7);
	struct world w;
	bool asked;

	(void)state;
	cf.fixed_max = 101;
	world_open(&w, &cf);
	for (uint32_t i = 0; i < 100; i++) {
		if (i % 2 == 0)
			assert_true(gyl_arp_cache_own(w.c, PEER + i, &w.send, &asked));
		else
			assert_true(gyl_arp_cache_pin(w.c, 0, PEER + i, mac_a, &asked));
	}
	assert_false(gyl_arp_cache_pin(w.c, 0, PEER + 100, mac_a, &asked));
	assert_true(gyl_arp_cache_pin(w.c, 0, PEER, mac_b, &asked)); /* no new entry */
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

static void item17_own_is_known_at_once_and_no_host_addresses_never(void **state)
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
		assert_false(gyl_arp_cache_own(w.c, never[i], &w.send, &asked));
	}
	world_close(&w);
}

static void item18_one_request_for_many_questions(void **state)
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

static void item19_fixing_a_pending_address_tells_so(void **state)
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
	assert_true(gyl_arp_cache_own(w.c, ALIAS, &w.send, &asked));
	assert_true(asked);
	world_close(&w);
}

/* retries = n: n + 1 requests, and the end on tick n + 1 */
static void item20_retries(uint8_t retry_cnt)
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

static void item20_retries_then_failure(void **state)
{
	(void)state;
	item20_retries(0);
	item20_retries(1);
	item20_retries(4);
	item20_retries(5);
}

static void item21_unasked_answers_are_ignored(void **state)
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

static void item22_answers_and_announcements_teach_what_was_asked(void **state)
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

static void item23_a_known_address_may_move(void **state)
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

static void item24_fixed_addresses_do_not_move(void **state)
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

static void item25_item33_life_and_unicast_refresh(void **state)
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

static void item25_an_answer_renews(void **state)
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

static void item26_only_own_addresses_are_told(void **state)
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

static void item27_requests_do_not_teach_and_other_operations_do_nothing(void **state)
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

static void item29_known_and_pending_are_bounded(void **state)
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

static void item29_a_scan_through_us_is_slowed_down(void **state)
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

static void item31_a_removed_question_is_told(void **state)
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

static void item32_conflicts_are_told_and_defended_every_ten_seconds(void **state)
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
	assert_memory_equal(res.send.dst, all, 6);
	assert_int_equal(gyl_arp_kind(&res.send.msg), GYL_ARP_KIND_ANNOUNCEMENT);
	w.now_ns += 10 * GYL_NS_PER_S - 1;
	res = reply_from(&w, OWN, mac_b);
	assert_int_equal(res.verdict, GYL_ARP_CONFLICT);
	assert_false(res.has_send);
	w.now_ns++;
	assert_true(reply_from(&w, OWN, mac_b).has_send);
	/* our own frames come back behind some bridges: they are no conflict */
	assert_int_equal(input(&w, gyl_arp_announcement(own_mac, OWN)).verdict, GYL_ARP_IGNORED);
	assert_int_equal(gyl_arp_cache_stat(w.c).conflict_cnt, 3);
	world_close(&w);
}

static void item35_impossible_senders_are_dropped_and_counted(void **state)
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
		cmocka_unit_test(item15_announces_itself_and_refuses_bad_limits),
		cmocka_unit_test(item16_own_and_pinned_overwrite_each_other),
		cmocka_unit_test(item16_a_hundred_mixed_entries_survive_and_go),
		cmocka_unit_test(item17_own_is_known_at_once_and_no_host_addresses_never),
		cmocka_unit_test(item18_one_request_for_many_questions),
		cmocka_unit_test(item19_fixing_a_pending_address_tells_so),
		cmocka_unit_test(item20_retries_then_failure),
		cmocka_unit_test(item21_unasked_answers_are_ignored),
		cmocka_unit_test(item22_answers_and_announcements_teach_what_was_asked),
		cmocka_unit_test(item23_a_known_address_may_move),
		cmocka_unit_test(item24_fixed_addresses_do_not_move),
		cmocka_unit_test(item25_item33_life_and_unicast_refresh),
		cmocka_unit_test(item25_an_answer_renews),
		cmocka_unit_test(item26_only_own_addresses_are_told),
		cmocka_unit_test(item27_requests_do_not_teach_and_other_operations_do_nothing),
		cmocka_unit_test(item29_known_and_pending_are_bounded),
		cmocka_unit_test(item29_a_scan_through_us_is_slowed_down),
		cmocka_unit_test(item31_a_removed_question_is_told),
		cmocka_unit_test(item32_conflicts_are_told_and_defended_every_ten_seconds),
		cmocka_unit_test(item35_impossible_senders_are_dropped_and_counted),
		cmocka_unit_test(vlans_are_kept_apart),
		cmocka_unit_test(many_addresses_come_and_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
