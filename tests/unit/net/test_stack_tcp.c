/* SPDX-License-Identifier: ISC */
/*
 * TCP below: how segments of the machine behind streams.h travel in this stack. What the machine
 * itself does is shown elsewhere (test_tcp_*).
 */
#include <gyl/tcp.h>

#include "tests/unit/net/wire.h"

#define OUR_IP  IP(10, 0, 0, 1)
#define PEER_IP IP(10, 0, 0, 5)

static struct wire w, far;

/* Interface 0: 10.0.0.x/24 on device 0, VLAN 20 there: 10.0.20.x/24. */
static void open_tcp(struct wire *x, uint8_t host, uint32_t mtu)
{
	wire_conf(x);
	x->iface[0].mtu = mtu;
	x->iface[0].vlan = 0;
	x->iface[0].gateway = 0;
	x->iface[0].addr[0].ip = IP(10, 0, 0, host);
	x->iface[0].arp.mac[5] = host;
	x->iface[1] = x->iface[0];
	x->iface[1].vlan = 20;
	x->iface[1].addr[0].ip = IP(10, 0, 20, host);
	x->cf.iface_cnt = 2;
	x->cf.tcp.conn_max = 4;
	x->cf.tcp.half_max = 4;
	x->cf.tcp.wait_max = 4;
	x->cf.tcp.buf_len = 65536;
	x->cf.tcp.buf_max = 8;
	wire_open(x);
}

static void listen_at(struct wire *x, uint16_t port, uint64_t ifaces)
{
	struct gyl_stream_listener l = {.local_port = port, .ifaces = ifaces};

	assert_int_equal(gyl_stream_listen(gyl_stack_streams(x->s), &l), GYL_STREAM_OK);
}

/* Frames that one has to send go into the other, both ways, until there is silence. */
static void settle(void)
{
	struct wire *from = &w, *into = &far, *swap;
	unsigned quiet = 0;

	while (quiet < 2) {
		struct gyl_view v;

		wire_clear(from);
		gyl_stack_tick(from->s, from->now_ns, &from->b);
		quiet = from->b.out[0].cnt == 0 ? quiet + 1 : 0;
		for (v = wire_next(from, 0); v.len != 0; v = wire_next(from, 0)) {
			struct gyl_netframe f = {.p = v.p, .len = (uint32_t)v.len};

			assert_true(v.len <= from->iface[0].mtu + 18);
			into->b.out[0].cnt = 0;
			into->b.in_cnt = 0;
			assert_int_equal(
				gyl_stack_input(into->s, into->now_ns, 0, &f, 1, &into->b), 1);
			/* what it says at once is an answer of ARP */
			for (size_t i = 0; i < into->b.out[0].cnt; i++) {
				struct gyl_netframe back = {
					.p = into->out[0][i].p, .len = into->out[0][i].len};
				struct gyl_stack_batch b = from->b;
				struct gyl_netbuf room[GYL_STACK_OUT_MAX];
				static uint8_t mem[GYL_STACK_OUT_MAX][2048];

				for (size_t j = 0; j < GYL_STACK_OUT_MAX; j++)
					room[j] = (struct gyl_netbuf){.p = mem[j], .cap = 2048};
				b.out[0] = (struct gyl_stack_out){
					.buf = room, .cap = GYL_STACK_OUT_MAX};
				gyl_stack_input(from->s, from->now_ns, 0, &back, 1, &b);
				/* released: they waited for that answer */
				for (size_t j = 0; j < b.out[0].cnt; j++) {
					struct gyl_netframe g = {
						.p = room[j].p, .len = room[j].len};

					gyl_stack_input(into->s, into->now_ns, 0, &g, 1, &into->b);
				}
			}
		}
		swap = from;
		from = into;
		into = swap;
	}
}

static uint32_t connect_to(uint32_t ip, uint32_t local_ip)
{
	struct gyl_net_peer to = {.ip = ip, .local_ip = local_ip, .port = 80, .local_port = 40000};
	uint32_t id = 0;

	assert_int_equal(gyl_stack_connect(w.s, w.now_ns, &to, 7, &id), GYL_STREAM_OK);
	assert_int_equal(gyl_stack_deadline_ns(w.s), 0);
	return id;
}

static struct gyl_stream_event next_event(struct wire *x)
{
	struct gyl_stream_event ev = {0};

	assert_true(gyl_streams_event(gyl_stack_streams(x->s), &ev));
	return ev;
}

