/* SPDX-License-Identifier: ISC */

/* Names of others: asked for, kept, answered. */

#include "tests/unit/dns/hall.h"

static const struct said plain[] = {
	{"www.example.", "A", 0, "an www.example. 300 A 198.51.100.1"},
	{"www.example.", "AAAA", 0, "ns example. 600 SOA . . 1 2 3 60 4"},
	{"alias.example.", "A", 0,
		"an alias.example. 300 CNAME www.example.;an www.example. 100 A 198.51.100.1"},
	{"mail.example.", "MX", 0,
		"an mail.example. 300 MX 10 mx.mail.example.;ar mx.mail.example. 300 A 198.51.100.9"},
	{"zero.example.", "A", 0, "an zero.example. 0 A 198.51.100.2"},
	{"short.example.", "A", 0, "an short.example. 20 A 198.51.100.3"},
	{"nosoa.example.", "A", 0, ""},
	{"gone.example.", "A", GYL_DNS_NXDOMAIN, "ns example. 600 SOA . . 1 2 3 60 4"},
	{"to-gone.example.", "A", GYL_DNS_NXDOMAIN,
		"an to-gone.example. 300 CNAME gone.example.;ns example. 600 SOA . . 1 2 3 60 4"},
	{"deep.down.www.example.", "A", 0, "an deep.down.www.example. 300 A 198.51.100.4"},
	{"x.example.", "A", 0, "an x.example. 300 A 198.51.100.5"},
	{"fails.example.", "A", GYL_DNS_SERVFAIL, ""},
};

static struct hall *open_hall(void)
{
	return hall_open_told(1, plain, TEST_CNT(plain), NULL);
}

static void an_answer_is_asked_for_once_and_kept(void **state)
{
	struct hall *h = open_hall();

	(void)state;
	hall_row(h, "WWW.example.", "A", "NOERROR; an WWW.example. 300 A 198.51.100.1");
	assert_true((h->header.flags & GYL_DNS_RA) != 0 && (h->header.flags & GYL_DNS_RD) != 0);
	assert_int_equal(h->answered.ip, HALL_CLIENT_IP);
	assert_int_equal(h->answered.port, 5353);
	hall_run(h, 99 * GYL_NS_PER_S);
	hall_row(h, "www.EXAMPLE.", "A", "NOERROR; an www.EXAMPLE. 200 A 198.51.100.1");
	assert_int_equal(h->asked_cnt[0], 1);
	hall_run(h, 201 * GYL_NS_PER_S);
	hall_row(h, "www.example.", "A", "NOERROR; an www.example. 300 A 198.51.100.1");
	assert_int_equal(h->asked_cnt[0], 2);
	hall_done(h);
}

static void only_what_was_asked_for_is_passed_on(void **state)
{
	struct hall *h = open_hall();

	(void)state;
	hall_row(h, "mail.example.", "MX", "NOERROR; an mail.example. 300 MX 10 mx.mail.example.");
	hall_row(h, "alias.example.", "A",
		"NOERROR; an alias.example. 300 CNAME www.example.; an www.example. 100 A 198.51.100.1");
	hall_row(h, "mx.mail.example.", "A", "NXDOMAIN; ns SOA . 4");
	hall_done(h);
}

static void rfc2308_5_negative_answers_live_as_long_as_the_soa_says(void **state)
{
	struct hall *h = open_hall();

	(void)state;
	hall_row(h, "www.example.", "AAAA", "NOERROR; ns SOA example. 4");
	hall_row(h, "www.example.", "AAAA", "NOERROR; ns SOA example. 3");
	assert_int_equal(h->asked_cnt[0], 1);
	hall_run(h, 3 * GYL_NS_PER_S);
	hall_row(h, "www.example.", "AAAA", "NOERROR; ns SOA example. 4");
	assert_int_equal(h->asked_cnt[0], 2);
	/* without a SOA nobody says how long: it is asked for each time */
	hall_row(h, "nosoa.example.", "A", "NOERROR");
	hall_row(h, "nosoa.example.", "A", "NOERROR");
	assert_int_equal(h->asked_cnt[0], 4);
	hall_done(h);
}

