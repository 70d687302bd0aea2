/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/dns_rdata.h>

static const uint8_t www[] = "\3www\7example\3com", web[] = "\3web\7example\3com",
		     zone[] = "\7example\3com", ns1[] = "\3ns1\7example\3com",
		     ns2[] = "\3ns2\7example\3com", root[] = "";

static struct gyl_dns_writer d;

static void put_answer(uint8_t *buf, size_t cap)
{
	struct gyl_dns_edns edns = {.present = true, .udp_size = 1232};

	gyl_dns_begin(&d, buf, cap, 0x1234, GYL_DNS_QR | GYL_DNS_AA, 0);
	gyl_dns_reserve(&d, GYL_DNS_OPT_LEN);
	gyl_dns_put_question(&d, www, GYL_DNS_TYPE_A, GYL_DNS_CLASS_IN);
	gyl_dns_put_name(&d, GYL_DNS_ANSWER, www, GYL_DNS_TYPE_CNAME, 300, web);
	gyl_dns_put_a(&d, GYL_DNS_ANSWER, web, 300, 0xc0000201);
	gyl_dns_put_a(&d, GYL_DNS_ANSWER, web, 300, 0xc0000202);
	gyl_dns_put_name(&d, GYL_DNS_AUTHORITY, zone, GYL_DNS_TYPE_NS, 3600, ns1);
	gyl_dns_put_name(&d, GYL_DNS_AUTHORITY, zone, GYL_DNS_TYPE_NS, 3600, ns2);
	gyl_dns_put_a(&d, GYL_DNS_ADDITIONAL, ns1, 300, 0xc0000235);
	gyl_dns_put_a(&d, GYL_DNS_ADDITIONAL, ns2, 300, 0xc0000236);
	gyl_dns_put_opt(&d, &edns);
}

static void an_answer_is_compressed_as_expected(void **state)
{
	static const char hex[] = "1234 8400 0001 0003 0002 0003"
				  "03777777 076578616d706c65 03636f6d 00 0001 0001"
				  "c00c 0005 0001 0000012c 0006 03776562 c010"
				  "c02d 0001 0001 0000012c 0004 c0000201"
				  "c02d 0001 0001 0000012c 0004 c0000202"
				  "c010 0002 0001 00000e10 0006 036e7331 c010"
				  "c010 0002 0001 00000e10 0006 036e7332 c010"
				  "c05f 0001 0001 0000012c 0004 c0000235"
				  "c071 0001 0001 0000012c 0004 c0000236"
				  "00 0029 04d0 00000000 0000";
	uint8_t buf[512], want[512];
	size_t len = 0;

	(void)state;
	put_answer(buf, sizeof buf);
	assert_int_equal(gyl_dns_end(&d, &len).err, GYL_OK);
	assert_int_equal(len, hex_bytes(hex, want, sizeof want));
	assert_memory_equal(buf, want, len);
}

/* Records of one RRset in a message: all or none. */
static void assert_whole_rrsets(const struct gyl_dns_msg *msg)
{
	unsigned a_cnt = 0, ns_cnt = 0;
	struct gyl_dns_cursor cur;
	struct gyl_dns_rr rr;

	for (gyl_dns_rr_init(&cur, msg, GYL_DNS_QUESTION); gyl_dns_rr_next(&cur, &rr);) {
		a_cnt += rr.section == GYL_DNS_ANSWER && rr.type == GYL_DNS_TYPE_A;
		ns_cnt += rr.type == GYL_DNS_TYPE_NS;
	}
	assert_true(a_cnt == 0 || a_cnt == 2);
	assert_true(ns_cnt == 0 || ns_cnt == 2);
	assert_int_equal(!(msg->header.flags & GYL_DNS_TC), a_cnt == 2 && ns_cnt == 2);
}

