/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_QUESTION_H
#define GYL_SERVICES_BASE_QUESTION_H

/*
 * What somebody asks a core over the control socket, and what the core answers (GYL_IN_ASK).
 *
 * A core looks, changes and stores as with any other input, so what is asked may have outputs:
 * records, events. It answers in slices: it writes a few lines, notes in `at` and `cnt` where it
 * stopped, sets `more`, and is asked again when these have been taken. So 65,000 leases are told in
 * bounded turns of the loop and in bounded memory, however slow the reader is. Pure.
 */

#include <gyl/writer.h>

struct gyl_match;

enum {
	GYL_QUESTION_ARG_MAX = 16,
	GYL_QUESTION_SLICE_LEN = 49152, /* room for the lines of one slice */
	GYL_QUESTION_WRONG_LEN = 400
};

/* A member of the request: text as it is, numbers in decimal, true and false by name. */
struct gyl_question_arg {
	struct gyl_view name, value;
};

struct gyl_question {
	struct gyl_view verb; /* "dhcp.leases" */
	struct gyl_view by;   /* who asks, for events: "uid 0", "10.77.0.50" */
	const struct gyl_question_arg *arg;
	size_t arg_cnt;
	const struct gyl_match *match; /* what of the events is wanted; NULL: all */
	bool follow;                   /* changes are told as events beside the answer */
	struct gyl_writer *answer;     /* JSON objects, one a line */
	struct gyl_writer *wrong;      /* a sentence: refused, that is all of the answer */
	uint64_t at, cnt;              /* the core's own from one slice to the next, 0 at first */
	bool more;                     /* set by the core: there is another slice */
	uint64_t after; /* set by the core: told when the store is durable up to here */
};

/* The value of an argument, empty when it is not there. */
struct gyl_view gyl_question_arg(const struct gyl_question *q, const char *name);
bool gyl_question_has(const struct gyl_question *q, const char *name);

/* Refuse: the sentence is `what`, and a view in the middle of it when that has "%". */
void gyl_question_refuse(struct gyl_question *q, const char *what, struct gyl_view in_it);

#endif
