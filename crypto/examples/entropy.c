/* SPDX-License-Identifier: ISC */

/* A service's generator: three sources, the first seed, and the turns of its event loop. */

#define _DEFAULT_SOURCE /* clock_gettime, nanosleep */
#include <gyl/cpu.h>
#include <gyl/entropy.h>
#include <gyl/source.h>
#include <stdio.h>
#include <time.h>

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* A turn of a loop: when it woke is a sample, and sources may be due. */
static void turn(struct gyl_entropy *e, int wakeup, const struct gyl_source_env *env)
{
	uint8_t sample = (uint8_t)gyl_source_ticks(env);
	int failed;

	gyl_entropy_push(e, wakeup, &sample, 1);
	if (gyl_entropy_deadline_ns(e) <= now_ns())
		gyl_entropy_poll(e, now_ns());
	while ((failed = gyl_entropy_failed(e)) >= 0)
		fprintf(stderr, "source %s failed its health test and is not credited any more\n",
			e->source[failed].source->name);
}

static void show(const struct gyl_entropy *e)
{
	for (unsigned i = 0; i < e->source_cnt; i++) {
		const struct gyl_entropy_source *s = &e->source[i];

		printf("%-10s %6llu samples, %6llu bits credited%s\n", s->source->name,
			(unsigned long long)s->sample_cnt, (unsigned long long)s->credit / 1000,
			s->muted ? ", muted" : "");
	}
	puts(gyl_entropy_degraded(e) ? "degraded" : "good");
}

int main(void)
{
	static struct gyl_fortuna fortuna;
	static struct gyl_entropy entropy;
	struct gyl_source_env env = {.cpu = gyl_cpu_detect()};
	const struct timespec nap = {.tv_nsec = 1000000};
	uint8_t key[16];
	int wakeup;

	gyl_fortuna_init(&fortuna, env.cpu, 0);
	gyl_entropy_init(&entropy, &fortuna);
	gyl_entropy_add(&entropy, &gyl_source_getrandom, NULL);
	gyl_entropy_add(&entropy, &gyl_source_rdseed, &env);
	wakeup = gyl_entropy_add(&entropy, &gyl_source_wakeup, NULL);
	if (gyl_entropy_start(&entropy, now_ns(), 64) != GYL_CRYPTO_OK) {
		fputs("no seed yet\n", stderr);
		return 1;
	}
	for (int i = 0; i < 100; i++) {
		nanosleep(&nap, NULL);
		turn(&entropy, wakeup, &env);
	}
	show(&entropy);
	return gyl_fortuna_read(&fortuna, now_ns(), key, sizeof key) != GYL_CRYPTO_OK;
}
