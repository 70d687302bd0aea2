/* SPDX-License-Identifier: ISC */
/*
 * ARP as the whole stack does it, on a cable in memory. Names carry the numbers of
 * libnet/docs/stack.md; the cache alone is in test_arp_cache.c and test_arp_claim.c.
 */
#include "tests/unit/net/station.h"

static void item_15_announces_its_address(void **state)
{
	struct station_conf cf = station_conf();
	struct station st;
	struct gyl_eth e;
	struct gyl_arp a;

	(void)state;
	station_open(&st, &cf);
	assert_int_equal(gyl_stack_deadline_ns(st.s), 0);
	station_run(&st);
	a = far_recv_arp(&st, &e);
	assert_memory_equal(e.dst, all_mac, 6);
	assert_memory_equal(e.src, our_mac, 6);
	assert_int_equal(gyl_arp_kind(&a), GYL_ARP_KIND_ANNOUNCEMENT);
	assert_int_equal(a.spa, OUR_IP);
	assert_true(silent(&st));
	station_advance(&st, 2 * GYL_NS_PER_S); /* and again: RFC 5227 2.3 */
	a = far_recv_arp(&st, &e);
	assert_int_equal(gyl_arp_kind(&a), GYL_ARP_KIND_ANNOUNCEMENT);
	assert_int_equal(gyl_stack_deadline_ns(st.s), UINT64_MAX);
	assert_true(silent(&st));
	station_close(&st);
}

static void arp_requests_are_answered_on_their_vlan(void **state)
{
	struct gyl_arp q = gyl_arp_request(peer_mac, PEER_IP, OUR_IP), a;
	uint8_t buf[64];
	struct gyl_writer w;
	struct gyl_eth e = {
		.type = GYL_ETH_ARP, .tag_cnt = 1, .tag = {{.tpid = GYL_ETH_VLAN, .vid = 20}}};
	struct station st;

	(void)state;
	setup(&st);
	far_send_arp(&st, all_mac, &q);
	a = far_recv_arp(&st, &e);
	assert_memory_equal(e.dst, peer_mac, 6);
	assert_memory_equal(e.src, our_mac, 6);
	assert_int_equal(e.tag_cnt, 0);
	assert_int_equal(a.op, GYL_ARP_REPLY);
	assert_int_equal(a.spa, OUR_IP);
	e.tag_cnt = 1;
	e.tag[0] = (struct gyl_eth_tag){.tpid = GYL_ETH_VLAN, .vid = 20};
	memcpy(e.dst, all_mac, 6);
	memcpy(e.src, peer_mac, 6);
	gyl_writer_init(&w, buf, sizeof(buf));
	gyl_arp_encode_frame(&w, &e, &q);
	far_send(&st, buf, w.len);
	a = far_recv_arp(&st, &e);
	assert_int_equal(gyl_eth_vid(&e), 20);
	assert_memory_equal(a.tha, peer_mac, 6);
	station_close(&st);
}

static void item_30_frames_wait_for_their_address_in_order(void **state)
{
	struct gyl_net_peer to = to_peer(PEER_IP);
	struct gyl_arp a;
	struct gyl_eth e;
	struct station st;
	struct gyl_frame_udp f;

	(void)state;
	setup(&st);
	assert_int_equal(station_send(&st, &to, "one"), GYL_STACK_PARKED);
	a = far_recv_arp(&st, &e);
	assert_int_equal(a.tpa, PEER_IP);
	assert_int_equal(a.spa, OUR_IP);
	assert_int_equal(station_send(&st, &to, "two"), GYL_STACK_PARKED);
	assert_int_equal(station_send(&st, &to, "three"), GYL_STACK_PARKED);
	assert_int_equal(station_send(&st, &to, "four"), GYL_STACK_PARKED);
	assert_true(silent(&st));
	a = gyl_arp_reply(&a, peer_mac);
	far_send_arp(&st, our_mac, &a);
	for (size_t i = 0; i < 3; i++) {
		static const char *const text[] = {"two", "three", "four"}; /* the oldest went */

		assert_int_equal(gyl_frame_udp_decode(far_recv(&st), 0, &f).err, GYL_OK);
		assert_memory_equal(f.dst_mac, peer_mac, 6);
		assert_memory_equal(f.payload.p, text[i], strlen(text[i]));
	}
	assert_true(silent(&st));
	assert_int_equal(gyl_stack_stat(st.s).out_park_drop_cnt, 1);
	assert_int_equal(station_send(&st, &to, "five"), GYL_STACK_READY);
	assert_int_equal(gyl_frame_udp_decode(far_recv(&st), 0, &f).err, GYL_OK);
	assert_memory_equal(f.dst_mac, peer_mac, 6);
	assert_int_equal(gyl_stack_stat(st.s).out_ok_cnt, 4);
	station_close(&st);
}

