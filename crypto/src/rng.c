/* SPDX-License-Identifier: ISC */
#include <gyl/ct.h>
#include <gyl/rng.h>

#include "crypto/src/bits.h"
#include "crypto/src/burn.h"
#include "crypto/src/rng_own.h"

void gyl_rng_init(struct gyl_rng *g, enum gyl_rng_kind kind, uint32_t cpu, unsigned flags)
{
	memset(g, 0, sizeof *g);
	g->kind = (uint8_t)kind;
	g->cpu = cpu;
	g->flags = (uint8_t)flags;
}

static void batch_drop(struct gyl_rng *g)
{
	gyl_wipe(g->batch, sizeof g->batch);
	g->left = 0;
}

/* key = SHA-256(SHA-256(zeros, key, seed)) */
static GYL__OWN_FRAME void key_mix(struct gyl_rng *g, const void *seed, size_t len)
{
	static const uint8_t zeros[GYL_SHA256_BLOCK_LEN];
	struct gyl_sha256 s;

	gyl_sha256_init(&s, g->cpu);
	if ((g->flags & GYL_RNG_PLAIN_RESEED) == 0)
		gyl_sha256_update(&s, zeros, sizeof zeros);
	gyl_sha256_update(&s, g->key, sizeof g->key);
	gyl_sha256_update(&s, seed, len);
	gyl__sha256_twice(&s, g->key);
}

void gyl_rng_reseed(struct gyl_rng *g, const void *seed, size_t len)
{
	key_mix(g, seed, len);
	gyl__burn();
	gyl__rng_tick(g);
	g->reseed_cnt++;
	batch_drop(g);
}

/* half <= len <= 2 half, half a constant: two moves of a fixed size, which may overlap. */
static GYL__INLINE void give_two(uint8_t *out, uint8_t *from, size_t len, size_t half)
{
	size_t second = len - half;

	memcpy(out, from, half);
	memcpy(out + second, from + second, half);
	memset(from, 0, half);
	memset(from + second, 0, half);
}

/* Octets of the batch are zeroed as they leave. */
static GYL__INLINE void give(uint8_t *out, uint8_t *from, size_t len)
{
	if (len >= 8 && len <= 16) {
		give_two(out, from, len, 8);
	} else if (len >= 4 && len < 8) {
		give_two(out, from, len, 4);
	} else if (len > 16 && len <= 32) {
		give_two(out, from, len, 16);
	} else {
		memcpy(out, from, len);
		memset(from, 0, len);
	}
}

int gyl_rng_read(struct gyl_rng *g, void *out, size_t len)
{
	uint8_t *from = gyl__rng_take(g, len);

	if (from == NULL)
		return gyl__rng_more(g, out, len);
	give(out, from, len);
	return GYL_CRYPTO_OK;
}

void gyl_rng_drop(struct gyl_rng *g)
{
	if (gyl__rng_ready(g) && g->kind == GYL_RNG_CHACHA20)
		gyl__rng_refill(g);
	else if (gyl__rng_ready(g))
		gyl__rng_strict(g, NULL, 0);
	batch_drop(g);
}

void gyl_rng_wipe(struct gyl_rng *g)
{
	uint32_t cpu = g->cpu;
	uint8_t kind = g->kind, flags = g->flags;

	gyl_wipe(g, sizeof *g);
	g->cpu = cpu;
	g->kind = kind;
	g->flags = flags;
}
