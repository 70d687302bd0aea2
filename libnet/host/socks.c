/* SPDX-License-Identifier: ISC */

/*
 * Which port has input is one 64-bit mask. libevent's callbacks set bits, a recv that comes back
 * empty clears its bit; the events are level-triggered, so a bit that was cleared too early is set
 * again by the next wait, and none is ever lost.
 *
 * Held ports: a core that takes nothing of a batch waits for something else, mostly for the store.
 * Its port stays ready, but its events are taken off so that they do not end the wait at once, and
 * the wait is a millisecond at most.
 */

#include "libnet/host/socks.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "libnet/host/packet.h"
#include "libnet/host/socks_int.h"

enum {
	NAP_NS = 1000000
};

void gyl__port_pause(struct gyl__port *p)
{
	if (p->paused)
		return;
	p->paused = true;
	if (p->fd >= 0)
		(void)event_del(&p->ev);
	if (p->packet != NULL)
		gyl__packet_pause(p);
}

void gyl__port_resume(struct gyl__port *p)
{
	if (!p->paused)
		return;
	p->paused = p->fd >= 0 && event_add(&p->ev, NULL) != 0;
	if (p->packet != NULL)
		gyl__packet_resume(p);
}

void gyl__in_init(struct gyl_in *in, const struct gyl__port *p, enum gyl_in_kind kind)
{
	memset(in, 0, sizeof(*in));
	in->kind = (uint8_t)kind;
	in->port = p->number;
	in->role = p->role;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct gyl__port *p = arg;

	(void)fd;
	(void)what;
	p->acceptable = true;
	p->dry = false;
	gyl__port_ready(p);
	if (p->held)
		gyl__port_pause(p);
}

static void port_init(struct gyl_socks *s, unsigned number)
{
	struct gyl__port *p = &s->port[number];

	memset(p, 0, sizeof(*p));
	p->s = s;
	p->number = (uint8_t)number;
	p->fd = -1;
	p->paused = true;
	TAILQ_INIT(&p->queue);
}

static void on_again(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	gyl__port_resume(arg);
}

static void port_close(struct gyl__port *p)
{
	gyl__port_pause(p);
	if (event_initialized(&p->again))
		(void)event_del(&p->again);
	if (p->packet != NULL)
		gyl__packet_close(p);
	if (p->fd >= 0)
		(void)close(p->fd);
	if (p->batch != NULL)
		gyl__batch_close(p->batch);
	free(p->batch);
}

struct gyl_socks *gyl_socks_open(struct gyl_loop *l, unsigned conn_max)
{
	struct gyl_socks *s = calloc(1, sizeof(*s));
	int err;

	if (s == NULL)
		return NULL;
	s->loop = l;
	for (unsigned i = 0; i < GYL_SOCKS_PORT_MAX; i++)
		port_init(s, i);
	s->port[GYL_PORT_OPENED].type = GYL__PORT_OPENED;
	err = gyl__conns_open(s, conn_max);
	if (err == 0)
		return s;
	gyl_socks_close(s);
	errno = -err;
	return NULL;
}

void gyl_socks_close(struct gyl_socks *s)
{
	if (s == NULL)
		return;
	gyl__conns_close(s);
	for (unsigned i = 0; i < GYL_SOCKS_PORT_MAX; i++)
		port_close(&s->port[i]);
	free(s);
}

void gyl__socks_ifaces(struct gyl_socks *s, const struct gyl__ifaces *t)
{
	s->ifaces = t;
}

void gyl__set_rcvbuf(int fd, uint32_t len)
{
	int n = len > INT32_MAX ? INT32_MAX : (int)len;

	if (len != 0 && setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &n, sizeof(n)) != 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &n, sizeof(n));
}

/* The result of opening a port: one that failed is as new, for the next try. */
static int port_result(struct gyl__port *p, int err)
{
	if (err != 0) {
		port_close(p);
		port_init(p->s, p->number);
	}
	return err;
}

