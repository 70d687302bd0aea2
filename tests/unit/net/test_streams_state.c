/* SPDX-License-Identifier: ISC */
/* Openings and ends in every order: RFC 9293 3.5, 3.6; TIME-WAIT; keep-alive. */
#include "tests/unit/net/streams_hand.h"

enum {
	NXT = HAND_ISN + 1
};

static void open_plain(struct hand *h)
{
	struct gyl_streams_conf cf = hand_conf();

	hand_open(h, &cf);
	hand_accept(h, hand_syn_options(1460, -1, false));
}

static void end(struct hand *h)
{
	gyl_stream_close(h->t, h->now_ns, h->id);
}

static void assert_all_free(struct hand *h, uint32_t wait_cnt)
{
	struct gyl_streams_stat s = hand_stat(h);

	assert_int_equal(s.conn_cnt, 0);
	assert_int_equal(s.half_cnt, 0);
	assert_int_equal(s.buf_cnt, 0);
	assert_int_equal(s.wait_cnt, wait_cnt);
}

/* RFC 9293 3.5, figure 7. */
static void simultaneous_open(void **state)
{
	struct gyl_streams_conf cf = hand_conf();
	struct hand h;

	(void)state;
	hand_open(&h, &cf);
	hand_connect(&h);
	hand_put_opts(&h, S, HAND_ISN, 0, 0, hand_syn_options(1000, 3, true));
	hand_expect(&h, S | A, h.iss, NXT, 0);
	assert_int_equal(hand_info(&h).state, GYL_STREAM_SYN_RECEIVED);
	hand_put_opts(&h, S | A, HAND_ISN, h.iss + 1, 0, hand_syn_options(1000, 3, true));
	assert_int_equal(hand_info(&h).state, GYL_STREAM_ESTABLISHED);
	assert_int_equal(h.seen, GYL_STREAM_EV_OPENED);
	assert_int_equal(hand_info(&h).snd_wnd, HAND_WINDOW / 8 * 8);
	assert_int_equal(hand_write(&h, 10), 10);
	hand_expect(&h, A, h.iss + 1, NXT, 10);
	hand_close(&h);
}

static void simultaneous_open_that_is_refused(void **state)
{
	struct gyl_streams_conf cf = hand_conf();
	struct hand h;

	(void)state;
	hand_open(&h, &cf);
	hand_connect(&h);
	hand_put(&h, S, HAND_ISN, 0, 0);
	hand_expect(&h, S | A, h.iss, NXT, 0);
	hand_put(&h, A, NXT, h.iss + 9, 0);
	hand_expect(&h, R, h.iss + 9, 0, 0);
	hand_put(&h, R, NXT, 0, 0);
	assert_int_equal(h.seen, GYL_STREAM_EV_CLOSED);
	assert_int_equal(h.err, GYL_STREAM_REFUSED);
	assert_all_free(&h, 0);
	hand_close(&h);
}

/* RFC 6298 5.5: SYN is repeated at 1, 3, 7, 15, 31, 63 s and given up. */
static void syn_is_repeated_and_given_up(void **state)
{
	struct gyl_streams_conf cf = hand_conf();
	struct hand h;

	(void)state;
	hand_open(&h, &cf);
	hand_connect(&h);
	assert_int_equal(hand_wait(&h, 999 * GYL_NS_PER_MS), 0);
	assert_int_equal(hand_wait(&h, 2 * GYL_NS_PER_MS), 1);
	assert_int_equal(hand_wait(&h, 70 * GYL_NS_PER_S), 5);
	assert_int_equal(h.seen, 0);
	assert_int_equal(hand_wait(&h, 10 * GYL_NS_PER_S), 0);
	assert_int_equal(h.seen, GYL_STREAM_EV_CLOSED);
	assert_int_equal(h.err, GYL_STREAM_TIMEOUT);
	assert_all_free(&h, 0);
	hand_close(&h);
}

