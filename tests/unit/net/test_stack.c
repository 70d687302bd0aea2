/* SPDX-License-Identifier: ISC */
/*
 * The whole stack on a cable in memory. Names carry the numbers of libnet/docs/stack.md.
 */
#include "tests/unit/net/station.h"

static size_t need(struct station_conf *cf)
{
	cf->stack.iface = cf->iface;
	return gyl_stack_need(&cf->stack);
}

static void limits_out_of_range_are_refused(void **state)
{
	struct station_conf cf = station_conf();

	(void)state;
	assert_int_not_equal(need(&cf), 0);
	assert_int_equal(need(&cf) % 64, 0);
#define REFUSED(change)                         \
	do {                                    \
		cf = station_conf();            \
		change;                         \
		assert_int_equal(need(&cf), 0); \
	} while (0)
	REFUSED(cf.iface[0].addr[0].prefix = 0);
	REFUSED(cf.iface[0].addr[0].prefix = 33);
	REFUSED(cf.iface[0].mtu = 575);
	REFUSED(cf.iface[0].mtu = 1985);
	REFUSED(cf.iface[0].dev = GYL_STACK_DEV_MAX);
	REFUSED(cf.iface[0].vlan = 4095);
	REFUSED(cf.iface[0].addr_cnt = GYL_STACK_ADDR_MAX + 1);
	REFUSED(cf.stack.iface_cnt = 0);
	REFUSED(cf.stack.iface_cnt = GYL_STACK_IFACE_MAX + 1);
	REFUSED(cf.stack.sock_max = 0);
	REFUSED(cf.stack.park_max = 1025);
	REFUSED(cf.stack.ttl = 0);
	REFUSED(cf.stack.echo_rate = 0);
	REFUSED(cf.stack.error_rate = 0);
	REFUSED(cf.iface[0].gateway = IP(10, 0, 1, 1));
	REFUSED(cf.iface[0].gateway = OUR_IP);
	REFUSED(cf.iface[0].addr[0].ip = IP(10, 0, 0, 0));
	REFUSED(cf.iface[0].addr[0].ip = IP(10, 0, 0, 255));
	REFUSED(cf.iface[0].addr[0].ip = IP(127, 0, 0, 1); cf.iface[0].gateway = 0);
	REFUSED(cf.iface[0].addr[0].ip = IP(224, 0, 0, 1); cf.iface[0].gateway = 0);
	REFUSED(cf.iface[0].addr[0].ip = IP(0, 0, 0, 1); cf.iface[0].gateway = 0);
	REFUSED(memset(cf.iface[0].arp.mac, 0, 6));
	/* twice the same address, here and there, and twice the same frames */
	REFUSED(cf.iface[0].addr[1] = cf.iface[0].addr[0]; cf.iface[0].addr_cnt = 2);
	REFUSED(cf.iface[1] = cf.iface[0]; cf.iface[1].vlan = 7; cf.stack.iface_cnt = 2);
	REFUSED(cf.iface[1] = cf.iface[0]; cf.iface[1].addr_cnt = 0; cf.iface[1].gateway = 0;
		cf.stack.iface_cnt = 2);
}

/* Which counter a frame ends in, by its offset in the statistics. */
#define COUNTER(name) offsetof(struct gyl_stack_stat, name)

static uint64_t counter(const struct station *st, size_t off)
{
	struct gyl_stack_stat stat = gyl_stack_stat(st->s);
	uint64_t v;

	memcpy(&v, (const uint8_t *)&stat + off, sizeof(v));
	return v;
}