static void item_30_nobody_answers(void **state)
{
	struct gyl_net_peer to = to_peer(PEER_IP);
	struct gyl_eth e;
	struct station st;

	(void)state;
	setup(&st);
	assert_int_equal(station_send(&st, &to, "one"), GYL_STACK_PARKED);
	assert_int_equal(station_send(&st, &to, "two"), GYL_STACK_PARKED);
	station_advance(&st, 9 * GYL_NS_PER_S);
	for (int i = 0; i < 6; i++)
		assert_int_equal(far_recv_arp(&st, &e).tpa, PEER_IP);
	assert_true(silent(&st));
	assert_int_equal(gyl_stack_stat(st.s).out_wait_drop_cnt, 2);
	assert_int_equal(gyl_stack_deadline_ns(st.s), UINT64_MAX);
	station_close(&st);
}

static void item_30_waiting_frames_are_bounded_in_all(void **state)
{
	struct station_conf cf = station_conf();
	struct station st;
	struct gyl_eth e;

	(void)state;
	cf.stack.park_max = 4;
	station_open(&st, &cf);
	station_run(&st);
	far_recv_arp(&st, &e);
	for (uint32_t i = 0; i < 6; i++) {
		struct gyl_net_peer to = to_peer(PEER_IP + i);

		assert_int_equal(station_send(&st, &to, "x"), GYL_STACK_PARKED);
		far_recv_arp(&st, &e);
	}
	assert_int_equal(gyl_stack_stat(st.s).out_park_drop_cnt, 2);
	for (uint32_t i = 0; i < 3; i++) { /* the two oldest went */
		struct gyl_arp a = gyl_arp_gratuitous_reply(peer_mac, PEER_IP + i);

		far_send_arp(&st, our_mac, &a);
		assert_int_equal(silent(&st), i < 2);
	}
	station_advance(&st, 10 * GYL_NS_PER_S);
	assert_int_equal(gyl_stack_stat(st.s).out_wait_drop_cnt, 3);
	station_close(&st);
}

static void item_32_a_conflict_is_told_and_defended(void **state)
{
	struct gyl_arp a = gyl_arp_announcement(other_mac, OUR_IP);
	struct station st;
	struct gyl_eth e;
	uint8_t mac[6], iface;
	uint32_t ip;

	(void)state;
	setup(&st);
	assert_false(gyl_stack_conflict(st.s, &iface, &ip, mac));
	far_send_arp(&st, all_mac, &a);
	assert_int_equal(gyl_arp_kind(&a), GYL_ARP_KIND_ANNOUNCEMENT);
	a = far_recv_arp(&st, &e);
	assert_memory_equal(a.sha, our_mac, 6);
	assert_true(gyl_stack_conflict(st.s, &iface, &ip, mac));
	assert_int_equal(ip, OUR_IP);
	assert_memory_equal(mac, other_mac, 6);
	assert_false(gyl_stack_conflict(st.s, &iface, &ip, mac));
	station_close(&st);
}

static void item_34_a_reply_needs_no_arp(void **state)
{
	struct gyl_stack_sock k = {.port = 3, .flow = 77, .local_port = 53};
	struct gyl_frame_udp f = peer_udp(53);
	struct gyl_net_peer *peer;
	struct station st;

	(void)state;
	setup(&st);
	f.tag_cnt = 1;
	f.tag[0] = (struct gyl_eth_tag){.tpid = GYL_ETH_VLAN, .vid = 30};
	assert_int_equal(gyl_stack_bind(st.s, &k), GYL_STACK_BOUND);
	far_send_udp(&st, &f, "question");
	assert_int_equal(st.in_cnt, 1);
	assert_int_equal(st.in[0].kind, GYL_STACK_DGRAM);
	assert_int_equal(st.in[0].port, 3);
	assert_int_equal(st.in[0].flow, 77);
	assert_int_equal(st.in[0].data.len, 8);
	assert_memory_equal(st.in[0].data.p, "question", 8);
	peer = &st.in[0].peer;
	assert_int_equal(peer->ip, PEER_IP);
	assert_int_equal(peer->local_ip, OUR_IP);
	assert_int_equal(peer->port, 4000);
	assert_int_equal(peer->local_port, 53);
	assert_int_equal(peer->vlan, 30);
	assert_true(peer->has_mac);
	assert_int_equal(station_send(&st, peer, "answer"), GYL_STACK_READY);
	assert_int_equal(gyl_frame_udp_decode(far_recv(&st), 0, &f).err, GYL_OK);
	assert_memory_equal(f.dst_mac, peer_mac, 6);
	assert_memory_equal(f.src_mac, our_mac, 6);
	assert_int_equal(f.tag[0].vid, 30);
	assert_int_equal(f.src_ip, OUR_IP);
	assert_int_equal(f.dst_ip, PEER_IP);
	assert_int_equal(f.src_port, 53);
	assert_int_equal(f.dst_port, 4000);
	assert_int_equal(f.ttl, 64);
	assert_memory_equal(f.payload.p, "answer", 6);
	assert_int_equal(gyl_arp_cache_stat(gyl_stack_arp(st.s, 0)).asked_cnt, 0);
	station_close(&st);
}

