/* SPDX-License-Identifier: ISC */

/* Addresses used against the lease table, or without a lease. */

#include "tests/unit/arpd/world.h"

#define POOL (NET + 100)

static const uint64_t grace = 31 * GYL_NS_PER_S;

static void with_pool(struct world *w)
{
	w->rules.leased.range[0] = (struct gyl_conf_range){POOL, POOL + 10};
	w->rules.leased.cnt = 1;
	make_core(w);
}

static void who_has_a_lease_is_told_quietly_and_by_name(void **state)
{
	struct world *w = *state;
	struct gyl_view name;

	lease_is(w, POOL, mac_a, "leased", "laptop");
	seen(w, POOL, mac_a);
	said(w, GYL_EV_ARPD_NEW, POOL, mac_a);
	assert_int_equal(outbox_event(&w->b, GYL_EV_ARPD_NEW)->severity, GYL_SEV_INFO);
	assert_true(gyl_event_get_str(outbox_event(&w->b, GYL_EV_ARPD_HOST), "name", &name));
	assert_true(gyl_view_eq(name, gyl_view_str("laptop")));
	after(w, grace);
	seen(w, POOL, mac_a);
	assert_true(silent(w, GYL_EV_ARPD_SPOOF));
}

static void an_address_that_is_leased_to_another_is_spoofed(void **state)
{
	struct world *w = *state;
	uint8_t holder[6];

	lease_is(w, POOL, mac_a, "leased", "");
	after(w, grace);
	seen(w, POOL, mac_b);
	said(w, GYL_EV_ARPD_SPOOF, POOL, mac_b);
	assert_true(gyl_event_get_mac(outbox_event(&w->b, GYL_EV_ARPD_SPOOF), "holder", holder));
	assert_memory_equal(holder, mac_a, 6);
	seen(w, POOL, mac_b); /* once in ten minutes */
	assert_true(silent(w, GYL_EV_ARPD_SPOOF));
	after(w, 10 * GYL_NS_PER_MIN);
	seen(w, POOL, mac_b);
	said(w, GYL_EV_ARPD_SPOOF, POOL, mac_b);
}

/* The lease goes from one to another: for a while the former one may speak. */
static void a_change_of_the_lease_has_a_grace(void **state)
{
	struct world *w = *state;

	lease_is(w, POOL, mac_a, "leased", "");
	after(w, GYL_NS_PER_HOUR);
	seen(w, POOL, mac_a);
	lease_is(w, POOL, mac_b, "leased", "");
	seen(w, POOL, mac_a);
	assert_true(silent(w, GYL_EV_ARPD_SPOOF));
	after(w, grace);
	seen(w, POOL, mac_a);
	said(w, GYL_EV_ARPD_SPOOF, POOL, mac_a);
}

static void a_lease_explains_that_an_address_moved(void **state)
{
	struct world *w = *state;

	seen(w, POOL, mac_a);
	after(w, grace);
	lease_is(w, POOL, mac_b, "leased", "");
	seen(w, POOL, mac_b);
	said(w, GYL_EV_ARPD_CHANGED, POOL, mac_b);
	assert_int_equal(outbox_event(&w->b, GYL_EV_ARPD_CHANGED)->severity, GYL_SEV_INFO);
}

static void an_address_of_the_pool_needs_a_lease(void **state)
{
	struct world *w = *state;

	with_pool(w);
	leases_are_told(w);
	after(w, grace);
	seen(w, POOL, mac_a);
	said(w, GYL_EV_ARPD_LEASELESS, POOL, mac_a);
	seen(w, NET + 50, mac_b); /* no address of the pool */
	assert_true(silent(w, GYL_EV_ARPD_LEASELESS));
	lease_is(w, POOL, mac_a, "leased", "");
	after(w, grace);
	seen(w, POOL, mac_a);
	assert_true(silent(w, GYL_EV_ARPD_LEASELESS));
	lease_is(w, POOL, mac_a, "expired", "");
	seen(w, POOL, mac_a);
	assert_true(silent(w, GYL_EV_ARPD_LEASELESS));
	after(w, grace);
	seen(w, POOL, mac_a);
	said(w, GYL_EV_ARPD_LEASELESS, POOL, mac_a);
}