static void item3_what_ethernet_takes(void **state)
{
	static const struct {
		const char *name, *hex;
		size_t counter;
	} cases[] = {
		{"empty", "", COUNTER(eth_bad_cnt)},
		{"13 octets", "020000000001 020000000005 08", COUNTER(eth_bad_cnt)},
		{"802.3 length", "020000000001 020000000005 0040", COUNTER(eth_bad_cnt)},
		{"unknown ethertype", "020000000001 020000000005 88b5", COUNTER(eth_type_drop_cnt)},
		{"IPv6", "020000000001 020000000005 86dd", COUNTER(eth_type_drop_cnt)},
		{"to another station", "020000000002 020000000005 0800",
			COUNTER(eth_other_drop_cnt)},
		{"to us, not whole", "020000000001 020000000005 0800 45", COUNTER(ip_bad_cnt)},
		{"to all, not whole", "ffffffffffff 020000000005 0800 45", COUNTER(ip_bad_cnt)},
		{"to a group, not whole", "01005e000001 020000000005 0800 45", COUNTER(ip_bad_cnt)},
		{"from a group", "020000000001 030000000005 0800", COUNTER(eth_bad_cnt)},
		{"VLAN 20, not whole", "020000000001 020000000005 81000014 0806 0001",
			COUNTER(arp_bad_cnt)},
		{"VLAN 4095", "020000000001 020000000005 81000fff 0806 0001", COUNTER(eth_bad_cnt)},
		{"tag not whole", "020000000001 020000000005 8100 0014", COUNTER(eth_bad_cnt)},
		{"two tags", "020000000001 020000000005 88a80014 81000015 0806 0001",
			COUNTER(eth_bad_cnt)},
	};
	struct station st;

	(void)state;
	setup(&st);
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		struct gyl_netbuf out[GYL_STACK_OUT_MAX];
		struct gyl_stack_batch b = {
			.in = st.in, .in_cap = 8, .out = {{.buf = out, .cap = GYL_STACK_OUT_MAX}}};
		uint64_t before = counter(&st, cases[i].counter);
		uint8_t buf[64];
		struct guard g;

		guard_open(&g, gyl_view(buf, hex_bytes(cases[i].hex, buf, sizeof(buf))));
		gyl_stack_input(st.s, st.now_ns, 0,
			&(struct gyl_netframe){g.view.p, (uint32_t)g.view.len, 0}, 1, &b);
		guard_close(&g);
		if (counter(&st, cases[i].counter) != before + 1)
			fail_msg("%s: not counted where expected", cases[i].name);
		assert_int_equal(b.in_cnt + b.out[0].cnt, 0);
	}
	station_close(&st);
}

static void item6_octets_behind_the_datagram_are_ignored(void **state)
{
	struct gyl_frame_udp f = peer_udp(53);
	struct gyl_stack_sock k = {.port = 3, .flow = 77, .local_port = 53};
	struct station st;

	(void)state;
	setup(&st);
	assert_int_equal(gyl_stack_bind(st.s, &k), GYL_STACK_BOUND);
	for (size_t more = 0; more < 10; more++) {
		uint8_t buf[2000];
		struct gyl_view v =
			make_udp(&f, "a payload that needs no padding to reach sixty", buf);

		memset(buf + (v.p - buf) + v.len, 0xee, more);
		far_send(&st, v.p, v.len + more);
		assert_int_equal(st.in_cnt, 1);
		assert_int_equal(st.in[0].data.len, 46);
	}
	station_close(&st);
}

