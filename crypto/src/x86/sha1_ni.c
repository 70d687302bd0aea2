/* SPDX-License-Identifier: ISC */
#include "crypto/src/x86/sha1_ni.h"
#include "crypto/src/hash_own.h"

/* All 16 octets turned round: the first word goes to the highest place. */
GYL__SHA1_NI __m128i word4(const uint8_t *p)
{
	const __m128i swap = _mm_set_epi32(0x00010203, 0x04050607, 0x08090a0b, 0x0c0d0e0f);

	return _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)p), swap);
}

GYL__TARGET("sha,sse4.1")
void gyl__sha1_blocks_ni(uint32_t h[5], const uint8_t *p, size_t block_cnt)
{
	struct gyl__sha1_ni s = gyl__sha1_ni_load(h);

	for (; block_cnt != 0; block_cnt--, p += GYL_SHA1_BLOCK_LEN)
		s = gyl__sha1_ni_compress(s, word4(p), word4(p + 16), word4(p + 32), word4(p + 48));
	gyl__sha1_ni_store(h, s);
}