static void every_capacity_gives_whole_rrsets_or_no_space(void **state)
{
	/* header, question and OPT */
	enum {
		LEAST = 12 + 21 + 11
	};
	size_t last = 0, whole = 0;
	uint8_t buf[512];

	(void)state;
	put_answer(buf, sizeof buf);
	assert_int_equal(gyl_dns_end(&d, &whole).err, GYL_OK);
	for (size_t cap = 0; cap <= whole + 20; cap++) {
		struct gyl_dns_msg msg;
		struct gyl_fault f;
		size_t len = 0;

		memset(buf, 0xa5, sizeof buf);
		put_answer(buf, cap);
		f = gyl_dns_end(&d, &len);
		assert_int_equal(f.err, cap < LEAST ? GYL_E_SPACE : GYL_OK);
		for (size_t i = cap; i < sizeof buf; i++)
			assert_int_equal(buf[i], 0xa5);
		if (gyl_failed(f))
			continue;
		assert_true(len <= cap && len >= last);
		assert_int_equal(len == whole, cap >= whole);
		last = len;
		assert_int_equal(gyl_dns_decode(gyl_view(buf, len), &msg).err, GYL_OK);
		assert_true(msg.edns.present);
		assert_whole_rrsets(&msg);
	}
}

/* What stands in the table after a cut must be what stood there before. */
static void a_dropped_rrset_leaves_no_pointer_targets(void **state)
{
	uint8_t buf[64];
	struct gyl_dns_msg msg;
	size_t len = 0;

	(void)state;
	gyl_dns_begin(&d, buf, 50, 1, GYL_DNS_QR, 0);
	gyl_dns_put_question(&d, root, GYL_DNS_TYPE_NS, GYL_DNS_CLASS_IN);
	assert_true(gyl_dns_put_name(&d, GYL_DNS_AUTHORITY, root, GYL_DNS_TYPE_NS, 0, root));
	assert_false(gyl_dns_put_name(&d, GYL_DNS_AUTHORITY, zone, GYL_DNS_TYPE_NS, 0, ns1));
	assert_int_equal(d.suffix_cnt, 0);
	for (unsigned i = 0; i < GYL_DNS_SUFFIX_CNT; i++)
		assert_int_equal(d.suffix[i].off, 0);
	/* nothing follows, even if it would fit */
	assert_false(gyl_dns_put_name(&d, GYL_DNS_ADDITIONAL, root, GYL_DNS_TYPE_NS, 0, root));
	assert_int_equal(gyl_dns_end(&d, &len).err, GYL_OK);
	assert_int_equal(gyl_dns_decode(gyl_view(buf, len), &msg).err, GYL_OK);
	assert_int_equal(msg.header.cnt[GYL_DNS_AUTHORITY], 1);
	assert_true(msg.header.flags & GYL_DNS_TC);
}

static void additional_data_goes_without_tc(void **state)
{
	uint8_t buf[64];
	size_t len = 0;

	(void)state;
	gyl_dns_begin(&d, buf, 40, 1, GYL_DNS_QR, 0);
	gyl_dns_put_question(&d, root, GYL_DNS_TYPE_NS, GYL_DNS_CLASS_IN);
	assert_true(gyl_dns_put_name(&d, GYL_DNS_ANSWER, root, GYL_DNS_TYPE_NS, 0, root));
	assert_false(gyl_dns_put_a(&d, GYL_DNS_ADDITIONAL, root, 0, 1));
	assert_int_equal(gyl_dns_end(&d, &len).err, GYL_OK);
	assert_int_equal(len, 29);
	assert_int_equal(gyl_get_u16(buf + 2), GYL_DNS_QR);
}

static void a_group_is_kept_or_dropped_together(void **state)
{
	for (size_t cap = 17; cap < 60; cap++) {
		uint8_t buf[64];
		size_t len = 0;

		(void)state;
		gyl_dns_begin(&d, buf, cap, 1, GYL_DNS_QR, 0);
		gyl_dns_put_question(&d, root, GYL_DNS_TYPE_A, GYL_DNS_CLASS_IN);
		gyl_dns_rrset_begin(&d);
		gyl_dns_put_a(&d, GYL_DNS_ANSWER, root, 0, 1);
		gyl_dns_put_name(&d, GYL_DNS_ANSWER, root, GYL_DNS_TYPE_DNAME, 0, root);
		gyl_dns_rrset_end(&d);
		gyl_dns_put_a(&d, GYL_DNS_ADDITIONAL, root, 0, 1);
		assert_int_equal(gyl_dns_end(&d, &len).err, GYL_OK);
		assert_int_equal(len, cap < 44 ? 17 : cap < 59 ? 44 : 59);
		assert_int_equal(gyl_get_u16(buf + 2) & GYL_DNS_TC, cap < 44 ? GYL_DNS_TC : 0);
	}
}

