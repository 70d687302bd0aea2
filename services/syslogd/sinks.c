/* SPDX-License-Identifier: ISC */
#include "services/syslogd/sinks.h"

#include <errno.h>
#include <gyl/time.h>
#include <stdio.h>
#include <stdlib.h>

#include "conf/top.h"
#include "services/syslogd/regex.h"
#include "services/syslogd/spawn.h"

static const uint64_t tell_pause_ns = 10 * GYL_NS_PER_S;

/* ---- what sinks say ---- */

static void say(const struct gyl_syslogd_sink *s, struct gyl_event *e)
{
	gyl_event_str(e, "output", gyl_view_str(s->name));
	s->env->say(s->env->arg, e);
}

void gyl_syslogd_sink_lost(struct gyl_syslogd_sink *s, uint64_t cnt, const char *why)
{
	if (cnt == 0)
		return;
	s->stat.lost_cnt += cnt;
	if (why != s->why)
		snprintf(s->why, sizeof s->why, "%s", why);
}

void gyl_syslogd_sink_fail(struct gyl_syslogd_sink *s, const char *why, struct gyl_now now)
{
	struct gyl_event e;

	snprintf(s->why, sizeof s->why, "%s", why);
	if (s->failed_ns != 0)
		return;
	s->failed_ns = now.mono_ns;
	gyl_event_init(&e, GYL_EV_SYSLOGD_OUTPUT);
	gyl_event_str(&e, "reason", gyl_view_str(why));
	say(s, &e);
}

void gyl_syslogd_sink_well(struct gyl_syslogd_sink *s, struct gyl_now now)
{
	struct gyl_event e;

	if (s->failed_ns == 0)
		return;
	gyl_event_init(&e, GYL_EV_SYSLOGD_WELL);
	gyl_event_u64(&e, "pause", (now.mono_ns - s->failed_ns) / GYL_NS_PER_MS * GYL_NS_PER_MS);
	s->failed_ns = 0;
	say(s, &e);
}

static void tell_lost(struct gyl_syslogd_sink *s, struct gyl_now now)
{
	struct gyl_event e;

	if (s->stat.lost_cnt == s->told_cnt || now.mono_ns < s->told_ns)
		return;
	gyl_event_init(&e, GYL_EV_SYSLOGD_LOST);
	gyl_event_u64(&e, "count", s->stat.lost_cnt - s->told_cnt);
	gyl_event_str(&e, "reason", gyl_view_str(s->why));
	s->told_cnt = s->stat.lost_cnt;
	s->told_ns = now.mono_ns + tell_pause_ns;
	say(s, &e);
}

/* ---- entries ---- */

static void hand_over(struct gyl_syslogd_sinks *s, const struct gyl_syslogd_entry *e,
	const uint8_t *path, struct gyl_now now)
{
	struct gyl_syslogd_sink *to = e->output < s->cnt ? s->sink[e->output] : NULL;

	if (to == NULL)
		return; /* there was no memory for it */
	if (to->ops->put(to, gyl_view(path, e->path_len), gyl_view(path + e->path_len, e->text_len),
		    now))
		to->stat.put_cnt++;
	else
		gyl_syslogd_sink_lost(to, 1, to->why);
}

static void drain_at(struct gyl_syslogd_sinks *s, struct gyl_now now)
{
	struct gyl_syslogd_entry e;

	for (uint32_t at = 0; at < s->log.len; at += (uint32_t)sizeof e + e.path_len + e.text_len) {
		memcpy(&e, s->log.p + at, sizeof e);
		hand_over(s, &e, s->log.p + at + sizeof e, now);
	}
	s->log.len = 0;
}

static void drain(void *arg)
{
	struct gyl_syslogd_sinks *s = arg;

	drain_at(s, s->env.service->run->now);
}

static void take_long(struct gyl_syslogd_sinks *s, unsigned i)
{
	gyl_syslogd_sink_lost(s->sink[i], s->rules->output[i].long_cnt, "the message is too long");
	s->rules->output[i].long_cnt = 0;
}

static uint64_t turn(struct gyl_syslogd_sinks *s, unsigned i, struct gyl_now now)
{
	struct gyl_syslogd_sink *to = s->sink[i];

	take_long(s, i);
	to->due_ns = to->ops->turn(to, now);
	tell_lost(to, now);
	return to->stat.lost_cnt == to->told_cnt ? to->due_ns
						 : gyl_time_min(to->due_ns, to->told_ns);
}

static uint64_t write_out(void *arg, struct gyl_log *l, struct gyl_now now)
{
	struct gyl_syslogd_sinks *s = arg;
	uint64_t due_ns = UINT64_MAX;

	(void)l;
	drain_at(s, now);
	for (unsigned i = 0; i < s->cnt; i++)
		if (s->sink[i] != NULL)
			due_ns = gyl_time_min(due_ns, turn(s, i, now));
	return due_ns;
}

/* ---- expressions ---- */

static int match(void *arg, unsigned rule, struct gyl_view text)
{
	struct gyl_syslogd_sinks *s = arg;

	return s->regex[rule] == NULL ? 0 : gyl_regex_match(s->regex[rule], text);
}

