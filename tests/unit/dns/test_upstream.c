/* SPDX-License-Identifier: ISC */

/* Servers that are slow, silent, gone, wrong, old, or ourselves. */

#include "tests/unit/dns/hall.h"

#define WWW "an www.example. 300 A 198.51.100.1"
#define GOT "NOERROR; an www.example. 300 A 198.51.100.1"

static void good(struct hall *h, const struct asked *q)
{
	char text[GYL_DNS_NAME_TEXT_MAX + 40];

	(void)snprintf(text, sizeof text, "an %s 300 A 198.51.100.1", q->name);
	if (q->q.qtype == GYL_DNS_TYPE_A)
		hall_reply(h, q, GYL_DNS_RA, text);
	else
		hall_reply(h, q, GYL_DNS_RA, "ns . 60 SOA . . 1 2 3 4 60");
}

static void silent(struct hall *h, const struct asked *q)
{
	(void)h;
	(void)q;
}

static void failing(struct hall *h, const struct asked *q)
{
	hall_reply(h, q, GYL_DNS_SERVFAIL, "");
}

static void refusing(struct hall *h, const struct asked *q)
{
	hall_reply(h, q, GYL_DNS_REFUSED, "");
}

/* ---- slow and silent ones ---- */

static void a_silent_server_is_overtaken_and_then_passed_over(void **state)
{
	struct hall *h = hall_open(2, good);
	uint64_t begun;

	(void)state;
	h->script[0] = silent;
	begun = h->b.now.mono_ns;
	hall_row(h, "www.example.", "A", GOT);
	assert_in_range(h->answered_ns - begun, 400 * GYL_NS_PER_MS, 410 * GYL_NS_PER_MS);
	assert_int_equal(h->asked_cnt[0], 1);
	for (int i = 0; i < 20; i++) {
		char name[40];

		(void)snprintf(name, sizeof name, "n%d.example.", i);
		begun = h->b.now.mono_ns;
		(void)hall_ask_for(h, GYL_NS_PER_S, name, "A");
		assert_true(h->answered_ns - begun <= 2 * GYL_NS_PER_MS);
	}
	assert_int_equal(h->asked_cnt[0], 1);
	hall_done(h);
}

static void the_nearer_server_is_asked_and_the_other_now_and_then(void **state)
{
	struct hall *h = hall_open(2, good);

	(void)state;
	h->delay_ns[0] = 40 * GYL_NS_PER_MS;
	h->delay_ns[1] = 5 * GYL_NS_PER_MS;
	for (int i = 0; i < 1000; i++) {
		char name[40];

		(void)snprintf(name, sizeof name, "n%d.example.", i);
		(void)hall_ask_for(h, 100 * GYL_NS_PER_MS, name, "A");
		assert_string_not_equal(h->w->text, "");
	}
	assert_in_range(h->asked_cnt[0], 2, 100);
	assert_true(h->asked_cnt[1] > 900);
	hall_done(h);
}

static unsigned drop_cnt;

static void drops_some(struct hall *h, const struct asked *q)
{
	if (drop_cnt != 0)
		drop_cnt--;
	else
		good(h, q);
}

static void a_lost_datagram_is_sent_again_and_pauses_double(void **state)
{
	struct hall *h = hall_open(1, drops_some);
	uint64_t begun = h->b.now.mono_ns;

	(void)state;
	drop_cnt = 2;
	(void)hall_ask_for(h, 5 * GYL_NS_PER_S, "www.example.", "A");
	assert_string_equal(h->w->text, GOT);
	assert_int_equal(h->asked_cnt[0], 3);
	assert_in_range(h->answered_ns - begun, 1200 * GYL_NS_PER_MS, 1300 * GYL_NS_PER_MS);
	/* Karn: of a question that was repeated nobody knows how long it took */
	assert_int_equal(h->d->forward.up.one[0].srtt_ns, 0);
	hall_done(h);
}

static void nobody_answers_and_clients_hear_so_in_time(void **state)
{
	struct hall *h = hall_open(2, silent);
	uint64_t begun = h->b.now.mono_ns;

	(void)state;
	h->w->udp_size = 1232;
	assert_string_equal(hall_ask_for(h, 10 * GYL_NS_PER_S, "www.example.", "A"), "SERVFAIL");
	assert_in_range(h->answered_ns - begun, GYL_NS_PER_S, 6 * GYL_NS_PER_S);
	assert_int_equal(h->ede, GYL_DNS_EDE_NO_REACHABLE + 1);
	assert_true(h->asked_cnt[0] >= 2 && h->asked_cnt[1] >= 2);
	assert_true(h->asked_cnt[0] + h->asked_cnt[1] <= GYL__DNS_SEND_MAX + 20);
	hall_done(h);
}

