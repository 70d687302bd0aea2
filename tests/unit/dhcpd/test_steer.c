/* SPDX-License-Identifier: ISC */

/* Leases and pools, as they are listed. */

#include "tests/unit/dhcpd/steer_world.h"

static struct steer s;

static void leases_are_listed_by_pattern(void **state)
{
	static const struct {
		const char *args;
		unsigned cnt;
	} cases[] = {
		{"", 3}, {"ip=10.0.0.0/24", 2}, {"ip=10.1.0.*", 1}, {"mac=02:00:00:00:00:02", 1},
		{"mac=02:00", 3}, {"name=lap*", 1}, {"name=LAPTOP ip=10.0.0.10", 1},
		{"name=laptop ip=10.0.0.11", 0}, {"subnet=10.1.0.0/24", 1}, {"state=leased", 3},
		{"state=offered", 1}, {"state=released", 1}, {"state=expired", 0},
		{"state=*", 6}, /* our own address stands in no pool */
	};
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 1, .name = "laptop"});
	get_lease(w, (struct ask){.client = 2});
	get_lease(w, (struct ask){.client = 3, .giaddr = RELAY});
	get_lease(w, (struct ask){.client = 4});
	ask(w, (struct ask){
		       .type = GYL_DHCP_RELEASE, .client = 4, .ciaddr = POOL + 2, .server = US});
	get_lease(w, (struct ask){.client = 6});
	ask(w, (struct ask){.type = GYL_DHCP_DECLINE, .client = 6, .want = POOL + 3, .server = US});
	offered(w, (struct ask){.client = 5});
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		assert_true(steer(w, &s, "dhcp.leases", cases[i].args));
		if (lines(&s) != cases[i].cnt)
			fail_msg("%s: %s", cases[i].args, s.text);
	}
	world_pass(w, 2 * GYL_NS_PER_HOUR);
	assert_true(steer(w, &s, "dhcp.leases", "state=expired"));
	assert_int_equal(lines(&s), 3);
	assert_true(steer(w, &s, "dhcp.leases", ""));
	assert_int_equal(lines(&s), 0);
}

static void a_lease_is_told_as_its_event_tells_it(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 1, .name = "laptop", .id = "ff0102"});
	world_pass(w, 10 * GYL_NS_PER_S);
	assert_true(steer(w, &s, "dhcp.leases", ""));
	expect_in(s.text,
		"\"event\":\"dhcpd.lease\",\"ip\":\"10.0.0.10\",\"mac\":\"02:00:00:00:00:01\","
		"\"id\":\"ff0102\",\"name\":\"laptop\",\"state\":\"leased\",\"expiry\":\"");
	expect_in(s.text, "\"subnet\":\"10.0.0.0/24\",\"domain\":\"event.example\"");
	expect_in(s.text, "\"since\":\"");
}

/* What a client was not told, nobody is told. */
static void what_is_not_durable_waits(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 1});
	assert_true(steer(w, &s, "dhcp.leases", ""));
	assert_int_equal(s.after, w->b.seq);
	assert_int_equal(lines(&s), 1);
	s.follow = true; /* its event comes */
	w->b.out.durable = w->b.seq - 1;
	assert_true(steer(w, &s, "dhcp.leases", ""));
	s.follow = false;
	assert_int_equal(lines(&s), 0);
}

/* No slice looks at too much or says too much. */
static void many_leases_come_in_slices(void **state)
{
	struct world *w = *state;

	w->plan.no_far = true;
	w->plan.pool[0] = (struct gyl_conf_range){IP(10, 0, 0, 10), IP(10, 0, 0, 250)};
	world_reload(w);
	for (unsigned i = 0; i < 241; i++) {
		uint8_t mac[6] = {2, 0, 0, 0, 1, (uint8_t)i};

		assert_int_not_equal(get_lease(w, (struct ask){.client = 1, .mac = mac}), 0);
	}
	assert_true(steer(w, &s, "dhcp.leases", ""));
	assert_int_equal(lines(&s), 241);
	assert_true(s.slices > 1);
}

