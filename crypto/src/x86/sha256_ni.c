/* SPDX-License-Identifier: ISC */
#include "crypto/src/x86/sha256_ni.h"

/* Four words with their octets turned round. */
GYL__SHA256_NI __m128i turn4(__m128i x)
{
	return _mm_shuffle_epi8(x, _mm_set_epi32(0x0c0d0e0f, 0x08090a0b, 0x04050607, 0x00010203));
}

GYL__SHA256_NI __m128i word4(const uint8_t *p)
{
	return turn4(_mm_loadu_si128((const __m128i *)(const void *)p));
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

GYL__TARGET("sha,sse4.1")
void gyl__sha256_outer_ni(const uint32_t inner[8], const uint32_t outer[8], uint8_t *ret_mac)
{
	const __m128i one_bit = _mm_set_epi32(0, 0, 0, INT32_MIN);
	const __m128i bit_len = _mm_set_epi32((GYL_SHA256_BLOCK_LEN + GYL_SHA256_LEN) * 8, 0, 0, 0);
	struct gyl__sha256_ni s = gyl__sha256_ni_load(outer);
	__m128i abcd = _mm_loadu_si128((const __m128i *)(const void *)inner);
	__m128i efgh = _mm_loadu_si128((const __m128i *)(const void *)(inner + 4));

	s = gyl__sha256_ni_compress(s, abcd, efgh, one_bit, bit_len);
	gyl__sha256_ni_words(s, &abcd, &efgh);
	_mm_storeu_si128((__m128i *)(void *)ret_mac, turn4(abcd));
	_mm_storeu_si128((__m128i *)(void *)(ret_mac + 16), turn4(efgh));
}
