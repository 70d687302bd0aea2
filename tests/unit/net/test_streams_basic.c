/* SPDX-License-Identifier: ISC */
/* Two machines: opening, octets, ends. */
#include "tests/unit/net/streams_pair.h"

static uint8_t octet_at(uint32_t i)
{
	return (uint8_t)(i * 7 + (i >> 8) * 13 + (i >> 16));
}

static void fill(uint8_t *p, uint32_t from, size_t len)
{
	for (size_t i = 0; i < len; i++)
		p[i] = octet_at(from + (uint32_t)i);
}

/* One direction of a transfer: what is written and read so far. */
struct flow {
	uint32_t written, read, len;
};

static void write_some(struct pair *p, int i, struct flow *f)
{
	uint8_t buf[5000];
	size_t len = f->len - f->written;

	if (len > sizeof buf)
		len = sizeof buf;
	fill(buf, f->written, len);
	f->written += (uint32_t)pair_write(p, i, buf, len);
}

static void read_all(struct pair *p, int i, struct flow *f)
{
	struct gyl_view v = pair_peek(p, i);

	for (size_t k = 0; k < v.len; k++)
		assert_int_equal(v.p[k], octet_at(f->read + (uint32_t)k));
	f->read += (uint32_t)v.len;
	pair_take(p, i, v.len);
}

/* Both directions until all is read; at most a virtual minute. */
static void transfer(struct pair *p, uint32_t len0, uint32_t len1)
{
	struct flow f[2] = {{.len = len0}, {.len = len1}};
	uint64_t end_ns = p->now_ns + GYL_NS_PER_MIN;

	for (;;) {
		uint64_t at_ns;

		for (int i = 0; i < 2; i++) {
			write_some(p, i, &f[i]);
			read_all(p, i, &f[1 - i]);
		}
		if (f[0].read == len0 && f[1].read == len1)
			break;
		pair_step(p);
		if (f[0].read == len0 && f[1].read == len1)
			return; /* maybe nothing is left to wait for */
		at_ns = pair_next_ns(p);
		assert_true(at_ns < end_ns);
		p->now_ns = at_ns > p->now_ns ? at_ns : p->now_ns;
	}
}

static void opens_and_agrees(void **state)
{
	struct gyl_streams_conf cf = pair_conf();
	struct pair p;
	struct gyl_stream_info a, b;

	(void)state;
	pair_open(&p, &cf, &cf);
	pair_establish(&p);
	a = pair_info(&p, 0);
	b = pair_info(&p, 1);
	assert_int_equal(a.state, GYL_STREAM_ESTABLISHED);
	assert_int_equal(b.state, GYL_STREAM_ESTABLISHED);
	assert_int_equal(a.mss, 1448);
	assert_int_equal(b.mss, 1448);
	assert_true(a.has_sack && a.has_timestamps && b.has_sack && b.has_timestamps);
	assert_int_equal(a.rcv_wscale, 1);
	assert_int_equal(a.snd_wscale, 1);
	assert_int_equal(b.snd_wscale, 1);
	assert_int_equal(a.snd_nxt, b.rcv_nxt);
	assert_int_equal(b.snd_nxt, a.rcv_nxt);
	assert_int_equal(a.snd_wnd, b.rcv_wnd);
	assert_true(a.srtt_ns >= 199000 && a.srtt_ns <= 201000);
	assert_true(b.srtt_ns >= 199000 && b.srtt_ns <= 201000);
	assert_int_equal(p.side[0].sent_cnt, 2);
	assert_int_equal(p.side[1].sent_cnt, 1);
	pair_close(&p);
}

static void octets_arrive_both_ways(void **state)
{
	static const uint32_t lens[][2] = {
		{1, 0}, {0, 1}, {1448, 1449}, {100000, 0}, {0, 100000}, {300000, 300000}};
	struct gyl_streams_conf cf = pair_conf();

	(void)state;
	for (size_t i = 0; i < TEST_CNT(lens); i++) {
		struct pair p;

		pair_open(&p, &cf, &cf);
		pair_establish(&p);
		transfer(&p, lens[i][0], lens[i][1]);
		pair_run(&p, GYL_NS_PER_S);
		assert_int_equal(gyl_streams_stat(p.side[0].t).buf_cnt, 0);
		assert_int_equal(gyl_streams_stat(p.side[1].t).buf_cnt, 0);
		assert_int_equal(gyl_streams_stat(p.side[0].t).retrans_cnt, 0);
		assert_int_equal(gyl_streams_stat(p.side[1].t).retrans_cnt, 0);
		pair_close(&p);
	}
}

