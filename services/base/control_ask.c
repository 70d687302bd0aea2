/* SPDX-License-Identifier: ISC */

/*
 * Verbs that cores answer (service.h, question.h), and those about the store: slice after slice,
 * the next one when the client has room for it and the loop has served everybody else.
 */

#include <event2/buffer.h>
#include <event2/event.h>
#include <gyl/text.h>
#include <gyl/time.h>
#include <stdlib.h>

#include "services/base/control_own.h"

enum {
	NUMBER_LEN = 24,
	BUSY_US = 1000, /* a core without room, a store that is not durable yet: look again */
	GIVE_UP_S = 15  /* so long; then the client is told */
};

typedef void look_verb(
	const struct gyl_store *s, struct gyl_question *q, union gyl_store_look *look);

/* A question on its way. Its words are borrowed from the request. */
struct gyl_answer {
	struct gyl_question q;
	struct gyl_question_arg arg[GYL_QUESTION_ARG_MAX];
	char number[GYL_QUESTION_ARG_MAX][NUMBER_LEN];
	struct gyl_match match;
	struct gyl_writer answer, wrong;
	json_t *req;
	int core;
	look_verb *look_fn; /* about the store; NULL: the core is asked */
	union gyl_store_look look;
	bool asked; /* the core has answered a slice, which waits to be told */
	uint64_t give_up_ns;
	struct event *timer;
	uint8_t slice[GYL_QUESTION_SLICE_LEN];
	uint8_t why[GYL_QUESTION_WRONG_LEN];
};

void gyl__control_answer_free(struct gyl_client *cl)
{
	struct gyl_answer *a = cl->answer;

	if (a == NULL)
		return;
	cl->answer = NULL;
	if (a->timer != NULL)
		event_free(a->timer);
	json_decref(a->req);
	free(a);
}

void gyl__control_lines(struct gyl_client *cl, struct gyl_view lines)
{
	size_t at = 0;

	while (at < lines.len) {
		size_t end = at;

		while (end < lines.len && lines.p[end] != '\n')
			end++;
		if (end != at)
			gyl__control_data(cl, gyl_view(lines.p + at, end - at));
		at = end + 1;
	}
}

/* ---- the answer ---- */

static uint64_t mono_ns(void)
{
	struct gyl_now now;

	gyl_loop_now(&now);
	return now.mono_ns;
}

static void again_in(struct gyl_answer *a, long us)
{
	struct timeval tv = {0, us};

	evtimer_add(a->timer, &tv);
}

/* The answer is complete, well or not: what the client has asked behind it is looked at. */
static void finish(struct gyl_client *cl, const char *error)
{
	bool follow = error == NULL && cl->answer->q.follow;

	if (error != NULL)
		gyl__control_error(cl, "%s", error);
	else if (!follow)
		gyl__control_end(cl);
	/* Who follows still needs the request, whose words its patterns are. */
	if (follow)
		return;
	gyl__control_answer_free(cl);
	cl->mode = GYL_CLIENT_ASK;
	gyl__control_ready(cl);
}

/* A slice that may be told. */
static void tell(struct gyl_client *cl)
{
	struct gyl_answer *a = cl->answer;

	gyl__control_lines(cl, gyl_writer_view(&a->answer));
	a->asked = false;
	a->give_up_ns = 0;
	if (a->wrong.len != 0)
		finish(cl, gyl_text_cstr(&a->wrong));
	else if (!a->q.more)
		finish(cl, NULL);
	else
		gyl__control_answer_on(cl);
}

/* Neither a core without room nor a store that does not get durable is waited for for ever. */
static void wait_more(struct gyl_client *cl)
{
	struct gyl_answer *a = cl->answer;
	uint64_t now_ns = mono_ns();

	if (a->give_up_ns == 0)
		a->give_up_ns = now_ns + GIVE_UP_S * GYL_NS_PER_S;
	if (now_ns < a->give_up_ns)
		again_in(a, BUSY_US);
	else if (a->asked)
		finish(cl, "it is done, but not on the disk yet: the disk is slow");
	else
		finish(cl, "too busy to answer; try again");
}

/* False: the core has no room. */
static bool ask(struct gyl_client *cl)
{
	const struct gyl_control_conf *cf = &cl->c->cf;
	struct gyl_answer *a = cl->answer;
	struct gyl_now now;

	gyl_writer_init(&a->answer, a->slice, sizeof a->slice);
	gyl_writer_init(&a->wrong, a->why, sizeof a->why - 1);
	a->q.more = false;
	a->q.after = 0;
	if (a->look_fn == NULL) {
		gyl_loop_now(&now);
		return gyl_run_ask(cf->run, a->core, now, &a->q);
	}
	if (cf->store == NULL)
		gyl_question_refuse(&a->q, "this daemon keeps no store", gyl_view(NULL, 0));
	else
		a->look_fn(cf->store, &a->q, &a->look);
	return true;
}

/* The next slice. */
static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct gyl_client *cl = arg;
	struct gyl_answer *a = cl->answer;

	(void)fd;
	(void)what;
	gyl_loop_woke(cl->c->cf.loop);
	if (!a->asked)
		a->asked = ask(cl);
	if (a->asked && gyl_run_is_durable(cl->c->cf.run, a->q.after))
		tell(cl);
	else
		wait_more(cl);
}

void gyl__control_answer_on(struct gyl_client *cl)
{
	struct gyl_answer *a = cl->answer;

	if (a != NULL && (a->q.more || a->asked) && !evtimer_pending(a->timer, NULL) &&
		evbuffer_get_length(bufferevent_get_output(cl->bev)) < GYL_CONTROL_ANSWER_LEN)
		again_in(a, 0);
}

