/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/dns_rdata.h>
#include <gyl/dns_text.h>
#include <gyl/json.h>
#include <gyl/text.h>

/* header: id, flags, four counts */
#define HDR(flags, qd, an, ns, ar) "1234" flags qd an ns ar
#define QUERY                      HDR("0100", "0001", "0000", "0000", "0000")
#define QUERY_AR1                  HDR("0100", "0001", "0000", "0000", "0001")
#define ANSWER1                    HDR("8180", "0001", "0001", "0000", "0000")
/* a.b. A IN, 12 to 20; what follows starts at 21 */
#define QUESTION                   "0161 0162 00 0001 0001"
#define OPT                        "00 0029 04d0 00008000 0000"
#define RR(type)                   "c00c" type "0001 0000003c"

static const struct {
	const char *name, *hex;
	enum gyl_err err;
	size_t off;
} decode_cases[] = {
	/* header */
	{"nothing", "", GYL_E_SHORT, 12},
	{"one octet of the header missing", "1234 0000 0000 0000 0000 00", GYL_E_SHORT, 12},
	{"empty message", HDR("0000", "0000", "0000", "0000", "0000"), GYL_OK, 0},
	{"octets behind", HDR("0000", "0000", "0000", "0000", "0000") "ff", GYL_LENIENT, 12},
	/* question */
	{"one question", QUERY QUESTION, GYL_OK, 0},
	{"question announced but absent", QUERY, GYL_E_SHORT, 13},
	{"question without its class", QUERY "0161 0162 00 0001 00", GYL_E_SHORT, 21},
	{"name points into the header", QUERY "c000 0001 0001", GYL_E_POINTER, 12},
	{"name points to itself", QUERY "c00c 0001 0001", GYL_E_POINTER, 12},
	{"label type 01", QUERY "41 00 0001 0001", GYL_E_NAME, 12},
	/* record framing */
	{"A", ANSWER1 QUESTION RR("0001") "0004 0a000001", GYL_OK, 0},
	{"fixed part cut", ANSWER1 QUESTION "c00c 0001 0001 0000003c 00", GYL_E_SHORT, 33},
	{"rdata cut", ANSWER1 QUESTION RR("0001") "0004 0a0000", GYL_E_SHORT, 37},
	{"forward pointer in an owner", ANSWER1 QUESTION "c020 0001 0001 0000003c 0004 0a000001",
		GYL_E_POINTER, 21},
	{"owner that goes on in the octets behind",
		ANSWER1 "02 1961 00 0001 0001 c00d 0001 0001 0000003c 0004 0a000001"
			"000000000000000000000000000000",
		GYL_E_POINTER, 20},
	/* rdata */
	{"A of 3 octets", ANSWER1 QUESTION RR("0001") "0003 0a0000", GYL_E_LENGTH, 31},
	{"A of 5 octets", ANSWER1 QUESTION RR("0001") "0005 0a00000000", GYL_E_LENGTH, 31},
	{"A of no octets", ANSWER1 QUESTION RR("0001") "0000", GYL_E_LENGTH, 31},
	{"A of no octets, class ANY", ANSWER1 QUESTION "c00c 0001 00ff 00000000 0000", GYL_OK, 0},
	{"A of no octets, class NONE", ANSWER1 QUESTION "c00c 0001 00fe 00000000 0000", GYL_OK, 0},
	{"A of Chaosnet", ANSWER1 QUESTION "c00c 0001 0003 00000000 0003 000001", GYL_OK, 0},
	{"NS, compressed", ANSWER1 QUESTION RR("0002") "0002 c00e", GYL_OK, 0},
	{"NS that runs past its rdata", ANSWER1 QUESTION RR("0002") "0002 0163 00", GYL_E_LENGTH,
		31},
	{"NS with octets behind", ANSWER1 QUESTION RR("0002") "0003 c00c00", GYL_E_LENGTH, 31},
	{"NS that points to itself", ANSWER1 QUESTION RR("0002") "0002 c021", GYL_E_POINTER, 33},
	{"NS that points into the header", ANSWER1 QUESTION RR("0002") "0002 c004", GYL_E_POINTER,
		33},
	{"SRV, compressed", ANSWER1 QUESTION RR("0021") "0008 0001 0002 0003 c00c", GYL_OK, 0},
	{"DNAME, compressed", ANSWER1 QUESTION RR("0027") "0002 c00c", GYL_E_POINTER, 33},
	{"RRSIG with compressed signer",
		ANSWER1 QUESTION RR(
			"002e") "0015 0001 05 02 0000003c 00000000 00000000 0001 c00c ff",
		GYL_E_POINTER, 51},
	{"TXT", ANSWER1 QUESTION RR("0010") "0003 01 61 00", GYL_OK, 0},
	{"TXT, string past the end", ANSWER1 QUESTION RR("0010") "0002 02 61", GYL_E_LENGTH, 31},
	{"TXT without a string", ANSWER1 QUESTION RR("0010") "0000", GYL_E_LENGTH, 31},
	{"NSEC without types", ANSWER1 QUESTION RR("002f") "0001 00", GYL_OK, 0},
	{"NSEC, window past the end", ANSWER1 QUESTION RR("002f") "0004 00 00 02 40", GYL_E_LENGTH,
		31},
	{"NSEC, empty window", ANSWER1 QUESTION RR("002f") "0003 00 00 00", GYL_E_FIELD, 34},
	{"NSEC, window of 33",
		ANSWER1 QUESTION RR(
			"002f") "0024 00 00 21"
				"000000000000000000000000000000000000000000000000000000000000000001",
		GYL_E_FIELD, 34},
	{"NSEC, window twice", ANSWER1 QUESTION RR("002f") "0007 00 00 01 40 00 01 40", GYL_E_FIELD,
		37},
	{"NSEC3 without a hash", ANSWER1 QUESTION RR("0032") "0006 01 00 0000 00 00", GYL_E_FIELD,
		38},
	{"CAA without a tag", ANSWER1 QUESTION RR("0101") "0002 00 00", GYL_E_FIELD, 34},
	{"SVCB, keys fall", ANSWER1 QUESTION RR("0040") "000d 0001 00 0003 0002 0035 0002 0000",
		GYL_E_FIELD, 42},
	{"SVCB, key twice", ANSWER1 QUESTION RR("0040") "000b 0001 00 0002 0000 0002 0000",
		GYL_E_FIELD, 40},
	{"SVCB, value past the end", ANSWER1 QUESTION RR("0041") "0008 0001 00 0003 0002 35",
		GYL_E_OPTION, 36},
	{"APL, address past the end", ANSWER1 QUESTION RR("002a") "0005 0001 08 02 0a",
		GYL_E_OPTION, 33},
	{"LOC of 15 octets", ANSWER1 QUESTION RR("001d") "000f 00121212 00000000 00000000 000000",
		GYL_E_LENGTH, 31},
	{"LOC of another version", ANSWER1 QUESTION RR("001d") "0002 01 ff", GYL_OK, 0},
	{"HIP without a key", ANSWER1 QUESTION RR("0037") "0005 01 02 0000 ff", GYL_E_FIELD, 33},
	{"IPSECKEY, half an address", ANSWER1 QUESTION RR("002d") "0005 0a 01 02 0000",
		GYL_E_LENGTH, 31},
	{"unknown type", ANSWER1 QUESTION RR("ff00") "0003 c0ffee", GYL_OK, 0},
	/* EDNS */
	{"OPT", QUERY_AR1 QUESTION OPT, GYL_OK, 0},
	{"OPT with options", QUERY_AR1 QUESTION "00 0029 04d0 00000000 0008 0003 0000 000a 0000",
		GYL_OK, 0},
	{"OPT, option cut", QUERY_AR1 QUESTION "00 0029 04d0 00000000 0003 0003 00", GYL_E_OPTION,
		32},
	{"OPT, option past the end", QUERY_AR1 QUESTION "00 0029 04d0 00000000 0005 0003 0002 ff",
		GYL_E_OPTION, 32},
	{"OPT with an owner", QUERY_AR1 QUESTION "c00c 0029 04d0 00000000 0000", GYL_E_NAME, 21},
	{"two OPTs", HDR("0100", "0001", "0000", "0000", "0002") QUESTION OPT OPT, GYL_E_COUNT, 32},
	{"OPT among the answers", ANSWER1 QUESTION OPT, GYL_E_FIELD, 22},
	{"OPT before other additional records",
		HDR("0100", "0001", "0000", "0000", "0002") QUESTION OPT RR("0001") "0004 0a000001",
		GYL_OK, 0},
	/* TSIG */
	{"TSIG is last",
		QUERY_AR1 QUESTION
		"016b 00 00fa 00ff 00000000 0011 00 000000000001 012c 0000 1234 0000 0000",
		GYL_OK, 0},
	{"TSIG is not last",
		HDR("0100", "0001", "0000", "0000", "0002") QUESTION
		"016b 00 00fa 00ff 00000000 0011 00 000000000001 012c 0000 1234 0000 0000" OPT,
		GYL_E_FIELD, 24},
};

