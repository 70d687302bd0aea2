/* SPDX-License-Identifier: ISC */
#ifndef GYL_ENTROPY_H
#define GYL_ENTROPY_H

/**
 * @file entropy.h
 * @brief Sources of entropy, their health, and how they feed Fortuna.
 *
 * A source gives raw samples, an octet each, and claims how much min-entropy one carries. Samples
 * are tested (gyl/health.h), gathered into events of 32 and given to Fortuna. Credit is withheld
 * until a source has passed its start-up test, and paid then. One that fails is muted: what it
 * gives still goes into the pools, where it can do no harm, but nothing is credited any more, it is
 * counted, and the caller hears of it once. It stays muted until it is registered anew: a source
 * that failed once is to be looked at by people. When no source with a claim is left, the generator
 * goes on and the state is `degraded`.
 *
 * Not tested and never credited are sources that claim nothing and those that give `once`. A seed
 * that somebody answers for goes to gyl_fortuna_seed() instead.
 *
 * In pages that a fork wipes (gyl/secret.h) a struct gyl_entropy has no sources in the child, and
 * its functions do nothing until it is initialised anew.
 */

#include <gyl/fortuna.h>
#include <gyl/health.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Where samples come from. A constant of the file that implements it; see gyl/source.h. */
struct gyl_source {
	const char *name;     /**< "rdseed" */
	uint32_t claim_mbits; /**< of one sample, thousandths of a bit, from 125 to 8000, or 0 */
	uint32_t poll_cnt;    /**< samples that a regular poll asks for */
	uint32_t poll_ms;     /**< how often; 0: only when a seed is needed */
	bool once;            /**< gives what it has at the start and is not tested (boot seed) */
	/**
	 * Up to @p cap raw samples. Returns how many: 0 when it is not ready, and never waits long.
	 * NULL for sources that are only pushed.
	 */
	size_t (*sample)(void *arg, uint8_t *out, size_t cap);
};

/** A source in use. */
struct gyl_entropy_source {
	const struct gyl_source *source;
	void *arg;                /**< @private for sample() */
	struct gyl_health health; /**< state of its tests */
	uint64_t sample_cnt;      /**< taken */
	uint64_t credit;          /**< thousandths of a bit credited, ever */
	uint64_t withheld;        /**< the same, to be paid when the start-up has passed */
	uint64_t empty_cnt;       /**< polls that gave nothing */
	uint32_t dry_cnt;         /**< polls that gave nothing, in a row */
	uint64_t asked_ns;        /**< @private when it was polled last */
	bool asked;               /**< @private ever */
	bool muted;               /**< failed a test */
	bool told;                /**< @private gyl_entropy_failed() gave it */
	uint8_t held[32];         /**< @private samples gathered for an event */
	uint8_t held_cnt;         /**< @private */
};

/** All sources of one Fortuna. About 4 KB. */
struct gyl_entropy {
	struct gyl_fortuna *fortuna;                              /**< @private */
	struct gyl_entropy_source source[GYL_FORTUNA_SOURCE_MAX]; /**< may be read */
	unsigned source_cnt;
};

/** No sources yet. @param[in] f  What they feed; initialised, and borrowed for ever. */
GYL_CRYPTO_API void gyl_entropy_init(struct gyl_entropy *e, struct gyl_fortuna *f);

/**
 * @brief Add a source.
 * @param[in] source  Borrowed for ever.
 * @param[in] arg     For its functions, borrowed for ever.
 * @return its number, from 0; #GYL_CRYPTO_E_SOURCE when there are #GYL_FORTUNA_SOURCE_MAX;
 *         #GYL_CRYPTO_E_STATE when @p e was not initialised.
 */
GYL_CRYPTO_API int gyl_entropy_add(
	struct gyl_entropy *e, const struct gyl_source *source, void *arg);

/**
 * @brief The first seed: ask all sources in turn until 256 bits are credited.
 *
 * Each source has to pass #GYL_HEALTH_STARTUP samples first; those count towards its credit when
 * they have passed. A round asks every source that can be asked for 128 samples, so that all of
 * them have passed, and have a part in the seed, when the first one has. A source that gives
 * nothing costs its time only. When a seed file made the generator ready before, the rounds are the
 * same.
 * @param[in] round_max  Rounds at most; 8 do when all is well, 64 leave room for slow sources.
 * @return #GYL_CRYPTO_OK, or #GYL_CRYPTO_E_UNSEEDED when that was not enough: poll on.
 * @cost about 2 ms when all there is are timing loops
 */
GYL_CRYPTO_API int gyl_entropy_start(struct gyl_entropy *e, uint64_t now_ns, unsigned round_max);

/**
 * @brief Samples of a source that is pushed: wake-ups of an event loop, times of packets.
 * @param[in] source  What gyl_entropy_add() returned; others are ignored, errors too.
 */
GYL_CRYPTO_API void gyl_entropy_push(
	struct gyl_entropy *e, int source, const uint8_t *sample, size_t cnt);

/**
 * @brief Ask the sources that are due, and reseed when that is due. One bounded slice.
 *
 * Without a seed all are asked, every 0.1 s.
 * @cost of the sources in gyl/source.h together less than 0.5 ms, every 10 s
 */
GYL_CRYPTO_API void gyl_entropy_poll(struct gyl_entropy *e, uint64_t now_ns);

/** When gyl_entropy_poll() wants to be called; UINT64_MAX: no source wants that. */
GYL_CRYPTO_API uint64_t gyl_entropy_deadline_ns(const struct gyl_entropy *e);

/** The next source that failed and that was not told yet: its number, or -1. */
GYL_CRYPTO_API int gyl_entropy_failed(struct gyl_entropy *e);

/**
 * Is no source left that has a claim, passed its start-up, was not muted, and did not come to its
 * eighth empty poll in a row?
 */
GYL_CRYPTO_API bool gyl_entropy_degraded(const struct gyl_entropy *e);

#ifdef __cplusplus
}
#endif

#endif
