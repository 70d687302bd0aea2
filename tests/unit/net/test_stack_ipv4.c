/* SPDX-License-Identifier: ISC */
/*
 * IPv4 as a host speaks it: pieces in and out, paths, ICMP. Numbers are those of
 * libnet/docs/stack.md.
 */
#include "tests/unit/net/wire.h"

#define OUR_IP  IP(10, 0, 0, 1)
#define PEER_IP IP(10, 0, 0, 5)
#define FAR_IP  IP(192, 0, 2, 9)

static struct wire w, far;

static const struct gyl_stack_how cut = {.may_fragment = true};

/* To the peer's station, so that no question is asked. */
static struct gyl_net_peer to_peer(void)
{
	struct gyl_net_peer to = {
		.ip = PEER_IP, .port = 9, .local_ip = OUR_IP, .local_port = 53, .has_mac = true};

	memcpy(to.mac, peer_mac, 6);
	return to;
}

static void open_at(struct wire *x, uint32_t ip, uint32_t mtu)
{
	wire_conf(x);
	x->iface[0].addr[0].ip = ip;
	x->iface[0].mtu = mtu;
	if (ip == PEER_IP)
		memcpy(x->iface[0].arp.mac, peer_mac, 6);
	wire_open(x);
}

/* Every frame that came out of one goes into the other; what it takes is in far.in. */
static size_t pass_on(struct wire *from, struct wire *into)
{
	struct gyl_view v;
	size_t cnt = 0;

	for (v = wire_next(from, 0); v.len != 0; v = wire_next(from, 0)) {
		wire_input(into, 0, v);
		cnt++;
	}
	return cnt;
}

/* RFC 791 3.2: lengths, offsets, flags, identifications of a datagram of len octets of UDP. */
static void check_pieces(struct wire *x, uint32_t mtu, size_t len)
{
	size_t off = 0, piece = (mtu - 20) / 8 * 8;
	uint16_t id = 0;

	do {
		struct gyl_eth e;
		struct gyl_ipv4 ip = wire_next_ipv4(x, 0, &e);
		bool is_last = len - off <= mtu - 20;

		assert_int_equal(ip.frag_off, off);
		assert_int_equal(ip.flags, is_last ? 0 : GYL_IPV4_MF);
		assert_int_equal(ip.payload.len, is_last ? len - off : piece);
		assert_true(off == 0 || ip.id == id);
		id = ip.id;
		off += ip.payload.len;
	} while (off < len);
	assert_int_equal(wire_next(x, 0).len, 0);
	x->read_cnt[0] = 0;
}

/* 49 the pieces; 50 the first one too is floored to 8; 60 the checksum spans all of them. */
static void item49_50_60_every_mtu_round_trip(void **state)
{
	struct gyl_stack_sock any = {.local_port = 9};
	struct gyl_net_peer to = to_peer();

	(void)state;
	for (uint32_t mtu = 576; mtu <= 1500; mtu++) {
		size_t len = 3 * mtu + mtu % 97;
		struct gyl_view frame;
		uint8_t dev;

		open_at(&w, OUR_IP, mtu);
		open_at(&far, PEER_IP, mtu);
		gyl_stack_bind(far.s, &any);
		assert_int_equal(wire_send(&w, &to, &cut, len, &frame, &dev), GYL_STACK_PIECES);
		assert_int_equal(frame.len, 0);
		check_pieces(&w, mtu, len + 8);
		assert_int_equal(gyl_stack_stat(w.s).frag_cnt, w.b.out[0].cnt);
		pass_on(&w, &far);
		assert_int_equal(far.b.in_cnt, 1);
		assert_int_equal(far.in[0].data.len, len);
		for (size_t i = 0; i < len; i++)
			assert_true(far.in[0].data.p[i] == 'x');
		wire_close(&w);
		wire_close(&far);
	}
}

