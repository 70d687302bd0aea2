/* SPDX-License-Identifier: ISC */
#include "services/syslogd/tail.h"

#include "services/syslogd/reader.h"

enum {
	SEGMENT_MAX = 64 /* segments that one answer comes from */
};

/* Lines are put into the room from its end. */
struct tail {
	uint8_t *start, *at; /* free: from start up to at */
	uint64_t cnt;        /* lines that are wanted still */
};

/* The last lines of a text. False: that was all, or all that there is room for. */
static bool put_text(struct tail *t, struct gyl_view text)
{
	size_t to = text.len;

	while (to != 0 && text.p[to - 1] != '\n')
		to--;
	while (to != 0 && t->cnt != 0) {
		const uint8_t *lf = memrchr(text.p, '\n', to - 1);
		size_t from = lf == NULL ? 0 : (size_t)(lf + 1 - text.p), len = to - from;

		if (len > (size_t)(t->at - t->start))
			return false;
		t->at -= len;
		memcpy(t->at, text.p + from, len);
		to = from;
		t->cnt--;
	}
	return t->cnt != 0;
}

static bool put_segment(
	struct tail *t, const struct gyl_syslogd_reader *r, size_t i, struct gyl_syslogd_scratch *x)
{
	struct gyl_syslogd_seg s;
	struct gyl_view text;
	bool more = gyl_syslogd_seg_open(r, i, &s) == 0;

	for (size_t n = s.frame_cnt; more && n-- > 0;)
		more = gyl_syslogd_seg_text(&s, &s.frame[n], x, &text) == 0 && put_text(t, text);
	gyl_syslogd_seg_close(&s);
	return more;
}

void gyl_syslogd_tail(int dir_fd, uint64_t cnt, struct gyl_writer *w)
{
	size_t len = w->len, room = w->cap - len, max = SEGMENT_MAX, n;
	struct gyl_syslogd_scratch x = {0};
	struct gyl_syslogd_reader r;
	struct tail t = {.cnt = cnt};
	bool more = cnt != 0;

	t.start = gyl_put_room(w, room);
	if (t.start == NULL || gyl_syslogd_reader_open_at(&r, dir_fd) != 0) {
		w->len = len;
		return;
	}
	t.at = t.start + room;
	for (size_t i = r.cnt; more && i-- > 0 && max-- > 0;)
		more = put_segment(&t, &r, i, &x);
	n = (size_t)(t.start + room - t.at);
	memmove(t.start, t.at, n);
	w->len = len + n;
	gyl_syslogd_scratch_free(&x);
	gyl_syslogd_reader_close(&r);
}
