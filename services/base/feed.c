/* SPDX-License-Identifier: ISC */
#include "services/base/feed.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <gyl/text.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	FRAME_MAX = 4096,
	DIGITS_MAX = 5,
	NO_ROOM_MS = 10
};

struct gyl_feed {
	struct gyl_loop *loop;
	struct gyl_run *run;
	unsigned source;
	struct sockaddr_un sa;
	struct bufferevent *bev;
	struct event *timer;
	struct gyl_loop_fd *watch; /* of the socket's directory; NULL: there is only the timer */
	int watch_fd;
	unsigned retry_ms;
};

static void connect_now(struct gyl_feed *f);
static void on_read(struct bufferevent *bev, void *arg);

static void arm(struct gyl_feed *f, unsigned ms)
{
	struct timeval tv = {ms / 1000, (suseconds_t)(ms % 1000) * 1000};

	evtimer_add(f->timer, &tv);
}

static void lost(struct gyl_feed *f)
{
	if (f->bev != NULL)
		bufferevent_free(f->bev);
	f->bev = NULL;
	arm(f, f->retry_ms);
	f->retry_ms =
		f->retry_ms * 2 < GYL_FEED_RETRY_MAX_MS ? f->retry_ms * 2 : GYL_FEED_RETRY_MAX_MS;
}

/* One event from the other side. What is not an event of ours is passed over: a newer daemon may
 * know more. */
static void pass_on(struct gyl_feed *f, const uint8_t *p, size_t len)
{
	struct gyl_event e;

	if (gyl_failed(gyl_event_decode(gyl_view(p, len), &e)))
		return;
	e.remote = true;
	gyl_run_event(f->run, &e);
}

/* Length of the frame at the start of the buffer with its count; 0: not whole yet; -1: this is no
 * feed. */
static ssize_t frame_len(struct evbuffer *in, size_t *ret_head)
{
	uint8_t head[DIGITS_MAX + 1];
	ssize_t n = evbuffer_copyout(in, head, sizeof head);
	size_t len = 0;

	for (ssize_t i = 0; i < n; i++) {
		if (head[i] == ' ' && i != 0) {
			*ret_head = (size_t)i + 1;
			return len == 0 || len > FRAME_MAX ? -1 : (ssize_t)len;
		}
		if (head[i] < '0' || head[i] > '9')
			return -1;
		len = len * 10 + (size_t)(head[i] - '0');
	}
	return n == (ssize_t)sizeof head ? -1 : 0;
}

static void on_read(struct bufferevent *bev, void *arg)
{
	struct gyl_feed *f = arg;
	struct evbuffer *in = bufferevent_get_input(bev);
	size_t head = 0;
	ssize_t len;

	gyl_loop_woke(f->loop);
	while ((len = frame_len(in, &head)) > 0 && evbuffer_get_length(in) >= head + (size_t)len) {
		if (!gyl_run_event_room(f->run)) {
			bufferevent_disable(bev, EV_READ);
			arm(f, NO_ROOM_MS);
			return;
		}
		pass_on(f, evbuffer_pullup(in, (ssize_t)head + len) + head, (size_t)len);
		evbuffer_drain(in, head + (size_t)len);
		f->retry_ms = GYL_FEED_RETRY_MIN_MS;
	}
	if (len < 0)
		lost(f);
}

static void on_change(struct bufferevent *bev, short what, void *arg)
{
	struct gyl_feed *f = arg;

	if (what & BEV_EVENT_CONNECTED)
		evbuffer_add_printf(bufferevent_get_output(bev),
			"{\"v\":1,\"id\":1,\"do\":\"events\",\"source\":\"%s\",\"snapshot\":true,\"follow\":true,"
			"\"form\":\"syslog\"}\n",
			gyl_event_source_name(f->source));
	else
		lost(f);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct gyl_feed *f = arg;

	(void)fd;
	(void)what;
	if (f->bev == NULL) {
		connect_now(f);
		return;
	}
	bufferevent_enable(f->bev, EV_READ);
	on_read(f->bev, f);
}

static void connect_now(struct gyl_feed *f)
{
	f->bev = bufferevent_socket_new(gyl_loop_base(f->loop), -1, BEV_OPT_CLOSE_ON_FREE);
	if (f->bev == NULL) {
		lost(f);
		return;
	}
	bufferevent_setcb(f->bev, on_read, NULL, on_change, f);
	bufferevent_setwatermark(f->bev, EV_READ, 0, 16 * (size_t)FRAME_MAX);
	bufferevent_enable(f->bev, EV_READ | EV_WRITE);
	/* When it fails at once, on_change() has mostly been told already. */
	if (bufferevent_socket_connect(f->bev, (struct sockaddr *)&f->sa, sizeof f->sa) != 0 &&
		f->bev != NULL)
		lost(f);
}

/* The socket may have appeared: bound, and a moment later listening. */
static void on_file(void *arg)
{
	_Alignas(struct inotify_event) char buf[4096];
	struct gyl_feed *f = arg;

	while (read(f->watch_fd, buf, sizeof buf) > 0)
		;
	if (f->bev != NULL)
		return;
	f->retry_ms = GYL_FEED_RETRY_MIN_MS;
	arm(f, f->retry_ms);
}

/*
 * While everything may still be opened; without it, the timer has to do. Of the directory alone,
 * not of the way to it as watch.h does: ours is there and stays, and /run is a busy place.
 */
static void watch_directory(struct gyl_feed *f)
{
	char dir[sizeof f->sa.sun_path];
	char *slash;

	memcpy(dir, f->sa.sun_path, sizeof dir);
	slash = strrchr(dir, '/');
	if (slash == NULL)
		memcpy(dir, ".", 2);
	else
		slash[slash == dir] = '\0';
	f->watch_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (f->watch_fd >= 0 && inotify_add_watch(f->watch_fd, dir, IN_CREATE | IN_MOVED_TO) >= 0)
		f->watch = gyl_loop_watch(f->loop, f->watch_fd, on_file, f);
}

struct gyl_feed *gyl_feed_open(
	struct gyl_loop *loop, struct gyl_run *run, const char *path, unsigned source)
{
	struct gyl_feed *f = calloc(1, sizeof *f);

	if (f == NULL || strlen(path) >= sizeof f->sa.sun_path) {
		free(f);
		return NULL;
	}
	f->loop = loop;
	f->run = run;
	f->source = source;
	f->retry_ms = GYL_FEED_RETRY_MIN_MS;
	f->sa.sun_family = AF_UNIX;
	memcpy(f->sa.sun_path, path, strlen(path) + 1);
	f->timer = evtimer_new(gyl_loop_base(loop), on_timer, f);
	if (f->timer == NULL) {
		free(f);
		return NULL;
	}
	watch_directory(f);
	arm(f, 0);
	return f;
}

void gyl_feed_close(struct gyl_feed *f)
{
	if (f == NULL)
		return;
	if (f->bev != NULL)
		bufferevent_free(f->bev);
	event_free(f->timer);
	gyl_loop_unwatch(f->watch);
	if (f->watch_fd >= 0)
		close(f->watch_fd);
	free(f);
}
