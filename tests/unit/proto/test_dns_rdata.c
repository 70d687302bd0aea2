/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/dns_rdata.h>
#include <gyl/dns_text.h>
#include <gyl/text.h>

/* Words at single blanks; a word that starts with a quote ends with one. */
static size_t words(const char *text, struct gyl_dns_token *tok, size_t cap)
{
	size_t cnt = 0;

	while (*text != '\0') {
		bool quoted = *text == '"';
		size_t len = strcspn(text + quoted, quoted ? "\"" : " ");

		assert_true(cnt < cap);
		tok[cnt].quoted = quoted;
		tok[cnt++].text = gyl_view(text + quoted, len);
		text += len + 2 * quoted;
		text += *text == ' ';
	}
	return cnt;
}

static struct gyl_fault parse(const char *type, const char *text, struct gyl_writer *w, size_t *bad)
{
	struct gyl_dns_token tok[40];
	uint16_t code = 0;

	assert_int_equal(gyl_dns_type_parse(gyl_view_str(type), &code).err, GYL_OK);
	return gyl_dns_rdata_parse(
		code, tok, words(text, tok, TEST_CNT(tok)), (const uint8_t *)"\4test", w, bad);
}

static const struct {
	const char *type, *text, *hex;
} good_cases[] = {
	{"A", "10.0.0.1", "0a000001"},
	{"NS", "@", "0474657374 00"},
	{"MX", "10 mail", "000a 046d61696c 0474657374 00"},
	{"SOA", "ns. h. 1 2h 30m 1w2d 1H1m1S",
		"026e7300 016800 00000001 00001c20 00000708 000bdd80 00000e4d"},
	{"TXT", "bare \"in quotes\" a\\;\\032b", "0462617265 09696e2071756f746573 04613b2062"},
	{"TXT", "\"\"", "00"},
	{"HINFO", "a \"b c\"", "0161 03622063"},
	{"RRSIG", "A RSASHA256 2 3600 20240112110000 0 1 . AQ ID",
		"0001 08 02 00000e10 65a11bb0 00000000 0001 00 010203"},
	{"RRSIG", "A 8 0 0 21060207062815 19700101000000 1 . AA==",
		"0001 08 00 00000000 ffffffff 00000000 0001 00 00"},
	{"RRSIG", "A 8 0 0 20240229235959 20000301000000 1 . AA==",
		"0001 08 00 00000000 65e11a7f 38bc5d80 0001 00 00"},
	{"NSEC", ". TYPE65535 A caa MX",
		"00 0002 4001 0101 40 ff 20 0000000000000000000000000000000000000000000000000000000000000001"},
	{"NSEC3", "1 0 0 - 2VPTU5TIMAMQTTGL4LUU9KG21E0AOR3S",
		"01 00 0000 00 14 17f3df17b2b2adaef615257de4d2020b80ac6c7c"},
	{"NSEC3PARAM", "1 0 10 AABB", "01 00 000a 02 aabb"},
	{"DS", "1 8 2 AA bb Cc", "0001 08 02 aabbcc"},
	{"DNSKEY", "256 3 ED25519 AAE=", "0100 03 0f 0001"},
	{"CAA", "0 issue \"a\\034b\"", "00 05 6973737565 612262"},
	{"SSHFP", "1 2 00ff", "01 02 00ff"},
	{"CERT", "PKIX 1 0 AA==", "0001 0001 00 00"},
	{"AAAA", "2001:DB8::1", "20010db8 00000000 00000000 00000001"},
	/* SvcParams are sorted, lists inside them too; RFC 9460 A.1 and D */
	{"SVCB", "1 . port=53 alpn=h2", "0001 00 0001 0003 026832 0003 0002 0035"},
	{"SVCB", "16 . alpn=\"f\\\\\\\\oo\\\\,bar,h2\"",
		"0010 00 0001 000c 08665c6f6f2c626172 026832"},
	{"SVCB", "16 . alpn=f\\\\\\092oo\\092,bar,h2",
		"0010 00 0001 000c 08665c6f6f2c626172 026832"},
	{"HTTPS", "1 . mandatory=port,alpn key9=\"a\" alpn=h2 port=1",
		"0001 00 0000 0004 0001 0003 0001 0003 026832 0003 0002 0001 0009 0001 61"},
	{"HTTPS", "1 . dohpath=/dns-query{?dns}",
		"0001 00 0007 0010 2f646e732d71756572797b3f646e737d"},
	{"SVCB", "1 . key8", "0001 00 0008 0000"},
	/* RFC 8777 4.3.1 */
	{"AMTRELAY", "10 0 1 203.0.113.15", "0a 01 cb00710f"},
	{"AMTRELAY", "10 0 2 2001:db8::15", "0a 02 20010db8 00000000 00000000 00000015"},
	{"AMTRELAY", "128 1 3 amtrelays", "80 83 09616d7472656c617973 0474657374 00"},
	{"AMTRELAY", "255 1 0 .", "ff 80"},
	/* draft-durand-doa-over-dns-03 3.3 */
	{"DOA", "0 1 2 \"\" aHR0cHM6Ly93 d3cuaXNjLm9yZy8=",
		"00000000 00000001 02 00 68747470733a2f2f7777772e6973632e6f72672f"},
	{"DOA", "1234567890 1234567890 1 \"image/gif\" -",
		"499602d2 499602d2 01 09696d6167652f676966"},
	/* draft-johnson-dns-ipn-cla-07 3.1 */
	{"IPN", "977000", "00000000000ee868"},
	{"IPN", "1.2", "00000001 00000002"},
	{"IPN", "0", "0000000000000000"},
	{"IPN", "0.7", "0000000000000007"},
	{"IPN", "18446744073709551615", "ffffffffffffffff"},
	{"CLA", "TCP-V4-V6", "095443502d56342d5636"},
	/* RFC 9886 */
	{"HHIT", "gwppM2ZmZQ==", "830a6933666665"},
	{"BRID", "owAAAYIE UQ==", "a300000182 0451"},
	{"UID", "\\# 1 aa", "aa"},
	/* RFC 3597 */
	{"AMTRELAY", "\\# 3 0004 01", "000401"},
	{"TYPE731", "\\# 6 abcdef 012345", "abcdef012345"},
	{"TYPE731", "\\# 0", ""},
	{"A", "\\# 4 0a000001", "0a000001"},
	/* a quoted \# is text */
	{"TXT", "\"\\\\#\" 0", "025c23 0130"},
};

