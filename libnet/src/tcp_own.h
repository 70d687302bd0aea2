/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_SRC_TCP_OWN_H
#define GYL_LIBNET_SRC_TCP_OWN_H

/* What the files of TCP share: the station's state, a connection's control block, and who does
 * what. libnet/docs/tcp.md has the order in which to read them. */

#include <gyl/net/streams.h>
#include <gyl/tcp.h>
#include <gyl/time.h>

#include "libnet/src/rate.h"
#include "libnet/src/tcp_board.h"
#include "libnet/src/tcp_cc.h"
#include "libnet/src/tcp_heap.h"
#include "libnet/src/tcp_isn.h"
#include "libnet/src/tcp_ooo.h"
#include "libnet/src/tcp_rtt.h"
#include "libnet/src/tcp_seq.h"

enum {
	/* A path's mtu below this is not believed: RFC 1191 has 68, but nothing today is under 576,
	 * and segments of a few octets are what an attacker wants of us. */
	GYL__MTU_MIN = 552,
	GYL__MSS_MIN = 88,      /* what a peer announces below this is read as this */
	GYL__MSS_DEFAULT = 536, /* RFC 9293 3.7.1 */
	GYL__HEADERS_LEN = 40,  /* IPv4 and TCP */
	GYL__TS_LEN = 12,       /* timestamps with their padding */
	GYL__BURST = 16,        /* segments of one connection before the next one's turn */
	GYL__QUICK = 16, /* segments that are acknowledged at once after something was amiss */
	GYL__REPLY_MAX = 128,
	GYL__RETRY_WAY_MS = 100, /* until a first SYN that found no way is tried again */
	GYL__WSCALE_NONE = 0xff
};

/* Queues that a connection can stand in, at one place each. */
enum {
	GYL__READY,  /* has a segment to send */
	GYL__NEWS,   /* has an event for the owner */
	GYL__STARVE, /* could not write for want of a buffer */
	GYL__REAP,   /* its receive buffer holds only octets out of order: the first to be robbed */
	GYL__LIST_CNT
};

#define GYL__OUT_OF_LIST UINT16_MAX
#define GYL__END_OF_LIST (UINT16_MAX - 1)

struct gyl__link {
	uint16_t next, prev;
};

struct gyl__list {
	uint16_t head, tail;
};

/* Phases of loss recovery. */
enum {
	GYL__REC_NONE,
	GYL__REC_FAST, /* losses were found by SACK or duplicate acknowledgements */
	GYL__REC_RTO   /* the timer ran out */
};

/* A connection. Sequence numbers as in RFC 9293 3.3.1; snd_nxt is what has never been sent, repeats
 * come out of the board. Times of 0: the timer is off. */
struct gyl__tcb {
	struct gyl__node node;
	uint32_t gen, user; /* gen: of the id, one more for each use */
	struct gyl__link link[GYL__LIST_CNT];

	uint8_t state; /* enum gyl_stream_state; CLOSED, TIME_WAIT: nobody finds it any more, but
			  there are octets to read or EV_CLOSED to be fetched */
	uint8_t rec, err, news;
	uint8_t snd_wscale, rcv_wscale, ttl;
	uint8_t keep_cnt, probe_cnt; /* of keep-alive */
	uint8_t dup_cnt;             /* duplicate acknowledgements of a peer without SACK */
	uint8_t persist_cnt;         /* probes of a closed window; before that, SYNs sent */
	uint8_t quick_cnt;           /* acknowledge so many segments at once */
	bool used : 1, has_sack : 1, has_ts : 1, has_wscale : 1, nodelay : 1, keepalive : 1;
	bool is_dead : 1;    /* EV_CLOSED stands in the queue */
	bool is_closed : 1;  /* the owner called close */
	bool is_passive : 1; /* they began */
	bool fin_queued : 1; /* our FIN follows snd_end */
	bool fin_came : 1;   /* rcv_nxt is behind their FIN */
	bool fin_waits : 1;  /* their FIN came out of order; it is at rcv_fin */
	bool want_room : 1;  /* a write was cut short */
	bool want_syn : 1, want_ack : 1, want_tlp : 1, want_probe : 1;
	bool force_rtx : 1;  /* one repeat, whatever cwnd says */
	bool override : 1;   /* less than a full segment, whatever SWS avoidance says */
	bool persisting : 1; /* rtx_at_ns is the persist timer */
	bool is_limited : 1; /* cwnd held us back since the last acknowledgement */
	bool is_tlp : 1;     /* probe_at_ns is for a tail loss probe, else for reordering */
	bool tlp_out : 1, tlp_is_repeat : 1; /* a probe up to recover is on its way */
	bool tlp_again : 1;                  /* it is the second one */
	bool has_rtx_ts : 1, no_rtx_ts : 1;  /* no_: that was decided in this recovery */
	bool has_dup : 1;