static void case_is_kept_or_shared(void **state)
{
	static const uint8_t upper[] = "\3WWW\7EXAMPLE\3com";
	uint8_t buf[128], name[GYL_DNS_NAME_MAX];
	size_t len = 0;

	(void)state;
	/* a pointer stands for the spelling it points to */
	gyl_dns_begin(&d, buf, sizeof buf, 1, 0, 0);
	gyl_dns_put_question(&d, www, GYL_DNS_TYPE_A, GYL_DNS_CLASS_IN);
	gyl_dns_put_a(&d, GYL_DNS_ANSWER, upper, 0, 1);
	assert_int_equal(gyl_dns_end(&d, &len).err, GYL_OK);
	assert_int_equal(len, 12 + 21 + 16);
	/* unless spelling matters: then only "com" is shared */
	gyl_dns_begin(&d, buf, sizeof buf, 1, 0, GYL_DNS_ENC_EXACT_CASE);
	gyl_dns_put_question(&d, www, GYL_DNS_TYPE_A, GYL_DNS_CLASS_IN);
	gyl_dns_put_a(&d, GYL_DNS_ANSWER, upper, 0, 1);
	assert_int_equal(gyl_dns_end(&d, &len).err, GYL_OK);
	assert_int_equal(len, 12 + 21 + 12 + 2 + 14);
	gyl_dns_name_get(gyl_view(buf, len), 33, name);
	assert_string_equal((const char *)name, (const char *)upper);
	/* or nothing is */
	gyl_dns_begin(&d, buf, sizeof buf, 1, 0, GYL_DNS_ENC_NO_COMPRESS);
	gyl_dns_put_question(&d, www, GYL_DNS_TYPE_A, GYL_DNS_CLASS_IN);
	gyl_dns_put_a(&d, GYL_DNS_ANSWER, www, 0, 1);
	assert_int_equal(gyl_dns_end(&d, &len).err, GYL_OK);
	assert_int_equal(len, 12 + 21 + 17 + 14);
}

static const struct {
	uint16_t type;
	const char *rdata;
	size_t rdata_len, want_len;
} rdata_cases[] = {
	/* compressed to a pointer at the question */
	{GYL_DNS_TYPE_NS, "\7example\3com", 13, 2},
	{GYL_DNS_TYPE_CNAME, "\7example\3com", 13, 2},
	{GYL_DNS_TYPE_PTR, "\7example\3com", 13, 2},
	{GYL_DNS_TYPE_MX, "\0\12\7example\3com", 15, 4},
	{GYL_DNS_TYPE_SOA,
		"\7example\3com\0\7example\3com\0"
		"12345678901234567890",
		46, 24},
	/* RFC 3597 4: nothing else is, whatever its names */
	{GYL_DNS_TYPE_DNAME, "\7example\3com", 13, 13},
	{GYL_DNS_TYPE_SRV, "\0\1\0\2\0\3\7example\3com", 19, 19},
	{GYL_DNS_TYPE_NSEC, "\7example\3com", 13, 13},
	{8 /* MG */, "\7example\3com", 13, 13},
	{65280, "\7example\3com", 13, 13},
};

static void only_old_types_are_compressed(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(rdata_cases); i++) {
		struct gyl_view rdata = gyl_view(rdata_cases[i].rdata, rdata_cases[i].rdata_len);
		uint8_t buf[256], again[256];
		struct gyl_dns_cursor cur;
		struct gyl_dns_msg msg;
		struct gyl_dns_rr rr;
		struct gyl_writer w;
		size_t len = 0;

		gyl_dns_begin(&d, buf, sizeof buf, 1, 0, 0);
		gyl_dns_put_question(&d, zone, 1, 1);
		assert_true(
			gyl_dns_put_rr(&d, GYL_DNS_ANSWER, zone, rdata_cases[i].type, 1, 0, rdata));
		assert_int_equal(gyl_dns_end(&d, &len).err, GYL_OK);
		assert_int_equal(gyl_dns_decode(gyl_view(buf, len), &msg).err, GYL_OK);
		gyl_dns_rr_init(&cur, &msg, GYL_DNS_ANSWER);
		assert_true(gyl_dns_rr_next(&cur, &rr));
		assert_int_equal(rr.rdata.len, rdata_cases[i].want_len);
		/* decode after encode gives the same values */
		gyl_writer_init(&w, again, sizeof again);
		gyl_dns_rdata_expand(&w, msg.raw, &rr);
		assert_true(gyl_view_eq(gyl_writer_view(&w), rdata));
	}
}

