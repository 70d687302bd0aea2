/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/eth.h>
#include <gyl/text.h>

#define DST "01 00 5e 00 00 fb"
#define SRC "02 00 00 00 00 05"

static const struct gyl_eth sample = {
	.dst = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
	.src = {2, 0, 0, 0, 0, 5},
	.type = GYL_ETH_ARP,
	.tag_cnt = 2,
	.tag = {{GYL_ETH_SVLAN, 100, 0, true}, {GYL_ETH_VLAN, 20, 6, false}},
	.payload = {(const uint8_t *)"0123456789012345678901234567890123456789", 40},
};

static const struct {
	const char *name, *hex;
	enum gyl_err err;
	uint8_t tag_cnt;
	uint16_t vid;
	size_t off, payload_len;
} cases[] = {
	{"header alone", DST SRC "0806", GYL_OK, 0, 0, 0, 0},
	{"one octet short", DST SRC "08", GYL_E_SHORT, 0, 0, 14, 0},
	{"empty", "", GYL_E_SHORT, 0, 0, 14, 0},
	{"smallest ethertype", DST SRC "0600 aa", GYL_OK, 0, 0, 0, 1},
	{"largest length", DST SRC "05ff aa", GYL_E_VERSION, 0, 0, 12, 0},
	{"tag", DST SRC "8100 0014 0806 aabb", GYL_OK, 1, 20, 0, 2},
	{"tag, type cut", DST SRC "8100 0014 08", GYL_E_SHORT, 0, 0, 18, 0},
	{"tag, then a length", DST SRC "8100 0014 0026", GYL_E_VERSION, 0, 0, 16, 0},
	{"priority tag only", DST SRC "8100 c000 0806", GYL_OK, 1, 0, 0, 0},
	{"priority tag, then a VLAN", DST SRC "88a8 c000 8100 0014 0806", GYL_OK, 2, 20, 0, 0},
	{"two tags, cut", DST SRC "88a8 0064 8100 0014", GYL_E_SHORT, 0, 0, 22, 0},
	{"three tags", DST SRC "88a8 0064 8100 0014 8100 0001 0806", GYL_OK, 2, 100, 0, 4},
};

static void frames_are_read_or_refused_in_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		uint8_t buf[64];
		struct gyl_eth e = {.tag_cnt = 77};
		struct gyl_fault f =
			gyl_eth_decode(gyl_view(buf, hex_bytes(cases[i].hex, buf, sizeof buf)), &e);

		if (f.err != cases[i].err || f.off != cases[i].off)
			fail_msg("%s: %s at %zu", cases[i].name, gyl_err_text(f.err), f.off);
		if (gyl_failed(f)) {
			assert_int_equal(e.tag_cnt, 77);
			continue;
		}
		assert_int_equal(e.tag_cnt, cases[i].tag_cnt);
		assert_int_equal(e.payload.len, cases[i].payload_len);
		assert_int_equal(gyl_eth_vid(&e), cases[i].vid);
	}
}

static void take_prefix(struct gyl_view prefix, void *arg)
{
	struct gyl_eth e;
	struct gyl_fault f = gyl_eth_decode(prefix, &e);

	(void)arg;
	if (prefix.len < 22)
		assert_true(f.err == GYL_E_SHORT && f.off > prefix.len);
	else
		assert_true(f.err == GYL_OK && view_inside(prefix, e.payload));
}

static struct gyl_fault encode(uint8_t *buf, size_t cap, size_t *ret_len, void *arg)
{
	struct gyl_writer w;

	gyl_writer_init(&w, buf, cap);
	gyl_eth_encode(&w, arg);
	if (gyl_writer_ok(&w))
		*ret_len = w.len;
	return w.fault;
}

