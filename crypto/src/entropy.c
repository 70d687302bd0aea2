/* SPDX-License-Identifier: ISC */
#include <gyl/ct.h>
#include <gyl/entropy.h>
#include <string.h>

enum {
	ROUND_CNT = 128,  /* samples a source is asked for at once; 8 rounds are a start-up */
	DRY_MAX = 8,      /* empty polls in a row after which a source is not counted upon */
	CLAIM_MAX = 8000, /* a sample is an octet */
	FIRST_MBITS = 1000 * GYL_FORTUNA_FIRST_BITS
};

void gyl_entropy_init(struct gyl_entropy *e, struct gyl_fortuna *f)
{
	memset(e, 0, sizeof *e);
	e->fortuna = f;
}

int gyl_entropy_add(struct gyl_entropy *e, const struct gyl_source *source, void *arg)
{
	struct gyl_entropy_source *s;

	if (e->fortuna == NULL)
		return GYL_CRYPTO_E_STATE;
	if (e->source_cnt == GYL_FORTUNA_SOURCE_MAX)
		return GYL_CRYPTO_E_SOURCE;
	s = &e->source[e->source_cnt];
	*s = (struct gyl_entropy_source){.source = source, .arg = arg};
	gyl_health_init(&s->health, source->claim_mbits);
	return (int)e->source_cnt++;
}

/* A source that claims nothing cannot break its word, and is never credited. */
static bool claims(const struct gyl_entropy_source *s)
{
	return s->source->claim_mbits > 0 && !s->source->once;
}

/*
 * What cnt more samples may be credited with. During start-up that is withheld: it is paid when the
 * start-up has passed, and never when it fails.
 */
static uint64_t earn(struct gyl_entropy_source *s, size_t cnt)
{
	uint32_t claim = s->source->claim_mbits < CLAIM_MAX ? s->source->claim_mbits : CLAIM_MAX;
	uint64_t worth;

	if (!claims(s) || s->muted) {
		s->withheld = 0;
		return 0;
	}
	worth = s->withheld + (uint64_t)claim * cnt;
	s->withheld = gyl_health_good(&s->health) ? 0 : worth;
	return worth - s->withheld;
}

/* The samples gathered become an event. */
static void flush(struct gyl_entropy *e, unsigned number)
{
	struct gyl_entropy_source *s = &e->source[number];
	uint64_t worth = earn(s, s->held_cnt);

	if (s->held_cnt > 0 &&
		gyl_fortuna_event(e->fortuna, number, s->held, s->held_cnt, worth) == GYL_CRYPTO_OK)
		s->credit += worth;
	gyl_wipe(s->held, sizeof s->held);
	s->held_cnt = 0;
}

/*
 * Raw samples have come. They are tested before any of them can be credited, and what a muted
 * source gives goes into the pools all the same.
 */
static void take(struct gyl_entropy *e, unsigned number, const uint8_t *sample, size_t cnt)
{
	struct gyl_entropy_source *s = &e->source[number];

	s->sample_cnt += cnt;
	if (claims(s) && !gyl_health_test(&s->health, sample, cnt))
		s->muted = true;
	while (cnt > 0) {
		size_t room = sizeof s->held - s->held_cnt, len = cnt < room ? cnt : room;

		memcpy(s->held + s->held_cnt, sample, len);
		s->held_cnt = (uint8_t)(s->held_cnt + len);
		sample += len;
		cnt -= len;
		if (s->held_cnt == sizeof s->held)
			flush(e, number);
	}
	if (s->source->once)
		flush(e, number); /* there may be no more to fill it */
}

/* Asks for cnt samples, and takes no for an answer. */
static void ask(struct gyl_entropy *e, unsigned number, size_t cnt, uint64_t now_ns)
{
	struct gyl_entropy_source *s = &e->source[number];
	uint8_t sample[ROUND_CNT];
	size_t got = 1, all = 0;

	for (; cnt > 0 && got > 0; cnt -= got) {
		size_t cap = cnt < sizeof sample ? cnt : sizeof sample;

		got = s->source->sample(s->arg, sample, cap);
		if (got > cap)
			got = cap;
		take(e, number, sample, got);
		all += got;
	}
	gyl_wipe(sample, sizeof sample);
	s->empty_cnt += all == 0;
	s->dry_cnt = all > 0 ? 0 : s->dry_cnt + 1;
	s->asked = true;
	s->asked_ns = now_ns;
}

