/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_TOP_H
#define GYL_SERVICES_DNS_TOP_H

/*
 * What is asked most, in memory that never grows: the space-saving sketch (Metwally, Agrawal and El
 * Abbadi, "Efficient computation of frequent and top-k elements in data streams", ICDT 2005).
 *
 * There are GYL_DNS_TOP_CNT places. What has none takes that of the least counted one and its
 * count, which is how much too much it may be. Whatever makes up more than one in GYL_DNS_TOP_CNT
 * of all has a place for certain. Places are found by a hash under a key that clients cannot know.
 *
 * Up to GYL_DNS_TOP_RATE queries a second are all counted. When it is more, one in 2, 4, 8 ... is,
 * for so many, with random gaps, so that between half of that and all of it are counted at any
 * rate: a busy server pays nothing for it. What makes up a share p of the queries is told, after t
 * seconds, within 2 / sqrt(RATE / 2 p t) of its count, 95 of 100 times: one in a hundred within 12
 * % after a minute and 1.5 % after an hour. Pure.
 */

#include <gyl/dns_name.h>

enum {
	GYL_DNS_TOP_CNT = 128,
	GYL_DNS_TOP_BUCKETS = 256,
	GYL_DNS_TOP_RATE = 1000,
	GYL_DNS_TOP_SAMPLE = 1024 /* no fewer than one in so many */
};

enum gyl_dns_top_list {
	GYL_DNS_TOP_NAMES,
	GYL_DNS_TOP_CLIENTS, /* keys are four octets */
	GYL_DNS_TOP_MISSING, /* NXDOMAIN */
	GYL_DNS_TOP_BLOCKED,
	GYL_DNS_TOP_LISTS
};

struct gyl_dns_top_entry {
	uint64_t cnt;
	uint64_t over;    /* of cnt at most so many were others' */
	uint16_t chain;   /* @private in the bucket, + 1 */
	uint16_t heap_at; /* @private */
	uint16_t bucket;  /* @private */
	uint8_t len;
	uint8_t key[GYL_DNS_NAME_MAX];
};

struct gyl_dns_top {
	struct gyl_dns_top_entry entry[GYL_DNS_TOP_CNT];
	uint16_t heap[GYL_DNS_TOP_CNT]; /* @private entries, the least counted first */
	uint16_t bucket[GYL_DNS_TOP_BUCKETS];
	uint32_t cnt;   /* places taken */
	uint64_t total; /* of everything */
};

/* Zeros to begin with, but for the key. */
struct gyl_dns_tops {
	struct gyl_dns_top list[GYL_DNS_TOP_LISTS];
	uint64_t key[2];
	uint64_t random;                   /* @private */
	uint64_t second_ns;                /* @private when this second began */
	uint32_t second_cnt, weight, skip; /* @private counted in it; for how many; not, next */
};

/* One more, or several, of a key of len octets. O(log GYL_DNS_TOP_CNT). */
void gyl_dns_top_add(struct gyl_dns_top *t, const uint64_t hash_key[2], const uint8_t *key,
	size_t len, uint32_t weight);

/* The places, most counted first. Returns how many there are. */
unsigned gyl_dns_top_sorted(
	const struct gyl_dns_top *t, const struct gyl_dns_top_entry *ret[GYL_DNS_TOP_CNT]);

/* What another sketch with the same key has counted, of a time since the last call: it is to be
 * cleared then. Of what was asked there alone as much as one in GYL_DNS_TOP_CNT may be missed. */
void gyl_dns_tops_merge(struct gyl_dns_tops *t, const struct gyl_dns_tops *other);

void gyl_dns_tops_init(struct gyl_dns_tops *t, const uint64_t key[2]);
/* Forget everything. */
void gyl_dns_tops_clear(struct gyl_dns_tops *t);

/* Is this query one that is counted? Returns for how many it counts, 0: it is not. */
uint32_t gyl_dns_tops_weight(struct gyl_dns_tops *t, uint64_t now_ns);

/* An answer: who asked, the name in any case. */
void gyl_dns_tops_note(struct gyl_dns_tops *t, uint32_t weight, uint32_t ip, struct gyl_view name,
	bool missing, bool blocked);

#endif
