/* SPDX-License-Identifier: ISC */

/*
 * Guests: who has come by TCP and not shown a password yet.
 *
 * They are no clients of libevent's buffers: a password is in memory of ours only, which is wiped,
 * and nobody's octets are parsed as a request before the password was right.
 */

#include <errno.h>
#include <event2/event.h>
#include <gyl/cpu.h>
#include <gyl/ct.h>
#include <gyl/text.h>
#include <gyl/time.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "services/base/control_own.h"

static const struct timeval at_once = {0};
static const struct timeval leave_time = {.tv_sec = 1}; /* to read the last line */

static const char greeting[] = "the first request here is {\"do\":\"auth\",\"password\":\"...\"}";

static void guest_close(struct gyl_guest *g, bool keep_fd)
{
	struct gyl_door *d = &g->c->door;

	for (int i = 0; i < GYL_CONTROL_GUEST_MAX; i++)
		if (d->guest[i] == g)
			d->guest[i] = NULL;
	if (g->ev != NULL)
		event_free(g->ev);
	if (g->timer != NULL)
		event_free(g->timer);
	if (!keep_fd)
		close(g->fd);
	gyl_wipe(g, sizeof *g);
	free(g);
}

/* reason NULL: it was let in. failed_cnt: wrong passwords from there so far, 0: of no matter. */
static void tell(const struct gyl_guest *g, const char *reason, uint64_t failed_cnt)
{
	struct gyl_event e;

	gyl_event_init(&e, reason == NULL ? GYL_EV_BASE_AUTH : GYL_EV_BASE_AUTH_FAILED);
	gyl_event_ip(&e, "ip", g->ip);
	if (reason != NULL)
		gyl_event_str(&e, "reason", gyl_view_str(reason));
	if (failed_cnt != 0)
		gyl_event_u64(&e, "failures", failed_cnt);
	gyl_run_event(g->c->cf.run, &e);
}

/*
 * A last line, and our side is shut: closing while the peer still sends would reset the connection
 * and might take the line away from it.
 */
