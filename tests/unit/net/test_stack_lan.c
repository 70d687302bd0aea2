/* SPDX-License-Identifier: ISC */
/*
 * Several devices, interfaces, VLANs and addresses at once. Interface 0: device 0, untagged,
 * 10.0.0.1/24, gateway. Interface 1: VLAN 20 of device 0, 10.0.20.1/24. Interface 2: all of device
 * 1, 10.1.0.1/16 and 10.1.2.1/24. Numbers are those of libnet/docs/stack.md.
 */
#include "tests/unit/net/wire.h"

static struct wire w;

static void open_lan(void)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 2};

	wire_conf(&w);
	w.iface[0].vlan = 0;
	w.iface[1] = w.iface[0];
	w.iface[1].vlan = 20;
	w.iface[1].gateway = 0;
	w.iface[1].addr[0].ip = IP(10, 0, 20, 1);
	w.iface[2] = gyl_stack_iface_defaults(mac, IP(10, 1, 0, 1), 16, 0, 43);
	w.iface[2].dev = 1;
	w.iface[2].addr[1] = (struct gyl_stack_addr){.ip = IP(10, 1, 2, 1), .prefix = 24};
	w.iface[2].addr_cnt = 2;
	w.cf.iface_cnt = 3;
	wire_open(&w);
}

static void item15_all_addresses_are_announced_on_their_interfaces(void **state)
{
	static const struct {
		unsigned dev;
		uint16_t vlan;
		uint32_t ip;
	} expect[] = {
		{0, 0, IP(10, 0, 0, 1)},
		{0, 20, IP(10, 0, 20, 1)},
		{1, 0, IP(10, 1, 0, 1)},
		{1, 0, IP(10, 1, 2, 1)},
	};

	(void)state;
	open_lan();
	gyl_stack_init(w.mem, &w.cf);
	gyl_stack_tick(w.s, w.now_ns, &w.b);
	assert_int_equal(w.b.out[0].cnt, 2);
	assert_int_equal(w.b.out[1].cnt, 2);
	for (size_t i = 0; i < TEST_CNT(expect); i++) {
		struct gyl_eth e;
		struct gyl_arp a = wire_next_arp(&w, expect[i].dev, &e);

		assert_int_equal(gyl_arp_kind(&a), GYL_ARP_KIND_ANNOUNCEMENT);
		assert_int_equal(gyl_eth_vid(&e), expect[i].vlan);
		/* which of two addresses goes first is nobody's business */
		if (expect[i].dev == 0)
			assert_int_equal(a.spa, expect[i].ip);
		assert_memory_equal(e.src, w.iface[expect[i].dev == 0 ? 0 : 2].arp.mac, 6);
	}
	wire_close(&w);
}

static void an_address_counts_on_its_interface_only(void **state)
{
	static const uint32_t ours[] = {
		IP(10, 0, 0, 1), IP(10, 0, 20, 1), IP(10, 1, 0, 1), IP(10, 1, 2, 1)};
	static const unsigned iface_of[] = {0, 1, 2, 2};

	(void)state;
	open_lan();
	for (size_t i = 0; i < TEST_CNT(ours); i++) {
		for (unsigned f = 0; f < 3; f++) {
			struct gyl_arp q = gyl_arp_request(peer_mac, ours[i] + 4, ours[i]), a;
			unsigned dev = w.iface[f].dev;
			uint64_t before = gyl_stack_stat(w.s).ip_other_drop_cnt;
			struct gyl_eth e;
			struct gyl_ipv4 ip;

			wire_arp(&w, f, &q);
			assert_int_equal(wire_silent(&w), f != iface_of[i]);
			if (f == iface_of[i]) {
				a = wire_next_arp(&w, dev, &e);
				assert_int_equal(a.spa, ours[i]);
				assert_memory_equal(a.sha, w.iface[f].arp.mac, 6);
				assert_int_equal(gyl_eth_vid(&e), f == 1 ? 20 : 0);
			}
			wire_ping(&w, f, ours[i] + 4, ours[i]);
			assert_int_equal(wire_silent(&w), f != iface_of[i]);
			assert_int_equal(
				gyl_stack_stat(w.s).ip_other_drop_cnt - before, f != iface_of[i]);
			if (f != iface_of[i])
				continue;
			ip = wire_next_ipv4(&w, dev, &e);
			assert_int_equal(ip.src, ours[i]); /* RFC 1122 3.2.2.6 */
			assert_int_equal(ip.dst, ours[i] + 4);
			assert_memory_equal(e.dst, peer_mac, 6);
			assert_memory_equal(e.src, w.iface[f].arp.mac, 6);
			assert_int_equal(gyl_eth_vid(&e), f == 1 ? 20 : 0);
		}
	}
	wire_close(&w);
}

