/* SPDX-License-Identifier: ISC */

/* Probe-ahead: what goes out by ARP and when, who is heard, and what is offered. */

#include <gyl/arp.h>

#include "services/dhcpd/state.h"
#include "tests/unit/dhcpd/recount.h"
#include "tests/unit/dhcpd/steer_world.h"

enum {
	PORT = 5
};

static struct steer told;

static const uint8_t our_mac[6] = {2, 0, 0, 0, 0, 0xfe}, squatter[6] = {2, 9, 9, 9, 9, 1};

static uint32_t probed[4096]; /* the addresses that were asked for, in their order */
static unsigned probed_cnt;

/* Read the frames of the last call. */
static void note_frames(struct world *w)
{
	for (unsigned i = 0; i < w->b.out.send_cnt; i++) {
		struct gyl_send *s = &w->b.send[i];
		struct gyl_eth e;
		struct gyl_arp a;

		if (s->port != PORT)
			continue;
		assert_int_equal(s->len, GYL_ETH_FRAME_MIN);
		assert_int_equal(s->to.iface, 0);
		assert_int_equal(gyl_eth_decode(outbox_sent(&w->b, i), &e).err, GYL_OK);
		assert_true(gyl_eth_is_broadcast(e.dst));
		assert_memory_equal(e.src, our_mac, 6);
		assert_int_equal(gyl_arp_decode(e.payload, &a).err, GYL_OK);
		assert_int_equal(gyl_arp_kind(&a), GYL_ARP_KIND_PROBE);
		assert_memory_equal(a.sha, our_mac, 6);
		assert_true(probed_cnt < 4096);
		probed[probed_cnt++] = a.tpa;
	}
}

/* Time passes in steps of 5 ms; how many frames went out. */
static unsigned pass(struct world *w, uint64_t ns)
{
	unsigned before = probed_cnt;
	uint64_t end = w->b.now.mono_ns + ns;

	while (w->b.now.mono_ns < end) {
		if (gyl_dhcpd_core.deadline_ns(w->d) <= w->b.now.mono_ns) {
			outbox_tick(&w->b, &gyl_dhcpd_core, w->d);
			note_frames(w);
		}
		w->b.now.mono_ns += 5 * GYL_NS_PER_MS;
		w->b.now.wall_ns += 5 * GYL_NS_PER_MS;
	}
	return probed_cnt - before;
}

static void start(struct world *w, uint32_t size)
{
	w->plan.cf.probe = true;
	w->plan.pool[0].last = POOL + size - 1;
	world_start(w);
	gyl_dhcpd_probe_mac(w->d, 0, our_mac);
	gyl_dhcpd_probe_open(w->d, PORT);
	probed_cnt = 0;
}

static void arp(struct world *w, struct gyl_arp a, const uint8_t src[6], uint8_t iface)
{
	struct gyl_in in = {.kind = GYL_IN_FRAME, .port = PORT, .role = GYL_DHCPD_ARP};
	struct gyl_eth e = {.type = GYL_ETH_ARP};
	uint8_t buf[64];
	struct gyl_writer wr;

	memcpy(e.src, src, 6);
	memset(e.dst, 0xff, 6);
	gyl_writer_init(&wr, buf, sizeof buf);
	gyl_arp_encode_frame(&wr, &e, &a);
	in.data = gyl_writer_view(&wr);
	in.peer.iface = iface;
	in.peer.has_mac = 1;
	memcpy(in.peer.mac, src, 6);
	assert_int_equal(outbox_input(&w->b, &gyl_dhcpd_core, w->d, &in, 1), 1);
}

/* The station at ip answers a probe. */
static void answer(struct world *w, uint32_t ip, const uint8_t mac[6])
{
	struct gyl_arp probe = gyl_arp_probe(our_mac, ip);

	arp(w, gyl_arp_reply(&probe, mac), mac, 0);
}

/* The address in the answer to a message that waited; 0: there is none in that time. */
static uint32_t answered(struct world *w, uint64_t ns)
{
	uint64_t end = w->b.now.mono_ns + ns;

	for (; w->b.now.mono_ns <= end; w->b.now.mono_ns += 5 * GYL_NS_PER_MS) {
		outbox_tick(&w->b, &gyl_dhcpd_core, w->d);
		note_frames(w);
		for (unsigned i = 0; i < w->b.out.send_cnt; i++) {
			struct gyl_view v = outbox_sent(&w->b, i);

			if (w->b.send[i].port == PORT)
				continue;
			memcpy(w->answer, v.p, v.len);
			gyl_dhcp_decode(gyl_view(w->answer, v.len), &w->m);
			return w->m.hdr.yiaddr;
		}
	}
	return 0;
}

