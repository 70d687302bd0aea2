/* SPDX-License-Identifier: ISC */

/* What the sources of this machine give: sixteen raw samples of each. */

#include <gyl/cpu.h>
#include <gyl/source.h>
#include <stdio.h>

static uint8_t memory[1 << 20];

static void show(const struct gyl_source *source, struct gyl_source_env *env)
{
	uint8_t sample[16];
	size_t cnt = source->sample(env, sample, sizeof sample);

	printf("%-10s", source->name);
	for (size_t i = 0; i < cnt; i++)
		printf(" %02x", sample[i]);
	puts(cnt > 0 ? "" : " nothing on this machine");
}

int main(void)
{
	struct gyl_source_env env = {
		.cpu = gyl_cpu_detect(), .memory = memory, .memory_len = sizeof memory};

	show(&gyl_source_getrandom, &env);
	show(&gyl_source_rdseed, &env);
	show(&gyl_source_rdrand, &env);
	show(&gyl_source_whirlwind, &env);
	show(&gyl_source_memory, &env);
	return 0;
}
