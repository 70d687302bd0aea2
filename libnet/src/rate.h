/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_SRC_RATE_H
#define GYL_LIBNET_SRC_RATE_H

/* A rate limit in one number: the time by which all that was allowed would be paid off (GCRA). */

#include <gyl/time.h>

struct gyl_rate {
	uint64_t interval_ns; /* one is allowed every so often */
	uint64_t burst_ns;    /* and so far ahead of that */
	uint64_t paid_ns;
};

/* rate: events a second, not 0; burst: events at once, not 0. */
static inline struct gyl_rate gyl__rate(uint32_t rate, uint32_t burst)
{
	struct gyl_rate r;

	r.interval_ns = GYL_NS_PER_S / rate;
	r.burst_ns = r.interval_ns * (burst - 1);
	r.paid_ns = 0;
	return r;
}

/* Is one more allowed now? Then it is counted. */
static inline bool gyl__rate_take(struct gyl_rate *r, uint64_t now_ns)
{
	uint64_t paid_ns = r->paid_ns > now_ns ? r->paid_ns : now_ns;

	if (paid_ns - now_ns > r->burst_ns)
		return false;
	r->paid_ns = paid_ns + r->interval_ns;
	return true;
}

#endif
