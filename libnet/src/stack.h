/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_SRC_STACK_H
#define GYL_LIBNET_SRC_STACK_H

/* The inside of the stack: its layers, one file each, call each other through what stands here. */

#include <gyl/eth.h>
#include <gyl/icmp.h>
#include <gyl/ipv4.h>
#include <gyl/net/stack.h>

#include "libnet/src/ident.h"
#include "libnet/src/iface.h"
#include "libnet/src/park.h"
#include "libnet/src/ports.h"
#include "libnet/src/rate.h"

enum {
	GYL_STACK_TAP_MAX = 4
};

struct gyl_stack {
	struct gyl_stack_stat stat;
	uint8_t ttl;
	uint8_t iface_cnt;
	/* The interface of a device's untagged frames, and of VLANs that no other one has. */
	uint8_t untagged[GYL_STACK_DEV_MAX], any[GYL_STACK_DEV_MAX];
	struct gyl_park park;
	struct gyl_ports ports;
	struct gyl_rate echo, error;
	struct gyl_ident ident;
	struct {
		uint16_t ethertype;
		uint8_t port;
	} tap[GYL_STACK_TAP_MAX]; /* who wants copies of frames */
	size_t tap_cnt;
	struct gyl_iface iface[GYL_STACK_IFACE_MAX];
};

/* A frame on its way up. */
struct gyl_rx {
	uint64_t now_ns;
	struct gyl_iface *iface; /* it came by */
	unsigned checksum;       /* flags for the decoders above IPv4 */
	uint16_t vlan;           /* its tag, 0: none */
	bool is_group;           /* not to us alone, by its hardware or by its IPv4 address */
	struct gyl_eth eth;
	struct gyl_ipv4 ip;
};

/* ethernet.c */
void gyl__eth_input(struct gyl_stack *s, uint64_t now_ns, uint8_t dev, const struct gyl_netframe *f,
	struct gyl_stack_batch *b);
/* A buffer for a frame that the stack makes itself, with its Ethernet header written. vlan: the tag
 * when the interface has none of its own. NULL when the device has lent no more. gyl__eth_end()
 * adds it to the batch, unless the writer failed. */
struct gyl_netbuf *gyl__eth_begin(const struct gyl_iface *f, struct gyl_stack_batch *b,
	struct gyl_writer *w, const uint8_t dst[6], uint16_t vlan, uint16_t type);
void gyl__eth_end(const struct gyl_iface *f, struct gyl_stack_batch *b, const struct gyl_writer *w);

/* arp.c */
void gyl__arp_input(struct gyl_stack *s, const struct gyl_rx *rx, struct gyl_stack_batch *b);
void gyl__arp_send(
	const struct gyl_iface *f, const struct gyl_arp_send *send, struct gyl_stack_batch *b);
void gyl__arp_tick(
	struct gyl_stack *s, struct gyl_iface *f, uint64_t now_ns, struct gyl_stack_batch *b);

/* Nobody has the address: what waits for it is dropped. */
void gyl__arp_drop_waiting(struct gyl_stack *s, struct gyl_park_key key);

/* route.c */
struct gyl_hop {
	const struct gyl_iface *iface; /* it leaves by */
	uint32_t src;                  /* from this address of ours */
	uint32_t ip;                   /* the next station, unless has_mac */
	bool has_mac;
	uint8_t mac[6];
};
/* Where a datagram goes next. False: nowhere. */
bool gyl__route(const struct gyl_stack *s, const struct gyl_net_peer *to, struct gyl_hop *ret_hop);
/* The same for a peer with has_mac: to the station and by the interface it names. */
bool gyl__route_back(
	const struct gyl_stack *s, const struct gyl_net_peer *to, struct gyl_hop *ret_hop);
/* The sender of what was received, as a reply to it needs it; the ports are 0. */
void gyl__route_peer(const struct gyl_rx *rx, struct gyl_net_peer *ret_peer);
/* Is it an address of ours, on any interface? */
bool gyl__is_own(const struct gyl_stack *s, uint32_t ip);

/* ipv4.c */
void gyl__ipv4_input(struct gyl_stack *s, struct gyl_rx *rx, struct gyl_stack_batch *b);

/* icmp.c */
void gyl__icmp_input(struct gyl_stack *s, const struct gyl_rx *rx, struct gyl_stack_batch *b);
void gyl__icmp_unreachable(
	struct gyl_stack *s, const struct gyl_rx *rx, uint8_t code, struct gyl_stack_batch *b);

/* udp.c */
void gyl__udp_input(struct gyl_stack *s, const struct gyl_rx *rx, struct gyl_stack_batch *b);

#endif
