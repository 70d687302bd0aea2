/* SPDX-License-Identifier: ISC */
#include "services/arpd/service.h"

int main(int argc, char **argv)
{
	static const struct gyl_service *const service[] = {&gyl_arpd_service};

	return gyl_daemon_main(
		argc, argv, "guyline-arpd", "watch who is on the wire by ARP", service, 1);
}
