/* SPDX-License-Identifier: ISC */

/*
 * What comes, as it comes. The open file is looked at ten times a second; when it was closed, or
 * cut, what lies behind the last record that was seen is looked for in all files. Records go by
 * their numbers, so none is missed and none comes twice, whatever happens to the files.
 */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "services/guyline/log_own.h"

enum {
	LOOK_MS = 100
};

static volatile sig_atomic_t interrupted;

static void on_signal(int signo)
{
	(void)signo;
	interrupted = 1;
}

struct tail {
	struct gyl__log_scan *s;
	struct gyl__log_thread t;
	struct gyl__log_out out;
	struct gyl_syslogd_seg open; /* the open file, when has_open */
	size_t frame;                /* frames of it that were read */
	bool has_open;
};

/* Nothing is written any more that anybody reads, or somebody wants an end. */
static bool is_over(void)
{
	struct pollfd out = {.fd = STDOUT_FILENO};

	return interrupted || (poll(&out, 1, 0) == 1 && (out.revents & POLLERR));
}

static void read_frame(
	struct tail *t, const struct gyl_syslogd_seg *seg, const struct gyl_syslogd_frame *f)
{
	struct gyl__log_scan *s = t->s;

	t->out.len = 0;
	t->out.cnt = 0;
	gyl__log_frame(s, &t->t, seg, f, &t->out);
	if (t->out.err != 0)
		gyl__log_complain(s, seg->name, t->out.err);
	s->found_cnt += t->out.cnt;
	if (t->out.cnt != 0)
		s->take(s->arg, &t->out);
}

/* Looks at every record of a frame: returns the number of the last one. */
static uint64_t see_frame(
	struct tail *t, const struct gyl_syslogd_seg *seg, const struct gyl_syslogd_frame *f)
{
	struct gyl_syslogd_query_cursor cur;
	struct gyl_syslogd_query all;
	struct gyl_syslogd_fields fields;
	struct gyl_view text, line;
	uint64_t last = t->s->q.after_seq;

	if (gyl_syslogd_seg_text(seg, f, &t->t.x, &text) != 0)
		return last;
	gyl_syslogd_query_init(&all);
	gyl_syslogd_query_begin(&cur, &all, text);
	while (gyl_syslogd_query_next(&cur, &line)) {
		uint64_t seq = gyl_syslogd_fields(line, &fields)
				       ? gyl_syslogd_number(&fields, GYL_SYSLOGD_SEQ, 0)
				       : 0;

		if (seq <= last)
			continue;
		last = seq;
		if (t->s->see != NULL)
			t->s->see(t->s->arg, &fields);
	}
	return last;
}

static void read_frames(struct tail *t, const struct gyl_syslogd_seg *seg, size_t *frame)
{
	for (; *frame < seg->frame_cnt; (*frame)++) {
		const struct gyl_syslogd_frame *f = &seg->frame[*frame];
		uint64_t last;

		if (f->last_seq <= t->s->q.after_seq)
			continue;
		last = see_frame(t, seg, f);
		read_frame(t, seg, f);
		t->s->q.after_seq = last;
	}
}

static void let_go(struct tail *t)
{
	if (t->has_open)
		gyl_syslogd_seg_close(&t->open);
	t->has_open = false;
}

static bool was_cut(const struct gyl_syslogd_reader *r, const struct gyl_syslogd_seg *seg)
{
	const struct gyl_syslogd_frame *last;
	struct stat st;

	if (seg->frame_cnt == 0 || fstat(r->open_fd, &st) != 0)
		return false;
	last = &seg->frame[seg->frame_cnt - 1];
	return (uint64_t)st.st_size < last->off + last->len;
}

/* All that lies behind the last record that was seen, in closed files and the open one. False: the
 * directory cannot be read any more. */
static bool look_everywhere(struct tail *t, struct gyl_syslogd_reader *r)
{
	int err = gyl_syslogd_reader_refresh(r, t->s->q.after_seq);

	if (err != 0 && err != -EAGAIN) /* else the next time */
		gyl__log_complain(t->s, "the log", err);
	if (err != 0)
		return err == -EAGAIN;
	for (size_t i = 0; i < r->cnt; i++) {
		struct gyl_syslogd_seg seg;
		size_t frame = 0;

		if (gyl_syslogd_seg_open(r, i, &seg) != 0)
			continue;
		read_frames(t, &seg, &frame);
		if (i < r->closed.cnt) {
			gyl_syslogd_seg_close(&seg);
			continue;
		}
		t->open = seg;
		t->frame = frame;
		t->has_open = true;
	}
	return true;
}

static bool look(struct tail *t, struct gyl_syslogd_reader *r)
{
	bool moved = gyl_syslogd_reader_moved(r);

	if (t->has_open && !was_cut(r, &t->open) && gyl_syslogd_seg_grow(&t->open) == 0)
		read_frames(t, &t->open, &t->frame);
	if (!moved && t->has_open && !was_cut(r, &t->open))
		return true;
	if (!moved && !t->has_open && r->open_fd < 0)
		return true;
	let_go(t);
	return look_everywhere(t, r);
}

void gyl__log_follow(struct gyl__log_scan *s, struct gyl_syslogd_reader *r, uint64_t after_seq)
{
	struct sigaction sa = {.sa_handler = on_signal};
	struct tail t = {.s = s};

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	s->q.after_seq = after_seq;
	if (!gyl__log_thread_open(s->ask, &t.t)) {
		gyl__log_complain(s, "the search", -ENOMEM);
		gyl__log_thread_close(&t.t);
		return;
	}
	for (bool well = look_everywhere(&t, r); well && !is_over(); well = look(&t, r))
		poll(NULL, 0, LOOK_MS);
	let_go(&t);
	s->gave_up_cnt += t.t.gave_up_cnt;
	gyl__log_thread_close(&t.t);
	free(t.out.p);
}
