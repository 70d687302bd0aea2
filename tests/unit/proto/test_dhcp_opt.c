/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/dhcp_opt.h>

enum {
	VAL_MAX = 600,
	TEXT_MAX = 4000
};

static const char *print(uint8_t code, struct gyl_view val, char text[TEXT_MAX])
{
	struct gyl_writer w;

	gyl_writer_init(&w, text, TEXT_MAX - 1);
	gyl_dhcp_opt_print(&w, code, val);
	assert_true(gyl_writer_ok(&w));
	text[w.len] = '\0';
	return text;
}

static const char *json(uint8_t code, struct gyl_view val, char text[TEXT_MAX])
{
	struct gyl_writer w;
	struct gyl_json j;

	gyl_writer_init(&w, text, TEXT_MAX - 1);
	gyl_json_init(&j, &w);
	gyl_dhcp_opt_json(&j, NULL, code, val);
	assert_true(gyl_writer_ok(&w));
	text[w.len] = '\0';
	return text;
}

/* The octets of a value, the text they print as and are read from, and their JSON. */
static const struct {
	uint8_t code;
	const char *hex, *text, *json;
} both[] = {
	{1, "ffffff00", "255.255.255.0", "\"255.255.255.0\""},
	{2, "fffff1f0", "-3600", "-3600"},
	{2, "80000000", "-2147483648", "-2147483648"},
	{2, "7fffffff", "2147483647", "2147483647"},
	{6, "0a0000010a000002", "10.0.0.1, 10.0.0.2", "[\"10.0.0.1\",\"10.0.0.2\"]"},
	{12, "616263", "abc", "\"abc\""},
	{12, "68657820", "\\x68ex ", "\"hex \""},
	{12, "202068657820", "  \\x68ex ", "\"  hex \""},
	{12, "2061 5c 1b", " a\\\\\\x1b", "\" a\\\\\\u001b\""},
	{13, "0102", "258", "258"},
	{19, "01", "true", "true"},
	{19, "00", "false", "false"},
	{21, "0a000000ff000000", "10.0.0.0 255.0.0.0", "[[\"10.0.0.0\",\"255.0.0.0\"]]"},
	{33, "0a0000010a0000020a0000030a000004", "10.0.0.1 10.0.0.2, 10.0.0.3 10.0.0.4",
		"[[\"10.0.0.1\",\"10.0.0.2\"],[\"10.0.0.3\",\"10.0.0.4\"]]"},
	{25, "004405dc", "68, 1500", "[68,1500]"},
	{43, "01040a000001 02026162 0300 05010a", "1 hex 0a000001, 2 text ab, 3 empty, 5 hex 0a",
		"[{\"code\":1,\"hex\":\"0a000001\"},{\"code\":2,\"hex\":\"6162\"},{\"code\":3,\"hex\":\"\"},"
		"{\"code\":5,\"hex\":\"0a\"}]"},
	{51, "ffffffff", "4294967295", "4294967295"},
	{55, "010306ff", "1, 3, 6, 255", "[1,3,6,255]"},
	{68, "", "", "[]"},
	{80, "", "", "true"},
	{83, "00ff", "hex 00ff", "\"00ff\""},
	{83, "", "hex", "\"\""},
	{119, "03656e67056170706c6503636f6d00 096d61726b6574696e67c004",
		"eng.apple.com, marketing.apple.com",
		"[\"eng.apple.com\",\"marketing.apple.com\"]"},
	{119, "00", ".", "[\".\"]"},
	{119, "03 612c2e 00", "a\\,\\.", "[\"a\\\\,\\\\.\"]"},
	{120, "010a0000010a000002", "10.0.0.1, 10.0.0.2", "[\"10.0.0.1\",\"10.0.0.2\"]"},
	{120, "00 0161 0162 00", "a.b", "[\"a.b\"]"},
	{121, "18 0a0102 0a000001 00 0a0000fe 20 c0a80001 00000000",
		"10.1.2.0/24 via 10.0.0.1, 0.0.0.0/0 via 10.0.0.254, 192.168.0.1/32 via 0.0.0.0",
		"[{\"dst\":\"10.1.2.0/24\",\"router\":\"10.0.0.1\"},{\"dst\":\"0.0.0.0/0\",\"router\":\"10.0.0.254\"},"
		"{\"dst\":\"192.168.0.1/32\",\"router\":\"0.0.0.0\"}]"},
	{249, "080a 0a000001", "10.0.0.0/8 via 10.0.0.1",
		"[{\"dst\":\"10.0.0.0/8\",\"router\":\"10.0.0.1\"}]"},
	{124, "00000de9 05 0161 020102 00000009 01 00", "3561 text a hex 0102, 9 empty",
		"[{\"enterprise\":3561,\"items\":[\"61\",\"0102\"]},{\"enterprise\":9,\"items\":[\"\"]}]"},
	{125, "00000de9 07 010161 02020102 00000009 00", "3561 1 text a 2 hex 0102, 9",
		"[{\"enterprise\":3561,\"sub\":[{\"code\":1,\"hex\":\"61\"},{\"code\":2,\"hex\":\"0102\"}]},"
		"{\"enterprise\":9,\"sub\":[]}]"},
	{137, "0161016200", "a.b", "\"a.b\""},
	{162, "000d 0064 03 016100 04 0a000001 abcd 0006 0001 03 016200",
		"100 a 10.0.0.1 hex abcd, 1 b",
		"[{\"priority\":100,\"name\":\"a\",\"addresses\":[\"10.0.0.1\"],\"params\":\"abcd\"},"
		"{\"priority\":1,\"name\":\"b\"}]"},
	{252, "687474703a2f2f77", "http://w", "\"http://w\""},
	{224, "00", "hex 00", "\"00\""},
};

