/* SPDX-License-Identifier: ISC */
/* Octets: windows, acknowledgements, segment sizes, losses as a single peer sees them. */
#include "tests/unit/net/streams_hand.h"

enum {
	NXT = HAND_ISN + 1,
	MSS = 1460
};

static void open_conf(struct hand *h, const struct gyl_streams_conf *cf)
{
	hand_open(h, cf);
	hand_accept(h, hand_syn_options(MSS, -1, true));
}

static void open_plain(struct hand *h)
{
	struct gyl_streams_conf cf = hand_conf();

	open_conf(h, &cf);
}

/* RFC 9293 3.7.1, RFC 7323 2.2: what is said in a SYN, and what is said back. */
static void options_of_the_syn(void **state)
{
	static const struct {
		uint16_t mss;
		int wscale;
		bool sack;
		uint32_t ts;
		uint16_t want_mss;
	} rows[] = {{0, -1, false, 0, 536}, {1460, -1, false, 0, 1460}, {9000, 0, true, 0, 1460},
		{1460, 7, true, 5, 1448}, {20, 14, false, 0, 88}, {536, -1, true, 5, 524}};
	struct gyl_streams_conf cf = hand_conf();
	struct gyl_stream_info info;
	struct hand h;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(rows); i++) {
		hand_open(&h, &cf);
		h.ts_val = rows[i].ts;
		hand_put_opts(&h, S, HAND_ISN, 0, 0,
			hand_syn_options(rows[i].mss, rows[i].wscale, rows[i].sack));
		assert_true(hand_get(&h));
		assert_int_equal(h.known.mss, 1460);
		assert_int_equal(h.known.has_wscale, rows[i].wscale >= 0);
		assert_int_equal(h.known.sack_permitted, rows[i].sack);
		assert_int_equal(h.known.has_timestamps, rows[i].ts != 0);
		assert_int_equal(h.known.ts_ecr, rows[i].ts);
		assert_int_equal(h.tcp.window, 65535);
		h.iss = h.tcp.seq;
		hand_put(&h, A, NXT, h.iss + 1, 0);
		info = hand_info(&h);
		assert_int_equal(info.mss, rows[i].want_mss);
		assert_int_equal(info.has_sack, rows[i].sack);
		assert_int_equal(info.snd_wscale, rows[i].wscale < 0 ? 0 : rows[i].wscale);
		assert_int_equal(info.rcv_wscale, rows[i].wscale >= 0);
		assert_int_equal(info.snd_wnd, (uint32_t)HAND_WINDOW << info.snd_wscale);
		hand_close(&h);
	}
}

/* 65: "large writes cut to MSS, not smaller". */
static void item_65_writes_are_cut_to_full_segments(void **state)
{
	struct hand h;

	(void)state;
	open_plain(&h);
	assert_int_equal(hand_write(&h, 10000), 10000);
	for (uint32_t i = 0; i < 6; i++)
		hand_expect(&h, A, h.iss + 1 + i * MSS, NXT, MSS);
	/* The rest waits: Nagle. */
	hand_expect_nothing(&h);
	hand_put(&h, A, NXT, h.iss + 1 + 6 * MSS, 0);
	hand_expect(&h, A, h.iss + 1 + 6 * MSS, NXT, 10000 - 6 * MSS);
	assert_int_equal(h.tcp.flags, P | A);
	hand_put(&h, A, NXT, h.iss + 1 + 10000, 0);
	assert_int_equal(hand_stat(&h).buf_cnt, 0);
	hand_close(&h);
}

/* RFC 6928: ten segments before the first acknowledgement; then two for each one. */
static void initial_window(void **state)
{
	struct hand h;

	(void)state;
	open_plain(&h);
	assert_int_equal(hand_write(&h, 60000), 60000);
	assert_int_equal(hand_drain(&h), 10);
	hand_put(&h, A, NXT, h.iss + 1 + 2 * MSS, 0);
	assert_int_equal(hand_drain(&h), 4);
	hand_close(&h);
}

static void nagle_and_nodelay(void **state)
{
	struct hand h;

	(void)state;
	open_plain(&h);
	assert_int_equal(hand_write(&h, 10), 10);
	hand_expect(&h, A, h.iss + 1, NXT, 10);
	assert_int_equal(hand_write(&h, 10), 10);
	hand_expect_nothing(&h);
	hand_nodelay(&h);
	hand_expect(&h, A, h.iss + 11, NXT, 10);
	assert_int_equal(hand_write(&h, 10), 10);
	hand_expect(&h, A, h.iss + 21, NXT, 10);
	hand_close(&h);
}

