/* SPDX-License-Identifier: ISC */
#ifndef GYL_HASH_H
#define GYL_HASH_H

/**
 * @file hash.h
 * @brief The hash functions by number, for what works with any of them: HMAC, HKDF, PBKDF2.
 */

#include <gyl/crypto.h>

#ifdef __cplusplus
extern "C" {
#endif

enum gyl_hash {
	GYL_HASH_SHA1,   /**< for TSIG and old passwords; collisions are known, HMAC stands */
	GYL_HASH_SHA256, /**< */
	GYL_HASH_SHA512, /**< */
	GYL_HASH_SHA224, /**< SHA-256 with a start of its own, cut; not for PBKDF2 */
	GYL_HASH_SHA384  /**< SHA-512 with a start of its own, cut; not for PBKDF2 */
};

enum {
	GYL_HASH_LEN_MAX = 64,       /**< octets of the longest digest */
	GYL_HASH_BLOCK_LEN_MAX = 128 /**< octets of the longest block */
};

/** Octets of a digest: 20, 32, 64, 28, 48; 0 when there is no such hash. */
GYL_CRYPTO_API size_t gyl_hash_len(enum gyl_hash hash);

/** Octets of a block: 64, 64, 128, 64, 128; 0 when there is no such hash. */
GYL_CRYPTO_API size_t gyl_hash_block_len(enum gyl_hash hash);

/** "sha1", "sha256", "sha512", "sha224", "sha384"; NULL when there is no such hash. */
GYL_CRYPTO_API const char *gyl_hash_name(enum gyl_hash hash);

#ifdef __cplusplus
}
#endif

#endif