/* Every n-th segment of each way is lost. */
static bool lose_some(struct pair *p, struct pair_seg *s, const struct gyl_tcp *tcp)
{
	uint32_t *cnt = p->arg;

	(void)tcp;
	return ++cnt[s->to] % cnt[2] != 0;
}

static void losses_are_mended(void **state)
{
	static const uint32_t every[] = {100, 30, 11, 5, 3};
	struct gyl_streams_conf cf = pair_conf();

	(void)state;
	for (size_t i = 0; i < TEST_CNT(every); i++) {
		uint32_t cnt[3] = {0, 1, every[i]};
		struct pair p;

		pair_open(&p, &cf, &cf);
		pair_establish(&p);
		p.hook = lose_some;
		p.arg = cnt;
		transfer(&p, 200000, 200000);
		p.hook = NULL;
		pair_end(&p, 0);
		pair_end(&p, 1);
		pair_run(&p, GYL_NS_PER_MIN);
		assert_int_equal(p.side[0].err, GYL_STREAM_OK);
		assert_int_equal(p.side[1].err, GYL_STREAM_OK);
		pair_assert_empty(&p);
		pair_close(&p);
	}
}

static void closes_one_after_the_other(void **state)
{
	struct gyl_streams_conf cf = pair_conf();
	struct pair p;

	(void)state;
	pair_open(&p, &cf, &cf);
	pair_establish(&p);
	pair_end(&p, 0);
	assert_int_equal(pair_info(&p, 0).state, GYL_STREAM_FIN_WAIT_1);
	pair_run(&p, GYL_NS_PER_MS);
	assert_int_equal(pair_info(&p, 0).state, GYL_STREAM_FIN_WAIT_2);
	assert_int_equal(pair_info(&p, 1).state, GYL_STREAM_CLOSE_WAIT);
	assert_int_equal(p.side[1].seen, GYL_STREAM_EV_EOF);
	pair_end(&p, 1);
	assert_int_equal(pair_info(&p, 1).state, GYL_STREAM_LAST_ACK);
	pair_run(&p, GYL_NS_PER_MS);
	assert_int_equal(p.side[0].seen, GYL_STREAM_EV_EOF | GYL_STREAM_EV_CLOSED);
	assert_int_equal(p.side[1].seen, GYL_STREAM_EV_EOF | GYL_STREAM_EV_CLOSED);
	assert_int_equal(p.side[0].err, GYL_STREAM_OK);
	assert_int_equal(p.side[1].err, GYL_STREAM_OK);
	pair_assert_empty(&p);
	assert_int_equal(gyl_streams_stat(p.side[0].t).wait_cnt, 1);
	assert_int_equal(gyl_streams_stat(p.side[1].t).wait_cnt, 0);
	pair_run(&p, 61 * GYL_NS_PER_S);
	assert_int_equal(gyl_streams_stat(p.side[0].t).wait_cnt, 0);
	assert_true(gyl_streams_deadline_ns(p.side[0].t) == UINT64_MAX);
	pair_close(&p);
}

static void refused_where_nobody_listens(void **state)
{
	struct gyl_streams_conf cf = pair_conf();
	struct pair p;

	(void)state;
	pair_open(&p, &cf, &cf);
	pair_connect(&p, 0, 40000, 81);
	pair_run(&p, GYL_NS_PER_MS);
	assert_int_equal(p.side[0].seen, GYL_STREAM_EV_CLOSED);
	assert_int_equal(p.side[0].err, GYL_STREAM_REFUSED);
	assert_int_equal(gyl_streams_stat(p.side[0].t).refused_cnt, 1);
	assert_int_equal(gyl_streams_stat(p.side[1].t).stray_cnt, 1);
	pair_assert_empty(&p);
	pair_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_and_agrees),
		cmocka_unit_test(octets_arrive_both_ways),
		cmocka_unit_test(losses_are_mended),
		cmocka_unit_test(closes_one_after_the_other),
		cmocka_unit_test(refused_where_nobody_listens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
