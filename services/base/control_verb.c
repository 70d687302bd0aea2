/* SPDX-License-Identifier: ISC */

/* What may be asked over the control socket: one short function a verb, and a table of them. */

#include <gyl/text.h>
#include <gyl/time.h>
#include <stdlib.h>

#include "services/base/control_own.h"

enum {
	REPLY_MAX = 1 << 20
};

static const char *text_arg(json_t *req, const char *name)
{
	const char *s = json_string_value(json_object_get(req, name));

	return s == NULL ? "" : s;
}

static int source_number(const char *name)
{
	for (unsigned i = 0; i < GYL_SRC_CNT; i++)
		if (strcmp(gyl_event_source_name(i), name) == 0)
			return (int)i;
	return -1;
}

static bool runs_here(const struct gyl_control *c, const char *name)
{
	for (size_t i = 0; i < c->cf.service_cnt; i++)
		if (strcmp(c->cf.service[i]->name, name) == 0)
			return true;
	return false;
}

static void status_host(struct gyl_json *j, struct gyl_run *run)
{
	struct gyl_host_stat st;

	run->host.ops->stat(run->host.h, &st);
	gyl_json_obj(j, "host");
	gyl_json_u64(j, "in", st.in_cnt);
	gyl_json_u64(j, "in_octets", st.in_octets);
	gyl_json_u64(j, "in_bad", st.in_bad_cnt);
	gyl_json_u64(j, "in_lost", st.in_lost_cnt);
	gyl_json_u64(j, "out", st.out_cnt);
	gyl_json_u64(j, "out_octets", st.out_octets);
	gyl_json_u64(j, "out_lost", st.out_lost_cnt);
	gyl_json_u64(j, "streams", st.stream_cnt);
	gyl_json_u64(j, "streams_in", st.stream_in_cnt);
	gyl_json_u64(j, "streams_out", st.stream_out_cnt);
	gyl_json_u64(j, "streams_lost", st.stream_lost_cnt);
	gyl_json_u64(j, "segments_again", st.stream_again_cnt);
	gyl_json_end(j);
}

static void status_addresses(struct gyl_json *j, const struct gyl_run *run)
{
	const struct gyl_host *h = &run->host;
	uint8_t prefix, mac[6];
	uint32_t ip;

	gyl_json_arr(j, "addresses");
	for (unsigned i = 0; h->ops->addr(h->h, i, 0, &ip, &prefix, mac); i++) {
		for (unsigned n = 0; h->ops->addr(h->h, i, n, &ip, &prefix, mac); n++) {
			gyl_json_obj(j, NULL);
			gyl_json_ipv4(j, "address", ip);
			gyl_json_u64(j, "prefix", prefix);
			gyl_json_mac(j, "mac", mac);
			gyl_json_end(j);
		}
	}
	gyl_json_end(j);
}

static void status_loop(struct gyl_json *j, const struct gyl_control *c)
{
	const struct gyl_run_stat *st = &c->cf.run->stat;

	gyl_json_obj(j, "loop");
	gyl_json_u64(j, "flushes", st->flush_cnt);
	gyl_json_u64(j, "waited_for_flush", st->parked_cnt);
	gyl_json_u64(j, "dropped_after_failed_flush", st->dropped_cnt);
	gyl_json_u64(j, "events_lost", st->event_lost_cnt);
	gyl_json_u64(j, "longest_turn_us", gyl_loop_longest_ns(c->cf.loop) / GYL_NS_PER_US);
	gyl_json_end(j);
}

static void status_control(struct gyl_json *j, const struct gyl_control *c)
{
	uint64_t guest_cnt = 0, client_cnt = 0;

	for (int i = 0; i < GYL_CONTROL_GUEST_MAX; i++)
		guest_cnt += c->door.guest[i] != NULL;
	for (int i = 0; i < GYL_CONTROL_CLIENT_MAX; i++)
		client_cnt += c->client[i] != NULL;
	gyl_json_obj(j, "control");
	gyl_json_u64(j, "clients", client_cnt);
	gyl_json_u64(j, "clients_cut_off", c->cut_cnt);
	gyl_json_u64(j, "guests", guest_cnt);
	gyl_json_u64(j, "guests_let_in", c->door.in_cnt);
	gyl_json_u64(j, "guests_refused", c->door.refused_cnt);
	gyl_json_u64(j, "guests_turned_away", c->door.full_cnt);
	gyl_json_end(j);
}