static void pools_are_counted(void **state)
{
	struct world *w = *state;

	w->plan.host[0] = (struct plan_host){{2, 0, 0, 0, 0, 9}, POOL + 9, "printer"};
	world_reload(w);
	get_lease(w, (struct ask){.client = 1});
	get_lease(w, (struct ask){.client = 2});
	get_lease(w, (struct ask){.client = 6});
	ask(w, (struct ask){.type = GYL_DHCP_DECLINE, .client = 6, .want = POOL + 2, .server = US});
	offered(w, (struct ask){.client = 5});
	assert_true(steer(w, &s, "dhcp.pools", ""));
	assert_int_equal(lines(&s), 2);
	expect_in(s.text,
		"{\"subnet\":\"10.0.0.0/24\",\"size\":10,\"free\":5,\"offered\":1,\"leased\":2,"
		"\"declined\":1,\"reserved\":1,\"percent\":50,");
	expect_in(s.text, "\"ranges\":[\"10.0.0.10-10.0.0.19\"]");
	expect_in(s.text, "{\"subnet\":\"10.1.0.0/24\",\"size\":10,\"free\":10,");
	expect_not_in(s.text, "full_in_minutes");
}

static void a_growing_pool_says_when_it_is_full(void **state)
{
	struct world *w = *state;

	for (uint8_t i = 1; i <= 5; i++) {
		get_lease(w, (struct ask){.client = i});
		world_pass(w, GYL_NS_PER_MIN);
	}
	assert_true(steer(w, &s, "dhcp.pools", ""));
	expect_in(s.text, "\"full_in_minutes\":");
}

/* ---- wipe ---- */

static void a_wiped_lease_is_forgotten_for_good(void **state)
{
	struct world *w = *state;
	const struct gyl_event *e;

	get_lease(w, (struct ask){.client = 1, .name = "laptop"});
	get_lease(w, (struct ask){.client = 2});
	assert_true(steer(w, &s, "dhcp.wipe", "what=02:00:00:00:00:01"));
	expect_in(s.text,
		"\"what\":\"wiped\",\"ip\":\"10.0.0.10\",\"mac\":\"02:00:00:00:00:01\",\"name\":"
		"\"laptop\",\"state\":\"leased\"");
	expect_in(s.text, "wiped 10.0.0.10, which was leased, of 02:00:00:00:00:01 (laptop)");
	assert_int_equal(lines(&s), 1);
	assert_int_equal(s.after, w->b.seq);
	assert_int_equal(s.event_cnt, 2);
	assert_int_equal(s.event[0].kind, GYL_EV_DHCPD_LEASE);
	e = &s.event[1];
	assert_int_equal(e->kind, GYL_EV_DHCPD_STEER);
	assert_int_equal(gyl_dhcpd_lease_at(w->d, POOL)->form, GYL_DHCPD_NOBODY);
	assert_int_equal(state_of(w, POOL + 1), GYL_DHCPD_LEASED);
	world_start(w);
	outbox_restore(&w->b, &gyl_dhcpd_core, w->d);
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_FREE);
	assert_int_equal(state_of(w, POOL + 1), GYL_DHCPD_LEASED);
	/* It is a stranger now: no word about an address that it only remembers. */
	assert_int_equal(request(w, (struct ask){.client = 1, .want = POOL}), 0);
}