void gyl__control_answer_lost(struct gyl_client *cl, uint64_t seq)
{
	struct gyl_answer *a = cl->answer;

	if (a != NULL && a->asked && a->q.after >= seq)
		finish(cl,
			"the store could not be written: what was changed is lost with a restart");
}

bool gyl__control_answer_wants(const struct gyl_client *cl, const struct gyl_event *e)
{
	return cl->answer == NULL || gyl_match(&cl->answer->match, e);
}

/* ---- the request ---- */

static bool is_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	while (*list != '\0') {
		size_t n = strcspn(list, " ");

		if (n == len && memcmp(list, word, len) == 0)
			return true;
		list += n + (list[n] == ' ');
	}
	return false;
}

/* The text of a member; numbers are printed into buf. False: it is none of these. */
static bool value_text(const json_t *v, char buf[NUMBER_LEN], struct gyl_view *ret)
{
	if (json_is_string(v)) {
		*ret = gyl_view(json_string_value(v), json_string_length(v));
		return true;
	}
	if (json_is_boolean(v))
		snprintf(buf, NUMBER_LEN, "%s", json_is_true(v) ? "true" : "false");
	else if (json_is_integer(v))
		snprintf(buf, NUMBER_LEN, "%lld", (long long)json_integer_value(v));
	else
		return false;
	*ret = gyl_view_str(buf);
	return true;
}

/* One member: an argument of the verb, or a pattern for a field of its events. False: told why. */
static bool take_member(struct gyl_client *cl, const struct gyl_verb *verb, struct gyl_answer *a,
	const char *name, const json_t *v, size_t n)
{
	struct gyl_view value;

	if (n == GYL_QUESTION_ARG_MAX) {
		gyl__control_error(cl, "%s: too many members", verb->name);
		return false;
	}
	if (!value_text(v, a->number[n], &value)) {
		gyl__control_error(
			cl, "%s: \"%s\" has to be text, a number, true or false", verb->name, name);
		return false;
	}
	if (is_word(verb->args, name)) {
		a->arg[a->q.arg_cnt++] = (struct gyl_question_arg){gyl_view_str(name), value};
		return true;
	}
	if (a->q.match != NULL && gyl_match_add(&a->match, gyl_view_str(name), value))
		return true;
	gyl__control_error(cl, "%s has no member \"%s\"", verb->name, name);
	return false;
}

static bool take_members(
	struct gyl_client *cl, const struct gyl_verb *verb, struct gyl_answer *a, json_t *req)
{
	const char *name;
	size_t n = 0;
	json_t *v;

	json_object_foreach(req, name, v)
	{
		if (is_word("do v id follow", name))
			continue;
		if (!take_member(cl, verb, a, name, v, n++))
			return false;
	}
	a->q.follow = json_is_true(json_object_get(req, "follow"));
	if (a->q.follow && !verb->follow) {
		gyl__control_error(cl, "%s has nothing to follow", verb->name);
		return false;
	}
	return true;
}

/* Exactly one of core and look_fn answers. */
static void begin(struct gyl_client *cl, const struct gyl_verb *verb, int core, look_verb *look_fn,
	json_t *req)
{
	struct gyl_answer *a = calloc(1, sizeof *a);

	gyl__control_answer_free(cl);
	if (a == NULL) {
		gyl__control_error(cl, "no memory");
		return;
	}
	cl->answer = a;
	a->req = json_incref(req);
	a->core = core;
	a->look_fn = look_fn;
	a->timer = evtimer_new(gyl_loop_base(cl->c->cf.loop), on_timer, cl);
	a->q = (struct gyl_question){.verb = gyl_view_str(verb->name),
		.by = gyl_view_str(cl->by),
		.arg = a->arg,
		.answer = &a->answer,
		.wrong = &a->wrong,
		.more = true};
	if (verb->match) {
		gyl_match_init(&a->match, (enum gyl_event_kind)verb->kind);
		a->q.match = &a->match;
	}
	if (a->timer == NULL || !take_members(cl, verb, a, req)) {
		gyl__control_answer_free(cl);
		return;
	}
	cl->mode = a->q.follow ? GYL_CLIENT_FOLLOW : GYL_CLIENT_ANSWER;
	cl->follow = a->q.follow;
	cl->syslog = false;
	cl->kind = verb->kind;
	cl->sources = UINT32_MAX;
	again_in(a, 0);
}

static const struct {
	struct gyl_verb verb;
	look_verb *fn;
} looks[] = {
	{{.name = "store.ls", .args = "key"}, gyl__control_store_ls},
	{{.name = "store.get", .args = "key"}, gyl__control_store_get},
	{{.name = "store.digest", .args = "key"}, gyl__control_store_digest},
};

bool gyl__control_ask(struct gyl_client *cl, const char *name, json_t *req)
{
	const struct gyl_control_conf *cf = &cl->c->cf;

	for (size_t i = 0; i < sizeof looks / sizeof looks[0]; i++) {
		if (strcmp(looks[i].verb.name, name) != 0)
			continue;
		begin(cl, &looks[i].verb, 0, looks[i].fn, req);
		return true;
	}
	for (size_t i = 0; i < cf->service_cnt; i++) {
		const struct gyl_service *s = cf->service[i];

		for (size_t n = 0; n < s->verb_cnt; n++) {
			if (strcmp(s->verb[n].name, name) != 0)
				continue;
			begin(cl, &s->verb[n], cf->env[i].core, NULL, req);
			return true;
		}
	}
	return false;
}
