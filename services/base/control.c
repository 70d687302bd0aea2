/* SPDX-License-Identifier: ISC */
#include "services/base/control.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <gyl/text.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "services/base/control_own.h"

enum {
	JSON_GROWTH = 6, /* octets that one octet may become: \u0001 */
	EVENT_LEN = 2 * JSON_GROWTH * GYL_EVENT_TEXT_MAX + 1024 /* fields, and the sentence */
};

static void client_close(struct gyl_client *cl)
{
	struct gyl_control *c = cl->c;

	for (int i = 0; i < GYL_CONTROL_CLIENT_MAX; i++)
		if (c->client[i] == cl)
			c->client[i] = NULL;
	gyl__control_answer_free(cl);
	bufferevent_free(cl->bev);
	free(cl);
}

static size_t unread_len(const struct gyl_client *cl)
{
	return evbuffer_get_length(bufferevent_get_output(cl->bev));
}

static void put(struct gyl_client *cl, const void *p, size_t len)
{
	bufferevent_write(cl->bev, p, len);
}

void gyl__control_data(struct gyl_client *cl, struct gyl_view data)
{
	struct evbuffer *out = bufferevent_get_output(cl->bev);

	evbuffer_add_printf(out, "{\"id\":%lld,\"data\":", (long long)cl->id);
	evbuffer_add(out, data.p, data.len);
	evbuffer_add(out, "}\n", 2);
}

void gyl__control_end(struct gyl_client *cl)
{
	evbuffer_add_printf(
		bufferevent_get_output(cl->bev), "{\"id\":%lld,\"end\":true}\n", (long long)cl->id);
}

size_t gyl__control_error_line(char line[GYL_CONTROL_ERROR_MAX], json_int_t id, const char *text)
{
	struct gyl_writer w;
	struct gyl_json j;

	gyl_writer_init(&w, line, GYL_CONTROL_ERROR_MAX);
	gyl_json_init(&j, &w);
	gyl_json_obj(&j, NULL);
	gyl_json_i64(&j, "id", id);
	gyl_json_cstr(&j, "error", text);
	gyl_json_end(&j);
	gyl_text_char(&w, '\n');
	return w.len;
}

void gyl__control_error(struct gyl_client *cl, const char *fmt, ...)
{
	char text[400], line[GYL_CONTROL_ERROR_MAX];
	va_list ap;

	_Static_assert(sizeof line >= JSON_GROWTH * sizeof text + 100, "an error fits");
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	put(cl, line, gyl__control_error_line(line, cl->id, text));
}

void gyl__control_tell(struct gyl_client *cl, const struct gyl_event *e)
{
	char line[EVENT_LEN], count[32];
	struct gyl_writer w, n;

	gyl_writer_init(&w, line, sizeof line);
	if (!cl->syslog) {
		gyl_event_json(e, &w);
		gyl__control_data(cl, gyl_writer_view(&w));
		return;
	}
	/* RFC 6587 3.4.1: octet counting. */
	gyl_event_encode(e, gyl_view_str(cl->c->cf.log->host), &w);
	gyl_writer_init(&n, count, sizeof count);
	gyl_text_u64(&n, w.len);
	gyl_text_char(&n, ' ');
	put(cl, count, n.len);
	put(cl, line, w.len);
}

/* Does a BEGIN or END belong to the snapshot this client waits for? */
static bool is_mine(const struct gyl_client *cl, const struct gyl_event *e)
{
	struct gyl_view source;
	uint64_t epoch;

	for (unsigned i = 0; i < GYL_SRC_CNT; i++)
		if ((cl->sources >> i & 1) && gyl_event_get_str(e, "source", &source) &&
			gyl_view_eq(source, gyl_view_str(gyl_event_source_name(i))))
			return gyl_event_get_u64(e, "epoch", &epoch) && epoch >= cl->epoch;
	return false;
}

static bool wanted(const struct gyl_client *cl, const struct gyl_event *e)
{
	const struct gyl_event_desc *d = gyl_event_desc(e->kind);

	if (cl->kind >= 0 && cl->kind != e->kind)
		return false;
	return (cl->sources >> d->source & 1) && gyl__control_answer_wants(cl, e);
}

static void snapshot_ends(struct gyl_client *cl, const struct gyl_event *e)
{
	if (cl->syslog)
		gyl__control_tell(cl, e);
	if (cl->follow) {
		cl->mode = GYL_CLIENT_FOLLOW;
		return;
	}
	cl->mode = GYL_CLIENT_ASK;
	gyl__control_end(cl);
}