static void item3_frames_find_their_interface(void **state)
{
	static const struct {
		uint8_t dev;
		uint16_t vlan;
		bool priority_tag;
		unsigned iface; /* 9: none */
	} cases[] = {
		{0, 0, false, 0},
		{0, 0, true, 0},
		{0, 20, false, 1},
		{0, 21, false, 9},
		{1, 0, false, 2},
		{1, 20, false, 2},
		{1, 21, false, 2},
		{7, 0, false, 9},
		{7, 20, false, 9},
	};
	struct gyl_stack_sock any = {.local_port = 53};

	(void)state;
	open_lan();
	assert_int_equal(gyl_stack_bind(w.s, &any), GYL_STACK_BOUND);
	w.b.out[7] = w.b.out[0];
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		struct gyl_frame_udp f = {.src_ip = IP(10, 0, 0, 5),
			.dst_ip = UINT32_MAX,
			.src_port = 4000,
			.dst_port = 53,
			.tag_cnt = cases[i].vlan != 0 || cases[i].priority_tag};
		uint64_t before = gyl_stack_stat(w.s).eth_vlan_drop_cnt;
		uint8_t buf[200] = {0};
		struct gyl_netframe nf;
		struct gyl_view v;

		memcpy(f.dst_mac, all_mac, 6);
		memcpy(f.src_mac, peer_mac, 6);
		f.tag[0] = (struct gyl_eth_tag){.tpid = GYL_ETH_VLAN, .vid = cases[i].vlan};
		gyl_frame_udp_encode(&f, buf, sizeof(buf), GYL_FRAME_UDP_ROOM, 4, &v);
		nf = (struct gyl_netframe){.p = v.p, .len = (uint32_t)v.len};
		w.b.in_cnt = 0;
		assert_int_equal(gyl_stack_input(w.s, w.now_ns, cases[i].dev, &nf, 1, &w.b), 1);
		assert_int_equal(w.b.in_cnt, cases[i].iface != 9);
		assert_int_equal(
			gyl_stack_stat(w.s).eth_vlan_drop_cnt - before, cases[i].iface == 9);
		if (cases[i].iface == 9)
			continue;
		assert_int_equal(w.in[0].peer.iface, cases[i].iface);
		assert_int_equal(w.in[0].peer.vlan, cases[i].vlan);
	}
	wire_close(&w);
}