/* The figures of the item, moved to the least mtu that we take: 552 octets a piece. */
static void item49_figures(void **state)
{
	static const struct {
		size_t payload;
		size_t cnt, last;
	} cases[] = {
		{556, 1, 556},
		{557, 2, 5},
		{560, 2, 8},
		{552 * 15, 15, 552},
		{552 * 15 + 4, 15, 556}, /* the last one need not be floored */
		{552 * 15 + 5, 16, 5},
	};
	static uint8_t data[70000];
	struct gyl_net_peer to = to_peer();

	(void)state;
	open_at(&w, OUR_IP, 576);
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		struct gyl_view v = gyl_view(NULL, 0), last = v;

		wire_clear(&w);
		assert_int_equal(gyl_stack_ipv4_output(w.s, w.now_ns, &to, 253, &cut,
					 gyl_view(data, cases[i].payload), &w.b),
			GYL_STACK_PIECES);
		assert_int_equal(w.b.out[0].cnt, cases[i].cnt);
		while ((v = wire_next(&w, 0)).len != 0)
			last = v;
		assert_int_equal(last.len, 14 + 20 + cases[i].last);
	}
	wire_close(&w);
}

/* 51: over the mtu without leave to cut is an error; whole ones have DF; a random identification.
 */
static void item51_what_may_be_cut(void **state)
{
	struct gyl_net_peer to = to_peer();
	struct gyl_view frame;
	struct gyl_eth e;
	struct gyl_ipv4 ip;
	uint8_t dev;
	uint16_t id[3];

	(void)state;
	open_at(&w, OUR_IP, 1500);
	assert_int_equal(wire_send(&w, &to, NULL, 1473, &frame, &dev), GYL_STACK_DROPPED);
	assert_int_equal(gyl_stack_stat(w.s).out_len_drop_cnt, 1);
	assert_true(wire_silent(&w));
	assert_int_equal(wire_send(&w, &to, NULL, 1472, &frame, &dev), GYL_STACK_READY);
	gyl_eth_decode(frame, &e);
	assert_int_equal(gyl_ipv4_decode(e.payload, 0, &ip).err, GYL_OK);
	assert_int_equal(ip.flags, GYL_IPV4_DF);
	assert_int_equal(wire_send(&w, &to, &cut, 1472, &frame, &dev), GYL_STACK_READY);
	gyl_eth_decode(frame, &e);
	assert_int_equal(gyl_ipv4_decode(e.payload, 0, &ip).err, GYL_OK); /* checksum too */
	assert_int_equal(ip.flags, 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(wire_send(&w, &to, &cut, 1473, &frame, &dev), GYL_STACK_PIECES);
		id[i] = wire_next_ipv4(&w, 0, &e).id;
	}
	assert_true(id[1] != id[0] && id[2] != id[1]);
	assert_true((uint16_t)(id[1] - id[0]) != 1 || (uint16_t)(id[2] - id[1]) != 1);
	assert_int_equal(wire_send(&w, &to, &cut, 65508, &frame, &dev), GYL_STACK_DROPPED);
	wire_close(&w);
}

static void pieces_go_all_or_not_at_all(void **state)
{
	struct gyl_net_peer to = to_peer();
	static uint8_t data[30000];
	struct gyl_arp a;
	struct gyl_eth e;

	(void)state;
	open_at(&w, OUR_IP, 1500);
	w.b.out[0].cap = 2;
	assert_int_equal(
		gyl_stack_ipv4_output(w.s, w.now_ns, &to, 253, &cut, gyl_view(data, 3000), &w.b),
		GYL_STACK_DROPPED);
	assert_int_equal(w.b.out[0].cnt, 0);
	assert_int_equal(gyl_stack_stat(w.s).out_room_drop_cnt, 1);
	/* three may wait for an address, four may not */
	to.has_mac = false;
	wire_clear(&w);
	assert_int_equal(
		gyl_stack_ipv4_output(w.s, w.now_ns, &to, 253, &cut, gyl_view(data, 4441), &w.b),
		GYL_STACK_DROPPED);
	assert_int_equal(gyl_stack_stat(w.s).out_park_drop_cnt, 1);
	a = wire_next_arp(&w, 0, &e); /* but the question was asked */
	wire_clear(&w);
	assert_int_equal(
		gyl_stack_ipv4_output(w.s, w.now_ns, &to, 253, &cut, gyl_view(data, 3900), &w.b),
		GYL_STACK_PARKED);
	assert_true(wire_silent(&w));
	a = gyl_arp_reply(&a, peer_mac);
	wire_arp(&w, 0, &a);
	check_pieces(&w, 1500, 3900);
	wire_close(&w);
}

