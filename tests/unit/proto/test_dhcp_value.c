/* SPDX-License-Identifier: ISC */

/* The typed readers and writers of option values, beyond what their text shows (test_dhcp_opt.c).
 */

#include "tests/support/support.h"

#include <gyl/dhcp_opt.h>

enum {
	VAL_MAX = 600
};

static void sub_options_are_found_and_put(void **state)
{
	uint8_t val[VAL_MAX], want[VAL_MAX];
	size_t len = hex_bytes("00 010161 00 0200 030163 ff 0401 64", val, sizeof val);
	struct gyl_writer w;
	struct gyl_view v;

	(void)state;
	assert_true(gyl_dhcp_sub_find(gyl_view(val, len), true, 3, &v));
	assert_true(gyl_view_eq(v, gyl_view_str("c")));
	assert_true(gyl_dhcp_sub_find(gyl_view(val, len), true, 2, &v));
	assert_int_equal(v.len, 0);
	assert_false(gyl_dhcp_sub_find(gyl_view(val, len), true, 4, &v));
	/* without padding 0 is a code, and its length octet is 1 */
	assert_true(gyl_dhcp_sub_find(gyl_view(val, len), false, 0, &v));
	assert_int_equal(v.len, 1);

	gyl_writer_init(&w, val, sizeof val);
	gyl_dhcp_sub_put(&w, 1, gyl_view_str("a"));
	gyl_dhcp_sub_put(&w, 2, gyl_view(NULL, 0));
	len = hex_bytes("010161 0200", want, sizeof want);
	assert_true(gyl_view_eq(gyl_writer_view(&w), gyl_view(want, len)));
	gyl_dhcp_sub_put(&w, 3, gyl_view(want, 256));
	assert_int_equal(w.fault.err, GYL_E_LENGTH);
	assert_int_equal(w.len, len);
}

static const struct {
	const char *hex;
	enum gyl_err err;
	size_t off;
	struct gyl_dhcp_relay want;
} relay_cases[] = {
	{"", GYL_OK, 0, {.link = 0}},
	{"0504 0a000001", GYL_OK, 0, {.link = 0x0a000001, .has_link = true}},
	{"0b04 0a000002 0a0180", GYL_OK, 0,
		{.server_id = 0x0a000002, .has_server_id = true, .flags = 0x80, .has_flags = true}},
	{"1300 9800", GYL_OK, 0, {.source_port = true, .vss_control = true}},
	{"6300 0503 0a0000 1300", GYL_LENIENT, 2, {.source_port = true}},
	{"1301 00 9801 00", GYL_LENIENT, 0, {.link = 0}},
	{"0a00 0b00", GYL_LENIENT, 0, {.link = 0}},
	{"9700", GYL_LENIENT, 0, {.link = 0}},
	{"0504 0a000001 01", GYL_LENIENT, 6, {.link = 0x0a000001, .has_link = true}},
	{"0504 0a000001 0105", GYL_LENIENT, 6, {.link = 0x0a000001, .has_link = true}},
};

static void relay_information_is_read_as_far_as_it_goes(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(relay_cases); i++) {
		uint8_t val[VAL_MAX];
		size_t len = hex_bytes(relay_cases[i].hex, val, sizeof val);
		const struct gyl_dhcp_relay *want = &relay_cases[i].want;
		struct gyl_dhcp_relay r;
		struct gyl_fault f = gyl_dhcp_relay_decode(gyl_view(val, len), &r);

		if (f.err != relay_cases[i].err || f.off != relay_cases[i].off)
			fail_msg("'%s': %s at %zu", relay_cases[i].hex, gyl_err_text(f.err), f.off);
		assert_int_equal(r.link, want->link);
		assert_int_equal(r.server_id, want->server_id);
		assert_int_equal(r.flags, want->flags);
		assert_int_equal(r.has_link, want->has_link);
		assert_int_equal(r.has_server_id, want->has_server_id);
		assert_int_equal(r.has_flags, want->has_flags);
		assert_int_equal(r.source_port, want->source_port);
		assert_int_equal(r.vss_control, want->vss_control);
	}
}