/* RFC 9293 3.8.6.3: a single segment is acknowledged late, the second one at once. */
static void delayed_acknowledgement(void **state)
{
	struct gyl_streams_conf cf = hand_conf();
	struct hand h;

	(void)state;
	open_plain(&h);
	hand_put(&h, A, NXT, h.iss + 1, 1000);
	hand_expect_nothing(&h);
	h.now_ns += 39 * GYL_NS_PER_MS;
	hand_expect_nothing(&h);
	h.now_ns += 1 * GYL_NS_PER_MS;
	hand_expect(&h, A, h.iss + 1, NXT + 1000, 0);
	hand_put(&h, A, NXT + 1000, h.iss + 1, 1000);
	hand_expect_nothing(&h);
	hand_put(&h, A, NXT + 2000, h.iss + 1, 1000);
	hand_expect(&h, A, h.iss + 1, NXT + 3000, 0);
	/* It goes with octets of ours. */
	hand_put(&h, A, NXT + 3000, h.iss + 1, 100);
	assert_int_equal(hand_write(&h, 5), 5);
	hand_expect(&h, A, h.iss + 1, NXT + 3100, 5);
	assert_int_equal(hand_wait(&h, 100 * GYL_NS_PER_MS), 0);
	hand_close(&h);
	cf.delack_ns = 0;
	open_conf(&h, &cf);
	hand_put(&h, A, NXT, h.iss + 1, 1);
	hand_expect(&h, A, h.iss + 1, NXT + 1, 0);
	hand_close(&h);
}

/* RFC 5681 4.2, RFC 2018: out of order at once, with blocks; the latest first. */
static void out_of_order_octets(void **state)
{
	struct hand h;

	(void)state;
	open_plain(&h);
	hand_put(&h, A, NXT + 100, h.iss + 1, 100);
	hand_expect(&h, A, h.iss + 1, NXT, 0);
	assert_int_equal(h.known.sack_cnt, 1);
	assert_int_equal(h.known.sack[0].left, NXT + 100);
	assert_int_equal(h.known.sack[0].right, NXT + 200);
	hand_put(&h, A, NXT + 300, h.iss + 1, 100);
	hand_expect(&h, A, h.iss + 1, NXT, 0);
	assert_int_equal(h.known.sack_cnt, 2);
	assert_int_equal(h.known.sack[0].left, NXT + 300);
	assert_int_equal(h.known.sack[1].left, NXT + 100);
	/* Again: told as a duplicate. RFC 2883 */
	hand_put(&h, A, NXT + 100, h.iss + 1, 100);
	hand_expect(&h, A, h.iss + 1, NXT, 0);
	assert_int_equal(h.known.sack_cnt, 3);
	assert_int_equal(h.known.sack[0].left, NXT + 100);
	assert_int_equal(h.known.sack[1].left, NXT + 100);
	assert_int_equal(gyl_stream_peek(h.t, h.id).len, 0);
	hand_put(&h, A, NXT, h.iss + 1, 100);
	hand_expect(&h, A, h.iss + 1, NXT + 200, 0);
	assert_int_equal(h.known.sack_cnt, 1);
	assert_int_equal(gyl_stream_peek(h.t, h.id).len, 200);
	hand_put(&h, A, NXT + 150, h.iss + 1, 200);
	hand_expect(&h, A, h.iss + 1, NXT + 400, 0);
	assert_int_equal(gyl_stream_peek(h.t, h.id).len, 400);
	assert_int_equal(h.known.sack[0].left, NXT + 150);
	assert_int_equal(h.known.sack[0].right, NXT + 200);
	/* Something was amiss: the next ones are acknowledged at once. */
	for (uint32_t i = 0; i < 15; i++) {
		hand_put(&h, A, NXT + 400 + i, h.iss + 1, 1);
		hand_expect(&h, A, h.iss + 1, NXT + 401 + i, 0);
	}
	hand_put(&h, A, NXT + 415, h.iss + 1, 1);
	hand_expect_nothing(&h);
	hand_close(&h);
}

