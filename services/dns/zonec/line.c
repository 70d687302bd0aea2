/* SPDX-License-Identifier: ISC */
#include "services/dns/zonec/line.h"

void gyl__zc_line_init(struct gyl_zc_line *l, const char *path, struct gyl_view text)
{
	static const uint8_t bom[] = {0xef, 0xbb, 0xbf};

	*l = (struct gyl_zc_line){.path = path, .p = text.p, .end = text.p + text.len};
	if (text.len >= sizeof bom && memcmp(text.p, bom, sizeof bom) == 0)
		l->p += sizeof bom;
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Octets of the line before its comment. */
static size_t before_comment(const struct gyl_zc_line *l, size_t len)
{
	const uint8_t *p = l->start, *end = l->start + len;

	while ((p = memchr(p, '#', (size_t)(end - p))) != NULL) {
		if (!l->hash_apart || p == l->start || is_blank(p[-1]))
			return (size_t)(p - l->start);
		p++;
	}
	return len;
}

bool gyl__zc_line_next(struct gyl_zc_line *l)
{
	const uint8_t *stop;
	size_t left = (size_t)(l->end - l->p);

	if (left == 0)
		return false;
	l->start = l->p;
	l->number++;
	stop = memchr(l->p, '\n', left);
	l->p = stop == NULL ? l->end : stop + 1;
	left = (size_t)((stop == NULL ? l->end : stop) - l->start);
	l->rest = gyl_view(l->start, before_comment(l, left));
	return true;
}

bool gyl__zc_word_next(struct gyl_zc_line *l, struct gyl_view *ret_word)
{
	size_t from = 0, to;

	while (from < l->rest.len && is_blank(l->rest.p[from]))
		from++;
	for (to = from; to < l->rest.len && !is_blank(l->rest.p[to]);)
		to++;
	*ret_word = gyl_view(l->rest.p + from, to - from);
	l->rest = gyl_view_sub(l->rest, to, l->rest.len - to);
	return to != from;
}