/* A datagram from hexadecimal, framed from the peer to us; counts must move where the row says. */
static void item_30_waiting_octets_of_an_address_are_bounded(void **state)
{
	static char big[1401];
	struct gyl_net_peer to = to_peer(PEER_IP), other = to_peer(PEER_IP + 1);
	struct gyl_arp a;
	struct gyl_eth e;
	struct station st;
	size_t cnt = 0;

	(void)state;
	setup(&st);
	memset(big, 'x', sizeof(big) - 1);
	assert_int_equal(station_send(&st, &to, big), GYL_STACK_PARKED);
	a = far_recv_arp(&st, &e);
	assert_int_equal(station_send(&st, &other, big), GYL_STACK_PARKED);
	far_recv_arp(&st, &e);
	assert_int_equal(station_send(&st, &to, big), GYL_STACK_PARKED);
	assert_int_equal(gyl_stack_stat(st.s).out_park_drop_cnt, 0);
	assert_int_equal(station_send(&st, &to, big), GYL_STACK_PARKED); /* 3 x 1442 > 4096 */
	assert_int_equal(gyl_stack_stat(st.s).out_park_drop_cnt, 1);
	a = gyl_arp_reply(&a, peer_mac);
	far_send_arp(&st, our_mac, &a);
	while (!silent(&st))
		cnt++;
	assert_int_equal(cnt, 2);
	station_close(&st);
}

/* What waits for an address that becomes ours, or whose question is given up, goes. */
static void item_31_waiting_frames_are_cancelled(void **state)
{
	struct gyl_net_peer to = to_peer(PEER_IP);
	struct gyl_stack_addr addr = {PEER_IP, 24};
	struct gyl_arp a;
	struct gyl_eth e;
	struct station st;

	(void)state;
	setup(&st);
	assert_int_equal(station_send(&st, &to, "one"), GYL_STACK_PARKED);
	assert_int_equal(station_send(&st, &to, "two"), GYL_STACK_PARKED);
	a = far_recv_arp(&st, &e);
	assert_true(gyl_stack_addr_add(st.s, 0, addr));
	assert_int_equal(gyl_stack_stat(st.s).out_wait_drop_cnt, 2);
	assert_int_equal(station_send(&st, &to, "to ourselves"), GYL_STACK_DROPPED);
	station_advance(&st, 2 * GYL_NS_PER_S);
	far_recv_arp(&st, &e);
	far_recv_arp(&st, &e);
	a = gyl_arp_reply(&a, peer_mac); /* too late, and a conflict */
	far_send_arp(&st, our_mac, &a);
	a = far_recv_arp(&st, &e);
	assert_int_equal(gyl_arp_kind(&a), GYL_ARP_KIND_ANNOUNCEMENT);
	assert_true(silent(&st));
	station_close(&st);
}

/* A station whose interface probes. */
static void setup_probing(struct station *st)
{
	struct station_conf cf = station_conf();

	cf.iface[0].probe = true;
	station_open(st, &cf);
	station_run(st);
	assert_true(silent(st));
	assert_int_equal(gyl_stack_addr_state(st->s, 0, OUR_IP), GYL_STACK_ADDR_PROBING);
}

/* Until the next frame, which is ARP. */
static struct gyl_arp next_arp(struct station *st)
{
	struct gyl_eth e;

