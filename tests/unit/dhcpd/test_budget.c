/* SPDX-License-Identifier: ISC */

/* One laptop does not empty a pool, by whatever it invents, and a hall of honest people gets all of
 * it. The pools have 256 addresses, or just as many as there are guests. */

#include "tests/unit/dhcpd/recount.h"

enum {
	SIZE = 256,
	TRIES = 600,
	GUESTS = 5,
	HALL = 500,
	OTHER_RELAY = RELAY + 1
};

/* ---- the room ---- */

static void room(struct world *w, uint32_t size)
{
	w->plan.pool[0] = (struct gyl_conf_range){IP(10, 0, 0, 10), IP(10, 0, 0, 9) + size};
	w->plan.far_pool[0] = (struct gyl_conf_range){IP(10, 1, 0, 10), IP(10, 1, 0, 9) + size};
	w->plan.prefix = 22;
	world_start(w);
}

struct mac {
	uint8_t o[6];
};

static struct mac mac_of(uint8_t kind, unsigned n)
{
	return (struct mac){{2, kind, 0, 0, (uint8_t)(n >> 8), (uint8_t)n}};
}

static struct gyl_dhcpd_pool_stat stat_of(const struct world *w, uint32_t giaddr)
{
	struct gyl_dhcpd_pool_stat st;

	recount(w->d);
	assert_true(gyl_dhcpd_pool_stat(w->d, w->b.now.mono_ns, giaddr == 0 ? 0 : 1, &st));
	return st;
}

static uint64_t count_of(const struct world *w, enum gyl_dhcpd_count n)
{
	struct gyl_dhcpd_stat st;

	gyl_dhcpd_stat(w->d, &st);
	return st.count[n];
}

/* Guests who come all at once: DISCOVERs first, then REQUESTs. How many of them are served. */
static unsigned serve(struct world *w, struct ask q, uint8_t kind, unsigned cnt)
{
	uint32_t ip[HALL] = {0};
	unsigned served = 0;

	assert_true(cnt <= HALL);
	for (unsigned i = 0; i < cnt; i++) {
		struct mac m = mac_of(kind, i);

		q.mac = m.o;
		ip[i] = offered(w, q);
	}
	for (unsigned i = 0; i < cnt; i++) {
		struct mac m = mac_of(kind, i);

		if (ip[i] == 0)
			continue;
		q.mac = m.o;
		q.want = ip[i];
		q.server = US;
		served += request(w, q) == GYL_DHCP_ACK;
	}
	return served;
}

/* ---- 1: DISCOVERs under invented names ---- */

static void flood(struct world *w, struct ask q, const uint8_t *source, unsigned from)
{
	for (unsigned i = 0; i < TRIES; i++) {
		struct mac m = mac_of(0xbb, from + i);

		q.mac = m.o;
		q.source = source;
		q.type = GYL_DHCP_DISCOVER;
		q.xid = 1 + i;
		ask(w, q);
	}
}

/* One MAC under so many client identifiers. */
static unsigned discover_ids(struct world *w, struct ask q, unsigned cnt, uint64_t step_ns)
{
	unsigned told = 0;
	char id[40];

	for (unsigned i = 0; i < cnt; i++) {
		snprintf(id, sizeof id, "ff%08x", i);
		q.id = id;
		offered(w, q);
		told += outbox_event(&w->b, GYL_EV_DHCPD_LIMIT) != NULL;
		w->b.now.mono_ns += step_ns;
	}
	return told;
}

static void discovers_of_one_device_hold_client_offers(void **state)
{
	struct world *w = *state;

	room(w, SIZE);
	discover_ids(w, (struct ask){.client = 9}, TRIES, 0);
	assert_int_equal(stat_of(w, 0).offered, 4);
	assert_int_equal(serve(w, (struct ask){0}, 1, GUESTS), GUESTS);
	assert_int_equal(count_of(w, GYL_DHCPD_LIMITED_OFFERS), TRIES - 4);
}

