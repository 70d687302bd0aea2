/* SPDX-License-Identifier: ISC */
#include <gyl/ct.h>
#include <gyl/fortuna.h>

#include "crypto/src/bits.h"
#include "crypto/src/fortuna_own.h"

static enum gyl_rng_kind kind_of(unsigned flags)
{
	if ((flags & GYL_FORTUNA_PUBLISHED) != 0)
		return GYL_RNG_AES256;
	return (flags & GYL_FORTUNA_STRICT) != 0 ? GYL_RNG_CHACHA20_STRICT : GYL_RNG_CHACHA20;
}

void gyl_fortuna_init(struct gyl_fortuna *f, uint32_t cpu, unsigned flags)
{
	unsigned rng_flags = 0;

	if ((flags & GYL_FORTUNA_PUBLISHED) != 0)
		rng_flags |= GYL_RNG_PLAIN_RESEED;
	if ((flags & GYL_FORTUNA_NO_HEDGE) == 0)
		rng_flags |= GYL_RNG_HEDGE;
	memset(f, 0, sizeof *f);
	f->cpu = cpu;
	f->flags = flags;
	gyl_rng_init(&f->rng, kind_of(flags), cpu, rng_flags);
	gyl__fortuna_pools_init(f);
}

static void count_up(uint64_t *cnt, uint64_t more)
{
	*cnt = more > UINT64_MAX - *cnt ? UINT64_MAX : *cnt + more;
}

/* Counters of an event. What a source gave that has no place in the table is credited all the
 * same. */
static void account(struct gyl_fortuna *f, unsigned source, size_t len, uint64_t credit_mbits)
{
	count_up(&f->credit, credit_mbits);
	if (source >= GYL_FORTUNA_SOURCE_MAX)
		return;
	f->source[source].event_cnt++;
	f->source[source].octet_cnt += len;
	count_up(&f->source[source].credit, credit_mbits);
}

int gyl_fortuna_event_to(struct gyl_fortuna *f, unsigned source, unsigned pool, const void *data,
	size_t len, uint64_t credit_mbits)
{
	if (!gyl__fortuna_ready(f))
		return GYL_CRYPTO_E_STATE;
	if (source >= GYL__FORTUNA_SOURCE_LIMIT || pool >= GYL_FORTUNA_POOL_CNT)
		return GYL_CRYPTO_E_SOURCE;
	if (len == 0)
		return GYL_CRYPTO_E_LEN_ZERO;
	gyl__fortuna_pool_add(f, source, pool, data, len);
	account(f, source, len, credit_mbits);
	return GYL_CRYPTO_OK;
}

int gyl_fortuna_event(
	struct gyl_fortuna *f, unsigned source, const void *data, size_t len, uint64_t credit_mbits)
{
	if (!gyl__fortuna_ready(f))
		return GYL_CRYPTO_E_STATE;
	if (source >= GYL_FORTUNA_SOURCE_MAX)
		return GYL_CRYPTO_E_SOURCE;
	if (len == 0)
		return GYL_CRYPTO_E_LEN_ZERO;
	gyl__fortuna_pool_add(f, source, gyl__fortuna_pool_next(f, source), data, len);
	account(f, source, len, credit_mbits);
	return GYL_CRYPTO_OK;
}

int gyl_fortuna_seed(struct gyl_fortuna *f, const void *data, size_t len, unsigned credit_bits)
{
	if (!gyl__fortuna_ready(f))
		return GYL_CRYPTO_E_STATE;
	if (len == 0)
		return GYL_CRYPTO_E_LEN_ZERO;
	gyl__fortuna_mix(f, 'S', data, len);
	if (credit_bits >= GYL_FORTUNA_FIRST_BITS)
		f->seeded = true;
	return GYL_CRYPTO_OK;
}

int gyl_fortuna_read(struct gyl_fortuna *f, uint64_t now_ns, void *out, size_t len)
{
	gyl_fortuna_poll(f, now_ns);
	if (!f->seeded) {
		if (len != 0)
			memset(out, 0, len);
		return GYL_CRYPTO_E_UNSEEDED;
	}
	return gyl_rng_read(&f->rng, out, len);
}

int gyl_fortuna_child(struct gyl_fortuna *f, uint64_t now_ns, struct gyl_rng *child)
{
	uint8_t seed[GYL_RNG_KEY_LEN];
	int err = gyl_fortuna_read(f, now_ns, seed, sizeof seed);

	if (err == GYL_CRYPTO_OK)
		gyl_rng_reseed(child, seed, sizeof seed);
	gyl_wipe(seed, sizeof seed);
	return err;
}

/* Another one has our state: leave it behind now, and take in what comes next as soon as it comes.
 */
static void part(struct gyl_fortuna *f, char what, const void *data, size_t len)
{
	if (!gyl__fortuna_ready(f))
		return;
	gyl__fortuna_mix(f, what, data, len);
	f->forced = true;
}

void gyl_fortuna_fork_child(struct gyl_fortuna *f, uint64_t unique)
{
	uint8_t raw[8];

	gyl__store64_le(raw, unique);
	part(f, 'F', raw, sizeof raw);
}

void gyl_fortuna_vm_epoch(struct gyl_fortuna *f, const void *id, size_t len)
{
	part(f, 'V', id, len);
}

int gyl_fortuna_seed_make(struct gyl_fortuna *f, uint64_t now_ns, uint8_t *ret_seed)
{
	int err = gyl_fortuna_read(f, now_ns, ret_seed, GYL_FORTUNA_SEED_LEN);

	if (err == GYL_CRYPTO_OK)
		gyl_rng_drop(&f->rng);
	return err;
}

void gyl_fortuna_wipe(struct gyl_fortuna *f)
{
	gyl_wipe(f, sizeof *f);
}
