/* SPDX-License-Identifier: ISC */
#ifndef GYL_HEALTH_H
#define GYL_HEALTH_H

/**
 * @file health.h
 * @brief The continuous health tests of SP 800-90B 4.4: does a source still give what it claims?
 *
 * Repetition count: no value may come too often in a row. Adaptive proportion: no value may come
 * too often in a window of 512. Cut-offs for false alarms of 2^-30. They see raw samples, before
 * anything is hashed, for a hash makes a stuck source look perfect.
 *
 * They find sources that broke: stuck, stuck for a while, biased, going round in a small circle.
 * They cannot find one that is predictable and looks well.
 */

#include <gyl/crypto.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
	GYL_HEALTH_WINDOW = 512,  /**< samples of the adaptive proportion test */
	GYL_HEALTH_STARTUP = 1024 /**< samples that must pass before a source counts */
};

/** The state of the tests of one source. */
struct gyl_health {
	uint16_t repeat_cutoff, window_cutoff; /**< @private of the claim */
	uint32_t repeat_cnt;                   /**< @private of last, in a row */
	uint16_t window_cnt, window_at;        /**< @private of first in this window */
	uint8_t last, first;                   /**< @private */
	bool failed;                           /**< a test failed; stays so until init */
	uint64_t sample_cnt;                   /**< all samples */
};

/**
 * @brief Start. The claim is rounded down to 0.125, 0.25, 0.5, 1, 2, 3, 4, 6 or 8 bits.
 * @param[in] claim_mbits  Min-entropy of one sample in thousandths of a bit, from 125 to 8000.
 */
GYL_CRYPTO_API void gyl_health_init(struct gyl_health *h, unsigned claim_mbits);

/** Test @p cnt samples, an octet each. @return false when a test failed now or before. */
GYL_CRYPTO_API bool gyl_health_test(struct gyl_health *h, const uint8_t *sample, size_t cnt);

/** Have #GYL_HEALTH_STARTUP samples passed, and has none failed? */
GYL_CRYPTO_API bool gyl_health_good(const struct gyl_health *h);

#ifdef __cplusplus
}
#endif

#endif