static void the_ttl_can_be_set(void **state)
{
	struct gyl_stack_how how = {.ttl = 3};
	struct gyl_net_peer to = to_peer();
	struct gyl_view frame;
	struct gyl_frame_udp u;
	uint8_t dev;

	(void)state;
	open_at(&w, OUR_IP, 1500);
	wire_send(&w, &to, &how, 4, &frame, &dev);
	assert_int_equal(gyl_frame_udp_decode(frame, 0, &u).err, GYL_OK);
	assert_int_equal(u.ttl, 3);
	wire_send(&w, &to, NULL, 4, &frame, &dev);
	assert_int_equal(gyl_frame_udp_decode(frame, 0, &u).err, GYL_OK);
	assert_int_equal(u.ttl, 64);
	wire_close(&w);
}

/* A piece of an echo request of `total` octets (header of ICMP included) from the peer. */
static void ping_piece(struct wire *x, uint16_t id, size_t off, size_t len, size_t total)
{
	static uint8_t whole[65536];
	struct gyl_icmp m = gyl_icmp_echo(7, 9, gyl_view(whole + 8, total - 8));
	struct gyl_ipv4 ip = {.id = id,
		.proto = GYL_IPV4_ICMP,
		.src = PEER_IP,
		.dst = OUR_IP,
		.frag_off = (uint16_t)off,
		.flags = off + len < total ? GYL_IPV4_MF : 0};
	struct gyl_writer wr;

	memset(whole, 'p', sizeof(whole));
	gyl_writer_init(&wr, whole, 8);
	gyl_icmp_put_header(&wr, &m);
	wire_ipv4(x, 0, ip, gyl_view(whole + off, len));
}

static void item38_52_57_a_ping_in_pieces_is_answered_in_pieces(void **state)
{
	static const struct {
		size_t len;
		bool answered;
	} cases[] = {{1488, true}, {1480 * 17, true}, {1480 * 17 + 1, false}, {65515, false}};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		size_t len = cases[i].len;

		open_at(&w, OUR_IP, 1500);
		for (size_t off = 0; off < len; off += 1480) {
			assert_true(wire_silent(&w));
			ping_piece(&w, 77, off, len - off < 1480 ? len - off : 1480, len);
		}
		assert_int_equal(w.b.out[0].cnt, cases[i].answered ? (len + 1479) / 1480 : 0);
		assert_int_equal(gyl_stack_stat(w.s).icmp_echo_cnt, cases[i].answered);
		if (cases[i].answered)
			check_pieces(&w, 1500, len);
		wire_close(&w);
	}
}

