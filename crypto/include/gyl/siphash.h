/* SPDX-License-Identifier: ISC */
#ifndef GYL_SIPHASH_H
#define GYL_SIPHASH_H

/**
 * @file siphash.h
 * @brief SipHash-2-4: a keyed 64-bit hash for tables whose keys strangers choose.
 *
 * With a key that the network cannot know, nobody can aim at one bucket (Aumasson and Bernstein,
 * "SipHash: a fast short-input PRF", 2012). It is no MAC for storage: 64 bits are too few.
 */

#include <gyl/crypto.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Hash @p len octets under a 128-bit key.
 * @param[in] key  The key as two numbers: octets 0..7 and 8..15 of the paper's key, little-endian.
 * @param[in] p    Octets to hash.
 * @return the hash as a number (the paper's output octets are its little-endian form).
 * @cost O(len), about 20 ns for 24 octets
 */
GYL_CRYPTO_API uint64_t gyl_siphash(const uint64_t key[2], const void *p, size_t len);

#ifdef __cplusplus
}
#endif

#endif
