/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_TEMPLATE_H
#define GYL_SERVICES_SYSLOGD_TEMPLATE_H

/*
 * Templates: what an output writes of a message, and into which file.
 *
 *   "%time% %host% %app%[%pid%]: %msg%"        a line
 *   "/var/log/hosts/%from%/%year%-%month%.log"  a path
 *
 * A field that a message does not have is "-". In a line for files and programs all that a message
 * brings is escaped (gyl_syslog_escape()), so that one record stays one line and no terminal acts
 * on it; another collector gets the octets as they are.
 *
 * In a path a message can choose names, never places: of a field only letters, digits, '-', '_',
 * ':' and '.' stay, anything else and a '.' at its beginning become '_', letters become small, and
 * it is cut after GYL_SYSLOGD_NAME_FIELD_MAX octets. So "..", '/' and control characters stay
 * outside, and a name cannot become longer than the file system takes. Pure.
 */

#include "services/syslogd/record.h"

enum {
	GYL_SYSLOGD_TEMPLATE_MAX = 512,  /* octets of a template as it is written */
	GYL_SYSLOGD_PART_MAX = 32,       /* fields and what stands between them */
	GYL_SYSLOGD_NAME_FIELD_MAX = 48, /* octets of a field in a path */
	GYL_SYSLOGD_NAME_PART_MAX = 255, /* octets between two '/' of a path */
	GYL_SYSLOGD_PATH_MAX = 2048      /* octets of a path */
};

enum gyl_syslogd_use {
	GYL_SYSLOGD_FOR_LINE,   /* escaped */
	GYL_SYSLOGD_FOR_OCTETS, /* as it came: for another collector */
	GYL_SYSLOGD_FOR_PATH
};

struct gyl_syslogd_part {
	uint8_t field;     /* 0: what is written in the template */
	uint16_t off, len; /* in text, of field 0 */
};

struct gyl_syslogd_template {
	uint8_t use; /* enum gyl_syslogd_use */
	uint8_t cnt;
	uint16_t text_len;
	struct gyl_syslogd_part part[GYL_SYSLOGD_PART_MAX];
	char text[GYL_SYSLOGD_TEMPLATE_MAX];
};

/* A message, and what we know about it. */
struct gyl_syslogd_item {
	const struct gyl_syslog *m;
	const struct gyl_syslogd_head *head; /* seq 0: it is not stored */
	uint64_t wall_ns;                    /* of receipt: what %year% and the like say */
	struct gyl_view host;                /* stands for one that it does not give */
};

/*
 * Read a template. GYL_E_NAME: no such field, or none for a path; GYL_E_SYNTAX: a '%' alone, or a
 * path with "." or ".." in it; GYL_E_RANGE: a line end, but at the end of a line; GYL_E_COUNT: too
 * many parts; GYL_E_SPACE: longer than may be, or a name of the path could be; `off` says where.
 * Cost: O(length).
 */
struct gyl_fault gyl_syslogd_template_parse(
	struct gyl_view in, enum gyl_syslogd_use use, struct gyl_syslogd_template *ret_t);

/* Octets that the text of a message takes at most. */
size_t gyl_syslogd_template_max(
	const struct gyl_syslogd_template *t, const struct gyl_syslogd_item *it);

/* Append the text of a message, without line end. w MUST have room for the most, or latches
 * GYL_E_SPACE. */
void gyl_syslogd_template_put(const struct gyl_syslogd_template *t,
	const struct gyl_syslogd_item *it, struct gyl_writer *w);

/* Octets of a path before the last '/' in front of its first field: its directory. 0: none. */
size_t gyl_syslogd_template_dir(struct gyl_view path);

/* Names of the fields, for messages of errors: the i-th, NULL after the last. */
const char *gyl_syslogd_template_field(unsigned i);

#endif
