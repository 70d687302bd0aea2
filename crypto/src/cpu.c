/* SPDX-License-Identifier: ISC */
#include "crypto/src/cpu_own.h"

#if defined(__x86_64__)
#	include <cpuid.h>
#endif

/* Bits of Intel's manual, volume 2 (CPUID) and volume 1, 13.3 (XCR0). */
#define LEAF1_ECX_SSSE3    (1u << 9)
#define LEAF1_ECX_SSE41    (1u << 19)
#define LEAF1_ECX_AES      (1u << 25)
#define LEAF1_ECX_OSXSAVE  (1u << 27)
#define LEAF1_ECX_AVX      (1u << 28)
#define LEAF1_ECX_RDRAND   (1u << 30)
#define LEAF1_EDX_SSE2     (1u << 26)
#define LEAF7_EBX_AVX2     (1u << 5)
#define LEAF7_EBX_BMI2     (1u << 8)
#define LEAF7_EBX_AVX512F  (1u << 16)
#define LEAF7_EBX_RDSEED   (1u << 18)
#define LEAF7_EBX_SHA      (1u << 29)
#define LEAF7_EBX_AVX512VL (1u << 31)
#define XCR0_YMM           0x06u /* XMM and the upper halves of YMM */
#define XCR0_ZMM           0xe0u /* opmasks, the upper halves of ZMM, ZMM16 to ZMM31 */
#define LEAF1_ECX_WIDE     (LEAF1_ECX_OSXSAVE | LEAF1_ECX_AVX)

/*
 * All bits that a feature needs. SHA's kernels shuffle octets, so it is none without SSSE3 and
 * SSE4.1. BMI2 uses general registers only, which every system saves.
 */
static const struct {
	uint32_t feature;
	struct gyl__cpu_words need;
} features[] = {
	{GYL_CPU_SSE2, {.leaf1_edx = LEAF1_EDX_SSE2}},
	{GYL_CPU_SSSE3, {.leaf1_ecx = LEAF1_ECX_SSSE3}},
	{GYL_CPU_SSE41, {.leaf1_ecx = LEAF1_ECX_SSE41}},
	{GYL_CPU_SHA, {.leaf1_ecx = LEAF1_ECX_SSSE3 | LEAF1_ECX_SSE41, .leaf7_ebx = LEAF7_EBX_SHA}},
	{GYL_CPU_AES, {.leaf1_ecx = LEAF1_ECX_AES}},
	{GYL_CPU_AVX2,
		{.leaf1_ecx = LEAF1_ECX_WIDE, .leaf7_ebx = LEAF7_EBX_AVX2, .xcr0 = XCR0_YMM}},
	{GYL_CPU_AVX512VL,
		{.leaf1_ecx = LEAF1_ECX_WIDE,
			.leaf7_ebx = LEAF7_EBX_AVX2 | LEAF7_EBX_AVX512F | LEAF7_EBX_AVX512VL,
			.xcr0 = XCR0_YMM | XCR0_ZMM}},
	{GYL_CPU_BMI2, {.leaf7_ebx = LEAF7_EBX_BMI2}},
	{GYL_CPU_RDRAND, {.leaf1_ecx = LEAF1_ECX_RDRAND}},
	{GYL_CPU_RDSEED, {.leaf7_ebx = LEAF7_EBX_RDSEED}},
};

static bool has_all(const struct gyl__cpu_words *have, const struct gyl__cpu_words *need)
{
	return (have->leaf1_ecx & need->leaf1_ecx) == need->leaf1_ecx &&
	       (have->leaf1_edx & need->leaf1_edx) == need->leaf1_edx &&
	       (have->leaf7_ebx & need->leaf7_ebx) == need->leaf7_ebx &&
	       (have->xcr0 & need->xcr0) == need->xcr0;
}

uint32_t gyl__cpu_features(const struct gyl__cpu_words *have)
{
	uint32_t set = 0;

	for (size_t i = 0; i < sizeof features / sizeof features[0]; i++)
		if (has_all(have, &features[i].need))
			set |= features[i].feature;
	return set;
}

#if defined(__x86_64__)
/* Faults unless CPUID says OSXSAVE. */
static uint32_t xcr0_read(void)
{
	uint32_t lo, hi;

	__asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
	return lo;
}

uint32_t gyl_cpu_detect(void)
{
	struct gyl__cpu_words have = {0};
	unsigned max = (unsigned)__get_cpuid_max(0, NULL), eax, ebx, ecx, edx;

	if (max < 1)
		return 0;
	__cpuid(1, eax, ebx, have.leaf1_ecx, have.leaf1_edx);
	if (max >= 7)
		__cpuid_count(7, 0, eax, have.leaf7_ebx, ecx, edx);
	if ((have.leaf1_ecx & LEAF1_ECX_OSXSAVE) != 0)
		have.xcr0 = xcr0_read();
	return gyl__cpu_features(&have);
}
#else
uint32_t gyl_cpu_detect(void)
{
	return 0;
}
#endif
