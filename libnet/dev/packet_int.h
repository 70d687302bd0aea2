/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_DEV_PACKET_INT_H
#define GYL_LIBNET_DEV_PACKET_INT_H

/* What the two packet devices share: the socket, its ring's memory, and whether the interface is
 * there. */

#include <linux/if_packet.h>

#include <gyl/net/netdev.h>

struct gyl__packet_sock {
	int fd;
	int index; /* of the interface */
	uint8_t *map;
	size_t map_len;
	bool down;        /* nothing was received since we heard that it went down */
	uint64_t look_ns; /* when to look again whether it is gone */
};

/* A socket that receives nothing yet: 0, or -errno with a sentence in err. */
int gyl__packet_sock_open(struct gyl__packet_sock *s, const char *name, char err[200]);
void gyl__packet_sock_close(struct gyl__packet_sock *s);

/* Make the ring of so many blocks and map it. V3 takes a time after which blocks are handed over.
 */
int gyl__packet_sock_ring(struct gyl__packet_sock *s, int version, const struct tpacket_req3 *req);

/* Begin to receive. */
int gyl__packet_sock_start(struct gyl__packet_sock *s);

/* PACKET_MR_...; add or drop. 0 or -errno. */
int gyl__packet_sock_member(
	const struct gyl__packet_sock *s, unsigned type, const uint8_t mac[6], bool add);

/* Frames lost since the last time because the ring was full. */
uint64_t gyl__packet_sock_lost(const struct gyl__packet_sock *s);

/* To be called when there are no frames: is the interface down or gone? Sets d->gone. */
void gyl__packet_sock_look(struct gyl__packet_sock *s, struct gyl_netdev *d);

/*
 * The kernel took the tag off: put it back in front of the type. There MUST be four octets of room
 * before the frame. Returns where it begins now.
 */
uint8_t *gyl__packet_retag(uint8_t *frame, uint16_t tpid, uint16_t tci);

#endif
