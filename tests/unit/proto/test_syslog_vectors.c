/* SPDX-License-Identifier: ISC */

/* Golden vectors: each line, received at 2026-11-21T14:00:00Z, with its record as JSON and for
 * people. */

#include "tests/support/support.h"

#include <gyl/json.h>
#include <gyl/syslog.h>
#include <gyl/text.h>

static void show(struct gyl_view in, struct gyl_writer *out)
{
	struct gyl_syslog_ctx ctx = {.recv_ns = UINT64_C(1795269600000000000)};
	struct gyl_syslog m;
	struct gyl_json j;

	gyl_syslog_decode(in, &ctx, &m);
	gyl_json_init(&j, out);
	gyl_syslog_json(&j, NULL, &m);
	gyl_text_char(out, '\n');
	gyl_syslog_print(out, &m);
	gyl_text_char(out, '\n');
}

static void records_are_as_written_down(void **state)
{
	(void)state;
	assert_true(vectors_run("syslog", show) > 150);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_as_written_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
