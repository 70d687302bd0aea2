/* SPDX-License-Identifier: ISC */
#include "services/dns/zonec/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Zones are files: a device or a pipe might never end. */
static int open_file(const char *path, size_t *ret_len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		*ret_len = (size_t)st.st_size;
		return fd;
	}
	close(fd);
	errno = EINVAL;
	return -1;
}

uint8_t *gyl__zc_slurp(const char *path, size_t *ret_len)
{
	size_t cap = 0, len = 0;
	int fd = open_file(path, &cap);
	uint8_t *p = fd < 0 ? NULL : malloc(cap + 1);
	ssize_t n = 1;

	while (p != NULL && len < cap && n > 0) {
		n = read(fd, p + len, cap - len);
		if (n > 0)
			len += (size_t)n;
	}
	if (n < 0) {
		free(p);
		p = NULL;
	}
	if (fd >= 0)
		close(fd);
	*ret_len = len;
	return p;
}
