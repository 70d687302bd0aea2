/* SPDX-License-Identifier: ISC */
#ifndef GYL_CRYPTO_RNG_OWN_H
#define GYL_CRYPTO_RNG_OWN_H

/* What the files of the generator and of Fortuna share. */

#include <gyl/rng.h>
#include <gyl/sha256.h>
#include <string.h>

enum {
	/* Of a batch, what is handed out. */
	GYL__RNG_HAND_LEN = GYL_RNG_BATCH_LEN - GYL_RNG_KEY_LEN,
	/* The low bits of a stream's counter that number its blocks; a piece has 2^14 of them. */
	GYL__RNG_BLOCK_BITS = 16
};

/* Seeded, and not memory that a fork wiped? */
static inline bool gyl__rng_ready(const struct gyl_rng *g)
{
	return g->kind >= GYL_RNG_CHACHA20 && g->kind <= GYL_RNG_AES256 &&
	       (g->counter[0] | g->counter[1]) != 0;
}

static inline void gyl__rng_tick(struct gyl_rng *g)
{
	if (++g->counter[0] == 0)
		g->counter[1]++;
}

/*
 * The next len octets of the batch, which the caller copies and zeroes; NULL when there are fewer,
 * and for len 0. An object that is not ready has none left, so this is all that a short request has
 * to ask.
 */
static inline uint8_t *gyl__rng_take(struct gyl_rng *g, size_t len)
{
	uint8_t *at = g->batch + (GYL_RNG_BATCH_LEN - g->left);

	if (len - 1 >= g->left)
		return NULL;
	g->left = (uint16_t)(g->left - len);
	return at;
}

/* What gyl_rng_read() does when the batch is not enough: errors, refills, pieces. */
int gyl__rng_more(struct gyl_rng *g, void *out, size_t len);

/* A new batch and a new key. g is ready. */
void gyl__rng_refill(struct gyl_rng *g);

/* len octets, at most GYL_RNG_PIECE_LEN, under the key of g, and a new key. Kinds other than
 * CHACHA20. With len 0 out may be NULL: a new key only. */
void gyl__rng_strict(struct gyl_rng *g, uint8_t *out, size_t len);

/* SHA-256(SHA-256(what was added)). s is wiped. */
static inline void gyl__sha256_twice(struct gyl_sha256 *s, uint8_t *ret_digest)
{
	uint32_t cpu = s->cpu;

	gyl_sha256_final(s, ret_digest);
	gyl_sha256_init(s, cpu);
	gyl_sha256_update(s, ret_digest, GYL_SHA256_LEN);
	gyl_sha256_final(s, ret_digest);
}

#if defined(__x86_64__)
/* The time-stamp counter into the high half of at, RDRAND into the bits of the low half that do not
 * number blocks. */
void gyl__rng_hedge(uint32_t cpu, uint64_t at[2]);
#endif

#endif