static void discovers_of_one_source_are_given_up(void **state)
{
	struct world *w = *state;
	struct mac laptop = mac_of(0xaa, 0);

	room(w, SIZE);
	flood(w, (struct ask){0}, laptop.o, 0);
	assert_int_equal(serve(w, (struct ask){0}, 1, GUESTS), GUESTS);
	/* Those who are behind the same bridge, too. */
	assert_int_equal(serve(w, (struct ask){.source = laptop.o}, 2, GUESTS), GUESTS);
}

static void who_it_was_is_told_once_a_minute(void **state)
{
	struct world *w = *state;

	room(w, SIZE);
	assert_in_range(discover_ids(w, (struct ask){.client = 9}, 100, GYL_NS_PER_S), 1, 2);
}

static void discovers_of_invented_sources_are_given_up(void **state)
{
	struct world *w = *state;

	room(w, SIZE);
	flood(w, (struct ask){0}, NULL, 0);
	assert_int_equal(stat_of(w, 0).offered, SIZE);
	assert_int_equal(serve(w, (struct ask){0}, 1, GUESTS), GUESTS);
	assert_true(count_of(w, GYL_DHCPD_SQUEEZED) >= TRIES - SIZE);
	/* And while it goes on. */
	flood(w, (struct ask){0}, NULL, 1000);
	assert_int_equal(serve(w, (struct ask){0}, 2, GUESTS), GUESTS);
	assert_int_equal(stat_of(w, 0).leased, 2 * GUESTS);
}

static void relayed_discovers_are_given_up(void **state)
{
	static const char *const circuit[] = {NULL, "0103 706f72"};
	struct world *w = *state;

	for (unsigned i = 0; i < 2; i++) {
		struct ask q = {.giaddr = RELAY, .relay = circuit[i]};

		room(w, SIZE);
		flood(w, q, NULL, 0);
		assert_true(stat_of(w, RELAY).offered <= SIZE);
		assert_int_equal(serve(w, q, 1, GUESTS), GUESTS);
		q.relay = "0103 6f7468"; /* at another port */
		assert_int_equal(serve(w, q, 2, GUESTS), GUESTS);
	}
}

/* ---- 2: declining ---- */

static void decline_all(struct world *w, struct ask q, bool invent)
{
	for (unsigned i = 0; i < TRIES; i++) {
		struct mac m = mac_of(0xbb, invent ? i : 0);
		struct ask n = q;
		uint32_t ip;

		n.mac = m.o;
		n.xid = 1 + i;
		ip = get_lease(w, n);
		n.type = GYL_DHCP_DECLINE;
		n.want = ip;
		n.server = US;
		if (ip != 0)
			assert_false(ask(w, n));
	}
}

static void who_declines_all_burns_client_declines(void **state)
{
	static const uint32_t giaddr[] = {0, RELAY};
	struct world *w = *state;

	for (unsigned i = 0; i < 2; i++) {
		room(w, SIZE);
		decline_all(w, (struct ask){.giaddr = giaddr[i]}, false);
		assert_int_equal(stat_of(w, giaddr[i]).declined, 3);
		assert_int_equal(serve(w, (struct ask){.giaddr = giaddr[i]}, 1, GUESTS), GUESTS);
		assert_true(count_of(w, GYL_DHCPD_LIMITED_DECLINES) == TRIES - 3);
		/* Within decline_time; later it may again. */
		world_pass(w, 11 * GYL_NS_PER_MIN);
		assert_int_equal(stat_of(w, giaddr[i]).declined, 0);
		decline_all(w, (struct ask){.giaddr = giaddr[i]}, false);
		assert_int_equal(stat_of(w, giaddr[i]).declined, 3);
	}
}

static void invented_declines_burn_half_a_pool_at_most(void **state)
{
	static const uint32_t giaddr[] = {0, RELAY};
	struct world *w = *state;

	for (unsigned i = 0; i < 2; i++) {
		room(w, SIZE);
		decline_all(w, (struct ask){.giaddr = giaddr[i]}, true);
		assert_in_range(stat_of(w, giaddr[i]).declined, 3, SIZE / 2);
		assert_int_equal(serve(w, (struct ask){.giaddr = giaddr[i]}, 1, GUESTS), GUESTS);
	}
}

