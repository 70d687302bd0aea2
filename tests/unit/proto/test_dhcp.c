/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/dhcp.h>

enum {
	MSG_MAX = 2000,
	FILE_AT = 108,
	SNAME_AT = 44
};

/* A request with a header, the cookie, and the options and fields given in hexadecimal. */
static struct gyl_view message(
	uint8_t buf[MSG_MAX], const char *options, const char *file, const char *sname)
{
	static const uint8_t head[] = {1, 1, 6, 0, 0x12, 0x34, 0x56, 0x78, 0, 3, 0x80, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 254, 2, 0, 0, 0, 0, 1};
	size_t len;

	memset(buf, 0, MSG_MAX);
	memcpy(buf, head, sizeof head);
	gyl_set_u32(buf + GYL_DHCP_HDR_LEN, GYL_DHCP_COOKIE);
	if (file != NULL)
		hex_bytes(file, buf + FILE_AT, 128);
	if (sname != NULL)
		hex_bytes(sname, buf + SNAME_AT, 64);
	len = hex_bytes(options, buf + GYL_DHCP_OPTS_OFF, MSG_MAX - GYL_DHCP_OPTS_OFF);
	return gyl_view(buf, GYL_DHCP_OPTS_OFF + len);
}

static const struct {
	const char *name, *options, *file, *sname;
	enum gyl_err err;
	size_t off;
	unsigned type, opt_cnt;
} cases[] = {
	{"discover", "350101 ff", NULL, NULL, GYL_OK, 0, 1, 1},
	{"no options at all", "ff", NULL, NULL, GYL_OK, 0, 0, 0},
	{"pads before, between and after", "00 350103 0000 3204 0a000005 00 ff 00", NULL, NULL,
		GYL_OK, 0, 3, 2},
	{"unknown type stays a number", "3501fa ff", NULL, NULL, GYL_OK, 0, 250, 1},
	{"unknown option of any length", "350101 e000 e10101 ff", NULL, NULL, GYL_OK, 0, 1, 3},
	{"what follows END is not looked at", "350101 ff 3504", NULL, NULL, GYL_OK, 0, 1, 1},
	/* tolerated, with the place */
	{"no END", "350101", NULL, NULL, GYL_LENIENT, 243, 1, 1},
	{"empty options field", "", NULL, NULL, GYL_LENIENT, 240, 0, 0},
	{"code without a length", "350101 0c", NULL, NULL, GYL_LENIENT, 243, 1, 1},
	{"length runs past the end", "350101 0c05 6162", NULL, NULL, GYL_LENIENT, 243, 1, 1},
	{"client identifier of one octet", "350101 3d0101 ff", NULL, NULL, GYL_LENIENT, 243, 1, 2},
	{"empty host name", "350101 0c00 ff", NULL, NULL, GYL_LENIENT, 243, 1, 2},
	{"lease time of three octets", "3303 000001 350101 ff", NULL, NULL, GYL_LENIENT, 240, 1, 2},
	{"the first of two odd ones", "0c00 3303 000001 350101 ff", NULL, NULL, GYL_LENIENT, 240, 1,
		3},
	{"addresses cut in the middle", "350101 0606 0a0000010a00 ff", NULL, NULL, GYL_LENIENT, 243,
		1, 2},
	{"the same in two pieces is whole", "350101 0606 0a0000010a00 0602 0002 ff", NULL, NULL,
		GYL_OK, 0, 1, 3},
	{"an address in two pieces is whole", "350101 3202 0a00 3202 0005 ff", NULL, NULL, GYL_OK,
		0, 1, 3},
	{"a good address repeated badly", "350101 3204 0a000005 3202 0a00 ff", NULL, NULL,
		GYL_LENIENT, 249, 1, 3},
	{"type twice", "350101 350103 ff", NULL, NULL, GYL_OK, 0, 1, 2},
	{"overload of 4", "350101 340104 ff", "0c0161ff", NULL, GYL_LENIENT, 243, 1, 2},
	{"overload of two octets", "350101 34020101 ff", "0c0161ff", NULL, GYL_LENIENT, 243, 1, 2},
	{"file without END", "340101 350101 ff", "0c0161", NULL, GYL_LENIENT, FILE_AT + 128, 1, 3},
	{"truncated option in file", "340101 350101 ff", "0c0161 0c80", NULL, GYL_LENIENT,
		FILE_AT + 3, 1, 3},
	/* overload */
	{"type in sname", "340102 ff", NULL, "350105ff", GYL_OK, 0, 5, 2},
	{"file before sname", "340103 ff", "350102ff", "350105ff", GYL_OK, 0, 2, 3},
	{"fields without overload are names", "350101 ff", "350102ff", "350105ff", GYL_OK, 0, 1, 1},
	{"overload in file says nothing", "340101 350101 ff", "340103ff", "0c0161ff", GYL_OK, 0, 1,
		3},
	/* refused */
	{"empty type", "3500 ff", NULL, NULL, GYL_E_OPTION, 240, 0, 0},
	{"empty type, then a good one", "3500 350101 ff", NULL, NULL, GYL_E_OPTION, 240, 0, 0},
	{"empty type where the message ends", "3500", NULL, NULL, GYL_E_OPTION, 240, 0, 0},
	{"type of two octets", "0c0161 35020101 ff", NULL, NULL, GYL_E_OPTION, 243, 0, 0},
	{"type 0", "350100 ff", NULL, NULL, GYL_E_OPTION, 240, 0, 0},
	{"bad type in file", "340101 ff", "35020102ff", NULL, GYL_E_OPTION, FILE_AT, 0, 0},
};