static void messages_are_proven(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(decode_cases); i++) {
		uint8_t buf[256];
		size_t len = hex_bytes(decode_cases[i].hex, buf, sizeof buf);
		struct gyl_dns_msg msg;
		struct gyl_fault f;
		struct guard g;

		guard_open(&g, gyl_view(buf, len));
		f = gyl_dns_decode(g.view, &msg);
		guard_close(&g);
		if (f.err != decode_cases[i].err || f.off != decode_cases[i].off)
			fail_msg("%s: %s at %zu", decode_cases[i].name, gyl_err_text(f.err), f.off);
	}
}

static const struct {
	const char *name, *hex;
	enum gyl_err err;
	size_t off;
} query_cases[] = {
	{"plain", QUERY QUESTION, GYL_OK, 0},
	{"with OPT", QUERY_AR1 QUESTION OPT, GYL_OK, 0},
	{"octets behind", QUERY QUESTION "00", GYL_LENIENT, 21},
	{"no header", "1234 0100", GYL_E_SHORT, 12},
	{"a response", ANSWER1 QUESTION, GYL_E_FIELD, 2},
	{"no question", HDR("0100", "0000", "0000", "0000", "0000"), GYL_E_COUNT, 4},
	{"two questions", HDR("0100", "0002", "0000", "0000", "0000") QUESTION QUESTION,
		GYL_E_COUNT, 4},
	{"question cut", QUERY "0161 0162 00 0001", GYL_E_SHORT, 21},
	{"compressed question", QUERY "0161 c00c 0001 0001", GYL_E_POINTER, 14},
	{"OPT cut", QUERY_AR1 QUESTION "00 0029 04d0 00008000", GYL_E_SHORT, 32},
	{"two OPTs", HDR("0100", "0001", "0000", "0000", "0002") QUESTION OPT OPT, GYL_E_COUNT, 32},
	{"OPT with an owner", QUERY_AR1 QUESTION "c00c 0029 04d0 00000000 0000", GYL_E_NAME, 21},
	{"option cut", QUERY_AR1 QUESTION "00 0029 04d0 00000000 0003 0003 00", GYL_E_OPTION, 32},
	{"IXFR carries a SOA",
		HDR("0000", "0001", "0000", "0001", "0000")
			QUESTION RR("0006") "0016 00 00 0000000100000000000000000000000000000000",
		GYL_OK, 0},
};

