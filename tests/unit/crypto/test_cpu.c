/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/cpu.h>

#include "crypto/src/cpu_own.h"

enum {
	OLD = GYL_CPU_SSE2,
	/* all that is not wider than XMM */
	NARROW = GYL_CPU_SSE2 | GYL_CPU_SSSE3 | GYL_CPU_SSE41 | GYL_CPU_SHA | GYL_CPU_AES |
		 GYL_CPU_BMI2 | GYL_CPU_RDRAND | GYL_CPU_RDSEED
};

/* Words as a processor of 2023 gives them, but for the column that a row is about. */
#define LEAF1_ECX         0x7ffafbffu
#define LEAF1_ECX_NO_SAVE (LEAF1_ECX & ~(1u << 27))
#define LEAF1_EDX         0x1f8bfbffu
#define LEAF7_EBX         0xf1bf27ebu

static void decisions(void **state)
{
	static const struct {
		const char *name;
		struct gyl__cpu_words have;
		uint32_t want;
	} cases[] = {
		{"Linux", {LEAF1_ECX, LEAF1_EDX, LEAF7_EBX, 0xe7}, GYL_CPU_ALL},
		{"a system that saves YMM only", {LEAF1_ECX, LEAF1_EDX, LEAF7_EBX, 0x07},
			NARROW | GYL_CPU_AVX2},
		{"ZMM without opmasks", {LEAF1_ECX, LEAF1_EDX, LEAF7_EBX, 0xc7},
			NARROW | GYL_CPU_AVX2},
		{"a system that saves XMM only", {LEAF1_ECX, LEAF1_EDX, LEAF7_EBX, 0x03}, NARROW},
		{"opmasks and ZMM without YMM", {LEAF1_ECX, LEAF1_EDX, LEAF7_EBX, 0xe3}, NARROW},
		/* CPUID shows the machine's AVX2 and AVX-512; CR4.OSXSAVE is not set */
		{"solo5-hvt", {LEAF1_ECX_NO_SAVE, LEAF1_EDX, LEAF7_EBX, 0}, NARROW},
		{"OSXSAVE not set, whatever XCR0", {LEAF1_ECX_NO_SAVE, LEAF1_EDX, LEAF7_EBX, 0xe7},
			NARROW},
		{"AVX masked out", {LEAF1_ECX & ~(1u << 28), LEAF1_EDX, LEAF7_EBX, 0xe7}, NARROW},
		{"AVX2 masked out", {LEAF1_ECX, LEAF1_EDX, LEAF7_EBX & ~(1u << 5), 0xe7}, NARROW},
		{"AVX-512 without VL", {LEAF1_ECX, LEAF1_EDX, LEAF7_EBX & ~(1u << 31), 0xe7},
			NARROW | GYL_CPU_AVX2},
		{"AVX-512VL without F", {LEAF1_ECX, LEAF1_EDX, LEAF7_EBX & ~(1u << 16), 0xe7},
			NARROW | GYL_CPU_AVX2},
		{"SHA without SSSE3", {LEAF1_ECX & ~(1u << 9), LEAF1_EDX, LEAF7_EBX, 0xe7},
			GYL_CPU_ALL & ~(unsigned)(GYL_CPU_SHA | GYL_CPU_SSSE3)},
		{"SHA without SSE4.1", {LEAF1_ECX & ~(1u << 19), LEAF1_EDX, LEAF7_EBX, 0xe7},
			GYL_CPU_ALL & ~(unsigned)(GYL_CPU_SHA | GYL_CPU_SSE41)},
		{"no leaf 7", {LEAF1_ECX, LEAF1_EDX, 0, 0x07},
			OLD | GYL_CPU_SSSE3 | GYL_CPU_SSE41 | GYL_CPU_AES | GYL_CPU_RDRAND},
		{"the first x86-64", {1, LEAF1_EDX, 0, 0}, OLD},
		{"nothing", {0, 0, 0, 0}, 0},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		uint32_t got = gyl__cpu_features(&cases[i].have);

		if (got != cases[i].want)
			fail_msg("%s: 0x%x, not 0x%x", cases[i].name, got, cases[i].want);
	}
}

/* Each feature hangs on a bit of its own: taking away what CPUID has one bit less of takes it away.
 */
static void bits(void **state)
{
	static const struct {
		uint32_t feature;
		struct gyl__cpu_words bit;
	} cases[] = {
		{GYL_CPU_SSE2, {.leaf1_edx = 1u << 26}},
		{GYL_CPU_SSSE3, {.leaf1_ecx = 1u << 9}},
		{GYL_CPU_SSE41, {.leaf1_ecx = 1u << 19}},
		{GYL_CPU_SHA, {.leaf7_ebx = 1u << 29}},
		{GYL_CPU_AES, {.leaf1_ecx = 1u << 25}},
		{GYL_CPU_AVX2, {.leaf7_ebx = 1u << 5}},
		{GYL_CPU_AVX512VL, {.leaf7_ebx = 1u << 31}},
		{GYL_CPU_BMI2, {.leaf7_ebx = 1u << 8}},
		{GYL_CPU_RDRAND, {.leaf1_ecx = 1u << 30}},
		{GYL_CPU_RDSEED, {.leaf7_ebx = 1u << 18}},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		struct gyl__cpu_words less = {LEAF1_ECX & ~cases[i].bit.leaf1_ecx,
			LEAF1_EDX & ~cases[i].bit.leaf1_edx, LEAF7_EBX & ~cases[i].bit.leaf7_ebx,
			0xe7};

		assert_int_equal(gyl__cpu_features(&less) & cases[i].feature, 0);
	}
}

/* The compiler's own opinion about what runs this; it looks at XCR0 too. */
static void detected(void **state)
{
	uint32_t cpu = gyl_cpu_detect();

	(void)state;
	assert_int_equal(cpu & ~(uint32_t)GYL_CPU_ALL, 0);
	assert_int_equal(gyl_cpu_detect(), cpu);
#if defined(__x86_64__)
	__builtin_cpu_init();
	assert_int_equal((cpu & GYL_CPU_SSE2) != 0, 1);
	assert_int_equal((cpu & GYL_CPU_SSSE3) != 0, __builtin_cpu_supports("ssse3") != 0);
	assert_int_equal((cpu & GYL_CPU_SSE41) != 0, __builtin_cpu_supports("sse4.1") != 0);
	assert_int_equal((cpu & GYL_CPU_AES) != 0, __builtin_cpu_supports("aes") != 0);
	assert_int_equal((cpu & GYL_CPU_AVX2) != 0, __builtin_cpu_supports("avx2") != 0);
	assert_int_equal((cpu & GYL_CPU_AVX512VL) != 0, __builtin_cpu_supports("avx512vl") != 0);
	assert_int_equal((cpu & GYL_CPU_BMI2) != 0, __builtin_cpu_supports("bmi2") != 0);
#else
	assert_int_equal(cpu, 0);
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decisions),
		cmocka_unit_test(bits),
		cmocka_unit_test(detected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
