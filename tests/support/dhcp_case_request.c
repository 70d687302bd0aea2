/* SPDX-License-Identifier: ISC */

/* REQUEST in the client's four states: RFC 2131 4.3.2. */

#include <string.h>

#include "tests/support/dhcp_case.h"

/* ---- SELECTING ---- */

static void rfc2131_4_3_2_selecting_another_server(struct dhcp_lab *t)
{
	uint32_t ip = dhcp_offered(t, (struct dhcp_ask){.who = 1});

	dhcp_request(t, (struct dhcp_ask){.who = 1, .want = ip, .server = LAB_US + 8}, 0);
	DHCP_EQ(t, dhcp_offered(t, (struct dhcp_ask){.who = 2, .want = ip}), ip);
	/* Not offered by us, of our pool: it is the other server's all the same. */
	dhcp_request(t, (struct dhcp_ask){.who = 3, .want = ip + 200, .server = LAB_US + 8}, 0);
}

static void rfc2131_4_3_2_selecting_what_is_not_there(struct dhcp_lab *t)
{
	uint32_t ip = dhcp_lease(t, (struct dhcp_ask){.who = 1});
	struct dhcp_ask q = {.who = 2, .want = ip, .server = LAB_US};

	dhcp_offered(t, (struct dhcp_ask){.who = 2});
	dhcp_request(t, q, GYL_DHCP_NAK); /* another's */
	q.want = LAB_US;
	dhcp_request(t, q, GYL_DHCP_NAK); /* ours */
	q.want = LAB_NET + 0x7000;
	dhcp_request(t, q, GYL_DHCP_NAK); /* of no pool */
	q.want = LAB_FOREIGN + 5;
	dhcp_request(t, q, GYL_DHCP_NAK); /* of no subnet */
	q.want = LAB_BRANCH + 0x1100;
	dhcp_request(t, q, GYL_DHCP_NAK); /* of another subnet of ours */
}

static void rfc2131_4_3_2_a_duplicate_gets_the_same_ack(struct dhcp_lab *t)
{
	struct dhcp_ask q = {.who = 1, .server = LAB_US, .again = true, .list = "01 03 06"};
	struct dhcp_frame first;

	q.want = dhcp_lease(t, (struct dhcp_ask){.who = 1, .list = "01 03 06"});
	first = t->got;
	dhcp_request(t, q, GYL_DHCP_ACK);
	DHCP_EQ(t, t->got.len, first.len);
	DHCP_TRUE(t, memcmp(t->got.p, first.p, first.len) == 0);
}

static void rfc2131_4_3_2_it_asks_for_no_address(struct dhcp_lab *t)
{
	dhcp_request(t, (struct dhcp_ask){.who = 1, .server = LAB_US}, 0);
	dhcp_request(t, (struct dhcp_ask){.who = 1}, 0);
}

/* ---- INIT-REBOOT ---- */

static void rfc2131_4_3_2_init_reboot_right(struct dhcp_lab *t)
{
	uint32_t ip = dhcp_lease(t, (struct dhcp_ask){.who = 1});

	dhcp_request(t, (struct dhcp_ask){.who = 1, .want = ip}, GYL_DHCP_ACK);
	DHCP_EQ(t, t->a.hdr.yiaddr, ip);
	DHCP_EQ(t, dhcp_opt_u32(t, GYL_DHCP_OPT_LEASE_TIME), DHCP_PLAN_LEASE_S);
	ip = dhcp_lease(t, (struct dhcp_ask){.who = 2, .giaddr = BRANCH_RELAY});
	dhcp_request(
		t, (struct dhcp_ask){.who = 2, .want = ip, .giaddr = BRANCH_RELAY}, GYL_DHCP_ACK);
	DHCP_EQ(t, t->a.hdr.yiaddr, ip);
}

