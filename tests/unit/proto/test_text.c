/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <stdio.h>

#include <gyl/json.h>
#include <gyl/text.h>

static const struct {
	const char *text;
	enum gyl_err err;
	size_t off;
	uint32_t ip;
} ipv4_cases[] = {
	{"0.0.0.0", GYL_OK, 0, 0},
	{"255.255.255.255", GYL_OK, 0, 0xffffffffu},
	{"10.0.0.1", GYL_OK, 0, 0x0a000001},
	/* refused, with the place */
	{"", GYL_E_SYNTAX, 0, 0},
	{"10.0.0", GYL_E_SYNTAX, 6, 0},
	{"10.0.0.", GYL_E_SYNTAX, 7, 0},
	{"10.0.0.256", GYL_E_RANGE, 7, 0},
	{"10.00.0.1", GYL_E_SYNTAX, 3, 0},
	{"10.0.0.1 ", GYL_E_SYNTAX, 8, 0},
	{"10,0.0.1", GYL_E_SYNTAX, 2, 0},
	{"1.2.3.99999999999999999999", GYL_E_RANGE, 6, 0},
};

static void ipv4_is_parsed_strictly(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(ipv4_cases); i++) {
		uint32_t ip = 0;
		struct gyl_fault f = gyl_parse_ipv4(gyl_view_str(ipv4_cases[i].text), &ip);

		if (f.err != ipv4_cases[i].err || f.off != ipv4_cases[i].off ||
			ip != ipv4_cases[i].ip)
			fail_msg("'%s': %s at %zu, %08x", ipv4_cases[i].text, gyl_err_text(f.err),
				f.off, (unsigned)ip);
	}
}

static void mac_is_parsed_strictly(void **state)
{
	static const char *const good[] = {"02:00:00:aB:cd:0f", "02-00-00-ab-cd-0F"};
	static const char *const bad[] = {"", "02:00:00:ab:cd", "02:00:00:ab:cd:0",
		"02:00:00:ab:cd:0g", "02:00-00:ab:cd:0f",
		"02:00:00:ab:cd:0f:", "02.00.00.ab.cd.0f"};
	static const uint8_t want[6] = {2, 0, 0, 0xab, 0xcd, 0x0f};
	uint8_t mac[6];

	(void)state;
	for (size_t i = 0; i < TEST_CNT(good); i++) {
		memset(mac, 0, sizeof mac);
		assert_int_equal(gyl_parse_mac(gyl_view_str(good[i]), mac).err, GYL_OK);
		assert_memory_equal(mac, want, 6);
	}
	for (size_t i = 0; i < TEST_CNT(bad); i++)
		assert_int_equal(gyl_parse_mac(gyl_view_str(bad[i]), mac).err, GYL_E_SYNTAX);
}

static struct gyl_fault print_all(uint8_t *buf, size_t cap, size_t *ret_len, void *arg)
{
	static const uint8_t mac[6] = {2, 0, 0, 0xab, 0xcd, 0x0f};
	struct gyl_writer w;

	(void)arg;
	gyl_writer_init(&w, buf, cap);
	gyl_text_u64(&w, UINT64_MAX);
	gyl_text_char(&w, ' ');
	gyl_text_i64(&w, INT64_MIN);
	gyl_text_str(&w, " ");
	gyl_text_u64_pad(&w, 7, 3);
	gyl_text_hex_u64(&w, 0xbeef, 6);
	gyl_text_hex(&w, gyl_view("\x01\xff", 2));
	gyl_text_ipv4(&w, 0xc0000201);
	gyl_text_mac(&w, mac);
	gyl_text_safe(&w, gyl_view("a\\\x1b\xe2", 4));
	if (gyl_writer_ok(&w))
		*ret_len = w.len;
	return w.fault;
}

static void printing_is_bounded_and_exact(void **state)
{
	static const char want[] =
		"18446744073709551615 -9223372036854775808 00700beef01ff192.0.2.1"
		"02:00:00:ab:cd:0fa\\\\\\x1b\\xe2";
	uint8_t buf[200];
	size_t len = 0;

	(void)state;
	prop_capacities(150, print_all, NULL);
	assert_int_equal(print_all(buf, sizeof buf, &len, NULL).err, GYL_OK);
	assert_int_equal(len, sizeof want - 1);
	assert_memory_equal(buf, want, len);
}

