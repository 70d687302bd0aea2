/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_BUILD_H
#define GYL_SERVICES_BASE_BUILD_H

/*
 * Making one block of data out of files: the configuration, the zones.
 *
 * A build function reads files, tells which ones it read (also those it found missing, so that
 * their appearance is noticed), reports every error with its place, and writes the block. It runs
 * in the program itself before the privileges go, and later in the loader child when one of its
 * files has changed; the result goes to the daemon as sealed memory. Nothing it does can break what
 * is being served.
 */

#include <stdio.h>

#include <gyl/base.h>

struct gyl_build;

/* The block depends on this file, which is about to be read: it is watched, with its directory. */
void gyl_build_file(struct gyl_build *b, const char *path);

/* An error makes the build fail, a warning is told and no more. line and col from 1, 0: the whole
 * file. */
void gyl_build_error(struct gyl_build *b, const char *file, unsigned line, unsigned col,
	const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void gyl_build_warn(struct gyl_build *b, const char *file, unsigned line, unsigned col,
	const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* Where the block is written: a seekable stream over sealed memory; len octets of it at the end. */
FILE *gyl_build_out(struct gyl_build *b);

/*
 * The block begins with the first len octets of a file, as they are when the block is made; what is
 * written follows them. That is not before the build function has returned: only what is checked
 * afterwards is known. fd is the build's from now on, path stays where it is; at most once.
 */
void gyl_build_head(struct gyl_build *b, const char *path, int fd, size_t len);

#endif
