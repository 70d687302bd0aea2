/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_SINK_FILE_H
#define GYL_SERVICES_SYSLOGD_SINK_FILE_H

/*
 * An output to files. What came in a step, or in the window, is one write(2) a file. Before each of
 * them it is looked whether the path is still this file: when it was moved away (logrotate), the
 * old one has its last whole line and a new one is made, without anybody being told to.
 *
 * When a file cannot be written, its lines wait in a buffer of FILE_BUF_MAX octets and it is tried
 * again four times a second; what finds that full is lost, counted and told. A line that is half
 * written is finished first.
 */

#include <gyl/time.h>
#include <sys/types.h>

#include "services/syslogd/sink.h"
#include "services/syslogd/template.h"

enum {
	GYL__FILE_OPEN_MAX = 64,    /* of one output */
	GYL__FILE_OPEN_LEAST = 4,   /* these an output may always have */
	GYL__FILE_OPEN_ALL = 256,   /* of all outputs */
	GYL__FILE_BUF_MAX = 262144, /* octets that wait for a file, but for one longer line */
	GYL__FILE_BLOCK = 65536,    /* as many are written at once */
	/* Files that a burst of new names may make; then one in GYL__FILE_NEW_NS. */
	GYL__FILE_NEW_BURST = 1000
};

#define GYL__FILE_NEW_NS    (10 * GYL_NS_PER_S)
#define GYL__FILE_WINDOW_NS (10 * GYL_NS_PER_MS) /* lines wait so long for others */
#define GYL__FILE_RETRY_NS  (250 * GYL_NS_PER_MS)
#define GYL__FILE_IDLE_NS   (60 * GYL_NS_PER_S) /* closed then */

struct gyl__file {
	char *name; /* below the directory */
	int fd;     /* -1: not open */
	uint8_t *p; /* what waits */
	size_t len, cap;
	uint64_t lines;   /* in it */
	uint64_t due_ns;  /* to be written then; with len != 0 */
	uint64_t used_ns; /* when something came last */
	bool inside_line; /* the file ends in a part of the first line that waits */
	bool failed;
};

struct gyl__file_sink {
	char *dir;  /* what the template begins with */
	char *path; /* the template, to compare */
	int dir_fd; /* -1: it could not be opened yet */
	unsigned cnt;
	struct gyl__file file[GYL__FILE_OPEN_MAX];
	uint64_t new_ns; /* when the burst of new files is used up, see may_make() */
};

/* sink_file_open.c: the directory; made with its parents when start. 0 or -errno. */
int gyl__file_dir(struct gyl__file_sink *fs, const struct gyl_syslogd_sink_env *env);
/*
 * Opens name below the directory, and makes what is missing on the way. Links are not followed.
 * -errno; -EDQUOT: too many new names.
 */
int gyl__file_open(struct gyl__file_sink *fs, const char *name, uint64_t mono_ns);
/* Is name still this file? */
bool gyl__file_is_there(const struct gyl__file_sink *fs, const struct gyl__file *f);

#endif
