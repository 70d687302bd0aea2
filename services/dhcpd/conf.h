/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DHCPD_CONF_H
#define GYL_SERVICES_DHCPD_CONF_H

/* Section "dhcpd" of the flat block. Options are of struct gyl_conf_entry: code and octets. */

#include "conf/schema.h"

enum {
	GYL_DHCPD_ADDRESS_MAX = 1 << 20, /* addresses of all pools and reservations together */
	GYL_DHCPD_SUBNET_MAX = 1024,
	GYL_DHCPD_RANGE_MAX = 4096, /* of all pools together */
	GYL_DHCPD_HOST_MAX = 65536  /* reservations */
};

/* A reservation: what one MAC gets. */
struct gyl_dhcpd_host_conf {
	uint32_t address; /* 0: any of the pool, only name and options are its own */
	uint8_t mac[6];
	struct gyl_ref hostname; /* string */
	struct gyl_ref options;
};

struct gyl_dhcpd_subnet_conf {
	struct gyl_conf_prefix subnet;
	struct gyl_ref pool; /* of struct gyl_conf_range */
	uint64_t lease_ns;   /* 0: as the whole service */
	uint64_t max_ns;     /* 0: likewise */
	struct gyl_ref options;
	struct gyl_ref hosts; /* of struct gyl_dhcpd_host_conf */
};

struct gyl_dhcpd_conf {
	struct gyl_ref interfaces; /* of struct gyl_ref, strings: names; empty: all */
	uint16_t port;             /* clients are at port + 1 */
	bool authoritative;
	uint64_t lease_ns, min_ns;
	uint64_t max_ns; /* 0: a day, or lease_ns when that is longer */
	uint64_t offer_ns, decline_ns;
	struct gyl_ref domain; /* string */
	struct gyl_ref options;
	struct gyl_ref pool;    /* of struct gyl_conf_range, on the networks of our own addresses */
	struct gyl_ref hosts;   /* of struct gyl_dhcpd_host_conf */
	struct gyl_ref subnets; /* of struct gyl_dhcpd_subnet_conf */
};

#endif