/* RFC 6691: blocks beside octets take their place, so that the segment is no longer than others. */
static void blocks_beside_octets(void **state)
{
	struct hand h;

	(void)state;
	open_plain(&h);
	hand_put(&h, A, NXT + 100, h.iss + 1, 100);
	hand_put(&h, A, NXT + 300, h.iss + 1, 100);
	assert_int_equal(hand_write(&h, 2 * MSS), 2 * MSS);
	hand_expect(&h, A, h.iss + 1, NXT, MSS - 20);
	assert_int_equal(h.known.sack_cnt, 2);
	hand_put(&h, A, NXT, h.iss + 1, 300);
	hand_expect(&h, A, h.iss + 1 + MSS - 20, NXT + 400, MSS);
	hand_close(&h);
}

/* RFC 2883: what had been read long ago is told as a duplicate, though no buffer is attached. */
static void duplicate_without_a_buffer(void **state)
{
	struct hand h;

	(void)state;
	open_plain(&h);
	hand_put(&h, A, NXT, h.iss + 1, 100);
	gyl_stream_take(h.t, h.now_ns, h.id, 100);
	assert_int_equal(hand_stat(&h).buf_cnt, 0);
	hand_wait(&h, GYL_NS_PER_S);
	hand_put(&h, A, NXT, h.iss + 1, 100);
	hand_expect(&h, A, h.iss + 1, NXT + 100, 0);
	assert_int_equal(h.known.sack_cnt, 1);
	assert_int_equal(h.known.sack[0].left, NXT);
	assert_int_equal(h.known.sack[0].right, NXT + 100);
	assert_int_equal(hand_stat(&h).dup_octets, 100);
	assert_int_equal(hand_stat(&h).buf_cnt, 0);
	hand_close(&h);
}

/* The right edge of the window never moves back, and what it promised is taken. RFC 9293 3.8.6 */
static void window_closes_and_opens(void **state)
{
	struct gyl_streams_conf cf = hand_conf();
	uint32_t edge, seq = NXT;
	struct hand h;

	(void)state;
	cf.buf_len = 8192;
	open_conf(&h, &cf);
	edge = NXT + 8192;
	while (seq != edge) {
		uint32_t len = edge - seq < 1000 ? edge - seq : 1000;

		hand_put(&h, A, seq, h.iss + 1, len);
		seq += len;
		while (hand_get(&h))
			assert_int_equal(h.tcp.ack + h.tcp.window, edge);
	}
	hand_wait(&h, GYL_NS_PER_S);
	assert_int_equal(h.tcp.window, 0);
	assert_int_equal(gyl_stream_peek(h.t, h.id).len, 8192);
	/* A probe is answered, and its octet not taken. */
	hand_put(&h, A, seq, h.iss + 1, 1);
	hand_expect(&h, A, h.iss + 1, seq, 0);
	hand_put(&h, A, seq - 1, h.iss + 1, 0);
	hand_expect(&h, A, h.iss + 1, seq, 0);
	/* Acknowledgements and resets still come through. RFC 9293 3.10.7.4 */
	assert_int_equal(hand_write(&h, 10), 10);
	hand_expect(&h, A, h.iss + 1, seq, 10);
	hand_put(&h, A, seq, h.iss + 11, 1);
	assert_int_equal(hand_info(&h).snd_una, h.iss + 11);
	hand_drain(&h);
	/* 3.8.6.2.2: it opens only when that is worth a segment. */
	gyl_stream_take(h.t, h.now_ns, h.id, 500);
	hand_expect_nothing(&h);
	hand_put(&h, A, seq - 1, h.iss + 11, 0);
	hand_expect(&h, A, h.iss + 11, seq, 0);
	assert_int_equal(h.tcp.window, 0);
	gyl_stream_take(h.t, h.now_ns, h.id, 1500);
	hand_expect(&h, A, h.iss + 11, seq, 0);
	assert_int_equal(h.tcp.window, 2000);
	gyl_stream_take(h.t, h.now_ns, h.id, 10000);
	hand_expect(&h, A, h.iss + 11, seq, 0);
	assert_int_equal(h.tcp.window, 8192);
	assert_int_equal(hand_stat(&h).buf_cnt, 0);
	hand_close(&h);
}

