/* SPDX-License-Identifier: ISC */

/* What every answer says and where it goes: RFC 2131 sections 2 and 4.1, table 3. Most of it is
 * looked at in dhcp_always.c, whatever the rule; here are the questions that bring it out. */

#include "tests/support/dhcp_case.h"

static void rfc2131_table_3_offer(struct dhcp_lab *t)
{
	uint32_t ip = dhcp_offered(t, (struct dhcp_ask){.who = 1, .list = "01 03"});

	DHCP_TRUE(t, ip >= dhcp_plan_subnets[0].first && ip <= dhcp_plan_subnets[0].last);
	DHCP_EQ(t, t->a.hdr.siaddr, 0);
	DHCP_EQ(t, t->a.sname.len + t->a.file.len, 0);
	DHCP_EQ(t, dhcp_opt_u32(t, GYL_DHCP_OPT_SERVER_ID), LAB_US);
	DHCP_EQ(t, dhcp_opt_u32(t, GYL_DHCP_OPT_SUBNET_MASK), 0xffff0000);
}

static void rfc2131_table_3_ack(struct dhcp_lab *t)
{
	uint32_t ip = dhcp_lease(t, (struct dhcp_ask){.who = 1, .list = "01 03"});

	DHCP_EQ(t, t->a.hdr.siaddr, 0);
	DHCP_EQ(t, dhcp_opt_u32(t, GYL_DHCP_OPT_SERVER_ID), LAB_US);
	dhcp_request(t, (struct dhcp_ask){.who = 1, .ciaddr = ip, .unicast = true}, GYL_DHCP_ACK);
	DHCP_EQ(t, t->a.hdr.ciaddr, ip);
	DHCP_EQ(t, t->a.hdr.yiaddr, ip);
}

static void rfc2131_table_3_nak(struct dhcp_lab *t)
{
	dhcp_request(
		t, (struct dhcp_ask){.who = 1, .want = LAB_FOREIGN + 5, .list = "01 03 06"}, 6);
	DHCP_EQ(t, dhcp_opt_u32(t, GYL_DHCP_OPT_SERVER_ID), LAB_US);
	DHCP_TRUE(t, dhcp_has(t, GYL_DHCP_OPT_MESSAGE));
}

static void rfc2131_2_secs_and_hops_are_not_echoed(struct dhcp_lab *t)
{
	dhcp_offered(t, (struct dhcp_ask){.who = 1, .secs = 0xffff, .hops = 3});
	dhcp_lease(t, (struct dhcp_ask){.who = 2, .secs = 9, .hops = 16, .giaddr = BRANCH_RELAY});
}

static void rfc2131_2_flags_that_must_be_zero_are_zero(struct dhcp_lab *t)
{
	dhcp_lease(t, (struct dhcp_ask){.who = 1, .flags = 0x7fff});
	dhcp_lease(t, (struct dhcp_ask){.who = 2, .flags = 0xffff});
	dhcp_lease(t, (struct dhcp_ask){.who = 3, .flags = 0x7fff, .giaddr = BRANCH_RELAY});
}

static void rfc2131_4_1_without_the_flag_to_chaddr(struct dhcp_lab *t)
{
	uint32_t ip = dhcp_lease(t, (struct dhcp_ask){.who = 1});

	DHCP_EQ(t, t->got.dst_ip, ip);
}

static void rfc2131_4_1_with_the_flag_to_all(struct dhcp_lab *t)
{
	dhcp_lease(t, (struct dhcp_ask){.who = 1, .flags = GYL_DHCP_FLAG_BROADCAST});
	DHCP_EQ(t, t->got.dst_ip, UINT32_MAX);
}

static void rfc2131_4_1_ciaddr_before_the_flag(struct dhcp_lab *t)
{
	uint32_t ip = dhcp_lease(t, (struct dhcp_ask){.who = 1});
	struct dhcp_ask q = {.who = 1, .ciaddr = ip, .flags = GYL_DHCP_FLAG_BROADCAST};

	dhcp_request(t, q, GYL_DHCP_ACK); /* rebinding */
	DHCP_EQ(t, t->got.dst_ip, ip);
	q.unicast = true;
	dhcp_request(t, q, GYL_DHCP_ACK); /* renewing */
	DHCP_EQ(t, t->got.dst_ip, ip);
	/* Its stack is not set up yet, the frame comes from nowhere: chaddr is the way back. */
	q.unicast = false;
	q.nowhere = true;
	dhcp_request(t, q, GYL_DHCP_ACK);
	DHCP_TRUE(t, !t->got.routed);
}

