/* SPDX-License-Identifier: ISC */

/* For how long leases are, and how a subnet is drained. */

#include "tests/unit/dhcpd/world.h"

static uint32_t offered_s(struct world *w, struct ask q)
{
	assert_true(offered(w, q) != 0);
	return opt_u32(w, GYL_DHCP_OPT_LEASE_TIME);
}

static uint32_t acked_s(struct world *w, struct ask q)
{
	assert_true(get_lease(w, q) != 0);
	return opt_u32(w, GYL_DHCP_OPT_LEASE_TIME);
}

static const uint8_t real[6] = {0x00, 0x16, 0x3e, 0, 0, 1};

static void a_made_up_address_has_a_short_lease(void **state)
{
	struct world *w = *state;

	w->plan.cf.random_ns = 10 * GYL_NS_PER_MIN;
	w->plan.host[0] = (struct plan_host){{2, 0, 0, 0, 0, 7}, POOL + 7, "kept"};
	world_reload(w);
	assert_int_equal(acked_s(w, (struct ask){.mac = real}), 3600);
	assert_int_equal(acked_s(w, (struct ask){.client = 1}), 600);
	assert_int_equal(acked_s(w, (struct ask){.client = 2, .lease = 7200}), 600);
	assert_int_equal(acked_s(w, (struct ask){.client = 3, .lease = 120}), 120);
	/* It is somebody's own. */
	assert_int_equal(acked_s(w, (struct ask){.client = 7}), 3600);
}

static void above_the_mark_leases_are_short(void **state)
{
	struct world *w = *state;

	w->plan.cf.full_ns = 5 * GYL_NS_PER_MIN;
	w->plan.cf.full_mark = 80;
	world_reload(w);
	for (uint8_t i = 1; i <= 8; i++)
		assert_int_equal(acked_s(w, (struct ask){.client = i}), 3600);
	assert_int_equal(acked_s(w, (struct ask){.client = 9}), 300);
	/* Also those that were given before, when they renew. */
	assert_int_equal(
		request(w, (struct ask){.client = 1, .xid = 5, .ciaddr = POOL, .unicast = true}),
		GYL_DHCP_ACK);
	assert_int_equal(opt_u32(w, GYL_DHCP_OPT_LEASE_TIME), 300);
	assert_int_equal(offered_s(w, (struct ask){.client = 1, .giaddr = RELAY}), 3600);
}

static void a_subnet_has_times_of_its_own(void **state)
{
	struct world *w = *state;

	w->plan.cf.random_ns = 10 * GYL_NS_PER_MIN;
	w->plan.no_far = true;
	w->plan.subnet[0] = (struct plan_subnet){.ip = IP(10, 1, 0, 0),
		.len = 24,
		.pool = {{FAR_POOL, FAR_POOL + 9}},
		.cf = {.random_ns = 2 * GYL_NS_PER_MIN, .lease_ns = 2 * GYL_NS_PER_HOUR}};
	world_reload(w);
	assert_int_equal(acked_s(w, (struct ask){.client = 1}), 600);
	assert_int_equal(acked_s(w, (struct ask){.client = 1, .giaddr = RELAY}), 120);
	assert_int_equal(acked_s(w, (struct ask){.mac = real, .giaddr = RELAY}), 7200);
}

static void what_is_offered_is_acknowledged(void **state)
{
	struct world *w = *state;
	struct ask q = {.type = GYL_DHCP_REQUEST, .client = 9, .server = US};

	w->plan.cf.full_ns = 5 * GYL_NS_PER_MIN;
	w->plan.cf.full_mark = 80;
	world_reload(w);
	/* Below the mark when it was offered, above it when it is taken. */
	assert_int_equal(offered_s(w, (struct ask){.client = 9}), 3600);
	q.want = w->m.hdr.yiaddr;
	for (uint8_t i = 1; i <= 8; i++)
		get_lease(w, (struct ask){.client = i});
	assert_true(ask(w, q));
	assert_int_equal(w->m.type, GYL_DHCP_ACK);
	assert_int_equal(opt_u32(w, GYL_DHCP_OPT_LEASE_TIME), 3600);
	/* Not more than that was offered, whatever the REQUEST says; less may be asked for. */
	offered_s(w, (struct ask){.client = 1, .giaddr = RELAY, .lease = 900});
	q = (struct ask){.type = GYL_DHCP_REQUEST,
		.client = 1,
		.giaddr = RELAY,
		.server = US,
		.want = w->m.hdr.yiaddr,
		.lease = UINT32_MAX};
	assert_true(ask(w, q));
	assert_int_equal(opt_u32(w, GYL_DHCP_OPT_LEASE_TIME), 900);
	q.xid = 77;
	q.lease = 300;
	assert_true(ask(w, q));
	assert_int_equal(opt_u32(w, GYL_DHCP_OPT_LEASE_TIME), 300);
}

static void an_endless_lease_is_bounded(void **state)
{
	struct world *w = *state;

	assert_int_equal(acked_s(w, (struct ask){.client = 1, .lease = UINT32_MAX}), 86400);
	assert_int_equal(acked_s(w, (struct ask){.client = 2, .lease = 1}), 60);
}

