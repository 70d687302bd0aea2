/* SPDX-License-Identifier: ISC */
#include <gyl/health.h>

/*
 * A false alarm for a source that gives just what it claims, H bits a sample, has a chance of at
 * most 2^-30. test_health.c computes this table anew.
 *
 * SP 800-90B 4.4.1: C = 1 + ceil(30 / H) samples in a row.
 *
 * SP 800-90B 4.4.2: a window's first sample is counted too and cannot but be equal to itself, so
 * the others follow the binomial distribution of 511, not 512, trials: C is the smallest with
 * P(X >= C - 1) <= 2^-30 there. For 2, 3, 6 and 8 bits that is one more than the formula printed in
 * the standard, which is off by this one trial.
 */
static const struct {
	uint16_t claim_mbits, repeat, window;
} cutoffs[] = {
	{8000, 5, 17},
	{6000, 6, 32},
	{4000, 9, 71},
	{3000, 11, 115},
	{2000, 16, 191},
	{1000, 31, 325},
	{500, 61, 422},
	{250, 121, 477},
	{125, 241, 502},
};

void gyl_health_init(struct gyl_health *h, unsigned claim_mbits)
{
	size_t i = 0;

	while (i < sizeof cutoffs / sizeof cutoffs[0] - 1 && claim_mbits < cutoffs[i].claim_mbits)
		i++;
	*h = (struct gyl_health){
		.repeat_cutoff = cutoffs[i].repeat,
		.window_cutoff = cutoffs[i].window,
	};
}

/* SP 800-90B 4.4.1 */
static bool repeats(struct gyl_health *h, uint8_t sample)
{
	h->repeat_cnt = h->sample_cnt > 0 && sample == h->last ? h->repeat_cnt + 1 : 1;
	h->last = sample;
	return h->repeat_cnt >= h->repeat_cutoff;
}

/* SP 800-90B 4.4.2 */
static bool prevails(struct gyl_health *h, uint8_t sample)
{
	if (h->window_at == 0) {
		h->first = sample;
		h->window_cnt = 0;
	}
	h->window_at = (uint16_t)((h->window_at + 1) % GYL_HEALTH_WINDOW);
	h->window_cnt = (uint16_t)(h->window_cnt + (sample == h->first));
	return h->window_cnt >= h->window_cutoff;
}

bool gyl_health_test(struct gyl_health *h, const uint8_t *sample, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++) {
		bool often = repeats(h, sample[i]), much = prevails(h, sample[i]);

		h->failed |= often || much;
		h->sample_cnt++;
	}
	return !h->failed;
}

bool gyl_health_good(const struct gyl_health *h)
{
	return !h->failed && h->sample_cnt >= GYL_HEALTH_STARTUP;
}