static uint32_t ready(const struct world *w)
{
	return w->d->layout->subnet[0].ready.cnt;
}

static uint64_t count_of(const struct world *w, enum gyl_dhcpd_count n)
{
	struct gyl_dhcpd_stat st;

	gyl_dhcpd_stat(w->d, &st);
	return st.count[n];
}

static void a_list_of_checked_addresses_is_kept(void **state)
{
	struct world *w = *state;
	unsigned sent;

	start(w, 200);
	sent = pass(w, 20 * GYL_NS_PER_S);
	assert_int_equal(ready(w), GYL_DHCPD_READY_MAX);
	/* Two probes for those, one for the others, none for our network behind the relay. */
	assert_int_equal(sent, 2 * GYL_DHCPD_READY_MAX + 200 - GYL_DHCPD_READY_MAX);
	for (unsigned i = 0; i < probed_cnt; i++)
		assert_in_range(probed[i], POOL, POOL + 199);
	/* Then it is silent. */
	assert_true(gyl_dhcpd_core.deadline_ns(w->d) == UINT64_MAX);
	assert_int_equal(pass(w, 60 * GYL_NS_PER_S), 0);
	/* What is offered is replaced. */
	assert_int_equal(get_lease(w, (struct ask){.client = 1}), POOL);
	assert_int_equal(pass(w, 5 * GYL_NS_PER_S), 2);
	assert_int_equal(probed[probed_cnt - 1], POOL + GYL_DHCPD_READY_MAX);
	assert_int_equal(ready(w), GYL_DHCPD_READY_MAX);
}

static void the_rate_is_bounded(void **state)
{
	struct world *w = *state;
	unsigned sent;

	start(w, 240);
	assert_true(pass(w, 5 * GYL_NS_PER_MS) <= GYL_DHCPD_PROBE_BURST);
	for (unsigned i = 0; i < 8; i++) {
		sent = pass(w, GYL_NS_PER_S);
		assert_true(sent <= GYL_DHCPD_PROBE_RATE + GYL_DHCPD_PROBE_BURST);
	}
}

static void a_small_pool_is_checked_whole(void **state)
{
	struct world *w = *state;

	start(w, 10);
	pass(w, 5 * GYL_NS_PER_S);
	assert_int_equal(ready(w), 10);
	for (uint8_t i = 1; i <= 10; i++)
		assert_int_equal(get_lease(w, (struct ask){.client = i}), POOL + i - 1u);
	assert_int_equal(offered(w, (struct ask){.client = 11}), 0);
	pass(w, 5 * GYL_NS_PER_S);
	assert_int_equal(ready(w), 0);
	ask(w, (struct ask){
		       .type = GYL_DHCP_RELEASE, .client = 4, .ciaddr = POOL + 3, .server = US});
	pass(w, 5 * GYL_NS_PER_S);
	assert_int_equal(ready(w), 1);
}

static void a_squatter_is_never_offered(void **state)
{
	struct world *w = *state;

	start(w, 20);
	pass(w, 50 * GYL_NS_PER_MS);
	answer(w, POOL, squatter);
	assert_non_null(outbox_event(&w->b, GYL_EV_DHCPD_SQUAT));
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_DECLINED);
	assert_int_equal(count_of(w, GYL_DHCPD_SQUATTED), 1);
	assert_true(steer(w, &told, "dhcp.explain", "client=10.0.0.10"));
	expect_in(told.text, "is kept aside, because a machine uses it that did not get it here, ");
	/* Not even when it is asked for. */
	assert_true(offered(w, (struct ask){.client = 1, .want = POOL}) != POOL);
	pass(w, 5 * GYL_NS_PER_S);
	assert_int_equal(ready(w), 18);
	for (uint8_t i = 2; i <= 20; i++)
		assert_true(get_lease(w, (struct ask){.client = i}) != POOL);
	/* After the quarantine it is asked for again. */
	pass(w, 11 * GYL_NS_PER_MIN);
	probed_cnt = 0;
	pass(w, GYL_NS_PER_S);
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_FREE);
}

