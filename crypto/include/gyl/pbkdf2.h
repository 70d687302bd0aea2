/* SPDX-License-Identifier: ISC */
#ifndef GYL_PBKDF2_H
#define GYL_PBKDF2_H

/**
 * @file pbkdf2.h
 * @brief PBKDF2 with HMAC-SHA1, -SHA256 and -SHA512 (RFC 8018 5.2), whole or in slices.
 *
 * A slice is for event loops: a password with 600,000 iterations takes 50 ms, and nobody else is
 * served meanwhile. begin, step with a bounded number of iterations as often as it says MORE, end.
 */

#include <gyl/hmac.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
	GYL_PBKDF2_HELD = 64 /**< octets; a key so long or shorter is given all at once */
};

/** A derivation in progress. */
struct gyl_pbkdf2 {
	struct gyl_hmac_key key;       /**< @private of the password */
	struct gyl_hmac salted;        /**< @private after the salt, before the block's number */
	uint64_t iter_cnt;             /**< @private of each block */
	uint64_t iter;                 /**< @private of the blocks under way, done */
	uint8_t *dk;                   /**< @private the caller's */
	size_t dk_len;                 /**< @private */
	size_t dk_off;                 /**< @private done */
	uint64_t block;                /**< @private the first of those under way, from 1 */
	union gyl_hash_mid u[2], t[2]; /**< @private of one block, or of two at once */
	uint8_t held[GYL_PBKDF2_HELD]; /**< @private a short key, until it is whole */
	int state;                     /**< @private */
};

/**
 * @brief Derive a key from a password.
 * @param[in]  prf      HMAC with this hash.
 * @param[in]  iter_cnt from 1.
 * @param[out] ret_dk   @p dk_len octets, from 1 to (2^32 - 1) digests.
 * @return #GYL_CRYPTO_OK; #GYL_CRYPTO_E_HASH, #GYL_CRYPTO_E_ITER_ZERO, #GYL_CRYPTO_E_LEN_ZERO: the
 *         output is zeroed; #GYL_CRYPTO_E_LEN_BIG: nothing is written, for no such buffer exists.
 * @cost two compressions an iteration and digest; where the processor has SHA instructions, two
 *       digests of SHA-256 take little more time than one
 * @rfc{8018,5.2}
 */
GYL_CRYPTO_API int gyl_pbkdf2(enum gyl_hash prf, uint32_t cpu, const void *password,
	size_t password_len, const void *salt, size_t salt_len, uint64_t iter_cnt, uint8_t *ret_dk,
	size_t dk_len);

/**
 * @brief Begin a derivation in slices.
 * @param[out] k     In any state before; MUST be given to gyl_pbkdf2_end() in the end.
 * @param[out] dk    Borrowed until gyl_pbkdf2_end(), which zeroes it when the derivation was not
 *                   done. Zeros until it is, when the key has no more than #GYL_PBKDF2_HELD octets;
 *                   longer ones fill it a digest at a time. Password and salt are not kept.
 * @return as gyl_pbkdf2(). On an error @p k is ended already.
 * @cost O(password_len + salt_len): no iteration is made
 */
GYL_CRYPTO_API int gyl_pbkdf2_begin(struct gyl_pbkdf2 *k, enum gyl_hash prf, uint32_t cpu,
	const void *password, size_t password_len, const void *salt, size_t salt_len,
	uint64_t iter_cnt, uint8_t *dk, size_t dk_len);

/**
 * @brief Go on.
 * @param[in] iter_max At most so many iterations, of one digest or of two at once; 0 is taken as 1.
 * @return #GYL_CRYPTO_MORE; #GYL_CRYPTO_OK when the key is there, again and again until
 *         gyl_pbkdf2_end(); #GYL_CRYPTO_E_STATE after that.
 */
GYL_CRYPTO_API int gyl_pbkdf2_step(struct gyl_pbkdf2 *k, uint64_t iter_max);

/** Wipe @p k. When the derivation was not done, @p dk is zeroed. May be called twice. */
GYL_CRYPTO_API void gyl_pbkdf2_end(struct gyl_pbkdf2 *k);

#ifdef __cplusplus
}
#endif

#endif