	uint32_t snd_una, snd_nxt, snd_end; /* snd_end: after the last octet written */
	uint32_t snd_wnd, max_wnd, snd_wl1, snd_wl2;
	uint32_t recover; /* snd_nxt when the recovery began; without one: end of the probe */
	union {
		uint32_t rtx_ts;    /* ours in the first repeat of this recovery (RFC 3522) */
		uint32_t probed_ms; /* with nothing in flight: the last probe of keep-alive */
	};
	uint32_t rcv_nxt, rcv_adv; /* rcv_adv: right edge of the window, as told */
	uint32_t last_ack;         /* rcv_nxt as told. RFC 7323 4.3 */
	uint32_t rcv_len, rcv_fin;
	uint32_t ts_recent, ts_off;
	uint32_t stall_ms; /* since then nothing was acknowledged */
	uint32_t heard_ms; /* the peer was heard last */
	uint32_t keep_idle_ms, keep_gap_ms;
	uint32_t dup_left; /* octets that came again, to be told */

	uint16_t dup_len;
	uint16_t mtu, peer_mss;
	uint16_t mss;                       /* payload and options of a segment */
	uint16_t rcv_mss;                   /* largest segment that came */
	uint8_t challenge_s, challenge_cnt; /* in that second (RFC 5961 7); it may go round */
	uint8_t *snd, *rcv;
	uint64_t rtx_at_ns, probe_at_ns, delack_at_ns, life_at_ns;

	struct gyl__board board;
	struct gyl__rtt rtt;
	union {
		struct gyl__cc cc;
		/* Of a FIN that is all there is: the board's record, as no buffer is beside it. No
		 * octet is sent any more then. */
		struct gyl__seg fin_seg;
	};
};

_Static_assert(sizeof(struct gyl__tcb) <= 384, "a control block is small");

/* What a SYN said and what we answered: the beginning of a connection. */
struct gyl__open {
	uint32_t irs, iss, ts_recent, ts_off;
	uint16_t mss, mtu;
	uint8_t wscale; /* theirs; GYL__WSCALE_NONE: none */
	bool has_ts, has_sack;
};

/* One that waits for the third segment. */
struct gyl__half {
	struct gyl__node node;
	struct gyl__open open;
	uint64_t born_ns, sent_ns;
	uint8_t try_cnt;
};

/* One in TIME-WAIT, in the order of their ends. */
struct gyl__wait {
	struct gyl__node node;
	uint64_t end_ns;
	uint32_t older, newer;
	uint32_t snd_nxt, rcv_nxt, rcv_wnd, ts_recent, ts_off;
	bool has_ts;
};

/* A segment that needs no connection. */
struct gyl__reply {
	struct gyl_net_peer peer;
	uint32_t seq, ack, ts_val, ts_ecr;
	uint16_t flags, window, mss; /* mss 0: no SYN options */
	uint8_t wscale;
	bool has_ts, has_sack;
};

/* What a connection is to send next. */
enum gyl__what {
	GYL__SEND_NOTHING,
	GYL__SEND_SYN,
	GYL__SEND_REPEAT,
	GYL__SEND_NEW,
	GYL__SEND_PROBE, /* an empty segment that must be answered */
	GYL__SEND_ACK
};

