/* SPDX-License-Identifier: ISC */
#include "tests/fuzz/require.h"

#include <gyl/frame.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void show(const struct gyl_frame_udp *v)
{
	static uint8_t text[TEXT_CAP];
	struct gyl_writer w;
	struct gyl_json j;

	gyl_writer_init(&w, text, sizeof text);
	gyl_frame_udp_print(&w, v);
	gyl_json_init(&j, &w);
	gyl_frame_udp_json(&j, NULL, v);
	REQUIRE(gyl_writer_ok(&w) && gyl_utf8_prefix(gyl_writer_view(&w)) == w.len);
}

/* Out of a buffer with old octets in it, and back. */
static void again(const struct gyl_frame_udp *f)
{
	static uint8_t buf[1 << 17];
	struct gyl_frame_udp back;
	struct gyl_view frame;

	memset(buf, 0xa5, GYL_FRAME_UDP_ROOM + f->payload.len + 60);
	if (f->payload.len != 0)
		memcpy(buf + GYL_FRAME_UDP_ROOM, f->payload.p, f->payload.len);
	if (gyl_failed(gyl_frame_udp_encode(
		    f, buf, sizeof buf, GYL_FRAME_UDP_ROOM, f->payload.len, &frame)))
		abort();
	REQUIRE(gyl_frame_udp_decode(frame, 0, &back).err == GYL_OK);
	REQUIRE(gyl_view_eq(back.payload, f->payload));
	REQUIRE(back.src_ip == f->src_ip && back.dst_ip == f->dst_ip && back.tag_cnt == f->tag_cnt);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gyl_view in = gyl_view(data, size);
	struct gyl_frame_udp f, checked;
	struct gyl_fault why = gyl_frame_udp_decode(in, 0, &checked);

	if (gyl_failed(gyl_frame_udp_decode(in, GYL_CHECKSUM_SKIP, &f))) {
		REQUIRE(gyl_failed(why));
		return 0;
	}
	REQUIRE(inside(in, f.payload));
	REQUIRE(!gyl_failed(why) || why.err == GYL_E_CHECKSUM);
	again(&f);
	show(&f);
	return 0;
}