static void text_and_octets_are_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(both); i++) {
		uint8_t want[VAL_MAX], got[VAL_MAX];
		size_t len = hex_bytes(both[i].hex, want, sizeof want);
		struct gyl_writer w;
		struct gyl_fault f;
		char text[TEXT_MAX];

		gyl_writer_init(&w, got, sizeof got);
		f = gyl_dhcp_opt_parse(both[i].code, gyl_view_str(both[i].text), &w);
		if (f.err != GYL_OK || !gyl_view_eq(gyl_writer_view(&w), gyl_view(want, len)))
			fail_msg("row %zu, '%s': %s at %zu, %zu octets", i, both[i].text,
				gyl_err_text(f.err), f.off, w.len);
		assert_int_equal(gyl_dhcp_opt_check(both[i].code, gyl_view(want, len)).err, GYL_OK);
		assert_string_equal(print(both[i].code, gyl_view(want, len), text), both[i].text);
		assert_string_equal(json(both[i].code, gyl_view(want, len), text), both[i].json);
	}
}

/* Other spellings that are read. */
static const struct {
	uint8_t code;
	const char *text, *hex;
} spellings[] = {
	{6, " 10.0.0.1 10.0.0.2,10.0.0.3 ", "0a0000010a0000020a000003"},
	{6, "hex 0a:00:00:01 0a000002", "0a0000010a000002"},
	{12, "hex 00", "00"},
	{12, "hexagon", "68657861676f6e"},
	{12, "C:\\path\\x1", "433a5c706174685c7831"},
	{19, "on", "01"},
	{19, "no", "00"},
	{43, "1 ip 10.0.0.1, 2 u8 7 3 u16 258 4 u32 1, 5 name a.b, 6 text x\\x2cy",
		"01040a000001 020107 03020102 "
		"040400000001 05050161016200 "
		"0603782c79"},
	{83, "00:ff 01", "00ff01"},
	{119, "a.b. b", "0161016200 c002"},
	{119, "\\065.b, A.b", "0141016200 c000"},
	{119, "a.b, A.B", "0161016200 0141014200"},
	{121, "10.1.2.3/8 10.0.0.1", "080a0a000001"},
	{61, "hex 01 020000000001", "01020000000001"},
};

static void other_spellings_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(spellings); i++) {
		uint8_t want[VAL_MAX], got[VAL_MAX];
		size_t len = hex_bytes(spellings[i].hex, want, sizeof want);
		struct gyl_writer w;
		struct gyl_fault f;

		gyl_writer_init(&w, got, sizeof got);
		f = gyl_dhcp_opt_parse(spellings[i].code, gyl_view_str(spellings[i].text), &w);
		if (f.err != GYL_OK || !gyl_view_eq(gyl_writer_view(&w), gyl_view(want, len)))
			fail_msg("'%s': %s at %zu, %zu octets", spellings[i].text,
				gyl_err_text(f.err), f.off, w.len);
	}
}

