/* SPDX-License-Identifier: ISC */

/* LEASEQUERY: RFC 4388. */

#include <string.h>

#include "tests/support/dhcp_case.h"

#define ALL_LIST "33 3a 3b 3d 52 5b 5c 0c"

static void query(struct dhcp_lab *t, struct dhcp_ask q, uint8_t type)
{
	q.type = GYL_DHCP_LEASEQUERY;
	if (q.giaddr == 0)
		q.giaddr = RICH_RELAY; /* where who asks is */
	dhcp_answered(t, q);
	if (t->a.type != type)
		dhcp_fail(t, "the query is answered with type %u, not %u", t->a.type, type);
	DHCP_EQ(t, t->a.hdr.yiaddr, 0);
	DHCP_EQ(t, t->a.hdr.siaddr, 0);
}

static void is_client(struct dhcp_lab *t, uint8_t who)
{
	uint8_t mac[6] = {2, 0x10, (uint8_t)(t->serial >> 8), (uint8_t)t->serial, 0, who};

	DHCP_EQ(t, t->a.hdr.htype, 1);
	DHCP_EQ(t, t->a.hdr.hlen, 6);
	DHCP_TRUE(t, memcmp(t->a.hdr.chaddr, mac, 6) == 0);
}

static void rfc4388_6_4_2_active_by_address(struct dhcp_lab *t)
{
	struct dhcp_ask q = {.who = 1,
		.giaddr = BRANCH_RELAY,
		.relay = "01 02 6162 02 03 010203",
		.id = "00 71756572",
		.name = "lambda"};
	uint32_t ip = dhcp_lease(t, q);

	query(t, (struct dhcp_ask){.no_hw = true, .ciaddr = ip, .list = ALL_LIST},
		GYL_DHCP_LEASEACTIVE);
	DHCP_EQ(t, t->a.hdr.ciaddr, ip);
	is_client(t, 1);
	dhcp_opt_is(t, GYL_DHCP_OPT_CLIENT_ID, q.id);
	dhcp_opt_is(t, GYL_DHCP_OPT_RELAY, q.relay);
	dhcp_opt_is_text(t, GYL_DHCP_OPT_HOST_NAME, "lambda");
	DHCP_TRUE(t, dhcp_opt_u32(t, GYL_DHCP_OPT_LEASE_TIME) > DHCP_PLAN_LEASE_S - 20);
	DHCP_TRUE(t, dhcp_opt_u32(t, GYL_DHCP_OPT_LEASE_TIME) <= DHCP_PLAN_LEASE_S);
	DHCP_TRUE(t, dhcp_has(t, GYL_DHCP_OPT_LAST_TRANSACTION));
	DHCP_TRUE(t, dhcp_opt_u32(t, GYL_DHCP_OPT_LAST_TRANSACTION) < 20);
	DHCP_EQ(t, t->got.dst_ip, RICH_RELAY);
	DHCP_EQ(t, t->got.dst_port, 67);
}

static void rfc4388_6_4_2_times_that_are_left(struct dhcp_lab *t)
{
	struct dhcp_ask q = {.no_hw = true, .list = ALL_LIST};

	q.ciaddr = dhcp_lease(t, (struct dhcp_ask){.who = 1, .giaddr = BRANCH_RELAY});
	dhcp_pass(t, 600);
	query(t, q, GYL_DHCP_LEASEACTIVE);
	DHCP_EQ(t, dhcp_opt_u32(t, GYL_DHCP_OPT_LEASE_TIME), 3000);
	DHCP_EQ(t, dhcp_opt_u32(t, GYL_DHCP_OPT_RENEWAL_TIME), 1200);
	DHCP_EQ(t, dhcp_opt_u32(t, GYL_DHCP_OPT_REBINDING_TIME), 2550);
	DHCP_EQ(t, dhcp_opt_u32(t, GYL_DHCP_OPT_LAST_TRANSACTION), 600);
	dhcp_pass(t, 2000);
	query(t, q, GYL_DHCP_LEASEACTIVE);
	DHCP_TRUE(t, !dhcp_has(t, GYL_DHCP_OPT_RENEWAL_TIME)); /* it has passed */
	DHCP_EQ(t, dhcp_opt_u32(t, GYL_DHCP_OPT_REBINDING_TIME), 550);
	dhcp_pass(t, 1100);
	query(t, q, GYL_DHCP_LEASEUNASSIGNED);
}

