/* SPDX-License-Identifier: ISC */

/* Which options, in which order, with which octets: RFC 2131 4.3.1, 2132, 3011, 3396, 3397, 3442,
 * 8910. */

#include "tests/support/dhcp_case.h"

static void rfc2131_4_3_1_in_the_order_of_the_list(struct dhcp_lab *t)
{
	dhcp_offered(t, (struct dhcp_ask){.who = 1, .list = "2a 06 01 1c 0f 03 63"});
	dhcp_codes_are(t, "42 6 1 28 15 3");
	dhcp_opt_is(t, GYL_DHCP_OPT_DNS_SERVERS, "0a140002 0a140003");
	dhcp_opt_is(t, GYL_DHCP_OPT_BROADCAST, "0a14ffff");
	dhcp_opt_is_text(t, GYL_DHCP_OPT_DOMAIN_NAME, "event.example");
}

static void rfc2132_3_3_the_mask_before_the_router(struct dhcp_lab *t)
{
	dhcp_offered(t, (struct dhcp_ask){.who = 1, .list = "03 2a 01"});
	dhcp_codes_are(t, "1 3 42");
	dhcp_offered(t, (struct dhcp_ask){.who = 1, .list = "03 06"});
	dhcp_codes_are(t, "3 6");
}

static void rfc2132_9_8_each_once(struct dhcp_lab *t)
{
	dhcp_offered(t, (struct dhcp_ask){.who = 1, .list = "06 06 03 06 33 36 35 3a"});
	dhcp_codes_are(t, "6 3");
}

static void rfc2131_4_3_1_without_a_list(struct dhcp_lab *t)
{
	dhcp_offered(t, (struct dhcp_ask){.who = 1});
	dhcp_codes_are(t, "1 3 6 15 28 42 114 119 121");
}

static void rfc2131_4_3_1_what_is_not_configured_is_not_there(struct dhcp_lab *t)
{
	dhcp_offered(t, (struct dhcp_ask){.who = 1, .list = "01 42 43 96 2c 21 11"});
	dhcp_codes_are(t, "1");
}

static void rfc2131_4_3_1_the_subnet_before_the_service(struct dhcp_lab *t)
{
	dhcp_offered(t, (struct dhcp_ask){.who = 1, .list = "01 03 2a", .giaddr = BRANCH_RELAY});
	dhcp_opt_is(t, GYL_DHCP_OPT_ROUTERS, "0a150001");
	dhcp_opt_is(t, GYL_DHCP_OPT_NTP_SERVERS, "0a140004");
}

static void rfc3442_routes_and_router(struct dhcp_lab *t)
{
	dhcp_offered(t, (struct dhcp_ask){.who = 1, .list = "79 03 21"});
	dhcp_opt_is(
		t, GYL_DHCP_OPT_ROUTES, "00 0a140001 19 c0000200 0a140005 20 c6336407 0a140006");
	dhcp_opt_is(t, GYL_DHCP_OPT_ROUTERS, "0a140001");
}

static void rfc3397_2_suffixes_are_written_once(struct dhcp_lab *t)
{
	dhcp_offered(t, (struct dhcp_ask){.who = 1, .list = "77"});
	dhcp_opt_is(t, GYL_DHCP_OPT_DOMAIN_SEARCH,
		"01 61 05 6576656e74 07 6578616d706c65 00 01 62 c002");
}

static void rfc8910_2_the_captive_portal(struct dhcp_lab *t)
{
	dhcp_offered(t, (struct dhcp_ask){.who = 1, .list = "01 72"});
	dhcp_opt_is_text(t, GYL_DHCP_OPT_CAPTIVE_PORTAL, "https://portal.example/");
}

static void rfc2132_3_14_the_name_of_a_reservation(struct dhcp_lab *t)
{
	dhcp_lease(
		t, (struct dhcp_ask){.mac = dhcp_plan_reserved, .list = "01 0c", .name = "mine"});
	dhcp_opt_is_text(t, GYL_DHCP_OPT_HOST_NAME, "printer");
}

static void rfc3011_2_subnet_selection(struct dhcp_lab *t)
{
	struct dhcp_ask q = {.who = 1, .more = "76 04 0a150000", .giaddr = RICH_RELAY};

	DHCP_TRUE(t, in_net(dhcp_lease(t, q), LAB_BRANCH));
	dhcp_opt_is(t, GYL_DHCP_OPT_SUBNET_SELECTION, "0a150000");
	DHCP_EQ(t, t->got.dst_ip, RICH_RELAY); /* giaddr is the way back all the same */
	q.more = "76 04 0a630000";
	q.type = GYL_DHCP_DISCOVER;
	dhcp_silent(t, q); /* of no subnet of ours */
}

