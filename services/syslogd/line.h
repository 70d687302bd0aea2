/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_LINE_H
#define GYL_SERVICES_SYSLOGD_LINE_H

#include <gyl/base.h>

/* Offset in the file behind the last LF before `before`; 0 when there is none; -errno. */
int64_t gyl_syslogd_line_back(int fd, int64_t before);

#endif
