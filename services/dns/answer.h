/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_ANSWER_H
#define GYL_SERVICES_DNS_ANSWER_H

/*
 * From a query to its answer, octets to octets: no state, no clock of its own. Pure.
 *
 * Authoritative answers as RFC 1034 4.3.2 wants them, CNAME and DNAME followed through all zones
 * served here, minimal otherwise: no NS with data, additional addresses only for names that the
 * answer itself has brought.
 */

#include "libnet/host/io.h"
#include "services/dns/find.h"

enum {
	GYL_DNS_CHAIN_MAX =
		20, /* CNAMEs and DNAMEs in one answer; a longer chain is given in part */
	GYL_DNS_LABEL_TEXT_MAX = 100 /* octets of nsid and version */
};

struct gyl_dns_policy {
	uint32_t lease_ttl_s;
	uint16_t udp_size;       /* no UDP answer is longer, whatever the client says */
	struct gyl_view nsid;    /* RFC 5001; empty: not told */
	struct gyl_view version; /* CH TXT version.bind; empty: refused */
};

/* How a query came: what its answer depends on beside the query. */
struct gyl_dns_from {
	uint32_t ip; /* of who asks */
	bool tcp;
};

/* What became of a query, for counters and logs. */
struct gyl_dns_verdict {
	uint16_t rcode; /* extended */
	bool truncated;
	bool readable;        /* the question could be read, query is set */
	struct gyl_fault why; /* why it could not */
	uint16_t qtype;
	struct gyl_view qname;
	const char *rule; /* which rule answered, static storage */
};

/*
 * Answer a message. Returns the octets written to out, 0 when there is no answer (no query at all).
 * cap: 512 at least; for TCP it is the only bound.
 */
size_t gyl_dns_answer(const struct gyl_dns_data *d, const struct gyl_dns_policy *policy,
	struct gyl_now now, const struct gyl_dns_from *from, struct gyl_view msg, uint8_t *out,
	size_t cap, struct gyl_dns_verdict *ret_verdict);

#endif
