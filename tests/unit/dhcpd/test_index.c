/* SPDX-License-Identifier: ISC */

/* An index beside a plain walk over all slots: whatever is added and dropped in whatever order is
 * found, all of it and nothing else. */

#include <stdlib.h>

#include "services/dhcpd/index.h"
#include "tests/support/support.h"

enum {
	CNT = 6000,
	STEPS = 60000
};

static struct gyl_dhcpd_index ix;
static struct gyl_dhcpd_lease lease[CNT + 1];
static bool in[CNT + 1];
static uint32_t in_cnt;
static uint64_t rng = 88172645463325252u;

static uint32_t any(uint32_t below)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return (uint32_t)(rng >> 11) % below;
}

static void *index_open(void)
{
	void *mem = calloc(1, gyl__dhcpd_index_need(CNT));

	assert_non_null(mem);
	memset(lease, 0, sizeof lease);
	memset(in, 0, sizeof in);
	in_cnt = 0;
	gyl__dhcpd_index_init(&ix, mem, CNT, lease, offsetof(struct gyl_dhcpd_lease, name_hash));
	return mem;
}

/* Homes at both ends of the table, and hashes that many have. */
static uint32_t some_hash(void)
{
	switch (any(4)) {
	case 0:
		return any(30);
	case 1:
		return UINT32_MAX - any(30);
	default:
		return any(UINT32_MAX);
	}
}

static void turn(uint32_t i)
{
	if (in[i]) {
		gyl__dhcpd_index_drop(&ix, i);
		in_cnt--;
	} else {
		lease[i].name_hash = some_hash();
		gyl__dhcpd_index_add(&ix, i);
		in_cnt++;
	}
	in[i] = !in[i];
	assert_int_equal(ix.cnt, in_cnt);
}

static void expect_hash(uint32_t hash)
{
	struct gyl_dhcpd_walk w = gyl__dhcpd_index_walk(&ix, hash);
	uint32_t found = 0, all = 0, i;

	while ((i = gyl__dhcpd_index_next(&w)) != 0) {
		assert_true(in[i] && lease[i].name_hash == hash);
		found++;
	}
	for (i = 1; i <= CNT; i++)
		all += in[i] && lease[i].name_hash == hash;
	assert_int_equal(found, all);
}

/* It begins small and grows to all slots that there can be. */
static void what_is_added_is_found_until_it_is_dropped(void **state)
{
	void *mem = index_open();

	(void)state;
	for (unsigned n = 0; n < STEPS; n++) {
		uint32_t i = 1 + any(n < STEPS / 2 ? 300 + n / 4 % CNT : CNT);

		i = i > CNT ? CNT : i;
		turn(i);
		if (n % 16 != 0)
			continue;
		expect_hash(lease[i].name_hash);
		expect_hash(some_hash());
	}
	for (uint32_t i = 1; i <= CNT; i++)
		if (!in[i])
			turn(i);
	assert_int_equal(ix.mask, ix.mask_max);
	for (uint32_t i = 1; i <= CNT; i += 7)
		expect_hash(lease[i].name_hash);
	for (uint32_t i = 1; i <= CNT; i++)
		turn(i);
	for (uint32_t i = 0; i <= ix.mask; i++)
		assert_int_equal(ix.entry[i], 0);
	free(mem);
}

static void an_index_that_is_cleared_is_empty(void **state)
{
	void *mem = index_open();

	(void)state;
	for (uint32_t i = 1; i <= CNT; i++)
		turn(i);
	gyl__dhcpd_index_clear(&ix, 10);
	assert_int_equal(ix.cnt, 0);
	for (uint32_t i = 1; i <= CNT; i++) {
		struct gyl_dhcpd_walk w = gyl__dhcpd_index_walk(&ix, lease[i].name_hash);

		assert_int_equal(gyl__dhcpd_index_next(&w), 0);
	}
	memset(in, 0, sizeof in);
	in_cnt = 0;
	for (uint32_t i = 1; i <= CNT; i++)
		turn(i);
	expect_hash(lease[1].name_hash);
	free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_added_is_found_until_it_is_dropped),
		cmocka_unit_test(an_index_that_is_cleared_is_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
