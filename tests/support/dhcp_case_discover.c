/* SPDX-License-Identifier: ISC */

/* DISCOVER: RFC 2131 4.3.1, RFC 4039, RFC 2563. */

#include "tests/support/dhcp_case.h"

static void rfc2131_4_3_1_again_the_same_address(struct dhcp_lab *t)
{
	uint32_t ip = dhcp_offered(t, (struct dhcp_ask){.who = 1});

	DHCP_EQ(t, dhcp_offered(t, (struct dhcp_ask){.who = 1, .again = true}), ip);
	DHCP_EQ(t, dhcp_offered(t, (struct dhcp_ask){.who = 1}), ip); /* another xid */
}

static void rfc2131_4_3_1_an_offer_is_kept_for_its_client(struct dhcp_lab *t)
{
	uint32_t ip = dhcp_offered(t, (struct dhcp_ask){.who = 1});

	DHCP_TRUE(t, dhcp_offered(t, (struct dhcp_ask){.who = 2}) != ip);
	DHCP_TRUE(t, dhcp_offered(t, (struct dhcp_ask){.who = 3, .want = ip}) != ip);
}

static void rfc2131_4_3_1_the_current_binding_first(struct dhcp_lab *t)
{
	uint32_t ip = dhcp_lease(t, (struct dhcp_ask){.who = 1});

	DHCP_EQ(t, dhcp_offered(t, (struct dhcp_ask){.who = 1}), ip);
	DHCP_EQ(t, dhcp_offered(t, (struct dhcp_ask){.who = 1, .want = ip + 100}), ip);
}

static void rfc2131_4_3_1_then_the_previous_binding(struct dhcp_lab *t)
{
	uint32_t ip = dhcp_lease(t, (struct dhcp_ask){.who = 1});

	dhcp_silent(t, (struct dhcp_ask){.type = GYL_DHCP_RELEASE,
			       .who = 1,
			       .ciaddr = ip,
			       .server = LAB_US,
			       .unicast = true});
	DHCP_EQ(t, dhcp_offered(t, (struct dhcp_ask){.who = 1, .want = ip + 100}), ip);
}

static void rfc2131_4_3_1_an_expired_binding_comes_back(struct dhcp_lab *t)
{
	uint32_t ip = dhcp_lease(t, (struct dhcp_ask){.who = 1});

	dhcp_lease(t, (struct dhcp_ask){.who = 2});
	dhcp_pass(t, DHCP_PLAN_LEASE_S + 60);
	dhcp_lease(t, (struct dhcp_ask){.who = 3});
	DHCP_EQ(t, dhcp_offered(t, (struct dhcp_ask){.who = 1}), ip);
}

static void rfc2131_4_3_1_then_the_requested_address(struct dhcp_lab *t)
{
	uint32_t want = dhcp_plan_subnets[0].last - t->serial;

	DHCP_EQ(t, dhcp_lease(t, (struct dhcp_ask){.who = 1, .want = want}), want);
	/* Another's, not of the pool, ours, of another network, the gateway's: not that one. */
	DHCP_TRUE(t, dhcp_offered(t, (struct dhcp_ask){.who = 2, .want = want}) != want);
	DHCP_TRUE(t, in_net(dhcp_offered(t, (struct dhcp_ask){.who = 3, .want = LAB_US}), LAB_NET));
	DHCP_TRUE(t, t->a.hdr.yiaddr != LAB_US);
	DHCP_TRUE(
		t, in_net(dhcp_offered(t, (struct dhcp_ask){.who = 4, .want = LAB_BRANCH + 0x1001}),
			   LAB_NET));
	dhcp_offered(t, (struct dhcp_ask){.who = 5, .want = LAB_GATEWAY});
	DHCP_TRUE(t, t->a.hdr.yiaddr <= dhcp_plan_subnets[0].last);
}