	assert_true(gyl_stack_deadline_ns(st->s) != UINT64_MAX);
	station_advance(st, gyl_stack_deadline_ns(st->s) - st->now_ns);
	return far_recv_arp(st, &e);
}

static void unusable(struct station *st)
{
	struct gyl_net_peer to = to_peer(PEER_IP), as = to_peer(PEER_IP);
	struct gyl_stack_sock k = {.local_port = 53};
	struct gyl_arp q = gyl_arp_request(peer_mac, PEER_IP, OUR_IP);
	struct gyl_frame_udp f = peer_udp(53);
	uint64_t other_cnt = gyl_stack_stat(st->s).ip_other_drop_cnt;
	uint8_t iface;
	uint32_t ip;

	gyl_stack_bind(st->s, &k);
	far_send_udp(st, &f, "hello");
	assert_int_equal(st->in_cnt, 0);
	assert_int_equal(gyl_stack_stat(st->s).ip_other_drop_cnt, other_cnt + 1);
	as.local_ip = OUR_IP;
	assert_int_equal(station_send(st, &to, "x"), GYL_STACK_DROPPED);
	assert_int_equal(station_send(st, &as, "x"), GYL_STACK_DROPPED);
	assert_false(gyl_stack_route(st->s, PEER_IP, &iface, &ip));
	far_send_arp(st, all_mac, &q);
	assert_true(silent(st));
}

static void item_32_an_address_is_unusable_until_it_was_probed_for(void **state)
{
	struct gyl_net_peer to = to_peer(PEER_IP);
	struct gyl_frame_udp f = peer_udp(53);
	struct gyl_arp a;
	struct station st;

	(void)state;
	setup_probing(&st);
	unusable(&st);
	for (int i = 0; i < 3; i++) {
		a = next_arp(&st);
		assert_int_equal(gyl_arp_kind(&a), GYL_ARP_KIND_PROBE);
		assert_int_equal(a.tpa, OUR_IP);
		unusable(&st);
	}
	for (int i = 0; i < 2; i++) {
		a = next_arp(&st);
		assert_int_equal(gyl_arp_kind(&a), GYL_ARP_KIND_ANNOUNCEMENT);
		assert_int_equal(gyl_stack_addr_state(st.s, 0, OUR_IP), GYL_STACK_ADDR_USABLE);
	}
	assert_int_equal(gyl_stack_deadline_ns(st.s), UINT64_MAX);
	far_send_udp(&st, &f, "hello");
	assert_int_equal(st.in_cnt, 1);
	assert_int_equal(station_send(&st, &to, "x"), GYL_STACK_PARKED);
	station_close(&st);
}

static void item_32_an_address_that_is_taken_is_not_used_and_asked_for_again(void **state)
{
	struct gyl_arp a = gyl_arp_announcement(other_mac, OUR_IP);
	struct station st;
	uint8_t iface, mac[6];
	uint32_t ip;

	(void)state;
	setup_probing(&st);
	for (int i = 0; i < 12; i++) { /* over MAX_CONFLICTS */
		assert_int_equal(next_arp(&st).spa, 0);
		far_send_arp(&st, all_mac, &a);
		assert_true(silent(&st)); /* nothing to defend */
		assert_int_equal(gyl_stack_addr_state(st.s, 0, OUR_IP), GYL_STACK_ADDR_TAKEN);
		assert_true(gyl_stack_conflict(st.s, &iface, &ip, mac));
		assert_int_equal(ip, OUR_IP);
		assert_memory_equal(mac, other_mac, 6);
		unusable(&st);
	}
	assert_true(st.now_ns >= (1000 + 60) * GYL_NS_PER_S);
	/* the other station goes, so it is ours after all */
	for (int i = 0; i < 3; i++)
		assert_int_equal(next_arp(&st).spa, 0);
	assert_int_equal(gyl_stack_addr_state(st.s, 0, OUR_IP), GYL_STACK_ADDR_TAKEN);
	assert_int_equal(next_arp(&st).spa, OUR_IP);
	assert_int_equal(gyl_stack_addr_state(st.s, 0, OUR_IP), GYL_STACK_ADDR_USABLE);
	station_close(&st);
}

