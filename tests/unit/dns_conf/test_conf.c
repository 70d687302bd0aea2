/* SPDX-License-Identifier: ISC */

/*
 * The section "dns". Golden files: tests/conf/dns/NAME.json gives NAME.ok, the configuration
 * printed back, or NAME.err, every error with its place; GYL_UPDATE=1 in the environment writes
 * them.
 */

#include "tests/support/support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "conf/top.h"
#include "services/dns/service.h"
#include "tests/conf/golden.h"

static const struct gyl_conf_section *const sections[] = {&gyl_dns_conf_section};
static const struct gyl_conf_set set = {
	.top = &gyl_top_conf_section, .section = sections, .section_cnt = 1, .skip = gyl_top_skip};

/* What is printed of a configuration that compiled to block, or the errors. */
static char *said(struct gyl_conf *c, bool good, struct gyl_view block)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	if (good)
		assert_true(gyl_conf_print(gyl_flat_open(block), &set, out));
	else
		gyl_conf_errors_print(c, out);
	fclose(out);
	return text;
}

static char *answer(const char *name, const char *text, bool *ret_good)
{
	struct gyl_conf *c = gyl_conf_new();
	struct gyl_view block = {NULL, 0};
	char *line;

	*ret_good = gyl_conf_load_text(c, name, "/conf", gyl_view_str(text), GYL_CONF_JSON);
	gyl_conf_set(c, &set, "address", "10.77.0.1/24");
	*ret_good = *ret_good && gyl_conf_compile(c, &set, &block);
	line = said(c, *ret_good, block);
	free((void *)(uintptr_t)block.p);
	gyl_conf_free(c);
	return line;
}

static void one_file(const char *name)
{
	char path[512], stem[400], *text, *line;
	bool good;

	snprintf(path, sizeof path, "%s/conf/dns/%s", GYL_TEST_DIR, name);
	snprintf(
		stem, sizeof stem, "%s/conf/dns/%.*s", GYL_TEST_DIR, (int)strcspn(name, "."), name);
	text = golden_read(path);
	line = answer(name, text, &good);
	golden_expect(stem, good ? ".ok" : ".err", line);
	free(line);
	free(text);
}

static void golden(void **state)
{
	struct dirent **names;
	unsigned seen = 0;
	int cnt = scandir(GYL_TEST_DIR "/conf/dns", &names, NULL, alphasort);

	(void)state;
	assert_true(cnt > 0);
	for (int i = 0; i < cnt; i++) {
		const char *name = names[i]->d_name;

		if (strstr(name, ".json") != NULL) {
			one_file(name);
			seen++;
		}
		free(names[i]);
	}
	free(names);
	assert_true(seen > 2);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
