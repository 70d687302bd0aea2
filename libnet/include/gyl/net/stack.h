/* SPDX-License-Identifier: ISC */
#ifndef GYL_NET_STACK_H
#define GYL_NET_STACK_H

/**
 * @file stack.h
 * @brief Ethernet, 802.1Q, ARP, IPv4, ICMP, UDP and TCP over batches of frames, without any input
 * or output.
 *
 * Received frames and the time go in; datagrams for bound ports, streams and frames to send come
 * out, in buffers that devices have lent. The stack opens nothing, waits for nothing, reads no
 * clock and allocates nothing: devices and a clock make it live (libnet/host/stack.c; on one page
 * in libnet/examples/echo.c).
 *
 * One host with several interfaces, no router: nothing is forwarded. An interface is a device, or
 * one VLAN of it, with addresses of its own. An address is answered for on its interface only, and
 * what is sent from it leaves by its interface (strong host, RFC 1122 3.3.4.2).
 */

#include <gyl/net/arp_cache.h>
#include <gyl/net/netdev.h>
#include <gyl/net/peer.h>
#include <gyl/net/streams.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Octets of headers that may stand before a UDP payload in a lent buffer. */
#define GYL_STACK_ROOM      50
/** One frame makes at most so many inputs: a datagram and a copy of the frame, or two copies. */
#define GYL_STACK_IN_MAX    2
/** One frame causes at most so many frames, all on its device: those that waited for an address,
 * an answer, or the pieces of one. */
#define GYL_STACK_OUT_MAX   17
#define GYL_STACK_DEV_MAX   8
#define GYL_STACK_IFACE_MAX 16
#define GYL_STACK_ADDR_MAX  8  /**< of an interface */
#define GYL_STACK_GROUP_MAX 16 /**< multicast groups of an interface */
#define GYL_STACK_ADOPT_MAX 16 /**< addresses of other stations that an interface receives for */

/** As the vlan of an interface: untagged frames, and those of all VLANs of the device that no other
 * interface has; answers carry the same tag. */
#define GYL_STACK_VLAN_ANY  0xffff

/** An address of ours. */
struct gyl_stack_addr {
	uint32_t ip;    /**< MUST be an address a host can have */
	uint8_t prefix; /**< length of its network's prefix, 1 to 32 */
};

struct gyl_stack_iface_conf {
	uint8_t dev; /**< number of its device, below #GYL_STACK_DEV_MAX */
	bool probe;  /**< ask whether somebody has an address before it is used, which takes 4 to 7
			s. For networks where others may have our addresses. @rfc{5227,2.1} */
	uint16_t vlan;    /**< 0: untagged frames only; 1 to 4094; #GYL_STACK_VLAN_ANY */
	uint32_t mtu;     /**< of the device, 576 to 1984 */
	uint32_t gateway; /**< 0: none; else another station in one of the networks here */
	uint8_t addr_cnt; /**< 0: nothing is sent until gyl_stack_addr_add() */
	struct gyl_stack_addr addr[GYL_STACK_ADDR_MAX];
	struct gyl_arp_cache_conf arp; /**< with the hardware address */
};

/** An interface to untagged frames and all VLANs of device 0, mtu 1500, usual ARP limits. */
GYL_API struct gyl_stack_iface_conf gyl_stack_iface_defaults(
	const uint8_t mac[6], uint32_t ip, uint8_t prefix, uint32_t gateway, uint64_t seed);

struct gyl_stack_conf {
	const struct gyl_stack_iface_conf *iface; /**< borrowed for the call */
	uint8_t iface_cnt;                        /**< 1 to #GYL_STACK_IFACE_MAX */
	uint16_t sock_max;                        /**< bound UDP ports and flows, 1 to 16384 */
	uint16_t park_max;  /**< frames that may wait for a hardware address, 1 to 1024 */
	uint32_t reass_len; /**< octets of memory for datagrams in pieces, 16 KiB to 16 MiB */
	uint16_t path_max;  /**< paths whose mtu is remembered, 1 to 4096 */
	uint8_t ttl;        /**< of what we send, 1 to 255 */
	uint32_t echo_rate, error_rate; /**< ICMP replies and errors a second, > 0 */
	uint64_t seed;                  /**< random and secret: identifications, hashes */
	struct gyl_streams_conf tcp;    /**< conn_max 0: no TCP, what comes is told so */
};

