/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_SIGN_ECDSA_H
#define GYL_SERVICES_DNS_SIGN_ECDSA_H

/*
 * ECDSA on P-256 with SHA-256, its number k drawn from key and message (RFC 6979): what OpenSSL 3.0
 * signs differs from run to run, and a zone signed twice should be the same zone.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	GYL_ECDSA_LEN = 32 /* octets of a number */
};

/* r and s of the message, in sig; d: the secret. False without memory. */
bool gyl_ecdsa_sign(const uint8_t d[GYL_ECDSA_LEN], const uint8_t *p, size_t len,
	uint8_t sig[2 * GYL_ECDSA_LEN]);

#endif