struct gyl__plan {
	enum gyl__what what;
	uint32_t seq, len;
	uint16_t flags;
	bool is_tail;         /* a tail loss probe */
	struct gyl__seg *seg; /* SEND_REPEAT: the record */
};

struct gyl_streams {
	struct gyl_streams_conf cf;
	struct gyl__isn isn;
	struct gyl__table conn, half, wait;
	struct gyl__heap timers, half_timers;
	struct gyl__list list[GYL__LIST_CNT];
	uint32_t wait_oldest, wait_newest;
	struct gyl_stream_listener *listener; /* by port */
	uint16_t listener_cnt;
	uint16_t board_cap;
	uint8_t rcv_wscale;
	uint8_t *buf_free, *buf_fresh; /* fresh: the first block that was never taken */
	uint64_t cookie_ns;            /* until then a cookie of ours may come back */
	struct gyl_rate challenge, reset;
	struct gyl__reply *reply; /* ring of GYL__REPLY_MAX */
	uint32_t reply_head, reply_cnt;
	bool told_reply; /* what gyl_streams_next() told of */
	uint16_t burst;
	struct gyl__plan plan;
	struct gyl_streams_stat stat;
};

/* A segment that came. */
struct gyl__rx {
	uint64_t now_ns, hash;
	struct gyl_net_peer peer;
	uint16_t mtu;
	struct gyl_tcp tcp;
	struct gyl_tcp_known opt;
};

static inline struct gyl__tcb *gyl__tcb(const struct gyl_streams *t, uint32_t i)
{
	return (struct gyl__tcb *)(void *)gyl__table_at(&t->conn, i);
}

static inline uint32_t gyl__tcb_index(const struct gyl_streams *t, const struct gyl__tcb *c)
{
	return (uint32_t)((size_t)((const uint8_t *)c - t->conn.mem) / sizeof(struct gyl__tcb));
}

static inline uint32_t gyl__ms(uint64_t now_ns)
{
	return (uint32_t)(now_ns / GYL_NS_PER_MS);
}

/* RFC 9293 3.3.2: both sides have agreed on their numbers, and segments find the block. */
static inline bool gyl__is_synchronized(const struct gyl__tcb *c)
{
	return c->state >= GYL_STREAM_ESTABLISHED && c->state != GYL_STREAM_TIME_WAIT;
}

static inline bool gyl__fin_sent(const struct gyl__tcb *c)
{
	return c->fin_queued && c->snd_nxt == c->snd_end + 1;
}

/* Payload of a segment that is full and has no SACK blocks. */
static inline uint32_t gyl__full_len(const struct gyl__tcb *c)
{
	return (uint32_t)c->mss - (c->has_ts ? GYL__TS_LEN : 0);
}

/* Beside the octets of a receive buffer. */
struct gyl__rcv {
	struct gyl__ooo ooo;
	uint32_t head; /* place of the first unread octet */
};

/* There must be a buffer. */
static inline struct gyl__rcv *gyl__rcv_of(const struct gyl_streams *t, const struct gyl__tcb *c)
{
	return (struct gyl__rcv *)(void *)(c->rcv + t->cf.buf_len);
}

static inline struct gyl__ooo *gyl__ooo_of(const struct gyl_streams *t, const struct gyl__tcb *c)
{
	return &gyl__rcv_of(t, c)->ooo;
}

/* ---- tcp_list.c: queues ---- */

static inline bool gyl__list_has(const struct gyl__tcb *c, int which)
{
	return c->link[which].prev != GYL__OUT_OF_LIST;
}
void gyl__list_put(struct gyl_streams *t, struct gyl__tcb *c, int which);
void gyl__list_del(struct gyl_streams *t, struct gyl__tcb *c, int which);
/* NULL: it is empty. */
struct gyl__tcb *gyl__list_first(const struct gyl_streams *t, int which);

