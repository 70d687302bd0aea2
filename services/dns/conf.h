/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_CONF_H
#define GYL_SERVICES_DNS_CONF_H

#include "services/base/flat.h"

/* A zone to serve. */
struct gyl_dns_conf_zone {
	struct gyl_ref name; /* wire form */
	struct gyl_ref file; /* path, then a NUL */
};

/* Section "dns" of the flat block. */
struct gyl_dns_conf {
	struct gyl_ref interfaces;   /* of struct gyl_ref, strings: names; empty: all */
	struct gyl_ref zones;        /* of struct gyl_dns_conf_zone */
	struct gyl_ref lease_domain; /* wire form; empty: only domains that dhcpd tells */
	struct gyl_ref nsid;         /* text */
	struct gyl_ref version;      /* text */
	uint64_t lease_ttl_ns;       /* longest TTL of names that leases make */
	uint32_t lease_cnt;          /* bound of the table */
	uint16_t port;
	uint16_t udp_size; /* longest UDP answer */
	bool log_queries;
};

#endif
