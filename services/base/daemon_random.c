/* SPDX-License-Identifier: ISC */

/* What the loop has to do with random numbers. */

#include <gyl/ct.h>
#include <stdio.h>

#include "services/base/daemon.h"

void gyl__daemon_keep_seed(struct gyl_daemon *d, uint8_t seed[GYL_FORTUNA_SEED_LEN])
{
	uint64_t seq;
	enum gyl_store_err err = gyl_store_set(d->store, d->run.now.wall_ns,
		gyl_view_str(GYL_RANDOM_KEY), gyl_view(seed, GYL_FORTUNA_SEED_LEN), &seq);

	gyl_wipe(seed, GYL_FORTUNA_SEED_LEN);
	if (err != GYL_STORE_OK)
		gyl__daemon_seed_stays(d, gyl_store_err_text(err));
}

void gyl__daemon_seed_stays(struct gyl_daemon *d, const char *why)
{
	char text[200];
	struct gyl_event e;

	snprintf(text, sizeof text, "no new seed of random numbers for the next start: %s", why);
	gyl_event_init(&e, GYL_EV_BASE_NOTE);
	e.severity = GYL_SEV_WARNING;
	gyl_event_str(&e, "text", gyl_view_str(text));
	gyl_run_event(&d->run, &e);
}

static void say_failed(struct gyl_daemon *d, const struct gyl_entropy_source *s)
{
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_BASE_ENTROPY);
	gyl_event_str(&e, "source", gyl_view_str(s->source->name));
	gyl_event_u64(&e, "samples", s->sample_cnt);
	gyl_event_str(&e, "left",
		gyl_view_str(
			gyl_random_degraded(d->random)
				? "no source is left that counts, the generator lives on what it has"
				: "other sources go on"));
	gyl_run_event(&d->run, &e);
}

void gyl__daemon_random(struct gyl_daemon *d)
{
	const struct gyl_entropy_source *failed;
	uint8_t seed[GYL_FORTUNA_SEED_LEN];

	if (gyl_random_turn(d->random, d->run.now.mono_ns, seed))
		gyl__daemon_keep_seed(d, seed);
	while (gyl_run_event_room(&d->run) && (failed = gyl_random_failed(d->random)) != NULL)
		say_failed(d, failed);
}