/** Usual limits with interfaces @p iface: 1024 sockets, 64 waiting frames, 256 KiB for reassembly,
 * 256 paths, ttl 64, 1000 echo replies and 100 errors a second, gyl_streams_defaults(). @p tcp_key
 * is random and secret. */
GYL_API struct gyl_stack_conf gyl_stack_defaults(const struct gyl_stack_iface_conf *iface,
	uint8_t iface_cnt, uint64_t seed, const uint8_t tcp_key[16]);

struct gyl_stack;

/** Octets, a multiple of 64, that gyl_stack_init() needs; 0 when a member of @p cf is out of range,
 * an address stands twice, or two interfaces want the same frames. */
GYL_API size_t gyl_stack_need(const struct gyl_stack_conf *cf);

/** A stack in @p mem, which is aligned to 64. NULL when gyl_stack_need() says 0, or an interface's
 * ARP cache has no place for its addresses. It announces its addresses with the first
 * gyl_stack_tick(). */
GYL_API struct gyl_stack *gyl_stack_init(void *mem, const struct gyl_stack_conf *cf);

/* ---- addresses, while it runs ---- */

/** Make @p a ours on @p iface; it is announced with the next gyl_stack_tick(), or probed for when
 * the interface has `probe`. @return false when it is here already, no host can have it, or the
 * interface has no place for one more. */
GYL_API bool gyl_stack_addr_add(struct gyl_stack *s, uint8_t iface, struct gyl_stack_addr a);
/** No longer ours, nor wanted. @return false when it was neither. */
GYL_API bool gyl_stack_addr_del(struct gyl_stack *s, uint8_t iface, uint32_t ip);

enum gyl_stack_addr_state {
	GYL_STACK_ADDR_NONE,    /**< not here */
	GYL_STACK_ADDR_PROBING, /**< not usable yet: others are being asked whether they have it */
	GYL_STACK_ADDR_TAKEN,   /**< not usable: another station has it, as gyl_stack_conflict()
				   told. It is asked for again, and may become usable */
	GYL_STACK_ADDR_USABLE   /**< ours */
};

/** What became of an address. One that is not usable is neither received for nor sent from. */
GYL_API enum gyl_stack_addr_state gyl_stack_addr_state(
	const struct gyl_stack *s, uint8_t iface, uint32_t ip);

/** Receive datagrams to a multicast group on an interface. There is no IGMP: this is for groups
 * that switches flood (224.0.0.0/24, RFC 4541 2.1.2). @return false for no group, and when the
 * interface has #GYL_STACK_GROUP_MAX others. */
GYL_API bool gyl_stack_join(struct gyl_stack *s, uint8_t iface, uint32_t group);
/** No longer; nothing happens when it was not joined. */
GYL_API void gyl_stack_leave(struct gyl_stack *s, uint8_t iface, uint32_t group);

/** Receive UDP datagrams to another station's address, for which the caller stands in, and send
 * them from it. It does not become ours: whoever asks for it by ARP, pings it or connects to it
 * hears nothing of the stack, what comes from it is taken, and what is sent or connected to it goes
 * to that station. @return false when it is ours or none that a station can have, and when the
 * interface has #GYL_STACK_ADOPT_MAX others. */
GYL_API bool gyl_stack_adopt(struct gyl_stack *s, uint8_t iface, uint32_t ip);
/** No longer; nothing happens when it was not adopted. */
GYL_API void gyl_stack_disown(struct gyl_stack *s, uint8_t iface, uint32_t ip);

/* ---- ports ---- */

