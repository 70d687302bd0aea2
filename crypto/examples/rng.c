/* SPDX-License-Identifier: ISC */

/* A generator for one thread: a port and an identifier for a query, a throw of a die, a key. */

#include <gyl/cpu.h>
#include <gyl/ct.h>
#include <gyl/rng.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>

static int seed(struct gyl_rng *g)
{
	uint8_t seed[GYL_RNG_KEY_LEN];

	if (getrandom(seed, sizeof seed, 0) != (ssize_t)sizeof seed)
		return -1;
	gyl_rng_reseed(g, seed, sizeof seed);
	gyl_wipe(seed, sizeof seed);
	return 0;
}

int main(void)
{
	uint64_t port, die;
	struct gyl_rng g;
	uint8_t key[32];
	uint16_t id;

	gyl_rng_init(&g, GYL_RNG_CHACHA20, gyl_cpu_detect(), GYL_RNG_HEDGE);
	if (gyl_rng_u16(&g, &id) == GYL_CRYPTO_E_UNSEEDED)
		puts("no seed, no numbers");
	if (seed(&g) != 0) {
		perror("getrandom");
		return 1;
	}
	/* of a seeded generator nothing fails but a bound of 0 */
	gyl_rng_u16(&g, &id);
	gyl_rng_below(&g, 65536 - 1024, &port);
	gyl_rng_below(&g, 6, &die);
	printf("query %" PRIu16 " from port %" PRIu64 ", the die shows %" PRIu64 "\n", id,
		1024 + port, 1 + die);
	gyl_rng_read(&g, key, sizeof key);
	gyl_wipe(key, sizeof key); /* once it is not needed any more */
	gyl_rng_wipe(&g);
	return 0;
}
