/* SPDX-License-Identifier: ISC */

/* What /healthz says, and why. */

#include <errno.h>
#include <gyl/time.h>

#include "services/base/daemon.h"
#include "tests/support/support.h"

static struct gyl_daemon d;
static char text[1024];

static bool healthy(void)
{
	struct gyl_writer w;
	bool good;

	gyl_writer_init(&w, text, sizeof text - 1);
	good = gyl__daemon_healthy(&d, &w);
	text[w.len] = '\0';
	return good;
}

static int begin(void **state)
{
	(void)state;
	memset(&d, 0, sizeof d);
	d.run.now.mono_ns = 100 * GYL_NS_PER_S;
	return 0;
}

static void nothing_is_wrong(void **state)
{
	(void)state;
	d.run.stat.flush_failed_cnt = 3; /* once it was, it is not now */
	d.run.flush_at_ns = 91 * GYL_NS_PER_S;
	assert_true(healthy());
	assert_string_equal(text, "");
}

static void a_store_that_cannot_be_written(void **state)
{
	(void)state;
	d.run.stat.flush_err = ENOSPC;
	assert_false(healthy());
	assert_string_equal(text, "the store cannot be written: No space left on device\n");
}

static void a_disk_that_hangs(void **state)
{
	(void)state;
	d.run.flush_at_ns = 89 * GYL_NS_PER_S;
	assert_false(healthy());
	assert_string_equal(text, "the disk has not finished a write for more than 10 s\n");
}

static void a_device_that_is_gone(void **state)
{
	(void)state;
	d.run.gone = ENODEV;
	d.run.stat.flush_err = EIO;
	assert_false(healthy());
	assert_string_equal(text, "the store cannot be written: Input/output error\n"
				  "the network device is gone: No such device\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(nothing_is_wrong, begin),
		cmocka_unit_test_setup(a_store_that_cannot_be_written, begin),
		cmocka_unit_test_setup(a_disk_that_hangs, begin),
		cmocka_unit_test_setup(a_device_that_is_gone, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
