/* SPDX-License-Identifier: ISC */
#include <gyl/source.h>

enum {
	READS = 64,
	LINE = 64,
	MEMORY_MIN = 1 << 20
};

/*
 * The next line's number depends on what was read, so that reads cannot overlap. Lines are written
 * too: memory never written to is one page of zeros, however large it is. While all octets are
 * equal and even the walk comes to each line once (Hull and Dobell: the factor is 1 modulo 4, the
 * increment odd).
 */
static uint64_t walk(volatile uint8_t *memory, uint64_t line, uint64_t mask)
{
	for (unsigned i = 0; i < READS; i++) {
		volatile uint8_t *at = memory + line * LINE;
		uint8_t value = *at;

		*at = (uint8_t)(value + 2);
		line = (line * 0x9e3779b5u + value + 1) & mask;
	}
	return line;
}

/* A sample is the low octet of the time that a walk took. */
static size_t sample(void *arg, uint8_t *out, size_t cap)
{
	struct gyl_source_env *env = arg;
	size_t len = env->memory_len;
	uint64_t before;

	if (env->memory == NULL || len < MEMORY_MIN || (len & (len - 1)) != 0)
		return 0;
	before = gyl_source_ticks(env);
	for (size_t i = 0; i < cap; i++) {
		uint64_t mask = len / LINE - 1, now;

		env->state = walk(env->memory, env->state & mask, mask);
		now = gyl_source_ticks(env);
		out[i] = (uint8_t)(now - before);
		before = now;
	}
	return cap;
}

const struct gyl_source gyl_source_memory = {
	.name = "memory",
	.claim_mbits = 1000,
	.poll_cnt = 64,
	.poll_ms = 10000,
	.sample = sample,
};