static void text_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(good_cases); i++) {
		uint8_t buf[512], want[512];
		struct gyl_writer w;
		size_t bad = 99;
		struct gyl_fault f;

		gyl_writer_init(&w, buf, sizeof buf);
		f = parse(good_cases[i].type, good_cases[i].text, &w, &bad);
		if (f.err != GYL_OK)
			fail_msg("%s %s: %s at word %zu, %zu", good_cases[i].type,
				good_cases[i].text, gyl_err_text(f.err), bad, f.off);
		assert_int_equal(bad, 99);
		if (w.len != hex_bytes(good_cases[i].hex, want, sizeof want) ||
			memcmp(buf, want, w.len) != 0)
			fail_msg("%s %s", good_cases[i].type, good_cases[i].text);
	}
}

static const struct {
	const char *type, *text;
	enum gyl_err err;
	size_t word, off;
} bad_cases[] = {
	{"A", "", GYL_E_MISSING, 0, 0},
	{"A", "10.0.0.256", GYL_E_RANGE, 0, 7},
	{"A", "10.0.0.1 x", GYL_E_COUNT, 1, 0},
	{"AAAA", "1::2::3", GYL_E_SYNTAX, 0, 5},
	{"MX", "70000 a", GYL_E_RANGE, 0, 0},
	{"MX", "10", GYL_E_MISSING, 1, 0},
	{"MX", "10 a..b", GYL_E_SYNTAX, 1, 2},
	{"SOA", "a. b. 1 2x 3 4 5", GYL_E_SYNTAX, 3, 1},
	{"SOA", "a. b. 1 1h5 3 4 5", GYL_E_SYNTAX, 3, 3},
	{"SOA", "a. b. 1 9999999999w 3 4 5", GYL_E_RANGE, 3, 0},
	{"TXT", "", GYL_E_MISSING, 0, 0},
	{"TXT", "a\\25", GYL_E_SYNTAX, 0, 1},
	{"TXT",
		"a "
		"1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"
		"1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"
		"12345678901234567890123456789012345678901234567890123456",
		GYL_E_RANGE, 1, 255},
	{"RRSIG", "NOTYPE 8 0 0 0 0 0 . AA==", GYL_E_SYNTAX, 0, 0},
	{"RRSIG", "A 8 0 0 20230229000000 0 0 . AA==", GYL_E_RANGE, 4, 0},
	{"RRSIG", "A 8 0 0 20231301000000 0 0 . AA==", GYL_E_RANGE, 4, 0},
	{"RRSIG", "A 8 0 0 21060207062816 0 0 . AA==", GYL_E_RANGE, 4, 0},
	{"RRSIG", "A 8 0 0 0 0 0 . A", GYL_E_MISSING, 9, 0},
	{"RRSIG", "A 8 0 0 0 0 0 . AB==", GYL_E_SYNTAX, 8, 2},
	{"RRSIG", "A 8 0 0 0 0 0 . AA== AA", GYL_E_SYNTAX, 9, 0},
	{"DS", "1 8 2 abc", GYL_E_MISSING, 4, 0},
	{"DS", "1 8 2 abxc", GYL_E_SYNTAX, 3, 2},
	{"NSEC", ". A NOPE", GYL_E_SYNTAX, 2, 0},
	{"NSEC", ". TYPE65536", GYL_E_RANGE, 1, 4},
	{"NSEC3", "1 0 0 - 0", GYL_E_SYNTAX, 4, 1},
	{"NSEC3", "1 0 0 - w0", GYL_E_SYNTAX, 4, 0},
	{"CAA", "0 is-sue a", GYL_E_SYNTAX, 1, 2},
	{"EUI48", "00-00-5e-00-53", GYL_E_SYNTAX, 0, 14},
	{"EUI48", "00-00-5e-00-53-2a-", GYL_E_SYNTAX, 0, 18},
	{"SVCB", "1 . port=1 alpn=h2 port=2", GYL_E_FIELD, 4, 0},
	{"SVCB", "1 . port=x", GYL_E_SYNTAX, 2, 5},
	{"SVCB", "1 . alpn=h2,,h3", GYL_E_SYNTAX, 2, 8},
	{"SVCB", "1 . ipv4hint=1.2.3.4,1.2.3", GYL_E_SYNTAX, 2, 22},
	{"SVCB", "1 . no-default-alpn=x", GYL_E_SYNTAX, 2, 16},
	{"SVCB", "1 . nokey=x", GYL_E_SYNTAX, 2, 0},
	{"SVCB", "1 . key65535=x", GYL_E_RANGE, 2, 3},
	{"SVCB", "1 . mandatory=mandatory", GYL_E_FIELD, 2, 10},
	{"SVCB", "1 . mandatory=port,port port=1", GYL_E_FIELD, 2, 15},
	{"TYPE731", "\\# 5 abcd", GYL_E_FIELD, 1, 0},
	{"TYPE731", "\\# 2", GYL_E_FIELD, 1, 0},
	{"TYPE731", "\\#", GYL_E_MISSING, 1, 0},
	{"TYPE731", "abcd", GYL_E_VERSION, 0, 0},
	{"LOC", "52 22 23.000 N 4 53 32.000 E -2.00m", GYL_E_VERSION, 0, 0},
	{"A", "\\# 3 0a0000", GYL_E_FIELD, 1, 0},
	{"AMTRELAY", "10 0", GYL_E_MISSING, 2, 0},
	{"AMTRELAY", "10 2 0 .", GYL_E_RANGE, 1, 0},
	{"AMTRELAY", "10 0 4 ab", GYL_E_RANGE, 2, 0},
	{"AMTRELAY", "10 0 0 a.", GYL_E_SYNTAX, 3, 0},
	{"AMTRELAY", "10 0 1 2001:db8::1", GYL_E_RANGE, 3, 0},
	{"AMTRELAY", "10 0 3 a..b", GYL_E_SYNTAX, 3, 2},
	{"AMTRELAY", "10 0 1 10.0.0.1 x", GYL_E_COUNT, 4, 0},
	{"AMTRELAY", "\\# 3 000001", GYL_E_FIELD, 1, 0},
	{"AMTRELAY", "\\# 1 0a", GYL_E_FIELD, 1, 0},
	{"AMTRELAY", "\\# 5 0a01cb0071", GYL_E_FIELD, 1, 0},
	{"AMTRELAY", "\\# 4 0a030161", GYL_E_FIELD, 1, 0},
	{"DOA", "1 2 3 \"\"", GYL_E_MISSING, 4, 0},
	{"DOA", "1 2 256 \"\" -", GYL_E_RANGE, 2, 0},
	{"DOA", "1 2 3 \"\" - -", GYL_E_SYNTAX, 4, 0},
	{"IPN", "01", GYL_E_SYNTAX, 0, 0},
	{"IPN", "1.02", GYL_E_SYNTAX, 0, 0},
	{"IPN", "1.", GYL_E_SYNTAX, 0, 2},
	{"IPN", ".1", GYL_E_SYNTAX, 0, 0},
	{"IPN", "1.2.3", GYL_E_SYNTAX, 0, 3},
	{"IPN", "1.4294967296", GYL_E_RANGE, 0, 2},
	{"IPN", "18446744073709551616", GYL_E_RANGE, 0, 0},
	{"IPN", "\\# 7 00000000000000", GYL_E_FIELD, 1, 0},
};

