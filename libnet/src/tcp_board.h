/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_SRC_TCP_BOARD_H
#define GYL_LIBNET_SRC_TCP_BOARD_H

/*
 * The sender's scoreboard: a record for each segment in flight, in the order of sequence numbers,
 * and which of them are lost.
 *
 * Loss is told by the order of transmission (RACK, RFC 8985): what was sent before something that
 * has arrived, and has not itself arrived within a reordering window, is lost, be it a first copy
 * or a repeated one. So a lost retransmission is found without a timeout, and a hole behind another
 * one without three duplicates. A record is 24 octets or less; records lie beside the send buffer
 * and there are only so many: a sender that finds none waits.
 */

#include <gyl/tcp.h>

enum {
	GYL__SEG_SACKED = 1,
	GYL__SEG_LOST = 2,   /* and not sent again since; never with SACKED */
	GYL__SEG_RETRANS = 4 /* sent more than once */
};

struct gyl__seg {
	uint32_t seq, end; /* octets and FIN; never empty */
	uint64_t sent_ns;  /* of the last transmission */
	uint8_t flags;
};

/* Repeated segments that were needless, to tell a recovery that should not have been (RFC 9438
 * 4.9): the records from `from` to `to` were in flight when it began. */
struct gyl__episode {
	uint32_t from, to;
	uint16_t resent_cnt;    /* sent again, and no DSACK told that this was needless */
	bool is_known, is_open; /* open: `to` is not acknowledged yet */
};

struct gyl__board {
	struct gyl__seg *seg; /* ring of cap, a power of two */
	uint16_t cap, head, cnt;
	uint16_t lost_cnt;   /* LOST */
	uint16_t sacked_cnt; /* SACKED */
	uint32_t
		in_flight; /* octets sent, not acknowledged, not SACKED, not LOST (RFC 6675 pipe) */
	uint32_t sacked;   /* octets */
	/* RFC 8985 6.1: the latest transmission among what has arrived */
	uint64_t rack_sent_ns;
	uint32_t rack_end, rack_rtt_us;
	uint32_t fack;       /* the highest sequence number that has arrived */
	uint32_t min_rtt_us; /* as told last */
	uint64_t wait_ns;    /* when the first reordering window ends; UINT64_MAX: none waits */
	uint32_t dup_round;  /* the window grows no more before this is acknowledged */
	uint8_t reo_mult;    /* of a quarter of the least round trip */
	uint8_t reo_persist; /* recoveries without DSACK until the window is small again */
	bool has_rack, has_dup_round, saw_reordering;
	struct gyl__episode episode;
};

/* What an acknowledgement changed. */
struct gyl__acked {
	uint32_t octets;  /* newly acknowledged or SACKED */
	uint64_t rtt_ns;  /* of the latest segment in it that was sent once; 0: none */
	bool lost;        /* segments became lost */
	bool is_spurious; /* DSACKs by now say that all segments of the last recovery that were
			     repeated had arrived before */
};

void gyl__board_init(struct gyl__board *b, struct gyl__seg *seg, uint16_t cap);
bool gyl__board_full(const struct gyl__board *b);
/* [seq, end) was sent for the first time; it follows the last record. */
void gyl__board_sent(struct gyl__board *b, uint64_t now_ns, uint32_t seq, uint32_t end);
/* The first lost record, to be sent again; NULL: none. max: the most octets of a segment now; a
 * longer record (the path's mtu became smaller) is split. Without room for another record it comes
 * as it is; what of it is not sent then is found lost once more. */
struct gyl__seg *gyl__board_lost(struct gyl__board *b, uint32_t max);
/* That record was sent again, or (not being lost) by a tail loss probe. */
void gyl__board_resent(struct gyl__board *b, uint64_t now_ns, struct gyl__seg *s);
/* The last record that has not arrived, for a tail loss probe (RFC 8985 7); NULL: none. */
struct gyl__seg *gyl__board_last(struct gyl__board *b);
/* An acknowledgement with SACK blocks (right after left, none past what was sent) arrived.
 * una_before: SND.UNA until now. una: the acknowledgement's own number, which is an old one
 * (before una_before) when segments came in another order; that is not yet a DSACK then. */
void gyl__board_acked(struct gyl__board *b, uint64_t now_ns, uint32_t una_before, uint32_t una,
	const struct gyl_tcp_sack *sack, uint8_t sack_cnt, uint32_t min_rtt_us,
	struct gyl__acked *ret);
/* When the reordering window of a segment ends that is not lost yet; UINT64_MAX: none waits. */
uint64_t gyl__board_deadline_ns(const struct gyl__board *b);
/* Mark what the order of transmission tells at now_ns. Returns whether something became lost.
 * @cost O(records up to the first that was sent after all that has arrived) */
bool gyl__board_detect(struct gyl__board *b, uint64_t now_ns);
/* The retransmission timer ran out: all that has not arrived is lost; SACKs are kept unless the
 * first record is among them (the peer reneges, RFC 2018 8), then forgotten. */
void gyl__board_timeout(struct gyl__board *b);

#endif
