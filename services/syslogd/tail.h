/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_TAIL_H
#define GYL_SERVICES_SYSLOGD_TAIL_H

/* Reading log files from their end. */

#include <gyl/writer.h>

/* Offset behind the last LF before `before`; 0 when there is none; -errno. */
int64_t gyl_syslogd_line_back(int fd, int64_t before);

/*
 * Append the last cnt lines, oldest first: of the file fd and, when it has fewer, of the closed
 * ones of the directory. Only whole lines, and only as many (the newest) as w has room for. What
 * cannot be read ends the search.
 */
void gyl_syslogd_tail(int dir_fd, int fd, uint64_t cnt, struct gyl_writer *w);

#endif