static void relay_views_are_the_octets(void **state)
{
	uint8_t val[VAL_MAX];
	size_t len = hex_bytes("010161 020162 060163 0901 64 0c0165 970166", val, sizeof val);
	struct gyl_dhcp_relay r;

	(void)state;
	assert_int_equal(gyl_dhcp_relay_decode(gyl_view(val, len), &r).err, GYL_OK);
	assert_true(gyl_view_eq(r.circuit_id, gyl_view_str("a")));
	assert_true(gyl_view_eq(r.remote_id, gyl_view_str("b")));
	assert_true(gyl_view_eq(r.subscriber_id, gyl_view_str("c")));
	assert_true(gyl_view_eq(r.vendor, gyl_view_str("d")));
	assert_true(gyl_view_eq(r.relay_id, gyl_view_str("e")));
	assert_true(gyl_view_eq(r.vss, gyl_view_str("f")));
}

static const struct {
	const char *hex;
	unsigned form, duid_type;
	size_t id_len;
} id_cases[] = {
	{"01 020000000001", GYL_DHCP_CLIENT_ID_HW, 0, 6},
	{"01 0200000000", GYL_DHCP_CLIENT_ID_OPAQUE, 0, 5},
	{"00 616263", GYL_DHCP_CLIENT_ID_OPAQUE, 0, 3},
	{"20 0102030405060708", GYL_DHCP_CLIENT_ID_OPAQUE, 0, 8},
	{"ff 00000001 0001 0001 00000002 020000000001", GYL_DHCP_CLIENT_ID_DUID, GYL_DHCP_DUID_LLT,
		14},
	{"ff 00000001 0002 00000009 01", GYL_DHCP_CLIENT_ID_DUID, GYL_DHCP_DUID_EN, 7},
	{"ff 00000001 0003 0001 020000000001", GYL_DHCP_CLIENT_ID_DUID, GYL_DHCP_DUID_LL, 10},
	{"ff 00000001 0004 00112233445566778899aabbccddeeff", GYL_DHCP_CLIENT_ID_DUID,
		GYL_DHCP_DUID_UUID, 18},
	{"ff 00000001 0099 01", GYL_DHCP_CLIENT_ID_DUID, 0x99, 3},
	/* no DUID after all */
	{"ff 00000001", GYL_DHCP_CLIENT_ID_OPAQUE, 0, 4},
	{"ff 00000001 0004 0011", GYL_DHCP_CLIENT_ID_OPAQUE, 0, 8},
	{"ff 00000001 0001 0001 00000002", GYL_DHCP_CLIENT_ID_OPAQUE, 0, 12},
};

static void client_identifiers_go_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(id_cases); i++) {
		uint8_t val[VAL_MAX], again[VAL_MAX];
		size_t len = hex_bytes(id_cases[i].hex, val, sizeof val);
		struct gyl_dhcp_client_id id;
		struct gyl_writer w;

		assert_int_equal(gyl_dhcp_client_id_decode(gyl_view(val, len), &id).err, GYL_OK);
		if (id.form != id_cases[i].form || id.duid.type != id_cases[i].duid_type ||
			id.id.len != id_cases[i].id_len)
			fail_msg("'%s': form %u, DUID %u, %zu octets", id_cases[i].hex, id.form,
				id.duid.type, id.id.len);
		gyl_writer_init(&w, again, sizeof again);
		gyl_dhcp_client_id_encode(&w, &id);
		assert_true(gyl_view_eq(gyl_writer_view(&w), gyl_view(val, len)));
	}
	assert_int_equal(
		gyl_dhcp_client_id_decode(gyl_view_str("x"), &(struct gyl_dhcp_client_id){0}).err,
		GYL_E_LENGTH);
}

static void duids_have_limits(void **state)
{
	uint8_t val[VAL_MAX] = {0, 2};
	struct gyl_dhcp_duid d;

	(void)state;
	assert_int_equal(gyl_dhcp_duid_decode(gyl_view(val, 130), &d).err, GYL_OK);
	assert_int_equal(d.id.len, 124);
	assert_int_equal(gyl_dhcp_duid_decode(gyl_view(val, 131), &d).err, GYL_E_LENGTH);
	assert_int_equal(gyl_dhcp_duid_decode(gyl_view(val, 6), &d).err, GYL_E_LENGTH);
	assert_int_equal(gyl_dhcp_duid_decode(gyl_view(val, 2), &d).err, GYL_E_LENGTH);
}

