/* SPDX-License-Identifier: ISC */

/* tests/data/syslog-samples.jsonl through the collector: each line is a record of valid JSON with
 * the members of its sample, numbered, and with `raw` when anything is odd. */

#include <gyl/text.h>
#include <gyl/time.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "services/syslogd/core.h"
#include "tests/support/outbox.h"

struct world {
	struct outbox b;
	struct gyl_syslogd core;
	struct gyl_log log;
	uint8_t text[GYL_SYSLOGD_LOG_CAP];
};

static struct gyl_view sample_input(json_t *sample, uint8_t *buf, size_t cap)
{
	json_t *raw = json_object_get(sample, "raw");

	if (raw != NULL)
		return gyl_view(json_string_value(raw), json_string_length(raw));
	raw = json_object_get(sample, "raw_hex");
	assert_non_null(raw);
	return gyl_view(buf, hex_bytes(json_string_value(raw), buf, cap));
}

/* Flags are a set. */
static bool same_set(json_t *a, json_t *b)
{
	json_t *item, *other;
	size_t i, k, found = 0;

	json_array_foreach(a, i, item)
	{
		json_array_foreach(b, k, other) found += (size_t)json_equal(item, other);
	}
	return found == json_array_size(a) && found == json_array_size(b);
}

static void compare(const char *id, json_t *want, json_t *got)
{
	json_t *value;
	const char *key;

	json_object_foreach(want, key, value)
	{
		json_t *ours = json_object_get(got, key);
		bool same = strcmp(key, "flags") == 0 ? same_set(value, ours)
						      : json_equal(value, ours) != 0;

		if (!same)
			fail_msg("%s: %s", id, key);
	}
}

static void check_raw(const char *id, json_t *got, struct gyl_view in)
{
	bool odd = json_array_size(json_object_get(got, "flags")) != 0;
	json_t *raw = json_object_get(got, "raw"), *hex = json_object_get(got, "raw_hex");

	while (in.len != 0 &&
		(in.p[in.len - 1] == '\n' || in.p[in.len - 1] == '\r' || in.p[in.len - 1] == '\0'))
		in.len--;
	if (odd != (raw != NULL || hex != NULL) || (raw != NULL && hex != NULL))
		fail_msg("%s: raw", id);
	if (raw != NULL)
		assert_true(
			gyl_view_eq(in, gyl_view(json_string_value(raw), json_string_length(raw))));
	if (hex != NULL)
		assert_int_equal(json_string_length(hex), 2 * in.len);
}

static void take(struct world *w, json_t *sample, unsigned number)
{
	const char *id = json_string_value(json_object_get(sample, "id"));
	const char *recv = json_string_value(json_object_get(sample, "recv"));
	struct gyl_peer peer = {.ip = 0x0a000100 + number};
	char time[40], from[16];
	struct gyl_writer t, f;
	uint8_t buf[4096];
	struct gyl_view in = sample_input(sample, buf, sizeof buf);
	json_t *got;

	assert_false(gyl_failed(gyl_time_parse_rfc3339(gyl_view_str(recv), &w->b.now.wall_ns)));
	w->log.len = 0;
	outbox_dgram(&w->b, &gyl_syslogd_core, &w->core, GYL_SYSLOGD_UDP, &peer, in.p, in.len);
	assert_ptr_equal(memchr(w->text, '\n', w->log.len), w->text + w->log.len - 1);
	got = json_loadb(
		(const char *)w->text, w->log.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	if (got == NULL)
		fail_msg("%s: not JSON", id);
	compare(id, json_object_get(sample, "expect"), got);
	check_raw(id, got, in);
	gyl_writer_init(&t, time, sizeof time);
	gyl_time_print_rfc3339(&t, w->b.now.wall_ns, 6);
	gyl_writer_init(&f, from, sizeof from);
	gyl_text_ipv4(&f, peer.ip);
	assert_string_equal(json_string_value(json_object_get(got, "recv")), gyl_text_cstr(&t));
	assert_string_equal(json_string_value(json_object_get(got, "from")), gyl_text_cstr(&f));
	assert_int_equal(json_integer_value(json_object_get(got, "seq")), number);
	json_decref(got);
}

static void every_sample_is_a_record(void **state)
{
	static const struct gyl_flat no_block;
	static const struct gyl_syslogd_conf conf = {.port = 514};
	struct world *w = calloc(1, sizeof *w);
	unsigned cnt = 0;
	size_t cap = 0;
	char *line = NULL;
	FILE *f = fopen(GYL_TEST_DIR "/data/syslog-samples.jsonl", "r");

	(void)state;
	assert_non_null(f);
	assert_non_null(w);
	outbox_open(&w->b);
	gyl_syslogd_init(&w->core, &conf, &no_block, gyl_view_str("box"));
	w->log.p = w->text;
	w->log.cap = sizeof w->text;
	w->b.out.log[0] = &w->log;
	while (getline(&line, &cap, f) >= 0) {
		json_t *sample = json_loads(line, JSON_ALLOW_NUL, NULL);

		assert_non_null(sample);
		take(w, sample, ++cnt);
		json_decref(sample);
	}
	assert_true(cnt >= 45);
	free(line);
	fclose(f);
	outbox_close(&w->b);
	free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_sample_is_a_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
