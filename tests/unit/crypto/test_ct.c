/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/ct.h>

/* Every single differing bit is seen, wherever it is. */
static void eq(void **state)
{
	uint8_t a[33], b[33];

	(void)state;
	for (size_t i = 0; i < sizeof a; i++)
		a[i] = (uint8_t)(i * 7);
	memcpy(b, a, sizeof a);
	assert_true(gyl_ct_eq(a, b, sizeof a));
	assert_true(gyl_ct_eq(NULL, NULL, 0));
	for (size_t i = 0; i < sizeof a; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			b[i] ^= (uint8_t)(1u << bit);
			assert_false(gyl_ct_eq(a, b, sizeof a));
			assert_true(gyl_ct_eq(a, b, i));
			b[i] ^= (uint8_t)(1u << bit);
		}
	}
}

static void wipe(void **state)
{
	uint8_t p[16];

	(void)state;
	memset(p, 0xa5, sizeof p);
	gyl_wipe(p + 1, 14);
	assert_int_equal(p[0], 0xa5);
	assert_int_equal(p[15], 0xa5);
	for (size_t i = 1; i < 15; i++)
		assert_int_equal(p[i], 0);
	gyl_wipe(NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(eq),
		cmocka_unit_test(wipe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
