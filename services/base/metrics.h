/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_METRICS_H
#define GYL_SERVICES_BASE_METRICS_H

/*
 * Numbers for Prometheus: a writer of its text format (version 0.0.4) and a histogram of times.
 *
 * A family is begun with its name, type and help; then come its samples, one after the other,
 * before the next family begins. Values are whole numbers, or nanoseconds written as seconds.
 * What does not fit the buffer fails the gyl_writer (GYL_E_SPACE). Pure.
 */

#include <gyl/text.h>

/* ---- histogram ---- */

enum {
	/* Bounds 1, 2, 5 us and so on to 10 s; one bucket more for what is above. */
	GYL_HISTOGRAM_BOUNDS = 22
};

/* Zeros to begin with. Times are whole nanoseconds; what is longer than 2^63 in sum wraps, after
 * 292 years. */
struct gyl_histogram {
	uint64_t bucket[GYL_HISTOGRAM_BOUNDS + 1]; /* not cumulative */
	uint64_t sum_ns;
};

/* The bucket that a time belongs into: of the least bound that is not below it. A look-up and a
 * comparison. */
unsigned gyl_histogram_index(uint64_t ns);
/* Upper bound of bucket i, inclusive; i < GYL_HISTOGRAM_BOUNDS. */
uint64_t gyl_histogram_bound_ns(unsigned i);

/* cnt things that took ns each. */
static inline void gyl_histogram_add(struct gyl_histogram *h, uint64_t ns, uint64_t cnt)
{
	h->bucket[gyl_histogram_index(ns)] += cnt;
	h->sum_ns += ns * cnt;
}

/* All that another one has. */
static inline void gyl_histogram_sum(struct gyl_histogram *h, const struct gyl_histogram *other)
{
	for (unsigned i = 0; i <= GYL_HISTOGRAM_BOUNDS; i++)
		h->bucket[i] += other->bucket[i];
	h->sum_ns += other->sum_ns;
}

uint64_t gyl_histogram_cnt(const struct gyl_histogram *h);

/* ---- text ---- */

enum gyl_metrics_type {
	GYL_METRICS_COUNTER, /* only grows; its name ends in _total */
	GYL_METRICS_GAUGE,
	GYL_METRICS_HISTOGRAM
};

/* A label; any UTF-8 as value, it is escaped. */
struct gyl_metrics_label {
	const char *name;
	struct gyl_view val;
};

struct gyl_metrics {
	struct gyl_writer *w; /* the text goes here */
	const char *family;   /* @private */
};

void gyl_metrics_init(struct gyl_metrics *m, struct gyl_writer *w);

/* Begin a family. name is kept until the next one; unit _seconds, _bytes as its end tells. */
void gyl_metrics_family(
	struct gyl_metrics *m, const char *name, enum gyl_metrics_type type, const char *help);

/* A sample of the family: a whole number; with nanoseconds, as seconds. */
void gyl_metrics_u64(
	struct gyl_metrics *m, const struct gyl_metrics_label *label, size_t label_cnt, uint64_t v);
void gyl_metrics_ns(struct gyl_metrics *m, const struct gyl_metrics_label *label, size_t label_cnt,
	uint64_t ns);
/* What never comes: +Inf. */
void gyl_metrics_inf(
	struct gyl_metrics *m, const struct gyl_metrics_label *label, size_t label_cnt);
/* All lines of a histogram of the family. */
void gyl_metrics_histogram(struct gyl_metrics *m, const struct gyl_metrics_label *label,
	size_t label_cnt, const struct gyl_histogram *h);

/* A family with one sample and no labels. */
void gyl_metrics_counter(struct gyl_metrics *m, const char *name, const char *help, uint64_t v);
void gyl_metrics_gauge(struct gyl_metrics *m, const char *name, const char *help, uint64_t v);

#endif
