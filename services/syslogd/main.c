/* SPDX-License-Identifier: ISC */
#include "services/syslogd/service.h"

int main(int argc, char **argv)
{
	static const struct gyl_service *const service[] = {&gyl_syslogd_service};

	return gyl_daemon_main(argc, argv, "guyline-syslogd",
		"collect syslog messages and keep them as lines of JSON", service, 1);
}
