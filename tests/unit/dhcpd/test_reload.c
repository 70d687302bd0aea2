/* SPDX-License-Identifier: ISC */

/* A new configuration while leases are out: nothing that a client was promised is lost, and nothing
 * is given twice. */

#include "tests/unit/dhcpd/world.h"

enum {
	SECOND = 0x0a020005 /* 10.2.0.5 */
};

static const struct ask second = {.giaddr = IP(10, 2, 0, 1)};

static void with_second(struct world *w, uint32_t cnt)
{
	w->plan.subnet[0] = (struct plan_subnet){
		.ip = IP(10, 2, 0, 0), .len = 24, .pool = {{SECOND, SECOND + cnt - 1}}};
}

static struct ask from(struct ask q, uint8_t client)
{
	q.client = client;
	return q;
}

static unsigned renew(struct world *w, struct ask q, uint32_t ip)
{
	q.ciaddr = ip;
	return request(w, q);
}

static void a_subnet_that_vanishes_and_comes_back(void **state)
{
	struct world *w = *state;

	with_second(w, 2);
	world_start(w);
	assert_int_equal(get_lease(w, from(second, 1)), SECOND);
	w->plan.subnet[0].ip = 0;
	world_reload(w);
	/* Nobody is served there, and nobody else gets it. */
	assert_int_equal(renew(w, from(second, 1), SECOND), 0);
	assert_int_equal(offered(w, from(second, 2)), 0);
	with_second(w, 2);
	world_reload(w);
	assert_int_equal(state_of(w, SECOND), GYL_DHCPD_LEASED);
	assert_int_equal(offered(w, from(second, 2)), SECOND + 1);
	assert_int_equal(renew(w, from(second, 1), SECOND), GYL_DHCP_ACK);
	/* A lease that ends while its subnet is away is free when it is back. */
	w->plan.subnet[0].ip = 0;
	world_reload(w);
	world_pass(w, 2 * GYL_NS_PER_HOUR);
	with_second(w, 1);
	world_reload(w);
	assert_int_equal(get_lease(w, from(second, 3)), SECOND);
}

static void subnets_that_change_their_numbers(void **state)
{
	struct world *w = *state;
	uint32_t far;

	with_second(w, 2);
	world_start(w);
	assert_int_equal(get_lease(w, from(second, 1)), SECOND);
	far = get_lease(w, (struct ask){.client = 2, .giaddr = RELAY});
	w->plan.no_far = true; /* the second becomes what the far one was */
	world_reload(w);
	assert_int_equal(renew(w, from(second, 1), SECOND), GYL_DHCP_ACK);
	expect_opt(w, GYL_DHCP_OPT_SUBNET_MASK, "ffffff00");
	w->plan.no_far = false;
	w->plan.subnet[1] = (struct plan_subnet){.ip = IP(9, 0, 0, 0), .len = 8};
	world_reload(w);
	assert_int_equal(renew(w, from(second, 1), SECOND), GYL_DHCP_ACK);
	assert_int_equal(renew(w, (struct ask){.client = 2, .giaddr = RELAY}, far), GYL_DHCP_ACK);
}

static void a_pool_that_shrinks(void **state)
{
	struct world *w = *state;

	for (uint8_t i = 1; i <= 4; i++)
		assert_int_equal(get_lease(w, (struct ask){.client = i}), POOL + i - 1u);
	w->plan.pool[0].last = POOL + 1;
	world_reload(w);
	/* Who is outside goes when it asks us, and finds no place. */
	assert_int_equal(
		renew(w, (struct ask){.client = 4, .unicast = true}, POOL + 3), GYL_DHCP_NAK);
	assert_int_equal(offered(w, (struct ask){.client = 4}), 0);
	assert_int_equal(renew(w, (struct ask){.client = 2}, POOL + 1), GYL_DHCP_ACK);
	/* What is promised stays so until it ends, should the pool grow again. */
	w->plan.pool[0].last = POOL + 9;
	world_reload(w);
	assert_int_equal(state_of(w, POOL + 2), GYL_DHCPD_LEASED);
	assert_int_equal(offered(w, (struct ask){.client = 9, .want = POOL + 2}), POOL + 4);
	assert_int_equal(renew(w, (struct ask){.client = 3}, POOL + 2), GYL_DHCP_ACK);
}

