/* SPDX-License-Identifier: ISC */
#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static volatile uint64_t sink;

static double cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static double turns_ns(bench_fn *fn, uint64_t n)
{
	double start = cpu_ns();

	sink = sink + fn(n);
	return cpu_ns() - start;
}

/* How many turns take about a twentieth of a second. */
static uint64_t turns_find(bench_fn *fn)
{
	uint64_t n = 1;

	while (turns_ns(fn, n) < 2.5e7)
		n *= 2;
	return n * 2;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void row_print(const struct bench_task *t, const struct bench_contender *who,
	const double *ns, double ours)
{
	double median = ns[BENCH_ROUNDS / 2];

	if (who->fn == NULL) {
		printf("| %s | %s | not installed | | |\n", t->name, who->name);
		return;
	}
	printf("| %s | %s | ", t->name, who->name);
	if (who == t->who)
		printf("%s", t->who[1].name == NULL ? "" : "1");
	else if (median >= 2 * ours)
		printf("1/%.1f", median / ours);
	else
		printf("%.2f", ours / median);
	printf(" | %.1f | %.1f - %.1f |\n", median, ns[0], ns[BENCH_ROUNDS - 1]);
}

static void task_run(const struct bench_task *t)
{
	double ns[BENCH_CONTENDER_MAX][BENCH_ROUNDS] = {{0}}, per = t->per == 0 ? 1 : t->per;
	uint64_t n[BENCH_CONTENDER_MAX];
	size_t cnt = 0;

	for (; cnt < BENCH_CONTENDER_MAX && t->who[cnt].name != NULL; cnt++)
		n[cnt] = t->who[cnt].fn == NULL ? 0 : turns_find(t->who[cnt].fn);
	for (int round = 0; round < BENCH_ROUNDS; round++)
		for (size_t i = 0; i < cnt; i++)
			if (n[i] != 0)
				ns[i][round] = turns_ns(t->who[i].fn, n[i]) / ((double)n[i] * per);
	for (size_t i = 0; i < cnt; i++)
		qsort(ns[i], BENCH_ROUNDS, sizeof ns[i][0], by_size);
	for (size_t i = 0; i < cnt; i++)
		row_print(t, &t->who[i], ns[i], ns[0][BENCH_ROUNDS / 2]);
	fflush(stdout);
}

static void machine_print(void)
{
	char line[256], cpu[128] = "unknown processor";
	FILE *f = fopen("/proc/cpuinfo", "r");

	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (sscanf(line, "model name : %127[^\n]", cpu) == 1)
			break;
	if (f != NULL)
		fclose(f);
	printf("Machine: %s, %ld cores; compiler: %s.\n\n", cpu, sysconf(_SC_NPROCESSORS_ONLN),
#ifdef __clang__
		"clang " __clang_version__
#else
		"gcc " __VERSION__
#endif
	);
}

/* The contender of a number: those that are built, counted through all tasks. */
static const struct bench_contender *contender_at(const struct bench_task *task, size_t cnt,
	size_t number, const struct bench_task **ret_task)
{
	for (size_t i = 0; i < cnt; i++)
		for (size_t k = 0; k < BENCH_CONTENDER_MAX; k++) {
			if (task[i].who[k].fn == NULL || number-- != 0)
				continue;
			*ret_task = &task[i];
			return &task[i].who[k];
		}
	return NULL;
}

static void list_print(const struct bench_task *task, size_t cnt)
{
	const struct bench_contender *who;
	const struct bench_task *t;

	for (size_t i = 0; (who = contender_at(task, cnt, i, &t)) != NULL; i++)
		printf("%zu\t%s\t%s\t%u\n", i, t->name, who->name, t->per == 0 ? 1 : t->per);
}

int bench_main(int argc, char **argv, const struct bench_task *task, size_t cnt)
{
	if (argc == 2 && strcmp(argv[1], "-l") == 0) {
		list_print(task, cnt);
		return 0;
	}
	if (argc == 4 && strcmp(argv[1], "-n") == 0) {
		const struct bench_task *t;
		const struct bench_contender *who =
			contender_at(task, cnt, strtoul(argv[2], NULL, 10), &t);

		if (who == NULL)
			return 1;
		sink = sink + who->fn(strtoull(argv[3], NULL, 10));
		return 0;
	}
	machine_print();
	printf("| task | who | ours / theirs | ns (median of %d) | ns (least - most) |\n"
	       "| --- | --- | --- | --- | --- |\n",
		BENCH_ROUNDS);
	for (size_t i = 0; i < cnt; i++)
		task_run(&task[i]);
	return 0;
}
