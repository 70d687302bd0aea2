/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_COPY_H
#define GYL_SERVICES_DNS_COPY_H

/*
 * Copies of zones that others are primaries of: when they are asked, and what becomes of it.
 *
 * A primary is asked by TCP for what has changed (IXFR), which is one SOA when nothing has; for all
 * of the zone when there is none, or when that did not work. When: at the start, when the zone's
 * refresh has passed, when it says so itself (NOTIFY, RFC 1996), and after a failure, with another
 * primary, after its retry. A copy that could not be refreshed for its expire is not served any
 * more (RFC 1035 3.3.13).
 *
 * Copies are kept in the store, name by name, the apex last: one without a SOA is no copy. Bounds:
 * GYL_DNS_COPY_MAX; zone_space for all; transfer_ns for a transfer, and zone_space octets.
 */

#include "services/dns/conf.h"
#include "services/dns/second.h"

enum {
	GYL_DNS_COPY_MAX = 32,
	/* numbers of the flows: a place, and how often it was used */
	GYL__DNS_COPY_FLOW = 0x180000,
	GYL__DNS_COPY_FLOW_END = 0x200000
};

enum gyl__dns_copy_state {
	GYL__DNS_COPY_IDLE,
	GYL__DNS_COPY_OPENING,
	GYL__DNS_COPY_ASKED,
	GYL__DNS_COPY_CLOSING /* the number is not free yet */
};

struct gyl__dns_copy {
	bool used;
	bool wanted;     /* the configuration has it */
	bool ready;      /* what was stored is read back */
	bool all;        /* all of it is asked for next */
	bool again;      /* somebody said that it has changed while it was asked for */
	bool keeping;    /* it goes to the store */
	bool keep_begun; /* what was there before is gone */
	uint8_t state;   /* enum gyl__dns_copy_state */
	uint8_t primary; /* which one is asked */
	uint16_t generation;
	uint32_t zone; /* of the configuration's */
	uint32_t fail_cnt;
	uint64_t at_ns;     /* when it is asked next, or the transfer is given up */
	uint64_t good_ns;   /* when the primary said last what it is */
	uint64_t octet_cnt; /* of the transfer */
	struct gyl__dns_take take;
	uint8_t kept[GYL_DNS_NAME_MAX]; /* the last name that went to the store; empty: none */
	bool kept_any;
};

#endif