static void rfc2131_table_5_a_forged_ciaddr(struct dhcp_lab *t)
{
	uint32_t ip = dhcp_offered(t, (struct dhcp_ask){.who = 1, .ciaddr = LAB_FOREIGN + 9});

	DHCP_EQ(t, t->got.dst_ip, ip);
	dhcp_request(t,
		(struct dhcp_ask){
			.who = 1, .want = ip, .server = LAB_US, .ciaddr = LAB_FOREIGN + 9},
		GYL_DHCP_ACK);
	DHCP_EQ(t, t->got.dst_ip, ip);
}

static void rfc2131_table_3_boot_fields(struct dhcp_lab *t)
{
	struct dhcp_ask q = {.who = 1, .giaddr = LAB_NO_ID + 1, .list = "01 03"};

	dhcp_lease(t, q);
	DHCP_EQ(t, t->a.hdr.siaddr, LAB_NO_ID + 9);
	DHCP_TRUE(t, gyl_view_eq(t->a.file, gyl_view_str("pxe.0")));
	DHCP_TRUE(t, gyl_view_eq(t->a.sname, gyl_view_str("boot")));
	DHCP_EQ(t, t->a.overload, 0);
}

static void rfc2131_4_1_a_nak_is_for_all(struct dhcp_lab *t)
{
	uint32_t ip = dhcp_lease(t, (struct dhcp_ask){.who = 1});

	dhcp_request(t, (struct dhcp_ask){.who = 1, .want = ip + 1}, GYL_DHCP_NAK);
	DHCP_EQ(t, t->got.dst_ip, UINT32_MAX);
	dhcp_request(t, (struct dhcp_ask){.who = 1, .ciaddr = LAB_FOREIGN + 1}, GYL_DHCP_NAK);
	DHCP_EQ(t, t->got.dst_ip, UINT32_MAX);
}

static void rfc1542_2_1_answers_are_padded_to_300(struct dhcp_lab *t)
{
	dhcp_offered(t, (struct dhcp_ask){.who = 1, .list = "01"});
	DHCP_EQ(t, t->got.len, 300);
	dhcp_request(t, (struct dhcp_ask){.who = 1, .want = LAB_FOREIGN + 5}, GYL_DHCP_NAK);
	DHCP_EQ(t, t->got.len, 300);
}

static void rfc2131_4_3_1_lease_times(struct dhcp_lab *t)
{
	static const struct {
		uint32_t asked, given;
	} rows[] = {{0, DHCP_PLAN_LEASE_S}, {900, 900}, {1, DHCP_PLAN_MIN_S},
		{86400, DHCP_PLAN_MAX_S}, {0x80000000, DHCP_PLAN_MAX_S},
		{UINT32_MAX, DHCP_PLAN_MAX_S}};

	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct dhcp_ask q = {.who = (uint8_t)i, .lease = rows[i].asked};

		q.want = dhcp_offered(t, q);
		DHCP_EQ(t, dhcp_opt_u32(t, GYL_DHCP_OPT_LEASE_TIME), rows[i].given);
		q.server = LAB_US;
		dhcp_request(t, q, GYL_DHCP_ACK);
		DHCP_EQ(t, dhcp_opt_u32(t, GYL_DHCP_OPT_LEASE_TIME), rows[i].given);
	}
}

static void rfc2131_4_3_1_the_ack_has_the_time_of_the_offer(struct dhcp_lab *t)
{
	struct dhcp_ask q = {.who = 1, .lease = 900};

	q.want = dhcp_offered(t, q);
	q.lease = 0; /* not repeated */
	q.server = LAB_US;
	dhcp_request(t, q, GYL_DHCP_ACK);
	DHCP_EQ(t, dhcp_opt_u32(t, GYL_DHCP_OPT_LEASE_TIME), 900);
}

static void rfc2131_4_4_5_t1_is_half_and_t2_seven_eighths(struct dhcp_lab *t)
{
	dhcp_lease(t, (struct dhcp_ask){.who = 1, .lease = 3600});
	DHCP_EQ(t, dhcp_opt_u32(t, GYL_DHCP_OPT_RENEWAL_TIME), 1800);
	DHCP_EQ(t, dhcp_opt_u32(t, GYL_DHCP_OPT_REBINDING_TIME), 3150);
}

