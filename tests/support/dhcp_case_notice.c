/* SPDX-License-Identifier: ISC */

/* INFORM, DECLINE and RELEASE: RFC 2131 4.3.3 to 4.3.5. */

#include "tests/support/dhcp_case.h"

/* Is the address the client's still? A NAK says no. */
static void has_it(struct dhcp_lab *t, uint8_t who, uint32_t ip)
{
	dhcp_request(t, (struct dhcp_ask){.who = who, .want = ip}, GYL_DHCP_ACK);
}

/* ---- RELEASE ---- */

static void rfc2131_4_3_4_release(struct dhcp_lab *t)
{
	uint32_t ip = dhcp_lease(t, (struct dhcp_ask){.who = 1});

	dhcp_silent(t, (struct dhcp_ask){.type = GYL_DHCP_RELEASE,
			       .who = 1,
			       .ciaddr = ip,
			       .server = LAB_US,
			       .unicast = true});
	DHCP_EQ(t, dhcp_lease(t, (struct dhcp_ask){.who = 2, .want = ip}), ip);
}

static void rfc2131_4_3_4_release_by_relay(struct dhcp_lab *t)
{
	uint32_t ip = dhcp_lease(t, (struct dhcp_ask){.who = 1, .giaddr = BRANCH_RELAY});

	dhcp_silent(t, (struct dhcp_ask){.type = GYL_DHCP_RELEASE,
			       .who = 1,
			       .ciaddr = ip,
			       .server = LAB_US,
			       .giaddr = BRANCH_RELAY});
	DHCP_EQ(t, dhcp_lease(t, (struct dhcp_ask){.who = 2, .want = ip, .giaddr = BRANCH_RELAY}),
		ip);
}

static void rfc2131_4_3_4_releases_of_others(struct dhcp_lab *t)
{
	uint32_t ip = dhcp_lease(t, (struct dhcp_ask){.who = 1});
	struct dhcp_ask q = {
		.type = GYL_DHCP_RELEASE, .who = 1, .ciaddr = ip, .server = LAB_US + 8};

	dhcp_silent(t, q); /* another server's */
	q.server = LAB_US;
	q.ciaddr = ip + 1;
	dhcp_silent(t, q); /* another address */
	q.ciaddr = 0;
	q.want = ip;
	dhcp_silent(t, q); /* it stands in ciaddr, not in option 50 */
	q.ciaddr = ip;
	q.who = 2;
	dhcp_silent(t, q); /* another client */
	DHCP_TRUE(t, dhcp_offered(t, (struct dhcp_ask){.who = 3, .want = ip}) != ip);
	has_it(t, 1, ip);
}

/* ---- DECLINE ---- */

static void rfc2131_4_3_3_decline(struct dhcp_lab *t)
{
	uint32_t ip = dhcp_lease(t, (struct dhcp_ask){.who = 1});

	dhcp_silent(t, (struct dhcp_ask){
			       .type = GYL_DHCP_DECLINE, .who = 1, .want = ip, .server = LAB_US});
	DHCP_TRUE(t, dhcp_offered(t, (struct dhcp_ask){.who = 1, .want = ip}) != ip);
	DHCP_TRUE(t, dhcp_offered(t, (struct dhcp_ask){.who = 2, .want = ip}) != ip);
	dhcp_request(t, (struct dhcp_ask){.who = 1, .want = ip, .server = LAB_US}, GYL_DHCP_NAK);
}

static void rfc2131_4_3_3_declined_for_a_while(struct dhcp_lab *t)
{
	uint32_t ip = dhcp_lease(t, (struct dhcp_ask){.who = 1});

	dhcp_silent(t, (struct dhcp_ask){
			       .type = GYL_DHCP_DECLINE, .who = 1, .want = ip, .server = LAB_US});
	dhcp_pass(t, 9 * 60);
	DHCP_TRUE(t, dhcp_offered(t, (struct dhcp_ask){.who = 2, .want = ip}) != ip);
	dhcp_pass(t, 2 * 60);
	DHCP_EQ(t, dhcp_offered(t, (struct dhcp_ask){.who = 3, .want = ip}), ip);
}

static void rfc2131_4_3_3_declines_of_others(struct dhcp_lab *t)
{
	uint32_t ip = dhcp_lease(t, (struct dhcp_ask){.who = 1});
	struct dhcp_ask q = {.type = GYL_DHCP_DECLINE, .who = 1, .want = ip, .server = LAB_US + 8};

	dhcp_silent(t, q); /* another server's */
	q.server = LAB_US;
	q.who = 2;
	dhcp_silent(t, q); /* another client */
	q.who = 1;
	q.want = 0;
	dhcp_silent(t, q); /* of nothing */
	q.want = LAB_NET + 0x7000;
	dhcp_silent(t, q); /* of no pool */
	has_it(t, 1, ip);
}

/* ---- INFORM ---- */