/* The piece moves to the front of its buffer when it comes to the end: all in one view. */
static void unread_octets_are_one_piece(void **state)
{
	struct gyl_streams_conf cf = hand_conf();
	uint32_t seq = NXT, read = NXT;
	struct hand h;

	(void)state;
	cf.buf_len = 4096;
	open_conf(&h, &cf);
	for (int round = 0; round < 50; round++) {
		struct gyl_view v;

		/* Two segments, the second one first. */
		hand_put(&h, A, seq + 700, h.iss + 1, 700);
		hand_put(&h, A, seq, h.iss + 1, 700);
		seq += 1400;
		v = gyl_stream_peek(h.t, h.id);
		assert_int_equal(v.len, seq - read);
		for (size_t i = 0; i < v.len; i++) {
			assert_int_equal(v.p[i], (uint8_t)((read - NXT + (uint32_t)i) % 700));
		}
		gyl_stream_take(h.t, h.now_ns, h.id, round == 0 ? 100 : 1400);
		read += round == 0 ? 100 : 1400;
		hand_drain(&h);
	}
	hand_close(&h);
}

/* RFC 9293 3.8.6.1: a closed window is probed at growing intervals, for as long as there are
 * answers. */
static void zero_window_is_probed(void **state)
{
	struct hand h;

	(void)state;
	open_plain(&h);
	h.window = 0;
	hand_put(&h, A, NXT, h.iss + 1, 0);
	assert_int_equal(hand_write(&h, 100), 100);
	hand_expect_nothing(&h);
	for (int i = 0; i < 40; i++) {
		assert_true(hand_wait(&h, 61 * GYL_NS_PER_S) >= 1);
		assert_int_equal(h.tcp.seq, h.iss);
		assert_int_equal(h.tcp.payload.len, 0);
		hand_put(&h, A, NXT, h.iss + 1, 0);
		assert_int_equal(h.seen, 0);
	}
	assert_in_range(hand_stat(&h).zero_probe_cnt, 40, 60);
	h.window = HAND_WINDOW;
	hand_put(&h, A, NXT, h.iss + 1, 0);
	hand_expect(&h, A, h.iss + 1, NXT, 100);
	hand_put(&h, A, NXT, h.iss + 101, 0);
	/* Nobody answers: it ends. */
	h.window = 0;
	hand_put(&h, A, NXT, h.iss + 101, 0);
	assert_int_equal(hand_write(&h, 100), 100);
	hand_wait(&h, 200 * GYL_NS_PER_S);
	assert_int_equal(h.err, GYL_STREAM_TIMEOUT);
	assert_int_equal(h.tcp.flags, R | A);
	assert_int_equal(hand_stat(&h).buf_cnt, 0);
	hand_close(&h);
}

/* RFC 9293 3.8.6.2.1: a small window is not used at once, but it is in the end. */
static void silly_window_is_not_filled(void **state)
{
	struct hand h;

	(void)state;
	open_plain(&h);
	h.window = 100;
	hand_put(&h, A, NXT, h.iss + 1, 0);
	assert_int_equal(hand_write(&h, 5000), 5000);
	hand_expect_nothing(&h);
	hand_wait(&h, 1100 * GYL_NS_PER_MS);
	assert_int_equal(h.tcp.payload.len, 100);
	assert_int_equal(h.tcp.seq, h.iss + 1);
	hand_close(&h);
}

/* RFC 9293 3.8.3: nobody acknowledges. */
static void gives_up_after_retry_ns(void **state)
{
	struct hand h;
	uint32_t cnt;

	(void)state;
	open_plain(&h);
	assert_int_equal(hand_write(&h, 100), 100);
	cnt = hand_wait(&h, 99 * GYL_NS_PER_S);
	assert_in_range(cnt, 7, 12);
	assert_int_equal(h.seen, 0);
	hand_wait(&h, 100 * GYL_NS_PER_S);
	assert_int_equal(h.seen, GYL_STREAM_EV_CLOSED);
	assert_int_equal(h.err, GYL_STREAM_TIMEOUT);
	assert_int_equal(hand_stat(&h).timeout_cnt, 1);
	assert_int_equal(hand_stat(&h).buf_cnt, 0);
	hand_close(&h);
}

static void ack_sack(struct hand *h, uint32_t una, uint32_t left, uint32_t right)
{
	h->sack_cnt = 1;
	h->sack[0] = (struct gyl_tcp_sack){h->iss + 1 + left, h->iss + 1 + right};
	hand_put(h, A, NXT, h->iss + 1 + una, 0);
}

