/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_GROUP_H
#define GYL_SERVICES_DNS_GROUP_H

/*
 * Groups of servers that questions are forwarded to, by number: 0 is "forward.to", then come
 * "forward.domains" in order, then the holes that have servers of their own, zone by zone. The
 * compiler of the image and the forwarder both count them with these. Pure.
 */

#include "services/dns/conf.h"

/* The group of a hole without servers of its own: that of the longest domain. */
#define GYL_DNS_GROUP_NONE UINT32_MAX

/* How many there are; 1 at least, though group 0 may have no servers. */
uint32_t gyl__dns_group_cnt(const struct gyl_flat *f, const struct gyl_dns_conf *cf);

/* The servers of a group, of struct gyl_conf_server. O(zones and holes) */
struct gyl_ref gyl__dns_group(
	const struct gyl_flat *f, const struct gyl_dns_conf *cf, uint32_t group);

/* The group of hole `hole` of zone `zone`, GYL_DNS_GROUP_NONE. O(zones and holes) */
uint32_t gyl__dns_group_hole(
	const struct gyl_flat *f, const struct gyl_dns_conf *cf, uint32_t zone, uint32_t hole);

#endif
