/* SPDX-License-Identifier: ISC */

/* Connections to servers, which carry many questions (RFC 7766 6.2). */

#include "tests/unit/dns/hall.h"

enum {
	MANY = 20
};

static void say(struct hall *h, const struct asked *q)
{
	char text[GYL_DNS_NAME_TEXT_MAX + 40];

	(void)snprintf(text, sizeof text, "an %s 300 A 198.51.100.1", q->name);
	hall_reply(h, q, GYL_DNS_RA, text);
}

/* Over UDP all is cut. */
static void cuts(struct hall *h, const struct asked *q)
{
	if (q->tcp)
		say(h, q);
	else
		hall_reply(h, q, GYL_DNS_TC, "");
}

/* Over TCP the last one comes first. */
static void reverses(struct hall *h, const struct asked *q)
{
	h->delay_ns[q->server] = (1 + MANY - h->tcp_cnt[q->server] % MANY) * GYL_NS_PER_MS;
	cuts(h, q);
	h->delay_ns[q->server] = GYL_NS_PER_MS;
}

static void many(struct hall *h, unsigned from, unsigned cnt)
{
	for (unsigned i = from; i < from + cnt; i++) {
		char name[40];

		(void)snprintf(name, sizeof name, "n%u.example.", i);
		hall_query(h, i, name, "A");
	}
}

static void got(const struct hall *h, unsigned answers, unsigned streams)
{
	assert_int_equal(h->answer_cnt, answers);
	assert_int_equal(h->stream_cnt, streams);
	assert_int_equal(h->d->forward.stat.fail_cnt, 0);
	assert_true(answers == 0 || strncmp(h->w->text, "NOERROR; an n", 13) == 0);
}

static void rfc7766_6_2_1_1_questions_share_a_connection_answers_come_in_any_order(void **state)
{
	struct hall *h = hall_open(1, reverses);

	(void)state;
	many(h, 0, MANY);
	hall_run(h, GYL_NS_PER_S);
	got(h, MANY, 1);
	assert_int_equal(h->tcp_cnt[0], MANY);
	hall_done(h);
}

static void rfc7766_6_2_2_no_more_connections_than_questions_need(void **state)
{
	struct hall *h = hall_open(1, cuts);
	unsigned answers = 0;

	(void)state;
	free(h->mem);
	h->block.conf.forward.pending_cnt = 1000;
	hall_seal(h);
	h->mem = aligned_alloc(16, (gyl_dns_need(&h->block.conf) + 15) & ~(size_t)15);
	assert_non_null(h->mem);
	hall_begin(h);
	h->delay_ns[0] = 50 * GYL_NS_PER_MS;
	many(h, 0, 2 * GYL__DNS_STREAM_MAX + 1);
	hall_run(h, 80 * GYL_NS_PER_MS);
	assert_int_equal(h->stream_cnt, 3);
	hall_run(h, GYL_NS_PER_S);
	answers = 2 * GYL__DNS_STREAM_MAX + 1;
	got(h, answers, 3);
	assert_int_equal(h->open_cnt, 1); /* one that rests is enough */
	hall_done(h);
}

static void rfc7766_6_2_3_a_connection_rests_for_some_seconds(void **state)
{
	struct hall *h = hall_open(1, cuts);

	(void)state;
	many(h, 0, 1);
	hall_run(h, 4 * GYL_NS_PER_S);
	many(h, 1, 1);
	hall_run(h, 4 * GYL_NS_PER_S);
	many(h, 2, 1);
	hall_run(h, 4900 * GYL_NS_PER_MS);
	got(h, 3, 1);
	assert_int_equal(h->open_cnt, 1);
	hall_run(h, 200 * GYL_NS_PER_MS);
	assert_int_equal(h->open_cnt, 0);
	many(h, 3, 1);
	hall_run(h, GYL_NS_PER_S);
	got(h, 4, 2);
	hall_done(h);
}

/* Answers one question, and ends with the others. */
static void one_each(struct hall *h, const struct asked *q)
{
	static uint32_t served;

	if (!q->tcp) {
		cuts(h, q);
	} else if (served != q->flow) {
		served = q->flow;
		say(h, q);
	} else {
		hall_push(h, h->b.now.mono_ns + 2 * GYL_NS_PER_MS, q->flow, GYL_IN_EOF, NULL, 0);
	}
}

static void rfc7766_6_2_4_who_is_cut_off_asks_again(void **state)
{
	struct hall *h = hall_open(1, one_each);

	(void)state;
	many(h, 0, 4);
	hall_run(h, GYL_NS_PER_S);
	got(h, 4, 4);
	assert_int_equal(h->d->forward.up.one[0].stat.timeout_cnt, 0);
	hall_done(h);
}

/* Nothing was ever answered on it: that is a server which cannot. */
static void ends_at_once(struct hall *h, const struct asked *q)
{
	if (q->tcp)
		hall_end(h, q->flow);
	else
		cuts(h, q);
}

static void a_connection_that_never_served_is_not_tried_again(void **state)
{
	struct hall *h = hall_open(2, cuts);

	(void)state;
	h->script[0] = ends_at_once;
	many(h, 0, 1);
	hall_run(h, GYL_NS_PER_S);
	got(h, 1, 2);
	assert_int_equal(h->tcp_cnt[0], 1);
	hall_done(h);
}

