/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_DEV_TAP_INT_H
#define GYL_LIBNET_DEV_TAP_INT_H

/* What tap and macvtap share: a descriptor that gives a frame a read and takes one a write. */

#include <gyl/net/netdev.h>

struct gyl__tap;

/* A device over fd, which it owns from now on. NULL: out of memory, fd is the caller's still. */
struct gyl__tap *gyl__tap_new(int fd, uint32_t mtu);
struct gyl_netdev *gyl__tap_dev(struct gyl__tap *t);

/* Make it one of macvtap: set_mac works, and when it is closed interface `remove` goes, unless that
 * is 0. */
void gyl__tap_is_macvtap(struct gyl__tap *t, unsigned remove);

#endif
