/* SPDX-License-Identifier: ISC */

/*
 * PBKDF2's loop for SHA-256. One chain of 32 SHA256RNDS2 at 4 cycles is all that the processor
 * waits for: 256 of about 280 cycles an iteration. A second chain fits in between.
 */

#include "crypto/src/pbkdf2_own.h"
#include "crypto/src/x86/sha256_ni.h"

/* w[8] to w[15] of a block that ends with a digest after a pad. */
GYL__SHA256_NI __m128i one(void)
{
	return _mm_setr_epi32(INT32_MIN, 0, 0, 0);
}

GYL__SHA256_NI __m128i bits(void)
{
	return _mm_setr_epi32(0, 0, 0, GYL__PBKDF2_SHA256_BITS);
}

/* The hash of a digest after pad. */
GYL__SHA256_NI struct gyl__sha256_ni hash(struct gyl__sha256_ni pad, struct gyl__sha256_ni digest)
{
	__m128i w0, w1;

	gyl__sha256_ni_words(digest, &w0, &w1);
	return gyl__sha256_ni_compress(pad, w0, w1, one(), bits());
}

GYL__SHA256_NI struct gyl__sha256_ni sum_of(struct gyl__sha256_ni a, struct gyl__sha256_ni b)
{
	return (struct gyl__sha256_ni){
		_mm_xor_si128(a.abef, b.abef), _mm_xor_si128(a.cdgh, b.cdgh)};
}

GYL__TARGET("sha,sse4.1")
void gyl__pbkdf2_sha256_ni(
	const struct gyl_hmac_key *key, union gyl_hash_mid *u, union gyl_hash_mid *t, uint64_t cnt)
{
	const struct gyl__sha256_ni inner = gyl__sha256_ni_load(key->inner.w32);
	const struct gyl__sha256_ni outer = gyl__sha256_ni_load(key->outer.w32);
	struct gyl__sha256_ni s = gyl__sha256_ni_load(u->w32), sum = gyl__sha256_ni_load(t->w32);

	while (cnt-- > 0) {
		s = hash(outer, hash(inner, s));
		sum = sum_of(sum, s);
	}
	gyl__sha256_ni_store(u->w32, s);
	gyl__sha256_ni_store(t->w32, sum);
}

/* Both lanes take sixteen rounds in turn, which is near enough for a processor to overlap them. */
GYL__SHA256_NI void rounds_x2(struct gyl__sha256_ni s[2], __m128i w[2][4], unsigned t)
{
	gyl__sha256_ni_16_rounds(&s[0], w[0], t);
	gyl__sha256_ni_16_rounds(&s[1], w[1], t);
}

GYL__SHA256_NI void hash_x2(const struct gyl__sha256_ni *pad, struct gyl__sha256_ni s[2])
{
	__m128i w[2][4] = {{[2] = one(), [3] = bits()}, {[2] = one(), [3] = bits()}};

	gyl__sha256_ni_words(s[0], &w[0][0], &w[0][1]);
	gyl__sha256_ni_words(s[1], &w[1][0], &w[1][1]);
	s[0] = s[1] = *pad;
	rounds_x2(s, w, 0);
	rounds_x2(s, w, 16);
	rounds_x2(s, w, 32);
	rounds_x2(s, w, 48);
	for (unsigned lane = 0; lane < 2; lane++) {
		s[lane].abef = _mm_add_epi32(s[lane].abef, pad->abef);
		s[lane].cdgh = _mm_add_epi32(s[lane].cdgh, pad->cdgh);
	}
}

GYL__TARGET("sha,sse4.1")
void gyl__pbkdf2_sha256_ni_x2(const struct gyl_hmac_key *key, union gyl_hash_mid u[2],
	union gyl_hash_mid t[2], uint64_t cnt)
{
	const struct gyl__sha256_ni inner = gyl__sha256_ni_load(key->inner.w32);
	const struct gyl__sha256_ni outer = gyl__sha256_ni_load(key->outer.w32);
	struct gyl__sha256_ni s[2] = {gyl__sha256_ni_load(u[0].w32), gyl__sha256_ni_load(u[1].w32)};
	struct gyl__sha256_ni sum[2] = {
		gyl__sha256_ni_load(t[0].w32), gyl__sha256_ni_load(t[1].w32)};

	while (cnt-- > 0) {
		hash_x2(&inner, s);
		hash_x2(&outer, s);
		sum[0] = sum_of(sum[0], s[0]);
		sum[1] = sum_of(sum[1], s[1]);
	}
	for (unsigned lane = 0; lane < 2; lane++) {
		gyl__sha256_ni_store(u[lane].w32, s[lane]);
		gyl__sha256_ni_store(t[lane].w32, sum[lane]);
	}
}