/* Beside printf: every octet at every place, in texts of all lengths. */
static void octets_are_printed_as_by_printf(void **state)
{
	uint8_t octet[40], text[90];
	char want[90];
	struct gyl_writer w;

	(void)state;
	for (unsigned v = 0; v < 256; v++) {
		snprintf(want, sizeof want, "%u.%u.%u.%u", v, 255 - v, v / 2, v * 7 % 256);
		gyl_writer_init(&w, text, sizeof text);
		gyl_text_ipv4(&w, v << 24 | (255 - v) << 16 | v / 2 << 8 | v * 7 % 256);
		assert_int_equal(w.len, strlen(want));
		assert_memory_equal(text, want, w.len);
	}
	for (unsigned n = 0; n < 256 * 40; n++) {
		size_t len = n % 40;

		for (size_t i = 0; i < len; i++) {
			octet[i] = (uint8_t)(n / 40 + 37 * i);
			snprintf(want + 2 * i, 3, "%02x", octet[i]);
		}
		gyl_writer_init(&w, text, sizeof text);
		gyl_text_hex(&w, gyl_view(octet, len));
		assert_int_equal(w.len, 2 * len);
		assert_memory_equal(text, want, w.len);
	}
}

static void json_is_always_valid(void **state)
{
	static const char want[] =
		"{\"a\":[1,-2,true,null,{}],\"s\":\"q\\\"\\\\\\n\\u001b\xc3\xa9\\ufffd\\ufffd\\u007f\","
		"\"k\\\"\":\"v\",\"h\":\"00ff\",\"ip\":\"10.0.0.1\"}";
	struct gyl_writer w;
	struct gyl_json j;
	char buf[300];

	(void)state;
	gyl_writer_init(&w, buf, sizeof buf);
	gyl_json_init(&j, &w);
	gyl_json_obj(&j, NULL);
	gyl_json_arr(&j, "a");
	gyl_json_u64(&j, NULL, 1);
	gyl_json_i64(&j, NULL, -2);
	gyl_json_bool(&j, NULL, true);
	gyl_json_null(&j, NULL);
	gyl_json_obj(&j, NULL);
	gyl_json_end(&j);
	gyl_json_end(&j);
	gyl_json_str(&j, "s", gyl_view("q\"\\\n\x1b\xc3\xa9\xc0\xaf\x7f", 10));
	gyl_json_str_named(&j, gyl_view_str("k\""), gyl_view_str("v"));
	gyl_json_hex(&j, "h", gyl_view("\0\xff", 2));
	gyl_json_ipv4(&j, "ip", 0x0a000001);
	gyl_json_end(&j);
	assert_string_equal(gyl_text_cstr(&w), want);
}

static void hex_tells_where_it_breaks(void **state)
{
	uint8_t buf[2];
	size_t len = 0;
	struct gyl_fault f;

	(void)state;
	assert_int_equal(hex_bytes(" 0A\n ff ", buf, 2), 2);
	f = gyl_parse_hex(gyl_view_str("0a f"), buf, 2, &len);
	assert_int_equal(f.err, GYL_E_SYNTAX);
	assert_int_equal(f.off, 4);
	assert_int_equal(gyl_parse_hex(gyl_view_str("010203"), buf, 2, &len).err, GYL_E_SPACE);
}

static void utf8_prefix_stops_at_the_first_fault(void **state)
{
	static const struct {
		const char *text;
		size_t len, want;
	} cases[] = {
		{"abc", 3, 3},
		{"\xc3\xa9", 2, 2},
		{"\xc0\xaf", 2, 0},
		{"a\xed\xa0\x80", 4, 1},
		{"\xf4\x8f\xbf\xbf", 4, 4},
		{"\xf4\x90\x80\x80", 4, 0},
		{"\xe2\x82", 2, 0},
		{"\xf0\x8f\xbf\xbf", 4, 0},
		{"\xe0\x9f\xbf", 3, 0},
		{"\x80", 1, 0},
		{"", 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++)
		assert_int_equal(
			gyl_utf8_prefix(gyl_view(cases[i].text, cases[i].len)), cases[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4_is_parsed_strictly),
		cmocka_unit_test(mac_is_parsed_strictly),
		cmocka_unit_test(printing_is_bounded_and_exact),
		cmocka_unit_test(octets_are_printed_as_by_printf),
		cmocka_unit_test(json_is_always_valid),
		cmocka_unit_test(hex_tells_where_it_breaks),
		cmocka_unit_test(utf8_prefix_stops_at_the_first_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
