/* SPDX-License-Identifier: ISC */
/* Two machines: what takes two, or many connections. */
#include "tests/unit/net/streams_pair.h"

/* One direction of a transfer: what is written and read so far. */
struct flow {
	uint32_t written, read, len;
	uint32_t slow; /* octets read at a time; 0: all */
};

static uint8_t octet_at(uint32_t i)
{
	return (uint8_t)(i * 11 + (i >> 8) * 3 + (i >> 16));
}

static void write_some(struct pair *p, int i, struct flow *f)
{
	uint8_t buf[20000];
	size_t len = f->len - f->written;

	if (len > sizeof buf)
		len = sizeof buf;
	for (size_t k = 0; k < len; k++)
		buf[k] = octet_at(f->written + (uint32_t)k);
	f->written += (uint32_t)pair_write(p, i, buf, len);
}

static void read_some(struct pair *p, int i, struct flow *f)
{
	struct gyl_view v = pair_peek(p, i);

	if (f->slow != 0 && v.len > f->slow)
		v.len = f->slow;
	for (size_t k = 0; k < v.len; k++)
		assert_int_equal(v.p[k], octet_at(f->read + (uint32_t)k));
	f->read += (uint32_t)v.len;
	pair_take(p, i, v.len);
}

/* Both directions until all is read. Slow readers read every 10 ms. */
static void transfer(struct pair *p, struct flow f[2], uint64_t max_ns)
{
	uint64_t end_ns = p->now_ns + max_ns, read_ns = p->now_ns;

	for (;;) {
		uint64_t at_ns;

		for (int i = 0; i < 2; i++) {
			write_some(p, i, &f[i]);
			if (f[1 - i].slow == 0 || p->now_ns >= read_ns)
				read_some(p, i, &f[1 - i]);
		}
		if (f[0].read == f[0].len && f[1].read == f[1].len)
			break;
		if (p->now_ns >= read_ns)
			read_ns = p->now_ns + 10 * GYL_NS_PER_MS;
		pair_step(p);
		at_ns = pair_next_ns(p);
		if ((f[0].slow != 0 || f[1].slow != 0) && read_ns < at_ns)
			at_ns = read_ns;
		assert_true(at_ns < end_ns);
		p->now_ns = at_ns > p->now_ns ? at_ns : p->now_ns;
	}
}

static void end_both(struct pair *p)
{
	pair_end(p, 0);
	pair_end(p, 1);
	pair_run(p, 2 * GYL_NS_PER_MIN);
	assert_int_equal(p->side[0].err, GYL_STREAM_OK);
	assert_int_equal(p->side[1].err, GYL_STREAM_OK);
	pair_assert_empty(p);
	assert_int_equal(gyl_streams_stat(p->side[0].t).wait_cnt, 0);
	assert_int_equal(gyl_streams_stat(p->side[1].t).wait_cnt, 0);
	assert_true(pair_next_ns(p) == UINT64_MAX);
}

/* 65: "Slow receiver does not deadlock". */
static void item_65_slow_receiver(void **state)
{
	struct gyl_streams_conf cf = pair_conf();
	struct flow f[2] = {{.len = 300000, .slow = 3000}, {0}};
	struct pair p;

	(void)state;
	cf.buf_len = 16384;
	pair_open(&p, &cf, &cf);
	pair_establish(&p);
	transfer(&p, f, GYL_NS_PER_MIN);
	end_both(&p);
	pair_close(&p);
}

static bool lose_seventh(struct pair *p, struct pair_seg *s, const struct gyl_tcp *tcp)
{
	uint32_t *cnt = p->arg;

	(void)s;
	(void)tcp;
	return ++*cnt % 7 != 0;
}

/* 65: "mtu 1500 vs smaller peer"; and "SACK blocks on full-size segments never exceed the mtu with
 * traffic both ways under loss": the wire's mtu is checked for each segment. */
