/* SPDX-License-Identifier: ISC */

/* Who a client is: RFC 2131 4.2, RFC 4361, RFC 4390, RFC 6842. */

#include "tests/support/dhcp_case.h"

#define DUID_LLT "0001 0001 2c0ffee0 021000000001"
#define DUID_EN  "0002 00000009 0cc0840303d8"
#define DUID_LL  "0003 0001 021000000001"
#define DUID_UU  "0004 00112233445566778899aabbccddeeff"

static void rfc6842_3_the_client_identifier_comes_back(struct dhcp_lab *t)
{
	struct dhcp_ask q = {.who = 1, .id = "00 6361746572696e67"};

	dhcp_lease(t, q);
	dhcp_opt_is(t, GYL_DHCP_OPT_CLIENT_ID, q.id);
	q.want = LAB_FOREIGN + 1;
	dhcp_request(t, q, GYL_DHCP_NAK);
	dhcp_opt_is(t, GYL_DHCP_OPT_CLIENT_ID, q.id);
	q.type = GYL_DHCP_INFORM;
	q.want = 0;
	q.ciaddr = LAB_NET + 0x7000;
	dhcp_answered(t, q);
	dhcp_opt_is(t, GYL_DHCP_OPT_CLIENT_ID, q.id);
}

static void rfc6842_3_none_is_made_up(struct dhcp_lab *t)
{
	dhcp_lease(t, (struct dhcp_ask){.who = 1, .list = "01 3d"});
	DHCP_TRUE(t, !dhcp_has(t, GYL_DHCP_OPT_CLIENT_ID));
}

static void rfc2131_4_2_the_identifier_tells_clients_apart(struct dhcp_lab *t)
{
	uint32_t a = dhcp_lease(t, (struct dhcp_ask){.who = 1, .id = "ff 00112233 " DUID_EN});
	uint32_t b = dhcp_lease(t, (struct dhcp_ask){.who = 1, .id = "ff 00112244 " DUID_EN});

	DHCP_TRUE(t, a != b);
	/* The same client with another card. */
	DHCP_EQ(t, dhcp_offered(t, (struct dhcp_ask){.who = 2, .id = "ff 00112233 " DUID_EN}), a);
}

static void rfc2131_4_2_without_one_chaddr(struct dhcp_lab *t)
{
	uint32_t a = dhcp_lease(t, (struct dhcp_ask){.who = 1});
	uint32_t b = dhcp_lease(t, (struct dhcp_ask){.who = 2});

	DHCP_TRUE(t, a != b);
	DHCP_EQ(t, dhcp_offered(t, (struct dhcp_ask){.who = 1}), a);
}

static void rfc2132_9_14_one_that_repeats_chaddr(struct dhcp_lab *t)
{
	static const uint8_t mac[6] = {0x02, 0x77, 0, 0, 0, 9};
	uint32_t ip = dhcp_lease(t, (struct dhcp_ask){.mac = mac});

	DHCP_EQ(t, dhcp_offered(t, (struct dhcp_ask){.mac = mac, .id = "01 027700000009"}), ip);
}

static void rfc4361_6_1_every_kind_of_duid(struct dhcp_lab *t)
{
	static const char *const ids[] = {
		"ff 00000001 " DUID_LLT, "ff 00000001 " DUID_LL, "ff 00000001 " DUID_UU};
	uint32_t ip[3];

	for (unsigned i = 0; i < 3; i++)
		ip[i] = dhcp_lease(t, (struct dhcp_ask){.who = 1, .id = ids[i]});
	for (unsigned i = 0; i < 3; i++)
		DHCP_EQ(t, dhcp_offered(t, (struct dhcp_ask){.who = 2, .id = ids[i]}), ip[i]);
}

static void rfc2132_9_14_long_identifiers(struct dhcp_lab *t)
{
#define LONG "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff0011223344"
	uint32_t a = dhcp_lease(t, (struct dhcp_ask){.who = 1, .id = LONG "01"});
	uint32_t b = dhcp_lease(t, (struct dhcp_ask){.who = 1, .id = LONG "02"});

	DHCP_TRUE(t, a != b);
	DHCP_EQ(t, dhcp_offered(t, (struct dhcp_ask){.who = 1, .id = LONG "01"}), a);
	/* 255 octets, and more in pieces. */
	dhcp_lease(t, (struct dhcp_ask){.who = 2, .id = LONG LONG LONG LONG LONG LONG "aabbccdd"});
	dhcp_lease(t, (struct dhcp_ask){.who = 3, .id = LONG LONG LONG LONG LONG LONG LONG LONG});
}

static void rfc6842_3_without_hardware_address(struct dhcp_lab *t)
{
	struct dhcp_ask q = {.no_hw = true, .id = "00 6e6f6e65"};

	q.id = t->serial % 2 == 0 ? "00 6e6f6e6501" : "00 6e6f6e6502";
	dhcp_lease(t, q);
	DHCP_EQ(t, t->got.dst_ip, UINT32_MAX); /* there is nothing to send a frame to */
	q.id = NULL;
	q.type = GYL_DHCP_DISCOVER;
	dhcp_silent(t, q); /* it is nobody */
}