static void item_32_addresses_are_claimed_and_given_up_while_it_runs(void **state)
{
	struct gyl_stack_addr addr = {IP(10, 0, 0, 77), 24}, bad = {IP(10, 0, 0, 255), 24};
	struct station_conf cf = station_conf();
	struct station st;

	(void)state;
	setup_probing(&st);
	assert_true(gyl_stack_addr_add(st.s, 0, addr));
	assert_false(gyl_stack_addr_add(st.s, 0, addr));
	assert_false(gyl_stack_addr_add(st.s, 0, cf.iface[0].addr[0]));
	assert_false(gyl_stack_addr_add(st.s, 0, bad));
	assert_false(gyl_stack_addr_add(st.s, 1, addr));
	assert_int_equal(gyl_stack_addr_state(st.s, 0, addr.ip), GYL_STACK_ADDR_PROBING);
	assert_true(gyl_stack_addr_del(st.s, 0, OUR_IP));
	assert_false(gyl_stack_addr_del(st.s, 0, OUR_IP));
	assert_int_equal(gyl_stack_addr_state(st.s, 0, OUR_IP), GYL_STACK_ADDR_NONE);
	for (int i = 0; i < 5; i++) {
		struct gyl_arp a;

		if (i == 0)
			station_run(&st);
		a = next_arp(&st);
		assert_int_equal(a.tpa, addr.ip);
		assert_int_equal(a.spa, i < 3 ? 0 : addr.ip);
	}
	assert_int_equal(gyl_stack_addr_state(st.s, 0, addr.ip), GYL_STACK_ADDR_USABLE);
	assert_true(gyl_stack_addr_del(st.s, 0, addr.ip));
	assert_int_equal(gyl_stack_addr_state(st.s, 0, addr.ip), GYL_STACK_ADDR_NONE);
	assert_int_equal(gyl_stack_addr_state(st.s, 7, addr.ip), GYL_STACK_ADDR_NONE);
	/* there is place for as many claims as for addresses */
	for (uint32_t i = 0; i < GYL_STACK_ADDR_MAX; i++)
		assert_true(gyl_stack_addr_add(
			st.s, 0, (struct gyl_stack_addr){IP(10, 0, 0, 80) + i, 24}));
	assert_false(gyl_stack_addr_add(st.s, 0, addr));
	station_close(&st);
}

/* The stack learns its gateway. */
static void meet_gateway(struct station *st)
{
	struct gyl_net_peer to = to_peer(IP(192, 0, 2, 9));
	struct gyl_arp a;
	struct gyl_eth e;

	assert_int_equal(station_send(st, &to, "x"), GYL_STACK_PARKED);
	a = far_recv_arp(st, &e);
	assert_int_equal(a.tpa, GATEWAY_IP);
	a = gyl_arp_reply(&a, other_mac);
	far_send_arp(st, our_mac, &a);
	assert_false(silent(st));
	assert_true(silent(st));
}

/* A question from far away: by our gateway it goes back without a look, by another station it does
 * not: the way back is the route. */
static void item_34_the_hint_holds_for_neighbours_and_the_gateway(void **state)
{
	static const struct {
		uint32_t src;
		const uint8_t *mac;
		bool known, hint;
	} cases[] = {
		{PEER_IP, peer_mac, false, true},            /* a neighbour */
		{PEER_IP, other_mac, true, true},            /* one behind a proxy */
		{IP(192, 0, 2, 9), other_mac, true, true},   /* by our gateway */
		{IP(192, 0, 2, 9), other_mac, false, false}, /* which we do not know yet */
		{IP(192, 0, 2, 9), peer_mac, true, false},   /* by somebody else */
		{0, peer_mac, false, true},                  /* who has no address yet */
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		struct gyl_stack_sock k = {.local_port = 53};
		struct gyl_frame_udp f = peer_udp(53);
		struct gyl_eth e;
		struct station st;

		setup(&st);
		assert_int_equal(gyl_stack_bind(st.s, &k), GYL_STACK_BOUND);
		if (cases[i].known)
			meet_gateway(&st);
		f.src_ip = cases[i].src;
		memcpy(f.src_mac, cases[i].mac, 6);
		far_send_udp(&st, &f, "question");
		assert_int_equal(st.in_cnt, 1);
		if (st.in[0].peer.has_mac != cases[i].hint)
			fail_msg("row %zu", i);
		assert_memory_equal(st.in[0].peer.mac, cases[i].mac, 6);
		if (cases[i].src == 0) {
			station_close(&st);
			continue;
		}
		if (cases[i].hint || cases[i].known) {
			const uint8_t *to = cases[i].hint ? cases[i].mac : other_mac;

			assert_int_equal(
				station_send(&st, &st.in[0].peer, "answer"), GYL_STACK_READY);
			assert_int_equal(gyl_frame_udp_decode(far_recv(&st), 0, &f).err, GYL_OK);
			assert_memory_equal(f.dst_mac, to, 6);
			assert_int_equal(f.dst_ip, cases[i].src);
		} else {
			assert_int_equal(
				station_send(&st, &st.in[0].peer, "answer"), GYL_STACK_PARKED);
			assert_int_equal(far_recv_arp(&st, &e).tpa, GATEWAY_IP);
		}
		assert_true(silent(&st));
		station_close(&st);
	}
}