static void item_65_sack_blocks_within_the_mtu(void **state)
{
	static const uint16_t mtus[][2] = {{1500, 1500}, {1500, 576}, {600, 1500}, {552, 552}};
	struct gyl_streams_conf cf = pair_conf();
	struct pair p;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(mtus); i++) {
		struct flow f[2] = {{.len = 200000}, {.len = 200000}};
		uint32_t cnt = 0;

		pair_open(&p, &cf, &cf);
		p.side[0].mtu = mtus[i][0];
		p.side[1].mtu = mtus[i][1];
		p.wire_mtu = mtus[i][0] < mtus[i][1] ? mtus[i][0] : mtus[i][1];
		pair_establish(&p);
		p.hook = lose_seventh;
		p.arg = &cnt;
		transfer(&p, f, 10 * GYL_NS_PER_MIN);
		p.hook = NULL;
		assert_true(gyl_streams_stat(p.side[0].t).retrans_cnt > 0);
		assert_true(gyl_streams_stat(p.side[1].t).retrans_cnt > 0);
		end_both(&p);
		pair_close(&p);
	}
}

/* 0.1 % loss at 100 us: without a reordering timer the experiment stood still for 200 ms each
 * time. */
static bool lose_few(struct pair *p, struct pair_seg *s, const struct gyl_tcp *tcp)
{
	uint32_t *cnt = p->arg;

	(void)tcp;
	return s->to == 0 || ++*cnt % 500 != 0;
}

static void losses_cost_no_timeouts(void **state)
{
	struct gyl_streams_conf cf = pair_conf();
	struct flow f[2] = {{.len = 10000000}, {0}};
	struct pair p;
	uint32_t cnt = 0;
	uint64_t begin_ns;

	(void)state;
	pair_open(&p, &cf, &cf);
	pair_establish(&p);
	p.hook = lose_few;
	p.arg = &cnt;
	begin_ns = p.now_ns;
	transfer(&p, f, GYL_NS_PER_MIN);
	assert_true(gyl_streams_stat(p.side[0].t).retrans_cnt >= 10);
	assert_int_equal(gyl_streams_stat(p.side[0].t).rto_cnt, 0);
	assert_true(p.now_ns - begin_ns < 200 * GYL_NS_PER_MS);
	p.hook = NULL;
	end_both(&p);
	pair_close(&p);
}

/* The sequence numbers of side 0 go round in the middle of it. They follow a clock of 4
 * microseconds (RFC 6528), so the time is chosen. */
static void sequence_numbers_go_round(void **state)
{
	struct gyl_streams_conf cf = pair_conf();
	struct flow f[2] = {{.len = 600000}, {.len = 1000}};
	struct pair p;
	uint32_t cnt = 0, iss;

	(void)state;
	pair_open(&p, &cf, &cf);
	pair_connect(&p, 0, 40000, 80);
	iss = pair_info(&p, 0).snd_una;
	gyl_stream_reset(p.side[0].t, p.now_ns, p.side[0].id);
	pair_events(&p, 0);
	p.side[0].seen = 0;
	p.now_ns += (uint64_t)(UINT32_MAX - 300000 - iss) * 4 * GYL_NS_PER_US;
	pair_establish(&p);
	assert_in_range(pair_info(&p, 0).snd_una, UINT32_MAX - 310000, UINT32_MAX - 290000);
	p.hook = lose_seventh;
	p.arg = &cnt;
	transfer(&p, f, GYL_NS_PER_MIN);
	p.hook = NULL;
	assert_true(pair_info(&p, 0).snd_una < 600000);
	end_both(&p);
	pair_close(&p);
}

/* RFC 9293 3.5.1: one side forgot the connection; the next open attempt brings it out. */
static void half_open_connection_is_found(void **state)
{
	struct gyl_streams_conf cf = pair_conf();
	struct pair p;
	uint32_t old;

	(void)state;
	pair_open(&p, &cf, &cf);
	pair_establish(&p);
	old = p.side[1].id;
	/* Side 0 restarts. */
	free(p.side[0].mem);
	pair_open_side(&p, 0, &cf);
	pair_connect(&p, 0, 40000, 80);
	pair_run(&p, 3 * GYL_NS_PER_S);
	assert_int_equal(p.side[1].err, GYL_STREAM_RESET);
	assert_int_equal(p.side[0].seen, GYL_STREAM_EV_OPENED);
	assert_int_equal(pair_info(&p, 0).state, GYL_STREAM_ESTABLISHED);
	assert_int_not_equal(p.side[1].id, old);
	pair_close(&p);
}

