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

void gyl_run_clock_like(struct gyl_run *r, const struct gyl_run *first)
{
	r->wall_floor_ns = first->wall_floor_ns;
	r->wall_ahead_ns = first->wall_ahead_ns;
}

/* By how much the time that is told differs from what was told before, had it only gone on. */
static uint64_t stepped_by(const struct gyl_run *r)
{
	uint64_t lead_ns = r->now.wall_ns + r->wall_ahead_ns - r->now.mono_ns;

	return r->clocked ? lead_ns - r->wall_lead_ns : 0;
}

static bool is_step(uint64_t by_ns)
{
	return by_ns + STEP_NS > 2 * STEP_NS;
}

void gyl__run_clock(struct gyl_run *r)
{
	/* It was set, or it has caught up; set to less than that, it is led as before. */
	if (r->now.wall_ns >= r->wall_floor_ns)
		r->wall_ahead_ns = 0;
	else if (r->wall_ahead_ns != 0 && is_step(stepped_by(r)))
		r->wall_ahead_ns -= stepped_by(r);
	r->clock_stepped = is_step(stepped_by(r));
	r->now.wall_ns += r->wall_ahead_ns;
	/* Small steps add up. */
	if (r->clock_stepped || !r->clocked)
		r->wall_lead_ns = r->now.wall_ns - r->now.mono_ns;
	r->clocked = true;
	if (r->clock_stepped && r->store != NULL)
		gyl_store_rewrite(r->store, r->now.wall_ns);
}
