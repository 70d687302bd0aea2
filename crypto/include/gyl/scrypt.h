/* SPDX-License-Identifier: ISC */
#ifndef GYL_SCRYPT_H
#define GYL_SCRYPT_H

/**
 * @file scrypt.h
 * @brief scrypt (RFC 7914) for every legal N, r and p, in the caller's memory, whole or in slices.
 *
 * The memory is what makes guessing expensive, so it is the caller's: mapped once, used again, huge
 * pages if one likes. Which of its words are read depends on the password; an attacker who watches
 * the caches of this machine learns from that (RFC 7914 section 13). Everything else is constant in
 * time.
 */

#include <gyl/hmac.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
	GYL_SCRYPT_ALIGN = 64,   /**< of scratch memory, in octets */
	GYL_SCRYPT_LANE_MAX = 4, /**< how many of the p parts are worked on at once */
	GYL_SCRYPT_KEEP = 1      /**< flag: the caller wipes the scratch memory himself */
};

/** What a derivation shall cost. */
struct gyl_scrypt_cost {
	uint64_t n; /**< N: memory and time; a power of two from 2, below 2^(16 r) */
	uint32_t r; /**< block size in 128 octets, from 1; 8 is usual */
	uint32_t p; /**< parts, from 1; r p below 2^30 */
};

/** A derivation in progress. */
struct gyl_scrypt {
	struct gyl_hmac_key key;     /**< @private of the password */
	struct gyl_hmac salted;      /**< @private PBKDF2 after its salt, before a block's number */
	struct gyl_scrypt_cost cost; /**< @private */
	const uint8_t *salt;         /**< @private the caller's; for the second PBKDF2 it is B */
	size_t salt_len;             /**< @private */
	uint8_t *dk;                 /**< @private the caller's */
	size_t dk_len;               /**< @private */
	uint8_t *scratch;            /**< @private the caller's: V and X of all lanes, B */
	uint64_t i;                  /**< @private position in the phase */
	uint32_t part;               /**< @private of p, done */
	uint32_t lane_cnt;           /**< @private */
	uint32_t cpu;                /**< @private */
	uint32_t flags;              /**< @private */
	int phase;                   /**< @private 0: none is in progress */
};

/** #GYL_CRYPTO_OK, or which rule of RFC 7914 section 2 @p cost or @p dk_len breaks. */
GYL_CRYPTO_API int gyl_scrypt_check(const struct gyl_scrypt_cost *cost, size_t dk_len);

/**
 * @brief Octets of scratch memory that a derivation takes.
 * @param[in] lanes  1; or 2 or 4 to work on so many of the p parts at once, which takes that many
 *                   times the memory and, with AVX-512VL, a fraction of the time. More than p, or
 *                   3, are rounded down.
 * @return 0 when @p cost breaks a rule or the number does not fit in size_t.
 */
GYL_CRYPTO_API size_t gyl_scrypt_need(const struct gyl_scrypt_cost *cost, unsigned lanes);

/**
 * @brief The greatest N, a power of two, whose scratch memory with this r and p=1 fits in
 *        @p mem_max octets; 0 when none does.
 */
GYL_CRYPTO_API uint64_t gyl_scrypt_n_max(size_t mem_max, uint32_t r);

/**
 * @brief Derive a key from a password.
 * @param[out]    ret_dk   @p dk_len octets, from 1 to 32 (2^32 - 1).
 * @param[in,out] scratch  @p scratch_len octets, aligned to #GYL_SCRYPT_ALIGN; gyl_scrypt_need()
 *                         tells how many. As many lanes are used as fit in it. Wiped in the end,
 *                         unless @p flags has #GYL_SCRYPT_KEEP.
 * @return #GYL_CRYPTO_OK, or an error of gyl_scrypt_check(), #GYL_CRYPTO_E_SIZE,
 *         #GYL_CRYPTO_E_SCRATCH_SMALL, #GYL_CRYPTO_E_SCRATCH_ALIGN with the output zeroed
 *         (#GYL_CRYPTO_E_LEN_BIG: nothing is written).
 * @cost goes through 256 N r p octets of memory at 1 to 2 GB/s; wiping is a tenth of that
 * @rfc{7914,6}
 */
GYL_CRYPTO_API int gyl_scrypt(uint32_t cpu, const void *password, size_t password_len,
	const void *salt, size_t salt_len, const struct gyl_scrypt_cost *cost, uint8_t *ret_dk,
	size_t dk_len, void *scratch, size_t scratch_len, unsigned flags);

/**
 * @brief Begin a derivation in slices.
 * @param[out]    s        In any state before; MUST be given to gyl_scrypt_end() when given up.
 * @param[in]     salt     Borrowed until it is done or ended. The password is not kept.
 * @param[out]    dk       The same. Zeros until the last steps, which fill it a digest at a time.
 * @param[in,out] scratch  The same.
 * @return as gyl_scrypt(). On an error @p s is ended already.
 * @cost hashes the password; the salt is for the first step
 */
GYL_CRYPTO_API int gyl_scrypt_begin(struct gyl_scrypt *s, uint32_t cpu, const void *password,
	size_t password_len, const void *salt, size_t salt_len, const struct gyl_scrypt_cost *cost,
	uint8_t *dk, size_t dk_len, void *scratch, size_t scratch_len, unsigned flags);

/**
 * @brief Go on: write or mix, or wipe scratch memory.
 * @param[in] octet_max  Go through about so many octets of scratch memory, or hash what takes as
 *                       long: at least one block of 128 r octets for each lane. Mixing goes at 1 to
 *                       2 GB/s on a server, portable C and pages never touched before included: of
 *                       256 KiB the longest slice was 0.5 ms, and the sum of all is that of a
 *                       derivation at once.
 * @return #GYL_CRYPTO_MORE; #GYL_CRYPTO_OK when the key is there and the memory is wiped, and
 *         again until gyl_scrypt_end(); #GYL_CRYPTO_E_STATE after that.
 */
GYL_CRYPTO_API int gyl_scrypt_step(struct gyl_scrypt *s, size_t octet_max);

/**
 * @brief Wipe @p s; when the derivation was not done, also the key, and the scratch memory that it
 *        had touched, which may take long: a caller in a hurry unmaps it instead and says
 *        #GYL_SCRYPT_KEEP. May be called twice, and after the last step, which did the same.
 */
GYL_CRYPTO_API void gyl_scrypt_end(struct gyl_scrypt *s);

#ifdef __cplusplus
}
#endif

#endif