/* RFC 6675, RFC 8985: three later ones have arrived, so the first is sent again, at once. */
static void lost_segment_is_repeated(void **state)
{
	struct hand h;

	(void)state;
	open_plain(&h);
	assert_int_equal(hand_write(&h, 10 * MSS), 10 * MSS);
	assert_int_equal(hand_drain(&h), 10);
	h.now_ns += 10 * GYL_NS_PER_MS;
	ack_sack(&h, 0, MSS, 2 * MSS);
	ack_sack(&h, 0, MSS, 3 * MSS);
	ack_sack(&h, 0, MSS, 4 * MSS);
	hand_expect(&h, A, h.iss + 1, NXT, MSS);
	hand_expect_nothing(&h);
	assert_int_equal(hand_stat(&h).fast_cnt, 1);
	assert_int_equal(hand_info(&h).cwnd, 7 * MSS);
	h.now_ns += 10 * GYL_NS_PER_MS;
	hand_put(&h, A, NXT, h.iss + 1 + 10 * MSS, 0);
	assert_int_equal(hand_stat(&h).rto_cnt, 0);
	assert_int_equal(hand_stat(&h).buf_cnt, 0);
	hand_close(&h);
}

/* A peer without SACK: RFC 5681 3.2, RFC 6582. */
static void three_duplicates_without_sack(void **state)
{
	struct gyl_streams_conf cf = hand_conf();
	struct hand h;

	(void)state;
	hand_open(&h, &cf);
	hand_accept(&h, hand_syn_options(MSS, -1, false));
	assert_int_equal(hand_write(&h, 10 * MSS), 10 * MSS);
	assert_int_equal(hand_drain(&h), 10);
	h.now_ns += 10 * GYL_NS_PER_MS;
	for (int i = 0; i < 2; i++)
		hand_put(&h, A, NXT, h.iss + 1, 0);
	hand_expect_nothing(&h);
	hand_put(&h, A, NXT, h.iss + 1, 0);
	hand_expect(&h, A, h.iss + 1, NXT, MSS);
	/* A second hole: the acknowledgement is a partial one. */
	hand_put(&h, A, NXT, h.iss + 1 + 4 * MSS, 0);
	hand_expect(&h, A, h.iss + 1 + 4 * MSS, NXT, MSS);
	hand_put(&h, A, NXT, h.iss + 1 + 10 * MSS, 0);
	assert_int_equal(hand_stat(&h).fast_cnt, 1);
	assert_int_equal(hand_stat(&h).rto_cnt, 0);
	assert_int_equal(hand_stat(&h).retrans_cnt, 2);
	hand_close(&h);
}

/* RFC 8985 7: the last ones are lost; a probe brings that out before the timer does. */
static void tail_loss_is_probed(void **state)
{
	struct hand h;

	(void)state;
	open_plain(&h);
	assert_int_equal(hand_write(&h, MSS), MSS);
	hand_drain(&h);
	h.now_ns += GYL_NS_PER_MS;
	hand_put(&h, A, NXT, h.iss + 1 + MSS, 0); /* a round trip is measured */
	assert_int_equal(hand_write(&h, 3 * MSS), 3 * MSS);
	assert_int_equal(hand_drain(&h), 3);
	h.now_ns += 30 * GYL_NS_PER_MS;
	hand_expect(&h, A, h.iss + 1 + 3 * MSS, NXT, MSS);
	assert_int_equal(hand_stat(&h).tlp_cnt, 1);
	/* Only the probe arrived: the others are lost. */
	h.now_ns += GYL_NS_PER_MS;
	ack_sack(&h, MSS, 3 * MSS, 4 * MSS);
	hand_wait(&h, 2 * GYL_NS_PER_MS);
	assert_int_equal(hand_stat(&h).retrans_cnt, 3);
	/* The answer to that is lost: asked once more here too, and a second time after twice as
	 * long. */
	hand_wait(&h, 4 * GYL_NS_PER_MS);
	assert_int_equal(hand_stat(&h).tlp_cnt, 2);
	hand_wait(&h, 30 * GYL_NS_PER_MS);
	assert_int_equal(hand_stat(&h).tlp_cnt, 3);
	assert_int_equal(hand_stat(&h).retrans_cnt, 5);
	hand_put(&h, A, NXT, h.iss + 1 + 4 * MSS, 0);
	assert_int_equal(hand_stat(&h).rto_cnt, 0);
	assert_int_equal(hand_stat(&h).buf_cnt, 0);
	hand_close(&h);
}

