/* SPDX-License-Identifier: ISC */
/* What is believed of a segment that comes: RFC 9293 3.10.7, RFC 5961, RFC 7323. */
#include "tests/unit/net/streams_hand.h"

enum {
	NXT = HAND_ISN + 1 /* the peer's next number after the SYN */
};

static void open_with(struct hand *h, struct gyl_view options)
{
	struct gyl_streams_conf cf = hand_conf();

	hand_open(h, &cf);
	hand_accept(h, options);
}

/* 62: "Blind RST on SYN-SENT ignored; right RST -> refused". */
static void item_62_reset_in_syn_sent(void **state)
{
	struct gyl_streams_conf cf = hand_conf();
	struct hand h;

	(void)state;
	hand_open(&h, &cf);
	hand_connect(&h);
	hand_put(&h, R, 0, 0, 0);
	hand_put(&h, R | A, 0, h.iss, 0);
	hand_put(&h, R | A, 0, h.iss + 2, 0);
	assert_int_equal(h.seen, 0);
	assert_int_equal(hand_info(&h).state, GYL_STREAM_SYN_SENT);
	assert_int_equal(hand_stat(&h).unacceptable_cnt, 3);
	hand_expect_nothing(&h);
	hand_put(&h, R | A, 0, h.iss + 1, 0);
	assert_int_equal(h.seen, GYL_STREAM_EV_CLOSED);
	assert_int_equal(h.err, GYL_STREAM_REFUSED);
	assert_int_equal(hand_stat(&h).conn_cnt, 0);
	hand_close(&h);
}

/* RFC 9293 3.10.7.3: an acknowledgement of something else is answered with a reset (half open
 * connections are found so), and the attempt goes on. */
static void syn_sent_resets_a_wrong_acknowledgement(void **state)
{
	struct gyl_streams_conf cf = hand_conf();
	struct hand h;

	(void)state;
	hand_open(&h, &cf);
	hand_connect(&h);
	hand_put(&h, A, 77, h.iss + 500, 0);
	hand_expect(&h, R, h.iss + 500, 0, 0);
	hand_put(&h, S | A, HAND_ISN, h.iss + 2, 0);
	hand_expect(&h, R, h.iss + 2, 0, 0);
	hand_put(&h, S | A, HAND_ISN, h.iss + 1, 0);
	hand_expect(&h, A, h.iss + 1, NXT, 0);
	assert_int_equal(h.seen, GYL_STREAM_EV_OPENED);
	hand_close(&h);
}

/* 62: "RST in window not at rcv_nxt -> challenge ACK; exact -> reset". */
static void item_62_reset_in_established(void **state)
{
	struct hand h;

	(void)state;
	open_with(&h, hand_syn_options(1460, -1, false));
	hand_put(&h, R, NXT + 1, 0, 0);
	hand_expect(&h, A, h.iss + 1, NXT, 0);
	hand_put(&h, R, NXT + 65534, 0, 0);
	hand_expect(&h, A, h.iss + 1, NXT, 0);
	/* Outside of the window: nothing at all. */
	hand_put(&h, R, NXT + 65535, 0, 0);
	hand_put(&h, R, NXT - 1, 0, 0);
	hand_expect_nothing(&h);
	assert_int_equal(hand_stat(&h).challenge_cnt, 2);
	assert_int_equal(h.seen, 0);
	hand_put(&h, R, NXT, 0, 0);
	assert_int_equal(h.seen, GYL_STREAM_EV_CLOSED);
	assert_int_equal(h.err, GYL_STREAM_RESET);
	hand_expect_nothing(&h);
	assert_int_equal(hand_stat(&h).conn_cnt, 0);
	hand_close(&h);
}

/* 62: "SYN on established -> challenge ACK", wherever it is. */
static void item_62_syn_in_established(void **state)
{
	static const uint32_t offs[] = {0, 1, 1000, 100000, (uint32_t)-1, (uint32_t)-5000};
	struct hand h;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(offs); i++) {
		open_with(&h, hand_syn_options(1460, -1, false));
		hand_put(&h, S, NXT + offs[i], 0, 0);
		hand_expect(&h, A, h.iss + 1, NXT, 0);
		assert_int_equal(hand_stat(&h).challenge_cnt, 1);
		assert_int_equal(h.seen, 0);
		hand_close(&h);
	}
}

