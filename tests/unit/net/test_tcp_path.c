/* SPDX-License-Identifier: ISC */
/* Single situations between two TCP machines: what paths, peers and attackers do. */
#include <stdlib.h>

#include <gyl/tcp.h>

#include "libnet/src/ident.h"
#include "libnet/src/tcp_isn.h"
#include "tests/support/support.h"
#include "tests/support/tcp_flow.h"

#define MS GYL_NS_PER_MS
#define S  GYL_NS_PER_S

/* ---- what all have in common ---- */

static struct tcp_sim sim;
static struct flows flows;
static struct link_conf lan[2];
static struct gyl_streams_conf cf[2];

/* A clean path of 100 Mbit/s and 1 ms; tests change what they need before start(). */
static int setup(void **state)
{
	static const uint8_t key[2][16] = {{1}, {2}};

	(void)state;
	memset(lan, 0, sizeof lan);
	for (int i = 0; i < 2; i++) {
		lan[i].mtu = 1500;
		lan[i].rate = 100000000;
		lan[i].delay_ns = MS / 2;
		cf[i] = gyl_streams_defaults(key[i]);
		cf[i].conn_max = 64;
		cf[i].half_max = 32;
		cf[i].wait_max = 64;
		cf[i].buf_max = 128;
	}
	return 0;
}

static void start(uint64_t seed)
{
	tcp_sim_open(&sim, cf, lan, seed);
	flows_open(&flows, &sim, seed);
}

static struct flow *add(uint64_t there, uint64_t back)
{
	struct flow_plan p[2] = {flow_plan(there), flow_plan(back)};

	return flows_add(&flows, 0, sim.now_ns, &p[0], &p[1]);
}

/* Ends within the time, whole, and nothing is left after TIME-WAIT. */
static void finish(uint64_t within_ns)
{
	flows_run(&flows, sim.now_ns + within_ns);
	for (unsigned k = 0; k < flows.cnt; k++)
		flow_assert_whole(&flows, &flows.flow[k]);
	tcp_sim_until(&sim, sim.now_ns + 400 * S);
	tcp_sim_assert_empty(&sim);
	tcp_sim_close(&sim);
}

static struct gyl_streams_stat stat(int i)
{
	return gyl_streams_stat(sim.side[i].t);
}

/* Steps until side i has got so many octets of flow w. */
static void until_got(const struct flow *w, int i, uint64_t octets)
{
	while (w->end[i].got < octets)
		if (!flows_step(&flows, sim.now_ns + 60 * S))
			tcp_sim_fail(&sim, "over before so much came");
}

static void run_for(uint64_t time_ns)
{
	uint64_t end_ns = sim.now_ns + time_ns;

	while (sim.now_ns < end_ns && flows_step(&flows, end_ns))
		;
	tcp_sim_until(&sim, end_ns);
}

/* ---- item 8: 1 % loss, 10 % of small frames, silence of 1 s after 1 MB, a switch ---- */

static void item_8_one_percent_loss(void **state)
{
	(void)state;
	lan[0].loss_ppm = lan[1].loss_ppm = 10000;
	start(8);
	add(1 << 20, 1 << 20);
	finish(20 * S);
}

static void item_8_small_frames_are_lost(void **state)
{
	(void)state;
	lan[0].small_loss_ppm = lan[1].small_loss_ppm = 100000;
	start(8);
	add(1 << 20, 1 << 20);
	finish(20 * S);
}

static void item_8_silence_after_a_megabyte(void **state)
{
	(void)state;
	lan[0].silence_at = lan[1].silence_at = 1000000;
	lan[0].silence_ns = lan[1].silence_ns = S;
	start(8);
	add(5 << 20, 1 << 20);
	finish(30 * S);
}

static void item_8_switched_off_and_on(void **state)
{
	struct flow *w;

	(void)state;
	start(8);
	w = add(1 << 20, 1 << 20);
	for (int i = 0; i < 3; i++) {
		until_got(w, 1, (uint64_t)(i + 1) * 200000);
		sim.link[0].cf.is_off = sim.link[1].cf.is_off = true;
		run_for(3 * S);
		sim.link[0].cf.is_off = sim.link[1].cf.is_off = false;
	}
	finish(20 * S);
}

/* ---- item 9: duplication, reordering, corruption, delay, rate ---- */

static void item_9_everything_at_once(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		lan[i].dup_ppm = 50000;
		lan[i].late_ppm = 50000;
		lan[i].late_ns = 2 * MS;
		lan[i].corrupt_ppm = 20000;
		lan[i].jitter_ns = MS;
		lan[i].may_overtake = true;
		lan[i].queue_len = 30000;
	}
	start(9);
	add(1 << 20, 1 << 20);
	finish(60 * S);
}