static void a_datagram_in_pieces_goes_up_as_any_other(void **state)
{
	struct gyl_stack_sock any = {.local_port = 9, .port = 3};
	struct gyl_net_peer to = to_peer();
	struct gyl_netframe f[6];
	struct gyl_view frame;
	uint8_t dev;

	(void)state;
	open_at(&w, OUR_IP, 1500);
	open_at(&far, PEER_IP, 1500);
	gyl_stack_bind(far.s, &any);
	wire_send(&w, &to, &cut, 4000, &frame, &dev);
	for (size_t i = 0; i < 3; i++) {
		frame = wire_next(&w, 0);
		f[i] = (struct gyl_netframe){.p = frame.p, .len = (uint32_t)frame.len};
	}
	/* a second one, told apart by its source */
	for (size_t i = 0; i < 3; i++) {
		static uint8_t copy[3][1600];

		assert_in_range(f[i].len, 1, sizeof copy[i]);
		memcpy(copy[i], f[i].p, f[i].len); /* NOLINT(*-core.NonNullParamChecker) */
		copy[i][14 + 15] = 6;
		gyl_set_u16(copy[i] + 14 + 10, 0);
		gyl_set_u16(copy[i] + 14 + 10, gyl_checksum_of(gyl_view(copy[i] + 14, 20)));
		gyl_set_u16(copy[0] + 14 + 20 + 6, 0); /* UDP without a checksum */
		f[i + 3] = (struct gyl_netframe){.p = copy[i], .len = f[i].len};
	}
	/* input stops behind the first, and takes no more until it is dealt with */
	assert_int_equal(gyl_stack_input(far.s, far.now_ns, 0, f, 6, &far.b), 3);
	assert_int_equal(far.b.in_cnt, 1);
	assert_int_equal(gyl_stack_input(far.s, far.now_ns, 0, f + 3, 3, &far.b), 0);
	assert_int_equal(far.in[0].kind, GYL_STACK_DGRAM);
	assert_int_equal(far.in[0].port, 3);
	assert_int_equal(far.in[0].peer.ip, OUR_IP);
	assert_memory_equal(far.in[0].peer.mac, w.iface[0].arp.mac, 6);
	assert_int_equal(far.in[0].data.len, 4000);
	far.b.in_cnt = 0;
	assert_int_equal(gyl_stack_input(far.s, far.now_ns, 0, f + 3, 3, &far.b), 3);
	assert_int_equal(far.b.in_cnt, 1);
	assert_int_equal(far.in[0].peer.ip, IP(10, 0, 0, 6));
	assert_int_equal(gyl_stack_stat(far.s).reass_whole_cnt, 2);
	wire_close(&w);
	wire_close(&far);
}

static void a_port_nobody_has_is_told_of_a_whole_datagram(void **state)
{
	struct gyl_net_peer to = to_peer();
	struct gyl_view frame;
	struct gyl_ipv4 ip, sent;
	struct gyl_icmp m;
	struct gyl_eth e;
	uint8_t dev;

	(void)state;
	open_at(&w, OUR_IP, 1500);
	open_at(&far, PEER_IP, 1500);
	wire_send(&w, &to, &cut, 4000, &frame, &dev);
	pass_on(&w, &far);
	ip = wire_next_ipv4(&far, 0, &e);
	assert_int_equal(gyl_icmp_decode(ip.payload, 0, &m).err, GYL_OK);
	assert_int_equal(m.code, GYL_ICMP_PORT);
	assert_int_equal(gyl_icmp_original(&m, &sent).err, GYL_OK);
	assert_int_equal(sent.total_len, 4028);
	assert_int_equal(m.data.len, GYL_ICMP_QUOTE_MAX);
	wire_close(&w);
	wire_close(&far);
}

/* 40, and RFC 1122 3.3.2: the sender is told, when its first piece came. */
static void item40_late_datagrams_are_told(void **state)
{
	struct gyl_ipv4 ip, sent;
	struct gyl_icmp m;
	struct gyl_eth e;

	(void)state;
	open_at(&w, OUR_IP, 1500);
	ping_piece(&w, 1, 0, 800, 1600);
	ping_piece(&w, 2, 800, 800, 1600);
	wire_wait(&w, 10 * GYL_NS_PER_S - 1);
	assert_true(wire_silent(&w));
	wire_wait(&w, 1);
	assert_int_equal(w.b.out[0].cnt, 1);
	ip = wire_next_ipv4(&w, 0, &e);
	assert_memory_equal(e.dst, peer_mac, 6);
	assert_int_equal(ip.src, OUR_IP);
	assert_int_equal(ip.dst, PEER_IP);
	assert_int_equal(gyl_icmp_decode(ip.payload, 0, &m).err, GYL_OK);
	assert_int_equal(m.type, GYL_ICMP_TIME_EXCEEDED);
	assert_int_equal(m.code, 1);
	assert_int_equal(gyl_icmp_original(&m, &sent).err, GYL_OK);
	assert_int_equal(sent.id, 1);
	assert_int_equal(sent.payload.len, 8);
	assert_int_equal(gyl_stack_stat(w.s).reass_late_cnt, 2);
	/* what follows begins anew, and misses what went */
	ping_piece(&w, 1, 800, 800, 1600);
	assert_true(wire_silent(&w));
	assert_int_equal(gyl_stack_deadline_ns(w.s), w.now_ns + 10 * GYL_NS_PER_S);
	wire_close(&w);
}