static void a_dead_server_is_told_probed_and_comes_back(void **state)
{
	struct hall *h = hall_open(1, good);
	uint64_t begun;
	unsigned asked;

	(void)state;
	h->w->udp_size = 1232;
	hall_row(h, "www.example.", "A", GOT);
	h->script[0] = silent;
	(void)hall_ask_for(h, 10 * GYL_NS_PER_S, "a.example.", "A");
	(void)hall_ask_for(h, 10 * GYL_NS_PER_S, "b.example.", "A");
	assert_int_equal(h->dead_cnt, 1);
	/* dead: nobody waits for it */
	begun = h->b.now.mono_ns;
	assert_string_equal(hall_ask_for(h, GYL_NS_PER_S, "c.example.", "A"), "SERVFAIL");
	assert_int_equal(h->answered_ns, begun);
	assert_int_equal(h->ede, GYL_DNS_EDE_NO_REACHABLE + 1);
	/* probes come more and more seldom, half a minute apart in the end, of 3 datagrams each */
	asked = h->asked_cnt[0];
	hall_run(h, 600 * GYL_NS_PER_S);
	assert_in_range(h->asked_cnt[0] - asked, 3 * 18, 3 * 25);
	assert_int_equal(h->dead_cnt, 1);
	h->script[0] = good;
	hall_run(h, 30 * GYL_NS_PER_S);
	assert_int_equal(h->back_cnt, 1);
	hall_row(h, "c.example.", "A", "NOERROR; an c.example. 300 A 198.51.100.1");
	hall_done(h);
}

/* After a long time without an uplink nobody waits for the next probe: asking brings it. */
static void who_asks_makes_the_dead_be_probed(void **state)
{
	struct hall *h = hall_open(2, silent);
	unsigned asked;

	(void)state;
	(void)hall_ask_for(h, 10 * GYL_NS_PER_S, "a.example.", "A");
	(void)hall_ask_for(h, 10 * GYL_NS_PER_S, "b.example.", "A");
	assert_int_equal(h->dead_cnt, 2);
	hall_run(h, 600 * GYL_NS_PER_S);
	/* a probe is three datagrams */
	asked = h->asked_cnt[0];
	for (unsigned i = 0; i < 100; i++) {
		char name[40];

		(void)snprintf(name, sizeof name, "n%u.example.", i);
		(void)hall_ask_for(h, 100 * GYL_NS_PER_MS, name, "A");
		assert_string_equal(h->w->text, "SERVFAIL");
	}
	assert_in_range(h->asked_cnt[0] - asked, 3 * 4, 3 * 6);
	hall_run(h, 300 * GYL_NS_PER_S);
	h->script[0] = h->script[1] = good;
	(void)hall_ask_for(h, 2100 * GYL_NS_PER_MS, "c.example.", "A");
	hall_row(h, "www.example.", "A", GOT);
	assert_int_equal(h->back_cnt, 2);
	hall_done(h);
}

static void silent_about_some(struct hall *h, const struct asked *q)
{
	if (strstr(q->name, "silent.") == NULL)
		good(h, q);
}

static void names_that_nobody_can_answer_do_not_kill_a_server(void **state)
{
	struct hall *h = hall_open(1, silent_about_some);

	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		char name[40];

		(void)snprintf(name, sizeof name, "n%u.silent.", i);
		hall_query(h, i % 7, name, "A");
		hall_run(h, 300 * GYL_NS_PER_MS);
		assert_false(h->d->forward.up.one[0].dead);
	}
	assert_int_equal(h->dead_cnt, 0);
	assert_true(h->d->forward.up.one[0].stat.timeout_cnt > 200);
	hall_run(h, 10 * GYL_NS_PER_S);
	hall_row(h, "www.example.", "A", GOT);
	hall_done(h);
}

/* The kernel tells that nobody listens there: the flow closes. */
static void gone(struct hall *h, const struct asked *q)
{
	hall_end(h, q->flow);
}

static void a_closed_port_is_no_reason_to_wait(void **state)
{
	struct hall *h = hall_open(2, good);
	uint64_t begun = h->b.now.mono_ns;

	(void)state;
	h->script[0] = gone;
	hall_row(h, "www.example.", "A", GOT);
	assert_true(h->answered_ns - begun <= 2 * GYL_NS_PER_MS);
	h->script[1] = gone;
	begun = h->b.now.mono_ns;
	hall_row(h, "b.example.", "A", "SERVFAIL");
	assert_true(h->answered_ns - begun <= 2 * GYL_NS_PER_MS);
	hall_done(h);
}