static void broken_rdata_is_refused(void **state)
{
	static const struct {
		uint16_t type;
		const char *rdata;
		size_t len;
	} bad[] = {{GYL_DNS_TYPE_NS, "\7exam", 5}, {GYL_DNS_TYPE_NS, "\xc0\x0c", 2},
		{GYL_DNS_TYPE_MX, "\0", 1}, {GYL_DNS_TYPE_SOA, "\1a\0", 3}};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(bad); i++) {
		uint8_t buf[256];
		size_t len = 0;

		gyl_dns_begin(&d, buf, sizeof buf, 1, 0, 0);
		assert_false(gyl_dns_put_rr(&d, GYL_DNS_ANSWER, zone, bad[i].type, 1, 0,
			gyl_view(bad[i].rdata, bad[i].len)));
		assert_int_equal(gyl_dns_end(&d, &len).err, GYL_E_NAME);
	}
}

static void sections_only_rise(void **state)
{
	uint8_t buf[256];
	size_t len = 0;

	(void)state;
	gyl_dns_begin(&d, buf, sizeof buf, 1, 0, 0);
	assert_true(gyl_dns_put_a(&d, GYL_DNS_AUTHORITY, zone, 0, 1));
	assert_false(gyl_dns_put_a(&d, GYL_DNS_ANSWER, zone, 0, 1));
	assert_int_equal(gyl_dns_end(&d, &len).err, GYL_E_FIELD);
}

/* A transfer: more suffixes than the table holds, offsets past what a pointer reaches, RRsets of
 * two. */
static void put_many(uint8_t *buf, size_t cap, unsigned cnt)
{
	gyl_dns_begin(&d, buf, cap, 1, GYL_DNS_QR, 0);
	gyl_dns_put_question(&d, zone, GYL_DNS_TYPE_AXFR, GYL_DNS_CLASS_IN);
	for (unsigned i = 0; i < cnt; i++) {
		uint8_t name[32] = "\4host\4xxxx\7example\3com";

		for (unsigned k = 0; k < 4; k++)
			name[6 + k] = (uint8_t)('a' + (i >> 4 * k & 15));
		gyl_dns_put_a(&d, GYL_DNS_ANSWER, name, 0, i);
		gyl_dns_put_a(&d, GYL_DNS_ANSWER, name, 0, ~i);
	}
}

static void long_messages_stay_right(void **state)
{
	static uint8_t buf[GYL_DNS_MSG_MAX];
	uint8_t name[GYL_DNS_NAME_MAX];
	struct gyl_dns_cursor cur;
	struct gyl_dns_msg msg;
	struct gyl_dns_rr rr;
	size_t len = 0;
	unsigned n = 0;

	(void)state;
	put_many(buf, sizeof buf, 700);
	assert_int_equal(gyl_dns_end(&d, &len).err, GYL_OK);
	assert_true(len > 0x4000 + 1000);
	assert_int_equal(gyl_dns_decode(gyl_view(buf, len), &msg).err, GYL_OK);
	assert_int_equal(msg.header.cnt[GYL_DNS_ANSWER], 1400);
	for (gyl_dns_rr_init(&cur, &msg, GYL_DNS_ANSWER); gyl_dns_rr_next(&cur, &rr); n++) {
		assert_int_equal(gyl_dns_name_get(msg.raw, rr.name_off, name), 23);
		assert_int_equal(name[6], 'a' + (n / 2 & 15));
		assert_int_equal(gyl_get_u32(rr.rdata.p), n % 2 == 0 ? n / 2 : ~(n / 2));
	}
	/* RRsets whose owner is not in the table are cut whole, too */
	for (size_t cap = 0x4000; cap < 0x4000 + 100; cap++) {
		put_many(buf, cap, 700);
		assert_int_equal(gyl_dns_end(&d, &len).err, GYL_OK);
		assert_int_equal(gyl_dns_decode(gyl_view(buf, len), &msg).err, GYL_OK);
		assert_int_equal(msg.header.cnt[GYL_DNS_ANSWER] % 2, 0);
		/* and one RRset only, of two records of at most 37 octets */
		assert_true(cap - len < 74);
		assert_true(msg.header.flags & GYL_DNS_TC);
	}
}

/* A name that first stands past offset 16383 cannot be pointed to, though the table has room for
 * it. */
