/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_HOST_PACKET_INT_H
#define GYL_LIBNET_HOST_PACKET_INT_H

/* Shared by packet.c (opening) and packet_io.c (frames in and out). */

#include "libnet/host/packet.h"

struct gyl__link {
	struct gyl__port *port;
	struct event ev;
	int fd;
	uint8_t iface;
	bool dry;
	uint32_t burst;
	struct gyl__drops drops;
};

struct gyl__packet {
	bool frames;   /* a FRAME port */
	uint16_t port; /* of UDP, or the ethertype */
	uint32_t ip;   /* the one address served, 0: all of ours */
	unsigned link_cnt, turn;
	struct gyl__link link[GYL__IFACE_MAX];
};

#endif
