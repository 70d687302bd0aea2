/* SPDX-License-Identifier: ISC */

/*
 * From connections to the core.
 *
 * Octets are read into one buffer that all streams share and handed over where they lie. What the
 * core did not consume is copied into the connection's stash; the next read goes behind it, so that
 * the core always sees one piece. What is handed over counts as consumed until unread says
 * otherwise, which is why most reads copy nothing.
 *
 * A rest that the core has seen is offered again only with something new: more octets, the peer's
 * end, or room after a backlog. Otherwise half a line would keep the loop busy until its other half
 * arrives. What the core did not take at all is offered again at once; what it left because its
 * turn was over, in its turn.
 *
 * Back-pressure: a full stash takes the event off; the kernel's buffer fills up and closes the
 * window.
 */

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "libnet/host/socks_int.h"

static const struct timeval again_time = {.tv_usec = 250000};

/* ---- accepting ---- */

/* The kernel does not tell the interface of a connection: that of its local address counts. */
static bool not_served(const struct gyl__port *p, const struct gyl_peer *peer)
{
	const struct gyl__ifaces *t = p->s->ifaces;

	if (p->unix_domain)
		return false;
	return (t->named && peer->iface == GYL__IFACE_NONE) ||
	       !gyl__ifaces_in(t, p->ifaces, peer->iface);
}

/* Who connected: the program may have given its end away since. */
static void fill_local(int fd, struct gyl_peer *peer)
{
	struct ucred cred = {0};
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) != 0)
		return;
	peer->pid = (uint32_t)cred.pid;
	peer->uid = cred.uid;
}

static void fill_peer(
	const struct gyl__port *p, int fd, const struct sockaddr_in *from, struct gyl_peer *peer)
{
	struct sockaddr_in sin = {0};
	socklen_t len = sizeof(sin);

	peer->iface = GYL__IFACE_NONE;
	if (p->unix_domain) {
		fill_local(fd, peer);
		return;
	}
	(void)getsockname(fd, (struct sockaddr *)&sin, &len);
	peer->ip = ntohl(from->sin_addr.s_addr);
	peer->port = ntohs(from->sin_port);
	peer->local_ip = ntohl(sin.sin_addr.s_addr);
	peer->local_port = ntohs(sin.sin_port);
	peer->iface = gyl__ifaces_by_ip(p->s->ifaces, peer->local_ip);
}

static void accepted(struct gyl__port *p, int fd, const struct sockaddr_in *from)
{
	struct gyl_peer peer = {0};
	struct gyl__conn *c;

	fill_peer(p, fd, from, &peer);
	c = not_served(p, &peer) ? NULL : gyl__conn_add(p, fd, 0);
	if (c == NULL) {
		p->s->stat.in_bad_cnt++;
		(void)close(fd);
		return;
	}
	c->peer = peer;
	c->due = GYL__DUE_OPENED;
	gyl__conn_queue(c);
	gyl__conn_resume(c);
}

/* Errors of a connection that died in the backlog; accept(2) says to go on. */
static bool try_next(int err)
{
	return err == EINTR || err == ECONNABORTED || err == EPROTO;
}

static void accept_all(struct gyl__port *p)
{
	if (!TAILQ_EMPTY(&p->s->unused))
		gyl__port_resume(p);
	while (p->acceptable) {
		struct sockaddr_in from = {0};
		socklen_t len = sizeof(from);
		int fd;

		if (TAILQ_EMPTY(&p->s->unused)) { /* until one is given back */
			gyl__port_pause(p);
			return;
		}
		fd = accept4(p->fd, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			accepted(p, fd, &from);
			continue;
		}
		p->acceptable = try_next(errno);
		if (!p->acceptable && errno != EAGAIN) { /* out of descriptors: do not spin on it */
			gyl__port_pause(p);
			(void)event_add(&p->again, &again_time);
		}
	}
}

/* ---- reading ---- */

static void conn_ended(struct gyl__conn *c)
{
	gyl__conn_pause(c); /* an end stays readable for ever */
	c->ended = true;
	c->readable = false;
	c->due |= GYL__DUE_EOF;
}

static bool can_read(const struct gyl__conn *c)
{
	return c->readable && c->stash_len < GYL_SOCKS_STASH_LEN;
}

/* Read behind the stash, or into the shared buffer when there is none. False: no octets now. */
static bool conn_read(struct gyl__conn *c, struct gyl_view *ret_data)
{
	struct gyl_socks *s = c->s;
	uint8_t *start = c->stash_len != 0 ? c->stash : s->read_mem + s->read_len;
	size_t cap = GYL_SOCKS_STASH_LEN - c->stash_len;
	ssize_t n;

	do {
		n = read(c->fd, start + c->stash_len, cap);
	} while (n < 0 && errno == EINTR);
	c->readable = n > 0 && (c->dgram || (size_t)n == cap);
	if (n < 0 && errno != EAGAIN)
		gyl__conn_drop(c);
	else if (n == 0 && !c->dgram)
		conn_ended(c);
	if (n < 0 || (n == 0 && !c->dgram))
		return false;
	*ret_data = gyl_view(start, c->stash_len + (size_t)n);
	if (c->stash_len == 0)
		s->read_len += (size_t)n;
	else if (ret_data->len > c->peak_len)
		c->peak_len = (uint32_t)ret_data->len;
	return true;
}

/* ---- giving out ---- */

static struct gyl_in *give(struct gyl__conn *c, struct gyl_in *in, enum gyl_in_kind kind)
{
	gyl__in_init(in, c->port, kind);
	in->flow = c->s->flow[c->index];
	in->room = gyl__conn_room(c);
	in->peer = c->peer;
	return in;
}