static void rfc8020_2_nothing_is_below_a_name_that_does_not_exist(void **state)
{
	struct hall *h = open_hall();

	(void)state;
	hall_row(h, "gone.example.", "A", "NXDOMAIN; ns SOA example. 4");
	hall_row(h, "a.b.gone.example.", "TXT", "NXDOMAIN; ns SOA example. 3");
	hall_row(h, "gone.example.", "MX", "NXDOMAIN; ns SOA example. 2");
	assert_int_equal(h->asked_cnt[0], 1);
	/* it is the target that does not exist, not the alias: others may be below that */
	hall_run(h, 10 * GYL_NS_PER_S);
	hall_row(h, "to-gone.example.", "A",
		"NXDOMAIN; an to-gone.example. 300 CNAME gone.example.; ns SOA example. 4");
	hall_row(h, "x.to-gone.example.", "A", "NXDOMAIN; ns SOA . 4");
	assert_int_equal(h->asked_cnt[0], 3);
	hall_done(h);
}

static void a_chain_of_ours_leads_to_a_name_of_others(void **state)
{
	struct hall *h = open_hall();

	(void)state;
	hall_row(h, "out.lab.", "A",
		"NOERROR AA; an out.lab. 300 CNAME www.example.; an www.example. 300 A 198.51.100.1");
	hall_row(h, "out.lab.", "A",
		"NOERROR AA; an out.lab. 300 CNAME www.example.; an www.example. 299 A 198.51.100.1");
	hall_row(h, "alias.d.lab.", "A",
		"NOERROR AA; an d.lab. 300 DNAME example.; an alias.d.lab. 300 CNAME alias.example.; "
		"an alias.example. 300 CNAME www.example.; an www.example. 100 A 198.51.100.1");
	hall_row(h, "out.lab.", "AAAA",
		"NOERROR AA; an out.lab. 300 CNAME www.example.; ns SOA example. 4");
	hall_row(h, "gone.d.lab.", "A",
		"NXDOMAIN AA; an d.lab. 300 DNAME example.; an gone.d.lab. 300 CNAME gone.example.; "
		"ns SOA example. 4");
	hall_row(h, "a.gone.d.lab.", "A",
		"NXDOMAIN AA; an d.lab. 300 DNAME example.; an a.gone.d.lab. 300 CNAME a.gone.example.; "
		"ns SOA example. 3");
	hall_done(h);
}

static void ttl_zero_goes_to_those_who_wait_and_is_not_kept(void **state)
{
	struct hall *h = open_hall();

	(void)state;
	for (uint32_t i = 0; i < 20; i++)
		hall_query(h, i, "zero.example.", "A");
	hall_run(h, GYL_NS_PER_S);
	assert_int_equal(h->answer_cnt, 20);
	assert_string_equal(h->w->text, "NOERROR; an zero.example. 0 A 198.51.100.2");
	assert_int_equal(h->asked_cnt[0], 1);
	hall_row(h, "zero.example.", "A", "NOERROR; an zero.example. 0 A 198.51.100.2");
	assert_int_equal(h->asked_cnt[0], 2);
	hall_done(h);
}

static void equal_questions_are_asked_once_variants_apart(void **state)
{
	struct hall *h = open_hall();

	(void)state;
	h->w->udp_size = 1232;
	for (uint32_t i = 0; i < 30; i++) {
		h->w->dnssec_ok = i % 2 != 0;
		hall_query(h, i, i % 3 != 0 ? "www.example." : "WWW.EXAMPLE.", "A");
	}
	hall_run(h, GYL_NS_PER_S);
	assert_int_equal(h->answer_cnt, 30);
	assert_int_equal(h->asked_cnt[0], 2);
	assert_int_equal(h->d->forward.stat.joined_cnt, 28);
	hall_done(h);
}

