/* SPDX-License-Identifier: ISC */

/* Which subnet a message belongs to, and links that several subnets share. */

#include <limits.h>
#include <time.h>

#include "tests/unit/dhcpd/recount.h"

enum {
	ONE = 0x0a02000a, /* 10.2.0.10 */
	TWO = 0x0a03000a, /* 10.3.0.10 */
	GIADDR = 0x0a020001
};

/* 10.2.0.0/24 and 10.3.0.0/24 with two addresses each are one link behind a relay. */
static void share(struct world *w)
{
	static const uint8_t one[] = {10, 2, 0, 1}, two[] = {10, 3, 0, 1};

	w->plan.subnet[0] = (struct plan_subnet){.ip = IP(10, 2, 0, 0),
		.len = 24,
		.pool = {{ONE, ONE + 1}},
		.shared = "hall",
		.option = {{GYL_DHCP_OPT_ROUTERS, one, 4}}};
	w->plan.subnet[1] = (struct plan_subnet){.ip = IP(10, 3, 0, 0),
		.len = 25,
		.pool = {{TWO, TWO + 1}},
		.shared = "hall",
		.option = {{GYL_DHCP_OPT_ROUTERS, two, 4}}};
	world_start(w);
}

static struct ask relayed(uint8_t client)
{
	return (struct ask){.client = client, .giaddr = GIADDR};
}

static uint32_t lease(struct world *w, uint8_t client)
{
	return get_lease(w, relayed(client));
}

static void all_subnets_of_a_link_are_used(void **state)
{
	struct world *w = *state;

	share(w);
	assert_int_equal(lease(w, 1), ONE);
	assert_int_equal(lease(w, 2), ONE + 1);
	assert_int_equal(lease(w, 3), TWO);
	assert_int_equal(lease(w, 4), TWO + 1);
	assert_int_equal(offered(w, relayed(5)), 0);
	/* Another link is not theirs. */
	assert_int_equal(offered(w, (struct ask){.client = 5, .giaddr = RELAY}), FAR_POOL);
}

static void options_are_of_the_subnet_that_the_address_is_of(void **state)
{
	struct world *w = *state;

	share(w);
	lease(w, 1);
	expect_opt(w, GYL_DHCP_OPT_SUBNET_MASK, "ffffff00");
	expect_opt(w, GYL_DHCP_OPT_ROUTERS, "0a020001");
	lease(w, 2);
	assert_int_equal(lease(w, 3), TWO);
	expect_opt(w, GYL_DHCP_OPT_SUBNET_MASK, "ffffff80");
	expect_opt(w, GYL_DHCP_OPT_ROUTERS, "0a030001");
	/* INFORM, RFC 2131 4.3.5 */
	assert_true(ask(w, (struct ask){.type = GYL_DHCP_INFORM,
				   .client = 9,
				   .giaddr = GIADDR,
				   .ciaddr = TWO + 50}));
	expect_opt(w, GYL_DHCP_OPT_ROUTERS, "0a030001");
}

static void rfc2131_4_3_2_every_address_of_the_link_is_right(void **state)
{
	struct world *w = *state;
	struct ask q = relayed(3);

	share(w);
	lease(w, 1);
	lease(w, 2);
	assert_int_equal(lease(w, 3), TWO);
	q.want = TWO;
	assert_int_equal(request(w, q), GYL_DHCP_ACK); /* INIT-REBOOT */
	expect_opt(w, GYL_DHCP_OPT_ROUTERS, "0a030001");
	q.want = 0;
	q.ciaddr = TWO;
	assert_int_equal(request(w, q), GYL_DHCP_ACK); /* REBINDING */
	expect_opt(w, GYL_DHCP_OPT_ROUTERS, "0a030001");
	q.ciaddr = TWO + 1;
	assert_int_equal(request(w, q), GYL_DHCP_NAK); /* of the link, but not its own */
	q.ciaddr = FAR_POOL;
	assert_int_equal(request(w, q), GYL_DHCP_NAK);
	q.ciaddr = 0;
	q.want = FAR_POOL;
	assert_int_equal(request(w, q), GYL_DHCP_NAK);
}

static void a_client_has_one_lease_on_a_link(void **state)
{
	struct world *w = *state;
	struct ask q = relayed(1);

	share(w);
	assert_int_equal(lease(w, 1), ONE);
	q.want = TWO;
	q.server = US;
	assert_int_equal(request(w, q), GYL_DHCP_ACK);
	assert_int_equal(state_of(w, TWO), GYL_DHCPD_LEASED);
	assert_int_equal(state_of(w, ONE), GYL_DHCPD_FREE);
	assert_int_equal(lease(w, 1), TWO);
}

static void an_address_asked_for_may_be_of_any_subnet_of_the_link(void **state)
{
	struct world *w = *state;
	struct ask q = relayed(1);

	share(w);
	q.want = TWO + 1;
	assert_int_equal(offered(w, q), TWO + 1);
	q.client = 2;
	q.want = FAR_POOL;
	assert_int_equal(offered(w, q), ONE);
}