static void bad_text_is_refused_at_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(bad_cases); i++) {
		uint8_t buf[512];
		struct gyl_writer w;
		size_t bad = 99;
		struct gyl_fault f;

		gyl_writer_init(&w, buf, sizeof buf);
		f = parse(bad_cases[i].type, bad_cases[i].text, &w, &bad);
		if (f.err != bad_cases[i].err || f.off != bad_cases[i].off ||
			bad != bad_cases[i].word)
			fail_msg("%s %s: %s at word %zu, %zu", bad_cases[i].type, bad_cases[i].text,
				gyl_err_text(f.err), bad, f.off);
	}
}

static const struct {
	const char *type, *text;
} print_cases[] = {
	{"TXT", "\"\""},
	{"TXT", "\"\" \"\""},
	{"SVCB", "1 . no-default-alpn"},
	{"SVCB", "1 . no-default-alpn key8"},
	{"NSEC", "."},
	{"NSEC", ". A NS"},
	{"NSEC3PARAM", "1 0 0 -"},
	{"DNSKEY", "256 3 8"},
	{"CAA", "0 issue \"\""},
	{"ISDN", "\"1\""},
	{"URI", "1 2 \"\""},
	{"A", "\\# 0"},
	/* what passes on the wire but has no text of its own: zeros behind a bitmap, ... */
	{"NSEC", "\\# 5 0000024000"},
	{"NSEC", "\\# 7 00000140010100"},
	/* ... SvcParams without the value they need, keys that do not rise, key 65535 */
	{"SVCB", "\\# 7 00010000000000"},
	{"SVCB", "\\# 7 00010000010000"},
	{"SVCB", "\\# 7 00010000030000"},
	{"SVCB", "\\# 7 00010000040000"},
	{"SVCB", "\\# 11 0001000000000400040003"},
	{"SVCB", "\\# 9 000100000000020000"},
	{"SVCB", "\\# 7 000100ffff0000"},
	/* ... prefixes too long and zeros behind, no angles, more than one zero */
	{"APL", "\\# 6 000108020a00"},
	{"APL", "\\# 5 000121010a"},
	{"APL", "\\# 5 000281010a"},
	{"LOC", "\\# 16 00121613934fd9018000000000989680"},
	{"LOC", "\\# 16 0012161380000000a69fb20100989680"},
	{"LOC", "\\# 16 00021613800000008000000000989680"},
	{"WKS", "\\# 7 0a000001064000"},
	{"AMTRELAY", "10 0 1 203.0.113.15"},
	{"AMTRELAY", "10 1 2 2001:db8::15"},
	{"AMTRELAY", "10 0 3 a.test."},
	{"AMTRELAY", "10 0 0 ."},
	{"AMTRELAY", "\\# 3 000401"},
	{"DOA", "0 1 2 \"\" aHR0cHM6Ly93d3cuaXNjLm9yZy8="},
	{"DOA", "0 1 2 \"a\" -"},
	{"IPN", "4294967298"},
	{"HHIT", "gwppM2ZmZQ=="},
	{"UNSPEC", "\\# 1 aa"},
};

