/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_BUILD_SUM_H
#define GYL_SERVICES_DNS_BUILD_SUM_H

#include "services/dns/conf.h"

/* What of the configuration is in the image in the form of numbers and names: two with the same
 * sum, which is never 0, make the same of the same files. Pure. */
uint32_t gyl__dns_build_sum(const struct gyl_flat *flat, const struct gyl_dns_conf *cf);

#endif
