/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_HOST_STACK_TCP_H
#define GYL_LIBNET_HOST_STACK_TCP_H

/*
 * TCP of our stack behind gyl_host_ops, with the semantics that the kernel host's connections have
 * (conn.c and its neighbours): what the stack calls a stream has a `struct gyl__stack_tcp` here,
 * which knows what its core has been told and what is owed to it.
 *
 * Octets lie in the stack's receive buffer until the core has consumed them: they are handed out
 * where they lie, and what is not taken closes the peer's window by itself.
 */

#include <sys/queue.h>

#include <gyl/net/streams.h>

#include "libnet/host/host.h"

struct gyl__stack_host;

/*
 * For an event of a few thousand guests. A buffer holds the longest DNS message with its length
 * whole (65,537 octets), and is attached to a stream only while octets wait in it; 64 MiB are the
 * most that all of them take, and only what was used at once is real memory. There are more than
 * streams that the services keep with an unfinished message (dns 128, syslogd 256): strangers with
 * half a message each leave buffers for answers.
 */
enum {
	GYL__TCP_MAX = 1024,
	GYL__TCP_HALF_MAX = 256,
	GYL__TCP_WAIT_MAX = 4096,
	GYL__TCP_BUF_LEN = 131072,
	GYL__TCP_BUF_MAX = 512,
	GYL__TCP_ROOM_MIN = GYL__TCP_BUF_LEN / 4 * 3, /* free again, so that it is worth telling */
	GYL__TCP_GIVEN_MAX = 64
};

/* Flows accepted here have the top bit set and the next one clear: Unix sockets have both. */
#define GYL__TCP_FLOW 0x80000000u

TAILQ_HEAD(gyl__stack_tcps, gyl__stack_tcp);

enum gyl__stack_tcp_state {
	GYL__TCP_FREE,
	GYL__TCP_CONNECTING,
	GYL__TCP_OPEN,
	GYL__TCP_CLOSING, /* by the core: what it sent is delivered, what comes is forgotten */
	GYL__TCP_GONE     /* the stream is no more, the core not told or not yet listening */
};

struct gyl__stack_tcp {
	TAILQ_ENTRY(gyl__stack_tcp) link; /* of its port's queue, the free or the gone ones */
	TAILQ_ENTRY(gyl__stack_tcp) side; /* of those that wait for room, or for their end */
	uint32_t id;                      /* of the stream, 0: it is gone */
	uint32_t flow;
	uint16_t next_id, next_flow; /* hash chains: index + 1 */
	uint16_t index, generation;
	uint8_t state; /* enum gyl__stack_tcp_state */
	uint8_t due;   /* bits of what is owed to the core */
	uint8_t port;
	bool queued;
	bool ended;         /* the peer sends no more */
	bool end_told;      /* and the core knows */
	bool forgotten;     /* the core closed it: only its end is still told */
	bool waiting;       /* was told of little room, or took it: is told when there is more */
	uint32_t given_len; /* handed out by the last recv: consumed unless unread says otherwise */
	uint32_t seen_len;  /* octets at the front that the core has seen and left */
	uint64_t until_ns;  /* of a closing one: reset then */
	struct gyl_peer peer;
};

struct gyl__stack_tcp_host {
	struct gyl_streams *streams;
	struct gyl__stack_tcp *conn;
	uint16_t by_id[GYL__TCP_MAX], by_flow[GYL__TCP_MAX];   /* index + 1 */
	struct gyl__stack_tcps queue[GYL_PORT_OPENED + 1];     /* with something for the core */
	struct gyl__stack_tcps unused, gone, waiting, closing; /* closing: in order of until_ns */
	uint16_t given[GYL__TCP_GIVEN_MAX];                    /* connections of the last recv */
	unsigned given_cnt;
	uint32_t spare; /* free send buffers that the last recv has not promised to anybody */
};

/* The limits above into cf, which has the usual ones. */
void gyl__stack_tcp_conf(struct gyl_streams_conf *cf);

/* After the stack is there. False: no memory. */
bool gyl__stack_tcp_open(struct gyl__stack_host *k);
void gyl__stack_tcp_close(struct gyl__stack_host *k);

/* Listen as port number `port`. 0 or -errno. */
int gyl__stack_tcp_listen(struct gyl__stack_host *k, int port, const struct gyl_bind *b);

/* What the stack has to tell of streams goes into the queues of their ports; what waited for room
 * or for the end of its time is looked after. After each turn of the stack. */
void gyl__stack_tcp_events(struct gyl__stack_host *k);
/* When the first closing connection has had its time. */
uint64_t gyl__stack_tcp_deadline_ns(const struct gyl__stack_host *k);

/* What the last recv handed out and unread did not take back is consumed. */
void gyl__stack_tcp_settle(struct gyl__stack_host *k);

size_t gyl__stack_tcp_recv(struct gyl__stack_host *k, unsigned port, struct gyl_in *in, size_t cap);
void gyl__stack_tcp_unread(
	struct gyl__stack_host *k, const struct gyl_in *in, size_t cnt, size_t taken);

/* The connection with that flow number, NULL: none. */
struct gyl__stack_tcp *gyl__stack_tcp_find(struct gyl__stack_host *k, uint32_t flow);

/* Send the first slots, which all have the flow of c. Returns how many. */
size_t gyl__stack_tcp_send(
	struct gyl__stack_host *k, struct gyl__stack_tcp *c, const struct gyl_send *s, size_t cnt);

/* Octets that it takes now; with less than GYL__TCP_ROOM_MIN its core is told when there is more.
 */
uint32_t gyl__stack_tcp_room(struct gyl__stack_host *k, struct gyl__stack_tcp *c);

/* Octets written and not acknowledged. */
uint32_t gyl__stack_tcp_unacked(const struct gyl__stack_host *k, const struct gyl__stack_tcp *c);

int gyl__stack_tcp_connect(struct gyl__stack_host *k, uint32_t flow, const struct gyl_peer *to);
/* GYL_FLOW_CLOSE or GYL_FLOW_RESET. */
int gyl__stack_tcp_flow(struct gyl__stack_host *k, struct gyl__stack_tcp *c, int op);

/* Adds streams and their octets to the counters of the host. */
void gyl__stack_tcp_stat(const struct gyl__stack_host *k, struct gyl_host_stat *stat);

/* ---- between stack_tcp.c and stack_tcp_io.c ---- */

/* Inputs that are owed to the core, in the order in which they are given. */
enum {
	GYL__TCP_DUE_OPENED = 1,
	GYL__TCP_DUE_BYTES = 2,
	GYL__TCP_DUE_ROOM = 4, /* as octets, even when there are none */
	GYL__TCP_DUE_EOF = 8,
	GYL__TCP_DUE_CLOSED = 16
};

/* Something is due: the port's next recv looks at it. */
void gyl__stack_tcp_queue(struct gyl__stack_host *k, struct gyl__stack_tcp *c);
/* It was told of less room than GYL__TCP_ROOM_MIN. */
void gyl__stack_tcp_want_room(struct gyl__stack_host *k, struct gyl__stack_tcp *c);

#endif
