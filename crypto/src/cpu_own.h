/* SPDX-License-Identifier: ISC */
#ifndef GYL_CRYPTO_CPU_OWN_H
#define GYL_CRYPTO_CPU_OWN_H

#include <gyl/cpu.h>

/* What the processor says of itself, and the system of what it saves. */
struct gyl__cpu_words {
	uint32_t leaf1_ecx, leaf1_edx; /* CPUID leaf 1 */
	uint32_t leaf7_ebx;            /* CPUID leaf 7, subleaf 0; 0 when there is no leaf 7 */
	uint32_t xcr0;                 /* the low half of XCR0; 0 when OSXSAVE is not set */
};

/* The decision alone, so that tests can ask about machines that they do not run on. */
uint32_t gyl__cpu_features(const struct gyl__cpu_words *have);

#endif
