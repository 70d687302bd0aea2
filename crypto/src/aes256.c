/* SPDX-License-Identifier: ISC */

/*
 * In portable C four blocks are worked on at once, in slices: bit k of plane i is bit i of octet k.
 * There is no table to look up: the S-box is arithmetic, the same for every octet.
 *
 * Octet k of a block is the state's row k % 4, column k / 4 (FIPS 197 3.4), so that a row is every
 * fourth bit of a plane, a column is four neighbours, a block is sixteen.
 */

#include <gyl/aes256.h>
#include <gyl/cpu.h>
#include <gyl/ct.h>
#include <string.h>

#include "crypto/src/aes256_own.h"
#include "crypto/src/bits.h"
#include "crypto/src/burn.h"

enum {
	PLANE_CNT = 8,
	BATCH = 4, /* blocks in a plane */
	BATCH_LEN = BATCH * GYL_AES256_BLOCK_LEN
};

/* The field of 16 elements, sliced: polynomials in g, of degree 3, where g^4 = g + 1. */
struct nibble {
	uint64_t c0, c1, c2, c3;
};

static inline struct nibble add(struct nibble a, struct nibble b)
{
	return (struct nibble){a.c0 ^ b.c0, a.c1 ^ b.c1, a.c2 ^ b.c2, a.c3 ^ b.c3};
}

static inline struct nibble mul(struct nibble a, struct nibble b)
{
	uint64_t g4 = (a.c1 & b.c3) ^ (a.c2 & b.c2) ^ (a.c3 & b.c1);
	uint64_t g5 = (a.c2 & b.c3) ^ (a.c3 & b.c2);
	uint64_t g6 = a.c3 & b.c3;

	return (struct nibble){
		(a.c0 & b.c0) ^ g4,
		(a.c0 & b.c1) ^ (a.c1 & b.c0) ^ g4 ^ g5,
		(a.c0 & b.c2) ^ (a.c1 & b.c1) ^ (a.c2 & b.c0) ^ g5 ^ g6,
		(a.c0 & b.c3) ^ (a.c1 & b.c2) ^ (a.c2 & b.c1) ^ (a.c3 & b.c0) ^ g6,
	};
}

static inline struct nibble square(struct nibble a)
{
	return (struct nibble){a.c0 ^ a.c2, a.c2, a.c1 ^ a.c3, a.c3};
}

/* a^2 g^3 */
static inline struct nibble square_g3(struct nibble a)
{
	return (struct nibble){a.c2, a.c1 ^ a.c2 ^ a.c3, a.c1, a.c0 ^ a.c2 ^ a.c3};
}

/* a^14, which is 1 / a, and 0 for 0. */
static inline struct nibble invert(struct nibble a)
{
	struct nibble a2 = square(a), a4 = square(a2);

	return mul(mul(a2, a4), square(a4));
}

/*
 * FIPS 197 5.1.1: the inverse, then an affine map. An octet is written as a Y + b with a and b in
 * the small field (in FIPS 197's terms g is {5c}, Y is {a2}), where Y^2 = Y + g^3, and then
 *
 *     1 / (a Y + b) = (a Y + a + b) / (a^2 g^3 + a b + b^2).
 *
 * The way back from (a, b) and the affine map are one matrix; its constant {63} turns four planes.
 * test_aes256.c compares all 256 values with the definition.
 */
static void sub_octets(uint64_t *q)
{
	struct nibble a = {q[4] ^ q[5] ^ q[6], q[1] ^ q[4] ^ q[6] ^ q[7], q[2] ^ q[3] ^ q[5] ^ q[7],
		q[5] ^ q[7]};
	struct nibble b = {
		q[0] ^ q[5] ^ q[7], q[2], q[2] ^ q[3] ^ q[4] ^ q[5] ^ q[6] ^ q[7], q[3] ^ q[4]};
	struct nibble d = invert(add(square_g3(a), mul(b, add(a, b))));
	uint64_t common;

	b = mul(add(a, b), d);
	a = mul(a, d);
	common = b.c0 ^ b.c3 ^ a.c1;
	q[0] = ~(b.c0 ^ b.c2 ^ a.c2);
	q[1] = ~(common ^ b.c1 ^ b.c2 ^ a.c0);
	q[2] = common ^ a.c2;
	q[3] = b.c0 ^ b.c2 ^ a.c1;
	q[4] = common ^ b.c1 ^ a.c0;
	q[5] = ~(b.c1 ^ b.c2 ^ b.c3 ^ a.c1 ^ a.c2 ^ a.c3);
	q[6] = ~(a.c0 ^ a.c2 ^ a.c3);
	q[7] = b.c1 ^ b.c2;
}