/* 62: "data with ack outside [una - max wnd, nxt] -> challenge ACK; old but acceptable ack -> data
 * taken". */
static void item_62_range_of_acknowledgements(void **state)
{
	static const struct {
		uint32_t off;
		bool good;
	} rows[] = {{1, true}, {2, false}, {1000, false}, {0, true}, {1u - HAND_WINDOW, true},
		{0u - HAND_WINDOW, false}, {0x80000000u, false}};
	struct hand h;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(rows); i++) {
		open_with(&h, hand_syn_options(1460, -1, false));
		hand_put(&h, A, NXT, h.iss + rows[i].off, 10);
		assert_int_equal(gyl_stream_peek(h.t, h.id).len, rows[i].good ? 10 : 0);
		assert_int_equal(hand_stat(&h).challenge_cnt, !rows[i].good);
		hand_close(&h);
	}
}

/* 62: "X throttle challenge ACKs". */
static void item_62_challenges_are_limited(void **state)
{
	struct gyl_streams_conf cf = hand_conf();
	struct hand h;
	unsigned cnt = 0;

	(void)state;
	cf.challenge_rate = 10;
	hand_open(&h, &cf);
	hand_accept(&h, gyl_view(NULL, 0));
	for (int i = 0; i < 1000; i++) {
		hand_put(&h, S, NXT + 7, 0, 0);
		cnt += hand_drain(&h);
	}
	assert_int_equal(cnt, 10);
	assert_int_equal(hand_stat(&h).challenge_muted_cnt, 990);
	h.now_ns += GYL_NS_PER_S;
	for (int i = 0; i < 1000; i++) {
		hand_put(&h, R, NXT + 7, 0, 0);
		cnt += hand_drain(&h);
	}
	assert_int_equal(cnt, 20);
	hand_close(&h);
}

/* Who counts the challenges of a connection of its own must not learn whether a forged segment hit
 * somebody else's: with one limit for all, sequence numbers can be found out so (CVE-2016-5696). */
static void challenges_of_one_say_nothing_of_another(void **state)
{
	struct gyl_streams_conf cf = hand_conf();
	struct hand h;
	uint32_t iss;
	unsigned cnt = 0;

	(void)state;
	cf.challenge_rate = 10;
	hand_open(&h, &cf);
	hand_accept(&h, gyl_view(NULL, 0));
	iss = h.iss;
	h.peer_ip = HAND_PEER + 1;
	hand_accept(&h, gyl_view(NULL, 0));
	h.peer_ip = HAND_PEER;
	hand_put(&h, S, NXT + 7, 0, 0);
	hand_expect(&h, A, iss + 1, NXT, 0);
	h.peer_ip = HAND_PEER + 1;
	for (int i = 0; i < 20; i++) {
		hand_put(&h, S, NXT + 7, 0, 0);
		cnt += hand_drain(&h);
	}
	assert_int_equal(cnt, 10);
	hand_close(&h);
}

/* Octets that somebody slipped into both directions leave each side one number behind the other:
 * what looks like a probe then acknowledges what was never sent. Answered without a limit, the two
 * would answer each other for ever. */
static void two_that_lost_step_come_to_rest(void **state)
{
	struct gyl_streams_conf cf = hand_conf();
	struct hand h;
	unsigned cnt = 0;

	(void)state;
	cf.challenge_rate = 10;
	hand_open(&h, &cf);
	hand_accept(&h, gyl_view(NULL, 0));
	for (int i = 0; i < 100; i++) {
		hand_put(&h, A, NXT - 1, h.iss + 2, 0);
		cnt += hand_drain(&h);
	}
	assert_int_equal(cnt, 10);
	/* A real probe is answered nevertheless. */
	hand_put(&h, A, NXT - 1, h.iss + 1, 0);
	hand_expect(&h, A, h.iss + 1, NXT, 0);
	hand_close(&h);
}

/* A peer that restarted may do without timestamps now, and must hear of the old connection (RFC
 * 5961 4.2; RFC 7323 3.2 speaks of the segments of this one). */
