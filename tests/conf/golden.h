/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_GOLDEN_H
#define GYL_TESTS_GOLDEN_H

/* Files that say what is expected; GYL_UPDATE=1 in the environment writes them instead, for review
 * as a diff. */

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/support.h"

/* All of a file, the caller's to free; empty when it is not there. */
static inline char *golden_read(const char *path)
{
	FILE *f = fopen(path, "r");
	char *buf = NULL;
	size_t cap = 0;
	ssize_t len = f == NULL ? -1 : getdelim(&buf, &cap, '\0', f);

	if (f != NULL)
		fclose(f);
	if (len >= 0)
		return buf;
	free(buf);
	return strdup("");
}

/* The text is that of the file `name` with `ext` behind it; no text, no file. */
static inline void golden_expect(const char *name, const char *ext, const char *text)
{
	char path[600], *want;
	FILE *f;

	snprintf(path, sizeof path, "%s%s", name, ext);
	if (getenv("GYL_UPDATE") != NULL) {
		remove(path);
		if (text[0] == '\0')
			return;
		f = fopen(path, "w");
		assert_non_null(f);
		fputs(text, f);
		fclose(f);
		return;
	}
	want = golden_read(path);
	if (strcmp(want, text) != 0)
		fprintf(stderr, "%s:\n--- expected\n%s--- got\n%s", path, want, text);
	assert_string_equal(want, text);
	free(want);
}

#endif
