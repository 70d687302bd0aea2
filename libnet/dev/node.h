/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_DEV_NODE_H
#define GYL_LIBNET_DEV_NODE_H

/*
 * The character device of a macvtap interface. /dev/tapN is there for the interfaces of all network
 * namespaces, and N may be another interface's in another one; so the number is asked of the
 * namespace's own sysfs, and a node counts only when it has that number.
 */

/* The descriptor, or -errno with a sentence in err. */
int gyl__node_open(const char *name, unsigned index, char err[200]);

#endif
