/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DHCPD_NAME_H
#define GYL_SERVICES_DHCPD_NAME_H

/* Host names: what clients send, made fit for DNS, and each only once in a domain. Pure. */

#include <gyl/base.h>

struct gyl_dhcpd;
struct gyl_dhcpd_req;
struct gyl_dhcpd_lease;

static inline uint8_t gyl__dhcpd_lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

/* Equal but for case. */
bool gyl__dhcpd_name_eq(struct gyl_view a, struct gyl_view b);

/*
 * The first label of what a client calls itself, by RFC 1123 2.1: letters (made small), digits and
 * inner hyphens. Blanks and underscores become hyphens, other octets are left out. Returns its
 * length, at most GYL_DHCPD_NAME_MAX; 0 when nothing is left.
 */
size_t gyl__dhcpd_name_clean(struct gyl_view from, char *ret_name);

/* The name that the lease would get now, by the rules of the next; empty: none. buf: of
 * GYL_DHCPD_NAME_MAX + 2 octets, which the view may be into. */
struct gyl_view gyl__dhcpd_name_preview(
	struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, uint32_t slot, char *buf);

/*
 * Give the lease the name that its client asks for, or that its reservation has. When another
 * holds it, the reservation takes it over, and anybody else gets name-2 to name-9 or none. Returns
 * the slot that lost the name, or 0.
 */
uint32_t gyl__dhcpd_name_claim(struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, uint32_t slot);

/* Name the lease as its record does. When it is live nobody else has that name from then on: of two
 * records the later one is right. */
void gyl__dhcpd_name_restore(struct gyl_dhcpd *d, uint32_t slot, struct gyl_view name);

/* Take the lease's name out of the index: somebody else may have it. */
void gyl__dhcpd_name_drop(struct gyl_dhcpd *d, uint32_t slot);

#endif
