/* SPDX-License-Identifier: ISC */
#ifndef GYL_CRYPTO_BITS_H
#define GYL_CRYPTO_BITS_H

/* Words in octets and rotations, for every file of the library. */

#include <stdint.h>
#include <string.h>

/* A function compiled for instructions that the rest of the library must not use. */
#define GYL__TARGET(features) __attribute__((target(features)))

/* Part of its caller whatever that is compiled for: indices that are constants there cost nothing.
 */
#define GYL__INLINE           inline __attribute__((always_inline))

static inline uint32_t gyl__rotl32(uint32_t x, unsigned n)
{
	return x << n | x >> (32 - n);
}

static inline uint32_t gyl__rotr32(uint32_t x, unsigned n)
{
	return x >> n | x << (32 - n);
}

static inline uint64_t gyl__rotl64(uint64_t x, unsigned n)
{
	return x << n | x >> (64 - n);
}

static inline uint64_t gyl__rotr64(uint64_t x, unsigned n)
{
	return x >> n | x << (64 - n);
}

static inline uint32_t gyl__load32_le(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static inline uint32_t gyl__load32_be(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t gyl__load64_le(const uint8_t *p)
{
	return (uint64_t)gyl__load32_le(p + 4) << 32 | gyl__load32_le(p);
}

static inline uint64_t gyl__load64_be(const uint8_t *p)
{
	return (uint64_t)gyl__load32_be(p) << 32 | gyl__load32_be(p + 4);
}

static inline void gyl__store32_le(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
	p[2] = (uint8_t)(v >> 16);
	p[3] = (uint8_t)(v >> 24);
}

static inline void gyl__store32_be(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

static inline void gyl__store64_le(uint8_t *p, uint64_t v)
{
	gyl__store32_le(p, (uint32_t)v);
	gyl__store32_le(p + 4, (uint32_t)(v >> 32));
}

static inline void gyl__store64_be(uint8_t *p, uint64_t v)
{
	gyl__store32_be(p, (uint32_t)(v >> 32));
	gyl__store32_be(p + 4, (uint32_t)v);
}

#endif