static void what_stations_say_of_themselves_is_heard(void **state)
{
	struct world *w = *state;

	start(w, 20);
	pass(w, 5 * GYL_NS_PER_S);
	/* RFC 5227 2.3, 1.1; and any request with a sender. */
	arp(w, gyl_arp_announcement(squatter, POOL + 1), squatter, 0);
	assert_int_equal(state_of(w, POOL + 1), GYL_DHCPD_DECLINED);
	arp(w, gyl_arp_probe(squatter, POOL + 2), squatter, 0);
	assert_int_equal(state_of(w, POOL + 2), GYL_DHCPD_DECLINED);
	arp(w, gyl_arp_request(squatter, POOL + 3, US), squatter, 0);
	assert_int_equal(state_of(w, POOL + 3), GYL_DHCPD_DECLINED);
	/* To ask for an address is not to use it; nor is what we send ourselves, or what another
	 * network says. */
	arp(w, gyl_arp_request(squatter, US + 1, POOL + 4), squatter, 0);
	arp(w, gyl_arp_announcement(our_mac, POOL + 4), our_mac, 0);
	arp(w, gyl_arp_announcement(squatter, POOL + 4), squatter, 1);
	assert_int_equal(state_of(w, POOL + 4), GYL_DHCPD_FREE);
}

static void one_station_does_not_talk_a_pool_away(void **state)
{
	struct world *w = *state;
	unsigned aside = 0;

	start(w, 200);
	pass(w, 100 * GYL_NS_PER_MS);
	/* A router with proxy ARP (RFC 1027) answers for everybody. */
	for (unsigned i = 0; i < 200; i++)
		answer(w, POOL + i, squatter);
	for (unsigned i = 0; i < 200; i++)
		aside += state_of(w, POOL + i) == GYL_DHCPD_DECLINED;
	assert_int_equal(aside, 3);
	pass(w, 20 * GYL_NS_PER_S);
	assert_int_equal(ready(w), GYL_DHCPD_READY_MAX);
	assert_true(get_lease(w, (struct ask){.client = 1}) != 0);
	/* Nor do ever new ones. */
	for (unsigned i = 0; i < 200; i++) {
		const uint8_t mac[6] = {2, 8, 8, 8, 8, (uint8_t)i};

		arp(w, gyl_arp_announcement(mac, POOL + i), mac, 0);
	}
	aside = 0;
	for (unsigned i = 0; i < 200; i++)
		aside += state_of(w, POOL + i) == GYL_DHCPD_DECLINED;
	assert_true(aside <= 100);
	assert_true(get_lease(w, (struct ask){.client = 2}) != 0);
}

static void the_holder_is_no_squatter(void **state)
{
	static const uint8_t one[6] = {2, 0, 0, 0, 0, 1};
	struct world *w = *state;

	start(w, 20);
	pass(w, 5 * GYL_NS_PER_S);
	assert_int_equal(get_lease(w, (struct ask){.client = 1}), POOL);
	/* RFC 5227: it probes and announces what it was given. */
	arp(w, gyl_arp_probe(one, POOL), one, 0);
	arp(w, gyl_arp_announcement(one, POOL), one, 0);
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_LEASED);
	/* And somebody else does not take its lease away by saying so. */
	arp(w, gyl_arp_announcement(squatter, POOL), squatter, 0);
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_LEASED);
	/* It stays after the end of its lease: it gets it back, others do not. */
	pass(w, 61 * GYL_NS_PER_MIN);
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_FREE);
	pass(w, GYL_NS_PER_S);
	answer(w, POOL, one);
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_FREE);
	for (uint8_t i = 2; i <= 12; i++)
		assert_true(get_lease(w, (struct ask){.client = i}) != POOL);
	assert_int_equal(get_lease(w, (struct ask){.client = 1}), POOL);
}

/* RFC 5227 2.1.1: two probes for one address by two stations are a conflict. */
static void nobody_is_asked_for_what_is_leased(void **state)
{
	struct world *w = *state;

	start(w, 20);
	get_lease(w, (struct ask){.client = 1}); /* before it is checked */
	probed_cnt = 0;
	pass(w, 10 * GYL_NS_PER_S);
	for (unsigned i = 0; i < probed_cnt; i++)
		assert_true(probed[i] != POOL);
}

