/* SPDX-License-Identifier: ISC */
#include "tests/fuzz/require.h"

#include <gyl/eth.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void show(const struct gyl_eth *v)
{
	static uint8_t text[TEXT_CAP];
	struct gyl_writer w;
	struct gyl_json j;

	gyl_writer_init(&w, text, sizeof text);
	gyl_eth_print(&w, v);
	gyl_json_init(&j, &w);
	gyl_eth_json(&j, NULL, v);
	REQUIRE(gyl_writer_ok(&w) && gyl_utf8_prefix(gyl_writer_view(&w)) == w.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gyl_view in = gyl_view(data, size);
	uint8_t buf[GYL_ETH_HEADER_MAX];
	struct gyl_writer w;
	struct gyl_eth e;

	if (gyl_failed(gyl_eth_decode(in, &e)))
		return 0;
	REQUIRE(inside(in, e.payload));
	/* All octets of the header are in the values: what is written again is what was read. */
	gyl_writer_init(&w, buf, sizeof buf);
	gyl_eth_put_header(&w, &e);
	REQUIRE(gyl_writer_ok(&w) && w.len + e.payload.len == size &&
		memcmp(buf, data, w.len) == 0);
	show(&e);
	return 0;
}