static const struct {
	const char *text;
	size_t off;
	enum gyl_err err;
	uint8_t code;
} bad_texts[] = {
	{"", 0, GYL_E_SYNTAX, 1},
	{"10.0.0", 6, GYL_E_SYNTAX, 1},
	{"10.0.0.1 10.0.0.2", 9, GYL_E_SYNTAX, 1},
	{"  10.0.0.256", 9, GYL_E_RANGE, 1},
	{"-2147483649", 1, GYL_E_RANGE, 2},
	{"2147483648", 0, GYL_E_RANGE, 2},
	{"-", 1, GYL_E_SYNTAX, 2},
	{" ", 1, GYL_E_SYNTAX, 6},
	{"", 0, GYL_E_SYNTAX, 12},
	{"65536", 0, GYL_E_RANGE, 13},
	{"maybe", 0, GYL_E_SYNTAX, 19},
	{"10.0.0.0 255.0.0.0 10.0.0.0", 27, GYL_E_SYNTAX, 21},
	{"256", 0, GYL_E_RANGE, 23},
	{"", 0, GYL_E_SYNTAX, 43},
	{"1", 1, GYL_E_SYNTAX, 43},
	{"1 hex", 5, GYL_E_SYNTAX, 43},
	{"1 hex 0", 6, GYL_E_SYNTAX, 43},
	{"1 float 0", 2, GYL_E_SYNTAX, 43},
	{"256 hex 00", 0, GYL_E_RANGE, 43},
	{"1 hex 00, 0 hex 00", 10, GYL_E_RANGE, 43},
	{"255 text a", 0, GYL_E_RANGE, 43},
	{"9 0 hex 00 255 empty", 0, GYL_OK, 125},
	{"anything", 0, GYL_E_SYNTAX, 61},
	{"x", 0, GYL_E_SYNTAX, 80},
	{"0g", 0, GYL_E_SYNTAX, 83},
	{"a..b", 2, GYL_E_NAME, 119},
	{"ok.example, a.\\300", 14, GYL_E_SYNTAX, 119},
	{"a123456789012345678901234567890123456789012345678901234567890123", 0, GYL_E_NAME, 119},
	{"10.0.0.0 10.0.0.1", 8, GYL_E_SYNTAX, 121},
	{"10.0.0.0/33 10.0.0.1", 9, GYL_E_RANGE, 121},
	{"10.0.0.0/8 via", 14, GYL_E_SYNTAX, 121},
	{"10.0.0.0/8 via x", 15, GYL_E_SYNTAX, 121},
	{"10.0.0.0/8 via 10.0.0.1 y", 24, GYL_E_SYNTAX, 121},
	{"10.0.0.0/8 via 10.0.0.1,", 0, GYL_OK, 121},
	{"9", 1, GYL_E_SYNTAX, 124},
	{"x 1 hex 00", 0, GYL_E_SYNTAX, 125},
	{"1", 1, GYL_E_SYNTAX, 162},
	{"1 a hex 00", 4, GYL_E_SYNTAX, 162},
};

static void bad_text_is_refused_in_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(bad_texts); i++) {
		uint8_t got[VAL_MAX];
		struct gyl_writer w;
		struct gyl_fault f;

		gyl_writer_init(&w, got, sizeof got);
		gyl_put_u8(&w, 0xa5);
		f = gyl_dhcp_opt_parse(bad_texts[i].code, gyl_view_str(bad_texts[i].text), &w);
		if (f.err != bad_texts[i].err || f.off != bad_texts[i].off ||
			(gyl_failed(f) && w.len != 1))
			fail_msg("%u '%s': %s at %zu", bad_texts[i].code, bad_texts[i].text,
				gyl_err_text(f.err), f.off);
	}
}

