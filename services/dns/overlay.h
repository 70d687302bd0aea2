/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_OVERLAY_H
#define GYL_SERVICES_DNS_OVERLAY_H

/*
 * Names of leases: a host's name and its address, until the lease ends. Beside the image, in memory
 * that was there before; find() asks both. Pure.
 *
 * The name is unique (who has it keeps it), and so is the address (the last word about it counts).
 * Names are one label before a domain, of which there are few: that is what makes the questions of
 * find() cheap (what is the longest suffix of this name that exists here?).
 */

#include <gyl/base.h>

#include "services/dns/key.h"

#define GYL_DNS_NO_LEASE UINT32_MAX

enum {
	GYL_DNS_DOMAIN_MAX = 16,
	GYL_DNS_LEASE_CNT_MAX = 262144
};

struct gyl_dns_lease {
	uint32_t ip;
	uint8_t mac[6];
	uint8_t name_len;
	uint8_t domain;     /* index */
	uint64_t expiry_ns; /* mono; UINT64_MAX: never */
	uint64_t expiry_wall_ns;
	uint32_t chain;                 /* @private next in the bucket, or next free */
	uint32_t heap_at;               /* @private */
	uint8_t name[GYL_DNS_NAME_MAX]; /* folded */
};

struct gyl_dns_domain {
	uint8_t name[GYL_DNS_NAME_MAX]; /* folded */
	uint8_t name_len;
	uint32_t lease_cnt;
};

struct gyl_dns_overlay {
	struct gyl_dns_lease *lease;
	uint32_t *bucket;
	uint32_t *by_ip; /* leases, lowest address first */
	uint32_t *heap;  /* leases, the next to expire first */
	uint32_t cap, cnt, bucket_mask;
	uint32_t free;   /* @private */
	uint32_t used;   /* @private of lease, ever */
	uint32_t serial; /* counts changes */
	uint64_t seed[2];
	struct gyl_dns_domain domain[GYL_DNS_DOMAIN_MAX]; /* 0: the configured one, maybe empty */
	uint32_t domain_cnt;
};

size_t gyl_dns_overlay_need(uint32_t cap);
void gyl_dns_overlay_init(
	struct gyl_dns_overlay *ov, void *mem, uint32_t cap, const uint64_t seed[2]);

/* The domain of that name, learned when it is new; -1 when there are too many. */
int gyl_dns_overlay_domain(struct gyl_dns_overlay *ov, const uint8_t *name);

enum gyl_dns_taken {
	GYL_DNS_LEASE_NEW,   /* the name is new, or has another address now */
	GYL_DNS_LEASE_SAME,  /* only its end has moved */
	GYL_DNS_LEASE_TAKEN, /* the name is another's */
	GYL_DNS_LEASE_FULL
};

/*
 * A lease is there: a label (1 to 63 octets) in a domain. What the address was called before is
 * forgotten; *ret_old is a copy of it when the name differs (name_len 0: there was none).
 */
enum gyl_dns_taken gyl_dns_overlay_set(
	struct gyl_dns_overlay *ov, const struct gyl_dns_lease *l, struct gyl_dns_lease *ret_old);

void gyl_dns_overlay_remove(struct gyl_dns_overlay *ov, struct gyl_dns_lease *l);

/* By folded name, by address; the next to expire; NULL: there is none. */
struct gyl_dns_lease *gyl_dns_overlay_name(
	const struct gyl_dns_overlay *ov, const uint8_t *name, size_t len);
struct gyl_dns_lease *gyl_dns_overlay_ip(const struct gyl_dns_overlay *ov, uint32_t ip);
struct gyl_dns_lease *gyl_dns_overlay_next(const struct gyl_dns_overlay *ov);
/* The lease of the lowest address that is not below ip, NULL: none. */
struct gyl_dns_lease *gyl_dns_overlay_from(const struct gyl_dns_overlay *ov, uint32_t ip);

/* Is there a lease from first to last? */
bool gyl_dns_overlay_any(const struct gyl_dns_overlay *ov, uint32_t first, uint32_t last);

/*
 * May leases have a say about a folded name? By the domains alone, of which lease_cnt tells whether
 * there are any leases. When they may not, gyl_dns_overlay_find() needs no more than the domains.
 */
bool gyl_dns_overlay_may(const struct gyl_dns_overlay *ov, const uint8_t *name, size_t len);

/*
 * The longest suffix of a folded name that exists here, empty non-terminals included: octets of it,
 * 0 when there is none. *ret_lease is its lease, NULL for an empty one. *ret_ptr: it is the reverse
 * name of the lease's address.
 */
size_t gyl_dns_overlay_find(const struct gyl_dns_overlay *ov, const uint8_t *name, size_t len,
	const struct gyl_dns_lease **ret_lease, bool *ret_ptr);

#endif