/* ---- tcp_buf.c: buffers ---- */

size_t gyl__buf_size(const struct gyl_streams_conf *cf);
uint16_t gyl__board_cap(const struct gyl_streams_conf *cf);
void gyl__buf_init(struct gyl_streams *t, uint8_t *mem);
/* Attach one. False: all are in use; of the last eighth, only received octets make use. */
bool gyl__snd_attach(struct gyl_streams *t, struct gyl__tcb *c);
bool gyl__rcv_attach(struct gyl_streams *t, struct gyl__tcb *c);
/* Give them back, full or empty. */
void gyl__snd_release(struct gyl_streams *t, struct gyl__tcb *c);
void gyl__rcv_release(struct gyl_streams *t, struct gyl__tcb *c);
/* Where the board's records are. It is empty. */
void gyl__board_move(struct gyl__tcb *c, struct gyl__seg *seg, uint16_t cap);
/* len octets from the ring, beginning with sequence number seq. An octet's place in it is its
 * sequence number, less what the ring has gone round. */
void gyl__snd_copy(const struct gyl_streams *t, const struct gyl__tcb *c, uint32_t seq, uint8_t *p,
	size_t len);

/* ---- tcp_conn.c: control blocks from birth to death ---- */

/* NULL: all are in use. open NULL: ours, and the rest is up to the caller. */
struct gyl__tcb *gyl__conn_new(struct gyl_streams *t, uint64_t now_ns,
	const struct gyl_net_peer *peer, uint64_t hash, const struct gyl__open *open);
/* Nobody finds it any more; how it ended is told when what came is read. */
void gyl__conn_end(struct gyl_streams *t, struct gyl__tcb *c, enum gyl_stream_err err);
/* With a reset to the peer. */
void gyl__conn_reset(
	struct gyl_streams *t, uint64_t now_ns, struct gyl__tcb *c, enum gyl_stream_err err);
/* Both ended: the same pair is remembered. RFC 9293 3.10.7.4 */
void gyl__conn_time_wait(struct gyl_streams *t, uint64_t now_ns, struct gyl__tcb *c);
/* Octets of a segment, options included, follow from mtu and what the peer takes. */
void gyl__conn_set_mtu(struct gyl__tcb *c, uint16_t mtu);
/* Tell the owner. */
void gyl__news(struct gyl_streams *t, struct gyl__tcb *c, uint8_t what);
/* After whatever happened: its place in the queues, and its timer. */
void gyl__conn_settle(struct gyl_streams *t, uint64_t now_ns, struct gyl__tcb *c);

/* ---- tcp_reply.c: segments of no connection ---- */

void gyl__reply_put(struct gyl_streams *t, const struct gyl__reply *r);
/* A reset that answers a segment. RFC 9293 3.10.7.1 */
void gyl__reply_reset(struct gyl_streams *t, const struct gyl__rx *rx);
/* Is one more challenge ACK allowed? RFC 5961 7. Each connection has a limit of its own: by one for
 * all, whoever counts the challenges of his own connection finds out the numbers of another
 * (CVE-2016-5696). c NULL: half open or in TIME-WAIT; those share one. */
bool gyl__may_challenge(struct gyl_streams *t, struct gyl__tcb *c, uint64_t now_ns);
size_t gyl__reply_emit(struct gyl_streams *t, uint8_t *p, size_t cap);

/* ---- tcp_listen.c, tcp_half.c, tcp_wait.c: segments that find no control block ---- */

const struct gyl_stream_listener *gyl__listener_find(
	const struct gyl_streams *t, const struct gyl_net_peer *p);
/* A segment to nobody or to a listener. iss_min: our numbers must be past it; NULL: any. */
void gyl__listen_input(struct gyl_streams *t, const struct gyl__rx *rx, const uint32_t *iss_min);
void gyl__half_add(struct gyl_streams *t, const struct gyl__rx *rx, const struct gyl__open *open);
void gyl__half_input(struct gyl_streams *t, const struct gyl__rx *rx, uint32_t i);
void gyl__half_tick(struct gyl_streams *t, uint64_t now_ns);
/* The SYN-ACK of open, to be sent now. */
void gyl__syn_ack(struct gyl_streams *t, uint64_t now_ns, const struct gyl_net_peer *peer,
	const struct gyl__open *open);