static void rfc2131_4_3_2_init_reboot_wrong_address(struct dhcp_lab *t)
{
	uint32_t ip = dhcp_lease(t, (struct dhcp_ask){.who = 1});

	dhcp_request(t, (struct dhcp_ask){.who = 1, .want = ip + 77}, GYL_DHCP_NAK);
	/* What it has is its own as before. */
	dhcp_request(t, (struct dhcp_ask){.who = 1, .want = ip}, GYL_DHCP_ACK);
}

static void rfc2131_4_3_2_init_reboot_wrong_network(struct dhcp_lab *t)
{
	dhcp_request(t, (struct dhcp_ask){.who = 1, .want = LAB_FOREIGN + 5}, GYL_DHCP_NAK);
	dhcp_request(t, (struct dhcp_ask){.who = 1, .want = LAB_BRANCH + 0x1005}, GYL_DHCP_NAK);
}

static void rfc2131_4_3_2_init_reboot_wrong_network_by_relay(struct dhcp_lab *t)
{
	uint32_t ip = dhcp_lease(t, (struct dhcp_ask){.who = 1});
	struct dhcp_ask q = {.who = 1, .want = ip, .giaddr = BRANCH_RELAY, .relay = "01 02 6161"};

	dhcp_request(t, q, GYL_DHCP_NAK);
	DHCP_EQ(t, t->got.dst_ip, BRANCH_RELAY);
	DHCP_EQ(t, t->got.dst_port, 67);
	DHCP_EQ(t, t->a.hdr.flags, GYL_DHCP_FLAG_BROADCAST);
}

static void rfc2131_4_3_2_init_reboot_unknown(struct dhcp_lab *t)
{
	dhcp_request(t, (struct dhcp_ask){.who = 1, .want = LAB_NET + 0x1777}, 0);
	dhcp_request(t,
		(struct dhcp_ask){.who = 1, .want = LAB_BRANCH + 0x1177, .giaddr = BRANCH_RELAY},
		0);
}

static void rfc2131_4_3_2_init_reboot_without_authority(struct dhcp_lab *t)
{
	dhcp_request(t, (struct dhcp_ask){.who = 1, .want = LAB_FOREIGN + 5}, 0);
	dhcp_request(t, (struct dhcp_ask){.who = 1, .ciaddr = LAB_FOREIGN + 5}, 0);
	dhcp_request(t, (struct dhcp_ask){.who = 1, .want = LAB_NET + 0x1777}, 0);
}

/* ---- RENEWING and REBINDING ---- */

static void rfc2131_4_3_2_renewing(struct dhcp_lab *t)
{
	uint32_t ip = dhcp_lease(t, (struct dhcp_ask){.who = 1, .lease = 900});

	dhcp_request(t, (struct dhcp_ask){.who = 1, .ciaddr = ip, .unicast = true}, GYL_DHCP_ACK);
	DHCP_EQ(t, t->a.hdr.yiaddr, ip);
	DHCP_EQ(t, dhcp_opt_u32(t, GYL_DHCP_OPT_LEASE_TIME), DHCP_PLAN_LEASE_S);
}

static void rfc2131_4_3_2_a_renewal_begins_the_lease_anew(struct dhcp_lab *t)
{
	uint32_t ip = dhcp_lease(t, (struct dhcp_ask){.who = 1});

	for (unsigned i = 0; i < 5; i++) {
		dhcp_pass(t, DHCP_PLAN_LEASE_S * 3 / 4);
		dhcp_request(t, (struct dhcp_ask){.who = 1, .ciaddr = ip, .unicast = true},
			GYL_DHCP_ACK);
		DHCP_EQ(t, dhcp_opt_u32(t, GYL_DHCP_OPT_LEASE_TIME), DHCP_PLAN_LEASE_S);
	}
}

