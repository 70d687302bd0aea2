/* SPDX-License-Identifier: ISC */
#include <gyl/cpu.h>
#include <gyl/source.h>

#include "crypto/source/word_own.h"

#if defined(__x86_64__)
/* Not ready only while the unit reseeds: ten tries are enough (Intel). */
enum {
	TRIES = 10
};

static bool step(uint64_t *ret_word)
{
	uint8_t ready;

	__asm__ __volatile__("rdrand %0\n\tsetc %1" : "=r"(*ret_word), "=qm"(ready) : : "cc");
	return ready;
}
#endif

static size_t sample(void *arg, uint8_t *out, size_t cap)
{
#if defined(__x86_64__)
	const struct gyl_source_env *env = arg;

	if ((env->cpu & GYL_CPU_RDRAND) != 0)
		return gyl__source_words(step, TRIES, out, cap);
#endif
	(void)arg, (void)out, (void)cap;
	return 0;
}

const struct gyl_source gyl_source_rdrand = {
	.name = "rdrand",
	.claim_mbits = 6000,
	.poll_cnt = 256,
	.poll_ms = 10000,
	.sample = sample,
};
