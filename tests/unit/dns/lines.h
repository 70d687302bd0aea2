/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_DNS_LINES_H
#define GYL_TESTS_DNS_LINES_H

/*
 * A secondary made of text: the records that it was told, a line each, in no order. Who includes
 * this has said how many there are at most, and how long one is: LINES, LINE.
 */

#include "tests/unit/dns/ask.h"

struct line_set {
	char line[LINES][LINE];
	size_t cnt;
};

static inline void line_of(
	char line[LINE], const uint8_t *name, uint16_t type, uint32_t ttl, struct gyl_view rdata)
{
	struct gyl_dns_rr rr = gyl_dns_rr_alone(type, GYL_DNS_CLASS_IN, rdata);
	struct gyl_writer w;

	gyl_writer_init(&w, line, LINE - 1);
	gyl_dns_name_print(&w, name);
	gyl_text_char(&w, ' ');
	gyl_text_u64(&w, ttl);
	gyl_text_char(&w, ' ');
	gyl_dns_type_print(&w, type);
	gyl_text_char(&w, ' ');
	gyl_dns_rdata_print(&w, rdata, &rr);
	assert_true(gyl_writer_ok(&w));
	line[w.len] = '\0';
}

static inline size_t find_line(const struct line_set *s, const char *line)
{
	size_t i = 0;

	while (i < s->cnt && strcmp(s->line[i], line) != 0)
		i++;
	return i;
}

static inline void add_line(struct line_set *s, const char *line)
{
	if (find_line(s, line) != s->cnt)
		fail_msg("told twice: %s", line);
	assert_in_range(s->cnt, 0, LINES - 1);
	strcpy(s->line[s->cnt++], line);
}

static inline void remove_line(struct line_set *s, const char *line)
{
	size_t i = find_line(s, line);

	if (i == s->cnt)
		fail_msg("removed what is not there: %s", line);
	memmove(s->line[i], s->line[--s->cnt], LINE);
}

static inline int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static inline void sort_lines(struct line_set *s)
{
	qsort(s->line, s->cnt, LINE, by_text);
}

static inline void same_lines(struct line_set *a, struct line_set *b, const char *what)
{
	sort_lines(a);
	sort_lines(b);
	for (size_t i = 0; i < a->cnt || i < b->cnt; i++)
		if (i == a->cnt || i == b->cnt || strcmp(a->line[i], b->line[i]) != 0)
			fail_msg("%s: differ at\n  %s\n  %s", what,
				i < a->cnt ? a->line[i] : "(end)",
				i < b->cnt ? b->line[i] : "(end)");
}

#endif
