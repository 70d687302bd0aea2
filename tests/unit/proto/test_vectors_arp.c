/* SPDX-License-Identifier: ISC */
#include "tests/support/show.h"
#include "tests/support/support.h"

#include <gyl/arp.h>
#include <gyl/text.h>

static void show(struct gyl_view in, struct gyl_writer *out)
{
	struct gyl_arp v;
	struct gyl_fault f = gyl_arp_decode(in, &v);
	struct gyl_json j;

	show_fault(out, f);
	if (gyl_failed(f))
		return;
	gyl_arp_print(out, &v);
	gyl_text_char(out, '\n');
	gyl_json_init(&j, out);
	gyl_arp_json(&j, NULL, &v);
	gyl_text_char(out, '\n');
}

static void golden(void **state)
{
	(void)state;
	assert_true(vectors_run("arp", show) > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(golden)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