/* Where it goes: ARP for whom, on which interface, asked with which address; or at once. */
static void item55_the_smallest_network_then_the_gateway(void **state)
{
	static const struct {
		const char *name;
		uint32_t ip, local_ip;
		uint8_t iface;       /* of the peer, for what goes to many */
		uint32_t asked, src; /* asked 0: it goes at once */
		unsigned dev;
		uint16_t vlan;
		bool no_route;
	} cases[] = {
		{"first network", IP(10, 0, 0, 9), 0, 0, IP(10, 0, 0, 9), IP(10, 0, 0, 1), 0, 0, 0},
		{"its VLAN", IP(10, 0, 20, 9), 0, 0, IP(10, 0, 20, 9), IP(10, 0, 20, 1), 0, 20, 0},
		{"the larger", IP(10, 1, 9, 9), 0, 0, IP(10, 1, 9, 9), IP(10, 1, 0, 1), 1, 0, 0},
		{"the smaller", IP(10, 1, 2, 9), 0, 0, IP(10, 1, 2, 9), IP(10, 1, 2, 1), 1, 0, 0},
		{"the larger's address, the smaller network", IP(10, 1, 2, 8), IP(10, 1, 0, 1), 0,
			IP(10, 1, 2, 8), IP(10, 1, 0, 1), 1, 0, 0},
		{"elsewhere", IP(192, 0, 2, 1), 0, 2, IP(10, 0, 0, 254), IP(10, 0, 0, 1), 0, 0, 0},
		{"elsewhere, from the address that has the gateway", IP(192, 0, 2, 2),
			IP(10, 0, 0, 1), 0, IP(10, 0, 0, 254), IP(10, 0, 0, 1), 0, 0, 0},
		{"elsewhere, from an address without gateway", IP(192, 0, 2, 1), IP(10, 0, 20, 1),
			0, 0, 0, 0, 0, 1},
		{"another network of ours, by this gateway: strong host", IP(10, 1, 9, 8),
			IP(10, 0, 0, 1), 0, IP(10, 0, 0, 254), IP(10, 0, 0, 1), 0, 0, 0},
		{"ourselves, elsewhere", IP(10, 1, 2, 1), IP(10, 0, 0, 1), 0, 0, 0, 0, 0, 1},
		{"nobody", 0, 0, 0, 0, 0, 0, 0, 1},
		{"loopback", IP(127, 0, 0, 1), 0, 0, 0, 0, 0, 0, 1},
		{"broadcast there", IP(10, 0, 20, 255), 0, 2, 0, IP(10, 0, 20, 1), 0, 20, 0},
		{"broadcast of the second address", IP(10, 1, 2, 255), 0, 0, 0, IP(10, 1, 2, 1), 1,
			0, 0},
		{"broadcast of the first address", IP(10, 1, 255, 255), 0, 0, 0, IP(10, 1, 0, 1), 1,
			0, 0},
		{"all on 1", UINT32_MAX, 0, 1, 0, IP(10, 0, 20, 1), 0, 20, 0},
		{"all on 2 from the second address", UINT32_MAX, IP(10, 1, 2, 1), 2, 0,
			IP(10, 1, 2, 1), 1, 0, 0},
		{"all on none", UINT32_MAX, 0, 3, 0, 0, 0, 0, 1},
		{"a group on 1", IP(224, 0, 0, 251), 0, 1, 0, IP(10, 0, 20, 1), 0, 20, 0},
	};

	(void)state;
	open_lan();
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		struct gyl_net_peer to = {.ip = cases[i].ip,
			.local_ip = cases[i].local_ip,
			.iface = cases[i].iface,
			.port = 9,
			.local_port = 53};
		uint64_t before = gyl_stack_stat(w.s).out_route_drop_cnt;
		struct gyl_view frame;
		enum gyl_stack_sent sent;
		struct gyl_eth e;
		uint8_t dev = 9;

		print_message("%s\n", cases[i].name);
		/* asked anew each time */
		gyl_arp_cache_remove(
			gyl_stack_arp(w.s, (uint8_t)(cases[i].vlan == 20 ? 1 : cases[i].dev * 2)),
			cases[i].vlan, cases[i].asked);
		sent = wire_send(&w, &to, NULL, 4, &frame, &dev);
		assert_int_equal(
			gyl_stack_stat(w.s).out_route_drop_cnt - before, cases[i].no_route);
		if (cases[i].no_route) {
			assert_int_equal(sent, GYL_STACK_DROPPED);
			assert_true(wire_silent(&w));
		} else if (cases[i].asked != 0) {
			struct gyl_arp a = wire_next_arp(&w, cases[i].dev, &e);

			assert_int_equal(sent, GYL_STACK_PARKED);
			assert_int_equal(a.tpa, cases[i].asked);
			assert_int_equal(gyl_eth_vid(&e), cases[i].vlan);
			a = gyl_arp_reply(&a, peer_mac);
			wire_arp(&w, cases[i].vlan == 20 ? 1 : cases[i].dev * 2, &a);
			assert_int_equal(wire_next_ipv4(&w, cases[i].dev, &e).src, cases[i].src);
			assert_memory_equal(e.dst, peer_mac, 6);
			assert_int_equal(gyl_eth_vid(&e), cases[i].vlan);
		} else {
			struct gyl_ipv4 ip;

			assert_int_equal(sent, GYL_STACK_READY);
			assert_int_equal(dev, cases[i].dev);
			gyl_eth_decode(frame, &e);
			gyl_ipv4_decode(e.payload, 0, &ip);
			assert_int_equal(ip.src, cases[i].src);
			assert_int_equal(e.dst[0] & 1, 1);
			assert_int_equal(gyl_eth_vid(&e), cases[i].vlan);
		}
	}
	wire_close(&w);
}