/* A chain of pointers to pointers ends, and never makes a reader work for longer than a name is. */
static void pointer_chains_are_bounded(void **state)
{
	uint8_t val[VAL_MAX] = {1, 'a', 0};
	struct gyl_dhcp_name_cursor c;
	struct gyl_dhcp_name n;
	size_t len = 3, cnt = 0;

	(void)state;
	for (; len < 400; len += 2)
		gyl_set_u16(val + len, (uint16_t)(0xc000 | (len == 3 ? 0 : len - 2)));
	for (gyl_dhcp_name_init(&c, gyl_view(val, len)); gyl_dhcp_name_next(&c, &n); cnt++)
		assert_int_equal(n.len, 3);
	assert_int_equal(cnt, 1 + 127);
	assert_int_equal(gyl_dhcp_names_check(gyl_view(val, len)).err, GYL_E_POINTER);
}

static void names_have_limits(void **state)
{
	char text[300];
	struct gyl_dhcp_name n;
	struct gyl_writer w;
	char back[GYL_DHCP_NAME_TEXT_MAX];

	(void)state;
	/* four labels: 63 63 63 61 make 255 octets with lengths and root */
	memset(text, 'a', sizeof text);
	text[63] = text[127] = text[191] = '.';
	assert_int_equal(gyl_dhcp_name_parse(gyl_view(text, 253), &n).err, GYL_OK);
	assert_int_equal(n.len, 255);
	assert_int_equal(gyl_dhcp_name_parse(gyl_view(text, 254), &n).err, GYL_E_NAME);
	/* the longest text: every octet escaped */
	for (size_t at = 0; n.wire[at] != 0; at += 1 + (size_t)n.wire[at])
		memset(n.wire + at + 1, 0xff, n.wire[at]);
	gyl_writer_init(&w, back, sizeof back);
	gyl_dhcp_name_print(&w, &n);
	assert_true(gyl_writer_ok(&w));
	assert_int_equal(w.len, 1003);
	/* and over a wire that has one label more */
	assert_int_equal(gyl_dhcp_names_check(gyl_view("\x3f"
						       "a",
						      2))
				 .err,
		GYL_E_SHORT);
}

static void a_list_of_names_survives_compression(void **state)
{
	static const char *const names[] = {"eng.event.example", "event.example", "EVENT.example",
		"x.eng.event.example", "example", "net", "eng.event.example"};
	uint8_t val[VAL_MAX];
	struct gyl_dhcp_name_cursor c;
	struct gyl_dhcp_name n, back;
	struct gyl_writer w;

	(void)state;
	gyl_writer_init(&w, val, sizeof val);
	gyl_put_u8(&w, 0xa5);
	for (size_t i = 0; i < TEST_CNT(names); i++) {
		assert_int_equal(gyl_dhcp_name_parse(gyl_view_str(names[i]), &n).err, GYL_OK);
		gyl_dhcp_name_put(&w, 1, &n);
	}
	/* 19, pointer, EVENT + pointer, x + pointer, pointer, net, pointer */
	assert_int_equal(w.len, 1 + 19 + 2 + 8 + 4 + 2 + 5 + 2);
	gyl_dhcp_name_init(&c, gyl_view(val + 1, w.len - 1));
	for (size_t i = 0; i < TEST_CNT(names); i++) {
		assert_int_equal(gyl_dhcp_name_parse(gyl_view_str(names[i]), &n).err, GYL_OK);
		assert_true(gyl_dhcp_name_next(&c, &back));
		assert_int_equal(back.len, n.len);
		assert_memory_equal(back.wire, n.wire, n.len);
	}
	assert_false(gyl_dhcp_name_next(&c, &back));
}

