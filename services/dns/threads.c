/* SPDX-License-Identifier: ISC */
#include "services/dns/threads.h"

#include <errno.h>
#include <gyl/text.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "services/dns/worker.h"

enum {
	EVENT_OCTETS = 1 << 18,
	NAME_LEN = 16 /* of a thread, with its NUL */
};

struct thread {
	struct gyl__dns_threads *all;
	unsigned number; /* from 1 */
	bool started;
	pthread_t id;
	struct gyl_loop *loop;
	struct gyl_host host;
	struct gyl_run run;
	void *event_mem;
	struct gyl_dns *core;
	struct gyl_pass *pass;
};

struct gyl__dns_threads {
	struct gyl_dns_team *team; /* its memory, too */
	_Atomic bool stop;
	unsigned cnt;
	struct thread thread[GYL_DNS_LOOP_MAX - 1];
};

unsigned gyl__dns_threads_wanted(const struct gyl_service_env *env)
{
	const struct gyl_dns_conf *cf = env->conf;
	cpu_set_t set;
	int cnt = cf->workers;

	if (cnt == 0 && sched_getaffinity(0, sizeof set, &set) == 0)
		cnt = CPU_COUNT(&set);
	if (cnt > GYL_DNS_LOOP_MAX)
		cnt = GYL_DNS_LOOP_MAX;
	return cnt < 1 ? 1 : (unsigned)cnt;
}

/* ---- one of them ---- */

static void wake_loop(void *loop)
{
	gyl_loop_wake(loop);
}

/* What it says is told by the first loop, like everything else. */
static void pass_event(void *arg, const struct gyl_event *e)
{
	(void)gyl_pass_event(arg, e);
}

static void post(struct thread *t)
{
	struct gyl_dns_worker_stat st;

	if (gyl_dns_worker_at_ns(t->core) > t->run.now.mono_ns)
		return;
	memset(&st, 0, sizeof st);
	t->host.ops->stat(t->host.h, &st.host);
	st.answer = t->run.core[0].answer;
	st.event_lost_cnt = t->run.stat.event_lost_cnt;
	gyl_dns_worker_post(t->core, t->run.now, &st);
}

static void *run(void *arg)
{
	struct thread *t = arg;
	char name[NAME_LEN];

	(void)snprintf(name, sizeof name, "dns worker %u", t->number);
	(void)pthread_setname_np(pthread_self(), name);
	while (!atomic_load_explicit(&t->all->stop, memory_order_acquire)) {
		gyl_dns_worker_look(t->core);
		gyl_run_step(&t->run, gyl_dns_worker_at_ns(t->core));
		post(t);
	}
	return NULL;
}

/* A runner with one core, no store, and one who hears its events. */
static int open_runner(struct thread *t, const struct gyl_bind *b)
{
	struct gyl_run_conf cf = {.event_len = EVENT_OCTETS};
	int port;

	t->event_mem = malloc(EVENT_OCTETS);
	if (t->event_mem == NULL)
		return -ENOMEM;
	cf.event_mem = t->event_mem;
	gyl_run_init(&t->run, t->host, NULL, &cf);
	(void)gyl_run_sink(&t->run, pass_event, NULL, t->pass);
	port = gyl_run_listen(&t->run, gyl_run_add(&t->run, &gyl_dns_worker_core, t->core), b);
	return port < 0 ? port : 0;
}

static int open_one(struct gyl_service_env *env, struct thread *t, const struct gyl_bind *b,
	int port, char err[200])
{
	struct gyl_dns_waker worker = {.wake = wake_loop}, first = {wake_loop, env->loop};
	unsigned i = t->number - 1;
	int ret;

	t->loop = gyl_loop_open();
	if (t->loop == NULL)
		return -errno;
	ret = gyl_host_kernel_beside(&env->host, t->loop, &t->host, err);
	if (ret != 0)
		return ret;
	worker.arg = t->loop;
	t->core = gyl_dns_team_worker(t->all->team, i, worker, first, (uint8_t)port, b->role);
	t->pass = gyl_dns_team_pass(t->all->team, i);
	if (!gyl_run_pass(env->run, env->core, t->pass))
		return -ENOSPC;
	ret = open_runner(t, b);
	gyl_run_clock_like(&t->run, env->run);
	return ret;
}

/* ---- all ---- */

