/* SPDX-License-Identifier: ISC */

/* Relays: RFC 1542 4, RFC 3046, RFC 3527, RFC 5010, RFC 5107, RFC 6607, RFC 6925, RFC 8357. */

#include "tests/support/dhcp_case.h"

/* Circuit 1, remote 2, subscriber 6, relay identifier 12, as a switch sends them. */
#define USUAL_82 "01 04 00040102 02 08 0006001122334455 06 03 616263 0c 0a 00030001021000000001"

static void rfc2131_4_1_to_giaddr(struct dhcp_lab *t)
{
	uint32_t ip = dhcp_lease(t, (struct dhcp_ask){.who = 1, .giaddr = BRANCH_RELAY});

	DHCP_TRUE(t, in_net(ip, LAB_BRANCH));
	DHCP_EQ(t, t->got.dst_ip, BRANCH_RELAY);
	DHCP_EQ(t, t->got.dst_port, 67);
	/* The flag is the relay's to obey. */
	dhcp_lease(t, (struct dhcp_ask){
			      .who = 2, .giaddr = BRANCH_RELAY, .flags = GYL_DHCP_FLAG_BROADCAST});
	DHCP_EQ(t, t->got.dst_ip, BRANCH_RELAY);
}

static void rfc2131_4_3_1_several_subnets_behind_relays(struct dhcp_lab *t)
{
	DHCP_TRUE(t, in_net(dhcp_lease(t, (struct dhcp_ask){.who = 1, .giaddr = BRANCH_RELAY + 1}),
			     LAB_BRANCH));
	DHCP_TRUE(t,
		in_net(dhcp_lease(t, (struct dhcp_ask){.who = 1, .giaddr = RICH_RELAY}), LAB_RICH));
}

static void rfc3046_2_2_option_82_comes_back(struct dhcp_lab *t)
{
	struct dhcp_ask q = {.who = 1, .giaddr = BRANCH_RELAY, .relay = USUAL_82, .list = "01 03"};

	dhcp_lease(t, q);
	dhcp_opt_is(t, GYL_DHCP_OPT_RELAY, USUAL_82);
	q.want = LAB_FOREIGN + 1;
	dhcp_request(t, q, GYL_DHCP_NAK);
	dhcp_opt_is(t, GYL_DHCP_OPT_RELAY, USUAL_82);
	/* Without giaddr, from a switch that only adds it. */
	dhcp_lease(t, (struct dhcp_ask){.who = 2, .relay = USUAL_82});
	dhcp_opt_is(t, GYL_DHCP_OPT_RELAY, USUAL_82);
	/* Who sends none gets none. */
	dhcp_lease(t, (struct dhcp_ask){.who = 3, .giaddr = BRANCH_RELAY, .list = "52 01"});
	DHCP_TRUE(t, !dhcp_has(t, GYL_DHCP_OPT_RELAY));
}

static void rfc3046_2_2_malformed_ones_too(struct dhcp_lab *t)
{
	static const char *const values[] = {
		"01 09 aa",                /* runs over the end */
		"01",                      /* half a sub-option */
		"00",                      /* half of code 0 */
		"ff ff",                   /* no end is known here */
		"05 03 0a1500",            /* a link of three octets */
		"0b 05 0102030405",        /* a server of five */
		"01 00 02 00",             /* empty ones */
		"05 04 0a160001 01 20 aa", /* a link, and then nonsense */
	};

	for (unsigned i = 0; i < sizeof values / sizeof values[0]; i++) {
		struct dhcp_ask q = {.who = (uint8_t)i, .giaddr = BRANCH_RELAY, .relay = values[i]};

		DHCP_TRUE(t, in_net(dhcp_lease(t, q), i == 7 ? LAB_RICH : LAB_BRANCH));
		dhcp_opt_is(t, GYL_DHCP_OPT_RELAY, values[i]);
	}
}

static void rfc3046_2_2_in_pieces(struct dhcp_lab *t)
{
	struct dhcp_ask q = {.type = GYL_DHCP_DISCOVER,
		.who = 1,
		.giaddr = BRANCH_RELAY,
		.options = "35 01 01 52 03 01 04 aa 52 03 bb cc dd ff"};

	dhcp_answered(t, q);
	dhcp_opt_is(t, GYL_DHCP_OPT_RELAY, "01 04 aabbccdd");
}

