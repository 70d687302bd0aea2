/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_DEV_MEM_H
#define GYL_LIBNET_DEV_MEM_H

/*
 * Devices in memory: the ports of a hub, or of a switch. What one port sends, every other port
 * receives as a copy, never the sender; a switch that has seen the destination sends to its port
 * only. Deterministic and bounded: a full queue loses the frame and counts it. With two ports it is
 * a cable.
 */

#include <gyl/net/netdev.h>

enum {
	GYL_MEM_PORT_MAX = 32
};

struct gyl_mem_hub;

/* A hub whose ports queue up to queue_cnt frames each. NULL when memory is short or a number is out
 * of range (ports 2 to 32, queue 1 to 65536, mtu 68 to 1984). */
struct gyl_mem_hub *gyl_mem_hub_open(unsigned port_cnt, size_t queue_cnt, uint32_t mtu);
void gyl_mem_hub_close(struct gyl_mem_hub *h);

/* Port number i. The hub owns it: closing the device only pulls the cable of that port. */
struct gyl_netdev *gyl_mem_port(struct gyl_mem_hub *h, unsigned i);

/* Flags that every frame of this port is received with, such as GYL_NETFRAME_CSUM_NOT_READY. */
void gyl_mem_port_flags(struct gyl_mem_hub *h, unsigned i, uint32_t flags);

/* As a switch (or a hub again): learn by source addresses where stations are. */
void gyl_mem_hub_learn(struct gyl_mem_hub *h, bool on);

/* A hardware address for the station at port i: locally administered, another one at each port. */
void gyl_mem_port_mac(unsigned i, uint8_t ret_mac[6]);

/* Another mtu for port i, 68 to 1984: it refuses to send longer frames, and those that come are
 * lost. */
void gyl_mem_port_mtu(struct gyl_mem_hub *h, unsigned i, uint32_t mtu);

/* From now on up to 9 octets of chance follow each frame, as some hardware hands over what lay
 * behind it. */
void gyl_mem_hub_trailing(struct gyl_mem_hub *h, uint64_t seed);

/* Pull or plug the cable: a port without neither sends nor receives. What it has queued is lost. */
void gyl_mem_port_plug(struct gyl_mem_hub *h, unsigned i, bool plugged);

#endif