/* ---- what is stale ---- */

static void rfc8767_5_what_is_stale_is_better_than_nothing(void **state)
{
	struct hall *h = hall_open(1, good);
	uint64_t begun, asked;

	(void)state;
	h->w->udp_size = 1232;
	hall_row(h, "www.example.", "A", GOT);
	h->script[0] = silent;
	hall_run(h, 300 * GYL_NS_PER_S);
	/* the client response timer */
	begun = h->b.now.mono_ns;
	assert_string_equal(hall_ask_for(h, 10 * GYL_NS_PER_S, "www.example.", "A"),
		"NOERROR; an www.example. 30 A 198.51.100.1");
	assert_int_equal(h->answered_ns - begun, 1800 * GYL_NS_PER_MS);
	assert_int_equal(h->ede, GYL_DNS_EDE_STALE + 1);
	/* the failure recheck timer: for a while nobody is asked again */
	asked = h->d->forward.stat.miss_cnt;
	begun = h->b.now.mono_ns;
	hall_row(h, "www.example.", "A", "NOERROR; an www.example. 30 A 198.51.100.1");
	assert_int_equal(h->answered_ns, begun);
	assert_int_equal(h->d->forward.stat.miss_cnt, asked);
	/* a day is enough */
	hall_run(h, GYL_NS_PER_DAY);
	(void)hall_ask_for(h, 10 * GYL_NS_PER_S, "www.example.", "A");
	assert_string_equal(h->w->text, "SERVFAIL");
	h->script[0] = good;
	hall_run(h, 60 * GYL_NS_PER_S);
	hall_row(h, "www.example.", "A", GOT);
	hall_done(h);
}

static void absent(struct hall *h, const struct asked *q)
{
	hall_reply(h, q, GYL_DNS_NXDOMAIN, "ns example. 60 SOA . . 1 2 3 4 60");
}

static void rfc8914_4_20_a_name_that_did_not_exist_is_stale_too(void **state)
{
	struct hall *h = hall_open(1, absent);

	(void)state;
	h->w->udp_size = 1232;
	hall_row(h, "www.example.", "A", "NXDOMAIN; ns SOA example. 60");
	h->script[0] = silent;
	hall_run(h, 60 * GYL_NS_PER_S);
	(void)hall_ask_for(h, 2 * GYL_NS_PER_S, "www.example.", "A");
	assert_string_equal(h->w->text, "NXDOMAIN; ns SOA example. 30");
	assert_int_equal(h->ede, GYL_DNS_EDE_STALE_NXDOMAIN + 1);
	hall_done(h);
}

static void one_who_comes_late_gets_what_is_stale_at_once(void **state)
{
	struct hall *h = hall_open(1, good);

	(void)state;
	hall_row(h, "www.example.", "A", GOT);
	h->script[0] = silent;
	hall_run(h, 300 * GYL_NS_PER_S);
	hall_query(h, 1, "www.example.", "A");
	hall_run(h, 1900 * GYL_NS_PER_MS);
	assert_int_equal(h->answer_cnt, 2);
	hall_query(h, 2, "www.example.", "A");
	assert_int_equal(h->answer_cnt, 3);
	hall_done(h);
}

static void a_refreshed_answer_replaces_the_stale_one(void **state)
{
	struct hall *h = hall_open(1, good);

	(void)state;
	hall_row(h, "www.example.", "A", GOT);
	hall_run(h, 300 * GYL_NS_PER_S);
	h->delay_ns[0] = 2 * GYL_NS_PER_S;
	/* the answer comes after the client was given what is stale; the next one gets it */
	assert_string_equal(hall_ask_for(h, 1900 * GYL_NS_PER_MS, "www.example.", "A"),
		"NOERROR; an www.example. 30 A 198.51.100.1");
	hall_run(h, 5 * GYL_NS_PER_S);
	(void)hall_ask_for(h, 0, "www.example.", "A");
	assert_true(strncmp(h->w->text, "NOERROR; an www.example. 29", 27) == 0);
	hall_done(h);
}

/* ---- servers that cannot ---- */