static void rfc4388_6_4_1_unassigned(struct dhcp_lab *t)
{
	uint32_t ip = dhcp_plan_subnets[0].last - t->serial;

	query(t, (struct dhcp_ask){.no_hw = true, .ciaddr = ip}, GYL_DHCP_LEASEUNASSIGNED);
	DHCP_EQ(t, t->a.hdr.ciaddr, ip);
	dhcp_codes_are(t, "");
	/* An offer is no lease. */
	dhcp_offered(t, (struct dhcp_ask){.who = 1, .want = ip});
	query(t, (struct dhcp_ask){.no_hw = true, .ciaddr = ip}, GYL_DHCP_LEASEUNASSIGNED);
}

static void rfc4388_6_4_1_unknown(struct dhcp_lab *t)
{
	query(t, (struct dhcp_ask){.no_hw = true, .ciaddr = LAB_FOREIGN + 1},
		GYL_DHCP_LEASEUNKNOWN);
	DHCP_EQ(t, t->a.hdr.ciaddr, LAB_FOREIGN + 1);
	query(t, (struct dhcp_ask){.no_hw = true, .ciaddr = LAB_NET + 0x7000},
		GYL_DHCP_LEASEUNKNOWN);
	query(t, (struct dhcp_ask){.who = 1}, GYL_DHCP_LEASEUNKNOWN);
	query(t, (struct dhcp_ask){.no_hw = true, .id = "00 6e6f626f6479"}, GYL_DHCP_LEASEUNKNOWN);
	dhcp_codes_are(t, "");
}

static void rfc4388_6_4_2_by_hardware_address(struct dhcp_lab *t)
{
	uint32_t here = dhcp_lease(t, (struct dhcp_ask){.who = 1});

	query(t, (struct dhcp_ask){.who = 1, .list = ALL_LIST}, GYL_DHCP_LEASEACTIVE);
	DHCP_EQ(t, t->a.hdr.ciaddr, here);
	is_client(t, 1);
	DHCP_TRUE(t, !dhcp_has(t, GYL_DHCP_OPT_CLIENT_ID));
	/* Also of one that is known by an identifier. */
	here = dhcp_lease(t, (struct dhcp_ask){.who = 2, .id = "00 6c6561736571"});
	query(t, (struct dhcp_ask){.who = 2, .list = ALL_LIST}, GYL_DHCP_LEASEACTIVE);
	DHCP_EQ(t, t->a.hdr.ciaddr, here);
	dhcp_opt_is(t, GYL_DHCP_OPT_CLIENT_ID, "00 6c6561736571");
}

static void rfc4388_6_4_2_by_client_identifier(struct dhcp_lab *t)
{
	const char *id = "ff 00000001 0004 0102030405060708090a0b0c0d0e0f10";
	uint32_t ip = dhcp_lease(t, (struct dhcp_ask){.who = 1, .id = id});

	query(t, (struct dhcp_ask){.no_hw = true, .id = id, .list = ALL_LIST},
		GYL_DHCP_LEASEACTIVE);
	DHCP_EQ(t, t->a.hdr.ciaddr, ip);
	is_client(t, 1);
	dhcp_opt_is(t, GYL_DHCP_OPT_CLIENT_ID, id);
}

static void rfc4388_6_1_several_addresses(struct dhcp_lab *t)
{
	uint32_t a = dhcp_lease(t, (struct dhcp_ask){.who = 1});
	uint32_t b = dhcp_lease(t, (struct dhcp_ask){.who = 1, .giaddr = BRANCH_RELAY});
	struct gyl_view v;
	uint32_t x, y;

	query(t, (struct dhcp_ask){.who = 1, .list = ALL_LIST}, GYL_DHCP_LEASEACTIVE);
	DHCP_TRUE(t, t->a.hdr.ciaddr == a || t->a.hdr.ciaddr == b);
	DHCP_TRUE(t, gyl_dhcp_find(&t->a, GYL_DHCP_OPT_ASSOCIATED_IP, &v) && v.len == 8);
	x = gyl_dhcp_ipv4_at(v, 0);
	y = gyl_dhcp_ipv4_at(v, 1);
	DHCP_TRUE(t, (x == a && y == b) || (x == b && y == a));
}

static void rfc4388_6_2_only_what_is_asked_for(struct dhcp_lab *t)
{
	uint32_t ip = dhcp_lease(
		t, (struct dhcp_ask){.who = 1, .giaddr = BRANCH_RELAY, .relay = "01 02 6162"});

	query(t, (struct dhcp_ask){.no_hw = true, .ciaddr = ip, .list = "5b"},
		GYL_DHCP_LEASEACTIVE);
	DHCP_TRUE(t, dhcp_has(t, GYL_DHCP_OPT_LAST_TRANSACTION));
	DHCP_TRUE(t, !dhcp_has(t, GYL_DHCP_OPT_RELAY));
	DHCP_TRUE(t, !dhcp_has(t, GYL_DHCP_OPT_LEASE_TIME));
}

