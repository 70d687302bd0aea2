/* SPDX-License-Identifier: ISC */
#include "tests/fuzz/require.h"

#include <gyl/icmp.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void show(const struct gyl_icmp *v)
{
	static uint8_t text[TEXT_CAP];
	struct gyl_writer w;
	struct gyl_json j;

	gyl_writer_init(&w, text, sizeof text);
	gyl_icmp_print(&w, v);
	gyl_json_init(&j, &w);
	gyl_icmp_json(&j, NULL, v);
	REQUIRE(gyl_writer_ok(&w) && gyl_utf8_prefix(gyl_writer_view(&w)) == w.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t buf[1 << 16];
	struct gyl_view in = gyl_view(data, size);
	struct gyl_writer w;
	struct gyl_icmp m;
	struct gyl_ipv4 ip;

	if (size > sizeof buf || gyl_failed(gyl_icmp_decode(in, GYL_CHECKSUM_SKIP, &m)))
		return 0;
	REQUIRE(inside(in, m.data));
	if (!gyl_failed(gyl_icmp_original(&m, &ip)))
		REQUIRE(inside(m.data, ip.options) && inside(m.data, ip.payload));
	gyl_writer_init(&w, buf, sizeof buf);
	gyl_icmp_encode(&w, &m);
	REQUIRE(gyl_writer_ok(&w) && gyl_checksum_of(gyl_writer_view(&w)) == 0);
	REQUIRE(w.len == size && memcmp(buf, data, 2) == 0 &&
		memcmp(buf + 4, data + 4, size - 4) == 0);
	show(&m);
	return 0;
}
