/* SPDX-License-Identifier: ISC */
#include "services/base/metrics_http.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

enum {
	REQUEST_LEN_MAX = 4096,
	IDLE_S = 5,
	HEALTH_LEN = 1024
};

static const struct timeval sweep_time = {.tv_usec = 200000};

/*
 * evhttp of libevent 2.1 counts no connections and gives them no end. So each one's bufferevent is
 * made by us, and we keep a reference to it: evhttp has let go of it when its callbacks are gone.
 */
struct conn {
	struct bufferevent *bev; /* NULL: unused */
	uint64_t end_ns;
};

/* The numbers as text, shared by all who ask in one turn of the loop: a crowd costs as much time as
 * one of it. */
struct page {
	unsigned ref_cnt;
	size_t len;
	uint8_t text[];
};

struct gyl_metrics_http {
	struct gyl_metrics_http_conf cf;
	struct evhttp *http;
	struct evconnlistener *listener;
	struct evhttp_bound_socket *bound; /* the listener is evhttp's */
	struct event *sweep;
	uint16_t port;
	uint64_t scrape_cnt;
	struct page *page; /* of the turn that began then; NULL: none */
	uint64_t page_turn_ns;
	unsigned conn_cnt;
	struct conn conn[GYL_METRICS_HTTP_MAX];
};

/* ---- the page ---- */

static void page_release(struct page *p)
{
	if (p != NULL && --p->ref_cnt == 0)
		free(p);
}

static void page_forget(struct gyl_metrics_http *s)
{
	page_release(s->page);
	s->page = NULL;
}

/* NULL: no memory, or no room for all. */
static struct page *page_new(const struct gyl_metrics_http *s)
{
	struct page *p = malloc(sizeof *p + GYL_METRICS_LEN_MAX), *fit;
	struct gyl_writer w;

	if (p == NULL)
		return NULL;
	gyl_writer_init(&w, p->text, GYL_METRICS_LEN_MAX);
	s->cf.write(s->cf.arg, &w);
	if (!gyl_writer_ok(&w)) {
		free(p);
		return NULL;
	}
	fit = realloc(p, sizeof *p + w.len);
	p = fit == NULL ? p : fit;
	p->ref_cnt = 1;
	p->len = w.len;
	return p;
}

static struct page *page_of_turn(struct gyl_metrics_http *s)
{
	uint64_t turn_ns = gyl_loop_turn_ns(s->cf.loop);

	if (s->page != NULL && s->page_turn_ns != turn_ns)
		page_forget(s);
	if (s->page == NULL)
		s->page = page_new(s);
	s->page_turn_ns = turn_ns;
	return s->page;
}

/* ---- connections ---- */

static bool is_let_go(struct bufferevent *bev)
{
	bufferevent_event_cb on_event;
	bufferevent_data_cb on_read, on_write;
	void *arg;

	bufferevent_getcb(bev, &on_read, &on_write, &on_event, &arg);
	return arg == NULL;
}

/* Forget those that have ended, end those that have been here for too long. */
static void look_after(struct gyl_metrics_http *s)
{
	uint64_t now_ns = gyl_loop_clock_ns();

	for (int i = 0; i < GYL_METRICS_HTTP_MAX; i++) {
		struct conn *c = &s->conn[i];

		if (c->bev == NULL)
			continue;
		if (is_let_go(c->bev)) {
			bufferevent_decref(c->bev);
			c->bev = NULL;
			s->conn_cnt--;
		} else if (now_ns >= c->end_ns) {
			shutdown(bufferevent_getfd(c->bev), SHUT_RDWR); /* evhttp sees its end */
		}
	}
}

static void on_sweep(evutil_socket_t fd, short what, void *arg)
{
	struct gyl_metrics_http *s = arg;

	(void)fd;
	(void)what;
	gyl_loop_woke(s->cf.loop);
	page_forget(s);
	look_after(s);
	if (s->conn_cnt < GYL_METRICS_HTTP_MAX)
		evconnlistener_enable(s->listener);
	if (s->conn_cnt != 0)
		evtimer_add(s->sweep, &sweep_time);
}

