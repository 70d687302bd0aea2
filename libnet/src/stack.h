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
#include "libnet/src/path.h"
#include "libnet/src/ports.h"
#include "libnet/src/rate.h"
#include "libnet/src/reass.h"

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
	struct gyl_paths paths;
	struct gyl__reass *reass;
	struct gyl_streams *streams; /* NULL: no TCP */
	bool whole_given;            /* an input is a view into reassembled octets */
	struct gyl_ident ident;
	struct {
		uint16_t ethertype;
		uint8_t port;
	} tap[GYL_STACK_TAP_MAX]; /* who wants copies of frames */
	size_t tap_cnt;
	struct {
		bool is_bound;
		uint8_t port;
		uint16_t ident;
	} pinger; /* who uses ICMP itself */
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
	struct gyl_view datagram; /* with its header; octets may follow */
};

/* ethernet.c */
void gyl__eth_input(struct gyl_stack *s, uint64_t now_ns, uint8_t dev, const struct gyl_netframe *f,
	struct gyl_stack_batch *b);
/* An Ethernet header; vlan 0: no tag. */
void gyl__eth_put(struct gyl_writer *w, const struct gyl_iface *f, const uint8_t dst[6],
	uint16_t vlan, uint16_t type);
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
	uint16_t vlan;                 /* the tag of its frame, 0: none */
	bool has_mac;
	uint8_t mac[6];
};
/* Where a datagram goes next. False: nowhere. */
bool gyl__route(const struct gyl_stack *s, const struct gyl_net_peer *to, struct gyl_hop *ret_hop);
/* The same for a peer with has_mac: to the station and by the interface it names. */
bool gyl__route_back(
	const struct gyl_stack *s, const struct gyl_net_peer *to, struct gyl_hop *ret_hop);
/* The sender of what came by f from the station mac, as a reply to it needs it; the ports are 0. */
void gyl__route_peer(const struct gyl_iface *f, uint16_t vlan, const uint8_t mac[6], uint32_t ip,
	uint32_t local_ip, struct gyl_net_peer *ret_peer);
/* Is it an address of ours, on any interface? */
bool gyl__is_own(const struct gyl_stack *s, uint32_t ip);

/* ipv4.c */
void gyl__ipv4_input(struct gyl_stack *s, struct gyl_rx *rx, struct gyl_stack_batch *b);

/* ipv4_out.c */
/* A way to the peer. False: none, counted. */
bool gyl__way(struct gyl_stack *s, const struct gyl_net_peer *to, struct gyl_hop *ret_hop);
/* What a datagram to dst may have on this way. */
uint16_t gyl__way_mtu(
	struct gyl_stack *s, uint64_t now_ns, const struct gyl_hop *hop, uint32_t dst);
/* Find hop->mac. READY: there it is; PARKED: it was asked for; DROPPED: counted. A new question
 * goes into the batch. */
enum gyl_stack_sent gyl__find_mac(
	struct gyl_stack *s, uint64_t now_ns, struct gyl_hop *hop, struct gyl_stack_batch *b);
/* A place for a frame that waits for the hop's address, to be written there now. */
struct gyl_parked *gyl__park_frame(struct gyl_stack *s, const struct gyl_hop *hop, size_t len);
/* A datagram whose payload lies in two places. */
struct gyl_dgram {
	uint8_t proto, ttl;
	bool may_fragment; /* by us and on its way */
	struct gyl_view head, data;
};
/* As gyl_stack_ipv4_output(), on a way that is found. */
enum gyl_stack_sent gyl__ipv4_send(struct gyl_stack *s, uint64_t now_ns, struct gyl_hop *hop,
	uint32_t dst, const struct gyl_dgram *d, struct gyl_stack_batch *b);

static inline uint8_t gyl__how_ttl(const struct gyl_stack *s, const struct gyl_stack_how *how)
{
	return how == NULL || how->ttl == 0 ? s->ttl : how->ttl;
}

/* May a datagram of total_len octets go to dst in one piece? The short ones may always. */
static inline bool gyl__fits(struct gyl_stack *s, uint64_t now_ns, const struct gyl_hop *hop,
	uint32_t dst, size_t total_len)
{
	return total_len <= GYL_PATH_MTU_MIN || total_len <= gyl__way_mtu(s, now_ns, hop, dst);
}

/* icmp.c */
void gyl__icmp_input(struct gyl_stack *s, const struct gyl_rx *rx, struct gyl_stack_batch *b);
void gyl__icmp_unreachable(
	struct gyl_stack *s, const struct gyl_rx *rx, uint8_t code, struct gyl_stack_batch *b);
/* RFC 1122 3.3.2: a datagram whose first piece came did not become whole in time. */
void gyl__icmp_late(struct gyl_stack *s, uint64_t now_ns, const struct gyl__reass_late *late,
	struct gyl_stack_batch *b);

/* icmp_trouble.c: take an error about a datagram that came from here. False: we did not send it. */
bool gyl__icmp_trouble(struct gyl_stack *s, const struct gyl_rx *rx, const struct gyl_icmp *in,
	const struct gyl_ipv4 *sent);

/* tcp.c; there MUST be streams for input */
void gyl__tcp_input(struct gyl_stack *s, const struct gyl_rx *rx);
void gyl__tcp_tick(struct gyl_stack *s, uint64_t now_ns, struct gyl_stack_batch *b);

/* udp.c */
void gyl__udp_input(struct gyl_stack *s, const struct gyl_rx *rx, struct gyl_stack_batch *b);

#endif
