/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/frame.h>

static const struct gyl_frame_udp sample = {
	.dst_mac = {255, 255, 255, 255, 255, 255},
	.src_mac = {2, 0, 0, 0, 0, 5},
	.tag_cnt = 2,
	.tag = {{GYL_ETH_SVLAN, 100, 1, true}, {GYL_ETH_VLAN, 20, 0, false}},
	.src_ip = 0x0a000005,
	.dst_ip = 0xffffffff,
	.src_port = 68,
	.dst_port = 67,
	.ttl = 3,
	.dscp = 46,
};

enum {
	PAYLOAD_LEN = 21
};

/* The writer property needs a moving capacity: the payload lies at the end of what the headers
 * need. */
static struct gyl_fault encode(uint8_t *buf, size_t cap, size_t *ret_len, void *arg)
{
	struct gyl_view frame;
	struct gyl_fault f;

	if (cap < GYL_FRAME_UDP_ROOM + PAYLOAD_LEN)
		return gyl_fault(GYL_E_SPACE, cap);
	memset(buf + GYL_FRAME_UDP_ROOM, 'x', PAYLOAD_LEN);
	f = gyl_frame_udp_encode(arg, buf, cap, GYL_FRAME_UDP_ROOM, PAYLOAD_LEN, &frame);
	if (!gyl_failed(f)) {
		assert_ptr_equal(frame.p, buf);
		*ret_len = frame.len;
	}
	return f;
}

static void take_prefix(struct gyl_view prefix, void *arg)
{
	size_t whole = *(size_t *)arg;
	struct gyl_frame_udp f;
	struct gyl_fault fault = gyl_frame_udp_decode(prefix, 0, &f);

	if (prefix.len < whole)
		assert_true(fault.err == GYL_E_SHORT && fault.off > prefix.len);
	else
		assert_true(fault.err == GYL_OK && view_inside(prefix, f.payload));
}

static void same(const struct gyl_frame_udp *a, const struct gyl_frame_udp *b)
{
	assert_memory_equal(a->dst_mac, b->dst_mac, 6);
	assert_memory_equal(a->src_mac, b->src_mac, 6);
	assert_int_equal(a->tag_cnt, b->tag_cnt);
	for (uint8_t i = 0; i < a->tag_cnt; i++) {
		assert_int_equal(a->tag[i].tpid, b->tag[i].tpid);
		assert_int_equal(a->tag[i].vid, b->tag[i].vid);
		assert_int_equal(a->tag[i].pcp, b->tag[i].pcp);
		assert_int_equal(a->tag[i].dei, b->tag[i].dei);
	}
	assert_true(a->src_ip == b->src_ip && a->dst_ip == b->dst_ip);
	assert_true(a->src_port == b->src_port && a->dst_port == b->dst_port);
	assert_true(a->ttl == b->ttl && a->dscp == b->dscp);
}

static void the_four_properties_hold(void **state)
{
	struct gyl_frame_udp in = sample, out;
	uint8_t buf[100];
	size_t len = 0;

	(void)state;
	assert_int_equal(encode(buf, sizeof buf, &len, &in).err, GYL_OK);
	assert_int_equal(len, GYL_FRAME_UDP_ROOM + PAYLOAD_LEN);
	prop_prefixes(gyl_view(buf, len), take_prefix, &len);
	prop_capacities(sizeof buf, encode, &in);
	assert_int_equal(gyl_frame_udp_decode(gyl_view(buf, len), 0, &out).err, GYL_OK);
	same(&out, &in);
	assert_int_equal(out.payload.len, PAYLOAD_LEN);
	assert_int_equal(out.payload.p[0], 'x');
}

