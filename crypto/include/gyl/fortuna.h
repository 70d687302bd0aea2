/* SPDX-License-Identifier: ISC */
#ifndef GYL_FORTUNA_H
#define GYL_FORTUNA_H

/**
 * @file fortuna.h
 * @brief Fortuna (Ferguson and Schneier): 32 pools between the sources of entropy and a generator.
 *
 * Nobody can know how much entropy an event brings. Fortuna needs no estimate to recover from a
 * compromise: pool i takes part in every 2^i-th reseed, so that some pool has gathered enough
 * before it is used, whatever the rate is. Estimates (credit) matter once, for the first seed:
 * there has to be 256 bits from sources that passed their health tests.
 *
 * Different from the book: the pool that an event goes to is chosen by a secret permutation of 32
 * events, anew for each source and epoch, for a round that everybody can predict may be starved
 * (Dodis, Shamir, Stephens-Davidowitz and Wichs, CRYPTO 2014); the first reseed takes all pools;
 * reseeding hashes a block of zeros first; the cipher is ChaCha20. #GYL_FORTUNA_PUBLISHED turns all
 * of that back.
 *
 * An object of all zeros is unseeded and stays so until gyl_fortuna_init(): memory that a fork
 * wiped (gyl/secret.h) takes no events (#GYL_CRYPTO_E_STATE) and gives no output.
 */

#include <gyl/rng.h>
#include <gyl/sha256.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
	GYL_FORTUNA_POOL_CNT = 32,
	GYL_FORTUNA_SOURCE_MAX = 32,
	GYL_FORTUNA_EVENT_MAX = 32,      /**< octets of an event; longer ones are hashed first */
	GYL_FORTUNA_POOL_MIN = 64,       /**< octets in pool 0 before a reseed, headers counted */
	GYL_FORTUNA_SEED_LEN = 64,       /**< octets of a seed file or block */
	GYL_FORTUNA_FIRST_BITS = 256,    /**< credit before the first output */
	GYL_FORTUNA_PACE_NS = 100000000, /**< between two reseeds: 0.1 s */
	GYL_FORTUNA_SEED_S = 600         /**< how often a seed file is to be written anew */
};

enum gyl_fortuna_flag {
	/** As published: AES-256, plain reseeds, events go round the pools in order, and the
	 * first seed needs #GYL_FORTUNA_POOL_MIN octets instead of credit. For known answers. */
	GYL_FORTUNA_PUBLISHED = 1,
	/** A new key after each request instead of batches. */
	GYL_FORTUNA_STRICT = 2,
	/** No time-stamp counter and RDRAND at refills: for answers that can be repeated. */
	GYL_FORTUNA_NO_HEDGE = 4
};

/** What a source has given. */
struct gyl_fortuna_source {
	uint64_t event_cnt;                  /**< events taken */
	uint64_t octet_cnt;                  /**< of data */
	uint64_t credit;                     /**< thousandths of a bit */
	uint64_t turn;                       /**< @private events that it was asked a pool for */
	uint8_t order[GYL_FORTUNA_POOL_CNT]; /**< @private the pools of this epoch's 32 events */
};

/** The accumulator and its generator: about 7 KB. Belongs to one thread. */
struct gyl_fortuna {
	struct gyl_rng rng;                                       /**< @private */
	struct gyl_sha256 pool[GYL_FORTUNA_POOL_CNT];             /**< @private */
	uint64_t pool_len[GYL_FORTUNA_POOL_CNT];                  /**< octets, headers counted */
	struct gyl_fortuna_source source[GYL_FORTUNA_SOURCE_MAX]; /**< counters may be read */
	uint64_t secret[2];                                       /**< @private of permutations */
	uint64_t credit;     /**< thousandths of a bit since the last reseed, all sources */
	uint64_t reseed_cnt; /**< reseeds from the pools, but for those that a fork forced */
	uint64_t reseed_ns;  /**< when the last one was */
	uint32_t cpu, flags; /**< @private */
	bool forced; /**< @private reseed as soon as pool 0 has anything, whatever the pace */
	bool seeded; /**< output may come */
};

/** Make an unseeded one. @param[in] flags  of #gyl_fortuna_flag */
GYL_CRYPTO_API void gyl_fortuna_init(struct gyl_fortuna *f, uint32_t cpu, unsigned flags);

/**
 * @brief An event of a source: it goes into a pool.
 * @param[in] source       From 0 to #GYL_FORTUNA_SOURCE_MAX - 1.
 * @param[in] data         @p len octets, at least 1.
 * @param[in] credit_mbits Thousandths of a bit of min-entropy that the caller answers for.
 * @return #GYL_CRYPTO_OK, #GYL_CRYPTO_E_SOURCE, #GYL_CRYPTO_E_LEN_ZERO, #GYL_CRYPTO_E_STATE when
 *         @p f was not initialised, or wiped.
 * @cost a SHA-256 block every other event, two more when it is longer than #GYL_FORTUNA_EVENT_MAX
 */
