/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_BUILD_OWN_H
#define GYL_SERVICES_BASE_BUILD_OWN_H

/* The owner's side of a build: start it, look at what came of it. See build.h for the builder's
 * side. */

#include "services/base/build.h"
#include "services/base/build_files.h"

struct gyl_build_note {
	bool error;
	char *file;
	unsigned line, col;
	char *text;
};

struct gyl_build {
	FILE *out;
	int fd;      /* memory behind out */
	int head_fd; /* what is before it; -1: nothing */
	size_t head_len;
	const char *head_path;
	struct gyl_build_files files;
	struct gyl_build_note *note;
	size_t note_cnt, error_cnt;
};

/* 0 or -errno. */
int gyl_build_open(struct gyl_build *b);

/* Make the block: sealed memory, which nobody can change from now on. Returns its descriptor, which
 * the caller owns, or -errno. */
int gyl_build_seal(struct gyl_build *b);

void gyl_build_close(struct gyl_build *b);

/* Map sealed memory read-only. Empty view on failure; gyl_build_unmap() gives it back. */
struct gyl_view gyl_build_map(int fd);
/* Lay what was mapped into large pages, for all who map it from now on: a third of the time of each
 * look-up at random. 2 ms of CPU a MiB, so nothing for a thread that serves. A system that cannot
 * (Linux before 6.1) leaves it as it is. */
void gyl_build_large(struct gyl_view v);
/* Instead of seal and map, for a block that is walked at random here: it is made in large pages at
 * no cost. 0 or -errno; an empty block is an empty view. */
int gyl_build_take(struct gyl_build *b, struct gyl_view *ret_block);
void gyl_build_unmap(struct gyl_view v);

#endif
