/* SPDX-License-Identifier: ISC */

/*
 * Golden files, in the way of OpenBGPD's regress: tests/conf/NAME.json gives NAME.ok, the printed
 * configuration, or NAME.err, every error with its place. With GYL_UPDATE=1 in the environment the
 * answers are written instead, for review as a diff. tests/conf/charrua has files in the other
 * language.
 *
 * What prints is read again: the block must be the same to the octet, and so must be the text.
 */

#include "tests/support/support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/conf/golden.h"
#include "tests/conf/sample.h"

static char *printed(const struct gyl_conf_set *set, struct gyl_view block)
{
	const struct gyl_flat *f = gyl_flat_open(block);
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(f);
	assert_non_null(out);
	assert_true(gyl_conf_print(f, set, out));
	fclose(out);
	return text;
}

static void free_block(struct gyl_view block)
{
	free((void *)(uintptr_t)block.p);
}

static void reads_back_the_same(
	const struct gyl_conf_set *set, const char *text, struct gyl_view block)
{
	struct gyl_conf *c = gyl_conf_new();
	struct gyl_view again;
	char *twice;

	assert_true(gyl_conf_load_text(c, "printed", NULL, gyl_view_str(text), GYL_CONF_JSON));
	if (!gyl_conf_compile(c, set, &again)) {
		gyl_conf_errors_print(c, stderr);
		fail();
	}
	twice = printed(set, again);
	assert_string_equal(twice, text);
	assert_int_equal(again.len, block.len);
	assert_memory_equal(again.p, block.p, block.len);
	free(twice);
	free_block(again);
	gyl_conf_free(c);
}

static char *errors(struct gyl_conf *c)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	gyl_conf_errors_print(c, out);
	fclose(out);
	assert_true(len > 0);
	return text;
}

/* The printed configuration, or the errors. */
static char *answer(
	const char *dir, const struct gyl_conf_set *set, const char *name, bool *ret_good)
{
	struct gyl_conf *c = gyl_conf_new();
	char path[512], *text, *file;
	struct gyl_view block;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	file = golden_read(path);
	*ret_good = gyl_conf_load_text(c, name, "/conf", gyl_view_str(file), GYL_CONF_GUESS) &&
		    gyl_conf_compile(c, set, &block);
	free(file);
	if (*ret_good) {
		text = printed(set, block);
		reads_back_the_same(set, text, block);
		free_block(block);
	} else {
		text = errors(c);
	}
	gyl_conf_free(c);
	return text;
}

static int is_input(const struct dirent *e)
{
	const char *dot = strrchr(e->d_name, '.');

	return dot != NULL && (strcmp(dot, ".json") == 0 || strcmp(dot, ".conf") == 0);
}

static void run_dir(const char *name, const struct gyl_conf_set *set)
{
	char dir[256];
	struct dirent **names;
	int cnt;

	snprintf(dir, sizeof dir, "%s/%s", GYL_TEST_DIR, name);
	cnt = scandir(dir, &names, is_input, alphasort);
	assert_true(cnt > 0);
	for (int i = 0; i < cnt; i++) {
		bool good;
		char *text = answer(dir, set, names[i]->d_name, &good), stem[512];

		snprintf(stem, sizeof stem, "%s/%.*s", dir, (int)strcspn(names[i]->d_name, "."),
			names[i]->d_name);
		golden_expect(stem, good ? ".ok" : ".err", text);
		free(text);
		free(names[i]);
	}
	free(names);
}

static void json(void **state)
{
	(void)state;
	run_dir("conf", &sample_set);
}

static void charrua(void **state)
{
	(void)state;
	run_dir("conf/charrua", &sample_dhcpd_set);
}

/* The example that is shipped: what all programs read of it. Services test their own parts. */
static void shipped_example(void **state)
{
	struct gyl_conf *c = gyl_conf_new();
	struct gyl_view block;
	char *text;

	(void)state;
	assert_true(gyl_conf_load_file(c, GYL_TEST_DIR "/../conf/event.json", GYL_CONF_JSON));
	if (!gyl_conf_compile(c, &sample_set, &block)) {
		gyl_conf_errors_print(c, stderr);
		fail();
	}
	text = printed(&sample_set, block);
	reads_back_the_same(&sample_set, text, block);
	free(text);
	free_block(block);
	gyl_conf_free(c);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(json),
		cmocka_unit_test(charrua),
		cmocka_unit_test(shipped_example),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