static void printed_text_is_what_was_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(print_cases); i++) {
		uint8_t buf[256];
		char text[256];
		struct gyl_writer w, w_text;
		struct gyl_dns_rr rr;
		uint16_t type = 0;
		size_t bad;

		gyl_writer_init(&w, buf, sizeof buf);
		assert_int_equal(
			parse(print_cases[i].type, print_cases[i].text, &w, &bad).err, GYL_OK);
		assert_int_equal(
			gyl_dns_type_parse(gyl_view_str(print_cases[i].type), &type).err, GYL_OK);
		rr = gyl_dns_rr_alone(type, GYL_DNS_CLASS_IN, gyl_writer_view(&w));
		gyl_writer_init(&w_text, text, sizeof text);
		gyl_dns_rdata_print(&w_text, rr.rdata, &rr);
		assert_string_equal(gyl_text_cstr(&w_text), print_cases[i].text);
	}
}

static struct gyl_fault parse_into(uint8_t *buf, size_t cap, size_t *ret_len, void *arg)
{
	size_t i = *(size_t *)arg, bad;
	struct gyl_writer w;
	struct gyl_fault f;

	gyl_writer_init(&w, buf, cap);
	f = parse(good_cases[i].type, good_cases[i].text, &w, &bad);
	if (!gyl_failed(f))
		*ret_len = w.len;
	return f;
}

static void parsing_is_bounded(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(good_cases); i++)

		prop_capacities(120, parse_into, &i);
}

static void a_relative_name_needs_an_origin(void **state)
{
	struct gyl_dns_token tok = {gyl_view_str("a"), false};
	uint8_t buf[16];
	struct gyl_writer w;
	size_t bad = 99;

	(void)state;
	gyl_writer_init(&w, buf, sizeof buf);
	assert_int_equal(
		gyl_dns_rdata_parse(GYL_DNS_TYPE_NS, &tok, 1, NULL, &w, &bad).err, GYL_E_MISSING);
	assert_int_equal(bad, 0);
}

/* Rdata of a type from its text, as a record that stands alone. */
static struct gyl_dns_rr record(const char *type, const char *text)
{
	static uint8_t buf[512];
	struct gyl_writer w;
	uint16_t code = 0;
	size_t bad;