/* RFC 3522, RFC 4015: the timer ran out too early, as the timestamp in the answer tells. */
static void spurious_timeout_is_undone(void **state)
{
	struct gyl_streams_conf cf = hand_conf();
	uint32_t cwnd, first_ts;
	struct hand h;

	(void)state;
	hand_open(&h, &cf);
	h.ts_val = 100;
	hand_accept(&h, hand_syn_options(1460, 0, true));
	assert_int_equal(hand_write(&h, 5 * 1448), 5 * 1448);
	assert_true(hand_get(&h));
	first_ts = h.known.ts_val;
	hand_drain(&h);
	cwnd = hand_info(&h).cwnd;
	hand_wait(&h, 1500 * GYL_NS_PER_MS);
	assert_int_equal(hand_stat(&h).rto_cnt, 1);
	assert_true(hand_info(&h).cwnd < cwnd);
	h.ts_ecr = first_ts;
	hand_put(&h, A, NXT, h.iss + 1 + 1448, 0);
	assert_int_equal(hand_stat(&h).spurious_cnt, 1);
	assert_true(hand_info(&h).cwnd >= cwnd);
	/* The others are on their way and are not sent again. */
	assert_int_equal(hand_stat(&h).retrans_cnt, 1);
	hand_expect_nothing(&h);
	hand_close(&h);
}

/* RFC 1191, RFC 5927: shorter at once, for what quotes a number in flight; not absurdly short. */
static void path_mtu_shrinks(void **state)
{
	struct gyl_streams_trouble tr = {
		.ip = HAND_PEER, .local_ip = HAND_US, .port = 4000, .local_port = 80, .mtu = 1000};
	struct hand h;
	uint32_t seen = 0;

	(void)state;
	open_plain(&h);
	assert_int_equal(hand_write(&h, 3 * MSS), 3 * MSS);
	assert_int_equal(hand_drain(&h), 3);
	tr.seq = h.iss;
	assert_false(gyl_streams_icmp(h.t, h.now_ns, &tr));
	tr.seq = h.iss + 1 + 3 * MSS;
	assert_false(gyl_streams_icmp(h.t, h.now_ns, &tr));
	tr.port = 4001;
	tr.seq = h.iss + 1;
	assert_false(gyl_streams_icmp(h.t, h.now_ns, &tr));
	tr.port = 4000;
	hand_expect_nothing(&h);
	assert_true(gyl_streams_icmp(h.t, h.now_ns, &tr));
	assert_int_equal(hand_info(&h).mss, 960);
	while (hand_get(&h)) {
		assert_in_range(h.tcp.payload.len, 1, 960);
		assert_int_equal(h.tcp.seq, h.iss + 1 + seen);
		seen += (uint32_t)h.tcp.payload.len;
	}
	assert_int_equal(seen, 3 * MSS);
	assert_int_equal(hand_info(&h).cwnd, 10 * MSS); /* that was no congestion */
	tr.mtu = 68;
	assert_true(gyl_streams_icmp(h.t, h.now_ns, &tr));
	assert_int_equal(hand_info(&h).mss, 512);
	hand_put(&h, A, NXT, h.iss + 1 + 3 * MSS, 0);
	assert_int_equal(hand_stat(&h).buf_cnt, 0);
	hand_close(&h);
}

/* The buffer that is lent is shorter than the path was thought to be. */
static void room_for_a_segment_shrinks(void **state)
{
	struct hand h;
	uint32_t seen = 0;

	(void)state;
	open_plain(&h);
	assert_int_equal(hand_write(&h, 4 * MSS), 4 * MSS);
	hand_expect(&h, A, h.iss + 1, NXT, MSS);
	h.mtu = 700;
	while (hand_get(&h)) {
		assert_in_range(h.tcp.payload.len, 1, 660);
		seen += (uint32_t)h.tcp.payload.len;
	}
	/* Also the one that was on its way, which was too long. */
	assert_true(seen >= 4 * MSS - 660);
	hand_put(&h, A, NXT, h.iss + 1 + 4 * MSS, 0);
	hand_drain(&h);
	assert_int_equal(hand_info(&h).mss, 660);
	hand_close(&h);
}

