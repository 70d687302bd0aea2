/* SPDX-License-Identifier: ISC */
#include "tests/support/show.h"
#include "tests/support/support.h"

#include <gyl/eth.h>
#include <gyl/text.h>

static void show(struct gyl_view in, struct gyl_writer *out)
{
	struct gyl_eth v;
	struct gyl_fault f = gyl_eth_decode(in, &v);
	struct gyl_json j;

	show_fault(out, f);
	if (gyl_failed(f))
		return;
	gyl_eth_print(out, &v);
	gyl_text_char(out, '\n');
	gyl_json_init(&j, out);
	gyl_eth_json(&j, NULL, &v);
	gyl_text_char(out, '\n');
}

static void golden(void **state)
{
	(void)state;
	assert_true(vectors_run("eth", show) > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(golden)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
