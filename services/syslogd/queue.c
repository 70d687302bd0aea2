/* SPDX-License-Identifier: ISC */
#include "services/syslogd/queue.h"

#include <errno.h>
#include <fcntl.h>
#include <gyl/time.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "services/syslogd/queue_own.h"

enum {
	PARTS = 32 /* of size_max; one a file */
};

static const uint64_t retry_pause_ns = 500 * GYL_NS_PER_MS;
static const uint64_t sync_pause_ns = GYL_NS_PER_S;

/* ---- what is told ---- */

void gyl__queue_say_torn(const struct gyl_syslogd_queue *q, uint64_t len)
{
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_SYSLOGD_TORN);
	gyl_event_str(&e, "file", gyl_view_str(q->cf.dir));
	gyl_event_u64(&e, "octets", len);
	q->cf.say(q->cf.arg, &e);
}

static void say_full(const struct gyl_syslogd_queue *q, const char *what, int err)
{
	char reason[100];
	struct gyl_event e;

	snprintf(reason, sizeof reason, "%s%s", what, strerror(err));
	gyl_event_init(&e, GYL_EV_SYSLOGD_STUCK);
	gyl_event_str(&e, "file", gyl_view_str(q->cf.dir));
	gyl_event_str(&e, "reason", gyl_view_str(reason));
	q->cf.say(q->cf.arg, &e);
}

static void failed(struct gyl_syslogd_queue *q, struct gyl_now now, int err)
{
	q->retry_ns = now.mono_ns + retry_pause_ns;
	if (q->failed_ns != 0)
		return;
	q->failed_ns = now.mono_ns;
	say_full(q, "", err);
}

static void succeeded(struct gyl_syslogd_queue *q, struct gyl_now now)
{
	struct gyl_event e;

	q->retry_ns = 0;
	if (q->failed_ns == 0)
		return;
	gyl_event_init(&e, GYL_EV_SYSLOGD_UNSTUCK);
	gyl_event_str(&e, "file", gyl_view_str(q->cf.dir));
	gyl_event_u64(&e, "pause", now.mono_ns - q->failed_ns);
	q->failed_ns = 0;
	q->cf.say(q->cf.arg, &e);
}

/* ---- flushing of the disk ---- */

static void sync_work(void *arg)
{
	struct gyl__queue_sync *sync = arg;

	sync->err = 0;
	for (uint32_t i = 0; i < sync->fd_cnt; i++)
		if (fdatasync(sync->fd[i]) != 0)
			sync->err = errno;
}

static void sync_done(void *arg)
{
	struct gyl__queue_sync *sync = arg;

	while (sync->fd_cnt != 0)
		close(sync->fd[--sync->fd_cnt]);
	sync->busy = false;
	if (sync->q == NULL)
		free(sync);
	else if (sync->err != 0)
		say_full(sync->q, "fdatasync: ", sync->err);
}

static void sync_add(struct gyl__queue_sync *sync, int fd)
{
	if (fd >= 0)
		sync->fd[sync->fd_cnt++] = fd;
}

/* On the work thread: a slow disk must not hold up the network. */
static void sync_begin(struct gyl_syslogd_queue *q, struct gyl_now now)
{
	const struct gyl_host *h = q->cf.host;
	struct gyl__queue_sync *sync = q->sync;

	q->sync_ns = now.mono_ns + sync_pause_ns;
	if (sync->busy)
		return;
	while (q->late_cnt != 0)
		sync_add(sync, q->late_fd[--q->late_cnt]);
	sync_add(sync, dup(q->pos_fd));
	sync_add(sync, q->fd < 0 ? -1 : dup(q->fd));
	sync->busy = true;
	q->sync_ns = 0;
	if (h != NULL && h->ops->job(h->h, sync_work, sync_done, sync) == 0)
		return;
	sync_work(sync);
	sync_done(sync);
}

bool gyl_syslogd_queue_busy(const struct gyl_syslogd_queue *q)
{
	return q->sync->busy;
}

/* ---- files ---- */

void gyl__queue_put_pos(struct gyl_syslogd_queue *q)
{
	struct gyl__queue_pos pos = {.serial = ++q->pos_serial, .nr = q->done};
	uint8_t text[GYL__QUEUE_POS_LEN];

	gyl__queue_pos(&pos, text);
	/* When it fails something is sent twice after a crash, and the next one may succeed. */
	(void)!pwrite(
		q->pos_fd, text, sizeof text, (off_t)(q->pos_serial % 2) * GYL__QUEUE_POS_LEN);
}

