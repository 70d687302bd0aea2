/* SPDX-License-Identifier: ISC */
#include "services/syslogd/segment_own.h"

#include <errno.h>
#include <fcntl.h>
#include <gyl/time.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "services/syslogd/archive.h"
#include "services/syslogd/line.h"
#include "services/syslogd/record.h"

enum {
	LOOK_BACK = 100 /* lines */
};

/* A full disk is tried at least twice a second: it is used again within one. */
static const uint64_t pause_min_ns = 20 * GYL_NS_PER_MS, pause_max_ns = 500 * GYL_NS_PER_MS;
static const uint64_t sync_pause_ns = GYL_NS_PER_S;
/* A rotation that failed is tried again after this. */
static const uint64_t hold_pause_ns = GYL_NS_PER_MIN;
/* The wall clock may be set: the end of an hour is looked for this often. */
static const uint64_t clock_check_ns = GYL_NS_PER_MIN;
/* Files grow too old by themselves. */
static const uint64_t prune_pause_ns = 10 * GYL_NS_PER_MIN;

/* ---- trouble ---- */

static void failed(struct gyl_syslogd_segment *s, struct gyl_now now, int err)
{
	if (s->failed_ns == 0) {
		s->failed_ns = now.mono_ns;
		s->lost_cnt = *s->cf.lost_cnt;
		s->pause_ns = pause_min_ns;
		gyl__segment_say_full(s, "", err);
	} else {
		s->pause_ns = gyl_time_min(2 * s->pause_ns, pause_max_ns);
	}
	s->retry_ns = now.mono_ns + s->pause_ns;
}

static void succeeded(struct gyl_syslogd_segment *s, struct gyl_now now)
{
	if (s->failed_ns != 0)
		gyl__segment_say_resume(s, now.mono_ns - s->failed_ns);
	s->failed_ns = 0;
	s->retry_ns = 0;
}

/* ---- opening ---- */

/* Record number and time of the line at an offset; 0 when it is not a record. */
static void read_head(int fd, int64_t off, uint64_t *ret_seq, uint64_t *ret_recv_ns)
{
	uint8_t head[128];
	ssize_t n = pread(fd, head, sizeof head, off);
	struct gyl_view line = gyl_view(head, n < 0 ? 0 : (size_t)n);

	*ret_seq = gyl_syslogd_record_seq(line);
	*ret_recv_ns = gyl_syslogd_record_recv(line);
}

/* The number of the last record: of the last line, or of one a little before when somebody else
 * has appended to the file. */
static uint64_t find_last_seq(int fd, int64_t end)
{
	uint64_t seq = 0, recv_ns;

	for (int i = 0; i < LOOK_BACK && end > 0 && seq == 0; i++) {
		end = gyl_syslogd_line_back(fd, end - 1);
		if (end >= 0)
			read_head(fd, end, &seq, &recv_ns);
	}
	return seq;
}

/* What a file from before holds; an unfinished line at its end goes. 0 or -errno. */
static int look_into(struct gyl_syslogd_segment *s, uint64_t size, uint64_t wall_ns)
{
	int64_t end = gyl_syslogd_line_back(s->fd, (int64_t)size);

	if (end < 0)
		return (int)end;
	if ((uint64_t)end != size) {
		if (ftruncate(s->fd, end) != 0)
			return -errno;
		gyl__segment_say_torn(s, size - (uint64_t)end);
	}
	s->size = (uint64_t)end;
	if (end == 0)
		return 0;
	read_head(s->fd, 0, &s->first_seq, &s->first_ns);
	s->last_seq = find_last_seq(s->fd, end);
	if (s->first_ns == 0)
		s->first_ns = wall_ns;
	return 0;
}

static int own(const struct gyl_syslogd_segment *s)
{
	if (s->cf.uid == UINT32_MAX)
		return 0;
	return fchown(s->dir_fd, s->cf.uid, s->cf.gid) == 0 &&
			       fchown(s->fd, s->cf.uid, s->cf.gid) == 0
		       ? 0
		       : -errno;
}

