/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_BUILD_FILES_H
#define GYL_SERVICES_BASE_BUILD_FILES_H

/* Which files a build has read, and what they were just before that. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	GYL_BUILD_FILE_MAX = 1 << 20
};

struct gyl_build_file {
	char *path;
	uint64_t dev, ino, len; /* 0: it was missing */
	int64_t changed_ns;     /* of the wall clock, as the file system has it */
	bool young; /* it had changed so lately that a second change might look the same */
};

struct gyl_build_files {
	struct gyl_build_file *file;
	size_t cnt, cap;
	uint32_t *index; /* by path: one more than the file's number, 0: free */
	size_t index_cap;
};

/* A file is about to be read; each is listed once. Without memory, or beyond FILE_MAX, it is left
 * out. */
void gyl_build_files_add(struct gyl_build_files *fs, const char *path);

/* May any of them be another one than was read? False only when none can. */
bool gyl_build_files_changed(const struct gyl_build_files *fs);

void gyl_build_files_free(struct gyl_build_files *fs);

#endif
