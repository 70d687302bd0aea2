/* SPDX-License-Identifier: ISC */

/* Which address, and ACK, NAK or silence: RFC 2131 4.3.1 and 4.3.2, on the link and by relay. */

#include "tests/unit/dhcpd/world.h"

/* ---- DISCOVER ---- */

static void a_client_gets_an_offer_and_a_lease(void **state)
{
	struct world *w = *state;
	uint32_t ip = get_lease(w, (struct ask){.client = 1});

	assert_int_equal(ip, POOL);
	assert_int_equal(opt_u32(w, GYL_DHCP_OPT_LEASE_TIME), 3600);
	assert_int_equal(opt_u32(w, GYL_DHCP_OPT_RENEWAL_TIME), 1800);
	assert_int_equal(opt_u32(w, GYL_DHCP_OPT_REBINDING_TIME), 3150);
	assert_int_equal(opt_u32(w, GYL_DHCP_OPT_SERVER_ID), US);
	assert_string_equal(event_str(w, GYL_EV_DHCPD_LEASE, "state"), "leased");
	assert_string_equal(event_str(w, GYL_EV_DHCPD_LEASE, "subnet"), "10.0.0.0/24");
}

static void an_offer_is_kept_for_its_client_and_not_stored(void **state)
{
	struct world *w = *state;

	assert_int_equal(offered(w, (struct ask){.client = 1}), POOL);
	assert_int_equal(w->b.record_cnt, 0);
	assert_int_equal(w->after, 0);
	assert_int_equal(offered(w, (struct ask){.client = 2}), POOL + 1);
	assert_int_equal(offered(w, (struct ask){.client = 1}), POOL);
	world_pass(w, 61 * GYL_NS_PER_S);
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_FREE);
}

static void the_current_binding_comes_before_what_is_asked_for(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 1});
	assert_int_equal(offered(w, (struct ask){.client = 1, .want = POOL + 5}), POOL);
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_LEASED); /* an offer takes nothing away */
}

static void an_expired_binding_is_the_next_choice(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 1});
	get_lease(w, (struct ask){.client = 2});
	world_pass(w, 3601 * GYL_NS_PER_S);
	assert_int_equal(state_of(w, POOL + 1), GYL_DHCPD_FREE);
	assert_int_equal(offered(w, (struct ask){.client = 2, .want = POOL + 7}), POOL + 1);
}

static void a_free_address_that_is_asked_for_is_given(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 1, .want = POOL + 4});
	assert_int_equal(w->m.hdr.yiaddr, POOL + 4);
	/* Leased to another, outside the pool, ours: not given. */
	assert_int_equal(offered(w, (struct ask){.client = 2, .want = POOL + 4}), POOL);
	assert_int_equal(offered(w, (struct ask){.client = 3, .want = POOL + 100}), POOL + 1);
	assert_int_equal(offered(w, (struct ask){.client = 4, .want = US}), POOL + 2);
	assert_int_equal(offered(w, (struct ask){.client = 5, .want = FAR_POOL}), POOL + 3);
	assert_int_equal(offered(w, (struct ask){.client = 6}), POOL + 5);
}

static void the_longest_unused_address_is_taken_when_none_is_fresh(void **state)
{
	struct world *w = *state;

	for (uint8_t i = 0; i < 10; i++)
		get_lease(w, (struct ask){.client = (uint8_t)(1 + i)});
	ask(w, (struct ask){
		       .type = GYL_DHCP_RELEASE, .client = 4, .ciaddr = POOL + 3, .server = US});
	ask(w, (struct ask){
		       .type = GYL_DHCP_RELEASE, .client = 2, .ciaddr = POOL + 1, .server = US});
	assert_int_equal(offered(w, (struct ask){.client = 20}), POOL + 3);
	assert_int_equal(offered(w, (struct ask){.client = 21}), POOL + 1);
}