static void hear(struct gyl_client *cl, const struct gyl_event *e)
{
	bool state = gyl_event_desc(e->kind)->state;

	if (e->kind == GYL_EV_BASE_BEGIN && cl->mode == GYL_CLIENT_WAIT && is_mine(cl, e)) {
		cl->mode = GYL_CLIENT_SNAPSHOT;
		if (cl->syslog)
			gyl__control_tell(cl, e);
	} else if (e->kind == GYL_EV_BASE_END && cl->mode == GYL_CLIENT_SNAPSHOT &&
		   is_mine(cl, e)) {
		snapshot_ends(cl, e);
	} else if (wanted(cl, e) &&
		   (cl->mode == GYL_CLIENT_FOLLOW || (cl->mode == GYL_CLIENT_SNAPSHOT && state))) {
		gyl__control_tell(cl, e);
	}
}

static void hear_lost(struct gyl_control *c, const struct gyl_event *e)
{
	uint64_t seq;

	for (int i = 0; i < GYL_CONTROL_CLIENT_MAX && gyl_event_get_u64(e, "lost", &seq); i++)
		if (c->client[i] != NULL)
			gyl__control_answer_lost(c->client[i], seq);
}

/* A gyl_run_sink_fn. */
static void on_event(void *arg, const struct gyl_event *e)
{
	struct gyl_control *c = arg;

	if (e->kind == GYL_EV_BASE_STORE && !e->remote)
		hear_lost(c, e);

	for (int i = 0; i < GYL_CONTROL_CLIENT_MAX; i++) {
		struct gyl_client *cl = c->client[i];

		if (cl == NULL || cl->mode == GYL_CLIENT_ASK || e->remote)
			continue;
		hear(cl, e);
		if (unread_len(cl) > GYL_CONTROL_BACKLOG) {
			c->cut_cnt++;
			client_close(cl);
		}
	}
}

/* A gyl_run_unheard_fn: who follows one kind of state needs nothing else. */
static uint32_t unheard(const void *arg)
{
	const struct gyl_control *c = arg;
	uint32_t none = UINT32_MAX;

	for (int i = 0; i < GYL_CONTROL_CLIENT_MAX; i++) {
		const struct gyl_client *cl = c->client[i];

		if (cl != NULL && cl->mode != GYL_CLIENT_ASK && cl->mode != GYL_CLIENT_ANSWER &&
			(cl->kind < 0 || !gyl_event_desc((unsigned)cl->kind)->state))
			none &= ~cl->sources;
	}
	return none;
}

static void request_line(struct gyl_client *cl, const char *line, size_t len)
{
	json_error_t why;
	json_t *req = json_loadb(line, len, 0, &why);

	cl->id = 0;
	if (req == NULL || !json_is_object(req))
		gyl__control_error(cl, "expected one JSON object a line: %s",
			req == NULL ? why.text : "not an object");
	else
		gyl__control_request(cl, req);
	json_decref(req);
}

/*
 * Answer what was asked, one after the other: a snapshot ends before the next request is looked at,
 * and answers that nobody reads do not pile up. What waits is looked at again when the answers are
 * through.
 */
void gyl__control_ready(struct gyl_client *cl)
{
	struct evbuffer *in = bufferevent_get_input(cl->bev);
	size_t len;
	char *line;

	while (cl->mode == GYL_CLIENT_ASK && unread_len(cl) < GYL_CONTROL_ANSWER_LEN) {
		line = evbuffer_readln(in, &len, EVBUFFER_EOL_LF);
		if (line == NULL ? evbuffer_get_length(in) > GYL_CONTROL_LINE_MAX
				 : len > GYL_CONTROL_LINE_MAX) {
			free(line);
			client_close(cl);
			return;
		}
		if (line == NULL)
			break;
		if (len != 0)
			request_line(cl, line, len);
		free(line);
	}
	if (cl->ended && cl->mode == GYL_CLIENT_ASK && unread_len(cl) == 0)
		client_close(cl);
}

static void on_ready(struct bufferevent *bev, void *arg)
{
	struct gyl_client *cl = arg;

	(void)bev;
	gyl_loop_woke(cl->c->cf.loop);
	gyl__control_answer_on(cl);
	gyl__control_ready(cl);
}

/* `nc -N` ends its side when it has asked, and waits for the answers. Who follows has no other way
 * to say that it has gone. */
