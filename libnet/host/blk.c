/* SPDX-License-Identifier: ISC */

/*
 * Durable units on files: a store's extents.
 *
 * A file is preallocated when it is made, so that a full disk is found at start-up, and filled with
 * zeros, so that a write later changes no metadata: to a file system, blocks that were only
 * allocated are holes, and the first write to each makes fdatasync write the inode, too (ext4: a
 * third of its cost). It is locked, because two daemons on one journal would destroy it.
 *
 * The flush thread does pwrite and fdatasync, nothing else: it touches no state of a core and
 * cannot be blocked by one. Order within a device is trivial (one write in flight); between devices
 * it is the order of the calls. An fdatasync that failed is reported once and never tried again:
 * Linux marks the pages clean then, and a second one would lie.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libnet/host/loop_int.h"

void gyl__blk_init(struct gyl__blk *b)
{
	(void)pthread_mutex_init(&b->lock, NULL);
	(void)pthread_cond_init(&b->cond, NULL);
}

static int write_all(const struct gyl__blk_dev *d)
{
	const uint8_t *p = d->buf;
	size_t len = d->cnt * GYL_UNIT_LEN;
	off_t off = (off_t)(d->unit * GYL_UNIT_LEN);

	while (len > 0) {
		ssize_t n = pwrite(d->fd, p, len, off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? errno : EIO;
		p += n;
		len -= (size_t)n;
		off += n;
	}
	return fdatasync(d->fd) == 0 ? 0 : errno;
}

static void *flush_main(void *arg)
{
	struct gyl_loop *l = arg;
	struct gyl__blk *b = &l->blk;

	(void)pthread_setname_np(pthread_self(), "flush");
	(void)pthread_mutex_lock(&b->lock);
	for (;;) {
		unsigned dev;
		int err;

		while (b->todo.cnt == 0 && !b->stop)
			(void)pthread_cond_wait(&b->cond, &b->lock);
		if (b->todo.cnt == 0) /* stop, and all that was asked for is durable */
			break;
		dev = gyl__queue_get(&b->todo);
		(void)pthread_mutex_unlock(&b->lock);
		err = write_all(&b->dev[dev]);
		(void)pthread_mutex_lock(&b->lock);
		b->dev[dev].err = err;
		gyl__queue_put(&b->done, dev);
		/* Who is woken takes the lock first of all: he is not to wait for it again. */
		(void)pthread_mutex_unlock(&b->lock);
		gyl_loop_wake(l);
		(void)pthread_mutex_lock(&b->lock);
	}
	(void)pthread_mutex_unlock(&b->lock);
	return NULL;
}

int gyl__blk_start(struct gyl_loop *l)
{
	int err;

	if (l->blk.started)
		return 0;
	err = gyl_thread_start(&l->blk.thread, flush_main, l);
	l->blk.started = err == 0;
	return err;
}

void gyl__blk_fini(struct gyl__blk *b)
{
	(void)pthread_mutex_lock(&b->lock);
	b->stop = true;
	(void)pthread_cond_signal(&b->cond);
	(void)pthread_mutex_unlock(&b->lock);
	if (b->started)
		(void)pthread_join(b->thread, NULL);
	for (unsigned i = 0; i < b->dev_cnt; i++)
		(void)close(b->dev[i].fd);
	(void)pthread_cond_destroy(&b->cond);
	(void)pthread_mutex_destroy(&b->lock);
}

/* The name of a new file is durable when its directory is. */
static int sync_parent(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash == NULL ? strdup(".")
				  : strndup(path, slash == path ? 1 : (size_t)(slash - path));
	int fd, err;

	if (dir == NULL)
		return -ENOMEM;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(dir);
	if (fd < 0)
		return -errno;
	err = fsync(fd) == 0 ? 0 : -errno;
	(void)close(fd);
	return err;
}

