/* SPDX-License-Identifier: ISC */
#include "tests/support/show.h"
#include "tests/support/support.h"

#include <gyl/ipv4.h>
#include <gyl/text.h>

static void show(struct gyl_view in, struct gyl_writer *out)
{
	struct gyl_ipv4 v;
	struct gyl_fault f = gyl_ipv4_decode(in, 0, &v);
	struct gyl_json j;

	show_fault(out, f);
	if (gyl_failed(f))
		return;
	gyl_ipv4_print(out, &v);
	gyl_text_char(out, '\n');
	gyl_json_init(&j, out);
	gyl_ipv4_json(&j, NULL, &v);
	gyl_text_char(out, '\n');
}

static void golden(void **state)
{
	(void)state;
	assert_true(vectors_run("ipv4", show) > 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(golden)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
