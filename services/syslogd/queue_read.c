/* SPDX-License-Identifier: ISC */

/* Giving out what waits: file by file, through a buffer. */

#include <fcntl.h>
#include <unistd.h>

#include "services/syslogd/queue_own.h"

void gyl__queue_read_begin(struct gyl_syslogd_queue *q, int fd)
{
	q->in_fd = fd;
	q->in_off = GYL__QUEUE_HEAD_LEN;
	q->in_len = 0;
	q->in_used = 0;
	q->msg_len = 0;
}

void gyl__queue_read_close(struct gyl_syslogd_queue *q)
{
	if (q->in_fd >= 0)
		close(q->in_fd);
	q->in_fd = -1;
	q->msg_len = 0;
}

/* Room for want octets from in_used on, and as many of them as there are. False: nothing came. */
static bool fill(struct gyl_syslogd_queue *q, size_t want)
{
	int64_t n;

	if (want < GYL__QUEUE_CHUNK)
		want = GYL__QUEUE_CHUNK;
	q->in_len -= q->in_used;
	q->in_off += q->in_used;
	memmove(q->in, q->in + q->in_used, q->in_len);
	q->in_used = 0;
	n = gyl__queue_pread(q->in_fd, q->in + q->in_len, want - q->in_len, q->in_off + q->in_len);
	if (n <= 0)
		return false;
	q->in_len += (uint32_t)n;
	return true;
}

enum gyl__queue_found gyl__queue_look(
	struct gyl_syslogd_queue *q, uint64_t nr, struct gyl_view *ret_text)
{
	enum gyl__queue_found found;
	size_t len;

	do {
		found = gyl__queue_read(
			gyl_view(q->in + q->in_used, q->in_len - q->in_used), nr, ret_text, &len);
	} while (found == GYL__QUEUE_MORE && fill(q, len));
	q->msg_len = found == GYL__QUEUE_MSG ? (uint32_t)len : 0;
	return found;
}

/* The rest of a file that somebody has damaged. */
static void give_up(struct gyl_syslogd_queue *q)
{
	const struct gyl_syslogd_queue_file *f = &q->file[q->in_index];

	q->cf.lost(q->cf.arg, f->end - q->at, "the queue's file is damaged");
	q->at = f->end;
	gyl__queue_read_close(q);
}

/* Has a file neither message nr nor a later one? */
static bool has_none(const struct gyl_syslogd_queue_file *f, uint64_t nr)
{
	return f->end <= nr || f->end == f->first;
}

/* The file with the next message, and in it to there. False: there is none, or it is damaged and
 * was given up. */
static bool open_next(struct gyl_syslogd_queue *q)
{
	char name[GYL__QUEUE_NAME_MAX];
	struct gyl_view text;
	uint64_t nr;
	int fd;

	q->in_index = 0;
	while (q->in_index < q->file_cnt && has_none(&q->file[q->in_index], q->at))
		q->in_index++;
	if (q->in_index == q->file_cnt) { /* all others were dropped */
		q->at = q->written;
		return false;
	}
	nr = q->file[q->in_index].first;
	if (q->at < nr) /* files between were dropped */
		q->at = nr;
	gyl__queue_name(nr, name);
	fd = openat(q->dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0) {
		gyl__queue_read_begin(q, fd);
		while (nr < q->at && gyl__queue_look(q, nr, &text) == GYL__QUEUE_MSG) {
			q->in_used += q->msg_len;
			nr++;
		}
		if (nr == q->at)
			return true;
	}
	give_up(q);
	return false;
}

bool gyl_syslogd_queue_peek(
	struct gyl_syslogd_queue *q, struct gyl_view *ret_text, uint64_t *ret_nr)
{
	while (q->at < q->written) {
		if (q->in_fd >= 0 && q->at >= q->file[q->in_index].end)
			gyl__queue_read_close(q);
		if (q->in_fd < 0 && !open_next(q))
			continue;
		*ret_nr = q->at;
		if (gyl__queue_look(q, q->at, ret_text) == GYL__QUEUE_MSG)
			return true;
		give_up(q);
	}
	return false;
}

void gyl_syslogd_queue_step(struct gyl_syslogd_queue *q)
{
	q->in_used += q->msg_len;
	q->msg_len = 0;
	q->at++;
}

void gyl_syslogd_queue_rewind(struct gyl_syslogd_queue *q)
{
	gyl__queue_read_close(q);
	q->at = q->done;
}