static void rfc3396_5_pieces_are_joined(struct dhcp_lab *t)
{
	/* The list in two pieces, the identifier in three. */
	struct dhcp_ask q = {.who = 1,
		.options = "35 01 01 37 02 06 03 3d 02 0001 3d 01 02 3d 02 0304 37 01 2a ff"};
	uint32_t ip;

	dhcp_answered(t, q);
	dhcp_codes_are(t, "6 3 42");
	dhcp_opt_is(t, GYL_DHCP_OPT_CLIENT_ID, "0001020304");
	ip = t->a.hdr.yiaddr;
	DHCP_EQ(t, dhcp_offered(t, (struct dhcp_ask){.who = 2, .id = "0001020304"}), ip);
}

static void rfc3396_5_in_the_order_of_the_fields(struct dhcp_lab *t)
{
	/* Options, then file, then sname. */
	dhcp_answered(t, (struct dhcp_ask){.who = 1,
				 .options = "35 01 01 34 01 03 3d 02 0001 ff",
				 .file = "3d 02 0203 ff",
				 .sname = "3d 02 0405 37 02 03 06 ff"});
	dhcp_opt_is(t, GYL_DHCP_OPT_CLIENT_ID, "000102030405");
	dhcp_codes_are(t, "3 6");
}

static void rfc2132_9_3_overload_of_what_comes(struct dhcp_lab *t)
{
	/* Only file; sname is a name. What stands behind END counts for nothing. */
	dhcp_answered(t, (struct dhcp_ask){.who = 1,
				 .options = "35 01 01 34 01 01 ff 37 01 2a",
				 .file = "37 02 06 03 ff 37 01 2a",
				 .sname = "37 01 01 ff"});
	dhcp_codes_are(t, "6 3");
	/* Only sname. */
	dhcp_answered(t, (struct dhcp_ask){.who = 2,
				 .options = "35 01 01 34 01 02 ff",
				 .file = "37 02 06 03 ff",
				 .sname = "37 01 2a ff"});
	dhcp_codes_are(t, "42");
	/* Without option 52 both are names; with a value of none of these, too. */
	dhcp_answered(t, (struct dhcp_ask){.who = 3,
				 .options = "35 01 01 34 01 07 37 01 06 ff",
				 .file = "37 02 06 03 ff",
				 .sname = "37 01 2a ff"});
	dhcp_codes_are(t, "6");
	/* Fields cannot say of themselves that they hold options. */
	dhcp_answered(t, (struct dhcp_ask){.who = 4,
				 .options = "35 01 01 34 01 01 ff",
				 .file = "34 01 03 37 01 06 ff",
				 .sname = "37 01 2a ff"});
	dhcp_codes_are(t, "6");
}

static const struct dhcp_case rules[] = {
	DHCP_RULE(rfc2131_4_3_1_in_the_order_of_the_list, "RFC 2131 4.3.1",
		"options come in the order in which the client lists them"),
	DHCP_RULE(rfc2132_3_3_the_mask_before_the_router, "RFC 2132 3.3",
		"the mask comes before the router, whatever the list says"),
	DHCP_RULE(rfc2132_9_8_each_once, "RFC 2132 9.8",
		"what is listed twice, or is part of every answer, comes once"),
	DHCP_RULE(rfc2131_4_3_1_without_a_list, "RFC 2131 4.3.1",
		"without a list all that is configured is sent"),
	DHCP_RULE(rfc2131_4_3_1_what_is_not_configured_is_not_there, "RFC 2131 4.3.1",
		"what is asked for and not configured is left out"),
	DHCP_RULE(rfc2131_4_3_1_the_subnet_before_the_service, "RFC 2131 4.3.1",
		"a subnet's option stands before the service's"),
	DHCP_RULE(rfc3442_routes_and_router, "RFC 3442",
		"option 121 has significant octets alone, and option 3 comes as well"),
	DHCP_RULE(rfc3397_2_suffixes_are_written_once, "RFC 3397 2",
		"option 119 points back at suffixes"),
	DHCP_RULE(rfc8910_2_the_captive_portal, "RFC 8910 2", "option 114 has the URI, no NUL"),
	DHCP_RULE(rfc2132_3_14_the_name_of_a_reservation, "RFC 2132 3.14",
		"who has a reserved name is told it"),
	DHCP_RULE(rfc3011_2_subnet_selection, "RFC 3011 2",
		"option 118 chooses the subnet and comes back; unknown ones get silence"),
	DHCP_RULE(rfc3396_5_pieces_are_joined, "RFC 3396 5",
		"options in pieces are joined before they are read"),
	DHCP_RULE(rfc3396_5_in_the_order_of_the_fields, "RFC 3396 5",
		"pieces are joined in the order options, file, sname"),
	DHCP_RULE(rfc2132_9_3_overload_of_what_comes, "RFC 2132 9.3",
		"option 52 opens file and sname, each up to its END"),
};
DHCP_THEME(option, rules);