static void a_full_pool_is_silent_and_told_once_a_minute(void **state)
{
	struct world *w = *state;
	unsigned told = 0;

	for (uint8_t i = 0; i < 10; i++)
		get_lease(w, (struct ask){.client = (uint8_t)(1 + i)});
	for (uint8_t i = 0; i < 20; i++) {
		assert_int_equal(offered(w, (struct ask){.client = (uint8_t)(40 + i)}), 0);
		told += has_event(w, GYL_EV_DHCPD_FULL);
	}
	assert_int_equal(told, 1);
	world_pass(w, GYL_NS_PER_MIN);
	assert_int_equal(offered(w, (struct ask){.client = 40}), 0);
	assert_true(has_event(w, GYL_EV_DHCPD_FULL));
	/* Who has a lease is served all the same. */
	assert_int_equal(request(w, (struct ask){.client = 3, .ciaddr = POOL + 2}), GYL_DHCP_ACK);
}

static void offers_not_taken_up_do_not_pin_the_pool(void **state)
{
	struct world *w = *state;

	for (uint8_t i = 0; i < 60; i++)
		offered(w, (struct ask){.client = (uint8_t)(100 + i)});
	world_pass(w, 3 * GYL_NS_PER_S);
	for (uint8_t i = 0; i < 5; i++)
		assert_int_not_equal(get_lease(w, (struct ask){.client = (uint8_t)(1 + i)}), 0);
}

static void an_offer_that_ran_out_costs_nobody_an_address(void **state)
{
	struct world *w = *state;

	for (uint8_t i = 0; i < 5; i++)
		get_lease(w, (struct ask){.client = (uint8_t)(1 + i)});
	world_pass(w, 3601 * GYL_NS_PER_S); /* five that may come back */
	for (uint8_t i = 0; i < 5; i++)
		offered(w, (struct ask){.client = (uint8_t)(100 + i)});
	world_pass(w, 61 * GYL_NS_PER_S);
	for (uint8_t i = 0; i < 5; i++)
		assert_true(offered(w, (struct ask){.client = (uint8_t)(200 + i)}) >= POOL + 5);
}

static void several_ranges_are_one_pool(void **state)
{
	struct world *w = *state;

	w->plan.pool[0] = (struct gyl_conf_range){POOL, POOL};
	w->plan.pool[1] = (struct gyl_conf_range){POOL + 40, POOL + 41};
	w->plan.pool[2] = (struct gyl_conf_range){POOL + 20, POOL + 20};
	world_start(w);
	assert_int_equal(get_lease(w, (struct ask){.client = 1}), POOL);
	assert_int_equal(get_lease(w, (struct ask){.client = 2}), POOL + 20);
	assert_int_equal(get_lease(w, (struct ask){.client = 3}), POOL + 40);
	assert_int_equal(get_lease(w, (struct ask){.client = 4}), POOL + 41);
	assert_int_equal(get_lease(w, (struct ask){.client = 5}), 0);
}

static void our_own_address_is_never_given(void **state)
{
	struct world *w = *state;

	w->plan.pool[0] = (struct gyl_conf_range){US, US + 1};
	world_start(w);
	assert_int_equal(get_lease(w, (struct ask){.client = 1, .want = US}), US + 1);
	assert_int_equal(offered(w, (struct ask){.client = 2}), 0);
}

/* ---- who asks ---- */

