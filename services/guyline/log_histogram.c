/* SPDX-License-Identifier: ISC */

/*
 * How many messages there were when. Without a step they are counted by the second at first; a step
 * that gets too many bars is made the next longer one, which is a multiple of it.
 */

#include <errno.h>
#include <gyl/json.h>
#include <gyl/syslog.h>
#include <gyl/text.h>
#include <gyl/time.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "services/guyline/log_own.h"

enum {
	BAR_MAX = 100000, /* with a step of one's own */
	BAR_KEPT = 4096,  /* while the step is looked for */
	BAR_SHOWN = 40,   /* of one that was found so */
	WIDTH = 50        /* of the longest bar */
};

static const uint32_t step_s[] = {
	1, 5, 10, 30, 60, 300, 600, 1800, 3600, 10800, 21600, 43200, 86400, 604800, 604800 * 4};

struct bar {
	uint64_t cnt[8];
};

struct gyl__log_histogram {
	const struct gyl__log_ask *ask;
	uint64_t step_ns, first; /* the first bar begins at first * step_ns of the clock shown */
	unsigned step;           /* of step_s, unless it was said */
	struct bar *bar;
	size_t cnt;
	bool too_many;
	uint64_t zone_hour; /* whose zone is zone_s */
	int32_t zone_s;
};

/* What a frame's records are on their way. */
struct mark {
	uint64_t recv_ns;
	uint32_t sev;
};

struct gyl__log_histogram *gyl__log_histogram_new(const struct gyl__log_ask *ask)
{
	struct gyl__log_histogram *h = calloc(1, sizeof *h);

	if (h != NULL)
		h->bar = calloc(BAR_MAX, sizeof *h->bar);
	if (h == NULL || h->bar == NULL) {
		free(h);
		return NULL;
	}
	h->ask = ask;
	h->step_ns = ask->step_ns != 0 ? ask->step_ns : GYL_NS_PER_S;
	return h;
}

void gyl__log_histogram_free(struct gyl__log_histogram *h)
{
	free(h->bar);
	free(h);
}

void gyl__log_histogram_put(void *arg, struct gyl_view line, const struct gyl_syslogd_fields *f,
	uint8_t *scratch, struct gyl__log_out *out)
{
	struct mark m = {.recv_ns = gyl_syslogd_time(f, GYL_SYSLOGD_RECV),
		.sev = (uint32_t)gyl_syslogd_number(f, GYL_SYSLOGD_SEV, 6) & 7};
	uint8_t *p = gyl__log_room(out, sizeof m);

	(void)arg;
	(void)line;
	(void)scratch;
	if (p != NULL) {
		memcpy(p, &m, sizeof m);
		out->len += sizeof m;
	}
}

/* Each bar of the longer step is `n` of the shorter ones. */
static void merge(struct gyl__log_histogram *h, uint64_t n)
{
	uint64_t first = h->first / n;

	for (size_t i = 0; i < h->cnt; i++) {
		size_t to = (size_t)((h->first + i) / n - first);
		struct bar b = h->bar[i];

		memset(&h->bar[i], 0, sizeof b);
		for (unsigned sev = 0; sev < 8; sev++)
			h->bar[to].cnt[sev] += b.cnt[sev];
	}
	h->cnt = h->cnt == 0 ? 0 : (size_t)((h->first + h->cnt - 1) / n - first) + 1;
	h->first = first;
	h->step_ns *= n;
}

static bool lengthen(struct gyl__log_histogram *h)
{
	if (h->ask->step_ns != 0 || h->step + 1 == sizeof step_s / sizeof step_s[0])
		return false;
	h->step++;
	merge(h, step_s[h->step] / step_s[h->step - 1]);
	return true;
}

/* The bar with this number, before or behind those that are there. NULL: too many. */
static struct bar *bar_at(struct gyl__log_histogram *h, uint64_t at, size_t max)
{
	uint64_t first = h->cnt == 0 || at < h->first ? at : h->first;
	uint64_t last = h->cnt == 0 || at >= h->first + h->cnt ? at : h->first + h->cnt - 1;

	if (last - first >= max)
		return NULL;
	if (h->cnt != 0 && first < h->first) {
		size_t by = (size_t)(h->first - first);

		memmove(h->bar + by, h->bar, h->cnt * sizeof *h->bar);
		memset(h->bar, 0, by * sizeof *h->bar);
	}
	h->first = first;
	h->cnt = (size_t)(last - first) + 1;
	return &h->bar[at - first];
}

/* Bars begin with the hours and days of the clock that they are shown by. */
static uint64_t shown_ns(struct gyl__log_histogram *h, uint64_t wall_ns)
{
	if (h->ask->utc || h->ask->json)
		return wall_ns;
	if (wall_ns / GYL_NS_PER_HOUR != h->zone_hour) {
		h->zone_hour = wall_ns / GYL_NS_PER_HOUR;
		h->zone_s = gyl__log_zone_s(wall_ns);
	}
	return wall_ns + (uint64_t)(h->zone_s * (int64_t)GYL_NS_PER_S);
}

