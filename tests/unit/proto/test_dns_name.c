/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/dns_name.h>
#include <gyl/text.h>

#define L61 "1234567890123456789012345678901234567890123456789012345678901"
#define L63    \
	"\x3f" \
	"123456789012345678901234567890123456789012345678901234567890123"

static const struct {
	const char *name, *hex;
	size_t off;
	enum gyl_err err;
	size_t fault_off, len, next;
} wire_cases[] = {
	/* good */
	{"root", "00", 0, GYL_OK, 0, 1, 1},
	{"two labels", "0161 0262 62 00", 0, GYL_OK, 0, 6, 6},
	{"pointer back", "0161 00 0162 c000", 3, GYL_OK, 0, 5, 7},
	{"lone pointer", "0161 00 c000", 3, GYL_OK, 0, 3, 5},
	{"pointer to the middle of a name", "0161 0162 00 0163 c002", 5, GYL_OK, 0, 5, 9},
	{"two pointers in a row", "0161 00 c000 c003", 5, GYL_OK, 0, 3, 7},
	{"octets after the name are not its own", "0161 00 ff", 0, GYL_OK, 0, 3, 3},
	/* cut */
	{"nothing", "", 0, GYL_E_SHORT, 1, 0, 0},
	{"label cut", "0361 62", 0, GYL_E_SHORT, 5, 0, 0},
	{"no root", "0161", 0, GYL_E_SHORT, 3, 0, 0},
	{"half a pointer", "00 c0", 1, GYL_E_SHORT, 3, 0, 0},
	{"offset past the end", "00", 9, GYL_E_SHORT, 10, 0, 0},
	/* label types of RFC 2673 and RFC 6891 5 */
	{"label type 01", "40 00", 0, GYL_E_NAME, 0, 0, 0},
	{"label type 10", "0161 80 00", 0, GYL_E_NAME, 2, 0, 0},
	/* pointers */
	{"to itself", "c000", 0, GYL_E_POINTER, 0, 0, 0},
	{"forward", "c002 00", 0, GYL_E_POINTER, 0, 0, 0},
	{"into its own labels", "0161 c000", 0, GYL_E_POINTER, 2, 0, 0},
	{"loop of two", "c002 c000", 2, GYL_E_POINTER, 0, 0, 0},
	{"back, then on over itself", "0161 0162 c000", 2, GYL_E_POINTER, 4, 0, 0},
	{"to a label that goes on over it", "03 6161 c000", 3, GYL_E_POINTER, 3, 0, 0},
	{"to a label that goes on behind it", "04 6161 c000 00", 3, GYL_E_POINTER, 3, 0, 0},
	{"to labels that go on over it", "0161 0361 c000 00", 4, GYL_E_POINTER, 4, 0, 0},
	{"twice back, then on over the second", "02 6161 c000 c003", 5, GYL_E_POINTER, 5, 0, 0},
	{"half a pointer is led to", "00 c0 c001", 2, GYL_E_POINTER, 2, 0, 0},
};

static void wire_names_are_proven(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(wire_cases); i++) {
		uint8_t msg[64], name[GYL_DNS_NAME_MAX];
		size_t msg_len = hex_bytes(wire_cases[i].hex, msg, sizeof msg), len = 0, next = 0;
		struct gyl_fault f, skip;
		struct guard g;

		guard_open(&g, gyl_view(msg, msg_len));
		f = gyl_dns_name_decode(g.view, wire_cases[i].off, name, &len, &next);
		skip = gyl_dns_name_skip(g.view, wire_cases[i].off, NULL, NULL);
		guard_close(&g);
		if (f.err != wire_cases[i].err || f.off != wire_cases[i].fault_off ||
			len != wire_cases[i].len || next != wire_cases[i].next ||
			skip.err != f.err || skip.off != f.off)
			fail_msg("%s: %s at %zu, len %zu, next %zu", wire_cases[i].name,
				gyl_err_text(f.err), f.off, len, next);
		if (len != 0)
			assert_int_equal(gyl_dns_name_len(name), len);
	}
}

