/* SPDX-License-Identifier: ISC */

/* What was decided about whom, and how it is told. */

#include "tests/unit/dhcpd/steer_world.h"

static struct steer s; /* its text is too long for a stack */

#define MAC(n) "02:00:00:00:00:" n

static void decisions_are_told_oldest_first(void **state)
{
	struct world *w = *state;
	const char *offer, *ack;

	get_lease(w, (struct ask){.client = 1, .name = "laptop"});
	get_lease(w, (struct ask){.client = 2});
	assert_true(steer(w, &s, "dhcp.explain", "client=" MAC("01")));
	expect_in(s.text, "\"what\":\"lease\",\"ip\":\"10.0.0.10\",\"state\":\"leased\"");
	expect_in(s.text, "10.0.0.10 is leased to 02:00:00:00:00:01 (laptop) for 1h");
	offer = strstr(s.text, "DISCOVER on the link of 10.0.0.1: offered 10.0.0.10, ");
	ack = strstr(s.text, "REQUEST on the link of 10.0.0.1: given 10.0.0.10, selected.");
	assert_true(offer != NULL && ack != NULL && offer < ack);
	expect_in(s.text, "\"xid\":4097");
	expect_in(s.text, "\"subnet\":\"10.0.0.0/24\"");
	expect_in(s.text, "10.0.0.0/24 has 8 of 10 addresses free.");
	expect_in(s.text, "If it asked now, it would get 10.0.0.10 again.");
	expect_not_in(s.text, MAC("02"));
}

/* Nobody listens to debug events: no reply is told of, each is remembered. */
static void decisions_are_told_when_no_event_was_made(void **state)
{
	struct world *w = *state;

	w->b.out.unheard = 1u << GYL_SRC_DHCPD;
	get_lease(w, (struct ask){.client = 5});
	for (unsigned i = 0; i < w->b.event_cnt; i++)
		assert_int_not_equal(w->b.event[i].e.kind, GYL_EV_DHCPD_REPLY);
	assert_int_equal(w->b.event_cnt, 1);
	assert_true(steer(w, &s, "dhcp.explain", "client=" MAC("05")));
	expect_in(s.text, "REQUEST on the link of 10.0.0.1: given 10.0.0.10, selected.");
}

static void a_relayed_client_is_told_with_its_relay(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 3, .giaddr = RELAY});
	assert_true(steer(w, &s, "dhcp.explain", "client=" MAC("03")));
	expect_in(s.text, "DISCOVER by the relay 10.1.0.1: offered 10.1.0.10");
	expect_in(s.text, "\"relay\":\"10.1.0.1\"");
	expect_in(s.text, "10.1.0.0/24 has 9 of 10 addresses free.");
}

static void refusals_say_why_and_what_to_do(void **state)
{
	struct world *w = *state;

	assert_int_equal(
		request(w, (struct ask){.client = 4, .want = IP(192, 168, 1, 7)}), GYL_DHCP_NAK);
	assert_int_equal(request(w, (struct ask){.client = 4, .want = POOL + 5}), 0);
	assert_true(steer(w, &s, "dhcp.explain", "client=" MAC("04")));
	expect_in(s.text,
		"REQUEST for 192.168.1.7 on the link of 10.0.0.1: refused (NAK), because the address is not of this network. It came from another network");
	expect_in(s.text, "not answered, because the client is not known here. Another server");
	expect_in(s.text, "If it asked now, it would get one of the free addresses.");
}

static void the_same_refusal_is_counted(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 6; i++)
		assert_int_equal(request(w, (struct ask){.client = 4, .want = POOL + 5}), 0);
	assert_true(steer(w, &s, "dhcp.explain", "client=" MAC("04")));
	expect_in(s.text, "\"again\":5");
	expect_in(s.text, "The same 5 times before.");
	assert_int_equal(w->d->explain.refused_cnt, 1);
}

