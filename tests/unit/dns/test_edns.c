/* SPDX-License-Identifier: ISC */

/* EDNS as octets: what a query's OPT asks for, and what the answer's OPT says. */

#include <gyl/time.h>

#include "tests/unit/dns/ask.h"

static const struct zone_text zones[] = {
	{"lab.", "$TTL 300\n@ SOA . . 1 0 0 0 60\n@ NS ns.other.\na A 192.0.2.1\n"
		 "big TXT \"x\"\n"},
};

#define OPT_0  "00 0029 04d0 00 00 0000 "
#define COOKIE "000a 0008 2464c4abcf10c957 "
#define SERVER "000a 0018 2464c4abcf10c957 010000005cf79f11 1f8130c3eee29480 "

/* The query "a.lab. A" with that OPT; the options' length is put in. */
static size_t query_with(struct world *w, const char *opt, const char *options)
{
	size_t len = hex_bytes("1267 0100 0001 0000 0000 0001 0161 036c6162 00 0001 0001", w->query,
		sizeof w->query);
	size_t options_len;

	len += hex_bytes(opt, w->query + len, sizeof w->query - len);
	options_len = hex_bytes(options, w->query + len + 2, sizeof w->query - len - 2);
	gyl_set_u16(w->query + len, (uint16_t)options_len);
	return len + 2 + options_len;
}

static struct world *edns_world(void)
{
	struct world *w = world_open(zones, 1);
	uint8_t secret[16];

	hex_bytes("e5e973e5a6b2a43f48e7dc849e37bfcf", secret, sizeof secret);
	gyl_dns_cookie_secret(secret, w->policy.cookies.secret[0]);
	w->policy.cookies.secret_cnt = 1;
	w->policy.nsid = gyl_view_str("ns1");
	w->now.wall_ns = 1559731985 * GYL_NS_PER_S;
	w->from.ip = 0xc6336464;
	return w;
}

/* Rcode, TC, number of answers, and the options as hexadecimal digits. */
static const char *edns_text(struct world *w)
{
	struct gyl_dns_msg m;
	struct gyl_writer t;

	assert_int_not_equal(w->len, 0);
	assert_int_equal(gyl_dns_decode(gyl_view(w->msg, w->len), &m).err, GYL_OK);
	gyl_writer_init(&t, w->text, sizeof w->text - 1);
	gyl_dns_rcode_print(&t, gyl_dns_rcode(m.header.flags, &m.edns));
	gyl_text_str(&t, (m.header.flags & GYL_DNS_TC) != 0 ? " TC " : " ");
	gyl_text_u64(&t, m.header.cnt[GYL_DNS_ANSWER]);
	gyl_text_str(&t, m.edns.present ? " " : " no OPT");
	gyl_text_hex(&t, m.edns.options);
	w->text[t.len] = '\0';
	return w->text;
}

struct edns_row {
	const char *opt, *options, *want;
};

static void edns_rows(struct world *w, const struct edns_row *row, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++) {
		const char *got;

		give(w, gyl_view(w->query, query_with(w, row[i].opt, row[i].options)));
		got = edns_text(w);
		if (strcmp(got, row[i].want) != 0)
			fail_msg("%s\n  got  %s\n  want %s", row[i].options, got, row[i].want);
	}
}

static void rfc6891_6_1_options_and_versions(void **state)
{
	static const struct edns_row rows[] = {
		{OPT_0, "", "NOERROR 1 "},
		/* 6.1.2: what we do not know is passed over, and does not come back */
		{OPT_0, "fde9 0003 010203 ffff 0000", "NOERROR 1 "},
		{OPT_0, "0003 0000",
			"NOERROR 1 00030003"
			"6e7331"},
		/* 6.1.3: BADVERS says nothing but our version, whatever the options are */
		{"00 0029 04d0 00 01 0000", "", "BADVERS 0 "},
		{"00 0029 04d0 00 ff 8000", "0003 0000" COOKIE, "BADVERS 0 "},
		/* 6.2.3: less than 512 is 512 */
		{"00 0029 0000 00 00 0000", "", "NOERROR 1 "},
		/* an extended rcode in a query means nothing */
		{"00 0029 04d0 ff 00 7fff", "", "NOERROR 1 "},
	};
	struct world *w = edns_world();

	(void)state;
	edns_rows(w, rows, TEST_CNT(rows));
	world_close(w);
}

