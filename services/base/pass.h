/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_PASS_H
#define GYL_SERVICES_BASE_PASS_H

/*
 * From one thread's loop to another's: datagrams that the other has to answer, and events.
 *
 * A ring of octets with one writer and one reader, without locks: each of the two positions is
 * written by one of them. What finds no room is counted and lost, as a socket's queue would lose
 * it. The reader is woken only when it has said that it sleeps. Pure.
 */

#include <stdatomic.h>

#include "libnet/host/io.h"

enum {
	GYL_PASS_LEN = 1 << 18, /* octets of a ring: some 2,000 queries */
	GYL_PASS_LINE = 64      /* the two ends do not share a cache line */
};

struct gyl_pass { /* gaps between the ends are meant. NOLINT(*-optin.performance.Padding) */
	uint8_t *p;
	void (*wake)(void *arg); /* called by the writer, when the reader sleeps */
	void *wake_arg;

	/* the writer's; positions count octets, modulo 2^32 */
	_Alignas(GYL_PASS_LINE) _Atomic uint32_t tail; /* @private written up to here */
	uint32_t head_seen;                            /* @private where the reader was, at least */
	uint64_t cnt, lost_cnt;                        /* datagrams; those without room */
	uint64_t event_lost_cnt;                       /* events without room */

	/* the reader's */
	_Alignas(GYL_PASS_LINE) _Atomic uint32_t head; /* @private read up to here */
	_Atomic bool asleep;                           /* @private the reader, or about to */
};

/* mem: GYL_PASS_LEN octets, aligned to 16. */
void gyl_pass_init(struct gyl_pass *p, void *mem, void (*wake)(void *arg), void *wake_arg);

/* ---- the writer's ---- */

/* Hand over a datagram: its data, its peer, what of it was cut off. port: the listener that it is
 * to come by, as the reader's host numbers them. False: no room, it is counted. */
bool gyl_pass_dgram(struct gyl_pass *p, const struct gyl_in *in, uint8_t port, uint8_t role);
bool gyl_pass_event(struct gyl_pass *p, const struct gyl_event *e);

/* ---- the reader's ---- */

/*
 * What has waited longest: datagrams as GYL_IN_DGRAM, or one GYL_IN_EVENT alone. Returns how many,
 * 0 when there is nothing. They are borrowed until gyl_pass_drop(), which takes the first cnt away.
 */
size_t gyl_pass_look(const struct gyl_pass *p, struct gyl_in *in, size_t cap);
void gyl_pass_drop(struct gyl_pass *p, size_t cnt);

/* The reader is going to sleep: false, when it must not, because something is there. It says so
 * when it is awake again. */
bool gyl_pass_sleep(struct gyl_pass *p);
void gyl_pass_awake(struct gyl_pass *p);

#endif
