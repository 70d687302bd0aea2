/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DHCPD_LAYOUT_OWN_H
#define GYL_SERVICES_DHCPD_LAYOUT_OWN_H

/* Between the files layout*.c alone: a layout while it is made. */

#include <gyl/text.h>

#include "services/dhcpd/layout.h"

struct gyl__dhcpd_build {
	struct gyl_dhcpd_layout *y;
	const struct gyl_dhcpd_iface *iface;
	uint32_t iface_cnt;
	struct gyl_writer *why;
};

/* Say what is wrong with an address; false. */
static inline bool gyl__dhcpd_build_wrong(struct gyl__dhcpd_build *b, const char *what, uint32_t ip)
{
	gyl_text_str(b->why, what);
	gyl_text_char(b->why, ' ');
	gyl_text_ipv4(b->why, ip);
	return false;
}

static inline bool gyl__dhcpd_in_subnet(const struct gyl_dhcpd_subnet *s, uint32_t ip)
{
	return (ip & s->mask) == s->ip;
}

/* layout_link.c: which subnets, sorted by now, share a link. */
void gyl__dhcpd_build_links(struct gyl__dhcpd_build *b);
/* The subnet becomes one of the link of another one. */
void gyl__dhcpd_build_join(struct gyl_dhcpd_layout *y, uint32_t i, uint32_t j);
/* layout_pool.c: ranges of the pools and of reserved addresses; reservations. */
bool gyl__dhcpd_build_pools(struct gyl__dhcpd_build *b);
/* layout_live.c: what was set while the server runs; subnets are drained by it last of all. */
void gyl__dhcpd_build_live(struct gyl__dhcpd_build *b);
void gyl__dhcpd_build_drain(struct gyl__dhcpd_build *b);
/* layout.c */
void gyl__dhcpd_layout_hash_host(struct gyl_dhcpd_layout *y, uint32_t i);
void gyl__dhcpd_layout_unhash_host(struct gyl_dhcpd_layout *y, uint32_t i);

#endif
