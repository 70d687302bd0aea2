/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_ARCH_CMOCKA_H
#define GYL_TESTS_ARCH_CMOCKA_H

/*
 * As much of cmocka's interface as our tests use, for machines that Debian has a compiler and an
 * emulator for but no cmocka to link (tests/arch/run.sh). A failed assertion ends its test;
 * comparing is done in the widest integer, as there.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int (*CMFixtureFunction)(void **state);

struct CMUnitTest {
	const char *name;
	void (*test_func)(void **state);
	CMFixtureFunction setup_func, teardown_func;
};

/* clang-format off */
#define cmocka_unit_test(f)                                 {#f, f, NULL, NULL}
#define cmocka_unit_test_setup_teardown(f, setup, teardown) {#f, f, setup, teardown}
/* clang-format on */

_Noreturn void mini_fail(const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
_Noreturn void mini_skip(void);
int mini_run(const char *group, const struct CMUnitTest *tests, size_t cnt, CMFixtureFunction setup,
	CMFixtureFunction teardown);

#define cmocka_run_group_tests(tests, setup, teardown) \
	mini_run(#tests, tests, sizeof(tests) / sizeof((tests)[0]), setup, teardown)
#define cmocka_run_group_tests_name(name, tests, setup, teardown) \
	mini_run(name, tests, sizeof(tests) / sizeof((tests)[0]), setup, teardown)

#define fail_msg(...)      mini_fail(__FILE__, __LINE__, __VA_ARGS__)
#define fail()             mini_fail(__FILE__, __LINE__, "failed")
#define skip()             mini_skip()
#define print_message(...) printf(__VA_ARGS__)

#define assert_true(c)                                           \
	do {                                                     \
		if (!(c))                                        \
			mini_fail(__FILE__, __LINE__, "%s", #c); \
	} while (0)
#define assert_false(c)            assert_true(!(c))
#define assert_non_null(p)         assert_true((p) != NULL)
#define assert_null(p)             assert_true((p) == NULL)
#define assert_ptr_equal(a, b)     assert_true((const void *)(a) == (const void *)(b))
#define assert_ptr_not_equal(a, b) assert_true((const void *)(a) != (const void *)(b))

#define MINI_COMPARE(a, op, b)                                                                     \
	do {                                                                                       \
		uintmax_t mini_a = (uintmax_t)(a), mini_b = (uintmax_t)(b);                        \
		if (!(mini_a op mini_b))                                                           \
			mini_fail(__FILE__, __LINE__, "%s " #op " %s: %" PRIuMAX " and %" PRIuMAX, \
				#a, #b, mini_a, mini_b);                                           \
	} while (0)
#define assert_int_equal(a, b)     MINI_COMPARE(a, ==, b)
#define assert_int_not_equal(a, b) MINI_COMPARE(a, !=, b)
#define assert_in_range(v, min, max)                                                          \
	do {                                                                                  \
		uintmax_t mini_v = (uintmax_t)(v), mini_min = (uintmax_t)(min),               \
			  mini_max = (uintmax_t)(max);                                        \
		if (mini_v < mini_min || mini_v > mini_max)                                   \
			mini_fail(__FILE__, __LINE__, "%s is %" PRIuMAX ", not %s to %s", #v, \
				mini_v, #min, #max);                                          \
	} while (0)

#define assert_memory_equal(a, b, len)     assert_true(memcmp(a, b, len) == 0)
#define assert_memory_not_equal(a, b, len) assert_true(memcmp(a, b, len) != 0)
#define assert_string_equal(a, b)                                                              \
	do {                                                                                   \
		const char *mini_a = (a), *mini_b = (b);                                       \
		if (strcmp(mini_a, mini_b) != 0)                                               \
			mini_fail(__FILE__, __LINE__, "\"%s\" is not \"%s\"", mini_a, mini_b); \
	} while (0)

#define assert_string_not_equal(a, b) assert_true(strcmp(a, b) != 0)

#endif