	gyl_writer_init(&w, buf, sizeof buf);
	assert_int_equal(parse(type, text, &w, &bad).err, GYL_OK);
	assert_int_equal(gyl_dns_type_parse(gyl_view_str(type), &code).err, GYL_OK);
	assert_int_equal(
		gyl_dns_rdata_check(code, GYL_DNS_CLASS_IN, gyl_writer_view(&w)).err, GYL_OK);
	return gyl_dns_rr_alone(code, GYL_DNS_CLASS_IN, gyl_writer_view(&w));
}

static void assert_name(const struct gyl_dns_rr *rr, size_t off, const char *name)
{
	uint8_t got[GYL_DNS_NAME_MAX];

	gyl_dns_name_get(rr->rdata, off, got);
	assert_string_equal((const char *)got, name);
}

static void typed_readers_read(void **state)
{
	struct gyl_dns_naptr naptr;
	struct gyl_dns_rrsig sig;
	struct gyl_dns_soa soa;
	struct gyl_dns_srv srv;
	struct gyl_dns_mx mx;
	struct gyl_dns_rr rr;
	uint16_t off;
	uint32_t ip;

	(void)state;
	rr = record("A", "10.0.0.1");
	assert_true(gyl_dns_rdata_a(&rr, &ip) && ip == 0x0a000001);
	rr = record("DNAME", "a.");
	assert_true(gyl_dns_rdata_name(rr.rdata, &rr, &off));
	assert_name(&rr, off, "\1a");
	rr = record("SOA", "a. b. 1 2 3 4 5");
	assert_true(gyl_dns_rdata_soa(rr.rdata, &rr, &soa));
	assert_name(&rr, soa.mname_off, "\1a");
	assert_name(&rr, soa.rname_off, "\1b");
	assert_true(soa.serial == 1 && soa.refresh == 2 && soa.retry == 3 && soa.expire == 4 &&
		    soa.minimum == 5);
	rr = record("MX", "7 a.");
	assert_true(gyl_dns_rdata_mx(rr.rdata, &rr, &mx) && mx.preference == 7);
	assert_name(&rr, mx.exchange_off, "\1a");
	rr = record("SRV", "1 2 3 a.");
	assert_true(gyl_dns_rdata_srv(rr.rdata, &rr, &srv));
	assert_true(srv.priority == 1 && srv.weight == 2 && srv.port == 3);
	assert_name(&rr, srv.target_off, "\1a");
	rr = record("NAPTR", "1 2 f \"\" re a.");
	assert_true(gyl_dns_rdata_naptr(rr.rdata, &rr, &naptr) && naptr.order == 1 &&
		    naptr.preference == 2);
	assert_true(gyl_view_eq(naptr.flags, gyl_view("f", 1)) && naptr.services.len == 0);
	assert_true(gyl_view_eq(naptr.regexp, gyl_view("re", 2)));
	assert_name(&rr, naptr.replacement_off, "\1a");
	rr = record("RRSIG", "MX 8 2 3 4 5 6 a. AQID");
	assert_true(
		gyl_dns_rdata_rrsig(rr.rdata, &rr, &sig) && sig.type_covered == GYL_DNS_TYPE_MX);
	assert_true(sig.algorithm == 8 && sig.labels == 2 && sig.original_ttl == 3 &&
		    sig.expiration == 4);
	assert_true(sig.inception == 5 && sig.key_tag == 6 &&
		    gyl_view_eq(sig.signature, gyl_view("\1\2\3", 3)));
	assert_name(&rr, sig.signer_off, "\1a");
	/* not for other types, nor for empty rdata */
	assert_false(gyl_dns_rdata_mx(rr.rdata, &rr, &mx));
	assert_false(gyl_dns_rdata_a(&rr, &ip));
	assert_false(gyl_dns_rdata_name(rr.rdata, &rr, &off));
	rr = gyl_dns_rr_alone(GYL_DNS_TYPE_MX, GYL_DNS_CLASS_ANY, gyl_view(NULL, 0));
	assert_false(gyl_dns_rdata_mx(rr.rdata, &rr, &mx));
}

