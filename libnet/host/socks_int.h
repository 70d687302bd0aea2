/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_HOST_SOCKS_INT_H
#define GYL_LIBNET_HOST_SOCKS_INT_H

/*
 * The inside of socks.h: ports, connections and what their files share.
 *
 *	socks.c		open, close, listen; which ports are ready; one switch over the port types
 *	socks_dgram.c	datagram ports
 *	conn.c		the table of connections: from free to open to gone
 *	conn_in.c	what connections give the core: accepted, octets, end
 *	conn_out.c	what the core gives connections: octets, close
 */

#include <sys/queue.h>

#include <event2/event_struct.h>

#include "libnet/host/batch.h"
#include "libnet/host/iface.h"
#include "libnet/host/socks.h"

enum gyl__port_type {
	GYL__PORT_NONE,
	GYL__PORT_DGRAM,
	GYL__PORT_STREAM, /* a listener and its connections */
	GYL__PORT_OPENED  /* the flows that cores opened; no listener */
};

TAILQ_HEAD(gyl__conns, gyl__conn);

struct gyl__port {
	struct gyl_socks *s;
	uint8_t type; /* enum gyl__port_type */
	uint8_t number, role;
	bool unix_domain;
	uint64_t ifaces; /* served ones, bit i for interface i; 0: all */
	bool held;   /* its core took nothing of the last batch: events are off while it waits */
	bool paused; /* the event of fd is off */
	int fd;
	struct event ev;
	/* datagrams */
	uint16_t local_port;
	bool dry;       /* the last read found the end of the queue */
	uint32_t burst; /* datagrams since the queue was last empty */
	struct gyl__drops drops;
	struct gyl__batch *batch;
	struct gyl__packet *packet; /* LINK and FRAME: packet sockets, whose input goes first */
	/* streams */
	bool acceptable;         /* the listener has connections to accept */
	struct event again;      /* a timer: when to accept again after descriptors ran out */
	struct gyl__conns queue; /* connections with something for the core, in order */
};

enum gyl__conn_state {
	GYL__CONN_FREE,
	GYL__CONN_CONNECTING,
	GYL__CONN_OPEN,
	GYL__CONN_CLOSING, /* by the core: sends the backlog, then waits for the peer's end */
	GYL__CONN_GONE     /* the descriptor is closed, the core not told or not yet listening */
};

/* Inputs that are owed to the core, in the order in which they are given. */
enum gyl__due {
	GYL__DUE_OPENED = 1,
	GYL__DUE_BYTES = 2, /* of the stash, also when it is empty: there is room again */
	GYL__DUE_EOF = 4,
	GYL__DUE_CLOSED = 8
};

struct gyl__conn {
	TAILQ_ENTRY(gyl__conn) link; /* of the port's queue, or of the free or gone list */
	struct gyl_socks *s;
	struct gyl__port *port;
	struct event in, out, timer;
	int fd;
	uint16_t index, generation;
	uint8_t state; /* enum gyl__conn_state */
	uint8_t due;   /* bits of enum gyl__due */
	bool dgram;    /* a core-opened datagram socket */
	bool queued, readable, paused;
	bool ended;     /* the peer sends no more */
	bool forgotten; /* the core closed it: only its end is still told */
	struct gyl_peer peer;
	uint32_t peak_len; /* most that the stash or the backlog had */
	uint32_t stash_len;
	uint32_t out_off, out_len; /* the backlog within out_mem */
	uint8_t *stash, *out_mem;  /* GYL_SOCKS_STASH_LEN each */
};

enum {
	GYL__READ_LEN = 262144 /* what one batch of streams reads at most, about */
};

