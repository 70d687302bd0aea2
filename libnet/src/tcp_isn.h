/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_SRC_TCP_ISN_H
#define GYL_LIBNET_SRC_TCP_ISN_H

/*
 * Numbers that strangers cannot guess: initial sequence numbers (RFC 6528), the offset of
 * timestamps (RFC 7323 7.1), SYN cookies (RFC 4987 3.6). SipHash with a secret key over addresses
 * and ports.
 */

#include <gyl/net/peer.h>

struct gyl__isn {
	uint8_t key[16];
};

void gyl__isn_init(struct gyl__isn *i, const uint8_t key[16]);
/* Place in the connection table's hash: 64 bits, take the low ones. */
uint64_t gyl__isn_hash(const struct gyl__isn *i, const struct gyl_net_peer *p);
/* A clock of 4 microseconds and a keyed hash of the pair. */
uint32_t gyl__isn(const struct gyl__isn *i, uint64_t now_ns, const struct gyl_net_peer *p);
/* Added to our millisecond clock in the timestamps of this pair. */
uint32_t gyl__isn_ts(const struct gyl__isn *i, const struct gyl_net_peer *p);

/* What a cookie carries. Window scale and SACK are in the low bits of the timestamp that we send,
 * so they are kept only when the peer has timestamps. */
struct gyl__cookie {
	uint16_t mss; /* rounded down to one of eight */
	bool has_timestamps, has_sack, has_wscale;
	uint8_t wscale; /* 0 to 14 */
};

/* Sequence number for the SYN-ACK to a SYN with sequence number peer_isn. */
uint32_t gyl__cookie_make(const struct gyl__isn *i, uint64_t now_ns, const struct gyl_net_peer *p,
	uint32_t peer_isn, uint16_t mss);
/* Low bits of the timestamp of that SYN-ACK; ts is our clock's. Returns the one to send, <= ts. */
uint32_t gyl__cookie_ts(uint32_t ts, const struct gyl__cookie *c);
/* Is cookie (the peer's ack - 1) one of the last two minutes' for this pair? ts_ecr: what the peer
 * echoes, NULL without timestamps. */
bool gyl__cookie_check(const struct gyl__isn *i, uint64_t now_ns, const struct gyl_net_peer *p,
	uint32_t peer_isn, uint32_t cookie, const uint32_t *ts_ecr, struct gyl__cookie *ret);

#endif