static void rfc4390_2_infiniband(struct dhcp_lab *t)
{
	struct dhcp_ask q = {.no_hw = true,
		.htype = 32,
		.flags = GYL_DHCP_FLAG_BROADCAST,
		.id = "ff 00000020 " DUID_UU};
	uint32_t ip = dhcp_lease(t, q);

	DHCP_EQ(t, t->got.dst_ip, UINT32_MAX);
	q.flags = 0; /* it must set the flag; when it does not, there still is no other way */
	DHCP_EQ(t, dhcp_offered(t, q), ip);
	DHCP_EQ(t, t->got.dst_ip, UINT32_MAX);
}

static void rfc2131_2_other_hardware_types(struct dhcp_lab *t)
{
	static const uint8_t types[] = {6, 7, 20, 24, 37};

	for (unsigned i = 0; i < sizeof types; i++) {
		struct dhcp_ask q = {.who = (uint8_t)i, .htype = types[i], .id = "00 aabbcc01"};
		uint32_t ip = dhcp_lease(t, q);

		DHCP_EQ(t, t->got.dst_ip, UINT32_MAX);
		q.who = 99;
		DHCP_EQ(t, dhcp_offered(t, q), ip); /* by its identifier */
	}
	/* Without identifier by type and address. */
	DHCP_TRUE(t, dhcp_lease(t, (struct dhcp_ask){.who = 50, .htype = 6}) !=
			     dhcp_lease(t, (struct dhcp_ask){.who = 50}));
}

static void ignore_client_id_by_chaddr_alone(struct dhcp_lab *t)
{
	struct dhcp_ask q = {.who = 1, .giaddr = LAB_NO_ID + 1, .id = "00 01020304"};
	uint32_t ip = dhcp_lease(t, q);

	q.id = "ff 00000007 " DUID_UU; /* another system on the same machine */
	DHCP_EQ(t, dhcp_lease(t, q), ip);
	dhcp_opt_is(t, GYL_DHCP_OPT_CLIENT_ID, q.id); /* RFC 6842 all the same */
	q.id = NULL;
	DHCP_EQ(t, dhcp_lease(t, q), ip);
	q.id = "00 01020304";
	q.who = 2; /* another machine that calls itself the same */
	DHCP_TRUE(t, dhcp_lease(t, q) != ip);
}

static void rfc2131_4_2_subnets_keep_their_own_bindings(struct dhcp_lab *t)
{
	uint32_t here = dhcp_lease(t, (struct dhcp_ask){.who = 1});
	uint32_t there = dhcp_lease(t, (struct dhcp_ask){.who = 1, .giaddr = BRANCH_RELAY});

	DHCP_TRUE(t, in_net(here, LAB_NET) && in_net(there, LAB_BRANCH));
	dhcp_request(t, (struct dhcp_ask){.who = 1, .want = here}, GYL_DHCP_ACK);
	dhcp_request(t, (struct dhcp_ask){.who = 1, .want = there, .giaddr = BRANCH_RELAY},
		GYL_DHCP_ACK);
}

static void rfc2131_2_group_addresses_are_nobody(struct dhcp_lab *t)
{
	static const uint8_t group[6] = {1, 0, 0x5e, 0, 0, 1}, zero[6] = {0};

	dhcp_silent(t, (struct dhcp_ask){.type = GYL_DHCP_DISCOVER, .mac = group});
	dhcp_silent(t, (struct dhcp_ask){.type = GYL_DHCP_DISCOVER, .mac = zero});
}

static const struct dhcp_case rules[] = {
	DHCP_RULE(rfc6842_3_the_client_identifier_comes_back, "RFC 6842 3",
		"option 61 is in OFFER, ACK and NAK as it came"),
	DHCP_RULE(rfc6842_3_none_is_made_up, "RFC 6842 3",
		"who sends no option 61 gets none, also when it asks for it"),
	DHCP_RULE(rfc2131_4_2_the_identifier_tells_clients_apart, "RFC 2131 4.2",
		"option 61 is the client, whatever chaddr is"),
	DHCP_RULE(rfc2131_4_2_without_one_chaddr, "RFC 2131 4.2",
		"without option 61 chaddr is the client"),
	DHCP_RULE(rfc2132_9_14_one_that_repeats_chaddr, "RFC 2132 9.14",
		"an identifier that repeats type and chaddr is the same client as without"),
	DHCP_RULE(rfc4361_6_1_every_kind_of_duid, "RFC 4361 6.1",
		"IAID and DUID of every kind are identifiers, octet by octet"),
	DHCP_RULE(rfc2132_9_14_long_identifiers, "RFC 2132 9.14, 3396",
		"identifiers up to 255 octets, and longer ones in pieces, are told apart and echoed"),
	DHCP_RULE(rfc6842_3_without_hardware_address, "RFC 6842 3",
		"hlen 0 with option 61 is served by broadcast; without it there is no answer"),
	DHCP_RULE(rfc4390_2_infiniband, "RFC 4390 2",
		"Infiniband, hlen 0: by option 61, and by broadcast"),
	DHCP_RULE(rfc2131_2_other_hardware_types, "RFC 2131 2",
		"hardware types other than Ethernet are answered by broadcast"),
	DHCP_RULE(ignore_client_id_by_chaddr_alone, "RFC 2131 4.2",
		"where ignore_client_id is set chaddr is the client; option 61 is echoed"),
	DHCP_RULE(rfc2131_4_2_subnets_keep_their_own_bindings, "RFC 2131 4.2",
		"a client has a binding on each subnet"),
	DHCP_RULE(rfc2131_2_group_addresses_are_nobody, "RFC 2131 2",
		"a chaddr that is a group or zero is nobody's"),
};
DHCP_THEME(identity, rules);