static void under_pressure_the_oldest_declined_address_is_freed(void **state)
{
	struct world *w = *state;
	uint32_t ip;

	room(w, 4);
	ip = get_lease(w, (struct ask){.client = 1});
	ask(w, (struct ask){.type = GYL_DHCP_DECLINE, .client = 1, .want = ip, .server = US});
	world_pass(w, GYL_NS_PER_MIN);
	get_lease(w, (struct ask){.client = 2});
	ask(w, (struct ask){.type = GYL_DHCP_DECLINE,
		       .client = 2,
		       .want = w->m.hdr.yiaddr,
		       .server = US});
	assert_true(get_lease(w, (struct ask){.client = 3}) != 0);
	assert_true(get_lease(w, (struct ask){.client = 4}) != 0);
	assert_int_equal(stat_of(w, 0).declined, 2);
	assert_int_equal(offered(w, (struct ask){.client = 5}), ip);
	assert_int_equal(stat_of(w, 0).declined, 1);
}

static void a_reserved_address_that_is_declined_is_told_loudly(void **state)
{
	struct world *w = *state;

	w->plan.host[0] = (struct plan_host){{2, 0, 0, 0, 0, 7}, POOL + 3, "kept"};
	world_start(w);
	assert_int_equal(get_lease(w, (struct ask){.client = 7}), POOL + 3);
	ask(w, (struct ask){.type = GYL_DHCP_DECLINE, .client = 7, .want = POOL + 3, .server = US});
	assert_non_null(outbox_event(&w->b, GYL_EV_DHCPD_DECLINE));
	assert_int_equal(outbox_event(&w->b, GYL_EV_DHCPD_DECLINE)->severity, GYL_SEV_ERR);
	assert_int_equal(state_of(w, POOL + 3), GYL_DHCPD_DECLINED);
	/* It gets another one meanwhile, and its own when the quarantine is over. */
	assert_true(get_lease(w, (struct ask){.client = 7}) != POOL + 3);
	world_pass(w, 11 * GYL_NS_PER_MIN);
	assert_int_equal(get_lease(w, (struct ask){.client = 7}), POOL + 3);
}

/* A reserved address that was declined first does not keep those behind it from being freed. */
static void a_declined_reserved_address_hides_no_other(void **state)
{
	struct world *w = *state;
	uint32_t ip[10];

	w->plan.host[0] = (struct plan_host){{2, 0, 0, 0, 0, 7}, POOL + 3, "kept"};
	world_start(w);
	assert_int_equal(get_lease(w, (struct ask){.client = 7}), POOL + 3);
	ask(w, (struct ask){.type = GYL_DHCP_DECLINE, .client = 7, .want = POOL + 3, .server = US});
	for (uint8_t i = 0; i < 9; i++)
		ip[i] = get_lease(w, (struct ask){.client = 20 + i});
	for (uint8_t i = 0; i < 2; i++)
		ask(w, (struct ask){.type = GYL_DHCP_DECLINE,
			       .client = 20 + i,
			       .want = ip[i],
			       .server = US});
	recount(w->d);
	assert_int_equal(offered(w, (struct ask){.client = 40}), ip[0]);
	assert_int_equal(state_of(w, POOL + 3), GYL_DHCPD_DECLINED);
	recount(w->d);
}

/* ---- 3: one MAC, ever new client identifiers ---- */

static void one_mac_with_many_ids_holds_client_leases(void **state)
{
	static const uint32_t giaddr[] = {0, RELAY};
	struct world *w = *state;

	for (unsigned n = 0; n < 2; n++) {
		unsigned got = 0;
		char id[40];

		room(w, SIZE);
		for (unsigned i = 0; i < TRIES; i++) {
			snprintf(id, sizeof id, "ff%08x", i);
			got += get_lease(w,
				       (struct ask){.client = 9, .id = id, .giaddr = giaddr[n]}) !=
			       0;
		}
		assert_int_equal(got, 8);
		assert_int_equal(stat_of(w, giaddr[n]).leased, 8);
		assert_int_equal(serve(w, (struct ask){.giaddr = giaddr[n]}, 1, GUESTS), GUESTS);
		assert_true(count_of(w, GYL_DHCPD_LIMITED_LEASES) == TRIES - 8);
		/* What it has it may renew. */
		assert_int_equal(
			request(w, (struct ask){.client = 9,
					   .id = "ff00000003",
					   .giaddr = giaddr[n],
					   .ciaddr = (giaddr[n] == 0 ? POOL : FAR_POOL) + 3}),
			GYL_DHCP_ACK);
	}
}