static void queries_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(query_cases); i++) {
		uint8_t buf[256];
		size_t len = hex_bytes(query_cases[i].hex, buf, sizeof buf);
		struct gyl_dns_query q;
		struct gyl_fault f;
		struct guard g;

		guard_open(&g, gyl_view(buf, len));
		f = gyl_dns_decode_query(g.view, &q);
		if (f.err != query_cases[i].err || f.off != query_cases[i].off)
			fail_msg("%s: %s at %zu", query_cases[i].name, gyl_err_text(f.err), f.off);
		if (!gyl_failed(f)) {
			assert_int_equal(q.header.id, 0x1234);
			assert_true(gyl_view_eq(q.qname, gyl_view("\1a\1b\0", 5)));
			assert_int_equal(q.qtype, GYL_DNS_TYPE_A);
			assert_int_equal(q.qclass, GYL_DNS_CLASS_IN);
			assert_int_equal(q.question_end, 21);
			assert_true(view_inside(g.view, q.qname));
		}
		guard_close(&g);
	}
}

static void edns_is_told(void **state)
{
	uint8_t buf[128];
	size_t len = hex_bytes(QUERY_AR1 QUESTION
		       "00 0029 04d0 01028001 000c 0003 0002 6162 000a 0002 0102",
		       buf, sizeof buf),
	       off = 0;
	struct gyl_dns_option opt;
	struct gyl_dns_query q;
	struct gyl_dns_msg msg;

	(void)state;
	assert_int_equal(gyl_dns_decode_query(gyl_view(buf, len), &q).err, GYL_OK);
	assert_int_equal(gyl_dns_decode(gyl_view(buf, len), &msg).err, GYL_OK);
	assert_memory_equal(&q.edns, &msg.edns, sizeof q.edns);
	assert_true(q.edns.present);
	assert_true(q.edns.dnssec_ok);
	assert_int_equal(q.edns.udp_size, 1232);
	assert_int_equal(q.edns.version, 2);
	assert_int_equal(q.edns.flags, 0x8001);
	assert_int_equal(gyl_dns_rcode(0x8003, &q.edns), 19);
	assert_true(gyl_dns_option_next(q.edns.options, &off, &opt));
	assert_int_equal(opt.code, GYL_DNS_OPT_NSID);
	assert_true(gyl_view_eq(opt.val, gyl_view("ab", 2)));
	assert_true(gyl_dns_option_next(q.edns.options, &off, &opt));
	assert_int_equal(opt.code, GYL_DNS_OPT_COOKIE);
	assert_false(gyl_dns_option_next(q.edns.options, &off, &opt));
	/* without OPT the rest is zero, so that nobody acts on leftovers */
	len = hex_bytes(QUERY QUESTION, buf, sizeof buf);
	assert_int_equal(gyl_dns_decode(gyl_view(buf, len), &msg).err, GYL_OK);
	assert_false(msg.edns.present);
	assert_int_equal(msg.edns.options.len, 0);
}