/* FIPS 197 5.1.2: row r turns left by r columns, which are four bits each. */
static inline uint64_t turn_rows(uint64_t x)
{
	uint64_t row1 = x & 0x2222222222222222u, row2 = x & 0x4444444444444444u;
	uint64_t row3 = x & 0x8888888888888888u;

	return (x & 0x1111111111111111u) | (row1 >> 4 & 0x0fff0fff0fff0fffu) |
	       (row1 << 12 & 0xf000f000f000f000u) | (row2 >> 8 & 0x00ff00ff00ff00ffu) |
	       (row2 << 8 & 0xff00ff00ff00ff00u) | (row3 >> 12 & 0x000f000f000f000fu) |
	       (row3 << 4 & 0xfff0fff0fff0fff0u);
}

static void shift_rows(uint64_t *q)
{
	for (size_t i = 0; i < PLANE_CNT; i++)
		q[i] = turn_rows(q[i]);
}

/* In every column: each octet takes the place of the one above. */
static inline uint64_t up1(uint64_t x)
{
	return (x >> 1 & 0x7777777777777777u) | (x << 3 & 0x8888888888888888u);
}

static inline uint64_t up2(uint64_t x)
{
	return (x >> 2 & 0x3333333333333333u) | (x << 2 & 0xccccccccccccccccu);
}

/*
 * FIPS 197 5.1.3: s0' = 2 s0 + 3 s1 + s2 + s3 = 2 (s0 + s1) + s1 + (s2 + s3). Twice is a plane
 * further; the highest comes back as {1b}.
 */
static void mix_columns(uint64_t *q)
{
	uint64_t next[PLANE_CNT], sum[PLANE_CNT];

	for (size_t i = 0; i < PLANE_CNT; i++) {
		next[i] = up1(q[i]);
		sum[i] = q[i] ^ next[i];
	}
	for (size_t i = 0; i < PLANE_CNT; i++)
		q[i] = next[i] ^ up2(sum[i]) ^ (i == 0 ? 0 : sum[i - 1]);
	q[0] ^= sum[7];
	q[1] ^= sum[7];
	q[3] ^= sum[7];
	q[4] ^= sum[7];
}

static void add_key(uint64_t *q, const uint64_t *key)
{
	for (size_t i = 0; i < PLANE_CNT; i++)
		q[i] ^= key[i];
}

/* Eight octets as a matrix of bits, turned round its diagonal: blocks of 1, 2 and 4 change. */
static inline uint64_t turn_bits(uint64_t x)
{
	uint64_t t = (x ^ x >> 7) & 0x00aa00aa00aa00aau;

	x ^= t ^ t << 7;
	t = (x ^ x >> 14) & 0x0000cccc0000ccccu;
	x ^= t ^ t << 14;
	t = (x ^ x >> 28) & 0x00000000f0f0f0f0u;
	return x ^ t ^ t << 28;
}

/* 8 words of 8 octets to 8 planes: bits are turned in each word, octets between the words. */
static void slice(uint64_t *q, const uint8_t *in, size_t len)
{
	memset(q, 0, PLANE_CNT * sizeof q[0]);
	for (size_t w = 0; w < len / 8; w++) {
		uint64_t x = turn_bits(gyl__load64_le(in + 8 * w));

		for (size_t i = 0; i < PLANE_CNT; i++)
			q[i] |= (x >> 8 * i & 0xff) << 8 * w;
	}
}

static void unslice(const uint64_t *q, uint8_t *out, size_t len)
{
	for (size_t w = 0; w < len / 8; w++) {
		uint64_t x = 0;

		for (size_t i = 0; i < PLANE_CNT; i++)
			x |= (q[i] >> 8 * w & 0xff) << 8 * i;
		gyl__store64_le(out + 8 * w, turn_bits(x));
	}
}

/* The round keys, sliced, each once for every block of a batch. */
struct sliced_key {
	uint64_t round[GYL__AES256_ROUND_CNT + 1][PLANE_CNT];
};

static void slice_key(struct sliced_key *k, const uint8_t *round_key)
{
	for (size_t r = 0; r <= GYL__AES256_ROUND_CNT; r++) {
		slice(k->round[r], round_key + 16 * r, 16);
		for (size_t i = 0; i < PLANE_CNT; i++)
			k->round[r][i] *= 0x0001000100010001u;
	}
}