static const struct {
	const char *hex;
	size_t off;
	enum gyl_err err;
	uint8_t code;
} check_cases[] = {
	{"ffffff", 0, GYL_E_LENGTH, 1},
	{"02", 0, GYL_E_FIELD, 19},
	{"0a000000", 0, GYL_E_LENGTH, 21},
	{"0101", 0, GYL_LENIENT, 43},
	{"0101ff 0101", 3, GYL_LENIENT, 43},
	{"00 0101ff ff 0101", 0, GYL_OK, 43},
	{"01", 0, GYL_E_LENGTH, 61},
	{"0161 0162", 0, GYL_OK, 77},
	{"69505845", 0, GYL_LENIENT, 77},
	{"01 0a000001", 0, GYL_OK, 78},
	{"01 0a00", 0, GYL_E_LENGTH, 78},
	{"00", 0, GYL_E_LENGTH, 80},
	{"0000", 0, GYL_E_LENGTH, 81},
	{"000000 ff", 0, GYL_OK, 81},
	{"040000 0261", 3, GYL_E_NAME, 81},
	{"040000 0161 00 00", 6, GYL_E_NAME, 81},
	{"0101ff 00 00", 0, GYL_OK, 82},
	{"0101ff ff", 3, GYL_E_OPTION, 82},
	{"01 00112233445566778899aabbccddeeff", 0, GYL_E_FIELD, 97},
	{"00 00112233445566778899aabbccddee", 0, GYL_E_LENGTH, 97},
	{"0161 c000", 2, GYL_E_POINTER, 119},
	{"c000", 0, GYL_E_POINTER, 119},
	{"c0", 2, GYL_E_SHORT, 119},
	{"0161", 3, GYL_E_SHORT, 119},
	{"0561", 6, GYL_E_SHORT, 119},
	{"4061", 0, GYL_E_NAME, 119},
	{"00 c000", 0, GYL_OK, 119},
	{"0161 c004 0162 00", 2, GYL_E_POINTER, 119},
	{"00", 0, GYL_E_LENGTH, 120},
	{"02 0a000001", 0, GYL_E_FIELD, 120},
	{"01 0a0000", 1, GYL_E_LENGTH, 120},
	{"00 0161", 4, GYL_E_SHORT, 120},
	{"21 0a00000000 0a000001", 0, GYL_E_FIELD, 121},
	{"00 0a000001 18 0a0000 0a0000", 5, GYL_E_LENGTH, 121},
	{"00000009 02 0561", 5, GYL_E_OPTION, 124},
	{"00000009 02 0161 00", 7, GYL_E_LENGTH, 124},
	{"00000009 02 0105", 5, GYL_E_OPTION, 125},
	{"0161 00 00", 3, GYL_E_LENGTH, 137},
	{"0161 c000", 2, GYL_E_POINTER, 137},
	{"0001 61 0002 6161", 0, GYL_OK, 143},
	{"0001 61 0003 6161", 3, GYL_E_LENGTH, 143},
	{"04 0a000001 08 0a000001 0a000002", 0, GYL_OK, 158},
	{"04 0a000001 03 0a0000", 5, GYL_E_LENGTH, 158},
	{"0006 0001 03 016100", 0, GYL_OK, 162},
	{"0007 0001 03 016100", 0, GYL_E_OPTION, 162},
	{"0007 0001 03 016100 00", 0, GYL_E_OPTION, 162},
	{"20 40 20010db8000000000000000000000000 0a000001", 0, GYL_OK, 212},
	{"21 40 20010db8000000000000000000000000 0a000001", 0, GYL_E_FIELD, 212},
	{"08 79 20010db8000000000000000000000000 0a000001", 1, GYL_E_FIELD, 212},
	{"20 40 20010db8000000000000000000000000 0a0000", 0, GYL_E_LENGTH, 212},
	{"", 0, GYL_OK, 224},
};

static void values_are_judged_by_type(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(check_cases); i++) {
		uint8_t val[VAL_MAX];
		size_t len = hex_bytes(check_cases[i].hex, val, sizeof val);
		struct gyl_fault f = gyl_dhcp_opt_check(check_cases[i].code, gyl_view(val, len));

		if (f.err != check_cases[i].err || f.off != check_cases[i].off)
			fail_msg("%u '%s': %s at %zu", check_cases[i].code, check_cases[i].hex,
				gyl_err_text(f.err), f.off);
	}
}

