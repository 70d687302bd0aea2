/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_OUT_H
#define GYL_SERVICES_BASE_OUT_H

/*
 * What a core may do: an ordered list of outputs, written into memory that was there before the
 * call.
 *
 * A core asks gyl_out_room() for the worst case of what one input can cause; when it says yes, none
 * of the calls below can fail. When it says no, the core returns and is offered the input again
 * later.
 *
 * Durable before said: gyl_out_store() returns a sequence; a send or event with `after` = that
 * sequence leaves only when the store is durable up to it. Pure.
 *
 * A core that keeps a second copy of its records elsewhere shuts a gate: what is said after a
 * record that the other does not have waits, however durable it is here. When the other is given
 * up, the gate is broken: what was said `strict`, which is true only if the other has it, is lost,
 * and the core opens the gate for the rest when it has noted down that it is alone.
 */

#include "libnet/host/host.h"
#include "services/base/event.h"

/* What one input may cause at worst. */
struct gyl_cost {
	uint16_t send_cnt;   /* datagrams or stream pieces */
	uint16_t op_cnt;     /* flow operations */
	uint16_t event_cnt;  /* events */
	uint32_t store_len;  /* octets of all keys and values stored; 0: stores nothing */
	uint32_t append_len; /* octets of log text */
};

struct gyl_ring; /* services/base/ring.h */

/*
 * Text of a log: the core formats in place, the log's owner writes it out in blocks.
 *
 * At the end of a step the runner calls write, when there is text or due_ns (monotonic) has come.
 * It takes off what it wrote (len, and what is left moves to the front) and returns the next
 * due_ns. NULL: somebody else looks after the text.
 */
struct gyl_log {
	uint8_t *p;
	uint32_t cap, len;
	uint64_t (*write)(void *arg, struct gyl_log *l, struct gyl_now now);
	void *arg;
	uint64_t due_ns; /* set by the runner; 0: at the first step */
};

enum {
	GYL_OUT_LOG_MAX = 4,
	GYL_OUT_OP_MAX = 64,
	GYL_OUT_PARK_LEN = 1600, /* what a parked send takes at most in the hold ring */
	GYL_OUT_RECORD_HEAD =
		64 /* what a record takes in the journal beyond key and value, at most */
};

/* A change of a stream or of the loop's resources that the runner carries out, in order. */
struct gyl_out_op {
	uint8_t op; /* enum gyl_flow_op */
	uint32_t flow;
	struct gyl_peer to;
};

/* One record for the store: set, or remove when remove is true. */
struct gyl_record {
	struct gyl_view key; /* segments separated by '/', "dhcpd/lease/10.0.0.17" */
	struct gyl_view val;
	bool remove;
	uint32_t place; /* of a dictionary that the core owns (store.h): where it stands; else 0 */
};

struct gyl_out {
	struct gyl_send *send; /* slots lent by the host */
	uint32_t send_cnt, send_cap;
	struct gyl_ring *event; /* of struct gyl_out_event */
	uint32_t event_reserve; /* entries kept free for what answers to events cause */
	struct gyl_log *log[GYL_OUT_LOG_MAX];
	struct gyl_out_op op[GYL_OUT_OP_MAX];
	uint32_t op_cnt, op_cap;
	bool used;               /* something was said in this call */
	uint64_t durable;        /* the store is durable up to here, and the gate open */
	uint64_t stored;         /* the store is durable up to here */
	uint64_t gate;           /* nothing with a later `after` leaves; UINT64_MAX: open */
	bool gate_broken;        /* in this call */
	uint64_t gate_was;       /* when it was broken */
	bool strict;             /* of what is said next */
	uint64_t hold_room;      /* octets of sends that may still be parked */
	uint64_t event_lost_cnt; /* events that found no room: the core had not asked for it */
	uint32_t unheard;        /* bit per enum gyl_event_source: nobody hears its debug events */
	uint64_t store_room; /* octets of records that may still be stored before the next flush */
	struct gyl_now now;  /* of this call */
	/* Puts a record into the store: the runner's, over the journal. Returns its sequence. */
	uint64_t (*store)(void *store_arg, const struct gyl_record *rec, size_t cnt);
	void *store_arg;
};

/* An entry of the event ring. */
struct gyl_out_event {
	uint64_t after;
	bool strict;
	struct gyl_event e;
};

/* In a tick that says nothing: there is more to do, and it does not wait for room. */
static inline void gyl_out_go_on(struct gyl_out *o)
{
	o->used = true;
}

/* Is there room for all of worst? Then nothing below fails within it. */
bool gyl_out_room(const struct gyl_out *o, const struct gyl_cost *worst);

/*
 * Begin a datagram (flow 0, leaves by listener `port`) or a piece of stream `flow`: a buffer of
 * *ret_cap octets, at least GYL_SEND_CAP_MIN. gyl_out_sent() ends it with the length written; 0
 * takes it back.
 */
uint8_t *gyl_out_send(struct gyl_out *o, uint8_t port, const struct gyl_peer *to, uint32_t flow,
	uint64_t after, size_t *ret_cap);
void gyl_out_sent(struct gyl_out *o, size_t len);

/*
 * Store records as one batch, all or nothing. Returns the sequence to wait for; 0 when the store is
 * full for good (gyl_out_room() tells only of room that comes back by itself): the core refuses and
 * says so.
 */
uint64_t gyl_out_store(struct gyl_out *o, const struct gyl_record *rec, size_t cnt);

/* Where log text goes next, *ret_cap octets at most; then how many were written. */
uint8_t *gyl_out_append(struct gyl_out *o, unsigned log, size_t *ret_cap);
void gyl_out_appended(struct gyl_out *o, unsigned log, size_t len);

/* Is a debug event of that source for nobody, so that it need not be made? Not to be asked of state
 * (event.h) and of what other cores want to hear. */
static inline bool gyl_out_unheard(const struct gyl_out *o, enum gyl_event_source source)
{
	return (o->unheard >> source & 1) != 0;
}

/* Say something. wall_ns and mono_ns are filled in. after = 0: at once. */
void gyl_out_event(struct gyl_out *o, const struct gyl_event *e, uint64_t after);

/* The other copy has all up to here, and no more; UINT64_MAX: all, or there is none. One core of a
 * runner may use this. */
void gyl_out_gate(struct gyl_out *o, uint64_t upto);
/* The other copy is given up: what waits strictly behind the gate is lost. The rest waits on, until
 * the core opens the gate. */
void gyl_out_gate_break(struct gyl_out *o);

/* Open, close or reset. A socket that the core opens has a number of its own choice, 1 to 0xffffff;
 * one that cannot be opened is closed, and the core hears so. */
void gyl_out_flow(struct gyl_out *o, uint32_t flow, enum gyl_flow_op op, const struct gyl_peer *to);

#endif