static void on_change(struct bufferevent *bev, short what, void *arg)
{
	struct gyl_client *cl = arg;
	bool follows = cl->mode == GYL_CLIENT_FOLLOW || (cl->mode != GYL_CLIENT_ASK && cl->follow);

	if (what != (BEV_EVENT_EOF | BEV_EVENT_READING) || follows) {
		client_close(cl);
		return;
	}
	cl->ended = true;
	on_ready(bev, cl);
}

/* Who is at the other end of a Unix socket, by the number that the kernel knows him by. */
static void name_user(struct gyl_client *cl, int fd)
{
	struct ucred who;
	socklen_t len = sizeof who;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0)
		snprintf(cl->by, sizeof cl->by, "uid %u", (unsigned)who.uid);
}

struct gyl_client *gyl__control_client(struct gyl_control *c, int fd)
{
	struct gyl_client *cl;
	int slot = 0;

	while (slot < GYL_CONTROL_CLIENT_MAX && c->client[slot] != NULL)
		slot++;
	cl = slot < GYL_CONTROL_CLIENT_MAX ? calloc(1, sizeof *cl) : NULL;
	if (cl == NULL) {
		close(fd);
		return NULL;
	}
	cl->c = c;
	cl->bev = bufferevent_socket_new(gyl_loop_base(c->cf.loop), fd, BEV_OPT_CLOSE_ON_FREE);
	if (cl->bev == NULL) {
		close(fd);
		free(cl);
		return NULL;
	}
	c->client[slot] = cl;
	name_user(cl, fd);
	bufferevent_setcb(cl->bev, on_ready, on_ready, on_change, cl);
	bufferevent_setwatermark(cl->bev, EV_READ, 0, 2 * (size_t)GYL_CONTROL_LINE_MAX);
	bufferevent_enable(cl->bev, EV_READ | EV_WRITE);
	return cl;
}

void gyl__control_admit(struct gyl_control *c, int fd, uint32_t ip, json_int_t id, const void *rest,
	size_t rest_len)
{
	struct gyl_client *cl = gyl__control_client(c, fd);
	struct gyl_writer w;

	if (cl == NULL)
		return;
	gyl_writer_init(&w, cl->by, sizeof cl->by - 1);
	gyl_text_ipv4(&w, ip);
	gyl_text_cstr(&w);
	cl->tcp = true;
	cl->id = id;
	gyl__control_end(cl);
	evbuffer_prepend(bufferevent_get_input(cl->bev), rest, rest_len);
	on_ready(cl->bev, cl);
}

void gyl_control_passwords(struct gyl_control *c, const char *const *text, size_t cnt)
{
	if (!gyl_auth_set(&c->door.auth, text, cnt))
		return;
	for (int i = 0; i < GYL_CONTROL_CLIENT_MAX; i++)
		if (c->client[i] != NULL && c->client[i]->tcp)
			client_close(c->client[i]);
}

struct gyl_control *gyl_control_open(const struct gyl_control_conf *cf, char err[200])
{
	struct gyl_control *c = calloc(1, sizeof *c);
	bool good;

	snprintf(err, 200, "control: no memory");
	if (c == NULL)
		return NULL;
	c->cf = *cf;
	c->cf.place = NULL;
	c->start_ns = cf->run->now.wall_ns;
	good = gyl__door_open(c);
	for (size_t i = 0; i < cf->place_cnt && good; i++)
		good = gyl__place_open(c, &cf->place[i], err);
	if (good && gyl_run_sink(cf->run, on_event, unheard, c)) {
		err[0] = '\0';
		return c;
	}
	gyl_control_close(c);
	return NULL;
}

void gyl_control_close(struct gyl_control *c)
{
	if (c == NULL)
		return;
	for (int i = 0; i < GYL_CONTROL_CLIENT_MAX; i++)
		if (c->client[i] != NULL)
			client_close(c->client[i]);
	gyl__door_close(c);
	for (size_t i = 0; i < c->place_cnt; i++)
		gyl__place_close(&c->place[i]);
	free(c);
}

const char *gyl_control_path(const struct gyl_control *c)
{
	for (size_t i = 0; i < c->place_cnt; i++)
		if (c->place[i].path[0] != '\0')
			return c->place[i].path;
	return "";
}

uint16_t gyl_control_port(const struct gyl_control *c)
{
	for (size_t i = 0; i < c->place_cnt; i++)
		if (c->place[i].port != 0)
			return c->place[i].port;
	return 0;
}
