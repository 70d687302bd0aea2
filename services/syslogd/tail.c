/* SPDX-License-Identifier: ISC */
#include "services/syslogd/tail.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "services/syslogd/archive.h"

enum {
	CHUNK = 4096,
	PART_MAX = 64 /* files that one answer comes from */
};

/* What of one file belongs to the answer. */
struct part {
	int fd;
	int64_t from, to;
};

static int read_at(int fd, uint8_t *buf, size_t len, int64_t off)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = pread(fd, buf + done, len - done, off + (int64_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0 ? -EIO : -errno; /* it was there: somebody cuts the file */
		done += (size_t)n;
	}
	return 0;
}

int64_t gyl_syslogd_line_back(int fd, int64_t before)
{
	uint8_t buf[CHUNK];

	while (before > 0) {
		size_t len = before < CHUNK ? (size_t)before : CHUNK;
		int err = read_at(fd, buf, len, before - (int64_t)len);
		const uint8_t *lf;

		if (err != 0)
			return err;
		lf = memrchr(buf, '\n', len);
		if (lf != NULL)
			return before - (int64_t)len + (lf - buf) + 1;
		before -= (int64_t)len;
	}
	return 0;
}

/* The last lines of a file, at most *cnt and room octets; both are reduced. False at the end of
 * either. */
static bool find_lines(struct part *p, uint64_t *cnt, size_t *room)
{
	struct stat st;

	p->to = fstat(p->fd, &st) == 0 ? gyl_syslogd_line_back(p->fd, st.st_size) : 0;
	p->from = p->to;
	while (p->from > 0 && *cnt != 0) {
		int64_t at = gyl_syslogd_line_back(p->fd, p->from - 1);

		if (at < 0 || (uint64_t)(p->from - at) > *room)
			return false;
		*room -= (size_t)(p->from - at);
		p->from = at;
		(*cnt)--;
	}
	return *cnt != 0;
}

static int open_before(int dir_fd, uint64_t *seq)
{
	struct gyl_syslogd_archive a;

	if (gyl_syslogd_archive_scan(dir_fd, *seq, &a) != 0 || a.newest.name[0] == '\0')
		return -1;
	*seq = a.newest.seq;
	return openat(dir_fd, a.newest.name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
}

static void put_part(const struct part *p, struct gyl_writer *w)
{
	size_t start = w->len, len = p->to > p->from ? (size_t)(p->to - p->from) : 0;
	uint8_t *to = len == 0 ? NULL : gyl_put_room(w, len);

	if (to != NULL && read_at(p->fd, to, len, p->from) != 0)
		w->len = start;
}

void gyl_syslogd_tail(int dir_fd, int fd, uint64_t cnt, struct gyl_writer *w)
{
	struct part part[PART_MAX] = {{.fd = fd}};
	uint64_t seq = UINT64_MAX;
	size_t room = w->cap - w->len;
	int n = fd < 0 ? 0 : 1;
	bool more = fd < 0 || find_lines(&part[0], &cnt, &room);

	while (more && n < PART_MAX) {
		part[n].fd = open_before(dir_fd, &seq);
		if (part[n].fd < 0)
			break;
		more = find_lines(&part[n++], &cnt, &room);
	}
	while (n-- > 0) {
		put_part(&part[n], w);
		if (part[n].fd != fd)
			close(part[n].fd);
	}
}
