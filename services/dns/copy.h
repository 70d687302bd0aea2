/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_COPY_H
#define GYL_SERVICES_DNS_COPY_H

/*
 * Copies of zones that others are primaries of: when they are asked, and what becomes of it.
 *
 * A primary is asked by TCP for what has changed (IXFR), which is one SOA when nothing has; for all
 * of the zone when there is none, or when that did not work. When: at the start, when the zone's
 * refresh has passed, when it says so itself (NOTIFY, RFC 1996), and after a failure, first all
 * other primaries and then, after the zone's retry, again (RFC 1034 4.3.5). A copy that could not
 * be refreshed for its expire is not served any more (SERVFAIL); a restart does not begin that
 * time anew.
 *
 * What the SOA says is kept within bounds: refresh GYL__DNS_REFRESH_*, retry GYL__DNS_RETRY_*;
 * expire is no less than both together. NOTIFY makes us ask once in GYL__DNS_NOTIFIED_NS; while a
 * transfer is under way it means one more after it.
 *
 * Copies are kept in the store, name by name, the apex last: one without a SOA is no copy. Those
 * for which the store is too small (GYL__DNS_KEPT_*, of all together) are asked for at the next
 * start. Bounds: GYL_DNS_COPY_MAX; zone_space for all; GYL__DNS_SILENCE_NS between two messages,
 * GYL__DNS_TAKE_NS for a transfer, and zone_space octets.
 */

#include <gyl/time.h>

#include "services/base/store.h"
#include "services/dns/conf.h"
#include "services/dns/second.h"

enum {
	GYL_DNS_COPY_MAX = 32,
	/* numbers of the flows: a place, and how often it was used */
	GYL__DNS_COPY_FLOW = 0x180000,
	GYL__DNS_COPY_FLOW_END = 0x200000,
	/* the store is there for leases first */
	GYL__DNS_KEPT_CNT = GYL_STORE_DAEMON_KEYS / 4,
	GYL__DNS_KEPT_LEN = GYL_STORE_DAEMON_OCTETS / 2
};

#define GYL__DNS_REFRESH_MIN_NS (5 * GYL_NS_PER_S)
#define GYL__DNS_REFRESH_MAX_NS (1 * GYL_NS_PER_DAY)
#define GYL__DNS_RETRY_MIN_NS   (5 * GYL_NS_PER_S)
#define GYL__DNS_RETRY_MAX_NS   (2 * GYL_NS_PER_HOUR)
#define GYL__DNS_NOTIFIED_NS    (1 * GYL_NS_PER_S)
#define GYL__DNS_SILENCE_NS     (20 * GYL_NS_PER_S)
#define GYL__DNS_TAKE_NS        (15 * GYL_NS_PER_MIN)

enum gyl__dns_copy_state {
	GYL__DNS_COPY_IDLE,
	GYL__DNS_COPY_OPENING,
	GYL__DNS_COPY_ASKED,
	GYL__DNS_COPY_CLOSING /* the number is not free yet */
};

/* What goes on in slices, without the primary. */
enum gyl__dns_copy_work {
	GYL__DNS_WORK_NONE,
	GYL__DNS_WORK_CLONE, /* the zone is copied, for changes */
	GYL__DNS_WORK_SEAL   /* what came is made ready to be served */
};

struct gyl__dns_copy {
	bool used;
	bool wanted;     /* the configuration has it */
	bool ready;      /* what was stored is read back */
	bool all;        /* all of it is asked for next */
	bool again;      /* somebody said that it has changed while it was asked for */
	bool keeping;    /* it goes to the store */
	bool keep_begun; /* what was there before is gone */
	bool kept_any;
	bool too_large;    /* for the store */
	uint8_t state;     /* enum gyl__dns_copy_state */
	uint8_t work;      /* enum gyl__dns_copy_work */
	uint8_t primary;   /* which one is asked */
	uint8_t tried_cnt; /* of them, since one has answered or the last pause */
	uint16_t generation;
	uint32_t zone; /* of the configuration's */
	uint32_t fail_cnt;
	uint32_t kept_cnt, kept_len; /* values of the store */
	uint32_t to_ip;              /* who is asked */
	const char *got;             /* what will be said when it is ready */
	uint64_t at_ns;              /* when it is asked next, or has been silent for too long */
	uint64_t end_ns;             /* when the transfer is given up */
	uint64_t begun_ns;           /* when it was asked last */
	uint64_t expire_ns;          /* when the copy is too old; of one that is served */
	uint64_t good_wall_ns, stored_wall_ns; /* when the primary said last what it is; in the
						  store */
	uint64_t octet_cnt;                    /* of the transfer */
	struct gyl__dns_take take;
	uint8_t kept[GYL_DNS_NAME_MAX]; /* the last name that went to the store */
};

#endif
