/* SPDX-License-Identifier: ISC */
#ifndef GYL_CRYPTO_PBKDF2_OWN_H
#define GYL_CRYPTO_PBKDF2_OWN_H

/* The iterations of PBKDF2, which are most of it. */

#include <gyl/pbkdf2.h>

/* How many blocks gyl__pbkdf2_loop() gets through at once: 1 or 2. */
unsigned gyl__pbkdf2_lanes(const struct gyl_hmac_key *key);

/*
 * cnt iterations of lane_cnt blocks with the best kernel there is: U = HMAC (key, U), T = T xor U.
 *
 * Whatever HMAC hashes here is one digest after one pad. Both padded blocks are known but for the
 * digest, which never leaves the words that it is made in: no octets, no padding, no copies.
 */
void gyl__pbkdf2_loop(const struct gyl_hmac_key *key, union gyl_hash_mid *u, union gyl_hash_mid *t,
	unsigned lane_cnt, uint64_t cnt);

/* RFC 2104: what the last words of both blocks say is a pad and a digest, in bits. */
enum {
	GYL__PBKDF2_SHA1_BITS = 8 * (GYL_SHA1_BLOCK_LEN + GYL_SHA1_LEN),
	GYL__PBKDF2_SHA256_BITS = 8 * (GYL_SHA256_BLOCK_LEN + GYL_SHA256_LEN),
	GYL__PBKDF2_SHA512_BITS = 8 * (GYL_SHA512_BLOCK_LEN + GYL_SHA512_LEN)
};

#if defined(__x86_64__)
/* The kernels. SHA-NI: ask gyl__cpu_sha_ni() first. */
void gyl__pbkdf2_sha1_ni(
	const struct gyl_hmac_key *key, union gyl_hash_mid *u, union gyl_hash_mid *t, uint64_t cnt);
void gyl__pbkdf2_sha256_ni(
	const struct gyl_hmac_key *key, union gyl_hash_mid *u, union gyl_hash_mid *t, uint64_t cnt);
void gyl__pbkdf2_sha256_ni_x2(const struct gyl_hmac_key *key, union gyl_hash_mid u[2],
	union gyl_hash_mid t[2], uint64_t cnt);
void gyl__pbkdf2_sha512_bmi2(
	const struct gyl_hmac_key *key, union gyl_hash_mid *u, union gyl_hash_mid *t, uint64_t cnt);
#endif

#endif
