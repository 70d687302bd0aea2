/* SPDX-License-Identifier: ISC */

/*
 * Random octets for programs that judge them, on standard output.
 *
 *     noise SOURCE COUNT          raw samples of a source, as the health tests see them
 *     noise cost SOURCE COUNT     nanoseconds a sample, as text
 *     noise claims                the sources and their claims, in thousandths of a bit, as text
 *     noise fortuna OCTETS        reads of 64 KiB from Fortuna
 *     noise rng-reads LEN OCTETS  reads of LEN octets from a child generator
 */

#include <gyl/cpu.h>
#include <gyl/entropy.h>
#include <gyl/source.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	MEMORY_LEN = 1 << 20,
	ASK = 128,
	ROUNDS = 1000
};

static uint8_t memory[MEMORY_LEN], out[1 << 16];

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* The wake-ups of an event loop that has a timer and nothing else to do: the quietest there is. */
static size_t wakeups(void *arg, uint8_t *samples, size_t cap)
{
	const struct timespec nap = {.tv_nsec = 20000};

	for (size_t i = 0; i < cap; i++) {
		nanosleep(&nap, NULL);
		samples[i] = (uint8_t)gyl_source_ticks(arg);
	}
	return cap;
}

static const struct gyl_source *const sources[] = {&gyl_source_getrandom, &gyl_source_rdseed,
	&gyl_source_rdrand, &gyl_source_whirlwind, &gyl_source_memory, &gyl_source_wakeup};
enum {
	SOURCE_CNT = sizeof sources / sizeof sources[0]
};

static int claims(void)
{
	for (size_t i = 0; i < SOURCE_CNT; i++)
		printf("%s %u\n", sources[i]->name, (unsigned)sources[i]->claim_mbits);
	return 0;
}

static size_t (*sampler(const char *name))(void *, uint8_t *, size_t)
{
	for (size_t i = 0; i < SOURCE_CNT; i++)
		if (strcmp(name, sources[i]->name) == 0)
			return sources[i]->sample != NULL ? sources[i]->sample : wakeups;
	fprintf(stderr, "noise: no source is called %s\n", name);
	exit(64);
}

static uint64_t number(const char *text)
{
	char *end;
	unsigned long long n = strtoull(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != '\0') {
		fprintf(stderr, "noise: %s is no number\n", text);
		exit(64);
	}
	return n;
}

/* As many octets as are left and fit; false when there is nobody to read them. */
static bool put(uint64_t *left, size_t len)
{
	if (len > *left)
		len = (size_t)*left;
	*left -= len;
	return fwrite(out, 1, len, stdout) == len;
}

/* In pieces as long as those that gyl/entropy.h asks for. */
static int samples(const char *name, uint64_t left, bool silent)
{
	size_t (*sample)(void *, uint8_t *, size_t) = sampler(name);
	struct gyl_source_env env = {
		.cpu = gyl_cpu_detect(), .memory = memory, .memory_len = MEMORY_LEN};
	uint64_t start_ns = now_ns(), cnt = left;
	unsigned empty = 0;

	while (left > 0 && empty < ROUNDS) {
		size_t len = sample(&env, out, ASK);

		empty = len > 0 ? 0 : empty + 1;
		if (silent)
			left -= len < left ? len : left;
		else if (!put(&left, len))
			return 1;
	}
	if (left > 0) {
		fprintf(stderr, "noise: %s gives nothing on this machine\n", name);
		return 77;
	}
	if (silent)
		printf("%llu ns\n", (unsigned long long)((now_ns() - start_ns) / (cnt | !cnt)));
	return 0;
}

/* Started as a daemon does it: system, processor and timing, in turn. */
static bool start(struct gyl_fortuna *f)
{
	static struct gyl_entropy e;
	static struct gyl_source_env env = {.memory = memory, .memory_len = MEMORY_LEN};

	env.cpu = gyl_cpu_detect();
	gyl_fortuna_init(f, env.cpu, 0);
	gyl_entropy_init(&e, f);
	gyl_entropy_add(&e, &gyl_source_getrandom, NULL);
	gyl_entropy_add(&e, &gyl_source_rdseed, &env);
	gyl_entropy_add(&e, &gyl_source_whirlwind, &env);
	gyl_entropy_add(&e, &gyl_source_memory, &env);
	return gyl_entropy_start(&e, now_ns(), ROUNDS) == GYL_CRYPTO_OK;
}

static int fortuna(uint64_t left)
{
	static struct gyl_fortuna f;

	if (!start(&f))
		return 1;
	while (left > 0) {
		if (gyl_fortuna_read(&f, now_ns(), out, sizeof out) != GYL_CRYPTO_OK ||
			!put(&left, sizeof out))
			return 1;
	}
	return 0;
}

static int rng_reads(size_t read_len, uint64_t left)
{
	static struct gyl_fortuna f;
	static struct gyl_rng rng;

	if (read_len == 0 || read_len > sizeof out || !start(&f))
		return 1;
	gyl_rng_init(&rng, GYL_RNG_CHACHA20, gyl_cpu_detect(), GYL_RNG_HEDGE);
	if (gyl_fortuna_child(&f, now_ns(), &rng) != GYL_CRYPTO_OK)
		return 1;
	while (left > 0) {
		size_t len = 0;

		for (; len + read_len <= sizeof out; len += read_len)
			if (gyl_rng_read(&rng, out + len, read_len) != GYL_CRYPTO_OK)
				return 1;
		if (!put(&left, len))
			return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	int code;

	if (argc == 4 && strcmp(argv[1], "cost") == 0)
		code = samples(argv[2], number(argv[3]), true);
	else if (argc == 4 && strcmp(argv[1], "rng-reads") == 0)
		code = rng_reads((size_t)number(argv[2]), number(argv[3]));
	else if (argc == 3 && strcmp(argv[1], "fortuna") == 0)
		code = fortuna(number(argv[2]));
	else if (argc == 2 && strcmp(argv[1], "claims") == 0)
		code = claims();
	else if (argc == 3)
		code = samples(argv[1], number(argv[2]), false);
	else
		code = 64;
	if (code == 64)
		fputs("usage: noise SOURCE COUNT | noise cost SOURCE COUNT | noise claims |"
		      " noise fortuna OCTETS | noise rng-reads LEN OCTETS\n",
			stderr);
	return fflush(stdout) == 0 ? code : 1;
}
