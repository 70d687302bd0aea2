/* SPDX-License-Identifier: ISC */

/*
 * The work thread: long work of one job after the other (zstd, sealing, key derivation), so that
 * the loop never blocks. First in, first out; done() is called in the loop, during a wait.
 */

#include <errno.h>

#include "libnet/host/loop_int.h"

void gyl__job_init(struct gyl__job *j)
{
	(void)pthread_mutex_init(&j->lock, NULL);
	(void)pthread_cond_init(&j->cond, NULL);
	for (unsigned i = 0; i < GYL__JOB_MAX; i++)
		gyl__queue_put(&j->unused, i);
}

static void *work_main(void *arg)
{
	struct gyl_loop *l = arg;
	struct gyl__job *j = &l->job;

	(void)pthread_setname_np(pthread_self(), "work");
	(void)pthread_mutex_lock(&j->lock);
	for (;;) {
		unsigned i;

		while (j->todo.cnt == 0 && !j->stop)
			(void)pthread_cond_wait(&j->cond, &j->lock);
		if (j->stop)
			break;
		i = gyl__queue_get(&j->todo);
		(void)pthread_mutex_unlock(&j->lock);
		j->entry[i].fn(j->entry[i].arg);
		(void)pthread_mutex_lock(&j->lock);
		gyl__queue_put(&j->done, i);
		gyl_loop_wake(l);
	}
	(void)pthread_mutex_unlock(&j->lock);
	return NULL;
}

int gyl__job_start(struct gyl_loop *l)
{
	int err;

	if (l->job.started)
		return 0;
	err = gyl_thread_start(&l->job.thread, work_main, l);
	l->job.started = err == 0;
	return err;
}

void gyl__job_fini(struct gyl__job *j)
{
	(void)pthread_mutex_lock(&j->lock);
	j->stop = true;
	(void)pthread_cond_signal(&j->cond);
	(void)pthread_mutex_unlock(&j->lock);
	if (j->started)
		(void)pthread_join(j->thread, NULL);
	(void)pthread_cond_destroy(&j->cond);
	(void)pthread_mutex_destroy(&j->lock);
}

/* The next job that is through, its entry given back: false when there is none. */
static bool take_done(struct gyl__job *j, struct gyl__job_entry *ret_entry)
{
	bool some;

	(void)pthread_mutex_lock(&j->lock);
	some = j->done.cnt > 0;
	if (some) {
		unsigned i = gyl__queue_get(&j->done);

		*ret_entry = j->entry[i];
		gyl__queue_put(&j->unused, i);
	}
	(void)pthread_mutex_unlock(&j->lock);
	return some;
}

void gyl__job_finish(struct gyl__job *j)
{
	struct gyl__job_entry e;

	/* Not under the lock: done() may well start the next job. */
	while (j->started && take_done(j, &e)) {
		if (e.done != NULL)
			e.done(e.arg);
	}
}

int gyl_loop_job(struct gyl_loop *l, void (*fn)(void *), void (*done)(void *), void *arg)
{
	struct gyl__job *j = &l->job;
	int err = gyl__job_start(l);

	if (err != 0)
		return err;
	(void)pthread_mutex_lock(&j->lock);
	if (j->unused.cnt == 0) {
		err = -EAGAIN;
	} else {
		unsigned i = gyl__queue_get(&j->unused);

		j->entry[i] = (struct gyl__job_entry){fn, done, arg};
		gyl__queue_put(&j->todo, i);
		(void)pthread_cond_signal(&j->cond);
	}
	(void)pthread_mutex_unlock(&j->lock);
	return err;
}