static void keep(struct gyl_metrics_http *s, struct bufferevent *bev)
{
	for (int i = 0; i < GYL_METRICS_HTTP_MAX; i++) {
		if (s->conn[i].bev != NULL)
			continue;
		bufferevent_incref(bev);
		s->conn[i].bev = bev;
		s->conn[i].end_ns = gyl_loop_clock_ns() + GYL_METRICS_HTTP_S * UINT64_C(1000000000);
		s->conn_cnt++;
		return;
	}
}

/* evhttp has accepted a connection and wants a bufferevent for it. */
static struct bufferevent *on_accept(struct event_base *base, void *arg)
{
	struct gyl_metrics_http *s = arg;
	struct bufferevent *bev = bufferevent_socket_new(base, -1, 0);

	gyl_loop_woke(s->cf.loop);
	look_after(s);
	if (bev != NULL)
		keep(s, bev);
	if (s->conn_cnt == GYL_METRICS_HTTP_MAX)
		evconnlistener_disable(s->listener);
	evtimer_add(s->sweep, &sweep_time);
	return bev;
}

/* Out of descriptors: the connection stays in the queue, and the loop would spin. */
static void on_accept_error(struct evconnlistener *listener, void *arg)
{
	struct gyl_metrics_http *s = arg;

	evconnlistener_disable(listener);
	evtimer_add(s->sweep, &sweep_time);
}

/* ---- answers ---- */

static void on_page_sent(const void *text, size_t len, void *page)
{
	(void)text;
	(void)len;
	page_release(page);
}

/* HEAD is told the length alone. */
static void answer_begin(struct evhttp_request *req, const char *type, size_t len)
{
	struct evkeyvalq *head = evhttp_request_get_output_headers(req);
	char number[24];

	snprintf(number, sizeof number, "%zu", len);
	evhttp_add_header(head, "Content-Type", type);
	evhttp_add_header(head, "Content-Length", number);
	evhttp_add_header(head, "Cache-Control", "no-store");
	evhttp_add_header(head, "Connection", "close");
}

/* evhttp would take the end of what is asked for the end of the asker, who may still read: `nc -N`
 * ends its side at once. Who has gone is found out by writing, or by the time that is up. */
static void answer_end(struct evhttp_request *req, int status)
{
	struct evhttp_connection *conn = evhttp_request_get_connection(req);

	evhttp_send_reply(req, status, NULL, NULL);
	bufferevent_disable(evhttp_connection_get_bufferevent(conn), EV_READ);
}

static bool wants_body(struct evhttp_request *req)
{
	return evhttp_request_get_command(req) != EVHTTP_REQ_HEAD;
}

static void answer_text(struct evhttp_request *req, int status, const char *text)
{
	answer_begin(req, "text/plain; charset=utf-8", strlen(text));
	if (wants_body(req))
		evbuffer_add(evhttp_request_get_output_buffer(req), text, strlen(text));
	answer_end(req, status);
}

static void send_metrics(struct gyl_metrics_http *s, struct evhttp_request *req)
{
	struct page *p = page_of_turn(s);

	if (p == NULL) {
		answer_text(req, HTTP_INTERNAL, "no room for all numbers\n");
		return;
	}
	answer_begin(req, "text/plain; version=0.0.4; charset=utf-8", p->len);
	if (wants_body(req) && evbuffer_add_reference(evhttp_request_get_output_buffer(req),
				       p->text, p->len, on_page_sent, p) == 0)
		p->ref_cnt++;
	answer_end(req, HTTP_OK);
}

static void send_health(struct gyl_metrics_http *s, struct evhttp_request *req)
{
	static const char ok[] = "ok\n";
	char text[sizeof ok + HEALTH_LEN];
	size_t skip = sizeof ok - 1;
	struct gyl_writer w;
	bool good;

	memcpy(text, ok, sizeof ok);
	gyl_writer_init(&w, text + skip, HEALTH_LEN);
	good = s->cf.healthy(s->cf.arg, &w);
	text[skip + w.len] = '\0';
	answer_text(req, good ? HTTP_OK : HTTP_SERVUNAVAIL, good ? text : text + skip);
}

