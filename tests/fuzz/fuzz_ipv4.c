/* SPDX-License-Identifier: ISC */
#include "tests/fuzz/require.h"

#include <gyl/ipv4.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void show(const struct gyl_ipv4 *v)
{
	static uint8_t text[TEXT_CAP];
	struct gyl_writer w;
	struct gyl_json j;

	gyl_writer_init(&w, text, sizeof text);
	gyl_ipv4_print(&w, v);
	gyl_json_init(&j, &w);
	gyl_ipv4_json(&j, NULL, v);
	REQUIRE(gyl_writer_ok(&w) && gyl_utf8_prefix(gyl_writer_view(&w)) == w.len);
}

static void walk(const struct gyl_ipv4 *ip)
{
	struct gyl_ipv4_cursor cur;
	struct gyl_ipv4_opt opt;

	gyl_ipv4_cursor_init(&cur, ip->options);
	while (gyl_ipv4_cursor_next(&cur, &opt))
		REQUIRE(inside(ip->options, opt.val));
}

/* Options keep their octets, so a header that is written again differs in a wrong checksum only. */
static void again(const struct gyl_ipv4 *ip, const uint8_t *data)
{
	uint8_t buf[GYL_IPV4_HEADER_MAX];
	struct gyl_writer w;

	gyl_writer_init(&w, buf, sizeof buf);
	gyl_ipv4_put_header(&w, ip);
	REQUIRE(gyl_writer_ok(&w) && gyl_checksum_of(gyl_writer_view(&w)) == 0);
	memcpy(buf + 10, data + 10, 2);
	REQUIRE(memcmp(buf, data, w.len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gyl_view in = gyl_view(data, size);
	struct gyl_ipv4 ip;

	if (gyl_failed(gyl_ipv4_decode(in, GYL_IPV4_QUOTED, &ip)))
		return 0;
	REQUIRE(inside(in, ip.options) && inside(in, ip.payload));
	walk(&ip);
	show(&ip);
	if (!gyl_failed(gyl_ipv4_decode(in, GYL_CHECKSUM_SKIP, &ip)))
		again(&ip, data);
	return 0;
}
