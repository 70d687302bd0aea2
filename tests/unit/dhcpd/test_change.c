/* SPDX-License-Identifier: ISC */

/* A new configuration is taken up in slices: wherever they are cut, what comes of it is the same,
 * and nobody sees it half done. */

#include "services/base/question.h"
#include "tests/unit/dhcpd/recount.h"
#include "tests/unit/dhcpd/steer_world.h"

enum {
	SECOND = 0x0a020005 /* 10.2.0.5 */
};

/* Leases in all states, reservations in pools and outside, and some of no pool later. */
static void furnish(struct world *w)
{
	struct ask second = {.giaddr = IP(10, 2, 0, 1)};

	w->plan.subnet[0] = (struct plan_subnet){
		.ip = IP(10, 2, 0, 0), .len = 24, .pool = {{SECOND, SECOND + 4}}};
	w->plan.host[0] = (struct plan_host){{2, 0, 0, 0, 0, 9}, POOL + 5, "nine"};
	w->plan.host[1] = (struct plan_host){{2, 0, 0, 0, 0, 8}, IP(10, 0, 0, 200), "eight"};
	w->plan.host[2] = (struct plan_host){{2, 0, 0, 0, 0, 7}, IP(10, 0, 0, 100), "seven"};
	world_start(w);
	for (uint8_t i = 1; i <= 3; i++) {
		second.client = (uint8_t)(20 + i);
		assert_true(get_lease(w, (struct ask){.client = i}) != 0);
		assert_true(get_lease(w, second) != 0);
	}
	assert_int_equal(get_lease(w, (struct ask){.client = 8}), IP(10, 0, 0, 200));
	assert_int_equal(get_lease(w, (struct ask){.client = 9}), POOL + 5);
	assert_true(offered(w, (struct ask){.client = 4}) != 0);
	(void)request(w, (struct ask){.client = 2}); /* heard */
	second.client = 21;
	second.type = GYL_DHCP_RELEASE;
	second.ciaddr = SECOND;
	second.server = US;
	(void)ask(w, second);
	recount(w->d);
}

static const struct gyl_flat *next_plan(struct world *w)
{
	w->plan.subnet[0].pool[0].last = SECOND + 1; /* one lease is of no pool now */
	w->plan.subnet[1] = (struct plan_subnet){
		.ip = IP(9, 0, 0, 0), .len = 8, .pool = {{IP(9, 0, 0, 9), IP(9, 0, 0, 20)}}};
	w->plan.host[1].mac[0] = 0; /* the first and the third stay */
	w->plan.host[1] = w->plan.host[2];
	memset(&w->plan.host[2], 0, sizeof w->plan.host[2]);
	return plan_make(&w->plan, w->flat);
}

static void expect_next(struct world *w)
{
	struct ask second = {.client = 22, .giaddr = IP(10, 2, 0, 1), .ciaddr = SECOND + 1};

	recount(w->d);
	assert_int_equal(request(w, second), GYL_DHCP_ACK);
	assert_int_equal(state_of(w, POOL + 5), GYL_DHCPD_LEASED);
	assert_null(gyl_dhcpd_lease_at(w->d, IP(10, 0, 0, 200)));
	assert_int_equal(offered(w, (struct ask){.client = 7}), IP(10, 0, 0, 100));
	recount(w->d);
}

static void wherever_it_is_cut(void **state)
{
	struct world *w = *state;
	struct plan plan = w->plan;
	uint8_t text[200];
	struct gyl_writer why;

	for (uint32_t cost = 1; cost < 400; cost += 1 + cost / 8) {
		enum gyl_dhcpd_progress p;
		unsigned slices = 0;

		w->plan = plan;
		furnish(w);
		gyl__dhcpd_change_begin(w->d, next_plan(w));
		do {
			gyl_writer_init(&why, text, sizeof text);
			p = gyl__dhcpd_change_go_on(w->d, cost, &why);
			slices++;
			if (p == GYL_DHCPD_MORE && !w->d->change.switching)
				recount(w->d); /* the old one is as it was */
		} while (p == GYL_DHCPD_MORE);
		assert_int_equal(p, GYL_DHCPD_DONE);
		assert_true(slices > 1 || cost > 64);
		expect_next(w);
	}
}

