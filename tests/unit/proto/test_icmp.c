/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/icmp.h>

static const struct {
	const char *name, *hex;
	unsigned flags;
	enum gyl_err err;
	size_t off;
} cases[] = {
	{"echo", "0800 f7fd 0001 0001", 0, GYL_OK, 0},
	{"odd length", "0800 96fd 0001 0001 61", 0, GYL_OK, 0},
	{"unknown type", "ff00 00ff 0000 0000", 0, GYL_OK, 0},
	{"echo with a code", "0801 f7fc 0001 0001", 0, GYL_LENIENT, 1},
	{"seven octets", "0800 f7fd 0001 00", 0, GYL_E_SHORT, 8},
	{"checksum", "0800 f7fe 0001 0001", 0, GYL_E_CHECKSUM, 2},
	{"checksum, told not to look", "0800 f7fe 0001 0001", GYL_CHECKSUM_SKIP, GYL_OK, 0},
};

static void messages_are_read_or_refused_in_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		uint8_t buf[64];
		struct gyl_icmp m = {.rest = 77};
		struct gyl_fault f =
			gyl_icmp_decode(gyl_view(buf, hex_bytes(cases[i].hex, buf, sizeof buf)),
				cases[i].flags, &m);

		if (f.err != cases[i].err || f.off != cases[i].off)
			fail_msg("%s: %s at %zu", cases[i].name, gyl_err_text(f.err), f.off);
		assert_int_equal(m.rest == 77, gyl_failed(f));
	}
}

static struct gyl_fault encode(uint8_t *buf, size_t cap, size_t *ret_len, void *arg)
{
	struct gyl_writer w;

	gyl_writer_init(&w, buf, cap);
	gyl_icmp_encode(&w, arg);
	if (gyl_writer_ok(&w))
		*ret_len = w.len;
	return w.fault;
}

static void take_prefix(struct gyl_view prefix, void *arg)
{
	struct gyl_icmp m;
	struct gyl_ipv4 ip;
	struct gyl_fault f = gyl_icmp_decode(prefix, GYL_CHECKSUM_SKIP, &m);

	(void)arg;
	assert_int_equal(f.err, prefix.len < 8 ? GYL_E_SHORT : GYL_OK);
	if (gyl_failed(f))
		return;
	assert_true(view_inside(prefix, m.data));
	f = gyl_icmp_original(&m, &ip);
	assert_int_equal(f.err, prefix.len < 28 ? GYL_E_SHORT : GYL_OK);
	if (!gyl_failed(f))
		assert_true(view_inside(prefix, ip.payload));
}

/* An IPv4 header and eight octets more, as errors quote them. */
static struct gyl_view quoted(uint8_t buf[28])
{
	return gyl_view(
		buf, hex_bytes("45000025 339c4000 4011f326 0a000005 0a000001 c7fb1414 00114cc8",
			     buf, 28));
}

static void the_four_properties_hold(void **state)
{
	uint8_t buf[64], quote[28];
	struct gyl_icmp in = gyl_icmp_unreachable(
				GYL_ICMP_FRAGMENTATION_NEEDED, 1400, quoted(quote)),
			out;
	size_t len = 0;

	(void)state;
	assert_int_equal(encode(buf, sizeof buf, &len, &in).err, GYL_OK);
	prop_prefixes(gyl_view(buf, len), take_prefix, NULL);
	prop_capacities(sizeof buf, encode, &in);
	assert_int_equal(gyl_icmp_decode(gyl_view(buf, len), 0, &out).err, GYL_OK);
	assert_int_equal(out.type, GYL_ICMP_UNREACHABLE);
	assert_int_equal(out.code, GYL_ICMP_FRAGMENTATION_NEEDED);
	assert_int_equal(gyl_icmp_mtu(&out), 1400);
	assert_true(gyl_view_eq(out.data, in.data));
}

static void an_error_shows_what_it_is_about(void **state)
{
	uint8_t quote[28];
	struct gyl_icmp m = gyl_icmp_parameter_problem(20, quoted(quote));
	struct gyl_ipv4 ip;

	(void)state;
	assert_int_equal(gyl_icmp_pointer(&m), 20);
	assert_int_equal(gyl_icmp_original(&m, &ip).err, GYL_OK);
	assert_true(ip.src == 0x0a000005 && ip.proto == GYL_IPV4_UDP && ip.total_len == 37);
	assert_int_equal(ip.payload.len, 8);
	m = gyl_icmp_time_exceeded(1, quoted(quote));
	assert_true(m.type == GYL_ICMP_TIME_EXCEEDED && m.code == 1 && m.rest == 0);
	m = gyl_icmp_echo(7, 9, gyl_view("abc", 3));
	assert_int_equal(gyl_icmp_original(&m, &ip).err, GYL_E_MISSING);
}

static void a_reply_echoes_everything(void **state)
{
	struct gyl_icmp echo = gyl_icmp_echo(0xabcd, 0x1234, gyl_view("abc", 3));
	struct gyl_icmp reply = gyl_icmp_echo_reply(&echo);

	(void)state;
	assert_int_equal(reply.type, GYL_ICMP_ECHO_REPLY);
	assert_int_equal(gyl_icmp_id(&reply), 0xabcd);
	assert_int_equal(gyl_icmp_seq(&reply), 0x1234);
	assert_true(gyl_view_eq(reply.data, echo.data));
}

static void quotes_are_bounded(void **state)
{
	static uint8_t big[1500];
	struct gyl_icmp m = gyl_icmp_unreachable(GYL_ICMP_PORT, 0, gyl_view(big, sizeof big));

	(void)state;
	/* RFC 1812 4.3.2.3: header, ICMP header and quote together within 576. */
	assert_int_equal(20 + 8 + m.data.len, 576);
}

static void errors_are_never_answered_with_errors(void **state)
{
	static const uint8_t error[] = {3, 4, 5, 11, 12}, other[] = {0, 8, 9, 10, 13, 14, 255};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(error); i++)
		assert_true(gyl_icmp_is_error(error[i]));
	for (size_t i = 0; i < TEST_CNT(other); i++)
		assert_false(gyl_icmp_is_error(other[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_are_read_or_refused_in_place),
		cmocka_unit_test(the_four_properties_hold),
		cmocka_unit_test(an_error_shows_what_it_is_about),
		cmocka_unit_test(a_reply_echoes_everything),
		cmocka_unit_test(quotes_are_bounded),
		cmocka_unit_test(errors_are_never_answered_with_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
