/* SPDX-License-Identifier: ISC */
#include <gyl/siphash.h>

#include "crypto/src/bits.h"

struct sip {
	uint64_t v0, v1, v2, v3;
};

static inline void sip_round(struct sip *s)
{
	s->v0 += s->v1;
	s->v1 = gyl__rotl64(s->v1, 13) ^ s->v0;
	s->v0 = gyl__rotl64(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = gyl__rotl64(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = gyl__rotl64(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = gyl__rotl64(s->v1, 17) ^ s->v2;
	s->v2 = gyl__rotl64(s->v2, 32);
}

static inline void sip_word(struct sip *s, uint64_t m)
{
	s->v3 ^= m;
	sip_round(s);
	sip_round(s);
	s->v0 ^= m;
}

uint64_t gyl_siphash(const uint64_t key[2], const void *p, size_t len)
{
	/* The constants spell "somepseudorandomlygeneratedbytes". */
	struct sip s = {key[0] ^ 0x736f6d6570736575u, key[1] ^ 0x646f72616e646f6du,
		key[0] ^ 0x6c7967656e657261u, key[1] ^ 0x7465646279746573u};
	const uint8_t *at = p;
	uint64_t last = (uint64_t)len << 56;
	size_t rest = len & 7, all = len;

	for (; len >= 8; at += 8, len -= 8)
		sip_word(&s, gyl__load64_le(at));
	if (all >= 8 && rest != 0) /* the last eight, and off with what was taken already */
		last |= gyl__load64_le(at + rest - 8) >> (64 - 8 * rest);
	for (size_t i = 0; i < rest && all < 8; i++)
		last |= (uint64_t)at[i] << (8 * i);
	sip_word(&s, last);
	s.v2 ^= 0xff;
	for (int i = 0; i < 4; i++)
		sip_round(&s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
