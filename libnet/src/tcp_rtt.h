/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_SRC_TCP_RTT_H
#define GYL_LIBNET_SRC_TCP_RTT_H

/* The retransmission timer's length (RFC 6298), and the least round trip of the last minutes (RFC
 * 8985 wants it). */

#include <gyl/base.h>

struct gyl__rtt {
	uint32_t srtt_us, rttvar_us; /* srtt 0: nothing measured */
	uint32_t min_us;      /* least of this minute and the last one; 0: nothing measured */
	uint32_t next_min_us; /* least of this minute */
	uint32_t min_at_s;    /* when this minute began */
	uint8_t backoff;      /* doublings since the last sample */
};

void gyl__rtt_init(struct gyl__rtt *r);
/* A round trip of rtt_ns was measured, on a segment that was sent once or by its timestamp (RFC
 * 6298 3: never on one that was sent again). Ends the back-off (5.7). */
void gyl__rtt_sample(struct gyl__rtt *r, uint64_t now_ns, uint64_t rtt_ns);
/* 1 s before the first sample (RFC 6298 2.1), then SRTT + max(1 ms, 4 RTTVAR, min_ns), doubled
 * `backoff` times, at most 60 s (2.5). 2.4 wants the sum to be at least a second; with less, the
 * least has to be beside SRTT, as Linux has it: what it makes room for, the peer's delayed
 * acknowledgement, comes on top of the path, however long that is. */
uint64_t gyl__rtt_rto_ns(const struct gyl__rtt *r, uint64_t min_ns);
/* The timer ran out: the next one is twice as long (5.5). */
void gyl__rtt_backoff(struct gyl__rtt *r);

#endif
