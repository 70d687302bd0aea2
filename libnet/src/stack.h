/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_SRC_STACK_H
#define GYL_LIBNET_SRC_STACK_H

/* The inside of the stack: its layers, one file each, call each other through what stands here. */

#include <gyl/eth.h>
#include <gyl/icmp.h>
#include <gyl/ipv4.h>
#include <gyl/net/stack.h>

#include "libnet/src/ident.h"
#include "libnet/src/park.h"
#include "libnet/src/ports.h"
#include "libnet/src/rate.h"

enum {
	GYL_STACK_TAP_MAX = 4,
	GYL_STACK_TTL = 64 /* RFC 1700 */
};

struct gyl_stack {
	struct gyl_stack_conf cf;
	struct gyl_stack_stat stat;
	uint32_t mask, broadcast; /* of our network; broadcast 0: it has none */
	struct gyl_arp_cache *arp;
	struct gyl_park park;
	struct gyl_ports ports;
	struct gyl_rate echo, error;
	struct gyl_ident ident;
	struct {
		uint16_t ethertype;
		uint8_t port;
	} tap[GYL_STACK_TAP_MAX]; /* who wants copies of frames */
	size_t tap_cnt;
	bool announce; /* our address is to be announced with the next tick */
	struct gyl_arp_send announcement;
	bool has_conflict;
	uint32_t conflict_ip;
	uint8_t conflict_mac[6];
};

/* A frame on its way up. */
struct gyl_rx {
	uint64_t now_ns;
	unsigned checksum; /* flags for the decoders above IPv4 */
	uint16_t vlan;
	bool is_group; /* not to us alone, by its hardware or by its IPv4 address */
	struct gyl_eth eth;
	struct gyl_ipv4 ip;
};

/* ethernet.c */
void gyl__eth_input(struct gyl_stack *s, uint64_t now_ns, const struct gyl_netframe *f,
	struct gyl_stack_batch *b);
/* A buffer for a frame that the stack makes itself, with its Ethernet header written. NULL when the
 * batch has none left. gyl__eth_end() adds it to the batch, unless the writer failed. */
struct gyl_netbuf *gyl__eth_begin(struct gyl_stack *s, struct gyl_stack_batch *b,
	struct gyl_writer *w, const uint8_t dst[6], uint16_t vlan, uint16_t type);
void gyl__eth_end(struct gyl_stack_batch *b, struct gyl_netbuf *buf, const struct gyl_writer *w);

/* arp.c */
void gyl__arp_input(struct gyl_stack *s, const struct gyl_rx *rx, struct gyl_stack_batch *b);
void gyl__arp_send(struct gyl_stack *s, const struct gyl_arp_send *send, struct gyl_stack_batch *b);
void gyl__arp_tick(struct gyl_stack *s, uint64_t now_ns, struct gyl_stack_batch *b);

/* ipv4.c */
void gyl__ipv4_input(struct gyl_stack *s, struct gyl_rx *rx, struct gyl_stack_batch *b);
/* Where a datagram to dst goes next. False: nowhere. has_mac: group and broadcast addresses. */
struct gyl_hop {
	uint32_t ip;
	bool has_mac;
	uint8_t mac[6];
};
bool gyl__ipv4_route(const struct gyl_stack *s, uint32_t dst, struct gyl_hop *ret_hop);

/* icmp.c */
void gyl__icmp_input(struct gyl_stack *s, const struct gyl_rx *rx, struct gyl_stack_batch *b);
void gyl__icmp_unreachable(
	struct gyl_stack *s, const struct gyl_rx *rx, uint8_t code, struct gyl_stack_batch *b);

/* udp.c */
void gyl__udp_input(struct gyl_stack *s, const struct gyl_rx *rx, struct gyl_stack_batch *b);

#endif