static void item55_questions_are_asked_with_the_right_address(void **state)
{
	struct gyl_net_peer to = {.ip = IP(10, 1, 2, 9), .port = 9};
	struct gyl_view frame;
	struct gyl_eth e;
	uint8_t dev;

	(void)state;
	open_lan();
	wire_send(&w, &to, NULL, 4, &frame, &dev);
	assert_int_equal(wire_next_arp(&w, 1, &e).spa, IP(10, 1, 2, 1));
	to.ip = IP(10, 1, 3, 9);
	wire_send(&w, &to, NULL, 4, &frame, &dev);
	assert_int_equal(wire_next_arp(&w, 1, &e).spa, IP(10, 1, 0, 1));
	wire_close(&w);
}

static void a_way_can_be_asked_for(void **state)
{
	uint32_t local_ip = 0;
	uint8_t iface = 9;

	(void)state;
	open_lan();
	assert_true(gyl_stack_route(w.s, IP(10, 1, 2, 9), &iface, &local_ip));
	assert_int_equal(iface, 2);
	assert_int_equal(local_ip, IP(10, 1, 2, 1));
	assert_true(gyl_stack_route(w.s, IP(192, 0, 2, 9), &iface, &local_ip));
	assert_int_equal(iface, 0);
	assert_int_equal(local_ip, IP(10, 0, 0, 1));
	assert_false(gyl_stack_route(w.s, IP(10, 1, 2, 1), &iface, &local_ip));
	wire_close(&w);
}

static void item55_directed_broadcasts_come_in(void **state)
{
	static const struct {
		unsigned iface;
		uint32_t dst;
		bool taken;
	} cases[] = {
		{0, IP(10, 0, 0, 255), true},
		{0, IP(10, 0, 20, 255), false},
		{1, IP(10, 0, 20, 255), true},
		{2, IP(10, 1, 255, 255), true},
		{2, IP(10, 1, 2, 255), true},
		{2, IP(10, 1, 3, 255), false},
		{1, UINT32_MAX, true},
	};
	struct gyl_stack_sock any = {.local_port = 53};

	(void)state;
	open_lan();
	gyl_stack_bind(w.s, &any);
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		struct gyl_view frame;
		struct gyl_eth e;
		struct gyl_ipv4 ip;
		uint8_t dev;

		wire_udp(&w, cases[i].iface,
			cases[i].iface == 2 ? IP(10, 1, 2, 5)
					    : w.iface[cases[i].iface].addr[0].ip + 4,
			cases[i].dst, 53, "x");
		assert_int_equal(w.b.in_cnt, cases[i].taken);
		assert_true(wire_silent(&w));
		if (!cases[i].taken)
			continue;
		assert_int_equal(w.in[0].peer.local_ip, cases[i].dst);
		/* an answer comes from an address of the interface, not from all */
		assert_int_equal(
			wire_send(&w, &w.in[0].peer, NULL, 1, &frame, &dev), GYL_STACK_READY);
		gyl_eth_decode(frame, &e);
		gyl_ipv4_decode(e.payload, 0, &ip);
		assert_int_equal(ip.src,
			cases[i].iface == 2 ? IP(10, 1, 2, 1) : w.iface[cases[i].iface].addr[0].ip);
	}
	wire_close(&w);
}