static void syn_ack_is_repeated_and_given_up(void **state)
{
	struct gyl_streams_conf cf = hand_conf();
	struct hand h;

	(void)state;
	hand_open(&h, &cf);
	hand_put(&h, S, HAND_ISN, 0, 0);
	assert_int_equal(hand_wait(&h, 74 * GYL_NS_PER_S), 1 + 6);
	assert_int_equal(hand_stat(&h).half_cnt, 1);
	assert_int_equal(hand_wait(&h, 2 * GYL_NS_PER_S), 0);
	assert_int_equal(hand_stat(&h).half_drop_cnt, 1);
	assert_all_free(&h, 0);
	hand_close(&h);
}

/* The third segment may carry octets and FIN. */
static void third_segment_with_octets_and_fin(void **state)
{
	struct gyl_streams_conf cf = hand_conf();
	struct hand h;

	(void)state;
	hand_open(&h, &cf);
	hand_put(&h, S, HAND_ISN, 0, 0);
	assert_true(hand_get(&h));
	h.iss = h.tcp.seq;
	hand_put(&h, A | F, NXT, h.iss + 1, 100);
	assert_int_equal(h.seen, GYL_STREAM_EV_OPENED | GYL_STREAM_EV_BYTES | GYL_STREAM_EV_EOF);
	assert_int_equal(hand_info(&h).state, GYL_STREAM_CLOSE_WAIT);
	assert_int_equal(gyl_stream_peek(h.t, h.id).len, 100);
	hand_expect(&h, A, h.iss + 1, NXT + 101, 0);
	hand_close(&h);
}

/* In SYN-RECEIVED: RFC 9293 3.10.7.4, RFC 5961. */
static void half_open_checks(void **state)
{
	struct gyl_streams_conf cf = hand_conf();
	struct hand h;
	uint32_t iss;

	(void)state;
	hand_open(&h, &cf);
	hand_put(&h, S, HAND_ISN, 0, 0);
	assert_true(hand_get(&h));
	iss = h.tcp.seq;
	hand_put(&h, S, HAND_ISN, 0, 0); /* repeated */
	hand_expect(&h, S | A, iss, NXT, 0);
	hand_put(&h, S, HAND_ISN + 700, 0, 0); /* another one */
	hand_expect(&h, A, iss + 1, NXT, 0);
	hand_put(&h, A, NXT, iss, 0);
	hand_expect(&h, R, iss, 0, 0);
	hand_put(&h, A, NXT, iss + 2, 0);
	hand_expect(&h, R, iss + 2, 0, 0);
	hand_put(&h, R, NXT + 1, 0, 0);
	hand_expect(&h, A, iss + 1, NXT, 0);
	hand_put(&h, A, NXT + 100000, iss + 1, 0);
	hand_expect(&h, A, iss + 1, NXT, 0);
	assert_int_equal(hand_stat(&h).half_cnt, 1);
	hand_put(&h, R, NXT, 0, 0);
	assert_int_equal(hand_stat(&h).half_cnt, 0);
	hand_expect_nothing(&h);
	assert_all_free(&h, 0);
	hand_close(&h);
}

static void unlisten_forgets_who_is_half_open(void **state)
{
	struct gyl_streams_conf cf = hand_conf();
	struct hand h;

	(void)state;
	hand_open(&h, &cf);
	hand_put(&h, S, HAND_ISN, 0, 0);
	assert_true(hand_get(&h));
	h.iss = h.tcp.seq;
	gyl_stream_unlisten(h.t, 80);
	hand_put(&h, A, NXT, h.iss + 1, 0);
	hand_expect(&h, R, h.iss + 1, 0, 0);
	assert_all_free(&h, 0);
	hand_close(&h);
}

static void they_end_first(void **state)
{
	struct hand h;

	(void)state;
	open_plain(&h);
	hand_put(&h, A | F, NXT, h.iss + 1, 0);
	hand_expect(&h, A, h.iss + 1, NXT + 1, 0);
	assert_int_equal(h.seen, GYL_STREAM_EV_EOF);
	assert_int_equal(hand_info(&h).state, GYL_STREAM_CLOSE_WAIT);
	assert_int_equal(hand_write(&h, 5), 5);
	hand_expect(&h, A, h.iss + 1, NXT + 1, 5);
	end(&h);
	hand_expect(&h, F | A, h.iss + 6, NXT + 1, 0);
	assert_int_equal(hand_info(&h).state, GYL_STREAM_LAST_ACK);
	hand_put(&h, A, NXT + 1, h.iss + 7, 0);
	assert_int_equal(h.seen & GYL_STREAM_EV_CLOSED, GYL_STREAM_EV_CLOSED);
	assert_int_equal(h.err, GYL_STREAM_OK);
	assert_all_free(&h, 0);
	hand_close(&h);
}

