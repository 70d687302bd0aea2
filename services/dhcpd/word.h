/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DHCPD_WORD_H
#define GYL_SERVICES_DHCPD_WORD_H

/* Reading the text of a record: words with one blank between them. Pure. */

#include <gyl/base.h>

/* Takes the first word off; empty when there is none, or when two blanks follow each other. */
static inline struct gyl_view gyl__dhcpd_word(struct gyl_view *rest)
{
	size_t n = 0;
	struct gyl_view w;

	while (n < rest->len && rest->p[n] != ' ')
		n++;
	w = gyl_view_sub(*rest, 0, n);
	*rest = gyl_view_sub(*rest, n + 1, rest->len);
	return w;
}

static inline bool gyl__dhcpd_word_is(struct gyl_view v, const char *s)
{
	return gyl_view_eq(v, gyl_view_str(s));
}

#endif