struct gyl_socks {
	struct gyl_loop *loop;
	const struct gyl__ifaces *ifaces; /* NULL: none of the sockets is an Internet one */
	uint64_t ready;                   /* ports with input */
	struct gyl_host_stat stat;
	struct gyl__port port[GYL_SOCKS_PORT_MAX];
	struct gyl__conn *conn;
	uint32_t *flow; /* of conn[i]; beside it, because every send looks one up */
	unsigned conn_max;
	struct gyl__conns unused, gone;
	uint8_t *conn_mem; /* stashes and backlogs */
	size_t conn_mem_len;
	uint8_t *read_mem; /* GYL__READ_LEN + GYL_SOCKS_STASH_LEN: shared by all streams */
	size_t read_len;
	/* one sendmmsg */
	struct mmsghdr msg[GYL_SOCKS_BATCH];
	struct iovec iov[GYL_SOCKS_BATCH];
	struct sockaddr_in name[GYL_SOCKS_BATCH];
	_Alignas(8) uint8_t ctl[GYL_SOCKS_BATCH][CMSG_SPACE(sizeof(struct in_pktinfo))];
};

static inline void gyl__port_ready(struct gyl__port *p)
{
	p->s->ready |= UINT64_C(1) << p->number;
}

static inline void gyl__count_in(struct gyl_socks *s, size_t len)
{
	s->stat.in_cnt++;
	s->stat.in_octets += len;
}

/* The interfaces, for address and way of datagrams; they MUST outlive s. */
void gyl__socks_ifaces(struct gyl_socks *s, const struct gyl__ifaces *t);

/* Take the port's own event off while its core refuses; put it back. */
void gyl__port_pause(struct gyl__port *p);
void gyl__port_resume(struct gyl__port *p);

/* Fill what every input of a port has; the rest is zero. */
void gyl__in_init(struct gyl_in *in, const struct gyl__port *p, enum gyl_in_kind kind);

/* A receive buffer of len octets, beyond the system's limit where we may; 0: the default. */
void gyl__set_rcvbuf(int fd, uint32_t len);

/*
 * Serve as port number `port` with packet sockets as b says (packet.h), and with the UDP socket fd,
 * -1 for a FRAME port. Owns fd. 0 or -errno.
 */
int gyl__socks_packet(struct gyl_socks *s, int port, const struct gyl_bind *b, int fd);

int gyl__dgram_open(struct gyl__port *p);
size_t gyl__dgram_recv(struct gyl__port *p, struct gyl_in *in, size_t cap);
void gyl__dgram_send(struct gyl__port *p, const struct gyl_send *slot, size_t cnt);

/* Send the first cnt of s->msg by fd and count. */
void gyl__msgs_send(struct gyl_socks *s, int fd, size_t cnt);

int gyl__conns_open(struct gyl_socks *s, unsigned conn_max);
void gyl__conns_close(struct gyl_socks *s);
struct gyl__conn *gyl__conn_find(struct gyl_socks *s, uint32_t flow);
/* A connection over fd. flow 0: it gets a number. NULL: none is free. Owns fd when it returns one.
 */
struct gyl__conn *gyl__conn_add(struct gyl__port *p, int fd, uint32_t flow);
/* Something is due: the port's next recv looks at it. */
void gyl__conn_queue(struct gyl__conn *c);
void gyl__conn_pause(struct gyl__conn *c);
void gyl__conn_resume(struct gyl__conn *c);
/* Close the descriptor now and owe the core a GYL_IN_CLOSED; what was not sent is lost. */
void gyl__conn_drop(struct gyl__conn *c);
/* Give back those whose end the core has been told. */
void gyl__conns_sweep(struct gyl_socks *s);
/* Octets that the core may send now. */
uint32_t gyl__conn_room(const struct gyl__conn *c);
/* As `unacked` of the host; *ret_silent_ns is written when there is something. */
uint32_t gyl__conn_unacked(const struct gyl__conn *c, uint64_t *ret_silent_ns);

size_t gyl__conns_recv(struct gyl__port *p, struct gyl_in *in, size_t cap);
void gyl__conns_unread(struct gyl__port *p, const struct gyl_in *in, size_t cnt, size_t taken);
/* Read and forget what the peer of a closing connection still sends. */
void gyl__conn_discard(struct gyl__conn *c);

void gyl__conn_send(struct gyl__conn *c, const struct gyl_send *slot, size_t cnt);
void gyl__conn_flush(struct gyl__conn *c);
void gyl__conn_close(struct gyl__conn *c);
void gyl__conn_abort(struct gyl__conn *c);

int gyl__conn_connect(struct gyl_socks *s, uint32_t flow, bool dgram, const struct gyl_peer *to);

#endif
