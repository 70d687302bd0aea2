/* SPDX-License-Identifier: ISC */
#ifndef GYL_CONF_CURSOR_H
#define GYL_CONF_CURSOR_H

/* Walking a text while counting lines and columns: for all who read files. */

#include <gyl/base.h>

struct gyl_conf_cursor {
	const uint8_t *p, *end;
	uint32_t line, col; /* of *p, from 1; columns count characters of UTF-8 */
};

static inline void gyl_conf_cursor_init(struct gyl_conf_cursor *s, struct gyl_view text)
{
	s->p = text.p;
	s->end = text.p + text.len;
	s->line = 1;
	s->col = 1;
}

/* The octet at the cursor, or that many further; -1 past the end. */
static inline int gyl_conf_cursor_peek(const struct gyl_conf_cursor *s, size_t ahead)
{
	return ahead < (size_t)(s->end - s->p) ? s->p[ahead] : -1;
}

/* Step over one octet, which MUST be there. A lone CR ends a line as LF and CR LF do. */
static inline void gyl_conf_cursor_step(struct gyl_conf_cursor *s)
{
	uint8_t c = *s->p++;

	if (c == '\n' || (c == '\r' && gyl_conf_cursor_peek(s, 0) != '\n')) {
		s->line++;
		s->col = 1;
	} else if ((gyl_conf_cursor_peek(s, 0) & 0xc0) != 0x80 || s->p == s->end) {
		s->col++;
	}
}

static inline void gyl_conf_cursor_steps(struct gyl_conf_cursor *s, size_t cnt)
{
	while (cnt-- > 0)
		gyl_conf_cursor_step(s);
}

#endif