static void rfc6891_6_1_1_broken_opt_is_formerr(void **state)
{
	static const char *const rows[] = {
		"016100 0029 04d0 00 00 0000",                           /* an owner */
		"00 0029 04d0 00 00 0000 0000 00 0029 04d0 00 00 0000 ", /* a second one */
	};
	struct world *w = edns_world();
	size_t len;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(rows); i++) {
		len = query_with(w, rows[i], "");
		w->query[11] = (uint8_t)(i + 1);
		give(w, gyl_view(w->query, len));
		assert_string_equal(edns_text(w), "FORMERR 0 no OPT");
	}
	/* an option that is longer than the OPT */
	len = query_with(w, OPT_0, "0003 0004 01");
	give(w, gyl_view(w->query, len));
	assert_string_equal(edns_text(w), "FORMERR 0 no OPT");
	world_close(w);
}

static void rfc7873_5_2_cookies(void **state)
{
	static const struct edns_row rows[] = {
		{OPT_0, COOKIE,
			"NOERROR 1 000a0018"
			"2464c4abcf10c957"
			"010000005cf79f111f8130c3eee29480"},
		{OPT_0, SERVER,
			"NOERROR 1 000a0018"
			"2464c4abcf10c957"
			"010000005cf79f111f8130c3eee29480"},
		/* 5.2.4: one that is wrong is like none */
		{OPT_0, "000a 0018 2464c4abcf10c957 010000005cf79f11 1f8130c3eee29481",
			"NOERROR 1 000a0018"
			"2464c4abcf10c957"
			"010000005cf79f111f8130c3eee29480"},
		/* the first of several counts */
		{OPT_0, COOKIE "000a 0001 00",
			"NOERROR 1 000a0018"
			"2464c4abcf10c957"
			"010000005cf79f111f8130c3eee29480"},
		/* 5.2.2 */
		{OPT_0, "000a 0000", "FORMERR 0 "},
		{OPT_0, "000a 0007 2464c4abcf10c9", "FORMERR 0 "},
		{OPT_0, "000a 0009 2464c4abcf10c95701", "FORMERR 0 "},
	};
	struct world *w = edns_world();

	(void)state;
	edns_rows(w, rows, TEST_CNT(rows));
	assert_int_equal(w->verdict.cookie, GYL_DNS_COOKIE_BROKEN);
	edns_rows(w, rows, 2);
	assert_int_equal(w->verdict.cookie, GYL_DNS_COOKIE_KNOWN);
	/* switched off they are options like any other */
	w->policy.cookies.secret_cnt = 0;
	give(w, gyl_view(w->query, query_with(w, OPT_0, "000a 0000")));
	assert_string_equal(edns_text(w), "NOERROR 1 ");
	world_close(w);
}

/* RFC 7873 5.4: a query without a question gets a cookie, or hears what its own is worth. */
static void rfc7873_5_4_only_a_cookie(void **state)
{
	static const struct {
		const char *options, *want;
	} rows[] = {
		{COOKIE, "NOERROR 0 000a0018"
			 "2464c4abcf10c957"
			 "010000005cf79f111f8130c3eee29480"},
		{SERVER, "NOERROR 0 000a0018"
			 "2464c4abcf10c957"
			 "010000005cf79f111f8130c3eee29480"},
		{"000a 0018 2464c4abcf10c957 010000005cf79f11 1f8130c3eee29481",
			"BADCOOKIE 0 000a0018"
			"2464c4abcf10c957"
			"010000005cf79f111f8130c3eee29480"},
		{"000a 0001 00", "FORMERR 0 "},
		{"0003 0000", "FORMERR 0 no OPT"},
	};
	struct world *w = edns_world();

	(void)state;
	for (size_t i = 0; i < TEST_CNT(rows); i++) {
		size_t len = query_with(w, OPT_0, rows[i].options);

		w->query[5] = 0;
		memmove(w->query + 12, w->query + 23, len - 23);
		give(w, gyl_view(w->query, len - 11));
		assert_string_equal(edns_text(w), rows[i].want);
	}
	world_close(w);
}