static void rfc2131_4_3_1_a_full_pool_is_silent(struct dhcp_lab *t)
{
	dhcp_lease(t, (struct dhcp_ask){.who = 1, .giaddr = LAB_TINY + 1});
	dhcp_silent(
		t, (struct dhcp_ask){.type = GYL_DHCP_DISCOVER, .who = 2, .giaddr = LAB_TINY + 1});
	/* Who has the address is served all the same. */
	DHCP_EQ(t, dhcp_offered(t, (struct dhcp_ask){.who = 1, .giaddr = LAB_TINY + 1}),
		LAB_TINY + 10);
}

static void rfc2131_4_3_1_a_reserved_address_is_its_clients(struct dhcp_lab *t)
{
	DHCP_EQ(t, dhcp_lease(t, (struct dhcp_ask){.mac = dhcp_plan_reserved}), LAB_RESERVED);
	DHCP_TRUE(t, dhcp_offered(t, (struct dhcp_ask){.who = 1, .want = LAB_RESERVED_2}) !=
			     LAB_RESERVED_2);
}

static void rfc2131_4_3_1_what_is_behind_no_subnet_is_silent(struct dhcp_lab *t)
{
	dhcp_silent(t,
		(struct dhcp_ask){.type = GYL_DHCP_DISCOVER, .who = 1, .giaddr = LAB_FOREIGN + 1});
	/* By unicast from another network, without a relay. */
	dhcp_silent(t, (struct dhcp_ask){.type = GYL_DHCP_DISCOVER,
			       .who = 1,
			       .unicast = true,
			       .from = LAB_FOREIGN + 9});
	dhcp_request(t, (struct dhcp_ask){.who = 1, .unicast = true, .ciaddr = LAB_FOREIGN + 9}, 0);
}

static void rfc4039_3_1_rapid_commit(struct dhcp_lab *t)
{
	struct dhcp_ask q = {.type = GYL_DHCP_DISCOVER, .who = 1, .more = "50 00", .lease = 900};
	uint32_t ip;

	dhcp_answered(t, q);
	DHCP_EQ(t, t->a.type, GYL_DHCP_ACK);
	dhcp_opt_is(t, GYL_DHCP_OPT_RAPID_COMMIT, "");
	DHCP_EQ(t, dhcp_opt_u32(t, GYL_DHCP_OPT_LEASE_TIME), 900);
	ip = t->a.hdr.yiaddr;
	/* It is a lease: it can be renewed. */
	dhcp_request(t, (struct dhcp_ask){.who = 1, .ciaddr = ip, .unicast = true}, GYL_DHCP_ACK);
	DHCP_TRUE(t, !dhcp_has(t, GYL_DHCP_OPT_RAPID_COMMIT));
	/* Who does not ask for it gets an OFFER. */
	dhcp_offered(t, (struct dhcp_ask){.who = 2});
	DHCP_TRUE(t, !dhcp_has(t, GYL_DHCP_OPT_RAPID_COMMIT));
	q.giaddr = BRANCH_RELAY;
	dhcp_answered(t, q);
	DHCP_EQ(t, t->a.type, GYL_DHCP_ACK);
}

static void rfc4039_3_1_only_when_configured(struct dhcp_lab *t)
{
	dhcp_offered(t, (struct dhcp_ask){.who = 1, .more = "50 00"});
	DHCP_TRUE(t, !dhcp_has(t, GYL_DHCP_OPT_RAPID_COMMIT));
}

static void rfc2563_2_3_no_address_and_no_making_one_up(struct dhcp_lab *t)
{
	struct dhcp_ask q = {.type = GYL_DHCP_DISCOVER, .who = 2, .giaddr = LAB_TINY + 0x101};

	dhcp_lease(t, (struct dhcp_ask){.who = 1, .giaddr = LAB_TINY + 0x101});
	q.more = "74 01 01";
	dhcp_answered(t, q);
	DHCP_EQ(t, t->a.type, GYL_DHCP_OFFER);
	DHCP_EQ(t, t->a.hdr.yiaddr, 0);
	dhcp_opt_is(t, GYL_DHCP_OPT_AUTO_CONFIG, "00");
	/* Who does not ask gets silence. */
	q.more = NULL;
	dhcp_silent(t, q);
}