static void item54_what_ipv4_takes(void **state)
{
	static const struct {
		const char *name, *hex; /* checksums are filled in unless the row says keep */
		bool keep;
		size_t counter;
	} cases[] = {
		{"version 6", "6500001c00004000401100000a0000050a000001 1000003500080000", false,
			COUNTER(ip_bad_cnt)},
		{"header length 16", "4400001c00004000401100000a0000050a000001 1000003500080000",
			false, COUNTER(ip_bad_cnt)},
		{"header length 36 in 20 octets", "4900001400004000401100000a0000050a000001", false,
			COUNTER(ip_bad_cnt)},
		{"total under header", "4500001300004000401100000a0000050a000001 1000003500080000",
			false, COUNTER(ip_bad_cnt)},
		{"total over frame", "4500010000004000401100000a0000050a000001 1000003500080000",
			false, COUNTER(ip_bad_cnt)},
		{"wrong checksum", "4500001c00004000401112340a0000050a000001 1000003500080000",
			true, COUNTER(ip_bad_cnt)},
		{"good", "4500001c00004000401100000a0000050a000001 1000003500080000", false,
			COUNTER(udp_ok_cnt)},
		{"with options",
			"4600002000004000401100000a0000050a000001 01010100 "
			"1000003500080000",
			false, COUNTER(udp_ok_cnt)},
		{"broken option",
			"4600002000004000401100000a0000050a000001 07ff0400 "
			"1000003500080000",
			false, COUNTER(ip_bad_cnt)},
		/* RFC 1122 3.2.1.7: a host must not discard what arrived with TTL 0 or 1 */
		{"TTL 1", "4500001c00004000011100000a0000050a000001 1000003500080000", false,
			COUNTER(udp_ok_cnt)},
		{"TTL 0", "4500001c00004000001100000a0000050a000001 1000003500080000", false,
			COUNTER(udp_ok_cnt)},
		{"reserved bit", "4500001c0000c000401100000a0000050a000001 1000003500080000", false,
			COUNTER(udp_ok_cnt)},
		{"first fragment", "4500001c00012000401100000a0000050a000001 1000003500080000",
			false, COUNTER(reass_piece_cnt)},
		{"last fragment", "4500001c00010001401100000a0000050a000001 1000003500080000",
			false, COUNTER(reass_piece_cnt)},
		{"to another", "4500001c00004000401100000a0000050a000002 1000003500080000", false,
			COUNTER(ip_other_drop_cnt)},
		{"to 0.0.0.0", "4500001c00004000401100000a00000500000000 1000003500080000", false,
			COUNTER(ip_other_drop_cnt)},
		{"to a group", "4500001c00004000401100000a000005e0000001 1000003500080000", false,
			COUNTER(ip_group_drop_cnt)},
		{"to the network's broadcast",
			"4500001c00004000401100000a0000050a0000ff 1000003500080000", false,
			COUNTER(udp_ok_cnt)},
		{"to 255.255.255.255", "4500001c00004000401100000a000005ffffffff 1000003500080000",
			false, COUNTER(udp_ok_cnt)},
		{"from 0.0.0.0", "4500001c000040004011000000000000ffffffff 1000003500080000", false,
			COUNTER(udp_ok_cnt)},
		{"from us", "4500001c00004000401100000a0000010a000001 1000003500080000", false,
			COUNTER(ip_src_drop_cnt)},
		{"from all", "4500001c0000400040110000ffffffff0a000001 1000003500080000", false,
			COUNTER(ip_src_drop_cnt)},
		{"from our broadcast", "4500001c00004000401100000a0000ff0a000001 1000003500080000",
			false, COUNTER(ip_src_drop_cnt)},
		{"from a group", "4500001c0000400040110000e00000050a000001 1000003500080000", false,
			COUNTER(ip_src_drop_cnt)},
		{"from loopback", "4500001c00004000401100007f0000010a000001 1000003500080000",
			false, COUNTER(ip_src_drop_cnt)},
		{"OSPF", "4500001c00004000405900000a0000050a000001 1000003500080000", false,
			COUNTER(ip_proto_drop_cnt)},
		{"TCP", "4500001c00004000400600000a0000050a000001 1000003500080000", false,
			COUNTER(ip_proto_drop_cnt)},
		/* 58 */
		{"UDP under 8", "4500001b00004000401100000a0000050a000001 10000035000800", false,
			COUNTER(udp_bad_cnt)},
		{"UDP length 7", "4500001c00004000401100000a0000050a000001 1000003500070000", false,
			COUNTER(udp_bad_cnt)},
		{"UDP length over", "4500001c00004000401100000a0000050a000001 1000003500090000",
			false, COUNTER(udp_bad_cnt)},
		{"UDP length under the datagram's",
			"4500001e00004000401100000a0000050a000001 1000003500080000 4242", false,
			COUNTER(udp_ok_cnt)},
		{"UDP wrong checksum", "4500001c00004000401100000a0000050a000001 1000003500081234",
			false, COUNTER(udp_bad_cnt)},
		{"ICMP under 8", "4500001b00004000400100000a0000050a000001 08000000000000", false,
			COUNTER(icmp_bad_cnt)},
		{"ICMP wrong checksum", "4500001c00004000400100000a0000050a000001 0800123400000000",
			false, COUNTER(icmp_bad_cnt)},
		{"ICMP echo reply", "4500001c00004000400100000a0000050a000001 0000ffff00000000",
			false, COUNTER(icmp_drop_cnt)},
	};
	struct gyl_stack_sock k = {.local_port = 53};
	struct station st;

	(void)state;
	setup(&st);
	gyl_stack_bind(st.s, &k);
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		uint64_t before = counter(&st, cases[i].counter);
		uint8_t buf[128] = {0};
		size_t len = hex_bytes(cases[i].hex, buf + 14, sizeof(buf) - 14);
		size_t header_len = (size_t)(buf[14] & 15) * 4;

		memcpy(buf, our_mac, 6);
		memcpy(buf + 6, peer_mac, 6);
		gyl_set_u16(buf + 12, GYL_ETH_IPV4);
		if (gyl_get_u32(buf + 14 + 16) != OUR_IP)
			memcpy(buf, all_mac, 6);
		if (!cases[i].keep && header_len <= len)
			gyl_set_u16(buf + 14 + 10, gyl_checksum_of(gyl_view(buf + 14, header_len)));
		st.now_ns += GYL_NS_PER_S;
		far_send(&st, buf, 14 + len);
		if (counter(&st, cases[i].counter) != before + 1)
			fail_msg("%s: not counted where expected", cases[i].name);
		while (!silent(&st))
			;
	}
	station_close(&st);
}

