/* SPDX-License-Identifier: ISC */

/* Putting a list into order beside a plain sort: whatever the times are, those that are alike stay
 * in the order that they came in. */

#include <stdlib.h>

#include "services/dhcpd/lease.h"
#include "tests/support/support.h"

enum {
	CNT = 9000
};

static struct gyl_dhcpd_lease lease[CNT + 1];
static uint32_t want[CNT];
static struct gyl_dhcpd_list list;
static uint64_t rng = 88172645463325252u;

static uint64_t any(uint64_t below)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return (rng >> 11) % below;
}

/* Earliest first, times before the clock's zero before it. */
static int by_time(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	int64_t s = (int64_t)lease[x].expiry_ns, t = (int64_t)lease[y].expiry_ns;

	if (s != t)
		return s < t ? -1 : 1;
	return lease[x].xid < lease[y].xid ? -1 : 1; /* when it came into the list */
}

/* cnt leases, some at the times of others, all within span of from. */
static void fill(uint32_t cnt, uint64_t from, uint64_t span)
{
	memset(lease, 0, sizeof lease);
	list = (struct gyl_dhcpd_list){0, 0, 0};
	for (uint32_t n = 0, i = 0; n < cnt; n++) {
		do {
			i = (i + 1 + (uint32_t)any(7)) % CNT + 1;
		} while (lease[i].listed);
		lease[i].xid = n;
		lease[i].expiry_ns = from + any(span);
		if (n != 0 && any(4) == 0)
			lease[i].expiry_ns = lease[want[any(n)]].expiry_ns;
		want[n] = i;
		gyl__dhcpd_list_push(&list, lease, i);
	}
}

static void expect_order(uint32_t cnt)
{
	uint32_t n = 0, before = 0;

	qsort(want, cnt, sizeof want[0], by_time);
	gyl__dhcpd_list_sort(&list, lease);
	for (uint32_t i = list.head; i != 0; before = i, i = lease[i].list_next) {
		assert_true(n < cnt);
		assert_int_equal(i, want[n]);
		assert_int_equal(lease[i].list_prev, before);
		n++;
	}
	assert_int_equal(n, cnt);
	assert_int_equal(list.cnt, cnt);
	assert_int_equal(list.tail, before);
}

static void longest_free_first(void **state)
{
	static const uint32_t cnt[] = {0, 1, 2, 3, 33, 1000, 8000};
	static const uint64_t span[] = {1, 2, 5000, UINT64_C(1) << 40, UINT64_C(1) << 62};

	(void)state;
	for (unsigned c = 0; c < sizeof cnt / sizeof cnt[0]; c++)
		for (unsigned s = 0; s < sizeof span / sizeof span[0]; s++) {
			fill(cnt[c], 0, span[s]);
			expect_order(cnt[c]);
			fill(cnt[c], (uint64_t)0 - span[s] / 2, span[s]);
			expect_order(cnt[c]);
		}
}

/* Most are of the last minute, one was free for ever: all but it are of one heap. */
static void one_of_long_ago_among_many_of_late(void **state)
{
	(void)state;
	fill(8000, UINT64_C(1) << 60, 60000);
	lease[want[4000]].expiry_ns = 0;
	expect_order(8000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(longest_free_first),
		cmocka_unit_test(one_of_long_ago_among_many_of_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
