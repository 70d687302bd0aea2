/* SPDX-License-Identifier: ISC */

/* Any text as a hosts file or a list of blocked names, or any word of a $GENERATE: errors, or an
 * image that the gate accepts and sound answers come from. */

#include <strings.h>

#include "services/dns/conf.h"
#include "services/dns/zonec/generate.h"
#include "tests/fuzz/dns_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void generate(struct gyl_view text)
{
	uint8_t out[300];
	struct gyl_zone_range range;
	struct gyl_writer w;

	gyl_writer_init(&w, out, sizeof out);
	if (!gyl_failed(gyl_zone_generate(text, 4711, &w)))
		REQUIRE(w.len <= sizeof out);
	if (gyl_zone_range_parse(text, &range))
		REQUIRE(range.step != 0 &&
			(range.last - range.first) / range.step < GYL_ZONE_GENERATE_MAX);
}

/* A policy zone may have $INCLUDE: the fuzzer shall not read the machine's files. */
static bool has_directive(struct gyl_view text)
{
	for (size_t i = 0; i + 2 <= text.len; i++)
		if (text.p[i] == '$' && (text.p[i + 1] | 32) != 't' && (text.p[i + 1] | 32) != 'o')
			return true;
	return false;
}

static void compile(struct gyl_dns_compile *c, unsigned kind, struct gyl_view text)
{
	static const uint8_t zone[] = "\001z", hole[] = "\001h\001z";
	static const char zone_text[] =
		"$TTL 60\n@ SOA . . 1 1 1 1 1\n NS .\n* A 192.0.2.1\na CNAME b.\n";
	struct gyl_view answer = gyl_view_str(kind == 1 ? "nxdomain" : "::1");

	gyl_dns_compile_text(c, zone, "z", gyl_view_str(zone_text));
	gyl_dns_compile_hole(c, zone, hole, GYL_DNS_HOLE_NODATA, UINT32_MAX);
	if (kind == 0)
		gyl_dns_compile_hosts_text(c, "hosts", text);
	else
		gyl_dns_compile_block_text(c, "list", kind - 1, &answer, 1, text);
	gyl_dns_compile_special(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gyl_view image = {NULL, 0}, text = gyl_view(data + 1, size - 1);
	const struct gyl_dns_image *im;
	struct gyl_dns_compile *c;
	struct gyl_build b;

	if (size == 0 || size > 4096)
		return 0;
	generate(text);
	if (data[0] % 4 == 3 && has_directive(text))
		return 0;
	REQUIRE(gyl_build_open(&b) == 0);
	c = gyl_dns_compile_open(&b);
	REQUIRE(c != NULL);
	compile(c, data[0] % 4, text);
	if (gyl_dns_compile_end(c))
		image = gyl_build_map(b.fd);
	else
		REQUIRE(b.error_cnt != 0);
	gyl_dns_compile_close(c);
	gyl_build_close(&b);
	if (image.len == 0)
		return 0;
	im = gyl_dns_image_open(image);
	REQUIRE(im != NULL);
	ask_all(im, small_overlay());
	gyl_build_unmap(image);
	return 0;
}
