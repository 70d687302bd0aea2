/* SPDX-License-Identifier: ISC */

/* PBKDF2's loop for SHA-1: a digest is the first words of the next block as it stands. */

#include "crypto/src/pbkdf2_own.h"
#include "crypto/src/x86/sha1_ni.h"

/* The hash of a digest after pad; the first word is the highest, as sha1_ni.h has it. */
GYL__SHA1_NI struct gyl__sha1_ni hash(struct gyl__sha1_ni pad, struct gyl__sha1_ni digest)
{
	const __m128i one = _mm_set_epi32(0, INT32_MIN, 0, 0);
	const __m128i bits = _mm_set_epi32(0, 0, 0, GYL__PBKDF2_SHA1_BITS);

	return gyl__sha1_ni_compress(
		pad, digest.abcd, _mm_or_si128(digest.e, one), _mm_setzero_si128(), bits);
}

GYL__TARGET("sha,sse4.1")
void gyl__pbkdf2_sha1_ni(
	const struct gyl_hmac_key *key, union gyl_hash_mid *u, union gyl_hash_mid *t, uint64_t cnt)
{
	const struct gyl__sha1_ni inner = gyl__sha1_ni_load(key->inner.w32);
	const struct gyl__sha1_ni outer = gyl__sha1_ni_load(key->outer.w32);
	struct gyl__sha1_ni s = gyl__sha1_ni_load(u->w32), sum = gyl__sha1_ni_load(t->w32);

	while (cnt-- > 0) {
		s = hash(outer, hash(inner, s));
		sum.abcd = _mm_xor_si128(sum.abcd, s.abcd);
		sum.e = _mm_xor_si128(sum.e, s.e);
	}
	gyl__sha1_ni_store(u->w32, s);
	gyl__sha1_ni_store(t->w32, sum);
}