/* RFC 3011: a client may say itself on which subnet it is. It has no budget for each of them. */
static void rfc3011_who_names_subnets_has_one_budget_for_all(void **state)
{
	struct world *w = *state;
	unsigned got = 0;
	char more[20];

	w->plan.cf.client_leases = 3;
	for (uint32_t i = 0; i < 4; i++)
		w->plan.subnet[i] = (struct plan_subnet){.ip = IP(10, 8 + i, 0, 0),
			.len = 24,
			.pool = {{IP(10, 8 + i, 0, 10), IP(10, 8 + i, 0, 19)}}};
	world_start(w);
	for (unsigned i = 0; i < 4; i++) {
		snprintf(more, sizeof more, "7604 0a%02x0000", 8 + i);
		got += get_lease(w, (struct ask){.client = 9, .more = more}) != 0;
	}
	assert_int_equal(got, 3);
	/* Its own link is another matter: a device may be on several. */
	assert_true(get_lease(w, (struct ask){.client = 9}) != 0);
	/* What it has it keeps. */
	assert_int_equal(request(w, (struct ask){.client = 9,
					    .more = "7604 0a080000",
					    .ciaddr = IP(10, 8, 0, 10)}),
		GYL_DHCP_ACK);
	recount(w->d);
}

static void budgets_outlive_a_restart(void **state)
{
	struct world *w = *state;
	char id[40];

	room(w, SIZE);
	for (unsigned i = 0; i < 8; i++) {
		snprintf(id, sizeof id, "ff%08x", i);
		assert_true(get_lease(w, (struct ask){.client = 9, .id = id, .giaddr = RELAY}));
	}
	room(w, SIZE);
	outbox_restore(&w->b, &gyl_dhcpd_core, w->d);
	outbox_tick(&w->b, &gyl_dhcpd_core, w->d);
	assert_int_equal(offered(w, (struct ask){.client = 9, .id = "ee", .giaddr = RELAY}), 0);
	assert_int_equal(stat_of(w, RELAY).leased, 8);
}

static void requests_without_an_offer_are_bounded_too(void **state)
{
	struct world *w = *state;
	unsigned got = 0;
	char id[40];

	room(w, SIZE);
	for (unsigned i = 0; i < SIZE; i++) {
		snprintf(id, sizeof id, "ff%08x", i);
		got += request(w,
			       (struct ask){
				       .client = 9, .id = id, .want = POOL + i, .server = US}) ==
		       GYL_DHCP_ACK;
	}
	assert_int_equal(got, 8);
}

/* ---- shares ---- */

static const char *const port_a = "0104 706f7241", *const port_b = "0104 706f7242";

/* Clients that are invented: each comes once. How many leases they take. */
static unsigned invent(struct world *w, struct ask q, unsigned cnt)
{
	unsigned got = 0;

	for (unsigned i = 0; i < cnt; i++) {
		struct mac m = mac_of(0xcc, i);

		q.mac = m.o;
		got += get_lease(w, q) != 0;
	}
	return got;
}

static void a_circuit_leaves_something_for_others_to_come(void **state)
{
	struct world *w = *state;

	room(w, SIZE);
	assert_true(invent(w, (struct ask){.giaddr = RELAY, .relay = port_a}, TRIES) < SIZE);
	assert_int_equal(
		serve(w, (struct ask){.giaddr = RELAY, .relay = port_b}, 1, GUESTS), GUESTS);
}

