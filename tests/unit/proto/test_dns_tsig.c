/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/dns_tsig.h>

static struct gyl_dns_tsig_rr sample(void)
{
	struct gyl_dns_tsig_rr rr = {.alg = GYL_DNS_TSIG_SHA256,
		.time_s = 0x0102030405u,
		.fudge_s = 300,
		.original_id = 0x1234,
		.error = GYL_DNS_BADTIME,
		.mac = {(const uint8_t *)"0123456789abcdef0123456789abcdef", 32},
		.other = {(const uint8_t *)"\0\1\2\3\4\5", 6}};

	memcpy(rr.key, "\003key", 5);
	memcpy(rr.alg_name, gyl_dns_tsig_alg_name(rr.alg), 13);
	return rr;
}

/* A query with a TSIG behind it. Returns its length. */
static size_t signed_query(uint8_t *buf, size_t cap, const struct gyl_dns_tsig_rr *rr)
{
	struct gyl_dns_writer d;
	struct gyl_writer w;
	size_t len = 0;

	gyl_dns_begin(&d, buf, cap, 0x4711, GYL_DNS_RD, 0);
	gyl_dns_put_question(
		&d, (const uint8_t *)"\001a\007example", GYL_DNS_TYPE_A, GYL_DNS_CLASS_IN);
	assert_int_equal(gyl_dns_end(&d, &len).err, GYL_OK);
	gyl_writer_init(&w, buf, cap);
	w.len = len;
	gyl_dns_tsig_append(&w, rr);
	assert_true(gyl_writer_ok(&w));
	assert_int_equal(w.len, len + gyl_dns_tsig_len(rr));
	return w.len;
}

static void rfc8945_4_2_what_was_appended_is_read(void **state)
{
	struct gyl_dns_tsig_rr rr = sample(), got;
	struct gyl_dns_query q;
	struct gyl_dns_msg m;
	uint8_t buf[512];
	size_t len = signed_query(buf, sizeof buf, &rr);

	(void)state;
	assert_int_equal(gyl_dns_decode_query(gyl_view(buf, len), &q).err, GYL_OK);
	assert_int_equal(gyl_dns_decode(gyl_view(buf, len), &m).err, GYL_OK);
	assert_int_equal(q.tsig_off, m.tsig_off);
	assert_int_equal(gyl_dns_tsig_decode(q.raw, q.tsig_off, &got).err, GYL_OK);
	assert_true(gyl_dns_name_eq(got.key, rr.key) && got.alg == rr.alg);
	assert_true(got.time_s == rr.time_s && got.fudge_s == 300 && got.original_id == 0x1234);
	assert_true(got.error == rr.error && gyl_view_eq(got.mac, rr.mac) &&
		    gyl_view_eq(got.other, rr.other));
}

/* RFC 8945 4.3.2: the original id, and the count without the TSIG. */
static void rfc8945_4_3_2_head_is_that_which_was_signed(void **state)
{
	struct gyl_dns_tsig_rr rr = sample();
	uint8_t buf[512], head[GYL_DNS_HEADER_LEN];
	size_t len = signed_query(buf, sizeof buf, &rr);

	(void)state;
	assert_int_equal(gyl_get_u16(buf + 10), 1);
	gyl_dns_tsig_head(gyl_view(buf, len), rr.original_id, head);
	assert_memory_equal(head, "\x12\x34\1\0\0\1\0\0\0\0\0\0", sizeof head);
}

static void rfc8945_4_3_3_variables_in_their_order(void **state)
{
	static const uint8_t want[] =
		"\003key\0\0\xff\0\0\0\0\013hmac-sha256\0\0\1\2\3\4\5\x01\x2c\0\x12\0\6\0\1\2\3\4\5";
	struct gyl_dns_tsig_rr rr = sample();
	uint8_t buf[GYL_DNS_TSIG_VARIABLES_MAX];
	struct gyl_writer w;

	(void)state;
	gyl_writer_init(&w, buf, sizeof buf);
	gyl_dns_tsig_put_variables(&w, &rr);
	assert_int_equal(w.len, sizeof want - 1);
	assert_memory_equal(buf, want, w.len);
	gyl_writer_init(&w, buf, sizeof buf);
	gyl_dns_tsig_put_timers(&w, &rr);
	assert_int_equal(w.len, GYL_DNS_TSIG_TIMERS_LEN);
	assert_memory_equal(buf, "\0\1\2\3\4\5\x01\x2c", 8);
}

/* Names in any case mean the same key, and the MAC is over lower case (RFC 8945 4.3.3). */
static void names_are_folded(void **state)
{
	struct gyl_dns_tsig_rr rr = sample(), got;
	struct gyl_dns_query q;
	uint8_t buf[512];
	size_t len;

	(void)state;
	memcpy(rr.key, "\003KeY", 5);
	memcpy(rr.alg_name, "\013HMAC-Sha256", 13);
	len = signed_query(buf, sizeof buf, &rr);
	assert_int_equal(gyl_dns_decode_query(gyl_view(buf, len), &q).err, GYL_OK);
	assert_int_equal(gyl_dns_tsig_decode(q.raw, q.tsig_off, &got).err, GYL_OK);
	assert_memory_equal(got.key, "\003key", 5);
	assert_memory_equal(got.alg_name, "\013hmac-sha256", 13);
	assert_int_equal(got.alg, GYL_DNS_TSIG_SHA256);
}

