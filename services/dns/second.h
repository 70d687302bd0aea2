/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_SECOND_H
#define GYL_SERVICES_DNS_SECOND_H

/*
 * Zones that are copies of a primary's: what comes from there, message by message.
 *
 * A whole zone (AXFR, RFC 5936, or an IXFR that is one) is gathered in a zone of its own that
 * nobody sees, and takes the place of the old one when its closing SOA has come. What has changed
 * (IXFR, RFC 1995) is taken when it comes in one message and fits an edit (edit.h); else all is
 * asked for. What a primary says is not trusted: records of another zone, of another class, without
 * a closing SOA, unsigned ones where a key is configured, and more than there is room for
 * (zone_space) end the transfer, and the zone stays as it was. Signed zones cannot be copied:
 * live.h. Pure.
 */

#include "services/dns/edit.h"
#include "services/dns/pack.h"
#include "services/dns/tsig.h"

enum gyl__dns_got {
	GYL__DNS_GOT_MORE,    /* the transfer goes on */
	GYL__DNS_GOT_SAME,    /* the copy is up to date */
	GYL__DNS_GOT_ZONE,    /* all of it is in `in` */
	GYL__DNS_GOT_EDIT,    /* the changes are made; edit is to be stored and ended, or undone */
	GYL__DNS_GOT_TRY_ALL, /* what has changed cannot be had: ask for all of it */
	GYL__DNS_GOT_BAD      /* why tells */
};

/* A transfer that comes in. */
struct gyl__dns_take {
	struct gyl_dns_lives *all;
	struct gyl_dns_ledger *ledger;
	struct gyl_dns_edit *edit;
	struct gyl_dns_live *z;  /* what there is, NULL: nothing */
	struct gyl_dns_live *in; /* what is gathered, NULL: nothing yet */
	const char *why;         /* static */
	bool ixfr;               /* what was asked for */
	uint16_t id;
	struct gyl_dns_sign sign; /* sign.key NULL: unsigned */
	uint32_t rr_cnt;
	uint32_t serial; /* of the first SOA */
	uint16_t soa_len;
	uint8_t apex_len;
	uint8_t apex[GYL_DNS_NAME_MAX];
	uint32_t soa_ttl;
	uint8_t soa[GYL_DNS_UNPACK_LEN];
};

enum gyl__dns_got gyl__dns_take_message(
	struct gyl__dns_take *t, uint64_t wall_ns, struct gyl_view msg);

/* What is gathered is no longer wanted. */
void gyl__dns_take_drop(struct gyl__dns_take *t);

#endif
