/* SPDX-License-Identifier: ISC */
#include <gyl/ct.h>
#include <gyl/sha256.h>
#include <string.h>

#include "crypto/src/bits.h"

/* FIPS 180-4 4.2.2: fractions of the cube roots of the first 64 primes. */
static const uint32_t round_const[64] = {0x428a2f98u, 0x71374491u, 0xb5c0fbcfu, 0xe9b5dba5u,
	0x3956c25bu, 0x59f111f1u, 0x923f82a4u, 0xab1c5ed5u, 0xd807aa98u, 0x12835b01u, 0x243185beu,
	0x550c7dc3u, 0x72be5d74u, 0x80deb1feu, 0x9bdc06a7u, 0xc19bf174u, 0xe49b69c1u, 0xefbe4786u,
	0x0fc19dc6u, 0x240ca1ccu, 0x2de92c6fu, 0x4a7484aau, 0x5cb0a9dcu, 0x76f988dau, 0x983e5152u,
	0xa831c66du, 0xb00327c8u, 0xbf597fc7u, 0xc6e00bf3u, 0xd5a79147u, 0x06ca6351u, 0x14292967u,
	0x27b70a85u, 0x2e1b2138u, 0x4d2c6dfcu, 0x53380d13u, 0x650a7354u, 0x766a0abbu, 0x81c2c92eu,
	0x92722c85u, 0xa2bfe8a1u, 0xa81a664bu, 0xc24b8b70u, 0xc76c51a3u, 0xd192e819u, 0xd6990624u,
	0xf40e3585u, 0x106aa070u, 0x19a4c116u, 0x1e376c08u, 0x2748774cu, 0x34b0bcb5u, 0x391c0cb3u,
	0x4ed8aa4au, 0x5b9cca4fu, 0x682e6ff3u, 0x748f82eeu, 0x78a5636fu, 0x84c87814u, 0x8cc70208u,
	0x90befffau, 0xa4506cebu, 0xbef9a3f7u, 0xc67178f2u};

/* FIPS 180-4 5.3.3: fractions of the square roots of the first 8 primes. */
static const uint32_t initial[8] = {0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au, 0x510e527fu,
	0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u};

/* FIPS 180-4 6.2.2 step 1: the message schedule. */
static void schedule(uint32_t w[64], const uint8_t *block)
{
	for (size_t t = 0; t < 16; t++)
		w[t] = gyl__load32_be(block + 4 * t);
	for (size_t t = 16; t < 64; t++) {
		uint32_t s0 =
			gyl__rotr32(w[t - 15], 7) ^ gyl__rotr32(w[t - 15], 18) ^ w[t - 15] >> 3;
		uint32_t s1 =
			gyl__rotr32(w[t - 2], 17) ^ gyl__rotr32(w[t - 2], 19) ^ w[t - 2] >> 10;

		w[t] = w[t - 16] + s0 + w[t - 7] + s1;
	}
}

/* FIPS 180-4 6.2.2 steps 2 to 4. v[] is a..h, turned by index instead of by moving all eight. */
static void compress(uint32_t h[8], const uint8_t *block)
{
	uint32_t w[64], v[8];

	schedule(w, block);
	memcpy(v, h, sizeof v);
	for (unsigned t = 0; t < 64; t++) {
		uint32_t a = v[(64 - t) & 7], b = v[(65 - t) & 7], c = v[(66 - t) & 7];
		uint32_t e = v[(68 - t) & 7], f = v[(69 - t) & 7], g = v[(70 - t) & 7];
		uint32_t s1 = gyl__rotr32(e, 6) ^ gyl__rotr32(e, 11) ^ gyl__rotr32(e, 25);
		uint32_t s0 = gyl__rotr32(a, 2) ^ gyl__rotr32(a, 13) ^ gyl__rotr32(a, 22);
		uint32_t t1 = v[(71 - t) & 7] + s1 + ((e & f) ^ (~e & g)) + round_const[t] + w[t];

		v[(67 - t) & 7] += t1;
		v[(71 - t) & 7] = t1 + s0 + ((a & b) ^ (a & c) ^ (b & c));
	}
	for (size_t i = 0; i < 8; i++)
		h[i] += v[i];
}

void gyl_sha256_init(struct gyl_sha256 *s, uint32_t cpu)
{
	memcpy(s->h, initial, sizeof s->h);
	s->len = 0;
	s->cpu = cpu;
}

void gyl_sha256_update(struct gyl_sha256 *s, const void *p, size_t len)
{
	const uint8_t *at = p;
	size_t have = (size_t)(s->len % GYL_SHA256_BLOCK_LEN);

	s->len += len;
	while (len != 0) {
		size_t take = GYL_SHA256_BLOCK_LEN - have;

		if (have == 0 && len >= GYL_SHA256_BLOCK_LEN) {
			compress(s->h, at);
			take = GYL_SHA256_BLOCK_LEN;
		} else {
			take = take < len ? take : len;
			memcpy(s->block + have, at, take);
			have = (have + take) % GYL_SHA256_BLOCK_LEN;
			if (have == 0)
				compress(s->h, s->block);
		}
		at += take;
		len -= take;
	}
}

void gyl_sha256_final(struct gyl_sha256 *s, uint8_t *ret_digest)
{
	static const uint8_t pad[GYL_SHA256_BLOCK_LEN] = {0x80};
	uint64_t bit_len = s->len * 8;
	size_t have = (size_t)(s->len % GYL_SHA256_BLOCK_LEN);
	uint8_t len_be[8];

	/* FIPS 180-4 5.1.1: a one bit, zeros to 448 mod 512, the length in bits. */
	gyl__store32_be(len_be, (uint32_t)(bit_len >> 32));
	gyl__store32_be(len_be + 4, (uint32_t)bit_len);
	gyl_sha256_update(s, pad, have < 56 ? 56 - have : 120 - have);
	gyl_sha256_update(s, len_be, sizeof len_be);
	for (size_t i = 0; i < 8; i++)
		gyl__store32_be(ret_digest + 4 * i, s->h[i]);
	gyl_wipe(s, sizeof *s);
}
