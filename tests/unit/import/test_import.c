/* SPDX-License-Identifier: ISC */

/*
 * `guyline import`. Golden files: tests/conf/import/NAME.isc (.kea, .dnsmasq, .ethers, .mix a list
 * of files) gives NAME.isc.json, which our own check must pass, and NAME.isc.err, what could not be
 * translated. GYL_UPDATE=1 in the environment writes them.
 */

#include "tests/support/support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "conf/top.h"
#include "services/dhcpd/service.h"
#include "services/guyline/import.h"
#include "tests/conf/golden.h"

static const struct gyl_conf_section *const sections[] = {&gyl_dhcpd_conf_section};
static const struct gyl_conf_set set = {
	.top = &gyl_top_conf_section, .section = sections, .section_cnt = 1, .skip = gyl_top_skip};

static void expect_good(const char *name, const char *json)
{
	struct gyl_conf *c = gyl_conf_new();
	struct gyl_view block = {0};

	if (!gyl_conf_load_text(c, name, NULL, gyl_view_str(json), GYL_CONF_JSON) ||
		!gyl_conf_compile(c, &set, &block)) {
		gyl_conf_errors_print(c, stderr);
		fail();
	}
	free((void *)(uintptr_t)block.p);
	gyl_conf_free(c);
}

/* The files that a name stands for: itself, or the lines of NAME.mix. */
static bool read_all(struct gyl_import *i, const char *name, enum gyl_import_form form)
{
	const char *dot = strrchr(name, '.');
	char *list, *at, *rest;
	bool good = true;

	if (strcmp(dot, ".mix") != 0)
		return gyl_import_file(i, name, form);
	list = golden_read(name);
	for (at = strtok_r(list, "\n", &rest); at != NULL && good; at = strtok_r(NULL, "\n", &rest))
		good = gyl_import_file(i, at, form);
	free(list);
	return good;
}

static void imported(
	const char *name, enum gyl_import_form form, char **ret_json, char **ret_messages)
{
	struct gyl_import *i = gyl_import_new();
	size_t len;
	FILE *out = open_memstream(ret_json, &len), *err = open_memstream(ret_messages, &len);
	bool good = read_all(i, name, form) && gyl_import_finish(i);
	size_t left = gyl_import_messages(i, err);

	assert_true(good || left != 0);
	assert_true(!good || gyl_import_print(i, out));
	fclose(out);
	fclose(err);
	gyl_import_free(i);
}

static const struct {
	const char *ext;
	enum gyl_import_form form;
} kinds[] = {{".isc", GYL_IMPORT_ISC}, {".kea", GYL_IMPORT_KEA}, {".dnsmasq", GYL_IMPORT_DNSMASQ},
	{".ethers", GYL_IMPORT_ETHERS}, {".mix", GYL_IMPORT_GUESS}};

/* The index in kinds; -1: no input. */
static int kind_of(const char *name)
{
	const char *dot = strrchr(name, '.');

	for (size_t n = 0; dot != NULL && n < TEST_CNT(kinds); n++)
		if (strcmp(dot, kinds[n].ext) == 0)
			return (int)n;
	return -1;
}

static int is_input(const struct dirent *e)
{
	return kind_of(e->d_name) >= 0;
}

static void golden(void **state)
{
	struct dirent **names;
	int cnt;

	(void)state;
	assert_int_equal(chdir(GYL_TEST_DIR "/conf/import"), 0);
	cnt = scandir(".", &names, is_input, alphasort);
	assert_true(cnt > 8);
	for (int n = 0; n < cnt; n++) {
		const char *name = names[n]->d_name;
		char *json, *messages;

		imported(name, kinds[kind_of(name)].form, &json, &messages);
		golden_expect(name, ".json", json);
		golden_expect(name, ".err", messages);
		if (json[0] != '\0' && strstr(messages, "but refused") == NULL)
			expect_good(name, json);
		free(json);
		free(messages);
		free(names[n]);
	}
	free(names);
}

/* The form is found out by looking. */
static void guesses(void **state)
{
	struct dirent **names;
	int cnt;

	(void)state;
	assert_int_equal(chdir(GYL_TEST_DIR "/conf/import"), 0);
	cnt = scandir(".", &names, is_input, alphasort);
	for (int n = 0; n < cnt; n++) {
		const char *name = names[n]->d_name;
		char *json, *guessed, *messages;

		if (strncmp(name, "bad", 3) != 0) {
			imported(name, kinds[kind_of(name)].form, &json, &messages);
			free(messages);
			imported(name, GYL_IMPORT_GUESS, &guessed, &messages);
			free(messages);
			assert_string_equal(json, guessed);
			free(json);
			free(guessed);
		}
		free(names[n]);
	}
	free(names);
}

/* Charrua's language is a part of ISC's. The daemon reads it as it is, too. */
static void charruas_files_are_good(void **state)
{
	static const char *const names[] = {"shop.conf", "twice.conf"};

	(void)state;
	for (size_t n = 0; n < TEST_CNT(names); n++) {
		char path[512], *json, *messages;

		snprintf(path, sizeof path, "%s/conf/charrua/%s", GYL_TEST_DIR, names[n]);
		imported(path, GYL_IMPORT_GUESS, &json, &messages);
		assert_string_not_equal(json, "");
		expect_good(path, json);
		free(json);
		free(messages);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden),
		cmocka_unit_test(guesses),
		cmocka_unit_test(charruas_files_are_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
