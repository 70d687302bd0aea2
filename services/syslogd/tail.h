/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_TAIL_H
#define GYL_SERVICES_SYSLOGD_TAIL_H

#include <gyl/writer.h>

/*
 * Append the last cnt lines of the log in a directory, oldest first: of the open file and, when it
 * has fewer, of the closed ones, packed or not. Only whole lines, and only as many (the newest) as
 * w has room for. What cannot be read ends the search.
 * @cost a read of the last frames
 */
void gyl_syslogd_tail(int dir_fd, uint64_t cnt, struct gyl_writer *w);

#endif