static void one_that_cannot_is_followed_by_the_next_at_once(void **state)
{
	hall_script *const script[] = {failing, refusing};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(script); i++) {
		struct hall *h = hall_open(2, good);
		uint64_t begun = h->b.now.mono_ns;

		h->script[0] = script[i];
		hall_row(h, "www.example.", "A", GOT);
		assert_true(h->answered_ns - begun <= 2 * GYL_NS_PER_MS);
		h->script[1] = script[i];
		hall_row(h, "b.example.", "A", "SERVFAIL");
		assert_int_equal(h->dead_cnt, 0);
		hall_done(h);
	}
}

static unsigned with_edns, without_edns;

static void knows_no_edns(struct hall *h, const struct asked *q)
{
	uint8_t header[12] = {0};

	if (!q->q.edns.present) {
		without_edns++;
		good(h, q);
		return;
	}
	with_edns++;
	gyl_set_u16(header, q->q.header.id);
	gyl_set_u16(header + 2, GYL_DNS_QR | GYL_DNS_FORMERR);
	hall_say(h, q, header, sizeof header); /* not even the question comes back */
}

static void rfc6891_7_an_old_server_is_asked_without_edns(void **state)
{
	struct hall *h = hall_open(1, knows_no_edns);

	(void)state;
	with_edns = without_edns = 0;
	hall_row(h, "www.example.", "A", GOT);
	assert_true(with_edns == 1 && without_edns == 1);
	hall_row(h, "b.example.", "A", "NOERROR; an b.example. 300 A 198.51.100.1");
	assert_true(with_edns == 1 && without_edns == 2);
	hall_run(h, 3600 * GYL_NS_PER_S); /* it may be a new one by now */
	hall_row(h, "c.example.", "A", "NOERROR; an c.example. 300 A 198.51.100.1");
	assert_true(with_edns == 2);
	hall_done(h);
}

static void truncating(struct hall *h, const struct asked *q)
{
	char text[4000];
	size_t len = 0;

	if (!q->tcp) {
		hall_reply(h, q, GYL_DNS_TC, "");
		return;
	}
	for (int i = 0; i < 40; i++)
		len += (size_t)snprintf(text + len, sizeof text - len,
			"%san big.example. 300 TXT %060d", i == 0 ? "" : ";", i);
	hall_reply(h, q, 0, text);
}

static void rfc7766_5_what_is_truncated_is_asked_over_tcp(void **state)
{
	struct hall *h = hall_open(1, truncating);
	size_t len;

	(void)state;
	hall_row(h, "big.example.", "TXT", "NOERROR TC");
	assert_int_equal(h->tcp_cnt[0], 1);
	assert_int_equal(h->asked_cnt[0], 2);
	hall_row(h, "big.example.", "TXT", "NOERROR TC");
	assert_int_equal(h->asked_cnt[0], 2);
	len = make_query(h->w, "big.example.", "TXT");
	h->w->len = gyl_dns_answer(&h->d->data, &h->d->policy, h->b.now,
		&(struct gyl_dns_from){.tcp = true, .recursion = true}, gyl_view(h->w->query, len),
		h->w->msg, 65535, &h->w->verdict);
	assert_true(h->w->len > 40 * 60);
	hall_done(h);
}

static void truncating_and_gone(struct hall *h, const struct asked *q)
{
	if (q->tcp)
		gone(h, q);
	else
		hall_reply(h, q, GYL_DNS_TC, "");
}

static void tcp_that_fails_is_a_server_that_fails(void **state)
{
	struct hall *h = hall_open(2, good);

	(void)state;
	h->script[0] = truncating_and_gone;
	hall_row(h, "www.example.", "A", GOT);
	h->script[1] = truncating_and_gone;
	hall_row(h, "b.example.", "A", "SERVFAIL");
	hall_done(h);
}

/* ---- wrong answers ---- */

/* What is changed in an answer that is right otherwise. */
static enum wrong {
	WRONG_ID,
	WRONG_NAME,
	WRONG_TYPE,
	WRONG_CASE,
	WRONG_QR,
	WRONG_OPCODE,
	WRONG_SHORT,
	WRONG_CNT
} wrong;

static void lying(struct hall *h, const struct asked *q)
{
	uint8_t msg[600];
	size_t len =
		hall_make(q, GYL_DNS_RA, "an www.example. 300 A 203.0.113.66", msg, sizeof msg);

	if (q->tcp) {
		good(h, q);
		return;
	}
	switch (wrong) {
	case WRONG_ID:
		msg[0] ^= 1;
		break;
	case WRONG_NAME:
		msg[13] ^= 2;
		break;
	case WRONG_TYPE:
		msg[12 + q->q.qname.len + 1] ^= 1;
		break;
	case WRONG_CASE:
		msg[13] ^= 0x20;
		break;
	case WRONG_QR:
		msg[2] ^= 0x80;
		break;
	case WRONG_OPCODE:
		msg[2] ^= 0x10;
		break;
	default:
		len -= 12;
	}
	hall_say(h, q, msg, len);
	if (wrong != WRONG_CASE)
		good(h, q);
}