static void unicast_ip_in_a_broadcast_frame_is_dropped(void **state)
{
	struct gyl_frame_udp f = peer_udp(53);
	struct station st;

	(void)state;
	setup(&st);
	memcpy(f.dst_mac, all_mac, 6);
	far_send_udp(&st, &f, "hello");
	assert_int_equal(gyl_stack_stat(st.s).ip_other_drop_cnt, 1);
	assert_true(silent(&st));
	station_close(&st);
}

static void item55_where_datagrams_go(void **state)
{
	static const uint8_t group_mac[6] = {1, 0, 0x5e, 0x7f, 0, 0xfb};
	static const struct {
		const char *name;
		uint32_t ip, asked; /* asked: ARP for this one; 0: none */
		const uint8_t *mac;
		enum gyl_stack_sent sent;
	} cases[] = {
		{"all", 0xffffffff, 0, all_mac, GYL_STACK_READY},
		{"the network's broadcast", IP(10, 0, 0, 255), 0, all_mac, GYL_STACK_READY},
		{"a group", IP(224, 255, 0, 251), 0, group_mac, GYL_STACK_READY},
		{"on the link", IP(10, 0, 0, 9), IP(10, 0, 0, 9), NULL, GYL_STACK_PARKED},
		{"elsewhere", IP(192, 0, 2, 1), GATEWAY_IP, NULL, GYL_STACK_PARKED},
		{"0.0.0.0", 0, 0, NULL, GYL_STACK_DROPPED},
		{"loopback", IP(127, 0, 0, 1), 0, NULL, GYL_STACK_DROPPED},
		{"ourselves", OUR_IP, 0, NULL, GYL_STACK_DROPPED},
	};
	struct station st;

	(void)state;
	setup(&st);
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		struct gyl_net_peer to = to_peer(cases[i].ip);
		enum gyl_stack_sent sent = station_send(&st, &to, "x");
		struct gyl_eth e;

		if (sent != cases[i].sent)
			fail_msg("%s: %d", cases[i].name, (int)sent);
		if (cases[i].asked != 0)
			assert_int_equal(far_recv_arp(&st, &e).tpa, cases[i].asked);
		if (cases[i].mac != NULL)
			assert_memory_equal(far_recv(&st).p, cases[i].mac, 6);
		assert_true(silent(&st));
	}
	assert_int_equal(gyl_stack_stat(st.s).out_route_drop_cnt, 3);
	station_close(&st);
}

static void item55_no_gateway_is_an_error_too(void **state)
{
	struct station_conf cf = station_conf();
	struct gyl_net_peer to = to_peer(IP(192, 0, 2, 1));
	struct station st;

	(void)state;
	cf.iface[0].gateway = 0;
	station_open(&st, &cf);
	assert_int_equal(station_send(&st, &to, "x"), GYL_STACK_DROPPED);
	assert_int_equal(gyl_stack_stat(st.s).out_route_drop_cnt, 1);
	station_close(&st);
}

static void item55_a_link_of_two_has_no_broadcast(void **state)
{
	struct station_conf cf = station_conf();
	struct gyl_net_peer to = to_peer(IP(10, 0, 0, 0));
	struct station st;

	(void)state;
	cf.iface[0].addr[0].prefix = 31;
	cf.iface[0].gateway = 0;
	station_open(&st, &cf);
	assert_int_equal(station_send(&st, &to, "x"), GYL_STACK_PARKED);
	station_close(&st);
}

