/* SPDX-License-Identifier: ISC */
#include <gyl/ct.h>
#include <gyl/hmac.h>
#include <string.h>

#include "crypto/src/burn.h"
#include "crypto/src/hash_own.h"

/* A message's inner hash is any of them; m->hash says which. Those that are cut differ in how they
 * start and end only. */
static bool in_64_bits(const struct gyl_hmac *m)
{
	return m->hash == GYL_HASH_SHA512 || m->hash == GYL_HASH_SHA384;
}

static void hash_init(struct gyl_hmac *m, uint32_t cpu)
{
	switch (m->hash) {
	case GYL_HASH_SHA1:
		gyl_sha1_init(&m->h.sha1, cpu);
		break;
	case GYL_HASH_SHA224:
		gyl_sha224_init(&m->h.sha256, cpu);
		break;
	case GYL_HASH_SHA256:
		gyl_sha256_init(&m->h.sha256, cpu);
		break;
	case GYL_HASH_SHA384:
		gyl_sha384_init(&m->h.sha512, cpu);
		break;
	default:
		gyl_sha512_init(&m->h.sha512, cpu);
		break;
	}
}

static void hash_resume(struct gyl_hmac *m, uint32_t cpu, const union gyl_hash_mid *mid)
{
	if (m->hash == GYL_HASH_SHA1)
		gyl__sha1_resume(&m->h.sha1, cpu, mid->w32);
	else if (in_64_bits(m))
		gyl__sha512_resume(&m->h.sha512, cpu, mid->w64);
	else
		gyl__sha256_resume(&m->h.sha256, cpu, mid->w32);
}

static void hash_update(struct gyl_hmac *m, const void *p, size_t len)
{
	if (m->hash == GYL_HASH_SHA1)
		gyl_sha1_update(&m->h.sha1, p, len);
	else if (in_64_bits(m))
		gyl_sha512_update(&m->h.sha512, p, len);
	else
		gyl_sha256_update(&m->h.sha256, p, len);
}

static void hash_final(struct gyl_hmac *m, uint8_t *ret_digest)
{
	switch (m->hash) {
	case GYL_HASH_SHA1:
		gyl_sha1_final(&m->h.sha1, ret_digest);
		break;
	case GYL_HASH_SHA224:
		gyl_sha224_final(&m->h.sha256, ret_digest);
		break;
	case GYL_HASH_SHA256:
		gyl_sha256_final(&m->h.sha256, ret_digest);
		break;
	case GYL_HASH_SHA384:
		gyl_sha384_final(&m->h.sha512, ret_digest);
		break;
	default:
		gyl_sha512_final(&m->h.sha512, ret_digest);
		break;
	}
}

/* Octets of a chaining value: a digest that is not cut. */
static size_t mid_len(const struct gyl_hmac *m)
{
	if (m->hash == GYL_HASH_SHA1)
		return GYL_SHA1_LEN;
	return in_64_bits(m) ? GYL_SHA512_LEN : GYL_SHA256_LEN;
}

/* The chaining value after one block: the first member of every state. */
static void mid_find(
	struct gyl_hmac *m, uint32_t cpu, const uint8_t *block, union gyl_hash_mid *ret_mid)
{
	hash_init(m, cpu);
	hash_update(m, block, gyl_hash_block_len((enum gyl_hash)m->hash));
	memcpy(ret_mid, &m->h, mid_len(m));
}

static void block_xor(uint8_t block[GYL_HASH_BLOCK_LEN_MAX], uint8_t octet)
{
	for (size_t i = 0; i < GYL_HASH_BLOCK_LEN_MAX; i++)
		block[i] ^= octet;
}

/* RFC 2104 2: the key, filled up with zeros, under each of the two pads. */
static GYL__OWN_FRAME void mids_find(struct gyl_hmac_key *k, const void *key, size_t key_len)
{
	uint8_t block[GYL_HASH_BLOCK_LEN_MAX] = {0};
	struct gyl_hmac m = {.hash = k->hash};

	if (key_len > gyl_hash_block_len((enum gyl_hash)k->hash)) {
		hash_init(&m, k->cpu);
		hash_update(&m, key, key_len);
		hash_final(&m, block);
	} else if (key_len != 0) {
		memcpy(block, key, key_len);
	}
	block_xor(block, 0x36);
	mid_find(&m, k->cpu, block, &k->inner);
	block_xor(block, 0x36 ^ 0x5c);
	mid_find(&m, k->cpu, block, &k->outer);
	gyl_wipe(block, sizeof block);
	gyl_wipe(&m, sizeof m);
}

int gyl_hmac_key_init(
	struct gyl_hmac_key *k, enum gyl_hash hash, uint32_t cpu, const void *key, size_t key_len)
{
	memset(k, 0, sizeof *k);
	if (gyl_hash_len(hash) == 0)
		return GYL_CRYPTO_E_HASH;
	k->cpu = cpu;
	k->hash = (uint8_t)hash;
	mids_find(k, key, key_len);
	gyl__burn();
	return GYL_CRYPTO_OK;
}

void gyl_hmac_init(struct gyl_hmac *m, const struct gyl_hmac_key *k)
{
	m->hash = k->hash;
	m->outer = k->outer;
	hash_resume(m, k->cpu, &k->inner);
}

void gyl_hmac_update(struct gyl_hmac *m, const void *p, size_t len)
{
	hash_update(m, p, len);
}

static GYL__OWN_FRAME void final(struct gyl_hmac *m, uint8_t *ret_mac)
{
	switch (m->hash) {
	case GYL_HASH_SHA1:
		gyl__sha1_outer(&m->h.sha1, m->outer.w32, ret_mac);
		break;
	case GYL_HASH_SHA224:
		gyl__sha224_outer(&m->h.sha256, m->outer.w32, ret_mac);
		break;
	case GYL_HASH_SHA256:
		gyl__sha256_outer(&m->h.sha256, m->outer.w32, ret_mac);
		break;
	case GYL_HASH_SHA384:
		gyl__sha384_outer(&m->h.sha512, m->outer.w64, ret_mac);
		break;
	default:
		gyl__sha512_outer(&m->h.sha512, m->outer.w64, ret_mac);
		break;
	}
	gyl_wipe(m, sizeof *m);
}

void gyl_hmac_final(struct gyl_hmac *m, uint8_t *ret_mac)
{
	final(m, ret_mac);
	gyl__burn_hmac();
}
