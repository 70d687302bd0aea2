/* SPDX-License-Identifier: ISC */

/* Each case enters the sandbox in a child, tries one thing, and tells by its exit status what came
 * of it. */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "services/base/sandbox.h"
#include "tests/support/support.h"

static char state_dir[] = "/tmp/guyline-sandbox-XXXXXX";

static int try_open_forbidden(void)
{
	return open("/etc/passwd", O_RDONLY) < 0 ? errno : 0;
}

static int try_open_state(void)
{
	char path[100];

	snprintf(path, sizeof path, "%s/file", state_dir);
	return open(path, O_CREAT | O_RDWR, 0600) < 0 ? errno : 0;
}

static int try_socket(void)
{
	return socket(AF_INET, SOCK_DGRAM, 0) < 0 ? errno : 0;
}

static int try_exec(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return errno;
}

static int try_clock_set(void)
{
	struct timespec ts = {0, 0};

	return clock_settime(CLOCK_REALTIME, &ts) != 0 ? errno : 0;
}

/* Capabilities and NoNewPrivs as the kernel tells them. */
static int try_status(void)
{
	static const char *const want[] = {
		"CapEff:\t0000000000000000\n", "CapBnd:\t0000000000000000\n", "NoNewPrivs:\t1\n"};
	char line[200];
	size_t found = 0;
	FILE *f = fopen("/proc/self/status", "r");

	if (f == NULL)
		return errno;
	while (fgets(line, sizeof line, f) != NULL)
		for (size_t i = 0; i < TEST_CNT(want); i++)
			found += strcmp(line, want[i]) == 0;
	return found == TEST_CNT(want) ? 0 : 1;
}

/* A helper thread that waits until it is told to try, and keeps the errno. */
static struct {
	pthread_t thread;
	sem_t go;
	int err;
} helper;

static void *helper_main(void *arg)
{
	(void)arg;
	while (sem_wait(&helper.go) != 0)
		;
	helper.err = try_open_forbidden();
	return NULL;
}

static int start_helper(void *arg)
{
	(void)arg;
	return sem_init(&helper.go, 0, 0) != 0
		       ? -errno
		       : -pthread_create(&helper.thread, NULL, helper_main, NULL);
}

static int try_in_helper(void)
{
	sem_post(&helper.go);
	return pthread_join(helper.thread, NULL) != 0 ? EINVAL : helper.err;
}

static int refuse_helper(void *arg)
{
	(void)arg;
	return -EAGAIN;
}

static const struct {
	const char *name;
	int (*try)(void);
	enum gyl_sandbox_kind kind;
	bool may_connect;
	int want; /* errno, 0: it must work */
	const char *user;
} cases[] = {
	{"files outside cannot be opened", try_open_forbidden, GYL_SANDBOX_DAEMON, false, EACCES,
		NULL},
	{"the state directory is writable", try_open_state, GYL_SANDBOX_DAEMON, false, 0, NULL},
	{"no new sockets", try_socket, GYL_SANDBOX_DAEMON, false, EPERM, NULL},
	{"new sockets where forwarding is on", try_socket, GYL_SANDBOX_DAEMON, true, 0, NULL},
	{"no new sockets in the loader", try_socket, GYL_SANDBOX_LOADER, true, EPERM, NULL},
	{"nothing can be executed", try_exec, GYL_SANDBOX_DAEMON, true, EPERM, NULL},
	{"the clock cannot be set", try_clock_set, GYL_SANDBOX_DAEMON, true, EPERM, NULL},
	{"no capabilities, no new privileges", try_status, GYL_SANDBOX_LOADER, false, 0, NULL},
	{"nor as another user", try_status, GYL_SANDBOX_DAEMON, false, 0, "nobody"},
	{"threads are fenced in too", try_in_helper, GYL_SANDBOX_DAEMON, false, EACCES, NULL},
};

static int child(size_t i)
{
	const char *write_dirs[] = {state_dir, NULL}, *read_dirs[] = {"/proc", NULL};
	struct gyl_sandbox s = {.kind = cases[i].kind,
		.write = write_dirs,
		.may_connect = cases[i].may_connect,
		.user = cases[i].user,
		.threads = cases[i].try == try_in_helper ? start_helper : NULL,
		.read = cases[i].try == try_status ? read_dirs : NULL};
	char err[200], note[200];

	if (gyl_sandbox_enter(&s, err, note) != 0) {
		fprintf(stderr, "%s\n", err);
		return 201;
	}
	if (note[0] != '\0') {
		fprintf(stderr, "%s\n", note);
		return 202;
	}
	return cases[i].try();
}

static void what_is_given_up_is_gone(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(state_dir));
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		pid_t pid;
		int status;

		if (cases[i].try == try_status && geteuid() != 0)
			continue; /* the bounding set is root's to drop */
		pid = fork();

		if (pid == 0)
			_exit(child(i));
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (WIFEXITED(status) && WEXITSTATUS(status) == 202)
			skip();
		if (!WIFEXITED(status) || WEXITSTATUS(status) != cases[i].want)
			fail_msg("%s: status %x, wanted %d", cases[i].name, (unsigned)status,
				cases[i].want);
	}
}

static void a_missing_user_is_named(void **state)
{
	struct gyl_sandbox s = {.user = "nobody-of-that-name"};
	char err[200], note[200];
	pid_t pid;
	int status;

	(void)state;
	if (geteuid() != 0)
		skip();
	pid = fork();
	if (pid == 0)
		_exit(gyl_sandbox_enter(&s, err, note) != 0 &&
					strstr(err, "nobody-of-that-name") != NULL
				? 0
				: 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void threads_that_do_not_start_end_the_start(void **state)
{
	struct gyl_sandbox s = {.threads = refuse_helper};
	char err[200], note[200];
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0)
		_exit(gyl_sandbox_enter(&s, err, note) != 0 && strstr(err, "threads") != NULL ? 0
											      : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_given_up_is_gone),
		cmocka_unit_test(a_missing_user_is_named),
		cmocka_unit_test(threads_that_do_not_start_end_the_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
