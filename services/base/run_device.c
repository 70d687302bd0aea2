/* SPDX-License-Identifier: ISC */
#include "services/base/run_own.h"

#include <gyl/time.h>

/*
 * What a host tells of its network once a step, from what it has seen meanwhile, becomes events.
 */

/* A station that fights for our address must not fill the log (RFC 5227 2.4: nor the network). */
static const uint64_t conflict_pause_ns = 10 * GYL_NS_PER_S;
/* In a flood losses are added up for so long. */
static const uint64_t lost_pause_ns = GYL_NS_PER_S;

static void tell_conflict(struct gyl_run *r)
{
	uint8_t mac[6];
	struct gyl_event e;
	uint32_t ip;

	if (r->host.ops->conflict == NULL || r->now.mono_ns < r->conflict_ns ||
		!r->host.ops->conflict(r->host.h, &ip, mac))
		return;
	r->conflict_ns = r->now.mono_ns + conflict_pause_ns;
	gyl_event_init(&e, GYL_EV_NET_CONFLICT);
	gyl_event_ip(&e, "ip", ip);
	gyl_event_mac(&e, "mac", mac);
	gyl_run_event(r, &e);
}

/* After a word about losses the next look comes at the end of the pause, whatever else there is. */
static void tell_lost(struct gyl_run *r)
{
	struct gyl_event e;
	uint64_t cnt;

	if (r->host.ops->lost == NULL || r->now.mono_ns < r->lost_at_ns)
		return;
	cnt = r->host.ops->lost(r->host.h) - r->lost_cnt;
	if (cnt == 0)
		return;
	r->lost_cnt += cnt;
	r->lost_at_ns = r->now.mono_ns + lost_pause_ns;
	gyl_event_init(&e, GYL_EV_NET_LOST);
	gyl_event_u64(&e, "count", cnt);
	gyl_run_event(r, &e);
}

/* Without its network a daemon is of no use; who watches over it starts it again. */
static void look_for_device(struct gyl_run *r)
{
	struct gyl_event e;

	if (r->gone != 0 || r->host.ops->gone == NULL)
		return;
	r->gone = r->host.ops->gone(r->host.h);
	if (r->gone == 0)
		return;
	gyl_event_init(&e, GYL_EV_NET_GONE);
	gyl_event_u64(&e, "error", (uint64_t)r->gone);
	gyl_run_event(r, &e);
	r->stop = true;
}

void gyl__run_device(struct gyl_run *r)
{
	tell_conflict(r);
	tell_lost(r);
	look_for_device(r);
}
