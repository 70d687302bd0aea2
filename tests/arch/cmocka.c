/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

static jmp_buf back;

enum {
	PASSED,
	FAILED,
	SKIPPED
};

_Noreturn void mini_fail(const char *file, int line, const char *format, ...)
{
	va_list ap;

	printf("%s:%d: ", file, line);
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	printf("\n");
	longjmp(back, FAILED);
}

_Noreturn void mini_skip(void)
{
	longjmp(back, SKIPPED);
}

static int run_one(const struct CMUnitTest *t, void *state)
{
	int result = setjmp(back);

	if (result != PASSED)
		return result;
	if (t->setup_func != NULL && t->setup_func(&state) != 0)
		return FAILED;
	t->test_func(&state);
	if (t->teardown_func != NULL && t->teardown_func(&state) != 0)
		return FAILED;
	return PASSED;
}

int mini_run(const char *group, const struct CMUnitTest *tests, size_t cnt, CMFixtureFunction setup,
	CMFixtureFunction teardown)
{
	unsigned n[3] = {0, 0, 0};
	void *state = NULL;

	if (setup != NULL && setup(&state) != 0)
		return 1;
	for (size_t i = 0; i < cnt; i++) {
		int result = run_one(&tests[i], state);

		if (result == FAILED)
			printf("FAILED: %s: %s\n", group, tests[i].name);
		n[result]++;
	}
	if (teardown != NULL && teardown(&state) != 0)
		n[FAILED]++;
	printf("%u passed, %u failed, %u skipped\n", n[PASSED], n[FAILED], n[SKIPPED]);
	return n[FAILED] != 0;
}
