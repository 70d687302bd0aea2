/* SPDX-License-Identifier: ISC */
#ifndef GYL_AES256_H
#define GYL_AES256_H

/**
 * @file aes256.h
 * @brief AES-256 (FIPS 197), encryption only: the block, and counter mode for generators.
 *
 * With AES instructions, or in portable C that reads no table by a secret: constant in time, slow,
 * and there for the published answers of Fortuna. For anything else ChaCha20 is the choice.
 */

#include <gyl/crypto.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
	GYL_AES256_KEY_LEN = 32,
	GYL_AES256_BLOCK_LEN = 16
};

/** A key, expanded. As secret as the key: gyl_wipe() it. */
struct gyl_aes256 {
	uint8_t round_key[15 * 16]; /**< @private in FIPS 197's order */
	uint32_t cpu;               /**< @private */
};

/** Expand @p key, 32 octets. @cost 50 ns with AES instructions, else 1 us */
GYL_CRYPTO_API void gyl_aes256_init(struct gyl_aes256 *a, uint32_t cpu, const uint8_t *key);

/** Encrypt one block of 16 octets. @p out may be @p in. @cost without instructions as four blocks
 */
GYL_CRYPTO_API void gyl_aes256_encrypt(const struct gyl_aes256 *a, const uint8_t *in, uint8_t *out);

/**
 * @brief Encrypted counters, one after the other: the key stream of counter mode with a 128-bit
 *        little-endian counter, as Fortuna has it.
 * @param[in,out] counter Low and high half; incremented by one for each block.
 * @param[out]    out     16 @p block_cnt octets.
 * @cost a KiB in 0.13 us with AES instructions, else 13
 */
GYL_CRYPTO_API void gyl_aes256_blocks(
	const struct gyl_aes256 *a, uint64_t counter[2], uint8_t *out, size_t block_cnt);

#ifdef __cplusplus
}
#endif

#endif
