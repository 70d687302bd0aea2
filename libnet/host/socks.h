/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_HOST_SOCKS_H
#define GYL_LIBNET_HOST_SOCKS_H

/*
 * Ports over kernel sockets: datagrams in batches, streams with a bounded stash.
 *
 * The kernel host puts all its ports here; the stack host only its Unix sockets (unix.h opens
 * them). The functions have the meaning of their namesakes in host.h. A host's `wait` is:
 *
 *	gyl_loop_wait(loop, gyl_socks_until(s, until_ns));
 *	return gyl_socks_ready(s) | (ports of its own);
 */

#include "libnet/host/loop.h"

struct gyl_socks;

enum {
	GYL_SOCKS_PORT_MAX = 64,
	GYL_SOCKS_CONN_MAX = 512,   /* streams at once, unless the host wants fewer */
	GYL_SOCKS_BATCH = 64,       /* datagrams a system call */
	GYL_SOCKS_STASH_LEN = 69632 /* octets kept for a stream, each way: a DNS message and some */
};

/* Flows accepted here have both upper bits set: no core-opened one and no TCP of our stack does. */
#define GYL_SOCKS_FLOW 0xc0000000u

static inline bool gyl_socks_flow_accepted(uint32_t flow)
{
	return (flow & GYL_SOCKS_FLOW) == GYL_SOCKS_FLOW;
}

/* conn_max: streams and core-opened sockets at once. NULL with errno on failure. */
struct gyl_socks *gyl_socks_open(struct gyl_loop *l, unsigned conn_max);
void gyl_socks_close(struct gyl_socks *s);

/*
 * Serve the non-blocking socket fd as port number `port` (0 to 62, not used yet): a bound datagram
 * socket or a listening stream socket, as b->type says. b->path is not looked at. Owns fd from now
 * on, also on failure. 0 or -errno.
 */
int gyl_socks_listen(struct gyl_socks *s, int port, const struct gyl_bind *b, int fd);

/* Ports that have input, as `wait` returns them. */
uint64_t gyl_socks_ready(const struct gyl_socks *s);

/*
 * How long a wait may last that was asked to last until until_ns: 0 when a port has input. When all
 * that there is was refused by its core without taking any of it, the core waits for something else
 * (the store): then a millisecond at most, instead of spinning.
 */
uint64_t gyl_socks_until(const struct gyl_socks *s, uint64_t until_ns);

size_t gyl_socks_recv(struct gyl_socks *s, int port, struct gyl_in *in, size_t cap);
/* As `hush` of the host. What comes still is told as dropped, as far as it is heard of. */
void gyl_socks_hush(struct gyl_socks *s);
void gyl_socks_unread(
	struct gyl_socks *s, int port, const struct gyl_in *in, size_t cnt, size_t taken);

/*
 * Send the first slots as far as they leave by one socket (same flow, or same port); those with
 * len 0 are passed over. Returns how many were dealt with: at least 1. cnt MUST be >= 1.
 */
size_t gyl_socks_send(struct gyl_socks *s, const struct gyl_send *slot, size_t cnt);

int gyl_socks_flow(struct gyl_socks *s, uint32_t flow, int op, const struct gyl_peer *to);

/* As `room` of the host. */
uint32_t gyl_socks_room(struct gyl_socks *s, uint32_t flow);
/* As `unacked` of the host. */
uint32_t gyl_socks_unacked(struct gyl_socks *s, uint32_t flow, uint64_t *ret_silent_ns);

/* Adds its counters to *stat. */
void gyl_socks_stat(struct gyl_socks *s, struct gyl_host_stat *stat);

#endif