static void a_name_ends_at_255_octets(void **state)
{
	static const uint8_t msg[] =
		L63 L63 L63 "\x3d"
			    "1234567890123456789012345678901234567890123456789012345678901\0"
			    "\1x\xc0\0"
			    "\xc0\0";
	uint8_t name[GYL_DNS_NAME_MAX];
	size_t len = 0, next = 0;

	(void)state;
	assert_int_equal(gyl_dns_name_decode(gyl_view(msg, 255), 0, name, &len, &next).err, GYL_OK);
	assert_int_equal(len, 255);
	assert_int_equal(gyl_dns_name_label_cnt(name), 4);
	assert_int_equal(
		gyl_dns_name_decode(gyl_view(msg, sizeof msg), 259, name, &len, &next).err, GYL_OK);
	assert_int_equal(next, 261);
	/* one more label in front, with the pointer expanded */
	assert_int_equal(
		gyl_dns_name_skip(gyl_view(msg, sizeof msg), 255, NULL, NULL).err, GYL_E_NAME);
	assert_int_equal(gyl_dns_name_skip(gyl_view(msg, sizeof msg), 255, NULL, NULL).off, 192);
}

static void only_whole_uncompressed_names_pass_the_check(void **state)
{
	(void)state;
	assert_int_equal(gyl_dns_name_check(gyl_view("\1a\0", 3)).err, GYL_OK);
	assert_int_equal(gyl_dns_name_check(gyl_view("\1a\0x", 4)).err, GYL_E_LENGTH);
	assert_int_equal(gyl_dns_name_check(gyl_view("\1a\0x", 4)).off, 3);
	assert_int_equal(gyl_dns_name_check(gyl_view("\1a\xc0\0", 4)).err, GYL_E_POINTER);
	assert_int_equal(gyl_dns_name_check(gyl_view("\1a", 2)).err, GYL_E_SHORT);
	assert_int_equal(gyl_dns_name_check(gyl_view(NULL, 0)).err, GYL_E_SHORT);
}

static const uint8_t origin[] = "\4test";

static const struct {
	const char *text;
	size_t text_len;
	enum gyl_err err;
	size_t off;
	const char *name, *print;
} text_cases[] = {
	/* good */
	{".", 1, GYL_OK, 0, "", "."},
	{"@", 1, GYL_OK, 0, "\4test", "test."},
	{"a", 1, GYL_OK, 0, "\1a\4test", "a.test."},
	{"A.b.", 4, GYL_OK, 0, "\1A\1b", "A.b."},
	{"*._tcp.x-y.", 11, GYL_OK, 0, "\1*\4_tcp\3x-y", "*._tcp.x-y."},
	{"a\\.b.", 5, GYL_OK, 0, "\3a.b", "a\\.b."},
	{"a\\046b.", 7, GYL_OK, 0, "\3a.b", "a\\.b."},
	{"\\@.", 3, GYL_OK, 0, "\1@", "\\@."},
	{"a@[{/.", 6, GYL_OK, 0, "\5a@[{/", "a\\@\\[\\{\\/."},
	{"a b\t.", 5, GYL_OK, 0, "\4a b\t", "a\\032b\\009."},
	{"\xff\x80.", 3, GYL_OK, 0, "\2\xff\x80", "\\255\\128."},
	{"\\\\.", 3, GYL_OK, 0, "\1\\", "\\\\."},
	/* bad */
	{"", 0, GYL_E_SYNTAX, 0, NULL, NULL},
	{"..", 2, GYL_E_SYNTAX, 0, NULL, NULL},
	{".a", 2, GYL_E_SYNTAX, 0, NULL, NULL},
	{"a..b", 4, GYL_E_SYNTAX, 2, NULL, NULL},
	{"a\\", 2, GYL_E_SYNTAX, 1, NULL, NULL},
	{"a\\25", 4, GYL_E_SYNTAX, 1, NULL, NULL},
	{"a\\256.", 6, GYL_E_SYNTAX, 1, NULL, NULL},
	{"a\\2x5.", 6, GYL_E_SYNTAX, 1, NULL, NULL},
	{"1234567890123456789012345678901234567890123456789012345678901234.", 65, GYL_E_NAME, 63,
		NULL, NULL},
};