static void many_are_wiped_only_when_that_is_said(void **state)
{
	struct world *w = *state;

	for (uint8_t i = 1; i <= 10; i++)
		get_lease(w, (struct ask){.client = i});
	for (uint8_t i = 1; i <= 10; i++)
		get_lease(w, (struct ask){.client = i, .giaddr = RELAY});
	assert_false(steer(w, &s, "dhcp.wipe", "what=10.0.0.0/24"));
	expect_in(s.wrong, "10 leases and former ones are meant by \"10.0.0.0/24\"");
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_LEASED);
	assert_false(steer(w, &s, "dhcp.wipe", "what=10.0.0.0/24 yes=false"));
	assert_true(steer(w, &s, "dhcp.wipe", "what=10.0.0.0/24 yes=true"));
	assert_int_equal(lines(&s), 10);
	assert_int_equal(s.event_cnt, 11);
	for (uint32_t i = 0; i < 10; i++) {
		assert_int_equal(state_of(w, POOL + i), GYL_DHCPD_FREE);
		assert_int_equal(state_of(w, FAR_POOL + i), GYL_DHCPD_LEASED);
	}
	assert_int_not_equal(get_lease(w, (struct ask){.client = 77}), 0);
}

static void quarantine_can_be_wiped(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 6});
	ask(w, (struct ask){.type = GYL_DHCP_DECLINE, .client = 6, .want = POOL, .server = US});
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_DECLINED);
	assert_true(steer(w, &s, "dhcp.wipe", "what=10.0.0.10"));
	expect_in(s.text, "\"state\":\"declined\"");
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_FREE);
}

static void what_cannot_be_wiped_is_told(void **state)
{
	static const struct {
		const char *args, *wrong;
	} cases[] = {
		{"what=10.0.0.10", "nothing is known of \"10.0.0.10\""},
		{"what=02:00:00:00:00:01", "nothing is known of"},
		{"what=10.0.0.1", "nothing is known of"}, /* our own stays */
		{"what=10.0.0.0/25", "\"10.0.0.0/25\" is no subnet here"},
		{"what=10.9.0.0/24", "is in none of the subnets"},
		{"what=all", "\"all\" is neither an address"},
		{"", "\"\" is neither an address"},
	};
	struct world *w = *state;

	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		assert_false(steer(w, &s, "dhcp.wipe", cases[i].args));
		expect_in(s.wrong, cases[i].wrong);
		assert_int_equal(s.event_cnt, 0);
	}
}

/* ---- reservations ---- */

#define MAC(n) "02:00:00:00:00:" n

static void restart(struct world *w)
{
	world_start(w);
	outbox_restore(&w->b, &gyl_dhcpd_core, w->d);
}

/* "since" of the first line */
static void get_since(char ret[64])
{
	const char *at = strstr(s.text, "\"since\":\"");
	size_t len = 0;

	assert_non_null(at);
	while (len < 60 && at[9 + len] != '"')
		len++;
	memcpy(ret, at + 9, len);
	ret[len] = '\0';
}

static void a_lease_of_an_earlier_run_knows_when_it_began(void **state)
{
	struct world *w = *state;
	char before[64], after[64];

	get_lease(w, (struct ask){.client = 3, .giaddr = RELAY, .relay = "01036530ff"});
	assert_true(steer(w, &s, "dhcp.leases", ""));
	get_since(before);
	expect_in(s.text, "\"option82\":\"01036530ff\"");
	world_pass(w, 10 * GYL_NS_PER_S);
	restart(w);
	assert_true(steer(w, &s, "dhcp.leases", ""));
	get_since(after);
	assert_string_equal(after, before);
	expect_in(s.text, "\"option82\":\"01036530ff\"");
}

