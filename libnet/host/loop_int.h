/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_HOST_LOOP_INT_H
#define GYL_LIBNET_HOST_LOOP_INT_H

/*
 * The inside of a loop, shared by loop.c, blk.c and job.c only.
 *
 * Both helpers are a mutex, a condition and arrays of fixed size. A result is announced with
 * gyl_loop_wake(): its eventfd is the only thing a helper thread shares with libevent.
 */

#include <pthread.h>

#include "libnet/host/loop.h"

enum {
	GYL__BLK_DEV_MAX = 8, /* two extents a store, some stores a process */
	GYL__JOB_MAX = 32     /* jobs queued, running or waiting for their done() */
};

struct gyl__blk_dev {
	int fd;
	bool busy; /* from blk_write until blk_done handed the result out */
	int err;
	uint64_t unit_cnt;
	uint64_t unit, token;
	const uint8_t *buf;
	size_t cnt;
};

/* A queue of small numbers; as many as there can be, so it never overflows. */
struct gyl__queue {
	uint8_t item[GYL__JOB_MAX];
	unsigned first, cnt;
};

struct gyl__blk {
	pthread_mutex_t lock;
	pthread_cond_t cond;
	pthread_t thread;
	bool started, stop;
	unsigned dev_cnt;
	struct gyl__blk_dev dev[GYL__BLK_DEV_MAX];
	struct gyl__queue todo, done; /* of device numbers */
};

struct gyl__job_entry {
	void (*fn)(void *);
	void (*done)(void *);
	void *arg;
};

struct gyl__job {
	pthread_mutex_t lock;
	pthread_cond_t cond;
	pthread_t thread;
	bool started, stop;
	struct gyl__job_entry entry[GYL__JOB_MAX];
	struct gyl__queue unused, todo, done; /* of entry numbers */
};

struct gyl_loop {
	struct event_base *base;
	struct gyl_loop_fd *wake, *timer;
	int wake_fd, timer_fd;
	uint64_t armed_ns;   /* what timer_fd is set to, UINT64_MAX: nothing */
	uint64_t woke_ns;    /* when this turn began; 0: it has not */
	uint64_t longest_ns; /* turn since somebody asked */
	void (*turn_fn)(void *arg, uint64_t ns);
	void *turn_arg;
	struct gyl__blk blk;
	struct gyl__job job;
};

static inline void gyl__queue_put(struct gyl__queue *q, unsigned item)
{
	q->item[(q->first + q->cnt++) % GYL__JOB_MAX] = (uint8_t)item;
}

/* q MUST not be empty. */
static inline unsigned gyl__queue_get(struct gyl__queue *q)
{
	unsigned item = q->item[q->first];

	q->first = (q->first + 1) % GYL__JOB_MAX;
	q->cnt--;
	return item;
}

void gyl__blk_init(struct gyl__blk *b);
int gyl__blk_start(struct gyl_loop *l);
void gyl__blk_fini(struct gyl__blk *b);

void gyl__job_init(struct gyl__job *j);
int gyl__job_start(struct gyl_loop *l);
void gyl__job_fini(struct gyl__job *j);
/* Call done() of the jobs that are through: in the loop. */
void gyl__job_finish(struct gyl__job *j);

#endif
