/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_FIELDS_H
#define GYL_SERVICES_SYSLOGD_FIELDS_H

/*
 * The members of a stored record (record.h), found without a parser: one pass over the line, no
 * tree, nothing unescaped. What stands inside of strings stays as it is written until somebody
 * wants to read it. Pure.
 */

#include <gyl/writer.h>

/* In the order in which a record has them. */
enum gyl_syslogd_field {
	GYL_SYSLOGD_SEQ,
	GYL_SYSLOGD_RECV,
	GYL_SYSLOGD_FROM,
	GYL_SYSLOGD_PEER,
	GYL_SYSLOGD_FMT,
	GYL_SYSLOGD_PRI,
	GYL_SYSLOGD_FAC,
	GYL_SYSLOGD_SEV,
	GYL_SYSLOGD_TS,
	GYL_SYSLOGD_HOST,
	GYL_SYSLOGD_APP,
	GYL_SYSLOGD_PID,
	GYL_SYSLOGD_MSGID,
	GYL_SYSLOGD_SD,
	GYL_SYSLOGD_MSG,
	GYL_SYSLOGD_MSG_HEX,
	GYL_SYSLOGD_FLAGS,
	GYL_SYSLOGD_X,
	GYL_SYSLOGD_REPEAT_OF,
	GYL_SYSLOGD_RAW,
	GYL_SYSLOGD_RAW_HEX,
	GYL_SYSLOGD_FIELD_CNT
};

/* Of a string what stands between its quotes, of anything else its text; p NULL: null, or not
 * there. */
struct gyl_syslogd_fields {
	struct gyl_view v[GYL_SYSLOGD_FIELD_CNT];
};

/*
 * Find the members of a line, its LF or not. False when it is no such object, or has no seq.
 * Members that are not known are passed over, and of two with one name the last one counts.
 * O(length).
 */
bool gyl_syslogd_fields(struct gyl_view line, struct gyl_syslogd_fields *ret_f);

/* A member that is a number; `otherwise` when it is not there or is none. */
uint64_t gyl_syslogd_number(
	const struct gyl_syslogd_fields *f, enum gyl_syslogd_field field, uint64_t otherwise);
/* A member that is a time, ns since 1970; 0 when it is not there or is none. */
uint64_t gyl_syslogd_time(const struct gyl_syslogd_fields *f, enum gyl_syslogd_field field);

/*
 * The octets of a string member: where it stands when nothing in it is escaped, else undone in buf.
 * They are never more than the member has in the line; what does not fit into cap is cut.
 */
struct gyl_view gyl_syslogd_octets(struct gyl_view text, uint8_t *buf, size_t cap);
/* The octets of the message, of `msg` or of `msg_hex`, in the same way. */
struct gyl_view gyl_syslogd_message(const struct gyl_syslogd_fields *f, uint8_t *buf, size_t cap);

#endif
