/* SPDX-License-Identifier: ISC */

/*
 * What a collector has stored of syslog_load's messages.
 *
 *   cat FILE... | syslog_count FIRST COUNT
 *
 * Prints "stored N twice N odd N": how many of the numbers FIRST to FIRST + COUNT - 1 are there,
 * how often one was there already, and how many lines are no whole records: without an end, or JSON
 * that does not end as it should.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tally {
	uint64_t first, cnt;
	uint8_t *seen; /* a bit each */
	uint64_t stored, twice, odd;
};

/* The number behind the first `n=`; false: none. */
static bool number_of(const char *line, size_t len, uint64_t *ret)
{
	const char *at = memmem(line, len, "n=", 2);
	uint64_t n = 0;

	if (at == NULL || line + len - at < 12)
		return false;
	for (int i = 2; i < 12; i++) {
		if (at[i] < '0' || at[i] > '9')
			return false;
		n = n * 10 + (uint64_t)(at[i] - '0');
	}
	*ret = n;
	return true;
}

static void take(struct tally *t, const char *line, size_t len)
{
	uint64_t n;

	if (line[len - 1] != '\n' || (line[0] == '{' && (len < 2 || line[len - 2] != '}')))
		t->odd++;
	else if (number_of(line, len, &n) && n - t->first < t->cnt) {
		uint8_t bit = (uint8_t)(1 << (n - t->first) % 8),
			*octet = &t->seen[(n - t->first) / 8];

		if (*octet & bit)
			t->twice++;
		else
			t->stored++;
		*octet |= bit;
	}
}

int main(int argc, char **argv)
{
	struct tally t = {0};
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;

	if (argc != 3) {
		fprintf(stderr, "usage: syslog_count FIRST COUNT <RECORDS\n");
		return 1;
	}
	t.first = strtoull(argv[1], NULL, 10);
	t.cnt = strtoull(argv[2], NULL, 10);
	t.seen = calloc(1, t.cnt / 8 + 1);
	if (t.seen == NULL)
		return 1;
	while ((len = getline(&line, &cap, stdin)) > 0)
		take(&t, line, (size_t)len);
	printf("stored %llu twice %llu odd %llu\n", (unsigned long long)t.stored,
		(unsigned long long)t.twice, (unsigned long long)t.odd);
	free(line);
	free(t.seen);
	return 0;
}
