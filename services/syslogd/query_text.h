/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_QUERY_TEXT_H
#define GYL_SERVICES_SYSLOGD_QUERY_TEXT_H

/*
 * A record for people, on one line:
 *
 *   2026-11-21 13:00:00.125 sw-1 %LINK[9]: Interface Gi0/1, changed state to down
 *
 * the time of receipt, the host (its sender's address when it has none), app and pid, the message
 * (structured data when it is empty). Nothing in it acts on a terminal; all can be turned back
 * (gyl_syslog_escape()). Pure.
 */

#include "services/syslogd/fields.h"

struct gyl_syslogd_style {
	int32_t zone_s; /* seconds east of UTC of times, as long as utc is not set */
	bool utc;       /* UTC, marked with a Z */
	bool colour;    /* by severity */
};

/* Append the line, its LF too. scratch: GYL_SYSLOGD_QUERY_SCRATCH octets (query.h). names: what
 * stands behind the message, made safe by the caller; may be empty. All or nothing. */
void gyl_syslogd_print_record(struct gyl_writer *w, const struct gyl_syslogd_fields *f,
	const struct gyl_syslogd_style *style, struct gyl_view names, uint8_t *scratch);

/* Append a time as records are printed with; digits: of the fraction, 0 to 9. */
void gyl_syslogd_print_time(struct gyl_writer *w, uint64_t wall_ns, unsigned digits,
	const struct gyl_syslogd_style *style);

#endif