static void rfc3527_3_link_selection(struct dhcp_lab *t)
{
	struct dhcp_ask q = {.who = 1, .giaddr = LAB_FOREIGN + 1, .relay = "05 04 0a150000"};
	uint32_t ip = dhcp_lease(t, q);

	/* giaddr is of no subnet: it is the way back and nothing else. */
	DHCP_TRUE(t, in_net(ip, LAB_BRANCH));
	DHCP_EQ(t, t->got.dst_ip, LAB_FOREIGN + 1);
	q.ciaddr = ip;
	dhcp_request(t, q, GYL_DHCP_ACK);
	/* A link of no subnet of ours: silence, though giaddr is of one. */
	q = (struct dhcp_ask){.type = GYL_DHCP_DISCOVER,
		.who = 2,
		.giaddr = BRANCH_RELAY,
		.relay = "05 04 0a630000"};
	dhcp_silent(t, q);
}

static void rfc3527_3_before_subnet_selection(struct dhcp_lab *t)
{
	struct dhcp_ask q = {.who = 1,
		.giaddr = BRANCH_RELAY,
		.relay = "05 04 0a160000",
		.more = "76 04 0a180000"};

	DHCP_TRUE(t, in_net(dhcp_lease(t, q), LAB_RICH));
}

static void rfc5107_4_the_relay_stands_for_the_server(struct dhcp_lab *t)
{
	struct dhcp_ask q = {.who = 1, .giaddr = BRANCH_RELAY, .relay = "0b 04 0a150001"};
	uint32_t ip = dhcp_offered(t, q);

	DHCP_EQ(t, dhcp_opt_u32(t, GYL_DHCP_OPT_SERVER_ID), BRANCH_RELAY);
	q.want = ip;
	q.server = BRANCH_RELAY;
	dhcp_request(t, q, GYL_DHCP_ACK);
	DHCP_EQ(t, dhcp_opt_u32(t, GYL_DHCP_OPT_SERVER_ID), BRANCH_RELAY);
	q.want = LAB_FOREIGN + 1;
	q.server = 0;
	dhcp_request(t, q, GYL_DHCP_NAK);
	DHCP_EQ(t, dhcp_opt_u32(t, GYL_DHCP_OPT_SERVER_ID), BRANCH_RELAY);
	/* The client renews by unicast to the relay, which hands it on with flags (RFC 5010). */
	q = (struct dhcp_ask){
		.who = 1, .giaddr = BRANCH_RELAY, .ciaddr = ip, .relay = "0b 04 0a150001 0a 01 80"};
	dhcp_request(t, q, GYL_DHCP_ACK);
	/* Released by that name. */
	q.type = GYL_DHCP_RELEASE;
	q.server = BRANCH_RELAY;
	dhcp_silent(t, q);
	DHCP_EQ(t, dhcp_offered(t, (struct dhcp_ask){.who = 2, .want = ip, .giaddr = BRANCH_RELAY}),
		ip);
}

static void rfc5107_4_without_it_that_is_another_server(struct dhcp_lab *t)
{
	uint32_t ip = dhcp_offered(t, (struct dhcp_ask){.who = 1, .giaddr = BRANCH_RELAY});

	dhcp_request(t,
		(struct dhcp_ask){
			.who = 1, .want = ip, .server = BRANCH_RELAY, .giaddr = BRANCH_RELAY},
		0);
}

static void rfc5010_4_unicast_by_relay(struct dhcp_lab *t)
{
	uint32_t free_ip = dhcp_plan_subnets[1].last - t->serial % 200;
	struct dhcp_ask q = {.who = 1, .giaddr = BRANCH_RELAY, .ciaddr = free_ip};

	/* Renewing, not rebinding: it means this server, see RENEWING of an unknown client. */
	q.relay = "0a 01 80";
	dhcp_request(t, q, GYL_DHCP_ACK);
	q.who = 2;
	q.ciaddr = free_ip - 1;
	q.relay = "0a 01 00";
	dhcp_request(t, q, 0);
}

static void rfc8357_5_2_a_port_of_the_relays_own(struct dhcp_lab *t)
{
	struct dhcp_ask q = {.who = 1, .giaddr = BRANCH_RELAY, .port = 1067, .relay = "13 00"};

	dhcp_lease(t, q);
	DHCP_EQ(t, t->got.dst_port, 1067);
	q.want = LAB_FOREIGN + 1;
	dhcp_request(t, q, GYL_DHCP_NAK);
	DHCP_EQ(t, t->got.dst_port, 1067);
	/* Without sub-option 19 relays are at port 67, wherever they send from. */
	q.want = 0;
	q.relay = "01 01 61";
	dhcp_offered(t, q);
	DHCP_EQ(t, t->got.dst_port, 67);
}