void gyl__queue_remove(struct gyl_syslogd_queue *q, uint32_t index)
{
	char name[GYL__QUEUE_NAME_MAX];

	gyl__queue_name(q->file[index].first, name);
	unlinkat(q->dir_fd, name, 0); /* if it stays, the next start removes it: it is done */
	q->size -= q->file[index].size;
	if (q->in_index == index)
		gyl__queue_read_close(q);
	else if (q->in_index > index)
		q->in_index--;
	q->file_cnt--;
	memmove(q->file + index, q->file + index + 1, (q->file_cnt - index) * sizeof q->file[0]);
}

/* Files whose messages are all done go. */
static void trim(struct gyl_syslogd_queue *q)
{
	while (q->file_cnt != 0 && q->file[0].end <= q->done && !gyl__queue_is_open(q, 0))
		gyl__queue_remove(q, 0);
}

/* 0 or an errno. */
static int new_file(struct gyl_syslogd_queue *q)
{
	struct gyl_syslogd_queue_file *f = &q->file[q->file_cnt];
	uint8_t head[GYL__QUEUE_HEAD_LEN];
	char name[GYL__QUEUE_NAME_MAX];
	int fd;

	if (q->file_cnt == q->file_cap)
		return ENFILE;
	gyl__queue_name(q->written, name);
	gyl__queue_head(q->written, head);
	fd = openat(q->dir_fd, name, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
		0600);
	if (fd < 0)
		return errno;
	if (write(fd, head, sizeof head) != sizeof head || gyl__queue_give(q, fd) != 0) {
		close(fd);
		unlinkat(q->dir_fd, name, 0);
		return ENOSPC;
	}
	q->fd = fd;
	f->first = f->end = q->written;
	f->size = sizeof head;
	q->file_cnt++;
	q->size += sizeof head;
	return 0;
}

/* The file that is written is closed. Its end is a help only: without it the next start reads the
 * whole file. */
static void close_file(struct gyl_syslogd_queue *q, struct gyl_now now)
{
	struct gyl_syslogd_queue_file *f = &q->file[q->file_cnt - 1];
	uint8_t end[GYL__QUEUE_END_LEN];

	gyl__queue_end(f->end, end);
	if (write(q->fd, end, sizeof end) == sizeof end) {
		f->size += sizeof end;
		q->size += sizeof end;
	}
	if (q->cf.sync && q->late_cnt < GYL_SYSLOGD_QUEUE_LATE_MAX) {
		q->late_fd[q->late_cnt++] = q->fd;
		q->sync_ns = q->sync_ns == 0 ? now.mono_ns + sync_pause_ns : q->sync_ns;
	} else {
		close(q->fd);
	}
	q->fd = -1;
	trim(q);
}

/* ---- writing ---- */

/* 0, or an errno after taking off what was written. */
static int write_some(struct gyl_syslogd_queue *q)
{
	uint32_t done = 0;
	int err = 0;

	while (done < q->out_len && err == 0) {
		ssize_t n = write(q->fd, q->out + done, q->out_len - done);

		if (n > 0)
			done += (uint32_t)n;
		else if (n == 0 || errno != EINTR)
			err = n == 0 ? ENOSPC : errno;
	}
	q->file[q->file_cnt - 1].size += done;
	q->out_len -= done;
	memmove(q->out, q->out + done, q->out_len);
	return err;
}

static void write_out(struct gyl_syslogd_queue *q, struct gyl_now now)
{
	int err = q->fd < 0 ? new_file(q) : 0;

	if (err == 0)
		err = write_some(q);
	if (err != 0) {
		failed(q, now, err);
		return;
	}
	succeeded(q, now);
	q->written = q->next;
	q->file[q->file_cnt - 1].end = q->next;
	if (q->sync_ns == 0 && q->cf.sync)
		q->sync_ns = now.mono_ns + sync_pause_ns;
}