static void syn_without_timestamps_is_challenged(void **state)
{
	struct gyl_streams_conf cf = hand_conf();
	struct hand h;

	(void)state;
	hand_open(&h, &cf);
	h.ts_val = 1000;
	hand_accept(&h, gyl_view(NULL, 0));
	h.ts_val = 0;
	hand_put(&h, S, 77, 0, 0);
	hand_expect(&h, A, h.iss + 1, NXT, 0);
	hand_put(&h, R, NXT, 0, 0);
	assert_int_equal(h.seen, GYL_STREAM_EV_CLOSED);
	hand_close(&h);
}

/* SYNs of a flood are answered, but not before all octets of those who are connected. */
static void answers_and_connections_take_turns(void **state)
{
	struct gyl_streams_conf cf = hand_conf();
	struct hand h;
	unsigned octets = 0;

	(void)state;
	cf.half_max = 0;
	hand_open(&h, &cf);
	hand_accept(&h, hand_syn_options(1000, -1, false));
	assert_int_equal(hand_write(&h, 4 * 536), 4 * 536); /* a cookie's mss */
	for (uint16_t i = 0; i < 50; i++) {
		h.port = (uint16_t)(5000 + i);
		hand_put(&h, S, 1, 0, 0);
	}
	for (int i = 0; i < 8; i++) {
		assert_true(hand_get(&h));
		octets += (unsigned)h.tcp.payload.len;
	}
	assert_int_equal(octets, 4 * 536);
	assert_int_equal(hand_drain(&h), 46);
	hand_close(&h);
}

/* RFC 9293 3.4: what is outside of the window is answered, and nothing of it is taken. */
static void segments_outside_of_the_window(void **state)
{
	static const struct {
		uint32_t off;
		uint16_t len;
		size_t taken;
	} rows[] = {
		{0, 1, 1},
		{(uint32_t)-1, 1, 0},
		{(uint32_t)-10, 10, 0},
		{(uint32_t)-10, 11, 1}, /* 66: overlaps are trimmed */
		{65535, 1, 0},
		{65536, 1, 0},
		{0x7fffffff, 1, 0},
		{0x80000000, 1, 0},
	};
	struct hand h;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(rows); i++) {
		open_with(&h, gyl_view(NULL, 0));
		hand_put(&h, A, NXT + rows[i].off, h.iss + 1, rows[i].len);
		assert_int_equal(gyl_stream_peek(h.t, h.id).len, rows[i].taken);
		if (rows[i].taken != 1 || rows[i].len != 1)
			hand_expect(&h, A, h.iss + 1, NXT + rows[i].taken, 0);
		hand_close(&h);
	}
}

/* RFC 7323 5: older than what came last, and its exceptions. */
static void paws(void **state)
{
	struct gyl_streams_conf cf = hand_conf();
	struct hand h;

	(void)state;
	hand_open(&h, &cf);
	h.ts_val = 1000;
	hand_accept(&h, hand_syn_options(1460, 0, false));
	h.ts_val = 1010;
	hand_put(&h, A, NXT, h.iss + 1, 100);
	assert_int_equal(gyl_stream_peek(h.t, h.id).len, 100);
	hand_wait(&h, GYL_NS_PER_S);
	/* In window, and from before: an acknowledgement, no octets. */
	h.ts_val = 1009;
	hand_put(&h, A, NXT + 100, h.iss + 1, 100);
	assert_int_equal(gyl_stream_peek(h.t, h.id).len, 100);
	hand_expect(&h, A, h.iss + 1, NXT + 100, 0);
	assert_int_equal(h.known.ts_ecr, 1010);
	/* Without any: not even that. 3.2 */
	h.ts_val = 0;
	hand_put(&h, A, NXT + 100, h.iss + 1, 100);
	hand_expect_nothing(&h);
	/* The same number again is fine, and so is one that went round. */
	h.ts_val = 1010;
	hand_put(&h, A, NXT + 100, h.iss + 1, 100);
	assert_int_equal(gyl_stream_peek(h.t, h.id).len, 200);
	h.ts_val = 1010 + 0x7fffffffu;
	hand_put(&h, A, NXT + 200, h.iss + 1, 100);
	assert_int_equal(gyl_stream_peek(h.t, h.id).len, 300);
	/* A reset needs none. */
	h.ts_val = 1;
	hand_put(&h, R, NXT + 300, 0, 0);
	assert_int_equal(h.seen & GYL_STREAM_EV_CLOSED, GYL_STREAM_EV_CLOSED);
	hand_close(&h);
}

