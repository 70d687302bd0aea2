/* SPDX-License-Identifier: ISC */

/*
 * Stored passwords of strangers. What is accepted is printed just as it was, and its cost can be
 * told; of what is not, the offset lies in the text.
 */

#include "tests/fuzz/require.h"

#include <gyl/password.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[GYL_PASSWORD_TEXT_MAX];
	size_t off = SIZE_MAX, len = 0, need;
	struct gyl_password pw;

	if (gyl_password_parse((const char *)data, size, &pw, &off) != GYL_CRYPTO_OK) {
		REQUIRE(off <= size);
		return 0;
	}
	REQUIRE(gyl_password_print(&pw, text, sizeof text, &len) == GYL_CRYPTO_OK);
	REQUIRE(len == size && memcmp(text, data, size) == 0);
	need = gyl_password_need(&pw);
	if (gyl_password_cap(&pw, SIZE_MAX, UINT64_MAX) == GYL_CRYPTO_OK && need != 0)
		REQUIRE(gyl_password_cap(&pw, need - 1, UINT64_MAX) == GYL_CRYPTO_E_COST);
	REQUIRE(gyl_password_cap(&pw, SIZE_MAX, 0) == GYL_CRYPTO_E_COST);
	return 0;
}