static void rfc2131_4_3_what_servers_say_is_not_answered(struct dhcp_lab *t)
{
	static const uint8_t theirs[] = {GYL_DHCP_OFFER, GYL_DHCP_ACK, GYL_DHCP_NAK,
		GYL_DHCP_FORCERENEW, GYL_DHCP_LEASEUNASSIGNED, GYL_DHCP_LEASEUNKNOWN,
		GYL_DHCP_LEASEACTIVE};

	for (unsigned i = 0; i < sizeof theirs; i++) {
		dhcp_silent(t, (struct dhcp_ask){.type = theirs[i], .who = 1, .op = 2});
		dhcp_silent(t, (struct dhcp_ask){.type = theirs[i], .who = 1});
	}
	/* A reply that says it is a DISCOVER. */
	dhcp_silent(t, (struct dhcp_ask){.type = GYL_DHCP_DISCOVER, .who = 1, .op = 2});
}

static void rfc2131_3_unknown_types_are_not_answered(struct dhcp_lab *t)
{
	static const uint8_t types[] = {14, 15, 16, 17, 18, 19, 99, 255};

	for (unsigned i = 0; i < sizeof types; i++)
		dhcp_silent(t, (struct dhcp_ask){.type = types[i], .who = 1});
	dhcp_silent(t, (struct dhcp_ask){.who = 1, .options = "35 01 00 ff"});
}

static const struct dhcp_case rules[] = {
	DHCP_RULE(rfc2131_table_3_offer, "RFC 2131 table 3",
		"an OFFER has yiaddr of the pool, siaddr 0, no names, our server identifier"),
	DHCP_RULE(rfc2131_table_3_ack, "RFC 2131 table 3",
		"an ACK copies ciaddr and says yiaddr again"),
	DHCP_RULE(rfc2131_table_3_nak, "RFC 2131 table 3",
		"a NAK has no addresses, and options 53, 54, 56, 61 and 82 alone"),
	DHCP_RULE(rfc2131_2_secs_and_hops_are_not_echoed, "RFC 2131 2",
		"any secs and hops are taken; answers have 0"),
	DHCP_RULE(rfc2131_2_flags_that_must_be_zero_are_zero, "RFC 2131 2",
		"flags other than broadcast are ignored and sent as 0"),
	DHCP_RULE(rfc2131_4_1_without_the_flag_to_chaddr, "RFC 2131 4.1",
		"without the broadcast flag the answer is a frame to chaddr and yiaddr"),
	DHCP_RULE(rfc2131_4_1_with_the_flag_to_all, "RFC 2131 4.1",
		"with the broadcast flag the answer is a broadcast, by IP and by Ethernet"),
	DHCP_RULE(rfc2131_4_1_ciaddr_before_the_flag, "RFC 2131 4.1",
		"who has an address gets the ACK there, broadcast flag or not"),
	DHCP_RULE(rfc2131_table_5_a_forged_ciaddr, "RFC 2131 table 5",
		"a ciaddr of another network is not answered to"),
	DHCP_RULE(rfc2131_table_3_boot_fields, "RFC 2131 table 3",
		"siaddr, file and sname are what is configured, and hold no options then"),
	DHCP_RULE(rfc2131_4_1_a_nak_is_for_all, "RFC 2131 4.1",
		"a NAK on the link is a broadcast, never to ciaddr"),
	DHCP_RULE(rfc1542_2_1_answers_are_padded_to_300, "RFC 1542 2.1",
		"no answer is shorter than 300 octets"),
	DHCP_RULE(rfc2131_4_3_1_lease_times, "RFC 2131 4.3.1",
		"a lease time that is asked for is kept within the configured bounds"),
	DHCP_RULE(rfc2131_4_3_1_the_ack_has_the_time_of_the_offer, "RFC 2131 4.3.1",
		"the ACK has the lease time that was offered"),
	DHCP_RULE(rfc2131_4_4_5_t1_is_half_and_t2_seven_eighths, "RFC 2131 4.4.5",
		"T1 is half of the lease, T2 seven eighths"),
	DHCP_RULE(rfc2131_4_3_what_servers_say_is_not_answered, "RFC 2131 4.3, 3203",
		"OFFER, ACK, NAK, FORCERENEW and any BOOTREPLY are left alone"),
	DHCP_RULE(rfc2131_3_unknown_types_are_not_answered, "RFC 2131 3",
		"message type 0 and types that are not known are left alone"),
};
DHCP_THEME(message, rules);
