/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_FIND_H
#define GYL_SERVICES_DNS_FIND_H

/*
 * The one decision: what there is about a name. Every answer uses this result and nothing else.
 *
 * It is RFC 1034 4.3.2 with RFC 4592 and RFC 6672, turned upside down: the whole name is looked up
 * first, and only when it is not there its suffixes, longest first, for the closest encloser. A
 * node knows the cut or DNAME that rules it and its wildcard, so nobody walks down. Names of leases
 * are asked for in between: they exist like those of the zone, but never instead of one. Pure.
 */

#include "services/dns/image.h"
#include "services/dns/overlay.h"

struct gyl_dns_cache;
struct gyl_dns_upstreams;

enum {
	GYL_DNS_NET_MAX = 8
};

/* A network of ours: addresses in it have names, and answers about them are ours to give. */
struct gyl_dns_net {
	uint32_t ip;
	uint32_t prefix_len;
};

struct gyl_dns_tsig_keys;
struct gyl_dns_lives;
struct gyl_dns_ledger;

struct gyl_dns_data {
	const struct gyl_dns_image *image; /* NULL: no zones */
	const struct gyl_dns_image *names; /* what is known of names that no zone has, when the
					      image does not have that itself; NULL: it does */
	/*
	 * A worker's: only what stands still is here. Of names of leases it is known in which
	 * domains there are any, of zones that change where they are, of the cache whether there is
	 * one; what depends on more than that is GYL_DNS_ELSEWHERE (worker.h).
	 */
	bool part;
	const struct gyl_dns_lives *lives; /* zones that change; NULL: none */
	struct gyl_dns_ledger *ledger;     /* what has changed, and serials; NULL: nothing */
	struct gyl_dns_overlay *overlay;
	const struct gyl_dns_tsig_keys *keys; /* NULL: we share none with anybody */
	struct gyl_dns_net net[GYL_DNS_NET_MAX];
	unsigned net_cnt;
	struct gyl_dns_cache *cache; /* answers of others; NULL: nobody else is asked */
	const struct gyl_dns_upstreams *upstreams; /* who gave them; NULL: whoever it was */
};

enum gyl_dns_kind {
	GYL_DNS_OUTSIDE, /* of every zone; encloser_len is the name's: it leads to names of hosts */
	GYL_DNS_DATA,    /* the name has records: node */
	GYL_DNS_EMPTY,   /* it exists because of names below it */
	GYL_DNS_WILDCARD, /* its records come from the wildcard `node` (RFC 4592 3.3) */
	GYL_DNS_MISSING,  /* it does not exist */
	GYL_DNS_CUT,      /* it belongs to a delegated zone: node is the cut */
	GYL_DNS_REDIRECT, /* it lies below the DNAME of node */
	GYL_DNS_LEASE,    /* a lease made it: lease */
	GYL_DNS_LOCAL,    /* top of a zone that is here because of leases only */
	GYL_DNS_HOLE,     /* it lies in the hole of node: route.h */
	GYL_DNS_ELSEWHERE /* nobody here can tell: gyl_dns_data.part */
};

struct gyl_dns_found {
	enum gyl_dns_kind kind;
	const struct gyl_dns_image *image; /* that nodes and zone are of; NULL: local */
	const struct gyl_dns_node *node;
	const struct gyl_dns_node
		*encloser; /* the closest name of the zone that exists; NULL: local */
	const struct gyl_dns_lease *lease;
	bool ptr;                        /* the reverse name of the lease */
	const struct gyl_dns_zone *zone; /* NULL: local, made from leases or a hosts file */
	size_t apex_len;                 /* octets of the zone's name: a suffix of the name */
	size_t encloser_len;             /* of the closest encloser, names of leases counted */
};

void gyl_dns_find(
	const struct gyl_dns_data *d, const struct gyl_dns_key *k, struct gyl_dns_found *ret_found);

/* DS is asked for above the cut (RFC 4035 3.1.4.1): turns what was found for the name accordingly.
 */
void gyl_dns_find_ds(
	const struct gyl_dns_data *d, const struct gyl_dns_key *k, struct gyl_dns_found *f);

#endif
