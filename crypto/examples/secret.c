/* SPDX-License-Identifier: ISC */

/* A generator in pages that a fork wipes: the child cannot repeat what the parent gives. */

#define _DEFAULT_SOURCE /* fork */
#include <gyl/cpu.h>
#include <gyl/ct.h>
#include <gyl/rng.h>
#include <gyl/secret.h>
#include <gyl/source.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char *who, struct gyl_rng *rng)
{
	uint64_t number;
	int err = gyl_rng_u64(rng, &number);

	if (err == GYL_CRYPTO_OK)
		printf("%s: %016llx\n", who, (unsigned long long)number);
	else
		printf("%s: %s\n", who, gyl_crypto_err_text(err));
	fflush(stdout);
}

int main(void)
{
	struct gyl_rng *rng;
	uint8_t seed[GYL_RNG_KEY_LEN];
	void *pages;
	pid_t child;

	if (gyl_secret_map(sizeof *rng, &pages) != GYL_CRYPTO_OK) {
		perror("pages for secrets");
		return 1;
	}
	rng = pages;
	gyl_rng_init(rng, GYL_RNG_CHACHA20, gyl_cpu_detect(), GYL_RNG_HEDGE);
	if (gyl_source_getrandom.sample(NULL, seed, sizeof seed) == sizeof seed)
		gyl_rng_reseed(rng, seed, sizeof seed);
	gyl_wipe(seed, sizeof seed);

	child = fork();
	if (child == 0) {
		say("child", rng);
		_exit(0);
	}
	if (child > 0)
		waitpid(child, NULL, 0);
	say("parent", rng);
	gyl_secret_unmap(pages, sizeof *rng);
	return child < 0;
}