/* Values that are only shown: texts and JSON. */
static const struct {
	uint8_t code;
	const char *hex, *text, *json;
} shown[] = {
	{61, "01020000000001", "type 1 id hex 020000000001",
		"{\"type\":1,\"id\":\"020000000001\"}"},
	{61, "ff00000001 0001 0001 00000002 020000000001",
		"iaid 1 duid type 1 htype 1 time 2 id hex 020000000001",
		"{\"iaid\":1,\"duid\":{\"type\":1,\"htype\":1,\"time\":2,\"id\":\"020000000001\"}}"},
	{61, "ff00000001 0002 00000009 aabb", "iaid 1 duid type 2 enterprise 9 id hex aabb",
		"{\"iaid\":1,\"duid\":{\"type\":2,\"enterprise\":9,\"id\":\"aabb\"}}"},
	{77, "0161 026263", "a, bc", "[\"a\",\"bc\"]"},
	{77, "69505845", "hex 69505845", "\"69505845\""},
	{43, "0105", "hex 0105", "\"0105\""},
	{43, "0000ff", "hex 0000ff", "[]"},
	{77, "00", "hex 00", "[\"\"]"},
	{1, "ff", "hex ff", "{\"bad\":\"ff\"}"},
	{78, "01 0a000001", "mandatory 1 addresses 10.0.0.1",
		"{\"mandatory\":1,\"addresses\":[\"10.0.0.1\"]}"},
	{79, "00 616263", "mandatory 0 text abc", "{\"mandatory\":0,\"text\":\"abc\"}"},
	{81, "05ffff 0161 0162 00", "flags 5 rcode1 255 rcode2 255 name a.b",
		"{\"flags\":5,\"rcode1\":255,\"rcode2\":255,\"name\":\"a.b\"}"},
	{81, "010000", "flags 1 rcode1 0 rcode2 0 raw empty",
		"{\"flags\":1,\"rcode1\":0,\"rcode2\":0,\"raw\":\"\"}"},
	{82, "010161 02020102 05040a000001 0a0180 0b040a0000fe 060178",
		"circuit-id hex 61 remote-id hex 0102 subscriber-id x link 10.0.0.1 server-id 10.0.0.254 flags 128 "
		"sub 1 text a 2 hex 0102 5 hex 0a000001 10 hex 80 11 hex 0a0000fe 6 text x",
		"{\"circuit-id\":\"61\",\"remote-id\":\"0102\",\"subscriber-id\":\"x\",\"link\":\"10.0.0.1\","
		"\"server-id\":\"10.0.0.254\",\"flags\":128,\"sub\":[{\"code\":1,\"hex\":\"61\"},"
		"{\"code\":2,\"hex\":\"0102\"},{\"code\":5,\"hex\":\"0a000001\"},{\"code\":10,\"hex\":\"80\"},"
		"{\"code\":11,\"hex\":\"0a0000fe\"},{\"code\":6,\"hex\":\"78\"}]}"},
	{90, "010100 0000000000000007 aa", "protocol 1 algorithm 1 rdm 0 replay 7 info hex aa",
		"{\"protocol\":1,\"algorithm\":1,\"rdm\":0,\"replay\":7,\"info\":\"aa\"}"},
	{94, "010310", "type 1 major 3 minor 16", "{\"type\":1,\"major\":3,\"minor\":16}"},
	{97, "00 00112233445566778899aabbccddeeff", "hex 0000112233445566778899aabbccddeeff",
		"\"0000112233445566778899aabbccddeeff\""},
	{143, "0001 61 0002 6262", "a bb", "[\"a\",\"bb\"]"},
	{151, "01 6e6f", "code 1 text no", "{\"code\":1,\"text\":\"no\"}"},
	{158, "04 0a000001 08 0a000001 0a000002", "10.0.0.1, 10.0.0.1 10.0.0.2",
		"[[\"10.0.0.1\"],[\"10.0.0.1\",\"10.0.0.2\"]]"},
	{212, "20 40 20010db8000000000000000000000000 0a000001",
		"ipv4-mask-len 32 prefix-len 64 prefix hex 20010db8000000000000000000000000 relays 10.0.0.1",
		"{\"ipv4-mask-len\":32,\"prefix-len\":64,\"prefix\":\"20010db8000000000000000000000000\","
		"\"relays\":[\"10.0.0.1\"]}"},
};