static void text_goes_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(text_cases); i++) {
		uint8_t name[GYL_DNS_NAME_MAX], again[GYL_DNS_NAME_MAX];
		char buf[GYL_DNS_NAME_TEXT_MAX];
		struct gyl_writer w;
		struct gyl_fault f = gyl_dns_name_parse(
			gyl_view(text_cases[i].text, text_cases[i].text_len), origin, name, NULL);

		if (f.err != text_cases[i].err || f.off != text_cases[i].off)
			fail_msg("'%s': %s at %zu", text_cases[i].text, gyl_err_text(f.err), f.off);
		if (f.err != GYL_OK)
			continue;
		assert_string_equal((const char *)name, text_cases[i].name);
		gyl_writer_init(&w, buf, sizeof buf);
		gyl_dns_name_print(&w, name);
		assert_int_equal(
			gyl_dns_name_parse(gyl_writer_view(&w), NULL, again, NULL).err, GYL_OK);
		assert_string_equal((const char *)again, text_cases[i].name);
		assert_string_equal(gyl_text_cstr(&w), text_cases[i].print);
	}
}

static void text_stops_at_255_octets(void **state)
{
	static const char dot2[] =
		"a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a."
		"a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a."
		"a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a."
		"a.a.a.a.a.a.a.a.";
	uint8_t name[GYL_DNS_NAME_MAX];
	size_t len = 0;

	(void)state;
	assert_int_equal(gyl_dns_name_parse(gyl_view(dot2, 254), NULL, name, &len).err, GYL_OK);
	assert_int_equal(len, 255);
	assert_int_equal(gyl_dns_name_label_cnt(name), 127);
	assert_int_equal(gyl_dns_name_parse(gyl_view(dot2, 255), NULL, name, &len).err, GYL_E_NAME);
	assert_int_equal(
		gyl_dns_name_parse(gyl_view(dot2, 253), (const uint8_t *)"", name, &len).err,
		GYL_OK);
	assert_int_equal(
		gyl_dns_name_parse(gyl_view(dot2, 253), origin, name, &len).err, GYL_E_NAME);
	assert_int_equal(
		gyl_dns_name_parse(gyl_view_str("a"), NULL, name, &len).err, GYL_E_MISSING);
}

/* RFC 4034 6.1's own example, in its order */
static const char *const ordered[] = {"\7example", "\1a\7example", "\x08yljkjljk\1a\7example",
	"\1Z\1a\7example", "\4zABC\1a\7EXAMPLE", "\1z\7example", "\1\x01\1z\7example",
	"\1*\1z\7example", "\1\xc8\1z\7example"};

static const uint8_t *wire(const char *s)
{
	return (const uint8_t *)s;
}

static void canonical_order_is_that_of_the_rfc(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(ordered); i++)
		for (size_t j = 0; j < TEST_CNT(ordered); j++) {
			int order = gyl_dns_name_cmp(wire(ordered[i]), wire(ordered[j]));

			assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
			assert_int_equal(
				gyl_dns_name_eq(wire(ordered[i]), wire(ordered[j])), i == j);
		}
}

static void comparison_folds_letters_only(void **state)
{
	(void)state;
	assert_true(gyl_dns_name_eq(wire("\11ABCdefghi\3Com"), wire("\11abcDEFGHI\3cOM")));
	assert_true(gyl_dns_name_eq(wire("\2aZ"), wire("\2Az")));
	/* '[' and '{', '@' and '`', 0xc1 and 0xe1 differ by the same bit as letters do */
	assert_false(gyl_dns_name_eq(wire("\1["), wire("\1{")));
	assert_false(gyl_dns_name_eq(wire("\11abcdefgh@"), wire("\11abcdefgh`")));
	assert_false(gyl_dns_name_eq(wire("\11\xc1"
					  "bcdefghi"),
		wire("\11\xe1"
		     "bcdefghi")));
	assert_false(gyl_dns_name_eq(wire("\2a\x80"), wire("\2a\xa0")));
	assert_false(gyl_dns_name_eq(wire("\1a"), wire("\1a\1b")));
	assert_false(gyl_dns_name_eq(wire("\1a\1b\1c"), wire("\1a\3b\1c")));
}

static const struct {
	const char *a, *b;
	unsigned common;
	bool under;
} tree_cases[] = {
	{"", "", 0, true},
	{"\1a", "", 0, true},
	{"", "\1a", 0, false},
	{"\1a\1b", "\1B", 1, true},
	{"\1x\1b", "\1a\1b", 1, false},
	{"\2ab", "\1b", 0, false},
	{"\3a\1b", "\1b", 0, false}, /* the tail's octets match, but inside a label */
	{"\1a\1b\1c", "\1B\1C", 2, true},
};

