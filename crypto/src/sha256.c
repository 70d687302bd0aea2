/* SPDX-License-Identifier: ISC */
#include <gyl/ct.h>
#include <gyl/sha256.h>

#include "crypto/src/burn.h"
#include "crypto/src/hash_own.h"
#include "crypto/src/md.h"
#include "crypto/src/sha256_rounds.h"

/* FIPS 180-4 4.2.2: fractions of the cube roots of the first 64 primes. */
_Alignas(16) const uint32_t gyl__sha256_k[64] = {0x428a2f98u, 0x71374491u, 0xb5c0fbcfu, 0xe9b5dba5u,
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

/* FIPS 180-4 5.3.2. */
static const uint32_t initial_224[8] = {0xc1059ed8u, 0x367cd507u, 0x3070dd17u, 0xf70e5939u,
	0xffc00b31u, 0x68581511u, 0x64f98fa7u, 0xbefa4fa4u};

static void blocks_portable(uint32_t h[8], const uint8_t *p, size_t block_cnt)
{
	uint32_t w[16];

	for (; block_cnt != 0; block_cnt--, p += GYL_SHA256_BLOCK_LEN) {
		for (unsigned i = 0; i < 16; i++)
			w[i] = gyl__load32_be(p + 4 * i);
		gyl__sha256_compress(h, w);
	}
	gyl_wipe(w, sizeof w);
}

void gyl__sha256_blocks(uint32_t cpu, uint32_t h[8], const uint8_t *p, size_t block_cnt)
{
#if defined(__x86_64__)
	if (gyl__cpu_sha_ni(cpu)) {
		gyl__sha256_blocks_ni(h, p, block_cnt);
		return;
	}
#endif
	(void)cpu;
	blocks_portable(h, p, block_cnt);
}

static void blocks(uint32_t cpu, void *h, const uint8_t *p, size_t block_cnt)
{
	gyl__sha256_blocks(cpu, h, p, block_cnt);
}

static inline struct gyl__md md(struct gyl_sha256 *s)
{
	return (struct gyl__md){blocks, s->h, &s->len, s->block, sizeof s->block, s->cpu};
}

static inline void start(struct gyl_sha256 *s, uint32_t cpu, const uint32_t h[8], uint64_t len)
{
	memcpy(s->h, h, sizeof s->h);
	s->len = len;
	s->cpu = cpu;
}

void gyl_sha256_init(struct gyl_sha256 *s, uint32_t cpu)
{
	start(s, cpu, initial, 0);
}

void gyl_sha224_init(struct gyl_sha256 *s, uint32_t cpu)
{
	start(s, cpu, initial_224, 0);
}

void gyl__sha256_resume(struct gyl_sha256 *s, uint32_t cpu, const uint32_t h[8])
{
	start(s, cpu, h, GYL_SHA256_BLOCK_LEN);
}

void gyl_sha256_update(struct gyl_sha256 *s, const void *p, size_t len)
{
	struct gyl__md m = md(s);

	gyl__md_update(&m, p, len);
}

static inline void digest(struct gyl_sha256 *s, uint8_t *ret_digest)
{
	struct gyl__md m = md(s);

	gyl__md_pad(&m);
	for (unsigned i = 0; i < 8; i++)
		gyl__store32_be(ret_digest + 4 * i, s->h[i]);
}

/* One copy for what is no hot path: it is inlined into the others. */
static GYL__OWN_FRAME void digest_in_place(struct gyl_sha256 *s)
{
	digest(s, s->block);
}

void gyl_sha256_final(struct gyl_sha256 *s, uint8_t *ret_digest)
{
	digest(s, ret_digest);
	gyl_wipe(s, sizeof *s);
}

void gyl__sha256_outer(struct gyl_sha256 *s, const uint32_t outer[8], uint8_t *ret_mac)
{
#if defined(__x86_64__)
	if (gyl__cpu_sha_ni(s->cpu)) {
		struct gyl__md m = md(s);

		gyl__md_pad(&m);
		gyl__sha256_outer_ni(s->h, outer, ret_mac);
		return;
	}
#endif
	digest_in_place(s);
	start(s, s->cpu, outer, GYL_SHA256_BLOCK_LEN + GYL_SHA256_LEN);
	digest(s, ret_mac);
}

/* The state's block holds the digest before it is cut: whole words are written. */
void gyl_sha224_final(struct gyl_sha256 *s, uint8_t *ret_digest)
{
	digest_in_place(s);
	memcpy(ret_digest, s->block, GYL_SHA224_LEN);
	gyl_wipe(s, sizeof *s);
}

void gyl__sha224_outer(struct gyl_sha256 *s, const uint32_t outer[8], uint8_t *ret_mac)
{
	digest_in_place(s);
	start(s, s->cpu, outer, GYL_SHA256_BLOCK_LEN + GYL_SHA224_LEN);
	digest_in_place(s);
	memcpy(ret_mac, s->block, GYL_SHA224_LEN);
}