static void rfc8925_3_3_option_108_for_who_asks(struct dhcp_lab *t)
{
	dhcp_offered(t, (struct dhcp_ask){.who = 1, .giaddr = LAB_MOSTLY + 1, .list = "01 6c 03"});
	DHCP_EQ(t, dhcp_opt_u32(t, GYL_DHCP_OPT_IPV6_ONLY), 1800);
	dhcp_lease(t, (struct dhcp_ask){.who = 2, .giaddr = LAB_MOSTLY + 1, .list = "01 03"});
	DHCP_TRUE(t, !dhcp_has(t, GYL_DHCP_OPT_IPV6_ONLY));
	dhcp_lease(t, (struct dhcp_ask){.who = 3, .giaddr = LAB_MOSTLY + 1});
	DHCP_TRUE(t, !dhcp_has(t, GYL_DHCP_OPT_IPV6_ONLY)); /* no list is no request */
	dhcp_lease(t, (struct dhcp_ask){.who = 4, .list = "01 6c"});
	DHCP_TRUE(t, !dhcp_has(t, GYL_DHCP_OPT_IPV6_ONLY)); /* not on this subnet */
}

static const struct dhcp_case rules[] = {
	DHCP_RULE(rfc2131_4_3_1_again_the_same_address, "RFC 2131 4.3.1",
		"a DISCOVER again, also with another xid, gets the same address"),
	DHCP_RULE(rfc2131_4_3_1_an_offer_is_kept_for_its_client, "RFC 2131 4.3.1",
		"what is offered to one is offered to nobody else"),
	DHCP_RULE(rfc2131_4_3_1_the_current_binding_first, "RFC 2131 4.3.1",
		"the client's present address comes before all others"),
	DHCP_RULE(rfc2131_4_3_1_then_the_previous_binding, "RFC 2131 4.3.1",
		"a released address comes before the one that is asked for"),
	DHCP_RULE_TIME(rfc2131_4_3_1_an_expired_binding_comes_back, "RFC 2131 4.3.1",
		"after its lease has ended the client gets the same address"),
	DHCP_RULE(rfc2131_4_3_1_then_the_requested_address, "RFC 2131 4.3.1",
		"option 50 is followed when that address is free and of the pool"),
	DHCP_RULE(rfc2131_4_3_1_a_full_pool_is_silent, "RFC 2131 4.3.1",
		"without a free address there is no answer"),
	DHCP_RULE(rfc2131_4_3_1_a_reserved_address_is_its_clients, "RFC 2131 4.3.1",
		"a reserved address is for its client and for nobody else"),
	DHCP_RULE(rfc2131_4_3_1_what_is_behind_no_subnet_is_silent, "RFC 2131 4.3.1",
		"a network that is not configured is not served, by relay or unicast"),
	DHCP_RULE(rfc4039_3_1_rapid_commit, "RFC 4039 3.1",
		"a DISCOVER with option 80 is answered with an ACK with option 80"),
	DHCP_RULE_QUIET(rfc4039_3_1_only_when_configured, "RFC 4039 3.1",
		"option 80 is ignored unless rapid commit is configured"),
	DHCP_RULE(rfc2563_2_3_no_address_and_no_making_one_up, "RFC 2563 2.3",
		"option 116 and no free address: an OFFER of 0.0.0.0 with option 116 = 0"),
	DHCP_RULE(rfc8925_3_3_option_108_for_who_asks, "RFC 8925 3.3",
		"option 108 is sent where it is configured, and only when asked for"),
};
DHCP_THEME(discover, rules);
