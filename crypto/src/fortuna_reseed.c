/* SPDX-License-Identifier: ISC */
#include <gyl/ct.h>
#include <gyl/fortuna.h>

#include "crypto/src/bits.h"
#include "crypto/src/burn.h"
#include "crypto/src/fortuna_own.h"

/* Each new key brings a new secret for the order of pools. Whoever knew the state knew the old one
 * too. The published answers have no such draw, and no order to keep secret. */
static void secret_draw(struct gyl_fortuna *f)
{
	if ((f->flags & GYL_FORTUNA_PUBLISHED) != 0)
		return;
	gyl_rng_u64(&f->rng, &f->secret[0]);
	gyl_rng_u64(&f->rng, &f->secret[1]);
}

static GYL__OWN_FRAME void mix(struct gyl_fortuna *f, char what, const void *data, size_t len)
{
	uint8_t seed[GYL_SHA256_LEN];
	struct gyl_sha256 s;

	/* The letter keeps the id of a machine apart from a seed file that has the same octets. */
	gyl_sha256_init(&s, f->cpu);
	gyl_sha256_update(&s, &what, 1);
	gyl_sha256_update(&s, data, len);
	gyl_sha256_final(&s, seed);
	gyl_rng_reseed(&f->rng, seed, sizeof seed);
	gyl_wipe(seed, sizeof seed);
}

void gyl__fortuna_mix(struct gyl_fortuna *f, char what, const void *data, size_t len)
{
	mix(f, what, data, len);
	secret_draw(f);
	gyl__burn();
}

/* Pools 0 to pool_cnt - 1 become the seed. */
static GYL__OWN_FRAME void pools_mix(struct gyl_fortuna *f, unsigned pool_cnt)
{
	uint8_t seed[GYL_FORTUNA_POOL_CNT * GYL_SHA256_LEN];

	for (unsigned i = 0; i < pool_cnt; i++)
		gyl__fortuna_pool_drain(f, i, seed + (size_t)GYL_SHA256_LEN * i);
	gyl_rng_reseed(&f->rng, seed, (size_t)GYL_SHA256_LEN * pool_cnt);
	gyl_wipe(seed, sizeof seed);
}

static void reseed(struct gyl_fortuna *f, uint64_t now_ns, unsigned pool_cnt)
{
	pools_mix(f, pool_cnt);
	secret_draw(f);
	gyl__burn();
	f->credit = 0;
	f->reseed_ns = now_ns;
	f->forced = false;
	f->seeded = true;
}

/* Pool i takes part in reseed n when 2^i divides n. */
static unsigned pools_of(uint64_t n)
{
	unsigned cnt = 1;

	while (cnt < GYL_FORTUNA_POOL_CNT && (n >> (cnt - 1) & 1) == 0)
		cnt++;
	return cnt;
}

/*
 * The first one takes all pools. Credit was given for events in all of them, and the one reseed
 * that has to hold 256 bits must not leave 31 of 32 parts of that out. When a seed file came before
 * it, and was a copy, that is the soonest end of it.
 */
static unsigned pools_next(const struct gyl_fortuna *f)
{
	if (f->reseed_cnt == 0 && (f->flags & GYL_FORTUNA_PUBLISHED) == 0)
		return GYL_FORTUNA_POOL_CNT;
	return pools_of(f->reseed_cnt + 1);
}

static bool due(const struct gyl_fortuna *f, uint64_t now_ns)
{
	if (!gyl__fortuna_ready(f))
		return false;
	if (!f->seeded && (f->flags & GYL_FORTUNA_PUBLISHED) == 0)
		return f->credit >= GYL__FORTUNA_FIRST_MBITS;
	return f->pool_len[0] >= GYL_FORTUNA_POOL_MIN &&
	       (f->reseed_cnt == 0 || now_ns - f->reseed_ns >= GYL_FORTUNA_PACE_NS);
}

bool gyl_fortuna_poll(struct gyl_fortuna *f, uint64_t now_ns)
{
	if (due(f, now_ns)) {
		reseed(f, now_ns, pools_next(f));
		f->reseed_cnt++;
		return true;
	}
	/* What came since a fork counts at once. Pool 0 only, and out of turn: forks are no way to
	 * make the slow pools run dry. */
	if (f->forced && f->seeded && f->pool_len[0] != 0) {
		reseed(f, now_ns, 1);
		return true;
	}
	return false;
}