static void rfc2131_4_3_2_renewing_late(struct dhcp_lab *t)
{
	uint32_t ip = dhcp_lease(t, (struct dhcp_ask){.who = 1});

	dhcp_pass(t, DHCP_PLAN_LEASE_S + 60);
	dhcp_request(t, (struct dhcp_ask){.who = 1, .ciaddr = ip, .unicast = true}, GYL_DHCP_ACK);
	DHCP_EQ(t, t->a.hdr.yiaddr, ip);
}

static void rfc2131_4_3_2_renewing_through_a_relay(struct dhcp_lab *t)
{
	uint32_t ip = dhcp_lease(t, (struct dhcp_ask){.who = 1, .giaddr = BRANCH_RELAY});

	/* A relay that picks up unicast sets giaddr: the answer is its. */
	dhcp_request(
		t, (struct dhcp_ask){.who = 1, .ciaddr = ip, .giaddr = BRANCH_RELAY}, GYL_DHCP_ACK);
	DHCP_EQ(t, t->got.dst_ip, BRANCH_RELAY);
	/* Through routers, past the relay. */
	dhcp_request(t, (struct dhcp_ask){.who = 1, .ciaddr = ip, .unicast = true}, GYL_DHCP_ACK);
	DHCP_EQ(t, t->got.dst_ip, ip);
}

static void rfc2131_4_3_2_renewing_what_is_anothers(struct dhcp_lab *t)
{
	uint32_t ip = dhcp_lease(t, (struct dhcp_ask){.who = 1});

	dhcp_request(t, (struct dhcp_ask){.who = 2, .ciaddr = ip, .unicast = true}, GYL_DHCP_NAK);
	dhcp_request(t, (struct dhcp_ask){.who = 2, .ciaddr = ip}, GYL_DHCP_NAK);
	dhcp_lease(t, (struct dhcp_ask){.who = 3});
	dhcp_request(t, (struct dhcp_ask){.who = 3, .ciaddr = ip}, GYL_DHCP_NAK);
	dhcp_request(t, (struct dhcp_ask){.who = 1, .ciaddr = ip}, GYL_DHCP_ACK);
}

static void rfc2131_4_3_2_rebinding(struct dhcp_lab *t)
{
	uint32_t ip = dhcp_lease(t, (struct dhcp_ask){.who = 1});

	dhcp_request(t, (struct dhcp_ask){.who = 1, .ciaddr = ip}, GYL_DHCP_ACK);
	DHCP_EQ(t, t->a.hdr.yiaddr, ip);
	ip = dhcp_lease(t, (struct dhcp_ask){.who = 2, .giaddr = BRANCH_RELAY});
	dhcp_request(
		t, (struct dhcp_ask){.who = 2, .ciaddr = ip, .giaddr = BRANCH_RELAY}, GYL_DHCP_ACK);
}

static void rfc2131_4_3_2_rebinding_unknown(struct dhcp_lab *t)
{
	dhcp_request(t, (struct dhcp_ask){.who = 1, .ciaddr = LAB_NET + 0x1778}, 0);
	dhcp_request(t,
		(struct dhcp_ask){.who = 1, .ciaddr = LAB_BRANCH + 0x1178, .giaddr = BRANCH_RELAY},
		0);
}

static void rfc2131_4_3_2_rebinding_on_a_wrong_network(struct dhcp_lab *t)
{
	struct dhcp_ask q = {.who = 1, .ciaddr = LAB_FOREIGN + 5};

	dhcp_request(t, q, GYL_DHCP_NAK);
	q.giaddr = BRANCH_RELAY;
	dhcp_request(t, q, GYL_DHCP_NAK);
	DHCP_EQ(t, t->got.dst_ip, BRANCH_RELAY);
	DHCP_EQ(t, t->a.hdr.flags, GYL_DHCP_FLAG_BROADCAST);
}