static void readers_without_names_read(void **state)
{
	struct gyl_dns_nsec3param param;
	struct gyl_dns_dnskey key;
	struct gyl_dns_nsec3 nsec3;
	struct gyl_dns_sshfp sshfp;
	struct gyl_dns_tlsa tlsa;
	struct gyl_dns_caa caa;
	struct gyl_dns_ds ds;
	struct gyl_dns_rr rr;
	struct gyl_view v;
	uint8_t ip[16];
	size_t off = 0;

	(void)state;
	rr = record("AAAA", "::1");
	assert_true(gyl_dns_rdata_aaaa(&rr, ip) && ip[15] == 1);
	/* these need no message, so the offset of the rdata in one must not matter */
	rr = record("DS", "1 2 3 0405");
	rr.rdata_off = 77;
	assert_true(gyl_dns_rdata_ds(&rr, &ds) && ds.key_tag == 1 && ds.algorithm == 2 &&
		    ds.digest_type == 3);
	assert_true(gyl_view_eq(ds.digest, gyl_view("\4\5", 2)));
	rr = record("DNSKEY", "257 3 8 AQI=");
	assert_true(gyl_dns_rdata_dnskey(&rr, &key) && key.flags == 257 && key.protocol == 3 &&
		    key.algorithm == 8);
	assert_true(gyl_view_eq(key.public_key, gyl_view("\1\2", 2)));
	rr = record("NSEC3", "1 2 3 aa 00 A");
	assert_true(gyl_dns_rdata_nsec3(&rr, &nsec3) && nsec3.algorithm == 1 && nsec3.flags == 2);
	assert_true(nsec3.iterations == 3 && gyl_view_eq(nsec3.salt, gyl_view("\xaa", 1)));
	assert_true(nsec3.next_hash.len == 1 && gyl_dns_bitmap_has(nsec3.types, GYL_DNS_TYPE_A));
	rr = record("NSEC3PARAM", "1 2 3 aa");
	assert_true(gyl_dns_rdata_nsec3param(&rr, &param) && param.iterations == 3 &&
		    param.salt.len == 1);
	rr = record("TLSA", "1 2 3 04");
	assert_true(gyl_dns_rdata_tlsa(&rr, &tlsa) && tlsa.usage == 1 && tlsa.selector == 2 &&
		    tlsa.matching == 3);
	assert_int_equal(tlsa.data.len, 1);
	rr = record("SSHFP", "1 2 03");
	assert_true(gyl_dns_rdata_sshfp(&rr, &sshfp) && sshfp.algorithm == 1 && sshfp.fp_type == 2);
	assert_int_equal(sshfp.fingerprint.p[0], 3);
	rr = record("CAA", "128 iodef x");
	assert_true(gyl_dns_rdata_caa(&rr, &caa) && caa.flags == 128 &&
		    gyl_view_eq(caa.tag, gyl_view("iodef", 5)));
	assert_true(gyl_view_eq(caa.value, gyl_view("x", 1)));
	rr = record("TXT", "a bc");
	assert_true(gyl_dns_rdata_txt(&rr, &v));
	assert_true(gyl_dns_str_next(v, &off, &v) && v.len == 1);
	assert_true(gyl_dns_rdata_txt(&rr, &v) && gyl_dns_str_next(v, &off, &v) && v.len == 2);
	assert_true(gyl_dns_rdata_txt(&rr, &v) && !gyl_dns_str_next(v, &off, &v));
}

static void svcb_and_tsig_read(void **state)
{
	static const uint8_t tsig_rdata[] =
		"\4hmac\0\1\2\3\4\5\6\1\x2c\0\2\xaa\xbb\x12\x34\0\x12\0\1";
	struct gyl_dns_rr rr = record("HTTPS", "1 a. port=53 alpn=h2");
	struct gyl_dns_svcparam param;
	struct gyl_dns_svcb svcb;
	struct gyl_dns_tsig tsig;
	size_t off = 0;

	(void)state;
	assert_true(gyl_dns_rdata_svcb(rr.rdata, &rr, &svcb) && svcb.priority == 1);
	assert_name(&rr, svcb.target_off, "\1a");
	assert_true(
		gyl_dns_svcparam_next(svcb.params, &off, &param) && param.key == GYL_DNS_SVC_ALPN);
	assert_true(
		gyl_dns_svcparam_next(svcb.params, &off, &param) && param.key == GYL_DNS_SVC_PORT);
	assert_true(gyl_view_eq(param.val, gyl_view("\0\x35", 2)));
	assert_false(gyl_dns_svcparam_next(svcb.params, &off, &param));
	rr = gyl_dns_rr_alone(
		GYL_DNS_TYPE_TSIG, GYL_DNS_CLASS_ANY, gyl_view(tsig_rdata, sizeof tsig_rdata));
	assert_true(gyl_dns_rdata_tsig(rr.rdata, &rr, &tsig));
	assert_name(&rr, tsig.algorithm_off, "\4hmac");
	assert_true(
		tsig.time_signed_s == 0x010203040506 && tsig.fudge_s == 300 && tsig.mac.len == 2);
	assert_true(tsig.original_id == 0x1234 && tsig.error == 18 &&
		    gyl_view_eq(tsig.other, gyl_view("\0", 1)));
}

