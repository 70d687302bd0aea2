/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_RULE_PARSE_H
#define GYL_SERVICES_SYSLOGD_RULE_PARSE_H

/* The words of a rule. Pure. */

#include <gyl/base.h>

/* Where a message may come from. */
enum gyl_syslogd_from_kind {
	GYL_SYSLOGD_FROM_NET,
	GYL_SYSLOGD_FROM_UNIX, /* "unix": programs of this machine */
	GYL_SYSLOGD_FROM_OWN   /* "guyline": events of the services */
};

struct gyl_syslogd_from {
	uint8_t kind;     /* enum gyl_syslogd_from_kind */
	uint32_t ip, len; /* of a network */
};

/* "10.0.1.0/24", "10.0.1.7", "unix", "guyline". GYL_E_SYNTAX, or GYL_E_RANGE for host bits. */
struct gyl_fault gyl_syslogd_from_parse(struct gyl_view in, struct gyl_syslogd_from *ret_from);

/* "warning", "<=warning" (and what is more important), as bits 1 << severity. GYL_E_SYNTAX. */
struct gyl_fault gyl_syslogd_severity_parse(struct gyl_view in, uint8_t *ret_mask);

#endif
