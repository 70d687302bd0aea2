/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_LEASED_H
#define GYL_SERVICES_DNS_LEASED_H

/*
 * Names of leases in the log of changes (change.h).
 *
 * The name of a lease, and its reverse name, is a record of the zone that find() answers it from,
 * as long as no configured name is in its way. So it comes and goes with the lease, and also when
 * the zone changes: a record at the name itself hides it, a cut or a DNAME at or above it, too.
 * Whoever changes a name looks before and after. A wildcard hides nothing: a lease's name exists.
 *
 * A zone that is here because of leases only, and comes to be by a cut, is not told of those that
 * it gets then. Bound: GYL_DNS_LEASED_MAX names hidden or uncovered by one change; with more the
 * step is lost. Pure.
 */

#include "services/dns/change.h"
#include "services/dns/overlay.h"

struct gyl_dns_data;

enum {
	GYL_DNS_LEASED_MAX = 256
};

/* The names that a change may hide or uncover, and where they were before. */
struct gyl_dns_leased {
	uint32_t cnt;
	bool many; /* more than these */
	struct {
		uint32_t ip;
		bool ptr;
		uint8_t apex_len; /* 0: in no zone that has a book */
	} name[GYL_DNS_LEASED_MAX];
};

/* A lease's name (ptr: its reverse name) came into its zone, or will go from it: it is there at
 * this moment. The book that was told, NULL: none. */
struct gyl_dns_book *gyl_dns_leased_note(
	struct gyl_dns_ledger *l, const struct gyl_dns_lease *lease, bool ptr, bool added);

/* A folded name will change; below: those below it may have another ruler then. O(1), of below
 * O(leases). */
void gyl_dns_leased_before(
	struct gyl_dns_leased *s, const struct gyl_dns_ledger *l, const uint8_t *name, bool below);
/* The same for one of many changes that are noted without a look at what was noted before: when it
 * may hide or uncover any, the step is lost. O(1). */
void gyl_dns_leased_lump(
	struct gyl_dns_leased *s, const struct gyl_dns_ledger *l, const uint8_t *name, bool below);
/* It has changed. b: the book of its zone. */
void gyl_dns_leased_after(
	const struct gyl_dns_leased *s, struct gyl_dns_ledger *l, struct gyl_dns_book *b);

#endif