static void item56_groups_are_joined_per_interface(void **state)
{
	const uint32_t mdns = IP(224, 0, 0, 251);
	struct gyl_stack_sock any = {.local_port = 5353};

	(void)state;
	open_lan();
	gyl_stack_bind(w.s, &any);
	assert_false(gyl_stack_join(w.s, 0, IP(10, 0, 0, 9)));
	assert_false(gyl_stack_join(w.s, 3, mdns));
	assert_true(gyl_stack_join(w.s, 1, mdns));
	assert_true(gyl_stack_join(w.s, 1, mdns)); /* once is enough */
	for (unsigned f = 0; f < 3; f++) {
		wire_udp(&w, f, IP(10, 0, 20, 5), mdns, 5353, "who");
		assert_int_equal(w.b.in_cnt, f == 1);
	}
	assert_int_equal(gyl_stack_stat(w.s).ip_group_drop_cnt, 2);
	wire_udp(&w, 1, IP(10, 0, 20, 5), mdns, 5353, "who");
	assert_int_equal(w.in[0].peer.local_ip, mdns);
	assert_int_equal(w.in[0].peer.iface, 1);
	/* no ping, no complaint about what went to a group */
	wire_ping(&w, 1, IP(10, 0, 20, 5), mdns);
	assert_true(wire_silent(&w));
	wire_udp(&w, 1, IP(10, 0, 20, 5), mdns, 9, "who");
	assert_true(wire_silent(&w));
	gyl_stack_leave(w.s, 1, mdns);
	gyl_stack_leave(w.s, 1, mdns);
	wire_udp(&w, 1, IP(10, 0, 20, 5), mdns, 5353, "who");
	assert_int_equal(w.b.in_cnt, 0);
	for (uint32_t i = 0; i < GYL_STACK_GROUP_MAX; i++)
		assert_true(gyl_stack_join(w.s, 0, mdns + i));
	assert_false(gyl_stack_join(w.s, 0, mdns + 99));
	wire_close(&w);
}

/* What a datagram to that peer is sent from, 0: it waits. */
static uint32_t source_to(const struct gyl_net_peer *to)
{
	struct gyl_view frame;
	struct gyl_eth e;
	struct gyl_ipv4 ip;
	uint8_t dev;

	if (wire_send(&w, to, NULL, 1, &frame, &dev) != GYL_STACK_READY)
		return 0;
	gyl_eth_decode(frame, &e);
	gyl_ipv4_decode(e.payload, 0, &ip);
	return ip.src;
}

/* Who stands in for a station serves at its address by UDP, and is not that station. */
static void datagrams_to_an_adopted_address_are_taken_and_no_more(void **state)
{
	const uint32_t theirs = IP(10, 0, 20, 9), client = IP(10, 0, 20, 5);
	struct gyl_stack_sock any = {.local_port = 67};
	struct gyl_net_peer to;
	struct gyl_eth e;

	(void)state;
	open_lan();
	gyl_stack_bind(w.s, &any);
	assert_false(gyl_stack_adopt(w.s, 0, IP(10, 0, 20, 1))); /* it is ours, if elsewhere */
	assert_false(gyl_stack_adopt(w.s, 3, theirs));
	assert_false(gyl_stack_adopt(w.s, 1, UINT32_MAX));
	wire_udp(&w, 1, client, theirs, 67, "renew");
	assert_int_equal(w.b.in_cnt, 0);
	assert_true(gyl_stack_adopt(w.s, 1, theirs));
	assert_true(gyl_stack_adopt(w.s, 1, theirs)); /* once is enough */
	for (unsigned f = 0; f < 3; f++) {
		wire_udp(&w, f, IP(10, 0, 20, 5), theirs, 67, "renew");
		assert_int_equal(w.b.in_cnt, f == 1);
	}
	wire_udp(&w, 1, client, theirs, 67, "renew");
	assert_int_equal(w.in[0].peer.local_ip, theirs);
	assert_int_equal(source_to(&w.in[0].peer), theirs);
	/* By ARP as well, and what is to the station itself goes to it. */
	w.in[0].peer.has_mac = false;
	assert_int_equal(source_to(&w.in[0].peer), 0);
	assert_int_equal(wire_next_arp(&w, 0, &e).tpa, client);
	to = (struct gyl_net_peer){.ip = theirs, .port = 67, .local_port = 67};
	assert_int_equal(source_to(&to), 0);
	assert_int_equal(wire_next_arp(&w, 0, &e).tpa, theirs);
	/* Its ping, its ports and its ARP are the station's own. */
	wire_ping(&w, 1, client, theirs);
	assert_true(wire_silent(&w));
	wire_udp(&w, 1, client, theirs, 9, "who");
	assert_true(wire_silent(&w));
	wire_udp(&w, 1, theirs, IP(10, 0, 20, 1), 67, "from it");
	assert_int_equal(w.b.in_cnt, 1);
	gyl_stack_disown(w.s, 1, theirs);
	gyl_stack_disown(w.s, 1, theirs);
	wire_udp(&w, 1, client, theirs, 67, "renew");
	assert_int_equal(w.b.in_cnt, 0);
	for (uint32_t i = 0; i < GYL_STACK_ADOPT_MAX; i++)
		assert_true(gyl_stack_adopt(w.s, 1, theirs + 10 + i));
	assert_false(gyl_stack_adopt(w.s, 1, theirs));
	wire_close(&w);
}

