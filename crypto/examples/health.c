/* SPDX-License-Identifier: ISC */

/* How soon is it seen that a die is loaded? Of what it shows, one bit a throw is claimed. */

#include <gyl/health.h>
#include <stdio.h>

/* Any generator does for an example. */
static unsigned throw_die(uint32_t *state, unsigned loaded_percent)
{
	*state = *state * 1664525 + 1013904223;
	if ((*state >> 16) % 100 < loaded_percent)
		return 6;
	*state = *state * 1664525 + 1013904223;
	return 1 + (*state >> 16) % 6;
}

int main(void)
{
	static const unsigned loads[] = {0, 20, 50, 60, 80, 100};

	for (size_t i = 0; i < sizeof loads / sizeof loads[0]; i++) {
		struct gyl_health h;
		uint32_t state = 1;

		gyl_health_init(&h, 1000);
		while (!h.failed && h.sample_cnt < 1000000) {
			uint8_t sample = (uint8_t)throw_die(&state, loads[i]);

			gyl_health_test(&h, &sample, 1);
		}
		printf("loaded to %3u %%: %s after %llu throws\n", loads[i],
			gyl_health_good(&h) ? "good" : "failed", (unsigned long long)h.sample_cnt);
	}
	return 0;
}
