/* SPDX-License-Identifier: ISC */

/* Where clients come in: Unix sockets and TCP ports. */

#include <errno.h>
#include <event2/event.h>
#include <grp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libnet/host/unix.h"
#include "services/base/control_own.h"

enum {
	BACKLOG = 16,
	ACCEPT_MAX = 8 /* a turn: others want to be served, too */
};

static const struct timeval again_time = {.tv_usec = 250000};

/* Out of descriptors: the connection stays in the queue, and the loop would spin. */
static void rest(struct gyl_place *p)
{
	event_del(p->ev);
	evtimer_add(p->again, &again_time);
}

static void on_again(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	event_add(((struct gyl_place *)arg)->ev, NULL);
}

static void on_accept(evutil_socket_t fd, short what, void *arg)
{
	struct gyl_place *p = arg;

	(void)what;
	gyl_loop_woke(p->c->cf.loop);
	for (int i = 0; i < ACCEPT_MAX; i++) {
		struct sockaddr_in sa = {0}; /* who comes by a Unix socket has no name */
		socklen_t len = sizeof sa;
		int peer = accept4(fd, (struct sockaddr *)&sa, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (peer >= 0 && p->port != 0)
			gyl__guest_new(p->c, peer, ntohl(sa.sin_addr.s_addr));
		else if (peer >= 0)
			gyl__control_client(p->c, peer);
		else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			rest(p);
		if (peer < 0 && errno != ECONNABORTED && errno != EINTR)
			return;
	}
}

/* ---- opening ---- */

static int set_group(const char *path, const char *group)
{
	const struct group *gr = group == NULL || geteuid() != 0 ? NULL : getgrnam(group);

	return gr == NULL ? 0 : chown(path, (uid_t)-1, gr->gr_gid);
}

static const char *why_unix(const char *path, int err)
{
	struct stat st;

	if (err != EADDRINUSE)
		return strerror(err);
	return lstat(path, &st) == 0 && S_ISSOCK(st.st_mode)
		       ? "another guyline is running there"
		       : "something that is no socket stands there; remove it, or set \"control\"";
}

static bool open_unix(struct gyl_place *p, const char *path, const char *group, char err[200])
{
	struct gyl_bind b = {.type = GYL_BIND_UNIX_STREAM, .path = path, .mode = 0660};

	p->fd = strlen(path) < sizeof p->path ? gyl_unix_open(&b) : -ENAMETOOLONG;
	if (p->fd < 0) {
		snprintf(err, 200, "control socket %.100s: %s", path, why_unix(path, -p->fd));
		return false;
	}
	memcpy(p->path, path, strlen(path) + 1);
	if (set_group(path, group) == 0)
		return true;
	snprintf(err, 200, "control socket %.100s: %s", path, strerror(errno));
	return false;
}

static bool set(int fd, int level, int option, int val)
{
	return setsockopt(fd, level, option, &val, sizeof val) == 0;
}

/*
 * Accepted sockets inherit all of it. A peer that has vanished is noticed within two minutes
 * whether it is owed octets or only listens.
 */
static bool set_tcp(int fd)
{
	enum {
		IDLE_S = 60,
		PAUSE_S = 15,
		TRIES = 4,
		UNHEARD_MS = 120000
	};

	return set(fd, SOL_SOCKET, SO_REUSEADDR, 1) && set(fd, IPPROTO_TCP, TCP_NODELAY, 1) &&
	       set(fd, SOL_SOCKET, SO_KEEPALIVE, 1) && set(fd, IPPROTO_TCP, TCP_KEEPIDLE, IDLE_S) &&
	       set(fd, IPPROTO_TCP, TCP_KEEPINTVL, PAUSE_S) &&
	       set(fd, IPPROTO_TCP, TCP_KEEPCNT, TRIES) &&
	       set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, UNHEARD_MS);
}

static bool open_tcp(struct gyl_place *p, const struct gyl_control_place *where, char err[200])
{
	struct gyl_bind b = {.type = GYL_BIND_TCP, .ip = where->ip, .port = where->port};
	struct sockaddr_in sa = {.sin_family = AF_INET,
		.sin_port = htons(where->port),
		.sin_addr.s_addr = htonl(where->ip)};
	socklen_t len = sizeof sa;
	char text[200];

	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (p->fd >= 0 && set_tcp(p->fd) && bind(p->fd, (struct sockaddr *)&sa, sizeof sa) == 0 &&
		listen(p->fd, BACKLOG) == 0 &&
		getsockname(p->fd, (struct sockaddr *)&sa, &len) == 0) {
		p->port = ntohs(sa.sin_port);
		return true;
	}
	gyl_host_why(&b, -errno, text);
	snprintf(err, 200, "control: %.180s", text);
	return false;
}

bool gyl__place_open(struct gyl_control *c, const struct gyl_control_place *where, char err[200])
{
	struct event_base *base = gyl_loop_base(c->cf.loop);
	struct gyl_place *p = &c->place[c->place_cnt++];
	bool good;

	p->c = c;
	good = where->path == NULL ? open_tcp(p, where, err)
				   : open_unix(p, where->path, c->cf.group, err);
	if (!good)
		return false;
	p->ev = event_new(base, p->fd, EV_READ | EV_PERSIST, on_accept, p);
	p->again = evtimer_new(base, on_again, p);
	if (p->ev != NULL && p->again != NULL && event_add(p->ev, NULL) == 0)
		return true;
	snprintf(err, 200, "control: no memory");
	return false;
}

/* What could not be opened is not there to be removed: somebody else's may be. */
void gyl__place_close(struct gyl_place *p)
{
	if (p->ev != NULL)
		event_free(p->ev);
	if (p->again != NULL)
		event_free(p->again);
	if (p->fd >= 0)
		close(p->fd);
	if (p->path[0] != '\0')
		unlink(p->path);
}