static void the_client_identifier_tells_clients_apart(void **state)
{
	struct world *w = *state;
	uint32_t a = get_lease(w, (struct ask){.client = 1, .id = "ff00112233"});
	uint32_t b = get_lease(w, (struct ask){.client = 1, .id = "ff00112244"});

	assert_int_not_equal(a, b);
	assert_int_equal(get_lease(w, (struct ask){.client = 9, .id = "ff00112233"}), a);
	/* RFC 2132 9.14: one that repeats htype and chaddr says no more than they do. */
	assert_int_equal(get_lease(w, (struct ask){.client = 5}),
		get_lease(w, (struct ask){.client = 5, .id = "01020000000005"}));
	/* Long ones are told apart to the last octet. */
	a = get_lease(w,
		(struct ask){.client = 6,
			.id = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff01"});
	b = get_lease(w,
		(struct ask){.client = 6,
			.id = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff02"});
	assert_int_not_equal(a, b);
}

static void who_is_nobody_is_not_served(void **state)
{
	static const uint8_t group[6] = {0x01, 0, 0x5e, 0, 0, 1}, zero[6];
	struct world *w = *state;

	assert_int_equal(offered(w, (struct ask){.client = 1, .hlen_is_0 = 1}), 0);
	assert_int_equal(offered(w, (struct ask){.client = 1, .mac = group}), 0);
	assert_int_equal(offered(w, (struct ask){.client = 1, .mac = zero}), 0);
	assert_true(has_event(w, GYL_EV_DHCPD_SILENT));
	/* RFC 6842 3: with an identifier it is somebody, reached by broadcast alone. */
	assert_int_equal(
		offered(w, (struct ask){.client = 1, .hlen_is_0 = 1, .id = "000102"}), POOL);
	assert_int_equal(w->to.ip, UINT32_MAX);
}

/* ---- SELECTING ---- */

static void selecting_gets_what_was_offered(void **state)
{
	struct world *w = *state;
	struct ask q = {.client = 1, .lease = 900};

	assert_int_equal(offered(w, q), POOL);
	assert_int_equal(opt_u32(w, GYL_DHCP_OPT_LEASE_TIME), 900);
	q.lease = 0; /* not repeated: the offer's holds */
	q.want = POOL;
	q.server = US;
	assert_int_equal(request(w, q), GYL_DHCP_ACK);
	assert_int_equal(opt_u32(w, GYL_DHCP_OPT_LEASE_TIME), 900);
	assert_int_equal(w->m.hdr.ciaddr, 0);
}

static void another_server_chosen_frees_the_offer(void **state)
{
	struct world *w = *state;

	offered(w, (struct ask){.client = 1});
	assert_int_equal(request(w, (struct ask){.client = 1, .want = POOL, .server = US + 1}), 0);
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_FREE);
}

static void selecting_an_address_that_is_not_there_is_refused(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 1});
	offered(w, (struct ask){.client = 2});
	assert_int_equal(
		request(w, (struct ask){.client = 2, .want = POOL, .server = US}), GYL_DHCP_NAK);
	assert_int_equal(request(w, (struct ask){.client = 2, .want = POOL + 99, .server = US}),
		GYL_DHCP_NAK);
	assert_int_equal(request(w, (struct ask){.client = 2, .server = US}), 0);
}

static void an_offer_forgotten_by_a_restart_is_honoured(void **state)
{
	struct world *w = *state;

	offered(w, (struct ask){.client = 1, .want = POOL + 3});
	world_start(w);
	assert_int_equal(request(w, (struct ask){.client = 1, .want = POOL + 3, .server = US}),
		GYL_DHCP_ACK);
}

static void a_retransmitted_request_gets_the_same_answer(void **state)
{
	struct world *w = *state;
	uint8_t first[1500];
	uint64_t after;
	size_t len;

	get_lease(w, (struct ask){.client = 1});
	len = w->m.in.len;
	after = w->after;
	memcpy(first, w->answer, len);
	assert_true(after != 0);
	world_pass(w, 4 * GYL_NS_PER_S);
	assert_int_equal(
		request(w, (struct ask){.client = 1, .want = POOL, .server = US}), GYL_DHCP_ACK);
	assert_int_equal(w->m.in.len, len);
	assert_memory_equal(w->answer, first, len);
	assert_true(w->after == after); /* it waits for the same record */
	assert_int_equal(w->b.record_cnt, 1);
}

/* ---- INIT-REBOOT ---- */

static void init_reboot_with_the_right_address_is_confirmed(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 1});
	assert_int_equal(
		request(w, (struct ask){.client = 1, .want = POOL, .xid = 77}), GYL_DHCP_ACK);
	assert_int_equal(w->m.hdr.yiaddr, POOL);
	world_pass(w, 3601 * GYL_NS_PER_S);
	assert_int_equal(
		request(w, (struct ask){.client = 1, .want = POOL, .xid = 78}), GYL_DHCP_ACK);
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_LEASED);
}