static void cursors_visit_what_the_header_counts(void **state)
{
	uint8_t buf[256], name[GYL_DNS_NAME_MAX];
	size_t len = hex_bytes(HDR("8180", "0001", "0002", "0000", "0001")
				       QUESTION RR("0001") "0004 0a000001"
							   "0163 c00c 0002 0001 00000001 0002 c00e"
							   "00 0010 0001 00000000 0001 00",
		buf, sizeof buf);
	static const uint16_t types[] = {1, 2, 16};
	struct gyl_dns_cursor cur;
	struct gyl_dns_question q;
	struct gyl_dns_msg msg;
	struct gyl_dns_rr rr;

	(void)state;
	assert_int_equal(gyl_dns_decode(gyl_view(buf, len), &msg).err, GYL_OK);
	gyl_dns_question_init(&cur, &msg);
	assert_true(gyl_dns_question_next(&cur, &q));
	assert_int_equal(q.qtype, 1);
	assert_false(gyl_dns_question_next(&cur, &q));
	gyl_dns_rr_init(&cur, &msg, GYL_DNS_QUESTION);
	for (unsigned n = 0; n < TEST_CNT(types); n++) {
		assert_true(gyl_dns_rr_next(&cur, &rr));
		assert_int_equal(rr.type, types[n]);
		assert_int_equal(rr.section, n < 2 ? GYL_DNS_ANSWER : GYL_DNS_ADDITIONAL);
		assert_true(view_inside(msg.raw, rr.rdata));
	}
	assert_false(gyl_dns_rr_next(&cur, &rr));
	gyl_dns_rr_init(&cur, &msg, GYL_DNS_AUTHORITY);
	assert_false(gyl_dns_rr_next(&cur, &rr));
	gyl_dns_rr_init(&cur, &msg, GYL_DNS_ANSWER);
	assert_true(gyl_dns_rr_next(&cur, &rr));
	assert_true(gyl_dns_rr_next(&cur, &rr));
	assert_int_equal(gyl_dns_name_get(msg.raw, rr.name_off, name), 7);
	assert_string_equal((const char *)name, "\1c\1a\1b");
	assert_false(gyl_dns_rr_next(&cur, &rr));
	gyl_dns_rr_init(&cur, &msg, GYL_DNS_ADDITIONAL);
	assert_true(gyl_dns_rr_next(&cur, &rr));
	assert_int_equal(rr.type, 16);
}

/* A name that goes over 255 octets only because of what its pointer leads to, twice seen. */
static void long_names_are_told_where_they_end(void **state)
{
	uint8_t buf[700];
	struct gyl_dns_msg msg;
	struct gyl_fault f;
	struct gyl_writer w;

	(void)state;
	gyl_writer_init(&w, buf, sizeof buf);
	gyl_put_bytes(&w, "\x12\x34\x81\x80\0\1\0\2\0\0\0\0", 12);
	for (int i = 0; i < 4; i++) {
		gyl_put_u8(&w, i < 3 ? 63 : 61);
		gyl_put_zero(&w, i < 3 ? 63 : 61);
	}
	gyl_put_bytes(&w, "\0\0\1\0\1", 5);
	gyl_put_bytes(&w, "\xc0\x0c\0\1\0\1\0\0\0\0\0\4\1\2\3\4", 16);
	gyl_put_bytes(&w, "\1a\xc0\x0c\0\1\0\1\0\0\0\0\0\4\1\2\3\4", 18);
	f = gyl_dns_decode(gyl_writer_view(&w), &msg);
	assert_int_equal(f.err, GYL_E_NAME);
	assert_int_equal(f.off, 12 + 3 * 64);
}

