/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_SIGN_H
#define GYL_SERVICES_DNS_SIGN_H

/*
 * Signing a zone: from a master file to one with DNSKEY, RRSIG and NSEC or NSEC3 (RFC 4034, RFC
 * 5155), for us or any other server.
 *
 * What exists, what is cut off and what is empty is taken from the compiler's tree, the same that
 * answers come from; a zone that was signed before is signed anew. The same input, keys and times
 * give the same octets. ldns reads and makes keys, and knows the algorithms.
 */

#include <stdio.h>

#include "services/base/build.h"
#include "services/dns/zonec/sign_key.h"

struct gyl_sign {
	const struct gyl_sign_key *key;     /* one at least */
	uint32_t inception_s, expiration_s; /* seconds since 1970 */
	bool nsec3;
	bool opt_out; /* NSEC3: delegations without DS are left out */
	uint8_t salt_len;
	uint8_t salt[255];
	void (*told)(
		void *arg, const char *what, size_t done, size_t total); /* compile.h; or NULL */
	void *told_arg;
};

/* Read a zone from a file, or from text, and write it signed. Errors and warnings go to the build.
 */
bool gyl_sign_zone(struct gyl_build *b, const struct gyl_sign *how, const uint8_t *origin,
	const char *path, FILE *out);
bool gyl_sign_text(struct gyl_build *b, const struct gyl_sign *how, const uint8_t *origin,
	const char *path, struct gyl_view text, FILE *out);

#endif