static void a_reservation_is_found_on_the_link(void **state)
{
	struct world *w = *state;
	struct ask q = relayed(1);

	w->plan.host[0] = (struct plan_host){.mac = {2, 0, 0, 0, 0, 1}, .address = TWO + 60};
	w->plan.host[1] = (struct plan_host){.mac = {2, 0, 0, 0, 0, 1}, .name = "anywhere"};
	share(w);
	assert_int_equal(lease(w, 1), TWO + 60);
	expect_opt(w, GYL_DHCP_OPT_ROUTERS, "0a030001");
	/* It is not for others, and its owner is to fetch it. */
	assert_int_equal(
		request(w,
			(struct ask){
				.client = 2, .giaddr = GIADDR, .want = TWO + 60, .server = US}),
		GYL_DHCP_NAK);
	q.ciaddr = ONE;
	assert_int_equal(request(w, q), GYL_DHCP_NAK);
	/* On another link the one without an address counts. */
	assert_int_equal(get_lease(w, (struct ask){.client = 1, .giaddr = RELAY}), FAR_POOL);
	expect_opt(w, GYL_DHCP_OPT_HOST_NAME, "616e797768657265");
}

static void links_change_with_the_configuration(void **state)
{
	struct world *w = *state;
	struct ask q = relayed(3);

	share(w);
	lease(w, 1);
	lease(w, 2);
	assert_int_equal(lease(w, 3), TWO);
	w->plan.subnet[1].shared = NULL;
	world_reload(w);
	q.ciaddr = TWO;
	assert_int_equal(request(w, q), GYL_DHCP_NAK);
	assert_int_equal(state_of(w, TWO), GYL_DHCPD_LEASED);
	w->plan.subnet[1].shared = "hall";
	world_reload(w);
	assert_int_equal(request(w, q), GYL_DHCP_ACK);
}

static void further_addresses_of_an_interface_are_on_its_link(void **state)
{
	struct world *w = *state;

	w->plan.iface[0] = (struct gyl_dhcpd_iface){US, 24, 0};
	w->plan.iface[1] = (struct gyl_dhcpd_iface){IP(10, 9, 0, 1), 24, 0};
	w->plan.iface[2] = (struct gyl_dhcpd_iface){IP(10, 4, 0, 1), 24, 1};
	w->plan.iface[3] = (struct gyl_dhcpd_iface){IP(10, 5, 0, 1), 24, 2};
	w->plan.pool[0] = (struct gyl_conf_range){POOL, POOL};
	w->plan.pool[1] = (struct gyl_conf_range){IP(10, 4, 0, 7), IP(10, 4, 0, 7)};
	w->plan.pool[2] = (struct gyl_conf_range){IP(10, 5, 0, 7), IP(10, 5, 0, 7)};
	world_start(w);
	assert_int_equal(get_lease(w, (struct ask){.client = 1}), POOL);
	assert_int_equal(get_lease(w, (struct ask){.client = 2}), IP(10, 4, 0, 7));
	assert_int_equal(offered(w, (struct ask){.client = 3}), 0);
	/* The second interface's first address is in no subnet, its other one is. */
	assert_int_equal(offered(w, (struct ask){.client = 3, .iface = 1}), IP(10, 5, 0, 7));
}

/* ---- which subnet ---- */

static void rfc3527_3_link_selection_before_rfc3011_before_giaddr(void **state)
{
	struct world *w = *state;
	struct ask q = {.client = 1, .giaddr = GIADDR};

	share(w);
	w->plan.subnet[1].shared = NULL;
	world_reload(w);
	assert_int_equal(offered(w, q), ONE);
	q.more = "7604 0a030000";
	q.client = 2;
	assert_int_equal(offered(w, q), TWO);
	expect_opt(w, GYL_DHCP_OPT_SUBNET_SELECTION, "0a030000");
	q.relay = "0504 0a010000";
	q.client = 3;
	assert_int_equal(offered(w, q), FAR_POOL);
	assert_int_equal(w->to.ip, GIADDR); /* RFC 3527 3: the reply still goes to giaddr */
	expect_opt(w, GYL_DHCP_OPT_RELAY, "05040a010000");
	/* A link that is none of ours is not served from another. */
	q.relay = "0504 0a070000";
	assert_int_equal(offered(w, q), 0);
	q.relay = NULL;
	q.more = "7604 0a070000";
	assert_int_equal(offered(w, q), 0);
}

