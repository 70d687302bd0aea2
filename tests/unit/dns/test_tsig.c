/* SPDX-License-Identifier: ISC */

/* Both sides of signed exchanges: what one makes, the other takes, and nothing else. */

#include "tests/unit/dns/ask.h"

#include <gyl/time.h>

#include "services/dns/tsig.h"

static const uint64_t wall_ns = 1700000000 * GYL_NS_PER_S;
static struct gyl_dns_tsig_keys keys;

static const struct gyl_dns_tsig_key *key_of(enum gyl_dns_tsig_alg alg)
{
	uint8_t part[1024], name[] = "\006Shared\003Key";
	struct gyl_writer w;

	gyl_writer_init(&w, part, sizeof part);
	gyl_dns_tsig_put_key(
		&w, (const uint8_t *)"\005other", GYL_DNS_TSIG_SHA1, gyl_view_str("none"));
	gyl_dns_tsig_put_key(&w, name, alg, gyl_view_str("a secret of some length"));
	assert_true(gyl_dns_tsig_load(&keys, gyl_writer_view(&w), 0));
	assert_int_equal(keys.cnt, 2);
	return gyl_dns_tsig_find(&keys, name);
}

struct letter {
	uint8_t buf[1500];
	struct gyl_writer w;
	size_t tsig_off;
};

static void question(struct letter *l, uint16_t flags)
{
	struct gyl_dns_writer d;
	size_t len = 0;

	gyl_dns_begin(&d, l->buf, sizeof l->buf, 99, flags, 0);
	gyl_dns_put_question(&d, (const uint8_t *)"\001a", GYL_DNS_TYPE_A, GYL_DNS_CLASS_IN);
	assert_int_equal(gyl_dns_end(&d, &len).err, GYL_OK);
	gyl_writer_init(&l->w, l->buf, sizeof l->buf);
	l->w.len = len;
}

static void find_tsig(struct letter *l)
{
	struct gyl_dns_msg m;

	assert_int_equal(gyl_dns_decode(gyl_writer_view(&l->w), &m).err, GYL_OK);
	l->tsig_off = m.tsig_off;
}

/* A signed request in q; the client's side in s. */
static void request(struct letter *q, struct gyl_dns_sign *s, const struct gyl_dns_tsig_key *key)
{
	question(q, GYL_DNS_RD);
	gyl_dns_tsig_request(s, key, wall_ns, &q->w);
	assert_true(gyl_writer_ok(&q->w));
	find_tsig(q);
	assert_int_not_equal(q->tsig_off, 0);
}

static void answer(struct letter *a, struct gyl_dns_sign *s)
{
	question(a, GYL_DNS_QR);
	gyl_dns_tsig_sign(s, wall_ns, &a->w);
	assert_true(gyl_writer_ok(&a->w));
	find_tsig(a);
}

static void rfc8945_5_request_and_answer(void **state)
{
	(void)state;
	for (unsigned alg = 1; alg < GYL_DNS_TSIG_ALG_CNT; alg++) {
		const struct gyl_dns_tsig_key *key = key_of((enum gyl_dns_tsig_alg)alg);
		struct gyl_dns_sign client, server;
		struct letter q, a;

		assert_non_null(key);
		request(&q, &client, key);
		assert_int_equal(gyl_dns_tsig_verify(&keys, wall_ns, gyl_writer_view(&q.w),
					 q.tsig_off, &server),
			GYL_DNS_NOERROR);
		assert_ptr_equal(server.key, key);
		answer(&a, &server);
		assert_true(
			gyl_dns_tsig_check(&client, wall_ns, gyl_writer_view(&a.w), a.tsig_off));
	}
}