static const struct {
	const char *hex;
	enum gyl_err err;
	bool full;
	const char *text;
} fqdn_cases[] = {
	{"010000 686f7374", GYL_OK, false, "host"},
	{"010000 686f73742e6578", GYL_OK, false, "host.ex"},
	{"010000 686f73742e65782e", GYL_OK, true, "host.ex"},
	{"010000 686f737400", GYL_OK, false, "host"},
	{"050000 04686f7374", GYL_OK, false, "host"},
	{"050000 04686f7374 00", GYL_OK, true, "host"},
	{"050000 04686f7374 026578 00", GYL_OK, true, "host.ex"},
	{"010000", GYL_E_NAME, false, ""},
	{"050000", GYL_E_NAME, false, ""},
	{"050000 00", GYL_E_NAME, false, ""},
	{"010000 612e2e62", GYL_E_NAME, false, ""},
};

static void client_names_of_both_forms_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(fqdn_cases); i++) {
		uint8_t val[VAL_MAX], again[VAL_MAX];
		char text[GYL_DHCP_NAME_TEXT_MAX];
		size_t len = hex_bytes(fqdn_cases[i].hex, val, sizeof val);
		struct gyl_dhcp_fqdn q;
		struct gyl_dhcp_name n;
		struct gyl_writer w;
		struct gyl_fault f;
		bool full = false;

		assert_int_equal(gyl_dhcp_fqdn_decode(gyl_view(val, len), &q).err, GYL_OK);
		f = gyl_dhcp_fqdn_name(&q, &n, &full);
		if (f.err != fqdn_cases[i].err || full != fqdn_cases[i].full)
			fail_msg("'%s': %s at %zu", fqdn_cases[i].hex, gyl_err_text(f.err), f.off);
		gyl_writer_init(&w, again, sizeof again);
		gyl_dhcp_fqdn_encode(&w, &q);
		assert_true(gyl_view_eq(gyl_writer_view(&w), gyl_view(val, len)));
		if (gyl_failed(f))
			continue;
		gyl_writer_init(&w, text, sizeof text);
		gyl_dhcp_name_print(&w, &n);
		assert_true(gyl_view_eq(gyl_writer_view(&w), gyl_view_str(fqdn_cases[i].text)));
	}
}

static void routes_are_cut_to_their_prefix(void **state)
{
	uint8_t val[VAL_MAX], want[VAL_MAX];
	size_t len;
	struct gyl_dhcp_route_cursor c;
	struct gyl_dhcp_route r;
	struct gyl_writer w;

	(void)state;
	gyl_writer_init(&w, val, sizeof val);
	gyl_dhcp_route_put(
		&w, (struct gyl_dhcp_route){.dst = 0x0a01ffff, .prefix = 15, .router = 1});
	gyl_dhcp_route_put(
		&w, (struct gyl_dhcp_route){.dst = 0xffffffff, .prefix = 0, .router = 2});
	len = hex_bytes("0f 0a00 00000001 00 00000002", want, sizeof want);
	assert_true(gyl_view_eq(gyl_writer_view(&w), gyl_view(want, len)));
	/* RFC 3442: the receiver clears what is left of the last octet */
	val[2] = 0xff;
	gyl_dhcp_route_init(&c, gyl_writer_view(&w));
	assert_true(gyl_dhcp_route_next(&c, &r));
	assert_int_equal(r.dst, 0x0afe0000);
	assert_true(gyl_dhcp_route_next(&c, &r));
	assert_int_equal(r.dst + r.prefix, 0);
	assert_int_equal(r.router, 2);
	assert_false(gyl_dhcp_route_next(&c, &r));
	gyl_dhcp_route_put(&w, (struct gyl_dhcp_route){.prefix = 33});
	assert_int_equal(w.fault.err, GYL_E_RANGE);
}

