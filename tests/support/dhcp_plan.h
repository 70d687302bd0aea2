/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_DHCP_PLAN_H
#define GYL_TESTS_DHCP_PLAN_H

/*
 * The network of the rules' tests: one plan, made into a flat block for the core in memory and into
 * JSON for a daemon. We are 10.20.0.1/16 and serve that link; the other subnets are behind relays.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define LAB_IP(a, b, c, d) \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

enum {
	LAB_US = LAB_IP(10, 20, 0, 1),
	LAB_PREFIX = 16,
	LAB_GATEWAY = LAB_IP(10, 20, 255, 254), /* the way to all relays */
	LAB_NET = LAB_IP(10, 20, 0, 0),
	LAB_RESERVED = LAB_IP(10, 20, 0, 50), /* of the MAC dhcp_plan_reserved */
	LAB_RESERVED_2 = LAB_IP(10, 20, 0, 51),
	LAB_BRANCH = LAB_IP(10, 21, 0, 0), /* a subnet as any other */
	LAB_RICH = LAB_IP(10, 22, 0, 0),   /* more options than fit */
	LAB_TINY = LAB_IP(10, 23, 0, 0),   /* 10.23.0.0/24 and so on: one address each, .10 */
	LAB_TINY_CNT = 4,
	LAB_MOSTLY = LAB_IP(10, 24, 0, 0), /* IPv6-mostly: has option 108 */
	LAB_NO_ID =
		LAB_IP(10, 25, 0, 0), /* client identifiers are not looked at; boots by network */
	LAB_FOREIGN = LAB_IP(10, 99, 0, 0) /* of no subnet */
};

/* What differs between two daemons of the plan. */
enum dhcp_plan_kind {
	DHCP_PLAN_USUAL, /* authoritative, rapid commit, lease query */
	DHCP_PLAN_QUIET  /* none of them */
};

struct dhcp_plan_option {
	uint8_t code;
	const char *name; /* key in a configuration */
	const char *text; /* its value there */
};

struct dhcp_plan_subnet {
	uint32_t net;
	uint8_t prefix;
	uint32_t first, last; /* of the pool */
	bool ignore_client_id;
	uint32_t next_server; /* and the boot fields below; 0: none of them */
	const char *boot_file, *server_name;
	const struct dhcp_plan_option *option; /* ends with code 0 */
};

extern const uint8_t dhcp_plan_reserved[6], dhcp_plan_reserved_2[6];
extern const struct dhcp_plan_option dhcp_plan_options[]; /* of the service */
/* The first one is the link's. */
extern const struct dhcp_plan_subnet dhcp_plan_subnets[];
extern const unsigned dhcp_plan_subnet_cnt;

enum {
	DHCP_PLAN_LEASE_S = 3600,
	DHCP_PLAN_MIN_S = 60,
	DHCP_PLAN_MAX_S = 7200
};

/* A configuration file; state: directory for the store, control: socket, device: as --device. */
void dhcp_plan_json(FILE *f, enum dhcp_plan_kind kind, const char *host, const char *device,
	const char *state, const char *control);

#endif