static void refusals_outlive_a_flood_of_leases(void **state)
{
	struct world *w = *state;

	request(w, (struct ask){.client = 4, .want = POOL + 5});
	for (unsigned i = 0; i < GYL_DHCPD_GIVEN_MAX + 10; i++)
		offered(w, (struct ask){.client = (uint8_t)(10 + i % 5)});
	assert_true(steer(w, &s, "dhcp.explain", "client=" MAC("04")));
	expect_in(s.text, "the client is not known here");
	assert_true(steer(w, &s, "dhcp.explain", "client=" MAC("0a") " count=3"));
	assert_int_equal(lines(&s), 1 + 3 + 2); /* lease, decisions, subnet and what comes next */
}

static void a_full_pool_is_told(void **state)
{
	struct world *w = *state;

	for (uint8_t i = 1; i <= 10; i++)
		assert_int_not_equal(get_lease(w, (struct ask){.client = i}), 0);
	assert_int_equal(offered(w, (struct ask){.client = 20}), 0);
	assert_true(steer(w, &s, "dhcp.explain", "client=" MAC("14")));
	expect_in(s.text, "not answered, because no address is free");
	expect_in(s.text, "10.0.0.0/24 has 0 of 10 addresses free.\"");
	expect_in(s.text, "If it asked now, it would get nothing");
}

static void a_client_with_an_identifier_is_found_by_both(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 5, .id = "ff00010203"});
	assert_true(steer(w, &s, "dhcp.explain", "client=" MAC("05")));
	expect_in(s.text, "10.0.0.10 is leased to");
	assert_true(steer(w, &s, "dhcp.explain", "client=ff:00:01:02:03"));
	expect_in(s.text, "10.0.0.10 is leased to");
	expect_in(s.text, "given 10.0.0.10");
	expect_in(s.text, "it would get 10.0.0.10 again");
	assert_true(steer(w, &s, "dhcp.explain", "client=FF00010203"));
	expect_in(s.text, "given 10.0.0.10");
}

static void an_address_is_explained(void **state)
{
	struct world *w = *state;
	struct ask q = {.client = 6};

	get_lease(w, q);
	assert_true(steer(w, &s, "dhcp.explain", "client=10.0.0.10"));
	expect_in(s.text, "10.0.0.10 is leased to 02:00:00:00:00:06");
	expect_in(s.text, "given 10.0.0.10");
	q.type = GYL_DHCP_DECLINE;
	q.want = POOL;
	q.server = US;
	ask(w, q);
	assert_true(steer(w, &s, "dhcp.explain", "client=10.0.0.10"));
	expect_in(s.text,
		"10.0.0.10 is kept aside, because a client found that another machine uses it, for 10m");
	assert_true(steer(w, &s, "dhcp.explain", "client=10.0.0.1"));
	expect_in(s.text, "not in its pools");
	assert_true(steer(w, &s, "dhcp.explain", "client=192.168.7.7"));
	expect_in(s.text, "192.168.7.7 is in none of the subnets");
}

static void a_reservation_is_told_and_who_is_in_its_way(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 1});
	w->plan.host[0] = (struct plan_host){{2, 0, 0, 0, 0, 9}, POOL, "printer"};
	world_reload(w);
	get_lease(w, (struct ask){.client = 9});
	assert_true(steer(w, &s, "dhcp.explain", "client=" MAC("09")));
	expect_in(s.text,
		"10.0.0.10 is reserved for 02:00:00:00:00:09. Now 02:00:00:00:00:01 still has it");
	assert_true(steer(w, &s, "dhcp.explain", "client=10.0.0.10"));
	expect_in(s.text, "10.0.0.10 is reserved for 02:00:00:00:00:09.");
}

static void who_is_unknown_is_told_so(void **state)
{
	struct world *w = *state;

	assert_false(steer(w, &s, "dhcp.explain", "client=" MAC("63")));
	expect_in(s.wrong, "no decision about 02:00:00:00:00:63 is remembered");
	expect_in(s.wrong, "0 messages of 0 clients are");
	get_lease(w, (struct ask){.client = 1});
	offered(w, (struct ask){.client = 2});
	world_pass(w, 5 * GYL_NS_PER_S);
	assert_false(steer(w, &s, "dhcp.explain", "client=" MAC("63")));
	expect_in(s.wrong, "3 messages of 2 clients are, since 5s ago");
	assert_false(steer(w, &s, "dhcp.explain", "client=laptop"));
	expect_in(s.wrong, "\"laptop\" is neither an address");
	assert_false(steer(w, &s, "dhcp.explain", "client=" MAC("01") " count=many"));
	expect_in(s.wrong, "\"many\" is no number up to 64");
}