GYL_CRYPTO_API int gyl_fortuna_event(struct gyl_fortuna *f, unsigned source, const void *data,
	size_t len, uint64_t credit_mbits);

/**
 * @brief The same into a pool that the caller names, for known answers and for what must count
 * soon.
 * @param[in] source  To 255; from #GYL_FORTUNA_SOURCE_MAX on it has no counters.
 * @param[in] pool    From 0 to #GYL_FORTUNA_POOL_CNT - 1, else #GYL_CRYPTO_E_SOURCE.
 */
GYL_CRYPTO_API int gyl_fortuna_event_to(struct gyl_fortuna *f, unsigned source, unsigned pool,
	const void *data, size_t len, uint64_t credit_mbits);

/**
 * @brief A seed straight into the generator: from a seed file, another machine, the command line.
 *
 * It is mixed in at once, whatever the pace. Seed files that were copied or restored do no harm
 * beyond their credit: give 0 when that may be.
 * @param[in] credit_bits What the caller answers for; with 256 and more output may come. Less does
 *                        not add up with anything.
 * @return #GYL_CRYPTO_OK, #GYL_CRYPTO_E_LEN_ZERO, #GYL_CRYPTO_E_STATE.
 */
GYL_CRYPTO_API int gyl_fortuna_seed(
	struct gyl_fortuna *f, const void *data, size_t len, unsigned credit_bits);

/**
 * @brief Reseed from the pools when that is due.
 *
 * Unseeded: when there are #GYL_FORTUNA_FIRST_BITS of credit. Later: when pool 0 has
 * #GYL_FORTUNA_POOL_MIN octets and #GYL_FORTUNA_PACE_NS have passed; after gyl_fortuna_fork_child()
 * and gyl_fortuna_vm_epoch() once at the first event in pool 0.
 * @param[in] now_ns  A clock that never goes back; any start. If it did go back, one reseed would
 *                    come early.
 * @return true when it did.
 * @cost two to three SHA-256 blocks a pool that takes part: with all 32 microseconds
 */
GYL_CRYPTO_API bool gyl_fortuna_poll(struct gyl_fortuna *f, uint64_t now_ns);

/**
 * @brief gyl_fortuna_poll(), then @p len random octets.
 * @return #GYL_CRYPTO_OK or #GYL_CRYPTO_E_UNSEEDED; then @p out is all zeros.
 * @cost as gyl_rng_read(), and a comparison
 */
GYL_CRYPTO_API int gyl_fortuna_read(struct gyl_fortuna *f, uint64_t now_ns, void *out, size_t len);

/**
 * @brief Seed the generator of another thread, or of a service: 32 octets of ours.
 *
 * To be repeated: now and then, after a fork, and after gyl_fortuna_vm_epoch(), of which it learns
 * nothing by itself.
 * @param[in,out] child  After gyl_rng_init(). Untouched on an error.
 * @return #GYL_CRYPTO_OK or #GYL_CRYPTO_E_UNSEEDED.
 */
GYL_CRYPTO_API int gyl_fortuna_child(struct gyl_fortuna *f, uint64_t now_ns, struct gyl_rng *child);

/**
 * @brief This process is a fork, or may be: mix @p unique in and drop the batch.
 *
 * Parent and child would go on alike. The pace of reseeds does not count here: PyCrypto's parent
 * and child gave equal numbers for 0.1 s because it did (CVE-2013-1445). @p unique makes the two
 * differ; that neither can tell the other's output needs an event that the other does not have,
 * which the next read takes in at once when it is in pool 0 (gyl_fortuna_event_to()).
 *
 * Where @p f lives in pages of gyl/secret.h the child finds it wiped instead: gyl_fortuna_init().
 * @param[in] unique  Something that only this process has: its number and the time.
 */
GYL_CRYPTO_API void gyl_fortuna_fork_child(struct gyl_fortuna *f, uint64_t unique);

/** This machine woke from a snapshot or was cloned: @p id tells which one it is now. As for a fork.
 */
GYL_CRYPTO_API void gyl_fortuna_vm_epoch(struct gyl_fortuna *f, const void *id, size_t len);

/**
 * @brief A seed for the next start, and a new key for us so that the two differ.
 *
 * To be written, and to be durable, before the first output of this run is used: else a crash lets
 * two runs start alike. Then every #GYL_FORTUNA_SEED_S.
 * @param[out] ret_seed  #GYL_FORTUNA_SEED_LEN octets.
 * @return #GYL_CRYPTO_OK or #GYL_CRYPTO_E_UNSEEDED.
 */
GYL_CRYPTO_API int gyl_fortuna_seed_make(struct gyl_fortuna *f, uint64_t now_ns, uint8_t *ret_seed);

/** Wipe it; it is unseeded then. */
GYL_CRYPTO_API void gyl_fortuna_wipe(struct gyl_fortuna *f);

#ifdef __cplusplus
}
#endif

#endif