/* 64: "Simultaneous close reaches TIME-WAIT and frees". */
static void item_64_simultaneous_close(void **state)
{
	struct hand h;

	(void)state;
	open_plain(&h);
	end(&h);
	hand_expect(&h, F | A, h.iss + 1, NXT, 0);
	hand_put(&h, F | A, NXT, h.iss + 1, 0);
	hand_expect(&h, A, h.iss + 2, NXT + 1, 0);
	assert_int_equal(hand_info(&h).state, GYL_STREAM_CLOSING);
	hand_put(&h, A, NXT + 1, h.iss + 2, 0);
	assert_int_equal(h.seen, GYL_STREAM_EV_EOF | GYL_STREAM_EV_CLOSED);
	assert_int_equal(h.err, GYL_STREAM_OK);
	assert_all_free(&h, 1);
	hand_wait(&h, 61 * GYL_NS_PER_S);
	assert_all_free(&h, 0);
	assert_true(gyl_streams_deadline_ns(h.t) == UINT64_MAX);
	hand_close(&h);
}

/* Their FIN acknowledges ours: straight to TIME-WAIT. */
static void fin_with_acknowledgement_of_ours(void **state)
{
	struct hand h;

	(void)state;
	open_plain(&h);
	end(&h);
	hand_expect(&h, F | A, h.iss + 1, NXT, 0);
	hand_put(&h, F | A, NXT, h.iss + 2, 0);
	hand_expect(&h, A, h.iss + 2, NXT + 1, 0);
	assert_all_free(&h, 1);
	/* They did not hear that: it is said again, and the time begins anew. */
	hand_wait(&h, 50 * GYL_NS_PER_S);
	hand_put(&h, F | A, NXT, h.iss + 2, 0);
	hand_expect(&h, A, h.iss + 2, NXT + 1, 0);
	hand_wait(&h, 50 * GYL_NS_PER_S);
	assert_all_free(&h, 1);
	hand_wait(&h, 11 * GYL_NS_PER_S);
	assert_all_free(&h, 0);
	hand_close(&h);
}

/* 64: "RST instead of FIN frees". */
static void item_64_reset_instead_of_fin(void **state)
{
	struct hand h;

	(void)state;
	open_plain(&h);
	end(&h);
	hand_expect(&h, F | A, h.iss + 1, NXT, 0);
	hand_put(&h, A, NXT, h.iss + 2, 0);
	assert_int_equal(hand_info(&h).state, GYL_STREAM_FIN_WAIT_2);
	hand_put(&h, R, NXT, 0, 0);
	assert_int_equal(h.seen, GYL_STREAM_EV_CLOSED);
	assert_int_equal(h.err, GYL_STREAM_RESET);
	assert_all_free(&h, 0);
	hand_close(&h);
}

/* 64: "unacked FIN retransmits". */
static void item_64_fin_is_repeated(void **state)
{
	struct hand h;

	(void)state;
	open_plain(&h);
	end(&h);
	hand_expect(&h, F | A, h.iss + 1, NXT, 0);
	for (int i = 0; i < 4; i++) {
		assert_true(hand_wait(&h, (UINT64_C(1100) << i) * GYL_NS_PER_MS) >= 1);
		assert_int_equal(h.tcp.flags, F | A);
		assert_int_equal(h.tcp.seq, h.iss + 1);
	}
	hand_put(&h, A | F, NXT, h.iss + 2, 0);
	hand_drain(&h);
	assert_all_free(&h, 1);
	hand_close(&h);
}

