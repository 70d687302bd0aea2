/* SPDX-License-Identifier: ISC */
#include <gyl/source.h>

/*
 * A turn is always the same work on the same numbers, so that what varies is the machine and not
 * the program: were the number of divisions drawn from the counter, or the operands from the turn
 * before, a machine without any jitter would give samples that look random to each test.
 */
enum {
	DIVISIONS = 256
};

/* Each division waits for the one before. The empty instructions hide where x comes from and that
 * nobody needs it: else turns are worked out at compile time, or left out. */
static void turn(void)
{
	uint32_t x = 1;

	__asm__ __volatile__("" : "+r"(x));
	for (unsigned i = 0; i < DIVISIONS; i++)
		x = 0xfffffffbu / (x >> 16 | 3) ^ (x * 5 + i);
	__asm__ __volatile__("" : : "r"(x));
}

/* A sample is the low octet of the time that a turn took. */
static size_t sample(void *arg, uint8_t *out, size_t cap)
{
	const struct gyl_source_env *env = arg;
	uint64_t before = gyl_source_ticks(env);

	for (size_t i = 0; i < cap; i++) {
		uint64_t now;

		turn();
		now = gyl_source_ticks(env);
		out[i] = (uint8_t)(now - before);
		before = now;
	}
	return cap;
}

const struct gyl_source gyl_source_whirlwind = {
	.name = "whirlwind",
	.claim_mbits = 500,
	.poll_cnt = 64,
	.poll_ms = 10000,
	.sample = sample,
};
