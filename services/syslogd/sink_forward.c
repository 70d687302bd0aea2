/* SPDX-License-Identifier: ISC */

/*
 * An output to another collector: a queue on the disk (queue.h), and a link of the core that
 * forwards (forward.h), which is added to the runner with the first of them.
 */

#include <gyl/time.h>
#include <stdio.h>
#include <stdlib.h>

#include "services/syslogd/forward_parse.h"
#include "services/syslogd/forward_tls.h"
#include "services/syslogd/queue.h"
#include "services/syslogd/sink.h"

struct forward {
	struct gyl_syslogd_link link;
	struct gyl_syslogd_queue queue;
	struct gyl_syslogd_sink *sink;
	char dir[4096];
};

/* How long the end waits for what is on its way. */
static const uint64_t end_ns = 500 * GYL_NS_PER_MS;

/* ---- what the link asks ---- */

static bool ready(const void *arg)
{
	return gyl_syslogd_queue_ready(&((const struct forward *)arg)->queue);
}

static bool peek(void *arg, struct gyl_view *ret_text, uint64_t *ret_nr)
{
	return gyl_syslogd_queue_peek(&((struct forward *)arg)->queue, ret_text, ret_nr);
}

static void step(void *arg)
{
	gyl_syslogd_queue_step(&((struct forward *)arg)->queue);
}

static void rewind_queue(void *arg)
{
	gyl_syslogd_queue_rewind(&((struct forward *)arg)->queue);
}

static void done(void *arg, uint64_t nr)
{
	gyl_syslogd_queue_done(&((struct forward *)arg)->queue, nr);
}

static uint64_t waiting(const void *arg)
{
	return gyl_syslogd_queue_cnt(&((const struct forward *)arg)->queue);
}

static uint32_t room(void *arg, uint32_t flow)
{
	const struct gyl_syslogd_sink_env *env = ((const struct forward *)arg)->sink->env;

	return gyl_run_flow_room(env->service->run, env->forward_core, flow);
}

static uint32_t unacked(void *arg, uint32_t flow, uint64_t *ret_silent_ns)
{
	const struct gyl_syslogd_sink_env *env = ((const struct forward *)arg)->sink->env;

	return gyl_run_flow_unacked(env->service->run, env->forward_core, flow, ret_silent_ns);
}

static const struct gyl_syslogd_link_ops link_ops = {
	ready, peek, step, rewind_queue, done, waiting, room, unacked};

static void lost(void *arg, uint64_t cnt, const char *why)
{
	gyl_syslogd_sink_lost(((struct forward *)arg)->sink, cnt, why);
}

static void say(void *arg, const struct gyl_event *e)
{
	const struct gyl_syslogd_sink_env *env = ((const struct forward *)arg)->sink->env;

	env->say(env->arg, e);
}

/* ---- opening ---- */

/* The core that forwards, for all outputs. False with a sentence in err. */
static bool open_core(struct gyl_syslogd_sink_env *env, char err[200])
{
	struct gyl_service_env *service = env->service;
	const struct gyl_syslogd_conf *c = service->conf; /* as it is at the start */

	if (env->forward != NULL)
		return true;
	if (!env->start) { /* it may not open connections: nothing did at the start */
		snprintf(err, 200, "the first output that forwards takes a restart");
		return false;
	}
	env->forward = calloc(1, sizeof *env->forward);
	if (env->forward == NULL) {
		snprintf(err, 200, "no memory to forward");
		return false;
	}
	env->own_port[GYL_SYSLOGD_BY_UDP] = c->port;
	env->own_port[GYL_SYSLOGD_BY_TCP] = gyl_syslogd_tcp_port(c);
	env->own_port[GYL_SYSLOGD_BY_TLS] = c->tls_port;
	env->sync = c->sync == GYL_SYSLOGD_SYNC_SECOND;
	env->forward->rng = service->rng;
	env->forward_core = gyl_run_add(service->run, &gyl_syslogd_forward_core, env->forward);
	service->connects = true;
	return true;
}

static bool is_ours(const struct gyl_service_env *service, uint32_t ip)
{
	const struct gyl_host *h = &service->host;
	uint8_t prefix, mac[6];
	uint32_t ours;

	if (ip >> 24 == 127)
		return true;
	for (unsigned iface = 0; h->ops->addr(h->h, iface, 0, &ours, &prefix, mac); iface++)
		for (unsigned n = 0; h->ops->addr(h->h, iface, n, &ours, &prefix, mac); n++)
			if (ours == ip)
				return true;
	return false;
}

/* Would we hear ourselves? Then every message would come back for ever. */
static bool is_self(const struct gyl_syslogd_sink_env *env, const struct gyl_syslogd_link_conf *cf,
	char err[200])
{
	for (unsigned i = 0; i < cf->place_cnt; i++) {
		if (cf->place[i].port != env->own_port[cf->way] ||
			!is_ours(env->service, cf->place[i].ip))
			continue;
		snprintf(err, 200, "output %s forwards to this collector itself: a loop", cf->name);
		return true;
	}
	return false;
}

static bool lacks_tls(const struct gyl_syslogd_sink_env *env,
	const struct gyl_syslogd_link_conf *cf, char err[200])
{
	if (cf->way != GYL_SYSLOGD_BY_TLS || env->tls)
		return false;
	snprintf(err, 200, "the first output over TLS takes a restart");
	return true;
}