static int open_dir(struct gyl_syslogd_segment *s)
{
	if (mkdir(s->cf.dir, 0750) != 0 && errno != EEXIST)
		return -errno;
	s->dir_fd = open(s->cf.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir_fd < 0)
		return -errno;
	/* Two that write into one log would number its records twice. */
	return flock(s->dir_fd, LOCK_EX | LOCK_NB) == 0 ? 0 : -errno;
}

static int open_pack(struct gyl_syslogd_segment *s)
{
	struct gyl_syslogd_pack_conf cf = {.dir_fd = s->dir_fd,
		.limits = s->cf.limits,
		.sealer = s->cf.keys == NULL ? NULL : &s->sealer,
		.host = s->cf.host,
		.say = s->cf.say,
		.arg = s->cf.arg};

	return gyl_syslogd_pack_open(&s->pack, &cf);
}

static int open_all(struct gyl_syslogd_segment *s, uint64_t wall_ns, char why[200])
{
	struct gyl_syslogd_archive a;
	uint64_t size = 0;
	int err = open_dir(s);

	if (err == 0)
		err = gyl__segment_open_file(s, &size);
	if (err == 0)
		err = own(s);
	if (err == 0)
		err = look_into(s, size, wall_ns);
	if (err == 0)
		err = gyl__segment_open_sealer(s, why);
	if (err == 0)
		err = open_pack(s);
	if (err == 0)
		err = gyl_syslogd_archive_list(s->dir_fd, &a);
	if (err != 0)
		return err;
	if (a.cnt != 0 && a.at[a.cnt - 1].seq > s->last_seq)
		s->last_seq = a.at[a.cnt - 1].seq;
	gyl_syslogd_archive_free(&a);
	return 0;
}

int gyl_syslogd_segment_open(struct gyl_syslogd_segment *s,
	const struct gyl_syslogd_segment_conf *cf, uint64_t wall_ns, char err[200])
{
	char why[200] = "";
	int ret;

	memset(s, 0, sizeof *s);
	s->cf = *cf;
	s->dir_fd = -1;
	s->fd = -1;
	s->sync_fd = s->tail_fd = -1;
	ret = open_all(s, wall_ns, why);
	if (ret == 0)
		return 0;
	snprintf(err, 200, "cannot write logs in %s: %s%s", cf->dir,
		why[0] != '\0' ? why : strerror(-ret),
		ret == -EWOULDBLOCK ? "; another guyline writes there" : "");
	if (s->fd >= 0)
		close(s->fd);
	if (s->dir_fd >= 0)
		close(s->dir_fd);
	return -1;
}

/* ---- flushing ---- */

static void sync_work(void *arg)
{
	struct gyl_syslogd_segment *s = arg;

	s->sync_err = fdatasync(s->sync_fd) == 0 ? 0 : errno;
}

static void sync_done(void *arg);

static void sync_start(struct gyl_syslogd_segment *s, int fd)
{
	const struct gyl_host *h = s->cf.host;

	s->sync_fd = fd;
	s->syncing = true;
	if (h != NULL && h->ops->job(h->h, sync_work, sync_done, s) == 0)
		return;
	sync_work(s);
	sync_done(s);
}

static void sync_done(void *arg)
{
	struct gyl_syslogd_segment *s = arg;
	int tail_fd = s->tail_fd;

	close(s->sync_fd);
	s->syncing = false;
	s->tail_fd = -1;
	if (s->sync_err != 0)
		gyl__segment_say_full(s, "fdatasync: ", s->sync_err);
	if (tail_fd >= 0)
		sync_start(s, tail_fd);
}

/* On the work thread: a slow disk must not hold up the network. */
static void sync_begin(struct gyl_syslogd_segment *s, struct gyl_now now)
{
	int fd;

	s->sync_ns = now.mono_ns + sync_pause_ns;
	if (s->syncing || s->fd < 0)
		return;
	fd = dup(s->fd);
	if (fd < 0)
		return;
	s->sync_ns = 0;
	sync_start(s, fd);
}

/* ---- rotation ---- */

