/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "services/dns/zonec/main_own.h"

enum {
	PAUSE_MS = 100
};

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* Short work is over before anything is shown. */
void gyl__zonec_progress_open(struct gyl_zonec_progress *p, bool quiet)
{
	p->on = !quiet && isatty(STDERR_FILENO) == 1;
	p->shown = false;
	p->next_ms = now_ms() + PAUSE_MS;
}

void gyl__zonec_progress(void *arg, const char *what, size_t done, size_t total)
{
	struct gyl_zonec_progress *p = arg;
	uint64_t now = p->on ? now_ms() : 0;

	if (!p->on || now < p->next_ms)
		return;
	p->next_ms = now + PAUSE_MS;
	p->shown = true;
	if (total == 0)
		fprintf(stderr, "\r%zu %s\033[K", done, what);
	else
		fprintf(stderr, "\r%zu %s, %zu %%\033[K", done, what, done * 100 / total);
}

void gyl__zonec_progress_close(struct gyl_zonec_progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->on = p->shown = false;
}