static void rfc5452_9_1_an_answer_to_something_else_is_none(void **state)
{
	(void)state;
	for (wrong = 0; wrong < WRONG_CNT; wrong++) {
		struct hall *h = hall_open(1, lying);
		const struct gyl_dns_upstream *up = &h->d->forward.up.one[0];

		hall_row(h, "www.example.", "A", GOT);
		if (wrong == WRONG_CASE)
			assert_int_equal(h->tcp_cnt[0], 1); /* which nobody can guess into */
		else
			assert_int_equal(up->stat.strange_cnt, 1);
		hall_done(h);
	}
}

static void guessing(struct hall *h, const struct asked *q)
{
	uint8_t msg[600];
	size_t len =
		hall_make(q, GYL_DNS_RA, "an www.example. 300 A 203.0.113.66", msg, sizeof msg);

	if (q->tcp) {
		good(h, q);
		return;
	}
	for (unsigned i = 1; i < 100; i++) {
		gyl_set_u16(msg, (uint16_t)(q->q.header.id + i));
		hall_say(h, q, msg, len);
	}
}

static void rfc5452_9_3_many_guesses_and_it_is_asked_over_tcp(void **state)
{
	struct hall *h = hall_open(1, guessing);

	(void)state;
	hall_row(h, "www.example.", "A", GOT);
	assert_int_equal(h->tcp_cnt[0], 1);
	assert_int_equal(h->d->forward.up.one[0].stat.strange_cnt, 16);
	hall_done(h);
}

static void folding(struct hall *h, const struct asked *q)
{
	uint8_t msg[600];
	size_t len = hall_make(q, GYL_DNS_RA, WWW, msg, sizeof msg);

	gyl_dns_name_fold(msg + 12, msg + 12, q->q.qname.len);
	hall_say(h, q, msg, len);
}

static void a_server_that_folds_names_is_found_out_over_tcp(void **state)
{
	struct hall *h = hall_open(1, folding);

	(void)state;
	hall_row(h, "www.example.", "A", GOT);
	assert_int_equal(h->tcp_cnt[0], 1);
	hall_run(h, 300 * GYL_NS_PER_S);
	hall_row(h, "www.example.", "A", GOT);
	assert_int_equal(h->tcp_cnt[0], 1);
	assert_int_equal(h->asked_cnt[0], 3);
	hall_done(h);
}

static const struct said poison[] = {
	{"www.example.", NULL, 0,
		"an bank.example. 300 A 203.0.113.66;" WWW
		";ns example. 300 NS ns.evil.example.;ar bank.example. 300 A 203.0.113.66;"
		"ar ns.evil.example. 300 A 203.0.113.66"},
	{"neg.example.", NULL, 0, "ns other. 300 SOA . . 1 2 3 4 60"},
	{"refer.example.", NULL, 0,
		"ns example. 300 NS ns.example.;ar ns.example. 300 A 192.0.2.9"},
	{"loop.example.", NULL, 0,
		"an loop.example. 300 CNAME pool.example.;an pool.example. 300 CNAME loop.example."},
	{"two.example.", NULL, 0,
		"an two.example. 300 CNAME www.example.;an two.example. 300 CNAME b.example.;" WWW},
};

static void rfc2181_5_4_1_what_nobody_asked_for_is_not_believed(void **state)
{
	struct hall *h = hall_open_told(1, poison, TEST_CNT(poison), good);

	(void)state;
	hall_row(h, "www.example.", "A", GOT);
	hall_row(h, "bank.example.", "A", "NOERROR; an bank.example. 300 A 198.51.100.1");
	/* the SOA of a zone that the name is not in says nothing */
	hall_row(h, "neg.example.", "A", "NOERROR");
	/* a referral is no answer, nor is a chain without end */
	hall_row(h, "refer.example.", "A", "SERVFAIL");
	hall_row(h, "loop.example.", "A", "SERVFAIL");
	hall_row(h, "two.example.", "A",
		"NOERROR; an two.example. 300 CNAME www.example.; an www.example. 300 A 198.51.100.1");
	hall_done(h);
}