static void a_pool_that_moves_into_another_subnet(void **state)
{
	struct world *w = *state;
	struct gyl_dhcpd_pool_stat st;

	with_second(w, 4);
	world_start(w);
	assert_int_equal(get_lease(w, from(second, 1)), SECOND);
	w->plan.subnet[0].ip = IP(10, 2, 0, 4);
	w->plan.subnet[0].len = 30;
	w->plan.subnet[0].pool[0].last = SECOND + 1;
	world_reload(w);
	assert_int_equal(
		renew(w, (struct ask){.client = 1, .giaddr = SECOND + 1}, SECOND), GYL_DHCP_ACK);
	expect_opt(w, GYL_DHCP_OPT_SUBNET_MASK, "fffffffc");
	assert_true(gyl_dhcpd_pool_stat(w->d, w->b.now.mono_ns, 2, &st));
	assert_int_equal(st.leased, 1);
	assert_int_equal(st.size, 2);
}

/* Two leases on two links of one client are one too many when the links become one. */
static void links_that_become_one(void **state)
{
	struct world *w = *state;
	struct ask q = {.client = 1, .giaddr = IP(10, 3, 0, 1)};

	with_second(w, 2);
	w->plan.subnet[1] = (struct plan_subnet){
		.ip = IP(10, 3, 0, 0), .len = 24, .pool = {{IP(10, 3, 0, 5), IP(10, 3, 0, 6)}}};
	world_start(w);
	assert_int_equal(get_lease(w, from(second, 1)), SECOND);
	assert_int_equal(get_lease(w, q), IP(10, 3, 0, 5));
	w->plan.subnet[0].shared = w->plan.subnet[1].shared = "hall";
	world_reload(w);
	world_pass(w, GYL_NS_PER_MIN);
	assert_int_equal(renew(w, q, IP(10, 3, 0, 5)), GYL_DHCP_ACK);
	assert_int_equal(state_of(w, SECOND), GYL_DHCPD_FREE);
	assert_int_equal(get_lease(w, from(q, 2)), IP(10, 3, 0, 6));
	assert_int_equal(get_lease(w, from(q, 3)), SECOND + 1);
	assert_int_equal(get_lease(w, from(q, 4)), SECOND);
}

static void a_reservation_that_appears_and_goes(void **state)
{
	struct world *w = *state;

	assert_int_equal(get_lease(w, (struct ask){.client = 2}), POOL);
	w->plan.host[0] = (struct plan_host){{2, 0, 0, 0, 0, 1}, POOL, NULL};
	world_reload(w);
	/* Its owner waits with another address until the holder is gone. */
	assert_int_equal(get_lease(w, (struct ask){.client = 1}), POOL + 1);
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_LEASED);
	assert_int_equal(renew(w, (struct ask){.client = 2}, POOL), GYL_DHCP_NAK);
	assert_int_equal(get_lease(w, (struct ask){.client = 2}), POOL + 2);
	assert_int_equal(renew(w, (struct ask){.client = 1}, POOL + 1), GYL_DHCP_NAK);
	assert_int_equal(get_lease(w, (struct ask){.client = 1}), POOL);
	w->plan.host[0].mac[0] = 0;
	memset(w->plan.host, 0, sizeof w->plan.host);
	world_reload(w);
	assert_int_equal(renew(w, (struct ask){.client = 1}, POOL), GYL_DHCP_ACK);
	ask(w, (struct ask){.type = GYL_DHCP_RELEASE, .client = 1, .ciaddr = POOL});
	assert_int_equal(offered(w, (struct ask){.client = 3, .want = POOL}), POOL);
}

static void what_cannot_be_changes_nothing(void **state)
{
	struct world *w = *state;

	with_second(w, 2);
	w->plan.class[0] = (struct plan_class){
		.name = "phones", .vendor_class = "70", .pool = {{POOL + 20, POOL + 20}}};
	world_start(w);
	assert_int_equal(get_lease(w, from(second, 1)), SECOND);
	w->plan.class[0].pool[0] = (struct gyl_conf_range){IP(172, 16, 0, 1), IP(172, 16, 0, 1)};
	w->plan.subnet[0].ip = 0;
	world_reload(w);
	assert_true(has_event(w, GYL_EV_BASE_REFUSED));
	assert_string_equal(event_str(w, GYL_EV_BASE_REFUSED, "reason"),
		"the pool of a class lies in none of the subnets: 172.16.0.1");
	assert_int_equal(renew(w, from(second, 1), SECOND), GYL_DHCP_ACK);
	assert_int_equal(offered(w, (struct ask){.client = 5, .more = "3c01 70"}), POOL + 20);
}