/* RFC 7323 5.5: after 24 days the peer's clock may be anywhere. */
static void paws_ends_after_24_days(void **state)
{
	static const struct {
		uint64_t days;
		bool good;
	} rows[] = {{1, false}, {23, false}, {25, true}};
	struct gyl_streams_conf cf = hand_conf();
	struct hand h;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(rows); i++) {
		hand_open(&h, &cf);
		h.ts_val = 1000;
		hand_accept(&h, hand_syn_options(1460, 0, false));
		hand_wait(&h, rows[i].days * GYL_NS_PER_DAY);
		h.ts_val = 900;
		hand_put(&h, A, NXT, h.iss + 1, 10);
		assert_int_equal(gyl_stream_peek(h.t, h.id).len, rows[i].good ? 10 : 0);
		hand_close(&h);
	}
}

/* RFC 7323 4.3: what is echoed is the time of the first segment that is not acknowledged. */
static void echoes_the_earliest_time(void **state)
{
	struct gyl_streams_conf cf = hand_conf();
	struct hand h;

	(void)state;
	hand_open(&h, &cf);
	h.ts_val = 1000;
	hand_accept(&h, hand_syn_options(1460, 0, true));
	h.ts_val = 1001;
	hand_put(&h, A, NXT, h.iss + 1, 1000);
	h.ts_val = 1002;
	hand_put(&h, A, NXT + 1000, h.iss + 1, 1000);
	hand_expect(&h, A, h.iss + 1, NXT + 2000, 0);
	assert_int_equal(h.known.ts_ecr, 1001);
	/* Out of order: still the last that was acknowledged then. */
	h.ts_val = 1003;
	hand_put(&h, A, NXT + 2020, h.iss + 1, 10);
	hand_expect(&h, A, h.iss + 1, NXT + 2000, 0);
	assert_int_equal(h.known.ts_ecr, 1001);
	/* It fills the hole: its time. */
	h.ts_val = 1004;
	hand_put(&h, A, NXT + 2000, h.iss + 1, 20);
	hand_expect(&h, A, h.iss + 1, NXT + 2030, 0);
	assert_int_equal(h.known.ts_ecr, 1004);
	hand_close(&h);
}

/* RFC 7323 4.3: octets that came last and come again (their acknowledgement was lost) are echoed as
 * the copy that is answered, or the peer would take its timeout for a round trip. */
static void repeated_octets_are_echoed(void **state)
{
	struct gyl_streams_conf cf = hand_conf();
	struct hand h;

	(void)state;
	hand_open(&h, &cf);
	h.ts_val = 1000;
	hand_accept(&h, gyl_view(NULL, 0));
	h.ts_val = 1010;
	hand_put(&h, A, NXT, h.iss + 1, 10);
	assert_int_equal(hand_wait(&h, 50 * GYL_NS_PER_MS), 1);
	assert_int_equal(h.known.ts_ecr, 1010);
	h.ts_val = 61000;
	hand_put(&h, A, NXT, h.iss + 1, 10);
	hand_expect(&h, A, h.iss + 1, NXT + 10, 0);
	assert_int_equal(h.known.ts_ecr, 61000);
	/* Older octets say nothing of it. */
	h.ts_val = 62000;
	hand_put(&h, A, NXT, h.iss + 1, 9);
	hand_expect(&h, A, h.iss + 1, NXT + 10, 0);
	assert_int_equal(h.known.ts_ecr, 61000);
	hand_close(&h);
}