static const struct said half_way[] = {
	{"part.example.", NULL, 0, "an part.example. 300 CNAME www.example."},
	{"again.example.", NULL, 0, "an again.example. 0 CNAME part.example."},
	{"ours.example.", NULL, 0, "an ours.example. 300 CNAME pub.lab."},
	{"ping.example.", NULL, 0, "an ping.example. 300 CNAME pong.example."},
	{"pong.example.", NULL, 0, "an pong.example. 300 CNAME ping.example."},
};

/* c7.example. leads to c8.example. */
static void goes_on(struct hall *h, const struct asked *q)
{
	char text[80];

	if (q->name[0] != 'c') {
		good(h, q);
		return;
	}
	(void)snprintf(text, sizeof text, "an %.20s 300 CNAME c%d.example.", q->name,
		atoi(q->name + 1) + 1);
	hall_reply(h, q, GYL_DNS_RA, text);
}

static void rfc1034_4_3_2_3a_a_chain_is_followed_where_the_server_has_stopped(void **state)
{
	struct hall *h = hall_open_told(1, half_way, TEST_CNT(half_way), goes_on);

	(void)state;
	hall_row(h, "part.example.", "A",
		"NOERROR; an part.example. 300 CNAME www.example.; an www.example. 300 A 198.51.100.1");
	assert_int_equal(h->asked_cnt[0], 2);
	hall_row(h, "part.example.", "A",
		"NOERROR; an part.example. 299 CNAME www.example.; an www.example. 300 A 198.51.100.1");
	assert_int_equal(h->asked_cnt[0], 2);
	/* of several links one may be for this time only */
	hall_row(h, "again.example.", "A",
		"NOERROR; an again.example. 0 CNAME part.example.; an part.example. 298 CNAME www.example.; "
		"an www.example. 298 A 198.51.100.1");
	hall_row(h, "again.example.", "MX",
		"NOERROR; an again.example. 0 CNAME part.example.; an part.example. 300 CNAME www.example.; "
		"ns SOA . 60");
	/* it may lead to a name of ours, in a circle, or nowhere */
	hall_row(h, "ours.example.", "A",
		"NOERROR; an ours.example. 300 CNAME pub.lab.; an pub.lab. 300 A 198.51.100.77");
	hall_row(h, "ping.example.", "A",
		"NOERROR; an ping.example. 300 CNAME pong.example.; an pong.example. 300 CNAME ping.example.");
	(void)hall_ask_for(h, GYL_NS_PER_S, "c0.example.", "A");
	assert_non_null(strstr(h->w->text, "SERVFAIL; an c0.example. 300 CNAME c1.example."));
	assert_null(strstr(h->w->text, "c10"));
	hall_done(h);
}

/* ---- DNSSEC ---- */

#define SIG(type, owner) \
	"an " owner " 300 RRSIG " type " 13 2 300 20300101000000 20200101000000 1 " owner " AAAA"

static void signing(struct hall *h, const struct asked *q)
{
	hall_reply(h, q, GYL_DNS_RA | GYL_DNS_AD,
		WWW ";" SIG("A", "www.example.") ";" SIG("MX",
			"www.example.") ";ns a.example. 300 NSEC c.example. A;ns example. 300 NS ns.example.");
}

static void rfc4035_3_2_signatures_and_proofs_are_for_those_who_want_them(void **state)
{
	struct hall *h = hall_open(1, signing);

	(void)state;
	h->w->udp_size = 1232;
	hall_row(h, "www.example.", "A", GOT);
	assert_true((h->header.flags & GYL_DNS_AD) == 0); /* nobody said that it may be trusted */
	h->w->dnssec_ok = true;
	(void)hall_ask_for(h, GYL_NS_PER_S, "www.example.", "A");
	assert_int_equal(h->header.cnt[GYL_DNS_ANSWER], 2);
	assert_int_equal(h->header.cnt[GYL_DNS_AUTHORITY], 1);
	assert_non_null(strstr(h->w->text, "RRSIG A 13"));
	assert_non_null(strstr(h->w->text, "NSEC c.example."));
	assert_true((h->header.flags & GYL_DNS_AD) == 0);
	h->d->policy.trust_ad = true;
	(void)hall_ask_for(h, GYL_NS_PER_S, "www.example.", "A");
	assert_true((h->header.flags & GYL_DNS_AD) != 0);
	h->w->dnssec_ok = false;
	(void)hall_ask_for(h, GYL_NS_PER_S, "www.example.", "A");
	assert_true((h->header.flags & GYL_DNS_AD) == 0); /* RFC 6840 5.8: it was not asked for */
	assert_int_equal(h->asked_cnt[0], 2);
	hall_done(h);
}

