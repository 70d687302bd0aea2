/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_NSEC3_H
#define GYL_SERVICES_DNS_NSEC3_H

/* Hashed owner names (RFC 5155 5), and the label they make. Pure. */

#include "services/dns/image.h"

enum {
	GYL_DNS_HASH_TEXT_LEN = 32 /* of the label, its length octet not counted */
};

/* The hash of a folded name. Costs iterations + 1 times SHA-1 of the name and the salt. */
void gyl_dns_nsec3_hash(struct gyl_view name, struct gyl_view salt, unsigned iterations,
	uint8_t ret_hash[GYL_DNS_HASH_LEN]);

/* RFC 4648 7: base32 with the extended hex alphabet, in lower case. */
void gyl_dns_nsec3_label(
	const uint8_t hash[GYL_DNS_HASH_LEN], uint8_t ret_text[GYL_DNS_HASH_TEXT_LEN]);

/* The way back. False when the label, its length octet first, is none. */
bool gyl_dns_nsec3_unlabel(const uint8_t *label, uint8_t ret_hash[GYL_DNS_HASH_LEN]);

#endif