/* RFC 1122 4.2.3.10, RFC 9293 3.9.2.3: nobody can have sent that. */
static void bad_sources_are_not_answered(void **state)
{
	static const uint32_t ips[] = {0, 0xe0000001, 0xefffffff, 0xffffffff, 0xf0000001, HAND_US};
	struct gyl_streams_conf cf = hand_conf();
	struct hand h;

	(void)state;
	hand_open(&h, &cf);
	for (size_t i = 0; i < TEST_CNT(ips); i++) {
		h.peer_ip = ips[i];
		hand_put(&h, S, HAND_ISN, 0, 0);
		hand_put(&h, A, HAND_ISN, 1, 0);
		hand_expect_nothing(&h);
	}
	h.peer_ip = HAND_PEER;
	h.port = 0;
	hand_put(&h, S, HAND_ISN, 0, 0);
	hand_expect_nothing(&h);
	assert_int_equal(hand_stat(&h).bad_cnt, 2 * TEST_CNT(ips) + 1);
	hand_close(&h);
}

/* RFC 9293 3.10.7.1: to nobody. */
static void strays_are_reset(void **state)
{
	struct gyl_streams_conf cf = hand_conf();
	struct hand h;
	unsigned cnt = 0;

	(void)state;
	cf.reset_rate = 20;
	hand_open(&h, &cf);
	h.local_port = 81;
	hand_put(&h, S, 100, 0, 0);
	hand_expect(&h, R | A, 0, 101, 0);
	hand_put(&h, A | F, 100, 700, 5);
	hand_expect(&h, R, 700, 0, 0);
	hand_put(&h, F, 100, 0, 5);
	hand_expect(&h, R | A, 0, 106, 0);
	hand_put(&h, R, 100, 0, 0);
	hand_put(&h, R | A, 100, 5, 0);
	hand_expect_nothing(&h);
	/* To a listener too, unless it is a SYN. */
	h.local_port = 80;
	hand_put(&h, A, 100, 700, 0);
	hand_expect(&h, R, 700, 0, 0);
	hand_put(&h, S | A, 100, 700, 0);
	hand_expect(&h, R, 700, 0, 0);
	for (int i = 0; i < 500; i++) {
		hand_put(&h, A, 100, 700, 0);
		cnt += hand_drain(&h);
	}
	assert_int_equal(cnt + 5, 20);
	assert_int_equal(hand_stat(&h).reset_muted_cnt, 500 - cnt);
	hand_close(&h);
}

static void broken_segments_are_counted(void **state)
{
	struct gyl_streams_conf cf = hand_conf();
	struct gyl_streams_seg seg = {.peer = {.ip = HAND_PEER, .local_ip = HAND_US}, .mtu = 1500};
	uint8_t buf[40] = {0x0f, 0xa0, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 0xff, 0xff, 0, 0};
	struct hand h;

	(void)state;
	hand_open(&h, &cf);
	for (size_t len = 0; len < 20; len++) {
		seg.data = gyl_view(buf, len);
		gyl_streams_input(h.t, h.now_ns, &seg);
	}
	seg.data = gyl_view(buf, 20);
	gyl_streams_input(h.t, h.now_ns, &seg);
	assert_int_equal(hand_stat(&h).bad_cnt, 21);
	hand_expect_nothing(&h);
	seg.checksum = GYL_CHECKSUM_SKIP;
	gyl_streams_input(h.t, h.now_ns, &seg);
	hand_expect(&h, S | A, h.tcp.seq, 2, 0);
	hand_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(item_62_reset_in_syn_sent),
		cmocka_unit_test(syn_sent_resets_a_wrong_acknowledgement),
		cmocka_unit_test(item_62_reset_in_established),
		cmocka_unit_test(item_62_syn_in_established),
		cmocka_unit_test(item_62_range_of_acknowledgements),
		cmocka_unit_test(item_62_challenges_are_limited),
		cmocka_unit_test(challenges_of_one_say_nothing_of_another),
		cmocka_unit_test(two_that_lost_step_come_to_rest),
		cmocka_unit_test(syn_without_timestamps_is_challenged),
		cmocka_unit_test(answers_and_connections_take_turns),
		cmocka_unit_test(segments_outside_of_the_window),
		cmocka_unit_test(paws),
		cmocka_unit_test(paws_ends_after_24_days),
		cmocka_unit_test(echoes_the_earliest_time),
		cmocka_unit_test(repeated_octets_are_echoed),
		cmocka_unit_test(bad_sources_are_not_answered),
		cmocka_unit_test(strays_are_reset),
		cmocka_unit_test(broken_segments_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
