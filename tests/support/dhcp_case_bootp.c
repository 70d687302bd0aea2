/* SPDX-License-Identifier: ISC */

/* BOOTP: RFC 951, RFC 1534, RFC 1542. */

#include <string.h>

#include "tests/support/dhcp_case.h"

static void rfc1534_2_from_reservations_alone(struct dhcp_lab *t)
{
	dhcp_silent(t, (struct dhcp_ask){.who = 1});
	dhcp_answered(t, (struct dhcp_ask){.mac = dhcp_plan_reserved});
	DHCP_EQ(t, t->a.hdr.yiaddr, LAB_RESERVED);
	DHCP_EQ(t, t->a.type, 0);
	dhcp_silent(t, (struct dhcp_ask){.mac = dhcp_plan_reserved, .giaddr = BRANCH_RELAY});
}

static void rfc1534_2_no_option_of_dhcp(struct dhcp_lab *t)
{
	static const uint8_t dhcps[] = {51, 53, 54, 58, 59, 61};

	dhcp_answered(t, (struct dhcp_ask){.mac = dhcp_plan_reserved});
	for (unsigned i = 0; i < sizeof dhcps; i++)
		DHCP_TRUE(t, !dhcp_has(t, dhcps[i]));
	dhcp_opt_is(t, GYL_DHCP_OPT_SUBNET_MASK, "ffff0000");
	dhcp_opt_is(t, GYL_DHCP_OPT_ROUTERS, "0a140001");
}

static void rfc951_3_300_octets(struct dhcp_lab *t)
{
	/* 64 octets of vend, whatever is configured or the client says. */
	dhcp_answered(t, (struct dhcp_ask){.mac = dhcp_plan_reserved});
	DHCP_EQ(t, t->got.len, 300);
	DHCP_EQ(t, t->a.overload, 0);
	dhcp_answered(t, (struct dhcp_ask){.mac = dhcp_plan_reserved, .max_size = 1400});
	DHCP_EQ(t, t->got.len, 300);
}

static void rfc951_without_the_cookie(struct dhcp_lab *t)
{
	static const uint8_t zeros[64];

	dhcp_answered(t, (struct dhcp_ask){.mac = dhcp_plan_reserved, .no_cookie = true});
	DHCP_EQ(t, t->a.hdr.yiaddr, LAB_RESERVED);
	DHCP_EQ(t, t->got.len, 300);
	DHCP_TRUE(t, memcmp(t->got.p + GYL_DHCP_HDR_LEN, zeros, sizeof zeros) == 0);
	dhcp_silent(t, (struct dhcp_ask){.who = 1, .no_cookie = true});
}

static void rfc951_7_2_another_servers_name(struct dhcp_lab *t)
{
	dhcp_silent(t, (struct dhcp_ask){.mac = dhcp_plan_reserved, .sname = "626f6f7468"});
}

static void rfc1542_3_1_the_broadcast_flag(struct dhcp_lab *t)
{
	dhcp_answered(t, (struct dhcp_ask){.mac = dhcp_plan_reserved});
	DHCP_EQ(t, t->got.dst_ip, LAB_RESERVED);
	dhcp_answered(
		t, (struct dhcp_ask){.mac = dhcp_plan_reserved, .flags = GYL_DHCP_FLAG_BROADCAST});
	DHCP_EQ(t, t->got.dst_ip, UINT32_MAX);
}

static void rfc1542_4_1_by_relay(struct dhcp_lab *t)
{
	struct dhcp_ask q = {
		.mac = dhcp_plan_reserved, .giaddr = LAB_NET + 0x200, .relay = "01 02 6161"};

	dhcp_answered(t, q);
	DHCP_EQ(t, t->got.dst_ip, LAB_NET + 0x200);
	DHCP_EQ(t, t->got.dst_port, 67);
}

static void rfc1534_1_the_same_client_by_dhcp(struct dhcp_lab *t)
{
	dhcp_answered(t, (struct dhcp_ask){.mac = dhcp_plan_reserved_2});
	DHCP_EQ(t, t->a.hdr.yiaddr, LAB_RESERVED_2);
	DHCP_EQ(t, dhcp_lease(t, (struct dhcp_ask){.mac = dhcp_plan_reserved_2}), LAB_RESERVED_2);
	/* It holds a lease there; the boot ROM comes back. */
	dhcp_answered(t, (struct dhcp_ask){.mac = dhcp_plan_reserved_2});
	DHCP_EQ(t, t->a.hdr.yiaddr, LAB_RESERVED_2);
}

static const struct dhcp_case rules[] = {
	DHCP_RULE(rfc1534_2_from_reservations_alone, "RFC 1534 2",
		"BOOTP has no lease: who has no reserved address there gets no answer"),
	DHCP_RULE(rfc1534_2_no_option_of_dhcp, "RFC 1534 2",
		"an answer to BOOTP has no option that is DHCP's, mask and router first"),
	DHCP_RULE(rfc951_3_300_octets, "RFC 951 3", "an answer to BOOTP has 300 octets"),
	DHCP_RULE(rfc951_without_the_cookie, "RFC 1497, 1542 3.4",
		"who sends no magic cookie gets none, and no options"),
	DHCP_RULE(rfc951_7_2_another_servers_name, "RFC 951 7.3",
		"a request for another server's name is left alone"),
	DHCP_RULE(rfc1542_3_1_the_broadcast_flag, "RFC 1542 3.1.1",
		"the broadcast flag counts for BOOTP, too"),
	DHCP_RULE(rfc1542_4_1_by_relay, "RFC 1542 4.1", "BOOTP by relay is answered to giaddr"),
	DHCP_RULE(rfc1534_1_the_same_client_by_dhcp, "RFC 1534 1",
		"boot ROM and system after it have the same address"),
};
DHCP_THEME(bootp, rules);
