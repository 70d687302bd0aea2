/* SPDX-License-Identifier: ISC */
#ifndef GYL_NET_STACK_H
#define GYL_NET_STACK_H

/**
 * @file stack.h
 * @brief Ethernet, ARP, IPv4, ICMP and UDP over batches of frames, without any input or output.
 *
 * Received frames and the time go in; datagrams for bound ports and frames to send come out, in
 * buffers that a device has lent. The stack opens nothing, waits for nothing, reads no clock and
 * allocates nothing: a device and a clock make it live (libnet/host/stack.c; on one page in
 * libnet/examples/echo.c).
 *
 * One station: one hardware address, one IPv4 address. Frames with a VLAN tag are taken on every
 * VLAN, and answered on the same one.
 */

#include <gyl/net/arp_cache.h>
#include <gyl/net/netdev.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Octets of headers that may stand before a UDP payload in a lent buffer. */
#define GYL_STACK_ROOM    50
/** One frame makes at most so many inputs: a datagram and a copy of the frame. */
#define GYL_STACK_IN_MAX  2
/** One frame causes at most so many frames: those that waited for an address, and an answer. */
#define GYL_STACK_OUT_MAX 4

struct gyl_stack_conf {
	uint32_t ip;       /**< ours; MUST be an address a host can have */
	uint32_t gateway;  /**< 0: none; else inside our network */
	uint8_t prefix;    /**< length of our network's prefix, 1 to 32 */
	uint32_t mtu;      /**< of the device, 576 to 1984 */
	uint16_t sock_max; /**< bound ports and flows, 1 to 16384 */
	uint16_t park_max; /**< frames that may wait for a hardware address, 1 to 1024 */
	uint32_t echo_rate, error_rate; /**< ICMP replies and errors a second, > 0 */
	uint64_t seed;                  /**< random and secret: of identifications */
	struct gyl_arp_cache_conf arp;
};

/** Usual limits: 1024 sockets, 64 waiting frames, 1000 echo replies and 100 errors a second. */
GYL_API struct gyl_stack_conf gyl_stack_defaults(
	const uint8_t mac[6], uint32_t ip, uint8_t prefix, uint32_t gateway, uint64_t seed);

struct gyl_stack;

/** Octets, aligned to 16, that gyl_stack_init() needs; 0 when a member of @p cf is out of range. */
GYL_API size_t gyl_stack_need(const struct gyl_stack_conf *cf);

/** A stack in @p mem. NULL when a member of @p cf is out of range. It announces its address with
 * the first gyl_stack_tick(). */
GYL_API struct gyl_stack *gyl_stack_init(void *mem, const struct gyl_stack_conf *cf);

/** The far side of a datagram, and by which of our addresses it came. */
struct gyl_stack_peer {
	uint32_t ip;       /**< theirs */
	uint32_t local_ip; /**< ours it was sent to, maybe a broadcast; to send: a broadcast or 0
			      means ours */
	uint16_t port, local_port;
	uint16_t vlan; /**< 0: untagged */
	bool has_mac;  /**< to send: the frame goes to `mac`, without a look at ARP or routes */
	uint8_t mac[6];
};

/** A UDP socket. */
struct gyl_stack_sock {
	uint32_t flow;        /**< the owner's number for it, comes back with input */
	uint8_t port;         /**< another one */
	uint16_t local_port;  /**< 1 to 65535 */
	uint32_t local_ip;    /**< 0: any, broadcasts included; else only datagrams to it */
	uint32_t remote_ip;   /**< with remote_port: only from there */
	uint16_t remote_port; /**< 0: from everybody */
};

enum gyl_stack_bound {
	GYL_STACK_BOUND,
	GYL_STACK_IN_USE, /**< the port, or the ethertype, has a socket */
	GYL_STACK_FULL    /**< all sockets are in use */
};

/** Receive datagrams to a port. */
GYL_API enum gyl_stack_bound gyl_stack_bind(struct gyl_stack *s, const struct gyl_stack_sock *sock);
/** No longer; nothing happens when the port is not bound. */
GYL_API void gyl_stack_unbind(struct gyl_stack *s, uint16_t local_port);

/** Receive copies of all frames of an ethertype that the device hands over, at most 4 types. */
GYL_API enum gyl_stack_bound gyl_stack_bind_frame(
	struct gyl_stack *s, uint16_t ethertype, uint8_t port);

enum gyl_stack_kind {
	GYL_STACK_DGRAM,
	GYL_STACK_FRAME
};

/** What came for a port. */
struct gyl_stack_in {
	enum gyl_stack_kind kind;
	uint8_t port;
	uint32_t flow;
	struct gyl_stack_peer peer; /**< of a frame: vlan and mac only */
	struct gyl_view data;       /**< a view into the received frame */
};

