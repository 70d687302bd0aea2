/* SPDX-License-Identifier: ISC */

/* RELEASE, DECLINE, INFORM and BOOTP: RFC 2131 4.3.3 to 4.3.5, RFC 1534. */

#include "tests/unit/dhcpd/world.h"

static bool tell(struct world *w, struct ask q, uint8_t type)
{
	q.type = type;
	return ask(w, q);
}

/* ---- RELEASE ---- */

static void a_released_address_is_free_and_remembered(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 1});
	get_lease(w, (struct ask){.client = 2});
	assert_false(
		tell(w, (struct ask){.client = 1, .ciaddr = POOL, .server = US}, GYL_DHCP_RELEASE));
	assert_string_equal(event_str(w, GYL_EV_DHCPD_LEASE, "state"), "released");
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_FREE);
	assert_int_equal(offered(w, (struct ask){.client = 3}), POOL + 2);
	assert_int_equal(get_lease(w, (struct ask){.client = 1}), POOL);
}

static void releases_of_others_are_ignored(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 1});
	tell(w, (struct ask){.client = 2, .ciaddr = POOL, .server = US}, GYL_DHCP_RELEASE);
	tell(w, (struct ask){.client = 1, .ciaddr = POOL, .server = US + 1}, GYL_DHCP_RELEASE);
	tell(w, (struct ask){.client = 1, .ciaddr = POOL + 1, .server = US}, GYL_DHCP_RELEASE);
	tell(w, (struct ask){.client = 1, .ciaddr = IP(8, 8, 8, 8), .server = US},
		GYL_DHCP_RELEASE);
	tell(w, (struct ask){.client = 1, .server = US}, GYL_DHCP_RELEASE);
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_LEASED);
	assert_int_equal(w->b.record_cnt, 1);
}

/* chaddr is no secret: another station that says it does not take the lease away. */
static void a_forged_chaddr_takes_nothing_away(void **state)
{
	static const uint8_t forger[6] = {2, 9, 9, 9, 9, 1}, bridge[6] = {2, 8, 8, 8, 8, 1};
	struct world *w = *state;
	struct ask q = {.client = 1, .server = US, .source = forger};

	get_lease(w, (struct ask){.client = 1});
	q.ciaddr = POOL;
	tell(w, q, GYL_DHCP_RELEASE);
	assert_string_equal(event_str(w, GYL_EV_DHCPD_SILENT, "reason"),
		"it does not come from where the client is");
	q.ciaddr = 0;
	q.want = POOL;
	tell(w, q, GYL_DHCP_DECLINE);
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_LEASED);
	/* Who is behind a bridge is so when it leaves, too. */
	q = (struct ask){.client = 2, .source = bridge};
	assert_int_equal(get_lease(w, q), POOL + 1);
	q.ciaddr = POOL + 1;
	q.source = NULL;
	tell(w, q, GYL_DHCP_RELEASE);
	assert_int_equal(state_of(w, POOL + 1), GYL_DHCPD_LEASED);
	q.source = bridge;
	tell(w, q, GYL_DHCP_RELEASE);
	assert_int_equal(state_of(w, POOL + 1), GYL_DHCPD_FREE);
}

/* Behind a relay the port that it names is not the client's word; a RELEASE passes none. */
static void behind_a_relay_its_port_has_to_be_right(void **state)
{
	static const uint8_t router[6] = {2, 7, 7, 7, 7, 1};
	struct world *w = *state;
	struct ask q = {.client = 1, .giaddr = RELAY, .relay = "010141", .server = US};

	get_lease(w, q);
	q.want = FAR_POOL;
	q.relay = "010142";
	tell(w, q, GYL_DHCP_DECLINE);
	q.relay = "010141";
	q.giaddr = RELAY + 1;
	tell(w, q, GYL_DHCP_DECLINE);
	assert_int_equal(state_of(w, FAR_POOL), GYL_DHCPD_LEASED);
	q = (struct ask){
		.client = 1, .ciaddr = FAR_POOL, .server = US, .unicast = true, .source = router};
	tell(w, q, GYL_DHCP_RELEASE);
	assert_int_equal(state_of(w, FAR_POOL), GYL_DHCPD_FREE);
	q = (struct ask){.client = 1, .giaddr = RELAY, .relay = "010141", .server = US};
	get_lease(w, q);
	q.want = FAR_POOL;
	tell(w, q, GYL_DHCP_DECLINE);
	assert_int_equal(state_of(w, FAR_POOL), GYL_DHCPD_DECLINED);
}

/* ---- DECLINE ---- */

