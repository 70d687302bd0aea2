/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_RANDOM_H
#define GYL_SERVICES_BASE_RANDOM_H

/*
 * The randomness of a process: sources of entropy, one Fortuna, and a generator for the loop's
 * thread that is seeded anew whenever Fortuna is. All of it lives on pages that are never swapped,
 * not dumped, and zero in a forked child.
 *
 * On Linux getrandom(2) is the root, and enough; the processor, timing loops, the times at which
 * the loop wakes and the seed of the last run are mixed in, so that no one of them has to be
 * trusted.
 */

#include <gyl/entropy.h>
#include <gyl/json.h>

/* In the store: what the next start is to find. Nobody is shown it. */
#define GYL_RANDOM_KEY "base/seed"

struct gyl_random;

/* Seeded from the sources there are: some milliseconds. NULL with a sentence in err. */
struct gyl_random *gyl_random_open(char err[200]);
void gyl_random_close(struct gyl_random *r);

/* The generator of the loop's thread. Seeded as long as r lives. */
struct gyl_rng *gyl_random_rng(struct gyl_random *r);

/*
 * What the last run left is mixed in (empty: nothing), and what the next one shall find comes out.
 * To be durable before anything of this run leaves.
 */
void gyl_random_restart(
	struct gyl_random *r, struct gyl_view old, uint8_t ret_seed[GYL_FORTUNA_SEED_LEN]);

/*
 * The loop woke at now_ns: the moment is a sample, sources that are due are asked, generators get
 * fresh keys. Never asks to be woken. True when it is time to store a seed, which is made then.
 */
bool gyl_random_turn(struct gyl_random *r, uint64_t now_ns, uint8_t ret_seed[GYL_FORTUNA_SEED_LEN]);

/* The next source whose health tests failed, told once; NULL: there is none. Another one for tests.
 */
const struct gyl_entropy_source *gyl_random_failed(struct gyl_random *r);
int gyl_random_add(struct gyl_random *r, const struct gyl_source *source, void *arg);

/* Is there no source left that may be credited? */
bool gyl_random_degraded(const struct gyl_random *r);

/* For `status`: an object "random". */
void gyl_random_json(const struct gyl_random *r, struct gyl_json *j);

#endif