static void leave(struct gyl_guest *g, const char *text)
{
	char line[GYL_CONTROL_ERROR_MAX];
	size_t len = gyl__control_error_line(line, g->id, text);

	g->c->door.refused_cnt++;
	gyl_wipe(g->line, sizeof g->line);
	gyl_wipe(g->password, sizeof g->password);
	g->state = GYL_GUEST_LEAVING;
	if (send(g->fd, line, len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ||
		shutdown(g->fd, SHUT_WR) != 0 || event_add(g->ev, NULL) != 0 ||
		evtimer_add(g->timer, &leave_time) != 0)
		guest_close(g, false);
}

static bool has_to_wait(struct gyl_guest *g)
{
	struct gyl_now now;
	uint64_t wait_ns;
	char text[100];

	gyl_loop_now(&now);
	wait_ns = gyl_limit_wait_ns(&g->c->door.limit, g->ip, now.mono_ns);
	if (wait_ns == 0)
		return false;
	snprintf(text, sizeof text, "too many wrong passwords from your address; try again in %u s",
		(unsigned)((wait_ns + GYL_NS_PER_S - 1) / GYL_NS_PER_S));
	tell(g, "has to wait", 0);
	leave(g, text);
	return true;
}

/* ---- the first line ---- */

static void free_wiped(void *p)
{
	if (p != NULL)
		gyl_wipe(p, malloc_usable_size(p));
	free(p);
}

static bool take_password(struct gyl_guest *g, const json_t *req)
{
	const json_t *v = json_object_get(req, "v"), *secret = json_object_get(req, "password");
	const char *verb = json_string_value(json_object_get(req, "do"));
	size_t len;

	g->id = json_integer_value(json_object_get(req, "id"));
	if (secret == NULL)
		secret = json_object_get(req, "token");
	len = json_string_length(secret);
	if ((v != NULL && json_integer_value(v) != GYL_CONTROL_VERSION) || verb == NULL ||
		strcmp(verb, "auth") != 0 || !json_is_string(secret) || len > sizeof g->password)
		return false;
	memcpy(g->password, json_string_value(secret), len);
	g->password_len = len;
	return true;
}

/* Jansson makes copies of the password: meanwhile it wipes what it frees. */
static bool read_request(struct gyl_guest *g)
{
	json_malloc_t old_malloc;
	json_free_t old_free;
	json_error_t why;
	json_t *req;
	bool good;

	json_get_alloc_funcs(&old_malloc, &old_free);
	json_set_alloc_funcs(malloc, free_wiped);
	req = json_loadb(g->line, g->line_len, 0, &why);
	good = req != NULL && json_is_object(req) && take_password(g, req);
	json_decref(req);
	json_set_alloc_funcs(old_malloc, old_free);
	gyl_wipe(&why, sizeof why); /* it quotes what it did not like */
	return good;
}

static void on_line(struct gyl_guest *g)
{
	struct gyl_door *d = &g->c->door;

	if (!read_request(g)) {
		tell(g, "did not send a password", 0);
		leave(g, greeting);
		return;
	}
	gyl_wipe(g->line, g->line_len);
	if (has_to_wait(g))
		return;
	/* From here on it is not looked at: hanging up does not undo a guess. */
	event_del(g->ev);
	evtimer_del(g->timer);
	g->state = GYL_GUEST_QUEUED;
	g->ticket = d->ticket++;
	evtimer_add(d->work, &at_once);
}

static void on_read(evutil_socket_t fd, short what, void *arg)
{
	struct gyl_guest *g = arg;
	size_t from = g->state == GYL_GUEST_LEAVING ? 0 : g->len;
	ssize_t n = read(fd, g->line + from, sizeof g->line - from);
	const char *end;

	(void)what;
	gyl_loop_woke(g->c->cf.loop);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		guest_close(g, false);
		return;
	}
	if (n < 0 || g->state == GYL_GUEST_LEAVING)
		return;
	g->len += (size_t)n;
	end = memchr(g->line + from, '\n', (size_t)n);
	if (end != NULL) {
		g->line_len = (size_t)(end + 1 - g->line);
		on_line(g);
	} else if (g->len == sizeof g->line) {
		tell(g, "did not send a password", 0);
		leave(g, greeting);
	}
}

static void on_late(evutil_socket_t fd, short what, void *arg)
{
	struct gyl_guest *g = arg;

	(void)fd;
	(void)what;
	if (g->state == GYL_GUEST_LEAVING) {
		guest_close(g, false);
		return;
	}
	tell(g, "did not send a password in time", 0);
	leave(g, "no request came in time");
}

/* ---- the queue ---- */

static struct gyl_guest *first_queued(const struct gyl_door *d)
{
	struct gyl_guest *first = NULL;

	for (int i = 0; i < GYL_CONTROL_GUEST_MAX; i++) {
		struct gyl_guest *g = d->guest[i];

		if (g != NULL && g->state == GYL_GUEST_QUEUED &&
			(first == NULL || g->ticket < first->ticket))
			first = g;
	}
	return first;
}

/* The next verification. Its address may have failed since it was queued. */
static bool begin_next(struct gyl_door *d)
{
	struct gyl_guest *g;

	do {
		g = first_queued(d);
		if (g == NULL)
			return false;
	} while (has_to_wait(g));
	d->at = g;
	gyl_auth_begin(&d->auth, g->password, g->password_len);
	return true;
}

static void let_in(struct gyl_guest *g)
{
	struct gyl_control *c = g->c;
	char rest[GYL_CONTROL_LINE_MAX];
	size_t rest_len = g->len - g->line_len;
	json_int_t id = g->id;
	uint32_t ip = g->ip;
	int fd = g->fd;

	c->door.in_cnt++;
	gyl_limit_forget(&c->door.limit, g->ip);
	tell(g, NULL, 0);
	memcpy(rest, g->line + g->line_len, rest_len);
	guest_close(g, true);
	gyl__control_admit(c, fd, ip, id, rest, rest_len);
}

