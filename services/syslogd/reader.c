/* SPDX-License-Identifier: ISC */
#include "services/syslogd/reader_own.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "services/syslogd/index.h"
#include "services/syslogd/segment_own.h"

enum {
	TRIES = 10,
	ARRAY_MIN = 64
};

/* ---- the directory ---- */

static int open_flags(void)
{
	return O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
}

static void close_open(struct gyl_syslogd_reader *r)
{
	if (r->open_fd >= 0)
		close(r->open_fd);
	r->open_fd = -1;
	r->open_len = 0;
}

static int look_at_open(struct gyl_syslogd_reader *r)
{
	struct stat st;

	r->open_fd = openat(r->dir_fd, GYL__SEGMENT_NAME, open_flags());
	if (r->open_fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fstat(r->open_fd, &st) != 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_size == 0)
		close_open(r);
	else
		r->open_len = (uint64_t)st.st_size;
	return 0;
}

static void leave_out(struct gyl_syslogd_archive *a, uint64_t after_seq)
{
	size_t cnt = 0;

	for (size_t i = 0; i < a->cnt; i++)
		if (a->at[i].has & GYL_SYSLOGD_DATA && (after_seq == 0 || a->at[i].seq > after_seq))
			a->at[cnt++] = a->at[i];
	a->cnt = cnt;
}

static void forget(struct gyl_syslogd_reader *r)
{
	close_open(r);
	gyl_syslogd_archive_free(&r->closed);
	r->cnt = 0;
}

/* The open file is looked at before the closed ones: when it is still the open one after that, it
 * is not among them, and all that were closed before it are. */
static int look(struct gyl_syslogd_reader *r)
{
	int err = look_at_open(r);

	if (err == 0)
		err = gyl_syslogd_archive_list(r->dir_fd, &r->closed);
	if (err == 0 && gyl_syslogd_reader_moved(r))
		err = -EAGAIN;
	if (err != 0)
		forget(r);
	return err;
}

int gyl_syslogd_reader_refresh(struct gyl_syslogd_reader *r, uint64_t after_seq)
{
	int err = -EAGAIN;

	forget(r);
	for (int i = 0; i < TRIES && err == -EAGAIN; i++)
		err = look(r);
	if (err != 0)
		return err;
	leave_out(&r->closed, after_seq);
	r->cnt = r->closed.cnt + (r->open_fd >= 0);
	return 0;
}

int gyl_syslogd_reader_open_at(struct gyl_syslogd_reader *r, int dir_fd)
{
	int err;

	memset(r, 0, sizeof *r);
	r->open_fd = -1;
	r->dir_fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->dir_fd < 0)
		return -errno;
	err = gyl_syslogd_reader_refresh(r, 0);
	if (err != 0)
		close(r->dir_fd);
	return err;
}

int gyl_syslogd_reader_open(struct gyl_syslogd_reader *r, const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = gyl_syslogd_reader_open_at(r, fd);
	close(fd);
	return err;
}

bool gyl_syslogd_reader_moved(const struct gyl_syslogd_reader *r)
{
	struct stat now, then;
	bool is_there = fstatat(r->dir_fd, GYL__SEGMENT_NAME, &now, AT_SYMLINK_NOFOLLOW) == 0;

	if (r->open_fd < 0)
		return is_there && now.st_size != 0;
	return !is_there || fstat(r->open_fd, &then) != 0 || now.st_ino != then.st_ino ||
	       now.st_dev != then.st_dev;
}

void gyl_syslogd_reader_close(struct gyl_syslogd_reader *r)
{
	forget(r);
	close(r->dir_fd);
}

/* ---- segments ---- */

int gyl__seg_read(int fd, void *buf, size_t len, uint64_t off)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = pread(fd, (uint8_t *)buf + done, len - done, (off_t)(off + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return -EBADMSG;
		done += (size_t)n;
	}
	return 0;
}

int gyl__seg_put(struct gyl_syslogd_seg *s, uint64_t off, uint32_t len, uint32_t text_len)
{
	static const struct gyl_syslogd_frame unknown = {.last_seq = UINT64_MAX,
		.recv_max_ns = UINT64_MAX,
		.ts_max_ns = UINT64_MAX,
		.severities = 0xff};

	if (s->frame_cnt == s->frame_cap) {
		size_t cap = s->frame_cap == 0 ? ARRAY_MIN : 2 * s->frame_cap;
		struct gyl_syslogd_frame *p = realloc(s->frame, cap * sizeof *p);

		if (p == NULL)
			return -ENOMEM;
		s->frame = p;
		s->frame_cap = cap;
	}
	s->frame[s->frame_cnt] = unknown;
	s->frame[s->frame_cnt].off = off;
	s->frame[s->frame_cnt].len = len;
	s->frame[s->frame_cnt++].text_len = text_len;
	return 0;
}