static void beside_others_invented_clients_of_a_circuit_take_its_share(void **state)
{
	struct world *w = *state;

	room(w, SIZE);
	assert_int_equal(serve(w, (struct ask){.giaddr = RELAY, .relay = port_b}, 1, 3), 3);
	assert_int_equal(
		invent(w, (struct ask){.giaddr = RELAY, .relay = port_a}, TRIES), SIZE / 2);
	assert_true(has_event(w, GYL_EV_DHCPD_SILENT));
	assert_true(count_of(w, GYL_DHCPD_LIMITED_SHARE) != 0);
	assert_int_equal(serve(w, (struct ask){.giaddr = RELAY, .relay = port_b}, 2, 100), 100);
	assert_int_equal(stat_of(w, RELAY).leased, SIZE / 2 + 103);
}

static void beside_others_invented_clients_of_a_relay_take_its_share(void **state)
{
	struct world *w = *state;

	room(w, SIZE);
	assert_int_equal(serve(w, (struct ask){.giaddr = OTHER_RELAY}, 1, 3), 3);
	assert_int_equal(invent(w, (struct ask){.giaddr = RELAY}, TRIES), SIZE / 2);
	assert_int_equal(serve(w, (struct ask){.giaddr = OTHER_RELAY}, 2, 100), 100);
}

/* A bridge in Wi-Fi puts its own Ethernet source on the frames of all behind it. */
static void a_bridge_leaves_something_for_others_to_come(void **state)
{
	struct world *w = *state;
	struct mac bridge = mac_of(0xaa, 0);

	room(w, SIZE);
	assert_true(invent(w, (struct ask){.source = bridge.o}, TRIES) < SIZE);
	assert_int_equal(serve(w, (struct ask){0}, 1, GUESTS), GUESTS);
}

static void beside_others_invented_clients_of_a_bridge_take_its_share(void **state)
{
	struct world *w = *state;
	struct mac bridge = mac_of(0xaa, 0);

	room(w, SIZE);
	assert_int_equal(serve(w, (struct ask){0}, 1, 3), 3);
	assert_int_equal(invent(w, (struct ask){.source = bridge.o}, TRIES), SIZE / 2);
	assert_true(count_of(w, GYL_DHCPD_LIMITED_SHARE) != 0);
	assert_int_equal(serve(w, (struct ask){0}, 2, 100), 100);
}

/* What nobody took up yet is not what others lack. */
static void offers_use_up_no_share(void **state)
{
	struct world *w = *state;

	room(w, SIZE);
	assert_int_equal(serve(w, (struct ask){.giaddr = OTHER_RELAY}, 1, 3), 3);
	flood(w, (struct ask){.giaddr = RELAY}, NULL, 0);
	assert_int_equal(count_of(w, GYL_DHCPD_LIMITED_SHARE), 0);
	assert_int_equal(serve(w, (struct ask){.giaddr = RELAY}, 2, GUESTS), GUESTS);
}

/* The hall comes, and comes again a few seconds later with whoever was not served. */
static void hall_is_served(struct world *w, struct ask q, bool own_circuits)
{
	unsigned served = 0;
	bool has[HALL] = {false};

	room(w, HALL);
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < HALL; i++) {
			struct mac m = mac_of(1, i);
			char circuit[20];

			snprintf(circuit, sizeof circuit, "0102 %04x", i);
			if (own_circuits)
				q.relay = circuit;
			q.mac = m.o;
			if (has[i] || get_lease(w, q) == 0)
				continue;
			has[i] = true;
			served++;
		}
		world_pass(w, 4 * GYL_NS_PER_S);
	}
	assert_int_equal(served, HALL);
	assert_int_equal(stat_of(w, q.giaddr).leased, HALL);
}

static void a_hall_behind_one_relay_gets_the_whole_pool(void **state)
{
	struct world *w = *state;

	hall_is_served(w, (struct ask){.giaddr = RELAY}, false);
	assert_int_equal(count_of(w, GYL_DHCPD_LIMITED_SHARE), 0);
	hall_is_served(w, (struct ask){.giaddr = RELAY}, true);
	assert_int_equal(count_of(w, GYL_DHCPD_LIMITED_SHARE), 0);
	hall_is_served(w, (struct ask){.giaddr = RELAY, .relay = port_a}, false);
}

