/* SPDX-License-Identifier: ISC */
#include "tests/ct/stats.h"

#include <math.h>
#include <stdlib.h>

enum {
	CROP_CNT = 50
};

struct moments {
	double cnt, mean, square_sum;
};

/* Welford's update. */
static void moments_add(struct moments *m, double x)
{
	double delta = x - m->mean;

	m->cnt++;
	m->mean += delta / m->cnt;
	m->square_sum += delta * (x - m->mean);
}

static double welch(const struct moments m[2])
{
	double spread = 0;

	for (int i = 0; i < 2; i++) {
		if (m[i].cnt < 1000)
			return 0;
		spread += m[i].square_sum / (m[i].cnt - 1) / m[i].cnt;
	}
	return spread > 0 ? fabs(m[0].mean - m[1].mean) / sqrt(spread) : 0;
}

static double t_below(const struct sample *sample, size_t cnt, double limit)
{
	struct moments m[2] = {{0, 0, 0}, {0, 0, 0}};

	for (size_t i = 0; i < cnt; i++)
		if (sample[i].time <= limit)
			moments_add(&m[sample[i].class], sample[i].time);
	return welch(m);
}

static int by_time(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

double stats_t(const struct sample *sample, size_t cnt)
{
	uint32_t *sorted = malloc(cnt * sizeof *sorted);
	double most;

	if (sorted == NULL)
		abort();
	for (size_t i = 0; i < cnt; i++)
		sorted[i] = sample[i].time;
	qsort(sorted, cnt, sizeof *sorted, by_time);
	most = t_below(sample, cnt, UINT32_MAX);
	/* dudect's thresholds: close together near the fastest times, where a leak shows best. */
	for (int i = 0; i < CROP_CNT; i++) {
		double share = 1 - pow(0.5, 10.0 * (i + 1) / CROP_CNT);
		double t = t_below(sample, cnt, sorted[(size_t)(share * (double)(cnt - 1))]);

		most = t > most ? t : most;
	}
	free(sorted);
	return most;
}