/* Reordering alone is no reason to send anything twice for long: the window widens. */
static void item_9_reordering_is_learnt(void **state)
{
	(void)state;
	lan[0].late_ppm = 20000;
	lan[0].late_ns = MS / 10;
	start(9);
	add(4 << 20, 0);
	flows_run(&flows, sim.now_ns + 20 * S);
	assert_in_range(stat(0).retrans_cnt, 0, 30); /* of 2,900 segments, 58 of them late */
	assert_int_equal(stat(0).rto_cnt, 0);
	finish(S);
}

/* ---- item 64 ---- */

/* Simultaneous close reaches TIME-WAIT on both sides, and frees. */
static void item_64_simultaneous_close(void **state)
{
	struct flow *w;

	(void)state;
	lan[0].delay_ns = lan[1].delay_ns = 10 * MS;
	start(64);
	w = add(0, 0);
	w->end[0].plan.how = w->end[1].plan.how = FLOW_RESET;
	w->end[0].plan.reset_ns = w->end[1].plan.reset_ns = UINT64_MAX / 2;
	run_for(S);
	for (int i = 0; i < 2; i++) {
		gyl_stream_close(sim.side[i].t, sim.now_ns, w->end[i].id);
		w->end[i].closing = true;
	}
	run_for(S);
	assert_true(w->end[0].closed && w->end[1].closed);
	assert_int_equal(stat(0).wait_cnt, 1);
	assert_int_equal(stat(1).wait_cnt, 1);
	finish(S);
}

/* A reset instead of an end frees both sides at once. */
static void item_64_reset_frees(void **state)
{
	struct flow *w;

	(void)state;
	start(64);
	w = add(100000, 100000);
	w->end[1].plan.how = FLOW_RESET;
	w->end[1].plan.reset_ns = 5 * MS;
	flows_run(&flows, sim.now_ns + 10 * S);
	assert_int_equal(w->end[0].err, GYL_STREAM_RESET);
	assert_int_equal(w->end[1].err, GYL_STREAM_RESET);
	tcp_sim_until(&sim, sim.now_ns + S);
	tcp_sim_assert_empty(&sim);
	tcp_sim_close(&sim);
}

static bool lose_first_fins(struct tcp_sim *s, int from, struct gyl_view segment)
{
	unsigned *cnt = s->arg;

	(void)from;
	return (segment.p[13] & GYL_TCP_FIN) == 0 || (*cnt)++ >= 4;
}

static void item_64_unacknowledged_end_is_repeated(void **state)
{
	unsigned fin_cnt = 0;

	(void)state;
	start(64);
	sim.filter = lose_first_fins;
	sim.arg = &fin_cnt;
	add(1000, 1000);
	finish(30 * S);
	assert_in_range(fin_cnt, 6, 12);
}

/* ---- item 65 ---- */

static void item_65_slow_receiver(void **state)
{
	struct flow *w;

	(void)state;
	start(65);
	w = add(1 << 20, 1 << 20);
	for (int i = 0; i < 2; i++) {
		w->end[i].plan.read_max = 3000;
		w->end[i].plan.read_gap_ns = 10 * MS;
		w->end[i].plan.pause_at = 300000;
		w->end[i].plan.pause_ns = 90 * S; /* many window probes */
	}
	finish(200 * S);
	assert_in_range(w->end[0].got, 1 << 20, 1 << 20);
}

/* Once there was a closed window: the next announcement of an open one is lost. */
static bool lose_window_update(struct tcp_sim *s, int from, struct gyl_view segment)
{
	unsigned *phase = s->arg;
	bool is_open = gyl_get_u16(segment.p + 14) != 0;

	if (from == 1 && *phase == 0 && !is_open)
		*phase = 1;
	if (from != 1 || *phase != 1 || !is_open)
		return true;
	*phase = 2;
	return false;
}

/* RFC 9293 3.8.6.1: a probe asks, or both would wait for ever. */
static void item_65_window_update_is_lost(void **state)
{
	unsigned phase = 0;
	struct flow *w;

	(void)state;
	start(65);
	sim.filter = lose_window_update;
	sim.arg = &phase;
	w = add(500000, 0);
	w->end[1].plan.pause_at = 1;
	w->end[1].plan.pause_ns = S;
	finish(20 * S);
	assert_int_equal(phase, 2);
}