static int open_the_open(const struct gyl_syslogd_reader *r, struct gyl_syslogd_seg *s)
{
	s->kind = GYL_SYSLOGD_SEG_OPEN;
	s->last_seq = UINT64_MAX;
	s->ops = &gyl__seg_plain;
	memcpy(s->name, GYL__SEGMENT_NAME, sizeof GYL__SEGMENT_NAME);
	s->fd = fcntl(r->open_fd, F_DUPFD_CLOEXEC, 0);
	return s->fd < 0 ? -errno : gyl__seg_plain_frames(s, r->open_len);
}

static int open_kind(int dir_fd, const struct gyl_syslogd_closed *c, enum gyl_syslogd_file file,
	struct gyl_syslogd_seg *s)
{
	s->kind = file == GYL_SYSLOGD_SEAL  ? GYL_SYSLOGD_SEG_SEAL
		  : file == GYL_SYSLOGD_ZST ? GYL_SYSLOGD_SEG_ZST
					    : GYL_SYSLOGD_SEG_PLAIN;
	s->ops = file == GYL_SYSLOGD_SEAL  ? &gyl__seg_seal
		 : file == GYL_SYSLOGD_ZST ? &gyl__seg_zst
					   : &gyl__seg_plain;
	s->last_seq = c->seq;
	gyl_syslogd_archive_file(c->base, file, s->name);
	s->fd = openat(dir_fd, s->name, open_flags());
	return s->fd < 0 ? -errno : s->ops->open(dir_fd, c->base, s);
}

int gyl_syslogd_seg_open(
	const struct gyl_syslogd_reader *r, size_t i, struct gyl_syslogd_seg *ret_s)
{
	const struct gyl_syslogd_closed *c = i < r->closed.cnt ? &r->closed.at[i] : NULL;
	int err = -ENOENT;

	memset(ret_s, 0, sizeof *ret_s);
	ret_s->fd = -1;
	if (c == NULL) {
		err = open_the_open(r, ret_s);
	} else {
		ret_s->keys = r->keys;
		if (!(c->has & (GYL_SYSLOGD_ZST | GYL_SYSLOGD_SEAL)))
			err = open_kind(r->dir_fd, c, GYL_SYSLOGD_PLAIN, ret_s);
		if (err == -ENOENT) /* it may have been packed meanwhile, or sealed */
			err = open_kind(r->dir_fd, c, GYL_SYSLOGD_SEAL, ret_s);
		if (err == -ENOENT)
			err = open_kind(r->dir_fd, c, GYL_SYSLOGD_ZST, ret_s);
	}
	if (err != 0)
		gyl_syslogd_seg_close(ret_s);
	return err;
}

int gyl_syslogd_seg_grow(struct gyl_syslogd_seg *s)
{
	struct stat st;

	if (fstat(s->fd, &st) != 0)
		return -errno;
	return gyl__seg_plain_frames(s, (uint64_t)st.st_size);
}

void gyl_syslogd_seg_close(struct gyl_syslogd_seg *s)
{
	if (s->fd >= 0)
		close(s->fd);
	gyl__seg_unsealed(s->sealed);
	free(s->frame);
	free(s->idx);
	memset(s, 0, sizeof *s);
	s->fd = -1;
}

/* ---- text ---- */

uint8_t *gyl__scratch_text(struct gyl_syslogd_scratch *x)
{
	if (x->text == NULL)
		x->text = malloc(GYL_SYSLOGD_FRAME_TEXT_MAX);
	return x->text;
}

uint8_t *gyl__scratch_data(struct gyl_syslogd_scratch *x)
{
	if (x->data == NULL)
		x->data = malloc(GYL_SYSLOGD_INDEX_DATA_MAX);
	return x->data;
}

int gyl_syslogd_seg_text(const struct gyl_syslogd_seg *s, const struct gyl_syslogd_frame *f,
	struct gyl_syslogd_scratch *x, struct gyl_view *ret_text)
{
	return s->ops->text(s, f, x, ret_text);
}