static void item42_43_pieces_that_overlap_end_their_datagram(void **state)
{
	(void)state;
	open_at(&w, OUR_IP, 1500);
	ping_piece(&w, 1, 0, 800, 1600);
	ping_piece(&w, 1, 0, 800, 1600);
	ping_piece(&w, 1, 800, 800, 1600);
	ping_piece(&w, 2, 0, 800, 1600);
	ping_piece(&w, 2, 792, 808, 1600);
	ping_piece(&w, 2, 800, 800, 1600);
	assert_true(wire_silent(&w));
	assert_int_equal(gyl_stack_stat(w.s).reass_dup_drop_cnt, 1);
	assert_int_equal(gyl_stack_stat(w.s).reass_overlap_drop_cnt, 1);
	assert_int_equal(gyl_stack_stat(w.s).reass_poison_drop_cnt, 2);
	/* their first piece came, but who sends such gets no help */
	wire_wait(&w, 11 * GYL_NS_PER_S);
	assert_true(wire_silent(&w));
	wire_close(&w);
}

static void item54_source_routes_are_dropped(void **state)
{
	static const struct {
		const char *options;
		bool taken;
	} cases[] = {
		{"83 07 04 0a000005 00", false}, {"89 07 04 0a000005 00", false},
		{"01 83 07 04 0a000005", false}, {"07 07 04 0a000005 00", true}, /* record route */
		{"94 04 0000", true},                                            /* router alert */
	};

	(void)state;
	open_at(&w, OUR_IP, 1500);
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		uint8_t options[40], msg[8];
		struct gyl_ipv4 ip = {.proto = GYL_IPV4_ICMP, .src = PEER_IP, .dst = OUR_IP};
		struct gyl_icmp m = gyl_icmp_echo(1, 1, gyl_view(NULL, 0));
		uint64_t before = gyl_stack_stat(w.s).ip_source_route_drop_cnt;
		struct gyl_writer wr;

		ip.options =
			gyl_view(options, hex_bytes(cases[i].options, options, sizeof(options)));
		gyl_writer_init(&wr, msg, sizeof(msg));
		gyl_icmp_encode(&wr, &m);
		wire_ipv4(&w, 0, ip, gyl_writer_view(&wr));
		assert_int_equal(wire_silent(&w), !cases[i].taken);
		assert_int_equal(
			gyl_stack_stat(w.s).ip_source_route_drop_cnt - before, !cases[i].taken);
	}
	wire_close(&w);
}

/* An ICMP error from a router about UDP that we sent, or did not. */
struct trouble {
	uint8_t type, code;
	uint16_t mtu, total_len, src_port;
	uint32_t dst, src, told_ip; /* told_ip: the message goes there */
};

static void tell(struct wire *x, const struct trouble *t)
{
	uint8_t quote[28];
	struct gyl_ipv4 ip = {.ttl = 9,
		.proto = GYL_IPV4_UDP,
		.src = t->src,
		.dst = t->dst,
		.payload = {NULL, t->total_len - 20u}};
	struct gyl_icmp m = {.type = t->type, .code = t->code, .rest = t->mtu};
	struct gyl_writer wr;

	gyl_writer_init(&wr, quote, sizeof(quote));
	gyl_ipv4_put_header(&wr, &ip);
	gyl_put_u16(&wr, t->src_port);
	gyl_put_u16(&wr, 9);
	gyl_put_u32(&wr, 0);
	m.data = gyl_writer_view(&wr);
	wire_icmp(x, 0, IP(10, 0, 0, 254), t->told_ip, &m);
}

