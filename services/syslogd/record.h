/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_RECORD_H
#define GYL_SERVICES_SYSLOGD_RECORD_H

/*
 * A stored record: one line of JSON.
 *
 *   {"seq":7,"recv":"2026-11-21T13:00:00.000125Z","from":"10.0.1.7","fmt":"3164",...,"raw":"<13>..."}
 *
 * seq, recv and from stand first, in this order, so that a reader finds them without a parser. Then
 * comes `peer`: {pid, uid} of what came by a Unix socket, {name} of the certificate over TLS. Then
 * come the members of gyl_syslog_json_members(), `repeat_of` (the number of the sender's record
 * before, when this one says that it was repeated), and `raw` (or `raw_hex`) when anything was odd:
 * when `flags` is not empty. Pure.
 */

#include <gyl/syslog.h>
#include <gyl/writer.h>

/*
 * Octets that the line of a message of len octets takes at most. Six for each octet of the text (a
 * control character is \u001f) and six for the same in `raw`; a vendor's parts are printable and
 * stand in `x` a second time; the rest is names and numbers.
 */
#define GYL_SYSLOGD_LINE_MAX(len) (14 * (len) + 1280)

struct gyl_syslogd_head {
	uint64_t seq;
	struct gyl_view recv, from; /* printable ASCII without '"' and '\'; from may be absent */
	uint32_t pid,
		uid; /* who sent it by a Unix socket, as the kernel knows it; pid 0: unknown */
	struct gyl_view name; /* in the sender's certificate, up to 95 octets; empty: none */
	uint64_t of;          /* the record that this one repeats; 0: none */
};

/* Appends the line with its LF. w MUST have room for GYL_SYSLOGD_LINE_MAX(m->raw.len). */
void gyl_syslogd_record(
	struct gyl_writer *w, const struct gyl_syslogd_head *head, const struct gyl_syslog *m);

/* The seq of a line, 0 when it does not begin as a record does. */
uint64_t gyl_syslogd_record_seq(struct gyl_view line);
/* The recv of a line, ns; 0 when it does not begin as a record does. */
uint64_t gyl_syslogd_record_recv(struct gyl_view line);

#endif
