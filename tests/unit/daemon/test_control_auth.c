/* SPDX-License-Identifier: ISC */

/* One password against several stored ones, step by step. */

#include <sys/resource.h>

#include "services/base/control_auth.h"
#include "tests/unit/daemon/stored.h"

static enum gyl_auth_result verify(struct gyl_auth *a, const char *password, unsigned *ret_steps)
{
	enum gyl_auth_result ret;

	*ret_steps = 0;
	gyl_auth_begin(a, password, strlen(password));
	assert_false(gyl_auth_idle(a));
	do {
		ret = gyl_auth_step(a);
		(*ret_steps)++;
	} while (ret == GYL_AUTH_MORE);
	assert_true(gyl_auth_idle(a));
	assert_int_equal(a->scratch_len, 0);
	return ret;
}

static void any_stored_password_will_do(void **state)
{
	const char *text[] = {stored("one", 10), stored("two", 0), stored("three", 12)};
	static const struct {
		const char *password;
		enum gyl_auth_result result;
	} rows[] = {
		{"one", GYL_AUTH_RIGHT},
		{"two", GYL_AUTH_RIGHT},
		{"three", GYL_AUTH_RIGHT},
		{"", GYL_AUTH_WRONG},
		{"four", GYL_AUTH_WRONG},
		{"one ", GYL_AUTH_WRONG},
	};
	static struct gyl_auth a;
	unsigned steps;

	(void)state;
	gyl_auth_init(&a, 0);
	assert_int_equal(verify(&a, "one", &steps), GYL_AUTH_WRONG); /* nobody knows nothing */
	assert_true(gyl_auth_set(&a, text, TEST_CNT(text)));
	assert_false(gyl_auth_set(&a, text, TEST_CNT(text)));
	for (size_t i = 0; i < TEST_CNT(rows); i++)
		assert_int_equal(verify(&a, rows[i].password, &steps), rows[i].result);
	assert_true(gyl_auth_set(&a, text + 1, 1));
	assert_int_equal(verify(&a, "one", &steps), GYL_AUTH_WRONG);
	assert_int_equal(verify(&a, "two", &steps), GYL_AUTH_RIGHT);
	gyl_auth_fini(&a);
	for (size_t i = 0; i < TEST_CNT(text); i++)
		free((void *)(uintptr_t)text[i]);
}

/* N = 2^14 goes through 32 MiB twice 16, and gives 16 MiB back. */
static void steps_are_small(void **state)
{
	const char *text = stored("x", 14);
	static struct gyl_auth a;
	unsigned steps;

	(void)state;
	gyl_auth_init(&a, 0);
	gyl_auth_set(&a, &text, 1);
	assert_int_equal(verify(&a, "y", &steps), GYL_AUTH_WRONG);
	assert_true(steps > (32u << 20) / GYL_AUTH_STEP_LEN / 2);
	gyl_auth_fini(&a);
	free((void *)(uintptr_t)text);
}

/* What was right by passwords that are not stored any more is not right. */
static void a_change_begins_anew(void **state)
{
	const char *text[] = {stored("old", 12), stored("new", 10)};
	static struct gyl_auth a;
	enum gyl_auth_result ret;

	(void)state;
	gyl_auth_init(&a, 0);
	for (unsigned at = 0; at < 200; at += 7) { /* while it works, and while it frees */
		gyl_auth_set(&a, text, 1);
		gyl_auth_begin(&a, "old", 3);
		for (unsigned i = 0; i < at && gyl_auth_step(&a) == GYL_AUTH_MORE; i++)
			;
		if (gyl_auth_idle(&a))
			break;
		gyl_auth_set(&a, text + 1, 1);
		do
			ret = gyl_auth_step(&a);
		while (ret == GYL_AUTH_MORE);
		assert_int_equal(ret, GYL_AUTH_WRONG);
		assert_true(at < 190);
	}
	gyl_auth_fini(&a);
	free((void *)(uintptr_t)text[0]);
	free((void *)(uintptr_t)text[1]);
}

static void without_memory_nobody_is_let_in(void **state)
{
	const char *text[] = {stored("small", 0), stored("big", 15)};
	static struct gyl_auth a;
	struct rlimit old, low;
	unsigned steps;

	(void)state;
	gyl_auth_init(&a, 0);
	gyl_auth_set(&a, text, 2);
	assert_int_equal(getrlimit(RLIMIT_AS, &old), 0);
	low = old;
	low.rlim_cur = 1 << 20; /* less than is mapped already: no more at all */
	assert_int_equal(setrlimit(RLIMIT_AS, &low), 0);
	assert_int_equal(verify(&a, "big", &steps), GYL_AUTH_UNABLE);
	assert_int_equal(verify(&a, "small", &steps), GYL_AUTH_RIGHT);
	assert_int_equal(setrlimit(RLIMIT_AS, &old), 0);
	assert_int_equal(verify(&a, "big", &steps), GYL_AUTH_RIGHT);
	gyl_auth_fini(&a);
	free((void *)(uintptr_t)text[0]);
	free((void *)(uintptr_t)text[1]);
}

static void an_unfinished_one_is_given_up(void **state)
{
	const char *text = stored("x", 12);
	static const struct gyl_auth zero;
	static struct gyl_auth a;

	(void)state;
	gyl_auth_init(&a, 0);
	gyl_auth_set(&a, &text, 1);
	gyl_auth_begin(&a, "x", 1);
	for (int i = 0; i < 5; i++)
		assert_int_equal(gyl_auth_step(&a), GYL_AUTH_MORE);
	assert_true(a.scratch_len != 0);
	gyl_auth_fini(&a);
	assert_memory_equal(&a, &zero, sizeof a);
	free((void *)(uintptr_t)text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_stored_password_will_do),
		cmocka_unit_test(steps_are_small),
		cmocka_unit_test(a_change_begins_anew),
		cmocka_unit_test(without_memory_nobody_is_let_in),
		cmocka_unit_test(an_unfinished_one_is_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
