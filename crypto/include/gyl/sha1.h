/* SPDX-License-Identifier: ISC */
#ifndef GYL_SHA1_H
#define GYL_SHA1_H

/**
 * @file sha1.h
 * @brief SHA-1 (FIPS 180-4), over octets that come in pieces.
 */

#include <gyl/crypto.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
	GYL_SHA1_LEN = 20,      /**< octets of a digest */
	GYL_SHA1_BLOCK_LEN = 64 /**< octets of a block, as HMAC needs to know */
};

/** A hash in progress. May be copied to hash several endings of one beginning. */
struct gyl_sha1 {
	uint32_t h[5];                     /**< @private chaining value */
	uint64_t len;                      /**< @private octets so far */
	uint32_t cpu;                      /**< @private features that may be used */
	uint8_t block[GYL_SHA1_BLOCK_LEN]; /**< @private the last, incomplete block */
};

/**
 * @brief Start.
 * @param[out] s   MUST be given to gyl_sha1_final() in the end when its input is secret.
 * @param[in]  cpu See gyl/cpu.h; 0: portable C.
 */
GYL_CRYPTO_API void gyl_sha1_init(struct gyl_sha1 *s, uint32_t cpu);

/** Add @p len octets. @cost O(len) */
GYL_CRYPTO_API void gyl_sha1_update(struct gyl_sha1 *s, const void *p, size_t len);

/**
 * @brief The digest of all that was added. @p s is wiped; init it before it is used again.
 * @param[out] ret_digest  20 octets.
 */
GYL_CRYPTO_API void gyl_sha1_final(struct gyl_sha1 *s, uint8_t *ret_digest);

#ifdef __cplusplus
}
#endif

#endif
