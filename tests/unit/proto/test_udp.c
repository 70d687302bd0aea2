/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/udp.h>

enum {
	SRC = 0x0a000005,
	DST = 0x0a000001
};

static const struct {
	const char *name, *hex;
	unsigned flags;
	enum gyl_err err;
	size_t off, payload_len;
} cases[] = {
	{"no checksum", "0044 0043 0008 0000", 0, GYL_OK, 0, 0},
	{"right checksum", "0044 0043 0008 eb51", 0, GYL_OK, 0, 0},
	{"wrong checksum", "0044 0043 0008 eb50", 0, GYL_E_CHECKSUM, 6, 0},
	{"wrong checksum, told not to look", "0044 0043 0008 eb50", GYL_CHECKSUM_SKIP, GYL_OK, 0,
		0},
	{"octets behind", "0044 0043 0009 0000 aabb", 0, GYL_LENIENT, 9, 1},
	{"seven octets", "0044 0043 0008 00", 0, GYL_E_SHORT, 8, 0},
	{"length 7", "0044 0043 0007 0000", 0, GYL_E_LENGTH, 4, 0},
	{"length 0, which is for jumbograms of IPv6", "0044 0043 0000 0000", 0, GYL_E_LENGTH, 4, 0},
	{"length past the end", "0044 0043 0009 0000", 0, GYL_E_LENGTH, 4, 0},
};

static void datagrams_are_read_or_refused_in_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		uint8_t buf[64];
		struct gyl_udp u = {.src_port = 77};
		struct gyl_view in = gyl_view(buf, hex_bytes(cases[i].hex, buf, sizeof buf));
		struct gyl_fault f = gyl_udp_decode(in, SRC, DST, cases[i].flags, &u);

		if (f.err != cases[i].err || f.off != cases[i].off)
			fail_msg("%s: %s at %zu", cases[i].name, gyl_err_text(f.err), f.off);
		assert_int_equal(u.src_port, gyl_failed(f) ? 77 : 68);
		if (!gyl_failed(f))
			assert_int_equal(u.payload.len, cases[i].payload_len);
	}
}

static struct gyl_fault encode(uint8_t *buf, size_t cap, size_t *ret_len, void *arg)
{
	struct gyl_writer w;

	gyl_writer_init(&w, buf, cap);
	gyl_udp_encode(&w, arg, SRC, DST);
	if (gyl_writer_ok(&w))
		*ret_len = w.len;
	return w.fault;
}

static void take_prefix(struct gyl_view prefix, void *arg)
{
	size_t whole = *(size_t *)arg;
	struct gyl_udp u;
	struct gyl_fault f = gyl_udp_decode(prefix, SRC, DST, 0, &u);

	if (prefix.len < 8)
		assert_int_equal(f.err, GYL_E_SHORT);
	else if (prefix.len < whole)
		assert_int_equal(f.err, GYL_E_LENGTH);
	else
		assert_true(f.err == GYL_OK && view_inside(prefix, u.payload));
}

static void the_four_properties_hold(void **state)
{
	struct gyl_udp in = {68, 67, 0, {(const uint8_t *)"some octets", 11}}, out;
	uint8_t buf[40];
	size_t len = 0;

	(void)state;
	assert_int_equal(encode(buf, sizeof buf, &len, &in).err, GYL_OK);
	assert_int_equal(len, 19);
	prop_prefixes(gyl_view(buf, len), take_prefix, &len);
	prop_capacities(sizeof buf, encode, &in);
	assert_int_equal(gyl_udp_decode(gyl_view(buf, len), SRC, DST, 0, &out).err, GYL_OK);
	assert_true(out.src_port == 68 && out.dst_port == 67);
	assert_true(gyl_view_eq(out.payload, in.payload));
	/* The addresses are covered too. */
	assert_int_equal(
		gyl_udp_decode(gyl_view(buf, len), SRC + 1, DST, 0, &out).err, GYL_E_CHECKSUM);
}

/* RFC 768: a sum of 0 is sent as ffff. Among all values of two octets one payload has that sum. */
static void a_checksum_is_never_sent_as_zero(void **state)
{
	unsigned all_ones = 0;

	(void)state;
	for (uint32_t v = 0; v < 0x10000; v++) {
		uint8_t payload[2], buf[16];
		struct gyl_udp u = {68, 67, 0, {payload, 2}}, out;
		size_t len = 0;

		gyl_set_u16(payload, (uint16_t)v);
		assert_int_equal(encode(buf, sizeof buf, &len, &u).err, GYL_OK);
		assert_int_equal(gyl_udp_decode(gyl_view(buf, len), SRC, DST, 0, &out).err, GYL_OK);
		assert_int_not_equal(out.checksum, 0);
		all_ones += out.checksum == 0xffff;
	}
	assert_int_equal(all_ones, 1);
}

static void a_header_goes_before_a_payload_in_place(void **state)
{
	uint8_t buf[16] = "--------payload", whole[16];
	struct gyl_udp u = {5, 6, 0, {buf + 8, 7}};
	struct gyl_writer w;
	size_t len = 0;

	(void)state;
	assert_int_equal(encode(whole, sizeof whole, &len, &u).err, GYL_OK);
	gyl_writer_init(&w, buf, 8);
	gyl_udp_put_header(&w, &u, SRC, DST);
	assert_true(gyl_writer_ok(&w));
	assert_memory_equal(buf, whole, len);
}

static void lengths_have_a_limit(void **state)
{
	static uint8_t big[70000], buf[70000];
	struct gyl_udp u = {5, 6, 0, {big, 65527}};
	size_t len = 7;

	(void)state;
	assert_int_equal(encode(buf, sizeof buf, &len, &u).err, GYL_OK);
	u.payload.len++;
	len = 7;
	assert_int_equal(encode(buf, sizeof buf, &len, &u).err, GYL_E_LENGTH);
	assert_int_equal(len, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(datagrams_are_read_or_refused_in_place),
		cmocka_unit_test(the_four_properties_hold),
		cmocka_unit_test(a_checksum_is_never_sent_as_zero),
		cmocka_unit_test(a_header_goes_before_a_payload_in_place),
		cmocka_unit_test(lengths_have_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
