/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_SECRET_H
#define GYL_SERVICES_BASE_SECRET_H

/*
 * Passwords for command line tools: from the terminal without echo, from a file, from a descriptor.
 * Never from an argument, which everybody on the machine can read.
 *
 * Each gives a line as NUL-terminated string in buf, without its end, and it may be empty; or false
 * with a sentence in err and buf wiped: when there is nothing, a NUL is in it, or it does not fit
 * in cap octets. The caller wipes buf (gyl/ct.h).
 */

#include <stdbool.h>
#include <stddef.h>

/*
 * Ask on the terminal of the process, wherever its input and output go. A signal that ends the
 * program or stops it is given back to it when the terminal echoes again.
 */
bool gyl_secret_ask(const char *prompt, char *buf, size_t cap, char err[200]);

/* The first line of a file; "-" is standard input. */
bool gyl_secret_file(const char *path, char *buf, size_t cap, char err[200]);

/* The same of a file that nobody but its owner, who is the one that runs this or root, may read or
 * write: a secret of machines, that stays where it is. */
bool gyl_secret_private(const char *path, char *buf, size_t cap, char err[200]);

/* All of such a file, for those that tools write: cap - 1 octets at most. */
bool gyl_secret_whole(const char *path, char *buf, size_t cap, char err[200]);

/* The first line of what fd has; name is for errors. */
bool gyl_secret_read(int fd, const char *name, char *buf, size_t cap, char err[200]);

#endif