/* ---- ourselves ---- */

static void ourselves(struct hall *h, const struct asked *q)
{
	uint8_t msg[600];

	assert_true(q->msg.len <= sizeof msg);
	memcpy(msg, q->msg.p, q->msg.len);
	hall_push(h, h->b.now.mono_ns + h->delay_ns[q->server], 0, GYL_IN_DGRAM, msg, q->msg.len);
}

static void what_comes_back_to_us_is_a_loop(void **state)
{
	struct hall *h = hall_open(2, good);

	(void)state;
	h->script[0] = ourselves;
	hall_row(h, "www.example.", "A", GOT);
	assert_int_equal(h->loop_cnt, 1);
	assert_int_equal(h->d->forward.stat.loop_cnt, 1);
	/* it stays dead, though it answers */
	hall_run(h, 300 * GYL_NS_PER_S);
	assert_int_equal(h->loop_cnt, 1);
	assert_int_equal(h->back_cnt, 0);
	hall_row(h, "b.example.", "A", "NOERROR; an b.example. 300 A 198.51.100.1");
	h->script[1] = ourselves;
	hall_row(h, "c.example.", "A", "SERVFAIL");
	assert_int_equal(h->loop_cnt, 2);
	hall_done(h);
}

/* ---- bounds ---- */

static void one_client_does_not_get_all_places(void **state)
{
	struct hall *h = hall_open(1, silent);
	char name[40];

	(void)state;
	h->w->udp_size = 1232;
	for (unsigned i = 0; i < 1000; i++) {
		(void)snprintf(name, sizeof name, "n%u.example.", i);
		hall_query(h, 0, name, "A");
	}
	/* half of them are left for others */
	assert_int_equal(h->d->forward.asks.used, 32);
	assert_int_equal(h->d->forward.stat.full_cnt, 1000 - 32);
	assert_int_equal(h->answer_cnt, 1000 - 32);
	assert_string_equal(h->w->text, "SERVFAIL");
	assert_int_equal(h->ede, GYL_DNS_EDE_NETWORK + 1);
	for (unsigned i = 0; i < 1000; i++) {
		(void)snprintf(name, sizeof name, "m%u.example.", i);
		hall_query(h, 1, name, "A");
	}
	assert_int_equal(h->d->forward.asks.used, 48);
	hall_query(h, 2, "www.example.", "A");
	assert_int_equal(h->d->forward.asks.used, 49);
	/* nor does one question take all the places of those who wait */
	for (unsigned i = 0; i < 1000; i++) {
		uint8_t query[512];
		size_t len = make_query(h->w, "www.example.", "A");

		memcpy(query, h->w->query, len);
		gyl_set_u16(query, (uint16_t)i);
		hall_send(h, 3, (uint16_t)(1000 + i), query, len);
	}
	assert_true(h->d->forward.waiters.used < h->d->forward.waiters.cap);
	hall_done(h);
}

/* Through the whole forwarder: that an answer is given to who has waited for it is no second
 * asking. */
static void a_flood_of_names_does_not_push_out_what_is_asked_for(void **state)
{
	struct hall *h = hall_open(1, good);
	char name[40];
	unsigned asked;

	(void)state;
	h->delay_ns[0] = 1000;
	for (unsigned i = 0; i < 100; i++) {
		(void)snprintf(name, sizeof name, "p%u.example.", i % 50);
		(void)hall_ask_for(h, GYL_NS_PER_MS, name, "A");
	}
	for (unsigned i = 0; i < 20000; i++) {
		(void)snprintf(name, sizeof name, "n%u.flood.example.", i);
		(void)hall_ask_for(h, 2000, name, "A");
	}
	assert_true(h->d->forward.cache.evict_cnt > 5000);
	asked = h->asked_cnt[0];
	for (unsigned i = 0; i < 50; i++) {
		(void)snprintf(name, sizeof name, "p%u.example.", i);
		(void)hall_ask_for(h, GYL_NS_PER_MS, name, "A");
	}
	assert_int_equal(h->asked_cnt[0], asked);
	hall_done(h);
}