static void rfc6607_5_virtual_subnets_are_not_known(struct dhcp_lab *t)
{
	struct dhcp_ask q = {.who = 1, .giaddr = BRANCH_RELAY, .relay = "97 04 00 766e31 98 00"};

	/* 152 comes back: so the relay sees that 151 was not understood. */
	dhcp_lease(t, q);
	dhcp_opt_is(t, GYL_DHCP_OPT_RELAY, q.relay);
}

static void rfc3046_5_clients_do_not_play_relay(struct dhcp_lab *t)
{
	struct dhcp_ask q = {.who = 1, .relay = "05 04 0a150000 0b 04 0a140008"};

	/* Without giaddr these sub-options are of nobody who may say so. */
	DHCP_TRUE(t, in_net(dhcp_offered(t, q), LAB_NET));
	DHCP_EQ(t, dhcp_opt_u32(t, GYL_DHCP_OPT_SERVER_ID), LAB_US);
	q.relay = "13 00";
	q.port = 4711;
	dhcp_offered(t, q);
	DHCP_EQ(t, t->got.dst_port, 68);
}

static void rfc1542_5_4_giaddr_that_cannot_be(struct dhcp_lab *t)
{
	static const uint32_t forged[] = {LAB_US, UINT32_MAX, LAB_IP(224, 0, 0, 1),
		LAB_IP(127, 0, 0, 1), LAB_NET, LAB_NET + 0xffff, 1};

	for (unsigned i = 0; i < sizeof forged / sizeof forged[0]; i++)
		dhcp_silent(t, (struct dhcp_ask){.type = GYL_DHCP_DISCOVER,
				       .who = (uint8_t)i,
				       .giaddr = forged[i],
				       .from = BRANCH_RELAY});
}

static const struct dhcp_case rules[] = {
	DHCP_RULE(rfc2131_4_1_to_giaddr, "RFC 2131 4.1",
		"with giaddr every answer goes to port 67 of it, giaddr as it came"),
	DHCP_RULE(rfc2131_4_3_1_several_subnets_behind_relays, "RFC 2131 4.3.1",
		"giaddr chooses the subnet"),
	DHCP_RULE(rfc3046_2_2_option_82_comes_back, "RFC 3046 2.2",
		"option 82 comes back bit for bit, as the last option, also in a NAK"),
	DHCP_RULE(rfc3046_2_2_malformed_ones_too, "RFC 3046 2.2",
		"a malformed option 82 comes back, too, and what is readable of it counts"),
	DHCP_RULE(rfc3046_2_2_in_pieces, "RFC 3046 2.2, 3396",
		"option 82 in pieces comes back whole"),
	DHCP_RULE(rfc3527_3_link_selection, "RFC 3527 3",
		"82/5 chooses the subnet, giaddr is the way back"),
	DHCP_RULE(rfc3527_3_before_subnet_selection, "RFC 3527 3", "82/5 stands before option 118"),
	DHCP_RULE(rfc5107_4_the_relay_stands_for_the_server, "RFC 5107 4",
		"82/11 is our server identifier, in every answer and question"),
	DHCP_RULE(rfc5107_4_without_it_that_is_another_server, "RFC 5107 4",
		"without 82/11 the relay's address is another server's identifier"),
	DHCP_RULE(rfc5010_4_unicast_by_relay, "RFC 5010 4",
		"82/10 tells whether the client sent to us alone"),
	DHCP_RULE(rfc8357_5_2_a_port_of_the_relays_own, "RFC 8357 5.2",
		"with 82/19 the answer goes to the port that the relay sent from"),
	DHCP_RULE(rfc6607_5_virtual_subnets_are_not_known, "RFC 6607 5",
		"82/151 is ignored and 82/152 comes back with it"),
	DHCP_RULE(rfc3046_5_clients_do_not_play_relay, "RFC 3046 5",
		"without giaddr the sub-options 5, 10, 11 and 19 count for nothing"),
	DHCP_RULE(rfc1542_5_4_giaddr_that_cannot_be, "RFC 1542 5.4",
		"giaddr of ours, of a network or of a group is left alone"),
};
DHCP_THEME(relay, rules);
