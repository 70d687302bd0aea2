/* SPDX-License-Identifier: ISC */
#include "crypto/src/x86/sha1_ni.h"
#include "crypto/src/hash_own.h"

/* All 16 octets turned round: the first word goes to the highest place. */
GYL__SHA1_NI __m128i turn16(__m128i x)
{
	return _mm_shuffle_epi8(x, _mm_set_epi32(0x00010203, 0x04050607, 0x08090a0b, 0x0c0d0e0f));
}

GYL__SHA1_NI __m128i word4(const uint8_t *p)
{
	return turn16(_mm_loadu_si128((const __m128i *)(const void *)p));
}

GYL__TARGET("sha,sse4.1")
void gyl__sha1_blocks_ni(uint32_t h[5], const uint8_t *p, size_t block_cnt)
{
	struct gyl__sha1_ni s = gyl__sha1_ni_load(h);

	for (; block_cnt != 0; block_cnt--, p += GYL_SHA1_BLOCK_LEN)
		s = gyl__sha1_ni_compress(s, word4(p), word4(p + 16), word4(p + 32), word4(p + 48));
	gyl__sha1_ni_store(h, s);
}

GYL__TARGET("sha,sse4.1")
void gyl__sha1_outer_ni(const uint32_t inner[5], const uint32_t outer[5], uint8_t *ret_mac)
{
	const __m128i one_bit = _mm_set_epi32(0, INT32_MIN, 0, 0);
	const __m128i bit_len = _mm_set_epi32(0, 0, 0, (GYL_SHA1_BLOCK_LEN + GYL_SHA1_LEN) * 8);
	struct gyl__sha1_ni m = gyl__sha1_ni_load(inner), s = gyl__sha1_ni_load(outer);

	s = gyl__sha1_ni_compress(
		s, m.abcd, _mm_or_si128(m.e, one_bit), _mm_setzero_si128(), bit_len);
	_mm_storeu_si128((__m128i *)(void *)ret_mac, turn16(s.abcd));
	gyl__store32_be(ret_mac + 16, (uint32_t)_mm_extract_epi32(s.e, 3));
}