static bool count(struct gyl__log_histogram *h, const struct mark *m)
{
	uint64_t ns = shown_ns(h, m->recv_ns);
	size_t max = h->ask->step_ns != 0 ? BAR_MAX : BAR_KEPT;
	struct bar *b;

	while ((b = bar_at(h, ns / h->step_ns, max)) == NULL)
		if (!lengthen(h))
			return false;
	b->cnt[m->sev]++;
	return true;
}

bool gyl__log_histogram_take(void *arg, const struct gyl__log_out *out)
{
	struct gyl__log_histogram *h = arg;
	struct mark m;

	for (size_t at = 0; at + sizeof m <= out->len; at += sizeof m) {
		memcpy(&m, out->p + at, sizeof m);
		if (!count(h, &m)) {
			h->too_many = true;
			return false;
		}
	}
	return true;
}

/* ---- output ---- */

static uint64_t sum(const struct bar *b, unsigned from, unsigned to)
{
	uint64_t cnt = 0;

	for (unsigned sev = from; sev <= to; sev++)
		cnt += b->cnt[sev];
	return cnt;
}

/* Errors first, then warnings, then the rest; what there is at all has a mark. */
static void put_bar(const struct bar *b, uint64_t longest, bool colour, FILE *out)
{
	static const struct {
		unsigned from, to;
		char mark;
		const char *colour;
	} part[] = {{0, 3, '#', "\033[31m"}, {4, 4, '=', "\033[33m"}, {5, 7, '-', ""}};

	uint64_t end = 0;

	for (size_t i = 0; i < sizeof part / sizeof part[0]; i++) {
		uint64_t cnt = sum(b, part[i].from, part[i].to);
		uint64_t to = sum(b, 0, part[i].to) * WIDTH / longest;
		uint64_t len = cnt == 0 ? 0 : to > end ? to - end : 1;

		end += len;

		if (len != 0 && colour)
			fputs(part[i].colour, out);
		for (; len != 0; len--)
			fputc(part[i].mark, out);
		if (cnt != 0 && colour && part[i].colour[0] != '\0')
			fputs("\033[0m", out);
	}
}

/* The wall clock's time at which a bar begins. */
static uint64_t begin_ns(const struct gyl__log_histogram *h, size_t i)
{
	uint64_t ns = (h->first + i) * h->step_ns;

	if (h->ask->utc || h->ask->json)
		return ns;
	return ns - (uint64_t)((int64_t)gyl__log_zone_s(ns) * (int64_t)GYL_NS_PER_S);
}

static void print_text(const struct gyl__log_histogram *h, FILE *out)
{
	bool colour = isatty(fileno(out)) == 1 && getenv("NO_COLOR") == NULL;
	struct gyl_syslogd_style style = {.utc = h->ask->utc};
	uint64_t longest = 1;

	for (size_t i = 0; i < h->cnt; i++)
		if (sum(&h->bar[i], 0, 7) > longest)
			longest = sum(&h->bar[i], 0, 7);
	for (size_t i = 0; i < h->cnt; i++) {
		struct gyl_writer w;
		char time[40];

		style.zone_s = gyl__log_zone_s(begin_ns(h, i));
		gyl_writer_init(&w, time, sizeof time);
		gyl_syslogd_print_time(&w, begin_ns(h, i), 0, &style);
		fprintf(out, "%s %8llu  ", gyl_text_cstr(&w),
			(unsigned long long)sum(&h->bar[i], 0, 7));
		put_bar(&h->bar[i], longest, colour, out);
		fputc('\n', out);
	}
}

static void print_json(const struct gyl__log_histogram *h, FILE *out)
{
	for (size_t i = 0; i < h->cnt; i++) {
		char text[400], time[40];
		struct gyl_writer w, t;
		struct gyl_json j;

		gyl_writer_init(&t, time, sizeof time);
		gyl_time_print_rfc3339(&t, begin_ns(h, i), 0);
		gyl_writer_init(&w, text, sizeof text);
		gyl_json_init(&j, &w);
		gyl_json_obj(&j, NULL);
		gyl_json_str(&j, "time", gyl_writer_view(&t));
		gyl_json_u64(&j, "seconds", h->step_ns / GYL_NS_PER_S);
		gyl_json_u64(&j, "count", sum(&h->bar[i], 0, 7));
		for (unsigned sev = 0; sev < 8; sev++)
			if (h->bar[i].cnt[sev] != 0)
				gyl_json_u64(&j, gyl_syslog_sev_name(sev), h->bar[i].cnt[sev]);
		gyl_json_end(&j);
		fprintf(out, "%s\n", gyl_text_cstr(&w));
	}
}

bool gyl__log_histogram_print(struct gyl__log_histogram *h, FILE *out)
{
	if (h->too_many) {
		fprintf(stderr,
			"guyline: --histogram: that would be more than %d bars; take a longer step, or a shorter time with --since and --until\n",
			BAR_MAX);
		return false;
	}
	while (h->ask->step_ns == 0 && h->cnt > BAR_SHOWN && lengthen(h))
		;
	if (h->ask->json)
		print_json(h, out);
	else
		print_text(h, out);
	return true;
}
