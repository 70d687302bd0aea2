/* SPDX-License-Identifier: ISC */
#include <gyl/source.h>

/* Other machines have no counter that a program may read: the environment gives one, or none. */
static uint64_t counter(void)
{
#if defined(__x86_64__) || defined(__i386__)
	uint32_t low, high;

	__asm__ __volatile__("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
#elif defined(__aarch64__)
	uint64_t ticks;

	/* The barrier keeps the reading behind the work that is timed. */
	__asm__ __volatile__("isb\n\tmrs %0, cntvct_el0" : "=r"(ticks) : : "memory");
	return ticks;
#else
	return 0;
#endif
}

uint64_t gyl_source_ticks(const struct gyl_source_env *env)
{
	return env->ticks != NULL ? env->ticks(env->ticks_arg) : counter();
}
