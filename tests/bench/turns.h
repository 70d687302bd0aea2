/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_BENCH_TURNS_H
#define GYL_TESTS_BENCH_TURNS_H

/* How long turns of a loop are, by the thread's own time: nobody else's work counts. */

#include <gyl/time.h>
#include <time.h>

struct turns {
	uint64_t longest_ns, all_ns, cnt;
	uint64_t late; /* over 2 ms */
};

static inline uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * GYL_NS_PER_S + (uint64_t)t.tv_nsec;
}

static inline void turned(struct turns *t, uint64_t since_ns)
{
	uint64_t ns = cpu_ns() - since_ns;

	t->longest_ns = ns > t->longest_ns ? ns : t->longest_ns;
	t->late += ns > 2 * GYL_NS_PER_MS;
	t->all_ns += ns;
	t->cnt++;
}

#endif