/** Room for results, and the results. Members ending in `_cnt` are added to. */
struct gyl_stack_batch {
	struct gyl_stack_in *in;
	size_t in_cnt, in_cap;
	struct gyl_netbuf *out; /**< lent by the device; those below out_cnt are to be sent */
	size_t out_cnt, out_cap;
};

/**
 * @brief Take frames.
 * @param f   as the device handed them over; datagrams are views into them
 * @param[in,out] b   inputs and frames to send are appended
 * @return how many frames were taken: fewer than @p cnt when there is no more room for
 * #GYL_STACK_IN_MAX inputs or #GYL_STACK_OUT_MAX frames.
 * @cost about 35 ns a small datagram
 */
GYL_API size_t gyl_stack_input(struct gyl_stack *s, uint64_t now_ns, const struct gyl_netframe *f,
	size_t cnt, struct gyl_stack_batch *b);

/** Do what is due, as far as there is room for frames in @p b. */
GYL_API void gyl_stack_tick(struct gyl_stack *s, uint64_t now_ns, struct gyl_stack_batch *b);

/** When gyl_stack_tick() has something to do; UINT64_MAX: never. */
GYL_API uint64_t gyl_stack_deadline_ns(const struct gyl_stack *s);

/** What became of a datagram to send. */
enum gyl_stack_sent {
	GYL_STACK_READY,  /**< the buffer holds its frame: send it */
	GYL_STACK_PARKED, /**< it waits for a hardware address; the buffer is free again */
	GYL_STACK_DROPPED /**< it cannot be sent, and was counted; the buffer is free again */
};

/**
 * @brief Put headers in front of a payload that is in its place.
 * @param to      where to; `local_port` is the source port
 * @param buf     holds the payload at @p off, which MUST be #GYL_STACK_ROOM or more; afterwards its
 * off and len are those of the frame, len 0 unless #GYL_STACK_READY
 * @param len     octets of payload
 * @param[in,out] b   a question to send may be appended; without room for it, it is asked 1.5 s
 * later
 * @cost about 30 ns when the hardware address is known, no copy
 */
GYL_API enum gyl_stack_sent gyl_stack_udp_output(struct gyl_stack *s, uint64_t now_ns,
	const struct gyl_stack_peer *to, struct gyl_netbuf *buf, size_t off, size_t len,
	struct gyl_stack_batch *b);

/** The last message of somebody else who uses our address. @return false when there was none since
 * the last call. */
GYL_API bool gyl_stack_conflict(struct gyl_stack *s, uint32_t *ret_ip, uint8_t ret_mac[6]);

/** The stack's ARP cache, to look at and to pin addresses in. */
GYL_API struct gyl_arp_cache *gyl_stack_arp(struct gyl_stack *s);

/** Counters since the start. Everything that is dropped is in exactly one of the `_bad`, `_drop`
 * ones. */
struct gyl_stack_stat {
	uint64_t rx_cnt;      /**< frames in */
	uint64_t eth_bad_cnt; /**< no Ethernet II frame, or tags or a source no station uses */
	uint64_t eth_other_drop_cnt; /**< to another station */
	uint64_t eth_type_drop_cnt;  /**< neither ARP nor IPv4 */
	uint64_t arp_bad_cnt;        /**< not ARP for IPv4 over Ethernet, or an impossible sender */
	uint64_t arp_ok_cnt;
	uint64_t ip_bad_cnt;        /**< header, checksum or options */
	uint64_t ip_src_drop_cnt;   /**< from an address no station sends from */
	uint64_t ip_other_drop_cnt; /**< to another address */
	uint64_t ip_fragment_drop_cnt;
	uint64_t ip_proto_drop_cnt; /**< neither ICMP nor UDP */
	uint64_t icmp_bad_cnt;
	uint64_t icmp_drop_cnt;      /**< no echo request */
	uint64_t icmp_rate_drop_cnt; /**< echo requests over the rate, or to a broadcast address */
	uint64_t icmp_echo_cnt;      /**< answered */
	uint64_t icmp_error_cnt;     /**< errors sent */
	uint64_t icmp_muted_cnt;     /**< errors not sent: rate, or never due to such a datagram */
	uint64_t udp_bad_cnt;
	uint64_t udp_port_drop_cnt; /**< to a port nobody listens on */
	uint64_t udp_ok_cnt;
	uint64_t out_ok_cnt; /**< datagrams that became frames, those after a wait included */
	uint64_t out_route_drop_cnt; /**< no way to the address */
	uint64_t out_len_drop_cnt;   /**< over the mtu */
	uint64_t out_arp_drop_cnt;   /**< not asked for: too many questions, or no host's address */
	uint64_t out_wait_drop_cnt;  /**< waited, and nobody answered */
	uint64_t out_park_drop_cnt;  /**< too many frames waited; the oldest went */
};

GYL_API struct gyl_stack_stat gyl_stack_stat(const struct gyl_stack *s);

#ifdef __cplusplus
}
#endif

#endif