static void the_same_mac_on_two_interfaces_has_two_leases(void **state)
{
	struct world *w = *state;

	w->plan.iface[0] = (struct gyl_dhcpd_iface){US, 24, 0};
	w->plan.iface[1] = (struct gyl_dhcpd_iface){IP(10, 1, 0, 2), 24, 0};
	world_start(w);
	assert_int_equal(offered(w, (struct ask){.client = 1}), POOL);
	assert_int_equal(w->to.iface, 0);
	assert_int_equal(offered(w, (struct ask){.client = 1, .iface = 1}), FAR_POOL);
	assert_int_equal(w->to.iface, 1);
	assert_int_equal(w->to.local_ip, IP(10, 1, 0, 2));
	assert_int_equal(
		request(w, (struct ask){.client = 1, .want = POOL, .server = US}), GYL_DHCP_ACK);
	assert_int_equal(request(w, (struct ask){.client = 1,
					    .want = FAR_POOL,
					    .server = IP(10, 1, 0, 2),
					    .iface = 1}),
		GYL_DHCP_ACK);
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_LEASED);
	assert_int_equal(state_of(w, FAR_POOL), GYL_DHCPD_LEASED);
}

static void unicast_from_a_network_that_is_none_of_ours_is_not_answered(void **state)
{
	struct world *w = *state;
	struct ask q = {.client = 1, .unicast = true, .from = IP(172, 16, 0, 9)};

	assert_int_equal(offered(w, q), 0);
	q.type = GYL_DHCP_INFORM;
	assert_false(ask(w, q));
	q.ciaddr = IP(172, 16, 0, 9);
	assert_int_equal(request(w, q), 0);
	assert_false(ask(w, q));
	/* The address that it names counts, wherever it came through. */
	q.ciaddr = FAR_POOL;
	assert_int_equal(request(w, q), GYL_DHCP_ACK);
}

static void an_interface_that_is_not_served_is_not_taken_for_another(void **state)
{
	struct world *w = *state;

	assert_int_equal(offered(w, (struct ask){.client = 1, .iface = 3}), 0);
}

static void ignore_client_id_makes_the_mac_the_client(void **state)
{
	struct world *w = *state;
	struct ask rom = {.client = 1, .id = "00 1122", .giaddr = GIADDR};
	struct ask os = {.client = 1, .id = "ff 00000001 0003 0001 020000000001", .giaddr = GIADDR};

	share(w);
	w->plan.subnet[0].cf.ignore_client_id = w->plan.subnet[1].cf.ignore_client_id = true;
	world_reload(w);
	assert_int_equal(get_lease(w, rom), ONE);
	assert_int_equal(get_lease(w, os), ONE);
	expect_opt(w, GYL_DHCP_OPT_CLIENT_ID, "ff0000000100030001020000000001"); /* RFC 6842 3 */
	assert_int_equal(gyl_dhcpd_lease_at(w->d, ONE)->form, GYL_DHCPD_BY_HW);
	/* Elsewhere they are two. */
	rom.giaddr = os.giaddr = RELAY;
	assert_int_equal(get_lease(w, rom), FAR_POOL);
	assert_int_equal(get_lease(w, os), FAR_POOL + 1);
}

/* What those cost who find a link of so many subnets full, the least of some rounds, in ticks of
 * clock(). */
static long cost_of_full(struct world *w, uint32_t many)
{
	enum {
		ADDRESSES = 512,
		ROUNDS = 20
	};
	struct ask q = {.giaddr = IP(10, 64, 0, 1)};
	long least = LONG_MAX;

	w->plan = plan_usual();
	w->plan.many = many;
	w->plan.many_size = ADDRESSES / many;
	w->plan.cap = (struct gyl_dhcpd_size){2048, 256, 512, 16, PLAN_LEN};
	world_start(w);
	for (unsigned i = 0; i < ADDRESSES; i++) {
		const uint8_t mac[6] = {2, 1, 0, 0, (uint8_t)(i >> 8), (uint8_t)i};

		q.mac = mac;
		assert_true(get_lease(w, q) != 0);
	}
	recount(w->d);
	q.mac = NULL;
	for (unsigned round = 0; round < ROUNDS; round++) {
		long before = clock();

		for (unsigned i = 0; i < ADDRESSES; i++)
			assert_int_equal(offered(w, q), 0);
		if (clock() - before < least)
			least = clock() - before;
	}
	return least;
}

/* However many subnets a link has: once each was looked at several times a message. */
static void a_link_of_many_subnets_is_no_slower(void **state)
{
	long few = cost_of_full(*state, 4), many = cost_of_full(*state, PLAN_MANY);

	assert_true(10 * many < 13 * few);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(all_subnets_of_a_link_are_used),
		T(options_are_of_the_subnet_that_the_address_is_of),
		T(rfc2131_4_3_2_every_address_of_the_link_is_right),
		T(a_client_has_one_lease_on_a_link),
		T(an_address_asked_for_may_be_of_any_subnet_of_the_link),
		T(a_reservation_is_found_on_the_link),
		T(links_change_with_the_configuration),
		T(further_addresses_of_an_interface_are_on_its_link),
		T(rfc3527_3_link_selection_before_rfc3011_before_giaddr),
		T(the_same_mac_on_two_interfaces_has_two_leases),
		T(unicast_from_a_network_that_is_none_of_ours_is_not_answered),
		T(an_interface_that_is_not_served_is_not_taken_for_another),
		T(ignore_client_id_makes_the_mac_the_client),
		T(a_link_of_many_subnets_is_no_slower),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
