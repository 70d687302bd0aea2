/* SPDX-License-Identifier: ISC */

/*
 * The loop: libevent finds out which descriptors are ready, nothing more.
 *
 * Deadlines do not go through libevent's timers: those run on a coarse clock in whole milliseconds,
 * and re-adding one a batch costs more than the timerfd here, which is set only when the deadline
 * changed. A wait therefore never ends before its deadline without a reason, and not a millisecond
 * after it.
 *
 * wake is an eventfd, because write(2) is what threads and signal handlers may both do. A wake that
 * comes before the wait makes that wait return at once: no wake is lost.
 */

#include "libnet/host/loop.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "libnet/host/loop_int.h"

#define NS_PER_S 1000000000u

struct gyl_loop_fd {
	struct event ev;
	struct gyl_loop *loop;
	void (*fn)(void *arg);
	void *arg;
};

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct gyl_loop_fd *w = arg;

	(void)fd;
	(void)what;
	gyl_loop_woke(w->loop);
	w->fn(w->arg);
}

static struct gyl_loop_fd *watch(
	struct gyl_loop *l, int fd, short what, void (*fn)(void *arg), void *arg)
{
	struct gyl_loop_fd *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->loop = l;
	w->fn = fn;
	w->arg = arg;
	if (event_assign(&w->ev, l->base, fd, what | EV_PERSIST, on_readable, w) != 0 ||
		event_add(&w->ev, NULL) != 0) {
		free(w);
		errno = ENOMEM;
		return NULL;
	}
	return w;
}

struct gyl_loop_fd *gyl_loop_watch(struct gyl_loop *l, int fd, void (*fn)(void *arg), void *arg)
{
	return watch(l, fd, EV_READ, fn, arg);
}

void gyl_loop_unwatch(struct gyl_loop_fd *w)
{
	if (w == NULL)
		return;
	(void)event_del(&w->ev);
	free(w);
}

static void on_wake(void *arg)
{
	struct gyl_loop *l = arg;

	gyl__job_finish(&l->job);
}

static void on_timer(void *arg)
{
	struct gyl_loop *l = arg;

	l->armed_ns = UINT64_MAX;
}

static struct event_base *base_open(void)
{
	struct event_config *cf = event_config_new();
	struct event_base *base;

	if (cf == NULL)
		return NULL;
	/* One thread owns the loop: no locks. The environment of a daemon decides nothing here. */
	(void)event_config_set_flag(cf, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_IGNORE_ENV);
	base = event_base_new_with_config(cf);
	event_config_free(cf);
	return base;
}

static bool fds_open(struct gyl_loop *l)
{
	l->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	l->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (l->wake_fd < 0 || l->timer_fd < 0)
		return false;
	/* By edges: each write and each expiry ends a wait, and nobody has to read the counts. */
	l->wake = watch(l, l->wake_fd, EV_READ | EV_ET, on_wake, l);
	l->timer = watch(l, l->timer_fd, EV_READ | EV_ET, on_timer, l);
	return l->wake != NULL && l->timer != NULL;
}

struct gyl_loop *gyl_loop_open(void)
{
	struct gyl_loop *l = calloc(1, sizeof(*l));
	int err;

	if (l == NULL)
		return NULL;
	l->wake_fd = -1;
	l->timer_fd = -1;
	l->armed_ns = UINT64_MAX;
	gyl__blk_init(&l->blk);
	gyl__job_init(&l->job);
	errno = ENOMEM;
	l->base = base_open();
	if (l->base != NULL && fds_open(l))
		return l;
	err = errno;
	gyl_loop_close(l);
	errno = err;
	return NULL;
}