static void decode_says_what_and_where(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		uint8_t buf[MSG_MAX];
		struct gyl_dhcp_msg m = {.type = 0};
		struct gyl_view in = message(buf, cases[i].options, cases[i].file, cases[i].sname);
		struct gyl_fault f = gyl_dhcp_decode(in, &m);
		struct gyl_dhcp_cursor c;
		struct gyl_dhcp_opt o;
		unsigned cnt = 0;

		if (!gyl_failed(f))
			for (gyl_dhcp_cursor_init(&c, &m); gyl_dhcp_cursor_next(&c, &o);)
				cnt++;
		if (f.err != cases[i].err || f.off != cases[i].off || m.type != cases[i].type ||
			cnt != cases[i].opt_cnt)
			fail_msg("%s: %s at %zu, type %u, %u options", cases[i].name,
				gyl_err_text(f.err), f.off, m.type, cnt);
	}
}

static void fixed_fields_are_read_and_checked(void **state)
{
	static const uint8_t mac[16] = {2, 0, 0, 0, 0, 1};
	uint8_t buf[MSG_MAX];
	struct gyl_view in = message(buf, "350101ff", "70786500", "62756d00");
	struct gyl_dhcp_msg m;

	(void)state;
	assert_int_equal(gyl_dhcp_decode(in, &m).err, GYL_OK);
	assert_int_equal(m.hdr.op, GYL_DHCP_BOOTREQUEST);
	assert_int_equal(m.hdr.xid, 0x12345678);
	assert_int_equal(m.hdr.secs, 3);
	assert_int_equal(m.hdr.flags, GYL_DHCP_FLAG_BROADCAST);
	assert_int_equal(m.hdr.giaddr, 0x0a0000fe);
	assert_memory_equal(m.hdr.chaddr, mac, 16);
	assert_true(gyl_view_eq(m.file, gyl_view_str("pxe")));
	assert_true(gyl_view_eq(m.sname, gyl_view_str("bum")));
	/* BOOTP: no cookie, no options, no type */
	buf[GYL_DHCP_HDR_LEN] = 0;
	assert_int_equal(gyl_dhcp_decode(in, &m).err, GYL_LENIENT);
	assert_int_equal(gyl_dhcp_decode(in, &m).off, GYL_DHCP_HDR_LEN);
	assert_false(m.cookie);
	assert_int_equal(m.type, 0);
	assert_int_equal(m.area[0].len, 0);
	/* refused */
	buf[2] = 17;
	assert_int_equal(gyl_dhcp_decode(in, &m).off, 2);
	buf[0] = 3;
	assert_int_equal(gyl_dhcp_decode(in, &m).err, GYL_E_FIELD);
	assert_int_equal(gyl_dhcp_decode(in, &m).off, 0);
	assert_int_equal(gyl_dhcp_decode(gyl_view(buf, 235), &m).err, GYL_E_SHORT);
	assert_int_equal(gyl_dhcp_decode(gyl_view(buf, 235), &m).off, 236);
}

