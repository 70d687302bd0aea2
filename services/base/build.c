/* SPDX-License-Identifier: ISC */
#include "services/base/build_own.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	NOTE_MAX = 100,
	LARGE_PAGE = 2 << 20
};

#ifndef MADV_COLLAPSE
#	define MADV_COLLAPSE 25 /* Linux 6.1 */
#endif

int gyl_build_open(struct gyl_build *b)
{
	memset(b, 0, sizeof *b);
	b->head_fd = -1;
	b->fd = memfd_create("guyline", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (b->fd < 0)
		return -errno;
	b->out = fdopen(b->fd, "w+");
	if (b->out == NULL) {
		close(b->fd);
		return -ENOMEM;
	}
	return 0;
}

FILE *gyl_build_out(struct gyl_build *b)
{
	return b->out;
}

void gyl_build_file(struct gyl_build *b, const char *path)
{
	gyl_build_files_add(&b->files, path);
}

static void note(struct gyl_build *b, bool error, const char *file, unsigned line, unsigned col,
	const char *fmt, va_list ap)
{
	struct gyl_build_note *grown, *n;

	b->error_cnt += error;
	if (b->note_cnt == NOTE_MAX)
		return;
	grown = realloc(b->note, (b->note_cnt + 1) * sizeof *grown);
	if (grown == NULL)
		return;
	b->note = grown;
	n = &b->note[b->note_cnt];
	n->error = error;
	n->line = line;
	n->col = col;
	n->file = strdup(file);
	if (n->file == NULL)
		return;
	if (vasprintf(&n->text, fmt, ap) < 0) {
		free(n->file);
		return;
	}
	b->note_cnt++;
}

void gyl_build_error(
	struct gyl_build *b, const char *file, unsigned line, unsigned col, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	note(b, true, file, line, col, fmt, ap);
	va_end(ap);
}

void gyl_build_warn(
	struct gyl_build *b, const char *file, unsigned line, unsigned col, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	note(b, false, file, line, col, fmt, ap);
	va_end(ap);
}

void gyl_build_head(struct gyl_build *b, const char *path, int fd, size_t len)
{
	b->head_path = path;
	b->head_fd = fd;
	b->head_len = len;
}

/* The file was longer when the build looked. */
static int shorter(struct gyl_build *b)
{
	gyl_build_error(b, b->head_path, 0, 0, "has changed while it was read");
	return -EINVAL;
}

/* len octets from the beginning of one file to where the other stands. 0 or -errno. */
static int copy(struct gyl_build *b, int to, int from, size_t len)
{
	off_t at = 0;

	while ((size_t)at < len) {
		ssize_t n = sendfile(to, from, &at, len - (size_t)at);

		if (n < 0)
			return -errno;
		if (n == 0)
			return shorter(b);
	}
	return 0;
}

/* What has been written. Octets of it, or -errno. */
static off_t written(struct gyl_build *b)
{
	struct stat st;

	if (fflush(b->out) != 0 || ferror(b->out))
		return -EIO;
	return fstat(b->fd, &st) == 0 ? st.st_size : -errno;
}

/* Head and all else in memory of its own: its descriptor, or -errno. */
static int join(struct gyl_build *b, size_t len)
{
	int fd = memfd_create("guyline", MFD_CLOEXEC | MFD_ALLOW_SEALING), err;

	if (fd < 0)
		return -errno;
	err = copy(b, fd, b->head_fd, b->head_len);
	if (err == 0)
		err = copy(b, fd, b->fd, len);
	if (err == 0)
		return fd;
	close(fd);
	return err;
}

static int seal(int fd)
{
	int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
	int err = fcntl(fd, F_ADD_SEALS, seals) == 0 ? 0 : -errno;

	if (err == 0)
		return fd;
	close(fd);
	return err;
}

int gyl_build_seal(struct gyl_build *b)
{
	off_t len = written(b);
	int fd;

	if (len < 0)
		return (int)len;
	if (b->head_fd >= 0) {
		fd = join(b, (size_t)len);
		return fd < 0 ? fd : seal(fd);
	}
	fd = fcntl(b->fd, F_DUPFD_CLOEXEC, 3);
	return fd < 0 ? -errno : seal(fd);
}

void gyl_build_close(struct gyl_build *b)
{
	if (b->out != NULL)
		fclose(b->out);
	if (b->head_fd >= 0)
		close(b->head_fd);
	for (size_t i = 0; i < b->note_cnt; i++) {
		free(b->note[i].file);
		free(b->note[i].text);
	}
	gyl_build_files_free(&b->files);
	free(b->note);
	memset(b, 0, sizeof *b);
}

/* As mmap(2), and what can fill a large page begins on one. */
static void *map(size_t len, int prot, int flags, int fd)
{
	uint8_t *p;
	size_t head;

	if (len < LARGE_PAGE)
		return mmap(NULL, len, prot, flags, fd, 0);
	p = mmap(NULL, len + LARGE_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
		0);
	if (p == MAP_FAILED)
		return p;
	head = LARGE_PAGE - (uintptr_t)p % LARGE_PAGE;
	munmap(p, head);
	munmap(p + head + len, LARGE_PAGE - head);
	return mmap(p + head, len, prot, flags | MAP_FIXED, fd, 0);
}

static size_t whole_pages(size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (len + page - 1) & ~(page - 1);
}

struct gyl_view gyl_build_map(int fd)
{
	struct stat st;
	void *p;

	if (fstat(fd, &st) != 0 || st.st_size <= 0)
		return gyl_view(NULL, 0);
	p = map(whole_pages((size_t)st.st_size), PROT_READ, MAP_SHARED, fd);
	return p == MAP_FAILED ? gyl_view(NULL, 0) : gyl_view(p, (size_t)st.st_size);
}

void gyl_build_large(struct gyl_view v)
{
	if (v.len >= LARGE_PAGE)
		(void)madvise((void *)(uintptr_t)v.p, whole_pages(v.len), MADV_COLLAPSE);
}

static int read_whole(struct gyl_build *b, int fd, uint8_t *p, size_t len)
{
	for (size_t at = 0; at < len;) {
		ssize_t n = pread(fd, p + at, len - at, (off_t)at);

		if (n < 0)
			return -errno;
		if (n == 0)
			return shorter(b);
		at += (size_t)n;
	}
	return 0;
}

static int take_small(struct gyl_build *b, struct gyl_view *ret_block)
{
	int fd = gyl_build_seal(b);

	if (fd < 0)
		return fd;
	*ret_block = gyl_build_map(fd);
	close(fd);
	return 0;
}

int gyl_build_take(struct gyl_build *b, struct gyl_view *ret_block)
{
	off_t tail_len = written(b);
	size_t room, len;
	uint8_t *p;
	int err;

	if (tail_len < 0)
		return (int)tail_len;
	len = b->head_len + (size_t)tail_len;
	room = whole_pages(len);
	p = len < LARGE_PAGE ? MAP_FAILED
			     : map(room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	if (p == MAP_FAILED)
		return take_small(b, ret_block);
	(void)madvise(p, room, MADV_HUGEPAGE);
	err = read_whole(b, b->head_fd, p, b->head_len);
	if (err == 0)
		err = read_whole(b, b->fd, p + b->head_len, (size_t)tail_len);
	if (err == 0 && mprotect(p, room, PROT_READ) != 0)
		err = -errno;
	if (err == 0)
		*ret_block = gyl_view(p, len);
	else
		munmap(p, room);
	return err;
}

void gyl_build_unmap(struct gyl_view v)
{
	if (v.len != 0)
		munmap((void *)(uintptr_t)v.p, v.len);
}
