/* SPDX-License-Identifier: ISC */
#include <gyl/crypto.h>
#include <string.h>

#include "tests/support/support.h"

/* Every code has a sentence of its own; what is no code has none. */
static void each_error_has_its_text(void **state)
{
	(void)state;
	for (int a = GYL_CRYPTO_E_OS; a <= GYL_CRYPTO_MORE; a++) {
		assert_string_not_equal(gyl_crypto_err_text(a), "unknown error");
		for (int b = a + 1; b <= GYL_CRYPTO_MORE; b++)
			assert_string_not_equal(gyl_crypto_err_text(a), gyl_crypto_err_text(b));
	}
	assert_string_equal(gyl_crypto_err_text(GYL_CRYPTO_E_OS - 1), "unknown error");
	assert_string_equal(gyl_crypto_err_text(GYL_CRYPTO_MORE + 1), "unknown error");
	assert_string_equal(gyl_crypto_err_text(INT32_MIN), "unknown error");
}

static void the_version_is_that_of_the_headers(void **state)
{
	(void)state;
	assert_int_equal(gyl_crypto_version(), GYL_CRYPTO_VERSION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_error_has_its_text),
		cmocka_unit_test(the_version_is_that_of_the_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
