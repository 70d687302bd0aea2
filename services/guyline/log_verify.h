/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_GUYLINE_LOG_VERIFY_H
#define GYL_SERVICES_GUYLINE_LOG_VERIFY_H

/* `guyline log --verify`, and the passphrase of sealed segments for whoever reads them. */

#include "services/syslogd/seal_key.h"

/*
 * The keys of a log directory: from the file (NULL: none was given), else, when there is something
 * sealed in the directory and a terminal to ask on, from there. *ret_keys NULL: there is none, and
 * none is needed or nobody to ask. False after saying on standard error what is wrong.
 */
bool gyl_log_keys(const char *dir, const char *passphrase_file, struct gyl_syslogd_keys **ret_keys);

/* Verify a directory and tell about it. The exit status: 0 when it is as the collector left it. */
int gyl_log_verify(const char *dir, const char *passphrase_file, bool json);

#endif
