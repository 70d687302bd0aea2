/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/text.h>

static const struct {
	const char *text, *hex, *print;
} good_cases[] = {
	{"::", "00000000 00000000 00000000 00000000", "::"},
	{"::1", "00000000 00000000 00000000 00000001", "::1"},
	{"1::", "00010000 00000000 00000000 00000000", "1::"},
	{"2001:DB8:0:0:1:0:0:1", "20010db8 00000000 00010000 00000001", "2001:db8::1:0:0:1"},
	{"2001:db8:0:1:1:1:1:1", "20010db8 00000001 00010001 00010001", "2001:db8:0:1:1:1:1:1"},
	{"1:2:3:4:5:6:7:8", "00010002 00030004 00050006 00070008", "1:2:3:4:5:6:7:8"},
	{"1:2:3:4:5:6:7::", "00010002 00030004 00050006 00070000", "1:2:3:4:5:6:7:0"},
	{"::2:3:4:5:6:7:8", "00000002 00030004 00050006 00070008", "0:2:3:4:5:6:7:8"},
	{"fe80::0a:00b", "fe800000 00000000 00000000 000a000b", "fe80::a:b"},
	{"::ffff:192.0.2.1", "00000000 00000000 0000ffff c0000201", "::ffff:192.0.2.1"},
	{"::192.0.2.1", "00000000 00000000 00000000 c0000201", "::192.0.2.1"},
	{"1:2:3:4:5:6:192.0.2.1", "00010002 00030004 00050006 c0000201", "1:2:3:4:5:6:c000:201"},
};

static const struct {
	const char *text;
	size_t off;
} bad_cases[] = {
	{"", 0},
	{":", 0},
	{":1::", 0},
	{"1:", 2},
	{"1::2::3", 5},
	{":::", 2},
	{"1:2:3:4:5:6:7", 13},
	{"1:2:3:4:5:6:7:8:9", 16},
	{"1:2:3:4:5:6:7:8::", 17},
	{"1::2:3:4:5:6:7:8", 16},
	{"12345::", 4},
	{"g::", 0},
	{"1::%eth0", 3},
	{"1:2:3:4:5:6:7:192.0.2.1", 14},
	{"::192.0.2", 2},
	{"::1/64", 3},
};

static void addresses_go_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(good_cases); i++) {
		uint8_t ip[16], want[16];
		char text[GYL_TEXT_IPV6_MAX];
		struct gyl_writer w;
		struct gyl_fault f = gyl_parse_ipv6(gyl_view_str(good_cases[i].text), ip);

		if (f.err != GYL_OK)
			fail_msg("%s: %s at %zu", good_cases[i].text, gyl_err_text(f.err), f.off);
		hex_bytes(good_cases[i].hex, want, sizeof want);
		assert_memory_equal(ip, want, 16);
		gyl_writer_init(&w, text, sizeof text);
		gyl_text_ipv6(&w, ip);
		assert_string_equal(gyl_text_cstr(&w), good_cases[i].print);
	}
}

static void bad_addresses_are_refused(void **state)
{
	uint8_t ip[16];

	(void)state;
	for (size_t i = 0; i < TEST_CNT(bad_cases); i++) {
		struct gyl_fault f = gyl_parse_ipv6(gyl_view_str(bad_cases[i].text), ip);

		if (f.err != GYL_E_SYNTAX || f.off != bad_cases[i].off)
			fail_msg("'%s': %s at %zu", bad_cases[i].text, gyl_err_text(f.err), f.off);
	}
}

static struct gyl_fault print_into(uint8_t *buf, size_t cap, size_t *ret_len, void *arg)
{
	struct gyl_writer w;

	gyl_writer_init(&w, buf, cap);
	gyl_text_ipv6(&w, arg);
	if (gyl_writer_ok(&w))
		*ret_len = w.len;
	else
		assert_int_equal(w.len, 0);
	return w.fault;
}

static void printing_is_bounded(void **state)
{
	uint8_t ip[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 255};

	(void)state;
	prop_capacities(50, print_into, ip);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_go_both_ways),
		cmocka_unit_test(bad_addresses_are_refused),
		cmocka_unit_test(printing_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