static struct gyl__port *port_new(struct gyl_socks *s, int port, const struct gyl_bind *b, int fd)
{
	struct gyl__port *p;

	if (port < 0 || port >= GYL_PORT_OPENED || s->port[port].type != GYL__PORT_NONE) {
		if (fd >= 0)
			(void)close(fd);
		return NULL;
	}
	p = &s->port[port];
	p->unix_domain = b->type == GYL_BIND_UNIX_DGRAM || b->type == GYL_BIND_UNIX_STREAM;
	p->type = b->type == GYL_BIND_TCP || b->type == GYL_BIND_UNIX_STREAM ? GYL__PORT_STREAM
									     : GYL__PORT_DGRAM;
	p->role = b->role;
	p->ifaces = b->ifaces;
	p->fd = fd;
	return p;
}

static int port_start(struct gyl__port *p)
{
	if (p->fd >= 0 && event_assign(&p->ev, gyl_loop_base(p->s->loop), p->fd,
				  EV_READ | EV_PERSIST, on_readable, p) != 0)
		return -EINVAL;
	if (p->type == GYL__PORT_STREAM &&
		event_assign(&p->again, gyl_loop_base(p->s->loop), -1, 0, on_again, p) != 0)
		return -EINVAL;
	gyl__port_resume(p);
	return p->paused ? -ENOMEM : 0;
}

int gyl_socks_listen(struct gyl_socks *s, int port, const struct gyl_bind *b, int fd)
{
	struct gyl__port *p = port_new(s, port, b, fd);
	int err;

	if (p == NULL)
		return -EINVAL;
	err = p->type == GYL__PORT_DGRAM ? gyl__dgram_open(p) : 0;
	return port_result(p, err != 0 ? err : port_start(p));
}

int gyl__socks_packet(struct gyl_socks *s, int port, const struct gyl_bind *b, int fd)
{
	struct gyl__port *p = port_new(s, port, b, fd);
	int err;

	if (p == NULL)
		return -EINVAL;
	p->dry = fd < 0;
	err = gyl__dgram_open(p);
	if (err == 0)
		err = gyl__packet_open(p, b);
	return port_result(p, err != 0 ? err : port_start(p));
}

uint64_t gyl_socks_ready(const struct gyl_socks *s)
{
	return s->ready;
}

uint64_t gyl_socks_until(const struct gyl_socks *s, uint64_t until_ns)
{
	struct gyl_now now;

	if (until_ns == 0 || s->ready == 0)
		return until_ns;
	for (unsigned i = 0; i < GYL_SOCKS_PORT_MAX; i++) {
		if ((s->ready >> i & 1) != 0 && !s->port[i].held)
			return 0;
	}
	gyl_loop_now(&now);
	return until_ns < now.mono_ns + NAP_NS ? until_ns : now.mono_ns + NAP_NS;
}

size_t gyl_socks_recv(struct gyl_socks *s, int port, struct gyl_in *in, size_t cap)
{
	struct gyl__port *p = &s->port[port];
	size_t cnt;

	p->held = false;
	if (p->type == GYL__PORT_DGRAM)
		cnt = gyl__dgram_recv(p, in, cap);
	else
		cnt = gyl__conns_recv(p, in, cap);
	if (cnt == 0)
		s->ready &= ~(UINT64_C(1) << port);
	return cnt;
}

void gyl_socks_hush(struct gyl_socks *s)
{
	for (int i = 0; i < GYL_SOCKS_PORT_MAX; i++) {
		const struct gyl__port *p = &s->port[i];

		if (p->type == GYL__PORT_DGRAM && p->fd >= 0 && !p->unix_domain &&
			p->packet == NULL)
			(void)gyl__packet_none(p->fd);
	}
}

