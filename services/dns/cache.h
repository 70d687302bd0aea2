/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_CACHE_H
#define GYL_SERVICES_DNS_CACHE_H

/*
 * Answers of others, in one piece of memory that never grows.
 *
 * Two rings of entries. A new answer goes into the young ring, an eighth of the memory. One that is
 * asked for again before it comes to the ring's end moves into the old ring, the others go, so that
 * a flood of names that nobody asks for twice washes through the young ring alone. At the end of
 * the old ring those that were asked for since they came by last begin anew, three rounds at most
 * on credit (S3-FIFO: Yang et al., "FIFO queues are all you need for cache eviction", SOSP 2023).
 *
 * An entry is the octets of an answer behind a question of that length: compression pointers count
 * from a header and that question. Look-up is a hash under a key that clients cannot know. Pure.
 */

#include "libnet/host/io.h"
#include "services/dns/key.h"

enum gyl_dns_variant {
	GYL_DNS_VARIANT_DO = 1, /* DNSSEC records are wanted */
	GYL_DNS_VARIANT_CD = 2  /* what was not validated, too (RFC 4035 3.2.2) */
};

enum gyl_dns_entry_flag {
	GYL_DNS_ENTRY_OLD = 1,     /* in the old ring */
	GYL_DNS_ENTRY_DEAD = 2,    /* no entry any more, or the rest of the ring before its end */
	GYL_DNS_ENTRY_AD = 4,      /* the upstream has validated it */
	GYL_DNS_ENTRY_OPEN = 8,    /* a chain of CNAMEs to a name that has to be asked for */
	GYL_DNS_ENTRY_CHAIN = 16,  /* CNAMEs lead to the name that the rest is about */
	GYL_DNS_ENTRY_PRIVATE = 32 /* has addresses that only some names may have */
};

struct gyl_dns_entry {
	uint32_t len;     /* octets here, all in all: a multiple of 8 */
	uint8_t flags;    /* enum gyl_dns_entry_flag */
	uint8_t hit_cnt;  /* since it came by the end of its ring last; 3 at most */
	uint8_t variant;  /* enum gyl_dns_variant */
	uint8_t name_len; /* folded name, right behind this */
	uint32_t next;    /* @private in the bucket */
	uint32_t hash;    /* @private */
	uint64_t born_ns; /* mono */
	uint64_t hold_ns; /* no upstream is asked before, it has just failed */
	uint32_t ttl_s;   /* the shortest of it */
	uint16_t qtype;   /* 0: of all types, the name does not exist */
	uint16_t rcode;
	uint16_t ede; /* RFC 8914 code + 1; 0: none */
	uint16_t answer_cnt, authority_cnt;
	uint16_t wire_len; /* octets of both */
	uint16_t fail_cnt; /* of SERVFAIL: how often in a row */
	uint16_t tenure;   /* of the server that said so, in its place: upstream.h */
	uint8_t upstream;  /* its place */
};

struct gyl_dns_cache_ring {
	uint32_t start, end; /* offsets in the memory */
	uint32_t head, tail; /* where the next goes; the one here the longest */
	uint32_t used;       /* octets */
};

struct gyl_dns_cache_stat {
	uint64_t insert_cnt, evict_cnt; /* evicted: while they still had time */
	uint32_t entry_cnt;
	uint32_t used; /* octets */
};

struct gyl_dns_cache {
	uint8_t *mem;
	uint32_t *bucket;
	uint32_t bucket_mask, entry_cnt, absent_cnt; /* absent: of qtype 0 */
	struct gyl_dns_cache_ring young, old;
	uint64_t key[2];
	uint64_t insert_cnt, evict_cnt;
	uint64_t keep_ns; /* an entry that has ended is of use for so long */
	uint64_t now_ns;  /* @private of the last put */
};

/* Octets of memory for a cache of that size, 1 MiB to 1 GiB; aligned to 16. */
size_t gyl_dns_cache_need(uint64_t len);
/* Touches a sixty-fourth of the memory. */
void gyl_dns_cache_init(struct gyl_dns_cache *c, void *mem, uint64_t len, const uint64_t key[2]);
void gyl_dns_cache_clear(struct gyl_dns_cache *c);

/* Hash of a folded name. */
uint32_t gyl_dns_cache_hash(const struct gyl_dns_cache *c, const uint8_t *name, size_t len);

/* The entry, however old, or NULL. Valid until the next put. */
struct gyl_dns_entry *gyl_dns_cache_find(const struct gyl_dns_cache *c, const uint8_t *name,
	size_t len, uint32_t hash, uint16_t qtype, uint8_t variant);

/* It was asked for. */
static inline void gyl_dns_cache_hit(struct gyl_dns_entry *e)
{
	e->hit_cnt = (uint8_t)(e->hit_cnt + (e->hit_cnt < 3));
}

/*
 * Keep an answer: of e all but len, flags of its place, hit_cnt, next and hash is given; wire
 * has wire_len octets. What stood for the same question goes. NULL when it is larger than the young
 * ring.
 */
struct gyl_dns_entry *gyl_dns_cache_put(struct gyl_dns_cache *c, const struct gyl_dns_entry *e,
	const uint8_t *name, const uint8_t *wire);
void gyl_dns_cache_remove(struct gyl_dns_cache *c, struct gyl_dns_entry *e);

/* Walking: the buckets, and the entries of each. A walk may rest between two buckets. */
uint32_t gyl_dns_cache_bucket_cnt(const struct gyl_dns_cache *c);
struct gyl_dns_entry *gyl_dns_cache_first(const struct gyl_dns_cache *c, uint32_t bucket);
struct gyl_dns_entry *gyl_dns_cache_next(
	const struct gyl_dns_cache *c, const struct gyl_dns_entry *e);

void gyl_dns_cache_stat(const struct gyl_dns_cache *c, struct gyl_dns_cache_stat *ret_stat);

static inline const uint8_t *gyl_dns_entry_name(const struct gyl_dns_entry *e)
{
	return (const uint8_t *)(e + 1);
}

static inline const uint8_t *gyl_dns_entry_wire(const struct gyl_dns_entry *e)
{
	return gyl_dns_entry_name(e) + e->name_len;
}

/* Whole seconds since it was born. */
static inline uint32_t gyl_dns_entry_age_s(const struct gyl_dns_entry *e, uint64_t mono_ns)
{
	uint64_t s = mono_ns < e->born_ns ? 0 : (mono_ns - e->born_ns) / UINT64_C(1000000000);

	return s > UINT32_MAX ? UINT32_MAX : (uint32_t)s;
}

#endif