/* The old configuration serves on until leases begin to change their places. */
static void messages_wait_for_a_switch_alone(void **state)
{
	struct world *w = *state;
	struct ask q = {.client = 5};
	uint8_t buf[1500], text[200];
	struct gyl_in in = {.kind = GYL_IN_DGRAM, .peer = ask_peer(&q)};
	struct gyl_question question = {.verb = gyl_view_str("dhcp.pools")};
	struct gyl_in asked = {.kind = GYL_IN_ASK, .question = &question};
	struct gyl_dhcpd_pool_stat before, during;
	struct gyl_writer why;

	furnish(w);
	assert_true(gyl_dhcpd_pool_stat(w->d, w->b.now.mono_ns, 0, &before));
	q.type = GYL_DHCP_DISCOVER;
	in.data = gyl_view(buf, ask_build(&q, buf, sizeof buf));
	gyl_writer_init(&why, text, sizeof text);
	gyl__dhcpd_change_begin(w->d, next_plan(w));
	while (!w->d->change.switching) {
		assert_int_equal(gyl_dhcpd_core.deadline_ns(w->d), 0);
		assert_int_equal(outbox_input(&w->b, &gyl_dhcpd_core, w->d, &in, 1), 1);
		assert_int_equal(w->b.out.send_cnt, 1);
		assert_int_equal(outbox_input(&w->b, &gyl_dhcpd_core, w->d, &asked, 1), 0);
		assert_int_equal(gyl__dhcpd_change_go_on(w->d, 1, &why), GYL_DHCPD_MORE);
	}
	for (unsigned i = 0; i < 12; i++) {
		assert_int_equal(outbox_input(&w->b, &gyl_dhcpd_core, w->d, &in, 1), 0);
		assert_true(gyl_dhcpd_pool_stat(w->d, w->b.now.mono_ns, 0, &during));
		assert_int_equal(during.ip, before.ip);
		assert_int_equal(during.leased, before.leased);
		assert_int_equal(gyl__dhcpd_change_go_on(w->d, 1, &why), GYL_DHCPD_MORE);
	}
	world_pass(w, 0);
	assert_int_equal(outbox_input(&w->b, &gyl_dhcpd_core, w->d, &in, 1), 1);
	assert_int_equal(w->b.out.send_cnt, 1);
	assert_true(gyl_dhcpd_core.deadline_ns(w->d) > w->b.now.mono_ns);
	expect_next(w);
}

/* Before a switch the newer one goes on alone, amidst one it comes after. */
static void the_last_of_two_configurations_counts(void **state)
{
	static uint8_t other[PLAN_LEN] __attribute__((aligned(16)));
	struct world *w = *state;
	struct plan plan = w->plan;
	struct gyl_in in = {.kind = GYL_IN_DATA, .key = gyl_view_str("conf")};
	uint8_t text[200];
	struct gyl_writer why;

	for (unsigned switching = 0; switching < 2; switching++) {
		const struct gyl_flat *f;

		w->plan = plan;
		furnish(w);
		w->plan.host[0].address = POOL + 6;
		gyl__dhcpd_change_begin(w->d, plan_make(&w->plan, other));
		gyl_writer_init(&why, text, sizeof text);
		while (w->d->change.switching != (switching != 0))
			assert_int_equal(gyl__dhcpd_change_go_on(w->d, 1, &why), GYL_DHCPD_MORE);
		w->plan.host[0].address = POOL + 5;
		f = next_plan(w);
		in.data = gyl_view(f, f->len);
		assert_int_equal(outbox_input(&w->b, &gyl_dhcpd_core, w->d, &in, 1), 1);
		memset(other, 0xee, switching ? sizeof other : 0);
		world_pass(w, 0);
		expect_next(w);
	}
}

/* What is wrong is told when it is found. */
static void a_wrong_one_is_refused_in_a_tick(void **state)
{
	struct world *w = *state;

	furnish(w);
	w->plan.host[0].address = IP(10, 9, 9, 9);
	gyl__dhcpd_change_begin(w->d, plan_make(&w->plan, w->flat));
	outbox_tick(&w->b, &gyl_dhcpd_core, w->d);
	assert_true(has_event(w, GYL_EV_BASE_REFUSED));
	assert_false(w->d->change.on);
	recount(w->d);
	assert_int_equal(request(w, (struct ask){.client = 9, .ciaddr = POOL + 5}), GYL_DHCP_ACK);
}

/* ---- reservations beside the pools, in place ---- */

static const uint32_t beside[] = {IP(9, 0, 0, 1), IP(10, 0, 0, 2), IP(10, 0, 0, 20),
	IP(10, 0, 0, 100), IP(10, 0, 0, 200), IP(10, 1, 0, 9), IP(10, 2, 0, 1), IP(10, 2, 0, 99)};

