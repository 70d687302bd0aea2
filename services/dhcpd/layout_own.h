/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DHCPD_LAYOUT_OWN_H
#define GYL_SERVICES_DHCPD_LAYOUT_OWN_H

/* Between layout.c (look-up) and layout_build.c (making) alone. */

#include "services/dhcpd/layout.h"

void gyl__dhcpd_layout_hash_host(struct gyl_dhcpd_layout *y, uint32_t i);

#endif
