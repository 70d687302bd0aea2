/* SPDX-License-Identifier: ISC */

/* Opening what an output writes: below its directory, and nowhere else. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "services/syslogd/sink_file.h"

/* Directories on the way to path, each of them ours when we have made it. */
static void make_parents(const char *path, const struct gyl_syslogd_sink_env *env)
{
	char part[GYL_SYSLOGD_PATH_MAX + 1];

	for (size_t i = 1; i <= strlen(path) && i < sizeof part; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, 0750) == 0 && env->uid != UINT32_MAX)
			(void)!chown(part, env->uid, env->gid);
	}
}

int gyl__file_dir(struct gyl__file_sink *fs, const struct gyl_syslogd_sink_env *env)
{
	if (fs->dir_fd >= 0)
		return 0;
	if (env->start)
		make_parents(fs->dir, env);
	fs->dir_fd = open(fs->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fs->dir_fd >= 0 ? 0 : -errno;
}

/* Messages choose names, so they must not be able to fill a directory: a burst, then a few. */
static bool may_make(struct gyl__file_sink *fs, uint64_t mono_ns)
{
	uint64_t from_ns = fs->new_ns > mono_ns ? fs->new_ns : mono_ns;

	if (from_ns - mono_ns >= GYL__FILE_NEW_BURST * GYL__FILE_NEW_NS)
		return false;
	fs->new_ns = from_ns + GYL__FILE_NEW_NS;
	return true;
}

/* One directory down; fd is closed unless it is keep. */
static int step_down(int fd, int keep, const char *name)
{
	int next;

	if (mkdirat(fd, name, 0750) != 0 && errno != EEXIST) {
		next = -errno;
	} else {
		next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		next = next < 0 ? -errno : next;
	}
	if (fd != keep)
		close(fd);
	return next;
}

static int open_last(struct gyl__file_sink *fs, int dir, const char *name, uint64_t mono_ns)
{
	int flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
	int fd = openat(dir, name, flags);
	struct stat st;

	if (fd < 0 && errno == ENOENT) {
		if (!may_make(fs, mono_ns))
			return -EDQUOT;
		fd = openat(dir, name, flags | O_CREAT, 0640);
	}
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	return -EINVAL;
}

int gyl__file_open(struct gyl__file_sink *fs, const char *name, uint64_t mono_ns)
{
	char part[GYL_SYSLOGD_PATH_MAX + 1];
	const char *slash;
	int dir = fs->dir_fd, fd;

	while ((slash = strchr(name, '/')) != NULL) {
		if (slash != name) {
			snprintf(part, sizeof part, "%.*s", (int)(slash - name), name);
			dir = step_down(dir, fs->dir_fd, part);
			if (dir < 0)
				return dir;
		}
		name = slash + 1;
	}
	fd = open_last(fs, dir, name, mono_ns);
	if (dir != fs->dir_fd)
		close(dir);
	return fd;
}

bool gyl__file_is_there(const struct gyl__file_sink *fs, const struct gyl__file *f)
{
	struct stat now, was;

	return fstatat(fs->dir_fd, f->name, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
	       fstat(f->fd, &was) == 0 && now.st_ino == was.st_ino && now.st_dev == was.st_dev;
}