static void make_regexes(
	struct gyl_syslogd_sinks *s, const struct gyl_flat *f, const struct gyl_syslogd_conf *cf)
{
	const struct gyl_syslogd_rule_conf *r = gyl_flat_at(f, cf->rules);
	char err[120];
	size_t off;

	for (unsigned i = 0; i < GYL_SYSLOGD_RULE_MAX; i++) {
		gyl_regex_close(s->regex[i]);
		s->regex[i] = NULL;
		if (i < cf->rules.cnt && r[i].message.cnt != 0)
			s->regex[i] =
				gyl_regex_open(gyl_flat_view(f, r[i].message), false, err, &off);
	}
}

/* ---- the sinks of a configuration ---- */

const char *gyl_syslogd_sinks_dir(
	const struct gyl_flat *f, const struct gyl_syslogd_output_conf *o, char *buf, size_t cap)
{
	struct gyl_view path = gyl_flat_view(f, o->file);

	if (path.len == 0)
		return NULL;
	snprintf(buf, cap, "%.*s", (int)gyl_syslogd_template_dir(path), (const char *)path.p);
	return buf;
}

const struct gyl_syslogd_sink_ops *gyl_syslogd_sink_kind(const struct gyl_syslogd_output_conf *cf)
{
	if (cf->forward.cnt != 0)
		return &gyl_syslogd_sink_forward;
	return cf->file.cnt != 0 ? &gyl_syslogd_sink_file : &gyl_syslogd_sink_program;
}

static void close_sink(struct gyl_syslogd_sink *s, struct gyl_now now)
{
	if (s == NULL)
		return;
	s->ops->close(s, now);
	s->told_ns = 0;
	tell_lost(s, now);
	free(s);
}

/* An output that could not be opened with a new configuration: all that it gets is counted. */
static bool lose(
	struct gyl_syslogd_sink *s, struct gyl_view path, struct gyl_view text, struct gyl_now now)
{
	(void)s;
	(void)path;
	(void)text;
	(void)now;
	return false;
}

static uint64_t no_turn(struct gyl_syslogd_sink *s, struct gyl_now now)
{
	(void)s;
	(void)now;
	return UINT64_MAX;
}

static bool no_renew(struct gyl_syslogd_sink *s, const struct gyl_flat *f,
	const struct gyl_syslogd_output_conf *cf)
{
	(void)s;
	(void)f;
	(void)cf;
	return false;
}

static void no_close(struct gyl_syslogd_sink *s, struct gyl_now now)
{
	(void)s;
	(void)now;
}

static const struct gyl_syslogd_sink_ops not_opened = {
	.renew = no_renew, .put = lose, .turn = no_turn, .close = no_close};

/* NULL at the start when it cannot be opened, later when there is no memory. */
static struct gyl_syslogd_sink *open_sink(struct gyl_syslogd_sinks *s, const struct gyl_flat *f,
	const struct gyl_syslogd_output_conf *cf, char err[200])
{
	struct gyl_syslogd_sink *to = calloc(1, sizeof *to);

	snprintf(err, 200, "out of memory");
	if (to == NULL)
		return NULL;
	to->ops = gyl_syslogd_sink_kind(cf);
	to->env = &s->env;
	snprintf(to->name, sizeof to->name, "%s", (const char *)gyl_flat_at(f, cf->name));
	to->own = to->ops->open(to, f, cf, err);
	if (to->own != NULL)
		return to;
	if (!s->env.start) {
		to->ops = &not_opened;
		gyl_syslogd_sink_fail(to, err, s->env.service->run->now);
		return to;
	}
	free(to);
	return NULL;
}

/* The sink of that name that goes on with cf: it is taken out of the list. */
static struct gyl_syslogd_sink *renew(struct gyl_syslogd_sink **old, unsigned cnt,
	const struct gyl_flat *f, const struct gyl_syslogd_output_conf *cf)
{
	for (unsigned i = 0; i < cnt; i++) {
		struct gyl_syslogd_sink *s = old[i];

		if (s == NULL || s->ops != gyl_syslogd_sink_kind(cf) ||
			!gyl_view_eq(gyl_view_str(s->name), gyl_flat_view(f, cf->name)) ||
			!s->ops->renew(s, f, cf))
			continue;
		old[i] = NULL;
		return s;
	}
	return NULL;
}

static void changed(void *arg, const struct gyl_flat *f, const struct gyl_syslogd_conf *cf)
{
	struct gyl_syslogd_sinks *s = arg;
	const struct gyl_syslogd_output_conf *o = gyl_flat_at(f, cf->outputs);
	struct gyl_now now = s->env.service->run->now;
	struct gyl_syslogd_sink *old[GYL_SYSLOGD_OUTPUT_MAX];
	unsigned old_cnt = s->cnt;
	char err[200];

	drain_at(s, now);
	make_regexes(s, f, cf);
	memcpy(old, s->sink, sizeof old);
	s->cnt = cf->outputs.cnt;
	for (unsigned i = 0; i < s->cnt; i++)
		s->sink[i] = renew(old, old_cnt, f, &o[i]);
	for (unsigned i = 0; i < old_cnt; i++)
		close_sink(old[i], now);
	for (unsigned i = 0; i < s->cnt; i++)
		if (s->sink[i] == NULL)
			s->sink[i] = open_sink(s, f, &o[i], err);
	s->log.due_ns = 0;
}

