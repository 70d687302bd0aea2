/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DHCPD_CONF_CHECK_OWN_H
#define GYL_SERVICES_DHCPD_CONF_CHECK_OWN_H

/* Between the files conf_check*.c alone: the state of a check. */

#include "services/dhcpd/conf_own.h"

enum {
	GYL__DHCPD_PATH_MAX = 64
};

/* What something belongs to: a number of subnets[], one of classes[] with the bit, or neither. */
#define GYL__DHCPD_OF_CLASS 0x80000000u
#define GYL__DHCPD_OF_TOP   UINT32_MAX

/* Something that must not meet another of its sort, and where it is written. */
struct gyl__dhcpd_item {
	uint64_t first, last; /* addresses, or what else is counted */
	uint32_t owner;       /* GYL__DHCPD_OF_... */
	uint32_t index;
	const struct gyl_dhcpd_host_conf *host; /* of identities */
};

struct gyl__dhcpd_items {
	struct gyl__dhcpd_item *item;
	size_t cnt;
	const char *key; /* "pool", "reservations": the path's middle */
	const char *tail;
	const char *what;
};

struct gyl__dhcpd_checker {
	const struct gyl_flat *f;
	const struct gyl_dhcpd_conf *cf;
	const struct gyl_dhcpd_subnet_conf *subnet;
	const struct gyl_dhcpd_class_conf *class;
	struct gyl_conf_check *ck;
	struct gyl__dhcpd_items pools, addresses, hosts;
	uint64_t address_cnt;
};

static inline bool gyl__dhcpd_inside(struct gyl_conf_prefix net, uint32_t ip)
{
	return (ip & gyl_conf_mask(net.len)) == net.ip;
}

/* The first and last address of a network are no host's (RFC 1122 3.2.1.3), but of a link with two
 * addresses or one (RFC 3021). */
static inline bool gyl__dhcpd_is_edge(struct gyl_conf_prefix net, uint32_t ip)
{
	uint32_t mask = gyl_conf_mask(net.len);

	return net.len < 31 && (ip == (net.ip & mask) || ip == (net.ip | ~mask));
}

/* Tells when ip is the first or last address of a network of our own that it lies in. A network
 * that only the running system knows is looked at when the service starts. */
void gyl__dhcpd_check_own_edge(struct gyl__dhcpd_checker *c, uint32_t ip, const char *path);

/* "subnets.3.pool.1" */
const char *gyl__dhcpd_path(char buf[GYL__DHCPD_PATH_MAX], const struct gyl__dhcpd_items *list,
	uint32_t owner, uint32_t index);
void gyl__dhcpd_item_add(struct gyl__dhcpd_items *list, uint64_t first, uint64_t last,
	uint32_t owner, uint32_t index);
/* Each that meets the one before it is told, with the place of that one. */
void gyl__dhcpd_check_apart(struct gyl__dhcpd_checker *c, struct gyl__dhcpd_items *list);

/* ---- conf_check_host.c ---- */

/* Add the reservations of an owner to c->addresses and c->hosts. */
void gyl__dhcpd_check_hosts(struct gyl__dhcpd_checker *c, struct gyl_ref hosts, uint32_t owner);
/* Of those that were added no two are of one client on one subnet. */
void gyl__dhcpd_check_identities(struct gyl__dhcpd_checker *c);

#endif