/* Everything a caller may do with a message that was accepted. */
static void use_all(const struct gyl_dns_msg *msg)
{
	static uint8_t text[400000];
	uint8_t name[GYL_DNS_NAME_MAX];
	struct gyl_dns_cursor cur;
	struct gyl_dns_question q;
	struct gyl_dns_rr rr;
	struct gyl_writer w;
	struct gyl_json j;

	for (gyl_dns_question_init(&cur, msg); gyl_dns_question_next(&cur, &q);)
		assert_true(gyl_dns_name_get(msg->raw, q.name_off, name) >= 1);
	for (gyl_dns_rr_init(&cur, msg, GYL_DNS_QUESTION); gyl_dns_rr_next(&cur, &rr);)
		assert_true(view_inside(msg->raw, rr.rdata));
	assert_true(view_inside(msg->raw, msg->edns.options));
	gyl_writer_init(&w, text, sizeof text);
	gyl_dns_print(&w, msg);
	assert_true(gyl_writer_ok(&w));
	gyl_writer_init(&w, text, sizeof text);
	gyl_json_init(&j, &w);
	gyl_dns_json(&j, NULL, msg);
	assert_true(gyl_writer_ok(&w));
}

static void decode_prefix(struct gyl_view prefix, void *whole)
{
	struct gyl_dns_msg msg;
	struct gyl_fault f = gyl_dns_decode(prefix, &msg);
	const size_t *len = whole;

	if (gyl_failed(f))
		assert_int_equal(f.err, GYL_E_SHORT);
	else
		use_all(&msg);
	assert_int_equal(gyl_failed(f), prefix.len < *len);
	if (f.err == GYL_E_SHORT)
		assert_true(f.off > prefix.len && f.off <= *len);
}

static void show(struct gyl_view in, struct gyl_writer *out)
{
	struct gyl_dns_msg msg;
	struct gyl_fault f = gyl_dns_decode(in, &msg);
	size_t len = in.len;
	struct gyl_json j;

	if (f.err != GYL_OK) {
		gyl_text_str(out, gyl_err_text(f.err));
		gyl_text_str(out, " at ");
		gyl_text_u64(out, f.off);
		gyl_text_char(out, '\n');
	}
	if (gyl_failed(f))
		return;
	if (f.err == GYL_OK)
		prop_prefixes(in, decode_prefix, &len);
	gyl_dns_print(out, &msg);
	gyl_json_init(&j, out);
	gyl_dns_json(&j, NULL, &msg);
	gyl_text_char(out, '\n');
}

static void golden_messages_look_as_before(void **state)
{
	(void)state;
	assert_true(vectors_run("dns", show) >= 8);
}

static struct gyl_fault print_into(uint8_t *buf, size_t cap, size_t *ret_len, void *arg)
{
	struct gyl_writer w;

	gyl_writer_init(&w, buf, cap);
	gyl_dns_print(&w, arg);
	if (gyl_writer_ok(&w))
		*ret_len = w.len;
	return w.fault;
}

static struct gyl_fault json_into(uint8_t *buf, size_t cap, size_t *ret_len, void *arg)
{
	struct gyl_writer w;
	struct gyl_json j;

	gyl_writer_init(&w, buf, cap);
	gyl_json_init(&j, &w);
	gyl_dns_json(&j, NULL, arg);
	if (gyl_writer_ok(&w))
		*ret_len = w.len;
	return w.fault;
}

static void printing_is_bounded(void **state)
{
	uint8_t buf[256];
	size_t len = hex_bytes(
		HDR("8183", "0001", "0002", "0000", "0001") QUESTION RR(
			"0010") "0006 05 22095c00ff"
				"c00c 0006 0001 00000001 0018 c00c c00e 00000001 00000002 00000003 00000004 00000005"
				"00 0029 04d0 01008000 0008 000f 0004 0000 6869",
		buf, sizeof buf);
	struct gyl_dns_msg msg;

	(void)state;
	assert_int_equal(gyl_dns_decode(gyl_view(buf, len), &msg).err, GYL_OK);
	prop_capacities(600, print_into, &msg);
	prop_capacities(900, json_into, &msg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_are_proven),
		cmocka_unit_test(queries_are_read),
		cmocka_unit_test(edns_is_told),
		cmocka_unit_test(cursors_visit_what_the_header_counts),
		cmocka_unit_test(long_names_are_told_where_they_end),
		cmocka_unit_test(golden_messages_look_as_before),
		cmocka_unit_test(printing_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
