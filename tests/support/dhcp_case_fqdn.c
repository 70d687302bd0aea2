/* SPDX-License-Identifier: ISC */

/* Names of clients: RFC 4702. The domain is event.example; names are unique to a rule. */

#include <string.h>

#include "tests/support/dhcp_case.h"

#define DOMAIN "05 6576656e74 07 6578616d706c65 00"

/* What is sent in option 81 and what must come back, in OFFER and ACK. */
static void comes_back(struct dhcp_lab *t, uint8_t who, const char *more, const char *answer)
{
	struct dhcp_ask q = {.who = who, .more = more, .list = "01 51"};

	q.want = dhcp_offered(t, q);
	dhcp_opt_is(t, GYL_DHCP_OPT_FQDN, answer);
	q.server = LAB_US;
	dhcp_request(t, q, GYL_DHCP_ACK);
	dhcp_opt_is(t, GYL_DHCP_OPT_FQDN, answer);
}

static void rfc4702_3_1_s_is_confirmed(struct dhcp_lab *t)
{
	comes_back(t, 1, "51 09 05 00 00 05 616c706861", "05 ff ff 05 616c706861 " DOMAIN);
}

static void rfc4702_4_without_s_it_is_overridden(struct dhcp_lab *t)
{
	comes_back(t, 1, "51 08 04 00 00 04 62657461", "07 ff ff 04 62657461 " DOMAIN);
}

static void rfc4702_4_n_is_respected(struct dhcp_lab *t)
{
	comes_back(t, 1, "51 09 0c 00 00 05 67616d6d61", "0c ff ff 05 67616d6d61");
	/* N and S together cannot be: N is the one that hurts nobody. */
	comes_back(t, 2, "51 09 0d 00 00 05 64656c7461", "0c ff ff 05 64656c7461");
}

static void rfc4702_2_3_1_the_old_form(struct dhcp_lab *t)
{
	comes_back(t, 1, "51 0a 01 00 00 657073696c6f6e",
		"01 ff ff 657073696c6f6e 2e 6576656e742e6578616d706c65");
}

static void rfc4702_2_1_bits_that_must_be_zero(struct dhcp_lab *t)
{
	comes_back(t, 1, "51 08 f5 11 22 04 7a657461", "05 ff ff 04 7a657461 " DOMAIN);
}

static void rfc4702_3_1_a_full_name(struct dhcp_lab *t)
{
	/* The first label counts, the domain is ours to say. */
	comes_back(t, 1, "51 16 05 00 00 03 657461 05 6f74686572 07 6578616d706c65 00",
		"05 ff ff 03 657461 " DOMAIN);
}

static void rfc4702_4_who_sends_none_gets_none(struct dhcp_lab *t)
{
	dhcp_lease(t, (struct dhcp_ask){.who = 1, .list = "51 0c", .name = "theta"});
	DHCP_TRUE(t, !dhcp_has(t, GYL_DHCP_OPT_FQDN));
	dhcp_opt_is_text(t, GYL_DHCP_OPT_HOST_NAME, "theta");
}

static void rfc4702_3_1_never_both(struct dhcp_lab *t)
{
	struct dhcp_ask q = {
		.who = 1, .list = "0c 51", .name = "other", .more = "51 08 05 00 00 04 696f7461"};

	dhcp_lease(t, q); /* option 81 counts, option 12 is not looked at */
	dhcp_opt_is(t, GYL_DHCP_OPT_FQDN, "05 ff ff 04 696f7461 " DOMAIN);
	DHCP_TRUE(t, !dhcp_has(t, GYL_DHCP_OPT_HOST_NAME));
}

static void rfc4702_2_a_broken_one_costs_itself(struct dhcp_lab *t)
{
	dhcp_lease(t, (struct dhcp_ask){.who = 1, .more = "51 02 0500"});
	DHCP_TRUE(t, !dhcp_has(t, GYL_DHCP_OPT_FQDN));
	dhcp_lease(t, (struct dhcp_ask){.who = 2, .more = "51 08 05 00 00 3f 616263 00"});
	DHCP_TRUE(t, !dhcp_has(t, GYL_DHCP_OPT_FQDN));
}

static void rfc2132_3_14_the_name_comes_back_in_option_12(struct dhcp_lab *t)
{
	struct dhcp_ask q = {.who = 1, .list = "01 0c", .name = "kappa"};

	dhcp_offered(t, q);
	dhcp_opt_is_text(t, GYL_DHCP_OPT_HOST_NAME, "kappa");
	dhcp_lease(t, q);
	dhcp_opt_is_text(t, GYL_DHCP_OPT_HOST_NAME, "kappa");
}

static void rfc4702_4_the_offer_and_the_ack_agree(struct dhcp_lab *t)
{
	struct dhcp_ask q = {.who = 1, .list = "01 0c", .name = "mu"};

	dhcp_lease(t, q);
	dhcp_opt_is_text(t, GYL_DHCP_OPT_HOST_NAME, "mu");
	q.who = 2; /* another one that calls itself the same */
	dhcp_offered(t, q);
	dhcp_opt_is_text(t, GYL_DHCP_OPT_HOST_NAME, "mu-2");
	dhcp_lease(t, q);
	dhcp_opt_is_text(t, GYL_DHCP_OPT_HOST_NAME, "mu-2");
	/* Who has it is offered it again. */
	dhcp_offered(t, q);
	dhcp_opt_is_text(t, GYL_DHCP_OPT_HOST_NAME, "mu-2");
}

static const struct dhcp_case rules[] = {
	DHCP_RULE(rfc4702_3_1_s_is_confirmed, "RFC 4702 3.1, 4",
		"S=1: S=1 comes back, RCODEs are 255, the name is complete, in wire form"),
	DHCP_RULE(rfc4702_4_without_s_it_is_overridden, "RFC 4702 4",
		"S=0: we add the name all the same and say so with S=1, O=1"),
	DHCP_RULE(rfc4702_4_n_is_respected, "RFC 4702 4",
		"N=1: N=1, S=0, O=0 and the name as it came"),
	DHCP_RULE(rfc4702_2_3_1_the_old_form, "RFC 4702 2.3.1", "E=0 is answered in ASCII"),
	DHCP_RULE(rfc4702_2_1_bits_that_must_be_zero, "RFC 4702 2.1",
		"bits that must be zero, and RCODEs of clients, are ignored"),
	DHCP_RULE(rfc4702_3_1_a_full_name, "RFC 4702 3.1",
		"of a full name the first label counts, in our domain"),
	DHCP_RULE(rfc4702_4_the_offer_and_the_ack_agree, "RFC 2131 4.3.1, 4702 4",
		"OFFER and ACK say the same name, also when another has the one that is wanted"),
	DHCP_RULE(rfc4702_4_who_sends_none_gets_none, "RFC 4702 4",
		"who sends no option 81 gets none, also when it asks for it"),
	DHCP_RULE(rfc4702_3_1_never_both, "RFC 4702 3.1",
		"option 81 stands before option 12; never both come back"),
	DHCP_RULE(rfc4702_2_a_broken_one_costs_itself, "RFC 4702 2",
		"an option 81 that cannot be read is skipped"),
	DHCP_RULE(rfc2132_3_14_the_name_comes_back_in_option_12, "RFC 2132 3.14",
		"the client's name comes back in option 12 when asked for"),
};
DHCP_THEME(fqdn, rules);