static void names_form_a_tree(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(tree_cases); i++) {
		const uint8_t *a = wire(tree_cases[i].a), *b = wire(tree_cases[i].b);

		assert_int_equal(gyl_dns_name_common(a, b), tree_cases[i].common);
		assert_int_equal(gyl_dns_name_is_under(a, b), tree_cases[i].under);
	}
	assert_true(gyl_dns_name_is_wildcard(wire("\1*\1a")));
	assert_false(gyl_dns_name_is_wildcard(wire("\2**")));
	assert_string_equal((const char *)gyl_dns_name_parent(wire("\1a\1b")), "\1b");
	assert_string_equal((const char *)gyl_dns_name_parent(wire("")), "");
}

static void parts_are_put_together(void **state)
{
	static const uint8_t l63[] = L63 L63 L63, l61[] = "\x3d" L61;
	uint8_t name[GYL_DNS_NAME_MAX], again[GYL_DNS_NAME_MAX];
	size_t len = 0;

	(void)state;
	assert_int_equal(
		gyl_dns_name_concat(wire("\1a\1b"), 4, wire("\1c"), name, &len).err, GYL_OK);
	assert_int_equal(len, 7);
	assert_string_equal((const char *)name, "\1a\1b\1c");
	/* 192 + 65 octets are too many, and leave the name alone; 192 + 63 are just right */
	assert_int_equal(gyl_dns_name_concat(l63, 192, l63 + 128, name, NULL).err, GYL_E_NAME);
	assert_string_equal((const char *)name, "\1a\1b\1c");
	assert_int_equal(gyl_dns_name_concat(l63, 192, l61, again, &len).err, GYL_OK);
	assert_int_equal(len, 255);
	assert_string_equal((const char *)name, "\1a\1b\1c");
	gyl_dns_name_fold(name, wire("\11ABCDEFGHZ\2[@"), 14);
	assert_string_equal((const char *)name, "\11abcdefghz\2[@");
}

static void reverse_names_go_both_ways(void **state)
{
	static const char *const none[] = {"",
		"\1"
		"1\1"
		"2\1"
		"3\7in-addr\4arpa",
		"\2"
		"01\1"
		"2\1"
		"3\1"
		"4\7in-addr\4arpa",
		"\3"
		"256\1"
		"2\1"
		"3\1"
		"4\7in-addr\4arpa",
		"\1"
		"1\1"
		"2\1"
		"3\1"
		"4\3ip6\4arpa",
		"\1x\1"
		"2\1"
		"3\1"
		"4\7in-addr\4arpa",
		"\1"
		"0\1"
		"1\1"
		"2\1"
		"3\1"
		"4\7in-addr\4arpa"};
	uint8_t name[GYL_DNS_NAME_MAX];
	uint32_t ip = 0;

	(void)state;
	assert_int_equal(gyl_dns_name_reverse_ipv4(0x0a00fe01, name), 25);
	assert_string_equal((const char *)name, "\1"
						"1\3"
						"254\1"
						"0\2"
						"10\7in-addr\4arpa");
	name[15] = 'A';
	assert_true(gyl_dns_name_to_ipv4(name, &ip));
	assert_int_equal(ip, 0x0a00fe01);
	for (size_t i = 0; i < TEST_CNT(none); i++)
		assert_false(gyl_dns_name_to_ipv4(wire(none[i]), &ip));
}

static struct gyl_fault print_into(uint8_t *buf, size_t cap, size_t *ret_len, void *arg)
{
	struct gyl_writer w;

	gyl_writer_init(&w, buf, cap);
	gyl_dns_name_print(&w, arg);
	if (gyl_writer_ok(&w))
		*ret_len = w.len;
	else
		assert_int_equal(w.len, 0);
	return w.fault;
}

static void printing_is_bounded(void **state)
{
	uint8_t name[] = "\3a.\xff\2bc";

	(void)state;
	prop_capacities(20, print_into, name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wire_names_are_proven),
		cmocka_unit_test(a_name_ends_at_255_octets),
		cmocka_unit_test(only_whole_uncompressed_names_pass_the_check),
		cmocka_unit_test(text_goes_both_ways),
		cmocka_unit_test(text_stops_at_255_octets),
		cmocka_unit_test(canonical_order_is_that_of_the_rfc),
		cmocka_unit_test(comparison_folds_letters_only),
		cmocka_unit_test(names_form_a_tree),
		cmocka_unit_test(parts_are_put_together),
		cmocka_unit_test(reverse_names_go_both_ways),
		cmocka_unit_test(printing_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
