/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DHCPD_CONF_OWN_H
#define GYL_SERVICES_DHCPD_CONF_OWN_H

/* Between conf.c, conf_option.c and conf_check.c alone. */

#include "services/dhcpd/conf.h"

extern const struct gyl_conf_map gyl__dhcpd_conf_options;
void gyl__dhcpd_conf_check(const struct gyl_flat *f, const void *root, struct gyl_conf_check *ck);

#endif
