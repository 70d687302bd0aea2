/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_SEE_H
#define GYL_SERVICES_DNS_SEE_H

/*
 * What people see of the server while it runs: who asks what most, how the zones do, why an answer
 * is what it is. Pure.
 */

#include "services/dns/top.h"
#include "services/dns/trace.h"
#include "services/dns/zone_stat.h"

struct gyl__dns_see {
	struct gyl_dns_tops tops;
	uint64_t since_ns; /* wall clock: since when is counted; 0: since the first query */
	struct gyl_dns_zone_stats zones;
	struct gyl_dns_trace trace; /* of the query that is being answered */
	uint64_t watch_end_ns;      /* queries are told as events until then */
	uint64_t watch_second_ns;
	uint32_t watch_cnt;  /* in this second */
	uint64_t untold_cnt; /* that should have been in the log, since it was said last */
};

struct gyl_dns;
struct gyl_now;
struct gyl_question;

void gyl__dns_see_init(struct gyl_dns *d, const uint64_t key[2]);

/* A query was answered. */
void gyl__dns_see(
	struct gyl_dns *d, struct gyl_now now, uint32_t ip, const struct gyl_dns_verdict *v);
/*
 * Is it to be told as an event? The log wants them all, somebody who watches a while those that he
 * can read; both have a bound a second. *ret_untold: how many were left out of the log before this
 * one, to be told now.
 */
bool gyl__dns_see_tells(struct gyl_dns *d, struct gyl_now now, uint64_t *ret_untold);
/* Where to note why, for a client that is told; NULL: it is not. */
struct gyl_dns_trace *gyl__dns_see_why(struct gyl_dns *d, uint32_t ip);

/* "dns.explain", "dns.top", "dns.zones", "dns.queries". False: it is another verb. */
bool gyl__dns_see_ask(struct gyl_dns *d, struct gyl_now now, struct gyl_question *q);

#endif