/* A FIN that nobody ever acknowledges does not hold the connection for ever. */
static void unacknowledged_fin_is_given_up(void **state)
{
	struct hand h;

	(void)state;
	open_plain(&h);
	end(&h);
	hand_wait(&h, 61 * GYL_NS_PER_S);
	assert_int_equal(h.tcp.flags, R | A);
	assert_int_equal(h.seen, GYL_STREAM_EV_CLOSED);
	assert_int_equal(h.err, GYL_STREAM_TIMEOUT);
	assert_all_free(&h, 0);
	hand_close(&h);
}

static void fin_wait_2_has_an_end(void **state)
{
	struct hand h;

	(void)state;
	open_plain(&h);
	end(&h);
	hand_expect(&h, F | A, h.iss + 1, NXT, 0);
	hand_put(&h, A, NXT, h.iss + 2, 0);
	hand_wait(&h, 59 * GYL_NS_PER_S);
	assert_int_equal(h.seen, 0);
	hand_wait(&h, 2 * GYL_NS_PER_S);
	assert_int_equal(h.err, GYL_STREAM_TIMEOUT);
	assert_all_free(&h, 0);
	hand_close(&h);
}

/* Only our half is ended: the other one may last as long as it likes. */
static void half_closed_lasts(void **state)
{
	struct hand h;

	(void)state;
	open_plain(&h);
	gyl_stream_shutdown(h.t, h.now_ns, h.id);
	hand_expect(&h, F | A, h.iss + 1, NXT, 0);
	hand_put(&h, A, NXT, h.iss + 2, 0);
	hand_wait(&h, GYL_NS_PER_HOUR);
	hand_put(&h, A, NXT, h.iss + 2, 100);
	hand_put(&h, A | F, NXT + 100, h.iss + 2, 50);
	assert_int_equal(h.seen, GYL_STREAM_EV_BYTES | GYL_STREAM_EV_EOF);
	/* Both ended; what came is still there, and the id good until it is read. */
	assert_int_equal(gyl_stream_peek(h.t, h.id).len, 150);
	assert_int_equal(hand_stat(&h).wait_cnt, 1);
	gyl_stream_take(h.t, h.now_ns, h.id, 100);
	assert_int_equal(gyl_stream_peek(h.t, h.id).len, 50);
	gyl_stream_take(h.t, h.now_ns, h.id, 50);
	hand_events(&h);
	assert_int_equal(h.seen & GYL_STREAM_EV_CLOSED, GYL_STREAM_EV_CLOSED);
	assert_int_equal(h.err, GYL_STREAM_OK);
	assert_all_free(&h, 1);
	hand_close(&h);
}

/* RFC 1122 4.2.2.13, RFC 9293 3.6.1. */
static void close_with_unread_octets_resets(void **state)
{
	struct hand h;

	(void)state;
	open_plain(&h);
	hand_put(&h, A, NXT, h.iss + 1, 10);
	end(&h);
	hand_expect(&h, R | A, h.iss + 1, NXT + 10, 0);
	hand_events(&h);
	assert_int_equal(h.seen & GYL_STREAM_EV_CLOSED, GYL_STREAM_EV_CLOSED);
	assert_int_equal(h.err, GYL_STREAM_RESET);
	assert_all_free(&h, 0);
	hand_close(&h);
}

static void octets_after_close_reset(void **state)
{
	struct hand h;

	(void)state;
	open_plain(&h);
	end(&h);
	hand_expect(&h, F | A, h.iss + 1, NXT, 0);
	hand_put(&h, A, NXT, h.iss + 2, 10);
	hand_expect(&h, R | A, h.iss + 2, NXT, 0);
	assert_int_equal(h.err, GYL_STREAM_RESET);
	assert_all_free(&h, 0);
	hand_close(&h);
}

/* Their FIN overtakes the octets before it. */
static void fin_out_of_order(void **state)
{
	struct hand h;

	(void)state;
	open_plain(&h);
	hand_put(&h, A | F, NXT + 100, h.iss + 1, 50);
	hand_expect(&h, A, h.iss + 1, NXT, 0);
	assert_int_equal(h.seen, 0);
	hand_put(&h, A, NXT, h.iss + 1, 100);
	hand_expect(&h, A, h.iss + 1, NXT + 151, 0);
	assert_int_equal(h.seen, GYL_STREAM_EV_BYTES | GYL_STREAM_EV_EOF);
	assert_int_equal(gyl_stream_peek(h.t, h.id).len, 150);
	hand_close(&h);
}

