/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_DEV_MACVTAP_H
#define GYL_LIBNET_DEV_MACVTAP_H

/*
 * A station of its own on the LAN of an interface: Linux's macvtap in bridge mode. It reads and
 * writes as a tap does, and the parent's driver receives for its hardware address without
 * promiscuous mode where it can. The kernel of this machine and the stack do not see each other
 * through it.
 *
 * Frames come with whole checksums and no longer than the mtu: the kernel finishes and cuts them.
 *
 * Making the interface takes CAP_NET_ADMIN; opening one that is there takes /dev/tapN, where N is
 * its index. When that node is missing, as in containers, it is made for a moment (CAP_MKNOD).
 */

#include <gyl/net/netdev.h>

struct gyl_macvtap_conf {
	/* A macvtap interface, which is made when it is not there; or, without parent, also another
	 * interface: then the one over it is called gyl-NAME. */
	const char *name;
	const char *parent; /* NULL: none was named */
};

/*
 * 0 and the device, or -errno and a sentence in err. The interface that was made goes when the
 * device is closed, provided the right to remove it was not given up; the next open uses one that
 * was left.
 */
int gyl_macvtap_open(const struct gyl_macvtap_conf *cf, struct gyl_netdev **ret_dev, char err[200]);

#endif