/* ---- draining ---- */

/* Two subnets on one link; the first one is drained. */
static void renumber(struct world *w)
{
	w->plan.no_far = true;
	w->plan.subnet[0] = (struct plan_subnet){.ip = IP(10, 1, 0, 0),
		.len = 24,
		.shared = "hall",
		.pool = {{FAR_POOL, FAR_POOL + 9}}};
	w->plan.subnet[1] = (struct plan_subnet){.ip = IP(10, 2, 0, 0),
		.len = 24,
		.shared = "hall",
		.pool = {{IP(10, 2, 0, 10), IP(10, 2, 0, 19)}}};
	world_start(w);
	for (uint8_t i = 1; i <= 3; i++)
		assert_int_equal(get_lease(w, (struct ask){.client = i, .giaddr = RELAY}),
			FAR_POOL + i - 1u);
	w->plan.subnet[0].cf.drain = true;
	world_reload(w);
}

static void who_is_drained_is_sent_to_the_other_subnet(void **state)
{
	struct world *w = *state;

	renumber(w);
	/* Renewing, rebinding through the relay, after a reboot: go and ask anew. */
	assert_int_equal(request(w, (struct ask){.client = 1, .ciaddr = FAR_POOL, .giaddr = RELAY}),
		GYL_DHCP_NAK);
	assert_int_equal(
		request(w, (struct ask){.client = 2, .want = FAR_POOL + 1, .giaddr = RELAY}),
		GYL_DHCP_NAK);
	for (uint8_t i = 1; i <= 2; i++)
		assert_int_equal(get_lease(w, (struct ask){.client = i, .giaddr = RELAY}) >> 8,
			IP(0, 10, 2, 0));
	/* What they had is free, and stays so. */
	assert_int_equal(state_of(w, FAR_POOL), GYL_DHCPD_FREE);
	assert_int_equal(
		offered(w, (struct ask){.client = 8, .want = FAR_POOL, .giaddr = RELAY}) >> 8,
		IP(0, 10, 2, 0));
	/* One that discovers without having been refused moves, too. */
	assert_int_equal(
		get_lease(w, (struct ask){.client = 3, .giaddr = RELAY}) >> 8, IP(0, 10, 2, 0));
	/* It is over: as before. */
	w->plan.subnet[0].cf.drain = false;
	world_reload(w);
	assert_int_equal(
		offered(w, (struct ask){.client = 9, .giaddr = RELAY}) >> 8, IP(0, 10, 1, 0));
}

static void without_room_beside_leases_are_short(void **state)
{
	struct world *w = *state;

	w->plan.no_far = true;
	w->plan.subnet[0] = (struct plan_subnet){
		.ip = IP(10, 1, 0, 0), .len = 24, .pool = {{FAR_POOL, FAR_POOL + 9}}};
	world_start(w);
	assert_int_equal(acked_s(w, (struct ask){.client = 1, .giaddr = RELAY}), 3600);
	w->plan.subnet[0].cf.drain = true;
	world_reload(w);
	assert_int_equal(
		request(w,
			(struct ask){.client = 1, .xid = 5, .ciaddr = FAR_POOL, .giaddr = RELAY}),
		GYL_DHCP_ACK);
	assert_int_equal(opt_u32(w, GYL_DHCP_OPT_LEASE_TIME), 60);
	w->plan.subnet[0].cf.full_ns = 2 * GYL_NS_PER_MIN;
	world_reload(w);
	assert_int_equal(acked_s(w, (struct ask){.client = 1, .xid = 6, .giaddr = RELAY}), 120);
	/* Nobody comes in. */
	assert_int_equal(offered(w, (struct ask){.client = 2, .giaddr = RELAY}), 0);
	assert_int_equal(
		offered(w, (struct ask){.client = 2, .giaddr = RELAY, .want = FAR_POOL + 5}), 0);
}

/* Nothing of it can be full. */
static void a_subnet_of_reservations_alone_is_never_full(void **state)
{
	struct world *w = *state;

	w->plan.cf.full_ns = 5 * GYL_NS_PER_MIN;
	w->plan.cf.full_mark = 80;
	w->plan.subnet[0] = (struct plan_subnet){.ip = IP(10, 2, 0, 0),
		.len = 24,
		.host = {{.host = {{2, 0, 0, 0, 0, 1}, IP(10, 2, 0, 5), NULL}}}};
	world_start(w);
	assert_int_equal(acked_s(w, (struct ask){.client = 1, .giaddr = IP(10, 2, 0, 1)}), 3600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_made_up_address_has_a_short_lease),
		T(above_the_mark_leases_are_short),
		T(a_subnet_has_times_of_its_own),
		T(what_is_offered_is_acknowledged),
		T(an_endless_lease_is_bounded),
		T(who_is_drained_is_sent_to_the_other_subnet),
		T(without_room_beside_leases_are_short),
		T(a_subnet_of_reservations_alone_is_never_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
