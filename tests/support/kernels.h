/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_KERNELS_H
#define GYL_TESTS_KERNELS_H

/* The sets of processor features that choose one kernel after the other, from portable C up. */

#include <gyl/cpu.h>

enum {
	KERNELS_SSE = GYL_CPU_SSE2 | GYL_CPU_SSSE3 | GYL_CPU_SSE41,
	KERNELS_AVX2 = KERNELS_SSE | GYL_CPU_AVX2 | GYL_CPU_BMI2
};

static const struct kernels {
	const char *name;
	uint32_t cpu;
} kernels[] = {
	{"portable C", 0},
	{"SSE2", GYL_CPU_SSE2},
	{"SSE4.1", KERNELS_SSE},
	{"SHA", KERNELS_SSE | GYL_CPU_SHA},
	{"AES", KERNELS_SSE | GYL_CPU_AES},
	{"BMI2", GYL_CPU_BMI2},
	{"AVX2", KERNELS_AVX2},
	{"AVX-512VL", KERNELS_AVX2 | GYL_CPU_AVX512VL},
	{"everything", GYL_CPU_ALL & ~(GYL_CPU_RDRAND | GYL_CPU_RDSEED)},
};

enum {
	KERNELS_CNT = sizeof kernels / sizeof kernels[0]
};

static inline bool kernels_here(const struct kernels *k)
{
	return (k->cpu & ~gyl_cpu_detect()) == 0;
}

#endif