static void the_same_query_again_gets_one_answer(void **state)
{
	struct hall *h = open_hall();

	(void)state;
	h->delay_ns[0] = 300 * GYL_NS_PER_MS;
	for (int i = 0; i < 3; i++)
		hall_query(h, 7, "www.example.", "A");
	hall_run(h, GYL_NS_PER_S);
	assert_int_equal(h->answer_cnt, 1);
	hall_done(h);
}

static void what_is_asked_in_its_last_tenth_is_asked_for_anew(void **state)
{
	struct hall *h = open_hall();

	(void)state;
	hall_row(h, "short.example.", "A", "NOERROR; an short.example. 20 A 198.51.100.3");
	hall_row(h, "short.example.", "A", "NOERROR; an short.example. 19 A 198.51.100.3");
	hall_run(h, 16 * GYL_NS_PER_S);
	assert_int_equal(h->asked_cnt[0], 1);
	hall_row(h, "short.example.", "A", "NOERROR; an short.example. 2 A 198.51.100.3");
	assert_int_equal(h->asked_cnt[0], 2);
	hall_run(h, 3 * GYL_NS_PER_S); /* the first one has ended */
	hall_row(h, "short.example.", "A", "NOERROR; an short.example. 16 A 198.51.100.3");
	assert_int_equal(h->asked_cnt[0], 2);
	/* that somebody asks once more is no reason, that two do is one */
	hall_row(h, "x.example.", "A", "NOERROR; an x.example. 300 A 198.51.100.5");
	hall_run(h, 275 * GYL_NS_PER_S);
	hall_row(h, "x.example.", "A", "NOERROR; an x.example. 24 A 198.51.100.5");
	assert_int_equal(h->asked_cnt[0], 3);
	hall_row(h, "x.example.", "A", "NOERROR; an x.example. 23 A 198.51.100.5");
	assert_int_equal(h->asked_cnt[0], 4);
	hall_done(h);
}

static void strangers_and_those_who_do_not_desire_recursion(void **state)
{
	struct hall *h = open_hall();
	size_t len;

	(void)state;
	/* RFC 5358 4: no forwarder for the world */
	h->w->udp_size = 1232;
	hall_query(h, 0x01000000, "www.example.", "A");
	assert_string_equal(h->w->text, "REFUSED");
	assert_int_equal(h->ede, GYL_DNS_EDE_PROHIBITED + 1);
	assert_true((h->header.flags & GYL_DNS_RA) == 0);
	/* RD 0: from the cache, or not at all */
	len = make_query(h->w, "www.example.", "A");
	h->w->query[2] &= 0xfe;
	hall_send(h, 1, 1000, h->w->query, len);
	assert_string_equal(h->w->text, "REFUSED");
	hall_row(h, "www.example.", "A", "NOERROR; an www.example. 300 A 198.51.100.1");
	h->w->query[2] &= 0xfe;
	hall_send(h, 1, 1000, h->w->query, len);
	assert_string_equal(h->w->text, "NOERROR; an www.example. 299 A 198.51.100.1");
	assert_int_equal(h->asked_cnt[0], 1);
	hall_done(h);
}

static void rfc9520_failures_are_kept_for_seconds_and_longer_each_time(void **state)
{
	struct hall *h = open_hall();

	(void)state;
	h->w->udp_size = 1232;
	hall_row(h, "fails.example.", "A", "SERVFAIL");
	assert_int_equal(h->ede, GYL_DNS_EDE_NETWORK + 1);
	hall_row(h, "fails.example.", "A", "SERVFAIL");
	assert_int_equal(h->asked_cnt[0], 1);
	hall_run(h, 5 * GYL_NS_PER_S);
	hall_row(h, "fails.example.", "A", "SERVFAIL");
	assert_int_equal(h->asked_cnt[0], 2);
	hall_run(h, 6 * GYL_NS_PER_S);
	hall_row(h, "fails.example.", "A", "SERVFAIL");
	assert_int_equal(h->asked_cnt[0], 2);
	hall_run(h, 5 * GYL_NS_PER_S);
	hall_row(h, "fails.example.", "A", "SERVFAIL");
	assert_int_equal(h->asked_cnt[0], 3);
	hall_done(h);
}