static void rfc7828_keepalive_is_for_tcp(void **state)
{
	static const struct edns_row udp[] = {{OPT_0, "000b 0000", "NOERROR 1 "}};
	static const struct edns_row tcp[] = {
		{OPT_0, "000b 0000", "NOERROR 1 000b00020064"},
		{OPT_0, "", "NOERROR 1 "},
	};
	struct world *w = edns_world();

	(void)state;
	edns_rows(w, udp, TEST_CNT(udp));
	w->tcp = true;
	w->from.idle_ds = 100;
	edns_rows(w, tcp, TEST_CNT(tcp));
	world_close(w);
}

static void rfc7830_padding_only_where_nobody_reads_along(void **state)
{
	struct world *w = edns_world();

	(void)state;
	w->tcp = true;
	give(w, gyl_view(w->query, query_with(w, OPT_0, "000c 0004 00000000")));
	assert_string_equal(edns_text(w), "NOERROR 1 ");
	w->from.encrypted = true;
	give(w, gyl_view(w->query, query_with(w, OPT_0, "000c 0004 00000000")));
	assert_int_equal(w->len, 468);
	edns_text(w);
	give(w, gyl_view(w->query, query_with(w, OPT_0, "0003 0000 000c 0000")));
	assert_int_equal(w->len, 468);
	edns_text(w);
	/* who does not ask for it has none */
	give(w, gyl_view(w->query, query_with(w, OPT_0, "")));
	assert_true(w->len < 100);
	world_close(w);
}

/* What is sent instead of an answer too many: smaller than the query, and a way to the answer. */
static void rfc7873_5_2_3_an_answer_too_many(void **state)
{
	static const struct edns_row rows[] = {
		{OPT_0, "", "NOERROR TC 0 "},
		{OPT_0, COOKIE,
			"BADCOOKIE 0 000a0018"
			"2464c4abcf10c957"
			"010000005cf79f111f8130c3eee29480"},
	};
	struct world *w = edns_world();

	(void)state;
	w->from.limited = true;
	edns_rows(w, rows, TEST_CNT(rows));
	world_close(w);
}

static void rfc8914_extended_errors(void **state)
{
	static const struct {
		const char *qname, *qtype;
		uint16_t opcode;
		const char *want;
	} rows[] = {
		{"www.elsewhere.", "A", GYL_DNS_OP_QUERY, "REFUSED 0 000f00020014"},
		{"lab.", "AXFR", GYL_DNS_OP_QUERY, "REFUSED 0 000f00020012"},
		{"a.lab.", "AXFR", GYL_DNS_OP_QUERY, "NOTAUTH 0 000f00020014"},
		{"a.lab.", "A", GYL_DNS_OP_STATUS, "NOTIMP 0 000f00020015"},
		{"x.lab.", "A", GYL_DNS_OP_QUERY, "NXDOMAIN 0 "},
	};
	struct world *w = edns_world();

	(void)state;
	w->udp_size = 1232;
	for (size_t i = 0; i < TEST_CNT(rows); i++) {
		size_t len = make_query(w, rows[i].qname, rows[i].qtype);

		gyl_set_u16(w->query + 2, gyl_dns_opcode_bits(rows[i].opcode));
		give(w, gyl_view(w->query, len));
		assert_string_equal(edns_text(w), rows[i].want);
	}
	world_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc6891_6_1_options_and_versions),
		cmocka_unit_test(rfc6891_6_1_1_broken_opt_is_formerr),
		cmocka_unit_test(rfc7873_5_2_cookies),
		cmocka_unit_test(rfc7873_5_4_only_a_cookie),
		cmocka_unit_test(rfc7828_keepalive_is_for_tcp),
		cmocka_unit_test(rfc7830_padding_only_where_nobody_reads_along),
		cmocka_unit_test(rfc7873_5_2_3_an_answer_too_many),
		cmocka_unit_test(rfc8914_extended_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
