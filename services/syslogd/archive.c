/* SPDX-License-Identifier: ISC */
#include "services/syslogd/archive.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <gyl/text.h>
#include <gyl/time.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char prefix[] = "guyline-", suffix[] = ".jsonl";

void gyl_syslogd_archive_name(uint64_t wall_ns, uint64_t seq, char ret_name[GYL_SYSLOGD_NAME_MAX])
{
	struct gyl_civil c;

	gyl_time_civil((int64_t)(wall_ns / GYL_NS_PER_S), &c);
	snprintf(ret_name, GYL_SYSLOGD_NAME_MAX, "%s%04d%02u%02uT%02u%02u%02uZ-%llu%s", prefix,
		(int)c.year, c.month, c.day, c.hour, c.minute, c.second, (unsigned long long)seq,
		suffix);
}

/* False when it is not the name of a closed file. */
static bool parse_name(const char *name, uint64_t *ret_seq)
{
	enum {
		TIME_LEN = 17 /* 20261121T130000Z- */
	};
	size_t head = sizeof prefix - 1 + TIME_LEN, tail = sizeof suffix - 1, len = strlen(name);

	if (len <= head + tail || len >= GYL_SYSLOGD_NAME_MAX ||
		strncmp(name, prefix, sizeof prefix - 1) != 0 || name[head - 1] != '-' ||
		strcmp(name + len - tail, suffix) != 0)
		return false;
	return !gyl_failed(
		gyl_parse_u64(gyl_view(name + head, len - head - tail), UINT64_MAX, ret_seq));
}

static void put(struct gyl_syslogd_file *f, const char *name, uint64_t seq)
{
	snprintf(f->name, sizeof f->name, "%s", name);
	f->seq = seq;
}

static void note(struct gyl_syslogd_archive *a, const char *name, uint64_t seq, uint64_t below_seq)
{
	a->cnt++;
	if (a->oldest.name[0] == '\0' || seq < a->oldest.seq)
		put(&a->oldest, name, seq);
	if (seq < below_seq && (a->newest.name[0] == '\0' || seq > a->newest.seq))
		put(&a->newest, name, seq);
}

int gyl_syslogd_archive_scan(int dir_fd, uint64_t below_seq, struct gyl_syslogd_archive *ret_a)
{
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;

	memset(ret_a, 0, sizeof *ret_a);
	if (d == NULL) {
		int err = -errno;

		if (fd >= 0)
			close(fd);
		return err;
	}
	while ((e = readdir(d)) != NULL) {
		struct stat st;
		uint64_t seq;

		if (!parse_name(e->d_name, &seq) ||
			fstatat(dir_fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		ret_a->size += (uint64_t)st.st_size;
		note(ret_a, e->d_name, seq, below_seq);
	}
	closedir(d);
	return 0;
}

int gyl_syslogd_archive_prune(int dir_fd, uint64_t keep_cnt, uint64_t keep_size)
{
	struct gyl_syslogd_archive a;
	int err;

	for (;;) {
		err = gyl_syslogd_archive_scan(dir_fd, 0, &a);
		if (err != 0 || a.cnt == 0)
			return err;
		if ((keep_cnt == 0 || a.cnt <= keep_cnt) && (keep_size == 0 || a.size <= keep_size))
			return 0;
		if (unlinkat(dir_fd, a.oldest.name, 0) != 0)
			return -errno;
	}
}