static bool can_ask(const struct gyl_entropy_source *s)
{
	return s->source->sample != NULL && !(s->source->once && s->sample_cnt > 0);
}

static uint64_t credited(const struct gyl_entropy *e)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < e->source_cnt; i++)
		sum += e->source[i].credit;
	return sum;
}

int gyl_entropy_start(struct gyl_entropy *e, uint64_t now_ns, unsigned round_max)
{
	struct gyl_fortuna *f = e->fortuna;
	uint64_t before = credited(e);
	bool was_seeded;

	if (f == NULL)
		return GYL_CRYPTO_E_UNSEEDED;
	/* A seed from a file makes no source good: with one, the same is asked of the sources. */
	was_seeded = f->seeded;
	for (unsigned round = 0; round < round_max; round++) {
		for (unsigned i = 0; i < e->source_cnt; i++)
			if (can_ask(&e->source[i]))
				ask(e, i, ROUND_CNT, now_ns);
		gyl_fortuna_poll(f, now_ns);
		if (was_seeded ? credited(e) - before >= FIRST_MBITS : f->seeded)
			break;
	}
	return f->seeded ? GYL_CRYPTO_OK : GYL_CRYPTO_E_UNSEEDED;
}

void gyl_entropy_push(struct gyl_entropy *e, int source, const uint8_t *sample, size_t cnt)
{
	if (source >= 0 && (unsigned)source < e->source_cnt)
		take(e, (unsigned)source, sample, cnt);
}

/* While there is no seed, all that can be asked are, at the pace at which Fortuna may reseed. */
static uint64_t due_ns(const struct gyl_entropy *e, const struct gyl_entropy_source *s)
{
	uint64_t every_ns = (uint64_t)s->source->poll_ms * 1000000;
	bool regular = every_ns > 0 && s->source->poll_cnt > 0;

	if (!can_ask(s) || (e->fortuna->seeded && !regular))
		return UINT64_MAX;
	if (!s->asked)
		return 0;
	if (!e->fortuna->seeded && (!regular || every_ns > GYL_FORTUNA_PACE_NS))
		every_ns = GYL_FORTUNA_PACE_NS;
	return s->asked_ns + every_ns;
}

void gyl_entropy_poll(struct gyl_entropy *e, uint64_t now_ns)
{
	if (e->fortuna == NULL)
		return;
	for (unsigned i = 0; i < e->source_cnt; i++) {
		struct gyl_entropy_source *s = &e->source[i];

		if (due_ns(e, s) <= now_ns)
			ask(e, i, e->fortuna->seeded ? s->source->poll_cnt : ROUND_CNT, now_ns);
	}
	gyl_fortuna_poll(e->fortuna, now_ns);
}

uint64_t gyl_entropy_deadline_ns(const struct gyl_entropy *e)
{
	uint64_t first_ns = UINT64_MAX;

	for (unsigned i = 0; i < e->source_cnt; i++) {
		uint64_t at_ns = due_ns(e, &e->source[i]);

		if (at_ns < first_ns)
			first_ns = at_ns;
	}
	return first_ns;
}

int gyl_entropy_failed(struct gyl_entropy *e)
{
	for (unsigned i = 0; i < e->source_cnt; i++) {
		struct gyl_entropy_source *s = &e->source[i];

		if (s->muted && !s->told) {
			s->told = true;
			return (int)i;
		}
	}
	return -1;
}

bool gyl_entropy_degraded(const struct gyl_entropy *e)
{
	for (unsigned i = 0; i < e->source_cnt; i++) {
		const struct gyl_entropy_source *s = &e->source[i];

		if (claims(s) && gyl_health_good(&s->health) && s->dry_cnt < DRY_MAX)
			return false;
	}
	return true;
}