static void nothing_points_past_16383(void **state)
{
	static uint8_t buf[40000], opaque[0x4000];
	struct gyl_dns_cursor cur;
	struct gyl_dns_msg msg;
	struct gyl_dns_rr rr;
	size_t len = 0;

	(void)state;
	gyl_dns_begin(&d, buf, sizeof buf, 1, GYL_DNS_QR, 0);
	gyl_dns_put_question(&d, zone, GYL_DNS_TYPE_ANY, GYL_DNS_CLASS_IN);
	gyl_dns_put_rr(
		&d, GYL_DNS_ANSWER, zone, GYL_DNS_TYPE_NULL, 1, 0, gyl_view(opaque, sizeof opaque));
	gyl_dns_put_a(&d, GYL_DNS_ANSWER, www, 0, 1);
	gyl_dns_put_a(&d, GYL_DNS_ADDITIONAL, www, 0, 2);
	assert_int_equal(gyl_dns_end(&d, &len).err, GYL_OK);
	assert_int_equal(gyl_dns_decode(gyl_view(buf, len), &msg).err, GYL_OK);
	for (gyl_dns_rr_init(&cur, &msg, GYL_DNS_QUESTION); gyl_dns_rr_next(&cur, &rr);) {
		uint8_t name[GYL_DNS_NAME_MAX];

		gyl_dns_name_get(msg.raw, rr.name_off, name);
		assert_string_equal(
			(const char *)name, (const char *)(rr.type == GYL_DNS_TYPE_A ? www : zone));
	}
}

static void replies_echo_the_query(void **state)
{
	uint8_t query[64], buf[64];
	size_t query_len = hex_bytes(
		       "beef 0130 0001 0000 0000 0000 01 41 00 0001 0001", query, sizeof query),
	       len = 0;
	static const char want[] = "beef 8513 0001 0000 0000 0000 01 41 00 0001 0001";
	uint8_t want_bytes[64];
	struct gyl_dns_query q;

	(void)state;
	assert_int_equal(gyl_dns_decode_query(gyl_view(query, query_len), &q).err, GYL_OK);
	gyl_dns_begin_reply(&d, buf, sizeof buf, &q, GYL_DNS_AA | GYL_DNS_NXDOMAIN);
	assert_int_equal(gyl_dns_end(&d, &len).err, GYL_OK);
	assert_int_equal(len, hex_bytes(want, want_bytes, sizeof want_bytes));
	assert_memory_equal(buf, want_bytes, len);
}

static void options_are_written(void **state)
{
	uint8_t buf[128], options[32];
	struct gyl_dns_edns edns = {
		.present = true, .dnssec_ok = true, .ext_rcode = 1, .udp_size = 1232};
	struct gyl_dns_msg msg;
	struct gyl_writer w;
	size_t len = 0;

	(void)state;
	gyl_writer_init(&w, options, sizeof options);
	gyl_dns_put_option(&w, GYL_DNS_OPT_NSID, gyl_view("ab", 2));
	gyl_dns_put_option(&w, GYL_DNS_OPT_COOKIE, gyl_view(NULL, 0));
	edns.options = gyl_writer_view(&w);
	gyl_dns_begin(&d, buf, sizeof buf, 1, GYL_DNS_QR, 0);
	gyl_dns_put_opt(&d, &edns);
	assert_int_equal(gyl_dns_end(&d, &len).err, GYL_OK);
	assert_int_equal(gyl_dns_decode(gyl_view(buf, len), &msg).err, GYL_OK);
	assert_int_equal(gyl_dns_rcode(msg.header.flags, &msg.edns), GYL_DNS_BADVERS);
	assert_true(msg.edns.dnssec_ok);
	assert_true(gyl_view_eq(msg.edns.options, edns.options));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_is_compressed_as_expected),
		cmocka_unit_test(every_capacity_gives_whole_rrsets_or_no_space),
		cmocka_unit_test(a_dropped_rrset_leaves_no_pointer_targets),
		cmocka_unit_test(additional_data_goes_without_tc),
		cmocka_unit_test(a_group_is_kept_or_dropped_together),
		cmocka_unit_test(case_is_kept_or_shared),
		cmocka_unit_test(only_old_types_are_compressed),
		cmocka_unit_test(broken_rdata_is_refused),
		cmocka_unit_test(sections_only_rise),
		cmocka_unit_test(long_messages_stay_right),
		cmocka_unit_test(nothing_points_past_16383),
		cmocka_unit_test(replies_echo_the_query),
		cmocka_unit_test(options_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
