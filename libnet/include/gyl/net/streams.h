/* SPDX-License-Identifier: ISC */
#ifndef GYL_NET_STREAMS_H
#define GYL_NET_STREAMS_H

/**
 * @file streams.h
 * @brief TCP (RFC 9293) without any input or output: segments and the time in, segments and events
 * out.
 *
 * All connections of a station. Segments are given with gyl_streams_input() and fetched with
 * gyl_streams_next() and gyl_streams_emit(), so what is sent is written once, at the moment a
 * buffer for it is there: acknowledgements of a batch fall together, and a device that has no room
 * holds the senders back by itself. The owner hears of connections by gyl_streams_event() and works
 * on them with the `gyl_stream_` calls. Nothing is allocated, no clock is read; it runs below any
 * IPv4.
 *
 * Memory is what gyl_streams_need() says, for good. A connection has a control block; a buffer for
 * what it receives is attached while octets wait, one for what it sends while something is
 * unacknowledged. When all are in use segments are dropped (their sender repeats them) and writes
 * take nothing; nothing grows.
 *
 * Window scale, timestamps with PAWS (RFC 7323), SACK (RFC 2018, 2883) with losses found by the
 * order of transmission (RFC 8985), CUBIC (RFC 9438), RFC 6298 timers, limits of RFC 5961, initial
 * sequence numbers of RFC 6528, SYN cookies once the SYN queue is full (RFC 4987), path MTU (RFC
 * 1191). No urgent data (RFC 6093: taken as ordinary octets), no ECN, no Fast Open.
 */

#include <gyl/base.h>
#include <gyl/net/peer.h>