static void rfc2131_4_3_5_inform(struct dhcp_lab *t)
{
	struct dhcp_ask q = {.type = GYL_DHCP_INFORM,
		.who = 1,
		.ciaddr = LAB_NET + 0x7000,
		.list = "01 03 06 33 3a 3b"};

	dhcp_answered(t, q);
	DHCP_EQ(t, t->got.dst_ip, LAB_NET + 0x7000);
	dhcp_codes_are(t, "1 3 6");
	q.flags = GYL_DHCP_FLAG_BROADCAST;
	q.unicast = true;
	dhcp_answered(t, q);
	DHCP_EQ(t, t->got.dst_ip, LAB_NET + 0x7000);
}

static void rfc2131_4_3_5_inform_takes_no_lease(struct dhcp_lab *t)
{
	uint32_t ip = dhcp_plan_subnets[0].last - t->serial;

	dhcp_answered(t, (struct dhcp_ask){.type = GYL_DHCP_INFORM, .who = 1, .ciaddr = ip});
	DHCP_EQ(t, dhcp_offered(t, (struct dhcp_ask){.who = 2, .want = ip}), ip);
}

static void rfc2131_4_3_5_inform_by_relay(struct dhcp_lab *t)
{
	struct dhcp_ask q = {.type = GYL_DHCP_INFORM,
		.who = 1,
		.ciaddr = LAB_BRANCH + 0x7000,
		.giaddr = BRANCH_RELAY};

	dhcp_answered(t, q);
	DHCP_EQ(t, t->got.dst_ip, LAB_BRANCH + 0x7000);
	DHCP_EQ(t, t->got.dst_port, 68);
	q.ciaddr = 0; /* there is only the relay */
	dhcp_answered(t, q);
	DHCP_EQ(t, t->got.dst_ip, BRANCH_RELAY);
	DHCP_EQ(t, t->got.dst_port, 67);
}

static void rfc2131_4_3_5_inform_without_ciaddr(struct dhcp_lab *t)
{
	struct dhcp_ask q = {.type = GYL_DHCP_INFORM, .who = 1, .from = LAB_NET + 0x7001};

	dhcp_answered(t, q); /* as old Windows does: the source says it */
	DHCP_EQ(t, t->got.dst_ip, LAB_NET + 0x7001);
	q.from = 0;
	dhcp_answered(t, q);
	DHCP_EQ(t, t->got.dst_ip, UINT32_MAX);
}

static void rfc2131_4_3_5_inform_from_elsewhere(struct dhcp_lab *t)
{
	/* An answer there would be for somebody who asked nothing. */
	dhcp_silent(t, (struct dhcp_ask){.type = GYL_DHCP_INFORM,
			       .who = 1,
			       .ciaddr = LAB_FOREIGN + 5,
			       .from = LAB_NET + 0x7000});
	dhcp_silent(t, (struct dhcp_ask){.type = GYL_DHCP_INFORM,
			       .who = 1,
			       .ciaddr = LAB_IP(224, 0, 0, 1),
			       .giaddr = BRANCH_RELAY});
}

static const struct dhcp_case rules[] = {
	DHCP_RULE(rfc2131_4_3_4_release, "RFC 2131 4.3.4",
		"a released address is free; a RELEASE is not answered"),
	DHCP_RULE(rfc2131_4_3_4_release_by_relay, "RFC 2131 4.3.4",
		"a RELEASE with giaddr counts as well"),
	DHCP_RULE(rfc2131_4_3_4_releases_of_others, "RFC 2131 4.3.4",
		"a RELEASE to another server, of another's or another address does nothing"),
	DHCP_RULE(rfc2131_4_3_3_decline, "RFC 2131 4.3.3",
		"a declined address is given to nobody; a DECLINE is not answered"),
	DHCP_RULE_TIME(rfc2131_4_3_3_declined_for_a_while, "RFC 2131 4.3.3",
		"a declined address is free again after decline_time"),
	DHCP_RULE(rfc2131_4_3_3_declines_of_others, "RFC 2131 4.3.3",
		"a DECLINE to another server, of another's or another address does nothing"),
	DHCP_RULE(rfc2131_4_3_5_inform, "RFC 2131 4.3.5",
		"INFORM: an ACK to ciaddr, with options, without yiaddr and times"),
	DHCP_RULE(rfc2131_4_3_5_inform_takes_no_lease, "RFC 2131 4.3.5",
		"INFORM takes no address out of the pool"),
	DHCP_RULE(rfc2131_4_3_5_inform_by_relay, "RFC 2131 4.3.5",
		"INFORM by relay: to ciaddr itself; without ciaddr to giaddr"),
	DHCP_RULE(rfc2131_4_3_5_inform_without_ciaddr, "RFC 2131 4.3.5",
		"INFORM without ciaddr: to the source address, else to all"),
	DHCP_RULE(rfc2131_4_3_5_inform_from_elsewhere, "RFC 2131 4.3.5",
		"INFORM with an address of another network is left alone"),
};
DHCP_THEME(notice, rules);
