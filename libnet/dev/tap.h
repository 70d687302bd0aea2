/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_DEV_TAP_H
#define GYL_LIBNET_DEV_TAP_H

/*
 * A Linux tap device: Ethernet frames by read and write on a descriptor of /dev/net/tun.
 *
 * With CAP_NET_ADMIN the interface is made when it is not there, is set up, and gets peer_ip on the
 * kernel's side when that is wanted, so that programs of this machine can talk to the stack.
 * Without it an interface that was made for our user before (`ip tuntap add NAME mode tap user
 * USER`) can be opened; it must be up. Frames that come from a tap have whole checksums.
 */

#include <gyl/net/netdev.h>

struct gyl_tap_conf {
	const char *name;    /* of the interface, at most 15 octets */
	uint32_t peer_ip;    /* address for the kernel's side, 0: leave it alone */
	uint8_t peer_prefix; /* length of its prefix, 1 to 32 */
};

/* 0 and the device, or -errno and a sentence in err. */
int gyl_tap_open(const struct gyl_tap_conf *cf, struct gyl_netdev **ret_dev, char err[200]);

#endif