/* RFC 6191, RFC 1122 4.2.2.13: a new SYN ends TIME-WAIT early when it cannot be an old one. */
static void time_wait_is_used_anew(void **state)
{
	static const struct {
		uint32_t ts_before, ts_after;
		uint32_t seq_off;
		bool good;
	} rows[] = {
		{0, 0, 100, true},
		{0, 0, 1, false},
		{0, 0, (uint32_t)-100, false},
		{500, 501, (uint32_t)-100, true},
		{500, 499, 100, false},
		{500, 500, 100, true},
		{500, 500, (uint32_t)-100, false},
	};
	struct gyl_streams_conf cf = hand_conf();
	struct hand h;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(rows); i++) {
		hand_open(&h, &cf);
		h.ts_val = rows[i].ts_before;
		hand_accept(&h, gyl_view(NULL, 0));
		end(&h);
		hand_put(&h, F | A, NXT, h.iss + 1, 0);
		hand_drain(&h);
		hand_put(&h, A, NXT + 1, h.iss + 2, 0);
		assert_all_free(&h, 1);
		hand_drain(&h);
		h.ts_val = rows[i].ts_after;
		hand_put(&h, S, NXT + rows[i].seq_off, 0, 0);
		assert_true(hand_get(&h));
		assert_int_equal(h.tcp.flags, rows[i].good ? S | A : A);
		assert_int_equal(h.tcp.ack, rows[i].good ? NXT + rows[i].seq_off + 1 : NXT + 1);
		if (rows[i].good)
			assert_true((int32_t)(h.tcp.seq - (h.iss + 2)) > 0);
		assert_int_equal(hand_stat(&h).half_cnt, rows[i].good);
		assert_int_equal(hand_stat(&h).wait_cnt, !rows[i].good);
		hand_close(&h);
	}
}

/* RFC 1337: a reset does not end it; the oldest makes room. */
static void time_wait_is_bounded(void **state)
{
	struct gyl_streams_conf cf = hand_conf();
	struct hand h;

	(void)state;
	hand_open(&h, &cf);
	for (uint16_t i = 0; i < 20; i++) {
		h.port = (uint16_t)(5000 + i);
		h.seen = 0;
		hand_accept(&h, gyl_view(NULL, 0));
		end(&h);
		hand_drain(&h);
		hand_put(&h, F | A, NXT, h.iss + 2, 0);
		hand_drain(&h);
		assert_all_free(&h, i < 8 ? i + 1u : 8);
		hand_put(&h, R, NXT + 1, 0, 0);
		assert_int_equal(hand_stat(&h).wait_cnt, i < 8 ? i + 1u : 8);
		h.now_ns += GYL_NS_PER_S;
	}
	hand_wait(&h, 61 * GYL_NS_PER_S);
	assert_all_free(&h, 0);
	hand_close(&h);
}

/* 63: "9 probes at 7200/75 s; all missed -> close". */
static void item_63_keepalive(void **state)
{
	struct gyl_stream_opts o;
	struct hand h;

	(void)state;
	open_plain(&h);
	o = gyl_stream_opts(h.t, h.id);
	assert_false(o.keepalive);
	assert_true(o.keep_idle_ns == 2 * GYL_NS_PER_HOUR && o.keep_gap_ns == 75 * GYL_NS_PER_S);
	o.keepalive = true;
	gyl_stream_set_opts(h.t, h.now_ns, h.id, &o);
	assert_int_equal(hand_wait(&h, 7199 * GYL_NS_PER_S), 0);
	assert_int_equal(hand_wait(&h, 2 * GYL_NS_PER_S), 1);
	assert_int_equal(h.tcp.seq, h.iss);
	assert_int_equal(h.tcp.payload.len, 0);
	/* An answer: all begins anew. */
	hand_put(&h, A, NXT, h.iss + 1, 0);
	assert_int_equal(hand_wait(&h, 7199 * GYL_NS_PER_S), 0);
	assert_int_equal(hand_wait(&h, 2 * GYL_NS_PER_S), 1);
	assert_int_equal(hand_wait(&h, 8 * 75 * GYL_NS_PER_S), 8);
	assert_int_equal(h.seen, 0);
	assert_int_equal(hand_wait(&h, 75 * GYL_NS_PER_S), 1); /* the reset */
	assert_int_equal(h.seen, GYL_STREAM_EV_CLOSED);
	assert_int_equal(h.err, GYL_STREAM_TIMEOUT);
	assert_int_equal(hand_stat(&h).keep_probe_cnt, 10);
	assert_all_free(&h, 0);
	hand_close(&h);
}

