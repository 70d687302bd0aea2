/* SPDX-License-Identifier: ISC */

/* Any octets: a decoded message shows, and its options put into a new message come back the same.
 */

#include <gyl/dhcp_opt.h>
#include <gyl/dhcp_print.h>

#include "tests/fuzz/require.h"

enum {
	TEXT_MAX = 1 << 20,
	MSG_MAX = 1 << 16
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void show(const struct gyl_dhcp_msg *m)
{
	static uint8_t text[TEXT_MAX];
	struct gyl_writer w;
	struct gyl_json j;

	gyl_writer_init(&w, text, sizeof text);
	gyl_dhcp_print(&w, m);
	gyl_writer_init(&w, text, sizeof text);
	gyl_json_init(&j, &w);
	gyl_dhcp_json(&j, NULL, m);
}

static bool same_options(const struct gyl_dhcp_msg *a, const struct gyl_dhcp_msg *b)
{
	static uint8_t abuf[MSG_MAX], bbuf[MSG_MAX];
	struct gyl_view av, bv;

	for (unsigned code = 1; code < GYL_DHCP_OPT_END; code++) {
		bool ha = gyl_dhcp_join(a, (uint8_t)code, abuf, sizeof abuf, &av).err == GYL_OK;
		bool hb = gyl_dhcp_join(b, (uint8_t)code, bbuf, sizeof bbuf, &bv).err == GYL_OK;

		if (code != GYL_DHCP_OPT_OVERLOAD && (ha != hb || (ha && !gyl_view_eq(av, bv))))
			return false;
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t buf[MSG_MAX], val[MSG_MAX], relay[MSG_MAX];
	struct gyl_dhcp_msg m, back;
	struct gyl_dhcp_index ix;
	struct gyl_dhcp_writer w;
	struct gyl_view v;
	size_t len = 0;

	if (gyl_failed(gyl_dhcp_decode(gyl_view(data, size), &m)))
		return 0;
	show(&m);
	gyl_dhcp_index_init(&ix, &m);
	gyl_dhcp_begin(&w, buf, sizeof buf, &m.hdr);
	if (gyl_dhcp_join(&m, GYL_DHCP_OPT_RELAY, relay, sizeof relay, &v).err == GYL_OK)
		gyl_dhcp_put_relay(&w, v);
	for (unsigned code = 1; code < GYL_DHCP_OPT_END; code++) {
		REQUIRE(gyl_dhcp_index_find(&ix, &m, (uint8_t)code, &v) ==
			gyl_dhcp_find(&m, (uint8_t)code, &v));
		if (code == GYL_DHCP_OPT_RELAY || code == GYL_DHCP_OPT_OVERLOAD)
			continue;
		if (gyl_dhcp_join(&m, (uint8_t)code, val, sizeof val, &v).err == GYL_OK)
			gyl_dhcp_put(&w, (uint8_t)code, v);
	}
	if (gyl_failed(gyl_dhcp_end(&w, GYL_DHCP_LEN_MIN, &len)))
		return 0;
	REQUIRE(gyl_dhcp_decode(gyl_view(buf, len), &back).err == GYL_OK);
	REQUIRE(memcmp(&back.hdr, &m.hdr, sizeof m.hdr) == 0 && back.type == m.type);
	REQUIRE(same_options(&m, &back));
	return 0;
}
