/* SPDX-License-Identifier: ISC */
#include <gyl/cpu.h>
#include <immintrin.h>

#include "crypto/src/bits.h"
#include "crypto/src/rng_own.h"

/* 0 when it has nothing: this is a second net, which nobody waits for. */
GYL__TARGET("rdrnd") static uint64_t rdrand(void)
{
	unsigned long long v = 0;

	return _rdrand64_step(&v) != 0 ? v : 0;
}

/* The counter instruction belongs to every x86-64, as SSE2 does. */
void gyl__rng_hedge(uint32_t cpu, uint64_t at[2])
{
	if ((cpu & GYL_CPU_SSE2) != 0)
		at[1] ^= __rdtsc();
	if ((cpu & GYL_CPU_RDRAND) != 0)
		at[0] ^= rdrand() << GYL__RNG_BLOCK_BITS;
}
