/* SPDX-License-Identifier: ISC */

/* For how long a lease is. What is offered is what is acknowledged. */

#include <gyl/eth.h>

#include "services/dhcpd/state.h"

enum {
	DRAIN_S = 60 /* of a drained subnet: its clients are to look elsewhere soon */
};

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* A made-up address is not seen again, so what it has is soon given to others; a reservation says
 * that it is somebody's own. */
static bool is_made_up(const struct gyl_dhcpd_req *r)
{
	return r->key.has_mac && gyl_eth_is_local(r->key.mac) &&
	       (r->host == NULL || r->host->cf->address == 0);
}

static bool is_full(const struct gyl_dhcpd *d, const struct gyl_dhcpd_subnet *s)
{
	return s->size != 0 && (uint64_t)gyl__dhcpd_fill_used(&s->fill) * 100 >=
				       (uint64_t)s->size * d->layout->cf->full_mark;
}

/* Neither what is configured nor what the client asks for goes beyond this. */
static uint32_t most_s(const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r)
{
	const struct gyl_dhcpd_subnet *s = r->subnet;
	uint32_t most = GYL_DHCP_INFINITE;

	if (s->random_s != 0 && is_made_up(r))
		most = least(most, s->random_s);
	if (s->full_s != 0 && is_full(d, s))
		most = least(most, s->full_s);
	if (s->drain)
		most = least(most, s->full_s != 0 ? s->full_s : DRAIN_S);
	return most;
}

uint32_t gyl__dhcpd_lease_time(
	const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, uint32_t otherwise_s)
{
	uint32_t s = otherwise_s, min_s = r->subnet->min_s, max_s = r->subnet->max_s;
	struct gyl_view v;

	if (gyl__dhcpd_find(r, GYL_DHCP_OPT_LEASE_TIME, &v))
		s = gyl_get_u32(v.p);
	/* What is given unasked is never too little or too much. */
	if (min_s > otherwise_s)
		min_s = otherwise_s;
	if (max_s < otherwise_s)
		max_s = otherwise_s;
	if (s < min_s)
		s = min_s;
	return least(least(s, max_s), most_s(d, r));
}

uint32_t gyl__dhcpd_offered_time(const struct gyl_dhcpd_req *r, uint32_t offered_s)
{
	struct gyl_view v;
	uint32_t s;

	if (!gyl__dhcpd_find(r, GYL_DHCP_OPT_LEASE_TIME, &v))
		return offered_s;
	s = gyl_get_u32(v.p);
	if (s < r->subnet->min_s)
		s = r->subnet->min_s;
	return least(s, offered_s);
}