/* Zeros from at to end. */
static int fill(int fd, off_t at, off_t end)
{
	static const uint8_t zero[1 << 16];
	ssize_t n;

	for (; at<end; at += n> 0 ? n : 0) {
		size_t left = (size_t)(end - at);

		n = pwrite(fd, zero, left < sizeof(zero) ? left : sizeof(zero), at);
		if (n == 0 || (n < 0 && errno != EINTR))
			return n == 0 ? -EIO : -errno;
	}
	return 0;
}

static int prepare(int fd, const char *path, uint64_t unit_cnt)
{
	struct stat st;
	off_t len = (off_t)(unit_cnt * GYL_UNIT_LEN);
	int err;

	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	if (fstat(fd, &st) != 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (fchmod(fd, S_IRUSR | S_IWUSR) != 0)
		return -errno;
	if (st.st_size >= len)
		return 0;
	err = -posix_fallocate(fd, 0, len);
	if (err == 0)
		err = fill(fd, st.st_size, len);
	if (err != 0)
		return err;
	if (fsync(fd) != 0)
		return -errno;
	return sync_parent(path);
}

int gyl_loop_blk_open(struct gyl_loop *l, const char *path, uint64_t unit_cnt)
{
	struct gyl__blk *b = &l->blk;
	int fd, err;

	if (b->dev_cnt == GYL__BLK_DEV_MAX)
		return -EMFILE;
	if (unit_cnt == 0 || unit_cnt > INT64_MAX / GYL_UNIT_LEN)
		return -EINVAL;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, S_IRUSR | S_IWUSR);
	if (fd < 0)
		return -errno;
	err = prepare(fd, path, unit_cnt);
	if (err != 0) {
		(void)close(fd);
		return err;
	}
	b->dev[b->dev_cnt].fd = fd;
	b->dev[b->dev_cnt].unit_cnt = unit_cnt;
	return (int)b->dev_cnt++;
}

static struct gyl__blk_dev *find(struct gyl_loop *l, int dev, uint64_t unit, size_t cnt)
{
	struct gyl__blk_dev *d;

	if (dev < 0 || (unsigned)dev >= l->blk.dev_cnt)
		return NULL;
	d = &l->blk.dev[dev];
	return unit <= d->unit_cnt && cnt <= d->unit_cnt - unit ? d : NULL;
}

int gyl_loop_blk_read(struct gyl_loop *l, int dev, uint64_t unit, uint8_t *buf, size_t cnt)
{
	struct gyl__blk_dev *d = find(l, dev, unit, cnt);
	size_t len = cnt * GYL_UNIT_LEN;
	off_t off = (off_t)(unit * GYL_UNIT_LEN);

	if (d == NULL)
		return -EINVAL;
	while (len > 0) {
		ssize_t n = pread(d->fd, buf, len, off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		buf += n;
		len -= (size_t)n;
		off += n;
	}
	return 0;
}

int gyl_loop_blk_write(
	struct gyl_loop *l, int dev, uint64_t unit, const uint8_t *buf, size_t cnt, uint64_t token)
{
	struct gyl__blk_dev *d = find(l, dev, unit, cnt);
	int err;

	if (d == NULL)
		return -EINVAL;
	if (d->busy)
		return -EBUSY;
	err = gyl__blk_start(l);
	if (err != 0)
		return err;
	d->busy = true;
	d->unit = unit;
	d->buf = buf;
	d->cnt = cnt;
	d->token = token;
	(void)pthread_mutex_lock(&l->blk.lock);
	gyl__queue_put(&l->blk.todo, (unsigned)dev);
	(void)pthread_mutex_unlock(&l->blk.lock);
	(void)pthread_cond_signal(&l->blk.cond);
	return 0;
}

bool gyl_loop_blk_done(struct gyl_loop *l, uint64_t *ret_token, int *ret_err)
{
	struct gyl__blk_dev *d = NULL;

	(void)pthread_mutex_lock(&l->blk.lock);
	if (l->blk.done.cnt > 0)
		d = &l->blk.dev[gyl__queue_get(&l->blk.done)];
	(void)pthread_mutex_unlock(&l->blk.lock);
	if (d == NULL)
		return false;
	*ret_token = d->token;
	*ret_err = d->err;
	d->busy = false;
	return true;
}
