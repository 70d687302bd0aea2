/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DHCPD_TAIL_H
#define GYL_SERVICES_DHCPD_TAIL_H

/*
 * What varies in length of a lease: the identifier when it is no Ethernet address, the name, the
 * Ethernet source when it is not chaddr, option 82. One block a lease, in an arena without free
 * lists: new blocks go on top, and a sweep closes the holes, a few octets with each new block. So
 * memory follows use, whatever clients send in whatever order, and no call stalls. Pure.
 */

#include "services/dhcpd/lease.h"

enum gyl_dhcpd_part {
	GYL_DHCPD_PART_ID,
	GYL_DHCPD_PART_NAME,
	GYL_DHCPD_PART_SOURCE,
	GYL_DHCPD_PART_RELAY,
	GYL_DHCPD_PART_CNT
};

struct gyl_dhcpd_tails {
	uint8_t *p;
	uint32_t cap;       /* octets */
	uint32_t relay_cap; /* of them for relays' options */
	uint32_t top;       /* blocks below, free above */
	uint32_t live;      /* octets of blocks in use */
	uint32_t relay_live;
	uint32_t dst, scan; /* of a sweep: blocks below dst are together, from scan on not yet */
	bool sweeping;
};

/* Octets of memory for the tails of so many leases. All of it is never in use: what is not touched
 * need not be real memory. */
size_t gyl__dhcpd_tail_need(uint32_t lease_cnt);
/* mem: aligned to 4. */
void gyl__dhcpd_tail_init(struct gyl_dhcpd_tails *t, void *mem, uint32_t lease_cnt);

/*
 * Set one part of a lease's tail; val may be a view into any tail. There is always room for
 * identifiers, names and sources of all leases. Options 82 have 64 octets a lease together: one
 * beyond that is not kept.
 */
void gyl__dhcpd_tail_set(
	struct gyl_dhcpd *d, uint32_t slot, enum gyl_dhcpd_part part, struct gyl_view val);
void gyl__dhcpd_tail_clear(struct gyl_dhcpd *d, uint32_t slot);

#endif
