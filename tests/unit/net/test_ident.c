/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "libnet/src/ident.h"
#include "tests/support/support.h"

enum {
	ALL = 65536
};

/* RFC 6864 4.3: no number comes again before all others were used, whatever the seed. */
static void every_number_once(void **state)
{
	static bool seen[ALL];

	(void)state;
	for (uint64_t seed = 0; seed < 50; seed++) {
		struct gyl_ident d = gyl__ident(seed * UINT64_C(0x0123456789abcdef));
		uint16_t first = gyl__ident_next(&d);

		memset(seen, 0, sizeof seen);
		seen[first] = true;
		for (int i = 1; i < ALL; i++) {
			uint16_t id = gyl__ident_next(&d);

			assert_false(seen[id]);
			seen[id] = true;
		}
		assert_int_equal(gyl__ident_next(&d), first);
	}
}

/* Whoever sees some of them cannot count: steps are of every size. */
static void steps_tell_nothing(void **state)
{
	static uint32_t cnt[ALL];

	(void)state;
	for (uint64_t seed = 1; seed < 20; seed++) {
		struct gyl_ident d = gyl__ident(seed);
		uint16_t last = gyl__ident_next(&d);
		uint32_t most = 0;

		memset(cnt, 0, sizeof cnt);
		for (int i = 0; i < ALL; i++) {
			uint16_t id = gyl__ident_next(&d), step = (uint16_t)(id - last);

			last = id;
			if (++cnt[step] > most)
				most = cnt[step];
		}
		assert_in_range(most, 1, 64); /* of a random permutation about 9 */
	}
}

/* Another seed, another course. */
static void seeds_differ(void **state)
{
	struct gyl_ident a = gyl__ident(1), b = gyl__ident(2);
	int same = 0;

	(void)state;
	for (int i = 0; i < 1000; i++)
		same += gyl__ident_next(&a) == gyl__ident_next(&b);
	assert_in_range(same, 0, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_number_once),
		cmocka_unit_test(steps_tell_nothing),
		cmocka_unit_test(seeds_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