static bool only_to_one(struct pair *p, struct pair_seg *s, const struct gyl_tcp *tcp)
{
	(void)p;
	(void)tcp;
	return s->to == 1;
}

/* Thousands of SYNs that never go on: the queue is bounded, and a good client still gets in, by a
 * cookie, with all its options. */
static void syn_flood_and_cookies(void **state)
{
	struct gyl_streams_conf cf = pair_conf();
	struct flow f[2] = {{.len = 50000}, {.len = 50000}};
	struct gyl_streams_stat s;
	struct gyl_stream_info info;
	struct pair p;

	(void)state;
	pair_open(&p, &cf, &cf);
	pair_listen(&p, 1, 80);
	p.hook = only_to_one;
	for (uint16_t i = 0; i < 2000; i++) {
		pair_connect(&p, 0, (uint16_t)(10000 + i), 80);
		pair_step(&p);
		gyl_stream_reset(p.side[0].t, p.now_ns, p.side[0].id);
		p.now_ns += GYL_NS_PER_MS;
		pair_step(&p);
	}
	s = gyl_streams_stat(p.side[1].t);
	assert_int_equal(s.half_cnt, 16);
	assert_int_equal(s.conn_cnt, 0);
	assert_int_equal(s.cookie_sent_cnt, 2000 - 16);
	p.hook = NULL;
	p.side[0].seen = 0;
	pair_connect(&p, 0, 40000, 80);
	pair_run(&p, 10 * GYL_NS_PER_MS);
	assert_int_equal(p.side[0].seen, GYL_STREAM_EV_OPENED);
	s = gyl_streams_stat(p.side[1].t);
	assert_int_equal(s.cookie_ok_cnt, 1);
	info = pair_info(&p, 1);
	assert_true(info.has_sack && info.has_timestamps);
	assert_int_equal(info.snd_wscale, 1);
	assert_int_equal(info.rcv_wscale, 1);
	transfer(&p, f, GYL_NS_PER_MIN);
	end_both(&p);
	pair_close(&p);
}

/* The same pair at once again, from the side that waits: RFC 6191. */
static void pair_in_time_wait_is_used_anew(void **state)
{
	struct gyl_streams_conf cf = pair_conf();
	struct pair p;

	(void)state;
	pair_open(&p, &cf, &cf);
	pair_establish(&p);
	for (int i = 0; i < 5; i++) {
		pair_end(&p, 0);
		pair_run(&p, 10 * GYL_NS_PER_MS);
		pair_end(&p, 1);
		pair_run(&p, 10 * GYL_NS_PER_MS);
		assert_int_equal(gyl_streams_stat(p.side[0].t).wait_cnt, 1);
		p.side[0].seen = p.side[1].seen = 0;
		pair_connect(&p, 0, 40000, 80);
		assert_int_equal(gyl_streams_stat(p.side[0].t).wait_cnt, 0);
		pair_run(&p, 10 * GYL_NS_PER_MS);
		assert_int_equal(p.side[0].seen, GYL_STREAM_EV_OPENED);
		assert_int_equal(p.side[1].seen, GYL_STREAM_EV_OPENED);
	}
	end_both(&p);
	pair_close(&p);
}

