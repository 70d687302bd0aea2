/* SPDX-License-Identifier: ISC */
#include "services/base/build_own.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	NOTE_MAX = 100,
	LARGE_PAGE = 2 << 20,
	LARGE_LEN = 8 << 20
};

int gyl_build_open(struct gyl_build *b)
{
	memset(b, 0, sizeof *b);
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

int gyl_build_seal(struct gyl_build *b)
{
	int fd;

	if (fflush(b->out) != 0 || ferror(b->out))
		return -EIO;
	if (fcntl(b->fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) !=
		0)
		return -errno;
	fd = fcntl(b->fd, F_DUPFD_CLOEXEC, 3);
	return fd < 0 ? -errno : fd;
}

void gyl_build_close(struct gyl_build *b)
{
	if (b->out != NULL)
		fclose(b->out);
	for (size_t i = 0; i < b->note_cnt; i++) {
		free(b->note[i].file);
		free(b->note[i].text);
	}
	gyl_build_files_free(&b->files);
	free(b->note);
	memset(b, 0, sizeof *b);
}

struct gyl_view gyl_build_map(int fd)
{
	struct stat st;
	void *p;

	if (fstat(fd, &st) != 0 || st.st_size <= 0)
		return gyl_view(NULL, 0);
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	return p == MAP_FAILED ? gyl_view(NULL, 0) : gyl_view(p, (size_t)st.st_size);
}

/* Room that begins on a large page; MAP_FAILED without memory. */
static void *large_room(size_t len)
{
	uint8_t *p = mmap(NULL, len + LARGE_PAGE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	size_t head;

	if (p == MAP_FAILED)
		return p;
	head = LARGE_PAGE - (uintptr_t)p % LARGE_PAGE;
	munmap(p, head);
	munmap(p + head + len, LARGE_PAGE - head);
	(void)madvise(p + head, len, MADV_HUGEPAGE);
	return p + head;
}

static bool read_whole(int fd, uint8_t *p, size_t len)
{
	for (size_t at = 0; at < len;) {
		ssize_t n = pread(fd, p + at, len - at, (off_t)at);

		if (n <= 0)
			return false;
		at += (size_t)n;
	}
	return mprotect(p, len, PROT_READ) == 0;
}

struct gyl_view gyl_build_take(int fd)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), len;
	struct stat st;
	uint8_t *p;

	if (fstat(fd, &st) != 0 || st.st_size < LARGE_LEN)
		return gyl_build_map(fd);
	len = ((size_t)st.st_size + page - 1) & ~(page - 1);
	p = large_room(len);
	if (p == MAP_FAILED)
		return gyl_build_map(fd);
	if (read_whole(fd, p, (size_t)st.st_size))
		return gyl_view(p, (size_t)st.st_size);
	munmap(p, len);
	return gyl_build_map(fd);
}

void gyl_build_unmap(struct gyl_view v)
{
	if (v.len != 0)
		munmap((void *)(uintptr_t)v.p, v.len);
}
