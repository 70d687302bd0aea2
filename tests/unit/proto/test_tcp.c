/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/tcp.h>

enum {
	SRC = 0x0a000005,
	DST = 0x0a000001
};

#define START "9c40 0202 000003e8 000007d0"
#define END   "0200 0000 0000"

static const struct {
	const char *name, *hex;
	enum gyl_err err;
	size_t off, options_len, payload_len;
} cases[] = {
	{"bare", START "5010" END, GYL_OK, 0, 0, 0},
	{"payload", START "5018" END "6162", GYL_OK, 0, 0, 2},
	{"19 octets",
		START "5018"
		      "0200 0000 00",
		GYL_E_SHORT, 20, 0, 0},
	{"data offset 4", START "4010" END, GYL_E_LENGTH, 12, 0, 0},
	{"data offset past the end", START "6010" END "010101", GYL_E_LENGTH, 12, 0, 0},
	/* options */
	{"NOPs", START "6010" END "01010101", GYL_OK, 0, 4, 0},
	{"cut at EOL", START "6010" END "01 00 02 04", GYL_OK, 0, 1, 0},
	{"length 0", START "6010" END "01 02 00 05", GYL_LENIENT, 21, 1, 0},
	{"length 1", START "6010" END "01 02 01 05", GYL_LENIENT, 21, 1, 0},
	{"past the header", START "6010" END "01 02 04 05 b4", GYL_LENIENT, 21, 1, 1},
	{"without length", START "6010" END "01 01 01 02", GYL_LENIENT, 23, 3, 0},
	{"just fits", START "6010" END "02 04 05 b4", GYL_OK, 0, 4, 0},
};

static void segments_are_read_or_refused_in_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		uint8_t buf[64];
		struct gyl_tcp t = {.window = 77};
		struct gyl_view in = gyl_view(buf, hex_bytes(cases[i].hex, buf, sizeof buf));
		struct gyl_fault f = gyl_tcp_decode(in, SRC, DST, GYL_CHECKSUM_SKIP, &t);

		if (f.err != cases[i].err || f.off != cases[i].off)
			fail_msg("%s: %s at %zu", cases[i].name, gyl_err_text(f.err), f.off);
		assert_int_equal(t.window, gyl_failed(f) ? 77 : 512);
		if (gyl_failed(f))
			continue;
		assert_int_equal(t.options.len, cases[i].options_len);
		assert_int_equal(t.payload.len, cases[i].payload_len);
		assert_true(view_inside(in, t.options) && view_inside(in, t.payload));
		assert_int_equal(gyl_tcp_decode(in, SRC, DST, 0, &t).err, GYL_E_CHECKSUM);
	}
}

static struct gyl_fault encode(uint8_t *buf, size_t cap, size_t *ret_len, void *arg)
{
	struct gyl_writer w;

	gyl_writer_init(&w, buf, cap);
	gyl_tcp_encode(&w, arg, SRC, DST);
	if (gyl_writer_ok(&w))
		*ret_len = w.len;
	return w.fault;
}

static void take_prefix(struct gyl_view prefix, void *arg)
{
	struct gyl_tcp_known known;
	struct gyl_tcp t;
	struct gyl_fault f = gyl_tcp_decode(prefix, SRC, DST, GYL_CHECKSUM_SKIP, &t);

	(void)arg;
	assert_int_equal(f.err, prefix.len < 20   ? GYL_E_SHORT
				: prefix.len < 44 ? GYL_E_LENGTH
						  : GYL_OK);
	if (gyl_failed(f))
		return;
	assert_true(view_inside(prefix, t.options) && view_inside(prefix, t.payload));
	assert_int_equal(gyl_tcp_known_get(t.options, &known).err, GYL_OK);
}

static size_t options_make(uint8_t buf[GYL_TCP_OPTIONS_MAX])
{
	struct gyl_writer w;

	gyl_writer_init(&w, buf, GYL_TCP_OPTIONS_MAX);
	gyl_tcp_put_mss(&w, 1460);
	gyl_tcp_put_wscale(&w, 7);
	gyl_tcp_put_sack_permitted(&w);
	gyl_tcp_put_timestamps(&w, 0x01020304, 0x05060708);
	gyl_tcp_put_option(&w, 253, gyl_view("x", 1));
	assert_true(gyl_writer_ok(&w));
	return w.len;
}

static void the_four_properties_hold(void **state)
{
	uint8_t buf[80], opts[GYL_TCP_OPTIONS_MAX];
	struct gyl_tcp in = {40000, 514, 1000, 2000, GYL_TCP_SYN | GYL_TCP_AE, 512, 0, 3,
		{opts, options_make(opts)}, {(const uint8_t *)"odd", 3}};
	struct gyl_tcp out;
	size_t len = 0;

	(void)state;
	memset(buf, 0xa5, sizeof buf);
	assert_int_equal(in.options.len, 22);
	assert_int_equal(encode(buf, sizeof buf, &len, &in).err, GYL_OK);
	assert_int_equal(len, 20 + 24 + 3);
	/* RFC 9293 3.1: the padding behind 22 octets of options is zeros. */
	assert_int_equal(gyl_get_u16(buf + 42), 0);
	prop_prefixes(gyl_view(buf, len), take_prefix, NULL);
	prop_capacities(sizeof buf, encode, &in);
	assert_int_equal(gyl_tcp_decode(gyl_view(buf, len), SRC, DST, 0, &out).err, GYL_OK);
	assert_true(out.src_port == 40000 && out.dst_port == 514);
	assert_true(out.seq == 1000 && out.ack == 2000);
	assert_true(out.flags == in.flags && out.window == 512 && out.urgent == 3);
	assert_true(gyl_view_eq(out.options, in.options));
	assert_true(gyl_view_eq(out.payload, in.payload));
	assert_int_equal(
		gyl_tcp_decode(gyl_view(buf, len), SRC, DST + 1, 0, &out).err, GYL_E_CHECKSUM);
}