static void item51_whole_datagrams_have_df_and_no_id(void **state)
{
	struct gyl_net_peer to = to_peer(0xffffffff);
	struct station st;
	struct gyl_eth e;
	struct gyl_ipv4 ip;

	(void)state;
	setup(&st);
	assert_int_equal(station_send(&st, &to, "x"), GYL_STACK_READY);
	assert_int_equal(gyl_eth_decode(far_recv(&st), &e).err, GYL_OK);
	assert_int_equal(gyl_ipv4_decode(e.payload, 0, &ip).err, GYL_OK);
	assert_int_equal(ip.flags, GYL_IPV4_DF);
	assert_int_equal(ip.ttl, 64);
	station_close(&st);
}

static void datagrams_over_the_mtu_are_refused(void **state)
{
	struct gyl_net_peer to = to_peer(0xffffffff);
	char text[1474];
	struct station st;

	(void)state;
	setup(&st);
	memset(text, 'x', sizeof(text));
	text[1473] = '\0';
	assert_int_equal(station_send(&st, &to, text), GYL_STACK_DROPPED);
	assert_int_equal(gyl_stack_stat(st.s).out_len_drop_cnt, 1);
	assert_true(silent(&st));
	text[1472] = '\0';
	assert_int_equal(station_send(&st, &to, text), GYL_STACK_READY);
	assert_int_equal(far_recv(&st).len, 1514);
	to.vlan = 4;
	assert_int_equal(station_send(&st, &to, text), GYL_STACK_READY);
	assert_int_equal(far_recv(&st).len, 1518);
	station_close(&st);
}

/* An echo request from the peer, in buf; checksums right. */
static size_t make_echo(uint8_t *buf, uint32_t dst, const char *text)
{
	struct gyl_icmp m = gyl_icmp_echo(7, 9, gyl_view_str(text));
	struct gyl_eth e = {.type = GYL_ETH_IPV4};
	struct gyl_ipv4 ip = {.ttl = 1, .proto = GYL_IPV4_ICMP, .src = PEER_IP, .dst = dst};
	struct gyl_writer w;

	memcpy(e.dst, dst == OUR_IP ? our_mac : all_mac, 6);
	memcpy(e.src, peer_mac, 6);
	ip.payload.len = 8 + strlen(text);
	gyl_writer_init(&w, buf, 2000);
	gyl_eth_put_header(&w, &e);
	gyl_ipv4_put_header(&w, &ip);
	gyl_icmp_encode(&w, &m);
	assert_true(gyl_writer_ok(&w));
	return w.len;
}

/* The next frame the stack sent is ICMP. */
static struct gyl_icmp far_recv_icmp(struct station *st, struct gyl_ipv4 *ip)
{
	struct gyl_view v = far_recv(st);
	struct gyl_icmp m;
	struct gyl_eth e;

	assert_int_equal(gyl_eth_decode(v, &e).err, GYL_OK);
	assert_memory_equal(e.dst, peer_mac, 6);
	assert_memory_equal(e.src, our_mac, 6);
	assert_int_equal(gyl_ipv4_decode(e.payload, 0, ip).err, GYL_OK);
	assert_int_equal(ip->src, OUR_IP);
	assert_int_equal(ip->dst, PEER_IP);
	assert_int_equal(ip->ttl, 64);
	assert_int_equal(gyl_icmp_decode(ip->payload, 0, &m).err, GYL_OK);
	for (const uint8_t *p = ip->payload.p + ip->payload.len; p < v.p + v.len; p++)
		assert_int_equal(*p, 0);
	return m;
}

static void item57_ping(void **state)
{
	uint8_t buf[2000];
	struct gyl_icmp m;
	struct gyl_ipv4 ip;
	struct station st;
	size_t len;

	(void)state;
	setup(&st);
	len = make_echo(buf, OUR_IP, "ping");
	far_send(&st, buf, len);
	m = far_recv_icmp(&st, &ip);
	assert_int_equal(m.type, GYL_ICMP_ECHO_REPLY);
	assert_int_equal(gyl_icmp_id(&m), 7);
	assert_int_equal(gyl_icmp_seq(&m), 9);
	assert_int_equal(m.data.len, 4);
	assert_memory_equal(m.data.p, "ping", 4);
	assert_int_equal(gyl_arp_cache_stat(gyl_stack_arp(st.s, 0)).asked_cnt, 0);
	/* not for others, not for all */
	far_send(&st, buf, make_echo(buf, IP(10, 0, 0, 255), "ping"));
	far_send(&st, buf, make_echo(buf, 0xffffffff, "ping"));
	assert_true(silent(&st));
	assert_int_equal(gyl_stack_stat(st.s).icmp_rate_drop_cnt, 2);
	/* a checksum that a virtual peer left to hardware is not verified */
	len = make_echo(buf, OUR_IP, "ping");
	buf[14 + 20 + 2] ^= 1;
	far_send(&st, buf, len);
	assert_true(silent(&st));
	gyl_mem_port_flags(st.hub, 0, GYL_NETFRAME_CSUM_NOT_READY);
	far_send(&st, buf, len);
	assert_int_equal(far_recv_icmp(&st, &ip).type, GYL_ICMP_ECHO_REPLY);
	station_close(&st);
}

