/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_SIGN_OWN_H
#define GYL_SERVICES_DNS_SIGN_OWN_H

/* What the files of the signer share. */

#include "services/dns/zonec/compile_own.h"
#include "services/dns/zonec/sign.h"

enum {
	RRSIG_HEAD_MAX = 18 + GYL_DNS_NAME_MAX /* octets before the signature (RFC 4034 3.1) */
};

struct gyl_signer {
	struct gyl_dns_compile *c; /* with the one zone */
	const struct gyl_sign *how;
	FILE *out;
	uint8_t origin[GYL_DNS_NAME_MAX]; /* folded */
	uint32_t denial_ttl;
	bool failed;
	uint8_t line[300000]; /* the longest rdata as text */
};

/* An RRset that is signed and written. */
struct gyl_sign_set {
	const uint8_t *owner;
	uint16_t type;
	uint32_t ttl;
	const struct gyl_view *rdata;
	size_t cnt;
};

void gyl__sign_set(struct gyl_signer *s, const struct gyl_sign_set *set, bool with_sig);

/* sign_nodes.c: all names in canonical order, with what denies others. False without memory. */
bool gyl__sign_nodes(struct gyl_signer *s);

#endif
