/* SPDX-License-Identifier: ISC */

/* Compares a token with the right one, so that the time tells nobody how much of it was right. */

#include <gyl/ct.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	char right[] = "correct horse", given[sizeof right] = "";
	bool good;

	if (argc != 2) {
		fprintf(stderr, "usage: ct TOKEN\n");
		return 2;
	}
	/* Lengths are no secret; contents are. */
	good = strlen(argv[1]) + 1 == sizeof right;
	if (good)
		memcpy(given, argv[1], sizeof given);
	good = gyl_ct_eq(given, right, sizeof right) && good;
	gyl_wipe(given, sizeof given);
	gyl_wipe(right, sizeof right);
	puts(good ? "welcome" : "no");
	return !good;
}
