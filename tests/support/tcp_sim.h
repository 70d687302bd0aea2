/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_TCP_SIM_H
#define GYL_TESTS_TCP_SIM_H

/*
 * Two TCP machines with a path between them and a virtual clock. Each segment that a machine makes
 * is decoded and checked before the path has it. GYL_SIM_TRACE=1 in the environment prints all of
 * them.
 */

#include <gyl/net/streams.h>
#include <gyl/time.h>

#include "tests/support/tcp_link.h"

enum {
	SIM_IP = 0x0a000001, /* of side 0; side 1 has the next one */
	SIM_MTU_MAX = 9000
};

struct tcp_side {
	struct gyl_streams *t;
	void *mem;
	uint16_t mtu;     /* of the path, as the stack would know it by now */
	uint16_t dev_mtu; /* no segment may exceed it */
	uint64_t ring_ns; /* the device takes no more while so much waits for the rate; 0: all */
};

struct tcp_sim {
	uint64_t now_ns;
	struct tcp_side side[2];
	struct link link[2]; /* [i]: from side i */
	uint64_t seed;       /* told when a check fails */
	uint32_t same_cnt;   /* steps since the clock moved */
	bool trace;
	bool has_strangers; /* segments to other addresses are made too, and get lost */
	bool (*filter)(struct tcp_sim *s, int from, struct gyl_view segment); /* false: is lost */
	void *arg;
};

void tcp_sim_open(struct tcp_sim *s, const struct gyl_streams_conf cf[2],
	const struct link_conf link[2], uint64_t seed);
void tcp_sim_close(struct tcp_sim *s);
/* Machine i forgets everything, as after a crash. */
void tcp_sim_crash(struct tcp_sim *s, int i, const struct gyl_streams_conf *cf);
/* Send what waits to be sent. */
void tcp_sim_flush(struct tcp_sim *s);
/* The clock goes to what comes next, or to until_ns if that is sooner; arrivals and timers of that
 * moment are done, nothing is sent yet. @return false: nothing will ever happen. */
bool tcp_sim_step(struct tcp_sim *s, uint64_t until_ns);
/* Steps and flushes until that moment. */
void tcp_sim_until(struct tcp_sim *s, uint64_t until_ns);
/* The peer as side i names it. */
struct gyl_net_peer tcp_sim_peer(int i, uint16_t port, uint16_t local_port);
/* A segment of our own making comes to side `to`. */
void tcp_sim_inject(struct tcp_sim *s, int to, struct gyl_view segment);
/* Ends the test with seed and time. */
_Noreturn void tcp_sim_fail(const struct tcp_sim *s, const char *why);

/* Nothing is left: no connection, no timer, no buffer. */
void tcp_sim_assert_empty(const struct tcp_sim *s);

#endif
