/* SPDX-License-Identifier: ISC */

/* What cannot be read: a bad option costs itself, an unreadable message is refused. */

#include "tests/support/dhcp_case.h"

static void rfc2131_3_a_wrong_cookie(struct dhcp_lab *t)
{
	dhcp_silent(t, (struct dhcp_ask){.type = GYL_DHCP_DISCOVER,
			       .who = 1,
			       .bend_at = GYL_DHCP_HDR_LEN,
			       .bend_to = 0x64});
	dhcp_silent(t, (struct dhcp_ask){.type = GYL_DHCP_DISCOVER, .who = 1, .no_cookie = true});
}

static void rfc2131_2_hlen_over_16(struct dhcp_lab *t)
{
	dhcp_silent(t, (struct dhcp_ask){
			       .type = GYL_DHCP_DISCOVER, .who = 1, .bend_at = 2, .bend_to = 17});
	dhcp_silent(t, (struct dhcp_ask){
			       .type = GYL_DHCP_DISCOVER, .who = 1, .bend_at = 2, .bend_to = 255});
}

static void rfc2131_2_cut_off(struct dhcp_lab *t)
{
	static const size_t cuts[] = {1, 2, 27, 28, 44, 108, 235, 236, 239, 240};

	for (unsigned i = 0; i < sizeof cuts / sizeof cuts[0]; i++)
		dhcp_silent(
			t, (struct dhcp_ask){.type = GYL_DHCP_DISCOVER, .who = 1, .cut = cuts[i]});
}

static void rfc2132_2_over_the_end(struct dhcp_lab *t)
{
	/* The list runs over the end: it and what follows is not there, the rest is. */
	dhcp_answered(t, (struct dhcp_ask){.who = 1, .options = "35 01 01 37 09 01 03"});
	DHCP_EQ(t, t->a.type, GYL_DHCP_OFFER);
	dhcp_answered(t, (struct dhcp_ask){.who = 2, .options = "35 01 01 37"});
	DHCP_EQ(t, t->a.type, GYL_DHCP_OFFER);
}

static void rfc2132_3_2_without_end(struct dhcp_lab *t)
{
	dhcp_answered(t, (struct dhcp_ask){.who = 1, .options = "35 01 01 37 02 01 03"});
	dhcp_codes_are(t, "1 3");
}

static void rfc2132_3_1_pads_anywhere(struct dhcp_lab *t)
{
	dhcp_answered(t,
		(struct dhcp_ask){.who = 1, .options = "00 00 35 01 01 00 37 02 01 03 00 ff 37"});
	dhcp_codes_are(t, "1 3");
}

static void rfc2132_9_impossible_lengths(struct dhcp_lab *t)
{
	static const char *const bad[] = {
		"33 03 000001",     /* lease time */
		"32 02 0a14",       /* requested address */
		"36 05 0a14000100", /* server identifier */
		"39 01 05",         /* maximum size */
		"0c 00",            /* host name */
		"76 03 0a1500",     /* subnet selection */
		"13 01 07",         /* a truth that is neither */
		"37 00",            /* an empty list */
		"3c 00",            /* an empty class */
		"34 02 0101",       /* overload */
		"51 00",            /* name */
		"74 00",            /* auto-configuration */
	};

	for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		char options[100];

		snprintf(options, sizeof options, "35 01 01 %s 37 01 01 ff", bad[i]);
		dhcp_answered(t, (struct dhcp_ask){.who = (uint8_t)i, .options = options});
		DHCP_EQ(t, t->a.type, GYL_DHCP_OFFER);
		DHCP_EQ(t, dhcp_opt_u32(t, GYL_DHCP_OPT_LEASE_TIME), DHCP_PLAN_LEASE_S);
	}
}

static void rfc2132_9_14_an_identifier_of_one_octet(struct dhcp_lab *t)
{
	/* It names nobody; chaddr does. */
	uint32_t ip = dhcp_lease(t, (struct dhcp_ask){.who = 1});

	dhcp_answered(t, (struct dhcp_ask){.who = 1, .options = "35 01 01 3d 01 07 ff"});
	DHCP_EQ(t, t->a.hdr.yiaddr, ip);
	dhcp_answered(t, (struct dhcp_ask){.who = 1, .options = "35 01 01 3d 00 ff"});
	DHCP_EQ(t, t->a.hdr.yiaddr, ip);
	dhcp_silent(t, (struct dhcp_ask){.no_hw = true, .options = "35 01 01 3d 01 07 ff"});
}

static void rfc2132_9_6_a_type_that_is_none(struct dhcp_lab *t)
{
	dhcp_silent(t, (struct dhcp_ask){.who = 1, .options = "35 02 0101 ff"});
	dhcp_silent(t, (struct dhcp_ask){.who = 1, .options = "35 00 ff"});
}

static void rfc2132_9_7_unknown_options_do_no_harm(struct dhcp_lab *t)
{
	dhcp_lease(t, (struct dhcp_ask){.who = 1,
			      .list = "e0 01 fe",
			      .more = "e0 03 010203 fe 00 54 02 aabb a0 01 00 7e 01 01"});
	dhcp_codes_are(t, "1");
}

static void rfc2131_2_long_messages(struct dhcp_lab *t)
{
	/* More than 548 octets of pads, and the type behind them. */
	struct dhcp_ask q = {.who = 1,
		.options = "3c 40 "
			   "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
			   "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
			   "3c 40 "
			   "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
			   "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
			   "3c 40 "
			   "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
			   "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
			   "3c 80 "
			   "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
			   "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
			   "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
			   "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
			   "35 01 01 ff"};

	dhcp_answered(t, q);
	DHCP_EQ(t, t->a.type, GYL_DHCP_OFFER);
}

static const struct dhcp_case rules[] = {
	DHCP_RULE(rfc2131_3_a_wrong_cookie, "RFC 2131 3",
		"without the magic cookie there is no DHCP: silence"),
	DHCP_RULE(rfc2131_2_hlen_over_16, "RFC 2131 2", "hlen over 16 is refused"),
	DHCP_RULE(rfc2131_2_cut_off, "RFC 2131 2", "a message that ends early is refused"),
	DHCP_RULE(rfc2132_2_over_the_end, "RFC 2132 2",
		"an option that runs over the end is skipped"),
	DHCP_RULE(rfc2132_3_2_without_end, "RFC 2132 3.2", "END may be missing"),
	DHCP_RULE(rfc2132_3_1_pads_anywhere, "RFC 2132 3.1", "pads may stand anywhere"),
	DHCP_RULE(rfc2132_9_impossible_lengths, "RFC 2132",
		"an option of an impossible length is skipped, the message is answered"),
	DHCP_RULE(rfc2132_9_14_an_identifier_of_one_octet, "RFC 2132 9.14",
		"an identifier under two octets is skipped; without chaddr there is no answer"),
	DHCP_RULE(rfc2132_9_6_a_type_that_is_none, "RFC 2132 9.6",
		"a message type that is not one octet: refused"),
	DHCP_RULE(rfc2132_9_7_unknown_options_do_no_harm, "RFC 2132 2",
		"options that nobody knows are passed over"),
	DHCP_RULE(rfc2131_2_long_messages, "RFC 2131 2",
		"a message over 576 octets, and the type at its end, are read"),
};
DHCP_THEME(malformed, rules);