/* RFC 2131 4.3.2: who may not keep its address is told so when it renews. */
static void a_live_reservation_moves_both_at_their_renewal(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 1});
	get_lease(w, (struct ask){.client = 2});
	assert_true(steer(w, &s, "dhcp.reserve", "mac=" MAC("02") " ip=10.0.0.10 name=printer"));
	expect_in(s.text,
		"reserved 10.0.0.10 printer for 02:00:00:00:00:02. Another client has it now");
	assert_int_equal(s.event[s.event_cnt - 1].kind, GYL_EV_DHCPD_STEER);
	assert_int_equal(s.after, w->b.seq);
	/* While the other holds it, both stay. */
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_LEASED);
	assert_int_equal(request(w, (struct ask){.client = 2, .ciaddr = POOL + 1, .unicast = true}),
		GYL_DHCP_ACK);
	assert_int_equal(request(w, (struct ask){.client = 1, .ciaddr = POOL, .unicast = true}),
		GYL_DHCP_NAK);
	assert_int_not_equal(get_lease(w, (struct ask){.client = 1}), POOL);
	world_pass(w, GYL_NS_PER_S);
	assert_int_equal(request(w, (struct ask){.client = 2, .ciaddr = POOL + 1, .unicast = true}),
		GYL_DHCP_NAK);
	assert_int_equal(get_lease(w, (struct ask){.client = 2}), POOL);
	assert_true(steer(w, &s, "dhcp.leases", "name=printer ip=10.0.0.10"));
	assert_int_equal(lines(&s), 1);
}

static void it_survives_reload_and_restart(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 1});
	assert_true(steer(w, &s, "dhcp.reserve", "mac=" MAC("09") " ip=10.0.0.200"));
	assert_true(steer(w, &s, "dhcp.reserve", "mac=" MAC("01") " name=desk"));
	expect_in(s.text, "reserved 10.0.0.10 desk for 02:00:00:00:00:01."); /* what it has */
	assert_int_equal(get_lease(w, (struct ask){.client = 9}), IP(10, 0, 0, 200));
	world_reload(w);
	assert_int_equal(offered(w, (struct ask){.client = 9}), IP(10, 0, 0, 200));
	assert_int_equal(offered(w, (struct ask){.client = 1}), POOL);
	restart(w);
	assert_int_equal(offered(w, (struct ask){.client = 9}), IP(10, 0, 0, 200));
	assert_int_equal(
		request(w, (struct ask){.client = 9, .ciaddr = IP(10, 0, 0, 200), .unicast = true}),
		GYL_DHCP_ACK);
	assert_true(steer(w, &s, "dhcp.reservations", ""));
	assert_int_equal(lines(&s), 2);
	expect_in(s.text,
		"{\"ip\":\"10.0.0.200\",\"mac\":\"02:00:00:00:00:09\",\"from\":\"control\",\"since\":\"");
	expect_in(s.text, "\"now\":\"leased\"}");
	/* Nobody else gets it, asked for or not. */
	assert_int_not_equal(offered(w, (struct ask){.client = 7, .want = IP(10, 0, 0, 200)}),
		IP(10, 0, 0, 200));
}

static void it_can_be_taken_back(void **state)
{
	struct world *w = *state;

	assert_true(steer(w, &s, "dhcp.reserve", "mac=" MAC("1e") " ip=10.0.0.19"));
	for (uint8_t i = 1; i <= 9; i++)
		assert_int_not_equal(get_lease(w, (struct ask){.client = i}), POOL + 9);
	assert_int_equal(offered(w, (struct ask){.client = 20}), 0);
	assert_true(steer(w, &s, "dhcp.unreserve", "mac=" MAC("1e")));
	expect_in(s.text, "took back the reservation of 10.0.0.19 for 02:00:00:00:00:1e.");
	assert_int_equal(offered(w, (struct ask){.client = 20}), POOL + 9);
	restart(w);
	assert_true(steer(w, &s, "dhcp.reservations", ""));
	assert_int_equal(lines(&s), 0);
}

static void a_name_alone_can_be_reserved(void **state)
{
	struct world *w = *state;

	assert_true(steer(w, &s, "dhcp.reserve", "mac=" MAC("05") " ip=any name=Camera"));
	get_lease(w, (struct ask){.client = 5, .name = "android-17"});
	assert_true(steer(w, &s, "dhcp.leases", "name=camera"));
	assert_int_equal(lines(&s), 1);
}

