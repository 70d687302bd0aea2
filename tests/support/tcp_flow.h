/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_TCP_FLOW_H
#define GYL_TESTS_TCP_FLOW_H

/*
 * Programs over the two machines of a tcp_sim: each flow is a connection with a plan for both ends,
 * what to write and in which pieces, how to read, how to end. They act on events and on their own
 * clocks only, so an event that is missing shows as a flow that stands still. Each octet that is
 * read is compared with what was to be written there.
 */

#include "tests/support/tcp_sim.h"

enum flow_end_how {
	FLOW_SHUTDOWN, /* all written: shut down; the peer's end read: close */
	FLOW_WAIT,     /* the peer's end read and all written: close */
	FLOW_CLOSE,    /* all written: close, whatever the peer still sends */
	FLOW_RESET     /* at a moment: reset */
};

struct flow_plan {
	uint64_t len;                /* octets to write */
	uint32_t write_max;          /* pieces of 1 to write_max */
	uint64_t write_gap_ns;       /* between pieces; 0: as fast as there is room */
	uint32_t read_max;           /* taken at once; 0: all there is */
	uint64_t read_gap_ns;        /* between takes */
	uint64_t pause_at, pause_ns; /* a rest after so many octets; 0: none */
	enum flow_end_how how;
	uint64_t reset_ns; /* after opening */
	bool nodelay, keepalive;
};

struct flow_end {
	struct flow_plan plan;
	uint32_t id;
	uint64_t written, got;                   /* octets */
	uint64_t write_ns, read_ns, reset_at_ns; /* own clocks; UINT64_MAX: not set */
	bool opened, blocked, eof_came, eof, shut, closing, closed, rested;
	uint8_t err;
};

struct flow {
	struct flow_end end[2];
	uint64_t open_ns; /* when the one who begins does */
	uint16_t port;    /* of the one who begins; of both, when both do */
	uint8_t from;     /* who begins */
	bool is_both;     /* simultaneous open */
	bool is_begun;
	uint64_t done_ns; /* both ends closed */
};

enum {
	FLOW_LISTEN_PORT = 80,
	FLOW_FIRST_PORT = 10000,
	FLOW_MAX = 64
};

struct flows {
	struct tcp_sim *sim;
	struct flow flow[FLOW_MAX];
	unsigned cnt;
	uint64_t seed;
};

/* Both sides listen on FLOW_LISTEN_PORT. */
void flows_open(struct flows *f, struct tcp_sim *sim, uint64_t seed);
/* A plan that writes len octets and shuts down, reads all, in large pieces. */
struct flow_plan flow_plan(uint64_t len);
struct flow *flows_add(struct flows *f, uint8_t from, uint64_t open_ns,
	const struct flow_plan *begins, const struct flow_plan *other);
/* Until all flows are over. Fails when they are not at until_ns. */
void flows_run(struct flows *f, uint64_t until_ns);
/* The same, one step. @return whether there are flows that are not over. */
bool flows_step(struct flows *f, uint64_t until_ns);
/* On until that moment, or until nothing happens any more: the end of a stream whose other side was
 * reset before it opened, TIME-WAIT. */
void flows_settle(struct flows *f, uint64_t until_ns);
/* Everything that was written was read, and both sides say that they ended it. */
void flow_assert_whole(const struct flows *f, const struct flow *w);

#endif