static size_t give_stash(struct gyl__conn *c, struct gyl_in *in, enum gyl_in_kind kind)
{
	if (c->dgram && kind == GYL_IN_BYTES)
		kind = GYL_IN_DGRAM;
	give(c, in, kind)->data = gyl_view(c->stash, c->stash_len);
	c->stash_len = 0;
	return 1;
}

static size_t give_read(struct gyl__conn *c, struct gyl_in *in)
{
	struct gyl_view data;

	if (!conn_read(c, &data))
		return 0;
	gyl__count_in(c->s, data.len - c->stash_len);
	c->stash_len = 0;
	give(c, in, c->dgram ? GYL_IN_DGRAM : GYL_IN_BYTES)->data = data;
	return 1;
}

static bool take_due(struct gyl__conn *c, enum gyl__due bit)
{
	bool set = (c->due & bit) != 0;

	c->due &= (uint8_t)~bit;
	return set;
}

/*
 * Everything a connection has to say now, at most three inputs, in order. Its end is told in a
 * later batch than octets: only then is it known which of them are left.
 */
static size_t give_all(struct gyl__conn *c, struct gyl_in *in)
{
	size_t n = 0, data;

	if (take_due(c, GYL__DUE_OPENED))
		give(c, &in[n++], GYL_IN_OPENED);
	if (take_due(c, GYL__DUE_BYTES))
		data = give_stash(c, &in[n], GYL_IN_BYTES);
	else
		data = can_read(c) ? give_read(c, &in[n]) : 0;
	n += data;
	if (data == 0 && take_due(c, GYL__DUE_EOF))
		n += give_stash(c, &in[n], GYL_IN_EOF);
	if (data == 0 && take_due(c, GYL__DUE_CLOSED)) {
		give(c, &in[n++], GYL_IN_CLOSED);
		if (c->queued)
			TAILQ_REMOVE(&c->port->queue, c, link);
		c->queued = false;
		TAILQ_INSERT_TAIL(&c->s->gone, c, link);
		return n;
	}
	gyl__conn_resume(c);
	if (can_read(c) || c->due != 0)
		gyl__conn_queue(c);
	return n;
}

size_t gyl__conns_recv(struct gyl__port *p, struct gyl_in *in, size_t cap)
{
	struct gyl__conn *c, *last;
	size_t n = 0;

	gyl__conns_sweep(p->s);
	p->s->read_len = 0;
	if (p->type == GYL__PORT_STREAM)
		accept_all(p);
	/* Those that queue again now have their next turn in the next batch. */
	last = TAILQ_LAST(&p->queue, gyl__conns);
	do {
		c = TAILQ_FIRST(&p->queue);
		if (c == NULL || n + 3 > cap || p->s->read_len > GYL__READ_LEN)
			break;
		TAILQ_REMOVE(&p->queue, c, link);
		c->queued = false;
		n += give_all(c, &in[n]);
	} while (c != last);
	return n;
}

/* ---- taking back ---- */

static void requeue_first(struct gyl__conn *c)
{
	if (c->queued)
		TAILQ_REMOVE(&c->port->queue, c, link);
	else if (c->state == GYL__CONN_GONE)
		TAILQ_REMOVE(&c->s->gone, c, link);
	c->queued = true;
	TAILQ_INSERT_HEAD(&c->port->queue, c, link);
	gyl__port_ready(c->port);
}

static void keep_rest(struct gyl__conn *c, const struct gyl_in *in)
{
	size_t used = in->used < in->data.len ? in->used : in->data.len;

	c->stash_len = (uint32_t)(in->data.len - used);
	memmove(c->stash, in->data.p + used, c->stash_len);
	if (c->stash_len > c->peak_len)
		c->peak_len = c->stash_len;
}

static enum gyl__due due_of(uint8_t kind)
{
	switch (kind) {
	case GYL_IN_OPENED:
		return GYL__DUE_OPENED;
	case GYL_IN_EOF:
		return GYL__DUE_EOF;
	case GYL_IN_CLOSED:
		return GYL__DUE_CLOSED;
	default:
		return GYL__DUE_BYTES;
	}
}

static bool has_data(const struct gyl_in *in)
{
	return in->kind == GYL_IN_BYTES || in->kind == GYL_IN_DGRAM || in->kind == GYL_IN_EOF;
}

static void unread_one(struct gyl__port *p, const struct gyl_in *in, bool taken)
{
	struct gyl__conn *c = gyl__conn_find(p->s, in->flow);

	/* The core may have closed it in the meantime: all it gets then is the end. */
	if (c == NULL || (c->forgotten && in->kind != GYL_IN_CLOSED))
		return;
	if (has_data(in) && !(taken && in->kind == GYL_IN_DGRAM))
		keep_rest(c, in);
	if (!taken) {
		c->due |= (uint8_t)due_of(in->kind);
		requeue_first(c);
		gyl__conn_pause(c);
	} else if (in->again && c->stash_len != 0) {
		c->due |= (uint8_t)due_of(in->kind);
		gyl__conn_queue(c);
	}
	if (c->stash_len == GYL_SOCKS_STASH_LEN)
		gyl__conn_pause(c);
}

void gyl__conns_unread(struct gyl__port *p, const struct gyl_in *in, size_t cnt, size_t taken)
{
	for (size_t i = cnt; i-- > 0;) /* from the end: each goes to the head of the queue */
		unread_one(p, &in[i], i < taken);
}

void gyl__conn_discard(struct gyl__conn *c)
{
	struct gyl_socks *s = c->s;
	ssize_t n = read(c->fd, s->read_mem, GYL__READ_LEN);

	if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	if (n < 0 || c->out_len == 0) {
		gyl__conn_drop(c);
		return;
	}
	gyl__conn_pause(c); /* it ended its side and still wants our backlog */
	c->ended = true;
}
