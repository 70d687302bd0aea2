/* SPDX-License-Identifier: ISC */

/* tests/data/syslog-samples.jsonl: lines as devices send them, with the record that each must
 * become. */

#include "tests/support/support.h"

#include <gyl/syslog.h>
#include <gyl/text.h>
#include <gyl/time.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static struct gyl_view sample_input(json_t *sample, uint8_t *buf, size_t cap)
{
	json_t *raw = json_object_get(sample, "raw");

	if (raw != NULL)
		return gyl_view(json_string_value(raw), json_string_length(raw));
	raw = json_object_get(sample, "raw_hex");
	assert_non_null(raw);
	return gyl_view(buf, hex_bytes(json_string_value(raw), buf, cap));
}

/* Decodes behind a guard page and reads our own JSON back. */
static json_t *decode_sample(json_t *sample)
{
	static char text[65536];
	const char *recv = json_string_value(json_object_get(sample, "recv"));
	struct gyl_syslog_ctx ctx = {0};
	uint8_t buf[4096];
	struct gyl_syslog m;
	struct gyl_writer w;
	struct gyl_json j;
	struct guard g;
	json_t *got;

	assert_false(gyl_failed(gyl_time_parse_rfc3339(gyl_view_str(recv), &ctx.recv_ns)));
	guard_open(&g, sample_input(sample, buf, sizeof buf));
	gyl_syslog_decode(g.view, &ctx, &m);
	gyl_writer_init(&w, text, sizeof text);
	gyl_json_init(&j, &w);
	gyl_syslog_json(&j, NULL, &m);
	guard_close(&g);
	assert_true(gyl_writer_ok(&w));
	got = json_loadb(text, w.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	if (got == NULL)
		fail_msg("not JSON: %s", gyl_text_cstr(&w));
	return got;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Flags are a set. */
static char *sorted(json_t *flags)
{
	const char *names[GYL_SYSLOG_FLAG_CNT];
	size_t cnt = json_array_size(flags);
	char *text = NULL;
	size_t len;
	FILE *f;

	assert_true(cnt <= TEST_CNT(names));
	for (size_t i = 0; i < cnt; i++)
		names[i] = json_string_value(json_array_get(flags, i));
	qsort(names, cnt, sizeof names[0], by_text);
	f = open_memstream(&text, &len);
	for (size_t i = 0; i < cnt; i++)
		fprintf(f, "%s ", names[i]);
	fclose(f);
	return text;
}

static void differ(const char *id, const char *key, json_t *want, json_t *got, unsigned *wrong)
{
	char *a = json_dumps(want, JSON_ENCODE_ANY | JSON_COMPACT);
	char *b = got == NULL ? NULL : json_dumps(got, JSON_ENCODE_ANY | JSON_COMPACT);

	print_error("%s: %s is %s, expected %s\n", id, key, b == NULL ? "missing" : b, a);
	free(a);
	free(b);
	(*wrong)++;
}

static void compare(const char *id, json_t *want, json_t *got, unsigned *wrong)
{
	json_t *value;
	const char *key;

	json_object_foreach(want, key, value)
	{
		json_t *ours = json_object_get(got, key);

		if (strcmp(key, "flags") == 0) {
			char *a = sorted(value), *b = sorted(ours);

			if (strcmp(a, b) != 0)
				differ(id, key, value, ours, wrong);
			free(a);
			free(b);
		} else if (ours == NULL || !json_equal(value, ours)) {
			differ(id, key, value, ours, wrong);
		}
	}
	json_object_foreach(got, key, value) if (json_object_get(want, key) == NULL)
		differ(id, key, json_null(), value, wrong);
}

static void every_sample_becomes_its_record(void **state)
{
	const char *path = getenv("GYL_SYSLOG_SAMPLES");
	unsigned cnt = 0, wrong = 0;
	size_t cap = 0;
	char *line = NULL;
	FILE *f = fopen(path == NULL ? GYL_TEST_DIR "/data/syslog-samples.jsonl" : path, "r");

	(void)state;
	assert_non_null(f);
	while (getline(&line, &cap, f) >= 0) {
		json_t *sample = json_loads(line, JSON_ALLOW_NUL, NULL), *got;

		assert_non_null(sample);
		got = decode_sample(sample);
		compare(json_string_value(json_object_get(sample, "id")),
			json_object_get(sample, "expect"), got, &wrong);
		json_decref(got);
		json_decref(sample);
		cnt++;
	}
	free(line);
	fclose(f);
	assert_true(cnt >= 45);
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_sample_becomes_its_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
