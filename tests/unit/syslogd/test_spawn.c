/* SPDX-License-Identifier: ISC */

/* The helper that starts programs: it knows those of the start, their input is the pipe, and their
 * end is told. */

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "services/syslogd/spawn.h"
#include "tests/support/support.h"

static const struct gyl_spawn_program programs[] = {
	{{"/bin/sh", "-c", "read a; exit ${#a}", NULL}},
	{{"/bin/sh", "-c", "kill -9 $$", NULL}},
	{{"/nowhere/at/all", NULL}},
	{{"/bin/sh", "-c", "exit $(ls /proc/self/fd | wc -l)", NULL}},
};

static bool wait_end(struct gyl_spawn *sp, uint32_t *ret_token, int *ret_status)
{
	struct pollfd p = {gyl_spawn_fd(sp), POLLIN, 0};
	bool gone;

	return poll(&p, 1, 5000) == 1 && gyl_spawn_ended(sp, ret_token, ret_status, &gone);
}

static int run(struct gyl_spawn *sp, int number, uint32_t token, const char *text)
{
	uint32_t got_token = 0;
	int fd[2], status = -1;

	assert_int_equal(pipe(fd), 0);
	assert_int_equal(gyl_spawn_start(sp, number, token, fd[0]), 0);
	close(fd[0]);
	assert_int_equal(write(fd[1], text, strlen(text)), strlen(text));
	close(fd[1]);
	assert_true(wait_end(sp, &got_token, &status));
	assert_int_equal(got_token, token);
	return status;
}

static void programs_get_the_pipe_and_their_end_is_told(void **state)
{
	struct gyl_spawn *sp = gyl_spawn_open(programs, TEST_CNT(programs), NULL);
	int status;

	(void)state;
	assert_non_null(sp);
	signal(SIGPIPE, SIG_IGN);
	status = run(sp, 0, 7, "hello\n");
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 5);
	status = run(sp, 1, 8, "");
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	status = run(sp, 2, 9, "");
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 127);
	status = run(sp, 3, 10, ""); /* 0, 1, 2 and the directory that ls reads */
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 4);
	status = run(sp, 99, 11, "");
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 127);
	gyl_spawn_close(sp);
}

static void programs_are_found_by_all_their_words(void **state)
{
	static const struct gyl_spawn_program less = {{"/bin/sh", "-c", NULL}},
					      more = {{"/nowhere/at/all", "x", NULL}};
	struct gyl_spawn *sp = gyl_spawn_open(programs, TEST_CNT(programs), NULL);

	(void)state;
	assert_non_null(sp);
	for (unsigned i = 0; i < TEST_CNT(programs); i++)
		assert_int_equal(gyl_spawn_find(sp, &programs[i]), i);
	assert_int_equal(gyl_spawn_find(sp, &less), -1);
	assert_int_equal(gyl_spawn_find(sp, &more), -1);
	assert_int_equal(gyl_spawn_find(NULL, &more), -1);
	gyl_spawn_close(sp);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs_get_the_pipe_and_their_end_is_told),
		cmocka_unit_test(programs_are_found_by_all_their_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
