/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_CONF_SAMPLE_H
#define GYL_TESTS_CONF_SAMPLE_H

/* A service that exists for tests only: its keys are of every type that a table knows. */

#include "conf/top.h"

struct sample_zone {
	struct gyl_ref name; /* wire form */
	struct gyl_ref file;
	uint64_t refresh_ns;
	bool has_refresh;
};

struct sample_inner {
	uint16_t port;
	uint8_t depth;
};

struct sample_conf {
	uint64_t big, size, lease_ns, hold_ns;
	struct gyl_ref pool, name, text, path, macs, words, zones, options, sizes;
	struct gyl_conf_prefix net, address;
	struct gyl_conf_range range;
	uint32_t u32, ip;
	uint16_t u16, port;
	uint8_t u8, mode, mac[6];
	bool flag, has_ip, has_extra;
	struct sample_inner inner, extra;
};

extern const struct gyl_conf_section sample_section;
extern const struct gyl_conf_set sample_set; /* the top, "sample" and "small" */

/* The keys of "dhcpd" that a dhcpd.conf is read into. */
extern const struct gyl_conf_set sample_dhcpd_set;

#endif