static void answer(struct gyl_guest *g, enum gyl_auth_result result)
{
	struct gyl_now now;

	if (result == GYL_AUTH_RIGHT) {
		let_in(g);
	} else if (result == GYL_AUTH_UNABLE) {
		tell(g, "no memory to verify the password", 0);
		leave(g, "no memory to verify the password; try again");
	} else {
		gyl_loop_now(&now);
		tell(g, "wrong password", gyl_limit_failed(&g->c->door.limit, g->ip, now.mono_ns));
		leave(g, "wrong password");
	}
}

/*
 * One slice. The timer is due at once, and libevent looks at timers once a turn, after the
 * descriptors: what has come by the network meanwhile is served between two slices.
 */
static void on_work(evutil_socket_t fd, short what, void *arg)
{
	struct gyl_control *c = arg;
	struct gyl_door *d = &c->door;
	struct gyl_now now;
	uint64_t end_ns;

	(void)fd;
	(void)what;
	gyl_loop_woke(c->cf.loop);
	gyl_loop_now(&now);
	end_ns = now.mono_ns + GYL_CONTROL_SLICE_NS;
	do {
		enum gyl_auth_result result;

		if (gyl_auth_idle(&d->auth) && !begin_next(d))
			return;
		result = gyl_auth_step(&d->auth);
		if (result != GYL_AUTH_MORE) {
			struct gyl_guest *g = d->at;

			d->at = NULL;
			answer(g, result);
		}
		gyl_loop_now(&now);
	} while (now.mono_ns < end_ns);
	evtimer_add(d->work, &at_once);
}

/* ---- coming in ---- */

/* Where there is room for one from there; -1: nowhere. One address takes half of the places. */
static int find_room(const struct gyl_door *d, uint32_t ip)
{
	int room = -1, same = 0;

	for (int i = 0; i < GYL_CONTROL_GUEST_MAX; i++) {
		if (d->guest[i] == NULL)
			room = i;
		else if (d->guest[i]->ip == ip)
			same++;
	}
	return same < GYL_CONTROL_GUEST_MAX / 2 ? room : -1;
}

/* No room for a guest: one line, which is lost when its octets are there already. */
static void turn_away(struct gyl_control *c, int fd)
{
	char line[GYL_CONTROL_ERROR_MAX];
	size_t len = gyl__control_error_line(line, 0, "too many are asking; try again");

	c->door.full_cnt++;
	(void)send(fd, line, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
}

void gyl__guest_new(struct gyl_control *c, int fd, uint32_t ip)
{
	struct event_base *base = gyl_loop_base(c->cf.loop);
	int room = find_room(&c->door, ip);
	struct gyl_guest *g = room < 0 ? NULL : calloc(1, sizeof *g);

	if (g == NULL) {
		turn_away(c, fd);
		return;
	}
	g->c = c;
	g->fd = fd;
	g->ip = ip;
	g->ev = event_new(base, fd, EV_READ | EV_PERSIST, on_read, g);
	g->timer = evtimer_new(base, on_late, g);
	c->door.guest[room] = g;
	if (g->ev == NULL || g->timer == NULL || event_add(g->ev, NULL) != 0 ||
		evtimer_add(g->timer, &c->door.handshake) != 0)
		guest_close(g, false);
}

bool gyl__door_open(struct gyl_control *c)
{
	c->door.handshake.tv_sec = GYL_CONTROL_HANDSHAKE_S;
	gyl_auth_init(&c->door.auth, gyl_cpu_detect());
	c->door.work = evtimer_new(gyl_loop_base(c->cf.loop), on_work, c);
	return c->door.work != NULL;
}

void gyl__door_close(struct gyl_control *c)
{
	gyl_auth_fini(&c->door.auth);
	for (int i = 0; i < GYL_CONTROL_GUEST_MAX; i++)
		if (c->door.guest[i] != NULL)
			guest_close(c->door.guest[i], false);
	if (c->door.work != NULL)
		event_free(c->door.work);
}