/* On both interfaces, through ARP, several mtus; all octets arrive, no frame is over the mtu. */
static void item65_streams_over_two_stacks(void **state)
{
	static const uint32_t mtu[] = {576, 1006, 1500, 1984};
	static uint8_t data[50000];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + i / 256);
	for (size_t i = 0; i < 2 * TEST_CNT(mtu); i++) {
		uint32_t net = i % 2 == 0 ? 0 : 20, id, len = 0;
		struct gyl_stream_event ev;
		struct gyl_stream_info info;

		open_tcp(&w, 1, mtu[i / 2]);
		open_tcp(&far, 5, 1500);
		listen_at(&far, 80, 0);
		id = connect_to(IP(10, 0, net, 5), 0);
		settle();
		assert_int_equal(next_event(&w).what, GYL_STREAM_EV_OPENED);
		ev = next_event(&far);
		assert_int_equal(ev.what, GYL_STREAM_EV_OPENED);
		assert_true(gyl_stream_info(gyl_stack_streams(far.s), ev.id, &info));
		assert_int_equal(info.peer.ip, IP(10, 0, net, 1));
		assert_int_equal(info.peer.iface, net == 20);
		assert_true(info.mss <= (mtu[i / 2] < 1500 ? mtu[i / 2] : 1500) - 40);
		while (len < sizeof(data)) {
			struct gyl_view v = gyl_view(data + len, sizeof(data) - len);

			gyl_stream_write(gyl_stack_streams(w.s), w.now_ns, id, v);
			settle();
			v = gyl_stream_peek(gyl_stack_streams(far.s), ev.id);
			assert_int_not_equal(v.len, 0);
			assert_memory_equal(v.p, data + len, v.len);
			len += (uint32_t)v.len;
			gyl_stream_take(gyl_stack_streams(far.s), far.now_ns, ev.id, v.len);
		}
		assert_int_equal(gyl_streams_stat(gyl_stack_streams(w.s)).retrans_cnt, 0);
		assert_int_equal(gyl_arp_cache_stat(gyl_stack_arp(far.s, net == 20)).asked_cnt, 0);
		wire_close(&w);
		wire_close(&far);
	}
}

/* The next frame on device 0 is a segment. */
static struct gyl_tcp next_segment(struct wire *x, struct gyl_ipv4 *ret_ip, struct gyl_eth *ret_eth)
{
	struct gyl_tcp t;

	*ret_ip = wire_next_ipv4(x, 0, ret_eth);
	assert_int_equal(ret_ip->proto, GYL_IPV4_TCP);
	assert_int_equal(
		gyl_tcp_decode(ret_ip->payload, ret_ip->src, ret_ip->dst, 0, &t).err, GYL_OK);
	return t;
}

static void syn_comes(unsigned iface, uint32_t dst, uint16_t port)
{
	uint8_t buf[60];
	struct gyl_tcp t = {.src_port = 4000,
		.dst_port = port,
		.seq = 99,
		.flags = GYL_TCP_SYN,
		.window = 1000};
	uint32_t src = w.iface[iface].addr[0].ip + 4;
	struct gyl_writer wr;

	gyl_writer_init(&wr, buf, sizeof(buf));
	gyl_tcp_encode(&wr, &t, src, dst);
	wire_ipv4(&w, iface, (struct gyl_ipv4){.proto = GYL_IPV4_TCP, .src = src, .dst = dst},
		gyl_writer_view(&wr));
	assert_true(wire_silent(&w)); /* what is due goes with the tick */
}

static void send_syn(unsigned iface, uint32_t dst, uint16_t port)
{
	syn_comes(iface, dst, port);
	gyl_stack_tick(w.s, w.now_ns, &w.b);
}

static void segments_go_back_the_way_they_came(void **state)
{
	struct gyl_ipv4 ip;
	struct gyl_eth e;

	(void)state;
	open_tcp(&w, 1, 1500);
	listen_at(&w, 80, 2);
	for (unsigned f = 0; f < 2; f++) {
		struct gyl_tcp t;

		send_syn(f, w.iface[f].addr[0].ip, 80);
		t = next_segment(&w, &ip, &e);
		/* the port is open on interface 1 only */
		assert_int_equal((t.flags & GYL_TCP_RST) != 0, f == 0);
		assert_int_equal((t.flags & GYL_TCP_SYN) != 0, f == 1);
		assert_int_equal(t.ack, 100);
		assert_int_equal(ip.src, w.iface[f].addr[0].ip);
		assert_int_equal(ip.dst, w.iface[f].addr[0].ip + 4);
		assert_int_equal(ip.flags, GYL_IPV4_DF);
		assert_int_equal(ip.ttl, 64);
		assert_memory_equal(e.dst, peer_mac, 6);
		assert_int_equal(gyl_eth_vid(&e), f == 1 ? 20 : 0);
	}
	/* not to many, nor to what is ours elsewhere */
	send_syn(1, IP(10, 0, 20, 255), 80);
	assert_true(wire_silent(&w));
	send_syn(1, UINT32_MAX, 80);
	assert_true(wire_silent(&w));
	assert_int_equal(gyl_stack_stat(w.s).tcp_drop_cnt, 2);
	send_syn(1, OUR_IP, 80);
	assert_true(wire_silent(&w));
	assert_int_equal(gyl_stack_stat(w.s).ip_other_drop_cnt, 1);
	assert_int_equal(gyl_stack_stat(w.s).tcp_cnt, 2);
	wire_close(&w);
}