static void item57_paths_are_lowered_by_what_quotes_us(void **state)
{
	static const struct trouble good = {.type = GYL_ICMP_UNREACHABLE,
		.code = GYL_ICMP_FRAGMENTATION_NEEDED,
		.mtu = 1400,
		.total_len = 1500,
		.src_port = 53,
		.dst = FAR_IP,
		.src = OUR_IP,
		.told_ip = OUR_IP};
	struct gyl_stack_sock flow = {.local_port = 53, .remote_ip = FAR_IP, .remote_port = 9};
	struct trouble t;

	(void)state;
#define SAYS(change, expected)                                                         \
	do {                                                                           \
		open_at(&w, OUR_IP, 1500);                                             \
		gyl_stack_bind(w.s, &flow);                                            \
		t = good;                                                              \
		change;                                                                \
		tell(&w, &t);                                                          \
		assert_int_equal(gyl_stack_path_mtu(w.s, w.now_ns, FAR_IP), expected); \
		assert_true(wire_silent(&w));                                          \
		wire_close(&w);                                                        \
	} while (0)
	SAYS((void)0, 1400);
	SAYS(t.mtu = 576, 576);
	SAYS(t.mtu = 575, 576); /* RFC 791 3.1: every host takes that */
	SAYS(t.mtu = 68, 576);
	SAYS(t.mtu = 1500, 1500); /* that would have passed. RFC 5927 7.2 */
	SAYS(t.mtu = 9000, 1500);
	SAYS(t.mtu = 0, 1492); /* RFC 1191 7: an old router */
	SAYS((t.mtu = 0, t.total_len = 1492), 1006);
	SAYS((t.mtu = 0, t.total_len = 1006), 576);
	SAYS(t.src_port = 54, 1500); /* nobody here sent that */
	SAYS(t.src = IP(10, 0, 0, 2), 1500);
	SAYS(t.dst = IP(192, 0, 2, 8), 1500); /* another path */
	SAYS(t.told_ip = IP(10, 0, 0, 255), 1500);
	SAYS(t.code = GYL_ICMP_HOST, 1500);
	SAYS(t.type = GYL_ICMP_TIME_EXCEEDED, 1500);
}

static void item57_a_flow_is_told_of_its_own_peer_only(void **state)
{
	struct gyl_stack_sock flow = {.local_port = 40000, .remote_ip = FAR_IP, .remote_port = 9};
	struct trouble t = {.type = GYL_ICMP_UNREACHABLE,
		.code = GYL_ICMP_FRAGMENTATION_NEEDED,
		.mtu = 1400,
		.total_len = 1500,
		.src_port = 40000,
		.dst = FAR_IP + 1,
		.src = OUR_IP,
		.told_ip = OUR_IP};

	(void)state;
	open_at(&w, OUR_IP, 1500);
	gyl_stack_bind(w.s, &flow);
	tell(&w, &t);
	assert_int_equal(gyl_stack_path_mtu(w.s, w.now_ns, FAR_IP + 1), 1500);
	assert_int_equal(gyl_stack_stat(w.s).icmp_drop_cnt, 1);
	t.dst = FAR_IP;
	tell(&w, &t);
	assert_int_equal(gyl_stack_path_mtu(w.s, w.now_ns, FAR_IP), 1400);
	assert_int_equal(gyl_stack_stat(w.s).icmp_in_error_cnt, 1);
	wire_close(&w);
}

/* A port for everybody has no record of what it sent: a stranger's word about a client would cost
 * that one every long answer for ten minutes. The message is known all the same. */
static void item57_a_port_for_all_learns_no_path(void **state)
{
	struct gyl_stack_sock any = {.local_port = 53};
	struct trouble t = {.type = GYL_ICMP_UNREACHABLE,
		.code = GYL_ICMP_FRAGMENTATION_NEEDED,
		.mtu = 576,
		.total_len = 1500,
		.src_port = 53,
		.dst = PEER_IP,
		.src = OUR_IP,
		.told_ip = OUR_IP};
	struct gyl_net_peer to = to_peer();
	struct gyl_view frame;
	uint8_t dev;

	(void)state;
	open_at(&w, OUR_IP, 1500);
	gyl_stack_bind(w.s, &any);
	tell(&w, &t);
	assert_int_equal(gyl_stack_path_mtu(w.s, w.now_ns, PEER_IP), 1500);
	assert_int_equal(wire_send(&w, &to, NULL, 1472, &frame, &dev), GYL_STACK_READY);
	assert_int_equal(gyl_stack_stat(w.s).icmp_in_error_cnt, 1);
	assert_int_equal(gyl_stack_stat(w.s).path_lowered_cnt, 0);
	wire_close(&w);
}

