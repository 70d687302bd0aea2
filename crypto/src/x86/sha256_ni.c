/* SPDX-License-Identifier: ISC */
#include "crypto/src/x86/sha256_ni.h"

GYL__SHA256_NI __m128i word4(const uint8_t *p)
{
	const __m128i swap = _mm_set_epi32(0x0c0d0e0f, 0x08090a0b, 0x04050607, 0x00010203);

	return _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)p), swap);
}

GYL__TARGET("sha,sse4.1")
void gyl__sha256_blocks_ni(uint32_t h[8], const uint8_t *p, size_t block_cnt)
{
	struct gyl__sha256_ni s = gyl__sha256_ni_load(h);

	for (; block_cnt != 0; block_cnt--, p += GYL_SHA256_BLOCK_LEN)
		s = gyl__sha256_ni_compress(
			s, word4(p), word4(p + 16), word4(p + 32), word4(p + 48));
	gyl__sha256_ni_store(h, s);
}
