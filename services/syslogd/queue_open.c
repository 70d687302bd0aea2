/* SPDX-License-Identifier: ISC */
#include "services/syslogd/queue_own.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <gyl/text.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	FILE_ROOM = 128 /* places for files beyond those that are there */
};

void gyl__queue_name(uint64_t first, char ret_name[GYL__QUEUE_NAME_MAX])
{
	snprintf(ret_name, GYL__QUEUE_NAME_MAX, "%020llu.q", (unsigned long long)first);
}

/* False when it is not the name of a file of a queue. */
static bool parse_name(const char *name, uint64_t *ret_first)
{
	enum {
		DIGITS = 20
	};

	return strlen(name) == DIGITS + 2 && strcmp(name + DIGITS, ".q") == 0 &&
	       !gyl_failed(gyl_parse_u64(gyl_view(name, DIGITS), UINT64_MAX, ret_first)) &&
	       *ret_first != 0;
}

int64_t gyl__queue_pread(int fd, uint8_t *buf, size_t len, uint64_t off)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = pread(fd, buf + done, len - done, (off_t)(off + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (int64_t)done;
}

int gyl__queue_give(const struct gyl_syslogd_queue *q, int fd)
{
	if (q->cf.uid == UINT32_MAX || geteuid() != 0)
		return 0;
	return fchown(fd, q->cf.uid, q->cf.gid) == 0 ? 0 : -errno;
}

/* ---- directory and position ---- */

static int open_dir(const struct gyl_syslogd_queue *q, const char *dir)
{
	int fd, err;

	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return -errno;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = gyl__queue_give(q, fd);
	if (err == 0)
		return fd;
	close(fd);
	return err;
}

static int open_dirs(struct gyl_syslogd_queue *q)
{
	char above[4096];
	char *slash;
	int fd;

	snprintf(above, sizeof above, "%s", q->cf.dir);
	slash = strrchr(above, '/');
	if (slash != NULL && slash != above) {
		*slash = '\0';
		fd = open_dir(q, above);
		if (fd < 0)
			return fd;
		close(fd);
	}
	q->dir_fd = open_dir(q, q->cf.dir);
	if (q->dir_fd < 0)
		return q->dir_fd;
	/* Two that send from one queue would send all of it twice. */
	return flock(q->dir_fd, LOCK_EX | LOCK_NB) == 0 ? 0 : -errno;
}

/* What was done last time; no position: nothing was, so that rather something is sent twice. */
static int open_pos(struct gyl_syslogd_queue *q)
{
	uint8_t text[2 * GYL__QUEUE_POS_LEN];
	struct gyl__queue_pos pos;
	int64_t n;

	q->pos_fd = openat(q->dir_fd, "position", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (q->pos_fd < 0)
		return -errno;
	n = gyl__queue_pread(q->pos_fd, text, sizeof text, 0);
	for (int i = 0; i < 2; i++) {
		if (n < (i + 1) * GYL__QUEUE_POS_LEN ||
			!gyl__queue_pos_read(text + (ptrdiff_t)i * GYL__QUEUE_POS_LEN, &pos) ||
			pos.serial < q->pos_serial)
			continue;
		q->pos_serial = pos.serial;
		q->done = pos.nr;
	}
	return gyl__queue_give(q, q->pos_fd);
}

/* ---- files ---- */

static int by_first(const void *a, const void *b)
{
	const struct gyl_syslogd_queue_file *fa = a, *fb = b;

	return fa->first < fb->first ? -1 : fa->first > fb->first;
}

/* Places for more files than there are: later ones are made without asking for memory. */
static int list_room(struct gyl_syslogd_queue *q)
{
	struct gyl_syslogd_queue_file *file;

	if (q->file_cnt + FILE_ROOM <= q->file_cap)
		return 0;
	file = realloc(q->file, (q->file_cnt + 2 * FILE_ROOM) * sizeof *file);
	if (file == NULL)
		return -ENOMEM;
	q->file = file;
	q->file_cap = q->file_cnt + 2 * FILE_ROOM;
	return 0;
}

static int list_add(struct gyl_syslogd_queue *q, uint64_t first)
{
	int err = list_room(q);

	if (err != 0)
		return err;
	memset(&q->file[q->file_cnt], 0, sizeof q->file[0]);
	q->file[q->file_cnt++].first = first;
	return 0;
}

static int list(struct gyl_syslogd_queue *q)
{
	int fd = openat(q->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), err = 0;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;
	uint64_t first;

	if (d == NULL) {
		err = -errno;
		if (fd >= 0)
			close(fd);
		return err;
	}
	while (err == 0 && (e = readdir(d)) != NULL)
		if (parse_name(e->d_name, &first))
			err = list_add(q, first);
	closedir(d);
	if (q->file_cnt != 0)
		qsort(q->file, q->file_cnt, sizeof q->file[0], by_first);
	return err;
}

/* Goes through the messages of a file: the number after the last whole one. Returns where it ends.
 */
static uint64_t scan(struct gyl_syslogd_queue *q, int fd, struct gyl_syslogd_queue_file *f)
{
	struct gyl_view text;
	uint64_t off;

	gyl__queue_read_begin(q, fd);
	for (f->end = f->first; gyl__queue_look(q, f->end, &text) == GYL__QUEUE_MSG; f->end++)
		q->in_used += q->msg_len;
	off = q->in_off + q->in_used;
	q->in_fd = -1;
	return off;
}

/* A closed file says at its end what its last number is. */
static bool read_end(int fd, struct gyl_syslogd_queue_file *f)
{
	uint8_t end[GYL__QUEUE_END_LEN];

	return f->size >= GYL__QUEUE_HEAD_LEN + GYL__QUEUE_END_LEN &&
	       gyl__queue_pread(fd, end, sizeof end, f->size - sizeof end) == sizeof end &&
	       gyl__queue_end_read(end, &f->end) && f->end >= f->first;
}

/* The newest file. Unless it was closed, what is no whole message goes, and it is written on. The
 * end of a message may look like that of a file: so all of it is read. */
static int go_on(struct gyl_syslogd_queue *q, int fd, struct gyl_syslogd_queue_file *f)
{
	struct gyl_syslogd_queue_file said = *f;
	uint64_t off = scan(q, fd, f);

	if (f->size - off == GYL__QUEUE_END_LEN && read_end(fd, &said) && said.end == f->end)
		return 0;
	if (off != f->size) {
		if (ftruncate(fd, (off_t)off) != 0)
			return -errno;
		gyl__queue_say_torn(q, f->size - off);
		f->size = off;
	}
	q->fd = fd;
	return 0;
}

static bool has_head(int fd, struct gyl_syslogd_queue_file *f)
{
	uint8_t head[GYL__QUEUE_HEAD_LEN];
	struct stat st;
	uint64_t first;

	f->size = fstat(fd, &st) == 0 ? (uint64_t)st.st_size : 0;
	return gyl__queue_pread(fd, head, sizeof head, 0) == sizeof head &&
	       gyl__queue_head_read(head, &first) && first == f->first;
}

/* 0; 1 when there is no use in it; or -errno. */
static int look_into(struct gyl_syslogd_queue *q, struct gyl_syslogd_queue_file *f, bool newest)
{
	char name[GYL__QUEUE_NAME_MAX];
	int fd, err = 0;

	gyl__queue_name(f->first, name);
	fd = openat(
		q->dir_fd, name, (newest ? O_RDWR | O_APPEND : O_RDONLY) | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	if (!has_head(fd, f)) {
		gyl__queue_say_torn(q, f->size);
		err = 1;
	} else if (newest) {
		err = go_on(q, fd, f);
	} else if (!read_end(fd, f)) {
		scan(q, fd, f);
	}
	if (fd != q->fd)
		close(fd);
	if (err == 1 && unlinkat(q->dir_fd, name, 0) != 0)
		err = -errno;
	return err;
}

static int look_into_all(struct gyl_syslogd_queue *q)
{
	uint32_t cnt = q->file_cnt;

	q->file_cnt = 0;
	for (uint32_t i = 0; i < cnt; i++) {
		struct gyl_syslogd_queue_file f = q->file[i];
		int err = look_into(q, &f, i == cnt - 1);

		if (err < 0)
			return err;
		if (err != 0)
			continue;
		if (q->file_cnt != 0 && q->file[q->file_cnt - 1].end > f.first)
			q->file[q->file_cnt - 1].end = f.first;
		q->size += f.size;
		q->file[q->file_cnt++] = f;
	}
	return 0;
}

/* Numbers go on where the last message ended, or behind the position if that is later: then the
 * newest file, whose numbers are in a row, is not written on. */
static void begin(struct gyl_syslogd_queue *q)
{
	q->next = q->file_cnt == 0 ? 1 : q->file[q->file_cnt - 1].end;
	if (q->done > q->next) {
		q->next = q->done;
		if (q->fd >= 0)
			close(q->fd);
		q->fd = -1;
	}
	if (q->done == 0)
		q->done = q->file_cnt == 0 ? 1 : q->file[0].first;
	q->written = q->next;
	gyl_syslogd_queue_done(q, q->done);
	gyl_syslogd_queue_rewind(q);
}

static int open_all(struct gyl_syslogd_queue *q)
{
	int err;

	q->out = malloc(GYL__QUEUE_BUF); /* not cleared: memory when it is used */
	q->in = malloc(GYL__QUEUE_BUF);
	q->sync = calloc(1, sizeof *q->sync);
	if (q->out == NULL || q->in == NULL || q->sync == NULL)
		return -ENOMEM;
	q->sync->q = q;
	err = open_dirs(q);
	if (err == 0)
		err = open_pos(q);
	if (err == 0)
		err = list_room(q);
	if (err == 0)
		err = list(q);
	if (err == 0)
		err = look_into_all(q);
	return err;
}

int gyl_syslogd_queue_open(struct gyl_syslogd_queue *q, const struct gyl_syslogd_queue_conf *cf,
	struct gyl_now now, char err[200])
{
	int ret;

	memset(q, 0, sizeof *q);
	q->cf = *cf;
	q->dir_fd = q->pos_fd = q->fd = q->in_fd = -1;
	ret = open_all(q);
	if (ret == 0) {
		begin(q);
		gyl_syslogd_queue_flush(q, now);
		return 0;
	}
	snprintf(err, 200, "cannot keep a queue in %s: %s%s", cf->dir, strerror(-ret),
		ret == -EWOULDBLOCK ? "; another guyline sends from there" : "");
	gyl__queue_release(q);
	return -1;
}

void gyl__queue_release(struct gyl_syslogd_queue *q)
{
	const int fd[] = {q->in_fd, q->fd, q->pos_fd, q->dir_fd};

	for (size_t i = 0; i < sizeof fd / sizeof fd[0]; i++)
		if (fd[i] >= 0)
			close(fd[i]);
	while (q->late_cnt != 0)
		close(q->late_fd[--q->late_cnt]);
	free(q->file);
	free(q->out);
	free(q->in);
	if (q->sync != NULL && q->sync->busy)
		q->sync->q = NULL;
	else
		free(q->sync);
}
