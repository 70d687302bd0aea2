/* SPDX-License-Identifier: ISC */
#include "tests/fuzz/require.h"

#include <gyl/time.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void duration(struct gyl_view in)
{
	uint8_t text[GYL_TIME_TEXT_MAX];
	struct gyl_writer w;
	uint64_t ns, back = 0;
	struct gyl_fault f = gyl_time_parse(in, &ns);

	REQUIRE(f.off <= in.len);
	if (gyl_failed(f))
		return;
	gyl_writer_init(&w, text, sizeof text);
	gyl_time_print(&w, ns);
	REQUIRE(gyl_writer_ok(&w) && (w.len <= in.len || ns == 0));
	REQUIRE(gyl_time_parse(gyl_writer_view(&w), &back).err == GYL_OK && back == ns);
}

static void date(struct gyl_view in)
{
	uint8_t text[GYL_TIME_RFC3339_MAX];
	struct gyl_writer w;
	uint64_t ns, back = 0;
	struct gyl_fault f = gyl_time_parse_rfc3339(in, &ns);

	REQUIRE(f.off <= in.len);
	if (gyl_failed(f))
		return;
	gyl_writer_init(&w, text, sizeof text);
	gyl_time_print_rfc3339(&w, ns, 9);
	REQUIRE(gyl_writer_ok(&w));
	REQUIRE(gyl_time_parse_rfc3339(gyl_writer_view(&w), &back).err == GYL_OK && back == ns);
}

static void civil(struct gyl_view in)
{
	struct gyl_civil c;
	int64_t unix_s, back = 0;

	if (in.len < 8)
		return;
	unix_s = (int64_t)gyl_get_u64(in.p);
	gyl_time_civil(unix_s, &c);
	REQUIRE(c.day >= 1 && c.day <= gyl_time_month_days(c.year, c.month) && c.yday < 366 &&
		c.wday < 7);
	if (!gyl_failed(gyl_time_unix(&c, &back)))
		REQUIRE(back == unix_s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gyl_view in = gyl_view(data, size);

	duration(in);
	date(in);
	civil(in);
	return 0;
}
