/* SPDX-License-Identifier: ISC */

/* ROMix with the rotations of AVX-512VL: a quarter of the chain less than with two shifts. */

#include <immintrin.h>

#define ROMIX_STEPS           gyl__romix_avx512vl
#define ROMIX_TARGET          "avx512f,avx512vl"
#define ROMIX_LANES           1
#define vec                   __m128i
#define vec_read(p)           _mm_load_si128((const __m128i *)(p))
#define vec_write(p, v)       _mm_store_si128((__m128i *)(p), v)
#define vec_add               _mm_add_epi32
#define vec_xor               _mm_xor_si128
#define vec_xor_rotl(v, a, n) _mm_xor_si128(v, _mm_rol_epi32(a, n))
#define vec_turn1(v)          _mm_shuffle_epi32(v, 0x39)
#define vec_turn2(v)          _mm_shuffle_epi32(v, 0x4e)
#define vec_turn3(v)          _mm_shuffle_epi32(v, 0x93)
#define vec_transpose(v)      ((void)(v)) /* one lane */

#include "crypto/src/x86/romix_body.h"
