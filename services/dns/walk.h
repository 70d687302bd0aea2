/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_WALK_H
#define GYL_SERVICES_DNS_WALK_H

/*
 * All records of a zone, one after the other: for transfers (RFC 5936).
 *
 * The zone may be one of the image or one that changes; names of leases that lie in it come along,
 * as its answers have them, and zones that are here because of leases only can be walked, too. The
 * SOA comes first. What is told is the zone at one serial: a walk MAY take its time while the zone
 * goes on, as long as the ring of changes reaches back. Pure.
 */

#include "services/dns/answer.h"
#include "services/dns/change.h"
#include "services/dns/live.h"
#include "services/dns/pack.h"

struct gyl_dns_walked {
	const uint8_t *name; /* folded */
	uint16_t type;
	uint32_t ttl;
	struct gyl_view rdata; /* uncompressed */
};

struct gyl_dns_walk {
	const struct gyl_dns_data *d;
	const struct gyl_dns_policy *policy; /* lease_ttl_s */
	uint32_t serial;                     /* what is told */
	/* @private */
	uint8_t apex[GYL_DNS_NAME_MAX];
	uint8_t apex_len;
	const struct gyl_dns_image *image; /* NULL: leases only */
	const struct gyl_dns_live *live;   /* the zone is one that changes */
	uint32_t zone, file_sum;
	const struct gyl_dns_book *book; /* NULL: nothing of the zone changes */
	uint32_t book_cnt;               /* that there were */
	uint8_t stage;
	bool in_name;   /* a name is being told */
	bool can_back;  /* the last record was one of a node, which was_at is of */
	uint64_t since; /* place in the ring when it began */
	uint64_t name_writes, name_print; /* the zone's when the name began; of its records */
	uint64_t name_since;              /* place in the ring then */
	uint64_t removed;                 /* place in the ring, of what the name had */
	uint32_t node_off, set, hashed;
	uint32_t here; /* of the name: its place in the order, or its node in the image; 0: look */
	uint32_t cut, server; /* zone below; of its cut's servers */
	size_t at, was_at;
	uint64_t ip;  /* the lease to tell next is not below */
	bool reverse; /* names of addresses are told */
	uint32_t soa_ttl;
	size_t soa_len;
	uint8_t name[GYL_DNS_NAME_MAX], buf[GYL_DNS_UNPACK_LEN], soa[GYL_DNS_UNPACK_LEN];
};

/* The zone of a folded name. False: there is none of that name. */
bool gyl_dns_walk_begin(const struct gyl_dns_data *d, const struct gyl_dns_policy *policy,
	const uint8_t *apex, size_t len, struct gyl_dns_walk *ret_walk);

/* Can it be told? Not so when the zone is at a serial that others are not told yet, and what was
 * before is not remembered. */
bool gyl_dns_walk_stands(const struct gyl_dns_walk *w);

/* The next record; views are valid until the next call, or until the zone changes. */
enum gyl_dns_next gyl_dns_walk_next(struct gyl_dns_walk *w, struct gyl_dns_walked *ret_rr);

/* The record that was told last is told again. False: it cannot be; not so with long ones, that
 * were in the zone from the beginning. */
bool gyl_dns_walk_back(struct gyl_dns_walk *w);

/* walk_move.c: a walk of an image goes on in another one, which takes its place. False: its zone is
 * not there, or is another. O(zone). */
bool gyl_dns_walk_move(struct gyl_dns_walk *w, const struct gyl_dns_image *to);

/* answer_local.c: the SOA of a zone that is here because of leases only. Its length. */
size_t gyl__dns_local_soa(
	const struct gyl_dns_data *d, const uint8_t *apex, uint8_t *rdata, uint32_t *ret_ttl);

/* The SOA as it was told first, to end a transfer with. */
void gyl_dns_walk_soa(const struct gyl_dns_walk *w, struct gyl_dns_walked *ret_rr);

#endif
