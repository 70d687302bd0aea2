/* SPDX-License-Identifier: ISC */
#include "tests/support/show.h"
#include "tests/support/support.h"

#include <gyl/text.h>
#include <gyl/time.h>

/* Durations and RFC 3339 times are told apart by their fifth octet, which only dates have as a
 * hyphen. */
static void show(struct gyl_view in, struct gyl_writer *out)
{
	bool date = in.len > 4 && (in.p[4] == '-' || in.p[2] == '-');
	uint64_t ns = 0;
	struct gyl_fault f = date ? gyl_time_parse_rfc3339(in, &ns) : gyl_time_parse(in, &ns);

	show_fault(out, f);
	if (gyl_failed(f))
		return;
	gyl_text_u64(out, ns);
	gyl_text_char(out, '\n');
	if (date) {
		gyl_time_print_rfc3339(out, ns, 9);
	} else {
		gyl_time_print(out, ns);
		gyl_text_str(out, " about ");
		gyl_time_print_about(out, ns);
	}
	gyl_text_char(out, '\n');
}

static void golden(void **state)
{
	(void)state;
	assert_true(vectors_run("time", show) > 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(golden)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