static void addresses_come_and_go(void **state)
{
	struct gyl_stack_addr a = {.ip = IP(10, 0, 20, 77), .prefix = 24};
	struct gyl_eth e;

	(void)state;
	open_lan();
	assert_false(gyl_stack_addr_add(w.s, 3, a));
	assert_true(gyl_stack_addr_add(w.s, 1, a));
	assert_false(gyl_stack_addr_add(w.s, 1, a));
	assert_false(gyl_stack_addr_add(w.s, 0, a)); /* it is ours already */
	wire_wait(&w, 1);
	assert_int_equal(wire_next_arp(&w, 0, &e).spa, a.ip);
	assert_int_equal(gyl_eth_vid(&e), 20);
	wire_ping(&w, 1, IP(10, 0, 20, 5), a.ip);
	assert_int_equal(wire_next_ipv4(&w, 0, &e).src, a.ip);
	assert_false(gyl_stack_addr_del(w.s, 0, a.ip));
	assert_true(gyl_stack_addr_del(w.s, 1, a.ip));
	assert_false(gyl_stack_addr_del(w.s, 1, a.ip));
	wire_ping(&w, 1, IP(10, 0, 20, 5), a.ip);
	assert_true(wire_silent(&w));
	wire_ping(&w, 1, IP(10, 0, 20, 5), IP(10, 0, 20, 1));
	assert_false(wire_silent(&w));
	for (uint32_t i = 1; i < GYL_STACK_ADDR_MAX; i++) {
		a.ip++;
		assert_true(gyl_stack_addr_add(w.s, 1, a));
	}
	a.ip++;
	assert_false(gyl_stack_addr_add(w.s, 1, a));
	wire_close(&w);
}

static void item58_a_port_for_each_interface(void **state)
{
	struct gyl_stack_sock k = {.port = 1, .local_port = 67, .ifaces = 1};

	(void)state;
	open_lan();
	assert_int_equal(gyl_stack_bind(w.s, &k), GYL_STACK_BOUND);
	k.ifaces = 3;
	assert_int_equal(gyl_stack_bind(w.s, &k), GYL_STACK_IN_USE);
	k.ifaces = 0;
	assert_int_equal(gyl_stack_bind(w.s, &k), GYL_STACK_IN_USE);
	k.ifaces = 4;
	k.port = 2;
	assert_int_equal(gyl_stack_bind(w.s, &k), GYL_STACK_BOUND);
	for (unsigned f = 0; f < 3; f++) {
		wire_udp(&w, f, IP(10, 0, 0, 5), w.iface[f].addr[0].ip, 67, "x");
		assert_int_equal(w.b.in_cnt, f != 1);
		if (f != 1)
			assert_int_equal(w.in[0].port, f == 0 ? 1 : 2);
	}
	assert_int_equal(gyl_stack_stat(w.s).udp_port_drop_cnt, 1);
	gyl_stack_unbind(w.s, 67, 2); /* nobody's */
	gyl_stack_unbind(w.s, 67, 1);
	wire_udp(&w, 0, IP(10, 0, 0, 5), IP(10, 0, 0, 1), 67, "x");
	assert_int_equal(w.b.in_cnt, 0);
	wire_udp(&w, 2, IP(10, 1, 0, 5), IP(10, 1, 0, 1), 67, "x");
	assert_int_equal(w.b.in_cnt, 1);
	wire_close(&w);
}