static void item57_pings_are_rate_limited(void **state)
{
	struct station_conf cf = station_conf();
	struct gyl_eth e;
	uint8_t buf[2000];
	struct station st;
	unsigned answers = 0;
	size_t len = make_echo(buf, OUR_IP, "ping");

	(void)state;
	cf.stack.echo_rate = 10;
	station_open(&st, &cf);
	station_run(&st);
	far_recv_arp(&st, &e);
	for (int i = 0; i < 100; i++) {
		far_send(&st, buf, len);
		answers += !silent(&st);
	}
	assert_int_equal(answers, 6);
	st.now_ns += 100 * GYL_NS_PER_MS;
	far_send(&st, buf, len);
	assert_false(silent(&st));
	far_send(&st, buf, len);
	assert_true(silent(&st));
	station_close(&st);
}

static void item57_no_listener_no_mystery(void **state)
{
	struct gyl_frame_udp f = peer_udp(9);
	struct station st;
	struct gyl_icmp m;
	struct gyl_ipv4 ip, quoted;

	(void)state;
	setup(&st);
	far_send_udp(&st, &f, "hello");
	assert_int_equal(st.in_cnt, 0);
	m = far_recv_icmp(&st, &ip);
	assert_int_equal(m.type, GYL_ICMP_UNREACHABLE);
	assert_int_equal(m.code, GYL_ICMP_PORT);
	assert_int_equal(gyl_icmp_original(&m, &quoted).err, GYL_OK);
	assert_int_equal(quoted.dst, OUR_IP);
	assert_int_equal(quoted.payload.len, 13);
	assert_int_equal(m.data.len, 33); /* whole, and not the padding of the frame */
	/* never about what was sent to all: RFC 1122 3.2.2 */
	memcpy(f.dst_mac, all_mac, 6);
	f.dst_ip = 0xffffffff;
	far_send_udp(&st, &f, "hello");
	f.dst_ip = IP(10, 0, 0, 255);
	far_send_udp(&st, &f, "hello");
	memcpy(f.dst_mac, our_mac, 6);
	far_send_udp(&st, &f, "hello");
	/* nor to nobody */
	f.dst_ip = OUR_IP;
	f.src_ip = 0;
	far_send_udp(&st, &f, "hello");
	assert_true(silent(&st));
	assert_int_equal(gyl_stack_stat(st.s).icmp_muted_cnt, 4);
	/* not more than the rate */
	f.src_ip = PEER_IP;
	for (int i = 0; i < 100; i++)
		far_send_udp(&st, &f, "hello");
	assert_int_equal(gyl_stack_stat(st.s).icmp_error_cnt, 1 + 50);
	station_close(&st);
}

static void item57_unknown_protocols_are_told(void **state)
{
	uint8_t buf[2000];
	struct gyl_icmp m;
	struct gyl_ipv4 ip;
	struct station st;
	size_t len = make_echo(buf, OUR_IP, "not really tcp");

	(void)state;
	setup(&st);
	buf[14 + 9] = GYL_IPV4_TCP;
	gyl_set_u16(buf + 14 + 10, 0);
	gyl_set_u16(buf + 14 + 10, gyl_checksum_of(gyl_view(buf + 14, 20)));
	far_send(&st, buf, len);
	m = far_recv_icmp(&st, &ip);
	assert_int_equal(m.type, GYL_ICMP_UNREACHABLE);
	assert_int_equal(m.code, GYL_ICMP_PROTOCOL);
	station_close(&st);
}