static void status_services(struct gyl_json *j, const struct gyl_control *c)
{
	for (size_t i = 0; i < c->cf.service_cnt; i++) {
		const struct gyl_service *s = c->cf.service[i];

		if (s->state == NULL)
			continue;
		gyl_json_obj(j, s->name);
		s->state(&c->cf.env[i], c->cf.core[i], j);
		gyl_json_end(j);
	}
}

static void do_status(struct gyl_client *cl, json_t *req)
{
	struct gyl_control *c = cl->c;
	/* 256 addresses of below 100 octets each, 32 sources of below 150, 4 services of below 500
	 */
	char text[1792 + 256 * 100 + 32 * 150 + 4 * 500], time[40];
	struct gyl_writer w, t;
	struct gyl_json j;

	(void)req;
	gyl_writer_init(&w, text, sizeof text);
	gyl_json_init(&j, &w);
	gyl_json_obj(&j, NULL);
	gyl_json_cstr(&j, "program", c->cf.program);
	gyl_json_cstr(&j, "version", c->cf.version);
	gyl_writer_init(&t, time, sizeof time);
	gyl_time_print_rfc3339(&t, c->start_ns, 0);
	gyl_json_str(&j, "started", gyl_writer_view(&t));
	gyl_json_arr(&j, "services");
	for (size_t i = 0; i < c->cf.service_cnt; i++)
		gyl_json_cstr(&j, NULL, c->cf.service[i]->name);
	gyl_json_end(&j);
	status_services(&j, c);
	status_addresses(&j, c->cf.run);
	status_host(&j, c->cf.run);
	status_loop(&j, c);
	status_control(&j, c);
	if (c->cf.random != NULL)
		gyl_random_json(c->cf.random, &j);
	gyl_json_end(&j);
	gyl__control_data(cl, gyl_writer_view(&w));
	gyl__control_end(cl);
}

static void ask_snapshot(struct gyl_client *cl, const char *source)
{
	struct gyl_event e;

	if (!gyl_run_event_room(cl->c->cf.run)) {
		gyl__control_error(cl, "too much is going on here; ask again");
		return;
	}
	cl->epoch = ++cl->c->epoch;
	cl->mode = GYL_CLIENT_WAIT;
	gyl_event_init(&e, GYL_EV_BASE_SNAPSHOT);
	gyl_event_str(&e, "source", gyl_view_str(source));
	gyl_event_u64(&e, "epoch", cl->epoch);
	gyl_run_event(cl->c->cf.run, &e);
}

/* {"do":"events","source":"dhcpd","kind":"dhcpd.lease","snapshot":true,"follow":true,"form":"syslog"}
 */
static void do_events(struct gyl_client *cl, json_t *req)
{
	const char *source = text_arg(req, "source"), *kind = text_arg(req, "kind");
	bool snapshot = json_is_true(json_object_get(req, "snapshot"));
	int number = source_number(source);

	if (source[0] != '\0' && number < 0) {
		gyl__control_error(cl, "no source \"%s\"", source);
		return;
	}
	if (snapshot && !runs_here(cl->c, source)) {
		gyl__control_error(cl, "%s does not run in this process",
			source[0] == '\0' ? "(no source)" : source);
		return;
	}
	cl->kind = kind[0] == '\0' ? -1 : gyl_event_find(gyl_view_str(kind));
	if (kind[0] != '\0' && cl->kind < 0) {
		gyl__control_error(cl, "no event \"%s\"", kind);
		return;
	}
	cl->sources = number < 0 ? UINT32_MAX : 1u << number;
	cl->follow = json_is_true(json_object_get(req, "follow"));
	cl->syslog = strcmp(text_arg(req, "form"), "syslog") == 0;
	if (snapshot)
		ask_snapshot(cl, source);
	else
		cl->mode = GYL_CLIENT_FOLLOW;
}

