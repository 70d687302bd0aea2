/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_HOST_IFACE_H
#define GYL_LIBNET_HOST_IFACE_H

/*
 * The interfaces of the machine and their IPv4 addresses, read once when the kernel host opens.
 *
 * Small numbers (the index in this table) instead of the kernel's stand in gyl_peer.iface.
 */

#include <net/if.h>

#include <gyl/base.h>

enum {
	GYL__IFACE_MAX = 64,
	GYL__ADDR_MAX = 256,
	GYL__VLAN_MAX = 256,
	GYL__IFACE_NONE = 255 /* an interface that came later */
};

struct gyl__iface {
	char name[IF_NAMESIZE];
	int ifindex;
	uint8_t mac[6];
	uint16_t mtu;
	bool ether; /* has Ethernet frames and a MAC */
	bool loopback;
	uint32_t ip; /* its first address, 0: none */
};

struct gyl__addr {
	uint32_t ip, broadcast; /* broadcast 0: none */
	uint8_t iface, prefix;
	bool adopted; /* the machine itself does not have it */
};

/* A VLAN that has an interface of its own, on top of interface `iface`. */
struct gyl__vlan {
	uint16_t vid;
	uint8_t iface;
};

struct gyl__ifaces {
	unsigned iface_cnt, addr_cnt, vlan_cnt;
	struct gyl__iface iface[GYL__IFACE_MAX];
	struct gyl__addr addr[GYL__ADDR_MAX];
	struct gyl__vlan vlan[GYL__VLAN_MAX];
	bool named; /* some were asked for: the others are not in the table, loopback is */
};

/*
 * Read them: all that are up and have an IPv4 address, loopback last; or, of cnt names, those in
 * this order, with or without address, and loopback behind them. 0, or -errno with a sentence in
 * err.
 */
int gyl__ifaces_open(struct gyl__ifaces *t, const char *const *name, unsigned cnt, char err[200]);

/* Index in the table, or GYL__IFACE_NONE. */
uint8_t gyl__ifaces_find(const struct gyl__ifaces *t, int ifindex);

/* Is interface i one of a port's set (bit i; 0: all)? Loopback always is: tools of this machine
 * come by it. */
bool gyl__ifaces_in(const struct gyl__ifaces *t, uint64_t set, uint8_t i);

/* The interface that has this address, 127.0.0.0/8 included; GYL__IFACE_NONE: none. */
uint8_t gyl__ifaces_by_ip(const struct gyl__ifaces *t, uint32_t ip);

/* An address that is ours from now on, though the machine does not have it; or no more. 0, or
 * -ENOSPC, -EEXIST when it has, -ENOENT. */
int gyl__ifaces_adopt(struct gyl__ifaces *t, uint8_t iface, uint32_t ip);
int gyl__ifaces_leave(struct gyl__ifaces *t, uint8_t iface, uint32_t ip);

/* Address n of interface i, both from 0. NULL: it has not so many. */
const struct gyl__addr *gyl__ifaces_addr(const struct gyl__ifaces *t, unsigned i, unsigned n);

/* Is ip an address of this machine, 127.0.0.0/8 included? */
bool gyl__ifaces_ours(const struct gyl__ifaces *t, uint32_t ip);

/* Do frames of interface i with tag vid belong to an interface of their own? Not for vid 0. */
bool gyl__ifaces_vlan(const struct gyl__ifaces *t, unsigned i, uint16_t vid);

/* Is ip 255.255.255.255 or the broadcast address of a network of interface i? */
bool gyl__ifaces_broadcast(const struct gyl__ifaces *t, unsigned i, uint32_t ip);

#endif
