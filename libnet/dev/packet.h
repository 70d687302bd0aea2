/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_DEV_PACKET_H
#define GYL_LIBNET_DEV_PACKET_H

/*
 * A station of its own on the link of an interface, through a packet socket (AF_PACKET). Needs
 * CAP_NET_RAW.
 *
 * Frames are read where the kernel wrote them, in a ring of TPACKET_V2 that both have mapped, and
 * go back to it at the next recv. A VLAN tag, which the kernel takes off, is put back. A filter in
 * the kernel lets through group frames and those for the address of gyl_netdev_set_mac(), at first
 * the interface's own; the interface is told to receive for it (PACKET_MR_UNICAST: a second address
 * where the driver has a filter for it, promiscuous mode where not) and all groups. Frames that
 * this machine sends do not come up.
 *
 * A frame of a peer on this machine may have an unfinished checksum, which
 * GYL_NETFRAME_CSUM_NOT_READY tells, and one that is longer than the mtu (segmentation left to
 * hardware) is lost and counted.
 *
 * While the interface is down nothing is received and what is sent is lost; when it is removed the
 * device is gone (ENODEV).
 */

#include <gyl/net/netdev.h>

/* 0 and the device, or -errno and a sentence in err. */
int gyl_packet_open(const char *name, struct gyl_netdev **ret_dev, char err[200]);

/*
 * To listen only: everything the interface carries, sent frames and those for others included, in a
 * ring of TPACKET_V3. Its blocks are handed over when they are full or some milliseconds old, so
 * that a busy link costs little; a frame is up to GYL_PACKET_BLOCK_MS late. What is sent is lost
 * and counted.
 */
enum {
	GYL_PACKET_BLOCK_MS = 8
};
int gyl_listen_open(const char *name, struct gyl_netdev **ret_dev, char err[200]);

#endif
