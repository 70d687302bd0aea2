/* SPDX-License-Identifier: ISC */

/*
 * A daemon that was killed leaves its socket file behind. Whether somebody still listens is found
 * out by connecting: refused means stale. Only then, and only if it is a socket, is it removed.
 *
 * Permissions come from the umask while the socket is bound: chmod afterwards would leave a moment
 * in which anybody may connect.
 */

#include "libnet/host/unix.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	BACKLOG = 512
};

static bool stale(const struct sockaddr_un *sun, int type)
{
	struct stat st;
	bool refused;
	int fd;

	if (lstat(sun->sun_path, &st) != 0 || !S_ISSOCK(st.st_mode))
		return false;
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	refused = connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) != 0 &&
		  errno == ECONNREFUSED;
	(void)close(fd);
	return refused;
}

static int bind_path(int fd, const struct sockaddr_un *sun, uint32_t mode)
{
	mode_t old = umask(~(mode_t)mode & 0777);
	int err = bind(fd, (const struct sockaddr *)sun, sizeof(*sun)) == 0 ? 0 : -errno;

	(void)umask(old);
	return err;
}

static int open_socket(const struct gyl_bind *b, int type, const struct sockaddr_un *sun)
{
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int err;

	if (fd < 0)
		return -errno;
	err = bind_path(fd, sun, b->mode);
	if (err == -EADDRINUSE && stale(sun, type) && unlink(sun->sun_path) == 0)
		err = bind_path(fd, sun, b->mode);
	if (err == 0 && type == SOCK_STREAM && listen(fd, BACKLOG) != 0)
		err = -errno;
	if (err == 0)
		return fd;
	(void)close(fd);
	return err;
}

int gyl_unix_open(const struct gyl_bind *b)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	size_t len;

	if (b->path == NULL || b->path[0] == '\0')
		return -EINVAL;
	len = strlen(b->path);
	if (len >= sizeof(sun.sun_path))
		return -ENAMETOOLONG;
	memcpy(sun.sun_path, b->path, len);
	return open_socket(b, b->type == GYL_BIND_UNIX_STREAM ? SOCK_STREAM : SOCK_DGRAM, &sun);
}
