/* SPDX-License-Identifier: ISC */
#include "services/base/random.h"

#include <gyl/cpu.h>
#include <gyl/ct.h>
#include <gyl/secret.h>
#include <gyl/source.h>
#include <gyl/time.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
	TIMED_LEN = 1 << 20, /* memory whose reads are timed at the start */
	ROUNDS = 64          /* of all sources, before the start is given up */
};

struct gyl_random {
	struct gyl_fortuna fortuna;
	struct gyl_entropy entropy;
	struct gyl_rng rng;
	struct gyl_source_env env;
	uint64_t reseed_cnt; /* of Fortuna, when rng was seeded */
	uint64_t seed_ns;    /* when the next seed is to be stored */
	uint64_t now_ns;     /* of the last turn */
	int wakeup, boot;    /* numbers of sources */
};

static uint64_t clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * GYL_NS_PER_S + (uint64_t)ts.tv_nsec;
}

/* Those that are here are asked in this order for the first seed. */
static void add_sources(struct gyl_random *r)
{
	static const struct gyl_source *const asked[] = {&gyl_source_getrandom, &gyl_source_rdseed,
		&gyl_source_rdrand, &gyl_source_whirlwind, &gyl_source_memory};

	for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++)
		gyl_entropy_add(&r->entropy, asked[i], &r->env);
	r->wakeup = gyl_entropy_add(&r->entropy, &gyl_source_wakeup, &r->env);
	r->boot = gyl_entropy_add(&r->entropy, &gyl_source_boot, &r->env);
}

static int start(struct gyl_random *r)
{
	int err;

	r->env.cpu = gyl_cpu_detect();
	r->env.memory = malloc(TIMED_LEN);
	r->env.memory_len = r->env.memory == NULL ? 0 : TIMED_LEN;
	r->now_ns = clock_ns();
	gyl_fortuna_init(&r->fortuna, r->env.cpu, 0);
	gyl_rng_init(&r->rng, GYL_RNG_CHACHA20, r->env.cpu, GYL_RNG_HEDGE);
	gyl_entropy_init(&r->entropy, &r->fortuna);
	add_sources(r);
	err = gyl_entropy_start(&r->entropy, r->now_ns, ROUNDS);
	free(r->env.memory);
	r->env.memory = NULL; /* from now on that source gives nothing */
	r->env.memory_len = 0;
	return err == GYL_CRYPTO_OK ? gyl_fortuna_child(&r->fortuna, r->now_ns, &r->rng) : err;
}

struct gyl_random *gyl_random_open(char err[200])
{
	struct gyl_random *r;
	void *pages;
	int e = gyl_secret_map(sizeof *r, &pages);

	r = e == GYL_CRYPTO_OK ? pages : NULL;
	if (e == GYL_CRYPTO_OK)
		e = start(r);
	if (e == GYL_CRYPTO_OK)
		return r;
	snprintf(err, 200, "random numbers: %s", gyl_crypto_err_text(e));
	gyl_random_close(r);
	return NULL;
}

void gyl_random_close(struct gyl_random *r)
{
	gyl_secret_unmap(r, sizeof *r);
}

struct gyl_rng *gyl_random_rng(struct gyl_random *r)
{
	return &r->rng;
}

int gyl_random_add(struct gyl_random *r, const struct gyl_source *source, void *arg)
{
	return gyl_entropy_add(&r->entropy, source, arg);
}

/* Fortuna has a new key: the generator too. It cannot fail, for both are seeded. */
static void follow(struct gyl_random *r)
{
	if (r->reseed_cnt == r->fortuna.reseed_cnt)
		return;
	r->reseed_cnt = r->fortuna.reseed_cnt;
	gyl_fortuna_child(&r->fortuna, r->now_ns, &r->rng);
}

static void make_seed(struct gyl_random *r, uint8_t ret_seed[GYL_FORTUNA_SEED_LEN])
{
	gyl_fortuna_seed_make(&r->fortuna, r->now_ns, ret_seed);
	r->seed_ns = gyl_time_add(r->now_ns, GYL_FORTUNA_SEED_S * GYL_NS_PER_S);
}

void gyl_random_restart(
	struct gyl_random *r, struct gyl_view old, uint8_t ret_seed[GYL_FORTUNA_SEED_LEN])
{
	if (old.len != 0) {
		gyl_entropy_push(&r->entropy, r->boot, old.p, old.len);
		gyl_fortuna_seed(&r->fortuna, old.p, old.len, 0);
		gyl_fortuna_child(&r->fortuna, r->now_ns, &r->rng);
	}
	make_seed(r, ret_seed);
}

bool gyl_random_turn(struct gyl_random *r, uint64_t now_ns, uint8_t ret_seed[GYL_FORTUNA_SEED_LEN])
{
	uint8_t sample = (uint8_t)gyl_source_ticks(&r->env);

	r->now_ns = now_ns;
	gyl_entropy_push(&r->entropy, r->wakeup, &sample, 1);
	gyl_entropy_poll(&r->entropy, now_ns);
	follow(r);
	if (now_ns < r->seed_ns)
		return false;
	make_seed(r, ret_seed);
	return true;
}

const struct gyl_entropy_source *gyl_random_failed(struct gyl_random *r)
{
	int i = gyl_entropy_failed(&r->entropy);

	return i < 0 ? NULL : &r->entropy.source[i];
}

bool gyl_random_degraded(const struct gyl_random *r)
{
	return gyl_entropy_degraded(&r->entropy);
}

static const char *health_word(const struct gyl_entropy_source *s)
{
	if (s->muted)
		return "failed";
	if (s->source->claim_mbits == 0 || s->source->once)
		return "not tested";
	if (!gyl_health_good(&s->health))
		return "starting";
	return s->dry_cnt == 0 ? "good" : "not ready";
}

static void source_json(struct gyl_json *j, const struct gyl_entropy_source *s)
{
	gyl_json_obj(j, NULL);
	gyl_json_cstr(j, "name", s->source->name);
	gyl_json_u64(j, "claim_millibits", s->source->claim_mbits);
	gyl_json_u64(j, "samples", s->sample_cnt);
	gyl_json_u64(j, "credited_bits", s->credit / 1000);
	gyl_json_u64(j, "not_ready", s->empty_cnt);
	gyl_json_cstr(j, "health", health_word(s));
	gyl_json_end(j);
}

void gyl_random_json(const struct gyl_random *r, struct gyl_json *j)
{
	const struct gyl_fortuna *f = &r->fortuna;

	gyl_json_obj(j, "random");
	gyl_json_bool(j, "seeded", f->seeded);
	gyl_json_bool(j, "degraded", gyl_random_degraded(r));
	gyl_json_u64(j, "reseeds", f->reseed_cnt);
	gyl_json_u64(j, "since_reseed_ms", gyl_time_sub(r->now_ns, f->reseed_ns) / GYL_NS_PER_MS);
	gyl_json_u64(j, "credit_bits", f->credit / 1000);
	gyl_json_arr(j, "sources");
	for (unsigned i = 0; i < r->entropy.source_cnt; i++)
		source_json(j, &r->entropy.source[i]);
	gyl_json_end(j);
	gyl_json_end(j);
}