static void an_unreadable_message_is_remembered_by_its_source(void **state)
{
	struct world *w = *state;
	struct gyl_peer p = {.has_mac = 1, .mac = {2, 0, 0, 0, 0, 7}, .local_ip = UINT32_MAX};
	static const uint8_t rubbish[20];

	outbox_dgram(&w->b, &gyl_dhcpd_core, w->d, GYL_DHCPD_LINK, &p, rubbish, sizeof rubbish);
	assert_true(steer(w, &s, "dhcp.explain", "client=" MAC("07")));
	expect_in(s.text, "message on the link of 10.0.0.1: could not be read, because ");
}

/* 64 octets, and no copies of text. */
static void a_decision_is_a_line_of_cache(void **state)
{
	(void)state;
	assert_true(sizeof(struct gyl_dhcpd_decision) <= 64);
}

/* The words of the log are those that the hint is found by, and that are counted. */
static void a_full_store_is_told_with_what_to_do(void **state)
{
	struct world *w = *state;

	assert_int_equal(offered(w, (struct ask){.client = 4}), POOL);
	w->b.store_full = true;
	assert_int_equal(request(w, (struct ask){.client = 4, .want = POOL, .server = US}), 0);
	assert_string_equal(
		gyl_dhcpd_silence(w->d, 0)->reason, event_str(w, GYL_EV_DHCPD_SILENT, "reason"));
	assert_true(steer(w, &s, "dhcp.explain", "client=" MAC("04")));
	expect_in(s.text, "newcomers wait until leases end. df on the state directory");
}

/* What comes next is of the whole link: pools of classes, and subnets that share it. */
static void the_next_address_may_be_of_another_pool_of_the_link(void **state)
{
	struct world *w = *state;
	struct ask phone = {.client = 1, .more = "3c01 70"};

	w->plan.class[0] = (struct plan_class){
		.name = "phones", .vendor_class = "70", .pool = {{POOL + 20, POOL + 29}}};
	w->plan.subnet[0] = (struct plan_subnet){.ip = IP(10, 2, 0, 0),
		.len = 24,
		.shared = "hall",
		.pool = {{IP(10, 2, 0, 10), IP(10, 2, 0, 10)}}};
	w->plan.subnet[1] = (struct plan_subnet){.ip = IP(10, 3, 0, 0),
		.len = 24,
		.shared = "hall",
		.pool = {{IP(10, 3, 0, 10), IP(10, 3, 0, 19)}}};
	world_start(w);
	assert_int_equal(get_lease(w, phone), POOL + 20);
	assert_true(steer(w, &s, "dhcp.explain", "client=" MAC("01")));
	expect_in(s.text, "If it asked now, it would get 10.0.0.30 again.");
	assert_int_equal(get_lease(w, (struct ask){.client = 2, .giaddr = IP(10, 2, 0, 1)}),
		IP(10, 2, 0, 10));
	assert_int_equal(get_lease(w, (struct ask){.client = 3, .giaddr = IP(10, 2, 0, 1)}),
		IP(10, 3, 0, 10));
	assert_true(steer(w, &s, "dhcp.explain", "client=" MAC("03")));
	expect_in(s.text, "If it asked now, it would get 10.3.0.10 again.");
	request(w, (struct ask){.client = 4, .giaddr = IP(10, 2, 0, 1), .want = IP(10, 2, 0, 10)});
	assert_true(steer(w, &s, "dhcp.explain", "client=" MAC("04")));
	expect_in(s.text, "If it asked now, it would get one of the free addresses.");
}