static void stream(struct hall *h, uint8_t kind, const void *p, size_t len)
{
	struct gyl_in in = {.kind = kind,
		.role = GYL_DNS_TCP,
		.flow = 0x80000001,
		.room = 60000,
		.peer = {.ip = HALL_CLIENT_IP, .port = 4000},
		.data = gyl_view(p, len)};

	hall_give(h, &in);
	assert_true(kind == GYL_IN_OPENED || in.used == len);
}

/* Two octets of length, then the query; behind what is there already. */
static size_t framed(struct hall *h, uint8_t *p, size_t at, const char *qname)
{
	size_t len = make_query(h->w, qname, "A");

	gyl_set_u16(p + at, (uint16_t)len);
	memcpy(p + at + 2, h->w->query, len);
	return at + 2 + len;
}

static void rfc7766_6_2_1_1_answers_of_a_stream_come_as_they_are_ready(void **state)
{
	struct hall *h = open_hall();
	uint8_t p[600];
	size_t len;

	(void)state;
	stream(h, GYL_IN_OPENED, NULL, 0);
	len = framed(h, p, 0, "www.example.");
	len = framed(h, p, len, "ns.lab.");
	len = framed(h, p, len, "x.example.");
	stream(h, GYL_IN_BYTES, p, len);
	assert_int_equal(h->answer_cnt, 1);
	assert_string_equal(h->w->text, "NOERROR AA; an ns.lab. 300 A 10.0.0.1");
	/* the client says no more: it closes with the last answer */
	stream(h, GYL_IN_EOF, NULL, 0);
	assert_int_equal(h->closed_cnt, 0);
	hall_run(h, GYL_NS_PER_S);
	assert_int_equal(h->answer_cnt, 3);
	assert_int_equal(h->answered_flow, 0x80000001);
	assert_int_equal(h->closed_cnt, 1);
	hall_done(h);
}

static void rfc7766_6_2_3_who_waits_is_not_idle(void **state)
{
	struct hall *h = open_hall();
	uint8_t p[600];
	size_t len;

	(void)state;
	h->d->cf.tcp_idle_ns = GYL_NS_PER_S;
	h->delay_ns[0] = 3 * GYL_NS_PER_S;
	stream(h, GYL_IN_OPENED, NULL, 0);
	len = framed(h, p, 0, "www.example.");
	stream(h, GYL_IN_BYTES, p, len);
	hall_run(h, 2900 * GYL_NS_PER_MS);
	assert_int_equal(h->closed_cnt, 0);
	hall_run(h, 200 * GYL_NS_PER_MS);
	assert_int_equal(h->answer_cnt, 1);
	assert_int_equal(h->closed_cnt, 0);
	hall_run(h, 1100 * GYL_NS_PER_MS);
	assert_int_equal(h->closed_cnt, 1);
	hall_done(h);
}

static void a_stream_that_is_gone_gets_no_answer(void **state)
{
	struct hall *h = open_hall();
	uint8_t p[600];
	size_t len;

	(void)state;
	stream(h, GYL_IN_OPENED, NULL, 0);
	len = framed(h, p, 0, "www.example.");
	stream(h, GYL_IN_BYTES, p, len);
	stream(h, GYL_IN_CLOSED, NULL, 0);
	hall_run(h, GYL_NS_PER_S);
	assert_int_equal(h->answer_cnt, 0);
	/* what was asked for is there all the same */
	hall_row(h, "www.example.", "A", "NOERROR; an www.example. 300 A 198.51.100.1");
	assert_int_equal(h->asked_cnt[0], 1);
	hall_done(h);
}