static bool count_sizes(struct tcp_sim *s, int from, struct gyl_view segment)
{
	unsigned *cnt = s->arg;
	size_t len = segment.len - (size_t)(segment.p[12] >> 4) * 4;

	if (from == 0 && len > 0)
		cnt[segment.len == 1480]++;
	return true;
}

/* Large writes are cut to full segments, and not to smaller ones. */
static void item_65_full_segments(void **state)
{
	unsigned cnt[2] = {0, 0};

	(void)state;
	start(65);
	sim.filter = count_sizes;
	sim.arg = cnt;
	add(1 << 20, 0);
	finish(20 * S);
	assert_in_range(cnt[1], 724, 725); /* 1448 octets each, timestamps taken off */
	assert_in_range(cnt[0], 0, 2);
}

static bool track_longest(struct tcp_sim *s, int from, struct gyl_view segment)
{
	size_t *longest = s->arg;

	if (segment.len > longest[from])
		longest[from] = segment.len;
	return true;
}

/* An mtu of 1500 against a peer with a smaller one: its MSS is obeyed. */
static void item_65_smaller_peer(void **state)
{
	static const uint16_t mtu[] = {576, 1006, 1280, 9000};
	size_t longest[2];

	(void)state;
	for (size_t k = 0; k < TEST_CNT(mtu); k++) {
		size_t least = mtu[k] < 1500 ? mtu[k] : 1500;

		setup(NULL);
		start(65);
		memset(longest, 0, sizeof longest);
		sim.filter = track_longest;
		sim.arg = longest;
		sim.side[1].mtu = sim.side[1].dev_mtu = mtu[k];
		add(100000, 100000);
		finish(20 * S);
		assert_int_equal(longest[0], least - 20);
		assert_int_equal(longest[1], least - 20);
	}
}

/* ---- the bugs of young stacks ---- */

/* SACK blocks on full segments: with data and losses both ways a segment that does not count them
 * exceeds the mtu, is never carried, and the connection stands still (tcp_sim checks each). */
static void sack_blocks_have_their_place(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed < 10; seed++) {
		setup(NULL);
		lan[0].loss_ppm = lan[1].loss_ppm = 50000;
		start(seed);
		add(500000, 500000);
		finish(60 * S);
	}
}

/* A key by which a connection of flow 0 begins just before numbers go round. */
static void aim_isn(int i, uint16_t port, uint16_t local_port, uint64_t now_ns)
{
	struct gyl_net_peer p = tcp_sim_peer(i, port, local_port);
	struct gyl__isn isn;

	for (uint32_t n = 0; n < UINT32_MAX; n++) {
		gyl_set_u32(cf[i].key, n);
		gyl__isn_init(&isn, cf[i].key);
		if (gyl__isn(&isn, now_ns, &p) > UINT32_MAX - 60000)
			return;
	}
	fail();
}

static void sequence_numbers_go_round(void **state)
{
	struct gyl_stream_info info;
	struct flow *w;

	(void)state;
	lan[0].loss_ppm = lan[1].loss_ppm = 20000;
	lan[0].late_ppm = lan[1].late_ppm = 20000;
	lan[0].late_ns = lan[1].late_ns = 2 * MS;
	aim_isn(0, FLOW_LISTEN_PORT, FLOW_FIRST_PORT, S);
	aim_isn(1, FLOW_FIRST_PORT, FLOW_LISTEN_PORT, S + MS);
	start(1);
	w = add(500000, 500000);
	run_for(3 * MS / 2);
	assert_true(gyl_stream_info(sim.side[0].t, w->end[0].id, &info));
	assert_true(info.snd_una > UINT32_MAX - 60000 && info.rcv_nxt > UINT32_MAX - 60000);
	finish(60 * S);
}

static void simultaneous_open(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed < 20; seed++) {
		setup(NULL);
		lan[0].loss_ppm = lan[1].loss_ppm = (uint32_t)(seed % 4) * 100000;
		for (int i = 0; i < 2; i++)
			cf[i].retry_ns = cf[i].fin_wait_ns = cf[i].time_wait_ns = 300 * S;
		start(seed);
		add(100000, 100000)->is_both = true;
		finish(400 * S);
	}
}

/* RFC 9293 3.5.1: one side forgets all; what the other sends is answered by a reset. */
static void half_open_peer_is_reset(void **state)
{
	struct flow *w;

	(void)state;
	start(1);
	w = add(1 << 20, 0);
	until_got(w, 1, 100000);
	tcp_sim_crash(&sim, 1, &cf[1]);
	w->end[1].closed = true;
	flows_run(&flows, sim.now_ns + 10 * S);
	assert_int_equal(w->end[0].err, GYL_STREAM_RESET);
	tcp_sim_until(&sim, sim.now_ns + 400 * S);
	tcp_sim_assert_empty(&sim);
	tcp_sim_close(&sim);
}