static void connect_says_what_is_wrong(void **state)
{
	struct gyl_streams_conf cf = pair_conf();
	struct gyl_net_peer to;
	struct pair p;
	uint32_t id = 77;

	(void)state;
	cf.conn_max = 2;
	pair_open(&p, &cf, &cf);
	to = pair_peer(&p, 0, 40000, 80);
	pair_connect(&p, 0, 40000, 80);
	assert_int_equal(
		gyl_stream_connect(p.side[0].t, p.now_ns, &to, 1500, 0, &id), GYL_STREAM_IN_USE);
	pair_connect(&p, 0, 40001, 80);
	to.local_port = 40002;
	assert_int_equal(
		gyl_stream_connect(p.side[0].t, p.now_ns, &to, 1500, 0, &id), GYL_STREAM_FULL);
	to.ip = 0xe0000005;
	assert_int_equal(gyl_stream_connect(p.side[0].t, p.now_ns, &to, 1500, 0, &id),
		GYL_STREAM_UNREACHABLE);
	assert_int_equal(id, 77);
	pair_close(&p);
}

static void listeners(void **state)
{
	struct gyl_streams_conf cf = pair_conf();
	struct gyl_stream_listener l = {.local_port = 9};
	struct pair p;

	(void)state;
	cf.listen_max = 3;
	pair_open(&p, &cf, &cf);
	assert_int_equal(gyl_stream_listen(p.side[0].t, &l), GYL_STREAM_OK);
	assert_int_equal(gyl_stream_listen(p.side[0].t, &l), GYL_STREAM_IN_USE);
	l.local_port = 5;
	assert_int_equal(gyl_stream_listen(p.side[0].t, &l), GYL_STREAM_OK);
	l.local_port = 7;
	assert_int_equal(gyl_stream_listen(p.side[0].t, &l), GYL_STREAM_OK);
	l.local_port = 1;
	assert_int_equal(gyl_stream_listen(p.side[0].t, &l), GYL_STREAM_FULL);
	gyl_stream_unlisten(p.side[0].t, 6);
	gyl_stream_unlisten(p.side[0].t, 7);
	assert_int_equal(gyl_stream_listen(p.side[0].t, &l), GYL_STREAM_OK);
	pair_close(&p);
}

/* A listener for one address and some interfaces. */
static void listener_of_an_address(void **state)
{
	static const struct {
		uint32_t ip;
		uint64_t ifaces;
		bool good;
	} rows[] = {{0, 0, true}, {0x0a000002, 1, true}, {0x0a000003, 0, false}, {0, 2, false}};
	struct gyl_streams_conf cf = pair_conf();
	struct pair p;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(rows); i++) {
		struct gyl_stream_listener l = {
			.local_port = 80, .local_ip = rows[i].ip, .ifaces = rows[i].ifaces};

		pair_open(&p, &cf, &cf);
		assert_int_equal(gyl_stream_listen(p.side[1].t, &l), GYL_STREAM_OK);
		pair_connect(&p, 0, 40000, 80);
		pair_run(&p, 10 * GYL_NS_PER_MS);
		assert_int_equal(
			p.side[0].seen, rows[i].good ? GYL_STREAM_EV_OPENED : GYL_STREAM_EV_CLOSED);
		pair_close(&p);
	}
}

/* More connections than buffers: who cannot write hears when it can; all octets arrive. */
static void buffers_run_out_and_come_back(void **state)
{
	struct gyl_streams_conf cf = pair_conf(), small = pair_conf();
	uint32_t ids[8];
	uint8_t octets[1000] = {1};
	struct pair p;
	unsigned written = 0, room_cnt = 0;

	(void)state;
	small.buf_max = 3; /* one of them is for what is received */
	pair_open(&p, &small, &cf);
	pair_listen(&p, 1, 80);
	for (uint16_t i = 0; i < 8; i++) {
		ids[i] = pair_connect(&p, 0, (uint16_t)(40000 + i), 80);
		pair_run(&p, 10 * GYL_NS_PER_MS);
	}
	for (int i = 0; i < 8; i++)
		written += gyl_stream_write(p.side[0].t, p.now_ns, ids[i],
				   gyl_view(octets, sizeof octets)) != 0;
	assert_int_equal(written, 2);
	assert_int_equal(gyl_streams_stat(p.side[0].t).buf_cnt, 2);
	for (int round = 0; round < 100; round++) {
		struct gyl_stream_event ev;

		pair_deliver(&p);
		gyl_streams_tick(p.side[0].t, p.now_ns);
		pair_fetch(&p, 0);
		gyl_streams_tick(p.side[1].t, p.now_ns);
		pair_fetch(&p, 1);
		while (gyl_streams_event(p.side[0].t, &ev)) {
			assert_int_equal(ev.what, GYL_STREAM_EV_ROOM);
			room_cnt++;
			assert_int_equal(gyl_stream_write(p.side[0].t, p.now_ns, ev.id,
						 gyl_view(octets, sizeof octets)),
				1000);
		}
		p.now_ns += 10 * GYL_NS_PER_MS;
	}
	assert_int_equal(room_cnt, 6);
	assert_int_equal(gyl_streams_stat(p.side[0].t).buf_cnt, 0);
	assert_int_equal(gyl_streams_stat(p.side[1].t).rx_octets, 8000);
	pair_close(&p);
}