/* 63: "missed probes are not sent back-to-back": a machine that slept. */
static void item_63_sleep_is_one_probe(void **state)
{
	struct gyl_stream_opts o;
	struct hand h;

	(void)state;
	open_plain(&h);
	o = gyl_stream_opts(h.t, h.id);
	o.keepalive = true;
	gyl_stream_set_opts(h.t, h.now_ns, h.id, &o);
	h.now_ns += 7500 * GYL_NS_PER_S;
	assert_int_equal(hand_drain(&h), 1);
	assert_int_equal(hand_wait(&h, 74 * GYL_NS_PER_S), 0);
	assert_int_equal(hand_wait(&h, 2 * GYL_NS_PER_S), 1);
	hand_close(&h);
}

static void reset_and_stale_ids(void **state)
{
	struct hand h;
	uint32_t old;

	(void)state;
	open_plain(&h);
	old = h.id;
	gyl_stream_reset(h.t, h.now_ns, h.id);
	hand_expect(&h, R | A, h.iss + 1, NXT, 0);
	assert_int_equal(h.err, GYL_STREAM_RESET);
	assert_all_free(&h, 0);
	h.seen = 0;
	hand_accept(&h, gyl_view(NULL, 0));
	assert_int_not_equal(h.id, old);
	assert_int_equal(h.id & 0x7fff, old & 0x7fff);
	gyl_stream_reset(h.t, h.now_ns, old);
	gyl_stream_close(h.t, h.now_ns, old);
	gyl_stream_take(h.t, h.now_ns, old, 1);
	assert_int_equal(gyl_stream_room(h.t, old), 0);
	assert_int_equal(gyl_stream_write(h.t, h.now_ns, old, gyl_view("x", 1)), 0);
	assert_int_equal(hand_info(&h).state, GYL_STREAM_ESTABLISHED);
	hand_expect_nothing(&h);
	hand_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(simultaneous_open),
		cmocka_unit_test(simultaneous_open_that_is_refused),
		cmocka_unit_test(syn_is_repeated_and_given_up),
		cmocka_unit_test(syn_ack_is_repeated_and_given_up),
		cmocka_unit_test(third_segment_with_octets_and_fin),
		cmocka_unit_test(half_open_checks),
		cmocka_unit_test(unlisten_forgets_who_is_half_open),
		cmocka_unit_test(they_end_first),
		cmocka_unit_test(item_64_simultaneous_close),
		cmocka_unit_test(fin_with_acknowledgement_of_ours),
		cmocka_unit_test(item_64_reset_instead_of_fin),
		cmocka_unit_test(item_64_fin_is_repeated),
		cmocka_unit_test(unacknowledged_fin_is_given_up),
		cmocka_unit_test(fin_wait_2_has_an_end),
		cmocka_unit_test(half_closed_lasts),
		cmocka_unit_test(close_with_unread_octets_resets),
		cmocka_unit_test(octets_after_close_reset),
		cmocka_unit_test(fin_out_of_order),
		cmocka_unit_test(time_wait_is_used_anew),
		cmocka_unit_test(time_wait_is_bounded),
		cmocka_unit_test(item_63_keepalive),
		cmocka_unit_test(item_63_sleep_is_one_probe),
		cmocka_unit_test(reset_and_stale_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
