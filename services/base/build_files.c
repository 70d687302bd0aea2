/* SPDX-License-Identifier: ISC */
#include "services/base/build_files.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "services/base/crc32c.h"

/* File systems keep times no coarser than that. */
#define GRAIN_NS INT64_C(2000000000)
#define NS_PER_S INT64_C(1000000000)

/* The path's place, or the free one where it would be. */
static uint32_t *place_of(const struct gyl_build_files *fs, const char *path)
{
	size_t at = gyl_crc32c_more(0, path, strlen(path)) & (fs->index_cap - 1);

	for (; fs->index[at] != 0; at = (at + 1) & (fs->index_cap - 1))
		if (strcmp(fs->file[fs->index[at] - 1].path, path) == 0)
			break;
	return &fs->index[at];
}

/* Room for one more, half of the places of the index free. */
static bool grow(struct gyl_build_files *fs)
{
	size_t cap = fs->cap == 0 ? 16 : 2 * fs->cap;
	struct gyl_build_file *file;
	uint32_t *index;

	if (fs->cnt < fs->cap)
		return true;
	index = cap > GYL_BUILD_FILE_MAX ? NULL : calloc(2 * cap, sizeof *index);
	if (index == NULL)
		return false;
	file = realloc(fs->file, cap * sizeof *file);
	if (file == NULL) {
		free(index);
		return false;
	}
	free(fs->index);
	fs->file = file;
	fs->cap = cap;
	fs->index = index;
	fs->index_cap = 2 * cap;
	for (size_t i = 0; i < fs->cnt; i++)
		*place_of(fs, file[i].path) = (uint32_t)(i + 1);
	return true;
}

static void look(struct gyl_build_file *f)
{
	struct timespec now;
	struct stat st;

	if (stat(f->path, &st) != 0)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	f->dev = st.st_dev;
	f->ino = st.st_ino;
	f->len = (uint64_t)st.st_size;
	f->changed_ns = st.st_ctim.tv_sec * NS_PER_S + st.st_ctim.tv_nsec;
	f->young = now.tv_sec * NS_PER_S + now.tv_nsec - f->changed_ns < GRAIN_NS;
}

void gyl_build_files_add(struct gyl_build_files *fs, const char *path)
{
	struct gyl_build_file *f;
	uint32_t *place;

	if (!grow(fs))
		return;
	place = place_of(fs, path);
	if (*place != 0)
		return;
	f = &fs->file[fs->cnt];
	memset(f, 0, sizeof *f);
	f->path = strdup(path);
	if (f->path == NULL)
		return;
	look(f);
	*place = (uint32_t)++fs->cnt;
}

bool gyl_build_files_changed(const struct gyl_build_files *fs)
{
	for (size_t i = 0; i < fs->cnt; i++) {
		const struct gyl_build_file *was = &fs->file[i];
		struct gyl_build_file is = {.path = was->path};

		look(&is);
		if (was->young || is.dev != was->dev || is.ino != was->ino || is.len != was->len ||
			is.changed_ns != was->changed_ns)
			return true;
	}
	return false;
}

void gyl_build_files_free(struct gyl_build_files *fs)
{
	for (size_t i = 0; i < fs->cnt; i++)
		free(fs->file[i].path);
	free(fs->file);
	free(fs->index);
	memset(fs, 0, sizeof *fs);
}
