/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_REGEX_H
#define GYL_SERVICES_SYSLOGD_REGEX_H

/*
 * Regular expressions over messages (PCRE2), with bounds on what one match may cost.
 *
 * Patterns and texts are UTF-8; octets of a text that are none match nothing, and do no harm.
 * A match is interpreted: code made at run time would need memory that is writable and executable,
 * which a sandboxed process shall not have, and its limits would not be the same everywhere.
 */

#include <gyl/base.h>

enum {
	GYL_REGEX_PATTERN_MAX = 1024, /* octets */
	GYL_REGEX_STEP_MAX = 50000,   /* calls of the matcher in one text: about 1 ms */
	GYL_REGEX_HEAP_MAX = 1024     /* KiB that a match may take for going back */
};

struct gyl_regex;

/*
 * Compile; caseless: small and capital letters are the same. NULL: err says why, and *ret_off is
 * the octet of the pattern where it does. It is used by one thread at a time.
 */
struct gyl_regex *gyl_regex_open(
	struct gyl_view pattern, bool caseless, char err[120], size_t *ret_off);
void gyl_regex_close(struct gyl_regex *r);

/* Does it match anywhere in the text? 1 or 0; -1: the bounds were reached before that was known. */
int gyl_regex_match(struct gyl_regex *r, struct gyl_view text);

/* Where the last match that gave 1 stands in its text. */
void gyl_regex_found(const struct gyl_regex *r, size_t *ret_off, size_t *ret_len);

#endif