/* Any octet that is changed: the header's id aside, which forwarders change (RFC 8945 4.2). */
static void every_octet_is_covered(void **state)
{
	const struct gyl_dns_tsig_key *key = key_of(GYL_DNS_TSIG_SHA256);
	struct gyl_dns_sign client, server;
	struct letter q;

	(void)state;
	request(&q, &client, key);
	for (size_t i = 0; i < q.w.len; i++) {
		bool id = i < 2;
		struct gyl_dns_msg m;
		uint16_t rcode = GYL_DNS_FORMERR;

		q.buf[i] ^= 1;
		if (!gyl_failed(gyl_dns_decode(gyl_writer_view(&q.w), &m)) && m.tsig_off != 0)
			rcode = gyl_dns_tsig_verify(
				&keys, wall_ns, gyl_writer_view(&q.w), m.tsig_off, &server);
		if ((rcode == GYL_DNS_NOERROR) != id)
			fail_msg("octet %zu: rcode %u", i, rcode);
		q.buf[i] ^= 1;
	}
}

/* An answer for another request of the same key is none. */
static void rfc8945_5_3_answer_covers_the_request(void **state)
{
	const struct gyl_dns_tsig_key *key = key_of(GYL_DNS_TSIG_SHA256);
	struct gyl_dns_sign client, other, server;
	struct letter q, a;

	(void)state;
	request(&q, &client, key);
	request(&q, &other, key);
	other.mac[0] ^= 1;
	gyl_dns_tsig_verify(&keys, wall_ns, gyl_writer_view(&q.w), q.tsig_off, &server);
	answer(&a, &server);
	assert_false(gyl_dns_tsig_check(&other, wall_ns, gyl_writer_view(&a.w), a.tsig_off));
	assert_true(gyl_dns_tsig_check(&client, wall_ns, gyl_writer_view(&a.w), a.tsig_off));
}

static uint16_t verdict(struct letter *q, struct gyl_dns_sign *server, uint64_t at_ns)
{
	return gyl_dns_tsig_verify(&keys, at_ns, gyl_writer_view(&q->w), q->tsig_off, server);
}

/* What the answer's TSIG says. */
static struct gyl_dns_tsig_rr told(struct letter *a, struct gyl_dns_sign *server)
{
	struct gyl_dns_tsig_rr rr;

	answer(a, server);
	assert_int_equal(gyl_dns_tsig_decode(gyl_writer_view(&a->w), a->tsig_off, &rr).err, GYL_OK);
	return rr;
}

static void rfc8945_5_2_1_badkey_is_unsigned(void **state)
{
	struct gyl_dns_tsig_key stranger = *key_of(GYL_DNS_TSIG_SHA256);
	struct gyl_dns_sign client, server;
	struct gyl_dns_tsig_rr rr;
	struct letter q, a;

	(void)state;
	stranger.name[1] = 'x';
	request(&q, &client, &stranger);
	assert_int_equal(verdict(&q, &server, wall_ns), GYL_DNS_NOTAUTH);
	rr = told(&a, &server);
	assert_true(rr.error == GYL_DNS_BADKEY && rr.mac.len == 0);
	assert_true(gyl_dns_name_eq(rr.key, stranger.name));
	/* the right name with another algorithm is another key */
	stranger = *key_of(GYL_DNS_TSIG_SHA256);
	stranger.alg = GYL_DNS_TSIG_SHA1;
	request(&q, &client, &stranger);
	assert_int_equal(verdict(&q, &server, wall_ns), GYL_DNS_NOTAUTH);
	assert_int_equal(told(&a, &server).error, GYL_DNS_BADKEY);
}

static void rfc8945_5_2_2_badsig_is_unsigned(void **state)
{
	const struct gyl_dns_tsig_key *key = key_of(GYL_DNS_TSIG_SHA256);
	struct gyl_dns_sign client, server;
	struct gyl_dns_tsig_rr rr;
	struct letter q, a;

	(void)state;
	request(&q, &client, key);
	q.buf[GYL_DNS_HEADER_LEN + 1] = 'b';
	assert_int_equal(verdict(&q, &server, wall_ns), GYL_DNS_NOTAUTH);
	rr = told(&a, &server);
	assert_true(rr.error == 16 && rr.mac.len == 0);
}

