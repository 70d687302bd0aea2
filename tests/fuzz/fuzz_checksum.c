/* SPDX-License-Identifier: ISC */
#include "tests/fuzz/require.h"

#include <gyl/checksum.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first octet says where the rest is cut in two; the sum must not depend on it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gyl_checksum c;
	struct gyl_view rest;
	uint32_t sum = 0;

	if (size == 0)
		return 0;
	rest = gyl_view(data + 1, size - 1);
	for (size_t i = 0; i < rest.len; i++)
		sum = (sum + ((uint32_t)rest.p[i] << (i % 2 == 0 ? 8 : 0))) % 0xffff;
	gyl_checksum_init(&c);
	gyl_checksum_add(&c, gyl_view_sub(rest, 0, data[0]));
	gyl_checksum_add(&c, gyl_view_sub(rest, data[0], rest.len));
	REQUIRE(gyl_checksum_end(&c) == gyl_checksum_of(rest));
	/* One of the two zeros of one's complement may stand for the other. */
	REQUIRE((uint16_t)~gyl_checksum_of(rest) % 0xffff == sum);
	return 0;
}