static void conflicts_are_refused_with_a_sentence(void **state)
{
	static const struct {
		const char *args, *wrong;
	} cases[] = {
		{"mac=" MAC("09") " ip=10.0.0.12",
			"something is reserved for 02:00:00:00:00:09 in the configuration file"},
		{"mac=" MAC("01") " ip=10.0.0.15",
			"10.0.0.15 is reserved for 02:00:00:00:00:09 in the configuration file: change it there"},
		{"mac=" MAC("01") " ip=10.0.0.16 name=PRINTER",
			"printer is reserved for 02:00:00:00:00:09 in the configuration file"},
		{"mac=" MAC("01") " ip=10.0.0.17",
			"10.0.0.17 is reserved for 02:00:00:00:00:08 already: guyline dhcp unreserve"},
		{"mac=" MAC("01") " ip=10.0.0.1", "10.0.0.1 is our own or the network's"},
		{"mac=" MAC("01") " ip=10.0.0.255", "our own or the network's"},
		{"mac=" MAC("01") " ip=10.7.0.1", "10.7.0.1 is in none of the subnets"},
		{"mac=" MAC("01") " ip=10.0.0", "\"10.0.0\" is no address"},
		{"mac=" MAC("01") " ip=10.0.0.12 name=not_a_name!", "is no host name"},
		{"mac=" MAC("01"), "02:00:00:00:00:01 has no address now: say which one"},
		{"mac=" MAC("01") " ip=any", "needs a name"},
		{"mac=laptop ip=10.0.0.12", "\"laptop\" is not the MAC of a client"},
		{"mac=ff:ff:ff:ff:ff:ff ip=10.0.0.12", "is not the MAC of a client"},
	};
	struct world *w = *state;
	uint32_t records;

	w->plan.host[0] = (struct plan_host){{2, 0, 0, 0, 0, 9}, POOL + 5, "printer"};
	world_reload(w);
	assert_true(steer(w, &s, "dhcp.reserve", "mac=" MAC("08") " ip=10.0.0.17"));
	records = w->b.record_cnt;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		if (steer(w, &s, "dhcp.reserve", cases[i].args))
			fail_msg("%s: %s", cases[i].args, s.text);
		expect_in(s.wrong, cases[i].wrong);
		assert_int_equal(s.event_cnt, 0);
	}
	assert_false(steer(w, &s, "dhcp.unreserve", "mac=" MAC("09")));
	expect_in(s.wrong, "what the configuration file reserves is changed there");
	assert_int_equal(w->b.record_cnt, records);
	/* The same client may be given another one. */
	assert_true(steer(w, &s, "dhcp.reserve", "mac=" MAC("08") " ip=10.0.0.18"));
	assert_int_equal(offered(w, (struct ask){.client = 8}), POOL + 8);
}

static void the_file_is_right_where_both_speak(void **state)
{
	struct world *w = *state;

	assert_true(steer(w, &s, "dhcp.reserve", "mac=" MAC("08") " ip=10.0.0.15"));
	w->plan.host[0] = (struct plan_host){{2, 0, 0, 0, 0, 9}, POOL + 5, "printer"};
	world_reload(w);
	assert_int_equal(offered(w, (struct ask){.client = 9}), POOL + 5);
	assert_int_not_equal(offered(w, (struct ask){.client = 8}), POOL + 5);
	assert_true(steer(w, &s, "dhcp.reservations", ""));
	assert_int_equal(lines(&s), 2);
	expect_in(s.text, "does not count: the file says otherwise");
	memset(&w->plan.host[0], 0, sizeof w->plan.host[0]);
	world_reload(w);
	world_pass(w, 2 * GYL_NS_PER_MIN); /* offers run out */
	assert_int_equal(offered(w, (struct ask){.client = 8}), POOL + 5);
}

static void a_full_store_changes_nothing(void **state)
{
	struct world *w = *state;

	w->b.store_full = true;
	assert_false(steer(w, &s, "dhcp.reserve", "mac=" MAC("08") " ip=10.0.0.15"));
	expect_in(s.wrong, "the store is full: nothing was changed");
	w->b.store_full = true;
	assert_false(steer(w, &s, "dhcp.drain", "subnet=10.1.0.0/24"));
	w->b.store_full = false;
	assert_int_not_equal(offered(w, (struct ask){.client = 8}), POOL + 5);
	assert_true(steer(w, &s, "dhcp.reservations", ""));
	assert_int_equal(lines(&s), 0);
}