static void known_options_are_collected(void **state)
{
	uint8_t opts[GYL_TCP_OPTIONS_MAX];
	struct gyl_tcp_known k;

	(void)state;
	assert_int_equal(gyl_tcp_known_get(gyl_view(opts, options_make(opts)), &k).err, GYL_OK);
	assert_true(
		k.has_mss && k.mss == 1460 && k.has_wscale && k.wscale == 7 && k.sack_permitted);
	assert_true(k.has_timestamps && k.ts_val == 0x01020304 && k.ts_ecr == 0x05060708);
	assert_int_equal(k.sack_cnt, 0);
}

static void sack_blocks_are_read_and_written(void **state)
{
	static const struct gyl_tcp_sack blocks[5] = {
		{1, 2}, {3, 4}, {5, 6}, {7, 0xffffffff}, {0, 0}};

	(void)state;
	for (size_t cnt = 0; cnt <= 5; cnt++) {
		uint8_t opts[GYL_TCP_OPTIONS_MAX];
		struct gyl_tcp_known k;
		struct gyl_writer w;

		gyl_writer_init(&w, opts, sizeof opts);
		gyl_tcp_put_sack(&w, blocks, cnt);
		if (cnt == 0 || cnt == 5) {
			assert_int_equal(w.fault.err, GYL_E_COUNT);
			continue;
		}
		assert_int_equal(gyl_tcp_known_get(gyl_writer_view(&w), &k).err, GYL_OK);
		assert_int_equal(k.sack_cnt, cnt);
		for (size_t i = 0; i < cnt; i++)
			assert_true(k.sack[i].left == blocks[i].left &&
				    k.sack[i].right == blocks[i].right);
	}
}

static void odd_lengths_of_known_options_are_told(void **state)
{
	static const struct {
		const char *hex;
		enum gyl_err err;
		size_t off;
	} odd[] = {
		{"02 03 05", GYL_LENIENT, 0},
		{"01 03 04 0101", GYL_LENIENT, 1},
		{"04 03 00", GYL_LENIENT, 0},
		{"01 01 05 06 00000001", GYL_LENIENT, 2},
		{"05 02", GYL_LENIENT, 0},
		{"08 09 00000000000000", GYL_LENIENT, 0},
		{"fd 02", GYL_OK, 0},
		/* the first one is told */
		{"fd 02 04 03 00 02 03 05", GYL_LENIENT, 2},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(odd); i++) {
		uint8_t buf[40];
		struct gyl_tcp_known k;
		struct gyl_fault f = gyl_tcp_known_get(
			gyl_view(buf, hex_bytes(odd[i].hex, buf, sizeof buf)), &k);

		assert_int_equal(f.err, odd[i].err);
		assert_int_equal(f.off, odd[i].off);
		assert_false(k.has_mss || k.has_wscale || k.has_timestamps || k.sack_permitted ||
			     k.sack_cnt);
	}
}

static void what_cannot_be_written_is_refused(void **state)
{
	static uint8_t big[65536], buf[70000];
	struct gyl_tcp t = {.flags = 0x1000};
	struct gyl_writer w;
	size_t len = 7;

	(void)state;
	assert_int_equal(encode(buf, sizeof buf, &len, &t).err, GYL_E_FIELD);
	t.flags = 0;
	t.options = gyl_view(big, 41);
	assert_int_equal(encode(buf, sizeof buf, &len, &t).err, GYL_E_FIELD);
	t.options.len = 0;
	t.payload = gyl_view(big, 65516);
	assert_int_equal(encode(buf, sizeof buf, &len, &t).err, GYL_E_LENGTH);
	assert_int_equal(len, 7);
	gyl_writer_init(&w, buf, sizeof buf);
	gyl_tcp_put_wscale(&w, 15);
	assert_int_equal(w.fault.err, GYL_E_FIELD);
	gyl_writer_init(&w, buf, sizeof buf);
	gyl_tcp_put_option(&w, GYL_TCP_OPT_NOP, gyl_view(NULL, 0));
	assert_int_equal(w.fault.err, GYL_E_FIELD);
	gyl_writer_init(&w, buf, sizeof buf);
	gyl_tcp_put_option(&w, 253, gyl_view(big, 254));
	assert_int_equal(w.fault.err, GYL_E_LENGTH);
}

static void sequence_length_counts_syn_and_fin(void **state)
{
	struct gyl_tcp t = {.flags = GYL_TCP_SYN | GYL_TCP_FIN, .payload = {NULL, 0}};

	(void)state;
	assert_int_equal(gyl_tcp_seq_len(&t), 2);
	t.flags = GYL_TCP_ACK;
	t.payload = gyl_view("abc", 3);
	assert_int_equal(gyl_tcp_seq_len(&t), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(segments_are_read_or_refused_in_place),
		cmocka_unit_test(the_four_properties_hold),
		cmocka_unit_test(known_options_are_collected),
		cmocka_unit_test(sack_blocks_are_read_and_written),
		cmocka_unit_test(odd_lengths_of_known_options_are_told),
		cmocka_unit_test(what_cannot_be_written_is_refused),
		cmocka_unit_test(sequence_length_counts_syn_and_fin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
