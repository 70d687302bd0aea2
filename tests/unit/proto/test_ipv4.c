/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/ipv4.h>

/* Version and length, total length, then the rest of a header whose checksum is not looked at. */
#define REST "4711 4000 40 11 0000 0a000005 0a000001"

static const struct {
	const char *name, *hex;
	unsigned flags;
	enum gyl_err err;
	size_t off, options_len, payload_len;
} cases[] = {
	{"no payload", "4500 0014" REST, GYL_CHECKSUM_SKIP, GYL_OK, 0, 0, 0},
	{"padding is not payload", "4500 0015" REST "aabbcc", GYL_CHECKSUM_SKIP, GYL_OK, 0, 0, 1},
	{"checksum wrong", "4500 0014" REST, 0, GYL_E_CHECKSUM, 10, 0, 0},
	/* the order of the checks */
	{"short before version", "6500 0014", GYL_CHECKSUM_SKIP, GYL_E_SHORT, 20, 0, 0},
	{"version before length", "6000 0000" REST, GYL_CHECKSUM_SKIP, GYL_E_VERSION, 0, 0, 0},
	{"header length before total", "4400 0000" REST, GYL_CHECKSUM_SKIP, GYL_E_LENGTH, 0, 0, 0},
	{"total length under header", "4600 0017" REST, GYL_CHECKSUM_SKIP, GYL_E_LENGTH, 2, 0, 0},
	{"header cut", "4600 0018" REST "010101", GYL_CHECKSUM_SKIP, GYL_E_SHORT, 24, 0, 0},
	{"payload cut", "4500 0016" REST "aa", GYL_CHECKSUM_SKIP, GYL_E_SHORT, 22, 0, 0},
	{"20-octet packet that claims 36", "4900 0024" REST, GYL_CHECKSUM_SKIP, GYL_E_SHORT, 36, 0,
		0},
	/* options */
	{"NOPs", "4600 0018" REST "01010101", GYL_CHECKSUM_SKIP, GYL_OK, 0, 4, 0},
	{"nothing behind EOL is read", "4600 0018" REST "00ffffff", GYL_CHECKSUM_SKIP, GYL_OK, 0, 4,
		0},
	{"length 0", "4600 0018" REST "01440000", GYL_CHECKSUM_SKIP, GYL_E_OPTION, 21, 0, 0},
	{"length 1", "4600 0018" REST "44010000", GYL_CHECKSUM_SKIP, GYL_E_OPTION, 20, 0, 0},
	{"past the header", "4600 0019" REST "94050000 00", GYL_CHECKSUM_SKIP, GYL_E_OPTION, 20, 0,
		0},
	{"without length", "4600 0018" REST "01010194", GYL_CHECKSUM_SKIP, GYL_E_OPTION, 23, 0, 0},
	{"just fits", "4600 0018" REST "94040000", GYL_CHECKSUM_SKIP, GYL_OK, 0, 4, 0},
	/* quoted in an ICMP error */
	{"quoted and cut", "4500 05dc" REST "0001020304050607", GYL_IPV4_QUOTED, GYL_OK, 0, 0, 8},
	{"quoted, header cut", "4600 05dc" REST "0001", GYL_IPV4_QUOTED, GYL_E_SHORT, 24, 0, 0},
};

static void headers_are_read_or_refused_in_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		uint8_t buf[80];
		struct gyl_view in = gyl_view(buf, hex_bytes(cases[i].hex, buf, sizeof buf));
		struct gyl_ipv4 ip = {.ttl = 77};
		struct gyl_fault f = gyl_ipv4_decode(in, cases[i].flags, &ip);

		if (f.err != cases[i].err || f.off != cases[i].off)
			fail_msg("%s: %s at %zu", cases[i].name, gyl_err_text(f.err), f.off);
		assert_int_equal(ip.ttl, gyl_failed(f) ? 77 : 64);
		if (gyl_failed(f))
			continue;
		assert_int_equal(ip.options.len, cases[i].options_len);
		assert_int_equal(ip.payload.len, cases[i].payload_len);
		assert_true(view_inside(in, ip.options) && view_inside(in, ip.payload));
		assert_true(ip.src == 0x0a000005 && ip.dst == 0x0a000001 && ip.id == 0x4711);
	}
}

static const struct gyl_ipv4 sample = {
	.dscp = 46,
	.ecn = 1,
	.id = 4711,
	.flags = GYL_IPV4_MF,
	.frag_off = 65528 - 80,
	.ttl = 3,
	.proto = GYL_IPV4_UDP,
	.src = 0x0a000005,
	.dst = 0xefffffff,
	.options = {(const uint8_t *)"\x94\x04\x00\x00\x01\x44\x04\x05\x00", 9},
	.payload = {(const uint8_t *)"payload", 7},
};

static struct gyl_fault encode(uint8_t *buf, size_t cap, size_t *ret_len, void *arg)
{
	struct gyl_writer w;

	gyl_writer_init(&w, buf, cap);
	gyl_ipv4_encode(&w, arg);
	if (gyl_writer_ok(&w))
		*ret_len = w.len;
	return w.fault;
}

static void take_prefix(struct gyl_view prefix, void *arg)
{
	size_t whole = *(size_t *)arg;
	struct gyl_ipv4 ip;
	struct gyl_fault f = gyl_ipv4_decode(prefix, 0, &ip);

	if (prefix.len < whole)
		assert_true(f.err == GYL_E_SHORT && f.off > prefix.len);
	else
		assert_int_equal(f.err, GYL_OK);
	f = gyl_ipv4_decode(prefix, GYL_IPV4_QUOTED, &ip);
	assert_int_equal(gyl_failed(f), prefix.len < 32);
	if (!gyl_failed(f))
		assert_true(view_inside(prefix, ip.options) && view_inside(prefix, ip.payload));
}