/** A UDP socket. */
struct gyl_stack_sock {
	uint32_t flow;       /**< the owner's number for it, comes back with input */
	uint8_t port;        /**< another one */
	uint16_t local_port; /**< 1 to 65535 */
	uint32_t local_ip; /**< 0: any, groups and broadcasts included; else only datagrams to it */
	uint32_t remote_ip;   /**< with remote_port: only from there */
	uint16_t remote_port; /**< 0: from everybody */
	uint64_t ifaces;      /**< bit i: interface i; 0: all */
};

enum gyl_stack_bound {
	GYL_STACK_BOUND,
	GYL_STACK_IN_USE, /**< the port, or the ethertype, has a socket */
	GYL_STACK_FULL    /**< all sockets are in use */
};

/** Receive datagrams to a port. A port may be bound several times, when no interface is in two of
 * the sets. */
GYL_API enum gyl_stack_bound gyl_stack_bind(struct gyl_stack *s, const struct gyl_stack_sock *sock);
/** No longer: the socket of @p local_port that was bound with @p ifaces. Nothing happens when there
 * is none. */
GYL_API void gyl_stack_unbind(struct gyl_stack *s, uint16_t local_port, uint64_t ifaces);

/** Receive copies of all frames of an ethertype that devices hand over for an interface. At most 4
 * times in all, twice for the same type, and once for IPv4. */
GYL_API enum gyl_stack_bound gyl_stack_bind_frame(
	struct gyl_stack *s, uint16_t ethertype, uint8_t port);

/** Receive ICMP as messages: answers to echo requests with this identifier, and all errors about
 * datagrams that were sent from an address of ours. One user. */
GYL_API enum gyl_stack_bound gyl_stack_bind_icmp(struct gyl_stack *s, uint16_t ident, uint8_t port);

/* ---- work ---- */

enum gyl_stack_kind {
	GYL_STACK_DGRAM,
	GYL_STACK_FRAME,
	GYL_STACK_ICMP /**< data is the ICMP message, peer.ip its sender */
};

/** What came for a port. */
struct gyl_stack_in {
	enum gyl_stack_kind kind;
	uint8_t port;
	uint8_t ttl; /**< as it arrived */
	uint32_t flow;
	struct gyl_net_peer peer; /**< of a frame: iface, vlan and mac only */
	struct gyl_view data; /**< a view into the received frame, or into the stack's memory when
				 it came in pieces; then valid until gyl_stack_input() is called
				 with in_cnt 0 */
};

/** Frames of one device. */
struct gyl_stack_out {
	struct gyl_netbuf *buf; /**< lent by this device; those below cnt are to be sent by it */
	size_t cnt, cap;
};

/** Room for results, and the results. Members ending in `cnt` are added to. */
struct gyl_stack_batch {
	struct gyl_stack_in *in;
	size_t in_cnt, in_cap;
	struct gyl_stack_out out[GYL_STACK_DEV_MAX];
};

/**
 * @brief Take frames.
 * @param dev number of the device they came from, below #GYL_STACK_DEV_MAX
 * @param f   as the device handed them over; datagrams are views into them
 * @param[in,out] b   inputs and frames to send are appended
 * @return how many frames were taken: fewer than @p cnt when there is no more room for
 * #GYL_STACK_IN_MAX inputs or #GYL_STACK_OUT_MAX frames of this device, and after an input that
 * came in pieces. Deal with the inputs, set in_cnt to 0, send the frames and go on.
 * @cost about 35 ns a small datagram
 */
GYL_API size_t gyl_stack_input(struct gyl_stack *s, uint64_t now_ns, uint8_t dev,
	const struct gyl_netframe *f, size_t cnt, struct gyl_stack_batch *b);

/** Do what is due, as far as there is room for frames in @p b. Call it after gyl_stack_input() and
 * at the deadline. */
GYL_API void gyl_stack_tick(struct gyl_stack *s, uint64_t now_ns, struct gyl_stack_batch *b);

/** When gyl_stack_tick() has something to do; 0: it has frames to send now; UINT64_MAX: never. */
GYL_API uint64_t gyl_stack_deadline_ns(const struct gyl_stack *s);