void gyl__wait_add(struct gyl_streams *t, uint64_t now_ns, const struct gyl__tcb *c);
void gyl__wait_input(struct gyl_streams *t, const struct gyl__rx *rx, uint32_t i);
void gyl__wait_del(struct gyl_streams *t, uint32_t i);
void gyl__wait_tick(struct gyl_streams *t, uint64_t now_ns);
/* The third segment came, as it should be: a connection is made of it and takes it. */
void gyl__accept(struct gyl_streams *t, const struct gyl__rx *rx, const struct gyl__open *open,
	uint64_t rtt_ns);

/* ---- tcp_in.c, tcp_syn.c, tcp_ack.c, tcp_loss.c, tcp_text.c: segments that find one ---- */

void gyl__conn_input(struct gyl_streams *t, struct gyl__tcb *c, struct gyl__rx *rx);
/* In SYN-SENT. */
void gyl__syn_sent_input(struct gyl_streams *t, struct gyl__tcb *c, const struct gyl__rx *rx);
/* Our SYN is acknowledged. */
void gyl__established(struct gyl_streams *t, struct gyl__tcb *c, const struct gyl__rx *rx);
/* The window of a segment that is new enough. */
void gyl__window_input(struct gyl__tcb *c, const struct gyl__rx *rx);
/* An acknowledgement between what was and what can be. False: the connection ended. */
bool gyl__ack_input(struct gyl_streams *t, struct gyl__tcb *c, const struct gyl__rx *rx);
/* What the board says after an acknowledgement: recoveries begin and end. */
void gyl__loss_acked(struct gyl_streams *t, struct gyl__tcb *c, const struct gyl__rx *rx,
	const struct gyl__acked *a, bool advanced, bool has_dsack);
/* Something is lost now. */
void gyl__loss_begin(struct gyl_streams *t, struct gyl__tcb *c);
void gyl__loss_timeout(struct gyl_streams *t, uint64_t now_ns, struct gyl__tcb *c);
/* The probe timer: reordering, or a tail loss probe. */
void gyl__loss_probe(struct gyl_streams *t, uint64_t now_ns, struct gyl__tcb *c);
/* Set the probe timer after something was sent or acknowledged. */
void gyl__loss_arm(struct gyl__tcb *c, uint64_t now_ns);
/* Octets came that had come before. */
void gyl__note_dup(struct gyl_streams *t, struct gyl__tcb *c, uint32_t left, uint32_t right);
/* Octets of a segment. False: the connection ended. */
bool gyl__text_input(struct gyl_streams *t, struct gyl__tcb *c, const struct gyl__rx *rx);

/* ---- tcp_icmp.c ---- */

/* The path takes no more than this; what was longer is lost. */
void gyl__path_shrink(struct gyl__tcb *c, uint16_t mtu);

/* ---- tcp_out.c, tcp_emit.c, tcp_timer.c ---- */

void gyl__plan(const struct gyl_streams *t, struct gyl__tcb *c, struct gyl__plan *ret);
/* SACK blocks to tell, as far as options have room. */
uint8_t gyl__sack_cnt(const struct gyl_streams *t, const struct gyl__tcb *c);
/* The window to tell now, and it is told: in units of the header's field. */
uint16_t gyl__window_tell(const struct gyl_streams *t, struct gyl__tcb *c);
/* Where the right edge of the window can be. */
uint32_t gyl__window_edge(const struct gyl_streams *t, const struct gyl__tcb *c);
uint64_t gyl__conn_due_ns(const struct gyl__tcb *c, uint64_t now_ns);
uint64_t gyl__rto_ns(const struct gyl_streams *t, const struct gyl__tcb *c);

#endif
