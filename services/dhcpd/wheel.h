/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DHCPD_WHEEL_H
#define GYL_SERVICES_DHCPD_WHEEL_H

/*
 * A hierarchical timer wheel over the leases: a second is the finest step, six levels of 64 slots
 * reach further than any lease. Setting and clearing a timer is O(1); a timer moves down at most
 * five times before it is due, a few at a time. Pure.
 */

#include "services/dhcpd/lease.h"

enum {
	GYL_DHCPD_WHEEL_LEVELS = 6,
	GYL_DHCPD_WHEEL_SLOTS = 64
};

/* All zeros to begin with. */
struct gyl_dhcpd_wheel {
	uint64_t at_s; /* what is due before this second has been given out */
	uint64_t used[GYL_DHCPD_WHEEL_LEVELS];
	uint32_t head[GYL_DHCPD_WHEEL_LEVELS][GYL_DHCPD_WHEEL_SLOTS];
};

/* Set or move the timer of slot i to its expiry_ns, rounded up to a second; infinite: none. */
void gyl__dhcpd_wheel_set(struct gyl_dhcpd_wheel *w, struct gyl_dhcpd_lease *lease, uint32_t i);
void gyl__dhcpd_wheel_clear(struct gyl_dhcpd_wheel *w, struct gyl_dhcpd_lease *lease, uint32_t i);

/*
 * Take out a lease that is due by now_ns. 0: there is none, or *budget (steps of work) is used up;
 * the deadline tells which.
 */
uint32_t gyl__dhcpd_wheel_next(struct gyl_dhcpd_wheel *w, struct gyl_dhcpd_lease *lease,
	uint64_t now_ns, unsigned *budget);

/* When gyl__dhcpd_wheel_next() has something to do; UINT64_MAX: never. */
uint64_t gyl__dhcpd_wheel_deadline_ns(const struct gyl_dhcpd_wheel *w);

#endif