static void rfc8945_5_2_3_badtime_is_signed_with_our_clock(void **state)
{
	static const int64_t apart_s[] = {300, -300, 301, -301};
	const struct gyl_dns_tsig_key *key = key_of(GYL_DNS_TSIG_SHA256);
	struct gyl_dns_sign client, server;
	struct gyl_dns_tsig_rr rr;
	struct letter q, a;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(apart_s); i++) {
		uint64_t now_ns = wall_ns + (uint64_t)apart_s[i] * GYL_NS_PER_S;

		request(&q, &client, key);
		assert_int_equal(
			verdict(&q, &server, now_ns), i < 2 ? GYL_DNS_NOERROR : GYL_DNS_NOTAUTH);
	}
	rr = told(&a, &server);
	assert_true(rr.error == GYL_DNS_BADTIME && rr.mac.len == 32);
	assert_true(rr.time_s == wall_ns / GYL_NS_PER_S && rr.other.len == 6);
	assert_int_equal(gyl_get_u32(rr.other.p + 2), (uint32_t)(wall_ns / GYL_NS_PER_S));
	assert_true(gyl_dns_tsig_check(&client, wall_ns, gyl_writer_view(&a.w), a.tsig_off));
	assert_int_equal(client.rr.error, GYL_DNS_BADTIME);
}

/* RFC 8945 5.2.2.1 and 5.2.4: a MAC that is cut. */
static void rfc8945_5_2_4_truncation(void **state)
{
	static const struct {
		size_t len;
		uint16_t rcode, error;
	} cases[] = {
		{20, GYL_DNS_NOERROR, 0},
		{16, GYL_DNS_NOERROR, 0},
		{15, GYL_DNS_NOTAUTH, GYL_DNS_BADTRUNC},
		{10, GYL_DNS_NOTAUTH, GYL_DNS_BADTRUNC},
		{9, GYL_DNS_FORMERR, 0},
		{0, GYL_DNS_FORMERR, 0},
	};
	const struct gyl_dns_tsig_key *key = key_of(GYL_DNS_TSIG_SHA1);

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		struct gyl_dns_sign client, server;
		struct gyl_dns_tsig_rr rr;
		uint8_t mac[20];
		struct letter q;

		request(&q, &client, key);
		gyl_dns_tsig_decode(gyl_writer_view(&q.w), q.tsig_off, &rr);
		memcpy(mac, rr.mac.p, sizeof mac);
		rr.mac = gyl_view(mac, cases[i].len);
		q.w.len = q.tsig_off;
		gyl_set_u16(q.buf + 10, 0);
		gyl_dns_tsig_append(&q.w, &rr);
		assert_int_equal(verdict(&q, &server, wall_ns), cases[i].rcode);
		if (cases[i].rcode == GYL_DNS_NOTAUTH)
			assert_int_equal(server.rr.error, cases[i].error);
		if (cases[i].rcode == GYL_DNS_FORMERR)
			assert_int_equal(gyl_dns_tsig_room(&server), 0);
	}
}

/* An answer of many messages; every n-th is signed, the last one too. */
static bool stream(unsigned cnt, unsigned every, unsigned lost)
{
	const struct gyl_dns_tsig_key *key = key_of(GYL_DNS_TSIG_SHA256);
	struct gyl_dns_sign client, server;
	struct letter q, a;
	bool ok = true;

	request(&q, &client, key);
	assert_int_equal(verdict(&q, &server, wall_ns), GYL_DNS_NOERROR);
	for (unsigned i = 0; i < cnt; i++) {
		question(&a, GYL_DNS_QR);
		a.buf[GYL_DNS_HEADER_LEN + 1] = (uint8_t)i;
		if (i % every == 0 || i + 1 == cnt) {
			/* the signer covers what it left unsigned by the same rule */
			if (server.gap != 0) {
				struct gyl_hmac m = server.run;
				struct gyl_dns_tsig_rr rr = server.rr;
				uint8_t buf[8], mac[64];
				struct gyl_writer w;

				rr.original_id = 99;
				rr.other = gyl_view(NULL, 0);
				gyl_hmac_update(&m, a.buf, a.w.len);
				gyl_writer_init(&w, buf, sizeof buf);
				gyl_dns_tsig_put_timers(&w, &rr);
				gyl_hmac_update(&m, buf, sizeof buf);
				gyl_hmac_final(&m, mac);
				memcpy(server.mac, mac, 32);
				rr.mac = gyl_view(server.mac, 32);
				gyl_dns_tsig_append(&a.w, &rr);
				server.gap = 0;
			} else {
				gyl_dns_tsig_sign(&server, wall_ns, &a.w);
			}
		} else {
			(void)gyl_dns_tsig_check(&server, wall_ns, gyl_writer_view(&a.w), 0);
		}
		find_tsig(&a);
		if (i != lost)
			ok = ok && gyl_dns_tsig_check(
					   &client, wall_ns, gyl_writer_view(&a.w), a.tsig_off);
	}
	return ok && client.gap == 0;
}