static void many_questions_share_the_sockets_there_are(void **state)
{
	struct hall *h;
	static uint8_t seen[65536];
	unsigned answers;

	(void)state;
	h = hall_open(1, good);
	free(h->mem);
	h->block.conf.forward.pending_cnt = 1000;
	hall_seal(h);
	h->mem = aligned_alloc(16, (gyl_dns_need(&h->block.conf) + 15) & ~(size_t)15);
	assert_non_null(h->mem);
	hall_begin(h);
	h->delay_ns[0] = 200 * GYL_NS_PER_MS;
	memset(seen, 0, sizeof seen);
	for (unsigned i = 0; i < 900; i++) {
		char name[40];

		(void)snprintf(name, sizeof name, "n%u.example.", i);
		hall_query(h, i, name, "A");
		hall_run(h, 0);
	}
	answers = h->answer_cnt;
	assert_int_equal(answers, 0);
	assert_int_equal(h->open_max, GYL__DNS_FLOW_MAX);
	hall_run(h, 5 * GYL_NS_PER_S);
	assert_int_equal(h->answer_cnt, 900);
	assert_int_equal(h->d->forward.stat.fail_cnt, 0);
	hall_done(h);
}

static uint16_t id_seen[64];
static unsigned upper_cnt, id_cnt;

static void watching(struct hall *h, const struct asked *q)
{
	if (id_cnt < TEST_CNT(id_seen))
		id_seen[id_cnt++] = q->q.header.id;
	for (size_t i = 0; i < q->q.qname.len; i++)
		upper_cnt += q->q.qname.p[i] >= 'A' && q->q.qname.p[i] <= 'Z';
	good(h, q);
}

static void rfc5452_9_2_ids_and_spellings_are_random(void **state)
{
	struct hall *h = hall_open(1, watching);
	unsigned equal = 0;

	(void)state;
	id_cnt = upper_cnt = 0;
	for (unsigned i = 0; i < TEST_CNT(id_seen); i++) {
		char name[60];

		(void)snprintf(name, sizeof name, "abcdefghijklmnopqrst%u.example.", i);
		(void)hall_ask_for(h, 10 * GYL_NS_PER_MS, name, "A");
	}
	for (unsigned i = 1; i < id_cnt; i++)
		equal += id_seen[i] == id_seen[0] || id_seen[i] == id_seen[i - 1] + 1;
	assert_int_equal(id_cnt, TEST_CNT(id_seen));
	assert_true(equal < 3);
	assert_in_range(upper_cnt, 64 * 27 / 2 - 200, 64 * 27 / 2 + 200);
	hall_close(h);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_silent_server_is_overtaken_and_then_passed_over),
		cmocka_unit_test(the_nearer_server_is_asked_and_the_other_now_and_then),
		cmocka_unit_test(a_lost_datagram_is_sent_again_and_pauses_double),
		cmocka_unit_test(nobody_answers_and_clients_hear_so_in_time),
		cmocka_unit_test(a_dead_server_is_told_probed_and_comes_back),
		cmocka_unit_test(who_asks_makes_the_dead_be_probed),
		cmocka_unit_test(names_that_nobody_can_answer_do_not_kill_a_server),
		cmocka_unit_test(a_closed_port_is_no_reason_to_wait),
		cmocka_unit_test(rfc8767_5_what_is_stale_is_better_than_nothing),
		cmocka_unit_test(rfc8914_4_20_a_name_that_did_not_exist_is_stale_too),
		cmocka_unit_test(one_who_comes_late_gets_what_is_stale_at_once),
		cmocka_unit_test(a_refreshed_answer_replaces_the_stale_one),
		cmocka_unit_test(one_that_cannot_is_followed_by_the_next_at_once),
		cmocka_unit_test(rfc6891_7_an_old_server_is_asked_without_edns),
		cmocka_unit_test(rfc7766_5_what_is_truncated_is_asked_over_tcp),
		cmocka_unit_test(tcp_that_fails_is_a_server_that_fails),
		cmocka_unit_test(rfc5452_9_1_an_answer_to_something_else_is_none),
		cmocka_unit_test(rfc5452_9_3_many_guesses_and_it_is_asked_over_tcp),
		cmocka_unit_test(a_server_that_folds_names_is_found_out_over_tcp),
		cmocka_unit_test(rfc2181_5_4_1_what_nobody_asked_for_is_not_believed),
		cmocka_unit_test(rfc1034_4_3_2_3a_a_chain_is_followed_where_the_server_has_stopped),
		cmocka_unit_test(rfc4035_3_2_signatures_and_proofs_are_for_those_who_want_them),
		cmocka_unit_test(what_comes_back_to_us_is_a_loop),
		cmocka_unit_test(one_client_does_not_get_all_places),
		cmocka_unit_test(a_flood_of_names_does_not_push_out_what_is_asked_for),
		cmocka_unit_test(many_questions_share_the_sockets_there_are),
		cmocka_unit_test(rfc5452_9_2_ids_and_spellings_are_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
