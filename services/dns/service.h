/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_SERVICE_H
#define GYL_SERVICES_DNS_SERVICE_H

#include "services/base/service.h"

extern const struct gyl_conf_section gyl_dns_conf_section;
extern const struct gyl_service gyl_dns_service;

#endif
