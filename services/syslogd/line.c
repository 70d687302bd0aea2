/* SPDX-License-Identifier: ISC */
#include "services/syslogd/line.h"

#include <errno.h>
#include <unistd.h>

enum {
	CHUNK = 4096
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