static void item58_ports_come_and_go(void **state)
{
	struct station_conf cf = station_conf();
	struct gyl_stack_sock k = {.port = 1, .local_port = 67};
	struct gyl_frame_udp f = peer_udp(67);
	struct station st;

	(void)state;
	cf.stack.sock_max = 3;
	station_open(&st, &cf);
	assert_int_equal(gyl_stack_bind(st.s, &k), GYL_STACK_BOUND);
	assert_int_equal(gyl_stack_bind(st.s, &k), GYL_STACK_IN_USE);
	k.local_port = 67 + 64; /* the same hash chain */
	k.port = 2;
	assert_int_equal(gyl_stack_bind(st.s, &k), GYL_STACK_BOUND);
	k.local_port = 67 + 128;
	k.port = 3;
	assert_int_equal(gyl_stack_bind(st.s, &k), GYL_STACK_BOUND);
	k.local_port = 1;
	assert_int_equal(gyl_stack_bind(st.s, &k), GYL_STACK_FULL);
	for (unsigned i = 0; i < 3; i++) {
		f.dst_port = (uint16_t)(67 + 64 * i);
		far_send_udp(&st, &f, "x");
		assert_int_equal(st.in_cnt, 1);
		assert_int_equal(st.in[0].port, i + 1);
	}
	gyl_stack_unbind(st.s, 67 + 64, 0);
	gyl_stack_unbind(st.s, 67 + 64, 0);
	f.dst_port = 67 + 64;
	far_send_udp(&st, &f, "x");
	assert_int_equal(st.in_cnt, 0);
	f.dst_port = 67;
	far_send_udp(&st, &f, "x");
	assert_int_equal(st.in_cnt, 1);
	assert_int_equal(gyl_stack_bind(st.s, &k), GYL_STACK_BOUND);
	station_close(&st);
}

static void item58_checksums_of_udp(void **state)
{
	struct gyl_stack_sock k = {.local_port = 53};
	struct gyl_frame_udp f = peer_udp(53);
	uint8_t buf[2000], *frame;
	struct station st;
	struct gyl_view v;

	(void)state;
	setup(&st);
	gyl_stack_bind(st.s, &k);
	v = make_udp(&f, "hello", buf);
	frame = buf + (v.p - buf);
	gyl_set_u16(frame + 14 + 20 + 6, 0); /* the sender made none */
	far_send(&st, frame, v.len);
	assert_int_equal(st.in_cnt, 1);
	gyl_set_u16(frame + 14 + 20 + 6, 0x1234);
	far_send(&st, frame, v.len);
	assert_int_equal(st.in_cnt, 0);
	gyl_mem_port_flags(st.hub, 0, GYL_NETFRAME_CSUM_NOT_READY);
	far_send(&st, frame, v.len);
	assert_int_equal(st.in_cnt, 1);
	station_close(&st);
}

static void sockets_may_want_one_address_or_one_peer(void **state)
{
	struct gyl_stack_sock own = {.local_port = 53, .local_ip = OUR_IP};
	struct gyl_stack_sock flow = {
		.flow = 5, .local_port = 40000, .remote_ip = PEER_IP, .remote_port = 4000};
	struct gyl_frame_udp f = peer_udp(53);
	struct station st;

	(void)state;
	setup(&st);
	gyl_stack_bind(st.s, &own);
	gyl_stack_bind(st.s, &flow);
	far_send_udp(&st, &f, "x");
	assert_int_equal(st.in_cnt, 1);
	memcpy(f.dst_mac, all_mac, 6);
	f.dst_ip = IP(10, 0, 0, 255);
	far_send_udp(&st, &f, "x");
	assert_int_equal(st.in_cnt, 0);
	f = peer_udp(40000);
	far_send_udp(&st, &f, "x");
	assert_int_equal(st.in_cnt, 1);
	assert_int_equal(st.in[0].flow, 5);
	f.src_port++;
	far_send_udp(&st, &f, "x");
	assert_int_equal(st.in_cnt, 0);
	f.src_port--;
	f.src_ip++;
	far_send_udp(&st, &f, "x");
	assert_int_equal(st.in_cnt, 0);
	station_close(&st);
}

