/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_ENTRY_H
#define GYL_SERVICES_SYSLOGD_ENTRY_H

/* What the core has for an output, on its way through log buffer GYL_SYSLOGD_OUT_LOG. Pure. */

#include <gyl/base.h>

enum {
	GYL_SYSLOGD_OUT_LOG = 1,      /* which log buffer of the core */
	GYL_SYSLOGD_OUT_CAP = 8 << 20 /* octets of it */
};

/* What an entry begins with; not aligned. The path follows, then the text, without line end. */
struct gyl_syslogd_entry {
	uint32_t path_len; /* of a file; 0 for others */
	uint32_t text_len;
	uint32_t output; /* its number in the configuration */
};

#endif
