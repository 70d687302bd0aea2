/* SPDX-License-Identifier: ISC */
#ifndef GYL_CRYPTO_HASH_OWN_H
#define GYL_CRYPTO_HASH_OWN_H

/*
 * The compression functions, for what builds on them without the octets in between: HMAC, PBKDF2.
 * In C there are sha1_rounds.h, sha256_rounds.h and sha512_rounds.h, for SHA-NI x86/sha1_ni.h and
 * x86/sha256_ni.h; they work on words that are in registers already.
 */

#include <gyl/cpu.h>
#include <gyl/hmac.h>

/* FIPS 180-4 4.2.2 and 4.2.3; aligned to be added by vector instructions. */
extern const uint32_t gyl__sha256_k[64];
extern const uint64_t gyl__sha512_k[80];

/* Compress block_cnt blocks, with the best kernel of the set. */
void gyl__sha1_blocks(uint32_t cpu, uint32_t h[5], const uint8_t *p, size_t block_cnt);
void gyl__sha256_blocks(uint32_t cpu, uint32_t h[8], const uint8_t *p, size_t block_cnt);
void gyl__sha512_blocks(uint32_t cpu, uint64_t h[8], const uint8_t *p, size_t block_cnt);

/* Go on from a chaining value after one block, as HMAC does after each of its pads. */
void gyl__sha1_resume(struct gyl_sha1 *s, uint32_t cpu, const uint32_t h[5]);
void gyl__sha256_resume(struct gyl_sha256 *s, uint32_t cpu, const uint32_t h[8]);
void gyl__sha512_resume(struct gyl_sha512 *s, uint32_t cpu, const uint64_t h[8]);

/*
 * The second half of an HMAC: the digest of s is the message of a hash that goes on from outer. It
 * never leaves s on its way. s is not wiped.
 */
void gyl__sha1_outer(struct gyl_sha1 *s, const uint32_t outer[5], uint8_t *ret_mac);
void gyl__sha256_outer(struct gyl_sha256 *s, const uint32_t outer[8], uint8_t *ret_mac);
void gyl__sha512_outer(struct gyl_sha512 *s, const uint64_t outer[8], uint8_t *ret_mac);
void gyl__sha224_outer(struct gyl_sha256 *s, const uint32_t outer[8], uint8_t *ret_mac);
void gyl__sha384_outer(struct gyl_sha512 *s, const uint64_t outer[8], uint8_t *ret_mac);

#if defined(__x86_64__)
/* The kernels. SHA-NI: ask gyl__cpu_sha_ni() first. */
void gyl__sha1_blocks_ni(uint32_t h[5], const uint8_t *p, size_t block_cnt);
void gyl__sha256_blocks_ni(uint32_t h[8], const uint8_t *p, size_t block_cnt);
void gyl__sha1_outer_ni(const uint32_t inner[5], const uint32_t outer[5], uint8_t *ret_mac);
void gyl__sha256_outer_ni(const uint32_t inner[8], const uint32_t outer[8], uint8_t *ret_mac);
void gyl__sha512_blocks_bmi2(uint64_t h[8], const uint8_t *p, size_t block_cnt);

/* The kernels shuffle octets and words too. A caller may have masked one of the two. */
static inline bool gyl__cpu_sha_ni(uint32_t cpu)
{
	const uint32_t need = GYL_CPU_SHA | GYL_CPU_SSE41;

	return (cpu & need) == need;
}
#endif

#endif
