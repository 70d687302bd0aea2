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
	GYL__SEG_LOST = 2,
	GYL__SEG_RETRANS = 4 /* sent more than once */
};

struct gyl__seg {
	uint32_t seq, end; /* octets and FIN; never empty */
	uint64_t sent_ns;  /* of the last transmission */
	uint8_t flags;
};

struct gyl__board {
	struct gyl__seg *seg; /* ring of cap, a power of two */
	uint16_t cap, head, cnt;
	uint16_t lost_cnt; /* LOST, not SACKED and not sent again */
	uint32_t
		in_flight; /* octets sent, not acknowledged, not SACKED, not LOST (RFC 6675 pipe) */
	uint32_t sacked;   /* octets */
	/* RFC 8985 6: the latest transmission among what has arrived */
	uint64_t rack_sent_ns;
	uint32_t rack_end;
	uint32_t rack_rtt_us;
	uint32_t reo_us; /* reordering window; grows with each DSACK */
	bool saw_reordering;
};

/* What an acknowledgement changed. */
struct gyl__acked {
	uint32_t octets;  /* newly acknowledged or SACKED */
	uint64_t rtt_ns;  /* of the latest segment in it that was sent once; 0: none */
	bool lost;        /* segments became lost */
	bool is_spurious; /* a DSACK says that a repeated segment had arrived before */
};

void gyl__board_init(struct gyl__board *b, struct gyl__seg *seg, uint16_t cap);
bool gyl__board_full(const struct gyl__board *b);
/* [seq, end) was sent for the first time; it follows the last record. */
void gyl__board_sent(struct gyl__board *b, uint64_t now_ns, uint32_t seq, uint32_t end);
/* The first lost record, to be sent again; NULL: none. max: the most octets of a segment now; a
 * longer record (the path's mtu became smaller) is split, if there is room for it. */
struct gyl__seg *gyl__board_lost(struct gyl__board *b, uint32_t max);
/* That record was sent again. */
void gyl__board_resent(struct gyl__board *b, uint64_t now_ns, struct gyl__seg *s);
/* The last record that has not arrived, for a tail loss probe (RFC 8985 7); NULL: none. */
struct gyl__seg *gyl__board_last(struct gyl__board *b);
/* una and SACK blocks (checked: within what was sent) arrived. una_before: as it was. */
void gyl__board_acked(struct gyl__board *b, uint64_t now_ns, uint32_t una_before, uint32_t una,
	const struct gyl_tcp_sack *sack, uint8_t sack_cnt, uint32_t min_rtt_us,
	struct gyl__acked *ret);
/* When the reordering window of a segment ends that is not lost yet; UINT64_MAX: none waits. */
uint64_t gyl__board_deadline_ns(const struct gyl__board *b);
/* Mark what the order of transmission tells at now_ns. Returns whether something became lost. */
bool gyl__board_detect(struct gyl__board *b, uint64_t now_ns);
/* The retransmission timer ran out: all that has not arrived is lost; SACKs are kept unless the
 * first record is among them (the peer reneges, RFC 2018 8), then forgotten. */
void gyl__board_timeout(struct gyl__board *b);

#endif