static void a_path_is_obeyed_and_forgotten(void **state)
{
	struct gyl_stack_sock flow = {.local_port = 53, .remote_ip = PEER_IP, .remote_port = 9};
	struct gyl_net_peer to = to_peer();
	struct trouble t = {.type = GYL_ICMP_UNREACHABLE,
		.code = GYL_ICMP_FRAGMENTATION_NEEDED,
		.mtu = 1000,
		.total_len = 1500,
		.src_port = 53,
		.dst = PEER_IP,
		.src = OUR_IP,
		.told_ip = OUR_IP};
	struct gyl_view frame;
	uint8_t dev;

	(void)state;
	open_at(&w, OUR_IP, 1500);
	gyl_stack_bind(w.s, &flow);
	assert_int_equal(wire_send(&w, &to, NULL, 973, &frame, &dev), GYL_STACK_READY);
	tell(&w, &t);
	t.mtu = 1200; /* never raised by a message */
	tell(&w, &t);
	assert_int_equal(gyl_stack_path_mtu(w.s, w.now_ns, PEER_IP), 1000);
	assert_int_equal(wire_send(&w, &to, NULL, 973, &frame, &dev), GYL_STACK_DROPPED);
	assert_int_equal(wire_send(&w, &to, NULL, 972, &frame, &dev), GYL_STACK_READY);
	assert_int_equal(wire_send(&w, &to, &cut, 973, &frame, &dev), GYL_STACK_PIECES);
	check_pieces(&w, 1000, 981);
	w.now_ns += 600 * GYL_NS_PER_S - 1;
	assert_int_equal(gyl_stack_path_mtu(w.s, w.now_ns, PEER_IP), 1000);
	w.now_ns++;
	assert_int_equal(gyl_stack_path_mtu(w.s, w.now_ns, PEER_IP), 1500);
	assert_int_equal(wire_send(&w, &to, NULL, 973, &frame, &dev), GYL_STACK_READY);
	wire_close(&w);
}

static void who_uses_icmp_hears_answers_and_errors(void **state)
{
	struct gyl_icmp m = gyl_icmp_echo(7, 9, gyl_view_str("data")), in;
	struct trouble t = {.type = GYL_ICMP_TIME_EXCEEDED,
		.total_len = 60,
		.src_port = 33434, /* of a trace: nobody is bound there */
		.dst = FAR_IP,
		.src = OUR_IP,
		.told_ip = OUR_IP};

	(void)state;
	open_at(&w, OUR_IP, 1500);
	m.type = GYL_ICMP_ECHO_REPLY;
	wire_icmp(&w, 0, PEER_IP, OUR_IP, &m);
	tell(&w, &t);
	assert_int_equal(gyl_stack_stat(w.s).icmp_drop_cnt, 2);
	assert_int_equal(gyl_stack_bind_icmp(w.s, 7, 5), GYL_STACK_BOUND);
	assert_int_equal(gyl_stack_bind_icmp(w.s, 8, 6), GYL_STACK_IN_USE);
	wire_icmp(&w, 0, PEER_IP, OUR_IP, &m);
	assert_int_equal(w.b.in_cnt, 1);
	assert_int_equal(w.in[0].kind, GYL_STACK_ICMP);
	assert_int_equal(w.in[0].port, 5);
	assert_int_equal(w.in[0].ttl, 64);
	assert_int_equal(w.in[0].peer.ip, PEER_IP);
	assert_int_equal(w.in[0].peer.local_ip, OUR_IP);
	assert_int_equal(gyl_icmp_decode(w.in[0].data, 0, &in).err, GYL_OK);
	assert_int_equal(in.data.len, 4);
	tell(&w, &t);
	assert_int_equal(w.b.in_cnt, 1);
	assert_int_equal(w.in[0].peer.ip, IP(10, 0, 0, 254));
	assert_int_equal(gyl_icmp_decode(w.in[0].data, 0, &in).err, GYL_OK);
	assert_int_equal(in.type, GYL_ICMP_TIME_EXCEEDED);
	m.rest = 8 << 16; /* somebody else's */
	wire_icmp(&w, 0, PEER_IP, OUR_IP, &m);
	t.src = IP(10, 0, 0, 2);
	tell(&w, &t);
	assert_int_equal(w.b.in_cnt, 0);
	assert_int_equal(gyl_stack_stat(w.s).icmp_drop_cnt, 4);
	wire_close(&w);
}

