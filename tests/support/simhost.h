/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_SIMHOST_H
#define GYL_TESTS_SIMHOST_H

/*
 * A host made of memory: a script of inputs, a list of what was sent, two block devices whose
 * writes finish when the test says so, and a clock that jumps to where the runner wants to wait.
 * Runs the runner and cores through days in milliseconds.
 */

#include "libnet/host/host.h"
#include "tests/support/support.h"

enum {
	SIM_PORT = 8,
	SIM_QUEUE = 256,
	SIM_SENT = 4096,
	SIM_LEN = 2048,
	SIM_UNITS = 65536
};

struct sim_packet {
	struct gyl_peer peer;
	uint8_t port;
	uint32_t flow;
	uint32_t len;
	uint8_t data[SIM_LEN];
	uint64_t at_ns; /* sent: when */
};

struct simhost {
	struct gyl_now now;
	struct gyl_bind bind[SIM_PORT];
	unsigned port_cnt;
	struct sim_packet *queue[SIM_PORT]; /* waiting inputs */
	unsigned queue_head[SIM_PORT], queue_tail[SIM_PORT];
	struct sim_packet *sent;
	unsigned sent_cnt;
	uint8_t slot[64][SIM_LEN];
	uint8_t *blk[2];
	bool flush_held; /* writes stay in flight until this is false */
	int flush_err;   /* the next write ends with this */
	bool in_flight;
	int flight_dev;
	uint64_t flight_unit, flight_token;
	const uint8_t *flight_buf;
	size_t flight_cnt;
	unsigned flush_cnt;
	uint32_t opened[SIM_PORT]; /* flows that cores opened, in order */
	unsigned opened_cnt;
	int gone;         /* errno of the device */
	uint64_t lost;    /* frames of a device that nobody has read */
	bool conflict;    /* somebody uses our address: told once */
	uint64_t step_ns; /* the clock moves at least this much at every wait */
	uint64_t busy_ns; /* what is measured between waits took this long */
};

struct gyl_host sim_open(struct simhost *s);
void sim_close(struct simhost *s);
/* What comes back over a core-opened socket: waits at port GYL_PORT_OPENED. */
void sim_put_opened(struct simhost *s, uint32_t flow, const void *data, size_t len);

/* One more datagram waiting at a port. */
void sim_put(struct simhost *s, unsigned port, const struct gyl_peer *peer, const void *data,
	size_t len);

#endif
