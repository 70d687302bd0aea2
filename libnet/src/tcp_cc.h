/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_SRC_TCP_CC_H
#define GYL_LIBNET_SRC_TCP_CC_H

/*
 * Congestion control: CUBIC with its Reno-friendly region (RFC 9438), slow start with HyStart++
 * left out, initial window of RFC 6928. All windows in octets, no floating point.
 */

#include <gyl/base.h>

struct gyl__cc {
	uint32_t cwnd, ssthresh; /* octets; ssthresh UINT32_MAX: no loss yet */
	uint32_t w_max, w_est;   /* RFC 9438 4.1.2; w_max 0: the window at which the epoch begins */
	uint32_t prior;          /* window before the last reduction, cwnd_prior */
	uint32_t k_ms;           /* time from the start of the epoch to w_max */
	uint64_t epoch_ns;       /* 0: none began */
	uint64_t seen_ns;        /* of the last acknowledgement in the epoch */
	uint16_t cwnd_frac, est_frac; /* 1/4096 octets beside cwnd and w_est */
	uint32_t undo_cwnd, undo_ssthresh,
		undo_w_max; /* before the last reduction; undo_cwnd 0: none */
};

void gyl__cc_init(struct gyl__cc *c, uint32_t mss);
/* acked octets were acknowledged outside of a recovery; is_limited: the window, not the
 * application, held us back (RFC 9438 5.8, RFC 7661); srtt_ns 0: unknown. */
void gyl__cc_acked(struct gyl__cc *c, uint64_t now_ns, uint32_t mss, uint32_t acked,
	uint64_t srtt_ns, bool is_limited);
/* A loss was found, a recovery begins: window times 0.7, not under two segments (RFC 9438 4.6).
 * flight: SND.NXT less SND.UNA before it (RFC 5681 FlightSize), so that a window which was never
 * filled is not taken for the path's. */
void gyl__cc_lost(struct gyl__cc *c, uint32_t mss, uint32_t flight);
/* The timer ran out (4.8): ssthresh as in a loss, window one segment. first: not a repeated one. */
void gyl__cc_timeout(struct gyl__cc *c, uint32_t mss, uint32_t flight, bool first);
/* The reduction was wrong (4.9): back to what was before it. */
void gyl__cc_undo(struct gyl__cc *c);
/* After a pause longer than the timer's length: at most the initial window (RFC 5681 4.1); three
 * quarters of the old one are remembered in ssthresh (RFC 7661 4.3). */
void gyl__cc_idle(struct gyl__cc *c, uint32_t mss);
/* The segment size became smaller: windows keep their octets, at least two segments. */
void gyl__cc_mss(struct gyl__cc *c, uint32_t mss);

#endif
