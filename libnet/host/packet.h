/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_HOST_PACKET_H
#define GYL_LIBNET_HOST_PACKET_H

/*
 * Packet sockets beside a port: GYL_BIND_LINK and GYL_BIND_FRAME.
 *
 * One AF_PACKET socket an interface, open for life (opening one takes milliseconds), with a filter
 * in the kernel, so that only what the port wants is copied.
 */

#include "libnet/host/socks_int.h"

struct gyl__packet;

/*
 * Would this port use packet sockets? Not when b->ip is a loopback address or there is no Ethernet
 * interface to serve: then plain UDP does. FRAME ports always do.
 */
bool gyl__packet_needed(const struct gyl__ifaces *t, const struct gyl_bind *b);

/* Open the sockets of p for b. 0 or -errno. */
int gyl__packet_open(struct gyl__port *p, const struct gyl_bind *b);
void gyl__packet_close(struct gyl__port *p);

/* Take the sockets' events off; put them back. */
void gyl__packet_pause(struct gyl__port *p);
void gyl__packet_resume(struct gyl__port *p);

/* As gyl__dgram_recv(), of the packet sockets only; p->batch has no rest. */
size_t gyl__packet_recv(struct gyl__port *p, struct gyl_in *in, size_t cap);

/* Which of the port's packet sockets this leaves by, -1: none, it is for the UDP socket. */
int gyl__packet_way(const struct gyl__port *p, const struct gyl_send *slot);
void gyl__packet_send(struct gyl__port *p, int way, const struct gyl_send *slot, size_t cnt);

/* Adds the losses of the packet sockets. */
uint64_t gyl__packet_lost(struct gyl__port *p);

/* Let nothing more into the queue of fd. 0 or -errno. */
int gyl__packet_none(int fd);

/*
 * Keep the UDP socket fd of a LINK port from queueing what the packet sockets deliver: it holds the
 * port, so that the kernel answers no client with "port unreachable", and hears loopback only.
 */
int gyl__packet_mute(const struct gyl__ifaces *t, int fd);

#endif
