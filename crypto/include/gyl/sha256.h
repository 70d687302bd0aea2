/* SPDX-License-Identifier: ISC */
#ifndef GYL_SHA256_H
#define GYL_SHA256_H

/**
 * @file sha256.h
 * @brief SHA-256 and SHA-224 (FIPS 180-4), over octets that come in pieces.
 */

#include <gyl/crypto.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
	GYL_SHA224_LEN = 28,      /**< octets of a digest of SHA-224 */
	GYL_SHA256_LEN = 32,      /**< octets of a digest */
	GYL_SHA256_BLOCK_LEN = 64 /**< octets of a block, as HMAC needs to know */
};

/** A hash in progress. May be copied to hash several endings of one beginning. */
struct gyl_sha256 {
	uint32_t h[8];                       /**< @private chaining value */
	uint64_t len;                        /**< @private octets so far */
	uint32_t cpu;                        /**< @private features that may be used */
	uint8_t block[GYL_SHA256_BLOCK_LEN]; /**< @private the last, incomplete block */
};

/**
 * @brief Start.
 * @param[out] s   MUST be given to gyl_sha256_final() in the end when its input is secret.
 * @param[in]  cpu See gyl/cpu.h; 0: portable C.
 */
GYL_CRYPTO_API void gyl_sha256_init(struct gyl_sha256 *s, uint32_t cpu);

/** Add @p len octets. @cost O(len) */
GYL_CRYPTO_API void gyl_sha256_update(struct gyl_sha256 *s, const void *p, size_t len);

/**
 * @brief The digest of all that was added. @p s is wiped; init it before it is used again.
 * @param[out] ret_digest  32 octets.
 */
GYL_CRYPTO_API void gyl_sha256_final(struct gyl_sha256 *s, uint8_t *ret_digest);

/** Start SHA-224. It goes on with gyl_sha256_update() and ends with gyl_sha224_final(). */
GYL_CRYPTO_API void gyl_sha224_init(struct gyl_sha256 *s, uint32_t cpu);

/** The digest, 28 octets, as gyl_sha256_final(). */
GYL_CRYPTO_API void gyl_sha224_final(struct gyl_sha256 *s, uint8_t *ret_digest);

#ifdef __cplusplus
}
#endif

#endif