static void the_four_properties_hold(void **state)
{
	struct gyl_ipv4 in = sample, out;
	uint8_t buf[64];
	size_t len = 0;

	(void)state;
	memset(buf, 0xa5, sizeof buf);
	assert_int_equal(encode(buf, sizeof buf, &len, &in).err, GYL_OK);
	assert_int_equal(len, 20 + 12 + 7);
	prop_prefixes(gyl_view(buf, len), take_prefix, &len);
	prop_capacities(sizeof buf, encode, &in);
	assert_int_equal(gyl_ipv4_decode(gyl_view(buf, len), 0, &out).err, GYL_OK);
	assert_int_equal(out.dscp, in.dscp);
	assert_int_equal(out.ecn, in.ecn);
	assert_int_equal(out.id, in.id);
	assert_int_equal(out.flags, in.flags);
	assert_int_equal(out.frag_off, in.frag_off);
	assert_int_equal(out.ttl, in.ttl);
	assert_int_equal(out.proto, in.proto);
	assert_int_equal(out.total_len, len);
	assert_true(out.src == in.src && out.dst == in.dst);
	assert_true(gyl_view_eq(out.payload, in.payload));
	/* Options come back with their padding, which is zeros. */
	assert_int_equal(out.options.len, 12);
	assert_memory_equal(out.options.p, in.options.p, 9);
	assert_memory_equal(out.options.p + 9, "\0\0", 3);
}

static void every_bit_of_the_header_is_covered(void **state)
{
	struct gyl_ipv4 in = sample, out;
	uint8_t buf[64];
	size_t len = 0;

	(void)state;
	assert_int_equal(encode(buf, sizeof buf, &len, &in).err, GYL_OK);
	for (size_t bit = 0; bit < 8 * 32; bit++) {
		buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_true(gyl_failed(gyl_ipv4_decode(gyl_view(buf, len), 0, &out)));
		buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

static void what_cannot_be_written_is_refused(void **state)
{
	static uint8_t big[65536];
	struct gyl_ipv4 bad[6] = {sample, sample, sample, sample, sample, sample};

	(void)state;
	bad[0].options = gyl_view(big, 41);
	bad[1].frag_off = 4;
	bad[2].dscp = 64;
	bad[3].ecn = 4;
	bad[4].flags = 8;
	bad[5].payload = gyl_view(big, 65536 - 32);
	for (size_t i = 0; i < TEST_CNT(bad); i++) {
		static uint8_t buf[70000];
		size_t len = 7;

		assert_int_equal(encode(buf, sizeof buf, &len, &bad[i]).err,
			i == 5 ? GYL_E_LENGTH : GYL_E_FIELD);
		assert_int_equal(len, 7);
	}
}

static void options_are_walked(void **state)
{
	struct gyl_ipv4_cursor cur;
	struct gyl_ipv4_opt opt;

	(void)state;
	gyl_ipv4_cursor_init(&cur, sample.options);
	assert_true(gyl_ipv4_cursor_next(&cur, &opt));
	assert_true(opt.type == GYL_IPV4_OPT_RA && opt.val.len == 2);
	assert_true(gyl_ipv4_cursor_next(&cur, &opt));
	assert_true(opt.type == GYL_IPV4_OPT_TS && opt.val.len == 2);
	assert_false(gyl_ipv4_cursor_next(&cur, &opt));
	/* Octets that no decoder has proven: the cursor ends where they break, and stays there. */
	gyl_ipv4_cursor_init(&cur, gyl_view("\x01\x07\x09\x04", 4));
	assert_false(gyl_ipv4_cursor_next(&cur, &opt));
	assert_false(gyl_ipv4_cursor_next(&cur, &opt));
	gyl_ipv4_cursor_init(&cur, gyl_view("\x01\x07\x03\x04\x00\x07\x03\x04", 8));
	assert_true(gyl_ipv4_cursor_next(&cur, &opt));
	assert_true(opt.type == GYL_IPV4_OPT_RR && opt.val.len == 1 && opt.val.p[0] == 4);
	assert_false(gyl_ipv4_cursor_next(&cur, &opt));
}

static void addresses_and_fragments_are_told_apart(void **state)
{
	struct gyl_ipv4 ip = {.flags = GYL_IPV4_DF | GYL_IPV4_RESERVED};

	(void)state;
	assert_false(gyl_ipv4_is_fragment(&ip));
	ip.flags = GYL_IPV4_MF;
	assert_true(gyl_ipv4_is_fragment(&ip));
	ip.flags = 0;
	ip.frag_off = 8;
	assert_true(gyl_ipv4_is_fragment(&ip));
	assert_true(gyl_ipv4_is_multicast(0xe0000001) && gyl_ipv4_is_multicast(0xefffffff));
	assert_false(gyl_ipv4_is_multicast(0xf0000000) || gyl_ipv4_is_multicast(0xdfffffff));
	assert_true(gyl_ipv4_is_loopback(0x7f000001));
	assert_true(gyl_ipv4_is_link_local(0xa9fe0001));
	assert_true(gyl_ipv4_mask(0) == 0 && gyl_ipv4_mask(24) == 0xffffff00 &&
		    gyl_ipv4_mask(31) == 0xfffffffe && gyl_ipv4_mask(32) == 0xffffffff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_are_read_or_refused_in_place),
		cmocka_unit_test(the_four_properties_hold),
		cmocka_unit_test(every_bit_of_the_header_is_covered),
		cmocka_unit_test(what_cannot_be_written_is_refused),
		cmocka_unit_test(options_are_walked),
		cmocka_unit_test(addresses_and_fragments_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
