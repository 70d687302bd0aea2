/* SPDX-License-Identifier: ISC */

/*
 * Estimates of min-entropy of raw samples, an octet each, after SP 800-90B 6.3:
 *
 *     estimate [CLAIM_MBITS] <samples
 *
 * Most common value (6.3.1) and t-tuple (6.3.5) over octets, Markov (6.3.3) over their bits. The
 * least of the three, in bits a sample, is what the source is given; with a claim the program fails
 * when that is less. Three of the standard's ten estimators: a check of claims that are far below
 * what is measured, no certification. 100,000 samples and more give figures worth writing down.
 */

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	SAMPLE_MAX = 4 << 20,
	TUPLE_MAX = 64,  /* samples of the longest tuple that is looked at */
	TUPLE_OFTEN = 35 /* 6.3.5: longer tuples are not worth a look when none comes so often */
};

/* The tail is for tuples that begin at the very end. */
static uint8_t sample[SAMPLE_MAX + TUPLE_MAX];
static size_t sample_cnt;

static double least(double a, double b)
{
	return a < b ? a : b;
}

/* The upper end of the 99 % confidence interval of a share that was observed, as entropy. */
static double bits_of(double share)
{
	double upper = share + 2.576 * sqrt(share * (1 - share) / (double)(sample_cnt - 1));

	return -log2(least(upper, 1)) + 0.0; /* no negative zero */
}

static double most_common(void)
{
	size_t cnt[256] = {0}, most = 0;

	for (size_t i = 0; i < sample_cnt; i++)
		if (++cnt[sample[i]] > most)
			most = cnt[sample[i]];
	return bits_of((double)most / (double)sample_cnt);
}

static int tuple_order(const void *a, const void *b)
{
	return memcmp(sample + *(const uint32_t *)a, sample + *(const uint32_t *)b, TUPLE_MAX);
}

/* How many samples two positions that are neighbours in the order have in common. */
static unsigned common(uint32_t a, uint32_t b)
{
	size_t end = sample_cnt - (a > b ? a : b);
	unsigned len = 0;

	while (len < TUPLE_MAX && len < end && sample[a + len] == sample[b + len])
		len++;
	return len;
}

/* How often the most common tuple of len samples comes. */
static size_t most_often(const uint8_t *shared, unsigned len)
{
	size_t run = 1, most = 1;

	for (size_t i = 1; i < sample_cnt; i++) {
		run = shared[i] >= len ? run + 1 : 1;
		if (run > most)
			most = run;
	}
	return most;
}

static double tuples(void)
{
	uint32_t *order = calloc(sample_cnt, sizeof *order);
	uint8_t *shared = calloc(sample_cnt, 1);
	double share = 0;

	if (order == NULL || shared == NULL)
		abort();
	for (size_t i = 0; i < sample_cnt; i++)
		order[i] = (uint32_t)i;
	qsort(order, sample_cnt, sizeof *order, tuple_order);
	for (size_t i = 1; i < sample_cnt; i++)
		shared[i] = (uint8_t)common(order[i - 1], order[i]);
	for (unsigned len = 1; len <= TUPLE_MAX; len++) {
		size_t most = most_often(shared, len);
		double p = (double)most / (double)(sample_cnt - len + 1);

		if (most < TUPLE_OFTEN)
			break;
		p = pow(p, 1.0 / len);
		if (p > share)
			share = p;
	}
	free(order);
	free(shared);
	return share > 0 ? bits_of(share) : 8; /* no value came often enough to tell */
}

/* The chance of each bit after each, first bit of an octet is the highest. */
static void transitions(double first[2], double after[2][2])
{
	size_t one_cnt[2][2] = {{0}}, cnt[2] = {0};
	unsigned before = 2;

	for (size_t i = 0; i < 8 * sample_cnt; i++) {
		unsigned bit = sample[i / 8] >> (7 - i % 8) & 1;

		cnt[bit]++;
		if (before < 2)
			one_cnt[before][bit]++;
		before = bit;
	}
	for (unsigned b = 0; b < 2; b++) {
		double sum = (double)(one_cnt[b][0] + one_cnt[b][1]);

		first[b] = (double)cnt[b] / (double)(cnt[0] + cnt[1]);
		after[b][0] = sum > 0 ? (double)one_cnt[b][0] / sum : 0;
		after[b][1] = sum > 0 ? (double)one_cnt[b][1] / sum : 0;
	}
}

/* 6.3.3 step 3: the likeliest sequences of 128 bits are six; entropy of a bit, then of an octet. */
static double markov(void)
{
	double first[2], t[2][2], bits = 128;

	transitions(first, t);
	for (unsigned b = 0; b < 2; b++) {
		unsigned o = 1 - b;
		double start = -log2(first[b]), stay = -log2(t[b][b]), go = -log2(t[b][o]);

		bits = least(bits, start + 127 * stay);
		bits = least(bits, start + 64 * go - 63 * log2(t[o][b]));
		bits = least(bits, start + go - 126 * log2(t[o][o]));
	}
	return 8 * least(bits / 128, 1) + 0.0;
}

int main(int argc, char **argv)
{
	double claim = argc > 1 ? strtod(argv[1], NULL) / 1000 : 0, mcv, tuple, chain, all;

	sample_cnt = fread(sample, 1, SAMPLE_MAX, stdin);
	if (argc > 2 || sample_cnt < 1000) {
		fputs("usage: estimate [CLAIM_MBITS] <samples, at least 1000\n", stderr);
		return 64;
	}
	mcv = most_common();
	tuple = tuples();
	chain = markov();
	all = least(least(mcv, tuple), chain);
	printf("%zu samples: most common value %.2f, t-tuple %.2f, Markov %.2f: %.2f bits",
		sample_cnt, mcv, tuple, chain, all);
	printf(claim > 0 ? ", claim %.2f\n" : "\n", claim);
	return all >= claim ? 0 : 1;
}
