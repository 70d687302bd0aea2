/* SPDX-License-Identifier: ISC */

/* Prints which of the instructions that the library knows may be used here. */

#include <gyl/cpu.h>
#include <stdio.h>

int main(void)
{
	static const struct {
		uint32_t feature;
		const char *name;
	} features[] = {
		{GYL_CPU_SSE2, "SSE2"},
		{GYL_CPU_SSSE3, "SSSE3"},
		{GYL_CPU_SSE41, "SSE4.1"},
		{GYL_CPU_SHA, "SHA"},
		{GYL_CPU_AES, "AES"},
		{GYL_CPU_AVX2, "AVX2"},
		{GYL_CPU_AVX512VL, "AVX-512VL"},
		{GYL_CPU_BMI2, "BMI2"},
		{GYL_CPU_RDRAND, "RDRAND"},
		{GYL_CPU_RDSEED, "RDSEED"},
	};
	uint32_t cpu = gyl_cpu_detect();

	for (size_t i = 0; i < sizeof features / sizeof features[0]; i++)
		printf("%-9s  %s\n", features[i].name,
			(cpu & features[i].feature) != 0 ? "yes" : "no");
	return 0;
}
