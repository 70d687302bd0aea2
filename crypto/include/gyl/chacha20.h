/* SPDX-License-Identifier: ISC */
#ifndef GYL_CHACHA20_H
#define GYL_CHACHA20_H

/**
 * @file chacha20.h
 * @brief ChaCha20 (Bernstein 2008; RFC 8439): a stream cipher, and the engine of our generator.
 *
 * Constant in time everywhere: additions, rotations, exclusive or. It encrypts and proves nothing;
 * who needs to know that a message was not changed takes gyl_seal.
 */

#include <gyl/crypto.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
	GYL_CHACHA20_KEY_LEN = 32,
	GYL_CHACHA20_NONCE_LEN = 12,
	GYL_CHACHA20_BLOCK_LEN = 64
};

/**
 * @brief Blocks of key stream with the whole of words 12 to 15 as one 128-bit little-endian
 * counter.
 *
 * This is the original layout (64-bit counter in words 12 and 13, 64-bit nonce in 14 and 15) with a
 * carry between the two, as generators use it.
 * @param[in]     key     32 octets.
 * @param[in,out] counter Low and high half; incremented by one for each block.
 * @param[out]    out     64 @p block_cnt octets; may overlap @p key, which is read first.
 * @cost a KiB in 1.7 us; with SSE2, four blocks at once, 0.8; AVX2, eight, 0.4; AVX-512, sixteen,
 *       0.2. What does not fill a kernel goes to the next narrower one.
 */
GYL_CRYPTO_API void gyl_chacha20_blocks(
	uint32_t cpu, const uint8_t *key, uint64_t counter[2], uint8_t *out, size_t block_cnt);

/**
 * @brief Encrypt or decrypt as RFC 8439 2.4 has it.
 * @param[in]  key     32 octets.
 * @param[in]  nonce   12 octets: MUST NOT be used twice with one key.
 * @param[in]  counter Of the first block. The stream MUST end before it wraps (256 GiB): then the
 *                     nonce would be counted on, as in gyl_chacha20_blocks().
 * @param[in]  in      @p len octets; NULL: zeros, so that the key stream comes out.
 * @param[out] out     @p len octets; may be @p in itself.
 * @rfc{8439,2.4}
 */
GYL_CRYPTO_API void gyl_chacha20_xor(uint32_t cpu, const uint8_t *key, const uint8_t *nonce,
	uint32_t counter, const void *in, uint8_t *out, size_t len);

#ifdef __cplusplus
}
#endif

#endif