static void rfc8945_5_3_1_answers_of_many_messages(void **state)
{
	(void)state;
	assert_true(stream(10, 1, UINT32_MAX));
	assert_true(stream(250, 100, UINT32_MAX));
	assert_false(stream(10, 1, 4));
	assert_false(stream(250, 100, 150));
	assert_false(stream(250, 200, UINT32_MAX)); /* too long a gap */
}

static void a_broken_part_is_no_keys(void **state)
{
	uint8_t part[64];
	struct gyl_writer w;

	(void)state;
	gyl_writer_init(&w, part, sizeof part);
	gyl_dns_tsig_put_key(
		&w, (const uint8_t *)"\005other", GYL_DNS_TSIG_SHA1, gyl_view_str("secret"));
	assert_true(gyl_dns_tsig_load(&keys, gyl_writer_view(&w), 0));
	for (size_t len = 1; len < w.len; len++) {
		assert_false(gyl_dns_tsig_load(&keys, gyl_view(part, len), 0));
		assert_int_equal(keys.cnt, 0);
	}
	assert_true(gyl_dns_tsig_load(&keys, gyl_view(NULL, 0), 0));
	assert_null(gyl_dns_tsig_find(&keys, (const uint8_t *)"\005other"));
}

/* Over the whole way: a signed query gets a signed answer, and one by nobody's key NOTAUTH. */
static void rfc8945_5_2_query_answered_signed(void **state)
{
	static const struct zone_text zone = {"a.", "@ 60 SOA . . 1 2 3 4 5\n@ 60 A 192.0.2.1\n"};
	const struct gyl_dns_tsig_key *key = key_of(GYL_DNS_TSIG_SHA384);
	struct world *w = world_open(&zone, 1);
	struct gyl_dns_sign client;
	struct gyl_dns_msg m;
	struct letter q;

	(void)state;
	w->now.wall_ns = wall_ns;
	w->data.keys = &keys;
	request(&q, &client, key);
	give(w, gyl_writer_view(&q.w));
	assert_int_equal(gyl_dns_decode(gyl_view(w->msg, w->len), &m).err, GYL_OK);
	assert_true(m.tsig_off != 0 && m.header.cnt[GYL_DNS_ANSWER] == 1);
	assert_true(gyl_dns_tsig_check(&client, wall_ns, m.raw, m.tsig_off));
	w->data.keys = NULL;
	give(w, gyl_writer_view(&q.w));
	assert_int_equal(gyl_dns_decode(gyl_view(w->msg, w->len), &m).err, GYL_OK);
	assert_int_equal(m.header.flags & GYL_DNS_RCODE_MASK, GYL_DNS_NOTAUTH);
	assert_true(m.tsig_off != 0 && m.header.cnt[GYL_DNS_ANSWER] == 0);
	world_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc8945_5_request_and_answer),
		cmocka_unit_test(every_octet_is_covered),
		cmocka_unit_test(rfc8945_5_3_answer_covers_the_request),
		cmocka_unit_test(rfc8945_5_2_1_badkey_is_unsigned),
		cmocka_unit_test(rfc8945_5_2_2_badsig_is_unsigned),
		cmocka_unit_test(rfc8945_5_2_3_badtime_is_signed_with_our_clock),
		cmocka_unit_test(rfc8945_5_2_4_truncation),
		cmocka_unit_test(rfc8945_5_3_1_answers_of_many_messages),
		cmocka_unit_test(a_broken_part_is_no_keys),
		cmocka_unit_test(rfc8945_5_2_query_answered_signed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