static void nobody_is_judged_before_all_leases_are_known(void **state)
{
	struct world *w = *state;

	with_pool(w);
	after(w, grace);
	seen(w, POOL, mac_a);
	assert_true(silent(w, GYL_EV_ARPD_LEASELESS));
	edge(w, GYL_EV_BASE_BEGIN);
	seen(w, POOL, mac_a);
	assert_true(silent(w, GYL_EV_ARPD_LEASELESS));
	edge(w, GYL_EV_BASE_END);
	seen(w, POOL, mac_a);
	said(w, GYL_EV_ARPD_LEASELESS, POOL, mac_a);
}

/* Leases that a later snapshot does not tell are none. */
static void a_snapshot_is_the_whole_truth(void **state)
{
	struct world *w = *state;

	with_pool(w);
	lease_is(w, POOL, mac_a, "leased", "");
	lease_is(w, POOL + 1, mac_b, "leased", "");
	edge(w, GYL_EV_BASE_BEGIN);
	lease_is(w, POOL + 1, mac_b, "leased", "");
	edge(w, GYL_EV_BASE_END);
	after(w, grace);
	seen(w, POOL, mac_a);
	said(w, GYL_EV_ARPD_LEASELESS, POOL, mac_a);
	seen(w, POOL + 1, mac_b);
	assert_true(silent(w, GYL_EV_ARPD_LEASELESS));
}

/* More leases than fit: who is not in the book may have one. */
static void what_does_not_fit_is_no_reason_for_an_alarm(void **state)
{
	struct world *w = *state;
	struct gyl_arpd_stat st;

	with_pool(w);
	leases_are_told(w);
	for (uint32_t i = 0; i < 40; i++)
		lease_is(w, NET + 200 + i, mac_a, "leased", "");
	gyl_arpd_stat(w->d, &st);
	assert_int_equal(st.lease_cnt, w->cf.lease_cnt);
	after(w, grace);
	seen(w, POOL, mac_b);
	assert_true(silent(w, GYL_EV_ARPD_LEASELESS));
}

/* Old ends make room for new leases. */
static void the_book_turns_over(void **state)
{
	struct world *w = *state;
	struct gyl_arpd_stat st;

	with_pool(w);
	leases_are_told(w);
	for (uint32_t i = 0; i < 400; i++) {
		lease_is(w, NET + 200 + i, mac_a, "leased", "");
		lease_is(w, NET + 200 + i, mac_a, "released", "");
		after(w, 5 * GYL_NS_PER_S);
	}
	gyl_arpd_stat(w->d, &st);
	assert_int_equal(st.lease_cnt, 0);
	seen(w, POOL, mac_b);
	said(w, GYL_EV_ARPD_LEASELESS, POOL, mac_b);
}

static void names_come_from_dns_too(void **state)
{
	struct world *w = *state;
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_DNS_NAME);
	gyl_event_str(&e, "name", gyl_view_str("printer.event.example"));
	gyl_event_ip(&e, "ip", NET + 7);
	gyl_event_str(&e, "state", gyl_view_str("new"));
	event_in(w, &e);
	seen(w, NET + 7, mac_a);
	assert_non_null(strstr(ask(w, "arpd.hosts", "", ""), "\"name\":\"printer.event.example\""));
	gyl_event_str(&e, "state", gyl_view_str("gone"));
	event_in(w, &e);
	assert_null(strstr(ask(w, "arpd.hosts", "", ""), "printer"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(who_has_a_lease_is_told_quietly_and_by_name),
		T(an_address_that_is_leased_to_another_is_spoofed),
		T(a_change_of_the_lease_has_a_grace),
		T(a_lease_explains_that_an_address_moved),
		T(an_address_of_the_pool_needs_a_lease),
		T(nobody_is_judged_before_all_leases_are_known),
		T(a_snapshot_is_the_whole_truth),
		T(what_does_not_fit_is_no_reason_for_an_alarm),
		T(the_book_turns_over),
		T(names_come_from_dns_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