/* RFC 1122 3.2.1.3: no host has them, in the networks of our own addresses neither. */
static void the_edges_of_a_network_are_given_to_nobody(void **state)
{
	struct world *w = *state;
	char why[200];

	w->plan.pool[0] = (struct gyl_conf_range){IP(10, 0, 0, 250), IP(10, 0, 0, 255)};
	assert_false(world_try(w, why, sizeof why));
	assert_string_equal(
		why, "the first and the last address of a subnet cannot be given out: 10.0.0.255");
	w->plan.pool[0] = (struct gyl_conf_range){IP(10, 0, 0, 0), IP(10, 0, 0, 5)};
	assert_false(world_try(w, why, sizeof why));
	w->plan.pool[0] = (struct gyl_conf_range){IP(10, 0, 0, 250), IP(10, 0, 0, 254)};
	w->plan.host[0] = (struct plan_host){{2, 0, 0, 0, 0, 1}, IP(10, 0, 0, 255), NULL};
	assert_false(world_try(w, why, sizeof why));
	/* RFC 3021: of two addresses both are hosts. */
	w->plan.host[0] = (struct plan_host){{0}, 0, NULL};
	w->plan.iface[0] = (struct gyl_dhcpd_iface){.ip = US, .prefix = 31};
	w->plan.pool[0] = (struct gyl_conf_range){US - 1, US - 1};
	assert_true(world_try(w, why, sizeof why));
	assert_int_equal(offered(w, (struct ask){.client = 1}), US - 1);
}

/* ---- more addresses than there is memory for ---- */

enum {
	MANY = 600 /* twice that is more than the world has slots for */
};

static void with_many(struct world *w, uint8_t net)
{
	w->plan.cf.client_leases = MANY;
	w->plan.subnet[0] = (struct plan_subnet){.ip = IP(10, net, 0, 0),
		.len = 16,
		.pool = {{IP(10, net, 1, 0), IP(10, net, 1, 0) + MANY - 1}}};
}

static void take_many(struct world *w, uint8_t net)
{
	for (unsigned i = 0; i < MANY; i++) {
		uint8_t mac[6] = {2, net, 0, 0, (uint8_t)(i >> 8), (uint8_t)i};
		struct ask q = {.mac = mac, .giaddr = IP(10, net, 0, 1)};

		assert_int_equal(get_lease(w, q), IP(10, net, 1, 0) + i);
	}
}

static void give_back_many(struct world *w, uint8_t net)
{
	for (unsigned i = 0; i < MANY; i++) {
		uint8_t mac[6] = {2, net, 0, 0, (uint8_t)(i >> 8), (uint8_t)i};

		ask(w, (struct ask){.type = GYL_DHCP_RELEASE,
			       .mac = mac,
			       .ciaddr = IP(10, net, 1, 0) + i});
	}
}

/* What has no slot could be given to nobody, and reserved for nobody. */
static void leases_of_former_pools_need_their_room(void **state)
{
	struct world *w = *state;
	struct ask q = {.client = 1, .giaddr = IP(10, 3, 0, 1)};

	with_many(w, 2);
	world_start(w);
	take_many(w, 2);
	with_many(w, 3);
	world_reload(w);
	assert_string_equal(event_str(w, GYL_EV_BASE_REFUSED, "reason"),
		"600 leases of former pools leave no room for so many addresses: wait until they end");
	q.giaddr = IP(10, 2, 0, 1);
	q.mac = (uint8_t[]){2, 2, 0, 0, 0, 7};
	assert_true(offered(w, q) != 0);
	give_back_many(w, 2);
	world_reload(w);
	assert_false(has_event(w, GYL_EV_BASE_REFUSED));
	take_many(w, 3);
}

/* After a restart, too: what of them does not fit is the first to be forgotten. */
static void former_leases_leave_room_for_the_pools(void **state)
{
	struct world *w = *state;

	with_many(w, 2);
	world_start(w);
	take_many(w, 2);
	with_many(w, 3);
	world_start(w);
	outbox_restore(&w->b, &gyl_dhcpd_core, w->d);
	take_many(w, 3);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(a_subnet_that_vanishes_and_comes_back),
		T(subnets_that_change_their_numbers),
		T(a_pool_that_shrinks),
		T(a_pool_that_moves_into_another_subnet),
		T(links_that_become_one),
		T(a_reservation_that_appears_and_goes),
		T(what_cannot_be_changes_nothing),
		T(leases_of_former_pools_need_their_room),
		T(former_leases_leave_room_for_the_pools),
		T(the_edges_of_a_network_are_given_to_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