/* Two thousand idle connections cost nothing: no segment, no timer. */
static void idle_connections_are_silent(void **state)
{
	struct gyl_streams_conf cf = pair_conf();
	struct pair p;
	uint32_t sent;

	(void)state;
	cf.conn_max = 2000;
	cf.half_max = 2000;
	pair_open(&p, &cf, &cf);
	pair_listen(&p, 1, 80);
	for (uint16_t i = 0; i < 2000; i++) {
		pair_connect(&p, 0, (uint16_t)(20000 + i), 80);
		if (i % 50 == 49)
			pair_run(&p, GYL_NS_PER_MS);
	}
	pair_run(&p, GYL_NS_PER_S);
	assert_int_equal(gyl_streams_stat(p.side[1].t).accepted_cnt, 2000);
	assert_int_equal(gyl_streams_stat(p.side[0].t).connected_cnt, 2000);
	assert_int_equal(gyl_streams_stat(p.side[0].t).buf_cnt, 0);
	sent = p.side[0].sent_cnt + p.side[1].sent_cnt;
	assert_true(pair_next_ns(&p) == UINT64_MAX);
	pair_run(&p, GYL_NS_PER_DAY);
	assert_int_equal(p.side[0].sent_cnt + p.side[1].sent_cnt, sent);
	pair_close(&p);
}

static void limits_are_checked(void **state)
{
	static const uint8_t key[16];
	struct gyl_streams_conf good = gyl_streams_defaults(key), cf;

	(void)state;
	assert_true(gyl_streams_need(&good) > 0);
#define REFUSED(member, value)                            \
	do {                                              \
		cf = good;                                \
		cf.member = value;                        \
		assert_true(gyl_streams_need(&cf) == 0);  \
		assert_null(gyl_streams_init(NULL, &cf)); \
	} while (0)
	REFUSED(conn_max, 0);
	REFUSED(conn_max, 32769);
	REFUSED(half_max, 65537);
	REFUSED(wait_max, 0);
	REFUSED(wait_max, 65537);
	REFUSED(listen_max, 0);
	REFUSED(listen_max, 1025);
	REFUSED(buf_len, 2048);
	REFUSED(buf_len, 5000);
	REFUSED(buf_len, 1 << 21);
	REFUSED(buf_max, 0);
	REFUSED(buf_max, 65537);
	REFUSED(rto_min_ns, 0);
	REFUSED(syn_ns, 0);
	REFUSED(keep_cnt, 0);
	REFUSED(reset_rate, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(item_65_slow_receiver),
		cmocka_unit_test(item_65_sack_blocks_within_the_mtu),
		cmocka_unit_test(losses_cost_no_timeouts),
		cmocka_unit_test(sequence_numbers_go_round),
		cmocka_unit_test(half_open_connection_is_found),
		cmocka_unit_test(syn_flood_and_cookies),
		cmocka_unit_test(pair_in_time_wait_is_used_anew),
		cmocka_unit_test(connect_says_what_is_wrong),
		cmocka_unit_test(listeners),
		cmocka_unit_test(listener_of_an_address),
		cmocka_unit_test(buffers_run_out_and_come_back),
		cmocka_unit_test(idle_connections_are_silent),
		cmocka_unit_test(limits_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