static void a_query_log_tells_how_long_servers_took(void **state)
{
	struct hall *h = open_hall();

	(void)state;
	h->d->cf.log_queries = true;
	h->delay_ns[0] = 37 * GYL_NS_PER_MS;
	(void)hall_ask_for(h, GYL_NS_PER_S, "www.example.", "A");
	assert_int_equal(h->took_cnt, 1);
	assert_int_equal(h->took_us, 37000);
	/* what is ours or kept took nobody any time: it is not told */
	(void)hall_ask_for(h, GYL_NS_PER_S, "www.example.", "A");
	(void)hall_ask_for(h, GYL_NS_PER_S, "ns.lab.", "A");
	assert_int_equal(h->took_cnt, 1);
	/* one who comes later is told of the question, which others had asked before */
	hall_query(h, 1, "x.example.", "A");
	hall_run(h, 20 * GYL_NS_PER_MS);
	hall_query(h, 2, "x.example.", "A");
	hall_run(h, GYL_NS_PER_S);
	assert_int_equal(h->took_cnt, 3);
	assert_int_equal(h->took_us, 37000);
	hall_done(h);
}

static void ttls_are_bounded(void **state)
{
	struct hall *h = open_hall();
	struct gyl_in in = {.kind = GYL_IN_DATA};

	(void)state;
	h->block.conf.forward.min_ttl_ns = 30 * GYL_NS_PER_S;
	h->block.conf.forward.max_ttl_ns = 120 * GYL_NS_PER_S;
	hall_seal(h);
	in.key = gyl_view_str("conf");
	in.data = gyl_view(&h->block, sizeof h->block);
	hall_give(h, &in);
	hall_row(h, "www.example.", "A", "NOERROR; an www.example. 120 A 198.51.100.1");
	hall_row(h, "short.example.", "A", "NOERROR; an short.example. 30 A 198.51.100.3");
	hall_row(h, "zero.example.", "A", "NOERROR; an zero.example. 30 A 198.51.100.2");
	hall_row(h, "www.example.", "AAAA", "NOERROR; ns SOA example. 30");
	/* servers that are gone are asked no more, what they said stays */
	h->block.conf.forward.to.cnt = 0;
	hall_seal(h);
	hall_give(h, &in);
	hall_row(h, "x.example.", "A", "REFUSED");
	hall_done(h);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_is_asked_for_once_and_kept),
		cmocka_unit_test(only_what_was_asked_for_is_passed_on),
		cmocka_unit_test(rfc2308_5_negative_answers_live_as_long_as_the_soa_says),
		cmocka_unit_test(rfc8020_2_nothing_is_below_a_name_that_does_not_exist),
		cmocka_unit_test(a_chain_of_ours_leads_to_a_name_of_others),
		cmocka_unit_test(ttl_zero_goes_to_those_who_wait_and_is_not_kept),
		cmocka_unit_test(equal_questions_are_asked_once_variants_apart),
		cmocka_unit_test(the_same_query_again_gets_one_answer),
		cmocka_unit_test(what_is_asked_in_its_last_tenth_is_asked_for_anew),
		cmocka_unit_test(strangers_and_those_who_do_not_desire_recursion),
		cmocka_unit_test(rfc9520_failures_are_kept_for_seconds_and_longer_each_time),
		cmocka_unit_test(rfc7766_6_2_1_1_answers_of_a_stream_come_as_they_are_ready),
		cmocka_unit_test(rfc7766_6_2_3_who_waits_is_not_idle),
		cmocka_unit_test(a_stream_that_is_gone_gets_no_answer),
		cmocka_unit_test(a_query_log_tells_how_long_servers_took),
		cmocka_unit_test(ttls_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
