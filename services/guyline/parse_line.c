/* SPDX-License-Identifier: ISC */

/* Lines of any length and of any octets, in one buffer. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "services/guyline/parse_own.h"

/* More octets behind what is there: false when nothing came, or nothing fits. */
static bool fill(struct gyl__parse_lines *l)
{
	ssize_t n;

	if (l->from != 0) {
		memmove(l->buf, l->buf + l->from, l->end - l->from);
		l->end -= l->from;
		l->from = 0;
	}
	if (l->eof || l->end == sizeof l->buf)
		return false;
	fflush(stdout); /* who asks line by line gets answers so, too */
	do {
		n = read(l->fd, l->buf + l->end, sizeof l->buf - l->end);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		l->err = errno;
	l->eof = n <= 0;
	l->end += n > 0 ? (size_t)n : 0;
	return n > 0;
}

void gyl__parse_lines_open(struct gyl__parse_lines *l, int fd, struct gyl_view *ret_first)
{
	l->fd = fd;
	l->err = 0;
	l->line = 0;
	l->at = 0;
	l->next = 0;
	l->from = 0;
	l->end = 0;
	l->eof = false;
	while (l->end < GYL__PARSE_MAGIC_LEN && !l->eof) {
		ssize_t n = read(fd, l->buf + l->end, GYL__PARSE_MAGIC_LEN - l->end);

		if (n < 0 && errno == EINTR)
			continue;
		l->err = n < 0 ? errno : 0;
		l->eof = n <= 0;
		l->end += n > 0 ? (size_t)n : 0;
	}
	*ret_first = gyl_view(l->buf, l->end);
}

/* Drops the rest of a line that is too long: its octets. */
static size_t skip_rest(struct gyl__parse_lines *l)
{
	size_t len = 0;

	for (;;) {
		const uint8_t *lf;

		l->end = 0;
		if (!fill(l))
			return len;
		lf = memchr(l->buf, '\n', l->end);
		if (lf != NULL) {
			l->from = (size_t)(lf - l->buf) + 1;
			return len + l->from - 1;
		}
		len += l->end;
	}
}

bool gyl__parse_lines_next(struct gyl__parse_lines *l, struct gyl_view *ret_line, size_t *ret_len)
{
	static uint8_t head[GYL__PARSE_LINE_MAX];
	size_t seen = 0, len;
	const uint8_t *lf;

	l->at = l->next;
	while ((lf = memchr(l->buf + l->from + seen, '\n', l->end - l->from - seen)) == NULL) {
		seen = l->end - l->from;
		if (!fill(l))
			break;
	}
	len = lf == NULL ? l->end - l->from : (size_t)(lf - l->buf) - l->from;
	if (lf == NULL && len == 0)
		return false;
	*ret_line = gyl_view(l->buf + l->from, len);
	*ret_len = len;
	l->from += len + (lf != NULL);
	if (lf == NULL && !l->eof) {
		memcpy(head, l->buf, len);
		*ret_line = gyl_view(head, len);
		l->from = 0;
		*ret_len += skip_rest(l);
	}
	l->next += *ret_len + 1;
	l->line++;
	return true;
}
