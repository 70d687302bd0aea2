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
#include "services/dns/cookie.h"
#include "services/dns/find.h"

enum {
	GYL_DNS_CHAIN_MAX =
		20, /* CNAMEs and DNAMEs in one answer; a longer chain is given in part */
	GYL_DNS_LABEL_TEXT_MAX = 100, /* octets of nsid and version */
	GYL_DNS_TCP_CNT_MIN = 8,
	GYL_DNS_TCP_CNT_MAX = 512 /* connections, whatever is configured */
};

/* Why there is no better answer (RFC 8914). */
enum gyl_dns_ede {
	GYL_DNS_EDE_OTHER = 0,
	GYL_DNS_EDE_STALE = 3,
	GYL_DNS_EDE_NOT_READY = 14,
	GYL_DNS_EDE_BLOCKED = 15, /* by us; 17 is when the client wishes it */
	GYL_DNS_EDE_PROHIBITED = 18,
	GYL_DNS_EDE_STALE_NXDOMAIN = 19,
	GYL_DNS_EDE_NOT_AUTHORITATIVE = 20,
	GYL_DNS_EDE_NOT_SUPPORTED = 21,
	GYL_DNS_EDE_NO_REACHABLE = 22,
	GYL_DNS_EDE_NETWORK = 23,
	GYL_DNS_EDE_INVALID_DATA = 24
};

struct gyl_dns_policy {
	uint32_t lease_ttl_s;
	uint16_t udp_size;       /* no UDP answer is longer, whatever the client says */
	struct gyl_view nsid;    /* RFC 5001; empty: not told */
	struct gyl_view version; /* CH TXT version.bind; empty: refused */
	struct gyl_dns_cookies cookies;
	bool prefetch; /* verdicts say what of the cache is worth asking for anew */
	bool trust_ad; /* AD of upstreams is passed on */
};

/* A query for names of others may be answered in several turns. */
enum gyl_dns_turn {
	GYL_DNS_TURN_FIRST,    /* it has just come */
	GYL_DNS_TURN_LATE,     /* the upstream takes long: what is stale will do (RFC 8767 5) */
	GYL_DNS_TURN_ANSWERED, /* what the upstream said is in the cache */
	GYL_DNS_TURN_LOST      /* nobody will answer */
};

/* Who carries out an UPDATE (RFC 2136): returns its rcode. key: folded name of the key that it is
 * signed with, NULL: it is not. */
struct gyl_dns_updater {
	uint16_t (*run)(struct gyl_dns_updater *u, struct gyl_view msg, const uint8_t *key,
		uint16_t *ret_ede, const char **ret_rule);
	void *arg;
};

struct gyl_dns_trace;

/* How a query came: what its answer depends on beside the query. */
struct gyl_dns_from {
	uint32_t ip; /* of who asks */
	bool tcp;
	bool encrypted;   /* nobody reads along: padding is worth its octets (RFC 7830 6) */
	bool limited;     /* one answer too many: it only tells how to get it */
	uint16_t idle_ds; /* what a TCP client may be told of our patience, in 100 ms */
	bool recursion;   /* may have names of others */
	struct gyl_dns_updater *updater; /* NULL: nothing can be changed */
	bool notified;                   /* a NOTIFY that counts (RFC 1996) */
	uint8_t turn;                    /* enum gyl_dns_turn */
	uint16_t ede;                    /* of TURN_LOST: RFC 8914 code + 1 */
	struct gyl_view asked;           /* of TURN_ANSWERED: the name, folded */
	uint64_t begun_ns;               /* mono, when others were asked; 0: nobody was */
	struct gyl_dns_trace *trace;     /* why the answer is what it is; NULL: nobody asks */
	struct gyl_dns_key *key; /* of the name asked, when somebody has made it; is changed */
};

/* Where the answer about a name of others is from. */
enum gyl_dns_source {
	GYL_DNS_FROM_US,
	GYL_DNS_FROM_CACHE,
	GYL_DNS_FROM_STALE,
	GYL_DNS_FROM_UPSTREAM,
	GYL_DNS_FROM_NOBODY
};

/* What became of a query, for counters and logs. */
struct gyl_dns_verdict {
	uint16_t rcode; /* extended */
	bool truncated;
	bool readable;        /* the question could be read, query is set */
	struct gyl_fault why; /* why it could not */
	enum gyl_dns_cookie cookie;
	uint32_t subject; /* what of ours answered, as a number: the limit counts by it */
	uint16_t qtype;
	struct gyl_view qname;
	const char *rule;    /* which rule answered, static storage */
	uint64_t took_ns;    /* since others were asked; 0: nobody was */
	bool blocked;        /* by a list */
	bool special;        /* the name is special, or has one label */
	uint8_t kind;        /* enum gyl_dns_kind of the name asked for */
	uint8_t zone_len;    /* of the name of its zone, which lies in the image */
	const uint8_t *zone; /* NULL: it has none */
	uint16_t answer_cnt; /* records of the answer section */
	uint8_t source;      /* enum gyl_dns_source */
	bool elsewhere;      /* no answer: only the loop that knows all can tell */
	bool forward;        /* no answer yet: target has to be asked for */
	bool refresh;        /* answered, and yet target is worth asking for */
	/* of both: */
	uint8_t variant, target_len; /* enum gyl_dns_variant; octets of target */
	uint16_t group; /* of servers: group.h; the image's, so it may be one that the configuration
			   has no more */
	uint8_t target[GYL_DNS_NAME_MAX]; /* folded; where a chain of ours has led to */
};

/*
 * Answer a message. Returns the octets written to out, 0 when there is no answer: no query at all,
 * verdict.forward, verdict.blocked by a list that wants silence, or verdict.elsewhere, which is
 * with gyl_dns_data.part only. cap: 512 at least; for TCP it is the only bound.
 */
size_t gyl_dns_answer(const struct gyl_dns_data *d, const struct gyl_dns_policy *policy,
	struct gyl_now now, const struct gyl_dns_from *from, struct gyl_view msg, uint8_t *out,
	size_t cap, struct gyl_dns_verdict *ret_verdict);

#endif
