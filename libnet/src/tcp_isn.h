/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_SRC_TCP_ISN_H
#define GYL_LIBNET_SRC_TCP_ISN_H

/*
 * Numbers that strangers cannot guess: initial sequence numbers (RFC 6528), the offset of
 * timestamps (RFC 7323 7.1), SYN cookies (RFC 4987 3.6). SipHash with a secret key over addresses
 * and ports (not the interface or the MAC: a connection is the same by whatever way it comes).
 */

#include <gyl/net/peer.h>

struct gyl__isn {
	uint64_t key[2];
};

void gyl__isn_init(struct gyl__isn *i, const uint8_t key[16]);
/* Place in the connection table's hash: 64 bits, take the low ones. */
uint64_t gyl__isn_hash(const struct gyl__isn *i, const struct gyl_net_peer *p);
/* A clock of 4 microseconds and a keyed hash of the pair: a later connection of the same pair
 * begins behind the earlier one, and says nothing of any other pair. */
uint32_t gyl__isn(const struct gyl__isn *i, uint64_t now_ns, const struct gyl_net_peer *p);
/* Added to our millisecond clock in the timestamps of this pair. */
uint32_t gyl__isn_ts(const struct gyl__isn *i, const struct gyl_net_peer *p);

enum {
	GYL__COOKIE_MSS_MIN = 88 /* the least of the eight */
};

/* What a cookie carries. Window scale and SACK are in the low bits of the timestamp that we send,
 * so they are kept only when the peer has timestamps. */
struct gyl__cookie {
	uint16_t mss; /* rounded down to one of eight */
	bool has_timestamps, has_sack, has_wscale;
	uint8_t wscale; /* 0 to 14 */
};

/* Sequence number for the SYN-ACK to a SYN with sequence number peer_isn: 27 bits of SipHash, two
 * of the minute, three for the size of segments. */
uint32_t gyl__cookie_make(const struct gyl__isn *i, uint64_t now_ns, const struct gyl_net_peer *p,
	uint32_t peer_isn, uint16_t mss);
/* Timestamp of that SYN-ACK. ts: what it would be (the pair's offset added). Returns the one to
 * send: up to 31 ms before ts, never after it. */
uint32_t gyl__cookie_ts(uint32_t ts, const struct gyl__cookie *c);
/* Is got (the peer's ack - 1) one that was made for this pair and peer_isn (its seq - 1) at most
 * two minutes ago, or hardly more (less than three)? A guess passes once in 2^27. ts_ecr: what the
 * peer echoes, NULL without timestamps. ret is written on true. */
bool gyl__cookie_check(const struct gyl__isn *i, uint64_t now_ns, const struct gyl_net_peer *p,
	uint32_t peer_isn, uint32_t got, const uint32_t *ts_ecr, struct gyl__cookie *ret);

#endif
