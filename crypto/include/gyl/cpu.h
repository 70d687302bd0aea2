/* SPDX-License-Identifier: ISC */
#ifndef GYL_CPU_H
#define GYL_CPU_H

/**
 * @file cpu.h
 * @brief Which instructions may be used: what the processor has and the operating system enabled.
 *
 * The library keeps no globals, so it asks nobody: the caller detects once and passes the set on. A
 * subset is as good: tests force every kernel this way, and a guest whose monitor does not save
 * wide registers masks them out.
 */

#include <gyl/crypto.h>

#ifdef __cplusplus
extern "C" {
#endif

enum gyl_cpu_feature {
	GYL_CPU_SSE2 = 1 << 0,     /**< the baseline of x86-64 */
	GYL_CPU_SSSE3 = 1 << 1,    /**< byte shuffles */
	GYL_CPU_SSE41 = 1 << 2,    /**< */
	GYL_CPU_SHA = 1 << 3,      /**< SHA-1 and SHA-256 rounds; comes with #GYL_CPU_SSE41 */
	GYL_CPU_AES = 1 << 4,      /**< AES rounds */
	GYL_CPU_AVX2 = 1 << 5,     /**< and XCR0 says that the system saves YMM registers */
	GYL_CPU_AVX512VL = 1 << 6, /**< F and VL, and XCR0 says that opmask and ZMM are saved */
	GYL_CPU_BMI2 = 1 << 7,     /**< rotations without flags (RORX) */
	GYL_CPU_RDRAND = 1 << 8,   /**< */
	GYL_CPU_RDSEED = 1 << 9,   /**< */
	GYL_CPU_ALL = (1 << 10) - 1
};

/**
 * @brief The features of the processor that runs this, as a set of #gyl_cpu_feature.
 *
 * A feature that needs wider registers is in it only when CPUID says OSXSAVE and XGETBV says that
 * the system saves them: solo5-hvt shows AVX2 in CPUID and faults on its first use.
 * @cost a few CPUID instructions, which trap in a virtual machine: microseconds. Once a process.
 */
GYL_CRYPTO_API uint32_t gyl_cpu_detect(void);

#ifdef __cplusplus
}
#endif

#endif
