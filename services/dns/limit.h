/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_LIMIT_H
#define GYL_SERVICES_DNS_LIMIT_H

/*
 * Response rate limiting: a forged source must not get the same answer again and again.
 *
 * Counted is what an attacker can repeat: a network of 256 addresses and the thing that answered (a
 * name, a wildcard, a zone without the name, an error), so that a busy network that asks about many
 * names is never limited. Each pair may have `rate` answers a second, and as many at once. A table
 * of fixed size; in a full bucket the pair that has had the least goes. Pure.
 */

#include <gyl/base.h>

enum {
	GYL_DNS_LIMIT_CNT = 16384, /* pairs that are counted at once */
	GYL_DNS_LIMIT_WAYS = 4
};

/* When the next answer would be due if they were sent at the rate: at most a second ahead. */
struct gyl_dns_limit_pair {
	uint64_t due_ns;
	uint64_t tag; /* of the pair; 0: free */
};

struct gyl_dns_limit {
	struct gyl_dns_limit_pair *pair; /* GYL_DNS_LIMIT_CNT */
	uint64_t seed[2];
	uint32_t slipped; /* @private answers over the limit since the last that was let through */
};

/* Octets of memory for the table, and the table in it: aligned to 16, all zeros from here on. */
size_t gyl_dns_limit_need(void);
void gyl_dns_limit_init(struct gyl_dns_limit *l, void *mem, const uint64_t seed[2]);

/*
 * One answer more of a kind, about a subject (any number that stands for it), for the network of
 * ip. True: it is one too many. rate: answers a second, not 0. Cost: one SipHash, one miss.
 */
bool gyl_dns_limit_over(struct gyl_dns_limit *l, uint64_t now_ns, uint32_t rate, uint32_t ip,
	uint32_t kind, uint32_t subject);

/* Of answers over the limit one in `slip` is to tell the client to come by TCP; 0: none. */
bool gyl_dns_limit_slip(struct gyl_dns_limit *l, uint32_t slip);

#endif