static void a_full_device_holds_segments_back(void **state)
{
	struct gyl_ipv4 ip;
	struct gyl_eth e;

	(void)state;
	open_tcp(&w, 1, 1500);
	syn_comes(0, OUR_IP, 81);
	w.b.out[0].cap = w.b.out[0].cnt = 1; /* its only buffer is used */
	gyl_stack_tick(w.s, w.now_ns, &w.b);
	assert_int_equal(w.b.out[0].cnt, 1);
	assert_int_equal(gyl_stack_deadline_ns(w.s), 0);
	wire_clear(&w);
	gyl_stack_tick(w.s, w.now_ns, &w.b);
	assert_int_equal(next_segment(&w, &ip, &e).flags & GYL_TCP_RST, GYL_TCP_RST);
	assert_int_equal(gyl_stack_deadline_ns(w.s), UINT64_MAX);
	/* one that lends nothing at all loses it, and stops nobody else */
	syn_comes(0, OUR_IP, 81);
	w.b.out[0].cap = 0;
	gyl_stack_tick(w.s, w.now_ns, &w.b);
	assert_int_equal(gyl_stack_stat(w.s).out_room_drop_cnt, 1);
	assert_int_equal(gyl_stack_deadline_ns(w.s), UINT64_MAX);
	wire_close(&w);
}

static void no_route_ends_nothing_but_the_attempt(void **state)
{
	struct gyl_net_peer to = {.ip = IP(192, 0, 2, 1), .port = 80, .local_port = 40000};
	uint32_t id = 0;

	(void)state;
	open_tcp(&w, 1, 1500);
	assert_int_equal(gyl_stack_connect(w.s, w.now_ns, &to, 7, &id), GYL_STREAM_UNREACHABLE);
	to.ip = UINT32_MAX;
	assert_int_equal(gyl_stack_connect(w.s, w.now_ns, &to, 7, &id), GYL_STREAM_UNREACHABLE);
	to.ip = IP(10, 0, 20, 255);
	assert_int_equal(gyl_stack_connect(w.s, w.now_ns, &to, 7, &id), GYL_STREAM_UNREACHABLE);
	assert_int_equal(gyl_streams_stat(gyl_stack_streams(w.s)).conn_cnt, 0);
	wire_close(&w);
	wire_conf(&w);
	wire_open(&w);
	assert_null(gyl_stack_streams(w.s));
	to.ip = PEER_IP;
	assert_int_equal(gyl_stack_connect(w.s, w.now_ns, &to, 7, &id), GYL_STREAM_UNREACHABLE);
	wire_close(&w);
}

/* Three frames wait for a hardware address; a fourth connection is not to wait for a whole second
 * because of that. */
static void many_connect_before_arp_answers(void **state)
{
	struct gyl_net_peer to = {.ip = PEER_IP, .port = 80};

	(void)state;
	open_tcp(&w, 1, 1500);
	open_tcp(&far, 5, 1500);
	listen_at(&far, 80, 0);
	for (uint16_t i = 0; i < 4; i++) {
		uint32_t id;

		to.local_port = (uint16_t)(40000 + i);
		assert_int_equal(gyl_stack_connect(w.s, w.now_ns, &to, 7, &id), GYL_STREAM_OK);
	}
	settle();
	assert_int_equal(gyl_streams_stat(gyl_stack_streams(w.s)).connected_cnt, 3);
	w.now_ns += 100 * GYL_NS_PER_MS;
	far.now_ns += 100 * GYL_NS_PER_MS;
	settle();
	assert_int_equal(gyl_streams_stat(gyl_stack_streams(w.s)).connected_cnt, 4);
	assert_int_equal(gyl_streams_stat(gyl_stack_streams(w.s)).retrans_cnt, 0);
	wire_close(&w);
	wire_close(&far);
}