/* RFC 9293 3.8.6.1: the peer took its window back while octets were on their way, and says so for
 * as long as it likes. */
static void shrunken_window_is_no_silence(void **state)
{
	struct hand h;

	(void)state;
	open_plain(&h);
	assert_int_equal(hand_write(&h, 1000), 1000);
	hand_expect(&h, A, h.iss + 1, NXT, 1000);
	h.window = 0;
	for (int i = 0; i < 20; i++) {
		hand_put(&h, A, NXT, h.iss + 1, 0);
		hand_wait(&h, 61 * GYL_NS_PER_S);
		assert_int_equal(h.seen, 0);
	}
	hand_put(&h, A, NXT, h.iss + 1001, 0);
	assert_int_equal(hand_stat(&h).buf_cnt, 0);
	hand_close(&h);
}

/* RFC 5461: unreachable ends an attempt, nothing else. */
static void hard_errors(void **state)
{
	struct gyl_streams_conf cf = hand_conf();
	struct gyl_streams_trouble tr = {
		.ip = HAND_PEER, .local_ip = HAND_US, .port = 4000, .local_port = 80};
	struct hand h;

	(void)state;
	open_plain(&h);
	hand_write(&h, 100);
	hand_drain(&h);
	tr.seq = h.iss + 1;
	tr.is_hard = true;
	assert_true(gyl_streams_icmp(h.t, h.now_ns, &tr));
	assert_int_equal(hand_info(&h).state, GYL_STREAM_ESTABLISHED);
	hand_close(&h);
	hand_open(&h, &cf);
	hand_connect(&h);
	tr.local_port = 40000;
	tr.is_hard = false;
	tr.seq = h.iss;
	assert_true(gyl_streams_icmp(h.t, h.now_ns, &tr));
	tr.is_hard = true;
	tr.seq = h.iss + 1;
	assert_false(gyl_streams_icmp(h.t, h.now_ns, &tr));
	hand_events(&h);
	assert_int_equal(h.seen, 0);
	tr.seq = h.iss;
	assert_true(gyl_streams_icmp(h.t, h.now_ns, &tr));
	hand_events(&h);
	assert_int_equal(h.seen, GYL_STREAM_EV_CLOSED);
	assert_int_equal(h.err, GYL_STREAM_UNREACHABLE);
	hand_close(&h);
}

/* A short write is followed by EV_ROOM when a quarter of the buffer is free. */
static void room_comes_back(void **state)
{
	struct gyl_streams_conf cf = hand_conf();
	struct hand h;

	(void)state;
	cf.buf_len = 8192;
	open_conf(&h, &cf);
	assert_int_equal(gyl_stream_room(h.t, h.id), 8192);
	assert_int_equal(hand_write(&h, 9000), 8192);
	assert_int_equal(gyl_stream_room(h.t, h.id), 0);
	assert_int_equal(hand_write(&h, 1), 0);
	hand_drain(&h);
	hand_put(&h, A, NXT, h.iss + 1 + 2000, 0);
	assert_int_equal(h.seen, 0);
	assert_int_equal(gyl_stream_room(h.t, h.id), 2000);
	hand_put(&h, A, NXT, h.iss + 1 + 2048, 0);
	assert_int_equal(h.seen, GYL_STREAM_EV_ROOM);
	hand_close(&h);
}

/* A probe is one number too early, so the peer does not look at what it acknowledges. */
static void probe_is_no_acknowledgement(void **state)
{
	struct gyl_streams_conf cf = hand_conf();
	struct hand h;

	(void)state;
	hand_open(&h, &cf);
	h.window = 0;
	hand_accept(&h, gyl_view(NULL, 0));
	assert_int_equal(hand_write(&h, 100), 100);
	assert_int_equal(hand_wait(&h, 990 * GYL_NS_PER_MS), 0);
	hand_put(&h, A, NXT, h.iss + 1, 10);
	assert_int_equal(hand_wait(&h, 20 * GYL_NS_PER_MS), 1);
	assert_int_equal(h.tcp.seq, h.iss);
	assert_int_equal(hand_wait(&h, 25 * GYL_NS_PER_MS), 1);
	assert_int_equal(h.tcp.seq, h.iss + 1);
	assert_int_equal(h.tcp.ack, NXT + 10);
	hand_close(&h);
}