/* RFC 2131 4.3.1: the server SHOULD look for an address before it gives it. */
static void rfc2131_4_3_1_what_is_asked_for_is_looked_for_first(void **state)
{
	struct world *w = *state;
	const struct ask q = {.type = GYL_DHCP_DISCOVER, .client = 1, .want = POOL + 150};

	start(w, 200);
	assert_false(ask(w, q));
	note_frames(w);
	assert_int_equal(probed_cnt, 1);
	assert_int_equal(probed[0], POOL + 150);
	assert_int_equal(answered(w, 90 * GYL_NS_PER_MS), 0);
	assert_int_equal(answered(w, 20 * GYL_NS_PER_MS), POOL + 150);
	assert_int_equal(w->m.type, GYL_DHCP_OFFER);
	assert_int_equal(request(w, (struct ask){.client = 1, .want = POOL + 150, .server = US}),
		GYL_DHCP_ACK);
	recount(w->d);
}

static void a_squatter_is_not_offered_in_the_first_second(void **state)
{
	struct world *w = *state;
	struct ask q = {.type = GYL_DHCP_DISCOVER, .client = 1, .want = POOL + 150};
	uint32_t ip;

	start(w, 200);
	assert_false(ask(w, q));
	answer(w, POOL + 150, squatter);
	ip = answered(w, 200 * GYL_NS_PER_MS);
	assert_true(ip != 0 && ip != POOL + 150);
	/* Nor acknowledged to who says that it was offered. */
	q = (struct ask){.type = GYL_DHCP_REQUEST, .client = 2, .want = POOL + 151, .server = US};
	assert_false(ask(w, q));
	answer(w, POOL + 151, (const uint8_t[6]){2, 9, 9, 9, 9, 2});
	assert_int_equal(answered(w, 200 * GYL_NS_PER_MS), 0);
	assert_int_equal(w->m.type, GYL_DHCP_NAK);
	/* What nobody uses is honoured, though we may have forgotten the offer. */
	q.client = 3;
	q.want = POOL + 152;
	assert_false(ask(w, q));
	assert_int_equal(answered(w, 200 * GYL_NS_PER_MS), POOL + 152);
	assert_int_equal(w->m.type, GYL_DHCP_ACK);
	recount(w->d);
}

static void when_many_wait_the_others_get_what_was_looked_for(void **state)
{
	struct world *w = *state;

	start(w, 200);
	pass(w, 5 * GYL_NS_PER_S);
	for (unsigned i = 0; i < GYL_DHCPD_WAIT_MAX; i++)
		assert_false(ask(w, (struct ask){.type = GYL_DHCP_DISCOVER,
					    .client = (uint8_t)(1 + i),
					    .want = POOL + 150 + i}));
	assert_int_equal(offered(w, (struct ask){.client = 100, .want = POOL + 190}), POOL);
	recount(w->d);
	w->b.now.mono_ns += 150 * GYL_NS_PER_MS;
	outbox_tick(&w->b, &gyl_dhcpd_core, w->d);
	for (unsigned i = 0; i < GYL_DHCPD_WAIT_MAX; i++)
		assert_int_equal(w->b.send[i].port, 0);
	recount(w->d);
}

/* One after the other, while what is checked ahead is under way. */
static void a_hundred_clients_in_a_second_get_what_they_ask_for(void **state)
{
	struct world *w = *state;

	start(w, 200);
	pass(w, 5 * GYL_NS_PER_MS);
	for (unsigned round = 0; round < 6; round++) {
		for (unsigned i = 0; i < GYL_DHCPD_WAIT_MAX; i++)
			assert_false(ask(
				w, (struct ask){.type = GYL_DHCP_DISCOVER,
					   .client = (uint8_t)(1 + round * GYL_DHCPD_WAIT_MAX + i),
					   .want = POOL + 50 + round * GYL_DHCPD_WAIT_MAX + i}));
		w->b.now.mono_ns += 105 * GYL_NS_PER_MS;
		for (unsigned i = 0; i < GYL_DHCPD_WAIT_MAX; i++)
			outbox_tick(&w->b, &gyl_dhcpd_core, w->d);
	}
	for (uint32_t i = 0; i < 6 * GYL_DHCPD_WAIT_MAX; i++)
		assert_int_equal(state_of(w, POOL + 50 + i), GYL_DHCPD_OFFERED);
	recount(w->d);
}

