/* SPDX-License-Identifier: ISC */
#include "services/base/metrics.h"

#include <gyl/time.h>

/* ---- histogram ---- */

static const uint64_t bound_ns[GYL_HISTOGRAM_BOUNDS] = {
	1000, 2000, 5000, 10000, 20000, 50000, 100000, 200000, 500000, /* microseconds */
	1000000, 2000000, 5000000, 10000000, 20000000, 50000000, 100000000, 200000000, 500000000,
	1000000000, 2000000000, 5000000000, 10000000000 /* seconds */
};

enum {
	/* From 2^34 ns on all is above the last bound. */
	BITS_MAX = 34
};

/* By the number of bits of a time: how many bounds are below all times of that many. At most one
 * more lies among them, because each is twice the one before or more. */
static const uint8_t below[BITS_MAX + 1] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0,          /* 0 to 9: below 512 ns */
	0, 1, 2, 2, 3, 4, 5, 6, 7, 8,          /* 10 to 19 */
	9, 10, 11, 11, 12, 13, 14, 15, 16, 17, /* 20 to 29 */
	18, 19, 20, 20, 21,                    /* 30 to 34 */
};

static unsigned bits(uint64_t v)
{
	return v == 0 ? 0 : 64 - (unsigned)__builtin_clzll(v);
}

unsigned gyl_histogram_index(uint64_t ns)
{
	unsigned n = bits(ns), i;

	if (n > BITS_MAX)
		return GYL_HISTOGRAM_BOUNDS;
	i = below[n];
	return i + (ns > bound_ns[i]);
}

uint64_t gyl_histogram_bound_ns(unsigned i)
{
	return bound_ns[i];
}

uint64_t gyl_histogram_cnt(const struct gyl_histogram *h)
{
	uint64_t cnt = 0;

	for (unsigned i = 0; i <= GYL_HISTOGRAM_BOUNDS; i++)
		cnt += h->bucket[i];
	return cnt;
}

/* ---- text ---- */

static const char *const type_name[] = {
	[GYL_METRICS_COUNTER] = "counter",
	[GYL_METRICS_GAUGE] = "gauge",
	[GYL_METRICS_HISTOGRAM] = "histogram",
};

void gyl_metrics_init(struct gyl_metrics *m, struct gyl_writer *w)
{
	m->w = w;
	m->family = "";
}

/* A backslash before what would end the text. In help a quotation mark may stand. */
static void put_escaped(struct gyl_writer *w, struct gyl_view v, bool is_label)
{
	for (size_t i = 0; i < v.len; i++) {
		char c = (char)v.p[i];

		if (c == '\\' || c == '\n' || (c == '"' && is_label))
			gyl_text_char(w, '\\');
		gyl_text_char(w, c == '\n' ? 'n' : c);
	}
}

void gyl_metrics_family(
	struct gyl_metrics *m, const char *name, enum gyl_metrics_type type, const char *help)
{
	m->family = name;
	gyl_text_str(m->w, "# HELP ");
	gyl_text_str(m->w, name);
	gyl_text_char(m->w, ' ');
	put_escaped(m->w, gyl_view_str(help), false);
	gyl_text_str(m->w, "\n# TYPE ");
	gyl_text_str(m->w, name);
	gyl_text_char(m->w, ' ');
	gyl_text_str(m->w, type_name[type]);
	gyl_text_char(m->w, '\n');
}

static void put_label(struct gyl_writer *w, size_t number, const char *name, struct gyl_view val)
{
	gyl_text_char(w, number == 0 ? '{' : ',');
	gyl_text_str(w, name);
	gyl_text_str(w, "=\"");
	put_escaped(w, val, true);
	gyl_text_char(w, '"');
}

/* The name and labels of a sample; le is the last one, when it is not empty. */
static void put_head(const struct gyl_metrics *m, const char *suffix,
	const struct gyl_metrics_label *label, size_t label_cnt, struct gyl_view le)
{
	size_t n;

	gyl_text_str(m->w, m->family);
	gyl_text_str(m->w, suffix);
	for (n = 0; n < label_cnt; n++)
		put_label(m->w, n, label[n].name, label[n].val);
	if (le.len != 0)
		put_label(m->w, n++, "le", le);
	gyl_text_str(m->w, n == 0 ? " " : "} ");
}

/* Seconds without zeros at the end, and without a point when they are whole. */
static void put_seconds(struct gyl_writer *w, uint64_t ns)
{
	uint64_t frac = ns % GYL_NS_PER_S;
	unsigned digits = 9;

	gyl_text_u64(w, ns / GYL_NS_PER_S);
	if (frac == 0)
		return;
	for (; frac % 10 == 0; frac /= 10)
		digits--;
	gyl_text_char(w, '.');
	gyl_text_u64_pad(w, frac, digits);
}

static void put_sample(const struct gyl_metrics *m, const char *suffix,
	const struct gyl_metrics_label *label, size_t label_cnt, struct gyl_view le, uint64_t v)
{
	put_head(m, suffix, label, label_cnt, le);
	gyl_text_u64(m->w, v);
	gyl_text_char(m->w, '\n');
}

void gyl_metrics_u64(
	struct gyl_metrics *m, const struct gyl_metrics_label *label, size_t label_cnt, uint64_t v)
{
	put_sample(m, "", label, label_cnt, gyl_view(NULL, 0), v);
}

static void put_ns(const struct gyl_metrics *m, const char *suffix,
	const struct gyl_metrics_label *label, size_t label_cnt, uint64_t ns)
{
	put_head(m, suffix, label, label_cnt, gyl_view(NULL, 0));
	put_seconds(m->w, ns);
	gyl_text_char(m->w, '\n');
}

void gyl_metrics_ns(
	struct gyl_metrics *m, const struct gyl_metrics_label *label, size_t label_cnt, uint64_t ns)
{
	put_ns(m, "", label, label_cnt, ns);
}

void gyl_metrics_inf(struct gyl_metrics *m, const struct gyl_metrics_label *label, size_t label_cnt)
{
	put_head(m, "", label, label_cnt, gyl_view(NULL, 0));
	gyl_text_str(m->w, "+Inf\n");
}

void gyl_metrics_histogram(struct gyl_metrics *m, const struct gyl_metrics_label *label,
	size_t label_cnt, const struct gyl_histogram *h)
{
	uint64_t cnt = 0;

	for (unsigned i = 0; i < GYL_HISTOGRAM_BOUNDS; i++) {
		uint8_t text[32];
		struct gyl_writer le;

		gyl_writer_init(&le, text, sizeof text);
		put_seconds(&le, bound_ns[i]);
		cnt += h->bucket[i];
		put_sample(m, "_bucket", label, label_cnt, gyl_writer_view(&le), cnt);
	}
	cnt += h->bucket[GYL_HISTOGRAM_BOUNDS];
	put_sample(m, "_bucket", label, label_cnt, gyl_view_str("+Inf"), cnt);
	put_ns(m, "_sum", label, label_cnt, h->sum_ns);
	put_sample(m, "_count", label, label_cnt, gyl_view(NULL, 0), cnt);
}

void gyl_metrics_counter(struct gyl_metrics *m, const char *name, const char *help, uint64_t v)
{
	gyl_metrics_family(m, name, GYL_METRICS_COUNTER, help);
	gyl_metrics_u64(m, NULL, 0, v);
}

void gyl_metrics_gauge(struct gyl_metrics *m, const char *name, const char *help, uint64_t v)
{
	gyl_metrics_family(m, name, GYL_METRICS_GAUGE, help);
	gyl_metrics_u64(m, NULL, 0, v);
}