void gyl_loop_close(struct gyl_loop *l)
{
	if (l == NULL)
		return;
	gyl__blk_fini(&l->blk);
	gyl__job_fini(&l->job);
	gyl_loop_unwatch(l->wake);
	gyl_loop_unwatch(l->timer);
	if (l->wake_fd >= 0)
		(void)close(l->wake_fd);
	if (l->timer_fd >= 0)
		(void)close(l->timer_fd);
	if (l->base != NULL)
		event_base_free(l->base);
	free(l);
}

struct event_base *gyl_loop_base(struct gyl_loop *l)
{
	return l->base;
}

static uint64_t clock_ns(clockid_t id)
{
	struct timespec ts;

	(void)clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

uint64_t gyl_loop_clock_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

void gyl_loop_now(struct gyl_now *ret_now)
{
	ret_now->mono_ns = clock_ns(CLOCK_MONOTONIC);
	ret_now->wall_ns = clock_ns(CLOCK_REALTIME);
}

static struct timespec timespec_of(uint64_t ns)
{
	return (struct timespec){
		.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)};
}

static void arm(struct gyl_loop *l, uint64_t until_ns)
{
	struct itimerspec its = {0};

	if (until_ns == l->armed_ns)
		return;
	if (until_ns != UINT64_MAX)
		its.it_value = timespec_of(until_ns);
	if (timerfd_settime(l->timer_fd, TFD_TIMER_ABSTIME, &its, NULL) == 0)
		l->armed_ns = until_ns;
}

/* libevent 2.1 does not tell when epoll_wait(2) returned: the first thing that is served does. */
void gyl_loop_woke(struct gyl_loop *l)
{
	if (l->woke_ns == 0)
		l->woke_ns = clock_ns(CLOCK_MONOTONIC);
}

uint64_t gyl_loop_turn_ns(const struct gyl_loop *l)
{
	return l->woke_ns;
}

static void turn_ends(struct gyl_loop *l)
{
	uint64_t took_ns;

	if (l->woke_ns == 0)
		return;
	took_ns = clock_ns(CLOCK_MONOTONIC) - l->woke_ns;
	if (took_ns > l->longest_ns)
		l->longest_ns = took_ns;
	if (l->turn_fn != NULL)
		l->turn_fn(l->turn_arg, took_ns);
	l->woke_ns = 0;
}

void gyl_loop_on_turn(struct gyl_loop *l, void (*fn)(void *arg, uint64_t ns), void *arg)
{
	l->turn_fn = fn;
	l->turn_arg = arg;
}

uint64_t gyl_loop_longest_ns(struct gyl_loop *l)
{
	uint64_t longest_ns = l->longest_ns;

	l->longest_ns = 0;
	l->woke_ns = clock_ns(CLOCK_MONOTONIC);
	return longest_ns;
}

void gyl_loop_wait(struct gyl_loop *l, uint64_t until_ns)
{
	turn_ends(l);
	if (until_ns == 0) { /* without ONCE it would go on as long as anything is readable */
		(void)event_base_loop(l->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	} else {
		arm(l, until_ns);
		(void)event_base_loop(l->base, EVLOOP_ONCE);
	}
	gyl_loop_woke(l);
}

void gyl_loop_nap(struct gyl_loop *l, uint64_t until_ns)
{
	struct timespec until = timespec_of(until_ns);

	turn_ends(l);
	(void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

void gyl_loop_wake(struct gyl_loop *l)
{
	static const uint64_t one = 1;
	int err = errno; /* signal handlers call this */

	/* EAGAIN means that 2^64 - 2 wakes wait already. */
	while (write(l->wake_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
	errno = err;
}

int gyl_thread_start(pthread_t *ret_thread, void *(*thread_main)(void *), void *arg)
{
	sigset_t all, old;
	int err;

	/* The new thread inherits the mask: signals, and SIGXFSZ of a write, stay out of it. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(ret_thread, NULL, thread_main, arg);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -err;
}

int gyl_loop_helpers(struct gyl_loop *l)
{
	int err = gyl__blk_start(l);

	return err != 0 ? err : gyl__job_start(l);
}