/* FIPS 197 5.1, on a batch; out may be in. */
static void cipher(const struct sliced_key *k, const uint8_t *in, uint8_t *out, size_t len)
{
	uint64_t q[PLANE_CNT];

	slice(q, in, len);
	add_key(q, k->round[0]);
	for (size_t r = 1; r < GYL__AES256_ROUND_CNT; r++) {
		sub_octets(q);
		shift_rows(q);
		mix_columns(q);
		add_key(q, k->round[r]);
	}
	sub_octets(q);
	shift_rows(q);
	add_key(q, k->round[GYL__AES256_ROUND_CNT]);
	unslice(q, out, len);
	gyl_wipe(q, sizeof q);
}

static GYL__OWN_FRAME void portable_encrypt(
	const uint8_t *round_key, const uint8_t *in, uint8_t *out)
{
	struct sliced_key k;

	slice_key(&k, round_key);
	cipher(&k, in, out, GYL_AES256_BLOCK_LEN);
	gyl_wipe(&k, sizeof k);
}

static GYL__OWN_FRAME void portable_blocks(
	const uint8_t *round_key, uint64_t *counter, uint8_t *out, size_t block_cnt)
{
	struct sliced_key k;

	slice_key(&k, round_key);
	while (block_cnt > 0) {
		size_t take = block_cnt < BATCH ? block_cnt : BATCH;
		size_t len = GYL_AES256_BLOCK_LEN * take;

		for (size_t i = 0; i < take; i++) {
			gyl__store64_le(out + 16 * i, counter[0]);
			gyl__store64_le(out + 16 * i + 8, counter[1]);
			counter[1] += ++counter[0] == 0;
		}
		cipher(&k, out, out, len);
		out += len;
		block_cnt -= take;
	}
	gyl_wipe(&k, sizeof k);
}

/* FIPS 197 5.2, SubWord. */
static void sub_word(uint8_t *word)
{
	uint8_t octets[8] = {0};
	uint64_t q[PLANE_CNT];

	memcpy(octets, word, 4);
	slice(q, octets, sizeof octets);
	sub_octets(q);
	unslice(q, octets, sizeof octets);
	memcpy(word, octets, 4);
	gyl_wipe(octets, sizeof octets);
	gyl_wipe(q, sizeof q);
}

/* FIPS 197 5.2, for a key of eight words: every fourth word goes through the S-box. */
static GYL__OWN_FRAME void portable_init(uint8_t *round_key, const uint8_t *key)
{
	uint8_t rcon = 1, word[4];

	memcpy(round_key, key, GYL_AES256_KEY_LEN);
	for (size_t i = 8; i < 4 * (GYL__AES256_ROUND_CNT + 1); i++) {
		const uint8_t *last = round_key + 4 * i - 4;

		/* RotWord and Rcon, every eighth word */
		for (size_t k = 0; k < 4; k++)
			word[k] = last[i % 8 == 0 ? (k + 1) % 4 : k];
		if (i % 4 == 0)
			sub_word(word);
		if (i % 8 == 0) {
			word[0] ^= rcon;
			rcon = (uint8_t)(rcon << 1);
		}
		for (size_t k = 0; k < 4; k++)
			round_key[4 * i + k] = round_key[4 * i + k - 32] ^ word[k];
	}
	gyl_wipe(word, sizeof word);
}

void gyl_aes256_init(struct gyl_aes256 *a, uint32_t cpu, const uint8_t *key)
{
	a->cpu = cpu;
#if defined(__x86_64__)
	if ((cpu & GYL_CPU_AES) != 0) {
		gyl__aes256_ni_init(a->round_key, key);
		return;
	}
#endif
	portable_init(a->round_key, key);
	gyl__burn();
}

void gyl_aes256_encrypt(const struct gyl_aes256 *a, const uint8_t *in, uint8_t *out)
{
#if defined(__x86_64__)
	if ((a->cpu & GYL_CPU_AES) != 0) {
		gyl__aes256_ni_encrypt(a->round_key, in, out);
		return;
	}
#endif
	portable_encrypt(a->round_key, in, out);
	gyl__burn();
}

void gyl_aes256_blocks(
	const struct gyl_aes256 *a, uint64_t counter[2], uint8_t *out, size_t block_cnt)
{
#if defined(__x86_64__)
	if ((a->cpu & GYL_CPU_AES) != 0) {
		gyl__aes256_ni_blocks(a->round_key, counter, out, block_cnt);
		gyl__burn_some();
		return;
	}
#endif
	portable_blocks(a->round_key, counter, out, block_cnt);
	gyl__burn();
}
