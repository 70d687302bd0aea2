/* SPDX-License-Identifier: ISC */

/* Derives a key from a password between other work: 50 ms of it in pieces of 1 ms at most. */

#include <gyl/cpu.h>
#include <gyl/ct.h>
#include <gyl/pbkdf2.h>
#include <stdio.h>

int main(void)
{
	static const char password[] = "correct horse battery staple", salt[] = "sixteen octets..";
	uint8_t key[32];
	unsigned step_cnt = 0;
	struct gyl_pbkdf2 k;
	int err = gyl_pbkdf2_begin(&k, GYL_HASH_SHA256, gyl_cpu_detect(), password,
		sizeof password - 1, salt, sizeof salt - 1, 600000, key, sizeof key);

	if (err != GYL_CRYPTO_OK) {
		fprintf(stderr, "%s\n", gyl_crypto_err_text(err));
		return 1;
	}
	do
		step_cnt++; /* here an event loop would see to its packets */
	while (gyl_pbkdf2_step(&k, 2000) == GYL_CRYPTO_MORE);
	gyl_pbkdf2_end(&k);
	printf("key %02x%02x%02x%02x... after %u steps\n", key[0], key[1], key[2], key[3],
		step_cnt);
	gyl_wipe(key, sizeof key);
	return 0;
}
