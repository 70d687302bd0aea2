/* SPDX-License-Identifier: ISC */
#include "services/base/control.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/listener.h>
#include <grp.h>
#include <gyl/text.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "services/base/control_own.h"

static void client_close(struct gyl_client *cl)
{
	struct gyl_control *c = cl->c;

	for (int i = 0; i < GYL_CONTROL_CLIENT_MAX; i++)
		if (c->client[i] == cl)
			c->client[i] = NULL;
	bufferevent_free(cl->bev);
	free(cl);
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

void gyl__control_error(struct gyl_client *cl, const char *fmt, ...)
{
	char text[400], line[1000];
	struct gyl_writer w;
	struct gyl_json j;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	gyl_writer_init(&w, line, sizeof line);
	gyl_json_init(&j, &w);
	gyl_json_obj(&j, NULL);
	gyl_json_i64(&j, "id", cl->id);
	gyl_json_cstr(&j, "error", text);
	gyl_json_end(&j);
	gyl_text_char(&w, '\n');
	put(cl, line, w.len);
}

void gyl__control_tell(struct gyl_client *cl, const struct gyl_event *e)
{
	char line[2400], count[32];
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
	return cl->sources >> d->source & 1;
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

/* A gyl_run_sink_fn. */
static void on_event(void *arg, const struct gyl_event *e)
{
	struct gyl_control *c = arg;

	for (int i = 0; i < GYL_CONTROL_CLIENT_MAX; i++) {
		struct gyl_client *cl = c->client[i];

		if (cl == NULL || cl->mode == GYL_CLIENT_ASK || e->remote)
			continue;
		hear(cl, e);
		if (evbuffer_get_length(bufferevent_get_output(cl->bev)) > GYL_CONTROL_BACKLOG) {
			c->cut_cnt++;
			client_close(cl);
		}
	}
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

static void on_read(struct bufferevent *bev, void *arg)
{
	struct gyl_client *cl = arg;
	struct evbuffer *in = bufferevent_get_input(bev);
	size_t len;
	char *line;

	while (cl->mode == GYL_CLIENT_ASK &&
		(line = evbuffer_readln(in, &len, EVBUFFER_EOL_LF)) != NULL) {
		if (len != 0)
			request_line(cl, line, len);
		free(line);
	}
	if (evbuffer_get_length(in) > GYL_CONTROL_LINE_MAX)
		client_close(cl);
}

static void on_gone(struct bufferevent *bev, short what, void *arg)
{
	(void)bev;
	(void)what;
	client_close(arg);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *sa,
	int sa_len, void *arg)
{
	struct gyl_control *c = arg;
	struct gyl_client *cl;
	int slot = 0;

	(void)listener;
	(void)sa;
	(void)sa_len;
	while (slot < GYL_CONTROL_CLIENT_MAX && c->client[slot] != NULL)
		slot++;
	cl = slot < GYL_CONTROL_CLIENT_MAX ? calloc(1, sizeof *cl) : NULL;
	if (cl == NULL) {
		close(fd);
		return;
	}
	cl->c = c;
	cl->bev = bufferevent_socket_new(gyl_loop_base(c->cf.loop), fd, BEV_OPT_CLOSE_ON_FREE);
	if (cl->bev == NULL) {
		close(fd);
		free(cl);
		return;
	}
	c->client[slot] = cl;
	bufferevent_setcb(cl->bev, on_read, NULL, on_gone, cl);
	bufferevent_setwatermark(cl->bev, EV_READ, 0, 2 * (size_t)GYL_CONTROL_LINE_MAX);
	bufferevent_enable(cl->bev, EV_READ | EV_WRITE);
}

/* A socket file left by a daemon that was killed is in the way of bind(); one that answers is not
 * ours. */
static int clear_path(const struct sockaddr_un *sa, char err[200])
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool alive = fd >= 0 && connect(fd, (const struct sockaddr *)sa, sizeof *sa) == 0;

	if (fd >= 0)
		close(fd);
	if (alive) {
		snprintf(err, 200, "control socket %.100s: another guyline is running there",
			sa->sun_path);
		return -1;
	}
	unlink(sa->sun_path);
	return 0;
}

static int set_owner(const struct gyl_control_conf *cf)
{
	const struct group *gr = cf->group == NULL || geteuid() != 0 ? NULL : getgrnam(cf->group);

	if (gr != NULL && chown(cf->path, (uid_t)-1, gr->gr_gid) != 0)
		return -1;
	return chmod(cf->path, 0660);
}

struct gyl_control *gyl_control_open(const struct gyl_control_conf *cf, char err[200])
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	struct gyl_control *c = calloc(1, sizeof *c);

	if (c == NULL || strlen(cf->path) >= sizeof sa.sun_path) {
		snprintf(err, 200, "control socket %.100s: %s", cf->path,
			c == NULL ? "no memory" : "path too long");
		free(c);
		return NULL;
	}
	c->cf = *cf;
	memcpy(c->path, cf->path, strlen(cf->path) + 1);
	c->cf.path = c->path;
	c->start_ns = cf->run->now.wall_ns;
	memcpy(sa.sun_path, cf->path, strlen(cf->path) + 1);
	if (clear_path(&sa, err) != 0) {
		free(c);
		return NULL;
	}
	c->listener = evconnlistener_new_bind(gyl_loop_base(cf->loop), on_accept, c,
		LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 16, (struct sockaddr *)&sa,
		sizeof sa);
	if (c->listener == NULL || set_owner(cf) != 0 || !gyl_run_sink(cf->run, on_event, c)) {
		snprintf(err, 200, "control socket %.100s: %s", cf->path, strerror(errno));
		if (c->listener != NULL)
			evconnlistener_free(c->listener);
		free(c);
		return NULL;
	}
	return c;
}

void gyl_control_close(struct gyl_control *c)
{
	if (c == NULL)
		return;
	for (int i = 0; i < GYL_CONTROL_CLIENT_MAX; i++)
		if (c->client[i] != NULL)
			client_close(c->client[i]);
	evconnlistener_free(c->listener);
	unlink(c->cf.path);
	free(c);
}

const char *gyl_control_path(const struct gyl_control *c)
{
	return c->path;
}