static void bitmaps_are_sets(void **state)
{
	static const uint16_t types[] = {257, 1, 15, 46, 1, 47, 65535, 256};
	static const uint16_t sorted[] = {1, 15, 46, 47, 256, 257, 65535};
	uint8_t buf[128];
	struct gyl_writer w;
	uint16_t type = 0;
	unsigned from = 0, n = 0;

	(void)state;
	gyl_writer_init(&w, buf, sizeof buf);
	gyl_dns_bitmap_put(&w, types, TEST_CNT(types));
	for (; from < 65536 && gyl_dns_bitmap_next(gyl_writer_view(&w), (uint16_t)from, &type);
		from = type + 1u)
		assert_int_equal(type, sorted[n++]);
	assert_int_equal(n, TEST_CNT(sorted));
	assert_true(gyl_dns_bitmap_has(gyl_writer_view(&w), 257));
	assert_false(gyl_dns_bitmap_has(gyl_writer_view(&w), 258));
	assert_false(gyl_dns_bitmap_has(gyl_view(NULL, 0), 0));
}

static void canonical_form_folds_old_types_only(void **state)
{
	static const struct {
		const char *type, *text, *hex;
	} cases[] = {
		{"MX", "10 A.b.", "000a 0161 0162 00"},
		{"RRSIG", "A 8 0 0 0 0 0 ZZ. AA==",
			"0001 08 00 00000000 00000000 00000000 0000 027a7a 00 00"},
		/* RFC 6840 5.1: not NSEC; and no type younger than RFC 4034 */
		{"NSEC", "A. A", "0141 00 0001 40"},
		{"SVCB", "1 A.", "0001 0141 00"},
		{"TXT", "AB", "024142"},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		struct gyl_dns_rr rr = record(cases[i].type, cases[i].text);
		uint8_t buf[64], want[64];
		struct gyl_writer w;

		gyl_writer_init(&w, buf, sizeof buf);
		gyl_dns_rdata_canonical(&w, rr.rdata, &rr);
		assert_int_equal(w.len, hex_bytes(cases[i].hex, want, sizeof want));
		assert_memory_equal(buf, want, w.len);
	}
}

static void rdata_that_stands_alone_is_proven(void **state)
{
	(void)state;
	assert_int_equal(gyl_dns_rdata_check(GYL_DNS_TYPE_NS, 1, gyl_view("\1a\0", 3)).err, GYL_OK);
	assert_int_equal(
		gyl_dns_rdata_check(GYL_DNS_TYPE_NS, 1, gyl_view("\1a\0x", 4)).err, GYL_E_LENGTH);
	assert_int_equal(gyl_dns_rdata_check(GYL_DNS_TYPE_NS, 1, gyl_view("\1a\xc0\0", 4)).err,
		GYL_E_POINTER);
	assert_int_equal(gyl_dns_rdata_check(GYL_DNS_TYPE_MX, 1, gyl_view("\0\0\1a\xc0\2", 6)).err,
		GYL_E_POINTER);
	assert_int_equal(
		gyl_dns_rdata_check(GYL_DNS_TYPE_A, GYL_DNS_CLASS_CH, gyl_view("abc", 3)).err,
		GYL_OK);
}

static void mnemonics_go_both_ways(void **state)
{
	uint16_t type = 0;

	(void)state;
	for (unsigned code = 0; code < 65536; code++) {
		uint8_t buf[16];
		struct gyl_writer w;

		gyl_writer_init(&w, buf, sizeof buf);
		gyl_dns_type_print(&w, (uint16_t)code);
		assert_int_equal(gyl_dns_type_parse(gyl_writer_view(&w), &type).err, GYL_OK);
		assert_int_equal(type, code);
		gyl_writer_init(&w, buf, sizeof buf);
		gyl_dns_class_print(&w, (uint16_t)code);
		assert_int_equal(gyl_dns_class_parse(gyl_writer_view(&w), &type).err, GYL_OK);
		assert_int_equal(type, code);
	}
	assert_int_equal(gyl_dns_type_parse(gyl_view_str("aaaa"), &type).err, GYL_OK);
	assert_int_equal(type, GYL_DNS_TYPE_AAAA);
	assert_int_equal(gyl_dns_type_parse(gyl_view_str("type00028"), &type).err, GYL_OK);
	assert_int_equal(gyl_dns_type_parse(gyl_view_str("TYPE"), &type).err, GYL_E_SYNTAX);
	assert_int_equal(gyl_dns_type_parse(gyl_view_str("AAA"), &type).err, GYL_E_SYNTAX);
	assert_int_equal(gyl_dns_class_parse(gyl_view_str("CLASS65536"), &type).err, GYL_E_RANGE);
}