static void a_declined_address_is_kept_aside(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 1});
	assert_false(
		tell(w, (struct ask){.client = 1, .want = POOL, .server = US}, GYL_DHCP_DECLINE));
	assert_true(has_event(w, GYL_EV_DHCPD_DECLINE));
	assert_string_equal(event_str(w, GYL_EV_DHCPD_LEASE, "state"), "declined");
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_DECLINED);
	assert_int_equal(offered(w, (struct ask){.client = 1, .want = POOL}), POOL + 1);
	assert_int_equal(
		request(w, (struct ask){.client = 1, .want = POOL, .server = US}), GYL_DHCP_NAK);
	world_pass(w, 10 * GYL_NS_PER_MIN + GYL_NS_PER_S);
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_FREE);
}

static void declines_of_others_are_ignored(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 1});
	tell(w, (struct ask){.client = 2, .want = POOL, .server = US}, GYL_DHCP_DECLINE);
	tell(w, (struct ask){.client = 1, .want = POOL, .server = US + 1}, GYL_DHCP_DECLINE);
	tell(w, (struct ask){.client = 1, .server = US}, GYL_DHCP_DECLINE);
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_LEASED);
}

static void under_pressure_the_oldest_declined_comes_back_first(void **state)
{
	struct world *w = *state;

	for (uint8_t i = 0; i < 10; i++) {
		uint32_t ip = get_lease(w, (struct ask){.client = (uint8_t)(1 + i)});

		tell(w, (struct ask){.client = (uint8_t)(1 + i), .want = ip, .server = US},
			GYL_DHCP_DECLINE);
		world_pass(w, GYL_NS_PER_S);
	}
	assert_int_equal(get_lease(w, (struct ask){.client = 50}), POOL);
	assert_int_equal(get_lease(w, (struct ask){.client = 51}), POOL + 1);
}

/* ---- INFORM ---- */

static void inform_gets_options_and_no_lease(void **state)
{
	struct world *w = *state;

	assert_true(tell(w, (struct ask){.client = 1, .ciaddr = IP(10, 0, 0, 77), .list = "0f01"},
		GYL_DHCP_INFORM));
	assert_int_equal(w->m.type, GYL_DHCP_ACK);
	assert_int_equal(w->m.hdr.yiaddr, 0);
	assert_int_equal(w->m.hdr.ciaddr, IP(10, 0, 0, 77));
	assert_false(has_opt(w, GYL_DHCP_OPT_LEASE_TIME));
	assert_false(has_opt(w, GYL_DHCP_OPT_RENEWAL_TIME));
	assert_true(has_opt(w, GYL_DHCP_OPT_DOMAIN_NAME));
	assert_int_equal(w->to.ip, IP(10, 0, 0, 77));
	assert_int_equal(w->to.port, 68);
	assert_int_equal(w->b.record_cnt, 0);
	/* RFC 2131 4.3.5: directly, also when a relay brought it. */
	assert_true(tell(w, (struct ask){.client = 1, .ciaddr = FAR_POOL, .giaddr = RELAY},
		GYL_DHCP_INFORM));
	assert_int_equal(w->to.ip, FAR_POOL);
	assert_int_equal(w->to.port, 68);
}

/* ---- BOOTP ---- */

static void bootp_is_served_from_reservations_alone(void **state)
{
	struct world *w = *state;

	assert_false(tell(w, (struct ask){.client = 1}, 0));
	w->plan.host[0] = (struct plan_host){{2, 0, 0, 0, 0, 1}, POOL + 2, NULL};
	world_start(w);
	assert_true(tell(w, (struct ask){.client = 1}, 0));
	assert_int_equal(w->m.type, 0);
	assert_int_equal(w->m.hdr.yiaddr, POOL + 2);
	assert_int_equal(opt_u32(w, GYL_DHCP_OPT_SUBNET_MASK), 0xffffff00);
	assert_false(has_opt(w, GYL_DHCP_OPT_LEASE_TIME));
	assert_int_equal(w->m.in.len, GYL_DHCP_LEN_MIN);
	assert_int_equal(w->b.record_cnt, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_released_address_is_free_and_remembered),
		T(releases_of_others_are_ignored),
		T(a_forged_chaddr_takes_nothing_away),
		T(behind_a_relay_its_port_has_to_be_right),
		T(a_declined_address_is_kept_aside),
		T(declines_of_others_are_ignored),
		T(under_pressure_the_oldest_declined_comes_back_first),
		T(inform_gets_options_and_no_lease),
		T(bootp_is_served_from_reservations_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