uint64_t gyl_syslogd_queue_flush(struct gyl_syslogd_queue *q, struct gyl_now now)
{
	uint64_t due;

	if (q->out_len != 0 && now.mono_ns >= q->retry_ns)
		write_out(q, now);
	if (q->sync_ns != 0 && now.mono_ns >= q->sync_ns)
		sync_begin(q, now);
	due = q->sync_ns == 0 ? UINT64_MAX : q->sync_ns;
	return q->out_len == 0 ? due : gyl_time_min(due, q->retry_ns);
}

/* ---- bounds ---- */

/* The oldest file of which nothing is on its way goes, or false. */
static bool drop_file(struct gyl_syslogd_queue *q)
{
	/* What was peeked at may be half sent. */
	uint64_t from, edge = q->at + (q->msg_len != 0);
	uint32_t i = 0;

	while (edge > q->done && i < q->file_cnt && q->file[i].first < edge)
		i++;
	if (i >= q->file_cnt || gyl__queue_is_open(q, i))
		return false;
	from = q->file[i].first > q->done ? q->file[i].first : q->done;
	q->cf.lost(q->cf.arg, q->file[i].end - from, "the queue is full, the oldest are dropped");
	if (q->file[i].first <= q->done) {
		q->done = q->at = q->file[i].end;
		gyl__queue_put_pos(q);
	}
	gyl__queue_remove(q, i);
	return true;
}

/* Room for so many octets more, with what a new file costs. */
static bool make_room(struct gyl_syslogd_queue *q, size_t len)
{
	len += GYL__QUEUE_HEAD_LEN + 2 * GYL__QUEUE_END_LEN;
	while (q->size + len > q->cf.size_max || q->file_cnt == q->file_cap)
		if (!q->cf.drop_old || !drop_file(q))
			return false;
	return true;
}

/* Is this file large enough? */
static bool is_over(const struct gyl_syslogd_queue *q, size_t more)
{
	const struct gyl_syslogd_queue_file *f = &q->file[q->file_cnt - 1];

	return q->fd >= 0 && f->size > GYL__QUEUE_HEAD_LEN &&
	       f->size + q->out_len + more > q->cf.size_max / PARTS;
}

const char *gyl_syslogd_queue_put(
	struct gyl_syslogd_queue *q, struct gyl_view text, struct gyl_now now)
{
	size_t len = GYL__QUEUE_MSG_LEN + text.len;

	if (text.len == 0 || text.len > GYL_SYSLOGD_QUEUE_MSG_MAX)
		return "it is too long";
	if (is_over(q, len) || q->out_len + len > GYL__QUEUE_BUF || q->out_len >= GYL__QUEUE_CHUNK)
		gyl_syslogd_queue_flush(q, now);
	if (q->out_len + len > GYL__QUEUE_BUF)
		return "the queue cannot be written";
	if (is_over(q, len) && q->out_len == 0)
		close_file(q, now);
	if (!make_room(q, len))
		return "the queue is full";
	gyl__queue_msg(q->next, text, q->out + q->out_len);
	memcpy(q->out + q->out_len + GYL__QUEUE_MSG_LEN, text.p, text.len);
	q->out_len += (uint32_t)len;
	q->size += len;
	q->next++;
	return NULL;
}

/* ---- done ---- */

void gyl_syslogd_queue_done(struct gyl_syslogd_queue *q, uint64_t nr)
{
	q->done = nr;
	gyl__queue_put_pos(q);
	trim(q);
}

uint64_t gyl_syslogd_queue_cnt(const struct gyl_syslogd_queue *q)
{
	uint64_t cnt = q->next - q->written;

	for (uint32_t i = 0; i < q->file_cnt; i++) {
		const struct gyl_syslogd_queue_file *f = &q->file[i];
		uint64_t from = f->first > q->done ? f->first : q->done;

		cnt += f->end > from ? f->end - from : 0;
	}
	return cnt;
}

bool gyl_syslogd_queue_close(struct gyl_syslogd_queue *q, struct gyl_now now)
{
	bool all;

	q->retry_ns = 0;
	gyl_syslogd_queue_flush(q, now);
	all = q->out_len == 0;
	if (q->cf.sync) { /* there is nobody left to tell */
		for (uint32_t i = 0; i < q->late_cnt; i++)
			fdatasync(q->late_fd[i]);
		if (q->fd >= 0)
			fdatasync(q->fd);
		fdatasync(q->pos_fd);
	}
	gyl__queue_release(q);
	return all;
}
