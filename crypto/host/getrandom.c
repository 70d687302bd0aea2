/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <gyl/source.h>
#include <sys/random.h>

/*
 * Never waits: before the kernel is seeded, in the first seconds of a machine, there is nothing,
 * and the next poll asks again. A loop that stands still is worse than a generator that says so.
 */
static size_t sample(void *arg, uint8_t *out, size_t cap)
{
	size_t len = 0;

	(void)arg;
	while (len < cap) {
		ssize_t got = getrandom(out + len, cap - len, GRND_NONBLOCK);

		if (got > 0)
			len += (size_t)got;
		else if (got == 0 || errno != EINTR)
			break;
	}
	return len;
}

const struct gyl_source gyl_source_getrandom = {
	.name = "getrandom",
	.claim_mbits = 6000,
	.poll_cnt = 256,
	.poll_ms = 10000,
	.sample = sample,
};