/* The station that segments came from is gone, another one has its address now: RFC 1122 3.3.1.4 */
static void a_dead_way_is_asked_about(void **state)
{
	struct gyl_net_peer to = {.ip = OUR_IP, .port = 80, .local_port = 40000};
	struct gyl_stream_event ev;
	unsigned asked = 0;
	uint32_t id;
	struct gyl_view v;

	(void)state;
	open_tcp(&w, 1, 1500);
	open_tcp(&far, 5, 1500);
	listen_at(&w, 80, 0);
	assert_int_equal(gyl_stack_connect(far.s, far.now_ns, &to, 7, &id), GYL_STREAM_OK);
	settle();
	ev = next_event(&w);
	assert_int_equal(ev.what, GYL_STREAM_EV_OPENED);
	gyl_stream_write(gyl_stack_streams(w.s), w.now_ns, ev.id, gyl_view("hello", 5));
	for (int i = 0; i < 100; i++) {
		wire_clear(&w);
		w.now_ns += 100 * GYL_NS_PER_MS;
		gyl_stack_tick(w.s, w.now_ns, &w.b);
		for (v = wire_next(&w, 0); v.len != 0; v = wire_next(&w, 0))
			asked += gyl_get_u16(v.p + 12) == 0x0806;
	}
	assert_true(asked != 0);
	wire_close(&w);
	wire_close(&far);
}

/* A quote of the segment that was sent, from a router. */
static void tell(const struct gyl_ipv4 *sent, uint8_t code, uint16_t mtu, uint32_t seq_more)
{
	uint8_t quote[28];
	struct gyl_icmp m = {.type = GYL_ICMP_UNREACHABLE, .code = code, .rest = mtu};
	struct gyl_ipv4 ip = *sent;
	struct gyl_writer wr;

	ip.options.len = 0;
	ip.payload.len = 1460; /* the router says that it was so long */
	gyl_writer_init(&wr, quote, sizeof(quote));
	gyl_ipv4_put_header(&wr, &ip);
	gyl_put_bytes(&wr, sent->payload.p, 8);
	gyl_set_u32(quote + 24, gyl_get_u32(quote + 24) + seq_more);
	m.data = gyl_writer_view(&wr);
	wire_icmp(&w, 0, IP(10, 0, 0, 254), OUR_IP, &m);
}

static void errors_count_for_octets_in_flight(void **state)
{
	struct gyl_arp a = gyl_arp_gratuitous_reply(peer_mac, PEER_IP);
	struct gyl_stream_event ev;
	struct gyl_ipv4 ip;
	struct gyl_eth e;
	uint8_t copy[2000];

	(void)state;
	open_tcp(&w, 1, 1500);
	connect_to(PEER_IP, 0);
	wire_clear(&w);
	gyl_stack_tick(w.s, w.now_ns, &w.b);
	assert_int_equal(wire_next_arp(&w, 0, &e).tpa, PEER_IP); /* the SYN waits for it */
	assert_int_equal(wire_next(&w, 0).len, 0);
	wire_arp(&w, 0, &a);
	next_segment(&w, &ip, &e);
	memcpy(copy, ip.payload.p, ip.payload.len);
	ip.payload.p = copy;
	/* a number that is not in flight: forged. RFC 5927 4.1 */
	tell(&ip, GYL_ICMP_FRAGMENTATION_NEEDED, 1400, 1000);
	tell(&ip, GYL_ICMP_PORT, 0, 1000);
	assert_int_equal(gyl_stack_path_mtu(w.s, w.now_ns, PEER_IP), 1500);
	assert_int_equal(gyl_stack_stat(w.s).icmp_drop_cnt, 2);
	assert_false(gyl_streams_event(gyl_stack_streams(w.s), &ev));
	tell(&ip, GYL_ICMP_FRAGMENTATION_NEEDED, 1400, 0);
	assert_int_equal(gyl_stack_path_mtu(w.s, w.now_ns, PEER_IP), 1400);
	tell(&ip, GYL_ICMP_PORT, 0, 0);
	ev = next_event(&w);
	assert_int_equal(ev.what, GYL_STREAM_EV_CLOSED);
	assert_int_equal(ev.err, GYL_STREAM_UNREACHABLE);
	assert_int_equal(ev.user, 7);
	wire_close(&w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(item65_streams_over_two_stacks),
		cmocka_unit_test(segments_go_back_the_way_they_came),
		cmocka_unit_test(a_full_device_holds_segments_back),
		cmocka_unit_test(no_route_ends_nothing_but_the_attempt),
		cmocka_unit_test(many_connect_before_arp_answers),
		cmocka_unit_test(a_dead_way_is_asked_about),
		cmocka_unit_test(errors_count_for_octets_in_flight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