/* ---- drain ---- */

static void a_drained_subnet_is_remembered(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 3, .giaddr = RELAY});
	assert_true(steer(w, &s, "dhcp.drain", "subnet=10.1.0.0/24"));
	expect_in(s.text, "10.1.0.0/24 is drained: 1 client has to leave it");
	expect_in(s.text, "No other subnet is on its link");
	assert_int_equal(s.event[0].kind, GYL_EV_DHCPD_STEER);
	assert_true(w->d->layout->subnet[1].drain);
	assert_false(w->d->layout->subnet[0].drain);
	world_reload(w);
	assert_true(w->d->layout->subnet[1].drain);
	restart(w);
	outbox_tick(&w->b, &gyl_dhcpd_core, w->d);
	assert_true(w->d->layout->subnet[1].drain);
	assert_true(steer(w, &s, "dhcp.pools", ""));
	expect_in(s.text, "\"drain\":true");
	assert_true(steer(w, &s, "dhcp.drain", "subnet=10.1.0.7 set=off"));
	expect_in(s.text, "10.1.0.0/24 is not drained");
	assert_false(w->d->layout->subnet[1].drain);
	restart(w);
	outbox_tick(&w->b, &gyl_dhcpd_core, w->d);
	assert_false(w->d->layout->subnet[1].drain);
	assert_false(steer(w, &s, "dhcp.drain", "subnet=10.1.0.0/24 set=maybe"));
	expect_in(s.wrong, "\"maybe\" is none of on, off and file");
	assert_false(steer(w, &s, "dhcp.drain", "subnet=10.2.0.0/24"));
	expect_in(s.wrong, "in none of the subnets");
}

/* What counts is the configuration in use, not one that was refused. */
static void a_refused_configuration_hides_no_reservation(void **state)
{
	struct world *w = *state;

	assert_true(steer(w, &s, "dhcp.reserve", "mac=" MAC("08") " ip=10.0.0.15"));
	w->plan.host[0] = (struct plan_host){{2, 0, 0, 0, 0, 9}, POOL + 5, "printer"};
	w->plan.subnet[0] = (struct plan_subnet){.ip = IP(10, 2, 0, 0),
		.len = 24,
		.pool = {{IP(10, 2, 0, 5), IP(10, 2, 0, 6)}, {IP(10, 2, 0, 6), IP(10, 2, 0, 7)}}};
	world_reload(w);
	assert_true(has_event(w, GYL_EV_BASE_REFUSED));
	assert_true(steer(w, &s, "dhcp.reservations", ""));
	expect_in(s.text, "not in use");
	assert_int_equal(offered(w, (struct ask){.client = 8}), POOL + 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(leases_are_listed_by_pattern),
		T(a_lease_is_told_as_its_event_tells_it),
		T(a_lease_of_an_earlier_run_knows_when_it_began),
		T(what_is_not_durable_waits),
		T(many_leases_come_in_slices),
		T(pools_are_counted),
		T(a_growing_pool_says_when_it_is_full),
		T(a_wiped_lease_is_forgotten_for_good),
		T(many_are_wiped_only_when_that_is_said),
		T(quarantine_can_be_wiped),
		T(what_cannot_be_wiped_is_told),
		T(a_live_reservation_moves_both_at_their_renewal),
		T(it_survives_reload_and_restart),
		T(it_can_be_taken_back),
		T(a_name_alone_can_be_reserved),
		T(conflicts_are_refused_with_a_sentence),
		T(the_file_is_right_where_both_speak),
		T(a_full_store_changes_nothing),
		T(a_drained_subnet_is_remembered),
		T(a_refused_configuration_hides_no_reservation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
