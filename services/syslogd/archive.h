/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_ARCHIVE_H
#define GYL_SERVICES_SYSLOGD_ARCHIVE_H

/*
 * The closed log files of a directory: guyline-20261121T130000Z-4711.jsonl is the file that was
 * closed at that time (UTC) and ends with record 4711. They are put in order by that number, not by
 * a clock that may have been set back. Other files are left alone.
 */

#include <gyl/base.h>

enum {
	GYL_SYSLOGD_NAME_MAX = 64
};

struct gyl_syslogd_file {
	char name[GYL_SYSLOGD_NAME_MAX]; /* "": there is none */
	uint64_t seq;                    /* of its last record */
};

struct gyl_syslogd_archive {
	uint64_t cnt, size; /* of all closed files; octets */
	struct gyl_syslogd_file oldest;
	struct gyl_syslogd_file newest; /* of those whose seq is below what was asked for */
};

/* Looks through the directory. 0 or -errno. */
int gyl_syslogd_archive_scan(int dir_fd, uint64_t below_seq, struct gyl_syslogd_archive *ret_a);

void gyl_syslogd_archive_name(uint64_t wall_ns, uint64_t seq, char ret_name[GYL_SYSLOGD_NAME_MAX]);

/* Removes the oldest until no more than keep_cnt files and keep_size octets are left; 0: no bound.
 * 0 or -errno. */
int gyl_syslogd_archive_prune(int dir_fd, uint64_t keep_cnt, uint64_t keep_size);

#endif