static void init_reboot_with_a_wrong_address_is_refused(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 1});
	assert_int_equal(request(w, (struct ask){.client = 1, .want = POOL + 5}), GYL_DHCP_NAK);
	assert_int_equal(w->m.hdr.yiaddr, 0);
	assert_int_equal(w->to.ip, UINT32_MAX);
	assert_true(has_opt(w, GYL_DHCP_OPT_MESSAGE));
	assert_false(has_opt(w, GYL_DHCP_OPT_LEASE_TIME));
}

static void init_reboot_of_an_unknown_client_gets_silence(void **state)
{
	struct world *w = *state;

	assert_int_equal(request(w, (struct ask){.client = 1, .want = POOL}), 0);
	assert_true(has_event(w, GYL_EV_DHCPD_SILENT));
	get_lease(w, (struct ask){.client = 2});
	assert_int_equal(request(w, (struct ask){.client = 1, .want = POOL}), 0);
}

static void init_reboot_on_a_wrong_network_is_refused_by_authority(void **state)
{
	struct world *w = *state;

	assert_int_equal(
		request(w, (struct ask){.client = 1, .want = IP(192, 168, 7, 7)}), GYL_DHCP_NAK);
	w->plan.cf.authoritative = false;
	world_start(w);
	assert_int_equal(request(w, (struct ask){.client = 1, .want = IP(192, 168, 7, 7)}), 0);
}

static void init_reboot_on_a_wrong_network_behind_a_relay(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 1});
	assert_int_equal(
		request(w, (struct ask){.client = 1, .want = POOL, .giaddr = RELAY}), GYL_DHCP_NAK);
	assert_int_equal(w->to.ip, RELAY);
	assert_int_equal(w->to.port, 67);
	assert_int_equal(w->m.hdr.flags, GYL_DHCP_FLAG_BROADCAST);
	assert_int_equal(w->m.hdr.giaddr, RELAY);
}

/* ---- RENEWING, REBINDING ---- */

static void a_renewal_extends_the_lease(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 1});
	world_pass(w, 1800 * GYL_NS_PER_S);
	assert_int_equal(request(w, (struct ask){.client = 1, .ciaddr = POOL, .unicast = true}),
		GYL_DHCP_ACK);
	assert_int_equal(w->m.hdr.yiaddr, POOL);
	assert_int_equal(w->m.hdr.ciaddr, POOL);
	assert_int_equal(w->to.ip, POOL);
	assert_string_equal(event_str(w, GYL_EV_DHCPD_LEASE, "state"), "renewed");
	world_pass(w, 3599 * GYL_NS_PER_S);
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_LEASED);
	world_pass(w, 2 * GYL_NS_PER_S);
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_FREE);
	assert_string_equal(event_str(w, GYL_EV_DHCPD_LEASE, "state"), "expired");
}

static void renewals_of_anothers_address_are_refused(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 1});
	get_lease(w, (struct ask){.client = 2});
	assert_int_equal(request(w, (struct ask){.client = 2, .ciaddr = POOL}), GYL_DHCP_NAK);
	assert_int_equal(request(w, (struct ask){.client = 2, .ciaddr = POOL, .unicast = true}),
		GYL_DHCP_NAK);
	assert_int_equal(request(w, (struct ask){.client = 3, .ciaddr = POOL, .unicast = true}),
		GYL_DHCP_NAK);
}

static void an_unknown_client_that_renews_with_us_may_stay(void **state)
{
	struct world *w = *state;

	assert_int_equal(
		request(w, (struct ask){.client = 1, .ciaddr = POOL + 2}), 0); /* REBINDING */
	assert_int_equal(request(w, (struct ask){.client = 1, .ciaddr = POOL + 2, .unicast = true}),
		GYL_DHCP_ACK);
	assert_int_equal(state_of(w, POOL + 2), GYL_DHCPD_LEASED);
	assert_int_equal(
		request(w, (struct ask){.client = 3, .ciaddr = IP(10, 0, 0, 200), .unicast = true}),
		GYL_DHCP_NAK);
	/* From a network that is none of ours: silence. */
	assert_int_equal(
		request(w, (struct ask){.client = 4, .ciaddr = IP(172, 16, 0, 9), .unicast = true}),
		0);
}

