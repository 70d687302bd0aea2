/* SPDX-License-Identifier: ISC */

/* ROMix over two parts at once, in registers of 256 bits. */

#include <immintrin.h>

#define ROMIX_STEPS           gyl__romix_avx512vl_x2
#define ROMIX_TARGET          "avx512f,avx512vl"
#define ROMIX_LANES           2
#define vec                   __m256i
#define vec_read(p)           _mm256_load_si256((const __m256i *)(p))
#define vec_write(p, v)       _mm256_store_si256((__m256i *)(p), v)
#define vec_add               _mm256_add_epi32
#define vec_xor               _mm256_xor_si256
#define vec_xor_rotl(v, a, n) _mm256_xor_si256(v, _mm256_rol_epi32(a, n))
#define vec_turn1(v)          _mm256_shuffle_epi32(v, 0x39)
#define vec_turn2(v)          _mm256_shuffle_epi32(v, 0x4e)
#define vec_turn3(v)          _mm256_shuffle_epi32(v, 0x93)
#define vec_transpose(v)      transpose(v)

/* Two rows of one lane and two of the other, or two lanes of one row and two of the other. */
__attribute__((target("avx2"))) static inline void transpose(__m256i v[4])
{
	__m256i t0 = v[0], t2 = v[2];

	v[0] = _mm256_permute2x128_si256(t0, v[1], 0x20);
	v[1] = _mm256_permute2x128_si256(t0, v[1], 0x31);
	v[2] = _mm256_permute2x128_si256(t2, v[3], 0x20);
	v[3] = _mm256_permute2x128_si256(t2, v[3], 0x31);
}

#include "crypto/src/x86/romix_body.h"
