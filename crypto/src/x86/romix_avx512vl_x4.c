/* SPDX-License-Identifier: ISC */

/* ROMix over four parts at once, in registers of 512 bits. */

#include <immintrin.h>

#define ROMIX_STEPS           gyl__romix_avx512vl_x4
#define ROMIX_TARGET          "avx512f,avx512vl"
#define ROMIX_LANES           4
#define vec                   __m512i
#define vec_read(p)           _mm512_load_si512(p)
#define vec_write(p, v)       _mm512_store_si512(p, v)
#define vec_add               _mm512_add_epi32
#define vec_xor               _mm512_xor_si512
#define vec_xor_rotl(v, a, n) _mm512_xor_si512(v, _mm512_rol_epi32(a, n))
#define vec_turn1(v)          _mm512_shuffle_epi32(v, (_MM_PERM_ENUM)0x39)
#define vec_turn2(v)          _mm512_shuffle_epi32(v, (_MM_PERM_ENUM)0x4e)
#define vec_turn3(v)          _mm512_shuffle_epi32(v, (_MM_PERM_ENUM)0x93)
#define vec_transpose(v)      transpose(v)

/* Four registers of four rows of a lane, or of four lanes of a row. */
__attribute__((target("avx512f"))) static inline void transpose(__m512i v[4])
{
	__m512i t0 = _mm512_shuffle_i32x4(v[0], v[1], 0x44);
	__m512i t1 = _mm512_shuffle_i32x4(v[2], v[3], 0x44);
	__m512i t2 = _mm512_shuffle_i32x4(v[0], v[1], 0xee);
	__m512i t3 = _mm512_shuffle_i32x4(v[2], v[3], 0xee);

	v[0] = _mm512_shuffle_i32x4(t0, t1, 0x88);
	v[1] = _mm512_shuffle_i32x4(t0, t1, 0xdd);
	v[2] = _mm512_shuffle_i32x4(t2, t3, 0x88);
	v[3] = _mm512_shuffle_i32x4(t2, t3, 0xdd);
}

#include "crypto/src/x86/romix_body.h"