#ifdef __cplusplus
extern "C" {
#endif

struct gyl_streams_conf {
	uint32_t conn_max;   /**< connections, 1 to 32768 */
	uint32_t half_max;   /**< of them half open ones that others began; past it SYN cookies */
	uint32_t wait_max;   /**< small records in TIME-WAIT, 1 to 65536; the oldest makes room */
	uint16_t listen_max; /**< listening ports, 1 to 1024 */
	uint32_t buf_len; /**< octets of a buffer, a power of two from 4096 to 1 MiB; the most that
			     a connection holds in one direction, and its largest window */
	uint32_t buf_max; /**< buffers for all connections, 1 to 65536 */
	uint8_t key[16];  /**< random and secret: sequence numbers, cookies, hash, timestamps */
	uint64_t delack_ns;  /**< an acknowledgement waits so long for company; 0: never */
	uint64_t rto_min_ns; /**< least that a timeout has beside the round trip. RFC 6298 2.4 says
				1 s for both; systems of today use 200 ms */
	uint64_t syn_ns;     /**< an open attempt is given up after it */
	uint64_t retry_ns; /**< a connection whose octets nobody acknowledges is reset after it. RFC
			      9293 3.8.3 */
	uint64_t fin_wait_ns;  /**< a closed connection waits so long for the peer's end */
	uint64_t time_wait_ns; /**< RFC 9293: two MSL */
	uint64_t keep_idle_ns; /**< of new streams, as in #gyl_stream_opts */
	uint64_t keep_gap_ns;
	uint8_t keep_cnt;
	uint32_t challenge_rate; /**< challenge ACKs a second: of a connection (255 at most), and of
				    all together that are half open or in TIME-WAIT. RFC 5961 7 */
	uint32_t reset_rate;     /**< resets a second for segments that belong to nobody */
};

/** Usual limits: 4096 connections, 512 half open, 4096 in TIME-WAIT, 64 ports, 512 buffers of 64
 * KiB, 40 ms delayed acknowledgement, 200 ms least timeout, 75 s to open, 100 s unacknowledged, 60
 * s for the peer's end, 60 s TIME-WAIT, keep-alive after 2 h, 9 probes 75 s apart, 100 challenges
 * (of a connection) and 100 resets a second. */
GYL_API struct gyl_streams_conf gyl_streams_defaults(const uint8_t key[16]);

struct gyl_streams;

/** Octets, aligned to 64, that gyl_streams_init() needs; 0 when a member of @p cf is out of range.
 */
GYL_API size_t gyl_streams_need(const struct gyl_streams_conf *cf);

/** No connections, nobody listens. NULL when a member of @p cf is out of range. */
GYL_API struct gyl_streams *gyl_streams_init(void *mem, const struct gyl_streams_conf *cf);

/* ---- below: segments ---- */

/** A segment that came, and what the layers below know of it. */
struct gyl_streams_seg {
	struct gyl_net_peer peer; /**< ip, local_ip and the way back; the ports are read here */
	struct gyl_view data;     /**< payload of the IPv4 datagram; borrowed for the call */
	unsigned checksum;        /**< 0, or #GYL_CHECKSUM_SKIP */
	uint16_t mtu;             /**< of the path to the peer, as far as known: 68 to 65535 */
};

/** Take a segment to one of our addresses (never a group or broadcast one). @cost O(1) */
GYL_API void gyl_streams_input(
	struct gyl_streams *t, uint64_t now_ns, const struct gyl_streams_seg *seg);

/**
 * @brief Is there a segment to send?
 * @param[out] ret_peer whom to, by which of our addresses and by which way; ports included
 * @param[out] ret_ttl  for its IPv4 header
 * @return false: nothing now; see gyl_streams_deadline_ns(). After true gyl_streams_emit() or
 * gyl_streams_skip() MUST follow before any other call.
 */
GYL_API bool gyl_streams_next(
	struct gyl_streams *t, uint64_t now_ns, struct gyl_net_peer *ret_peer, uint8_t *ret_ttl);

/**
 * @brief Write the segment that gyl_streams_next() told of: header, options, payload, checksum.
 * @param p    where; all octets of the segment are written here and none beside
 * @param cap  at least the path's mtu less 20
 * @return its length
 */
GYL_API size_t gyl_streams_emit(struct gyl_streams *t, uint64_t now_ns, uint8_t *p, size_t cap);

/** Do not write it: there is no way to the peer now. It counts as sent and lost, but for the first
 * SYN of an attempt to open, which is tried again after a tenth of a second. */
GYL_API void gyl_streams_skip(struct gyl_streams *t, uint64_t now_ns);

/** What an ICMP message says of a segment that we sent. */
struct gyl_streams_trouble {
	uint32_t ip, local_ip;
	uint16_t port, local_port;
	uint32_t seq; /**< as quoted; must be in flight, or the message is forged. RFC 5927 */
	uint16_t mtu; /**< not 0: fragmentation needed, the path takes no more than this */
	bool is_hard; /**< protocol or port unreachable: ends an attempt to open, no more. RFC 5461
		       */
};

/** Take a quoted error. @return whether it spoke of octets in flight. */
GYL_API bool gyl_streams_icmp(
	struct gyl_streams *t, uint64_t now_ns, const struct gyl_streams_trouble *tr);

/** Timers that are due; segments come out of gyl_streams_next(). @cost O(1) a timer */
GYL_API void gyl_streams_tick(struct gyl_streams *t, uint64_t now_ns);

/** When gyl_streams_tick() has something to do; 0: a segment waits to be fetched; UINT64_MAX:
 * never. */
GYL_API uint64_t gyl_streams_deadline_ns(const struct gyl_streams *t);

/* ---- above: streams ---- */

/** A port that takes connections. */
struct gyl_stream_listener {
	uint16_t local_port; /**< 1 to 65535 */
	uint32_t local_ip;   /**< 0: any */
	uint64_t ifaces;     /**< bit i: interface i; 0: all */
	uint32_t user; /**< the owner's, comes back in #gyl_stream_event of what is accepted */
};

enum gyl_stream_err {
	GYL_STREAM_OK,
	GYL_STREAM_IN_USE,     /**< the port, or this pair of addresses and ports */
	GYL_STREAM_FULL,       /**< ports or connections are used up */
	GYL_STREAM_REFUSED,    /**< the peer reset the attempt to open */
	GYL_STREAM_RESET,      /**< the peer reset the connection, or we did */
	GYL_STREAM_TIMEOUT,    /**< nobody answered: opening, octets, keep-alive */
	GYL_STREAM_UNREACHABLE /**< an ICMP message ended the attempt to open, or nobody can be at
				  `to` */
};

GYL_API enum gyl_stream_err gyl_stream_listen(
	struct gyl_streams *t, const struct gyl_stream_listener *l);
/** No longer; connections stay. Nothing happens when nobody listens. */
GYL_API void gyl_stream_unlisten(struct gyl_streams *t, uint16_t local_port);

/**
 * @brief Begin to open a connection.
 * @param to       addresses and ports of both sides are all set, and the way if known
 * @param mtu      of the path, as in #gyl_streams_seg
 * @param user     the owner's
 * @param[out] ret_id the stream; never 0. #GYL_STREAM_EV_OPENED or #GYL_STREAM_EV_CLOSED follows.
 * @return #GYL_STREAM_OK; #GYL_STREAM_IN_USE, #GYL_STREAM_FULL; #GYL_STREAM_UNREACHABLE for
 *         0.0.0.0, 224.0.0.0 and above, and the own address. Without #GYL_STREAM_OK there is no
 *         stream and no event.
 */
GYL_API enum gyl_stream_err gyl_stream_connect(struct gyl_streams *t, uint64_t now_ns,
	const struct gyl_net_peer *to, uint16_t mtu, uint32_t user, uint32_t *ret_id);

/** Bits of what happened to a stream. */
enum {
	GYL_STREAM_EV_OPENED = 1, /**< accepted, or our attempt succeeded; always the first */
	GYL_STREAM_EV_BYTES = 2,  /**< new octets to read */
	GYL_STREAM_EV_EOF = 4,    /**< the peer will send no more; what came can still be read */
	GYL_STREAM_EV_ROOM = 8,   /**< a write was cut short, now a quarter of the buffer is free */
	GYL_STREAM_EV_CLOSED = 16 /**< gone, `id` is void from here on; always the last */
};

struct gyl_stream_event {
	uint32_t id, user;
	uint8_t what; /**< bits, to be read in their order */
	uint8_t err; /**< enum gyl_stream_err; of EV_CLOSED: #GYL_STREAM_OK when both sides ended it
		      */
};

/** The next stream with news, in the order in which they arose; false: none. A stream has at most
 * one place in this queue, so it is bounded. */
GYL_API bool gyl_streams_event(struct gyl_streams *t, struct gyl_stream_event *ret_ev);

/** All octets that wait to be read, in one piece; borrowed until the next call with @p t. */
GYL_API struct gyl_view gyl_stream_peek(const struct gyl_streams *t, uint32_t id);
/** The first @p len of them are done with; opens the window. */
GYL_API void gyl_stream_take(struct gyl_streams *t, uint64_t now_ns, uint32_t id, size_t len);

/** Octets that gyl_stream_write() would take now. 0 for what is closed or no stream. */
GYL_API size_t gyl_stream_room(const struct gyl_streams *t, uint32_t id);
/** Send buffers that are free: so many streams of which nothing is unacknowledged can be written
 * to, though each of all has gyl_stream_room(). */
GYL_API uint32_t gyl_streams_room(const struct gyl_streams *t);
/** Copy octets into the send buffer. @return how many, from the first on. */
GYL_API size_t gyl_stream_write(
	struct gyl_streams *t, uint64_t now_ns, uint32_t id, struct gyl_view data);

/** We send no more; what was written is delivered, then FIN. Reading goes on. */
GYL_API void gyl_stream_shutdown(struct gyl_streams *t, uint64_t now_ns, uint32_t id);
/** As that, and nobody reads any more: unread octets, now or later, make it a reset (RFC
 * 9293 3.6.1). #GYL_STREAM_EV_CLOSED follows when the peer has acknowledged all, not after
 * TIME-WAIT. */
GYL_API void gyl_stream_close(struct gyl_streams *t, uint64_t now_ns, uint32_t id);
/** End at once with a reset. #GYL_STREAM_EV_CLOSED follows. */
GYL_API void gyl_stream_reset(struct gyl_streams *t, uint64_t now_ns, uint32_t id);

struct gyl_stream_opts {
	bool nodelay; /**< send small segments at once, though others are in flight (no Nagle) */
	bool keepalive;
	uint64_t keep_idle_ns,
		keep_gap_ns; /**< first probe after silence, and between probes; > 0 */
	uint8_t keep_cnt;    /**< unanswered probes until it is reset; > 0 */
	uint8_t ttl;         /**< > 0 */
};

/** A stream's settings; all zero for no stream. New ones: no Nagle off, no keep-alive, ttl 64. */
GYL_API struct gyl_stream_opts gyl_stream_opts(const struct gyl_streams *t, uint32_t id);
GYL_API void gyl_stream_set_opts(
	struct gyl_streams *t, uint64_t now_ns, uint32_t id, const struct gyl_stream_opts *opts);

/** States of RFC 9293 3.3.2. */
enum gyl_stream_state {
	GYL_STREAM_CLOSED,
	GYL_STREAM_LISTEN,
	GYL_STREAM_SYN_SENT,
	GYL_STREAM_SYN_RECEIVED,
	GYL_STREAM_ESTABLISHED,
	GYL_STREAM_FIN_WAIT_1,
	GYL_STREAM_FIN_WAIT_2,
	GYL_STREAM_CLOSE_WAIT,
	GYL_STREAM_CLOSING,
	GYL_STREAM_LAST_ACK,
	GYL_STREAM_TIME_WAIT
};

struct gyl_stream_info {
	enum gyl_stream_state state;
	struct gyl_net_peer peer;
	uint16_t mss; /**< octets of a full segment, options taken off */
	bool has_sack, has_timestamps;
	uint8_t snd_wscale, rcv_wscale;
	uint32_t snd_una, snd_nxt, rcv_nxt; /**< RFC 9293 3.3.1 */
	uint32_t snd_wnd, rcv_wnd;          /**< scaled */
	uint32_t cwnd, ssthresh;            /**< octets */
	uint64_t srtt_ns, rto_ns;           /**< srtt 0: not measured */
	uint32_t unread_len,
		unacked_len; /**< received and not taken; written and not acknowledged */
};

/** @return false when @p id is no stream. */
GYL_API bool gyl_stream_info(
	const struct gyl_streams *t, uint32_t id, struct gyl_stream_info *ret_info);

struct gyl_streams_stat {
	uint64_t rx_cnt, rx_octets; /**< segments; octets that were new and in order or kept */
	uint64_t tx_cnt, tx_octets; /**< segments; octets of payload, repeated ones included */
	uint64_t bad_cnt;           /**< header or checksum */
	uint64_t stray_cnt;         /**< to no port and no connection */
	uint64_t unacceptable_cnt;  /**< outside the window, PAWS, blind (RFC 5961) */
	uint64_t nobuf_cnt;         /**< octets came, and no buffer was free */
	uint64_t ooo_cnt;           /**< segments kept out of order */
	uint64_t dup_octets;        /**< came again */
	uint64_t accepted_cnt, connected_cnt,
		refused_cnt;    /**< opened by them, by us; attempts reset */
	uint64_t half_drop_cnt; /**< half open ones that ended unanswered */
	uint64_t cookie_sent_cnt, cookie_ok_cnt, cookie_bad_cnt;
	uint64_t retrans_cnt, retrans_octets; /**< segments and octets sent again */
	uint64_t rto_cnt, tlp_cnt, fast_cnt; /**< timeouts, tail probes, recoveries begun by SACK */
	uint64_t spurious_cnt;               /**< recoveries that DSACK or timestamps undid */
	uint64_t challenge_cnt, challenge_muted_cnt, reset_sent_cnt, reset_muted_cnt;
	uint64_t keep_probe_cnt, zero_probe_cnt;
	uint64_t timeout_cnt, reset_cnt;                /**< connections that ended so */
	uint32_t conn_cnt, half_cnt, wait_cnt, buf_cnt; /**< in use now */
};

GYL_API struct gyl_streams_stat gyl_streams_stat(const struct gyl_streams *t);

#ifdef __cplusplus
}
#endif

#endif
