/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_RUN_OWN_H
#define GYL_SERVICES_BASE_RUN_OWN_H

/* What run.c (cores and events), run_store.c (what waits for the store) and their kin share. */

#include "services/base/run.h"

/* run.c */

/* The clock as it is now, not as it was after the wait. */
static inline uint64_t gyl__run_clock_ns(const struct gyl_run *r)
{
	return r->host.ops->clock_ns == NULL ? r->now.mono_ns : r->host.ops->clock_ns(r->host.h);
}

/* Offer inputs to a core as long as it takes any. Returns how many it took. */
size_t gyl__run_offer(struct gyl_run *r, unsigned core, struct gyl_in *in, size_t cnt);
/* Tell the events that may be told. */
void gyl__run_pump_events(struct gyl_run *r);

/* run_clock.c */

/* Nothing is older than the last record. */
void gyl__run_clock_begin(struct gyl_run *r, uint64_t last_wall_ns);
/* The host has just told the time. */
void gyl__run_clock(struct gyl_run *r);

/* run_device.c: tell what the host says of its network. */
void gyl__run_device(struct gyl_run *r);

/* run_store.c */

/* The store is durable up to here. */
uint64_t gyl__run_stored(const struct gyl_run *r);
/* Up to here the store is durable, and nothing waits for a second copy. */
uint64_t gyl__run_durable(const struct gyl_run *r);
/* Copy a send of a core that must wait; its slot is then free for the host to lend again. since_ns:
 * when came what it answers, 0: nothing. */
void gyl__run_park(struct gyl_run *r, unsigned core, struct gyl_send *s, uint64_t since_ns);
/* Hear of finished writes, then start the next one: group commit, one in flight. */
void gyl__run_pump_store(struct gyl_run *r);
/* A second copy is given up: drop what is true only with it, past `upto`. */
void gyl__run_drop_strict(struct gyl_run *r, uint64_t upto);
/* Send what the journal has become durable for, in the order it was said. */
void gyl__run_release(struct gyl_run *r);

#endif
