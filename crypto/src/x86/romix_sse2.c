/* SPDX-License-Identifier: ISC */

/* ROMix with what every x86-64 has. A rotation is two shifts. */

#include <immintrin.h>

#define ROMIX_STEPS           gyl__romix_sse2
#define ROMIX_TARGET          "sse2"
#define ROMIX_LANES           1
#define vec                   __m128i
#define vec_read(p)           _mm_load_si128((const __m128i *)(p))
#define vec_write(p, v)       _mm_store_si128((__m128i *)(p), v)
#define vec_add               _mm_add_epi32
#define vec_xor               _mm_xor_si128
#define vec_turn1(v)          _mm_shuffle_epi32(v, 0x39)
#define vec_turn2(v)          _mm_shuffle_epi32(v, 0x4e)
#define vec_turn3(v)          _mm_shuffle_epi32(v, 0x93)
#define vec_xor_rotl(v, a, n) xor_rotl(v, a, n)
#define vec_transpose(v)      ((void)(v)) /* one lane */

__attribute__((target("sse2"))) static inline __m128i xor_rotl(__m128i v, __m128i a, int n)
{
	return _mm_xor_si128(_mm_xor_si128(v, _mm_slli_epi32(a, n)), _mm_srli_epi32(a, 32 - n));
}

#include "crypto/src/x86/romix_body.h"
