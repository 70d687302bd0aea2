/* SPDX-License-Identifier: ISC */

/* The loop's clock, deadlines, descriptors, wakes and jobs. */

#include "tests/support/support.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "libnet/host/loop.h"

#define MS 1000000u

static uint64_t mono_ns(void)
{
	struct gyl_now now;

	gyl_loop_now(&now);
	return now.mono_ns;
}

static int setup(void **state)
{
	*state = gyl_loop_open();
	return *state == NULL;
}

static int teardown(void **state)
{
	gyl_loop_close(*state);
	return 0;
}

static void deadline_is_kept(void **state)
{
	/* later, then earlier than what the timer was set to, then the same distance again */
	static const unsigned ms[] = {20, 3, 3, 11};

	for (size_t i = 0; i < TEST_CNT(ms); i++) {
		uint64_t until = mono_ns() + ms[i] * MS;

		gyl_loop_wait(*state, until);
		assert_true(mono_ns() >= until);
		assert_true(mono_ns() < until + 2000ull * MS);
	}
}

static void nap_serves_nothing_and_loses_nothing(void **state)
{
	uint64_t until = mono_ns() + 5 * MS;

	gyl_loop_wake(*state);
	gyl_loop_nap(*state, until);
	assert_true(mono_ns() >= until);
	until = mono_ns() + 10000ull * MS;
	gyl_loop_wait(*state, until); /* the wake from before ends it */
	assert_true(mono_ns() < until);
}

static void zero_only_looks(void **state)
{
	uint64_t before = mono_ns();

	for (int i = 0; i < 100; i++)
		gyl_loop_wait(*state, 0);
	assert_true(mono_ns() - before < 2000ull * MS);
	gyl_loop_wait(*state, mono_ns() - MS); /* a deadline that has passed does not block */
}

static void wake_is_not_lost(void **state)
{
	uint64_t until = mono_ns() + 10000ull * MS;

	gyl_loop_wake(*state);
	gyl_loop_wake(*state);
	gyl_loop_wait(*state, until);
	assert_true(mono_ns() < until);
	/* both wakes ended one wait: the next one lasts */
	until = mono_ns() + 5 * MS;
	gyl_loop_wait(*state, until);
	assert_true(mono_ns() >= until);
}

static void *wake_later(void *l)
{
	(void)usleep(10000);
	gyl_loop_wake(l);
	return NULL;
}

static void other_thread_wakes(void **state)
{
	uint64_t until = mono_ns() + 20000ull * MS;
	pthread_t t;

	assert_int_equal(pthread_create(&t, NULL, wake_later, *state), 0);
	gyl_loop_wait(*state, until);
	assert_true(mono_ns() < until);
	assert_int_equal(pthread_join(t, NULL), 0);
}

static struct gyl_loop *signalled;

static void on_signal(int sig)
{
	(void)sig;
	gyl_loop_wake(signalled); /* NOLINT(bugprone-signal-handler,cert-sig30-c) */
}

static void signal_handler_wakes(void **state)
{
	uint64_t until = mono_ns() + 20000ull * MS;

	signalled = *state;
	assert_true(signal(SIGALRM, on_signal) != SIG_ERR);
	(void)ualarm(10000, 0);
	gyl_loop_wait(*state, until);
	assert_true(mono_ns() < until);
	(void)signal(SIGALRM, SIG_DFL);
}

static int calls;

static void count(void *arg)
{
	(void)arg;
	calls++;
}

static void watch_is_level_triggered(void **state)
{
	struct gyl_loop_fd *w;
	int fd[2];

	assert_int_equal(pipe(fd), 0);
	w = gyl_loop_watch(*state, fd[0], count, NULL);
	assert_non_null(w);
	calls = 0;
	gyl_loop_wait(*state, 0);
	assert_int_equal(calls, 0);
	assert_int_equal(write(fd[1], "x", 1), 1);
	gyl_loop_wait(*state, UINT64_MAX);
	gyl_loop_wait(*state, UINT64_MAX); /* nobody read it: still there */
	gyl_loop_wait(*state, 0);          /* one look, not as long as it is readable */
	assert_int_equal(calls, 3);
	gyl_loop_unwatch(w);
	gyl_loop_wait(*state, 0);
	assert_int_equal(calls, 3);
	(void)close(fd[0]);
	(void)close(fd[1]);
}

