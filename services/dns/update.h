/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_UPDATE_H
#define GYL_SERVICES_DNS_UPDATE_H

/*
 * UPDATE (RFC 2136): prerequisites, permissions, and the changes of one message, all or none.
 *
 * Settled where the RFC leaves a choice:
 * - Who has no key that may change anything in the zone learns nothing about it: REFUSED before
 *   prerequisites. What the key may not change is refused after them (3.3).
 * - Prerequisites look at the names of the zone itself, never through a wildcard; a name that a
 *   lease makes is in use, too.
 * - Records that would be served wrong in an unsigned zone (RRSIG, NSEC, NSEC3, NSEC3PARAM), and
 *   those longer than GYL_DNS_LIVE_RDATA_MAX, are refused; so is a message that changes more than
 *   GYL_DNS_EDIT_NAME_MAX names.
 * - Records of one type have the TTL that was added last (RFC 2181 5.2).
 *
 * Pure.
 */

#include "services/dns/edit.h"
#include "services/dns/find.h"
#include "services/dns/grant.h"

/* What an update needs to know beside its message. */
struct gyl_dns_update {
	const struct gyl_dns_data *data;
	struct gyl_dns_lives *all;
	struct gyl_dns_ledger *ledger;
	const struct gyl_flat *flat; /* of the configuration; with conf */
	const struct gyl_dns_conf *conf;
	const uint8_t *key; /* folded, of a message with a good TSIG; NULL: it has none */
	/* set: */
	struct gyl_dns_live *z;   /* the zone, when it is one that may change */
	uint16_t ede;             /* RFC 8914 code + 1, 0: none */
	const char *why;          /* static */
	struct gyl_dns_edit edit; /* when NOERROR, and something has changed: not ended */
	uint32_t serial;          /* of the zone then */
};

/*
 * msg: a readable UPDATE. Returns the rcode. With NOERROR and gyl_dns_edit_any() the changes are
 * made and the serial has moved: the caller stores the names of the edit and ends it, or undoes it.
 */
uint16_t gyl_dns_update(struct gyl_dns_update *u, struct gyl_view msg);

#endif