/* ---- programs ---- */

static void on_ended(void *arg)
{
	struct gyl_syslogd_sinks *s = arg;
	uint32_t token;
	int status;
	bool gone;

	while (gyl_spawn_ended(s->env.spawn, &token, &status, &gone))
		for (unsigned i = 0; i < s->cnt; i++)
			if (s->sink[i] != NULL && s->sink[i]->ops == &gyl_syslogd_sink_program &&
				gyl_syslogd_program_token(s->sink[i]) == token)
				gyl_syslogd_program_ended(
					s->sink[i], status, s->env.service->run->now);
	if (gone && s->watch != NULL) {
		gyl_loop_unwatch(s->watch);
		s->watch = NULL;
	}
	s->log.due_ns = 0;
}

static void words_of(const struct gyl_flat *f, const struct gyl_syslogd_output_conf *o,
	struct gyl_spawn_program *p)
{
	const struct gyl_ref *arg = gyl_flat_at(f, o->program);

	for (uint32_t i = 0; i < o->program.cnt && i < GYL_SPAWN_ARG_MAX; i++)
		p->arg[i] = gyl_flat_at(f, arg[i]);
}

static int open_spawn(struct gyl_syslogd_sinks *s, const struct gyl_syslogd_conf *cf, char err[200])
{
	const struct gyl_service_env *env = s->env.service;
	const struct gyl_syslogd_output_conf *o = gyl_flat_at(env->flat, cf->outputs);
	struct gyl_spawn_program program[GYL_SPAWN_MAX] = {{{NULL}}};
	const char *user = env->top->user.cnt == 0 ? NULL : gyl_flat_at(env->flat, env->top->user);
	unsigned cnt = 0;

	for (unsigned i = 0; i < cf->outputs.cnt; i++)
		if (o[i].program.cnt != 0)
			words_of(env->flat, &o[i], &program[cnt++]);
	if (cnt == 0)
		return 0;
	s->env.spawn = gyl_spawn_open(
		program, cnt, s->env.uid == UINT32_MAX || !env->top->sandbox ? NULL : user);
	if (s->env.spawn != NULL)
		s->watch = gyl_loop_watch(env->loop, gyl_spawn_fd(s->env.spawn), on_ended, s);
	if (s->watch != NULL)
		return 0;
	snprintf(err, 200, "cannot start the helper for programs: %s", strerror(errno));
	return -1;
}

int gyl_syslogd_sinks_open(struct gyl_syslogd_sinks *s, struct gyl_syslogd_rules *rules,
	const struct gyl_syslogd_conf *cf, char err[200])
{
	const struct gyl_flat *f = s->env.service->flat;
	const struct gyl_syslogd_output_conf *o = gyl_flat_at(f, cf->outputs);

	s->rules = rules;
	s->helper = (struct gyl_syslogd_helper){s, changed, match, drain};
	s->log = (struct gyl_log){.p = malloc(GYL_SYSLOGD_OUT_CAP),
		.cap = GYL_SYSLOGD_OUT_CAP,
		.write = write_out,
		.arg = s};
	snprintf(err, 200, "no memory for the buffer of outputs");
	if (s->log.p == NULL || open_spawn(s, cf, err) != 0)
		return -1;
	make_regexes(s, f, cf);
	s->env.start = true;
	for (; s->cnt < cf->outputs.cnt; s->cnt++) {
		s->sink[s->cnt] = open_sink(s, f, &o[s->cnt], err);
		if (s->sink[s->cnt] == NULL)
			return -1;
	}
	s->env.start = false;
	return 0;
}

void gyl_syslogd_sinks_close(struct gyl_syslogd_sinks *s)
{
	struct gyl_now now = s->env.service->run->now;

	if (s->log.p != NULL)
		drain_at(s, now);
	for (unsigned i = 0; i < s->cnt; i++) {
		uint64_t told_cnt = s->sink[i] == NULL ? 0 : s->sink[i]->told_cnt;

		if (s->sink[i] == NULL)
			continue;
		s->sink[i]->ops->close(s->sink[i], now);
		if (s->sink[i]->stat.lost_cnt != told_cnt)
			fprintf(stderr, "syslogd: output %s: %llu messages lost: %s\n",
				s->sink[i]->name,
				(unsigned long long)(s->sink[i]->stat.lost_cnt - told_cnt),
				s->sink[i]->why);
		free(s->sink[i]);
	}
	for (unsigned i = 0; i < GYL_SYSLOGD_RULE_MAX; i++)
		gyl_regex_close(s->regex[i]);
	if (s->watch != NULL)
		gyl_loop_unwatch(s->watch);
	gyl_spawn_close(s->env.spawn);
	free(s->log.p);
}
