/* SPDX-License-Identifier: ISC */

/*
 * usage: ct_timing [SAMPLES]
 *
 * Measures times of inputs of two classes, one always the same and one random, taken in random
 * order, and says whether the two can be told apart (stats.h). It is the check of last resort, for
 * kernels whose instructions valgrind does not know, and wants a quiet machine. What must not pass,
 * leaky_eq(), is measured as well: the program fails when that one does pass.
 */

#include <gyl/aes256.h>
#include <gyl/chacha20.h>
#include <gyl/ct.h>
#include <gyl/hmac.h>
#include <gyl/password.h>
#include <gyl/sha1.h>
#include <gyl/sha256.h>
#include <gyl/sha512.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/ct/leaky.h"
#include "tests/ct/stats.h"
#include "tests/support/kernels.h"

enum {
	INPUT_LEN = 256,
	BATCH = 500,
	WARM_UP = 1000
};

static uint8_t input[INPUT_LEN], fixed[INPUT_LEN], out[4096];
static struct gyl_aes256 aes;
static struct gyl_hmac_key mac_key;
static volatile bool sink;

static void run_leaky_eq(uint32_t cpu)
{
	(void)cpu;
	sink = leaky_eq(input, fixed, INPUT_LEN);
}

static void run_eq(uint32_t cpu)
{
	(void)cpu;
	sink = gyl_ct_eq(input, fixed, INPUT_LEN);
}

static void run_sha1(uint32_t cpu)
{
	struct gyl_sha1 s;

	gyl_sha1_init(&s, cpu);
	gyl_sha1_update(&s, input, INPUT_LEN);
	gyl_sha1_final(&s, out);
}

static void run_sha256(uint32_t cpu)
{
	struct gyl_sha256 s;

	gyl_sha256_init(&s, cpu);
	gyl_sha256_update(&s, input, INPUT_LEN);
	gyl_sha256_final(&s, out);
}

static void run_sha512(uint32_t cpu)
{
	struct gyl_sha512 s;

	gyl_sha512_init(&s, cpu);
	gyl_sha512_update(&s, input, INPUT_LEN);
	gyl_sha512_final(&s, out);
}

static void run_hmac(uint32_t cpu)
{
	gyl_hmac_key_init(&mac_key, GYL_HASH_SHA256, cpu, input, 64);
}

/* Two digests, so that kernels of two streams run. */
static void run_pbkdf2(uint32_t cpu)
{
	gyl_pbkdf2(GYL_HASH_SHA256, cpu, input, 32, fixed, 16, 8, out, 64);
}

static struct gyl_password_work work;

/* A verification that is done, but for its verdict. */
static void verdict_prepare(void)
{
	static struct gyl_password pw = {
		.kind = GYL_PASSWORD_PBKDF2_SHA256, .salt_len = 16, .hash_len = 64};

	pw.iter_cnt = GYL_PASSWORD_ITER_MIN;
	gyl_password_begin(&work, &pw, 0, "x", 1, NULL, 0, 0);
	while (gyl_password_step(&work, SIZE_MAX) == GYL_CRYPTO_MORE)
		continue;
	memcpy(pw.hash, fixed, sizeof pw.hash);
}

static void run_verdict(uint32_t cpu)
{
	(void)cpu;
	memcpy(work.hash, input, sizeof work.hash);
	sink = gyl_password_verdict(&work) == GYL_CRYPTO_OK;
}

static void run_chacha20(uint32_t cpu)
{
	uint64_t counter[2] = {0, 0};

	gyl_chacha20_blocks(cpu, input, counter, out, 16);
}

static void run_aes_key(uint32_t cpu)
{
	gyl_aes256_init(&aes, cpu, input);
}

static void run_aes(uint32_t cpu)
{
	uint64_t counter[2];

	(void)cpu;
	memcpy(counter, input, sizeof counter);
	gyl_aes256_blocks(&aes, counter, out, 64);
}