/* IANA's registry of 2025-10: each type that records may have, what is not in it is TYPEn. */
static void every_type_of_the_registry_has_its_name(void **state)
{
	static const char *const dense[] = {NULL, "A", "NS", "MD", "MF", "CNAME", "SOA", "MB", "MG",
		"MR", "NULL", "WKS", "PTR", "HINFO", "MINFO", "MX", "TXT", "RP", "AFSDB", "X25",
		"ISDN", "RT", "NSAP", "NSAP-PTR", "SIG", "KEY", "PX", "GPOS", "AAAA", "LOC", "NXT",
		"EID", "NIMLOC", "SRV", "ATMA", "NAPTR", "KX", "CERT", "A6", "DNAME", "SINK", "OPT",
		"APL", "DS", "SSHFP", "IPSECKEY", "RRSIG", "NSEC", "DNSKEY", "DHCID", "NSEC3",
		"NSEC3PARAM", "TLSA", "SMIMEA", NULL, "HIP", "NINFO", "RKEY", "TALINK", "CDS",
		"CDNSKEY", "OPENPGPKEY", "CSYNC", "ZONEMD", "SVCB", "HTTPS", "DSYNC", "HHIT",
		"BRID"};
	static const struct {
		uint16_t code;
		const char *name;
	} rare[] = {{99, "SPF"}, {100, "UINFO"}, {101, "UID"}, {102, "GID"}, {103, "UNSPEC"},
		{104, "NID"}, {105, "L32"}, {106, "L64"}, {107, "LP"}, {108, "EUI48"},
		{109, "EUI64"}, {128, "NXNAME"}, {249, "TKEY"}, {250, "TSIG"}, {251, "IXFR"},
		{252, "AXFR"}, {253, "MAILB"}, {254, "MAILA"}, {255, "ANY"}, {256, "URI"},
		{257, "CAA"}, {258, "AVC"}, {259, "DOA"}, {260, "AMTRELAY"}, {261, "RESINFO"},
		{262, "WALLET"}, {263, "CLA"}, {264, "IPN"}, {32768, "TA"}, {32769, "DLV"}};
	uint16_t type = 0;

	(void)state;
	for (size_t i = 1; i < TEST_CNT(dense); i++) {
		if (dense[i] == NULL)
			continue;
		assert_int_equal(gyl_dns_type_parse(gyl_view_str(dense[i]), &type).err, GYL_OK);
		assert_int_equal(type, i);
	}
	for (size_t i = 0; i < TEST_CNT(rare); i++) {
		assert_int_equal(gyl_dns_type_parse(gyl_view_str(rare[i].name), &type).err, GYL_OK);
		assert_int_equal(type, rare[i].code);
	}
}

static const struct {
	uint16_t code;
	const char *hex, *text;
} option_cases[] = {
	{3, "6869", "NSID: 6869 (\"hi\")"},
	{5, "0508", "DAU: 5 8"},
	{8, "0001 18 00 c00002", "SUBNET: 192.0.2.0/24/0"},
	{8, "0002 20 00 20010db8", "SUBNET: 2001:db8::/32/0"},
	{8, "0001 18", "SUBNET: 000118"},
	{9, "00000e10", "EXPIRE: 3600"},
	{10, "0102030405060708", "COOKIE: 0102030405060708"},
	{11, "0041", "KEEPALIVE: 6.5s"},
	{11, "", "KEEPALIVE: "},
	{12, "000000", "PADDING: 3 octets"},
	{13, "0161 00", "CHAIN: a."},
	{14, "0001 ffff", "KEYTAG: 1 65535"},
	{15, "0012", "EDE: 18 (Prohibited)"},
	{15, "03e8 22", "EDE: 1000 \"\\\"\""},
	{15, "00", "EDE: 00"},
	{65001, "ff", "OPT65001: ff"},
};

static void options_are_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(option_cases); i++) {
		uint8_t val[32];
		char text[128];
		struct gyl_dns_option opt = {option_cases[i].code, gyl_view(val, 0)};
		struct gyl_writer w;

		opt.val.len = hex_bytes(option_cases[i].hex, val, sizeof val);
		gyl_writer_init(&w, text, sizeof text);
		gyl_dns_option_print(&w, &opt);
		assert_string_equal(gyl_text_cstr(&w), option_cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_read),
		cmocka_unit_test(bad_text_is_refused_at_its_place),
		cmocka_unit_test(printed_text_is_what_was_read),
		cmocka_unit_test(parsing_is_bounded),
		cmocka_unit_test(a_relative_name_needs_an_origin),
		cmocka_unit_test(typed_readers_read),
		cmocka_unit_test(readers_without_names_read),
		cmocka_unit_test(svcb_and_tsig_read),
		cmocka_unit_test(bitmaps_are_sets),
		cmocka_unit_test(canonical_form_folds_old_types_only),
		cmocka_unit_test(rdata_that_stands_alone_is_proven),
		cmocka_unit_test(mnemonics_go_both_ways),
		cmocka_unit_test(every_type_of_the_registry_has_its_name),
		cmocka_unit_test(options_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