static void rfc8945_4_2_class_any_ttl_0(void **state)
{
	struct gyl_dns_tsig_rr rr = sample(), got;
	uint8_t buf[512];
	size_t len = signed_query(buf, sizeof buf, &rr), off = len - gyl_dns_tsig_len(&rr);
	size_t fixed = off + 5;

	(void)state;
	buf[fixed + 3] = GYL_DNS_CLASS_IN;
	assert_int_equal(gyl_dns_tsig_decode(gyl_view(buf, len), off, &got).err, GYL_E_FIELD);
	buf[fixed + 3] = GYL_DNS_CLASS_ANY;
	buf[fixed + 7] = 1;
	assert_int_equal(gyl_dns_tsig_decode(gyl_view(buf, len), off, &got).off, fixed + 4);
	buf[fixed + 7] = 0;
	assert_int_equal(gyl_dns_tsig_decode(gyl_view(buf, len), off, &got).err, GYL_OK);
	buf[fixed + 9]--;
	assert_int_equal(gyl_dns_tsig_decode(gyl_view(buf, len - 1), off, &got).err, GYL_E_LENGTH);
}

static void append_needs_room(void **state)
{
	struct gyl_dns_tsig_rr rr = sample();
	uint8_t buf[512] = {0};
	struct gyl_writer w;

	(void)state;
	gyl_writer_init(&w, buf, GYL_DNS_HEADER_LEN + gyl_dns_tsig_len(&rr) - 1);
	w.len = GYL_DNS_HEADER_LEN;
	gyl_dns_tsig_append(&w, &rr);
	assert_int_equal(w.fault.err, GYL_E_SPACE);
	assert_true(w.len == GYL_DNS_HEADER_LEN && buf[11] == 0);
	gyl_writer_init(&w, buf, sizeof buf);
	w.len = GYL_DNS_HEADER_LEN;
	buf[10] = buf[11] = 0xff;
	gyl_dns_tsig_append(&w, &rr);
	assert_int_equal(w.fault.err, GYL_E_COUNT);
}

static void rfc8945_6_algorithms(void **state)
{
	static const uint8_t len[] = {0, 20, 28, 32, 48, 64};

	(void)state;
	for (unsigned i = 1; i < GYL_DNS_TSIG_ALG_CNT; i++) {
		enum gyl_dns_tsig_alg alg = (enum gyl_dns_tsig_alg)i;
		const uint8_t *name = gyl_dns_tsig_alg_name(alg);

		assert_int_equal(gyl_dns_tsig_alg_find(name), alg);
		assert_int_equal(gyl_dns_tsig_mac_len(alg), len[i]);
		assert_int_equal(strlen(gyl_dns_tsig_alg_text(alg)) + 2, gyl_dns_name_len(name));
	}
	assert_int_equal(gyl_dns_tsig_alg_find((const uint8_t *)"\010hmac-md5\007sig-alg\003reg"
								"\003int"),
		GYL_DNS_TSIG_NONE);
	assert_null(gyl_dns_tsig_alg_name(GYL_DNS_TSIG_NONE));
}

static void secrets_are_base64(void **state)
{
	static const struct {
		const char *text, *want;
		enum gyl_err err;
		size_t off;
	} cases[] = {
		{"c2VjcmV0", "secret", GYL_OK, 0},
		{" c2VjcmV0IQ==\n", "secret!", GYL_OK, 0},
		{"", "", GYL_OK, 0},
		{" c2Vj!mV0", NULL, GYL_E_SYNTAX, 5},
		{"c2VjcmV0IQ=", NULL, GYL_E_SYNTAX, 11},
		{"c2VjcmV0IQ==c", NULL, GYL_E_SYNTAX, 12},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		uint8_t buf[16];
		struct gyl_writer w;
		struct gyl_fault f;

		gyl_writer_init(&w, buf, sizeof buf);
		f = gyl_dns_tsig_secret_parse(gyl_view_str(cases[i].text), &w);
		assert_int_equal(f.err, cases[i].err);
		if (cases[i].want == NULL)
			assert_int_equal(f.off, cases[i].off);
		else
			assert_true(gyl_view_eq(gyl_writer_view(&w), gyl_view_str(cases[i].want)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc8945_4_2_what_was_appended_is_read),
		cmocka_unit_test(rfc8945_4_3_2_head_is_that_which_was_signed),
		cmocka_unit_test(rfc8945_4_3_3_variables_in_their_order),
		cmocka_unit_test(names_are_folded),
		cmocka_unit_test(rfc8945_4_2_class_any_ttl_0),
		cmocka_unit_test(append_needs_room),
		cmocka_unit_test(rfc8945_6_algorithms),
		cmocka_unit_test(secrets_are_base64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