static bool is_over(const struct gyl_syslogd_segment *s, uint64_t more_len, struct gyl_now now)
{
	const struct gyl_syslogd_conf *cf = s->cf.limits;

	if (s->size == 0 || s->inside_line || s->tail_fd >= 0 || s->fd < 0 ||
		now.mono_ns < s->hold_ns)
		return false;
	if (s->size + more_len > cf->rotate_size)
		return true;
	return cf->rotate_ns != GYL_TIME_INFINITE &&
	       now.wall_ns / cf->rotate_ns > s->first_ns / cf->rotate_ns;
}

static int say_gone(void *arg, uint64_t seq)
{
	return gyl_syslogd_sealer_gone(arg, seq);
}

static void prune_work(void *arg)
{
	struct gyl_syslogd_segment *s = arg;

	gyl_syslogd_archive_prune(s->dir_fd, &s->keep, s->busy[0] == '\0' ? NULL : s->busy);
}

static void prune_done(void *arg)
{
	((struct gyl_syslogd_segment *)arg)->pruning = false;
}

/* With sealed files on the work thread, where packing is: their head is flushed before any goes. */
static void prune(struct gyl_syslogd_segment *s, struct gyl_now now)
{
	const struct gyl_syslogd_conf *cf = s->cf.limits;
	const struct gyl_host *h = s->cf.host;

	s->keep = (struct gyl_syslogd_keep){.cnt = cf->keep_cnt,
		.size = cf->keep_size,
		.from_ns = cf->keep_ns < now.wall_ns ? now.wall_ns - cf->keep_ns : 0,
		.gone = s->cf.keys == NULL ? NULL : say_gone,
		.arg = &s->sealer};
	s->prune_ns = now.mono_ns + prune_pause_ns;
	s->pack.packed = false;
	memcpy(s->busy, s->pack.base, sizeof s->busy);
	s->pruning = true;
	if (s->cf.keys != NULL && h != NULL && h->ops->job(h->h, prune_work, prune_done, s) == 0)
		return;
	prune_work(s);
	prune_done(s);
}

static void rotate(struct gyl_syslogd_segment *s, struct gyl_now now)
{
	char base[GYL_SYSLOGD_NAME_MAX], name[GYL_SYSLOGD_NAME_MAX];

	gyl_syslogd_archive_name(now.wall_ns, s->last_seq, base);
	gyl_syslogd_archive_file(base, GYL_SYSLOGD_PLAIN, name);
	if (renameat(s->dir_fd, GYL__SEGMENT_NAME, s->dir_fd, name) != 0) {
		s->hold_ns = now.mono_ns + hold_pause_ns;
		gyl__segment_say_full(s, "it cannot be renamed: ", errno);
		return;
	}
	gyl__segment_say_rotate(s, name);
	if (s->sync_ns != 0 && s->syncing) {
		s->tail_fd = s->fd; /* what came since the flush began is flushed after it */
	} else {
		if (s->sync_ns != 0)
			sync_begin(s, now);
		close(s->fd);
	}
	s->sync_ns = 0;
	s->fd = -1;
	s->size = 0;
	s->prune_ns = 0;
	gyl_syslogd_pack_look(&s->pack);
}

/* ---- writing ---- */

static struct gyl_view last_line(const struct gyl_log *l)
{
	const uint8_t *lf = l->len < 2 ? NULL : memrchr(l->p, '\n', l->len - 1);
	const uint8_t *from = lf == NULL ? l->p : lf + 1;

	return gyl_view(from, (size_t)(l->p + l->len - from));
}

/* One block. 0, or an errno after taking off what was written. */
static int write_some(struct gyl_syslogd_segment *s, struct gyl_log *l)
{
	uint32_t done = 0;
	int err = 0;

	while (done < l->len && err == 0) {
		ssize_t n = write(s->fd, l->p + done, l->len - done);

		if (n > 0)
			done += (uint32_t)n;
		else if (n == 0 || errno != EINTR)
			err = n == 0 ? ENOSPC : errno;
	}
	if (done == 0)
		return err;
	s->size += done;
	s->inside_line = l->p[done - 1] != '\n';
	l->len -= done;
	memmove(l->p, l->p + done, l->len);
	return err;
}