/* Of no pool any more, but somebody's as yet. */
static void a_lease_of_a_former_pool_is_told(void **state)
{
	struct world *w = *state;

	assert_int_equal(get_lease(w, (struct ask){.client = 1}), POOL);
	w->plan.pool[0].first = POOL + 1;
	world_reload(w);
	assert_true(steer(w, &s, "dhcp.explain", "client=10.0.0.10"));
	expect_in(s.text, "10.0.0.10 is leased to 02:00:00:00:00:01 for ");
	expect_in(s.text, "It is of no pool any more and will not be renewed.");
}

static void reservations_are_found_by_all_that_they_name(void **state)
{
	struct world *w = *state;

	w->plan.reserved[0] = (struct plan_reserved){
		.host = {.address = POOL + 3, .name = "desk"}, .id = "ff0000000000aa"};
	w->plan.reserved[1] = (struct plan_reserved){
		.host = {.address = FAR_POOL + 4, .name = "door"}, .circuit = "67652d30"};
	world_start(w);
	assert_true(steer(w, &s, "dhcp.explain", "client=ff:00:00:00:00:00:aa"));
	expect_in(s.text, "10.0.0.13 is reserved for client identifier ff0000000000aa.");
	assert_true(steer(w, &s, "dhcp.explain", "client=67652d30"));
	expect_in(s.text, "10.1.0.14 is reserved for circuit 67652d30.");
	assert_true(steer(w, &s, "dhcp.explain", "client=DESK"));
	expect_in(s.text, "10.0.0.13 is reserved for client identifier ff0000000000aa.");
	assert_true(steer(w, &s, "dhcp.explain", "client=door"));
	expect_in(s.text, "circuit 67652d30.");
}

static void what_would_happen_knows_classes_and_budgets(void **state)
{
	struct world *w = *state;

	w->plan.cf.client_leases = 2;
	w->plan.class[0] = (struct plan_class){
		.name = "phones", .vendor_class = "70", .pool = {{POOL + 20, POOL + 21}}};
	w->plan.pool[0].last = POOL + 1;
	world_start(w);
	get_lease(w, (struct ask){.client = 1, .id = "0001"});
	get_lease(w, (struct ask){.client = 2});
	/* The pool is full, but not for a phone. */
	assert_int_equal(offered(w, (struct ask){.client = 3}), 0);
	assert_true(steer(w, &s, "dhcp.explain", "client=" MAC("03")));
	expect_in(s.text, "it would get nothing, unless");
	ask(w, (struct ask){
		       .type = GYL_DHCP_INFORM, .client = 4, .ciaddr = US + 99, .more = "3c0170"});
	assert_true(steer(w, &s, "dhcp.explain", "client=" MAC("04")));
	expect_in(s.text, "it would get one of the free addresses.");
	/* One card has two leases under other names, and gets no third. */
	get_lease(w, (struct ask){.client = 1, .id = "0002", .more = "3c0170"});
	assert_int_equal(offered(w, (struct ask){.client = 1, .more = "3c0170"}), 0);
	assert_true(steer(w, &s, "dhcp.explain", "client=" MAC("01")));
	expect_in(s.text, "it would get nothing: its device holds as many leases as it may.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(decisions_are_told_oldest_first),
		T(decisions_are_told_when_no_event_was_made),
		T(a_relayed_client_is_told_with_its_relay),
		T(refusals_say_why_and_what_to_do),
		T(the_same_refusal_is_counted),
		T(refusals_outlive_a_flood_of_leases),
		T(a_full_pool_is_told),
		T(a_client_with_an_identifier_is_found_by_both),
		T(an_address_is_explained),
		T(a_reservation_is_told_and_who_is_in_its_way),
		T(who_is_unknown_is_told_so),
		T(an_unreadable_message_is_remembered_by_its_source),
		cmocka_unit_test(a_decision_is_a_line_of_cache),
		T(a_full_store_is_told_with_what_to_do),
		T(the_next_address_may_be_of_another_pool_of_the_link),
		T(a_lease_of_a_former_pool_is_told),
		T(reservations_are_found_by_all_that_they_name),
		T(what_would_happen_knows_classes_and_budgets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