static void a_reply_goes_back_by_the_interface_it_came_by(void **state)
{
	struct gyl_stack_sock any = {.local_port = 53};

	(void)state;
	open_lan();
	gyl_stack_bind(w.s, &any);
	for (unsigned f = 0; f < 3; f++) {
		struct gyl_view frame;
		struct gyl_frame_udp u;
		uint8_t dev = 9;

		wire_udp(&w, f, w.iface[f].addr[0].ip + 4, w.iface[f].addr[0].ip, 53, "question");
		assert_int_equal(w.b.in_cnt, 1);
		assert_int_equal(w.in[0].ttl, 64);
		assert_int_equal(
			wire_send(&w, &w.in[0].peer, NULL, 6, &frame, &dev), GYL_STACK_READY);
		assert_int_equal(dev, w.iface[f].dev);
		assert_int_equal(gyl_frame_udp_decode(frame, 0, &u).err, GYL_OK);
		assert_memory_equal(u.dst_mac, peer_mac, 6);
		assert_memory_equal(u.src_mac, w.iface[f].arp.mac, 6);
		assert_int_equal(u.src_ip, w.iface[f].addr[0].ip);
		assert_int_equal(u.tag_cnt, f == 1);
		if (f == 1)
			assert_int_equal(u.tag[0].vid, 20);
	}
	wire_close(&w);
}

static void item30_the_same_address_on_two_vlans_waits_twice(void **state)
{
	struct gyl_net_peer to = {.ip = IP(10, 1, 2, 9), .port = 9, .vlan = 5};
	struct gyl_view frame;
	struct gyl_arp a, b;
	struct gyl_eth e;
	uint8_t dev;

	(void)state;
	open_lan();
	assert_int_equal(wire_send(&w, &to, NULL, 4, &frame, &dev), GYL_STACK_PARKED);
	a = wire_next_arp(&w, 1, &e);
	assert_int_equal(gyl_eth_vid(&e), 5);
	to.vlan = 6;
	assert_int_equal(wire_send(&w, &to, NULL, 4, &frame, &dev), GYL_STACK_PARKED);
	b = wire_next_arp(&w, 1, &e);
	assert_int_equal(gyl_eth_vid(&e), 6);
	w.iface[2].vlan = 6; /* the answer comes there */
	b = gyl_arp_reply(&b, peer_mac);
	wire_arp(&w, 2, &b);
	wire_next_ipv4(&w, 1, &e);
	assert_int_equal(gyl_eth_vid(&e), 6);
	assert_int_equal(wire_next(&w, 1).len, 0);
	w.iface[2].vlan = 5;
	a = gyl_arp_reply(&a, peer_mac);
	wire_arp(&w, 2, &a);
	wire_next_ipv4(&w, 1, &e);
	assert_int_equal(gyl_eth_vid(&e), 5);
	wire_close(&w);
}

static void a_conflict_names_its_interface(void **state)
{
	static const uint8_t thief[6] = {2, 0, 0, 0, 0, 9};
	struct gyl_arp a = gyl_arp_announcement(thief, IP(10, 0, 20, 1));
	uint8_t iface, mac[6];
	uint32_t ip;

	(void)state;
	open_lan();
	wire_arp(&w, 0, &a);
	assert_false(gyl_stack_conflict(w.s, &iface, &ip, mac));
	wire_arp(&w, 1, &a);
	assert_true(gyl_stack_conflict(w.s, &iface, &ip, mac));
	assert_int_equal(iface, 1);
	assert_int_equal(ip, IP(10, 0, 20, 1));
	assert_memory_equal(mac, thief, 6);
	assert_null(gyl_stack_arp(w.s, 3));
	wire_close(&w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(item15_all_addresses_are_announced_on_their_interfaces),
		cmocka_unit_test(an_address_counts_on_its_interface_only),
		cmocka_unit_test(item3_frames_find_their_interface),
		cmocka_unit_test(item55_the_smallest_network_then_the_gateway),
		cmocka_unit_test(item55_questions_are_asked_with_the_right_address),
		cmocka_unit_test(a_way_can_be_asked_for),
		cmocka_unit_test(item55_directed_broadcasts_come_in),
		cmocka_unit_test(item56_groups_are_joined_per_interface),
		cmocka_unit_test(datagrams_to_an_adopted_address_are_taken_and_no_more),
		cmocka_unit_test(addresses_come_and_go),
		cmocka_unit_test(item58_a_port_for_each_interface),
		cmocka_unit_test(a_reply_goes_back_by_the_interface_it_came_by),
		cmocka_unit_test(item30_the_same_address_on_two_vlans_waits_twice),
		cmocka_unit_test(a_conflict_names_its_interface),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