static void rfc2131_4_3_2_renewing_after_a_lost_store(struct dhcp_lab *t)
{
	/* By unicast it means us, and so our memory is what is wrong. */
	dhcp_request(t,
		(struct dhcp_ask){
			.who = 1, .ciaddr = dhcp_plan_subnets[0].last - t->serial, .unicast = true},
		GYL_DHCP_ACK);
	dhcp_request(t, (struct dhcp_ask){.who = 2, .ciaddr = LAB_NET + 0x7000, .unicast = true},
		GYL_DHCP_NAK);
}

static const struct dhcp_case rules[] = {
	DHCP_RULE(rfc2131_4_3_2_selecting_another_server, "RFC 2131 4.3.2",
		"SELECTING, another server's identifier: silence, and the offer is free again"),
	DHCP_RULE(rfc2131_4_3_2_selecting_what_is_not_there, "RFC 2131 4.3.2",
		"SELECTING an address that cannot be given: NAK"),
	DHCP_RULE(rfc2131_4_3_2_a_duplicate_gets_the_same_ack, "RFC 2131 4.3.2",
		"a REQUEST that is sent again gets the same ACK, octet by octet"),
	DHCP_RULE(rfc2131_4_3_2_it_asks_for_no_address, "RFC 2131 4.3.2",
		"a REQUEST for no address is left alone"),
	DHCP_RULE(rfc2131_4_3_2_init_reboot_right, "RFC 2131 4.3.2",
		"INIT-REBOOT with the right address: ACK, on the link and by relay"),
	DHCP_RULE(rfc2131_4_3_2_init_reboot_wrong_address, "RFC 2131 4.3.2",
		"INIT-REBOOT of a known client with another address: NAK"),
	DHCP_RULE(rfc2131_4_3_2_init_reboot_wrong_network, "RFC 2131 4.3.2",
		"INIT-REBOOT with an address of another network: NAK"),
	DHCP_RULE(rfc2131_4_3_2_init_reboot_wrong_network_by_relay, "RFC 2131 4.3.2",
		"the same by relay: NAK to giaddr with the broadcast flag"),
	DHCP_RULE(rfc2131_4_3_2_init_reboot_unknown, "RFC 2131 4.3.2",
		"INIT-REBOOT of an unknown client: silence"),
	DHCP_RULE_QUIET(rfc2131_4_3_2_init_reboot_without_authority, "RFC 2131 4.3.2",
		"a server without authority says no NAK for another network"),
	DHCP_RULE(rfc2131_4_3_2_renewing, "RFC 2131 4.3.2", "RENEWING: ACK with the full time"),
	DHCP_RULE_TIME(rfc2131_4_3_2_a_renewal_begins_the_lease_anew, "RFC 2131 4.3.2",
		"each renewal gives the full time again"),
	DHCP_RULE_TIME(rfc2131_4_3_2_renewing_late, "RFC 2131 4.3.2",
		"RENEWING after the lease has ended: ACK while the address is free"),
	DHCP_RULE(rfc2131_4_3_2_renewing_through_a_relay, "RFC 2131 4.3.2",
		"RENEWING with giaddr: ACK to giaddr; through routers: ACK to ciaddr"),
	DHCP_RULE(rfc2131_4_3_2_renewing_what_is_anothers, "RFC 2131 4.3.2",
		"RENEWING or REBINDING another's address: NAK"),
	DHCP_RULE(rfc2131_4_3_2_rebinding, "RFC 2131 4.3.2",
		"REBINDING: ACK, on the link and by relay"),
	DHCP_RULE(rfc2131_4_3_2_rebinding_unknown, "RFC 2131 4.3.2",
		"REBINDING of an unknown client: silence"),
	DHCP_RULE(rfc2131_4_3_2_rebinding_on_a_wrong_network, "RFC 2131 4.3.2",
		"REBINDING with an address of another network: NAK"),
	DHCP_RULE(rfc2131_4_3_2_renewing_after_a_lost_store, "RFC 2131 4.3.2",
		"RENEWING of an unknown client by unicast: ACK if the address can be given, else NAK"),
};
DHCP_THEME(request, rules);