static void change_one(struct world *w, struct steer *s, uint8_t client, uint32_t ip, bool want)
{
	char args[100];

	snprintf(args, sizeof args, "mac=02:00:00:00:00:%02x ip=%u.%u.%u.%u", client, ip >> 24,
		ip >> 16 & 255, ip >> 8 & 255, ip & 255);
	if (!want)
		*strchr(args, ' ') = '\0';
	(void)steer(w, s, want ? "dhcp.reserve" : "dhcp.unreserve", args);
}

static void expect_ranges(const struct world *w)
{
	const struct gyl_dhcpd_layout *y = w->d->layout;

	for (uint32_t i = 1; i < y->cnt.range_cnt; i++)
		assert_true(y->range[i - 1].last < y->range[i].first);
	for (size_t i = 0; i < TEST_CNT(beside); i++) {
		bool is = false;

		for (uint32_t n = 0; n < w->d->live.host_cnt; n++)
			is = is || w->d->live.host[n].address == beside[i];
		assert_int_equal(gyl__dhcpd_layout_range(y, beside[i]) != NULL, is);
	}
	for (uint32_t i = 0; i < y->cnt.range_cnt; i++) {
		const struct gyl_dhcpd_subnet *s = &y->subnet[y->range[i].subnet];

		assert_in_range(i, s->range_first, s->range_first + s->range_cnt - 1);
	}
}

/* Whatever comes and goes, the pools give all of their addresses. */
static void expect_pools(struct world *w)
{
	static const uint32_t giaddr[] = {0, RELAY, IP(10, 2, 0, 1)};
	const struct gyl_dhcpd_layout *y = w->d->layout;

	for (uint8_t i = 0; i < 90; i++)
		(void)get_lease(w, (struct ask){.client = (uint8_t)(100 + i),
					   .giaddr = giaddr[i % TEST_CNT(giaddr)]});
	for (uint32_t i = 0; i < y->cnt.range_cnt; i++)
		for (uint32_t ip = y->range[i].first; ip <= y->range[i].last; ip++)
			assert_true(gyl__dhcpd_slot(w->d, ip) != 0);
}

static void reservations_beside_the_pools_come_and_go(void **state)
{
	struct world *w = *state;
	static struct steer s;
	uint32_t random = 1;

	w->plan.cf.share_relay = 100;
	w->plan.subnet[0] = (struct plan_subnet){
		.ip = IP(10, 2, 0, 0), .len = 24, .pool = {{SECOND, SECOND + 4}}};
	w->plan.subnet[1] = (struct plan_subnet){.ip = IP(9, 0, 0, 0), .len = 24};
	world_start(w);
	for (unsigned i = 0; i < 3000; i++) {
		uint32_t ip;
		uint8_t client;

		random = random * 1664525 + 1013904223;
		ip = beside[random >> 24 & 7];
		client = (uint8_t)(1 + (random >> 20 & 7));
		change_one(w, &s, client, ip, (random >> 16 & 3) != 0);
		if ((random >> 12 & 3) == 0)
			(void)get_lease(w, (struct ask){.client = client,
						   .giaddr = random >> 11 & 1 ? RELAY : 0});
		if ((random >> 8 & 31) == 0)
			world_pass(w, 2 * GYL_NS_PER_HOUR);
		if ((random >> 8 & 255) == 1)
			world_reload(w);
		recount(w->d);
		expect_ranges(w);
	}
}

/* The pools were not begun when ranges before and behind them came and went. */
static void the_next_address_is_not_lost(void **state)
{
	struct world *w = *state;
	static struct steer s;
	uint32_t random = 1;

	w->plan.cf.share_relay = 100;
	w->plan.subnet[0] = (struct plan_subnet){
		.ip = IP(10, 2, 0, 0), .len = 24, .pool = {{SECOND, SECOND + 4}}};
	for (unsigned round = 0; round < 40; round++) {
		world_start(w);
		(void)get_lease(w, (struct ask){.client = 90});
		for (unsigned i = 0; i < 20; i++) {
			random = random * 1664525 + 1013904223;
			change_one(w, &s, (uint8_t)(1 + (random >> 21 & 3)),
				beside[1 + (random >> 24) % 7], (random >> 16 & 1) != 0);
		}
		expect_pools(w);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(wherever_it_is_cut),
		T(messages_wait_for_a_switch_alone),
		T(the_last_of_two_configurations_counts),
		T(a_wrong_one_is_refused_in_a_tick),
		T(reservations_beside_the_pools_come_and_go),
		T(the_next_address_is_not_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
