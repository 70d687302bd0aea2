/* SPDX-License-Identifier: ISC */

/* Two keys from one secret: knowing the one says nothing about the other. */

#include <gyl/cpu.h>
#include <gyl/ct.h>
#include <gyl/hkdf.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
	static const char *const uses[] = {"archive 2026", "cookies 2026"};
	uint8_t secret[32] = "here 32 octets from a generator", key[16];

	for (size_t i = 0; i < 2; i++) {
		int err = gyl_hkdf(GYL_HASH_SHA256, gyl_cpu_detect(), secret, sizeof secret, NULL,
			0, uses[i], strlen(uses[i]), key, sizeof key);

		if (err != GYL_CRYPTO_OK) {
			fprintf(stderr, "%s\n", gyl_crypto_err_text(err));
			return 1;
		}
		printf("%s: ", uses[i]);
		for (size_t k = 0; k < sizeof key; k++)
			printf("%02x", key[k]);
		puts("");
	}
	gyl_wipe(key, sizeof key);
	gyl_wipe(secret, sizeof secret);
	return 0;
}
