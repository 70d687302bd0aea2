/* SPDX-License-Identifier: ISC */

/*
 * Frames searched on all processors, their results in order. The main thread puts frames into a
 * ring and takes results out at its other end; the threads search what is between. The ring is the
 * bound of memory: a reader that is slow holds the search up.
 */

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "services/guyline/log_own.h"
#include "services/syslogd/record.h"

enum {
	THREAD_MAX = 16,
	RING = 4 * THREAD_MAX,
	SEG_MAX = RING /* segments that have frames in the ring */
};

/* A segment that is open, and how many of its frames are in the ring. */
struct held {
	struct gyl_syslogd_seg seg;
	size_t used;
	bool ended; /* no more of its frames will come */
	bool open;
};

struct job {
	struct held *held;
	const struct gyl_syslogd_frame *frame;
	bool done;
	struct gyl__log_out out;
};

struct pool {
	struct gyl__log_scan *s;
	const struct gyl_syslogd_reader *r;
	pthread_mutex_t lock;
	pthread_cond_t more, done;
	pthread_t thread[THREAD_MAX];
	unsigned thread_cnt, thread_max;
	size_t ahead;             /* frames in the ring at most */
	size_t put, begun, taken; /* of the ring, counted on */
	bool stop;
	struct job job[RING];
	struct held held[SEG_MAX];
	struct held *now;      /* whose frames are being put */
	size_t seg_i, frame_i; /* how many have been looked at */
};

/* ---- one frame ---- */

uint8_t *gyl__log_room(struct gyl__log_out *out, size_t more)
{
	if (out->cap - out->len < more) {
		size_t cap = 2 * out->cap + more + 4096;
		uint8_t *p = realloc(out->p, cap);

		if (p == NULL) {
			out->err = -ENOMEM;
			return NULL;
		}
		out->p = p;
		out->cap = cap;
	}
	return out->p + out->len;
}

bool gyl__log_thread_open(const struct gyl__log_ask *ask, struct gyl__log_thread *ret_t)
{
	char err[120];
	size_t off;

	memset(ret_t, 0, sizeof *ret_t);
	ret_t->scratch = malloc(GYL_SYSLOGD_QUERY_SCRATCH);
	if (ask->grep != NULL)
		ret_t->regex = gyl_regex_open(gyl_view_str(ask->grep), ask->caseless, err, &off);
	return ret_t->scratch != NULL && (ask->grep == NULL || ret_t->regex != NULL);
}

void gyl__log_thread_close(struct gyl__log_thread *t)
{
	gyl_syslogd_scratch_free(&t->x);
	free(t->scratch);
	gyl_regex_close(t->regex);
}

void gyl__log_frame(const struct gyl__log_scan *s, struct gyl__log_thread *t,
	const struct gyl_syslogd_seg *seg, const struct gyl_syslogd_frame *f,
	struct gyl__log_out *out)
{
	struct gyl_syslogd_query_cursor cur;
	struct gyl_syslogd_fields fields;
	struct gyl_view text, line;

	out->err = gyl_syslogd_seg_text(seg, f, &t->x, &text);
	if (out->err != 0)
		return;
	gyl_syslogd_query_begin(&cur, &s->q, text);
	while (gyl_syslogd_query_next(&cur, &line)) {
		if (!gyl_syslogd_fields(line, &fields) ||
			!gyl_syslogd_query_match(&s->q, &fields, t, t->scratch))
			continue;
		out->cnt++;
		s->put(s->arg, line, &fields, t->scratch, out);
	}
}

/* ---- threads ---- */

static void *work(void *arg)
{
	struct pool *p = arg;
	struct gyl__log_thread t;
	bool able = gyl__log_thread_open(p->s->ask, &t);

	pthread_mutex_lock(&p->lock);
	while (!p->stop) {
		struct job *j;

		if (p->begun == p->put) {
			pthread_cond_wait(&p->more, &p->lock);
			continue;
		}
		j = &p->job[p->begun++ % RING];
		pthread_mutex_unlock(&p->lock);
		if (able)
			gyl__log_frame(p->s, &t, &j->held->seg, j->frame, &j->out);
		else
			j->out.err = -ENOMEM;
		pthread_mutex_lock(&p->lock);
		j->done = true;
		pthread_cond_signal(&p->done);
	}
	p->s->gave_up_cnt += t.gave_up_cnt;
	pthread_mutex_unlock(&p->lock);
	gyl__log_thread_close(&t);
	return NULL;
}

/* A thread for each frame that waits, as long as there are processors. */
static bool start_thread(struct pool *p)
{
	if (p->thread_cnt == p->thread_max)
		return true;
	if (pthread_create(&p->thread[p->thread_cnt], NULL, work, p) == 0)
		p->thread_cnt++;
	return p->thread_cnt != 0;
}

static void stop_threads(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_broadcast(&p->more);
	pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < p->thread_cnt; i++)
		pthread_join(p->thread[i], NULL);
}

/* ---- frames into the ring ---- */

void gyl__log_complain(struct gyl__log_scan *s, const char *name, int err)
{
	s->bad = true;
	fprintf(stderr, "guyline: %s: %s\n", name,
		err == -EBADMSG
			? "the data is damaged; what is in the damaged part was not searched"
			: strerror(-err));
}

static void let_go(struct held *h)
{
	if (!h->open || !h->ended || h->used != 0)
		return;
	gyl_syslogd_seg_close(&h->seg);
	h->open = false;
}

