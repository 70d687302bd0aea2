/* SPDX-License-Identifier: ISC */
#include "services/dhcpd/wait.h"

#include <gyl/time.h>

#include "services/dhcpd/state.h"

/* Stations answer within milliseconds; the client asks again after a second at the earliest (RFC
 * 2131 4.1). */
static const uint64_t wait_ns = 100 * GYL_NS_PER_MS;

static void put(struct gyl_dhcpd_waits *q, const struct gyl_dhcpd_req *r)
{
	struct gyl_dhcpd_wait *w = &q->wait[(q->first + q->cnt) % GYL_DHCPD_WAIT_MAX];

	q->cnt++;
	w->at_ns = r->now.mono_ns + wait_ns;
	w->in = *r->in;
	memcpy(w->octet, r->in->data.p, r->in->data.len);
	w->in.data.p = w->octet;
}

/* A slot that was made just for the question: others are to find its address. */
static void leave(struct gyl_dhcpd *d, uint32_t slot)
{
	const struct gyl_dhcpd_lease *l = &d->lease[slot];

	if (!l->listed && !l->probing)
		gyl__dhcpd_slot_set(d, slot, GYL_DHCPD_FREE, l->expiry_ns);
}

enum gyl_dhcpd_look gyl__dhcpd_look(
	struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, uint32_t slot)
{
	const struct gyl_dhcpd_lease *l = &d->lease[slot];
	struct gyl_dhcpd_waits *q = &d->waits;

	if (l->state != GYL_DHCPD_FREE || l->checked ||
		!gyl__dhcpd_probe_is_on(d, &d->layout->subnet[l->subnet]) ||
		gyl__dhcpd_probe_is_quiet(d, slot))
		return GYL_DHCPD_LOOK_CLEAR;
	if (!r->waited && q->cnt < GYL_DHCPD_WAIT_MAX && r->in->data.len <= GYL_DHCPD_WAIT_LEN &&
		gyl__dhcpd_probe_now(d, r->now, r->o, slot)) {
		put(q, r);
		return GYL_DHCPD_LOOK_WAITS;
	}
	leave(d, slot);
	return GYL_DHCPD_LOOK_LATER;
}

const struct gyl_in *gyl__dhcpd_wait_next(struct gyl_dhcpd *d, struct gyl_now now)
{
	struct gyl_dhcpd_waits *q = &d->waits;
	const struct gyl_dhcpd_wait *w = &q->wait[q->first];

	if (q->cnt == 0 || w->at_ns > now.mono_ns)
		return NULL;
	q->first = (q->first + 1) % GYL_DHCPD_WAIT_MAX;
	q->cnt--;
	return &w->in;
}

uint64_t gyl__dhcpd_wait_deadline_ns(const struct gyl_dhcpd *d)
{
	return d->waits.cnt == 0 ? UINT64_MAX : d->waits.wait[d->waits.first].at_ns;
}
