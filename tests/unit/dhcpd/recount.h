/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_DHCPD_RECOUNT_H
#define GYL_TESTS_DHCPD_RECOUNT_H

/* What holds for the address policy at any time, looked up in the slots themselves. */

#include "services/dhcpd/state.h"
#include "tests/unit/dhcpd/world.h"

static inline void recount_slot(const struct gyl_dhcpd *d, uint32_t i)
{
	const struct gyl_dhcpd_lease *l = &d->lease[i];
	uint32_t circuit = 0, relay = 0, at = d->budget.link_bucket[l->link & d->budget.link_mask];

	while (at != i && at != 0)
		at = d->lease[at].link_chain;
	assert_int_equal(at, l->link == 0 ? 0 : i);
	if (!l->pooled)
		return;
	for (uint32_t n = 1; n <= d->slot_cnt; n++) {
		const struct gyl_dhcpd_lease *m = &d->lease[n];

		if (!m->charged || !m->pooled || !gyl__dhcpd_same_link(d, m->subnet, l->subnet))
			continue;
		relay += m->giaddr == l->giaddr;
		circuit += m->circuit == l->circuit && l->circuit != 0;
	}
	assert_int_equal(gyl__dhcpd_budget_relay(d, l->subnet, l->giaddr), relay);
	if (l->circuit != 0)
		assert_int_equal(gyl__dhcpd_budget_circuit(d, l->subnet, l->circuit), circuit);
}

/* What is charged, and to whom, is what a recount gives; checked addresses are free. */
static inline void recount(const struct gyl_dhcpd *d)
{
	for (uint32_t i = 1; i <= d->slot_cnt; i++) {
		const struct gyl_dhcpd_lease *l = &d->lease[i];
		bool used = l->ip != 0 && l->state != GYL_DHCPD_FREE &&
			    l->state != GYL_DHCPD_OURS && !l->dropped;

		assert_int_equal(l->charged, used);
		if (used)
			recount_slot(d, i);
		if (l->checked)
			assert_true(l->state == GYL_DHCPD_FREE && l->host == 0 && l->listed);
	}
	for (uint32_t i = 0; i < d->layout->cnt.subnet_cnt; i++) {
		struct gyl_dhcpd_pool_stat st;

		assert_true(gyl_dhcpd_pool_stat(d, d->mono_ns, i, &st));
		assert_int_equal(
			st.free + st.offered + st.leased + st.declined + st.reserved, st.size);
	}
}

#endif
