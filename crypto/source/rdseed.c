/* SPDX-License-Identifier: ISC */
#include <gyl/cpu.h>
#include <gyl/source.h>

#include "crypto/source/word_own.h"

#if defined(__x86_64__)
/* All cores share one unit: when one of them asks back to back, two tries of three fail. */
enum {
	TRIES = 100
};

static bool step(uint64_t *ret_word)
{
	uint8_t ready;

	__asm__ __volatile__("rdseed %0\n\tsetc %1" : "=r"(*ret_word), "=qm"(ready) : : "cc");
	return ready;
}
#endif

static size_t sample(void *arg, uint8_t *out, size_t cap)
{
#if defined(__x86_64__)
	const struct gyl_source_env *env = arg;

	if ((env->cpu & GYL_CPU_RDSEED) != 0)
		return gyl__source_words(step, TRIES, out, cap);
#endif
	(void)arg, (void)out, (void)cap;
	return 0;
}

const struct gyl_source gyl_source_rdseed = {
	.name = "rdseed",
	.claim_mbits = 6000,
	.poll_cnt = 256,
	.poll_ms = 10000,
	.sample = sample,
};
