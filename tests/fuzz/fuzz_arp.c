/* SPDX-License-Identifier: ISC */
#include "tests/fuzz/require.h"

#include <gyl/arp.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void show(const struct gyl_arp *v)
{
	static uint8_t text[TEXT_CAP];
	struct gyl_writer w;
	struct gyl_json j;

	gyl_writer_init(&w, text, sizeof text);
	gyl_arp_print(&w, v);
	gyl_json_init(&j, &w);
	gyl_arp_json(&j, NULL, v);
	REQUIRE(gyl_writer_ok(&w) && gyl_utf8_prefix(gyl_writer_view(&w)) == w.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gyl_view in = gyl_view(data, size);
	uint8_t buf[GYL_ARP_LEN];
	struct gyl_writer w;
	struct gyl_arp a;

	if (gyl_failed(gyl_arp_decode(in, &a)))
		return 0;
	/* All 28 octets are in the values: what is written again is what was read. */
	gyl_writer_init(&w, buf, sizeof buf);
	gyl_arp_encode(&w, &a);
	REQUIRE(gyl_writer_ok(&w) && memcmp(buf, data, sizeof buf) == 0);
	show(&a);
	return 0;
}
