/* SPDX-License-Identifier: ISC */

/* Prints the SHA-256 of standard input, as sha256sum(1) does. */

#include <gyl/cpu.h>
#include <gyl/sha256.h>
#include <stdio.h>

int main(void)
{
	uint8_t piece[4096], digest[GYL_SHA256_LEN];
	struct gyl_sha256 s;
	size_t len;

	gyl_sha256_init(&s, gyl_cpu_detect());
	while ((len = fread(piece, 1, sizeof piece, stdin)) != 0)
		gyl_sha256_update(&s, piece, len);
	gyl_sha256_final(&s, digest);
	for (size_t i = 0; i < sizeof digest; i++)
		printf("%02x", digest[i]);
	puts("  -");
	return ferror(stdin) != 0;
}
