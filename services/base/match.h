/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_MATCH_H
#define GYL_SERVICES_BASE_MATCH_H

/*
 * Which events of one kind somebody wants to see: a pattern for each of some fields. Small and
 * capital letters are the same.
 *
 *   text      "laptop", or with * and ? for any octets and any one
 *   IP        "10.77.0.17", "10.77.0.0/24", or text as above: "10.77.*"
 *   MAC       a whole one, or the first octets of one: "02:00:5e"
 *   others    as they are printed
 *
 * Several patterns of a field stand with commas between them; any of them will do. Pure.
 */

#include "services/base/event.h"

struct gyl_match_rule {
	uint8_t field;           /* index in the kind's table */
	struct gyl_view pattern; /* borrowed */
};

struct gyl_match {
	uint16_t kind; /* enum gyl_event_kind */
	unsigned cnt;
	struct gyl_match_rule rule[GYL_EVENT_FIELD_MAX];
};

void gyl_match_init(struct gyl_match *m, enum gyl_event_kind kind);

/* Ask for a field to be like the pattern; false: the kind has no such field, or has it already. */
bool gyl_match_add(struct gyl_match *m, struct gyl_view field, struct gyl_view pattern);

/* Is the event of the kind, and like every rule? A field that is not set is like no pattern. */
bool gyl_match(const struct gyl_match *m, const struct gyl_event *e);

/* text is like the pattern, by * and ?; O(text.len * pattern.len). */
bool gyl_match_text(struct gyl_view pattern, struct gyl_view text);

#endif
