/* SPDX-License-Identifier: ISC */

/* The IEEE's lists of vendors, in either form: every line that is taken has a name inside of the
 * text and a prefix whose other bits are zero, and the reader comes to an end. */

#include "services/arpd/vendor.h"
#include "tests/fuzz/require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gyl_view text = gyl_view(data, size);
	struct gyl_arpd_oui_line line;
	struct gyl_arpd_oui p;
	size_t left = size;

	gyl_arpd_oui_init(&p, text);
	while (gyl_arpd_oui_next(&p, &line)) {
		REQUIRE(inside(text, line.name) && line.name.len <= GYL_ARPD_VENDOR_MAX);
		REQUIRE(line.bits >= 24 && line.bits <= 48 && line.prefix >> 48 == 0);
		REQUIRE(line.bits == 48 || line.prefix << 16 << line.bits == 0);
		REQUIRE(p.rest.len < left);
		left = p.rest.len;
	}
	REQUIRE(p.rest.len == 0);
	return 0;
}
