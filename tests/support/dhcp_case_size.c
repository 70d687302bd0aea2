/* SPDX-License-Identifier: ISC */

/* How long an answer may be and what then gives way: RFC 2132 9.3 and 9.10, RFC 3396. The subnet
 * has 224 and 225 of 200 octets, 226 of 20, 227 of 400. */

#include "tests/support/dhcp_case.h"

static void rfc2132_9_10_the_longest_message_is_obeyed(struct dhcp_lab *t)
{
	for (uint16_t max = 300; max < 1400; max = (uint16_t)(max + 41)) {
		dhcp_offered(t, (struct dhcp_ask){.who = 1,
					.list = "e0 e1 e2 e3 01",
					.max_size = max,
					.giaddr = RICH_RELAY});
		DHCP_TRUE(t, t->got.len <= (max < 328 ? 300u : max - 28u));
	}
}

static void rfc2132_9_10_also_below_576(struct dhcp_lab *t)
{
	dhcp_offered(
		t, (struct dhcp_ask){
			   .who = 1, .list = "e2 e0 e1 01", .max_size = 400, .giaddr = RICH_RELAY});
	DHCP_TRUE(t, t->got.len <= 400 - 28);
	dhcp_codes_are(t, "226 1"); /* whole, or not at all */
	dhcp_offered(
		t, (struct dhcp_ask){
			   .who = 1, .list = "e2 e0 e1 01", .max_size = 1, .giaddr = RICH_RELAY});
	DHCP_EQ(t, t->got.len, 300);
}

static void rfc2131_2_548_octets_without_option_57(struct dhcp_lab *t)
{
	dhcp_offered(
		t, (struct dhcp_ask){.who = 1, .list = "e0 e1 e2 e3 01", .giaddr = RICH_RELAY});
	DHCP_TRUE(t, t->got.len <= 548);
	dhcp_opt_is(t, GYL_DHCP_OPT_SUBNET_MASK, "ffff0000");
}

static void rfc2132_9_10_the_last_in_the_list_gives_way(struct dhcp_lab *t)
{
	struct dhcp_ask q = {
		.who = 1, .list = "e0 e2 e1 03", .max_size = 576, .giaddr = RICH_RELAY};

	dhcp_offered(t, q);
	DHCP_TRUE(t, dhcp_has(t, 224) && dhcp_has(t, 226) && !dhcp_has(t, 227));
	q.max_size = 1000;
	dhcp_offered(t, q);
	dhcp_codes_are(t, "224 226 225 3");
	DHCP_EQ(t, t->a.overload, 0);
}

static void rfc2132_9_3_overload_when_full(struct dhcp_lab *t)
{
	struct dhcp_ask q = {.who = 1,
		.list = "e0 e2 06 03 2a 01 72 77 79",
		.max_size = 560,
		.giaddr = RICH_RELAY,
		.relay = "01 04 61626364"};

	dhcp_offered(t, q);
	DHCP_TRUE(t, t->a.overload != 0);
	DHCP_TRUE(t, dhcp_has(t, 224) && dhcp_has(t, GYL_DHCP_OPT_CAPTIVE_PORTAL));
	dhcp_opt_is(t, GYL_DHCP_OPT_RELAY, "01 04 61626364");
}

static void rfc3396_7_long_values_in_pieces(struct dhcp_lab *t)
{
	struct dhcp_cursor_state {
		unsigned cnt;
		size_t first;
	} s = {0, 0};
	struct gyl_dhcp_cursor c;
	struct gyl_dhcp_opt o;

	dhcp_offered(t,
		(struct dhcp_ask){.who = 1, .list = "e3", .max_size = 1200, .giaddr = RICH_RELAY});
	for (gyl_dhcp_cursor_init(&c, &t->a); gyl_dhcp_cursor_next(&c, &o);)
		if (o.code == 227 && s.cnt++ == 0)
			s.first = o.val.len;
	DHCP_EQ(t, s.cnt, 2);
	DHCP_EQ(t, s.first, 255);
}

static void rfc3046_2_2_a_long_option_82_costs_no_answer(struct dhcp_lab *t)
{
	struct dhcp_ask q = {.who = 1,
		.list = "01 03",
		.max_size = 328,
		.giaddr = RICH_RELAY,
		.relay = "01 60"
			 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
			 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
			 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"};

	/* The relay takes it off: the client gets no more than it said. */
	dhcp_offered(t, q);
	DHCP_TRUE(t, t->got.len - 100 <= 300);
	q.want = LAB_FOREIGN + 1;
	dhcp_request(t, q, GYL_DHCP_NAK);
}

static const struct dhcp_case rules[] = {
	DHCP_RULE(rfc2132_9_10_the_longest_message_is_obeyed, "RFC 2132 9.10",
		"no answer is longer than option 57 less IP and UDP headers"),
	DHCP_RULE(rfc2132_9_10_also_below_576, "RFC 2132 9.10",
		"a size below 576 is obeyed down to the 300 octets of BOOTP"),
	DHCP_RULE(rfc2131_2_548_octets_without_option_57, "RFC 2131 2",
		"without option 57 an answer has at most 548 octets"),
	DHCP_RULE(rfc2132_9_10_the_last_in_the_list_gives_way, "RFC 2132 9.10",
		"what does not fit is left out whole, the last in the list first"),
	DHCP_RULE(rfc2132_9_3_overload_when_full, "RFC 2132 9.3",
		"what the options field has no room for goes into file and sname"),
	DHCP_RULE(rfc3396_7_long_values_in_pieces, "RFC 3396 7",
		"a value over 255 octets comes in pieces that follow each other"),
	DHCP_RULE(rfc3046_2_2_a_long_option_82_costs_no_answer, "RFC 3046 2.2",
		"option 82 comes on top of what the client takes"),
};
DHCP_THEME(size, rules);
