/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_DHCP_CASE_H
#define GYL_TESTS_DHCP_CASE_H

/* The themes, for the table in dhcp_case.c. */

#include "tests/support/dhcp_lab.h"

enum {
	BRANCH_RELAY = LAB_BRANCH + 1,
	RICH_RELAY = LAB_RICH + 1
};

static inline bool in_net(uint32_t ip, uint32_t net)
{
	return ip >> 16 == net >> 16;
}

extern const struct dhcp_theme dhcp_theme_message, dhcp_theme_discover, dhcp_theme_request,
	dhcp_theme_relay, dhcp_theme_option, dhcp_theme_size, dhcp_theme_identity,
	dhcp_theme_notice, dhcp_theme_malformed, dhcp_theme_bootp, dhcp_theme_fqdn,
	dhcp_theme_query;

#define DHCP_THEME(what, rules)                       \
	const struct dhcp_theme dhcp_theme_##what = { \
		.name = #what, .rule = (rules), .cnt = sizeof(rules) / sizeof((rules)[0])}

#endif