/* {"do":"level"} tells, {"do":"level","set":"dns=debug"} changes. */
static void do_level(struct gyl_client *cl, json_t *req)
{
	struct gyl_log_sink *log = cl->c->cf.log;
	const char *set = text_arg(req, "set");
	char text[300], spec[200];
	struct gyl_writer w, s;
	struct gyl_json j;
	struct gyl_fault f = gyl_log_level_parse(gyl_view_str(set), log->level);

	if (gyl_failed(f)) {
		gyl__control_error(cl,
			"expected SOURCE=LEVEL words such as \"dns=debug,*=info\", not \"%s\"",
			set + f.off);
		return;
	}
	gyl_writer_init(&s, spec, sizeof spec);
	gyl_log_level_print(log->level, &s);
	gyl_writer_init(&w, text, sizeof text);
	gyl_json_init(&j, &w);
	gyl_json_obj(&j, NULL);
	gyl_json_str(&j, "level", gyl_writer_view(&s));
	gyl_json_end(&j);
	gyl__control_data(cl, gyl_writer_view(&w));
	gyl__control_end(cl);
}

/* Who is here has been let in: nothing to do (docs/CONTROL.md). */
static void do_auth(struct gyl_client *cl, json_t *req)
{
	(void)req;
	gyl__control_end(cl);
}

static void do_reload(struct gyl_client *cl, json_t *req)
{
	(void)req;
	cl->c->cf.reload(cl->c->cf.arg);
	gyl__control_end(cl);
}

/* Verbs that are not the daemon's own belong to its services: {"do":"log","arg":"100"}. */
static bool ask_services(struct gyl_client *cl, const char *verb, json_t *req)
{
	struct gyl_control *c = cl->c;
	struct gyl_view arg = gyl_view_str(text_arg(req, "arg"));
	uint8_t *reply = malloc(REPLY_MAX);
	bool taken = false;

	for (size_t i = 0; i < c->cf.service_cnt && reply != NULL && !taken; i++) {
		struct gyl_writer w;

		gyl_writer_init(&w, reply, REPLY_MAX);
		if (c->cf.service[i]->control == NULL)
			continue;
		taken = c->cf.service[i]->control(
			&c->cf.env[i], c->cf.core[i], gyl_view_str(verb), arg, &w);
		if (taken) {
			gyl__control_lines(cl, gyl_writer_view(&w));
			gyl__control_end(cl);
		}
	}
	free(reply);
	return taken;
}

/* Who asks the wrong daemon is told which one he meant. */
static void refuse_verb(struct gyl_client *cl, const char *verb)
{
	static const struct {
		const char *prefix, *service;
	} owner[] = {{"dhcp.", "dhcpd"}, {"log", "syslogd"}};

	for (size_t i = 0; i < sizeof owner / sizeof owner[0]; i++) {
		if (strncmp(verb, owner[i].prefix, strlen(owner[i].prefix)) != 0 ||
			runs_here(cl->c, owner[i].service))
			continue;
		gyl__control_error(cl,
			"%s does not run in this daemon (%s), so \"%s\" finds nobody here: ask the one where it runs",
			owner[i].service, cl->c->cf.program, verb);
		return;
	}
	gyl__control_error(cl, "no verb \"%s\" here", verb);
}

static const struct {
	const char *name;
	void (*fn)(struct gyl_client *cl, json_t *req);
} verbs[] = {
	{"status", do_status},
	{"events", do_events},
	{"level", do_level},
	{"reload", do_reload},
	{"auth", do_auth},
};

void gyl__control_request(struct gyl_client *cl, json_t *req)
{
	const char *verb = text_arg(req, "do");
	json_t *version = json_object_get(req, "v");

	cl->id = json_integer_value(json_object_get(req, "id"));
	if (version != NULL && json_integer_value(version) != GYL_CONTROL_VERSION) {
		gyl__control_error(cl, "this daemon speaks version %d of the control protocol",
			GYL_CONTROL_VERSION);
		return;
	}
	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
		if (strcmp(verbs[i].name, verb) != 0)
			continue;
		verbs[i].fn(cl, req);
		return;
	}
	if (!gyl__control_ask(cl, verb, req) && !ask_services(cl, verb, req))
		refuse_verb(cl, verb);
}
