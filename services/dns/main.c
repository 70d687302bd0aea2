/* SPDX-License-Identifier: ISC */
#include "services/dns/service.h"

int main(int argc, char **argv)
{
	static const struct gyl_service *const service[] = {&gyl_dns_service};

	return gyl_daemon_main(argc, argv, "guyline-dns",
		"answer for zones and for the names of leases", service, 1);
}