/* RFC 1122 3.2.2: no error about an error, about a later piece, to nobody. */
static void item57_no_errors_about_errors(void **state)
{
	struct gyl_icmp m = gyl_icmp_unreachable(GYL_ICMP_PORT, 0, gyl_view_str("not a datagram"));
	uint8_t data[64] = {0};

	(void)state;
	open_at(&w, OUR_IP, 1500);
	wire_icmp(&w, 0, PEER_IP, OUR_IP, &m);
	m.type = 42;
	wire_icmp(&w, 0, PEER_IP, OUR_IP, &m);
	wire_ipv4(&w, 0,
		(struct gyl_ipv4){.proto = 253, .src = PEER_IP, .dst = OUR_IP, .frag_off = 64},
		gyl_view(data, 64));
	wire_ipv4(&w, 0, (struct gyl_ipv4){.proto = 253, .src = 0, .dst = OUR_IP},
		gyl_view(data, 64));
	assert_true(wire_silent(&w));
	wire_ipv4(&w, 0, (struct gyl_ipv4){.proto = 253, .src = PEER_IP, .dst = OUR_IP},
		gyl_view(data, 64));
	assert_false(wire_silent(&w));
	assert_int_equal(gyl_stack_stat(w.s).icmp_error_cnt, 1);
	wire_close(&w);
}

/* Replies have DF as the request had it, so that a pinger measures both ways. */
static void item57_a_reply_may_be_cut_as_the_request_was(void **state)
{
	static const uint8_t flags[] = {0, GYL_IPV4_DF};

	(void)state;
	open_at(&w, OUR_IP, 1500);
	for (size_t i = 0; i < TEST_CNT(flags); i++) {
		struct gyl_ipv4 ip = {
			.proto = GYL_IPV4_ICMP, .src = PEER_IP, .dst = OUR_IP, .flags = flags[i]};
		struct gyl_icmp m = gyl_icmp_echo(1, 1, gyl_view(NULL, 0));
		struct gyl_writer wr;
		struct gyl_eth e;
		uint8_t msg[8];

		gyl_writer_init(&wr, msg, sizeof(msg));
		gyl_icmp_encode(&wr, &m);
		wire_ipv4(&w, 0, ip, gyl_writer_view(&wr));
		assert_int_equal(wire_next_ipv4(&w, 0, &e).flags, flags[i]);
	}
	wire_close(&w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(item49_50_60_every_mtu_round_trip),
		cmocka_unit_test(item49_figures),
		cmocka_unit_test(item51_what_may_be_cut),
		cmocka_unit_test(pieces_go_all_or_not_at_all),
		cmocka_unit_test(the_ttl_can_be_set),
		cmocka_unit_test(item38_52_57_a_ping_in_pieces_is_answered_in_pieces),
		cmocka_unit_test(a_datagram_in_pieces_goes_up_as_any_other),
		cmocka_unit_test(a_port_nobody_has_is_told_of_a_whole_datagram),
		cmocka_unit_test(item40_late_datagrams_are_told),
		cmocka_unit_test(item42_43_pieces_that_overlap_end_their_datagram),
		cmocka_unit_test(item54_source_routes_are_dropped),
		cmocka_unit_test(item57_paths_are_lowered_by_what_quotes_us),
		cmocka_unit_test(item57_a_flow_is_told_of_its_own_peer_only),
		cmocka_unit_test(item57_a_port_for_all_learns_no_path),
		cmocka_unit_test(a_path_is_obeyed_and_forgotten),
		cmocka_unit_test(who_uses_icmp_hears_answers_and_errors),
		cmocka_unit_test(item57_no_errors_about_errors),
		cmocka_unit_test(item57_a_reply_may_be_cut_as_the_request_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
