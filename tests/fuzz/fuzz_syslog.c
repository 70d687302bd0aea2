/* SPDX-License-Identifier: ISC */

/* Any octets become a record whose views are inside; JSON is valid; encoding gives what decodes the
 * same. */

#include <gyl/syslog.h>
#include <gyl/text.h>

#include "tests/fuzz/require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same(struct gyl_view a, struct gyl_view b)
{
	return gyl_view_eq(a, b) && (a.p == NULL) == (b.p == NULL);
}

/* A message that was valid comes back as it was, and so does what we made of one that was not. */
static void encode_again(const struct gyl_syslog *m, const struct gyl_syslog_ctx *ctx)
{
	static uint8_t buf[1 << 18], buf2[1 << 18];
	struct gyl_syslog once;
	struct gyl_writer w, w2;

	gyl_writer_init(&w, buf, sizeof buf);
	gyl_writer_init(&w2, buf2, sizeof buf2);
	if (gyl_failed(gyl_syslog_encode_5424(&w, m)))
		return;
	gyl_syslog_decode(gyl_writer_view(&w), ctx, &once);
	REQUIRE(once.fmt == GYL_SYSLOG_5424 && once.pri == m->pri);
	REQUIRE(!(once.flags & (GYL_SYSLOG_LONG_FIELD | GYL_SYSLOG_BAD_HOST)));
	if (m->msg.p != NULL)
		REQUIRE(gyl_view_eq(once.msg, m->msg) || m->fmt != GYL_SYSLOG_5424 ||
			(once.flags & GYL_SYSLOG_BOM));
	REQUIRE(!gyl_failed(gyl_syslog_encode_5424(&w2, &once)));
	REQUIRE(same(once.raw, gyl_writer_view(&w2)) || once.raw.len < w.len);
}

/* The time that is shown is the time that was read. */
static void time_again(const struct gyl_syslog *m, const struct gyl_syslog_ctx *ctx)
{
	struct gyl_syslog again;
	struct gyl_writer w;
	uint8_t text[64];

	gyl_writer_init(&w, text, sizeof text);
	gyl_text_str(&w, "<13>1 ");
	gyl_syslog_print_time(&w, m);
	gyl_text_str(&w, " - - - - -");
	gyl_syslog_decode(gyl_writer_view(&w), ctx, &again);
	REQUIRE(again.fmt == GYL_SYSLOG_5424 && !(again.flags & GYL_SYSLOG_BAD_TS));
	REQUIRE(!again.has_ts || (again.ts_s == m->ts_s && again.ts_ns == m->ts_ns));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t text[1 << 20];
	struct gyl_syslog_ctx ctx = {.recv_ns = UINT64_C(1795269600000000000)};
	struct gyl_view in = gyl_view(data, size);
	struct gyl_syslog m;
	struct gyl_writer w;
	struct gyl_json j;

	if (size > 65536)
		return 0;
	gyl_syslog_decode(in, &ctx, &m);
	REQUIRE(inside(in, m.raw));
	REQUIRE(inside(m.raw, m.ts));
	REQUIRE(inside(m.raw, m.host));
	REQUIRE(inside(m.raw, m.app));
	REQUIRE(inside(m.raw, m.pid));
	REQUIRE(inside(m.raw, m.msgid));
	REQUIRE(inside(m.raw, m.sd));
	REQUIRE(inside(m.raw, m.msg));
	gyl_writer_init(&w, text, sizeof text);
	gyl_json_init(&j, &w);
	gyl_json_obj(&j, NULL);
	gyl_syslog_json_members(&j, &m);
	gyl_syslog_json_raw(&j, &m);
	gyl_json_end(&j);
	REQUIRE(gyl_utf8_prefix(gyl_writer_view(&w)) == w.len);
	gyl_writer_init(&w, text, sizeof text);
	gyl_syslog_print(&w, &m);
	for (size_t i = 0; i < w.len; i++)
		REQUIRE(text[i] >= 0x20 && text[i] != 0x7f);
	time_again(&m, &ctx);
	encode_again(&m, &ctx);
	return 0;
}