static void copies_of_frames(void **state)
{
	struct gyl_arp a = gyl_arp_request(peer_mac, PEER_IP, PEER_IP + 1);
	uint8_t buf[64];
	struct gyl_writer w;
	struct gyl_eth e = {.type = GYL_ETH_ARP};
	struct station st;

	(void)state;
	setup(&st);
	assert_int_equal(gyl_stack_bind_frame(st.s, GYL_ETH_ARP, 9), GYL_STACK_BOUND);
	assert_int_equal(gyl_stack_bind_frame(st.s, GYL_ETH_ARP, 8), GYL_STACK_BOUND);
	assert_int_equal(gyl_stack_bind_frame(st.s, GYL_ETH_ARP, 7), GYL_STACK_IN_USE);
	assert_int_equal(gyl_stack_bind_frame(st.s, GYL_ETH_IPV4, 6), GYL_STACK_BOUND);
	assert_int_equal(gyl_stack_bind_frame(st.s, GYL_ETH_IPV4, 5), GYL_STACK_IN_USE);
	memcpy(e.dst, other_mac, 6); /* seen on the way, though for somebody else */
	memcpy(e.src, peer_mac, 6);
	gyl_writer_init(&w, buf, sizeof(buf));
	gyl_arp_encode_frame(&w, &e, &a);
	far_send(&st, buf, w.len);
	assert_int_equal(st.in_cnt, 2);
	assert_int_equal(st.in[1].port, 8);
	assert_memory_equal(st.in[1].data.p, buf, 60);
	assert_int_equal(st.in[0].kind, GYL_STACK_FRAME);
	assert_int_equal(st.in[0].port, 9);
	assert_memory_equal(st.in[0].peer.mac, peer_mac, 6);
	assert_int_equal(st.in[0].data.len, 60);
	assert_memory_equal(st.in[0].data.p, buf, 60);
	gyl_set_u16(buf + 12, GYL_ETH_IPV6);
	far_send(&st, buf, w.len);
	assert_int_equal(st.in_cnt, 0);
	assert_int_equal(gyl_stack_bind_frame(st.s, 0x9000, 1), GYL_STACK_BOUND);
	assert_int_equal(gyl_stack_bind_frame(st.s, 0x9009, 1), GYL_STACK_FULL);
	station_close(&st);
}

static void a_batch_without_room_is_taken_later(void **state)
{
	struct gyl_frame_udp f = peer_udp(53);
	struct gyl_stack_sock k = {.local_port = 53};
	struct gyl_netframe fr[8];
	struct gyl_netbuf out[GYL_STACK_OUT_MAX];
	struct gyl_stack_in in[5];
	struct gyl_stack_batch b = {
		.in = in, .in_cap = 5, .out = {{.buf = out, .cap = GYL_STACK_OUT_MAX}}};
	uint8_t buf[2000];
	struct station st;
	struct gyl_view v = make_udp(&f, "x", buf);

	(void)state;
	setup(&st);
	gyl_stack_bind(st.s, &k);
	for (size_t i = 0; i < 8; i++)
		fr[i] = (struct gyl_netframe){v.p, (uint32_t)v.len, 0};
	assert_int_equal(gyl_stack_input(st.s, st.now_ns, 0, fr, 8, &b), 4);
	b.in_cnt = 0;
	b.out[0].cap--;
	assert_int_equal(gyl_stack_input(st.s, st.now_ns, 0, fr, 8, &b), 0);
	station_close(&st);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_out_of_range_are_refused),
		cmocka_unit_test(item3_what_ethernet_takes),
		cmocka_unit_test(item6_octets_behind_the_datagram_are_ignored),
		cmocka_unit_test(item54_what_ipv4_takes),
		cmocka_unit_test(unicast_ip_in_a_broadcast_frame_is_dropped),
		cmocka_unit_test(item55_where_datagrams_go),
		cmocka_unit_test(item55_no_gateway_is_an_error_too),
		cmocka_unit_test(item55_a_link_of_two_has_no_broadcast),
		cmocka_unit_test(item51_whole_datagrams_have_df_and_no_id),
		cmocka_unit_test(datagrams_over_the_mtu_are_refused),
		cmocka_unit_test(item57_ping),
		cmocka_unit_test(item57_pings_are_rate_limited),
		cmocka_unit_test(item57_no_listener_no_mystery),
		cmocka_unit_test(item57_unknown_protocols_are_told),
		cmocka_unit_test(item58_ports_come_and_go),
		cmocka_unit_test(item58_checksums_of_udp),
		cmocka_unit_test(sockets_may_want_one_address_or_one_peer),
		cmocka_unit_test(copies_of_frames),
		cmocka_unit_test(a_batch_without_room_is_taken_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