/* A ping, or a datagram to a port where nobody listens, from far or near. */
static void ask(struct station *st, uint32_t src, const uint8_t mac[6], bool ping)
{
	struct gyl_icmp m = gyl_icmp_echo(7, 9, gyl_view_str("ping"));
	struct gyl_eth e = {.type = GYL_ETH_IPV4};
	struct gyl_ipv4 ip = {.ttl = 1, .proto = GYL_IPV4_ICMP, .src = src, .dst = OUR_IP};
	struct gyl_frame_udp f = peer_udp(9);
	uint8_t buf[100];
	struct gyl_writer w;

	f.src_ip = src;
	memcpy(f.src_mac, mac, 6);
	memcpy(e.dst, our_mac, 6);
	memcpy(e.src, mac, 6);
	ip.payload.len = 12;
	gyl_writer_init(&w, buf, sizeof buf);
	gyl_eth_put_header(&w, &e);
	gyl_ipv4_put_header(&w, &ip);
	gyl_icmp_encode(&w, &m);
	if (ping)
		far_send(st, buf, w.len);
	else
		far_send_udp(st, &f, "nobody");
}

static void item_34_icmp_needs_no_arp_either(void **state)
{
	static const struct {
		uint32_t src;
		const uint8_t *from, *to; /* to NULL: the gateway is asked for first */
		bool known;
	} cases[] = {
		{PEER_IP, peer_mac, peer_mac, false},
		{IP(192, 0, 2, 9), other_mac, other_mac, true},
		{IP(192, 0, 2, 9), peer_mac, other_mac, true},
		{IP(192, 0, 2, 9), other_mac, NULL, false},
	};

	(void)state;
	for (size_t i = 0; i < 2 * TEST_CNT(cases); i++) {
		size_t k = i / 2;
		struct gyl_eth e;
		struct gyl_ipv4 ip;
		struct station st;

		setup(&st);
		if (cases[k].known)
			meet_gateway(&st);
		ask(&st, cases[k].src, cases[k].from, i % 2 == 0);
		if (cases[k].to == NULL) {
			struct gyl_arp a = far_recv_arp(&st, &e);

			assert_int_equal(a.tpa, GATEWAY_IP);
			a = gyl_arp_reply(&a, other_mac);
			far_send_arp(&st, our_mac, &a);
		}
		assert_int_equal(gyl_eth_decode(far_recv(&st), &e).err, GYL_OK);
		assert_memory_equal(e.dst, cases[k].to == NULL ? other_mac : cases[k].to, 6);
		assert_int_equal(gyl_ipv4_decode(e.payload, 0, &ip).err, GYL_OK);
		assert_int_equal(ip.proto, GYL_IPV4_ICMP);
		assert_int_equal(ip.src, OUR_IP);
		assert_int_equal(ip.dst, cases[k].src);
		assert_true(silent(&st));
		station_close(&st);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(item_15_announces_its_address),
		cmocka_unit_test(arp_requests_are_answered_on_their_vlan),
		cmocka_unit_test(item_30_frames_wait_for_their_address_in_order),
		cmocka_unit_test(item_30_nobody_answers),
		cmocka_unit_test(item_30_waiting_frames_are_bounded_in_all),
		cmocka_unit_test(item_32_a_conflict_is_told_and_defended),
		cmocka_unit_test(item_34_a_reply_needs_no_arp),
		cmocka_unit_test(item_30_waiting_octets_of_an_address_are_bounded),
		cmocka_unit_test(item_31_waiting_frames_are_cancelled),
		cmocka_unit_test(item_32_an_address_is_unusable_until_it_was_probed_for),
		cmocka_unit_test(item_32_an_address_that_is_taken_is_not_used_and_asked_for_again),
		cmocka_unit_test(item_32_addresses_are_claimed_and_given_up_while_it_runs),
		cmocka_unit_test(item_34_the_hint_holds_for_neighbours_and_the_gateway),
		cmocka_unit_test(item_34_icmp_needs_no_arp_either),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
