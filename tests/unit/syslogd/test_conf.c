/* SPDX-License-Identifier: ISC */

/* The section "syslogd": tests/conf/syslogd. */

#include "services/syslogd/service.h"
#include "tests/conf/section.h"

static void golden(void **state)
{
	(void)state;
	assert_true(section_golden(&gyl_syslogd_conf_section, "syslogd") > 2);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