static void every_length_and_tag_count_comes_back(void **state)
{
	(void)state;
	for (uint8_t tag_cnt = 0; tag_cnt <= 2; tag_cnt++) {
		for (size_t len = 0; len < 40; len++) {
			size_t header = GYL_FRAME_UDP_ROOM - 8 + 4u * tag_cnt, used = header + len;
			struct gyl_frame_udp in = sample, out;
			struct gyl_view frame;
			uint8_t buf[128];

			in.tag_cnt = tag_cnt;
			memset(buf, 0xa5, sizeof buf);
			assert_int_equal(gyl_frame_udp_encode(&in, buf, sizeof buf,
						 GYL_FRAME_UDP_ROOM, len, &frame)
						 .err,
				GYL_OK);
			assert_ptr_equal(frame.p, buf + GYL_FRAME_UDP_ROOM - header);
			assert_int_equal(frame.len, used < 60 ? 60 : used);
			assert_int_equal(gyl_frame_udp_decode(frame, 0, &out).err, GYL_OK);
			same(&out, &in);
			assert_int_equal(out.payload.len, len);
			/* Not an octet of the old buffer is in the padding, and none behind it was
			 * touched. */
			for (size_t i = used; i < frame.len; i++)
				assert_int_equal(frame.p[i], 0);
			assert_int_equal(frame.p[frame.len], 0xa5);
		}
	}
}

static void every_bit_matters(void **state)
{
	struct gyl_frame_udp in = sample, out;
	uint8_t buf[100];
	size_t len = 0;

	(void)state;
	in.tag_cnt = 0;
	memset(buf, 'x', sizeof buf);
	{
		struct gyl_view frame;

		assert_int_equal(
			gyl_frame_udp_encode(&in, buf, sizeof buf, 42, PAYLOAD_LEN, &frame).err,
			GYL_OK);
		len = frame.len;
	}
	/* Behind the Ethernet addresses everything is covered by a check or a checksum. */
	for (size_t bit = 8 * 12; bit < 8 * len; bit++) {
		buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_true(gyl_failed(gyl_frame_udp_decode(gyl_view(buf, len), 0, &out)));
		buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

static void what_cannot_be_written_is_refused(void **state)
{
	static uint8_t big[70000];
	struct gyl_frame_udp f = sample, bad_tag = sample, bad_dscp = sample;
	struct gyl_view frame = {NULL, 77};
	struct gyl_fault fault;

	(void)state;
	fault = gyl_frame_udp_encode(&f, big, sizeof big, GYL_FRAME_UDP_ROOM - 1, 30, &frame);
	assert_true(fault.err == GYL_E_SPACE && fault.off == GYL_FRAME_UDP_ROOM - 1);
	fault = gyl_frame_udp_encode(&f, big, 59, GYL_FRAME_UDP_ROOM, 3, &frame);
	assert_true(fault.err == GYL_E_SPACE && fault.off == 59);
	assert_int_equal(
		gyl_frame_udp_encode(&f, big, sizeof big, 50, 65508, &frame).err, GYL_E_LENGTH);
	bad_tag.tag[1].vid = 4096;
	assert_int_equal(
		gyl_frame_udp_encode(&bad_tag, big, sizeof big, 50, 3, &frame).err, GYL_E_FIELD);
	bad_tag.tag_cnt = 3;
	assert_int_equal(
		gyl_frame_udp_encode(&bad_tag, big, sizeof big, 60, 3, &frame).err, GYL_E_FIELD);
	bad_dscp.dscp = 64;
	assert_int_equal(
		gyl_frame_udp_encode(&bad_dscp, big, sizeof big, 50, 3, &frame).err, GYL_E_FIELD);
	assert_int_equal(frame.len, 77);
	assert_int_equal(gyl_frame_udp_encode(&f, big, sizeof big, 50, 65507, &frame).err, GYL_OK);
}

static void no_datagram_leaves_with_ttl_zero(void **state)
{
	struct gyl_frame_udp in = sample, out;
	uint8_t buf[100];
	size_t len = 0;

	(void)state;
	in.ttl = 0;
	assert_int_equal(encode(buf, sizeof buf, &len, &in).err, GYL_OK);
	assert_int_equal(gyl_frame_udp_decode(gyl_view(buf, len), 0, &out).err, GYL_OK);
	assert_int_equal(out.ttl, 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_four_properties_hold),
		cmocka_unit_test(every_length_and_tag_count_comes_back),
		cmocka_unit_test(every_bit_matters),
		cmocka_unit_test(what_cannot_be_written_is_refused),
		cmocka_unit_test(no_datagram_leaves_with_ttl_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