static void find_skips_what_is_bad(void **state)
{
	uint8_t buf[MSG_MAX];
	struct gyl_view in = message(buf,
				"350101 3303000001 3204 0a000005 3902 0240 0c00 3501 03 ff", NULL,
				NULL),
			v;
	struct gyl_dhcp_index ix;
	struct gyl_dhcp_msg m;
	uint32_t u32 = 7;
	uint16_t u16 = 7;
	uint8_t u8 = 7;

	(void)state;
	assert_int_equal(gyl_dhcp_decode(in, &m).err, GYL_LENIENT);
	assert_false(gyl_dhcp_find_u32(&m, GYL_DHCP_OPT_LEASE_TIME, &u32));
	assert_false(gyl_dhcp_find(&m, GYL_DHCP_OPT_HOST_NAME, &v));
	assert_false(gyl_dhcp_find(&m, GYL_DHCP_OPT_ROUTERS, &v));
	assert_false(gyl_dhcp_find_u16(&m, GYL_DHCP_OPT_REQUESTED_IP, &u16));
	assert_int_equal(u32 + u16, 14);
	assert_true(gyl_dhcp_find_u32(&m, GYL_DHCP_OPT_REQUESTED_IP, &u32));
	assert_int_equal(u32, 0x0a000005);
	assert_true(gyl_dhcp_find_u16(&m, GYL_DHCP_OPT_MAX_SIZE, &u16));
	assert_int_equal(u16, 576);
	assert_true(gyl_dhcp_find_u8(&m, GYL_DHCP_OPT_TYPE, &u8));
	assert_int_equal(u8, 1);
	gyl_dhcp_index_init(&ix, &m);
	for (unsigned code = 0; code < 256; code++) {
		struct gyl_view a = gyl_view(NULL, 0), b = gyl_view(NULL, 0);
		bool found = gyl_dhcp_find(&m, (uint8_t)code, &a);

		assert_int_equal(gyl_dhcp_index_find(&ix, &m, (uint8_t)code, &b), found);
		assert_ptr_equal(a.p, b.p);
		assert_int_equal(a.len, b.len);
	}
}

static void reply_max_obeys_option_57(void **state)
{
	static const struct {
		const char *options;
		size_t max;
	} rows[] = {
		{"350101ff", 548},
		{"350101 39020240 ff", 548},
		{"350101 390205dc ff", 1472},
		{"350101 39020190 ff", 372},
		{"350101 39020001 ff", 300},
		{"350101 39020000 ff", 300},
		{"350101 390140 ff", 548},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(rows); i++) {
		uint8_t buf[MSG_MAX];
		struct gyl_dhcp_msg m;

		assert_false(
			gyl_failed(gyl_dhcp_decode(message(buf, rows[i].options, NULL, NULL), &m)));
		assert_int_equal(gyl_dhcp_reply_max(&m), rows[i].max);
	}
}

