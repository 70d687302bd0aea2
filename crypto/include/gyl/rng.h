/* SPDX-License-Identifier: ISC */
#ifndef GYL_RNG_H
#define GYL_RNG_H

/**
 * @file rng.h
 * @brief The generator: a key in, unpredictable octets out. One a thread.
 *
 * Fast key erasure (Bernstein 2017): a refill makes 1,024 octets of ChaCha20 key stream; the first
 * 32 become the next key at once, the other 992 are handed out, each zeroed as it leaves. So what
 * was given is nowhere in memory any more (backtracking resistance), and a request costs a copy.
 *
 * A refill costs a few hundred nanoseconds and comes at every 124th request of 8 octets; the octets
 * that wait in the batch are as secret as the key. Who makes keys that live for years takes
 * #GYL_RNG_CHACHA20_STRICT: nothing waits, each request ends with a new key.
 *
 * The published answers of Fortuna come from #GYL_RNG_AES256: a request makes its blocks, and two
 * more for the next key.
 *
 * Nothing comes out before a seed went in: #GYL_CRYPTO_E_UNSEEDED, and zeros. An object of all
 * zeros counts as unseeded, so that memory which a fork wiped (gyl/secret.h) fails closed.
 */

#include <gyl/crypto.h>

#ifdef __cplusplus
extern "C" {
#endif

enum gyl_rng_kind {
	GYL_RNG_CHACHA20 = 1,    /**< in batches, with fast key erasure */
	GYL_RNG_CHACHA20_STRICT, /**< a new key after each request, for keys that live long */
	GYL_RNG_AES256           /**< a new key after each request; Fortuna as published */
};

enum gyl_rng_flag {
	/** Put the time-stamp counter and RDRAND, where they are (x86-64; `cpu` has SSE2, RDRAND),
	 * into the counter of each stream of ChaCha20: two machines that woke from one snapshot
	 * differ after one batch, or at once when kind is CHACHA20_STRICT. It can do no harm: the
	 * key is fresh, so that any counter is as good, even one that an adversary chose. Without
	 * effect on #GYL_RNG_AES256. */
	GYL_RNG_HEDGE = 1,
	/** Reseed with SHA-256(SHA-256(key, seed)) as published, without the block of zeros in
	 * front that keeps this use of SHA-256 apart from all others. */
	GYL_RNG_PLAIN_RESEED = 2
};

enum {
	GYL_RNG_KEY_LEN = 32,
	GYL_RNG_BATCH_LEN = 1024,
	/** A longer request is served in pieces of this length, each under a key of its own. */
	GYL_RNG_PIECE_LEN = 1 << 20
};

/** A generator: 1,088 octets. Belongs to one thread. */
struct gyl_rng {
	uint8_t key[GYL_RNG_KEY_LEN];     /**< @private */
	uint64_t counter[2];              /**< @private low, high half; 0 of both: unseeded */
	uint64_t reseed_cnt;              /**< how often gyl_rng_reseed() was called */
	uint32_t cpu;                     /**< @private */
	uint16_t left;                    /**< @private octets at the end of batch not given yet */
	uint8_t kind, flags;              /**< @private */
	uint8_t batch[GYL_RNG_BATCH_LEN]; /**< @private key stream; its first 32 became the key */
};

/**
 * @brief Make an unseeded generator.
 * @param[in] cpu    See gyl/cpu.h; 0: portable C.
 * @param[in] flags  Of #gyl_rng_flag.
 */
GYL_CRYPTO_API void gyl_rng_init(
	struct gyl_rng *g, enum gyl_rng_kind kind, uint32_t cpu, unsigned flags);

/**
 * @brief Mix a seed in: key = SHA-256(SHA-256(64 zeros, key, seed)), counter + 1, batch dropped.
 *
 * What the key was stays part of it: a seed that somebody knows does no harm.
 * @param[in] seed  @p len octets. The caller answers for 256 bits of entropy the first time.
 */
GYL_CRYPTO_API void gyl_rng_reseed(struct gyl_rng *g, const void *seed, size_t len);

/**
 * @brief @p len random octets.
 *
 * Equal reads give equal octets in kind CHACHA20 without a hedge however they are cut up to 992
 * octets; longer ones have a key of their own. In the other kinds each request is a cut.
 * @param[out] out  @p len octets, zeros on an error.
 * @return #GYL_CRYPTO_OK or #GYL_CRYPTO_E_UNSEEDED, for @p len 0 too.
 * @cost 8 octets in under 12 ns on average, refills counted; above 992 octets that of ChaCha20
 */
GYL_CRYPTO_API int gyl_rng_read(struct gyl_rng *g, void *out, size_t len);

/** A number of 16, 32, 64 random bits: the next octets, little-endian. #GYL_CRYPTO_OK, or
 * #GYL_CRYPTO_E_UNSEEDED and 0. */
GYL_CRYPTO_API int gyl_rng_u16(struct gyl_rng *g, uint16_t *ret);
GYL_CRYPTO_API int gyl_rng_u32(struct gyl_rng *g, uint32_t *ret);
GYL_CRYPTO_API int gyl_rng_u64(struct gyl_rng *g, uint64_t *ret);

/**
 * @brief A number from 0 to @p bound - 1, each as likely as any other.
 * @return #GYL_CRYPTO_OK, #GYL_CRYPTO_E_UNSEEDED, #GYL_CRYPTO_E_BOUND when @p bound is 0; *ret is 0
 *         on an error.
 * @cost as gyl_rng_u64(), rarely twice
 */
GYL_CRYPTO_API int gyl_rng_below(struct gyl_rng *g, uint64_t bound, uint64_t *ret);

/**
 * Drop what was made and not given yet, and take a new key. Two copies of one state stay alike by
 * this (but for a hedge): it is gyl_rng_reseed() with another seed that parts them, and that drops
 * the batch as well.
 */
GYL_CRYPTO_API void gyl_rng_drop(struct gyl_rng *g);

/** Wipe it; it is unseeded then and may be seeded again. Kind, cpu and flags stay. */
GYL_CRYPTO_API void gyl_rng_wipe(struct gyl_rng *g);

#ifdef __cplusplus
}
#endif

#endif
