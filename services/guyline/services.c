/* SPDX-License-Identifier: ISC */
#include "services/guyline/services.h"

#include "services/arpd/service.h"
#include "services/dhcpd/service.h"
#include "services/dns/service.h"
#include "services/syslogd/service.h"

const struct gyl_service *const gyl_services[] = {
	&gyl_syslogd_service, &gyl_dhcpd_service, &gyl_dns_service, &gyl_arpd_service};
const size_t gyl_service_cnt = sizeof gyl_services / sizeof gyl_services[0];