static const struct {
	const char *options, *file, *sname;
	uint8_t code;
	enum gyl_err err;
	const char *value;
} join_cases[] = {
	{"0c02 6162 ff", NULL, NULL, 12, GYL_OK, "6162"},
	{"0c02 6162 350101 0c01 63 ff", NULL, NULL, 12, GYL_OK, "616263"},
	{"340103 0c01 61 ff", "0c0162 ff", "0c0163 ff", 12, GYL_OK, "616263"},
	{"0c00 0c01 63 ff", NULL, NULL, 12, GYL_OK, "63"},
	{"3202 0a00 3202 0005 ff", NULL, NULL, 50, GYL_OK, "0a000005"},
	{"3204 0a000005 3204 0a000006 ff", NULL, NULL, 50, GYL_OK, "0a000005"},
	{"0604 0a000005 0604 0a000006 ff", NULL, NULL, 6, GYL_OK, "0a0000050a000006"},
	{"350101 ff", NULL, NULL, 12, GYL_E_MISSING, ""},
	{"0c00 ff", NULL, NULL, 12, GYL_E_MISSING, ""},
	{"0c05 6162636465 0c04 61626364 ff", NULL, NULL, 12, GYL_E_SPACE, ""},
};

static void pieces_are_joined_in_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(join_cases); i++) {
		uint8_t buf[MSG_MAX], joined[8], want[64];
		size_t want_len = hex_bytes(join_cases[i].value, want, sizeof want);
		struct gyl_view in = message(
			buf, join_cases[i].options, join_cases[i].file, join_cases[i].sname);
		struct gyl_view v = gyl_view(NULL, 0);
		struct gyl_dhcp_msg m;
		struct gyl_fault f;

		assert_false(gyl_failed(gyl_dhcp_decode(in, &m)));
		f = gyl_dhcp_join(&m, join_cases[i].code, joined, sizeof joined, &v);
		if (f.err != join_cases[i].err || !gyl_view_eq(v, gyl_view(want, want_len)))
			fail_msg("row %zu: %s at %zu", i, gyl_err_text(f.err), f.off);
		assert_int_equal(f.off, f.err == GYL_E_SPACE ? 9 : 0);
	}
}

static void type_names_are_known(void **state)
{
	(void)state;
	assert_string_equal(gyl_dhcp_type_name(0), "BOOTP");
	assert_string_equal(gyl_dhcp_type_name(GYL_DHCP_INFORM), "INFORM");
	assert_string_equal(gyl_dhcp_type_name(GYL_DHCP_TLS), "TLS");
	assert_null(gyl_dhcp_type_name(19));
	assert_null(gyl_dhcp_type_name(255));
}

static void check_prefix(struct gyl_view in, void *arg)
{
	struct gyl_dhcp_msg m;
	struct gyl_dhcp_cursor c;
	struct gyl_dhcp_opt o;
	struct gyl_view v;
	uint8_t joined[600];

	(void)arg;
	if (gyl_failed(gyl_dhcp_decode(in, &m)))
		return;
	for (unsigned area = 0; area < GYL_DHCP_AREA_CNT; area++)
		assert_true(view_inside(in, m.area[area]));
	assert_true(view_inside(in, m.file) && view_inside(in, m.sname));
	for (gyl_dhcp_cursor_init(&c, &m); gyl_dhcp_cursor_next(&c, &o);) {
		assert_true(view_inside(in, o.val));
		assert_int_equal(in.p[o.off], o.code);
		assert_int_equal(gyl_dhcp_join(&m, o.code, joined, sizeof joined, &v).err == GYL_OK,
			!gyl_dhcp_is_bad(&m, o.code));
	}
}

static void every_prefix_gives_an_answer(void **state)
{
	uint8_t buf[MSG_MAX];

	(void)state;
	prop_prefixes(message(buf, "350101 340103 3d07 01020000000001 3204 0a000005 0c03 616263 ff",
			      "0c0164ff", "0c0165"),
		check_prefix, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decode_says_what_and_where),
		cmocka_unit_test(fixed_fields_are_read_and_checked),
		cmocka_unit_test(find_skips_what_is_bad),
		cmocka_unit_test(reply_max_obeys_option_57),
		cmocka_unit_test(pieces_are_joined_in_order),
		cmocka_unit_test(type_names_are_known),
		cmocka_unit_test(every_prefix_gives_an_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
