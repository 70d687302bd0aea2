/* SPDX-License-Identifier: ISC */
#include "libnet/src/tcp_rtt.h"

#include <gyl/time.h>

enum {
	US_NS = 1000,
	SAMPLE_MAX_US = 60 * 1000 * 1000, /* more makes no difference: the timer ends there */
	BACKOFF_MAX = 16,                 /* from 1 ms past a minute */
	MINUTE_S = 60
};

#define RTO_MAX_NS (60 * GYL_NS_PER_S)

void gyl__rtt_init(struct gyl__rtt *r)
{
	memset(r, 0, sizeof *r);
}

/* RFC 6298 2.3, rounded to the nearest. RTTVAR first: it uses the SRTT of before. */
static void smooth(struct gyl__rtt *r, uint32_t us)
{
	uint32_t delta = us > r->srtt_us ? us - r->srtt_us : r->srtt_us - us;

	r->rttvar_us = (3 * r->rttvar_us + delta + 2) / 4;
	r->srtt_us = (7 * r->srtt_us + us + 4) / 8;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static void note_min(struct gyl__rtt *r, uint64_t now_ns, uint32_t us)
{
	uint32_t now_s = (uint32_t)(now_ns / GYL_NS_PER_S), age_s = now_s - r->min_at_s;

	if (r->min_us == 0 || age_s >= 2 * MINUTE_S) {
		r->min_us = r->next_min_us = us;
		r->min_at_s = now_s;
	} else if (age_s >= MINUTE_S) {
		r->min_us = smaller(r->next_min_us, us);
		r->next_min_us = us;
		r->min_at_s += MINUTE_S;
	} else {
		r->min_us = smaller(r->min_us, us);
		r->next_min_us = smaller(r->next_min_us, us);
	}
}

void gyl__rtt_sample(struct gyl__rtt *r, uint64_t now_ns, uint64_t rtt_ns)
{
	uint64_t whole_us = rtt_ns / US_NS;
	uint32_t us = whole_us > SAMPLE_MAX_US ? SAMPLE_MAX_US : (uint32_t)whole_us;

	if (us == 0)
		us = 1; /* 0 says that nothing was measured */
	if (r->srtt_us == 0) {
		r->srtt_us = us; /* 2.2 */
		r->rttvar_us = us / 2;
	} else {
		smooth(r, us);
	}
	note_min(r, now_ns, us);
	r->backoff = 0;
}

uint64_t gyl__rtt_rto_ns(const struct gyl__rtt *r, uint64_t min_ns)
{
	uint64_t var_ns = (uint64_t)US_NS * 4 * r->rttvar_us;
	uint64_t rto_ns = GYL_NS_PER_S;

	if (var_ns < GYL_NS_PER_MS)
		var_ns = GYL_NS_PER_MS;
	if (r->srtt_us != 0)
		rto_ns = (uint64_t)US_NS * r->srtt_us + (var_ns < min_ns ? min_ns : var_ns);
	else if (rto_ns < min_ns)
		rto_ns = min_ns;
	for (uint8_t i = 0; i < r->backoff && rto_ns < RTO_MAX_NS; i++)
		rto_ns *= 2;
	return rto_ns < RTO_MAX_NS ? rto_ns : RTO_MAX_NS;
}

void gyl__rtt_backoff(struct gyl__rtt *r)
{
	if (r->backoff < BACKOFF_MAX)
		r->backoff++;
}
