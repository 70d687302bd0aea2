/* SPDX-License-Identifier: ISC */

/* Counts the words of standard input in a table whose buckets nobody can aim at. */

#include <gyl/siphash.h>
#include <stdio.h>
#include <string.h>

enum {
	BUCKET_CNT = 1024
};

static struct {
	char word[32];
	unsigned cnt;
} table[BUCKET_CNT];

int main(void)
{
	/* Draw the key from a generator, as gyl_rng(3) does: this one is known to everybody. */
	const uint64_t key[2] = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
	char word[32];
	unsigned full = 0;

	while (scanf("%31s", word) == 1) {
		size_t at = (size_t)(gyl_siphash(key, word, strlen(word)) % BUCKET_CNT), tries = 0;

		while (tries < BUCKET_CNT && table[at].cnt != 0 &&
			strcmp(table[at].word, word) != 0) {
			at = (at + 1) % BUCKET_CNT;
			tries++;
		}
		if (tries == BUCKET_CNT) {
			full++;
			continue;
		}
		memcpy(table[at].word, word, sizeof word);
		table[at].cnt++;
	}
	for (size_t i = 0; i < BUCKET_CNT; i++)
		if (table[i].cnt != 0)
			printf("%7u %s\n", table[i].cnt, table[i].word);
	if (full != 0)
		fprintf(stderr, "%u words found no place\n", full);
	return full != 0;
}
