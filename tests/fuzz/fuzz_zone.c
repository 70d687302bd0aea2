/* SPDX-License-Identifier: ISC */

/* Any text as a zone file: errors, or an image that the gate accepts and sound answers come from.
 */

#include <strings.h>

#include "tests/fuzz/dns_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The fuzzer shall not read the machine's files, nor ask for 65,536 names. */
static bool includes(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i + 8 <= size; i++)
		if (strncasecmp((const char *)data + i, "$INCLUDE", 8) == 0 ||
			strncasecmp((const char *)data + i, "$GENERAT", 8) == 0)
			return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct gyl_dns_image *im;
	struct gyl_view image;

	if (size > 4096 || includes(data, size))
		return 0;
	image = zone_image(gyl_view(data, size));
	if (image.len == 0)
		return 0;
	im = gyl_dns_image_open(image);
	REQUIRE(im != NULL);
	ask_all(im, small_overlay());
	gyl_build_unmap(image);
	return 0;
}
