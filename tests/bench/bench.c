/* SPDX-License-Identifier: ISC */
#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static volatile uint64_t sink;

static double cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static double once(bench_fn *fn, uint64_t n)
{
	double start = cpu_ns();

	sink = sink + fn(n);
	return (cpu_ns() - start) / (double)n;
}

/* How many turns take about a twentieth of a second. */
static uint64_t turns(bench_fn *fn)
{
	uint64_t n = 1000;

	while (once(fn, n) * (double)n < 2.5e7)
		n *= 2;
	return n * 2;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

void bench_title(void)
{
	printf("| task | who | ns (min - median - max) | ours / theirs |\n| --- | --- | --- | --- |\n");
}

void bench_run(const char *task, const struct bench_contender *c, size_t cnt)
{
	double ns[BENCH_CONTENDER_MAX][BENCH_ROUNDS], ours = 0;
	uint64_t n[BENCH_CONTENDER_MAX];

	for (size_t i = 0; i < cnt; i++)
		n[i] = c[i].fn == NULL ? 0 : turns(c[i].fn);
	for (int round = 0; round < BENCH_ROUNDS; round++)
		for (size_t i = 0; i < cnt; i++)
			ns[i][round] = c[i].fn == NULL ? 0 : once(c[i].fn, n[i]);
	for (size_t i = 0; i < cnt; i++) {
		double median;

		qsort(ns[i], BENCH_ROUNDS, sizeof ns[i][0], by_size);
		median = ns[i][BENCH_ROUNDS / 2];
		if (i == 0)
			ours = median;
		if (c[i].fn == NULL) {
			printf("| %s | %s | not installed | |\n", task, c[i].name);
			continue;
		}
		printf("| %s | %s | %.1f - %.1f - %.1f |", task, c[i].name, ns[i][0], median,
			ns[i][BENCH_ROUNDS - 1]);
		if (i != 0)
			printf(" %.3f (1/%.1f)", ours / median, median / ours);
		printf(" |\n");
	}
	fflush(stdout);
}