static void put_block(struct gyl_syslogd_segment *s, struct gyl_log *l, struct gyl_now now)
{
	uint64_t seq = gyl_syslogd_record_seq(last_line(l));
	struct gyl_view first = gyl_view(l->p, l->len);
	int err = s->fd < 0 ? -gyl__segment_open_file(s, &s->size) : 0;

	if (seq != 0) /* 0: the rest of a line that is half written */
		s->block_seq = seq;
	if (err == 0 && s->size == 0) {
		s->first_seq = gyl_syslogd_record_seq(first);
		s->first_ns = gyl_syslogd_record_recv(first);
	}
	if (err == 0)
		err = write_some(s, l);
	if (err != 0) {
		failed(s, now, err);
		return;
	}
	succeeded(s, now);
	s->last_seq = s->block_seq;
	s->next_ns = now.mono_ns + GYL_SYSLOGD_WINDOW_NS;
	if (s->sync_ns == 0 && s->cf.limits->sync == GYL_SYSLOGD_SYNC_SECOND)
		s->sync_ns = now.mono_ns + sync_pause_ns;
}

static uint64_t due_ns(
	const struct gyl_syslogd_segment *s, const struct gyl_log *l, struct gyl_now now)
{
	uint64_t due = s->sync_ns == 0 ? UINT64_MAX : s->sync_ns;

	if (s->cf.limits->keep_ns != GYL_TIME_INFINITE)
		due = gyl_time_min(due, s->prune_ns);
	if (l->len != 0)
		due = gyl_time_min(due, s->failed_ns != 0 ? s->retry_ns : s->next_ns);
	if (s->size != 0 && s->cf.limits->rotate_ns != GYL_TIME_INFINITE) {
		uint64_t rotate_ns = s->cf.limits->rotate_ns;
		uint64_t left = rotate_ns - now.wall_ns % rotate_ns;

		due = gyl_time_min(due, now.mono_ns + gyl_time_min(left, clock_check_ns));
	}
	return due;
}

uint64_t gyl_syslogd_segment_write(void *segment, struct gyl_log *l, struct gyl_now now)
{
	struct gyl_syslogd_segment *s = segment;
	bool full = l->len >= GYL_SYSLOGD_BLOCK;
	bool due = l->len != 0 && (full || s->failed_ns != 0 || now.mono_ns >= s->next_ns);

	if (now.mono_ns >= s->retry_ns) {
		if (due)
			gyl__segment_look(s);
		if (is_over(s, l->len, now))
			rotate(s, now);
		if (due)
			put_block(s, l, now);
	}
	if (s->sync_ns != 0 && now.mono_ns >= s->sync_ns)
		sync_begin(s, now);
	if (full)
		gyl_syslogd_pack_yield(&s->pack, now);
	if (!s->pruning && (s->pack.packed || now.mono_ns >= s->prune_ns))
		prune(s, now);
	return gyl_time_min(due_ns(s, l, now), gyl_syslogd_pack_turn(&s->pack, now));
}

void gyl_syslogd_segment_flush(struct gyl_syslogd_segment *s, struct gyl_log *l, struct gyl_now now)
{
	s->next_ns = 0;
	gyl_syslogd_segment_write(s, l, now);
}

bool gyl_syslogd_segment_stop(struct gyl_syslogd_segment *s)
{
	s->pack.stop = true;
	return !s->syncing && !s->pack.working && !s->pruning;
}

bool gyl_syslogd_segment_close(struct gyl_syslogd_segment *s, struct gyl_log *l, struct gyl_now now)
{
	s->retry_ns = 0;
	if (l->len != 0)
		put_block(s, l, now);
	if (s->fd >= 0) {
		if (s->cf.limits->sync == GYL_SYSLOGD_SYNC_SECOND)
			fdatasync(s->fd); /* there is nobody left to tell */
		close(s->fd);
	}
	gyl_syslogd_pack_close(&s->pack);
	close(s->dir_fd);
	return l->len == 0;
}
