/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_ZONEC_LINE_H
#define GYL_SERVICES_DNS_ZONEC_LINE_H

/* Files of lines of words: hosts files, lists of domains. A '#' begins a comment. */

#include <gyl/base.h>

#include "services/base/build.h"

struct gyl_zc_line {
	const char *path;
	struct gyl_view rest; /* of the line */
	const uint8_t *start; /* of the line */
	const uint8_t *p, *end;
	unsigned number;
	bool hash_apart; /* a comment stands at the beginning, or behind a blank */
};

void gyl__zc_line_init(struct gyl_zc_line *l, const char *path, struct gyl_view text);
/* The next line, without its end and comment. False: there is none. */
bool gyl__zc_line_next(struct gyl_zc_line *l);
/* The next word of it. False: there is none. */
bool gyl__zc_word_next(struct gyl_zc_line *l, struct gyl_view *ret_word);
/* Its place. */
static inline unsigned gyl__zc_col(const struct gyl_zc_line *l, struct gyl_view word)
{
	return (unsigned)(word.p - l->start) + 1;
}

/* As much of a word as a message shows. */
static inline int gyl__zc_shown(struct gyl_view word)
{
	return word.len > 60 ? 60 : (int)word.len;
}

#endif