static void a_hall_behind_one_bridge_gets_the_whole_pool(void **state)
{
	struct mac bridge = mac_of(0xaa, 0);

	hall_is_served(*state, (struct ask){.source = bridge.o}, false);
}

static void renewals_past_the_relay_stay_with_their_circuit(void **state)
{
	struct world *w = *state;
	uint32_t ip;

	room(w, SIZE);
	ip = get_lease(w, (struct ask){.client = 1, .giaddr = RELAY, .relay = port_a});
	assert_int_equal(
		request(w, (struct ask){.client = 1, .ciaddr = ip, .unicast = true}), GYL_DHCP_ACK);
	recount(w->d);
	assert_int_equal(gyl_dhcpd_lease_at(w->d, ip)->giaddr, RELAY);
	assert_true(gyl_dhcpd_lease_at(w->d, ip)->circuit != 0);
}

/* RFC 4390: what they call themselves is all that there is of them, behind a relay. */
static void clients_without_hardware_address_are_not_one(void **state)
{
	struct world *w = *state;
	static const char *const id[] = {
		"ff01", "ff02", "ff03", "ff04", "ff05", "ff06", "ff07", "ff08", "ff09", "ff0a"};
	struct ask q = {.giaddr = RELAY, .hlen_is_0 = 1};

	world_start(w);
	for (unsigned i = 0; i < 9; i++) {
		q.id = id[i];
		assert_int_equal(get_lease(w, q), FAR_POOL + i);
	}
	world_start(w);
	outbox_restore(&w->b, &gyl_dhcpd_core, w->d);
	q.id = id[9];
	assert_int_equal(get_lease(w, q), FAR_POOL + 9);
}

/* The address that was asked for in vain is as free as before: others find it. */
static void what_is_refused_stays_to_be_had(void **state)
{
	struct world *w = *state;
	char id[] = "00000000";

	w->plan.cf.client_leases = 1;
	world_start(w);
	assert_true(get_lease(w, (struct ask){.client = 1}) != 0);
	for (uint8_t i = 1; i < 10; i++) {
		id[7] = (char)('0' + i);
		assert_int_equal(request(w, (struct ask){.client = 1,
						    .id = id,
						    .want = (uint32_t)POOL + i,
						    .server = US}),
			0);
	}
	recount(w->d);
	for (uint8_t i = 2; i <= 10; i++)
		assert_true(get_lease(w, (struct ask){.client = i}) != 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(discovers_of_one_device_hold_client_offers),
		T(discovers_of_one_source_are_given_up),
		T(who_it_was_is_told_once_a_minute),
		T(discovers_of_invented_sources_are_given_up),
		T(relayed_discovers_are_given_up),
		T(who_declines_all_burns_client_declines),
		T(invented_declines_burn_half_a_pool_at_most),
		T(under_pressure_the_oldest_declined_address_is_freed),
		T(a_reserved_address_that_is_declined_is_told_loudly),
		T(a_declined_reserved_address_hides_no_other),
		T(one_mac_with_many_ids_holds_client_leases),
		T(rfc3011_who_names_subnets_has_one_budget_for_all),
		T(budgets_outlive_a_restart),
		T(requests_without_an_offer_are_bounded_too),
		T(a_circuit_leaves_something_for_others_to_come),
		T(beside_others_invented_clients_of_a_circuit_take_its_share),
		T(beside_others_invented_clients_of_a_relay_take_its_share),
		T(a_bridge_leaves_something_for_others_to_come),
		T(beside_others_invented_clients_of_a_bridge_take_its_share),
		T(offers_use_up_no_share),
		T(a_hall_behind_one_relay_gets_the_whole_pool),
		T(a_hall_behind_one_bridge_gets_the_whole_pool),
		T(renewals_past_the_relay_stay_with_their_circuit),
		T(clients_without_hardware_address_are_not_one),
		T(what_is_refused_stays_to_be_had),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