static void structures_go_both_ways(void **state)
{
	uint8_t val[VAL_MAX], again[VAL_MAX];
	struct gyl_writer w;
	struct gyl_dhcp_auth auth;
	struct gyl_dhcp_sixrd sixrd;
	struct gyl_dhcp_dnr dnr;
	struct gyl_dhcp_vi vi;
	struct gyl_view rest;
	size_t len;

	(void)state;
	gyl_writer_init(&w, again, sizeof again);
	len = hex_bytes("010203 0000000000000007 aabb", val, sizeof val);
	assert_int_equal(gyl_dhcp_auth_decode(gyl_view(val, len), &auth).err, GYL_OK);
	gyl_dhcp_auth_encode(&w, &auth);
	assert_true(gyl_view_eq(gyl_writer_view(&w), gyl_view(val, len)));
	assert_int_equal(gyl_dhcp_auth_decode(gyl_view(val, 10), &auth).err, GYL_E_LENGTH);

	gyl_writer_init(&w, again, sizeof again);
	len = hex_bytes(
		"20 40 20010db8000000000000000000000000 0a000001 0a000002", val, sizeof val);
	assert_int_equal(gyl_dhcp_sixrd_decode(gyl_view(val, len), &sixrd).err, GYL_OK);
	gyl_dhcp_sixrd_encode(&w, &sixrd);
	assert_true(gyl_view_eq(gyl_writer_view(&w), gyl_view(val, len)));

	gyl_writer_init(&w, again, sizeof again);
	len = hex_bytes(
		"000d 0064 03 016100 04 0a000001 abcd 0006 0001 03 016200", val, sizeof val);
	for (rest = gyl_view(val, len); gyl_dhcp_dnr_next(&rest, &dnr);)
		gyl_dhcp_dnr_put(&w, &dnr);
	assert_true(gyl_view_eq(gyl_writer_view(&w), gyl_view(val, len)));

	gyl_writer_init(&w, again, sizeof again);
	len = hex_bytes("00000de9 05 0161 020102 00000009 00", val, sizeof val);
	for (rest = gyl_view(val, len); gyl_dhcp_vi_next(&rest, &vi);)
		gyl_dhcp_vi_put(&w, vi);
	assert_true(gyl_view_eq(gyl_writer_view(&w), gyl_view(val, len)));
}

static struct gyl_fault put_all(uint8_t *buf, size_t cap, size_t *ret_len, void *arg)
{
	struct gyl_dhcp_client_id id = {.form = GYL_DHCP_CLIENT_ID_DUID,
		.iaid = 7,
		.duid = {.type = GYL_DHCP_DUID_LLT,
			.htype = 1,
			.time = 2,
			.id = gyl_view_str("abcdef")}};
	struct gyl_dhcp_dnr dnr = {
		.priority = 1, .addrs = gyl_view_str("abcd"), .params = gyl_view_str("xy")};
	struct gyl_writer w;
	struct gyl_dhcp_name n;

	(void)arg;
	gyl_writer_init(&w, buf, cap);
	(void)gyl_dhcp_name_parse(gyl_view_str("event.example"), &n);
	gyl_dhcp_name_put(&w, 0, &n);
	gyl_dhcp_name_put(&w, 0, &n);
	dnr.name = n;
	gyl_dhcp_dnr_put(&w, &dnr);
	gyl_dhcp_client_id_encode(&w, &id);
	gyl_dhcp_vi_put(&w, (struct gyl_dhcp_vi){9, gyl_view_str("data")});
	gyl_dhcp_sub_put(&w, 1, gyl_view_str("data"));
	gyl_dhcp_route_put(&w, (struct gyl_dhcp_route){.dst = 0x0a000000, .prefix = 24});
	if (gyl_writer_ok(&w))
		*ret_len = w.len;
	return w.fault;
}

static void every_capacity_gives_all_or_no_space(void **state)
{
	(void)state;
	prop_capacities(120, put_all, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sub_options_are_found_and_put),
		cmocka_unit_test(relay_information_is_read_as_far_as_it_goes),
		cmocka_unit_test(relay_views_are_the_octets),
		cmocka_unit_test(client_identifiers_go_both_ways),
		cmocka_unit_test(duids_have_limits),
		cmocka_unit_test(pointer_chains_are_bounded),
		cmocka_unit_test(names_have_limits),
		cmocka_unit_test(a_list_of_names_survives_compression),
		cmocka_unit_test(client_names_of_both_forms_are_read),
		cmocka_unit_test(routes_are_cut_to_their_prefix),
		cmocka_unit_test(structures_go_both_ways),
		cmocka_unit_test(every_capacity_gives_all_or_no_space),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
