/* SPDX-License-Identifier: ISC */
#include "tests/support/dhcp_case.h"

const struct dhcp_theme *const dhcp_themes[] = {
	&dhcp_theme_message,
	&dhcp_theme_discover,
	&dhcp_theme_request,
	&dhcp_theme_notice,
	&dhcp_theme_identity,
	&dhcp_theme_option,
	&dhcp_theme_size,
	&dhcp_theme_relay,
	&dhcp_theme_fqdn,
	&dhcp_theme_bootp,
	&dhcp_theme_malformed,
	&dhcp_theme_query,
};
const unsigned dhcp_theme_cnt = sizeof dhcp_themes / sizeof dhcp_themes[0];