static void structures_are_shown_by_type(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(shown); i++) {
		uint8_t val[VAL_MAX];
		size_t len = hex_bytes(shown[i].hex, val, sizeof val);
		char text[TEXT_MAX];

		assert_string_equal(print(shown[i].code, gyl_view(val, len), text), shown[i].text);
		assert_string_equal(json(shown[i].code, gyl_view(val, len), text), shown[i].json);
	}
}

static void options_have_one_name(void **state)
{
	uint8_t code = 0;

	(void)state;
	for (unsigned i = 1; i < 255; i++) {
		struct gyl_dhcp_opt_info info = gyl_dhcp_opt_get((uint8_t)i);

		if (info.name == NULL) {
			assert_int_equal(info.kind, GYL_DHCP_KIND_BYTES);
			continue;
		}
		assert_true(gyl_dhcp_opt_by_name(gyl_view_str(info.name), &code));
		assert_int_equal(code, i);
	}
	assert_true(gyl_dhcp_opt_by_name(gyl_view_str("domain-search"), &code));
	assert_int_equal(code, GYL_DHCP_OPT_DOMAIN_SEARCH);
	assert_true(gyl_dhcp_opt_by_name(gyl_view_str("254"), &code));
	assert_int_equal(code, 254);
	assert_false(gyl_dhcp_opt_by_name(gyl_view_str("0"), &code));
	assert_false(gyl_dhcp_opt_by_name(gyl_view_str("255"), &code));
	assert_false(gyl_dhcp_opt_by_name(gyl_view_str("no-such-option"), &code));
	assert_false(gyl_dhcp_opt_by_name(gyl_view_str(""), &code));
}

/* Whatever the octets: an answer, items inside the value, and text that reads back when the value
 * is good. */
static void check_value(struct gyl_view val, void *arg)
{
	uint8_t code = *(uint8_t *)arg, again[VAL_MAX];
	char text[TEXT_MAX], text2[TEXT_MAX];
	struct gyl_fault f = gyl_dhcp_opt_check(code, val);
	struct gyl_writer w;

	print(code, val, text);
	json(code, val, text2);
	gyl_writer_init(&w, again, sizeof again);
	if (gyl_failed(f) || gyl_failed(gyl_dhcp_opt_parse(code, gyl_view_str(text), &w)))
		return;
	assert_string_equal(print(code, gyl_writer_view(&w), text2), text);
}

static void every_prefix_of_every_kind_gives_an_answer(void **state)
{
	(void)state;
	for (unsigned code = 1; code < 255; code++) {
		uint8_t val[VAL_MAX], c = (uint8_t)code;

		for (size_t i = 0; i < TEST_CNT(both); i++)
			if (gyl_dhcp_opt_get(both[i].code).kind == gyl_dhcp_opt_get(c).kind)
				prop_prefixes(
					gyl_view(val, hex_bytes(both[i].hex, val, sizeof val)),
					check_value, &c);
		for (size_t i = 0; i < TEST_CNT(shown); i++)
			if (gyl_dhcp_opt_get(shown[i].code).kind == gyl_dhcp_opt_get(c).kind)
				prop_prefixes(
					gyl_view(val, hex_bytes(shown[i].hex, val, sizeof val)),
					check_value, &c);
	}
}

static struct gyl_fault parse_row(uint8_t *buf, size_t cap, size_t *ret_len, void *arg)
{
	size_t i = *(size_t *)arg;
	struct gyl_writer w;
	struct gyl_fault f;

	gyl_writer_init(&w, buf, cap);
	f = gyl_dhcp_opt_parse(both[i].code, gyl_view_str(both[i].text), &w);
	if (!gyl_failed(f))
		*ret_len = w.len;
	return f;
}

static void every_capacity_gives_all_or_no_space(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(both); i++)
		prop_capacities(80, parse_row, &i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_and_octets_are_one),
		cmocka_unit_test(other_spellings_are_read),
		cmocka_unit_test(bad_text_is_refused_in_place),
		cmocka_unit_test(values_are_judged_by_type),
		cmocka_unit_test(structures_are_shown_by_type),
		cmocka_unit_test(options_have_one_name),
		cmocka_unit_test(every_prefix_of_every_kind_gives_an_answer),
		cmocka_unit_test(every_capacity_gives_all_or_no_space),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
