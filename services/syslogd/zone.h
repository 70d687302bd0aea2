/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_ZONE_H
#define GYL_SERVICES_SYSLOGD_ZONE_H

/* Time zones of senders: what a time without a zone means. Pure. */

#include <gyl/base.h>

enum {
	GYL_SYSLOGD_ZONE_MAX = 64 /* entries of "zones" */
};

/* A member of "zones" as it stands in the flat block, octet by octet (gyl_conf_entry.octet). */
struct gyl_syslogd_zone {
	uint32_t ip, len; /* senders in this network */
	int32_t zone_s;   /* seconds east of UTC */
};

/* "UTC", "Z", "+02:00", "-09:30". GYL_E_SYNTAX or GYL_E_RANGE at the octet that is wrong. */
struct gyl_fault gyl_syslogd_zone_parse(struct gyl_view in, int32_t *ret_zone_s);

/* "10.0.1.0/24" or one address; host bits are refused with GYL_E_RANGE. */
struct gyl_fault gyl_syslogd_network_parse(struct gyl_view in, struct gyl_syslogd_zone *ret_zone);

/* The zone of the longest prefix that has the address; false, and nothing is written: none has. */
bool gyl_syslogd_zone_find(
	const struct gyl_syslogd_zone *zone, unsigned cnt, uint32_t ip, int32_t *ret_zone_s);

#endif
