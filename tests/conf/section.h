/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_SECTION_H
#define GYL_TESTS_SECTION_H

/*
 * The section of a service. tests/conf/SERVICE/NAME.json gives NAME.ok, the configuration printed
 * back, or NAME.err, every error with its place.
 */

#include <dirent.h>

#include "conf/top.h"
#include "tests/conf/golden.h"

/* What is printed of a configuration that compiled to block, or the errors. */
static inline char *section_said(
	struct gyl_conf *c, const struct gyl_conf_set *set, bool good, struct gyl_view block)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	if (good)
		assert_true(gyl_conf_print(gyl_flat_open(block), set, out));
	else
		gyl_conf_errors_print(c, out);
	fclose(out);
	return text;
}

static inline char *section_answer(
	const struct gyl_conf_set *set, const char *name, const char *text, bool *ret_good)
{
	struct gyl_conf *c = gyl_conf_new();
	struct gyl_view block = {NULL, 0};
	char *line;

	*ret_good = gyl_conf_load_text(c, name, "/conf", gyl_view_str(text), GYL_CONF_JSON);
	gyl_conf_set(c, set, "address", "10.77.0.1/24");
	*ret_good = *ret_good && gyl_conf_compile(c, set, &block);
	line = section_said(c, set, *ret_good, block);
	free((void *)(uintptr_t)block.p);
	gyl_conf_free(c);
	return line;
}

static inline void section_file(
	const struct gyl_conf_set *set, const char *service, const char *name)
{
	char path[600], stem[500], *text, *line;
	bool good;

	snprintf(path, sizeof path, "%s/conf/%s/%s", GYL_TEST_DIR, service, name);
	snprintf(stem, sizeof stem, "%s/conf/%s/%.*s", GYL_TEST_DIR, service,
		(int)strcspn(name, "."), name);
	text = golden_read(path);
	line = section_answer(set, name, text, &good);
	golden_expect(stem, good ? ".ok" : ".err", line);
	free(line);
	free(text);
}

/* All of them; returns how many there are. */
static inline unsigned section_golden(const struct gyl_conf_section *section, const char *service)
{
	const struct gyl_conf_section *const sections[] = {section};
	const struct gyl_conf_set set = {.top = &gyl_top_conf_section,
		.section = sections,
		.section_cnt = 1,
		.skip = gyl_top_skip};
	struct dirent **names;
	unsigned seen = 0;
	char dir[500];
	int cnt;

	snprintf(dir, sizeof dir, "%s/conf/%s", GYL_TEST_DIR, service);
	cnt = scandir(dir, &names, NULL, alphasort);
	assert_true(cnt > 0);
	for (int i = 0; i < cnt; i++) {
		if (strstr(names[i]->d_name, ".json") != NULL) {
			section_file(&set, service, names[i]->d_name);
			seen++;
		}
		free(names[i]);
	}
	free(names);
	return seen;
}

#endif
