/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DHCPD_SERVICE_H
#define GYL_SERVICES_DHCPD_SERVICE_H

#include "services/base/service.h"

extern const struct gyl_conf_section gyl_dhcpd_conf_section;
extern const struct gyl_service gyl_dhcpd_service;

#endif