/* One that was told of a buffer and writes nothing holds nobody up, and nobody is told of one that
 * is not there. */
static void all_that_starve_are_told(void **state)
{
	struct gyl_streams_conf cf = hand_conf();
	struct hand h;
	uint32_t id[4];

	(void)state;
	cf.buf_max = 2; /* one of them is for what comes */
	hand_open(&h, &cf);
	for (uint16_t i = 0; i < 4; i++) {
		h.port = (uint16_t)(4000 + i);
		hand_accept(&h, hand_syn_options(1000, -1, false));
		id[i] = h.id;
		assert_int_equal(hand_write(&h, 10), i == 0 ? 10 : 0);
		hand_drain(&h);
	}
	assert_int_equal(h.seen, 0);
	gyl_stream_reset(h.t, h.now_ns, id[0]);
	for (uint16_t i = 0; i < 4; i++) {
		struct gyl_stream_event ev;

		assert_true(gyl_streams_event(h.t, &ev));
		assert_int_equal(ev.id, id[i]);
		assert_int_equal(ev.what, i == 0 ? GYL_STREAM_EV_CLOSED : GYL_STREAM_EV_ROOM);
	}
	h.seen = 0;
	hand_events(&h);
	assert_int_equal(h.seen, 0);
	hand_close(&h);
}

/* A FIN alone is noted where the congestion window was: a smaller path may not write there. */
static void path_shrinks_while_a_fin_is_alone(void **state)
{
	struct gyl_streams_conf cf = hand_conf();
	struct hand h;

	(void)state;
	hand_open(&h, &cf);
	hand_connect(&h);
	/* As numbers follow the clock: a FIN with a small one. */
	h.now_ns += (uint64_t)(uint32_t)(100 - h.iss) * 4000;
	gyl_stream_reset(h.t, h.now_ns, h.id);
	hand_drain(&h);
	h.seen = 0;
	hand_connect(&h);
	assert_in_range(h.iss, 99, 101);
	hand_put_opts(&h, S | A, HAND_ISN, h.iss + 1, 0, hand_syn_options(1460, -1, true));
	hand_expect(&h, A, h.iss + 1, NXT, 0);
	gyl_stream_shutdown(h.t, h.now_ns, h.id);
	hand_expect(&h, F | A, h.iss + 1, NXT, 0);
	h.mtu = 1000;
	hand_put(&h, A, NXT, h.iss + 1, 0);
	hand_wait(&h, 2 * GYL_NS_PER_S);
	assert_int_equal(h.tcp.flags, F | A);
	assert_int_equal(h.tcp.seq, h.iss + 1);
	assert_int_equal(h.tcp.payload.len, 0);
	hand_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_of_the_syn),
		cmocka_unit_test(item_65_writes_are_cut_to_full_segments),
		cmocka_unit_test(initial_window),
		cmocka_unit_test(nagle_and_nodelay),
		cmocka_unit_test(delayed_acknowledgement),
		cmocka_unit_test(out_of_order_octets),
		cmocka_unit_test(blocks_beside_octets),
		cmocka_unit_test(duplicate_without_a_buffer),
		cmocka_unit_test(window_closes_and_opens),
		cmocka_unit_test(unread_octets_are_one_piece),
		cmocka_unit_test(zero_window_is_probed),
		cmocka_unit_test(silly_window_is_not_filled),
		cmocka_unit_test(gives_up_after_retry_ns),
		cmocka_unit_test(lost_segment_is_repeated),
		cmocka_unit_test(three_duplicates_without_sack),
		cmocka_unit_test(tail_loss_is_probed),
		cmocka_unit_test(spurious_timeout_is_undone),
		cmocka_unit_test(path_mtu_shrinks),
		cmocka_unit_test(room_for_a_segment_shrinks),
		cmocka_unit_test(shrunken_window_is_no_silence),
		cmocka_unit_test(hard_errors),
		cmocka_unit_test(room_comes_back),
		cmocka_unit_test(probe_is_no_acknowledgement),
		cmocka_unit_test(all_that_starve_are_told),
		cmocka_unit_test(path_shrinks_while_a_fin_is_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