static void rebinding_on_another_network_is_refused(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 1});
	assert_int_equal(request(w, (struct ask){.client = 1, .ciaddr = POOL, .giaddr = RELAY}),
		GYL_DHCP_NAK);
	assert_int_equal(
		request(w, (struct ask){.client = 1, .ciaddr = IP(172, 16, 0, 9)}), GYL_DHCP_NAK);
}

/* ---- times ---- */

static void lease_times_keep_their_bounds(void **state)
{
	static const struct {
		uint32_t asked, given;
	} rows[] = {{0, 3600}, {900, 900}, {10, 60}, {86400, 86400}, {86401, 86400},
		{GYL_DHCP_INFINITE, 86400}};
	struct world *w = *state;

	for (unsigned i = 0; i < TEST_CNT(rows); i++) {
		offered(w, (struct ask){.client = 1, .lease = rows[i].asked});
		assert_int_equal(opt_u32(w, GYL_DHCP_OPT_LEASE_TIME), rows[i].given);
	}
	w->plan.cf.max_ns = GYL_TIME_INFINITE;
	world_start(w);
	get_lease(w, (struct ask){.client = 1, .lease = GYL_DHCP_INFINITE});
	assert_int_equal(opt_u32(w, GYL_DHCP_OPT_LEASE_TIME), GYL_DHCP_INFINITE);
	assert_false(has_opt(w, GYL_DHCP_OPT_RENEWAL_TIME));
	world_pass(w, 4000 * GYL_NS_PER_DAY);
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_LEASED);
}

/* ---- reservations ---- */

static void a_reserved_address_is_its_clients_alone(void **state)
{
	struct world *w = *state;

	w->plan.host[0] = (struct plan_host){{2, 0, 0, 0, 0, 1}, POOL + 2, "printer"};
	w->plan.host[1] = (struct plan_host){{2, 0, 0, 0, 0, 2}, IP(10, 0, 0, 200), NULL};
	world_start(w);
	for (uint8_t i = 10; i < 19; i++)
		assert_int_not_equal(
			get_lease(w, (struct ask){.client = i, .want = POOL + 2}), POOL + 2);
	assert_int_equal(offered(w, (struct ask){.client = 30}), 0);
	assert_int_equal(
		get_lease(w, (struct ask){.client = 1, .id = "00aabb", .list = "0c"}), POOL + 2);
	expect_opt(w, GYL_DHCP_OPT_HOST_NAME, "70 72 69 6e 74 65 72");
	assert_int_equal(get_lease(w, (struct ask){.client = 2}), IP(10, 0, 0, 200));
	assert_int_equal(request(w, (struct ask){.client = 30, .want = POOL + 2, .server = US}),
		GYL_DHCP_NAK);
}

static void a_new_reservation_takes_over_at_the_next_renewal(void **state)
{
	struct world *w = *state;

	assert_int_equal(get_lease(w, (struct ask){.client = 1}), POOL);
	assert_int_equal(get_lease(w, (struct ask){.client = 2}), POOL + 1);
	w->plan.host[0] = (struct plan_host){{2, 0, 0, 0, 0, 1}, POOL + 1, NULL};
	world_reload(w);
	/* Taken as yet: its client keeps what it has, the other is refused at its renewal. */
	assert_int_equal(request(w, (struct ask){.client = 1, .ciaddr = POOL}), GYL_DHCP_ACK);
	assert_int_equal(offered(w, (struct ask){.client = 1}), POOL);
	assert_int_equal(request(w, (struct ask){.client = 2, .ciaddr = POOL + 1}), GYL_DHCP_NAK);
	world_pass(w, 3601 * GYL_NS_PER_S);
	assert_int_equal(
		request(w, (struct ask){.client = 1, .ciaddr = POOL, .xid = 5}), GYL_DHCP_NAK);
	assert_int_equal(get_lease(w, (struct ask){.client = 1}), POOL + 1);
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_FREE);
}