/* ---- jobs ---- */

static struct {
	pthread_t main;
	int order[40], order_cnt;
	bool fn_elsewhere, done_here;
	atomic_bool go;
} jobs;

static void note(void *arg)
{
	while (!atomic_load(&jobs.go))
		(void)usleep(100);
	jobs.order[jobs.order_cnt++] = *(int *)arg;
	jobs.fn_elsewhere = !pthread_equal(pthread_self(), jobs.main);
}

static void finished(void *arg)
{
	(void)arg;
	jobs.done_here = pthread_equal(pthread_self(), jobs.main);
	calls++;
}

static void jobs_run_in_order_and_are_bounded(void **state)
{
	static int n[40];
	int asked = 0;

	calls = 0;
	jobs.main = pthread_self();
	atomic_store(&jobs.go, false);
	for (int i = 0; i < 40; i++) {
		int err;

		n[i] = i;
		err = gyl_loop_job(*state, note, finished, &n[i]);
		assert_int_equal(err, i < 32 ? 0 : -EAGAIN);
		asked += err == 0;
	}
	atomic_store(&jobs.go, true);
	while (calls < asked)
		gyl_loop_wait(*state, UINT64_MAX);
	assert_int_equal(jobs.order_cnt, 32);
	for (int i = 0; i < 32; i++)
		assert_int_equal(jobs.order[i], i);
	assert_true(jobs.fn_elsewhere);
	assert_true(jobs.done_here);
}

static void nothing(void *arg)
{
	(void)arg;
}

static void again(void *arg)
{
	calls++;
	if (calls < 3)
		assert_int_equal(gyl_loop_job(arg, nothing, again, arg), 0);
}

static void done_may_start_a_job(void **state)
{
	calls = 0;
	assert_int_equal(gyl_loop_helpers(*state), 0);
	assert_int_equal(gyl_loop_job(*state, nothing, NULL, NULL), 0);
	assert_int_equal(gyl_loop_job(*state, nothing, again, *state), 0);
	while (calls < 3)
		gyl_loop_wait(*state, UINT64_MAX);
}

static void spin(uint64_t ns)
{
	for (uint64_t end = mono_ns() + ns; mono_ns() < end;)
		;
}

static void busy_once(void *arg)
{
	uint64_t cnt;

	assert_int_equal(read(*(int *)arg, &cnt, 1), 1);
	spin(7 * MS);
}

/* Waiting is no turn; what is served during a wait and what comes after it are one. */
static void the_longest_turn_is_known(void **state)
{
	struct gyl_loop_fd *w;
	int fd[2];

	assert_int_equal(pipe(fd), 0);
	w = gyl_loop_watch(*state, fd[0], busy_once, &fd[0]);
	assert_non_null(w);
	(void)gyl_loop_longest_ns(*state);
	gyl_loop_wait(*state, mono_ns() + 40 * MS);
	gyl_loop_wait(*state, mono_ns() + 40 * MS);
	assert_true(gyl_loop_longest_ns(*state) < 30 * MS);
	assert_int_equal(write(fd[1], "", 1), 1);
	gyl_loop_wait(*state, UINT64_MAX);
	spin(6 * MS);
	gyl_loop_wait(*state, 0); /* only now it has ended */
	assert_true(gyl_loop_longest_ns(*state) >= 13 * MS);
	gyl_loop_wait(*state, 0);
	assert_true(gyl_loop_longest_ns(*state) < 13 * MS);
	gyl_loop_unwatch(w);
	(void)close(fd[0]);
	(void)close(fd[1]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(deadline_is_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(
			nap_serves_nothing_and_loses_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(zero_only_looks, setup, teardown),
		cmocka_unit_test_setup_teardown(wake_is_not_lost, setup, teardown),
		cmocka_unit_test_setup_teardown(other_thread_wakes, setup, teardown),
		cmocka_unit_test_setup_teardown(signal_handler_wakes, setup, teardown),
		cmocka_unit_test_setup_teardown(watch_is_level_triggered, setup, teardown),
		cmocka_unit_test_setup_teardown(the_longest_turn_is_known, setup, teardown),
		cmocka_unit_test_setup_teardown(jobs_run_in_order_and_are_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(done_may_start_a_job, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
