/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DHCPD_LAYOUT_OWN_H
#define GYL_SERVICES_DHCPD_LAYOUT_OWN_H

/* Between the files layout*.c alone: a layout while it is made. */

#include <gyl/text.h>

#include "services/dhcpd/layout.h"

/* Say what is wrong with an address; false. */
static inline bool gyl__dhcpd_build_wrong(struct gyl__dhcpd_build *b, const char *what, uint32_t ip)
{
	gyl_text_str(b->why, what);
	gyl_text_char(b->why, ' ');
	gyl_text_ipv4(b->why, ip);
	return false;
}

/* The steps: layout_build.c, layout_link.c, layout_pool.c, layout_live.c. Each goes on where at
 * says, until it is done, or the slice is used up, or something is wrong. */
typedef enum gyl_dhcpd_progress gyl__dhcpd_build_step(struct gyl__dhcpd_build *b);

gyl__dhcpd_build_step gyl__dhcpd_build_links, gyl__dhcpd_build_drain, gyl__dhcpd_build_class_pools,
	gyl__dhcpd_build_pools, gyl__dhcpd_build_hosts, gyl__dhcpd_build_live,
	gyl__dhcpd_build_hashes, gyl__dhcpd_build_reserved, gyl__dhcpd_build_sorted,
	gyl__dhcpd_build_ranges, gyl__dhcpd_build_slots;

static inline bool gyl__dhcpd_in_subnet(const struct gyl_dhcpd_subnet *s, uint32_t ip)
{
	return (ip & s->mask) == s->ip;
}

/* layout_link.c: the subnet becomes one of the link of another one. */
void gyl__dhcpd_build_join(struct gyl_dhcpd_layout *y, uint32_t i, uint32_t j);
/* layout.c */
void gyl__dhcpd_layout_hash_host(struct gyl_dhcpd_layout *y, uint32_t i);
void gyl__dhcpd_layout_unhash_host(struct gyl_dhcpd_layout *y, uint32_t i);

#endif