/* Opens the next segment; false: there is none. */
static bool next_segment(struct pool *p)
{
	struct held *h = p->held;
	size_t i;
	int err;

	if (p->seg_i == p->r->cnt)
		return false;
	while (h->open)
		h++;
	i = p->s->newest_first ? p->r->cnt - 1 - p->seg_i : p->seg_i;
	p->seg_i++;
	p->frame_i = 0;
	err = gyl_syslogd_seg_open(p->r, i, &h->seg);
	if (err != 0) {
		if (err != -ENOENT) /* it was too old, and is gone */
			gyl__log_complain(p->s,
				i < p->r->closed.cnt ? p->r->closed.at[i].base : "the open file",
				err);
		return true;
	}
	if (h->seg.note[0] != '\0')
		fprintf(stderr, "guyline: %s: %s\n", h->seg.name, h->seg.note);
	p->s->bad = p->s->bad || (h->seg.note[0] != '\0' && h->seg.frame_cnt == 0);
	h->open = true;
	h->ended = false;
	h->used = 0;
	p->now = h;
	return true;
}

/* The next frame that may have something; NULL: there is none in this segment. */
static const struct gyl_syslogd_frame *next_frame(struct pool *p)
{
	const struct gyl_syslogd_seg *seg = &p->now->seg;

	while (p->frame_i < seg->frame_cnt) {
		size_t n = p->frame_i++;
		const struct gyl_syslogd_frame *f =
			&seg->frame[p->s->newest_first ? seg->frame_cnt - 1 - n : n];

		if (gyl_syslogd_query_frame(&p->s->q, f))
			return f;
	}
	return NULL;
}

/* One frame more into the ring. False: all are in it. */
static bool put_job(struct pool *p)
{
	const struct gyl_syslogd_frame *f = p->now == NULL ? NULL : next_frame(p);
	struct job *j = &p->job[p->put % RING];

	if (f == NULL) {
		if (p->now != NULL) {
			p->now->ended = true;
			let_go(p->now);
			p->now = NULL;
		}
		return next_segment(p);
	}
	j->held = p->now;
	j->frame = f;
	j->done = false;
	j->out.len = 0;
	j->out.cnt = 0;
	j->out.err = 0;
	j->held->used++;
	pthread_mutex_lock(&p->lock);
	p->put++;
	pthread_cond_signal(&p->more);
	pthread_mutex_unlock(&p->lock);
	return true;
}

/* ---- and out of it ---- */

/* The oldest result. False: nobody wants more. */
static bool take_job(struct pool *p)
{
	struct job *j = &p->job[p->taken % RING];
	bool more = true;

	pthread_mutex_lock(&p->lock);
	while (!j->done)
		pthread_cond_wait(&p->done, &p->lock);
	pthread_mutex_unlock(&p->lock);
	p->taken++;
	if (j->out.err != 0)
		gyl__log_complain(p->s, j->held->seg.name, j->out.err);
	p->s->found_cnt += j->out.cnt;
	if (j->out.cnt != 0)
		more = p->s->take(p->s->arg, &j->out);
	j->held->used--;
	let_go(j->held);
	return more;
}

static void run(struct pool *p)
{
	bool more = true, wanted = true;

	while (wanted && (more || p->taken != p->put)) {
		if (more && p->put - p->taken < p->ahead) {
			size_t before = p->put;

			more = put_job(p);
			if (p->put != before && p->put - p->taken > p->thread_cnt &&
				!start_thread(p)) {
				gyl__log_complain(p->s, "a thread", -EAGAIN);
				return;
			}
			continue;
		}
		wanted = take_job(p);
	}
}

void gyl__log_scan(struct gyl__log_scan *s, const struct gyl_syslogd_reader *r)
{
	struct pool *p = calloc(1, sizeof *p);
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (p == NULL) {
		gyl__log_complain(s, "the search", -ENOMEM);
		return;
	}
	p->s = s;
	p->r = r;
	p->thread_max = cpus < 1 ? 1 : cpus > THREAD_MAX ? THREAD_MAX : (unsigned)cpus;
	/* the newest few are soon found: what is searched ahead of them is for nothing */
	p->ahead = s->newest_first ? p->thread_max : RING;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->more, NULL);
	pthread_cond_init(&p->done, NULL);
	run(p);
	stop_threads(p);
	for (size_t i = 0; i < SEG_MAX; i++)
		if (p->held[i].open)
			gyl_syslogd_seg_close(&p->held[i].seg);
	for (size_t i = 0; i < RING; i++)
		free(p->job[i].out.p);
	free(p);
}

/* The number of the last record in a text, 0: there is none. */
static uint64_t last_in(struct gyl_view text)
{
	struct gyl_syslogd_query_cursor cur;
	struct gyl_syslogd_query all;
	struct gyl_view line;
	uint64_t seq = 0, last = 0;

	gyl_syslogd_query_init(&all);
	gyl_syslogd_query_begin(&cur, &all, text);
	while (gyl_syslogd_query_next(&cur, &line)) {
		seq = gyl_syslogd_record_seq(line);
		last = seq != 0 ? seq : last;
	}
	return last;
}

uint64_t gyl__log_last_seq(const struct gyl_syslogd_reader *r)
{
	struct gyl_syslogd_scratch x = {0};
	struct gyl_syslogd_seg seg;
	struct gyl_view text;
	uint64_t seq = 0;

	if (r->cnt > r->closed.cnt && gyl_syslogd_seg_open(r, r->cnt - 1, &seg) == 0) {
		for (size_t i = seg.frame_cnt; i-- > 0 && seq == 0;)
			if (gyl_syslogd_seg_text(&seg, &seg.frame[i], &x, &text) == 0)
				seq = last_in(text);
		gyl_syslogd_seg_close(&seg);
	}
	gyl_syslogd_scratch_free(&x);
	if (seq == 0 && r->closed.cnt != 0)
		seq = r->closed.at[r->closed.cnt - 1].seq;
	return seq;
}
