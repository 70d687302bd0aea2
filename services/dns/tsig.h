/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_TSIG_H
#define GYL_SERVICES_DNS_TSIG_H

/*
 * Messages signed with shared secrets (TSIG, RFC 8945): keys, and both sides of an exchange.
 *
 * A server calls gyl_dns_tsig_verify() on a request and gyl_dns_tsig_sign() on every message of the
 * answer; a client gyl_dns_tsig_request() on its request and gyl_dns_tsig_check() on every message
 * of the answer, signed or not (RFC 8945 5.3.1). Pure.
 *
 * Settled where the RFC leaves a choice: MACs shorter than 16 octets are BADTRUNC; our own are not
 * truncated. That messages of one key come in the order of their times (5.2.3, SHOULD) is not
 * asked for: a key may be used by several machines, whose clocks differ.
 */

#include <gyl/dns_tsig.h>
#include <gyl/hmac.h>

#include "services/dns/conf.h"

enum {
	GYL_DNS_TSIG_MAC_MIN = 16, /* what our policy wants (RFC 8945 5.2.4) */
	GYL_DNS_TSIG_GAP_MAX = 99  /* unsigned messages between two signed ones, RFC 8945 5.3.1 */
};

struct gyl_dns_tsig_key {
	uint8_t name[GYL_DNS_NAME_MAX]; /* folded */
	uint8_t alg;                    /* enum gyl_dns_tsig_alg */
	struct gyl_hmac_key hmac;
};

struct gyl_dns_tsig_keys {
	struct gyl_dns_tsig_key key[GYL_DNS_KEY_MAX];
	unsigned cnt;
};

/*
 * A part of the bundle: a key after the other, each algorithm (1), octets of the name (1), octets
 * of the secret (2), name, secret. False, and no keys: it is broken. cpu: gyl/cpu.h.
 */
bool gyl_dns_tsig_load(struct gyl_dns_tsig_keys *keys, struct gyl_view part, uint32_t cpu);
/* One key for the part. */
void gyl_dns_tsig_put_key(struct gyl_writer *w, const uint8_t *name, enum gyl_dns_tsig_alg alg,
	struct gyl_view secret);

/* The key of a name, NULL: none. */
const struct gyl_dns_tsig_key *gyl_dns_tsig_find(
	const struct gyl_dns_tsig_keys *keys, const uint8_t *name);

/* An exchange of signed messages. */
struct gyl_dns_sign {
	const struct gyl_dns_tsig_key *key; /* NULL: unknown, the answer's TSIG has no MAC */
	struct gyl_dns_tsig_rr rr;          /* @private names, id, error; views are not used */
	uint8_t mac[GYL_DNS_TSIG_MAC_MAX];  /* of the last message: the next one covers it */
	uint8_t mac_len;
	bool first;          /* the next message is the first of the answer */
	bool late;           /* the last one has another time than we do */
	uint64_t time_s;     /* when the request was signed */
	struct gyl_hmac run; /* @private over messages without TSIG */
	uint16_t gap;        /* @private how many they are */
};

/*
 * A request with a TSIG at tsig_off. Returns the answer's rcode: NOERROR when all is well, FORMERR
 * when the TSIG is broken (no TSIG in the answer: ret_sign->rr.key is the root and sign does
 * nothing), NOTAUTH with ret_sign->rr.error set (RFC 8945 5.2).
 */
uint16_t gyl_dns_tsig_verify(const struct gyl_dns_tsig_keys *keys, uint64_t wall_ns,
	struct gyl_view msg, size_t tsig_off, struct gyl_dns_sign *ret_sign);

/* Octets that the TSIG of an answer takes. */
size_t gyl_dns_tsig_room(const struct gyl_dns_sign *s);

/* Put the TSIG behind a message of the answer. w has the whole message and room for it. */
void gyl_dns_tsig_sign(struct gyl_dns_sign *s, uint64_t wall_ns, struct gyl_writer *w);

/* Sign a request. */
void gyl_dns_tsig_request(struct gyl_dns_sign *s, const struct gyl_dns_tsig_key *key,
	uint64_t wall_ns, struct gyl_writer *w);

/*
 * A message of the answer; tsig_off 0: it has none. True: it is proven, or will be by one that
 * follows (s->gap != 0; the last one MUST be signed). s->rr.error tells what the server found,
 * s->late that only the time is wrong.
 */
bool gyl_dns_tsig_check(
	struct gyl_dns_sign *s, uint64_t wall_ns, struct gyl_view msg, size_t tsig_off);

#endif
