/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_DEV_LINK_H
#define GYL_LIBNET_DEV_LINK_H

/* Interfaces of the kernel: what is asked and set by ioctl, made and removed by netlink. */

#include <gyl/base.h>

/* An interface, and when it is one of macvtap, that of its parent. */
struct gyl__link_info {
	unsigned index, parent;
	bool macvtap;
};

/* Each gives 0 or -errno; -ENODEV: there is no such interface. */
int gyl__link_find(const char *name, struct gyl__link_info *ret);
int gyl__link_add_macvtap(const char *name, unsigned parent);
int gyl__link_remove(unsigned index);

int gyl__link_mtu(const char *name, uint32_t *ret_mtu);
int gyl__link_mac(const char *name, uint8_t ret_mac[6]); /* -EINVAL: it is not Ethernet */
int gyl__link_is_up(const char *name, bool *ret_up);
/* Set it up when it is not, and flags (IFF_ALLMULTI) beside. Nothing is asked for that is so
 * already. */
int gyl__link_up(const char *name, unsigned flags);

/* Is this a name that an interface can have? */
bool gyl__link_name_ok(const char *name);

/* Read its mtu and refuse one that devices cannot have: 0, or -errno with a sentence in err. `what`
 * begins the sentence: "tap guyline0". */
int gyl__link_mtu_check(const char *what, const char *name, uint32_t *ret_mtu, char err[200]);

#endif
