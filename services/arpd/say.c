/* SPDX-License-Identifier: ISC */

/* Who sends a thousand strange frames a second must not fill the log: of each kind of event some
 * are told, the rest is counted. */

#include "services/arpd/state.h"

enum {
	SAY_BURST = 100
};

static const uint64_t interval_ns = 100 * GYL_NS_PER_MS;
static const uint64_t more_ns = 10 * GYL_NS_PER_S;

bool gyl__arpd_may_say(struct gyl_arpd *d, uint64_t now_ns, enum gyl_event_kind kind)
{
	struct gyl_arpd_quota *q = &d->quota[kind];
	uint64_t paid_ns = q->paid_ns > now_ns ? q->paid_ns : now_ns;

	if (paid_ns - now_ns <= (SAY_BURST - 1) * interval_ns) {
		q->paid_ns = paid_ns + interval_ns;
		return true;
	}
	q->held++;
	d->count[GYL_ARPD_UNSAID]++;
	if (d->more_at_ns == 0)
		d->more_at_ns = now_ns + more_ns;
	return false;
}

void gyl__arpd_event(struct gyl_event *e, enum gyl_event_kind kind, uint16_t vlan, uint32_t ip,
	const uint8_t mac[6])
{
	gyl_event_init(e, kind);
	gyl_event_ip(e, "ip", ip);
	gyl_event_mac(e, "mac", mac);
	if (vlan != 0)
		gyl_event_u64(e, "vlan", vlan);
}

void gyl__arpd_say_more(struct gyl_arpd *d, struct gyl_now now, struct gyl_out *o)
{
	static const struct gyl_cost cost = {.event_cnt = 1};
	struct gyl_event e;

	if (d->more_at_ns == 0 || now.mono_ns < d->more_at_ns)
		return;
	for (unsigned kind = 0; kind < GYL_EV_CNT; kind++) {
		if (d->quota[kind].held == 0)
			continue;
		if (!gyl_out_room(o, &cost))
			return;
		gyl_event_init(&e, GYL_EV_ARPD_MORE);
		gyl_event_str(&e, "event", gyl_view_str(gyl_event_desc(kind)->name));
		gyl_event_u64(&e, "count", d->quota[kind].held);
		gyl_out_event(o, &e, 0);
		d->quota[kind].held = 0;
	}
	d->more_at_ns = 0;
}
