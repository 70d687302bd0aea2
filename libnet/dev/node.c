/* SPDX-License-Identifier: ISC */
#include "libnet/dev/node.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int failed(char err[200], const char *name, const char *what, int r)
{
	snprintf(err, 200, "macvtap %s: %s: %s", name, what, strerror(-r));
	return r;
}

/* A small file of sysfs as text. */
static int read_text(int dir, const char *path, char text[32])
{
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, text, 31);
	close(fd);
	text[n < 0 ? 0 : n] = '\0';
	return n <= 0 ? -EIO : 0;
}

/* The number, in the sysfs whose class/net is in dir; -ENOENT when that is of another namespace. */
static int number_in(int dir, const char *name, unsigned index, dev_t *ret)
{
	char path[64], text[32], *end;
	unsigned major, minor;
	int r;

	snprintf(path, sizeof(path), "class/net/%s/ifindex", name);
	r = read_text(dir, path, text);
	if (r != 0)
		return r;
	if (strtoul(text, NULL, 10) != index)
		return -ENOENT;
	snprintf(path, sizeof(path), "class/net/%s/tap%u/dev", name, index);
	r = read_text(dir, path, text);
	if (r != 0)
		return r;
	major = (unsigned)strtoul(text, &end, 10);
	minor = *end == ':' ? (unsigned)strtoul(end + 1, NULL, 10) : 0;
	*ret = makedev(major, minor);
	return *end == ':' ? 0 : -EIO;
}

static int number_at(const char *name, unsigned index, int dir, dev_t *ret)
{
	int r;

	if (dir < 0)
		return -errno;
	r = number_in(dir, name, index, ret);
	close(dir);
	return r;
}

/* A sysfs of our network namespace, mounted nowhere. */
static int own_sysfs(void)
{
	int fs = fsopen("sysfs", FSOPEN_CLOEXEC), dir = -1, e;

	if (fs < 0)
		return -1;
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		dir = fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY);
	e = errno;
	close(fs);
	errno = e;
	return dir;
}

static int open_if(const char *path, dev_t number)
{
	int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == number)
		return fd;
	close(fd);
	return -ENOENT;
}

/* There is no node, or only another interface's: ours for as long as opening takes. */
static int open_made(dev_t number, unsigned index)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/dev/.gyl-tap%u-%ld", index, (long)getpid());
	if (mknod(path, S_IFCHR | 0600, number) != 0)
		return -errno;
	fd = open_if(path, number);
	unlink(path);
	return fd;
}

int gyl__node_open(const char *name, unsigned index, char err[200])
{
	char path[32];
	dev_t number = 0;
	int fd, r;

	r = number_at(name, index, open("/sys", O_PATH | O_DIRECTORY | O_CLOEXEC), &number);
	if (r != 0)
		r = number_at(name, index, own_sysfs(), &number);
	if (r != 0)
		return failed(err, name,
			"its device number is unknown (/sys is of another network namespace, and "
			"mounting its own needs CAP_SYS_ADMIN)",
			r);
	snprintf(path, sizeof(path), "/dev/tap%u", index);
	fd = open_if(path, number);
	if (fd == -ENOENT)
		fd = open_made(number, index);
	if (fd >= 0)
		return fd;
	snprintf(err, 200,
		"macvtap %s: cannot open %s (%u:%u; needs the right to it, or CAP_MKNOD where it "
		"is missing): %s",
		name, path, major(number), minor(number), strerror(-fd));
	return fd;
}
