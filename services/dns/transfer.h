/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_TRANSFER_H
#define GYL_SERVICES_DNS_TRANSFER_H

/*
 * A zone to somebody who keeps a copy: all of it (AXFR, RFC 5936), or what has changed since the
 * serial that it has (IXFR, RFC 1995), a message at a time.
 *
 * Every message says the zone at one serial, that of the first SOA: the zone may change while they
 * are being made. When that serial cannot be told to its end (the ring of changes went over it, the
 * image was replaced), the transfer is gone: the stream ends before the closing SOA, and whoever
 * asked has to ask again (RFC 5936 2.2). An IXFR from a serial that nobody remembers is a whole
 * zone. Each message of a signed request is signed (RFC 8945 5.3.1). Pure.
 */

#include <gyl/dns.h>

#include "services/dns/tsig.h"
#include "services/dns/walk.h"

enum {
	/* octets of a message after which it ends: names behind 16383 cannot be pointed to */
	GYL_DNS_TRANSFER_MSG = 16000
};

enum gyl_dns_transfer_kind {
	GYL_DNS_TRANSFER_FULL,
	GYL_DNS_TRANSFER_CHANGES,
	GYL_DNS_TRANSFER_SOA /* there is nothing newer, or it does not fit a datagram */
};

struct gyl_dns_transfer {
	const struct gyl_dns_data *data;
	enum gyl_dns_transfer_kind kind;
	struct gyl_dns_walk walk;
	uint32_t message_cnt, rr_cnt; /* so far */
	uint64_t octet_cnt;
	/* @private */
	struct gyl_dns_changes changes;
	struct gyl_dns_sign sign;
	bool is_signed, edns, dnssec_ok;
	bool soa_told; /* the first one */
	uint16_t id, flags, qtype;
	uint8_t qname[GYL_DNS_NAME_MAX]; /* as it was asked */
};

/* May this zone be transferred to that address, or to the owner of that key (folded, NULL: none)?
 * transfer: the list of the configuration. */
bool gyl_dns_transfer_allowed(
	const struct gyl_flat *flat, struct gyl_ref transfer, uint32_t ip, const uint8_t *key);

/* What an entry of the list is: a network, or (false) the name of a key. GYL_E_NAME and its kin:
 * neither. */
struct gyl_fault gyl_dns_transfer_parse(struct gyl_view text, bool *ret_is_net, uint32_t *ret_ip,
	uint32_t *ret_len, uint8_t key[GYL_DNS_NAME_MAX]);

/*
 * Begin to answer an AXFR or IXFR query whose zone is served and whose TSIG, if any, is in sign.
 * False: it cannot be read (FORMERR), or there is no such zone. Only IXFR comes by UDP.
 */
bool gyl_dns_transfer_begin(struct gyl_dns_transfer *t, const struct gyl_dns_data *d,
	const struct gyl_dns_policy *policy, struct gyl_view msg, const struct gyl_dns_query *q,
	const struct gyl_dns_sign *sign);

/*
 * The next message into out: NEXT when another one follows, END when it was the last. Nothing is
 * to be sent when it is GONE. cap: of a datagram what the client takes, else GYL_DNS_MSG_MAX, or
 * twice GYL_DNS_TRANSFER_MSG and more; then no octets and NEXT mean that the next record is longer.
 * A datagram that is not the END is nothing either: gyl_dns_transfer_soa() first, then again.
 */
enum gyl_dns_next gyl_dns_transfer_next(
	struct gyl_dns_transfer *t, uint64_t wall_ns, uint8_t *out, size_t cap, size_t *ret_len);

/* RFC 1995 2: what does not fit a datagram is one SOA. sign: as at the beginning. */
void gyl_dns_transfer_soa(struct gyl_dns_transfer *t, const struct gyl_dns_sign *sign);

#endif
