/* SPDX-License-Identifier: ISC */
#ifndef GYL_HMAC_H
#define GYL_HMAC_H

/**
 * @file hmac.h
 * @brief HMAC (RFC 2104) with its key worked out once.
 *
 * A key costs two compressions, which most libraries pay for every message again. Here they are
 * paid once: #gyl_hmac_key holds the chaining values after the inner and the outer pad.
 */

#include <gyl/hash.h>
#include <gyl/sha1.h>
#include <gyl/sha256.h>
#include <gyl/sha512.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A chaining value of any of the hashes. @private */
union gyl_hash_mid {
	uint32_t w32[8];
	uint64_t w64[8];
};

/** A key, ready to use any number of times and from several threads. As secret as the key. */
struct gyl_hmac_key {
	union gyl_hash_mid inner, outer; /**< @private */
	uint32_t cpu;                    /**< @private */
	uint8_t hash;                    /**< @private an #gyl_hash */
};

/** A message in progress. */
struct gyl_hmac {
	union {
		struct gyl_sha1 sha1;
		struct gyl_sha256 sha256;
		struct gyl_sha512 sha512;
	} h;                      /**< @private the inner hash */
	union gyl_hash_mid outer; /**< @private */
	uint8_t hash;             /**< @private */
};

/**
 * @brief Work a key out.
 * @param[out] k    gyl_wipe() it when it is not needed any more.
 * @param[in]  key  @p key_len octets of any number; one longer than a block is hashed first.
 * @return #GYL_CRYPTO_OK, or #GYL_CRYPTO_E_HASH (@p k is zeroed and MUST NOT be used).
 * @cost two compressions; more for keys longer than a block
 */
GYL_CRYPTO_API int gyl_hmac_key_init(
	struct gyl_hmac_key *k, enum gyl_hash hash, uint32_t cpu, const void *key, size_t key_len);

/** Start a message. @param[out] m  does not refer to @p k afterwards. */
GYL_CRYPTO_API void gyl_hmac_init(struct gyl_hmac *m, const struct gyl_hmac_key *k);

/** Add @p len octets. */
GYL_CRYPTO_API void gyl_hmac_update(struct gyl_hmac *m, const void *p, size_t len);

/**
 * @brief The code of all that was added. @p m is wiped.
 * @param[out] ret_mac  gyl_hash_len() octets. Compare codes with gyl_ct_eq() only.
 */
GYL_CRYPTO_API void gyl_hmac_final(struct gyl_hmac *m, uint8_t *ret_mac);

#ifdef __cplusplus
}
#endif

#endif