/* The server ends it while nobody asks. */
static void a_connection_that_rests_may_end(void **state)
{
	struct hall *h = hall_open(1, cuts);

	(void)state;
	many(h, 0, 1);
	hall_run(h, GYL_NS_PER_S);
	for (unsigned i = 0; i < HALL_FLOWS; i++)
		if (h->flow[i].used)
			hall_push(h, h->b.now.mono_ns, h->flow[i].number, GYL_IN_EOF, NULL, 0);
	hall_run(h, 0);
	assert_int_equal(h->open_cnt, 0);
	many(h, 1, 1);
	hall_run(h, GYL_NS_PER_S);
	got(h, 2, 2);
	hall_done(h);
}

/* Octets as they come: what is strange first, then all answers in one piece. */
static void in_one_piece(struct hall *h, const struct asked *q)
{
	static uint8_t p[4096];
	static size_t len;
	static unsigned cnt;
	uint8_t msg[600];
	char text[GYL_DNS_NAME_TEXT_MAX + 40];
	size_t one;

	if (!q->tcp) {
		cuts(h, q);
		return;
	}
	(void)snprintf(text, sizeof text, "an %s 300 A 198.51.100.1", q->name);
	one = hall_make(q, GYL_DNS_RA, text, msg, sizeof msg);
	for (unsigned copy = 0; copy < 2; copy++) {
		gyl_set_u16(p + len, (uint16_t)one);
		memcpy(p + len + 2, msg, one);
		p[len + 2] ^= (uint8_t)(copy == 0); /* another id */
		len += one + 2;
	}
	if (++cnt < 3)
		return;
	hall_push(h, h->b.now.mono_ns, q->flow, GYL_IN_BYTES, p, len);
	cnt = 0;
	len = 0;
}

static void what_answers_nothing_on_a_stream_is_passed_over(void **state)
{
	struct hall *h = hall_open(1, in_one_piece);

	(void)state;
	many(h, 0, 3);
	hall_run(h, GYL_NS_PER_S);
	got(h, 3, 1);
	assert_int_equal(h->d->forward.up.one[0].stat.strange_cnt, 3);
	hall_done(h);
}

/* The id is right, the question another one. */
static void confused(struct hall *h, const struct asked *q)
{
	uint8_t msg[600];
	size_t len = hall_make(q, GYL_DNS_RA, "", msg, sizeof msg);

	if (!q->tcp) {
		cuts(h, q);
		return;
	}
	msg[13] ^= 2;
	hall_say(h, q, msg, len);
}

static void a_server_that_answers_something_else_over_tcp_has_failed(void **state)
{
	struct hall *h = hall_open(2, cuts);

	(void)state;
	h->script[0] = confused;
	many(h, 0, 1);
	hall_run(h, 100 * GYL_NS_PER_MS);
	got(h, 1, 2);
	assert_int_equal(h->tcp_cnt[0], 1);
	assert_int_equal(h->d->forward.up.one[0].stat.fail_cnt, 1);
	hall_done(h);
}

static void silent_over_tcp(struct hall *h, const struct asked *q)
{
	if (!q->tcp)
		cuts(h, q);
}

static void a_connection_that_let_one_down_is_used_no_more(void **state)
{
	struct hall *h = hall_open(1, silent_over_tcp);

	(void)state;
	many(h, 0, 1);
	hall_run(h, 7 * GYL_NS_PER_S);
	h->script[0] = cuts;
	many(h, 1, 1);
	hall_run(h, GYL_NS_PER_S);
	assert_int_equal(h->answer_cnt, 2);
	assert_string_equal(h->w->text, "NOERROR; an n1.example. 300 A 198.51.100.1");
	hall_done(h);
}

/* The place of a server may have another one after a reload. */
static void a_connection_is_to_a_server_not_to_its_place(void **state)
{
	struct hall *h = hall_open(1, cuts);

	(void)state;
	many(h, 0, 1);
	hall_run(h, GYL_NS_PER_S);
	h->block.server[0].ip = HALL_SERVER_IP + 1;
	hall_reload(h);
	many(h, 1, 1);
	hall_run(h, GYL_NS_PER_S);
	got(h, 2, 2);
	assert_int_equal(h->tcp_cnt[1], 1);
	hall_done(h);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			rfc7766_6_2_1_1_questions_share_a_connection_answers_come_in_any_order),
		cmocka_unit_test(rfc7766_6_2_2_no_more_connections_than_questions_need),
		cmocka_unit_test(rfc7766_6_2_3_a_connection_rests_for_some_seconds),
		cmocka_unit_test(rfc7766_6_2_4_who_is_cut_off_asks_again),
		cmocka_unit_test(a_connection_that_never_served_is_not_tried_again),
		cmocka_unit_test(a_connection_that_rests_may_end),
		cmocka_unit_test(what_answers_nothing_on_a_stream_is_passed_over),
		cmocka_unit_test(a_server_that_answers_something_else_over_tcp_has_failed),
		cmocka_unit_test(a_connection_that_let_one_down_is_used_no_more),
		cmocka_unit_test(a_connection_is_to_a_server_not_to_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
