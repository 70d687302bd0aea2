/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/dhcp.h>

static const struct gyl_dhcp_hdr hdr = {.op = GYL_DHCP_BOOTREPLY,
	.htype = 1,
	.hlen = 6,
	.xid = 0x12345678,
	.flags = GYL_DHCP_FLAG_BROADCAST,
	.yiaddr = 0x0a000005,
	.giaddr = 0x0a0000fe,
	.chaddr = {2, 0, 0, 0, 0, 1}};

static uint8_t long_text[1000];

static int fill_long_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof long_text; i++)
		long_text[i] = (uint8_t)('a' + i % 26);
	return 0;
}

static void a_small_reply_is_exact_and_padded(void **state)
{
	uint8_t buf[GYL_DHCP_LEN_DEFAULT], want[64];
	static const uint32_t dns[] = {0x0a000001, 0x0a000002};
	struct gyl_dhcp_writer w;
	size_t len = 0, want_len;

	(void)state;
	memset(buf, 0xa5, sizeof buf);
	gyl_dhcp_begin(&w, buf, sizeof buf, &hdr);
	gyl_dhcp_put_u8(&w, GYL_DHCP_OPT_TYPE, GYL_DHCP_ACK);
	gyl_dhcp_put_relay(&w, gyl_view("\x01\x01x", 3));
	gyl_dhcp_put_u32(&w, GYL_DHCP_OPT_LEASE_TIME, 3600);
	gyl_dhcp_put_u16(&w, GYL_DHCP_OPT_INTERFACE_MTU, 1500);
	gyl_dhcp_put_ipv4s(&w, GYL_DHCP_OPT_DNS_SERVERS, dns, 2);
	gyl_dhcp_put_str(&w, GYL_DHCP_OPT_DOMAIN_NAME, "ev");
	gyl_dhcp_put(&w, GYL_DHCP_OPT_RAPID_COMMIT, gyl_view(NULL, 0));
	gyl_dhcp_put_file(&w, gyl_view_str("pxe"));
	assert_int_equal(gyl_dhcp_end(&w, GYL_DHCP_LEN_MIN, &len).err, GYL_OK);
	assert_int_equal(len, GYL_DHCP_LEN_MIN);
	want_len = hex_bytes(
		"63825363 350105 330400000e10 1a0205dc 06080a0000010a000002 0f026576 5000 5203010178 ff",
		want, sizeof want);
	assert_memory_equal(buf + GYL_DHCP_HDR_LEN, want, want_len);
	for (size_t i = GYL_DHCP_HDR_LEN + want_len; i < len; i++)
		assert_int_equal(buf[i], 0);
	assert_memory_equal(buf + 108, "pxe", 4);
	for (size_t i = 44; i < 108; i++)
		assert_int_equal(buf[i], 0);
	for (size_t i = 111; i < 236; i++)
		assert_int_equal(buf[i], 0);
	assert_int_equal(buf[GYL_DHCP_LEN_MIN], 0xa5);
}

static void the_header_survives_a_round_trip(void **state)
{
	uint8_t buf[GYL_DHCP_LEN_MIN];
	struct gyl_dhcp_writer w;
	struct gyl_dhcp_msg m;
	size_t len = 0;

	(void)state;
	gyl_dhcp_begin(&w, buf, sizeof buf, &hdr);
	assert_int_equal(gyl_dhcp_end(&w, 0, &len).err, GYL_OK);
	assert_int_equal(len, 241);
	assert_int_equal(gyl_dhcp_decode(gyl_view(buf, len), &m).err, GYL_OK);
	assert_memory_equal(&m.hdr, &hdr, sizeof hdr);
}

