/* SPDX-License-Identifier: ISC */

/* The section "arpd": tests/conf/arpd. */

#include "services/arpd/service.h"
#include "tests/conf/section.h"

static void golden(void **state)
{
	(void)state;
	assert_true(section_golden(&gyl_arpd_conf_section, "arpd") > 2);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