int gyl__dns_threads_open(struct gyl_service_env *env, struct gyl_dns *first,
	const struct gyl_bind *b, int port, char err[200])
{
	struct gyl__dns_threads *all = calloc(1, sizeof *all);
	unsigned cnt = gyl__dns_threads_wanted(env) - 1;
	struct gyl_bind own = *b;
	void *mem;

	env->own = all;
	mem = aligned_alloc(GYL_PASS_LINE, gyl_dns_team_need(cnt));
	if (all == NULL || mem == NULL) {
		free(mem);
		(void)snprintf(err, 200, "no memory for %u workers", cnt);
		return -1;
	}
	all->team = gyl_dns_team_init(mem, first, cnt);
	all->cnt = cnt;
	own.flags &= (uint8_t)~GYL_BIND_FIRST;
	for (unsigned i = 0; i < cnt; i++) {
		int ret;

		all->thread[i].all = all;
		all->thread[i].number = i + 1;
		err[0] = '\0';
		ret = open_one(env, &all->thread[i], &own, port, err);
		if (ret == 0)
			continue;
		if (err[0] == '\0')
			(void)snprintf(err, 200, "worker %u: %s", i + 1, strerror(-ret));
		return -1;
	}
	return 0;
}

int gyl__dns_threads_start(struct gyl_service_env *env, void *core)
{
	struct gyl__dns_threads *all = env->own;
	int err = 0;

	(void)core;
	for (unsigned i = 0; all != NULL && i < all->cnt && err == 0; i++) {
		err = gyl_thread_start(&all->thread[i].id, run, &all->thread[i]);
		all->thread[i].started = err == 0;
	}
	return err;
}

/* Workers look between two batches: what is replaced is theirs until all have taken what is new. */
bool gyl__dns_threads_uses(struct gyl_service_env *env, void *core, struct gyl_view block)
{
	struct gyl__dns_threads *all = env->own;

	return gyl_dns_uses(core, block.p) || (all != NULL && !gyl_dns_team_settled(all->team));
}

void gyl__dns_threads_beside(
	const struct gyl_service_env *env, const void *core, struct gyl_service_beside *sum)
{
	const struct gyl__dns_threads *all = env->own;
	const struct gyl_dns_worker_stat *st;

	(void)core;
	for (unsigned i = 0; all != NULL && (st = gyl_dns_team_stat(all->team, i)) != NULL; i++) {
		sum->host.in_cnt += st->host.in_cnt;
		sum->host.in_octets += st->host.in_octets;
		sum->host.out_cnt += st->host.out_cnt;
		sum->host.out_octets += st->host.out_octets;
		sum->host.in_bad_cnt += st->host.in_bad_cnt;
		sum->host.in_lost_cnt += st->host.in_lost_cnt;
		sum->host.out_lost_cnt += st->host.out_lost_cnt;
		gyl_histogram_sum(&sum->answer, &st->answer);
		sum->event_lost_cnt += st->event_lost_cnt;
	}
}

static void put_family(const struct gyl__dns_threads *all, struct gyl_metrics *m, const char *name,
	const char *help, size_t off)
{
	const struct gyl_dns_worker_stat *st;

	if (all == NULL)
		return;
	gyl_metrics_family(m, name, GYL_METRICS_COUNTER, help);
	for (unsigned i = 0; (st = gyl_dns_team_stat(all->team, i)) != NULL; i++) {
		uint8_t text[8];
		struct gyl_metrics_label label = {.name = "worker"};
		struct gyl_writer w;
		uint64_t v;

		gyl_writer_init(&w, text, sizeof text);
		gyl_text_u64(&w, i + 1);
		label.val = gyl_writer_view(&w);
		memcpy(&v, (const uint8_t *)st + off, sizeof v);
		gyl_metrics_u64(m, &label, 1, v);
	}
}

void gyl__dns_threads_metrics(const struct gyl_service_env *env, struct gyl_metrics *m)
{
	put_family(env->own, m, "guyline_dns_worker_answers_total",
		"Answers that a worker gave by itself.",
		offsetof(struct gyl_dns_worker_stat, answer_cnt));
	put_family(env->own, m, "guyline_dns_worker_passed_total",
		"Queries that it passed to the first loop.",
		offsetof(struct gyl_dns_worker_stat, passed_cnt));
	put_family(env->own, m, "guyline_dns_worker_lost_total",
		"Of these, lost because the first loop does not keep up.",
		offsetof(struct gyl_dns_worker_stat, lost_cnt));
}

static void close_one(struct thread *t)
{
	if (t->started) {
		gyl_loop_wake(t->loop);
		(void)pthread_join(t->id, NULL);
	}
	if (t->host.ops != NULL)
		t->host.ops->close(t->host.h);
	gyl_loop_close(t->loop);
	free(t->event_mem);
}

void gyl__dns_threads_close(struct gyl_service_env *env)
{
	struct gyl__dns_threads *all = env->own;

	if (all == NULL)
		return;
	atomic_store_explicit(&all->stop, true, memory_order_release);
	for (unsigned i = 0; i < all->cnt; i++)
		close_one(&all->thread[i]);
	free(all->team);
	free(all);
	env->own = NULL;
}
