/* SPDX-License-Identifier: ISC */
#include "services/dhcpd/service.h"

int main(int argc, char **argv)
{
	static const struct gyl_service *const service[] = {&gyl_dhcpd_service};

	return gyl_daemon_main(argc, argv, "guyline-dhcpd",
		"lease addresses to the hosts of a network by DHCP", service, 1);
}