/** How to send one datagram. */
struct gyl_stack_how {
	uint8_t ttl;       /**< 0: the stack's */
	bool may_fragment; /**< it may be cut, here and on its way (DF clear). @rfc{6864} */
};

/** What became of a datagram to send. */
enum gyl_stack_sent {
	GYL_STACK_READY,  /**< the buffer holds its frame: send it */
	GYL_STACK_PARKED, /**< it waits for a hardware address; the buffer is free again */
	GYL_STACK_PIECES, /**< its frames, one or more, are in the batch; the buffer is free again
			   */
	GYL_STACK_DROPPED /**< it cannot be sent, and was counted; the buffer is free again */
};

/**
 * @brief Put headers in front of a payload that is in its place.
 * @param to      where to; `local_port` is the source port. `local_ip`, when it is ours, is the
 * source address and decides about the interface
 * @param how     NULL: as usual. What is over the path's mtu is dropped, unless it may be cut
 * @param buf     of any device; holds the payload at @p off, which MUST be #GYL_STACK_ROOM or more;
 * afterwards its off and len are those of the frame, len 0 unless #GYL_STACK_READY
 * @param len     octets of payload
 * @param[out] ret_dev with #GYL_STACK_READY: the device that the frame is to leave by. When that is
 * not the buffer's own, the caller copies it.
 * @param[in,out] b   a question to send may be appended; without room for it, it is asked 1.5 s
 * later
 * @cost about 30 ns when the hardware address is known, no copy
 */
GYL_API enum gyl_stack_sent gyl_stack_udp_output(struct gyl_stack *s, uint64_t now_ns,
	const struct gyl_net_peer *to, const struct gyl_stack_how *how, struct gyl_netbuf *buf,
	size_t off, size_t len, uint8_t *ret_dev, struct gyl_stack_batch *b);

/**
 * @brief Send a datagram of any protocol and any length.
 * @param to   where to, ports are not looked at
 * @param data the IPv4 payload, with the protocol's checksum; up to 65515 octets
 * @param[in,out] b   takes its frames (all of them or none), or a question to send
 * @return #GYL_STACK_PIECES, #GYL_STACK_PARKED or #GYL_STACK_DROPPED
 * @cost a copy of @p data
 */
GYL_API enum gyl_stack_sent gyl_stack_ipv4_output(struct gyl_stack *s, uint64_t now_ns,
	const struct gyl_net_peer *to, uint8_t proto, const struct gyl_stack_how *how,
	struct gyl_view data, struct gyl_stack_batch *b);

/** The mtu of the path to @p ip, as far as known; that of its first link when nothing else is. 0:
 * no route. @rfc{1191} */
GYL_API uint16_t gyl_stack_path_mtu(const struct gyl_stack *s, uint64_t now_ns, uint32_t ip);

/** Which interface and source address a datagram to @p ip leaves by when the sender names neither.
 * @return false: no route. */
GYL_API bool gyl_stack_route(
	const struct gyl_stack *s, uint32_t ip, uint8_t *ret_iface, uint32_t *ret_local_ip);

/* ---- streams ---- */

/** TCP, to work with by the `gyl_stream_` calls; call gyl_stack_tick() after them. NULL when there
 * is none. */
GYL_API struct gyl_streams *gyl_stack_streams(struct gyl_stack *s);

/** gyl_stream_connect() by the stack's routes: source address, way and mtu are filled in, the rest
 * of @p to is the caller's, local_port too. #GYL_STREAM_UNREACHABLE also when there is no route or
 * no TCP. */
GYL_API enum gyl_stream_err gyl_stack_connect(struct gyl_stack *s, uint64_t now_ns,
	const struct gyl_net_peer *to, uint32_t user, uint32_t *ret_id);

/* ---- to look at ---- */

/** The last message of somebody else who uses our address on @p ret_iface, or one that we probe for
 * there: gyl_stack_addr_state() tells them apart. @return false when there was none since the last
 * call. */
GYL_API bool gyl_stack_conflict(
	struct gyl_stack *s, uint8_t *ret_iface, uint32_t *ret_ip, uint8_t ret_mac[6]);