/* The same with nothing to send: keep-alive finds it out. */
static void half_open_is_found_by_keepalive(void **state)
{
	struct flow *w;

	(void)state;
	start(1);
	w = add(100, 0);
	w->end[0].plan.how = w->end[1].plan.how = FLOW_RESET;
	w->end[0].plan.reset_ns = w->end[1].plan.reset_ns = UINT64_MAX / 2;
	w->end[0].plan.keepalive = true;
	until_got(w, 1, 100);
	run_for(S);
	tcp_sim_crash(&sim, 1, &cf[1]);
	w->end[1].closed = true;
	flows_run(&flows, sim.now_ns + 30 * S);
	assert_int_equal(w->end[0].err, GYL_STREAM_RESET);
	assert_int_equal(stat(0).keep_probe_cnt, 1);
	tcp_sim_close(&sim);
}

/* Nobody is there any more at all: nine probes, then it ends. */
static void silent_peer_is_found_by_keepalive(void **state)
{
	struct flow *w;

	(void)state;
	start(1);
	w = add(100, 0);
	w->end[0].plan.how = w->end[1].plan.how = FLOW_RESET;
	w->end[0].plan.reset_ns = w->end[1].plan.reset_ns = UINT64_MAX / 2;
	w->end[0].plan.keepalive = true;
	until_got(w, 1, 100);
	run_for(S);
	sim.link[0].cf.is_off = sim.link[1].cf.is_off = true;
	w->end[1].closed = true;                /* nobody waits for it */
	flows_run(&flows, sim.now_ns + 90 * S); /* 20 s, nine times 5 s, and a last wait */
	assert_int_equal(w->end[0].err, GYL_STREAM_TIMEOUT);
	assert_int_equal(stat(0).keep_probe_cnt, 9);
	tcp_sim_close(&sim);
}

/* It forgot all and opens the same pair again: RFC 9293 3.10.7.4, RFC 5961 4. */
static void half_open_and_the_same_pair_again(void **state)
{
	struct flow *w, *again;
	struct gyl_stream_listener l = {FLOW_LISTEN_PORT, 0, 0, UINT32_MAX};

	(void)state;
	start(1);
	w = add(100, 0);
	w->end[0].plan.how = w->end[1].plan.how = FLOW_RESET;
	w->end[0].plan.reset_ns = w->end[1].plan.reset_ns = UINT64_MAX / 2;
	until_got(w, 1, 100);
	run_for(S);
	tcp_sim_crash(&sim, 0, &cf[0]);
	assert_int_equal(gyl_stream_listen(sim.side[0].t, &l), GYL_STREAM_OK);
	w->end[0].closed = true;
	again = add(1000, 1000);
	again->port = w->port;
	flows_run(&flows, sim.now_ns + 20 * S);
	assert_int_equal(w->end[1].err, GYL_STREAM_RESET);
	flow_assert_whole(&flows, again);
	assert_in_range(stat(1).challenge_cnt, 1, 3);
	tcp_sim_close(&sim);
}

/* ---- floods ---- */

static void inject(int to, const struct gyl_tcp *t, uint32_t src_ip)
{
	uint8_t buf[64];
	struct gyl_writer w;
	struct gyl_streams_seg seg;

	gyl_writer_init(&w, buf, sizeof buf);
	gyl_tcp_encode(&w, t, src_ip, SIM_IP + (uint32_t)to);
	memset(&seg, 0, sizeof seg);
	seg.peer = tcp_sim_peer(to, 0, 0);
	seg.peer.ip = src_ip;
	seg.data = gyl_writer_view(&w);
	seg.mtu = 1500;
	gyl_streams_input(sim.side[to].t, sim.now_ns, &seg);
}

/* Item 62, RFC 5961 3: resets and SYNs with random numbers, a thousand for each that could be
 * right; they cost challenge ACKs, and no more of these than the rate allows. */