static const struct target {
	const char *name;
	void (*run)(uint32_t cpu);
	uint32_t cpu;
	bool leaks;
} targets[] = {
	{"leaky comparison (has to be told apart)", run_leaky_eq, 0, true},
	{"gyl_ct_eq", run_eq, 0, false},
	{"gyl_password_verdict", run_verdict, 0, false},
	{"SHA-1, SHA instructions", run_sha1, KERNELS_SSE | GYL_CPU_SHA, false},
	{"SHA-256, SHA instructions", run_sha256, KERNELS_SSE | GYL_CPU_SHA, false},
	{"SHA-512, BMI2", run_sha512, GYL_CPU_BMI2, false},
	{"HMAC-SHA256 key, SHA instructions", run_hmac, KERNELS_SSE | GYL_CPU_SHA, false},
	{"PBKDF2-SHA256, SHA instructions", run_pbkdf2, KERNELS_SSE | GYL_CPU_SHA, false},
	{"ChaCha20, AVX2", run_chacha20, KERNELS_AVX2, false},
	{"ChaCha20, AVX-512VL", run_chacha20, KERNELS_AVX2 | GYL_CPU_AVX512VL, false},
	{"AES-256 key, AES instructions", run_aes_key, KERNELS_SSE | GYL_CPU_AES, false},
	{"AES-256 counters, AES instructions", run_aes, KERNELS_SSE | GYL_CPU_AES, false},
};

/* Whatever runs before or after, this is when it began or ended. */
static uint64_t now(void)
{
#if defined(__x86_64__)
	uint32_t lo, hi;

	__asm__ volatile("lfence\n\trdtsc\n\tlfence" : "=a"(lo), "=d"(hi) : : "memory");
	return (uint64_t)hi << 32 | lo;
#else
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
#endif
}

static uint64_t seed = 88172645463325252u;

static uint8_t random_octet(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint8_t)(seed >> 32);
}

/* The inputs of a batch are made before the first of them is timed, and copied alike. */
static void batch(const struct target *t, struct sample *sample, size_t cnt)
{
	static uint8_t prepared[BATCH][INPUT_LEN];

	for (size_t i = 0; i < cnt; i++) {
		sample[i].class = random_octet() & 1;
		for (size_t n = 0; n < INPUT_LEN; n++) {
			uint8_t octet = random_octet();

			prepared[i][n] = sample[i].class == 0 ? fixed[n] : octet;
		}
	}
	for (size_t i = 0; i < cnt; i++) {
		uint64_t start;

		memcpy(input, prepared[i], INPUT_LEN);
		start = now();
		t->run(t->cpu);
		sample[i].time = (uint32_t)(now() - start);
	}
}

static bool measure(const struct target *t, struct sample *sample, size_t cnt)
{
	double most;
	bool told;

	if ((t->cpu & ~(gyl_cpu_detect() | GYL_CPU_RDRAND | GYL_CPU_RDSEED)) != 0) {
		printf("%-40s  not here\n", t->name);
		return true;
	}
	for (size_t n = 0; n < INPUT_LEN; n++)
		fixed[n] = random_octet();
	gyl_aes256_init(&aes, t->cpu, fixed);
	verdict_prepare();
	for (size_t i = 0; i < WARM_UP; i += BATCH)
		batch(t, sample, BATCH);
	for (size_t i = 0; i < cnt; i += BATCH)
		batch(t, sample + i, BATCH);
	most = stats_t(sample, cnt);
	told = most > STATS_LEAK;
	printf("%-40s  |t| %8.2f  %s\n", t->name, most, told ? "DIFFERENT" : "not told apart");
	fflush(stdout);
	return told == t->leaks;
}

int main(int argc, char **argv)
{
	size_t cnt = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
	struct sample *sample;
	bool good = true;

	cnt += (BATCH - cnt % BATCH) % BATCH;
	cnt = cnt < WARM_UP ? WARM_UP : cnt;
	sample = calloc(cnt, sizeof *sample);
	if (sample == NULL)
		return 1;
	printf("%zu samples, two classes; told apart when |t| is over %.0f\n", cnt, STATS_LEAK);
	for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++)
		good = measure(&targets[i], sample, cnt) && good;
	free(sample);
	puts(good ? "as it has to be" : "FAILED");
	return !good;
}
