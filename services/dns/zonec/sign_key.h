/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_SIGN_KEY_H
#define GYL_SERVICES_DNS_SIGN_KEY_H

/* Keys of zones: NAME.key and NAME.private, as ldns-keygen(1) and dnssec-keygen(8) write them. */

#include <stdio.h>

#include <gyl/dns_name.h>

enum {
	GYL_SIGN_ECDSAP256SHA256 = 13, /* RFC 6605 */
	GYL_SIGN_ED25519 = 15,         /* RFC 8080 */
	GYL_SIGN_SEP = 1,              /* flag: what a parent's DS means (RFC 4034 2.1.1) */
	GYL_SIGN_KEY_MAX = 1100,       /* octets of DNSKEY rdata */
	GYL_SIGN_KEYS_MAX = 8,
	GYL_SIGN_WHY_MAX = 300
};

struct gyl_sign_key {
	struct gyl_sign_key *next;
	uint8_t rdata[GYL_SIGN_KEY_MAX]; /* DNSKEY */
	size_t rdata_len;
	uint16_t flags, tag;
	uint8_t algorithm;
	struct ldns_struct_key *secret; /* @private */
};

/* The key of a zone from its two files, "BASE.key" and "BASE.private". NULL, with the reason. */
struct gyl_sign_key *gyl_sign_key_read(
	const char *base, const uint8_t *origin, char why[GYL_SIGN_WHY_MAX]);

/*
 * A new key for a zone that signs everything, kept in directory dir; a third file has its DS. base
 * receives the name of the files without the ends. NULL, with the reason.
 */
struct gyl_sign_key *gyl_sign_key_make(uint8_t algorithm, const uint8_t *origin, const char *dir,
	char base[4096], char why[GYL_SIGN_WHY_MAX]);

/* Octets of the signature of p[0, len), written to sig, 0: it failed. */
size_t gyl_sign_key_sign(
	const struct gyl_sign_key *k, const uint8_t *p, size_t len, uint8_t sig[1024]);

/* A list and its secrets. */
void gyl_sign_key_free(struct gyl_sign_key *list);

#endif