/* The check vouches for the places. */
static void link_conf(const struct gyl_syslogd_sink *s, const struct gyl_flat *f,
	const struct gyl_syslogd_output_conf *cf, struct gyl_syslogd_link_conf *ret)
{
	const struct gyl_ref *text = gyl_flat_at(f, cf->forward);
	enum gyl_syslogd_way way = GYL_SYSLOGD_BY_TCP;

	memset(ret, 0, sizeof *ret);
	snprintf(ret->name, sizeof ret->name, "%s", s->name);
	for (uint32_t i = 0; i < cf->forward.cnt && i < GYL_SYSLOGD_PLACE_MAX; i++)
		if (!gyl_failed(gyl_syslogd_place_parse(
			    gyl_flat_view(f, text[i]), &way, &ret->place[ret->place_cnt])))
			ret->place_cnt++;
	ret->way = (uint8_t)way;
	ret->tls = gyl_syslogd_forward_tls_of(f, cf);
	ret->framing = cf->framing;
	ret->pace = cf->pace == 0 ? GYL_SYSLOGD_PACE : cf->pace;
}

static void queue_conf(struct forward *w, const struct gyl_syslogd_output_conf *cf,
	struct gyl_syslogd_queue_conf *ret)
{
	const struct gyl_syslogd_sink_env *env = w->sink->env;

	*ret = (struct gyl_syslogd_queue_conf){.dir = w->dir,
		.size_max = cf->queue_size == 0 ? GYL_SYSLOGD_QUEUE_SIZE : cf->queue_size,
		.drop_old = cf->drop_old,
		.sync = env->sync,
		.uid = env->uid,
		.gid = env->gid,
		.host = &env->service->host,
		.say = say,
		.lost = lost,
		.arg = w};
}

static int open_all(struct forward *w, const struct gyl_flat *f,
	const struct gyl_syslogd_output_conf *cf, char err[200])
{
	struct gyl_syslogd_sink_env *env = w->sink->env;
	struct gyl_syslogd_queue_conf queue;
	struct gyl_syslogd_link_conf link;

	link_conf(w->sink, f, cf, &link);
	if (!open_core(env, err) || is_self(env, &link, err) || lacks_tls(env, &link, err))
		return -1;
	snprintf(w->dir, sizeof w->dir, "%s/queue/%s", env->service->state, w->sink->name);
	queue_conf(w, cf, &queue);
	if (gyl_syslogd_queue_open(&w->queue, &queue, env->service->run->now, err) != 0)
		return -1;
	gyl_syslogd_forward_add(env->forward, &w->link, &link, &link_ops, w);
	return 0;
}

static void *open_sink(struct gyl_syslogd_sink *s, const struct gyl_flat *f,
	const struct gyl_syslogd_output_conf *cf, char err[200])
{
	struct forward *w = calloc(1, sizeof *w);

	if (w == NULL) {
		snprintf(err, 200, "no memory to forward");
		return NULL;
	}
	w->sink = s;
	if (open_all(w, f, cf, err) == 0)
		return w;
	free(w);
	return NULL;
}

static bool renew(struct gyl_syslogd_sink *s, const struct gyl_flat *f,
	const struct gyl_syslogd_output_conf *cf)
{
	struct forward *w = s->own;
	struct gyl_syslogd_queue_conf queue;
	struct gyl_syslogd_link_conf link;
	char err[200];

	link_conf(s, f, cf, &link);
	if (is_self(s->env, &link, err) || lacks_tls(s->env, &link, err))
		return false; /* opening it says why */
	queue_conf(w, cf, &queue);
	w->queue.cf = queue;
	gyl_syslogd_forward_change(&w->link, &link);
	return true;
}

/* ---- a sink ---- */

static bool put(
	struct gyl_syslogd_sink *s, struct gyl_view path, struct gyl_view text, struct gyl_now now)
{
	struct forward *w = s->own;
	const char *why = text.len == 0 ? NULL : gyl_syslogd_queue_put(&w->queue, text, now);

	(void)path;
	if (why != NULL)
		snprintf(s->why, sizeof s->why, "%s", why);
	return why == NULL;
}

static uint64_t turn(struct gyl_syslogd_sink *s, struct gyl_now now)
{
	return gyl_syslogd_queue_flush(&((struct forward *)s->own)->queue, now);
}

/* At the very end: what the other side has taken need not be sent again by the next start. */
static void wait_for_it(struct forward *w, struct gyl_now now)
{
	const struct gyl_host *h = &w->sink->env->service->run->host;
	uint64_t until_ns = now.mono_ns + end_ns;

	while (gyl_syslogd_queue_busy(&w->queue) ||
		(!gyl_syslogd_forward_look(&w->link, now) && now.mono_ns < until_ns))
		h->ops->wait(h->h, now.mono_ns + GYL_NS_PER_MS, &now);
}

static void close_sink(struct gyl_syslogd_sink *s, struct gyl_now now)
{
	struct forward *w = s->own;

	if (s->env->service->run->stop)
		wait_for_it(w, now);
	gyl_syslogd_forward_remove(s->env->forward, &w->link);
	if (!gyl_syslogd_queue_close(&w->queue, now))
		gyl_syslogd_sink_lost(
			s, w->queue.next - w->queue.written, "the queue cannot be written");
	free(w);
}

static void state(const struct gyl_syslogd_sink *s, struct gyl_syslogd_sink_state *ret)
{
	const struct forward *w = s->own;

	ret->works = w->link.is_up;
	ret->waiting_cnt = gyl_syslogd_queue_cnt(&w->queue);
	ret->waiting_len = w->queue.size;
	ret->sent_cnt = w->link.stat.sent_cnt;
	ret->again_cnt = w->link.stat.again_cnt;
	ret->cut_cnt = w->link.stat.cut_cnt;
	ret->fail_cnt = w->link.stat.fail_cnt;
}

const struct gyl_syslogd_sink_ops gyl_syslogd_sink_forward = {
	open_sink, renew, put, turn, close_sink, state};