/* Lengths of options, put in turn as 224, 225, ...; the capacity; which of them are in. */
static const struct {
	const char *name;
	size_t cap, relay_len;
	unsigned overload;
	size_t lens[4];
	bool in[4];
	unsigned used; /* option 52 */
} fit_cases[] = {
	{"all fit exactly", 241 + 12, 0, 0, {4, 4, 0, 0}, {true, true, false, false}, 0},
	{"one octet short", 241 + 11, 0, 0, {4, 4, 0, 0}, {true, false, false, false}, 0},
	{"a smaller one still fits", 241 + 11, 0, 0, {4, 4, 3, 0}, {true, false, true, false}, 0},
	{"room for option 82 is kept", 241 + 12, 4, 0, {4, 4, 0, 0}, {true, false, false, false},
		0},
	{"overload takes three octets", 241 + 14, 0, 3, {4, 5, 0, 0}, {true, true, false, false},
		1},
	{"file takes 127 octets", 300, 0, 1, {50, 125, 0, 0}, {true, true, false, false}, 1},
	{"file does not take 128", 300, 0, 1, {50, 126, 0, 0}, {true, false, false, false}, 0},
	{"sname takes 63 octets", 300, 0, 2, {50, 61, 0, 0}, {true, true, false, false}, 2},
	{"file first, then sname", 300, 0, 3, {50, 120, 50, 0}, {true, true, true, false}, 3},
	{"not over 255 split to fit", 300, 0, 3, {200, 0, 0, 0}, {false, false, false, false}, 0},
	{"257 octets in two pieces", 241 + 261, 0, 0, {257, 0, 0, 0}, {true, false, false, false},
		0},
	{"257 octets, one short", 241 + 260, 0, 0, {257, 0, 0, 0}, {false, false, false, false}, 0},
	{"long through all fields", 241 + 3 + 90, 0, 3, {260, 0, 0, 0}, {true, false, false, false},
		3},
	{"long, over all fields", 241 + 3 + 85, 0, 3, {270, 10, 0, 0}, {false, true, false, false},
		0},
};

static void check_fit(size_t row)
{
	uint8_t buf[700], joined[300];
	struct gyl_dhcp_writer w;
	struct gyl_dhcp_msg m;
	size_t len = 0;

	gyl_dhcp_begin(&w, buf, fit_cases[row].cap, &hdr);
	gyl_dhcp_overload(&w, fit_cases[row].overload);
	gyl_dhcp_put_relay(&w, gyl_view(long_text, fit_cases[row].relay_len));
	for (unsigned i = 0; i < 4 && fit_cases[row].lens[i] != 0; i++)
		if (gyl_dhcp_try(&w, (uint8_t)(224 + i),
			    gyl_view(long_text, fit_cases[row].lens[i])) != fit_cases[row].in[i])
			fail_msg("%s: option %u", fit_cases[row].name, i);
	assert_int_equal(gyl_dhcp_end(&w, 0, &len).err, GYL_OK);
	assert_true(len <= fit_cases[row].cap);
	assert_int_equal(gyl_dhcp_decode(gyl_view(buf, len), &m).err, GYL_OK);
	if (m.overload != fit_cases[row].used)
		fail_msg("%s: overload %u", fit_cases[row].name, m.overload);
	for (unsigned i = 0; i < 4; i++) {
		struct gyl_view v;
		bool there = gyl_dhcp_join(&m, (uint8_t)(224 + i), joined, sizeof joined, &v).err ==
			     GYL_OK;

		if (there != fit_cases[row].in[i])
			fail_msg("%s: option %u comes back: %d", fit_cases[row].name, i, there);
		if (there)
			assert_true(gyl_view_eq(v, gyl_view(long_text, fit_cases[row].lens[i])));
	}
}

static void options_fit_whole_or_not_at_all(void **state)
{
	(void)state;
	for (size_t row = 0; row < TEST_CNT(fit_cases); row++)
		check_fit(row);
}

/* RFC 3046 2.2: relays look for option 82 at the end. */
static void relay_option_is_last(void **state)
{
	uint8_t buf[1200];
	struct gyl_dhcp_cursor c;
	struct gyl_dhcp_opt o, last = {0};
	struct gyl_dhcp_writer w;
	struct gyl_dhcp_msg m;
	size_t len = 0;

	(void)state;
	gyl_dhcp_begin(&w, buf, sizeof buf, &hdr);
	gyl_dhcp_put_relay(&w, gyl_view("old", 3));
	gyl_dhcp_put(&w, GYL_DHCP_OPT_RELAY, gyl_view(long_text, 300));
	gyl_dhcp_put_u8(&w, GYL_DHCP_OPT_TYPE, GYL_DHCP_ACK);
	assert_int_equal(gyl_dhcp_end(&w, 0, &len).err, GYL_OK);
	assert_int_equal(len, 240 + 3 + 300 + 4 + 1);
	assert_int_equal(gyl_dhcp_decode(gyl_view(buf, len), &m).err, GYL_OK);
	for (gyl_dhcp_cursor_init(&c, &m); gyl_dhcp_cursor_next(&c, &o);)
		last = o;
	assert_int_equal(last.code, GYL_DHCP_OPT_RELAY);
	assert_memory_equal(last.val.p, long_text + 255, 45);
}

