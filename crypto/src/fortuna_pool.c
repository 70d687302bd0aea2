/* SPDX-License-Identifier: ISC */
#include <gyl/ct.h>
#include <gyl/fortuna.h>
#include <gyl/siphash.h>

#include "crypto/src/bits.h"
#include "crypto/src/burn.h"
#include "crypto/src/fortuna_own.h"
#include "crypto/src/rng_own.h"

enum {
	DRAWS_A_WORD = 4 /* leaves 44 of its 64 bits against bias */
};

void gyl__fortuna_pools_init(struct gyl_fortuna *f)
{
	for (unsigned i = 0; i < GYL_FORTUNA_POOL_CNT; i++)
		gyl_sha256_init(&f->pool[i], f->cpu);
}

/* x is a fraction of 2^64. The digit before the point of x n is a number below n; what comes after
 * the point is the next x. */
static unsigned draw(uint64_t *x, unsigned n)
{
	uint64_t low = (*x & 0xffffffffu) * n, high = (*x >> 32) * n + (low >> 32);

	*x = high << 32 | (uint32_t)low;
	return (unsigned)(high >> 32);
}

/* A word that only who knows the secret can tell, for a source, an epoch and a place in it. */
static uint64_t word(const struct gyl_fortuna *f, unsigned source, uint64_t epoch, unsigned place)
{
	uint8_t in[10];

	gyl__store64_le(in, epoch);
	in[8] = (uint8_t)source;
	in[9] = (uint8_t)place;
	return gyl_siphash(f->secret, in, sizeof in);
}

/*
 * The pools of the next 32 events of a source, in an order that nobody foresees: every pool once,
 * as in the book, but who can place events of his own, or knows when we get good ones, does not
 * know which pool they go to (Dodis and others, CRYPTO 2014). Fisher and Yates' shuffle.
 */
static GYL__OWN_FRAME void order_draw(struct gyl_fortuna *f, unsigned source)
{
	struct gyl_fortuna_source *s = &f->source[source];
	uint64_t x = 0;

	for (unsigned i = 0; i < GYL_FORTUNA_POOL_CNT; i++)
		s->order[i] = (uint8_t)i;
	for (unsigned n = GYL_FORTUNA_POOL_CNT; n > 1; n--) {
		unsigned turn = GYL_FORTUNA_POOL_CNT - n, k;
		uint8_t last = s->order[n - 1];

		if (turn % DRAWS_A_WORD == 0)
			x = word(f, source, s->turn / GYL_FORTUNA_POOL_CNT, turn);
		k = draw(&x, n);
		s->order[n - 1] = s->order[k];
		s->order[k] = last;
	}
}

unsigned gyl__fortuna_pool_next(struct gyl_fortuna *f, unsigned source)
{
	struct gyl_fortuna_source *s = &f->source[source];
	unsigned at = (unsigned)(s->turn % GYL_FORTUNA_POOL_CNT);

	if ((f->flags & GYL_FORTUNA_PUBLISHED) != 0) {
		s->turn++;
		return at;
	}
	if (at == 0) {
		order_draw(f, source);
		gyl__burn();
	}
	s->turn++;
	return s->order[at];
}

static GYL__OWN_FRAME void add(
	struct gyl_fortuna *f, unsigned source, unsigned pool, const void *data, size_t len)
{
	uint8_t event[2 + GYL_FORTUNA_EVENT_MAX];

	if (len > GYL_FORTUNA_EVENT_MAX) {
		struct gyl_sha256 s;

		gyl_sha256_init(&s, f->cpu);
		gyl_sha256_update(&s, data, len);
		gyl_sha256_final(&s, event + 2);
		len = GYL_SHA256_LEN;
	} else {
		memcpy(event + 2, data, len);
	}
	event[0] = (uint8_t)source;
	event[1] = (uint8_t)len;
	gyl_sha256_update(&f->pool[pool], event, 2 + len);
	f->pool_len[pool] += 2 + len;
	gyl_wipe(event, 2 + len);
}

void gyl__fortuna_pool_add(
	struct gyl_fortuna *f, unsigned source, unsigned pool, const void *data, size_t len)
{
	uint64_t block_cnt = f->pool_len[pool] / GYL_SHA256_BLOCK_LEN;

	add(f, source, pool, data, len);
	if (len > GYL_FORTUNA_EVENT_MAX || f->pool_len[pool] / GYL_SHA256_BLOCK_LEN != block_cnt)
		gyl__burn(); /* there is something only when a block was hashed */
}

void gyl__fortuna_pool_drain(struct gyl_fortuna *f, unsigned pool, uint8_t *ret_digest)
{
	gyl__sha256_twice(&f->pool[pool], ret_digest);
	gyl_sha256_init(&f->pool[pool], f->cpu);
	f->pool_len[pool] = 0;
}