static void the_four_properties_hold(void **state)
{
	struct gyl_eth in = sample, out;
	uint8_t buf[80];
	size_t len = 0;

	(void)state;
	assert_int_equal(encode(buf, sizeof buf, &len, &in).err, GYL_OK);
	prop_prefixes(gyl_view(buf, len), take_prefix, NULL);
	prop_capacities(sizeof buf, encode, &in);
	assert_int_equal(gyl_eth_decode(gyl_view(buf, len), &out).err, GYL_OK);
	assert_memory_equal(out.dst, in.dst, 6);
	assert_memory_equal(out.src, in.src, 6);
	assert_int_equal(out.type, in.type);
	assert_int_equal(out.tag_cnt, 2);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(out.tag[i].tpid, in.tag[i].tpid);
		assert_int_equal(out.tag[i].vid, in.tag[i].vid);
		assert_int_equal(out.tag[i].pcp, in.tag[i].pcp);
		assert_int_equal(out.tag[i].dei, in.tag[i].dei);
	}
	assert_true(gyl_view_eq(out.payload, in.payload));
}

static void short_frames_are_padded_with_zeros(void **state)
{
	static const uint8_t zeros[60];
	struct gyl_eth e = sample;

	(void)state;
	for (size_t payload_len = 0; payload_len <= 40; payload_len++) {
		uint8_t buf[80];
		size_t len = 0, used = 22 + payload_len;

		memset(buf, 0xa5, sizeof buf);
		e.payload.len = payload_len;
		assert_int_equal(encode(buf, sizeof buf, &len, &e).err, GYL_OK);
		assert_int_equal(len, used < 60 ? 60 : used);
		assert_memory_equal(buf + used, zeros, len - used);
		assert_int_equal(buf[len], 0xa5);
	}
}

static void what_cannot_be_written_is_refused(void **state)
{
	struct gyl_eth bad[5] = {sample, sample, sample, sample, sample};

	(void)state;
	bad[0].tag_cnt = 3;
	bad[1].tag[1].vid = 4096;
	bad[2].tag[0].pcp = 8;
	bad[3].type = 0x05ff;
	bad[4].tag[0].tpid = GYL_ETH_ARP;
	for (size_t i = 0; i < TEST_CNT(bad); i++) {
		uint8_t buf[80];
		size_t len = 7;

		assert_int_equal(encode(buf, sizeof buf, &len, &bad[i]).err, GYL_E_FIELD);
		assert_int_equal(len, 7);
	}
}

static void addresses_are_told_apart(void **state)
{
	static const struct {
		uint8_t mac[6];
		bool group, broadcast, multicast, local, zero;
	} macs[] = {
		{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, true, true, false, true, false},
		{{0xff, 0xff, 0xff, 0xff, 0xff, 0xfe}, true, false, true, true, false},
		{{0x01, 0x00, 0x5e, 0, 0, 1}, true, false, true, false, false},
		{{0x02, 0, 0, 0, 0, 1}, false, false, false, true, false},
		{{0x00, 0x1b, 0x21, 0, 0, 1}, false, false, false, false, false},
		{{0}, false, false, false, false, true},
	};
	uint8_t mac[6];

	(void)state;
	for (size_t i = 0; i < TEST_CNT(macs); i++) {
		assert_int_equal(gyl_eth_is_group(macs[i].mac), macs[i].group);
		assert_int_equal(gyl_eth_is_broadcast(macs[i].mac), macs[i].broadcast);
		assert_int_equal(gyl_eth_is_multicast(macs[i].mac), macs[i].multicast);
		assert_int_equal(gyl_eth_is_local(macs[i].mac), macs[i].local);
		assert_int_equal(gyl_eth_is_zero(macs[i].mac), macs[i].zero);
	}
	/* RFC 1112 6.4: 23 bits only, so that 224.128.0.251 falls together with 224.0.0.251. */
	gyl_eth_from_ipv4_group(0xe08000fb, mac);
	assert_memory_equal(mac, "\x01\x00\x5e\x00\x00\xfb", 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_are_read_or_refused_in_place),
		cmocka_unit_test(the_four_properties_hold),
		cmocka_unit_test(short_frames_are_padded_with_zeros),
		cmocka_unit_test(what_cannot_be_written_is_refused),
		cmocka_unit_test(addresses_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
