/* SPDX-License-Identifier: ISC */

/*
 * The table of connections: accepted streams and what cores opened.
 *
 * All memory is there from the start (the stashes as address space: a page is real once it was
 * used). A connection's life: new -> queued on its port when something is due -> ... -> dropped:
 * descriptor closed, GYL_IN_CLOSED due -> told -> swept back to the free ones at the next recv, so
 * that a refused GYL_IN_CLOSED can be offered again.
 *
 * Numbers of accepted flows carry a generation: a core that still sends to a stream that is gone
 * does not hit the one that took its place.
 */

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "libnet/host/socks_int.h"

enum {
	GENERATION_MAX = 0x3fff, /* 14 bits, above 16 of the index */
	PEAK_LEN = 8192          /* a connection that used more gives its pages back */
};

int gyl__conns_open(struct gyl_socks *s, unsigned conn_max)
{
	size_t each = 2 * (size_t)GYL_SOCKS_STASH_LEN;

	TAILQ_INIT(&s->unused);
	TAILQ_INIT(&s->gone);
	if (conn_max == 0 || conn_max > UINT16_MAX)
		return -EINVAL;
	s->conn_mem_len = conn_max * each + GYL__READ_LEN + GYL_SOCKS_STASH_LEN;
	s->conn_mem = mmap(NULL, s->conn_mem_len, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	s->conn = calloc(conn_max, sizeof(*s->conn));
	s->flow = calloc(conn_max, sizeof(*s->flow));
	if (s->conn_mem == MAP_FAILED || s->conn == NULL || s->flow == NULL)
		return -ENOMEM;
	s->conn_max = conn_max;
	s->read_mem = s->conn_mem + conn_max * each;
	for (unsigned i = 0; i < conn_max; i++) {
		struct gyl__conn *c = &s->conn[i];

		c->s = s;
		c->fd = -1;
		c->index = (uint16_t)i;
		c->stash = s->conn_mem + i * each;
		c->out_mem = c->stash + GYL_SOCKS_STASH_LEN;
		TAILQ_INSERT_TAIL(&s->unused, c, link);
	}
	return 0;
}

static void conn_fini(struct gyl__conn *c)
{
	if (c->fd < 0)
		return;
	(void)event_del(&c->in);
	(void)event_del(&c->out);
	(void)event_del(&c->timer);
	(void)close(c->fd);
	c->fd = -1;
}

void gyl__conns_close(struct gyl_socks *s)
{
	for (unsigned i = 0; i < s->conn_max; i++)
		conn_fini(&s->conn[i]);
	if (s->conn_mem != NULL && s->conn_mem != MAP_FAILED)
		(void)munmap(s->conn_mem, s->conn_mem_len);
	free(s->conn);
	free(s->flow);
}

struct gyl__conn *gyl__conn_find(struct gyl_socks *s, uint32_t flow)
{
	unsigned i = flow & UINT16_MAX;

	if (flow == 0)
		return NULL;
	if (gyl_socks_flow_accepted(flow))
		return i < s->conn_max && s->flow[i] == flow ? &s->conn[i] : NULL;
	for (i = 0; i < s->conn_max; i++) {
		if (s->flow[i] == flow)
			return &s->conn[i];
	}
	return NULL;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct gyl__conn *c = arg;

	(void)fd;
	(void)what;
	if (c->state == GYL__CONN_CLOSING) {
		gyl__conn_discard(c);
		return;
	}
	c->readable = true;
	gyl__conn_queue(c);
	if (c->port->held)
		gyl__conn_pause(c);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	gyl__conn_flush(arg);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	gyl__conn_drop(arg); /* the peer had its time to take the rest */
}

struct gyl__conn *gyl__conn_add(struct gyl__port *p, int fd, uint32_t flow)
{
	struct gyl_socks *s = p->s;
	struct event_base *base = gyl_loop_base(s->loop);
	struct gyl__conn *c = TAILQ_FIRST(&s->unused);

	if (c == NULL)
		return NULL;
	if (event_assign(&c->in, base, fd, EV_READ | EV_PERSIST, on_readable, c) != 0 ||
		event_assign(&c->out, base, fd, EV_WRITE | EV_PERSIST, on_writable, c) != 0 ||
		event_assign(&c->timer, base, -1, 0, on_timer, c) != 0)
		return NULL;
	TAILQ_REMOVE(&s->unused, c, link);
	if (flow == 0)
		flow = GYL_SOCKS_FLOW | (uint32_t)c->generation << 16 | c->index;
	s->flow[c->index] = flow;
	c->port = p;
	c->fd = fd;
	c->state = GYL__CONN_OPEN;
	c->paused = true;
	return c;
}

void gyl__conn_queue(struct gyl__conn *c)
{
	if (!c->queued) {
		c->queued = true;
		TAILQ_INSERT_TAIL(&c->port->queue, c, link);
	}
	gyl__port_ready(c->port);
}

void gyl__conn_pause(struct gyl__conn *c)
{
	if (c->fd < 0 || c->paused)
		return;
	c->paused = true;
	(void)event_del(&c->in);
}

void gyl__conn_resume(struct gyl__conn *c)
{
	if (c->fd < 0 || !c->paused || c->ended || c->state == GYL__CONN_CONNECTING)
		return;
	c->paused = event_add(&c->in, NULL) != 0;
}

void gyl__conn_drop(struct gyl__conn *c)
{
	if (c->state == GYL__CONN_GONE)
		return;
	conn_fini(c);
	c->state = GYL__CONN_GONE;
	c->readable = false;
	c->paused = true;
	c->out_len = 0;
	c->due |= GYL__DUE_CLOSED;
	gyl__conn_queue(c);
}

static void give_back(struct gyl_socks *s, struct gyl__conn *c)
{
	if (c->peak_len > PEAK_LEN)
		(void)madvise(c->stash, 2 * (size_t)GYL_SOCKS_STASH_LEN, MADV_DONTNEED);
	s->flow[c->index] = 0;
	c->generation = c->generation == GENERATION_MAX ? 0 : (uint16_t)(c->generation + 1);
	c->state = GYL__CONN_FREE;
	c->due = 0;
	c->dgram = false;
	c->ended = false;
	c->forgotten = false;
	c->peak_len = 0;
	c->stash_len = 0;
	c->out_off = 0;
	c->port = NULL;
	memset(&c->peer, 0, sizeof(c->peer));
	TAILQ_INSERT_TAIL(&s->unused, c, link);
}

/* Listeners that were full may accept again. */
static void resume_listeners(struct gyl_socks *s)
{
	for (unsigned i = 0; i < GYL_SOCKS_PORT_MAX; i++) {
		if (s->port[i].type == GYL__PORT_STREAM)
			gyl__port_resume(&s->port[i]);
	}
}

void gyl__conns_sweep(struct gyl_socks *s)
{
	struct gyl__conn *c;

	if (TAILQ_EMPTY(&s->gone))
		return;
	while ((c = TAILQ_FIRST(&s->gone)) != NULL) {
		TAILQ_REMOVE(&s->gone, c, link);
		give_back(s, c);
	}
	resume_listeners(s);
}

uint32_t gyl__conn_room(const struct gyl__conn *c)
{
	return c->state == GYL__CONN_OPEN || c->state == GYL__CONN_CONNECTING
		       ? GYL_SOCKS_STASH_LEN - c->out_len
		       : 0;
}

/* Linux keeps a stream whose other side is gone for a quarter of an hour. */
uint32_t gyl__conn_unacked(const struct gyl__conn *c, uint64_t *ret_silent_ns)
{
	struct tcp_info info = {0};
	socklen_t len = sizeof(info);
	int cnt = 0;

	if (c->dgram || ioctl(c->fd, SIOCOUTQ, &cnt) != 0 || cnt < 0)
		cnt = 0;
	if (cnt != 0 && getsockopt(c->fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0)
		*ret_silent_ns = (uint64_t)info.tcpi_last_ack_recv * 1000000;
	return (uint32_t)cnt + c->out_len;
}

static int start_connect(struct gyl__conn *c, const struct gyl_peer *to)
{
	struct sockaddr_in sin = {.sin_family = AF_INET,
		.sin_port = htons(to->port),
		.sin_addr.s_addr = htonl(to->ip)};

	c->peer = *to;
	if (connect(c->fd, (const struct sockaddr *)&sin, sizeof(sin)) == 0) {
		c->due = GYL__DUE_OPENED;
		gyl__conn_queue(c);
		gyl__conn_resume(c);
		return 0;
	}
	if (errno != EINPROGRESS)
		return -errno;
	c->state = GYL__CONN_CONNECTING;
	return event_add(&c->out, NULL) == 0 ? 0 : -ENOMEM;
}

/* The port of our side is the kernel's random choice (RFC 6056). */
static int connect_socket(bool dgram, const struct gyl_peer *to)
{
	int fd = socket(
		AF_INET, (dgram ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr_in sin = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(to->local_ip)};
	int err;

	if (fd < 0)
		return -errno;
	if (to->local_ip == 0 || bind(fd, (const struct sockaddr *)&sin, sizeof(sin)) == 0)
		return fd;
	err = -errno;
	(void)close(fd);
	return err;
}

int gyl__conn_connect(struct gyl_socks *s, uint32_t flow, bool dgram, const struct gyl_peer *to)
{
	struct gyl__conn *c;
	int fd, err;

	if (flow == 0 || flow >> 31 != 0)
		return -EINVAL;
	if (gyl__conn_find(s, flow) != NULL)
		return -EEXIST;
	fd = connect_socket(dgram, to);
	if (fd < 0)
		return fd;
	c = gyl__conn_add(&s->port[GYL_PORT_OPENED], fd, flow);
	if (c == NULL) {
		(void)close(fd);
		return -EMFILE;
	}
	c->dgram = dgram;
	err = start_connect(c, to);
	if (err != 0) {
		conn_fini(c);
		give_back(s, c);
	}
	return err;
}