/** An interface's ARP cache, to look at and to pin addresses in. NULL: there is no such interface.
 */
GYL_API struct gyl_arp_cache *gyl_stack_arp(struct gyl_stack *s, uint8_t iface);

/** Counters since the start. Everything that is dropped is in exactly one of the `_bad`, `_drop`
 * ones. */
struct gyl_stack_stat {
	uint64_t rx_cnt;      /**< frames in */
	uint64_t eth_bad_cnt; /**< no Ethernet II frame, or tags or a source no station uses */
	uint64_t eth_vlan_drop_cnt;  /**< of a device or a VLAN without an interface */
	uint64_t eth_other_drop_cnt; /**< to another station */
	uint64_t eth_type_drop_cnt;  /**< neither ARP nor IPv4 */
	uint64_t arp_bad_cnt;        /**< not ARP for IPv4 over Ethernet, or an impossible sender */
	uint64_t arp_ok_cnt;
	uint64_t ip_bad_cnt;        /**< header, checksum or options */
	uint64_t ip_src_drop_cnt;   /**< from an address no station sends from */
	uint64_t ip_other_drop_cnt; /**< to another address, or to one of another interface */
	uint64_t ip_group_drop_cnt; /**< to a group that is not joined */
	uint64_t ip_source_route_drop_cnt; /**< with an option to go where its sender says */
	uint64_t ip_proto_drop_cnt;        /**< no protocol of ours */
	uint64_t tcp_cnt;      /**< segments; gyl_streams_stat() knows what became of them */
	uint64_t tcp_drop_cnt; /**< segments to many, or from nobody */
	uint64_t icmp_bad_cnt;
	uint64_t icmp_drop_cnt; /**< no echo request, nobody's answer, about nothing that we sent */
	uint64_t icmp_rate_drop_cnt; /**< echo requests over the rate, or to a group or all */
	uint64_t icmp_echo_cnt;      /**< answered */
	uint64_t icmp_error_cnt;     /**< errors sent */
	uint64_t icmp_muted_cnt;     /**< errors not sent: rate, or never due to such a datagram */
	uint64_t icmp_in_reply_cnt;  /**< echo replies for the ICMP user */
	uint64_t icmp_in_error_cnt;  /**< errors for whom they concern */
	uint64_t reass_piece_cnt;    /**< pieces of datagrams that were kept, or the last ones */
	uint64_t reass_whole_cnt;    /**< datagrams that became whole */
	uint64_t reass_bad_cnt;      /**< pieces: empty, uneven, past 65535, behind the end */
	uint64_t reass_dup_drop_cnt, reass_overlap_drop_cnt; /**< that came twice, that overlap */
	uint64_t reass_many_drop_cnt;                        /**< a seventeenth piece */
	uint64_t reass_room_drop_cnt;   /**< of a source that has its share of the memory */
	uint64_t reass_poison_drop_cnt; /**< of datagrams that were given up for one of these */
	uint64_t reass_late_cnt, reass_evict_cnt; /**< datagrams: 10 s were over, room for others */
	uint64_t path_lowered_cnt; /**< messages that a path takes less than we thought */
	uint64_t udp_bad_cnt;
	uint64_t udp_port_drop_cnt; /**< to a port nobody listens on */
	uint64_t udp_ok_cnt;
	uint64_t out_ok_cnt;         /**< frames of datagrams, those after a wait included */
	uint64_t out_route_drop_cnt; /**< no way to the address */
	uint64_t frag_cnt;           /**< pieces among them */
	uint64_t out_len_drop_cnt;   /**< over the path's mtu */
	uint64_t out_room_drop_cnt;  /**< more pieces than the device lent buffers */
	uint64_t out_arp_drop_cnt;   /**< not asked for: too many questions, or no host's address */
	uint64_t out_wait_drop_cnt;  /**< waited, and nobody answered */
	uint64_t out_park_drop_cnt;  /**< too many frames waited; the oldest went */
};

GYL_API struct gyl_stack_stat gyl_stack_stat(const struct gyl_stack *s);

#ifdef __cplusplus
}
#endif

#endif