static void flood_of_resets(void **state)
{
	static const uint16_t kinds[] = {GYL_TCP_RST, GYL_TCP_RST | GYL_TCP_ACK, GYL_TCP_SYN,
		GYL_TCP_SYN | GYL_TCP_ACK, GYL_TCP_ACK, GYL_TCP_FIN | GYL_TCP_ACK};
	uint64_t seed = 5961;
	struct flow *w;

	(void)state;
	start(62);
	w = add(2 << 20, 0);
	until_got(w, 1, 1);
	while (w->end[1].got < 2 << 20) {
		for (int i = 0; i < 20; i++) {
			struct gyl_tcp t;

			memset(&t, 0, sizeof t);
			t.src_port = w->port;
			t.dst_port = FLOW_LISTEN_PORT;
			t.seq = (uint32_t)gyl__ident_mix(&seed);
			t.ack = (uint32_t)gyl__ident_mix(&seed);
			t.flags = kinds[(unsigned)i % TEST_CNT(kinds)];
			inject(1, &t, SIM_IP);
		}
		if (!flows_step(&flows, sim.now_ns + S))
			break;
	}
	assert_in_range(stat(1).challenge_cnt, 1, 10 * cf[1].challenge_rate);
	finish(20 * S);
}

enum {
	HONEST = 32,
	FLOOD_IP = 0x0b000000
};

/* RFC 4987: thirty SYNs for each one of an honest client; the queue is full all the time, its
 * memory is what it was, and all 32 clients get through by cookies. */
static void flood_of_syns(void **state)
{
	uint64_t seed = 4987;

	(void)state;
	cf[1].half_max = 16;
	start(4987);
	sim.has_strangers = true;
	for (unsigned k = 0; k < HONEST; k++) {
		struct flow *w = add(20000, 20000);

		w->open_ns = sim.now_ns + k * 5 * MS;
	}
	for (unsigned n = 0; n < 400; n++) {
		for (int i = 0; i < 30; i++) {
			struct gyl_tcp t;

			memset(&t, 0, sizeof t);
			t.src_port = (uint16_t)gyl__ident_mix(&seed);
			t.dst_port = FLOW_LISTEN_PORT;
			t.seq = (uint32_t)gyl__ident_mix(&seed);
			t.flags = GYL_TCP_SYN;
			t.window = 1000;
			inject(1, &t, FLOOD_IP + (uint32_t)(gyl__ident_mix(&seed) >> 40));
		}
		assert_in_range(stat(1).half_cnt, 0, 16);
		run_for(MS);
	}
	assert_in_range(stat(1).cookie_sent_cnt, 10000, 13000);
	assert_in_range(stat(1).cookie_ok_cnt, HONEST / 2, HONEST);
	finish(60 * S);
}

/* ---- small things that are large ---- */

/* More streams than buffers: they take turns, nobody starves. */
static void fewer_buffers_than_streams(void **state)
{
	(void)state;
	cf[0].buf_max = cf[1].buf_max = 6;
	cf[0].retry_ns = cf[1].retry_ns = 300 * S;
	start(3);
	for (int k = 0; k < 12; k++)
		add(100000, 100000);
	finish(300 * S);
}

static bool halve_the_mtu(struct tcp_sim *s, int from, struct gyl_view segment)
{
	(void)segment;
	if (s->now_ns > S + 20 * MS)
		s->link[from].cf.mtu = 1000;
	return true;
}

/* The path's mtu becomes smaller while a window is under way: what was sent is cut anew, once, and
 * without a timeout. */
static void mtu_drops_in_the_middle(void **state)
{
	(void)state;
	start(1191);
	sim.filter = halve_the_mtu;
	add(2 << 20, 1 << 20);
	flows_run(&flows, sim.now_ns + 3 * S);
	assert_in_range(stat(0).rto_cnt + stat(1).rto_cnt, 0, 0);
	assert_in_range(sim.link[0].fate_cnt[LINK_TOO_BIG], 1, 64);
	finish(S);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, NULL)
	const struct CMUnitTest tests[] = {
		CASE(item_8_one_percent_loss),
		CASE(item_8_small_frames_are_lost),
		CASE(item_8_silence_after_a_megabyte),
		CASE(item_8_switched_off_and_on),
		CASE(item_9_everything_at_once),
		CASE(item_9_reordering_is_learnt),
		CASE(item_64_simultaneous_close),
		CASE(item_64_reset_frees),
		CASE(item_64_unacknowledged_end_is_repeated),
		CASE(item_65_slow_receiver),
		CASE(item_65_window_update_is_lost),
		CASE(item_65_full_segments),
		CASE(item_65_smaller_peer),
		CASE(sack_blocks_have_their_place),
		CASE(sequence_numbers_go_round),
		CASE(simultaneous_open),
		CASE(half_open_peer_is_reset),
		CASE(half_open_is_found_by_keepalive),
		CASE(silent_peer_is_found_by_keepalive),
		CASE(half_open_and_the_same_pair_again),
		CASE(flood_of_resets),
		CASE(flood_of_syns),
		CASE(fewer_buffers_than_streams),
		CASE(mtu_drops_in_the_middle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
