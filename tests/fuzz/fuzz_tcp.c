/* SPDX-License-Identifier: ISC */
#include "tests/fuzz/require.h"

#include <gyl/ipv4.h>
#include <gyl/tcp.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void show(const struct gyl_tcp *v)
{
	static uint8_t text[TEXT_CAP];
	struct gyl_writer w;
	struct gyl_json j;

	gyl_writer_init(&w, text, sizeof text);
	gyl_tcp_print(&w, v);
	gyl_json_init(&j, &w);
	gyl_tcp_json(&j, NULL, v);
	REQUIRE(gyl_writer_ok(&w) && gyl_utf8_prefix(gyl_writer_view(&w)) == w.len);
}

static void walk(struct gyl_view options)
{
	struct gyl_tcp_known known;
	struct gyl_tcp_cursor cur;
	struct gyl_tcp_opt opt;

	gyl_tcp_cursor_init(&cur, options);
	while (gyl_tcp_cursor_next(&cur, &opt))
		REQUIRE(inside(options, opt.val));
	REQUIRE(!gyl_failed(gyl_tcp_known_get(options, &known)) &&
		known.sack_cnt <= GYL_TCP_SACK_MAX);
}

static void again(const struct gyl_tcp *v, uint32_t src, uint32_t dst)
{
	static uint8_t buf[1 << 16];
	struct gyl_writer w;
	struct gyl_tcp back;

	gyl_writer_init(&w, buf, sizeof buf);
	gyl_tcp_encode(&w, v, src, dst);
	REQUIRE(gyl_writer_ok(&w));
	REQUIRE(gyl_tcp_decode(gyl_writer_view(&w), src, dst, 0, &back).err == GYL_OK);
	REQUIRE(back.seq == v->seq && back.ack == v->ack && back.flags == v->flags);
	REQUIRE(back.src_port == v->src_port && back.dst_port == v->dst_port);
	REQUIRE(gyl_view_eq(back.payload, v->payload));
}

static void take(struct gyl_view in, uint32_t src, uint32_t dst)
{
	struct gyl_tcp v;

	gyl_tcp_decode(in, src, dst, 0, &v);
	if (gyl_failed(gyl_tcp_decode(in, src, dst, GYL_CHECKSUM_SKIP, &v)))
		return;
	REQUIRE(inside(in, v.payload) && inside(in, v.options));
	walk(v.options);
	again(&v, src, dst);
	show(&v);
}

/* The corpus is whole datagrams; what is none is taken as what stands in one. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gyl_view in = gyl_view(data, size);
	struct gyl_ipv4 ip;

	if (gyl_failed(gyl_ipv4_decode(in, GYL_CHECKSUM_SKIP, &ip)))
		take(in, 0x0a000005, 0x0a000001);
	else
		take(ip.payload, ip.src, ip.dst);
	return 0;
}
