/* SPDX-License-Identifier: ISC */

/* The open file under its name, which everybody else may use, too. */

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "services/syslogd/segment_own.h"

int gyl__segment_open_file(struct gyl_syslogd_segment *s, uint64_t *ret_size)
{
	struct stat st;

	s->fd = openat(s->dir_fd, GYL__SEGMENT_NAME,
		O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (s->fd < 0)
		return -errno;
	*ret_size = 0;
	s->ino = 0;
	if (fstat(s->fd, &st) == 0) {
		*ret_size = (uint64_t)st.st_size;
		s->ino = st.st_ino;
	}
	return 0;
}

/*
 * Somebody may have renamed or removed the open file: then it is theirs with all that is in it, and
 * the next block begins a new one. What is half written of a line is ended first.
 */
void gyl__segment_look(struct gyl_syslogd_segment *s)
{
	struct stat st;

	if (s->fd < 0 || s->inside_line ||
		(fstatat(s->dir_fd, GYL__SEGMENT_NAME, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			st.st_ino == s->ino))
		return;
	gyl__segment_say_moved(s);
	close(s->fd);
	s->fd = -1;
	s->size = 0;
	s->first_seq = 0;
}