static void a_client_that_moves_leaves_its_old_address(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 1, .name = "desk"});
	w->plan.host[0] = (struct plan_host){{2, 0, 0, 0, 0, 1}, POOL + 5, NULL};
	world_reload(w);
	assert_int_equal(get_lease(w, (struct ask){.client = 1, .name = "desk"}), POOL + 5);
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_FREE);
	assert_string_equal(event_str(w, GYL_EV_DHCPD_LEASE, "name"), "desk"); /* not desk-2 */
	assert_int_equal(w->b.record_cnt, 3); /* the old one is released on the disk, too */
	assert_memory_equal(w->b.record[2].val, "2 released ", 11);
}

static void init_reboot_with_a_reserved_address_needs_no_record(void **state)
{
	struct world *w = *state;

	w->plan.host[0] = (struct plan_host){{2, 0, 0, 0, 0, 1}, POOL + 2, NULL};
	world_start(w);
	assert_int_equal(request(w, (struct ask){.client = 1, .want = POOL + 2}), GYL_DHCP_ACK);
	assert_int_equal(request(w, (struct ask){.client = 1, .want = POOL + 3}), GYL_DHCP_NAK);
}

/* ---- not for a server ---- */

static void what_is_not_for_a_server_is_passed_over(void **state)
{
	static const uint8_t types[] = {GYL_DHCP_OFFER, GYL_DHCP_ACK, GYL_DHCP_NAK,
		GYL_DHCP_FORCERENEW, GYL_DHCP_LEASEQUERY, 99};
	struct world *w = *state;

	for (unsigned i = 0; i < TEST_CNT(types); i++)
		assert_false(ask(w, (struct ask){.type = types[i], .client = 1}));
	assert_false(ask(w, (struct ask){.type = GYL_DHCP_DISCOVER, .client = 1, .op = 2}));
	assert_int_equal(w->b.record_cnt, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_client_gets_an_offer_and_a_lease),
		T(an_offer_is_kept_for_its_client_and_not_stored),
		T(the_current_binding_comes_before_what_is_asked_for),
		T(an_expired_binding_is_the_next_choice),
		T(a_free_address_that_is_asked_for_is_given),
		T(the_longest_unused_address_is_taken_when_none_is_fresh),
		T(a_full_pool_is_silent_and_told_once_a_minute),
		T(offers_not_taken_up_do_not_pin_the_pool),
		T(an_offer_that_ran_out_costs_nobody_an_address),
		T(several_ranges_are_one_pool),
		T(our_own_address_is_never_given),
		T(the_client_identifier_tells_clients_apart),
		T(who_is_nobody_is_not_served),
		T(selecting_gets_what_was_offered),
		T(another_server_chosen_frees_the_offer),
		T(selecting_an_address_that_is_not_there_is_refused),
		T(an_offer_forgotten_by_a_restart_is_honoured),
		T(a_retransmitted_request_gets_the_same_answer),
		T(init_reboot_with_the_right_address_is_confirmed),
		T(init_reboot_with_a_wrong_address_is_refused),
		T(init_reboot_of_an_unknown_client_gets_silence),
		T(init_reboot_on_a_wrong_network_is_refused_by_authority),
		T(init_reboot_on_a_wrong_network_behind_a_relay),
		T(a_renewal_extends_the_lease),
		T(renewals_of_anothers_address_are_refused),
		T(an_unknown_client_that_renews_with_us_may_stay),
		T(rebinding_on_another_network_is_refused),
		T(lease_times_keep_their_bounds),
		T(a_reserved_address_is_its_clients_alone),
		T(a_new_reservation_takes_over_at_the_next_renewal),
		T(a_client_that_moves_leaves_its_old_address),
		T(init_reboot_with_a_reserved_address_needs_no_record),
		T(what_is_not_for_a_server_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
