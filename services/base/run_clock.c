/* SPDX-License-Identifier: ISC */

/*
 * The wall clock as cores see it. Ends of leases run on the monotonic clock; records say them by
 * the wall clock, and two things happen to that. A board without a battery starts in the past: then
 * the last record's time is taken to be now, until the clock is set. And somebody sets it: then
 * records that are there say other times than was meant, and all are written once more.
 */

#include <gyl/time.h>

#include "services/base/run_own.h"

#define STEP_NS (10 * GYL_NS_PER_S) /* clocks that are led slowly make no such step */

void gyl__run_clock_begin(struct gyl_run *r, uint64_t last_wall_ns)
{
	if (r->now.wall_ns >= last_wall_ns)
		return;
	r->wall_floor_ns = last_wall_ns;
	r->wall_ahead_ns = last_wall_ns - r->now.wall_ns;
	r->now.wall_ns = last_wall_ns;
}

static bool stepped(const struct gyl_run *r, uint64_t lead_ns)
{
	uint64_t by_ns = lead_ns - r->wall_lead_ns;

	return r->clocked && by_ns + STEP_NS > 2 * STEP_NS;
}

void gyl__run_clock(struct gyl_run *r)
{
	uint64_t lead_ns = r->now.wall_ns - r->now.mono_ns;

	r->clock_stepped = stepped(r, lead_ns);
	r->wall_lead_ns = lead_ns;
	r->clocked = true;
	if (r->wall_ahead_ns != 0 && r->now.wall_ns >= r->wall_floor_ns)
		r->wall_ahead_ns = 0;
	r->now.wall_ns += r->wall_ahead_ns;
	if (r->clock_stepped && r->store != NULL)
		gyl_store_rewrite(r->store);
}
