/* SPDX-License-Identifier: ISC */
#ifndef GYL_SHA512_H
#define GYL_SHA512_H

/**
 * @file sha512.h
 * @brief SHA-512 and SHA-384 (FIPS 180-4), over octets that come in pieces.
 */

#include <gyl/crypto.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
	GYL_SHA384_LEN = 48,       /**< octets of a digest of SHA-384 */
	GYL_SHA512_LEN = 64,       /**< octets of a digest */
	GYL_SHA512_BLOCK_LEN = 128 /**< octets of a block, as HMAC needs to know */
};

/** A hash in progress. May be copied to hash several endings of one beginning. */
struct gyl_sha512 {
	uint64_t h[8];                       /**< @private chaining value */
	uint64_t len;                        /**< @private octets so far */
	uint32_t cpu;                        /**< @private features that may be used */
	uint8_t block[GYL_SHA512_BLOCK_LEN]; /**< @private the last, incomplete block */
};

/**
 * @brief Start.
 * @param[out] s   MUST be given to gyl_sha512_final() in the end when its input is secret.
 * @param[in]  cpu See gyl/cpu.h; 0: portable C.
 */
GYL_CRYPTO_API void gyl_sha512_init(struct gyl_sha512 *s, uint32_t cpu);

/** Add @p len octets. @cost O(len) */
GYL_CRYPTO_API void gyl_sha512_update(struct gyl_sha512 *s, const void *p, size_t len);

/**
 * @brief The digest of all that was added. @p s is wiped; init it before it is used again.
 * @param[out] ret_digest  64 octets.
 */
GYL_CRYPTO_API void gyl_sha512_final(struct gyl_sha512 *s, uint8_t *ret_digest);

/** Start SHA-384. It goes on with gyl_sha512_update() and ends with gyl_sha384_final(). */
GYL_CRYPTO_API void gyl_sha384_init(struct gyl_sha512 *s, uint32_t cpu);

/** The digest, 48 octets, as gyl_sha512_final(). */
GYL_CRYPTO_API void gyl_sha384_final(struct gyl_sha512 *s, uint8_t *ret_digest);

#ifdef __cplusplus
}
#endif

#endif
