/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_NOTIFY_H
#define GYL_SERVICES_DNS_NOTIFY_H

/*
 * Telling secondaries that a zone has another serial (NOTIFY, RFC 1996).
 *
 * All zones are looked at when something may have changed, once a second at most; whoever has not
 * been told of the serial of now is. At the start, and with a new configuration, that is everybody.
 * Each is told by a socket of its own until it answers, GYL__DNS_NOTIFY_TRIES times with pauses
 * that double; then its own refresh has to do. Those with a key are told with it, and only an
 * answer that is signed counts (RFC 8945). Bound: GYL_DNS_NOTIFY_MAX.
 */

#include "libnet/host/io.h"
#include "services/dns/conf.h"
#include "services/dns/tsig.h"

enum {
	GYL__DNS_NOTIFY_TRIES = 6,
	/* numbers of the flows: a place, and how often it was used */
	GYL__DNS_NOTIFY_FLOW = 0x100000,
	GYL__DNS_NOTIFY_FLOW_END = 0x180000
};

enum gyl__dns_notify_state {
	GYL__DNS_NOTIFY_IDLE,
	GYL__DNS_NOTIFY_OPENING,
	GYL__DNS_NOTIFY_SENT,
	GYL__DNS_NOTIFY_CLOSING /* the number is not free yet */
};

/* A secondary of a zone. */
struct gyl__dns_notify_one {
	uint32_t zone; /* of the configuration's */
	struct gyl_conf_server to;
	struct gyl_ref key; /* empty: nothing is signed */
	bool due;           /* it does not know the serial */
	bool known;         /* serial is set */
	bool stale;         /* the socket leads to who was in this place before */
	uint8_t state;      /* enum gyl__dns_notify_state, of the socket */
	uint8_t try_cnt;
	uint16_t id, generation;
	uint32_t serial;
	uint64_t at_ns; /* of the next try */
	/* what the answer has to go with, if the key is used */
	uint8_t mac_len;
	uint8_t mac[GYL_DNS_TSIG_MAC_MAX];
};

struct gyl__dns_notify {
	uint32_t cnt;
	bool changed;        /* the configuration or the zones */
	bool stale;          /* some places are */
	uint64_t mark;       /* place in the ring of changes that was looked at */
	uint64_t checked_ns; /* when the zones were looked at */
	struct gyl__dns_notify_one one[GYL_DNS_NOTIFY_MAX];
};

#endif
