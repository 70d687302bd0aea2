/* SPDX-License-Identifier: ISC */

/* How full the pools are, and when they will be. */

#include "tests/unit/dhcpd/world.h"

static struct gyl_dhcpd_pool_stat stat_of(const struct world *w, uint32_t subnet)
{
	struct gyl_dhcpd_pool_stat st;

	assert_true(gyl_dhcpd_pool_stat(w->d, w->b.now.mono_ns, subnet, &st));
	assert_int_equal(st.free + st.offered + st.leased + st.declined + st.reserved, st.size);
	return st;
}

static void the_states_of_a_pool_add_up(void **state)
{
	struct world *w = *state;
	struct gyl_dhcpd_pool_stat st;

	w->plan.host[0] = (struct plan_host){{2, 0, 0, 0, 0, 7}, POOL + 4, "kept"};
	w->plan.host[1] = (struct plan_host){{2, 0, 0, 0, 0, 8}, POOL + 40, "beside"};
	w->plan.pool[0].first = US; /* our own address lies in the pool */
	world_reload(w);
	st = stat_of(w, 0);
	assert_int_equal(st.ip, IP(10, 0, 0, 0));
	assert_int_equal(st.mask, 0xffffff00);
	assert_int_equal(st.size, 19);
	assert_int_equal(st.reserved, 2);
	assert_int_equal(st.free, 17);
	get_lease(w, (struct ask){.client = 1});
	offered(w, (struct ask){.client = 2});
	get_lease(w, (struct ask){.client = 3});
	ask(w, (struct ask){.type = GYL_DHCP_DECLINE, .client = 3, .want = w->m.hdr.yiaddr});
	st = stat_of(w, 0);
	assert_int_equal(st.leased, 1);
	assert_int_equal(st.offered, 1);
	assert_int_equal(st.declined, 1);
	assert_int_equal(st.free, 14);
	get_lease(w, (struct ask){.client = 7});
	get_lease(w, (struct ask){.client = 8});
	st = stat_of(w, 0);
	assert_int_equal(st.leased, 2);
	assert_int_equal(st.reserved, 1);
	assert_int_equal(stat_of(w, 1).size, 10);
	assert_false(gyl_dhcpd_pool_stat(w->d, 0, 2, &st));
}

static void counts_outlive_restart_and_reload(void **state)
{
	struct world *w = *state;
	struct gyl_dhcpd_pool_stat st;

	for (uint8_t i = 1; i <= 5; i++)
		get_lease(w, (struct ask){.client = i});
	offered(w, (struct ask){.client = 6});
	world_reload(w);
	st = stat_of(w, 0);
	assert_int_equal(st.leased, 5);
	assert_int_equal(st.offered, 1);
	world_start(w);
	outbox_restore(&w->b, &gyl_dhcpd_core, w->d);
	outbox_tick(&w->b, &gyl_dhcpd_core, w->d);
	st = stat_of(w, 0);
	assert_int_equal(st.leased, 5);
	assert_int_equal(st.offered, 0);
	/* They were there before: that is no growth. */
	w->b.now.mono_ns += 5 * GYL_NS_PER_MIN;
	assert_int_equal(stat_of(w, 0).growth, 0);
	assert_true(stat_of(w, 0).full_in_s == UINT32_MAX);
}

static void a_pool_that_fills_says_when_it_is_full(void **state)
{
	struct world *w = *state;
	struct gyl_dhcpd_pool_stat st;

	w->plan.pool[0].last = POOL + 199;
	world_reload(w);
	/* One a minute: 60 an hour. */
	for (uint8_t i = 1; i <= 40; i++) {
		get_lease(w, (struct ask){.client = i});
		world_pass(w, GYL_NS_PER_MIN);
	}
	st = stat_of(w, 0);
	assert_in_range(st.growth, 58, 60);
	assert_in_range(st.full_in_s, 159 * 60, 166 * 60);
	/* Nobody comes any more. */
	w->b.now.mono_ns += 15 * GYL_NS_PER_MIN;
	st = stat_of(w, 0);
	assert_in_range(st.growth, 0, 1);
	w->b.now.mono_ns += GYL_NS_PER_DAY;
	assert_true(stat_of(w, 0).full_in_s == UINT32_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_states_of_a_pool_add_up),
		T(counts_outlive_restart_and_reload),
		T(a_pool_that_fills_says_when_it_is_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
