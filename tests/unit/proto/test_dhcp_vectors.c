/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/dhcp_opt.h>
#include <gyl/dhcp_print.h>
#include <gyl/text.h>
#include <stdio.h>

/* The fault, the text of the message and, for options sent in pieces, the joined value. */
static void show(struct gyl_view in, struct gyl_writer *out)
{
	struct gyl_dhcp_msg m;
	struct gyl_fault f = gyl_dhcp_decode(in, &m);
	uint8_t joined[2000];
	unsigned cnt[256] = {0};
	struct gyl_dhcp_cursor c;
	struct gyl_dhcp_opt o;
	struct gyl_view v;

	gyl_text_str(out, gyl_err_text(f.err));
	gyl_text_str(out, " @");
	gyl_text_u64(out, f.off);
	gyl_text_char(out, '\n');
	if (gyl_failed(f))
		return;
	gyl_dhcp_print(out, &m);
	for (gyl_dhcp_cursor_init(&c, &m); gyl_dhcp_cursor_next(&c, &o);) {
		assert_true(view_inside(in, o.val));
		if (++cnt[o.code] != 2 ||
			gyl_dhcp_join(&m, o.code, joined, sizeof joined, &v).err != GYL_OK)
			continue;
		gyl_text_str(out, "joined ");
		gyl_text_u64(out, o.code);
		gyl_text_char(out, ' ');
		gyl_dhcp_opt_print(out, o.code, v);
		gyl_text_char(out, '\n');
	}
}

static void messages_of_real_clients_and_servers_are_read(void **state)
{
	(void)state;
	assert_true(vectors_run("dhcp", show) >= 40);
}

/* JSON of the same messages is whole and bounded: the shortest buffer that works holds exactly the
 * text. */
static struct gyl_fault encode(uint8_t *buf, size_t cap, size_t *ret_len, void *arg)
{
	struct gyl_writer w;
	struct gyl_json j;

	gyl_writer_init(&w, buf, cap);
	gyl_json_init(&j, &w);
	gyl_dhcp_json(&j, NULL, arg);
	if (gyl_writer_ok(&w))
		*ret_len = w.len;
	return w.fault;
}

static const char want_json[] =
	"{\"type\":\"ACK\",\"op\":2,\"htype\":1,\"hops\":0,\"xid\":7,\"secs\":0,\"flags\":0,\"ciaddr\":\"0.0.0.0\","
	"\"yiaddr\":\"10.0.0.5\",\"siaddr\":\"0.0.0.0\",\"giaddr\":\"0.0.0.0\",\"chaddr\":\"02:00:00:00:00:01\","
	"\"file\":\"pxe\",\"overload\":0,\"options\":[{\"off\":240,\"code\":53,\"name\":\"dhcp-message-type\",\"value\":5},"
	"{\"off\":243,\"code\":224,\"value\":\"aa\"}]}";

static void json_is_bounded_and_exact(void **state)
{
	static const struct gyl_dhcp_hdr hdr = {.op = 2,
		.htype = 1,
		.hlen = 6,
		.xid = 7,
		.yiaddr = 0x0a000005,
		.chaddr = {2, 0, 0, 0, 0, 1}};
	uint8_t buf[GYL_DHCP_LEN_MIN], text[600];
	struct gyl_dhcp_writer w;
	struct gyl_dhcp_msg m;
	size_t len = 0;

	(void)state;
	gyl_dhcp_begin(&w, buf, sizeof buf, &hdr);
	gyl_dhcp_put_u8(&w, GYL_DHCP_OPT_TYPE, GYL_DHCP_ACK);
	gyl_dhcp_put_u8(&w, 224, 0xaa);
	gyl_dhcp_put_file(&w, gyl_view_str("pxe"));
	assert_int_equal(gyl_dhcp_end(&w, GYL_DHCP_LEN_MIN, &len).err, GYL_OK);
	assert_int_equal(gyl_dhcp_decode(gyl_view(buf, len), &m).err, GYL_OK);
	assert_int_equal(encode(text, sizeof text, &len, &m).err, GYL_OK);
	assert_int_equal(len, sizeof want_json - 1);
	assert_memory_equal(text, want_json, len);
	prop_capacities(500, encode, &m);
}

/* All options of a message put into a new one come back the same, wherever they stood. */
static void again(struct gyl_view in, unsigned n, void *arg)
{
	uint8_t buf[2000], a[2000], b[2000];
	struct gyl_dhcp_msg m, m2;
	struct gyl_dhcp_writer w;
	struct gyl_view va, vb;
	size_t len = 0;

	(void)n;
	(void)arg;
	if (gyl_failed(gyl_dhcp_decode(in, &m)))
		return;
	gyl_dhcp_begin(&w, buf, sizeof buf, &m.hdr);
	/* Option 82 is written at the end; no vector has it in pieces, so its view is into the
	 * message. */
	for (unsigned code = 1; code < 255; code++)
		if (code != GYL_DHCP_OPT_OVERLOAD &&
			gyl_dhcp_join(&m, (uint8_t)code, a, sizeof a, &va).err == GYL_OK) {
			gyl_dhcp_put(&w, (uint8_t)code, va);
			assert_true(gyl_dhcp_ok(&w));
		}
	gyl_dhcp_put_file(&w, m.file);
	gyl_dhcp_put_sname(&w, m.sname);
	assert_int_equal(gyl_dhcp_end(&w, 0, &len).err, GYL_OK);
	assert_int_equal(gyl_dhcp_decode(gyl_view(buf, len), &m2).err, GYL_OK);
	assert_memory_equal(&m2.hdr, &m.hdr, sizeof m.hdr);
	assert_int_equal(m2.type, m.type);
	assert_true(gyl_view_eq(m2.file, m.file) && gyl_view_eq(m2.sname, m.sname));
	for (unsigned code = 1; code < 255; code++) {
		bool ha = gyl_dhcp_join(&m, (uint8_t)code, a, sizeof a, &va).err == GYL_OK;
		bool hb = gyl_dhcp_join(&m2, (uint8_t)code, b, sizeof b, &vb).err == GYL_OK;

		if (code == GYL_DHCP_OPT_OVERLOAD)
			continue;
		assert_int_equal(ha, hb);
		assert_true(!ha || gyl_view_eq(va, vb));
	}
}

static void decode_after_encode_gives_the_same(void **state)
{
	static const char *const files[] = {"android", "dhclient", "dhcpcd", "malformed",
		"networkd", "overload", "pxe", "relay", "server", "split", "udhcpc", "windows"};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(files); i++) {
		char path[512];

		snprintf(path, sizeof path, "%s/vectors/dhcp/%s.txt", GYL_TEST_DIR, files[i]);
		vectors_each(path, again, NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_of_real_clients_and_servers_are_read),
		cmocka_unit_test(json_is_bounded_and_exact),
		cmocka_unit_test(decode_after_encode_gives_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