static void on_request(struct evhttp_request *req, void *arg)
{
	enum evhttp_cmd_type method = evhttp_request_get_command(req);
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(req);
	const char *path = uri == NULL ? NULL : evhttp_uri_get_path(uri);
	struct gyl_metrics_http *s = arg;
	bool metrics = path != NULL && strcmp(path, "/metrics") == 0;
	bool health = path != NULL && strcmp(path, "/healthz") == 0;

	gyl_loop_woke(s->cf.loop);
	if (!metrics && !health) {
		answer_text(req, HTTP_NOTFOUND, "there is /metrics, and /healthz\n");
		return;
	}
	if (method != EVHTTP_REQ_GET && method != EVHTTP_REQ_HEAD) {
		evhttp_add_header(evhttp_request_get_output_headers(req), "Allow", "GET, HEAD");
		answer_text(req, HTTP_BADMETHOD, "only GET and HEAD\n");
		return;
	}
	s->scrape_cnt++;
	if (metrics)
		send_metrics(s, req);
	else
		send_health(s, req);
}

/* ---- opening ---- */

static bool listen_at(struct gyl_metrics_http *s, char err[200])
{
	const struct gyl_bind b = {.type = GYL_BIND_TCP, .ip = s->cf.ip, .port = s->cf.port};
	struct sockaddr_in sa = {.sin_family = AF_INET,
		.sin_port = htons(s->cf.port),
		.sin_addr.s_addr = htonl(s->cf.ip)};
	socklen_t len = sizeof sa;
	char text[200];

	s->listener = evconnlistener_new_bind(gyl_loop_base(s->cf.loop), NULL, NULL,
		LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE,
		2 * GYL_METRICS_HTTP_MAX, (struct sockaddr *)&sa, sizeof sa);
	if (s->listener != NULL && getsockname(evconnlistener_get_fd(s->listener),
					   (struct sockaddr *)&sa, &len) == 0) {
		s->port = ntohs(sa.sin_port);
		return true;
	}
	gyl_host_why(&b, -errno, text);
	snprintf(err, 200, "metrics: %.180s", text);
	return false;
}

static bool serve(struct gyl_metrics_http *s)
{
	struct event_base *base = gyl_loop_base(s->cf.loop);

	s->http = evhttp_new(base);
	s->sweep = evtimer_new(base, on_sweep, s);
	if (s->http == NULL || s->sweep == NULL)
		return false;
	evhttp_set_max_headers_size(s->http, REQUEST_LEN_MAX);
	evhttp_set_max_body_size(s->http, 0);
	evhttp_set_timeout(s->http, IDLE_S);
	/* All of them, so that they get our 405 and not libevent's 501. */
	evhttp_set_allowed_methods(s->http, UINT16_MAX);
	evhttp_set_gencb(s->http, on_request, s);
	evhttp_set_bevcb(s->http, on_accept, s);
	s->bound = evhttp_bind_listener(s->http, s->listener);
	return s->bound != NULL;
}

struct gyl_metrics_http *gyl_metrics_http_open(
	const struct gyl_metrics_http_conf *cf, char err[200])
{
	struct gyl_metrics_http *s = calloc(1, sizeof *s);

	snprintf(err, 200, "metrics: no memory");
	if (s == NULL)
		return NULL;
	s->cf = *cf;
	if (!listen_at(s, err) || !serve(s)) {
		gyl_metrics_http_close(s);
		return NULL;
	}
	evconnlistener_set_error_cb(s->listener, on_accept_error);
	err[0] = '\0';
	return s;
}

void gyl_metrics_http_close(struct gyl_metrics_http *s)
{
	if (s == NULL)
		return;
	if (s->http != NULL)
		evhttp_free(s->http); /* with its connections */
	if (s->listener != NULL && s->bound == NULL)
		evconnlistener_free(s->listener);
	look_after(s);
	page_forget(s);
	if (s->sweep != NULL)
		event_free(s->sweep);
	free(s);
}

uint16_t gyl_metrics_http_port(const struct gyl_metrics_http *s)
{
	return s->port;
}

uint64_t gyl_metrics_http_scrapes(const struct gyl_metrics_http *s)
{
	return s->scrape_cnt;
}