void gyl_socks_unread(
	struct gyl_socks *s, int port, const struct gyl_in *in, size_t cnt, size_t taken)
{
	struct gyl__port *p = &s->port[port];

	p->held = taken == 0;
	if (p->type == GYL__PORT_DGRAM)
		gyl__batch_keep(p->batch, in, cnt, taken);
	else
		gyl__conns_unread(p, in, cnt, taken);
}

/* Slots at the start that leave by the same socket. */
static size_t run_len(const struct gyl_send *slot, size_t cnt)
{
	size_t n = 1;

	while (n < cnt && n < GYL_SOCKS_BATCH && slot[n].len != 0 && slot[n].flow == slot[0].flow &&
		(slot[n].flow != 0 || slot[n].port == slot[0].port))
		n++;
	return n;
}

size_t gyl_socks_send(struct gyl_socks *s, const struct gyl_send *slot, size_t cnt)
{
	size_t n = run_len(slot, cnt);
	struct gyl__conn *c;

	if (slot->len == 0)
		return 1;
	if (slot->flow != 0) {
		c = gyl__conn_find(s, slot->flow);
		if (c != NULL)
			gyl__conn_send(c, slot, n);
		else
			s->stat.out_lost_cnt += n;
	} else if (slot->port < GYL_SOCKS_PORT_MAX && s->port[slot->port].type == GYL__PORT_DGRAM &&
		   !s->port[slot->port].unix_domain) {
		gyl__dgram_send(&s->port[slot->port], slot, n);
	} else {
		s->stat.out_lost_cnt += n; /* a reply to a Unix datagram: nobody listens */
	}
	return n;
}

int gyl_socks_flow(struct gyl_socks *s, uint32_t flow, int op, const struct gyl_peer *to)
{
	struct gyl__conn *c;

	if (op == GYL_FLOW_OPEN_TCP || op == GYL_FLOW_OPEN_UDP)
		return gyl__conn_connect(s, flow, op == GYL_FLOW_OPEN_UDP, to);
	c = gyl__conn_find(s, flow);
	if (c == NULL)
		return -ENOENT;
	if (op == GYL_FLOW_CLOSE)
		gyl__conn_close(c);
	else if (op == GYL_FLOW_RESET)
		gyl__conn_abort(c);
	else
		return -EINVAL;
	return 0;
}

uint32_t gyl_socks_room(struct gyl_socks *s, uint32_t flow)
{
	const struct gyl__conn *c = gyl__conn_find(s, flow);

	return c == NULL ? 0 : gyl__conn_room(c);
}

uint32_t gyl_socks_unacked(struct gyl_socks *s, uint32_t flow, uint64_t *ret_silent_ns)
{
	const struct gyl__conn *c = gyl__conn_find(s, flow);

	*ret_silent_ns = 0;
	return c == NULL ? 0 : gyl__conn_unacked(c, ret_silent_ns);
}

/* What the kernel dropped, up to now; the core is told by the port's next recv. */
static uint64_t lost(struct gyl__port *p)
{
	if (p->packet != NULL)
		return gyl__packet_lost(p);
	gyl__drops_ask(&p->drops, p->fd);
	if (p->drops.due != 0)
		gyl__port_ready(p);
	return p->drops.in_all;
}

void gyl_socks_stat(struct gyl_socks *s, struct gyl_host_stat *stat)
{
	stat->in_cnt += s->stat.in_cnt;
	stat->in_octets += s->stat.in_octets;
	stat->out_cnt += s->stat.out_cnt;
	stat->out_octets += s->stat.out_octets;
	stat->in_bad_cnt += s->stat.in_bad_cnt;
	stat->out_lost_cnt += s->stat.out_lost_cnt;
	for (unsigned i = 0; i < GYL_SOCKS_PORT_MAX; i++) {
		struct gyl__port *p = &s->port[i];

		if (p->type == GYL__PORT_DGRAM)
			stat->in_lost_cnt += lost(p);
	}
}