static void a_storm_is_served_unchecked(void **state)
{
	struct world *w = *state;

	start(w, 200);
	pass(w, 20 * GYL_NS_PER_S);
	for (uint8_t i = 1; i <= 150; i++)
		assert_true(get_lease(w, (struct ask){.client = i}) != 0);
	pass(w, 20 * GYL_NS_PER_S);
	assert_int_equal(ready(w), GYL_DHCPD_READY_MAX);
}

static void a_client_that_was_forgotten_keeps_its_address(void **state)
{
	static const uint8_t one[6] = {2, 0, 0, 0, 0, 1};
	struct world *w = *state;

	start(w, 20);
	pass(w, 50 * GYL_NS_PER_MS);
	answer(w, POOL + 5, one); /* we know nothing of it, and it is seen */
	assert_int_equal(state_of(w, POOL + 5), GYL_DHCPD_DECLINED);
	assert_int_equal(request(w, (struct ask){.client = 1, .ciaddr = POOL + 5, .unicast = true}),
		GYL_DHCP_ACK);
	assert_int_equal(request(w, (struct ask){.client = 2, .ciaddr = POOL + 6, .unicast = true}),
		GYL_DHCP_ACK);
}

static void what_waited_long_is_checked_again(void **state)
{
	struct world *w = *state;

	start(w, 100);
	pass(w, 10 * GYL_NS_PER_S);
	w->b.now.mono_ns += 30 * GYL_NS_PER_MIN;
	assert_int_equal(pass(w, GYL_NS_PER_S), 0);
	get_lease(w, (struct ask){.client = 1});
	/* The new one twice, and each of the old ones twice. */
	assert_int_equal(pass(w, 10 * GYL_NS_PER_S), 2 * GYL_DHCPD_READY_MAX);
	assert_int_equal(ready(w), GYL_DHCPD_READY_MAX);
}

static void a_reload_begins_anew_and_probing_may_be_off(void **state)
{
	struct world *w = *state;

	start(w, 20);
	pass(w, 5 * GYL_NS_PER_S);
	world_reload(w);
	assert_int_equal(ready(w), 0);
	assert_int_equal(offered(w, (struct ask){.client = 1}), POOL);
	pass(w, 5 * GYL_NS_PER_S);
	assert_int_equal(ready(w), 19);
	w->plan.cf.probe = false;
	world_reload(w);
	assert_int_equal(pass(w, 60 * GYL_NS_PER_S), 0);
	answer(w, POOL + 9, squatter);
	assert_int_equal(state_of(w, POOL + 9), GYL_DHCPD_FREE);
}

/* A printer that was given its reserved address by hand uses what is its own. */
static void who_has_it_reserved_is_no_squatter(void **state)
{
	static const uint8_t printer[6] = {2, 0, 0, 0, 0, 7};
	struct world *w = *state;

	w->plan.host[0] = (struct plan_host){{2, 0, 0, 0, 0, 7}, POOL + 5, "printer"};
	start(w, 20);
	pass(w, 5 * GYL_NS_PER_S);
	arp(w, gyl_arp_announcement(printer, POOL + 5), printer, 0);
	assert_false(has_event(w, GYL_EV_DHCPD_SQUAT));
	assert_int_equal(state_of(w, POOL + 5), GYL_DHCPD_FREE);
	arp(w, gyl_arp_announcement(squatter, POOL + 5), squatter, 0);
	assert_int_equal(state_of(w, POOL + 5), GYL_DHCPD_DECLINED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_list_of_checked_addresses_is_kept),
		T(the_rate_is_bounded),
		T(a_small_pool_is_checked_whole),
		T(a_squatter_is_never_offered),
		T(what_stations_say_of_themselves_is_heard),
		T(one_station_does_not_talk_a_pool_away),
		T(the_holder_is_no_squatter),
		T(nobody_is_asked_for_what_is_leased),
		T(rfc2131_4_3_1_what_is_asked_for_is_looked_for_first),
		T(a_squatter_is_not_offered_in_the_first_second),
		T(when_many_wait_the_others_get_what_was_looked_for),
		T(a_hundred_clients_in_a_second_get_what_they_ask_for),
		T(a_storm_is_served_unchecked),
		T(a_client_that_was_forgotten_keeps_its_address),
		T(what_waited_long_is_checked_again),
		T(a_reload_begins_anew_and_probing_may_be_off),
		T(who_has_it_reserved_is_no_squatter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