static void a_copy_of_the_writer_is_a_mark(void **state)
{
	uint8_t buf[400], plain[400];
	struct gyl_dhcp_writer w, mark;
	size_t len = 0, plain_len = 0;

	(void)state;
	gyl_dhcp_begin(&w, plain, 300, &hdr);
	gyl_dhcp_put_u8(&w, GYL_DHCP_OPT_TYPE, GYL_DHCP_ACK);
	assert_int_equal(gyl_dhcp_end(&w, 300, &plain_len).err, GYL_OK);

	memset(buf, 0xa5, sizeof buf);
	gyl_dhcp_begin(&w, buf, 300, &hdr);
	gyl_dhcp_put_u8(&w, GYL_DHCP_OPT_TYPE, GYL_DHCP_ACK);
	mark = w;
	gyl_dhcp_overload(&w, GYL_DHCP_OVERLOAD_FILE);
	gyl_dhcp_put_sname(&w, gyl_view_str("boot"));
	gyl_dhcp_put_relay(&w, gyl_view_str("xx"));
	gyl_dhcp_put(&w, 224, gyl_view(long_text, 100));
	gyl_dhcp_put(&w, 225, gyl_view(long_text, 100));
	assert_false(gyl_dhcp_ok(&w));
	w = mark;
	assert_int_equal(gyl_dhcp_end(&w, 300, &len).err, GYL_OK);
	assert_int_equal(len, plain_len);
	assert_memory_equal(buf, plain, len);
}

static void faults_stick(void **state)
{
	static const uint8_t reserved[] = {
		GYL_DHCP_OPT_PAD, GYL_DHCP_OPT_END, GYL_DHCP_OPT_OVERLOAD};
	uint32_t many[GYL_DHCP_IPV4S_MAX + 1] = {0};
	struct gyl_dhcp_writer w;
	uint8_t buf[400];
	size_t len = 99;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(reserved); i++) {
		gyl_dhcp_begin(&w, buf, sizeof buf, &hdr);
		gyl_dhcp_put_u8(&w, reserved[i], 1);
		gyl_dhcp_put_u8(&w, GYL_DHCP_OPT_TYPE, 1);
		assert_int_equal(gyl_dhcp_end(&w, 0, &len).err, GYL_E_OPTION);
	}
	gyl_dhcp_begin(&w, buf, sizeof buf, &hdr);
	gyl_dhcp_put_ipv4s(&w, GYL_DHCP_OPT_ROUTERS, many, TEST_CNT(many));
	assert_int_equal(gyl_dhcp_end(&w, 0, &len).err, GYL_E_COUNT);
	gyl_dhcp_begin(&w, buf, sizeof buf, &hdr);
	gyl_dhcp_put_file(&w, gyl_view(long_text, 128));
	assert_int_equal(gyl_dhcp_end(&w, 0, &len).err, GYL_E_SPACE);
	gyl_dhcp_begin(&w, buf, sizeof buf, &hdr);
	gyl_dhcp_overload(&w, GYL_DHCP_OVERLOAD_BOTH);
	gyl_dhcp_put_sname(&w, gyl_view(long_text, 3));
	assert_int_equal(gyl_dhcp_end(&w, 0, &len).err, GYL_E_SPACE);
	gyl_dhcp_begin(&w, buf, 299, &hdr);
	assert_int_equal(gyl_dhcp_end(&w, 300, &len).err, GYL_E_SPACE);
	assert_int_equal(len, 99);
}

static struct gyl_fault encode(uint8_t *buf, size_t cap, size_t *ret_len, void *arg)
{
	struct gyl_dhcp_writer w;

	(void)arg;
	gyl_dhcp_begin(&w, buf, cap, &hdr);
	gyl_dhcp_put_u8(&w, GYL_DHCP_OPT_TYPE, GYL_DHCP_OFFER);
	gyl_dhcp_put(&w, 224, gyl_view(long_text, 300));
	gyl_dhcp_put_relay(&w, gyl_view(long_text, 20));
	return gyl_dhcp_end(&w, GYL_DHCP_LEN_MIN, ret_len);
}

static void every_capacity_gives_all_or_no_space(void **state)
{
	(void)state;
	prop_capacities(700, encode, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_small_reply_is_exact_and_padded),
		cmocka_unit_test(the_header_survives_a_round_trip),
		cmocka_unit_test(options_fit_whole_or_not_at_all),
		cmocka_unit_test(relay_option_is_last),
		cmocka_unit_test(a_copy_of_the_writer_is_a_mark),
		cmocka_unit_test(faults_stick),
		cmocka_unit_test(every_capacity_gives_all_or_no_space),
	};

	return cmocka_run_group_tests(tests, fill_long_text, NULL);
}