static void rfc4388_6_4_2_options_are_the_clients(struct dhcp_lab *t)
{
	struct dhcp_ask q = {.no_hw = true, .list = "01 03 43 42"};

	/* Of its subnet, not of the one that who asks is in. */
	q.ciaddr = dhcp_lease(t, (struct dhcp_ask){.who = 1, .giaddr = LAB_NO_ID + 1});
	query(t, q, GYL_DHCP_LEASEACTIVE);
	dhcp_opt_is(t, GYL_DHCP_OPT_ROUTERS, "0a150001");
	dhcp_opt_is_text(t, GYL_DHCP_OPT_BOOTFILE, "pxe.0");
	q.ciaddr = dhcp_lease(t, (struct dhcp_ask){.who = 2, .giaddr = BRANCH_RELAY});
	q.list = "01 43 42 96";
	query(t, q, GYL_DHCP_LEASEACTIVE);
	dhcp_codes_are(t, "1");
}

static void rfc4388_6_4_giaddr_must_be_set(struct dhcp_lab *t)
{
	uint32_t ip = dhcp_lease(t, (struct dhcp_ask){.who = 1});
	struct dhcp_ask q = {.type = GYL_DHCP_LEASEQUERY, .no_hw = true, .ciaddr = ip};

	dhcp_silent(t, q);
	q.unicast = true;
	dhcp_silent(t, q);
	q.giaddr = ip; /* a client of ours is no relay */
	dhcp_silent(t, q);
	q.giaddr = LAB_FOREIGN + 1; /* nor is anybody whom we do not serve */
	dhcp_silent(t, q);
}

static void rfc4388_6_2_nothing_is_asked(struct dhcp_lab *t)
{
	dhcp_silent(t, (struct dhcp_ask){
			       .type = GYL_DHCP_LEASEQUERY, .no_hw = true, .giaddr = RICH_RELAY});
}

static void rfc4388_5_only_when_configured(struct dhcp_lab *t)
{
	dhcp_silent(t, (struct dhcp_ask){.type = GYL_DHCP_LEASEQUERY,
			       .no_hw = true,
			       .ciaddr = LAB_NET + 0x1001,
			       .giaddr = RICH_RELAY});
}

static const struct dhcp_case rules[] = {
	DHCP_RULE(rfc4388_6_4_2_active_by_address, "RFC 4388 6.4.2",
		"by address: LEASEACTIVE with who has it, 51, 61, 82 as it came, 91; to giaddr"),
	DHCP_RULE_TIME(rfc4388_6_4_2_times_that_are_left, "RFC 4388 6.4.2",
		"51, 58 and 59 are what is left of the lease, 91 how long ago it was heard"),
	DHCP_RULE(rfc4388_6_4_1_unassigned, "RFC 4388 6.4.1",
		"an address of a pool that nobody has: LEASEUNASSIGNED"),
	DHCP_RULE(rfc4388_6_4_1_unknown, "RFC 4388 6.4.1",
		"an address of no pool, a client without lease: LEASEUNKNOWN"),
	DHCP_RULE(rfc4388_6_4_2_by_hardware_address, "RFC 4388 6.4.2",
		"by hardware address, also of who is known by an identifier"),
	DHCP_RULE(rfc4388_6_4_2_by_client_identifier, "RFC 4388 6.4.2", "by client identifier"),
	DHCP_RULE(rfc4388_6_1_several_addresses, "RFC 4388 6.1",
		"option 92 has all addresses of a client"),
	DHCP_RULE(rfc4388_6_2_only_what_is_asked_for, "RFC 4388 6.2",
		"options that the list does not have are left out"),
	DHCP_RULE(rfc4388_6_4_2_options_are_the_clients, "RFC 4388 6.4.2",
		"other options of the list are those of the client's subnet"),
	DHCP_RULE(rfc4388_6_4_giaddr_must_be_set, "RFC 4388 6.4, 7",
		"giaddr must be set, of a network of ours, and no address that we lease out"),
	DHCP_RULE(
		rfc4388_6_2_nothing_is_asked, "RFC 4388 6.2", "a query for nothing is left alone"),
	DHCP_RULE_QUIET(rfc4388_5_only_when_configured, "RFC 4388 7",
		"without the key leasequery there is no answer"),
};
DHCP_THEME(query, rules);
